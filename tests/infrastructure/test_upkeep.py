"""Leases, pause, the way back, and whether a read model holds: on both databases, while others record and follow."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from application.errors import NotFound
from application.read_models import READ_MODELS
from application.read_models.cases import CASES
from infrastructure.comparing import compare
from infrastructure.database import open_engine, write_transaction
from infrastructure.generations import OtherVersion
from infrastructure.leases import LASTS, Leases
from infrastructure.projection_rows import chained
from infrastructure.projector import Projector
from infrastructure.schema import checkpoints, leases, metadata
from tests.engines import Database
from tests.infrastructure.following import NOTHING, caught_up, following, of_models, recomputed, recording, stored, under_load
from tests.matters import Office
from tests.waiting import until

NAMES = [model.name for model in READ_MODELS]


@pytest.fixture
def office(engine: sa.Engine) -> Iterator[Office]:
    """An office that records."""
    with recording(engine) as office:
        yield office


@contextmanager
def another(database: Database) -> Iterator[Engine]:
    """Another process's connections."""
    engine = open_engine(database.url)
    yield engine
    engine.dispose()


# --- Leases ---------------------------------------------------------------------------------------------------


class Hand:
    """A clock set by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000_000

    def __call__(self) -> int:
        """Microseconds."""
        return self.now


def test_a_lease_has_one_holder_until_it_ends_or_is_given_back(engine: Engine) -> None:
    clock = Hand()
    one, other = Leases(engine, clock), Leases(engine, clock)
    assert one.hold(["a", "b"]) == {"a", "b"}
    assert other.hold(["a", "b", "c"]) == {"c"}
    clock.now += LASTS - 1
    assert one.hold(["a"]) == {"a"}
    clock.now += 2
    assert other.hold(["a", "b", "c"]) == {"b", "c"}
    assert one.holders() == {"a": one.holder, "b": other.holder, "c": other.holder}
    one.give_back({"a", "b"})
    assert other.hold(["a", "b"]) == {"a", "b"}
    assert one.hold(["a", "b"]) == frozenset()


def test_of_many_that_want_a_lease_at_once_one_gets_it(database: Database) -> None:
    held: list[frozenset[str]] = []
    barrier = threading.Barrier(6)

    def want() -> None:
        with another(database) as engine:
            barrier.wait()
            held.append(Leases(engine).hold(NAMES))

    threads = [threading.Thread(target=want) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(name for names in held for name in names) == sorted(NAMES)


def test_one_projector_runs_and_the_other_follows_on_when_it_stops(office: Office) -> None:
    with following(Office(office.engine)) as other:
        with following(office) as one:
            office.record(2, 2)
            assert caught_up(office, one)
            assert caught_up(office, other)
            assert len({status["holder"] for status in of_models(one)}) == 1
        office.record(2, 2)
        assert caught_up(office, other)
    assert stored(office.engine) == recomputed(office)
    with office.engine.connect() as connection:
        assert connection.execute(sa.select(leases)).all() == []


def test_a_holder_that_died_is_followed_within_seconds(office: Office) -> None:
    dead = Leases(office.engine)
    assert dead.hold(NAMES) == set(NAMES)
    office.record(1, 1)
    with following(office) as projector:
        assert projector.status()[0]["position"] == 0
        assert projector.wait_for(2, 2 + LASTS / 1e6)


def test_a_model_of_another_version_is_left_to_a_process_that_can_run_it(office: Office) -> None:
    newer = tuple(replace(model, version=2) if model is CASES else model for model in READ_MODELS)
    with following(office) as old:
        office.record(1, 1)
        assert caught_up(office, old)
        with following(Office(office.engine), models=newer) as new:
            new.upkeep.rebuild(["cases"])
            until(lambda: "cases" in old.failures, "the old process to see that it can no longer run it")
            office.record(1, 1)
            head = office.ledger.head().position
            until(lambda: new.status()[0]["position"] == head, "the new process to run it", 2 * LASTS / 1e6 + 5)
    assert stored(office.engine) == recomputed(office)


# --- Pause ----------------------------------------------------------------------------------------------------


def test_a_paused_model_stands_in_every_process_and_goes_on_when_resumed(office: Office) -> None:
    elsewhere = Office(office.engine).projector()
    with following(office) as projector:
        office.record(1, 1)
        assert caught_up(office, projector)
        elsewhere.upkeep.pause("cases", paused=True)
        office.record(1, 1)
        until(lambda: projector.status()[1]["position"] == 4, "the timeline")
        assert (projector.status()[0]["position"], projector.status()[0]["paused"]) == (2, True)
        assert not projector.wait_for(4, 0.3)
        elsewhere.upkeep.pause("cases", paused=False)
        assert caught_up(office, projector)
    assert stored(office.engine) == recomputed(office)


# --- The way back ---------------------------------------------------------------------------------------------


def test_the_generation_before_a_rebuild_is_brought_up_to_date_and_live_again(office: Office) -> None:
    with following(office, batch=20) as projector:
        office.record(5, 5)
        assert caught_up(office, projector)
        with pytest.raises(NotFound):
            projector.upkeep.rollback("cases")
        projector.upkeep.rebuild(NAMES)
        with under_load(office):
            for name in NAMES:
                projector.upkeep.rollback(name)
        assert [(s["generation"], s["previous"]) for s in of_models(projector)] == [(1, 2)] * len(NAMES)
        assert caught_up(office, projector)
        assert stored(office.engine) == recomputed(office)
        projector.upkeep.rebuild(NAMES)
        assert [(s["generation"], s["previous"]) for s in of_models(projector)] == [(3, 1)] * len(NAMES)
    assert stored(office.engine, generation=2) == NOTHING
    assert stored(office.engine) == recomputed(office)


def test_rows_of_another_version_are_no_way_back(office: Office) -> None:
    projector = office.projector()
    projector.upkeep.rebuild(["cases"])
    with write_transaction(office.engine) as connection:
        connection.execute(sa.update(checkpoints).where(checkpoints.c.generation == 1).values(version=7))
    with pytest.raises(OtherVersion):
        projector.upkeep.rollback("cases")


# --- Whether it holds -----------------------------------------------------------------------------------------


def test_count_and_digest_are_those_of_the_log(office: Office) -> None:
    office.record(4, 6)
    with following(office, batch=5) as projector:
        assert caught_up(office, projector)
        digest = chained(bytes(32), [row.leaf_hash for row in office.ledger.read(0, 1000)])
        assert {(s["events"], s["digest"]) for s in of_models(projector)} == {(28, digest.hex())}


def test_every_model_holds_while_commands_are_recorded_and_nothing_is_left_behind(office: Office) -> None:
    reports: list[tuple[int, int]] = []
    with following(office, batch=50) as projector, under_load(office):
        office.record(10, 20)
        assert caught_up(office, projector)
        found = [compare(projector.upkeep, name, lambda done, total: reports.append((done, total))) for name in NAMES]
    assert all(each.holds and each.position >= 210 for each in found)
    assert found[1].rows == found[1].events == found[1].position
    assert reports
    assert all(done <= total for done, total in reports)
    assert stored(office.engine, generation=2) == NOTHING
    assert [status["generation"] for status in of_models(projector)] == [1] * len(NAMES)


def spoil_row(connection: sa.Connection) -> None:
    rows = metadata.tables[CASES.table_name]
    connection.execute(sa.update(rows).values(unit="elsewhere", late=7))


def lose_row(connection: sa.Connection) -> None:
    connection.execute(sa.delete(metadata.tables[CASES.table_name]))


def skip_one(connection: sa.Connection) -> None:
    connection.execute(sa.update(checkpoints).values(events=checkpoints.c.events - 1, digest=bytes(32)))


@pytest.mark.parametrize(
    ("spoil", "wrong"),
    [
        (spoil_row, (True, True, ["differs in unit, late"])),
        (lose_row, (True, True, ["is missing"])),
        (skip_one, (False, False, [])),
    ],
)
def test_what_does_not_hold_is_named(office: Office, spoil: Callable[[sa.Connection], None], wrong: Any) -> None:
    case_id = office.open_matter()
    with following(office) as projector:
        assert caught_up(office, projector)
    with write_transaction(office.engine) as connection:
        spoil(connection)
    found = compare(projector.upkeep, "cases")
    assert (found.counted, found.chained, [each.what for each in found.differences]) == wrong
    assert all(each.case_id == case_id for each in found.differences)
    assert not found.holds
    projector.upkeep.rebuild(["cases"])
    assert compare(projector.upkeep, "cases").holds


def test_a_row_too_many_is_named_and_a_verification_calls_off_no_rebuild(office: Office) -> None:
    office.record(3, 0)
    projector: Projector = office.projector()
    projector.upkeep.rebuild(["cases"])
    begun = projector.upkeep.generations.begin(CASES)
    rows, unseen = metadata.tables[CASES.table_name], office.open_matter()
    with write_transaction(office.engine) as connection:
        first = connection.execute(sa.select(rows)).first()
        assert first is not None
        extra = dict(first._mapping) | {"case_id": unseen}
        connection.execute(sa.insert(rows).values(extra))
    found = compare(projector.upkeep, "cases")
    assert (found.different, found.differences[0].what) == (1, "should not be there")
    runner = projector.upkeep.runner()
    assert runner.step([begun]) == 4
    runner.close()
