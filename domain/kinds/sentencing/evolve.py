"""What each event changes. No guard, no decision; what cannot follow raises ImpossibleHistory."""

from dataclasses import replace

from domain.kernel import Event, Nothing, Stage, impossible
from domain.kinds.sentencing.acts import (
    AppealDecided,
    AppealLodged,
    AppealOutcome,
    ConvictionQuashed,
    ConvictionRecorded,
    CountOutcome,
    Custody,
    OrderDueStated,
    RecordRestricted,
    RestrictionDateSet,
    SentenceBecameFinal,
    SentenceImposed,
    SentenceStayed,
    SentencingClosed,
)
from domain.kinds.sentencing.computation_acts import (
    ComputationBecameDue,
    ComputationChecked,
    ComputationOverridden,
    ComputationRecorded,
    ComputationRoutedToManual,
    CreditDerived,
    CreditDetermined,
    CreditDisputed,
    OverrideReasonCoded,
    ReleaseDatesComputed,
    ReleaseScheduled,
)
from domain.kinds.sentencing.credit import Credit
from domain.kinds.sentencing.execution_acts import (
    CustodyTransferred,
    EarlyReleaseDecided,
    ExecutionStarted,
    OrderMet,
    PardonGranted,
    ReleaseBecameDue,
    RemissionForfeited,
    RemissionGranted,
    SentenceCommuted,
    SentenceCompleted,
    SentencedPersonDied,
    SentencedPersonEscaped,
    SentencedPersonReleased,
    SentencedPersonReturned,
)
from domain.kinds.sentencing.stages import (
    ANY,
    APPEALABLE,
    ENDABLE,
    OVER,
    PRESENT,
    QUASHABLE,
    RESTRICTABLE,
    Closed,
    Completed,
    Computation,
    Computed,
    Convicted,
    Conviction,
    Deceased,
    Final,
    Quashed,
    Released,
    Sentence,
    Sentenced,
    Serving,
    UnderAppeal,
    begun_to_serve,
    conviction_of,
    may_end,
    may_move,
    may_return,
    no_longer_serving,
    set_aside,
    with_conviction,
)
from domain.values import Answer


def evolve(stage: Stage, event: Event) -> Stage:
    """The stage after one more event: first what any stage may meet, then what belongs to one."""
    match event:
        case SentencedPersonDied(unit=unit) if isinstance(stage, ENDABLE) and may_end(stage):
            return Deceased(replace(no_longer_serving(conviction_of(stage), event.when), custody=Custody.DECEASED), unit)
        case ConvictionQuashed() if isinstance(stage, QUASHABLE):
            quashed = set_aside(conviction_of(stage), event.when)
            return with_conviction(stage, quashed) if isinstance(stage, Deceased) else Quashed(quashed)
        case RestrictionDateSet() if isinstance(stage, ANY):
            return stage
        case RecordRestricted() if isinstance(stage, RESTRICTABLE):
            return with_conviction(stage, replace(conviction_of(stage), restricted=True))
        case ReleaseBecameDue() if isinstance(stage, PRESENT):
            conviction = conviction_of(stage)
            return with_conviction(stage, replace(conviction, release_due=conviction.release_due or event.when))
        case SentencingClosed() if isinstance(stage, OVER):
            return Closed(conviction_of(stage))
        case _:
            return in_course(stage, event)


def in_course(stage: Stage, event: Event) -> Stage:
    """The stage after an event that belongs to one stage or a few."""
    match stage, event:
        case Nothing(), ConvictionRecorded(party=party, counts=counts, custody=custody):
            convicted = tuple(count.number for count in counts if count.outcome is CountOutcome.CONVICTED)
            return Convicted(Conviction(party, convicted, custody))
        case Convicted(conviction=conviction), SentenceImposed(when=when, terms=terms):
            return Sentenced(Sentence(conviction, imposed=when, judged=when, terms=terms))
        case Convicted(conviction=conviction), _:
            return Convicted(moved(stage, conviction, event))
        case Quashed(), _:
            return since_quashed(stage, event)
        case UnderAppeal(), _:
            return under_appeal(stage, event)
        case _, AppealLodged(appellant=appellant) if isinstance(stage, APPEALABLE):
            return UnderAppeal(stage, frozenset({appellant}))
        case ((Sentenced(sentence=sentence) | Computed(sentence=sentence)), SentenceBecameFinal(when=when)):
            return Final(replace(sentence, final=when))
        case ((Final(sentence=sentence) | Released(sentence=sentence)), SentenceCompleted()):
            return Completed(sentence)
        case ((Sentenced() | Computed() | Final() | Serving() | Released()), _):
            return meanwhile(stage, event)
        case Closed(conviction=conviction), (SentencedPersonReleased() | SentencedPersonEscaped()) if may_end(stage):
            return Closed(moved(stage, conviction, event))
        case Completed(), (SentencedPersonReleased() | SentencedPersonEscaped() | OrderMet()):
            return meanwhile(stage, event)
        case _:
            impossible(stage, event)


