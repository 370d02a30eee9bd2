"""Disclosure, prosecutor, charges and verdict: commands and events."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, TypeAlias

from domain.kernel import By, Command, Event, officers
from domain.values import Code, CountLimit, Label, Material, Moment, Narrative, Number, PartyId, TextLimit

# --- Words ----------------------------------------------------------------------------------------------------


class DisclosureDecision(StrEnum):
    """Whether the defense gets an item of material."""

    DISCLOSED = "disclosed"
    WITHHELD = "withheld"


class WithholdingGround(StrEnum):
    """Why an item is withheld from the defense."""

    PUBLIC_INTEREST = "public_interest"
    PROTECTION_OF_A_PERSON = "protection_of_a_person"
    ONGOING_INQUIRY = "ongoing_inquiry"
    LEGAL_PRIVILEGE = "legal_privilege"
    THIRD_PARTY_PRIVACY = "third_party_privacy"


@dataclass(frozen=True, slots=True)
class DisclosureItem:
    """One item of a disclosure schedule; one that is withheld names the ground and the officer who approved it."""

    item: Code
    decision: DisclosureDecision
    ground: WithholdingGround | None = None
    approver: Code | None = None


class ProsecutorDecision(StrEnum):
    """What a prosecutor decided on a referred case, short of declining it."""

    CHARGE = "charge"
    FURTHER_INQUIRY = "further_inquiry"


class VerdictOutcome(StrEnum):
    """What a court found on a charge."""

    GUILTY = "guilty"
    NOT_GUILTY = "not_guilty"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ChargeVerdict:
    """What the court found on one charge."""

    charge: Code
    outcome: VerdictOutcome


Sha256: TypeAlias = Annotated[str, TextLimit(64, 64, r"[0-9a-f]{64}")]
Allegations: TypeAlias = Annotated[tuple[Code, ...], CountLimit(50, least=1)]
Items: TypeAlias = Annotated[tuple[DisclosureItem, ...], CountLimit(5000)]
Verdicts: TypeAlias = Annotated[tuple[ChargeVerdict, ...], CountLimit(200, least=1)]


# --- Commands -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueDisclosureSchedule(Command):
    """Issue the disclosure schedule: for every item of material, disclosed or withheld.

    A later schedule takes the place of an earlier one.
    """

    by: ClassVar[By] = officers("lead")

    items: Items


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeDisclosure(Command):
    """Record that the scheduled material was served on the defense of a subject.

    ``manifest_sha256`` is the hash of the list of what was handed over, in lower-case hex.
    """

    by: ClassVar[By] = officers()

    party: PartyId
    manifest_sha256: Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferToProsecutor(Command):
    """Refer the investigation to a prosecutor's office, with a disclosure schedule."""

    by: ClassVar[By] = officers("lead")

    prosecutor: Label
    summary: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordProsecutorDecision(Command):
    """Record the prosecutor's decision to charge or to ask for further inquiry."""

    by: ClassVar[By] = officers("prosecution")

    decision: ProsecutorDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineProsecution(Command):
    """Record that the prosecutor declined to charge, with the reason."""

    by: ClassVar[By] = officers("prosecution")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCharge(Command):
    """File a charge against a suspect, who is the accused from then on.

    ``charge`` is the count's short reference, given once in the case; ``allegations`` are those it rests on.
    """

    by: ClassVar[By] = officers("prosecution")

    charge: Code
    party: PartyId
    law: Label
    particulars: Narrative
    allegations: Allegations


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendCharge(Command):
    """Amend a charge that is not decided yet, with a reason."""

    by: ClassVar[By] = officers("prosecution")

    charge: Code
    law: Label
    particulars: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawCharge(Command):
    """Withdraw a charge that is not decided yet, with a reason."""

    by: ClassVar[By] = officers("prosecution")

    charge: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class BringBeforeCourt(Command):
    """Record that the charges were brought before a court, with the court's file number."""

    by: ClassVar[By] = officers("prosecution")

    court: Label
    court_file: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleHearing(Command):
    """Record when a court hears charges against a person and when disclosure is due.

    A later hearing takes the place of an earlier one. ``disclosure_due`` is null only where all that the last disclosure
    schedule gives the person has been served.
    """

    by: ClassVar[By] = officers("prosecution")

    party: PartyId
    court: Label
    starts_at: Moment
    disclosure_due: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VacateHearing(Command):
    """Record that the hearing of a person does not take place when it was to, with the reason."""

    by: ClassVar[By] = officers("prosecution")

    party: PartyId


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordVerdict(Command):
    """Record a court's verdict, charge by charge, on the authority of the court."""

    by: ClassVar[By] = officers("prosecution")

    court: Label
    verdicts: Verdicts


# --- Events ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureScheduleIssued(Event):
    """For every item of material it was decided whether the defense gets it."""

    type: ClassVar[str] = "investigation.disclosure_schedule_issued"
    material: ClassVar[Material] = Material.TERMS

    items: Items


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureServed(Event):
    """The scheduled material was served on the defense of a subject."""

    type: ClassVar[str] = "investigation.disclosure_served"

    party: PartyId
    manifest_sha256: Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferredToProsecutor(Event):
    """A prosecutor's office has the case."""

    type: ClassVar[str] = "investigation.referred_to_prosecutor"

    prosecutor: Label
    summary: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class ProsecutorDecided(Event):
    """The prosecutor decided to charge, or gave the case back for further inquiry."""

    type: ClassVar[str] = "investigation.prosecutor_decided"
    material: ClassVar[Material] = Material.TERMS

    decision: ProsecutorDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class ProsecutionDeclined(Event):
    """The prosecutor declined to charge and gave the case back."""

    type: ClassVar[str] = "investigation.prosecution_declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeFiled(Event):
    """A charge was filed."""

    type: ClassVar[str] = "investigation.charge_filed"

    charge: Code
    party: PartyId
    law: Label
    particulars: Narrative
    allegations: Allegations


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeAmended(Event):
    """A charge was stated anew."""

    type: ClassVar[str] = "investigation.charge_amended"

    charge: Code
    law: Label
    particulars: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeWithdrawn(Event):
    """A charge is no longer maintained."""

    type: ClassVar[str] = "investigation.charge_withdrawn"

    charge: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtBeforeCourt(Event):
    """A court has the charges."""

    type: ClassVar[str] = "investigation.brought_before_court"

    court: Label
    court_file: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class HearingScheduled(Event):
    """A court hears the charges against a person at ``starts_at``; a null ``disclosure_due`` was served before."""

    type: ClassVar[str] = "investigation.hearing_scheduled"

    party: PartyId
    court: Label
    starts_at: Moment
    disclosure_due: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HearingVacated(Event):
    """The hearing of a person does not take place when it was to."""

    type: ClassVar[str] = "investigation.hearing_vacated"

    party: PartyId


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRecorded(Event):
    """A court decided on charges."""

    type: ClassVar[str] = "investigation.verdict_recorded"
    material: ClassVar[Material] = Material.TERMS

    court: Label
    verdicts: Verdicts
