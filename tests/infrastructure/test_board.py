"""The board of deadlines as the database reads it: each status finds just the rows of which the domain says that word."""

from itertools import product
from uuid import uuid4

import pytest
import sqlalchemy as sa

from application.boards import matches
from application.read_models.cases import CASES
from application.read_models.deadlines import NEVER, STATUSES, DeadlineRow
from application.reading import DeadlineFilter
from application.records import microseconds, moment
from domain.dossier.acts import MoveToUnit
from infrastructure.database import write_transaction
from infrastructure.read_model_tables import rm_deadlines
from infrastructure.read_store import SqlReadStore
from tests.infrastructure.following import caught_up, following, recording
from tests.matters import HOUR, NOON, SUPERVISOR, said

BEGIN = microseconds(NOON)
MOMENTS = [BEGIN + after for after in (-1, 0, 1, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14)]


def row(number: int, start: int | None, due: int | None, paused: int | None, stopped: tuple[int, int] | None) -> DeadlineRow:
    """A deadline with these moments, in microseconds after the beginning."""
    begun, ends, rests = (None if each is None else BEGIN + each for each in (start, due, paused))
    first, last = (None, None) if stopped is None else (BEGIN + stopped[0], BEGIN + stopped[1])
    return DeadlineRow(
        case_id=uuid4(), clock="c", run=str(number), started_by=1, kind="matter", unit="unit-1", handling="standard",
        profile="p@1", legal_ref="law", on_expiry="alarm", set_by=1, start=begun, due=ends, warnings="", paused_since=rests,
        stopped_by=None if stopped is None else 2, stopped_from=first, stopped_until=last, uncertain_version=None,
        uncertain_why=None, missed="no", settled=False, alarm_at=None, first_position=number,
        sorts_at=NEVER if ends is None else ends, place=0,
    )  # fmt: skip


ROWS = [row(n, *each) for n, each in enumerate(product((None, 0, 6), (None, 10), (None, 5), (None, (3, 4), (12, 13))))]


@pytest.fixture
def store(engine: sa.Engine) -> SqlReadStore:
    """A store with these rows in the live generation."""
    with recording(engine) as office, following(office) as projector:
        assert caught_up(office, projector)
    with write_transaction(engine) as connection:
        connection.execute(sa.insert(rm_deadlines), [{"generation": 1} | each._asdict() for each in ROWS])
    return SqlReadStore(engine)


def test_a_case_that_moved_is_no_longer_on_its_former_unit_s_board_though_the_board_lags(engine: sa.Engine) -> None:
    store, ours = SqlReadStore(engine), DeadlineFilter(units=frozenset({SUPERVISOR.unit}))
    with recording(engine) as office:
        case_id = office.open_matter()
        with following(office) as projector:
            assert caught_up(office, projector)
        with write_transaction(engine) as connection:
            running = row(1, 0, 10, None, None)._replace(case_id=case_id, unit=SUPERVISOR.unit)
            connection.execute(sa.insert(rm_deadlines), [{"generation": 1} | running._asdict()])
        assert store.deadlines(ours, BEGIN + 1).rows == (running,)
        office.give(case_id, MoveToUnit(**said(NOON + HOUR, reason="because"), unit="unit-2"))
        with following(office, models=(CASES,)) as projector:
            assert caught_up(office, projector)
    assert store.deadlines(ours, BEGIN + 1).rows == ()


@pytest.mark.parametrize("status", [None, *STATUSES.values()])
def test_a_status_finds_the_rows_that_have_it_at_every_moment(store: SqlReadStore, status: str | None) -> None:
    wanted, seen = DeadlineFilter(status=status), 0
    for at in MOMENTS:
        told = {each.run for each in store.deadlines(wanted, at, limit=500).rows}
        assert told == {each.run for each in ROWS if matches(each, wanted, moment(at))}, at - BEGIN
        seen += len(told)
    assert seen, "every word is some row's at some moment"
