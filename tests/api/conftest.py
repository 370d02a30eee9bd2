"""Fixtures of the HTTP tests: an instance and a served application on each database, shared or fresh."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile

import pytest

from tests.api.server import Instance, Site, create_instance
from tests.engines import Database


@contextmanager
def database_of(engine: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Database]:
    """A fresh, migrated database that lives as long as the block."""
    if engine == "sqlite":
        path = folder / "ledger.db"
        copyfile(request.getfixturevalue("migrated_sqlite"), path)
        yield Database("sqlite", f"sqlite:///{path}", f"sqlite:///{path}")
        return
    with request.getfixturevalue("postgresql_server").database() as database:
        yield database


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A served application that tests share, once on each engine: each test works on cases of its own."""
    folder = tmp_path_factory.mktemp("site")
    with database_of(request.param, request, folder) as database:
        instance = create_instance(database, folder)
        with instance.served() as served:
            yield served


@pytest.fixture(scope="session")
def sqlite_site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """As ``site``, on SQLite alone: for what the database has no part in."""
    folder = tmp_path_factory.mktemp("sqlite-site")
    with database_of("sqlite", request, folder) as database, create_instance(database, folder).served() as served:
        yield served


@pytest.fixture
def instance(database: Database, tmp_path: Path) -> Iterator[Instance]:
    """A fresh instance on a fresh database, once on each engine; whatever it still runs at the end is killed."""
    fresh = create_instance(database, tmp_path)
    yield fresh
    fresh.program.end()


@pytest.fixture
def fresh_site(instance: Instance) -> Iterator[Site]:
    """A served application with nothing in its ledger yet, once on each engine."""
    with instance.served() as served:
        yield served
