"""The role that reads the reporting views and nothing else, on PostgreSQL."""

from typing import Final

import sqlalchemy as sa

from infrastructure.database import TooMuchPower, open_engine

SCHEMA: Final = "reporting"
"""Where the views stand on PostgreSQL, and the prefix of their names on SQLite."""

_TABLES: Final = """
SELECT DISTINCT c.relname FROM pg_class c, pg_class events, pg_roles held
WHERE events.oid = 'events'::regclass AND c.relnamespace = events.relnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND pg_has_role(:role, held.oid, 'MEMBER')
    AND (has_table_privilege(held.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
        OR has_any_column_privilege(held.oid, c.oid, 'SELECT, INSERT, UPDATE'))
ORDER BY c.relname
"""
"""A role may also use what it may SET ROLE to: a member without INHERIT has no rights until it does."""


def grant_reporting(owner_url: str, role: str) -> None:
    """Let ``role`` see the reporting views, as the owner of the tables. SQLite has no roles: nothing is done there.

    Raises ValueError if there is no such role, TooMuchPower if it may use one of the tables: the views would then hide
    nothing from it.
    """
    engine = open_engine(owner_url, owner=True)
    try:
        if engine.dialect.name == "postgresql":
            with engine.begin() as connection:
                _grant(connection, role)
    finally:
        engine.dispose()


def _grant(connection: sa.Connection, role: str) -> None:
    if connection.execute(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).one_or_none() is None:
        raise ValueError(f"CASETRAIL_REPORTING_ROLE: there is no role {role}: have a database administrator create it")
    tables = connection.execute(sa.text(_TABLES), {"role": role}).scalars().all()
    if tables:
        raise TooMuchPower(f"the reporting role {role} may use tables ({', '.join(tables)}): it must see nothing but views")
    quoted = connection.dialect.identifier_preparer.quote(role)
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {quoted}")
    connection.exec_driver_sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {quoted}")
