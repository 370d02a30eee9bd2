"""Making a drop: files of at most ``CHUNK`` positions each, a manifest with their hashes, a data dictionary.

Every file is written under another name, flushed to the disk and then renamed. What is finished is noted in
``progress.json``: an export that was interrupted goes on behind it, and first sweeps what the dead one left unfinished.
"""

import fcntl
import os
import re
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from infrastructure.exports.datasets import Dataset
from infrastructure.exports.dictionary import PACKAGE_FILE, SCHEMA_FILE, data_package, table_schema
from infrastructure.exports.files import WRITERS, written_by
from infrastructure.exports.manifest import (
    MANIFEST_FILE,
    PARTIAL,
    PROGRESS_FILE,
    ExportRefused,
    File,
    Manifest,
    as_json,
    hash_of,
    publish,
    read_manifest,
    settle,
    write_json,
    write_manifest,
)
from infrastructure.exports.sources import PIECE, Piece, Source, borders

CHUNK: Final = 20 * PIECE
"""Positions of the log in one file: where files begin depends on nothing else, so drops of any range share them."""

_DOCUMENTS: Final = frozenset({MANIFEST_FILE, PROGRESS_FILE, SCHEMA_FILE, PACKAGE_FILE})

Progress = Callable[[int, int], None]
"""Told how many positions are done, of how many."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a drop is made of: a data set, where its rows come from, which ledger this is and which program."""

    dataset: Dataset
    source: Callable[[int], Source]
    """The source of rows as of a position."""
    ledger_id: str
    leaf_hash: Callable[[int], str]
    """The leaf hash at a position, hex; empty for 0."""
    software: str


