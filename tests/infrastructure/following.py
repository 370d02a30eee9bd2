"""Projectors at work in tests, what they leave in the tables, and what that must be."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
import sqlalchemy as sa

from application.heard import Reading
from application.histories import tell
from application.project import ReadModel, rows_after
from application.read_models import READ_MODELS
from application.records import Recorded
from infrastructure.projector import Projector
from infrastructure.schema import metadata
from tests.matters import HOUR, NOON, Office
from tests.recomputed import audit_row, case_row, timeline_row

Rows = dict[str, list[Any]]

PLAIN = ("cases", "timeline", "audit")
"""Read models with a recomputation of their own in ``tests.recomputed``; rows of the others may not be comparable."""

NOTHING: Rows = {model.name: [] for model in READ_MODELS}


def of_models(projector: Projector) -> list[Mapping[str, Any]]:
    """How far each read model has come; the reactions, which are shown beside them, left out."""
    return [status for status in projector.status() if status["name"] in NOTHING]


@contextmanager
def recording(engine: sa.Engine) -> Iterator[Office]:
    """An office that records until the block ends."""
    office = Office(engine)
    office.ledger.start()
    try:
        yield office
    finally:
        office.ledger.close()


@contextmanager
def under_load(office: Office, pause: float = 0.0) -> Iterator[None]:
    """Matters recorded all the time until the block ends, with a pause between them."""
    ended = threading.Event()

    def write() -> None:
        while not ended.wait(pause):
            office.record(2, 3)
            case_id = office.open_matter()
            office.step(case_id, NOON + 3 * HOUR)
            office.step(case_id, NOON + 2 * HOUR, "late")
            office.retract(case_id, 2, NOON + 4 * HOUR)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        ended.set()
        writer.join()


@contextmanager
def following(office: Office, **options: Any) -> Iterator[Projector]:
    """A projector at work."""
    projector = office.projector(**options)
    projector.start()
    try:
        yield projector
    finally:
        projector.stop()


def caught_up(office: Office, projector: Projector) -> bool:
    """Whether the projector includes all that is recorded, waiting for it."""
    return projector.wait_for(office.ledger.head().position, 30)


def stored(engine: sa.Engine, *, generation: int | None = None) -> Rows:
    """Every read model's rows, of each one's live generation unless one is named."""
    rows: Rows = {}
    with engine.connect() as connection:
        live = {row.name: row.generation for row in connection.execute(sa.select(metadata.tables["live_generations"]))}
        for model in READ_MODELS:
            table = metadata.tables[model.table_name]
            columns = [table.c[name] for name in model.row._fields]
            shown = live[model.name] if generation is None else generation
            query = sa.select(*columns).where(table.c.generation == shown)
            found = [model.row(*row) for row in connection.execute(query)]
            rows[model.name] = sorted(found) if model.name in PLAIN else sorted(found, key=repr)
    return rows


def recomputed(office: Office) -> Rows:
    """What the rows must be."""
    log = [row for row in office.ledger.read(0, 1_000_000) if row.kind in office.cases.catalogue.kinds]
    cases = [row for case_id in {row.case_id for row in log} if (row := case_row(office, case_id)) is not None]
    plain: Rows = {
        "cases": sorted(cases),
        "timeline": sorted(timeline_row(office, row) for row in log),
        "audit": sorted(audit_row(office, row) for row in log),
    }
    return {model.name: plain.get(model.name) or told(office, model, log) for model in READ_MODELS}


def told(office: Office, model: ReadModel[Any], log: Sequence[Recorded]) -> list[Any]:
    """The rows of any folded model, each case told from its beginning: no batches, no checkpoints, no memory."""
    reading = Reading(office.codec.event, orjson.loads)
    rows: list[Any] = []
    for case_id in {row.case_id for row in log}:
        history = office.ledger.load(case_id)
        kind = office.cases.kind_named(history[0].kind)
        if model.covers(kind) and not model.per_event:
            rows += rows_after(model, tell(office.cases, kind, history, reading), {}).values()
    return sorted(rows, key=repr)
