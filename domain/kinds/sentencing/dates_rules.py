"""When credit is derived and dates are computed by rule, and what makes the system compute them anew."""

from collections.abc import Iterator
from datetime import date

from domain.deadlines import PROFILE_NOT_INSTALLED
from domain.dossier.acts import LinkState, LinkType
from domain.kernel import Context, Event, Events, Other, Refused, Statement, record, require
from domain.kinds.sentencing import refusals as no
from domain.kinds.sentencing.computation_acts import (
    ComputationBecameDue,
    ComputationRoutedToManual,
    ComputeDates,
    CreditDerived,
    DeriveCredit,
    ReleaseDatesComputed,
)
from domain.kinds.sentencing.computing import (
    ALGORITHM,
    ALGORITHM_VERSION,
    ComputationRules,
    ManualCause,
    compute,
    inputs_hash,
    left_out,
    rules_of,
)
from domain.kinds.sentencing.credit import (
    EACH_DAY_ONCE,
    DetentionCredited,
    ServedSpan,
    Service,
    TellsCustody,
    TimeInCustody,
    days_counted,
    is_open,
    last_creditable,
    outside,
    spans_of,
)
from domain.kinds.sentencing.evolve import changed
from domain.kinds.sentencing.stages import ANY, LIVE, Sentence, conviction_of, sentence_of
from domain.kinds.sentencing.terms import ONE_DAY, CreditSpan, StartRule, day_of, heads
from domain.profiles import Profile
from domain.values import CaseId

MOST_INTERVALS = 100
LINKED = (LinkState.PROPOSED, LinkState.CONFIRMED)
"""How far a link has come on a side that maintains it."""

# --- Credit ---------------------------------------------------------------------------------------------------


def is_linked(detention: CaseId, other: Other, context: Context) -> bool:
    """Whether both cases say that the detention gives credit: one proposed it, the other confirmed it."""
    ours = context.dossier.links.get((detention, LinkType.CREDITS))
    theirs = other.dossier.links.get((context.case_id, LinkType.CREDITS))
    return ours in LINKED and theirs in LINKED and LinkState.CONFIRMED in (ours, theirs)


def custody_told(detention: CaseId, sentence: Sentence, context: Context) -> TimeInCustody:
    """What a linked detention tells of the convicted person's time in custody, or a refusal."""
    other = context.others.get(detention)
    if other is None or other.kind != "detention":
        raise Refused(no.CREDIT_NOT_DETENTION)
    require(is_linked(detention, other, context), no.CREDIT_NOT_LINKED)
    custody = other.stage.custody if isinstance(other.stage, TellsCustody) else None
    if custody is None:
        raise Refused(no.CREDIT_NOT_DETENTION)
    require(custody.party == sentence.conviction.party, no.CREDIT_OF_ANOTHER)
    return custody


def require_every_linked(command: DeriveCredit, context: Context) -> None:
    """Refuse detentions named twice, and a derivation that leaves one out that is linked."""
    require(len({*command.detentions}) == len(command.detentions), no.CREDIT_NAMED_TWICE)
    links = context.dossier.links.items()
    linked = {case for (case, link), state in links if link is LinkType.CREDITS and state in LINKED}
    require(linked <= {*command.detentions}, no.CREDIT_LEFT_OUT)


def services_told(other_id: CaseId, sentence: Sentence, context: Context) -> tuple[Service, ...]:
    """What another sentencing of this person tells of the time served under it, or a refusal."""
    other = context.others.get(other_id)
    if other is None or other_id == context.case_id or not isinstance(other.stage, ANY):
        raise Refused(no.SERVED_NOT_SENTENCE)
    conviction = conviction_of(other.stage)
    require(conviction.party == sentence.conviction.party, no.SERVED_NOT_SENTENCE)
    return conviction.served


def served_meanwhile(sentence: Sentence, command: DeriveCredit, context: Context, through: date) -> tuple[ServedSpan, ...]:
    """The days served under the other sentences, none where the profile credits them all the same."""
    told = {other: services_told(other, sentence, context) for other in command.other_sentences}
    try:
        return left_out(told, rules_of(context.profile) or ComputationRules(), through)
    except ValueError:
        raise Refused(no.CREDIT_IMPRECISE) from None


def intervals(found: dict[CaseId, TimeInCustody], through: date) -> Iterator[CreditSpan]:
    """The days in custody under every detention; a refusal where one is not known to the day."""
    try:
        for detention, custody in found.items():
            yield from spans_of(detention, custody, through)
    except ValueError:
        raise Refused(no.CREDIT_IMPRECISE) from None


