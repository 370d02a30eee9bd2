"""How a history is put in order, restated, folded and cut: on a toy kind, independent of any law."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.history import effective, until
from domain.kernel import Event, ImpossibleHistory, Stage
from domain.values import Precision, When, at
from tests.domain.permits import (
    ISSUED,
    Active,
    PermitInspected,
    Suspended,
    between,
    corrected,
    inspected,
    resumed,
    retracted,
    state,
    suspended,
)
from tests.scenario import HOUR, NOON, given, said


def order(*events: Event) -> list[int]:
    """The versions of a history in effective order."""
    return [entry.version for entry in effective(given(*events))]


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
