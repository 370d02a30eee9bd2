"""How a command is decided: in order, late, as a correction, and where custody ends. On a toy kind, independent of any law."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.dossier import SHARED
from domain.dossier.acts import AddAddendum, CorrectEntry, RetractEntry
from domain.history import (
    LATE_AFTER,
    Decision,
    decide,
    decide_within,
    effective,
    fold,
    in_order,
    late,
    open_commands,
    steps,
)
from domain.kernel import (
    IN_THE_FUTURE,
    NO_LONGER_FITS,
    NOT_OPEN,
    TOLERANCE,
    Command,
    Context,
    Entry,
    EntryCorrected,
    Event,
    Nothing,
    Refused,
)
from domain.values import ClaimStatus, Precision, When, at
from tests.domain.permits import (
    ISSUED,
    KIND,
    TOO_MANY,
    WHY,
    Active,
    Inspect,
    IssuePermit,
    Lose,
    Lost,
    PermitRecovered,
    Recover,
    Replace,
    Resume,
    Suspend,
    Suspended,
    inspected,
    lost,
    resumed,
    state,
    suspended,
)
from tests.scenario import DAY, HOUR, NOON, context, given, given_after, refused, said, then, when


def within(history: list[Entry], command: Command, ctx: Context | None = None) -> Decision:
    """Decide a command against the whole history."""
    return decide_within(KIND, SHARED, history, command, ctx or context())


def refused_within(history: list[Entry], command: Command, ctx: Context | None = None) -> Refused:
    """The refusal such a command gets."""
    with pytest.raises(Refused) as caught:
        within(history, command, ctx)
    return caught.value


def test_a_command_that_follows_records_its_events() -> None:
    stage = then(KIND, given(ISSUED), Suspend(**said(NOON + HOUR)), suspended(1))
    assert stage == Suspended(5)


def test_the_caller_decides_where_nobody_else_is_named() -> None:
    named = said(NOON + HOUR, decided_by=None)
    (event,) = when(KIND, given(ISSUED), Suspend(**named)).events
    assert event.decided_by == "o-1"


def test_a_command_outside_the_table_is_not_open() -> None:
    refused(KIND, given(ISSUED), Resume(**said(NOON + HOUR)), NOT_OPEN)
    refused(KIND, [], Suspend(**said(NOON)), NOT_OPEN)
    refused(KIND, [], AddAddendum(**said(NOON), text="x"), NOT_OPEN)
    assert Resume not in open_commands(KIND, SHARED, Active)
    assert open_commands(KIND, SHARED, Nothing) == (IssuePermit,)


def test_a_closed_shared_command_is_not_open() -> None:
    closed = replace(KIND, closed=frozenset({(Active, AddAddendum)}))
    refused(closed, given(ISSUED), AddAddendum(**said(NOON), text="x"), NOT_OPEN)
    assert AddAddendum not in open_commands(closed, SHARED, Active)
    assert AddAddendum in open_commands(closed, SHARED, Suspended)


def test_an_act_that_has_not_begun_is_refused() -> None:
    now = NOON + HOUR
    ahead = Suspend(**said(now + TOLERANCE + timedelta(microseconds=1)))
    refused(KIND, given(ISSUED), ahead, IN_THE_FUTURE, context(now=now))
    within_tolerance = replace(ahead, when=at(now + TOLERANCE))
    assert when(KIND, given(ISSUED), within_tolerance, context(now=now)).events
    not_over = replace(ahead, when=When(now, now + DAY, Precision.RANGE))
    assert when(KIND, given(ISSUED), not_over, context(now=now)).events


def test_a_late_entry_is_decided_on_the_case_as_it_was_then() -> None:
    history = given(ISSUED, suspended(1), resumed(2))
    assert refused_within(history, Resume(**said(NOON + 3 * HOUR))).refusal == NOT_OPEN
    decision = within(given(ISSUED, suspended(1)), Inspect(**said(NOON + HOUR / 2), findings=("early",)))
    assert decision.after.stage == Suspended(5, ("early",))
    assert decision.refolded


def test_a_late_entry_that_makes_a_later_one_impossible_is_refused_and_names_it() -> None:
    no = refused_within(given(ISSUED, suspended(2)), Suspend(**said(NOON + HOUR)))
    assert (no.refusal, no.version) == (NO_LONGER_FITS, 2)


def test_a_late_guard_sees_only_what_was_before() -> None:
    """Guards look at the case then; what later ones would have said is not asked again."""
    full = given(ISSUED, inspected(5, "a"), inspected(6, "b"), inspected(7, "c"))
    assert refused_within(full, Inspect(**said(NOON + 8 * HOUR), findings=("d",))).refusal == TOO_MANY
    assert within(full, Inspect(**said(NOON + HOUR), findings=("d",))).events


def test_every_event_of_a_late_command_takes_its_place_and_every_prefix_folds() -> None:
    history = given(ISSUED, inspected(5))
    decision = within(history, Inspect(**said(NOON + HOUR), findings=("a", "b")))
    whole = history + given_after(history, decision.events)
    assert [e.version for e in effective(whole)] == [1, 3, 4, 2]
    for known in range(1, len(whole) + 1):
        fold(KIND, SHARED, effective(whole[:known]))


def test_a_late_command_is_refused_if_only_all_of_its_events_together_fit() -> None:
    """Replacing suspends and resumes at once; a view between the two events must fold as well."""
    no = refused_within(given(ISSUED, suspended(5)), Replace(**said(NOON + HOUR)))
    assert (no.refusal, no.version) == (NO_LONGER_FITS, 2)
    assert within(given(ISSUED, inspected(5)), Replace(**said(NOON + HOUR))).after.stage == Active(5, ("fine",))


def test_whether_an_act_is_in_order() -> None:
    after = state(given(ISSUED, inspected(3)))
    assert in_order(after, Suspend(**said(NOON + 3 * HOUR)))
    assert not in_order(after, Suspend(**said(NOON + 2 * HOUR)))
    assert in_order(after, Suspend(**(said() | {"when": When(None, None, Precision.UNKNOWN)})))


def test_an_act_is_late_a_day_after_it_happened() -> None:
    over = at(NOON)
    assert over.latest is not None
    assert not late(over, over.latest + LATE_AFTER)
    assert late(over, over.latest + LATE_AFTER + timedelta(microseconds=1))
    assert late(When(NOON, None, Precision.RANGE), NOON + 2 * DAY)
    assert not late(When(None, None, Precision.UNKNOWN), NOON + 2 * DAY)


# --- Deciding corrections -------------------------------------------------------------------------------------


def correct(history: list[Entry], target: int, restated: Event) -> tuple[CorrectEntry, Context]:
    """A correction as the application hands it over: with the standing entry and the whole restated event."""
    standing = next(e for e in effective(history) if e.version == target)
    command = CorrectEntry(**said(NOON + 2 * DAY, reason="a slip"), **WHY, target=target, changes={})
    return command, replace(context(), target=standing, restated=restated)


def retract(history: list[Entry], target: int) -> tuple[RetractEntry, Context]:
    """A retraction as the application hands it over."""
    standing = next(e for e in effective(history) if e.version == target)
    command = RetractEntry(**said(NOON + 2 * DAY, reason="a slip"), **WHY, target=target)
    return command, replace(context(), target=standing)


def test_a_correction_is_recorded_whole() -> None:
    history = given(ISSUED, inspected(1, "bad"))
    decision = within(history, *correct(history, 2, inspected(1, "good")))
    (event,) = decision.events
    assert isinstance(event, EntryCorrected)
    assert (event.target, event.restated) == (2, inspected(1, "good"))
    assert decision.after.stage == Active(5, ("good",))


def test_a_correction_after_which_an_entry_no_longer_fits_is_refused_and_names_it() -> None:
    history = given(ISSUED, suspended(1), resumed(2))
    no = refused_within(history, *correct(history, 2, suspended(3)))
    assert (no.refusal, no.version) == (NO_LONGER_FITS, 3)


def test_a_retraction_after_which_an_entry_no_longer_fits_is_refused_and_names_it() -> None:
    history = given(ISSUED, suspended(1), resumed(2))
    no = refused_within(history, *retract(history, 2))
    assert (no.refusal, no.version) == (NO_LONGER_FITS, 3)
    assert within(history, *retract(history, 3)).after.stage == Suspended(5)


# --- An end of custody ----------------------------------------------------------------------------------------

OVERTAKEN = given(ISSUED, suspended(5), inspected(6))


def with_decision(history: list[Entry], decision: Decision) -> list[Entry]:
    """The history with what was decided."""
    return history + given_after(history, decision.events)


def test_an_end_of_custody_is_taken_against_what_it_contradicts() -> None:
    decision = within(OVERTAKEN, Lose(**said(NOON + HOUR)))
    assert decision.after.stage == Lost(5)
    assert decision.after.contradictions == (2, 3)


def test_what_an_end_of_custody_overtook_is_set_aside_until_corrected() -> None:
    history = with_decision(OVERTAKEN, within(OVERTAKEN, Lose(**said(NOON + HOUR))))
    decision = within(history, *retract(history, 2))
    assert decision.after.contradictions == (3,)
    history = with_decision(history, decision)
    decision = within(history, *correct(history, 3, inspected(0.5, "before")))
    assert (decision.after.contradictions, decision.after.stage) == ((), Lost(5))


def test_a_correction_that_restates_an_end_of_custody_is_taken_even_so() -> None:
    history = given(ISSUED, inspected(1), lost(5))
    decision = within(history, *correct(history, 3, lost(0.5)))
    assert decision.after.contradictions == (2,)


def test_nothing_else_may_add_a_contradiction() -> None:
    history = given(ISSUED, suspended(1), lost(2))
    recovered = with_decision(history, when(KIND, history, Recover(**said(NOON + 3 * HOUR))))
    recovered = with_decision(recovered, when(KIND, recovered, Suspend(**said(NOON + 4 * HOUR))))
    no = refused_within(recovered, Suspend(**said(NOON + 3.5 * HOUR)))
    assert (no.refusal, no.version) == (NO_LONGER_FITS, 5)


def test_an_entry_before_an_end_of_custody_must_still_fit() -> None:
    history = given(ISSUED, suspended(1), resumed(2), lost(3))
    no = refused_within(history, *retract(history, 2))
    assert (no.refusal, no.version) == (NO_LONGER_FITS, 3)


def test_every_step_of_an_overtaken_history_is_told() -> None:
    history = with_decision(OVERTAKEN, within(OVERTAKEN, Lose(**said(NOON + HOUR))))
    told = [(entry.version, after.contradictions) for entry, after in steps(KIND, SHARED, effective(history))]
    assert told == [(1, ()), (4, ()), (2, (2,)), (3, (2, 3))]


def test_an_act_before_what_is_set_aside_is_no_act_in_order() -> None:
    """Set aside, an entry keeps its place: what happened before it may make it fit again, so all is folded anew."""
    history = with_decision(OVERTAKEN, within(OVERTAKEN, Lose(**said(NOON + HOUR))))
    folded, back = state(history), Recover(**said(NOON + 2 * HOUR))
    whole = within(history, back).after
    assert (whole.stage, whole.contradictions) == (Suspended(5, ("fine",)), ())
    assert not in_order(folded, back) or decide(KIND, SHARED, folded, back, context()).after == whole


def test_recovered_events_follow_a_loss() -> None:
    history = given(ISSUED, lost(1))
    assert then(KIND, history, Recover(**said(NOON + HOUR * 2)), PermitRecovered(**said(NOON + HOUR * 2))) == Active(5)


def test_a_claim_status_is_part_of_what_is_restated() -> None:
    history = given(ISSUED, inspected(1))
    doubted = replace(inspected(1), claim_status=ClaimStatus.CONTESTED)
    assert within(history, *correct(history, 2, doubted)).events[0] == EntryCorrected(
        **said(NOON + 2 * DAY, reason="a slip"), **WHY, target=2, restated=doubted
    )
