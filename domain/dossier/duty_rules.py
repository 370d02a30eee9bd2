"""The rules of obligations, and of what the scheduler records."""

from typing import Final

from domain.dossier.duty_acts import (
    AcknowledgeObligation,
    Alarm,
    DeadlineAlarm,
    DeadlineMissed,
    DeadlineWarned,
    DischargeObligation,
    DutyOverdue,
    LimitReached,
    ObligationAcknowledged,
    ObligationDischarged,
    ObligationOpened,
    ObligationWaived,
    OpenObligation,
    RecordMissedDeadline,
    RecordOverdueDuty,
    RecordReachedLimit,
    WaiveObligation,
    WarnOfDeadline,
)
from domain.dossier.rules import UNCHANGED, require_party
from domain.dossier.state import Owed, alarmed
from domain.kernel import RECORD, Context, Events, Refusal, Refused, Stage, record, require

DESIGN = "casetrail design, domain rules"
NO_SUCH_OBLIGATION = Refusal("no-such-obligation", "There is no obligation of that number that is still owed.", RECORD)
EVIDENCE_MISSING = Refusal(
    "evidence-missing", "An obligation is discharged with evidence: a document, or an entry of the case.", DESIGN
)
ONLY_PERSON_WAIVES = Refusal(
    "only-person-waives",
    "What is owed to a person is waived by that person alone, and what is owed to nobody in person is not waived.",
    "casetrail design, domain rules; cf. UN Body of Principles, principles 13 and 16",
)
OBLIGATION_DUE_PASSED = Refusal("obligation-due-passed", "What is to be done lies after the act that demands it.", DESIGN)
OBLIGATION_OPEN = Refusal(
    "obligation-open", "No case is closed while an obligation that was opened in it is neither met nor waived.", DESIGN
)
ALARM_RAISED = Refusal("alarm-raised", "This alarm is recorded already.", RECORD)


def still_owed(number: int, context: Context) -> Owed:
    """An obligation that is neither met nor waived, or a refusal."""
    owed: Owed | None = context.dossier.owed.get(number)
    if owed is None:
        raise Refused(NO_SUCH_OBLIGATION)
    return owed


def open_obligation(stage: Stage, command: OpenObligation, context: Context) -> Events:
    """Something is owed from now on; its number is the version of the entry that says so."""
    if command.party is not None:
        require_party(command.party, context)
    begun = command.when.earliest
    require(command.due is None or begun is None or command.due > begun, OBLIGATION_DUE_PASSED)
    return (record(ObligationOpened, command, obligation=context.version + 1),)


def acknowledge_obligation(stage: Stage, command: AcknowledgeObligation, context: Context) -> Events:
    """Somebody answers for what is owed."""
    require(not still_owed(command.obligation, context).acknowledged, UNCHANGED)
    return (record(ObligationAcknowledged, command),)


def discharge_obligation(stage: Stage, command: DischargeObligation, context: Context) -> Events:
    """What is owed was done, and something shows it."""
    still_owed(command.obligation, context)
    shown_here = command.evidence_entry is not None and 1 <= command.evidence_entry <= context.version
    require(command.evidence is not None or shown_here, EVIDENCE_MISSING)
    require(command.evidence_entry is None or shown_here, EVIDENCE_MISSING)
    return (record(ObligationDischarged, command),)


def waive_obligation(stage: Stage, command: WaiveObligation, context: Context) -> Events:
    """The person to whom it is owed does without it."""
    owed = still_owed(command.obligation, context)
    require(owed.party is not None and owed.party == command.party, ONLY_PERSON_WAIVES)
    return (record(ObligationWaived, command),)


def require_nothing_owed(context: Context) -> None:
    """Refuse to close a case in which something is still owed."""
    require(not context.dossier.owed, OBLIGATION_OPEN)


ALARMS: Final[dict[type[Alarm], type[DeadlineAlarm]]] = {
    WarnOfDeadline: DeadlineWarned,
    RecordMissedDeadline: DeadlineMissed,
    RecordOverdueDuty: DutyOverdue,
    RecordReachedLimit: LimitReached,
}


def raised(command: Alarm, context: Context) -> Events:
    """What the scheduler found, recorded once."""
    event = record(ALARMS[type(command)], command)
    require(alarmed(event) not in context.dossier.alarms, ALARM_RAISED)
    return (event,)


def warn_of_deadline(stage: Stage, command: WarnOfDeadline, context: Context) -> Events:
    """A deadline approaches, in whatever stage the case is by now."""
    return raised(command, context)


def record_missed_deadline(stage: Stage, command: RecordMissedDeadline, context: Context) -> Events:
    """A deadline passed."""
    return raised(command, context)


def record_overdue_duty(stage: Stage, command: RecordOverdueDuty, context: Context) -> Events:
    """A duty was not met in time."""
    return raised(command, context)


def record_reached_limit(stage: Stage, command: RecordReachedLimit, context: Context) -> Events:
    """A limit was reached."""
    return raised(command, context)
