"""casetrail as its callers have it: an instance with people on a database, served over real HTTP, and each of its callers.

``Instance`` is what ``casetrail init`` and ``casetrail token`` leave behind. ``Instance.served`` runs the application in
this process behind uvicorn on a free port of the loopback address; ``Instance.program`` runs ``casetrail serve`` itself.
Either way a test has a ``Site``, and from it a ``Caller`` for each person: ``site.caller("o-1").give(case, command)``.
"""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

import httpx2
import orjson
import uvicorn
from fastapi import FastAPI

from api.commands import command_routes
from api.main import create_app
from api.problems import MEDIA_TYPE, URN
from application.ports import Clock
from domain.catalogue import Catalogue, discover
from domain.dossier.correction_acts import ApproveCorrection, ProposeCorrection, ProposeRetraction
from domain.kernel import Command, Opening
from domain.kinds.detention.acts import OpenDetention
from domain.kinds.party import PartyType, RegisterParty
from domain.values import Authority, AuthorityKind
from infrastructure.actors import Registration, register
from infrastructure.clock import system_clock
from infrastructure.codec import ADAPTERS
from infrastructure.database import open_engine
from infrastructure.instance import Secrets, initialize, issuer, load_secrets
from infrastructure.settings import Settings
from infrastructure.wiring import open_world
from tests.api.processes import HOST, Program
from tests.engines import Database
from tests.scenario import NOON, said
from tests.waiting import until

AGENCY = "agency"
AN_HOUR = 3600

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody: a client that reads what the machine trusts, and has no use for it, takes 30 ms to make."""

PEOPLE: Mapping[str, tuple[str, str]] = {
    "o-1": ("unit-1", "officer"),
    "o-2": ("unit-1", "officer"),
    "o-3": ("unit-2", "officer"),
    "o-4": ("unit-1", "officer"),
    "s-1": ("unit-1", "supervisor"),
    "a-1": ("audit", "auditor"),
    "r-1": ("reporting", "reporter"),
    "m-1": ("records", "records-manager"),
    "p-1": ("operations", "operator"),
}
"""Everybody there is, with unit and role. ``ABLE`` hold every function there is, the others none."""

ABLE = frozenset({"o-1", "o-2", "o-3", "s-1", "m-1"})

EXAMPLES = tuple(f"e-{number}" for number in range(1, 6))
"""Who acts in the example cases: five who hold every function and whichever role a command asks for, in unit-1."""

BASIS = Authority(AuthorityKind.STATUTE, "Act on Police Powers, s. 10")


def functions(catalogue: Catalogue) -> tuple[str, ...]:
    """Every function that some command asks for."""
    every = {route.command.by.function for route in command_routes(catalogue)}
    return tuple(sorted(name for name in every if name is not None))


def registrations(catalogue: Catalogue) -> list[Registration]:
    """Everybody, as the agency's table has them."""
    held = functions(catalogue)
    roles = ("officer", "supervisor", "records-manager")
    return [
        *(Registration(person, "unit-1", AGENCY, roles, held) for person in EXAMPLES),
        *(Registration(p, unit, AGENCY, (role,), held if p in ABLE else ()) for p, (unit, role) in PEOPLE.items()),
    ]


def number() -> str:
    """A file number that no other case has."""
    return f"T-{uuid4().hex[:12]}"


def as_json(command: Command) -> dict[str, Any]:
    """The body that states a command."""
    body: dict[str, Any] = ADAPTERS[type(command)].dump_python(command, mode="json")
    return body


@dataclass(frozen=True, slots=True)
class Opened:
    """A case a caller has opened: its id and the version the receipt named."""

    id: UUID
    version: int


