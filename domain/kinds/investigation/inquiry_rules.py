"""Steps, facts, earlier shipments, what speaks for a person, and expert opinions: refusals and rules."""

from domain.dossier.rules import require_claim, require_party
from domain.kernel import (
    Context,
    Events,
    Refusal,
    Refused,
    record,
    require,
    require_another,
    require_authority,
    require_reason,
)
from domain.kinds.investigation.guards import (
    DESIGN,
    EXPERT_CONFLICTED,
    require_evidence,
    require_material,
    require_new,
    require_no_conflict,
    require_subject,
)
from domain.kinds.investigation.inquiry_acts import (
    AuthorizeStep,
    ChangeClaimStatus,
    ClaimStatusChanged,
    ExculpatoryMaterialRecorded,
    ExpertOpinionRecorded,
    ExpertRequested,
    FactRecorded,
    InterviewConducted,
    PriorShipmentRecorded,
    RecordExculpatoryMaterial,
    RecordExpertOpinion,
    RecordFact,
    RecordPriorShipment,
    RecordStep,
    RecordSubjectInterview,
    RequestExpert,
    RevokeStep,
    StepAuthorityRevoked,
    StepAuthorized,
    StepConducted,
    StepType,
)
from domain.kinds.investigation.stages import Active, Kept, Matter, Step, Unclosed, Underway
from domain.values import Answer, ClaimStatus

# --- Refusals -------------------------------------------------------------------------------------------------

LEAD_AUTHORIZES_STEP = Refusal(
    "lead-authorizes-step", "The officer who leads does not authorize the steps of the inquiry.", DESIGN
)
STEP_WINDOW_EMPTY = Refusal("step-window-empty", "The window of an authority ends after it begins.", DESIGN)
STEP_AUTHORITY_IMPRECISE = Refusal(
    "step-authority-time-imprecise", "An authority with a window is given at a time known to the minute.", DESIGN
)
STEP_WINDOW_BACKDATED = Refusal(
    "step-window-backdated", "An authority covers nothing that was done before it was given.", DESIGN
)
STEP_UNKNOWN = Refusal("step-unknown", "No step of that reference is authorized in this case.", DESIGN)
STEP_OF_OTHER_TYPE = Refusal("step-of-other-type", "An authority covers a step of its own type only.", DESIGN)
STEP_TIME_OPEN = Refusal("step-time-open", "A step taken under a window of validity has a known beginning and end.", DESIGN)
STEP_REVOKED = Refusal("step-revoked", "Nothing is done under an authority that was revoked.", DESIGN)
STEP_OUTSIDE_WINDOW = Refusal("step-outside-window", "A step lies wholly within the window of its authority.", DESIGN)
AUTHORIZER_TAKES_STEP = Refusal("authorizer-takes-step", "Who authorized a step does not take it.", DESIGN)
INTERVIEW_HAS_OWN_COMMAND = Refusal(
    "interview-has-own-command", "An interview states who was heard, and says of counsel and interpreter.", DESIGN
)
COUNSEL_NOT_OFFERED = Refusal(
    "interview-without-counsel-offer", "Counsel is offered before any interview.", "default-neutral@1, counsel offered"
)
INTERPRETER_MISSING = Refusal(
    "interview-without-interpreter",
    "Nobody is heard without an interpreter unless it is known that none is needed.",
    "casetrail design, domain rules; cf. UN Body of Principles, principle 14",
)
CLAIM_UNCHANGED = Refusal("claim-unchanged", "This material has that claim status already.", DESIGN)
SHIPMENT_WITHOUT_OWN_EVIDENCE = Refusal(
    "shipment-without-own-evidence",
    "An earlier shipment needs evidence that no other shipment in the case rests on.",
    DESIGN,
)
REQUEST_UNKNOWN = Refusal("expert-request-unknown", "No expert was asked under that reference.", DESIGN)
OPINION_IS_NO_FACT = Refusal(
    "opinion-is-no-fact",
    "What an expert concludes has the claim status of an opinion.",
    "casetrail design, domain rules; cf. Directive (EU) 2016/680, art. 7",
)


# --- Steps ----------------------------------------------------------------------------------------------------


def authorize_step(stage: Active, command: AuthorizeStep, context: Context) -> Events:
    """Give a step its authority, for a time that begins no earlier than the authority itself."""
    require_authority(command)
    require_another(command, context, LEAD_AUTHORIZES_STEP, *filter(None, [stage.matter.lead]))
    require_new(command.step, stage.matter.steps)
    require(command.valid_from < command.valid_until, STEP_WINDOW_EMPTY)
    given = command.when.earliest
    if not command.when.precise or given is None:
        raise Refused(STEP_AUTHORITY_IMPRECISE)
    require(given <= command.valid_from, STEP_WINDOW_BACKDATED)
    return (record(StepAuthorized, command),)


