"""Reading the ledger: plain statements on the driver's cursor, rows straight into ``Recorded``.

Every statement sees whole batches only, in position order without a gap, because positions become visible in the order
in which they were assigned.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa

from application.errors import KeyReused, Unavailable
from application.records import Begun, Head, Receipt, Recorded, Stated
from infrastructure.sqlite_many import padded

_LAST = 2**63 - 1
_CONTENT = "kind, type, schema_version, recorded_at, state, envelope, salt, leaf_hash, actor, command_id"
_HEAD = "SELECT position, recorded_at FROM events ORDER BY position DESC LIMIT 1"
_WITHIN = "FROM events WHERE case_id = ? AND version > ? AND version <= ? ORDER BY version"
_STREAM = f"SELECT position, version, {_CONTENT} {_WITHIN}"
_STATED = f"SELECT version, type, schema_version, recorded_at, state {_WITHIN}"
_LOG = f"SELECT position, case_id, version, {_CONTENT} FROM events WHERE position > ? AND position <= ?"  # noqa: S608
_MANY = f"SELECT position, case_id, version, {_CONTENT} FROM events WHERE position <= ? AND case_id"  # noqa: S608
_BEGUN = """
SELECT position, case_id, kind FROM events WHERE position > ? AND position <= ? AND version = 1 ORDER BY position LIMIT ?
"""
_RECEIPT = """
SELECT c.fingerprint, c.case_id, e.kind, c.first_version, e.version, e.position, e.leaf_hash, e.recorded_at
FROM commands c JOIN events e ON e.case_id = c.case_id AND e.version = c.last_version WHERE c.command_id = ?
"""
_TIME = "SELECT recorded_at FROM events WHERE position = ?"
_TRACKED = "SELECT max(notification_id) FROM tracking WHERE application_name = ?"


class LogReader:
    """The read side of the ledger on pooled connections. Safe on several threads.

    Every method raises Unavailable when the database cannot be read now.
    """

    def __init__(self, engine: sa.Engine) -> None:
        """Read through ``engine``: PostgreSQL in autocommit and binary form, SQLite as its driver gives it."""
        self._postgres = engine.dialect.name == "postgresql"
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT") if self._postgres else engine
        self._cursor_options = {"binary": True} if self._postgres else {}

    def load(self, case_id: UUID, after: int = 0, upto: int | None = None) -> list[Recorded]:
        """One stream's events as whole rows, versions > ``after`` and <= ``upto``, in order."""
        rows = self._rows(_STREAM, (self._key(case_id), after, _LAST if upto is None else upto))
        return [Recorded(row[0], case_id, *row[1:]) for row in rows]

    def stated(self, case_id: UUID, after: int = 0, upto: int | None = None, *, last: int | None = None) -> list[Stated]:
        """As ``load``, only what folding needs of each row, which is half the work; only the ``last`` so many of them."""
        statement = _STATED if last is None else f"{_STATED} DESC LIMIT {int(last)}"
        rows = self._rows(statement, (self._key(case_id), after, _LAST if upto is None else upto))
        found = list(map(Stated._make, rows))
        return found if last is None else found[::-1]

    def read(self, after: int, limit: int, upto: int | None = None, types: Sequence[str] = ()) -> list[Recorded]:
        """The log, positions > ``after`` and <= ``upto``, at most ``limit``; only ``types`` if any are named."""
        wanted = f" AND type IN ({', '.join('?' * len(types))})" if types else ""
        statement = f"{_LOG}{wanted} ORDER BY position LIMIT ?"
        rows = self._rows(statement, (after, _LAST if upto is None else upto, *types, limit))
        if self._postgres:
            return [Recorded(*row) for row in rows]
        return [Recorded(row[0], UUID(bytes=row[1]), *row[2:]) for row in rows]

    def histories(self, case_ids: Sequence[UUID], upto: int | None = None) -> dict[UUID, list[Recorded]]:
        """Several streams' events in order, positions <= ``upto``, in one statement for every few hundred streams."""
        found: dict[UUID, list[Recorded]] = {}
        for row in self._of_streams(case_ids, _LAST if upto is None else upto):
            found.setdefault(row.case_id, []).append(row)
        for history in found.values():
            history.sort()
        return found

    def _of_streams(self, case_ids: Sequence[UUID], upto: int) -> Iterator[Recorded]:
        """The events of some streams, in no order."""
        if not case_ids:
            return
        if self._postgres:
            yield from map(Recorded._make, self._rows(f"{_MANY} = ANY(?)", (upto, list(case_ids))))
            return
        for keys in padded([case_id.bytes for case_id in case_ids]):
            rows = self._rows(f"{_MANY} IN ({', '.join('?' * len(keys))})", (upto, *keys))
            yield from (Recorded(row[0], UUID(bytes=row[1]), *row[2:]) for row in rows)

    def begun(self, after: int, limit: int, upto: int | None = None) -> list[Begun]:
        """The streams that begin at positions > ``after`` and <= ``upto``, in that order, at most ``limit``."""
        rows = self._rows(_BEGUN, (after, _LAST if upto is None else upto, limit))
        if self._postgres:
            return list(map(Begun._make, rows))
        return [Begun(row[0], UUID(bytes=row[1]), row[2]) for row in rows]

    def head(self) -> Head:
        """The last committed position and its receipt time."""
        return Head(*(self._row(_HEAD) or (0, 0)))

    def position_at(self, instant: int) -> int:
        """The last position recorded at or before ``instant`` (microseconds), 0 if none.

        Positions are dense and receipt times rise with them, so some twenty look-ups by position find it.
        """
        with self._cursor() as cursor:
            found, beyond = 0, self._execute(cursor, _HEAD).fetchone() or (0, 0)
            if beyond[1] <= instant:
                return int(beyond[0])
            above = beyond[0]
            while above - found > 1:
                middle = (found + above) // 2
                if self._execute(cursor, _TIME, (middle,)).fetchone()[0] <= instant:
                    found = middle
                else:
                    above = middle
            return found

    def receipt(self, command_id: bytes, fingerprint: bytes) -> Receipt | None:
        """The receipt of an earlier command, None if there is none. Raises KeyReused if the fingerprint differs."""
        row = self._row(_RECEIPT, (command_id,))
        if row is None:
            return None
        if row[0] != fingerprint:
            raise KeyReused("this idempotency key was used before, with a different request")
        return Receipt(row[1] if self._postgres else UUID(bytes=row[1]), *row[2:])

    def tracked(self, application_name: str) -> int | None:
        """The last notification recorded as followed, None if there is none."""
        row = self._row(_TRACKED, (application_name,))
        return None if row is None else row[0]

    def _key(self, case_id: UUID) -> UUID | bytes:
        return case_id if self._postgres else case_id.bytes

    def _row(self, statement: str, values: Sequence[Any] = ()) -> Any:
        with self._cursor() as cursor:
            return self._execute(cursor, statement, values).fetchone()

    def _rows(self, statement: str, values: Sequence[Any]) -> Iterable[Any]:
        with self._cursor() as cursor:
            rows: list[Any] = self._execute(cursor, statement, values).fetchall()
            return rows

    def _execute(self, cursor: Any, statement: str, values: Sequence[Any] = ()) -> Any:
        return cursor.execute(statement.replace("?", "%s") if self._postgres else statement, values)

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        try:
            with self._engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                try:
                    yield driver.cursor(**self._cursor_options)
                except (sqlite3.OperationalError, psycopg.OperationalError):
                    connection.invalidate()
                    raise
        except (
            sqlite3.OperationalError,
            psycopg.OperationalError,
            sa.exc.OperationalError,
            sa.exc.TimeoutError,
        ) as error:
            raise Unavailable("the database cannot be read now") from error
