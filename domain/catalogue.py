"""Every kind, command, event and refusal there is, found by looking into ``domain.kinds``.

Adding a kind is adding a module there with a ``KIND`` in it; nothing else is edited.
"""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType, ModuleType

from domain import deadlines, demands, dossier, kernel, kinds
from domain.dossier import SHARED
from domain.history import rule_for
from domain.kernel import Command, Event, Kind, Refusal, Shared, Stage


class Conflict(Exception):
    """Two kinds claim one name, route, wire name or command."""


def modules_of(package: ModuleType) -> Iterable[ModuleType]:
    """The package itself and every module below it, in name order."""
    yield package
    for found in pkgutil.iter_modules(getattr(package, "__path__", ()), package.__name__ + "."):
        yield from modules_of(importlib.import_module(found.name))


def refusals_of(modules: Iterable[ModuleType]) -> dict[str, Refusal]:
    """Every refusal defined in the modules, by code."""
    found = {value for module in modules for value in vars(module).values() if isinstance(value, Refusal)}
    by_code = {refusal.code: refusal for refusal in sorted(found, key=lambda r: r.code)}
    if len(by_code) != len(found):
        raise Conflict("two refusals have one code")
    return by_code


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The kinds with everything they bring; names are unique across all of them or the catalogue is not built."""

    kinds: Mapping[str, Kind]
    refusals: Mapping[str, Refusal]
    shared: Shared = SHARED
    events: Mapping[str, type[Event]] = field(init=False)
    commands: Mapping[str, type[Command]] = field(init=False)

    def __post_init__(self) -> None:
        """Index wire names and commands and refuse whatever is there twice."""
        every = [*dossier.EVENTS, *(e for kind in self.kinds.values() for e in kind.events)]
        commands = [*self.shared.rules, *(c for kind in self.kinds.values() for c in kind.commands)]
        routes = [kind.route for kind in self.kinds.values()]
        for names in ([e.type for e in every], [c.__name__ for c in commands], routes):
            twice = {name for name in names if names.count(name) > 1}
            if twice:
                raise Conflict(f"named twice: {', '.join(sorted(twice))}")
        object.__setattr__(self, "events", MappingProxyType({e.type: e for e in every}))
        object.__setattr__(self, "commands", MappingProxyType({c.__name__: c for c in commands}))

    def kind_of(self, command: type[Command]) -> Kind | None:
        """The kind a command belongs to, None for a shared one."""
        return next((kind for kind in self.kinds.values() if command in kind.commands), None)

    def kind_opened_by(self, event: type[Event]) -> Kind | None:
        """The kind whose cases begin with an event, None for the ledger's own stream."""
        return next((kind for kind in self.kinds.values() if event in kind.own), None)

    def stages_open(self, kind: Kind, command: type[Command]) -> tuple[type[Stage], ...]:
        """The stages of a kind in which a command is open."""
        return tuple(s for s in kind.stages if rule_for(kind, self.shared, s, command))


def discover(package: ModuleType = kinds) -> Catalogue:
    """The catalogue of every kind in a package. Raises Conflict if two share a name."""
    modules = list(modules_of(package))
    found = [vars(module)["KIND"] for module in modules if "KIND" in vars(module)]
    names = [kind.name for kind in found]
    if len(set(names)) != len(names):
        raise Conflict("two kinds have one name")
    refusals = refusals_of([kernel, deadlines, demands, *modules_of(dossier), *modules])
    return Catalogue(MappingProxyType({kind.name: kind for kind in found}), MappingProxyType(refusals))
