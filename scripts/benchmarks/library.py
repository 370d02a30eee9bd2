"""The same cases as an application of the ``eventsourcing`` library, written as its documentation shows.

Its aggregate, mapper, JSON transcoder, recorders and projection runner are used as they come. Each event states what ours
states, sealed as ours are: once in our types, once as the plain JSON that a program without types would be content with.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, get_origin, get_type_hints
from uuid import UUID

import orjson
import sqlalchemy as sa
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import JSONTranscoder, Tracking, TrackingRecorder, Transcoding
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection
from eventsourcing.sqlite import SQLiteTrackingRecorder
from psycopg.sql import SQL, Composed

from application.cases import Cases
from application.records import Recorded, microseconds
from domain.dossier.acts import AddendumAdded
from domain.values import Authority, Sealed, Source, When
from tests.engines import Database


class Detention(Aggregate):
    """A detention. ``stated`` is what the event states, by field."""

    @event("Opened")
    def __init__(self, *, stated: dict[str, Any]) -> None:
        self.party = stated["party"]
        self.since = stated["when"]
        self.unit = stated["unit"]
        self.counsel = "not_offered"
        self.addenda = 0

    @event("CounselRequested")
    def request_counsel(self, *, stated: dict[str, Any]) -> None:  # noqa: ARG002 - the library takes events from signatures
        """The person asked for counsel."""
        self.counsel = "requested"

    @event("AddendumAdded")
    def add_addendum(self, *, stated: dict[str, Any]) -> None:  # noqa: ARG002 - as above
        """A remark."""
        self.addenda += 1


class PlainDetentions(Application[UUID]):
    """Events that state plain JSON, but for times and ids: nothing for the library to do beyond what it always does."""

    def take_over(self, ours: Cases, ids: Sequence[UUID]) -> list[UUID]:
        """Record what our ledger holds of these cases, a case in one ``save``, and answer their new ids."""
        return [self._take_over(ours, case_id) for case_id in ids]

    def _take_over(self, ours: Cases, case_id: UUID) -> UUID:
        history = ours.ledger.load(case_id)
        case = Detention(stated=self.stated(ours, history[0]))
        for row in history[1:]:
            record = case.add_addendum if row.type == AddendumAdded.type else case.request_counsel
            record(stated=self.stated(ours, row))
        self.save(case)
        return case.id

    def stated(self, ours: Cases, recorded: Recorded) -> dict[str, Any]:  # noqa: ARG002 - the typed events need the codec
        """What an event states."""
        state: dict[str, Any] = orjson.loads(recorded.state)
        for name in ("earliest", "latest"):
            state["when"][name] = datetime.fromisoformat(state["when"][name])
        return state


class TypedDetentions(PlainDetentions):
    """Events that state what ours state, in the same types, which the library's transcoder is told how to store."""

    def register_transcodings(self, transcoder: JSONTranscoder) -> None:
        """Ours besides the library's."""
        super().register_transcodings(transcoder)
        for stored in (When, Source, Authority, Sealed):
            transcoder.register(AsFields(stored))

    def stated(self, ours: Cases, recorded: Recorded) -> dict[str, Any]:
        """What an event states."""
        stated = ours.codec.event(recorded)
        return {part.name: getattr(stated, part.name) for part in fields(stated)}


class AsFields(Transcoding):
    """A value by its fields; JSON keeps enumerations as texts and tuples as lists, so these are made anew."""

    def __init__(self, of: type[Any]) -> None:
        self.type = of
        self.name = of.__name__
        hints = get_type_hints(of)
        self._made = [(name, kind) for name, hint in hints.items() if isinstance(kind := get_origin(hint) or hint, type)]
        self._made = [(name, kind) for name, kind in self._made if issubclass(kind, Enum | tuple)]

    def encode(self, obj: Any) -> dict[str, Any]:
        """The fields."""
        return {part.name: getattr(obj, part.name) for part in fields(obj)}

    def decode(self, data: dict[str, Any]) -> Any:
        """The value."""
        for name, make in self._made:
            data[name] = make(data[name])
        return self.type(**data)


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


DAY = 86_400_000_000
"""Microseconds."""

# --- A timeline, with the library's projection runner ---------------------------------------------------------

COLUMNS: Mapping[str, str] = {
    "case_id": "uuid", "version": "bigint", "position": "bigint", "kind": "text", "type": "text", "schema_version": "integer",
    "recorded_at": "bigint", "earliest": "bigint", "latest": "bigint", "actor": "text", "role": "text",
    "claim_status": "text", "late": "boolean", "target": "bigint", "state": "bytea",
}  # fmt: skip
"""Those of our own timeline."""

_CREATE = f"CREATE TABLE IF NOT EXISTS timeline ({', '.join(map(' '.join, COLUMNS.items()))}, PRIMARY KEY (case_id, version))"
_INSERT = f"INSERT INTO timeline ({', '.join(COLUMNS)}) VALUES "  # noqa: S608 - our own names


class PostgresTimeline(PostgresTrackingRecorder):
    """The view on PostgreSQL: row and tracking in one transaction."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sql_create_statements.append(Composed([SQL(_CREATE)]))

    def record(self, row: tuple[Any, ...], tracking: Tracking) -> None:
        """Write one row."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(f"{_INSERT}({', '.join(['%s'] * len(row))})", row, prepare=True)

    def clear(self) -> None:
        """Begin anew."""
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute("TRUNCATE timeline")
            cursor.execute(f"DELETE FROM {self.tracking_table_name} WHERE application_name = 'PlainDetentions'")  # noqa: S608


class SqliteTimeline(SQLiteTrackingRecorder):
    """The view on SQLite: row and tracking in one transaction."""

    def construct_create_table_statements(self) -> list[str]:
        """The library's, and ours."""
        return [*super().construct_create_table_statements(), _CREATE]

    def record(self, row: tuple[Any, ...], tracking: Tracking) -> None:
        """Write one row."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(f"{_INSERT}({', '.join('?' * len(row))})", (row[0].bytes, *row[1:]))

    def clear(self) -> None:
        """Begin anew."""
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute("DELETE FROM timeline")
            cursor.execute("DELETE FROM tracking WHERE application_name = 'PlainDetentions'")


@dataclass
class Progress:
    """How far the projection of one round has come, and when it began."""

    done: int = 0
    began: float = 0.0

    @property
    def lasted(self) -> float:
        """Seconds since the first event."""
        return time.perf_counter() - self.began if self.began else 0.0

    def rate(self) -> float:
        """Events per second."""
        return self.done / self.lasted


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
    earliest, latest = (microseconds(stated["when"][name]) for name in ("earliest", "latest"))
    recorded_at = microseconds(domain_event.timestamp)
    return (
        domain_event.originator_id, domain_event.originator_version, tracking.notification_id, "detention",
        type(domain_event).__qualname__, 1, recorded_at, earliest, latest, stated["decided_by"], "officer",
        stated["claim_status"], recorded_at - latest > DAY, stated.get("target"), orjson.dumps(stated),
    )  # fmt: skip
