"""How a history is folded, and how a command is decided on it: the effective order, corrections, late entries.

Everything here is a pure function. Nothing is ever edited: a correction restates an entry and a retraction takes one
out, both as further entries; the fold replaces or leaves out their targets first.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from domain.demands import check_demand, needs_history
from domain.kernel import (
    BEGINNING,
    IN_THE_FUTURE,
    NO_LONGER_FITS,
    NOT_OPEN,
    TOLERANCE,
    Command,
    Context,
    Entry,
    EntryCorrected,
    EntryRetracted,
    Event,
    Events,
    ImpossibleHistory,
    Kind,
    Nothing,
    Opened,
    Opening,
    Refused,
    Rule,
    Shared,
    Stage,
    record,
    require,
)
from domain.values import When

LATE_AFTER = timedelta(hours=24)
"""An act recorded longer than this after it happened is flagged late. A reading aid, stored nowhere."""


class Folded(NamedTuple):
    """A case as its effective history leaves it. A tuple, for the reason that an entry is one.

    ``horizon`` is the latest ``earliest`` among the entries: an act that certainly ended before it is a late entry.
    ``contradictions`` are versions of entries that an end of custody overtook and that wait for a correction.
    """

    stage: Stage
    dossier: Any
    horizon: datetime = BEGINNING
    contradictions: tuple[int, ...] = ()
    over: bool = False


def standing(entries: Iterable[Entry]) -> list[Entry]:
    """The entries in recorded order with corrected ones restated, and retracted ones, corrections and retractions left out."""
    restated: dict[int, Event] = {}
    gone: set[int] = set()
    kept: list[Entry] = []
    for entry in entries:
        match entry.event:
            case EntryCorrected(target=target, restated=event):
                restated[target] = event
            case EntryRetracted(target=target):
                gone.add(target)
            case _:
                kept.append(entry)
    if restated:
        kept = [e._replace(event=restated[e.version]) if e.version in restated else e for e in kept]
    return [e for e in kept if e.version not in gone] if gone else kept


def place(ordered: Sequence[Entry], entry: Entry) -> int:
    """Where an entry belongs: before the first entry that certainly happened after it, and never before the opening."""
    return next((i for i in range(1, len(ordered)) if ordered[i].earliest >= entry.ends), len(ordered))


def effective(entries: Iterable[Entry]) -> list[Entry]:
    """The standing entries in effective order: recorded order, except that an entry moves before those certainly after it."""
    ordered: list[Entry] = []
    horizon = BEGINNING
    for entry in standing(entries):
        if entry.ends > horizon:
            ordered.append(entry)
        else:
            ordered.insert(place(ordered, entry), entry)
        if len(ordered) > 1:
            horizon = max(horizon, entry.earliest)
    return ordered


def advance(kind: Kind, shared: Shared, folded: Folded, event: Event) -> Folded:
    """The case after one more event in effective order. Raises ImpossibleHistory if it cannot follow."""
    stage, dossier, horizon, contradictions, over = folded
    opening = isinstance(event, Opened)
    own = type(event) in kind.own
    if own:
        stage = kind.evolve(stage, event)
        over = over or isinstance(event, kind.ends_custody)
    if opening or not own:
        dossier = shared.evolve(dossier, event)
    begun = event.when.earliest
    if begun is not None and begun > horizon and not opening:
        horizon = begun
    return Folded(stage, dossier, horizon, contradictions, over)


def steps(kind: Kind, shared: Shared, ordered: Iterable[Entry], before: Folded | None = None) -> Iterator[tuple[Entry, Folded]]:
    """Each entry of an effective history with the case after it; what an end of custody overtook is set aside.

    ``before`` is the case that the entries before these left, if there were any. Raises ImpossibleHistory with the version
    of the entry that does not fit.
    """
    folded = before or Folded(Nothing(), shared.empty)
    for entry in ordered:
        try:
            folded = advance(kind, shared, folded, entry.event)
        except ImpossibleHistory as wrong:
            if not folded.over:
                wrong.version = entry.version
                raise
            aside = (*folded.contradictions, entry.version)
            folded = folded._replace(contradictions=aside, horizon=max(folded.horizon, entry.earliest))
        yield entry, folded


def fold(kind: Kind, shared: Shared, ordered: Iterable[Entry]) -> Folded:
    """The case at the end of an effective history."""
    folded = Folded(Nothing(), shared.empty)
    for _, after in steps(kind, shared, ordered):
        folded = after
    return folded


@dataclass(frozen=True, slots=True)
class Cut:
    """An effective history up to a moment: what had certainly happened by then, and versions that may have."""

    entries: tuple[Entry, ...]
    uncertain: tuple[int, ...]


def until(ordered: Sequence[Entry], moment: datetime) -> Cut:
    """Cut an effective history after the last entry that had certainly happened by ``moment``.

    ``uncertain`` lists every entry that may or may not have happened by then, before or after the cut.
    """
    instant = timedelta(microseconds=1)
    certain = [e.latest - moment <= instant for e in ordered]
    end = max((i + 1 for i, known in enumerate(certain) if known), default=0)
    possible = (e.version for e, known in zip(ordered, certain, strict=True) if not known and e.earliest <= moment)
    return Cut(tuple(ordered[:end]), tuple(sorted(possible)))


# --- Deciding -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decision:
    """What a command records, and the case after it. ``refolded`` if the new entries did not simply follow the last."""

    events: Events
    after: Folded
    refolded: bool = False


def rule_for(kind: Kind, shared: Shared, stage: type[Stage], command: type[Command]) -> Rule | None:
    """The rule for a command in a stage, None if the command is not open there."""
    rule = kind.rules.get((stage, command))
    if rule is None and stage is not Nothing and (stage, command) not in kind.closed:
        rule = shared.rules.get(command)
    return rule


def open_commands(kind: Kind, shared: Shared, stage: type[Stage]) -> tuple[type[Command], ...]:
    """The commands open in a stage, the kind's own first."""
    every = (*kind.commands, *shared.rules)
    return tuple(c for c in every if rule_for(kind, shared, stage, c) is not None)


