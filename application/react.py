"""The path of a reaction: a pure function from a recorded event to commands, given by the system itself.

Each command's id follows from the event, so that giving it again, after a crash at any point, records nothing twice.
Reactions follow the log like read models, with two differences: they begin at its end when they are first enrolled, and
no rebuild ever fires one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import UUID

from application.errors import Stale, Unavailable
from application.execute import Call, Executor
from application.records import Receipt, Recorded
from domain.kernel import SYSTEM, Actor, Command, Event, Opening

ATTEMPTS: Final = 50
"""How often a command is decided again when its case moves under it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A command and the case it is for; an opening names a new id, which must follow from the event too."""

    case_id: UUID
    command: Command


@dataclass(frozen=True, slots=True)
class Reaction:
    """What follows from events. ``hears`` are wire names; ``react`` is pure: entry and event (sealed) → commands in order.

    ``name`` is permanent: it is part of every command's id.
    """

    name: str
    hears: frozenset[str]
    react: Callable[[Recorded, Event], Sequence[Reply]]


def command_id(name: str, recorded: Recorded, index: int) -> bytes:
    """The id of the ``index``-th command of a reaction to an event: 16 bytes of a hash over all that names it."""
    numbers = (recorded.version.to_bytes(8, "big"), index.to_bytes(8, "big"))
    parts = (b"casetrail/reaction/1", name.encode(), recorded.case_id.bytes, *numbers)
    return sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()[:16]


async def answer(executor: Executor, reaction: Reaction, recorded: Recorded, agency: str) -> list[Receipt]:
    """Give every command that follows from an event; one that was given before answers its first receipt.

    Raises Refused, what else the path of a command raises, and what ``react`` raises.
    """
    actor = Actor(f"reaction/{reaction.name}", SYSTEM, SYSTEM, agency)
    replies = reaction.react(recorded, executor.codec.event(recorded))
    return [await _give(executor, reaction.name, recorded, i, reply, actor) for i, reply in enumerate(replies)]


async def _give(executor: Executor, name: str, recorded: Recorded, index: int, reply: Reply, actor: Actor) -> Receipt:
    """One command, decided on the case as it stands, again if it moves meanwhile."""
    for _ in range(ATTEMPTS):
        try:
            return await executor.execute(_call(executor, name, recorded, index, reply, actor))
        except Stale:
            executor.cases.forget(reply.case_id)
    raise Unavailable("the case keeps moving")


def _call(executor: Executor, name: str, recorded: Recorded, index: int, reply: Reply, actor: Actor) -> Call:
    opening = isinstance(reply.command, Opening)
    case = None if opening else executor.cases.remembered(reply.case_id) or executor.cases.load(reply.case_id)
    identity = command_id(name, recorded, index)
    return Call(
        actor=actor,
        kind=executor.catalogue.kind_of(type(reply.command)),
        case_id=reply.case_id,
        command=reply.command,
        expected=None if case is None else case.version,
        command_id=identity,
        fingerprint=sha256(identity).digest(),  # of nothing else: the program may have changed between two givings
        causation=f"{recorded.case_id}/{recorded.version}",
    )
