"""Catching up: the timeline read model from the beginning of the log, against the library's ``ProjectionRunner``."""

import time
from pathlib import Path

from eventsourcing.projection import ProjectionRunner

from application.read_models.timeline import TIMELINE
from infrastructure.clock import system_clock
from infrastructure.generations import Generations
from infrastructure.projector import BATCH, Runner, Sources
from scripts.benchmarks.databases import Databases, scratch
from scripts.benchmarks.library import Detentions, PostgresTimeline, Progress, SqliteTimeline, Timeline, environment
from scripts.benchmarks.recording import Office, office
from scripts.benchmarks.rounds import Ratio, alternate, show
from tests.engines import Database
from tests.waiting import until

CASES = 200
EVENTS = 40
ROUNDS = 5
SECONDS = 2.0
LEAST = 15.0

OURS, LIBRARY = "casetrail: timeline", "library: ProjectionRunner"


def run(databases: Databases, dialect: str) -> bool:
    """Measure on one database; whether the ratio is reached."""
    with databases.fresh(dialect) as database, scratch() as folder, office(database, folder / "instance") as ours:
        ids = ours.record(CASES, EVENTS)
        library = Detentions(env=environment(database, folder))
        library.take_over([ours.world.ledger.load(case_id) for case_id in ids])
        library.close()
        rounds = alternate(ROUNDS, {OURS: lambda: caught_up(ours), LIBRARY: lambda: followed(database, folder)})
        return show(rounds, [Ratio(OURS, LIBRARY, LEAST)], "events/s")


def caught_up(ours: Office) -> float:
    """Events per second while a new generation of the timeline is filled."""
    world = ours.world
    generations = Generations(ours.engine, system_clock)
    generations.enroll([TIMELINE])
    follower = generations.begin(TIMELINE)
    sources = Sources(world.ledger, ours.catalogue, world.executor.codec, world.executor.cases)
    runner = Runner(ours.engine, sources, [TIMELINE], system_clock, BATCH)
    try:
        started = time.perf_counter()
        done = 0
        while count := runner.step([follower]):
            done += count
        return done / (time.perf_counter() - started)
    finally:
        runner.close()


def followed(database: Database, folder: Path) -> float:
    """Events per second of the library's runner from the first event on, for a while."""
    view_class = SqliteTimeline if database.dialect == "sqlite" else PostgresTimeline
    progress = Timeline.progress = Progress()
    with ProjectionRunner(
        application_class=Detentions, projection_class=Timeline, view_class=view_class, env=environment(database, folder)
    ) as runner:
        until(lambda: 0 < progress.began < time.perf_counter() - SECONDS or progress.done == CASES * EVENTS, "the library")
        rate = progress.done / (time.perf_counter() - progress.began)
    runner.view.clear()
    return rate
