"""The scheduler on both databases: every alarm is recorded exactly once, at its own time, whatever happens in between."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY

from application.execute import Call, Executor
from application.records import Receipt
from domain.alarms import SETTLES
from domain.kernel import SYSTEM
from domain.profiles import Law
from infrastructure.projector import Projector
from infrastructure.scheduler import SILENT, SOME, Looks, Scheduler
from tests.infrastructure.following import caught_up
from tests.infrastructure.scheduling import CLOCKS, SOON, TimedOffice, look, timed
from tests.matters import DAY, HOUR, NOON, ReleaseMatter, said
from tests.waiting import until

WARNED, REACHED, OVERDUE = "deadline_warned", "limit_reached", "duty_overdue"
LATE_STEP = (OVERDUE, "first-step", NOON + 3 * HOUR)
WARNING = (WARNED, "matter-limit", NOON + 8 * HOUR)
LIMIT = (REACHED, "matter-limit", NOON + 10 * HOUR)


@pytest.fixture
def followed(engine: sa.Engine) -> Iterator[tuple[TimedOffice, Projector]]:
    """An office with clocks, followed by its read models."""
    with timed(engine) as both:
        yield both


Followed = tuple[TimedOffice, Projector]


def test_each_alarm_is_recorded_once_when_its_time_has_come(followed: Followed) -> None:
    office, projector = followed
    case_id = office.open_matter()
    for hours, expected in (
        (2, []),
        (3, [LATE_STEP]),
        (7, [LATE_STEP]),
        (8, [LATE_STEP, WARNING]),
        (11, [LATE_STEP, WARNING, LIMIT]),
        (99, [LATE_STEP, WARNING, LIMIT]),
    ):
        office.at(NOON + hours * HOUR + SOON)
        look(office, projector)
        assert office.alarms(case_id) == expected
    envelope = orjson.loads(office.ledger.load(case_id)[1].envelope)
    assert (envelope["actor"]["role"], envelope["actor"]["id"]) == (SYSTEM, "scheduler")
    assert envelope["causation"] == f"{case_id}/1"
    assert Looks(office.engine).waiting(office.time.now) == 0


def test_after_downtime_alarms_are_caught_up_with_the_times_they_are_about(followed: Followed) -> None:
    office, projector = followed
    cases = [office.open_matter() for _ in range(SOME + 3)]
    office.at(NOON + 30 * DAY)
    look(office, projector)
    for case_id in cases:
        assert office.alarms(case_id) == [LATE_STEP, WARNING, LIMIT]
        assert office.ledger.load(case_id)[-1].recorded_at >= office.time.now


def test_what_was_done_in_time_calls_for_nothing_and_what_was_late_for_its_alarm(followed: Followed) -> None:
    office, projector = followed
    kept, late = office.open_matter(), office.open_matter()
    office.at(NOON + 5 * HOUR)
    office.step(kept, NOON + HOUR)
    office.step(late, NOON + 4 * HOUR)
    office.at(NOON + 6 * HOUR)
    look(office, projector)
    assert office.alarms(kept) == []
    assert office.alarms(late) == [LATE_STEP]


def test_nothing_is_alarmed_before_who_records_late_had_time_to_record_the_rest(followed: Followed) -> None:
    office, projector = followed
    office.at(NOON + 2 * DAY)
    case_id = office.open_matter()
    office.at(NOON + 2 * DAY + SETTLES - SOON)
    look(office, projector)
    assert office.alarms(case_id) == []
    office.step(case_id, NOON + HOUR)
    office.give(case_id, ReleaseMatter(**said(NOON + 9 * HOUR)))
    office.at(NOON + 3 * DAY)
    look(office, projector)
    assert office.alarms(case_id) == [WARNING], "it was still running eight hours on, and ended in time"


def test_a_correction_that_moves_the_due_time_brings_a_new_alarm_and_the_old_one_stays(followed: Followed) -> None:
    office, projector = followed
    case_id = office.open_matter()
    office.at(NOON + 4 * HOUR)
    look(office, projector)
    assert office.alarms(case_id) == [LATE_STEP]
    earlier = {"when": {"earliest": "2026-03-02T11:30:00Z", "latest": "2026-03-02T11:30:01Z", "precision": "second"}}
    earlier["when"]["zone"] = "UTC"
    office.correct(case_id, 1, NOON + 4 * HOUR, earlier)
    look(office, projector)
    assert office.alarms(case_id) == [LATE_STEP], "a correction settles first, too"
    office.at(NOON + 5 * HOUR)
    look(office, projector)
    moved = (OVERDUE, "first-step", NOON + 2.5 * HOUR)
    assert office.alarms(case_id) == [LATE_STEP, moved]


def test_what_was_recorded_is_counted_once(followed: Followed) -> None:
    office, projector = followed
    case_id = office.open_matter()
    office.at(NOON + 4 * HOUR)
    before = counted(OVERDUE)
    look(office, projector)
    look(office, projector)
    assert office.alarms(case_id) == [LATE_STEP]
    assert counted(OVERDUE) == before + 1


def counted(name: str) -> float:
    """How many alarms of a type were counted in this process."""
    return REGISTRY.get_sample_value("casetrail_scheduler_alarms_total", {"type": f"case.{name}"}) or 0.0


# --- Whatever breaks ------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process ends here."""


