"""What a receiver is sent: one event as a CloudEvent (version 1.0) in structured JSON, without anything nominal."""

from dataclasses import dataclass
from uuid import UUID

from cloudevents.core.bindings.http import to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from application.feeds import notice
from application.records import Recorded, moment

MEDIA_TYPE = JSONFormat.CONTENT_TYPE
_FORMAT = JSONFormat()


@dataclass(frozen=True, slots=True)
class Message:
    """One event on its way: ``id`` names it for ever, whoever it is sent to and however often."""

    id: str
    body: bytes


def message(ledger_id: UUID, row: Recorded) -> Message:
    """The message an event makes; the same bytes every time."""
    name = f"{ledger_id}/{row.position}"
    attributes = {
        "id": name,
        "source": f"urn:uuid:{ledger_id}",
        "type": row.type,
        "specversion": "1.0",
        "subject": str(row.case_id),
        "time": moment(row.recorded_at),
        "datacontenttype": "application/json",
    }
    return Message(name, to_structured(CloudEvent(attributes, notice(row)), _FORMAT).body)
