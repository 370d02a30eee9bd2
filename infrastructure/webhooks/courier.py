"""Delivers to one receiver: what comes next in the log, case by case in order, several cases at a time.

A delivery that fails holds back the later events of its case; the other cases flow. A held case is tried again after
growing pauses and, when its delivery is accepted, its later events are read from the ledger and follow in order. When
deliveries of several cases fail one after the other the receiver counts as down: one delivery at a time is tried, of a case
held back and of what comes next in turn, until one is accepted. Nothing here waits for, or is waited for by, a command.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import structlog

from application.ports import Clock, Ledger
from application.records import Recorded
from infrastructure.webhooks.pacing import Pace
from infrastructure.webhooks.posting import GONE, Outcome, Post
from infrastructure.webhooks.progress import Attempt, Held, Progress, Written
from infrastructure.webhooks.receivers import Receiver

WINDOW = 256
"""Events under way at most: what the position may lag behind what is already delivered."""

LOT = 100
"""Events of a held case read at a time."""

WRITE_EVERY = 0.25
"""Seconds between two writes of progress. On SQLite each one holds up commands for a flush."""

TURN = 0.1
"""Seconds between two looks at the log. To be woken by every commit would cost a busy server more than it gains."""

CASES_DOWN = 5
"""Cases whose deliveries fail in a row, with none accepted between, before the receiver counts as down."""

LONGEST_PROBE = 60.0
"""Seconds between two tries while a receiver is down, at most."""

_log = structlog.get_logger()


class LeaseLost(Exception):
    """Another process delivers to this receiver, or a command was given on it: what is in hand is void."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How deliveries are made: tries before a case is given up until a command says otherwise, and seconds."""

    attempts: int = 20
    first_pause: float = 1.0
    longest_pause: float = 3600.0
    timeout: float = 10.0
    parallel: int = 8

    def pause(self, attempt: int, asked: float) -> float:
        """Seconds after a failed attempt: doubled each time, shortened at random, and no shorter than the receiver asks."""
        grown = min(self.first_pause * 2.0 ** min(attempt - 1, 30), self.longest_pause)
        # Chance keeps many cases from coming back at one moment; nothing secret hangs on it.
        return max(grown * random.uniform(0.5, 1.0), min(asked, self.longest_pause))  # noqa: S311


