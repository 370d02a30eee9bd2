"""The worklist as it was: complete to an earlier position, or as things were in effect at a moment.

Every row is told anew from the ledger, so the cost of a page is that of the cases it looks at. A page therefore looks at
a bounded number of them: it may hold fewer rows than asked for, or none, while the list goes on behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from application.past import Past
from application.project import Row
from application.read_models.cases import CASES, CaseRow
from application.reading import WorklistFilter

R = TypeVar("R", bound=Row)

MOST_CASES = 2_000
"""Cases that one page looks at."""


@dataclass(frozen=True, slots=True)
class Then:
    """Which worklist: complete to ``upto``, in effect at ``true_at`` if a moment is given; ``now`` is the ledger's head."""

    upto: int
    true_at: datetime | None
    now: int


@dataclass(frozen=True, slots=True)
class PastPage:
    """Rows in the order in which their cases were opened; the list goes on after opening position ``last`` if one is given."""

    rows: tuple[CaseRow, ...]
    last: int | None


def worklist_then(past: Past, wanted: WorklistFilter, then: Then, *, after: int = 0, limit: int = 100) -> PastPage:
    """A page of the worklist as it was, opening positions > ``after``. Blocks.

    A caller who sees some units' cases only sees a case that was theirs then and is theirs now: a list of the past is no
    way round a case having moved on.
    """
    found: list[CaseRow] = []
    for looked_at, (opening, rows) in enumerate(past.by_case(CASES, then.upto, then.true_at, after=after), start=1):
        # Who may not see a case must not learn of it by where a page ends either: it is left out before rows are counted.
        found += theirs(past, [row for row in rows if matches(row, wanted)], wanted.units, then.now)
        if len(found) > limit:
            return PastPage(tuple(found[:limit]), found[limit - 1].opened_position)
        if looked_at == MOST_CASES:
            return PastPage(tuple(found), opening)
    return PastPage(tuple(found), None)


def theirs(past: Past, rows: Sequence[R], units: frozenset[str] | None, now: int) -> tuple[R, ...]:
    """The rows of cases that are of these units now, or at any other position."""
    if units is None or not rows:
        return tuple(rows)
    standing = past.rows(CASES, now, case_ids=[row.case_id for row in rows])
    seen = {row.case_id for row in standing if row.unit in units}
    return tuple(row for row in rows if row.case_id in seen)


def matches(row: CaseRow, wanted: WorklistFilter) -> bool:
    """Whether a row is among those wanted: the same conditions as the read store's."""
    equal = (
        (wanted.kind, row.kind),
        (wanted.state, row.stage),
        (wanted.unit, row.unit),
        (wanted.assignee, row.assignee),
        (wanted.handling, row.handling),
        (wanted.file_number, row.file_number),
    )
    return (
        all(value is None or value == has for value, has in equal)
        and (wanted.opened_since is None or row.opened_at >= wanted.opened_since)
        and (wanted.changed_since is None or row.changed_at >= wanted.changed_since)
        and (wanted.units is None or row.unit in wanted.units)
    )
