"""What the reading routes answer, as models, and each writing route's part of the OpenAPI document."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, TypeAdapter

from api.commands import CommandRoute
from api.examples import example
from api.problems import MEDIA_TYPE
from domain.catalogue import Catalogue
from domain.kernel import BY_THE_SYSTEM, SYSTEM, By, Command

REFERENCE = "#/components/schemas/{model}"


class ReceiptBody(BaseModel):
    """The ledger's word that a command is recorded and durable; it describes the command's last event."""

    case_id: UUID
    kind: str
    first_version: int
    version: int
    position: int
    leaf_hash: str
    recorded_at: datetime
    ledger_id: UUID


class ProblemBody(BaseModel):
    """A problem document (RFC 9457). Members beyond these depend on ``type``; a program ignores those it does not know."""

    type: str
    title: str
    status: int
    detail: str | None = None


class OpenCommand(BaseModel):
    """A command that is open now."""

    command: str
    href: str
    schema_: str

    model_config = {"alias_generator": lambda name: name.rstrip("_"), "populate_by_name": True}


class NotOpen(BaseModel):
    """A command of this kind that is not open now, and the stages in which it is."""

    command: str
    open_in: list[str]


class CaseBody(BaseModel):
    """A case as of something. ``position`` is the last event this view knows; ``row`` is the worklist row of this view."""

    case_id: UUID
    kind: str
    version: int
    position: int
    recorded_at: datetime
    ledger_id: UUID
    known_at: datetime | None
    true_at: datetime | None
    stage: str | None
    state: dict[str, Any] | None
    dossier: dict[str, Any]
    persons: dict[str, dict[str, Any]]
    contradictions: list[int]
    uncertain: list[int]
    row: dict[str, Any] | None
    open: list[OpenCommand]
    not_open: list[NotOpen]


class Page(BaseModel):
    """A page of a list, complete to ``position`` of the ledger; ``next`` is the address of the next page."""

    position: int
    items: list[dict[str, Any]]
    next: str | None = None


class Change(BaseModel):
    """One field that differs, with the version of the entry that caused it (null: only the moment asked for moved)."""

    field: str
    from_: Any = None
    to: Any = None
    entry: int | None = None

    model_config = {"alias_generator": lambda name: name.rstrip("_"), "populate_by_name": True}


class DiffBody(BaseModel):
    """The difference between two views of a case."""

    case_id: UUID
    from_version: int
    to_version: int
    position: int
    changes: list[Change]


class ProjectionStatus(BaseModel):
    """How far a read model has come.

    ``events`` counts the events it has seen and ``digest`` chains their leaf hashes from the first to ``position``.
    ``parked`` events are set aside with what follows them in their case. ``previous`` is the generation kept beside.
    """

    name: str
    version: int
    generation: int
    position: int
    head: int
    lag_events: int
    lag_seconds: float
    events: int
    digest: str
    parked: int
    paused: bool
    previous: int | None
    failure: str | None = None


def problem(description: str) -> dict[str, Any]:
    """A declared problem answer."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
    return {"description": description, "content": content}


READING_PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: problem("No token, or one that proves nothing"),
    403: problem("The caller's role does not allow it"),
    422: problem("A parameter does not fit"),
    503: problem("The ledger cannot answer now"),
}
ONE_CASE_PROBLEMS = READING_PROBLEMS | {404: problem("No such case for this caller")}

WRITING_PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: problem("No token, or one that proves nothing"),
    403: problem("The caller's role or function does not allow it"),
    409: problem("Refused by the law or the record: the rule, its source, and what is open instead"),
    413: problem("The body is larger than 1 MiB"),
    415: problem("The body is not JSON in UTF-8"),
    422: problem("The body or a header is malformed, or the idempotency key was used for another body"),
    503: problem("The ledger cannot answer now; send the command again with the same key"),
}
ON_A_CASE: dict[int | str, dict[str, Any]] = {
    404: problem("No such case for this caller"),
    412: problem("The case has moved on: the events in between"),
    428: problem("If-Match is missing"),
}


