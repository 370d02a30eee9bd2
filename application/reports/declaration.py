"""What a report declares: its definition, what it reads, the facts it counts, its dimensions, measures and totals.

A report is a pure function of the log up to a position: one row per case or event is folded from the ledger, each row
gives facts, and every fact is counted in exactly one cell and in the totals above it. Nothing else is read.
"""

import math
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, NamedTuple, TypeAlias
from uuid import UUID

from application.heard import Heard
from application.project import ReadModel
from application.records import moment
from domain.values import SourceKind

Cell: TypeAlias = tuple[str | None, ...]
"""The values of a report's dimensions; None stands for all values of that dimension: the row is a total."""

Measured: TypeAlias = str | int | float | None
DAY = 24 * 60 * 60 * 1_000_000


class Fact(NamedTuple):
    """One thing counted: of which case, in which cell (a value for every dimension).

    ``amount`` is a quantity and ``lasted`` a duration in microseconds, where the report has any. ``synthetic`` if the
    case rests on a value made up for a demonstration. ``profile`` is the rule profile the fact follows from, if one.
    """

    case_id: UUID
    cell: tuple[str, ...]
    synthetic: bool
    amount: Decimal | None = None
    lasted: int | None = None
    profile: str | None = None


class Tally:
    """What one row of a table adds up to. Facts come case by case."""

    __slots__ = ("_last", "amount", "cases", "durations", "facts")

    def __init__(self) -> None:
        """Begin with nothing."""
        self.facts = 0
        self.cases = 0
        self.amount: Decimal | None = None
        self.durations = array("q")
        self._last: UUID | None = None

    def add(self, fact: Fact) -> None:
        """Count one fact more."""
        self.facts += 1
        if fact.case_id != self._last:
            self.cases += 1
            self._last = fact.case_id
        if fact.amount is not None:
            self.amount = fact.amount if self.amount is None else self.amount + fact.amount
        if fact.lasted is not None:
            self.durations.append(fact.lasted)


def facts(tally: Tally) -> int:
    """How many facts."""
    return tally.facts


def cases(tally: Tally) -> int:
    """How many cases they are of."""
    return tally.cases


def amount(tally: Tally) -> str | None:
    """The sum of the amounts as decimal text, None where none was stated."""
    return None if tally.amount is None else format(tally.amount, "f")


def days(part: float) -> Callable[[Tally], float | None]:
    """A quantile of the durations in days with two decimals, by nearest rank: always a duration that occurred."""

    def of(tally: Tally) -> float | None:
        if not tally.durations:
            return None
        rank = max(1, math.ceil(part * len(tally.durations)))
        return round(sorted(tally.durations)[rank - 1] / DAY, 2)

    return of


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its type, its unit of measure if it has one, what it means."""

    name: str
    type: Literal["text", "integer", "decimal", "number"]
    meaning: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A column with how it is taken from a tally."""

    column: Column
    of: Callable[[Tally], Measured]


def nothing_linked(cell: Cell) -> bool:
    """No row of the table is a total of another report's."""
    del cell
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A standing report.

    ``version`` grows when the same log would give another table. ``model`` is folded from the ledger and stored nowhere;
    ``facts`` gives the facts of one of its rows. ``totals`` names the sets of dimensions a total is kept for, ``()`` for
    the grand total. ``linked`` marks rows that another report publishes
    as totals: they are left out of a table with small cells suppressed, or the two could be subtracted. ``withheld`` names
    the measures that are null all over such a table, since another report's rows would follow from them.
    """

    name: str
    version: int
    definition: str
    dimensions: tuple[Column, ...]
    measures: tuple[Measure, ...]
    totals: tuple[tuple[str, ...], ...]
    model: ReadModel[Any]
    facts: Callable[[Any], Iterable[Fact]]
    linked: Callable[[Cell], bool] = nothing_linked
    withheld: frozenset[str] = frozenset()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The table's columns in order, the mark of suppressed rows last."""
        return (*self.dimensions, *(measure.column for measure in self.measures), SUPPRESSED)

    def place(self, dimension: str) -> int | None:
        """Where a dimension stands in a cell, None if the report has no such dimension."""
        return next((i for i, column in enumerate(self.dimensions) if column.name == dimension), None)


HIDDEN = "small"
"""The mark of a row whose measures are suppressed."""

SUPPRESSED = Column(
    "suppressed", "text", f"`{HIDDEN}` where the measures are null to keep small numbers of cases from being told"
)
KIND = Column("kind", "text", "The kind of case")


def month_of(instant: int) -> str:
    """The calendar month of a moment (microseconds) in UTC, e.g. ``2026-10``: no table of time zones has a say in it."""
    return moment(instant).strftime("%Y-%m")


def synthetic(heard: Heard) -> bool:
    """Whether an entry rests on a value made up for a demonstration."""
    return any(source["kind"] == SourceKind.SYNTHETIC for source in heard.state["sources"])
