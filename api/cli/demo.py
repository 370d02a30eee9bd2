"""``casetrail demo``: record the demonstration on an instance of its own, show it, and keep serving; or check it."""

import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Never
from uuid import UUID

import httpx2
import typer

from api.cli.demonstration.cast import READER
from api.cli.demonstration.checking import complaints
from api.cli.demonstration.recording import NotRecorded, record_demonstration
from api.cli.demonstration.serving import HOST, address, client, prepare, serving, settings_for
from api.cli.demonstration.statements import CASES
from api.cli.demonstration.telling import invitation, story_lines
from api.cli.demonstration.views import Views, read_back
from api.cli.output import progress
from api.cli.servers import check_port
from domain.catalogue import discover
from infrastructure.settings import Settings
from infrastructure.verification import Findings, verify
from infrastructure.wiring import open_tools

FOLDER = Path("var/demo")


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(demo)


def demo(
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    check: Annotated[bool, typer.Option("--check", help="Record in a temporary instance, check everything, end.")] = False,
) -> None:
    """Record the demonstration cases through the HTTP API, show one of them on both clocks, and keep serving.

    A second run serves the same instance and records nothing twice. The instance is CASETRAIL_INSTANCE, else var/demo.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)
    try:
        if check:
            with tempfile.TemporaryDirectory(prefix="casetrail-demo-") as folder:
                check_it(settings_for(Path(folder) / "instance"), free_port())
        else:
            check_port(HOST, port)
            show_it(settings_for(Path(os.environ.get("CASETRAIL_INSTANCE", FOLDER))), port)
    except (NotRecorded, httpx2.HTTPError) as error:
        print(f"casetrail: {error}", file=sys.stderr)
        raise typer.Exit(1) from None


def leave(*_: object) -> Never:
    """End as asked; the server is ended on the way out."""
    raise SystemExit(0)


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        found: int = probe.getsockname()[1]
        return found


def show_it(settings: Settings, port: int) -> None:
    """Record what is not recorded yet, print it, and serve until told to end. Exits 1 if the server ends by itself."""
    tokens = prepare(settings)
    with serving(settings, port) as server:
        ids, views, findings = recorded(settings, address(port), tokens)
        say("", *story_lines(views, ids, findings), "", *invitation(address(port), ids, tokens), "", "Ctrl-C ends it.")
        server.wait()
    print("casetrail: the server ended by itself", file=sys.stderr)
    raise typer.Exit(1)


def check_it(settings: Settings, port: int) -> None:
    """Record, read back, check, and print the summary. Exits 1 with a line for everything that is off."""
    tokens = prepare(settings)
    with serving(settings, port):
        ids, views, findings = recorded(settings, address(port), tokens)
    off = list(complaints(views, ids, findings))
    say("", *story_lines(views, ids, findings), "")
    for complaint in off:
        print(f"casetrail: the demonstration is off: {complaint}", file=sys.stderr)
    if off:
        raise typer.Exit(1)
    say("check: everything is as it should be")


def recorded(settings: Settings, base: str, tokens: Mapping[str, str]) -> tuple[Mapping[str, UUID], Views, Findings]:
    """Record the demonstration on the running server, read it back over HTTP, and verify the ledger itself."""
    before, started = head(settings), time.monotonic()
    with client(base) as officers, progress("recording") as report:
        ids = record_demonstration(officers, tokens, report)
    took = time.monotonic() - started
    with client(base, tokens, READER) as auditor:
        views = read_back(auditor, ids)
    findings = verified(settings)
    new = head(settings) - before
    say(f"{len(CASES)} cases, {findings.checked} events, {new} of them recorded now through {base} in {took:.1f} s")
    return ids, views, findings


def head(settings: Settings) -> int:
    """The position of the last event in the ledger."""
    with open_tools(settings, discover()) as tools:
        return tools.log.head().position


def verified(settings: Settings) -> Findings:
    """What re-hashing every stored event finds, as ``casetrail verify`` does it."""
    with open_tools(settings, discover()) as tools:
        return verify(tools.log)


def say(*lines: str) -> None:
    """Print lines, and let a pipe have them at once."""
    print("\n".join(lines), flush=True)
