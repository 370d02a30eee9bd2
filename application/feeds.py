"""The feed: the log in position order for those who follow it, whole lines for auditors, notices for everybody else.

A line is an event as stored. A notice says that something of a kind happened in a case, and nothing of what: no state,
no envelope, no person, no officer. Whoever is told and may know more asks for the case with a token of their own.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from application.documents import plain
from application.errors import Unavailable
from application.ports import Ledger
from application.records import Append, Receipt, Recorded, moment

CHUNK = 500
"""Events read at a time: what a stream holds in memory, whatever it is asked for."""

POLL = 0.25
"""Seconds between two looks at the log while somebody waits, for what other processes recorded."""


def line(row: Recorded) -> dict[str, Any]:
    """A ledger row as JSON values: ``stored_state`` and ``stored_envelope`` are the exact bytes that were hashed."""
    return {
        "position": row.position,
        "case_id": str(row.case_id),
        "version": row.version,
        "kind": row.kind,
        "type": row.type,
        "schema_version": row.schema_version,
        "recorded_at": plain(moment(row.recorded_at)),
        "actor": row.actor,
        "stored_state": row.state.decode(),
        "stored_envelope": row.envelope.decode(),
        "salt": row.salt.hex(),
        "leaf_hash": row.leaf_hash.hex(),
    }


NOTICED = ("position", "case_id", "version", "kind", "type", "schema_version", "recorded_at", "leaf_hash")
"""The fields of a line that are about nobody. The leaf hash commits to the rest without making it guessable."""


def notice(row: Recorded) -> dict[str, Any]:
    """A ledger row without anything nominal, as webhooks carry it."""
    whole = line(row)
    return {name: whole[name] for name in NOTICED}


def chunks(ledger: Ledger, after: int, upto: int) -> Iterator[list[Recorded]]:
    """The log after a position up to another, a bounded number of events at a time. Blocks."""
    while after < upto:
        rows = ledger.read(after, min(CHUNK, upto - after), upto)
        if not rows:
            return
        yield rows
        after = rows[-1].position


class Tail:
    """Tells those who wait on one event loop how far the log has come.

    However many wait, one task asks the database, and only while somebody waits; what this process records it hears of at
    once. Nobody holds a connection meanwhile.
    """

    def __init__(self, ledger: Ledger) -> None:
        """Hear of what ``ledger`` commits. Made on the event loop on which is waited."""
        self._ledger = ledger
        self._loop = asyncio.get_running_loop()
        self._head = 0
        self._waiting = 0
        self._moved = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None
        self.closed = False
        ledger.listen(self._committed)

    def close(self) -> None:
        """Let everybody go who waits now or later. Safe to call from a signal's handler on the loop's thread."""
        self.closed = True
        self._loop.call_soon_threadsafe(self._wake)

    async def beyond(self, position: int, seconds: float) -> bool:
        """Whether the log goes beyond ``position``, waiting up to ``seconds`` for it."""
        self._waiting += 1
        if self._watcher is None or self._watcher.done():
            self._watcher = asyncio.create_task(self._watch())
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    while self._head <= position and not self.closed:
                        await self._moved.wait()
        finally:
            self._waiting -= 1
        return self._head > position

    async def _watch(self) -> None:
        """Ask the database as long as somebody waits."""
        while self._waiting and not self.closed:
            # Without an answer nothing is news; whoever reads on after waiting is told that the ledger cannot answer.
            with suppress(Unavailable):
                self._advance((await asyncio.to_thread(self._ledger.head)).position)
            await asyncio.sleep(POLL)

    def _committed(self, recorded: Sequence[tuple[Append, Receipt]]) -> None:
        """On the committer's thread: pass the news on, if anybody waits for it."""
        if self._waiting and not self.closed:
            position = max(receipt.position for _, receipt in recorded)
            self._loop.call_soon_threadsafe(self._advance, position)

    def _advance(self, position: int) -> None:
        if position > self._head:
            self._head = position
            self._wake()

    def _wake(self) -> None:
        """Wake all who wait now, and have later ones wait anew."""
        self._moved.set()
        self._moved = asyncio.Event()
