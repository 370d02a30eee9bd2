"""The generations of each read model: which one readers see, how far each has come, and how one takes over.

A rebuild fills the next generation beside the live one. When it has caught up, a pointer moves. The generation before
it is kept, standing where it stood, until the next one takes over: it can be caught up and made the live one again.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from application.errors import NotFound
from application.project import ReadModel
from infrastructure.database import write_transaction
from infrastructure.projection_rows import NOTHING_SEEN, Follower, Mark, Overtaken, Parking
from infrastructure.schema import checkpoints, live_generations, metadata, parked

FIRST_GENERATION = 1

SWEEP = 5_000
"""Old rows deleted in one transaction: nobody may wait long for it."""

_PARKING = [parked.c[field] for field in Parking._fields]


class OtherVersion(Exception):
    """The rows that stand were made by another version of a read model."""

    def __init__(self, standing: int, ours: int) -> None:
        """Say which, and what to do."""
        super().__init__(f"its rows are of version {standing}, this program makes version {ours}: rebuild it")


class Live(NamedTuple):
    """A model's live generation as it stands, and the version its rows were made by; ``previous`` is kept beside it."""

    follower: Follower
    version: int
    paused: bool
    previous: int | None


class Generations:
    """The checkpoints and pointers of some read models. Safe on several threads; every method blocks."""

    def __init__(self, engine: sa.Engine, clock: Callable[[], int]) -> None:
        """``clock`` gives microseconds since 1970 UTC."""
        self._engine = engine
        self._clock = clock

    def enroll(self, models: Iterable[ReadModel[Any]]) -> None:
        """Begin a first generation at position 0 for every model that has none."""
        with self._engine.connect() as connection:
            known = set(connection.execute(sa.select(live_generations.c.name)).scalars())
        new = [model for model in models if model.name not in known]
        if new:
            first = {"generation": FIRST_GENERATION, "last": FIRST_GENERATION, "previous": None, "paused": False}
            with write_transaction(self._engine) as connection:
                connection.execute(
                    insert_ignoring(self._engine, live_generations), [{"name": model.name} | first for model in new]
                )
                marks = [self._beginning(model, FIRST_GENERATION) for model in new]
                connection.execute(insert_ignoring(self._engine, checkpoints), marks)

    def _beginning(self, model: ReadModel[Any], generation: int) -> dict[str, Any]:
        mark = {"position": 0, "events": 0, "digest": NOTHING_SEEN, "turn": 0, "updated_at": self._clock()}
        return {"name": model.name, "generation": generation, "version": model.version} | mark

    def live(self, models: Sequence[ReadModel[Any]]) -> dict[str, Live]:
        """Each enrolled model's live generation, all as of one moment."""
        with self._engine.connect() as connection:
            return live_in(connection, models)

    def previous(self, model: ReadModel[Any]) -> Follower:
        """The generation kept for a way back. Raises NotFound if there is none, OtherVersion if it is of another version."""
        of_pointer = sa.and_(
            live_generations.c.name == checkpoints.c.name, live_generations.c.previous == checkpoints.c.generation
        )
        with self._engine.connect() as connection:
            query = sa.select(checkpoints).join(live_generations, of_pointer).where(checkpoints.c.name == model.name)
            row = connection.execute(query).one_or_none()
            if row is None:
                raise NotFound("previous generation")
            if row.version != model.version:
                raise OtherVersion(row.version, model.version)
            follower = _follower(model, row)
            mine = sa.and_(parked.c.name == model.name, parked.c.generation == row.generation)
            for case_id, retry_at in connection.execute(sa.select(parked.c.case_id, parked.c.retry_at).where(mine)):
                follower.parked[case_id] = retry_at
        return follower

    def begin(self, model: ReadModel[Any], *, beside: bool = False) -> Follower:
        """A new, empty generation, of a number never used before. A rebuild still under way elsewhere is called off.

        ``beside``: it is not, and this generation is not meant to take over.
        """
        with write_transaction(self._engine) as connection:
            pointer = connection.execute(_pointer(model)).one()
            generation = pointer.last + 1
            if not beside:
                _leave(connection, model.name, (pointer.generation, pointer.previous))
            ours = live_generations.c.name == model.name
            connection.execute(sa.update(live_generations).where(ours).values(last=generation))
            connection.execute(sa.insert(checkpoints).values(**self._beginning(model, generation)))
        return Follower(model, generation)

    def take_over(self, follower: Follower) -> bool:
        """Make a generation the live one if it includes all that the live one does, which is kept as the previous one.

        False if it is behind. Raises Overtaken if another rebuild has called it off.
        """
        model, generation = follower.model, follower.generation
        of_model = checkpoints.c.name == model.name
        with write_transaction(self._engine) as connection:
            live = connection.execute(_pointer(model)).one().generation
            marks = sa.select(checkpoints.c.generation, checkpoints.c.position).where(of_model).with_for_update()
            positions = {row.generation: row.position for row in connection.execute(marks)}
            if generation not in positions:
                raise Overtaken(model.name)
            if positions.get(live, 0) > positions[generation]:
                return False
            ours = live_generations.c.name == model.name
            connection.execute(sa.update(live_generations).where(ours).values(generation=generation, previous=live))
            _leave(connection, model.name, (generation, live))
            _another_turn(connection, model.name, live)  # whoever runs the generation before must look where to go on
        self.sweep(model)
        return True

    def drop(self, follower: Follower) -> None:
        """Remove a generation that is neither live nor kept, rows and all."""
        with write_transaction(self._engine) as connection:
            pointer = connection.execute(_pointer(follower.model)).one()
            known = sa.select(checkpoints.c.generation).where(checkpoints.c.name == follower.model.name)
            others = set(connection.execute(known).scalars()) - {follower.generation}
            _leave(connection, follower.model.name, others | {pointer.generation})
        self.sweep(follower.model)

    def sweep(self, model: ReadModel[Any]) -> None:
        """Delete the rows of every generation that has no checkpoint, a few at a time."""
        table = metadata.tables[model.table_name]
        place: sa.ColumnElement[Any] = sa.literal_column("ctid" if self._engine.dialect.name == "postgresql" else "rowid")
        for generation in self._abandoned(model, table):
            some = sa.select(place).select_from(table).where(table.c.generation == generation).limit(SWEEP)
            while True:
                with write_transaction(self._engine) as connection:
                    if connection.execute(sa.delete(table).where(place.in_(some))).rowcount == 0:
                        break

    def _abandoned(self, model: ReadModel[Any], table: sa.Table) -> Iterator[int]:
        """Generations with rows and without a checkpoint, of the numbers given out so far."""
        with self._engine.connect() as connection:
            last = connection.execute(
                sa.select(live_generations.c.last).where(live_generations.c.name == model.name)
            ).scalar_one()
            kept = set(
                connection.execute(sa.select(checkpoints.c.generation).where(checkpoints.c.name == model.name)).scalars()
            )
        generation = 0
        while True:
            following = sa.select(sa.func.min(table.c.generation)).where(table.c.generation > generation)
            with self._engine.connect() as connection:
                found = connection.execute(following.where(table.c.generation <= last)).scalar_one()
            if found is None:
                return
            generation = found
            if generation not in kept:
                yield generation

    def pause(self, model: ReadModel[Any], *, paused: bool) -> None:
        """Have no runner of any process follow with a model, or have them follow again. Raises NotFound."""
        ours = live_generations.c.name == model.name
        with write_transaction(self._engine) as connection:
            live = connection.execute(_pointer(model)).one_or_none()
            if live is None:
                raise NotFound("projection")
            connection.execute(sa.update(live_generations).where(ours).values(paused=paused))
            _another_turn(connection, model.name, live.generation)  # a batch under way comes through no more

    # --- Parked events ---

    def parked(self, name: str, generation: int = FIRST_GENERATION) -> list[Parking]:
        """The events a generation has set aside, in the order of the log."""
        mine = sa.and_(parked.c.name == name, parked.c.generation == generation)
        query = sa.select(*_PARKING).where(mine).order_by(parked.c.position)
        with self._engine.connect() as connection:
            return [Parking(*row) for row in connection.execute(query)]

    def failed_again(self, name: str, generation: int, parking: Parking) -> None:
        """Keep the cause and the number of a further attempt."""
        mine = sa.and_(parked.c.name == name, parked.c.generation == generation)
        one = sa.and_(mine, parked.c.case_id == parking.case_id, parked.c.version == parking.version)
        fields = {"cause": parking.cause, "attempts": parking.attempts, "retry_at": parking.retry_at}
        with write_transaction(self._engine) as connection:
            connection.execute(sa.update(parked).where(one).values(fields))

    def parking(self, follower: Follower, case_id: UUID) -> Parking | None:
        """The event that holds back one case, None if none does."""
        mine = sa.and_(parked.c.name == follower.model.name, parked.c.generation == follower.generation)
        query = sa.select(*_PARKING).where(mine, parked.c.case_id == case_id).order_by(parked.c.position).limit(1)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else Parking(*row)


