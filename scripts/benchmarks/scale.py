"""A large ledger against a small one: rebuilding the read models, and reading the lists.

The large ledger has a hundred times the cases of the small one. What a projection does for an event and what a list does
for a page must not depend on how much there is besides.
"""

import asyncio
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from uuid import UUID, uuid4

import sqlalchemy as sa

from application.read_models import READ_MODELS
from application.records import Append, Draft, Recorded
from infrastructure import instance
from infrastructure.actors import Registration, register
from infrastructure.projector import Projector
from scripts.benchmarks.databases import Databases, scratch
from scripts.benchmarks.recording import Office, office
from scripts.benchmarks.rounds import Ratio, alternate, show
from scripts.benchmarks.servers import serving
from tests.engines import Database

SMALL = 10_000
LARGE = int(os.environ.get("CASETRAIL_BENCH_EVENTS", "1000000"))
EVENTS = 20
UNITS = 5
AT_ONCE = 64
ROUNDS = 5
REQUESTS = 100
LEAST = 1 / 1.3
"""A large ledger may take 1.3 times what a small one takes."""

AUDITOR = "auditor-1"


class Grown:
    """A ledger of so many events, its read models, and a server on it."""

    def __init__(self, database: Database, folder: Path, events: int) -> None:
        self._environment = {"CASETRAIL_INSTANCE": str(folder / "instance"), "CASETRAIL_DATABASE_URL": database.url}
        self._folder = folder / "instance"
        self.events = events
        with office(database, self._folder) as ours:
            self.cases = grow(ours, events)
            self.rebuilt = events / rebuild(ours)
            at_rest(database)
            register(ours.engine, Registration(AUDITOR, "unit-1", "agency", ("auditor",)))

    @contextmanager
    def reader(self) -> Iterator["Reader"]:
        """Somebody who reads its lists over HTTP."""
        token = instance.issuer(instance.load_secrets(self._folder)).issue(AUDITOR, "auditor", 86_400)
        with serving(self._environment) as port:
            yield Reader(port, token)


class Reader:
    """One keep-alive connection."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"authorization": f"Bearer {token}"}

    def rate(self, paths: Sequence[str]) -> float:
        """Requests per second by the median time of one."""
        spent = []
        for number in range(REQUESTS):
            began = time.perf_counter()
            self._connection.request("GET", paths[number % len(paths)], headers=self._headers)
            answer = self._connection.getresponse()
            answer.read()
            spent.append(time.perf_counter() - began)
            if answer.status != HTTPStatus.OK:
                raise SystemExit(f"a list answered {answer.status}")
        return 1 / median(spent)


def run(databases: Databases, dialect: str) -> bool:
    """Measure on one database; whether every ratio is reached."""
    with databases.fresh(dialect) as few, databases.fresh(dialect) as many, scratch() as folder:
        small, large = Grown(few, folder / "small", SMALL), Grown(many, folder / "large", LARGE)
        name = "all read models rebuilt, {:,} events".format
        rounds = [{name(large.events): large.rebuilt, name(small.events): small.rebuilt}]
        reached = show(rounds, [Ratio(name(large.events), name(small.events), LEAST)], "events/s")
        with small.reader() as of_small, large.reader() as of_large:
            for what in lists(small):
                sides = {
                    f"{what}, {LARGE:,} events": partial(of_large.rate, lists(large)[what]),
                    f"{what}, {SMALL:,} events": partial(of_small.rate, lists(small)[what]),
                }
                ours, other = sides
                reached &= show(alternate(ROUNDS, sides), [Ratio(ours, other, LEAST)])
        return reached


def lists(grown: Grown) -> dict[str, list[str]]:
    """What is read, with addresses that differ from request to request where the list is a case's."""
    some = grown.cases[:: max(1, len(grown.cases) // REQUESTS)]
    return {
        "worklist": ["/v1/cases?limit=100"],
        "worklist of a unit": [f"/v1/cases?limit=100&unit=unit-{number}" for number in range(UNITS)],
        "timeline": [f"/v1/cases/{case_id}/timeline" for case_id in some],
        "audit": ["/v1/audit?limit=100"],
        "board of deadlines": ["/v1/deadlines?limit=100"],
        "board of a unit": [f"/v1/deadlines?limit=100&unit=unit-{number}" for number in range(UNITS)],
        "audit of a case": [f"/v1/audit?case_id={case_id}" for case_id in some],
    }


def grow(ours: Office, events: int) -> list[UUID]:
    """Fill a ledger with detentions of twenty events in five units, copied from one that was recorded by commands."""
    model = ours.world.ledger.load(ours.record(1, EVENTS)[0])
    ids = [uuid4() for _ in range(events // EVENTS)]
    asyncio.run(_copy(ours, model, ids))
    return ids


async def _copy(ours: Office, model: Sequence[Recorded], ids: Sequence[UUID]) -> None:
    work = iter(enumerate(ids))

    async def writer() -> None:
        for number, case_id in work:
            unit = b'"unit":"unit-%d"' % (number % UNITS)
            drafts = [Draft(e.type, e.schema_version, e.state.replace(b'"unit":"unit-1"', unit), e.envelope) for e in model]
            await ours.world.ledger.append(
                Append(case_id, model[0].kind, 0, tuple(drafts), model[0].actor, os.urandom(16), bytes(32))
            )

    await asyncio.gather(*(writer() for _ in range(AT_ONCE)))


def at_rest(database: Database) -> None:
    """Have PostgreSQL do now what it would do of itself after so many new rows, and not while lists are read."""
    if database.dialect == "postgresql":
        engine = sa.create_engine(database.owner_url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
        engine.dispose()


def rebuild(ours: Office) -> float:
    """Seconds to rebuild every read model from nothing, one after the other."""
    world = ours.world
    projector = Projector(ours.engine, world.ledger, ours.catalogue, world.executor.codec, world.executor.cases)
    began = time.perf_counter()
    for model in READ_MODELS:
        projector.rebuild(model.name)
    return time.perf_counter() - began
