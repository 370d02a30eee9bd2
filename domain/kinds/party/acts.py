"""The acts on the party register: registering, asking whether two entries are one party, merging and un-merging.

Every act is recorded on one entry. A question stands on the record of the party that remains if it comes to a merge; the
merge stands on the record of the other. No act changes an event of any case: a case names whom it named.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

from domain.kernel import OFFICER, RECORDS_MANAGER, SUPERVISOR, By, Command, Event, Opened, Opening, officers
from domain.parties import PartyType, SamePartyOutcome
from domain.values import CaseId, CountLimit, Material, Narrative, PartyId

# --- Words ----------------------------------------------------------------------------------------------------


class SamePartyBasis(StrEnum):
    """What makes it possible that two entries are one party.

    Nationality, ethnicity, religion, origin, university and looks are no basis and have no code; nor is there a code for
    anything else, which would let them in.
    """

    DOCUMENT_MATCH = "document_match"
    BIOMETRIC_MATCH = "biometric_match"
    OWN_STATEMENT = "own_statement"
    WITNESS_STATEMENT = "witness_statement"
    ADDRESS_AND_DATE = "address_and_date"
    PUBLIC_REGISTER = "public_register"


Bases = Annotated[tuple[SamePartyBasis, ...], CountLimit(6, least=1)]

RECORD_KEEPERS = By(frozenset({OFFICER, SUPERVISOR, RECORDS_MANAGER}))
MERGERS = By(frozenset({SUPERVISOR, RECORDS_MANAGER}))

# --- Commands -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterParty(Opening):
    """Register a person or an organization; who it is, is described separately and sealed."""

    by: ClassVar[By] = officers()

    party_type: PartyType


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePossibleSameParty(Command):
    """Note that another entry of the register may be this party; it merges nothing."""

    by: ClassVar[By] = RECORD_KEEPERS

    other_party: PartyId
    basis: Bases
    grounds: Narrative

    def refers_to(self) -> tuple[CaseId, ...]:
        """The other party."""
        return (self.other_party,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvePossibleSameParty(Command):
    """Answer whether another entry is this party, with a reason; it merges nothing."""

    by: ClassVar[By] = RECORD_KEEPERS

    other_party: PartyId
    outcome: SamePartyOutcome

    def refers_to(self) -> tuple[CaseId, ...]:
        """The other party."""
        return (self.other_party,)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeParties(Command):
    """Merge this party into the one on whose record the two were found to be the same."""

    by: ClassVar[By] = MERGERS

    into: PartyId

    def refers_to(self) -> tuple[CaseId, ...]:
        """The party that remains."""
        return (self.into,)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmergeParties(Command):
    """Undo the merge of this party, with a reason; it stands for itself again."""

    by: ClassVar[By] = MERGERS


# --- Events ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyRegistered(Opened):
    """A person or an organization stands in the register from now on."""

    type: ClassVar[str] = "party.registered"

    party_type: PartyType


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleSamePartyNoted(Event):
    """Another entry of the register may be this party."""

    type: ClassVar[str] = "party.possible_same_party_noted"

    other_party: PartyId
    basis: Bases
    grounds: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleSamePartyResolved(Event):
    """The question whether another entry is this party was answered."""

    type: ClassVar[str] = "party.possible_same_party_resolved"
    material: ClassVar[Material] = Material.IDENTITY

    other_party: PartyId
    outcome: SamePartyOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class PartiesMerged(Event):
    """This entry and ``into`` are held to be one party, named by ``into`` from now on."""

    type: ClassVar[str] = "party.parties_merged"

    into: PartyId


@dataclass(frozen=True, slots=True, kw_only=True)
class PartiesUnmerged(Event):
    """This entry and ``into``, which it was merged into, are no longer held to be one party."""

    type: ClassVar[str] = "party.parties_unmerged"

    into: PartyId
