"""What a profile may not say: clocks that no event starts, figures that contradict each other, demands nobody can meet.

Each finding is one sentence that names the clock or the command, and the key. A profile with a finding is not installed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from enum import EnumType
from itertools import combinations
from types import UnionType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from domain.calendars import BeyondCalendar, WorkingDays
from domain.catalogue import Catalogue
from domain.kernel import BY_THE_SYSTEM, Command, Event, Opening, Statement
from domain.profiles import LIMIT_NAMES, Clock, Demand, Duration, DurationUnit, Ends, Fact, Profile, Roll, Trigger, Triggers
from domain.values import Answer, Moment

Events = Mapping[str, type[Event]]

LONGEST = {
    DurationUnit.HOURS: timedelta(hours=1),
    DurationUnit.DAYS: timedelta(days=1),
    DurationUnit.MONTHS: timedelta(days=31),
    DurationUnit.WORKING_DAYS: timedelta(days=7),
}
"""The longest a unit may take, for comparing durations; a week of holidays holds no working day and is checked by dates."""


def longest(duration: Duration) -> timedelta:
    """The longest a duration may take."""
    return duration.amount * LONGEST[duration.unit]


# --- Events ---------------------------------------------------------------------------------------------------


def field_types(event: type[Statement], name: str) -> tuple[Any, ...]:
    """The types a field of an event or a command may have, null left out; empty if there is no such field."""
    if name not in {f.name for f in fields(event)}:
        return ()
    hint = get_type_hints(event, include_extras=True)[name]
    options = get_args(hint) if isinstance(hint, UnionType) or "Union" in type(hint).__name__ else (hint,)
    return tuple(option for option in options if option is not type(None))


def values_of(hint: Any) -> frozenset[str] | None:
    """The texts a field may have, None where they cannot be listed."""
    if hint is bool:
        return frozenset({"true", "false"})
    if not isinstance(hint, EnumType):
        return None
    members: Iterable[object] = hint
    return frozenset(str(member) for member in members)


def trigger_faults(trigger: Trigger, events: Events) -> Iterator[str]:
    """What is wrong with one event a clock names."""
    event = events.get(trigger.event)
    if event is None:
        yield f"no kind of case has the event {trigger.event}"
        return
    if trigger.field is None:
        return
    types = field_types(event, trigger.field)
    if not types:
        yield f"{trigger.event} has no field {trigger.field}"
    known = [values for hint in types if (values := values_of(hint)) is not None]
    if known and trigger.equals not in frozenset[str]().union(*known):
        yield f"{trigger.event} never has {trigger.field} = {trigger.equals}"


def named(clock: Clock) -> Mapping[str, Triggers]:
    """The events a clock names, by key."""
    extension = clock.extension.on if clock.extension else ()
    return {
        "starts_on": clock.starts_on, "stops_on": clock.stops_on, "pauses_on": clock.pauses_on,
        "resumes_on": clock.resumes_on, "extension.on": extension,
    }  # fmt: skip


def meet(first: Trigger, second: Trigger) -> bool:
    """Whether one event may be both: same event, and no field that tells them apart."""
    apart = first.field is not None and first.field == second.field and first.equals != second.equals
    return first.event == second.event and not apart


def event_faults(clock: Clock, events: Events) -> Iterator[str]:
    """What is wrong with the events of a clock, and what cannot be both."""
    for key, triggers in named(clock).items():
        yield from (f"{key}: {fault}" for trigger in triggers for fault in trigger_faults(trigger, events))
    for one, other in (("stops_on", "starts_on"), ("pauses_on", "resumes_on"), ("stops_on", "pauses_on")):
        both = {a.event for a in named(clock)[one] for b in named(clock)[other] if meet(a, b)}
        yield from (f"{one}: {event} is also in {other}" for event in sorted(both))
    if bool(clock.pauses_on) != bool(clock.resumes_on):
        yield "pauses_on and resumes_on come together"
    starting = [events[t.event] for t in clock.starts_on if t.event in events]
    for key, name in (("per", clock.per), ("stated_by", clock.stated_by)):
        yield from (f"{key}: {e.type} has no field {name}" for e in starting if name and not field_types(e, name))
    moments = [(e, clock.stated_by) for e in starting if clock.stated_by and field_types(e, clock.stated_by)]
    if clock.extension:
        extending = [events[t.event] for t in clock.extension.on if t.event in events]
        moments += [(e, clock.extension.until) for e in extending]
    yield from (f"{e.type}.{name} is no moment" for e, name in moments if field_types(e, name) != (Moment,))


# --- Figures --------------------------------------------------------------------------------------------------


def counting_faults(clock: Clock) -> Iterator[str]:
    """What is wrong with how a clock is counted."""
    unit = clock.duration.unit if clock.duration else None
    rule = clock.counting
    if unit in (None, DurationUnit.HOURS):
        if rule is not None:
            yield "counting: only days, working days and months are counted; hours are absolute"
        return
    if rule is None:
        yield "counting: days, working days and months say how they are counted"
        return
    if (rule.roll is not Roll.NONE or unit is DurationUnit.WORKING_DAYS) and rule.calendar is None:
        yield "counting.calendar: working days need a calendar"
    if rule.calendar is not None and rule.roll is Roll.NONE and unit is not DurationUnit.WORKING_DAYS:
        yield "counting.calendar: nothing asks for it"
    if rule.first_day_counts and rule.ends is Ends.SAME_TIME:
        yield "counting.first_day_counts: a time that ends at the time of day it began has no first day"


def figure_faults(clock: Clock) -> Iterator[str]:
    """What is wrong with the figures of a clock."""
    if clock.duration is None and clock.stated_by is None:
        yield "duration: neither a duration nor a field that states the end"
    for warning in clock.warn_before:
        if clock.duration is not None and longest(warning) >= longest(clock.duration):
            yield "warn_before: a warning lies beyond the duration"
        if warning.unit in (DurationUnit.MONTHS, DurationUnit.WORKING_DAYS):
            yield "warn_before: hours or days"
    rule = clock.extension
    if rule is not None:
        if longest(rule.max_total) < longest(rule.max_each):
            yield "extension.max_total: below max_each"
        if clock.duration is not None and longest(rule.max_total) <= longest(clock.duration):
            yield "extension.max_total: adds nothing to the duration"
        if (rule.max_total.unit is DurationUnit.HOURS) != (clock.counting is None):
            yield "extension.max_total: counted as the duration is, in hours or in days"
    for condition in clock.applies_if:
        yield from condition_faults(condition.fact, condition.values, dated=bool(condition.begins or condition.ends))
    if clock.limit is not None and clock.limit not in LIMIT_NAMES:
        yield f"limit: no guard asks for {clock.limit}"
    if clock.limit is not None and clock.duration is None:
        yield "limit: a guard counts it before the clock runs, so it needs a duration"


def condition_faults(fact: Fact, values: tuple[str, ...], *, dated: bool) -> Iterator[str]:
    """What is wrong with a condition."""
    if (fact is Fact.SELECTED_ON) != dated or (fact is not Fact.SELECTED_ON) != bool(values):
        yield f"applies_if: {fact} is asked {'for dates' if fact is Fact.SELECTED_ON else 'for values'}"
    if fact in (Fact.MINOR, Fact.FOREIGN_NATIONAL) and set(values) - {str(answer) for answer in Answer}:
        yield f"applies_if: {fact} is one of {', '.join(Answer)}"


def coverage_faults(clock: Clock, profile: Profile) -> Iterator[str]:
    """Whether the clock's calendar covers every date the profile may need of it."""
    calendar = clock.counting.calendar if clock.counting else None
    if calendar is None or clock.duration is None:
        return
    if profile.window.ends is None:
        yield f"counting.calendar: {calendar.name} ends, and the profile's window does not"
    elif not covers(calendar, profile, clock.duration):
        yield f"counting.calendar: {calendar.name} does not cover the profile's window and the duration after it"


