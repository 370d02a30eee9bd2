"""One recorded event as a read model hears it: what it states as it stands, and the case around it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from application.records import MICROSECOND, Recorded, microseconds, moment
from domain.history import LATE_AFTER, Folded
from domain.kernel import TOLERANCE, Entry, Event, Kind
from domain.profiles import Law

_LATE_AFTER: Final = LATE_AFTER // MICROSECOND
_TOLERANCE: Final = TOLERANCE // MICROSECOND


@dataclass(frozen=True, slots=True)
class Reading:
    """How stored bytes are read: ``event`` decodes a recorded event, ``parse`` a JSON object."""

    event: Callable[[Recorded], Event]
    parse: Callable[[bytes], dict[str, Any]]


class Heard:
    """One event as a read model hears it; each part is read once, when it is first asked for.

    ``recorded`` is the entry as it stands in the ledger. ``upto`` is the last event of its case that the fold includes:
    the same, unless the case is folded anew; then ``corrected`` says whether that history holds a correction or a
    retraction. ``case`` and ``before``, the case after and before this entry in effective order, are there for folded
    models only, as is ``law``, the rule profiles installed.
    """

    case: Folded
    before: Folded
    law: Law
    corrected: bool = False
    _event: Event | None = None
    _state: Mapping[str, Any] | None = None
    _envelope: Mapping[str, Any] | None = None
    _span: tuple[int | None, int | None] | None = None
    _late: bool | None = None

    def __init__(self, recorded: Recorded, kind: Kind, reading: Reading) -> None:
        """An event just read from the log."""
        self.recorded = recorded
        self.kind = kind
        self.upto = recorded
        self._reading = reading

    def standing(self, event: Event, upto: Recorded, *, corrected: bool) -> Self:
        """Make this an entry of an effective history: what it states now."""
        self._event, self.upto, self.corrected = event, upto, corrected
        return self

    def amid(self, before: Folded, case: Folded, law: Law) -> None:
        """Set what is around this entry: the case before and after it, and the law."""
        self.before, self.case, self.law = before, case, law

    def restate(self, state: Mapping[str, Any]) -> None:
        """Put the state that a correction gives in the place of the recorded one."""
        self._state = state

    @property
    def event(self) -> Event:
        """The event, sealed values still sealed. Raises ImpossibleHistory if it cannot be read."""
        if self._event is None:
            self._event = self._reading.event(self.recorded)
        return self._event

    @property
    def entry(self) -> Entry:
        """The event at its place in the case, as the domain has it. Raises as ``event``."""
        return Entry(self.recorded.version, moment(self.recorded.recorded_at), self.event)

    @property
    def state(self) -> Mapping[str, Any]:
        """The state's JSON values as stored: for the block that every event has, since nothing is upcast here."""
        if self._state is None:
            self._state = self._reading.parse(self.recorded.state)
        return self._state

    @property
    def envelope(self) -> Mapping[str, Any]:
        """The envelope's JSON values as stored."""
        if self._envelope is None:
            self._envelope = self._reading.parse(self.recorded.envelope)
        return self._envelope

    @property
    def span(self) -> tuple[int | None, int | None]:
        """When it happened: earliest (inclusive) and latest (exclusive) in microseconds, None where left open."""
        if self._span is None:
            when = self.state["when"]
            self._span = _instant(when["earliest"]), _instant(when["latest"])
        return self._span

    @property
    def ends(self) -> int:
        """As ``Entry.ends``: where it ended for ordering, in microseconds."""
        latest = self.span[1]
        return self.recorded.recorded_at + _TOLERANCE if latest is None else latest

    @property
    def late(self) -> bool:
        """As ``domain.history.late``, without building the event."""
        if self._late is None:
            earliest, latest = self.span
            end = earliest if latest is None else latest
            self._late = end is not None and self.recorded.recorded_at - end > _LATE_AFTER
        return self._late


def _instant(text: str | None) -> int | None:
    """A stored time in microseconds."""
    return None if text is None else microseconds(datetime.fromisoformat(text))
