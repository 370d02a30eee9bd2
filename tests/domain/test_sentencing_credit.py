"""Sentencing: credit derived to the day from what detentions tell, each calendar day once, and never stated by hand."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dossier import Dossier
from domain.dossier.acts import LinkState, ProposeLink
from domain.kernel import Command, Context, Entry, Other, Refusal, Stage
from domain.kinds.detention import KIND as DETENTIONS
from domain.kinds.detention.custody_acts import RecordDetaineeEscape, RecordDetaineeReturn
from domain.kinds.detention.stages import Apprehended, Custody, Escaped, Released, Spell
from domain.kinds.sentencing import KIND
from domain.kinds.sentencing import refusals as no
from domain.kinds.sentencing.acts import FinalityGround
from domain.kinds.sentencing.computation_acts import CreditDerived, DetermineCredit, ReleaseDatesComputed
from domain.kinds.sentencing.computing import ComputationRules, left_out
from domain.kinds.sentencing.credit import (
    EACH_DAY_ONCE,
    DetentionCredited,
    ServedSpan,
    Service,
    days_counted,
    last_creditable,
    outside,
    spans_of,
)
from domain.kinds.sentencing.execution_acts import (
    RecordDeathUnderSentence,
    RecordEscapeUnderSentence,
    RecordReturnUnderSentence,
)
from domain.kinds.sentencing.stages import Computed, Final, Sentenced
from domain.kinds.sentencing.terms import CreditSpan, StartRule
from domain.values import Precision, When, at
from tests.domain.sentencing_course import (
    APPREHENDED,
    APPREHENSION,
    CHECKER,
    COMPUTING,
    CONVICTION,
    DERIVATION,
    DETENTION,
    EXPIRY,
    FINALITY,
    FREED,
    JUDGED,
    LINK,
    ORDER,
    OTHERS,
    QUASHING,
    RELEASE,
    SENTENCE,
    SENTENCED,
    START,
    check,
    computation,
    detained,
    lived,
    officer,
    ruled,
    sentence_after,
    stage_after,
    term,
)
from tests.scenario import DAY, OTHER_PERSON, PERSON, given_after, refused, run, said, then, when

SECOND = UUID(int=8)
BEFORE = date(2023, 2, 1)
LINKED = (CONVICTION, SENTENCE, LINK)
OPEN = replace(detained(APPREHENSION), version=5)


def knowing(others: Mapping[UUID, Other]) -> Context:
    """What the system knows where these are the other cases."""
    return replace(officer(None), others={**OTHERS, **others})


def further(history: list[Entry], command: Command, ctx: Context) -> list[Entry]:
    """The history with what a command records next."""
    return history + given_after(history, when(KIND, history, command, ctx).events)


def derived(**more: Any) -> CreditDerived:
    """The credit of the usual detention."""
    usual: dict[str, Any] = {
        "intervals": (CreditSpan(DETENTION, date(2022, 10, 4), date(2023, 1, 31)),),
        "days": 120,
        "rule": EACH_DAY_ONCE,
        "detentions": (DetentionCredited(DETENTION, 2, open=False),),
        "served": (),
        "through": date(2023, 1, 31),
        "before": BEFORE,
        "provisional": False,
    }
    return CreditDerived(**said(JUDGED + timedelta(hours=12)), **(usual | more))


# --- What a detention tells -----------------------------------------------------------------------------------


def test_a_detention_tells_its_times_in_custody_from_its_own_acts_alone() -> None:
    escape = RecordDetaineeEscape(**said(APPREHENDED + 10 * DAY), circumstances="C")
    back = RecordDetaineeReturn(**said(APPREHENDED + 20 * DAY), circumstances="C")
    _, held = run(DETENTIONS, APPREHENSION)
    _, at_large = run(DETENTIONS, APPREHENSION, escape)
    _, free = run(DETENTIONS, APPREHENSION, escape, back, FREED)
    first = Spell(APPREHENSION.when, escape.when)
    assert isinstance(held, Apprehended)
    assert isinstance(at_large, Escaped)
    assert isinstance(free, Released)
    assert held.custody.spells == (Spell(APPREHENSION.when),)
    assert at_large.custody.spells == (first,)
    assert free.custody is not None
    assert (free.custody.party, free.custody.spells) == (APPREHENSION.party, (first, Spell(back.when, FREED.when)))


# --- Deriving -------------------------------------------------------------------------------------------------


def test_three_years_less_the_days_a_detention_tells_end_on_2025_10_03() -> None:
    """120 days from 2022-10-04 to the day before the sentence began on 2023-02-01; nobody states a number."""
    then(KIND, lived(*LINKED), DERIVATION, derived(), ctx=officer(None))
    sentence = sentence_after(*SENTENCED, COMPUTING)
    assert sentence.current is not None
    assert (sentence.current.expiry, sentence.current.release_on) == (EXPIRY, date(2025, 10, 3))
    assert isinstance(stage_after(*SENTENCED, COMPUTING, check(), FINALITY), Final)


def test_a_day_held_on_two_cases_is_credited_once() -> None:
    second = detained(replace(APPREHENSION, when=at(APPREHENDED - 5 * DAY)), FREED)
    both = replace(DERIVATION, detentions=(*DERIVATION.detentions, SECOND))
    with_both = knowing({SECOND: replace(second, version=7)})
    history = further(lived(*LINKED), replace(LINK, other=SECOND), with_both)
    (event,) = when(KIND, history, both, with_both).events
    assert isinstance(event, CreditDerived)
    assert (event.days, len(event.intervals)) == (125, 2)
    assert event.detentions[1] == DetentionCredited(SECOND, 7, open=False)


def test_an_open_detention_counts_to_the_day_and_no_more_once_the_sentence_began() -> None:
    event = derived(detentions=(DetentionCredited(DETENTION, 5, open=True),))
    then(KIND, lived(*LINKED), DERIVATION, event, ctx=knowing({DETENTION: OPEN}))


def test_credit_of_an_open_detention_is_provisional_while_days_may_still_come() -> None:
    on_finality = replace(SENTENCE, terms=(term(start_rule=StartRule.ON_FINALITY),))
    event = derived(
        intervals=(CreditSpan(DETENTION, date(2022, 10, 4), BEFORE),), days=121, through=BEFORE, before=None,
        provisional=True, detentions=(DetentionCredited(DETENTION, 5, open=True),),
    )  # fmt: skip
    stage = then(KIND, lived(CONVICTION, on_finality, LINK), DERIVATION, event, ctx=knowing({DETENTION: OPEN}))
    assert isinstance(stage, Sentenced)
    assert stage.sentence.provisional


def test_on_a_known_first_day_credit_that_may_grow_is_computed_with_its_mark_but_not_confirmed() -> None:
    dated = replace(SENTENCE, terms=(term(start_rule=StartRule.ON_DATE, starts_on=date(2023, 3, 1)),))
    history = lived(CONVICTION, dated, LINK)
    for command in (DERIVATION, COMPUTING):
        history = further(history, command, knowing({DETENTION: OPEN}))
    computed = history[-1].event
    assert isinstance(computed, ReleaseDatesComputed)
    assert computed.inputs.provisional
    refused(KIND, history, check(), no.CREDIT_PROVISIONAL, officer(CHECKER))
    again = replace(DERIVATION, when=at(JUDGED + 3 * DAY))
    settled = when(KIND, history, again, officer(None)).events
    assert [type(event).__name__ for event in settled] == ["CreditDerived", "ReleaseDatesComputed"]
    assert isinstance(settled[1], ReleaseDatesComputed)
    assert not settled[1].inputs.provisional
    assert (settled[1].number, settled[1].supersedes, settled[1].credit_days) == (2, 1, 121)


@pytest.mark.parametrize(
    ("other", "refusal"),
    [
        (None, no.CREDIT_NOT_DETENTION),
        (Other("seizure", OPEN.stage, OPEN.dossier), no.CREDIT_NOT_DETENTION),
        (Other("detention", Stage(), OPEN.dossier), no.CREDIT_NOT_DETENTION),
        (detained(APPREHENSION, link=None), no.CREDIT_NOT_LINKED),
        (detained(APPREHENSION, link=LinkState.ENDED), no.CREDIT_NOT_LINKED),
        (detained(replace(APPREHENSION, party=OTHER_PERSON)), no.CREDIT_OF_ANOTHER),
        (
            detained(replace(APPREHENSION, when=When(APPREHENDED, APPREHENDED + 20 * DAY, Precision.MONTH))),
            no.CREDIT_IMPRECISE,
        ),
    ],
)
def test_credit_comes_only_from_a_linked_detention_of_this_person_known_to_the_day(
    other: Other | None, refusal: Refusal
) -> None:
    known = {key: value for key, value in OTHERS.items() if key != DETENTION} | ({DETENTION: other} if other else {})
    refused(KIND, lived(*LINKED), DERIVATION, refusal, replace(officer(None), others=known))


def test_a_day_of_deriving_that_is_not_known_gives_no_number() -> None:
    vague = replace(DERIVATION, when=When(JUDGED, JUDGED + 3 * DAY, Precision.RANGE))
    refused(KIND, lived(*LINKED), vague, no.CREDIT_IMPRECISE, officer(None))


def test_a_link_that_only_one_side_proposed_gives_no_credit() -> None:
    proposal = ProposeLink(**said(JUDGED), other=DETENTION, link=LINK.link)
    free = {DETENTION: Other("detention", OPEN.stage, Dossier())}
    history = further(lived(CONVICTION, SENTENCE), proposal, knowing(free))
    refused(KIND, history, DERIVATION, no.CREDIT_NOT_LINKED, knowing(free))


def test_no_linked_detention_is_left_out_or_named_twice() -> None:
    refused(KIND, lived(*LINKED), replace(DERIVATION, detentions=()), no.CREDIT_LEFT_OUT, officer(None))
    twice = replace(DERIVATION, detentions=DERIVATION.detentions * 2)
    refused(KIND, lived(*LINKED), twice, no.CREDIT_NAMED_TWICE, officer(None))


def test_more_intervals_than_can_be_kept_go_to_an_authority() -> None:
    acts: list[Command] = [APPREHENSION]
    for day in range(1, 102):
        moment = APPREHENDED + day * DAY
        acts.append(RecordDetaineeEscape(**said(moment), circumstances="C"))
        acts.append(RecordDetaineeReturn(**said(moment + timedelta(hours=1)), circumstances="C"))
    refused(KIND, lived(*LINKED), DERIVATION, no.CREDIT_TOO_MUCH, knowing({DETENTION: detained(*acts)}))


# --- Days of another sentence ---------------------------------------------------------------------------------

ELSEWHERE = UUID(int=9)
MEANWHILE = replace(DERIVATION, other_sentences=(ELSEWHERE,))
SHORT = replace(SENTENCE, terms=(term(months=1),), when=at(APPREHENDED + 10 * DAY))


def other_sentence(*more: Command, party: UUID = PERSON) -> Other:
    """Another sentencing of the person: executed from the twentieth day of the detention, 2022-10-24."""
    waived = replace(FINALITY, when=at(APPREHENDED + 15 * DAY), ground=FinalityGround.WAIVED, authority=ORDER)
    credited = DetermineCredit(**ruled(APPREHENDED + 11 * DAY), days=0)
    course: tuple[Command, ...] = (
        replace(CONVICTION, when=SHORT.when, party=party), SHORT, credited, replace(COMPUTING, when=at(APPREHENDED + 12 * DAY)),
        check(moment=APPREHENDED + 13 * DAY), waived, replace(START, when=at(APPREHENDED + 20 * DAY)), *more,
    )  # fmt: skip
    return Other("sentencing", stage_after(*course), Dossier())


def free(days: int) -> Command:
    """The release from the other sentence so many days after the apprehension."""
    return replace(RELEASE, when=at(APPREHENDED + days * DAY))


def test_days_served_under_another_sentence_are_not_credited() -> None:
    event = derived(
        intervals=(
            CreditSpan(DETENTION, date(2022, 10, 4), date(2022, 10, 23)),
            CreditSpan(DETENTION, date(2022, 11, 4), date(2023, 1, 31)),
        ),
        served=(ServedSpan(ELSEWHERE, date(2022, 10, 24), date(2022, 11, 3)),), days=109,
    )  # fmt: skip
    then(KIND, lived(*LINKED), MEANWHILE, event, ctx=knowing({ELSEWHERE: other_sentence(free(30))}))


def test_an_escape_breaks_the_time_served_and_a_death_or_a_quashing_ends_it() -> None:
    escape = RecordEscapeUnderSentence(**said(APPREHENDED + 25 * DAY))
    back = RecordReturnUnderSentence(**ruled(APPREHENDED + 27 * DAY))
    death = RecordDeathUnderSentence(**said(APPREHENDED + 30 * DAY))
    first, second = date(2022, 10, 24), date(2022, 10, 29)
    courses: dict[tuple[Command, ...], tuple[tuple[date, date], ...]] = {
        (escape, back, death): ((first, second), (date(2022, 10, 31), date(2022, 11, 3))),
        (escape,): ((first, second),),
        (): ((first, date(2023, 1, 31)),),
        (replace(QUASHING, when=at(APPREHENDED + 30 * DAY)),): (),
    }
    for more, days in courses.items():
        (event,) = when(KIND, lived(*LINKED), MEANWHILE, knowing({ELSEWHERE: other_sentence(*more)})).events
        assert isinstance(event, CreditDerived)
        assert tuple((span.first, span.last) for span in event.served) == days


def test_a_profile_may_credit_days_served_elsewhere() -> None:
    told = {ELSEWHERE: (Service(at(APPREHENDED)),)}
    assert left_out(told, ComputationRules(credit_while_serving=True), BEFORE) == ()
    assert left_out(told, ComputationRules(), BEFORE) == (ServedSpan(ELSEWHERE, date(2022, 10, 4), BEFORE),)


def test_only_another_sentencing_of_this_person_known_to_the_day_takes_days_away() -> None:
    history = lived(*LINKED)
    refused(KIND, history, MEANWHILE, no.SERVED_NOT_SENTENCE, officer(None))
    refused(KIND, history, MEANWHILE, no.SERVED_NOT_SENTENCE, knowing({ELSEWHERE: OPEN}))
    of_another = other_sentence(party=OTHER_PERSON)
    refused(KIND, history, MEANWHILE, no.SERVED_NOT_SENTENCE, knowing({ELSEWHERE: of_another}))
    vague = replace(free(30), when=When(APPREHENDED + 30 * DAY, APPREHENDED + 40 * DAY, Precision.RANGE))
    refused(KIND, history, MEANWHILE, no.CREDIT_IMPRECISE, knowing({ELSEWHERE: other_sentence(vague)}))


# --- Credit and computations ----------------------------------------------------------------------------------


def test_nothing_is_computed_before_credit_is_derived_or_determined() -> None:
    refused(KIND, lived(*LINKED), COMPUTING, no.CREDIT_NOT_DERIVED)
    refused(KIND, lived(*LINKED), computation(credit=(), credit_days=0), no.CREDIT_NOT_DERIVED)


def test_credit_is_derived_anew_once_the_first_day_is_known() -> None:
    on_finality = replace(SENTENCE, terms=(term(start_rule=StartRule.ON_FINALITY),))
    ahead = replace(COMPUTING, expected_start=date(2023, 3, 4))
    course = (CONVICTION, on_finality, LINK, DERIVATION, ahead, check(), FINALITY)
    assert isinstance(stage_after(*course), Final)
    assert sentence_after(*course).current is None
    later = replace(COMPUTING, when=at(JUDGED + 32 * DAY))
    refused(KIND, lived(*course), later, no.CREDIT_OUTDATED)
    anew = replace(DERIVATION, when=at(JUDGED + 31 * DAY + timedelta(hours=1)))
    final = sentence_after(*course, anew)
    assert final.current is not None
    assert final.current.expiry == date(2025, 11, 2)


def test_derived_credit_that_changes_makes_dates_from_elsewhere_stale() -> None:
    history = lived(*SENTENCED, computation())
    again = replace(DERIVATION, when=at(JUDGED + 2 * DAY))
    earlier = detained(replace(APPREHENSION, when=at(APPREHENDED - DAY)), FREED)
    stage = when(KIND, history, again, knowing({DETENTION: earlier})).after.stage
    assert isinstance(stage, Sentenced)
    assert isinstance(stage_after(*SENTENCED, computation(), again), Computed)


# --- Properties -----------------------------------------------------------------------------------------------

DAYS = st.dates(date(2020, 1, 1), date(2020, 12, 31))
SPELLS = st.lists(st.tuples(DAYS, st.integers(0, 60)), max_size=8)


def noon(day: date) -> When:
    """An act at noon of a day."""
    return at(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


@given(st.lists(SPELLS, max_size=3), DAYS)
def test_credit_counts_each_day_in_custody_before_the_sentence_once(cases: list[list[tuple[date, int]]], before: date) -> None:
    through = last_creditable(date(2021, 6, 1), before)
    spans: list[CreditSpan] = []
    held: set[date] = set()
    for number, case in enumerate(cases):
        for first, length in case:
            spell = Spell(noon(first), noon(first + timedelta(days=length)))
            spans += spans_of(UUID(int=number), Custody(OTHER_PERSON, (spell,)), through)
            held |= {first + timedelta(days=day) for day in range(length + 1)}
    assert days_counted(spans) == len({day for day in held if day < before})


RANGES = st.lists(st.tuples(DAYS, st.integers(0, 90)).map(lambda r: (r[0], r[0] + timedelta(days=r[1]))), max_size=6)


def days_in(ranges: Iterable[tuple[date, date]]) -> set[date]:
    """Every day of the ranges, both ends included."""
    return {first + timedelta(days=day) for first, last in ranges for day in range((last - first).days + 1)}


@given(DAYS, st.integers(0, 200), RANGES)
def test_a_day_served_elsewhere_is_never_credited_and_no_other_day_is_lost(
    first: date, length: int, ranges: list[tuple[date, date]]
) -> None:
    span = CreditSpan(DETENTION, first, first + timedelta(days=length))
    left = list(outside(span, [ServedSpan(ELSEWHERE, *each) for each in ranges]))
    assert days_in((each.first, each.last) for each in left) == days_in([(span.first, span.last)]) - days_in(ranges)
    assert days_counted(left) == sum((each.last - each.first).days + 1 for each in left)
