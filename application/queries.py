"""Reading a case: as it stands, as it was recorded by a moment, as it was in effect at a moment, and what changed between.

Every answer here is folded from the ledger itself, not from a read model, and names the position it is complete to.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from application.access import check_sees
from application.cases import Case, Cases
from application.documents import differences, flat, plain
from application.errors import Invalid, NotFound
from application.heard import Reading
from application.histories import tell
from application.project import R, ReadModel, rows_after
from application.read_models.cases import CASES, CaseRow
from application.records import Recorded, microseconds, moment
from domain.catalogue import Catalogue
from domain.dossier.acts import PersonDescribed
from domain.history import Cut, Folded, effective, fold, late, open_commands, place, steps, until
from domain.kernel import BY_THE_SYSTEM, Actor, Command, Entry, EntryCorrected, EntryRetracted, Kind, Nothing


@dataclass(frozen=True, slots=True)
class AsOf:
    """Which view of a case: at a version, as recorded by ``known_at``, as in effect at ``true_at``; None means now."""

    version: int | None = None
    known_at: datetime | None = None
    true_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class View:
    """One case as of something: its known history, that history in effect, and the fold of it."""

    kind: Kind
    known: tuple[Recorded, ...]
    entries: tuple[Entry, ...]
    cut: Cut
    folded: Folded

    @property
    def case_id(self) -> UUID:
        """The case."""
        return self.known[0].case_id

    @property
    def last(self) -> Recorded:
        """The last event known to this view."""
        return self.known[-1]


@dataclass(frozen=True, slots=True)
class Queries:
    """Reads of single cases. Every method blocks and belongs on a worker thread."""

    catalogue: Catalogue
    cases: Cases

    def view(self, actor: Actor, case_id: UUID, as_of: AsOf) -> View:
        """The case as of something, if it exists for this actor.

        Raises NotFound, also where nothing was known then; Invalid for a version that is not there yet.
        """
        history = self.cases.ledger.load(case_id)
        now = self._now(actor, history)
        return now if as_of == AsOf() else self.view_of(history, as_of)

    def _now(self, actor: Actor, history: Sequence[Recorded]) -> View:
        """A stored history as it stands. Raises NotFound where the case does not exist for this actor."""
        if not history:
            raise NotFound("case")
        now = self.view_of(history, AsOf())
        check_sees(actor, Case(now.case_id, now.kind, now.last.version, now.folded))
        return now

    def view_of(self, history: Sequence[Recorded], as_of: AsOf) -> View:
        """A stored history as of something. Raises NotFound where nothing was known, Invalid for a version not there yet."""
        known = tuple(row for row in history if self._knows(row, as_of))
        if as_of.version is not None and as_of.version > history[-1].version:
            raise Invalid("version", "the case has no such version yet")
        if not known:
            raise NotFound("case at that moment")
        kind = self.cases.kind_named(known[0].kind)
        entries = tuple(self.cases.entries(known))
        ordered = effective(entries)
        cut = Cut(tuple(ordered), ()) if as_of.true_at is None else until(ordered, as_of.true_at)
        return View(kind, known, entries, cut, fold(kind, self.catalogue.shared, cut.entries))

    @staticmethod
    def _knows(row: Recorded, as_of: AsOf) -> bool:
        """Whether a view knows an event."""
        by_version = as_of.version is None or row.version <= as_of.version
        return by_version and (as_of.known_at is None or row.recorded_at <= microseconds(as_of.known_at))

    def document(self, view: View) -> dict[str, Any]:
        """What a view says of the case, as JSON values: stage, state, dossier, persons described."""
        stage = view.folded.stage
        nothing = isinstance(stage, Nothing)
        state = plain(stage)
        name = state.pop("stage")
        return {
            "stage": None if nothing else name,
            "state": None if nothing else state,
            "dossier": self._dossier(view.folded.dossier),
            "persons": self._persons(view),
            "contradictions": list(view.folded.contradictions),
            "uncertain": list(view.cut.uncertain),
        }

    def rows(self, view: View, model: ReadModel[R]) -> list[R]:
        """The rows of a folded model that this view of a case makes."""
        reading = Reading(self.cases.codec.event, json.loads)
        told = tell(self.cases, view.kind, view.known, reading)[: len(view.cut.entries)]
        return list(rows_after(model, told, {}).values()) if model.covers(view.kind) else []

    def row(self, view: View) -> dict[str, Any] | None:
        """The worklist row this view makes: what the list would have shown, with times as RFC 3339 text."""
        rows = self.rows(view, CASES)
        return listed(rows[0]) if rows else None

    def _dossier(self, dossier: Any) -> dict[str, Any]:
        """The dossier with its links as a list."""
        links = [{"other": str(o), "link": str(t), "state": str(s)} for (o, t), s in dossier.links.items()]
        return {**plain(dossier), "links": links}

    def _persons(self, view: View) -> dict[str, Any]:
        """The last description of each person, opened; None for what can no longer be read."""
        rows = {row.version: row for row in view.known}
        persons: dict[str, Any] = {}
        for entry in view.cut.entries:
            if isinstance(entry.event, PersonDescribed):
                values = self.opened(rows, view.entries, entry.version)
                persons[str(entry.event.party)] = {k: v for k, v in values.items() if k not in BLOCK}
        return persons

    def opened(self, rows: Mapping[int, Recorded], entries: Iterable[Entry], version: int) -> dict[str, Any]:
        """What an entry states as it stands, corrections applied, with its seals opened."""
        last = next((e for e in reversed(list(entries)) if corrects(e) == version), None)
        if last is None:
            return dict(self.cases.codec.opened(rows[version]).values)
        return dict(self.cases.codec.opened(rows[last.version]).values["restated"]["state"])

    def open_now(self, view: View) -> tuple[tuple[type[Command], ...], tuple[type[Command], ...]]:
        """The commands open in this view's stage, and the kind's own that are not."""
        stage = type(view.folded.stage)
        opened = tuple(c for c in open_commands(view.kind, self.catalogue.shared, stage) if c.by != BY_THE_SYSTEM)
        own = (c for c in view.kind.commands if c not in opened and c is not view.kind.opening and c.by != BY_THE_SYSTEM)
        return opened, tuple(own)

    def changes(self, actor: Actor, case_id: UUID, before: AsOf, after: AsOf) -> tuple[View, View, list[dict[str, Any]]]:
        """Field by field what differs between two views, each with the version of the entry that caused it."""
        history = self.cases.ledger.load(case_id)
        self._now(actor, history)
        first, second = self.view_of(history, before), self.view_of(history, after)
        snapshots: list[tuple[int | None, dict[str, Any]]] = [(None, flat(self.document(first)))]
        snapshots += [(cause, flat(self.document(v))) for cause, v in self._between(history, first, second, before, after)]
        return first, second, list(differences(snapshots))

    def _between(
        self, history: Sequence[Recorded], first: View, second: View, before: AsOf, after: AsOf
    ) -> Iterator[tuple[int | None, View]]:
        """The views on the way: first along the entries in effect, then along what was recorded."""
        ahead = before.true_at is not None and (after.true_at is None or after.true_at > before.true_at)
        if before.true_at != after.true_at:
            moved = self.view_of(history, AsOf(version=first.last.version, true_at=after.true_at))
            known = {e.version for e in first.cut.entries}
            for count, (entry, folded) in enumerate(steps(first.kind, self.catalogue.shared, moved.cut.entries), start=1):
                if ahead and entry.version not in known:
                    passed = moved.cut.entries[:count]
                    yield entry.version, View(moved.kind, moved.known, moved.entries, Cut(passed, ()), folded)
            yield None, moved
        yield from self._recorded(first.last.version, second, after.true_at)
        yield None, second

    def _recorded(self, since: int, view: View, true_at: datetime | None) -> Iterator[tuple[int, View]]:
        """The views of what was known at each version after one and up to a view's own, in effect at ``true_at``.

        Each is folded on from the one before: an entry leaves what stands before it as it was, and only a correction has the
        whole history put in order again.
        """
        ordered: list[Entry] = []
        folds = [Folded(Nothing(), self.catalogue.shared.empty)]
        for version in range(since + 1, view.last.version + 1):
            entries, entry = view.entries[:version], view.entries[version - 1]
            if ordered and not isinstance(entry.event, EntryCorrected | EntryRetracted):
                same = place(ordered, entry)
                ordered.insert(same, entry)
            else:
                older, ordered = ordered, effective(entries)
                both = zip(older, ordered, strict=False)
                same = next((i for i, (a, b) in enumerate(both) if a != b), min(len(older), len(ordered)))
            del folds[same + 1 :]
            cut = Cut(tuple(ordered), ()) if true_at is None else until(ordered, true_at)
            further = steps(view.kind, self.catalogue.shared, cut.entries[len(folds) - 1 :], folds[-1])
            folds += [folded for _, folded in further]
            yield version, View(view.kind, view.known[:version], entries, cut, folds[len(cut.entries)])


def listed(row: CaseRow) -> dict[str, Any]:
    """A worklist row as JSON values."""
    times = {"opened_at": plain(moment(row.opened_at)), "changed_at": plain(moment(row.changed_at))}
    return {**{name: plain(value) for name, value in row._asdict().items()}, **times}


BLOCK = frozenset({"when", "sources", "claim_status", "authority", "reason", "decided_by"})
"""The fields every entry begins with."""


def corrects(entry: Entry) -> int | None:
    """The version an entry restates, if it is a correction."""
    return entry.event.target if isinstance(entry.event, EntryCorrected) else None


def marks(view: View) -> dict[int, dict[str, Any]]:
    """What later entries say of each entry of a view: corrected or retracted by which version, contradicted, uncertain."""
    found: dict[int, dict[str, Any]] = {e.version: {"late": late(e.event.when, e.recorded_at)} for e in view.entries}
    for entry in view.entries:
        match entry.event:
            case EntryCorrected(target=target):
                found[target]["corrected_by"] = entry.version
            case EntryRetracted(target=target):
                found[target]["retracted_by"] = entry.version
            case _:
                pass
    for version in view.folded.contradictions:
        found[version]["contradicted"] = True
    for version in view.cut.uncertain:
        found[version]["uncertain"] = True
    return found
