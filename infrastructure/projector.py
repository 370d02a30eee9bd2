"""The runner of all read models of a process: reads the log after the checkpoints, folds, writes rows and checkpoints.

One thread serves every model. It wakes when this process commits, looks by itself ten times a second for what other
processes recorded, and lets commits gather while it is busy, unless somebody waits to read. Any number of processes may
serve one database: each model is run by the one that holds its lease, and a batch is applied once whoever holds what.

An event that a model cannot take is parked and holds back its own case only. Where the database fails, a model stops
where it is and is tried again at growing intervals.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from application.cases import Cases
from application.errors import ApplicationError, Unavailable
from application.ports import Clock, Codec, Ledger
from application.project import ReadModel
from application.read_models import READ_MODELS
from application.records import Append, Receipt
from domain.catalogue import Catalogue
from domain.kernel import ImpossibleHistory
from infrastructure.clock import system_clock
from infrastructure.database import NO_ANSWER
from infrastructure.generations import OtherVersion
from infrastructure.leases import RENEW, Leases
from infrastructure.projection_metrics import APPLIED, measure
from infrastructure.projection_rows import Follower, Overtaken
from infrastructure.runner import Runner, Sources
from infrastructure.upkeep import Report, Upkeep

BATCH = 1_000
"""Events in one transaction at most. On SQLite a batch holds up commands for some 20 ms."""

POLL = 0.1
"""Seconds between two looks at the log when nothing is heard of."""

GATHER = 0.1
"""Seconds for which commits may gather before the next batch, unless somebody waits to read.

A batch costs its transaction and its checkpoints however small it is: at 25 ms a busy server spent more on that than on rows.
"""

LOOK_HERE, LOOK_ELSEWHERE = 0.003, 0.02
"""Seconds between two looks of a waiting coroutine: at this runner's memory, and at the database."""

FIRST_RETRY, LAST_RETRY = 0.1, 5.0
"""Seconds before a model that failed is tried again: doubled each time, from the first to the last."""

