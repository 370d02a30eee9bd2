"""Exports into a folder again, further, interrupted, and beside what stands there already."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from infrastructure.database import migrate, open_engine
from infrastructure.exports.datasets import DATASETS
from infrastructure.exports.drop import Drop
from infrastructure.exports.files import WRITERS
from infrastructure.exports.manifest import ExportRefused, File, read_manifest
from tests.engines import Database
from tests.infrastructure.exporting import (
    Killable,
    contents,
    copy,
    export,
    exporting,
    exports_of,
    files,
    many,
    record_oddly,
    record_plainly,
    with_everything,
)
from tests.infrastructure.following import recording
from tests.infrastructure.parquet import rows_of
from tests.waiting import until

each_form = pytest.mark.parametrize("form", WRITERS)


@pytest.fixture
def url(sqlite_database: Database) -> str:
    """A ledger on SQLite with a bit of everything."""
    return with_everything(sqlite_database.url)


@each_form
def test_again_changes_nothing_and_damage_is_made_good(url: str, form: str, tmp_path: Path) -> None:
    manifest = export(url, "entries", tmp_path, form)
    whole, written = contents(tmp_path), {path: path.stat().st_mtime_ns for path in files(tmp_path)}
    assert export(url, "entries", tmp_path, form) == manifest
    assert {path: path.stat().st_mtime_ns for path in files(tmp_path)} == written
    (tmp_path / manifest.files[0].name).write_bytes(b"damaged")
    (tmp_path / manifest.files[1].name).unlink()
    export(url, "entries", tmp_path, form)
    assert contents(tmp_path) == whole


@pytest.mark.parametrize("since", [0, 7])
def test_a_drop_goes_on_where_it_ends(database: Database, since: int, tmp_path: Path) -> None:
    engine = open_engine(database.url)
    with recording(engine) as office:
        record_plainly(office)
        first = export(database.url, "entries", tmp_path / "parts", "parquet", since=since)
        drop = exports_of(engine).drop(DATASETS["entries"], tmp_path / "parts", "parquet")
        assert drop.extend(first.upto) == first
        record_oddly(office)
        head = office.ledger.head().position
        second = drop.extend(head)
    assert second.files[: len(first.files)] == first.files
    assert (second.since, second.upto) == (since, head)
    export(database.url, "entries", tmp_path / "whole", "parquet", since=since)
    assert rows_of(tmp_path / "parts", "entries") == rows_of(tmp_path / "whole", "entries")
    with pytest.raises(ExportRefused, match="holds positions up to"):
        drop.extend(first.upto)
    engine.dispose()


def test_a_drop_that_grew_keeps_its_files_and_damage_is_made_good(url: str, tmp_path: Path) -> None:
    folder = tmp_path / "drop"
    with exporting(url) as exports:
        drop = exports.drop(DATASETS["entries"], folder, "csv")
        drop.make(0, 50)
        grown = drop.extend(100)
        whole = contents(folder)
        assert drop.make(0, 100) == grown
        assert contents(folder) == whole
        (folder / grown.files[0].name).unlink()
        (folder / grown.files[1].name).write_bytes(b"damaged")
        assert drop.extend(100) == grown
    assert contents(folder) == whole


def test_no_two_files_of_the_same_positions_stand_side_by_side(url: str, tmp_path: Path) -> None:
    left = tmp_path / "entries-000000000040-000000000060.csv"
    seen: list[bool] = []
    with exporting(url) as exports:
        drop = exports.drop(DATASETS["entries"], tmp_path, "csv")
        drop.make(0, 40)
        left.write_bytes(b"of an export that was interrupted before its manifest")
        drop.extend(90, lambda *_: seen.append(left.exists()))
    assert len(seen) > 2
    assert not any(seen)


def test_a_first_export_may_go_on_from_nothing(url: str, tmp_path: Path) -> None:
    with exporting(url) as exports:
        exports.drop(DATASETS["audit"], tmp_path / "a", "csv").extend(exports.head())
    export(url, "audit", tmp_path / "b", "csv")
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_an_empty_range_is_a_file_without_rows(url: str, tmp_path: Path) -> None:
    manifest = export(url, "entries", tmp_path, "parquet", upto=0)
    assert [file.rows for file in manifest.files] == [0]
    assert rows_of(tmp_path, "entries") == []


def test_a_folder_with_another_export_is_left_alone(url: str, tmp_path: Path) -> None:
    export(url, "entries", tmp_path, "csv", upto=50)
    before = contents(tmp_path)
    with exporting(url) as exports:
        drop = exports.drop(DATASETS["entries"], tmp_path, "csv")
        other_ledger = replace(drop, origin=replace(drop.origin, ledger_id="another"))
        others: list[tuple[Callable[[], object], str]] = [
            (lambda: drop.make(0, 60), "holds positions 0 to 50"),
            (lambda: exports.drop(DATASETS["audit"], tmp_path, "csv").make(0, 50), r"another export \(entries, csv\)"),
            (lambda: exports.drop(DATASETS["entries"], tmp_path, "jsonl").extend(60), "another export"),
            (lambda: other_ledger.extend(60), "another export"),
            (lambda: exports.drop(DATASETS["cases"], tmp_path, "csv").extend(60), "nothing to continue"),
        ]
        for attempt, complaint in others:
            with pytest.raises(ExportRefused, match=complaint):
                attempt()
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(ExportRefused, match="no manifest"):
        export(url, "entries", tmp_path, "csv", upto=50)
    (tmp_path / "manifest.json").write_bytes(before["manifest.json"])
    assert contents(tmp_path) == before


def test_a_ledger_that_was_restored_and_went_on_differently_is_told_from_the_one_in_the_folder(
    sqlite_database: Database, tmp_path: Path
) -> None:
    restored = f"sqlite:///{tmp_path / 'restored.db'}"
    migrate(restored)
    engine, other = open_engine(sqlite_database.url), open_engine(restored)
    with recording(engine) as office:
        record_plainly(office)
        copy(sqlite_database.url, restored)
        office.open_matter()
        head = office.ledger.head().position
    export(sqlite_database.url, "entries", tmp_path / "drop", "csv")
    before = contents(tmp_path / "drop")
    drop = exports_of(other).drop(DATASETS["entries"], tmp_path / "drop", "csv")
    with recording(other) as office:
        with pytest.raises(ExportRefused, match=f"positions up to {head} of another history"):
            drop.extend(head - 1)
        office.open_matter()
        for attempt in (drop.extend, lambda upto: drop.make(0, upto)):
            with pytest.raises(ExportRefused, match=f"positions up to {head} of another history"):
                attempt(head)
    assert contents(tmp_path / "drop") == before
    engine.dispose()
    other.dispose()


def test_one_program_at_a_time_exports_into_a_folder(url: str, tmp_path: Path) -> None:
    with exporting(url) as exports:
        drop: Drop = exports.drop(DATASETS["entries"], tmp_path, "csv")
        with drop._locked(), pytest.raises(ExportRefused, match="another program exports"):
            drop.make(0, 5)
        assert drop.make(0, 5).files


def test_an_export_killed_at_any_moment_is_completed_by_the_next(database: Database, tmp_path: Path) -> None:
    form = "csv" if database.dialect == "sqlite" else "parquet"
    engine = open_engine(database.url)
    many(engine, 25, 79)
    engine.dispose()
    folder = tmp_path / "killed"
    reached = 0
    for _ in range(2):
        with Killable(database.url, folder, form) as process:
            until(lambda reached=reached: not process.is_alive() or len(finished(folder)) > reached + 5, "files")  # type: ignore[misc]
        noted = finished(folder)
        assert len(noted) >= reached
        reached = len(noted)
        assert all(file.holds(folder) for file in noted)
        assert not (folder / "manifest.json").exists()
    written = {file.name: (folder / file.name).stat().st_mtime_ns for file in finished(folder)}
    (folder / f"entries-000000009960-000000010000.{form}").write_bytes(b"of a range no longer asked for")
    export(database.url, "entries", folder, form)
    assert {name: (folder / name).stat().st_mtime_ns for name in written} == written
    export(database.url, "entries", tmp_path / "whole", form)
    assert contents(folder) == contents(tmp_path / "whole")


def finished(folder: Path) -> tuple[File, ...]:
    """The files an export under way has noted as finished."""
    progress = read_manifest(folder / "progress.json")
    return () if progress is None else progress.files
