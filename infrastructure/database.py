"""Opening the database, bringing its schema to the current revision, and refusing a role with too much power."""

import select
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from application.errors import Unavailable
from infrastructure import sqlite_guard
from infrastructure.settings import Settings
from infrastructure.sqlite_many import STATEMENTS

D = TypeVar("D")

WRITER_PATIENCE = 10.0
"""Seconds a transaction waits for the writer lock before it is told that the database is not available."""

TRUSTED_FOR = 1.0
"""Seconds a pooled PostgreSQL connection may have rested to be used again without asking the server."""

NO_ANSWER = (sa.exc.DBAPIError, sa.exc.TimeoutError, psycopg.OperationalError, sqlite3.OperationalError)
"""What is raised where the database cannot be asked: through SQLAlchemy or by a driver used directly, or by a pool without a
connection to spare."""

_UNCHANGING = {"mode": "ro", "immutable": "1", "uri": "true"}
_NEVER = 0.0
_RESTS_SINCE = "rests_since"
_WRITES = "casetrail_writes"
_POSTGRES_CONNECT = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    "application_name": "casetrail",
}


class NotOwner(Exception):
    """The schema cannot be changed: no owner's URL, or no role to grant the application's rights to."""


class TooMuchPower(Exception):
    """The server's own database role could rewrite the ledger."""


def open_engine(source: Settings | str, *, owner: bool = False) -> sa.Engine:
    """A pooled engine for a settings object's application database, or for a URL.

    ``owner`` leaves out the restrictions of an application's SQLite connection: for migrations and restores only.
    """
    url = database_url(source.application_url() if isinstance(source, Settings) else source)
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, owner=owner)
    return _postgres_engine(url)


def open_unchanging(path: Path) -> sa.Engine:
    """An engine for a SQLite file that nobody changes, e.g. on a medium that cannot be written: no lock, no file beside it."""
    place = quote(str(path.absolute()))
    return _sqlite_engine(sa.make_url("sqlite://").set(database=f"file:{place}", query=_UNCHANGING), owner=False)


@contextmanager
def engine_of(settings: Settings) -> Iterator[sa.Engine]:
    """The application database's engine, for as long as the block lasts."""
    engine = open_engine(settings)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def answering() -> Iterator[None]:
    """Raises Unavailable where the database does not answer the statements of the block."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.TimeoutError) as error:
        raise Unavailable("the database cannot be read now") from error


def database_url(text: str) -> sa.URL:
    """A database address with the driver we use. Raises ValueError for one that is none of ours, without repeating it."""
    try:
        url = sa.make_url(text)
    except sa.exc.ArgumentError:
        raise ValueError("a database is named by a URL, e.g. postgresql://user@host/name") from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise ValueError(f"casetrail runs on SQLite and PostgreSQL, not on {url.get_backend_name()}")
    return url.set(drivername="postgresql+psycopg") if url.get_backend_name() == "postgresql" else url


def _postgres_engine(url: sa.URL) -> sa.Engine:
    """The pool asks the server whether a connection still lives where that is in doubt: always, it doubled every short read."""
    engine = sa.create_engine(url, pool_size=8, max_overflow=8, connect_args=dict(_POSTGRES_CONNECT))

    @sa.event.listens_for(engine, "checkin")
    def _rest(_connection: object, record: Any) -> None:
        record.info[_RESTS_SINCE] = monotonic()

    @sa.event.listens_for(engine, "checkout")
    def _ask(connection: Any, record: Any, _proxy: object) -> None:
        try:
            if monotonic() - record.info.get(_RESTS_SINCE, _NEVER) > TRUSTED_FOR or _stirs(connection):
                engine.dialect.do_ping(connection)
        except psycopg.Error as error:
            raise sa.exc.DisconnectionError("the server closed a pooled connection") from error

    return engine


def _stirs(connection: psycopg.Connection[Any]) -> bool:
    """Whether something came in while the connection rested: mostly the server's word that it has ended it."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _sqlite_engine(url: sa.URL, *, owner: bool) -> sa.Engine:
    if url.database in (None, "", ":memory:"):
        raise ValueError("the SQLite ledger is a file, shared by several connections")
    engine = sa.create_engine(url, pool_size=8, max_overflow=8, connect_args={"cached_statements": STATEMENTS})

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        sqlite_guard.prepare(connection)
        if not owner:
            sqlite_guard.restrict(connection)

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        driver: Any = connection.connection.driver_connection
        if connection.get_execution_options().get(_WRITES):
            sqlite_guard.begin_immediate(driver, WRITER_PATIENCE)
        else:
            driver.execute("BEGIN")

    return engine