@dataclass(frozen=True, slots=True)
class Drop:
    """A folder with the files of one export."""

    folder: Path
    origin: Origin
    format: str
    chunk: int = CHUNK

    def make(self, since: int, upto: int, progress: Progress | None = None) -> Manifest:
        """Export positions > ``since`` and <= ``upto``; what stands there already of the same export is kept.

        Raises ExportRefused where the folder holds another export, and while another program exports there.
        """
        with self._locked():
            known = self._finished(self._wanted(since, upto))
            if known is not None and (known.since, known.upto) != (since, upto):
                raise ExportRefused(self._other(known))
            return self._fill(self._wanted(since, upto), known, progress)

    def _other(self, known: Manifest) -> str:
        """Why a folder that holds other positions of this data set is not written to."""
        if not self.origin.dataset.by_event:
            return f"{self.folder} holds {known.dataset} as of position {known.upto}: name another folder"
        return f"{self.folder} holds positions {known.since} to {known.upto}: continue it with --since-last, or name another"

    def extend(self, upto: int, progress: Progress | None = None) -> Manifest:
        """Export what was recorded since the folder's manifest, up to ``upto``, beside what is there. Raises as ``make``."""
        if not self.origin.dataset.by_event:
            raise ExportRefused(f"{self.origin.dataset.name} are as of a position: there is nothing to continue")
        with self._locked():
            known = self._finished(self._wanted(0, upto))
            if known is not None and known.upto > upto:
                raise ExportRefused(f"{self.folder} holds positions up to {known.upto} already")
            return self._fill(self._wanted(known.since if known else 0, upto), known, progress)

    # --- Files ---

    def _fill(self, wanted: Manifest, known: Manifest | None, progress: Progress | None) -> Manifest:
        """Make what is missing of the files ``known``, whose borders stay, and what comes behind them; then the manifest."""
        parts = [(file.since, file.upto) for file in known.files] if known else []
        parts += self._chunks(parts[-1][1] if parts else wanted.since, wanted.upto)
        named = {self._name(since, upto, wanted.upto): (since, upto) for since, upto in parts}
        kept = self._kept(wanted)
        self._sweep(named)
        files: list[File] = []
        for name, (since, upto) in named.items():
            if progress is not None:
                progress(since - wanted.since, wanted.upto - wanted.since)
            files.append(kept.get(name) or self._file(name, since, upto, wanted, progress))
            write_manifest(self.folder / PROGRESS_FILE, wanted.with_files(*files))
        self._publish(wanted.with_files(*files))
        return wanted.with_files(*files)

    def _chunks(self, since: int, upto: int) -> Iterable[tuple[int, int]]:
        # A drop of no position has one file without rows: it can be read like any other.
        return borders(since, upto, self.chunk) if since < upto else [(since, upto)] if not since else []

    def _file(self, name: str, since: int, upto: int, wanted: Manifest, progress: Progress | None) -> File:
        path = self.folder / name
        partial = self.folder / (name + PARTIAL)
        pieces = self._watched(self.origin.source(wanted.upto).pieces(since, upto), wanted, progress)
        with partial.open("wb") as file:
            rows = WRITERS[self.format](file, self.origin.dataset.view.columns, pieces)
            settle(file)
        made = File(name, since, upto, rows, partial.stat().st_size, hash_of(partial), wanted.software)
        publish(partial, path)
        return made

    @staticmethod
    def _watched(pieces: Iterator[Piece], wanted: Manifest, progress: Progress | None) -> Iterator[Piece]:
        for piece in pieces:
            yield piece
            if progress is not None:
                progress(piece.upto - wanted.since, wanted.upto - wanted.since)

    def _name(self, since: int, upto: int, as_of: int) -> str:
        at = "" if self.origin.dataset.by_event else f"-at-{as_of:012}"
        return f"{self.origin.dataset.name}{at}-{since:012}-{upto:012}.{self.format}"

    def _publish(self, manifest: Manifest) -> None:
        """The dictionary, then the manifest; with it the drop is complete."""
        view = self.origin.dataset.view
        write_json(self.folder / SCHEMA_FILE, table_schema(view))
        files = [(file.name, file.bytes, file.sha256) for file in manifest.files]
        write_json(self.folder / PACKAGE_FILE, data_package(view, self.format, files))
        write_manifest(self.folder / MANIFEST_FILE, manifest)
        (self.folder / PROGRESS_FILE).unlink(missing_ok=True)

    def _sweep(self, belonging: Container[str]) -> None:
        """Remove what an interrupted export left behind: unfinished files, and files that do not belong.

        It is done first: at no moment do two files with the same positions stand side by side, for whoever reads them all.
        """
        ours = re.compile(rf"{self.origin.dataset.name}(-at-\d{{12,}})?-\d{{12,}}-\d{{12,}}\.{self.format}")
        for path in self.folder.iterdir():
            name = path.name.removesuffix(PARTIAL)
            left = path.name not in _DOCUMENTS if name in _DOCUMENTS else ours.fullmatch(name) and path.name not in belonging
            if left:
                path.unlink()

    # --- What is there already ---

    def _wanted(self, since: int, upto: int) -> Manifest:
        origin, library = self.origin, written_by(self.format)
        return Manifest(
            dataset=origin.dataset.name,
            format=self.format,
            schema=origin.dataset.view.versioned,
            schema_sha256=sha256(as_json(table_schema(origin.dataset.view))).hexdigest(),
            ledger_id=origin.ledger_id,
            since=since,
            upto=upto,
            leaf_hash=origin.leaf_hash(upto),
            software=origin.software if library is None else f"{origin.software} {library}",
        )

    def _finished(self, wanted: Manifest) -> Manifest | None:
        """The manifest of an earlier export, None if there is none."""
        found = read_manifest(self.folder / MANIFEST_FILE)
        for known in (found, read_manifest(self.folder / PROGRESS_FILE)):
            if known is not None and not known.same_drop(wanted):
                raise ExportRefused(
                    f"{self.folder} holds another export ({known.dataset}, {known.format}): name another folder"
                )
            if known is not None and known.leaf_hash != self.origin.leaf_hash(known.upto):
                # The ledger was restored from a backup and went on differently: it has its id still, not its history.
                raise ExportRefused(
                    f"{self.folder} holds positions up to {known.upto} of another history of this ledger: name another folder"
                )
        return found

    def _kept(self, wanted: Manifest) -> dict[str, File]:
        """Finished files that stand there unchanged, by name."""
        kept: dict[str, File] = {}
        for name in (MANIFEST_FILE, PROGRESS_FILE):
            known = read_manifest(self.folder / name)
            if known is not None and (self.origin.dataset.by_event or known.upto == wanted.upto):
                kept |= {file.name: file for file in known.files if file.holds(self.folder)}
        return kept

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Only one program exports into a folder at a time; the lock goes with the program."""
        self.folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ExportRefused(f"another program exports into {self.folder}") from None
            yield
        finally:
            os.close(descriptor)
