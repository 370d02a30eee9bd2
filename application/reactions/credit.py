"""Credit for days in custody follows what detentions tell: it is derived again when a time in custody ends or changes."""

from collections.abc import Sequence
from typing import Final

from application.react import Cause, Fitted, Known, Reaction, Reply
from application.reactions.links import JOINING, confirmed, joins
from application.reactions.saying import reference, stated
from application.records import MICROSECOND, moment
from domain.dossier import SHARED
from domain.dossier.acts import LinkState, LinkType
from domain.dossier.duty_acts import Duty, OpenObligation
from domain.history import effective, fold, standing
from domain.kernel import Command, EntryCorrected, EntryRetracted, Stage
from domain.kinds.detention.acts import JudicialDecisionRecorded, MeasureImposed
from domain.kinds.detention.custody_acts import (
    DetaineeTransferAccepted,
    PersonDied,
    PersonEscaped,
    PersonReleased,
    PersonReturned,
)
from domain.kinds.sentencing.computation_acts import CreditDerived, DeriveCredit
from domain.kinds.sentencing.credit import TellsCustody, TimeInCustody, is_open
from domain.kinds.sentencing.stages import LIVE
from domain.values import Precision, When

CREDITS: Final = frozenset({LinkType.CREDITS})

CHANGING: Final = (
    PersonReleased,
    PersonDied,
    PersonEscaped,
    PersonReturned,
    DetaineeTransferAccepted,
    MeasureImposed,
    JudicialDecisionRecorded,
    EntryCorrected,
    EntryRetracted,
)
"""What may end, resume or restate a time in custody."""


def custody_of(stage: Stage) -> TimeInCustody | None:
    """The time in custody a stage tells of."""
    return stage.custody if isinstance(stage, TellsCustody) else None


def derive_again(cause: Cause) -> Sequence[Reply]:
    """Credit is derived again in every sentencing that a confirmed link of credit joins to this detention.

    When the time in custody is another than before; or when such a link is confirmed after custody had ended. Where it
    cannot be derived somebody is to look at it.
    """
    told = custody_of(cause.case.folded.stage)
    joined = confirmed(cause.entries, CREDITS)
    if told is None or not joined or not told.spells:
        return ()
    other = joins(cause.entries[-1], CREDITS)
    if other is not None:
        sentencings = [] if is_open(told) else [other]
    else:
        before = fold(cause.case.kind, SHARED, effective(cause.entries[:-1]))
        sentencings = [] if custody_of(before.stage) == told else list(joined)
    review = OpenObligation(
        **stated(cause),
        duty=Duty.CREDIT_REVIEW,
        basis=f"{cause.recorded.type} {reference(cause)}",
        to_whom="sentence-administration",
    )
    derive = derivation(cause, told)
    return [Reply(each, derive, otherwise=review) for each in sentencings if joined.get(each) == "sentencing"]


def derivation(cause: Cause, told: TimeInCustody) -> Fitted:
    """The command for a sentencing as it stands, none where no sentence stands: every detention it says gives credit.

    The other sentences are those whose days the last derivation left out. The day is that of the cause's receipt at the
    place of the detention: one instant, since a longer time could lie within two days.
    """
    last = told.spells[-1]
    recorded_at = moment(cause.recorded.recorded_at)
    when = When(recorded_at, recorded_at + MICROSECOND, Precision.SECOND, (last.ended or last.began).zone)

    def derive(known: Known) -> Command | None:
        if not isinstance(known.case.folded.stage, LIVE):
            return None
        links = known.case.folded.dossier.links.items()
        derived = [entry.event for entry in standing(known.entries) if isinstance(entry.event, CreditDerived)]
        served = derived[-1].served if derived else ()
        return DeriveCredit(
            **stated(cause, when=when),
            detentions=tuple(other for (other, link), state in links if link is LinkType.CREDITS and state in MAINTAINED),
            other_sentences=tuple(dict.fromkeys(span.sentencing for span in served)),
        )

    return derive


MAINTAINED: Final = (LinkState.PROPOSED, LinkState.CONFIRMED)
"""How far a link has come on a side that maintains it."""

CREDIT = Reaction("credit", frozenset(event.type for event in (*CHANGING, *JOINING)), derive_again)
