"""The projector on both databases: what it leaves equals a plain recomputation, whatever happens to it meanwhile."""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.read_models import READ_MODELS
from application.records import Append, Draft
from domain.dossier.acts import AddAddendum, AssignOfficer
from domain.kernel import Refused
from infrastructure.database import open_engine
from infrastructure.generations import Generations
from infrastructure.projection_rows import Overtaken
from tests.engines import Database, Server
from tests.infrastructure.following import NOTHING, caught_up, following, of_models, recomputed, recording, stored
from tests.matters import DAY, HOUR, NOON, Office, ReleaseMatter, ReopenMatter, TakeStep, said
from tests.recomputed import audit_row, case_row, timeline_row
from tests.waiting import until


@pytest.fixture
def office(engine: sa.Engine) -> Iterator[Office]:
    """An office that records."""
    with recording(engine) as office:
        yield office


# --- What it computes -----------------------------------------------------------------------------------------

ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("step"), st.integers(-48, 240)),
        st.tuples(st.just("steps"), st.integers(0, 240)),
        st.tuples(st.just("release"), st.integers(0, 240)),
        st.tuples(st.just("reopen"), st.integers(0, 240)),
        st.tuples(st.just("assign"), st.integers(1, 3)),
        st.tuples(st.just("addendum"), st.integers(0, 6)),
        st.tuples(st.just("move"), st.integers(1, 8)),
        st.tuples(st.just("rename"), st.integers(1, 8)),
        st.tuples(st.just("retract"), st.integers(1, 8)),
    ),
    max_size=10,
)


def act(office: Office, case_id: UUID, what: str, number: int) -> None:
    """One act of a random history; what the record refuses is not done."""
    moment = NOON + number * HOUR
    with suppress(Refused):
        match what:
            case "step":
                office.step(case_id, moment, ("slow", "fast")[number % 2])
            case "steps":
                office.step(case_id, moment, "fast slow fast")
            case "reopen":
                office.give(case_id, ReopenMatter(**said(moment)))
            case "release":
                office.give(case_id, ReleaseMatter(**said(moment)))
            case "assign":
                office.give(case_id, AssignOfficer(**said(NOON + 9 * DAY), officer=f"o-{number}"))
            case "addendum":
                office.give(case_id, AddAddendum(**said(NOON + 9 * DAY), text="more", target=number or None))
            case "move":
                when = {"earliest": "2026-03-01T00:00:00Z", "latest": None, "precision": "unknown", "zone": "UTC"}
                office.correct(case_id, number, NOON + 9 * DAY, {"when": when | {"as_stated": "some day"}})
            case "rename":
                office.correct(case_id, number, NOON + 9 * DAY, {"claim_status": "reported"})
            case _:
                office.retract(case_id, number, NOON + 9 * DAY)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories=st.lists(ACTS, min_size=1, max_size=3), where=st.sampled_from(("meanwhile", "afterwards", "elsewhere")))
def test_rows_equal_a_recomputation_for_any_history(office: Office, histories: list[Any], where: str) -> None:
    projector = (Office(office.engine) if where == "elsewhere" else office).projector(batch=7)
    if where == "meanwhile":
        projector.start()
    party = office.register_party()
    cases = [office.open_matter() for _ in histories]
    for i in range(max(map(len, histories))):
        for case_id, acts in zip(cases, histories, strict=True):
            if i < len(acts):
                act(office, case_id, *acts[i])
    if where != "meanwhile":
        projector.start()
    assert caught_up(office, projector)
    projector.stop()

    rows = stored(office.engine)
    new = {row.case_id: row for row in rows["cases"]}
    assert [new.get(case_id) for case_id in (party, *cases)] == [case_row(office, c) for c in (party, *cases)]
    for name, expect in (("timeline", timeline_row), ("audit", audit_row)):
        for case_id in (party, *cases):
            of_case = [row for row in rows[name] if row.case_id == case_id]
            assert of_case == sorted(expect(office, row) for row in office.ledger.load(case_id))


