"""Many callers, one writer: what shares a batch, who is answered, and what happens when somebody goes away."""

import asyncio
import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import sqlalchemy as sa

from application.errors import ApplicationError, ClaimTaken, Stale, Unavailable
from application.records import Append, Claim, Head, Receipt, WrappedKey
from infrastructure.ledger import SqlLedger
from infrastructure.verification import verify
from tests.engines import Database
from tests.infrastructure.events import request
from tests.infrastructure.ledgers import Clock, batched, opened, together, writers_held_up
from tests.waiting import until


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


def test_a_log_far_ahead_of_the_clock_is_an_alarm_once(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    with caplog.at_level(logging.ERROR), opened(database, clock) as ledger:
        ledger.append_now(request())
        clock.now -= 61_000_000
        ledger.append_now(request())
        ledger.append_now(request())
    assert [record.message for record in caplog.records if record.name == "infrastructure.committer"] == [
        "the log's time is more than a minute ahead of this machine's clock"
    ]


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
