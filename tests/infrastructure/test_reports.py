"""Standing reports of random histories, at the head and at past positions, against a plain count of other models' rows."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from statistics import quantiles
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.boards import board_then
from application.cases import Cases
from application.errors import Invalid, Unavailable
from application.heard import Reading
from application.past import Past
from application.read_models.audit import AUDIT
from application.read_models.cases import CASES
from application.read_models.state_intervals import STATE_INTERVALS, StateIntervalRow
from application.reading import DeadlineFilter
from application.records import microseconds
from application.reports.declaration import DAY, month_of
from application.reports.desk import MOST_CAUSES, Asked, Reports, Snapshot, Surroundings, end_of
from application.worklists import Then
from domain.profiles import Law
from infrastructure.database import open_engine, write_transaction
from infrastructure.disclosure import TauArgus
from infrastructure.event_store import CaseStreams
from infrastructure.frozen_reports import SqlFrozenReports
from tests.application.test_suppression import Unavailable as NotThere
from tests.engines import Database
from tests.infrastructure.following import recording
from tests.infrastructure.test_past import ONE, do
from tests.matters import CATALOGUE, HOUR, NOON, Office
from tests.matters import DAY as DAYS

Cells = dict[tuple[Any, ...], Any]
EVERY = (None, None, None, None)


@pytest.fixture
def office(engine: sa.Engine) -> Iterator[Office]:
    """An office that records."""
    with recording(engine) as office:
        yield office


def past_of(office: Office) -> Past:
    """The past of an office's ledger."""
    return Past(office.cases, Reading(office.codec.event, orjson.loads))


def reports_of(office: Office) -> Reports:
    """The standing reports of an office; they remember nothing of others."""
    surroundings = Surroundings(office.clock, "tests", 5)
    return Reports(past_of(office), office.ledger, TauArgus(), SqlFrozenReports(office.engine), surroundings)


def counted(reports: Reports, name: str, position: int) -> Cells:
    """A report's first measure by cell."""
    report = reports.named(name)
    wide = len(report.dimensions)
    return {row[:wide]: row[wide] for row in reports.run(Asked(name=name, as_of=position)).rows}


def with_totals(reports: Reports, name: str, cells: Counter[tuple[Any, ...]]) -> Cells:
    """Cells with the totals that a report keeps of them."""
    report, found = reports.named(name), Counter(cells)
    for names in report.totals:
        for cell, number in cells.items():
            found[tuple(v if c.name in names else None for v, c in zip(cell, report.dimensions, strict=True))] += number
    return dict(found)


def merged(rows: Sequence[StateIntervalRow]) -> Iterator[tuple[str, str, int, int | None]]:
    """A model's state intervals as intervals of a stage: kind, stage, from, to."""
    for _, of_case in groupby(rows, key=lambda row: row.case_id):
        ordered = sorted(of_case, key=lambda row: (row.effective_to is None, row.effective_from, row.effective_to))
        ordered = chained(ordered)
        begun = [row for before, row in pairwise((None, *ordered)) if row and (before is None or before.stage != row.stage)]
        for row, following in pairwise((*begun, None)):
            assert row is not None
            yield row.kind, row.stage, row.effective_from, None if following is None else following.effective_from


def chained(rows: Sequence[StateIntervalRow]) -> list[StateIntervalRow]:
    """The intervals of a case, each behind the one that ended with the entry that began it."""
    by_beginning = {row.version: row for row in rows}
    ended = {row.ended_by for row in rows}
    (row,) = [row for row in rows if row.version not in ended]
    ordered = [row]
    while row.ended_by is not None:
        row = by_beginning[row.ended_by]
        ordered.append(row)
    return ordered


ACTS = ONE.filter(lambda one: one[0] != "unit")  # a case of another unit is not theirs to go on with
HISTORIES = st.lists(st.tuples(st.booleans(), ACTS), min_size=1, max_size=15)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=HISTORIES, data=st.data())
def test_reports_count_what_other_models_hold(office: Office, acts: list[Any], data: st.DataObject) -> None:
    first, second = office.open_matter(), office.open_matter(NOON + HOUR, "M-2")
    for of_first, (what, number) in acts:
        do(office, *((first, second) if of_first else (second, first)), what, number)
    head = office.ledger.head().position
    position = data.draw(st.sampled_from((head, *range(max(1, head - len(acts)), head))))
    reports, past = reports_of(office), past_of(office)

    months = Counter((row.kind, row.stage, row.unit, "2026-03") for row in past.rows(CASES, position))
    assert counted(reports, "cases", position) == with_totals(reports, "cases", months)
    intervals = list(merged(list(past.rows(STATE_INTERVALS, position))))
    ways = Counter((kind, stage, "open" if until is None else "ended") for kind, stage, _, until in intervals)
    assert counted(reports, "time-in-state", position) == dict(ways)
    acts_recorded = list(past.rows(AUDIT, position))
    late = Counter((row.kind, row.type, month_of(row.recorded_at)) for row in acts_recorded if row.late)
    assert counted(reports, "late-entries", position) == with_totals(reports, "late-entries", late)
    corrections = sum(row.type in ("case.entry_corrected", "case.entry_retracted") for row in acts_recorded)
    assert counted(reports, "corrections", position).get(EVERY, 0) == corrections


def test_quartiles_are_durations_that_occurred(office: Office) -> None:
    lasted = (2, 4, 7, 11, 20)
    for hours in lasted:
        case_id = office.open_matter()
        office.step(case_id, NOON + hours * HOUR, "slow")
    rows = reports_of(office).run(Asked(name="time-in-state")).items
    (ended,) = [row for row in rows if row["state"] == "begun"]

    assert [ended[name] for name in ("lower_quartile", "median", "upper_quartile")] == [
        round(hours * 3_600_000_000 / DAY, 2) for hours in (4, 7, 11)
    ]
    assert quantiles(lasted, n=4, method="inclusive") == [4, 7, 11]


