"""A case's timeline as a reader wants it: the recorded entries, what later entries say of them, linked cases beside."""

import sys
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any
from uuid import UUID

from application.access import check_sees
from application.cases import Case
from application.documents import plain
from application.errors import NotFound
from application.queries import AsOf, Queries, View, corrects, marks
from application.read_models.timeline import TimelineRow
from application.reading import ReadStore, TimelineFilter
from application.records import Recorded, microseconds, moment
from domain.dossier.acts import LinkState
from domain.history import standing
from domain.kernel import Actor, Entry

MOST = 1_000_000
"""Entries that are told at once where no limit is asked for."""


@dataclass(frozen=True, slots=True)
class Story:
    """Which timeline: of which case, filtered how, as of when; ``linked`` with the cases it had live links with then.

    ``effective`` orders entries as they took effect; otherwise they stand in the order they were recorded. ``after`` is
    the key of the last item of the page before, ``limit`` how many are told at most.
    """

    case_id: UUID
    wanted: TimelineFilter
    as_of: AsOf
    linked: bool = False
    effective: bool = False
    after: tuple[int, ...] | None = None
    limit: int = MOST


@dataclass(frozen=True, slots=True)
class Told:
    """A page of a timeline, its items as JSON values, complete to ``position``.

    ``last`` is the key of the last item where more follow: its version, or in the order of time its place in that.
    """

    position: int
    items: list[dict[str, Any]]
    last: tuple[int, ...] | None


class _Scene:
    """One case's part of a timeline: its view, its rows by version, and the marks that its entries leave."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.known = {row.version: row for row in view.known}
        self.marks = marks(view)
        self.corrected = {corrects(entry) for entry in view.entries}


@dataclass(frozen=True, slots=True)
class _Item:
    """One entry with the part it stands in."""

    row: TimelineRow
    entry: Entry
    scene: _Scene


def story(queries: Queries, reading: ReadStore, actor: Actor, asked: Story) -> Told:
    """The timeline asked for. Blocks; raises NotFound where the case does not exist for this actor."""
    first = queries.view(actor, asked.case_id, asked.as_of if asked.linked else AsOf())
    position, items = _one(queries, reading, asked)
    if asked.linked:
        for case_id in _linked(first):
            part = _beside(queries, reading, actor, replace(asked, case_id=case_id))
            position, items = min(position, part[0]), items + part[1]
    key = _place if asked.effective or asked.linked else _version
    placed = sorted(((key(item), item) for item in items), key=itemgetter(0))
    wanted = [each for each in placed if asked.after is None or each[0] > asked.after]
    told = wanted[: asked.limit]
    last = told[-1][0] if len(told) < len(wanted) else None
    return Told(position, [_told(queries, item) for _, item in told], last)


def _version(item: _Item) -> tuple[int, ...]:
    """Where an entry of one case stands in recorded order."""
    return (item.row.version,)


def _place(item: _Item) -> tuple[int, ...]:
    """Where an entry stands among those of several cases: by when it happened, as it stands now."""
    return microseconds(item.entry.earliest), microseconds(item.entry.ends), item.row.position


def _linked(view: View) -> list[UUID]:
    """The cases this one has a live link with in this view; each decides for itself who sees it."""
    live = (LinkState.PROPOSED, LinkState.CONFIRMED)
    links = view.folded.dossier.links.items()
    return sorted({other for (other, _), state in links if state in live}, key=str)


def _beside(queries: Queries, reading: ReadStore, actor: Actor, asked: Story) -> tuple[int, list[_Item]]:
    """A linked case's part; nothing if it does not exist for this actor, did not as known then, or was not known yet."""
    try:
        then = queries.view(actor, asked.case_id, AsOf(known_at=asked.as_of.known_at))
        check_sees(actor, Case(then.case_id, then.kind, then.last.version, then.folded))
        return _one(queries, reading, asked)
    except NotFound:
        return sys.maxsize, []


def _one(queries: Queries, reading: ReadStore, asked: Story) -> tuple[int, list[_Item]]:
    """One case's part and the position it is complete to. Raises NotFound if nothing was known then."""
    found = reading.timeline(asked.case_id)
    rows = {row.version: row for row in found.rows}
    if not rows:
        return found.position, []
    view = queries.view_of([as_recorded(row) for row in rows.values()], asked.as_of)
    scene = _Scene(view)
    kept = [_Item(rows[entry.version], entry, scene) for entry in _entries(view, asked)]
    return found.position, [item for item in kept if matches(item, asked.wanted)]


def _entries(view: View, asked: Story) -> list[Entry]:
    """The entries to tell, as they stand: all that were known, or at a moment in effect, those in effect or perhaps so."""
    stands = {entry.version: entry for entry in standing(view.entries)}
    told = {entry.version for entry in view.cut.entries}.union(view.cut.uncertain)
    every = asked.as_of.true_at is None
    return [stands.get(e.version, e) for e in view.entries if every or e.version in told]


def as_recorded(row: TimelineRow) -> Recorded:
    """The part of a ledger row that the fold needs, from the read model's copy of it."""
    return Recorded(
        row.position, row.case_id, row.version, row.kind, row.type, row.schema_version, row.recorded_at,
        row.state, b"", b"", b"", row.actor, b"",
    )  # fmt: skip


def matches(item: _Item, wanted: TimelineFilter) -> bool:
    """Whether an entry is among those wanted; one that may have happened in the span asked for is."""
    row = item.row
    return (
        (not wanted.types or row.type in wanted.types)
        and (wanted.actor is None or row.actor == wanted.actor)
        and (wanted.recorded_from is None or row.recorded_at >= wanted.recorded_from)
        and (wanted.recorded_to is None or row.recorded_at < wanted.recorded_to)
        and (wanted.happened_from is None or item.entry.latest > moment(wanted.happened_from))
        and (wanted.happened_to is None or item.entry.earliest < moment(wanted.happened_to))
    )


def _told(queries: Queries, item: _Item) -> dict[str, Any]:
    """An entry as JSON values: as recorded, as it stands if it was corrected, and the marks later entries leave."""
    row, scene = item.row, item.scene
    state = dict(queries.cases.codec.opened(scene.known[row.version]).values)
    when = state["when"]
    return {
        "case_id": str(row.case_id),
        "kind": row.kind,
        "version": row.version,
        "position": row.position,
        "type": row.type,
        "recorded_at": plain(moment(row.recorded_at)),
        "when": when,
        "earliest": when["earliest"],
        "latest": when["latest"],
        "precision": when["precision"],
        "zone": when["zone"],
        "actor": row.actor,
        "role": row.role,
        "claim_status": row.claim_status,
        "target": row.target,
        **scene.marks[row.version],
        "state": state,
        "stands_as": queries.opened(scene.known, scene.view.entries, row.version) if row.version in scene.corrected else None,
    }
