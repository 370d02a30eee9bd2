"""Whether a read model saw every event up to its position exactly once, and has the rows that follow from them.

The log is read again from the first event into a scratch generation, up to the very position at which the live rows are
read; then the counts, the digests and all rows are compared. Commands and readers go on meanwhile.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from application.project import Key, ReadModel
from infrastructure.generations import Live, OtherVersion, live_in
from infrastructure.projection_rows import Follower, Layout, layout_of
from infrastructure.runner import Runner
from infrastructure.upkeep import Report, Upkeep

SHOWN = 20
"""Differences that are named; all are counted."""


class Difference(NamedTuple):
    """A row that is not as it must be. ``what`` names columns, never their values."""

    case_id: UUID
    key: Key
    what: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found of a model at ``position``: the first differences, and how many there are in all.

    ``counted`` and ``chained`` say whether the count and the digest of the events seen are those of the log. Rows of
    ``parked`` cases are not compared: they are known to be behind.
    """

    name: str
    position: int
    events: int
    counted: bool
    chained: bool
    rows: int
    different: int
    differences: tuple[Difference, ...]
    parked: int

    @property
    def holds(self) -> bool:
        """Whether the model is what the log says, with nothing set aside."""
        return self.counted and self.chained and self.different == 0 and self.parked == 0


def compare(upkeep: Upkeep, name: str, report: Report | None = None) -> Comparison:
    """Compare a live model with one made from the first event. Raises NotFound, OtherVersion.

    Raises Overtaken if a rebuild takes over meanwhile: begin again then.
    """
    model = upkeep.model(name)
    standing = upkeep.live(model)
    if standing.version != model.version:
        raise OtherVersion(standing.version, model.version)
    scratch = upkeep.generations.begin(model, beside=True)
    runner = upkeep.runner()
    try:
        while (live := upkeep.live(model).follower.position) - scratch.position > runner.batch:
            _fill(runner, scratch, live, report)
        return _compared(upkeep, runner, scratch, report)
    finally:
        runner.close()
        upkeep.generations.drop(scratch)


def _fill(runner: Runner, scratch: Follower, upto: int, report: Report | None) -> None:
    while scratch.position < upto and runner.step([scratch], upto):
        if report is not None:
            report(scratch.position, upto)


def _compared(upkeep: Upkeep, runner: Runner, scratch: Follower, report: Report | None) -> Comparison:
    """Compare the live rows of one snapshot with the scratch rows at the same position."""
    model = scratch.model
    with snapshot(upkeep.engine) as ours, snapshot(upkeep.engine) as theirs:
        live = live_in(ours, [model])[model.name]
        _fill(runner, scratch, live.follower.position, report)
        apart = {*live.follower.parked, *scratch.parked}
        pairs = _Pairs(model, apart)
        pairs.match(rows_in(ours, model, live.follower.generation), rows_in(theirs, model, scratch.generation))
    return _comparison(live, scratch, pairs, len(apart))


def _comparison(live: Live, scratch: Follower, pairs: "_Pairs", parked: int) -> Comparison:
    differences = pairs.differences()
    return Comparison(
        name=scratch.model.name,
        position=live.follower.position,
        events=live.follower.mark.events,
        counted=live.follower.mark.events == scratch.mark.events,
        chained=live.follower.mark.digest == scratch.mark.digest,
        rows=pairs.rows,
        different=len(differences),
        differences=tuple(differences[:SHOWN]),
        parked=parked,
    )


def snapshot(engine: sa.Engine) -> sa.Connection:
    """A connection whose every statement sees one state of the database, that of its first."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine.connect()


def rows_in(connection: sa.Connection, model: ReadModel[Any], generation: int) -> Iterator[Any]:
    """A generation's rows in the order of their key, a few at a time."""
    layout: Layout = layout_of(model)
    query = sa.select(*layout.columns).where(layout.table.c.generation == generation)
    ordered = query.order_by(*layout.table.primary_key.columns).execution_options(yield_per=1_000)
    return (model.row(*row) for row in connection.execute(ordered))


class _Pairs:
    """Rows of two generations, matched as they come: what has found its like is forgotten at once."""

    def __init__(self, model: ReadModel[Any], apart: set[UUID]) -> None:
        self._model = model
        self._apart = apart
        self._live: dict[tuple[UUID, Key], Any] = {}
        self._made: dict[tuple[UUID, Key], Any] = {}
        self._other: list[Difference] = []
        self.rows = 0

    def match(self, live: Iterable[Any], made: Iterable[Any]) -> None:
        """Take the rows of both, in the same order."""
        for one, other in zip_longest(live, made):
            self.rows += one is not None
            if one != other:
                self._settle(one, self._live, self._made)
                self._settle(other, self._made, self._live)

    def _settle(self, row: Any, mine: dict[Any, Any], others: dict[Any, Any]) -> None:
        """Compare a row with its like if that was seen, else keep it until then."""
        if row is None or row.case_id in self._apart:
            return
        place = (row.case_id, self._model.key_of(row))
        like = others.pop(place, None)
        if like is None:
            mine[place] = row
        elif like != row:
            names = [name for name, a, b in zip(row._fields, row, like, strict=True) if a != b]
            self._other.append(Difference(*place, f"differs in {', '.join(names)}"))

    def differences(self) -> list[Difference]:
        """Every row without an equal."""
        missing = [Difference(*place, "is missing") for place in self._made]
        return self._other + missing + [Difference(*place, "should not be there") for place in self._live]
