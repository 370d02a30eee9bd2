"""Conviction, sentence, appeal, finality and the end of the record: what is asked, then what is recorded."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, TypeAlias

from domain.kernel import RECORDS_MANAGER, SUPERVISOR, By, Command, Event, Opened, Opening, officers
from domain.kinds.sentencing.terms import Term
from domain.profiles import SelectsOn
from domain.values import CaseId, Code, CountLimit, Label, Material, Moment, Narrative, Number, PartyId, Whole

# --- Words ----------------------------------------------------------------------------------------------------


class CountOutcome(StrEnum):
    """What the verdict says on one count."""

    CONVICTED = "convicted"
    ACQUITTED = "acquitted"
    DISCONTINUED = "discontinued"


class Custody(StrEnum):
    """Where the convicted person is, as far as this record knows."""

    HELD = "held"
    AT_LIBERTY = "at_liberty"
    ESCAPED = "escaped"
    DECEASED = "deceased"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Count:
    """One count of the verdict. ``law`` is the provision, null where it is not known."""

    number: Whole
    outcome: CountOutcome
    law: Label | None = None
    description: Narrative | None = None


class OrderKind(StrEnum):
    """What a court orders beside or in place of a term."""

    FINE = "fine"
    CONFISCATION = "confiscation"
    FORFEITURE = "forfeiture"
    COMPENSATION = "compensation"
    COSTS = "costs"
    PROHIBITION = "prohibition"
    SUPERVISION = "supervision"
    REMOVAL = "removal"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class AncillaryOrder:
    """An order beside the terms, for one count or, with a null ``count``, for the whole sentence.

    ``amount`` is as the judgment writes it, currency included; ``due`` the calendar day it is to be met by.
    """

    kind: OrderKind
    count: Whole | None = None
    amount: Number | None = None
    due: date | None = None
    details: Narrative | None = None


class Appellant(StrEnum):
    """Who appeals."""

    CONVICTED_PERSON = "convicted_person"
    PROSECUTION = "prosecution"
    INJURED_PARTY = "injured_party"
    OTHER = "other"


class AppealOutcome(StrEnum):
    """What became of the appeals. ``remitted`` sends the case back to be sentenced anew."""

    UPHELD = "upheld"
    VARIED = "varied"
    QUASHED = "quashed"
    REMITTED = "remitted"
    WITHDRAWN = "withdrawn"


class FinalityGround(StrEnum):
    """Why a sentence can no longer be appealed as of right."""

    WINDOW_OVER = "window_over"
    WAIVED = "waived"
    NO_FURTHER_APPEAL = "no_further_appeal"


Counts: TypeAlias = Annotated[tuple[Count, ...], CountLimit(200, least=1)]
Terms: TypeAlias = Annotated[tuple[Term, ...], CountLimit(50)]
Orders: TypeAlias = Annotated[tuple[AncillaryOrder, ...], CountLimit(50)]
CountNumbers: TypeAlias = Annotated[tuple[int, ...], CountLimit(200)]

# --- Commands -------------------------------------------------------------------------------------------------

ADMINISTRATION = officers("sentence-administration")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordConviction(Opening):
    """Record a conviction with its counts; the authority is the verdict document.

    ``court`` is null where no source names it; ``when`` is when the verdict was given, as precisely as it is known.
    """

    by: ClassVar[By] = ADMINISTRATION
    selects: ClassVar[SelectsOn | None] = SelectsOn.JUDGMENT

    party: PartyId
    counts: Counts
    court: Label | None = None
    custody: Custody = Custody.UNKNOWN

    def refers_to(self) -> tuple[CaseId, ...]:
        """The convicted person."""
        return (self.party,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImposeSentence(Command):
    """Record the sentence a court imposed: terms, orders, and counts without either.

    ``no_separate_penalty`` numbers the convicted counts that got neither term nor order of their own.
    """

    by: ClassVar[By] = ADMINISTRATION

    terms: Terms = ()
    ancillary: Orders = ()
    no_separate_penalty: CountNumbers = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LodgeAppeal(Command):
    """Record an appeal; one lodged out of time rests on leave as its authority."""

    by: ClassVar[By] = ADMINISTRATION

    appellant: Appellant
    grounds: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class StaySentence(Command):
    """Record that a court stayed the sentence until the appeal is decided."""

    by: ClassVar[By] = ADMINISTRATION


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAppealDecision(Command):
    """Record the decision on every appeal lodged; a varied sentence is stated whole."""

    by: ClassVar[By] = ADMINISTRATION

    outcome: AppealOutcome
    court: Label | None = None
    quashed_counts: CountNumbers = ()
    terms: Terms = ()
    ancillary: Orders = ()
    no_separate_penalty: CountNumbers = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFinality(Command):
    """Record that the sentence became final and on what ground."""

    by: ClassVar[By] = ADMINISTRATION

    ground: FinalityGround


@dataclass(frozen=True, slots=True, kw_only=True)
class QuashConviction(Command):
    """Record that a court set the whole conviction aside."""

    by: ClassVar[By] = ADMINISTRATION

    court: Label | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictRecord(Command):
    """Restrict the record of the conviction, as the law or a court demands."""

    by: ClassVar[By] = By(frozenset({SUPERVISOR, RECORDS_MANAGER}))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRestrictionDate(Command):
    """Set the moment at which the record is to be restricted, on the authority that says so.

    A later one takes the place of an earlier one. The neutral profile knows no period after which a record is restricted.
    """

    by: ClassVar[By] = By(frozenset({SUPERVISOR, RECORDS_MANAGER}))

    restrict_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseSentencing(Command):
    """Close the case when the sentence is over, the conviction quashed or the person dead."""

    by: ClassVar[By] = ADMINISTRATION


# --- Events ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvictionRecorded(Opened):
    """A court found a person guilty on at least one count."""

    type: ClassVar[str] = "sentencing.conviction_recorded"
    material: ClassVar[Material] = Material.TERMS

    party: PartyId
    counts: Counts
    court: Label | None
    custody: Custody


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceImposed(Event):
    """A court imposed the sentence; every convicted count has its outcome in it."""

    type: ClassVar[str] = "sentencing.sentence_imposed"

    terms: Terms
    ancillary: Orders
    no_separate_penalty: CountNumbers


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDueStated(Event):
    """A judgment states until before when an order is to be met; ``order`` is its place in the judgment, from 1."""

    type: ClassVar[str] = "sentencing.order_due_stated"

    order: Code
    kind: OrderKind
    due_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealLodged(Event):
    """An appeal was lodged, in time or with leave as its authority."""

    type: ClassVar[str] = "sentencing.appeal_lodged"

    appellant: Appellant
    grounds: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceStayed(Event):
    """The sentence is not to be executed until the appeal is decided."""

    type: ClassVar[str] = "sentencing.sentence_stayed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealDecided(Event):
    """Every appeal lodged was decided. ``custody`` is what was known of the person then: duties hang on it."""

    type: ClassVar[str] = "sentencing.appeal_decided"
    material: ClassVar[Material] = Material.TERMS

    outcome: AppealOutcome
    court: Label | None
    quashed_counts: CountNumbers
    terms: Terms
    ancillary: Orders
    no_separate_penalty: CountNumbers
    custody: Custody


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceBecameFinal(Event):
    """The sentence can no longer be appealed as of right."""

    type: ClassVar[str] = "sentencing.sentence_became_final"

    ground: FinalityGround


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvictionQuashed(Event):
    """The whole conviction was set aside. ``custody`` is what was known of the person then: duties hang on it."""

    type: ClassVar[str] = "sentencing.conviction_quashed"

    court: Label | None
    custody: Custody


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRestricted(Event):
    """The record of the conviction is restricted from now on."""

    type: ClassVar[str] = "sentencing.record_restricted"


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictionDateSet(Event):
    """The record is to be restricted at ``restrict_at``."""

    type: ClassVar[str] = "sentencing.restriction_date_set"

    restrict_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class SentencingClosed(Event):
    """The case was closed by ``unit``."""

    type: ClassVar[str] = "sentencing.closed"

    unit: Code
