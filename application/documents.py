"""Domain values as plain JSON documents, and what differs between two of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from itertools import pairwise
from typing import Any, cast
from uuid import UUID

from domain.kernel import Stage, stage_name


def plain(value: object) -> Any:  # noqa: PLR0911 - one arm per type
    """A stage, a dossier or any of their values as JSON values: sets sorted, mappings with text keys, times in UTC.

    A stage, that of an item's line too, says its name as ``stage`` beside its fields; a class of stages is that name.
    """
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | str():
            return value
        case UUID() | Decimal():
            return str(value)
        case datetime() | date():
            return value.isoformat().replace("+00:00", "Z")
        case Mapping():
            return {_key(k): plain(v) for k, v in cast("Mapping[object, object]", value).items()}
        case frozenset() | set():
            return sorted((plain(v) for v in cast("Iterable[object]", value)), key=str)
        case tuple() | list():
            return [plain(v) for v in cast("Iterable[object]", value)]
        case type() if issubclass(value, Stage):
            return stage_name(value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            named = {"stage": stage_name(type(value))} if isinstance(value, Stage) else {}
            return named | {f.name: plain(getattr(value, f.name)) for f in fields(value)}
        case _:
            raise TypeError(f"no plain form for {type(value).__name__}")


FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would calculate."""


def inert(text: str) -> str:
    """A text as a cell of a CSV file: with a single quote before what would be a formula, as OWASP advises."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _key(key: object) -> str:
    """A mapping's key as text; the parts of a tuple are joined by a space."""
    parts = cast("tuple[object, ...]", key) if isinstance(key, tuple) else (key,)
    return " ".join(str(plain(part)) for part in parts)


def flat(document: object, path: str = "") -> dict[str, Any]:
    """A document as JSON pointer → value; empty objects and lists are values of their own."""
    items: Iterable[tuple[object, object]]
    if isinstance(document, dict):
        items = cast("dict[object, object]", document).items()
    elif isinstance(document, list):
        items = enumerate(cast("list[object]", document))
    else:
        return {path: document}
    found: dict[str, Any] = {}
    for name, value in items:
        found |= flat(value, f"{path}/{str(name).replace('~', '~0').replace('/', '~1')}")
    return found or {path: cast("Any", document)}


def differences(snapshots: Sequence[tuple[int | None, Mapping[str, Any]]]) -> Iterator[dict[str, Any]]:
    """Each path whose value differs between the first and the last snapshot, with the version that last changed it."""
    first, last = snapshots[0][1], snapshots[-1][1]
    absent = object()
    for path in sorted(first.keys() | last.keys()):
        if first.get(path, absent) == last.get(path, absent):
            continue
        cause = None
        for (_, older), (version, newer) in pairwise(snapshots):
            if older.get(path, absent) != newer.get(path, absent):
                cause = version
        yield {"field": path, "from": first.get(path), "to": last.get(path), "entry": cause}
