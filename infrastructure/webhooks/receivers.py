"""Who is told of events: receivers as an operator registers them, and the commands given on them.

Every command raises the receiver's ``revision``, so that whichever process delivers to it drops what it has in hand and
begins anew from what is written here. What it delivered meanwhile and had not written down comes again: at least once.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from application.errors import Invalid, NotFound
from application.ports import Clock, Ledger
from application.records import MICROSECOND
from domain.catalogue import Catalogue
from domain.ledger_stream import EVENTS, KIND_NAME
from infrastructure.database import write_transaction
from infrastructure.schema import webhook_deliveries, webhook_held, webhooks
from infrastructure.webhooks.addresses import check_url
from infrastructure.webhooks.signing import Secretary

SKIPPED = "Skipped"
"""The error of a delivery that was given up by command."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """A receiver as stored. ``types`` and ``kinds`` are empty for all; ``secrets`` are wrapped, the newest first.

    ``position``: all events up to it are delivered, but for those of cases held back.
    """

    id: UUID
    url: str
    types: frozenset[str]
    kinds: frozenset[str]
    private: bool
    paused: bool
    position: int
    revision: int
    secrets: tuple[bytes, ...]

    def wants(self, kind: str, type_: str) -> bool:
        """Whether this receiver is told of an event."""
        return (not self.types or type_ in self.types) and (not self.kinds or kind in self.kinds)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks to be told: where, of which types and kinds (empty: all), from which position (None: from now)."""

    url: str
    types: Sequence[str] = ()
    kinds: Sequence[str] = ()
    first: int | None = None
    private: bool = False


def receiver_of(row: Any, now: int) -> Receiver:
    """A row as a receiver; an older secret counts as long as it is valid at ``now`` (microseconds)."""
    older = (row.older_secret,) if row.older_secret is not None and row.older_until > now else ()
    types, kinds = frozenset(json.loads(row.types)), frozenset(json.loads(row.kinds))
    secrets = (row.secret, *older)
    return Receiver(row.id, row.url, types, kinds, row.private, row.paused, row.position, row.revision, secrets)


def check_names(catalogue: Catalogue, types: Sequence[str], kinds: Sequence[str]) -> None:
    """Raise Invalid for a wire name or a kind that does not exist: whoever waits for it would wait for ever."""
    for type_ in types:
        if type_ not in catalogue.events and type_ not in {event.type for event in EVENTS}:
            raise Invalid("types", "there is no such event: see casetrail events")
    for kind in kinds:
        if kind not in catalogue.kinds and kind != KIND_NAME:
            raise Invalid("kinds", f"there is no such kind; the kinds are {', '.join(sorted(catalogue.kinds))}")


