"""What is read back over HTTP once everything is recorded: one case on both clocks, and all cases as they stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import httpx2

from api.cli.demonstration.cast import PERSON_B
from api.cli.demonstration.dormitory import DESCRIBED
from api.cli.demonstration.statements import CASES, DET_B, INV_1

EARLIER = "2024-12-16T12:00:00Z"
"""A moment in the course of DET-B: after the rights were explained, before counsel came and the person was released."""

CORRECTED = "case.entry_corrected"


@dataclass(frozen=True, slots=True)
class Views:
    """DET-B read in every way, and the list of all cases.

    ``replay`` has the case at each version, ``before`` as known just before the correction, ``earlier`` as in effect at
    EARLIER, ``both`` as known then and in effect then; ``changes`` is the difference between ``before`` and ``now``.
    ``timelines`` has every case's entries by its file number; ``linked`` those of INV-1 and its linked cases in one order.
    """

    known_at: str
    now: Mapping[str, Any]
    before: Mapping[str, Any]
    earlier: Mapping[str, Any]
    both: Mapping[str, Any]
    changes: list[dict[str, Any]]
    replay: list[dict[str, Any]]
    worklist: list[dict[str, Any]]
    timelines: Mapping[str, list[dict[str, Any]]]
    linked: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads for an auditor; lists are waited for until they include ``position``."""

    client: httpx2.Client
    position: int = 0

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """One answer. Raises httpx2.HTTPStatusError for a problem."""
        answer = self.client.get(path, params=query)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    def items(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """A whole list, page by page, complete to the position. Raises httpx2.HTTPStatusError for a problem."""
        found: list[dict[str, Any]] = []
        following: str | None = f"{path}?{urlencode({'position': self.position, **query})}"
        while following:
            answer = self.client.get(following, headers={"prefer": "wait=10"})
            page = answer.raise_for_status().json()
            found += page["items"]
            following = page["next"]
        return found


def read_back(client: httpx2.Client, ids: Mapping[str, UUID]) -> Views:
    """Read everything the demonstration shows."""
    case = f"/v1/cases/{ids[DET_B.name]}"
    reader = Reader(client)
    now = reader.get(case)
    reader = Reader(client, now["position"])
    timelines = {c.name: reader.items(f"/v1/cases/{ids[c.name]}/timeline") for c in CASES}
    entries = timelines[DET_B.name]
    correction = next(e["version"] for e in entries if e["type"] == CORRECTED and e["target"] == DESCRIBED)
    known_at = next(e["recorded_at"] for e in entries if e["version"] == correction - 1)
    return Views(
        known_at=known_at,
        now=now,
        before=reader.get(case, known_at=known_at),
        earlier=reader.get(case, true_at=EARLIER),
        both=reader.get(case, known_at=known_at, true_at=EARLIER),
        changes=reader.get(f"{case}/diff", from_known_at=known_at)["changes"],
        replay=[reader.get(case, version=version) for version in range(1, now["version"] + 1)],
        worklist=reader.items("/v1/cases"),
        timelines=timelines,
        linked=reader.items(f"/v1/cases/{ids[INV_1.name]}/timeline", linked="true", order="effective"),
    )


def age_in(view: Mapping[str, Any], ids: Mapping[str, UUID]) -> int | None:
    """The age of person B as a view of DET-B has it; None where the person is not described in it."""
    described = view["persons"].get(str(ids[PERSON_B]))
    return None if described is None else described["age"]
