"""The rules on what a held person is told, may ask for and is owed, and on interviews."""

from domain.kernel import (
    Context,
    Events,
    Refusal,
    record,
    require,
    require_another,
    require_authority,
    require_reason,
)
from domain.kinds.detention.care_acts import (
    AssessVulnerability,
    CompleteCustodyRecord,
    CustodyRecordCompleted,
    HandOverProperty,
    InterviewRecorded,
    ListPersonalProperty,
    MedicalCheckRecorded,
    MedicalCheckRequested,
    NoPropertyFound,
    PersonalPropertyHandedOver,
    PersonalPropertyListed,
    RecordCustodyInterview,
    RecordMedicalCheck,
    RecordMedicalRequest,
    RecordNoProperty,
    RecordSupportPersonAttendance,
    RecordThirdPersonRefusal,
    RecordVisibleInjury,
    SupportPersonAttended,
    TellThirdPerson,
    ThirdPersonNoticeDeclined,
    ThirdPersonTold,
    VisibleInjuryNoted,
    VulnerabilityAssessed,
)
from domain.kinds.detention.rights_acts import (
    ConsularMessageForwarded,
    ConsularMessageTaken,
    ConsularNotificationDeclined,
    ConsularNotificationRequested,
    ConsularPostNotified,
    ConsularRightExplained,
    ConsularVisitRecorded,
    CounselAccessDelayed,
    CounselAttended,
    CounselOffered,
    CounselRequested,
    CounselWaived,
    DelayCounselAccess,
    ExplainConsularRight,
    ExplainRights,
    ForwardConsularMessage,
    NoInterpreterRequired,
    NotifyConsularPost,
    OfferCounsel,
    RecordConsularRefusal,
    RecordConsularRequest,
    RecordConsularVisit,
    RecordCounselAttendance,
    RecordCounselRequest,
    RecordCounselWaiver,
    RecordNoInterpreterRequired,
    RightsExplained,
    TakeConsularMessage,
)
from domain.kinds.detention.rules import latest, require_ahead
from domain.kinds.detention.stages import AnyStage, Concerned, Consular, Counsel, Ended, Held, Hold, Property
from domain.values import Answer

# --- Refusals -------------------------------------------------------------------------------------------------

DESIGN = "casetrail design, domain rules"
INTERPRETER_UNSETTLED = Refusal(
    "interpreter-unsettled",
    "Rights are explained through an interpreter, unless it is recorded that none is required.",
    "UN Body of Principles, principle 14",
)
WAIVER_BEFORE_RIGHTS = Refusal(
    "waiver-before-rights", "Only a person whose rights were explained can do without counsel.", DESIGN
)
DELAY_BY_INVOLVED_OFFICER = Refusal(
    "counsel-delayed-by-involved-officer",
    "Whoever apprehended or interviewed a person does not delay that person's access to counsel.",
    DESIGN,
)
NO_COUNSEL_STEP = Refusal(
    "no-counsel-step",
    "No interview before counsel attended, was waived by the person, or was lawfully delayed beyond its end.",
    "default-neutral@1, counsel offered",
)
INTERVIEW_ENDS_FIRST = Refusal("interview-ends-first", "An interview ends after it begins.", DESIGN)
NO_CONSULAR_RIGHT = Refusal(
    "not-a-foreign-national",
    "Consular steps are for a person who is or may be a foreign national.",
    "Vienna Convention on Consular Relations, art. 36",
)
CONSULAR_RIGHT_NOT_EXPLAINED = Refusal(
    "consular-right-not-explained",
    "Only a person who was told of the right can decline consular notification.",
    "Vienna Convention on Consular Relations, art. 36",
)
CONSULAR_NOTICE_NOT_WANTED = Refusal(
    "consular-notice-not-requested",
    "A consular post is notified at the person's request, or on a treaty that demands it.",
    "Vienna Convention on Consular Relations, art. 36",
)
MESSAGE_WAITS = Refusal(
    "consular-message-waits",
    "A message of this number waits to be forwarded already.",
    "Vienna Convention on Consular Relations, art. 36",
)
NO_MESSAGE = Refusal(
    "no-such-consular-message",
    "Only a message that the person handed over is forwarded, and once.",
    "Vienna Convention on Consular Relations, art. 36",
)
REFUSAL_BEFORE_RIGHTS = Refusal(
    "third-person-declined-before-rights",
    "Only a person whose rights were explained can decline notice to a third person.",
    "UN Body of Principles, principle 16",
)
RECORD_WITHOUT_ARRIVAL = Refusal(
    "custody-record-without-arrival",
    "A custody record is complete once it says where the person is held and since when.",
    "UN Body of Principles, principle 12",
)
RECORD_WITHOUT_PROPERTY = Refusal(
    "custody-record-without-property",
    "A custody record is complete once belongings are listed or none were found.",
    DESIGN,
)
PROPERTY_ON_RECORD = Refusal("property-on-record", "Belongings of this person are on record already.", DESIGN)
NOTHING_KEPT = Refusal("no-property-kept", "Nothing of this person's is kept that could be handed over.", DESIGN)


