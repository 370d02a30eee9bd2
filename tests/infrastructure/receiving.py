"""A receiver of webhooks as a process of its own, that can be told to misbehave: ``python -m tests.infrastructure.receiving``.

It answers by the content of a file, read anew for each request: ``200`` or any status, ``hang``, ``drop``, ``503 after 1``;
a line ``CASE STATUS`` goes for one case alone. What it was sent, and how it answered, it appends to another file.
"""

import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook

from tests.waiting import until

HOST = "127.0.0.1"


class Handler(BaseHTTPRequestHandler):
    """Answers as it is told."""

    protocol_version = "HTTP/1.1"
    folder: Path
    lock = threading.Lock()

    def do_POST(self) -> None:
        """Take one delivery."""
        body = self.rfile.read(int(self.headers["content-length"]))
        case = str(json.loads(body)["subject"])
        told = [line.split(maxsplit=1) for line in (self.folder / "manner").read_text().splitlines()]
        general = next((" ".join(words) for words in told if "-" not in words[0]), "200")
        how = next((words[1] for words in told if words[0] == case), general)
        if how == "hang":
            time.sleep(3600)
        if how == "drop":
            self.close_connection = True
            return
        status, _, after = how.partition(" after ")
        entry = {"headers": {k.lower(): v for k, v in self.headers.items()}, "body": body.decode(), "status": int(status)}
        with self.lock, (self.folder / "received").open("a") as file:
            file.write(json.dumps(entry) + "\n")
        with contextlib.suppress(ConnectionError):
            self.send_response(int(status))
            if after:
                self.send_header("retry-after", after)
            if status == "302":
                self.send_header("location", f"http://{self.headers['host']}/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Takes many connections at once, and says nothing of those that break: senders are killed in the midst of them."""

    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""


def serve(port: int, folder: Path) -> None:
    """Receive until killed."""
    Handler.folder = folder
    Server((HOST, port), Handler).serve_forever()


@dataclass(frozen=True)
class Taken:
    """One delivery as it came, and the status it was answered with."""

    headers: dict[str, str]
    body: str
    status: int

    @property
    def event(self) -> dict[str, Any]:
        """The CloudEvent."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def position(self) -> int:
        """The event's position."""
        return int(self.event["data"]["position"])


class ReceiverProcess:
    """The receiver, started and killed at will; what it was sent stays."""

    def __init__(self, folder: Path) -> None:
        """Choose a port, and accept everything."""
        self.folder = folder
        folder.mkdir(exist_ok=True)
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://{HOST}:{self.port}/hook"
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "received").touch()
        self.answer("200")

    def answer(self, *lines: str) -> None:
        """Answer this way from now on."""
        new = self.folder / "manner.new"
        new.write_text("\n".join(lines))
        new.replace(self.folder / "manner")

    def start(self) -> None:
        """Begin to listen."""
        command = [sys.executable, "-m", "tests.infrastructure.receiving", str(self.port), str(self.folder)]
        self._process = subprocess.Popen(command, cwd=Path(__file__).parents[2])
        until(self._listens, "the receiver listens")

    def kill(self) -> None:
        """End at once, in the midst of whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)
            self._process = None

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0

    def taken(self) -> list[Taken]:
        """Every delivery that was read to its end, in order."""
        text = (self.folder / "received").read_text()
        return [Taken(**json.loads(line)) for line in text.splitlines() if line.endswith("}")]

    def accepted(self) -> list[Taken]:
        """The deliveries that were accepted."""
        return [taken for taken in self.taken() if 200 <= taken.status < 300]

    def positions(self) -> set[int]:
        """The positions of all that was accepted."""
        return {taken.position for taken in self.accepted()}


def check(accepted: list[Taken], secret: str, expected: set[int]) -> None:
    """All that was expected came, signed, each case in order: no event before all earlier ones of its case had come."""
    webhook = Webhook(secret)
    seen: dict[str, int] = defaultdict(int)
    for taken in accepted:
        webhook.verify(taken.body, taken.headers)
        event = taken.event
        assert taken.headers["webhook-id"] == event["id"] == f"{event['source'].removeprefix('urn:uuid:')}/{taken.position}"
        version, before = event["data"]["version"], seen[event["subject"]]
        assert version <= before + 1, f"version {version} of {event['subject']} came after {before}"
        seen[event["subject"]] = max(version, before)
    assert {taken.position for taken in accepted} == expected


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
