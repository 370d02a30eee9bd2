"""A backup made while the server records, restored onto either database, is the same ledger: events, keys, id, receipts."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.catalogue import discover
from domain.dossier.acts import AddAddendum, DescribePerson
from infrastructure.instance import load_secrets
from infrastructure.settings import Settings
from tests.api.load import Crowd, come_true, log_of
from tests.api.processes import Program
from tests.api.server import Instance, Site, block, create_instance
from tests.api.terminal import Terminal, Told
from tests.engines import Database, Server
from tests.scenario import HOUR, NOON

pytestmark = pytest.mark.timeout(200)


@dataclass(frozen=True)
class Kept:
    """One case recorded before the backup: its last command, the key it was sent with, its receipt; and a frozen report."""

    case_id: UUID
    person: UUID
    remark: AddAddendum
    key: str
    receipt: dict[str, Any]
    frozen: bytes


FROZEN = "/v1/reports/cases/frozen/2026-10"


def record_a_case(site: Site) -> Kept:
    """A detention of a person whose age is on record, a remark, and a report frozen."""
    officer = site.caller("o-1")
    person = officer.register_party()
    case_id = officer.open_detention(person).id
    officer.record(case_id, DescribePerson(**block(NOON + HOUR), party=person, age=27, name="Jane Roe"))
    remark, key = AddAddendum(**block(NOON + HOUR), text="Calm"), uuid4().hex
    receipt = officer.give(case_id, remark, 2, key).json()
    terminal = Terminal(site.instance.program.environment)
    assert terminal.type("reports", "freeze", "--month", "2026-10", "--as-of", receipt["position"]).code == 0
    return Kept(case_id, person, remark, key, receipt, site.caller("a-1").get(FROZEN).content)


def back_up_under_load(instance: Instance, folder: Path) -> tuple[Kept, dict[str, Any], Crowd]:
    """Serve, record, and have ``casetrail backup`` run while clients go on recording."""
    process = instance.program.serve()
    site = Site(instance, process.address)
    kept = record_a_case(site)
    site.close()
    crowd = Crowd(instance, [process.port])
    done: list[dict[str, Any]] = []

    async def back_up() -> None:
        await come_true(lambda: len(crowd.receipts) >= 100, "the log grows")
        running = instance.program.start("backup", str(folder), "--json")
        assert await asyncio.to_thread(running.exit_code, 60) == 0, running.said()
        done.append(json.loads(running.said()))

    async def scenario() -> None:
        backing_up = asyncio.create_task(back_up())
        await crowd.work(8, backing_up.done)
        await backing_up

    asyncio.run(scenario())
    process.terminate()
    assert process.exit_code(20) == 0
    return kept, done[0], crowd


@contextmanager
def restored(folder: Path, database: Database, place: Path) -> Iterator[tuple[Terminal, Instance, Told]]:
    """A backup restored onto a database, beside what the command said."""
    settings = Settings(instance=place, database_url=database.url, owner_database_url=database.owner_url, agency="agency")
    environment = {"CASETRAIL_INSTANCE": str(place), "CASETRAIL_DATABASE_URL": database.url}
    terminal = Terminal(environment | {"CASETRAIL_OWNER_DATABASE_URL": database.owner_url})
    told = terminal.type("restore", folder, "--json")
    assert told.code == 0, told.err
    yield terminal, Instance(settings, discover(), load_secrets(place), Program(environment, place)), told


def same_ledger(source: Instance, folder: Path, database: Database, kept: Kept) -> None:
    """A restored backup verifies, holds the source's events up to its position, and goes on where it was."""
    with restored(folder, database, folder.parent / database.dialect) as (terminal, instance, told):
        position, manifest = told.value["position"], json.loads((folder / "manifest.json").read_text())
        assert (position, told.value["ledger_id"]) == (manifest["position"], manifest["ledger_id"])
        assert terminal.type("verify", "--json").value == {"events": position, "ledger": "holds"}
        assert log_of(database.url) == log_of(source.settings.application_url())[:position]
        assert terminal.type("init", "--json").value["ledger_id"] == manifest["ledger_id"]
        with instance.served() as site:
            officer = site.caller("o-1")
            person = officer.get(f"/v1/cases/{kept.case_id}").json()["persons"][str(kept.person)]
            assert (person["age"], person["name"]) == (27, "Jane Roe")
            assert officer.give(kept.case_id, kept.remark, 2, kept.key).json() == kept.receipt
            assert site.caller("a-1").get(FROZEN).content == kept.frozen
            officer.record(kept.case_id, kept.remark)
            officer.follow(position + 1)
            listed = officer.get("/v1/cases", file_number="INV 2", limit=500).json()
            assert listed["position"] == position + 1
        assert terminal.type("verify", "--json").value == {"events": position + 1, "ledger": "holds"}


