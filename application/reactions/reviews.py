"""What is to be looked at again, made good or told when a case says that a ground fell away or that something went wrong."""

from collections.abc import Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from application.react import Cause
from application.reactions.obligations import Consequence, Owing
from domain.dossier.duty_acts import Duty
from domain.history import effective, standing
from domain.kernel import Entry, Event, Stage
from domain.kinds.detention.acts import PersonApprehended
from domain.kinds.detention.custody_acts import HoldDeclaredUnlawful
from domain.kinds.detention.stages import Unended
from domain.kinds.investigation.course_acts import InvestigationDiscontinued
from domain.kinds.seizure import stages as goods
from domain.kinds.seizure.item_acts import ClassificationRevised, Effect, ItemMissing
from domain.kinds.sentencing.acts import AppealDecided, AppealOutcome, ConvictionQuashed, Custody
from domain.kinds.sentencing.execution_acts import SentencedPersonReturned
from domain.kinds.sentencing.stages import Quashed

RELEASE_WITHIN: Final = timedelta(hours=1)
"""After this a release that is owed is overdue. No country's rule: the shortest time in which an officer can be reached
and identity and papers be looked at, since every hour after the ground fell away is a wrong. Nothing waits for it."""


# --- Where it applies -----------------------------------------------------------------------------------------


def may_hold(stage: Stage) -> bool:
    """Whether custody or a measure has begun and has not ended for good."""
    return isinstance(stage, Unended)


def keeps_goods(stage: Stage) -> bool:
    """Whether goods are still to be settled."""
    return not isinstance(stage, goods.ReleasedToOwner | goods.Closed)


HOLD_REVIEW: Final = Owing(Duty.HOLD_REVIEW, "review", may_hold)
GROUNDS_REVIEW: Final = Owing(Duty.GROUNDS_REVIEW, "lead")

# --- Goods that turn out not to be controlled -----------------------------------------------------------------


def no_longer_controlled(event: Event) -> bool:
    """Whether a classification that made goods controlled was replaced by one that does not."""
    if not isinstance(event, ClassificationRevised):
        return False
    return event.was.effect is Effect.CONTROLLED and event.now.effect is Effect.NOT_CONTROLLED


def is_controlled(line: goods.Line) -> bool:
    """Whether any list makes a line controlled, as it is classified now."""
    return any(known.classification.effect is Effect.CONTROLLED for known in line.item.classified.values())


def review_of_seizure(cause: Cause, entry: Entry) -> Sequence[Owing]:
    """The ground of the seizure is looked at again; the line goes back if no other list makes it controlled."""
    review = Owing(Duty.SEIZURE_REVIEW, "supervisor")
    stage, event = cause.case.folded.stage, entry.event
    line = (
        stage.goods.lines.get(event.line)
        if isinstance(stage, goods.WithGoods) and isinstance(event, ClassificationRevised)
        else None
    )
    if not isinstance(line, goods.SOMEWHERE | goods.Missing) or is_controlled(line):
        return (review,)
    return (review, Owing(Duty.RETURN_OF_GOODS, "exhibits"))


CLASSIFICATION_REVISED = Consequence(
    events=(ClassificationRevised,),
    that=no_longer_controlled,
    there=MappingProxyType({"investigation": (GROUNDS_REVIEW,), "detention": (HOLD_REVIEW,)}),
    here=review_of_seizure,
).reaction("classification_revised")

# --- The end of a case that others rest on --------------------------------------------------------------------

INVESTIGATION_DISCONTINUED = Consequence(
    events=(InvestigationDiscontinued,),
    there=MappingProxyType({"detention": (HOLD_REVIEW,), "seizure": (Owing(Duty.SEIZURE_REVIEW, "supervisor", keeps_goods),)}),
).reaction("investigation_discontinued")


def is_quashed(event: Event) -> bool:
    """Whether the whole conviction was set aside."""
    return isinstance(event, ConvictionQuashed) or (isinstance(event, AppealDecided) and event.outcome is AppealOutcome.QUASHED)


def taken_since(cause: Cause, entry: Entry) -> bool:
    """Whether the person is held by an act after the quashing, which was not known then: the judgment says nothing of that."""
    stage, event = cause.case.folded.stage, entry.event
    if not isinstance(stage, Quashed) or stage.conviction.custody is not Custody.HELD:
        return False
    ordered = [e.event if e.version != entry.version else None for e in effective(cause.entries)]
    back = any(isinstance(since, SentencedPersonReturned) for since in ordered[ordered.index(None) :])
    return back or (isinstance(event, ConvictionQuashed | AppealDecided) and event.custody is not Custody.HELD)


def restriction(cause: Cause, entry: Entry) -> Sequence[Owing]:
    """The record of the conviction is to be restricted. A release owed at the quashing is a fact of that case itself."""
    restrict = Owing(Duty.RECORD_RESTRICTION, "records-manager")
    release = Owing(Duty.RELEASE, "custody", due_after=RELEASE_WITHIN)
    return (restrict, release) if taken_since(cause, entry) else (restrict,)


CONVICTION_QUASHED = Consequence(
    events=(ConvictionQuashed, AppealDecided),
    that=is_quashed,
    there=MappingProxyType(
        {
            "detention": (Owing(Duty.RELEASE, "custody", may_hold, RELEASE_WITHIN),),
            "seizure": (Owing(Duty.FORFEITURE_REVIEW, "disposal"),),
        }
    ),
    here=restriction,
).reaction("conviction_quashed")

# --- What went wrong ------------------------------------------------------------------------------------------


def remedy(cause: Cause, entry: Entry) -> Sequence[Owing]:
    """The person is owed a remedy, which that person alone may waive."""
    del entry
    opening = standing(cause.entries)[0].event
    party = opening.party if isinstance(opening, PersonApprehended) else None
    return (Owing(Duty.REMEDY, "supervisor", party=party),)


HOLD_DECLARED_UNLAWFUL = Consequence(
    events=(HoldDeclaredUnlawful,),
    there=MappingProxyType({"investigation": (Owing(Duty.STATEMENT_REVIEW, "lead"),)}),
    here=remedy,
).reaction("hold_declared_unlawful")

ITEM_MISSING = Consequence(
    events=(ItemMissing,),
    there=MappingProxyType({"investigation": (Owing(Duty.DISCLOSURE, "prosecution"),)}),
).reaction("item_missing")
