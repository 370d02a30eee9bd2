"""An instance of the demonstration's own, the people in it, and the server a visitor would start."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2

from api.cli.demonstration.cast import AGENCY, MACHINIST, PEOPLE, UNIT, Person
from domain.catalogue import discover
from infrastructure import instance
from infrastructure.actors import Registration, register
from infrastructure.database import open_engine
from infrastructure.instance import INSTANCE_KEY, NotReady
from infrastructure.settings import Settings

HOST = "127.0.0.1"
MARKER, LOG = "demonstration", "server.log"
DAY = 24 * 3600
PATIENCE = 90.0
"""Seconds a server may take to become ready, and again to end, on however busy a machine."""

POLL = 0.05
SERVE = "from api.cli import main; main()"
READY = 200


def settings_for(folder: Path, database_url: str | None = None, owner_database_url: str | None = None) -> Settings:
    """The settings of a demonstration: a folder of its own, and in it a SQLite file unless a database is named.

    What the environment says of databases is left aside: those are somebody's real ones.
    """
    return Settings(
        instance=folder.absolute(),
        agency=AGENCY,
        database_url=database_url,
        owner_database_url=owner_database_url,
    )


def prepare(settings: Settings) -> dict[str, str]:
    """Make the instance, or take the one that is there, and answer a token for each person by the person's id.

    Raises NotReady for an instance that was not made by a demonstration.
    """
    claim_folder(settings.instance)
    instance.initialize(settings, discover(), registration(MACHINIST))
    engine = open_engine(settings)
    try:
        for person in PEOPLE:
            register(engine, registration(person))
    finally:
        engine.dispose()
    issuer = instance.issuer(instance.load_secrets(settings.instance))
    return {person.id: issuer.issue(person.id, person.role, DAY) for person in PEOPLE}


def claim_folder(folder: Path) -> None:
    """Mark a folder as a demonstration's before anything else is in it, so that no real instance is ever taken for one."""
    marker = folder / MARKER
    if not marker.exists() and (folder / INSTANCE_KEY).exists():
        raise NotReady(f"{folder} is an instance, but no demonstration's: name another folder in CASETRAIL_INSTANCE")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    marker.touch()


def registration(person: Person) -> Registration:
    """A person of the story as the agency's table has them."""
    return Registration(person.id, UNIT, AGENCY, (person.role,), person.functions)


@contextmanager
def serving(settings: Settings, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """``casetrail serve`` on the loopback address, ready, until the block ends. Its log is in the instance folder.

    Raises NotReady if it ends at once or does not become ready.
    """
    log = settings.instance / LOG
    with log.open("ab") as file:
        process = subprocess.Popen(  # noqa: S603 - this program itself
            [sys.executable, "-c", SERVE, "serve", "--host", HOST, "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            env=environment(settings),
        )
    try:
        await_ready(process, address(port), log)
        yield process
    finally:
        end(process)


def address(port: int) -> str:
    """Where the server is."""
    return f"http://{HOST}:{port}"


def environment(settings: Settings) -> dict[str, str]:
    """The server's environment: ours, with its settings in the place of any that are set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CASETRAIL_")}
    ours = {"CASETRAIL_INSTANCE": str(settings.instance), "CASETRAIL_AGENCY": settings.agency}
    if settings.database_url is not None:
        ours["CASETRAIL_DATABASE_URL"] = settings.database_url
    return kept | ours


def await_ready(process: subprocess.Popen[bytes], base: str, log: Path) -> None:
    """Ask the server until it is ready. Raises NotReady."""
    deadline = time.monotonic() + PATIENCE
    # One client for all of it: to make one takes as long as between two questions, on a machine busy with the start.
    with client(base) as visitor:
        while time.monotonic() < deadline:
            if ready(visitor):
                return
            try:
                process.wait(POLL)
            except subprocess.TimeoutExpired:
                continue
            raise NotReady(f"the server ended before it was ready; its log is {log}")
    raise NotReady(f"the server was not ready after {PATIENCE:.0f} seconds; its log is {log}")


def ready(visitor: httpx2.Client) -> bool:
    """Whether a server says that it is ready."""
    try:
        return visitor.get("/health/ready").status_code == READY
    except httpx2.TransportError:
        return False


def end(process: subprocess.Popen[bytes]) -> None:
    """End the server, giving it time to record and answer what is queued."""
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def client(base: str, tokens: Mapping[str, str] | None = None, person: Person | None = None) -> httpx2.Client:
    """A client of the server at an address, speaking for one person if one is named."""
    headers = {} if tokens is None or person is None else {"authorization": f"Bearer {tokens[person.id]}"}
    return httpx2.Client(base_url=base, headers=headers, timeout=PATIENCE)
