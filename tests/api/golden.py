"""The OpenAPI document as a golden file: ``python -m tests.api.golden`` writes it anew, ``scripts/golden`` calls that."""

import json
from pathlib import Path
from typing import Any

from api.main import create_app

FILE = Path(__file__).resolve().parents[1] / "golden" / "openapi.json"
OPENED_UP = 3
"""Levels written one entry to a line; whatever lies deeper stands on its entry's line, so that a diff names what changed."""


def described() -> dict[str, Any]:
    """The document the application serves, without the version of the program, which moves by itself."""
    document = create_app().openapi()
    return document | {"info": document["info"] | {"version": "*"}}


def written(value: Any, level: int = 0) -> str:
    """A document as text, its keys in order."""
    if level == OPENED_UP or not isinstance(value, dict) or not value:
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    lines = (f"{json.dumps(name, ensure_ascii=False)}: {written(value[name], level + 1)}" for name in sorted(value))
    return "{\n" + ",\n".join(lines) + "\n}"


def refresh() -> None:
    """Write the file."""
    FILE.write_text(written(described()) + "\n")


if __name__ == "__main__":
    refresh()
