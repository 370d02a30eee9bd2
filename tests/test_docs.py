"""The docs cannot lie: what they name exists, what they link is there, what they show runs.

In code (a fence, an indented block, a span between backticks) every command, option, address, setting, event, metric
and problem is looked up where it is defined. The requests of ``docs/officer.md`` are sent to a server, one after the
other; fences under ``<!-- test: … -->`` are run.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from prometheus_client import generate_latest
from pydantic import TypeAdapter

import domain.kinds
from api.cli import app as command_line
from api.commands import command_routes
from api.main import create_app
from application.access import ROLES
from application.reports.standing import REPORTS
from domain.catalogue import Catalogue, discover
from domain.dossier.acts import AddAddendum
from domain.ledger_stream import EVENTS as LEDGER_EVENTS
from domain.values import When
from infrastructure.settings import Settings
from tests.api.server import Site, as_json, block, create_instance, number
from tests.engines import Database

ROOT = Path(__file__).parents[1]
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text() for path in (*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md")))
}
CATALOGUE = discover()
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
ADDRESS = re.compile(r"(?:(?<=:8000)|(?<![\w.~*}-]))/(?:v1/|health/|metrics\b|docs\b|openapi\.json)[^\s`\"')|,]*")
SHOWN_PARTY, SHOWN_CASE = "5f741cee-03d4-43a3-8da3-ba4bb8a60952", "11dd982f-20b9-41c1-8d69-c09c7a922e83"
"""The ids in the requests of the officers' page."""

DATABASE_ROLES = {"casetrail_owner", "casetrail_app"}

each_page = pytest.mark.parametrize("page", PAGES)


@cache
def fences(page: str, language: str) -> list[str]:
    """The fences of a page in a language."""
    return [text for _, found, text in FENCE.findall(PAGES[page]) if found == language]


@cache
def code(page: str) -> list[str]:
    """Everything a page shows as code: lines of fences and indented blocks, and spans."""
    text = PAGES[page]
    lines = [line for _, _, fence in FENCE.findall(text) for line in fence.splitlines()]
    rest = FENCE.sub("", text)
    return [*lines, *re.findall(r"^ {4,}(.*)$", rest, re.MULTILINE), *SPAN.findall(rest)]


def marked(page: str, name: str) -> str:
    """The one fence under ``<!-- test: name -->``."""
    (found,) = re.findall(rf"<!-- test: {name} -->\n```\w+\n(.*?)^```", PAGES[page], re.MULTILINE | re.DOTALL)
    return str(found)


# --- Commands -------------------------------------------------------------------------------------------------


def leaves(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Each command with its full name."""
    for name, child in getattr(command, "commands", {}).items():
        yield from leaves(child, f"{path} {name}")
    if not hasattr(command, "commands"):
        yield path, command


COMMANDS = dict(leaves(typer.main.get_command(command_line), "casetrail"))


def options(command: Any) -> set[str]:
    """A command's options."""
    return {"--help", *(name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts))}


def misused(line: str) -> Iterator[str]:
    """What is wrong with each use of the command line in a line of code."""
    for used in re.findall(r"(?:^|[\s/(])(casetrail(?: [^\s|;)#]+)+)", line):
        words = used.split()
        if words[1].startswith("--") or words[1] == "…":
            continue
        name = next((" ".join(words[:n]) for n in (3, 2) if " ".join(words[:n]) in COMMANDS), None)
        if name is None:
            yield f"no such command: {used}"
        else:
            yield from (f"{name} has no {w}" for w in words if w.startswith("--") and w not in options(COMMANDS[name]))


@each_page
def test_every_command_and_option_exists(page: str) -> None:
    known = {option for command in COMMANDS.values() for option in options(command)}
    alone = {span.split()[0] for span in SPAN.findall(PAGES[page]) if span.startswith("--")}

    assert [wrong for line in code(page) for wrong in misused(line)] == []
    assert alone - known == set()


def test_every_command_is_explained_to_operators() -> None:
    assert [name for name in COMMANDS if f"`{name}`" not in PAGES["docs/operator.md"]] == []


