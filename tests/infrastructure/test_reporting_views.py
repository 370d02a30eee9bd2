"""The reporting views: what they show, to whom, and that nothing in them or around them names anybody."""

import importlib
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa

from application.read_models.custody import CUSTODY as CUSTODY_MODEL
from application.read_models.custody import CustodyRow
from application.read_models.deadlines import DEADLINES as DEADLINES_MODEL
from application.read_models.deadlines import DeadlineRow
from application.read_models.links import LINKS as LINKS_MODEL
from application.read_models.links import LinkRow
from application.records import microseconds
from domain.catalogue import discover
from infrastructure.database import TooMuchPower, open_engine, write_transaction
from infrastructure.exports.columns import Form
from infrastructure.exports.views import (
    AUDIT,
    CASES,
    CUSTODY,
    DEADLINES,
    ENTRIES,
    LINKS,
    NO_CASES,
    PROJECTIONS,
    STATE_INTERVALS,
    VIEWS,
    View,
    no_cases,
)
from infrastructure.instance import bring_up_to_date
from infrastructure.reporting_role import grant_reporting
from infrastructure.schema import metadata
from infrastructure.settings import Settings
from migrations.views import statement
from tests.engines import APP_ROLE, OWNER_ROLE, Database, Server
from tests.infrastructure.following import caught_up, following, recording, stored
from tests.matters import DAY, HOUR, NOON, SUPERVISOR, Office

MIGRATIONS: tuple[Any, ...] = tuple(
    importlib.import_module(f"migrations.versions.{name}")
    for name in ("0006_reporting_views", "0010_deadlines_view", "0011_guarded_case_ids")
)
"""Those that make or change a view, oldest first: the last that names a view holds its statement."""
NAMES = re.compile(
    r"file_number|actor|assignee|on_behalf_of|correlation|envelope|party|person|decided_by|note|custodian|offered|place|seal\b"
)
WHETHER = re.compile(r"\(\w\.(assignee|seal) IS NOT NULL\)")
"""Says whether there is something, and not what."""
each_view = pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.versioned)


# --- Declarations ---------------------------------------------------------------------------------------------


@each_view
@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_migrations_hold_each_view_as_it_is_declared(view: View, dialect: str) -> None:
    held = [migration.VIEWS[view.versioned] for migration in MIGRATIONS if view.versioned in migration.VIEWS]
    assert statement(view.versioned, held[-1], dialect) == view.statement(dialect)


def test_a_migrated_database_has_each_view_as_it_is_declared(owner: sa.Engine) -> None:
    with owner.begin() as connection:
        made = {view.versioned: stands(connection, view) for view in VIEWS}
        for view in reversed(VIEWS):
            connection.exec_driver_sql(f"DROP VIEW {view.title(owner.dialect.name)}")
        for view in VIEWS:
            connection.exec_driver_sql(view.statement(owner.dialect.name).replace("%", "%%" if on_postgresql(owner) else "%"))
        assert {view.versioned: stands(connection, view) for view in VIEWS} == made
        connection.rollback()


def on_postgresql(engine: sa.Engine) -> bool:
    """Whether it is PostgreSQL."""
    return engine.dialect.name == "postgresql"


def stands(connection: sa.Connection, view: View) -> str:
    """The statement of a view that is there, as the database tells it."""
    if on_postgresql(connection.engine):
        found = f"'{view.title('postgresql')}'::regclass"
        asked = f"SELECT pg_get_viewdef({found}) || reloptions::text FROM pg_class WHERE oid = {found}"
    else:
        asked = f"SELECT sql FROM sqlite_master WHERE name = '{view.title('sqlite')}'"
    return str(connection.exec_driver_sql(asked).scalar_one())


def test_every_migrated_view_is_declared() -> None:
    assert {name for migration in MIGRATIONS for name in migration.VIEWS} == {view.versioned for view in VIEWS}


@each_view
def test_no_column_names_anybody(view: View) -> None:
    assert [column.name for column in view.columns if NAMES.search(column.name)] == []
    assert [c.source for c in view.columns if NAMES.search(c.source) and not WHETHER.fullmatch(c.source)] == []


def test_streams_that_are_no_cases_are_left_out() -> None:
    assert no_cases(discover()) == sorted(NO_CASES)


