"""How a history is put in order and folded, and how a command is decided on it: on a toy kind, independent of any law."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from domain.dossier import SHARED
from domain.dossier.acts import AddAddendum, CorrectEntry, RetractEntry
from domain.history import (
    LATE_AFTER,
    Decision,
    Folded,
    decide,
    decide_within,
    effective,
    fold,
    in_order,
    late,
    open_commands,
    steps,
    until,
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
    EntryRetracted,
    Event,
    ImpossibleHistory,
    Nothing,
    Refused,
    Stage,
)
from domain.values import ClaimStatus, CorrectionReason, Precision, When, at
from tests.domain.permits import (
    KIND,
    TOO_MANY,
    Active,
    Inspect,
    IssuePermit,
    Lose,
    Lost,
    PermitInspected,
    PermitIssued,
    PermitLost,
    PermitRecovered,
    PermitResumed,
    PermitSuspended,
    Recover,
    Replace,
    Resume,
    Suspend,
    Suspended,
)
from tests.scenario import DAY, HOUR, NOON, context, given, given_after, refused, said, then, when

T = TypeVar("T", bound=Event)
WHY: dict[str, Any] = {"why": CorrectionReason.WRONG_TIME}
ISSUED = PermitIssued(**said(NOON), file_number="P 1", unit="unit-1", goods=5)
ISSUE = IssuePermit(**said(NOON), file_number="P 1", goods=5)


def suspended(hours: float) -> PermitSuspended:
    """A suspension so many hours after NOON."""
    return PermitSuspended(**said(NOON + hours * HOUR))


def resumed(hours: float) -> PermitResumed:
    """A resumption."""
    return PermitResumed(**said(NOON + hours * HOUR))


def inspected(hours: float, finding: str = "fine") -> PermitInspected:
    """An inspection."""
    return PermitInspected(**said(NOON + hours * HOUR), finding=finding)


def lost(hours: float) -> PermitLost:
    """A loss."""
    return PermitLost(**said(NOON + hours * HOUR))


def between(event: T, earliest: float | None, latest: float | None) -> T:
    """The event at a time known to lie between two hours after NOON, either open."""
    ends = [None if end is None else NOON + end * HOUR for end in (earliest, latest)]
    return replace(event, when=When(ends[0], ends[1], Precision.RANGE))


def corrected(target: int, restated: Event) -> EntryCorrected:
    """A correction."""
    return EntryCorrected(**said(NOON + 2 * DAY), **WHY, target=target, restated=restated)


def retracted(target: int) -> EntryRetracted:
    """A retraction."""
    return EntryRetracted(**said(NOON + 2 * DAY), **WHY, target=target)


def order(*events: Event) -> list[int]:
    """The versions of a history in effective order."""
    return [entry.version for entry in effective(given(*events))]


def state(history: list[Entry]) -> Folded:
    """The case at the end of a history."""
    return fold(KIND, SHARED, effective(history))


def stage_of(*events: Event) -> Stage:
    """The stage a history ends in."""
    return state(given(*events)).stage


# --- Effective order ------------------------------------------------------------------------------------------


def test_entries_in_time_stay_in_recorded_order() -> None:
    assert order(ISSUED, suspended(1), resumed(2), inspected(3)) == [1, 2, 3, 4]


def test_a_late_entry_moves_before_those_certainly_after_it() -> None:
    assert order(ISSUED, suspended(1), inspected(3), resumed(2)) == [1, 2, 4, 3]


def test_a_late_entry_moves_before_the_first_that_is_certainly_after_it_even_past_others() -> None:
    unsure = between(inspected(0), 0.5, 4)
    assert order(ISSUED, unsure, inspected(5), inspected(0.1)) == [1, 4, 2, 3]
    assert order(ISSUED, unsure, inspected(5), inspected(2)) == [1, 2, 4, 3]


def test_an_imprecise_entry_that_overlaps_keeps_its_recorded_place() -> None:
    assert order(ISSUED, inspected(3), between(inspected(0), 1, 4)) == [1, 2, 3]
    assert order(ISSUED, between(inspected(0), 1, 4), inspected(2)) == [1, 2, 3]


def test_an_entry_that_ends_where_another_begins_comes_before_it() -> None:
    touching = between(inspected(0), 1, 3)
    assert order(ISSUED, inspected(3), touching) == [1, 3, 2]
    assert order(ISSUED, inspected(3), between(inspected(0), 1, 3.001)) == [1, 2, 3]


def test_no_entry_comes_before_the_opening() -> None:
    assert order(ISSUED, inspected(-20), inspected(-30)) == [1, 3, 2]


def test_an_open_end_counts_as_the_receipt() -> None:
    history = given(ISSUED, inspected(3), between(inspected(0), 1, None), recorded_at=NOON + 5 * HOUR)
    assert [e.version for e in effective(history)] == [1, 2, 3]
    assert history[2].latest == NOON + 5 * HOUR


def test_an_unknown_beginning_is_no_reason_to_move_anything() -> None:
    assert order(ISSUED, between(inspected(0), None, 9), inspected(3)) == [1, 2, 3]


def test_several_late_entries_of_one_moment_keep_their_recorded_order() -> None:
    assert order(ISSUED, inspected(5), inspected(2, "a"), inspected(2, "b")) == [1, 3, 4, 2]


# --- Corrections and retractions ------------------------------------------------------------------------------


def test_a_correction_replaces_the_whole_entry() -> None:
    history = given(ISSUED, inspected(1, "bad"), corrected(2, inspected(1, "good")))
    assert state(history).stage == Active(5, ("good",))
    assert [e.version for e in effective(history)] == [1, 2]


def test_the_last_correction_wins() -> None:
    first, second = corrected(2, inspected(1, "good")), corrected(2, inspected(1, "better"))
    assert stage_of(ISSUED, inspected(1, "bad"), first, second) == Active(5, ("better",))


def test_a_retraction_leaves_the_entry_out_corrected_or_not() -> None:
    assert stage_of(ISSUED, suspended(1), retracted(2)) == Active(5)
    assert stage_of(ISSUED, suspended(1), corrected(2, suspended(2)), retracted(2)) == Active(5)


def test_a_correction_of_its_time_moves_an_act() -> None:
    history = given(ISSUED, suspended(1), resumed(2), inspected(3), corrected(4, inspected(0.5)))
    assert [e.version for e in effective(history)] == [1, 4, 2, 3]


def test_the_opening_can_be_corrected_and_stays_first() -> None:
    later = replace(ISSUED, when=at(NOON + 9 * HOUR), goods=7, file_number="P 2")
    after = state(given(ISSUED, suspended(1), corrected(1, later)))
    assert after.stage == Suspended(7)
    assert after.dossier.file_number == "P 2"


# --- Folding --------------------------------------------------------------------------------------------------


def test_a_history_that_does_not_fold_names_the_entry() -> None:
    with pytest.raises(ImpossibleHistory) as caught:
        state(given(ISSUED, inspected(1), resumed(2)))
    assert caught.value.version == 3


def test_the_horizon_is_the_latest_beginning_after_the_opening() -> None:
    assert state(given(ISSUED)).horizon == datetime.min.replace(tzinfo=UTC)
    assert state(given(ISSUED, inspected(3), between(inspected(0), None, 9))).horizon == NOON + 3 * HOUR


def test_the_dossier_and_the_stage_are_folded_from_one_stream() -> None:
    after = state(given(ISSUED))
    assert (after.stage, after.dossier.file_number, after.dossier.unit) == (Active(5), "P 1", "unit-1")


# --- A view at a moment ---------------------------------------------------------------------------------------


def cut(moment: float, *events: Event) -> tuple[list[int], tuple[int, ...]]:
    """The versions certain at a moment in hours after NOON, and the uncertain ones."""
    found = until(effective(given(*events)), NOON + moment * HOUR)
    return [e.version for e in found.entries], found.uncertain


def test_a_view_ends_after_the_last_entry_that_had_certainly_happened() -> None:
    assert cut(2.5, ISSUED, suspended(1), resumed(2), inspected(3)) == ([1, 2, 3], ())
    assert cut(-1, ISSUED, suspended(1)) == ([], ())


def test_an_entry_that_may_have_happened_is_uncertain_before_or_after_the_cut() -> None:
    unsure = between(inspected(0), 1, 4)
    assert cut(2, ISSUED, unsure) == ([1], (2,))
    assert cut(3.5, ISSUED, unsure, inspected(3)) == ([1, 2, 3], (2,))
    assert cut(4, ISSUED, unsure, inspected(3)) == ([1, 2, 3], ())


def test_an_entry_without_a_known_beginning_is_uncertain_until_it_is_certain() -> None:
    unsure = between(inspected(0), None, 4)
    assert cut(-9, ISSUED, unsure) == ([], (2,))
    assert cut(4, ISSUED, unsure) == ([1, 2], ())


def test_an_act_of_a_second_has_certainly_happened_in_its_last_microsecond() -> None:
    entries = effective(given(ISSUED))
    assert until(entries, NOON + timedelta(microseconds=999_998)).entries == ()
    assert len(until(entries, NOON + timedelta(microseconds=999_999)).entries) == 1


def test_a_view_can_be_cut_whatever_times_were_stated() -> None:
    """A range may reach to the ends of the calendar."""
    ages = PermitInspected(**(said() | {"when": When(None, datetime.min.replace(tzinfo=UTC), Precision.RANGE)}), finding="x")
    assert [e.version for e in until(effective(given(ISSUED, ages, recorded_at=NOON)), NOON + HOUR).entries] == [1, 2]


# --- Deciding -------------------------------------------------------------------------------------------------


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
