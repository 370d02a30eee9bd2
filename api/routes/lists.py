"""Reading lists: the worklist, a case's timeline, the audit. All of them are read models, complete to a named position."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.negotiation import Table
from api.paging import (
    FORMS,
    LIST_PROBLEMS,
    WAITING,
    AsOfPosition,
    Cursor,
    Limit,
    Position,
    begun,
    begun_at,
    instant_of,
    page,
    then_of,
    units_of,
    with_times,
)
from api.parameters import CaseInPath, Filter, KnownAt, Moment, Name, TrueAt
from api.problems import Problem
from api.schemas import ONE_CASE_PROBLEMS, READING_PROBLEMS, Page
from api.security import WorldHere, allowed
from application.access import LIST_CASES, READ_AUDIT, READ_CASE
from application.past import past_of
from application.queries import AsOf, listed
from application.read_models.audit import AUDIT
from application.read_models.cases import CASES
from application.read_models.links import LINKS
from application.read_models.state_intervals import STATE_INTERVALS
from application.read_models.timeline import TIMELINE
from application.reading import AuditFilter, LinkFilter, TimelineFilter, WorklistFilter
from application.timelines import Story, story
from application.worklists import worklist_then
from application.world import World
from domain.kernel import Actor

router = APIRouter(prefix="/v1")

Version = Annotated[int | None, Query(ge=1, le=2**53 - 1, description="At least this version must be included")]

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
    after = await begun(request, world, cursor, position, as_of, models=(CASES,))
    wanted = WorklistFilter(
        kind=kind,
        state=state,
        unit=unit,
        assignee=assignee,
        file_number=file_number,
        opened_since=instant_of(opened_since),
        changed_since=instant_of(changed_since),
        units=units_of(actor),
    )
    if (as_of, known_at, true_at) != (None, None, None):
        then = await run_in_threadpool(then_of, world, as_of, known_at, true_at)
        past = await run_in_threadpool(worklist_then, past_of(world.queries.cases), wanted, then, after=after, limit=limit)
        return page(request, then.upto, [listed(row) for row in past.rows], past.last, Table(WORKLIST_COLUMNS))
    found = await run_in_threadpool(world.reading.worklist, wanted, after=after, limit=limit)
    last = found.rows[-1].opened_position if found.more else None
    return page(request, found.position, [listed(row) for row in found.rows], last, Table(WORKLIST_COLUMNS))


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
    after = await begun_at(request, world, cursor, 3 if sorted_by_time else 1, position, recorded, models=(TIMELINE,))
    wanted = TimelineFilter(
        types=frozenset(type_ or ()),
        actor=by,
        recorded_from=instant_of(recorded_from),
        recorded_to=instant_of(recorded_to),
        happened_from=instant_of(happened_from),
        happened_to=instant_of(happened_to),
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
    after = await begun(request, world, cursor, position, as_of, models=(AUDIT,))
    wanted = AuditFilter(
        actor=by,
        case_id=case_id,
        kind=kind,
        type=type_,
        recorded_from=instant_of(recorded_from),
        recorded_to=instant_of(recorded_to),
    )
    found = await run_in_threadpool(world.reading.audit, wanted, after=after, limit=limit, upto=as_of)
    last = found.rows[-1].position if found.more else None
    return page(request, found.position, [with_times(row._asdict()) for row in found.rows], last, Table(AUDIT_COLUMNS))


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
    after = await begun(request, world, cursor, position, models=(LINKS, CASES))
    wanted = LinkFilter(case_id=case_id, link=link, state=state, units=units_of(actor))
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
    after = await begun(request, world, cursor, position, models=(STATE_INTERVALS, CASES))
    found = await run_in_threadpool(world.reading.intervals, case_id, units_of(actor), after=after, limit=limit)
    last = found.rows[-1].version if found.more else None
    return page(request, found.position, [with_times(row._asdict()) for row in found.rows], last, Table(INTERVAL_COLUMNS))
