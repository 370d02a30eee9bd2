"""Events that a read model cannot take: their case is held back, all others flow, and a retry catches up in order."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from application.errors import NotFound
from application.heard import Heard
from application.project import Key
from application.read_models import READ_MODELS
from application.read_models.audit import AUDIT
from application.read_models.cases import CASES
from application.read_models.timeline import TIMELINE
from application.records import Append, Draft
from infrastructure.projection_rows import LAST_PAUSE, cause_of, pause_after
from infrastructure.projector import Projector
from infrastructure.schema import metadata
from tests.infrastructure.following import caught_up, following, of_models, recomputed, recording, stored
from tests.matters import HOUR, NOON, Office, ReleaseMatter, said
from tests.waiting import until


@pytest.fixture
def office(engine: sa.Engine) -> Iterator[Office]:
    """An office that records."""
    with recording(engine) as office:
        yield office


def raises(_: Any) -> Any:
    """A defect of a fold."""
    raise KeyError("what nobody may read in a status")


def unwritable(row: Any) -> Any:
    """A defect that only the database finds: no kind, where there must be one."""
    return row._replace(kind=None)


class Broken:
    """Read models with a defect that shows in one case from a position on, until it is mended."""

    def __init__(self, position: int, defect: Callable[[Any], Any] = raises) -> None:
        self.position = position
        self.defect = defect
        self.case_id: UUID | None = None
        self.mended = False
        mended = {model.name: replace(model, fold=self.breaking(model.fold)) for model in (CASES, TIMELINE)}
        self.models = tuple(mended.get(model.name, model) for model in READ_MODELS)

    def breaking(self, fold: Any) -> Any:
        """A fold that fails there."""

        def breaking(row: Any, heard: Heard, key: Key) -> Any:
            recorded, after = heard.recorded, fold(row, heard, key)
            if recorded.position == self.position:
                self.case_id = recorded.case_id
            broken = recorded.case_id == self.case_id and recorded.position >= self.position
            return self.defect(after) if broken and not self.mended else after

        return breaking


def status_of(projector: Projector, name: str) -> Any:
    """One model's status."""
    return next(status for status in projector.status() if status["name"] == name)


@pytest.mark.parametrize("batch", [2, 1_000])
@pytest.mark.parametrize(("defect", "cause"), [(raises, "KeyError"), (unwritable, "Unwritable from ")])
def test_a_poison_event_holds_back_its_case_only_and_the_retry_catches_up_in_order(
    office: Office, defect: Callable[[Any], Any], cause: str, batch: int
) -> None:
    poisoned, other = office.open_matter(), office.open_matter()
    broken = Broken(office.step(poisoned, NOON + HOUR).position, defect)
    office.step(other, NOON + HOUR)
    with following(office, models=broken.models, batch=batch) as projector:
        for hour in range(2, 6):
            office.step(poisoned, NOON + hour * HOUR, ("slow", "fast")[hour % 2])
            office.step(other, NOON + hour * HOUR)
        third = office.open_matter()
        office.give(poisoned, ReleaseMatter(**said(NOON + 9 * HOUR)))
        assert caught_up(office, projector)

        rows, right = stored(office.engine), recomputed(office)
        assert rows["audit"] == right["audit"]
        for name in ("cases", "timeline"):
            assert [r for r in rows[name] if r.case_id != poisoned] == [r for r in right[name] if r.case_id != poisoned]
            assert [r.version for r in rows[name] if r.case_id == poisoned] == [1]
            (parking,) = projector.upkeep.parked(name)
            assert (parking.case_id, parking.version, parking.position) == (poisoned, 2, broken.position)
            assert parking.cause.startswith(cause)
            assert (status_of(projector, name)["parked"], status_of(projector, name)["lag_events"]) == (1, 0)
        assert (status_of(projector, "audit")["parked"], projector.failures) == (0, {})
        assert third in {row.case_id for row in rows["cases"]}

        assert [tried.freed for tried in projector.upkeep.retry("timeline")] == [False]
        assert projector.upkeep.parked("timeline")[0].attempts > 1
        broken.mended = True
        until(lambda: all(status["parked"] == 0 for status in projector.status()), "the retry of its own accord")
        office.step(other, NOON + 9 * HOUR)
        assert caught_up(office, projector)
    assert stored(office.engine) == recomputed(office)


@pytest.mark.parametrize("at_work", [False, True])
def test_a_retry_by_command_frees_a_case_whoever_follows(office: Office, at_work: bool) -> None:
    broken = Broken(position=2)
    office.record(3, 4)
    with following(office, models=broken.models, batch=3) as projector:
        assert caught_up(office, projector)
    office.record(1, 2)
    mender = Office(office.engine).projector()
    with following(office, models=broken.models, batch=3) if at_work else recording(office.engine):
        assert [tried.freed for tried in mender.upkeep.retry("cases")] == [True]
        assert [tried.freed for tried in mender.upkeep.retry("timeline")] == [True]
        assert mender.upkeep.retry("audit") == mender.upkeep.retry("cases") == []
        office.record(2, 2)
    with following(office) as projector:
        assert caught_up(office, projector)
    assert stored(office.engine) == recomputed(office)