class OwnConnection(Generic[D]):
    """One connection kept out of an engine's pool, made when it is first asked for. For one thread."""

    def __init__(self, engine: sa.Engine, prepare: Callable[[D], None]) -> None:
        """``prepare`` sets a new connection up."""
        self._engine = engine
        self._prepare = prepare
        self._pooled: sa.PoolProxiedConnection | None = None
        self._driver: D | None = None

    def driver(self) -> D:
        """The driver's connection. Where one cannot be had or set up, what that raises is raised and none is left open."""
        if self._driver is None:
            self._pooled = self._engine.raw_connection()
            driver: Any = self._pooled.driver_connection
            self._pooled.detach()
            try:
                self._prepare(driver)
            except BaseException:
                self.close()
                raise
            self._driver = driver
        return self._driver

    def close(self) -> None:
        """Close it; a transaction still open is rolled back. The next one asked for is a new one."""
        pooled, self._pooled, self._driver = self._pooled, None, None
        if pooled is not None:
            pooled.close()


@contextmanager
def write_transaction(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that writes: on SQLite it takes the writer lock at once, so that it can never fail half-way on it.

    Keep it short: it holds up every other writer of a SQLite ledger. Raises Unavailable if the lock cannot be had.
    """
    with engine.execution_options(**{_WRITES: True}).begin() as connection:
        yield connection


def migrate(owner_url: str | None, app_role: str | None = None, revision: str = "head") -> None:
    """Bring the schema up to ``revision`` as the owner of the tables, and grant ``app_role`` what it needs.

    On SQLite the file is created if need be and ``app_role`` has no meaning. Raises NotOwner on PostgreSQL when the
    owner's URL or the application's role is missing, or when both are the same role.
    """
    if owner_url is None:
        raise NotOwner("set CASETRAIL_OWNER_DATABASE_URL to the role that owns the tables, then migrate again")
    url = database_url(owner_url)
    if url.get_backend_name() == "postgresql" and (app_role is None or app_role == url.username):
        raise NotOwner("name the application's own role in CASETRAIL_DATABASE_URL: it must not be the owner's")
    engine = open_engine(owner_url, owner=True)
    try:
        with write_transaction(engine) as connection:
            command.upgrade(alembic_config(connection, app_role), revision)
    finally:
        engine.dispose()


def alembic_config(connection: sa.Connection, app_role: str | None) -> Config:
    """Alembic's configuration for a connection whose transaction the caller begins and ends."""
    config = Config(attributes={"connection": connection, "app_role": app_role})
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations"))
    return config


def schema_is_current(engine: sa.Engine) -> bool:
    """Whether the database stands at the newest revision this program knows."""
    with engine.connect() as connection:
        script = ScriptDirectory.from_config(alembic_config(connection, None))
        return set(MigrationContext.configure(connection).get_current_heads()) == set(script.get_heads())


_POWERS = """
SELECT rolsuper, pg_has_role(current_user, relowner, 'MEMBER'),
       has_table_privilege(c.oid, 'UPDATE') OR has_any_column_privilege(c.oid, 'UPDATE'),
       has_table_privilege(c.oid, 'DELETE'), has_table_privilege(c.oid, 'TRUNCATE'),
       has_table_privilege(c.oid, 'TRIGGER')
FROM pg_class c, pg_roles WHERE rolname = current_user AND c.oid IN ('events'::regclass, 'commands'::regclass)
"""
_POWER_NAMES = ("is a superuser", "owns", "may UPDATE", "may DELETE", "may TRUNCATE", "may put triggers on")


def refuse_owner(engine: sa.Engine) -> None:
    """Raise TooMuchPower if the role of ``engine`` owns the ledger's tables or may do more than SELECT and INSERT.

    SQLite has no roles: there the triggers and the connection's authorizer stand guard, and nothing is checked.
    """
    if engine.dialect.name != "postgresql":
        return
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(_POWERS).all()
    powers = [name for name, held in zip(_POWER_NAMES, map(any, zip(*rows, strict=True)), strict=True) if held]
    if powers:
        raise TooMuchPower(
            f"the database role {engine.url.username} {', '.join(powers)} the ledger's tables: "
            "CASETRAIL_DATABASE_URL must name a role with SELECT and INSERT only"
        )
