"""Hypothesis strategies for any event, built from its annotations, and what is sealed in one."""

import random
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin
from uuid import UUID

from hypothesis import strategies as st

from domain.kernel import Event, Restating
from domain.values import WIDEST, CountLimit, Precision, Quantity, Sealed, Sealing, TextLimit, Unit, When, WholeLimit
from tests.domain.makers import Maker, NoSuchValue, hints

SECRET = "5ecret"
"""What every sealed text begins with, so that it is found wherever it stands in clear."""

ZONES = ("UTC", "Asia/Tehran", "America/St_Johns", "Pacific/Kiritimati")
MOMENTS = st.datetimes(timezones=st.just(UTC))
LARGEST = 2**63 - 1
"""Numbers reach as far as stored JSON is read exactly."""

AMOUNTS = st.decimals(0, 10**17, places=6, allow_nan=False, allow_infinity=False) | st.integers(0, 10**20).map(Decimal)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    UUID: st.uuids(),
    date: st.dates(),
    datetime: MOMENTS,
    Decimal: AMOUNTS,
    Quantity: st.builds(Quantity, st.none() | AMOUNTS, st.sampled_from(Unit)),
}


@st.composite
def times(draw: st.DrawFn) -> When:
    """Any time there can be."""
    precision = draw(st.sampled_from(Precision))
    zone, stated = draw(st.sampled_from(ZONES)), draw(st.none() | st.just("as stated"))
    if precision not in WIDEST:
        ends = sorted(draw(st.lists(MOMENTS, min_size=2, max_size=2, unique=True)))
        earliest, latest = (draw(st.sampled_from((end, None))) for end in ends)
        return When(earliest, latest, precision, zone, stated)
    earliest = draw(st.datetimes(max_value=datetime(9000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the zone follows
    width = draw(st.timedeltas(timedelta(microseconds=1), WIDEST[precision]))
    return When(earliest, earliest + width, precision, zone, stated)


def texts(limit: TextLimit, *, sealed: bool) -> st.SearchStrategy[str]:
    """Texts within a limit; ones to be sealed begin with SECRET if it fits."""
    if limit.pattern:
        return st.from_regex(limit.pattern, fullmatch=True).filter(lambda t: limit.least <= len(t) <= limit.most)
    start = SECRET if sealed and limit.most > len(SECRET) else ""
    least, most = max(0, limit.least - len(start)), min(limit.most - len(start), 30)
    return st.text(st.characters(exclude_categories=["Cs"]), min_size=least, max_size=most).map(start.__add__)


def values(annotation: Any, *marks: Any) -> st.SearchStrategy[Any]:
    """Values of an annotated type."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return values(inner, *more, *marks)
    if origin in (Union, UnionType):
        choices = [a for a in get_args(annotation) if a not in (Sealed, NoneType)]
        either = st.one_of(*(values(a, *marks) for a in choices))
        return st.none() | either if NoneType in get_args(annotation) else either
    if origin is tuple:
        limit = next((m for m in marks if isinstance(m, CountLimit)), CountLimit(3))
        several = st.lists(values(get_args(annotation)[0]), min_size=limit.least, max_size=min(limit.most, limit.least + 2))
        return several.map(tuple)
    if annotation is int:
        span = next((m for m in marks if isinstance(m, WholeLimit)), WholeLimit(LARGEST, -LARGEST))
        return st.integers(span.least, span.most) | st.integers(max(0, span.least), min(9, span.most))
    if annotation is str:
        length = next((m for m in marks if isinstance(m, TextLimit)), TextLimit(200))
        return texts(length, sealed=any(isinstance(m, Sealing) for m in marks))
    return simple(annotation)


@cache
def simple(cls: Any) -> st.SearchStrategy[Any]:
    """Values of a class without marks."""
    if cls in PLAIN:
        return PLAIN[cls]
    if cls is When:
        return times()
    if issubclass(cls, Enum):
        return st.sampled_from(cls)
    return structs(cls)


def meaningful(cls: type, seed: int) -> Any:
    """A dataclass whose parts must mean something together, found by trying."""
    maker = Maker(random.Random(seed))  # noqa: S311 - repeatable, not secret
    while True:
        try:
            return maker.struct(cls)
        except NoSuchValue:
            continue


def structs(cls: type, **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Dataclasses of such values, with some parts given."""
    if "__post_init__" in vars(cls):
        return st.integers(0, 999).map(lambda seed: meaningful(cls, seed))
    return st.builds(cls, **({name: values(hint) for name, hint in hints(cls).items() if name not in given} | given))


def events(cls: Any, inside: Any = None) -> st.SearchStrategy[Event]:
    """Events of a type; a correction restates one of the type ``inside``."""
    if issubclass(cls, Restating):
        return structs(cls, restated=simple(inside))
    return simple(cls)


# --- What is sealed -------------------------------------------------------------------------------------------


def sealed_parts(annotation: Any, value: Any) -> Iterator[Any]:
    """The values in the places that are sealed, null ones left out."""
    if value is None:
        return
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        if any(isinstance(m, Sealing) for m in arguments[1:]):
            yield value
        else:
            yield from sealed_parts(arguments[0], value)
    elif origin in (Union, UnionType):
        for argument in arguments:
            if not (isinstance(argument, type) and is_dataclass(argument) and not isinstance(value, argument)):
                yield from sealed_parts(argument, value)
    elif origin is tuple:
        for each in value:
            yield from sealed_parts(arguments[0], each)
    elif isinstance(value, Event) or (is_dataclass(annotation) and not isinstance(value, Sealed)):
        yield from (part for name, hint in hints(type(value)).items() for part in sealed_parts(hint, getattr(value, name)))


def masked(annotation: Any, value: Any) -> Any:
    """The same value with everything sealed taken out."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if value is None:
        return None
    if origin is Annotated:
        return "sealed" if any(isinstance(m, Sealing) for m in arguments[1:]) else masked(arguments[0], value)
    if origin in (Union, UnionType):
        fitting = [a for a in arguments if get_origin(a) is not None or (isinstance(a, type) and isinstance(value, a))]
        return masked(fitting[0], value) if fitting else value
    if origin is tuple:
        return tuple(masked(arguments[0], each) for each in value)
    if isinstance(value, Event) or (is_dataclass(annotation) and not isinstance(value, Sealed)):
        changed = {f.name: masked(hints(type(value))[f.name], getattr(value, f.name)) for f in fields(value)}
        return replace(value, **changed)
    return value
