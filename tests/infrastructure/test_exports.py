"""Drops of files out of the ledger: the same range gives the same bytes, and an interrupted export leaves nothing half."""

import csv
import json
import subprocess
import sys
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pandas as pd  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

from application.records import microseconds
from infrastructure.database import open_engine
from infrastructure.exports.columns import Form
from infrastructure.exports.datasets import DATASETS
from infrastructure.exports.files import WRITERS
from tests.engines import Database
from tests.infrastructure.exporting import (
    LEDGER_ID,
    ODD_UNITS,
    contents,
    copy,
    export,
    exporting,
    files,
    record_plainly,
    with_everything,
)
from tests.infrastructure.following import recording
from tests.infrastructure.parquet import rows_of
from tests.matters import NOON, Office
from tests.recomputed import audit_row, case_row, timeline_row

each_dataset = pytest.mark.parametrize("dataset", DATASETS)
each_form = pytest.mark.parametrize("form", WRITERS)


@pytest.fixture
def url(sqlite_database: Database) -> str:
    """A ledger on SQLite with a bit of everything."""
    return with_everything(sqlite_database.url)


@pytest.fixture
def postgresql_url(url: str, postgresql_database: Database) -> str:
    """The same ledger on PostgreSQL."""
    copy(url, postgresql_database.url)
    return postgresql_database.url


# --- What is in a drop ----------------------------------------------------------------------------------------


@each_form
@each_dataset
def test_both_databases_give_the_same_bytes(url: str, postgresql_url: str, dataset: str, form: str, tmp_path: Path) -> None:
    for folder, ledger in (("one", url), ("two", postgresql_url), ("again", postgresql_url)):
        assert export(ledger, dataset, tmp_path / folder, form).files
    one = contents(tmp_path / "one")
    assert len(one) >= 4
    assert contents(tmp_path / "two") == one
    assert contents(tmp_path / "again") == one


def test_entries_and_audit_are_what_was_recorded(postgresql_url: str, tmp_path: Path) -> None:
    engine = open_engine(postgresql_url)
    office = Office(engine)
    log = [row for row in office.ledger.read(0, 10_000) if row.kind == "matter"]
    told = [timeline_row(office, row)._asdict() | audit_row(office, row)._asdict() for row in log]
    engine.dispose()
    for dataset in ("entries", "audit"):
        names = [column.name for column in DATASETS[dataset].view.columns]
        export(postgresql_url, dataset, tmp_path / dataset, "parquet")
        expected = [{name: row[name] for name in names} | {"case_id": str(row["case_id"])} for row in told]
        assert rows_of(tmp_path / dataset, dataset) == expected
    assert {row["late"] for row in told} == {True, False}
    assert {row["target"] for row in told} > {2, None}


def test_cases_are_as_of_the_position_asked_for(database: Database, tmp_path: Path) -> None:
    engine = open_engine(database.url)
    with recording(engine) as office:
        first = record_plainly(office)
        early = office.ledger.head().position
        then = {str(case_id): case_row(office, case_id) for case_id in first}
        export(database.url, "cases", tmp_path / "then", "parquet")
        office.step(first[0], NOON)
        office.open_matter()
        export(database.url, "cases", tmp_path / "later", "parquet", upto=early)
        export(database.url, "cases", tmp_path / "now", "parquet")
    engine.dispose()
    assert contents(tmp_path / "later") == contents(tmp_path / "then")
    rows = {row["case_id"]: row for row in rows_of(tmp_path / "then", "cases")}
    assert rows.keys() == then.keys()
    for case_id, row in then.items():
        assert row is not None
        for name in ("stage", "unit", "version", "late", "changed_at", "corrected", "opened_position"):
            assert rows[case_id][name] == getattr(row, name)
    assert len(rows_of(tmp_path / "now", "cases")) == 4


@each_dataset
def test_forms_agree(url: str, dataset: str, tmp_path: Path) -> None:
    for form in WRITERS:
        export(url, dataset, tmp_path / form, form)
    rows = rows_of(tmp_path / "parquet", dataset)
    lines = [orjson.loads(line) for name in files(tmp_path / "jsonl") for line in name.read_bytes().splitlines()]
    times = {column.name for column in DATASETS[dataset].view.columns if column.form is Form.TIME}
    assert [
        {name: microseconds(datetime.fromisoformat(v)) if v and name in times else v for name, v in line.items()}
        for line in lines
    ] == rows
    cells: list[dict[str, Any]] = []
    for path in files(tmp_path / "csv"):
        with path.open(newline="", encoding="utf-8") as file:
            cells += list(csv.DictReader(file))
    words = {True: "true", False: "false", None: ""}
    plain = [{name: words.get(v, str(v)) if v in (None, True, False) else str(v) for name, v in r.items()} for r in lines]
    assert len(cells) == len(plain)
    assert [c["case_id"] for c in cells] == [p["case_id"] for p in plain]


