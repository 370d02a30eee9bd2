"""Server processes to measure on."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection

from tests.waiting import PATIENCE, until


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def started(environment: Mapping[str, str], port: int) -> "subprocess.Popen[bytes]":
    """A server, as ``scripts.benchmarks.serving`` says, that answers. Exits if it does not come up."""
    command = [sys.executable, "-m", "scripts.benchmarks.serving", str(port)]
    server = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
    until(lambda: _answers(server, port), "the server")
    return server


def ask(port: int, path: str, method: str = "GET") -> str:
    """What a server answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def _answers(server: "subprocess.Popen[bytes]", port: int) -> bool:
    if server.poll() is not None:
        raise SystemExit("the server ended; what it said stands above")
    try:
        return ask(port, "/health/live") != ""
    except OSError:
        return False


@contextmanager
def serving(environment: Mapping[str, str]) -> Iterator[int]:
    """A server until the block ends; gives its port."""
    port = free_port()
    server = started(environment, port)
    try:
        yield port
    finally:
        server.terminate()
        server.wait(30)
