"""Read models followed by processes of their own: killed at random they end as a rebuild does; several share one file.

``CASETRAIL_TEST_SECONDS`` makes the long case longer than its few seconds.
"""

import asyncio
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infrastructure.wiring import Tools, open_tools
from tests.api.load import Crowd, check, check_rows, come_true, lag
from tests.api.processes import Running
from tests.api.server import Instance, create_instance
from tests.engines import Database
from tests.waiting import until

SECONDS = float(os.environ.get("CASETRAIL_TEST_SECONDS", "8"))
KILLS = 5

pytestmark = pytest.mark.timeout(SECONDS + 200)


async def kill_at_random(instance: Instance, crowd: Crowd, running: list[Running]) -> None:
    """Kill one of the projectors at a random moment, again and again, each time with a new one in its place."""
    chance = random.Random(KILLS)  # noqa: S311
    for _ in range(KILLS):
        reached = len(crowd.receipts) + chance.randrange(20, 120)
        await come_true(lambda: len(crowd.receipts) >= reached, "the log grows")  # noqa: B023 - awaited at once
        which = chance.randrange(len(running))
        await asyncio.to_thread(running[which].kill)
        running[which] = instance.program.start("projector")
        await come_true(lambda: "following" in running[which].said(), "it follows")  # noqa: B023 - awaited at once


def test_projections_killed_at_random_end_as_a_rebuild_from_nothing_does(instance: Instance) -> None:
    server = instance.program.serve(CASETRAIL_PROJECTIONS="false")
    running = [instance.program.start("projector") for _ in range(2)]
    crowd = Crowd(instance, [server.port])

    async def scenario() -> None:
        killing = asyncio.create_task(asyncio.wait_for(kill_at_random(instance, crowd, running), 120))
        await crowd.work(8, killing.done)
        await killing

    asyncio.run(scenario())
    with open_tools(instance.settings, instance.catalogue) as tools:
        check_rows(crowd, tools)
    check(crowd)


class CommandLine:
    """Somebody who keeps asking the command line, one command after the other."""

    ASKED = (("cases", "list", "--json"), ("projections", "list"), ("verify", "--json"))

    def __init__(self, instance: Instance) -> None:
        """Ask about an instance."""
        self._instance = instance
        self.codes: list[int | None] = []

    async def ask_until(self, crowd: Crowd) -> None:
        """Ask until the crowd has stopped."""
        while not crowd.stopped:
            running = self._instance.program.start(*self.ASKED[len(self.codes) % len(self.ASKED)])
            self.codes.append(await asyncio.to_thread(running.exit_code, 60))
            assert self.codes[-1] == 0, running.said()


@pytest.fixture
def shared(sqlite_database: Database, tmp_path: Path) -> Iterator[Instance]:
    """An instance on one SQLite file."""
    instance = create_instance(sqlite_database, tmp_path)
    yield instance
    instance.program.end()


def errors(running: Running) -> list[str]:
    """What a process logged as an error."""
    return [line for line in running.said().splitlines() if '"level":"error"' in line or '"level":"critical"' in line]


async def furthest_behind(tools: Tools, crowd: Crowd) -> int:
    """The most events by which a read model was seen to lag while the crowd worked."""
    most = [0]
    while not crowd.stopped:
        most.append(await asyncio.to_thread(lag, tools))
    return max(most)


def test_two_servers_a_projector_and_the_command_line_share_one_file(shared: Instance) -> None:
    servers = [shared.program.serve(CASETRAIL_PROJECTIONS="false") for _ in range(2)]
    projector = shared.program.start("projector")
    crowd, line = Crowd(shared, [server.port for server in servers]), CommandLine(shared)

    async def scenario(tools: Tools) -> tuple[int, float]:
        ends = time.monotonic() + SECONDS
        asking = asyncio.create_task(line.ask_until(crowd))
        looking = asyncio.create_task(furthest_behind(tools, crowd))
        await crowd.work(16, lambda: time.monotonic() > ends)
        ended = time.monotonic()
        await asyncio.to_thread(until, lambda: lag(tools) == 0, "the lag returns to zero")
        zero = time.monotonic() - ended
        await asking
        return await looking, zero

    with open_tools(shared.settings, shared.catalogue) as tools:
        most, zero = asyncio.run(scenario(tools))
    log = check(crowd)
    assert [errors(running) for running in (*servers, projector)] == [[], [], []]
    assert len(line.codes) >= 1
    print(  # noqa: T201
        f"{SECONDS:.0f} s: {len(log)} events, {len(crowd.receipts)} receipts, {len(line.codes)} command lines, "
        f"lag {most} events at most, zero {zero:.2f} s after the end"
    )
