"""Disclosure, prosecutor, charges and verdict: refusals and rules."""

from domain.dossier.rules import by_court
from domain.kernel import (
    Command,
    Context,
    Event,
    Events,
    Refusal,
    Refused,
    record,
    require,
    require_another,
    require_authority,
    require_reason,
)
from domain.kinds.investigation.court_acts import (
    AmendCharge,
    BringBeforeCourt,
    BroughtBeforeCourt,
    ChargeAmended,
    ChargeFiled,
    ChargeWithdrawn,
    DeclineProsecution,
    DisclosureDecision,
    DisclosureItem,
    DisclosureScheduleIssued,
    DisclosureServed,
    FileCharge,
    HearingScheduled,
    HearingVacated,
    IssueDisclosureSchedule,
    ProsecutionDeclined,
    ProsecutorDecided,
    RecordProsecutorDecision,
    RecordVerdict,
    ReferredToProsecutor,
    ReferToProsecutor,
    ScheduleHearing,
    ServeDisclosure,
    VacateHearing,
    VerdictRecorded,
    WithdrawCharge,
)
from domain.kinds.investigation.guards import (
    DESIGN,
    require_material,
    require_new,
    require_subject,
)
from domain.kinds.investigation.people_acts import SubjectStatus, SubjectStatusChanged
from domain.kinds.investigation.people_rules import require_allegation
from domain.kinds.investigation.stages import (
    Accusing,
    AtCourt,
    Charged,
    Disclosable,
    Matter,
    Open,
    Prosecuted,
    WithProsecutor,
)

# --- Refusals -------------------------------------------------------------------------------------------------

SCHEDULE_LISTS_TWICE = Refusal("schedule-lists-twice", "A disclosure schedule lists an item once.", DESIGN)
SCHEDULE_INCOMPLETE = Refusal(
    "schedule-incomplete", "A disclosure schedule decides on every item of material in the case.", DESIGN
)
WITHHELD_UNEXPLAINED = Refusal(
    "withheld-unexplained", "An item is withheld on a stated ground and with a named approver.", DESIGN
)
WITHHOLDING_SELF_APPROVED = Refusal(
    "withholding-self-approved",
    "Who issues a disclosure schedule, leads or is recused approves no withholding.",
    DESIGN,
)
EXCULPATORY_WITHHELD = Refusal("exculpatory-withheld", "What speaks for a person is withheld only by order of a court.", DESIGN)
NO_SCHEDULE = Refusal("no-disclosure-schedule", "A disclosure schedule must exist.", DESIGN)
SCHEDULE_OUTDATED = Refusal(
    "disclosure-schedule-outdated", "Material was added that the disclosure schedule does not decide on.", DESIGN
)
NOTHING_ALLEGED = Refusal("nothing-alleged", "A case is referred to a prosecutor with an allegation maintained.", DESIGN)
LEAD_PROSECUTES = Refusal("lead-prosecutes", "The officer who leads does not decide for the prosecutor.", DESIGN)
PROSECUTOR_UNDECIDED = Refusal("prosecutor-undecided", "A charge is filed after the prosecutor decided to charge.", DESIGN)
CHARGED_WITHOUT_SUSPICION = Refusal(
    "charged-without-suspicion", "A charge is filed against a suspect, an accused or a convicted person only.", DESIGN
)
CHARGE_UNKNOWN = Refusal("charge-unknown", "No charge of that reference waits for a verdict in this case.", DESIGN)
NO_CHARGE_STANDS = Refusal("no-charge-stands", "A court is seized of a charge that stands.", DESIGN)
HEARING_WITHOUT_CHARGE = Refusal(
    "hearing-without-charge", "A hearing concerns a person against whom a charge waits for a verdict.", DESIGN
)
HEARING_PAST = Refusal("hearing-past", "A hearing is scheduled for a time to come.", DESIGN)
DISCLOSURE_NOT_DUE = Refusal(
    "disclosure-not-due",
    "A hearing states when disclosure is due unless all that the schedule gives was served.",
    "casetrail design, domain rules; cf. ICCPR, art. 14(3)(b)",
)
DISCLOSURE_DUE_UNFIT = Refusal(
    "disclosure-due-unfit", "Disclosure is due after the hearing is scheduled and no later than the hearing.", DESIGN
)
NO_HEARING = Refusal("no-hearing", "No hearing of this person stands.", DESIGN)
VERDICT_WITHOUT_COURT = Refusal("verdict-without-court", "A verdict rests on the order of a court.", DESIGN)
VERDICT_TWICE = Refusal("verdict-twice", "A verdict says one thing on each charge.", DESIGN)

CHARGEABLE = (SubjectStatus.SUSPECT, SubjectStatus.ACCUSED, SubjectStatus.CONVICTED)


# --- Disclosure -----------------------------------------------------------------------------------------------


def require_decided(matter: Matter, item: DisclosureItem, command: IssueDisclosureSchedule, context: Context) -> None:
    """Refuse an item that is not in the case, or is withheld without ground, approval or, where needed, a court."""
    material = require_material(matter, item.item)
    if item.decision is DisclosureDecision.DISCLOSED:
        return
    require(item.ground is not None and item.approver is not None, WITHHELD_UNEXPLAINED)
    unfit = {command.decided_by, context.actor.id, matter.lead, *matter.recused}
    require(item.approver not in unfit, WITHHOLDING_SELF_APPROVED)
    require(not material.exculpatory or by_court(command), EXCULPATORY_WITHHELD)


