"""When the serving of a sentence and what shortens it may be recorded. Release, death and escape are never refused."""

from dataclasses import replace
from datetime import date

from domain.kernel import NOT_OPEN, Context, Events, record, require, require_authority, require_reason
from domain.kinds.sentencing import refusals as no
from domain.kinds.sentencing.acts import Custody
from domain.kinds.sentencing.computation_rules import require_days
from domain.kinds.sentencing.dates_rules import computation_owed, with_dates_anew
from domain.kinds.sentencing.execution_acts import (
    CommuteSentence,
    CompleteSentence,
    CustodyTransferred,
    DecideEarlyRelease,
    EarlyReleaseDecided,
    ExecutionStarted,
    ForfeitRemission,
    GrantPardon,
    GrantRemission,
    OrderMet,
    PardonGranted,
    RecordDeathUnderSentence,
    RecordEscapeUnderSentence,
    RecordOrderMet,
    RecordRelease,
    RecordReturnUnderSentence,
    ReleaseBecameDue,
    ReleaseDuty,
    ReleaseGround,
    ReleaseMatch,
    RemissionForfeited,
    RemissionGranted,
    SentenceCommuted,
    SentenceCompleted,
    SentencedPersonDied,
    SentencedPersonEscaped,
    SentencedPersonReleased,
    SentencedPersonReturned,
    StartExecution,
    TransferCustody,
)
from domain.kinds.sentencing.rules import require_terms
from domain.kinds.sentencing.stages import (
    APPEALED,
    COMPLETABLE,
    ENDABLE,
    EXECUTABLE,
    HOLDABLE,
    LIVE,
    Closed,
    Completed,
    Convicted,
    Final,
    Quashed,
    UnderAppeal,
    conviction_of,
    may_end,
    may_move,
    may_return,
    sentence_of,
)
from domain.kinds.sentencing.terms import day_of
from domain.values import Answer

# --- Serving --------------------------------------------------------------------------------------------------


def start_execution(stage: EXECUTABLE, command: StartExecution, context: Context) -> Events:
    """On an order to execute a final sentence that is neither stayed nor pardoned."""
    require_authority(command)
    if isinstance(stage, UnderAppeal):
        require(isinstance(stage.before, Final), no.NOT_YET_FINAL)
        require(not stage.stayed, no.STAYED)
    sentence = sentence_of(stage)
    require(not sentence.extinguished, no.EXTINGUISHED)
    require(bool(sentence.terms), no.NO_TERM)
    admitted = replace(sentence, admitted=sentence.admitted or command.when)
    return (record(ExecutionStarted, command), *computation_owed(sentence, admitted, command))


def transfer_custody(stage: HOLDABLE, command: TransferCustody, context: Context) -> Events:
    """A person not known to be at liberty, to another place."""
    conviction = conviction_of(stage)
    require(may_move(conviction), no.NOT_HELD)
    require(command.institution != conviction.institution, no.SAME_INSTITUTION)
    return (record(CustodyTransferred, command),)


def record_return_under_sentence(stage: HOLDABLE, command: RecordReturnUnderSentence, context: Context) -> Events:
    """On an authority to hold that still stands; what is left of the sentence is to be computed."""
    require_authority(command)
    require(may_return(conviction_of(stage)), no.ALREADY_HELD)
    if not isinstance(stage, Convicted):
        require(not isinstance(stage, UnderAppeal) or not isinstance(stage.before, Completed), no.SENTENCE_OVER)
        require(not sentence_of(stage).extinguished, no.EXTINGUISHED)
    return (record(SentencedPersonReturned, command), *left_to_compute(stage, command))


def left_to_compute(stage: HOLDABLE, command: RecordReturnUnderSentence) -> Events:
    """The duty to compute what is left of an executed sentence that an escape or a release interrupted."""
    if isinstance(stage, Convicted):
        return ()
    sentence = sentence_of(stage)
    interrupted = sentence.interruptions + (sentence.admitted is not None)
    return computation_owed(sentence, replace(sentence, interruptions=interrupted), command)


# --- What shortens a sentence ---------------------------------------------------------------------------------


def grant_remission(stage: LIVE, command: GrantRemission, context: Context) -> Events:
    """On authority."""
    require_authority(command)
    require_days(command.days)
    return with_dates_anew(stage, command, record(RemissionGranted, command), context)


def forfeit_remission(stage: LIVE, command: ForfeitRemission, context: Context) -> Events:
    """On authority, after a hearing, and no more than was granted."""
    require_authority(command)
    require_days(command.days)
    require(command.days <= sentence_of(stage).remission_days, no.REMISSION_NOT_GRANTED)
    return with_dates_anew(stage, command, record(RemissionForfeited, command), context)


