"""Which alarms the deadlines of a case call for, and when they are recorded."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from domain.alarms import SETTLES, alarms, last_act, next_alarm, owed
from domain.clocks import Deadline
from domain.dossier.duty_acts import (
    DeadlineAlarm,
    LimitReached,
    RecordMissedDeadline,
    RecordOverdueDuty,
    RecordReachedLimit,
    WarnOfDeadline,
)
from domain.dossier.duty_rules import ALARMS
from domain.dossier.state import Alarmed, alarmed
from domain.kernel import Entry, record
from domain.profiles import OnExpiry
from domain.values import Answer, at
from tests.domain.permits import suspended
from tests.scenario import DAY, HOUR, NOON, given, said

MINUTE = timedelta(minutes=1)
LONG_AGO = NOON - DAY
DUE = NOON + 6 * HOUR
REVIEW = Deadline(
    clock="first-review", legal_ref="law", on_expiry=OnExpiry.OBLIGATION, run=None, started_by=2, set_by=2, start=NOON,
    due=DUE, warnings=(DUE - HOUR,),
)  # fmt: skip


def called_for(deadline: Deadline, raised: Sequence[Alarmed] = ()) -> list[tuple[datetime, Any]]:
    """The alarms of a deadline."""
    return list(alarms(deadline, raised))


def recorded(deadline: Deadline, last: datetime, now: datetime, raised: Sequence[Alarmed] = ()) -> list[Any]:
    """The commands that are owed by now."""
    return list(owed(deadline, "default-neutral@1", raised, last, now))


def test_a_duty_is_warned_of_and_then_overdue() -> None:
    assert called_for(REVIEW) == [(DUE - HOUR, WarnOfDeadline), (DUE, RecordOverdueDuty)]


def test_what_the_profile_calls_a_limit_is_reached_and_anything_else_is_missed() -> None:
    assert called_for(replace(REVIEW, on_expiry=OnExpiry.RESTRICT_COMMANDS))[-1] == (DUE, RecordReachedLimit)
    assert called_for(replace(REVIEW, on_expiry=OnExpiry.ALARM))[-1] == (DUE, RecordMissedDeadline)


def test_what_was_met_in_time_calls_for_nothing_more() -> None:
    met = replace(REVIEW, stopped_by=3, stopped_from=DUE - 2 * HOUR, stopped_until=DUE - HOUR)
    assert called_for(met) == []
    warned = replace(REVIEW, stopped_by=3, stopped_from=DUE - 2 * MINUTE, stopped_until=DUE - MINUTE)
    assert called_for(warned) == [(DUE - HOUR, WarnOfDeadline)]


def test_what_was_met_too_late_is_overdue_all_the_same() -> None:
    late = replace(REVIEW, stopped_by=3, stopped_from=DUE + MINUTE, stopped_until=DUE + HOUR)
    assert called_for(late)[-1] == (DUE, RecordOverdueDuty)


def test_nothing_is_alarmed_of_which_it_is_not_known_whether_it_was_in_time() -> None:
    perhaps = replace(REVIEW, stopped_by=3, stopped_from=DUE - MINUTE, stopped_until=DUE + MINUTE)
    assert called_for(perhaps) == [(DUE - HOUR, WarnOfDeadline)]
    assert called_for(replace(REVIEW, due=None, warnings=())) == []


def test_a_clock_that_is_paused_does_not_run_out() -> None:
    assert called_for(replace(REVIEW, paused_since=NOON + HOUR)) == []
    assert called_for(replace(REVIEW, paused_since=DUE - MINUTE)) == [(DUE - HOUR, WarnOfDeadline)]


def test_what_was_over_before_it_was_stated_is_overdue_and_nobody_is_warned_of_it() -> None:
    past = replace(REVIEW, start=DUE + HOUR)
    assert called_for(past) == [(DUE, RecordOverdueDuty)]


def test_what_is_met_while_its_clock_is_paused_was_met_in_time() -> None:
    """Whoever is let go from hospital after the hours that would have been left was owed nothing more."""
    met = replace(REVIEW, paused_since=NOON + HOUR, stopped_by=4, stopped_from=DUE + HOUR, stopped_until=DUE + 2 * HOUR)
    assert (met.missed, called_for(met)) == (Answer.NO, [])
    assert called_for(replace(met, paused_since=DUE - MINUTE)) == [(DUE - HOUR, WarnOfDeadline)]
    assert replace(met, due=None).missed is Answer.UNKNOWN


def test_an_alarm_is_called_for_once_and_again_where_the_deadline_moved() -> None:
    first, second = (alarmed(record(ALARMS[type(c)], c)) for c in recorded(REVIEW, LONG_AGO, DUE))
    assert called_for(REVIEW, (first,)) == [(DUE, RecordOverdueDuty)]
    assert called_for(REVIEW, (first, second)) == []
    moved = replace(REVIEW, due=DUE + HOUR, warnings=(DUE,))
    assert called_for(moved, (first, second)) == [(DUE, WarnOfDeadline), (DUE + HOUR, RecordOverdueDuty)]


def test_an_alarm_states_the_moment_it_is_about_however_late_it_is_recorded() -> None:
    (_, overdue) = recorded(REVIEW, LONG_AGO, NOON + 90 * DAY)
    assert overdue.when.earliest == overdue.due == DUE
    assert (overdue.clock, overdue.started_by, overdue.profile) == ("first-review", 2, "default-neutral@1")


def test_nothing_is_recorded_before_its_time() -> None:
    assert recorded(REVIEW, LONG_AGO, DUE - HOUR - MINUTE) == []
    assert [type(c) for c in recorded(REVIEW, LONG_AGO, DUE - MINUTE)] == [WarnOfDeadline]
    assert next_alarm(REVIEW, (), LONG_AGO) == DUE - HOUR


def test_who_records_late_has_a_moment_to_record_what_belongs_with_it() -> None:
    typed = DUE + 3 * DAY
    assert recorded(REVIEW, typed, typed + SETTLES - MINUTE) == []
    assert len(recorded(REVIEW, typed, typed + SETTLES)) == 2
    assert next_alarm(REVIEW, (), typed) == typed + SETTLES


def test_an_alarm_is_no_act_that_the_next_one_would_wait_upon() -> None:
    alarm: DeadlineAlarm = LimitReached(**said(DUE), clock="c", run=None, started_by=1, due=DUE, profile="default-neutral@1")
    entries = [*given(alarm, recorded_at=DUE), Entry(2, DUE + DAY, alarm)]
    assert last_act(entries) < NOON - DAY
    act = replace(suspended(0), when=at(NOON))
    assert last_act(given(act)) == NOON + timedelta(seconds=61)
