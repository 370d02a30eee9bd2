"""Catching up: the timeline read model from the beginning of the log, against the library's ``ProjectionRunner``."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from eventsourcing.persistence import Tracking
from eventsourcing.projection import ProjectionRunner

from application.read_models.timeline import TIMELINE
from infrastructure.clock import system_clock
from infrastructure.generations import Generations
from infrastructure.projector import BATCH
from infrastructure.runner import Runner, Sources
from scripts.benchmarks.databases import Databases, scratch
from scripts.benchmarks.library import PlainDetentions, PostgresTimeline, Progress, SqliteTimeline, Timeline, environment
from scripts.benchmarks.recording import Office, office
from scripts.benchmarks.rounds import Ratio, alternate, show
from tests.engines import Database
from tests.waiting import until

CASES = 200
EVENTS = 40
ROUNDS = 5
SECONDS = 2.0
LEAST = 20.0

PAGE = 500

OURS, LIBRARY, PULLED = "casetrail: timeline", "library: ProjectionRunner", "library: projection fed page by page"


def run(databases: Databases, dialect: str) -> bool:
    """Measure on one database; whether the ratio is reached."""
    with databases.fresh(dialect) as database, scratch() as folder, office(database, folder / "instance") as ours:
        ids = ours.record(CASES, EVENTS)
        library = PlainDetentions(env=environment(database, folder))
        library.take_over(ours.world.executor.cases, ids)
        library.close()
        theirs, library_rate, least = (PULLED, pulled, None) if dialect == "sqlite" else (LIBRARY, followed, LEAST)
        rounds = alternate(ROUNDS, {OURS: partial(caught_up, ours), theirs: partial(library_rate, database, folder)})
        return show(rounds, [Ratio(OURS, theirs, least)], "events/s")


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
    progress = Timeline.progress = Progress()
    runner = ProjectionRunner(
        application_class=PlainDetentions, projection_class=Timeline, view_class=PostgresTimeline,
        env=environment(database, folder),
    )  # fmt: skip
    with runner:
        until(lambda: progress.lasted > SECONDS or progress.done == CASES * EVENTS, "the library's runner")
        rate = progress.rate()
    view: Any = runner.view
    view.clear()
    return rate


def pulled(database: Database, folder: Path) -> float:
    """The same on SQLite, where the library has no subscription: its recorder is asked for pages, as its runner would."""
    progress = Timeline.progress = Progress()
    library = PlainDetentions(env=environment(database, folder))
    view: Any = library.factory.tracking_recorder(SqliteTimeline)
    projection = Timeline(view)
    try:
        for domain_event, tracking in pages(library):
            projection.process_event(domain_event, tracking)
            if progress.lasted > SECONDS:
                break
        rate = progress.rate()
        view.clear()
        return rate
    finally:
        library.close()


def pages(library: PlainDetentions) -> Iterator[tuple[Any, Tracking]]:
    """Every event of the library's application in order, with its place."""
    start = 1
    while found := library.recorder.select_notifications(start, PAGE):
        for notification in found:
            yield library.mapper.to_domain_event(notification), Tracking(library.name, notification.id)
        start = found[-1].id + 1
