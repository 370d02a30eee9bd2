"""The contract of the ledger port, on every engine: what is recorded, refused, repeated, answered."""

import asyncio
import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from application.errors import ApplicationError, ClaimTaken, KeyReused, Stale, Unavailable
from application.records import Append, Claim, Draft, Head, Receipt, WrappedKey
from infrastructure.database import open_engine, write_transaction
from infrastructure.ledger import SqlLedger
from infrastructure.postgres_append import WRITER_LOCK
from infrastructure.verification import verify
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


def test_an_event_is_stored_byte_for_byte(database: Database) -> None:
    asked = request(None, 0, b'{"a": 1}', b"\x00\xff")
    with opened(database) as ledger:
        receipt = ledger.append_now(asked)
        first, second = ledger.load(asked.case_id)
        assert ledger.read(0, 10) == [first, second]
    assert (first.position, first.version, second.position, second.version) == (1, 1, 2, 2)
    assert (first.state, second.state) == (b'{"a": 1}', b"\x00\xff")
    assert first.envelope == second.envelope == asked.drafts[0].envelope
    assert (first.case_id, first.kind, first.type, first.schema_version) == (asked.case_id, "test", "test.noted", 1)
    assert (first.actor, first.command_id) == ("officer-1", asked.command_id)
    assert (first.recorded_at, second.recorded_at) == (NOON, NOON + 1)
    assert first.salt != second.salt
    assert receipt == Receipt(asked.case_id, "test", 1, 2, 2, second.leaf_hash, NOON + 1)


def test_an_empty_ledger_has_no_head(ledger: SqlLedger) -> None:
    assert ledger.head() == Head(0, 0)
    assert ledger.read(0, 10) == []
    assert ledger.load(uuid4()) == []
    assert ledger.position_at(2**60) == 0


def test_reads_are_bounded_as_asked(ledger: SqlLedger) -> None:
    case_id = ledger.append_now(request(None, 0, b"1", b"2", b"3", b"4")).case_id
    assert [event.version for event in ledger.load(case_id, 1, 3)] == [2, 3]
    assert [event.version for event in ledger.load(case_id, 3)] == [4]
    assert [event.position for event in ledger.read(1, 2)] == [2, 3]
    assert [event.position for event in ledger.read(0, 10, 3)] == [1, 2, 3]
    assert ledger.head().position == 4


def test_the_ledgers_time_never_stands_still_or_goes_back(database: Database) -> None:
    clock = Clock()
    with opened(database, clock) as ledger:
        ledger.append_now(request(None, 0, b"", b""))
        clock.now -= 1_000_000
        ledger.append_now(request())
        clock.now += 3_000_000
        ledger.append_now(request())
        times = [event.recorded_at for event in ledger.read(0, 10)]
    assert times == [NOON, NOON + 1, NOON + 2, NOON + 2_000_000]


def test_known_at_is_a_prefix_of_the_log(database: Database) -> None:
    clock = Clock()
    with opened(database, clock) as ledger:
        for step in range(9):
            clock.now = NOON + step * 100
            ledger.append_now(request())
        assert ledger.position_at(NOON - 1) == 0
        assert [ledger.position_at(NOON + step * 100) for step in range(9)] == list(range(1, 10))
        assert [ledger.position_at(NOON + step * 100 + 99) for step in range(9)] == list(range(1, 10))


def test_a_caller_who_read_an_older_version_is_told_so(ledger: SqlLedger) -> None:
    case_id = ledger.append_now(request()).case_id
    for after in (0, 2, -1):
        with pytest.raises(Stale) as refused:
            ledger.append_now(request(case_id, after))
        assert (refused.value.expected, refused.value.actual) == (after, 1)
    with pytest.raises(Stale):
        ledger.append_now(request(uuid4(), 1))
    assert ledger.append_now(request(case_id, 1)).version == 2


def test_a_repeated_command_gets_its_first_receipt(ledger: SqlLedger) -> None:
    asked = request(None, 0, b"1", b"2")
    first = ledger.append_now(asked)
    ledger.append_now(request(asked.case_id, 2))
    assert ledger.append_now(asked) == first
    assert ledger.receipt(asked.command_id, asked.fingerprint) == first
    assert ledger.head().position == 3