class Caller:
    """One person, or nobody, at one server: requests with their token, commands by their routes."""

    def __init__(self, address: str, paths: Mapping[type[Command], str], token: str | None) -> None:
        """Send ``token`` with every request; ``paths`` are the writing routes below ``/v1``."""
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        self.token = token
        self.http = httpx2.Client(base_url=address, headers=headers, timeout=60, verify=NO_TLS, trust_env=False)
        self._paths = paths

    def path(self, case_id: UUID | None, command: type[Command]) -> str:
        """Where a command is sent."""
        return f"/v1{self._paths[command]}".replace("{case_id}", str(case_id))

    def get(self, path: str, headers: Mapping[str, str] | None = None, **parameters: Any) -> httpx2.Response:
        """Read something."""
        return self.http.get(path, params=parameters or None, headers=headers)

    def request(
        self,
        path: str,
        body: Mapping[str, Any] | bytes,
        *,
        version: int | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Request:
        """A request that sends a body as it is; with a fresh idempotency key unless one is given."""
        sent = {"content-type": "application/json", "idempotency-key": key or uuid4().hex}
        if version is not None:
            sent["if-match"] = f'"{version}"'
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        return self.http.build_request("POST", path, headers=sent | dict(headers or {}), content=content)

    def post(self, path: str, body: Mapping[str, Any] | bytes, **more: Any) -> httpx2.Response:
        """Send a request as ``request`` makes it."""
        return self.http.send(self.request(path, body, **more))

    def giving(
        self, case_id: UUID | None, command: Command, version: int | None = None, key: str | None = None, **headers: str
    ) -> httpx2.Request:
        """The request that gives a command on a case at a version."""
        return self.request(self.path(case_id, type(command)), as_json(command), version=version, key=key, headers=headers)

    def give(
        self, case_id: UUID | None, command: Command, version: int | None = None, key: str | None = None, **headers: str
    ) -> httpx2.Response:
        """Give a command on a case at a version; the answer, whatever it is."""
        return self.http.send(self.giving(case_id, command, version, key, **headers))

    def open(self, command: Opening) -> Opened:
        """Open a case, which must succeed."""
        answer = self.give(None, command)
        assert answer.status_code == 201, answer.text
        return Opened(UUID(answer.json()["case_id"]), answer.json()["version"])

    def record(self, case_id: UUID, command: Command) -> dict[str, Any]:
        """Give a command on the case as it stands now, which must succeed; the receipt."""
        answer = self.give(case_id, command, self.version(case_id))
        assert answer.status_code == 200, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt

    def version(self, case_id: UUID) -> int:
        """The version a case is at now."""
        answer = self.get(f"/v1/cases/{case_id}")
        assert answer.status_code == 200, answer.text
        return int(answer.json()["version"])

    def register_party(self, moment: datetime = NOON) -> UUID:
        """Register a person."""
        return self.open(RegisterParty(**block(moment), file_number=number(), party_type=PartyType.PERSON)).id

    def open_detention(self, party: UUID | None = None, moment: datetime = NOON) -> Opened:
        """Open a detention, of a person just registered if none is given."""
        return self.open(open_detention(party or self.register_party(), moment))

    def follow(self, position: int) -> None:
        """Wait until the lists include a position."""
        answer = self.get("/v1/cases", {"prefer": "wait=30"}, position=position, limit=1)
        assert answer.status_code == 200, answer.text


def at_once(requests: Iterable[httpx2.Request]) -> list[httpx2.Response]:
    """Send requests at the same time, each on a connection of its own; their answers in order."""

    async def send_all() -> list[httpx2.Response]:
        async with httpx2.AsyncClient(timeout=60, verify=NO_TLS, trust_env=False) as http:
            return await asyncio.gather(*(http.send(request) for request in requests))

    return asyncio.run(send_all())


def code(answer: httpx2.Response) -> tuple[int, str]:
    """The status of a problem document and the last word of its type, e.g. ``(409, "not-open")``."""
    assert answer.headers["content-type"] == MEDIA_TYPE, answer.text
    assert answer.json()["status"] == answer.status_code
    return answer.status_code, answer.json()["type"].removeprefix(URN)


def block(moment: datetime = NOON, **more: Any) -> dict[str, Any]:
    """What every command states, leaving out who decided: that is the caller."""
    return said(moment) | {"decided_by": None} | more


def open_detention(party: UUID, moment: datetime = NOON) -> OpenDetention:
    """The command that opens a detention of somebody, under a number of its own."""
    return OpenDetention(
        **block(moment), authority=BASIS, file_number=number(), party=party, place="Main post office", grounds="G",
        officers=("o-8", "o-9"),
    )  # fmt: skip


class Applications:
    """Applications that serve nobody now: making one takes longer than most tests."""

    def __init__(self) -> None:
        """Begin with none."""
        self._idle: list[tuple[Catalogue, FastAPI, list[Instance]]] = []

    @contextmanager
    def of(self, instance: "Instance") -> Iterator[FastAPI]:
        """An application of the instance's catalogue that opens this instance when it starts."""
        place = next((i for i, idle in enumerate(self._idle) if idle[0] is instance.catalogue), None)
        catalogue, app, behind = self.create(instance.catalogue) if place is None else self._idle.pop(place)
        behind[:] = [instance]
        yield app
        self._idle.append((catalogue, app, behind))

    @staticmethod
    def create(catalogue: Catalogue) -> "tuple[Catalogue, FastAPI, list[Instance]]":
        """A new one, with the list that names the instance behind it."""
        behind: list[Instance] = []
        app = create_app(lambda: open_world(behind[0].settings, catalogue, behind[0].clock), catalogue)
        return catalogue, app, behind


application = Applications().of
NO_KINDS = Catalogue(MappingProxyType({}), MappingProxyType({}))
everything = cache(discover)


def correct(officer: Caller, second: Caller, case_id: UUID, proposal: ProposeCorrection | ProposeRetraction) -> dict[str, Any]:
    """Have one propose and the other approve what is material; the receipt of the approval, and with it of the correction."""
    officer.record(case_id, proposal)
    approval = ApproveCorrection(
        when=proposal.when, sources=proposal.sources, claim_status=proposal.claim_status, target=proposal.target
    )
    return second.record(case_id, approval)


@dataclass(frozen=True)
class Instance:
    """An instance on a database: keys, schema, the ledger's first event, and everybody registered."""

    settings: Settings
    catalogue: Catalogue
    secrets: Secrets
    program: Program
    clock: Clock = system_clock

    def attended(self) -> "Instance":
        """The same with the system at work: reactions follow what is recorded, and the scheduler looks at deadlines."""
        return replace(self, settings=self.settings.model_copy(update={"reactions": True, "scheduler": True}))

    def token(self, person: str, role: str | None = None, ttl: int = AN_HOUR) -> str:
        """A bearer token for somebody, in their own role unless another is asked for."""
        return issuer(self.secrets).issue(person, role or PEOPLE[person][1], ttl)

    @contextmanager
    def served(self) -> Iterator["Site"]:
        """The application in this process, behind uvicorn as ``casetrail serve`` runs it, on a free port."""
        with application(self) as app, socket.socket() as listener:
            listener.bind((HOST, 0))
            config = uvicorn.Config(
                app, loop="uvloop", http="httptools", log_config=None, access_log=False, server_header=False,
                timeout_graceful_shutdown=5,
            )  # fmt: skip
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, args=([listener],), name="uvicorn")
            thread.start()
            until(lambda: server.started or not thread.is_alive(), "the application listens")
            assert server.started
            site = Site(self, f"http://{HOST}:{listener.getsockname()[1]}", app)
            try:
                yield site
            finally:
                site.close()
                server.should_exit = True
                thread.join()

    @contextmanager
    def serving(self, port: int = 0) -> Iterator["Site"]:
        """``casetrail serve`` as a process of its own, ended by a signal."""
        process = self.program.serve(port)
        site = Site(self, process.address)
        try:
            yield site
        finally:
            site.close()
            process.terminate()
            assert process.exit_code(30) is not None, process.said()


