"""One batch of the ledger: what stands there already, what was asked, and therefore what is written and answered.

Nothing here touches a database. A writer reads the ``Ground`` under the writer lock, ``decide`` turns it and the
entries into a ``Plan``, the writer carries the plan out in the same transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from application.errors import ClaimTaken, KeyReused, Stale
from application.records import Append, Claim, Draft, Head, Receipt, WrappedKey
from infrastructure.leaf import NO_PREVIOUS, SALT_LENGTH, leaf_data, leaf_hash

Row = tuple[int, UUID, int, str, str, int, int, bytes, bytes, bytes, bytes, str, bytes]
"""One event in the order of the table's columns."""

CommandRow = tuple[bytes, bytes, UUID, int, int]
"""One command in the order of the table's columns."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """How far a follower has come in another application's sequence."""

    application_name: str
    notification_id: int


class TrackedBefore(Exception):
    """The follower has recorded this notification, or a later one, already."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is recorded all together or not at all: one part for a command, any number for the library's recorder."""

    parts: tuple[Append, ...]
    tracked: Tracked | None = None


@dataclass(slots=True)
class Outcome:
    """What became of an entry: a receipt per part, or the error its caller gets. ``fresh``: recorded by this batch."""

    receipts: tuple[Receipt, ...] = ()
    error: Exception | None = None
    fresh: bool = False


@dataclass(slots=True)
class Known:
    """A command that is recorded already. ``fresh`` if no listener has heard of it yet."""

    fingerprint: bytes
    receipt: Receipt
    fresh: bool = False


@dataclass(slots=True)
class Ground:
    """What the batch stands on, read under the writer lock; ``decide`` moves it forward entry by entry."""

    head: Head
    tails: dict[UUID, tuple[int, bytes]]
    known: dict[bytes, Known]
    holders: dict[Claim, UUID] = field(default_factory=dict)
    tracked: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """What the writer inserts, and the outcome of each entry in the order asked."""

    outcomes: list[Outcome] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    commands: list[CommandRow] = field(default_factory=list)
    keys: list[tuple[WrappedKey, int]] = field(default_factory=list)
    freed: list[tuple[Claim, UUID]] = field(default_factory=list)
    taken: list[tuple[Claim, UUID]] = field(default_factory=list)
    tracked: list[Tracked] = field(default_factory=list)


def decide(ground: Ground, entries: Sequence[Entry], now: int, salts: bytes) -> Plan:
    """Answer each entry in turn against what stands, refusing one without touching its neighbors.

    ``now`` is the clock in microseconds; ``salts`` holds 32 random bytes for each draft of all entries.
    """
    plan = Plan()
    before = dict(ground.holders)
    clerk = _Clerk(ground, plan, now, salts)
    for entry in entries:
        plan.outcomes.append(clerk.settle(entry))
    for claim, holder in ground.holders.items() - before.items():
        plan.taken.append((claim, holder))
    for claim, holder in before.items() - ground.holders.items():
        plan.freed.append((claim, holder))
    return plan


class _Clerk:
    """Works through the entries of one batch: the ground moves under it, the plan grows."""

    def __init__(self, ground: Ground, plan: Plan, now: int, salts: bytes) -> None:
        self.ground = ground
        self.plan = plan
        self.now = now
        self.salts = salts
        self.position = ground.head.position
        self.recorded_at = ground.head.recorded_at
        self.salted = 0

    def settle(self, entry: Entry) -> Outcome:
        """Find the first receipt, refuse, or record."""
        known = self.ground.known
        if entry.parts and entry.parts[0].command_id in known:
            return _repeated([(part, known[part.command_id]) for part in entry.parts])
        error = self._refusal(entry)
        if error is not None:
            return Outcome(error=error)
        if entry.tracked is not None:
            self.ground.tracked[entry.tracked.application_name] = entry.tracked.notification_id
            self.plan.tracked.append(entry.tracked)
        return Outcome(receipts=tuple([self._record(part) for part in entry.parts]), fresh=True)

    def _refusal(self, entry: Entry) -> Exception | None:
        reached: dict[UUID, int] = {}
        for part in entry.parts:
            version = reached[part.case_id] if reached and part.case_id in reached else self._version(part)
            if part.after != version:
                return Stale(part.case_id, part.after, version)
            if len(entry.parts) > 1:
                reached[part.case_id] = part.after + len(part.drafts)
            if part.takes and (taken := self._taken(part)) is not None:
                return ClaimTaken(taken.scope, taken.key)
        tracked = entry.tracked
        if tracked is not None and tracked.notification_id <= self.ground.tracked.get(tracked.application_name, -1):
            return TrackedBefore(f"{tracked.application_name} has been followed beyond {tracked.notification_id}")
        return None

    def _version(self, part: Append) -> int:
        # A stream that does not exist yet begins at version 1 or, for the library's own recorder cases, at 0.
        tail = self.ground.tails.get(part.case_id)
        return tail[0] if tail else -1 if part.after == -1 else 0

    def _taken(self, part: Append) -> Claim | None:
        holders = self.ground.holders
        return next((claim for claim in part.takes if holders.get(claim, part.case_id) != part.case_id), None)

    def _record(self, part: Append) -> Receipt:
        _, previous = self.ground.tails.get(part.case_id, (0, NO_PREVIOUS))
        version = part.after
        for draft in part.drafts:
            version += 1
            previous = self._write(part, draft, version, previous)
        receipt = Receipt(part.case_id, part.kind, part.after + 1, version, self.position, previous, self.recorded_at)
        self.ground.tails[part.case_id] = (version, previous)
        self.ground.known[part.command_id] = Known(part.fingerprint, receipt)
        self.plan.commands.append((part.command_id, part.fingerprint, part.case_id, part.after + 1, version))
        self.plan.keys.extend((key, self.recorded_at) for key in part.keys)
        self._move_claims(part)
        return receipt

    def _write(self, part: Append, draft: Draft, version: int, previous: bytes) -> bytes:
        self.position += 1
        self.recorded_at = max(self.now, self.recorded_at + 1)
        salt = self.salts[self.salted : self.salted + SALT_LENGTH]
        self.salted += SALT_LENGTH
        place = (part.kind, self.position, part.case_id, version, draft.type, draft.schema_version, self.recorded_at)
        leaf = leaf_hash(leaf_data(*place, draft.state, draft.envelope, salt, previous))
        self.plan.rows.append(
            (
                self.position,
                part.case_id,
                version,
                part.kind,
                draft.type,
                draft.schema_version,
                self.recorded_at,
                draft.state,
                draft.envelope,
                salt,
                leaf,
                part.actor,
                part.command_id,
            )
        )
        return leaf

    def _move_claims(self, part: Append) -> None:
        holders = self.ground.holders
        for claim in part.frees:
            if holders.get(claim) == part.case_id:
                del holders[claim]
        for claim in part.takes:
            holders[claim] = part.case_id


def _repeated(pairs: Iterable[tuple[Append, Known]]) -> Outcome:
    receipts: list[Receipt] = []
    fresh = False
    for part, known in pairs:
        if part.fingerprint != known.fingerprint:
            return Outcome(error=KeyReused("this idempotency key was used before, with a different request"))
        receipts.append(known.receipt)
        fresh, known.fresh = fresh or known.fresh, False
    return Outcome(receipts=tuple(receipts), fresh=fresh)
