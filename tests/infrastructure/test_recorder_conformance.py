"""The eventsourcing library's own recorder cases, on our recorder: a SQLite file and PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.application import Application, ProcessingEvent
from eventsourcing.dispatch import singledispatchmethod
from eventsourcing.domain import Aggregate
from eventsourcing.persistence import (
    IntegrityError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    StoredEvent,
    Tracking,
)
from eventsourcing.projection import EventSourcedProjection, EventSourcedProjectionRunner, Projection, ProjectionRunner
from eventsourcing.tests.persistence import (
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
    ProcessRecorderTestCase,
    TrackingRecorderTestCase,
)

from infrastructure.database import open_engine
from infrastructure.ledger import SqlLedger
from infrastructure.recorder import LedgerFactory, LedgerRecorder
from infrastructure.verification import verify
from tests.engines import Database
from tests.infrastructure.events import request


@pytest.fixture
def recorders(request: pytest.FixtureRequest) -> Iterator[Callable[[str], LedgerRecorder]]:
    """Opens recorders on fresh databases by dialect, and closes them at the end."""
    with ExitStack() as stack:

        def build(dialect: str) -> LedgerRecorder:
            database: Database = request.getfixturevalue(f"{dialect}_database")
            engine = open_engine(database.url)
            stack.callback(engine.dispose)
            ledger = SqlLedger(engine, lambda: 1)
            stack.callback(ledger.close)
            ledger.start()
            return LedgerRecorder(ledger)

        yield build


class OnSqlite:
    """Gives the library's cases a recorder on a SQLite file."""

    dialect = "sqlite"

    @pytest.fixture(autouse=True)
    def _build(self, recorders: Callable[[str], LedgerRecorder]) -> None:
        self.recorders = recorders

    def create_recorder(self) -> LedgerRecorder:
        """The one the case is about."""
        return self.recorders(self.dialect)


class OnPostgresql(OnSqlite):
    """Gives the library's cases a recorder on PostgreSQL."""

    dialect = "postgresql"


class _ApplicationCase(ApplicationRecorderTestCase[LedgerRecorder]):
    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestApplicationRecorderOnSqlite(OnSqlite, _ApplicationCase):
    """The library's cases for an application's recorder."""


class TestApplicationRecorderOnPostgresql(OnPostgresql, _ApplicationCase):
    """The same on PostgreSQL."""


class TestProcessRecorderOnSqlite(OnSqlite, ProcessRecorderTestCase):
    """The library's cases for events recorded together with tracking."""


class TestProcessRecorderOnPostgresql(OnPostgresql, ProcessRecorderTestCase):
    """The same on PostgreSQL."""


class TestTrackingRecorderOnSqlite(OnSqlite, TrackingRecorderTestCase):
    """The library's cases for tracking alone."""


class TestTrackingRecorderOnPostgresql(OnPostgresql, TrackingRecorderTestCase):
    """The same on PostgreSQL."""


class TestNonInterleavingOnSqlite(OnSqlite, NonInterleavingNotificationIDsBaseCase):
    """The library's case for two writers of a thousand events each."""


class TestNonInterleavingOnPostgresql(OnPostgresql, NonInterleavingNotificationIDsBaseCase):
    """The same on PostgreSQL."""


# The abstract cases and mixins are imported to be derived from, not to be collected.
del _ApplicationCase, ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase
del ProcessRecorderTestCase, TrackingRecorderTestCase


class Counts(LedgerRecorder):
    """A view that counts in memory and keeps its place in the ledger."""

    def __init__(self, ledger: SqlLedger) -> None:
        super().__init__(ledger)
        self.created = 0
        self.others = 0


class Counting(Projection[Counts]):
    """Counts created aggregates and other events."""

    name = "counting"

    @singledispatchmethod
    def process_event(self, _event: Any, tracking: Tracking) -> None:
        """Count an event that is not a creation."""
        self.view.insert_tracking(tracking)
        self.view.others += 1

    @process_event.register
    def created(self, _event: Aggregate.Created, tracking: Tracking) -> None:
        """Count a creation."""
        self.view.insert_tracking(tracking)
        self.view.created += 1


def environment(database: Database) -> dict[str, str]:
    """What the library's applications are configured with."""
    return {"PERSISTENCE_MODULE": "infrastructure.recorder", "CASETRAIL_DATABASE_URL": database.url}


def test_the_librarys_projection_runner_follows_our_store(database: Database) -> None:
    runner = ProjectionRunner(
        application_class=Application[UUID],
        projection_class=Counting,
        view_class=Counts,
        env=environment(database),
    )
    with runner:
        for expected in (1, 2, 3):
            aggregate = Aggregate()
            aggregate.trigger_event(Aggregate.Event)
            aggregate.trigger_event(Aggregate.Event)
            last = runner.app.save(aggregate)[-1].notification.id
            runner.wait(last, timeout=10)
            assert (runner.projection.view.created, runner.projection.view.others) == (expected, 2 * expected)
            assert runner.app.repository.get(aggregate.id) == aggregate


