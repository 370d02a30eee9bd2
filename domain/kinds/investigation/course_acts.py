"""How an investigation begins, is led, pauses, is looked over and ends: its commands and events."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

from domain.kernel import By, Command, Event, Opened, Opening, officers, supervisors
from domain.profiles import SelectsOn
from domain.values import Answer, CaseId, Code, CountLimit, Label, Material, Moment, Narrative

# --- Words ----------------------------------------------------------------------------------------------------


class SuspensionGround(StrEnum):
    """Why an investigation rests."""

    SUBJECT_ABSENT = "subject_absent"
    FOREIGN_REQUEST_PENDING = "foreign_request_pending"
    EXPERT_PENDING = "expert_pending"
    OTHER_PROCEEDINGS = "other_proceedings"
    NO_LINE_OF_INQUIRY = "no_line_of_inquiry"
    ILLNESS = "illness"
    OTHER = "other"


class DiscontinuationGround(StrEnum):
    """Why an investigation ends without a judgment."""

    NO_OFFENSE = "no_offense"
    INSUFFICIENT_EVIDENCE = "insufficient_evidence"
    OFFENDER_UNKNOWN = "offender_unknown"
    TIME_BARRED = "time_barred"
    DEATH = "death"
    OTHER_PROCEEDINGS = "other_proceedings"
    PUBLIC_INTEREST = "public_interest"
    PROSECUTION_DECLINED = "prosecution_declined"
    OTHER = "other"


class ProgressOutcome(StrEnum):
    """What a review of progress advises; the decision itself is a separate act."""

    CONTINUE = "continue"
    SUSPEND = "suspend"
    RESUME = "resume"
    REFER = "refer"
    DISCONTINUE = "discontinue"


# --- Commands -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveReferral(Opening):
    """Receive a referral that asks for an investigation; nobody is a suspect by it.

    ``decided_by`` is the officer who asks, ``referred_by`` the office it comes from.
    """

    by: ClassVar[By] = officers()
    selects: ClassVar[SelectsOn | None] = SelectsOn.REFERRAL

    referred_by: Label
    statement: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvestigation(Command):
    """Open the investigation on stated grounds and within a stated scope."""

    by: ClassVar[By] = officers("authorization")

    grounds: Narrative
    scope: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineReferral(Command):
    """Decline a referral, with a reason; a later one begins a case of its own."""

    by: ClassVar[By] = officers("authorization")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignLead(Command):
    """Assign the officer who leads, with that officer's statement on conflicts of interest."""

    by: ClassVar[By] = supervisors()

    officer: Code
    conflict: Answer
    conflict_statement: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class RecuseOfficer(Command):
    """Recuse an officer from this case for a conflict of interest, for good."""

    by: ClassVar[By] = officers()

    officer: Code
    conflict: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendInvestigation(Command):
    """Suspend the investigation on a ground and fix when that is reviewed."""

    by: ClassVar[By] = officers("lead")

    ground: SuspensionGround
    review_on: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeInvestigation(Command):
    """Resume a suspended investigation, with a reason."""

    by: ClassVar[By] = officers("lead")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewProgress(Command):
    """Review the progress, by an officer who does not lead, and fix the next review."""

    by: ClassVar[By] = officers("review")

    outcome: ProgressOutcome
    findings: Narrative
    next_review: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscontinueInvestigation(Command):
    """Discontinue the investigation without a judgment, on a ground and with a reason."""

    by: ClassVar[By] = officers("authorization")

    ground: DiscontinuationGround


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcludeInvestigation(Command):
    """Conclude the investigation once every charge is decided or withdrawn."""

    by: ClassVar[By] = officers("lead")

    summary: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenInvestigation(Command):
    """Reopen an ended investigation on new material and a stated authority."""

    by: ClassVar[By] = officers("authorization")

    new_material: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseInvestigation(Command):
    """Close an ended investigation once every subject has a final status.

    ``linked`` names every case linked to it, none if there is none: no hold and no goods may rest on it alone.
    """

    by: ClassVar[By] = supervisors()

    linked: Annotated[tuple[CaseId, ...], CountLimit(50)] = ()

    def refers_to(self) -> tuple[CaseId, ...]:
        """The linked cases."""
        return self.linked


# --- Events ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralReceived(Opened):
    """A referral asked for an investigation."""

    type: ClassVar[str] = "investigation.referral_received"

    referred_by: Label
    statement: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class InvestigationOpened(Event):
    """The investigation was opened on these grounds and within this scope."""

    type: ClassVar[str] = "investigation.opened"

    grounds: Narrative
    scope: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralDeclined(Event):
    """The referral was declined; the reason stands in the block."""

    type: ClassVar[str] = "investigation.referral_declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadAssigned(Event):
    """An officer leads from now on, and stated what conflicts of interest there are."""

    type: ClassVar[str] = "investigation.lead_assigned"
    material: ClassVar[Material] = Material.IDENTITY

    officer: Code
    conflict: Answer
    conflict_statement: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerRecused(Event):
    """An officer decides nothing in this case any more."""

    type: ClassVar[str] = "investigation.officer_recused"
    material: ClassVar[Material] = Material.IDENTITY

    officer: Code
    conflict: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class InvestigationSuspended(Event):
    """The investigation rests, to be reviewed at ``review_on``."""

    type: ClassVar[str] = "investigation.suspended"

    ground: SuspensionGround
    review_on: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class InvestigationResumed(Event):
    """The investigation went on."""

    type: ClassVar[str] = "investigation.resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressReviewed(Event):
    """The progress was reviewed; the next review is due at ``next_review``."""

    type: ClassVar[str] = "investigation.progress_reviewed"

    outcome: ProgressOutcome
    findings: Narrative
    next_review: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class InvestigationDiscontinued(Event):
    """The investigation ended without a judgment."""

    type: ClassVar[str] = "investigation.discontinued"

    ground: DiscontinuationGround


@dataclass(frozen=True, slots=True, kw_only=True)
class InvestigationConcluded(Event):
    """The investigation ended with every charge decided or withdrawn."""

    type: ClassVar[str] = "investigation.concluded"

    summary: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class InvestigationReopened(Event):
    """An ended investigation is open again."""

    type: ClassVar[str] = "investigation.reopened"

    new_material: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class InvestigationClosed(Event):
    """The case was closed; retention begins."""

    type: ClassVar[str] = "investigation.closed"
