"""One line of revisions, each of which can be undone and done again, ending at the tables the program expects."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from infrastructure.database import alembic_config, migrate, open_engine, schema_is_current, write_transaction
from infrastructure.ledger import SqlLedger
from infrastructure.schema import metadata
from tests.engines import APP_ROLE, Database, Server
from tests.infrastructure.events import request
from tests.infrastructure.following import caught_up, following, recording, stored
from tests.matters import NOON


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database in which nothing was migrated yet."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.db'}"
        yield Database("sqlite", url, url)
        return
    server: Server = request.getfixturevalue("postgresql_server")
    with server.empty_database() as database:
        yield database


@pytest.fixture
def owner(empty_database: Database) -> Iterator[sa.Engine]:
    """The owner's connections to the empty database."""
    engine = open_engine(empty_database.owner_url, owner=True)
    yield engine
    engine.dispose()


def revisions() -> list[str]:
    """All revisions, oldest first."""
    script = ScriptDirectory(str(Path(__file__).parents[2] / "migrations"))
    return [revision.revision for revision in reversed(list(script.walk_revisions()))]


def tables(engine: sa.Engine) -> set[str]:
    """The tables there are, apart from Alembic's."""
    return set(sa.inspect(engine).get_table_names()) - {"alembic_version"}


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory(str(Path(__file__).parents[2] / "migrations")).get_heads()) == 1


def test_every_revision_goes_up_down_and_up_again(owner: sa.Engine) -> None:
    for revision in revisions():
        for step in (command.upgrade, command.downgrade, command.upgrade):
            with write_transaction(owner) as connection:
                step(alembic_config(connection, APP_ROLE), "-1" if step is command.downgrade else revision)
    assert tables(owner) == set(metadata.tables)
    with write_transaction(owner) as connection:
        command.downgrade(alembic_config(connection, APP_ROLE), "base")
    assert tables(owner) == set()


def test_the_migrated_tables_are_the_ones_the_program_expects(database: Database) -> None:
    engine = open_engine(database.owner_url, owner=True)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_schema_is_current_only_at_the_head(empty_database: Database, owner: sa.Engine) -> None:
    assert not schema_is_current(owner)
    migrate(empty_database.owner_url, APP_ROLE, revisions()[0])
    assert not schema_is_current(owner)
    migrate(empty_database.owner_url, APP_ROLE)
    assert schema_is_current(owner)
    migrate(empty_database.owner_url, APP_ROLE)
    assert schema_is_current(owner)


def test_the_application_can_tell_whether_its_schema_is_current(engine: sa.Engine) -> None:
    assert schema_is_current(engine)


def test_no_migration_records_an_event(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM events").scalar_one() == 0


def test_a_ledger_with_events_is_never_dropped(database: Database, ledger: SqlLedger) -> None:
    ledger.append_now(request())
    engine = open_engine(database.owner_url, owner=True)
    with pytest.raises(RuntimeError, match="has events"), write_transaction(engine) as connection:
        command.downgrade(alembic_config(connection, APP_ROLE), "base")
    engine.dispose()
    assert ledger.head().position == 1


def test_programs_that_start_together_migrate_one_after_the_other(empty_database: Database, owner: sa.Engine) -> None:
    with ProcessPoolExecutor(3, multiprocessing.get_context("forkserver")) as pool:
        for migrated in [pool.submit(migrate, empty_database.owner_url, APP_ROLE) for _ in range(3)]:
            migrated.result(60)
    assert schema_is_current(owner)


def test_a_migration_that_fails_leaves_nothing_behind(empty_database: Database, owner: sa.Engine) -> None:
    with write_transaction(owner) as connection:
        connection.exec_driver_sql("CREATE TABLE tracking (x TEXT)")
    with pytest.raises(sa.exc.DBAPIError):
        migrate(empty_database.owner_url, APP_ROLE)
    assert tables(owner) == {"tracking"}


def test_read_models_go_on_from_their_place_after_the_engine_was_added(empty_database: Database, owner: sa.Engine) -> None:
    migrate(empty_database.owner_url, APP_ROLE, "0002")
    engine = open_engine(empty_database.url)
    ledger = SqlLedger(engine, lambda: 1)
    ledger.start()
    leaves = [ledger.append_now(request()).leaf_hash for _ in range(3)]
    ledger.close()
    with write_transaction(engine) as connection:
        connection.exec_driver_sql("INSERT INTO live_generations VALUES ('cases', 2), ('audit', 1)")
        connection.exec_driver_sql(
            "INSERT INTO checkpoints VALUES ('cases', 2, 1, 2, 9), ('cases', 4, 1, 3, 9), ('audit', 1, 1, 0, 9)"
        )
    migrate(empty_database.owner_url, APP_ROLE)
    digests = {0: bytes(32)}
    for position, leaf in enumerate(leaves, 1):
        digests[position] = sha256(digests[position - 1] + leaf).digest()
    marks, pointers = metadata.tables["checkpoints"], metadata.tables["live_generations"]
    with engine.connect() as connection:
        found = connection.execute(sa.select(marks.c.name, marks.c.position, marks.c.events, marks.c.digest))
        assert {tuple(row) for row in found} == {(n, p, p, digests[p]) for n, p in (("cases", 2), ("cases", 3), ("audit", 0))}
        last = sa.select(pointers.c.name, pointers.c.generation, pointers.c.last, pointers.c.previous)
        assert {tuple(row) for row in connection.execute(last)} == {("cases", 2, 4, None), ("audit", 1, 1, None)}
    engine.dispose()
    with write_transaction(owner) as connection:
        command.downgrade(alembic_config(connection, APP_ROLE), "0002")
        kept = connection.exec_driver_sql("SELECT name, generation, position FROM checkpoints ORDER BY name").all()
    assert [tuple(row) for row in kept] == [("audit", 1, 0), ("cases", 2, 2)]


def test_a_read_model_whose_table_was_dropped_is_filled_again(database: Database, engine: sa.Engine) -> None:
    with recording(engine) as office:
        office.step(office.open_matter(), NOON)
        with following(office) as projector:
            assert caught_up(office, projector)
        before = stored(engine)
        owner = open_engine(database.owner_url, owner=True)
        with write_transaction(owner) as connection:
            command.downgrade(alembic_config(connection, APP_ROLE), "0003")
        owner.dispose()
        migrate(database.owner_url, APP_ROLE)
        with following(office) as projector:
            assert caught_up(office, projector)
        assert stored(engine) == before
        assert before["state_intervals"]
