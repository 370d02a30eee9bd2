"""The audit: who did what, across all cases, one row per recorded event, written once."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from application.heard import Heard
from application.project import ALL, Key, ReadModel
from application.records import microseconds


class AuditRow(NamedTuple):
    """Who recorded an event, by which command.

    ``decided_at`` is the instant the rule saw, ``recorded_at`` the ledger's, both in microseconds. ``late`` if the act
    was recorded long after it happened.
    """

    case_id: UUID
    position: int
    recorded_at: int
    version: int
    kind: str
    type: str
    command: str
    actor: str
    role: str
    unit: str
    agency: str
    on_behalf_of: str | None
    decided_at: int
    correlation_id: str | None
    late: bool


def _fold(row: AuditRow | None, heard: Heard, key: Key) -> AuditRow:
    del row, key
    recorded, envelope = heard.recorded, heard.envelope
    actor = envelope["actor"]
    return AuditRow(
        recorded.case_id,
        recorded.position,
        recorded.recorded_at,
        recorded.version,
        recorded.kind,
        recorded.type,
        envelope["command"],
        actor["id"],
        actor["role"],
        actor["unit"],
        actor["agency"],
        envelope["on_behalf_of"],
        microseconds(datetime.fromisoformat(envelope["decided_at"])),
        envelope["correlation_id"],
        heard.late,
    )


AUDIT = ReadModel(
    name="audit",
    version=1,
    table_name="rm_audit",
    row=AuditRow,
    key=("position",),
    hears=ALL,
    fold=_fold,
    per_event=True,
)
