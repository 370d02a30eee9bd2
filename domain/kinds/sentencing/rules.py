"""When a conviction, a sentence, an appeal and the end of the record may be recorded."""

from dataclasses import replace

from domain.dossier.duty_rules import require_nothing_owed
from domain.dossier.rules import require_party
from domain.kernel import Context, Events, Nothing, Statement, record, require, require_authority, require_reason
from domain.kinds.sentencing import refusals as no
from domain.kinds.sentencing.acts import (
    AncillaryOrder,
    AppealDecided,
    AppealLodged,
    AppealOutcome,
    CloseSentencing,
    ConvictionQuashed,
    ConvictionRecorded,
    CountOutcome,
    Custody,
    FinalityGround,
    ImposeSentence,
    LodgeAppeal,
    OrderDueStated,
    QuashConviction,
    RecordAppealDecision,
    RecordConviction,
    RecordFinality,
    RecordRestricted,
    RestrictionDateSet,
    RestrictRecord,
    SentenceBecameFinal,
    SentenceImposed,
    SentenceStayed,
    SentencingClosed,
    SetRestrictionDate,
    StaySentence,
)
from domain.kinds.sentencing.dates_rules import computation_owed
from domain.kinds.sentencing.execution_acts import ReleaseBecameDue, ReleaseDuty
from domain.kinds.sentencing.stages import (
    ANY,
    APPEALED,
    NOT_FINAL,
    OVER,
    QUASHABLE,
    RESTRICTABLE,
    Convicted,
    Conviction,
    Deceased,
    Sentence,
    UnderAppeal,
    conviction_of,
    sentence_of,
)
from domain.kinds.sentencing.terms import Term, first_moment, in_sequence
from domain.limits import limit_end

# --- Conviction and sentence ----------------------------------------------------------------------------------


def record_conviction(stage: Nothing, command: RecordConviction, context: Context) -> Events:
    """A verdict document, a registered person and at least one convicted count; what is unknown stays unknown."""
    require_authority(command)
    require_party(command.party, context)
    require(len({count.number for count in command.counts}) == len(command.counts), no.COUNT_NUMBERS_REPEAT)
    require(any(count.outcome is CountOutcome.CONVICTED for count in command.counts), no.NO_CONVICTED_COUNT)
    return (record(ConvictionRecorded, command, unit=context.actor.unit),)


def require_terms(convicted: tuple[int, ...], terms: tuple[Term, ...]) -> None:
    """Refuse terms that do not hold together or stand for no convicted count."""
    numbers = {term.number for term in terms}
    require(len(numbers) == len(terms), no.TERM_NUMBERS_REPEAT)
    require(all(term.count in convicted for term in terms), no.OUTCOME_NOT_CONVICTED)
    require(all(term.to_term is None or term.to_term in numbers for term in terms), no.FOLLOWED_TERM_UNKNOWN)
    require(len(in_sequence(terms)) == len(terms), no.TERM_CYCLE)


def require_outcomes(
    convicted: tuple[int, ...], terms: tuple[Term, ...], orders: tuple[AncillaryOrder, ...], unpunished: tuple[int, ...]
) -> None:
    """Refuse a sentence that leaves a convicted count without an outcome, or punishes another."""
    require_terms(convicted, terms)
    ordered = {order.count for order in orders if order.count is not None}
    settled = {term.count for term in terms} | ordered | {*unpunished}
    require(settled <= {*convicted}, no.OUTCOME_NOT_CONVICTED)
    require(settled >= {*convicted}, no.COUNT_WITHOUT_OUTCOME)


def orders_due(orders: tuple[AncillaryOrder, ...], command: Statement) -> Events:
    """For each order with a day to be met by, the end of that day at the place; none beyond the calendar."""
    ends = {str(place): (order, first_moment(order.due, command.when.zone, 1)) for place, order in enumerate(orders, 1)}
    return tuple(
        record(OrderDueStated, command, order=place, kind=order.kind, due_at=due)
        for place, (order, due) in ends.items()
        if due is not None
    )


def impose_sentence(stage: Convicted, command: ImposeSentence, context: Context) -> Events:
    """Each convicted count has an outcome, no other count has."""
    require_authority(command)
    require_outcomes(stage.conviction.convicted, command.terms, command.ancillary, command.no_separate_penalty)
    return (record(SentenceImposed, command), *orders_due(command.ancillary, command))


# --- Appeal and finality --------------------------------------------------------------------------------------


def certainly_over(sentence: Sentence, command: Statement, context: Context) -> bool:
    """Whether the appeal window had certainly passed when the act began, counted from the end of the last judgment."""
    judged, acted = sentence.judged.latest, command.when.earliest
    if judged is None or acted is None:
        return False
    return acted >= limit_end(context, "appeal_window", judged, sentence.judged.zone)


