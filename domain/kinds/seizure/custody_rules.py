"""The rules of one line's seal and custody."""

from domain.kernel import Context, Events, record, require, require_another, require_reason
from domain.kinds.seizure.acts import LineCommand
from domain.kinds.seizure.custody_acts import (
    AcceptTransfer,
    ApplySeal,
    BreakSeal,
    CheckInItem,
    CheckOutItem,
    CheckSeal,
    ItemCheckedIn,
    ItemCheckedOut,
    ItemMoved,
    ItemStored,
    MoveItem,
    OfferTransfer,
    RefuseTransfer,
    ReplaceSeal,
    SealApplied,
    SealBroken,
    SealChecked,
    SealReplaced,
    StoreItem,
    TransferAccepted,
    TransferOffered,
    TransferRefusalGround,
    TransferRefused,
    TransferWithdrawn,
    WithdrawTransfer,
)
from domain.kinds.seizure.findings import compared_figures, compared_seal, in_words, require_count, require_weight
from domain.kinds.seizure.item_acts import Concern
from domain.kinds.seizure.refusals import (
    ALREADY_SEALED,
    ALREADY_STORED,
    DUE_BEFORE,
    GIVER_ACCEPTS,
    NOT_CUSTODIAN,
    NOT_RECEIVER,
    NOT_SEALED,
    NOT_STORED,
    OFFER_TO_CUSTODIAN,
    SAME_PLACE,
    SEAL_AGREES,
    SEAL_DIFFERS,
    SEAL_WITNESS,
    STORAGE_ASSIGNED,
    STORAGE_UNFIT,
)
from domain.kinds.seizure.stages import AT_HAND, AT_REST, SOMEWHERE, InTransit, Item, Line, Out
from domain.kinds.seizure.storage_acts import AssignStorageClass, StorageClass, StorageClassAssigned, StorageConfirmed


def require_custodian(line: Line, command: LineCommand) -> None:
    """Refuse whoever does not answer for the line."""
    require(command.decided_by == line.item.custodian, NOT_CUSTODIAN)


# --- Seals ----------------------------------------------------------------------------------------------------


def the_seal(item: Item) -> str:
    """The line's seal, or a refusal."""
    require(item.seal is not None, NOT_SEALED)
    return item.seal or ""


def apply_seal(line: AT_HAND, command: ApplySeal, context: Context) -> Events:
    """Seal an open line."""
    require(line.item.seal is None, ALREADY_SEALED)
    return (record(SealApplied, command),)


def check_seal(line: AT_HAND, command: CheckSeal, context: Context) -> Events:
    """Check a seal; another number or damage is a discrepancy."""
    seal = the_seal(line.item)
    differs = command.read != seal or not command.intact
    found = in_words(command, Concern.SEAL, seal, command.read) if differs else ()
    return (record(SealChecked, command), *found)


def break_seal(line: AT_HAND, command: BreakSeal, context: Context) -> Events:
    """Break a seal before another officer."""
    seal = the_seal(line.item)
    require(command.witness != command.decided_by, SEAL_WITNESS)
    return (record(SealBroken, command, seal=seal),)


def replace_seal(line: AT_HAND, command: ReplaceSeal, context: Context) -> Events:
    """Replace a seal before another officer: the line is open in between."""
    require_reason(command)
    old = the_seal(line.item)
    require(command.witness != command.decided_by, SEAL_WITNESS)
    return (record(SealReplaced, command, old=old),)


# --- Where a line is ------------------------------------------------------------------------------------------


def assign_storage_class(line: SOMEWHERE, command: AssignStorageClass, context: Context) -> Events:
    """Say what kind of store a line needs; where it is meanwhile is a fact all the same."""
    require(command.storage_class is not line.item.storage, STORAGE_ASSIGNED)
    return (record(StorageClassAssigned, command),)


