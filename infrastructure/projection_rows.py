"""Where a projection's rows and its checkpoint are written, together or not at all, on either database.

A batch is applied only if every checkpoint still stands where it was read. So no batch is ever applied twice, however
many runners there are. A checkpoint also counts the events it includes and chains their leaf hashes, so that "all of
them, once and in order" can be checked against the log. The rows can be rebuilt, and their transactions follow the
events' own in the write-ahead log: they need no flush of their own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple, Protocol, Self
from uuid import UUID

import sqlalchemy as sa

from application.project import Changes, Key, ReadModel
from infrastructure.schema import Id, metadata

NOTHING_SEEN = bytes(32)
"""The digest before the first event."""


FIRST_PAUSE, LAST_PAUSE = 1_000_000, 600_000_000
"""Microseconds before a parked event is tried again: doubled each time, from the first to the last."""

MOST_CAUSES = 5


class Overtaken(Exception):
    """Somebody else has moved a checkpoint meanwhile; nothing was written."""


class Unwritable(Exception):
    """The database does not take a row that a read model made; nothing was written. Arises from what the driver raised."""


class Mark(NamedTuple):
    """Where a checkpoint stands: its position, the events seen up to it, their chain, and its turn.

    The turn grows when rows or pointers change without the position moving, so that whoever knows the mark before is
    overtaken.
    """

    position: int = 0
    events: int = 0
    digest: bytes = NOTHING_SEEN
    turn: int = 0

    def beyond(self, count: int, digest: bytes, position: int) -> Self:
        """The mark after ``count`` events more."""
        return type(self)(position, self.events + count, digest, self.turn)

    def again(self) -> Self:
        """The same place, another turn."""
        return self._replace(turn=self.turn + 1)


BEGINNING = Mark()
"""Before the first event."""


def chained(digest: bytes, leaf_hashes: Iterable[bytes]) -> bytes:
    """The chain over further events: SHA-256 of the digest before and the leaf hash, one after the other."""
    for leaf_hash in leaf_hashes:
        digest = sha256(digest + leaf_hash).digest()
    return digest


@dataclass(slots=True)
class Follower:
    """One generation of a read model and where it stands. ``parked`` are cases held back, and when to try each again."""

    model: ReadModel[Any]
    generation: int
    mark: Mark = BEGINNING
    parked: dict[UUID, int] = field(default_factory=dict)

    @property
    def position(self) -> int:
        """The last position it includes."""
        return self.mark.position


class Parking(NamedTuple):
    """An event set aside. ``cause`` names classes; ``since`` and ``retry_at`` in microseconds."""

    case_id: UUID
    version: int
    position: int
    cause: str
    since: int
    attempts: int
    retry_at: int


def pause_after(attempts: int) -> int:
    """Microseconds to wait after so many attempts more than the first."""
    return min(FIRST_PAUSE << min(attempts, 16), LAST_PAUSE)


def cause_of(error: BaseException) -> str:
    """An exception's class and those of what it arose from: their texts may quote a value."""
    names: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(names) < MOST_CAUSES:
        names.append(type(cause).__name__)
        cause = cause.__cause__
    return " from ".join(names)


@dataclass(slots=True)
class Stride:
    """What moves one follower to a mark, all in one transaction: its rows, cases parked, cases no longer parked."""

    follower: Follower
    changes: Changes[Any]
    mark: Mark
    parks: Sequence[Parking] = ()
    frees: Sequence[UUID] = ()

    def done(self) -> None:
        """Have the follower stand where it was moved to."""
        self.follower.mark = self.mark
        self.follower.parked.update({parking.case_id: parking.retry_at for parking in self.parks})
        for case_id in self.frees:
            self.follower.parked.pop(case_id, None)

    def place(self, now: int) -> tuple[Any, ...]:
        """The values of ``MOVE``."""
        follower, model = self.follower, self.follower.model
        place = (model.name, follower.generation, model.version, follower.mark.position, follower.mark.turn)
        return (*self.mark, now, *place)

    def parked(self, key: Any) -> list[tuple[Any, ...]]:
        """The values of ``PARK``, case ids as ``key`` makes them."""
        name, generation = self.follower.model.name, self.follower.generation
        return [(name, generation, key(parking.case_id), *parking[1:]) for parking in self.parks]

    def freed(self, key: Any) -> list[tuple[Any, ...]]:
        """The values of ``FREE``, case ids as ``key`` makes them."""
        return [(self.follower.model.name, self.follower.generation, key(case_id)) for case_id in self.frees]