class Echo(Aggregate):
    """What the projection below records for each aggregate it hears of."""

    def __init__(self, of: UUID) -> None:
        self.of = of


class Echoing(EventSourcedProjection[UUID]):
    """Records an event of its own, with its place, for every aggregate created by others."""

    name = "echoing"

    @singledispatchmethod
    def policy(self, domain_event: Any, processing_event: ProcessingEvent[UUID]) -> None:
        """Echo what is not an echo itself."""
        if type(domain_event) is Aggregate.Created:
            processing_event.collect_events(Echo(domain_event.originator_id))


def test_the_librarys_event_sourced_projection_records_and_tracks_in_our_store(database: Database) -> None:
    with EventSourcedProjectionRunner(
        application_class=Application[UUID], projection_class=Echoing, env=environment(database)
    ) as runner:
        aggregate = Aggregate()
        runner.wait(runner.app.save(aggregate)[-1].notification.id, timeout=10)
        heard = runner.app.recorder.select_notifications(None, 10)
    assert [event.topic for event in heard] == ["eventsourcing.domain:Aggregate.Created", f"{__name__}:Echo.Created"]


def test_several_streams_are_recorded_together_or_not_at_all(ledger: SqlLedger) -> None:
    recorder = LedgerRecorder(ledger)
    one, two = uuid4(), uuid4()
    mixed = [StoredEvent(one, 1, "t", b"a"), StoredEvent(two, 1, "t", b"b"), StoredEvent(one, 2, "t", b"c")]
    assert recorder.insert_events(mixed) == [1, 2, 3]
    spoiled = [StoredEvent(one, 3, "t", b"d"), StoredEvent(two, 3, "t", b"e")]
    with pytest.raises(IntegrityError):
        recorder.insert_events(spoiled)
    assert [n.originator_version for n in recorder.select_notifications(1, 10)] == [1, 1, 2]
    assert recorder.select_events(one, desc=True) == [mixed[2], mixed[0]]
    assert recorder.select_events(one, limit=1) == [mixed[0]]
    assert verify(ledger).ok


def test_tracking_is_recorded_with_its_events_or_not_at_all(ledger: SqlLedger) -> None:
    recorder = LedgerRecorder(ledger)
    stream = uuid4()
    recorder.insert_events([StoredEvent(stream, 1, "t", b"")], tracking=Tracking("up", 5))
    with pytest.raises(IntegrityError):
        recorder.insert_events([StoredEvent(stream, 1, "t", b"")], tracking=Tracking("up", 6))
    with pytest.raises(IntegrityError):
        recorder.insert_events([StoredEvent(stream, 2, "t", b"")], tracking=Tracking("up", 5))
    assert recorder.max_tracking_id("up") == 5
    assert recorder.max_notification_id() == 1


def test_a_subscription_sees_what_another_process_records(database: Database, ledger: SqlLedger) -> None:
    with LedgerFactory(environment(database)) as other, LedgerRecorder(ledger).subscribe(topics=["wanted"]) as events:
        stream = uuid4()
        recorder = other.application_recorder()
        recorder.insert_events([StoredEvent(stream, 1, "other", b""), StoredEvent(stream, 2, "wanted", b"")])
        assert next(events).id == 2
        recorder.insert_events([StoredEvent(stream, 3, "wanted", b"")])
        assert next(events).id == 3
        other.close()


def test_a_subscription_reads_more_than_one_page(ledger: SqlLedger) -> None:
    recorder = LedgerRecorder(ledger)
    recorder.insert_events([StoredEvent(uuid4(), version, "t", b"") for version in (1,)])
    stream = uuid4()
    recorder.insert_events([StoredEvent(stream, version, "even" if version % 2 else "odd", b"") for version in range(1, 1301)])
    with recorder.subscribe(gt=1, topics=["odd"]) as events:
        assert [next(events).id for _ in range(650)] == list(range(3, 1302, 2))


def test_events_of_the_ledger_and_of_the_library_share_one_sequence(ledger: SqlLedger) -> None:
    recorder = LedgerRecorder(ledger)
    ledger.append_now(request())
    assert recorder.insert_events([StoredEvent(uuid4(), 0, "t", b"")]) == [2]
    assert [n.topic for n in recorder.select_notifications(None, 10)] == ["test.noted", "t"]


def test_a_closed_ledger_is_an_operational_error(database: Database) -> None:
    factory = LedgerFactory(environment(database))
    recorder = factory.process_recorder()
    factory.close()
    with pytest.raises(OperationalError):
        recorder.insert_events([StoredEvent(uuid4(), 1, "t", b"")])


def test_what_the_ledger_does_not_do_is_said(database: Database, ledger: SqlLedger) -> None:
    with pytest.raises(ProgrammingError, match="UUID"):
        LedgerRecorder(ledger).select_events("not-a-uuid")
    factory = LedgerFactory(environment(database))
    with pytest.raises(NotSupportedError, match="snapshots"):
        factory.aggregate_recorder("snapshots")
    assert factory.aggregate_recorder().max_notification_id() is None
    factory.close()
