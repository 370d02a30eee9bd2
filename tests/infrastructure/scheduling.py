"""An office whose matters run against clocks, with a time of its own, and schedulers at work in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from application.execute import Executor
from application.records import microseconds
from domain.deadlines import DEFAULT_PROFILE
from domain.profiles import Clock, Duration, DurationUnit, Law, OnExpiry, Trigger
from infrastructure.projector import Projector
from infrastructure.scheduler import Scheduler
from tests.infrastructure.following import caught_up, following
from tests.infrastructure.ledgers import Clock as Standing
from tests.matters import NOON, MatterOpened, MatterReleased, Office, StepTaken
from tests.profiles import ALONE, ONE_PERSON

LIMIT = Clock(
    id="matter-limit",
    starts_on=(Trigger(MatterOpened.type),),
    stops_on=(Trigger(MatterReleased.type),),
    duration=Duration(10, DurationUnit.HOURS),
    warn_before=(Duration(2, DurationUnit.HOURS),),
    on_expiry=OnExpiry.RESTRICT_COMMANDS,
    legal_ref="A test",
)
STEP = Clock(
    id="first-step",
    starts_on=(Trigger(MatterOpened.type),),
    stops_on=(Trigger(StepTaken.type),),
    duration=Duration(3, DurationUnit.HOURS),
    on_expiry=OnExpiry.OBLIGATION,
    legal_ref="A test",
)
PROFILE = replace(ALONE, clocks=(*ALONE.clocks, LIMIT, STEP))
CLOCKS = Law({**ONE_PERSON.installed, DEFAULT_PROFILE: PROFILE}, unverified_allowed=True)
"""A matter ends within ten hours, with a warning after eight, and its first step is taken within three."""


class TimedOffice(Office):
    """An office under ``CLOCKS`` at a time that the test moves."""

    def __init__(self, engine: sa.Engine, time: Standing | None = None) -> None:
        """Begin at noon, or share the time of another one."""
        self.time = time or Standing(microseconds(NOON))
        super().__init__(engine, self.time)
        self.cases.law = CLOCKS
        self.executor = replace(self.executor, law=CLOCKS)

    def at(self, now: datetime) -> None:
        """It is this late now."""
        self.time.now = microseconds(now)

    def scheduler(self, executor: Executor | None = None) -> Scheduler:
        """A scheduler, not started."""
        return Scheduler(self.engine, executor or self.executor, "agency", self.time)

    def alarms(self, case_id: UUID) -> list[tuple[str, str, datetime | None]]:
        """The alarms recorded of a case: type, clock, and the moment each is about."""
        events = [self.codec.event(row) for row in self.ledger.load(case_id)]
        every: list[Any] = [event for event in events if hasattr(event, "clock")]
        return [(event.type.removeprefix("case."), event.clock, event.when.earliest) for event in every]


@contextmanager
def timed(engine: sa.Engine) -> Iterator[tuple[TimedOffice, Projector]]:
    """An office that records and is followed until the block ends."""
    office = TimedOffice(engine)
    office.ledger.start()
    try:
        with following(office) as projector:
            yield office, projector
    finally:
        office.ledger.close()


def look(office: TimedOffice, projector: Projector, scheduler: Scheduler | None = None) -> None:
    """Have a scheduler look until nothing is left, twice: what was just recorded may call for nothing more."""
    scheduler = scheduler or office.scheduler()
    for _ in range(2):
        assert caught_up(office, projector)
        while scheduler.look():
            pass


SOON = timedelta(seconds=1)
