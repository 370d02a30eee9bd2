"""Whatever breaks, every caller gets a true answer: a receipt that is in the log, or a refusal it may retry."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from application.errors import Unavailable
from application.records import Append, Receipt
from infrastructure.append import Appender, BatchWriter, Lost
from infrastructure.batch import Entry, Outcome
from infrastructure.clock import system_clock
from infrastructure.committer import Committer, TaskWaiter, ThreadWaiter
from infrastructure.database import open_engine
from infrastructure.ledger import SqlLedger
from infrastructure.postgres_append import PostgresWriter
from infrastructure.sqlite_append import SqliteWriter
from infrastructure.verification import verify
from tests.engines import Database, Server, crash, embedded_server
from tests.infrastructure.events import request
from tests.infrastructure.ledgers import writers_held_up
from tests.waiting import until


def writer(engine: sa.Engine, patience: float = 5.0) -> BatchWriter:
    """The engine's own writer."""
    kind = PostgresWriter if engine.dialect.name == "postgresql" else SqliteWriter
    return kind(engine, system_clock, patience)


class Forgetful:
    """A writer whose answer gets lost after the batch was committed, as often as it is told."""

    def __init__(self, inner: BatchWriter, losses: int) -> None:
        self.inner = inner
        self.losses = losses
        self.attempts = 0

    def write(self, entries: Sequence[Entry], since: int | None) -> list[Outcome]:
        """Write, and lose the answer."""
        self.attempts += 1
        outcomes = self.inner.write(entries, since)
        if self.attempts <= self.losses:
            self.inner.close()
            first = min(receipt.position for outcome in outcomes for receipt in outcome.receipts)
            raise Lost(first - 1 if since is None else since)
        return outcomes

    def close(self) -> None:
        """Close the writer inside."""
        self.inner.close()


class Fatal:
    """A writer that brings down the thread it runs on."""

    def __init__(self, at: threading.Event) -> None:
        self._at = at

    def write(self, entries: Sequence[Entry], since: int | None) -> list[Outcome]:
        """Wait for the moment, then die."""
        assert entries
        assert since is None
        self._at.wait(30)
        raise SystemExit

    def close(self) -> None:
        """Nothing is open."""


@contextmanager
def committing(writer: BatchWriter, patience: float = 5.0) -> Iterator[Committer]:
    """A started committer on a writer of the test's choice."""
    committer = Committer(Appender(writer, patience), system_clock)
    committer.start()
    yield committer
    committer.close()


def ask(committer: Committer, asked: Append) -> Callable[[], Outcome]:
    """Submit; call the result to wait for the outcome."""
    waiter = ThreadWaiter()
    committer.submit(Entry((asked,)), waiter)
    return waiter.wait


def test_a_commit_whose_answer_was_lost_is_found_again(engine: sa.Engine) -> None:
    heard: list[tuple[Append, Receipt]] = []
    old, new = request(), request(None, 0, b"1", b"2")
    with committing(writer(engine)) as committer:
        first = ask(committer, old)()
    forgetful = Forgetful(writer(engine), losses=2)
    with committing(forgetful) as committer:
        committer.listen(heard.extend)
        answer, repeated = ask(committer, new)(), ask(committer, old)()
        ledger = SqlLedger(engine, system_clock)
        assert [event.command_id for event in ledger.read(0, 10)] == [old.command_id, new.command_id, new.command_id]
    assert forgetful.attempts == 4
    assert repeated.receipts == first.receipts
    assert answer.receipts == (ledger.receipt(new.command_id, new.fingerprint),)
    assert heard == [(new, answer.receipts[0])]
    assert verify(ledger).ok


def test_an_outcome_that_cannot_be_established_is_unavailable_and_may_be_retried(engine: sa.Engine) -> None:
    asked = request()
    with committing(Forgetful(writer(engine), losses=10**9), patience=0.2) as committer:
        outcome = ask(committer, asked)()
        assert isinstance(outcome.error, Unavailable)
        assert committer.alive
    with committing(writer(engine)) as committer:
        retried = ask(committer, asked)()
    assert retried.receipts[0].position == 1
    assert SqlLedger(engine, system_clock).head().position == 1


def test_a_writer_lock_that_is_never_free_is_unavailable(database: Database, engine: sa.Engine) -> None:
    other = open_engine(database.url)
    with committing(writer(engine, patience=0.2)) as committer:
        with writers_held_up(other):
            assert isinstance(ask(committer, request())().error, Unavailable)
        assert ask(committer, request())().receipts[0].position == 1
    other.dispose()


