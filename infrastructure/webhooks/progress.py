"""What a process that delivers writes down: that it delivers, how far it has come, which cases it holds back, every attempt.

A receiver is leased to one process at a time. Each write is made only if the lease is still held and no command was given
on the receiver since it was read, so a process that lost its lease can write nothing over the one that has it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from application.ports import Clock
from infrastructure.database import write_transaction
from infrastructure.schema import webhook_deliveries, webhook_held, webhooks
from infrastructure.webhooks.receivers import Receiver, receiver_of

LEASE = 5.0
"""Seconds for which a receiver is one process's: as long as others wait when that process dies."""


@dataclass(frozen=True, slots=True)
class Held:
    """A case held back: all its events from ``version`` on are owed. Times in microseconds.

    ``error`` is empty where the event of that version was not tried yet, the ones before it accepted or given up.
    """

    version: int
    position: int
    attempts: int
    retry_at: int
    failed: bool
    error: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt as it went: the status answered, if any, and the class of what went wrong, if anything did."""

    at: int
    position: int
    number: int
    case_id: UUID
    status: int | None
    error: str | None
    duration: int


@dataclass(frozen=True, slots=True)
class Written:
    """What is to be written down at once: ``held`` has None for a case no longer held back.

    ``gone``: the receiver asked to be told of nothing more, and is paused.
    """

    position: int
    held: Mapping[UUID, Held | None]
    attempts: Sequence[Attempt]
    gone: bool = False


class Progress:
    """The receivers as one process holds them. Every method blocks."""

    def __init__(self, engine: sa.Engine, clock: Clock, holder: str) -> None:
        """Hold leases under the name ``holder``, which no other process has."""
        self._engine = engine
        self._clock = clock
        self._holder = holder

    def lease(self) -> list[Receiver]:
        """Take or renew the lease of every receiver that is not paused and nobody else holds; those now held.

        The database is written only where something is to be had, and by half of a lease at the latest.
        """
        now = self._clock()
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(webhooks).where(sa.not_(webhooks.c.paused))).all()
        ours = [row for row in rows if row.holder == self._holder and row.until > now + int(LEASE / 2 * 1e6)]
        wanted = [row for row in rows if row not in ours and (row.holder == self._holder or (row.until or 0) <= now)]
        if wanted:
            with write_transaction(self._engine) as connection:
                ours += [row for row in wanted if self._taken(connection, row.id, now)]
        return [receiver_of(row, now) for row in ours]

    def _taken(self, connection: sa.Connection, receiver_id: UUID, now: int) -> bool:
        free = sa.or_(webhooks.c.holder == self._holder, webhooks.c.until.is_(None), webhooks.c.until <= now)
        take = webhooks.update().where(webhooks.c.id == receiver_id, sa.not_(webhooks.c.paused), free)
        return connection.execute(take.values(holder=self._holder, until=now + int(LEASE * 1e6))).rowcount == 1

    def give_back(self) -> None:
        """Let others deliver at once."""
        with write_transaction(self._engine) as connection:
            connection.execute(webhooks.update().where(webhooks.c.holder == self._holder).values(holder=None, until=None))

    def paused(self) -> dict[UUID, int]:
        """How far every paused receiver has been told, as a position of the log."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(webhooks.c.id, webhooks.c.position).where(webhooks.c.paused)).all()
        return {row.id: row.position for row in rows}

    def begin(self, receiver_id: UUID) -> tuple[Receiver, dict[UUID, Held]] | None:
        """A receiver and the cases held back for it, as one process after the other finds them; None if it is gone."""
        # The row is locked, so that no command comes between: a position and held cases that do not belong together would
        # have later events of a case sent before its earlier ones.
        with write_transaction(self._engine) as connection:
            row = connection.execute(sa.select(webhooks).where(webhooks.c.id == receiver_id).with_for_update()).one_or_none()
            held = connection.execute(sa.select(webhook_held).where(webhook_held.c.webhook_id == receiver_id)).all()
        if row is None:
            return None
        cases = {h.case_id: Held(h.version, h.position, h.attempts, h.retry_at, h.failed, h.error) for h in held}
        return receiver_of(row, self._clock()), cases

    def write(self, receiver: Receiver, written: Written) -> bool:
        """Write down progress, all or nothing. False, and nothing, if the lease is lost or a command was given meanwhile."""
        here = sa.and_(
            webhooks.c.id == receiver.id,
            webhooks.c.holder == self._holder,
            webhooks.c.until > self._clock(),
            webhooks.c.revision == receiver.revision,
        )
        with write_transaction(self._engine) as connection:
            values = {"position": written.position} | ({"paused": True} if written.gone else {})
            if connection.execute(webhooks.update().where(here).values(**values)).rowcount == 0:
                return False
            self._write_held(connection, receiver.id, written.held)
            if written.attempts:
                connection.execute(webhook_deliveries.insert(), [_logged(receiver.id, a) for a in written.attempts])
        return True

    @staticmethod
    def _write_held(connection: sa.Connection, receiver_id: UUID, held: Mapping[UUID, Held | None]) -> None:
        for case_id, now in held.items():
            here = sa.and_(webhook_held.c.webhook_id == receiver_id, webhook_held.c.case_id == case_id)
            connection.execute(webhook_held.delete().where(here))
            if now is not None:
                values = {
                    "version": now.version,
                    "position": now.position,
                    "attempts": now.attempts,
                    "retry_at": now.retry_at,
                    "failed": now.failed,
                    "error": now.error,
                }
                connection.execute(webhook_held.insert().values(webhook_id=receiver_id, case_id=case_id, **values))


def _logged(receiver_id: UUID, attempt: Attempt) -> dict[str, object]:
    """An attempt as a row."""
    return {
        "webhook_id": receiver_id,
        "at": attempt.at,
        "position": attempt.position,
        "attempt": attempt.number,
        "case_id": attempt.case_id,
        "status": attempt.status,
        "error": attempt.error,
        "duration": attempt.duration,
    }
