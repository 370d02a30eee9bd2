"""Applies the log to read models, batch by batch: for the projector, for rebuilds and for verification alike.

Nothing but rows and checkpoints is written here. So a rebuild has no effect besides them, however often it is done.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from application.cases import Cases
from application.errors import Unavailable
from application.heard import Reading
from application.histories import Histories, told_anew
from application.ports import Clock, Codec, Ledger
from application.project import Batch, Changes, ReadModel, Stumble, changes, needed
from application.records import Recorded
from domain.catalogue import Catalogue
from infrastructure.generations import Generations
from infrastructure.postgres_projection import PostgresRows
from infrastructure.projection_rows import (
    Follower,
    Parking,
    ProjectionRows,
    Stride,
    Unwritable,
    cause_of,
    chained,
    pause_after,
)
from infrastructure.remembered_rows import RememberedRows
from infrastructure.sqlite_projection import SqliteRows

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sources:
    """What read models are made from."""

    ledger: Ledger
    catalogue: Catalogue
    codec: Codec
    cases: Cases


class Runner:
    """Applies batches of the log to followers at one position. For one thread."""

    def __init__(self, engine: sa.Engine, sources: Sources, models: Sequence[ReadModel[Any]], clock: Clock, batch: int) -> None:
        """Read ``batch`` events at a time; write through a connection of ``engine``."""
        rows_class = PostgresRows if engine.dialect.name == "postgresql" else SqliteRows
        self._rows: ProjectionRows = RememberedRows(rows_class(engine, models))
        self._kinds = sources.catalogue.kinds
        self._ledger = sources.ledger
        self._cases = sources.cases
        self._reading = Reading(sources.codec.event, orjson.loads)
        self._histories = Histories(sources.cases, self._reading)
        self._generations = Generations(engine, clock)
        self._clock = clock
        self.batch = batch

    def step(self, group: Sequence[Follower], upto: int | None = None) -> int:
        """Apply the next batch to followers that stand at one position, and move them. Answers how many events it had.

        ``upto`` is the last position to go to. An event that a model cannot take is parked. Raises Overtaken, and what
        the database raises; then each follower stands where its rows do.
        """
        recorded = self._ledger.read(group[0].position, self.batch, upto)
        if recorded:
            self._take(group, recorded)
        return len(recorded)

    def _take(self, group: Sequence[Follower], recorded: Sequence[Recorded]) -> None:
        """Apply events to followers; a row that the database refuses is looked for in halves, and its event is parked."""
        now = self._clock()
        refused = self._refusal(self._strides(group, recorded, now), now)
        if refused is None:
            return
        if len(group) > 1:
            for follower in group:
                self._take([follower], recorded)
        elif len(recorded) > 1:
            middle = len(recorded) // 2
            self._take(group, recorded[:middle])
            self._take(group, recorded[middle:])
        else:
            self._pass(group[0], Stumble(recorded[0], refused), now)

    def _refusal(self, work: Sequence[Stride], now: int) -> Unwritable | None:
        """Apply what can be applied; why not, where the database refuses a row."""
        try:
            self._apply(work, now)
        except Unwritable as refused:
            return refused
        return None

    def _strides(self, group: Sequence[Follower], recorded: Sequence[Recorded], now: int) -> list[Stride]:
        """What events change for followers, and where that moves them."""
        batch = Batch(recorded, self._kinds, self._reading, self._histories)
        leaves = [row.leaf_hash for row in recorded]
        digests: dict[bytes, bytes] = {}  # followers of one log agree: it is computed once for all of them
        work = []
        for follower in group:
            held = self._rows.held(follower, needed(follower.model, batch))
            found = changes(follower.model, batch, held, follower.parked)
            before = follower.mark.digest
            digest = digests[before] = digests.get(before) or chained(before, leaves)
            parks = [self._parking(follower, stumble, now) for stumble in found.stumbles]
            mark = follower.mark.beyond(len(recorded), digest, recorded[-1].position)
            work.append(Stride(follower, found, mark, parks))
        return work

    def _pass(self, follower: Follower, stumble: Stumble, now: int) -> None:
        """Move a follower past one event without its rows, the event parked."""
        row = stumble.recorded
        mark = follower.mark.beyond(1, chained(follower.mark.digest, [row.leaf_hash]), row.position)
        self._apply([Stride(follower, Changes([], []), mark, [self._parking(follower, stumble, now)])], now)

    def _apply(self, work: Sequence[Stride], now: int) -> None:
        self._rows.apply(work, now)
        for stride in work:
            stride.done()

    def _parking(self, follower: Follower, stumble: Stumble, now: int) -> Parking:
        row = stumble.recorded
        name = follower.model.name
        fields = {"event": "projection.parked", "projection": name, "position": row.position}
        _log.error("projection %s sets position %d aside", name, row.position, exc_info=stumble.cause, extra=fields)
        return Parking(row.case_id, row.version, row.position, cause_of(stumble.cause), now, 1, now + pause_after(0))

    def retry(self, follower: Follower, case_id: UUID) -> bool:
        """Make a parked case's rows what its history says, up to where the follower stands, and let it follow again.

        True if it is parked no longer. Raises as ``step``.
        """
        parking = self._generations.parking(follower, case_id)
        if parking is None:
            follower.parked.pop(case_id, None)
            return True
        history = [row for row in self._ledger.load(case_id) if row.position <= follower.position]
        held = {} if follower.model.per_event else self._rows.held(follower, [case_id]).get(case_id, {})
        try:
            found: Changes[Any] = told_anew(follower.model, self._cases, history, self._reading, parking.version, held)
        except Unavailable:
            raise
        except Exception as cause:  # noqa: BLE001 - kept and shown, and tried again
            self._still_parked(follower, parking, cause)
            return False
        refused = self._refusal([Stride(follower, found, follower.mark.again(), frees=[case_id])], self._clock())
        if refused is not None:
            self._still_parked(follower, parking, refused)
        return refused is None

    def _still_parked(self, follower: Follower, parking: Parking, cause: Exception) -> None:
        retry_at = self._clock() + pause_after(parking.attempts)
        again = parking._replace(cause=cause_of(cause), attempts=parking.attempts + 1, retry_at=retry_at)
        self._generations.failed_again(follower.model.name, follower.generation, again)
        follower.parked[parking.case_id] = retry_at

    def close(self) -> None:
        """Give the connection back."""
        self._rows.close()
