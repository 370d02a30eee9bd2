"""What is in a Parquet drop. Apart from the rest, since an export can do without the library that reads it."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq  # type: ignore[import-untyped]

from application.records import microseconds
from infrastructure.exports.columns import Form
from infrastructure.exports.datasets import DATASETS
from infrastructure.exports.manifest import read_manifest


def rows_of(folder: Path, dataset: str) -> list[dict[str, Any]]:
    """A Parquet drop's rows: times in microseconds."""
    rows: list[dict[str, Any]] = []
    manifest = read_manifest(folder / "manifest.json")
    assert manifest is not None
    for file in manifest.files:
        rows += pq.read_table(folder / file.name).to_pylist()
    times = [column.name for column in DATASETS[dataset].view.columns if column.form is Form.TIME]
    return [row | {name: row[name] and microseconds(row[name]) for name in times} for row in rows]
