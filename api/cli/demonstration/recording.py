"""Recording the story through the HTTP API, so that doing it again, or going on after a break, records nothing twice.

Each command has an idempotency key made of its case and its place there, and a body that is the same in every run. A
command recorded before is answered with its first receipt, whatever has happened since.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import httpx2

from api.cli.demonstration.statements import Ref, Step
from api.cli.demonstration.story import STORY

Report = Callable[[int, int], None]

REFUSED, MALFORMED = 400, 422
OTHER_STORY = " (recorded before by another version of this story? Name another folder in CASETRAIL_INSTANCE)"
"""What a key sent before with another body means here: the same key, and so the same place in the story."""


class NotRecorded(Exception):
    """A command of the story was not taken; the text says which one and what the server said, in one line."""


def record_demonstration(client: httpx2.Client, tokens: Mapping[str, str], report: Report | None = None) -> dict[str, UUID]:
    """Record every case of the story on a running server and answer their ids, and the parties', by name.

    ``client`` has the server's address as its base; ``tokens`` gives each person's bearer token by the person's id.
    ``report`` is called with the commands done and their number. Raises NotRecorded.
    """
    recording = Recording(client, tokens)
    for done, step in enumerate(STORY, start=1):
        recording.record(step)
        if report is not None:
            report(done, len(STORY))
    return dict(recording.ids)


class Recording:
    """A run through the story: the ids known so far, and the version each case has come to."""

    def __init__(self, client: httpx2.Client, tokens: Mapping[str, str]) -> None:
        self._client = client
        self._tokens = tokens
        self._versions: dict[str, int] = {}
        self._places: Counter[str] = Counter()
        self.ids: dict[str, UUID] = {}

    def record(self, step: Step) -> None:
        """Send one command and keep what its receipt says. Raises NotRecorded."""
        self._places[step.case] += 1
        route = step.route if step.opens else step.route.format(case_id=self.ids[step.case])
        content = json.dumps(self._resolved(step.body)).encode()
        answer = self._client.post(route, content=content, headers=self._headers(step))
        if answer.status_code >= REFUSED:
            hint = OTHER_STORY if answer.status_code == MALFORMED else ""
            raise NotRecorded(f"{step.case}: {step.route} was answered {answer.status_code}: {told_by(answer)}{hint}")
        receipt = answer.json()
        self.ids[step.case] = UUID(receipt["case_id"])
        self._versions[step.case] = receipt["version"]

    def _headers(self, step: Step) -> dict[str, str]:
        """Who gives the command, its key, and the version it was decided on."""
        headers = {
            "authorization": f"Bearer {self._tokens[step.by.id]}",
            "content-type": "application/json",
            "idempotency-key": f"demonstration-{step.case}-{self._places[step.case]}",
        }
        return headers if step.opens else {**headers, "if-match": f'"{self._versions[step.case]}"'}

    def _resolved(self, value: Any) -> Any:
        """A body with the ids of parties and cases in the place of their names."""
        match value:
            case Ref(name=name):
                return str(self.ids[name])
            case Mapping():
                return {key: self._resolved(part) for key, part in value.items()}
            case list() | tuple():
                return [self._resolved(part) for part in value]
            case _:
                return value


def told_by(answer: httpx2.Response) -> str:
    """What a problem document says, in one line and without any value that was sent."""
    if "json" not in answer.headers.get("content-type", ""):
        return "no problem document"
    problem = answer.json()
    places = "; ".join(f"{e['field']}: {e['reason']}" for e in problem.get("errors", ()))
    return " ".join(filter(None, (problem["type"], problem.get("detail"), places)))
