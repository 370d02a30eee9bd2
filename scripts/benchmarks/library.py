"""The same cases as an application of the ``eventsourcing`` library, written as its documentation shows.

Its aggregate, mapper, JSON transcoder, recorders and projection runner are used as they come. Each event states what ours
states: the two ends of the time as datetimes, the person as a UUID, everything else as the plain JSON that we store.
"""

import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking, TrackingRecorder
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection
from eventsourcing.sqlite import SQLiteTrackingRecorder
from psycopg.sql import SQL

from application.records import Recorded, microseconds
from tests.engines import Database


class Detention(Aggregate):
    """A detention."""

    @event("Opened")
    def __init__(self, *, earliest: datetime, latest: datetime, party: UUID, stated: dict[str, Any]) -> None:
        self.party = party
        self.since = earliest
        self.until = latest
        self.unit = stated["unit"]
        self.counsel = "not_offered"
        self.addenda = 0

    @event("CounselRequested")
    def request_counsel(self, *, earliest: datetime, latest: datetime, stated: dict[str, Any]) -> None:
        """The person asked for counsel."""
        self.counsel = "requested"

    @event("AddendumAdded")
    def add_addendum(self, *, earliest: datetime, latest: datetime, stated: dict[str, Any]) -> None:
        """A remark."""
        self.addenda += 1


class Detentions(Application[UUID]):
    """The library's application object over detentions."""

    def take_over(self, histories: Sequence[Sequence[Recorded]]) -> list[UUID]:
        """Record what our ledger holds; a case is one ``save``."""
        return [self._take_over(history) for history in histories]

    def _take_over(self, history: Sequence[Recorded]) -> UUID:
        first, *further = map(times_and_rest, history)
        case = Detention(party=UUID(first["stated"].pop("party")), **first)
        for row, stated in zip(history[1:], further, strict=True):
            record = case.add_addendum if row.type == "case.addendum_added" else case.request_counsel
            record(**stated)
        self.save(case)
        return case.id


def times_and_rest(recorded: Recorded) -> dict[str, Any]:
    """One of our stored states as the arguments of an event above."""
    state = orjson.loads(recorded.state)
    when = state["when"]
    ends = {name: datetime.fromisoformat(when.pop(name)) for name in ("earliest", "latest")}
    return {**ends, "stated": state}


def environment(database: Database, folder: Path) -> dict[str, str]:
    """How the library is told where to store: on PostgreSQL the same database, on SQLite a file of its own beside ours."""
    if database.dialect == "sqlite":
        return {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(folder / "library.db")}
    url = sa.make_url(database.owner_url)
    host = url.host or url.query.get("host", "")
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(url.database),
        "POSTGRES_HOST": str(host),
        "POSTGRES_PORT": str(url.port or 5432),
        "POSTGRES_USER": str(url.username),
        "POSTGRES_PASSWORD": str(url.password),
    }


# --- A timeline, with the library's projection runner ---------------------------------------------------------

COLUMNS: Mapping[str, str] = {
    "case_id": "uuid", "version": "bigint", "position": "bigint", "kind": "text", "type": "text", "schema_version": "integer",
    "recorded_at": "bigint", "earliest": "bigint", "latest": "bigint", "actor": "text", "role": "text",
    "claim_status": "text", "late": "boolean", "target": "bigint", "state": "bytea",
}  # fmt: skip
"""Those of our own timeline."""

_CREATE = f"CREATE TABLE timeline ({', '.join(map(' '.join, COLUMNS.items()))}, PRIMARY KEY (case_id, version))"
_INSERT = f"INSERT INTO timeline ({', '.join(COLUMNS)}) VALUES "  # noqa: S608 - our own names


class PostgresTimeline(PostgresTrackingRecorder):
    """The view on PostgreSQL: row and tracking in one transaction."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sql_create_statements.append(SQL(_CREATE.replace("TABLE", "TABLE IF NOT EXISTS")))

    def record(self, row: tuple[Any, ...], tracking: Tracking) -> None:
        """Write one row."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(f"{_INSERT}({', '.join(['%s'] * len(row))})", row, prepare=True)

    def clear(self) -> None:
        """Begin anew."""
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute("TRUNCATE timeline")
            cursor.execute(f"DELETE FROM {self.tracking_table_name} WHERE application_name = 'Detentions'")  # noqa: S608


class SqliteTimeline(SQLiteTrackingRecorder):
    """The view on SQLite: row and tracking in one transaction."""

    def construct_create_table_statements(self) -> list[str]:
        """The library's, and ours."""
        return [*super().construct_create_table_statements(), _CREATE.replace("TABLE", "TABLE IF NOT EXISTS")]

    def record(self, row: tuple[Any, ...], tracking: Tracking) -> None:
        """Write one row."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(f"{_INSERT}({', '.join('?' * len(row))})", (row[0].bytes, *row[1:]))

    def clear(self) -> None:
        """Begin anew."""
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute("DELETE FROM timeline")
            cursor.execute("DELETE FROM tracking WHERE application_name = 'Detentions'")


@dataclass
class Progress:
    """How far the projection of one round has come, and when it began."""

    done: int = 0
    began: float = 0.0
    enough: threading.Event = field(default_factory=threading.Event)


class Timeline(Projection[TrackingRecorder]):
    """One row per event, as the library's documentation builds a materialized view."""

    name = "timeline"
    progress = Progress()

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """Write the event's row."""
        progress = self.progress
        progress.began = progress.began or time.perf_counter()
        view: Any = self.view
        view.record(row_of(domain_event, tracking), tracking)
        progress.done += 1


def row_of(domain_event: Any, tracking: Tracking) -> tuple[Any, ...]:
    """An event's row."""
    stated = domain_event.stated
    earliest, latest = microseconds(domain_event.earliest), microseconds(domain_event.latest)
    recorded_at = microseconds(domain_event.timestamp)
    return (
        domain_event.originator_id, domain_event.originator_version, tracking.notification_id, "detention",
        type(domain_event).__qualname__, 1, recorded_at, earliest, latest, stated["decided_by"], "officer",
        stated["claim_status"], recorded_at - latest > 86_400_000_000, stated.get("target"), json.dumps(stated).encode(),
    )  # fmt: skip
