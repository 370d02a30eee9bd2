"""The one thread of a process that writes to the ledger: whatever arrives during a commit forms the next batch.

Every entry that was accepted is answered, come what may: by its batch, by the end of the thread, or by its death. A
caller that goes away withdraws nothing; its answer is dropped.
"""

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from queue import Empty, SimpleQueue
from typing import Protocol

from application.errors import Unavailable
from application.ports import Committed
from infrastructure.append import Appender
from infrastructure.batch import Entry, Outcome

CAPACITY = 10_000
"""Entries that may wait; one more is Unavailable."""

BATCH = 512
"""Entries in one transaction at most: no writer may hold the lock for long."""

FAR_AHEAD = 60_000_000
"""Microseconds by which the log's time may run ahead of the clock before that is an alarm."""

_log = logging.getLogger(__name__)


class Waiter(Protocol):
    """Somebody waiting for an outcome, on a thread or on an event loop."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The loop that is to hear of it, None for a thread."""
        ...

    def resolve(self, outcome: Outcome) -> None:
        """Hand over the outcome; called once, on the loop if there is one."""
        ...


class ThreadWaiter:
    """A thread that waits."""

    __slots__ = ("_lock", "_outcome", "loop")

    def __init__(self) -> None:
        """Begin unanswered."""
        self.loop: asyncio.AbstractEventLoop | None = None
        self._outcome = Outcome()
        self._lock = threading.Lock()
        self._lock.acquire()

    def resolve(self, outcome: Outcome) -> None:
        """Hand over the outcome and wake the thread."""
        self._outcome = outcome
        self._lock.release()

    def wait(self) -> Outcome:
        """Block until there is an outcome."""
        with self._lock:
            return self._outcome


class TaskWaiter:
    """A coroutine that waits. When it is cancelled its future is done, and the outcome has nobody to go to."""

    __slots__ = ("future", "loop")

    def __init__(self) -> None:
        """Wait on the running loop."""
        self.loop: asyncio.AbstractEventLoop = asyncio.get_running_loop()
        self.future: asyncio.Future[Outcome] = self.loop.create_future()

    def resolve(self, outcome: Outcome) -> None:
        """Hand over the outcome; runs on the loop."""
        if not self.future.done():
            self.future.set_result(outcome)


