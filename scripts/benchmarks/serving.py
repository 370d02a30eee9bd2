"""The server process under load: ``casetrail serve`` as it is, with a few routes beside its own that only measure.

    POST /empty            what the same server answers when it has nothing to do
    POST /bench/profile    begin to profile the event loop's thread; again: end, and answer the hottest functions
    GET  /bench/threads    seconds of processor time of each thread since the process began
    GET  /bench/lag        how many events the read models are behind

They stand before all others, so that finding ``/empty`` costs as little as can be.
"""

import cProfile
import io
import pstats
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse

import api.main
from api.cli.servers import serve

PROFILED = 45


def measured(create_app: Callable[..., FastAPI]) -> Callable[..., FastAPI]:
    """The application's factory, with the measuring routes in front."""

    def create() -> FastAPI:
        app = create_app()
        own = len(app.router.routes)
        app.post("/empty")(empty)
        app.post("/bench/profile")(Profiler().switch)
        app.get("/bench/threads")(threads)
        app.get("/bench/lag")(lag)
        app.router.routes[:] = app.router.routes[own:] + app.router.routes[:own]
        return app

    return create


async def empty() -> dict[str, str]:
    """Nothing to do."""
    return {}


def threads() -> dict[str, float]:
    """Processor seconds by the thread's name; what has no name here is summed as ``other``."""
    names = {thread.native_id: thread.name for thread in threading.enumerate()}
    spent: dict[str, float] = {}
    for task in Path("/proc/self/task").iterdir():
        fields = (task / "schedstat").read_text().split()
        name = names.get(int(task.name), "other")
        spent[name] = spent.get(name, 0.0) + int(fields[0]) / 1e9
    return spent


def lag(request: Request) -> int:
    """The events that the slowest read model has not heard yet."""
    statuses: Any = request.app.state.world.followers.status()
    return max(int(status["lag_events"]) for status in statuses)


class Profiler:
    """Profiles the thread that runs the event loop."""

    def __init__(self) -> None:
        self._profile: cProfile.Profile | None = None

    async def switch(self) -> PlainTextResponse:
        """Begin, or end and tell."""
        if self._profile is None:
            self._profile = cProfile.Profile()
            self._profile.enable()
            return PlainTextResponse("profiling")
        self._profile.disable()
        told = io.StringIO()
        stats = pstats.Stats(self._profile, stream=told)
        stats.sort_stats("tottime").print_stats(PROFILED)
        stats.sort_stats("cumulative").print_stats(PROFILED * 2)
        self._profile = None
        return PlainTextResponse(told.getvalue())


if __name__ == "__main__":
    api.main.create_app = measured(api.main.create_app)
    serve(port=int(sys.argv[1]))
