"""Corrections and retractions by reason."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from application.heard import Heard
from application.project import Key, ReadModel, cases_only
from application.reports.declaration import KIND, Column, Fact, Measure, Report, cases, facts, month_of, synthetic
from domain.kernel import EntryCorrected, EntryRetracted


class Correction(NamedTuple):
    """One correction or retraction as it was recorded."""

    case_id: UUID
    version: int
    kind: str
    act: str
    reason: str
    month: str
    synthetic: bool


def _fold(row: Correction | None, heard: Heard, key: Key) -> Correction:
    del row, key
    recorded = heard.recorded
    return Correction(
        recorded.case_id,
        recorded.version,
        recorded.kind,
        "correction" if recorded.type == EntryCorrected.type else "retraction",
        heard.state["why"],
        month_of(recorded.recorded_at),
        synthetic(heard),
    )


def _facts(row: Correction) -> Iterator[Fact]:
    yield Fact(row.case_id, (row.kind, row.act, row.reason, row.month), row.synthetic)


REPORT = Report(
    name="corrections",
    version=1,
    definition=(
        "Corrections and retractions of entries in recorded cases, by kind of case, reason and month. Each counts by itself "
        "and for ever, also where a later one restates the same entry. The month is that of the receipt, in UTC."
    ),
    dimensions=(
        KIND,
        Column("act", "text", "correction or retraction"),
        Column("reason", "text", "The reason that was given"),
        Column("month", "text", "The month in which it was recorded, UTC"),
    ),
    measures=(
        Measure(Column("entries", "integer", "How many corrections or retractions", "entry"), facts),
        Measure(Column("cases", "integer", "In how many cases", "case"), cases),
    ),
    totals=((), ("kind",), ("act", "reason"), ("month",)),
    model=ReadModel(
        name="report-corrections",
        version=1,
        table_name="",
        row=Correction,
        key=("version",),
        hears=frozenset({EntryCorrected.type, EntryRetracted.type}),
        covers=cases_only,
        fold=_fold,
        per_event=True,
    ),
    facts=_facts,
)
