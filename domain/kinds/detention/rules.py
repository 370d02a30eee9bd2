"""The rules on the course of a detention: who may decide, until when, and on what document."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

from domain.deadlines import PROFILE_NOT_INSTALLED
from domain.dossier.rules import require_party
from domain.kernel import (
    Context,
    Events,
    Nothing,
    Refusal,
    Refused,
    Statement,
    record,
    require,
    require_another,
    require_authority,
    require_reason,
)
from domain.kinds.detention.acts import (
    AllegeMeasureBreach,
    ArrivedInCustody,
    AuthorizeDetention,
    ClockPaused,
    ClockResumed,
    CourtAppearanceRecorded,
    DetentionAuthorized,
    DetentionExtended,
    DetentionRefused,
    DetentionReviewed,
    ExtendDetention,
    ImposeMeasure,
    JudicialDecisionRecorded,
    JudicialOutcome,
    MeasureBreachAlleged,
    MeasureImposed,
    MeasureVaried,
    OpenDetention,
    PauseCause,
    PauseClock,
    PersonApprehended,
    PostponeReview,
    RecordArrival,
    RecordCourtAppearance,
    RecordJudicialDecision,
    RefuseDetention,
    ResumeClock,
    ReviewDetention,
    ReviewOutcome,
    ReviewPostponed,
    VaryMeasure,
)
from domain.kinds.detention.stages import (
    Apprehended,
    Authorized,
    Concerned,
    Held,
    Hold,
    JudiciallyHeld,
    OnMeasure,
    UnderAuthority,
    UnderPower,
)
from domain.limits import limit_end
from domain.profiles import Profile
from domain.values import AuthorityKind

# --- Refusals -------------------------------------------------------------------------------------------------

DESIGN = "casetrail design, domain rules"
ALREADY_ARRIVED = Refusal("already-arrived", "The person has arrived in custody already; record a move.", DESIGN)
CUSTODY_OFFICER_INVOLVED = Refusal(
    "custody-officer-involved",
    "Whoever apprehended or interviewed a person does not decide whether that person is held.",
    DESIGN,
)
RIGHTS_NOT_EXPLAINED = Refusal(
    "rights-not-explained",
    "Rights are explained before detention is authorized, or a reason is stated why not.",
    "UN Body of Principles, principle 13",
)
START_IMPRECISE = Refusal(
    "custody-start-imprecise",
    "No limit is counted from an apprehension whose time is not known to the minute.",
    DESIGN,
)
DECISION_TIME_IMPRECISE = Refusal(
    "decision-time-imprecise", "A decision that prolongs a hold states its own time to the minute.", DESIGN
)
UNTIL_NOT_AHEAD = Refusal("until-not-ahead", "The end that a decision fixes lies after the decision.", DESIGN)
BEYOND_EXECUTIVE_LIMIT = Refusal(
    "beyond-executive-limit",
    "A custody officer authorizes no hold beyond the executive limit, counted from the apprehension.",
    "default-neutral@1, executive limit",
)
REVIEWER_INVOLVED = Refusal(
    "reviewer-involved",
    "A hold is reviewed by an officer who neither apprehended, interviewed nor authorized.",
    DESIGN,
)
REPRESENTATIONS_NOT_HEARD = Refusal(
    "representations-not-heard",
    "A review hears the person or counsel, or states why nobody could be heard.",
    "UN Body of Principles, principle 11",
)
HOLD_EXPIRED = Refusal("hold-expired", "A review cannot continue a hold whose authority has ended.", DESIGN)
REVIEW_BEYOND_AUTHORITY = Refusal(
    "review-beyond-authority", "A review is not put off beyond the end of the authority to hold.", DESIGN
)
EXTENDER_INVOLVED = Refusal(
    "extender-involved",
    "A hold is extended by an officer who neither apprehended, interviewed nor authorized.",
    DESIGN,
)
EXTENSION_AFTER_EXPIRY = Refusal("extension-after-expiry", "An authority that has ended cannot be extended.", DESIGN)
EXTENSION_BACKDATED = Refusal(
    "extension-backdated",
    "An extension recorded after expiry needs its document, dated no later than the decision.",
    DESIGN,
)
BEYOND_SENIOR_LIMIT = Refusal(
    "beyond-senior-limit",
    "No extension goes beyond the limit with an independent senior authority, counted from the apprehension.",
    "default-neutral@1, executive limit with independent senior authority",
)
ORDER_DOCUMENT_MISSING = Refusal("order-document-missing", "A court's decision is recorded with its dated order.", DESIGN)
HOLD_ORDER_WITHOUT_END = Refusal("hold-order-without-end", "An order to hold a person states until when.", DESIGN)
ORDER_AFTER_LIMIT = Refusal(
    "order-after-limit",
    "An order to hold takes effect before the earlier order ends, or within the limit without a judge.",
    "default-neutral@1, absolute limit without a judge",
)
ORDER_BACKDATED = Refusal(
    "order-backdated",
    "An order to hold recorded after the limit it keeps to needs its document, dated no later than the decision.",
    DESIGN,
)
ORDER_TOO_LONG = Refusal(
    "remand-order-too-long",
    "One order holds a person no longer than the limit of an order.",
    "default-neutral@1, remand",
)
REMAND_TOO_LONG = Refusal(
    "remand-total-too-long",
    "Orders together hold a person no longer than the total limit, unless a superior court orders it.",
    "default-neutral@1, remand",
)
MEASURE_ORDER_INCOMPLETE = Refusal(
    "measure-order-incomplete", "An order of a measure names the measure and its conditions.", DESIGN
)
ALTERNATIVES_NOT_CONSIDERED = Refusal(
    "alternatives-not-considered", "A measure is imposed after less restrictive ones were considered.", DESIGN
)
MEASURE_LIFTED = Refusal("measure-lifted", "A measure that a court has ended is not varied.", DESIGN)
PAUSE_NOT_PROVIDED = Refusal(
    "pause-not-provided",
    "A clock is paused only for a cause that some clock of the profile provides for.",
    "the case's profile",
)
CLOCK_ALREADY_PAUSED = Refusal("clock-already-paused", "The custody clock is paused already.", DESIGN)
CLOCK_NOT_PAUSED = Refusal("clock-not-paused", "The custody clock is not paused.", DESIGN)


# --- Times ----------------------------------------------------------------------------------------------------


def latest(act: Statement, context: Context) -> datetime:
    """The last moment the act may have happened."""
    return act.when.latest or context.now


def custody_start(hold: Hold) -> datetime:
    """The apprehension, from which executive limits count; a refusal where its time is not known to the minute."""
    if not hold.began.precise or hold.began.earliest is None:
        raise Refused(START_IMPRECISE)
    return hold.began.earliest


def custody_limit(hold: Hold, name: str, context: Context) -> datetime:
    """When a limit that counts from the apprehension ends."""
    return limit_end(context, name, custody_start(hold), hold.began.zone)


def decision_time(act: Statement) -> datetime:
    """The moment of a decision that prolongs a hold; a refusal where it is not known to the minute."""
    if not act.when.precise or act.when.earliest is None:
        raise Refused(DECISION_TIME_IMPRECISE)
    return act.when.earliest


def require_ahead(until: datetime | None, act: Statement, context: Context) -> None:
    """Refuse an end that does not lie after the decision fixing it."""
    require(until is None or until > latest(act, context), UNTIL_NOT_AHEAD)


# --- Executive custody ----------------------------------------------------------------------------------------


def open_detention(stage: Nothing, command: OpenDetention, context: Context) -> Events:
    """A registered person was apprehended on a legal basis; an imprecise time does not keep it off the record."""
    require_authority(command)
    require_party(command.party, context)
    return (record(PersonApprehended, command, unit=context.actor.unit),)


def record_arrival(stage: Held, command: RecordArrival, context: Context) -> Events:
    """The person arrives once; later changes of place are moves."""
    require(stage.hold.facility is None, ALREADY_ARRIVED)
    return (record(ArrivedInCustody, command),)


def authorize_detention(stage: Apprehended, command: AuthorizeDetention, context: Context) -> Events:
    """A custody officer who took no part authorizes the hold within the executive limit."""
    require_another(command, context, CUSTODY_OFFICER_INVOLVED, *stage.hold.involved)
    require(stage.hold.rights_explained or command.reason is not None, RIGHTS_NOT_EXPLAINED)
    decision_time(command)  # the first review is counted from it
    require_ahead(command.until, command, context)
    require(command.until <= custody_limit(stage.hold, "executive", context), BEYOND_EXECUTIVE_LIMIT)
    return (record(DetentionAuthorized, command),)


def refuse_detention(stage: Apprehended, command: RefuseDetention, context: Context) -> Events:
    """A custody officer who took no part finds no ground to hold."""
    require_another(command, context, CUSTODY_OFFICER_INVOLVED, *stage.hold.involved)
    require_reason(command)
    return (record(DetentionRefused, command),)


def review_detention(stage: UnderAuthority, command: ReviewDetention, context: Context) -> Events:
    """Somebody independent looks at the hold again; release may come of it at any time, continuing only in time."""
    require_another(command, context, REVIEWER_INVOLVED, *stage.hold.involved, stage.hold.authorized_by)
    require(command.representations is not None or command.reason is not None, REPRESENTATIONS_NOT_HEARD)
    in_time = latest(command, context) <= stage.until
    if command.outcome is ReviewOutcome.CONTINUE:
        require(in_time, HOLD_EXPIRED)
        decision_time(command)  # the next review is counted from it
    return (record(DetentionReviewed, command),)


def postpone_review(stage: UnderAuthority, command: PostponeReview, context: Context) -> Events:
    """A review is put off on a permitted ground, never beyond the authority to hold."""
    require_another(command, context, REVIEWER_INVOLVED, *stage.hold.involved, stage.hold.authorized_by)
    require_reason(command)
    decision_time(command)
    require_ahead(command.new_time, command, context)
    require(command.new_time <= stage.until, REVIEW_BEYOND_AUTHORITY)
    return (record(ReviewPostponed, command),)


def extend_detention(stage: Authorized, command: ExtendDetention, context: Context) -> Events:
    """An independent senior officer extends a running authority within the limit; nothing revives an ended one."""
    require_authority(command)
    require_another(command, context, EXTENDER_INVOLVED, *stage.hold.involved, stage.hold.authorized_by)
    decided = decision_time(command)
    require(latest(command, context) <= stage.until, EXTENSION_AFTER_EXPIRY)
    require(context.now <= stage.until or documented(command, decided), EXTENSION_BACKDATED)
    require_ahead(command.until, command, context)
    require(command.until <= custody_limit(stage.hold, "executive_with_senior", context), BEYOND_SENIOR_LIMIT)
    return (record(DetentionExtended, command),)


def documented(act: Statement, decided: datetime) -> bool:
    """Whether the authority is a kept document dated no later than the decision."""
    document = act.authority
    if document is None or document.issued_on is None or document.document_sha256 is None:
        return False
    # The date is the calendar's at the place of issue, which runs at most a day ahead of UTC.
    return document.issued_on <= decided.date() + timedelta(days=1)


# --- Courts and measures --------------------------------------------------------------------------------------

Order: TypeAlias = RecordJudicialDecision | JudicialDecisionRecorded
"""A court's decision as it is to be recorded, or as it is to read after a correction."""