def test_an_end_of_custody_that_overtakes_a_step_leaves_a_contradiction_until_it_is_retracted(office: Office) -> None:
    with following(office) as projector:
        case_id = office.open_matter()
        office.step(case_id, NOON + 5 * HOUR)
        office.give(case_id, ReleaseMatter(**said(NOON + HOUR)))
        assert caught_up(office, projector)
        (row,) = stored(office.engine)["cases"]
        assert (row.stage, row.contradictions) == ("released", 1)

        office.retract(case_id, 2, NOON + 6 * HOUR)
        assert caught_up(office, projector)
        (row,) = stored(office.engine)["cases"]
        assert (row.stage, row.contradictions, row.corrected) == ("released", 0, True)


def test_a_step_set_aside_counts_again_once_the_case_was_open_at_its_time(office: Office) -> None:
    with following(office) as projector:
        case_id = office.open_matter()
        office.step(case_id, NOON + 5 * HOUR, "slow")
        office.give(case_id, ReleaseMatter(**said(NOON + HOUR)))
        office.give(case_id, ReopenMatter(**said(NOON + 3 * HOUR)))
        assert caught_up(office, projector)
    (row,) = stored(office.engine)["cases"]
    assert (row.stage, row.contradictions) == ("slow", 0)


def test_streams_that_are_no_case_are_passed(office: Office) -> None:
    foreign = Append(uuid4(), "elsewhere", 0, (Draft("x", 1, b"not json", b""),), "a", uuid4().bytes, bytes(32))
    office.ledger.append_now(foreign)
    with following(office) as projector:
        assert caught_up(office, projector)
        assert projector.failures == {}
    assert stored(office.engine) == NOTHING


def test_a_case_that_no_memory_holds_is_folded_from_the_ledger(office: Office, engine: sa.Engine) -> None:
    case_id = office.open_matter()
    with following(office) as projector:
        assert caught_up(office, projector)
    office.step(case_id, NOON + HOUR, "one two")
    with following(Office(engine)) as projector:
        assert caught_up(office, projector)
    assert stored(engine) == recomputed(office)


# --- Once, whoever runs ---------------------------------------------------------------------------------------


def test_a_second_runner_never_applies_a_batch_twice(office: Office) -> None:
    office.record(3, 4)
    projector = office.projector()
    generations = Generations(office.engine, office.clock)
    generations.enroll(READ_MODELS)
    first, second = ([live.follower for live in generations.live(READ_MODELS).values()] for _ in range(2))
    one, other = projector.upkeep.runner(), projector.upkeep.runner()
    try:
        assert one.step(first) == 15
        with pytest.raises(Overtaken):
            other.step(second)
        assert [f.position for f in second] == [0] * len(READ_MODELS)
    finally:
        one.close()
        other.close()
    assert stored(office.engine) == recomputed(office)


