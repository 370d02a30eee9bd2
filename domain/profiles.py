"""Rule profiles: the clocks and demands of a law as data, under a name that never changes its meaning.

A profile is published once as ``id@version`` and never edited; an amendment is another version. Every figure comes from
a data file, see docs/profiles.md: no legal number stands in the code. What a profile may not say is in
``domain.contradictions``; how its clocks run over a case is in ``domain.clocks``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from domain.calendars import WorkingDays
from domain.values import Material

# --- Words ----------------------------------------------------------------------------------------------------


class DurationUnit(StrEnum):
    """What a duration is counted in: hours are absolute, the others are days of the calendar at the place."""

    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"


class Ends(StrEnum):
    """When on its last day a clock ends: at the time of day it began, or with the day."""

    SAME_TIME = "same_time"
    END_OF_DAY = "end_of_day"


class Roll(StrEnum):
    """Where a last day goes that is no working day."""

    NONE = "none"
    NEXT = "next_working_day"
    PREVIOUS = "previous_working_day"


class Again(StrEnum):
    """What another start does to a clock that runs: nothing, or it begins anew."""

    IGNORED = "ignored"
    RESTARTS = "restarts"


class OnExpiry(StrEnum):
    """What follows when a clock runs out. Nothing ever follows that would keep a person from being released."""

    ALARM = "alarm"
    OBLIGATION = "obligation"
    RESTRICT_COMMANDS = "restrict_commands"


class SelectsOn(StrEnum):
    """The date by which a profile is selected, as its transitional rule names it."""

    FIRST_CUSTODY = "first_custody"
    SEIZURE = "seizure"
    JUDGMENT = "judgment"
    REFERRAL = "referral"


class Fact(StrEnum):
    """What a condition may ask. There is no other predicate, and none is evaluated from text."""

    LEGAL_BASIS = "legal_basis"
    MINOR = "minor"
    FOREIGN_NATIONAL = "foreign_national"
    SELECTED_ON = "selected_on"


class Needs(StrEnum):
    """What an extension rests on."""

    DOCUMENT = "document"
    HEARING = "hearing"


# --- Clocks ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trigger:
    """An event by its wire name and, where named, the text one of its fields has."""

    event: str
    field: str | None = None
    equals: str | None = None


Triggers = tuple[Trigger, ...]


@dataclass(frozen=True, slots=True)
class Duration:
    """A number of units, at least one."""

    amount: int
    unit: DurationUnit


@dataclass(frozen=True, slots=True)
class Counting:
    """How days are counted: whether the first one counts, when on the last one the clock ends, and where that one rolls."""

    first_day_counts: bool
    ends: Ends
    roll: Roll = Roll.NONE
    calendar: WorkingDays | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A fact that is one of ``values`` or, for a date, from ``begins`` (included) until ``ends`` (excluded)."""

    fact: Fact
    values: tuple[str, ...] = ()
    begins: date | None = None
    ends: date | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """How a clock is prolonged: events ``on`` state the new end in ``until``, never beyond ``max_total`` from the start.

    ``max_each`` is the most one extension may add. An extension decided after the end changes nothing where
    ``must_precede_expiry``. Role, independence and needs are the law's words: guards of the kinds enforce them.
    """

    on: Triggers
    until: str
    max_each: Duration
    max_total: Duration
    by_role: str
    independent_of: tuple[str, ...] = ()
    must_precede_expiry: bool = True
    needs: tuple[Needs, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One clock: the events that start, stop, pause and resume it, how long it runs, and what its end brings about.

    ``per`` names the field that tells runs apart, e.g. one per claim. ``stated_by`` names a field of the starting event
    that may fix the end itself. ``limit`` is the name under which guards ask for the duration.
    """

    id: str
    starts_on: Triggers
    legal_ref: str
    on_expiry: OnExpiry
    stops_on: Triggers = ()
    pauses_on: Triggers = ()
    resumes_on: Triggers = ()
    per: str | None = None
    again: Again = Again.IGNORED
    duration: Duration | None = None
    stated_by: str | None = None
    counting: Counting | None = None
    applies_if: tuple[Condition, ...] = ()
    extension: Extension | None = None
    warn_before: tuple[Duration, ...] = ()
    limit: str | None = None

    @property
    def hears(self) -> frozenset[str]:
        """The events that do anything to it, by wire name: most of a history is none of them."""
        on = self.extension.on if self.extension is not None else ()
        every = (*self.starts_on, *self.stops_on, *self.pauses_on, *self.resumes_on, *on)
        return frozenset(trigger.event for trigger in every)


# --- Demands --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a profile demands of one command beyond what its rule in code does: it narrows, and never widens.

    Whoever gives it holds ``function``. Each field in ``values`` has one of the wire values listed for it, e.g. the reason
    codes a law knows. Neither who decides it nor who records it decided an event whose wire name is in ``apart_from``.
    """

    command: str
    function: str | None = None
    values: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    apart_from: frozenset[str] = frozenset()


# --- Profiles -------------------------------------------------------------------------------------------------


LIMIT_NAMES = (
    "executive", "executive_with_senior", "without_judge", "remand_order", "remand_total", "claim_window", "appeal_window",
    "network_link",
)  # fmt: skip
"""The limits that guards ask for, by name."""


class IncompleteProfile(ValueError):
    """A profile without a clock for a limit that guards ask for."""


def span(duration: Duration | None) -> timedelta | None:
    """A duration as a span of time; None for months and working days, which are none."""
    if duration is None or duration.unit in (DurationUnit.MONTHS, DurationUnit.WORKING_DAYS):
        return None
    return duration.amount * (timedelta(hours=1) if duration.unit is DurationUnit.HOURS else timedelta(days=1))


def require_limits(clocks: tuple[Clock, ...]) -> None:
    """Raise IncompleteProfile, naming each limit that no clock with a duration carries."""
    carried = {clock.limit for clock in clocks if clock.duration is not None}
    missing = [name for name in LIMIT_NAMES if name not in carried]
    if missing:
        raise IncompleteProfile(f"no clock with a duration carries the limit {', '.join(missing)}")


@dataclass(frozen=True, slots=True)
class Window:
    """The selecting dates from ``begins`` (included) until ``ends`` (excluded); no end means for good."""

    begins: date
    ends: date | None = None

    def holds(self, day: date) -> bool:
        """Whether a date lies in the window."""
        return self.begins <= day and (self.ends is None or day < self.ends)

    def overlaps(self, other: "Window") -> bool:
        """Whether some date lies in both."""
        return (other.ends is None or self.begins < other.ends) and (self.ends is None or other.begins < self.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A published version of a law as data; ``verified`` says that counsel has confirmed it for real use.

    It is selected for its legal bases on dates in its window; where that overlaps an earlier version's, ``supersedes``
    names that version. ``material`` is what a correction changes only with a second person, ``weight_tolerance`` the grams by
    which two weighings of goods may differ unremarked; ``demands`` are those of commands, by the command's name.
    Raises IncompleteProfile where a limit that guards ask for is missing.
    """

    id: str
    version: int
    title: str
    verified: bool
    source: str
    legal_bases: frozenset[str]
    selects_on: SelectsOn
    transitional: str
    window: Window
    clocks: tuple[Clock, ...]
    weight_tolerance: Decimal
    supersedes: str | None = None
    material: frozenset[Material] = frozenset()
    demands: Mapping[str, Demand] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    hears: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse a profile that cannot answer a guard; work out once which events its clocks hear."""
        require_limits(self.clocks)
        object.__setattr__(self, "hears", frozenset[str]().union(*(clock.hears for clock in self.clocks)))

    @property
    def name(self) -> str:
        """The name a case is pinned to."""
        return f"{self.id}@{self.version}"


DEFAULT_PROFILE = "default-neutral@1"
"""The profile every case is under until it is moved to another."""


@dataclass(frozen=True, slots=True)
class Law:
    """The profiles installed, by name, and whether a case may be moved to one that nobody has verified."""

    installed: Mapping[str, Profile] = field(default_factory=lambda: MappingProxyType({}))
    unverified_allowed: bool = False

    def permits(self, profile: Profile) -> bool:
        """Whether a case may be under a profile; the engineering defaults claim to be nobody's law and need no verifying."""
        return profile.verified or self.unverified_allowed or profile.name == DEFAULT_PROFILE