# --- Appeal ---------------------------------------------------------------------------------------------------


def under_appeal(stage: UnderAppeal, event: Event) -> Stage:
    """An appealed sentence goes on as before until the appeal is decided."""
    match event:
        case AppealLodged(appellant=appellant):
            return replace(stage, appellants=stage.appellants | {appellant})
        case SentenceStayed():
            return replace(stage, stayed=True)
        case AppealDecided():
            return decided(stage.before, event)
        case _:
            return replace(stage, before=meanwhile(stage.before, event))


def decided(before: APPEALABLE, event: AppealDecided) -> Stage:
    """The stage a decision on appeal leaves: a varied sentence waits for new dates, a remitted case for a judgment."""
    sentence = before.sentence
    conviction = sentence.conviction
    match event.outcome:
        case AppealOutcome.WITHDRAWN:
            return before
        case AppealOutcome.UPHELD:
            return replace(before, sentence=replace(sentence, judged=event.when))
        case AppealOutcome.QUASHED:
            return Quashed(set_aside(conviction, event.when))
        case AppealOutcome.REMITTED:
            return Convicted(conviction)
        case AppealOutcome.VARIED:
            left = tuple(count for count in conviction.convicted if count not in event.quashed_counts)
            varied = replace(
                sentence, judged=event.when, terms=event.terms, final=None, computation=None, manual=False, orders=frozenset()
            )
            return Sentenced(replace(varied, conviction=replace(conviction, convicted=left)))


def since_quashed(stage: Quashed, event: Event) -> Stage:
    """What happened from then on, or was done before the judgment was known here: no later act is evidence against it.

    Whoever was moved or taken back meanwhile is held and to be released; everything else about the sentence changes nothing.
    """
    conviction = stage.conviction
    match event:
        case SentencedPersonReleased() | SentencedPersonEscaped():
            return Quashed(moved(stage, conviction, event))
        case ExecutionStarted() | SentencedPersonReturned() | CustodyTransferred():
            due = conviction.release_due or event.when
            return Quashed(replace(conviction, custody=Custody.HELD, institution=event.institution, release_due=due))
        case ConvictionRecorded() | SentenceImposed() | ConvictionQuashed():
            impossible(stage, event)
        case _:
            return stage


# --- The sentence ---------------------------------------------------------------------------------------------


def meanwhile(stage: APPEALABLE, event: Event) -> APPEALABLE:
    """The stage after an event that comes under appeal as well as without one."""
    match event:
        case ExecutionStarted(when=when, institution=institution) if isinstance(stage, Final):
            sentence = stage.sentence
            held = replace(begun_to_serve(sentence.conviction, when), custody=Custody.HELD, institution=institution)
            return Serving(replace(sentence, conviction=held, admitted=sentence.admitted or when))
        case SentencedPersonReleased() | SentencedPersonEscaped() | SentencedPersonReturned() | CustodyTransferred():
            return elsewhere(stage, event)
        case _:
            return settled(replace(stage, sentence=changed(stage, stage.sentence, event)))


def settled(stage: APPEALABLE) -> APPEALABLE:
    """Before finality, the stage that says whether a current computation stands."""
    if isinstance(stage, Sentenced | Computed):
        return Computed(stage.sentence) if stage.sentence.current else Sentenced(stage.sentence)
    return stage


