"""Recording a batch in PostgreSQL in two round trips: read under the lock, then insert and COMMIT.

The lock is a statement of its own in READ COMMITTED: each later statement takes its snapshot after the lock was granted,
so it sees everything that the previous holder committed. No NOTIFY here: it would serialize commits across the server.
The rows go in as one array per column: as fast as COPY for large batches and faster for small ones, because COPY cannot
share a round trip.
"""

import os
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa

from application.errors import Unavailable
from application.records import Claim, Head, Receipt
from infrastructure.append import Lost
from infrastructure.batch import Entry, Ground, Known, Outcome, Plan, decide
from infrastructure.database import WRITER_PATIENCE, OwnConnection
from infrastructure.leaf import SALT_LENGTH
from infrastructure.postgres_binary import Array, BigintArray, ByteaArray, IntArray, TextArray, UuidArray, register

WRITER_LOCK = 0x63_61_73_65_74_72_61_69
"""Advisory lock of whoever writes to this database's ledger."""

# The tables grow from empty without anybody analyzing them, so the planner is told what it cannot know: every statement
# of this connection is a handful of index look-ups. A process that stops inside a batch loses the lock after a while. No
# statement timeout, whatever the server's default: it would end a COMMIT's wait for a replica as if the replica had it.
_SESSION = """
SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off;
SET plan_cache_mode = force_generic_plan;
SET statement_timeout = 0; SET idle_in_transaction_session_timeout = '5s';
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
"""
_HEAD = "SELECT position, recorded_at FROM events ORDER BY position DESC LIMIT 1"
_TAILS = """
SELECT c.id, e.version, e.leaf_hash FROM unnest(%b::uuid[]) c (id)
CROSS JOIN LATERAL (SELECT version, leaf_hash FROM events WHERE case_id = c.id ORDER BY version DESC LIMIT 1) e
"""
_KNOWN = """
SELECT c.command_id, c.fingerprint, c.case_id, e.kind, c.first_version,
       e.version, e.position, e.leaf_hash, e.recorded_at
FROM unnest(%b::bytea[]) asked (id) JOIN commands c ON c.command_id = asked.id
JOIN events e ON e.case_id = c.case_id AND e.version = c.last_version
"""
_HOLDERS = "SELECT scope, key, case_id FROM claims JOIN unnest(%s::text[], %s::text[]) asked (s, k) ON scope = s AND key = k"
_TRACKED = "SELECT application_name, max(notification_id) FROM tracking WHERE application_name = ANY (%s) GROUP BY 1"

_EVENTS = """
INSERT INTO events (position, case_id, version, kind, type, schema_version, recorded_at,
                    state, envelope, salt, leaf_hash, actor, command_id)
SELECT * FROM unnest(%b::int8[], %b::uuid[], %b::int8[], %b::text[], %b::text[], %b::int4[], %b::int8[],
                     %b::bytea[], %b::bytea[], %b::bytea[], %b::bytea[], %b::text[], %b::bytea[])
"""
_EVENT_ARRAYS = (
    *(BigintArray, UuidArray, BigintArray, TextArray, TextArray, IntArray, BigintArray),
    *(ByteaArray, ByteaArray, ByteaArray, ByteaArray, TextArray, ByteaArray),
)
_COMMANDS = """
INSERT INTO commands (command_id, fingerprint, case_id, first_version, last_version)
SELECT * FROM unnest(%b::bytea[], %b::bytea[], %b::uuid[], %b::int8[], %b::int8[])
"""
_COMMAND_ARRAYS = (ByteaArray, ByteaArray, UuidArray, BigintArray, BigintArray)
_KEY = "INSERT INTO keys (key_id, case_id, party_id, wrapped, created_at) VALUES (%b, %b, %b, %b, %b)"
_FREE = "DELETE FROM claims WHERE scope = %s AND key = %s"
_TAKE = "INSERT INTO claims (scope, key, case_id) VALUES (%s, %s, %s)"
_TRACK = "INSERT INTO tracking (application_name, notification_id) VALUES (%s, %s)"

_NOT_NOW = ("08", "53", "57", "58", "40")
"""Classes of SQLSTATE that speak of the server or of other transactions, not of what was asked."""


