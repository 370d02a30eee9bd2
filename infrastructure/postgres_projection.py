"""A projection's rows in PostgreSQL: checkpoints first, under their row locks, then COPY for what is only added."""

import struct
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg
import sqlalchemy as sa

from application.project import Changes, Key, ReadModel
from infrastructure.database import OwnConnection
from infrastructure.postgres_rows import Encoder, copy_of, encoder_of
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
    key_conditions,
    layouts_of,
)

# As for the ledger's own connection: tables that grow from empty mislead the planner, and all here are index look-ups.
_SESSION = """
SET enable_seqscan = off; SET jit = off; SET synchronous_commit = off;
SET lock_timeout = '10s'; SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '30s'
"""
_MOVE, _PARK, _FREE = (statement.replace("?", "%s") for statement in (MOVE, PARK, FREE))
_NOT_ENCODED: Final = (struct.error, AttributeError, OverflowError, TypeError, ValueError)
_REFUSALS: Final = (psycopg.DataError, psycopg.IntegrityError, *_NOT_ENCODED)
"""What the server, or the encoding before it, raises for a value that its column cannot hold."""

_GENERATION = encoder_of(sa.Column("generation", sa.Integer, nullable=False))


class _Statements:
    """The statements of one model and the encoding of its rows."""

    def __init__(self, model: ReadModel[Any], layout: Layout, engine: sa.Engine) -> None:
        self.row = model.row
        self.names = layout.names
        self.encoders: tuple[Encoder, ...] = tuple(encoder_of(column) for column in layout.columns)
        table, columns = layout.table.name, ", ".join(layout.names)
        self.copy = f"COPY {table} (generation, {columns}) FROM STDIN (FORMAT BINARY)"
        types = ", ".join(f"{c.name} {c.type.compile(engine.dialect)}" for c in layout.columns)
        given = f"SELECT %s, {columns} FROM json_to_recordset(%s) AS given ({types})"  # noqa: S608 - the schema's own names
        conflict = (
            f"ON CONFLICT ({', '.join(('generation', 'case_id', *model.key))}) DO UPDATE SET {assignments(model, layout)}"
        )
        self.put = f"INSERT INTO {table} (generation, {columns}) {given} {conflict}"
        self.drop = f"DELETE FROM {table} WHERE {key_conditions(model, '%s')}"  # noqa: S608 - the schema's own names
        self.held = f"SELECT {columns} FROM {table} WHERE generation = %s AND case_id = ANY (%s)"  # noqa: S608 - the schema's own names


class PostgresRows:
    """The ``ProjectionRows`` of a PostgreSQL ledger."""

    def __init__(self, engine: sa.Engine, models: Sequence[ReadModel[Any]]) -> None:
        """Take a connection from ``engine`` when first needed, kept out of its pool."""
        self._own: OwnConnection[psycopg.Connection[Any]] = OwnConnection(engine, _prepare)
        layouts = layouts_of(models)
        self._statements = {model.name: _Statements(model, layouts[model.name], engine) for model in models}

    def held(self, follower: Follower, case_ids: Sequence[UUID]) -> Standing:
        """See ``ProjectionRows``."""
        if not case_ids:
            return {}
        statements = self._statements[follower.model.name]
        try:
            found = self._own.driver().execute(statements.held, (follower.generation, list(case_ids)), binary=True)
            return by_case(follower.model, [statements.row(*row) for row in found])
        except psycopg.OperationalError:
            self.close()
            raise

    def apply(self, work: Work, now: int) -> None:
        """See ``ProjectionRows``."""
        connection = self._own.driver()
        try:
            with connection.transaction():
                _move(connection, work, now)
                for stride in work:
                    self._write(connection, stride.follower, stride.changes)
                    _set_aside(connection, stride)
        except psycopg.OperationalError:
            self.close()
            raise

    def _write(self, connection: psycopg.Connection[Any], follower: Follower, changes: Changes[Any]) -> None:
        try:
            self._put(connection, follower, changes)
        except _REFUSALS as cause:
            raise Unwritable(follower.model.name) from cause

    def _put(self, connection: psycopg.Connection[Any], follower: Follower, changes: Changes[Any]) -> None:
        statements, generation = self._statements[follower.model.name], follower.generation
        with connection.cursor() as cursor:
            if changes.drop:
                cursor.executemany(statements.drop, [(generation, case, *key) for case, key in changes.drop])
            if not changes.put:
                return
            if follower.model.per_event:
                with cursor.copy(statements.copy) as copy:
                    copy.write(copy_of(changes.put, statements.encoders, _GENERATION(generation)))
            else:
                cursor.execute(statements.put, (generation, _document(statements.names, changes.put)))

    def close(self) -> None:
        """See ``ProjectionRows``."""
        self._own.close()


def _prepare(connection: psycopg.Connection[Any]) -> None:
    connection.rollback()
    connection.autocommit = True
    connection.execute(_SESSION)


def _move(connection: psycopg.Connection[Any], work: Sequence[Stride], now: int) -> None:
    """Move the checkpoints in one round trip, always in the same order, so that two runners cannot deadlock."""
    ordered = sorted(work, key=lambda stride: (stride.follower.model.name, stride.follower.generation))
    with connection.pipeline():
        moved = [connection.execute(_MOVE, stride.place(now), prepare=True) for stride in ordered]
    if any(cursor.rowcount != 1 for cursor in moved):
        raise Overtaken


def _set_aside(connection: psycopg.Connection[Any], stride: Stride) -> None:
    for values in stride.parked(_key):
        connection.execute(_PARK, values)
    for values in stride.freed(_key):
        connection.execute(_FREE, values)


def _key(case_id: UUID) -> UUID:
    return case_id


def _document(names: Sequence[str], rows: Sequence[Key]) -> str:
    """Rows as a JSON list of objects. Raises TypeError for bytes: no folded model has a column of them."""
    return orjson.dumps([dict(zip(names, row, strict=True)) for row in rows]).decode()
