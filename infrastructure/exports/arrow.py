"""Arrow: a data set's rows as tables, and events as tables straight from PostgreSQL, without a Python object for each.

Needs the extra ``reporting``; nothing is imported before it is asked for. What comes straight from PostgreSQL is the same,
value by value, as what ``LedgerRows`` tells of the same positions.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from importlib import import_module
from queue import SimpleQueue
from typing import Any, Final

from application.read_models.timeline import ABOUT_AN_ENTRY
from application.records import MICROSECOND
from domain.catalogue import Catalogue
from domain.history import LATE_AFTER
from infrastructure.exports.columns import Column, Form
from infrastructure.exports.datasets import Cells, Dataset
from infrastructure.exports.sources import PIECE, Piece, borders

AT_ONCE: Final = 2
"""Pieces fetched at one time, each over a connection of its own."""

_BLOCK: Final = 1 << 20
_PATHS: Final = {
    "earliest": ("s", "when", "earliest"),
    "latest": ("s", "when", "latest"),
    "claim_status": ("s", "claim_status"),
    "command": ("e", "command"),
    "role": ("e", "actor", "role"),
    "unit": ("e", "actor", "unit"),
    "agency": ("e", "actor", "agency"),
    "decided_at": ("e", "decided_at"),
}
"""Where in an event's state (s) or envelope (e) a column stands; the others are columns of the log."""


class NoArrow(ValueError):
    """The libraries for Parquet are not installed; the text says how to have them."""


def library(name: str) -> Any:
    """A module of the extra. Raises NoArrow where it is not installed."""
    try:
        return import_module(name)
    except ModuleNotFoundError:
        raise NoArrow(
            "Parquet needs the extra 'reporting' (requirements/reporting.lock); csv and jsonl work without it"
        ) from None


def schema(columns: Sequence[Column]) -> Any:
    """The Arrow schema of a data set."""
    pa = library("pyarrow")
    types = {
        Form.WHOLE: pa.int64(),
        Form.TEXT: pa.string(),
        Form.ID: pa.string(),
        Form.TIME: pa.timestamp("us", tz="UTC"),
        Form.TRUTH: pa.bool_(),
    }
    return pa.schema([pa.field(column.name, types[column.form], nullable=column.nullable) for column in columns])


def table(columns: Sequence[Column], rows: Sequence[Cells]) -> Any:
    """Rows as a table."""
    pa, fields = library("pyarrow"), schema(columns)
    cells = zip(*rows, strict=True) if rows else ((),) * len(columns)
    arrays = [pa.array(list(values), field.type) for values, field in zip(cells, fields, strict=True)]
    return pa.Table.from_arrays(arrays, schema=fields)


