"""Rows of the read models that this process wrote last, kept in memory so that the next batch need not read them again.

They hold only as long as nobody else moves the checkpoint: a follower that stands anywhere else than where this process
left it has its rows read from the database.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from application.project import Key
from infrastructure.projection_rows import Follower, Mark, ProjectionRows, Standing, Stride, Work

REMEMBERED = 20_000
"""Cases of each model whose rows are kept."""


class _Memory:
    """One model's rows by case, as of a generation and a position."""

    def __init__(self) -> None:
        self.stands: tuple[int, Mark] | None = None
        self.rows: OrderedDict[UUID, dict[Key, Any]] = OrderedDict()

    def at(self, follower: Follower) -> OrderedDict[UUID, dict[Key, Any]]:
        """The rows, if they stand where the follower does; none otherwise."""
        stands = (follower.generation, follower.mark)
        if self.stands != stands:
            self.rows.clear()
            self.stands = stands
        return self.rows

    def follow(self, stride: Stride) -> None:
        """Make the changes that were just written, which move the follower to another mark."""
        follower, changes = stride.follower, stride.changes
        self.at(follower)
        key_of = follower.model.key_of
        for case_id, key in changes.drop:
            self.rows.get(case_id, {}).pop(key, None)
        for row in changes.put:
            self.rows.setdefault(row.case_id, {})[key_of(row)] = row
            self.rows.move_to_end(row.case_id)
        while len(self.rows) > REMEMBERED:
            self.rows.popitem(last=False)
        self.stands = (follower.generation, stride.mark)


class RememberedRows:
    """A ``ProjectionRows`` before another one, which it asks only for what it does not remember. For one thread."""

    def __init__(self, rows: ProjectionRows) -> None:
        """Write through ``rows``."""
        self._rows = rows
        self._memories: dict[str, _Memory] = {}

    def held(self, follower: Follower, case_ids: Sequence[UUID]) -> Standing:
        """See ``ProjectionRows``."""
        rows = self._memory(follower).at(follower)
        unknown = [case_id for case_id in case_ids if case_id not in rows]
        if unknown:
            found = self._rows.held(follower, unknown)
            rows.update({case_id: found.get(case_id, {}) for case_id in unknown})
        return {case_id: dict(rows[case_id]) for case_id in case_ids if rows[case_id]}

    def apply(self, work: Work, now: int) -> None:
        """See ``ProjectionRows``."""
        self._rows.apply(work, now)
        for stride in work:
            if not stride.follower.model.per_event:
                self._memory(stride.follower).follow(stride)

    def close(self) -> None:
        """See ``ProjectionRows``."""
        self._rows.close()

    def _memory(self, follower: Follower) -> _Memory:
        return self._memories.setdefault(follower.model.name, _Memory())
