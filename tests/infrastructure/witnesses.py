"""A codec at hand, and toy events with something of everything it has to store."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import orjson

from application.records import Recorded
from domain.dossier.acts import AddendumAdded, PersonDescribed
from domain.kernel import EntryCorrected, Event
from domain.values import (
    Answer,
    CorrectionReason,
    Narrative,
    PartyId,
    Personal,
    Quantity,
    Text,
    Unit,
)
from infrastructure.codec import EventCodec, Upcaster
from infrastructure.sealing import Vault
from tests.infrastructure.vaults import ENVELOPE, INSTANCE_KEY, MemoryKeys, recorded
from tests.scenario import CASE, OTHER_PERSON, PERSON, said


@dataclass(frozen=True, slots=True)
class Witness:
    """A person of the toy event, with a remark."""

    party: PartyId
    name: Personal[Text]
    remark: Narrative | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessesHeard(Event):
    """A toy event with sealed values inside a tuple of structs."""

    type: ClassVar[str] = "toy.witnesses_heard"

    witnesses: tuple[Witness, ...]
    count: int
    weight: Quantity | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountStated(Event):
    """A toy event whose second version says ``number`` where the first said ``amount``."""

    type: ClassVar[str] = "toy.count_stated"
    schema_version: ClassVar[int] = 2

    number: int
    note: Narrative | None


def upcast_count(state: dict[str, Any]) -> dict[str, Any]:
    """Version 2 of a count."""
    return {name: value for name, value in state.items() if name != "amount"} | {"number": state["amount"]}


EVENTS: Mapping[str, type[Event]] = {
    e.type: e for e in (EntryCorrected, AddendumAdded, PersonDescribed, WitnessesHeard, CountStated)
}
UPCASTERS: dict[tuple[str, int], Upcaster] = {("toy.count_stated", 1): upcast_count}
ADDENDUM = AddendumAdded(**said(reason="a late thought"), text="seen twice", target=None)
HEARD = WitnessesHeard(
    **said(),
    witnesses=(Witness(PERSON, "Ada", "calm"), Witness(OTHER_PERSON, "Grace")),
    count=2,
    weight=Quantity(Decimal("1.50"), Unit.KILOGRAM),
)


def described(**more: Any) -> PersonDescribed:
    """A description of PERSON with a name."""
    empty: dict[str, Any] = dict.fromkeys(("birth_date", "age", "occupation", "nationality", "documents", "health"))
    known: dict[str, Any] = {"party": PERSON, "minor": Answer.NO, "foreign_national": Answer.YES, "name": "Ada"}
    return PersonDescribed(**said(), **(empty | known | more))


class Bench:
    """A codec with its keys and vault at hand."""

    def __init__(self, upcasters: Mapping[tuple[str, int], Upcaster] | None = None) -> None:
        self.keys = MemoryKeys()
        self.vault = Vault(INSTANCE_KEY, self.keys)
        self.codec = EventCodec(EVENTS, self.vault, upcasters)

    def store(self, *events: Event, after: int = 0) -> list[Recorded]:
        """Events as rows of the ledger, with the keys made for them recorded."""
        drafts, keys = self.codec.drafts(CASE, after, events, ENVELOPE)
        self.keys.keys.extend(keys)
        return [recorded(draft, after + i) for i, draft in enumerate(drafts, start=1)]


def corrected(restated: Event) -> EntryCorrected:
    """A correction of entry 1."""
    return EntryCorrected(**said(reason="misheard"), why=CorrectionReason.TYPING_ERROR, target=1, restated=restated)


def old_count(bench: Bench) -> Recorded:
    """A count as its first version stored it."""
    (row,) = bench.store(CountStated(**said(), number=7, note="by hand"))
    state = orjson.loads(row.state)
    state["amount"] = state.pop("number")
    return row._replace(schema_version=1, state=orjson.dumps(state))
