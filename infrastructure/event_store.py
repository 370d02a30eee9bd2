"""The ``eventsourcing`` library's event store on our ledger: how the server reads a case to decide on it.

The library's ``EventStore`` asks our recorder for stored events and our mapper for what they mean. The mapper looks
wire names up in the codec's closed registry; writing goes through the ledger's own append path and never through here,
because an event without its envelope and command id is none of ours.
"""

from collections.abc import Sequence
from typing import Any, NoReturn, cast
from uuid import UUID

from eventsourcing.persistence import EventStore, JSONTranscoder, Mapper, NotSupportedError, OperationalError, StoredEvent

from application.errors import Unavailable
from application.ports import Codec
from application.records import Stated, moment
from domain.kernel import Entry
from infrastructure.ledger import SqlLedger
from infrastructure.recorder import LedgerRecorder


class EntryRecorder(LedgerRecorder):
    """A recorder whose stored events bring what an entry needs beside them: its schema version and receipt time."""

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """As the library asks for it, see ``LedgerRecorder.select_events``."""
        rows = self.select_stated(originator_id, gt=gt, lte=lte, desc=desc, limit=limit)
        return cast("Sequence[StoredEvent]", rows)


class EntryMapper(Mapper[UUID]):
    """Maps stored events to entries of a case by the codec's registry: no row can name a class to import."""

    def __init__(self, codec: Codec) -> None:
        """Read events with ``codec``."""
        super().__init__(JSONTranscoder())
        self._codec = codec

    def to_domain_event(self, stored_event: Any) -> Any:
        """The entry, sealed values still sealed. Raises ImpossibleHistory if it cannot be read."""
        row: Stated = stored_event
        return Entry(row.version, moment(row.recorded_at), self._codec.event_of(row.type, row.schema_version, row.state))

    def to_stored_event(self, domain_event: object) -> NoReturn:  # noqa: ARG002 - the library's signature
        """Not here: commands record through the ledger, with their envelope."""
        raise NotSupportedError("events are recorded through the ledger's append path")


class CaseStreams:
    """Implements ``application.ports.Streams`` with the library's event store."""

    def __init__(self, ledger: SqlLedger, codec: Codec) -> None:
        """Read from ``ledger``."""
        self._store: EventStore[UUID] = EventStore(EntryMapper(codec), EntryRecorder(ledger))

    def entries(self, case_id: UUID) -> list[Entry]:
        """See ``Streams.entries``."""
        try:
            found: list[Any] = list(self._store.get(case_id))
        except OperationalError as error:
            raise Unavailable("the database cannot be read now") from error
        return found
