"""Nationality, ethnicity, religion and health are in a case and nowhere else; and nobody is given a score.

Two ways of asking: whether anything that lists, filters, sorts, counts or exports *names* such a trait, and whether
anything but the reading of the case itself *tells* it or answers otherwise because of it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from itertools import product
from pathlib import Path
from typing import Any, get_args, get_type_hints
from uuid import UUID

import pytest
import typer

from api.cli import app as command_line
from api.routes.lists import AUDIT_COLUMNS, INTERVAL_COLUMNS, LINK_COLUMNS, TIMELINE_COLUMNS, WORKLIST_COLUMNS
from application.read_models import READ_MODELS
from application.reports.standing import REPORTS
from domain import dossier
from domain.catalogue import discover
from domain.dossier.acts import AddAddendum, DescribePerson
from domain.kinds.detention.care_acts import MedicalOccasion, RecordMedicalCheck
from domain.ledger_stream import EVENTS as LEDGER_EVENTS
from domain.naming import snake
from infrastructure.exports.datasets import DATASETS
from infrastructure.exports.views import VIEWS
from infrastructure.schema import metadata, webhooks
from tests.api.server import Caller, Site, block
from tests.api.terminal import Terminal
from tests.scenario import HOUR, NOON

TRAITS = frozenset(
    {
        *("nationality", "nationalities", "national", "citizenship", "foreign", "ethnicity", "ethnic", "race", "racial"),
        *("religion", "religious", "belief", "faith", "health", "medical", "diagnosis", "disability", "language", "languages"),
        *("minor", "juvenile", "age", "birth", "gender", "sex", "name", "occupation", "party", "persons", "documents"),
    }
)
"""Words in no name of anything by which cases or persons could be found, ordered, counted or taken out."""

SCORES = frozenset(
    {
        *("score", "scores", "scoring", "rating", "rank", "ranking", "risk", "risks", "grade"),
        *("likelihood", "probability", "prediction"),
    }
)
"""Words in no name at all that could say something of a person."""


def words(name: str) -> set[str]:
    """The words a name is made of."""
    return set(re.findall("[a-z]+", snake(name).lower()))


# --- Names ----------------------------------------------------------------------------------------------------


def parameters(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every parameter of every operation, but a report's own name, which is nobody's."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            for parameter in operation.get("parameters", ()):
                if not (path.startswith("/v1/reports/{name}") and parameter["name"] == "name"):
                    yield f"{method} {path}", parameter["name"]


def options(command: Any, path: str = "casetrail") -> Iterator[tuple[str, str]]:
    """Every option and argument of every command of the command line."""
    for name, child in getattr(command, "commands", {}).items():
        yield from options(child, f"{path} {name}")
    for parameter in command.params:
        yield from ((path, name) for name in (parameter.name, *parameter.opts, *parameter.secondary_opts))


LISTS = {
    "worklist": WORKLIST_COLUMNS,
    "timeline": TIMELINE_COLUMNS,
    "audit": AUDIT_COLUMNS,
    "links": LINK_COLUMNS,
    "state intervals": INTERVAL_COLUMNS,
}


def reading() -> Iterator[tuple[str, str]]:
    """Every name by which something is listed, counted, kept for reading, exported or sent on."""
    yield from ((what, name) for what, columns in LISTS.items() for name in columns)
    yield from (("data set " + name, column.name) for name, each in DATASETS.items() for column in each.view.columns)
    of_cases = (view for view in VIEWS if view.name != "projections")  # it has a row for each read model, by its name
    yield from (("view " + view.versioned, column.name) for view in of_cases for column in view.columns)
    yield from (("report " + report.name, column.name) for report in REPORTS for column in report.columns)
    yield from (("read model " + model.name, name) for model in READ_MODELS for name in model.row._fields)
    yield from (("webhook", column.name) for column in webhooks.columns)


def stored() -> Iterator[tuple[str, str]]:
    """Every column and every indexed column of every table."""
    for table in metadata.tables.values():
        yield from ((table.name, column.name) for column in table.columns)
        yield from (
            (f"{table.name}, an index", str(getattr(part, "name", part)))
            for index in table.indexes
            for part in index.expressions
        )


def test_no_parameter_asks_for_a_personal_trait(sqlite_site: Site) -> None:
    asked = list(parameters(sqlite_site.app.openapi()))
    assert [(where, name) for where, name in asked if words(name) & (TRAITS | SCORES)] == []
    assert {"unit", "known_at", "Prefer", "Idempotency-Key", "case_id"} <= {name for _, name in asked}


def test_no_command_line_option_asks_for_a_personal_trait() -> None:
    asked = list(options(typer.main.get_command(command_line)))
    assert [(where, name) for where, name in asked if words(name) & (TRAITS - {"name"} | SCORES)] == []
    named = {where for where, name in asked if "name" in words(name)}
    assert all("projections" in where or "reports" in where or "profiles" in where for where in named), named
    assert ("casetrail export", "dataset") in asked


def test_nothing_that_is_listed_counted_or_exported_is_a_personal_trait() -> None:
    asked = (TRAITS | SCORES) - {"party"}  # a random id, and what tells something of it is in the case
    assert [(where, name) for where, name in reading() if words(name) & asked] == []


def test_no_table_has_a_column_or_an_index_for_a_personal_trait() -> None:
    allowed = {"name", "party"}  # read models, holders of leases; and whose key it is, a random id
    assert [(where, name) for where, name in stored() if words(name) & ((TRAITS | SCORES) - allowed)] == []


def test_a_report_has_no_personal_dimension_whatever_it_counts() -> None:
    dimensions = {column.name for report in REPORTS for column in report.dimensions}
    assert dimensions
    assert not [name for name in dimensions if words(name) & TRAITS]


# --- No score -------------------------------------------------------------------------------------------------


def classes_in(annotation: Any, seen: set[type]) -> set[type]:
    """Every dataclass an annotation is made of, at whatever depth."""
    if isinstance(annotation, type) and is_dataclass(annotation) and annotation not in seen:
        seen.add(annotation)
        for hint in get_type_hints(annotation, include_extras=True).values():
            classes_in(hint, seen)
    for part in get_args(annotation):
        classes_in(part, seen)
    return seen


def stated() -> set[type]:
    """Every dataclass that commands, events and stages of cases and parties are made of."""
    seen = set[type]()
    catalogue = discover()
    every: Iterable[type] = (
        *(command for kind in catalogue.kinds.values() for command in kind.commands),
        *(stage for kind in catalogue.kinds.values() for stage in kind.stages),
        *catalogue.shared.rules,
        *catalogue.events.values(),
        *LEDGER_EVENTS,
        dossier.Dossier,
    )
    for one in every:
        classes_in(one, seen)
    return seen


OF_GOODS = {"Item", "RecordKeepingRisk", "KeepingRiskRecorded"}
"""Goods may perish or endanger: a risk of keeping them, and of nobody."""


def test_nothing_recorded_is_a_score() -> None:
    of_persons = [cls for cls in stated() if cls.__name__ not in OF_GOODS]
    names = {(cls.__name__, field.name) for cls in of_persons for field in fields(cls)}
    assert len(names) > 500
    assert [pair for pair in names if words(pair[1]) & SCORES] == []
    assert [cls.__name__ for cls in of_persons if words(cls.__name__) & SCORES] == []


# --- What answers tell ----------------------------------------------------------------------------------------

NATIONALITY, ETHNICITY, RELIGION, HEALTH, FINDINGS = "Ruritanian", "Vlachovar", "Zoroquist", "hypoglossia", "dysgraphalia"
TOLD = (NATIONALITY, ETHNICITY, RELIGION, HEALTH, FINDINGS, "Zebedee", "X-99817")
NONSENSE = "Qwrtplkjhg"
OWN = "/v1/cases/{case_id}"
UNENDING = "/v1/events/stream"
IN_THE_UNIT, ELSEWHERE = ("o-1", "a-1"), ("o-3", "r-1", "p-1")


def with_traits(site: Site) -> UUID:
    """A detention of a person of whom every trait is recorded, and which the lists have."""
    officer = site.caller("o-1")
    party = officer.register_party()
    case = officer.open_detention(party).id
    described = DescribePerson(
        **block(party=party), name="Zebedee Quux", age=47, occupation=f"{ETHNICITY} taxidermist", nationality=NATIONALITY,
        documents="passport X-99817", health=HEALTH,
    )  # fmt: skip
    occasion = next(iter(MedicalOccasion))
    checked = RecordMedicalCheck(**block(NOON + HOUR), practitioner="d-1", occasion=occasion, findings=FINDINGS)
    officer.record(case, described)
    officer.record(case, checked)
    receipt = officer.record(case, AddAddendum(**block(NOON + HOUR), text=f"Asked for a {RELIGION} chaplain."))
    officer.follow(receipt["position"])
    return case


def paths(site: Site) -> dict[str, list[dict[str, Any]]]:
    """Every path that is read, with its parameters; the unending one says what the feed says, see test_feeds."""
    every = site.app.openapi()["paths"].items()
    return {path: item["get"].get("parameters", []) for path, item in every if "get" in item and path != UNENDING}


def filled(path: str, case: UUID, word: str = "cases") -> str:
    """The path with a case, a report and a month in it."""
    return path.replace("{case_id}", str(case)).replace("{name}", word).replace("{month}", "2026-03")


def takes_text(schema: Mapping[str, Any]) -> bool:
    """Whether a parameter takes a word."""
    inner = [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())]
    return (schema.get("type") == "string" and "format" not in schema) or any(map(takes_text, inner))


def told_in(text: str) -> set[str]:
    """Which of the traits a text tells."""
    return {word for word in TOLD if word.lower() in text.lower()}


def answer(caller: Caller, path: str, **query: Any) -> tuple[int, str]:
    """The status and the text of an answer, without the words that were asked for."""
    got = caller.get(path, **query)
    text = got.text
    for word in query.values():
        text = re.sub(re.escape(word), "", text, flags=re.IGNORECASE)
    return got.status_code, text


@pytest.fixture(scope="module")
def told(site: Site) -> tuple[Site, UUID]:
    """A server with a case of which every trait is recorded."""
    return site, with_traits(site)


def test_only_the_case_itself_tells_a_trait_and_only_to_those_who_may_read_it(told: tuple[Site, UUID]) -> None:
    site, case = told
    for path, person in product(paths(site), (*IN_THE_UNIT, *ELSEWHERE)):
        found = told_in(site.caller(person).get(filled(path, case)).text)
        if not path.startswith(OWN) or person in ELSEWHERE:
            assert not found, f"{path} tells {person} {found}"
    for person in (*IN_THE_UNIT, "s-1", "m-1"):
        assert NATIONALITY in site.caller(person).get(filled(OWN, case)).text, "in the case itself, for those who may see it"


def test_no_filter_finds_a_trait(told: tuple[Site, UUID]) -> None:
    site, case = told
    for path, asked in paths(site).items():
        named = [p["name"] for p in asked if p["in"] == "query" and takes_text(p["schema"])]
        for name, word, person in product(named, (NATIONALITY, ETHNICITY, RELIGION, HEALTH), ("a-1", "r-1")):
            caller, at = site.caller(person), filled(path, case)
            assert answer(caller, at, **{name: word}) == answer(caller, at, **{name: NONSENSE}), f"{path}?{name}={word}"


def test_no_parameter_that_nobody_declared_changes_an_answer(told: tuple[Site, UUID]) -> None:
    site, case = told
    auditor = site.caller("a-1")
    for path in ("/v1/cases", "/v1/audit", "/v1/links", "/v1/events", "/v1/reports/cases", f"/v1/cases/{case}/timeline"):
        plain = auditor.get(path)
        assert plain.status_code == 200, path
        for name, value in product(("nationality", "health", "q", "search", "filter"), (NATIONALITY, HEALTH)):
            other = auditor.get(path, None, **{name: value})
            assert other.status_code == 422 or without_time(other.text, value) == without_time(plain.text, value), (path, name)
        for name in ("sort", "order_by", "group_by", "dimensions", "fields", "columns"):
            other = auditor.get(path, None, **{name: "nationality"})
            assert other.status_code == 422 or without_time(other.text) == without_time(plain.text), (path, name)


def without_time(text: str, word: str = "nationality") -> str:
    """An answer without the address it came from."""
    return re.sub(r"[?&]\w+=" + word, "", text, flags=re.IGNORECASE)


def test_no_export_tells_a_trait(told: tuple[Site, UUID], tmp_path: Path) -> None:
    site, case = told
    terminal = Terminal(site.instance.program.environment)
    for name in DATASETS:
        folder = tmp_path / name
        assert terminal.type("export", name, "--out", folder, "--format", "jsonl", "--json").code == 0
        written = "".join(file.read_text() for file in folder.rglob("*") if file.is_file())
        assert str(case) in written or name in {"links", "custody"}, "it has no links and no goods"
        assert told_in(written) == set(), name


# --- Lists ----------------------------------------------------------------------------------------------------


def test_a_row_of_the_worklist_has_its_columns_and_no_others_for_everybody(told: tuple[Site, UUID]) -> None:
    site, case = told
    for person in ("o-1", "s-1", "a-1", "r-1", "m-1"):
        row = next(row for row in listed(site, person, "/v1/cases") if row["case_id"] == str(case))
        assert set(row) == set(WORKLIST_COLUMNS), person


def listed(site: Site, person: str, path: str) -> list[dict[str, Any]]:
    """All rows of a list as somebody sees it."""
    items: list[dict[str, Any]] = []
    following: str | None = f"{path}?limit=500"
    while following:
        page = site.caller(person).get(following).json()
        items += page["items"]
        following = page["next"]
    return items
