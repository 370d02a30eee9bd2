"""Runs reactions: follows the log, gives the commands that follow from its events, and only then moves the checkpoint.

It runs where commands are recorded, in one process at a time by a lease. A command that is refused is set aside with the
refusal's code, shown, and tried again; nothing waits for it. Past events that a reaction does not hear its checkpoint
moves now and then only: reading them again costs nothing, and every move is a transaction beside the commands'.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from application.errors import Unavailable
from application.execute import Executor
from application.ports import Clock
from application.react import Reaction, answer
from application.records import Append, Receipt, Recorded
from domain.kernel import Refused
from infrastructure.clock import system_clock
from infrastructure.database import NO_ANSWER
from infrastructure.leases import RENEW, Leases
from infrastructure.projection_metrics import APPLIED
from infrastructure.projection_rows import Mark, Overtaken, Parking, cause_of, chained, pause_after
from infrastructure.reaction_marks import ReactionMarks, named

BATCH = 100
"""Events read at one time."""

POLL = 0.1
"""Seconds between two looks at the log when nothing is heard of."""

PASSED = 20 * BATCH
"""Unheard events after which the checkpoint moves all the same: each move is a write beside the commands' own."""

QUIET = 1.0
"""Seconds within which the checkpoint moves past events that were not heard, and between two looks at what is set aside."""

_log = logging.getLogger(__name__)


class Place(NamedTuple):
    """How far a reaction has come: the mark ``stored``, since when (monotonic seconds), and the one it has ``reached``."""

    stored: Mark
    since: float
    reached: Mark


