"""A projection's rows in a SQLite file: fold first, then one short write transaction."""

import sqlite3
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from application.project import ReadModel
from infrastructure import sqlite_guard
from infrastructure.database import WRITER_PATIENCE, OwnConnection
from infrastructure.projection_rows import (
    FREE,
    MOVE,
    PARK,
    Follower,
    Layout,
    Overtaken,
    Standing,
    Stride,
    Unwritable,
    Work,
    assignments,
    by_case,
    is_id,
    key_conditions,
    layouts_of,
)
from infrastructure.sqlite_many import insert_many, padded

_REFUSALS: Final = (sqlite3.DataError, sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError, OverflowError)
"""What the driver raises for a value that a column cannot hold; which of them for a foreign type depends on its version."""


class _Statements:
    """The statements of one model and the conversion of its rows."""

    def __init__(self, model: ReadModel[Any], layout: Layout) -> None:
        if any(is_id(column) for column in layout.columns[1:]):
            raise TypeError(f"{model.name}: only the case id may be an id")
        self._row = model.row
        self._booleans = layout.booleans
        columns = ", ".join(("generation", *layout.names))
        self.put = f"INSERT INTO {layout.table.name} ({columns})"
        self.over = ""
        if not model.per_event:
            key = ", ".join(("generation", "case_id", *model.key))
            self.over = f"ON CONFLICT ({key}) DO UPDATE SET {assignments(model, layout)}"
        self.drop = f"DELETE FROM {layout.table.name} WHERE {key_conditions(model, '?')}"  # noqa: S608 - the schema's own names
        names = ", ".join(layout.names)
        self.held = f"SELECT {names} FROM {layout.table.name} WHERE generation = ? AND case_id IN "  # noqa: S608 - the schema's own names

    def row(self, values: Sequence[Any]) -> Any:
        """A row as the model knows it."""
        converted = [UUID(bytes=values[0]), *values[1:]]
        for i in self._booleans:
            converted[i] = bool(converted[i])
        return self._row(*converted)


class SqliteRows:
    """The ``ProjectionRows`` of a SQLite ledger."""

    def __init__(self, engine: sa.Engine, models: Sequence[ReadModel[Any]]) -> None:
        """Take a connection from ``engine`` when first needed, kept out of its pool."""
        self._own: OwnConnection[sqlite3.Connection] = OwnConnection(engine, _prepare)
        self._statements = {name: _Statements(_named(models, name), layout) for name, layout in layouts_of(models).items()}

    def held(self, follower: Follower, case_ids: Sequence[UUID]) -> Standing:
        """See ``ProjectionRows``."""
        statements, connection = self._statements[follower.model.name], self._own.driver()
        rows: list[Any] = []
        for keys in padded([case_id.bytes for case_id in case_ids]):
            wanted = f"{statements.held} ({', '.join('?' * len(keys))})"
            rows += connection.execute(wanted, (follower.generation, *keys)).fetchall()
        return by_case(follower.model, [statements.row(row) for row in rows])

    def apply(self, work: Work, now: int) -> None:
        """See ``ProjectionRows``. Raises Unavailable if the writer lock cannot be had."""
        connection = self._own.driver()
        sqlite_guard.begin_immediate(connection, WRITER_PATIENCE)
        try:
            for stride in work:
                _move(connection, stride, now)
            for stride in work:
                self._write(connection, stride)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def _write(self, connection: sqlite3.Connection, stride: Stride) -> None:
        statements = self._statements[stride.follower.model.name]
        generation, changes = stride.follower.generation, stride.changes
        connection.executemany(statements.drop, [(generation, case.bytes, *key) for case, key in changes.drop])
        rows = [(generation, row[0].bytes, *row[1:]) for row in changes.put]
        try:
            insert_many(connection, statements.put, rows, statements.over)
        except _REFUSALS as cause:
            raise Unwritable(stride.follower.model.name) from cause
        connection.executemany(PARK, stride.parked(_key))
        connection.executemany(FREE, stride.freed(_key))

    def close(self) -> None:
        """See ``ProjectionRows``."""
        self._own.close()


def _prepare(connection: sqlite3.Connection) -> None:
    # A commit here waits for no flush: after a power cut the last of them may be gone, checkpoint and all,
    # and are done again. Events keep theirs: their commits flush the same log, this one's pages included.
    connection.set_authorizer(None)
    connection.execute("PRAGMA synchronous=NORMAL").close()
    sqlite_guard.restrict(connection)


def _named(models: Sequence[ReadModel[Any]], name: str) -> ReadModel[Any]:
    return next(model for model in models if model.name == name)


def _move(connection: sqlite3.Connection, stride: Stride, now: int) -> None:
    if connection.execute(MOVE, stride.place(now)).rowcount != 1:
        raise Overtaken(stride.follower.model.name)


def _key(case_id: UUID) -> bytes:
    return case_id.bytes
