"""Random cases of any kind: values made from annotations, commands tried in the stages they are open in.

A search keeps the cases it reached and goes on from them, and takes values out of a case's own state as often as new
ones, so that a line, a seal or a claim named by a command is often one that exists. It is repeatable: same seed, same cases.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from domain.deadlines import DEFAULT_PROFILE
from domain.dossier import SHARED, Dossier
from domain.dossier.acts import CorrectEntry, LinkState, LinkType
from domain.history import Decision, Folded, decide, decide_within, effective, fold, in_order, rule_for
from domain.kernel import (
    Actor,
    Command,
    Context,
    Entry,
    Event,
    Kind,
    Nothing,
    Opened,
    Opening,
    Other,
    Refused,
    Stage,
)
from domain.kinds.party import Registered
from domain.values import (
    Authority,
    AuthorityKind,
    CountLimit,
    Malformed,
    Precision,
    Quantity,
    Sealed,
    TextLimit,
    Unit,
    When,
    at,
    conforms,
)
from tests.scenario import CASE, NOON, OTHER_PERSON, PERSON, SEEN

TEXTS = ("o-1", "o-2", "o-3", "unit-1", "A-1", "A-2", "B-1", "C-7", "EUR", "de", "0123", "store", "Sample text", "a" * 64)
"""What every text is chosen from, where it fits; a pattern none of them fits needs one more."""

ACTORS = tuple(Actor(f"o-{i}", "officer", f"unit-{1 + i % 2}", "agency") for i in range(1, 5))
OTHER_CASES = tuple(UUID(int=16 + i) for i in range(5))
KINDS = ("detention", "investigation", "seizure", "sentencing")
LINKED = Dossier(links={(CASE, link): LinkState.PROPOSED for link in LinkType})
OTHERS: dict[UUID, Other] = {
    PERSON: Other("party", Registered(), Dossier()),
    OTHER_PERSON: Other("party", Registered(), Dossier()),
} | {case: Other(kind, Nothing(), LINKED) for case, kind in zip(OTHER_CASES, KINDS, strict=False)}
"""Two persons, and a case of each kind that has proposed every link to ours; the last of OTHER_CASES is nowhere."""

TRIES = 100


class NoSuchValue(Exception):
    """No value of a type was found by trying."""


@cache
def hints(cls: type) -> dict[str, Any]:
    """The annotations of a class's fields, marks included."""
    every = get_type_hints(cls, include_extras=True)
    return {f.name: every[f.name] for f in fields(cls)}


def parts(value: object) -> Iterator[object]:
    """Every plain value in a state, at whatever depth."""
    if is_dataclass(value) and not isinstance(value, type):
        yield value
        for f in fields(value):
            yield from parts(getattr(value, f.name))
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from parts(key)
            yield from parts(each)
    elif isinstance(value, tuple | frozenset):
        for each in value:
            yield from parts(each)
    else:
        yield value


