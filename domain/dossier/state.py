"""The state of what every case has, and how each shared event changes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

from domain.dossier import acts, correction_acts, duty_acts
from domain.dossier.acts import Handling, LinkState, LinkType
from domain.kernel import Event, Opened, impossible
from domain.values import Answer, CaseId, PartyId

T = TypeVar("T")

# --- State ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Owed:
    """An obligation that is neither met nor waived: what is owed, to which person if to one, and whether somebody answers."""

    duty: duty_acts.Duty
    party: PartyId | None
    acknowledged: bool = False


@dataclass(frozen=True, slots=True)
class Alarmed:
    """An alarm that was recorded: its wire name, the run of the clock, when that was due, and the moment of the alarm."""

    type: str
    clock: str
    run: str | None
    started_by: int
    due: datetime
    moment: datetime | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A correction, or a retraction, that waits for another officer: who decided and who recorded it, and why."""

    retracts: bool
    why: str
    proposers: tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class Dossier:
    """What later decisions need of the shared part of a case.

    ``links`` maps (other case, link type) to how far the link has come on this side. ``profile`` is the rule profile the case
    was moved to, empty while it is under the default. ``owed`` maps the version that opened an obligation to what is still
    owed, ``proposals`` the version of an entry to what is proposed for it; ``alarms`` are those recorded.
    """

    file_number: str = ""
    unit: str = ""
    handling: Handling = Handling.STANDARD
    assignee: str | None = None
    links: Mapping[tuple[CaseId, LinkType], LinkState] = field(default_factory=lambda: MappingProxyType({}))
    foreign_nationals: Mapping[PartyId, Answer] = field(default_factory=lambda: MappingProxyType({}))
    profile: str = ""
    owed: Mapping[int, Owed] = field(default_factory=lambda: MappingProxyType({}))
    alarms: frozenset[Alarmed] = frozenset()
    proposals: Mapping[int, Proposal] = field(default_factory=lambda: MappingProxyType({}))


# --- Evolve ---------------------------------------------------------------------------------------------------


def linked(dossier: Dossier, other: CaseId, link: LinkType, state: LinkState) -> Dossier:
    """The dossier with one link brought to a state."""
    return replace(dossier, links=MappingProxyType({**dossier.links, (other, link): state}))


def evolve(dossier: Dossier, event: Event) -> Dossier:
    """The dossier after one more shared event."""
    match event:
        case Opened(file_number=number, unit=unit):
            return replace(dossier, file_number=number, unit=unit)
        case acts.LinkProposed(other=other, link=link):
            return linked(dossier, other, link, LinkState.PROPOSED)
        case acts.LinkConfirmed(other=other, link=link):
            return linked(dossier, other, link, LinkState.CONFIRMED)
        case acts.LinkRejected(other=other, link=link):
            return linked(dossier, other, link, LinkState.REJECTED)
        case acts.LinkEnded(other=other, link=link):
            return linked(dossier, other, link, LinkState.ENDED)
        case acts.OfficerAssigned(officer=officer):
            return replace(dossier, assignee=officer)
        case acts.UnitChanged(unit=unit):
            return replace(dossier, unit=unit)
        case acts.HandlingChanged(handling=handling):
            return replace(dossier, handling=handling)
        case acts.FileNumberChanged(file_number=number):
            return replace(dossier, file_number=number)
        case acts.ProfileChanged(profile=profile):
            return replace(dossier, profile=profile)
        case acts.PersonDescribed(party=party, foreign_national=answer):
            return replace(dossier, foreign_nationals=MappingProxyType({**dossier.foreign_nationals, party: answer}))
        case acts.LinkAnswered(other=other, link=link, answer=answer):
            return linked(dossier, other, link, answer)
        case acts.AddendumAdded() | acts.DisagreementRecorded():
            return dossier
        case duty_acts.DeadlineAlarm():
            return replace(dossier, alarms=dossier.alarms | {alarmed(event)})
        case _:
            return obliged(dossier, event)


def alarmed(event: duty_acts.DeadlineAlarm) -> Alarmed:
    """What is remembered of an alarm, so that it is raised once."""
    return Alarmed(event.type, event.clock, event.run, event.started_by, event.due, event.when.earliest)


def obliged(dossier: Dossier, event: Event) -> Dossier:
    """The dossier after something is owed or no longer owed, proposed or answered."""
    match event:
        case duty_acts.ObligationOpened(obligation=number, duty=duty, party=party) if number not in dossier.owed:
            return replace(dossier, owed=MappingProxyType({**dossier.owed, number: Owed(duty, party)}))
        case duty_acts.ObligationAcknowledged(obligation=number) if number in dossier.owed:
            owed = replace(dossier.owed[number], acknowledged=True)
            return replace(dossier, owed=MappingProxyType({**dossier.owed, number: owed}))
        case duty_acts.ObligationDischarged(obligation=number) | duty_acts.ObligationWaived(obligation=number):
            return replace(dossier, owed=without(dossier.owed, number, dossier, event))
        case correction_acts.CorrectionProposed(target=target, why=why, decided_by=by, proposed_by=recorder):
            return proposed(dossier, target, Proposal(False, why, (by, recorder)), event)  # noqa: FBT003 - no retraction
        case correction_acts.RetractionProposed(target=target, why=why, decided_by=by, proposed_by=recorder):
            return proposed(dossier, target, Proposal(True, why, (by, recorder)), event)  # noqa: FBT003 - a retraction
        case correction_acts.CorrectionApproved(target=target) | correction_acts.CorrectionRejected(target=target):
            return replace(dossier, proposals=without(dossier.proposals, target, dossier, event))
        case _:
            impossible(dossier, event)


def proposed(dossier: Dossier, target: int, proposal: Proposal, event: Event) -> Dossier:
    """The dossier with a proposal for an entry, which has no other one."""
    if target in dossier.proposals:
        impossible(dossier, event)
    return replace(dossier, proposals=MappingProxyType({**dossier.proposals, target: proposal}))


def without(known: Mapping[int, T], number: int, dossier: Dossier, event: Event) -> Mapping[int, T]:
    """A mapping without one of its keys, which must be there."""
    if number not in known:
        impossible(dossier, event)
    return MappingProxyType({key: value for key, value in known.items() if key != number})