def test_a_command_id_with_another_body_is_refused(ledger: SqlLedger) -> None:
    asked = request()
    ledger.append_now(asked)
    with pytest.raises(KeyReused):
        ledger.append_now(request(asked.case_id, 1, command_id=asked.command_id, fingerprint=b"f" * 32))
    with pytest.raises(KeyReused):
        ledger.receipt(asked.command_id, b"f" * 32)
    assert ledger.receipt(b"x" * 16, b"f" * 32) is None


def test_a_claim_has_one_holder_until_it_is_freed(ledger: SqlLedger) -> None:
    seal = Claim("seal", "A-1")
    holder = ledger.append_now(request(takes=(seal,))).case_id
    with pytest.raises(ClaimTaken):
        ledger.append_now(request(takes=(Claim("seal", "A-2"), seal)))
    ledger.append_now(request(holder, 1, takes=(seal,)))
    ledger.append_now(request(frees=(seal,)))
    with pytest.raises(ClaimTaken):
        ledger.append_now(request(takes=(seal,)))
    ledger.append_now(request(holder, 2, frees=(seal,)))
    ledger.append_now(request(takes=(seal, Claim("seal", "A-2"))))


def test_one_batch_settles_its_claims_in_order(database: Database, engine: sa.Engine) -> None:
    seal = Claim("seal", "A-1")
    with opened(database) as ledger:
        holder = ledger.append_now(request(takes=(seal,))).case_id
        with writers_held_up(engine):
            answers = batched(
                ledger,
                [
                    request(takes=(seal,)),
                    request(holder, 1, frees=(seal,)),
                    request(takes=(seal,)),
                    request(takes=(seal,)),
                ],
            )
        kinds = [type(answer) for answer in answers()]
        with pytest.raises(ClaimTaken):
            ledger.append_now(request(takes=(seal,)))
    assert kinds == [ClaimTaken, Receipt, Receipt, ClaimTaken]


def batched(ledger: SqlLedger, requests: Sequence[Append]) -> Callable[[], list[Receipt | BaseException]]:
    """Queue requests, in order, while writers are held up; call the result, after they are let go, for the answers."""
    pool = ThreadPoolExecutor(len(requests) + 1)
    plug = pool.submit(ledger.append_now, request())
    until(lambda: waiting(ledger) == 0, "the first request is with the writer")
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


def test_within_one_batch_each_request_stands_on_those_before_it(database: Database, engine: sa.Engine) -> None:
    with opened(database) as ledger:
        case_id = ledger.append_now(request()).case_id
        again = request(case_id, 2)
        with writers_held_up(engine):
            asked = [request(case_id, 1), request(case_id, 1), again, again, request(command_id=again.command_id)]
            answers = batched(ledger, asked)
        first, stale, second, repeated, reused = answers()
        events = ledger.read(0, 10)
        assert verify(ledger).ok
    assert isinstance(first, Receipt)
    assert isinstance(stale, Stale)
    assert isinstance(second, Receipt)
    assert (first.version, stale.actual, second.version) == (2, 2, 3)
    assert repeated == second
    assert reused == second
    assert [event.version for event in events] == [1, 1, 2, 3]


def test_only_the_culprit_of_a_batch_is_refused(database: Database, engine: sa.Engine) -> None:
    unstorable = request(None, 0)
    unstorable = Append(
        unstorable.case_id, "lone surrogate \ud800", 0, unstorable.drafts, "officer-1", unstorable.command_id, bytes(32)
    )
    taken_key = WrappedKey(b"k" * 32, uuid4(), None, b"wrapped")
    with opened(database) as ledger:
        ledger.append_now(request(keys=(taken_key,)))
        with writers_held_up(engine):
            asked = [request(), unstorable, request(), request(keys=(taken_key,)), request()]
            answers = batched(ledger, asked)
        results = answers()
        assert ledger.alive
        stored = [event.case_id for event in ledger.read(2, 10)]
        assert verify(ledger).ok
    assert [isinstance(result, Receipt) for result in results] == [True, False, True, False, True]
    assert not any(isinstance(result, ApplicationError) for result in results)
    assert stored == [asked[0].case_id, asked[2].case_id, asked[4].case_id]


