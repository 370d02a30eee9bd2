"""Values of any annotated type, made at random: for commands of any kind, repeatable by seed."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from domain.dossier import Dossier
from domain.dossier.acts import LinkState, LinkType
from domain.kernel import (
    Actor,
    Command,
    Nothing,
    Other,
)
from domain.parties import Registered, SamePartyOutcome, SamePartyQuestion
from domain.values import (
    Authority,
    AuthorityKind,
    CountLimit,
    Malformed,
    Precision,
    Sealed,
    TextLimit,
    When,
    WholeLimit,
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
    PERSON: Other("party", Registered(questions={CASE: SamePartyQuestion("o-8", SamePartyOutcome.SAME)}), Dossier()),
    OTHER_PERSON: Other("party", Registered(), Dossier()),
} | {case: Other(kind, Nothing(), LINKED) for case, kind in zip(OTHER_CASES, KINDS, strict=False)}
"""Two persons, and a case of each kind that has proposed every link to ours; the last of OTHER_CASES is nowhere."""

TRIES = 1000


class NoSuchValue(Exception):
    """No value of a type was found by trying."""


def hints(cls: Any) -> dict[str, Any]:
    """The annotations of a class's fields, marks included."""
    return _hints(cls)


@cache
def _hints(cls: Any) -> dict[str, Any]:
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
        for each in sorted(value, key=repr) if isinstance(value, frozenset) else value:
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
        return self.struct(cls) if is_dataclass(cls) else self.scalar(cls, marks)

    def scalar(self, cls: type, marks: tuple[Any, ...]) -> Any:
        """A number, a moment, a truth value or an id."""
        span = next((m for m in marks if isinstance(m, WholeLimit)), WholeLimit(10**9))
        pools: dict[type, tuple[Any, ...]] = {
            bool: (True, False),
            int: tuple(n for n in (*(0, 1, 1, 2, 3) * 8, 30, 10**9) if span.least <= n <= span.most),
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

    def struct(self, cls: Any, **given: Any) -> Any:
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