@pytest.mark.parametrize("line", ["casetrail witness", "x $(.venv/bin/casetrail verify --from 3)", "casetrail cases drop"])
def test_a_wrong_command_is_found(line: str) -> None:
    assert len(list(misused(line))) == 1


@each_page
def test_every_script_is_there(page: str) -> None:
    named = set(re.findall(r"\bscripts/[\w.]+\b", "\n".join(code(page))))

    assert [name for name in named if not (ROOT / name).exists()] == []
    assert [name for name in named if not name.endswith(".sh") and not os.access(ROOT / name, os.X_OK)] == []


# --- Addresses ------------------------------------------------------------------------------------------------


@cache
def described(*, example: bool) -> Mapping[str, Any]:
    """The paths of the API description, with the example kind of ``docs/architecture.md`` if asked for."""
    shown = create_app(catalogue=CATALOGUE).openapi()["paths"]
    extra: dict[str, Any] = (
        {"/v1/warnings": {"post": {}}, "/v1/warnings/{case_id}/acknowledge": {"post": {}}} if example else {}
    )
    pages: dict[str, Any] = {"/docs": {"get": {}}, "/openapi.json": {"get": {}}}
    return {**shown, **extra, **pages}


def form(template: str) -> str:
    """What an address with this template looks like on a page: a case by its id or a variable, a report by its name."""
    shapes = {"case_id": r"\$\w+|[0-9a-f-]{36}", "name": "|".join(report.name for report in REPORTS), "month": r"\d{4}-\d\d"}
    return re.sub(r"\{(\w+)\}", lambda part: rf"(?:\{{\w+\}}|{shapes[part[1]]})", template)


def unknown_addresses(lines: Iterable[str], known: Mapping[str, Any]) -> Iterator[str]:
    """Addresses, methods and query parameters that the API description does not have."""
    for line in lines:
        for address in ADDRESS.findall(line):
            path, _, query = address.partition("#")[0].rstrip(".…").partition("?")
            template = next((known_path for known_path in known if re.fullmatch(form(known_path), path)), path)
            method = next(iter(re.findall(rf"\b(GET|POST) {re.escape(path)}", line)), "").lower()
            if template not in known or (method and method not in known[template]):
                yield f"{method} {address}"
            elif query:
                taken = {p["name"] for p in known[template]["get"].get("parameters", ())}
                yield from (f"{address}: {name}" for name in re.findall(r"(?:^|&)(\w+)=", query) if name not in taken)


@each_page
def test_every_address_is_in_the_api_description(page: str) -> None:
    assert list(unknown_addresses(code(page), described(example=page == "docs/architecture.md"))) == []


@pytest.mark.parametrize(
    "line",
    ["/v1/figures", "/v1/reports/figures", "POST /v1/cases", "curl http://127.0.0.1:8000/v1/cases?nationality=X", "/docs/x"],
)
def test_a_wrong_address_is_found(line: str) -> None:
    assert len(list(unknown_addresses([line], described(example=False)))) == 1


@each_page
def test_every_problem_is_one_that_can_be_answered(page: str) -> None:
    source = "".join(path.read_text() for folder in ("api", "domain") for path in (ROOT / folder).rglob("*.py"))

    for named in re.findall(r"urn:casetrail:problem:([a-z-]+)", PAGES[page]):
        assert named in CATALOGUE.refusals or f'"{named.removesuffix("-taken")}"' in source, named


@each_page
def test_every_document_shown_is_json_and_true(page: str) -> None:
    for shown in map(json.loads, fences(page, "json")):
        refusal = CATALOGUE.refusals.get(str(shown.get("type", "")).rpartition(":")[2])
        assert refusal is None or (shown["rule"], shown["source"]) == (refusal.rule, refusal.source)


@each_page
def test_every_time_shown_is_a_time(page: str) -> None:
    adapter = TypeAdapter(When)
    for shown in SPAN.findall(PAGES[page]):
        if shown.startswith('{"earliest"'):
            adapter.validate_json(shown, strict=True, extra="forbid")


