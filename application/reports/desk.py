"""Where reports are asked for: counted anew as of a position, compared with an earlier one, frozen at the end of a month."""

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from threading import Lock
from typing import Any, Protocol, TypeAlias

from application.access import IN_EVERY_UNIT, unit_filter
from application.documents import plain
from application.errors import CannotSuppress, Invalid, NotAllowed, NotFound, Unavailable
from application.past import Difference, Past
from application.ports import Clock, Ledger
from application.read_models.cases import CASES
from application.read_models.deadlines import NO_PROFILE, ProfileNotInstalled
from application.records import microseconds, moment
from application.reports.declaration import Report
from application.reports.results import Result, Stamp, changed_rows, described, rows_of
from application.reports.standing import REPORTS
from application.reports.suppress import Discloses, suppressed
from application.reports.tabulate import Table, tabulate
from domain.kernel import Actor

REMEMBERED = 64
"""Tables kept in memory. One is a few kilobytes, and never changes."""

MOST_CAUSES = 10_000
"""Entries that explain a difference at most, where a server answers: some megabytes."""

PATIENCE = 10.0
"""Seconds a report waits for another one to be counted before its caller is told to come back."""

SETTLING = 60_000_000
"""Microseconds after which a month that is over is settled. What is committed was stamped some time before, and not by this
machine's clock: until then something that belongs to the month may still come to the log."""

Key: TypeAlias = tuple[str, int, datetime | None, int | None]
"""What a table is remembered by: report, position, moment in effect, fewest cases a row may rest on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which report: only the rows of ``month`` if one is named, ``suppress`` small cells or show all.

    As recorded up to position ``as_of`` or by ``known_at``, the head where neither is named; as in effect at ``true_at``.
    """

    name: str
    as_of: int | None = None
    known_at: datetime | None = None
    true_at: datetime | None = None
    month: str | None = None
    suppress: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A report frozen for a month: its exact bytes, their SHA-256 in hex, and what they were made of.

    ``frozen_at`` is in microseconds, ``suppressed`` says which of the two forms of the report it is.
    """

    month: str
    name: str
    suppressed: bool
    version: int
    position: int
    frozen_at: int
    software: str
    sha256: str
    body: bytes


class FrozenReports(Protocol):
    """Snapshots, written once. Every method blocks; raises Unavailable where the database does not answer."""

    def keep(self, snapshots: Sequence[Snapshot]) -> None:
        """Store those whose month, name and form are not there yet; leave the others as they are."""
        ...

    def find(self, month: str, name: str, *, suppressed: bool) -> Snapshot | None:
        """The snapshot of a report for a month, None if there is none."""
        ...

    def all(self) -> list[Snapshot]:
        """Every snapshot, by month and name."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stamps a snapshot and guards a table: the clock, this program's version, the fewest cases a row may rest on."""

    clock: Clock
    software: str
    minimum: int


def shows_small_cells(actor: Actor) -> bool:
    """Whether this actor may see small cells: who may read every case anyway."""
    return actor.role in IN_EVERY_UNIT


def suppresses(actor: Actor, *, wish: bool | None) -> bool:
    """Whether small cells are suppressed for an actor who wishes so, or not, or has none. Raises NotAllowed."""
    if wish is False and not shows_small_cells(actor):
        raise NotAllowed(f"the role {actor.role} gets reports with small cells suppressed")
    return not shows_small_cells(actor) if wish is None else wish