# --- Rights and counsel ---------------------------------------------------------------------------------------


def record_no_interpreter_required(stage: Held, command: RecordNoInterpreterRequired, context: Context) -> Events:
    """That nobody was needed is a fact too."""
    return (record(NoInterpreterRequired, command, party=stage.hold.party),)


def explain_rights(stage: Held, command: ExplainRights, context: Context) -> Events:
    """Rights are explained in a language the person follows."""
    require(command.interpreter is not None or stage.hold.interpreter_settled, INTERPRETER_UNSETTLED)
    return (record(RightsExplained, command, party=stage.hold.party),)


def offer_counsel(stage: Held, command: OfferCounsel, context: Context) -> Events:
    """Counsel may be offered as often as need be."""
    return (record(CounselOffered, command),)


def record_counsel_request(stage: Held, command: RecordCounselRequest, context: Context) -> Events:
    """The person may ask at any time."""
    return (record(CounselRequested, command),)


def record_counsel_waiver(stage: Held, command: RecordCounselWaiver, context: Context) -> Events:
    """Only the person waives, knowing the right."""
    require(stage.hold.rights_explained, WAIVER_BEFORE_RIGHTS)
    return (record(CounselWaived, command, party=stage.hold.party),)


def record_counsel_attendance(stage: Held, command: RecordCounselAttendance, context: Context) -> Events:
    """Counsel may attend at any time."""
    return (record(CounselAttended, command),)


def delay_counsel_access(stage: Held, command: DelayCounselAccess, context: Context) -> Events:
    """A delay has an authority, a reason, an end, and an officer who took no part."""
    require_authority(command)
    require_reason(command)
    require_another(command, context, DELAY_BY_INVOLVED_OFFICER, *stage.hold.involved)
    require_ahead(command.until, command, context)
    return (record(CounselAccessDelayed, command),)


def record_interview(stage: Held, command: RecordCustodyInterview, context: Context) -> Events:
    """An interview follows the counsel step."""
    begun, ended = command.when.earliest, command.ended.latest
    require(begun is None or ended is None or ended > begun, INTERVIEW_ENDS_FIRST)
    require(counsel_step_taken(stage.hold, command, context), NO_COUNSEL_STEP)
    return (record(InterviewRecorded, command),)


def counsel_step_taken(hold: Hold, command: RecordCustodyInterview, context: Context) -> bool:
    """Whether counsel came, was waived, or is delayed until after the interview certainly ended."""
    if hold.counsel is Counsel.DELAYED and hold.counsel_delayed_until is not None:
        ended = command.ended.latest or context.now
        return max(ended, latest(command, context)) <= hold.counsel_delayed_until
    return hold.counsel in (Counsel.WAIVED, Counsel.ATTENDED)


# --- Consular steps -------------------------------------------------------------------------------------------


def require_consular_right(hold: Hold, context: Context) -> None:
    """Refuse only where the person is known not to be a foreign national: what is unknown is no ground to withhold."""
    answer = context.dossier.foreign_nationals.get(hold.party, Answer.UNKNOWN)
    require(answer is not Answer.NO, NO_CONSULAR_RIGHT)


def explain_consular_right(stage: Held, command: ExplainConsularRight, context: Context) -> Events:
    """The right is explained to whoever may have it."""
    require_consular_right(stage.hold, context)
    return (record(ConsularRightExplained, command, party=stage.hold.party),)


def record_consular_request(stage: Held, command: RecordConsularRequest, context: Context) -> Events:
    """The person may ask at any time."""
    require_consular_right(stage.hold, context)
    return (record(ConsularNotificationRequested, command),)


