"""What comes of a challenge to the hold, and complaints: both outlive the hold."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from domain.kernel import Command, Event
from domain.kinds.detention.custody_acts import Challenger
from domain.values import Label, Narrative, Number

# --- Words ----------------------------------------------------------------------------------------------------


class ComplaintSubject(StrEnum):
    """What a complaint is about."""

    TREATMENT = "treatment"
    CONDITIONS = "conditions"
    HEALTH_CARE = "health_care"
    RIGHTS = "rights"
    BELONGINGS = "belongings"
    OTHER = "other"


class ComplaintFinding(StrEnum):
    """What an answer to a complaint comes to."""

    UPHELD = "upheld"
    PARTLY_UPHELD = "partly_upheld"
    NOT_UPHELD = "not_upheld"


# --- Commands -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissHoldChallenge(Command):
    """Record that the body asked dismissed a challenge to the hold, and on what grounds.

    ``before`` is the body named in the challenge, ``authority`` the dated decision of a court or another independent body.
    """

    before: Label
    grounds: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawHoldChallenge(Command):
    """Record that whoever challenged the hold withdrew the challenge."""

    before: Label
    challenger: Challenger


@dataclass(frozen=True, slots=True, kw_only=True)
class LodgeDetentionComplaint(Command):
    """Record a complaint about how the person was treated, under a number of its own."""

    complaint: Number
    complainant: Challenger
    subject: ComplaintSubject
    text: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDetentionComplaint(Command):
    """Record how a complaint was decided by somebody outside the unit that held the person."""

    complaint: Number
    finding: ComplaintFinding
    answer: Narrative


# --- Events ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldChallengeDismissed(Event):
    """The challenge before ``before`` was dismissed on ``grounds``; ``authority`` is the decision."""

    type: ClassVar[str] = "detention.hold_challenge_dismissed"

    before: Label
    grounds: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldChallengeWithdrawn(Event):
    """The challenge before ``before`` was withdrawn by those who had made it."""

    type: ClassVar[str] = "detention.hold_challenge_withdrawn"

    before: Label
    challenger: Challenger


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintLodged(Event):
    """Somebody complained about the person's treatment; an allegation until it is answered."""

    type: ClassVar[str] = "detention.complaint_lodged"

    complaint: Number
    complainant: Challenger
    subject: ComplaintSubject
    text: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintAnswered(Event):
    """A complaint was answered from outside the unit that held the person."""

    type: ClassVar[str] = "detention.complaint_answered"

    complaint: Number
    finding: ComplaintFinding
    answer: Narrative
