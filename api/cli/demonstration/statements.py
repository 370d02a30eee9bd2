"""How the story states a thing: times as vague as they were told, sources for every field, steps as plain data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, TypeAlias

from api.cli.demonstration.cast import Person

Body: TypeAlias = dict[str, Any]
"""A request body, or a part of one, as JSON values; party and case ids still as ``Ref``."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A party or a case by its name in the story; its id is known once it is recorded."""

    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the story: in which case, by whom, to which route, saying what.

    ``{case_id}`` in the route stands for the case; a route without it opens the case.
    """

    case: str
    by: Person
    route: str
    body: Mapping[str, Any]

    @property
    def opens(self) -> bool:
        """Whether it opens its case."""
        return "{case_id}" not in self.route


# --- When -----------------------------------------------------------------------------------------------------

KNOWN_BY = "2026-01-01T00:00:00Z"
"""When the made-up agency closed its reading of the articles. Whatever they tell without a date had happened by then."""


def moment(text: str) -> str:
    """A moment in UTC as the API takes it, from ``2025-04-15 10:20``."""
    return f"{datetime.fromisoformat(text).isoformat()}Z"


def exact(text: str) -> Body:
    """A time known to the minute, from ``2025-04-15 10:20``. In the story such times are always made up."""
    begun = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return {"earliest": instant(begun), "latest": instant(begun + timedelta(minutes=1)), "precision": "minute"}


def instant(value: datetime) -> str:
    """A UTC instant as RFC 3339 text."""
    return value.isoformat().replace("+00:00", "Z")


def undated(as_stated: str) -> Body:
    """The time of an act told without a year or a date: any time until the articles were read."""
    return {"earliest": None, "latest": KNOWN_BY, "precision": "unknown", "as_stated": as_stated}


def unknown(as_stated: str) -> Body:
    """The time a reported fact speaks of, told without a year or a date: nothing bounds it."""
    return {"earliest": None, "latest": None, "precision": "unknown", "as_stated": as_stated}


def between(first: str, last: str | None, precision: str, as_stated: str) -> Body:
    """A time known to lie between two days, the first included; without a last one it has no known end."""
    latest = None if last is None else f"{last}T00:00:00Z"
    return {"earliest": f"{first}T00:00:00Z", "latest": latest, "precision": precision, "as_stated": as_stated}


MID_APRIL = "mid-April, no year stated"
DECEMBER_2024 = between("2024-12-01", "2025-01-01", "month", "December 2024")
SINCE_DECEMBER_2024 = between("2024-12-01", None, "range", "December 2024 or later")
FALL_2022 = between("2022-09-01", "2022-12-01", "season", "fall 2022: the attempt, the conviction or both")
IN_2022 = between("2022-01-01", "2023-01-01", "year", "2022")

# --- From where -----------------------------------------------------------------------------------------------

NEWSPAPER = "newspaper-1"
"""The one newspaper whose unnamed sources both articles repeat: two articles, one origin."""

COMMENTARY, SUMMARY = "article-000", "article-001"


def told(article: str, asserted_by: str, *covers: str) -> Body:
    """An article as the source of some fields: a re-report, so its origin is the newspaper it repeats."""
    return {
        "source_id": article,
        "kind": "press",
        "origin_id": NEWSPAPER,
        "covers": list(covers),
        "asserted_by": asserted_by,
    }


def made_up(*covers: str) -> Body:
    """The demonstration itself as the source of fields that nobody ever claimed."""
    return {"source_id": "demonstration", "kind": "synthetic", "origin_id": "demonstration", "covers": list(covers)}


def uncovered(body: Body, sources: tuple[Body, ...]) -> Iterator[str]:
    """The fields no article vouches for, and the end of a time that an article left open."""
    vouched = {name for source in sources for name in source["covers"]}
    yield from (name for name in body if name not in vouched)
    if "when" in vouched and body["when"]["latest"] == KNOWN_BY:
        yield "when.latest"


def stated(when: Body, claim_status: str, sources: tuple[Body, ...], also_made_up: tuple[str, ...], fields: Body) -> Body:
    """A body in which every field has a source: an article where one vouches for it, else the demonstration."""
    body = {"when": when, **fields}
    rest = (*uncovered(body, sources), *also_made_up)
    every = [*sources, made_up(*rest)] if rest else list(sources)
    return {**body, "claim_status": claim_status, "sources": every}


def document(name: str) -> str:
    """The SHA-256 of a document that exists only by name."""
    return sha256(f"casetrail demonstration: {name}".encode()).hexdigest()


def statute(reference: str) -> Body:
    """A provision as authority."""
    return {"kind": "statute", "reference": reference}


def court_order(reference: str, issued_on: str | None = None) -> Body:
    """A court's order as authority, from a court that is not named."""
    return {"kind": "court_order", "reference": reference, "issued_by": "court", "issued_on": issued_on}


def pieces(count: int) -> Body:
    """A counted quantity."""
    return {"amount": str(count), "unit": "piece"}


def kilograms(weight: str) -> Body:
    """A weight."""
    return {"amount": weight, "unit": "kg"}


# --- Steps ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Case:
    """A case of the story, and the kind's part of its routes."""

    name: str
    route: str

    def opened(self, by: Person, when: Body, /, *sources: Body, claim_status: str = "observed", **fields: Any) -> Step:
        """The opening command; the case's name is its file number."""
        body = stated(when, claim_status, sources, (), {"file_number": self.name, **fields})
        return Step(self.name, by, f"/v1/{self.route}", body)

    def act(
        self,
        name: str,
        by: Person,
        when: Body,
        /,
        *sources: Body,
        claim_status: str = "observed",
        also_made_up: tuple[str, ...] = (),
        **fields: Any,
    ) -> Step:
        """One of the kind's own commands."""
        body = stated(when, claim_status, sources, also_made_up, fields)
        return Step(self.name, by, f"/v1/{self.route}/{{case_id}}/{name}", body)

    def noted(
        self, name: str, by: Person, when: Body, /, *sources: Body, claim_status: str = "observed", **fields: Any
    ) -> Step:
        """One of the commands every case has."""
        return Step(self.name, by, f"/v1/cases/{{case_id}}/{name}", stated(when, claim_status, sources, (), fields))

    def inventoried(self, by: Person, block: Body, /, **fields: Any) -> Step:
        """An inventory; ``block`` names its sources by the fields of the entries, of which there is one for each line."""
        return Step(self.name, by, f"/v1/{self.route}/{{case_id}}/inventory-lines", {**block, **fields})


DET_A, DET_B, DET_D = (Case(name, "detentions") for name in ("DET-A", "DET-B", "DET-D"))
SEI_A, SEI_B = (Case(name, "seizures") for name in ("SEI-A", "SEI-B"))
INV_1, INV_2, INV_C = (Case(name, "investigations") for name in ("INV-1", "INV-2", "INV-C"))
SEN_C = Case("SEN-C", "sentencings")

CASES = (SEI_A, DET_A, INV_1, SEI_B, DET_B, DET_D, INV_2, INV_C, SEN_C)