# --- Names ----------------------------------------------------------------------------------------------------


@each_page
def test_every_event_is_in_the_catalogue(page: str) -> None:
    kinds = "|".join(("case", "ledger", *CATALOGUE.kinds))
    named = {name for line in code(page) for name in re.findall(rf"(?<![\w.])(?:{kinds})\.[a-z_]+\b(?!\.)", line)}

    assert named - {"ledger.db"} - CATALOGUE.events.keys() - {event.type for event in LEDGER_EVENTS} == set()


@each_page
def test_every_metric_is_counted(page: str) -> None:
    described(example=False)
    counted = generate_latest().decode()

    assert [n for n in re.findall(r"`(casetrail_[a-z_]+)`", PAGES[page]) if n not in counted and n not in DATABASE_ROLES] == []


def table(heading: str) -> dict[str, list[str]]:
    """A table of the operators' page, by the name in its first column."""
    rows = PAGES["docs/operator.md"].partition(f"\n| {heading} |")[2].partition("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("| ").split(" | ")] for row in rows]
    return {name: row[1:] for row in cells for name in SPAN.findall(row[0])}


def test_every_setting_is_explained_with_its_default() -> None:
    told = table("variable")

    assert set(told) == {f"CASETRAIL_{name.upper()}" for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        default = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
        shown = told[f"CASETRAIL_{name.upper()}"][0]
        assert shown == f"`{default}`" or (field.default is None and not shown.startswith("`")), name


def test_a_setting_is_called_unused_as_long_as_nothing_reads_it() -> None:
    source = "".join(path.read_text() for folder in ("api", "infrastructure") for path in (ROOT / folder).rglob("*.py"))
    unread = {name for name in Settings.model_fields if not re.search(rf"(?i)(settings(\(\))?|self)\.{name}\b", source)}

    assert {name for name, (_, meaning) in table("variable").items() if "Not used yet" in meaning} == {
        f"CASETRAIL_{name.upper()}" for name in unread
    }


@each_page
def test_every_setting_named_exists(page: str) -> None:
    settings = {f"CASETRAIL_{name.upper()}" for name in Settings.model_fields} | {
        "CASETRAIL_TEST_POSTGRES_URL",
        "CASETRAIL_BENCH_EVENTS",
    }

    assert set(re.findall(r"CASETRAIL_[A-Z_]+", PAGES[page])) - settings == set()


def test_every_function_and_role_is_explained() -> None:
    functions = {route.command.by.function for route in command_routes(CATALOGUE)}

    assert set(table("function")) == functions - {None}
    assert set(table("role")) == ROLES


# --- Links ----------------------------------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """The addresses of a page's headings."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_page
def test_every_link_leads_somewhere(page: str) -> None:
    for target in re.findall(r"\]\((?!https?://)([^)\s]+)\)", PAGES[page]):
        path, _, anchor = target.partition("#")
        there = (ROOT / page).parent / path if path else ROOT / page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there.read_text()), target


def test_decisions_are_numbered_and_say_what_why_and_what_holds_them() -> None:
    found = [page for page in PAGES if page.startswith("docs/decisions/")]

    assert [int(page.split("/")[2][:4]) for page in found] == list(range(1, len(found) + 1))
    for page in found:
        assert PAGES[page].startswith(f"# {int(page.split('/')[2][:4])}. "), page
        assert all(word in PAGES[page] for word in ("**Decision.**", "**Why.**", "**Held by**")), page
        assert re.search(r"\]\(\.\./\.\./(?!docs/)", PAGES[page].partition("**Held by**")[2]), f"{page}: held by no file"


@each_page
def test_a_decision_is_named_by_its_number(page: str) -> None:
    for text, file in re.findall(r"\[(?:decision )?(\d+)\]\((?:[\w./]*/)?(\d{4})-[\w-]+\.md\)", PAGES[page]):
        assert int(text) == int(file), page


# --- What runs ------------------------------------------------------------------------------------------------


def test_the_tour_sends_a_body_that_fits() -> None:
    (body,) = re.findall(r"<<'JSON'\n(.*?)\n *JSON\n", PAGES["README.md"], re.DOTALL)

    TypeAdapter(AddAddendum).validate_json(body, strict=True, extra="forbid")


@pytest.fixture
def with_warnings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Catalogue]:
    """The catalogue with the example kind, written to a file as the page shows it; gone again afterwards."""
    folder = tmp_path / "kinds"
    folder.mkdir()
    (folder / "warning.py").write_text(marked("docs/architecture.md", "kind"))
    monkeypatch.setattr(domain.kinds, "__path__", [*domain.kinds.__path__, str(folder)])
    yield discover()
    sys.modules.pop("domain.kinds.warning", None)
    vars(domain.kinds).pop("warning", None)


