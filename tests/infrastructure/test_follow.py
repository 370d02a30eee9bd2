"""Several processes append, roll back and are killed, while one follows: it sees every event once, in order, no gap.

``CASETRAIL_TEST_SECONDS`` makes the two long cases longer than their few seconds each.
"""

import multiprocessing
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from uuid import UUID

import pytest

from application.records import Recorded
from infrastructure.clock import system_clock
from infrastructure.database import open_engine
from infrastructure.ledger import SqlLedger
from infrastructure.verification import verify
from tests.engines import Database
from tests.infrastructure.hammer import command, run
from tests.waiting import until

SECONDS = float(os.environ.get("CASETRAIL_TEST_SECONDS", "4"))


class Hammers:
    """Appending processes, replaced by new ones when they are killed; what they say goes to one file each.

    They are forked from a server that has loaded the program, and hold nothing in common that one could take with it
    when it is killed.
    """

    def __init__(self, url: str, number: int, folder: Path, seed: int) -> None:
        self._url = url
        self._folder = folder
        self._seed = seed
        self._chance = random.Random(seed)  # noqa: S311
        self._started = 0
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload([run.__module__])
        self.killed = 0
        self._running = [self._start() for _ in range(number)]

    def _start(self) -> tuple[ForkServerProcess, Connection]:
        self._started += 1
        theirs, ours = self._processes.Pipe(duplex=False)
        path = self._folder / f"hammer-{self._started}.txt"
        hammer = self._processes.Process(target=run, args=(self._url, self._seed * 1000 + self._started, path, theirs))
        hammer.start()
        theirs.close()
        return hammer, ours

    def kill_one(self) -> None:
        """End one with SIGKILL, in the middle of whatever it does, and start another."""
        which = self._chance.randrange(len(self._running))
        self._kill(*self._running[which])
        self.killed += 1
        self._running[which] = self._start()

    @staticmethod
    def _kill(hammer: ForkServerProcess, pipe: Connection) -> None:
        hammer.kill()
        hammer.join()
        hammer.close()
        pipe.close()

    def stop(self) -> None:
        """Let all of them finish what they have begun."""
        for _, pipe in self._running:
            pipe.close()
        for hammer, _ in self._running:
            hammer.join(60)
        assert [hammer.exitcode for hammer, _ in self._running] == [0] * len(self._running)

    def end(self) -> None:
        """Leave none behind."""
        for hammer, pipe in self._running:
            self._kill(hammer, pipe)

    def said(self) -> Iterator[list[str]]:
        """All whole lines so far, in words."""
        for path in sorted(self._folder.glob("hammer-*.txt")):
            for line in path.read_text().splitlines(keepends=True):
                if line.endswith("\n"):
                    yield line.split()

    def tried(self) -> set[bytes]:
        """The commands that were begun."""
        return {bytes.fromhex(words[1]) for words in self.said() if words[0] == "try"}

    def acknowledged(self) -> dict[bytes, tuple[int, bytes]]:
        """Position and leaf hash in each receipt, by command."""
        said = (words for words in self.said() if words[0] == "ack")
        return {bytes.fromhex(words[1]): (int(words[2]), bytes.fromhex(words[3])) for words in said}


@contextmanager
def hammers(url: str, number: int, folder: Path, seed: int) -> Iterator[Hammers]:
    """Appending processes, of which none is left at the end."""
    crowd = Hammers(url, number, folder, seed)
    try:
        until(lambda: bool(crowd.acknowledged()), "the first receipt")
        yield crowd
    finally:
        crowd.end()


@contextmanager
def opened(database: Database) -> Iterator[SqlLedger]:
    """A ledger of this process on the same database."""
    engine = open_engine(database.url)
    ledger = SqlLedger(engine, system_clock)
    ledger.start()
    yield ledger
    ledger.close()
    engine.dispose()


def follow(ledger: SqlLedger, seen: list[Recorded]) -> int:
    """Read on from what was seen; answer how much was new."""
    new = ledger.read(len(seen), 500)
    assert [event.position for event in new] == list(range(len(seen) + 1, len(seen) + len(new) + 1))
    seen += new
    return len(new)


def retry_unanswered(ledger: SqlLedger, crowd: Hammers) -> int:
    """Send again whatever was tried and not answered, under the same command ids; answer how many those are."""
    unanswered = crowd.tried() - set(crowd.acknowledged())
    for command_id in sorted(unanswered):
        ledger.append_now(command(command_id))
    return len(unanswered)


def check(ledger: SqlLedger, crowd: Hammers, seen: list[Recorded]) -> None:
    """Every receipt is in the log with its leaf hash; every command is there exactly once."""
    by_position = {event.position: event for event in seen}
    for command_id, (position, leaf_hash) in crowd.acknowledged().items():
        assert by_position[position].command_id == command_id
        assert by_position[position].leaf_hash == leaf_hash
    recorded = [(event.case_id, event.version) for event in seen]
    expected = {
        (UUID(bytes=command_id), version)
        for command_id in crowd.tried()
        for version in range(1, len(command(command_id).drafts) + 1)
    }
    assert len(recorded) == len(set(recorded))
    assert set(recorded) == expected
    assert verify(ledger).ok


@pytest.mark.timeout(SECONDS + 180)
@pytest.mark.parametrize(("dialect", "processes"), [("sqlite", 4), ("postgresql", 8)])
def test_a_follower_sees_every_event_once_in_order_without_a_gap(
    request: pytest.FixtureRequest, tmp_path: Path, dialect: str, processes: int
) -> None:
    database: Database = request.getfixturevalue(f"{dialect}_database")
    seen: list[Recorded] = []
    with opened(database) as ledger, hammers(database.url, processes, tmp_path, seed=len(dialect)) as crowd:
        ends = time.monotonic() + SECONDS
        next_kill = time.monotonic() + 1.0
        while time.monotonic() < ends:
            follow(ledger, seen)
            if time.monotonic() > next_kill:
                crowd.kill_one()
                next_kill += 1.0
        crowd.stop()
        retried = retry_unanswered(ledger, crowd)
        while follow(ledger, seen):
            pass
        check(ledger, crowd, seen)
        print(  # noqa: T201
            f"{dialect}: {processes} processes, {crowd.killed} killed, {len(seen)} events followed, "
            f"{len(crowd.acknowledged())} receipts, {retried} commands retried"
        )
    assert crowd.killed > 0