class Reactor:
    """Keeps reactions up with the log, from ``start`` to ``stop``."""

    def __init__(
        self,
        engine: sa.Engine,
        executor: Executor,
        reactions: Sequence[Reaction],
        agency: str,
        clock: Clock = system_clock,
    ) -> None:
        """Give commands through ``executor``, in the name of ``agency``'s system."""
        self.reactions = tuple(reactions)
        self.marks = ReactionMarks(engine, executor.ledger, clock)
        self._executor = executor
        self._agency = agency
        self._clock = clock
        self._leases = Leases(engine)
        self._places: dict[str, Place] = {}
        self._batch: tuple[int, list[Recorded]] = (0, [])
        self._hears = frozenset[str]().union(*(reaction.hears for reaction in self.reactions))
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="casetrail-reactor", daemon=True)

    def start(self) -> None:
        """Begin to follow, where there is anything to follow with."""
        if self.reactions:
            for reaction in self.reactions:
                self.marks.enroll(reaction.name)
            self._executor.ledger.listen(self._committed)
            self._thread.start()

    def stop(self) -> None:
        """End after the event under way. What is not done then is done by the next one."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _committed(self, recorded: Sequence[tuple[Append, Receipt]]) -> None:
        """Wake for what is heard; all else is passed by at the next look, many at once."""
        if any(draft.type in self._hears for request, _ in recorded for draft in request.drafts):
            self._wake.set()

    # --- One step ---

    def step(self, reaction: Reaction) -> int:
        """Give the commands that follow from the next events. Answers how many events there were.

        Raises Unavailable and what the database raises, Overtaken if another process was faster; whatever was given
        then is known by its id when it is given again.
        """
        place = self._places.pop(reaction.name, None) or self._found(reaction)
        recorded = self._read(place.reached.position)
        heard = [row for row in recorded if row.type in reaction.hears]
        parks = asyncio.run(self._react(reaction, heard)) if heard else []
        if recorded:
            digest = chained(place.reached.digest, [row.leaf_hash for row in recorded])
            place = place._replace(reached=place.reached.beyond(len(recorded), digest, recorded[-1].position))
            APPLIED.labels(named(reaction.name)).inc(len(recorded))
        passed = place.reached.events - place.stored.events
        if heard or passed >= PASSED or (passed and time.monotonic() - place.since >= QUIET):
            place = self._moved(reaction, place, parks)
        self._places[reaction.name] = place
        return len(recorded)

    def settle(self, reaction: Reaction) -> None:
        """Move the checkpoint to where the reaction has come. Raises as ``step``."""
        place = self._places.pop(reaction.name, None)
        if place is not None and place.reached != place.stored:
            self._moved(reaction, place, [])

    def _found(self, reaction: Reaction) -> Place:
        mark = self.marks.enroll(reaction.name)
        return Place(mark, time.monotonic(), mark)

    def _moved(self, reaction: Reaction, place: Place, parks: Sequence[Parking]) -> Place:
        self.marks.move(reaction.name, place.stored, place.reached, parks)
        return Place(place.reached, time.monotonic(), place.reached)

    def _read(self, after: int) -> list[Recorded]:
        """The next events; reactions that stand at the same place share one reading."""
        if not (after == self._batch[0] and self._batch[1]):
            self._batch = (after, self._executor.ledger.read(after, BATCH))
        return self._batch[1]

    async def _react(self, reaction: Reaction, heard: Sequence[Recorded]) -> list[Parking]:
        """React to events in order; answers those that are set aside."""
        parks = []
        for row in heard:
            cause = await self._tried(reaction, row)
            if cause is not None:
                now = self._clock()
                parks.append(Parking(row.case_id, row.version, row.position, cause, now, 1, now + pause_after(0)))
        return parks

    async def _tried(self, reaction: Reaction, row: Recorded) -> str | None:
        """Why an event is to be set aside, None if all that follows from it is recorded."""
        try:
            await answer(self._executor, reaction, row, self._agency)
        except Refused as no:
            return no.refusal.code
        except (Unavailable, *NO_ANSWER):
            raise
        except Exception as cause:  # noqa: BLE001 - whatever it is, it concerns this event only
            fields = {"event": "reaction.parked", "projection": named(reaction.name), "position": row.position}
            _log.exception("reaction %s sets position %d aside", reaction.name, row.position, extra=fields)
            return cause_of(cause)
        return None

    def retry(self, reaction: Reaction) -> int:
        """Try the events whose time has come again. Answers how many are set aside no longer."""
        freed = 0
        for parking in self.marks.due(reaction.name):
            row = self._executor.ledger.load(parking.case_id, parking.version - 1, parking.version)[0]
            cause = asyncio.run(self._tried(reaction, row))
            if cause is None:
                self.marks.free(reaction.name, parking)
                freed += 1
            else:
                self.marks.failed_again(reaction.name, parking, cause)
        return freed

    # --- The thread ---

    def _run(self) -> None:
        renew_at = 0.0
        ours: list[Reaction] = []
        while not self._stopping.is_set():
            try:
                if time.monotonic() >= renew_at:
                    ours = self._held()
                    renew_at = time.monotonic() + RENEW
                head = self._executor.ledger.head().position
                full = [self._advance(reaction) for reaction in ours if not self._is_level(reaction, head)]
            except Exception:  # noqa: BLE001 - whatever it is, it is logged and tried again
                _log.exception("the reactions cannot be followed now", extra={"event": "reactions.failed"})
                self._stopping.wait(RENEW)
            else:
                if not any(full):
                    self._wake.wait(POLL)
                    self._wake.clear()
        self._give_back(ours)

    def _held(self) -> list[Reaction]:
        """The reactions whose leases are ours until the next time; what they have set aside is tried again if it is time."""
        held = self._leases.hold([named(reaction.name) for reaction in self.reactions])
        ours = [reaction for reaction in self.reactions if named(reaction.name) in held]
        self._places = {reaction.name: self._places[reaction.name] for reaction in ours if reaction.name in self._places}
        for reaction in ours:
            self.retry(reaction)
        return ours

    def _is_level(self, reaction: Reaction, head: int) -> bool:
        """Whether a reaction has come to the end of the log, and its checkpoint with it."""
        place = self._places.get(reaction.name)
        return place is not None and place.reached.position >= head and place.reached == place.stored

    def _advance(self, reaction: Reaction) -> bool:
        """True if there is more to read at once."""
        try:
            return self.step(reaction) == BATCH
        except Overtaken:
            return True

    def _give_back(self, ours: Sequence[Reaction]) -> None:
        """Let another process follow at once; where the database is gone, the leases end by themselves."""
        try:
            for reaction in ours:
                self.settle(reaction)
            self._leases.give_back([named(reaction.name) for reaction in ours])
        except (Unavailable, Overtaken, *NO_ANSWER):
            _log.warning("the leases could not be given back")
