"""An example of every command's body for the API's description, made from its schema: the fields one must give.

The values say what stands there and mean nothing: an officer is ``officer-1``. Every example is a body the API reads.
"""

from collections.abc import Mapping
from typing import Any

Schemas = Mapping[str, Any]

WHEN = {
    "earliest": "2026-11-02T09:30:00Z",
    "latest": "2026-11-02T09:31:00Z",
    "precision": "minute",
    "zone": "Europe/Berlin",
    "as_stated": None,
}
BY_FORMAT = {"uuid": "0198b5a0-7c1e-7cc3-9a52-3f1d2b6e4a01", "date-time": "2026-11-30T12:00:00Z", "date": "2026-11-02"}
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def example(schemas: Schemas, name: str) -> Any:
    """An example of the schema of that name."""
    return WHEN if name == "When" else value(schemas, schemas[name], name)


def value(schemas: Schemas, schema: Mapping[str, Any], name: str) -> Any:
    """An example of a schema; ``name`` is the field it stands in."""
    match schema:
        case {"$ref": reference}:
            return example(schemas, reference.rpartition("/")[2])
        case {"anyOf": options}:
            return value(schemas, options[0], name)
        case {"type": "object"}:
            fields = schema.get("properties", {})
            return {field: value(schemas, fields[field], field) for field in schema.get("required", ())}
        case {"type": "array"}:
            return [value(schemas, schema["items"], name) for _ in range(schema.get("minItems", 0))]
        case _:
            return single(schema, name)


def single(schema: Mapping[str, Any], name: str) -> Any:
    """An example of a schema that has no parts."""
    match schema:
        case {"enum": [first, *_]} | {"const": first}:
            return first
        case {"type": "string", "format": known}:
            return BY_FORMAT[known]
        case {"type": "string"}:
            return text(schema.get("pattern"), name)
        case {"type": "boolean"}:
            return True
        case _:
            return max(schema.get("minimum", 1), 1)


def text(pattern: str | None, name: str) -> str:
    """A text that fits its pattern."""
    if pattern is None:
        return name.replace("_", " ")
    return DIGEST if "0-9a-f" in pattern else f"{name.removesuffix('s').replace('_', '-')}-1"
