"""Care of a held person and what happens meanwhile: third person, health, belongings, interviews."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, TypeAlias

from domain.kernel import By, Command, Event, officers
from domain.kinds.detention.acts import Officers
from domain.kinds.detention.rights_acts import Language, Means
from domain.values import Answer, Code, CountLimit, Narrative, Number, PartyId, Personal, Quantity, TextLimit, When

# --- Words ----------------------------------------------------------------------------------------------------

Health: TypeAlias = Personal[Annotated[str, TextLimit(4000)]]
"""Text about a person's health. Sealed."""


class MedicalOccasion(StrEnum):
    """Why a person was seen; never what was found."""

    ADMISSION = "admission"
    REQUEST = "request"
    CONCERN = "concern"
    FOLLOW_UP = "follow_up"


class MedicalRequester(StrEnum):
    """Who asks that a person be seen by a health professional."""

    PERSON = "person"
    COUNSEL = "counsel"
    RELATIVE = "relative"
    OFFICER = "officer"
    OTHER = "other"


class InjuryNoticed(StrEnum):
    """When an injury was noticed; never how it came about."""

    ON_APPREHENSION = "on_apprehension"
    ON_ARRIVAL = "on_arrival"
    IN_CUSTODY = "in_custody"


class SupportCapacity(StrEnum):
    """In what capacity somebody supports a minor or a vulnerable person."""

    PARENT = "parent"
    GUARDIAN = "guardian"
    RELATIVE = "relative"
    SOCIAL_WORKER = "social_worker"
    APPROPRIATE_ADULT = "appropriate_adult"
    OTHER = "other"


class PropertyRecipient(StrEnum):
    """Who takes a detained person's belongings from custody."""

    PERSON = "person"
    REPRESENTATIVE = "representative"
    NEXT_OF_KIN = "next_of_kin"
    RECEIVING_AGENCY = "receiving_agency"
    EXHIBIT_STORE = "exhibit_store"


@dataclass(frozen=True, slots=True)
class PropertyLine:
    """One thing, or several alike, taken from a person for keeping; ``bag`` is the number of its sealed bag."""

    description: Narrative
    quantity: Quantity
    bag: Number | None = None


PropertyLines: TypeAlias = Annotated[tuple[PropertyLine, ...], CountLimit(200, least=1)]


# --- Commands -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TellThirdPerson(Command):
    """Record that a person of the detained person's choice was told of the detention."""

    told: Narrative
    means: Means


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordThirdPersonRefusal(Command):
    """Record that the person, told of the right, wants nobody outside told of the detention."""

    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMedicalRequest(Command):
    """Record that somebody asks for the person to be seen by a health professional."""

    requester: MedicalRequester


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordVisibleInjury(Command):
    """Record that the person has a visible injury, and when it was noticed."""

    noticed: InjuryNoticed
    description: Health


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessVulnerability(Command):
    """Record an assessment of whether the person is vulnerable and needs support."""

    by: ClassVar[By] = officers("custody")

    vulnerable: Answer
    findings: Health | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSupportPersonAttendance(Command):
    """Record that somebody came to support a minor or a vulnerable person."""

    capacity: SupportCapacity
    means: Means
    supporter: Narrative | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMedicalCheck(Command):
    """Record that the person was seen by a health professional; findings are sealed.

    ``practitioner`` is a code from the agency's list of health professionals.
    """

    practitioner: Code
    occasion: MedicalOccasion
    findings: Health
    care: Health | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPersonalProperty(Command):
    """Record what was taken from the person for keeping, and if the person signed."""

    by: ClassVar[By] = officers("custody")

    lines: PropertyLines
    signed: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordNoProperty(Command):
    """Record that the person was searched and nothing had to be kept."""

    by: ClassVar[By] = officers("custody")


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverProperty(Command):
    """Record that the person's belongings left custody, to whom, on what receipt."""

    by: ClassVar[By] = officers("custody")

    recipient: PropertyRecipient
    receipt: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteCustodyRecord(Command):
    """Record that the custody record holds reasons, times, officers, place and belongings."""

    by: ClassVar[By] = officers("custody")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCustodyInterview(Command):
    """Record an interview of the held person; open only after the counsel step.

    ``when`` is its beginning, ``recording`` the number of the tape or file.
    """

    officers: Officers
    ended: When
    counsel_present: bool
    interpreter: Code | None = None
    recording: Number | None = None
    summary: Narrative | None = None


# --- Events ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdPersonTold(Event):
    """Somebody of the person's choice was told of the detention."""

    type: ClassVar[str] = "detention.third_person_told"

    told: Narrative
    means: Means


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdPersonNoticeDeclined(Event):
    """The person, told of the right in ``language``, wanted nobody outside told."""

    type: ClassVar[str] = "detention.third_person_notice_declined"

    party: PartyId
    language: Language


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicalCheckRequested(Event):
    """A health professional is to see the person, at the request of ``requester``."""

    type: ClassVar[str] = "detention.medical_check_requested"

    requester: MedicalRequester


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibleInjuryNoted(Event):
    """The person has a visible injury: a health professional is to see the person, asked or not."""

    type: ClassVar[str] = "detention.visible_injury_noted"

    party: PartyId
    noticed: InjuryNoticed
    description: Health


@dataclass(frozen=True, slots=True, kw_only=True)
class VulnerabilityAssessed(Event):
    """It was assessed whether the person needs support; ``vulnerable`` is the one thing clocks ask for."""

    type: ClassVar[str] = "detention.vulnerability_assessed"

    party: PartyId
    vulnerable: Answer
    findings: Health | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportPersonAttended(Event):
    """Somebody came to support the person."""

    type: ClassVar[str] = "detention.support_person_attended"

    capacity: SupportCapacity
    means: Means
    supporter: Narrative | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicalCheckRecorded(Event):
    """The person was seen by a health professional."""

    type: ClassVar[str] = "detention.medical_check_recorded"

    party: PartyId
    practitioner: Code
    occasion: MedicalOccasion
    findings: Health
    care: Health | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalPropertyListed(Event):
    """These belongings were taken for keeping; ``signed`` tells whether the person signed the list."""

    type: ClassVar[str] = "detention.personal_property_listed"

    lines: PropertyLines
    signed: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class NoPropertyFound(Event):
    """Nothing had to be kept for the person."""

    type: ClassVar[str] = "detention.no_property_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalPropertyHandedOver(Event):
    """All belongings kept for the person left custody."""

    type: ClassVar[str] = "detention.personal_property_handed_over"

    recipient: PropertyRecipient
    receipt: Number | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyRecordCompleted(Event):
    """The custody record holds the minimum: UN Body of Principles, principle 12."""

    type: ClassVar[str] = "detention.custody_record_completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewRecorded(Event):
    """The held person was interviewed by ``officers``, who count as involved from then on."""

    type: ClassVar[str] = "detention.interview_recorded"

    officers: Officers
    ended: When
    counsel_present: bool
    interpreter: Code | None
    recording: Number | None
    summary: Narrative | None
