"""Many clients at once against a real server, each with a case of its own, remembering what it sent and what it heard.

Every wait has a bound; a bound that is reached is counted and no test accepts one. The clients speak HTTP themselves, so
that they cost little beside the servers they share the machine with, and may leave in the middle of a request.
"""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from api.preconditions import command_id
from application.read_models import READ_MODELS
from application.records import Recorded
from infrastructure.clock import system_clock
from infrastructure.database import open_engine
from infrastructure.ledger import SqlLedger
from infrastructure.schema import live_generations, metadata
from infrastructure.verification import verify
from infrastructure.wiring import Tools
from tests.api.processes import HOST
from tests.api.server import Instance
from tests.waiting import until

BOUND = 30.0
"""Seconds any client waits for any answer."""

LONGEST = 600.0
"""Seconds a crowd may work at most."""

GONE = (ConnectionError, asyncio.IncompleteReadError)


async def come_true(condition: Callable[[], bool], what: str, patience: float = 120.0) -> None:
    """As ``tests.waiting.until``, among tasks."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"waited {patience} seconds in vain: {what}"
        await asyncio.sleep(0.005)


@dataclass
class Sent:
    """One command as sent: ``case_id`` and ``version`` are None for an opening. ``receipt`` is the answer, if one came."""

    actor: str
    template: str
    body: bytes
    case_id: str | None = None
    version: int | None = None
    key: str = field(default_factory=lambda: uuid4().hex)
    receipt: dict[str, Any] | None = None

    @property
    def command_id(self) -> bytes:
        """The ledger's name for it."""
        return command_id(self.actor, self.template, UUID(self.case_id) if self.case_id else None, self.key)

    def wire(self, token: str) -> bytes:
        """The request."""
        head = [
            f"POST {self.template.format(case_id=self.case_id)} HTTP/1.1",
            f"host: {HOST}",
            f"authorization: Bearer {token}",
            "content-type: application/json",
            f"content-length: {len(self.body)}",
            f"idempotency-key: {self.key}",
        ]
        if self.version is not None:
            head.append(f'if-match: "{self.version}"')
        return "\r\n".join([*head, "", ""]).encode() + self.body


class Line:
    """One connection, kept open from request to request."""

    def __init__(self, port: int) -> None:
        """Connect when first needed."""
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, request: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Send bytes, connecting first if need be."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(HOST, self._port)
        self._streams[1].write(request)
        await self._streams[1].drain()
        return self._streams

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the answer. Raises what GONE names if the other end is gone."""
        try:
            reader, _ = await self.send(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
            fields = dict(line.split(": ", 1) for line in head[1:] if line)
            body = await reader.readexactly(int(fields["content-length"]))
        except GONE:
            self.leave()
            raise
        if fields.get("connection") == "close":
            self.leave()
        return int(head[0].split()[1]), body

    def leave(self) -> None:
        """Hang up, whatever is under way."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


def said(when: str, **more: Any) -> bytes:
    """A body: an act of that time, observed, with a reason."""
    times = {"earliest": f"{when}:00Z", "latest": f"{when}:01Z", "precision": "second", "zone": "UTC"}
    source = {"source_id": "o-1", "kind": "officer_observation", "origin_id": "o-1"}
    block = {"when": times, "sources": [source], "claim_status": "observed", "reason": "as observed"}
    return json.dumps(block | more).encode()


def course(actor: str) -> Iterator[Sent]:
    """The commands of one case, of which some are late, correct or would retract: the first opens it, each adds one event."""
    yield Sent(actor, "/v1/investigations", said("2025-06-02T08:00", file_number="INV", referred_by="x", statement="y"))
    case = "/v1/cases/{case_id}/"
    yield Sent(actor, f"{case}add-addendum", said("2025-06-02T12:00", text="first"))
    yield Sent(actor, f"{case}add-addendum", said("2025-06-02T10:00", text="before it"))
    yield Sent(actor, f"{case}change-file-number", said("2025-06-02T13:00", file_number="INV 1"))
    corrected = {"target": 4, "why": "typing_error", "changes": {"file_number": "INV 2"}}
    yield Sent(actor, f"{case}correct-entry", said("2025-06-02T14:00", **corrected))
    yield Sent(actor, f"{case}propose-retraction", said("2025-06-02T15:00", target=2, why="duplicate"))


