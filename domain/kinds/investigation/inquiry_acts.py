"""Steps, facts, earlier shipments, what speaks for a person, and expert opinions: commands and events.

Facts, shipments, exculpatory material, records of steps and opinions are the *material* of a case. Each has a short
reference, given once among all of them, by which evidence, claim status and the disclosure schedule name it.
A command's ``when`` is when the material was taken to the file; ``happened`` is the time it speaks of.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, TypeAlias

from domain.kernel import By, Command, Event, officers
from domain.kinds.investigation.people_acts import Parties
from domain.values import (
    Answer,
    CaseId,
    ClaimStatus,
    Code,
    CountLimit,
    Label,
    Moment,
    Narrative,
    PartyId,
    Quantity,
    When,
)

# --- Words ----------------------------------------------------------------------------------------------------


class StepType(StrEnum):
    """A step of inquiry that needs its own authority."""

    SEARCH = "search"
    RECORDS = "records"
    INTERVIEW = "interview"
    SURVEILLANCE = "surveillance"
    INTERCEPTION = "interception"
    IDENTIFICATION = "identification"
    FORENSIC_EXAMINATION = "forensic_examination"
    CONTROLLED_DELIVERY = "controlled_delivery"
    FOREIGN_REQUEST = "foreign_request"
    OTHER = "other"


class FactTopic(StrEnum):
    """What a stated fact is about."""

    DETENTION = "detention"
    SEIZURE = "seizure"
    SHIPMENT = "shipment"
    STORAGE = "storage"
    PURCHASE = "purchase"
    NETWORK = "network"
    COURT = "court"
    OTHER = "other"


class Channel(StrEnum):
    """How goods were sent."""

    INTERNATIONAL_POST = "international_post"
    COURIER = "courier"
    FREIGHT = "freight"
    BAGGAGE = "baggage"
    HAND_TO_HAND = "hand_to_hand"
    OTHER = "other"
    UNKNOWN = "unknown"


Evidence: TypeAlias = Annotated[tuple[Code, ...], CountLimit(50, least=1)]
"""References of material in this case."""


# --- Commands -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizeStep(Command):
    """Authorize a step of inquiry within a scope and a window of validity.

    ``valid_from`` is inclusive, ``valid_until`` exclusive. ``step`` is a short reference, given once in the case.
    """

    by: ClassVar[By] = officers("authorization")

    step: Code
    step_type: StepType
    scope: Narrative
    valid_from: Moment
    valid_until: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeStep(Command):
    """Revoke the authority of a step, with a reason; nothing is taken under it from then on."""

    by: ClassVar[By] = officers("authorization")

    step: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordStep(Command):
    """Record a step that was taken within its authority; an interview has its own command.

    ``record`` is the reference of the resulting material; ``found`` says no where nothing was found.
    """

    by: ClassVar[By] = officers()

    step: Code
    step_type: StepType
    record: Code
    outcome: Narrative
    found: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSubjectInterview(Command):
    """Record an interview: who was heard, and whether counsel and interpreter were there.

    ``record`` is the reference of the resulting material.
    """

    by: ClassVar[By] = officers()

    step: Code
    record: Code
    party: PartyId
    counsel_offered: Answer
    counsel_present: Answer
    interpreter_needed: Answer
    interpreter_present: Answer
    account: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFact(Command):
    """Record a stated fact with its sources, its claim status and the time it speaks of.

    ``happened`` may be as vague as the source: a season, a range, unknown. Who asserts it stands in each source.
    """

    by: ClassVar[By] = officers()

    fact: Code
    about: FactTopic
    statement: Narrative
    happened: When
    parties: Parties = ()

    def refers_to(self) -> tuple[CaseId, ...]:
        """The persons it speaks of."""
        return self.parties


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeClaimStatus(Command):
    """Change how far material is established to this command's ``claim_status``, with a reason."""

    by: ClassVar[By] = officers()

    item: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordExculpatoryMaterial(Command):
    """Record material that speaks for a person, e.g. an account of a lawful purchase.

    It can be recorded at any time after the opening, a closed case included.
    """

    by: ClassVar[By] = officers()

    item: Code
    statement: Narrative
    happened: When
    parties: Parties = ()

    def refers_to(self) -> tuple[CaseId, ...]:
        """The persons it speaks for."""
        return self.parties


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPriorShipment(Command):
    """Record one earlier shipment on evidence of its own.

    A number of shipments of which nothing else is known is a fact, not a shipment.
    """

    by: ClassVar[By] = officers()

    shipment: Code
    channel: Channel
    happened: When
    items: Narrative
    evidence: Evidence
    quantity: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestExpert(Command):
    """Request an expert's opinion, with the expert's statement on conflicts of interest.

    ``expert`` is a pseudonymous id, ``discipline`` the field of knowledge.
    """

    by: ClassVar[By] = officers()

    request: Code
    expert: Code
    discipline: Label
    questions: Narrative
    conflict: Answer
    conflict_statement: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordExpertOpinion(Command):
    """Record the opinion an expert gave on a request; it is an opinion, not a fact."""

    by: ClassVar[By] = officers()

    request: Code
    opinion: Code
    findings: Narrative
    conflict: Answer
    conflict_statement: Narrative


# --- Events ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAuthorized(Event):
    """A step may be taken within this scope, from ``valid_from`` until before ``valid_until``."""

    type: ClassVar[str] = "investigation.step_authorized"

    step: Code
    step_type: StepType
    scope: Narrative
    valid_from: Moment
    valid_until: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAuthorityRevoked(Event):
    """A step may no longer be taken; what was taken before stands."""

    type: ClassVar[str] = "investigation.step_authority_revoked"

    step: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class StepConducted(Event):
    """A step was taken."""

    type: ClassVar[str] = "investigation.step_conducted"

    step: Code
    step_type: StepType
    record: Code
    outcome: Narrative
    found: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewConducted(Event):
    """A person was heard."""

    type: ClassVar[str] = "investigation.interview_conducted"

    step: Code
    record: Code
    party: PartyId
    counsel_offered: Answer
    counsel_present: Answer
    interpreter_needed: Answer
    interpreter_present: Answer
    account: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRecorded(Event):
    """A fact was stated; it is no more than its claim status says."""

    type: ClassVar[str] = "investigation.fact_recorded"

    fact: Code
    about: FactTopic
    statement: Narrative
    happened: When
    parties: Parties


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimStatusChanged(Event):
    """Material is established as far as the block says; ``was`` as the record stood when it was changed."""

    type: ClassVar[str] = "investigation.claim_status_changed"

    item: Code
    was: ClaimStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ExculpatoryMaterialRecorded(Event):
    """Material speaks for a person."""

    type: ClassVar[str] = "investigation.exculpatory_material_recorded"

    item: Code
    statement: Narrative
    happened: When
    parties: Parties


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorShipmentRecorded(Event):
    """An earlier shipment was stated; a null ``quantity`` was never stated."""

    type: ClassVar[str] = "investigation.prior_shipment_recorded"

    shipment: Code
    channel: Channel
    happened: When
    items: Narrative
    evidence: Evidence
    quantity: Quantity | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertRequested(Event):
    """An expert was asked."""

    type: ClassVar[str] = "investigation.expert_requested"

    request: Code
    expert: Code
    discipline: Label
    questions: Narrative
    conflict: Answer
    conflict_statement: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertOpinionRecorded(Event):
    """An expert gave an opinion."""

    type: ClassVar[str] = "investigation.expert_opinion_recorded"

    request: Code
    opinion: Code
    findings: Narrative
    conflict: Answer
    conflict_statement: Narrative
