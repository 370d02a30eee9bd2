"""The writing routes, generated from the catalogue: one typed endpoint per command.

Answers are decided in the order of the interface: 401 before the body is read, 403, then 413, 415 and 422, then 404, 428,
the receipt of a repeated key, 412, and 409.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar
from uuid import UUID

import orjson
from fastapi import APIRouter, Request
from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from api import gate
from api.dispatch import Endpoint
from api.parameters import named_case
from api.preconditions import command_id, expected_version, header_fields, idempotency_key
from api.problems import Problem, from_validation, problem_of, refused
from api.security import actor_of, world_of
from application.access import may_give
from application.errors import ApplicationError, ClaimTaken, Stale
from application.execute import Call
from application.queries import AsOf
from application.records import Receipt, moment
from application.world import World
from domain.catalogue import Catalogue
from domain.kernel import BY_THE_SYSTEM, NOT_OPEN, Actor, Command, Kind, Refused, stage_name
from domain.naming import snake
from domain.values import Sealed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CommandRoute:
    """One writing route: its path below ``/v1``, the command, and the kind, None for what every case has."""

    path: str
    command: type[Command]
    kind: Kind | None

    @property
    def opens(self) -> bool:
        """Whether it opens a case."""
        return "{case_id}" not in self.path

    @property
    def on_the_head(self) -> bool:
        """Whether it needs no If-Match."""
        return self.kind is not None and self.command in self.kind.on_the_head


def kebab(command: type[Command], kind: Kind | None) -> str:
    """The route part of a command: its name in kebab case, without the kind's own noun at the end."""
    name = command.__name__
    noun = "".join(part.capitalize() for part in kind.name.split("_")) if kind else ""
    return snake(name.removesuffix(noun) if noun else name).replace("_", "-")


def command_routes(catalogue: Catalogue) -> list[CommandRoute]:
    """Every writing route there is, in the catalogue's order; what the system alone records has none."""
    shared = [c for c in catalogue.shared.rules if c.by != BY_THE_SYSTEM]
    routes = [CommandRoute(f"/cases/{{case_id}}/{kebab(c, None)}", c, None) for c in shared]
    for kind in catalogue.kinds.values():
        for command in kind.commands:
            if command.by == BY_THE_SYSTEM:
                continue
            opening = command is kind.opening
            path = f"/{kind.route}" if opening else f"/{kind.route}/{{case_id}}/{kebab(command, kind)}"
            routes.append(CommandRoute(path, command, kind))
    return routes


def endpoints(catalogue: Catalogue) -> dict[str, Endpoint]:
    """The endpoint of every writing route, by path template."""
    return {f"/v1{route.path}": endpoint(route) for route in command_routes(catalogue)}


def described(catalogue: Catalogue, describe: Callable[[CommandRoute], Mapping[str, Any]]) -> APIRouter:
    """The writing routes as the OpenAPI document has them; ``describe`` gives each its part of it."""
    found = APIRouter(prefix="/v1")
    for route in command_routes(catalogue):
        found.add_api_route(
            route.path,
            endpoint(route),
            methods=["POST"],
            operation_id=snake(route.command.__name__),
            status_code=201 if route.opens else 200,
            **describe(route),
        )
    return found


def endpoint(route: CommandRoute) -> Endpoint:
    """The endpoint of one command: who, what, on which version; then ``execute``."""
    adapter: TypeAdapter[Command] = TypeAdapter(route.command)
    template = f"/v1{route.path}"

    async def give(request: Request) -> Response:
        world, actor = world_of(request), actor_of(request)
        may_give(actor, route.command)
        body = await read(request)
        call = build_call(request, world, actor, route, template, parsed(adapter, body), body)
        try:
            return answer(route, await world.executor.execute(call), world.ledger_id)
        except (Refused, Stale, ClaimTaken) as no:
            raise await explained(world, actor, route, call, no) from no

    return give


async def read(request: Request) -> bytes:
    """The body, through the gate."""
    gate.check_media_type(request.headers.get("content-type"))
    body = await gate.read_body(request.scope, request.receive)
    gate.check(body)
    return body


def parsed(adapter: TypeAdapter[T], body: bytes) -> T:
    """The typed command. Raises Problem for whatever does not fit, without repeating it."""
    try:
        command: T = adapter.validator.validate_json(body, strict=True, extra="forbid")
    except ValidationError as error:
        raise from_validation(error) from None
    may_be_sealed = b"ciphertext" in body or b"\\" in body  # an escaped name is the same name
    if may_be_sealed and any(isinstance(value, Sealed) for value in leaves(command)):
        raise Problem(422, "invalid", "A value is given in clear, never sealed")
    return command