def record_consular_refusal(stage: Held, command: RecordConsularRefusal, context: Context) -> Events:
    """Only the person declines, knowing the right."""
    require_consular_right(stage.hold, context)
    require(stage.hold.consular is not Consular.NOT_EXPLAINED, CONSULAR_RIGHT_NOT_EXPLAINED)
    return (record(ConsularNotificationDeclined, command, party=stage.hold.party),)


def notify_consular_post(stage: Held, command: NotifyConsularPost, context: Context) -> Events:
    """The person's wish decides, unless a treaty does."""
    require_consular_right(stage.hold, context)
    wanted = stage.hold.consular is Consular.REQUESTED
    require(wanted or command.authority is not None, CONSULAR_NOTICE_NOT_WANTED)
    return (record(ConsularPostNotified, command, party=stage.hold.party),)


def record_consular_visit(stage: Held, command: RecordConsularVisit, context: Context) -> Events:
    """A visit is a fact, with or without a notification before it."""
    require_consular_right(stage.hold, context)
    return (record(ConsularVisitRecorded, command, party=stage.hold.party),)


def take_consular_message(stage: Held, command: TakeConsularMessage, context: Context) -> Events:
    """The person may write to the post whatever was said of notifying it."""
    require_consular_right(stage.hold, context)
    require(command.message not in stage.standing.messages, MESSAGE_WAITS)
    return (record(ConsularMessageTaken, command),)


def forward_consular_message(stage: AnyStage, command: ForwardConsularMessage, context: Context) -> Events:
    """What was handed over is forwarded, even after custody has ended."""
    require(command.message in stage.standing.messages, NO_MESSAGE)
    return (record(ConsularMessageForwarded, command),)


# --- Care and belongings --------------------------------------------------------------------------------------


def tell_third_person(stage: Held, command: TellThirdPerson, context: Context) -> Events:
    """Somebody outside knows."""
    return (record(ThirdPersonTold, command),)


def record_third_person_refusal(stage: Held, command: RecordThirdPersonRefusal, context: Context) -> Events:
    """Only the person declines, knowing the right."""
    require(stage.hold.rights_explained, REFUSAL_BEFORE_RIGHTS)
    return (record(ThirdPersonNoticeDeclined, command, party=stage.hold.party),)


def record_medical_request(stage: Held, command: RecordMedicalRequest, context: Context) -> Events:
    """Anybody may ask."""
    return (record(MedicalCheckRequested, command),)


def record_visible_injury(stage: Held, command: RecordVisibleInjury, context: Context) -> Events:
    """What is seen is recorded, whoever saw it."""
    return (record(VisibleInjuryNoted, command, party=stage.hold.party),)


def assess_vulnerability(stage: Held, command: AssessVulnerability, context: Context) -> Events:
    """The last assessment counts."""
    return (record(VulnerabilityAssessed, command, party=stage.hold.party),)


def record_support_person(stage: Held, command: RecordSupportPersonAttendance, context: Context) -> Events:
    """Support is a fact, with or without an assessment before it."""
    return (record(SupportPersonAttended, command),)


def complete_custody_record(stage: Held, command: CompleteCustodyRecord, context: Context) -> Events:
    """Reasons, officers and times stand in the opening; place and belongings come later."""
    require(stage.hold.facility is not None, RECORD_WITHOUT_ARRIVAL)
    require(stage.hold.property is not Property.NOT_LISTED, RECORD_WITHOUT_PROPERTY)
    return (record(CustodyRecordCompleted, command),)


def record_medical_check(stage: Held, command: RecordMedicalCheck, context: Context) -> Events:
    """A check is recorded whatever came of it."""
    return (record(MedicalCheckRecorded, command, party=stage.hold.party),)


def list_property(stage: Held, command: ListPersonalProperty, context: Context) -> Events:
    """What is taken is listed, as often as something is taken."""
    return (record(PersonalPropertyListed, command),)


def record_no_property(stage: Held, command: RecordNoProperty, context: Context) -> Events:
    """That nothing was found is a fact too, unless something was."""
    require(stage.hold.property is Property.NOT_LISTED, PROPERTY_ON_RECORD)
    return (record(NoPropertyFound, command),)


def hand_over_property(stage: Concerned | Ended, command: HandOverProperty, context: Context) -> Events:
    """What is kept leaves custody."""
    kept = stage.property if isinstance(stage, Ended) else stage.hold.property
    require(kept is Property.KEPT, NOTHING_KEPT)
    return (record(PersonalPropertyHandedOver, command),)