class Maker:
    """Values of any annotated type, as often as not taken from ``state``; ``now`` is what times lie around."""

    def __init__(self, rng: random.Random, now: datetime = NOON, state: object = None) -> None:
        """Collect what the state holds, by type."""
        self.rng = rng
        self.now = now
        self.known: dict[type, list[Any]] = {}
        for part in parts(state):
            self.known.setdefault(type(part), []).append(part)

    def chance(self, share: float) -> bool:
        """True in that share of cases."""
        return self.rng.random() < share

    def make(self, annotation: Any, *marks: Any) -> Any:
        """A value of an annotated type. Raises NoSuchValue if trying found none."""
        origin = get_origin(annotation)
        if origin is Annotated:
            inner, *more = get_args(annotation)
            return self.make(inner, *more, *marks)
        if origin in (Union, UnionType):
            choices = [a for a in get_args(annotation) if a not in (Sealed, NoneType)]
            if NoneType in get_args(annotation) and self.chance(0.3):
                return None
            return self.make(self.rng.choice(choices), *marks)
        if origin is tuple:
            return self.several(get_args(annotation)[0], next(m for m in (*marks, CountLimit(3)) if isinstance(m, CountLimit)))
        return self.plain(annotation, marks)

    def several(self, each: Any, limit: CountLimit) -> tuple[Any, ...]:
        """A few values."""
        count = min(limit.most, max(limit.least, self.rng.choice((0, 1, 1, 2))))
        return tuple(self.make(each) for _ in range(count))

    def plain(self, cls: Any, marks: tuple[Any, ...]) -> Any:
        """A value that is no union and no tuple."""
        if cls is str:
            return self.text(next((m for m in marks if isinstance(m, TextLimit)), TextLimit(200)))
        if cls is When:
            return self.when()
        if cls is Authority:
            return self.authority()
        if cls is Quantity and self.chance(0.5):
            return self.rng.choice(self.known.get(Quantity, [Quantity(Decimal(2), Unit.PIECE)]))
        if issubclass(cls, Enum):
            return self.rng.choice(list(cls))
        return self.struct(cls) if is_dataclass(cls) else self.scalar(cls)

    def scalar(self, cls: type) -> Any:
        """A number, a moment, a truth value or an id."""
        if cls in self.known and self.chance(0.4):
            return self.rng.choice(self.known[cls])
        pools: dict[type, tuple[Any, ...]] = {
            bool: (True, False),
            int: (*(0, 1, 1, 2, 3) * 8, 30, -1, 10**9),
            UUID: (PERSON, PERSON, OTHER_PERSON, *OTHER_CASES, CASE),
            Decimal: tuple(map(Decimal, ("0", "1", "1", "2", "2.5", "0.000001", "10", "99999999999999999999"))),
            datetime: (*(self.now + timedelta(hours=h) for h in (-30, -1, 1, 6, 20, 30, 200)), *EXTREMES),
            date: (*((self.now + timedelta(days=d)).date() for d in (-30, -2, -1, 0, 1, 30)), date.min, date.max),
        }
        if cls not in pools:
            raise NoSuchValue(cls.__name__)
        return self.rng.choice(pools[cls])

    def text(self, limit: TextLimit) -> str:
        """A text within its limit, from the state or from TEXTS."""
        known = [t for t in self.known.get(str, ()) if conforms(t, limit)]
        if known and self.chance(0.5):
            return str(self.rng.choice(known))
        fitting = [t for t in TEXTS if conforms(t, limit)]
        if not fitting:
            raise NoSuchValue(f"none of TEXTS is {limit}")
        return self.rng.choice(fitting)

    def struct(self, cls: type, **given: Any) -> Any:
        """A dataclass of such values, with some given."""
        for _ in range(TRIES):
            made = {name: self.make(hint) for name, hint in hints(cls).items() if name not in given}
            try:
                return cls(**made, **given)
            except Malformed:
                continue
        raise NoSuchValue(cls.__name__)

    def authority(self) -> Authority:
        """Mostly a dated court order that is kept."""
        kind = AuthorityKind.COURT_ORDER if self.chance(0.6) else self.rng.choice(list(AuthorityKind))
        issued = self.now.date() - timedelta(days=1) if self.chance(0.9) else None
        return Authority(kind, "Order 1/26", "District court", issued, "a" * 64)

    def when(self) -> When:
        """A time at or before now, seldom imprecise."""
        if self.chance(0.8):
            return at(self.now - timedelta(minutes=self.rng.choice((0, 0, 1, 90, 3000))))
        begun = self.now - timedelta(hours=self.rng.choice((0, 2, 30, 300)))
        return self.rng.choice(
            (
                When(begun, None, Precision.RANGE),
                When(None, begun, Precision.UNKNOWN),
                When(None, None, Precision.UNKNOWN),
                When(begun, begun + timedelta(hours=25), Precision.DAY, "Asia/Tehran"),
                When(begun, begun + timedelta(hours=9), Precision.RANGE),
                When(None, EXTREMES[0], Precision.UNKNOWN),
            )
        )

    def command(self, cls: type[Command]) -> Command:
        """A command done just now, on an authority and for a reason more often than not."""
        given: dict[str, Any] = {"sources": (SEEN,)}
        if self.chance(0.85):
            given["when"] = at(self.now - timedelta(seconds=self.rng.choice((1, 1, 60))))
        given["authority"] = self.authority() if self.chance(0.85) else None
        given["reason"] = "Because" if self.chance(0.85) else None
        given["decided_by"] = self.rng.choice((None, "o-1", "o-2", "o-3", "o-4"))
        made: Command = self.struct(cls, **given)
        return made


