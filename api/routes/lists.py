"""Reading lists: the worklist, a case's timeline, the audit. All of them are read models, complete to a named position."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.negotiation import Table, negotiated, rendered
from api.parameters import CaseInPath, Filter, KnownAt, Moment, Name, TrueAt
from api.preconditions import LONGEST_WAIT, seconds_to_wait
from api.problems import Problem
from api.schemas import ONE_CASE_PROBLEMS, READING_PROBLEMS, Page, problem
from api.security import WorldHere, allowed
from application.access import LIST_CASES, READ_AUDIT, READ_CASE, unit_filter
from application.documents import plain
from application.past import past_of
from application.queries import AsOf, listed
from application.reading import AuditFilter, LinkFilter, TimelineFilter, WorklistFilter
from application.records import microseconds, moment
from application.timelines import Story, story
from application.worklists import Then, worklist_then
from application.world import World
from domain.kernel import Actor

router = APIRouter(prefix="/v1")

LIST_PROBLEMS: dict[int | str, dict[str, Any]] = {
    202: problem("The list does not include that position yet; ask again after Retry-After"),
    406: problem("None of the forms a list comes in is acceptable to the caller"),
}
WAITING = {
    "parameters": [
        {
            "name": "Prefer",
            "in": "header",
            "required": False,
            "description": f"`wait=<seconds>`: how long to wait for `position`, at most {LONGEST_WAIT}.",
            "schema": {"type": "string"},
        }
    ]
}
"""A header of RFC 7240 that these routes read from the request themselves."""

Version = Annotated[int | None, Query(ge=1, le=2**53 - 1, description="At least this version must be included")]
Limit = Annotated[int, Query(ge=1, le=500, description="Items a page")]
Cursor = Annotated[str | None, Query(max_length=200, description="From the last page's `next`")]
Position = Annotated[int | None, Query(ge=0, le=2**53 - 1, description="At least this position must be included")]
AsOfPosition = Annotated[int | None, Query(ge=0, le=2**53 - 1, description="As it was when complete to exactly this position")]


MOST_DIGITS = 19
"""Digits of the largest position a database can store."""


def encode_cursor(*key: int) -> str:
    """A cursor: opaque to the caller, the key of the page's last item to us."""
    return base64.urlsafe_b64encode(":".join(map(str, (1, *key))).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[int, ...]:
    """The key a cursor stands for. Raises Problem for a cursor that was never given out."""
    try:
        version, *parts = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").split(":")
        found = tuple(int(part) for part in parts if len(part) <= MOST_DIGITS)
    except ValueError:
        version, found = "", ()
    if version != "1" or encode_cursor(*found) != cursor or not all(-(2**63) <= part < 2**63 for part in found):
        raise Problem(422, "cursor-unknown", "The cursor is not one this server gave out")
    return found


async def begun(request: Request, world: World, cursor: str | None, *positions: int | None) -> int:
    """Where a list goes on, once it includes the positions asked for; waits as long as ``Prefer: wait`` allows.

    Called by the routes when all else about the request is in order: nobody waits who may not read. Raises Problem: 406
    for a form we have not, 422 for a cursor that is none of ours, 202 where a position is not included in time.
    """
    (after,) = await begun_at(request, world, cursor, 1, *positions)
    return after


async def begun_at(request: Request, world: World, cursor: str | None, parts: int, *positions: int | None) -> tuple[int, ...]:
    """As ``begun``, for a list whose order is by so many numbers; as many zeros without a cursor."""
    negotiated(request)
    after = (0,) * parts if cursor is None else decode_cursor(cursor)
    if len(after) != parts or (parts == 1 and after[0] < 0):
        raise Problem(422, "cursor-unknown", "The cursor is not one this list gave out")
    position = max((position for position in positions if position is not None), default=0)
    if position > 0 and not await world.followers.included(position, seconds_to_wait(request.headers)):
        title = "The list does not include that position yet"
        raise Problem(202, "not-included-yet", title, headers={"retry-after": "1"})
    return after


CARRIED = frozenset(
    (
        *("kind", "state", "unit", "assignee", "file_number", "opened_since", "changed_since", "limit", "type", "actor"),
        *("case_id", "recorded_from", "recorded_to", "happened_from", "happened_to", "known_at", "true_at", "linked", "order"),
        *("as_of", "link"),
    )
)
"""Query parameters that the next page's address repeats; what a list does not know is never echoed."""


def page(
    request: Request, position: int, items: list[dict[str, Any]], last: int | tuple[int, ...] | None, table: Table
) -> Response:
    """One page in the form the caller accepts; ``last`` is the key of the next page's beginning, None at the end."""
    following = None
    if last is not None:
        query = [(n, v) for n, v in request.query_params.multi_items() if n in CARRIED]
        cursor = encode_cursor(*(last if isinstance(last, tuple) else (last,)))
        following = f"{request.url.path}?{urlencode([*query, ('cursor', cursor)])}"
    return rendered(request, {"position": position, "items": items, "next": following}, table)


FORMS: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}, "application/jsonl": {}}}}

