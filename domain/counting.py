"""Counting a legal time: from a start, a duration and the pauses between, to the instant it ends. Pure arithmetic.

Hours are absolute. Days and months are those of the calendar at the place, so a day in which clocks change has 23 or 25
hours; a month is clamped to its end (31 January + 1 month = the last of February). An end is exclusive: what ends with a
day ends at the midnight after it.
"""

from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.calendars import WorkingDays
from domain.profiles import Counting, Duration, DurationUnit, Ends, Roll

Interval = tuple[datetime, datetime]
"""From a moment in UTC until another one, not before the first."""

ONE_DAY = timedelta(days=1)
BY_THE_CLOCK = Counting(first_day_counts=False, ends=Ends.SAME_TIME)
"""What hours are counted by: nothing that a profile could say differently."""


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last."""
    years, month = divmod(day.month - 1 + months, 12)
    last = monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))


def last_day(first: date, duration: Duration, counting: Counting) -> date:
    """The last day of a time of days, working days or months that begins on ``first``. Raises BeyondCalendar."""
    amount, calendar = duration.amount, counting.calendar
    if duration.unit is DurationUnit.WORKING_DAYS and calendar is not None:
        counted = counting.first_day_counts and calendar.works(first)
        return calendar.following(first, amount - 1 if counted else amount)
    whole = add_months(first, amount) if duration.unit is DurationUnit.MONTHS else first + amount * ONE_DAY
    return whole - ONE_DAY if counting.first_day_counts else whole


def rolled(day: date, roll: Roll, calendar: WorkingDays | None) -> date:
    """The day an end falls on once working days are heeded. Raises BeyondCalendar."""
    if calendar is None or roll is Roll.NONE:
        return day
    return calendar.at_or_after(day) if roll is Roll.NEXT else calendar.at_or_before(day)


def local(day: date, of_day: time, zone: str) -> datetime:
    """A local time in UTC; one that clocks leave out counts by the offset before the change, a repeated one the first time."""
    return datetime.combine(day, of_day, ZoneInfo(zone)).astimezone(UTC)


def lengths(pauses: Sequence[Interval]) -> timedelta:
    """How long pauses last together."""
    return sum((end - begin for begin, end in pauses), timedelta())


def due(start: datetime, zone: str, duration: Duration, counting: Counting | None, pauses: Sequence[Interval]) -> datetime:
    """The instant a time ends, in UTC, exclusive. ``zone`` is that of the place. Raises BeyondCalendar.

    Hours, and days that end at the time they began, are prolonged by what the pauses last; a time that ends with a day, by
    the midnights in them.
    """
    if duration.unit is DurationUnit.HOURS:
        return start + timedelta(hours=duration.amount) + lengths(pauses)
    rule, place = counting or BY_THE_CLOCK, ZoneInfo(zone)
    begun = start.astimezone(place)
    last = last_day(begun.date(), duration, rule)
    if rule.ends is Ends.END_OF_DAY:
        last += sum(((end.astimezone(place).date() - begin.astimezone(place).date()) for begin, end in pauses), timedelta())
    last = max(rolled(last, rule.roll, rule.calendar), begun.date())
    if rule.ends is Ends.END_OF_DAY:
        return local(last + ONE_DAY, time(), zone)
    return local(last, begun.time(), zone) + lengths(pauses)
