"""The generations of each read model: which one readers see, how far each has come, and how one takes over.

A rebuild fills the next generation beside the live one. When it has caught up, a pointer moves and the old rows go.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from application.project import ReadModel
from infrastructure.database import write_transaction
from infrastructure.projection_rows import Follower, Overtaken
from infrastructure.schema import checkpoints, live_generations, metadata

FIRST_GENERATION = 1

SWEEP = 5_000
"""Old rows deleted in one transaction: nobody may wait long for it."""


class OtherVersion(Exception):
    """The rows that stand were made by another version of a read model."""

    def __init__(self, standing: int, ours: int) -> None:
        """Say which, and what to do."""
        super().__init__(f"its rows are of version {standing}, this program makes version {ours}: rebuild it")


class Generations:
    """The checkpoints and pointers of some read models. Safe on several threads; every method blocks."""

    def __init__(self, engine: sa.Engine, clock: Callable[[], int]) -> None:
        """``clock`` gives microseconds since 1970 UTC."""
        self._engine = engine
        self._clock = clock

    def enroll(self, models: Iterable[ReadModel[Any]]) -> None:
        """Begin a first generation at position 0 for every model that has none."""
        rows = [{"name": model.name, "generation": FIRST_GENERATION} for model in models]
        marks = [
            {**row, "version": model.version, "position": 0, "updated_at": self._clock()}
            for row, model in zip(rows, models, strict=True)
        ]
        known = self._known()
        new = [row for row in rows if row["name"] not in known]
        if new:
            with write_transaction(self._engine) as connection:
                connection.execute(self._insert(live_generations), new)
                connection.execute(self._insert(checkpoints), [mark for mark in marks if mark["name"] not in known])

    def _known(self) -> set[str]:
        with self._engine.connect() as connection:
            return set(connection.execute(sa.select(live_generations.c.name)).scalars())

    def _insert(self, table: sa.Table) -> Any:
        """An insert that leaves what is there: another process may be beginning too."""
        insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
        return insert(table).on_conflict_do_nothing()

    def live(self, models: Sequence[ReadModel[Any]]) -> dict[str, tuple[Follower, int]]:
        """Each enrolled model's live generation as it stands, and the version its rows were made by."""
        query = sa.select(checkpoints).join(
            live_generations,
            sa.and_(live_generations.c.name == checkpoints.c.name, live_generations.c.generation == checkpoints.c.generation),
        )
        with self._engine.connect() as connection:
            rows = {row.name: row for row in connection.execute(query)}
        return {
            model.name: (Follower(model, rows[model.name].generation, rows[model.name].position), rows[model.name].version)
            for model in models
            if model.name in rows
        }

    def begin(self, model: ReadModel[Any]) -> Follower:
        """A new, empty generation, of a number never used before. A rebuild still under way elsewhere is called off."""
        with write_transaction(self._engine) as connection:
            live = connection.execute(_live(model)).scalar_one()
            ours = checkpoints.c.name == model.name
            last = connection.execute(sa.select(sa.func.max(checkpoints.c.generation)).where(ours)).scalar_one()
            mark = {"name": model.name, "generation": last + 1, "version": model.version, "position": 0}
            connection.execute(sa.delete(checkpoints).where(ours, checkpoints.c.generation != live))
            connection.execute(sa.insert(checkpoints).values(**mark, updated_at=self._clock()))
        return Follower(model, last + 1, 0)

    def take_over(self, follower: Follower) -> bool:
        """Make a generation the live one if it includes all that the live one does; then delete the rows before it.

        False if it is behind. Raises Overtaken if another rebuild has called it off.
        """
        model, generation = follower.model, follower.generation
        of_model = checkpoints.c.name == model.name
        with write_transaction(self._engine) as connection:
            live = connection.execute(_live(model)).scalar_one()
            marks = sa.select(checkpoints.c.generation, checkpoints.c.position).where(of_model).with_for_update()
            positions = {row.generation: row.position for row in connection.execute(marks)}
            if generation not in positions:
                raise Overtaken(model.name)
            if positions.get(live, 0) > positions[generation]:
                return False
            pointer = sa.update(live_generations).where(live_generations.c.name == model.name)
            connection.execute(pointer.values(generation=generation))
            connection.execute(sa.delete(checkpoints).where(of_model, checkpoints.c.generation != generation))
        self._sweep(model, generation)
        return True

    def _sweep(self, model: ReadModel[Any], live: int) -> None:
        """Delete the rows of the generations before the live one, a few at a time."""
        table = metadata.tables[model.table_name]
        place: sa.ColumnElement[Any] = sa.literal_column("ctid" if self._engine.dialect.name == "postgresql" else "rowid")
        some = sa.select(place).select_from(table).where(table.c.generation < live).limit(SWEEP)
        while True:
            with write_transaction(self._engine) as connection:
                if connection.execute(sa.delete(table).where(place.in_(some))).rowcount == 0:
                    return


def _live(model: ReadModel[Any]) -> sa.Select[tuple[int]]:
    """The live generation, locked so that two rebuilds of one model do not cross."""
    pointer = sa.select(live_generations.c.generation).where(live_generations.c.name == model.name)
    return pointer.with_for_update()
