"""Duties and deadlines as acts: obligations that are opened, met or waived, and what the scheduler records of a deadline.

A duty that runs from an act of the case is a clock of the profile: the act opens it, another one meets it. An obligation
is opened where no act of the case itself does, e.g. by what happened in a linked case.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from domain.kernel import BY_THE_SYSTEM, RECORDS_MANAGER, SUPERVISOR, SYSTEM, By, Command, Event
from domain.values import CaseId, Code, Label, Material, Moment, PartyId, Whole

# --- Words ----------------------------------------------------------------------------------------------------


class Duty(StrEnum):
    """What somebody owes."""

    RELEASE = "release"
    HOLD_REVIEW = "hold_review"
    REMEDY = "remedy"
    RIGHTS_NOTICE = "rights_notice"
    COUNSEL_ACCESS = "counsel_access"
    INTERPRETATION = "interpretation"
    MEDICAL_CARE = "medical_care"
    THIRD_PERSON_NOTICE = "third_person_notice"
    CONSULAR_NOTICE = "consular_notice"
    SEIZURE_NOTICE = "seizure_notice"
    SEIZURE_REVIEW = "seizure_review"
    RETURN_OF_GOODS = "return_of_goods"
    FORFEITURE_REVIEW = "forfeiture_review"
    GROUNDS_REVIEW = "grounds_review"
    STATEMENT_REVIEW = "statement_review"
    DISCLOSURE = "disclosure"
    CREDIT_REVIEW = "credit_review"
    RECORD_RESTRICTION = "record_restriction"
    PARTNER_NOTICE = "partner_notice"


class WaiverForm(StrEnum):
    """How a person's waiver was recorded."""

    SIGNED = "signed"
    RECORDED_ORALLY = "recorded_orally"
    BEFORE_COUNSEL = "before_counsel"
    BEFORE_COURT = "before_court"


OPENERS = By(frozenset({SUPERVISOR, RECORDS_MANAGER, SYSTEM}))

# --- Commands: obligations ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenObligation(Command):
    """Open an obligation: what is owed, on what basis, to whom, and until when if that is fixed.

    ``to_whom`` is an office or a role; ``party`` the person it is owed to, who alone can waive it.
    """

    by: ClassVar[By] = OPENERS

    duty: Duty
    basis: Label
    to_whom: Label
    due: Moment | None = None
    party: PartyId | None = None

    def refers_to(self) -> tuple[CaseId, ...]:
        """The person it is owed to."""
        return () if self.party is None else (self.party,)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeObligation(Command):
    """Acknowledge an obligation: somebody answers for it from now on."""

    obligation: Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class DischargeObligation(Command):
    """Record that an obligation was met, with a document or an entry as evidence."""

    obligation: Whole
    evidence: Label | None = None
    evidence_entry: Whole | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiveObligation(Command):
    """Record that the person to whom something is owed waived it.

    ``form`` says how that was recorded, ``language`` in which one.
    """

    obligation: Whole
    party: PartyId
    form: WaiverForm
    language: Label


# --- Commands: what the scheduler records ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm(Command):
    """What names one run of a clock: its id in ``profile``, the run and the entry that started it, and when it ends."""

    by: ClassVar[By] = BY_THE_SYSTEM

    clock: Code
    run: Label | None
    started_by: Whole
    due: Moment
    profile: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class WarnOfDeadline(Alarm):
    """Record that a deadline approaches. ``when`` is the moment the profile warns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMissedDeadline(Alarm):
    """Record that a deadline passed. ``when`` is that moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOverdueDuty(Alarm):
    """Record that a duty was not met in time. ``when`` is the moment it was due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReachedLimit(Alarm):
    """Record that a limit was reached. ``when`` is that moment.

    What would prolong the hold is refused from then on; nothing else is.
    """


# --- Events ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationOpened(Event):
    """Something is owed; ``obligation`` is its number in the case."""

    type: ClassVar[str] = "case.obligation_opened"
    material: ClassVar[Material] = Material.TERMS

    obligation: Whole
    duty: Duty
    basis: Label
    to_whom: Label
    due: Moment | None
    party: PartyId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationAcknowledged(Event):
    """Somebody, ``decided_by``, answers for an obligation."""

    type: ClassVar[str] = "case.obligation_acknowledged"

    obligation: Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationDischarged(Event):
    """An obligation was met."""

    type: ClassVar[str] = "case.obligation_discharged"

    obligation: Whole
    evidence: Label | None
    evidence_entry: Whole | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObligationWaived(Event):
    """The person to whom something was owed waived it."""

    type: ClassVar[str] = "case.obligation_waived"

    obligation: Whole
    party: PartyId
    form: WaiverForm
    language: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineAlarm(Event):
    """Something the scheduler recorded of one run of a clock, at the moment it was so, however late it was recorded."""

    clock: Code
    run: Label | None
    started_by: Whole
    due: Moment
    profile: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineWarned(DeadlineAlarm):
    """A deadline approaches."""

    type: ClassVar[str] = "case.deadline_warned"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineMissed(DeadlineAlarm):
    """A deadline passed without what it waits for."""

    type: ClassVar[str] = "case.deadline_missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyOverdue(DeadlineAlarm):
    """A duty was not met in time; it is still owed."""

    type: ClassVar[str] = "case.duty_overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitReached(DeadlineAlarm):
    """A limit was reached: what would prolong the hold is refused; nothing else is."""

    type: ClassVar[str] = "case.limit_reached"