def test_a_correction_of_a_parked_case_is_there_after_the_retry(office: Office) -> None:
    case_id = office.open_matter()
    broken = Broken(position=office.step(case_id, NOON + 2 * HOUR, "slow").position)
    with following(office, models=broken.models) as projector:
        assert caught_up(office, projector)
        office.step(case_id, NOON + HOUR, "late and fast")
        office.correct(case_id, 2, NOON + 3 * HOUR, {"note": "fast"})
        office.retract(case_id, 3, NOON + 4 * HOUR)
        assert caught_up(office, projector)
        assert [row.version for row in stored(office.engine)["cases"]] == [1]
        broken.mended = True
        assert all(tried.freed for name in ("cases", "timeline") for tried in projector.upkeep.retry(name))
        assert stored(office.engine) == recomputed(office)


def test_a_case_that_cannot_be_folded_for_whatever_reason_holds_back_no_other(office: Office) -> None:
    wrong, _ = office.record(2, 1)
    unreadable = Append(wrong, "matter", 2, (Draft("matter.step_taken", 1, b"no JSON", b""),), "a", uuid4().bytes, bytes(32))
    with following(office) as projector:
        assert caught_up(office, projector)
        office.ledger.append_now(unreadable)
        office.record(1, 1)
        assert caught_up(office, projector)
        assert projector.failures == {}
        assert {status["parked"] for status in of_models(projector) if status["name"] in ("cases", "deadlines")} == {1}
    rows = stored(office.engine)
    assert (len(rows["cases"]), len(rows["timeline"])) == (3, 6)


def test_ever_so_many_cases_set_aside_hold_up_no_other(office: Office) -> None:
    many, slow, never = 60, threading.Event(), threading.Event()

    def fold(row: Any, heard: Heard, key: Key) -> Any:
        if heard.recorded.position > many:
            return CASES.fold(row, heard, key)
        never.wait(0.05 if slow.is_set() else 0.0)  # as long as a retry takes where histories are long
        raise KeyError

    office.record(many, 0)
    models = tuple(replace(model, fold=fold) if model is CASES else model for model in READ_MODELS)
    with following(office, models=models) as projector:
        assert caught_up(office, projector)
        slow.set()
        before = [parking.attempts for parking in projector.upkeep.parked("cases")]
        while any(p.attempts <= was for p, was in zip(projector.upkeep.parked("cases"), before, strict=True)):
            office.open_matter()
            assert projector.wait_for(office.ledger.head().position, 2)
        slow.clear()


def test_a_case_that_cannot_even_be_opened_has_no_row_until_the_retry(office: Office) -> None:
    broken = Broken(position=1)
    case_id = office.open_matter()
    with following(office, models=broken.models) as projector:
        office.step(case_id, NOON + HOUR)
        assert caught_up(office, projector)
        assert (stored(office.engine)["cases"], stored(office.engine)["timeline"]) == ([], [])
        broken.mended = True
        assert [tried.freed for tried in projector.upkeep.retry("cases")] == [True]
        assert stored(office.engine)["cases"] == recomputed(office)["cases"]


def test_a_rebuild_begins_without_what_was_set_aside(office: Office) -> None:
    broken = Broken(position=2)
    office.record(2, 3)
    with following(office, models=broken.models) as projector:
        assert caught_up(office, projector)
        projector.rebuild("cases")
        assert status_of(projector, "cases")["parked"] == 1
        broken.mended = True
        for name in ("cases", "timeline"):
            projector.rebuild(name)
            assert status_of(projector, name)["parked"] == 0
        assert stored(office.engine) == recomputed(office)
    with office.engine.connect() as connection:
        kept = connection.execute(sa.select(metadata.tables["parked"].c.name, metadata.tables["parked"].c.generation))
        assert {(row.name, row.generation) for row in kept} <= {("cases", 2), ("timeline", 1)}


def test_a_cause_names_classes_and_no_value() -> None:
    error = ValueError("born 1815")
    error.__cause__ = KeyError("Ada Lovelace")
    assert cause_of(error) == "ValueError from KeyError"


def test_pauses_grow_to_a_bound() -> None:
    pauses = [pause_after(attempts) for attempts in range(40)]
    assert pauses[:4] == [1_000_000, 2_000_000, 4_000_000, 8_000_000]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LAST_PAUSE


def test_what_no_model_is_called_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        office.projector(models=(AUDIT,)).upkeep.retry("cases")
