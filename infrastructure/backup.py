"""Backup and restore: the ledger, its keys and the frozen reports in one folder, the same from SQLite and from PostgreSQL.

A backup is itself a SQLite ledger, copied row by row in position order under one snapshot, beside the key files and a
manifest with their hashes. It can be verified as it is, and restored onto either database. Read models are not in it: they
are rebuilt from the log. Where the reactions stand is: what they still owe can be told from nothing else. Webhooks are not:
a copy must not begin to tell others what the original tells them. Whoever holds a backup can read everything in it: keep it
as you keep the instance folder.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from infrastructure import instance, key_files
from infrastructure.clock import system_clock
from infrastructure.database import migrate, open_engine, open_unchanging, write_transaction
from infrastructure.ledger import SqlLedger
from infrastructure.reaction_marks import named
from infrastructure.schema import actors, checkpoints, claims, commands, events, frozen_reports, keys, parked
from infrastructure.settings import Settings

LEDGER_FILE = "ledger.db"
MANIFEST = instance.BACKUP_MANIFEST
KEY_FILES = (instance.INSTANCE_KEY, instance.SIGNING_KEY)
OF_REACTIONS = (checkpoints, parked)
"""Tables of which the reactions' rows are copied: the read models' tell of rows that are made anew."""

TABLES = (events, commands, claims, keys, actors, frozen_reports, *OF_REACTIONS)
PIECE = 2_000


class BackupRefused(Exception):
    """A backup cannot be made or restored there; the text says why, in one line."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: the ledger, its last position, the rows of each table, the hash of each file."""

    ledger_id: str
    position: int
    rows: dict[str, int]
    files: dict[str, str]
    software: str


Progress = Callable[[int, int], None]


def backup(settings: Settings, folder: Path, progress: Progress | None = None) -> Manifest:
    """Copy the instance into a new folder. It appears whole or not at all.

    Raises BackupRefused if the folder exists, NotReady where there is no instance.
    """
    if folder.exists():
        raise BackupRefused(f"{folder} exists already: a backup is never written over")
    instance.load_secrets(settings.instance)
    partial = folder.with_name(folder.name + ".partial")
    try:
        partial.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise BackupRefused(f"{partial} is of a backup that was broken off, or still runs: remove it if none runs") from None
    try:
        manifest = _write(settings, partial, progress)
        partial.replace(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return manifest


def _write(settings: Settings, folder: Path, progress: Progress | None) -> Manifest:
    source = open_engine(settings)
    try:
        url = f"sqlite:///{(folder / LEDGER_FILE).absolute()}"
        migrate(url)
        rows, ledger_id = _copy_all(source, url, progress)
    finally:
        source.dispose()
    for name in KEY_FILES:
        key_files.create(folder / name, key_files.load(settings.instance / name))
    files = {name: _hash(folder / name) for name in (LEDGER_FILE, *KEY_FILES)}
    manifest = Manifest(ledger_id, rows["events"], rows, files, instance.software())
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2) + "\n")
    return manifest


def restore(settings: Settings, folder: Path, progress: Progress | None = None) -> Manifest:
    """Make this instance what the backup holds. Raises BackupRefused for a damaged backup or an instance in use."""
    manifest = read_manifest(folder)
    for name in KEY_FILES:
        if (settings.instance / name).exists():
            raise BackupRefused(f"{settings.instance} already has {name}: restore into a new instance")
    settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    instance.bring_up_to_date(settings)
    target = open_engine(settings)
    source = open_unchanging(folder / LEDGER_FILE)
    try:
        with target.connect() as connection:
            if any(connection.execute(sa.select(sa.exists(sa.select(t)))).scalar() for t in TABLES):
                raise BackupRefused("the database is not empty: restore into a new one")
        _copy(source, target, progress)
    finally:
        source.dispose()
        target.dispose()
    for name in KEY_FILES:
        key_files.create(settings.instance / name, key_files.load(folder / name))
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """A backup's manifest, its files compared with it. Raises BackupRefused, naming the file that differs."""
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text()))
    except (OSError, ValueError, TypeError):
        raise BackupRefused(f"{folder} holds no backup") from None
    for name, expected in manifest.files.items():
        if not (folder / name).is_file() or _hash(folder / name) != expected:
            raise BackupRefused(f"{name} is not what the manifest says: the backup is damaged")
    return manifest


def _copy_all(source: sa.Engine, url: str, progress: Progress | None) -> tuple[dict[str, int], str]:
    target = open_engine(url)
    try:
        rows = _copy(source, target, progress)
        ledger_id = instance.find_ledger_id(SqlLedger(target, system_clock))
        with target.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        target.dispose()
    if ledger_id is None:
        raise BackupRefused("this ledger was never opened: there is nothing to back up")
    return rows, str(ledger_id)


def _copy(source: sa.Engine, target: sa.Engine, progress: Progress | None) -> dict[str, int]:
    counted: dict[str, int] = {}
    snapshot = source.execution_options(isolation_level="REPEATABLE READ") if source.dialect.name == "postgresql" else source
    with snapshot.connect() as reading:
        total = reading.execute(sa.select(sa.func.count()).select_from(events)).scalar_one()
        for table in TABLES:
            if not _known(reading, table):
                continue
            counted[table.name] = 0
            for piece in _pieces(reading, table):
                with write_transaction(target) as writing:
                    writing.execute(table.insert(), piece)
                counted[table.name] += len(piece)
                if progress is not None and table is events:
                    progress(counted[table.name], total)
    return counted


def _pieces(reading: sa.Connection, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    query = sa.select(table).order_by(*table.primary_key.columns)
    if table in OF_REACTIONS:
        query = query.where(table.c.name.startswith(named(""), autoescape=True))
    # Unless it is told to send rows by and by, PostgreSQL's driver has the whole table in memory before the first row.
    rows = reading.execute(query.execution_options(yield_per=PIECE)).mappings()
    for piece in rows.partitions():
        yield [dict(row) for row in piece]


def _known(reading: sa.Connection, table: sa.Table) -> bool:
    """Whether there is such a table with these columns: not in a backup from before they were there."""
    inspector = sa.inspect(reading)
    return inspector.has_table(table.name) and {c["name"] for c in inspector.get_columns(table.name)} >= set(table.c.keys())


def _hash(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
