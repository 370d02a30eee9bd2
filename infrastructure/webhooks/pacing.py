"""Keeping deliveries from taking the processor from those who record."""

import asyncio
import time

WINDOW = 1.0
"""Seconds over which a share is kept."""


class Pace:
    """Rests often enough that its thread uses at most a share of one processor. For one thread's event loop.

    In a server, deliveries and commands take turns at one interpreter; a share leaves the rest to the commands.
    """

    def __init__(self, share: float) -> None:
        """``share`` of one processor, 1.0 for all of it."""
        self._share = share
        self._since = time.monotonic()
        self._spent = time.thread_time()

    async def rest(self) -> None:
        """Sleep until what was used of late is no more than the share."""
        now, spent = time.monotonic(), time.thread_time()
        owed = (spent - self._spent) / self._share - (now - self._since)
        if now - self._since > WINDOW and owed <= 0:
            self._since, self._spent = now, spent
        if owed > 0:
            await asyncio.sleep(owed)
