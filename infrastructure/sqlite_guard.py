"""What every SQLite connection is set to, and what an application's connection is refused.

SQLite has no roles. In their place stand triggers in the database (``migrations``) and, on every connection the
application opens, an authorizer: SQLite asks it about each thing a statement would do, once, when the statement is
prepared. Whatever is not on the lists below is denied: DDL, attached databases, writes to SQLite's own tables, changing
or deleting what is append-only, and every pragma that could switch a safeguard off.
"""

import sqlite3
import time
from collections.abc import Callable

from application.errors import Unavailable
from infrastructure.schema import APPEND_ONLY

POLL_SECONDS = 0.0003
"""How often a waiting writer asks for the lock. SQLite's own back-off starves one among busy writers for seconds."""

BUSY_MILLISECONDS = 5000
"""How long a reader may wait in the rare moments when SQLite locks readers out (recovery, the last close)."""

_ALWAYS = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_TRANSACTION,
        sqlite3.SQLITE_SAVEPOINT,
    }
)
_PRAGMAS_WITH_ARGUMENT = frozenset(
    {
        "busy_timeout",
        "foreign_key_list",
        "index_info",
        "index_list",
        "index_xinfo",
        "table_info",
        "table_list",
        "table_xinfo",
        "wal_checkpoint",
    }
)


def prepare(connection: sqlite3.Connection) -> None:
    """Set what every connection needs: WAL, a flush at every commit, triggers that also fire for REPLACE."""
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={BUSY_MILLISECONDS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "fullfsync=ON",
        "wal_autocheckpoint=4000",
        "recursive_triggers=ON",
        "trusted_schema=OFF",
        "cache_size=-16384",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def restrict(connection: sqlite3.Connection) -> None:
    """Make this an application's connection: from now on it cannot undo what the ledger promises."""
    # On first use SQLite declares this built-in as if it created a table: done now, or queries could not use it.
    connection.execute("SELECT 1 FROM json_each('[]')").close()
    connection.set_authorizer(_authorize)


def _authorize(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
    return sqlite3.SQLITE_OK if _allowed(action, first or "", second) else sqlite3.SQLITE_DENY


def _allowed(action: int, first: str, second: str | None) -> bool:
    if action in _ALWAYS:
        return True
    if action == sqlite3.SQLITE_PRAGMA:
        return second is None or first.lower() in _PRAGMAS_WITH_ARGUMENT
    table = first.lower()
    if table.startswith("sqlite_") or table == "alembic_version":
        return False
    if action == sqlite3.SQLITE_INSERT:
        return True
    return action in (sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE) and table not in APPEND_ONLY


def begin_immediate(connection: sqlite3.Connection, patience: float, clock: Callable[[], float] = time.monotonic) -> None:
    """Take the one writer lock, asking every fraction of a millisecond for at most ``patience`` seconds.

    Raises Unavailable if other writers hold it all that time; then no transaction is open.
    """
    deadline = clock() + patience
    connection.execute("PRAGMA busy_timeout=0").close()
    try:
        while not _began(connection):
            if clock() > deadline:
                raise Unavailable("the database is locked by another writer")
            time.sleep(POLL_SECONDS)
    finally:
        connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}").close()


def _began(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True
