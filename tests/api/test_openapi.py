"""The API as it is described, and whether it behaves so: validity, the golden file, and random requests by its schema."""

import random
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeAlias, cast

import orjson
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from openapi_spec_validator import OpenAPIV32SpecValidator, validate
from pydantic import TypeAdapter
from schemathesis import APIOperation, Case, CheckFunction, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.result import Err, Ok

from api.commands import command_routes, parsed
from domain.catalogue import discover
from domain.kernel import SYSTEM, Opening
from tests.api import golden
from tests.api.server import Caller, Site, as_json, number
from tests.domain.makers import Maker

Operation: TypeAlias = APIOperation[Any, Any, Any, Any]

PROBLEM = "#/components/schemas/ProblemBody"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document the application serves."""
    return golden.described()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation with its path and method."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


# --- The document ---------------------------------------------------------------------------------------------


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.2.0"
    validate(document, cls=OpenAPIV32SpecValidator)


def test_the_document_is_the_golden_one(document: dict[str, Any]) -> None:
    assert golden.FILE.read_text().splitlines() == golden.written(document).splitlines(), "see scripts/golden"


def test_every_command_has_an_example_that_the_api_reads(document: dict[str, Any]) -> None:
    for route in command_routes(discover()):
        body = document["paths"][f"/v1{route.path}"]["post"]["requestBody"]["content"]["application/json"]
        assert isinstance(parsed(TypeAdapter(route.command), orjson.dumps(body["example"])), route.command)


def test_every_operation_has_its_own_id_a_summary_and_its_problems(document: dict[str, Any]) -> None:
    ids = Counter(operation["operationId"] for _, _, operation in operations(document))
    assert set(ids.values()) == {1}
    on_the_head = {f"/v1{route.path}" for route in command_routes(discover()) if route.on_the_head}
    for path, method, operation in operations(document):
        assert operation["summary"], path
        assert operation["tags"], path
        is_open = path.startswith(("/health", "/metrics"))
        assert ("security" in operation) != is_open, path
        statuses = set(operation["responses"])
        assert is_open or statuses >= {"401", "403", "422", "503"}, path
        if method == "post":
            assert statuses >= {"409", "413", "415"}, path
            assert ("{case_id}" in path) == (statuses >= {"404", "412"}), path
            assert ("428" in statuses) == ("{case_id}" in path and path not in on_the_head), path
        for status, answer in operation["responses"].items():
            assert answer["description"], path
            if status >= "400" and "security" in operation:
                content = answer["content"]["application/problem+json"]
                assert content["schema"]["$ref"] == PROBLEM, path


def test_every_reference_leads_somewhere_and_every_schema_is_used(document: dict[str, Any]) -> None:
    names = set(document["components"]["schemas"])
    referred = set(re.findall(r'"\$ref":"#/components/schemas/([^"]+)"', golden.written(document)))

    assert referred <= names
    assert names - referred <= {"HTTPValidationError", "ValidationError"}


def test_no_framework_answer_is_declared(document: dict[str, Any]) -> None:
    assert not {"HTTPValidationError", "ValidationError", "Sealed"} & set(document["components"]["schemas"])


def test_every_command_of_the_catalogue_has_a_closed_schema_and_tells_who_may_give_it(document: dict[str, Any]) -> None:
    for route in command_routes(discover()):
        schema = document["components"]["schemas"][route.command.__name__]
        operation = document["paths"][f"/v1{route.path}"]["post"]
        assert schema["additionalProperties"] is False, route.path
        assert {"when", "sources", "claim_status"} <= set(schema["required"]), route.path
        assert all(role in operation["description"] for role in route.command.by.roles - {SYSTEM}), route.path
        assert (route.command.by.function or "") in operation["description"], route.path


def test_the_description_and_its_pages_need_no_other_host(sqlite_site: Site) -> None:
    stranger = sqlite_site.caller(None)
    for path in ("/docs", "/redoc"):
        page = stranger.get(path)
        assets = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert assets
        for asset in assets:
            assert asset.startswith("/"), f"{path} asks another host for {asset}"
            assert stranger.get(asset).status_code == 200, asset
    assert stranger.get("/openapi.json").json()["paths"].keys() == golden.described()["paths"].keys()


# --- Random requests by the schema ----------------------------------------------------------------------------

UNCHECKED = (
    "positive_data_acceptance",
    "ignored_auth",
    "missing_required_header",
    "use_after_free",
    "ensure_resource_availability",
)
"""Not asked of single requests: a schema cannot say that an interval ends after it begins, nor which case is in which
stage; that no route goes without a token stands in ``test_access``, and what a missing header gets in ``test_refusals``."""

UNENDING = frozenset({"GET /v1/events/stream"})
"""Answers that go on until the caller leaves: asked in ``test_feeds``."""

A_MOMENT: dict[str, Any] = {"earliest": "2026-03-02T12:00:00Z", "latest": "2026-03-02T12:00:01Z", "precision": "second"}


class Visitor:
    """Sends random requests as one person, on cases that exist, and keeps what the server answered."""

    def __init__(self, site: Site, person: str) -> None:
        """Open a case of every kind for this person's requests to fall on."""
        self.site = site
        self.caller = site.caller(person)
        self.cases = {f"/v1/{kind.route}/": some_case(site, kind.opening) for kind in site.instance.catalogue.kinds.values()}
        self.statuses: Counter[int] = Counter()
        self.visited: set[str] = set()
        load_all_checks()
        self._excluded = cast("list[CheckFunction]", [CHECKS.get_one(name) for name in UNCHECKED])

    def visit(self, operation: Operation, mode: GenerationMode, examples: int) -> None:
        """Send so many requests to one operation; each answer must be one that is described."""
        self.visited.add(operation.label)
        if operation.label in UNENDING:
            return

        @settings(
            max_examples=examples, database=None, deadline=None, derandomize=True, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def send(case: Case[Any]) -> None:
            if mode is GenerationMode.POSITIVE:
                self.aim(case)
            headers = {"authorization": f"Bearer {self.caller.token}"}
            answer = case.call(headers=headers)
            self.statuses[answer.status_code] += 1
            case.validate_response(answer, excluded_checks=self._excluded)

        try:
            send()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, "only a request without any part cannot be made wrong"

    def aim(self, case: Case[Any]) -> None:
        """Have a request mean a case that exists, at its version, and an act that may have happened."""
        if isinstance(case.body, dict) and "when" in case.body:
            case.body["when"] = dict(A_MOMENT)
        if "case_id" in case.path_parameters:
            prefix = next((p for p in self.cases if case.path.startswith(p)), "/v1/detentions/")
            case.path_parameters["case_id"] = self.cases[prefix]
            if "If-Match" in case.headers:
                version = self.site.caller("s-1").version(self.cases[prefix])
                case.headers["If-Match"] = f'"{version}"'


def some_case(site: Site, opening: type[Opening]) -> Any:
    """A new case of a kind."""
    officer = site.caller("s-1")
    party, refused = officer.register_party(), ""
    known = {"file_number": number(), "decided_by": None, "when": A_MOMENT, "legal_basis": None}
    for seed in range(20):  # what a maker makes fits the schema; the law may still say no
        maker = Maker(random.Random(seed))  # noqa: S311 - repeatable, not secret
        body = as_json(maker.command(opening)) | known
        body |= {name: str(party) for name in body if name == "party"}
        answer = officer.post(officer.path(None, opening), body)
        if answer.status_code == 201:
            return answer.json()["case_id"]
        refused = answer.text
    raise AssertionError(refused)


@pytest.fixture(scope="module")
def described_operations(sqlite_site: Site) -> list[Operation]:
    """Every operation of the document as served."""
    schema = schemathesis.openapi.from_url(f"{sqlite_site.address}/openapi.json")
    found = list(schema.get_all_operations())
    assert [operation for operation in found if isinstance(operation, Err)] == []
    return [operation.ok() for operation in found if isinstance(operation, Ok)]


@pytest.mark.parametrize(
    ("person", "mode", "examples"),
    [("o-1", GenerationMode.POSITIVE, 2), ("o-1", GenerationMode.NEGATIVE, 1), ("a-1", GenerationMode.POSITIVE, 1)],
)
def test_whatever_fits_or_breaks_the_schema_gets_an_answer_that_is_described(
    sqlite_site: Site,
    described_operations: list[Operation],
    person: str,
    mode: GenerationMode,
    examples: int,
) -> None:
    visitor = Visitor(sqlite_site, person)

    for operation in described_operations:
        visitor.visit(operation, mode, examples)

    assert visitor.visited == {f"{m.upper()} {p}" for p, m, _ in operations(sqlite_site.app.openapi())}
    assert not [status for status in visitor.statuses if status >= 500]
    assert recorded(visitor.caller) or person != "o-1"
    assert visitor.statuses[200] > (5 if mode is GenerationMode.POSITIVE else -1), visitor.statuses


def recorded(caller: Caller) -> bool:
    """Whether there is any case at all."""
    return bool(caller.get("/v1/cases", limit=1).json()["items"])
