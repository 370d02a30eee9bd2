"""Secondary suppression of small cells by pytauargus, the open-source Tau-Argus: the extra ``disclosure``.

The optimal method (Fischetti and Salazar-González) gets the table as cells with bounds and linear sums, and finds the
cheapest further cells to suppress. It is native code, and not made for threads: it runs in a process of its own, so that
nothing it does can end the server. Run as a program, this module is that process.
"""

import importlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from application.errors import CannotSuppress
from application.reports.suppress import Guarded, Sum

LIBRARY: Final = "pytauargus"
MINUTES: Final = 1
PATIENCE: Final = 90.0
"""Seconds before the process is given up: the library's own limit and what it takes to start."""

SOLVED: Final = 0
PLACES: Final = ("table.jj", "pattern.jj")


class TauArgus:
    """Implements ``application.reports.suppress.Discloses``."""

    def secondary(self, cells: Sequence[Guarded], sums: Sequence[Sum]) -> frozenset[int]:
        """See ``Discloses``."""
        if importlib.util.find_spec(LIBRARY) is None:
            raise CannotSuppress("small cells cannot be suppressed here: the extra `disclosure` is not installed")
        with TemporaryDirectory(prefix="casetrail-table-") as folder:
            asked, answer = (Path(folder) / place for place in PLACES)
            asked.write_text("".join(f"{line}\n" for line in jj(cells, sums)))
            try:
                ended = subprocess.run(  # noqa: S603 - this program itself, with two files of its own
                    [sys.executable, "-m", "infrastructure.disclosure", str(asked), str(answer)],
                    cwd=folder,  # the library leaves a log where it stands
                    env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
                    capture_output=True,
                    timeout=PATIENCE,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                raise CannotSuppress("no way to suppress the small cells was found in time") from None
            if ended.returncode != SOLVED:
                raise CannotSuppress("no way to suppress the small cells was found")
            further = frozenset(int(line) for line in answer.read_text().split())
        return further - {i for i, cell in enumerate(cells) if cell.primary}


def jj(cells: Sequence[Guarded], sums: Sequence[Sum]) -> Iterator[str]:
    """The table in the library's JJ form: each cell's value, cost, status, bounds and protection, then every sum.

    The cost of a cell is its value: totals go last. Every cell there is, is at least 1, and a reader knows that.
    """
    most = 2 * max((cell.value + cell.rise for cell in cells), default=0)
    yield "0"
    yield str(len(cells))
    for i, (value, rise) in enumerate(cells):
        yield f"{i} {value} {value} {'u' if rise else 's'} 1 {most} 0 {rise} 0"
    yield str(len(sums))
    for total, parts in sums:
        yield f"0 {len(parts) + 1} : {total} (-1) {' '.join(f'{part} (1)' for part in parts)}"


def main(asked: str, answer: str) -> int:
    """Have the library find the pattern; 0 if it is proved to be the cheapest."""
    library: Any = importlib.import_module(LIBRARY)  # an optional extra, and only this process loads it
    return int(library.HiTaSCtrl().full_jj(in_file_jj=asked, out_file=answer, max_time=MINUTES))


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
