"""Clocks over a case: every deadline as a pure function of its effective history and the profile it is pinned to.

A late entry or a correction moves a deadline because the function runs on the history as it is effective now. Nothing here
knows what time it is: a ``Deadline`` says when it is due, and ``status`` what that means at an instant somebody names. A
time that is not known to the minute sets no date: the deadline says which entry must be made precise.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from domain import counting
from domain.calendars import BeyondCalendar
from domain.dossier.acts import PersonDescribed, ProfileChanged
from domain.dossier.duty_acts import ObligationDischarged, ObligationOpened, ObligationWaived
from domain.kernel import BEGINNING, Entry, Event, Opened
from domain.profiles import Again, Clock, Condition, Duration, Fact, OnExpiry, Profile, Trigger, Triggers, span
from domain.values import Answer

# --- What comes out -------------------------------------------------------------------------------------------


class Doubt(StrEnum):
    """Why no date is computed."""

    IMPRECISE_TIME = "imprecise_time"
    BEYOND_CALENDAR = "beyond_calendar"
    FACT_MISSING = "fact_missing"


@dataclass(frozen=True, slots=True)
class Uncertain:
    """No date is computed, and the entry (by its version) that must be made precise or completed for one."""

    version: int
    why: Doubt


class Status(StrEnum):
    """What a deadline is at an instant."""

    PENDING = "pending"
    RUNNING = "running"
    PAUSED = "paused"
    EXPIRED = "expired"
    STOPPED = "stopped"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One run of a clock. Versions name entries of the case; instants are in UTC.

    ``due`` is exclusive, None where ``uncertain``. ``set_by`` is the entry that fixed it last: the start, a resumption or an
    extension. While ``paused_since`` is set, ``due`` is the earliest the clock can end. It was stopped between ``stopped_from``
    and ``stopped_until`` by the entry ``stopped_by``. ``run`` tells the runs of one clock apart, e.g. the number of a claim.
    """

    clock: str
    legal_ref: str
    on_expiry: OnExpiry
    run: str | None
    started_by: int
    set_by: int
    start: datetime | None
    due: datetime | None
    warnings: tuple[datetime, ...] = ()
    paused_since: datetime | None = None
    stopped_by: int | None = None
    stopped_from: datetime | None = None
    stopped_until: datetime | None = None
    uncertain: Uncertain | None = None

    @property
    def missed(self) -> Answer:
        """Whether what stopped the clock came too late; unknown where its time or the deadline leaves it open.

        What stops a clock while it is paused is never too late: the time had not run out when the pause began.
        """
        if self.stopped_from is None or self.stopped_until is None:
            return Answer.NO
        if self.due is None:
            return Answer.UNKNOWN
        if self.paused_since is not None:
            return Answer.NO
        if self.stopped_from < self.due < self.stopped_until:
            return Answer.UNKNOWN
        return Answer.YES if self.stopped_from >= self.due else Answer.NO


def status(deadline: Deadline, at: datetime) -> Status:
    """What a deadline is at an instant in UTC: the only thing about it that depends on when somebody asks."""
    if deadline.stopped_until is not None and deadline.stopped_until <= at:
        return Status.STOPPED
    if deadline.start is None or deadline.due is None:
        return Status.UNCERTAIN
    if at < deadline.start:
        return Status.PENDING
    if deadline.paused_since is not None and deadline.paused_since <= at:
        return Status.PAUSED
    return Status.RUNNING if at < deadline.due else Status.EXPIRED


# --- Facts ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Facts:
    """What conditions may ask of a case. ``legal_basis`` and ``selected_on`` are those a profile was selected by."""

    legal_basis: str | None = None
    selected_on: date | None = None
    minor: Answer = Answer.UNKNOWN
    foreign_national: Answer = Answer.UNKNOWN


def facts_of(entries: Iterable[Entry]) -> Facts:
    """The facts an effective history states: the last description of the person it is about, the last move to a profile."""
    facts, person = Facts(), None
    for entry in entries:
        match entry.event:
            case Opened():
                person = getattr(entry.event, "party", None)
            case PersonDescribed(party=party, minor=minor, foreign_national=foreign) if party == person:
                facts = replace(facts, minor=minor, foreign_national=foreign)
            case ProfileChanged(legal_basis=basis, selected_on=day):
                facts = replace(facts, legal_basis=basis, selected_on=day)
            case _:
                pass
    return facts