class Receivers:
    """The table of receivers, for the commands of operators. Every method blocks; NotFound for an unknown receiver."""

    def __init__(self, engine: sa.Engine, ledger: Ledger, catalogue: Catalogue, secretary: Secretary, clock: Clock) -> None:
        """Keep receivers in the database of ``engine``."""
        self._engine = engine
        self._ledger = ledger
        self._catalogue = catalogue
        self._secretary = secretary
        self._clock = clock

    def add(self, wish: Wish) -> tuple[UUID, str]:
        """Register a receiver: its id, and its secret, which is never shown again. Raises Invalid."""
        check_url(wish.url)
        check_names(self._catalogue, wish.types, wish.kinds)
        head = self._ledger.head().position
        if wish.first is not None and not 1 <= wish.first <= head + 1:
            raise Invalid("from", f"the log has the positions 1 to {head}")
        receiver_id = uuid4()
        text, wrapped = self._secretary.fresh()
        values = {
            "id": receiver_id,
            "url": wish.url,
            "types": json.dumps(sorted(set(wish.types))),
            "kinds": json.dumps(sorted(set(wish.kinds))),
            "private": wish.private,
            "paused": False,
            "position": head if wish.first is None else wish.first - 1,
            "secret": wrapped,
            "created_at": self._clock(),
            "revision": 1,
        }
        with write_transaction(self._engine) as connection:
            connection.execute(webhooks.insert().values(**values))
        return receiver_id, text

    def statuses(self) -> list[dict[str, Any]]:
        """Every receiver: how far it has been told, how many cases are held back for it and how many of them have failed."""
        now, head = self._clock(), self._ledger.head().position
        held = (
            sa.select(
                webhook_held.c.webhook_id,
                sa.func.count().label("held"),
                sa.func.sum(sa.case((webhook_held.c.failed, 1), else_=0)).label("failed"),
            )
            .group_by(webhook_held.c.webhook_id)
            .subquery()
        )
        query = sa.select(webhooks, held.c.held, held.c.failed).outerjoin(held, held.c.webhook_id == webhooks.c.id)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(webhooks.c.created_at, webhooks.c.id)).all()
        return [
            {
                "id": str(row.id),
                "url": row.url,
                "types": json.loads(row.types),
                "kinds": json.loads(row.kinds),
                "state": "paused" if row.paused else "delivering" if (row.until or 0) > now else "waiting",
                "position": row.position,
                "head": head,
                "lag_events": max(head - row.position, 0),
                "held": int(row.held or 0),
                "failed": int(row.failed or 0),
            }
            for row in rows
        ]

    def remove(self, receiver_id: UUID) -> None:
        """Forget a receiver and its secrets; the log of deliveries stays until it is pruned."""
        with write_transaction(self._engine) as connection:
            if connection.execute(webhooks.delete().where(webhooks.c.id == receiver_id)).rowcount == 0:
                raise NotFound("webhook")
            connection.execute(webhook_held.delete().where(webhook_held.c.webhook_id == receiver_id))

    def pause(self, receiver_id: UUID, *, paused: bool) -> None:
        """Stop delivering, or go on where it was stopped."""
        with write_transaction(self._engine) as connection:
            self._change(connection, receiver_id, paused=paused)

    def rotate(self, receiver_id: UUID, both: timedelta) -> str:
        """A new secret; the older one signs beside it for ``both`` longer. An even older one is dropped at once."""
        text, wrapped = self._secretary.fresh()
        until = self._clock() + both // MICROSECOND
        with write_transaction(self._engine) as connection:
            self._change(connection, receiver_id, older_secret=webhooks.c.secret, older_until=until, secret=wrapped)
        return text

    def replay(self, receiver_id: UUID, first: int) -> None:
        """Deliver again from a position on. Raises Invalid for one not yet reached: nothing may be passed over."""
        with write_transaction(self._engine) as connection:
            self._change(connection, receiver_id)
            reached = connection.execute(sa.select(webhooks.c.position).where(webhooks.c.id == receiver_id)).scalar_one()
            if not 1 <= first <= reached + 1:
                raise Invalid("from", f"this receiver has been told of the positions up to {reached}")
            later = webhook_held.c.position >= first
            connection.execute(webhook_held.delete().where(webhook_held.c.webhook_id == receiver_id, later))
            self._change(connection, receiver_id, position=first - 1)

    def held(self, receiver_id: UUID, *, failed: bool = False) -> list[dict[str, Any]]:
        """The cases held back for a receiver, or only those given up until somebody says otherwise."""
        query = sa.select(webhook_held).where(webhook_held.c.webhook_id == receiver_id).order_by(webhook_held.c.position)
        with self._engine.connect() as connection:
            self._check(connection, receiver_id, webhooks.c.id)
            rows = connection.execute(query.where(webhook_held.c.failed) if failed else query).mappings().all()
        return [{**row, "webhook_id": str(row["webhook_id"]), "case_id": str(row["case_id"])} for row in rows]

    def retry(self, receiver_id: UUID, case_id: UUID | None = None) -> int:
        """Try held cases again at once, all or one; how many."""
        return self._release(receiver_id, case_id, {"attempts": 0, "failed": False, "retry_at": self._clock()})

    def skip(self, receiver_id: UUID, case_id: UUID) -> None:
        """Give up the one event that a held case waits with, and go on with the case's next. It is in the log of deliveries.

        Raises NotFound where the case waits with none that failed: nobody has looked at what would be given up then.
        """
        with write_transaction(self._engine) as connection:
            here = sa.and_(webhook_held.c.webhook_id == receiver_id, webhook_held.c.case_id == case_id)
            self._change(connection, receiver_id)
            row = connection.execute(sa.select(webhook_held).where(here)).one_or_none()
            if row is None:
                raise NotFound("case held back for this webhook")
            if not row.error:
                raise NotFound("failed event in that case")
            beyond = {"version": row.version + 1, "position": row.position + 1, "error": ""}
            again = {"attempts": 0, "failed": False, "retry_at": self._clock()}
            connection.execute(webhook_held.update().where(here).values(**beyond, **again))
            connection.execute(
                webhook_deliveries.insert().values(
                    webhook_id=receiver_id, at=self._clock(), position=row.position, attempt=row.attempts, case_id=case_id,
                    status=None, error=SKIPPED, duration=0,
                )
            )  # fmt: skip

    def deliveries(self, receiver_id: UUID, *, failed: bool = False, limit: int = 100) -> list[dict[str, Any]]:
        """The latest attempts, newest first, or only those that were not accepted; those of a removed receiver too."""
        query = sa.select(webhook_deliveries).where(webhook_deliveries.c.webhook_id == receiver_id)
        if failed:
            query = query.where(webhook_deliveries.c.error.is_not(None))
        newest = query.order_by(webhook_deliveries.c.at.desc(), webhook_deliveries.c.position.desc()).limit(limit)
        with self._engine.connect() as connection:
            self._check(connection, receiver_id, webhooks.c.id, webhook_deliveries.c.webhook_id)
            rows = connection.execute(newest).mappings().all()
        return [{**row, "webhook_id": str(row["webhook_id"]), "case_id": str(row["case_id"])} for row in rows]

    def prune(self, age: timedelta) -> int:
        """Delete from the log of deliveries what is older; how many attempts."""
        before = self._clock() - age // MICROSECOND
        with write_transaction(self._engine) as connection:
            return connection.execute(webhook_deliveries.delete().where(webhook_deliveries.c.at < before)).rowcount

    def _release(self, receiver_id: UUID, case_id: UUID | None, values: dict[str, Any]) -> int:
        here = webhook_held.c.webhook_id == receiver_id
        if case_id is not None:
            here = sa.and_(here, webhook_held.c.case_id == case_id)
        with write_transaction(self._engine) as connection:
            self._change(connection, receiver_id)
            return connection.execute(webhook_held.update().where(here).values(**values)).rowcount

    @staticmethod
    def _check(connection: sa.Connection, receiver_id: UUID, *columns: sa.Column[UUID]) -> None:
        """Raise NotFound for a receiver that none of these columns knows."""
        if not any(connection.execute(sa.select(c).where(c == receiver_id).limit(1)).first() for c in columns):
            raise NotFound("webhook")

    @staticmethod
    def _change(connection: sa.Connection, receiver_id: UUID, **values: Any) -> None:
        """Change a receiver and let whoever delivers to it know: first of all, so that it writes nothing in between.

        Raises NotFound.
        """
        change = webhooks.update().where(webhooks.c.id == receiver_id).values(revision=webhooks.c.revision + 1, **values)
        if connection.execute(change).rowcount == 0:
            raise NotFound("webhook")
