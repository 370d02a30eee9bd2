"""A detention as a whole: its acts as examples, a life from apprehension to closing, and what the table promises."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, get_type_hints

import pytest

from domain.dossier import SHARED
from domain.history import effective, fold, open_commands
from domain.kernel import Command, Context, Event, Stage, members, record
from domain.kinds.detention import KIND, acts, care_acts, custody_acts, lawfulness_acts, rights_acts
from domain.kinds.detention.stages import Closed, Hold, JudiciallyHeld, OnMeasure, Released, Unended, holds
from domain.values import Answer, Authority, AuthorityKind, Precision, Quantity, Unit, When, at
from tests.scenario import DAY, HOUR, NOON, OFFICER, PERSON, context, given, run, said, then

BASIS = Authority(AuthorityKind.STATUTE, "Act on Police Powers, s. 10")
SENIOR = Authority(AuthorityKind.SENIOR_OFFICER, "EXT-1", "Region North", date(2026, 3, 2), "a" * 64)
ORDER = Authority(AuthorityKind.COURT_ORDER, "Order 7/2026", "Court of First Instance", date(2026, 3, 3), "b" * 64)
MID_APRIL = When(NOON, NOON + 10 * DAY, Precision.RANGE, as_stated="mid-April")


def stated(cls: type[Any], moment: datetime = NOON, **fields: Any) -> Any:
    """A command or event of the class, done at ``moment``, with these fields of its own."""
    return cls(**(said(moment) | fields))


@dataclass(frozen=True)
class Row:
    """One example: given these facts, when this command comes, then this."""

    before: tuple[Event, ...]
    command: Command
    then: Any
    ctx: Context | None = None
    more: tuple[tuple[str, Any], ...] = ()
    after: type[Stage] | None = None


OPEN = stated(
    acts.OpenDetention, authority=BASIS, file_number="D-1/26", party=PERSON, place="Main post office", grounds="G",
    officers=("p-1", "p-2"),
)  # fmt: skip
APPREHENDED = record(acts.PersonApprehended, OPEN, unit=OFFICER.unit)
IMPRECISE = replace(APPREHENDED, when=MID_APRIL)
AUTHORIZED = stated(acts.DetentionAuthorized, NOON + HOUR, grounds="G", until=NOON + 24 * HOUR, decided_by="c-1")
REFUSED = stated(acts.DetentionRefused, NOON + HOUR, reason="No ground", decided_by="c-1")
HELD_BY_COURT = stated(
    acts.JudicialDecisionRecorded, NOON + 20 * HOUR, authority=ORDER, court="Court", measure=None, conditions=None,
    outcome=acts.JudicialOutcome.HOLD, until=NOON + 30 * DAY, superior=False,
)  # fmt: skip
LET_GO_BY_COURT = replace(HELD_BY_COURT, outcome=acts.JudicialOutcome.RELEASE, until=None)
ON_BAIL = stated(
    acts.MeasureImposed, NOON + 5 * HOUR, authority=BASIS, measure=acts.MeasureType.BAIL, conditions="Report weekly",
    alternatives="An undertaking would not do", until=None,
)  # fmt: skip
ARRIVED = stated(acts.ArrivedInCustody, NOON + HOUR / 2, facility="Station 1")
RIGHTS = stated(
    rights_acts.RightsExplained,
    NOON + HOUR / 2,
    party=PERSON,
    language="en",
    interpreter="i-1",
    written_notice=Answer.YES,
)
LISTED = stated(
    care_acts.PersonalPropertyListed, NOON + HOUR, signed=Answer.YES,
    lines=(care_acts.PropertyLine("Watch", Quantity(None, Unit.PIECE)),),
)  # fmt: skip
RELEASED = stated(
    custody_acts.PersonReleased, NOON + 6 * HOUR, kind=custody_acts.ReleaseKind.NO_FURTHER_ACTION, released_to=None,
    property_returned=Answer.UNKNOWN, paperwork_given=Answer.YES,
)  # fmt: skip
ESCAPED = stated(custody_acts.PersonEscaped, NOON + 6 * HOUR, circumstances="Window")
RELEASE = stated(custody_acts.ReleasePerson, NOON + 7 * HOUR, kind=custody_acts.ReleaseKind.OTHER)


def late(moment: timedelta) -> Context:
    """The system's view with its clock this long after the apprehension."""
    return context(now=NOON + moment)