def authorized(matter: Matter, reference: str) -> Step:
    """The step authorized under a reference, or a refusal."""
    step = matter.steps.get(reference)
    if step is None:
        raise Refused(STEP_UNKNOWN)
    return step


def revoke_step(stage: Unclosed, command: RevokeStep, context: Context) -> Events:
    """End an authority for the time to come; whoever may authorize may revoke, who leads included."""
    require_reason(command)
    require(authorized(stage.matter, command.step).revoked is None, STEP_REVOKED)
    return (record(StepAuthorityRevoked, command),)


def require_step(matter: Matter, command: RecordStep | RecordSubjectInterview, step_type: StepType, context: Context) -> None:
    """Refuse a step outside an authority of its type, after it was revoked, or taken by who gave it.

    An imprecise time is good enough if all of its interval lies within the window and before a revocation.
    """
    step = authorized(matter, command.step)
    require(step.step_type is step_type, STEP_OF_OTHER_TYPE)
    began, ended = command.when.earliest, command.when.latest
    if began is None or ended is None:
        raise Refused(STEP_TIME_OPEN)
    require(step.valid_from <= began and ended <= step.valid_until, STEP_OUTSIDE_WINDOW)
    require(step.revoked is None or ended <= step.revoked, STEP_REVOKED)
    require_another(command, context, AUTHORIZER_TAKES_STEP, step.authorized_by)
    require_new(command.record, matter.material)


def record_step(stage: Active, command: RecordStep, context: Context) -> Events:
    """Take the record of a step to the file."""
    require(command.step_type is not StepType.INTERVIEW, INTERVIEW_HAS_OWN_COMMAND)
    require_step(stage.matter, command, command.step_type, context)
    require_claim(command, command.claim_status)
    return (record(StepConducted, command),)


def record_subject_interview(stage: Active, command: RecordSubjectInterview, context: Context) -> Events:
    """Take an account to the file that was given with counsel offered and understood by all."""
    require_step(stage.matter, command, StepType.INTERVIEW, context)
    require_subject(stage.matter, command.party)
    require(command.counsel_offered is Answer.YES, COUNSEL_NOT_OFFERED)
    understood = Answer.NO is command.interpreter_needed or Answer.YES is command.interpreter_present
    require(understood, INTERPRETER_MISSING)
    require_claim(command, command.claim_status)
    return (record(InterviewConducted, command),)


# --- Material -------------------------------------------------------------------------------------------------


def record_fact(stage: Underway, command: RecordFact, context: Context) -> Events:
    """Keep what somebody states, with its source and how far it is established."""
    require_new(command.fact, stage.matter.material)
    for party in command.parties:
        require_party(party, context)
    require_claim(command, command.claim_status)
    return (record(FactRecorded, command),)


def change_claim_status(stage: Kept, command: ChangeClaimStatus, context: Context) -> Events:
    """Say anew how far material is established; the earlier status stays in the history."""
    require_reason(command)
    was = require_material(stage.matter, command.item).status
    require(command.claim_status is not was, CLAIM_UNCHANGED)
    require_claim(command, command.claim_status, was)
    return (record(ClaimStatusChanged, command, was=was),)


def record_exculpatory_material(stage: Kept, command: RecordExculpatoryMaterial, context: Context) -> Events:
    """Keep what speaks for a person, whenever it turns up."""
    require_new(command.item, stage.matter.material)
    for party in command.parties:
        require_party(party, context)
    require_claim(command, command.claim_status)
    return (record(ExculpatoryMaterialRecorded, command),)


def record_prior_shipment(stage: Underway, command: RecordPriorShipment, context: Context) -> Events:
    """Keep one earlier shipment that has evidence of its own."""
    require_new(command.shipment, stage.matter.material)
    require_evidence(stage.matter, command.evidence)
    require(not stage.matter.shipment_evidence.issuperset(command.evidence), SHIPMENT_WITHOUT_OWN_EVIDENCE)
    require_claim(command, command.claim_status)
    return (record(PriorShipmentRecorded, command),)


# --- Experts --------------------------------------------------------------------------------------------------


def request_expert(stage: Active, command: RequestExpert, context: Context) -> Events:
    """Ask an expert without a conflict of interest."""
    require_new(command.request, stage.matter.requests)
    require_no_conflict(command.conflict, EXPERT_CONFLICTED)
    return (record(ExpertRequested, command),)


def record_expert_opinion(stage: Underway, command: RecordExpertOpinion, context: Context) -> Events:
    """Keep what the expert concludes, as an opinion."""
    require(command.request in stage.matter.requests, REQUEST_UNKNOWN)
    require_no_conflict(command.conflict, EXPERT_CONFLICTED)
    require_new(command.opinion, stage.matter.material)
    require(command.claim_status is ClaimStatus.OPINION, OPINION_IS_NO_FACT)
    return (record(ExpertOpinionRecorded, command),)
