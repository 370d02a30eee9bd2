"""``casetrail export``: what it prints, what it leaves in the folder, and the one line it gives when it cannot."""

import json
from itertools import product
from pathlib import Path

import pytest

from infrastructure.exports.datasets import DATASETS
from tests.api.server import Instance, create_instance
from tests.api.terminal import Terminal
from tests.engines import Database


@pytest.fixture
def terminal(instance: Instance) -> Terminal:
    """Somebody who keeps an instance with some cases, on each engine."""
    with instance.served() as site:
        officer = site.caller("o-1")
        for _ in range(2):
            officer.register_party()
    return Terminal(instance.program.environment)


def test_every_data_set_is_exported_in_every_format(terminal: Terminal, tmp_path: Path) -> None:
    head = terminal.type("verify", "--json").value["events"]
    for dataset, form in product(DATASETS, ("parquet", "csv", "jsonl")):
        folder = tmp_path / dataset / form
        told = terminal.type("export", dataset, "--out", folder, "--format", form, "--json").value
        manifest = json.loads((folder / "manifest.json").read_bytes())
        assert (told["dataset"], told["since"], told["upto"], told["rows"]) == (dataset, 0, head, manifest["rows"])
        assert told["ledger_id"] == manifest["ledger_id"]
        assert [(folder / file["name"]).stat().st_size for file in manifest["files"]] == [f["bytes"] for f in manifest["files"]]
    asked = ("export", "entries", "--out", tmp_path / "drop", "--format", "jsonl", "--since-last", "--json")
    assert terminal.type(*asked).value["files"] == 1
    assert terminal.type(*asked).value["files"] == 1


def test_what_cannot_be_exported_is_one_line(sqlite_database: Database, tmp_path: Path) -> None:
    terminal = Terminal(create_instance(sqlite_database, tmp_path).program.environment)
    out = ("--out", tmp_path / "drop")
    assert "there is no data set persons" in terminal.type("export", "persons", *out).complaint
    assert "there is no format xlsx" in terminal.type("export", "cases", *out, "--format", "xlsx").complaint
    assert "positions go from 0 to 1" in terminal.type("export", "entries", *out, "--upto", 2).complaint
    beyond = terminal.type("export", "entries", *out, "--since", 200).complaint
    assert beyond == "--since: nothing comes after it: the last position is 1"
    assert "no other beginning" in terminal.type("export", "cases", *out, "--since", 1).complaint
    assert not (tmp_path / "drop").exists()
    assert terminal.type("export", "entries", *out, "--upto", 0).code == 0
    assert "holds positions 0 to 0" in terminal.type("export", "entries", *out).complaint
    assert terminal.type("export", "cases", "--out", tmp_path / "cases", "--upto", 0).code == 0
    assert terminal.type("export", "cases", "--out", tmp_path / "cases").complaint.endswith(
        "holds cases as of position 0: name another folder"
    )
    assert "another export" in terminal.type("export", "audit", *out).complaint
