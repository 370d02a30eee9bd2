"""The data dictionary beside each drop: Frictionless Table Schema and Data Package (https://datapackage.org), plain JSON."""

from collections.abc import Sequence
from typing import Any, Final

from infrastructure.exports.columns import Column, Form
from infrastructure.exports.views import View

MEDIA_TYPES: Final = {"parquet": "application/vnd.apache.parquet", "csv": "text/csv", "jsonl": "application/jsonl"}


def table_schema(view: View) -> dict[str, Any]:
    """What each column is: name, type, unit, meaning, what it may hold."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "name": view.versioned,
        "title": view.meaning,
        "fields": [_field(column) for column in view.columns],
        "missingValues": [""],
    } | ({"primaryKey": list(view.key)} if view.key else {})


def _field(column: Column) -> dict[str, Any]:
    kind, _, form = column.form.value.partition("/")
    constraints: dict[str, Any] = {"required": not column.nullable}
    if column.form is Form.WHOLE:
        constraints["minimum"] = 0
    if column.choices:
        constraints["enum"] = list(column.choices)
    described = {"name": column.name, "type": kind, "description": column.meaning}
    more = {"format": form} if form else {}
    unit = "UTC, microseconds" if column.form is Form.TIME else column.unit
    return described | more | ({"unit": unit} if unit else {}) | {"constraints": constraints}


def data_package(view: View, form: str, files: Sequence[tuple[str, int, str]]) -> dict[str, Any]:
    """The package of a drop; each file is given as name, bytes, SHA-256."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": view.versioned.replace("_", "-"),
        "title": view.meaning,
        "resources": [
            {
                "name": name.removesuffix(f".{form}"),
                "path": name,
                "type": "table",
                "format": form,
                "mediatype": MEDIA_TYPES[form],
                "encoding": "utf-8",
                "bytes": size,
                "hash": f"sha256:{digest}",
                "schema": SCHEMA_FILE,
            }
            for name, size, digest in files
        ],
    }


SCHEMA_FILE: Final = "schema.json"
PACKAGE_FILE: Final = "datapackage.json"
