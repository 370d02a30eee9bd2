"""How long cases stay in a state: the state intervals, those that differ in unit, officer or handling only taken together."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from application.heard import Heard
from application.project import ALL, Key, ReadModel, cases_only
from application.read_models.state_intervals import began
from application.reports.declaration import (
    KIND,
    Cell,
    Column,
    Fact,
    Measure,
    Report,
    cases,
    days,
    facts,
    synthetic,
)
from domain.kernel import stage_name

ENDED, OPEN = "ended", "open"


class Course(NamedTuple):
    """The states a case went through in effective order, each with the moment it began (microseconds)."""

    case_id: UUID
    kind: str
    states: tuple[tuple[str, int], ...]
    synthetic: bool


def _fold(row: Course | None, heard: Heard, key: Key) -> Course:
    del key
    states = () if row is None else row.states
    state = stage_name(type(heard.case.stage))
    if not states or states[-1][0] != state:
        since = max(began(heard), states[-1][1]) if states else began(heard)  # imprecise times overlap: none runs backward
        states = (*states, (state, since))
    made_up = synthetic(heard) or (row is not None and row.synthetic)
    return Course(heard.recorded.case_id, heard.kind.name, states, made_up)


def _facts(row: Course) -> Iterator[Fact]:
    for (state, since), (_, until) in pairwise(row.states):
        yield Fact(row.case_id, (row.kind, state, ENDED), row.synthetic, lasted=until - since)
    yield Fact(row.case_id, (row.kind, row.states[-1][0], OPEN), row.synthetic)


def _open(cell: Cell) -> bool:
    """The open intervals of a state are its cases, which the report ``cases`` has as totals."""
    return cell[2] == OPEN


REPORT = Report(
    name="time-in-state",
    version=2,
    definition=(
        "How long recorded cases stayed in each state, by the time the acts took effect. An interval begins with the act that "
        "led into the state and ends with the act that led into another. The beginning of an act counts; where it is not "
        "known, its end or, at last, its receipt. Intervals that have not ended, final states among them, are counted apart "
        "and have no duration. Quartiles are by nearest rank: each is a duration that occurred. Where small numbers are "
        "suppressed there are quartiles only: how many left a state tells how many are in it."
    ),
    dimensions=(
        KIND,
        Column("state", "text", "The state"),
        Column("interval", "text", "ended, or open where the case is still in it"),
    ),
    measures=(
        Measure(Column("intervals", "integer", "How many intervals", "interval"), facts),
        Measure(Column("cases", "integer", "Of how many cases", "case"), cases),
        Measure(Column("lower_quartile", "number", "A quarter of the ended intervals were no longer", "day"), days(0.25)),
        Measure(Column("median", "number", "Half of the ended intervals were no longer", "day"), days(0.5)),
        Measure(Column("upper_quartile", "number", "Three quarters of the ended intervals were no longer", "day"), days(0.75)),
    ),
    totals=(),
    model=ReadModel(
        name="report-time-in-state", version=1, table_name="", row=Course, key=(), hears=ALL, covers=cases_only, fold=_fold
    ),
    facts=_facts,
    linked=_open,
    withheld=frozenset({"intervals", "cases"}),
)
