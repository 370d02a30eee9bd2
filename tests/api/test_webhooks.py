"""Webhooks as operators have them: the command line, processes that deliver and are killed, commands that never wait.

``CASETRAIL_TEST_SECONDS`` makes the long case longer than its few seconds.
"""

import asyncio
import json
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infrastructure.webhooks.opening import open_receivers
from tests.api.load import Crowd, check, come_true
from tests.api.processes import Running
from tests.api.server import Instance
from tests.infrastructure.receiving import ReceiverProcess
from tests.infrastructure.receiving import check as check_received
from tests.waiting import until

SECONDS = float(os.environ.get("CASETRAIL_TEST_SECONDS", "5"))
KILLS = max(3, int(SECONDS / 8))
QUICK = {"CASETRAIL_WEBHOOK_FIRST_PAUSE": "0.1", "CASETRAIL_WEBHOOK_LONGEST_PAUSE": "0.5", "CASETRAIL_WEBHOOK_TIMEOUT": "1"}

pytestmark = pytest.mark.timeout(SECONDS + 200)


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[ReceiverProcess]:
    """A receiver, listening."""
    receiver = ReceiverProcess(tmp_path / "receiver")
    receiver.start()
    yield receiver
    receiver.kill()


def said(instance: Instance, *arguments: str, code: int = 0) -> str:
    """What a command prints."""
    running = instance.program.start("webhooks", *arguments)
    assert running.exit_code(60) == code, running.said()
    return running.said()


def told(instance: Instance, *arguments: str) -> dict[str, Any]:
    """What a command prints as JSON."""
    found: dict[str, Any] = json.loads(said(instance, *arguments, "--json"))
    return found


def lag(instance: Instance) -> tuple[int, int]:
    """How many events the one receiver is behind, and how many cases are held back for it."""
    with open_receivers(instance.settings, instance.catalogue) as receivers:
        (status,) = receivers.statuses()
    return int(status["lag_events"]), int(status["held"])


def everything(crowd: Crowd) -> set[int]:
    """Every position there is, the ledger's whole log checked on the way."""
    return {row.position for row in check(crowd)}


def test_an_operator_registers_looks_and_removes(instance: Instance, receiver: ReceiverProcess) -> None:
    added = told(instance, "add", receiver.url, "--types", "party.registered", "--kinds", "party", "--from", "1")
    webhook = added["id"]
    assert added["secret"].startswith("whsec_")
    assert "nothing can" not in said(instance, "list")
    with instance.serving() as site:
        site.caller("o-1").register_party()
        until(lambda: len(receiver.accepted()) == 1, "it is told")
        assert receiver.taken()[0].event["type"] == "party.registered"
        metrics = site.caller(None).get("/metrics").text
        assert f'casetrail_webhook_deliveries_total{{outcome="accepted",webhook="{webhook}"}} 1.0' in metrics
        assert f'casetrail_webhook_lag_events{{webhook="{webhook}"}}' in metrics
        until(lambda: lag(instance)[0] == 0, "that is written down")
    listed = told(instance, "list")
    assert (listed["url"], listed["state"], listed["held"]) == (receiver.url, "waiting", 0)
    assert told(instance, "deliveries", webhook)["status"] == 200
    assert said(instance, "deliveries", webhook, "--failed", "--json") == said(instance, "held", webhook, "--json") == ""
    assert told(instance, "pause", webhook) == {"paused": webhook}
    assert told(instance, "list")["state"] == "paused"
    assert told(instance, "resume", webhook) == {"resumed": webhook}
    assert told(instance, "retry", webhook)["cases"] == 0
    assert told(instance, "replay", webhook, "--from", "1") == {"replayed": webhook, "from": 1}
    assert told(instance, "rotate", webhook)["secret"] != added["secret"]
    assert told(instance, "prune", "--older-than", "1") == {"deleted": 0}
    assert told(instance, "remove", webhook) == {"removed": webhook}
    for wrong in (("remove", webhook), ("skip", webhook, webhook), ("add", "http://example.org/")):
        assert said(instance, *wrong, code=2).startswith("casetrail: ")


def test_deliverers_killed_at_random_lose_nothing(instance: Instance, receiver: ReceiverProcess) -> None:
    secret = told(instance, "add", receiver.url, "--from", "1")["secret"]
    server = instance.program.serve(CASETRAIL_WEBHOOKS="false")
    running = [instance.program.start("webhooks", "run", **QUICK) for _ in range(2)]
    crowd = Crowd(instance, [server.port])

    async def scenario() -> None:
        killing = asyncio.create_task(asyncio.wait_for(kill_at_random(instance, crowd, receiver, running), SECONDS + 120))
        await crowd.work(2, killing.done)
        await killing

    asyncio.run(scenario())
    until(lambda: lag(instance) == (0, 0), "everything is told", patience=60)
    for process in running:
        process.terminate()
        assert process.exit_code(30) == 0, process.said()
    expected = everything(crowd)
    check_received(receiver.accepted(), secret, expected)
    again = len(receiver.accepted()) - len(expected)
    assert again > 0, "no kill came in the midst of deliveries"
    print(f"{KILLS} kills: {len(expected)} events, {again} delivered again")  # noqa: T201


async def kill_at_random(instance: Instance, crowd: Crowd, receiver: ReceiverProcess, running: list[Running]) -> None:
    """Kill both deliverers in the midst of their work, again and again, while the receiver fails now and then."""
    chance = random.Random(KILLS)  # noqa: S311 - repeatable
    for turn in range(KILLS):
        receiver.answer("200")
        told = len(receiver.accepted()) + chance.randrange(20, 80)
        await come_true(lambda: len(receiver.accepted()) >= told, "it delivers")  # noqa: B023 - awaited at once
        receiver.answer(("200", "500", "drop")[turn % 3])
        grown = len(crowd.receipts) + chance.randrange(1, 20)
        await come_true(lambda: len(crowd.receipts) >= grown, "the log grows")  # noqa: B023 - awaited at once
        for which, process in enumerate(running):
            await asyncio.to_thread(process.kill)
            running[which] = instance.program.start("webhooks", "run", **QUICK)
    receiver.answer("200")


def rate(instance: Instance) -> float:
    """Commands a second that a crowd has recorded by a fresh server, every one of them answered."""
    server = instance.program.serve(port=0, **QUICK)
    crowd = Crowd(instance, [server.port])
    ends = time.monotonic() + SECONDS / 3
    asyncio.run(crowd.work(8, lambda: time.monotonic() > ends))
    assert (crowd.overdue, crowd.unexpected) == (0, [])
    server.terminate()
    assert server.exit_code(30) == 0, server.said()
    return len(crowd.receipts) / (SECONDS / 3)


def test_commands_go_on_at_their_own_speed_whatever_receivers_do(instance: Instance, receiver: ReceiverProcess) -> None:
    alone = rate(instance)
    secret = told(instance, "add", receiver.url, "--from", "1")["secret"]
    receiver.answer("hang")
    hanging = rate(instance)
    assert receiver.taken() == []
    receiver.answer("200")
    accepting = rate(instance)

    instance.program.start("webhooks", "run", **QUICK)
    until(lambda: lag(instance) == (0, 0), "everything is told", patience=120)
    check_received(receiver.accepted(), secret, set(range(1, len(receiver.positions()) + 1)))
    print(f"commands/s: {alone:.0f} without a webhook, {hanging:.0f} with one that hangs, {accepting:.0f} delivering")  # noqa: T201
