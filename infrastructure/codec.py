"""Between events and the bytes that are stored: a closed registry of wire names, Pydantic for the fields, seals inside.

State and envelope are compact UTF-8 JSON in field order. Times are RFC 3339 in UTC with ``Z``, decimals are strings,
enumerations their values, an unknown value is ``null``; there is no float. A sealed field is an object ``{"key_id",
"ciphertext"}``. A correction holds the restated entry as ``{"type", "schema_version", "state"}``.

A row names its event by wire name and the name is looked up here and nowhere else: no row can make a module be imported.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar, cast
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from pydantic_core import SchemaValidator, from_json, to_json

from application.errors import Invalid
from application.records import Draft, Envelope, OpenedState, Recorded, WrappedKey
from domain.dossier.correction_acts import CorrectionProposed
from domain.kernel import EntryCorrected, Event, ImpossibleHistory, Restating, record
from domain.values import Code, CorrectionReason
from infrastructure.seal_plans import Plan, any_sealed, open_values, plan_of, seal_event, seals_personal
from infrastructure.sealing import Place, Sealer, Unreadable, Vault

T = TypeVar("T")

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""One stored state of an older schema version as the next version would have stated it."""


@dataclass(frozen=True, slots=True)
class Restated:
    """An entry restated, as stored inside a correction."""

    type: str
    schema_version: int
    state: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCorrection(Event):
    """``EntryCorrected`` as stored: the restated event by its wire name."""

    type: ClassVar[str] = EntryCorrected.type

    target: int
    why: CorrectionReason
    restated: Restated


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredProposal(StoredCorrection):
    """``CorrectionProposed`` as stored."""

    type: ClassVar[str] = CorrectionProposed.type

    proposed_by: Code


RESTATING: Mapping[str, tuple[type[Restating], type[StoredCorrection]]] = MappingProxyType(
    {EntryCorrected.type: (EntryCorrected, StoredCorrection), CorrectionProposed.type: (CorrectionProposed, StoredProposal)}
)
"""The events that hold another one, by wire name, and how each is stored."""


class Made(dict[type[Any], T]):
    """What is made of stored classes: of each when it is first asked for, once for a process.

    To make it of all of them takes half a second, and few processes ever need half of them.
    """

    def __init__(self, make: Callable[[type[Any]], T]) -> None:
        """Begin with none."""
        super().__init__()
        self._make = make

    def __missing__(self, stored: type[Any]) -> T:
        """Make it."""
        made = self[stored] = self._make(stored)
        return made


TAGS = frozenset({"Sealed", "str", "int", "date"})


