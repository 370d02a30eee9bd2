"""Durable commands over HTTP against an empty POST on the same server."""

import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from domain.catalogue import discover
from domain.kernel import OFFICER
from infrastructure import instance
from infrastructure.actors import Registration
from infrastructure.settings import Settings
from scripts.benchmarks.databases import Databases, scratch
from scripts.benchmarks.rounds import Rates, Ratio, alternate, show
from tests.engines import Database
from tests.waiting import until

CASES = 512
EVENTS = 20
ROUNDS = 5
SECONDS = 1.5
LEAST = 0.25

HOT, COLD, EMPTY = "command, case in memory", "command, case not in memory", "empty POST"


class Served:
    """A server process with a load process, for as long as the block lasts."""

    def __init__(self, port: int, server: "subprocess.Popen[bytes]", token: str) -> None:
        self._port = port
        self._server = server
        self._load = subprocess.Popen(
            [sys.executable, "-m", "scripts.benchmarks.load", str(port), token],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def order(self, do: str, **more: float) -> dict[str, float]:
        """Have the load process do something. Exits if it could not."""
        assert self._load.stdin is not None and self._load.stdout is not None
        self._load.stdin.write(json.dumps({"do": do} | more) + "\n")
        self._load.stdin.flush()
        answer = self._load.stdout.readline()
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
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}{path}", method=method)  # noqa: S310
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own server
            return str(answer.read().decode())

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


@contextmanager
def served(environment: dict[str, str], token: str) -> Iterator[Served]:
    """``casetrail serve`` on an instance."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "-m", "scripts.benchmarks.serving", str(port)], env=os.environ | environment
    )
    try:
        until(partial(answers, port, server), "the server")
        running = Served(port, server, token)
        try:
            yield running
        finally:
            running.close()
    finally:
        server.kill()


def answers(port: int, server: "subprocess.Popen[bytes]") -> bool:
    """Whether the server takes requests."""
    if server.poll() is not None:
        raise SystemExit("the server ended; what it said stands above")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live"):
            return True
    except OSError:
        return False


def prepared(database: Database, folder: Path) -> tuple[dict[str, str], str]:
    """Make an instance in the folder on the database: the server's environment, and an officer's token."""
    environment = {"CASETRAIL_INSTANCE": str(folder), "CASETRAIL_DATABASE_URL": database.url}
    settings = Settings(instance=folder, database_url=database.url, owner_database_url=database.owner_url)
    instance.initialize(settings, discover(), Registration("officer-1", "unit-1", "agency", (OFFICER,)))
    token = instance.issuer(instance.load_secrets(folder)).issue("officer-1", OFFICER, 86_400)
    return environment, token


def run(databases: Databases, dialect: str, *, profile: bool) -> bool:
    """Measure on one database."""
    with databases.fresh(dialect) as database, scratch() as folder:
        environment, token = prepared(database, folder / "instance")
        with served(environment, token) as server:
            server.order("open", cases=CASES, events=EVENTS)
            server.order("hot", seconds=SECONDS)
            server.settle()
            if profile:
                profiled(server)
                return True
            rounds = alternate(ROUNDS, {
                HOT: partial(server.rate, "hot", seconds=SECONDS), EMPTY: partial(server.rate, "empty", seconds=SECONDS),
            })  # fmt: skip
        ...
