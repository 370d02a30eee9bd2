"""Read models begun anew: rebuilt beside the live rows, after a change of version, and only where they fit their tables."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple, Self
from uuid import UUID

import pytest
import sqlalchemy as sa

from application.errors import NotFound
from application.heard import Heard
from application.project import Key, ReadModel
from application.read_models import READ_MODELS
from application.read_models.cases import CASES
from infrastructure.comparing import compare, snapshot
from infrastructure.generations import Generations, live_in
from infrastructure.projection_rows import Follower, Overtaken, layout_of
from infrastructure.schema import events, metadata
from tests.infrastructure.following import NOTHING, caught_up, following, of_models, recomputed, recording, stored, under_load
from tests.matters import HOUR, NOON, Office, StepTaken
from tests.waiting import until


@pytest.fixture
def office(engine: sa.Engine) -> Iterator[Office]:
    """An office that records."""
    with recording(engine) as office:
        yield office


# --- Starting anew --------------------------------------------------------------------------------------------


def test_a_rebuild_takes_over_while_events_arrive_and_only_the_rows_before_it_are_kept(office: Office) -> None:
    with following(office, batch=50) as projector:
        office.record(10, 30)
        writer = threading.Thread(target=office.record, args=(20, 15))
        writer.start()
        for model in READ_MODELS:
            projector.rebuild(model.name)
        writer.join()
        assert caught_up(office, projector)
        assert [status["generation"] for status in of_models(projector)] == [2] * len(READ_MODELS)
    assert stored(office.engine) == recomputed(office)
    with following(office) as projector:
        for model in READ_MODELS:
            projector.rebuild(model.name)
    assert stored(office.engine, generation=1) == NOTHING
    assert stored(office.engine, generation=2) == recomputed(office)


class Reader:
    """Somebody who reads every model all the time, each in one snapshot of the database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read)
        self.wrong: list[str] = []
        self.generations: set[int] = set()
        self.looks = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _read(self) -> None:
        try:
            while not self._ended.is_set():
                with snapshot(self._engine) as connection:
                    for name, live in live_in(connection, READ_MODELS).items():
                        self._look(connection, name, live.follower)
        except Exception as error:  # noqa: BLE001 - a reader never sees one: the test says which it was
            self.wrong.append(repr(error))

    def _look(self, connection: sa.Connection, name: str, live: Follower) -> None:
        """The two models whose number of rows the log tells must have it; no position may go back."""
        self.looks += 1
        self.generations.add(live.generation)
        table = metadata.tables[live.model.table_name]
        of_live = sa.select(sa.func.count()).select_from(table).where(table.c.generation == live.generation)
        known = events.c.position <= live.position
        begun = sa.select(sa.func.count()).select_from(events).where(known, events.c.version == 1)
        right = {"timeline": live.position, "audit": live.position, "cases": connection.execute(begun).scalar_one()}
        rows = connection.execute(of_live).scalar_one()
        if live.position < FIRST or rows != right.get(name, rows):
            self.wrong.append(f"{name} {live.generation} at {live.position}: {rows} rows")


FIRST = 310
"""Events that every model includes before the readers begin."""


def test_readers_notice_nothing_while_every_model_is_rebuilt_under_load(office: Office) -> None:
    with following(office, batch=100) as projector:
        office.record(10, 30)
        assert caught_up(office, projector)
        with Reader(office.engine) as reader, under_load(office):
            for names in ([model.name for model in READ_MODELS], *([model.name] for model in READ_MODELS)):
                projector.upkeep.rebuild(names)
        assert caught_up(office, projector)
        assert {status["lag_events"] for status in of_models(projector)} == {0}
        assert all(compare(projector.upkeep, model.name).holds for model in READ_MODELS)
    assert reader.wrong == []
    assert reader.generations == {1, 2, 3}
    assert reader.looks > 100
    assert stored(office.engine) == recomputed(office)


def test_a_rebuild_calls_off_one_that_is_under_way(office: Office) -> None:
    office.record(3, 3)
    projector = office.projector()
    generations = Generations(office.engine, office.clock)
    generations.enroll(READ_MODELS)
    abandoned = generations.begin(CASES)
    projector.rebuild("cases")

    runner = projector.upkeep.runner()
    with pytest.raises(Overtaken):
        runner.step([abandoned])
    runner.close()
    with pytest.raises(Overtaken):
        generations.take_over(abandoned)
    assert projector.status()[0]["generation"] == 3
    assert stored(office.engine)["cases"] == recomputed(office)["cases"]


def test_a_generation_that_is_behind_does_not_take_over(office: Office) -> None:
    with following(office) as projector:
        office.record(1, 1)
        assert caught_up(office, projector)
    generations = Generations(office.engine, office.clock)
    assert not generations.take_over(generations.begin(CASES))
    assert projector.status()[0]["generation"] == 1


def test_an_unknown_model_cannot_be_rebuilt(office: Office) -> None:
    with pytest.raises(NotFound):
        office.projector().rebuild("nothing")


def test_rows_of_another_version_stand_still_until_they_are_rebuilt(office: Office) -> None:
    with following(office) as projector:
        office.record(2, 2)
        assert caught_up(office, projector)
    newer = tuple(replace(model, version=2) if model is CASES else model for model in READ_MODELS)
    with following(office, models=newer) as projector:
        office.record(1, 1)
        until(lambda: "cases" in projector.failures and projector.status()[1]["lag_events"] == 0, "the others")
        status = projector.status()[0]
        assert (status["version"], status["position"]) == (1, 6)
        assert "rebuild" in str(status["failure"])

        projector.rebuild("cases")
        assert caught_up(office, projector)
        assert projector.status()[0]["version"] == 2
        until(lambda: projector.failures == {}, "the failure to be forgotten")
    assert stored(office.engine) == recomputed(office)


# --- Declarations and tables ----------------------------------------------------------------------------------


class StepRow(NamedTuple):
    """A row that is not one of ``rm_cases``."""

    case_id: UUID
    note: str


@pytest.mark.parametrize("model", READ_MODELS)
def test_every_declaration_fits_its_table(model: ReadModel[Any]) -> None:
    assert layout_of(model).names == model.row._fields


OTHER_ROWS: dict[str, Any] = {"row": StepRow}


@pytest.mark.parametrize("wrong", [replace(CASES, **OTHER_ROWS), replace(CASES, key=("version",))])
def test_a_declaration_that_does_not_fit_its_table_is_refused(wrong: ReadModel[Any]) -> None:
    with pytest.raises(TypeError):
        layout_of(wrong)


def stages(row: Any, heard: Heard, key: Key) -> Any:
    """A folded model that keeps a row only while a case has taken a step."""
    whole = CASES.fold(row, heard, key)
    return whole if getattr(heard.case.stage, "steps", 0) else None


def test_a_row_goes_when_a_correction_leaves_no_reason_for_it(office: Office) -> None:
    model = replace(CASES, fold=stages, hears=frozenset({StepTaken.type}))
    with following(office, models=(model,)) as projector:
        case_id = office.open_matter()
        office.step(case_id, NOON + HOUR)
        assert caught_up(office, projector)
        with office.engine.connect() as connection:
            assert connection.execute(sa.select(metadata.tables["rm_cases"].c.version)).scalars().all() == [2]
        office.retract(case_id, 2, NOON + 2 * HOUR)
        assert caught_up(office, projector)
        with office.engine.connect() as connection:
            assert connection.execute(sa.select(metadata.tables["rm_cases"].c.version)).scalars().all() == []
