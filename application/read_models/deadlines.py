"""Deadlines: every run of a clock of every case, as its effective history and its rule profile make it.

A row follows from the whole history, not from one event: a late entry, a correction, a move to another profile changes
any of them. Runs that were stopped stay, since what was kept and what was missed is asked later.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from application.heard import Heard
from application.project import ALL, ReadModel, cases_only
from application.records import microseconds, moment
from domain.alarms import last_act, next_alarm
from domain.clocks import Deadline, Doubt, Status, Uncertain, placed, status
from domain.deadlines import DEFAULT_PROFILE
from domain.dossier.acts import HandlingChanged, PersonDescribed, ProfileChanged, UnitChanged
from domain.dossier.duty_acts import (
    DeadlineMissed,
    DeadlineWarned,
    DutyOverdue,
    LimitReached,
    ObligationDischarged,
    ObligationOpened,
    ObligationWaived,
)
from domain.profiles import Law, OnExpiry, Profile

NEVER: Final = 2**63 - 1
"""Where a deadline without a date stands in an order of dates."""

WARNINGS: Final = ","
"""What stands between the warnings of a row."""


class ProfileNotInstalled(Exception):
    """The rule profile a case is under is not among those installed, so that nothing can be computed."""


NO_PROFILE: Final = "the rule profile of a case is not installed"
"""What whoever asks is told then."""


class DeadlineRow(NamedTuple):
    """One run of a clock. See ``domain.clocks.Deadline`` for what is of the deadline; ``run`` is empty for the only one.

    ``warnings`` are microseconds as text, comma-separated. ``settled``: it was stopped, certainly before the case's last
    entry was recorded. ``alarm_at`` is when the scheduler has to look at it next, None if never. ``first_position`` is that
    of the entry that started it, ``place`` the clock's place in the profile, ``sorts_at`` the due time or ``NEVER``:
    together they order all rows of all cases. Instants in microseconds.
    """

    case_id: UUID
    clock: str
    run: str
    started_by: int
    kind: str
    unit: str
    handling: str
    profile: str
    legal_ref: str
    on_expiry: str
    set_by: int
    start: int | None
    due: int | None
    warnings: str
    paused_since: int | None
    stopped_by: int | None
    stopped_from: int | None
    stopped_until: int | None
    uncertain_version: int | None
    uncertain_why: str | None
    missed: str
    settled: bool
    alarm_at: int | None
    first_position: int
    sorts_at: int
    place: int


# --- What a history makes of them -----------------------------------------------------------------------------


def profile_of(law: Law, name: str) -> Profile:
    """An installed profile. Raises ProfileNotInstalled."""
    profile = law.installed.get(name)
    if profile is None:
        raise ProfileNotInstalled(name)
    return profile


ALWAYS: Final = frozenset(
    event.type
    for event in (
        *(ObligationOpened, ObligationDischarged, ObligationWaived, DeadlineWarned, DeadlineMissed, DutyOverdue, LimitReached),
        *(PersonDescribed, ProfileChanged, UnitChanged, HandlingChanged),
    )
)
"""Events that may change a row whatever the profile: alarms, obligations, the facts and access columns a row depends on."""


def touches(heard: Heard) -> bool:
    """Whether an event may change a row of its case: a clock hears it, or a row depends on it; what opens a case does."""
    if heard.recorded.version == 1 or heard.recorded.type in ALWAYS:
        return True
    profile = heard.law.installed.get(heard.case.dossier.profile or DEFAULT_PROFILE)
    return profile is None or heard.recorded.type in profile.hears


def deadline_rows(told: Sequence[Heard]) -> Iterable[DeadlineRow]:
    """The rows of a case from its effective history, the last entry of which knows the case. Raises ProfileNotInstalled."""
    last = told[-1]
    dossier = last.case.dossier
    profile = profile_of(last.law, dossier.profile or DEFAULT_PROFILE)
    entries = [heard.entry for heard in told]
    positions = {h.recorded.version: h.recorded.position for h in told}
    ours = [entry for entry in entries if entry.version == 1 or entry.event.type in profile.hears | ALWAYS]
    last_recorded = last_act(ours)
    known_at = max(entry.recorded_at for entry in ours)
    for place, deadline in placed(profile, entries):
        stopped = deadline.stopped_until
        due = _instant(deadline.due)
        yield DeadlineRow(
            case_id=last.recorded.case_id, clock=deadline.clock, run=deadline.run or "", started_by=deadline.started_by,
            kind=last.kind.name, unit=dossier.unit, handling=dossier.handling.value, profile=profile.name,
            legal_ref=deadline.legal_ref, on_expiry=deadline.on_expiry.value, set_by=deadline.set_by,
            start=_instant(deadline.start), due=due,
            warnings=WARNINGS.join(str(microseconds(each)) for each in deadline.warnings),
            paused_since=_instant(deadline.paused_since), stopped_by=deadline.stopped_by,
            stopped_from=_instant(deadline.stopped_from), stopped_until=_instant(stopped),
            uncertain_version=deadline.uncertain.version if deadline.uncertain else None,
            uncertain_why=deadline.uncertain.why.value if deadline.uncertain else None,
            missed=deadline.missed.value, settled=stopped is not None and stopped <= known_at,
            alarm_at=_instant(next_alarm(deadline, dossier.alarms, last_recorded)),
            first_position=positions[deadline.started_by], sorts_at=NEVER if due is None else due, place=place,
        )  # fmt: skip


def _instant(value: datetime | None) -> int | None:
    return None if value is None else microseconds(value)


DEADLINES = ReadModel(
    name="deadlines",
    version=2,
    table_name="rm_deadlines",
    row=DeadlineRow,
    key=("clock", "run", "started_by"),
    hears=ALL,
    covers=cases_only,
    whole=deadline_rows,
    touches=touches,
)

# --- What a row says ------------------------------------------------------------------------------------------

STATUSES: Final[Mapping[Status, str]] = {each: "overdue" if each is Status.EXPIRED else each.value for each in Status}
"""The word for each status on the board."""


def deadline_of(row: DeadlineRow) -> Deadline:
    """The deadline a row was made of."""
    uncertain = None
    if row.uncertain_version is not None and row.uncertain_why is not None:
        uncertain = Uncertain(row.uncertain_version, Doubt(row.uncertain_why))
    return Deadline(
        clock=row.clock, legal_ref=row.legal_ref, on_expiry=OnExpiry(row.on_expiry), run=row.run or None,
        started_by=row.started_by, set_by=row.set_by, start=_moment(row.start), due=_moment(row.due), uncertain=uncertain,
        warnings=tuple(moment(int(each)) for each in row.warnings.split(WARNINGS) if each),
        paused_since=_moment(row.paused_since), stopped_by=row.stopped_by, stopped_from=_moment(row.stopped_from),
        stopped_until=_moment(row.stopped_until),
    )  # fmt: skip


def _moment(value: int | None) -> datetime | None:
    return None if value is None else moment(value)


def status_word(row: DeadlineRow, at: datetime) -> str:
    """What a row's deadline is at an instant, in the board's words."""
    return STATUSES[status(deadline_of(row), at)]