def confirmed(command: LineCommand, item: Item, place: str | None, offered: StorageClass | None) -> Events:
    """That a place is of the class a line needs; a refusal if it is not, or if nobody said so."""
    if place is None:
        return ()
    require(item.storage is None or offered is item.storage, STORAGE_UNFIT)
    return () if offered is None else (record(StorageConfirmed, command, place=place, storage_class=offered),)


def store_item(line: AT_REST, command: StoreItem, context: Context) -> Events:
    """Put a line into a store."""
    require_custodian(line, command)
    require(line.item.place is None, ALREADY_STORED)
    return (record(ItemStored, command), *confirmed(command, line.item, command.place, command.storage_class))


def move_item(line: AT_REST, command: MoveItem, context: Context) -> Events:
    """Move a stored line."""
    require_custodian(line, command)
    require(line.item.place is not None, NOT_STORED)
    require(command.place != line.item.place, SAME_PLACE)
    return (record(ItemMoved, command), *confirmed(command, line.item, command.place, command.storage_class))


def check_out_item(line: AT_REST, command: CheckOutItem, context: Context) -> Events:
    """Let a stored line go for a time."""
    require_custodian(line, command)
    require(line.item.place is not None, NOT_STORED)
    require(command.due >= (command.when.latest or context.now), DUE_BEFORE)
    return (record(ItemCheckedOut, command),)


def check_in_item(line: Out, command: CheckInItem, context: Context) -> Events:
    """Take a line back; another seal than the recorded one is a discrepancy."""
    require_custodian(line, command)
    fit = confirmed(command, line.item, command.place, command.storage_class)
    return (record(ItemCheckedIn, command), *fit, *compared_seal(command, line.item, command.seal))


# --- Custody --------------------------------------------------------------------------------------------------


def offer_transfer(line: AT_REST, command: OfferTransfer, context: Context) -> Events:
    """Offer custody to somebody else."""
    require_custodian(line, command)
    require(command.to != line.item.custodian, OFFER_TO_CUSTODIAN)
    return (record(TransferOffered, command),)


def require_receiver(line: InTransit, command: LineCommand, context: Context) -> None:
    """Refuse whoever custody was not offered to, and a giver who records for the receiver."""
    require(command.decided_by == line.to, NOT_RECEIVER)
    require_another(command, context, GIVER_ACCEPTS, line.item.custodian)


def accept_transfer(line: InTransit, command: AcceptTransfer, context: Context) -> Events:
    """Take custody of a line whose seal is the recorded one; other differences are discrepancies."""
    require_receiver(line, command, context)
    require_weight(command.weight, command.scale)
    require_count(line.item, command.count)
    require(command.seal == line.item.seal, SEAL_DIFFERS)
    accepted = record(TransferAccepted, command, custodian=line.to)
    fit = confirmed(command, line.item, command.place, command.storage_class)
    return (accepted, *fit, *compared_figures(command, line.item, command.count, command.weight, context))


SEAL_GROUNDS = (TransferRefusalGround.SEAL_DIFFERS, TransferRefusalGround.SEAL_DAMAGED)


def refuse_transfer(line: InTransit, command: RefuseTransfer, context: Context) -> Events:
    """Leave a line with the giver; what differs is a discrepancy."""
    require_receiver(line, command, context)
    require_reason(command)
    require_weight(command.weight, command.scale)
    require_count(line.item, command.count)
    differs = command.seal != line.item.seal
    require(differs or command.ground is not TransferRefusalGround.SEAL_DIFFERS, SEAL_AGREES)
    found: Events = ()
    if command.ground in SEAL_GROUNDS or (differs and command.seal is not None):
        found = in_words(command, Concern.SEAL, line.item.seal, command.seal)
    figures = compared_figures(command, line.item, command.count, command.weight, context)
    return (record(TransferRefused, command), *found, *figures)


def withdraw_transfer(line: InTransit, command: WithdrawTransfer, context: Context) -> Events:
    """Take back an offer nobody answered."""
    require_custodian(line, command)
    return (record(TransferWithdrawn, command),)
