"""Re-hashing the log, to find whether every stored byte still agrees with what was hashed when it was recorded.

Checked for every event: its position follows the last, its version follows its case's last (from 1), it was recorded
after the one before, its leaf hash follows from the stored bytes and the case's previous leaf hash, and the copies of
actor and command id agree with the envelope. What was never recorded, or was false when recorded, no log can show; and
whoever rewrites a case's last event together with its leaf hash is shown only by a signed checkpoint of the tree.
"""

import struct
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Protocol
from uuid import UUID

import orjson

from application.records import Head, Recorded
from infrastructure.leaf import NO_PREVIOUS, leaf_data, leaf_hash

CHUNK = 1000
"""Events read at a time."""

REMEMBERED = 100_000
"""Cases whose last version is kept at hand; that of others is read again when they go on."""


_VALUES = attrgetter(*Recorded._fields)
_TYPES = list(Recorded.__annotations__.values())


class VerifiableLog(Protocol):
    """What is needed of a ledger to verify it."""

    def load(self, case_id: UUID, after: int = 0, upto: int | None = None) -> list[Recorded]:
        """As ``Ledger.load``."""
        ...

    def read(self, after: int, limit: int, upto: int | None = None) -> list[Recorded]:
        """As ``Ledger.read``."""
        ...

    def head(self) -> Head:
        """As ``Ledger.head``."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and where. ``case_id`` and ``version`` are None for a row that cannot be read at all."""

    position: int
    case_id: UUID | None
    version: int | None
    what: str


@dataclass(frozen=True, slots=True)
class Findings:
    """The result for positions ``since`` to ``upto``: how many events were read and what is wrong with any."""

    since: int
    upto: int
    checked: int
    bad: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.bad


def verify(log: VerifiableLog, since: int = 1, progress: Callable[[int, int], None] | None = None) -> Findings:
    """Re-hash every event from position ``since`` to the head at the start; a ``since`` the log has not come to is a finding.

    ``progress`` is called with the position reached and the head. Memory does not grow with the log. Raises Unavailable
    if the database cannot be read; a row that is there and cannot be understood is a finding.
    """
    upto = log.head().position
    check = _Check(log, since)
    bad: list[Finding] = []
    checked = 0
    for chunk in _chunks(log, since - 1, upto):
        for item in chunk:
            if isinstance(item, Recorded):
                checked += 1
                bad += (Finding(item.position, item.case_id, item.version, what) for what in check.event(item))
            else:
                bad.append(item)
                check.passed(item.position)
        if progress is not None and chunk:
            progress(chunk[-1].position, upto)
    bad += check.end(upto)
    return Findings(since, upto, checked, tuple(bad))


def _chunks(log: VerifiableLog, after: int, upto: int) -> Iterator[list[Recorded | Finding]]:
    while after < upto:
        last = min(after + CHUNK, upto)
        try:
            yield list(log.read(after, CHUNK, last))
        except (ValueError, TypeError):
            yield [item for position in range(after, last) for item in _one(log, position)]
        after = last


def _one(log: VerifiableLog, after: int) -> list[Recorded | Finding]:
    try:
        return list(log.read(after, 1, after + 1))
    except (ValueError, TypeError) as error:
        return [Finding(after + 1, None, None, f"the stored row cannot be read: {type(error).__name__}")]


class _Check:
    """Follows the log event by event, remembering the last event and each case's last version."""

    def __init__(self, log: VerifiableLog, since: int) -> None:
        self._log = log
        self._position = since - 1
        before = log.read(since - 2, 1, since - 1) if since > 1 else []
        self._recorded_at = before[0].recorded_at if before else 0
        self._tails: OrderedDict[UUID, tuple[int, bytes]] = OrderedDict()

    def event(self, event: Recorded) -> Iterator[str]:
        """Say what is wrong with ``event``; nothing, if nothing is."""
        if list(map(type, _VALUES(event))) != _TYPES:
            # SQLite stores text in a column of numbers, and the other way round, if somebody insists.
            yield "it holds values of the wrong type"
            self.passed(event.position)
            return
        if event.position != self._position + 1:
            yield f"positions {self._position + 1} to {event.position - 1} are missing before it"
        if event.recorded_at <= self._recorded_at:
            yield "it was not recorded after the event before it"
        self.passed(event.position)
        version, leaf = self._tails.get(event.case_id) or self._stored_tail(event)
        if event.version != version + 1:
            yield f"its version does not follow version {version} of its case"
            _, leaf = self._stored_tail(event)
        if not _hashes(event, leaf):
            yield "its leaf hash does not follow from the stored bytes and the entry before it in its case"
        else:
            # Only a time that was hashed counts for the next event: one that was altered shall not accuse a neighbor.
            self._recorded_at = event.recorded_at
        yield from _copies(event)
        self._remember(event)

    def passed(self, position: int) -> None:
        """Go on after ``position``."""
        self._position = position

    def end(self, upto: int) -> list[Finding]:
        """What is missing at the end; whoever asks to begin behind the end knows of more than is there."""
        if self._position > upto:
            return [Finding(self._position, None, None, f"the log ends at position {upto}")]
        if self._position == upto:
            return []
        return [Finding(upto, None, None, f"positions {self._position + 1} to {upto} are missing")]

    def _stored_tail(self, event: Recorded) -> tuple[int, bytes]:
        """Version and leaf hash of the row before it in its case: not seen since ``since``, forgotten, or missing."""
        before = self._log.load(event.case_id, event.version - 2, event.version - 1) if event.version > 1 else []
        return (before[0].version, before[0].leaf_hash) if before else (0, NO_PREVIOUS)

    def _remember(self, event: Recorded) -> None:
        self._tails[event.case_id] = (event.version, event.leaf_hash)
        self._tails.move_to_end(event.case_id)
        if len(self._tails) > REMEMBERED:
            self._tails.popitem(last=False)


def _hashes(event: Recorded, previous: bytes) -> bool:
    place = (event.kind, event.position, event.case_id, event.version, event.type, event.schema_version)
    try:
        data = leaf_data(*place, event.recorded_at, event.state, event.envelope, event.salt, previous)
    except (struct.error, ValueError):
        return False
    return leaf_hash(data) == event.leaf_hash


def _copies(event: Recorded) -> Iterator[str]:
    try:
        envelope = orjson.loads(event.envelope)
        actor, command_id = envelope["actor"]["id"], bytes.fromhex(envelope["command_id"])
    except (ValueError, TypeError, KeyError):
        yield "its envelope cannot be read"
        return
    if actor != event.actor:
        yield "its actor is not the one in the envelope"
    if command_id != event.command_id:
        yield "its command id is not the one in the envelope"