WORKLIST_COLUMNS = (
    *("case_id", "kind", "file_number", "unit", "stage", "assignee", "handling", "version", "position"),
    *("opened_at", "changed_at", "opened_position", "corrected", "contradictions", "late"),
)


@router.get(
    "/cases",
    responses=READING_PROBLEMS | LIST_PROBLEMS | FORMS,
    openapi_extra=WAITING,
    response_model=Page,
    operation_id="list_cases",
    tags=["cases"],
)
async def list_cases(
    request: Request,
    world: WorldHere,
    actor: Annotated[Actor, Depends(allowed(LIST_CASES))],
    kind: Filter = None,
    state: Annotated[Name | None, Query(description="The stage, e.g. judicially_held")] = None,
    unit: Filter = None,
    assignee: Filter = None,
    file_number: Filter = None,
    opened_since: Moment = None,
    changed_since: Moment = None,
    as_of: AsOfPosition = None,
    known_at: KnownAt = None,
    true_at: TrueAt = None,
    cursor: Cursor = None,
    limit: Limit = 100,
    position: Position = None,
) -> Response:
    """List cases as they stand, or as they stood at a position or a moment, oldest first, without personal content.

    A unit's officers see their unit's. A page of the past may hold fewer cases than asked for while there is a next one.
    """
    after = await begun(request, world, cursor, position, as_of)
    wanted = WorklistFilter(
        kind=kind,
        state=state,
        unit=unit,
        assignee=assignee,
        file_number=file_number,
        opened_since=_instant(opened_since),
        changed_since=_instant(changed_since),
        units=_units(actor),
    )
    if (as_of, known_at, true_at) != (None, None, None):
        then = await run_in_threadpool(_then, world, as_of, known_at, true_at)
        past = await run_in_threadpool(worklist_then, past_of(world.queries.cases), wanted, then, after=after, limit=limit)
        return page(request, then.upto, [listed(row) for row in past.rows], past.last, Table(WORKLIST_COLUMNS))
    found = await run_in_threadpool(world.reading.worklist, wanted, after=after, limit=limit)
    last = found.rows[-1].opened_position if found.more else None
    return page(request, found.position, [listed(row) for row in found.rows], last, Table(WORKLIST_COLUMNS))


def _instant(value: Any) -> int | None:
    return None if value is None else microseconds(value)


def _units(actor: Actor) -> frozenset[str] | None:
    """The units whose cases this actor may list, None for all."""
    own = unit_filter(actor)
    return None if own is None else frozenset({own})


def _then(world: World, as_of: int | None, known_at: datetime | None, true_at: datetime | None) -> Then:
    """Which worklist is asked for: a position and a receipt moment each leave out what was recorded later."""
    head = world.ledger.head().position
    known = head if known_at is None else world.ledger.position_at(microseconds(known_at))
    return Then(min(known, head if as_of is None else as_of), true_at, head)


TIMELINE_COLUMNS = (
    *("case_id", "kind", "version", "position", "type", "recorded_at", "earliest", "latest", "precision", "zone"),
    *("actor", "role", "claim_status", "late", "target", "corrected_by", "retracted_by", "contradicted", "uncertain"),
    "state",
)


@router.get(
    "/cases/{case_id}/timeline",
    responses=ONE_CASE_PROBLEMS | LIST_PROBLEMS | FORMS,
    openapi_extra=WAITING,
    response_model=Page,
    operation_id="read_timeline",
    tags=["cases"],
)
async def read_timeline(
    request: Request,
    world: WorldHere,
    actor: Annotated[Actor, Depends(allowed(READ_CASE))],
    case_id: CaseInPath,
    type_: Annotated[list[Name] | None, Query(alias="type", max_length=50, description="Only these wire names")] = None,
    by: Annotated[Name | None, Query(alias="actor", description="Only what this person recorded")] = None,
    recorded_from: Moment = None,
    recorded_to: Moment = None,
    happened_from: Moment = None,
    happened_to: Moment = None,
    known_at: KnownAt = None,
    true_at: TrueAt = None,
    linked: Annotated[bool, Query(description="With the linked cases the caller may see")] = False,  # noqa: FBT002
    order: Annotated[str, Query(pattern="^(recorded|effective)$")] = "recorded",
    cursor: Cursor = None,
    limit: Limit = 200,
    position: Position = None,
    version: Version = None,
) -> Response:
    """Read what happened: one entry per recorded event, with what later entries say of it.

    With linked cases, or in effective order, entries stand in the order in which they happened.
    """
    sorted_by_time = linked or order == "effective"
    recorded = None if version is None else await run_in_threadpool(_position_of, world, actor, case_id, version)
    after = await begun_at(request, world, cursor, 3 if sorted_by_time else 1, position, recorded)
    wanted = TimelineFilter(
        types=frozenset(type_ or ()),
        actor=by,
        recorded_from=_instant(recorded_from),
        recorded_to=_instant(recorded_to),
        happened_from=_instant(happened_from),
        happened_to=_instant(happened_to),
    )
    asked = Story(
        case_id,
        wanted,
        AsOf(None, known_at, true_at),
        linked=linked,
        effective=order == "effective",
        after=None if cursor is None else after,
        limit=limit,
    )
    found = await run_in_threadpool(story, world.queries, world.reading, actor, asked)
    return page(request, found.position, found.items, found.last, Table(TIMELINE_COLUMNS))


