"""Reports frozen at the end of a month: written once, each with the hash of its bytes."""

from collections.abc import Sequence
from dataclasses import astuple, fields
from typing import Any

import sqlalchemy as sa

from application.reports.desk import Snapshot
from infrastructure.database import answering, write_transaction
from infrastructure.schema import frozen_reports

_NAMES = tuple(field.name for field in fields(Snapshot))
_ALL = sa.select(*(frozen_reports.c[name] for name in _NAMES)).order_by(
    frozen_reports.c.month, frozen_reports.c.name, frozen_reports.c.suppressed
)


class SqlFrozenReports:
    """Implements ``application.reports.desk.FrozenReports`` on SQLite and PostgreSQL. Safe on several threads."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read and write through ``engine``."""
        self._engine = engine

    def keep(self, snapshots: Sequence[Snapshot]) -> None:
        """See ``FrozenReports``."""
        with answering(), write_transaction(self._engine) as connection:
            for snapshot in snapshots:
                if connection.execute(_of(snapshot.month, snapshot.name, suppressed=snapshot.suppressed)).first() is None:
                    values = dict(zip(_NAMES, astuple(snapshot), strict=True))
                    connection.execute(sa.insert(frozen_reports).values(**values))

    def find(self, month: str, name: str, *, suppressed: bool) -> Snapshot | None:
        """See ``FrozenReports``."""
        found = self._rows(_of(month, name, suppressed=suppressed))
        return found[0] if found else None

    def all(self) -> list[Snapshot]:
        """See ``FrozenReports``."""
        return self._rows(_ALL)

    def _rows(self, query: sa.Select[Any]) -> list[Snapshot]:
        with answering(), self._engine.connect() as connection:
            return [Snapshot(*row) for row in connection.execute(query)]


def _of(month: str, name: str, *, suppressed: bool) -> sa.Select[Any]:
    columns = frozen_reports.c
    return _ALL.where(columns.month == month, columns.name == name, columns.suppressed.is_(suppressed))
