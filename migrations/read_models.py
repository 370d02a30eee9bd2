"""What a migration forgets when it drops the table of a read model."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


def forget(names: Sequence[str]) -> None:
    """Remove where read models stand in the log: else a table made anew would pass for filled and stay empty for ever."""
    for title in ("parked", "live_generations", "checkpoints"):
        table = sa.table(title, sa.column("name"))
        op.execute(sa.delete(table).where(table.c.name.in_(names)))