def derive_credit(stage: LIVE, command: DeriveCredit, context: Context) -> Events:
    """From every linked detention of this person, to the day; provisional while one is open and days may still come."""
    sentence = sentence_of(stage)
    require_every_linked(command, context)
    found = {detention: custody_told(detention, sentence, context) for detention in command.detentions}
    day, before = day_of(command.when), sentence.first_day
    if day is None:
        raise Refused(no.CREDIT_IMPRECISE)
    through = last_creditable(day, before)
    served = served_meanwhile(sentence, command, context, through)
    spans = tuple(left for span in intervals(found, through) for left in outside(span, served))
    require(max(len(spans), len(served)) <= MOST_INTERVALS, no.CREDIT_TOO_MUCH)
    may_grow = before is None or through + ONE_DAY < before
    read = tuple(DetentionCredited(case, context.others[case].version, is_open(found[case])) for case in found)
    derived = record(
        CreditDerived, command, intervals=spans, days=days_counted(spans), rule=EACH_DAY_ONCE, detentions=read, served=served,
        through=through, before=before, provisional=may_grow and any(each.open for each in read),
    )  # fmt: skip
    return with_dates_anew(stage, command, derived, context)


def require_credit_known(sentence: Sentence) -> None:
    """Refuse to compute before credit is derived or determined, and on credit derived for another first day."""
    if sentence.determined_credit is None:
        require(sentence.derived is not None, no.CREDIT_NOT_DERIVED)
        require(not is_outdated(sentence), no.CREDIT_OUTDATED)


def is_outdated(sentence: Sentence) -> bool:
    """Whether the credit that counts was derived for another first day of the sentence."""
    derived = sentence.derived
    return sentence.determined_credit is None and derived is not None and derived.before != sentence.first_day


# --- Dates ----------------------------------------------------------------------------------------------------


def superseded(sentence: Sentence) -> int | None:
    """The number of the computation a new one replaces."""
    return sentence.computation.number if sentence.computation else None


TO_COME = (StartRule.ON_FINALITY, StartRule.ON_ADMISSION)


def is_to_come(sentence: Sentence) -> bool:
    """Whether a term runs from an act that has not happened yet."""
    return any(term.start_rule in TO_COME and sentence.begun(term) is None for term in heads(sentence.terms))


def is_imprecise(sentence: Sentence) -> bool:
    """Whether a term runs from an act that is not known to the day."""
    return any((begun := sentence.begun(term)) is not None and day_of(begun) is None for term in heads(sentence.terms))


def routed(sentence: Sentence, cause: ManualCause, command: Statement) -> Events:
    """The event that hands the dates to manual work; nothing if they are there already."""
    return () if sentence.manual else (record(ComputationRoutedToManual, command, cause=cause, inputs=sentence.inputs),)


def dates_of(sentence: Sentence, expected_start: date | None, command: Statement, profile: Profile) -> Events:
    """The event with the dates by the profile's rule, or with why it gives none; nothing if a person knows already."""
    rules = rules_of(profile)
    if rules is None:
        return routed(sentence, ManualCause.LAW_NOT_COVERED, command)
    inputs = sentence.all_inputs(None if is_imprecise(sentence) else expected_start, rules)
    dates = compute(inputs)
    if isinstance(dates, ManualCause):
        return routed(sentence, dates, command)
    computed = record(
        ReleaseDatesComputed, command, number=sentence.runs + 1, supersedes=superseded(sentence), inputs=inputs,
        inputs_hash=inputs_hash(inputs), algorithm=ALGORITHM, algorithm_version=ALGORITHM_VERSION, profile=profile.name,
        credit_days=inputs.credit_days, expiry=dates.expiry, release_on=dates.release_on, eligible_on=dates.eligible_on,
        breakdown=dates.breakdown,
    )  # fmt: skip
    return (computed,)


def compute_dates(stage: LIVE, command: ComputeDates, context: Context) -> Events:
    """By the rule of the profile; what the rule gives no dates for goes to manual work with the cause."""
    sentence = sentence_of(stage)
    require(not sentence.extinguished, no.EXTINGUISHED)
    require(bool(sentence.terms), no.NOTHING_TO_COMPUTE)
    require_credit_known(sentence)
    require((command.expected_start is not None) == is_to_come(sentence), no.START_TO_COME)
    if context.profile is None:
        raise Refused(PROFILE_NOT_INSTALLED)
    events = dates_of(sentence, command.expected_start, command, context.profile)
    require(bool(events), no.ALREADY_MANUAL)
    return events


def computation_owed(before: Sentence, after: Sentence, command: Statement) -> Events:
    """The duty to compute anew, where dates were computed once and a change leaves none that are current."""
    has_dates = bool(after.terms) and not after.extinguished
    owed = has_dates and after.current is None and not after.manual and before.computation is not None
    return (record(ComputationBecameDue, command),) if owed else ()


def with_dates_anew(stage: LIVE, command: Statement, event: Event, context: Context) -> Events:
    """The event and, where it makes dates stale that were computed by rule here, the dates computed from it anew.

    Dates recorded from elsewhere or fixed by authority are not touched: they go stale, and a person owes new ones.
    """
    before = sentence_of(stage)
    after = changed(stage, before, event)
    basis = before.computation.basis if before.computation else None
    nothing_to_compute = after.current is not None or after.extinguished or not after.terms or is_outdated(after)
    owed = (event, *computation_owed(before, after, command))
    if basis is None or nothing_to_compute or context.profile is None:
        return owed
    to_come = is_to_come(after)
    if to_come and basis.expected_start is None:
        return owed
    return (event, *dates_of(after, basis.expected_start if to_come else None, command, context.profile))
