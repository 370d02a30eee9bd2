"""Where everything meets: an instance's settings become the application, by plain arguments."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import compress
from typing import Any, Protocol
from uuid import uuid4

import orjson
import sqlalchemy as sa

from application.cases import Cases
from application.execute import Executor
from application.heard import Reading
from application.past import Past
from application.ports import Clock
from application.queries import Queries
from application.reactions import REACTIONS
from application.records import Append, Receipt
from application.reports.desk import Reports, Surroundings
from application.world import World
from domain.catalogue import Catalogue
from domain.profiles import Law
from infrastructure import instance
from infrastructure.actors import TokenAuthenticator
from infrastructure.clock import system_clock
from infrastructure.database import NO_ANSWER, engine_of, refuse_owner, schema_is_current
from infrastructure.disclosure import TauArgus
from infrastructure.event_store import CaseStreams
from infrastructure.frozen_reports import SqlFrozenReports
from infrastructure.instance import Secrets, software
from infrastructure.key_store import SqlKeys
from infrastructure.ledger import SqlLedger
from infrastructure.profiles import installed
from infrastructure.projector import Projector
from infrastructure.reactor import Reactor
from infrastructure.read_store import SqlReadStore
from infrastructure.scheduler import Scheduler
from infrastructure.sealing import Vault
from infrastructure.settings import Settings
from infrastructure.tokens import Verifier
from infrastructure.verification import VerifiableLog
from infrastructure.webhooks.dispatcher import SHARE_OF_A_SERVER, Dispatcher, manner
from infrastructure.webhooks.signing import Secretary

STANDS_STILL = 60.0
"""Seconds a read model may lag behind the log before the server says that it is not ready."""


def version() -> str:
    """This program's version."""
    return software().partition("/")[2]


@contextmanager
def open_world(settings: Settings, catalogue: Catalogue, clock: Clock = system_clock) -> Iterator[World]:
    """The application on an instance, ready to serve until the block ends. Raises NotReady with what to do.

    ``clock`` is the ledger's; tokens are judged by the machine's.
    """
    secrets = instance.require_ready(settings)
    with engine_of(settings) as engine:
        refuse_owner(engine)
        with running(settings, catalogue, secrets, engine, clock) as world:
            yield world


class Worker(Protocol):
    """What follows an instance on a thread of its own."""

    def start(self) -> None:
        """Begin."""
        ...


@contextmanager
def running(
    settings: Settings, catalogue: Catalogue, secrets: Secrets, engine: sa.Engine, clock: Clock = system_clock
) -> Iterator[World]:
    """The application with its threads running; they end, answering what is queued, when the block ends."""
    ledger = SqlLedger(engine, clock)
    vault = Vault(secrets.instance_key, SqlKeys(engine))
    ledger.listen(partial(learn, vault))
    codec = instance.codec(catalogue, vault)
    law = law_of(settings, catalogue)
    cases = Cases(catalogue, ledger, CaseStreams(ledger, codec), codec, law)
    projector = Projector(engine, ledger, catalogue, codec, cases, clock=clock)
    verifier = Verifier(instance.issuer(secrets).public_keys(), system_clock)
    authenticator = TokenAuthenticator(engine, verifier)
    ledger_id = instance.ledger_id_of(ledger)
    executor = Executor(catalogue, ledger, codec, cases, clock, software(), law)
    reactor = Reactor(engine, executor, REACTIONS, settings.agency)
    scheduler = Scheduler(engine, executor, settings.agency, clock)
    secretary = Secretary(secrets.instance_key)
    dispatcher = Dispatcher(engine, ledger, ledger_id, secretary, manner(settings), system_clock, SHARE_OF_A_SERVER)
    workers: tuple[Worker, ...] = (projector, reactor, scheduler, dispatcher)
    switches = (settings.projections, settings.reactions, settings.scheduler, settings.webhooks)
    try:
        ledger.start()
        authenticator.start()
        for worker in compress(workers, switches):
            worker.start()  # the reactor asks the database: those begun before it end if that fails
        yield World(
            catalogue=catalogue,
            ledger=ledger,
            ledger_id=ledger_id,
            executor=executor,
            queries=Queries(catalogue, cases),
            reading=SqlReadStore(engine),
            reports=reports_of(settings, engine, cases),
            followers=projector,
            authenticator=authenticator,
            fingerprint=secrets.fingerprint(),
            new_id=uuid4,
            ready=partial(obstacles, engine, ledger, projector, scheduler if settings.scheduler else None, clock),
        )
    finally:
        scheduler.stop()
        reactor.stop()
        ledger.close()
        projector.stop()
        dispatcher.stop()
        authenticator.stop()


