"""What a case owes, without a database: worked out from its history, in order, under ids that follow from it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.read_models.deadlines import ProfileNotInstalled
from application.schedule import command_id, due_now
from domain.alarms import SETTLES
from domain.dossier.duty_acts import RecordMissedDeadline, RecordOverdueDuty, RecordReachedLimit, WarnOfDeadline
from domain.profiles import Law
from domain.values import at
from tests.application.test_project import CASE, OTHER, Following, opened
from tests.infrastructure.scheduling import CLOCKS
from tests.matters import DAY, HOUR, NOON, MatterReleased, StepTaken, said

RECORDED = NOON + 10 * DAY + HOUR
"""When the log of these tests takes its first event."""


@pytest.fixture
def following() -> Following:
    """An empty log of matters with clocks."""
    following = Following()
    following.cases.law = CLOCKS
    return following


def test_what_is_owed_comes_in_the_order_of_the_moments_it_is_about(following: Following) -> None:
    following.log.write(CASE, opened())
    due = due_now(following.cases, CASE, RECORDED + SETTLES)
    assert [type(alarm) for alarm in due.commands] == [RecordOverdueDuty, WarnOfDeadline, RecordReachedLimit]
    assert [alarm.when.earliest for alarm in due.commands] == [NOON + hours * HOUR for hours in (3, 8, 10)]
    assert {(alarm.profile, alarm.started_by, alarm.decided_by) for alarm in due.commands} == {
        ("default-neutral@1", 1, "scheduler")
    }
    assert due.version == 1


def test_nothing_is_owed_until_the_record_has_settled_nor_of_what_was_done_in_time(following: Following) -> None:
    following.log.write(CASE, opened())
    assert due_now(following.cases, CASE, RECORDED + SETTLES - timedelta(microseconds=1)).commands == ()
    done = said(NOON + HOUR, decided_by="s-1")
    following.log.write(CASE, StepTaken(**done, note="x"), MatterReleased(**(done | said(NOON + 2 * HOUR))))
    assert due_now(following.cases, CASE, RECORDED + DAY).commands == ()


def test_the_id_follows_from_everything_an_alarm_is_about_and_from_nothing_else(following: Following) -> None:
    following.log.write(CASE, opened())
    (alarm, *_) = due_now(following.cases, CASE, RECORDED + DAY).commands
    stated = {
        "when": at(NOON), "clock": "another", "run": "1", "started_by": 2, "due": NOON,
    }  # fmt: skip
    others = [replace(alarm, **{name: value}) for name, value in stated.items()]  # type: ignore[arg-type]
    as_missed = RecordMissedDeadline(
        when=alarm.when, sources=alarm.sources, claim_status=alarm.claim_status, clock=alarm.clock, run=alarm.run,
        started_by=alarm.started_by, due=alarm.due, profile=alarm.profile,
    )  # fmt: skip
    ids = [command_id(CASE, alarm), command_id(OTHER, alarm), command_id(CASE, as_missed)]
    ids += [command_id(CASE, other) for other in others]
    assert len(set(ids)) == len(ids)
    assert {len(each) for each in ids} == {16}
    again = due_now(following.cases, CASE, RECORDED + 2 * DAY).commands[0]
    assert command_id(CASE, replace(again, profile="another@1")) == ids[0]


def test_a_case_whose_profile_is_missing_says_so(following: Following) -> None:
    following.log.write(CASE, opened())
    following.cases.law = Law()
    with pytest.raises(ProfileNotInstalled, match="default-neutral@1"):
        due_now(following.cases, CASE, RECORDED)