MOVE = """
UPDATE checkpoints SET position = ?, events = ?, digest = ?, turn = ?, updated_at = ?
WHERE name = ? AND generation = ? AND version = ? AND position = ? AND turn = ?
"""
PARK = """
INSERT INTO parked (name, generation, case_id, version, position, cause, since, attempts, retry_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
FREE = "DELETE FROM parked WHERE name = ? AND generation = ? AND case_id = ?"

Work = Sequence[Stride]
"""What one batch changes for some followers."""

Standing = dict[UUID, dict[Key, Any]]
"""Rows by case and key."""


class ProjectionRows(Protocol):
    """The tables of the read models, write side, on a connection of its own. For one thread."""

    def held(self, follower: Follower, case_ids: Sequence[UUID]) -> Standing:
        """The rows that stand for these cases."""
        ...

    def apply(self, work: Work, now: int) -> None:
        """Write all changes and move all checkpoints in one transaction; ``now`` in microseconds.

        Raises Overtaken, Unwritable, and whatever else the driver raises; then nothing was written.
        """
        ...

    def close(self) -> None:
        """Give the connection back; an open transaction is rolled back."""
        ...


@dataclass(frozen=True, slots=True)
class Layout:
    """A read model's table: its columns in the order of the model's rows, ``generation`` left out."""

    table: sa.Table
    columns: tuple[sa.Column[Any], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(str(column.name) for column in self.columns)

    @property
    def booleans(self) -> tuple[int, ...]:
        """Which columns are boolean."""
        return tuple(i for i, column in enumerate(self.columns) if isinstance(column.type, sa.Boolean))


def layout_of(model: ReadModel[Any]) -> Layout:
    """Find a model's table. Raises TypeError where its rows or its key are not the table's."""
    table = metadata.tables[model.table_name]
    names = getattr(model.row, "_fields", ())
    if names[:1] != ("case_id",) or {*names, "generation"} != {column.name for column in table.columns}:
        raise TypeError(f"the rows of {model.name} are not those of {model.table_name}")
    unique = {column.name for column in table.primary_key}
    if {"generation", "case_id", *model.key} != unique | {"case_id"}:
        raise TypeError(f"the key of {model.name} is not that of {model.table_name}")
    return Layout(table, tuple(table.columns[name] for name in names))


def key_conditions(model: ReadModel[Any], mark: str) -> str:
    """The condition that finds one row by its generation, case and key."""
    return " AND ".join(f"{column} = {mark}" for column in ("generation", "case_id", *model.key))


def assignments(model: ReadModel[Any], layout: Layout) -> str:
    """What an upsert sets when the row is there: all but what it was found by."""
    return ", ".join(f"{name} = excluded.{name}" for name in layout.names if name not in ("case_id", *model.key))


def by_case(model: ReadModel[Any], rows: Sequence[Any]) -> Standing:
    """Rows sorted by case and key."""
    standing: Standing = {}
    for row in rows:
        standing.setdefault(row.case_id, {})[model.key_of(row)] = row
    return standing


Layouts = Mapping[str, Layout]


def layouts_of(models: Sequence[ReadModel[Any]]) -> Layouts:
    """Every model's layout by its name."""
    return {model.name: layout_of(model) for model in models}


def is_id(column: sa.Column[Any]) -> bool:
    """Whether a column holds UUIDs."""
    return isinstance(column.type, Id)
