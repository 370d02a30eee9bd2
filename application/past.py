"""The read models as they stood at an earlier position of the log, and what recorded since then explains a difference.

Rows here come from the ledger alone, case by case, and never from a read model's table. So they are what was served
then, byte for byte, however the tables look now: the log up to a position never changes.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from application.cases import Cases
from application.heard import Heard, Reading
from application.histories import CORRECTING, tell
from application.project import ReadModel, Row, rows_after
from application.records import Begun, Recorded, microseconds
from domain.history import until
from domain.kernel import EntryCorrected, EntryRetracted, Kind

R = TypeVar("R", bound=Row)

CASES_AT_ONCE: Final = 250
"""Cases whose histories are in memory at one time."""

EVENTS_AT_ONCE: Final = 1_000
"""Events of the log that are read at one time."""

CORRECTION, RETRACTION, LATE, ENTRY = "correction", "retraction", "late", "entry"
"""Why an entry makes a later run of a report differ from an earlier one."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An entry recorded between two runs of a report, as a reason why they differ. It holds names and no values.

    ``what`` is ``correction``, ``retraction``, ``late`` (recorded long after it happened) or ``entry`` (any other act
    that may have happened by the moment in effect that both runs are about). ``earliest`` and ``latest`` are when it
    happened, ``recorded_at`` when it was recorded, in microseconds. ``target`` is the version of the entry that a
    correction or retraction names, ``why`` its reason, ``fields`` what a correction changed.
    """

    position: int
    case_id: UUID
    kind: str
    version: int
    type: str
    what: str
    recorded_at: int
    earliest: int | None
    latest: int | None
    target: int | None = None
    why: str | None = None
    fields: tuple[str, ...] = ()


class Past:
    """Read models at earlier positions. Every method blocks; iterate on a worker thread."""

    def __init__(self, cases: Cases, reading: Reading) -> None:
        """Read the ledger of ``cases``, stored bytes through ``reading``."""
        self._cases = cases
        self._ledger = cases.ledger
        self._kinds = cases.catalogue.kinds
        self._reading = reading

    # --- Rows ---

    def rows(
        self,
        model: ReadModel[R],
        upto: int,
        true_at: datetime | None = None,
        case_ids: Sequence[UUID] | None = None,
        *,
        after: int = 0,
    ) -> Iterator[R]:
        """The rows of a model complete to position ``upto``, case by case in the order in which the cases were opened.

        The rows of one case come in the order of their keys. With ``true_at`` each case is told only as far as it had
        certainly come by then. ``case_ids`` leaves out other cases, ``after`` those opened at that position or before.
        Memory holds a few hundred cases, however many there are. Raises ImpossibleHistory where a case cannot be folded.
        """
        for _, rows in self.by_case(model, upto, true_at, case_ids, after=after):
            yield from rows

    def by_case(
        self,
        model: ReadModel[R],
        upto: int,
        true_at: datetime | None = None,
        case_ids: Sequence[UUID] | None = None,
        *,
        after: int = 0,
    ) -> Iterator[tuple[int, list[R]]]:
        """As ``rows``, the rows of each case together behind the position that opened it, also where it has none."""
        for opening, history in self._histories(model, upto, case_ids, after):
            yield opening, self._rows_of(model, history, true_at)

    def _histories(
        self, model: ReadModel[Any], upto: int, case_ids: Sequence[UUID] | None, after: int
    ) -> Iterator[tuple[int, list[Recorded]]]:
        """The stored histories of the cases a model covers, up to a position, each with the position that opened it."""
        if case_ids is not None and len(case_ids) <= CASES_AT_ONCE:
            found = [h for h in self._ledger.histories(case_ids, upto).values() if self._covered(model, h[0].kind)]
            opened = sorted((history[0].position, history) for history in found)
            yield from (each for each in opened if each[0] > after)
            return
        wanted = None if case_ids is None else frozenset(case_ids)
        for begun in self._begun(model, upto, after):
            some = [each for each in begun if wanted is None or each.case_id in wanted]
            histories = self._ledger.histories([each.case_id for each in some], upto)
            yield from ((each.position, histories[each.case_id]) for each in some)

    def _begun(self, model: ReadModel[Any], upto: int, after: int) -> Iterator[list[Begun]]:
        """The cases a model covers, some at a time."""
        while begun := self._ledger.begun(after, CASES_AT_ONCE, upto):
            after = begun[-1].position
            yield [each for each in begun if self._covered(model, each.kind)]

    def _covered(self, model: ReadModel[Any], kind: str) -> bool:
        return kind in self._kinds and model.covers(self._kinds[kind])

    def _rows_of(self, model: ReadModel[R], history: Sequence[Recorded], true_at: datetime | None) -> list[R]:
        """One case's rows."""
        kind = self._kinds[history[0].kind]
        if not model.per_event:
            rows = rows_after(model, self._told(kind, history, true_at), {})
            return [rows[key] for key in sorted(rows)]
        versions = None if true_at is None else {heard.recorded.version for heard in self._told(kind, history, true_at)}
        heard_all = (Heard(row, kind, self._reading) for row in history if versions is None or row.version in versions)
        folded = (model.fold(None, heard, ()) for heard in heard_all if model.concerns(heard))
        return [row for row in folded if row is not None]

    def _told(self, kind: Kind, history: Sequence[Recorded], true_at: datetime | None) -> list[Heard]:
        """A case's effective history, cut where a moment in effect is asked for."""
        told = tell(self._cases, kind, history, self._reading)
        if true_at is None:
            return told
        return told[: len(until([heard.entry for heard in told], true_at).entries)]

    # --- Differences ---

    def differences(
        self, model: ReadModel[Any], earlier: int, later: int, true_at: datetime | None = None
    ) -> Iterator[Difference]:
        """What was recorded after position ``earlier`` up to ``later`` about the time before: why two runs differ.

        Corrections, retractions and late entries in cases that ``model`` covers, in the order of the log; with ``true_at``,
        the moment in effect of both runs, also every other entry that may have happened by then.
        """
        by_then = None if true_at is None else microseconds(true_at)
        for recorded in self._log(earlier, later):
            kind = self._kinds.get(recorded.kind)
            if kind is not None and model.covers(kind):
                heard = Heard(recorded, kind, self._reading)
                what = _reason(heard, by_then)
                if what is not None:
                    yield self._difference(heard, what)

    def _log(self, after: int, upto: int) -> Iterator[Recorded]:
        while rows := self._ledger.read(after, EVENTS_AT_ONCE, upto):
            yield from rows
            after = rows[-1].position

    def _difference(self, heard: Heard, what: str) -> Difference:
        recorded, state = heard.recorded, heard.state
        correcting = recorded.type in CORRECTING
        return Difference(
            recorded.position,
            recorded.case_id,
            recorded.kind,
            recorded.version,
            recorded.type,
            what,
            recorded.recorded_at,
            *heard.span,
            target=state["target"] if correcting else None,
            why=state["why"] if correcting else None,
            fields=self._changed(recorded, state["target"]) if what == CORRECTION else (),
        )

    def _changed(self, correction: Recorded, target: int) -> tuple[str, ...]:
        """The names of the fields that a correction gives another value. Sealed values are compared opened."""
        earlier = self._ledger.load(correction.case_id, target - 1, correction.version - 1)
        stands = next((row for row in reversed(earlier[1:]) if self._restates(row, target)), earlier[0])
        before, after = self._stated(stands), self._stated(correction)
        return tuple(sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)))

    def _restates(self, row: Recorded, target: int) -> bool:
        return row.type == EntryCorrected.type and self._reading.parse(row.state)["target"] == target

    def _stated(self, row: Recorded) -> dict[str, Any]:
        """What an entry states, or what a correction has it state."""
        values = self._cases.codec.opened(row).values
        stated: dict[str, Any] = values["restated"]["state"] if row.type == EntryCorrected.type else values
        return stated


def _reason(heard: Heard, by_then: int | None) -> str | None:
    """Why an entry makes a later run differ, None if it does not reach back."""
    if heard.recorded.type == EntryCorrected.type:
        return CORRECTION
    if heard.recorded.type == EntryRetracted.type:
        return RETRACTION
    if heard.late:
        return LATE
    earliest = heard.span[0]
    return ENTRY if by_then is not None and (earliest is None or earliest <= by_then) else None


def past_of(cases: Cases) -> Past:
    """The past of the ledger behind some cases."""
    return Past(cases, Reading(cases.codec.event, json.loads))
