"""The records that pass between the ledger, the command path and the projections.

Bytes here are the exact bytes that were, or will be, hashed and stored. Times are integer microseconds since
1970-01-01 UTC. Positions and versions begin at 1; 0 means "before the first".
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

LEDGER_STREAM = UUID(int=0)
"""The ledger's own stream: entries of type ``ledger.…`` about the log itself."""


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def moment(microseconds: int) -> datetime:
    """A ledger instant as a UTC datetime, exactly."""
    return EPOCH + timedelta(microseconds=microseconds)


def microseconds(instant: datetime) -> int:
    """An aware datetime as a ledger instant, exactly."""
    return (instant - EPOCH) // MICROSECOND


@dataclass(frozen=True, slots=True)
class Draft:
    """One event on its way into the ledger: its wire name and the bytes that will be hashed."""

    type: str
    schema_version: int
    state: bytes
    envelope: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """A key that only one case may hold at a time, e.g. scope ``seal-number``, key ``A-1027``."""

    scope: str
    key: str


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key of a (party, case), or of a case's narrative when ``party_id`` is None, wrapped by the instance key."""

    key_id: bytes
    case_id: UUID
    party_id: UUID | None
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class Append:
    """What one command asks the ledger to record, all of it or nothing.

    ``after`` is the version the case must be at (0 opens a stream). ``command_id`` is 16 bytes, ``fingerprint`` 32.
    ``after_state`` is stored nowhere: it is what listeners may remember of the case once this is committed.
    """

    case_id: UUID
    kind: str
    after: int
    drafts: tuple[Draft, ...]
    actor: str
    command_id: bytes
    fingerprint: bytes
    takes: tuple[Claim, ...] = ()
    frees: tuple[Claim, ...] = ()
    keys: tuple[WrappedKey, ...] = ()
    after_state: object = field(default=None, compare=False)


class Recorded(NamedTuple):
    """One event as it stands in the ledger: a row, byte for byte. A tuple, since logs are read by the thousand."""

    position: int
    case_id: UUID
    version: int
    kind: str
    type: str
    schema_version: int
    recorded_at: int
    state: bytes
    envelope: bytes
    salt: bytes
    leaf_hash: bytes
    actor: str
    command_id: bytes


class Stated(NamedTuple):
    """What an event of one stream states, without what only audits and proofs read of its row."""

    version: int
    type: str
    schema_version: int
    recorded_at: int
    state: bytes


class Begun(NamedTuple):
    """Where a stream begins in the log."""

    position: int
    case_id: UUID
    kind: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The ledger's word that a command is recorded and durable: it describes the command's last event."""

    case_id: UUID
    kind: str
    first_version: int
    version: int
    position: int
    leaf_hash: bytes
    recorded_at: int


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the log: its last position and that entry's receipt time, both 0 when the log is empty."""

    position: int
    recorded_at: int


@dataclass(frozen=True, slots=True)
class Caller:
    """The part of an envelope that says who recorded: ids, no name."""

    id: str
    role: str
    unit: str
    agency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who recorded an event, by which command, and what the system knew: stored beside the state, hashed with it.

    ``command_id`` is hex. ``causation`` names the entry (case/version) that caused a system command. ``decided_at`` is the
    instant the rule saw, ``profile`` the law profile it decided under, ``handling`` the case's handling at that moment.
    """

    actor: Caller
    on_behalf_of: str | None
    command: str
    command_id: str
    correlation_id: str | None
    causation: str | None
    decided_at: datetime
    profile: str
    handling: str
    software: str


@dataclass(frozen=True, slots=True)
class OpenedState:
    """A stored state as JSON values in clear; ``unreadable`` are the paths whose key is gone: null in ``values``."""

    values: dict[str, Any]
    unreadable: tuple[str, ...] = ()
