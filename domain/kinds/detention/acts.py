"""The course of a detention: from apprehension through authorization, review, extension and court to a measure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, TypeAlias

from domain.kernel import By, Command, Event, Opened, Opening, officers
from domain.profiles import SelectsOn
from domain.values import Answer, CaseId, Code, CountLimit, Label, Material, Moment, Narrative, PartyId

# --- Words ----------------------------------------------------------------------------------------------------

Officers: TypeAlias = Annotated[tuple[Code, ...], CountLimit(50, least=1)]
"""The codes of the officers who did something together."""


class ReviewOutcome(StrEnum):
    """What a review of a detention comes to."""

    CONTINUE = "continue"
    RELEASE = "release"


class PostponementGround(StrEnum):
    """Why a review may be held later than it is due."""

    INTERVIEW_IN_PROGRESS = "interview_in_progress"
    NO_REVIEWER_AVAILABLE = "no_reviewer_available"
    MEDICAL_CARE = "medical_care"


class JudicialOutcome(StrEnum):
    """What a court decides about a person's liberty."""

    HOLD = "hold"
    MEASURE = "measure"
    RELEASE = "release"


class MeasureType(StrEnum):
    """A measure that takes the place of holding a person."""

    BAIL = "bail"
    UNDERTAKING = "undertaking"
    PERSONAL_GUARANTEE = "personal_guarantee"
    REPORTING = "reporting"
    TRAVEL_RESTRICTION = "travel_restriction"
    HOUSE_ARREST = "house_arrest"


class PauseCause(StrEnum):
    """What may stop the custody clock for a time."""

    HOSPITAL = "hospital"


# --- Commands -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDetention(Opening):
    """Open a detention by recording who was apprehended, where, why and by whom.

    ``when`` is the apprehension, ``authority`` its legal basis, ``officers`` those who apprehended.
    """

    by: ClassVar[By] = officers()
    selects: ClassVar[SelectsOn | None] = SelectsOn.FIRST_CUSTODY

    party: PartyId
    place: Narrative
    grounds: Narrative
    officers: Officers

    def refers_to(self) -> tuple[CaseId, ...]:
        """The person."""
        return (self.party,)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordArrival(Command):
    """Record that the person arrived at a place of custody."""

    by: ClassVar[By] = officers("custody")

    facility: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizeDetention(Command):
    """Record that a custody officer authorizes holding the person until a moment.

    ``grounds`` say why holding is necessary now; ``reason`` why, if so, the rights were not explained before.
    """

    by: ClassVar[By] = officers("custody")
    counts_time: ClassVar[bool] = True

    grounds: Narrative
    until: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseDetention(Command):
    """Record that a custody officer refuses to hold the person, who is to be released."""

    by: ClassVar[By] = officers("custody")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDetention(Command):
    """Record an independent officer's review of whether the person may still be held.

    ``representations`` are what the person or counsel said; without them ``reason`` says why nobody was heard.
    """

    by: ClassVar[By] = officers("review")

    outcome: ReviewOutcome
    grounds: Narrative
    representations: Narrative | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostponeReview(Command):
    """Record that a review is put off to a stated moment, and on what ground."""

    by: ClassVar[By] = officers("review")

    ground: PostponementGround
    new_time: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendDetention(Command):
    """Record that an independent senior officer extends the authority to hold.

    ``when`` is the decision and ``authority`` its document; ``diligence`` says how the inquiry was pressed on.
    """

    by: ClassVar[By] = officers("senior")
    counts_time: ClassVar[bool] = True

    grounds: Narrative
    diligence: Narrative
    until: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCourtAppearance(Command):
    """Record that the person was brought before a court, whatever the court then decides."""

    court: Label
    counsel_present: Answer = Answer.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordJudicialDecision(Command):
    """Record a court's decision to hold the person, impose a measure, or release.

    ``authority`` is the dated order. ``until`` ends a hold, or a measure that has an end; ``superior`` marks a superior
    court. An order to release opens the way; the release itself is recorded by ReleasePerson.
    """

    counts_time: ClassVar[bool] = True

    court: Label
    outcome: JudicialOutcome
    until: Moment | None = None
    measure: MeasureType | None = None
    conditions: Narrative | None = None
    superior: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImposeMeasure(Command):
    """Record that the person leaves custody on a measure, with its conditions.

    ``alternatives`` say which less restrictive measures were considered.
    """

    by: ClassVar[By] = officers("custody")

    measure: MeasureType
    conditions: Narrative
    alternatives: Narrative | None = None
    until: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VaryMeasure(Command):
    """Record other conditions, or another end, of the measure the person is on."""

    by: ClassVar[By] = officers("custody")

    measure: MeasureType
    conditions: Narrative
    until: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllegeMeasureBreach(Command):
    """Record an allegation that the person did not keep to the measure."""

    allegation: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseClock(Command):
    """Record that the custody clock is paused, for what cause and by which document."""

    by: ClassVar[By] = officers("custody")

    cause: PauseCause


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeClock(Command):
    """Record that the paused custody clock runs again."""

    by: ClassVar[By] = officers("custody")


