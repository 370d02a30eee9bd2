"""Entries recorded long after what they record."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from application.heard import Heard
from application.project import ALL, Key, ReadModel, cases_only
from application.reports.declaration import (
    KIND,
    Column,
    Fact,
    Measure,
    Report,
    cases,
    days,
    facts,
    month_of,
    synthetic,
)


class LateEntry(NamedTuple):
    """One late entry as it was recorded; ``delay`` is what lay between, in microseconds."""

    case_id: UUID
    version: int
    kind: str
    type: str
    month: str
    delay: int
    synthetic: bool


def _fold(row: LateEntry | None, heard: Heard, key: Key) -> LateEntry | None:
    del row, key
    recorded, (earliest, latest) = heard.recorded, heard.span
    end = earliest if latest is None else latest
    if end is None or not heard.late:
        return None
    return LateEntry(
        recorded.case_id,
        recorded.version,
        recorded.kind,
        recorded.type,
        month_of(recorded.recorded_at),
        recorded.recorded_at - end,
        synthetic(heard),
    )


def _facts(row: LateEntry) -> Iterator[Fact]:
    yield Fact(row.case_id, (row.kind, row.type, row.month), row.synthetic, lasted=row.delay)


REPORT = Report(
    name="late-entries",
    version=1,
    definition=(
        "Entries of recorded cases that were recorded more than 24 hours after what they record had ended (where its end is "
        "not known, had begun), by kind of case, type and month. Each counts as it was recorded, also where it was corrected "
        "or retracted later. The month is that of the receipt, in UTC."
    ),
    dimensions=(
        KIND,
        Column("type", "text", "The wire name of the entry"),
        Column("month", "text", "The month in which it was recorded, UTC"),
    ),
    measures=(
        Measure(Column("entries", "integer", "How many late entries", "entry"), facts),
        Measure(Column("cases", "integer", "In how many cases", "case"), cases),
        Measure(Column("median_delay", "number", "The median of the delays, by nearest rank", "day"), days(0.5)),
    ),
    totals=((), ("kind",), ("kind", "type"), ("month",)),
    model=ReadModel(
        name="report-late-entries",
        version=1,
        table_name="",
        row=LateEntry,
        key=("version",),
        hears=ALL,
        covers=cases_only,
        fold=_fold,
        per_event=True,
    ),
    facts=_facts,
)
