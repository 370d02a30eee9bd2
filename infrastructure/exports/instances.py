"""Exports of an instance: its ledger opened for reading, and each data set with the source its rows come from."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import orjson
import sqlalchemy as sa

from application.cases import Cases
from application.heard import Reading
from application.past import Past
from domain.catalogue import Catalogue
from infrastructure import instance
from infrastructure.clock import system_clock
from infrastructure.database import engine_of
from infrastructure.event_store import CaseStreams
from infrastructure.exports import arrow
from infrastructure.exports.datasets import Dataset
from infrastructure.exports.drop import CHUNK, Drop, Origin
from infrastructure.exports.sources import PIECE, LedgerRows, PastRows, Source
from infrastructure.key_store import SqlKeys
from infrastructure.ledger import SqlLedger
from infrastructure.sealing import Vault
from infrastructure.settings import Settings
from infrastructure.wiring import law_of


@dataclass(frozen=True, slots=True)
class Exports:
    """What can be exported of one ledger."""

    ledger_id: str
    ledger: SqlLedger
    catalogue: Catalogue
    cases: Cases
    reading: Reading
    postgres: str | None
    """The application's libpq URL where the ledger is on PostgreSQL."""
    piece: int = PIECE
    chunk: int = CHUNK

    def drop(self, dataset: Dataset, folder: Path, form: str) -> Drop:
        """A folder to export into. Raises NoArrow for Parquet without its libraries."""
        if form == "parquet":
            arrow.library("pyarrow.parquet")
        source = partial(self._source, dataset, form)
        return Drop(folder, Origin(dataset, source, self.ledger_id, self.leaf_hash, instance.software()), form, self.chunk)

    def leaf_hash(self, position: int) -> str:
        """The leaf hash at a position, hex; empty for 0."""
        found = self.ledger.read(position - 1, 1) if position else []
        return found[0].leaf_hash.hex() if found else ""

    def head(self) -> int:
        """The last position recorded."""
        return self.ledger.head().position

    def _source(self, dataset: Dataset, form: str, as_of: int) -> Source:
        if not dataset.by_event:
            return PastRows(dataset, Past(self.cases, self.reading), as_of, self.piece)
        if self.postgres is not None and form == "parquet":
            return arrow.PostgresEvents(dataset, self.postgres, self.catalogue, self.piece)
        return LedgerRows(dataset, self.ledger, self.reading, self.catalogue, self.piece)


@contextmanager
def open_exports(settings: Settings, catalogue: Catalogue) -> Iterator[Exports]:
    """An instance opened for exporting until the block ends. Raises NotReady with what to do."""
    secrets = instance.require_ready(settings)
    with engine_of(settings) as engine:
        ledger = SqlLedger(engine, system_clock)
        codec = instance.codec(catalogue, Vault(secrets.instance_key, SqlKeys(engine)))
        cases = Cases(catalogue, ledger, CaseStreams(ledger, codec), codec, law_of(settings, catalogue))
        reading = Reading(codec.event, orjson.loads)
        yield Exports(str(instance.ledger_id_of(ledger)), ledger, catalogue, cases, reading, libpq(engine))


def libpq(engine: sa.Engine) -> str | None:
    """The address of an engine's database as libpq takes it, password included; None on SQLite."""
    if engine.dialect.name != "postgresql":
        return None
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
