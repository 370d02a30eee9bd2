"""Durable commands over HTTP against an empty POST on the same server."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, cast

from domain.catalogue import discover
from domain.kernel import OFFICER
from infrastructure import instance
from infrastructure.actors import Registration
from infrastructure.settings import Settings
from scripts.benchmarks.databases import Databases, scratch
from scripts.benchmarks.rounds import Rates, Ratio, alternate, show
from scripts.benchmarks.servers import ask, free_port, started
from tests.engines import Database
from tests.waiting import until

CASES = 256
EVENTS = 20
ROUNDS = 9
COLD_ROUNDS = 2
SECONDS = 0.6
PROFILE_SECONDS = 3.0
LEAST = 0.25

HOT, COLD, EMPTY = "command, case in memory", "command, case not in memory", "empty POST"


class Served:
    """``casetrail serve`` on an instance, and the load process. ``close`` ends both."""

    def __init__(self, environment: dict[str, str], token: str) -> None:
        self._port = free_port()
        self._environment = environment
        self._server = started(environment, self._port)
        self._load = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "scripts.benchmarks.load", str(self._port), token],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._orders, self._told = cast("tuple[IO[str], IO[str]]", (self._load.stdin, self._load.stdout))
        self.order("connect")

    def restart(self) -> None:
        """A new process that remembers no case, warm in every other way."""
        self._server.terminate()
        self._server.wait(30)
        self._server = started(self._environment, self._port)
        self.order("connect")
        self.order("warm")

    def order(self, do: str, **more: float) -> dict[str, float]:
        """Have the load process do something. Exits if it could not."""
        self._orders.write(json.dumps({"do": do} | more) + "\n")
        self._orders.flush()
        answer = self._told.readline()
        if not answer:
            raise SystemExit("the load process ended; what it said stands above")
        told: dict[str, float] = json.loads(answer)
        return told

    def rate(self, do: str, **more: float) -> float:
        """Requests per second of an order."""
        told = self.order(do, **more)
        return told["sent"] / told["seconds"]

    def ask(self, path: str, method: str = "GET") -> str:
        """One of the measuring routes."""
        return ask(self._port, path, method)

    def threads(self) -> dict[str, float]:
        """Processor seconds by thread."""
        told: dict[str, float] = json.loads(self.ask("/bench/threads"))
        return told

    def settle(self) -> None:
        """Wait until the read models have heard everything."""
        until(lambda: self.ask("/bench/lag") == "0", "read models at the head")

    def close(self) -> None:
        """End both processes."""
        for process in (self._load, self._server):
            process.terminate()
            process.wait(30)


def prepared(database: Database, folder: Path) -> tuple[dict[str, str], str]:
    """Make an instance in the folder on the database: the server's environment, and an officer's token."""
    environment = {"CASETRAIL_INSTANCE": str(folder), "CASETRAIL_DATABASE_URL": database.url}
    settings = Settings(instance=folder, database_url=database.url, owner_database_url=database.owner_url)
    instance.initialize(settings, discover(), Registration("officer-1", "unit-1", "agency", (OFFICER,)))
    token = instance.issuer(instance.load_secrets(folder)).issue("officer-1", OFFICER, 86_400)
    return environment, token


def run(databases: Databases, dialect: str) -> bool:
    """Measure on one database; whether the ratio is reached."""
    with filled(databases, dialect) as server:
        reached = show(hot_rounds(server), [Ratio(HOT, EMPTY, LEAST)])
        show(cold_rounds(server), [Ratio(COLD, EMPTY)])
        return reached


def profile(databases: Databases, dialect: str) -> None:
    """Print where the time of a command goes: by thread, then by function on the event loop's thread."""
    with filled(databases, dialect) as server:
        by_thread(server, "empty", seconds=PROFILE_SECONDS)
        by_thread(server, "hot", seconds=PROFILE_SECONDS)
        server.ask("/bench/profile", "POST")
        sent = server.order("hot", seconds=PROFILE_SECONDS)["sent"]
        print(f"  {sent:,.0f} commands under the profiler, which slows every call down:")
        print(server.ask("/bench/profile", "POST"))
        server.restart()
        by_thread(server, "each")


@contextmanager
def filled(databases: Databases, dialect: str) -> Iterator[Served]:
    """A server on a fresh database with cases in it, warm."""
    with databases.fresh(dialect) as database, scratch() as folder:
        server = Served(*prepared(database, folder / "instance"))
        try:
            server.order("open", cases=CASES, events=EVENTS)
            server.order("hot", seconds=SECONDS)
            server.settle()
            yield server
        finally:
            server.close()


def hot_rounds(server: Served) -> list[Rates]:
    """Cases that the server remembers."""
    return alternate(ROUNDS, {
        HOT: partial(server.rate, "hot", seconds=SECONDS), EMPTY: partial(server.rate, "empty", seconds=SECONDS),
    })  # fmt: skip


def cold_rounds(server: Served) -> list[Rates]:
    """Cases that the server has to load: a new process, and one command for each case."""
    rounds: list[Rates] = []
    for _ in range(COLD_ROUNDS):
        server.restart()
        rounds.append({EMPTY: server.rate("empty", seconds=SECONDS), COLD: server.rate("each")})
    return rounds


def by_thread(server: Served, do: str, **more: float) -> None:
    """What one request costs each of the server's threads."""
    server.settle()
    before = server.threads()
    told = server.order(do, **more)
    spent = {name: seconds - before.get(name, 0.0) for name, seconds in server.threads().items()}
    print(f"  {do}: {told['sent'] / told['seconds']:,.0f} /s, p50 {told['p50']:.1f} ms, p99 {told['p99']:.1f} ms")
    for name, seconds in sorted(spent.items(), key=lambda pair: -pair[1]):
        if seconds * 1e6 >= told["sent"]:
            print(f"    {seconds / told['sent'] * 1e6:6.0f} µs of processor time in {name}")
