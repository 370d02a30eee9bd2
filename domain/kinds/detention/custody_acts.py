"""Where the person is and how custody ends: moves, transfer, release, escape, death, lawfulness, closing."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from domain.kernel import By, Command, Event, officers, supervisors
from domain.values import Answer, Code, Label, Narrative, Number, When

# --- Words ----------------------------------------------------------------------------------------------------


class ReleaseKind(StrEnum):
    """Why a person goes free."""

    NO_FURTHER_ACTION = "no_further_action"
    PENDING_INVESTIGATION = "pending_investigation"
    DETENTION_REFUSED = "detention_refused"
    REVIEW_OUTCOME = "review_outcome"
    AUTHORITY_ENDED = "authority_ended"
    COURT_ORDER = "court_order"
    HOLD_UNLAWFUL = "hold_unlawful"
    MEASURE_ENDED = "measure_ended"
    OTHER = "other"


class Challenger(StrEnum):
    """Who challenges a hold."""

    PERSON = "person"
    COUNSEL = "counsel"
    RELATIVE = "relative"
    CONSULAR_POST = "consular_post"
    OVERSIGHT_BODY = "oversight_body"
    OTHER = "other"


class RemedyType(StrEnum):
    """What makes good an unlawful hold."""

    COMPENSATION = "compensation"
    APOLOGY = "apology"
    RECORD_RESTRICTED = "record_restricted"
    STATEMENTS_EXCLUDED = "statements_excluded"
    OTHER = "other"


class DetentionOutcome(StrEnum):
    """How custody had ended when the case was closed."""

    RELEASED = "released"
    TRANSFERRED = "transferred"
    DIED = "died"


# --- Commands -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MovePerson(Command):
    """Record that the person was moved to another place of custody, and why."""

    by: ClassVar[By] = officers("custody")

    facility: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferDetaineeTransfer(Command):
    """Record that another agency is asked to take the person over."""

    by: ClassVar[By] = officers("custody")

    agency: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptDetaineeTransfer(Command):
    """Record that the other agency's officer took the person over."""

    by: ClassVar[By] = officers("custody")

    receiving_officer: Code
    receipt: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineDetaineeTransfer(Command):
    """Record that the other agency does not take the person over, and why."""

    by: ClassVar[By] = officers("custody")


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawDetaineeTransfer(Command):
    """Record that an offer to another agency, not yet answered, is taken back, and why."""

    by: ClassVar[By] = officers("custody")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePerson(Command):
    """Record that the person was released. Nothing in the record refuses a release."""

    kind: ReleaseKind
    released_to: Narrative | None = None
    property_returned: Answer = Answer.UNKNOWN
    paperwork_given: Answer = Answer.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDetaineeEscape(Command):
    """Record that the person escaped from custody or absconded from a measure."""

    circumstances: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDetaineeReturn(Command):
    """Record that the person who had escaped is back; no authority is renewed."""

    by: ClassVar[By] = officers("custody")

    circumstances: Narrative
    facility: Label | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDetaineeDeath(Command):
    """Record that the person died, and which outside body was told.

    ``when`` is the death; ``told`` is the body that inquires into deaths in custody.
    """

    circumstances: Narrative
    told: Label | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDetaineeDeath(Command):
    """Record that the outside body that inquires into deaths in custody was told."""

    told: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeHold(Command):
    """Record that the lawfulness of the hold is challenged, by whom and before whom."""

    challenger: Challenger
    before: Label
    grounds: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareHoldUnlawful(Command):
    """Record that a court or competent authority declared the hold unlawful.

    ``began`` and ``ended`` bound the unlawful period. Without ``ended`` it still runs: a person held is to be released.
    """

    body: Label
    began: When
    ended: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRemedy(Command):
    """Record what was given or done to make good an unlawful hold."""

    remedy: RemedyType
    terms: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseDetention(Command):
    """Close a detention that has ended and whose property is settled."""

    by: ClassVar[By] = supervisors()


# --- Events ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyLocationChanged(Event):
    """The person is held at another place from now on."""

    type: ClassVar[str] = "detention.custody_location_changed"

    facility: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class DetaineeTransferOffered(Event):
    """Another agency was asked to take the person over; custody stays here until it accepts."""

    type: ClassVar[str] = "detention.transfer_offered"

    agency: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class DetaineeTransferAccepted(Event):
    """The officer of the other agency took the person over; custody here ended."""

    type: ClassVar[str] = "detention.transfer_accepted"

    agency: Label
    receiving_officer: Code
    receipt: Number | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DetaineeTransferDeclined(Event):
    """The other agency did not take the person over; the offer is spent."""

    type: ClassVar[str] = "detention.transfer_declined"

    agency: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class DetaineeTransferWithdrawn(Event):
    """The offer to the other agency was taken back before it was answered."""

    type: ClassVar[str] = "detention.transfer_withdrawn"

    agency: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonReleased(Event):
    """The person went free; ``released_to`` is who received a person who needs receiving."""

    type: ClassVar[str] = "detention.person_released"

    kind: ReleaseKind
    released_to: Narrative | None
    property_returned: Answer
    paperwork_given: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonEscaped(Event):
    """The person escaped from custody or absconded from a measure."""

    type: ClassVar[str] = "detention.person_escaped"

    circumstances: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonReturned(Event):
    """The person who had escaped is back in the condition the escape interrupted."""

    type: ClassVar[str] = "detention.person_returned"

    circumstances: Narrative
    facility: Label | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDied(Event):
    """The person died; ``told`` is the outside body that was told, null if none yet was."""

    type: ClassVar[str] = "detention.person_died"

    circumstances: Narrative
    told: Label | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeathReported(Event):
    """The outside body that inquires into deaths in custody was told of the death."""

    type: ClassVar[str] = "detention.death_reported"

    told: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldChallenged(Event):
    """The lawfulness of the hold was challenged before ``before``."""

    type: ClassVar[str] = "detention.hold_challenged"

    challenger: Challenger
    before: Label
    grounds: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldDeclaredUnlawful(Event):
    """The hold was unlawful from ``began`` to ``ended``; a null ``ended`` means it still is."""

    type: ClassVar[str] = "detention.hold_declared_unlawful"

    body: Label
    began: When
    ended: When | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemedyRecorded(Event):
    """An unlawful hold was made good in this way; ``authority`` is what awarded it."""

    type: ClassVar[str] = "detention.remedy_recorded"

    remedy: RemedyType
    terms: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class DetentionClosed(Event):
    """The case was closed after custody had ended in ``outcome``."""

    type: ClassVar[str] = "detention.closed"

    outcome: DetentionOutcome
