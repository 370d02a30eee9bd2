"""Days in custody that a sentence is credited with, derived from what detentions tell: pure functions, no country's law.

The rule is that of default-neutral@1: every calendar day at its place on which the person was in custody, the first
and the last included, counts once however many cases the person was held on; days from the first day of the sentence
on are served, not credited, and so are days of another sentence unless the profile says otherwise. A detention that
does not tell its times to the day gives no number: a person decides.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Protocol, TypeAlias, runtime_checkable

from domain.kinds.sentencing.terms import ONE_DAY, CreditSpan, day_of
from domain.values import CaseId, CountLimit, PartyId, When, Whole

EACH_DAY_ONCE = "default-neutral@1/each-calendar-day-once"
"""The name of the rule, as it is recorded with what it gave."""


class SpellInCustody(Protocol):
    """A time in custody without a break; ``ended`` is None while it goes on."""

    @property
    def began(self) -> When:
        """When the person came into custody."""
        ...

    @property
    def ended(self) -> When | None:
        """When the person left it."""
        ...


class TimeInCustody(Protocol):
    """Who was in custody, and when."""

    @property
    def party(self) -> PartyId:
        """The person."""
        ...

    @property
    def spells(self) -> tuple[SpellInCustody, ...]:
        """The times in custody in their order."""
        ...


@runtime_checkable
class TellsCustody(Protocol):
    """A stage of another case that tells the time in custody; None where it is not known."""

    @property
    def custody(self) -> TimeInCustody | None:
        """The time in custody so far."""
        ...


@dataclass(frozen=True, slots=True)
class DetentionCredited:
    """A detention the credit was derived from, at the version read; ``open`` while the person was still in custody."""

    detention: CaseId
    version: Whole
    open: bool


@dataclass(frozen=True, slots=True)
class Service:
    """A time of serving a sentence without a break; ``ended`` is None while it goes on."""

    began: When
    ended: When | None = None


@dataclass(frozen=True, slots=True)
class ServedSpan:
    """Days served under another sentence, both ends included: they give no credit here."""

    sentencing: CaseId
    first: date
    last: date


CreditSpans: TypeAlias = Annotated[tuple[CreditSpan, ...], CountLimit(100)]


@dataclass(frozen=True, slots=True)
class Credit:
    """What was derived last: the days, the first day of the sentence known then, and whether more days may come."""

    intervals: tuple[CreditSpan, ...]
    before: date | None
    provisional: bool


# --- Days -----------------------------------------------------------------------------------------------------


def span_of(detention: CaseId, spell: SpellInCustody, through: date) -> CreditSpan | None:
    """The days of a spell up to ``through``, None if there are none. Raises ValueError if an end is not known to the day."""
    first = day_of(spell.began)
    last = through if spell.ended is None else day_of(spell.ended)
    if first is None or last is None:
        raise ValueError("a time in custody that is not known to the day")
    last = min(last, through)
    return CreditSpan(detention, first, last) if first <= last else None


def spans_of(detention: CaseId, custody: TimeInCustody, through: date) -> tuple[CreditSpan, ...]:
    """The days in custody under one detention up to ``through``. Raises ValueError as ``span_of`` does."""
    found = (span_of(detention, spell, through) for spell in custody.spells)
    return tuple(span for span in found if span is not None)


def served_days(sentencing: CaseId, services: Iterable[Service], through: date) -> tuple[ServedSpan, ...]:
    """The days served under another sentence up to ``through``. Raises ValueError as ``span_of`` does."""
    found = (span_of(sentencing, service, through) for service in services)
    return tuple(ServedSpan(sentencing, span.first, span.last) for span in found if span is not None)


def outside(span: CreditSpan, served: Iterable[ServedSpan]) -> Iterator[CreditSpan]:
    """What is left of a span beside the days served."""
    first = span.first
    for each in sorted(served, key=lambda s: s.first):
        if each.last < first or each.first > span.last:
            continue
        if each.first > first:
            yield CreditSpan(span.detention, first, each.first - ONE_DAY)
        if each.last >= span.last:
            return
        first = each.last + ONE_DAY
    yield CreditSpan(span.detention, first, span.last)


def is_open(custody: TimeInCustody) -> bool:
    """Whether the person is still in custody."""
    return any(spell.ended is None for spell in custody.spells)


def last_creditable(day: date, before: date | None) -> date:
    """The last day that counts on ``day``: the day itself, though none from ``before``, where the sentence begins."""
    return day if before is None or before == date.min else min(day, before - ONE_DAY)


def days_counted(spans: Iterable[CreditSpan]) -> int:
    """How many calendar days the spans cover; a day held on several cases counts once."""
    days, counted_to = 0, date.min.toordinal() - 1
    for span in sorted(spans, key=lambda s: s.first):
        last = span.last.toordinal()
        days += max(0, last - max(counted_to, span.first.toordinal() - 1))
        counted_to = max(counted_to, last)
    return days
