"""Commands that run until they are told to end: serve, projector."""

import signal
import socket
import threading
from typing import Annotated

import typer
import uvicorn

from api.cli.output import Json, show
from domain.catalogue import discover
from infrastructure import instance, logging
from infrastructure.database import engine_of, refuse_owner
from infrastructure.instance import NotReady
from infrastructure.settings import Settings
from infrastructure.wiring import open_projector

WORKER_PATIENCE = 60
"""Seconds a worker has to come up or to say that it lives: in five, a busy machine does not even load the program."""


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(serve)
    app.command()(projector)


def check_port(host: str, port: int) -> None:
    """Raise NotReady if somebody else listens there, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise NotReady(f"port {port} on {host} is taken: name another with --port") from None


def done(*_: object) -> None:
    """End with success. The server, once it has answered everybody, raises the signal again that told it to end."""
    raise SystemExit(0)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="Server processes.", min=1, max=64)] = 1,
    as_json: Json = False,
) -> None:
    """Serve the HTTP API, with the read models following inside unless CASETRAIL_PROJECTIONS=false."""
    settings = Settings()
    instance.require_ready(settings)
    with engine_of(settings) as engine:
        refuse_owner(engine)
    check_port(host, port)
    logging.configure()
    signal.signal(signal.SIGTERM, done)
    show({"serving": f"http://{f'[{host}]' if ':' in host else host}:{port}"}, as_json)
    uvicorn.run(
        "api.main:server", factory=True, host=host, port=port, workers=workers, loop="uvloop", http="httptools",
        log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=20,
        timeout_worker_healthcheck=WORKER_PATIENCE,
    )  # fmt: skip


def projector(as_json: Json = False) -> None:
    """Follow the log with the read models, as a process of its own."""
    settings = Settings()
    instance.require_ready(settings)
    logging.configure()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with open_projector(settings, discover()) as running:
        show({"projector": "following"}, as_json)
        ended.wait()
        ours = {model.name for model in running.models}
        statuses = [status for status in running.status() if status["name"] in ours]
    for status in statuses:
        show({"name": status["name"], "position": status["position"]}, as_json)