def issue_disclosure_schedule(stage: Disclosable, command: IssueDisclosureSchedule, context: Context) -> Events:
    """Decide on every item of material."""
    listed = [item.item for item in command.items]
    require(len(set(listed)) == len(listed), SCHEDULE_LISTS_TWICE)
    for item in command.items:
        require_decided(stage.matter, item, command, context)
    require(set(listed).issuperset(stage.matter.material), SCHEDULE_INCOMPLETE)
    return (record(DisclosureScheduleIssued, command),)


def require_schedule(matter: Matter) -> None:
    """Refuse without a disclosure schedule that decides on all there is."""
    if matter.scheduled is None:
        raise Refused(NO_SCHEDULE)
    require(matter.scheduled.issuperset(matter.material), SCHEDULE_OUTDATED)


def serve_disclosure(stage: Disclosable, command: ServeDisclosure, context: Context) -> Events:
    """Keep that the defense of a subject got what the schedule gives it."""
    require_subject(stage.matter, command.party)
    require_schedule(stage.matter)
    return (record(DisclosureServed, command),)


# --- Prosecutor -----------------------------------------------------------------------------------------------


def refer_to_prosecutor(stage: Open, command: ReferToProsecutor, context: Context) -> Events:
    """Hand the case over with something alleged and all material decided on."""
    require(any(stage.matter.allegations.values()), NOTHING_ALLEGED)
    require_schedule(stage.matter)
    return (record(ReferredToProsecutor, command),)


def require_prosecutor(matter: Matter, command: Command, context: Context) -> None:
    """Refuse a prosecutor's decision by the officer who leads or by one who was recused."""
    require_another(command, context, LEAD_PROSECUTES, *filter(None, [matter.lead]))


def record_prosecutor_decision(stage: WithProsecutor, command: RecordProsecutorDecision, context: Context) -> Events:
    """Keep what the prosecutor decided."""
    require_prosecutor(stage.matter, command, context)
    return (record(ProsecutorDecided, command),)


def decline_prosecution(stage: WithProsecutor, command: DeclineProsecution, context: Context) -> Events:
    """Keep that the prosecutor declined; the investigation decides what follows."""
    require_reason(command)
    require_prosecutor(stage.matter, command, context)
    return (record(ProsecutionDeclined, command),)


# --- Charges --------------------------------------------------------------------------------------------------


def file_charge(stage: Prosecuted, command: FileCharge, context: Context) -> Events:
    """Charge a suspect, who becomes the accused."""
    require_prosecutor(stage.matter, command, context)
    require(not isinstance(stage, WithProsecutor) or stage.to_charge, PROSECUTOR_UNDECIDED)
    require_new(command.charge, stage.matter.charges)
    was = require_subject(stage.matter, command.party).status
    require(was in CHARGEABLE, CHARGED_WITHOUT_SUSPICION)
    for allegation in command.allegations:
        require_allegation(stage.matter, allegation)
    filed: Event = record(ChargeFiled, command)
    if was is not SubjectStatus.SUSPECT:
        return (filed,)
    accused = record(SubjectStatusChanged, command, was=was, status=SubjectStatus.ACCUSED, grounds=command.particulars)
    return (filed, accused)


def require_pending(matter: Matter, reference: str) -> None:
    """Refuse a charge that was never filed, is withdrawn or is decided."""
    charge = matter.charges.get(reference)
    require(charge is not None and charge.pending, CHARGE_UNKNOWN)


def amend_charge(stage: Accusing, command: AmendCharge, context: Context) -> Events:
    """State a charge anew."""
    require_reason(command)
    require_prosecutor(stage.matter, command, context)
    require_pending(stage.matter, command.charge)
    return (record(ChargeAmended, command),)


def withdraw_charge(stage: Accusing, command: WithdrawCharge, context: Context) -> Events:
    """Maintain a charge no longer."""
    require_reason(command)
    require_prosecutor(stage.matter, command, context)
    require_pending(stage.matter, command.charge)
    return (record(ChargeWithdrawn, command),)


def bring_before_court(stage: Charged, command: BringBeforeCourt, context: Context) -> Events:
    """Seize a court of the charges that stand."""
    require_prosecutor(stage.matter, command, context)
    require(stage.matter.undecided, NO_CHARGE_STANDS)
    return (record(BroughtBeforeCourt, command),)


def schedule_hearing(stage: Accusing, command: ScheduleHearing, context: Context) -> Events:
    """Fix a hearing of an accused, and the time that leaves the defense to prepare for it."""
    matter, party = stage.matter, command.party
    require_prosecutor(matter, command, context)
    require(matter.charged(party), HEARING_WITHOUT_CHARGE)
    decided = command.when.latest or context.now
    require(command.starts_at > decided, HEARING_PAST)
    due = command.disclosure_due
    if due is None:
        complete = matter.scheduled is not None and matter.scheduled.issuperset(matter.material)
        require(complete and party in matter.served, DISCLOSURE_NOT_DUE)
    else:
        require(decided < due <= command.starts_at, DISCLOSURE_DUE_UNFIT)
    return (record(HearingScheduled, command),)


def vacate_hearing(stage: Accusing, command: VacateHearing, context: Context) -> Events:
    """Keep that a hearing does not take place."""
    require_reason(command)
    require_prosecutor(stage.matter, command, context)
    require(command.party in stage.matter.hearings, NO_HEARING)
    return (record(HearingVacated, command),)


def record_verdict(stage: AtCourt, command: RecordVerdict, context: Context) -> Events:
    """Keep what the court found; what a person is after it is a further act."""
    require_authority(command)
    require(by_court(command), VERDICT_WITHOUT_COURT)
    named = [verdict.charge for verdict in command.verdicts]
    require(len(set(named)) == len(named), VERDICT_TWICE)
    for charge in named:
        require_pending(stage.matter, charge)
    return (record(VerdictRecorded, command),)
