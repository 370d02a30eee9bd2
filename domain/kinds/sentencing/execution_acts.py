"""Serving the sentence, what shortens it, and the ends of custody: what is asked, then what is recorded."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar

from domain.kernel import By, Command, Event, officers
from domain.kinds.sentencing.acts import ADMINISTRATION, Custody, Terms
from domain.values import Answer, Code, Label, Material, Narrative, Whole

# --- Words ----------------------------------------------------------------------------------------------------


class ReleaseGround(StrEnum):
    """Why a person is released. A court's order and clemency may lawfully come before the computed date."""

    SENTENCE = "sentence"
    EARLY_RELEASE = "early_release"
    COURT_ORDER = "court_order"
    CLEMENCY = "clemency"
    UNKNOWN = "unknown"


class ReleaseMatch(StrEnum):
    """How a release lies to the checked release date; ``unknown`` without one, or when the day is not known."""

    RELEASED_ON_SENTENCE = "released_on_sentence"
    RELEASED_ON_ORDER = "released_on_order"
    IN_ERROR_EARLY = "in_error_early"
    HELD_PAST = "held_past"
    UNKNOWN = "unknown"


class ReleaseDuty(StrEnum):
    """What took away the ground to hold a person."""

    CONVICTION_QUASHED = "conviction_quashed"
    FULL_PARDON = "full_pardon"


# --- Commands -------------------------------------------------------------------------------------------------

CUSTODY_OFFICERS = officers("custody")


@dataclass(frozen=True, slots=True, kw_only=True)
class StartExecution(Command):
    """Record that the person began to serve the final sentence, and where."""

    by: ClassVar[By] = ADMINISTRATION

    institution: Label | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferCustody(Command):
    """Record that the held person was moved to another institution."""

    by: ClassVar[By] = CUSTODY_OFFICERS

    institution: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRemission(Command):
    """Record days of remission granted by authority."""

    by: ClassVar[By] = ADMINISTRATION

    days: Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class ForfeitRemission(Command):
    """Record days of granted remission forfeited after a hearing.

    ``hearing`` names the hearing's record, not the person.
    """

    by: ClassVar[By] = ADMINISTRATION

    days: Whole
    hearing: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideEarlyRelease(Command):
    """Record a decision on early release; a granted one names its day.

    ``release_on`` is the calendar day from which release is granted, null where release is refused.
    """

    by: ClassVar[By] = ADMINISTRATION

    release_on: date | None = None
    conditions: Narrative | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommuteSentence(Command):
    """Record that an authority replaced the terms of the sentence by others."""

    by: ClassVar[By] = ADMINISTRATION

    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantPardon(Command):
    """Record a pardon: a full one ends the sentence, another leaves terms remaining."""

    by: ClassVar[By] = ADMINISTRATION

    full: bool
    remaining: Terms = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRelease(Command):
    """Record that the convicted person was released. It is never refused."""

    by: ClassVar[By] = CUSTODY_OFFICERS

    ground: ReleaseGround


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDeathUnderSentence(Command):
    """Record that the convicted person died. It is never refused."""

    by: ClassVar[By] = CUSTODY_OFFICERS

    place: Label | None = None
    circumstances: Narrative | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordEscapeUnderSentence(Command):
    """Record that the convicted person escaped. It is never refused."""

    by: ClassVar[By] = CUSTODY_OFFICERS

    place: Label | None = None
    circumstances: Narrative | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReturnUnderSentence(Command):
    """Record that the person was taken back into custody, and on what authority."""

    by: ClassVar[By] = CUSTODY_OFFICERS

    institution: Label | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteSentence(Command):
    """Record that the sentence is over, with the authority and the reason."""

    by: ClassVar[By] = ADMINISTRATION


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOrderMet(Command):
    """Record that an order with a day to be met by was met, e.g. a fine paid.

    ``order`` is its place in the judgment that stands, from 1.
    """

    by: ClassVar[By] = ADMINISTRATION

    order: Code
    details: Narrative | None = None


# --- Events ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionStarted(Event):
    """The person began to serve the sentence; ``institution`` is null where no source names it."""

    type: ClassVar[str] = "sentencing.execution_started"

    institution: Label | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyTransferred(Event):
    """The held person is in another institution."""

    type: ClassVar[str] = "sentencing.custody_transferred"

    institution: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class RemissionGranted(Event):
    """Days of remission were granted."""

    type: ClassVar[str] = "sentencing.remission_granted"
    material: ClassVar[Material] = Material.TERMS

    days: Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class RemissionForfeited(Event):
    """Days of remission granted before were forfeited after a hearing."""

    type: ClassVar[str] = "sentencing.remission_forfeited"
    material: ClassVar[Material] = Material.TERMS

    days: Whole
    hearing: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyReleaseDecided(Event):
    """Early release was granted from a day on, or refused with a null day: an earlier grant then no longer stands."""

    type: ClassVar[str] = "sentencing.early_release_decided"

    release_on: date | None
    conditions: Narrative | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceCommuted(Event):
    """The terms ``former`` were replaced by ``terms``."""

    type: ClassVar[str] = "sentencing.sentence_commuted"

    former: Terms
    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class PardonGranted(Event):
    """The person was pardoned: of the terms ``former`` the ``remaining`` stand, none after a full pardon."""

    type: ClassVar[str] = "sentencing.pardon_granted"
    material: ClassVar[Material] = Material.TERMS

    full: bool
    former: Terms
    remaining: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseBecameDue(Event):
    """The ground to hold the person, who was recorded as held, fell away: release is owed until it is recorded."""

    type: ClassVar[str] = "sentencing.release_became_due"

    ground: ReleaseDuty


@dataclass(frozen=True, slots=True, kw_only=True)
class SentencedPersonReleased(Event):
    """The person was released; ``days`` too early or too late against ``due``, the checked release date.

    ``sentence_over`` says whether the checked expiry had come, unknown where no checked expiry stood.
    """

    type: ClassVar[str] = "sentencing.person_released"

    ground: ReleaseGround
    match: ReleaseMatch
    days: Whole | None
    due: date | None
    sentence_over: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class SentencedPersonDied(Event):
    """The person died. ``custody`` is what was known then; ``unit`` answered for the case and may not close it."""

    type: ClassVar[str] = "sentencing.person_died"

    place: Label | None
    circumstances: Narrative | None
    custody: Custody
    unit: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class SentencedPersonEscaped(Event):
    """The person escaped from custody."""

    type: ClassVar[str] = "sentencing.person_escaped"

    place: Label | None
    circumstances: Narrative | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentencedPersonReturned(Event):
    """The person was taken back into custody."""

    type: ClassVar[str] = "sentencing.person_returned"

    institution: Label | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceCompleted(Event):
    """The sentence is over."""

    type: ClassVar[str] = "sentencing.sentence_completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMet(Event):
    """An order was met, e.g. a fine paid."""

    type: ClassVar[str] = "sentencing.order_met"

    order: Code
    details: Narrative | None
