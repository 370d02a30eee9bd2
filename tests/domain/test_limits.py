"""Limits as guards ask for them: counted as their clocks count them."""

from dataclasses import replace
from datetime import date, timedelta

from domain.history import effective
from domain.kernel import Event
from domain.kinds.detention import acts
from domain.limits import limit_end
from domain.profiles import Profile
from domain.values import Answer
from tests.domain.test_clocks import NEW_CTL, PACE, described, event, moved, only
from tests.domain.test_detention import APPREHENDED, ARRIVED
from tests.profiles import NEUTRAL
from tests.scenario import DAY, HOUR, NOON, context, given


def limit(name: str, profile: Profile = NEUTRAL, *events: Event) -> timedelta:
    """How long after noon a limit ends, as a guard asks for it."""
    known = replace(context(), profile=profile, history=tuple(effective(given(*events))))
    return limit_end(known, name, NOON, "UTC") - NOON


def test_a_guard_counts_a_limit_from_the_moment_it_names() -> None:
    assert limit("executive") == 24 * HOUR
    assert limit("executive_with_senior") == 36 * HOUR
    assert limit("without_judge") == 48 * HOUR
    assert (limit("remand_order"), limit("remand_total")) == (30 * DAY, 180 * DAY)
    assert (limit("claim_window"), limit("appeal_window")) == (60 * DAY, 30 * DAY)
    assert limit("network_link") == 90 * DAY


def test_a_guard_counts_a_limit_as_its_clock_runs() -> None:
    """What the board shows is what a command is held to, pauses and all."""
    hospital: list[Event] = [
        event(acts.ClockPaused, NOON + 2 * HOUR, cause=acts.PauseCause.HOSPITAL), event(acts.ClockResumed, NOON + 5 * HOUR),
    ]  # fmt: skip
    shown = only("executive-limit", PACE, APPREHENDED, ARRIVED, *hospital)
    assert shown.due is not None
    assert limit("executive", PACE, APPREHENDED, ARRIVED, *hospital) == shown.due - NOON


def test_a_limit_that_depends_on_the_person_is_the_earliest_of_those_that_may_be_theirs() -> None:
    young, adult = described(minor=Answer.YES), described()
    day = moved("gb-eaw-ctl@2", date(2021, 3, 1))
    assert limit("remand_total", NEW_CTL, APPREHENDED, young, day) < limit("remand_total", NEW_CTL, APPREHENDED, adult, day)
