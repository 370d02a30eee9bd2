"""The board of deadlines: what each item says at an instant, and the board as it was.

An item says the same on the board, in a case's own list and in the past, since each is told from the same row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

from application.documents import plain
from application.errors import Unavailable
from application.past import Past
from application.queries import Queries, View
from application.read_models.deadlines import (
    DEADLINES,
    NEVER,
    NO_PROFILE,
    WARNINGS,
    DeadlineRow,
    ProfileNotInstalled,
    status_word,
)
from application.reading import DeadlineFilter
from application.records import Recorded, moment
from application.worklists import MOST_CASES, Then, theirs
from domain.clocks import Status

INSTANTS: Final = ("start", "due", "paused_since", "stopped_from", "stopped_until")
PLAIN: Final = (
    *("case_id", "kind", "unit", "handling", "clock", "profile", "legal_ref", "on_expiry", "started_by", "set_by"),
    "stopped_by",
)


def item(row: DeadlineRow, at: datetime) -> dict[str, Any]:
    """A row as JSON values at an instant. ``missed`` is null while nothing has stopped the clock."""
    values = {name: plain(getattr(row, name)) for name in PLAIN}
    times = {name: _text(getattr(row, name)) for name in INSTANTS}
    uncertain = None if row.uncertain_version is None else {"version": row.uncertain_version, "why": row.uncertain_why}
    return {
        **values,
        **times,
        "run": row.run or None,
        "status": status_word(row, at),
        "warnings": [_text(int(each)) for each in row.warnings.split(WARNINGS) if each],
        "uncertain": uncertain,
        "missed": None if row.stopped_by is None else row.missed,
    }


def _text(instant: int | None) -> Any:
    return None if instant is None else plain(moment(instant))


def matches(row: DeadlineRow, wanted: DeadlineFilter, at: datetime) -> bool:
    """Whether a row is among those wanted at an instant: the same conditions as the read store's."""
    equal = ((wanted.case_id, row.case_id), (wanted.unit, row.unit), (wanted.kind, row.kind), (wanted.clock, row.clock))
    word = status_word(row, at)
    return (
        all(value is None or value == has for value, has in equal)
        and (word == wanted.status if wanted.status is not None else word != Status.STOPPED.value)
        and (wanted.due_before is None or (row.due is not None and row.due < wanted.due_before))
        and (wanted.due_after is None or (row.due is not None and row.due >= wanted.due_after))
        and (wanted.units is None or row.unit in wanted.units)
    )


def in_order(row: DeadlineRow) -> tuple[int, int, int]:
    """What the board is sorted by."""
    return row.sorts_at, row.first_position, row.place


# --- One case -------------------------------------------------------------------------------------------------


def deadlines_of(queries: Queries, view: View, at: datetime) -> list[dict[str, Any]]:
    """The items of one case as a view has it, stopped ones too. Blocks. Raises Unavailable where its profile is missing."""
    try:
        rows = queries.rows(view, DEADLINES)
    except ProfileNotInstalled as missing:
        raise Unavailable(NO_PROFILE) from missing
    return [item(row, at) for row in sorted(rows, key=in_order)]


# --- The board as it was --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PastBoard:
    """Rows by case in the order of opening, and by due time within it.

    ``last`` is the key of the last row where more follow: the position that opened its case, then as ``in_order``. By its
    key a row is found again, and not by its number: a late entry recorded between two pages moves the rows of its case.
    """

    rows: tuple[DeadlineRow, ...]
    last: tuple[int, ...] | None


def board_then(
    past: Past, wanted: DeadlineFilter, then: Then, at: datetime, *, after: tuple[int, ...] = (0, 0, 0, 0), limit: int = 100
) -> PastBoard:
    """A page of the board as it was, each item at an instant. Blocks.

    A caller who sees some units' cases only sees a case that was theirs then and is theirs now. Raises Unavailable where a
    case's profile is missing: a board without that case would not be what was served then.
    """
    try:
        return _board_then(past, wanted, then, at, after, limit)
    except ProfileNotInstalled as missing:
        raise Unavailable(NO_PROFILE) from missing


def _board_then(past: Past, wanted: DeadlineFilter, then: Then, at: datetime, after: tuple[int, ...], limit: int) -> PastBoard:
    """As ``board_then``, without its answer to a missing profile."""
    found: list[tuple[tuple[int, ...], DeadlineRow]] = []
    last: tuple[int, ...] | None = None
    case_ids = None if wanted.case_id is None else [wanted.case_id]
    histories = past.by_case(DEADLINES, then.upto, then.true_at, case_ids, after=after[0] - 1)
    for looked_at, (opening, rows) in enumerate(histories, start=1):
        seen = theirs(past, [row for row in rows if matches(row, wanted, at)], wanted.units, then.now)
        fit = (((opening, *in_order(row)), row) for row in seen)
        found += sorted((each for each in fit if each[0] > after), key=itemgetter(0))
        if len(found) > limit:
            last = found[limit - 1][0]
            break
        if looked_at == MOST_CASES:
            last = (opening, NEVER, NEVER, 0)
            break
    return PastBoard(tuple(row for _, row in found[:limit]), last)


def instant_then(asked: Sequence[datetime | None], recorded: Sequence[Recorded]) -> datetime:
    """The instant a board of the past is about: the moment asked for, else the receipt of the last event it includes."""
    named = next((each for each in asked if each is not None), None)
    if named is not None:
        return named
    return moment(recorded[0].recorded_at) if recorded else moment(0)
