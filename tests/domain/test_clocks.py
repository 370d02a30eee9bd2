"""Clocks over cases: when each is due, and why; what an imprecise time does; what moves a deadline and what never does."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.calendars import BeyondCalendar, WorkingDays
from domain.clocks import Deadline, Doubt, Facts, Status, Uncertain, deadlines, facts_of, status
from domain.counting import due
from domain.dossier.acts import PersonDescribed, ProfileChanged
from domain.history import effective
from domain.kernel import Entry, EntryCorrected, Event
from domain.kinds.detention import acts
from domain.kinds.detention.acts import JudicialOutcome
from domain.kinds.seizure.claim_acts import ClaimDecided, ClaimLodged, ClaimOutcome
from domain.profiles import Clock, Counting, Duration, DurationUnit, Ends, OnExpiry, Profile, Roll
from domain.values import Answer, CorrectionReason, Precision, When, at
from tests.domain.test_detention import APPREHENDED, ARRIVED, AUTHORIZED, HELD_BY_COURT, MID_APRIL, RELEASED, SENIOR
from tests.profiles import LAW, NEUTRAL
from tests.scenario import DAY, HOUR, NOON, OTHER_PERSON, PERSON, given, said

LONDON = ZoneInfo("Europe/London")
OLD_CTL, NEW_CTL = LAW.installed["gb-eaw-ctl@1"], LAW.installed["gb-eaw-ctl@2"]
PACE = LAW.installed["gb-eaw-pace@1"]
MINUTE = timedelta(minutes=1)


def every(profile: Profile, *events: Event) -> tuple[Deadline, ...]:
    """The deadlines of a case with these events."""
    return deadlines(profile, effective(given(*events)))


def only(clock: str, profile: Profile, *events: Event) -> Deadline:
    """The one deadline of a clock."""
    (found,) = [d for d in every(profile, *events) if d.clock == clock]
    return found


def event(cls: type[Event], moment: datetime, **more: Any) -> Any:
    """An event at a moment, known to the second."""
    return cls(**said(moment), **more)


def described(minor: Answer = Answer.NO, foreign: Answer = Answer.NO, party: Any = PERSON) -> PersonDescribed:
    """Who the person is, as far as duties depend on it."""
    personal = dict.fromkeys(("name", "birth_date", "age", "occupation", "nationality", "documents", "health"))
    return event(PersonDescribed, NOON + MINUTE, party=party, minor=minor, foreign_national=foreign, **personal)  # type: ignore[no-any-return]


def moved(profile: str, day: date) -> ProfileChanged:
    """The case came under another profile."""
    basis = LAW.installed[profile].legal_bases
    return event(ProfileChanged, NOON + HOUR, profile=profile, legal_basis=min(basis), selected_on=day)  # type: ignore[no-any-return]


def remanded(moment: datetime, zone: str = "Europe/London") -> Event:
    """A court ordered a hold."""
    held: Event = replace(HELD_BY_COURT, when=at(moment, zone))
    return held


# --- The table of default-neutral@1 -----------------------------------------------------------------------------


def test_an_apprehension_starts_the_clocks_of_a_hold() -> None:
    found = {d.clock: d.due for d in every(NEUTRAL, APPREHENDED)}
    assert found == {
        "custody-record-complete": NOON + 3 * HOUR,
        "rights-explained": NOON + 3 * HOUR, "consular-right-explained": NOON + 3 * HOUR,
        "third-person-told": NOON + 12 * HOUR, "executive-limit": NOON + 24 * HOUR,
        "executive-limit-senior": NOON + 36 * HOUR, "limit-without-judge": NOON + 48 * HOUR,
    }  # fmt: skip


def test_a_deadline_names_its_rule_and_the_entry_that_set_it() -> None:
    found = only("first-review", NEUTRAL, APPREHENDED, AUTHORIZED)
    assert (found.started_by, found.set_by, found.start) == (2, 2, AUTHORIZED.when.earliest)
    assert found.legal_ref == "default-neutral@1, first review by an independent officer"
    assert found.on_expiry is OnExpiry.OBLIGATION
    assert found.due is not None
    assert found.warnings == (found.due - HOUR,)


def test_a_release_stops_every_clock_of_the_hold_and_in_time_is_not_missed() -> None:
    ended = replace(RELEASED, when=at(NOON + 2 * HOUR))
    found = every(NEUTRAL, APPREHENDED, ended)
    assert {d.stopped_by for d in found} == {2}
    assert {d.missed for d in found} == {Answer.NO}
    assert {status(d, NOON + HOUR) for d in found} == {Status.RUNNING}
    assert {status(d, NOON + 200 * DAY) for d in found} == {Status.STOPPED}


def test_what_comes_too_late_stops_an_expired_clock() -> None:
    found = only("executive-limit", NEUTRAL, APPREHENDED, replace(RELEASED, when=at(NOON + 30 * HOUR)))
    assert [status(found, NOON + n * HOUR) for n in (-1, 0, 23, 24, 29, 31)] == [
        Status.PENDING, Status.RUNNING, Status.RUNNING, Status.EXPIRED, Status.EXPIRED, Status.STOPPED,
    ]  # fmt: skip
    assert found.missed is Answer.YES


def test_whether_an_imprecise_end_came_in_time_stays_open() -> None:
    some_time = When(NOON + 20 * HOUR, NOON + 30 * HOUR, Precision.RANGE)
    assert only("executive-limit", NEUTRAL, APPREHENDED, replace(RELEASED, when=some_time)).missed is Answer.UNKNOWN


def test_reviews_follow_one_another() -> None:
    first = event(
        acts.DetentionReviewed, NOON + 6 * HOUR, outcome=acts.ReviewOutcome.CONTINUE, grounds="G", representations=None
    )
    second = replace(first, when=at(NOON + 14 * HOUR))
    found = [d for d in every(NEUTRAL, APPREHENDED, AUTHORIZED, first, second) if "review" in d.clock]
    assert [(d.clock, d.due, d.stopped_by) for d in found] == [
        ("first-review", NOON + 7 * HOUR, 3), ("later-reviews", NOON + 15 * HOUR, 4), ("later-reviews", NOON + 23 * HOUR, None),
    ]  # fmt: skip


def test_a_decision_that_states_its_end_fixes_the_deadline() -> None:
    found = only("authority-to-hold", NEUTRAL, APPREHENDED, AUTHORIZED)
    assert found.due == AUTHORIZED.until
    runs = [d for d in every(NEUTRAL, APPREHENDED, AUTHORIZED, HELD_BY_COURT) if d.clock == "authority-to-hold"]
    assert [(d.due, d.stopped_by) for d in runs] == [(AUTHORIZED.until, 3), (HELD_BY_COURT.until, None)]


def test_each_claim_has_a_clock_of_its_own() -> None:
    lodged = [
        event(ClaimLodged, NOON + n * DAY, claim=f"C-{n}", claimant=PERSON, grounds="G", lines=("1",), late=False)
        for n in (1, 2)
    ]
    decided = event(ClaimDecided, NOON + 3 * DAY, claim="C-1", outcome=ClaimOutcome.UPHELD, upheld=("1",))
    found = {d.run: d for d in every(NEUTRAL, *lodged, decided) if d.clock == "claim-decision"}
    assert (found["C-1"].stopped_by, found["C-2"].stopped_by) == (3, None)
    assert found["C-2"].due == NOON + 32 * DAY


# --- Facts ----------------------------------------------------------------------------------------------------


def test_the_consular_clock_is_none_of_a_national_and_one_of_somebody_unknown() -> None:
    foreign = {
        answer: "consular-right-explained" in {d.clock for d in every(NEUTRAL, APPREHENDED, described(foreign=answer))}
        for answer in Answer
    }
    assert foreign == {Answer.YES: True, Answer.UNKNOWN: True, Answer.NO: False}


def test_facts_are_those_of_the_person_the_case_is_about_and_of_the_last_move() -> None:
    day = date(2020, 10, 5)
    events = (APPREHENDED, described(Answer.YES), described(Answer.NO, party=OTHER_PERSON), moved("gb-eaw-ctl@2", day))
    assert facts_of(given(*events)) == Facts("gb-eaw-custody-time-limits", day, Answer.YES, Answer.NO)


def test_a_condition_on_a_date_nobody_stated_sets_no_date() -> None:
    found = only("remand-total-under-18", NEW_CTL, APPREHENDED, remanded(NOON + DAY))
    assert (found.due, found.uncertain) == (None, Uncertain(2, Doubt.FACT_MISSING))


# --- Imprecise times, late entries, corrections ---------------------------------------------------------------------


def test_no_date_is_computed_from_an_imprecise_time() -> None:
    found = only("executive-limit", NEUTRAL, replace(APPREHENDED, when=MID_APRIL))
    assert (found.start, found.due, found.warnings) == (None, None, ())
    assert found.uncertain == Uncertain(1, Doubt.IMPRECISE_TIME)
    assert status(found, NOON + 1000 * DAY) is Status.UNCERTAIN


def test_an_imprecise_pause_leaves_no_date_either_unless_it_comes_after_the_end() -> None:
    paused = event(acts.ClockPaused, NOON, cause=acts.PauseCause.HOSPITAL)
    some_day = When(NOON + 2 * HOUR, NOON + 20 * HOUR, Precision.DAY)
    found = only("relevant-time", PACE, APPREHENDED, ARRIVED, replace(paused, when=some_day))
    assert found.uncertain == Uncertain(3, Doubt.IMPRECISE_TIME)
    later = When(NOON + 40 * HOUR, NOON + 50 * HOUR, Precision.DAY)
    assert only("relevant-time", PACE, APPREHENDED, ARRIVED, replace(paused, when=later)).uncertain is None


def test_a_corrected_time_moves_the_clocks_that_hang_on_it() -> None:
    history = given(APPREHENDED, AUTHORIZED)
    earlier = replace(APPREHENDED, when=at(NOON - 2 * HOUR))
    stated = said(NOON + 5 * HOUR, reason="Watch was wrong")
    corrected = EntryCorrected(**stated, target=1, why=CorrectionReason.WRONG_TIME, restated=earlier)
    after = effective([*history, Entry(3, NOON + 5 * HOUR, corrected)])
    found = {d.clock: d.due for d in deadlines(NEUTRAL, after)}
    assert found["executive-limit"] == NOON + 22 * HOUR
    assert found["first-review"] == NOON + 7 * HOUR


def test_a_late_entry_counts_from_when_it_happened() -> None:
    late = Entry(3, NOON + 40 * HOUR, ARRIVED)
    history = effective([*given(APPREHENDED, replace(AUTHORIZED, when=at(NOON + 2 * HOUR))), late])
    (found,) = [d for d in deadlines(PACE, history) if d.clock == "relevant-time"]
    assert (found.due, found.set_by) == (ARRIVED.when.earliest + 24 * HOUR, 3)


# --- Pauses and extensions ----------------------------------------------------------------------------------------


def pause(begin: datetime, end: datetime | None = None) -> list[Event]:
    """The clock paused in hospital, and resumed."""
    paused = event(acts.ClockPaused, begin, cause=acts.PauseCause.HOSPITAL)
    return [paused] if end is None else [paused, event(acts.ClockResumed, end)]


ARRIVED_AT = ARRIVED.when.earliest or NOON
IN_CUSTODY = (APPREHENDED, ARRIVED)


def test_a_pause_moves_the_end_by_its_length() -> None:
    found = only("relevant-time", PACE, *IN_CUSTODY, *pause(NOON + 3 * HOUR, NOON + 5 * HOUR))
    assert (found.due, found.set_by) == (ARRIVED_AT + 26 * HOUR, 4)


def test_a_paused_clock_says_since_when_and_the_earliest_end() -> None:
    found = only("relevant-time", PACE, *IN_CUSTODY, *pause(NOON + 3 * HOUR))
    assert (found.due, found.paused_since) == (ARRIVED_AT + 24 * HOUR, NOON + 3 * HOUR)
    assert [status(found, NOON + n * HOUR) for n in (2, 3, 90)] == [Status.RUNNING, Status.PAUSED, Status.PAUSED]


def test_nothing_pauses_a_clock_that_has_run_out() -> None:
    found = only("relevant-time", PACE, *IN_CUSTODY, *pause(ARRIVED_AT + 24 * HOUR))
    assert (found.paused_since, status(found, NOON + 90 * HOUR)) == (None, Status.EXPIRED)


def extension(decided: datetime, until: datetime) -> Event:
    """A senior officer extended the hold."""
    return replace(event(acts.DetentionExtended, decided, grounds="G", diligence="D", until=until), authority=SENIOR)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("decided", "until", "expected"),
    [
        (20, 30, 30), (20, 36, 36), (20, 50, 36), (20, 22, 24), (25, 36, 24),
    ],
    ids=["in between", "to the maximum", "never beyond the maximum", "never shorter", "never after the end"],
)  # fmt: skip
def test_an_extension_stays_within_the_profile(decided: int, until: int, expected: int) -> None:
    found = only("executive-limit", NEUTRAL, APPREHENDED, AUTHORIZED, extension(NOON + decided * HOUR, NOON + until * HOUR))
    assert found.due == NOON + expected * HOUR
    assert found.set_by == (3 if expected > 24 else 1)


# --- AS11: a law that changes ----------------------------------------------------------------------------------------


def ctl(profile: Profile, custody: datetime, minor: Answer = Answer.NO) -> tuple[str, datetime | None]:
    """The custody time limit of somebody first held by a court at a moment, as the clock and its due time."""
    opening = replace(APPREHENDED, when=at(custody - DAY, "Europe/London"))
    move = replace(moved(profile.name, custody.date()), when=at(custody + HOUR, "Europe/London"))
    person = replace(described(minor), when=at(custody - HOUR, "Europe/London"))
    found = [d for d in every(profile, opening, person, remanded(custody), move) if d.clock.startswith("remand-total")]
    (one,) = found
    return one.clock, one.due


def midnight_after(year: int, month: int, day: int) -> datetime:
    """The end of a day in London, in UTC."""
    return datetime.combine(date(year, month, day), time(), LONDON).astimezone(UTC) + DAY


BEFORE = datetime(2020, 9, 25, 10, tzinfo=UTC)
WITHIN = datetime(2020, 10, 5, 10, tzinfo=UTC)


def test_as11_old_custody_keeps_182_days_and_custody_in_the_window_gets_238() -> None:
    # 182 days after 25 September 2020 is Friday 26 March 2021; 238 after 5 October is Monday 31 May, a bank holiday.
    assert ctl(OLD_CTL, BEFORE) == ("remand-total", midnight_after(2021, 3, 26))
    assert ctl(NEW_CTL, WITHIN) == ("remand-total", midnight_after(2021, 5, 28))


def test_as11_an_old_case_is_recomputed_unchanged_after_the_newer_profile_is_loaded() -> None:
    assert ctl(LAW.installed["gb-eaw-ctl@1"], WITHIN) == ("remand-total", midnight_after(2021, 4, 1))


@pytest.mark.parametrize(
    ("custody", "minor", "clock", "day"),
    [
        (datetime(2021, 2, 18, 10, tzinfo=UTC), Answer.YES, "remand-total-before-exclusion", (2021, 10, 14)),
        (datetime(2021, 2, 19, 10, tzinfo=UTC), Answer.YES, "remand-total-under-18", (2021, 8, 20)),
        (datetime(2021, 2, 19, 10, tzinfo=UTC), Answer.UNKNOWN, "remand-total-under-18", (2021, 8, 20)),
        (datetime(2021, 2, 19, 10, tzinfo=UTC), Answer.NO, "remand-total", (2021, 10, 15)),
    ],
)
def test_as11_persons_under_18_are_excluded_from_their_date_on(
    custody: datetime, minor: Answer, clock: str, day: tuple[int, int, int]
) -> None:
    assert ctl(NEW_CTL, custody, minor) == (clock, midnight_after(*day))


def test_as11_bail_interrupts_the_limit() -> None:
    bail = replace(HELD_BY_COURT, outcome=JudicialOutcome.MEASURE, when=at(BEFORE + 10 * DAY, "Europe/London"), until=None)
    again = remanded(BEFORE + 20 * DAY)
    opening = replace(APPREHENDED, when=at(BEFORE - DAY, "Europe/London"))
    found = only("remand-total", OLD_CTL, opening, remanded(BEFORE), bail, again)
    # Ten days later would be 5 April 2021, Easter Monday: it rolls back over Easter to Thursday.
    assert found.due == midnight_after(2021, 4, 1)


# --- Counting days ----------------------------------------------------------------------------------------------------

WEEK = WorkingDays(
    "sample@1", "sample", date(2026, 1, 1), date(2027, 12, 31), frozenset({6, 7}), frozenset({date(2026, 3, 9)})
)  # fmt: skip
TEHRAN, BERLIN = "Asia/Tehran", "Europe/Berlin"


def counted(
    start: datetime, amount: int, unit: DurationUnit, *, first: bool = False, ends: Ends = Ends.END_OF_DAY,
    roll: Roll = Roll.NONE, zone: str = "UTC",
) -> datetime:  # fmt: skip
    """When a time ends, without pauses."""
    return due(start, zone, Duration(amount, unit), Counting(first, ends, roll, WEEK), ())


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        ((2026, 1, 31), 1, (2026, 2, 28)), ((2028, 1, 31), 1, (2028, 2, 29)), ((2026, 12, 31), 2, (2027, 2, 28)),
        ((2026, 2, 28), 1, (2026, 3, 28)), ((2026, 11, 30), 12, (2027, 11, 30)),
    ],
)  # fmt: skip
def test_months_end_with_the_month(start: tuple[int, int, int], months: int, expected: tuple[int, int, int]) -> None:
    begun = datetime.combine(date(*start), time(12), UTC)
    assert counted(begun, months, DurationUnit.MONTHS) == datetime.combine(date(*expected), time(), UTC) + DAY


def test_the_first_day_counts_or_not() -> None:
    assert counted(NOON, 10, DurationUnit.DAYS) == datetime(2026, 3, 13, tzinfo=UTC)
    assert counted(NOON, 10, DurationUnit.DAYS, first=True) == datetime(2026, 3, 12, tzinfo=UTC)
    assert counted(NOON, 1, DurationUnit.MONTHS, first=True) == datetime(2026, 4, 2, tzinfo=UTC)


def test_an_end_rolls_to_a_working_day_over_weekend_and_holiday() -> None:
    # Saturday 7 March 2026; Monday the 9th is a holiday in the sample.
    assert counted(NOON, 5, DurationUnit.DAYS, roll=Roll.NEXT) == datetime(2026, 3, 11, tzinfo=UTC)
    assert counted(NOON, 5, DurationUnit.DAYS, roll=Roll.PREVIOUS) == datetime(2026, 3, 7, tzinfo=UTC)
    assert counted(datetime(2026, 3, 7, 9, tzinfo=UTC), 1, DurationUnit.DAYS, roll=Roll.PREVIOUS) == datetime(
        2026, 3, 8, tzinfo=UTC
    )


def test_working_days_leave_out_weekend_and_holiday() -> None:
    assert counted(NOON, 5, DurationUnit.WORKING_DAYS) == datetime(2026, 3, 11, tzinfo=UTC)
    assert counted(NOON, 5, DurationUnit.WORKING_DAYS, first=True) == datetime(2026, 3, 7, tzinfo=UTC)


def test_days_are_those_of_the_place_and_hours_are_absolute() -> None:
    before_change = datetime(2026, 3, 28, 12, tzinfo=ZoneInfo(BERLIN)).astimezone(UTC)
    same_time = counted(before_change, 1, DurationUnit.DAYS, ends=Ends.SAME_TIME, zone=BERLIN)
    assert same_time - before_change == 23 * HOUR
    assert due(before_change, BERLIN, Duration(24, DurationUnit.HOURS), None, ()) - before_change == 24 * HOUR
    late_evening = datetime(2026, 3, 2, 21, tzinfo=UTC)  # half past midnight of the 3rd in Tehran
    assert counted(late_evening, 1, DurationUnit.DAYS, zone=TEHRAN) == datetime(2026, 3, 4, 20, 30, tzinfo=UTC)


def test_a_calendar_that_ends_sets_no_date() -> None:
    with pytest.raises(BeyondCalendar):
        counted(NOON, 1000, DurationUnit.DAYS, roll=Roll.NEXT)
    held = replace(APPREHENDED, when=at(datetime(2032, 11, 1, tzinfo=UTC)))
    found = only("remand-total", OLD_CTL, held, remanded(datetime(2032, 11, 2, tzinfo=UTC)))
    assert found.uncertain == Uncertain(2, Doubt.BEYOND_CALENDAR)


def test_a_clock_that_only_a_stated_end_fixes_does_not_run_without_one() -> None:
    clock = Clock(
        id="stated", starts_on=NEUTRAL.clocks[7].starts_on, legal_ref="sample", on_expiry=OnExpiry.ALARM, stated_by="until"
    )
    profile = replace_clocks(NEUTRAL, clock)
    assert [d for d in every(profile, APPREHENDED, replace(HELD_BY_COURT, until=None)) if d.clock == "stated"] == []


def replace_clocks(profile: Profile, *more: Clock) -> Profile:
    """A profile with more clocks."""
    return replace(profile, clocks=(*profile.clocks, *more))
