"""Rule profiles: which one a case is under, what a profile may not say, and what guards get when there is none."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain import deadlines as law
from domain.catalogue import discover
from domain.contradictions import contradictions, overlaps
from domain.deadlines import select
from domain.dossier import rules as no
from domain.dossier.acts import MoveToProfile, ProfileChanged
from domain.history import effective, fold
from domain.kernel import NO_REASON, Refused
from domain.kinds.detention import KIND
from domain.limits import limit_end
from domain.profiles import (
    Again,
    Clock,
    Condition,
    Counting,
    Duration,
    DurationUnit,
    Ends,
    Extension,
    Fact,
    IncompleteProfile,
    Law,
    OnExpiry,
    Profile,
    Roll,
    Trigger,
    Window,
)
from tests.domain.test_detention import APPREHENDED, ARRIVED, AUTHORIZED, HELD_BY_COURT
from tests.profiles import LAW, NEUTRAL
from tests.scenario import DAY, NOON, context, given, refused, said, then

CATALOGUE = discover()
CTL = "gb-eaw-custody-time-limits"
OLD, NEW = LAW.installed["gb-eaw-ctl@1"], LAW.installed["gb-eaw-ctl@2"]
HISTORY = given(APPREHENDED, ARRIVED)
MOVE = MoveToProfile(
    **said(NOON + DAY, reason="The court applied it"), profile=OLD.name, legal_basis=CTL, selected_on=date(2020, 9, 25)
)


# --- Selection ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2020, 9, 27), OLD.name), (date(2020, 9, 28), NEW.name), (date(2021, 6, 27), NEW.name),
        (date(2021, 6, 28), OLD.name),
    ],
)  # fmt: skip
def test_the_legal_basis_and_the_date_of_the_transitional_rule_select(day: date, name: str) -> None:
    assert select(LAW.installed.values(), CTL, day).name == name


def test_a_newer_profile_takes_nothing_from_an_older_date() -> None:
    alone = [p for p in LAW.installed.values() if p.name != NEW.name]
    assert select(alone, CTL, date(2020, 9, 25)) is select(LAW.installed.values(), CTL, date(2020, 9, 25))


@pytest.mark.parametrize(("basis", "day"), [("nowhere", date(2026, 1, 1)), (CTL, date(2018, 12, 31)), (CTL, date(2031, 1, 1))])
def test_an_unknown_legal_basis_or_date_is_refused(basis: str, day: date) -> None:
    with pytest.raises(Refused) as caught:
        select(LAW.installed.values(), basis, day)
    assert caught.value.refusal is law.UNKNOWN_LEGAL_BASIS


def test_two_profiles_for_one_basis_and_date_are_refused() -> None:
    with pytest.raises(Refused) as caught:
        select([OLD, replace(OLD, id="another")], CTL, date(2026, 1, 1))
    assert caught.value.refusal is law.AMBIGUOUS_PROFILE


# --- Moving a case --------------------------------------------------------------------------------------------------


def test_a_case_is_moved_to_the_profile_that_is_selected_and_stays_under_it() -> None:
    changed = ProfileChanged(
        **said(NOON + DAY, reason="The court applied it"), profile=OLD.name, legal_basis=CTL, selected_on=date(2020, 9, 25)
    )
    then(KIND, HISTORY, MOVE, changed)
    after = fold(KIND, CATALOGUE.shared, effective(given(APPREHENDED, ARRIVED, changed)))
    assert after.dossier.profile == OLD.name
    refused(KIND, given(APPREHENDED, ARRIVED, changed), MOVE, no.UNCHANGED)


def test_only_supervisors_move_a_case_and_for_a_reason() -> None:
    assert MoveToProfile.by.roles == {"supervisor"}
    refused(KIND, HISTORY, replace(MOVE, reason=None), NO_REASON)


def test_a_case_is_under_the_default_until_it_is_moved() -> None:
    refused(KIND, HISTORY, replace(MOVE, profile="default-neutral@1", legal_basis="neutral"), no.UNCHANGED)


def test_a_case_is_not_moved_to_what_is_not_installed_not_verified_or_not_selected() -> None:
    refused(KIND, HISTORY, replace(MOVE, profile="gb-eaw-ctl@3"), law.PROFILE_NOT_INSTALLED)
    refused(KIND, HISTORY, MOVE, no.PROFILE_UNVERIFIED, replace(context(), law=replace(LAW, unverified_allowed=False)))
    refused(KIND, HISTORY, replace(MOVE, profile=NEW.name), no.PROFILE_NOT_SELECTED)
    refused(KIND, HISTORY, replace(MOVE, legal_basis="nowhere"), law.UNKNOWN_LEGAL_BASIS)


def test_a_verified_profile_and_the_defaults_are_always_permitted() -> None:
    strict = Law({})
    assert strict.permits(NEUTRAL)
    assert strict.permits(replace(OLD, verified=True))
    assert not strict.permits(OLD)


def test_a_limit_of_a_profile_that_is_not_installed_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        limit_end(replace(context(), profile=None), "executive", NOON, "UTC")
    assert caught.value.refusal is law.PROFILE_NOT_INSTALLED


# --- What a profile may not say -----------------------------------------------------------------------------------


def test_the_shipped_profiles_hold_together() -> None:
    assert [fault for each in LAW.installed.values() for fault in contradictions(each, CATALOGUE)] == []
    assert overlaps(LAW.installed.values()) == []


def test_a_profile_without_a_limit_that_guards_ask_for_is_none() -> None:
    with pytest.raises(IncompleteProfile, match="remand_total"):
        replace(NEUTRAL, clocks=tuple(c for c in NEUTRAL.clocks if c.limit != "remand_total"))
    endless = [replace(c, duration=None, stated_by="until") if c.limit == "remand_total" else c for c in NEUTRAL.clocks]
    with pytest.raises(IncompleteProfile, match="remand_total"):
        replace(NEUTRAL, clocks=tuple(endless))


GOOD = Clock(
    id="sample", starts_on=(Trigger("detention.authorized"),), stops_on=(Trigger("detention.person_released"),),
    duration=Duration(10, DurationUnit.DAYS), counting=Counting(first_day_counts=False, ends=Ends.SAME_TIME),
    warn_before=(Duration(1, DurationUnit.DAYS),), on_expiry=OnExpiry.ALARM, legal_ref="sample", again=Again.RESTARTS,
)  # fmt: skip
HELD = Trigger("detention.judicial_decision_recorded", "outcome", "hold")
EXTENSION = Extension(
    on=(Trigger("detention.extended"),), until="until", max_each=Duration(5, DurationUnit.DAYS),
    max_total=Duration(20, DurationUnit.DAYS), by_role="senior",
)  # fmt: skip
CALENDAR = next(c.counting.calendar for c in OLD.clocks if c.counting and c.counting.calendar)
ROLLS = Counting(first_day_counts=False, ends=Ends.END_OF_DAY, roll=Roll.NEXT)

FAULTS: dict[str, tuple[Callable[[Clock], Clock], str]] = {
    "a start that no kind has": (
        lambda c: replace(c, starts_on=(Trigger("detention.arrested"),)), "starts_on: no kind of case has the event",
    ),
    "a stop that no kind has": (lambda c: replace(c, stops_on=(Trigger("x.y"),)), "stops_on: no kind of case has"),
    "a field the event has not": (lambda c: replace(c, stops_on=(replace(HELD, field="result"),)), "has no field result"),
    "a value the field never has": (lambda c: replace(c, stops_on=(replace(HELD, equals="stay"),)), "never has outcome = stay"),
    "a stop that is a start": (
        lambda c: replace(c, stops_on=c.starts_on), "stops_on: detention.authorized is also in starts_on",
    ),
    "a pause without an end": (lambda c: replace(c, pauses_on=(HELD,)), "pauses_on and resumes_on come together"),
    "no end at all": (lambda c: replace(c, duration=None, counting=None), "neither a duration nor a field"),
    "a stated end that is no moment": (lambda c: replace(c, stated_by="grounds"), "grounds is no moment"),
    "a stated end that is no field": (lambda c: replace(c, stated_by="limit"), "stated_by: detention.authorized has no field"),
    "runs told apart by no field": (lambda c: replace(c, per="claim"), "per: detention.authorized has no field claim"),
    "days that nobody says how to count": (lambda c: replace(c, counting=None), "say how they are counted"),
    "hours that are counted": (lambda c: replace(c, duration=Duration(9, DurationUnit.HOURS)), "hours are absolute"),
    "a roll without a calendar": (lambda c: replace(c, counting=ROLLS), "working days need a calendar"),
    "a calendar that nothing asks for": (
        lambda c: replace(c, counting=replace(ROLLS, roll=Roll.NONE, calendar=CALENDAR)), "nothing asks for it",
    ),
    "a calendar that ends before the profile": (lambda c: replace(c, counting=replace(ROLLS, calendar=CALENDAR)), "does not"),
    "a first day of a time that has none": (
        lambda c: replace(c, counting=Counting(first_day_counts=True, ends=Ends.SAME_TIME)), "has no first day",
    ),
    "a warning beyond the duration": (
        lambda c: replace(c, warn_before=(Duration(10, DurationUnit.DAYS),)), "warn_before: a warning lies beyond",
    ),
    "a warning in months": (
        lambda c: replace(c, warn_before=(Duration(1, DurationUnit.MONTHS),)), "warn_before: hours or days",
    ),
    "an extension total below its each": (
        lambda c: replace(c, extension=replace(EXTENSION, max_each=Duration(21, DurationUnit.DAYS))), "below max_each",
    ),
    "an extension that adds nothing": (
        lambda c: replace(c, extension=replace(EXTENSION, max_total=Duration(10, DurationUnit.DAYS))), "adds nothing",
    ),
    "an extension counted otherwise": (
        lambda c: replace(c, extension=replace(EXTENSION, max_total=Duration(900, DurationUnit.HOURS))),
        "counted as the duration",
    ),
    "an extension to no moment": (lambda c: replace(c, extension=replace(EXTENSION, until="grounds")), "grounds is no moment"),
    "a condition on a word nobody has": (
        lambda c: replace(c, applies_if=(Condition(Fact.MINOR, ("maybe",)),)), "minor is one of",
    ),
    "a condition on no date": (lambda c: replace(c, applies_if=(Condition(Fact.SELECTED_ON, ("x",)),)), "asked for dates"),
    "a condition on no value": (lambda c: replace(c, applies_if=(Condition(Fact.MINOR),)), "asked for values"),
    "a limit that no guard asks for": (lambda c: replace(c, limit="patience"), "no guard asks for patience"),
}  # fmt: skip


def profile(*clocks: Clock) -> Profile:
    """The default profile with more clocks."""
    return replace(NEUTRAL, clocks=(*NEUTRAL.clocks, *clocks))


def test_a_good_clock_is_found_good() -> None:
    assert contradictions(profile(GOOD, replace(GOOD, id="extended", extension=EXTENSION)), CATALOGUE) == []


@pytest.mark.parametrize("name", FAULTS)
def test_each_contradiction_is_found_and_named(name: str) -> None:
    change, said_of_it = FAULTS[name]
    found = contradictions(profile(change(GOOD)), CATALOGUE)
    assert found
    assert all(fault.startswith("clock sample: ") for fault in found)
    assert any(said_of_it in fault for fault in found), found


def test_what_is_there_twice_is_found() -> None:
    assert contradictions(profile(GOOD, GOOD), CATALOGUE) == ["clock sample: there twice"]
    again = replace(GOOD, limit="executive")
    assert contradictions(profile(again), CATALOGUE) == ["limit executive: two clocks carry it"]


@pytest.mark.parametrize(("lesser", "greater"), [("executive", "executive_with_senior"), ("remand_order", "remand_total")])
def test_a_lesser_authority_that_holds_longer_is_found(lesser: str, greater: str) -> None:
    """An officer's authority beyond the judge's, an order beyond the total: no guard could keep to both."""
    long = {"executive": Duration(37, DurationUnit.HOURS), "remand_order": Duration(181, DurationUnit.DAYS)}[lesser]
    clocks = tuple(replace(c, duration=long, extension=None) if c.limit == lesser else c for c in NEUTRAL.clocks)
    assert contradictions(replace(NEUTRAL, clocks=clocks), CATALOGUE) == [f"limit {lesser}: beyond the limit {greater}"]


def test_a_window_and_a_calendar_fit_together() -> None:
    within = replace(GOOD, counting=replace(ROLLS, calendar=CALENDAR))
    window = Window(date(2020, 1, 1), date(2032, 12, 1))
    bounded = replace(profile(within), window=window)
    assert contradictions(bounded, CATALOGUE) == []
    too_late = replace(bounded, window=Window(date(2020, 1, 1), date(2032, 12, 25)))
    assert any("does not cover" in fault for fault in contradictions(too_late, CATALOGUE))
    too_early = replace(bounded, window=Window(date(2018, 1, 1), date(2030, 1, 1)))
    assert any("does not cover" in fault for fault in contradictions(too_early, CATALOGUE))
    working = replace(
        within, counting=replace(ROLLS, roll=Roll.NONE, calendar=CALENDAR), duration=Duration(9, DurationUnit.WORKING_DAYS)
    )
    assert contradictions(replace(profile(working), window=window), CATALOGUE) == []
    backwards = replace(NEUTRAL, window=Window(date(2020, 1, 1), date(2020, 1, 1)))
    assert contradictions(backwards, CATALOGUE) == ["window: ends before it begins"]


def test_selections_that_overlap_are_found_unless_one_supersedes_the_other() -> None:
    assert overlaps([OLD, NEW]) == []
    (found,) = overlaps([OLD, replace(NEW, supersedes=None)])
    assert "gb-eaw-ctl@1 and gb-eaw-ctl@2" in found
    assert overlaps([OLD, replace(OLD, version=3, window=Window(date(2031, 1, 1)))]) == []


@pytest.mark.parametrize("superseded", ["gb-eaw-ctl@9", "gb-eaw-ctl@2", "default-neutral@1"])
def test_only_an_earlier_version_is_superseded(superseded: str) -> None:
    other: Any = replace(NEW, supersedes=superseded, legal_bases=frozenset({"other"}))
    assert any("no earlier version" in fault for fault in overlaps([NEUTRAL, OLD, other]))


def test_the_held_event_of_the_samples_exists() -> None:
    assert HELD.event == HELD_BY_COURT.type
    assert AUTHORIZED.type == GOOD.starts_on[0].event
