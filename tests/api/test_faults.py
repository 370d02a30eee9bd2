"""Whatever is killed, cut off or told to end: no receipt is lost, no command counts twice, and nobody waits for ever."""

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infrastructure.wiring import open_tools
from tests.api.load import Crowd, check, check_rows, come_true, log_of, terminate_backends
from tests.api.processes import Serving, listens
from tests.api.server import Instance, create_instance
from tests.engines import Database, Server, crash, embedded_server

pytestmark = pytest.mark.timeout(300)

CLIENTS = 32


@contextmanager
def created(database: Database, folder: Path) -> Iterator[Instance]:
    """An instance on a database of the test's choice."""
    instance = create_instance(database, folder)
    try:
        yield instance
    finally:
        instance.program.end()


def after(crowd: Crowd, receipts: int, act: Callable[[], object]) -> Callable[[], bool]:
    """A condition that never holds and, once that many receipts were given, acts."""
    acted: list[object] = []

    def condition() -> bool:
        if not acted and len(crowd.receipts) >= receipts:
            acted.append(act())
        return False

    return condition


async def work_and(crowd: Crowd, receipts: int, act: Callable[[], object]) -> None:
    """Work until the server is gone, which ``act`` sees to after so many receipts."""
    await crowd.work(CLIENTS, after(crowd, receipts, act))


def again(instance: Instance, crowd: Crowd, server: Serving) -> int:
    """Start the server anew where it was, and retry what was not answered."""
    instance.program.serve(server.port)
    return asyncio.run(crowd.retry())


def test_a_killed_server_loses_no_receipt(instance: Instance) -> None:
    server = instance.program.serve()
    crowd = Crowd(instance, [server.port])
    asyncio.run(work_and(crowd, 600, server.kill))
    answered, unanswered = len(crowd.receipts), len(crowd.unanswered)
    assert answered >= 600
    assert 0 < unanswered <= CLIENTS
    recorded = len(log_of(instance.settings.application_url())) - 1
    assert answered <= recorded <= answered + unanswered
    assert again(instance, crowd, server) == unanswered
    check(crowd)
    print(f"{answered} receipts; of {unanswered} unanswered {recorded - answered} were recorded; all retried")  # noqa: T201


def test_a_server_told_to_end_answers_what_it_took_and_ends(instance: Instance) -> None:
    server = instance.program.serve()
    crowd = Crowd(instance, [server.port])
    told: list[float] = []

    def tell() -> None:
        told.append(time.monotonic())
        server.terminate()

    asyncio.run(work_and(crowd, 600, tell))
    assert server.exit_code(20 - (time.monotonic() - told[0])) == 0, server.said()
    took = time.monotonic() - told[0]
    assert not listens(server.port)
    recorded = {event.command_id for event in log_of(instance.settings.application_url()) if event.kind != "ledger"}
    assert recorded == {sent.command_id for sent in crowd.sent if sent.receipt}, "all it recorded was answered"
    unanswered = len(crowd.unanswered)
    assert again(instance, crowd, server) == unanswered
    check(crowd)
    print(f"ended {took:.2f} s after it was told, {unanswered} unanswered and retried")  # noqa: T201


def test_clients_that_hang_up_hold_up_nobody(instance: Instance) -> None:
    server = instance.program.serve()
    crowd = Crowd(instance, [server.port])

    async def scenario() -> None:
        leaving = [asyncio.create_task(crowd.leave_midway(50, random.Random(seed))) for seed in range(4)]  # noqa: S311
        await crowd.work(CLIENTS // 2, lambda: all(task.done() for task in leaving) and len(crowd.receipts) >= 300)
        await asyncio.gather(*leaving)
        assert len(crowd.unanswered) == 200
        await crowd.retry()

    asyncio.run(scenario())
    check(crowd)
    server.terminate()
    assert server.exit_code(20) == 0


def test_a_restart_of_postgresql_in_mid_batch_loses_no_receipt(tmp_path: Path) -> None:
    with embedded_server() as embedded:
        server = Server(embedded.get_uri())
        with server.database() as database, created(database, tmp_path) as instance:
            endure(instance, lambda: crash(embedded), times=2)


def test_connections_cut_by_postgresql_lose_no_receipt(
    postgresql_server: Server, postgresql_database: Database, tmp_path: Path
) -> None:
    cut = terminate_backends(postgresql_database.url)
    with created(postgresql_database, tmp_path) as instance:
        endure(instance, lambda: postgresql_server.execute(cut), times=5)


def endure(instance: Instance, break_it: Callable[[], object], times: int) -> None:
    """Break the database several times under load; clients that are told to come back come back."""
    port = instance.program.serve().port
    crowd = Crowd(instance, [port], patient=True)

    async def scenario() -> None:
        working = asyncio.create_task(crowd.work(CLIENTS, lambda: len(crowd.receipts) >= 300 * (times + 1)))
        for time_ in range(1, times + 1):
            reached = 300 * time_
            await come_true(lambda: len(crowd.receipts) >= reached or working.done(), "the log grows")  # noqa: B023
            await asyncio.to_thread(break_it)
        await working

    asyncio.run(scenario())
    assert not crowd.unanswered, crowd.unexpected
    check(crowd)
    with open_tools(instance.settings, instance.catalogue) as tools:
        check_rows(crowd, tools)
