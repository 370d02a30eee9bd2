"""Which process runs a read model or a reaction: a lease in the database, renewed while the process works.

A lease spares work, it guards nothing: a holder that slept through its end is overtaken at the checkpoint. So the clocks
of several machines need not agree well; one that runs ahead by more than a lease only makes runners change places.
"""

import os
import socket
from collections.abc import Callable, Collection, Sequence
from uuid import uuid4

import sqlalchemy as sa

from infrastructure.clock import system_clock
from infrastructure.database import write_transaction
from infrastructure.generations import insert_ignoring
from infrastructure.schema import leases

LASTS = 3_000_000
"""Microseconds for which a lease is held without renewal: as long nobody follows after a holder was killed."""

RENEW = 1.0
"""Seconds between two renewals."""


class Leases:
    """The leases of one process. For one thread; every method blocks."""

    def __init__(self, engine: sa.Engine, clock: Callable[[], int] = system_clock) -> None:
        """``clock`` gives microseconds since 1970 UTC, the same to all processes within a second or so."""
        self._engine = engine
        self._clock = clock
        self.holder = f"{socket.gethostname()}/{os.getpid()}/{uuid4().hex[:8]}"

    def hold(self, names: Sequence[str]) -> frozenset[str]:
        """Renew those we have, take those that nobody has, and answer which of ``names`` are ours until the next time."""
        now = self._clock()
        free = sa.or_(leases.c.holder == self.holder, leases.c.until < now)
        with self._engine.connect() as connection:
            found = {row.name: row for row in connection.execute(sa.select(leases).where(leases.c.name.in_(names)))}
        if all(name in found and found[name].holder != self.holder and found[name].until >= now for name in names):
            return frozenset()
        mine = {"holder": self.holder, "until": now + LASTS}
        with write_transaction(self._engine) as connection:
            if new := [{"name": name, "holder": "", "until": 0} for name in sorted(names) if name not in found]:
                connection.execute(insert_ignoring(self._engine, leases), new)
            for name in sorted(names):
                connection.execute(sa.update(leases).where(leases.c.name == name, free).values(mine))
            held = sa.select(leases.c.name).where(leases.c.holder == self.holder, leases.c.name.in_(names))
            return frozenset(connection.execute(held).scalars())

    def give_back(self, names: Collection[str]) -> None:
        """Let another process take these at once."""
        if names:
            ours = sa.delete(leases).where(leases.c.holder == self.holder, leases.c.name.in_(sorted(names)))
            with write_transaction(self._engine) as connection:
                connection.execute(ours)

    def holders(self) -> dict[str, str]:
        """Who holds what now, by name."""
        with self._engine.connect() as connection:
            now = self._clock()
            return {row.name: row.holder for row in connection.execute(sa.select(leases)) if row.until >= now}
