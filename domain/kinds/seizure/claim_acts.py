"""Notice, claims and the end of each line: returned, forfeited or destroyed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

from domain.kernel import By, Command, Event, officers, supervisors
from domain.kinds.seizure.acts import LineCommand, LineEvent, Lines, Sha256
from domain.values import CaseId, Code, CountLimit, Label, Material, Narrative, Number, PartyId

# --- Words -----------------------------------------------------------------------------------------------------


class ServiceMethod(StrEnum):
    """How a notice reached whom it is for."""

    IN_PERSON = "in_person"
    POST = "post"
    ELECTRONIC = "electronic"
    REPRESENTATIVE = "representative"
    PUBLICATION = "publication"
    OTHER = "other"


class NoticeReturnCause(StrEnum):
    """Why a notice came back."""

    UNKNOWN_ADDRESS = "unknown_address"
    MOVED = "moved"
    REFUSED = "refused"
    NOT_COLLECTED = "not_collected"
    OTHER = "other"


class Interest(StrEnum):
    """What somebody has to do with goods so that notice is owed to them."""

    OWNER = "owner"
    SENDER = "sender"
    ADDRESSEE = "addressee"
    SECURED_CREDITOR = "secured_creditor"
    OTHER = "other"


class ClaimOutcome(StrEnum):
    """What a claim came to."""

    UPHELD = "upheld"
    PARTLY_UPHELD = "partly_upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


# --- Commands --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifyInterestedParty(Command):
    """Record that somebody with an interest in the goods became known: notice is owed."""

    by: ClassVar[By] = officers()

    party: PartyId
    interest: Interest

    def refers_to(self) -> tuple[CaseId, ...]:
        """Who became known."""
        return (self.party,)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueSeizureNotice(Command):
    """Issue written notice of the seizure to an interested party.

    ``notice`` is its number; without a ``party`` it is for whom it may concern.
    """

    by: ClassVar[By] = officers("claims")

    notice: Number
    content: Narrative
    party: PartyId | None = None

    def refers_to(self) -> tuple[CaseId, ...]:
        """Whom the notice is for."""
        return () if self.party is None else (self.party,)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordNoticeService(Command):
    """Record how and when a notice reached whom it is for."""

    by: ClassVar[By] = officers("claims")

    notice: Number
    how: ServiceMethod
    receipt: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordNoticeReturn(Command):
    """Record that a notice came back unserved."""

    by: ClassVar[By] = officers("claims")

    notice: Number
    cause: NoticeReturnCause


@dataclass(frozen=True, slots=True, kw_only=True)
class LodgeClaim(Command):
    """Record a claim to seized goods; a late one says why it is late.

    ``claim`` is its number; no ``lines`` means all the goods.
    """

    by: ClassVar[By] = officers()

    claim: Number
    claimant: PartyId
    grounds: Narrative
    lines: Lines = ()

    def refers_to(self) -> tuple[CaseId, ...]:
        """The claimant."""
        return (self.claimant,)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitPurchaseEvidence(Command):
    """Record evidence of purchase handed in for a claim."""

    by: ClassVar[By] = officers()

    claim: Number
    evidence: Narrative
    documents: Annotated[tuple[Sha256, ...], CountLimit(50)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideClaim(Command):
    """Record the decision on a claim with its reasons.

    ``upheld`` names the lines of a claim that is partly upheld.
    """

    by: ClassVar[By] = officers("claims")

    claim: Number
    outcome: ClaimOutcome
    upheld: Lines = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReturn(LineCommand):
    """Order that a line be returned, and to whom."""

    by: ClassVar[By] = officers("disposal")

    to: PartyId

    def refers_to(self) -> tuple[CaseId, ...]:
        """Whom the line is returned to."""
        return (self.to,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnItem(LineCommand):
    """Record that the custodian handed a line back against a receipt."""

    by: ClassVar[By] = officers()

    to: PartyId
    receipt: Number

    def refers_to(self) -> tuple[CaseId, ...]:
        """Who took it."""
        return (self.to,)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderForfeiture(LineCommand):
    """Record that a line was ordered forfeited, on what authority."""

    by: ClassVar[By] = supervisors("disposal")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDestruction(LineCommand):
    """Order that a forfeited line be destroyed, on what authority."""

    by: ClassVar[By] = supervisors("disposal")


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessDestruction(LineCommand):
    """Record that a line was destroyed before two witnesses."""

    by: ClassVar[By] = officers("exhibits")

    method: Label
    witnesses: Annotated[tuple[Code, ...], CountLimit(10, least=1)]


# --- Events ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestedPartyIdentified(Event):
    """Somebody with an interest in the goods became known; ``when`` starts the time for written notice to them."""

    type: ClassVar[str] = "seizure.interested_party_identified"

    party: PartyId
    interest: Interest


@dataclass(frozen=True, slots=True, kw_only=True)
class SeizureNoticeIssued(Event):
    """Written notice of the seizure was issued."""

    type: ClassVar[str] = "seizure.notice_issued"

    notice: Number
    content: Narrative
    party: PartyId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeServed(Event):
    """A notice reached whom it is for; ``when`` starts the window for a claim."""

    type: ClassVar[str] = "seizure.notice_served"

    notice: Number
    how: ServiceMethod
    receipt: Number | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeReturned(Event):
    """A notice came back unserved."""

    type: ClassVar[str] = "seizure.notice_returned"

    notice: Number
    cause: NoticeReturnCause


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLodged(Event):
    """Somebody claims seized goods; ``late`` if the window after service had ended."""

    type: ClassVar[str] = "seizure.claim_lodged"

    claim: Number
    claimant: PartyId
    grounds: Narrative
    lines: Lines
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseEvidenceSubmitted(Event):
    """Evidence of purchase was handed in for a claim."""

    type: ClassVar[str] = "seizure.purchase_evidence_submitted"

    claim: Number
    evidence: Narrative
    documents: Annotated[tuple[Sha256, ...], CountLimit(50)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDecided(Event):
    """A claim was decided; ``reason`` gives the reasons."""

    type: ClassVar[str] = "seizure.claim_decided"
    material: ClassVar[Material] = Material.TERMS

    claim: Number
    outcome: ClaimOutcome
    upheld: Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnOrdered(LineEvent):
    """A line is to be returned."""

    type: ClassVar[str] = "seizure.return_ordered"

    to: PartyId


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemReturned(LineEvent):
    """A line was handed back against a receipt."""

    type: ClassVar[str] = "seizure.item_returned"

    to: PartyId
    receipt: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class ForfeitureOrdered(LineEvent):
    """A line was forfeited."""

    type: ClassVar[str] = "seizure.forfeiture_ordered"


@dataclass(frozen=True, slots=True, kw_only=True)
class DestructionOrdered(LineEvent):
    """A forfeited line is to be destroyed."""

    type: ClassVar[str] = "seizure.destruction_ordered"


@dataclass(frozen=True, slots=True, kw_only=True)
class DestructionWitnessed(LineEvent):
    """A line was destroyed before two witnesses."""

    type: ClassVar[str] = "seizure.destruction_witnessed"

    method: Label
    witnesses: Annotated[tuple[Code, ...], CountLimit(10, least=1)]
