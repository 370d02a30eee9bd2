"""Obligations that follow in linked cases from what a case states, in whichever order the statement and the link come."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from application.react import Cause, Known, Reaction, Reply
from application.reactions.links import JOINING, confirmed, joins
from application.reactions.saying import reference, stated
from application.records import moment
from domain.dossier.acts import LinkEnded, LinkType
from domain.dossier.duty_acts import Duty, OpenObligation
from domain.history import standing
from domain.kernel import Command, Entry, EntryCorrected, EntryRetracted, Event, Stage
from domain.kinds.seizure.acts import LineEvent
from domain.values import PartyId

GROUNDED: Final = frozenset(LinkType) - {LinkType.POSSIBLE_OVERLAP}
"""Links by which one case rests on another. A possible overlap is a question, and nothing follows from it."""

LINKING: Final = (*JOINING, LinkEnded, EntryCorrected, EntryRetracted)
"""What may change whether a link is confirmed."""


def anywhere(stage: Stage) -> bool:
    """In every stage."""
    del stage
    return True


def anything(event: Event) -> bool:
    """Whatever the event states."""
    del event
    return True


@dataclass(frozen=True, slots=True)
class Owing:
    """What is owed: to whom, a role or a function; only in a case whose stage is so; due so long after the cause if ever."""

    duty: Duty
    to_whom: str
    where: Callable[[Stage], bool] = anywhere
    due_after: timedelta | None = None
    party: PartyId | None = None


def nothing_here(cause: Cause, entry: Entry) -> Sequence[Owing]:
    """Nothing is owed in the case itself."""
    del cause, entry
    return ()


@dataclass(frozen=True, slots=True)
class Consequence:
    """What is owed once a case states one of ``events`` of which ``that`` holds.

    ``there`` is owed in each case that a confirmed link joins to this one, by that case's kind; ``here`` in the case itself.
    A link confirmed after the statement brings what the statement would have brought, once: an entry is passed over if the
    other case was joined to this one when it was recorded or at any time since.
    """

    events: tuple[type[Event], ...]
    there: Mapping[str, Sequence[Owing]]
    that: Callable[[Event], bool] = anything
    here: Callable[[Cause, Entry], Sequence[Owing]] = nothing_here

    def reaction(self, name: str) -> Reaction:
        """The reaction of that permanent name."""
        heard: tuple[type[Event], ...] = (*self.events, EntryCorrected, *JOINING)
        return Reaction(name, frozenset(event.type for event in heard), self.react)

    def react(self, cause: Cause) -> Sequence[Reply]:
        """What follows from a statement, in the case itself first; or from a link, for what was stated before."""
        last = len(cause.entries) - 1
        other = joins(cause.entries[last], GROUNDED)
        if other is not None:
            kind = confirmed(cause.entries, GROUNDED).get(other, "")
            missed = self.missed(cause.entries[:last], other)
            return [reply for entry in missed for reply in self.owed_in(other, kind, cause, entry)]
        entry = self.stating(cause.entries, last)
        if entry is None:
            return ()
        here = [owed(cause.recorded.case_id, cause, entry, owing) for owing in self.here(cause, entry)]
        joined = confirmed(cause.entries, GROUNDED).items()
        return [*here, *(reply for other, kind in joined for reply in self.owed_in(other, kind, cause, entry))]

    def states(self, event: Event) -> bool:
        """Whether an event has this consequence."""
        return isinstance(event, self.events) and self.that(event)

    def stating(self, entries: Sequence[Entry], place: int) -> Entry | None:
        """The entry at a place if it has the consequence, or the entry that it corrects into one that has."""
        entry = entries[place]
        if not isinstance(entry.event, EntryCorrected):
            return entry if self.states(entry.event) else None
        correction = entry.event
        before = next((e for e in standing(entries[:place]) if e.version == correction.target), None)
        if before is None or self.states(before.event) or not self.states(correction.restated):
            return None
        return before._replace(event=correction.restated)

    def missed(self, entries: Sequence[Entry], other: UUID) -> Sequence[Entry]:
        """The standing entries with this consequence of which the other case was never told."""
        waiting: list[int] = []
        joined = False
        for place, entry in enumerate(entries):
            if isinstance(entry.event, LINKING):
                joined = other in confirmed(entries[: place + 1], GROUNDED)
            found = self.stating(entries, place)
            waiting = [] if joined else [*waiting, *([found.version] if found else [])]
        return [entry for entry in standing(entries) if entry.version in waiting and self.states(entry.event)]

    def owed_in(self, other: UUID, kind: str, cause: Cause, entry: Entry) -> Iterator[Reply]:
        """What is owed in a case of a kind."""
        return (owed(other, cause, entry, owing) for owing in self.there.get(kind, ()))


def owed(case_id: UUID, cause: Cause, entry: Entry, owing: Owing) -> Reply:
    """The reply that opens an obligation; its basis names the event, the entry and, where there is one, the line of goods."""
    line = f" line {entry.event.line}" if isinstance(entry.event, LineEvent) else ""
    recorded_at = moment(cause.recorded.recorded_at)
    command = OpenObligation(
        **stated(cause, entry),
        duty=owing.duty,
        basis=f"{entry.event.type} {reference(cause, entry)}{line}",
        to_whom=owing.to_whom,
        due=None if owing.due_after is None else recorded_at + owing.due_after,
        party=owing.party,
    )

    def where_it_applies(known: Known) -> Command | None:
        return command if owing.where(known.case.folded.stage) else None

    return Reply(case_id, command if owing.where is anywhere else where_it_applies)
