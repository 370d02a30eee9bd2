"""How commands print: lines for people, JSON for programs, a progress bar only when a person watches."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def show(value: Mapping[str, Any], as_json: bool) -> None:
    """One result, at once: whoever reads a pipe from a command that goes on running waits for it."""
    if as_json:
        print(json.dumps(dict(value), default=str), flush=True)
        return
    width = max((len(name) for name in value), default=0)
    for name, part in value.items():
        print(f"{name.replace('_', ' '):<{width}}  {part}", flush=True)


def table(rows: Sequence[Mapping[str, Any]], as_json: bool, columns: Sequence[str]) -> None:
    """Several results, as columns or as JSON lines."""
    if as_json:
        for row in rows:
            print(json.dumps(dict(row), default=str))
        return
    cells = [[str(c).replace("_", " ") for c in columns]]
    cells += [["" if row.get(c) is None else str(row[c]) for c in columns] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on standard error when a person watches, nothing in a pipe; standard output holds what is asked for alone."""
    if not sys.stderr.isatty():
        yield None
        return
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
