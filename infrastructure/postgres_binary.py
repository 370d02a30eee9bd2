"""PostgreSQL's binary formats, built a whole row or a whole array at a time.

The driver can build both, one value at a time; at twenty thousand events a second that is most of the committer's work.
Formats: https://www.postgresql.org/docs/current/sql-copy.html (COPY BINARY) and ``array_recv`` of the server.
"""

from collections.abc import Iterable, Sequence
from struct import Struct
from typing import Any, Self

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

from infrastructure.batch import Row

_COPY_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_COPY_END = b"\xff\xff"
_COLUMNS = 13
_PLACE = Struct(">hiqi16siqi")
_LENGTH = Struct(">i")
_FACTS = Struct(">iiiqi")
_PROOF = Struct(">i32si32si")
_COMMAND_ID = Struct(">i16s")


def copy_of_events(rows: Iterable[Row]) -> bytes:
    """The rows, in the order of the table's columns, as one stream for ``COPY events FROM STDIN (FORMAT BINARY)``."""
    parts = [_COPY_HEADER]
    for row in rows:
        (
            position,
            case_id,
            version,
            kind,
            type_,
            schema_version,
            recorded_at,
            state,
            envelope,
            salt,
            leaf,
            actor,
            command,
        ) = row
        kind_bytes, type_bytes, actor_bytes = kind.encode(), type_.encode(), actor.encode()
        parts += (
            _PLACE.pack(_COLUMNS, 8, position, 16, case_id.bytes, 8, version, len(kind_bytes)),
            kind_bytes,
            _LENGTH.pack(len(type_bytes)),
            type_bytes,
            _FACTS.pack(4, schema_version, 8, recorded_at, len(state)),
            state,
            _LENGTH.pack(len(envelope)),
            envelope,
            _PROOF.pack(32, salt, 32, leaf, len(actor_bytes)),
            actor_bytes,
            _COMMAND_ID.pack(16, command),
        )
    parts.append(_COPY_END)
    return b"".join(parts)


_ARRAY = Struct(">iiIii")
_INT = Struct(">iq")


class _Array(bytes):
    """A one-dimensional array in binary form."""

    element: int

    @classmethod
    def of(cls, values: Sequence[Any]) -> Self:
        """Build the array; an empty one has no dimension."""
        header = _ARRAY.pack(1, 0, cls.element, len(values), 1) if values else _ARRAY.pack(0, 0, cls.element, 0, 0)[:12]
        return cls(header + cls._elements(values))

    @classmethod
    def _elements(cls, values: Sequence[Any]) -> bytes:
        return b"".join([part for value in values for part in (_LENGTH.pack(len(value)), value)])


class UuidArray(_Array):
    """``uuid[]`` of 16-byte values."""

    element = 2950
    oid = 2951


class ByteaArray(_Array):
    """``bytea[]`` of bytes."""

    element = 17
    oid = 1001


class IntArray(_Array):
    """``int8[]`` of whole numbers."""

    element = 20
    oid = 1016

    @classmethod
    def _elements(cls, values: Sequence[Any]) -> bytes:
        return b"".join([_INT.pack(8, value) for value in values])


class _Dumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: bytes) -> bytes:
        """The array is in wire form already."""
        return obj


def register(connection: psycopg.Connection[Any]) -> None:
    """Teach a connection to send the arrays above."""
    for array in (UuidArray, ByteaArray, IntArray):
        dumper = type(f"{array.__name__}Dumper", (_Dumper,), {"oid": array.oid})
        connection.adapters.register_dumper(array, dumper)
