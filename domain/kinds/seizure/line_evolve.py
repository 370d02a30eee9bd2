"""What each fact changes in the condition of its line."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import TypeVar

from domain.kernel import impossible
from domain.kinds.seizure.acts import ItemInventoried, LineEvent
from domain.kinds.seizure.claim_acts import (
    DestructionOrdered,
    DestructionWitnessed,
    ForfeitureOrdered,
    ItemReturned,
    ReturnOrdered,
)
from domain.kinds.seizure.custody_acts import (
    ItemCheckedIn,
    ItemCheckedOut,
    ItemMoved,
    ItemStored,
    SealApplied,
    SealBroken,
    SealChecked,
    SealReplaced,
    TransferAccepted,
    TransferOffered,
    TransferRefused,
    TransferWithdrawn,
)
from domain.kinds.seizure.disposal_acts import (
    EarlyDisposalDecided,
    EarlyDisposalOutcome,
    ForfeitureAppealDecided,
    ForfeitureAppealLodged,
    ForfeitureAppealOutcome,
    HandoverOrdered,
    ItemHandedOver,
    ItemSold,
    KeepingRiskRecorded,
    ReturnBecameDue,
    SaleOrdered,
)
from domain.kinds.seizure.item_acts import (
    ClassificationContested,
    ClassificationRevised,
    ClassificationUpheld,
    Concern,
    DiscrepancyExplained,
    DiscrepancyFound,
    ItemClassified,
    ItemFound,
    ItemMeasured,
    ItemMissing,
    ItemSplit,
    LossWrittenOff,
    SampleTaken,
)
from domain.kinds.seizure.quantities import less, more
from domain.kinds.seizure.stages import (
    AT_HAND,
    AT_REST,
    EVER_TAKEN,
    GONE,
    SOMEWHERE,
    TAKEN,
    Classified,
    Condemned,
    Destroyed,
    Discrepancy,
    Divided,
    Forfeited,
    Forfeiture,
    HandoverPending,
    Held,
    InTransit,
    Item,
    Line,
    Lost,
    Missing,
    Out,
    Returned,
    ReturnPending,
    SalePending,
    Sold,
    Standing,
    Transferred,
)
from domain.kinds.seizure.storage_acts import StorageClassAssigned, StorageConfirmed
from domain.values import Quantity

K = TypeVar("K")
V = TypeVar("V")
L = TypeVar("L", bound=Line)


def put(facts: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """The mapping with one fact more, or another in its place."""
    return MappingProxyType({**facts, key: value})


def without(facts: Mapping[K, V], key: K) -> Mapping[K, V]:
    """The mapping without one fact."""
    return MappingProxyType({k: v for k, v in facts.items() if k != key})


def inventoried(event: ItemInventoried) -> Held:
    """A line as it enters the inventory."""
    return Held(Item(event.quantity, event.custodian, event.weight))


def with_item(line: L, item: Item) -> L:
    """The line in the same condition with its item changed."""
    return replace(line, item=item)


def standing(line: SOMEWHERE) -> Standing:
    """The condition a line comes back to."""
    return line.standing if isinstance(line, Out | InTransit) else type(line)


def evolve_line(line: Line, event: LineEvent) -> Line:
    """The line after one more fact about it. Raises ImpossibleHistory if that cannot follow."""
    match event:
        case SealApplied() | SealChecked() | SealBroken() | SealReplaced():
            return sealed(line, event)
        case ItemStored() | ItemMoved() | ItemCheckedOut() | ItemCheckedIn():
            return placed(line, event)
        case StorageClassAssigned() | StorageConfirmed() | KeepingRiskRecorded() | ReturnBecameDue():
            return kept(line, event)
        case TransferOffered() | TransferAccepted() | TransferRefused() | TransferWithdrawn():
            return transferred(line, event)
        case ItemMeasured() | DiscrepancyFound() | DiscrepancyExplained() | ItemSplit() | SampleTaken():
            return examined(line, event)
        case ItemClassified() | ClassificationContested() | ClassificationRevised() | ClassificationUpheld():
            return with_item(line, classified(line, event))
        case ItemMissing() | ItemFound() | LossWrittenOff():
            return lost(line, event)
        case ForfeitureAppealLodged() | ForfeitureAppealDecided():
            return appealed(line, event)
        case DestructionWitnessed() | ItemReturned() | ItemSold() | ItemHandedOver():
            return ended(line, event)
        case _:
            return ordered(line, event)


def sealed(line: Line, event: LineEvent) -> Line:
    """Seals: a line has one at a time, and a broken or replaced one was there."""
    if not isinstance(line, AT_HAND):
        impossible(line, event)
    item = line.item
    match item.seal, event:
        case _, SealChecked():
            return line
        case None, SealApplied(seal=seal):
            return with_item(line, replace(item, seal=seal))
        case str(), SealBroken():
            return with_item(line, replace(item, seal=None))
        case str(), SealReplaced(seal=seal):
            return with_item(line, replace(item, seal=seal))
        case _:
            impossible(line, event)


def placed(line: Line, event: LineEvent) -> Line:
    """Places: a line out of its store comes back in the condition it left in."""
    match line, event:
        case Out(), ItemCheckedIn(place=place):
            return line.standing(replace(line.item, place=place))
        case _, ItemStored(place=place) | ItemMoved(place=place) if isinstance(line, AT_REST):
            return with_item(line, replace(line.item, place=place))
        case _, ItemCheckedOut() if isinstance(line, AT_REST):
            return Out(line.item, type(line))
        case _:
            impossible(line, event)


def kept(line: Line, event: LineEvent) -> Line:
    """What keeping a line takes, and that it is owed back: neither moves it."""
    match line, event:
        case _, StorageClassAssigned(storage_class=storage) if isinstance(line, SOMEWHERE):
            return with_item(line, replace(line.item, storage=storage))
        case _, StorageConfirmed() if isinstance(line, AT_REST):
            return line
        case _, KeepingRiskRecorded(risk=risk) if isinstance(line, SOMEWHERE):
            return with_item(line, replace(line.item, risk=risk))
        case _, ReturnBecameDue() if isinstance(line, SOMEWHERE | GONE):
            return line
        case _:
            impossible(line, event)


def transferred(line: Line, event: LineEvent) -> Line:
    """Custody: it passes on acceptance and at no other moment."""
    match line, event:
        case _, TransferOffered(to=to) if isinstance(line, AT_REST):
            return InTransit(line.item, type(line), to)
        case InTransit(), TransferAccepted(custodian=custodian, place=place):
            return line.standing(replace(line.item, custodian=custodian, place=place))
        case InTransit(), TransferRefused() | TransferWithdrawn():
            return line.standing(line.item)
        case _:
            impossible(line, event)


# --- What is found out ----------------------------------------------------------------------------------------


def examined(line: Line, event: LineEvent) -> Line:
    """Measuring and dividing: a sealed line is not opened, and what is taken was there."""
    item = line.item
    match line, event:
        case _, DiscrepancyFound():
            return with_item(line, found_to_differ(item, event))
        case _, DiscrepancyExplained(concern=concern) if concern in item.discrepancies:
            weight = item.discrepancies[concern].weight or item.weight
            return with_item(line, replace(item, weight=weight, discrepancies=without(item.discrepancies, concern)))
        case _, ItemMeasured(count=count) if isinstance(line, AT_HAND) and (count is None or item.seal is None):
            return with_item(line, measured(item, event))
        case Held(item=Item(seal=None)), ItemSplit(parts=parts):
            return divided(line, event, less(item.quantity, *(part.quantity for part in parts)))
        case ((Held(item=Item(seal=None)) | Out(item=Item(seal=None))), SampleTaken(quantity=quantity, sample=sample)):
            left = less(item.quantity, quantity)
            if left is None:
                impossible(line, event)
            consumed = item.consumed if sample else more(item.consumed, quantity)
            rest = replace(item, quantity=left, weight=None, consumed=consumed)
            return with_item(line, rest) if left.amount else Divided(rest)
        case _:
            impossible(line, event)


def found_to_differ(item: Item, event: DiscrepancyFound) -> Item:
    """The item with an open discrepancy; a second finding of the same concern adds its finder."""
    before = item.discrepancies.get(event.concern)
    finders: frozenset[str | None] = before.finders if before else frozenset()
    weight = event.actual_quantity if event.concern is Concern.WEIGHT else None
    found = Discrepancy(finders | {event.decided_by}, weight)
    return replace(item, discrepancies=put(item.discrepancies, event.concern, found))


def measured(item: Item, event: ItemMeasured) -> Item:
    """The first weight is what later ones are compared with; a count tells a quantity nobody knew."""
    quantity = event.count if event.count is not None and item.quantity.amount is None else item.quantity
    return replace(item, quantity=quantity, weight=item.weight or event.weight)


def divided(line: Held, event: ItemSplit, left: Quantity | None) -> Divided:
    """A line divided without remainder."""
    if left is None or left.amount != 0:
        impossible(line, event)
    return Divided(replace(line.item, quantity=left))


def parts_of(line: Line, event: LineEvent) -> dict[str, Line]:
    """The new lines that a division or a kept sample makes of a line, where and with whom the line is."""
    match event:
        case ItemSplit(parts=parts):
            new = {part.line: part.quantity for part in parts}
        case SampleTaken(sample=str() as sample, quantity=quantity):
            new = {sample: quantity}
        case _:
            new = {}
    item = replace(line.item, weight=None, consumed=Decimal(0), discrepancies=MappingProxyType({}))
    return {number: with_item(line, replace(item, quantity=quantity)) for number, quantity in new.items()}


def classified(line: Line, event: LineEvent) -> Item:
    """Classification: it changes neither what was found nor how much."""
    item = line.item
    match event:
        case ItemClassified(classification=now) if now.scheme not in item.classified:
            place = Classified(now, event.decided_by)
        case ClassificationRevised(now=now) if now.scheme in item.classified:
            place = Classified(now, event.decided_by)
        case ClassificationContested(scheme=scheme) if scheme in item.classified:
            place = replace(item.classified[scheme], contested=True)
        case ClassificationUpheld(scheme=scheme) if scheme in item.classified:
            place = replace(item.classified[scheme], contested=False)
        case _:
            impossible(line, event)
    return replace(item, classified=put(item.classified, place.classification.scheme, place))


# --- How a line ends ------------------------------------------------------------------------------------------


def lost(line: Line, event: LineEvent) -> Line:
    """Losses: a line found again comes back in the condition it was in."""
    match line, event:
        case _, ItemMissing() if isinstance(line, SOMEWHERE):
            return Missing(line.item, standing(line))
        case _, ItemFound(place=place, custodian=custodian) if isinstance(line, GONE):
            return line.standing(replace(line.item, place=place, custodian=custodian))
        case Missing(), LossWrittenOff():
            return Lost(line.item, line.standing)
        case _:
            impossible(line, event)


def ordered(line: Line, event: LineEvent) -> Line:
    """Orders: what a line stands under, and where it is to go."""
    item = line.item
    match line, event:
        case ((Held() | Forfeited() | Condemned() | SalePending() | HandoverPending()), ReturnOrdered(to=to)):
            return ReturnPending(replace(item, return_to=to, handover_to=None, forfeiture=None))
        case Held(), ForfeitureOrdered(decided_by=decider):
            return Forfeited(replace(item, forfeiture=Forfeiture(decider)))
        case Held(), EarlyDisposalDecided(outcome=outcome):
            return EARLY[outcome](replace(item, risk=None))
        case Forfeited(), DestructionOrdered():
            return Condemned(item)
        case Forfeited(), SaleOrdered():
            return SalePending(item)
        case Forfeited(), HandoverOrdered(to=to):
            return HandoverPending(replace(item, handover_to=to))
        case _:
            impossible(line, event)


EARLY: dict[EarlyDisposalOutcome, Standing] = {
    EarlyDisposalOutcome.KEEP: Held,
    EarlyDisposalOutcome.DESTROY: Condemned,
    EarlyDisposalOutcome.SELL: SalePending,
}
"""What a line stands under after a decision on its early disposal."""


def ended(line: Line, event: LineEvent) -> Line:
    """Orders carried out."""
    match line, event:
        case ReturnPending(), ItemReturned():
            return Returned(line.item)
        case Condemned(), DestructionWitnessed():
            return Destroyed(line.item)
        case SalePending(), ItemSold():
            return Sold(line.item)
        case HandoverPending(), ItemHandedOver():
            return Transferred(line.item)
        case _:
            impossible(line, event)


def appealed(line: Line, event: LineEvent) -> Line:
    """Appeals: one at a time against a forfeiture that stands; what is gone stays gone even if the appeal is allowed."""
    item, forfeiture = line.item, line.item.forfeiture
    if forfeiture is None or not isinstance(line, EVER_TAKEN):
        impossible(line, event)
    match forfeiture.appeal, event:
        case None, ForfeitureAppealLodged(appeal=number):
            return with_item(line, replace(item, forfeiture=replace(forfeiture, appeal=number)))
        case str(), ForfeitureAppealDecided(outcome=ForfeitureAppealOutcome.ALLOWED):
            return set_aside(line, replace(item, handover_to=None, forfeiture=None))
        case str(), ForfeitureAppealDecided():
            return with_item(line, replace(item, forfeiture=replace(forfeiture, appeal=None)))
        case _:
            impossible(line, event)


def set_aside(line: EVER_TAKEN, item: Item) -> Line:
    """A line whose forfeiture is set aside: it is held again, wherever it is."""
    if isinstance(line, TAKEN):
        return Held(item)
    if isinstance(line, Out | InTransit | GONE):
        return replace(line, item=item, standing=Held)
    return with_item(line, item)
