"""The course of a seizure: interception, seizure, inventory, review, stocktake, declared unlawful, closed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, TypeAlias

from domain.kernel import By, Command, Event, Opened, Opening, officers, supervisors
from domain.values import CaseId, Code, CountLimit, Label, Material, Moment, Narrative, Number, PartyId, Quantity, TextLimit

# --- Words ----------------------------------------------------------------------------------------------------

Officers: TypeAlias = Annotated[tuple[Code, ...], CountLimit(50, least=1)]
"""The codes of the officers who did something together."""

Sha256: TypeAlias = Annotated[str, TextLimit(64, 64, r"[0-9a-f]{64}")]
"""The digest of a photograph or document, in lower-case hex."""

MOST_LINES = 1000
"""How many lines one case may have, parts and samples included."""

Lines: TypeAlias = Annotated[tuple[Number, ...], CountLimit(MOST_LINES)]
"""Lines of the inventory by their numbers; empty means all of them, those inventoried later included."""


class Channel(StrEnum):
    """How goods were travelling, or that they were found at a place."""

    POST = "post"
    COURIER = "courier"
    FREIGHT = "freight"
    HAND_CARRIED = "hand_carried"
    PREMISES = "premises"
    OTHER = "other"


class ItemClass(StrEnum):
    """A coarse class for reporting. It says nothing about control: that is a classification, and revisable."""

    TACTICAL_VEST = "tactical_vest"
    BALLISTIC_VEST = "ballistic_vest"
    PROTECTIVE_PLATE = "protective_plate"
    MILITARY_CLOTHING = "military_clothing"
    TACTICAL_GEAR = "tactical_gear"
    MILITARY_SENSOR = "military_sensor"
    OTHER = "other"


class RetentionOutcome(StrEnum):
    """What a review of keeping goods comes to."""

    CONTINUE = "continue"
    RETURN = "return"


class LineOutcome(StrEnum):
    """How a line of the inventory ended."""

    RETURNED = "returned"
    FORFEITED = "forfeited"
    DESTROYED = "destroyed"
    SOLD = "sold"
    TRANSFERRED = "transferred"
    LOST = "lost"
    DIVIDED = "divided"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFound:
    """One line of an inventory as the goods were found. ``quantity`` has no amount where they were not counted."""

    line: Number
    described_as: Narrative
    item_class: ItemClass
    quantity: Quantity
    weight: Quantity | None = None
    scale: Code | None = None
    serials: Annotated[tuple[Number, ...], CountLimit(200)] = ()
    photos: Annotated[tuple[Sha256, ...], CountLimit(50)] = ()


@dataclass(frozen=True, slots=True)
class LineCount:
    """How much of a line is, or should be, in a store."""

    line: Number
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class LineAccount:
    """How a line ended and how much of it."""

    line: Number
    outcome: LineOutcome
    quantity: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCommand(Command):
    """A command about one line of the inventory."""

    line: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class LineEvent(Event):
    """A fact about one line of the inventory."""

    line: Number


# --- Commands -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class InterceptConsignment(Opening):
    """Open a seizure by recording that a consignment or goods at a place were stopped.

    ``authority`` is the basis for the stop, ``ref`` the carrier's number. For goods found at a place the channel is
    ``premises``.
    """

    by: ClassVar[By] = officers()

    channel: Channel
    ref: Number | None = None
    declared: Narrative | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseConsignment(Command):
    """Record that intercepted goods were let go without a seizure."""

    by: ClassVar[By] = officers()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeizeGoods(Command):
    """Record that goods were seized: on what basis, by whom, from whom and where.

    ``authority`` is the legal basis. Without a witness ``witness_absent`` says why there was none. ``receipt`` is the
    number of the receipt handed over; where somebody held the goods and got none, ``reason`` says why.
    """

    by: ClassVar[By] = officers()

    officers: Officers
    place: Narrative
    from_party: PartyId | None = None
    witness: PartyId | None = None
    witness_absent: Narrative | None = None
    receipt: Number | None = None

    def refers_to(self) -> tuple[CaseId, ...]:
        """The person the goods were taken from, and the witness."""
        return tuple(party for party in (self.from_party, self.witness) if party is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryLines(Command):
    """Record lines of the inventory as found, in the presence of a second officer.

    ``custodian`` has the goods from then on: the officer who decides, where nobody else is named.
    """

    by: ClassVar[By] = officers()

    lines: Annotated[tuple[LineFound, ...], CountLimit(100, least=1)]
    second_officer: Code
    custodian: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteInventory(Command):
    """Record that every item seized stands in the inventory."""

    by: ClassVar[By] = officers()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRetention(Command):
    """Record a review of whether the goods are still needed, and what it came to.

    ``until`` is the moment up to which keeping them is justified anew; a review that ends in return has none.
    """

    by: ClassVar[By] = officers("review")

    outcome: RetentionOutcome
    until: Moment | None = None
    lines: Lines = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStocktake(Command):
    """Record a count of every line in a store, by somebody who keeps none of them."""

    by: ClassVar[By] = officers("review")

    store: Label
    counted: Annotated[tuple[LineCount, ...], CountLimit(MOST_LINES, least=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareSeizureUnlawful(Command):
    """Record that a court or other competent authority held the seizure unlawful."""

    by: ClassVar[By] = officers()

    declared_by: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseSeizure(Command):
    """Close the seizure once every unit is accounted for."""

    by: ClassVar[By] = supervisors()


# --- Events ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsignmentIntercepted(Opened):
    """A consignment, or goods at a place, were stopped."""

    type: ClassVar[str] = "seizure.consignment_intercepted"

    channel: Channel
    ref: Number | None
    declared: Narrative | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsignmentReleased(Event):
    """What was intercepted was let go without a seizure."""

    type: ClassVar[str] = "seizure.consignment_released"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsSeized(Event):
    """The goods were seized; ``authority`` is the legal basis."""

    type: ClassVar[str] = "seizure.goods_seized"

    officers: Officers
    place: Narrative
    from_party: PartyId | None
    witness: PartyId | None
    witness_absent: Narrative | None
    receipt: Number | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemInventoried(Event):
    """A line was entered in the inventory as found. What was found never changes: an opinion is a classification."""

    type: ClassVar[str] = "seizure.item_inventoried"
    as_found: ClassVar[frozenset[str]] = frozenset({"described_as"})

    line: Number
    described_as: Narrative
    item_class: ItemClass
    quantity: Quantity
    weight: Quantity | None
    scale: Code | None
    serials: Annotated[tuple[Number, ...], CountLimit(200)]
    photos: Annotated[tuple[Sha256, ...], CountLimit(50)]
    second_officer: Code
    custodian: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryCompleted(Event):
    """The inventory was completed with these lines."""

    type: ClassVar[str] = "seizure.inventory_completed"

    lines: Annotated[tuple[Number, ...], CountLimit(MOST_LINES, least=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionReviewed(Event):
    """Whether the goods are still needed was reviewed."""

    type: ClassVar[str] = "seizure.retention_reviewed"
    material: ClassVar[Material] = Material.TERMS

    outcome: RetentionOutcome
    until: Moment | None
    lines: Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class StocktakeCompleted(Event):
    """The lines in a store were counted; what differs is recorded as discrepancies of its own."""

    type: ClassVar[str] = "seizure.stocktake_completed"

    store: Label
    expected: Annotated[tuple[LineCount, ...], CountLimit(MOST_LINES)]
    counted: Annotated[tuple[LineCount, ...], CountLimit(MOST_LINES, least=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeizureDeclaredUnlawful(Event):
    """A court or another competent authority declared the seizure unlawful."""

    type: ClassVar[str] = "seizure.declared_unlawful"

    declared_by: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class SeizureClosed(Event):
    """The seizure was closed; ``reconciliation`` says how each line ended."""

    type: ClassVar[str] = "seizure.closed"

    reconciliation: Annotated[tuple[LineAccount, ...], CountLimit(MOST_LINES, least=1)]
