"""A small kind of case for tests that need cases and care for no law: a matter is opened, steps are taken, it is released."""
# ruff: noqa: ARG001, RET503 - as in the domain: a rule has three parameters, and what is impossible does not return

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import UUID, uuid4

import sqlalchemy as sa

from application.cases import Cases
from application.execute import Call, Executor
from application.ports import Clock
from application.records import Append, Caller, Envelope, Receipt, microseconds
from domain.catalogue import Catalogue
from domain.deadlines import DEFAULT_PROFILE
from domain.dossier.acts import CorrectEntry, RetractEntry
from domain.kernel import Actor, Command, Context, Event, Events, Kind, Nothing, Opened, Opening, Stage, impossible, record
from domain.kinds import party
from domain.values import ClaimStatus, CorrectionReason, Source, SourceKind, at
from infrastructure.codec import EventCodec
from infrastructure.event_store import CaseStreams
from infrastructure.key_store import SqlKeys
from infrastructure.ledger import SqlLedger
from infrastructure.projector import Projector
from infrastructure.sealing import Vault
from tests.profiles import ONE_PERSON

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
class ReopenMatter(Command):
    """Begin again."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterReopened(Event):
    """The matter began again."""

    type: ClassVar[str] = "matter.reopened"


@dataclass(frozen=True, slots=True)
class Begun(Stage):
    """No step was taken yet."""


@dataclass(frozen=True, slots=True)
class Slow(Stage):
    """The last step was a slow one: the order of steps shows."""

    steps: int


@dataclass(frozen=True, slots=True)
class Fast(Stage):
    """The last step was any other."""

    steps: int


UNDER_WAY = Begun | Slow | Fast


@dataclass(frozen=True, slots=True)
class Released(Stage):
    """Ended."""


def open_matter(stage: Nothing, command: OpenMatter, context: Context) -> Events:
    """Anybody may open one."""
    return (record(MatterOpened, command, unit=context.actor.unit),)


def take_step(stage: Begun | Slow | Fast, command: TakeStep, context: Context) -> Events:
    """A note of two words is two steps, so that a command can record several events."""
    return tuple(record(StepTaken, command, note=word) for word in command.note.split())


def release(stage: Begun | Slow | Fast, command: ReleaseMatter, context: Context) -> Events:
    """End it."""
    return (record(MatterReleased, command),)


def reopen(stage: Released, command: ReopenMatter, context: Context) -> Events:
    """Begin again."""
    return (record(MatterReopened, command),)


def evolve(stage: Stage, event: Event) -> Stage:
    """The stage after an event."""
    match stage, event:
        case Nothing(), MatterOpened():
            return Begun()
        case Begun() | Slow() | Fast(), StepTaken(note=note):
            steps = 1 if isinstance(stage, Begun) else stage.steps + 1
            return Slow(steps) if note == "slow" else Fast(steps)
        case Begun() | Slow() | Fast(), MatterReleased():
            return Released()
        case Released(), MatterReopened():
            return Begun()
        case _:
            impossible(stage, event)


MATTER = Kind(
    name="matter",
    route="matters",
    law="None.",
    events=(MatterOpened, StepTaken, MatterReleased, MatterReopened),
    table={
        (Nothing, OpenMatter): open_matter,
        (UNDER_WAY, TakeStep): take_step,
        (UNDER_WAY, ReleaseMatter): release,
        (Released, ReopenMatter): reopen,
    },
    evolve=evolve,
    ends_custody=(MatterReleased,),
)

CATALOGUE = Catalogue(MappingProxyType({"matter": MATTER, "party": party.KIND}), MappingProxyType({}))


def said(moment: datetime, **more: Any) -> dict[str, Any]:
    """The block every command begins with: done at ``moment``, observed."""
    return {"when": at(moment), "sources": (SEEN,), "claim_status": ClaimStatus.OBSERVED} | more


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Ticking:
    """A clock that is a second further each time it is asked; it begins ten days after NOON."""

    def __init__(self) -> None:
        """Begin."""
        self._seconds = count()

    def __call__(self) -> int:
        """Microseconds since 1970 UTC."""
        return microseconds(NOON + 10 * DAY) + next(self._seconds) * 1_000_000


class Office:
    """A ledger of matters and all that is needed to record in it and to follow it, as one process has them."""

    def __init__(self, engine: sa.Engine, clock: Clock | None = None) -> None:
        """Work on a migrated database. ``ledger.start()`` begins to record."""
        self.engine = engine
        self.clock = clock or Ticking()
        self.ledger = SqlLedger(engine, self.clock)
        vault = Vault(bytes(32), SqlKeys(engine))
        self.codec = EventCodec(CATALOGUE.events, vault)
        self.cases = Cases(CATALOGUE, self.ledger, CaseStreams(self.ledger, self.codec), self.codec, ONE_PERSON)
        self.executor = Executor(CATALOGUE, self.ledger, self.codec, self.cases, self.clock, "tests", ONE_PERSON)

    def projector(self, **options: Any) -> Projector:
        """A projector of this office, not started."""
        return Projector(self.engine, self.ledger, CATALOGUE, self.codec, self.cases, **({"clock": self.clock} | options))

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

    def open_matter(self, moment: datetime = NOON, file_number: str = "M-1") -> UUID:
        """A new matter."""
        case_id = uuid4()
        self.give(case_id, OpenMatter(**said(moment), file_number=file_number))
        return case_id

    def register_party(self, moment: datetime = NOON) -> UUID:
        """A new entry of the party register."""
        party_id = uuid4()
        command = party.RegisterParty(**said(moment), file_number="P-1", party_type=party.PartyType.PERSON)
        self.give(party_id, command, party.KIND)
        return party_id

    def step(self, case_id: UUID, moment: datetime, note: str = "step") -> Receipt:
        """A step, or several: one for each word."""
        return self.give(case_id, TakeStep(**said(moment), note=note))

    def record(self, cases: int, steps: int) -> list[UUID]:
        """Many matters at once, each with so many steps, past the executor: one command for each matter."""
        return [self._recorded(uuid4(), i, steps) for i in range(cases)]

    def _recorded(self, case_id: UUID, number: int, steps: int) -> UUID:
        opened = MatterOpened(**said(NOON), decided_by=SUPERVISOR.id, file_number=f"M-{number}", unit=SUPERVISOR.unit)
        taken = [StepTaken(**said(NOON + (i + 1) * HOUR), decided_by=SUPERVISOR.id, note="n") for i in range(steps)]
        command_id = uuid4()
        envelope = Envelope(
            actor=Caller(SUPERVISOR.id, SUPERVISOR.role, SUPERVISOR.unit, SUPERVISOR.agency), on_behalf_of=None,
            command="TakeStep", command_id=command_id.hex, correlation_id=None, causation=None,
            decided_at=NOON + 9 * DAY, profile=DEFAULT_PROFILE, handling="standard", software="tests",
        )  # fmt: skip
        drafts, keys = self.codec.drafts(case_id, 0, (opened, *taken), envelope)
        self.ledger.append_now(Append(case_id, MATTER.name, 0, drafts, SUPERVISOR.id, command_id.bytes, bytes(32), keys=keys))
        return case_id

    def correct(self, case_id: UUID, target: int, moment: datetime, changes: Mapping[str, Any]) -> Receipt:
        """An entry restated."""
        why = CorrectionReason.TYPING_ERROR
        return self.give(case_id, CorrectEntry(**said(moment, reason="wrong"), target=target, why=why, changes=changes))

    def retract(self, case_id: UUID, target: int, moment: datetime) -> Receipt:
        """An entry retracted."""
        why = CorrectionReason.NEVER_HAPPENED
        return self.give(case_id, RetractEntry(**said(moment, reason="wrong"), target=target, why=why))