def test_the_example_kind_needs_no_edit_elsewhere(with_warnings: Catalogue, sqlite_database: Database, tmp_path: Path) -> None:
    with create_instance(sqlite_database, tmp_path, with_warnings).served() as site:
        assert described(example=True).keys() - {"/docs", "/openapi.json"} == site.app.openapi()["paths"].keys()
        officer, act = site.caller("o-1"), as_json(AddAddendum(**block(), text="x"))
        del act["text"], act["target"]
        basis = {"kind": "statute", "reference": "Export Act, s. 4"}
        opened = act | {"authority": basis, "file_number": number(), "party": str(officer.register_party()), "breach": "B"}
        assert site.caller("o-4").post("/v1/warnings", opened).status_code == 403
        receipt = officer.post("/v1/warnings", opened).json()
        path = f"/v1/warnings/{receipt['case_id']}/acknowledge"
        assert officer.post(path, act | {"witness": "o-1"}, version=1).json()["type"].endswith("warning-witness-issued")
        done = officer.post(path, act | {"witness": "o-2"}, version=1).json()
        officer.follow(done["position"])
        assert [row["stage"] for row in officer.get("/v1/cases", kind="warning").json()["items"]] == ["acknowledged"]


@pytest.mark.usefixtures("with_warnings")
def test_the_example_kind_passes_its_own_test() -> None:
    names: dict[str, Any] = {}
    exec(compile(marked("docs/architecture.md", "kind-test"), "docs/architecture.md", "exec"), names)  # noqa: S102 - our page
    tests = [value for name, value in names.items() if name.startswith("test_")]

    for test in tests:
        test()
    assert len(tests) == 2


def send_as_shown(site: Site) -> str:
    """Send the officers' page's requests in order, on yesterday's date, each by the officer it names; the case's id."""
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    real = {"party": SHOWN_PARTY, "detention": SHOWN_CASE}
    for shown in fences("docs/officer.md", "http"):
        request = shown.replace("2026-11-22", yesterday)
        request = request.replace(SHOWN_PARTY, real["party"]).replace(SHOWN_CASE, real["detention"])
        head, _, body = request.partition("\n\n")
        line, *fields = head.splitlines()
        caller = site.caller(json.loads(body)["sources"][0]["source_id"])
        sent = {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}
        answer = caller.post(line.removeprefix("POST "), body.encode(), headers=sent)
        assert answer.status_code in (200, 201), (line, answer.text)
        real[answer.json()["kind"]] = answer.json()["case_id"]
    return real["detention"]


def test_the_officers_requests_and_the_auditors_program_work(sqlite_database: Database, tmp_path: Path) -> None:
    with create_instance(sqlite_database, tmp_path).served() as site:
        case = send_as_shown(site)
        events = site.caller("a-1").get(f"/v1/cases/{case}/events", limit=1000)
    program = [sys.executable, "-I", "-c", marked("docs/auditor.md", "leaf")]
    said = subprocess.run(program, input=events.text, capture_output=True, text=True, check=True).stdout.splitlines()

    assert len(said) == 7
    assert [line.rpartition(" ")[2] for line in said] == ["holds"] * 7