@dataclass(frozen=True, slots=True)
class Tools:
    """What the command line reads an instance with; nothing of it writes."""

    settings: Settings
    log: VerifiableLog
    queries: Queries
    reading: SqlReadStore
    reports: Reports
    projector: Projector

    def statuses(self) -> list[Mapping[str, Any]]:
        """How far each read model has come."""
        return list(self.projector.status())


@contextmanager
def open_tools(settings: Settings, catalogue: Catalogue) -> Iterator[Tools]:
    """An instance opened for reading, without a committer and without following. Raises NotReady with what to do."""
    secrets = instance.require_ready(settings)
    with engine_of(settings) as engine:
        ledger = SqlLedger(engine, system_clock)
        codec = instance.codec(catalogue, Vault(secrets.instance_key, SqlKeys(engine)))
        cases = Cases(catalogue, ledger, CaseStreams(ledger, codec), codec, law_of(settings, catalogue))
        projector = Projector(engine, ledger, catalogue, codec, cases)
        queries, reports = Queries(catalogue, cases), reports_of(settings, engine, cases)
        yield Tools(settings, ledger.reader, queries, SqlReadStore(engine), reports, projector)


@contextmanager
def open_projector(settings: Settings, catalogue: Catalogue) -> Iterator[Projector]:
    """The read models following the log in this process until the block ends."""
    with open_tools(settings, catalogue) as tools:
        tools.projector.start()
        try:
            yield tools.projector
        finally:
            tools.projector.stop()


def law_of(settings: Settings, catalogue: Catalogue) -> Law:
    """The rule profiles of an instance. Raises ProfileFault with everything that is wrong with them."""
    folders = () if settings.profiles is None else (settings.profiles,)
    return Law(installed(catalogue, folders), settings.unverified_profiles)


def reports_of(settings: Settings, engine: sa.Engine, cases: Cases) -> Reports:
    """The standing reports, counted from the ledger of these cases."""
    past = Past(cases, Reading(cases.codec.event, orjson.loads))
    surroundings = Surroundings(system_clock, software(), settings.smallest_cell)
    return Reports(past, cases.ledger, TauArgus(), SqlFrozenReports(engine), surroundings)


def learn(vault: Vault, recorded: Sequence[tuple[Append, Receipt]]) -> None:
    """Have the vault remember the data keys that are now committed."""
    for request, _ in recorded:
        if request.keys:
            vault.learn(request.keys)


def obstacles(
    engine: sa.Engine, ledger: SqlLedger, projector: Projector, scheduler: Scheduler | None, clock: Clock
) -> Mapping[str, str]:
    """What keeps the server from serving, by name; empty when it is ready."""
    found: dict[str, str] = {}
    if not ledger.alive:
        found["ledger"] = "the committer does not take commands"
    try:
        if not schema_is_current(engine):
            found["schema"] = "the database is not at this program's schema"
        if ledger.head().recorded_at > clock() + 60_000_000:
            found["clock"] = "the ledger's last receipt lies more than a minute ahead of this machine's clock"
        for status in projector.status():
            if status["failure"] is not None or float(status["lag_seconds"]) > STANDS_STILL:
                found[f"projection {status['name']}"] = "it stands still"
        silence = None if scheduler is None else scheduler.silence()
        if silence is not None:
            found["scheduler"] = f"it has not looked for {silence:.0f} seconds"
    except NO_ANSWER:
        found["database"] = "it does not answer"
    return found