def _position_of(world: World, actor: Actor, case_id: UUID, version: int) -> int:
    """The position of a version of a case. Raises NotFound; Problem (202) where it is not recorded yet."""
    known = world.queries.view(actor, case_id, AsOf()).known
    if version > known[-1].version:
        title = "The case has no such version yet"
        raise Problem(202, "not-included-yet", title, headers={"retry-after": "1"})
    return known[version - 1].position


AUDIT_COLUMNS = (
    *("position", "recorded_at", "case_id", "version", "kind", "type", "command", "actor", "role", "unit", "agency"),
    *("on_behalf_of", "decided_at", "correlation_id", "late"),
)


@router.get(
    "/audit",
    responses=READING_PROBLEMS | LIST_PROBLEMS | FORMS,
    openapi_extra=WAITING,
    response_model=Page,
    operation_id="read_audit",
    tags=["audit"],
)
async def read_audit(
    request: Request,
    world: WorldHere,
    actor: Annotated[Actor, Depends(allowed(READ_AUDIT))],
    by: Annotated[Name | None, Query(alias="actor")] = None,
    case_id: UUID | None = None,
    kind: Filter = None,
    type_: Annotated[Name | None, Query(alias="type")] = None,
    recorded_from: Moment = None,
    recorded_to: Moment = None,
    as_of: AsOfPosition = None,
    cursor: Cursor = None,
    limit: Limit = 200,
    position: Position = None,
) -> Response:
    """Read who recorded what, by which command, across all cases, in the order of the log."""
    del actor
    after = await begun(request, world, cursor, position, as_of)
    wanted = AuditFilter(
        actor=by,
        case_id=case_id,
        kind=kind,
        type=type_,
        recorded_from=_instant(recorded_from),
        recorded_to=_instant(recorded_to),
    )
    found = await run_in_threadpool(world.reading.audit, wanted, after=after, limit=limit, upto=as_of)
    last = found.rows[-1].position if found.more else None
    return page(request, found.position, [with_times(row._asdict()) for row in found.rows], last, Table(AUDIT_COLUMNS))


def with_times(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON values, its instants as RFC 3339 text."""
    return {name: plain(moment(v)) if name.endswith(INSTANTS) and v is not None else plain(v) for name, v in row.items()}


INSTANTS = ("_at", "_from", "_to")
"""How the columns that hold instants end."""


LINK_COLUMNS = (
    *("case_id", "other", "link", "kind", "other_kind", "direction", "state", "version", "effective_from"),
    *("recorded_from", "first_position"),
)


@router.get(
    "/links",
    responses=READING_PROBLEMS | LIST_PROBLEMS | FORMS,
    openapi_extra=WAITING,
    response_model=Page,
    operation_id="list_links",
    tags=["cases"],
)
async def list_links(
    request: Request,
    world: WorldHere,
    actor: Annotated[Actor, Depends(allowed(LIST_CASES))],
    case_id: UUID | None = None,
    link: Filter = None,
    state: Filter = None,
    cursor: Cursor = None,
    limit: Limit = 100,
    position: Position = None,
) -> Response:
    """List links between cases, each as the case ``case_id`` knows it, in the order in which they were first recorded.

    A link is seen by who may see that case; a confirmed one is listed once from either side.
    """
    after = await begun(request, world, cursor, position)
    wanted = LinkFilter(case_id=case_id, link=link, state=state, units=_units(actor))
    found = await run_in_threadpool(world.reading.links, wanted, after=after, limit=limit)
    last = found.rows[-1].first_position if found.more else None
    return page(request, found.position, [with_times(row._asdict()) for row in found.rows], last, Table(LINK_COLUMNS))


INTERVAL_COLUMNS = (
    *("case_id", "version", "kind", "stage", "unit", "assignee", "handling"),
    *("effective_from", "effective_to", "recorded_from", "recorded_to", "ended_by"),
)


@router.get(
    "/state-intervals",
    responses=READING_PROBLEMS | LIST_PROBLEMS | FORMS,
    openapi_extra=WAITING,
    response_model=Page,
    operation_id="list_state_intervals",
    tags=["cases"],
)
async def list_state_intervals(
    request: Request,
    world: WorldHere,
    actor: Annotated[Actor, Depends(allowed(LIST_CASES))],
    case_id: UUID,
    cursor: Cursor = None,
    limit: Limit = 100,
    position: Position = None,
) -> Response:
    """List how long a case was in which stage, with which unit, officer and handling, in the order of the entries.

    Nothing is listed of a case that the caller may not see.
    """
    after = await begun(request, world, cursor, position)
    found = await run_in_threadpool(world.reading.intervals, case_id, _units(actor), after=after, limit=limit)
    last = found.rows[-1].version if found.more else None
    return page(request, found.position, [with_times(row._asdict()) for row in found.rows], last, Table(INTERVAL_COLUMNS))