SEALED_FIELDS = frozenset(field.name for field in fields(Sealed))


def leaves(value: Any) -> list[Any]:
    """Every value in a command, however deep; in the changes of a correction, what looks like a sealed value is one."""
    if isinstance(value, Mapping):
        if value.keys() >= SEALED_FIELDS:
            return [Sealed("", "")]
        return [leaf for item in value.values() for leaf in leaves(item)]
    if isinstance(value, tuple | list):
        return [leaf for item in value for leaf in leaves(item)]
    names = getattr(type(value), "__dataclass_fields__", None)
    if names is None or isinstance(value, Sealed):
        return [value]
    return [leaf for name in names for leaf in leaves(getattr(value, name))]


def build_call(
    request: Request, world: World, actor: Actor, route: CommandRoute, template: str, command: Command, body: bytes
) -> Call:
    """The command as the application takes it. What ends custody is decided on the head, whatever version the caller names."""
    fields = header_fields(request.scope)
    key = idempotency_key(fields)
    expected = None if route.opens or route.on_the_head else expected_version(fields)
    case_id = None if route.opens else named_case(request.path_params["case_id"])
    return Call(
        actor=actor,
        kind=route.kind,
        case_id=case_id or world.new_id(),
        command=command,
        expected=expected,
        command_id=command_id(actor.id, template, case_id, key),
        fingerprint=world.fingerprint(body),
        correlation_id=getattr(request.state, "request_id", None),
    )


def answer(route: CommandRoute, receipt: Receipt, ledger_id: UUID) -> Response:
    """The receipt as sent."""
    headers = {"etag": f'"{receipt.version}"', "cache-control": "no-store"}
    if route.opens:
        headers["location"] = f"/v1/cases/{receipt.case_id}"
    body = {
        "case_id": receipt.case_id,
        "kind": receipt.kind,
        "first_version": receipt.first_version,
        "version": receipt.version,
        "position": receipt.position,
        "leaf_hash": receipt.leaf_hash.hex(),
        "recorded_at": moment(receipt.recorded_at),
        "ledger_id": ledger_id,
    }
    content = orjson.dumps(body, option=orjson.OPT_UTC_Z)
    return Response(content, 201 if route.opens else 200, headers, "application/json")


async def explained(
    world: World, actor: Actor, route: CommandRoute, call: Call, no: Refused | Stale | ClaimTaken
) -> Problem | ApplicationError:
    """A refusal with what is open instead, or a stale version with what came in between, from the ledger as it is now."""
    problem = refused(no) if isinstance(no, Refused) else problem_of(no)
    if route.opens:
        return problem
    view = await asyncio.to_thread(world.queries.view, actor, call.case_id, AsOf())
    stage = type(view.folded.stage)
    problem.more["current_version"] = view.last.version
    problem.more["state"] = stage_name(stage)
    if isinstance(no, Stale):
        problem.headers["etag"] = f'"{view.last.version}"'
        problem.more["events_between"] = [
            {"version": row.version, "type": row.type, "recorded_at": plain_time(row.recorded_at), "actor": row.actor}
            for row in view.known
            if row.version > no.expected
        ]
        return problem
    if isinstance(no, Refused) and no.refusal == NOT_OPEN:
        stages = world.catalogue.stages_open(view.kind, type(call.command))
        problem.more["open_in"] = [stage_name(s) for s in stages]
    problem.more["open"] = open_links(world, view.kind, world.queries.open_now(view)[0], call.case_id)
    return problem


def plain_time(recorded_at: int) -> str:
    """A ledger instant as RFC 3339 text."""
    return moment(recorded_at).isoformat().replace("+00:00", "Z")


def open_links(world: World, kind: Kind, commands: tuple[type[Command], ...], case_id: UUID) -> list[dict[str, str]]:
    """Commands as links: name, address, and the schema of the body in the OpenAPI document."""
    shared = world.catalogue.shared.rules
    return [
        {
            "command": command.__name__,
            "href": f"/v1/{'cases' if command in shared else kind.route}/{case_id}"
            f"/{kebab(command, None if command in shared else kind)}",
            "schema": f"/openapi.json#/components/schemas/{command.__name__}",
        }
        for command in commands
    ]
