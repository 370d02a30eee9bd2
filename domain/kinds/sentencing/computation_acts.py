"""Credit and the computation of dates: what is asked, then what is recorded."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, TypeAlias

from domain.kernel import By, Command, Event, officers
from domain.kinds.sentencing.acts import ADMINISTRATION
from domain.kinds.sentencing.terms import CreditSpan, Inputs, TermSpan
from domain.values import CaseId, Code, CountLimit, Narrative, Whole

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


class Disputant(StrEnum):
    """Who disputes the credit."""

    CONVICTED_PERSON = "convicted_person"
    PROSECUTION = "prosecution"
    INSTITUTION = "institution"
    OTHER = "other"


CreditSpans: TypeAlias = Annotated[tuple[CreditSpan, ...], CountLimit(100)]
Breakdown: TypeAlias = Annotated[tuple[TermSpan, ...], CountLimit(50)]

# --- Commands -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordComputation(Command):
    """Record computed dates of the sentence with their inputs and method.

    ``start`` is the first day, ``expiry`` and ``release_on`` the last day and the day of release: calendar dates.
    ``credit_days`` are the distinct days of the spans, or what an authority determined. ``breakdown`` may be empty.
    """

    by: ClassVar[By] = ADMINISTRATION

    start: date
    credit: CreditSpans = ()
    credit_days: Whole = 0
    expiry: date
    release_on: date
    algorithm: Code
    algorithm_version: Code
    breakdown: Breakdown = ()

    def refers_to(self) -> tuple[CaseId, ...]:
        """The detentions that give credit."""
        return tuple(dict.fromkeys(span.detention for span in self.credit))


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteComputationToManual(Command):
    """Record that the dates cannot be computed by rule, and why."""

    by: ClassVar[By] = ADMINISTRATION

    cause: ManualCause


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideComputation(Command):
    """Record dates fixed by authority in place of computed ones, with the reason.

    ``expiry`` and ``release_on`` are null where the authority fixes none, e.g. for life.
    """

    by: ClassVar[By] = officers("senior")

    expiry: date | None
    release_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckComputation(Command):
    """Record a second officer's check of the computation of that number."""

    by: ClassVar[By] = officers("computation-check")

    computation: Whole
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeCredit(Command):
    """Record that somebody disputes the credit for days in custody."""

    by: ClassVar[By] = ADMINISTRATION

    disputant: Disputant
    grounds: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class DetermineCredit(Command):
    """Record the days of credit an authority determined; they bind computations."""

    by: ClassVar[By] = officers("senior")

    days: Whole


# --- Events ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputationRecorded(Event):
    """Dates were computed from ``inputs``; ``number`` counts computations, ``supersedes`` is the one replaced."""

    type: ClassVar[str] = "sentencing.computation_recorded"

    number: Whole
    supersedes: Whole | None
    inputs: Inputs
    start: date
    credit: CreditSpans
    credit_days: Whole
    expiry: date
    release_on: date
    algorithm: Code
    algorithm_version: Code
    breakdown: Breakdown


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputationRoutedToManual(Event):
    """The neutral rule gives no dates; somebody with authority has to."""

    type: ClassVar[str] = "sentencing.computation_routed_to_manual"

    cause: ManualCause
    inputs: Inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputationOverridden(Event):
    """Dates were fixed by authority for ``inputs``; numbered like a computation."""

    type: ClassVar[str] = "sentencing.computation_overridden"

    number: Whole
    supersedes: Whole | None
    inputs: Inputs
    expiry: date | None
    release_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputationChecked(Event):
    """A second officer confirmed these dates of a computation, or did not: then it falls."""

    type: ClassVar[str] = "sentencing.computation_checked"

    computation: Whole
    confirmed: bool
    expiry: date | None
    release_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditDisputed(Event):
    """The credit for days in custody is in dispute."""

    type: ClassVar[str] = "sentencing.credit_disputed"

    disputant: Disputant
    grounds: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditDetermined(Event):
    """An authority determined the days of credit; a dispute is settled with it."""

    type: ClassVar[str] = "sentencing.credit_determined"

    days: Whole