def test_a_committer_that_dies_fails_its_callers_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    moment = threading.Event()
    with caplog.at_level(logging.CRITICAL), committing(Fatal(moment)) as committer:
        answers = [ask(committer, request()) for _ in range(5)]
        assert committer.alive
        moment.set()
        assert all(isinstance(answer().error, Unavailable) for answer in answers)
        until(lambda: not committer.alive, "the committer is dead")
        with pytest.raises(Unavailable):
            ask(committer, request())
    assert "committer died" in caplog.text


def test_tasks_are_told_of_a_dead_committer_too() -> None:
    async def scenario(committer: Committer, moment: threading.Event) -> Outcome:
        waiter = TaskWaiter()
        committer.submit(Entry((request(),)), waiter)
        moment.set()
        return await asyncio.wait_for(waiter.future, 30)

    moment = threading.Event()
    with committing(Fatal(moment)) as committer:
        outcome = asyncio.run(scenario(committer, moment))
    assert isinstance(outcome.error, Unavailable)


async def append_until_recorded(ledger: SqlLedger, asked: Append, refusals: list[str]) -> Receipt:
    """Retry under the same command id for as long as the answer is that there is none."""
    while True:
        try:
            return await ledger.append(asked)
        except Unavailable as error:
            refusals.append(str(error))
            await asyncio.sleep(0.05)


async def callers(ledger: SqlLedger, number: int, rounds: int, refusals: list[str]) -> list[tuple[Append, Receipt]]:
    """Many callers, each appending one command after the other."""

    async def caller() -> list[tuple[Append, Receipt]]:
        mine = []
        for _ in range(rounds):
            asked = request()
            mine.append((asked, await append_until_recorded(ledger, asked, refusals)))
        return mine

    crowd = asyncio.gather(*(caller() for _ in range(number)))
    return [pair for mine in await asyncio.wait_for(crowd, 60) for pair in mine]


def break_while_appending(ledger: SqlLedger, break_it: Callable[[], Any], times: int) -> list[tuple[Append, Receipt]]:
    """Break the database several times while 32 callers append; nobody may wait for ever."""
    answered: list[list[tuple[Append, Receipt]]] = []
    refusals: list[str] = []
    crowd = threading.Thread(target=lambda: answered.append(asyncio.run(callers(ledger, 32, 100, refusals))))
    crowd.start()
    for time in range(times):
        reached = 500 * (time + 1)
        until(lambda reached=reached: head_or_nothing(ledger) >= reached, "the log grows")  # type: ignore[misc]
        break_it()
    crowd.join(90)
    assert not crowd.is_alive()
    return answered[0]


def head_or_nothing(ledger: SqlLedger) -> int:
    """The last position, 0 while the database cannot be read."""
    try:
        return ledger.head().position
    except Unavailable:
        return 0


def check(ledger: SqlLedger, answered: Sequence[tuple[Append, Receipt]]) -> None:
    """Every receipt is in the log with its leaf hash, every command exactly once."""
    log = ledger.read(0, 100_000)
    assert len(log) == len(answered)
    for asked, receipt in answered:
        event = log[receipt.position - 1]
        assert (event.command_id, event.leaf_hash, event.position) == (
            asked.command_id,
            receipt.leaf_hash,
            receipt.position,
        )
    assert verify(ledger).ok


def test_connections_cut_by_the_server_cost_no_receipt(postgresql_server: Server, postgresql_database: Database) -> None:
    engine = open_engine(postgresql_database.url)
    ledger = SqlLedger(engine, system_clock)
    ledger.start()
    name = sa.make_url(postgresql_database.url).database
    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    check(ledger, break_while_appending(ledger, lambda: postgresql_server.execute(cut), times=5))
    ledger.close()
    engine.dispose()


def test_a_crash_of_postgresql_costs_no_receipt() -> None:
    with embedded_server() as embedded:
        server = Server(embedded.get_uri())
        with server.database() as database:
            engine = open_engine(database.url)
            ledger = SqlLedger(engine, system_clock)
            ledger.start()
            check(ledger, break_while_appending(ledger, lambda: crash(embedded), times=3))
            ledger.close()
            engine.dispose()


def test_a_database_that_is_away_is_unavailable_and_the_ledger_outlives_it() -> None:
    engine = open_engine("postgresql://nobody@127.0.0.1:1/nowhere")
    ledger = SqlLedger(engine, system_clock, patience=0.2)
    ledger.start()
    for _ in range(2):
        with pytest.raises(Unavailable, match="cannot be reached"):
            ledger.append_now(request())
    with pytest.raises(Unavailable, match="cannot be read"):
        ledger.head()
    assert ledger.alive
    ledger.close()
    engine.dispose()
