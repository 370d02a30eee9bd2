"""Reading the party register: an entry, and the cases that name a party under any of its ids.

A party is asked for by its id. No route finds one by a name, a birth date, a document or a nationality.
"""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from api.negotiation import Table
from api.paging import FORMS, LIST_PROBLEMS, WAITING, AsOfPosition, Cursor, Limit, Position, begun_at, page
from api.parameters import CaseInPath, KnownAt
from api.schemas import ONE_CASE_PROBLEMS, Page
from api.security import WorldHere, allowed
from application.access import READ_CASE, unit_filter
from application.documents import plain
from application.errors import NotFound
from application.persons import Named, entry_of, named, named_then
from application.read_models.cases import CASES
from application.read_models.persons import PERSONS, PersonRow
from application.records import microseconds
from application.world import World
from domain.kernel import Actor
from domain.kinds import party as register

router = APIRouter(prefix="/v1/parties", tags=["parties"])

Reader = Annotated[Actor, Depends(allowed(READ_CASE))]


class PartyQuestion(BaseModel):
    """Whether two entries are one party, asked ``on`` the record of one ``about`` the other; ``outcome`` is null while open."""

    on: UUID
    about: UUID
    asked_by: str | None
    outcome: str | None


class PartyBody(BaseModel):
    """An entry of the party register. ``into`` is the entry it was merged into, ``one_party`` all ids of the same party."""

    party_id: UUID
    version: int
    position: int
    stage: str
    party_type: str
    into: UUID | None
    one_party: list[UUID]
    questions: list[PartyQuestion]


@router.get("/{case_id}", responses=ONE_CASE_PROBLEMS, operation_id="read_party")
def read_party(world: WorldHere, actor: Reader, response: Response, case_id: CaseInPath) -> PartyBody:
    """Read what an entry of the party register is: its type, the questions asked about it, and its merge if there is one.

    Questions on the records of other parties are complete to `position`.
    """
    del actor
    found = entry_of(world.queries.cases, world.reading, case_id)
    response.headers["etag"] = f'"{found["version"]}"'
    response.headers["cache-control"] = "no-store"
    return PartyBody.model_validate(found)


@router.get(
    "/{case_id}/cases",
    responses=ONE_CASE_PROBLEMS | LIST_PROBLEMS | FORMS,
    openapi_extra=WAITING,
    response_model=Page,
    operation_id="list_cases_of_party",
)
async def list_cases_of_party(
    request: Request,
    world: WorldHere,
    actor: Reader,
    case_id: CaseInPath,
    as_of: AsOfPosition = None,
    known_at: KnownAt = None,
    cursor: Cursor = None,
    limit: Limit = 100,
    position: Position = None,
) -> Response:
    """List the cases that name a party, under this id or any that was merged with it, for those who may see each case.

    Every row tells the id that was recorded, and the field that names it. A page of the past may hold fewer rows than
    asked for while there is a next one.
    """
    begin, given = await begun_at(request, world, cursor, 2, position, as_of, models=(PERSONS, CASES))
    found = await run_in_threadpool(_named, world, actor, case_id, (as_of, known_at), after=(begin, given), limit=limit)
    return page(request, found.position, [plain_row(row) for row in found.rows], found.last, Table(PersonRow._fields))


def _upto(world: World, as_of: int | None, known_at: datetime | None) -> int | None:
    """The position of the past that is asked for, None for the present."""
    if known_at is None:
        return as_of
    known = world.ledger.position_at(microseconds(known_at))
    return known if as_of is None else min(known, as_of)


def _named(
    world: World, actor: Actor, party: UUID, then: tuple[int | None, datetime | None], *, after: tuple[int, int], limit: int
) -> Named:
    """The page asked for. Blocks; raises NotFound for what is no party."""
    cases, own, upto = world.queries.cases, unit_filter(actor), _upto(world, *then)
    if cases.load(party).kind is not register.KIND:
        raise NotFound("case")  # as for an id that nobody has: another unit's case is not to be told from none
    units = None if own is None else frozenset({own})
    if upto is None:
        return named(cases, world.reading, party, units, after=after, limit=limit)
    return named_then(cases, party, upto, units, after=after, limit=limit)


def plain_row(row: PersonRow) -> dict[str, Any]:
    """A row as JSON values."""
    return {name: plain(value) for name, value in row._asdict().items()}