@dataclass
class Site:
    """A server on an instance, in this process if it has an ``app``."""

    instance: Instance
    address: str
    app: Any = None

    def __post_init__(self) -> None:
        """Know the writing routes."""
        self.paths = {route.command: route.path for route in command_routes(self.instance.catalogue)}
        self._callers: dict[str | None, Caller] = {}
        self._strangers: list[Caller] = []

    def caller(self, person: str | None, role: str | None = None) -> Caller:
        """Somebody, or with None somebody without a token; the same connection every time."""
        name = person if role is None else f"{person} {role}"
        if name not in self._callers:
            token = None if person is None else self.instance.token(person, role)
            self._callers[name] = self.with_token(token)
        return self._callers[name]

    def with_token(self, token: str | None) -> Caller:
        """Whoever has that token, on a connection of their own."""
        stranger = Caller(self.address, self.paths, token)
        self._strangers.append(stranger)
        return stranger

    def close(self) -> None:
        """Let every caller hang up."""
        for stranger in self._strangers:
            stranger.http.close()


def create_instance(database: Database, folder: Path, catalogue: Catalogue | None = None) -> Instance:
    """Make an instance in ``folder`` on a database, with everybody registered.

    The system itself records nothing on it, so that tests can count entries; ``attended`` has it at work.
    """
    catalogue = catalogue or everything()
    settings = Settings(
        instance=folder / "instance", database_url=database.url, owner_database_url=database.owner_url, agency=AGENCY,
        reactions=False, scheduler=False,
    )  # fmt: skip
    everybody = registrations(catalogue)
    initialize(settings, NO_KINDS, everybody[-1])  # only the ledger's own first event is recorded here
    engine = open_engine(settings)
    try:
        for person in everybody:
            register(engine, person)
    finally:
        engine.dispose()
    environment = {
        "CASETRAIL_INSTANCE": str(settings.instance), "CASETRAIL_DATABASE_URL": database.url,
        "CASETRAIL_REACTIONS": "false", "CASETRAIL_SCHEDULER": "false",
    }  # fmt: skip
    return Instance(settings, catalogue, load_secrets(settings.instance), Program(environment, folder))