class PostgresEvents:
    """A row per recorded event, fetched through ADBC and told in columns."""

    def __init__(self, dataset: Dataset, url: str, catalogue: Catalogue, piece: int = PIECE) -> None:
        """Read as the application's role at ``url`` (a libpq URL)."""
        self._piece = piece
        self._columns, self._url = dataset.view.columns, url
        self._fields = schema(dataset.view.columns)
        kinds = ", ".join(f"'{name}'" for name, kind in catalogue.kinds.items() if kind.listed)
        self._statement = _statement([c.name for c in dataset.view.columns], kinds)
        self._paths = {
            name: path for name, path in _PATHS.items() if name in self._fields.names or name in ("earliest", "latest")
        }

    def pieces(self, since: int, upto: int) -> Iterator[Piece]:
        """See ``Source``. ``AT_ONCE`` pieces are fetched and told while one before them is written."""
        adbc = library("adbc_driver_postgresql.dbapi")
        with ExitStack() as stack:
            free: SimpleQueue[Any] = SimpleQueue()
            for _ in range(AT_ONCE):
                free.put(stack.enter_context(closing(adbc.connect(self._url, autocommit=True))))
            pool = stack.enter_context(ThreadPoolExecutor(AT_ONCE))
            begun: deque[Future[Piece]] = deque()
            for begin, end in borders(since, upto, self._piece):
                begun.append(pool.submit(self._piece_of, free, begin, end))
                if len(begun) > AT_ONCE:
                    yield begun.popleft().result()
            yield from (piece.result() for piece in begun)

    def _piece_of(self, free: SimpleQueue[Any], since: int, upto: int) -> Piece:
        """One piece, over a connection that is free."""
        connection = free.get()
        try:
            with closing(connection.cursor()) as cursor:
                cursor.execute(self._statement.format(since, upto))
                told = [self._told(batch) for batch in cursor.fetch_record_batch()]
        finally:
            free.put(connection)
        return Piece(upto, library("pyarrow").Table.from_batches(told, schema=self._fields).combine_chunks())

    def _told(self, batch: Any) -> Any:
        """A batch of the log as a batch of the data set."""
        pa = library("pyarrow")
        values = self._parsed(batch) | {name: batch.column(name) for name in batch.schema.names if name != "line"}
        values["late"] = self._late(values)
        arrays = [values[field.name].cast(field.type) for field in self._fields]
        return pa.RecordBatch.from_arrays(arrays, schema=self._fields)

    def _parsed(self, batch: Any) -> dict[str, Any]:
        """What stands in states and envelopes, by column. The lines lie one behind the other in memory, as in a file."""
        pa, pc, pj = library("pyarrow"), library("pyarrow.compute"), library("pyarrow.json")
        lines = batch.column("line")
        lengths = pc.binary_length(lines)
        found = pj.read_json(
            pa.BufferReader(lines.buffers()[2].slice(0, pc.sum(lengths).as_py())),
            read_options=pj.ReadOptions(block_size=max(_BLOCK, pc.max(lengths).as_py() + 1)),
            parse_options=pj.ParseOptions(explicit_schema=_nested(self._paths.values()), unexpected_field_behavior="ignore"),
        )
        if len(found) != len(batch):
            raise ValueError("stored states are not one line of JSON each")
        parts = {name: found.column(name).combine_chunks() for name in found.column_names}
        values = {name: pc.struct_field(parts[path[0]], path[1:]) for name, path in self._paths.items()}
        times = ("earliest", "latest", "decided_at")
        return {n: v.cast(pa.timestamp("us", tz="UTC")) if n in times else v for n, v in values.items()}

    def _late(self, values: dict[str, Any]) -> Any:
        """As ``Heard.late``."""
        pa, pc = library("pyarrow"), library("pyarrow.compute")
        end = pc.coalesce(values["latest"], values["earliest"]).cast(pa.int64())
        return pc.greater(pc.subtract(values["recorded_at"], end), LATE_AFTER // MICROSECOND).fill_null(pa.scalar(value=False))


def _statement(names: Sequence[str], kinds: str) -> str:
    """The events of a stretch: columns of the log, and the beginnings of state and envelope together as a line of JSON."""
    special = {"case_id": "case_id::text AS case_id", "target": _TARGET}
    plain = [special.get(name, name) for name in names if name not in _PATHS and name != "late"]
    behind = "profile" if "command" in names else "on_behalf_of"
    state, envelope = _beginning("state", "authority"), _beginning("envelope", behind)
    return (
        f"SELECT {', '.join(plain)}, "  # noqa: S608 - names of our own
        f"'{{{{\"s\":' || {state} || '}}}},\"e\":' || {envelope} || '}}}}}}}}\n' AS line "
        f"FROM events WHERE position > {{}} AND position <= {{}} AND kind IN ({kinds}) ORDER BY position"
    )


def _beginning(column: str, member: str) -> str:
    """A stored object up to one of its members, its brace left open: what comes behind need not travel.

    A quote inside a JSON string has a backslash before it, so a comma, a quote, a name, a quote and a colon in a row are
    always a member; and no object that stands before these members has one of their names. Every stored object has both
    members; one without would make a line that is no JSON, and the export fails. Text is searched far faster than bytes.
    """
    return f"split_part(convert_from({column}, 'UTF8'), ',\"{member}\":', 1)"


_TARGET: Final = (
    f"CASE WHEN type IN ({', '.join(map(repr, sorted(ABOUT_AN_ENTRY)))}) "
    "THEN nullif(rtrim(split_part(split_part(convert_from(state, 'UTF8'), ',\"target\":', 2), ',', 1), '}}'), 'null')::bigint "
    "END AS target"
)
"""The first member of that name is the event's own: what could hold another, a restated event, stands behind it. To parse
the object for it would cost a third of the export. Where there is none the cast fails, and the export with it."""


def _nested(paths: Any) -> Any:
    """The Arrow schema of objects with text at these paths."""
    pa = library("pyarrow")
    tree: dict[str, Any] = {}
    for path in paths:
        place = tree
        for part in path[:-1]:
            place = place.setdefault(part, {})
        place[path[-1]] = None

    def fields(level: dict[str, Any]) -> list[Any]:
        return [pa.field(name, pa.struct(fields(below)) if below else pa.string()) for name, below in level.items()]

    return pa.schema(fields(tree))
