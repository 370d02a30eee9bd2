"""What operators and followers read: the feed, the projections, health, metrics."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, StreamingResponse

from api.routes.cases import json_lines, stored
from api.schemas import READING_PROBLEMS, ProjectionStatus
from api.security import WorldHere, actor_of, allowed
from application.access import READ_FEED, READ_METRICS, READ_PROJECTIONS, may
from application.world import World
from domain.kernel import Actor

router = APIRouter()

FEED_CHUNK = 500


@router.get(
    "/v1/events",
    responses=READING_PROBLEMS | {200: {"content": {"application/jsonl": {}}, "description": "One event a line"}},
    operation_id="read_feed",
    response_class=StreamingResponse,
    tags=["feed"],
)
def read_feed(
    world: WorldHere,
    actor: Annotated[Actor, Depends(allowed(READ_FEED))],
    after: Annotated[int, Query(ge=0, le=2**53 - 1, description="Positions after this one")] = 0,
    limit: Annotated[int, Query(ge=1, le=100_000)] = 1000,
) -> StreamingResponse:
    """Follow the whole log in position order, one event a line, sealed as stored; ask again after the last position."""
    del actor
    head = world.ledger.head().position
    headers = {"cache-control": "no-store", "casetrail-ledger": str(world.ledger_id), "casetrail-position": str(head)}
    lines = json_lines(feed(world, after, min(head, after + limit)))
    return StreamingResponse(lines, headers=headers, media_type="application/jsonl")


def feed(world: World, after: int, upto: int) -> Iterator[dict[str, Any]]:
    """The rows after a position up to another, read piece by piece."""
    while after < upto:
        rows = world.ledger.read(after, min(FEED_CHUNK, upto - after), upto)
        if not rows:
            return
        yield from (stored(row) for row in rows)
        after = rows[-1].position


@router.get("/v1/projections", responses=READING_PROBLEMS, operation_id="read_projections", tags=["projections"])
def read_projections(world: WorldHere, actor: Annotated[Actor, Depends(allowed(READ_PROJECTIONS))]) -> list[ProjectionStatus]:
    """Read how far each read model has come, in events and in seconds."""
    del actor
    return [ProjectionStatus.model_validate(status) for status in world.followers.status()]


@router.get("/health/live", operation_id="live", tags=["health"])
async def live() -> dict[str, str]:
    """Whether the process runs."""
    return {"status": "live"}


@router.get("/health/ready", operation_id="ready", tags=["health"], responses={503: {"description": "Not ready"}})
def ready(world: WorldHere) -> JSONResponse:
    """Whether the server can record and its read models follow; ``reasons`` names what stands in the way."""
    reasons = dict(world.ready())
    content = {"status": "not ready" if reasons else "ready", "reasons": reasons}
    return JSONResponse(content, 503 if reasons else 200, {"cache-control": "no-store"})


LOOPBACK = frozenset({"127.0.0.1", "::1"})


@router.get("/metrics", operation_id="metrics", tags=["health"], response_class=Response, responses=READING_PROBLEMS)
def metrics(request: Request) -> Response:
    """Prometheus metrics: on loopback, or with an operator's token."""
    if request.client is None or request.client.host not in LOOPBACK or "authorization" in request.headers:
        may(actor_of(request), READ_METRICS)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
