"""The acts every case shares: commands and events named ``case.…``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from domain.kernel import BY_THE_SYSTEM, OFFICER, RECORDS_MANAGER, SUPERVISOR, By, Command, Event, supervisors
from domain.values import (
    Answer,
    CaseId,
    Code,
    CorrectionReason,
    Material,
    Narrative,
    Number,
    PartyId,
    Personal,
    TextLimit,
    Whole,
    WholeLimit,
)

# --- Words ----------------------------------------------------------------------------------------------------


class Handling(StrEnum):
    """How widely a case may be seen within the agency."""

    STANDARD = "standard"
    RESTRICTED = "restricted"


class LinkType(StrEnum):
    """What one case is to another, read from the proposing case."""

    GAVE_RISE_TO = "gave_rise_to"
    SUPPORTS = "supports"
    EVIDENCE_FOR = "evidence_for"
    LED_TO = "led_to"
    CREDITS = "credits"
    ORDERS_DISPOSAL_OF = "orders_disposal_of"
    POSSIBLE_OVERLAP = "possible_overlap"


class LinkState(StrEnum):
    """How far a link has come on this case's side."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    ENDED = "ended"


# --- Commands -------------------------------------------------------------------------------------------------

RECORD_KEEPERS = By(frozenset({OFFICER, SUPERVISOR, RECORDS_MANAGER}))


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectEntry(Command):
    """Correct an earlier entry by restating it; only the changed fields are given.

    ``target`` is the entry's version, ``changes`` its fields with their new values, of the entry's own types.
    """

    by: ClassVar[By] = RECORD_KEEPERS

    target: Whole
    why: CorrectionReason
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetractEntry(Command):
    """Retract an earlier entry that should never have been made; it stays visible as retracted."""

    by: ClassVar[By] = RECORD_KEEPERS

    target: Whole
    why: CorrectionReason


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAddendum(Command):
    """Add a remark to the case or to one of its entries."""

    text: Narrative
    target: Whole | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDisagreement(Command):
    """Record that a person concerned disagrees with what is recorded."""

    party: PartyId
    statement: Narrative
    target: Whole | None = None

    def refers_to(self) -> tuple[CaseId, ...]:
        """The person."""
        return (self.party,)


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribePerson(Command):
    """Record who a person is, as known in this case. Every personal value is sealed.

    ``minor`` and ``foreign_national`` are what duties depend on; nationality itself serves consular duties alone.
    """

    party: PartyId
    minor: Answer = Answer.UNKNOWN
    foreign_national: Answer = Answer.UNKNOWN
    name: Personal[Annotated[str, TextLimit(300)]] | None = None
    birth_date: Personal[date] | None = None
    age: Personal[Annotated[int, WholeLimit(150)]] | None = None
    occupation: Personal[Annotated[str, TextLimit(300)]] | None = None
    nationality: Personal[Annotated[str, TextLimit(100)]] | None = None
    documents: Personal[Annotated[str, TextLimit(1000)]] | None = None
    health: Personal[Annotated[str, TextLimit(2000)]] | None = None

    def refers_to(self) -> tuple[CaseId, ...]:
        """The person."""
        return (self.party,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeLink(Command):
    """Propose a link from this case to another; it holds once the other case confirms it."""

    other: CaseId
    link: LinkType

    def refers_to(self) -> tuple[CaseId, ...]:
        """The far end."""
        return (self.other,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmLink(Command):
    """Confirm a link that another case has proposed to this one."""

    other: CaseId
    link: LinkType

    def refers_to(self) -> tuple[CaseId, ...]:
        """The far end."""
        return (self.other,)


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectLink(Command):
    """Reject a link that another case has proposed to this one."""

    other: CaseId
    link: LinkType

    def refers_to(self) -> tuple[CaseId, ...]:
        """The far end."""
        return (self.other,)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndLink(Command):
    """End a link on this case's side; its history stays."""

    other: CaseId
    link: LinkType


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignOfficer(Command):
    """Assign the case to an officer."""

    by: ClassVar[By] = supervisors()

    officer: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveToUnit(Command):
    """Hand the case to another unit, which answers for it from then on."""

    by: ClassVar[By] = supervisors()

    unit: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeHandling(Command):
    """Mark the case as restricted, or not; the mark does not yet change who may see it."""

    by: ClassVar[By] = supervisors()

    handling: Handling


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFileNumber(Command):
    """Give the case another file number of the agency."""

    by: ClassVar[By] = RECORD_KEEPERS

    file_number: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveToProfile(Command):
    """Move the case to another version of the law, by its legal basis and selecting date.

    ``profile`` is the version's name, ``selected_on`` the date its transitional rule names, a calendar date at the place.
    """

    by: ClassVar[By] = supervisors()

    profile: Code
    legal_basis: Code
    selected_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLinkAnswer(Command):
    """Record what the other side did with a link that this side holds."""

    by: ClassVar[By] = BY_THE_SYSTEM

    other: CaseId
    link: LinkType
    answer: LinkState


# --- Events ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AddendumAdded(Event):
    """A remark was added to the case or, with ``target``, to the entry of that version."""

    type: ClassVar[str] = "case.addendum_added"

    text: Narrative
    target: Whole | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisagreementRecorded(Event):
    """A person concerned disagrees with the record, or with the entry ``target``."""

    type: ClassVar[str] = "case.disagreement_recorded"

    party: PartyId
    statement: Narrative
    target: Whole | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDescribed(Event):
    """Who a person is, as known in this case; the last description stands, earlier ones stay in the history."""

    type: ClassVar[str] = "case.person_described"
    material: ClassVar[Material] = Material.IDENTITY

    party: PartyId
    minor: Answer
    foreign_national: Answer
    name: Personal[Annotated[str, TextLimit(300)]] | None
    birth_date: Personal[date] | None
    age: Personal[Annotated[int, WholeLimit(150)]] | None
    occupation: Personal[Annotated[str, TextLimit(300)]] | None
    nationality: Personal[Annotated[str, TextLimit(100)]] | None
    documents: Personal[Annotated[str, TextLimit(1000)]] | None
    health: Personal[Annotated[str, TextLimit(2000)]] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkProposed(Event):
    """This case proposed a link to another."""

    type: ClassVar[str] = "case.link_proposed"

    other: CaseId
    other_kind: Code
    link: LinkType


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkConfirmed(Event):
    """This case confirmed a link that ``other`` proposed."""

    type: ClassVar[str] = "case.link_confirmed"

    other: CaseId
    other_kind: Code
    link: LinkType


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRejected(Event):
    """This case rejected a link that ``other`` proposed."""

    type: ClassVar[str] = "case.link_rejected"

    other: CaseId
    other_kind: Code
    link: LinkType


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkEnded(Event):
    """A link ended on this case's side."""

    type: ClassVar[str] = "case.link_ended"

    other: CaseId
    link: LinkType


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkAnswered(Event):
    """What the other case did with a link: confirmed, rejected or ended it."""

    type: ClassVar[str] = "case.link_answered"

    other: CaseId
    link: LinkType
    answer: LinkState


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerAssigned(Event):
    """The case was assigned to an officer."""

    type: ClassVar[str] = "case.officer_assigned"

    officer: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChanged(Event):
    """Another unit answers for the case."""

    type: ClassVar[str] = "case.unit_changed"

    unit: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlingChanged(Event):
    """The circle of those who may see the case changed."""

    type: ClassVar[str] = "case.handling_changed"

    handling: Handling


@dataclass(frozen=True, slots=True, kw_only=True)
class FileNumberChanged(Event):
    """The case got another file number."""

    type: ClassVar[str] = "case.file_number_changed"

    file_number: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChanged(Event):
    """The case is under another rule profile, selected for ``legal_basis`` on ``selected_on``; every clock is counted by it."""

    type: ClassVar[str] = "case.profile_changed"

    profile: Code
    legal_basis: Code
    selected_on: date
