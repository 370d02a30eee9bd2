"""What each fact changes in the condition of its line."""

from collections.abc import Mapping
from dataclasses import replace
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
    GONE,
    SOMEWHERE,
    Classified,
    Condemned,
    Destroyed,
    Discrepancy,
    Divided,
    Forfeited,
    Held,
    InTransit,
    Item,
    Line,
    Lost,
    Missing,
    Out,
    Returned,
    ReturnPending,
    Standing,
)

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
        case TransferOffered() | TransferAccepted() | TransferRefused() | TransferWithdrawn():
            return transferred(line, event)
        case ItemMeasured() | DiscrepancyFound() | DiscrepancyExplained() | ItemSplit() | SampleTaken():
            return examined(line, event)
        case ItemClassified() | ClassificationContested() | ClassificationRevised() | ClassificationUpheld():
            return with_item(line, classified(line, event))
        case ItemMissing() | ItemFound() | LossWrittenOff():
            return lost(line, event)
        case _:
            return ended(line, event)


def sealed(line: Line, event: LineEvent) -> Line:
    """Seals: a line has one at a time, and a broken or replaced one was there."""
    match line, event:
        case AT_HAND(), SealChecked():
            return line
        case AT_HAND(item=Item(seal=None) as item), SealApplied(seal=seal):
            return with_item(line, replace(item, seal=seal))
        case AT_HAND(item=Item(seal=str()) as item), SealBroken():
            return with_item(line, replace(item, seal=None))
        case AT_HAND(item=Item(seal=str()) as item), SealReplaced(seal=seal):
            return with_item(line, replace(item, seal=seal))
        case _:
            impossible(line, event)
