"""What a column is, told once: for the SQL of a view, for a Parquet file, and for the data dictionary."""

from dataclasses import dataclass
from enum import Enum


class Form(Enum):
    """The values a column holds, besides null; the enumeration's value is the dictionary's name for it."""

    WHOLE = "integer"
    TEXT = "string"
    ID = "string/uuid"
    TIME = "datetime"
    TRUTH = "boolean"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a view and of the data set of that name.

    ``source`` is what it is in the tables: an expression both databases understand, times in microseconds since 1970
    UTC. ``unit`` says what a number counts. ``choices`` are all the values there can be, where that is known.
    ``guard`` is a condition that every row shown meets; the column is then an expression, which no index and no
    statistics answer for: PostgreSQL would count to a reader what it found there of rows that the view leaves out.
    """

    name: str
    form: Form
    meaning: str
    source: str
    nullable: bool = False
    unit: str | None = None
    choices: tuple[str, ...] = ()
    guard: str | None = None

    def expression(self, dialect: str) -> str:
        """How a view of that database shows it: times as ``timestamptz`` or RFC 3339 text, ids as ``uuid`` or text."""
        if self.form is Form.TIME:
            return (_POSTGRES_TIME if dialect == "postgresql" else _SQLITE_TIME).format(self.source)
        if self.form is Form.ID and dialect == "sqlite":
            return _SQLITE_ID.format(self.source)
        if self.guard is not None and dialect == "postgresql":
            return f"CASE WHEN {self.guard} THEN {self.source} END"
        return self.source


# Seconds and the rest apart: a double holds either exactly, but not the microseconds of a date far from 1970.
_POSTGRES_TIME = "to_timestamp({0} / 1000000) + {0} % 1000000 * interval '1 microsecond'"
_SQLITE_TIME = (
    "strftime('%Y-%m-%dT%H:%M:%S', ({0} - (({0} % 1000000) + 1000000) % 1000000) / 1000000, 'unixepoch')"
    " || printf('.%06dZ', (({0} % 1000000) + 1000000) % 1000000)"
)
_SQLITE_ID = "lower(" + " || '-' || ".join(
    f"substr(hex({{0}}), {start}, {length})" for start, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
) + ")"  # fmt: skip
