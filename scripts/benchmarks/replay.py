"""Replay: a case of 100 events loaded and folded, against the library's ``Repository.get`` of the same content."""

import time
from collections.abc import Callable, Sequence
from itertools import cycle
from uuid import UUID

from scripts.benchmarks.databases import Databases, scratch
from scripts.benchmarks.library import Detentions, environment
from scripts.benchmarks.recording import office
from scripts.benchmarks.rounds import Ratio, alternate, show

CASES = 40
EVENTS = 100
ROUNDS = 7
SECONDS = 1.0
LEAST = 3.0

OURS, LIBRARY = "casetrail: Cases.load", "library: Repository.get"


def run(databases: Databases, dialect: str) -> bool:
    """Measure on one database; whether the ratio is reached."""
    with databases.fresh(dialect) as database, scratch() as folder, office(database, folder / "instance") as ours:
        ids = ours.record(CASES, EVENTS)
        library = Detentions(env=environment(database, folder))
        try:
            theirs = library.take_over([ours.world.ledger.load(case_id) for case_id in ids])
            load, get = ours.world.executor.cases.load, library.repository.get
            assert load(ids[0]).version == EVENTS == get(theirs[0]).version
            rounds = alternate(ROUNDS, {OURS: lambda: rate(load, ids), LIBRARY: lambda: rate(get, theirs)})
            return show(rounds, [Ratio(OURS, LIBRARY, LEAST)], "cases/s")
        finally:
            library.close()


def rate(replay: Callable[[UUID], object], ids: Sequence[UUID]) -> float:
    """Cases per second, one after the other."""
    started = time.perf_counter()
    for done, case_id in enumerate(cycle(ids), start=1):
        replay(case_id)
        spent = time.perf_counter() - started
        if spent >= SECONDS:
            return done / spent
    raise AssertionError