# --- Rows -----------------------------------------------------------------------------------------------------


REPORTING_ROLE = "casetrail_test_reporting"


def record(office: Office) -> UUID:
    """Matters with a late step, an open end and a correction, and a party of the register, whose id is answered."""
    case_id = office.open_matter(file_number="F-SECRET-1")
    office.step(case_id, NOON + HOUR, "secretword")
    office.step(case_id, NOON - 40 * DAY)
    office.step(case_id, datetime(3, 2, 1, 0, 0, 0, 7, tzinfo=UTC))
    office.correct(case_id, 2, NOON + HOUR, {"note": "secretword2"})
    office.open_matter(file_number="F-SECRET-2")
    return office.register_party()


@pytest.fixture
def owner(database: Database) -> Iterator[sa.Engine]:
    """The connections of whoever owns the tables: on PostgreSQL the application has no business with the views."""
    engine = open_engine(database.owner_url, owner=True)
    yield engine
    engine.dispose()


@pytest.fixture
def party(engine: sa.Engine) -> Iterator[UUID]:
    """What ``record`` recorded, with every read model caught up."""
    with recording(engine) as office:
        registered = record(office)
        with following(office) as projector:
            assert caught_up(office, projector)
            yield registered


def shown(engine: sa.Engine, view: View) -> list[dict[str, Any]]:
    """A view's rows as the values of its declared columns: times in microseconds, ids as UUIDs, booleans as such."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(f"SELECT * FROM {view.title(engine.dialect.name)}").mappings().all()
    return [{column.name: read(column.form, row[column.name]) for column in view.columns} for row in rows]


def read(form: Form, value: Any) -> Any:
    """A value as a view shows it, in one form for both databases."""
    if value is None:
        return None
    if form is Form.TIME and isinstance(value, str):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", value)
        return microseconds(datetime.fromisoformat(value))
    if form is Form.TIME:
        return microseconds(value)
    if form is Form.ID and isinstance(value, str):
        return UUID(value)
    return bool(value) if form is Form.TRUTH else value


def in_order(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows in an order of their own."""
    return sorted(rows, key=repr)


@pytest.mark.usefixtures("party")
def test_the_views_show_what_the_read_models_hold(owner: sa.Engine) -> None:
    held = stored(owner)
    cases = [row._asdict() | {"assigned": row.assignee is not None} for row in held["cases"]]
    audit = {row.position: row._asdict() for row in held["audit"] if row.kind not in NO_CASES}
    entries = [row._asdict() | audit[row.position] for row in held["timeline"] if row.kind not in NO_CASES]
    intervals = [row._asdict() | {"assigned": row.assignee is not None} for row in held["state_intervals"]]
    for view, rows in ((CASES, cases), (AUDIT, audit.values()), (ENTRIES, entries), (STATE_INTERVALS, intervals)):
        told = [{column.name: row[column.name] for column in view.columns} for row in rows]
        assert in_order(shown(owner, view)) == in_order(told)
        assert len(told) >= 2
    assert {row["name"] for row in shown(owner, PROJECTIONS)} == set(held)


def test_the_views_name_nobody(owner: sa.Engine, party: UUID) -> None:
    text = repr([shown(owner, view) for view in VIEWS])
    for hidden in (str(party), party.hex, SUPERVISOR.id, "F-SECRET", "secretword"):
        assert hidden not in text


def test_links_custody_and_deadlines_are_shown_without_those_they_are_about(owner: sa.Engine) -> None:
    case_id, other, party = UUID(int=1), str(UUID(int=2)), str(UUID(int=3))
    link = LinkRow(case_id, other, "supports", "seizure", "detention", "outgoing", "confirmed", 3, 1_000_000, 2_000_000, 9)
    step = CustodyRow(
        case_id, "1", 2, "seizure.x", "held", "2.50", "kg", "o-77", "o-78", "Shelf 9", "S-9", 1, None, 2, None, None
    )
    deadline = DeadlineRow(
        case_id, "notice", party, 2, "seizure", "u", "standard", "p@1", "law 1", "breach", 4, 1, 2_000_000, "1500000", None, 5,
        3, 4, None, None, "no", True, None, 1, 2_000_000, 0,
    )  # fmt: skip
    with write_transaction(owner) as connection:
        for model, row in ((LINKS_MODEL, link), (CUSTODY_MODEL, step), (DEADLINES_MODEL, deadline)):
            connection.execute(metadata.tables[model.table_name].insert(), {"generation": 1} | row._asdict())
            pointer = {"name": model.name, "generation": 1, "last": 1, "paused": False}
            connection.execute(metadata.tables["live_generations"].insert(), pointer)
    told = {name: getattr(link, name) for name in (column.name for column in LINKS.columns)}
    assert shown(owner, LINKS) == [told]
    (custody,) = shown(owner, CUSTODY)
    assert custody == {c.name: True if c.name == "sealed" else getattr(step, c.name) for c in CUSTODY.columns}
    assert shown(owner, DEADLINES) == [{column.name: getattr(deadline, column.name) for column in DEADLINES.columns}]
    assert party not in repr(shown(owner, DEADLINES))


