"""Files of a data set: CSV, JSON Lines, Parquet. The same pieces give the same bytes; nothing of the moment is in them."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from importlib.metadata import version
from types import MappingProxyType
from typing import Any, BinaryIO, Final

import orjson

from application.documents import inert
from application.records import EPOCH
from infrastructure.exports import arrow
from infrastructure.exports.columns import Column, Form
from infrastructure.exports.datasets import Cells
from infrastructure.exports.sources import Piece

Write = Callable[[BinaryIO, Sequence[Column], Iterable[Piece]], int]
"""Write pieces into a file and answer how many rows."""


def write_csv(file: BinaryIO, columns: Sequence[Column], pieces: Iterable[Piece]) -> int:
    """RFC 4180, UTF-8, with a header line; an empty cell is null."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer, tell, rows = csv.writer(text), _teller(columns, {Form.TEXT: inert, Form.TRUTH: _word}), 0
    writer.writerow([column.name for column in columns])
    for piece in pieces:
        writer.writerows(map(tell, piece.rows))
        rows += len(piece.rows)
    text.flush()
    text.detach()
    return rows


def write_jsonl(file: BinaryIO, columns: Sequence[Column], pieces: Iterable[Piece]) -> int:
    """One JSON object a line, its members in the order of the columns."""
    names, tell, rows = [column.name for column in columns], _teller(columns, {}), 0
    for piece in pieces:
        file.writelines(orjson.dumps(dict(zip(names, tell(row), strict=True))) + b"\n" for row in piece.rows)
        rows += len(piece.rows)
    return rows


def write_parquet(file: BinaryIO, columns: Sequence[Column], pieces: Iterable[Piece]) -> int:
    """Parquet, a row group per piece that has rows. Raises NoArrow without the extra."""
    pq, rows = arrow.library("pyarrow.parquet"), 0
    with pq.ParquetWriter(file, arrow.schema(columns), version="2.6", compression="zstd", compression_level=1) as writer:
        for piece in pieces:
            if len(piece.rows):
                table = arrow.table(columns, piece.rows) if isinstance(piece.rows, list) else piece.rows
                writer.write_table(table, row_group_size=len(table))
            rows += len(piece.rows)
    return rows


WRITERS: Final[Mapping[str, Write]] = MappingProxyType({"parquet": write_parquet, "csv": write_csv, "jsonl": write_jsonl})
"""The formats, by name, which is the end of a file's name too."""


def written_by(form: str) -> str | None:
    """The library whose version decides a file's bytes besides ours, None where it is the standard library."""
    return f"pyarrow/{version('pyarrow')}" if form == "parquet" else None


def _teller(columns: Sequence[Column], ways: Mapping[Form, Callable[[Any], Any]]) -> Callable[[Cells], list[Any]]:
    """The function from cells to what is written of them."""
    known: Mapping[Form, Callable[[Any], Any]] = {Form.TIME: rfc3339, **ways}
    steps = [known.get(column.form) for column in columns]

    def tell(cells: Cells) -> list[Any]:
        return [cell if cell is None or way is None else way(cell) for cell, way in zip(cells, steps, strict=True)]

    return tell


def _word(truth: bool) -> str:  # noqa: FBT001 - a cell
    return "true" if truth else "false"


def rfc3339(microseconds: int) -> str:
    """A time in UTC with six decimals always, so that text sorts as time does."""
    return (EPOCH + timedelta(microseconds=microseconds)).isoformat(timespec="microseconds")[:-6] + "Z"
