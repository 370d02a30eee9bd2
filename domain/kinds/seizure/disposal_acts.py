"""What keeps goods from being disposed of, and how they go: holds, appeals, early disposal, sale, handover for good."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from domain.kernel import By, Command, Event, officers, supervisors
from domain.kinds.seizure.acts import LineCommand, LineEvent, Lines
from domain.values import CaseId, Label, Material, Narrative, Number, PartyId

# --- Words -----------------------------------------------------------------------------------------------------


class KeepingRisk(StrEnum):
    """Why goods cannot simply be kept until the case is decided."""

    PERISHABLE = "perishable"
    DANGEROUS = "dangerous"


class EarlyDisposalOutcome(StrEnum):
    """What becomes of perishable or dangerous goods before anything is decided on forfeiture."""

    KEEP = "keep"
    DESTROY = "destroy"
    SELL = "sell"


class ForfeitureAppealOutcome(StrEnum):
    """What an appeal against a forfeiture came to; one that is allowed sets the forfeiture aside."""

    ALLOWED = "allowed"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


# --- Commands --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceLegalHold(Command):
    """Place a legal hold: the goods are not disposed of until it is lifted.

    ``hold`` is its number, ``authority`` what it rests on; no ``lines`` means all the goods.
    """

    by: ClassVar[By] = officers()

    hold: Number
    lines: Lines = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftLegalHold(Command):
    """Lift a legal hold, on what authority and why."""

    by: ClassVar[By] = officers()

    hold: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class LodgeForfeitureAppeal(LineCommand):
    """Record an appeal against the forfeiture of a line.

    ``appeal`` is its number with the court or authority that hears it.
    """

    by: ClassVar[By] = officers()

    appeal: Number
    appellant: PartyId
    grounds: Narrative

    def refers_to(self) -> tuple[CaseId, ...]:
        """The appellant."""
        return (self.appellant,)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideForfeitureAppeal(LineCommand):
    """Record the decision on an appeal against the forfeiture of a line.

    ``authority`` is the decision, ``reason`` its reasons.
    """

    by: ClassVar[By] = officers("claims")

    outcome: ForfeitureAppealOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKeepingRisk(LineCommand):
    """Record that a line is perishable or dangerous to keep, and how that shows."""

    by: ClassVar[By] = officers()

    risk: KeepingRisk
    finding: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideEarlyDisposal(LineCommand):
    """Decide whether perishable or dangerous goods are kept on, destroyed or sold."""

    by: ClassVar[By] = supervisors("disposal")

    outcome: EarlyDisposalOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSale(LineCommand):
    """Order that a forfeited line be sold, on what authority."""

    by: ClassVar[By] = supervisors("disposal")


@dataclass(frozen=True, slots=True, kw_only=True)
class SellItem(LineCommand):
    """Record that the custodian handed a sold line to its buyer against a receipt.

    ``price`` is as the receipt has it, currency included.
    """

    by: ClassVar[By] = officers()

    buyer: PartyId
    price: Label
    receipt: Number

    def refers_to(self) -> tuple[CaseId, ...]:
        """The buyer."""
        return (self.buyer,)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHandover(LineCommand):
    """Order that a forfeited line go to another authority for good.

    ``to`` names that authority, ``authority`` what the order rests on.
    """

    by: ClassVar[By] = supervisors("disposal")

    to: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverItem(LineCommand):
    """Record that the custodian handed a line to another authority against a receipt."""

    by: ClassVar[By] = officers()

    to: Label
    receipt: Number


# --- Events ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHoldPlaced(Event):
    """Goods are not disposed of until the hold is lifted."""

    type: ClassVar[str] = "seizure.legal_hold_placed"

    hold: Number
    lines: Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHoldLifted(Event):
    """A legal hold was lifted."""

    type: ClassVar[str] = "seizure.legal_hold_lifted"

    hold: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class ForfeitureAppealLodged(LineEvent):
    """The forfeiture of a line is appealed against."""

    type: ClassVar[str] = "seizure.forfeiture_appeal_lodged"

    appeal: Number
    appellant: PartyId
    grounds: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class ForfeitureAppealDecided(LineEvent):
    """An appeal against the forfeiture of a line was decided or withdrawn."""

    type: ClassVar[str] = "seizure.forfeiture_appeal_decided"
    material: ClassVar[Material] = Material.TERMS

    appeal: Number
    outcome: ForfeitureAppealOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingRiskRecorded(LineEvent):
    """A line is perishable or dangerous to keep."""

    type: ClassVar[str] = "seizure.keeping_risk_recorded"

    risk: KeepingRisk
    finding: Narrative


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyDisposalDecided(LineEvent):
    """It was decided what becomes of perishable or dangerous goods that are not forfeited."""

    type: ClassVar[str] = "seizure.early_disposal_decided"
    material: ClassVar[Material] = Material.TERMS

    outcome: EarlyDisposalOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnBecameDue(LineEvent):
    """A line is owed back: its seizure was unlawful, or a review found that it need not be kept."""

    type: ClassVar[str] = "seizure.return_became_due"


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleOrdered(LineEvent):
    """A forfeited line is to be sold."""

    type: ClassVar[str] = "seizure.sale_ordered"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSold(LineEvent):
    """A line was sold and handed over against a receipt."""

    type: ClassVar[str] = "seizure.item_sold"

    buyer: PartyId
    price: Label
    receipt: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverOrdered(LineEvent):
    """A forfeited line is to go to another authority for good."""

    type: ClassVar[str] = "seizure.handover_ordered"

    to: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemHandedOver(LineEvent):
    """A line was handed to another authority for good, against a receipt."""

    type: ClassVar[str] = "seizure.item_handed_over"

    to: Label
    receipt: Number
