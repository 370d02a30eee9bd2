"""The ``eventsourcing`` library's recorder interface on the ledger.

With it the library's event store, notification log, subscriptions and projection runner work on our log. Inserting here
is the plain form of the one append path: system actor, random command id, kind ``library``. A stream's versions rise by
one from 0 or 1. A notification's id is the event's position in the ledger, across all kinds.
"""

import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    InfrastructureFactory,
    IntegrityError,
    ListenNotifySubscription,
    Notification,
    NotSupportedError,
    OperationalError,
    ProcessRecorder,
    ProgrammingError,
    ShutDown,
    StoredEvent,
    Subscription,
    Tracking,
)
from eventsourcing.utils import Environment, EnvType

from application.errors import Stale, Unavailable
from application.records import Append, Draft, Receipt, Recorded, Stated, moment
from infrastructure.batch import Entry, Tracked, TrackedBefore
from infrastructure.clock import system_clock
from infrastructure.database import open_engine
from infrastructure.ledger import SqlLedger
from infrastructure.settings import Settings

KIND = "library"
ACTOR = "system"
POLL_SECONDS = 0.05
"""How often a subscription looks for events of other processes; this process's own commits wake it at once."""


class LedgerRecorder(ProcessRecorder):
    """Records and selects stored events on a started ledger. Safe on several threads."""

    def __init__(self, ledger: SqlLedger) -> None:
        """Share ``ledger``; it stays the caller's to close."""
        self._ledger = ledger
        self._sleepers: frozenset[threading.Event] = frozenset()
        self._changing = threading.Lock()
        ledger.listen(lambda _news: self._wake())

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """Record the events, and ``tracking`` if it is given, all or nothing; answer their positions.

        Raises IntegrityError if a version is taken or leaves a gap, or if the follower was there before.
        """
        tracking: Tracking | None = kwargs.get("tracking")
        if not stored_events and tracking is None:
            return []
        parts = tuple(_append(run) for run in _runs(stored_events))
        tracked = Tracked(tracking.application_name, tracking.notification_id) if tracking else None
        try:
            receipts = self._ledger.append_together(Entry(parts, tracked))
        except (Stale, TrackedBefore) as error:
            raise IntegrityError(str(error)) from error
        except Unavailable as error:
            raise OperationalError(str(error)) from error
        return list(chain.from_iterable(map(_positions, receipts)))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """One stream's events by version, ascending unless ``desc``, at most ``limit``."""
        rows = self.select_stated(originator_id, gt=gt, lte=lte, desc=desc, limit=limit)
        return [StoredEvent(_uuid(originator_id), row.version, row.type, row.state) for row in rows]

    def select_stated(
        self, originator_id: UUID | str, *, gt: int | None, lte: int | None, desc: bool, limit: int | None
    ) -> Sequence[Stated]:
        """As ``select_events``, with schema version and receipt time."""
        with _translated():
            found = self._ledger.reader.stated(
                _uuid(originator_id), -1 if gt is None else gt, lte, last=limit if desc else None
            )
        return found[::-1] if desc else found[:limit]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """The log from ``start`` to ``stop``, at most ``limit``; only ``topics`` if any are named."""
        after = (start or 0) - (1 if inclusive_of_start and start else 0)
        with _translated():
            return [_notification(event) for event in self._ledger.reader.read(after, limit, stop, topics)]

    def max_notification_id(self) -> int | None:
        """The last position, None if the log is empty."""
        with _translated():
            return self._ledger.head().position or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """Follow the log after ``gt``, this process's events at once and those of others soon after."""
        return LedgerSubscription(self, gt, topics)

    def insert_tracking(self, tracking: Tracking) -> None:
        """Record how far a follower has come. Raises IntegrityError if it was there before."""
        self.insert_events([], tracking=tracking)

    def max_tracking_id(self, application_name: str) -> int | None:
        """How far a follower has come, None if it has not begun."""
        with _translated():
            return self._ledger.reader.tracked(application_name)

    @contextmanager
    def waking(self, sleeper: threading.Event) -> Iterator[None]:
        """Set ``sleeper`` after every commit of this process, for as long as the context lasts."""
        with self._changing:
            self._sleepers |= {sleeper}
        try:
            yield
        finally:
            with self._changing:
                self._sleepers -= {sleeper}

    def _wake(self) -> None:
        for sleeper in self._sleepers:
            sleeper.set()