class Courier:
    """Delivers to one receiver from where its progress says, until told to stop. For one event loop."""

    def __init__(
        self, receiver: Receiver, held: Mapping[UUID, Held], post: Post, progress: Progress, ledger: Ledger, clock: Clock,
        manner: Manner, pace: Pace,
    ) -> None:  # fmt: skip
        """Go on after ``receiver.position`` with the cases in ``held`` held back."""
        self.receiver = receiver
        self.leased_until = time.monotonic()
        self._post = post
        self._progress = progress
        self._ledger = ledger
        self._clock = clock
        self._manner = manner
        self._pace = pace
        self._read = receiver.position
        self._written = receiver.position
        self._wrote_at = 0.0
        self._unsettled: set[int] = set()
        self._lanes: dict[UUID, deque[Recorded]] = {}
        self._held = dict(held)
        self._trying: set[UUID] = set()
        self._passed_over: set[UUID] = set()
        self._changed: dict[UUID, Held | None] = {}
        self._attempts: list[Attempt] = []
        self._failing: set[UUID] = set()
        self._probes = 0
        self._slots = asyncio.Semaphore(manner.parallel)
        self._probe = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._gone = False
        self._stirred = asyncio.Event()
        self._wants_room = False

    @property
    def position(self) -> int:
        """Up to where all is delivered, but for the cases held back."""
        return min(self._unsettled) - 1 if self._unsettled else self._read

    @property
    def down(self) -> bool:
        """Whether the receiver takes nothing at present."""
        return len(self._failing) >= CASES_DOWN

    def stop(self) -> None:
        """Have ``run`` write down what was delivered and end; deliveries under way are broken off and come again."""
        self._stopping = True
        self._stirred.set()

    async def run(self) -> None:
        """Deliver until ``stop``. Raises LeaseLost, Unavailable, and whatever else stands in the way; then begin anew."""
        try:
            while not self._stopping:
                self._begin_held()
                more = await self._read_on()
                await self._write()
                for task in [task for task in self._tasks if task.done()]:
                    self._tasks.discard(task)
                    task.result()
                if not more:
                    await self._rest()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._post.close()
        await self._write()

    async def _rest(self) -> None:
        """For a moment, or until there is room for what the log already has."""
        self._stirred.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(TURN):
                await self._stirred.wait()

    def _begin(self, work: Callable[[UUID], Coroutine[Any, Any, None]], case_id: UUID) -> None:
        """Work on a case beside the others."""
        task = asyncio.create_task(work(case_id))
        task.add_done_callback(self._stir)
        self._tasks.add(task)

    def _stir(self, _: object) -> None:
        if self._wants_room and len(self._unsettled) <= WINDOW // 2:
            self._stirred.set()

    # --- What comes next in the log ---

    async def _read_on(self) -> bool:
        """Begin with what the log has next, many events at a time, as far as there is room. True if there is more."""
        room = WINDOW - len(self._unsettled) if len(self._unsettled) <= WINDOW // 2 else 0
        if self.down:
            # What comes next is tried too: the receiver may be well, and refuse just the cases that were tried before.
            room = 0 if self._lanes else 1
        if room == 0:
            return False
        rows = await asyncio.to_thread(self._ledger.read, self._read, room)
        for row in rows:
            self._take(row)
        self._wants_room = len(rows) == room
        return self._wants_room

    def _take(self, row: Recorded) -> None:
        """One event of the log: into its case's lane, or left with a case held back."""
        self._read = row.position
        if not self.receiver.wants(row.kind, row.type):
            return
        if row.case_id in self._held:
            self._passed_over.add(row.case_id)
            return
        self._unsettled.add(row.position)
        if row.case_id in self._lanes:
            self._lanes[row.case_id].append(row)
        else:
            self._lanes[row.case_id] = deque([row])
            self._begin(self._drive, row.case_id)

    async def _drive(self, case_id: UUID) -> None:
        """Deliver a case's events in order until there are no more or one is not accepted."""
        lane = self._lanes[case_id]
        while lane:
            outcome = await self._deliver(lane[0], 1)
            if not outcome.accepted:
                self._hold(lane[0], 1, outcome)
                break
            self._unsettled.discard(lane.popleft().position)
        # What is left in the lane is owed now by the case held back: it is read from the ledger again.
        self._unsettled.difference_update(row.position for row in lane)
        del self._lanes[case_id]

    # --- Cases held back ---

    def _begin_held(self) -> None:
        """Try the held cases that are due; of a receiver that is down one only, so that what comes next has its turn."""
        now = self._clock()
        due = [
            (held.retry_at, case_id)
            for case_id, held in self._held.items()
            if not held.failed and held.retry_at <= now and case_id not in self._trying
        ]
        if self.down:
            due = [] if self._trying else sorted(due)[:1]
        for _, case_id in due:
            self._trying.add(case_id)
            self._begin(self._catch_up, case_id)

    async def _catch_up(self, case_id: UUID) -> None:
        """Deliver what a held case is owed; when that is all, let it flow again."""
        try:
            while case_id in self._held:
                if not await self._deliver_owed(case_id):
                    return
        finally:
            self._trying.discard(case_id)

    async def _deliver_owed(self, case_id: UUID) -> bool:
        """Deliver the next lot that a held case is owed. False if one of it was not accepted."""
        held = self._held[case_id]
        self._passed_over.discard(case_id)
        upto = self._read
        lot = await asyncio.to_thread(self._ledger.load, case_id, held.version - 1, held.version - 1 + LOT)
        owed = [row for row in lot if row.position <= upto]
        if not owed and case_id not in self._passed_over:
            self._note(case_id, None)
        for row in owed:
            if self.receiver.wants(row.kind, row.type):
                attempt = self._held[case_id].attempts + 1
                outcome = await self._deliver(row, attempt)
                if not outcome.accepted:
                    self._hold(row, attempt, outcome)
                    return False
            done = replace(self._held[case_id], version=row.version + 1, position=row.position + 1, attempts=0, error="")
            self._note(case_id, done)
        return True

    def _hold(self, row: Recorded, attempt: int, outcome: Outcome) -> None:
        """Hold a case back from an event on, after so many attempts. On a receiver that is down none counts against a case."""
        pause = int(self._manner.pause(attempt, outcome.retry_after) * 1e6)
        counted = attempt - 1 if self.down or outcome.status == GONE else attempt
        failed = counted >= self._manner.attempts
        self._note(row.case_id, Held(row.version, row.position, counted, self._clock() + pause, failed, outcome.error or ""))

    def _note(self, case_id: UUID, held: Held | None) -> None:
        """Keep what is now owed to a case, and that it is to be written down."""
        self._changed[case_id] = held
        if held is None:
            del self._held[case_id]
        else:
            self._held[case_id] = held

    # --- One delivery ---

    async def _deliver(self, row: Recorded, attempt: int) -> Outcome:
        """One attempt; while the receiver is down, after a pause and alone."""
        async with self._slots:
            if self.down:
                async with self._probe:
                    if self.down:
                        self._probes += 1
                        await asyncio.sleep(min(self._manner.pause(self._probes, 0), LONGEST_PROBE))
                        return await self._attempt(row, attempt)
            return await self._attempt(row, attempt)

    async def _attempt(self, row: Recorded, attempt: int) -> Outcome:
        """Send one event, and keep how it went."""
        if time.monotonic() > self.leased_until:
            raise LeaseLost
        began = self._clock()
        outcome = await self._post.send(row, began)
        duration = max(self._clock() - began, 0)
        self._attempts.append(Attempt(began, row.position, attempt, row.case_id, outcome.status, outcome.error, duration))
        if outcome.accepted:
            self._recover()
        else:
            self._failing.add(row.case_id)
        if outcome.status == GONE:
            self._gone = True
            self.stop()
        await self._pace.rest()
        return outcome

    def _recover(self) -> None:
        """The receiver accepts: if it was down, the cases held back need not wait any longer."""
        if self.down:
            now = self._clock()
            for case_id, held in self._held.items():
                self._held[case_id] = replace(held, retry_at=now)
        self._failing.clear()
        self._probes = 0

    # --- Progress ---

    async def _write(self) -> None:
        """Write down what changed, not too often. Raises LeaseLost."""
        position, now = self.position, time.monotonic()
        if not self._attempts and not self._changed and position == self._written and not self._gone:
            return
        if now < self._wrote_at + WRITE_EVERY and not self._stopping:
            return
        written = Written(position, dict(self._changed), tuple(self._attempts), self._gone)
        self._changed.clear()
        self._attempts.clear()
        if not await asyncio.to_thread(self._progress.write, self.receiver, written):
            raise LeaseLost
        self._written, self._wrote_at = position, now
        if self._gone:
            self._gone = False
            # It is paused from here on without a command: the operator is to hear of it.
            _log.warning("webhooks.gone", webhook_id=self.receiver.id, status=GONE, position=position)