def check_happy(row: Row) -> None:
    """The command records exactly one event with what it states, and leads to the stage."""
    after = then(KIND, given(*row.before), row.command, record(row.then, row.command, **dict(row.more)), ctx=row.ctx)
    assert row.after is None or isinstance(after, row.after)


def life() -> tuple[Command, ...]:
    """A detention from apprehension through court and measure to closing."""
    return (
        OPEN,
        stated(acts.RecordArrival, NOON + HOUR / 2, facility="Station 1"),
        stated(rights_acts.ExplainRights, NOON + HOUR, language="en", interpreter="i-1"),
        stated(care_acts.RecordNoProperty, NOON + HOUR),
        stated(acts.AuthorizeDetention, NOON + 2 * HOUR, grounds="G", until=NOON + DAY, decided_by="c-1"),
        stated(
            acts.ReviewDetention, NOON + 8 * HOUR, outcome=acts.ReviewOutcome.CONTINUE, grounds="G",
            representations="None made", decided_by="r-1",
        ),
        stated(
            acts.ExtendDetention, NOON + 20 * HOUR, authority=SENIOR, grounds="G", diligence="D",
            until=NOON + 36 * HOUR, decided_by="s-1",
        ),
        stated(
            acts.RecordJudicialDecision, NOON + 30 * HOUR, authority=ORDER, court="Court",
            outcome=acts.JudicialOutcome.HOLD, until=NOON + 30 * DAY,
        ),
        stated(
            acts.RecordJudicialDecision, NOON + 20 * DAY, authority=ORDER, court="Court",
            outcome=acts.JudicialOutcome.MEASURE, measure=acts.MeasureType.BAIL, conditions="C",
        ),
        stated(custody_acts.ReleasePerson, NOON + 40 * DAY, kind=custody_acts.ReleaseKind.MEASURE_ENDED),
        stated(custody_acts.CloseDetention, NOON + 41 * DAY),
    )  # fmt: skip


def test_a_detention_goes_from_apprehension_through_court_and_measure_to_closing() -> None:
    history, stage = run(KIND, *life())
    assert len(history) == len(life())
    assert stage == Closed()


def test_every_prefix_of_a_life_folds_to_the_same_end_when_recorded_in_one_go() -> None:
    history, _ = run(KIND, *life())
    seen = [type(fold(KIND, SHARED, effective(history[:n])).stage).__name__ for n in range(1, len(history) + 1)]
    assert seen == [
        *["Apprehended"] * 4, *["Authorized"] * 3, "JudiciallyHeld", "OnMeasure", "Released", "Closed",
    ]  # fmt: skip


def test_a_life_reached_late_folds_as_if_recorded_in_time() -> None:
    first, *rest = life()
    review = rest.pop(4)
    _, stage = run(KIND, first, *rest, review)
    assert stage == Closed()


@pytest.mark.parametrize("key", list(KIND.table), ids=lambda key: key[1].__name__)
def test_each_table_key_says_what_its_rule_says(key: tuple[Any, type[Command]]) -> None:
    hints = get_type_hints(KIND.table[key])
    assert (set(members(hints["stage"])), hints["command"]) == (set(members(key[0])), key[1])


def test_every_event_of_the_package_belongs_to_the_kind_and_to_some_command() -> None:
    found = {
        value
        for module in (acts, care_acts, custody_acts, lawfulness_acts, rights_acts)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Event) and value.type.startswith("detention.")
    }
    assert found == set(KIND.events)
    assert len({e.type for e in KIND.events}) == len(KIND.events) == len(KIND.commands)


def test_release_and_death_are_open_wherever_custody_has_not_ended() -> None:
    for stage in members(Unended):
        assert {custody_acts.ReleasePerson, custody_acts.RecordDetaineeDeath} <= set(open_commands(KIND, SHARED, stage))


def test_a_case_claims_its_person_only_while_it_keeps_the_person_in_custody() -> None:
    hold = Hold(PERSON, at(NOON), ("p-1",))
    held = JudiciallyHeld(hold, NOON + DAY)
    assert holds(held) == {("open-hold", str(PERSON))}
    assert holds(OnMeasure(hold, None)) == frozenset()
    assert holds(Released(hold.property)) == frozenset()
