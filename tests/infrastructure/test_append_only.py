"""The database keeps the ledger's promise, not manners: the application's own user cannot change what is recorded."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from infrastructure.database import NotOwner, TooMuchPower, migrate, open_engine, refuse_owner, write_transaction
from infrastructure.ledger import SqlLedger
from infrastructure.verification import verify
from tests.engines import APP_ROLE, OWNER_ROLE, Database
from tests.infrastructure.events import request

COLUMNS = "case_id, version, kind, type, schema_version, recorded_at, state, envelope, salt, leaf_hash, actor, command_id"
CHANGES = (
    "UPDATE events SET actor = 'other'",
    "UPDATE events SET actor = 'other' WHERE position = 1",
    "UPDATE events SET actor = actor WHERE false",
    "DELETE FROM events",
    "DELETE FROM events WHERE position = 2",
    "UPDATE commands SET last_version = 9",
    "DELETE FROM commands",
    "UPDATE keys SET wrapped = key_id",
    "DELETE FROM keys",
    "UPDATE tracking SET notification_id = 1",
    "DELETE FROM tracking",
    "DROP TABLE events",
    "ALTER TABLE events ADD COLUMN note TEXT",
    "ALTER TABLE events RENAME TO happenings",
    "UPDATE alembic_version SET version_num = '0000'",
)
POSTGRESQL = (
    "TRUNCATE events",
    "TRUNCATE commands CASCADE",
    "ALTER TABLE events DISABLE TRIGGER ALL",
    "DROP TRIGGER events_append_only ON events",
    "DROP FUNCTION casetrail_refuse_change() CASCADE",
    "CREATE OR REPLACE FUNCTION casetrail_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "SET session_replication_role = replica",
    f"SET ROLE {OWNER_ROLE}",
    "ALTER TABLE events OWNER TO CURRENT_USER",
    "CREATE RULE quiet AS ON INSERT TO events DO INSTEAD NOTHING",
    "CREATE TRIGGER mine BEFORE INSERT ON events EXECUTE FUNCTION casetrail_refuse_change()",
    (
        f"INSERT INTO events (position, {COLUMNS}) SELECT position, {COLUMNS} FROM events "
        "ON CONFLICT (position) DO UPDATE SET actor = 'other'"
    ),
)
SQLITE = (
    f"REPLACE INTO events (position, {COLUMNS}) SELECT 1, {COLUMNS} FROM events WHERE position = 2",
    f"INSERT OR REPLACE INTO events (position, {COLUMNS}) SELECT 3, {COLUMNS} FROM events WHERE position = 2",
    f"INSERT OR REPLACE INTO events (position, {COLUMNS}) SELECT NULL, {COLUMNS} FROM events WHERE position = 2",
    f"INSERT OR IGNORE INTO events (position, {COLUMNS}) SELECT 1, {COLUMNS} FROM events WHERE position = 2",
    f"INSERT INTO events (position, {COLUMNS}) SELECT 9, {COLUMNS} FROM events WHERE position = 2",
    "INSERT OR REPLACE INTO commands SELECT command_id, fingerprint, case_id, 7, 7 FROM commands LIMIT 1",
    "UPDATE OR REPLACE events SET position = 1 WHERE position = 2",
    (
        f"INSERT INTO events (position, {COLUMNS}) SELECT position, {COLUMNS} FROM events WHERE true "
        "ON CONFLICT (position) DO UPDATE SET actor = 'other'"
    ),
    "DROP TRIGGER events_refuse_update",
    "DROP TRIGGER events_guard_insert",
    "DROP INDEX uq_events_case_id_version",
    "CREATE TRIGGER mine BEFORE INSERT ON events BEGIN SELECT RAISE(IGNORE); END",
    "CREATE TEMP TRIGGER mine AFTER INSERT ON main.events BEGIN DELETE FROM keys; END",
    "CREATE TEMP TABLE events (position)",
    "PRAGMA writable_schema = ON",
    "PRAGMA main.writable_schema = 1",
    "PRAGMA recursive_triggers = OFF",
    "PRAGMA trusted_schema = ON",
    "PRAGMA synchronous = OFF",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA ignore_check_constraints = ON",
    "DELETE FROM sqlite_master WHERE type = 'trigger'",
    "UPDATE sqlite_schema SET sql = ''",
    "ATTACH ':memory:' AS elsewhere",
    "VACUUM",
)


@pytest.fixture
def recorded(ledger: SqlLedger) -> SqlLedger:
    """A ledger with two events at positions 1 and 2."""
    ledger.append_now(request(None, 0, b"{}", b"{}"))
    return ledger


def refused(engine: sa.Engine, statement: str) -> None:
    """Run ``statement`` as the application; it must fail."""
    with pytest.raises(sa.exc.DBAPIError), write_transaction(engine) as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("statement", CHANGES)
def test_what_is_recorded_cannot_be_changed(recorded: SqlLedger, engine: sa.Engine, statement: str) -> None:
    before = recorded.read(0, 10)
    refused(engine, statement)
    assert recorded.read(0, 10) == before
    assert verify(recorded).ok


@pytest.fixture
def postgresql_recorded(postgresql_database: Database) -> Iterator[tuple[sa.Engine, SqlLedger]]:
    """Two events on PostgreSQL."""
    yield from _recorded(postgresql_database)


@pytest.fixture
def sqlite_recorded(sqlite_database: Database) -> Iterator[tuple[sa.Engine, SqlLedger]]:
    """Two events on SQLite."""
    yield from _recorded(sqlite_database)


def _recorded(database: Database) -> Iterator[tuple[sa.Engine, SqlLedger]]:
    engine = open_engine(database.url)
    ledger = SqlLedger(engine, lambda: 1)
    ledger.start()
    ledger.append_now(request(None, 0, b"{}", b"{}"))
    yield engine, ledger
    ledger.close()
    engine.dispose()


def test_no_way_around_on_postgresql(postgresql_recorded: tuple[sa.Engine, SqlLedger]) -> None:
    engine, ledger = postgresql_recorded
    before = ledger.read(0, 10)
    for statement in POSTGRESQL:
        refused(engine, statement)
    assert ledger.read(0, 10) == before


def test_no_way_around_on_sqlite(sqlite_recorded: tuple[sa.Engine, SqlLedger]) -> None:
    engine, ledger = sqlite_recorded
    before = ledger.read(0, 10)
    for statement in SQLITE:
        refused(engine, statement)
    assert ledger.read(0, 10) == before


def test_the_owner_is_stopped_by_the_triggers_too(database: Database, recorded: SqlLedger) -> None:
    engine = open_engine(database.owner_url, owner=True)
    verbs = ["UPDATE events SET actor = 'other'", "DELETE FROM events", "UPDATE commands SET last_version = 9"]
    if database.dialect == "postgresql":
        verbs += ["TRUNCATE events", "TRUNCATE commands"]
    for statement in verbs:
        refused(engine, statement)
    assert len(recorded.read(0, 10)) == 2
    engine.dispose()


@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_a_foreign_program_cannot_replace_an_event_of_a_sqlite_file(
    sqlite_recorded: tuple[sa.Engine, SqlLedger], recursive: str
) -> None:
    engine, ledger = sqlite_recorded
    before = ledger.read(0, 10)
    foreign = sqlite3.connect(str(engine.url.database), isolation_level=None)
    foreign.execute(f"PRAGMA recursive_triggers = {recursive}")
    for statement in SQLITE[:8]:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            foreign.execute(statement)
    foreign.close()
    assert ledger.read(0, 10) == before


def test_every_connection_of_the_application_is_restricted(sqlite_database: Database) -> None:
    engine = open_engine(sqlite_database.url)
    connections: list[Any] = [engine.connect() for _ in range(9)]
    for connection in connections:
        assert connection.exec_driver_sql("PRAGMA recursive_triggers").scalar_one() == 1
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        with pytest.raises(sa.exc.DatabaseError, match="not authorized"):
            connection.exec_driver_sql("DROP TABLE actors")
        connection.close()
    engine.dispose()


def test_ordinary_queries_and_writes_are_not_restricted(sqlite_database: Database) -> None:
    engine = open_engine(sqlite_database.url)
    with write_transaction(engine) as connection:
        connection.exec_driver_sql("INSERT INTO live_generations VALUES ('cases', 1, NULL, 1, 0)")
        connection.exec_driver_sql(
            "INSERT INTO live_generations VALUES ('cases', 2, NULL, 2, 0) "
            "ON CONFLICT DO UPDATE SET generation = excluded.generation"
        )
        found = connection.exec_driver_sql(
            "WITH named AS (SELECT value FROM json_each('[\"cases\"]')) "
            "SELECT generation, row_number() OVER () FROM live_generations JOIN named ON name = value ORDER BY 1"
        )
        assert found.all() == [(2, 1)]
        connection.exec_driver_sql("DELETE FROM live_generations")
    engine.dispose()


def test_the_server_refuses_to_run_as_owner(postgresql_database: Database) -> None:
    application, owner = open_engine(postgresql_database.url), open_engine(postgresql_database.owner_url)
    refuse_owner(application)
    with pytest.raises(TooMuchPower, match="owns"):
        refuse_owner(owner)
    with owner.begin() as connection:
        connection.exec_driver_sql(f"GRANT UPDATE (actor) ON events TO {APP_ROLE}")
    with pytest.raises(TooMuchPower, match="may UPDATE the ledger's tables"):
        refuse_owner(application)
    application.dispose()
    owner.dispose()


def test_sqlite_has_no_roles_to_refuse(sqlite_database: Database) -> None:
    engine = open_engine(sqlite_database.url)
    refuse_owner(engine)
    engine.dispose()


def test_migrating_needs_an_owner_and_another_role_for_the_application(postgresql_database: Database) -> None:
    with pytest.raises(NotOwner, match="CASETRAIL_OWNER_DATABASE_URL"):
        migrate(None, APP_ROLE)
    with pytest.raises(NotOwner, match="must not be the owner's"):
        migrate(postgresql_database.owner_url, None)
    with pytest.raises(NotOwner, match="must not be the owner's"):
        migrate(postgresql_database.owner_url, sa.make_url(postgresql_database.owner_url).username)
