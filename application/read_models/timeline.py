"""The timeline: one row per recorded event, written once. What later entries say of it is added on reading."""

from typing import NamedTuple
from uuid import UUID

from application.heard import Heard
from application.project import ALL, Key, ReadModel
from domain.dossier.acts import AddendumAdded, DisagreementRecorded
from domain.dossier.correction_acts import CorrectionApproved, CorrectionProposed, CorrectionRejected, RetractionProposed
from domain.kernel import EntryCorrected, EntryRetracted

ABOUT_AN_ENTRY = frozenset(
    event.type
    for event in (
        *(EntryCorrected, EntryRetracted, AddendumAdded, DisagreementRecorded),
        *(CorrectionProposed, RetractionProposed, CorrectionApproved, CorrectionRejected),
    )
)
"""Events whose ``target`` is an entry of their case, named by its version."""


class TimelineRow(NamedTuple):
    """One entry as it was recorded.

    ``earliest`` (inclusive) and ``latest`` (exclusive) are when it happened, ``recorded_at`` when it was recorded, in
    microseconds; an end left open is None. ``late`` if long lay between. ``target`` is the version of the entry that a
    correction or retraction, be it proposed, decided on or recorded, an addendum or a disagreement is about. ``state`` is
    as stored, sealed.
    """

    case_id: UUID
    version: int
    position: int
    kind: str
    type: str
    schema_version: int
    recorded_at: int
    earliest: int | None
    latest: int | None
    actor: str
    role: str
    claim_status: str
    late: bool
    target: int | None
    state: bytes


def _fold(row: TimelineRow | None, heard: Heard, key: Key) -> TimelineRow:
    del row, key
    recorded, state = heard.recorded, heard.state
    earliest, latest = heard.span
    return TimelineRow(
        recorded.case_id,
        recorded.version,
        recorded.position,
        recorded.kind,
        recorded.type,
        recorded.schema_version,
        recorded.recorded_at,
        earliest,
        latest,
        recorded.actor,
        heard.envelope["actor"]["role"],
        state["claim_status"],
        heard.late,
        state["target"] if recorded.type in ABOUT_AN_ENTRY else None,
        recorded.state,
    )


TIMELINE = ReadModel(
    name="timeline",
    version=2,
    table_name="rm_timeline",
    row=TimelineRow,
    key=("version",),
    hears=ALL,
    fold=_fold,
    per_event=True,
)
