"""What operators and followers read: the projections, health, metrics."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse

from api.schemas import READING_PROBLEMS, ProjectionStatus
from api.security import WorldHere, actor_of, allowed
from application.access import READ_METRICS, READ_PROJECTIONS, may
from domain.kernel import Actor

router = APIRouter()


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
