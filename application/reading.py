"""Asking the read models: filters, answers, and the port that gives them.

An answer says to which position of the log it is complete; its rows and that position are read in one snapshot. Times
are microseconds since 1970-01-01 UTC; ``…_from`` and ``…_since`` are inclusive, ``…_to`` exclusive; None filters nothing.
"""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from application.read_models.audit import AuditRow
from application.read_models.cases import CaseRow
from application.read_models.deadlines import DeadlineRow
from application.read_models.links import LinkRow
from application.read_models.persons import PersonRow
from application.read_models.state_intervals import StateIntervalRow
from application.read_models.timeline import TimelineRow

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Answer(Generic[R]):
    """Rows of a read model, complete to ``position``. ``more`` rows follow the last one here."""

    rows: tuple[R, ...]
    position: int
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistFilter:
    """Which cases. ``state`` is a stage's public name, ``units`` are those whose cases the caller may see, None for all."""

    kind: str | None = None
    state: str | None = None
    unit: str | None = None
    assignee: str | None = None
    handling: str | None = None
    file_number: str | None = None
    opened_since: int | None = None
    changed_since: int | None = None
    units: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineFilter:
    """Which entries of a case; no ``types`` means all.

    ``happened_…`` finds entries whose interval, as recorded, overlaps the time asked for: they may have happened in it.
    """

    types: frozenset[str] = frozenset()
    actor: str | None = None
    recorded_from: int | None = None
    recorded_to: int | None = None
    happened_from: int | None = None
    happened_to: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which acts, across cases."""

    actor: str | None = None
    case_id: UUID | None = None
    kind: str | None = None
    type: str | None = None
    recorded_from: int | None = None
    recorded_to: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFilter:
    """Which links. ``units`` are those whose cases the caller may see, None for all: a link is seen with its own case."""

    case_id: UUID | None = None
    link: str | None = None
    state: str | None = None
    units: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFilter:
    """Where parties are named: in cases, or with ``register`` in entries of the party register, which every unit may see.

    ``units`` are those whose cases the caller may see, None for all.
    """

    parties: frozenset[UUID]
    units: frozenset[str] | None = None
    register: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineFilter:
    """Which deadlines; without a ``status`` all but the stopped ones. One without a date is due neither before nor after.

    ``status`` is one of ``overdue``, ``running``, ``paused``, ``pending``, ``uncertain``, ``stopped``. ``units`` are those
    whose cases the caller may see, None for all.
    """

    case_id: UUID | None = None
    unit: str | None = None
    kind: str | None = None
    clock: str | None = None
    status: str | None = None
    due_before: int | None = None
    due_after: int | None = None
    units: frozenset[str] | None = None


class ReadStore(Protocol):
    """The live generation of each read model, read side. Every method blocks and belongs on a worker thread.

    Raises Unavailable where the database does not answer.
    """

    def position(self, model: str) -> int:
        """The last position a read model includes, 0 for one that has not begun."""
        ...

    def worklist(self, wanted: WorklistFilter, *, after: int = 0, limit: int = 100, upto: int | None = None) -> Answer[CaseRow]:
        """Cases as they stand, in the order they were opened.

        ``after`` is the ``opened_position`` of the last row of the page before: no case moves to another page. ``upto``
        leaves out cases opened after that position, so that a list walked through page by page comes to an end.
        """
        ...

    def timeline(self, case_id: UUID) -> Answer[TimelineRow]:
        """All of a case's entries, in recorded order: what later ones say of them is told from all of them."""
        ...

    def audit(self, wanted: AuditFilter, *, after: int = 0, limit: int = 100, upto: int | None = None) -> Answer[AuditRow]:
        """What was recorded, in position order, positions > ``after`` and <= ``upto``."""
        ...

    def links(self, wanted: LinkFilter, *, after: int = 0, limit: int = 100) -> Answer[LinkRow]:
        """Links as each case knows them, in the order in which they were first recorded, ``first_position`` > ``after``."""
        ...

    def intervals(
        self, case_id: UUID, units: frozenset[str] | None, *, after: int = 0, limit: int = 100
    ) -> Answer[StateIntervalRow]:
        """The state intervals of a case of one of these units, in the order of the entries that began them, > ``after``."""
        ...

    def deadlines(
        self, wanted: DeadlineFilter, at: int, *, after: tuple[int, ...] | None = None, limit: int = 100
    ) -> Answer[DeadlineRow]:
        """Deadlines as they stand, with their status at ``at``, by due time.

        ``after`` is ``sorts_at``, ``first_position`` and ``place`` of the last row of the page before.
        """
        ...

    def persons(self, wanted: PersonFilter, *, after: tuple[int, int] = (0, 0), limit: int = 100) -> Answer[PersonRow]:
        """Where parties are named, in the order in which they first were, then by id and field.

        ``after`` is the ``first_position`` of the last row of the page before and how many rows of that position it or
        the pages before it had: one entry may name several parties.
        """
        ...
