"""Many rows in one step of SQLite.

The driver gives up the interpreter's lock for every step of a statement and takes it back afterwards. In a server whose
event loop is busy that hand-over costs ten times what the step does, so the hot paths make one step of many rows.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any, TypeVar

T = TypeVar("T")

SIZES = (256, 64, 16, 4, 1)
"""Rows in one statement: few sizes, so that the driver's cache of prepared statements holds them all."""


def insert_many(connection: sqlite3.Connection, head: str, rows: Sequence[Sequence[Any]], tail: str = "") -> None:
    """Insert rows in order: ``head`` ends before VALUES, ``tail`` follows the values."""
    for piece in pieces(rows):
        width = len(piece[0])
        connection.execute(statement(head, width, len(piece), tail), tuple(chain.from_iterable(piece)))


@cache
def statement(head: str, width: int, count: int, tail: str) -> str:
    """An INSERT of ``count`` rows."""
    row = f"({', '.join('?' * width)})"
    return f"{head} VALUES {', '.join([row] * count)} {tail}"


def pieces(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """The rows cut into pieces of the sizes above, largest first."""
    done = 0
    for size in SIZES:
        while len(rows) - done >= size:
            yield rows[done : done + size]
            done += size


def padded(keys: Sequence[T]) -> Iterator[Sequence[T]]:
    """Keys in pieces of the sizes above, the last one filled up by repeating a key: for look-ups, where that is harmless."""
    largest = SIZES[0]
    for start in range(0, len(keys), largest):
        piece = list(keys[start : start + largest])
        size = min(s for s in SIZES if s >= len(piece))
        yield piece + [piece[-1]] * (size - len(piece))