class LedgerSubscription(ListenNotifySubscription[LedgerRecorder]):
    """Follows the log on a thread of its own, woken by commits here and by the clock for commits elsewhere."""

    def _loop_on_pull(self) -> None:
        try:
            with self._recorder.waking(self._has_been_notified):
                while not self._has_been_stopped:
                    self._pull()
                    self._has_been_notified.wait(POLL_SECONDS)
        except BaseException as error:  # noqa: BLE001
            # Raised to the consumer by the library's ``__next__``, on the consumer's thread.
            self._thread_error = self._thread_error or error
            self.stop()

    def _pull(self) -> None:
        """Queue all there is. With topics, what was searched in vain is not searched again."""
        self._has_been_notified.clear()
        reached = self._recorder.max_notification_id() or 0
        while not self._has_been_stopped and (self._last_notification_id or 0) < reached:
            found = self._recorder.select_notifications(
                self._last_notification_id, self._select_limit, reached, self._topics, inclusive_of_start=False
            )
            if found:
                try:
                    self._notifications_queue.put(found)
                except ShutDown:
                    return
            self._last_notification_id = found[-1].id if len(found) == self._select_limit else reached


class LedgerFactory(InfrastructureFactory[LedgerRecorder]):
    """What the library's applications and runners are built with: ``PERSISTENCE_MODULE=infrastructure.recorder``.

    Each factory has its own engine and committer on ``CASETRAIL_DATABASE_URL``, which must be migrated.
    """

    def __init__(self, env: Environment | EnvType | None) -> None:
        """Open the database named in ``env``, else in the settings."""
        super().__init__(env)
        self._engine = open_engine(self.env.get("CASETRAIL_DATABASE_URL") or Settings().application_url())
        self.ledger = SqlLedger(self._engine, system_clock)
        self.ledger.start()

    def aggregate_recorder(self, purpose: str = "events") -> LedgerRecorder:
        """A recorder of events. Raises NotSupportedError for snapshots: the ledger holds none."""
        if purpose != "events":
            raise NotSupportedError(f"the ledger stores events, not {purpose}")
        return LedgerRecorder(self.ledger)

    def application_recorder(self) -> LedgerRecorder:
        """A recorder on this factory's ledger."""
        return LedgerRecorder(self.ledger)

    def tracking_recorder(self, tracking_recorder_class: type[LedgerRecorder] | None = None) -> LedgerRecorder:
        """A recorder, or a view derived from it, on this factory's ledger."""
        return (tracking_recorder_class or LedgerRecorder)(self.ledger)

    def process_recorder(self) -> LedgerRecorder:
        """A recorder on this factory's ledger."""
        return LedgerRecorder(self.ledger)

    def close(self) -> None:
        """Answer what is queued and close the connections."""
        self.ledger.close()
        self._engine.dispose()


def _runs(stored_events: Sequence[StoredEvent]) -> Iterator[list[StoredEvent]]:
    """Neighbors of one stream whose versions rise by one: each run is one part of the entry, in the order given."""
    run: list[StoredEvent] = []
    for event in stored_events:
        if run and (event.originator_id, event.originator_version) != (
            run[-1].originator_id,
            run[-1].originator_version + 1,
        ):
            yield run
            run = []
        run.append(event)
    if run:
        yield run


def _append(run: Sequence[StoredEvent]) -> Append:
    command_id = os.urandom(16)
    envelope = _envelope(command_id)
    return Append(
        case_id=_uuid(run[0].originator_id),
        kind=KIND,
        after=run[0].originator_version - 1,
        drafts=tuple(Draft(event.topic, 1, event.state, envelope) for event in run),
        actor=ACTOR,
        command_id=command_id,
        fingerprint=os.urandom(32),
    )


def _envelope(command_id: bytes) -> bytes:
    content = {
        "actor": {"id": ACTOR, "role": ACTOR, "unit": "", "agency": ""},
        "on_behalf_of": None,
        "command": "insert-events",
        "command_id": command_id.hex(),
        "correlation_id": None,
        "causation": None,
        "decided_at": moment(system_clock()).isoformat(),
        "profile": "",
        "handling": "",
        "software": "eventsourcing",
    }
    return json.dumps(content, separators=(",", ":")).encode()


def _uuid(originator_id: UUID | str) -> UUID:
    if not isinstance(originator_id, UUID):
        raise ProgrammingError("the ledger's streams are named by UUIDs")
    return originator_id


def _positions(receipt: Receipt) -> range:
    return range(receipt.position - receipt.version + receipt.first_version, receipt.position + 1)


def _notification(event: Recorded) -> Notification:
    return Notification(event.case_id, event.version, event.type, event.state, event.position)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except Unavailable as error:
        raise OperationalError(str(error)) from error
