"""Runs the scheduler: looks which cases have an alarm to record by now, and has each recorded once.

Which cases those are stands in the read model of deadlines; what they owe is worked out from the ledger. It runs where
commands are recorded, in one process at a time by a lease. A case whose alarms are refused or cannot be worked out is tried
again at growing intervals; the others go on. Its last finished look is kept for all processes, so that
one that has fallen silent is noticed by every other.
"""

import asyncio
import logging
import threading
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from prometheus_client import Counter, Gauge

from application.errors import Unavailable
from application.execute import Executor
from application.ports import Clock
from application.read_models.deadlines import DEADLINES
from application.schedule import raise_alarms
from infrastructure.clock import system_clock
from infrastructure.columns import Id
from infrastructure.database import NO_ANSWER, write_transaction
from infrastructure.generations import insert_ignoring
from infrastructure.leases import RENEW, Leases
from infrastructure.projection_rows import pause_after
from infrastructure.read_model_tables import rm_deadlines
from infrastructure.schema import heartbeats, live_generations

NAME: Final = "scheduler"
"""The name of its lease and of its heartbeat."""

SOME: Final = 50
"""Cases that one look takes up, so that a look after a long downtime comes to an end; the next one goes on behind them."""

POLL: Final = 1.0
"""Seconds between two looks when nothing is left to do."""

BEAT: Final = 5_000_000
"""Microseconds between two heartbeats at least: each is a transaction."""

SILENT: Final = 60_000_000
"""Microseconds without a finished look after which the scheduler counts as silent."""

LAST_LOOK: Final = Gauge("casetrail_scheduler_last_look_timestamp_seconds", "When any process last finished a look, Unix time")
WAITING: Final = Gauge("casetrail_scheduler_waiting", "Cases whose next alarm's time has come")
ALARMS: Final = Counter("casetrail_scheduler_alarms", "Alarms recorded here", ("type",))

_NOWHERE: Final = (-(2**63), UUID(int=0))
_log = logging.getLogger(__name__)


class Looks:
    """What the scheduler reads and keeps in the database. Safe on several threads; every method blocks."""

    def __init__(self, engine: sa.Engine) -> None:
        """Work on pooled connections of ``engine``."""
        self._engine = engine
        live = sa.and_(live_generations.c.name == DEADLINES.name, live_generations.c.generation == rm_deadlines.c.generation)
        self._rows = sa.join(rm_deadlines, live_generations, live)

    def due(self, now: int, after: tuple[int, UUID], limit: int) -> list[tuple[int, UUID]]:
        """Alarm times passed by ``now`` with their cases, in order, behind ``after``."""
        columns = (rm_deadlines.c.alarm_at, rm_deadlines.c.case_id)
        behind = sa.tuple_(*columns) > sa.tuple_(sa.literal(after[0], sa.BigInteger), sa.literal(after[1], Id))
        passed = sa.select(*columns).distinct().select_from(self._rows).where(rm_deadlines.c.alarm_at <= now, behind)
        with self._engine.connect() as connection:
            return [(row.alarm_at, row.case_id) for row in connection.execute(passed.order_by(*columns).limit(limit))]

    def waiting(self, now: int) -> int:
        """How many cases have an alarm time that has passed."""
        cases = sa.select(sa.func.count(rm_deadlines.c.case_id.distinct())).select_from(self._rows)
        with self._engine.connect() as connection:
            return int(connection.execute(cases.where(rm_deadlines.c.alarm_at <= now)).scalar_one())

    def beat(self, now: int) -> None:
        """Keep that a look was finished, for all processes."""
        mine = sa.update(heartbeats).where(heartbeats.c.name == NAME, heartbeats.c.at < now).values(at=now)
        with write_transaction(self._engine) as connection:
            connection.execute(insert_ignoring(self._engine, heartbeats), {"name": NAME, "at": now})
            connection.execute(mine)

    def last(self) -> int | None:
        """When any process last finished a look, None before the first."""
        with self._engine.connect() as connection:
            return connection.execute(sa.select(heartbeats.c.at).where(heartbeats.c.name == NAME)).scalar_one_or_none()


