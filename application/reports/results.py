"""A report's answer and its bytes: what was counted, as of when, by which definition, so that it can be made again."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from application.documents import plain
from application.reports.declaration import Column, Measured, Report
from application.reports.tabulate import Table


@dataclass(frozen=True, slots=True)
class Stamp:
    """What makes a report reproducible: the position it is complete to, that position's receipt time, the rest asked for.

    ``minimum`` is the fewest cases a row may rest on, None if all are shown.
    """

    position: int
    known_at: datetime
    true_at: datetime | None
    parameters: Mapping[str, str]
    minimum: int | None


@dataclass(frozen=True, slots=True)
class Result:
    """A report as it was at a stamp."""

    report: Report
    stamp: Stamp
    table: Table
    rows: tuple[tuple[Measured, ...], ...]

    @property
    def sha256(self) -> str:
        """The SHA-256 of the rows as JSON Lines: whoever has those can check it."""
        return sha256(self.lines()).hexdigest()

    @property
    def items(self) -> list[dict[str, Measured]]:
        """The rows as mappings."""
        names = [column.name for column in self.report.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]

    def lines(self) -> bytes:
        """The rows as JSON Lines, keys in column order."""
        return b"".join(as_json(item) + b"\n" for item in self.items)

    def document(self) -> bytes:
        """The whole answer as JSON. The same report at the same stamp is the same bytes, for ever."""
        report, stamp = self.report, self.stamp
        return as_json(
            {
                **described(report),
                "position": stamp.position,
                "known_at": plain(stamp.known_at),
                "true_at": plain(stamp.true_at),
                "profiles": list(self.table.profiles),
                "parameters": dict(stamp.parameters),
                "suppression": self.suppression,
                "synthetic_cases": self.table.synthetic_cases,
                "row_count": len(self.rows),
                "sha256": self.sha256,
                "rows": self.items,
            }
        )

    @property
    def suppression(self) -> dict[str, int] | None:
        """The fewest cases a row may rest on, and how many rows of the whole table are suppressed; None if all is shown."""
        if self.table.minimum is None:
            return None
        return {"minimum": self.table.minimum, "rows": sum(line.hidden for line in self.table.lines)}


def described(report: Report) -> dict[str, Any]:
    """A report's declaration as JSON values."""
    return {
        "name": report.name,
        "version": report.version,
        "definition": report.definition,
        "columns": [asdict(column) for column in report.columns],
        "totals": [list(names) for names in report.totals],
    }


def as_json(value: object) -> bytes:
    """JSON in UTF-8 without spaces, keys as they come."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def rows_of(table: Table, wanted: Mapping[int, str]) -> tuple[tuple[Measured, ...], ...]:
    """The rows of a table whose dimensions, by place, have the values wanted."""
    return tuple(line.values for line in table.lines if all(line.cell[place] == value for place, value in wanted.items()))


def changed_rows(
    dimensions: Sequence[Column], before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The rows that differ: the dimensions, and what the measures were and are; None where there was or is no such row."""
    names = [column.name for column in dimensions]
    first, second = ({tuple(row[name] for name in names): row for row in rows} for rows in (before, after))
    keys = [*second, *(key for key in first if key not in second)]
    return [
        dict(zip(names, key, strict=True)) | {"from": _measures(first.get(key), names), "to": _measures(second.get(key), names)}
        for key in keys
        if first.get(key) != second.get(key)
    ]


def _measures(row: Mapping[str, Any] | None, dimensions: Sequence[str]) -> dict[str, Any] | None:
    return None if row is None else {name: value for name, value in row.items() if name not in dimensions}
