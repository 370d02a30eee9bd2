"""PostgreSQL's binary form of arrays, built one whole array at a time.

The driver can build arrays too, one value at a time; at ten thousand events a second that would be most of the
committer's work. The form is that of the server's ``array_recv``: number of dimensions, flags, element type, length, lower
bound, then each element's length and bytes; integers are big-endian.
"""

from collections.abc import Sequence
from struct import Struct
from typing import Any, ClassVar, Self

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_ARRAY = Struct(">iiIii")
_EMPTY = Struct(">iiI")
_LENGTH = Struct(">i")
_INT = Struct(">ii")
_BIGINT = Struct(">iq")


class Array(bytes):
    """A one-dimensional array in binary form."""

    __slots__ = ()
    element: ClassVar[int]
    oid: ClassVar[int]

    @classmethod
    def of(cls, values: Sequence[Any]) -> Self:
        """Build the array. Raises struct.error for a number that does not fit."""
        if not values:
            return cls(_EMPTY.pack(0, 0, cls.element))
        return cls(_ARRAY.pack(1, 0, cls.element, len(values), 1) + cls._elements(values))

    @classmethod
    def _elements(cls, values: Sequence[Any]) -> bytes:
        return b"".join([part for value in values for part in (_LENGTH.pack(len(value)), value)])


class ByteaArray(Array):
    """``bytea[]`` of bytes."""

    __slots__ = ()
    element = 17
    oid = 1001


class UuidArray(Array):
    """``uuid[]`` of UUIDs."""

    __slots__ = ()
    element = 2950
    oid = 2951

    @classmethod
    def _elements(cls, values: Sequence[Any]) -> bytes:
        return b"\x00\x00\x00\x10" + b"\x00\x00\x00\x10".join([value.bytes for value in values])


class TextArray(Array):
    """``text[]`` of strings."""

    __slots__ = ()
    element = 25
    oid = 1009

    @classmethod
    def _elements(cls, values: Sequence[Any]) -> bytes:
        return super()._elements([value.encode() for value in values])


class IntArray(Array):
    """``int4[]`` of whole numbers."""

    __slots__ = ()
    element = 23
    oid = 1007

    @classmethod
    def _elements(cls, values: Sequence[Any]) -> bytes:
        return b"".join([_INT.pack(4, value) for value in values])


class BigintArray(Array):
    """``int8[]`` of whole numbers."""

    __slots__ = ()
    element = 20
    oid = 1016

    @classmethod
    def _elements(cls, values: Sequence[Any]) -> bytes:
        return b"".join([_BIGINT.pack(8, value) for value in values])


class _Dumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: bytes) -> bytes:
        """The array is in wire form already."""
        return obj


def register(connection: psycopg.Connection[Any]) -> None:
    """Teach a connection to send the arrays above."""
    for array in (ByteaArray, UuidArray, TextArray, IntArray, BigintArray):
        dumper = type(f"{array.__name__}Dumper", (_Dumper,), {"oid": array.oid})
        connection.adapters.register_dumper(array, dumper)
