"""What every list of read models shares: its parameters, waiting for a position, cursors, pages, whose cases are in it."""

import base64
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Request
from starlette.responses import Response

from api.negotiation import Table, negotiated, rendered
from api.preconditions import LONGEST_WAIT, seconds_to_wait
from api.problems import Problem
from api.schemas import problem
from application.access import unit_filter
from application.documents import plain
from application.project import ReadModel
from application.records import microseconds, moment
from application.worklists import Then
from application.world import World
from domain.kernel import Actor

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


async def begun(
    request: Request, world: World, cursor: str | None, *positions: int | None, models: Collection[ReadModel[Any]]
) -> int:
    """Where a list goes on, once it includes the positions asked for; waits as long as ``Prefer: wait`` allows.

    ``models`` are those the list is made from: one that stands still makes no other list wait. Called by the routes when
    all else about the request is in order: nobody waits who may not read. Raises Problem: 406 for a form we have not, 422
    for a cursor that is none of ours, 202 where a position is not included in time.
    """
    (after,) = await begun_at(request, world, cursor, 1, *positions, models=models)
    return after


async def begun_at(
    request: Request, world: World, cursor: str | None, parts: int, *positions: int | None, models: Collection[ReadModel[Any]]
) -> tuple[int, ...]:
    """As ``begun``, for a list whose order is by so many numbers; as many zeros without a cursor."""
    negotiated(request)
    after = (0,) * parts if cursor is None else decode_cursor(cursor)
    # Only an order by time, of three numbers, goes below zero; elsewhere a number is a position or a count of rows.
    if len(after) != parts or (parts in (1, 2) and min(after) < 0):
        raise Problem(422, "cursor-unknown", "The cursor is not one this list gave out")
    position = max((position for position in positions if position is not None), default=0)
    names = [model.name for model in models]
    if position > 0 and not await world.followers.included(position, seconds_to_wait(request.headers), names):
        title = "The list does not include that position yet"
        raise Problem(202, "not-included-yet", title, headers={"retry-after": "1"})
    return after


CARRIED = frozenset(
    (
        *("kind", "state", "unit", "assignee", "file_number", "opened_since", "changed_since", "limit", "type", "actor"),
        *("case_id", "recorded_from", "recorded_to", "happened_from", "happened_to", "known_at", "true_at", "linked", "order"),
        *("as_of", "link", "clock", "status", "due_before", "due_after"),
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


def instant_of(value: datetime | None) -> int | None:
    """A moment asked for in microseconds."""
    return None if value is None else microseconds(value)


def units_of(actor: Actor) -> frozenset[str] | None:
    """The units whose cases this actor may list, None for all."""
    own = unit_filter(actor)
    return None if own is None else frozenset({own})


def then_of(world: World, as_of: int | None, known_at: datetime | None, true_at: datetime | None) -> Then:
    """Which worklist is asked for: a position and a receipt moment each leave out what was recorded later."""
    head = world.ledger.head().position
    known = head if known_at is None else world.ledger.position_at(microseconds(known_at))
    return Then(min(known, head if as_of is None else as_of), true_at, head)


def with_times(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON values, its instants as RFC 3339 text."""
    return {name: plain(moment(v)) if name in INSTANTS and v is not None else plain(v) for name, v in row.items()}


INSTANTS = frozenset(("recorded_at", "decided_at", "effective_from", "effective_to", "recorded_from", "recorded_to"))
"""The columns of read models that hold instants, in microseconds."""
