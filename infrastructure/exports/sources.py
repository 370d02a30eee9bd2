"""Where a data set's rows come from: the log read in position order, or the past told case by case.

Both give pieces of ``PIECE`` positions, counted from the beginning of the log: a piece becomes one row group of a Parquet
file, so its borders may depend on nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from application.heard import Heard, Reading
from application.past import Past
from application.ports import Ledger
from domain.catalogue import Catalogue
from infrastructure.exports.datasets import Cells, Dataset

PIECE: Final = 25_000
"""Positions of the log whose rows are in memory at one time."""

_AT_ONCE: Final = 2_500


@dataclass(frozen=True, slots=True)
class Piece:
    """The rows of positions up to ``upto``: a list of cells, or an Arrow table of the same."""

    upto: int
    rows: Any


class Source(Protocol):
    """Gives the rows of a stretch of the log."""

    def pieces(self, since: int, upto: int) -> Iterator[Piece]:
        """The rows of positions > ``since`` and <= ``upto``, piece by piece in order; a piece may be empty."""
        ...


def borders(since: int, upto: int, size: int) -> Iterator[tuple[int, int]]:
    """The stretch (since, upto] cut at the multiples of ``size``."""
    while since < upto:
        end = min((since // size + 1) * size, upto)
        yield since, end
        since = end


class LedgerRows:
    """A row per recorded event, read through the ledger on either database."""

    def __init__(self, dataset: Dataset, ledger: Ledger, reading: Reading, catalogue: Catalogue, piece: int = PIECE) -> None:
        """Tell the events of ``catalogue``'s cases."""
        self._piece = piece
        self._models, self._tell = dataset.models, dataset.teller()
        self._ledger, self._reading = ledger, reading
        self._kinds = {name: kind for name, kind in catalogue.kinds.items() if kind.listed}

    def pieces(self, since: int, upto: int) -> Iterator[Piece]:
        """See ``Source``."""
        for begin, end in borders(since, upto, self._piece):
            yield Piece(end, list(self._rows(begin, end)))

    def _rows(self, since: int, upto: int) -> Iterator[Cells]:
        while found := self._ledger.read(since, _AT_ONCE, upto):
            for recorded in found:
                if recorded.kind in self._kinds:
                    heard = Heard(recorded, self._kinds[recorded.kind], self._reading)
                    yield self._tell(*(model.fold(None, heard, ()) for model in self._models))
            since = found[-1].position


class PastRows:
    """The rows of a read model as of a position; a stretch of the log gives those of the cases opened in it."""

    def __init__(self, dataset: Dataset, past: Past, as_of: int, piece: int = PIECE) -> None:
        """Tell the rows complete to position ``as_of``."""
        self._piece = piece
        (self._model,) = dataset.models
        self._tell = dataset.teller()
        self._past, self._as_of = past, as_of

    def pieces(self, since: int, upto: int) -> Iterator[Piece]:
        """See ``Source``."""
        cases = self._past.by_case(self._model, self._as_of, after=since)
        waiting = next(cases, None)
        for _, end in borders(since, upto, self._piece):
            rows: list[Cells] = []
            while waiting is not None and waiting[0] <= end:
                rows += map(self._tell, waiting[1])
                waiting = next(cases, None)
            yield Piece(end, rows)