def test_keys_are_stored_with_their_command(ledger: SqlLedger, engine: sa.Engine) -> None:
    case_id, party_id = uuid4(), uuid4()
    keys = (WrappedKey(b"1" * 32, case_id, party_id, b"one"), WrappedKey(b"2" * 32, case_id, None, b"two"))
    receipt = ledger.append_now(request(case_id, 0, keys=keys))
    with pytest.raises(Stale):
        ledger.append_now(request(case_id, 0, keys=(WrappedKey(b"3" * 32, case_id, None, b"three"),)))
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT wrapped, party_id, created_at FROM keys ORDER BY key_id").all()
    assert [(bytes(row[0]), row[2]) for row in rows] == [(b"one", receipt.recorded_at), (b"two", receipt.recorded_at)]
    assert rows[0][1] in (party_id, party_id.bytes)
    assert rows[1][1] is None


def test_many_callers_share_batches_and_each_gets_its_own_receipt(ledger: SqlLedger) -> None:
    requests = [request(None, 0, str(number).encode()) for number in range(300)]
    receipts = asyncio.run(together(ledger, requests))
    by_position = {event.position: event for event in ledger.read(0, 1000)}
    assert sorted(by_position) == list(range(1, 301))
    for asked, receipt in zip(requests, receipts, strict=True):
        assert isinstance(receipt, Receipt)
        assert by_position[receipt.position].state == asked.drafts[0].state
        assert receipt.leaf_hash == by_position[receipt.position].leaf_hash
    assert verify(ledger).ok


def test_callers_on_several_loops_and_threads_are_all_answered(ledger: SqlLedger) -> None:
    def on_a_loop() -> list[Receipt | BaseException]:
        return asyncio.run(together(ledger, [request() for _ in range(50)]))

    with ThreadPoolExecutor(6) as pool:
        loops = [pool.submit(on_a_loop) for _ in range(3)]
        threads = [pool.submit(ledger.append_now, request()) for _ in range(50)]
        answers = [answer for loop in loops for answer in loop.result(30)] + [thread.result(30) for thread in threads]
    assert sorted(answer.position for answer in answers if isinstance(answer, Receipt)) == list(range(1, 201))


def test_a_caller_who_goes_away_withdraws_nothing_and_hangs_nobody(database: Database, engine: sa.Engine) -> None:
    async def scenario(ledger: SqlLedger) -> tuple[list[Append], list[object]]:
        requests = [request() for _ in range(20)]
        held = writers_held_up(engine)
        held.__enter__()
        tasks = [asyncio.create_task(ledger.append(each)) for each in requests]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        await asyncio.to_thread(held.__exit__, None, None, None)
        return requests, list(await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 30))

    with opened(database) as ledger:
        requests, answers = asyncio.run(scenario(ledger))
        ledger.append_now(request())
        recorded = {event.command_id for event in ledger.read(0, 100)}
    assert all(isinstance(answer, asyncio.CancelledError) for answer in answers[::2])
    assert all(isinstance(answer, Receipt) for answer in answers[1::2])
    assert {asked.command_id for asked in requests} <= recorded


def test_a_loop_that_closes_before_its_answer_hurts_nobody(database: Database, engine: sa.Engine) -> None:
    async def leave(ledger: SqlLedger) -> None:
        task = asyncio.create_task(ledger.append(asked))
        await asyncio.sleep(0)
        task.cancel()

    asked = request()
    with opened(database) as ledger:
        with writers_held_up(engine):
            asyncio.run(leave(ledger))
        ledger.append_now(request())
        assert ledger.receipt(asked.command_id, asked.fingerprint) is not None


def test_a_full_queue_is_unavailable_at_once(database: Database, engine: sa.Engine) -> None:
    with opened(database, capacity=3) as ledger:
        with writers_held_up(engine):
            answers = batched(ledger, [request() for _ in range(3)])
            with pytest.raises(Unavailable, match="too many"):
                ledger.append_now(request())
        assert all(isinstance(answer, Receipt) for answer in answers())
        assert ledger.head().position == 4


