"""The neutral computation of dates: from inputs that are stored whole, always the same dates. No country's law.

The rule is that of default-neutral@1 (see ``terms``): every term from its own first day, credit against the whole or
against each term, remission off the end, nothing before the day of the judgment. Whatever the rule does not cover gets
a cause for manual work in place of dates.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Annotated, TypeAlias, cast

from domain.kinds.sentencing.credit import CreditSpans, ServedSpan, Service, days_counted, served_days
from domain.kinds.sentencing.terms import (
    ONE_DAY,
    Inputs,
    Regime,
    StartRule,
    Term,
    heads,
    in_sequence,
    last_day,
    less,
)
from domain.profiles import DEFAULT_PROFILE, Profile
from domain.values import CaseId, CountLimit, Malformed, Whole

ALGORITHM, ALGORITHM_VERSION = "neutral-calendar", "2"
"""The name and version of what stands below: a change of the dates it gives is a new version."""

# --- Words ----------------------------------------------------------------------------------------------------


class ManualCause(StrEnum):
    """What keeps the neutral rule from giving dates."""

    START_IMPRECISE = "start_imprecise"
    START_NOT_STATED = "start_not_stated"
    TERM_NOT_COMPUTABLE = "term_not_computable"
    TIME_AT_LARGE = "time_at_large"
    CREDIT_UNSETTLED = "credit_unsettled"
    LAW_NOT_COVERED = "law_not_covered"
    OTHER = "other"


class CreditScope(StrEnum):
    """Against what credit is set: once against the whole sentence, or against every term of it by itself."""

    AGGREGATE = "aggregate"
    PER_TERM = "per_term"


class Rounding(StrEnum):
    """What becomes of part of a day."""

    UP = "up"
    DOWN = "down"
    HALF_UP = "half_up"


@dataclass(frozen=True, slots=True)
class EarlyFraction:
    """The part of a sentence after which early release may be decided. Raises Malformed unless it is within 0 and 1."""

    numerator: Whole
    denominator: Whole
    rounding: Rounding

    def __post_init__(self) -> None:
        """Refuse what is no part of a sentence."""
        if not 0 < self.numerator <= self.denominator:
            raise Malformed("a part of a sentence is more than nothing and at most the whole")

    def of(self, days: int) -> int:
        """That part of so many days, in whole days."""
        share, rest = divmod(days * self.numerator, self.denominator)
        up = rest > 0 and (self.rounding is Rounding.UP or (self.rounding is Rounding.HALF_UP and 2 * rest >= self.denominator))
        return share + up


@dataclass(frozen=True, slots=True)
class ComputationRules:
    """What a profile says about computing: the scope of credit, and the part to serve before early release, if any.

    ``credit_while_serving`` says whether days in custody count that were also served under another sentence.
    """

    credit_scope: CreditScope = CreditScope.AGGREGATE
    credit_while_serving: bool = False
    early_fraction: EarlyFraction | None = None


COMPUTATION_RULES = MappingProxyType({DEFAULT_PROFILE: ComputationRules()})
"""By the profile's name; the rules of default-neutral@1 are engineering defaults, no country's law."""


def rules_of(profile: Profile | None) -> ComputationRules | None:
    """What a profile says about computing, None where it says nothing or is not installed: then a person computes."""
    return None if profile is None else COMPUTATION_RULES.get(profile.name)


CHECKED_AGAIN = MappingProxyType({DEFAULT_PROFILE: timedelta(days=14)})
"""By the profile's name: how long before the release its date is checked once more."""


@dataclass(frozen=True, slots=True)
class AllInputs:
    """Everything dates are computed from. They are current as long as these are still the sentence's own.

    ``expected_start`` is stated for terms whose first day is still to come; ``judged_on`` the day of the judgment;
    ``intervals`` the days in custody the credit is derived from, none where an authority determined the days.
    """

    sentence: Inputs
    expected_start: date | None
    judged_on: date | None
    intervals: CreditSpans
    provisional: bool
    rules: ComputationRules

    @property
    def credit_days(self) -> int:
        """The days of credit: those determined, else each calendar day in custody once."""
        determined = self.sentence.determined_credit
        return days_counted(self.intervals) if determined is None else determined


@dataclass(frozen=True, slots=True)
class TermDates:
    """One term: its first day, its last day as imposed, and the day it expires after credit set against it."""

    term: Whole
    first: date
    last: date
    expires: date


TermBreakdown: TypeAlias = Annotated[tuple[TermDates, ...], CountLimit(50)]


