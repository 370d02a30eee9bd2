"""The rules of how one line ends: returned, forfeited, appealed about, destroyed, sold or handed over."""

from domain.kernel import Context, Events, Refused, record, require, require_another, require_authority, require_reason
from domain.kinds.seizure.claim_acts import (
    DestructionOrdered,
    DestructionWitnessed,
    ForfeitureOrdered,
    ItemReturned,
    OrderDestruction,
    OrderForfeiture,
    OrderReturn,
    ReturnItem,
    ReturnOrdered,
    WitnessDestruction,
)
from domain.kinds.seizure.custody_rules import require_custodian
from domain.kinds.seizure.disposal_acts import (
    DecideEarlyDisposal,
    DecideForfeitureAppeal,
    EarlyDisposalDecided,
    ForfeitureAppealDecided,
    ForfeitureAppealLodged,
    HandOverItem,
    HandoverOrdered,
    ItemHandedOver,
    ItemSold,
    KeepingRiskRecorded,
    LodgeForfeitureAppeal,
    OrderHandover,
    OrderSale,
    RecordKeepingRisk,
    SaleOrdered,
    SellItem,
)
from domain.kinds.seizure.refusals import (
    APPEAL_BY_FORFEITER,
    APPEAL_OPEN,
    DISCREPANCY_OPEN,
    HANDOVER_TO_ANOTHER,
    NO_RISK,
    NO_SUCH_APPEAL,
    NOT_FORFEITED,
    RETURN_TO_ANOTHER,
    RISK_KNOWN,
    TWO_WITNESSES,
)
from domain.kinds.seizure.stages import (
    EVER_TAKEN,
    SOMEWHERE,
    TAKEN,
    Condemned,
    Forfeited,
    HandoverPending,
    Held,
    Line,
    ReturnPending,
    SalePending,
)


def require_explained(line: Line) -> None:
    """Refuse to let a line go while a discrepancy is open."""
    require(not line.item.discrepancies, DISCREPANCY_OPEN)


# --- Return ---------------------------------------------------------------------------------------------------


def order_return(line: Held | TAKEN, command: OrderReturn, context: Context) -> Events:
    """A line is to go back, a forfeited one too if that proves wrong."""
    require_reason(command)
    return (record(ReturnOrdered, command),)


def return_item(line: ReturnPending, command: ReturnItem, context: Context) -> Events:
    """Hand a line back to whom it was ordered returned, once every discrepancy is explained."""
    require_custodian(line, command)
    require(command.to == line.item.return_to, RETURN_TO_ANOTHER)
    require_explained(line)
    return (record(ItemReturned, command),)


# --- Forfeiture and the appeal against it ---------------------------------------------------------------------


def order_forfeiture(line: Held, command: OrderForfeiture, context: Context) -> Events:
    """Forfeit a line on an authority."""
    require_authority(command)
    return (record(ForfeitureOrdered, command),)


def lodge_forfeiture_appeal(line: EVER_TAKEN, command: LodgeForfeitureAppeal, context: Context) -> Events:
    """Appeal against a forfeiture that stands; one appeal at a time, even if the goods are gone."""
    forfeiture = line.item.forfeiture
    if forfeiture is None:
        raise Refused(NOT_FORFEITED)
    require(forfeiture.appeal is None, APPEAL_OPEN)
    return (record(ForfeitureAppealLodged, command),)


def decide_forfeiture_appeal(line: EVER_TAKEN, command: DecideForfeitureAppeal, context: Context) -> Events:
    """Decide an appeal, on an authority and with reasons, by somebody who did not order the forfeiture."""
    require_authority(command)
    require_reason(command)
    forfeiture = line.item.forfeiture
    if forfeiture is None or forfeiture.appeal is None:
        raise Refused(NO_SUCH_APPEAL)
    require_another(command, context, APPEAL_BY_FORFEITER, forfeiture.by)
    return (record(ForfeitureAppealDecided, command, appeal=forfeiture.appeal),)


# --- Goods that cannot be kept --------------------------------------------------------------------------------


def record_keeping_risk(line: SOMEWHERE, command: RecordKeepingRisk, context: Context) -> Events:
    """Anybody says that goods perish or endanger; a decision on them is then due."""
    require(line.item.risk is None, RISK_KNOWN)
    return (record(KeepingRiskRecorded, command),)


def decide_early_disposal(line: Held, command: DecideEarlyDisposal, context: Context) -> Events:
    """Decide on goods that are not forfeited and cannot be kept, on an authority and with reasons."""
    require_authority(command)
    require_reason(command)
    require(line.item.risk is not None, NO_RISK)
    return (record(EarlyDisposalDecided, command),)


# --- Disposal -------------------------------------------------------------------------------------------------


def order_destruction(line: Forfeited, command: OrderDestruction, context: Context) -> Events:
    """Order a forfeited line destroyed."""
    require_authority(command)
    require_reason(command)
    return (record(DestructionOrdered, command),)


def witness_destruction(line: Condemned, command: WitnessDestruction, context: Context) -> Events:
    """Destroy a line before two others, once every discrepancy is explained."""
    others = set(command.witnesses) - {command.decided_by, line.item.custodian}
    require(len(others) >= 2, TWO_WITNESSES)  # noqa: PLR2004 - the rule's own number
    require_explained(line)
    return (record(DestructionWitnessed, command),)


def order_sale(line: Forfeited, command: OrderSale, context: Context) -> Events:
    """Order a forfeited line sold."""
    require_authority(command)
    require_reason(command)
    return (record(SaleOrdered, command),)


def sell_item(line: SalePending, command: SellItem, context: Context) -> Events:
    """Hand a line to its buyer, once every discrepancy is explained."""
    require_custodian(line, command)
    require_explained(line)
    return (record(ItemSold, command),)


def order_handover(line: Forfeited, command: OrderHandover, context: Context) -> Events:
    """Order a forfeited line handed to another authority."""
    require_authority(command)
    require_reason(command)
    return (record(HandoverOrdered, command),)


def hand_over_item(line: HandoverPending, command: HandOverItem, context: Context) -> Events:
    """Hand a line to the authority named in the order, once every discrepancy is explained."""
    require_custodian(line, command)
    require(command.to == line.item.handover_to, HANDOVER_TO_ANOTHER)
    require_explained(line)
    return (record(ItemHandedOver, command),)
