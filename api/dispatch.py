"""Finding the endpoint of a command by a look-up instead of trying two hundred routes one after the other.

A router tries its routes in turn, which costs more than the command itself once there are some two hundred. Every
writing route has one of two shapes, ``/v1/{kind}`` and ``/v1/{kind}/{case_id}/{command}``, so a dictionary finds it.
See ``docs/decisions``.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, request_response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import Problem

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Found:
    """A command's path template and its endpoint."""

    path: str
    app: ASGIApp


class Dispatch(BaseRoute):
    """All writing routes as one. Other methods on a command's own address get 405; everything else is left to the router."""

    def __init__(self, endpoints: Mapping[str, Endpoint]) -> None:
        """``endpoints`` by path template, e.g. ``/v1/detentions/{case_id}/release-person``."""
        self._found = {shape(path): Found(path, request_response(endpoint)) for path, endpoint in endpoints.items()}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """FULL for a command; PARTIAL for another method at its address: a route that takes that method goes before."""
        if scope["type"] != "http":
            return Match.NONE, {}
        path: str = scope["path"]
        found = self._found.get(shape(path))
        if found is None:
            return Match.NONE, {}
        if scope["method"] != "POST":
            return Match.PARTIAL, {"route": found}
        parts = path.split("/")
        return Match.FULL, {"route": found, "path_params": {"case_id": parts[3]} if len(parts) > PARTS_OF_OPENING else {}}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the endpoint."""
        if scope["method"] != "POST":
            raise Problem(405, "method-not-allowed", "Method Not Allowed", headers={"allow": "POST"})
        await scope["route"].app(scope, receive, send)


PARTS_OF_OPENING = 3


def shape(path: str) -> tuple[str, ...]:
    """What tells writing routes apart: the path without the case id, e.g. ``("", "v1", "detentions", "extend")``."""
    parts = path.split("/")
    return (*parts[:PARTS_OF_OPENING], *parts[PARTS_OF_OPENING + 1 :], str(len(parts)))
