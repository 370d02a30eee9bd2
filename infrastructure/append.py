"""How a batch is written so that every caller gets a true answer, whatever breaks.

A writer tries to record a batch in one transaction. When a request spoils it, the batch is halved until only the
culprit is left. When the connection is lost, perhaps in the middle of COMMIT, the same batch is written again: under the writer
lock every command that was recorded after all is found by its id and answered with its receipt. Only what cannot be
established within the writer's patience is Unavailable.
"""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from application.errors import Unavailable
from infrastructure.batch import Entry, Outcome

RETRY_SECONDS = 0.05
"""Pause between two attempts to reach a database that is not there."""

_log = logging.getLogger(__name__)


class Lost(Exception):
    """The connection broke. ``since`` is the log's last position before the attempt, None if nothing was attempted."""

    def __init__(self, since: int | None) -> None:
        """Keep what tells new events from old ones afterwards."""
        super().__init__("the connection to the database was lost")
        self.since = since


class BatchWriter(Protocol):
    """One database's way to record a batch, on a connection of its own. Used by one thread."""

    def write(self, entries: Sequence[Entry], since: int | None) -> list[Outcome]:
        """Record the entries in one transaction, durably, and answer each one in order.

        ``since`` comes from an attempt whose end is not known: a command found recorded after that position is fresh.
        Raises Lost if the end of this attempt is not known or no connection can be had, Unavailable if the database
        refuses for now and nothing was written, any other exception if the entries cannot be written; then nothing was.
        """
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


class Appender:
    """Writes batches through a writer until each entry has an answer."""

    def __init__(
        self,
        writer: BatchWriter,
        patience: float,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """``patience``: seconds to look for a lost database before callers are told that it is not available."""
        self._writer = writer
        self._patience = patience
        self._clock = clock
        self._pause = pause
        self._reachable = True

    def append(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Answer every entry, in order. Never raises for what a request, the database or the network did."""
        try:
            return self._establish(entries)
        except Unavailable as error:
            return [Outcome(error=Unavailable(str(error), error.retry_after)) for _ in entries]
        except Exception as error:  # noqa: BLE001
            # Whatever it is, it was one entry's doing: the others are recorded, and its caller hears of it.
            if len(entries) == 1:
                _log.exception("an entry could not be recorded", extra={"event": "committer.entry-failed"})
                return [Outcome(error=error)]
            half = len(entries) // 2
            return self.append(entries[:half]) + self.append(entries[half:])

    def close(self) -> None:
        """Give the writer's connection back."""
        self._writer.close()

    def _establish(self, entries: Sequence[Entry]) -> list[Outcome]:
        since: int | None = None
        deadline: float | None = None
        while True:
            try:
                outcomes = self._writer.write(entries, since)
            except Lost as lost:
                since = lost.since if since is None else since
                deadline = self._deadline(since) if deadline is None else deadline
                if self._clock() >= deadline:
                    self._reachable = False
                    raise Unavailable("the database cannot be reached") from lost
                self._pause(RETRY_SECONDS)
            else:
                self._reachable = True
                return outcomes

    def _deadline(self, since: int | None) -> float:
        # While the database is known to be away, callers learn it at once; an open question is always pursued.
        patient = self._reachable or since is not None
        return self._clock() + (self._patience if patient else 0.0)