def covers(calendar: WorkingDays, profile: Profile, duration: Duration) -> bool:
    """Whether a calendar covers the window of a profile and a time that begins on its last day."""
    window = profile.window
    if window.ends is None or calendar.first > window.begins:
        return False
    try:
        if duration.unit is DurationUnit.WORKING_DAYS:
            calendar.following(window.ends, duration.amount)
        else:
            calendar.at_or_after(window.ends + longest(duration))
    except BeyondCalendar:
        return False
    return True


# --- Demands --------------------------------------------------------------------------------------------------


def is_text(hint: Any) -> bool:
    """Whether a field holds a text of its own, not a word of a list."""
    return hint is str or (get_origin(hint) is Annotated and get_args(hint)[0] is str)


def value_faults(command: type[Command], name: str, permitted: frozenset[str]) -> Iterator[str]:
    """What is wrong with the values a profile permits of one field."""
    types = field_types(command, name)
    if not types:
        yield f"values: {command.__name__} has no field {name}"
        return
    listed = [known for hint in types if (known := values_of(hint)) is not None]
    if not listed and not all(is_text(hint) for hint in types):
        yield f"values: {command.__name__}.{name} is neither a word nor a code"
    if listed:
        never = sorted(permitted - frozenset[str]().union(*listed))
        yield from (f"values: {command.__name__} never has {name} = {value}" for value in never)


