"""The case after each event, as the log is followed: mostly known from the event before, else folded from the ledger.

An event simply follows when the fold in effective order would put it last. Whatever else is heard, a correction, a
retraction, a late entry, or an event of a case that is not remembered, has the case's whole effective history folded.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from application.cases import Cases
from application.heard import Heard, Reading
from application.project import Changes, Key, R, ReadModel, differ, rows_after, written
from application.records import Recorded, microseconds
from domain.history import Folded, advance, effective, steps
from domain.kernel import Entry, EntryCorrected, EntryRetracted, ImpossibleHistory, Kind, Nothing

CORRECTING = frozenset({EntryCorrected.type, EntryRetracted.type})
"""Events that change what earlier entries state."""

REMEMBERED = 20_000
"""Cases kept in memory, some 2 KB each."""


class Histories:
    """Implements ``application.project.Follows`` over the ledger and what this process remembers. For one thread."""

    def __init__(self, cases: Cases, reading: Reading, size: int = REMEMBERED) -> None:
        """Remember ``size`` cases; spare the fold of an event where ``cases`` remembers the case just after it."""
        self._cases = cases
        self._reading = reading
        self._shared = cases.catalogue.shared
        self._size = size
        self._known: OrderedDict[UUID, tuple[int, Folded]] = OrderedDict()

    def follow(self, heard: Sequence[Heard]) -> bool:
        """See ``Follows``."""
        case_id = heard[0].recorded.case_id
        known = self._known.get(case_id) or (0, Folded(Nothing(), self._shared.empty))
        for each in heard:
            folded = self._after(known, each)
            if folded is None:
                return False
            each.amid(known[1], folded, self._cases.law)
            known = (each.recorded.version, folded)
        self._remember(case_id, known)
        return True

    def _after(self, known: tuple[int, Folded], heard: Heard) -> Folded | None:
        """The case after an event that simply follows, None if it does not or if the case before it is not known."""
        recorded, (version, before) = heard.recorded, known
        if recorded.type in CORRECTING or version != recorded.version - 1:
            return None
        remembered = self._cases.remembered(recorded.case_id)
        if remembered is not None and remembered.version == recorded.version:
            # The horizon may already include this event: it began before it ended, so the comparison stands.
            return remembered.folded if _is_last(heard, remembered.folded) else None
        if not _is_last(heard, before):
            return None
        try:
            return advance(heard.kind, self._shared, before, heard.event)
        except ImpossibleHistory:
            # The whole history decides: set aside as a contradiction, or raised from there as the defect it is.
            return None

    def whole(self, last: Heard) -> list[Heard]:
        """See ``Follows``. Raises ImpossibleHistory if the history cannot be folded."""
        recorded = last.recorded
        told = tell(self._cases, last.kind, self._cases.ledger.load(recorded.case_id, 0, recorded.version), self._reading)
        self._remember(recorded.case_id, (recorded.version, told[-1].case))
        return told

    def earlier(self, case_ids: Sequence[UUID], upto: int) -> Mapping[UUID, Sequence[Recorded]]:
        """See ``Follows``."""
        return self._cases.ledger.histories(case_ids, upto)

    def standing(self, kind: Kind, history: Sequence[Recorded]) -> list[Heard]:
        """See ``Follows``."""
        return [heard for _, heard in _standing(self._cases, kind, history, self._reading)]

    def _remember(self, case_id: UUID, known: tuple[int, Folded]) -> None:
        """Keep the newer state: a model that lags behind the others reads older events of the same case."""
        held = self._known.get(case_id)
        if held is None or held[0] <= known[0]:
            self._known[case_id] = known
        self._known.move_to_end(case_id)
        if len(self._known) > self._size:
            self._known.popitem(last=False)


def _is_last(heard: Heard, folded: Folded) -> bool:
    """Whether the effective order puts an event last. Where an entry is set aside, the horizon cannot tell."""
    return not folded.contradictions and heard.ends > microseconds(folded.horizon)


def tell(cases: Cases, kind: Kind, history: Sequence[Recorded], reading: Reading) -> list[Heard]:
    """A stored history, from its first event, as it is in effect: each entry restated where it was corrected.

    Raises ImpossibleHistory if it cannot be folded.
    """
    told = _standing(cases, kind, history, reading)
    before = Folded(Nothing(), cases.catalogue.shared.empty)
    folding = steps(kind, cases.catalogue.shared, (entry for entry, _ in told))
    for (_, heard), (_, folded) in zip(told, folding, strict=True):
        heard.amid(before, folded, cases.law)
        before = folded
    return [heard for _, heard in told]


def _standing(cases: Cases, kind: Kind, history: Sequence[Recorded], reading: Reading) -> list[tuple[Entry, Heard]]:
    """The entries of a stored history in effective order, each restated where it was corrected."""
    rows = {row.version: row for row in history}
    restated: dict[int, dict[str, Any]] = {}
    for row in history:
        if row.type == EntryCorrected.type:
            correction = reading.parse(row.state)
            restated[correction["target"]] = correction["restated"]["state"]
    corrected = any(row.type in CORRECTING for row in history)
    told: list[tuple[Entry, Heard]] = []
    for entry in effective(cases.entries(history)):
        heard = Heard(rows[entry.version], kind, reading).standing(entry.event, history[-1], corrected=corrected)
        told.append((entry, heard))
        if entry.version in restated:
            heard.restate(restated[entry.version])
    return told


def told_anew(
    model: ReadModel[R], cases: Cases, history: Sequence[Recorded], reading: Reading, since: int, held: Mapping[Key, R]
) -> Changes[R]:
    """What makes one case's rows what its stored history says, from version ``since`` on where a row is an event's.

    ``held`` are its rows as they stand. Raises whatever the model cannot take.
    """
    kind = cases.kind_named(history[0].kind)
    if model.per_event:
        found = written(model, [Heard(row, kind, reading) for row in history if row.version >= since])
        for stumble in found.stumbles:
            raise stumble.cause
        return found
    changed: Changes[R] = Changes([], [])
    if model.covers(kind):
        differ(changed, history[0].case_id, held, rows_after(model, tell(cases, kind, history, reading), {}))
    return changed