def record_court_appearance(stage: Concerned, command: RecordCourtAppearance, context: Context) -> Events:
    """To be brought before a court is a fact, and no decision."""
    return (record(CourtAppearanceRecorded, command),)


def record_judicial_decision(stage: Concerned, command: RecordJudicialDecision, context: Context) -> Events:
    """A court decides by a dated order; only an order to hold has to come in time."""
    order = command.authority
    dated = order is not None and order.kind is AuthorityKind.COURT_ORDER and order.issued_on is not None
    require(dated, ORDER_DOCUMENT_MISSING)
    match command.outcome:
        case JudicialOutcome.HOLD:
            require_lawful_hold(stage, command, context)
        case JudicialOutcome.MEASURE:
            require(command.measure is not None and command.conditions is not None, MEASURE_ORDER_INCOMPLETE)
            require_ahead(command.until, command, context)
        case JudicialOutcome.RELEASE:
            pass
    return (record(JudicialDecisionRecorded, command),)


def require_lawful_hold(stage: Concerned, order: Order, context: Context) -> None:
    """Refuse an order to hold that has no end, comes too late, or holds too long."""
    require(order.until is not None, HOLD_ORDER_WITHOUT_END)
    decided = decision_time(order)
    limit = judicial_limit(stage, context)
    require(limit is None or latest(order, context) <= limit, ORDER_AFTER_LIMIT)
    require(limit is None or context.now <= limit or documented(order, decided), ORDER_BACKDATED)
    require_within_remand(stage, order, context)