class PostgresWriter:
    """The ``BatchWriter`` of a PostgreSQL ledger. Any number of processes may have one each."""

    def __init__(self, engine: sa.Engine, clock: Callable[[], int], patience: float = WRITER_PATIENCE) -> None:
        """Take connections from ``engine``, kept out of its pool; ``clock`` gives microseconds since 1970 UTC.

        ``patience``: seconds to wait for another process's batch before this one is Unavailable.
        """
        self._own: OwnConnection[psycopg.Connection[Any]] = OwnConnection(engine, self._prepare)
        self._clock = clock
        self._patience = patience

    def write(self, entries: Sequence[Entry], since: int | None) -> list[Outcome]:
        """See ``BatchWriter``."""
        connection = self._connection()
        started: int | None = None
        try:
            ground = _read(connection, entries, since)
            started = ground.head.position
            drafts = sum(len(part.drafts) for entry in entries for part in entry.parts)
            plan = decide(ground, entries, self._clock(), os.urandom(SALT_LENGTH * drafts))
            _carry_out(connection, plan)
        except BaseException as error:
            raise self._judged(connection, error, started) from error
        return plan.outcomes

    def close(self) -> None:
        """Close the connection; a transaction still open is rolled back by the server."""
        self._own.close()

    def _connection(self) -> psycopg.Connection[Any]:
        try:
            return self._own.driver()
        except (sa.exc.DBAPIError, sa.exc.TimeoutError, psycopg.Error) as error:
            raise Lost(None) from error

    def _prepare(self, connection: psycopg.Connection[Any]) -> None:
        connection.rollback()
        connection.autocommit = True
        register(connection)
        connection.execute(_SESSION)
        connection.execute("SELECT set_config('lock_timeout', %s, false)", [f"{round(self._patience * 1000)}ms"])

    def _judged(self, connection: psycopg.Connection[Any], error: BaseException, started: int | None) -> BaseException:
        """What to raise for ``error``, by whether the connection lives and who is at fault; no transaction stays open."""
        if not connection.closed:
            try:
                connection.execute("ROLLBACK")
            except psycopg.Error:
                connection.close()
        if connection.closed:
            self.close()
            return Lost(started)
        state = getattr(error, "sqlstate", None) or ""
        if state == psycopg.errors.ReadOnlySqlTransaction.sqlstate:
            self.close()
            return Unavailable("the database is a standby")
        if state[:2] in _NOT_NOW or state == psycopg.errors.LockNotAvailable.sqlstate:
            return Unavailable(f"the database cannot write now ({state})")
        return error


def _read(connection: psycopg.Connection[Any], entries: Sequence[Entry], since: int | None) -> Ground:
    parts = [part for entry in entries for part in entry.parts]
    cases = UuidArray.of(list({part.case_id for part in parts}))
    asked = ByteaArray.of(list({part.command_id for part in parts}))
    claims = {claim for part in parts for claim in (*part.takes, *part.frees)}
    followers = {entry.tracked.application_name for entry in entries if entry.tracked}
    with connection.pipeline():
        connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [WRITER_LOCK])
        head = connection.execute(_HEAD, binary=True, prepare=True)
        tails = connection.execute(_TAILS, [cases], binary=True, prepare=True)
        known = connection.execute(_KNOWN, [asked], binary=True, prepare=True)
        ground = Ground(head=Head(*(head.fetchone() or (0, 0))), tails=_tails(tails), known=_known(known, since))
    if claims:
        ground.holders = _holders(connection, claims)
    if followers:
        ground.tracked = dict(connection.execute(_TRACKED, [list(followers)]).fetchall())
    return ground


def _tails(cursor: psycopg.Cursor[Any]) -> dict[UUID, tuple[int, bytes]]:
    return {case_id: (version, leaf_hash) for case_id, version, leaf_hash in cursor}


def _known(cursor: psycopg.Cursor[Any], since: int | None) -> dict[bytes, Known]:
    known = {}
    for command_id, fingerprint, *rest in cursor:
        receipt = Receipt(*rest)
        known[command_id] = Known(fingerprint, receipt, since is not None and receipt.position > since)
    return known


def _holders(connection: psycopg.Connection[Any], claims: set[Claim]) -> dict[Claim, UUID]:
    asked = [[claim.scope for claim in claims], [claim.key for claim in claims]]
    return {Claim(scope, key): holder for scope, key, holder in connection.execute(_HOLDERS, asked)}


def _carry_out(connection: psycopg.Connection[Any], plan: Plan) -> None:
    with connection.pipeline():
        if plan.rows:
            connection.execute(_EVENTS, _columns(_EVENT_ARRAYS, plan.rows), prepare=True)
            connection.execute(_COMMANDS, _columns(_COMMAND_ARRAYS, plan.commands), prepare=True)
        _insert_surroundings(connection, plan)
        connection.execute("COMMIT")


def _columns(arrays: Sequence[type[Array]], rows: Sequence[tuple[Any, ...]]) -> list[bytes]:
    return [array.of(column) for array, column in zip(arrays, zip(*rows, strict=True), strict=True)]


def _insert_surroundings(connection: psycopg.Connection[Any], plan: Plan) -> None:
    for key, created_at in plan.keys:
        connection.execute(_KEY, (key.key_id, key.case_id, key.party_id, key.wrapped, created_at))
    for claim, _ in plan.freed:
        connection.execute(_FREE, (claim.scope, claim.key))
    for claim, holder in plan.taken:
        connection.execute(_TAKE, (claim.scope, claim.key, holder))
    for mark in plan.tracked:
        connection.execute(_TRACK, (mark.application_name, mark.notification_id))