# --- Events ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonApprehended(Opened):
    """A person was apprehended; ``authority`` is the legal basis. The hold is counted from here."""

    type: ClassVar[str] = "detention.person_apprehended"

    party: PartyId
    place: Narrative
    grounds: Narrative
    officers: Officers


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedInCustody(Event):
    """The person arrived at a place of custody."""

    type: ClassVar[str] = "detention.arrived_in_custody"

    facility: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class DetentionAuthorized(Event):
    """A custody officer, ``decided_by``, authorized holding the person until a moment."""

    type: ClassVar[str] = "detention.authorized"

    grounds: Narrative
    until: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class DetentionRefused(Event):
    """A custody officer refused to hold the person."""

    type: ClassVar[str] = "detention.refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class DetentionReviewed(Event):
    """An independent officer reviewed the hold; the outcome *release* means the person is to be released."""

    type: ClassVar[str] = "detention.reviewed"
    material: ClassVar[Material] = Material.TERMS

    outcome: ReviewOutcome
    grounds: Narrative
    representations: Narrative | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPostponed(Event):
    """A review was put off to ``new_time``."""

    type: ClassVar[str] = "detention.review_postponed"

    ground: PostponementGround
    new_time: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class DetentionExtended(Event):
    """A senior officer, ``decided_by``, set another end to the authority to hold; ``authority`` is the document."""

    type: ClassVar[str] = "detention.extended"

    grounds: Narrative
    diligence: Narrative
    until: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class CourtAppearanceRecorded(Event):
    """The person was brought before a court: the time UN Body of Principles, principle 12, asks for. It decides nothing."""

    type: ClassVar[str] = "detention.court_appearance_recorded"

    court: Label
    counsel_present: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class JudicialDecisionRecorded(Event):
    """A court decided about the person's liberty; ``authority`` is the order, ``until`` ends the hold or measure."""

    type: ClassVar[str] = "detention.judicial_decision_recorded"
    material: ClassVar[Material] = Material.TERMS

    court: Label
    outcome: JudicialOutcome
    until: Moment | None
    measure: MeasureType | None
    conditions: Narrative | None
    superior: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureImposed(Event):
    """The person left custody on a measure; a null ``until`` is a measure without a fixed end."""

    type: ClassVar[str] = "detention.measure_imposed"

    measure: MeasureType
    conditions: Narrative
    alternatives: Narrative | None
    until: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureVaried(Event):
    """The measure reads differently from now on: all of it is restated."""

    type: ClassVar[str] = "detention.measure_varied"

    measure: MeasureType
    conditions: Narrative
    until: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureBreachAlleged(Event):
    """Somebody alleges that the measure was not kept; an allegation changes nothing by itself."""

    type: ClassVar[str] = "detention.measure_breach_alleged"

    allegation: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockPaused(Event):
    """The custody clock was paused; ``authority`` is the document that shows the cause."""

    type: ClassVar[str] = "detention.clock_paused"

    cause: PauseCause


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockResumed(Event):
    """The custody clock runs again."""

    type: ClassVar[str] = "detention.clock_resumed"
