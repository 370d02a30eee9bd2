"""The read store on both databases: what each filter finds, pages that hold still, answers that are whole."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from application.errors import Unavailable
from application.read_models import READ_MODELS
from application.reading import AuditFilter, WorklistFilter
from domain.dossier.acts import AddAddendum, AssignOfficer, ChangeHandling, Handling, MoveToUnit
from infrastructure.database import open_engine
from infrastructure.projector import Projector
from infrastructure.read_store import SqlReadStore
from tests.matters import DAY, HOUR, NOON, Office, ReleaseMatter, StepTaken, said


class Shelf:
    """An office, its projector at work, and the store that reads what it leaves."""

    def __init__(self, engine: sa.Engine) -> None:
        """Record and follow."""
        self.office = Office(engine)
        self.office.ledger.start()
        self.projector: Projector = self.office.projector(batch=50)
        self.projector.start()
        self.store = SqlReadStore(engine)

    def close(self) -> None:
        """Stop both."""
        self.projector.stop()
        self.office.ledger.close()

    def up_to_date(self) -> SqlReadStore:
        """The store once everything recorded is included."""
        assert self.projector.wait_for(self.office.ledger.head().position, 30)
        return self.store


@pytest.fixture
def shelf(engine: sa.Engine) -> Iterator[Shelf]:
    """An empty shelf."""
    shelf = Shelf(engine)
    yield shelf
    shelf.close()


def test_before_anything_was_projected_answers_are_empty_and_complete_to_nothing(engine: sa.Engine) -> None:
    store = SqlReadStore(engine)
    assert [store.position(model.name) for model in READ_MODELS] == [0] * len(READ_MODELS)
    answers: list[Any] = [
        store.worklist(WorklistFilter()),
        store.timeline(uuid4()),
        store.audit(AuditFilter()),
    ]
    assert [(answer.rows, answer.position, answer.more) for answer in answers] == [((), 0, False)] * 3


# --- The worklist ---------------------------------------------------------------------------------------------


def found(store: SqlReadStore, **wanted: Any) -> list[UUID]:
    """The cases a filter finds."""
    return [row.case_id for row in store.worklist(WorklistFilter(**wanted)).rows]


def test_each_filter_of_the_worklist_finds_its_cases(shelf: Shelf) -> None:
    office = shelf.office
    first, second, third = (office.open_matter(file_number=f"M-{i}") for i in range(3))
    office.register_party()
    office.step(second, NOON + HOUR, "slow")
    reason = {"reason": "because"}
    office.give(third, AssignOfficer(**said(NOON + HOUR), officer="o-3"))
    office.give(third, ChangeHandling(**said(NOON + HOUR, **reason), handling=Handling.RESTRICTED))
    office.give(first, MoveToUnit(**said(NOON + HOUR, **reason), unit="unit-2"))
    store = shelf.up_to_date()

    assert found(store) == [first, second, third]
    assert found(store, kind="matter") == [first, second, third]
    assert found(store, kind="party") == []
    assert found(store, state="slow") == [second]
    assert found(store, unit="unit-2") == [first]
    assert found(store, units=frozenset({"unit-1"})) == [second, third]
    assert found(store, units=frozenset({"unit-1", "unit-2"})) == [first, second, third]
    assert found(store, units=frozenset()) == []
    assert found(store, assignee="o-3") == [third]
    assert found(store, handling="restricted") == [third]
    assert found(store, file_number="M-1") == [second]
    assert found(store, state="begun", handling="standard") == [first]
    rows = {row.case_id: row for row in store.worklist(WorklistFilter()).rows}
    assert found(store, opened_since=rows[second].opened_at) == [second, third]
    assert found(store, opened_since=rows[third].opened_at + 1) == []
    assert found(store, changed_since=rows[third].changed_at) == [first, third]


def test_pages_hold_still_while_cases_are_opened_and_changed(shelf: Shelf) -> None:
    office = shelf.office
    cases = [office.open_matter() for _ in range(5)]
    store = shelf.up_to_date()
    first = store.worklist(WorklistFilter(), limit=2)
    assert ([row.case_id for row in first.rows], first.more) == (cases[:2], True)

    office.step(cases[0], NOON + HOUR)
    office.step(cases[3], NOON + HOUR)
    later = office.open_matter()
    store = shelf.up_to_date()
    second = store.worklist(WorklistFilter(), after=first.rows[-1].opened_position, limit=2)
    assert [row.case_id for row in second.rows] == cases[2:4]
    rest = store.worklist(WorklistFilter(), after=second.rows[-1].opened_position, limit=2)
    assert ([row.case_id for row in rest.rows], rest.more) == ([cases[4], later], False)
    bounded = store.worklist(WorklistFilter(), after=second.rows[-1].opened_position, upto=first.position)
    assert [row.case_id for row in bounded.rows] == cases[4:]


# --- The timeline ---------------------------------------------------------------------------------------------


def test_a_timeline_has_every_entry_as_recorded_and_flags_the_late_ones(shelf: Shelf) -> None:
    office = shelf.office
    case_id, other = office.open_matter(NOON + 10 * DAY - timedelta(hours=1)), office.open_matter()
    office.step(other, NOON + HOUR)
    office.step(case_id, NOON)
    office.give(case_id, AddAddendum(**said(NOON + 10 * DAY), text="sealed", target=2))
    rows = shelf.up_to_date().timeline(case_id).rows
    assert [(row.version, row.late, row.target) for row in rows] == [(1, False, None), (2, True, None), (3, False, 2)]
    assert b"sealed" not in rows[2].state


# --- The audit ------------------------------------------------------------------------------------------------


def test_each_filter_of_the_audit_finds_its_acts(shelf: Shelf) -> None:
    office = shelf.office
    case_id, party = office.open_matter(), office.register_party()
    office.step(case_id, NOON + HOUR)
    office.give(case_id, ReleaseMatter(**said(NOON + 2 * HOUR)))
    store = shelf.up_to_date()

    def positions(**wanted: Any) -> list[int]:
        return [row.position for row in store.audit(AuditFilter(**wanted)).rows]

    assert positions() == [1, 2, 3, 4]
    assert positions(case_id=party) == [2]
    assert positions(kind="matter", actor="s-1") == [1, 3, 4]
    assert positions(actor="s-2") == []
    assert positions(type=StepTaken.type) == [3]
    rows = store.audit(AuditFilter()).rows
    assert positions(recorded_from=rows[1].recorded_at, recorded_to=rows[3].recorded_at) == [2, 3]
    assert [row.command for row in rows] == ["OpenMatter", "RegisterParty", "TakeStep", "ReleaseMatter"]
    page = store.audit(AuditFilter(), after=1, limit=2)
    assert ([row.position for row in page.rows], page.more, page.position) == ([2, 3], True, 4)
    then = store.audit(AuditFilter(), upto=3)
    assert ([row.position for row in then.rows], then.position) == ([1, 2, 3], 3)


# --- One snapshot ---------------------------------------------------------------------------------------------


def test_an_answer_holds_exactly_what_its_position_says_while_rows_are_written(shelf: Shelf) -> None:
    writer = threading.Thread(target=shelf.office.record, args=(40, 4))
    writer.start()
    seen = set()
    while writer.is_alive() or shelf.store.position("audit") < 200:
        audit = shelf.store.audit(AuditFilter(), limit=1000)
        assert [row.position for row in audit.rows] == list(range(1, audit.position + 1))
        worklist = shelf.store.worklist(WorklistFilter(), limit=1000)
        assert sum(row.version for row in worklist.rows) == worklist.position
        seen.add(audit.position)
    writer.join()
    assert len(seen) > 1


def test_an_answer_is_whole_while_a_rebuild_takes_over(shelf: Shelf) -> None:
    shelf.office.record(20, 9)
    store = shelf.up_to_date()

    def three_times() -> None:
        for _ in range(3):
            shelf.projector.rebuild("cases")

    rebuild = threading.Thread(target=three_times)
    rebuild.start()
    while rebuild.is_alive():
        answer = store.worklist(WorklistFilter())
        assert (len(answer.rows), answer.position) == (20, 200)
    rebuild.join()
    assert shelf.projector.status()[0]["generation"] == 4


def test_a_database_that_does_not_answer_is_unavailable(tmp_path: Any) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/nowhere/ledger.db")
    with pytest.raises(Unavailable):
        SqlReadStore(engine).position("cases")
    engine.dispose()
