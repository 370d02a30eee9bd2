"""Random cases of any kind: values made from annotations, commands tried in the stages they are open in.

A search keeps the cases it reached and goes on from them, and takes values out of a case's own state as often as new
ones, so that a line, a seal or a claim named by a command is often one that exists. It is repeatable: same seed, same cases.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from domain.demands import needs_history
from domain.dossier import SHARED
from domain.dossier.acts import CorrectEntry, RetractEntry
from domain.history import Decision, Folded, decide, decide_within, effective, fold, in_order, open_commands
from domain.kernel import (
    Actor,
    Command,
    Context,
    Entry,
    EntryCorrected,
    EntryRetracted,
    Event,
    Kind,
    Nothing,
    Refused,
    Stage,
)
from domain.values import (
    ClaimStatus,
    CorrectionReason,
    at,
)
from tests.domain.makers import ACTORS, OTHERS, Maker, NoSuchValue, hints, parts
from tests.profiles import ALONE, LAW
from tests.scenario import CASE, NOON, SEEN

# --- Cases ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A case on a walk: what is recorded, the case after it, and the time it is by the ledger's clock."""

    kind: Kind
    entries: tuple[Entry, ...] = ()
    folded: Folded = Folded(Nothing(), SHARED.empty)  # noqa: RUF009 - it is frozen
    now: datetime = NOON

    def maker(self, rng: random.Random) -> Maker:
        """A maker of values for the next command."""
        return Maker(rng, self.now, (self.folded.stage, self.folded.dossier))

    def context(self, actor: Actor, command: Command) -> Context:
        """What a rule is told: of other streams only those the command refers to."""
        others = {other: OTHERS[other] for other in command.refers_to() if other in OTHERS}
        return Context(
            self.now, actor, CASE, ALONE, version=len(self.entries), dossier=self.folded.dossier, others=others, law=LAW
        )

    def after(self, decision: Decision) -> "Case":
        """The case with what was decided, recorded a moment after it was decided."""
        tick, count = timedelta(milliseconds=1), len(self.entries)
        added = (Entry(count + i, self.now + i * tick, e) for i, e in enumerate(decision.events, start=1))
        return replace(self, entries=(*self.entries, *added), folded=decision.after, now=self.now + 10 * tick)

    def later(self, rng: random.Random) -> "Case":
        """The same case some time later."""
        hours = rng.choice((0, 0, 0.5, 2, 10, 30, 24 * 32))
        return replace(self, now=self.now + timedelta(hours=hours))

    def give(self, command: Command, actor: Actor) -> "Case | None":
        """The case after a command, None if it is refused: along the path the application takes."""
        context = self.context(actor, command)
        target = getattr(command, "target", None)
        try:
            if target is None and not needs_history(self.kind, command, context) and in_order(self.folded, command):
                return self.after(decide(self.kind, SHARED, self.folded, command, context))
            if target is not None:
                context = replace(context, target=next((e for e in effective(self.entries) if e.version == target), None))
            return self.after(decide_within(self.kind, SHARED, self.entries, command, context))
        except Refused:
            return None


def attempt(case: Case, command: type[Command], rng: random.Random, tries: int = 6) -> Case | None:
    """The case after some command of a type, None if all that were tried were refused."""
    for _ in range(tries):
        later = case.later(rng)
        try:
            after = later.give(later.maker(rng).command(command), rng.choice(ACTORS))
        except NoSuchValue:
            continue
        if after is not None:
            return after
    return None


# --- Searching ------------------------------------------------------------------------------------------------

KEPT = 12
"""How many cases a search keeps of each shape."""

Shape: TypeAlias = frozenset[type]
"""What kinds of things a stage is made of: cases of one stage and different shapes lead to different ends."""


def shape(stage: Stage) -> Shape:
    """The dataclasses in a stage."""
    return frozenset(type(part) for _, part in parts(stage) if is_dataclass(part))


