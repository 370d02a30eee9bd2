"""The load process: keep-alive connections that send requests built beforehand, one after the other on each.

Reads one order a line on standard input, answers one line on standard output, both JSON:

    {"do": "connect"}                         to the server, or to its successor
    {"do": "warm"}                            commands on no case of those below
    {"do": "open", "cases": n, "events": n}   record that many detentions of that many entries each
    {"do": "hot", "seconds": s}               commands on those cases, the version each expects known
    {"do": "each"}                            one command on every case
    {"do": "empty", "seconds": s}             ``POST /empty``

An answer is ``{"sent": n, "seconds": s, "p50": ms, "p99": ms}``. Any other status than 200 or 201 ends the process.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, repeat
from typing import Any
from uuid import uuid4

import uvloop

CONNECTIONS = 32
WARMING = 10
STATED = {
    "when": {
        "earliest": "2026-11-02T10:00:00Z",
        "latest": "2026-11-02T10:01:00Z",
        "precision": "minute",
        "zone": "Europe/Berlin",
    },
    "sources": [{"source_id": "officer-1", "kind": "officer_observation", "origin_id": "officer-1"}],
    "claim_status": "observed",
}
REMARK = "The person asked for the lawyer named on the card in the wallet; the duty list was called at once."
ADDENDUM, COUNSEL = (json.dumps(STATED | {field: REMARK}).encode() for field in ("text", "reason"))
AUTHORITY = {"kind": "statute", "reference": "Customs Act, section 12"}


@dataclass(slots=True)
class Case:
    """A case and the version it stands at."""

    id: str
    version: int


class Connection(asyncio.Protocol):
    """One keep-alive connection: a request out, its whole answer back."""

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[bytes] | None = None
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Collect an answer and hand it over once it is whole."""
        self._received += data
        head = self._received.find(b"\r\n\r\n")
        if head < 0 or self._answer is None:
            return
        at = self._received.find(b"content-length: ") + 16
        length = int(self._received[at : self._received.find(b"\r", at)])
        if len(self._received) >= head + 4 + length:
            answer, self._received = self._received, b""
            self._answer.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody waits for an answer that cannot come."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("the server closed the connection"))

    async def ask(self, request: bytes) -> bytes:
        """Send a request and wait for its answer. Exits on any status but 200 and 201."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        answer = await self._answer
        if answer[9:12] not in (b"200", b"201"):
            raise SystemExit(f"the server said {answer.decode()}\nto {request.decode()}")
        return answer


class Load:
    """The connections and the cases they work on, shared out so that no case is on two connections."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._token = token
        self._connections: list[Connection] = []
        self._cases: list[list[Case]] = [[] for _ in range(CONNECTIONS)]

    async def connect(self) -> dict[str, float]:
        """Open the connections."""
        loop = asyncio.get_running_loop()
        made = [await loop.create_connection(Connection, "127.0.0.1", self._port) for _ in range(CONNECTIONS)]
        self._connections = [connection for _, connection in made]
        return summary(0, 0.0, [])

    async def warm(self) -> dict[str, float]:
        """Register persons whom nobody needs, so that the server has done everything once."""
        return await self._drive(None, lambda _: (self._request("/v1/parties", person(n)) for n in range(WARMING)))

    async def open(self, cases: int, events: int) -> dict[str, float]:
        """Record ``cases`` detentions of ``events`` entries each."""
        spans: list[float] = []
        started = time.perf_counter()
        shares = [range(i, cases, CONNECTIONS) for i in range(CONNECTIONS)]
        await asyncio.gather(*(self._open(i, share, events) for i, share in enumerate(shares)))
        return summary(cases * (events + 1), time.perf_counter() - started, spans)

    async def _open(self, index: int, numbers: range, events: int) -> None:
        connection = self._connections[index]
        for number in numbers:
            party = created(await connection.ask(self._request("/v1/parties", person(number))))
            case = Case(created(await connection.ask(self._request("/v1/detentions", detention(number, party)))), 1)
            self._cases[index].append(case)
            while case.version < events:
                await connection.ask(self._command(case))

    async def hot(self, seconds: float) -> dict[str, float]:
        """Commands on the known cases for that long."""
        return await self._drive(seconds, lambda index: map(self._command, cycle(self._cases[index])))

    async def empty(self, seconds: float) -> dict[str, float]:
        """Empty requests for that long."""
        request = self._request("/empty", {})
        return await self._drive(seconds, lambda _: repeat(request))

    async def each(self) -> dict[str, float]:
        """One command on every case."""
        return await self._drive(None, lambda index: map(self._command, self._cases[index]))

    async def _drive(self, seconds: float | None, requests: Callable[[int], Iterator[bytes]]) -> dict[str, float]:
        spans: list[float] = []
        ready = [requests(index) for index in range(CONNECTIONS)]
        started = time.perf_counter()
        until = None if seconds is None else started + seconds

        async def work(connection: Connection, its: Iterator[bytes]) -> None:
            while until is None or time.perf_counter() < until:
                request = next(its, None)
                if request is None:
                    return
                before = time.perf_counter()
                await connection.ask(request)
                spans.append(time.perf_counter() - before)

        await asyncio.gather(*map(work, self._connections, ready))
        return summary(len(spans), time.perf_counter() - started, spans)

    def _command(self, case: Case) -> bytes:
        """The next command on a case: a remark and a request for counsel in turns, both with a narrative to seal."""
        remark = case.version % 2 == 0
        path = f"/v1/cases/{case.id}/add-addendum" if remark else f"/v1/detentions/{case.id}/record-counsel-request"
        request = self._request(path, ADDENDUM if remark else COUNSEL, f'If-Match: "{case.version}"\r\n')
        case.version += 1
        return request

    def _request(self, path: str, body: dict[str, Any] | bytes, headers: str = "") -> bytes:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self._token}\r\n",
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n",
            f"Idempotency-Key: {uuid4().hex}\r\n{headers}\r\n",
        )
        return "".join(lines).encode() + content


def person(number: int) -> dict[str, Any]:
    """A person for the register."""
    return STATED | {"file_number": f"P-{number}", "party_type": "person"}


def detention(number: int, party: str) -> dict[str, Any]:
    """A detention of that person."""
    return STATED | {
        "file_number": f"D-{number}",
        "party": party,
        "place": "Arrivals hall, lane 4",
        "grounds": "Undeclared goods were found in the lining of a suitcase.",
        "officers": ["officer-1"],
        "authority": AUTHORITY,
    }


def created(answer: bytes) -> str:
    """The id of the case an answer speaks of."""
    return str(json.loads(answer.partition(b"\r\n\r\n")[2])["case_id"])


def summary(sent: int, seconds: float, spans: list[float]) -> dict[str, float]:
    """How much was sent in how long, and how long an answer took in milliseconds."""
    spans.sort()
    p50, p99 = (spans[int(len(spans) * share)] * 1e3 if spans else 0.0 for share in (0.5, 0.99))
    return {"sent": sent, "seconds": seconds, "p50": p50, "p99": p99}


async def main(port: int, token: str) -> None:
    """Carry out orders until there are no more."""
    load = Load(port, token)
    orders: dict[str, Callable[..., Awaitable[dict[str, float]]]] = {
        "connect": load.connect, "warm": load.warm, "open": load.open, "hot": load.hot, "each": load.each, "empty": load.empty,
    }  # fmt: skip
    while line := await asyncio.to_thread(sys.stdin.readline):
        order = json.loads(line)
        print(json.dumps(await orders[order.pop("do")](**order)), flush=True)


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2]))
