"""Which fields of an event are sealed, worked out once from its annotations, and the walk that seals or opens them.

A field typed ``Personal[…]`` is sealed under the key of the ``party`` named beside it, a ``Narrative`` under the case's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from types import UnionType
from typing import Annotated, Any, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import orjson

from application.records import OpenedState
from domain.kernel import Event
from domain.values import Sealed, Sealing
from infrastructure.sealing import Place, Sealer, Unreadable, Vault


@dataclass(frozen=True, slots=True)
class Leaf:
    """A sealed value."""

    sealing: Sealing


@dataclass(frozen=True, slots=True)
class Struct:
    """A dataclass with sealed values somewhere in these fields; ``own_party`` if it names the person itself."""

    fields: tuple[tuple[str, "Plan"], ...]
    own_party: bool


@dataclass(frozen=True, slots=True)
class Many:
    """A tuple of things with sealed values."""

    each: "Plan"


Plan: TypeAlias = Leaf | Struct | Many | None
E = TypeVar("E", bound=Event)


def plan_of(event: type[Event]) -> Plan:
    """The plan of an event. Raises TypeError where a personal value stands without a person beside or around it."""
    plan = _plan(event)
    if not isinstance(plan, Struct | None) or (plan and not plan.own_party and _personal_without_party(plan)):
        raise TypeError(f"{event.__name__} has a personal value and no party")
    return plan


def _personal_without_party(plan: Plan) -> bool:
    match plan:
        case Leaf(sealing=sealing):
            return sealing is Sealing.PERSONAL
        case Struct(fields=inner, own_party=own):
            return not own and any(_personal_without_party(p) for _, p in inner)
        case Many(each=each):
            return _personal_without_party(each)
        case None:
            return False


def _plan(annotation: Any) -> Plan:
    origin = get_origin(annotation)
    if origin is Annotated:
        marks = [m for m in get_args(annotation)[1:] if isinstance(m, Sealing)]
        return Leaf(marks[0]) if marks else _plan(get_args(annotation)[0])
    if origin in (UnionType, Union):
        plans = [p for p in map(_plan, get_args(annotation)) if p is not None]
        if len(plans) > 1:
            raise TypeError(f"more than one way to seal {annotation}")
        return plans[0] if plans else None
    if origin is tuple:
        each = _plan(get_args(annotation)[0])
        return Many(each) if each else None
    if isinstance(annotation, type) and is_dataclass(annotation):
        return _struct(annotation)
    if any(_plan(argument) for argument in get_args(annotation)):
        raise TypeError(f"a sealed value cannot stand in {annotation}")
    return None


def _struct(cls: type[Any]) -> Struct | None:
    hints = get_type_hints(cls, include_extras=True)
    found = tuple((f.name, p) for f in fields(cls) if (p := _plan(hints[f.name])) is not None)
    return Struct(found, "party" in hints) if found else None


def seal_event(event: E, plan: Plan, place: Place, sealer: Sealer) -> E:
    """The event with its personal values and narrative sealed; ``place.path`` is what every field path begins with."""
    return _seal(event, plan, place, sealer, None) if plan else event


def _seal(value: Any, plan: Plan, place: Place, sealer: Sealer, party: UUID | None) -> Any:
    if value is None or plan is None:
        return value
    match plan:
        case Leaf(sealing=sealing):
            if isinstance(value, Sealed):
                raise TypeError("a sealed value stands where it was sealed and nowhere else")
            return sealer.seal(party if sealing is Sealing.PERSONAL else None, place, orjson.dumps(value))
        case Many(each=each):
            items = enumerate(value)
            return tuple(_seal(v, each, _within(place, f"{i}."), sealer, party) for i, v in items)
        case Struct(fields=inner, own_party=own):
            person = value.party if own else party
            changed = {
                name: _seal(part, p, _within(place, _step(name, p)), sealer, person)
                for name, p in inner
                if (part := getattr(value, name)) is not None
            }
            return replace(value, **changed) if changed else value


def any_sealed(value: Any, plan: Plan) -> bool:
    """Whether anything that is to be sealed is sealed already."""
    if value is None:
        return False
    match plan:
        case Leaf():
            return isinstance(value, Sealed)
        case Many(each=each):
            return any(any_sealed(v, each) for v in value)
        case Struct(fields=inner):
            return any(any_sealed(getattr(value, name), p) for name, p in inner)
        case None:
            return False


def seals_personal(plan: Plan) -> bool:
    """Whether a plan has a personal value anywhere."""
    match plan:
        case Leaf(sealing=sealing):
            return sealing is Sealing.PERSONAL
        case Struct(fields=inner):
            return any(seals_personal(p) for _, p in inner)
        case Many(each=each):
            return seals_personal(each)
        case None:
            return False


def _step(name: str, plan: Plan) -> str:
    return name if isinstance(plan, Leaf) else f"{name}."


def _within(place: Place, step: str) -> Place:
    return Place(place.case_id, place.version, place.type, place.path + step)


def open_values(values: dict[str, Any], plan: Plan, place: Place, vault: Vault) -> OpenedState:
    """Stored JSON values with every seal opened."""
    unreadable: list[str] = []
    return OpenedState(_open(values, plan, place, vault, unreadable), tuple(unreadable))


def _open(value: Any, plan: Plan, place: Place, vault: Vault, unreadable: list[str]) -> Any:
    if value is None or plan is None:
        return value
    match plan:
        case Leaf():
            return _open_leaf(value, place, vault, unreadable)
        case Many(each=each):
            items = enumerate(value)
            return [_open(v, each, _within(place, f"{i}."), vault, unreadable) for i, v in items]
        case Struct(fields=inner):
            changed = {
                name: _open(value[name], p, _within(place, _step(name, p)), vault, unreadable)
                for name, p in inner
                if name in value
            }
            return value | changed


def _open_leaf(value: Mapping[str, str], place: Place, vault: Vault, unreadable: list[str]) -> Any:
    try:
        return orjson.loads(vault.open(place, Sealed(value["key_id"], value["ciphertext"])))
    except Unreadable:
        unreadable.append(place.path)
        return None
