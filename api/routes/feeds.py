"""The feed of all events: as JSON Lines to ask for again and again, and as server-sent events that go on."""

import signal
import threading
from collections.abc import AsyncIterator, Iterator
from types import FrameType
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from api.preconditions import LONGEST_WAIT, seconds_to_wait
from api.problems import Problem
from api.schemas import READING_PROBLEMS, problem
from api.security import WorldHere, actor_of, allowed
from application.access import READ_FEED, may
from application.errors import NotAllowed, NotAuthenticated, Unavailable
from application.feeds import CHUNK, Tail, chunks, line
from application.world import World
from domain.kernel import Actor

router = APIRouter(prefix="/v1/events", tags=["feed"])

STREAMS = 64
"""Streams a process keeps open at most. Each holds a socket and up to a chunk of events."""

ASK_AGAIN = 10.0
"""Seconds after which an idle stream sends a comment, and asks anew whether its reader may still read."""

RECONNECT = 1000
"""Milliseconds after which a reader that was cut off should come again."""

MOST = 2**53 - 1
After = Annotated[int, Query(ge=0, le=MOST, description="Positions after this one")]

WAITING = {
    "parameters": [
        {
            "name": "Prefer",
            "in": "header",
            "required": False,
            "description": f"`wait=<seconds>`: how long to wait for an event after `after`, at most {LONGEST_WAIT}.",
            "schema": {"type": "string"},
        }
    ]
}
"""A header of RFC 7240 that the feed reads from the request itself."""


class Streams:
    """The streams open in this process, and what wakes them."""

    def __init__(self, tail: Tail, most: int = STREAMS) -> None:
        """At most ``most`` at a time, all woken by ``tail``."""
        self.tail = tail
        self.most = most
        self.open = 0

    def end_with_the_server(self) -> None:
        """Have streams end as soon as the server is told to: it waits for open answers, and these would never end.

        Call while the server runs, when its own signal handlers stand. Elsewhere than on the main thread nothing can be
        heard of signals, and nothing is done.
        """
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            before = signal.getsignal(number)

            def ending(received: int, frame: FrameType | None, before: Any = before) -> None:
                self.tail.close()
                if callable(before):
                    before(received, frame)

            signal.signal(number, ending)


def streams_of(request: Request) -> Streams:
    """The streams of the server behind a request."""
    found: Streams = request.app.state.streams
    return found


async def place(request: Request) -> AsyncIterator[Streams]:
    """A place among the open streams, given back at the end. Raises Problem (503) when all are taken."""
    streams = streams_of(request)
    if streams.open >= streams.most:
        raise Problem(503, "streams-full", "As many streams are open as there may be", headers={"retry-after": "5"})
    streams.open += 1
    try:
        yield streams
    finally:
        streams.open -= 1


@router.get(
    "",
    responses=READING_PROBLEMS | {200: {"content": {"application/jsonl": {}}, "description": "One event a line"}},
    openapi_extra=WAITING,
    operation_id="read_feed",
    response_class=StreamingResponse,
)
async def read_feed(
    request: Request,
    world: WorldHere,
    actor: Annotated[Actor, Depends(allowed(READ_FEED))],
    after: After = 0,
    limit: Annotated[int, Query(ge=1, le=100_000)] = 1000,
) -> StreamingResponse:
    """Follow the whole log in position order, one event a line, sealed as stored; ask again after the last position."""
    del actor
    wait = seconds_to_wait(request.headers)
    if wait:
        await streams_of(request).tail.beyond(after, wait)
    head = (await run_in_threadpool(world.ledger.head)).position
    upto = max(after, min(head, after + limit))
    headers = {
        "cache-control": "no-store",
        "casetrail-ledger": str(world.ledger_id),
        "casetrail-position": str(head),
        "link": f'</v1/events?after={upto}&limit={limit}>; rel="next"',
    }
    return StreamingResponse(lines(world, after, upto), headers=headers, media_type="application/jsonl")


def lines(world: World, after: int, upto: int) -> Iterator[bytes]:
    """The log piece by piece, so that neither length nor a slow reader costs memory."""
    for rows in chunks(world.ledger, after, upto):
        yield b"".join(orjson.dumps(line(row)) + b"\n" for row in rows)


@router.get(
    "/stream",
    responses=READING_PROBLEMS
    | {
        200: {"description": "One event after the other: `id` its position, `event` its wire name, `data` a line of the feed"},
        503: problem("The ledger cannot answer now, or too many streams are open"),
    },
    operation_id="stream_feed",
    response_class=EventSourceResponse,
)
async def stream_feed(
    request: Request,
    response: Response,
    world: WorldHere,
    actor: Annotated[Actor, Depends(allowed(READ_FEED))],
    streams: Annotated[Streams, Depends(place)],
    after: After = 0,
    last_event_id: Annotated[int | None, Header(ge=0, le=MOST, description="Resume after this position")] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Follow the log as server-sent events that go on until the reader leaves; `Last-Event-ID` goes before `after`."""
    del actor
    response.headers["casetrail-ledger"] = str(world.ledger_id)
    position = after if last_event_id is None else last_event_id
    yield ServerSentEvent(comment="casetrail", retry=RECONNECT)
    while not streams.tail.closed and may_go_on(request):
        try:
            rows = await run_in_threadpool(world.ledger.read, position, CHUNK)
        except Unavailable:
            return  # the reader comes again after RECONNECT, with the last position it has
        for row in rows:
            yield ServerSentEvent(raw_data=orjson.dumps(line(row)).decode(), event=row.type, id=str(row.position))
            position = row.position
        if not rows and not await streams.tail.beyond(position, ASK_AGAIN):
            yield ServerSentEvent(comment="still here")


def may_go_on(request: Request) -> bool:
    """Whether a stream's reader may still read: a token ends, a role is taken away."""
    try:
        may(actor_of(request), READ_FEED)
    except (NotAuthenticated, NotAllowed):
        return False
    return True