class Reports:
    """The standing reports. Every method blocks and belongs on a worker thread."""

    def __init__(
        self, past: Past, ledger: Ledger, library: Discloses, frozen: FrozenReports, surroundings: Surroundings
    ) -> None:
        """Count from ``past`` only: what is served today is served again later."""
        self.frozen = frozen
        self.library = library
        self._past = past
        self._ledger = ledger
        self._surroundings = surroundings
        self._tables: OrderedDict[Key, Table] = OrderedDict()
        self._counting = Lock()

    @property
    def software(self) -> str:
        """This program and its version: it stamps what is sent and frozen, never the bytes of a report."""
        return self._surroundings.software

    def named(self, name: str) -> Report:
        """The report of that name. Raises NotFound."""
        found = next((report for report in REPORTS if report.name == name), None)
        if found is None:
            raise NotFound("report")
        return found

    def listed(self) -> list[dict[str, Any]]:
        """Every report's definition as JSON values."""
        return [described(report) for report in REPORTS]

    def run(self, asked: Asked) -> Result:
        """A report as of something. Raises NotFound, Invalid where the question makes no sense, CannotSuppress."""
        report = self.named(asked.name)
        if asked.true_at is not None and report.model.per_event:
            raise Invalid("true_at", "this report counts what was recorded: it has no moment in effect")
        wanted = _wanted(report, asked.month)
        position = self._position(asked)
        minimum = self._surroundings.minimum if asked.suppress else None
        table = self._table(report, position, asked.true_at, minimum)
        stamp = Stamp(
            position=position,
            known_at=self._known_at(position),
            true_at=asked.true_at,
            parameters={} if asked.month is None else {"month": asked.month},
            minimum=minimum,
        )
        return Result(report, stamp, table, rows_of(table, wanted))

    def _position(self, asked: Asked) -> int:
        """The position a report is to be complete to."""
        if asked.as_of is not None and asked.known_at is not None:
            raise Invalid("known_at", "either as_of or known_at says what was known, not both")
        if asked.known_at is not None:
            position = self._ledger.position_at(microseconds(asked.known_at))
        else:
            head = self._ledger.head().position
            position = head if asked.as_of is None else asked.as_of
            if position > head:
                raise Invalid("as_of", "the log has not come that far")
        if position == 0:
            raise Invalid("as_of", "nothing was recorded by then")
        return position

    def _known_at(self, position: int) -> datetime:
        return moment(self._ledger.read(position - 1, 1, position)[0].recorded_at)

    def _table(self, report: Report, position: int, true_at: datetime | None, minimum: int | None) -> Table:
        """A table, counted unless it is remembered: one at a time, since counting takes a processor for itself."""
        wanted = (report.name, position, true_at, minimum)
        found = self._tables.get(wanted)
        if found is not None:
            return found
        if not self._counting.acquire(timeout=PATIENCE):
            raise Unavailable("another report is being counted", retry_after=30)
        try:
            found = self._tables.get(wanted) or self._made(report, position, true_at, minimum)
        finally:
            self._counting.release()
        return found

    def _made(self, report: Report, position: int, true_at: datetime | None, minimum: int | None) -> Table:
        """A table made now and remembered, the one with small cells suppressed from the one with all of them."""
        whole = (report.name, position, true_at, None)
        table = self._tables.get(whole)
        if table is None:
            rows = self._past.rows(report.model, position, true_at)
            try:
                table = tabulate(report, (fact for row in rows for fact in report.facts(row)))
            except ProfileNotInstalled as missing:
                raise Unavailable(NO_PROFILE) from missing
            self._tables[whole] = table
        if minimum is not None:
            table = suppressed(report, table, minimum, self.library)
            self._tables[report.name, position, true_at, minimum] = table
        while len(self._tables) > REMEMBERED:
            self._tables.popitem(last=False)
        return table

    # --- Differences ---

    def compare(self, asked: Asked, earlier: int, actor: Actor | None = None) -> dict[str, Any]:
        """Why a report differs from itself at an earlier position: the rows that do, and what was recorded in between.

        The causes are the late entries, corrections and retractions in cases that ``actor`` may know of, all of them where
        there is none. Raises as ``run``, and Invalid where more entries explain it than one answer holds.
        """
        after = self.run(asked)
        if earlier > after.stamp.position:
            raise Invalid("compare_to", "compare with an earlier position")
        before = self.run(replace(asked, as_of=earlier, known_at=None))
        return self._explained(before.stamp.position, before.sha256, before.items, after, actor, MOST_CAUSES)

    def compare_frozen(self, snapshot: Snapshot, as_of: int | None = None) -> dict[str, Any]:
        """As ``compare``, of a frozen report with the same report now or at a position."""
        body = json.loads(snapshot.body)
        after = self.run(Asked(name=snapshot.name, as_of=as_of, suppress=snapshot.suppressed))
        told = self._explained(snapshot.position, body["sha256"], body["rows"], after, None)
        return told | {"frozen_version": snapshot.version, "month": snapshot.month}

    def _explained(
        self,
        earlier: int,
        digest: str,
        rows: Sequence[dict[str, Any]],
        after: Result,
        actor: Actor | None,
        most: int | None = None,
    ) -> dict[str, Any]:
        report, position = after.report, after.stamp.position
        causes = list(islice(self._past.differences(report.model, earlier, position, after.stamp.true_at), most and most + 1))
        if most is not None and len(causes) > most:
            raise Invalid("compare_to", "more entries explain the difference than one answer holds: compare nearer positions")
        own = None if actor is None else unit_filter(actor)
        if own is not None:
            # Told one by one, even without a name, other units' entries are the counts that small cells are suppressed for.
            causes = self._of_unit(causes, own)
        return {
            "name": report.name,
            "version": report.version,
            "definition": report.definition,
            "from": {"position": earlier, "known_at": plain(self._known_at(earlier)), "sha256": digest},
            "to": {"position": position, "known_at": plain(after.stamp.known_at), "sha256": after.sha256},
            "recorded": position - earlier,
            "rows": changed_rows(report.dimensions, rows, after.items),
            "causes": [_cause(cause) for cause in causes],
        }

    def _of_unit(self, causes: Sequence[Difference], unit: str) -> list[Difference]:
        """Those in cases that are a unit's now."""
        case_ids = {cause.case_id for cause in causes}
        standing = self._past.rows(CASES, self._ledger.head().position, case_ids=list(case_ids))
        seen = {row.case_id for row in standing if row.unit == unit}
        return [cause for cause in causes if cause.case_id in seen]

    # --- Months ---

    def freeze(self, month: str, as_of: int | None = None) -> list[tuple[Snapshot, str | None]]:
        """Freeze every report for a month, as recorded by its end (UTC) unless a position is named.

        Answers each snapshot as it now stands, and None, or why there is no form with small cells suppressed. What is
        frozen already stays. Raises Invalid for what is no month, and where no position is named for one that is not over by
        a minute.
        """
        end_of(month)  # what is frozen under a misspelt month stays under it
        position = self._month_end(month) if as_of is None else as_of
        found: list[tuple[Snapshot, str | None]] = []
        for report in REPORTS:
            whole = self.frozen.find(month, report.name, suppressed=False)
            # A form that could not be made the first time is made of the same position as the other.
            snapshots, missing = self._snapshots(report, month, position if whole is None else whole.position)
            self.frozen.keep(snapshots)
            kept = (self.frozen.find(month, report.name, suppressed=form) for form in (False, True))
            found += [(snapshot, missing) for snapshot in kept if snapshot is not None]
        return found

    def _snapshots(self, report: Report, month: str, position: int) -> tuple[list[Snapshot], str | None]:
        """Both forms of a report, and why the suppressed one is missing if it is."""
        made = [self._snapshot(month, self.run(Asked(name=report.name, as_of=position)))]
        try:
            made.append(self._snapshot(month, self.run(Asked(name=report.name, as_of=position, suppress=True))))
        except CannotSuppress as error:
            return made, str(error)
        return made, None

    def _snapshot(self, month: str, result: Result) -> Snapshot:
        body, around = result.document(), self._surroundings
        return Snapshot(
            month=month,
            name=result.report.name,
            suppressed=result.stamp.minimum is not None,
            version=result.report.version,
            position=result.stamp.position,
            frozen_at=around.clock(),
            software=around.software,
            sha256=digest_of(body),
            body=body,
        )

    def _month_end(self, month: str) -> int:
        end = end_of(month)
        over_for = self._surroundings.clock() - microseconds(end)
        if over_for < 0:
            raise Invalid("month", "the month is not over: name a position to freeze it as recorded by then")
        if over_for < SETTLING:
            raise Invalid("month", "the month was over less than a minute ago and is still being recorded: wait a minute")
        return self._ledger.position_at(microseconds(end) - 1)


def digest_of(body: bytes) -> str:
    """The SHA-256 of a report's bytes, in hex."""
    return sha256(body).hexdigest()


def end_of(month: str) -> datetime:
    """The first moment after a month, ``YYYY-MM``, in UTC. Raises Invalid for what is no month."""
    no_month = Invalid("month", "a month is a year and a month, e.g. 2026-10")
    try:
        begun = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
        end = begun.replace(year=begun.year + begun.month // 12, month=begun.month % 12 + 1)
    except ValueError:
        raise no_month from None
    if not begun.isoformat().startswith(f"{month}-"):  # 2026-1 would be frozen for ever beside 2026-01
        raise no_month
    return end


def _wanted(report: Report, month: str | None) -> dict[int, str]:
    """The places of a cell that must have a value, and that value."""
    if month is None:
        return {}
    place = report.place("month")
    if place is None:
        raise Invalid("month", "this report has no months")
    end_of(month)
    return {place: month}


def _cause(cause: Difference) -> dict[str, Any]:
    """A cause as JSON values."""
    told = {name: plain(value) for name, value in asdict(cause).items()}
    for name in ("recorded_at", "earliest", "latest"):
        told[name] = None if told[name] is None else plain(moment(told[name]))
    return told
