"""The worklist: one row per case as it stands. The party register is no case and has no row."""

from typing import NamedTuple
from uuid import UUID

from application.heard import Heard
from application.project import ALL, Key, ReadModel, cases_only
from domain.kernel import stage_name


class CaseRow(NamedTuple):
    """A case as it stands after ``position``, its last event.

    ``opened_at`` and ``changed_at`` are when its first and last event were recorded (microseconds), ``opened_position``
    is the first one's position: it never changes, so lists are ordered by it. ``corrected``: its history holds a
    correction or a retraction. ``contradictions`` counts entries that wait for a correction, ``late`` standing entries
    recorded long after they happened.
    """

    case_id: UUID
    kind: str
    file_number: str
    unit: str
    stage: str
    assignee: str | None
    handling: str
    version: int
    position: int
    opened_at: int
    changed_at: int
    opened_position: int
    corrected: bool
    contradictions: int
    late: int


def _fold(row: CaseRow | None, heard: Heard, key: Key) -> CaseRow:
    del key
    recorded, upto, case = heard.recorded, heard.upto, heard.case
    dossier = case.dossier
    return CaseRow(
        recorded.case_id,
        heard.kind.name,
        dossier.file_number,
        dossier.unit,
        stage_name(type(case.stage)),
        dossier.assignee,
        dossier.handling.value,
        upto.version,
        upto.position,
        recorded.recorded_at if row is None else row.opened_at,
        upto.recorded_at,
        recorded.position if row is None else row.opened_position,
        heard.corrected if row is None else row.corrected,
        len(case.contradictions),
        int(heard.late) if row is None else row.late + heard.late,
    )


CASES = ReadModel(
    name="cases",
    version=1,
    table_name="rm_cases",
    row=CaseRow,
    key=(),
    hears=ALL,
    covers=cases_only,
    fold=_fold,
)