def test_without_a_case_s_rule_profile_no_answer_is_given_instead_of_a_defect(office: Office) -> None:
    office.open_matter()
    streams = CaseStreams(office.ledger, office.codec)
    cases = Cases(CATALOGUE, office.ledger, streams, office.codec, Law({}, unverified_allowed=True))
    past, head = Past(cases, Reading(office.codec.event, orjson.loads)), office.ledger.head().position
    surroundings = Surroundings(office.clock, "tests", 5)
    reports = Reports(past, office.ledger, TauArgus(), SqlFrozenReports(office.engine), surroundings)
    with pytest.raises(Unavailable, match="not installed"):
        reports.run(Asked(name="deadlines-kept-and-missed"))
    with pytest.raises(Unavailable, match="not installed"):
        board_then(past, DeadlineFilter(), Then(head, None, head), NOON)
    assert reports.run(Asked(name="cases")).rows


def test_a_difference_that_fills_more_than_an_answer_is_refused(office: Office) -> None:
    office.record(2, MOST_CAUSES // 2)
    reports, in_effect = reports_of(office), NOON + 1_000 * DAYS
    asked = Asked(name="cases", true_at=in_effect)
    with pytest.raises(Invalid, match="compare nearer"):
        reports.compare(asked, 1)
    assert len(reports.compare(asked, 2 + 2)["causes"]) == MOST_CAUSES - 2


# --- Frozen ---------------------------------------------------------------------------------------------------

KEPT = Snapshot("2026-02", "cases", False, 1, 7, 1, "casetrail/0", "ab" * 32, b"{}")
CHANGES = (
    "UPDATE frozen_reports SET body = sha256",
    "DELETE FROM frozen_reports",
    "INSERT INTO frozen_reports SELECT * FROM frozen_reports",
)


def test_what_is_frozen_is_written_once(engine: sa.Engine) -> None:
    frozen = SqlFrozenReports(engine)
    frozen.keep([KEPT])
    frozen.keep([Snapshot("2026-02", "cases", False, 2, 9, 2, "casetrail/1", "cd" * 32, b"[]")])

    assert frozen.find("2026-02", "cases", suppressed=False) == KEPT
    assert frozen.find("2026-02", "cases", suppressed=True) is None
    assert frozen.all() == [KEPT]


@pytest.mark.parametrize("statement", CHANGES)
def test_what_is_frozen_cannot_be_changed(engine: sa.Engine, statement: str) -> None:
    frozen = SqlFrozenReports(engine)
    frozen.keep([KEPT])
    with pytest.raises(sa.exc.DBAPIError), write_transaction(engine) as connection:
        connection.exec_driver_sql(statement)
    assert frozen.all() == [KEPT]


def test_not_even_the_owner_of_the_tables_changes_what_is_frozen(database: Database, engine: sa.Engine) -> None:
    frozen = SqlFrozenReports(engine)
    frozen.keep([KEPT])
    replacing = "INSERT OR REPLACE INTO" if database.dialect == "sqlite" else "DELETE FROM"
    values = " SELECT * FROM frozen_reports" if database.dialect == "sqlite" else ""
    owner = open_engine(database.owner_url, owner=True)
    with pytest.raises(sa.exc.DBAPIError), write_transaction(owner) as connection:
        connection.exec_driver_sql(f"{replacing} frozen_reports{values}")
    owner.dispose()
    assert frozen.all() == [KEPT]


def test_a_form_that_comes_later_is_of_the_same_position(office: Office) -> None:
    office.open_matter()
    first = office.ledger.head().position
    surroundings = Surroundings(office.clock, "tests", 5)
    without = Reports(past_of(office), office.ledger, NotThere(), SqlFrozenReports(office.engine), surroundings)
    frozen = {(s.name, s.suppressed): (s.position, missing) for s, missing in without.freeze("2026-02", first)}
    assert frozen["cases", False] == (first, "not installed")
    assert ("cases", True) not in frozen
    office.open_matter()
    later = reports_of(office).freeze("2026-02", office.ledger.head().position)
    assert {(s.suppressed, s.position) for s, _ in later if s.name == "cases"} == {(False, first), (True, first)}


def test_a_month_is_frozen_once_nothing_can_be_recorded_in_it_any_more(office: Office) -> None:
    office.open_matter()
    end = microseconds(end_of("2026-03"))

    def at(seconds: int) -> Reports:
        surroundings = Surroundings(lambda: end + seconds * 1_000_000, "tests", 5)
        return Reports(past_of(office), office.ledger, TauArgus(), SqlFrozenReports(office.engine), surroundings)

    for second in (0, 59):
        with pytest.raises(Invalid, match="wait a minute"):
            at(second).freeze("2026-03")
    assert {snapshot.position for snapshot, _ in at(60).freeze("2026-03")} == {office.ledger.head().position}


def test_a_month_is_frozen_as_recorded_by_its_end(office: Office) -> None:
    office.open_matter()  # the office's clock stands in March 2026
    reports = reports_of(office)

    with pytest.raises(Invalid, match="not over"):
        reports.freeze("2026-03")
    with pytest.raises(Invalid, match="nothing was recorded"):
        reports.freeze("2026-02")
    with pytest.raises(Invalid, match="a month is"):
        reports.freeze("2026-00")
    with pytest.raises(Invalid, match="a month is"):
        reports.freeze("2026-1", office.ledger.head().position)
    assert reports.frozen.all() == []
