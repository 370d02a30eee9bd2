"""Who is named where: one row per case, party and field of its entries that names the party by its id.

There is no name, no birth date and no nationality here, and no way to ask by one: a list needs the id. Whether two ids
were held to be one party is not settled here either, but when a list is read, see ``application.persons``.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple, cast, get_args, get_type_hints
from uuid import UUID

from application.heard import Heard
from application.project import ALL, Key, ReadModel
from domain.dossier import EVENTS
from domain.kernel import Event

CASE_FIELDS = frozenset({"other"})
"""How a field that holds the ids of cases is called, in any event of any kind: every other field of ids names parties."""


class PersonRow(NamedTuple):
    """A party named in a case, or in the register's entry of another party: ``kind`` is ``party`` there.

    ``party`` is the id as recorded, as text; ``named_as`` the field that names it. ``version`` and ``type`` are the first
    standing entry that does, ``first_position`` its position: lists are ordered by it.
    """

    case_id: UUID
    party: str
    named_as: str
    kind: str
    type: str
    version: int
    first_position: int


def holds_ids(annotation: Any) -> bool:
    """Whether a field of this type holds ids of streams, one, several or none."""
    return annotation is UUID or any(map(holds_ids, get_args(annotation)))


def party_fields(event: type[Event]) -> tuple[str, ...]:
    """The fields of an event that name parties."""
    return tuple(name for name, hint in get_type_hints(event).items() if name not in CASE_FIELDS and holds_ids(hint))


@cache
def _fields_of(events: tuple[type[Event], ...]) -> Mapping[str, tuple[str, ...]]:
    """By wire name the fields that name parties, for the events of a kind and those that every kind has."""
    return {event.type: named for event in (*EVENTS, *events) if (named := party_fields(event))}


def _named(heard: Heard) -> Iterator[tuple[str, str]]:
    """The parties an entry names as it stands, each with the field."""
    for field in _fields_of(heard.kind.events).get(heard.recorded.type, ()):
        value = heard.state[field]
        if heard.state.get(f"{field}_kind", "party") == "party":  # an end of a network link may also be a case
            several = cast("list[str | None]", value if isinstance(value, list) else [value])
            yield from ((each, field) for each in several if each is not None)


def _keys(heard: Heard) -> tuple[Key, ...]:
    return tuple(dict.fromkeys(_named(heard)))


def _fold(row: PersonRow | None, heard: Heard, key: Key) -> PersonRow:
    recorded = heard.recorded
    if row is not None and row.first_position < recorded.position:
        return row
    return PersonRow(
        recorded.case_id, key[0], key[1], heard.kind.name, recorded.type, recorded.version, recorded.position
    )  # fmt: skip


PERSONS = ReadModel(
    name="persons",
    version=1,
    table_name="rm_persons",
    row=PersonRow,
    key=("party", "named_as"),
    hears=ALL,
    keys=_keys,
    fold=_fold,
)
