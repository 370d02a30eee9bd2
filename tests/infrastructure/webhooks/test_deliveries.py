"""Deliveries on both databases, to a receiver that is a process of its own: never lost, in order per case, in nobody's way."""

import threading
import time
from dataclasses import replace
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from application.errors import NotFound
from application.feeds import NOTICED
from infrastructure.logging import ALLOWED
from infrastructure.webhooks.courier import CASES_DOWN
from infrastructure.webhooks.dispatcher import LAG
from infrastructure.webhooks.receivers import SKIPPED, Receivers, Wish
from tests.infrastructure.receiving import ReceiverProcess, check
from tests.infrastructure.webhooks.delivering import LEDGER_ID, PATIENT, QUICK, delivering, everything, status
from tests.matters import HOUR, NOON, Office
from tests.waiting import until


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


def test_no_event_is_skipped_that_was_not_tried(office: Office, receivers: Receivers, receiver: ReceiverProcess) -> None:
    (bad,) = office.record(1, 3)
    webhook, _ = receivers.add(Wish(receiver.url, first=1))
    receiver.answer("500")
    with delivering(office):
        until(lambda: status(receivers)["failed"] == 1, "it is set aside")
    receivers.skip(webhook, bad)
    with pytest.raises(NotFound):
        receivers.skip(webhook, bad)
    receiver.answer("200")
    with delivering(office):
        until(lambda: status(receivers)["held"] == 0, "the rest follows")

    assert [taken.position for taken in receiver.accepted()] == [2, 3, 4]


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


@pytest.mark.parametrize("answer", ["302", "404", "drop", "hang"])
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


def test_a_receiver_that_was_down_for_long_gets_everything_without_a_command(
    office: Office, receivers: Receivers, receiver: ReceiverProcess
) -> None:
    receiver.kill()
    webhook, secret = receivers.add(Wish(receiver.url, first=1))
    office.record(CASES_DOWN + 1, 1)
    with delivering(office, replace(QUICK, attempts=2, longest_pause=0.1)):
        tries = 6 * CASES_DOWN
        until(lambda: len(receivers.deliveries(webhook, limit=10_000)) >= tries, "it is down for longer than any case is tried")
        assert status(receivers)["failed"] == 0
        receiver.start()
        until(lambda: receiver.positions() == everything(office), "everything comes")
        until(lambda: status(receivers)["held"] == 0, "nothing is held")

    check(receiver.accepted(), secret, everything(office))


def test_cases_that_always_fail_hold_up_no_others_however_many_they_are(
    office: Office, receivers: Receivers, receiver: ReceiverProcess
) -> None:
    bad = office.record(2 * CASES_DOWN, 0)
    receiver.answer(*(f"{case} 500" for case in bad), "200")
    webhook, _ = receivers.add(Wish(receiver.url, first=1))
    with delivering(office, replace(PATIENT, longest_pause=1)):
        until(lambda: len(receivers.deliveries(webhook)) >= CASES_DOWN, "it is taken for down")
        good = office.open_matter()
        until(lambda: bool(receiver.accepted()), "another case is told")
        assert status(receivers)["failed"] == 0

    assert {taken.event["subject"] for taken in receiver.accepted()} == {str(good)}


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


def test_a_receiver_that_wants_no_more_is_paused_aloud_and_still_measured(
    office: Office, receivers: Receivers, receiver: ReceiverProcess
) -> None:
    webhook, _ = receivers.add(Wish(receiver.url, first=1))
    receiver.answer("410")
    office.record(1, 1)
    with capture_logs() as lines, delivering(office):
        until(lambda: status(receivers)["state"] == "paused", "it is paused")
        until(lambda: lag(webhook) is not None, "it is measured")
        office.record(1, 50)
        until(lambda: lag(webhook) == status(receivers)["lag_events"], "its lag grows")
        assert (lag(webhook) or 0) > 50
        receivers.remove(webhook)
        until(lambda: lag(webhook) is None, "nothing is said of it any more")

    (said,) = [line for line in lines if line["event"] == "webhooks.gone"]
    assert (said["webhook_id"], said["log_level"]) == (webhook, "warning")
    assert said.keys() <= ALLOWED | {"log_level"}


def lag(webhook: UUID) -> float | None:
    """What the gauge says of a receiver, None where it says nothing."""
    samples = (sample for metric in LAG.collect() for sample in metric.samples)
    return next((sample.value for sample in samples if sample.labels.get("webhook") == str(webhook)), None)
