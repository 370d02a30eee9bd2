"""How a migration makes the views it holds: frozen like the migrations themselves.

A statement has ``TIME(x)`` for microseconds shown as a time, ``ID(x)`` for an id, and ``CASE_ID(t)`` for the id of the case
in a table that knows streams that are none: on PostgreSQL an expression that no index answers for. On PostgreSQL the views
stand in the schema ``reporting``; on SQLite, which has no schemas, their names have the prefix ``reporting_``.
"""

import re
from collections.abc import Mapping

from alembic import op

TIME = {
    "postgresql": r"to_timestamp(\1 / 1000000) + \1 % 1000000 * interval '1 microsecond'",
    "sqlite": (
        r"strftime('%Y-%m-%dT%H:%M:%S', (\1 - ((\1 % 1000000) + 1000000) % 1000000) / 1000000, 'unixepoch')"
        r" || printf('.%06dZ', ((\1 % 1000000) + 1000000) % 1000000)"
    ),
}
ID = {
    "postgresql": r"\1",
    "sqlite": (
        r"lower(substr(hex(\1), 1, 8) || '-' || substr(hex(\1), 9, 4) || '-' || substr(hex(\1), 13, 4)"
        r" || '-' || substr(hex(\1), 17, 4) || '-' || substr(hex(\1), 21, 12))"
    ),
}
CASE_ID = {
    "postgresql": r"CASE WHEN \1.kind NOT IN ('party') THEN \1.case_id END",
    "sqlite": r"ID(\1.case_id)",
}


def create(views: Mapping[str, str]) -> None:
    """Create views, in order."""
    dialect = op.get_bind().dialect.name
    for name, shown in views.items():
        # Straight to the driver: a colon in a statement is no parameter here.
        op.get_bind().exec_driver_sql(statement(name, shown, dialect).replace("%", "%%" if dialect == "postgresql" else "%"))


def replace(views: Mapping[str, str]) -> None:
    """Give views that are there another statement with the same columns. On PostgreSQL, what was granted on them stays."""
    if op.get_bind().dialect.name == "sqlite":
        drop(views)
        create(views)
        return
    for name, shown in views.items():
        anew = statement(name, shown, "postgresql").replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1)
        op.get_bind().exec_driver_sql(anew.replace("%", "%%"))


def drop(views: Mapping[str, str]) -> None:
    """Drop views, the last first, and with them whatever was granted on them."""
    for name in reversed(list(views)):
        op.execute(f"DROP VIEW {title(name, op.get_bind().dialect.name)}")


def title(name: str, dialect: str) -> str:
    """A view's name in SQL."""
    return f"reporting.{name}" if dialect == "postgresql" else f"reporting_{name}"


def statement(name: str, shown: str, dialect: str) -> str:
    """The statement that makes a view; the barrier keeps a reader's functions from rows that the view leaves out."""
    barrier = " WITH (security_barrier)" if dialect == "postgresql" else ""
    spelled = shown
    for word, spelling in (("CASE_ID", CASE_ID), ("TIME", TIME), ("ID", ID)):
        spelled = re.sub(rf"\b{word}\(([\w.]+)\)", spelling[dialect], spelled)
    return f"CREATE VIEW {title(name, dialect)}{barrier} AS\n{spelled}"