def holds(condition: Condition, facts: Facts) -> Answer:
    """Whether a condition holds; unknown where the case does not state the fact."""
    stated = {
        Fact.LEGAL_BASIS: facts.legal_basis, Fact.MINOR: facts.minor, Fact.FOREIGN_NATIONAL: facts.foreign_national,
    }  # fmt: skip
    if condition.fact is not Fact.SELECTED_ON:
        value = stated[condition.fact]
        return Answer.UNKNOWN if value is None else yes(str(value) in condition.values)
    day = facts.selected_on
    if day is None:
        return Answer.UNKNOWN
    return yes((condition.begins or date.min) <= day and (condition.ends is None or day < condition.ends))


def yes(truth: bool) -> Answer:  # noqa: FBT001 - the truth is the sentence
    """A truth as an answer."""
    return Answer.YES if truth else Answer.NO


def applies(clock: Clock, facts: Facts) -> Answer:
    """Whether a clock is one of this case: every condition must hold, and one that does not settles it."""
    answers = {holds(condition, facts) for condition in clock.applies_if}
    return next((answer for answer in (Answer.NO, Answer.UNKNOWN) if answer in answers), Answer.YES)


# --- One run --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """A clock that was started and not stopped. ``pauses`` are over, ``paused`` is the entry of one that is not."""

    clock: Clock
    first: Entry
    name: str | None
    set_by: int
    pauses: tuple[counting.Interval, ...] = ()
    paused: Entry | None = None
    extended: datetime | None = None
    doubt: Uncertain | None = None

    @property
    def start(self) -> datetime:
        """The moment the start is known to have begun; read only of a precise one."""
        return self.first.earliest

    def counted(self, duration: Duration) -> datetime:
        """The end of a duration from the start, pauses added. Raises BeyondCalendar."""
        return counting.due(self.start, self.first.event.when.zone, duration, self.clock.counting, self.pauses)

    def due(self) -> datetime | None:
        """When the clock ends, None where that is uncertain or where neither a duration nor the starting event fixes it."""
        if self.doubt is not None:
            return None
        stated: datetime | None = getattr(self.first.event, self.clock.stated_by) if self.clock.stated_by else None
        if stated is not None:
            end = stated + counting.lengths(self.pauses)
        elif self.clock.duration is not None:
            end = self.counted(self.clock.duration)
        else:
            return None
        return end if self.extended is None else max(end, self.extended)


def fires(triggers: Triggers, event: Event) -> bool:
    """Whether an event is among those named."""
    return any(t.event == event.type and (t.field is None or text_of(event, t) == t.equals) for t in triggers)


def text_of(event: Event, trigger: Trigger) -> str:
    """What a field has, as a profile writes it: wire values, ``true`` and ``false``."""
    value: Any = getattr(event, trigger.field or "", None)
    return str(value).lower() if isinstance(value, bool) else str(value)


def started(clock: Clock, entry: Entry, name: str | None, unknown: bool) -> Run:  # noqa: FBT001 - see applies
    """A run that begins with an entry."""
    run = Run(clock, entry, name, entry.version)
    if unknown:
        return replace(run, doubt=Uncertain(entry.version, Doubt.FACT_MISSING))
    return checked(run, entry)


def checked(run: Run, entry: Entry) -> Run:
    """The run, in doubt from here on if the entry's time is not known to the minute or a calendar ends too soon."""
    if run.doubt is not None:
        return run
    if not entry.event.when.precise:
        return replace(run, doubt=Uncertain(entry.version, Doubt.IMPRECISE_TIME))
    try:
        run.due()
    except BeyondCalendar:
        return replace(run, doubt=Uncertain(entry.version, Doubt.BEYOND_CALENDAR))
    return run


def paused(run: Run, entry: Entry) -> Run:
    """The run after a pause begins; one that begins at or after the end pauses nothing."""
    end = run.due()
    if run.paused is not None or end is None or entry.earliest >= end:
        return run
    return checked(replace(run, paused=entry), entry)


def resumed(run: Run, entry: Entry) -> Run:
    """The run after a pause ends."""
    if run.paused is None:
        return run
    begin = max(run.paused.earliest, run.start)
    over = (begin, max(begin, entry.earliest))
    return checked(replace(run, pauses=(*run.pauses, over), paused=None, set_by=entry.version), entry)


def extended(run: Run, entry: Entry) -> Run:
    """The run after an extension, within what the profile allows; a late one changes nothing where it must come in time."""
    rule, end = run.clock.extension, run.due()
    until: datetime | None = getattr(entry.event, rule.until, None) if rule is not None else None
    if rule is None or end is None or until is None or (rule.must_precede_expiry and entry.latest > end):
        return run
    each = span(rule.max_each)
    try:
        most = run.counted(rule.max_total)
    except BeyondCalendar:
        return replace(run, doubt=Uncertain(entry.version, Doubt.BEYOND_CALENDAR))
    new = min(until, most if each is None else min(most, end + each))
    return replace(run, extended=new, set_by=entry.version) if new > end else run