def demand_faults(demand: Demand, catalogue: Catalogue) -> Iterator[str]:
    """What is wrong with what a profile demands of one command."""
    command = catalogue.commands.get(demand.command)
    if command is None:
        yield "no kind of case has this command"
        return
    if any(command in kind.on_the_head for kind in catalogue.kinds.values()):
        yield "a release, an escape or a death is subject to no demand"
    if issubclass(command, Opening):
        yield "a case is opened before it is under a profile"
    if command.by == BY_THE_SYSTEM:
        yield "only the system gives this command"
    if demand.function is None and not demand.values and not demand.apart_from:
        yield "nothing is demanded"
    for name, permitted in demand.values.items():
        yield from value_faults(command, name, permitted)
    kind = catalogue.kind_of(command)
    for event in sorted(demand.apart_from):
        known = catalogue.events.get(event)
        owner = catalogue.kind_opened_by(known) if known else None
        if known is None:
            yield f"apart_from: no kind of case has the event {event}"
        elif kind and owner and kind is not owner:
            yield f"apart_from: {event} never happens in a case of the kind {kind.name}"


# --- Profiles -------------------------------------------------------------------------------------------------


def twice(names: Iterable[str]) -> list[str]:
    """Names that occur more than once."""
    every = list(names)
    return sorted({name for name in every if every.count(name) > 1})


WITHIN = (
    ("executive", "executive_with_senior"), ("executive_with_senior", "without_judge"), ("remand_order", "remand_total"),
)  # fmt: skip
"""Limits of which the first never reaches beyond the second: nobody is held longer without a judge by a lesser authority."""


def limit_faults(profile: Profile) -> Iterator[str]:
    """Limits that let a lesser authority hold longer than a greater one, whatever their conditions."""
    for shorter, longer in WITHIN:
        known = [c for c in profile.clocks if c.duration is not None]
        least = [longest(c.duration) for c in known if c.limit == shorter and c.duration is not None]
        most = [longest(c.duration) for c in known if c.limit == longer and c.duration is not None]
        if least and most and min(least) > max(most):
            yield f"limit {shorter}: beyond the limit {longer}"


def contradictions(profile: Profile, catalogue: Catalogue) -> list[str]:
    """What one profile may not say. Empty for one that holds together."""
    found = [f"clock {name}: there twice" for name in twice(clock.id for clock in profile.clocks)]
    always = (c.limit for c in profile.clocks if c.limit and not c.applies_if)
    found += [f"limit {name}: two clocks carry it" for name in twice(always)]
    found += limit_faults(profile)
    for clock in profile.clocks:
        faults = [
            *event_faults(clock, catalogue.events), *counting_faults(clock), *figure_faults(clock),
            *coverage_faults(clock, profile),
        ]  # fmt: skip
        found += [f"clock {clock.id}: {fault}" for fault in faults]
    for name, demand in profile.demands.items():
        found += [f"demand on {name}: {fault}" for fault in demand_faults(demand, catalogue)]
    if profile.window.ends is not None and profile.window.ends <= profile.window.begins:
        found.append("window: ends before it begins")
    return found


def overlaps(profiles: Iterable[Profile]) -> list[str]:
    """Selections for one legal basis and date that no supersession settles, and supersessions of nothing."""
    every = {profile.name: profile for profile in profiles}
    found: list[str] = []
    for profile in every.values():
        older = every.get(profile.supersedes or "")
        earlier = older is not None and older.id == profile.id and older.version < profile.version
        if profile.supersedes is not None and not earlier:
            found.append(f"{profile.name}: supersedes {profile.supersedes}, which is no earlier version of it")
    for one, other in combinations(every.values(), 2):
        shared = sorted(one.legal_bases & other.legal_bases)
        settled = one.name == other.supersedes or other.name == one.supersedes
        if shared and one.window.overlaps(other.window) and not settled:
            found.append(f"{one.name} and {other.name}: both are selected for {', '.join(shared)} on some dates")
    return found
