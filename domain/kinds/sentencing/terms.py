"""Terms of a sentence and the neutral calendar rule for when they expire: pure functions of dates, no country's law.

The rule is that of default-neutral@1: years, then months, then days are added by the calendar, each step clamped to the
end of the month; a term expires on start + term − 1 day; a consecutive term starts the day after the term it follows;
the sentence expires with its latest term, less the days of credit, and not before the day of the judgment.
"""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar
from zoneinfo import ZoneInfo

from domain.values import CaseId, CountLimit, Malformed, Material, When, Whole

ONE_DAY = timedelta(days=1)
LONGEST = (200, 200 * 12, 200 * 365)
"""The most years, months and days of one term: no rule of law, a guard against typing errors."""

# --- Words ----------------------------------------------------------------------------------------------------


class Regime(StrEnum):
    """Under which conditions a term is to be served, as the judgment says."""

    PRISON = "prison"
    PENAL_COLONY = "penal_colony"
    OPEN_FACILITY = "open_facility"
    YOUTH_FACILITY = "youth_facility"
    SECURE_HOSPITAL = "secure_hospital"
    HOME_DETENTION = "home_detention"
    SUSPENDED = "suspended"
    OTHER = "other"
    NOT_STATED = "not_stated"


class Mode(StrEnum):
    """Whether a term runs beside the others or after one of them; a single term counts as concurrent."""

    CONCURRENT = "concurrent"
    CONSECUTIVE = "consecutive"


class StartRule(StrEnum):
    """From what a term runs. ``on_date`` is a date the judgment itself names."""

    ON_IMPOSITION = "on_imposition"
    ON_FINALITY = "on_finality"
    ON_ADMISSION = "on_admission"
    ON_DATE = "on_date"
    AFTER_TERM = "after_term"
    NOT_STATED = "not_stated"


@dataclass(frozen=True, slots=True)
class Term:
    """One term for one count: years, months and days in whole numbers, or for life.

    ``to_term`` numbers the term a consecutive one follows. Raises Malformed for a term without length, a length on a
    life term, more than 200 years in any one unit, and where mode, start rule, ``to_term`` and ``starts_on`` disagree.
    """

    material: ClassVar[Material] = Material.TERMS

    number: Whole
    count: Whole
    years: Whole = 0
    months: Whole = 0
    days: Whole = 0
    life: bool = False
    regime: Regime = Regime.NOT_STATED
    mode: Mode = Mode.CONCURRENT
    to_term: Whole | None = None
    start_rule: StartRule = StartRule.NOT_STATED
    starts_on: date | None = None

    def __post_init__(self) -> None:
        """Refuse what no judgment could mean."""
        if self.number < 1 or self.count < 1:
            raise Malformed("terms and counts are numbered from 1")
        if any(not 0 <= part <= most for part, most in zip((self.years, self.months, self.days), LONGEST, strict=True)):
            raise Malformed("a term has no negative part and none longer than 200 years")
        if self.life == bool(self.years or self.months or self.days):
            raise Malformed("a term has a length, or is for life")
        follows = self.mode is Mode.CONSECUTIVE
        if follows != (self.to_term is not None) or follows != (self.start_rule is StartRule.AFTER_TERM):
            raise Malformed("a consecutive term, and no other, starts after a named term")
        if (self.start_rule is StartRule.ON_DATE) != (self.starts_on is not None):
            raise Malformed("a term that starts on a date, and no other, names the date")


@dataclass(frozen=True, slots=True)
class CreditSpan:
    """Days in custody under a detention case, both ends included. Raises Malformed if it ends before it begins."""

    detention: CaseId
    first: date
    last: date

    def __post_init__(self) -> None:
        """Refuse an empty span."""
        if self.last < self.first:
            raise Malformed("a span ends on or after the day it begins")


@dataclass(frozen=True, slots=True)
class TermSpan:
    """The first and the last day of one term, before credit."""

    term: Whole
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a computation rests on. A computation is current as long as these are still the sentence's own.

    ``starts`` has one date for each term that follows no other, in their order, null where it is not known to the day;
    ``determined_credit`` is null until an authority fixes the days; ``interruptions`` counts escapes and returns.
    """

    terms: Annotated[tuple[Term, ...], CountLimit(50)]
    starts: Annotated[tuple[date | None, ...], CountLimit(50)]
    determined_credit: int | None
    remission_days: int
    early_release: date | None
    interruptions: int
    extinguished: bool


# --- Calendar -------------------------------------------------------------------------------------------------


def day_of(when: When) -> date | None:
    """The calendar day at the place of an act, None where the time does not lie within one day."""
    if when.earliest is None or when.latest is None:
        return None
    zone = ZoneInfo(when.zone)
    try:
        first = when.earliest.astimezone(zone).date()
        last = (when.latest - timedelta(microseconds=1)).astimezone(zone).date()
    except OverflowError:
        return None
    return first if first == last else None


def first_moment(day: date | None, zone: str, days_later: int = 0) -> datetime | None:
    """The first moment of a day, or of one so many days later, at a place; None without a day and beyond the calendar."""
    if day is None:
        return None
    try:
        return datetime.combine(day + timedelta(days=days_later), time.min, ZoneInfo(zone)).astimezone(UTC)
    except OverflowError:
        return None


def clamped(year: int, month: int, day: int) -> date:
    """The day of that month, or the month's last. Raises ValueError beyond the calendar."""
    if year > date.max.year:
        raise ValueError("beyond the calendar")
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def last_day(first: date, term: Term) -> date:
    """The day a term expires that starts on ``first``. Raises ValueError or OverflowError beyond the calendar."""
    moved = clamped(first.year + term.years, first.month, first.day)
    years, month = divmod(moved.month - 1 + term.months, 12)
    moved = clamped(moved.year + years, month + 1, moved.day)
    return moved + timedelta(days=term.days - 1)


def less(day: date, days: int, floor: date | None) -> date:
    """So many days earlier, though not before ``floor`` unless ``day`` itself is."""
    earliest = min(day, floor or date.min)
    return max(earliest, day - timedelta(days=min(days, (day - date.min).days)))


# --- Order ----------------------------------------------------------------------------------------------------


def heads(terms: Iterable[Term]) -> tuple[Term, ...]:
    """The terms that follow no other."""
    return tuple(term for term in terms if term.to_term is None)


def in_sequence(terms: Iterable[Term]) -> tuple[Term, ...]:
    """The terms so ordered that each comes after the one it follows; those in a cycle, or after none, are left out."""
    waiting = list(terms)
    placed: dict[int, Term] = {}
    while ready := [t for t in waiting if t.to_term is None or t.to_term in placed]:
        placed.update((term.number, term) for term in ready)
        waiting = [t for t in waiting if t not in ready]
    return tuple(placed.values())
