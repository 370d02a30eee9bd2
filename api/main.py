"""The application factory: routes, problems, description; everything behind them is handed in or wired here."""

import gc
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from functools import partial
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi_offline import FastAPIOffline

from api import commands, problems, schemas
from api.dispatch import Dispatch
from api.middleware import Observed
from api.routes import cases, custody, deadlines, feeds, lists, operations, parties, reports
from application.feeds import Tail
from application.world import World
from domain.catalogue import Catalogue, discover
from infrastructure.logging import begin_request, configure
from infrastructure.settings import Settings
from infrastructure.wiring import open_world, version

SUMMARY = "Event-sourced case management for export-control and customs enforcement"


def create_app(
    opened: Callable[[], AbstractContextManager[World]] | None = None, catalogue: Catalogue | None = None
) -> FastAPI:
    """The server. ``opened`` gives the application behind it for as long as it serves; by default the settings' own."""
    catalogue = catalogue or discover()
    opened = opened or (lambda: open_world(Settings(), catalogue))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with opened() as world:
            app.state.world = world
            app.state.streams = feeds.Streams(Tail(world.ledger))
            app.state.streams.end_with_the_server()
            yield
            app.state.streams.tail.close()

    app = FastAPIOffline(
        title="casetrail",
        summary=SUMMARY,
        version=version(),
        lifespan=lifespan,
        redirect_slashes=False,
    )
    app.openapi_version = "3.2.0"
    problems.install(app)
    for router in (
        cases.router,
        lists.router,
        deadlines.router,
        custody.router,
        parties.router,
        reports.router,
        feeds.router,
        operations.router,
    ):
        app.include_router(router)
    app.add_middleware(Dispatch, endpoints=commands.endpoints(catalogue))
    app.add_middleware(Observed, begin=begin_request)
    app.openapi = lambda: description(app, catalogue)  # type: ignore[method-assign]
    return app


def server() -> FastAPI:
    """The server as ``casetrail serve`` runs it, with the collector of cycles told what lives long.

    What is loaded by now never dies, and a command leaves few cycles behind: looking for them every 700 objects costs a
    server under load a good part of its time. Each of several workers is a fresh process, and sets up its own logs: as they
    come, they would show the text and the local variables of an exception.
    """
    configure()
    app = create_app()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    return app


def description(app: FastAPI, catalogue: Catalogue) -> dict[str, Any]:
    """The OpenAPI document, the commands' own schemas included."""
    if app.openapi_schema is None:
        known = schemas.command_schemas(catalogue)
        document = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            openapi_version=app.openapi_version,
            routes=[*commands.described(catalogue, partial(schemas.describe, known)).routes, *app.routes],
        )
        components = document.setdefault("components", {})
        components["schemas"] = dict(sorted((components.get("schemas", {}) | known).items()))
        components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
        for path, operations_here in document["paths"].items():
            secure(path, operations_here)
        app.openapi_schema = document
    return app.openapi_schema


OPEN = ("/health/live", "/health/ready", "/metrics")


def secure(path: str, operations_here: Mapping[str, dict[str, Any]]) -> None:
    """Say which operations need a token, and that FastAPI's own validation answer is ours."""
    for operation in operations_here.values():
        if path not in OPEN:
            operation["security"] = [{"bearer": []}]