@pytest.fixture
def targets(postgresql_server: Server, tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    """Where a backup goes: a SQLite file that is not there yet, and an empty PostgreSQL database."""
    url = f"sqlite:///{tmp_path / 'restored.db'}"
    with postgresql_server.empty_database() as database:
        yield Database("sqlite", url, url), database


def test_a_backup_made_while_serving_is_the_same_ledger_on_either_database(
    instance: Instance, targets: tuple[Database, Database], tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    kept, told, crowd = back_up_under_load(instance, folder)
    assert (crowd.overdue, crowd.unexpected, crowd.unanswered) == (0, [], [])
    head = len(log_of(instance.settings.application_url()))
    assert kept.receipt["position"] < told["position"] <= head
    assert told["ledger_id"] == kept.receipt["ledger_id"]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in folder.iterdir()) == ["instance.key", "issuer.pem", "ledger.db", "manifest.json"]
    for database in targets:
        same_ledger(instance, folder, database, kept)
    print(f"backup at position {told['position']} of {head}")  # noqa: T201


@pytest.fixture
def backed_up(sqlite_database: Database, tmp_path: Path) -> tuple[Terminal, Path]:
    """A small instance's keeper, and its backup."""
    terminal = Terminal(create_instance(sqlite_database, tmp_path).program.environment)
    folder = tmp_path / "backup"
    assert terminal.type("backup", folder).code == 0
    return terminal, folder


def test_a_backup_is_never_written_over_nor_restored_over_an_instance(backed_up: tuple[Terminal, Path]) -> None:
    terminal, folder = backed_up
    assert "exists already" in terminal.type("backup", folder).complaint
    assert "restore into a new instance" in terminal.type("restore", folder).complaint
    elsewhere = {"CASETRAIL_INSTANCE": str(folder.parent / "elsewhere")}
    assert "the database is not empty" in terminal.type("restore", folder, **elsewhere).complaint


def test_a_backup_is_never_migrated(backed_up: tuple[Terminal, Path]) -> None:
    terminal, folder = backed_up
    before = (folder / "ledger.db").read_bytes()
    for asked in (["migrate"], ["init"]):
        here = {"CASETRAIL_INSTANCE": str(folder), "CASETRAIL_DATABASE_URL": f"sqlite:///{folder / 'ledger.db'}"}
        assert "a changed one is never restored" in terminal.type(*asked, **here).complaint
    assert (folder / "ledger.db").read_bytes() == before


def test_a_backup_that_cannot_be_made_leaves_nothing_and_can_be_made_again(backed_up: tuple[Terminal, Path]) -> None:
    terminal, folder = backed_up
    again, partial = folder.parent / "again", folder.parent / "again.partial"
    assert "run casetrail init" in terminal.type("backup", again, CASETRAIL_INSTANCE=str(folder.parent / "typo")).complaint
    closed = {"CASETRAIL_DATABASE_URL": f"sqlite:///{folder.parent / 'nowhere' / 'ledger.db'}"}
    assert "the database does not answer" in terminal.type("backup", again, **closed).complaint
    assert (again.exists(), partial.exists()) == (False, False)
    partial.mkdir()
    assert "remove it" in terminal.type("backup", again).complaint
    partial.rmdir()
    assert terminal.type("backup", again).code == 0


@pytest.mark.parametrize("name", ["kept", "100% of #1?"])
def test_a_restore_writes_nothing_into_the_backup(backed_up: tuple[Terminal, Path], tmp_path: Path, name: str) -> None:
    """As from a medium that cannot be written. No mode keeps root from writing: hence the folder's time is compared."""
    terminal, folder = backed_up
    folder = folder.rename(tmp_path / name)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    folder.chmod(0o500)
    before = folder.stat().st_mtime_ns
    new = {"CASETRAIL_INSTANCE": str(tmp_path / "new"), "CASETRAIL_DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}"}
    told = terminal.type("restore", folder, **new)
    assert told.code == 0, told.err
    assert folder.stat().st_mtime_ns == before
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files
    folder.chmod(0o700)


def damage(path: Path) -> None:
    """Change one byte in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_damaged_backup_is_refused_and_leaves_nothing(backed_up: tuple[Terminal, Path], tmp_path: Path) -> None:
    terminal, folder = backed_up
    new = {"CASETRAIL_INSTANCE": str(tmp_path / "new"), "CASETRAIL_DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}"}
    for name in ("ledger.db", "instance.key", "issuer.pem"):
        copy = tmp_path / f"damaged-{name}"
        shutil.copytree(folder, copy)
        damage(copy / name)
        assert terminal.type("restore", copy, **new).complaint == f"{name} is not what the manifest says: the backup is damaged"
        (copy / name).unlink()
        assert name in terminal.type("restore", copy, **new).complaint
    (folder / "manifest.json").write_text("{}")
    assert terminal.type("restore", folder, **new).complaint == f"{folder} holds no backup"
    assert "holds no backup" in terminal.type("restore", tmp_path / "nowhere", **new).complaint
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "new.db").exists()
