"""The runner of all read models of a process: reads the log after the checkpoints, folds, writes rows and checkpoints.

One thread serves every model. It wakes when this process commits, looks by itself ten times a second for what other
processes recorded, and lets commits gather while it is busy, unless somebody waits to read. Any number of runners may
serve one database: a batch is applied once, and whoever comes second stands by for a while.

A model that fails stops where it is, with its cause, and is tried again at growing intervals; the others go on. No
event is ever skipped.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import orjson
import sqlalchemy as sa

from application.cases import Cases
from application.errors import ApplicationError, NotFound
from application.histories import Histories
from application.ports import Clock, Codec, Ledger
from application.project import Batch, Reading, ReadModel, changes, needed
from application.read_models import READ_MODELS
from application.records import Append, Receipt
from domain.catalogue import Catalogue
from domain.kernel import ImpossibleHistory
from infrastructure.clock import system_clock
from infrastructure.generations import Generations, OtherVersion
from infrastructure.postgres_projection import PostgresRows
from infrastructure.projection_rows import Follower, Overtaken, ProjectionRows
from infrastructure.remembered_rows import RememberedRows
from infrastructure.sqlite_projection import SqliteRows

BATCH = 1_000
"""Events in one transaction at most. On SQLite a batch holds up commands for some 20 ms."""

POLL = 0.1
"""Seconds between two looks at the log when nothing is heard of."""

GATHER = 0.1
"""Seconds for which commits may gather before the next batch, unless somebody waits to read.

A batch costs its transaction and its checkpoints however small it is: at 25 ms a busy server spent more on that than on rows.
"""

STAND_BY = 1.0
"""Seconds for which a runner that another one has overtaken leaves the work to it."""

LOOK_HERE, LOOK_ELSEWHERE = 0.003, 0.02
"""Seconds between two looks of a waiting coroutine: at this runner's memory, and at the database."""

FIRST_RETRY, LAST_RETRY = 0.1, 5.0
"""Seconds before a model that failed is tried again: doubled each time, from the first to the last."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a model stands still. ``cause`` holds no value of an event; ``since`` in microseconds."""

    cause: str
    since: int
    attempts: int
    retry_at: float


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
        self._reading = Reading(sources.codec.event, orjson.loads)
        self._histories = Histories(sources.cases, self._reading)
        self._clock = clock
        self.batch = batch

    def step(self, group: Sequence[Follower]) -> int:
        """Apply the next batch to followers that stand at one position, and move them. Answers how many events it had.

        Raises Overtaken, and whatever a fold or the database raises; then nothing was written and nobody was moved.
        """
        recorded = self._ledger.read(group[0].position, self.batch)
        if not recorded:
            return 0
        batch = Batch(recorded, self._kinds, self._reading, self._histories)
        work = []
        for follower in group:
            held = self._rows.held(follower, needed(follower.model, batch))
            work.append((follower, changes(follower.model, batch, held)))
        upto = recorded[-1].position
        self._rows.apply(work, upto, self._clock())
        for follower in group:
            follower.position = upto
        return len(recorded)

    def close(self) -> None:
        """Give the connection back."""
        self._rows.close()


