"""What the application needs from the world, as protocols.

Each port's docstrings say what callers may rely on; one contract suite per port runs on every implementation.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from application.records import Append, Begun, Draft, Envelope, Head, OpenedState, Receipt, Recorded, WrappedKey
from domain.kernel import Actor, Entry, Event

Committed = Callable[[Sequence[tuple[Append, Receipt]]], None]
"""Called on the committer's thread after each commit and before any caller is answered, with what was newly recorded."""


class Ledger(Protocol):
    """The append-only log. Every method is safe to call from several threads; reads block and belong on a worker thread."""

    async def append(self, request: Append) -> Receipt:
        """Record all of ``request`` durably and answer its receipt; answer the first receipt if its command id is known.

        Cancelling the waiting caller does not withdraw the request. Raises Stale, KeyReused, ClaimTaken, Unavailable.
        """
        ...

    def append_now(self, request: Append) -> Receipt:
        """As ``append``, for callers without an event loop."""
        ...

    def receipt(self, command_id: bytes, fingerprint: bytes) -> Receipt | None:
        """The receipt of an earlier command, None if there is none. Raises KeyReused if the fingerprint differs."""
        ...

    def load(self, case_id: UUID, after: int = 0, upto: int | None = None) -> list[Recorded]:
        """One case's events in version order, versions > ``after`` and <= ``upto``; empty if there is no such stream."""
        ...

    def read(self, after: int, limit: int, upto: int | None = None) -> list[Recorded]:
        """The log in position order, positions > ``after`` (and <= ``upto``), at most ``limit``; never with a gap."""
        ...

    def histories(self, case_ids: Sequence[UUID], upto: int | None = None) -> dict[UUID, list[Recorded]]:
        """Several cases' events in version order, positions <= ``upto``; a stream that has none there is left out."""
        ...

    def begun(self, after: int, limit: int, upto: int | None = None) -> list[Begun]:
        """The streams whose version 1 stands at a position > ``after`` (and <= ``upto``), in that order, at most ``limit``."""
        ...

    def head(self) -> Head:
        """The last committed position and its receipt time."""
        ...

    def position_at(self, instant: int) -> int:
        """The last position recorded at or before ``instant`` (microseconds), 0 if none."""
        ...

    def listen(self, committed: Committed) -> None:
        """Have ``committed`` called after every commit of this process."""
        ...


class Codec(Protocol):
    """Between events and the bytes that are stored and hashed; seals personal values and narrative on the way in."""

    def drafts(
        self, case_id: UUID, after: int, events: Sequence[Event], envelope: Envelope
    ) -> tuple[tuple[Draft, ...], tuple[WrappedKey, ...]]:
        """The events as they will stand at versions ``after`` + 1 and on, and the data keys made for them."""
        ...

    def at_hand(self, case_id: UUID, after: int, events: Sequence[Event]) -> bool:
        """Whether ``drafts`` would find every key it needs in memory, so that it may run on an event loop."""
        ...

    def event(self, recorded: Recorded) -> Event:
        """The event as stored, personal values and narrative still sealed. Raises ImpossibleHistory if it cannot be read."""
        ...

    def event_of(self, name: str, schema_version: int, state: bytes) -> Event:
        """The event a wire name, a schema version and stored bytes state. Raises ImpossibleHistory as ``event``."""
        ...

    def envelope(self, recorded: Recorded) -> Envelope:
        """The envelope as stored."""
        ...

    def restate(self, recorded: Recorded, changes: Mapping[str, Any]) -> tuple[Event, Event]:
        """The event an entry states (or, for a correction, restates) in clear, and the same with ``changes``.

        Raises Invalid, naming the field, if a change does not fit the event's type.
        """
        ...

    def opened(self, recorded: Recorded) -> OpenedState:
        """The stored state as JSON values with everything sealed opened. May block."""
        ...


class Streams(Protocol):
    """The histories of cases, read to decide on them."""

    def entries(self, case_id: UUID) -> list[Entry]:
        """One case's entries in recorded order, empty if there is no such stream. Blocks."""
        ...


class Keys(Protocol):
    """The wrapped data keys, read side; writing happens within an ``Append``."""

    def find(self, case_id: UUID, party_id: UUID | None) -> bytes | None:
        """The wrapped key now in use for a (party, case), None if there is none yet."""
        ...

    def by_id(self, key_id: bytes) -> bytes | None:
        """The wrapped key of that id, None if it never was or was destroyed."""
        ...


class Clock(Protocol):
    """The one source of instants."""

    def __call__(self) -> int:
        """Microseconds since 1970-01-01 UTC."""
        ...


class Authenticator(Protocol):
    """Tells who a bearer token speaks for. Never blocks."""

    def authenticate(self, token: str) -> Actor:
        """The actor with the role of the token and the unit and functions of the agency's own tables.

        Raises NotAuthenticated for a bad token and for somebody unknown, no longer active, or without that role.
        """
        ...
