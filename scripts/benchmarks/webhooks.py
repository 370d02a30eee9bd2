"""Durable commands over HTTP while the same server delivers webhooks: to nobody, and to one receiver in each of its moods.

What counts is what those who record have of it: the rate of commands beside a receiver over the rate without one, on one
server in one run. The rate without one is taken twice a round: what the two differ by is the noise of the machine, and what a
receiver that takes nothing costs can only be seen beyond it. A receiver is registered for its measurement, is told only
of what comes after it, and is removed again. It runs on a thread of this process, which otherwise waits.
"""

import asyncio
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from domain.catalogue import discover
from infrastructure.settings import Settings
from infrastructure.webhooks.dispatcher import LOOK
from infrastructure.webhooks.opening import open_receivers
from infrastructure.webhooks.receivers import Receivers, Wish
from scripts.benchmarks.commands import CASES, EVENTS, Served, prepared
from scripts.benchmarks.databases import Databases, scratch
from scripts.benchmarks.rounds import Ratio, alternate, show
from scripts.benchmarks.servers import free_port
from tests.engines import Database
from tests.waiting import until

ROUNDS = 11
SECONDS = 1.5
LEAST = 0.9
"""Of the rate without a receiver, beside one that takes nothing: full speed, but for the noise of two sides in turns."""

TURN = 0.3
"""Seconds for which a receiver that restarts listens, and then does not."""

DELIVERS = "casetrail-webhooks"
"""The thread that delivers, by its name."""

NOBODY, AGAIN = "no receiver", "no receiver again"
TAKES, HANGS, FAILS = "a receiver that answers at once", "one that hangs", "one that answers 500"
RESTARTS = "one that answers 500 and restarts"
STATUS = {TAKES: b"204 No Content", FAILS: b"500 Internal Server Error", RESTARTS: b"500 Internal Server Error"}


class Receiver:
    """A receiver on a thread of its own, in one mood after another. ``close`` ends it."""

    def __init__(self) -> None:
        self.mood = TAKES
        self.heard: Counter[str] = Counter()
        self.spent: dict[str, float] = defaultdict(float)
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}/"
        self._open: set[asyncio.StreamWriter] = set()
        self._closing = False
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="receiver")
        self._thread.start()

    def close(self) -> None:
        """Hang up on everybody and end."""
        self._closing = True
        self._thread.join()

    async def _run(self) -> None:
        listening: asyncio.Server | None = None
        while not self._closing:
            if listening is None:
                listening = await asyncio.start_server(self._answer, "127.0.0.1", self._port)
            elif self.mood == RESTARTS:
                self._leave(listening)
                listening = None
            await asyncio.sleep(TURN)
        if listening is not None:
            self._leave(listening)
            await asyncio.sleep(TURN)

    def _leave(self, listening: asyncio.Server) -> None:
        listening.close()
        for writer in self._open:
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]))
                self.heard[self.mood] += 1
                if self.mood == HANGS:
                    await reader.read()
                    return
                writer.write(b"HTTP/1.1 " + STATUS[self.mood] + b"\r\ncontent-length: 0\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            self._open.discard(writer)
            writer.close()


def run(databases: Databases, dialect: str) -> bool:
    """Measure on one database; whether receivers that take nothing cost nothing."""
    receiver = Receiver()
    try:
        with databases.fresh(dialect) as database, scratch() as folder, recording(database, folder) as (server, receivers):
            rounds = alternate(ROUNDS, {
                NOBODY: partial(rate, server),
                **{mood: partial(beside, server, receivers, receiver, mood) for mood in (TAKES, HANGS, FAILS, RESTARTS)},
                AGAIN: partial(rate, server),
            })  # fmt: skip
    finally:
        receiver.close()
    reached = show(
        rounds, [Ratio(AGAIN, NOBODY), Ratio(TAKES, NOBODY), *(Ratio(mood, NOBODY, LEAST) for mood in (HANGS, FAILS, RESTARTS))]
    )
    for mood in (TAKES, HANGS, FAILS, RESTARTS):
        sent, spent = (each / (ROUNDS * SECONDS) for each in (receiver.heard[mood], receiver.spent[mood]))
        print(f"  {mood}: {sent:,.0f} deliveries/s, {spent:.1%} of a processor in the thread that delivers")
    return reached


@contextmanager
def recording(database: Database, folder: Path) -> Iterator[tuple[Served, Receivers]]:
    """A server with cases in it, warm, and its table of receivers."""
    environment, token = prepared(database, folder / "instance")
    settings = Settings(instance=folder / "instance", database_url=database.url)
    server = Served(environment, token)
    try:
        server.order("open", cases=CASES, events=EVENTS)
        server.order("hot", seconds=SECONDS)
        with open_receivers(settings, discover()) as receivers:
            yield server, receivers
    finally:
        server.close()


def rate(server: Served) -> float:
    """Commands per second, the read models having heard everything before."""
    server.settle()
    return server.rate("hot", seconds=SECONDS)


def beside(server: Served, receivers: Receivers, receiver: Receiver, mood: str) -> float:
    """Commands per second while a receiver in this mood is told of them. Exits if none of it was attempted."""
    receiver.mood = mood
    webhook, _ = receivers.add(Wish(receiver.url))
    try:
        until(lambda: receivers.statuses()[0]["state"] == "delivering", "the server delivers")
        server.settle()
        before = server.threads()
        measured = server.rate("hot", seconds=SECONDS)
        receiver.spent[mood] += server.threads()[DELIVERS] - before[DELIVERS]
    finally:
        receivers.remove(webhook)
        # By then the server has seen that the receiver is gone, and broken off what was under way.
        time.sleep(2 * LOOK)
    if not receiver.heard[mood]:
        raise SystemExit(f"{mood} was sent nothing: its rate means nothing")
    return measured
