"""Receivers and the commands on them: replayed, paused, gone, secrets exchanged, removed, and what is refused."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from standardwebhooks import Webhook, WebhookVerificationError

from application.errors import Invalid, NotFound
from infrastructure.key_files import UnusableKeyFile
from infrastructure.webhooks.receivers import Receivers, Wish
from infrastructure.webhooks.signing import Secretary
from tests.infrastructure.receiving import ReceiverProcess, check
from tests.infrastructure.webhooks.delivering import SECRETARY, delivering, everything, status
from tests.matters import Office
from tests.waiting import until


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


def test_a_receiver_that_is_gone_is_paused_and_loses_nothing(
    office: Office, receivers: Receivers, receiver: ReceiverProcess
) -> None:
    webhook, secret = receivers.add(Wish(receiver.url, first=1))
    receiver.answer("410")
    office.record(3, 1)
    with delivering(office):
        until(lambda: status(receivers)["state"] == "paused", "it is paused")
        asked = len(receiver.taken())
        assert {delivery["status"] for delivery in receivers.deliveries(webhook)} == {410}
        time.sleep(1.2)  # as long as a look at the table takes
        assert len(receiver.taken()) == asked
        receiver.answer("200")
        receivers.pause(webhook, paused=False)
        until(lambda: {taken.position for taken in receiver.accepted()} == everything(office), "it goes on")
        until(lambda: status(receivers)["held"] == 0, "nothing is held")

    check(receiver.accepted(), secret, everything(office))


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
    receivers.remove(webhook)
    assert receivers.statuses() == []
    assert len(receivers.deliveries(webhook)) == 3
    assert receivers.deliveries(webhook, failed=True) == []
    assert receivers.prune(timedelta(0)) == 3
    with pytest.raises(NotFound):
        receivers.deliveries(webhook)


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
        lambda: receivers.held(nobody),
        lambda: receivers.deliveries(nobody),
    ):
        with pytest.raises(NotFound):
            order()
