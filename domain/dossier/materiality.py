"""What of an entry is material: times, quantities, classification, identity, terms.

Values say so themselves: a type marked ``material`` is all of one sort. What carries no mark is looked into: a date or an
instant is a time wherever it stands, and an id says whom or which case an entry is about. Sources, authorities and remarks
are never material: they say why, not what. Who did it always is. An event that decides something says so itself, as its word
or its number of days would not.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from typing import cast
from uuid import UUID

from domain.kernel import Event
from domain.values import Authority, Material, Source

NEVER = (Source, Authority)
"""What an entry rests on; a correction of it is no correction of what happened."""


def touched(before: object, after: object) -> frozenset[Material]:
    """The sorts of material content in which two values differ."""
    if before == after:
        return frozenset()
    if type(before) is not type(after) or mark(before) is not None or isinstance(before, NEVER):
        return within(before) | within(after)
    one, other = parts(before), parts(after)
    if not one or len(one) != len(other):
        return within(before) | within(after)
    return frozenset[Material]().union(*map(touched, one, other)) | own(before, after)


def parts(value: object) -> tuple[object, ...]:
    """What a dataclass or a tuple is made of; nothing for any other value."""
    if is_dataclass(value):
        return tuple(getattr(value, f.name) for f in fields(value))
    return cast("tuple[object, ...]", value) if isinstance(value, tuple) else ()


def within(value: object) -> frozenset[Material]:
    """The sorts of material content that a value holds."""
    return frozenset(marks(value))


def marks(value: object) -> Iterator[Material]:
    """The mark of each part of a value."""
    known = declared(value)
    if known is not None:
        yield known
    elif isinstance(value, date):  # an instant is one too
        yield Material.TIMES
    elif isinstance(value, UUID):
        yield Material.IDENTITY
    if not isinstance(value, NEVER):
        for part in parts(value):
            yield from marks(part)


def declared(value: object) -> Material | None:
    """The mark of a value's type."""
    kind: type = type(value)
    return getattr(kind, "material", None)


def mark(value: object) -> Material | None:
    """What a value's type says of it; an event's mark is about its own fields, see ``own``."""
    return None if isinstance(value, Event) else declared(value)


DOERS = frozenset(
    {"decided_by", "officers", "custodian", "second_officer", "receiving_officer", "interpreter", "witness", "witnesses"}
)
"""Fields that say who did something: what keeps one person from doing the next thing as well rests on them."""


def own(before: object, after: object) -> frozenset[Material]:
    """The mark of an event where one of its own fields differs, beyond what every entry begins with; and who did it."""
    if not isinstance(before, Event):
        return frozenset()
    known, shared = declared(before), {f.name for f in fields(Event)}
    differ = {f.name for f in fields(before) if getattr(before, f.name) != getattr(after, f.name)}
    marked = frozenset({known}) if known is not None and differ - shared else frozenset[Material]()
    return marked | {Material.IDENTITY} if differ & DOERS else marked
