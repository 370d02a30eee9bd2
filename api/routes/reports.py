"""Reading standing reports: as of any position, compared with an earlier one, or as they were frozen for a month."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api.parameters import KnownAt, TrueAt
from api.report_forms import PARQUET, answer, form_of
from api.schemas import READING_PROBLEMS, problem
from api.security import WorldHere, allowed
from application.access import READ_REPORTS
from application.errors import NotFound
from application.reports.desk import Asked, suppresses
from domain.kernel import Actor

router = APIRouter(prefix="/v1/reports", tags=["reports"])

MONTH = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
Reader = Annotated[Actor, Depends(allowed(READ_REPORTS))]
ReportName = Annotated[str, Path(max_length=64, pattern="^[a-z-]+$", description="The report, see the list")]
Month = Annotated[str | None, Query(pattern=MONTH, description="Only the rows of this month, e.g. 2026-10 (UTC)")]
AsOf = Annotated[int | None, Query(ge=1, le=2**53 - 1, description="As recorded up to exactly this position")]
CompareTo = Annotated[
    int | None, Query(ge=1, le=2**53 - 1, description="Explain the difference from the report at this earlier position")
]
Suppress = Annotated[bool | None, Query(description="Suppress small cells; the default, and no choice, for all but auditors")]
REPORT_PROBLEMS: dict[int | str, dict[str, Any]] = {
    404: problem("There is no such report"),
    406: problem("None of the forms a report comes in is acceptable to the caller"),
    501: problem("Small cells cannot be suppressed here, so the table is not given"),
}
FORMS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The report; `Casetrail-Position`, `-Rows`, `-Definition` and `-Sha256` in the headers",
        "content": {"application/json": {}, "text/csv": {}, "application/jsonl": {}, PARQUET: {}},
    }
}
NO_STORE = {"cache-control": "no-store"}


@router.get("", responses=READING_PROBLEMS, operation_id="list_reports")
def list_reports(world: WorldHere, actor: Reader) -> list[dict[str, Any]]:
    """List the standing reports, each with its definition and its columns."""
    del actor
    return world.reports.listed()


@router.get(
    "/{name}", responses=READING_PROBLEMS | REPORT_PROBLEMS | FORMS, operation_id="read_report", response_class=Response
)
def read_report(
    request: Request,
    world: WorldHere,
    actor: Reader,
    name: ReportName,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    true_at: TrueAt = None,
    month: Month = None,
    suppress: Suppress = None,
    compare_to: CompareTo = None,
) -> Response:
    """Read a report as of a position: the same bytes whenever it is asked for, whatever was recorded since.

    With `compare_to` the answer, always JSON, is the rows that differ from those at that position, and the late entries,
    corrections and retractions recorded between the two.
    """
    hides = suppresses(actor, wish=suppress)
    asked = Asked(name=name, as_of=as_of, known_at=known_at, true_at=true_at, month=month, suppress=hides)
    if compare_to is not None:
        told = world.reports.compare(asked, compare_to, actor)
        return Response(orjson.dumps(told), headers=NO_STORE, media_type="application/json")
    form = form_of(request)
    return answer(world.reports.run(asked), form, world.reports.software)


@router.get(
    "/{name}/frozen/{month}",
    responses=READING_PROBLEMS | {404: problem("Nothing was frozen by that name for that month")},
    operation_id="read_frozen_report",
    response_class=Response,
)
def read_frozen_report(
    world: WorldHere,
    actor: Reader,
    name: ReportName,
    month: Annotated[str, Path(pattern=MONTH, description="The month, e.g. 2026-10")],
    suppress: Suppress = None,
) -> Response:
    """Read a report as it was frozen for a month: exactly the bytes that were stored then."""
    found = world.reports.frozen.find(month, name, suppressed=suppresses(actor, wish=suppress))
    if found is None:
        raise NotFound("frozen report")
    headers = {
        **NO_STORE,
        "casetrail-report": f"{found.name}; version={found.version}",
        "casetrail-position": str(found.position),
        "casetrail-body-sha256": found.sha256,
        "casetrail-software": found.software,
    }
    return Response(found.body, headers=headers, media_type="application/json")
