"""The rules of corrections: what may be corrected, and where that takes two persons."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.deadlines import PROFILE_NOT_INSTALLED
from domain.dossier.acts import CorrectEntry, HandlingChanged, ProfileChanged, RetractEntry, UnitChanged
from domain.dossier.correction_acts import (
    ApproveCorrection,
    CorrectionApproved,
    CorrectionProposed,
    CorrectionRejected,
    ProposeCorrection,
    ProposeRetraction,
    RejectCorrection,
    RetractionProposed,
)
from domain.dossier.duty_acts import DeadlineAlarm
from domain.dossier.materiality import touched, within
from domain.dossier.rules import NO_SUCH_ENTRY, require_claim
from domain.dossier.state import Proposal
from domain.kernel import (
    RECORD,
    Context,
    Entry,
    EntryCorrected,
    EntryRetracted,
    Event,
    Events,
    Opened,
    Refusal,
    Refused,
    Restating,
    Stage,
    record,
    require,
    require_another,
    require_reason,
)
from domain.values import CorrectionReason, Material

DESIGN = "casetrail design, domain rules"
NOTHING_CHANGES = Refusal("nothing-changes", "A correction must change the entry.", RECORD)
OPENING_STANDS = Refusal("opening-stands", "The entry that opened the case can be corrected, not retracted.", RECORD)
ENTRY_STANDS = Refusal(
    "entry-stands", "An alarm, a proposed correction and the answer to one stand as they were recorded.", RECORD
)
AS_FOUND_STANDS = Refusal(
    "as-found-stands",
    "What was found stays as it was described when it was found; an addendum or a classification says more.",
    DESIGN,
)
GOVERNED_STANDS = Refusal(
    "own-command-changes",
    "The unit, the handling and the rule profile of a case are changed by commands of their own, which say who may and when.",
    DESIGN,
)
NEEDS_APPROVAL = Refusal(
    "correction-needs-approval",
    "A correction of a time, a quantity, a classification, an identity or a term is proposed by one officer and approved "
    "by another, as far as the profile calls it material.",
    "the profile's corrections",
)
PROPOSAL_OPEN = Refusal("proposal-open", "A correction of this entry is proposed already; it is to be answered first.", RECORD)
NO_SUCH_PROPOSAL = Refusal("no-such-proposal", "No correction of this entry waits for an answer.", RECORD)
PROPOSAL_OUTDATED = Refusal(
    "proposal-outdated", "The entry was corrected since this was proposed: the proposal is rejected and made anew.", RECORD
)
APPROVER_PROPOSED = Refusal(
    "approver-proposed", "Whoever proposed a correction, or recorded the proposal, does not approve it.", DESIGN
)


GOVERNED: Mapping[type[Event], frozenset[str]] = MappingProxyType(
    {
        Opened: frozenset({"unit"}),
        UnitChanged: frozenset({"unit"}),
        HandlingChanged: frozenset({"handling"}),
        ProfileChanged: frozenset({"profile", "legal_basis", "selected_on"}),
    }
)
"""Fields under which a case stands. A correction asks neither for a supervisor nor whether a profile is the selected one."""


def standing_target(context: Context) -> Entry:
    """The entry a correction or retraction names, or a refusal."""
    if context.target is None:
        raise Refused(NO_SUCH_ENTRY)
    answers = (Restating, RetractionProposed, CorrectionApproved, CorrectionRejected, DeadlineAlarm)
    require(not isinstance(context.target.event, answers), ENTRY_STANDS)
    return context.target


def material(context: Context) -> frozenset[Material]:
    """What the profile of the case calls material."""
    if context.profile is None:
        raise Refused(PROFILE_NOT_INSTALLED)
    return context.profile.material


def require_correctable(command: CorrectEntry | ProposeCorrection | ApproveCorrection, context: Context) -> tuple[Event, Event]:
    """The entry as it stands and as it is to be, or a refusal."""
    target, restated = standing_target(context).event, context.restated
    if restated is None or restated == target:
        raise Refused(NOTHING_CHANGES)
    found = (getattr(target, name) == getattr(restated, name) for name in target.as_found)
    require(all(found), AS_FOUND_STANDS)
    governed = (name for event, names in GOVERNED.items() if isinstance(target, event) for name in names)
    require(all(getattr(target, name) == getattr(restated, name) for name in governed), GOVERNED_STANDS)
    if restated.claim_status is not target.claim_status:
        require_claim(command, restated.claim_status, target.claim_status)
    return target, restated


def require_retractable(context: Context) -> Event:
    """The entry that is to be taken out, or a refusal."""
    target = standing_target(context).event
    require(not isinstance(target, Opened), OPENING_STANDS)
    return target


def correct_entry(stage: Stage, command: CorrectEntry, context: Context) -> Events:
    """Restate an entry where that is not material."""
    require_reason(command)
    target, restated = require_correctable(command, context)
    require(not touched(target, restated) & material(context), NEEDS_APPROVAL)
    return (record(EntryCorrected, command, restated=restated),)


def retract_entry(stage: Stage, command: RetractEntry, context: Context) -> Events:
    """Take an entry out of what is maintained where it holds nothing material."""
    require_reason(command)
    require(not within(require_retractable(context)) & material(context), NEEDS_APPROVAL)
    return (record(EntryRetracted, command),)


def require_no_proposal(target: int, context: Context) -> None:
    """Refuse a second proposal for one entry."""
    require(target not in context.dossier.proposals, PROPOSAL_OPEN)


def propose_correction(stage: Stage, command: ProposeCorrection, context: Context) -> Events:
    """One officer says how an entry should read."""
    require_reason(command)
    _, restated = require_correctable(command, context)
    require_no_proposal(command.target, context)
    return (record(CorrectionProposed, command, restated=restated, proposed_by=context.actor.id),)


def propose_retraction(stage: Stage, command: ProposeRetraction, context: Context) -> Events:
    """One officer says that an entry should not stand."""
    require_reason(command)
    require_retractable(context)
    require_no_proposal(command.target, context)
    return (record(RetractionProposed, command, proposed_by=context.actor.id),)


def open_proposal(command: ApproveCorrection | RejectCorrection, context: Context) -> Proposal:
    """What is proposed for an entry, or a refusal."""
    found: Proposal | None = context.dossier.proposals.get(command.target)
    if found is None:
        raise Refused(NO_SUCH_PROPOSAL)
    return found


def approve_correction(stage: Stage, command: ApproveCorrection, context: Context) -> Events:
    """Another officer finds it right; with the approval the entry is corrected or retracted."""
    proposal = open_proposal(command, context)
    require_another(command, context, APPROVER_PROPOSED, *proposal.proposers)
    why = CorrectionReason(proposal.why)
    approved = record(CorrectionApproved, command)
    if proposal.retracts:
        require_retractable(context)
        return (approved, record(EntryRetracted, command, why=why))
    require(context.restated is not None, PROPOSAL_OUTDATED)
    _, restated = require_correctable(command, context)
    return (approved, record(EntryCorrected, command, why=why, restated=restated))


def reject_correction(stage: Stage, command: RejectCorrection, context: Context) -> Events:
    """Another officer, or the one who proposed it, finds that the entry should stand."""
    require_reason(command)
    open_proposal(command, context)
    return (record(CorrectionRejected, command),)