def test_no_cell_is_a_formula_to_a_spreadsheet(url: str, tmp_path: Path) -> None:
    export(url, "entries", tmp_path, "csv")
    units: set[str] = set()
    for path in files(tmp_path):
        with path.open(newline="", encoding="utf-8") as file:
            units |= {row["unit"] for row in csv.DictReader(file)}
    assert units == {f"'{unit}" if unit[:1] in tuple("=+-@\t") and unit else unit for unit in ODD_UNITS}


def test_duckdb_and_pandas_read_a_drop(postgresql_url: str, tmp_path: Path) -> None:
    export(postgresql_url, "entries", tmp_path, "parquet")
    rows = rows_of(tmp_path, "entries")
    names = ", ".join(f"'{path}'" for path in files(tmp_path))
    counted: Any = duckdb.sql(
        f"SELECT count(*), sum(position), count(latest), min(epoch_us(earliest)), bool_or(late) FROM read_parquet([{names}])"
    )
    (told,) = counted.fetchall()
    assert told == (
        len(rows),
        sum(row["position"] for row in rows),
        sum(row["latest"] is not None for row in rows),
        min(row["earliest"] for row in rows if row["earliest"] is not None),
        True,
    )
    frame = pd.concat([pd.read_parquet(path) for path in files(tmp_path)])
    assert list(frame.columns) == [column.name for column in DATASETS["entries"].view.columns]
    assert frame["unit"].tolist() == [row["unit"] for row in rows]
    assert int(frame["recorded_at"].max().timestamp()) == max(row["recorded_at"] for row in rows) // 1_000_000


def test_a_drop_names_nobody(url: str, tmp_path: Path) -> None:
    export(url, "audit", tmp_path, "jsonl")
    export(url, "cases", tmp_path / "cases", "jsonl")
    with exporting(url) as exports:
        parties = {str(row.case_id) for row in exports.ledger.read(0, 10_000) if row.kind == "party"}
    text = b"".join([*contents(tmp_path / "cases").values(), *(path.read_bytes() for path in files(tmp_path))]).decode()
    assert len(parties) == 3
    for hidden in (*parties, "s-1", '"M-', '"P-', "note", "file_number"):
        assert hidden not in text


# --- Manifest and dictionary ----------------------------------------------------------------------------------


@each_form
def test_the_manifest_tells_what_there_is(url: str, form: str, tmp_path: Path) -> None:
    export(url, "entries", tmp_path, form)
    told = json.loads((tmp_path / "manifest.json").read_bytes())
    with exporting(url) as exports:
        log = exports.ledger.read(0, 10_000)
    assert (told["ledger_id"], told["since"], told["upto"]) == (LEDGER_ID, 0, len(log))
    assert told["leaf_hash"] == log[-1].leaf_hash.hex()
    assert told["rows"] == sum(row.kind == "matter" for row in log)
    assert [file["since"] for file in told["files"]] == list(range(0, len(log), 40))
    assert [file["upto"] for file in told["files"]] == [*range(40, len(log), 40), len(log)]
    for file in told["files"]:
        content = (tmp_path / file["name"]).read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(content), sha256(content).hexdigest())
    assert told["software"].startswith("casetrail/")
    assert ("pyarrow/" in told["software"]) == (form == "parquet")


@each_dataset
def test_the_dictionary_describes_every_column_and_file(url: str, dataset: str, tmp_path: Path) -> None:
    manifest = export(url, dataset, tmp_path, "parquet")
    schema = json.loads((tmp_path / "schema.json").read_bytes())
    package = json.loads((tmp_path / "datapackage.json").read_bytes())
    stored = pq.read_schema(tmp_path / manifest.files[0].name)
    types = {"int64": "integer", "string": "string", "bool": "boolean", "timestamp[us, tz=UTC]": "datetime"}
    assert [(f["name"], f["type"], f["constraints"]["required"]) for f in schema["fields"]] == [
        (field.name, types[str(field.type)], not field.nullable) for field in stored
    ]
    assert all(len(field["description"]) > 10 for field in schema["fields"])
    assert set(schema.get("primaryKey", ())) <= set(stored.names)
    assert [(r["path"], r["bytes"], r["hash"], r["schema"]) for r in package["resources"]] == [
        (file.name, file.bytes, f"sha256:{file.sha256}", "schema.json") for file in manifest.files
    ]
    assert manifest.schema_sha256 == sha256((tmp_path / "schema.json").read_bytes()).hexdigest()


WITHOUT_ARROW = """
import sys
from pathlib import Path
sys.modules["pyarrow"] = None
from infrastructure.exports.arrow import NoArrow
from tests.infrastructure.exporting import export
for form in ("csv", "jsonl"):
    assert export(sys.argv[1], "entries", Path(sys.argv[2]) / form, form).files
try:
    export(sys.argv[1], "entries", Path(sys.argv[2]) / "parquet", "parquet")
except NoArrow as missing:
    print(missing)
"""


def test_without_the_extra_only_parquet_is_missing(url: str, tmp_path: Path) -> None:
    program = [sys.executable, "-c", WITHOUT_ARROW, url, str(tmp_path)]
    said = subprocess.run(program, capture_output=True, text=True, check=True).stdout
    assert said.startswith("Parquet needs the extra 'reporting'")
    assert len(said.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["csv", "jsonl"]