class Scheduler:
    """Keeps alarms up with the time, from ``start`` to ``stop``."""

    def __init__(self, engine: sa.Engine, executor: Executor, agency: str, clock: Clock = system_clock) -> None:
        """Record through ``executor``, in the name of ``agency``'s system."""
        self.looks = Looks(engine)
        self._executor = executor
        self._agency = agency
        self._clock = clock
        self._leases = Leases(engine)
        self._after = _NOWHERE
        self._resting: dict[UUID, tuple[int, int]] = {}
        self._started = 0
        self._beaten = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="casetrail-scheduler", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._started = self._clock()
        self._thread.start()

    def stop(self) -> None:
        """End after the case under way. What is not done then is done by the next one."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def silence(self) -> float | None:
        """Seconds since any process has finished a look, None while that is not too long ago. Blocks."""
        lasted = self._clock() - max(self.looks.last() or 0, self._started)
        return lasted / 1e6 if lasted > SILENT else None

    def look(self) -> bool:
        """Look at the next cases whose time has come, each once. True if there may be more behind them.

        Raises Unavailable and what the database raises; what was recorded by then is known by its id.
        """
        now = self._clock()
        due = self.looks.due(now, self._after, SOME)
        self._after = due[-1] if len(due) == SOME else _NOWHERE
        for case_id in dict.fromkeys(case_id for _, case_id in due):
            if self._stopping.is_set():
                return False
            self._take_up(case_id, now)
        if now - self._beaten >= BEAT:
            self.looks.beat(now)
            self._beaten = now
        return len(due) == SOME

    def _take_up(self, case_id: UUID, now: int) -> None:
        """Have one case's alarms recorded, unless it rests; a case that fails rests, longer each time."""
        attempts, until = self._resting.get(case_id, (0, 0))
        if until > now:
            return
        if self._tried(case_id):
            self._resting.pop(case_id, None)
        else:
            self._resting[case_id] = attempts + 1, now + pause_after(attempts)

    def _tried(self, case_id: UUID) -> bool:
        """Whether all of one case's alarms are recorded; what is wrong with it holds up no other case."""
        try:
            outcome = asyncio.run(raise_alarms(self._executor, case_id, self._agency))
        except (Unavailable, *NO_ANSWER):
            raise
        except Exception:  # noqa: BLE001 - whatever it is, it is logged, tried again and concerns this case only
            fields = {"event": "scheduler.case-failed", "case_id": str(case_id)}
            _log.exception("the alarms of a case cannot be worked out now", extra=fields)
            return False
        for name in outcome.recorded:
            ALARMS.labels(name).inc()
        if outcome.refused:
            codes = list(outcome.refused)
            refused: dict[str, Any] = {"event": "scheduler.alarms-refused", "case_id": str(case_id), "code": codes}
            _log.error("alarms are refused: %s", ", ".join(codes), extra=refused)
        return not outcome.refused

    # --- The thread ---

    def _run(self) -> None:
        measured = 0
        while not self._stopping.is_set():
            try:
                more = self.look() if self._leases.hold([NAME]) else False
                if self._clock() - measured >= BEAT:
                    measured = self._clock()
                    self._measure(measured)
            except Exception:  # noqa: BLE001 - whatever it is, it is logged and tried again
                _log.exception("the scheduler cannot look now", extra={"event": "scheduler.failed"})
                self._stopping.wait(RENEW)
            else:
                if not more:
                    self._stopping.wait(POLL)
        self._give_back()

    def _measure(self, now: int) -> None:
        """Show how things stand, whichever process is at work."""
        WAITING.set(self.looks.waiting(now))
        LAST_LOOK.set((self.looks.last() or 0) / 1e6)

    def _give_back(self) -> None:
        """Let another process look at once; where the database is gone, the lease ends by itself."""
        try:
            self._leases.give_back([NAME])
        except (Unavailable, *NO_ANSWER):
            _log.warning("the scheduler's lease could not be given back")
