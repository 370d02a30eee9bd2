"""Where a projection's rows and its checkpoint are written, together or not at all, on either database.

A batch is applied only if every checkpoint still stands where it was read. So no batch is ever applied twice, however
many runners there are. The rows can be rebuilt, and their transactions follow the events' own in the write-ahead log:
they need no flush of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa

from application.project import Changes, Key, ReadModel
from infrastructure.schema import Id, metadata


class Overtaken(Exception):
    """Another runner has moved a checkpoint meanwhile; nothing was written."""


@dataclass(slots=True)
class Follower:
    """One generation of a read model and the last position it includes."""

    model: ReadModel[Any]
    generation: int
    position: int


Work = Sequence[tuple[Follower, Changes[Any]]]
"""What one batch changes for some followers at the same position."""

Standing = dict[UUID, dict[Key, Any]]
"""Rows by case and key."""


class ProjectionRows(Protocol):
    """The tables of the read models, write side, on a connection of its own. For one thread."""

    def held(self, follower: Follower, case_ids: Sequence[UUID]) -> Standing:
        """The rows that stand for these cases."""
        ...

    def apply(self, work: Work, upto: int, now: int) -> None:
        """Write all changes and move all checkpoints to ``upto`` in one transaction; ``now`` in microseconds.

        Raises Overtaken, and whatever the driver raises; then nothing was written.
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
