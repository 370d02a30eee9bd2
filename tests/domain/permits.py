"""A toy kind of case, a permit that is issued, suspended, resumed, revoked and lost: for the tests of the kernel alone."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar

from domain.dossier import SHARED
from domain.history import Folded, effective, fold
from domain.kernel import (
    Command,
    Context,
    Entry,
    EntryCorrected,
    EntryRetracted,
    Event,
    Events,
    ImpossibleHistory,
    Kind,
    Nothing,
    Opened,
    Opening,
    Refusal,
    Stage,
    record,
    require,
)
from domain.values import CorrectionReason, Number, Precision, When
from tests.scenario import DAY, HOUR, NOON, said

T = TypeVar("T", bound=Event)

TOO_MANY = Refusal("too-many-inspections", "A permit is inspected three times at most.", "toy law")
MOST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuePermit(Opening):
    """Issue a permit for a number of goods."""

    goods: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspend(Command):
    """Suspend a permit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Command):
    """Let a suspended permit hold again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspect(Command):
    """Record inspections, one fact each."""

    findings: tuple[Number, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace(Command):
    """Suspend a permit and let it hold again at once, in a single act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lose(Command):
    """Record that the holder left with the permit: a fact nothing refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recover(Command):
    """Record that a lost permit is back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitIssued(Opened):
    """A permit was issued."""

    type: ClassVar[str] = "permit.issued"

    goods: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitSuspended(Event):
    """A permit was suspended."""

    type: ClassVar[str] = "permit.suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitResumed(Event):
    """A suspended permit holds again."""

    type: ClassVar[str] = "permit.resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitInspected(Event):
    """An inspection found something."""

    type: ClassVar[str] = "permit.inspected"

    finding: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitLost(Event):
    """The holder left with the permit."""

    type: ClassVar[str] = "permit.lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitRecovered(Event):
    """A lost permit is back."""

    type: ClassVar[str] = "permit.recovered"


@dataclass(frozen=True, slots=True)
class Active(Stage):
    """The permit holds."""

    goods: int
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suspended(Stage):
    """The permit does not hold for now."""

    goods: int
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lost(Stage):
    """The permit is gone; ``goods`` as before."""

    goods: int


def issue(stage: Nothing, command: IssuePermit, context: Context) -> Events:
    """Issue it."""
    del stage
    return (record(PermitIssued, command, unit=context.actor.unit),)


def suspend(stage: Active, command: Suspend, context: Context) -> Events:
    """Suspend it."""
    del stage, context
    return (record(PermitSuspended, command),)


def resume(stage: Suspended, command: Resume, context: Context) -> Events:
    """Let it hold again."""
    del stage, context
    return (record(PermitResumed, command),)


def inspect(stage: Active | Suspended, command: Inspect, context: Context) -> Events:
    """Keep every finding, up to the most there may be."""
    del context
    require(len(stage.findings) + len(command.findings) <= MOST, TOO_MANY)
    return tuple(record(PermitInspected, command, finding=finding) for finding in command.findings)


def replace_permit(stage: Active, command: Replace, context: Context) -> Events:
    """Two facts of one act."""
    del stage, context
    return (record(PermitSuspended, command), record(PermitResumed, command))


def lose(stage: Active | Suspended, command: Lose, context: Context) -> Events:
    """It is gone, whatever the record says."""
    del stage, context
    return (record(PermitLost, command),)


def recover(stage: Lost, command: Recover, context: Context) -> Events:
    """It is back."""
    del stage, context
    return (record(PermitRecovered, command),)


def evolve(stage: Stage, event: Event) -> Stage:
    """What each event changes."""
    match stage, event:
        case Nothing(), PermitIssued(goods=goods):
            return Active(goods)
        case Active(), PermitSuspended():
            return Suspended(stage.goods, stage.findings)
        case Suspended(), PermitResumed():
            return Active(stage.goods, stage.findings)
        case ((Active() | Suspended()), PermitInspected(finding=finding)):
            return replace(stage, findings=(*stage.findings, finding))
        case ((Active() | Suspended()), PermitLost()):
            return Lost(stage.goods)
        case Lost(), PermitRecovered():
            return Active(stage.goods)
        case _:
            raise ImpossibleHistory(f"{event.type} cannot follow in {type(stage).__name__}")


KIND = Kind(
    name="permit",
    route="permits",
    law="Toy law.",
    events=(PermitIssued, PermitSuspended, PermitResumed, PermitInspected, PermitLost, PermitRecovered),
    table={
        (Nothing, IssuePermit): issue,
        (Active, Suspend): suspend,
        (Suspended, Resume): resume,
        (Active | Suspended, Inspect): inspect,
        (Active, Replace): replace_permit,
        (Active | Suspended, Lose): lose,
        (Lost, Recover): recover,
    },
    evolve=evolve,
    ends_custody=(PermitLost,),
    on_the_head=frozenset({Lose}),
)


# --- Examples -------------------------------------------------------------------------------------------------

WHY: dict[str, Any] = {"why": CorrectionReason.WRONG_TIME}
ISSUED = PermitIssued(**said(NOON), file_number="P 1", unit="unit-1", goods=5)


def suspended(hours: float) -> PermitSuspended:
    """A suspension so many hours after NOON."""
    return PermitSuspended(**said(NOON + hours * HOUR))


def resumed(hours: float) -> PermitResumed:
    """A resumption."""
    return PermitResumed(**said(NOON + hours * HOUR))


def inspected(hours: float, finding: str = "fine") -> PermitInspected:
    """An inspection."""
    return PermitInspected(**said(NOON + hours * HOUR), finding=finding)


def lost(hours: float) -> PermitLost:
    """A loss."""
    return PermitLost(**said(NOON + hours * HOUR))


def between(event: T, earliest: float | None, latest: float | None) -> T:
    """The event at a time known to lie between two hours after NOON, either open."""
    ends = [None if end is None else NOON + end * HOUR for end in (earliest, latest)]
    return replace(event, when=When(ends[0], ends[1], Precision.RANGE))


def corrected(target: int, restated: Event) -> EntryCorrected:
    """A correction."""
    return EntryCorrected(**said(NOON + 2 * DAY), **WHY, target=target, restated=restated)


def retracted(target: int) -> EntryRetracted:
    """A retraction."""
    return EntryRetracted(**said(NOON + 2 * DAY), **WHY, target=target)


def state(history: list[Entry]) -> Folded:
    """The case at the end of a history."""
    return fold(KIND, SHARED, effective(history))
