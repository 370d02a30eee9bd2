"""How guards ask for a limit: the moment it ends, counted as its clock counts it, so that guard and board agree.

A limit is the name of a clock, or of several whose conditions leave each other out. Where the clock runs over the case it
ends as that run does, pauses and extensions included; before it runs it is counted from the moment the guard names.
"""

from collections.abc import Iterator
from datetime import datetime

from domain.calendars import BeyondCalendar
from domain.clocks import applies, facts_of, runs
from domain.counting import due
from domain.deadlines import PROFILE_NOT_INSTALLED
from domain.kernel import RECORD, Context, Refusal, Refused
from domain.profiles import Clock
from domain.values import Answer

BEYOND_CALENDAR = Refusal("beyond-calendar", "No limit is counted beyond the working days that are known.", RECORD)


def limit_end(context: Context, name: str, since: datetime, zone: str) -> datetime:
    """When the limit of that name ends, exclusive; the earliest end where several clocks carry it. Refused, never guessed."""
    if context.profile is None:
        raise Refused(PROFILE_NOT_INSTALLED)
    clocks = [clock for clock in context.profile.clocks if clock.limit == name]
    facts = facts_of(context.history)
    ours = [clock for clock in clocks if applies(clock, facts) is not Answer.NO] or clocks
    try:
        return min(end for clock in ours for end in ends(clock, context, since, zone))
    except BeyondCalendar:
        raise Refused(BEYOND_CALENDAR) from None


def ends(clock: Clock, context: Context, since: datetime, zone: str) -> Iterator[datetime]:
    """Where one clock ends: its run over the case, or counted from a moment. Raises BeyondCalendar."""
    running = [d.due for d in runs(clock, context.history, facts_of(context.history)) if d.stopped_by is None]
    known = [end for end in running if end is not None]
    if known:
        yield known[-1]
    elif clock.duration is not None:
        yield due(since, zone, clock.duration, clock.counting, ())
