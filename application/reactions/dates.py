"""Dates of a sentence that went stale unseen: a late entry or a correction changed what they rest on, and no rule saw both.

The rules compute anew, or say that somebody has to, on the case as it was when the act happened. Dates computed later and
recorded before are not in that case, and for a correction no rule of the kind is asked at all.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from application.react import Cause, Fitted, Known, Reaction, Reply
from application.reactions.saying import reference, stated
from application.records import moment
from domain.dossier import SHARED
from domain.dossier.duty_acts import Duty, OpenObligation
from domain.history import effective, fold
from domain.kernel import TOLERANCE, Command, Entry, EntryCorrected, EntryRetracted, Event, Stage
from domain.kinds.sentencing import acts, computation_acts, execution_acts
from domain.kinds.sentencing.acts import AppealOutcome, Custody
from domain.kinds.sentencing.computation_acts import ComputeDates
from domain.kinds.sentencing.computing import COMPUTATION_RULES, Dates, compute
from domain.kinds.sentencing.dates_rules import is_to_come
from domain.kinds.sentencing.stages import LIVE, Sentence, sentence_of
from domain.values import Precision, When

REVIEW_WITHIN: Final = timedelta(hours=24)
"""After this a review of stale dates is overdue: as long as default-neutral@1 gives for computing them."""

INPUTS: Final[tuple[type[Event], ...]] = (
    acts.SentenceImposed,
    acts.AppealDecided,
    acts.SentenceBecameFinal,
    computation_acts.CreditDerived,
    computation_acts.CreditDetermined,
    execution_acts.ExecutionStarted,
    execution_acts.SentencedPersonEscaped,
    execution_acts.SentencedPersonReturned,
    execution_acts.RemissionGranted,
    execution_acts.RemissionForfeited,
    execution_acts.EarlyReleaseDecided,
    execution_acts.SentenceCommuted,
    execution_acts.PardonGranted,
)
"""What dates rest on."""

COMPUTED: Final = (
    computation_acts.ReleaseDatesComputed,
    computation_acts.ComputationRecorded,
    computation_acts.ComputationOverridden,
)


def awaits_dates(event: Event) -> bool:
    """Whether dates are to be computed from then on, so that a clock runs and nobody needs to be told."""
    varied = isinstance(event, acts.AppealDecided) and event.outcome is AppealOutcome.VARIED
    return varied or isinstance(event, acts.SentenceImposed | computation_acts.ComputationBecameDue)


def stale(stage: Stage, entries: Sequence[Entry]) -> Sentence | None:
    """The sentence whose dates computed last in effective order no longer stand, though nothing says that others are to come.

    Nothing is due of somebody at large: being taken back makes the rest of the sentence due.
    """
    if not isinstance(stage, LIVE):
        return None
    sentence = sentence_of(stage)
    if sentence.current is not None or sentence.manual or sentence.extinguished or not sentence.terms:
        return None
    said = [e.event for e in effective(entries) if isinstance(e.event, COMPUTED) or awaits_dates(e.event)]
    at_large = sentence.conviction.custody is Custody.ESCAPED
    return sentence if said and isinstance(said[-1], COMPUTED) and not at_large else None


def after_everything(known: Known) -> When:
    """The minute that begins when the last entry was recorded, so that no dates recorded before come after these."""
    recorded_at = known.entries[-1].recorded_at
    return When(recorded_at, recorded_at + TOLERANCE, Precision.MINUTE)


def compute_anew(cause: Cause) -> Sequence[Reply]:
    """Dates by rule, where this entry made those that stood stale; where the rule gives none somebody is to look at it."""
    if stale(cause.case.folded.stage, cause.entries) is None:
        return ()
    before = cause.entries[:-1]
    if stale(fold(cause.case.kind, SHARED, effective(before)).stage, before) is not None:
        return ()  # somebody was told already, or the dates will be computed from this entry too
    review = OpenObligation(
        **stated(cause),
        duty=Duty.CREDIT_REVIEW,
        basis=f"{cause.recorded.type} {reference(cause)}",
        to_whom="sentence-administration",
        due=moment(cause.recorded.recorded_at) + REVIEW_WITHIN,
    )
    return (Reply(cause.recorded.case_id, computation(cause, review), otherwise=review),)


def computation(cause: Cause, review: OpenObligation) -> Fitted:
    """The command for a sentence as it stands, none unless its dates are stale there too.

    Dates from elsewhere or fixed by authority are not replaced by the rule's: those are reviewed.
    """

    def given(known: Known) -> Command | None:
        sentence = stale(known.case.folded.stage, known.entries)
        if sentence is None:
            return None
        basis = sentence.computation.basis if sentence.computation else None
        rules = COMPUTATION_RULES.get(known.case.profile)
        if basis is None or rules is None:
            return review
        start = basis.expected_start if is_to_come(sentence) else None
        if not isinstance(compute(sentence.all_inputs(start, rules)), Dates):
            return review
        return ComputeDates(**stated(cause, when=after_everything(known)), expected_start=start)

    return given


HEARD: Final[tuple[type[Event], ...]] = (*INPUTS, EntryCorrected, EntryRetracted)
DATES = Reaction("dates", frozenset(event.type for event in HEARD), compute_anew)
