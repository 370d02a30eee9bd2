"""Small cells suppressed before a table is published: those that rest on too few cases, and those that would give them away.

Which further cells must go is for a library to say (``Discloses``); what it is told is stated here. A reader knows that
absent rows are zero and that suppressed ones are not. The mark does not say for whose sake a row is suppressed: where four
small rows of one case each have a small total, that alone would tell all five.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from application.reports.declaration import Report
from application.reports.tabulate import Line, Table, total_of


class Guarded(NamedTuple):
    """A cell as the library sees it: its value, and by how much more it must be able to be for a reader, 0 if it is safe."""

    value: int
    rise: int

    @property
    def primary(self) -> bool:
        """Whether it is suppressed for its own sake."""
        return self.rise > 0


class Sum(NamedTuple):
    """A total and the cells it is the sum of, by their indices."""

    total: int
    parts: tuple[int, ...]


class Discloses(Protocol):
    """Finds out what must be suppressed beside the small cells."""

    def secondary(self, cells: Sequence[Guarded], sums: Sequence[Sum]) -> frozenset[int]:
        """The indices of further cells to suppress, so that every small cell could be as much more as it must be able to.

        Blocks, for seconds where a table is large. Raises CannotSuppress without the library or without a solution.
        """
        ...


@dataclass(frozen=True, slots=True)
class Problem:
    """What the library is asked about a table."""

    cells: tuple[Guarded, ...]
    sums: tuple[Sum, ...]


def suppressed(report: Report, table: Table, minimum: int, library: Discloses) -> Table:
    """The table with every row that rests on fewer than ``minimum`` cases suppressed, and the rows that would tell of it.

    Totals stay where they can. Raises CannotSuppress: an unprotected table is never given instead.
    """
    lines = tuple(line for line in table.lines if not report.linked(line.cell))
    asked = problem(report, lines, minimum)
    further: frozenset[int] = frozenset()
    if asked.sums and any(cell.primary for cell in asked.cells):
        further = library.secondary(asked.cells, asked.sums)
    hidden = further | {i for i, cell in enumerate(asked.cells) if cell.primary}
    withheld = [measure.column.name in report.withheld for measure in report.measures]
    marked = tuple(line.suppressed() if i in hidden else line.without(withheld) for i, line in enumerate(lines))
    return replace(table, lines=marked, minimum=minimum)


def problem(report: Report, lines: Sequence[Line], minimum: int) -> Problem:
    """The cells and sums of a table. A small cell must be able to be ``minimum`` and more: nobody can tell that it is small."""
    cells = (Guarded(line.facts, max(1, minimum - line.facts) if line.cases < minimum else 0) for line in lines)
    return Problem(tuple(cells), tuple(_sums(report, lines)))


def _sums(report: Report, lines: Sequence[Line]) -> list[Sum]:
    """Every total with the cells below it."""
    places = {line.cell: i for i, line in enumerate(lines)}
    parts: dict[int, list[int]] = {}
    for names in report.totals:
        kept = tuple(column.name in names for column in report.dimensions)
        for i, line in enumerate(lines):
            if None not in line.cell:
                parts.setdefault(places[total_of(line.cell, kept)], []).append(i)
    return [Sum(total, tuple(below)) for total, below in sorted(parts.items())]
