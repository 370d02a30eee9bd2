"""Hypotheses about who belongs together, and who may be one person: commands and events.

Both are notes that people wrote and people resolve. Nothing is merged by them, nobody is scored by them.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from domain.kernel import By, Command, Event, officers
from domain.kinds.investigation.inquiry_acts import Evidence
from domain.values import CaseId, Code, Material, Moment, Narrative, PartyId

# --- Words ----------------------------------------------------------------------------------------------------


class NetworkBasis(StrEnum):
    """The conduct a network link is inferred from.

    Nationality, ethnicity, origin, university and dwelling are no conduct and have no code; nor is there a code for
    anything else, which would let them in.
    """

    SAME_CONSIGNEE = "same_consignee"
    SAME_SENDER_DETAILS = "same_sender_details"
    SAME_SUPPLIER = "same_supplier"
    SAME_PAYMENT = "same_payment"
    SAME_ACCOUNT = "same_account"
    SAME_PACKAGING = "same_packaging"
    SAME_DOCUMENT = "same_document"
    DIRECT_COMMUNICATION = "direct_communication"
    JOINT_HANDLING = "joint_handling"
    STATEMENT = "statement"


class Sameness(StrEnum):
    """What became of the question whether two entries of the party register are one person."""

    SAME = "same"
    DIFFERENT = "different"
    UNDETERMINED = "undetermined"


# --- Commands -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeNetworkLink(Command):
    """Propose a link between two persons or cases on evidence; it expires unless renewed.

    ``first`` and ``second`` are party or case ids, ``network_link`` a short reference, given once in the case.
    """

    by: ClassVar[By] = officers()

    network_link: Code
    first: CaseId
    second: CaseId
    basis: NetworkBasis
    explanation: Narrative
    evidence: Evidence
    expires: Moment

    def refers_to(self) -> tuple[CaseId, ...]:
        """Both ends."""
        return (self.first, self.second)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewNetworkLink(Command):
    """Renew a network link before it expires, on evidence it does not rest on yet."""

    by: ClassVar[By] = officers()

    network_link: Code
    explanation: Narrative
    evidence: Evidence
    expires: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectNetworkLink(Command):
    """Reject a network link, with a reason."""

    by: ClassVar[By] = officers()

    network_link: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePossibleSamePerson(Command):
    """Note that two parties may be one person; it merges nothing."""

    by: ClassVar[By] = officers()

    note: Code
    first: PartyId
    second: PartyId
    basis: Narrative

    def refers_to(self) -> tuple[CaseId, ...]:
        """Both parties."""
        return (self.first, self.second)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvePossibleSamePerson(Command):
    """Record what became of a possible-same-person note, with a reason; it merges nothing."""

    by: ClassVar[By] = officers("review")

    note: Code
    outcome: Sameness


# --- Events ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkLinkProposed(Event):
    """A link between two persons or cases was proposed, valid until before ``expires``."""

    type: ClassVar[str] = "investigation.network_link_proposed"

    network_link: Code
    first: CaseId
    first_kind: Code
    second: CaseId
    second_kind: Code
    basis: NetworkBasis
    explanation: Narrative
    evidence: Evidence
    expires: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkLinkRenewed(Event):
    """A network link stays proposed until before ``expires``."""

    type: ClassVar[str] = "investigation.network_link_renewed"

    network_link: Code
    explanation: Narrative
    evidence: Evidence
    expires: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkLinkRejected(Event):
    """A network link is no longer maintained."""

    type: ClassVar[str] = "investigation.network_link_rejected"

    network_link: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleSamePersonNoted(Event):
    """Two parties may be one person."""

    type: ClassVar[str] = "investigation.possible_same_person_noted"

    note: Code
    first: PartyId
    second: PartyId
    basis: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleSamePersonResolved(Event):
    """What became of the question whether two parties are one person."""

    type: ClassVar[str] = "investigation.possible_same_person_resolved"
    material: ClassVar[Material] = Material.IDENTITY

    note: Code
    outcome: Sameness
