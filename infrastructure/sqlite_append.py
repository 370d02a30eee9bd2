"""Recording a batch in a SQLite file: one connection of its own, one IMMEDIATE transaction, one flush."""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

import sqlalchemy as sa

from application.records import Claim, Head, Receipt
from infrastructure.append import Lost
from infrastructure.batch import Entry, Ground, Known, Outcome, Plan, decide
from infrastructure.database import WRITER_PATIENCE, OwnConnection
from infrastructure.leaf import SALT_LENGTH
from infrastructure.sqlite_guard import begin_immediate
from infrastructure.sqlite_many import insert_many, padded

_HEAD = "SELECT position, recorded_at FROM events ORDER BY position DESC LIMIT 1"
_TAILS = """
WITH wanted(id) AS (VALUES {})
SELECT group_concat(hex(id) || ' ' || version || ' ' || hex(leaf_hash), ',')
FROM wanted JOIN events ON case_id = id AND version = (SELECT max(version) FROM events WHERE case_id = id)
"""
_REPEATED = "SELECT command_id FROM commands WHERE command_id IN ({})"
_KNOWN = """
SELECT c.fingerprint, c.case_id, e.kind, c.first_version, e.version, e.position, e.leaf_hash, e.recorded_at
FROM commands c JOIN events e ON e.case_id = c.case_id AND e.version = c.last_version WHERE c.command_id = ?
"""
_HOLDER = "SELECT case_id FROM claims WHERE scope = ? AND key = ?"
_TRACKED = "SELECT max(notification_id) FROM tracking WHERE application_name = ?"

_EVENTS = "INSERT INTO events"
_COMMANDS = "INSERT INTO commands"
_KEY = "INSERT INTO keys (key_id, case_id, party_id, wrapped, created_at) VALUES (?, ?, ?, ?, ?)"
_FREE = "DELETE FROM claims WHERE scope = ? AND key = ?"
_TAKE = "INSERT INTO claims (scope, key, case_id) VALUES (?, ?, ?)"
_TRACK = "INSERT INTO tracking (application_name, notification_id) VALUES (?, ?)"


class SqliteWriter:
    """The ``BatchWriter`` of a SQLite ledger. Several processes may have one each on the same file."""

    def __init__(self, engine: sa.Engine, clock: Callable[[], int], patience: float = WRITER_PATIENCE) -> None:
        """Take connections from ``engine``, kept out of its pool; ``clock`` gives microseconds since 1970 UTC.

        ``patience``: seconds to wait for another writer before the batch is Unavailable.
        """
        self._own: OwnConnection[sqlite3.Connection] = OwnConnection(engine, _as_it_is)
        self._clock = clock
        self._patience = patience

    def write(self, entries: Sequence[Entry], since: int | None) -> list[Outcome]:
        """See ``BatchWriter``."""
        connection = self._connection()
        started: int | None = None
        try:
            begin_immediate(connection, self._patience)
            ground = _Reading(connection, since).ground(entries)
            started = ground.head.position
            drafts = sum(len(part.drafts) for entry in entries for part in entry.parts)
            plan = decide(ground, entries, self._clock(), os.urandom(SALT_LENGTH * drafts))
            _insert(connection, plan)
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            # Disk full, I/O error, file gone: whether a COMMIT reached the disk is asked on a fresh connection.
            self.close()
            raise Lost(started) from error
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return plan.outcomes

    def close(self) -> None:
        """Close the connection; a transaction still open is rolled back."""
        self._own.close()

    def _connection(self) -> sqlite3.Connection:
        try:
            return self._own.driver()
        except (sa.exc.DBAPIError, sa.exc.TimeoutError, sqlite3.Error) as error:
            raise Lost(None) from error


def _as_it_is(connection: sqlite3.Connection) -> None:
    """The engine has set it up already."""
    del connection


class _Reading:
    """Reads what a batch stands on. What every command needs comes in one row for all of them, see ``sqlite_many``."""

    def __init__(self, connection: sqlite3.Connection, since: int | None) -> None:
        self._connection = connection
        self._since = since

    def ground(self, entries: Sequence[Entry]) -> Ground:
        parts = [part for entry in entries for part in entry.parts]
        head = self._connection.execute(_HEAD).fetchone()
        return Ground(
            head=Head(*head) if head else Head(0, 0),
            tails=dict(self._tails({part.case_id for part in parts})),
            known=dict(self._known({part.command_id for part in parts})),
            holders=dict(self._holders({claim for part in parts for claim in (*part.takes, *part.frees)})),
            tracked=dict(self._tracked({entry.tracked.application_name for entry in entries if entry.tracked})),
        )

    def _tails(self, case_ids: set[UUID]) -> Iterator[tuple[UUID, tuple[int, bytes]]]:
        for keys in padded([case_id.bytes for case_id in case_ids]):
            statement = _TAILS.format(", ".join(["(?)"] * len(keys)))
            (found,) = self._connection.execute(statement, keys).fetchone()
            for tail in found.split(",") if found else ():
                case_id, version, leaf_hash = tail.split(" ")
                yield UUID(case_id), (int(version), bytes.fromhex(leaf_hash))

    def _known(self, command_ids: set[bytes]) -> Iterator[tuple[bytes, Known]]:
        for command_id in self._repeated(command_ids):
            row = self._connection.execute(_KNOWN, (command_id,)).fetchone()
            if row:
                receipt = Receipt(UUID(bytes=row[1]), *row[2:])
                yield command_id, Known(row[0], receipt, self._since is not None and receipt.position > self._since)

    def _repeated(self, command_ids: set[bytes]) -> Iterator[bytes]:
        for keys in padded(list(command_ids)):
            statement = _REPEATED.format(", ".join("?" * len(keys)))
            for (command_id,) in self._connection.execute(statement, keys).fetchall():
                yield command_id

    def _holders(self, claims: set[Claim]) -> Iterator[tuple[Claim, UUID]]:
        for claim in claims:
            row = self._connection.execute(_HOLDER, (claim.scope, claim.key)).fetchone()
            if row:
                yield claim, UUID(bytes=row[0])

    def _tracked(self, names: set[str]) -> Iterator[tuple[str, int]]:
        for name in names:
            (last,) = self._connection.execute(_TRACKED, (name,)).fetchone()
            if last is not None:
                yield name, last


def _insert(connection: sqlite3.Connection, plan: Plan) -> None:
    insert_many(connection, _EVENTS, [(row[0], row[1].bytes, *row[2:]) for row in plan.rows])
    insert_many(connection, _COMMANDS, [(row[0], row[1], row[2].bytes, *row[3:]) for row in plan.commands])
    if plan.keys:
        connection.executemany(
            _KEY,
            [
                (key.key_id, key.case_id.bytes, key.party_id.bytes if key.party_id else None, key.wrapped, created_at)
                for key, created_at in plan.keys
            ],
        )
    if plan.freed:
        connection.executemany(_FREE, [(claim.scope, claim.key) for claim, _ in plan.freed])
    if plan.taken:
        connection.executemany(_TAKE, [(claim.scope, claim.key, holder.bytes) for claim, holder in plan.taken])
    if plan.tracked:
        connection.executemany(_TRACK, [(mark.application_name, mark.notification_id) for mark in plan.tracked])
