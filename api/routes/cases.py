"""Reading one case: as it stands, as recorded or in effect at a moment, its events, its differences."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from api.commands import open_links, plain_time
from api.parameters import CaseInPath, KnownAt, TrueAt
from api.schemas import ONE_CASE_PROBLEMS, CaseBody, DiffBody
from api.security import WorldHere, allowed
from application.access import READ_CASE
from application.feeds import line
from application.queries import AsOf, View, marks
from application.records import Recorded
from application.world import World
from domain.kernel import Actor, stage_name

router = APIRouter(prefix="/v1/cases", tags=["cases"])

Reader = Annotated[Actor, Depends(allowed(READ_CASE))]
Version = Annotated[int | None, Query(ge=1, le=2**53 - 1, description="The case as of this version")]


@router.get("/{case_id}", responses=ONE_CASE_PROBLEMS, operation_id="read_case")
def read_case(
    world: WorldHere,
    actor: Reader,
    response: Response,
    case_id: CaseInPath,
    version: Version = None,
    known_at: KnownAt = None,
    true_at: TrueAt = None,
) -> CaseBody:
    """Read a case as it stands, or as of a version, a receipt moment, a moment in effect, or both moments together."""
    view = world.queries.view(actor, case_id, AsOf(version, known_at, true_at))
    response.headers["etag"] = f'"{view.last.version}"'
    response.headers["cache-control"] = "no-store"
    return CaseBody.model_validate(case_body(world, view, known_at, true_at))


def case_body(world: World, view: View, known_at: datetime | None, true_at: datetime | None) -> dict[str, Any]:
    """The answer of ``read_case`` as plain values."""
    opened, closed = world.queries.open_now(view)
    return {
        "case_id": view.case_id,
        "kind": view.kind.name,
        "version": view.last.version,
        "position": view.last.position,
        "recorded_at": plain_time(view.last.recorded_at),
        "ledger_id": world.ledger_id,
        "known_at": known_at,
        "true_at": true_at,
        **world.queries.document(view),
        "row": world.queries.row(view),
        "open": open_links(world, view.kind, opened, view.case_id),
        "not_open": [
            {"command": c.__name__, "open_in": [stage_name(s) for s in world.catalogue.stages_open(view.kind, c)]}
            for c in closed
        ],
    }


@router.get("/{case_id}/events", responses=ONE_CASE_PROBLEMS, operation_id="read_events")
def read_events(
    world: WorldHere,
    actor: Reader,
    response: Response,
    case_id: CaseInPath,
    after: Annotated[int, Query(ge=0, le=2**53 - 1, description="Versions after this one")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> dict[str, Any]:
    """Read a case's events exactly as recorded: the stored bytes as text, salt and leaf hash, and the state opened."""
    view = world.queries.view(actor, case_id, AsOf())
    rows = [row for row in view.known if row.version > after][:limit]
    noted = marks(view)
    response.headers["cache-control"] = "no-store"
    if rows and rows[-1].version < view.last.version:
        response.headers["link"] = f'</v1/cases/{case_id}/events?after={rows[-1].version}&limit={limit}>; rel="next"'
    items = [as_recorded(world, row) | {"marks": noted[row.version]} for row in rows]
    return {"case_id": str(case_id), "position": view.last.position, "items": items}


def as_recorded(world: World, row: Recorded) -> dict[str, Any]:
    """One event as the ledger has it, so that a reader can recompute its leaf, with its state opened."""
    opened = world.executor.codec.opened(row)
    return line(row) | {"state": opened.values, "unreadable": list(opened.unreadable)}


@router.get("/{case_id}/diff", responses=ONE_CASE_PROBLEMS, operation_id="read_diff")
def read_diff(
    world: WorldHere,
    actor: Reader,
    response: Response,
    case_id: CaseInPath,
    from_version: Annotated[int | None, Query(alias="from", ge=1, le=2**53 - 1)] = None,
    to_version: Annotated[int | None, Query(alias="to", ge=1, le=2**53 - 1)] = None,
    from_known_at: KnownAt = None,
    to_known_at: KnownAt = None,
    from_true_at: TrueAt = None,
    to_true_at: TrueAt = None,
) -> DiffBody:
    """Read field by field what differs between two views of a case, each with the entry that caused it."""
    before, after = AsOf(from_version, from_known_at, from_true_at), AsOf(to_version, to_known_at, to_true_at)
    first, second, changes = world.queries.changes(actor, case_id, before, after)
    response.headers["cache-control"] = "no-store"
    return DiffBody.model_validate(
        {
            "case_id": case_id,
            "from_version": first.last.version,
            "to_version": second.last.version,
            "position": second.last.position,
            "changes": changes,
        }
    )