@dataclass(frozen=True, slots=True)
class Dates:
    """What the rule gives: the day the sentence expires after credit, the last day of release, and every term."""

    expiry: date
    release_on: date
    eligible_on: date | None
    breakdown: tuple[TermDates, ...]


# --- Computing ------------------------------------------------------------------------------------------------


def cause_of(inputs: AllInputs) -> ManualCause | None:
    """Why the rule cannot begin, None if it can."""
    sentence = inputs.sentence
    if sentence.interruptions:
        return ManualCause.TIME_AT_LARGE
    for term, start in zip(heads(sentence.terms), sentence.starts, strict=True):
        if term.start_rule is StartRule.NOT_STATED:
            return ManualCause.START_NOT_STATED
        if start is None and inputs.expected_start is None:
            return ManualCause.START_IMPRECISE
    if any(term.life or term.regime is Regime.SUSPENDED for term in sentence.terms):
        return ManualCause.TERM_NOT_COMPUTABLE
    return None


def term_dates(terms: tuple[Term, ...], starts: dict[int, date], credit: int) -> tuple[TermDates, ...]:
    """Every term in sequence, with ``credit`` days set against each. Raises ValueError beyond the calendar or for a cycle."""
    found: dict[int, TermDates] = {}
    for term in in_sequence(terms):
        first = starts[term.number] if term.to_term is None else found[term.to_term].expires + ONE_DAY
        last = last_day(first, term)
        expires = max(less(last, credit, None), first - ONE_DAY) if credit else last
        found[term.number] = TermDates(term.number, first, last, expires)
    if not terms or len(found) < len(terms):
        raise ValueError("terms that do not hold together")
    return tuple(found.values())


def eligible(inputs: AllInputs, breakdown: tuple[TermDates, ...], credit: int) -> date | None:
    """The first day on which early release may be decided, credit counted as served; None where the profile names none."""
    fraction = inputs.rules.early_fraction
    if fraction is None:
        return None
    first, last = min(term.first for term in breakdown), max(term.last for term in breakdown)
    served = fraction.of((last - first).days + 1)
    return less(date.fromordinal(first.toordinal() + served), credit, inputs.judged_on)


def compute(inputs: AllInputs) -> Dates | ManualCause:
    """The dates these inputs give, or why they give none. The same inputs always give the same answer."""
    cause = cause_of(inputs)
    if cause is not None:
        return cause
    sentence, credit = inputs.sentence, inputs.credit_days
    starts = {t.number: s or inputs.expected_start for t, s in zip(heads(sentence.terms), sentence.starts, strict=True)}
    each = credit if inputs.rules.credit_scope is CreditScope.PER_TERM else 0
    try:
        breakdown = term_dates(sentence.terms, {n: s for n, s in starts.items() if s is not None}, each)
        eligible_on = eligible(inputs, breakdown, credit)
    except (ValueError, OverflowError):
        return ManualCause.TERM_NOT_COMPUTABLE
    last, expires = max(term.last for term in breakdown), max(term.expires for term in breakdown)
    floor = inputs.judged_on
    expiry = max(expires, min(floor or expires, last)) if each else less(last, credit, floor)
    release_on = less(expiry, sentence.remission_days, floor)
    return Dates(expiry, min(release_on, sentence.early_release or release_on), eligible_on, breakdown)


def left_out(told: Mapping[CaseId, tuple[Service, ...]], rules: ComputationRules, through: date) -> tuple[ServedSpan, ...]:
    """Days up to ``through`` under other sentences that give no credit; none where the rules credit them all the same.

    Raises ValueError if a time of serving is not known to the day.
    """
    if rules.credit_while_serving:
        return ()
    return tuple(span for case, services in told.items() for span in served_days(case, services, through))


# --- Naming what was computed from ----------------------------------------------------------------------------


def canonical(value: object) -> str:
    """A value as text that is the same for equal values only: names, values and order, without spaces."""
    if is_dataclass(value):
        return "{" + ",".join(f"{f.name}={canonical(getattr(value, f.name))}" for f in fields(value)) + "}"
    if isinstance(value, tuple):
        return "[" + ",".join(map(canonical, cast("tuple[object, ...]", value))) + "]"
    return "null" if value is None else str(value)


def inputs_hash(inputs: AllInputs) -> str:
    """The SHA-256 of these inputs as ``canonical`` writes them, 64 hex digits: equal inputs and no others have it.

    It compares computations; that nobody changed one is proved by the leaf hash of its entry.
    """
    return sha256(canonical(inputs).encode()).hexdigest()
