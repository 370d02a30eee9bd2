"""The forms a list can be had in: JSON, CSV (RFC 4180), JSON Lines. Structure in all of them, prose in none."""

import csv
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.problems import Problem
from application.documents import inert

JSON, CSV, LINES = "application/json", "text/csv", "application/jsonl"
OTHER_NAMES = {"application/x-ndjson": LINES, "*/*": JSON, "application/*": JSON, "text/*": CSV}


@dataclass(frozen=True, slots=True)
class Table:
    """A list's columns, in the order a CSV file has them; a column that is no plain value is written as JSON."""

    columns: tuple[str, ...]


def negotiated(request: Request) -> str:
    """The media type of a list that the caller prefers. Raises Problem (406) if there is none."""
    return preferred(request, (JSON, CSV, LINES), "Lists come as JSON, CSV or JSON Lines")


def preferred(request: Request, forms: Collection[str], otherwise: str) -> str:
    """The media type among ``forms`` the caller prefers (RFC 9110, section 12.5.1). Raises Problem (406) for none."""
    offers: list[tuple[float, int, str]] = []
    for order, part in enumerate(request.headers.get("accept", "*/*").split(",")):
        name, _, parameters = part.strip().partition(";")
        form = OTHER_NAMES.get(name.strip().lower(), name.strip().lower())
        if form in forms and (weight := quality(parameters)) > 0:
            offers.append((-weight, order, form))
    if not offers:
        raise Problem(406, "not-acceptable", otherwise)
    return min(offers)[2]


def quality(parameters: str) -> float:
    """The weight of an Accept entry, 1 where none is given, 0 where it cannot be read."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0
    return 1


def rendered(request: Request, page: Mapping[str, Any], table: Table) -> Response:
    """A page in the form the caller prefers; where the form has no place for them, position and next page are headers."""
    form = negotiated(request)
    headers = {"cache-control": "no-store", "casetrail-position": str(page["position"]), "vary": "accept"}
    if page["next"] is not None:
        headers["link"] = f'<{page["next"]}>; rel="next"'
    if form == JSON:
        return Response(orjson.dumps(dict(page)), headers=headers, media_type=JSON)
    if form == LINES:
        return Response(b"".join(orjson.dumps(item) + b"\n" for item in page["items"]), headers=headers, media_type=LINES)
    return Response(as_csv(page["items"], table), headers=headers, media_type="text/csv; charset=utf-8; header=present")


def as_csv(items: list[dict[str, Any]], table: Table) -> str:
    """Items as CSV with a header line and CRLF ends."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(table.columns)
    for item in items:
        writer.writerow([cell(item.get(column)) for column in table.columns])
    return text.getvalue()


def cell(value: Any) -> str | int:
    """A value as a cell: nothing for null, true and false as words, structure as JSON."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int():
            return value
        case str():
            return inert(value)
        case _:
            return orjson.dumps(value).decode()