class EventCodec:
    """Implements ``application.ports.Codec`` for the events of one catalogue."""

    def __init__(
        self,
        events: Mapping[str, type[Event]],
        vault: Vault,
        upcasters: Mapping[tuple[str, int], Upcaster] | None = None,
    ) -> None:
        """Work out how every event is sealed. Raises TypeError for a field that cannot be."""
        self._events = dict(events)
        self._vault = vault
        self._upcasters = dict(upcasters or {})
        self._plans: dict[str, Plan] = {name: PLANS[e] for name, e in events.items()}
        # What a correction restates is sealed as the event it is, not as the bare Event its field is declared as.
        self._plans |= {name: PLANS[stored] for name, (_, stored) in RESTATING.items()}
        self._personal = frozenset(name for name, plan in self._plans.items() if seals_personal(plan))

    # --- Writing ---

    def drafts(
        self, case_id: UUID, after: int, events: Sequence[Event], envelope: Envelope
    ) -> tuple[tuple[Draft, ...], tuple[WrappedKey, ...]]:
        """The events as they will stand at versions ``after`` + 1 and on, and the data keys made for them."""
        sealer = self._vault.writer(case_id, opening=after == 0)
        stated = ADAPTERS[Envelope].serializer.to_json(envelope)
        drafts = tuple(
            Draft(event.type, event.schema_version, self._state(event, case_id, after + i, sealer), stated)
            for i, event in enumerate(events, start=1)
        )
        return drafts, tuple(sealer.new_keys)

    def at_hand(self, case_id: UUID, after: int, events: Sequence[Event]) -> bool:
        """Whether ``drafts`` would find every key it needs in memory, so that it may run on an event loop."""
        if after == 0:
            return True
        plans = [self._plans[event.type] for event in events if not isinstance(event, Restating)]
        personal = len(plans) < len(events) or any(event.type in self._personal for event in events)
        return not personal and (not any(plans) or self._vault.remembers(case_id))

    def _state(self, event: Event, case_id: UUID, version: int, sealer: Sealer) -> bytes:
        place = Place(case_id, version, event.type, "")
        if isinstance(event, Restating):
            return ADAPTERS[RESTATING[event.type][1]].dump_json(self._stored_correction(event, place, sealer))
        sealed = seal_event(event, self._plans[event.type], place, sealer)
        return ADAPTERS[self._events[event.type]].serializer.to_json(sealed)

    def _stored_correction(self, event: Restating, place: Place, sealer: Sealer) -> StoredCorrection:
        outer = seal_event(event, self._plans[event.type], place, sealer)
        inner = event.restated
        sealed = seal_event(inner, self._plans[inner.type], replace(place, path="restated."), sealer)
        state = ADAPTERS[self._events[inner.type]].dump_python(sealed, mode="json")
        return record(RESTATING[event.type][1], outer, restated=Restated(inner.type, inner.schema_version, state))

    # --- Reading ---

    def event(self, recorded: Recorded) -> Event:
        """The event as stored, personal values and narrative still sealed. Raises ImpossibleHistory if it cannot be read."""
        return self.event_of(recorded.type, recorded.schema_version, recorded.state)

    def event_of(self, name: str, schema_version: int, state: bytes) -> Event:
        """The event a wire name, a schema version and stored bytes state. Raises ImpossibleHistory if they state none."""
        known = self._events.get(name)
        if known is None:
            raise ImpossibleHistory(f"no event is called {name!r}")
        try:
            if name in RESTATING:
                return self._restating(*RESTATING[name], state)
            if schema_version != known.schema_version:
                state = self._upcast(name, schema_version, state)
            event: Event = READERS[known].validate_json(state, strict=True, extra="forbid")
        except ValidationError as wrong:
            raise ImpossibleHistory(f"stored state of {name} does not fit: {_places(wrong)}") from None
        return event

    def _restating(self, event: type[Restating], form: type[StoredCorrection], state: bytes) -> Restating:
        stored: StoredCorrection = ADAPTERS[form].validate_json(state, strict=True, extra="forbid")
        inner = stored.restated
        return record(event, stored, restated=self.event_of(inner.type, inner.schema_version, to_json(inner.state)))

    def _upcast(self, name: str, version: int, state: bytes) -> bytes:
        values = from_json(state)
        for step in range(version, self._events[name].schema_version):
            upcaster = self._upcasters.get((name, step))
            if upcaster is None:
                raise ImpossibleHistory(f"no way from version {step} of {name}")
            values = upcaster(values)
        return to_json(values)

    def envelope(self, recorded: Recorded) -> Envelope:
        """The envelope as stored."""
        read: Envelope = ADAPTERS[Envelope].validate_json(recorded.envelope, strict=True, extra="forbid")
        return read

    # --- Opening ---

    def opened(self, recorded: Recorded) -> OpenedState:
        """The stored state as JSON values with everything sealed opened; what cannot be opened is null and listed."""
        values: dict[str, Any] = from_json(recorded.state)
        place = Place(recorded.case_id, recorded.version, recorded.type, "")
        found = open_values(values, self._plans.get(recorded.type), place, self._vault)
        inner = values.get("restated") if recorded.type in RESTATING else None
        if inner is not None:
            inside = open_values(inner["state"], self._plans.get(inner["type"]), replace(place, path="restated."), self._vault)
            inner["state"] = inside.values
            found = OpenedState(found.values, (*found.unreadable, *inside.unreadable))
        return found

    def restate(self, recorded: Recorded, changes: Mapping[str, Any]) -> tuple[Event, Event]:
        """The event an entry states (or, for a correction or a proposed one, restates) in clear, and the same with ``changes``.

        Raises Invalid, naming the field, if a change does not fit; Unreadable if the entry's seals cannot be opened.
        """
        opened = self.opened(recorded)
        if opened.unreadable:
            raise Unreadable("an entry whose seals cannot be opened cannot be restated")
        name, version, values = recorded.type, recorded.schema_version, opened.values
        if name in RESTATING:
            name, version, values = (values["restated"][part] for part in ("type", "schema_version", "state"))
        clear = self.event_of(name, version, to_json(values))
        adapter = ADAPTERS[self._events[name]]
        return clear, self._changed(adapter, adapter.dump_python(clear, mode="json"), changes)

    def _changed(self, adapter: TypeAdapter[Event], values: dict[str, Any], changes: Mapping[str, Any]) -> Event:
        unknown = next((name for name in changes if name not in values), None)
        if unknown is not None:
            raise Invalid("changes", "the entry has no such field")
        try:
            stated = to_json(values | dict(changes))
        except (TypeError, ValueError):
            raise Invalid("changes", "a value no JSON can hold") from None
        try:
            restated = adapter.validate_json(stated, strict=True, extra="forbid")
        except ValidationError as wrong:
            raise Invalid(f"changes.{_places(wrong)}", "the value does not fit the entry's field") from None
        if any_sealed(restated, self._plans[restated.type]):
            raise Invalid("changes", "a value is given in clear")
        return restated


def trusting(adapter: TypeAdapter[Any]) -> SchemaValidator:
    """A validator for what was validated when it was stored: fields and types only, no lengths, patterns, checks again."""
    return SchemaValidator(_types_only(adapter.core_schema))


def _types_only(schema: Any) -> Any:
    """A core schema without its checks; a dataclass is made as it was stored, a time read by the standard library.

    The standard library's reader gives its own UTC, in which times compare faster than in Pydantic's, and is as quick.
    """
    if isinstance(schema, list):
        return [_types_only(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "function-after":
        return _types_only(schema["schema"])
    if schema.get("type") == "datetime":
        return _STORED_TIME
    kept = {name: _types_only(part) for name, part in schema.items() if name not in _CHECKS}
    return kept | {"post_init": False} if schema.get("type") == "dataclass" else kept


_STORED_TIME = {
    "type": "function-after",
    "function": {"type": "no-info", "function": datetime.fromisoformat},
    "schema": {"type": "str"},
}
_CHECKS = frozenset({"pattern", "min_length", "max_length", "metadata", "serialization"})


ADAPTERS: Made[TypeAdapter[Any]] = Made(TypeAdapter)
"""How an event, or another stored dataclass, is written, and read when it comes from outside."""

READERS = Made(lambda event: trusting(ADAPTERS[event]))
"""How an event is read that was validated when it was stored."""

PLANS: Made[Plan] = Made(plan_of)
"""How an event is sealed."""


def _places(wrong: ValidationError) -> str:
    """Where a validation failed, without the values."""
    first = cast("dict[str, Any]", wrong.errors(include_input=False, include_url=False, include_context=False)[0])
    return ".".join(str(p) for p in first["loc"] if isinstance(p, int) or (p.isidentifier() and p not in TAGS))
