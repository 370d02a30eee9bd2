"""The path of an alarm: what the deadlines of one case call for by now, recorded by the system itself.

It is worked out from the ledger and decided on the case as it stands. Each command's id follows from what the alarm is
about, so that giving it again, after a crash at any point or from another process, records nothing twice.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from application.cases import Cases
from application.errors import Stale, Unavailable
from application.execute import ATTEMPTS, Call, Executor
from application.read_models.deadlines import profile_of
from application.records import microseconds, moment
from domain.alarms import SCHEDULER, last_act, owed
from domain.clocks import placed
from domain.deadlines import DEFAULT_PROFILE
from domain.dossier.duty_acts import Alarm
from domain.dossier.duty_rules import ALARMS
from domain.history import effective, fold
from domain.kernel import SYSTEM, Actor, Refused


@dataclass(frozen=True, slots=True)
class Due:
    """The alarms one case owes, in the order of the moments they are about, and the version at which it does."""

    case_id: UUID
    version: int
    commands: tuple[Alarm, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The wire names of the alarms that were recorded now, and the codes of those that were refused."""

    recorded: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def command_id(case_id: UUID, alarm: Alarm) -> bytes:
    """The id of an alarm's command: 16 bytes of a hash over the case, the run of the clock, its due time, moment and type."""
    about = alarm.when.earliest
    run = b"" if alarm.run is None else b"/" + alarm.run.encode()  # a run without a name is not the run named nothing
    numbers = (alarm.started_by, microseconds(alarm.due), 0 if about is None else microseconds(about))
    words = (b"casetrail/alarm/1", case_id.bytes, alarm.clock.encode(), run, ALARMS[type(alarm)].type.encode())
    parts = (*words, *(number.to_bytes(9, "big", signed=True) for number in numbers))
    return sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()[:16]


def due_now(cases: Cases, case_id: UUID, now: datetime) -> Due:
    """What a case owes at an instant, from its stored history. Blocks.

    Raises NotFound for what is no case, ProfileNotInstalled, ImpossibleHistory.
    """
    history = cases.ledger.load(case_id)
    kind, entries = cases.kind_named(history[0].kind), cases.entries(history)
    ordered = effective(entries)
    dossier = fold(kind, cases.catalogue.shared, ordered).dossier
    profile = profile_of(cases.law, dossier.profile or DEFAULT_PROFILE)
    zones = {entry.version: entry.event.when.zone for entry in ordered}

    def commands() -> Iterator[Alarm]:
        last = last_act(entries)
        for _, deadline in placed(profile, ordered):
            yield from owed(deadline, profile.name, dossier.alarms, last, now, zones[deadline.started_by])

    return Due(case_id, history[-1].version, tuple(sorted(commands(), key=_in_order)))


def _in_order(alarm: Alarm) -> tuple[datetime, str, str]:
    return alarm.when.earliest or alarm.due, alarm.clock, alarm.run or ""


async def raise_alarms(executor: Executor, case_id: UUID, agency: str) -> Outcome:
    """Record what a case owes by now; whatever was recorded before is known by its id.

    Raises as ``due_now``, Unavailable, and what else the path of a command raises but Refused.
    """
    recorded: list[str] = []
    for _ in range(ATTEMPTS):
        due = await asyncio.to_thread(due_now, executor.cases, case_id, moment(executor.clock()))
        refused: list[str] = []
        try:
            await _give(executor, due, agency, recorded, refused)
        except Stale:
            executor.cases.forget(case_id)
        else:
            return Outcome(tuple(recorded), tuple(refused))
    raise Unavailable("the case keeps moving")


async def _give(executor: Executor, due: Due, agency: str, recorded: list[str], refused: list[str]) -> None:
    """Give one command after the other, each on the version the one before it left; one that is refused blocks no other."""
    actor, version = Actor(SCHEDULER, SYSTEM, SYSTEM, agency), due.version
    for alarm in due.commands:
        identity = command_id(due.case_id, alarm)
        call = Call(
            actor=actor, kind=None, case_id=due.case_id, command=alarm, expected=version, command_id=identity,
            fingerprint=sha256(identity).digest(), causation=f"{due.case_id}/{alarm.started_by}",
        )  # fmt: skip
        try:
            receipt = await executor.execute(call)
        except Refused as no:
            refused.append(no.refusal.code)
        else:
            if receipt.version > version:
                recorded.append(ALARMS[type(alarm)].type)
            version = max(version, receipt.version)