def test_a_batch_has_a_limit(database: Database, engine: sa.Engine) -> None:
    sizes: list[int] = []
    with opened(database, batch=4) as ledger:
        ledger.listen(lambda news: sizes.append(len(news)))
        with writers_held_up(engine):
            answers = batched(ledger, [request() for _ in range(10)])
        answers()
    assert sizes == [1, 4, 4, 2]


def test_closing_answers_what_is_queued_and_then_accepts_nothing(database: Database, engine: sa.Engine) -> None:
    with opened(database) as ledger:
        assert ledger.alive
        with writers_held_up(engine):
            answers = batched(ledger, [request() for _ in range(5)])
            closing = threading.Thread(target=ledger.close)
            closing.start()
            until(lambda: not ledger.alive, "the intake is closed")
            with pytest.raises(Unavailable):
                ledger.append_now(request())
        closing.join(30)
        assert not closing.is_alive()
        assert all(isinstance(answer, Receipt) for answer in answers())
        assert ledger.head().position == 6
        ledger.close()


def test_before_the_start_nothing_is_accepted(database: Database) -> None:
    with opened(database, start=False) as ledger:
        assert not ledger.alive
        with pytest.raises(Unavailable):
            ledger.append_now(request())
        assert ledger.head() == Head(0, 0)


def test_listeners_hear_of_new_events_before_any_caller_is_answered(ledger: SqlLedger) -> None:
    heard: list[tuple[Append, Receipt]] = []
    ledger.listen(heard.extend)
    asked = request(None, 0, b"1", b"2")
    receipt = ledger.append_now(asked)
    assert heard == [(asked, receipt)]
    assert ledger.append_now(asked) == receipt
    with pytest.raises(Stale):
        ledger.append_now(request(asked.case_id, 0))
    assert heard == [(asked, receipt)]


def defective(_news: Sequence[tuple[Append, Receipt]]) -> None:
    """A listener with a defect."""
    raise LookupError("a defect")


def test_a_listener_that_fails_does_not_undo_what_is_recorded(ledger: SqlLedger) -> None:
    heard: list[int] = []
    ledger.listen(defective)
    ledger.listen(lambda news: heard.append(len(news)))
    ledger.append_now(request())
    ledger.append_now(request())
    assert heard == [1, 1]
    assert ledger.alive


def test_a_command_without_events_or_with_odd_ids_is_a_defect(ledger: SqlLedger) -> None:
    asked = request()
    with pytest.raises(ValueError, match="at least one"):
        ledger.append_now(Append(asked.case_id, "test", 0, (), "a", asked.command_id, bytes(32)))
    with pytest.raises(ValueError, match="16 bytes"):
        ledger.append_now(request(command_id=b"short"))
    with pytest.raises(ValueError, match="16 bytes"):
        ledger.append_now(request(fingerprint=b"short"))


def test_large_and_odd_content_comes_back_unchanged(ledger: SqlLedger) -> None:
    state = bytes(range(256)) * 8000
    asked = request(None, 0, state, b"")
    asked = Append(
        asked.case_id,
        "Fälle–☃",
        0,
        (*asked.drafts, Draft("tüp\U0001f600", 2**31 - 1, b"", b"")),
        "ä",
        asked.command_id,
        bytes(32),
    )
    ledger.append_now(asked)
    first, second, third = ledger.load(asked.case_id)
    assert hashlib.sha256(first.state).digest() == hashlib.sha256(state).digest()
    assert (second.state, third.envelope, third.type, third.schema_version) == (b"", b"", "tüp\U0001f600", 2**31 - 1)
    assert (first.kind, first.actor) == ("Fälle–☃", "ä")


def test_the_ledgers_own_stream_is_a_stream_like_any_other(ledger: SqlLedger) -> None:
    assert ledger.append_now(request(UUID(int=0), 0)).version == 1
    assert ledger.append_now(request(UUID(int=0), 1)).version == 2
    assert verify(ledger).ok
