"""Ledgers as tests need them: with a clock and limits of their own, held up, and asked by many at once."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import sqlalchemy as sa

from application.records import Append, Receipt
from infrastructure.append import Appender
from infrastructure.batch import Entry, Outcome
from infrastructure.database import open_engine, write_transaction
from infrastructure.ledger import SqlLedger
from infrastructure.postgres_append import WRITER_LOCK
from tests.engines import Database
from tests.infrastructure.events import request
from tests.waiting import until

NOON = 1_700_000_000_000_000


class Clock:
    """A clock that stands at ``now``."""

    def __init__(self, now: int = NOON) -> None:
        self.now = now

    def __call__(self) -> int:
        """Microseconds since 1970 UTC."""
        return self.now


@contextmanager
def opened(
    database: Database,
    clock: Callable[[], int] | None = None,
    *,
    start: bool = True,
    capacity: int = 1000,
    batch: int = 512,
) -> Iterator[SqlLedger]:
    """A ledger with a clock and limits of the test's own."""
    engine = open_engine(database.url)
    ledger = SqlLedger(engine, clock or Clock(), capacity=capacity, batch=batch, patience=2.0)
    if start:
        ledger.start()
    yield ledger
    ledger.close()
    engine.dispose()


@contextmanager
def writers_held_up(engine: sa.Engine) -> Iterator[None]:
    """Hold the writer lock as another process would, so that appends pile up behind it."""
    with write_transaction(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
        yield


async def together(ledger: SqlLedger, requests: Sequence[Append]) -> list[Receipt | BaseException]:
    """Append all at once and gather what each caller gets."""
    return await asyncio.gather(*(ledger.append(each) for each in requests), return_exceptions=True)


class Watched(Appender):
    """An appender that lets know when it begins to write: what is queued then is not in that batch."""

    def __init__(self, appender: Appender) -> None:
        super().__init__(appender._writer, appender._patience)
        self.writes = threading.Event()

    def append(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Let know, and write."""
        self.writes.set()
        return super().append(entries)


def batched(ledger: SqlLedger, requests: Sequence[Append]) -> Callable[[], list[Receipt | BaseException]]:
    """Queue requests, in order, while writers are held up; call the result, after they are let go, for the answers."""
    pool = ThreadPoolExecutor(len(requests) + 1)
    committer = ledger._committer
    committer._appender = writer = Watched(committer._appender)
    plug = pool.submit(ledger.append_now, request())
    assert writer.writes.wait(30), "the first request is with the writer, alone"
    answers = []
    for number, asked in enumerate(requests, 1):
        answers.append(pool.submit(ledger.append_now, asked))
        until(lambda number=number: waiting(ledger) == number, "the request is queued")  # type: ignore[misc]

    def collect() -> list[Receipt | BaseException]:
        plug.result(30)
        return [answer.exception(30) or answer.result() for answer in answers]

    return collect


def waiting(ledger: SqlLedger) -> int:
    """How many requests wait for the next batch."""
    return ledger._committer._queue.qsize()
