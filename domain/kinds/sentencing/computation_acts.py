"""Credit and the computation of dates: what is asked, then what is recorded."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, TypeAlias

from domain.kernel import By, Command, Event, officers
from domain.kinds.sentencing.acts import ADMINISTRATION
from domain.kinds.sentencing.computing import AllInputs, ManualCause, TermBreakdown
from domain.kinds.sentencing.credit import CreditSpans, DetentionCredited, ServedSpan
from domain.kinds.sentencing.terms import Inputs, TermSpan
from domain.values import CaseId, Code, CountLimit, Material, Moment, Narrative, Whole

# --- Words ----------------------------------------------------------------------------------------------------


class Disputant(StrEnum):
    """Who disputes the credit."""

    CONVICTED_PERSON = "convicted_person"
    PROSECUTION = "prosecution"
    INSTITUTION = "institution"
    OTHER = "other"


class OverrideReason(StrEnum):
    """Why authority fixes dates in place of computed ones."""

    ORDERED_BY_COURT = "ordered_by_court"
    LAW_NOT_COVERED = "law_not_covered"
    NOT_COMPUTABLE = "not_computable"
    COMPUTATION_WRONG = "computation_wrong"
    INPUTS_INCOMPLETE = "inputs_incomplete"
    OTHER = "other"


CaseIds: TypeAlias = Annotated[tuple[CaseId, ...], CountLimit(20)]
ServedSpans: TypeAlias = Annotated[tuple[ServedSpan, ...], CountLimit(100)]
DetentionsCredited: TypeAlias = Annotated[tuple[DetentionCredited, ...], CountLimit(20)]
Breakdown: TypeAlias = Annotated[tuple[TermSpan, ...], CountLimit(50)]

# --- Commands -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DeriveCredit(Command):
    """Derive the credit for days in custody from the linked detentions.

    ``detentions`` names every detention linked as giving credit, none if there is none; each is read as it stands now.
    ``other_sentences`` names sentencings of the person under which days were served meanwhile. ``when`` is the day up to
    which a detention still open is counted. The days are never stated: the record tells them.
    """

    by: ClassVar[By] = ADMINISTRATION

    detentions: CaseIds = ()
    other_sentences: CaseIds = ()

    def refers_to(self) -> tuple[CaseId, ...]:
        """The detentions that give credit, and the other sentences."""
        return tuple(dict.fromkeys((*self.detentions, *self.other_sentences)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeDates(Command):
    """Compute the dates of the sentence by the neutral rule, or route them to manual.

    ``expected_start`` is the first day of terms that run from an act still to come, and stated only for those.
    """

    by: ClassVar[By] = ADMINISTRATION

    expected_start: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordComputation(Command):
    """Record dates of the sentence computed elsewhere, with inputs and method.

    ``start`` is the first day, ``expiry`` and ``release_on`` the last day and the day of release: calendar dates.
    ``credit`` are the intervals as derived, none where an authority determined the days. ``breakdown`` may be empty.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteComputationToManual(Command):
    """Record that the dates cannot be computed by rule, and why."""

    by: ClassVar[By] = ADMINISTRATION

    cause: ManualCause


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideComputation(Command):
    """Record dates fixed by authority in place of computed ones, with the reason.

    ``why`` is the reason in a code, beside its words. ``expiry`` and ``release_on`` are null where the authority fixes
    none, e.g. for life.
    """

    by: ClassVar[By] = officers("senior")

    why: OverrideReason
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
class CreditDerived(Event):
    """Days in custody were derived from detentions, each calendar day once, by the rule named.

    ``intervals`` reach through the day ``through`` and not into the sentence, which begins on ``before``, null where that
    is not known. ``provisional``: a detention was open and more days may come. ``detentions`` are what was read,
    ``served`` the days under other sentences that were left out.
    """

    type: ClassVar[str] = "sentencing.credit_derived"

    intervals: CreditSpans
    days: Whole
    rule: Code
    detentions: DetentionsCredited
    served: ServedSpans
    through: date
    before: date | None
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseDatesComputed(Event):
    """Dates were computed by the rule of ``profile`` from ``inputs``, which are stored whole and give them again.

    ``number`` counts computations, ``supersedes`` is the one replaced; ``inputs_hash`` names the inputs; ``eligible_on`` is
    null where the profile knows no early release by a part of the sentence.
    """

    type: ClassVar[str] = "sentencing.release_dates_computed"

    number: Whole
    supersedes: Whole | None
    inputs: AllInputs
    inputs_hash: Code
    algorithm: Code
    algorithm_version: Code
    profile: Code
    credit_days: Whole
    expiry: date
    release_on: date
    eligible_on: date | None
    breakdown: TermBreakdown


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
class OverrideReasonCoded(Event):
    """Why the dates of that number were fixed by authority, in a code."""

    type: ClassVar[str] = "sentencing.override_reason_coded"

    number: Whole
    why: OverrideReason


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputationChecked(Event):
    """A second officer confirmed these dates of a computation, or did not: then it falls."""

    type: ClassVar[str] = "sentencing.computation_checked"
    material: ClassVar[Material] = Material.TERMS

    computation: Whole
    confirmed: bool
    expiry: date | None
    release_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputationBecameDue(Event):
    """Something the dates rest on changed and nothing was computed from it: they are to be computed anew."""

    type: ClassVar[str] = "sentencing.computation_became_due"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseScheduled(Event):
    """The confirmed dates put the release before ``release_at``, the first moment of the day after its day at the place.

    ``check_again_by`` is when they are to be checked once more, null where that time had come already.
    """

    type: ClassVar[str] = "sentencing.release_scheduled"

    computation: Whole
    release_at: Moment
    check_again_by: Moment | None


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
    material: ClassVar[Material] = Material.TERMS

    days: Whole
