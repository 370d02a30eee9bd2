"""What operators do with read models: look on, rebuild, go back, try parked events again, pause.

Every operation works on a connection of its own, in any process, whether or not the log is being followed there or
elsewhere; every method blocks. Nothing here has an effect besides rows and checkpoints.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from application.errors import NotFound, Unavailable
from application.ports import Clock
from application.project import ReadModel
from application.reactions import REACTIONS
from infrastructure.generations import Generations, Live
from infrastructure.leases import Leases
from infrastructure.projection_rows import Follower, Overtaken, Parking
from infrastructure.reaction_marks import ReactionMarks, named
from infrastructure.runner import Runner, Sources

Report = Callable[[int, int], None]
"""Told how much is done, and of how much."""

ATTEMPTS = 200
"""How often a retry is begun again because the checkpoint moved under it."""


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of one parked event."""

    name: str
    parking: Parking
    freed: bool


class Upkeep:
    """Operations on the read models of one database. Safe on several threads."""

    def __init__(self, engine: sa.Engine, sources: Sources, models: Sequence[ReadModel[Any]], clock: Clock, batch: int) -> None:
        """Work on ``models``, ``batch`` events in one transaction."""
        self.models = tuple(models)
        self.engine = engine
        self.generations = Generations(engine, clock)
        self.reactions = ReactionMarks(engine, sources.ledger, clock)
        self._sources = sources
        self._clock = clock
        self._batch = batch

    def runner(self) -> Runner:
        """A runner of its own, for one thread; the caller closes it."""
        return Runner(self.engine, self._sources, self.models, self._clock, self._batch)

    def model(self, name: str) -> ReadModel[Any]:
        """The model of that name, enrolled. Raises NotFound."""
        model = next((model for model in self.models if model.name == name), None)
        if model is None:
            raise NotFound("projection")
        self.generations.enroll([model])
        return model

    def live(self, model: ReadModel[Any]) -> Live:
        """An enrolled model's live generation."""
        return self.generations.live([model])[model.name]

    def head(self) -> int:
        """The last position of the log."""
        return self._sources.ledger.head().position

    # --- Looking on ---

    def status(self, failures: Mapping[str, str]) -> list[Mapping[str, Any]]:
        """See ``application.world.Followers``; ``failures`` are causes by name, of models that stand still here."""
        head = self.head()
        live = self.generations.live(self.models)
        holders = Leases(self.engine).holders()
        return [
            self._status_of(model, live.get(model.name), head)
            | {"failure": failures.get(model.name), "holder": holders.get(model.name)}
            for model in self.models
        ] + [
            {**self.reactions.status(reaction.name), "failure": None, "holder": holders.get(named(reaction.name))}
            for reaction in REACTIONS
        ]

    def _status_of(self, model: ReadModel[Any], live: Live | None, head: int) -> dict[str, Any]:
        follower, version, paused, previous = live or Live(Follower(model, 0), model.version, paused=False, previous=None)
        waiting = self._sources.ledger.read(follower.position, 1, head)
        return {
            "name": model.name,
            "version": version,
            "generation": follower.generation,
            "previous": previous,
            "position": follower.position,
            "head": max(head, follower.position),
            "lag_events": max(head - follower.position, 0),
            "lag_seconds": max(self._clock() - waiting[0].recorded_at, 0) / 1e6 if waiting else 0.0,
            "events": follower.mark.events,
            "digest": follower.mark.digest.hex(),
            "parked": len(follower.parked),
            "paused": paused,
        }

    def parked(self, name: str) -> list[Parking]:
        """The events a model's live generation has set aside. Raises NotFound."""
        model = self.model(name)
        return self.generations.parked(model.name, self.live(model).follower.generation)

    # --- Starting anew, and going back ---

    def rebuild(self, names: Sequence[str], report: Report | None = None) -> None:
        """Fill new generations of models beside the live ones; each takes over once it has caught up.

        Raises NotFound for an unknown model, Overtaken if another rebuild of one is begun, and what the database
        raises; then the live generations of those that had not caught up stay.
        """
        models = [self.model(name) for name in names]
        self._catch_up([self.generations.begin(model) for model in models], report)

    def rollback(self, name: str, report: Report | None = None) -> None:
        """Catch up the generation before the live one and make it the live one again.

        Raises NotFound if none is kept, OtherVersion if another version of the model made it.
        """
        self._catch_up([self.generations.previous(self.model(name))], report)

    def _catch_up(self, group: list[Follower], report: Report | None) -> None:
        """Bring followers at one position to the end of the log, and have them take over there."""
        runner, head = self.runner(), self.head()
        try:
            while group:
                count = runner.step(group)
                if report is not None:
                    head = max(head, group[0].position)
                    report(group[0].position, head)
                if count < runner.batch:
                    group = [follower for follower in group if not self.generations.take_over(follower)]
        finally:
            runner.close()

    def pause(self, name: str, *, paused: bool) -> None:
        """Have no runner of any process follow with a model, or have them follow again. Raises NotFound."""
        self.generations.pause(self.model(name), paused=paused)

    # --- Trying again ---

    def retry(self, name: str) -> list[Retried]:
        """Try every parked event of a model again. Raises NotFound; Unavailable if the model keeps moving."""
        follower = self.live(self.model(name)).follower
        runner = self.runner()
        tried = []
        try:
            for parking in self.parked(name):
                follower, freed = self._retry(runner, follower, parking.case_id)
                left = self.generations.parking(follower, parking.case_id)
                tried.append(Retried(name, left or parking, freed))
        finally:
            runner.close()
        return tried

    def _retry(self, runner: Runner, follower: Follower, case_id: UUID) -> tuple[Follower, bool]:
        """Try one case; answers the live generation as it stands then, and whether the case is parked no longer."""
        for _ in range(ATTEMPTS):
            try:
                return follower, runner.retry(follower, case_id)
            except Overtaken:
                follower = self.live(follower.model).follower
        raise Unavailable("the read model keeps moving; try again, or pause it first")
