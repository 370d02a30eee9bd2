"""A small kind of case for tests that need cases and care for no law: a matter is opened, steps are taken, it is released."""
# ruff: noqa: ARG001, RET503 - as in the domain: a rule has three parameters, and what is impossible does not return

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import UUID, uuid4

import sqlalchemy as sa

from application.cases import Cases
from application.execute import Call, Executor
from application.records import Receipt
from domain.catalogue import Catalogue
from domain.dossier.acts import CorrectEntry, RetractEntry
from domain.kernel import Actor, Command, Context, Event, Events, Kind, Nothing, Opened, Opening, Stage, impossible, record
from domain.kinds import party
from domain.values import ClaimStatus, CorrectionReason, Source, SourceKind, at
from infrastructure.clock import system_clock
from infrastructure.codec import EventCodec
from infrastructure.key_store import SqlKeys
from infrastructure.ledger import SqlLedger
from infrastructure.projector import Projector
from infrastructure.sealing import Vault

SUPERVISOR = Actor("s-1", "supervisor", "unit-1", "agency")
SEEN = Source("s-1", SourceKind.OFFICER_OBSERVATION, "s-1")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMatter(Opening):
    """Open a matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeStep(Command):
    """Take a step."""

    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseMatter(Command):
    """End the matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterOpened(Opened):
    """A matter was opened."""

    type: ClassVar[str] = "matter.opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTaken(Event):
    """A step was taken."""

    type: ClassVar[str] = "matter.step_taken"

    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterReleased(Event):
    """The matter ended."""

    type: ClassVar[str] = "matter.released"


@dataclass(frozen=True, slots=True)
class UnderWay(Stage):
    """Steps may be taken."""

    steps: int = 0


@dataclass(frozen=True, slots=True)
class WellUnderWay(Stage):
    """Three steps were taken, and more may be."""

    steps: int


@dataclass(frozen=True, slots=True)
class Released(Stage):
    """Ended."""


def open_matter(stage: Nothing, command: OpenMatter, context: Context) -> Events:
    """Anybody may open one."""
    return (record(MatterOpened, command, unit=context.actor.unit),)


def take_step(stage: UnderWay | WellUnderWay, command: TakeStep, context: Context) -> Events:
    """A note of two words is two steps, so that a command can record several events."""
    return tuple(record(StepTaken, command, note=word) for word in command.note.split())


def release(stage: UnderWay | WellUnderWay, command: ReleaseMatter, context: Context) -> Events:
    """End it."""
    return (record(MatterReleased, command),)


def evolve(stage: Stage, event: Event) -> Stage:
    """The stage after an event."""
    match stage, event:
        case Nothing(), MatterOpened():
            return UnderWay()
        case UnderWay(steps=steps) | WellUnderWay(steps=steps), StepTaken():
            return UnderWay(steps + 1) if steps < 2 else WellUnderWay(steps + 1)
        case UnderWay() | WellUnderWay(), MatterReleased():
            return Released()
        case _:
            impossible(stage, event)


MATTER = Kind(
    name="matter",
    route="matters",
    law="None.",
    events=(MatterOpened, StepTaken, MatterReleased),
    table={
        (Nothing, OpenMatter): open_matter,
        (UnderWay | WellUnderWay, TakeStep): take_step,
        (UnderWay | WellUnderWay, ReleaseMatter): release,
    },
    evolve=evolve,
    ends_custody=(MatterReleased,),
)

CATALOGUE = Catalogue(MappingProxyType({"matter": MATTER, "party": party.KIND}), MappingProxyType({}))


def said(moment: datetime, **more: Any) -> dict[str, Any]:
    """The block every command begins with: done at ``moment``, observed."""
    return {"when": at(moment), "sources": (SEEN,), "claim_status": ClaimStatus.OBSERVED} | more


class Office:
    """A ledger of matters and all that is needed to record in it and to follow it, as one process has them."""

    def __init__(self, engine: sa.Engine) -> None:
        """Work on a migrated database; ``open`` begins to record."""
        self.engine = engine
        self.ledger = SqlLedger(engine, system_clock)
        vault = Vault(bytes(32), SqlKeys(engine))
        self.codec = EventCodec(CATALOGUE.events, vault)
        self.cases = Cases(CATALOGUE, self.ledger, self.codec)
        self.executor = Executor(CATALOGUE, self.ledger, self.codec, self.cases, system_clock, "tests")

    def projector(self, **options: Any) -> Projector:
        """A projector of this office, not started."""
        return Projector(self.engine, self.ledger, CATALOGUE, self.codec, self.cases, **options)

    def give(self, case_id: UUID, command: Command, kind: Kind = MATTER) -> Receipt:
        """Have a command executed on the case as it stands. Raises as ``Executor.execute`` does."""
        opening = isinstance(command, Opening)
        call = Call(
            actor=SUPERVISOR,
            kind=kind if opening or type(command) in kind.commands else None,
            case_id=case_id,
            command=command,
            expected=None if opening else self.ledger.load(case_id)[-1].version,
            command_id=uuid4().bytes,
            fingerprint=bytes(32),
        )
        return asyncio.run(self.executor.execute(call))

    def open_matter(self, moment: datetime, file_number: str = "M-1") -> UUID:
        """A new matter."""
        case_id = uuid4()
        self.give(case_id, OpenMatter(**said(moment), file_number=file_number))
        return case_id

    def register_party(self, moment: datetime) -> UUID:
        """A new entry of the party register."""
        party_id = uuid4()
        command = party.RegisterParty(**said(moment), file_number="P-1", party_type=party.PartyType.PERSON)
        self.give(party_id, command, party.KIND)
        return party_id

    def step(self, case_id: UUID, moment: datetime, note: str = "step") -> Receipt:
        """A step, or several: one for each word."""
        return self.give(case_id, TakeStep(**said(moment), note=note))

    def correct(self, case_id: UUID, target: int, moment: datetime, changes: Mapping[str, Any]) -> Receipt:
        """An entry restated."""
        why = CorrectionReason.TYPING_ERROR
        return self.give(case_id, CorrectEntry(**said(moment, reason="wrong"), target=target, why=why, changes=changes))

    def retract(self, case_id: UUID, target: int, moment: datetime) -> Receipt:
        """An entry retracted."""
        why = CorrectionReason.NEVER_HAPPENED
        return self.give(case_id, RetractEntry(**said(moment, reason="wrong"), target=target, why=why))
