"""Fixtures shared by all tests: a fresh migrated database per test, on every engine casetrail runs on."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from infrastructure.clock import system_clock
from infrastructure.database import open_engine
from infrastructure.ledger import SqlLedger
from tests.engines import Database, Server, postgresql, sqlite_template

_ran: dict[str, str] = {}


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """The PostgreSQL server of this test process."""
    with postgresql() as server:
        _ran["PostgreSQL"] = server.version()
        yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    _ran["SQLite"] = sqlite3.sqlite_version
    return sqlite_template(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture
def sqlite_database(migrated_sqlite: Path, tmp_path: Path) -> Database:
    """A fresh, migrated SQLite file."""
    path = tmp_path / "ledger.db"
    shutil.copyfile(migrated_sqlite, path)
    return Database("sqlite", f"sqlite:///{path}", f"sqlite:///{path}")


@pytest.fixture
def postgresql_database(postgresql_server: Server) -> Iterator[Database]:
    """A fresh, migrated PostgreSQL database."""
    with postgresql_server.database() as database:
        yield database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """A fresh, migrated database; a test that takes it runs once on each engine."""
    fresh: Database = request.getfixturevalue(f"{request.param}_database")
    return fresh


@pytest.fixture
def engine(database: Database) -> Iterator[sa.Engine]:
    """The application's connections to ``database``."""
    engine = open_engine(database.url)
    yield engine
    engine.dispose()


@pytest.fixture
def ledger(engine: sa.Engine) -> Iterator[SqlLedger]:
    """A started ledger on ``database``, with the machine's clock."""
    ledger = SqlLedger(engine, system_clock)
    ledger.start()
    yield ledger
    ledger.close()


def pytest_report_header() -> str:
    """Say which SQLite this is; the servers are named at the end, when they have really run."""
    return f"engines: SQLite {sqlite3.sqlite_version}, PostgreSQL (its version in the summary)"


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Gather from each worker of a parallel run which engines it ran on."""
    _ran.update(getattr(node, "workeroutput", {}).get("engines", {}))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the controlling process which engines this worker ran on."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["engines"] = dict(_ran)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the engines the tests really ran on."""
    if _ran:
        terminalreporter.write_line("engines: " + ", ".join(f"{name} {_ran[name]}" for name in sorted(_ran)))
