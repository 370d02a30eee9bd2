"""From facts to a table: cells and totals counted in one pass, sorted, the same for the same facts whatever their order."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from application.reports.declaration import HIDDEN, Cell, Fact, Measured, Report, Tally


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: its cell, how many facts of how many cases it rests on, its measures, whether they are suppressed."""

    cell: Cell
    facts: int
    cases: int
    measures: tuple[Measured, ...]
    hidden: bool = False

    def suppressed(self) -> "Line":
        """The row with nothing in it but its mark."""
        return replace(self, measures=(None,) * len(self.measures), hidden=True)

    def without(self, withheld: Sequence[bool]) -> "Line":
        """The row without those of its measures."""
        return replace(self, measures=tuple(None if out else m for m, out in zip(self.measures, withheld, strict=True)))

    @property
    def values(self) -> tuple[Measured, ...]:
        """The values of the report's columns."""
        return (*self.cell, *self.measures, HIDDEN if self.hidden else None)


@dataclass(frozen=True, slots=True)
class Table:
    """A report's rows in order, how many synthetic cases they rest on, and the rule profiles that had a say in them.

    ``minimum`` if small cells were suppressed.
    """

    lines: tuple[Line, ...]
    synthetic_cases: int
    profiles: tuple[str, ...]
    minimum: int | None = None


def tabulate(report: Report, facts: Iterable[Fact]) -> Table:
    """Count facts, which come case by case, into the cells and totals of a report."""
    tallies: defaultdict[Cell, Tally] = defaultdict(Tally)
    shown = [tuple(column.name in names for column in report.dimensions) for names in report.totals]
    made_up: set[UUID] = set()
    profiles: set[str] = set()
    for fact in facts:
        tallies[fact.cell].add(fact)
        for kept in shown:
            tallies[total_of(fact.cell, kept)].add(fact)
        if fact.synthetic:
            made_up.add(fact.case_id)
        if fact.profile is not None:
            profiles.add(fact.profile)
    lines = (
        Line(cell, tally.facts, tally.cases, tuple(measure.of(tally) for measure in report.measures))
        for cell, tally in tallies.items()
    )
    return Table(tuple(sorted(lines, key=lambda line: order(line.cell))), len(made_up), tuple(sorted(profiles)))


def total_of(cell: Cell, kept: tuple[bool, ...]) -> Cell:
    """The total above a cell that keeps some of its dimensions."""
    return tuple(value if keep else None for value, keep in zip(cell, kept, strict=True))


def order(cell: Cell) -> tuple[tuple[bool, str], ...]:
    """By each dimension in turn, totals after what they are totals of."""
    return tuple((value is None, value or "") for value in cell)
