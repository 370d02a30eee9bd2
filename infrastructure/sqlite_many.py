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

MOST = 64
"""Rows in one statement. There is a statement for every number up to it, see ``STATEMENTS``."""

SIZES = (256, 64, 16, 4, 1)
"""Keys in one look-up: few sizes, since a look-up can be filled up."""

STATEMENTS = 512
"""Prepared statements that a connection keeps: every size of the few inserts there are, and all else."""


def insert_many(connection: sqlite3.Connection, head: str, rows: Sequence[Sequence[Any]], tail: str = "") -> None:
    """Insert rows in order: ``head`` ends before VALUES, ``tail`` follows the values."""
    for start in range(0, len(rows), MOST):
        piece = rows[start : start + MOST]
        connection.execute(statement(head, len(piece[0]), len(piece), tail), tuple(chain.from_iterable(piece)))


@cache
def statement(head: str, width: int, count: int, tail: str) -> str:
    """An INSERT of ``count`` rows."""
    row = f"({', '.join('?' * width)})"
    return f"{head} VALUES {', '.join([row] * count)} {tail}"


def padded(keys: Sequence[T]) -> Iterator[Sequence[T]]:
    """Keys in pieces of the sizes above, the last one filled up by repeating a key: for look-ups, where that is harmless."""
    largest = SIZES[0]
    for start in range(0, len(keys), largest):
        piece = list(keys[start : start + largest])
        size = min(s for s in SIZES if s >= len(piece))
        yield piece + [piece[-1]] * (size - len(piece))