def decide_early_release(stage: LIVE, command: DecideEarlyRelease, context: Context) -> Events:
    """On authority; a refusal of early release states its reason."""
    require_authority(command)
    if command.release_on is None:
        require_reason(command)
    return with_dates_anew(stage, command, record(EarlyReleaseDecided, command), context)


def commute_sentence(stage: LIVE, command: CommuteSentence, context: Context) -> Events:
    """On authority; the new terms hold together and stand for convicted counts."""
    require_authority(command)
    require_terms(conviction_of(stage).convicted, command.terms)
    commuted = record(SentenceCommuted, command, former=sentence_of(stage).terms)
    return with_dates_anew(stage, command, commuted, context)


def grant_pardon(stage: LIVE, command: GrantPardon, context: Context) -> Events:
    """On authority; what remains is stated whole. After a full pardon a person who is held is to be released."""
    require_authority(command)
    require(command.full != bool(command.remaining), no.PARDON_UNCLEAR)
    require_terms(conviction_of(stage).convicted, command.remaining)
    pardoned = record(PardonGranted, command, former=sentence_of(stage).terms)
    if command.full and conviction_of(stage).custody is Custody.HELD:
        return (pardoned, record(ReleaseBecameDue, command, ground=ReleaseDuty.FULL_PARDON))
    return with_dates_anew(stage, command, pardoned, context)


# --- The ends of custody: recorded whatever the record says ---------------------------------------------------


def release_date(stage: ENDABLE) -> tuple[date | None, bool]:
    """The day on which release was due, and whether it was owed at once: the ground to hold having fallen away."""
    owed = conviction_of(stage).release_due
    if owed is not None:
        return day_of(owed), True
    checked = None if isinstance(stage, Convicted | Quashed | Closed) else sentence_of(stage).checked
    return (checked.release_on if checked else None), False


def matched(
    released: date | None, due: date | None, ground: ReleaseGround, *, owed: bool = False
) -> tuple[ReleaseMatch, int | None]:
    """How the day of a release lies to the day it was due, and by how many days it missed it."""
    if released is None or due is None:
        return ReleaseMatch.UNKNOWN, None
    days = (released - due).days
    if days > 0:
        return ReleaseMatch.HELD_PAST, days
    if owed:
        return ReleaseMatch.RELEASED_ON_ORDER, None
    if days == 0:
        return ReleaseMatch.RELEASED_ON_SENTENCE, None
    if ground in (ReleaseGround.COURT_ORDER, ReleaseGround.CLEMENCY):
        return ReleaseMatch.RELEASED_ON_ORDER, None
    return ReleaseMatch.IN_ERROR_EARLY, -days


def record_release(stage: ENDABLE, command: RecordRelease, context: Context) -> Events:
    """Never refused while the person may be held: the event says how it lies to the day it was due, if one is known."""
    require(may_end(stage), NOT_OPEN)
    checked = None if isinstance(stage, Convicted | Quashed | Closed) else sentence_of(stage).checked
    released = day_of(command.when)
    due, owed = release_date(stage)
    match, days = matched(released, due, command.ground, owed=owed)
    over = Answer.UNKNOWN
    if released is not None and checked is not None and checked.expiry is not None:
        over = Answer.YES if released >= checked.expiry else Answer.NO
    return (record(SentencedPersonReleased, command, match=match, days=days, due=due, sentence_over=over),)


def record_death_under_sentence(stage: ENDABLE, command: RecordDeathUnderSentence, context: Context) -> Events:
    """Never refused while the person may be held."""
    require(may_end(stage), NOT_OPEN)
    custody = conviction_of(stage).custody
    return (record(SentencedPersonDied, command, custody=custody, unit=context.dossier.unit),)


def record_escape_under_sentence(stage: ENDABLE, command: RecordEscapeUnderSentence, context: Context) -> Events:
    """Never refused while the person may be held."""
    require(may_end(stage), NOT_OPEN)
    return (record(SentencedPersonEscaped, command),)


def record_order_met(stage: APPEALED, command: RecordOrderMet, context: Context) -> Events:
    """Once, for an order with a day to be met by."""
    require(command.order in sentence_of(stage).orders, no.ORDER_NOT_DUE)
    return (record(OrderMet, command),)


def complete_sentence(stage: COMPLETABLE, command: CompleteSentence, context: Context) -> Events:
    """On authority and with a reason, for somebody who is not held."""
    require_authority(command)
    require_reason(command)
    require(conviction_of(stage).custody is not Custody.HELD, no.STILL_HELD)
    return (record(SentenceCompleted, command),)
