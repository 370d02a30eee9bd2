"""Small cells: what is suppressed cannot be worked out from what is published, and no more is suppressed than must be."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from application.errors import CannotSuppress
from application.reports import cases, corrections, late_entries, time_in_state
from application.reports.declaration import HIDDEN, Fact, Report
from application.reports.suppress import Guarded, Problem, Sum, problem, suppressed
from application.reports.tabulate import Line, Table, tabulate
from infrastructure.disclosure import TauArgus
from tests.application.linear import Row, solvable

MINIMUM = 5
Cell = tuple[str, ...]


class Unavailable:
    """A place where the library is not installed."""

    def secondary(self, cells: Sequence[Guarded], sums: Sequence[Sum]) -> frozenset[int]:
        """Nothing can be found out."""
        del cells, sums
        raise CannotSuppress("not installed")


def table_of(report: Report, counts: Mapping[Any, int], each: int = 1) -> Table:
    """A table of a report with so many cases a cell, each with so many facts."""
    facts, number = [], 0
    for cell, count in counts.items():
        for _ in range(count):
            number += 1
            facts += [Fact(UUID(int=number), cell, synthetic=False, lasted=number)] * each
    return tabulate(report, facts)


def reader_finds(asked: Problem, hidden: frozenset[int], target: int) -> bool:
    """Whether whoever has all that is published can tell that a small cell is less than it must be able to be.

    What is known: the values shown, the sums, and that a suppressed row is not zero.
    """
    bounds: dict[int, tuple[int, int | None]] = dict.fromkeys(hidden, (1, None))
    bounds[target] = (asked.cells[target].value + asked.cells[target].rise, None)
    return not solvable([equation(asked, each, hidden) for each in asked.sums], bounds)


def equation(asked: Problem, each: Sum, hidden: frozenset[int]) -> tuple[Row, int]:
    """A sum as its hidden parts, with what is shown of it on the right side."""
    signs = {each.total: -1} | dict.fromkeys(each.parts, 1)
    known = sum(sign * asked.cells[i].value for i, sign in signs.items() if i not in hidden)
    return {i: sign for i, sign in signs.items() if i in hidden}, -known


KINDS, UNITS, MONTHS = ("k1", "k2"), ("u1", "u2", "u3"), ("2026-01", "2026-02")
CASES = st.dictionaries(
    st.tuples(st.sampled_from(KINDS), st.sampled_from(("s1", "s2")), st.sampled_from(UNITS), st.sampled_from(MONTHS)),
    st.integers(1, 14),
    min_size=1,
    max_size=10,
)
CORRECTIONS = st.dictionaries(
    st.tuples(
        st.sampled_from(KINDS), st.sampled_from(("correction",)), st.sampled_from(("r1", "r2", "r3")), st.sampled_from(MONTHS)
    ),
    st.integers(1, 14),
    min_size=1,
    max_size=8,
)


def check(report: Report, table: Table) -> None:
    """Suppress a table, then attack it, and take back each of what was suppressed besides."""
    asked = problem(report, table.lines, MINIMUM)
    guarded = suppressed(report, table, MINIMUM, TauArgus())
    primary = {i for i, line in enumerate(table.lines) if line.cases < MINIMUM}
    hidden = frozenset(i for i, line in enumerate(guarded.lines) if line.hidden)

    assert primary <= hidden
    assert not any(reader_finds(asked, hidden, target) for target in primary)
    for needless in hidden - primary:
        assert any(reader_finds(asked, hidden - {needless}, target) for target in primary)
    for i, (before, after) in enumerate(zip(table.lines, guarded.lines, strict=True)):
        assert after.cell == before.cell
        assert set(after.measures) == {None} if i in hidden else after == before


@settings(max_examples=20, deadline=None)
@given(CASES)
def test_no_small_number_of_cases_can_be_worked_out_and_nothing_is_hidden_needlessly(counts: dict[Cell, int]) -> None:
    check(cases.REPORT, table_of(cases.REPORT, counts))


@settings(max_examples=12, deadline=None)
@given(CORRECTIONS, st.integers(1, 3))
def test_the_same_holds_where_a_case_has_several_entries(counts: dict[Cell, int], each: int) -> None:
    check(corrections.REPORT, table_of(corrections.REPORT, counts, each))


def row(table: Table, *cell: str | None) -> Line:
    """A row by its cell."""
    return next(line for line in table.lines if line.cell == cell)


def test_a_neighbor_is_suppressed_where_a_total_would_tell_and_totals_stay() -> None:
    counts = {("k1", "s1", "u1", "2026-01"): 3, ("k1", "s2", "u1", "2026-01"): 10, ("k1", "s1", "u1", "2026-02"): 20}
    guarded = suppressed(cases.REPORT, table_of(cases.REPORT, counts), MINIMUM, TauArgus())

    assert row(guarded, "k1", "s1", "u1", "2026-01").values[-2:] == (None, HIDDEN)
    assert row(guarded, None, None, None, None).values[-2:] == (33, None)
    assert sum(line.hidden for line in guarded.lines) > 1 + 1


def test_a_table_without_small_cells_is_left_as_it_is_and_needs_no_library() -> None:
    table = table_of(cases.REPORT, {("k1", "s1", "u1", "2026-01"): 5, ("k2", "s1", "u2", "2026-02"): 9})
    guarded = suppressed(cases.REPORT, table, MINIMUM, Unavailable())

    assert guarded.lines == table.lines
    assert guarded.minimum == MINIMUM


def test_a_table_without_totals_loses_its_small_rows_and_needs_no_library() -> None:
    counts = {("k1", "s1", "ended"): 4, ("k1", "s2", "ended"): 5, ("k1", "s2", "open"): 9}
    guarded = suppressed(time_in_state.REPORT, table_of(time_in_state.REPORT, counts), MINIMUM, Unavailable())

    assert row(guarded, "k1", "s1", "ended").values == ("k1", "s1", "ended", None, None, None, None, None, HIDDEN)
    assert row(guarded, "k1", "s2", "ended").values[3:] == (None, None, 0.0, 0.0, 0.0, None)
    assert all(line.cell[2] != "open" for line in guarded.lines), "the totals of the report `cases` would be given away"


def test_how_many_left_a_state_is_not_taken_from_how_many_there_are() -> None:
    """All 40 began in s1 and 38 left it."""
    counts = {("k1", "s1", "u1", "2026-01"): 2, ("k1", "s2", "u1", "2026-01"): 30, ("k1", "s3", "u1", "2026-01"): 8}
    standing = suppressed(cases.REPORT, table_of(cases.REPORT, counts), MINIMUM, TauArgus())
    courses = {("k1", "s1", "ended"): 38, ("k1", "s2", "ended"): 8}
    lasted = suppressed(time_in_state.REPORT, table_of(time_in_state.REPORT, courses), MINIMUM, TauArgus())

    assert row(standing, "k1", None, None, None).values[-2:] == (40, None)
    assert row(standing, "k1", "s1", None, None).hidden
    assert row(lasted, "k1", "s1", "ended").measures[:2] == (None, None)


def test_a_table_that_needs_the_library_is_refused_without_it() -> None:
    counts = {("k1", "s1", "u1", "2026-01"): 3, ("k1", "s2", "u1", "2026-01"): 10}
    with pytest.raises(CannotSuppress):
        suppressed(cases.REPORT, table_of(cases.REPORT, counts), MINIMUM, Unavailable())


def test_what_counts_is_how_many_cases_a_row_rests_on() -> None:
    guarded = suppressed(
        late_entries.REPORT, table_of(late_entries.REPORT, {("k1", "t1", "2026-01"): 4}, each=10), MINIMUM, TauArgus()
    )

    assert all(line.hidden for line in guarded.lines)
