"""Where reactions stand in the log, and the events they have set aside."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from application.ports import Clock, Ledger
from infrastructure.database import write_transaction
from infrastructure.generations import FIRST_GENERATION, Generations, insert_ignoring
from infrastructure.projection_rows import NOTHING_SEEN, Mark, Overtaken, Parking, pause_after
from infrastructure.schema import checkpoints, parked


def named(reaction: str) -> str:
    """The name of a reaction's checkpoint and lease: no read model is called so."""
    return f"reaction:{reaction}"


class ReactionMarks:
    """The checkpoints of reactions. Safe on several threads; every method blocks."""

    def __init__(self, engine: sa.Engine, ledger: Ledger, clock: Clock) -> None:
        """``clock`` gives microseconds since 1970 UTC."""
        self._engine = engine
        self._ledger = ledger
        self._clock = clock
        self._generations = Generations(engine, clock)

    def mark(self, name: str) -> Mark | None:
        """Where a reaction stands, None before it was enrolled."""
        columns = [checkpoints.c[field] for field in Mark._fields]
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(*columns).where(checkpoints.c.name == named(name))).one_or_none()
        return None if row is None else Mark(*row)

    def enroll(self, name: str) -> Mark:
        """Where a reaction stands; one never seen before begins after the last event there is now, nothing counted."""
        mark = self.mark(name)
        if mark is None:
            mark = Mark(self._ledger.head().position, 0, NOTHING_SEEN, 0)
            place = {"name": named(name), "generation": FIRST_GENERATION, "version": 1, "updated_at": self._clock()}
            with write_transaction(self._engine) as connection:
                connection.execute(insert_ignoring(self._engine, checkpoints), place | mark._asdict())
            mark = self.mark(name) or mark  # another process may have been faster
        return mark

    def move(self, name: str, before: Mark, after: Mark, parks: Sequence[Parking]) -> None:
        """Move a reaction and set events aside, all or nothing. Raises Overtaken if it stands elsewhere by now."""
        place = sa.and_(
            checkpoints.c.name == named(name), checkpoints.c.position == before.position, checkpoints.c.turn == before.turn
        )
        rows = [{"name": named(name), "generation": FIRST_GENERATION} | parking._asdict() for parking in parks]
        with write_transaction(self._engine) as connection:
            values = after._asdict() | {"updated_at": self._clock()}
            if connection.execute(sa.update(checkpoints).where(place).values(values)).rowcount != 1:
                raise Overtaken(name)
            if rows:
                connection.execute(sa.insert(parked), rows)

    def parked(self, name: str) -> list[Parking]:
        """The events a reaction has set aside, in the order of the log."""
        return self._generations.parked(named(name))

    def due(self, name: str) -> list[Parking]:
        """Those to be tried again by now."""
        now = self._clock()
        return [parking for parking in self.parked(name) if parking.retry_at <= now]

    def ask_again(self, name: str) -> list[Parking]:
        """Have whoever runs a reaction try all of them again at once; answers them."""
        with write_transaction(self._engine) as connection:
            connection.execute(sa.update(parked).where(parked.c.name == named(name)).values(retry_at=0))
        return self.parked(name)

    def free(self, name: str, parking: Parking) -> None:
        """An event is set aside no longer."""
        one = sa.and_(parked.c.name == named(name), parked.c.case_id == parking.case_id, parked.c.version == parking.version)
        with write_transaction(self._engine) as connection:
            connection.execute(sa.delete(parked).where(one))

    def failed_again(self, name: str, parking: Parking, cause: str) -> None:
        """Keep the cause and the number of a further attempt, to be tried again later."""
        retry_at = self._clock() + pause_after(parking.attempts)
        again = parking._replace(cause=cause, attempts=parking.attempts + 1, retry_at=retry_at)
        self._generations.failed_again(named(name), FIRST_GENERATION, again)

    def status(self, name: str) -> Mapping[str, Any]:
        """As a read model's status, see ``application.world.Followers``."""
        head, mark = self._ledger.head(), self.mark(name)
        position = head.position if mark is None else mark.position
        waiting = self._ledger.read(position, 1, head.position)
        return {
            "name": named(name),
            "version": 1,
            "generation": FIRST_GENERATION,
            "previous": None,
            "position": position,
            "head": max(head.position, position),
            "lag_events": max(head.position - position, 0),
            "lag_seconds": max(self._clock() - waiting[0].recorded_at, 0) / 1e6 if waiting else 0.0,
            "events": mark.events if mark else 0,
            "digest": (mark.digest if mark else NOTHING_SEEN).hex(),
            "parked": len(self.parked(name)),
            "paused": False,
        }
