"""The custody ledger of one seizure."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.negotiation import Table, negotiated
from api.paging import FORMS, LIST_PROBLEMS, page, with_times
from api.parameters import CaseInPath, Filter, KnownAt, TrueAt
from api.schemas import ONE_CASE_PROBLEMS, Page
from api.security import WorldHere, allowed
from application.access import READ_CASE
from application.queries import AsOf
from application.read_models.custody import CUSTODY, CustodyRow
from domain.kernel import Actor

router = APIRouter(prefix="/v1/cases")


@router.get(
    "/{case_id}/custody",
    responses=ONE_CASE_PROBLEMS | {406: LIST_PROBLEMS[406]} | FORMS,
    response_model=Page,
    operation_id="read_custody",
    tags=["cases"],
)
async def read_custody(
    request: Request,
    world: WorldHere,
    actor: Annotated[Actor, Depends(allowed(READ_CASE))],
    case_id: CaseInPath,
    line: Filter = None,
    known_at: KnownAt = None,
    true_at: TrueAt = None,
) -> Response:
    """Read where each line of a seizure's inventory was and who answered for it, step by step, as of something.

    The steps of a line join without a gap; the one without an end is where it is. Other kinds of case have none.
    """
    negotiated(request)

    def told() -> tuple[int, list[dict[str, Any]]]:
        view = world.queries.view(actor, case_id, AsOf(None, known_at, true_at))
        rows = [row for row in world.queries.rows(view, CUSTODY) if line in (None, row.line)]
        return view.last.position, [with_times(row._asdict()) for row in sorted(rows, key=_in_order)]

    upto, items = await run_in_threadpool(told)
    return page(request, upto, items, None, Table(CustodyRow._fields))


def _in_order(row: CustodyRow) -> tuple[str, int, int]:
    """Line by line, the steps in the order in which they took effect."""
    return row.line, row.effective_from, row.version
