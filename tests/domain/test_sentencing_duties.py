"""What a sentencing owes and when: dates to compute and to check again, release, payment, restriction of the record."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.alarms import alarms
from domain.clocks import Deadline, Status, deadlines, status
from domain.dossier import SHARED
from domain.dossier.duty_acts import RecordOverdueDuty
from domain.history import decide, effective, fold
from domain.kernel import NO_AUTHORITY, Command, Event, Other
from domain.kinds.sentencing import KIND
from domain.kinds.sentencing import refusals as no
from domain.kinds.sentencing.acts import (
    AncillaryOrder,
    AppealOutcome,
    ConvictionQuashed,
    Custody,
    ImposeSentence,
    OrderDueStated,
    OrderKind,
    RestrictionDateSet,
    SetRestrictionDate,
)
from domain.kinds.sentencing.computation_acts import (
    ComputationBecameDue,
    ComputationChecked,
    DeriveCredit,
    DetermineCredit,
    ReleaseDatesComputed,
    ReleaseScheduled,
)
from domain.kinds.sentencing.computing import CHECKED_AGAIN, Dates, compute, inputs_hash
from domain.kinds.sentencing.execution_acts import (
    GrantPardon,
    GrantRemission,
    OrderMet,
    RecordOrderMet,
    ReleaseMatch,
    SentencedPersonReleased,
)
from domain.kinds.sentencing.stages import Conviction, Quashed
from domain.kinds.sentencing.terms import StartRule, Term, first_moment
from domain.profiles import OnExpiry
from domain.values import Answer, Precision, When, at
from tests.domain.sentencing_course import (
    APPEAL,
    CHECKED,
    CHECKER,
    CLOSING,
    COMPUTING,
    CONVICTION,
    DECISION,
    DERIVATION,
    DETENTION,
    DUE,
    FINALITY,
    JUDGED,
    LINK,
    OTHERS,
    QUASHING,
    RELEASE,
    RESTRICTION,
    SENTENCE,
    SENTENCED,
    SERVED,
    START,
    check,
    computation,
    lived,
    officer,
    ruled,
    sentence_after,
    term,
)
from tests.domain.test_sentencing_dates import sentences
from tests.domain.walks import Case, Search, disturb
from tests.examples import LIFE_CYCLES
from tests.profiles import NEUTRAL
from tests.scenario import DAY, HOUR, refused, said, then, when

RELEASE_AT = datetime(2025, 10, 4, tzinfo=UTC)
LATER = JUDGED + 100 * DAY
COMPUTED = (*SENTENCED, COMPUTING)
IN_SERVICE = (*COMPUTED, check(), FINALITY, START)
FINED = replace(
    SENTENCE,
    ancillary=(
        AncillaryOrder(OrderKind.COSTS, count=1),
        AncillaryOrder(OrderKind.FINE, count=1, amount="500 EUR", due=date(2023, 5, 1)),
        AncillaryOrder(OrderKind.CONFISCATION, count=1, due=date(2023, 6, 1)),
    ),
)
PAID = RecordOrderMet(**said(JUDGED + 20 * DAY), order="2")
RESTRICT = SetRestrictionDate(**ruled(DUE + 2 * DAY), restrict_at=datetime(2035, 1, 1, tzinfo=UTC))


def of_clock(clock: str, *commands: Command) -> list[Deadline]:
    """Every run of a clock in the history these commands leave."""
    return [d for d in deadlines(NEUTRAL, effective(lived(*commands))) if d.clock == clock]


def running(clock: str, *commands: Command) -> list[datetime | None]:
    """When the runs of a clock are due that nothing has stopped."""
    return [d.due for d in of_clock(clock, *commands) if d.stopped_by is None]


def recorded_by(command: Command, *before: Command) -> list[type[Event]]:
    """What a command records."""
    return [type(event) for event in when(KIND, lived(*before), command, officer(command.decided_by)).events]


# --- Dates to compute -----------------------------------------------------------------------------------------


def test_dates_are_due_a_day_after_the_sentence_until_they_are_computed_or_a_person_has_them() -> None:
    assert running("computation", CONVICTION, SENTENCE) == [JUDGED + DAY]
    assert running("computation", CONVICTION, SENTENCE, LINK, DERIVATION) == [JUDGED + DAY]
    for end in (COMPUTING, computation(), GrantPardon(**ruled(JUDGED + DAY), full=True)):
        assert running("computation", *SENTENCED, end) == []


def test_dates_computed_anew_at_once_leave_nothing_due() -> None:
    grant = GrantRemission(**ruled(LATER), days=30)
    assert recorded_by(grant, *IN_SERVICE)[1:] == [ReleaseDatesComputed]
    assert running("computation", *IN_SERVICE, grant) == []


def test_dates_are_to_be_checked_a_day_after_they_were_computed_also_while_the_sentence_is_served() -> None:
    """Until then no release is scheduled: if nobody had to check, nothing would say when the person is to go free."""
    assert running("dates-checked", *SENTENCED, COMPUTING) == [JUDGED + 2 * DAY]
    assert running("dates-checked", *SENTENCED, COMPUTING, check()) == []
    remitted = (*IN_SERVICE, GrantRemission(**ruled(LATER), days=30))
    assert running("release-date", *remitted) == []
    assert running("dates-checked", *remitted) == [LATER + DAY]
    assert running("dates-checked", *remitted, replace(RELEASE, when=at(LATER + HOUR))) == []


def test_dates_from_elsewhere_that_go_stale_are_due_anew_a_day_after_the_change() -> None:
    grant = GrantRemission(**ruled(LATER), days=30)
    elsewhere = (*CHECKED, FINALITY, START)
    assert recorded_by(grant, *elsewhere)[1:] == [ComputationBecameDue]
    assert running("computation", *elsewhere, grant) == [LATER + DAY]
    again = GrantRemission(**ruled(LATER + HOUR), days=5)
    assert running("computation", *elsewhere, grant, again) == [LATER + DAY]


def test_a_computation_the_checker_rejects_is_due_anew() -> None:
    rejection = check(confirmed=False, reason="wrong start")
    assert recorded_by(rejection, *COMPUTED) == [ComputationChecked, ComputationBecameDue]
    assert running("computation", *COMPUTED, rejection) == [JUDGED + 3 * DAY]


def test_an_act_that_fixes_the_first_day_makes_dates_due_that_were_computed_ahead() -> None:
    on_admission = replace(SENTENCE, terms=(term(start_rule=StartRule.ON_ADMISSION),))
    credited = DetermineCredit(**ruled(JUDGED + HOUR), days=120)
    ahead = (CONVICTION, on_admission, credited, computation(credit=()), check(), FINALITY)
    assert ComputationBecameDue in recorded_by(START, *ahead)
    assert ComputationBecameDue not in recorded_by(START, *CHECKED, FINALITY)
    on_finality = (CONVICTION, replace(SENTENCE, terms=(term(start_rule=StartRule.ON_FINALITY),)), *ahead[2:5])
    assert ComputationBecameDue in recorded_by(FINALITY, *on_finality)


def test_a_varied_sentence_is_computed_anew_and_a_quashed_one_never() -> None:
    varied = replace(DECISION, outcome=AppealOutcome.VARIED, terms=(term(years=2),))
    assert running("computation", *CHECKED, APPEAL, varied) == [JUDGED + 51 * DAY]
    quashed = replace(DECISION, outcome=AppealOutcome.QUASHED)
    assert running("computation", CONVICTION, SENTENCE, APPEAL, quashed) == []


def test_the_window_for_an_appeal_runs_from_the_last_judgment() -> None:
    assert running("appeal-window", *CHECKED) == [JUDGED + 30 * DAY]
    assert running("appeal-window", *CHECKED, APPEAL) == [JUDGED + 30 * DAY]
    assert running("appeal-window", *CHECKED, APPEAL, DECISION) == [JUDGED + 80 * DAY]
    withdrawn = replace(DECISION, outcome=AppealOutcome.WITHDRAWN)
    assert running("appeal-window", *CHECKED, APPEAL, withdrawn) == [JUDGED + 30 * DAY]
    for outcome in (AppealOutcome.REMITTED, AppealOutcome.QUASHED):
        assert running("appeal-window", *CHECKED, APPEAL, replace(DECISION, outcome=outcome)) == []


# --- The release ----------------------------------------------------------------------------------------------


def test_confirmed_dates_schedule_the_release_with_its_warnings_and_another_check() -> None:
    (release,) = of_clock("release-date", *COMPUTED, check())
    assert (release.due, release.on_expiry) == (RELEASE_AT, OnExpiry.OBLIGATION)
    assert release.warnings == tuple(RELEASE_AT - n * DAY for n in (30, 7, 1))
    assert running("release-check", *COMPUTED, check()) == [RELEASE_AT - 14 * DAY]


def test_the_day_of_release_ends_at_the_place_of_the_check() -> None:
    there = replace(check(), when=at(JUDGED + 2 * DAY, "Asia/Tokyo"))
    assert running("release-date", *COMPUTED, there) == [datetime(2025, 10, 3, 15, tzinfo=UTC)]


ON_TIME, TOO_LATE = (ReleaseMatch.RELEASED_ON_SENTENCE, Answer.NO), (ReleaseMatch.HELD_PAST, Answer.YES)


@pytest.mark.parametrize(("hours", "expected"), [(0, ON_TIME), (14.9, ON_TIME), (15, TOO_LATE)])
def test_a_release_at_any_hour_of_its_day_is_in_time_for_the_clock_as_for_the_record(
    hours: float, expected: tuple[ReleaseMatch, Answer]
) -> None:
    released = (*IN_SERVICE, replace(RELEASE, when=at(DUE + hours * HOUR)))
    (event,) = (e.event for e in lived(*released) if isinstance(e.event, SentencedPersonReleased))
    (release,) = of_clock("release-date", *released)
    assert (event.match, release.missed) == expected
    assert (RecordOverdueDuty in [command for _, command in alarms(release, ())]) is (expected == TOO_LATE)


def test_a_release_that_was_due_before_its_date_was_confirmed_is_alarmed() -> None:
    """More days of credit than the sentence has: the person should be out already, and somebody has to be told."""
    half_a_year = ImposeSentence(**ruled(), terms=(term(months=6),))
    credited = DetermineCredit(**ruled(JUDGED + HOUR), days=400)
    (release,) = of_clock("release-date", CONVICTION, half_a_year, credited, COMPUTING, check())
    assert release.due is not None
    assert release.start is not None
    assert release.due < release.start
    assert list(alarms(release, ())) == [(release.due, RecordOverdueDuty)]


def test_a_check_within_the_last_fortnight_needs_no_other() -> None:
    again = check(moment=RELEASE_AT - 10 * DAY)
    assert running("release-check", *IN_SERVICE, again) == []
    assert running("release-date", *IN_SERVICE, again) == [RELEASE_AT]
    assert NEUTRAL.name in CHECKED_AGAIN


@pytest.mark.parametrize(
    "stale", [GrantRemission(**ruled(LATER), days=30), QUASHING, RELEASE, replace(COMPUTING, when=at(LATER))]
)
def test_what_makes_the_dates_stale_or_pointless_ends_both_clocks(stale: Command) -> None:
    assert running("release-date", *IN_SERVICE, stale) == running("release-check", *IN_SERVICE, stale) == []


def test_nothing_is_scheduled_for_whoever_is_out_or_where_no_date_is_fixed() -> None:
    early = replace(RELEASE, when=at(LATER))
    assert recorded_by(check(moment=LATER + DAY), *IN_SERVICE, early) == [ComputationChecked]
    beyond = first_moment(date.max, "UTC", 1), first_moment(date.min, "Asia/Tokyo"), first_moment(None, "UTC")
    assert beyond == (None, None, None)


def test_release_is_due_within_the_hour_once_the_ground_to_hold_fell_away() -> None:
    assert QUASHING.when.earliest is not None
    held = (*IN_SERVICE, replace(QUASHING, when=at(LATER)))
    assert running("release-duty", *held) == [LATER + HOUR]
    assert running("release-duty", *held, replace(RELEASE, when=at(LATER + HOUR))) == []
    assert of_clock("release-duty", replace(CONVICTION, custody=Custody.AT_LIBERTY), QUASHING) == []


def quashed_in(case: Case) -> Conviction:
    """The conviction that was set aside in a case."""
    assert isinstance(case.folded.stage, Quashed)
    return case.folded.stage.conviction


def quashes(event: Event) -> bool:
    """Whether an event sets the whole conviction aside."""
    return isinstance(event, ConvictionQuashed) or getattr(event, "outcome", None) is AppealOutcome.QUASHED


def test_in_every_history_a_search_reaches_nothing_is_computed_after_a_quashing_and_release_is_owed() -> None:
    found = Search(KIND, seed=7).follow(LIFE_CYCLES["sentencing"]).run(150, 2500)
    cases = [case for case in found.cases() if isinstance(case.folded.stage, Quashed)]
    assert len(cases) >= 5
    rng = random.Random(1)  # noqa: S311 - repeatable, not secret
    disturbed = (after for case in cases for _ in range(20) if (after := disturb(case, rng)) is not None)
    for case in [*cases, *(case for case in disturbed if isinstance(case.folded.stage, Quashed))]:
        conviction = quashed_in(case)
        assert conviction.custody is not Custody.HELD or conviction.release_due is not None
        *_, (place, known) = ((i, e.version) for i, e in enumerate(effective(case.entries)) if quashes(e.event))
        since = [e for e in effective(case.entries)[place:] if e.version > known]  # not what was recorded before it was known
        assert not [e for e in since if isinstance(e.event, ReleaseDatesComputed)]


# --- Payment and restriction ----------------------------------------------------------------------------------


def test_each_order_with_a_day_is_due_by_the_end_of_it_and_can_be_met_once() -> None:
    history = lived(CONVICTION, FINED)
    due = {e.event.order: e.event.due_at for e in history if isinstance(e.event, OrderDueStated)}
    assert due == {"2": datetime(2023, 5, 2, tzinfo=UTC), "3": datetime(2023, 6, 2, tzinfo=UTC)}
    then(KIND, history, PAID, OrderMet(**said(JUDGED + 20 * DAY), order="2", details=None))
    refused(KIND, history, replace(PAID, order="1"), no.ORDER_NOT_DUE)
    refused(KIND, lived(CONVICTION, FINED, PAID), PAID, no.ORDER_NOT_DUE)
    assert running("order-due", CONVICTION, FINED, PAID) == [due["3"]]


def test_a_varied_sentence_states_its_orders_anew() -> None:
    anew = (AncillaryOrder(OrderKind.FINE, count=1, due=date(2023, 9, 1)),)
    varied = replace(DECISION, outcome=AppealOutcome.VARIED, terms=(term(years=2),), ancillary=anew)
    assert running("order-due", CONVICTION, FINED, APPEAL, varied) == [datetime(2023, 9, 2, tzinfo=UTC)]
    assert sentence_after(CONVICTION, FINED, APPEAL, varied).orders == {"1"}


def test_an_order_is_met_under_appeal_and_after_the_sentence_too() -> None:
    assert sentence_after(CONVICTION, FINED, APPEAL, PAID).orders == {"3"}
    served = (CONVICTION, FINED, *SERVED[2:])
    assert sentence_after(*served, replace(PAID, when=at(DUE + DAY))).orders == {"3"}


def test_a_date_of_restriction_is_set_on_authority_and_for_a_time_to_come() -> None:
    closed = (*SERVED, CLOSING)
    stated = RestrictionDateSet(**ruled(DUE + 2 * DAY), restrict_at=RESTRICT.restrict_at)
    then(KIND, lived(*closed), RESTRICT, stated)
    refused(KIND, lived(*closed), replace(RESTRICT, authority=None), NO_AUTHORITY)
    refused(KIND, lived(*closed), replace(RESTRICT, restrict_at=DUE), no.RESTRICTION_PAST)
    late = replace(RESTRICT, when=at(DUE + 4 * DAY))
    refused(KIND, lived(*SERVED, QUASHING, RESTRICTION), late, no.ALREADY_RESTRICTED)


def test_the_date_of_restriction_is_watched_after_the_closing_until_the_record_is_restricted() -> None:
    watched = (*SERVED, CLOSING, RESTRICT)
    assert running("record-restriction", *watched) == [RESTRICT.restrict_at]
    assert running("record-restriction", *watched, RESTRICTION) == []
    sooner = replace(RESTRICT, when=at(DUE + 3 * DAY), restrict_at=datetime(2030, 1, 1, tzinfo=UTC))
    assert running("record-restriction", *watched, sooner) == [sooner.restrict_at]


def test_the_record_of_a_quashed_conviction_is_to_be_restricted_within_thirty_days() -> None:
    quashed = replace(QUASHING, when=at(LATER))
    assert running("quashed-record-restriction", *IN_SERVICE, quashed) == [LATER + 30 * DAY]
    assert running("quashed-record-restriction", *IN_SERVICE, quashed, RESTRICTION) == []
    on_appeal = replace(DECISION, outcome=AppealOutcome.QUASHED)
    assert running("quashed-record-restriction", *CHECKED, APPEAL, on_appeal) == [JUDGED + 80 * DAY]


# --- Credit ---------------------------------------------------------------------------------------------------


def test_credit_is_derived_from_a_detention_as_it_stands_and_names_that_version() -> None:
    known: Other = replace(OTHERS[DETENTION], version=41)
    seen = replace(officer(None), others={**OTHERS, DETENTION: known})
    (event,) = when(KIND, lived(CONVICTION, SENTENCE, LINK), DERIVATION, seen).events
    assert [read.version for read in getattr(event, "detentions", ())] == [41]
    assert "version" not in repr(DeriveCredit(**said(JUDGED), detentions=(DETENTION,)))


# --- Properties -----------------------------------------------------------------------------------------------

MOMENTS = st.datetimes(datetime(2023, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds it
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Tehran", "America/St_Johns", "Pacific/Kiritimati"])


@settings(max_examples=100, deadline=None)
@for_all(sentences(), st.integers(0, 3000), st.integers(1, 200))
def test_recomputing_from_what_was_stored_gives_the_stored_dates(terms: tuple[Term, ...], credit: int, remission: int) -> None:
    credited = DetermineCredit(**ruled(JUDGED + HOUR), days=credit)
    remitted = GrantRemission(**ruled(JUDGED + 2 * HOUR), days=remission)
    imposed = ImposeSentence(**ruled(), terms=terms)
    history = lived(CONVICTION, imposed, credited, remitted, COMPUTING, replace(remitted, when=at(LATER)))
    stored = [entry.event for entry in history if isinstance(entry.event, ReleaseDatesComputed)]
    assert len(stored) == 2
    for event in stored:
        assert compute(event.inputs) == Dates(event.expiry, event.release_on, event.eligible_on, event.breakdown)
        assert inputs_hash(event.inputs) == event.inputs_hash
    assert stored[1].release_on <= stored[0].release_on


@settings(max_examples=100, deadline=None)
@for_all(sentences(), st.integers(0, 3000), ZONES, st.lists(MOMENTS, min_size=2, max_size=6))
def test_a_deadline_of_a_sentence_never_depends_on_when_it_is_asked(
    terms: tuple[Term, ...], credit: int, zone: str, asked: list[datetime]
) -> None:
    credited = DetermineCredit(**ruled(JUDGED + HOUR), days=credit)
    confirmed = replace(check(), when=at(JUDGED + 2 * DAY, zone))
    history = lived(CONVICTION, ImposeSentence(**ruled(), terms=terms), credited, COMPUTING, confirmed)
    found = deadlines(NEUTRAL, effective(history))
    scheduled = next(e.event for e in history if isinstance(e.event, ReleaseScheduled))
    assert {d.due for d in found if d.clock == "release-date"} == {scheduled.release_at}
    order = [Status.PENDING, Status.RUNNING, Status.PAUSED, Status.EXPIRED, Status.STOPPED]
    for deadline in found:
        course = [order.index(status(deadline, moment)) for moment in sorted(asked)]
        assert course == sorted(course)
    assert deadlines(NEUTRAL, effective(history)) == found


@settings(max_examples=100, deadline=None)
@for_all(st.integers(0, 1000), st.integers(0, 500))
def test_more_credit_never_delays_the_scheduled_release(credit: int, more: int) -> None:
    def released(days: int) -> datetime:
        """When the release is scheduled with so many days of credit."""
        course: tuple[Command, ...] = (CONVICTION, SENTENCE, DetermineCredit(**ruled(JUDGED + HOUR), days=days), COMPUTING)
        ctx = officer(CHECKER)
        events = decide(KIND, SHARED, fold(KIND, SHARED, effective(lived(*course))), check(), ctx).events
        return next(event.release_at for event in events if isinstance(event, ReleaseScheduled))

    assert released(credit + more) <= released(credit)


def test_a_deadline_of_a_vague_order_is_not_guessed() -> None:
    some_day: Any = When(JUDGED, JUDGED + timedelta(days=20), Precision.MONTH)
    assert running("order-due", CONVICTION, replace(FINED, when=some_day)) == [None, None]