def lodge_appeal(stage: APPEALED, command: LodgeAppeal, context: Context) -> Events:
    """In time, or with leave: only an appeal that is certainly late needs it. A cross-appeal joins."""
    late = certainly_over(sentence_of(stage), command, context)
    require(not late or command.authority is not None, no.APPEAL_OUT_OF_TIME)
    require(not isinstance(stage, UnderAppeal) or command.appellant not in stage.appellants, no.APPELLANT_APPEALED)
    return (record(AppealLodged, command),)


def stay_sentence(stage: UnderAppeal, command: StaySentence, context: Context) -> Events:
    """A court may stay the sentence until the appeal is decided."""
    require_authority(command)
    require(not stage.stayed, no.ALREADY_STAYED)
    return (record(SentenceStayed, command),)


def record_appeal_decision(stage: UnderAppeal, command: RecordAppealDecision, context: Context) -> Events:
    """A decision document; a varied sentence is held to the same rules as an imposed one."""
    require_authority(command)
    conviction = conviction_of(stage)
    if command.outcome is AppealOutcome.VARIED:
        left = tuple(count for count in conviction.convicted if count not in command.quashed_counts)
        require(bool(left) and {*command.quashed_counts} <= {*conviction.convicted}, no.QUASHED_COUNTS)
        require_outcomes(left, command.terms, command.ancillary, command.no_separate_penalty)
    else:
        stated = (command.quashed_counts, command.terms, command.ancillary, command.no_separate_penalty)
        require(not any(stated), no.APPEAL_STATES_SENTENCE)
    decided = record(AppealDecided, command, custody=conviction.custody)
    owed = release_owed(conviction, command) if command.outcome is AppealOutcome.QUASHED else ()
    return (decided, *orders_due(command.ancillary, command), *owed)


def record_finality(stage: NOT_FINAL, command: RecordFinality, context: Context) -> Events:
    """The window is over, or a document waives or ends the appeal; the dates have been checked as they now stand."""
    sentence = stage.sentence
    if command.ground is FinalityGround.WINDOW_OVER:
        require(certainly_over(sentence, command, context), no.APPEAL_WINDOW_OPEN)
    else:
        require_authority(command)
    has_dates = bool(sentence.terms) and not sentence.extinguished
    require(not has_dates or sentence.checked is not None, no.NOT_CHECKED)
    return (record(SentenceBecameFinal, command), *computation_owed(sentence, replace(sentence, final=command.when), command))


# --- The end of the record ------------------------------------------------------------------------------------


def release_owed(conviction: Conviction, command: Statement) -> Events:
    """The duty to release a person held on a conviction that is set aside."""
    if conviction.custody is not Custody.HELD:
        return ()
    return (record(ReleaseBecameDue, command, ground=ReleaseDuty.CONVICTION_QUASHED),)


def quash_conviction(stage: QUASHABLE, command: QuashConviction, context: Context) -> Events:
    """A judgment may set a conviction aside at any time, after death or closure too. Whoever is held is to be released."""
    require_authority(command)
    conviction = conviction_of(stage)
    require(not conviction.quashed, no.ALREADY_QUASHED)
    return (record(ConvictionQuashed, command, custody=conviction.custody), *release_owed(conviction, command))


def set_restriction_date(stage: ANY, command: SetRestrictionDate, context: Context) -> Events:
    """On the authority that fixes the date, for a record that is not restricted yet; after the closing too."""
    require_authority(command)
    require(not conviction_of(stage).restricted, no.ALREADY_RESTRICTED)
    require(command.restrict_at > (command.when.latest or context.now), no.RESTRICTION_PAST)
    return (record(RestrictionDateSet, command),)


def restrict_record(stage: RESTRICTABLE, command: RestrictRecord, context: Context) -> Events:
    """On authority and with a reason, once."""
    require_authority(command)
    require_reason(command)
    require(not conviction_of(stage).restricted, no.ALREADY_RESTRICTED)
    return (record(RecordRestricted, command),)


def close_sentencing(stage: OVER, command: CloseSentencing, context: Context) -> Events:
    """No duty to the person is closed away: nobody held, a quashed record restricted, a death closed by others."""
    require_nothing_owed(context)
    conviction = conviction_of(stage)
    if isinstance(stage, Deceased):
        require(context.actor.unit != stage.unit, no.CLOSED_BY_INVOLVED)
    require(conviction.custody is not Custody.HELD, no.STILL_HELD)
    require(not conviction.quashed or conviction.restricted, no.NOT_RESTRICTED)
    return (record(SentencingClosed, command, unit=context.actor.unit),)
