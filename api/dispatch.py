"""Finding the endpoint of a command by a look-up instead of trying two hundred routes one after the other.

A router tries its routes in turn, which costs more than the command itself once there are some two hundred. Every
writing route has one of two shapes, ``/v1/{kind}`` and ``/v1/{kind}/{case_id}/{command}``, so a dictionary finds it,
in front of the router and of what the framework does for routes that declare dependencies. See ``docs/decisions``.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import Problem, answered

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Found:
    """A command's path template and its endpoint."""

    path: str
    endpoint: Endpoint


class Dispatch:
    """Answers the writing routes; every other address goes on to ``app``. No reading route may have a command's address."""

    def __init__(self, app: ASGIApp, endpoints: Mapping[str, Endpoint]) -> None:
        """``endpoints`` by path template, e.g. ``/v1/detentions/{case_id}/release-person``."""
        self._app = app
        self._found = {shape(path): Found(path, endpoint) for path, endpoint in endpoints.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        found = self._found.get(shape(scope["path"])) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        parts = scope["path"].split("/")
        scope["route"] = found
        scope["path_params"] = {"case_id": parts[PARTS_OF_OPENING]} if len(parts) > PARTS_OF_OPENING else {}
        await (await respond(found.endpoint, Request(scope, receive)))(scope, receive, send)


async def respond(endpoint: Endpoint, request: Request) -> Response:
    """The endpoint's answer, or the problem document of whatever it raises."""
    if request.method != "POST":
        return Problem(405, "method-not-allowed", "Method Not Allowed", headers={"allow": "POST"}).response()
    try:
        return await endpoint(request)
    except Exception as error:  # noqa: BLE001 - a defect is logged and answered here as in the framework's handlers
        return answered(error)


PARTS_OF_OPENING = 3


def shape(path: str) -> tuple[str, ...]:
    """What tells writing routes apart: the path without the case id, e.g. ``("", "v1", "detentions", "extend")``."""
    parts = path.split("/")
    return (*parts[:PARTS_OF_OPENING], *parts[PARTS_OF_OPENING + 1 :], str(len(parts)))
