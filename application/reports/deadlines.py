"""Deadlines kept and missed, by clock, unit and month."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from application.heard import Heard
from application.project import ALL, ReadModel, cases_only
from application.read_models.deadlines import DeadlineRow, deadline_rows
from application.read_models.state_intervals import began
from application.records import moment
from application.reports.declaration import Column, Fact, Measure, Report, cases, facts, month_of, synthetic
from domain.dossier.duty_acts import DeadlineAlarm, DeadlineWarned
from domain.values import Answer

KEPT, MISSED, OVERDUE, UNKNOWN, RUNNING = "kept", "missed", "open_overdue", "unknown", "running"


class Outcome(NamedTuple):
    """What became of one run of a clock, the month it fell due in, and the rule profile that says so."""

    case_id: UUID
    clock: str
    run: str
    started_by: int
    unit: str
    month: str
    outcome: str
    profile: str
    synthetic: bool


def _outcome(row: DeadlineRow, passed: frozenset[tuple[str, str, int]]) -> str:
    """What became of a run; an open one is overdue once that was recorded: the log says so, not the time of asking."""
    if row.uncertain_version is not None or row.due is None:
        return UNKNOWN
    if row.stopped_by is None:
        return OVERDUE if (row.clock, row.run, row.started_by) in passed else RUNNING
    return {Answer.YES.value: MISSED, Answer.NO.value: KEPT}.get(row.missed, UNKNOWN)


def _passed(told: Sequence[Heard], rows: Sequence[DeadlineRow]) -> frozenset[tuple[str, str, int]]:
    """The runs of which the scheduler recorded that their present due time passed."""
    alarms = [h.event for h in told if isinstance(h.event, DeadlineAlarm) and not isinstance(h.event, DeadlineWarned)]
    known = {(alarm.clock, alarm.run or "", alarm.started_by, alarm.due) for alarm in alarms}
    runs = ((row.clock, row.run, row.started_by, row.due) for row in rows if row.due is not None)
    return frozenset(run[:3] for run in runs if (*run[:3], moment(run[3])) in known)


def _whole(told: Sequence[Heard]) -> Iterable[Outcome]:
    rows = list(deadline_rows(told))
    passed = _passed(told, rows)
    begun = {heard.recorded.version: began(heard) for heard in told}
    made_up = any(synthetic(heard) for heard in told)
    for row in rows:
        month = month_of(begun[row.started_by] if row.due is None else row.due)
        key = (row.case_id, row.clock, row.run, row.started_by)
        yield Outcome(*key, row.unit, month, _outcome(row, passed), row.profile, made_up)


def _facts(row: Outcome) -> Iterator[Fact]:
    yield Fact(row.case_id, (row.clock, row.unit, row.month, row.outcome), row.synthetic, profile=row.profile)


REPORT = Report(
    name="deadlines-kept-and-missed",
    version=2,
    definition=(
        "Runs of the clocks of recorded cases, by clock, responsible unit, the month in which they fell due (UTC) and what "
        "became of them. kept: what stops the clock was done in time. missed: it was done too late. open_overdue: it was not "
        "done yet, and the scheduler recorded that the time passed. running: neither. unknown: the times recorded leave it "
        "open, or fix no date; then the month is that of the act that started the clock. Dates are those that follow from "
        "the entries in effect and from the rule profile the case is under; a correction moves a run to another month."
    ),
    dimensions=(
        Column("clock", "text", "The clock, as the rule profile names it"),
        Column("unit", "text", "The unit that answers for the case"),
        Column("month", "text", "The month in which the run falls due, UTC"),
        Column("outcome", "text", "kept, missed, open_overdue, running or unknown"),
    ),
    measures=(
        Measure(Column("deadlines", "integer", "How many runs", "run"), facts),
        Measure(Column("cases", "integer", "Of how many cases", "case"), cases),
    ),
    totals=(("clock",), ("clock", "outcome"), ("clock", "unit"), ("clock", "month")),
    model=ReadModel(
        name="report-deadlines-kept-and-missed",
        version=1,
        table_name="",
        row=Outcome,
        key=("clock", "run", "started_by"),
        hears=ALL,
        covers=cases_only,
        whole=_whole,
    ),
    facts=_facts,
)
