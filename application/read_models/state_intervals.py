"""State intervals: how long a case was in which stage, with which unit, officer and handling, in effective order.

A row begins with the entry that changed one of these and ends with the entry that changed one next. Every case that
stands in the worklist has exactly one open row.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from application.heard import Heard
from application.project import ALL, Key, ReadModel, cases_only
from domain.history import Folded
from domain.kernel import stage_name


class StateIntervalRow(NamedTuple):
    """A case between two changes of its state, begun by the entry ``version``, ended by the entry ``ended_by``.

    ``effective_from`` is when that entry began to happen, and never before the interval before it; where the beginning
    was left open its end counts, where both were its receipt. ``effective_to`` is where the next interval begins.
    ``recorded_from`` and ``recorded_to`` are when the two entries were recorded: an interval that a late entry began may
    end, on that clock, before it begins. All in microseconds; None while the interval is open.
    """

    case_id: UUID
    version: int
    kind: str
    stage: str
    unit: str
    assignee: str | None
    handling: str
    effective_from: int
    effective_to: int | None
    recorded_from: int
    recorded_to: int | None
    ended_by: int | None


def _state(case: Folded) -> tuple[str, str, str | None, str]:
    dossier = case.dossier
    return stage_name(type(case.stage)), dossier.unit, dossier.assignee, dossier.handling.value


def began(heard: Heard) -> int:
    """When an entry began to happen, in microseconds; its end where that was left open, its receipt where both were."""
    earliest, latest = heard.span
    end = heard.recorded.recorded_at if latest is None else latest
    return end if earliest is None else earliest


def _chain(rows: Mapping[Key, StateIntervalRow], heard: Heard) -> Iterable[StateIntervalRow]:
    before, case, recorded = heard.before, heard.case, heard.recorded
    if before.dossier is case.dossier and type(before.stage) is type(case.stage):
        return
    standing = next((row for row in rows.values() if row.effective_to is None), None)
    if standing is not None and _state(before) == _state(case):
        return
    start = began(heard)
    if standing is not None:
        start = max(start, standing.effective_from)
        yield standing._replace(effective_to=start, recorded_to=recorded.recorded_at, ended_by=recorded.version)
    state = _state(case)
    yield StateIntervalRow(
        recorded.case_id, recorded.version, heard.kind.name, *state, start, None, recorded.recorded_at, None, None
    )


STATE_INTERVALS = ReadModel(
    name="state_intervals",
    version=1,
    table_name="rm_state_intervals",
    row=StateIntervalRow,
    key=("version",),
    hears=ALL,
    covers=cases_only,
    chain=_chain,
)