RETRYING = 0.1
"""Seconds of one round that a model spends on events set aside, be there ever so many: all other cases wait meanwhile."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a model stands still. ``cause`` holds no value of an event; ``since`` in microseconds."""

    cause: str
    since: int
    attempts: int
    retry_at: float


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
        self.upkeep = Upkeep(engine, Sources(ledger, catalogue, codec, cases), self.models, clock, batch)
        self._ledger = ledger
        self._clock = clock
        self._leases = Leases(engine)
        self._followers: dict[str, Follower] = {}
        self._failures: dict[str, Failure] = {}
        self._paused: frozenset[str] = frozenset()
        self._foreign: frozenset[str] = frozenset()
        self._ours: frozenset[str] = frozenset()
        self._renew_at = 0.0
        self._stale = True
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

    # --- Waiting for a position ---

    def wait_for(self, position: int, timeout: float) -> bool:
        """Whether every read model includes ``position``, waiting up to ``timeout`` seconds for it. Blocks."""
        with self._somebody_waits(), self._moved:
            names = [model.name for model in self.models]
            return self._moved.wait_for(lambda: self._includes(position, names), timeout)

    async def included(self, position: int, seconds: float, models: Collection[str]) -> bool:
        """As ``wait_for``, for some models and on an event loop. Where another process follows, its checkpoints are asked."""
        deadline = time.monotonic() + seconds
        with self._somebody_waits():
            while not await self._included_now(position, models):
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                await asyncio.sleep(min(LOOK_HERE if self._leads else LOOK_ELSEWHERE, left))
        return True

    async def _included_now(self, position: int, models: Collection[str]) -> bool:
        if self._leads:
            return self._includes(position, models)
        live = await asyncio.to_thread(self.upkeep.generations.live, self.models)
        return all(name in live and live[name].follower.position >= position for name in models)

    @property
    def _leads(self) -> bool:
        """Whether this process runs every model, so that its memory tells where they stand."""
        return self.alive and len(self._ours) == len(self.models)

    def _includes(self, position: int, models: Collection[str]) -> bool:
        known = self._followers
        return all(name in known and known[name].position >= position for name in models)

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
        runner = self.upkeep.runner()
        try:
            while not self._stopping.is_set():
                try:
                    full = self._round(runner)
                except Exception:  # noqa: BLE001 - whatever it is, it is logged and tried again
                    _log.exception("the projections cannot be followed now", extra={"event": "projections.failed"})
                    self._stopping.wait(LAST_RETRY / 5)
                else:
                    if not full:
                        self._rest()
            self._give_back()
        finally:
            self._ours = frozenset()
            runner.close()

    def _give_back(self) -> None:
        """Let another process follow at once; where the database is gone, the leases end by themselves."""
        try:
            self._leases.give_back(self._ours)
        except (Unavailable, *NO_ANSWER):
            _log.warning("the leases could not be given back")

    def _rest(self) -> None:
        """Wait for a commit of this process; without one, other processes may have moved things."""
        if not self._wake.wait(POLL):
            self._stale = True
        elif not self._stopping.is_set():
            self._urgent.wait(GATHER)
        self._wake.clear()

    def _round(self, runner: Runner) -> bool:
        """Advance every model that can be advanced by one batch. True if there is more to read at once."""
        self._renew()
        if self._stale or len(self._ours) < len(self.models):
            self._look()
        full = [self._advance(runner, list(group)) for _, group in groupby(self._ready(), key=_position)]
        for follower in self._followers.values():
            self._retry(runner, follower)
        with self._moved:
            self._moved.notify_all()
        return any(full)

    def _renew(self) -> None:
        """Once a second: look where everything stands and what operators want, keep or take the leases, and measure.

        A model whose rows another version made is left to a process of that version.
        """
        now = time.monotonic()
        if now >= self._renew_at:
            self._look()
            self._ours = self._leases.hold([model.name for model in self.models if model.name not in self._foreign])
            self._renew_at = now + RENEW
            for name in set(self._failures) & set(self._followers) - self._ours:
                self._failures.pop(name)  # whoever runs it now knows
            for status in self.status():
                measure(status)

    def _ready(self) -> list[Follower]:
        """The models to advance now, those furthest behind first."""
        now, every = time.monotonic(), self._followers.items()
        ours = [follower for name, follower in every if name in self._ours - self._paused]
        return sorted((f for f in ours if f.model.name not in self._failures or self._due(f, now)), key=_position)

    def _due(self, follower: Follower, now: float) -> bool:
        return self._failures[follower.model.name].retry_at <= now

    def _look(self) -> None:
        """Read where each model's live generation stands, keeping what is known of one that did not move."""
        live = self.upkeep.generations.live(self.models)
        if len(live) < len(self.models):
            self.upkeep.generations.enroll(self.models)
            live = self.upkeep.generations.live(self.models)
        followers = {}
        for name, (follower, version, _, _) in live.items():
            if version == follower.model.version:
                followers[name] = follower
            else:
                self._failed(follower, OtherVersion(version, follower.model.version))
        with self._moved:
            self._followers = followers
            self._paused = frozenset(name for name, each in live.items() if each.paused)
            self._foreign = frozenset(live) - frozenset(followers)
            self._stale = False
            self._moved.notify_all()

    def _advance(self, runner: Runner, group: Sequence[Follower]) -> bool:
        """Apply one batch to models at one position; where that fails, to each alone. True if the batch was full."""
        try:
            count = runner.step(group)
        except Overtaken:
            self._stale = True
            return False
        except Exception as cause:  # noqa: BLE001 - kept and shown, and tried again
            if len(group) > 1:
                alone = [self._advance(runner, [follower]) for follower in group]
                return any(alone)
            self._failed(group[0], cause)
            return False
        for follower in group:
            self._failures.pop(follower.model.name, None)
            APPLIED.labels(follower.model.name).inc(count)
        return count == runner.batch

    def _retry(self, runner: Runner, follower: Follower) -> None:
        """Try parked events again whose time has come, the longest overdue first, as far as the round has time for it."""
        name = follower.model.name
        if not follower.parked or name not in self._ours - self._paused or name in self._failures:
            return
        now, ends = self._clock(), time.monotonic() + RETRYING
        due = sorted((retry_at, case_id) for case_id, retry_at in follower.parked.items() if retry_at <= now)
        for _, case_id in due:
            if time.monotonic() > ends:
                return
            try:
                runner.retry(follower, case_id)
            except Overtaken:
                self._stale = True
                return
            except Exception as cause:  # noqa: BLE001 - kept and shown, and tried again
                self._failed(follower, cause)
                return

    def _failed(self, follower: Follower, cause: Exception) -> None:
        """Keep the cause and try again later."""
        name, before = follower.model.name, self._failures.get(follower.model.name)
        failure = Failure(_cause(cause), self._clock(), 1, 0.0) if before is None else before
        if before is None:
            fields = {"event": "projection.stands-still", "projection": name, "position": follower.position}
            _log.error("projection %s stands still after position %d", name, follower.position, exc_info=cause, extra=fields)
        else:
            failure = replace(before, cause=_cause(cause), attempts=before.attempts + 1)
        pause = min(FIRST_RETRY * 2.0 ** min(failure.attempts - 1, 16), LAST_RETRY)
        self._failures[name] = replace(failure, retry_at=time.monotonic() + pause)

    # --- Looking on, and starting anew ---

    def status(self) -> list[Mapping[str, Any]]:
        """See ``application.world.Followers``: how far each model has come, from the database. Blocks."""
        return self.upkeep.status({name: failure.cause for name, failure in self.failures.items()})

    def rebuild(self, name: str, report: Report | None = None) -> None:
        """See ``Upkeep.rebuild``, for one model; this runner follows at once with what took over."""
        self.upkeep.rebuild([name], report)
        self._stale = True
        self._wake.set()


def _position(follower: Follower) -> int:
    return follower.position


def _cause(cause: Exception) -> str:
    """A cause as it may be shown: our own errors name no value, a driver's may."""
    ours = isinstance(cause, ApplicationError | ImpossibleHistory | OtherVersion)
    return f"{type(cause).__name__}: {cause}" if ours else type(cause).__name__