def require_within_remand(stage: Concerned, order: Order, context: Context) -> None:
    """Refuse an order to hold that has no end, or holds longer than one order may, or than all of them together."""
    if order.until is None:
        raise Refused(HOLD_ORDER_WITHOUT_END)
    decided, zone = decision_time(order), order.when.zone
    require_ahead(order.until, order, context)
    require(order.until <= limit_end(replace(context, history=()), "remand_order", decided, zone), ORDER_TOO_LONG)
    total = limit_end(context, "remand_total", stage.hold.remanded or decided, zone)
    require(order.superior or order.until <= total, REMAND_TOO_LONG)


def judicial_limit(stage: Concerned, context: Context) -> datetime | None:
    """The moment before which an order to hold must take effect; None for a person who is not in custody."""
    match stage:
        case OnMeasure():
            return None
        case JudiciallyHeld(until=until):
            return until
        case _:
            return custody_limit(stage.hold, "without_judge", context)


def impose_measure(stage: UnderPower, command: ImposeMeasure, context: Context) -> Events:
    """A measure takes the place of the hold once less restrictive ones were considered."""
    require_authority(command)
    require(command.alternatives is not None, ALTERNATIVES_NOT_CONSIDERED)
    require_ahead(command.until, command, context)
    return (record(MeasureImposed, command),)


