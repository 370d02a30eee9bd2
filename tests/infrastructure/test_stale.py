"""A stale command names the version that its caller sent, whatever the system recorded meanwhile."""

import asyncio
import threading
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from application.errors import Stale
from application.execute import Call, Executor
from application.records import Receipt
from domain.kernel import SYSTEM, Actor
from tests.infrastructure.following import recording
from tests.matters import HOUR, MATTER, NOON, SUPERVISOR, TakeStep, said


def step(executor: Executor, case_id: UUID, expected: int, actor: Actor = SUPERVISOR) -> Receipt:
    """Take a step on a case at a version."""
    command = TakeStep(**said(NOON + HOUR), note="step")
    call = Call(
        actor=actor, kind=MATTER, case_id=case_id, command=command, expected=expected, command_id=uuid4().bytes,
        fingerprint=bytes(32),
    )  # fmt: skip
    return asyncio.run(executor.execute(call))


def test_who_is_overtaken_while_deciding_on_the_system_s_version_is_told_of_their_own(engine: sa.Engine) -> None:
    with recording(engine) as office:
        case_id = office.open_matter()
        step(office.executor, case_id, 1, Actor("system", SYSTEM, "system", "agency"))
        overtaking = iter([threading.Thread(target=step, args=(office.executor, case_id, 2))])

        def clock() -> int:
            """Asked once the command is decided on version 2: the other officer records now."""
            for other in overtaking:
                other.start()
                other.join()
            return office.clock()

        with pytest.raises(Stale) as stale:
            step(replace(office.executor, clock=clock), case_id, 1)

        assert (stale.value.expected, stale.value.actual) == (1, 3)
