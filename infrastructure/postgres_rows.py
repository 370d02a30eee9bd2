"""PostgreSQL's binary COPY format for the rows of any table, built a column at a time from the table's own types.

Format: https://www.postgresql.org/docs/current/sql-copy.html (COPY BINARY). The driver builds it one value at a time,
which costs a catching-up projection more than everything else it does.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from itertools import chain, repeat
from struct import Struct
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from infrastructure.schema import Id

_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_END = b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"
_COUNT = Struct(">h")
_LENGTH = Struct(">i")
_INT4 = Struct(">ii")
_INT8 = Struct(">iq")

Encoder = Callable[[Any], bytes]
"""One value with its length before it."""


def _bytes(value: bytes) -> bytes:
    return _LENGTH.pack(len(value)) + value


@lru_cache(4096)
def _text(value: str) -> bytes:
    return _bytes(value.encode())


def _uuid(value: UUID) -> bytes:
    return b"\x00\x00\x00\x10" + value.bytes


def _boolean(value: bool) -> bytes:  # noqa: FBT001 - the value of a column
    return b"\x00\x00\x00\x01\x01" if value else b"\x00\x00\x00\x01\x00"


_ENCODERS: dict[type[Any], Encoder] = {
    sa.BigInteger: partial(_INT8.pack, 8),
    sa.Integer: partial(_INT4.pack, 4),
    sa.Text: _text,
    sa.Boolean: _boolean,
    sa.LargeBinary: _bytes,
    Id: _uuid,
}


def encoder_of(column: sa.Column[Any]) -> Encoder:
    """How a column's values are encoded. Raises KeyError for a type no table here has."""
    encode = _ENCODERS[type(column.type)]
    return partial(_nullable, encode) if column.nullable else encode


def _nullable(encode: Encoder, value: Any) -> bytes:
    return _NULL if value is None else encode(value)


def copy_of(rows: Sequence[Sequence[Any]], encoders: Sequence[Encoder], prefix: bytes) -> bytes:
    """The rows as one stream for ``COPY … FROM STDIN (FORMAT BINARY)``.

    ``prefix`` is what every row begins with, encoded: the first column. ``encoders`` are those of the columns after it.
    """
    columns = (map(encode, values) for encode, values in zip(encoders, zip(*rows, strict=True), strict=True))
    start = _COUNT.pack(len(encoders) + 1) + prefix
    return b"".join((_HEADER, *chain.from_iterable(zip(repeat(start), *columns, strict=False)), _END))
