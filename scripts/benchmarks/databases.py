"""The databases to measure on: fresh, migrated, as the tests make them."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

import sqlalchemy as sa

from tests.engines import Database, Server, postgresql, sqlite_template

DIALECTS = ("sqlite", "postgresql")


class Databases:
    """Gives fresh databases; one PostgreSQL server serves the whole run. A context manager."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._server: Server | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def server(self) -> Server:
        """The PostgreSQL server, started when it is first asked for."""
        if self._server is None:
            self._server = self._stack.enter_context(postgresql())
            require_durable(self._server)
        return self._server

    @contextmanager
    def fresh(self, dialect: str) -> Iterator[Database]:
        """A migrated database that is gone afterwards."""
        if dialect == "postgresql":
            with self.server.database() as database:
                yield database
            return
        with scratch() as folder:
            url = f"sqlite:///{sqlite_template(folder)}"
            yield Database("sqlite", url, url)


def require_durable(server: Server) -> None:
    """Refuse a server that would not flush what it commits: its figures would mean nothing."""
    engine = sa.create_engine(server.admin_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        settings = {name: connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in ("fsync", "synchronous_commit")}
    if settings["fsync"] != "on" or settings["synchronous_commit"] == "off":
        raise SystemExit(f"this PostgreSQL does not flush its commits: {settings}")


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="casetrail-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
