"""Several processes that follow one ledger and are killed at random: nothing is applied twice, nothing is skipped.

``CASETRAIL_TEST_SECONDS`` makes each case longer than its few seconds.
"""

import os
import random
import time
from multiprocessing.process import BaseProcess

import pytest

from application.read_models import READ_MODELS
from infrastructure.comparing import compare
from infrastructure.database import open_engine
from tests.api.processes import PROCESSES, follow
from tests.engines import Database
from tests.infrastructure.following import recomputed, recording, stored, under_load
from tests.matters import Office
from tests.waiting import until

SECONDS = float(os.environ.get("CASETRAIL_TEST_SECONDS", "5"))

pytestmark = pytest.mark.timeout(2 * SECONDS + 200)


def start(database: Database) -> BaseProcess:
    """A process that follows, in small batches."""
    process = PROCESSES.Process(target=follow, args=(database.url, 20), daemon=True)
    process.start()
    return process


def kill(process: BaseProcess) -> None:
    """End it as a power cut would."""
    process.kill()
    process.join(30)


def behind(office: Office) -> int:
    """The events by which the slowest model lags."""
    return max(int(status["lag_events"]) for status in office.projector().status())


@pytest.mark.parametrize("runners", [2, 4])
def test_runners_killed_at_random_apply_every_event_once(database: Database, runners: int) -> None:
    chance = random.Random(runners)  # noqa: S311
    running = [start(database) for _ in range(runners)]
    engine = open_engine(database.url)
    kills = 0
    try:
        with recording(engine) as office:
            ends = time.monotonic() + SECONDS
            with under_load(office, pause=0.02):
                while time.monotonic() < ends:
                    reached = office.ledger.head().position + chance.randrange(50, 300)
                    until(lambda wanted=reached: office.ledger.head().position >= wanted, "the log grows")  # type: ignore[misc]
                    which = chance.randrange(runners)
                    kill(running[which])
                    kills += 1
                    running[which] = start(database)
            until(lambda: behind(office) == 0, "the lag returns to zero", patience=60)
            found = [compare(office.projector().upkeep, model.name) for model in READ_MODELS]
            head = office.ledger.head().position
            assert [(each.holds, each.events) for each in found] == [(True, head)] * len(READ_MODELS)
            assert stored(engine) == recomputed(office)
        assert kills >= 1
        print(f"{runners} runners, {kills} kills, {head} events")  # noqa: T201
    finally:
        for process in running:
            kill(process)
        engine.dispose()