def insert_ignoring(engine: sa.Engine, table: sa.Table) -> Any:
    """An insert that leaves what is there: another process may be beginning too."""
    insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing()


def live_in(connection: sa.Connection, models: Sequence[ReadModel[Any]]) -> dict[str, Live]:
    """As ``Generations.live``, as a transaction sees it."""
    of_pointer = sa.and_(
        live_generations.c.name == checkpoints.c.name, live_generations.c.generation == checkpoints.c.generation
    )
    query = sa.select(checkpoints, live_generations.c.paused, live_generations.c.previous).join(live_generations, of_pointer)
    rows = {row.name: row for row in connection.execute(query)}
    found = {
        model.name: Live(_follower(model, row), row.version, row.paused, row.previous)
        for model in models
        if (row := rows.get(model.name)) is not None
    }
    apart = sa.select(parked.c.name, parked.c.generation, parked.c.case_id, parked.c.retry_at)
    for name, generation, case_id, retry_at in connection.execute(apart):
        if name in found and found[name].follower.generation == generation:
            found[name].follower.parked[case_id] = retry_at
    return found


def _follower(model: ReadModel[Any], row: Any) -> Follower:
    return Follower(model, row.generation, Mark(row.position, row.events, row.digest, row.turn))


def _leave(connection: sa.Connection, name: str, kept: Collection[int | None]) -> None:
    """Remove the checkpoints and the parked events of all other generations of a model."""
    numbers = sorted(number for number in kept if number is not None)
    for table in (checkpoints, parked):
        connection.execute(sa.delete(table).where(table.c.name == name, table.c.generation.not_in(numbers)))


def _another_turn(connection: sa.Connection, name: str, generation: int) -> None:
    """Have whoever runs a generation look anew before the next batch."""
    one = sa.and_(checkpoints.c.name == name, checkpoints.c.generation == generation)
    connection.execute(sa.update(checkpoints).where(one).values(turn=checkpoints.c.turn + 1))


def _pointer(model: ReadModel[Any]) -> sa.Select[Any]:
    """The pointer, locked so that two rebuilds of one model do not cross."""
    return sa.select(live_generations).where(live_generations.c.name == model.name).with_for_update()
