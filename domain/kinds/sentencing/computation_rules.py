"""When credit and computations of dates may be recorded, held against the neutral rule."""

from datetime import date

from domain.kernel import Context, Events, Refused, record, require, require_another, require_authority, require_reason
from domain.kinds.sentencing import refusals as no
from domain.kinds.sentencing.computation_acts import (
    CheckComputation,
    ComputationChecked,
    ComputationOverridden,
    ComputationRecorded,
    ComputationRoutedToManual,
    CreditDetermined,
    CreditDisputed,
    DetermineCredit,
    DisputeCredit,
    OverrideComputation,
    OverrideReasonCoded,
    RecordComputation,
    ReleaseScheduled,
    RouteComputationToManual,
)
from domain.kinds.sentencing.computing import CHECKED_AGAIN, ComputationRules, Dates, ManualCause, compute, rules_of
from domain.kinds.sentencing.credit import days_counted
from domain.kinds.sentencing.dates_rules import computation_owed, require_credit_known, superseded, with_dates_anew
from domain.kinds.sentencing.evolve import changed
from domain.kinds.sentencing.stages import CHECKABLE, LIVE, Computation, Released, Sentence, UnderAppeal, sentence_of
from domain.kinds.sentencing.terms import StartRule, TermSpan, day_of, first_moment, heads

DAYS_AT_MOST = 73_000


def require_days(days: int) -> None:
    """Refuse a number of days no sentence could have."""
    require(0 <= days <= DAYS_AT_MOST, no.DAYS_OUT_OF_RANGE)


# --- Computing ------------------------------------------------------------------------------------------------


def require_start(sentence: Sentence, start: date) -> None:
    """Refuse a start that is not the day of the act each term runs from; one still to come is taken as stated."""
    for term in heads(sentence.terms):
        require(term.start_rule is not StartRule.NOT_STATED, no.START_NOT_STATED)
        if (begun := sentence.begun(term)) is not None:
            day = day_of(begun)
            require(day is not None, no.START_IMPRECISE)
            require(day == start, no.START_DIFFERS)


def require_credit(sentence: Sentence, command: RecordComputation) -> None:
    """Refuse credit that was never derived or determined, and any other than what was."""
    require_credit_known(sentence)
    determined = sentence.determined_credit
    days = days_counted(sentence.intervals) if determined is None else determined
    require(command.credit == sentence.intervals and command.credit_days == days, no.CREDIT_DIFFERS)


def reckoned(sentence: Sentence, start: date, context: Context) -> Dates:
    """What the rule of the profile, else the neutral one, gives with acts still to come on ``start``, or a refusal."""
    found = compute(sentence.all_inputs(start, rules_of(context.profile) or ComputationRules()))
    if isinstance(found, ManualCause):
        raise Refused(no.NOT_COMPUTABLE)
    return found


def record_computation(stage: LIVE, command: RecordComputation, context: Context) -> Events:
    """Every input known, and the stated dates are those the neutral rule gives."""
    sentence = sentence_of(stage)
    require(not sentence.extinguished, no.EXTINGUISHED)
    require(bool(sentence.terms), no.NOTHING_TO_COMPUTE)
    require(sentence.interruptions == 0, no.TIME_AT_LARGE)
    require_start(sentence, command.start)
    require_credit(sentence, command)
    found = reckoned(sentence, command.start, context)
    require(command.expiry == found.expiry, no.EXPIRY_DIFFERS)
    spans = {TermSpan(each.term, each.first, each.last) for each in found.breakdown}
    require(not command.breakdown or {*command.breakdown} == spans, no.BREAKDOWN_DIFFERS)
    require(command.release_on <= found.release_on, no.RELEASE_TOO_LATE)
    numbered = {"number": sentence.runs + 1, "supersedes": superseded(sentence)}
    return (record(ComputationRecorded, command, inputs=sentence.inputs, **numbered),)


def route_computation_to_manual(stage: LIVE, command: RouteComputationToManual, context: Context) -> Events:
    """What the rule cannot compute goes to a person with authority, with the cause stated."""
    require_reason(command)
    sentence = sentence_of(stage)
    require(not sentence.manual, no.ALREADY_MANUAL)
    return (record(ComputationRoutedToManual, command, inputs=sentence.inputs),)


def override_computation(stage: LIVE, command: OverrideComputation, context: Context) -> Events:
    """Authority and a reason, by somebody other than the preparer; a check is needed as for any computation."""
    require_reason(command)
    require_authority(command)
    sentence = sentence_of(stage)
    require(not sentence.extinguished, no.EXTINGUISHED)
    require(sentence.manual or sentence.computation is not None, no.NOTHING_TO_OVERRIDE)
    if sentence.computation is not None:
        require_another(command, context, no.OVERRIDE_BY_PREPARER, sentence.computation.prepared_by)
    if command.expiry is not None and command.release_on is not None:
        require(command.release_on <= command.expiry, no.RELEASE_TOO_LATE)
    number = sentence.runs + 1
    fixed = record(ComputationOverridden, command, inputs=sentence.inputs, number=number, supersedes=superseded(sentence))
    return (fixed, record(OverrideReasonCoded, command, number=number))


def release_scheduled(stage: CHECKABLE, current: Computation, command: CheckComputation, context: Context) -> Events:
    """The release that confirmed dates fix, unless the person is out already or they fix none; due until its day is over."""
    out = isinstance(stage.before if isinstance(stage, UnderAppeal) else stage, Released)
    release_at = None if out else first_moment(current.release_on, command.when.zone, 1)
    if release_at is None:
        return ()
    again = CHECKED_AGAIN.get(context.profile.name) if context.profile else None
    decided = command.when.latest or context.now
    later = again is not None and release_at - decided > again
    by = release_at - again if again is not None and later else None
    return (record(ReleaseScheduled, command, release_at=release_at, check_again_by=by),)


def check_computation(stage: CHECKABLE, command: CheckComputation, context: Context) -> Events:
    """A second officer checks the computation that stands; a disputed credit is settled before it is confirmed."""
    sentence = sentence_of(stage)
    current = sentence.current
    if current is None or current.number != command.computation:
        raise Refused(no.COMPUTATION_NOT_CURRENT)
    require_another(command, context, no.CHECK_BY_PREPARER, current.prepared_by)
    if command.confirmed:
        require(not sentence.credit_disputed, no.CREDIT_IN_DISPUTE)
        require(current.by_authority or not sentence.provisional or sentence.first_day is None, no.CREDIT_PROVISIONAL)
    else:
        require_reason(command)
    checked = record(ComputationChecked, command, expiry=current.expiry, release_on=current.release_on)
    if command.confirmed:
        return (checked, *release_scheduled(stage, current, command, context))
    return (checked, *computation_owed(sentence, changed(stage, sentence, checked), command))


# --- Credit ---------------------------------------------------------------------------------------------------


def dispute_credit(stage: LIVE, command: DisputeCredit, context: Context) -> Events:
    """Anybody concerned may dispute the credit, whatever it is now."""
    require(not sentence_of(stage).credit_disputed, no.ALREADY_DISPUTED)
    return (record(CreditDisputed, command),)


def determine_credit(stage: LIVE, command: DetermineCredit, context: Context) -> Events:
    """An authority fixes the days; in a dispute that is not the preparer of the computation."""
    require_authority(command)
    require_days(command.days)
    sentence = sentence_of(stage)
    if sentence.credit_disputed and sentence.computation is not None:
        require_another(command, context, no.DETERMINED_BY_PREPARER, sentence.computation.prepared_by)
    return with_dates_anew(stage, command, record(CreditDetermined, command), context)