PRECONDITION_REQUIRED = 428
"""Answered where a version must be named; what is decided on the head names none."""


def who(by: By) -> str:
    """Who may give a command, as a sentence."""
    roles = ", ".join(sorted(by.roles - {SYSTEM}))
    return f"Roles: {roles}." + (f" Function: {by.function}." if by.function else "")


def describe(known: Mapping[str, Any], route: CommandRoute) -> Mapping[str, Any]:
    """One writing route's part of the OpenAPI document; ``known`` are the schemas of all commands."""
    summary, _, rest = (route.command.__doc__ or "").strip().partition("\n")
    parameters = [header("Idempotency-Key", "Names this sending of the command; repeat it with the same key.", required=True)]
    if not route.opens:
        required = not route.on_the_head
        parameters.append(header("If-Match", 'The version decided on, in quotes, e.g. "7".', required=required))
        parameters.append({"name": "case_id", "in": "path", "required": True, "schema": UUID_SCHEMA})
    name = route.command.__name__
    content = {"application/json": {"schema": {"$ref": REFERENCE.format(model=name)}, "example": example(known, name)}}
    problems = WRITING_PROBLEMS if route.opens else WRITING_PROBLEMS | ON_A_CASE
    if route.on_the_head:
        problems = {status: said for status, said in problems.items() if status != PRECONDITION_REQUIRED}
    return {
        "summary": summary,
        "description": f"{who(route.command.by)}\n\n{' '.join(rest.split())}".strip(),
        "tags": [route.kind.route if route.kind else "cases"],
        "response_model": None,
        "responses": dict(problems) | {201 if route.opens else 200: receipt(opens=route.opens)},
        "openapi_extra": {"parameters": parameters, "requestBody": {"required": True, "content": content}},
    }


UUID_SCHEMA = {"type": "string", "format": "uuid"}


def header(name: str, description: str, *, required: bool) -> dict[str, Any]:
    """A declared header parameter."""
    pattern = r'^"[1-9][0-9]{0,17}"$' if name == "If-Match" else "^[!-~]{1,255}$"
    schema = {"type": "string", "pattern": pattern}
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


def receipt(*, opens: bool) -> dict[str, Any]:
    """The declared good answer of a writing route."""
    headers = {"ETag": {"description": "The new version of the case", "schema": {"type": "string"}}}
    if opens:
        headers["Location"] = {"description": "The case", "schema": {"type": "string"}}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/ReceiptBody"}}}
    return {"description": "Recorded, and durable", "headers": headers, "content": content}


def command_schemas(catalogue: Catalogue) -> dict[str, Any]:
    """The schema of every command and of what they are made of, by name; sealed values cannot be sent, so none is shown."""
    every: list[type[Command]] = [*catalogue.shared.rules, *(c for k in catalogue.kinds.values() for c in k.commands)]
    inputs = [(c.__name__, "validation", TypeAdapter(c)) for c in every if c.by != BY_THE_SYSTEM]
    _, document = TypeAdapter.json_schemas(inputs, ref_template=REFERENCE)  # type: ignore[arg-type]
    schemas: dict[str, Any] = {name: strict(schema) for name, schema in document["$defs"].items() if name != "Sealed"}
    return schemas | {m.__name__: m.model_json_schema(ref_template=REFERENCE) for m in (ReceiptBody, ProblemBody)}


def strict(schema: Any) -> Any:
    """A schema without sealed alternatives, and closed to fields it does not name."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: strict(part) for name, part in schema.items()}
    if "anyOf" in kept:
        options = [o for o in kept["anyOf"] if o.get("$ref") != REFERENCE.format(model="Sealed")]
        kept = {n: p for n, p in kept.items() if n != "anyOf"} | ({"anyOf": options} if len(options) > 1 else options[0])
    if "properties" in kept and kept.get("type") == "object":
        kept["additionalProperties"] = False
    return kept