EXTREMES = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


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

    def context(self, actor: Actor) -> Context:
        """What a rule is told."""
        dossier = self.folded.dossier
        return Context(self.now, actor, CASE, DEFAULT_PROFILE, dossier, others=OTHERS)

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
        context = self.context(actor)
        target = getattr(command, "target", None)
        try:
            if target is None and in_order(self.folded, command):
                return self.after(decide(self.kind, SHARED, self.folded, command, context))
            if target is not None:
                context = replace(context, target=next((e for e in effective(self.entries) if e.version == target), None))
            return self.after(decide_within(self.kind, SHARED, self.entries, command, context))
        except Refused:
            return None

    def correct(self, command: CorrectEntry, restated: Event, actor: Actor) -> "Case | None":
        """The case after a correction, None if it is refused."""
        target = next(e for e in effective(self.entries) if e.version == command.target)
        context = replace(self.context(actor), target=target, restated=restated)
        try:
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

KEPT = 60
"""How many cases a search keeps of each stage."""


@dataclass
class Search:
    """The cases a search reached by stage, and how often each event and each (stage, command) came about."""

    kind: Kind
    seed: int = 0
    reached: dict[type[Stage], list[Case]] = field(default_factory=dict)
    produced: Counter[type[Event]] = field(default_factory=Counter)
    accepted: Counter[tuple[type[Stage], type[Command]]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Begin before the beginning."""
        self.rng = random.Random(self.seed)  # noqa: S311 - repeatable, not secret
        self.reached[Nothing] = [Case(self.kind)]

    def keep(self, case: Case) -> None:
        """Keep a case, in the place of a random one if there are many."""
        kept = self.reached.setdefault(type(case.folded.stage), [])
        if len(kept) < KEPT:
            kept.append(case)
        elif not isinstance(case.folded.stage, Nothing):
            kept[self.rng.randrange(KEPT)] = case

    def note(self, before: Case, after: Case, command: type[Command]) -> None:
        """Count what an accepted command brought about."""
        self.accepted[type(before.folded.stage), command] += 1
        self.produced.update(type(e.event) for e in after.entries[len(before.entries) :])
        self.keep(after)

    def step(self) -> None:
        """Try one command, a rarely accepted one rather than another, in one reached case it is open in."""
        pairs = [p for p in self.kind.rules if p[0] in self.reached]
        weights = [1 / (1 + self.accepted[pair]) for pair in pairs]
        stage, command = self.rng.choices(pairs, weights)[0]
        if rule_for(self.kind, SHARED, stage, command) is None:
            return
        case = self.rng.choice(self.reached[stage])
        if issubclass(command, Opening):
            case = Case(self.kind)
        after = attempt(case, command, self.rng)
        if after is not None:
            self.note(case, after, command)

    def missing(self) -> set[type[Event]]:
        """Events of the kind that no command has produced yet."""
        return set(self.kind.events) - set(self.produced)

    def unreached(self) -> set[type[Stage]]:
        """Stages with rules that no case has reached yet."""
        return set(self.kind.stages) - set(self.reached)

    def run(self, steps: int) -> "Search":
        """Search for so many steps."""
        for _ in range(steps):
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


def fold_again(case: Case) -> Folded:
    """The case folded from its first entry."""
    return fold(case.kind, SHARED, effective(case.entries))


def opened_first(case: Case) -> bool:
    """Whether the effective history begins with the opening."""
    return isinstance(effective(case.entries)[0].event, Opened)