def in_order(folded: Folded, command: Command) -> bool:
    """Whether a command's act simply follows what is recorded, so that the folded case is the case it was done in."""
    latest = command.when.latest
    return latest is None or latest > folded.horizon


def apply_rule(kind: Kind, shared: Shared, folded: Folded, command: Command, context: Context) -> Events:
    """The events a command records in a folded case. Raises Refused."""
    require((command.when.earliest or BEGINNING) <= context.now + TOLERANCE, IN_THE_FUTURE)
    rule = rule_for(kind, shared, type(folded.stage), type(command))
    if rule is None:
        raise Refused(NOT_OPEN)
    stated = command if command.decided_by else replace(command, decided_by=context.actor.id)
    seen = context if context.dossier is folded.dossier else replace(context, dossier=folded.dossier)
    check_demand(kind, stated, seen)
    events = rule(folded.stage, stated, seen)
    return (*events, *shared.opened(stated, seen)) if isinstance(stated, Opening) else events


def decide(kind: Kind, shared: Shared, folded: Folded, command: Command, context: Context) -> Decision:
    """Decide a command whose act follows everything recorded. Raises Refused; ImpossibleHistory is a defect of the kind."""
    events = apply_rule(kind, shared, folded, command, context)
    after = folded
    for event in events:
        after = advance(kind, shared, after, event)
    return Decision(events, after)


def decide_within(kind: Kind, shared: Shared, entries: Sequence[Entry], command: Command, context: Context) -> Decision:
    """Decide a late entry, a correction or a retraction: on the case as it was effective then, against the whole history.

    Raises Refused, with the version of an entry that would no longer fit. An end of custody is taken even so: the
    entries it overtakes are set aside as contradictions.
    """
    ordered = effective(entries)
    now = fold(kind, shared, ordered)
    then, before = now, ordered
    if context.target is None and not in_order(now, command):
        stated = Entry(len(entries) + 1, context.now, record(Event, command))
        before = ordered[: place(ordered, stated)]
        then = fold(kind, shared, before)
    if needs_history(kind, command, context):
        context = replace(context, history=tuple(before))
    events = apply_rule(kind, shared, then, command, context)
    if then is not now:
        for count in range(1, len(events)):  # with a tail behind them, every prefix is a view somebody may ask for
            refold(kind, shared, entries, events[:count], context)
    after = refold(kind, shared, entries, events, context)
    for event in events:
        check_restated(kind, shared, entries, event, context)
    fresh = set(after.contradictions).difference(now.contradictions)
    if fresh and not any(isinstance(e, kind.ends_custody) for e in (*events, context.restated)):
        raise Refused(NO_LONGER_FITS, min(fresh))
    return Decision(events, after, refolded=True)


def refold(kind: Kind, shared: Shared, entries: Sequence[Entry], added: Events, context: Context) -> Folded:
    """The case with further entries recorded now. Raises Refused if an entry could then not have followed."""
    further = (Entry(len(entries) + 1 + i, context.now, event) for i, event in enumerate(added))
    try:
        return fold(kind, shared, effective((*entries, *further)))
    except ImpossibleHistory as wrong:
        raise Refused(NO_LONGER_FITS, wrong.version) from wrong


def check_restated(kind: Kind, shared: Shared, entries: Sequence[Entry], event: Event, context: Context) -> None:
    """Ask the kind whether a correction's target may read as restated, in the case as it was before that entry. Raises Refused.

    Asked when an entry is corrected, never on replay. The context's ``history`` is then what came before the entry.
    """
    if not isinstance(event, EntryCorrected) or context.target is None:
        return
    check = kind.restating.get(type(event.restated))
    if check is None:
        return
    ordered = effective((*entries, Entry(len(entries) + 1, context.now, event)))
    before = tuple(ordered[: next(i for i, entry in enumerate(ordered) if entry.version == event.target)])
    then = fold(kind, shared, before)
    check(then.stage, context.target.event, event.restated, replace(context, history=before, dossier=then.dossier))


def late(when: When, recorded_at: datetime) -> bool:
    """Whether an act was recorded long after it happened; one whose end was left open counts by its beginning."""
    end = when.latest or when.earliest
    return end is not None and recorded_at - end > LATE_AFTER
