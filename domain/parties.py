"""The party register as every rule may see it: what an entry is, and whether it stands for itself or was merged into another.

Nobody is the same person as somebody else because a program found them alike: officers ask, answer, merge and un-merge.
Directive (EU) 2016/680, art. 4(1)(d): personal data are accurate, and put right where they are not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from domain.kernel import RECORD, Refusal, Stage
from domain.values import PartyId


class PartyType(StrEnum):
    """What a party is."""

    PERSON = "person"
    ORGANIZATION = "organization"


class SamePartyOutcome(StrEnum):
    """What became of the question whether two entries of the register are one party."""

    SAME = "same"
    DIFFERENT = "different"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class SamePartyQuestion:
    """A question whether another entry is the same party, who asked it, and the last answer if there is one."""

    asked_by: str | None
    outcome: SamePartyOutcome | None = None


@dataclass(frozen=True, slots=True)
class Registered(Stage):
    """In the register and standing for itself. ``questions`` has by the other's id what was asked on this record."""

    party_type: PartyType = PartyType.PERSON
    questions: Mapping[PartyId, SamePartyQuestion] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Merged(Stage):
    """Merged into another entry, ``into``: nothing new names this one until it is un-merged. All else as ``Registered``."""

    into: PartyId
    party_type: PartyType = PartyType.PERSON
    questions: Mapping[PartyId, SamePartyQuestion] = field(default_factory=lambda: MappingProxyType({}))


PARTY_MERGED = Refusal(
    "party-merged", "Nothing new names a party that was merged into another; it names the one that remains.", RECORD
)
