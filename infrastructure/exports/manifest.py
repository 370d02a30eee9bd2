"""The manifest of a drop: which ledger, which positions, which files with how many rows and which hash, made by what."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import file_digest
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

MANIFEST_FILE: Final = "manifest.json"
PROGRESS_FILE: Final = "progress.json"
"""The manifest of an export under way or interrupted; gone when ``manifest.json`` is there."""

PARTIAL: Final = ".partial"
"""The end of the name of a file that is not finished."""


class ExportRefused(ValueError):
    """An export cannot be made there; the text says why, in one line."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of a drop: the positions it covers (> ``since``, <= ``upto``), its rows, its bytes, who wrote it."""

    name: str
    since: int
    upto: int
    rows: int
    bytes: int
    sha256: str
    software: str

    def holds(self, folder: Path) -> bool:
        """Whether it stands there unchanged."""
        path = folder / self.name
        return path.is_file() and path.stat().st_size == self.bytes and hash_of(path) == self.sha256


@dataclass(frozen=True, slots=True)
class Manifest:
    """A drop: positions > ``since`` and <= ``upto`` of a ledger, or the rows as of ``upto``.

    ``leaf_hash`` is the ledger's leaf hash at ``upto`` (hex), which ties the drop to one history; ``schema`` is the
    version of the columns and ``schema_sha256`` the hash of their dictionary.
    """

    dataset: str
    format: str
    schema: str
    schema_sha256: str
    ledger_id: str
    since: int
    upto: int
    leaf_hash: str
    software: str
    files: tuple[File, ...] = ()

    def same_drop(self, other: "Manifest") -> bool:
        """Whether files of both may stand in one folder: the same data of the same ledger in the same form."""
        told = attrgetter("dataset", "format", "schema", "schema_sha256", "ledger_id")
        return bool(told(self) == told(other))

    def with_files(self, *files: File) -> "Manifest":
        """The same with these files only."""
        return replace(self, files=files)


def read_manifest(path: Path) -> Manifest | None:
    """The manifest at a path, None if there is none. Raises ExportRefused for something else of that name."""
    if not path.exists():
        return None
    try:
        values = json.loads(path.read_bytes())
        values.pop("rows")
        return Manifest(**values | {"files": tuple(File(**file) for file in values["files"])})
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ExportRefused(f"{path} is no manifest of an export") from None


def write_manifest(path: Path, manifest: Manifest) -> None:
    """Write it; it appears whole or not at all."""
    write_json(path, asdict(manifest) | {"rows": sum(file.rows for file in manifest.files)})


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a JSON document; it appears whole or not at all."""
    partial = path.with_name(path.name + PARTIAL)
    with partial.open("wb") as file:
        file.write(as_json(value))
        settle(file)
    publish(partial, path)


def as_json(value: Mapping[str, Any]) -> bytes:
    """A document as it is written."""
    return (json.dumps(value, indent=2) + "\n").encode()


def settle(file: Any) -> None:
    """Have the disk hold what was written."""
    file.flush()
    os.fsync(file.fileno())


def publish(partial: Path, path: Path) -> None:
    """Give a finished file its name, durably."""
    partial.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def hash_of(path: Path) -> str:
    """The SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