@dataclass
class Crowd:
    """Clients of one or several servers, what they sent, and what went wrong."""

    instance: Instance
    ports: Sequence[int]
    patient: bool = False
    sent: list[Sent] = field(default_factory=list)
    overdue: int = 0
    unexpected: list[tuple[int, bytes]] = field(default_factory=list)
    stopped: bool = False

    def __post_init__(self) -> None:
        """Get a token for each officer."""
        self._tokens = {f"o-{n}": self.instance.token(f"o-{n}") for n in range(1, 5)}

    @property
    def receipts(self) -> list[dict[str, Any]]:
        """Every receipt given."""
        return [sent.receipt for sent in self.sent if sent.receipt is not None]

    @property
    def unanswered(self) -> list[Sent]:
        """Commands whose client heard nothing."""
        return [sent for sent in self.sent if sent.receipt is None]

    async def work(self, clients: int, enough: Callable[[], bool]) -> None:
        """Let clients work until ``enough`` holds or the servers are gone."""
        self.stopped = False
        working = asyncio.gather(*(self._client(f"o-{1 + i % 4}") for i in range(clients)))
        await come_true(lambda: enough() or working.done(), "the crowd has worked enough", LONGEST)
        self.stopped = True
        await working

    async def _client(self, actor: str) -> None:
        """Record case after case."""
        lines = [Line(port) for port in self.ports]
        while await self._record_case(actor, lines):
            pass
        for line in lines:
            line.leave()

    async def _record_case(self, actor: str, lines: Sequence[Line]) -> bool:
        """Record a case, every command by another line. False if a command was not answered or the crowd has stopped."""
        case_id: str | None = None
        for version, sent in enumerate(course(actor)):
            if self.stopped:
                return False
            if version:
                sent.case_id, sent.version = case_id, version
            self.sent.append(sent)
            if not await self.give(sent, lines[len(self.sent) % len(lines)]) or sent.receipt is None:
                return False
            case_id = sent.receipt["case_id"]
        return True

    async def give(self, sent: Sent, line: Line) -> bool:
        """Send a command, and again with its key where the answer was that there is none. False if nothing was heard."""
        while True:
            try:
                async with asyncio.timeout(BOUND):
                    status, body = await line.ask(sent.wire(self._tokens[sent.actor]))
            except TimeoutError:
                self.overdue += 1
                return False
            except GONE:
                return False
            if status in (200, 201):
                sent.receipt = json.loads(body)
                return True
            if status != 503:
                self.unexpected.append((status, body))
                return False
            if not self.patient:
                return False
            await asyncio.sleep(0.05)

    async def leave_midway(self, count: int, chance: random.Random) -> None:
        """Begin ``count`` commands and hang up on each: with half a body sent, at once after it, or a moment later."""
        begun = [next(course("o-1")) for _ in range(count)]
        self.sent += begun
        for sent in begun:
            line, request, when = Line(self.ports[0]), sent.wire(self._tokens[sent.actor]), chance.random()
            await line.send(request if when > 1 / 3 else request[: -len(sent.body) // 2])
            await asyncio.sleep(chance.random() / 50 if when > 2 / 3 else 0)
            line.leave()

    async def retry(self) -> int:
        """Send what was not answered once more, with its key; answer how much that was."""
        again = self.unanswered
        lines = [Line(self.ports[0]) for _ in range(16)]

        async def work(line: Line, share: Sequence[Sent]) -> None:
            for sent in share:
                assert await self.give(sent, line), self.unexpected
            line.leave()

        await asyncio.gather(*(work(line, again[i::16]) for i, line in enumerate(lines)))
        return len(again)


def log_of(url: str) -> list[Recorded]:
    """The whole log, which must hold together."""
    engine = open_engine(url)
    ledger = SqlLedger(engine, system_clock)
    try:
        assert verify(ledger.reader).ok
        log: list[Recorded] = []
        while piece := ledger.read(len(log), 1000):
            log += piece
        return log
    finally:
        engine.dispose()


def check(crowd: Crowd) -> list[Recorded]:
    """Nobody waited in vain; every receipt is in the log with its leaf hash; each command has exactly one event."""
    assert crowd.overdue == 0
    assert crowd.unexpected == []
    log = log_of(crowd.instance.settings.application_url())
    assert [event.position for event in log] == list(range(1, len(log) + 1))
    assert not crowd.unanswered
    for sent in crowd.sent:
        assert sent.receipt is not None
        event = log[sent.receipt["position"] - 1]
        assert (event.leaf_hash.hex(), event.command_id) == (sent.receipt["leaf_hash"], sent.command_id)
    ours = Counter(event.command_id for event in log if event.kind != "ledger")
    assert ours == Counter(sent.command_id for sent in crowd.sent)
    return log


def terminate_backends(url: str) -> str:
    """The statement that cuts every connection of the application to its database."""
    name = sa.make_url(url).database
    return f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"


def live_rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row that readers see, by read model, in the order of its key and without its generation."""
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            pointers = connection.execute(sa.select(live_generations.c.name, live_generations.c.generation))
            live = {row.name: row.generation for row in pointers}
            return {m.name: rows_of(connection, metadata.tables[m.table_name], live[m.name]) for m in READ_MODELS}
    finally:
        engine.dispose()


def rows_of(connection: sa.Connection, table: sa.Table, generation: int) -> list[tuple[Any, ...]]:
    """One generation's rows of a read model."""
    columns = [column for column in table.columns if column.name != "generation"]
    query = sa.select(*columns).where(table.c.generation == generation).order_by(*table.primary_key.columns)
    return [tuple(row) for row in connection.execute(query)]


def check_rows(crowd: Crowd, tools: Tools) -> None:
    """The read models include the whole log, one row for each event or case, as a rebuild from nothing makes them."""
    url = crowd.instance.settings.application_url()
    until(lambda: lag(tools) == 0, "the read models include the whole log", patience=60)
    followed = live_rows(url)
    for model in READ_MODELS:
        tools.projector.rebuild(model.name)
    assert live_rows(url) == followed
    assert len(followed["timeline"]) == len(followed["audit"]) == len(crowd.receipts)
    assert len(followed["cases"]) == len({receipt["case_id"] for receipt in crowd.receipts})


def lag(tools: Tools) -> int:
    """The events by which the slowest read model lags now."""
    return max(int(status["lag_events"]) for status in tools.statuses())
