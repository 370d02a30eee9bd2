"""Webhooks on both databases, to a receiver that is a process of its own: never lost, in order per case, in nobody's way."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from standardwebhooks import Webhook, WebhookVerificationError

from application.errors import Invalid, NotFound
from application.feeds import NOTICED
from infrastructure.clock import system_clock
from infrastructure.key_files import UnusableKeyFile
from infrastructure.webhooks.courier import CASES_DOWN, Manner
from infrastructure.webhooks.dispatcher import Dispatcher
from infrastructure.webhooks.receivers import SKIPPED, Receivers, Wish
from infrastructure.webhooks.signing import Secretary
from tests.infrastructure.receiving import ReceiverProcess, check
from tests.matters import CATALOGUE, HOUR, NOON, Office
from tests.waiting import until

LEDGER_ID = UUID("5f741cee-03d4-43a3-8da3-ba4bb8a60952")
QUICK = Manner(attempts=5, first_pause=0.05, longest_pause=0.2, timeout=0.5)
PATIENT = replace(QUICK, attempts=10_000)
SECRETARY = Secretary(bytes(32))


@pytest.fixture
def office(engine: sa.Engine) -> Iterator[Office]:
    """A ledger of matters, recording."""
    office = Office(engine, system_clock)
    office.ledger.start()
    yield office
    office.ledger.close()


@pytest.fixture
def receivers(office: Office) -> Receivers:
    """The table of receivers."""
    return Receivers(office.engine, office.ledger, CATALOGUE, SECRETARY, system_clock)


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[ReceiverProcess]:
    """A receiver, listening."""
    receiver = ReceiverProcess(tmp_path / "receiver")
    receiver.start()
    yield receiver
    receiver.kill()


@contextlib.contextmanager
def delivering(office: Office, manner: Manner = QUICK) -> Iterator[Dispatcher]:
    """Deliveries being made until the block ends."""
    dispatcher = Dispatcher(office.engine, office.ledger, LEDGER_ID, SECRETARY, manner, system_clock)
    dispatcher.start()
    try:
        yield dispatcher
    finally:
        dispatcher.stop()


def everything(office: Office) -> set[int]:
    """Every position there is."""
    return set(range(1, office.ledger.head().position + 1))


def status(receivers: Receivers) -> dict[str, object]:
    """The one receiver as listed."""
    (found,) = receivers.statuses()
    return found


def test_a_receiver_is_told_of_every_event_signed_and_without_anything_nominal(
    office: Office, receivers: Receivers, receiver: ReceiverProcess
) -> None:
    office.record(3, 4)
    webhook, secret = receivers.add(Wish(receiver.url, first=1))
    with delivering(office):
        until(lambda: receiver.positions() == everything(office), "it was told of what was there")
        case = office.open_matter()
        office.step(case, NOON + HOUR)
        until(lambda: receiver.positions() == everything(office), "it was told of what is new")
        until(lambda: status(receivers)["lag_events"] == 0, "that is written down")
        assert status(receivers)["state"] == "delivering"

    check(receiver.taken(), secret, everything(office))
    rows = {row.position: row for row in office.ledger.read(0, 1000)}
    for taken in receiver.taken():
        row, event = rows[taken.position], taken.event
        assert set(event) == {"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data"}
        assert (event["specversion"], event["type"], event["subject"]) == ("1.0", row.type, str(row.case_id))
        assert event["source"] == f"urn:uuid:{LEDGER_ID}"
        assert taken.headers["content-type"] == "application/cloudevents+json"
        assert event["data"]["leaf_hash"] == row.leaf_hash.hex()
        assert set(event["data"]) == set(NOTICED)
        assert "s-1" not in taken.body
    assert len(receivers.deliveries(webhook)) == len(receiver.taken())
    assert status(receivers)["state"] == "waiting"


def test_only_what_is_asked_for_is_sent(office: Office, receivers: Receivers, receiver: ReceiverProcess) -> None:
    office.record(2, 2)
    office.register_party()
    receivers.add(Wish(receiver.url, types=["matter.opened"], first=1))
    receivers.add(Wish(receiver.url, kinds=["party"], first=1))
    with delivering(office):
        until(lambda: [s["lag_events"] for s in receivers.statuses()] == [0, 0], "all are through")

    assert sorted(taken.event["type"] for taken in receiver.taken()) == ["matter.opened"] * 2 + ["party.registered"]


def test_without_a_position_it_begins_with_what_comes_next(
    office: Office, receivers: Receivers, receiver: ReceiverProcess
) -> None:
    office.record(1, 3)
    receivers.add(Wish(receiver.url))
    with delivering(office):
        office.open_matter()
        until(lambda: bool(receiver.taken()), "something comes")

    assert receiver.positions() == {5}


def test_a_failing_case_is_held_back_while_the_others_flow_and_follows_in_order(
    office: Office, receivers: Receivers, receiver: ReceiverProcess
) -> None:
    bad, *others = office.record(4, 3)
    webhook, secret = receivers.add(Wish(receiver.url, first=1))
    receiver.answer(f"{bad} 500", "200")
    with delivering(office):
        office.step(bad, NOON + 5 * HOUR)
        for other in others:
            office.step(other, NOON + 5 * HOUR)
        until(lambda: status(receivers)["failed"] == 1, "it is set aside")
        until(lambda: status(receivers)["lag_events"] == 0, "the others are told")
        (held,) = receivers.held(webhook, failed=True)
        assert (held["case_id"], held["version"], held["attempts"], held["error"]) == (str(bad), 1, 5, "NotAccepted")
        assert {taken.event["subject"] for taken in receiver.accepted()} == {str(case) for case in others}
        tried = [(d["status"], d["attempt"]) for d in receivers.deliveries(webhook, failed=True)]
        assert tried == [(500, 5), (500, 4), (500, 3), (500, 2), (500, 1)]

        receiver.answer("200")
        assert receivers.retry(webhook) == 1
        until(lambda: status(receivers)["held"] == 0, "it flows again")

    check(receiver.accepted(), secret, everything(office))


def test_a_skipped_event_is_passed_over_by_command_alone(
    office: Office, receivers: Receivers, receiver: ReceiverProcess
) -> None:
    (bad,) = office.record(1, 3)
    webhook, _ = receivers.add(Wish(receiver.url, first=1))
    receiver.answer("500")
    with delivering(office):
        until(lambda: status(receivers)["failed"] == 1, "it is set aside")
        receiver.answer("200")
        receivers.skip(webhook, bad)
        until(lambda: status(receivers)["held"] == 0, "the rest follows")

    assert [taken.position for taken in receiver.accepted()] == [2, 3, 4]
    assert SKIPPED in {delivery["error"] for delivery in receivers.deliveries(webhook)}
    with pytest.raises(NotFound):
        receivers.skip(webhook, bad)


def test_retry_after_is_honored(office: Office, receivers: Receivers, receiver: ReceiverProcess) -> None:
    office.record(1, 0)
    receivers.add(Wish(receiver.url, first=1))
    receiver.answer("503 after 2")
    with delivering(office, replace(QUICK, longest_pause=2)):
        until(lambda: len(receiver.taken()) == 1, "it is tried")
        began = time.monotonic()
        receiver.answer("200")
        until(lambda: len(receiver.accepted()) == 1, "it is tried again")

    assert time.monotonic() - began > 1.5


@pytest.mark.parametrize("answer", ["302", "404", "410", "drop", "hang"])
def test_nothing_but_success_is_accepted(office: Office, receivers: Receivers, receiver: ReceiverProcess, answer: str) -> None:
    (case,) = office.record(1, 0)
    webhook, _ = receivers.add(Wish(receiver.url, first=1))
    receiver.answer(answer)
    with delivering(office):
        until(lambda: status(receivers)["failed"] == 1, "it is given up")

    (held,) = receivers.held(webhook)
    expected = {"drop": "RemoteProtocolError", "hang": "TimeoutError"}.get(answer, "NotAccepted")
    assert (held["case_id"], held["error"]) in {(str(case), expected), (str(case), "ReadTimeout")}
    assert receiver.accepted() == []


def test_a_receiver_that_is_down_is_asked_seldom_and_gets_everything_later(
    office: Office, receivers: Receivers, receiver: ReceiverProcess
) -> None:
    receiver.kill()
    webhook, secret = receivers.add(Wish(receiver.url, first=1))
    office.record(60, 1)
    with delivering(office, replace(PATIENT, first_pause=0.2, longest_pause=0.4)):
        until(lambda: len(receivers.deliveries(webhook)) >= CASES_DOWN, "it is found down")
        tried = len(receivers.deliveries(webhook, limit=10_000))
        began = time.monotonic()
        until(lambda: len(receivers.deliveries(webhook, limit=10_000)) >= tried + 4, "it is asked now and then")
        assert time.monotonic() - began > 0.3
        receiver.start()
        until(lambda: receiver.positions() == everything(office), "everything comes")
        until(lambda: status(receivers)["held"] == 0, "nothing is held")

    check(receiver.accepted(), secret, everything(office))


def test_a_receiver_that_fails_hangs_and_restarts_gets_every_event_in_order(
    office: Office, receivers: Receivers, receiver: ReceiverProcess
) -> None:
    webhook, secret = receivers.add(Wish(receiver.url, first=1))
    stop = threading.Event()

    def write() -> None:
        cases = [office.open_matter() for _ in range(8)]
        hour = 1
        while not stop.wait(0.01):
            office.step(cases[hour % len(cases)], NOON + hour * HOUR / 60)
            hour += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with delivering(office, PATIENT):
            for manner in ("200", "500", "hang", "200", "drop", "503 after 1", "200"):
                receiver.answer(manner)
                reached = office.ledger.head().position + 25
                until(lambda: office.ledger.head().position >= reached, "commands go on")  # noqa: B023 - awaited at once
                receiver.kill()
                receiver.start()
            receiver.answer("200")
            stop.set()
            writer.join()
            until(lambda: receiver.positions() == everything(office), "everything comes")
            until(lambda: (status(receivers)["held"], status(receivers)["lag_events"]) == (0, 0), "all is written down")
    finally:
        stop.set()
        writer.join()

    check(receiver.accepted(), secret, everything(office))
    assert {d["error"] for d in receivers.deliveries(webhook, failed=True, limit=10_000)} >= {"NotAccepted"}


def test_a_replay_sends_it_all_again(office: Office, receivers: Receivers, receiver: ReceiverProcess) -> None:
    office.record(3, 2)
    webhook, _ = receivers.add(Wish(receiver.url, first=1))
    with delivering(office):
        until(lambda: status(receivers)["lag_events"] == 0, "it is told")
        before = len(receiver.taken())
        receivers.replay(webhook, 4)
        until(lambda: len(receiver.taken()) == before + 6, "it is told again")
        until(lambda: status(receivers)["lag_events"] == 0, "that is written down")

    assert sorted(taken.position for taken in receiver.taken()[before:]) == [4, 5, 6, 7, 8, 9]
    for wrong in (0, 11):
        with pytest.raises(Invalid):
            receivers.replay(webhook, wrong)


def test_a_replay_forgets_what_was_held_after_it(office: Office, receivers: Receivers, receiver: ReceiverProcess) -> None:
    first, second = office.record(2, 2)
    webhook, secret = receivers.add(Wish(receiver.url, first=1))
    receiver.answer(f"{second} 500", "200")
    with delivering(office):
        until(lambda: status(receivers)["failed"] == 1, "it is set aside")
        receiver.answer("200")
        receivers.replay(webhook, 2)
        until(lambda: receiver.positions() == everything(office), "all come")
        until(lambda: (status(receivers)["held"], status(receivers)["lag_events"]) == (0, 0), "all is written down")

    assert len([taken for taken in receiver.accepted() if taken.event["subject"] == str(first)]) == 5
    check(receiver.accepted(), secret, everything(office))


def test_paused_nothing_is_sent_and_nothing_is_lost(office: Office, receivers: Receivers, receiver: ReceiverProcess) -> None:
    webhook, secret = receivers.add(Wish(receiver.url))
    receivers.pause(webhook, paused=True)
    with delivering(office):
        office.record(2, 2)
        time.sleep(1.2)  # as long as a look at the table takes
        assert (receiver.taken(), status(receivers)["state"]) == ([], "paused")
        receivers.pause(webhook, paused=False)
        until(lambda: receiver.positions() == everything(office), "it goes on")

    check(receiver.taken(), secret, everything(office))


def tell_one(office: Office, receivers: Receivers) -> None:
    """Record one event and have it delivered."""
    office.record(1, 0)
    with delivering(office):
        until(lambda: status(receivers)["lag_events"] == 0, "it is told")


def test_two_secrets_sign_while_one_is_exchanged(office: Office, receivers: Receivers, receiver: ReceiverProcess) -> None:
    webhook, old = receivers.add(Wish(receiver.url))
    new = receivers.rotate(webhook, timedelta(hours=1))
    tell_one(office, receivers)
    newest = receivers.rotate(webhook, timedelta(0))
    tell_one(office, receivers)

    both, alone = receiver.taken()
    for secret in (old, new):
        Webhook(secret).verify(both.body, both.headers)
    Webhook(newest).verify(alone.body, alone.headers)
    for secret in (old, new):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(alone.body, alone.headers)


def test_a_secret_is_stored_wrapped_and_by_another_key_not_to_be_had(office: Office, receivers: Receivers) -> None:
    receivers.add(Wish("https://example.org/"))
    with office.engine.connect() as connection:
        wrapped = connection.exec_driver_sql("SELECT secret FROM webhooks").scalar_one()
    assert len(SECRETARY.unwrap(bytes(wrapped))) == 32
    with pytest.raises(UnusableKeyFile):
        Secretary(b"1" * 32).unwrap(bytes(wrapped))


def test_two_processes_share_the_receivers_and_one_takes_over(
    office: Office, receivers: Receivers, receiver: ReceiverProcess
) -> None:
    receivers.add(Wish(receiver.url))
    with delivering(office):
        until(lambda: status(receivers)["state"] == "delivering", "one has it")
        with delivering(office):
            office.record(5, 5)
            until(lambda: status(receivers)["lag_events"] == 0, "it is told")
            assert len(receiver.taken()) == 30
    with delivering(office):
        office.record(1, 0)
        until(lambda: len(receiver.taken()) == 31, "the next one goes on")


def test_a_command_never_waits_for_a_delivery(office: Office, receivers: Receivers, receiver: ReceiverProcess) -> None:
    receivers.add(Wish(receiver.url))
    receiver.answer("hang")
    with delivering(office, replace(QUICK, timeout=60)):
        case = office.open_matter()
        until(lambda: status(receivers)["state"] == "delivering", "it is being told")
        for hour in range(1, 40):
            office.step(case, NOON + hour * HOUR)
        assert office.ledger.head().position == 40
        assert receiver.taken() == []


def test_the_log_of_deliveries_is_written_once_and_pruned_by_age(
    office: Office, receivers: Receivers, receiver: ReceiverProcess
) -> None:
    webhook, _ = receivers.add(Wish(receiver.url))
    with delivering(office):
        office.record(1, 2)
        until(lambda: len(receivers.deliveries(webhook)) == 3, "it is told")
    with pytest.raises(sa.exc.DBAPIError), office.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE webhook_deliveries SET status = 500")
    assert receivers.prune(timedelta(days=1)) == 0
    assert receivers.prune(timedelta(0)) == 3
    receivers.remove(webhook)
    assert receivers.statuses() == []


@pytest.mark.parametrize(
    "wish",
    [
        Wish("https://example.org/", types=["matter.closed"]),
        Wish("https://example.org/", kinds=["matters"]),
        Wish("https://example.org/", first=0),
        Wish("https://example.org/", first=2),
        Wish("http://example.org/"),
    ],
)
def test_a_wish_that_cannot_come_true_is_refused(receivers: Receivers, wish: Wish) -> None:
    with pytest.raises(Invalid):
        receivers.add(wish)


def test_an_unknown_webhook_is_not_found(receivers: Receivers) -> None:
    nobody = uuid4()
    for order in (
        lambda: receivers.remove(nobody),
        lambda: receivers.pause(nobody, paused=True),
        lambda: receivers.replay(nobody, 1),
        lambda: receivers.retry(nobody),
        lambda: receivers.rotate(nobody, timedelta(0)),
    ):
        with pytest.raises(NotFound):
            order()
