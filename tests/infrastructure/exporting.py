"""Ledgers to export in tests, the same on both databases, and what was written of them."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import sqlalchemy as sa

from application.heard import Reading
from application.records import Append, Caller, Envelope
from domain.deadlines import DEFAULT_PROFILE
from domain.values import Precision, When
from infrastructure.backup import _copy
from infrastructure.database import open_engine
from infrastructure.exports.datasets import DATASETS
from infrastructure.exports.instances import Exports, libpq
from infrastructure.exports.manifest import Manifest, read_manifest
from tests.infrastructure.following import recording
from tests.matters import CATALOGUE, DAY, HOUR, MATTER, NOON, SUPERVISOR, MatterOpened, Office, StepTaken, said

LEDGER_ID = str(UUID(int=7))
ODD_UNITS = ("unit-1", "=cmd|' /C calc'!A0", "+1", "-1", "@x", "\tt", 'Zoll "Süd", A\\B', "line\nbreak", "\u2028😀", "")
ODD_MOMENTS = (
    datetime(3, 2, 1, 0, 0, 0, 7, tzinfo=UTC), datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), NOON,
    datetime(2026, 3, 2, 12, 0, 0, 500_000, tzinfo=UTC), datetime(9998, 12, 31, 23, 59, 59, tzinfo=UTC),
)  # fmt: skip


def moments() -> Iterator[When]:
    """Every shape a stated time has: exact, open at either end, with and without fractions, long ago."""
    for moment in ODD_MOMENTS:
        yield said(moment)["when"]
        yield When(moment, None, Precision.UNKNOWN, "UTC", None)
        yield When(None, moment, Precision.UNKNOWN, "UTC", None)
    yield When(None, None, Precision.UNKNOWN, "UTC", None)


def record_oddly(office: Office) -> None:
    """A case of each odd unit, with steps at every shape of time, past the executor."""
    for number, unit in enumerate(ODD_UNITS):
        opened = MatterOpened(**said(NOON), decided_by=SUPERVISOR.id, file_number=f"M-{number}", unit=unit)
        steps = [replace(StepTaken(**said(NOON), decided_by=SUPERVISOR.id, note="n"), when=when) for when in moments()]
        case_id, command_id = uuid4(), uuid4()
        envelope = Envelope(
            actor=Caller(SUPERVISOR.id, SUPERVISOR.role, unit, SUPERVISOR.agency), on_behalf_of=None, command="TakeStep",
            command_id=command_id.hex, correlation_id=None, causation=None, decided_at=ODD_MOMENTS[number % 5],
            profile=DEFAULT_PROFILE, handling="standard", software="tests",
        )  # fmt: skip
        drafts, keys = office.codec.drafts(case_id, 0, (opened, *steps), envelope)
        asked = Append(case_id, MATTER.name, 0, drafts, SUPERVISOR.id, command_id.bytes, bytes(32), keys=keys)
        office.ledger.append_now(asked)


def record_plainly(office: Office) -> list[UUID]:
    """Cases as officers record them: a correction, a retraction, a late entry, and a party between them."""
    cases = [office.open_matter() for _ in range(3)]
    for case_id in cases:
        office.step(case_id, NOON + HOUR, "slow step")
        office.register_party()
        office.step(case_id, NOON - 30 * DAY)
    office.correct(cases[0], 2, NOON + HOUR, {"note": "step"})
    office.retract(cases[1], 3, NOON + HOUR)
    return cases


def with_everything(url: str) -> str:
    """A ledger with a bit of everything; its URL."""
    engine = open_engine(url)
    with recording(engine) as office:
        record_plainly(office)
        record_oddly(office)
    engine.dispose()
    return url


def files(folder: Path) -> Iterator[Path]:
    """A drop's files of rows, in order."""
    manifest = read_manifest(folder / "manifest.json")
    assert manifest is not None
    return (folder / file.name for file in manifest.files)


@contextmanager
def exporting(url: str, *, piece: int = 10, chunk: int = 40) -> Iterator[Exports]:
    """A ledger opened for exporting, in small pieces unless others are asked for."""
    engine = open_engine(url)
    try:
        yield exports_of(engine, piece=piece, chunk=chunk)
    finally:
        engine.dispose()


def exports_of(engine: sa.Engine, *, piece: int = 10, chunk: int = 40) -> Exports:
    """The exports of a ledger of matters."""
    office = Office(engine)
    reading = Reading(office.codec.event, orjson.loads)
    return Exports(LEDGER_ID, office.ledger, CATALOGUE, office.cases, reading, libpq(engine), piece, chunk)


def export(url: str, dataset: str, folder: Path, form: str, since: int = 0, upto: int | None = None) -> Manifest:
    """Export a data set of a ledger, up to its head unless told otherwise."""
    with exporting(url) as exports:
        end = exports.head() if upto is None else upto
        return exports.drop(DATASETS[dataset], folder, form).make(since, end)


def copy(source: str, target: str) -> None:
    """The same ledger on another database."""
    engines = open_engine(source), open_engine(target)
    _copy(*engines, None)
    for engine in engines:
        engine.dispose()


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def many(engine: sa.Engine, cases: int, steps: int) -> None:
    """A ledger of many plain cases."""
    with recording(engine) as office:
        office.record(cases, steps)


@dataclass
class Killable:
    """An export in a process of its own."""

    url: str
    folder: Path
    form: str

    def __enter__(self) -> Any:
        """Start it."""
        context = multiprocessing.get_context("forkserver")
        self.process = context.Process(target=export, args=(self.url, "entries", self.folder, self.form))
        self.process.start()
        return self.process

    def __exit__(self, *_: object) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.join(30)
