"""How an investigation begins, is led, pauses, is looked over and ends: refusals and rules."""

from domain.dossier.duty_rules import require_nothing_owed
from domain.kernel import (
    Context,
    Events,
    Nothing,
    Refusal,
    record,
    require,
    require_another,
    require_authority,
    require_reason,
)
from domain.kinds.investigation.course_acts import (
    AssignLead,
    CloseInvestigation,
    ConcludeInvestigation,
    DeclineReferral,
    DiscontinueInvestigation,
    InvestigationClosed,
    InvestigationConcluded,
    InvestigationDiscontinued,
    InvestigationOpened,
    InvestigationReopened,
    InvestigationResumed,
    InvestigationSuspended,
    LeadAssigned,
    OfficerRecused,
    OpenInvestigation,
    ProgressReviewed,
    ReceiveReferral,
    RecuseOfficer,
    ReferralDeclined,
    ReferralReceived,
    ReopenInvestigation,
    ResumeInvestigation,
    ReviewProgress,
    SuspendInvestigation,
)
from domain.kinds.investigation.guards import (
    DESIGN,
    OFFICER_RECUSED,
    require_no_conflict,
    require_review_after,
)
from domain.kinds.investigation.linked import require_nothing_held
from domain.kinds.investigation.stages import (
    AtCourt,
    Ended,
    Open,
    Referred,
    Reopenable,
    Suspended,
    Unclosed,
    Underway,
)

# --- Refusals -------------------------------------------------------------------------------------------------

REQUESTER_OPENS = Refusal(
    "requester-opens-investigation", "Who asks for an investigation does not authorize its opening.", DESIGN
)
LEAD_CONFLICTED = Refusal("lead-conflicted", "An officer leads only after stating to have no conflict of interest.", DESIGN)
LEAD_UNCHANGED = Refusal("lead-unchanged", "This officer leads already.", DESIGN)
ALREADY_RECUSED = Refusal("already-recused", "This officer is recused already.", DESIGN)
LEAD_REVIEWS = Refusal("lead-reviews-progress", "The officer who leads does not review the progress.", DESIGN)
CHARGES_UNDECIDED = Refusal(
    "charges-undecided", "An investigation does not end while a charge is neither decided nor withdrawn.", DESIGN
)
SUBJECTS_UNSETTLED = Refusal("subjects-unsettled", "A case closes only when every subject has a final status.", DESIGN)


# --- Rules ----------------------------------------------------------------------------------------------------


def receive_referral(stage: Nothing, command: ReceiveReferral, context: Context) -> Events:
    """Take a referral in; whether it leads anywhere is for another officer."""
    return (record(ReferralReceived, command, unit=context.actor.unit),)


def open_investigation(stage: Referred, command: OpenInvestigation, context: Context) -> Events:
    """Open on the authority of somebody who did not ask for it."""
    require_another(command, context, REQUESTER_OPENS, stage.requested_by)
    return (record(InvestigationOpened, command),)


def decline_referral(stage: Referred, command: DeclineReferral, context: Context) -> Events:
    """Decline with a reason."""
    require_reason(command)
    return (record(ReferralDeclined, command),)


def assign_lead(stage: Underway, command: AssignLead, context: Context) -> Events:
    """Let an officer without a conflict lead."""
    require(command.officer not in stage.matter.recused, OFFICER_RECUSED)
    require_no_conflict(command.conflict, LEAD_CONFLICTED)
    require(command.officer != stage.matter.lead, LEAD_UNCHANGED)
    return (record(LeadAssigned, command),)


def recuse_officer(stage: Unclosed, command: RecuseOfficer, context: Context) -> Events:
    """Keep an officer from deciding here; officers may recuse themselves."""
    require(command.officer not in stage.matter.recused, ALREADY_RECUSED)
    return (record(OfficerRecused, command),)


def suspend_investigation(stage: Open, command: SuspendInvestigation, context: Context) -> Events:
    """Let the investigation rest until a review that is fixed now."""
    require_reason(command)
    require_review_after(command, context, command.review_on)
    return (record(InvestigationSuspended, command),)


def resume_investigation(stage: Suspended, command: ResumeInvestigation, context: Context) -> Events:
    """Go on."""
    require_reason(command)
    return (record(InvestigationResumed, command),)


def review_progress(stage: Underway, command: ReviewProgress, context: Context) -> Events:
    """Look the case over with eyes other than the lead's."""
    require_another(command, context, LEAD_REVIEWS, *filter(None, [stage.matter.lead]))
    require_review_after(command, context, command.next_review)
    return (record(ProgressReviewed, command),)


def discontinue_investigation(stage: Underway, command: DiscontinueInvestigation, context: Context) -> Events:
    """End without a judgment; charges are withdrawn first."""
    require_reason(command)
    require(not stage.matter.undecided, CHARGES_UNDECIDED)
    return (record(InvestigationDiscontinued, command),)


def conclude_investigation(stage: AtCourt, command: ConcludeInvestigation, context: Context) -> Events:
    """End with every charge decided or withdrawn."""
    require(not stage.matter.undecided, CHARGES_UNDECIDED)
    return (record(InvestigationConcluded, command),)


def reopen_investigation(stage: Reopenable, command: ReopenInvestigation, context: Context) -> Events:
    """Open again on new material and authority."""
    require_authority(command)
    return (record(InvestigationReopened, command),)


def close_investigation(stage: Ended, command: CloseInvestigation, context: Context) -> Events:
    """Close when nobody is left in the open and nothing is held on this case alone."""
    require_nothing_owed(context)
    require(all(subject.settled for subject in stage.matter.subjects.values()), SUBJECTS_UNSETTLED)
    require_nothing_held(command, context)
    return (record(InvestigationClosed, command),)
