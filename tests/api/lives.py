"""Example cases given over HTTP, act by act: the same life cycles that the laws of the domain are searched from."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2

from domain.kernel import Command, Kind, Opening
from domain.kinds.sentencing.acts import CloseSentencing, QuashConviction, RestrictRecord
from domain.kinds.sentencing.execution_acts import RecordDeathUnderSentence, RecordRelease, ReleaseGround
from tests.api.server import Caller, Site, as_json
from tests.domain.makers import ACTORS
from tests.examples import DETENTION, LIFE_CYCLES, act
from tests.scenario import OTHER_PERSON, PERSON

ENDED_EARLY: dict[str, tuple[tuple[Command, ...], ...]] = {
    "sentencing": (
        (
            *LIFE_CYCLES["sentencing"][:1],
            act(QuashConviction, 30, "o-1"),
            act(RecordRelease, 31, "o-1", ground=ReleaseGround.COURT_ORDER),
            act(RestrictRecord, 32, "o-2"),
            act(CloseSentencing, 40, "o-2"),
        ),
        (*LIFE_CYCLES["sentencing"][:1], act(RecordDeathUnderSentence, 30, "o-2")),
    ),
}
"""Lives that end otherwise, in stages where what the usual life leaves open is open no more."""


def lives_of(kind: Kind) -> list[tuple[Command, ...]]:
    """The example lives of a kind; none for one that has only an opening."""
    return [life for life in (LIFE_CYCLES.get(kind.name, ()), *ENDED_EARLY.get(kind.name, ())) if life]


@dataclass(frozen=True)
class Given:
    """One act of a life: who gave it, the command, and the answer."""

    caller: Caller
    command: Command
    answer: httpx2.Response


class Teller:
    """Tells lives at a site: persons, officers and the detention they name become ones that are there."""

    def __init__(self, site: Site) -> None:
        """Register the persons and open the detention."""
        self.site = site
        officer = site.caller("o-1")
        self.ids = {str(p): str(officer.register_party()) for p in (PERSON, OTHER_PERSON)}
        self.ids[str(DETENTION)] = str(officer.open_detention().id)

    def translated(self, value: Any) -> Any:
        """JSON values with the examples' ids, officers and unit as they are here."""
        text = json.dumps(value)
        for known, here in self.ids.items():
            text = text.replace(known, here)
        for place in range(1, 6):
            text = text.replace(f'"o-{place}"', f'"e-{place}"')
        text = text.replace(f'"{ACTORS[0].unit}"', '"unit-1"')
        return json.loads(text)

    def caller(self, command: type[Command], officer: str | None = None) -> Caller:
        """Who gives a command in the example, in a role it asks for."""
        role = "officer" if "officer" in command.by.roles else min(command.by.roles)
        return self.site.caller((officer or "o-1").replace("o-", "e-"), role)

    def told(self, life: Sequence[Command]) -> Iterator[Given]:
        """Give the acts of a life one after another on one case, each on the version the last one left."""
        case_id, version = None, None
        for command in life:
            caller = self.caller(type(command), command.decided_by)
            path = caller.path(case_id, type(command))
            answer = caller.post(path, self.translated(as_json(command)), version=version)
            assert answer.status_code == (201 if isinstance(command, Opening) else 200), f"{path}: {answer.text}"
            case_id, version = UUID(answer.json()["case_id"]), answer.json()["version"]
            yield Given(caller, command, answer)