def elsewhere(stage: APPEALABLE, event: Event) -> APPEALABLE:
    """The stage after the person came to another place; once admitted, an escape or a return interrupts the terms."""
    sentence = replace(stage.sentence, conviction=moved(stage, stage.sentence.conviction, event))
    if sentence.admitted is not None and isinstance(event, SentencedPersonEscaped | SentencedPersonReturned):
        sentence = replace(sentence, interruptions=sentence.interruptions + 1)
    match stage, event:
        case Serving(), SentencedPersonReleased(sentence_over=over):
            return Completed(sentence) if over is Answer.YES else Released(sentence)
        case Released(), SentencedPersonReturned():
            return Serving(sentence)
        case Completed(), SentencedPersonReturned():
            impossible(stage, event)
        case _:
            return settled(replace(stage, sentence=sentence))


def moved(stage: Stage, conviction: Conviction, event: Event) -> Conviction:
    """Where the person is after the event."""
    match event:
        case SentencedPersonReleased():
            free = no_longer_serving(conviction, event.when)
            return replace(free, custody=Custody.AT_LIBERTY, institution=None, release_due=None)
        case SentencedPersonEscaped():
            return replace(no_longer_serving(conviction, event.when), custody=Custody.ESCAPED, institution=None)
        case SentencedPersonReturned(institution=institution) if may_return(conviction):
            back = begun_to_serve(conviction, event.when) if conviction.services else conviction
            return replace(back, custody=Custody.HELD, institution=institution)
        case CustodyTransferred(institution=institution) if may_move(conviction):
            return replace(conviction, custody=Custody.HELD, institution=institution)
        case _:
            impossible(stage, event)


def changed(stage: Stage, sentence: Sentence, event: Event) -> Sentence:
    """The sentence after an event its dates depend on."""
    match event:
        case ComputationRecorded() | ComputationOverridden() | ReleaseDatesComputed():
            return computed(sentence, event)
        case OverrideReasonCoded() | ComputationBecameDue() | ReleaseScheduled():
            return sentence
        case OrderDueStated(order=order):
            return replace(sentence, orders=sentence.orders | {order})
        case OrderMet(order=order) if order in sentence.orders:
            return replace(sentence, orders=sentence.orders - {order})
        case CreditDerived(intervals=intervals, before=before, provisional=provisional):
            return replace(sentence, derived=Credit(intervals, before, provisional))
        case ComputationChecked():
            return checked(sentence, event)
        case ComputationRoutedToManual():
            return replace(sentence, manual=True)
        case CreditDisputed():
            return replace(sentence, credit_disputed=True)
        case CreditDetermined(days=days):
            return replace(sentence, determined_credit=days, credit_disputed=False)
        case RemissionGranted(days=days):
            return replace(sentence, remission_days=sentence.remission_days + days)
        case RemissionForfeited(days=days) if days <= sentence.remission_days:
            return replace(sentence, remission_days=sentence.remission_days - days)
        case EarlyReleaseDecided(release_on=release_on):
            return replace(sentence, early_release=release_on)
        case SentenceCommuted() | PardonGranted() if sentence.extinguished:
            return sentence  # done before the full pardon was known here: nothing is left to be shortened
        case SentenceCommuted(terms=terms):
            return replace(sentence, terms=terms)
        case PardonGranted(full=full, remaining=remaining):
            return replace(sentence, terms=remaining, extinguished=full)
        case _:
            impossible(stage, event)


def computed(sentence: Sentence, event: ComputationRecorded | ComputationOverridden | ReleaseDatesComputed) -> Sentence:
    """The sentence with dates computed or fixed anew; they take the place of any before."""
    basis = event.inputs if isinstance(event, ReleaseDatesComputed) else None
    credit = event.credit if isinstance(event, ComputationRecorded) else None
    inputs = event.inputs.sentence if isinstance(event, ReleaseDatesComputed) else event.inputs
    latest = Computation(event.number, inputs, event.expiry, event.release_on, event.decided_by, basis, credit)
    return replace(sentence, computation=latest, runs=event.number, manual=False)


def checked(sentence: Sentence, event: ComputationChecked) -> Sentence:
    """The sentence after a check; one of dates that no longer stand, since an entry was corrected, changes nothing."""
    latest = sentence.computation
    dates = (event.computation, event.expiry, event.release_on)
    if latest is None or (latest.number, latest.expiry, latest.release_on) != dates:
        return sentence
    return replace(sentence, computation=replace(latest, checked=True) if event.confirmed else None)