def test_two_projectors_at_work_leave_what_one_leaves(office: Office) -> None:
    with following(office, batch=20) as one, following(Office(office.engine), batch=30) as other:
        writers = [threading.Thread(target=office.record, args=(12, 15)) for _ in range(2)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert caught_up(office, one)
        assert caught_up(office, other)
        assert (one.failures, other.failures) == ({}, {})
    assert stored(office.engine) == recomputed(office)


def test_killed_in_the_middle_of_batches_it_ends_equal_to_a_rebuild(office: Office, database: Database) -> None:
    office.record(30, 39)
    generations = Generations(office.engine, office.clock)
    generations.enroll(READ_MODELS)

    def reached() -> int:
        return min(live.follower.position for live in generations.live(READ_MODELS).values())

    for threshold in (1, 500):
        command = [sys.executable, "-m", "tests.infrastructure.projecting", database.url, "10"]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            until(lambda wanted=threshold: reached() >= wanted, f"position {threshold}")  # type: ignore[misc]
            process.kill()
    assert reached() < 1200
    with following(office) as projector:
        assert caught_up(office, projector)
        before = stored(office.engine)
        for model in READ_MODELS:
            projector.rebuild(model.name)
    assert stored(office.engine) == before == recomputed(office)


def test_a_runner_does_not_go_on_from_what_it_knew_before_anothers_turn(office: Office) -> None:
    generations = Generations(office.engine, office.clock)
    generations.enroll(READ_MODELS)
    one, other = (Office(office.engine).projector().upkeep.runner() for _ in range(2))
    case_id = office.open_matter()
    for runner, command in (
        (one, TakeStep(**said(NOON + HOUR), note="slow")),
        (other, AssignOfficer(**said(NOON + 2 * HOUR), officer="o-7")),
        (one, TakeStep(**said(NOON + 3 * HOUR), note="slow")),
    ):
        office.give(case_id, command)
        assert runner.step([live.follower for live in generations.live(READ_MODELS).values()])
    one.close()
    other.close()
    assert stored(office.engine) == recomputed(office)


def test_it_goes_on_where_the_one_before_it_stopped(office: Office) -> None:
    for _ in range(3):
        with following(office) as projector:
            office.record(5, 3)
            assert caught_up(office, projector)
    assert stored(office.engine) == recomputed(office)


def test_it_stops_promptly_however_far_behind_and_nothing_is_half_done(office: Office) -> None:
    office.record(20, 99)
    projector = office.projector(batch=10)
    projector.start()
    until(lambda: projector.status()[0]["position"] > 0, "a first batch")
    began = time.monotonic()
    projector.stop()
    assert time.monotonic() - began < 2
    assert not projector.alive
    positions = {status["position"] for status in of_models(projector)}
    assert len(positions) == 1
    timeline = stored(office.engine)["timeline"]
    assert sorted(row.position for row in timeline) == list(range(1, positions.pop() + 1))


# --- Waiting for a position -----------------------------------------------------------------------------------


def test_who_waits_for_a_position_reads_what_was_just_recorded(office: Office) -> None:
    with following(office) as projector:
        case_id = office.open_matter()
        for hour in range(1, 6):
            receipt = office.step(case_id, NOON + hour * HOUR)
            assert projector.wait_for(receipt.position, 10)
            assert stored(office.engine)["cases"][0].version == receipt.version
        receipt = office.step(case_id, NOON + DAY)
        assert asyncio.run(projector.included(receipt.position, 10, NOTHING))
        assert stored(office.engine)["cases"][0].version == receipt.version


def test_waiting_for_what_is_not_recorded_ends_in_time(office: Office) -> None:
    with following(office) as projector:
        assert not projector.wait_for(1, 0.05)
        assert not asyncio.run(projector.included(1, 0.05, NOTHING))


def test_where_another_process_follows_its_checkpoints_are_asked(office: Office) -> None:
    receipt = office.step(office.open_matter(), NOON + HOUR)
    idle = Office(office.engine).projector()
    assert not asyncio.run(idle.included(receipt.position, 0.05, NOTHING))
    with following(office):
        assert asyncio.run(idle.included(receipt.position, 10, NOTHING))


def test_events_of_other_processes_arrive_without_a_hint(office: Office) -> None:
    with following(Office(office.engine)) as projector:
        receipt = office.step(office.open_matter(), NOON + HOUR)
        until(lambda: projector.status()[0]["position"] == receipt.position, "the other office's events")


# --- What fails -----------------------------------------------------------------------------------------------


def test_it_goes_on_after_the_server_has_ended_its_connections(
    postgresql_server: Server, postgresql_database: Database
) -> None:
    engine = open_engine(postgresql_database.url)
    with recording(engine) as office, following(office) as projector:
        for _ in range(3):
            office.record(2, 2)
            assert caught_up(office, projector)
            name = engine.url.database
            postgresql_server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        office.record(2, 2)
        assert caught_up(office, projector)
        assert projector.failures == {}
        assert stored(engine) == recomputed(office)
    engine.dispose()
