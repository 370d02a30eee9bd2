"""The path of a reaction: a pure function from a recorded event to commands, given by the system itself.

Each command's id follows from the event, so that giving it again, after a crash at any point, records nothing twice.
Reactions follow the log like read models, with two differences: they begin at its end when they are first enrolled, and
no rebuild ever fires one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias
from uuid import UUID

from application.cases import Case
from application.errors import Stale, Unavailable
from application.execute import ATTEMPTS, Call, Executor
from application.records import Receipt, Recorded
from domain.kernel import SYSTEM, Actor, Command, Entry, Event, Opening, Refused


@dataclass(frozen=True, slots=True)
class Known:
    """A case as it is known at a version: its ``entries`` in recorded order (sealed), and what they fold to."""

    entries: tuple[Entry, ...]
    case: Case


@dataclass(frozen=True, slots=True)
class Cause(Known):
    """A recorded event with its case as known just then: ``entries`` end with it, so that it is the same for ever."""

    recorded: Recorded
    event: Event


Fitted: TypeAlias = Callable[[Known], Command | None]


@dataclass(frozen=True, slots=True)
class Reply:
    """A command and the case it is for; an opening names a new id, which must follow from the event too.

    A command that depends on the case it is for is a function of that case as it stands: None where nothing is to be
    recorded there. ``already`` are codes of refusals that mean that it is so already. ``otherwise`` is given in the
    command's place where that is refused: one of the two is recorded, never both.
    """

    case_id: UUID
    command: Command | Fitted
    already: frozenset[str] = frozenset()
    otherwise: Command | None = None


@dataclass(frozen=True, slots=True)
class Reaction:
    """What follows from events. ``hears`` are wire names; ``react`` is pure: the cause → commands in order.

    ``name`` is permanent: it is part of every command's id, and so is the command's place in that order.
    """

    name: str
    hears: frozenset[str]
    react: Callable[[Cause], Sequence[Reply]]


def command_id(name: str, recorded: Recorded, index: int) -> bytes:
    """The id of the ``index``-th command of a reaction to an event: 16 bytes of a hash over all that names it."""
    numbers = (recorded.version.to_bytes(8, "big"), index.to_bytes(8, "big"))
    parts = (b"casetrail/reaction/1", name.encode(), recorded.case_id.bytes, *numbers)
    return sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()[:16]


async def answer(executor: Executor, reaction: Reaction, recorded: Recorded, agency: str) -> list[Receipt]:
    """Give every command that follows from an event; one that was given before answers its first receipt.

    One that is refused keeps none of the others back; the first refusal is raised at the end. Raises what else the path
    of a command raises, and what ``react`` raises.
    """
    actor = Actor(f"reaction/{reaction.name}", SYSTEM, SYSTEM, agency)
    known = _known(executor, recorded.case_id, recorded.version)
    cause = Cause(known.entries, known.case, recorded, known.entries[-1].event)
    receipts: list[Receipt] = []
    refused: list[Refused] = []
    for index, reply in enumerate(reaction.react(cause)):
        try:
            receipt = await _replied(executor, reply, _Giving(reaction.name, recorded, index, actor))
        except Refused as no:
            refused.append(no)
        else:
            receipts += [receipt] if receipt else []
    if refused:
        raise refused[0]
    return receipts


def _known(executor: Executor, case_id: UUID, version: int | None = None) -> Known:
    """A case as the ledger has it, at a version or now. Blocks; raises NotFound."""
    history = executor.ledger.load(case_id, 0, version)
    return Known(tuple(executor.cases.entries(history)), executor.cases.fold(history))


@dataclass(frozen=True, slots=True)
class _Giving:
    """Which command of which reaction to which event is given, and in whose name."""

    name: str
    recorded: Recorded
    index: int
    actor: Actor

    def call(self, executor: Executor, case_id: UUID, command: Command, expected: int | None) -> Call:
        """The command on a case at a version."""
        identity = command_id(self.name, self.recorded, self.index)
        return Call(
            actor=self.actor,
            kind=executor.catalogue.kind_of(type(command)),
            case_id=case_id,
            command=command,
            expected=expected,
            command_id=identity,
            fingerprint=sha256(identity).digest(),  # of nothing else: the program may have changed between two givings
            causation=f"{self.recorded.case_id}/{self.recorded.version}",
        )


async def _replied(executor: Executor, reply: Reply, giving: _Giving) -> Receipt | None:
    """One reply; None where nothing is left to record."""
    try:
        return await _given(executor, reply.case_id, reply.command, giving)
    except Refused as no:
        if no.refusal.code in reply.already:
            return None
        if reply.otherwise is None:
            raise
    return await _given(executor, reply.case_id, reply.otherwise, giving)


async def _given(executor: Executor, case_id: UUID, command: Command | Fitted, giving: _Giving) -> Receipt | None:
    """One command, decided on the case as it stands, again if it moves meanwhile."""
    for _ in range(ATTEMPTS):
        fitted, expected = _fitted(executor, case_id, command)
        if fitted is None:
            return None
        for other in fitted.refers_to():  # what this process remembers may be older than the cause
            executor.cases.forget(other)
        try:
            return await executor.execute(giving.call(executor, case_id, fitted, expected))
        except Stale:
            executor.cases.forget(case_id)
    raise Unavailable("the case keeps moving")


def _fitted(executor: Executor, case_id: UUID, command: Command | Fitted) -> tuple[Command | None, int | None]:
    """The command as it is to be given, and the version of the case it is given on."""
    if isinstance(command, Opening):
        return command, None
    if isinstance(command, Command):
        return command, (executor.cases.remembered(case_id) or executor.cases.load(case_id)).version
    known = _known(executor, case_id)
    return command(known), known.case.version
