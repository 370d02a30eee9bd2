"""Values with some fields changed."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar, cast

T = TypeVar("T")

_places: dict[type[Any], tuple[Callable[[Any], tuple[Any, ...]], Mapping[str, int]]] = {}


def changed(value: T, **new: Any) -> T:
    """The value with some fields changed: ``dataclasses.replace`` in half the time, for what folds do most."""
    known = _places.get(type(value))
    if known is None:
        names = [f.name for f in fields(cast("Any", value))]
        known = _places[type(value)] = attrgetter(*names, names[0]), {name: i for i, name in enumerate(names)}
    read, places = known
    values = list(read(value))
    values.pop()
    same = True
    for name, one in new.items():
        same = same and values[places[name]] is one
        values[places[name]] = one
    return value if same else type(value)(*values)