@dataclass(frozen=True, kw_only=True)
class Mortal(Executor):
    """An executor in a process that is killed at a step of its work."""

    deaths: dict[str, int]

    def reached(self, place: str) -> None:
        """Die here, if it is time."""
        self.deaths[place] = self.deaths.get(place, 0) - 1
        if self.deaths[place] == 0:
            raise Killed

    async def execute(self, call: Call) -> Receipt:
        """Die before, or between the commit and what comes after it."""
        self.reached("before the alarm")
        receipt = await super().execute(call)
        self.reached("after the alarm")
        return receipt


class MortalLooks(Looks):
    """What is kept of looks, in such a process."""

    executor: Mortal

    def due(self, now: int, after: tuple[int, UUID], limit: int) -> list[tuple[int, UUID]]:
        """Die when it is known what there is to do."""
        found = super().due(now, after, limit)
        self.executor.reached("before the case")
        return found

    def beat(self, now: int) -> None:
        """Die before the heartbeat, or just after."""
        self.executor.reached("before the heartbeat")
        super().beat(now)
        self.executor.reached("after the heartbeat")


PLACES = ("before the case", "before the alarm", "after the alarm", "before the heartbeat", "after the heartbeat")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("count", [1, 4])
def test_killed_at_any_step_every_alarm_is_recorded_exactly_once(followed: Followed, place: str, count: int) -> None:
    office, projector = followed
    cases = [office.open_matter() for _ in range(2)]
    office.at(NOON + 11 * HOUR)
    living: dict[str, Any] = {field.name: getattr(office.executor, field.name) for field in fields(Executor)}
    mortal = Mortal(**living, deaths={place: count})
    scheduler, looks = office.scheduler(mortal), MortalLooks(office.engine)
    looks.executor, scheduler.looks = mortal, looks
    with suppress(Killed):
        look(office, projector, scheduler)
    look(office, projector)
    for case_id in cases:
        assert office.alarms(case_id) == [LATE_STEP, WARNING, LIMIT]


def test_two_schedulers_at_work_at_once_record_each_alarm_once(followed: Followed) -> None:
    office, projector = followed
    cases = [office.open_matter() for _ in range(8)]
    other = TimedOffice(office.engine, office.time)
    other.ledger.start()
    schedulers = [office.scheduler(), other.scheduler()]
    for scheduler in schedulers:
        scheduler._leases.hold = frozenset  # type: ignore[method-assign,assignment] # both believe it is theirs
        scheduler.start()
    try:
        office.at(NOON + 11 * HOUR)
        until(lambda: all(len(office.alarms(case_id)) >= 3 for case_id in cases), "all alarms")
        office.at(NOON + 12 * HOUR)
        look(office, projector)
    finally:
        for scheduler in schedulers:
            scheduler.stop()
        other.ledger.close()
    assert [office.alarms(case_id) for case_id in cases] == [[LATE_STEP, WARNING, LIMIT]] * len(cases)


def test_one_case_that_cannot_be_worked_out_holds_up_no_other_and_is_tried_again_later(followed: Followed) -> None:
    office, projector = followed
    wrong, right = office.open_matter(), office.open_matter()
    office.at(NOON + 4 * HOUR)
    tried: list[UUID] = []
    blind = True

    class Blind(Scheduler):
        """A scheduler that cannot work out one case, as long as it is blind."""

        def _tried(self, case_id: UUID) -> bool:
            tried.append(case_id)
            self._executor.cases.law = Law() if blind and case_id == wrong else CLOCKS
            return super()._tried(case_id)

    scheduler = Blind(office.engine, office.executor, "agency", office.time)
    look(office, projector, scheduler)
    assert (office.alarms(wrong), office.alarms(right)) == ([], [LATE_STEP])
    office.cases.law = CLOCKS
    look(office, projector, scheduler)
    assert tried.count(wrong) == 1, "it rests"
    office.at(NOON + 4 * HOUR + timedelta(seconds=1))
    look(office, projector, scheduler)
    office.at(NOON + 4 * HOUR + timedelta(seconds=2))
    look(office, projector, scheduler)
    assert tried.count(wrong) == 2, "longer each time"
    office.cases.law, blind = CLOCKS, False
    office.at(NOON + 4 * HOUR + timedelta(seconds=3))
    look(office, projector, scheduler)
    assert office.alarms(wrong) == [LATE_STEP]


def test_a_case_whose_profile_is_missing_is_set_aside_until_it_is_installed(followed: Followed) -> None:
    office, projector = followed
    office.cases.law = Law()
    case_id = office.open_matter()
    assert caught_up(office, projector)
    (parking,) = projector.upkeep.parked("deadlines")
    assert (parking.case_id, parking.cause) == (case_id, "ProfileNotInstalled")
    office.cases.law = CLOCKS
    until(lambda: all(tried.freed for tried in projector.upkeep.retry("deadlines")), "it is taken in")
    office.at(NOON + 4 * HOUR)
    look(office, projector)
    assert office.alarms(case_id) == [LATE_STEP]


# --- Silence --------------------------------------------------------------------------------------------------


def test_silence_is_noticed_by_every_process_and_ends_with_a_look_of_any(followed: Followed) -> None:
    office, projector = followed
    working, watching = office.scheduler(), office.scheduler()
    watching._started = office.time.now
    assert watching.silence() is None
    office.at(NOON + timedelta(microseconds=SILENT) + SOON)
    assert watching.silence() == pytest.approx(SILENT / 1e6 + 1)
    look(office, projector, working)
    assert watching.silence() is None
    assert Looks(office.engine).last() == office.time.now