def vary_measure(stage: OnMeasure, command: VaryMeasure, context: Context) -> Events:
    """A standing measure gets other terms, for a reason."""
    require_authority(command)
    require_reason(command)
    require(not stage.lifted, MEASURE_LIFTED)
    require_ahead(command.until, command, context)
    return (record(MeasureVaried, command),)


def allege_measure_breach(stage: OnMeasure, command: AllegeMeasureBreach, context: Context) -> Events:
    """An allegation is recorded as one; what follows from it a court decides."""
    return (record(MeasureBreachAlleged, command),)


# --- Clock ----------------------------------------------------------------------------------------------------


def pause_clock(stage: Held, command: PauseClock, context: Context) -> Events:
    """The clock stops on a document, for a cause the profile knows."""
    require_authority(command)
    require(provides_for(context.profile, command.cause), PAUSE_NOT_PROVIDED)
    require(not stage.hold.clock_paused, CLOCK_ALREADY_PAUSED)
    return (record(ClockPaused, command),)


def provides_for(profile: Profile | None, cause: PauseCause) -> bool:
    """Whether some clock of the profile pauses for the cause; a refusal where the profile is not installed."""
    if profile is None:
        raise Refused(PROFILE_NOT_INSTALLED)
    pauses = (trigger for clock in profile.clocks for trigger in clock.pauses_on if trigger.event == ClockPaused.type)
    return any(trigger.field is None or trigger.equals == cause.value for trigger in pauses)


def resume_clock(stage: Held, command: ResumeClock, context: Context) -> Events:
    """The clock runs again."""
    require(stage.hold.clock_paused, CLOCK_NOT_PAUSED)
    return (record(ClockResumed, command),)
