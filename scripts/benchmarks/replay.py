"""Replay: a case of 100 events loaded and folded, against the library's ``Repository.get`` of the same content."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import cycle
from typing import Any
from uuid import UUID

from scripts.benchmarks.databases import Databases, scratch
from scripts.benchmarks.library import PlainDetentions, TypedDetentions, environment
from scripts.benchmarks.recording import office
from scripts.benchmarks.rounds import Ratio, alternate, show

CASES = 40
EVENTS = 100
ROUNDS = 21
SECONDS = 0.3
LEAST = 3.0

OURS, TYPED, PLAIN = "casetrail: Cases.load", "library: Repository.get, typed events", "library: Repository.get, plain JSON"


def run(databases: Databases, dialect: str) -> bool:
    """Measure on one database; whether the ratio is reached."""
    with ExitStack() as stack:
        database, folder = stack.enter_context(databases.fresh(dialect)), stack.enter_context(scratch())
        ours = stack.enter_context(office(database, folder / "instance"))
        ids = ours.record(CASES, EVENTS)
        cases = ours.world.executor.cases
        measures = {OURS: partial(rate, cases.load, ids)}
        for name, application in ((TYPED, TypedDetentions), (PLAIN, PlainDetentions)):
            library = application(env=environment(database, folder))
            stack.callback(library.close)
            theirs = library.take_over(cases, ids)
            get: Callable[[UUID], Any] = library.repository.get
            require_same_length(cases.load(ids[0]).version, get(theirs[0]).version)
            measures[name] = partial(rate, get, theirs)
        rounds = alternate(ROUNDS, measures)
        return show(rounds, [Ratio(OURS, TYPED, LEAST), Ratio(OURS, PLAIN)], "cases/s")


def require_same_length(*versions: int) -> None:
    """Refuse to compare cases of which one has fewer events."""
    if set(versions) != {EVENTS}:
        raise SystemExit(f"the cases have {versions} events, not {EVENTS}")


def rate(replay: Callable[[UUID], object], ids: Sequence[UUID]) -> float:
    """Cases per second, one after the other."""
    started = time.perf_counter()
    done, turns = 0, cycle(ids)
    while (spent := time.perf_counter() - started) < SECONDS:
        replay(next(turns))
        done += 1
    return done / spent
