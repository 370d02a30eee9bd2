"""Projectors at work in tests, what they leave in the tables, and what that must be."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from application.read_models import READ_MODELS
from infrastructure.projector import Projector
from infrastructure.schema import metadata
from tests.matters import Office
from tests.recomputed import audit_row, case_row, timeline_row

Rows = dict[str, list[Any]]


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
            rows[model.name] = sorted(model.row(*row) for row in connection.execute(query))
    return rows


def recomputed(office: Office) -> Rows:
    """What the rows must be."""
    log = [row for row in office.ledger.read(0, 1_000_000) if row.kind in office.cases.catalogue.kinds]
    cases = [row for case_id in {row.case_id for row in log} if (row := case_row(office, case_id)) is not None]
    return {
        "cases": sorted(cases),
        "timeline": sorted(timeline_row(office, row) for row in log),
        "audit": sorted(audit_row(office, row) for row in log),
    }
