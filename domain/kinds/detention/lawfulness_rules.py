"""The rules on the lawfulness of a hold, on remedies and on complaints: open as long as the case is on record."""

from domain.kernel import (
    Context,
    Events,
    Refusal,
    record,
    require,
    require_authority,
)
from domain.kinds.detention.custody_acts import (
    ChallengeHold,
    DeclareHoldUnlawful,
    HoldChallenged,
    HoldDeclaredUnlawful,
    RecordRemedy,
    RemedyRecorded,
)
from domain.kinds.detention.lawfulness_acts import (
    AnswerDetentionComplaint,
    ComplaintAnswered,
    ComplaintLodged,
    DismissHoldChallenge,
    HoldChallengeDismissed,
    HoldChallengeWithdrawn,
    LodgeDetentionComplaint,
    WithdrawHoldChallenge,
)
from domain.kinds.detention.stages import AnyStage, Unended
from domain.values import AuthorityKind

# --- Refusals -------------------------------------------------------------------------------------------------

DESIGN = "casetrail design, domain rules"
PERIOD_REVERSED = Refusal("unlawful-period-reversed", "The unlawful period ends after it began.", DESIGN)
PERIOD_OPEN = Refusal(
    "unlawful-period-open",
    "Where custody has ended the unlawful period has an end, known or not: nobody is left to be released.",
    DESIGN,
)
NO_CHALLENGE = Refusal(
    "hold-challenge-not-open", "Only a challenge that is open before that body is dismissed or withdrawn.", DESIGN
)
DISMISSAL_NOT_INDEPENDENT = Refusal(
    "hold-challenge-dismissal-not-independent",
    "A challenge is dismissed by the dated decision of a court or another body independent of those who hold.",
    "UN Body of Principles, principle 32",
)
COMPLAINT_OPEN = Refusal("complaint-open", "A complaint of this number waits for its answer already.", DESIGN)
NO_COMPLAINT = Refusal("complaint-not-open", "Only a complaint that waits for its answer is answered.", DESIGN)
COMPLAINT_ANSWERED_BY_OWN_UNIT = Refusal(
    "complaint-answered-by-own-unit",
    "A complaint is not answered by the unit that held the person.",
    "UN Body of Principles, principle 33",
)

INDEPENDENT = (AuthorityKind.COURT_ORDER, AuthorityKind.OTHER)
"""What a decision independent of those who hold rests on: a court's order, or one of a body that is no part of the chain."""


# --- Lawfulness -----------------------------------------------------------------------------------------------


def challenge_hold(stage: AnyStage, command: ChallengeHold, context: Context) -> Events:
    """A hold may be challenged at any time, and after it has ended."""
    return (record(HoldChallenged, command),)


def dismiss_hold_challenge(stage: AnyStage, command: DismissHoldChallenge, context: Context) -> Events:
    """A body that is none of those who hold says, with grounds, that the challenge fails."""
    require(command.before in stage.standing.challenged_before, NO_CHALLENGE)
    decision = command.authority
    independent = decision is not None and decision.kind in INDEPENDENT and decision.issued_on is not None
    require(independent, DISMISSAL_NOT_INDEPENDENT)
    return (record(HoldChallengeDismissed, command),)


def withdraw_hold_challenge(stage: AnyStage, command: WithdrawHoldChallenge, context: Context) -> Events:
    """Whoever challenged the hold lets go of it; the hold may be challenged again."""
    require(command.before in stage.standing.challenged_before, NO_CHALLENGE)
    return (record(HoldChallengeWithdrawn, command),)


def declare_hold_unlawful(stage: AnyStage, command: DeclareHoldUnlawful, context: Context) -> Events:
    """A declaration rests on a decision and names the period."""
    require_authority(command)
    began = command.began.earliest
    ended = command.ended.latest if command.ended else None
    require(began is None or ended is None or ended > began, PERIOD_REVERSED)
    require(command.ended is not None or isinstance(stage, Unended), PERIOD_OPEN)
    return (record(HoldDeclaredUnlawful, command),)


def record_remedy(stage: AnyStage, command: RecordRemedy, context: Context) -> Events:
    """A remedy rests on what awarded it."""
    require_authority(command)
    return (record(RemedyRecorded, command),)


# --- Complaints -----------------------------------------------------------------------------------------------


def lodge_complaint(stage: AnyStage, command: LodgeDetentionComplaint, context: Context) -> Events:
    """Anybody may complain at any time, and after the hold has ended."""
    require(command.complaint not in stage.standing.complaints, COMPLAINT_OPEN)
    return (record(ComplaintLodged, command),)


def answer_complaint(stage: AnyStage, command: AnswerDetentionComplaint, context: Context) -> Events:
    """An answer comes from outside the unit that held the person."""
    require(command.complaint in stage.standing.complaints, NO_COMPLAINT)
    require(context.actor.unit != context.dossier.unit, COMPLAINT_ANSWERED_BY_OWN_UNIT)
    return (record(ComplaintAnswered, command),)
