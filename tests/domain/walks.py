"""Random cases of any kind: values made from annotations, commands tried in the stages they are open in.

A search keeps the cases it reached and goes on from them, and takes values out of a case's own state as often as new
ones, so that a line, a seal or a claim named by a command is often one that exists. It is repeatable: same seed, same cases.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from domain.deadlines import DEFAULT_PROFILE
from domain.dossier import SHARED, Dossier
from domain.dossier.acts import CorrectEntry, LinkState, LinkType, RetractEntry
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
    Other,
    Refused,
    Stage,
)
from domain.kinds.party import Registered
from domain.values import (
    Authority,
    AuthorityKind,
    ClaimStatus,
    CorrectionReason,
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
OFFICER_CODE = TextLimit(64, pattern="o-.*")
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


def parts(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Every value in a state, at whatever depth, with the name of the field it stands in."""
    if is_dataclass(value) and not isinstance(value, type):
        yield name, value
        for f in fields(value):
            yield from parts(getattr(value, f.name), f.name)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from parts(key, name)
            yield from parts(each, name)
    elif isinstance(value, tuple | frozenset):
        for each in value:
            yield from parts(each, name)
    else:
        yield name, value


class Maker:
    """Values of any annotated type, as often as not taken from ``state``; ``now`` is what times lie around."""

    def __init__(self, rng: random.Random, now: datetime = NOON, state: object = None) -> None:
        """Collect what the state holds, by type and field."""
        self.rng = rng
        self.now = now
        self.known: dict[type, dict[str, list[Any]]] = {}
        for name, part in parts(state):
            self.known.setdefault(type(part), {}).setdefault(name.removesuffix("s"), []).append(part)

    def recall(self, cls: type, name: str, limit: TextLimit | None = None) -> Any:
        """A value of that type that the state holds, mostly one from a field of that name; None if there is none."""
        by_name = self.known.get(cls, {})
        same = by_name.get(name.removesuffix("s"))
        values = same if same and self.chance(0.7) else [v for each in by_name.values() for v in each]
        fitting = [v for v in values if limit is None or conforms(v, limit)]
        return self.rng.choice(fitting) if fitting and self.chance(0.6) else None

    def chance(self, share: float) -> bool:
        """True in that share of cases."""
        return self.rng.random() < share

    def make(self, annotation: Any, *marks: Any, name: str = "") -> Any:
        """A value of an annotated type for a field. Raises NoSuchValue if trying found none."""
        origin = get_origin(annotation)
        if origin is Annotated:
            inner, *more = get_args(annotation)
            return self.make(inner, *more, *marks, name=name)
        if origin in (Union, UnionType):
            choices = [a for a in get_args(annotation) if a not in (Sealed, NoneType)]
            if NoneType in get_args(annotation) and self.chance(0.3):
                return None
            return self.make(self.rng.choice(choices), *marks, name=name)
        if origin is Mapping:
            return {}
        if origin is tuple:
            limit = next(m for m in (*marks, CountLimit(3)) if isinstance(m, CountLimit))
            count = min(limit.most, max(limit.least, self.rng.choice((0, 1, 1, 2))))
            return tuple(self.make(get_args(annotation)[0], name=name) for _ in range(count))
        return self.plain(annotation, marks, name)

    def plain(self, cls: Any, marks: tuple[Any, ...], name: str) -> Any:
        """A value that is no union and no tuple."""
        if cls is str:
            return self.text(next((m for m in marks if isinstance(m, TextLimit)), TextLimit(200)), name)
        if cls is When:
            return self.when()
        if cls is Authority:
            return self.authority()
        if issubclass(cls, Enum):
            return self.rng.choice(list(cls))
        known = self.recall(cls, name)
        if known is not None:
            return known
        return self.struct(cls) if is_dataclass(cls) else self.scalar(cls)

    def scalar(self, cls: type) -> Any:
        """A number, a moment, a truth value or an id."""
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

    def text(self, limit: TextLimit, name: str) -> str:
        """A text within its limit, from the state or from TEXTS."""
        known = self.recall(str, name, limit)
        if known is not None:
            return str(known)
        fitting = [t for t in TEXTS if conforms(t, limit)]
        if not fitting:
            raise NoSuchValue(f"none of TEXTS is {limit}")
        return self.rng.choice(fitting)

    def struct(self, cls: type, **given: Any) -> Any:
        """A dataclass of such values, with some given."""
        for _ in range(TRIES):
            made = {name: self.make(hint, name=name) for name, hint in hints(cls).items() if name not in given}
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
        known = self.recall(str, "", OFFICER_CODE) if self.chance(0.4) else None
        given["decided_by"] = known or self.rng.choice((None, "o-1", "o-2", "o-3", "o-4"))
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

    def context(self, actor: Actor, command: Command) -> Context:
        """What a rule is told: of other streams only those the command refers to."""
        others = {other: OTHERS[other] for other in command.refers_to() if other in OTHERS}
        return Context(self.now, actor, CASE, DEFAULT_PROFILE, self.folded.dossier, others=others)

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
            if target is None and in_order(self.folded, command):
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

    def some(self, stage: type[Stage]) -> Case:
        """A reached case in a stage."""
        return self.rng.choice(self.rng.choice(list(self.reached[stage].values())))

    def cases(self) -> list[Case]:
        """Every case that is kept, with something in it."""
        return [case for shapes in self.reached.values() for kept in shapes.values() for case in kept if case.entries]

    def follow(self, commands: Sequence[Command]) -> "Search":
        """Give the commands of a written life cycle one after another, each by who decided it; none may be refused."""
        case = Case(self.kind)
        for command in commands:
            before = replace(case, now=max(case.now, command.when.latest or case.now))
            context = before.context(replace(ACTORS[0], id=command.decided_by or ACTORS[0].id), command)
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
        before = self.some(pair[0])
        after = attempt(before, pair[1], self.rng)
        if after is not None:
            self.note(before, after, pair[1])

    def missing(self) -> set[type[Event] | type[Stage]]:
        """Events of the kind that no command has produced yet, and stages with rules that no case has reached."""
        return {*self.kind.events, *self.kind.stages} - {*self.produced, *self.reached}

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
