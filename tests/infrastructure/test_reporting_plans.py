"""What PostgreSQL tells the reporting role of a query beside its rows: plans, counts and estimates, and no id of a party."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic import command

from infrastructure.database import alembic_config, open_engine, write_transaction
from infrastructure.exports.views import AUDIT, ENTRIES, VIEWS, View
from infrastructure.reporting_role import grant_reporting
from tests.engines import APP_ROLE, Database, Server
from tests.infrastructure.following import caught_up, following, recording

ROLE = "casetrail_test_reporting"
BY_INDEX = ("enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin")
each_of_events = pytest.mark.parametrize("view", [ENTRIES, AUDIT], ids=lambda view: view.versioned)


@pytest.fixture
def owner(postgresql_database: Database) -> Iterator[sa.Engine]:
    """The connections of whoever owns the tables."""
    engine = open_engine(postgresql_database.owner_url, owner=True)
    yield engine
    engine.dispose()


@pytest.fixture
def reporter(postgresql_database: Database, postgresql_server: Server) -> Iterator[sa.Engine]:
    """The connections of the reporting role, as a database administrator made it."""
    postgresql_server.execute(Server._role_sql(ROLE))
    grant_reporting(postgresql_database.owner_url, ROLE)
    engine = open_engine(postgresql_server.url(ROLE, str(sa.make_url(postgresql_database.url).database)))
    yield engine
    engine.dispose()


@pytest.fixture
def parties(postgresql_database: Database, owner: sa.Engine) -> list[UUID]:
    """Matters and parties, in the read models, with fresh statistics."""
    application = open_engine(postgresql_database.url)
    with recording(application) as office:
        office.record(30, 5)
        parties = [office.register_party() for _ in range(3)]
        with following(office) as projector:
            assert caught_up(office, projector)
    application.dispose()
    with owner.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    return parties


def explained(connection: sa.Connection, view: View, low: int, high: int) -> str:
    """Everything that EXPLAIN says of a look-up by a range of ids, but for times, caches and the ids asked for."""
    asked = f"case_id >= '{UUID(int=low)}' AND case_id <= '{UUID(int=high)}'"
    how = "ANALYZE, FORMAT JSON, TIMING OFF, SUMMARY OFF, BUFFERS OFF"
    query = f"EXPLAIN ({how}) SELECT 1 FROM {view.title('postgresql')} WHERE {asked}"
    text = json.dumps(connection.exec_driver_sql(query).scalar_one())
    return text.replace(str(UUID(int=low)), "low").replace(str(UUID(int=high)), "high")


@each_of_events
def test_a_plan_says_nothing_of_a_party(reporter: sa.Engine, parties: list[UUID], view: View) -> None:
    """A range that holds only a party's id is told as one that holds nothing, whichever way the planner is made to go."""
    with reporter.connect() as connection:
        for settings in ((), BY_INDEX):
            for setting in settings:
                connection.exec_driver_sql(f"SET {setting} = off")
            for party in parties:
                hit = explained(connection, view, party.int, party.int)
                missed = explained(connection, view, party.int ^ 1, party.int ^ 1)
                assert hit == missed


@pytest.mark.usefixtures("parties")
def test_rows_of_entries_are_estimated_as_many_as_there_are(reporter: sa.Engine) -> None:
    """Else a join with another view is planned for one row, and takes hours on a large ledger."""
    with reporter.connect() as connection:
        rows = connection.exec_driver_sql(f"SELECT count(*) FROM {ENTRIES.title('postgresql')}").scalar_one()
        told: Any = connection.exec_driver_sql(
            f"EXPLAIN (FORMAT JSON) SELECT * FROM {ENTRIES.title('postgresql')}"
        ).scalar_one()
    assert rows / 2 <= told[0]["Plan"]["Plan Rows"] <= rows * 2


@pytest.mark.usefixtures("parties")
def test_a_changed_view_is_as_readable_as_it_was(owner: sa.Engine, reporter: sa.Engine) -> None:
    before = rows_of(reporter)
    for step, revision in ((command.downgrade, "0010"), (command.upgrade, "0011")):
        with write_transaction(owner) as connection:
            step(alembic_config(connection, APP_ROLE), revision)
        assert rows_of(reporter) == before


def rows_of(engine: sa.Engine) -> list[list[Any]]:
    """The rows of every view."""
    with engine.connect() as connection:
        return [
            sorted(map(repr, connection.exec_driver_sql(f"SELECT * FROM {view.title('postgresql')}").all())) for view in VIEWS
        ]
