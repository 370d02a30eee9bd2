"""The forms a report can be had in: JSON, CSV, JSON Lines, and Parquet where the extra ``reporting`` is installed."""

import importlib
import importlib.util
import io
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.negotiation import CSV, JSON, LINES, Table, as_csv, preferred
from api.problems import Problem
from application.documents import plain
from application.reports.declaration import Column
from application.reports.results import Result, described

PARQUET: Final = "application/vnd.apache.parquet"
FORMS: Final = (JSON, CSV, LINES, PARQUET)


def form_of(request: Request) -> str:
    """The media type the caller prefers among ours. Raises Problem (406) for none of them, or Parquet without its extra."""
    form = preferred(request, FORMS, "Reports come as JSON, CSV, JSON Lines or Parquet")
    if form == PARQUET and importlib.util.find_spec("pyarrow") is None:
        raise Problem(406, "not-acceptable", "Parquet is not installed here: it is the extra `reporting`")
    return form


def answer(result: Result, form: str, software: str) -> Response:
    """A report in a form; what has no place in the form is in the headers."""
    headers = stamped(result, software)
    if form == JSON:
        return Response(result.document(), headers=headers, media_type=JSON)
    if form == LINES:
        return Response(result.lines(), headers=headers, media_type=LINES)
    if form == PARQUET:
        return Response(as_parquet(result), headers=headers, media_type=PARQUET)
    columns = Table(tuple(column.name for column in result.report.columns))
    return Response(as_csv(result.items, columns), headers=headers, media_type="text/csv; charset=utf-8; header=present")


def stamped(result: Result, software: str) -> dict[str, str]:
    """The headers that say what a report is."""
    return {
        "cache-control": "no-store",
        "vary": "accept",
        "casetrail-report": f"{result.report.name}; version={result.report.version}",
        "casetrail-definition": result.report.definition,
        "casetrail-position": str(result.stamp.position),
        "casetrail-known-at": plain(result.stamp.known_at),
        "casetrail-rows": str(len(result.rows)),
        "casetrail-sha256": result.sha256,
        "casetrail-software": software,
    }


def as_parquet(result: Result) -> bytes:
    """A report as a Parquet file with its definition and stamp in the schema's metadata; a decimal is text, as in JSON."""
    arrow: Any = importlib.import_module("pyarrow")
    parquet: Any = importlib.import_module("pyarrow.parquet")
    types = {"text": arrow.string(), "decimal": arrow.string(), "integer": arrow.int64(), "number": arrow.float64()}
    about = {"position": result.stamp.position, "sha256": result.sha256, "synthetic_cases": result.table.synthetic_cases}
    schema = arrow.schema(
        [arrow.field(c.name, types[c.type], metadata=meaning(c)) for c in result.report.columns],
        metadata={"casetrail": orjson.dumps(described(result.report) | about)},
    )
    held = io.BytesIO()
    parquet.write_table(arrow.Table.from_pylist(result.items, schema=schema), held)
    return held.getvalue()


def meaning(column: Column) -> dict[str, str]:
    """What a column means, as a field's metadata."""
    return {"meaning": column.meaning} | ({} if column.unit is None else {"unit": column.unit})
