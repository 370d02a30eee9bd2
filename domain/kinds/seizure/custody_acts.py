"""Seals, stores and custody of one line: sealed, kept, checked out, offered and accepted. Custody never has a gap."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from domain.kernel import By, officers
from domain.kinds.seizure.acts import LineCommand, LineEvent, Sha256
from domain.kinds.seizure.storage_acts import StorageClass
from domain.values import Code, Label, Material, Moment, Number, Quantity

# --- Words -----------------------------------------------------------------------------------------------------


class SealBreakPurpose(StrEnum):
    """Why a seal is broken."""

    EXAMINATION = "examination"
    SAMPLING = "sampling"
    COUNTING = "counting"
    COURT = "court"
    RETURN = "return"
    OTHER = "other"


class CheckOutPurpose(StrEnum):
    """Why a line leaves its store for a time, its custodian still answering for it."""

    LABORATORY = "laboratory"
    COURT = "court"
    PHOTOGRAPHY = "photography"
    EXAMINATION = "examination"
    OTHER = "other"


class TransferPurpose(StrEnum):
    """Why somebody else shall answer for a line."""

    STORAGE = "storage"
    HANDOVER_OF_POST = "handover_of_post"
    EXAMINATION = "examination"
    COURT = "court"
    RETURN = "return"
    DESTRUCTION = "destruction"
    OTHER = "other"


class TransferRefusalGround(StrEnum):
    """Why a receiver does not take a line over."""

    SEAL_DIFFERS = "seal_differs"
    SEAL_DAMAGED = "seal_damaged"
    COUNT_DIFFERS = "count_differs"
    WEIGHT_DIFFERS = "weight_differs"
    NOT_EXPECTED = "not_expected"
    OTHER = "other"


# --- Commands --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplySeal(LineCommand):
    """Record that a seal with a number never used before was put on a line."""

    by: ClassVar[By] = officers()

    seal: Number
    photo: Sha256 | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSeal(LineCommand):
    """Record a check of a line's seal: the number read and whether it is intact."""

    by: ClassVar[By] = officers()

    read: Number
    intact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakSeal(LineCommand):
    """Record that a line's seal was broken, for what purpose and before which witness."""

    by: ClassVar[By] = officers()

    purpose: SealBreakPurpose
    witness: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceSeal(LineCommand):
    """Record that a line's seal was replaced by another before a witness.

    ``reason`` says why; ``seal`` is the new number.
    """

    by: ClassVar[By] = officers()

    seal: Number
    witness: Code
    photo: Sha256 | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreItem(LineCommand):
    """Record that the custodian put a line into a store.

    ``storage_class`` is what the place is equipped for: stated where the line needs a certain class of store.
    """

    by: ClassVar[By] = officers("exhibits")

    place: Label
    storage_class: StorageClass | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveItem(LineCommand):
    """Record that the custodian moved a stored line to another place.

    ``storage_class`` as when it was stored.
    """

    by: ClassVar[By] = officers("exhibits")

    place: Label
    storage_class: StorageClass | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOutItem(LineCommand):
    """Record that a line left its store for a purpose and when it is due back.

    The custodian goes on answering for it; ``taken_by`` is who carries it.
    """

    by: ClassVar[By] = officers("exhibits")

    purpose: CheckOutPurpose
    due: Moment
    taken_by: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInItem(LineCommand):
    """Record that a line came back to a store, with the seal it then bore.

    ``storage_class`` as when it was stored.
    """

    by: ClassVar[By] = officers("exhibits")

    place: Label
    seal: Number | None = None
    storage_class: StorageClass | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferTransfer(LineCommand):
    """Offer custody of a line to an officer; it stays with the giver until accepted."""

    by: ClassVar[By] = officers()

    to: Code
    purpose: TransferPurpose


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptTransfer(LineCommand):
    """Record that the receiver compared a line with the record and took custody of it.

    ``seal``, ``count`` and ``weight`` are as the receiver found them, ``place`` is where the line now is and
    ``storage_class`` what that place is equipped for.
    """

    by: ClassVar[By] = officers()

    seal: Number | None = None
    count: Quantity | None = None
    weight: Quantity | None = None
    scale: Code | None = None
    place: Label | None = None
    storage_class: StorageClass | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseTransfer(LineCommand):
    """Record that the receiver did not take a line over, and what differed.

    ``reason`` tells it in words; the line stays with the custodian who offered it.
    """

    by: ClassVar[By] = officers()

    ground: TransferRefusalGround
    seal: Number | None = None
    count: Quantity | None = None
    weight: Quantity | None = None
    scale: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawTransfer(LineCommand):
    """Withdraw an offer of custody that was not accepted yet."""

    by: ClassVar[By] = officers()


# --- Events ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SealApplied(LineEvent):
    """A seal was put on a line."""

    type: ClassVar[str] = "seizure.seal_applied"

    seal: Number
    photo: Sha256 | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealChecked(LineEvent):
    """A line's seal was checked."""

    type: ClassVar[str] = "seizure.seal_checked"

    read: Number
    intact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SealBroken(LineEvent):
    """A line's seal ``seal`` was broken: the line may be opened."""

    type: ClassVar[str] = "seizure.seal_broken"

    seal: Number
    purpose: SealBreakPurpose
    witness: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class SealReplaced(LineEvent):
    """A line's seal ``old`` was replaced by ``seal``."""

    type: ClassVar[str] = "seizure.seal_replaced"

    old: Number
    seal: Number
    witness: Code
    photo: Sha256 | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemStored(LineEvent):
    """A line was put into a store."""

    type: ClassVar[str] = "seizure.item_stored"

    place: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemMoved(LineEvent):
    """A line was moved to another place."""

    type: ClassVar[str] = "seizure.item_moved"

    place: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCheckedOut(LineEvent):
    """A line left its store for a time."""

    type: ClassVar[str] = "seizure.item_checked_out"

    purpose: CheckOutPurpose
    due: Moment
    taken_by: Code


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCheckedIn(LineEvent):
    """A line came back to a store."""

    type: ClassVar[str] = "seizure.item_checked_in"

    place: Label
    seal: Number | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOffered(LineEvent):
    """Custody of a line was offered; it stays with the giver until accepted."""

    type: ClassVar[str] = "seizure.transfer_offered"
    material: ClassVar[Material] = Material.IDENTITY

    to: Code
    purpose: TransferPurpose


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferAccepted(LineEvent):
    """Custody of a line passed to ``custodian``, who compared it with the record."""

    type: ClassVar[str] = "seizure.transfer_accepted"

    custodian: Code
    seal: Number | None
    count: Quantity | None
    weight: Quantity | None
    scale: Code | None
    place: Label | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRefused(LineEvent):
    """The receiver did not take a line over; it stays with the custodian who offered it."""

    type: ClassVar[str] = "seizure.transfer_refused"

    ground: TransferRefusalGround
    seal: Number | None
    count: Quantity | None
    weight: Quantity | None
    scale: Code | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferWithdrawn(LineEvent):
    """An offer of custody was withdrawn."""

    type: ClassVar[str] = "seizure.transfer_withdrawn"
