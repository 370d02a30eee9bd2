"""The board of deadlines, and the deadlines of one case."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.negotiation import Table, negotiated
from api.paging import (
    FORMS,
    LIST_PROBLEMS,
    WAITING,
    AsOfPosition,
    Cursor,
    Limit,
    Position,
    begun_at,
    instant_of,
    page,
    then_of,
    units_of,
)
from api.parameters import CaseInPath, Filter, Instant, KnownAt, Moment, TrueAt
from api.schemas import ONE_CASE_PROBLEMS, READING_PROBLEMS, Page
from api.security import WorldHere, allowed
from application.access import LIST_CASES, READ_CASE
from application.boards import board_then, deadlines_of, in_order, instant_then, item
from application.past import past_of
from application.queries import AsOf
from application.read_models.deadlines import DEADLINES
from application.reading import DeadlineFilter
from application.records import moment
from application.world import World
from domain.kernel import Actor

router = APIRouter(prefix="/v1")

COLUMNS = (
    *("case_id", "kind", "unit", "handling", "clock", "run", "status", "due", "start", "paused_since", "warnings"),
    *("on_expiry", "legal_ref", "profile", "started_by", "set_by", "stopped_by", "stopped_from", "stopped_until"),
    *("missed", "uncertain"),
)
StatusAt = Annotated[Instant | None, Query(description="Status at this moment; without it at `true_at`, at `known_at`, or now")]
Word = Annotated[
    Literal["overdue", "running", "paused", "pending", "uncertain", "stopped"] | None,
    Query(description="What the deadline is at the moment asked for; all but stopped where none is named"),
]


@router.get(
    "/deadlines",
    responses=READING_PROBLEMS | LIST_PROBLEMS | FORMS,
    openapi_extra=WAITING,
    response_model=Page,
    operation_id="list_deadlines",
    tags=["deadlines"],
)
async def list_deadlines(
    request: Request,
    world: WorldHere,
    actor: Annotated[Actor, Depends(allowed(LIST_CASES))],
    unit: Filter = None,
    kind: Filter = None,
    clock: Filter = None,
    case_id: UUID | None = None,
    status: Word = None,
    due_before: Moment = None,
    due_after: Moment = None,
    as_of: AsOfPosition = None,
    known_at: KnownAt = None,
    true_at: TrueAt = None,
    cursor: Cursor = None,
    limit: Limit = 100,
    position: Position = None,
) -> Response:
    """List deadlines with the rule and the entry that set each date, the first due first, stopped ones only if asked for.

    A unit's officers see their unit's. The board of the past comes case by case in the order of opening; a page of it may
    hold fewer items than asked for while there is a next one.
    """
    wanted = DeadlineFilter(
        unit=unit, kind=kind, clock=clock, case_id=case_id, status=status, due_before=instant_of(due_before),
        due_after=instant_of(due_after), units=units_of(actor),
    )  # fmt: skip
    if (as_of, known_at, true_at) != (None, None, None):
        behind = await begun_at(request, world, cursor, 4, position, as_of, models=(DEADLINES,))
        asked = (as_of, known_at, true_at)
        upto, items, last = await run_in_threadpool(_past, world, wanted, asked, behind, limit)
        return page(request, upto, items, last, Table(COLUMNS))
    after = await begun_at(request, world, cursor, 3, position, models=(DEADLINES,))
    now = world.executor.clock()
    found = await run_in_threadpool(world.reading.deadlines, wanted, now, after=None if cursor is None else after, limit=limit)
    following = in_order(found.rows[-1]) if found.more else None
    return page(request, found.position, [item(row, moment(now)) for row in found.rows], following, Table(COLUMNS))


def _past(
    world: World,
    wanted: DeadlineFilter,
    asked: tuple[int | None, datetime | None, datetime | None],
    after: tuple[int, ...],
    limit: int,
) -> tuple[int, list[dict[str, Any]], tuple[int, ...] | None]:
    """The board as it was: the position it is complete to, its items, where it goes on. Blocks."""
    then = then_of(world, *asked)
    at = instant_then((asked[2], asked[1]), world.ledger.read(max(then.upto - 1, 0), 1, then.upto))
    found = board_then(past_of(world.queries.cases), wanted, then, at, after=after, limit=limit)
    return then.upto, [item(row, at) for row in found.rows], found.last


@router.get(
    "/cases/{case_id}/deadlines",
    responses=ONE_CASE_PROBLEMS | {406: LIST_PROBLEMS[406]} | FORMS,
    response_model=Page,
    operation_id="read_deadlines",
    tags=["deadlines"],
)
async def read_deadlines(
    request: Request,
    world: WorldHere,
    actor: Annotated[Actor, Depends(allowed(READ_CASE))],
    case_id: CaseInPath,
    known_at: KnownAt = None,
    true_at: TrueAt = None,
    at: StatusAt = None,
) -> Response:
    """Read every deadline of a case, stopped ones too, computed from its history as of something."""
    negotiated(request)
    asked = at or true_at or known_at or moment(world.executor.clock())

    def told() -> tuple[int, list[dict[str, Any]]]:
        view = world.queries.view(actor, case_id, AsOf(None, known_at, true_at))
        return view.last.position, deadlines_of(world.queries, view, asked)

    upto, items = await run_in_threadpool(told)
    return page(request, upto, items, None, Table(COLUMNS))