@pytest.mark.usefixtures("party")
def test_the_views_show_the_live_generation_only(owner: sa.Engine) -> None:
    before = [shown(owner, view) for view in VIEWS]
    with write_transaction(owner) as connection:
        for table in ("rm_cases", "rm_timeline", "rm_audit", "rm_state_intervals"):
            columns = [c.name for c in metadata.tables[table].columns if c.name != "generation"]
            connection.exec_driver_sql(
                f"INSERT INTO {table} (generation, {', '.join(columns)}) SELECT 99, {', '.join(columns)} FROM {table}"
            )
    assert [shown(owner, view) for view in VIEWS] == before


def test_a_restricted_connection_reads_the_views_on_sqlite(sqlite_database: Database) -> None:
    engine = open_engine(sqlite_database.url)
    assert [shown(engine, view) for view in VIEWS] == [[]] * len(VIEWS)
    engine.dispose()


# --- The role -------------------------------------------------------------------------------------------------


@pytest.fixture
def role(postgresql_server: Server) -> str:
    """A role for reports, as a database administrator makes it."""
    postgresql_server.execute(Server._role_sql(REPORTING_ROLE))
    return REPORTING_ROLE


@pytest.fixture
def reporter(postgresql_database: Database, postgresql_server: Server, role: str) -> Iterator[sa.Engine]:
    """The reporting role's connections to a database with something in it."""
    grant_reporting(postgresql_database.owner_url, role)
    application = open_engine(postgresql_database.url)
    with recording(application) as office:
        record(office)
        with following(office) as projector:
            assert caught_up(office, projector)
    application.dispose()
    url = sa.make_url(postgresql_database.url)
    engine = open_engine(postgresql_server.url(role, str(url.database)))
    yield engine
    engine.dispose()


def refused(engine: sa.Engine, statement: str) -> None:
    """Run a statement; PostgreSQL must refuse it for want of rights."""
    with pytest.raises(sa.exc.DBAPIError) as error, engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert isinstance(error.value.orig, psycopg.errors.InsufficientPrivilege), error.value


def test_the_role_reads_every_view_and_no_table(reporter: sa.Engine) -> None:
    assert {view.name: bool(shown(reporter, view)) for view in VIEWS} == {
        view.name: view not in (LINKS, CUSTODY, DEADLINES) for view in VIEWS
    }
    for table in [*metadata.tables, "alembic_version"]:
        refused(reporter, f"SELECT 1 FROM {table}")
        refused(reporter, f"DELETE FROM {table}")
        refused(reporter, f"INSERT INTO {table} DEFAULT VALUES")


def test_the_role_sees_no_other_relation_with_rows(reporter: sa.Engine) -> None:
    with reporter.connect() as connection:
        readable = connection.exec_driver_sql(
            "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') "
            "AND has_table_privilege(c.oid, 'SELECT')"
        ).scalars()
        assert set(readable) == {view.title("postgresql") for view in VIEWS}


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.mine (x int)",
        "CREATE TABLE reporting.mine (x int)",
        "CREATE VIEW reporting.mine AS SELECT 1",
        "DROP VIEW reporting.cases_v1",
        "CREATE OR REPLACE VIEW reporting.projections_v1 AS SELECT 1",
        "DELETE FROM reporting.cases_v1",
        "UPDATE reporting.cases_v1 SET unit = 'x'",
        "COPY (SELECT * FROM events) TO STDOUT",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('postgresql.conf')",
        "SELECT lo_import('postgresql.conf')",
        f"SET ROLE {APP_ROLE}",
        f"SET ROLE {OWNER_ROLE}",
        "CREATE FUNCTION reporting.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER VIEW reporting.cases_v1 SET (security_invoker)",
        "SELECT query_to_xml('SELECT state FROM events', true, true, '')",
        "SELECT casetrail_refuse_change() FROM events",
        "SELECT pg_get_viewdef('reporting.cases_v1'::regclass), * FROM rm_cases",
    ],
)
def test_the_role_can_do_nothing_else(reporter: sa.Engine, statement: str) -> None:
    refused(reporter, statement)


