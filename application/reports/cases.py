"""Cases by kind, state, unit and month of opening."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from application.heard import Heard
from application.project import ALL, Key, ReadModel, cases_only
from application.read_models.state_intervals import began
from application.reports.declaration import KIND, Column, Fact, Measure, Report, facts, month_of, synthetic
from domain.kernel import stage_name


class StandingCase(NamedTuple):
    """A case as it stands: its state, unit, the month it was opened in, whether anything in it is synthetic."""

    case_id: UUID
    kind: str
    state: str
    unit: str
    month: str
    synthetic: bool


def _fold(row: StandingCase | None, heard: Heard, key: Key) -> StandingCase:
    del key
    return StandingCase(
        heard.recorded.case_id,
        heard.kind.name,
        stage_name(type(heard.case.stage)),
        heard.case.dossier.unit,
        month_of(began(heard)) if row is None else row.month,
        synthetic(heard) or (row is not None and row.synthetic),
    )


def _facts(row: StandingCase) -> Iterator[Fact]:
    yield Fact(row.case_id, (row.kind, row.state, row.unit, row.month), row.synthetic)


REPORT = Report(
    name="cases",
    version=1,
    definition=(
        "Recorded cases by kind, present state, responsible unit and month of opening. A case counts once, in the state and "
        "unit its entries in effect leave it in. The month is that in which the opening act began, in UTC; where that is not "
        "known, in which it ended or, at last, was received. What the press or anybody else claims about cases is not counted."
    ),
    dimensions=(
        KIND,
        Column("state", "text", "The state the case is in"),
        Column("unit", "text", "The unit that answers for it"),
        Column("month", "text", "The month in which it was opened, UTC"),
    ),
    measures=(Measure(Column("cases", "integer", "How many cases", "case"), facts),),
    totals=((), ("kind",), ("kind", "state"), ("unit",), ("month",)),
    model=ReadModel(
        name="report-cases", version=1, table_name="", row=StandingCase, key=(), hears=ALL, covers=cases_only, fold=_fold
    ),
    facts=_facts,
)