# --- All of them ----------------------------------------------------------------------------------------------


def ended(run: Run, by: Entry | None = None) -> Deadline:
    """A run as a deadline, stopped by an entry or still running."""
    clock, end = run.clock, run.due()
    before = [each for each in map(span, clock.warn_before) if each is not None and end is not None and end - BEGINNING >= each]
    return Deadline(
        clock=clock.id, legal_ref=clock.legal_ref, on_expiry=clock.on_expiry, run=run.name, started_by=run.first.version,
        set_by=run.set_by, start=run.start if run.first.event.when.precise else None, due=end, uncertain=run.doubt,
        warnings=tuple(sorted(end - each for each in before)) if end is not None else (),
        paused_since=run.paused.earliest if run.paused is not None else None, stopped_by=by.version if by else None,
        stopped_from=by.earliest if by else None, stopped_until=by.latest if by else None,
    )  # fmt: skip


@dataclass(slots=True)
class Watch:
    """The runs of one clock while a history passes by."""

    clock: Clock
    unknown: bool
    running: dict[str | None, Run] = field(default_factory=dict[str | None, Run])
    over: list[Deadline] = field(default_factory=list[Deadline])

    def see(self, entry: Entry) -> None:
        """Take one more entry: stop, resume, pause, extend, start, in this order."""
        clock, event = self.clock, entry.event
        value = getattr(event, clock.per, None) if clock.per else None
        name = None if value is None else str(value)
        named = [name] if clock.per is not None and hasattr(event, clock.per) else list(self.running)
        if fires(clock.stops_on, event):
            self.over += [ended(self.running.pop(n), entry) for n in named if n in self.running]
        if fires(clock.resumes_on, event):
            self.change(named, resumed, entry)
        if fires(clock.pauses_on, event):
            self.change(named, paused, entry)
        if clock.extension is not None and fires(clock.extension.on, event):
            self.change(named, extended, entry)
        if fires(clock.starts_on, event):
            self.start(name, entry)

    def change(self, names: Iterable[str | None], how: Any, entry: Entry) -> None:
        """Bring the named runs on."""
        self.running.update({name: how(self.running[name], entry) for name in names if name in self.running})

    def start(self, name: str | None, entry: Entry) -> None:
        """Begin a run, or begin it anew where the profile says that it restarts."""
        known = self.running.get(name)
        if known is not None and self.clock.again is Again.IGNORED:
            return
        if known is not None:
            self.over.append(ended(self.running.pop(name), entry))
        if self.clock.duration is not None or (self.clock.stated_by and getattr(entry.event, self.clock.stated_by) is not None):
            self.running[name] = started(self.clock, entry, name, self.unknown)


def runs(clock: Clock, entries: Sequence[Entry], facts: Facts) -> Iterator[Deadline]:
    """Every run of one clock over an effective history; none if the clock is none of this case."""
    answer = applies(clock, facts)
    if answer is Answer.NO:
        return
    watch, heard = Watch(clock, answer is Answer.UNKNOWN), clock.hears
    for entry in entries:
        if entry.event.type in heard:
            watch.see(entry)
    yield from watch.over
    yield from (ended(run) for run in watch.running.values())


OBLIGATION = Clock(
    id="obligation",
    starts_on=(Trigger(ObligationOpened.type),),
    stops_on=(Trigger(ObligationDischarged.type), Trigger(ObligationWaived.type)),
    per="obligation",
    stated_by="due",
    on_expiry=OnExpiry.OBLIGATION,
    legal_ref="The entry that opened the obligation, which states when it is due",
)
"""The clock of an obligation that states its own end: it is in every profile without being written there."""


def placed(profile: Profile, entries: Sequence[Entry], facts: Facts | None = None) -> Iterator[tuple[int, Deadline]]:
    """As ``deadlines``, each with its clock's place in the profile; a clock that nothing here starts is not asked."""
    known = facts_of(entries) if facts is None else facts
    types = {entry.event.type for entry in entries}
    for place, clock in enumerate((*profile.clocks, OBLIGATION)):
        if any(start.event in types for start in clock.starts_on):
            yield from ((place, deadline) for deadline in runs(clock, entries, known))


def deadlines(profile: Profile, entries: Sequence[Entry], facts: Facts | None = None) -> tuple[Deadline, ...]:
    """Every deadline of a case, in the order of the profile's clocks, stopped ones included.

    ``entries`` is the effective history (``domain.history.effective``). ``facts`` are those of that history unless given.
    """
    return tuple(deadline for _, deadline in placed(profile, entries, facts))