@dataclass
class Search:
    """The cases a search reached by stage and shape, and how often each event and each (stage, command) came about."""

    kind: Kind
    seed: int = 0
    reached: dict[type[Stage], dict[Shape, list[Case]]] = field(default_factory=dict)
    produced: Counter[type[Event]] = field(default_factory=Counter)
    accepted: Counter[tuple[type[Stage], type[Command]]] = field(default_factory=Counter)
    tried: Counter[tuple[type[Stage], type[Command]]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Begin before the beginning."""
        self.rng = random.Random(self.seed)  # noqa: S311 - repeatable, not secret
        self.keep(Case(self.kind))

    def keep(self, case: Case) -> None:
        """Keep a case, in the place of a random one if there are many like it."""
        stage = case.folded.stage
        kept = self.reached.setdefault(type(stage), {}).setdefault(shape(stage), [])
        if len(kept) < KEPT:
            kept.append(case)
        else:
            kept[self.rng.randrange(KEPT)] = case

    def some(self, stage: type[Stage], rng: random.Random) -> Case:
        """A reached case in a stage."""
        return rng.choice(rng.choice(list(self.reached[stage].values())))

    def cases(self) -> list[Case]:
        """Every case that is kept, with something in it."""
        return [case for shapes in self.reached.values() for kept in shapes.values() for case in kept if case.entries]

    def follow(self, commands: Sequence[Command]) -> "Search":
        """Give the commands of a written life cycle one after another, each by who decided it; none may be refused."""
        case = Case(self.kind)
        for command in commands:
            before = replace(case, now=max(case.now, command.when.latest or case.now))
            context = before.context(replace(ACTORS[0], id=command.decided_by or ACTORS[0].id), command)
            if needs_history(self.kind, command, context):
                context = replace(context, history=tuple(effective(before.entries)))
            case = before.after(decide(self.kind, SHARED, before.folded, command, context))
            self.note(before, case, type(command))
        return self

    def note(self, before: Case, after: Case, command: type[Command]) -> None:
        """Count and keep what an accepted command brought about."""
        self.accepted[type(before.folded.stage), command] += 1
        self.produced.update(type(e.event) for e in after.entries[len(before.entries) :])
        self.keep(after)

    def step(self) -> None:
        """Try one command, one that was seldom tried or accepted rather than another, in one case it is open in."""
        pairs = [p for p in self.kind.rules if p[0] in self.reached]
        known = {command for _, command in self.accepted}
        weights = [(1 if p[1] in known else 5) / (1 + self.accepted[p] + self.tried[p] / 10) for p in pairs]
        pair = self.rng.choices(pairs, weights)[0]
        self.tried[pair] += 1
        before = self.some(pair[0], self.rng)
        after = attempt(before, pair[1], self.rng)
        if after is not None:
            self.note(before, after, pair[1])

    def missing(self) -> set[type[Event] | type[Stage]]:
        """Events of the kind that no command has produced yet, and stages with rules that no case has reached."""
        events = set[type[Event] | type[Stage]](self.kind.events) - set(self.produced)
        return events | (set(self.kind.stages) - set(self.reached))

    def run(self, steps: int, most: int) -> "Search":
        """Search for so many steps, and further, up to ``most``, while something is missing."""
        for count in range(most):
            if count >= steps and not self.missing():
                break
            self.step()
        return self


# --- Disorder -------------------------------------------------------------------------------------------------


def restated(entry: Entry, maker: Maker) -> Event:
    """An entry with one or two of its fields stated anew."""
    names = maker.rng.sample(sorted(hints(type(entry.event))), maker.rng.choice((1, 1, 2)))
    if "when" not in names and maker.chance(0.4):
        names.append("when")
    changed: Event = maker.struct(
        type(entry.event),
        **{name: getattr(entry.event, name) for name in hints(type(entry.event)) if name not in names},
    )
    return changed


def disturb(case: Case, rng: random.Random) -> Case | None:
    """The case after one late entry, correction or retraction, None if it is refused or makes no sense."""
    actor, maker, way = rng.choice(ACTORS), case.maker(rng), rng.random()
    if way < LATE:
        return late(case, rng)
    target = rng.choice([e for e in case.entries if not isinstance(e.event, EntryCorrected | EntryRetracted)]).version
    block: dict[str, Any] = {
        "when": at(case.now), "sources": (SEEN,), "claim_status": ClaimStatus.OBSERVED, "reason": "Wrong",
        "target": target, "why": CorrectionReason.WRONG_TIME,
    }  # fmt: skip
    if way < CORRECTED:
        return correct(case, CorrectEntry(**block, changes={}), maker, actor)
    return case.give(RetractEntry(**block), actor)


LATE, CORRECTED = 0.4, 0.85
"""Which share of what disturbs a case is a late entry, and which is that or a correction; the rest are retractions."""


def late(case: Case, rng: random.Random) -> Case | None:
    """The case after a late entry, of a command open in the case as it was then or now."""
    around = rng.choice(case.entries).earliest
    then = max(NOON, min(around, case.now)) + timedelta(seconds=rng.choice((-90, -1, 1, 30, 4000)))
    ordered = effective(case.entries)
    before = fold(case.kind, SHARED, ordered[: max((i for i, e in enumerate(ordered, 1) if e.earliest <= then), default=0)])
    every = sorted(open_commands(case.kind, SHARED, type(before.stage)), key=lambda c: c.__name__)
    commands = [c for c in every if c not in (CorrectEntry, RetractEntry)]
    if isinstance(before.stage, Nothing) or not commands:
        return None
    maker = Maker(rng, then, (before.stage, before.dossier))
    try:
        return case.give(maker.command(rng.choice(commands)), rng.choice(ACTORS))
    except NoSuchValue:
        return None


def correct(case: Case, command: CorrectEntry, maker: Maker, actor: Actor) -> Case | None:
    """The case after a correction that states one or two fields of the target anew, None if it is refused."""
    standing = next((e for e in effective(case.entries) if e.version == command.target), None)
    if standing is None:
        return None
    cls = type(standing.event)
    names = maker.rng.sample(sorted(hints(cls)), maker.rng.choice((1, 1, 2)))
    if maker.chance(0.4):
        names.append("when")
    kept = {name: getattr(standing.event, name) for name in hints(cls) if name not in names}
    try:
        restated: Event = maker.struct(cls, **kept)
    except NoSuchValue:
        return None
    context = replace(case.context(actor, command), target=standing, restated=restated)
    try:
        return case.after(decide_within(case.kind, SHARED, case.entries, command, context))
    except Refused:
        return None
