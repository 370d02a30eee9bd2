"""Working-day calendars: plain lists of dates, pinned under a name of their own, so that nothing re-dates an old case.

A calendar says nothing beyond the days it covers: asking it there raises BeyondCalendar, and no date is guessed.
"""

from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


class BeyondCalendar(Exception):
    """A day that a calendar does not cover."""


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The working days of a place from ``first`` to ``last``, both included.

    ``name`` is ``id@version``, ``weekend`` holds ISO weekdays (1 Monday, 7 Sunday), ``source`` says where the dates come from.
    """

    name: str
    source: str
    first: date
    last: date
    weekend: frozenset[int]
    holidays: frozenset[date]

    def works(self, day: date) -> bool:
        """Whether a day is a working day. Raises BeyondCalendar."""
        if not self.first <= day <= self.last:
            raise BeyondCalendar(self.name)
        return day.isoweekday() not in self.weekend and day not in self.holidays

    def at_or_after(self, day: date) -> date:
        """The day itself or the next working day. Raises BeyondCalendar."""
        while not self.works(day):
            day += ONE_DAY
        return day

    def at_or_before(self, day: date) -> date:
        """The day itself or the working day before it. Raises BeyondCalendar."""
        while not self.works(day):
            day -= ONE_DAY
        return day

    def following(self, day: date, count: int) -> date:
        """The ``count``-th working day after a day. Raises BeyondCalendar."""
        for _ in range(count):
            day = self.at_or_after(day + ONE_DAY)
        return day