def test_a_search_path_changes_nothing_for_the_role(reporter: sa.Engine) -> None:
    before = [shown(reporter, view) for view in VIEWS]
    with reporter.begin() as connection:
        for table in ("rm_cases", "rm_timeline", "rm_audit", "live_generations", "checkpoints"):
            connection.exec_driver_sql(f"CREATE TEMP TABLE {table} (generation int, name text, position bigint)")
        connection.exec_driver_sql(
            "CREATE FUNCTION pg_temp.to_timestamp(double precision) RETURNS int LANGUAGE sql AS 'SELECT 1'"
        )
        connection.exec_driver_sql("SET search_path = pg_temp, reporting, public")
        for view, rows in zip(VIEWS, before, strict=True):
            found = connection.exec_driver_sql(f"SELECT * FROM {view.versioned}").mappings().all()
            assert [{c.name: read(c.form, row[c.name]) for c in view.columns} for row in found] == rows


def test_a_function_of_the_roles_own_sees_no_row_that_a_view_leaves_out(reporter: sa.Engine) -> None:
    told: list[str] = []
    with reporter.begin() as connection:
        driver: Any = connection.connection.driver_connection
        driver.add_notice_handler(lambda notice: told.append(str(notice.message_primary)))
        connection.exec_driver_sql(
            "CREATE FUNCTION pg_temp.peep(text) RETURNS bool LANGUAGE plpgsql COST 0.0000001 "
            "AS $$ BEGIN RAISE NOTICE '%%', $1; RETURN true; END $$"
        )
        for view in (ENTRIES, AUDIT):
            connection.exec_driver_sql(f"SELECT count(*) FROM {view.title('postgresql')} WHERE pg_temp.peep(kind)")
    assert set(told) == {"matter"}


def test_a_role_that_may_use_tables_is_refused(postgresql_database: Database, role: str) -> None:
    owner = postgresql_database.owner_url
    with pytest.raises(ValueError, match="no role nobody_at_all"):
        grant_reporting(owner, "nobody_at_all")
    for powerful in (APP_ROLE, OWNER_ROLE):
        with pytest.raises(TooMuchPower, match=f"{powerful} may use tables .*events"):
            grant_reporting(owner, powerful)
    engine = open_engine(owner)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"GRANT SELECT (case_id) ON commands TO {role}")
    with pytest.raises(TooMuchPower, match=r"\(commands\)"):
        grant_reporting(owner, role)
    engine.dispose()


def test_a_role_that_may_become_another_is_refused(postgresql_database: Database, postgresql_server: Server) -> None:
    member = f"{REPORTING_ROLE}_member"
    postgresql_server.execute(Server._role_sql(member), f"ALTER ROLE {member} NOINHERIT", f"GRANT {APP_ROLE} TO {member}")
    with pytest.raises(TooMuchPower, match=f"{member} may use tables .*events"):
        grant_reporting(postgresql_database.owner_url, member)


def test_migrating_lets_the_role_see_the_views(
    postgresql_database: Database, postgresql_server: Server, role: str, tmp_path: Path
) -> None:
    settings = Settings(
        instance=tmp_path,
        database_url=postgresql_database.url,
        owner_database_url=postgresql_database.owner_url,
        reporting_role=role,
    )
    bring_up_to_date(settings)
    bring_up_to_date(settings)
    engine = open_engine(postgresql_server.url(role, str(sa.make_url(postgresql_database.url).database)))
    assert shown(engine, CASES) == []
    engine.dispose()


def test_sqlite_has_no_role_to_grant_to(sqlite_database: Database) -> None:
    grant_reporting(sqlite_database.owner_url, "anybody")