class Committer:
    """Collects entries into batches and has them written, one batch at a time, on a thread of its own."""

    def __init__(self, appender: Appender, clock: Callable[[], int], capacity: int = CAPACITY, batch: int = BATCH) -> None:
        """Write through ``appender``; ``clock`` gives microseconds since 1970 UTC."""
        self._appender = appender
        self._clock = clock
        self._capacity = capacity
        self._batch = batch
        self._queue: SimpleQueue[tuple[Entry, Waiter] | None] = SimpleQueue()
        self._intake = threading.Lock()
        self._open = False
        self._listeners: list[Committed] = []
        self._ahead = False
        self._turns: dict[asyncio.AbstractEventLoop, list[tuple[Entry, TaskWaiter]]] = {}
        self._thread = threading.Thread(target=self._run, name="casetrail-committer", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether entries are accepted and written."""
        return self._open and self._thread.is_alive()

    def listen(self, committed: Committed) -> None:
        """Call ``committed`` on this thread after every commit, before anybody is answered."""
        self._listeners = [*self._listeners, committed]

    def start(self) -> None:
        """Begin to accept and write."""
        self._open = True
        self._thread.start()

    def submit(self, entry: Entry, waiter: Waiter) -> None:
        """Queue ``entry``; ``waiter`` will be resolved exactly once. Raises Unavailable if it cannot be accepted."""
        with self._intake:
            if not self._open:
                raise Unavailable("the ledger does not accept entries", retry_after=5)
            if self._queue.qsize() >= self._capacity:
                raise Unavailable("too many entries are waiting")
            self._queue.put((entry, waiter))

    def submit_with_turn(self, entry: Entry, waiter: TaskWaiter) -> None:
        """As ``submit``, but at the end of this turn of the waiter's loop, together with what its other tasks ask for.

        Each hand-over wakes the committer, which then contends with the loop for the interpreter: one for all requests
        that were ready makes larger batches and leaves the loop alone. An error resolves the waiter.
        """
        loop = waiter.loop
        gathered = self._turns.setdefault(loop, [])
        gathered.append((entry, waiter))
        if len(gathered) == 1:
            loop.call_soon(self._end_turn, loop)

    def _end_turn(self, loop: asyncio.AbstractEventLoop) -> None:
        for entry, waiter in self._turns.pop(loop):
            try:
                self.submit(entry, waiter)
            except Unavailable as error:
                waiter.resolve(Outcome(error=error))

    def close(self) -> None:
        """Stop the intake, write and answer what is queued, end the thread."""
        with self._intake:
            self._open = False
            self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        batch: list[tuple[Entry, Waiter]] = []
        try:
            while self._take(batch):
                self._commit(batch)
                batch.clear()
        except BaseException:  # noqa: BLE001
            alarm = "the committer died; the ledger accepts no more entries"
            _log.critical(alarm, exc_info=True, extra={"event": "committer.died"})
        finally:
            self._end(batch)

    def _take(self, batch: list[tuple[Entry, Waiter]]) -> bool:
        """Fill ``batch`` with all that waits, at least one, up to the limit. False: intake closed, all is done."""
        item = self._queue.get()
        while item is not None:
            batch.append(item)
            if len(batch) == self._batch:
                return True
            try:
                item = self._queue.get_nowait()
            except Empty:
                return True
        if batch:
            # The end mark was read with entries before it: it is found again after they are written.
            self._queue.put(None)
        return bool(batch)

    def _commit(self, batch: Sequence[tuple[Entry, Waiter]]) -> None:
        outcomes = self._appender.append([entry for entry, _ in batch])
        self._tell(batch, outcomes)
        _answer(zip((waiter for _, waiter in batch), outcomes, strict=True))

    def _tell(self, batch: Sequence[tuple[Entry, Waiter]], outcomes: Sequence[Outcome]) -> None:
        news = [
            pair
            for (entry, _), outcome in zip(batch, outcomes, strict=True)
            if outcome.fresh
            for pair in zip(entry.parts, outcome.receipts, strict=True)
        ]
        if not news:
            return
        news.sort(key=lambda pair: pair[1].position)
        self._compare_clocks(news[0][1].recorded_at)
        for committed in self._listeners:
            try:
                committed(news)
            except Exception:  # noqa: BLE001
                # The events are recorded whatever a listener does; their callers must hear so.
                _log.exception("a listener failed after a commit", extra={"event": "committer.listener-failed"})

    def _compare_clocks(self, recorded_at: int) -> None:
        """Alarm once when the log's time has run far ahead: this machine's clock was, or another's is, wrong."""
        ahead = recorded_at > self._clock() + FAR_AHEAD
        if ahead and not self._ahead:
            alarm = "the log's time is more than a minute ahead of this machine's clock"
            _log.error(alarm, extra={"event": "committer.clock-behind"})
        self._ahead = ahead

    def _end(self, unanswered: Iterable[tuple[Entry, Waiter]]) -> None:
        with self._intake:
            self._open = False
        left = list(unanswered)
        while not self._queue.empty():
            item = self._queue.get()
            if item is not None:
                left.append(item)
        _answer((waiter, Outcome(error=Unavailable("the ledger has stopped", retry_after=5))) for _, waiter in left)
        self._appender.close()


def _answer(answers: Iterable[tuple[Waiter, Outcome]]) -> None:
    """Resolve every waiter: threads at once, tasks by one call into each loop."""
    by_loop: defaultdict[asyncio.AbstractEventLoop, list[tuple[Waiter, Outcome]]] = defaultdict(list)
    for waiter, outcome in answers:
        if waiter.loop is None:
            waiter.resolve(outcome)
        else:
            by_loop[waiter.loop].append((waiter, outcome))
    for loop, resolved in by_loop.items():
        try:
            loop.call_soon_threadsafe(_resolve_all, resolved)
        except RuntimeError:
            _log.info("%d callers went away with their event loop before their answer", len(resolved))


def _resolve_all(answers: Iterable[tuple[Waiter, Outcome]]) -> None:
    for waiter, outcome in answers:
        waiter.resolve(outcome)
