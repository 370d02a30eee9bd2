"""Which alarms a case's deadlines call for at an instant: what the scheduler records, worked out as a pure function.

An alarm states the moment it is about as its own ``when``, however late it is recorded. What a profile calls a duty becomes
an overdue duty, a limit a reached limit, anything else a missed deadline. A deadline that was met in time calls for
nothing, nor does one of which it is not known whether it was.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from domain.clocks import Deadline
from domain.dossier.duty_acts import (
    Alarm,
    DeadlineAlarm,
    RecordMissedDeadline,
    RecordOverdueDuty,
    RecordReachedLimit,
    WarnOfDeadline,
)
from domain.dossier.duty_rules import ALARMS
from domain.dossier.state import Alarmed
from domain.kernel import BEGINNING, Entry
from domain.profiles import OnExpiry
from domain.values import Answer, ClaimStatus, Source, SourceKind, at

SETTLES = timedelta(minutes=10)
"""How long after a case's last entry an alarm about the time before that entry waits: who records late needs a moment to
record what else belongs to it."""

SCHEDULER = "scheduler"
"""Who decides an alarm, and its source."""

EXPIRY: dict[OnExpiry, type[Alarm]] = {
    OnExpiry.ALARM: RecordMissedDeadline,
    OnExpiry.OBLIGATION: RecordOverdueDuty,
    OnExpiry.RESTRICT_COMMANDS: RecordReachedLimit,
}


def alarms(deadline: Deadline, raised: Collection[Alarmed]) -> Iterator[tuple[datetime, type[Alarm]]]:
    """The moments at which a deadline, as it stands, calls for an alarm that was not raised, in order; future ones too.

    Nobody is warned of a moment before the start. An end that had passed when it was stated is alarmed all the same: whoever
    should have been released yesterday is no less overdue for the dates having been confirmed only today.
    """
    if deadline.due is None or deadline.start is None or deadline.uncertain is not None:
        return
    for moment in (*deadline.warnings, deadline.due):
        command = WarnOfDeadline if moment < deadline.due else EXPIRY[deadline.on_expiry]
        name: type[DeadlineAlarm] = ALARMS[command]
        known = Alarmed(name.type, deadline.clock, deadline.run, deadline.started_by, deadline.due, moment)
        begun = moment == deadline.due or deadline.start <= moment
        if begun and comes_to(deadline, moment) and known not in raised:
            yield moment, command


def comes_to(deadline: Deadline, moment: datetime) -> bool:
    """Whether the clock certainly still runs at a moment, as far as is recorded."""
    if deadline.paused_since is not None and moment > deadline.paused_since:
        return False
    if deadline.stopped_from is not None:
        return deadline.missed is Answer.YES if moment == deadline.due else moment <= deadline.stopped_from
    return True


def last_act(entries: Iterable[Entry]) -> datetime:
    """When the last entry that is no alarm was recorded: what an alarm about an earlier moment waits upon."""
    return max((e.recorded_at for e in entries if not isinstance(e.event, DeadlineAlarm)), default=BEGINNING)


def due_at(moment: datetime, last_recorded: datetime) -> datetime:
    """When an alarm about a moment is to be recorded, where the case's last entry was recorded at ``last_recorded``."""
    return moment if moment > last_recorded else last_recorded + SETTLES


def next_alarm(deadline: Deadline, raised: Collection[Alarmed], last_recorded: datetime) -> datetime | None:
    """When the next alarm of a deadline is to be recorded, None if none is to come."""
    moments = (due_at(moment, last_recorded) for moment, _ in alarms(deadline, raised))
    return min(moments, default=None)


def owed(
    deadline: Deadline, profile: str, raised: Collection[Alarmed], last_recorded: datetime, now: datetime, zone: str = "UTC"
) -> Iterator[Alarm]:
    """The commands that record what a deadline calls for by now, in order."""
    for moment, command in alarms(deadline, raised):
        if due_at(moment, last_recorded) <= now and deadline.due is not None:
            yield command(
                when=at(moment, zone),
                sources=(Source(SCHEDULER, SourceKind.SYSTEM, SCHEDULER),),
                claim_status=ClaimStatus.OBSERVED,
                decided_by=SCHEDULER,
                clock=deadline.clock,
                run=deadline.run,
                started_by=deadline.started_by,
                due=deadline.due,
                profile=profile,
            )