class Projector:
    """Keeps the read models of one database up with its ledger, from ``start`` to ``stop``."""

    def __init__(
        self,
        engine: sa.Engine,
        ledger: Ledger,
        catalogue: Catalogue,
        codec: Codec,
        cases: Cases,
        *,
        clock: Clock = system_clock,
        models: Sequence[ReadModel[Any]] = READ_MODELS,
        batch: int = BATCH,
    ) -> None:
        """Follow ``ledger``, take states from ``cases`` where they are at hand, apply ``batch`` events at a time."""
        self.models = tuple(models)
        self._ledger = ledger
        self._clock = clock
        self._sources = Sources(ledger, catalogue, codec, cases)
        self._engine = engine
        self._batch = batch
        self._generations = Generations(engine, clock)
        self._followers: dict[str, Follower] = {}
        self._failures: dict[str, Failure] = {}
        self._stale = True
        self._stand_by_until = 0.0
        self._waiting = 0
        self._moved = threading.Condition()
        self._wake = threading.Event()
        self._urgent = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="casetrail-projector", daemon=True)

    @property
    def failures(self) -> Mapping[str, Failure]:
        """The models that stand still, by name."""
        return dict(self._failures)

    @property
    def alive(self) -> bool:
        """Whether the runner is at work."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to follow."""
        self._ledger.listen(self._committed)
        self._thread.start()

    def stop(self) -> None:
        """End after the batch under way. What is not applied then is applied by the next runner."""
        self._stopping.set()
        self._urgent.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _committed(self, recorded: Sequence[tuple[Append, Receipt]]) -> None:
        del recorded
        self._wake.set()

    def _runner(self) -> Runner:
        return Runner(self._engine, self._sources, self.models, self._clock, self._batch)

    # --- Waiting for a position ---

    def wait_for(self, position: int, timeout: float) -> bool:
        """Whether every read model includes ``position``, waiting up to ``timeout`` seconds for it. Blocks."""
        with self._somebody_waits(), self._moved:
            return self._moved.wait_for(lambda: self._includes(position), timeout)

    async def included(self, position: int, seconds: float) -> bool:
        """As ``wait_for``, on an event loop. Where another process follows the log, its checkpoints are asked."""
        deadline = time.monotonic() + seconds
        with self._somebody_waits():
            while not await self._included_now(position):
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                await asyncio.sleep(min(LOOK_HERE if self.alive else LOOK_ELSEWHERE, left))
        return True

    async def _included_now(self, position: int) -> bool:
        if self.alive:
            return self._includes(position)
        live = await asyncio.to_thread(self._generations.live, self.models)
        return len(live) == len(self.models) and all(f.position >= position for f, _ in live.values())

    def _includes(self, position: int) -> bool:
        return len(self._followers) == len(self.models) and all(
            follower.position >= position for follower in self._followers.values()
        )

    @contextmanager
    def _somebody_waits(self) -> Iterator[None]:
        """Have batches applied at once as long as somebody waits."""
        with self._moved:
            self._waiting += 1
            self._urgent.set()
        self._wake.set()
        try:
            yield
        finally:
            with self._moved:
                self._waiting -= 1
                if self._waiting == 0 and not self._stopping.is_set():
                    self._urgent.clear()

    # --- The thread ---

    def _run(self) -> None:
        runner = self._runner()
        try:
            while not self._stopping.is_set():
                try:
                    full = self._round(runner)
                except Exception:  # noqa: BLE001 - whatever it is, it is logged and tried again
                    _log.exception("the projections cannot be followed now")
                    self._stopping.wait(LAST_RETRY / 5)
                else:
                    if not full:
                        self._rest()
        finally:
            runner.close()

    def _rest(self) -> None:
        """Wait for a commit of this process; without one, other processes may have moved things."""
        if not self._wake.wait(POLL):
            self._stale = True
        elif not self._stopping.is_set():
            self._urgent.wait(GATHER)
        self._wake.clear()

    def _round(self, runner: Runner) -> bool:
        """Advance every model that can be advanced by one batch. True if there is more to read at once."""
        standing_by = time.monotonic() < self._stand_by_until and not self._urgent.is_set()
        if self._stale or standing_by:
            self._look()
        if standing_by:
            return False
        now = time.monotonic()
        ready = [f for name, f in self._followers.items() if name not in self._failures or self._failures[name].retry_at <= now]
        ready.sort(key=lambda follower: follower.position)
        full = [self._advance(runner, list(group)) for _, group in groupby(ready, key=lambda follower: follower.position)]
        with self._moved:
            self._moved.notify_all()
        return any(full)

    def _look(self) -> None:
        """Read where each model's live generation stands."""
        live = self._generations.live(self.models)
        if len(live) < len(self.models):
            self._generations.enroll(self.models)
            live = self._generations.live(self.models)
        followers = {}
        for name, (follower, version) in live.items():
            if version == follower.model.version:
                followers[name] = follower
            else:
                self._failed(follower, OtherVersion(version, follower.model.version))
        with self._moved:
            self._followers = followers
            self._stale = False
            self._moved.notify_all()

    def _advance(self, runner: Runner, group: Sequence[Follower]) -> bool:
        """Apply one batch to models at one position; where that fails, to each alone. True if the batch was full."""
        try:
            count = runner.step(group)
        except Overtaken:
            self._stale = True
            self._stand_by_until = time.monotonic() + STAND_BY
            return False
        except Exception as cause:  # noqa: BLE001 - kept and shown, and tried again
            if len(group) > 1:
                alone = [self._advance(runner, [follower]) for follower in group]
                return any(alone)
            self._failed(group[0], cause)
            return False
        for follower in group:
            self._failures.pop(follower.model.name, None)
        return count == runner.batch

    def _failed(self, follower: Follower, cause: Exception) -> None:
        """Keep the cause and try again later."""
        name, before = follower.model.name, self._failures.get(follower.model.name)
        failure = Failure(_cause(cause), self._clock(), 1, 0.0) if before is None else before
        if before is None:
            _log.error("projection %s stands still after position %d", name, follower.position, exc_info=cause)
        else:
            failure = replace(before, cause=_cause(cause), attempts=before.attempts + 1)
        pause = min(FIRST_RETRY * 2.0 ** min(failure.attempts - 1, 16), LAST_RETRY)
        self._failures[name] = replace(failure, retry_at=time.monotonic() + pause)

    # --- Looking on, and starting anew ---

    def status(self) -> list[Mapping[str, Any]]:
        """See ``application.world.Followers``: how far each model has come, from the database. Blocks."""
        head = self._ledger.head().position
        live = self._generations.live(self.models)
        return [self._status_of(model, live.get(model.name), head) for model in self.models]

    def _status_of(self, model: ReadModel[Any], live: tuple[Follower, int] | None, head: int) -> Mapping[str, Any]:
        follower, version = live or (Follower(model, 0, 0), model.version)
        waiting = self._ledger.read(follower.position, 1, head)
        failure = self._failures.get(model.name)
        return {
            "name": model.name,
            "version": version,
            "generation": follower.generation,
            "position": follower.position,
            "head": max(head, follower.position),
            "lag_events": max(head - follower.position, 0),
            "lag_seconds": max(self._clock() - waiting[0].recorded_at, 0) / 1e6 if waiting else 0.0,
            "failure": failure.cause if failure else None,
        }

    def rebuild(self, name: str) -> None:
        """Fill a new generation of a model beside the live one, and let it take over once it has caught up.

        Blocks, on a connection of its own; may run in any process, whether or not this runner was started. Raises
        NotFound for an unknown model, Overtaken if another rebuild of it is begun, and what the fold raises; then the
        live generation stays.
        """
        model = next((model for model in self.models if model.name == name), None)
        if model is None:
            raise NotFound("projection")
        self._generations.enroll([model])
        follower = self._generations.begin(model)
        runner = self._runner()
        try:
            while runner.step([follower]) == runner.batch or not self._generations.take_over(follower):
                pass
        finally:
            runner.close()
        self._stale = True
        self._wake.set()


def _cause(cause: Exception) -> str:
    """A cause as it may be shown: our own errors name no value, a driver's may."""
    ours = isinstance(cause, ApplicationError | ImpossibleHistory | OtherVersion)
    return f"{type(cause).__name__}: {cause}" if ours else type(cause).__name__
