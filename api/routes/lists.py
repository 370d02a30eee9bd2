"""Reading lists: the worklist, a case's timeline, the audit. All of them are read models, complete to a named position."""

import base64
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.negotiation import Table, negotiated, rendered
from api.parameters import Filter, KnownAt, Moment, Name, TrueAt
from api.preconditions import LONGEST_WAIT, seconds_to_wait
from api.problems import Problem
from api.schemas import ONE_CASE_PROBLEMS, READING_PROBLEMS, Page, problem
from api.security import WorldHere, allowed
from application.access import LIST_CASES, READ_AUDIT, READ_CASE, unit_filter
from application.documents import plain
from application.queries import AsOf, listed
from application.reading import AuditFilter, TimelineFilter, WorklistFilter
from application.records import microseconds, moment
from application.timelines import Story, story
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

Limit = Annotated[int, Query(ge=1, le=500, description="Items a page")]
Cursor = Annotated[str | None, Query(max_length=200, description="From the last page's `next`")]
Position = Annotated[int | None, Query(ge=0, le=2**53 - 1, description="At least this position must be included")]


MOST_DIGITS = 19
"""Digits of the largest position a database can store."""


def encode_cursor(value: int) -> str:
    """A cursor: opaque to the caller, the key of the page's last item to us."""
    return base64.urlsafe_b64encode(f"1:{value}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> int:
    """The key a cursor stands for, 0 without one. Raises Problem for a cursor that was never given out."""
    if cursor is None:
        return 0
    try:
        version, _, key = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition(":")
        found = int(key) if version == "1" and len(key) <= MOST_DIGITS else None
    except ValueError:
        found = None
    if found is None or encode_cursor(found) != cursor or not 0 <= found < 2**63:
        raise Problem(422, "cursor-unknown", "The cursor is not one this server gave out")
    return found


async def begun(request: Request, world: World, cursor: str | None, position: int | None) -> int:
    """Where a list goes on, once it includes the position asked for; waits as long as ``Prefer: wait`` allows.

    Called by the routes when all else about the request is in order: nobody waits who may not read. Raises Problem: 406
    for a form we have not, 422 for a cursor that is none of ours, 202 where the position is not included in time.
    """
    negotiated(request)
    after = decode_cursor(cursor)
    if position is not None and not await world.followers.included(position, seconds_to_wait(request.headers)):
        title = "The list does not include that position yet"
        raise Problem(202, "not-included-yet", title, headers={"retry-after": "1"})
    return after


CARRIED = frozenset(
    (
        *("kind", "state", "unit", "assignee", "file_number", "opened_since", "changed_since", "limit", "type", "actor"),
        *("case_id", "recorded_from", "recorded_to", "happened_from", "happened_to", "known_at", "true_at", "linked", "order"),
    )
)
"""Query parameters that the next page's address repeats; what a list does not know is never echoed."""


def page(request: Request, position: int, items: list[dict[str, Any]], last: int | None, table: Table) -> Response:
    """One page in the form the caller accepts; ``last`` is the key of the next page's beginning, None at the end."""
    following = None
    if last is not None:
        query = [(n, v) for n, v in request.query_params.multi_items() if n in CARRIED]
        following = f"{request.url.path}?{urlencode([*query, ('cursor', encode_cursor(last))])}"
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
    cursor: Cursor = None,
    limit: Limit = 100,
    position: Position = None,
) -> Response:
    """List cases as they stand, oldest first, without personal content; a unit's officers see their unit's."""
    after = await begun(request, world, cursor, position)
    own = unit_filter(actor)
    wanted = WorklistFilter(
        kind=kind,
        state=state,
        unit=unit,
        assignee=assignee,
        file_number=file_number,
        opened_since=_instant(opened_since),
        changed_since=_instant(changed_since),
        units=None if own is None else frozenset({own}),
    )
    found = await run_in_threadpool(world.reading.worklist, wanted, after=after, limit=limit)
    last = found.rows[-1].opened_position if found.more else None
    return page(request, found.position, [listed(row) for row in found.rows], last, Table(WORKLIST_COLUMNS))


def _instant(value: Any) -> int | None:
    return None if value is None else microseconds(value)


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
    case_id: UUID,
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
) -> Response:
    """Read what happened: one entry per recorded event, with what later entries say of it."""
    after = await begun(request, world, cursor, position)
    wanted = TimelineFilter(
        types=frozenset(type_ or ()),
        actor=by,
        recorded_from=_instant(recorded_from),
        recorded_to=_instant(recorded_to),
        happened_from=_instant(happened_from),
        happened_to=_instant(happened_to),
    )
    asked = Story(case_id, wanted, AsOf(None, known_at, true_at), linked=linked, effective=order == "effective")
    found = await run_in_threadpool(story, world.queries, world.reading, actor, asked)
    if linked or asked.effective:
        return page(request, found.position, found.items, None, Table(TIMELINE_COLUMNS))
    items = [item for item in found.items if item["version"] > after]
    last = items[limit - 1]["version"] if len(items) > limit else None
    return page(request, found.position, items[:limit], last, Table(TIMELINE_COLUMNS))


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
    cursor: Cursor = None,
    limit: Limit = 200,
    position: Position = None,
) -> Response:
    """Read who recorded what, by which command, across all cases, in the order of the log."""
    del actor
    after = await begun(request, world, cursor, position)
    wanted = AuditFilter(
        actor=by,
        case_id=case_id,
        kind=kind,
        type=type_,
        recorded_from=_instant(recorded_from),
        recorded_to=_instant(recorded_to),
    )
    found = await run_in_threadpool(world.reading.audit, wanted, after=after, limit=limit)
    last = found.rows[-1].position if found.more else None
    return page(request, found.position, [with_times(row._asdict()) for row in found.rows], last, Table(AUDIT_COLUMNS))


def with_times(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON values, its instants as RFC 3339 text."""
    return {name: plain(moment(value)) if name.endswith("_at") else plain(value) for name, value in row.items()}
