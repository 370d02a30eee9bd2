"""What wraps every request: a request id, counters, and an answer's basic headers. Plain ASGI, a few microseconds."""

from collections.abc import Callable
from functools import cache
from time import perf_counter

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUESTS = Counter("casetrail_requests", "Requests by route and status", ("method", "route", "status"))
SECONDS = Histogram(
    "casetrail_request_seconds",
    "Seconds to the answer, by method",
    ("method",),
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30),
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Observed:
    """Counts and times every HTTP request; the route's template, never the path, becomes a label."""

    def __init__(self, app: ASGIApp, begin: Callable[[str | None], str]) -> None:
        """Wrap ``app``; ``begin`` takes the request id a client offers and gives the one this request has."""
        self.app = app
        self.begin = begin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = perf_counter()
        status = 500
        request_id = self.begin(offered(scope))
        scope.setdefault("state", {})["request_id"] = request_id
        own = [(b"x-content-type-options", b"nosniff"), (b"x-request-id", request_id.encode())]

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *own]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            method = scope["method"] if scope["method"] in METHODS else "other"
            route = scope.get("route")
            counted(method, getattr(route, "path", "unrouted"), status).inc()
            timed(method).observe(perf_counter() - started)


def offered(scope: Scope) -> str | None:
    """The request id the client offers in ``X-Request-ID``."""
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"), None)


@cache
def counted(method: str, route: str, status: int) -> Counter:
    """The counter of one route and status; there are only so many of each."""
    return REQUESTS.labels(method, route, str(status))


@cache
def timed(method: str) -> Histogram:
    """The histogram of one method."""
    return SECONDS.labels(method)
