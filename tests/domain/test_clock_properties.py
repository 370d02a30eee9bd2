"""What holds of every deadline: it never depends on when somebody asks, and no pause makes it earlier."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.clocks import Deadline, Status, deadlines, status
from domain.counting import due
from domain.history import effective
from domain.kernel import Entry, Event
from domain.kinds.detention import acts
from domain.profiles import Counting, Duration, DurationUnit, Ends, Profile, Roll
from domain.values import at
from tests.domain.test_clocks import WEEK
from tests.domain.test_detention import APPREHENDED, ARRIVED, AUTHORIZED, HELD_BY_COURT, RELEASED
from tests.profiles import LAW, NEUTRAL
from tests.scenario import DAY, HOUR, NOON, said

PACE = LAW.installed["gb-eaw-pace@1"]
PROFILES = st.sampled_from([NEUTRAL, PACE, LAW.installed["ru-cpc@1"], LAW.installed["gb-eaw-ctl@1"]])
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Tehran", "America/St_Johns", "Pacific/Kiritimati", "Africa/Casablanca"])
MOMENTS = st.datetimes(datetime(2026, 1, 5), datetime(2026, 12, 20), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
LATER = timedelta(days=800)
HELD: tuple[Event, ...] = (APPREHENDED, ARRIVED, AUTHORIZED, HELD_BY_COURT, RELEASED)

counted_by = st.builds(
    Counting, st.booleans(), st.just(Ends.END_OF_DAY), st.sampled_from(Roll), st.just(WEEK)
) | st.builds(Counting, st.just(value=False), st.just(Ends.SAME_TIME), st.sampled_from(Roll), st.just(WEEK))  # fmt: skip
durations = st.builds(Duration, st.integers(1, 8), st.sampled_from(DurationUnit))


@st.composite
def histories(draw: st.DrawFn) -> list[Entry]:
    """A hold at odd times in some zone, with as many of its entries as come about."""
    zone, moment, entries = draw(ZONES), draw(MOMENTS), list[Entry]()
    for event in HELD[: draw(st.integers(1, len(HELD)))]:
        moment += timedelta(minutes=draw(st.integers(1, 3000)))
        entries.append(Entry(len(entries) + 1, moment + timedelta(minutes=2), replace(event, when=at(moment, zone))))
    return entries


def pauses(moments: list[int]) -> list[Event]:
    """Disjoint pauses between minutes after NOON, as the guards allow them."""
    events: list[Event] = []
    for number, minute in enumerate(sorted(moments)[: len(moments) // 2 * 2]):
        block: dict[str, Any] = said(NOON + timedelta(minutes=minute))
        events.append(acts.ClockResumed(**block) if number % 2 else acts.ClockPaused(**block, cause=acts.PauseCause.HOSPITAL))
    return events


def relevant_time(events: list[Event]) -> Deadline:
    """The clock that hospital pauses, of a person who arrived before all of them."""
    ordered = sorted(events, key=lambda e: e.when.earliest or NOON)
    history = [Entry(i, NOON + 90 * DAY, e) for i, e in enumerate([APPREHENDED, replace(ARRIVED, when=at(NOON)), *ordered], 1)]
    return next(d for d in deadlines(PACE, effective(history)) if d.clock == "relevant-time")


@settings(max_examples=200)
@for_all(PROFILES, histories(), st.lists(MOMENTS, min_size=2, max_size=6))
def test_a_deadline_never_depends_on_when_it_is_asked(profile: Profile, history: list[Entry], asked: list[datetime]) -> None:
    found = deadlines(profile, effective(history))
    for deadline in found:
        course = [status(deadline, moment) for moment in sorted(asked)]
        order = [Status.PENDING, Status.RUNNING, Status.PAUSED, Status.EXPIRED, Status.STOPPED]
        if deadline.due is not None:
            assert all(order.index(a) <= order.index(b) for a, b in pairwise(course))
    assert deadlines(profile, effective(history)) == found


@settings(max_examples=200)
@for_all(PROFILES, histories(), st.randoms(use_true_random=False))
def test_the_order_of_recording_changes_no_deadline(profile: Profile, history: list[Entry], shuffling: Any) -> None:
    """The opening stays first; what else is recorded in another order is folded in the same one."""
    rest = [entry.event for entry in history[1:]]
    shuffling.shuffle(rest)
    recorded = history[-1].recorded_at + DAY
    again = [Entry(i, recorded, event) for i, event in enumerate([history[0].event, *rest], 1)]
    assert [e.event for e in effective(again)] == [e.event for e in history]
    assert {(d.clock, d.due) for d in deadlines(profile, effective(again))} == {
        (d.clock, d.due) for d in deadlines(profile, effective(history))
    }


@settings(max_examples=300)
@for_all(st.lists(st.integers(1, 5000), unique=True, max_size=8), st.integers(1, 5000), st.integers(1, 600))
def test_a_further_pause_never_makes_a_deadline_earlier(minutes: list[int], begin: int, length: int) -> None:
    times = sorted(minutes)[: len(minutes) // 2 * 2]
    inside = any(first <= begin + length and begin <= last for first, last in zip(times[::2], times[1::2], strict=True))
    before = relevant_time(pauses(times)).due
    after = relevant_time(pauses(times if inside else [*times, begin, begin + length])).due
    assert before is not None
    assert after is not None
    assert NOON + 24 * HOUR <= before <= after


@settings(max_examples=300)
@for_all(MOMENTS, ZONES, durations, counted_by, st.integers(0, 10_000), st.integers(1, 10_000))
def test_pauses_prolong_every_way_of_counting(
    start: datetime, zone: str, duration: Duration, rule: Counting, wait: int, length: int
) -> None:
    begin = start + timedelta(minutes=wait)
    pause = (begin, begin + timedelta(minutes=length))
    assert start <= due(start, zone, duration, rule, ()) <= due(start, zone, duration, rule, (pause,))


@settings(max_examples=300)
@for_all(MOMENTS, ZONES, durations, counted_by)
def test_a_longer_time_never_ends_earlier_and_a_roll_ends_on_a_working_day(
    start: datetime, zone: str, duration: Duration, rule: Counting
) -> None:
    end = due(start, zone, duration, rule, ())
    assert end <= due(start, zone, replace(duration, amount=duration.amount + 1), rule, ())
    if duration.unit is not DurationUnit.HOURS and rule.roll is Roll.NEXT and rule.ends is Ends.END_OF_DAY:
        from_there = due(end, zone, Duration(1, DurationUnit.DAYS), rule, ())
        assert from_there > end
