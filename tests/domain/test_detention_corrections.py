"""How far a correction prolongs a hold: within the limits of the decision itself, and before the hold has ended."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.dossier import SHARED
from domain.dossier.acts import CorrectEntry
from domain.dossier.correction_acts import ApproveCorrection, ProposeCorrection
from domain.history import decide_within, effective, fold
from domain.kernel import NO_LONGER_FITS, Context, Entry, Event, Refusal, Refused, Stage
from domain.kinds.detention import KIND, acts, rules
from domain.kinds.detention.restating import AUTHORITY_ENDED
from domain.kinds.detention.stages import Authorized, Hold, Spell
from domain.values import CorrectionReason, at
from tests.domain.test_detention import (
    APPREHENDED,
    AUTHORIZED,
    HELD_BY_COURT,
    LET_GO_BY_COURT,
    ON_BAIL,
    ORDER,
    RELEASED,
    SENIOR,
    stated,
)
from tests.profiles import NEUTRAL
from tests.scenario import DAY, HOUR, NOON, OFFICER, PERSON, context, given, said

WHY: dict[str, Any] = {"why": CorrectionReason.TYPING_ERROR, "changes": {}}
SHORT = replace(AUTHORIZED, until=NOON + 20 * HOUR)
EXTENDED = stated(
    acts.DetentionExtended, NOON + 18 * HOUR, authority=SENIOR, grounds="G", diligence="D", until=NOON + 30 * HOUR,
    decided_by="s-1",
)  # fmt: skip
REVIEWED = stated(
    acts.DetentionReviewed, NOON + 6 * HOUR, outcome=acts.ReviewOutcome.CONTINUE, grounds="G", representations="R",
    decided_by="r-1",
)  # fmt: skip
TO_GO = replace(REVIEWED, outcome=acts.ReviewOutcome.RELEASE)
REMANDED = replace(HELD_BY_COURT, until=NOON + 10 * DAY)
ON_MEASURE = replace(ON_BAIL, until=NOON + 5 * DAY)
VARIED = stated(acts.MeasureVaried, NOON + DAY, reason="R", measure=acts.MeasureType.BAIL, conditions="C", until=NOON + 5 * DAY)
MEASURE_BY_COURT = replace(
    HELD_BY_COURT, outcome=acts.JudicialOutcome.MEASURE, measure=acts.MeasureType.BAIL, conditions="C", until=NOON + 5 * DAY
)
HELD = (APPREHENDED, SHORT)
HOLD = Hold(PERSON, at(NOON), ("p-1", "p-2"), authorized_by="c-1", spells=(Spell(at(NOON)),))
BY_COURT = (*HELD, REMANDED)


def knowing(history: list[Entry], changes: dict[str, Any], now: timedelta, target: int) -> Context:
    """What the system knows when an act is to read otherwise, where the profile lets one officer alone."""
    entry = history[target - 1]
    restated = replace(entry.event, **changes)
    return replace(context(now=NOON + now), version=len(history), target=entry, restated=restated)


def corrected(events: tuple[Event, ...], changes: dict[str, Any], now: timedelta, *, target: int | None = None) -> Stage:
    """The stage after one officer corrects the last act, or the one named."""
    history, version = given(*events), target or len(events)
    command = CorrectEntry(**said(NOON + HOUR, reason="Mistyped"), target=version, **WHY)
    return decide_within(KIND, SHARED, history, command, knowing(history, changes, now, version)).after.stage


def proposed_and_approved(
    events: tuple[Event, ...], changes: dict[str, Any], now: timedelta, proposed: timedelta | None = None
) -> Stage:
    """The stage after one officer proposes to correct the last act and another approves, at once or later."""
    history, version, first = given(*events), len(events), proposed or now
    propose = ProposeCorrection(**said(NOON + HOUR, reason="Mistyped"), target=version, **WHY)
    known = replace(knowing(history, changes, first, version), profile=NEUTRAL)
    waiting = [*history, Entry(len(history) + 1, known.now, *decide_within(KIND, SHARED, history, propose, known).events)]
    approve = ApproveCorrection(**said(NOON + HOUR, decided_by="o-2"), target=version)
    known = replace(known, actor=replace(OFFICER, id="o-2"), now=NOON + now, version=len(waiting))
    return decide_within(KIND, SHARED, waiting, approve, known).after.stage


def until(moment: timedelta) -> dict[str, Any]:
    """The end is another one."""
    return {"until": NOON + moment}


TO_HOLD: dict[str, Any] = {"outcome": acts.JudicialOutcome.HOLD, "until": NOON + 10 * DAY}
TO_CONTINUE: dict[str, Any] = {"outcome": acts.ReviewOutcome.CONTINUE}
LATER = replace(REMANDED, until=NOON + 170 * DAY)
LAST = replace(REMANDED, when=at(NOON + 160 * DAY), until=NOON + 179 * DAY)
PAPERLESS = replace(LET_GO_BY_COURT, authority=replace(ORDER, document_sha256=None))

TURNED_DOWN: dict[str, tuple[tuple[Event, ...], dict[str, Any], timedelta, Refusal]] = {
    "an authorization that has ended": ((APPREHENDED, AUTHORIZED), until(30 * DAY), 40 * HOUR, AUTHORITY_ENDED),
    "one that has ended, though within the limit": (HELD, until(24 * HOUR), 20.1 * HOUR, AUTHORITY_ENDED),
    "an authorization beyond the executive limit": (HELD, until(24.1 * HOUR), 10 * HOUR, rules.BEYOND_EXECUTIVE_LIMIT),
    "an authorization that was to end before it": (
        HELD, until(24 * HOUR) | {"when": at(NOON + 25 * HOUR)}, 10 * HOUR, rules.UNTIL_NOT_AHEAD,
    ),
    "an extension that has ended": ((*HELD, EXTENDED), until(36 * HOUR), 31 * HOUR, AUTHORITY_ENDED),
    "an extension beyond the senior limit": ((*HELD, EXTENDED), until(37 * HOUR), 19 * HOUR, rules.BEYOND_SENIOR_LIMIT),
    "a review for release, after the end": ((*HELD, TO_GO), TO_CONTINUE, 21 * HOUR, rules.HOLD_EXPIRED),
    "an order to hold that has ended": (BY_COURT, until(20 * DAY), 11 * DAY, AUTHORITY_ENDED),
    "an order beyond the limit of one": (BY_COURT, until(31 * DAY), 2 * DAY, rules.ORDER_TOO_LONG),
    "an order to no end": (BY_COURT, {"until": None}, 2 * DAY, NO_LONGER_FITS),
    "orders beyond their total": ((*HELD, LATER, LAST), until(185 * DAY), 165 * DAY, rules.REMAND_TOO_LONG),
    "an order to release, without its document": ((*HELD, PAPERLESS), TO_HOLD, 60 * HOUR, rules.ORDER_BACKDATED),
    "an order to release, for too long": (
        (*HELD, LET_GO_BY_COURT), TO_HOLD | until(60 * DAY), 30 * HOUR, rules.ORDER_TOO_LONG,
    ),
    "a court's measure that has ended": ((*HELD, MEASURE_BY_COURT), until(9 * DAY), 6 * DAY, AUTHORITY_ENDED),
    "a measure that has ended": ((*HELD, ON_MEASURE), {"until": None}, 6 * DAY, AUTHORITY_ENDED),
    "a varied measure that has ended": ((*HELD, ON_MEASURE, VARIED), until(9 * DAY), 6 * DAY, AUTHORITY_ENDED),
}  # fmt: skip

TAKEN: dict[str, tuple[tuple[Event, ...], dict[str, Any], timedelta]] = {
    "an authorization within the limit before its end": (HELD, until(24 * HOUR), 19 * HOUR),
    "a shorter authorization, after its end": (HELD, until(10 * HOUR), 40 * HOUR),
    "an authorization for another reason, after its end": (HELD, {"grounds": "H"}, 40 * HOUR),
    "an extension within the limit before its end": ((*HELD, EXTENDED), until(36 * HOUR), 29 * HOUR),
    "a shorter extension, after its end": ((*HELD, EXTENDED), until(19 * HOUR), 40 * HOUR),
    "a review for release, before the end": ((*HELD, TO_GO), TO_CONTINUE, 19 * HOUR),
    "a review that continues, for release after the end": (
        (*HELD, REVIEWED), {"outcome": acts.ReviewOutcome.RELEASE}, 40 * HOUR,
    ),
    "an order within the limit before its end": (BY_COURT, until(30 * DAY), 9 * DAY),
    "a shorter order, after its end": (BY_COURT, until(5 * DAY), 40 * DAY),
    "an order to release that was one to hold": ((*HELD, LET_GO_BY_COURT), TO_HOLD, 60 * HOUR),
    "an order to hold that was one to release": (
        BY_COURT, {"outcome": acts.JudicialOutcome.RELEASE, "until": None}, 40 * DAY,
    ),
    "a measure before its end": ((*HELD, ON_MEASURE), {"until": None}, 4 * DAY),
    "a measure with an end that had none": ((*HELD, ON_BAIL), until(9 * DAY), 20 * DAY),
    "a release, whatever has ended": ((*HELD, RELEASED), {"when": at(NOON + 40 * HOUR)}, 41 * HOUR),
}  # fmt: skip


@pytest.mark.parametrize("way", [corrected, proposed_and_approved])
@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in TURNED_DOWN.items()])
def test_what_no_correction_prolongs(row: tuple[tuple[Event, ...], dict[str, Any], timedelta, Refusal], way: Any) -> None:
    events, changes, now, refusal = row
    with pytest.raises(Refused) as caught:
        way(events, changes, now)
    assert caught.value.refusal == refusal


@pytest.mark.parametrize("way", [corrected, proposed_and_approved])
@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in TAKEN.items()])
def test_what_a_correction_may_state_otherwise(row: tuple[tuple[Event, ...], dict[str, Any], timedelta], way: Any) -> None:
    events, changes, now = row
    target = effective(given(*events))[-1]
    expected = fold(KIND, SHARED, given(*events[:-1], replace(target.event, **changes)))
    assert way(events, changes, now) == expected.stage


def test_what_was_proposed_in_time_is_not_approved_after_the_end() -> None:
    assert proposed_and_approved(HELD, until(24 * HOUR), 19.9 * HOUR, 19 * HOUR) == Authorized(HOLD, NOON + 24 * HOUR)
    with pytest.raises(Refused) as caught:
        proposed_and_approved(HELD, until(24 * HOUR), 20.1 * HOUR, 19 * HOUR)
    assert caught.value.refusal == AUTHORITY_ENDED


def test_an_end_is_put_before_what_was_done_since() -> None:
    """The review stands as it was recorded: what it is worth is for whoever reads that the authority had ended."""
    stage = corrected((*HELD, REVIEWED), until(5 * HOUR), 40 * HOUR, target=2)
    assert stage == Authorized(HOLD, NOON + 5 * HOUR)


def test_the_limit_counts_from_the_apprehension_as_it_stood_before_the_entry() -> None:
    """What was recorded since, an extension as much as a court's order, lends an earlier decision no time."""
    for since in (EXTENDED, REMANDED):
        with pytest.raises(Refused) as caught:
            corrected((*HELD, since), until(26 * HOUR), 19 * HOUR, target=2)
        assert caught.value.refusal == rules.BEYOND_EXECUTIVE_LIMIT


def test_what_a_release_overtook_is_not_prolonged() -> None:
    """It waits for a correction as a contradiction; nothing that it says holds anybody."""
    with pytest.raises(Refused) as caught:
        corrected((*HELD, EXTENDED, RELEASED), until(36 * HOUR), 19 * HOUR, target=3)
    assert caught.value.refusal == AUTHORITY_ENDED
