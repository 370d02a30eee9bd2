"""Sentencing: dates computed by rule from inputs that are kept whole, what computes them anew, and the rule's properties."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.deadlines import PROFILE_NOT_INSTALLED
from domain.kernel import Command, Event, Events
from domain.kinds.sentencing import KIND
from domain.kinds.sentencing import refusals as no
from domain.kinds.sentencing.acts import AncillaryOrder, Custody, ImposeSentence, OrderKind
from domain.kinds.sentencing.computation_acts import (
    ComputationBecameDue,
    ComputationRoutedToManual,
    DeriveCredit,
    DetermineCredit,
    ReleaseDatesComputed,
)
from domain.kinds.sentencing.computing import (
    ALGORITHM,
    ALGORITHM_VERSION,
    AllInputs,
    ComputationRules,
    CreditScope,
    Dates,
    EarlyFraction,
    ManualCause,
    Rounding,
    TermDates,
    compute,
    inputs_hash,
)
from domain.kinds.sentencing.execution_acts import (
    CommuteSentence,
    DecideEarlyRelease,
    ForfeitRemission,
    GrantPardon,
    GrantRemission,
    RecordEscapeUnderSentence,
    SentenceCommuted,
)
from domain.kinds.sentencing.stages import Computed, Sentenced
from domain.kinds.sentencing.terms import CreditSpan, Inputs, Regime, StartRule, Term, heads, last_day
from domain.values import Malformed, Precision, When, at
from tests.domain.sentencing_course import (
    COMPUTING,
    CONVICTION,
    DETENTION,
    EXPIRY,
    FINALITY,
    JUDGED,
    SENTENCE,
    SENTENCED,
    START,
    check,
    following,
    lived,
    officer,
    ruled,
    sentence_after,
    stage_after,
    term,
)
from tests.scenario import DAY, refused, said, then, when

FIRST = date(2023, 2, 1)
HELD = (CreditSpan(DETENTION, date(2022, 10, 4), date(2023, 1, 31)),)
ONE = timedelta(days=1)
LATER = JUDGED + 100 * DAY
IN_SERVICE = (*SENTENCED, COMPUTING, check(), FINALITY, START)
NO_DETENTION = DeriveCredit(**said(JUDGED + timedelta(hours=1)))


def inputs(terms: tuple[Term, ...], start: date = FIRST, credit: int | None = None, **more: Any) -> AllInputs:
    """Inputs of a sentence whose terms all begin on one day, with determined credit unless there are intervals."""
    stated: dict[str, Any] = {"remission_days": 0, "early_release": None, "interruptions": 0, "extinguished": False}
    stated |= {name: more.pop(name) for name in tuple(more) if name in stated}
    starts = tuple(head.starts_on or start for head in heads(terms))
    sentence = Inputs(terms, starts, determined_credit=credit, **stated)
    usual: dict[str, Any] = {"expected_start": None, "judged_on": None, "intervals": (), "provisional": False}
    return AllInputs(sentence=sentence, **(usual | {"rules": ComputationRules()} | more))


def dates(*arguments: Any, **more: Any) -> Dates:
    """The dates these inputs give."""
    found = compute(inputs(*arguments, **more))
    assert isinstance(found, Dates)
    return found


def types_of(events: Events) -> list[type[Event]]:
    """What was recorded, without what it says."""
    return [type(event) for event in events]


# --- Computing ------------------------------------------------------------------------------------------------


def test_dates_are_recorded_with_everything_they_rest_on() -> None:
    stated = inputs((term(),), judged_on=FIRST, intervals=HELD)
    event = ReleaseDatesComputed(
        **said(JUDGED + DAY), number=1, supersedes=None, inputs=stated, inputs_hash=inputs_hash(stated),
        algorithm=ALGORITHM, algorithm_version=ALGORITHM_VERSION, profile="default-neutral@1", credit_days=120, expiry=EXPIRY,
        release_on=EXPIRY, eligible_on=None, breakdown=(TermDates(1, FIRST, date(2026, 1, 31), date(2026, 1, 31)),),
    )  # fmt: skip
    assert isinstance(then(KIND, lived(*SENTENCED), COMPUTING, event, ctx=officer(None)), Computed)


def test_what_has_no_dates_is_refused() -> None:
    fine = ImposeSentence(**ruled(), ancillary=(AncillaryOrder(OrderKind.FINE, count=1),))
    refused(KIND, lived(CONVICTION, fine, NO_DETENTION), COMPUTING, no.NOTHING_TO_COMPUTE)
    pardon = GrantPardon(**ruled(JUDGED + DAY), full=True)
    refused(KIND, lived(*SENTENCED, pardon), COMPUTING, no.EXTINGUISHED)
    refused(KIND, lived(*SENTENCED), COMPUTING, PROFILE_NOT_INSTALLED, replace(officer(None), profile=None))


@pytest.mark.parametrize(
    ("sentence", "cause"),
    [
        (replace(SENTENCE, terms=(Term(1, 1, years=3),)), ManualCause.START_NOT_STATED),
        (replace(SENTENCE, when=When(JUDGED, JUDGED + 20 * DAY, Precision.MONTH)), ManualCause.START_IMPRECISE),
        (replace(SENTENCE, terms=(term(life=True),)), ManualCause.TERM_NOT_COMPUTABLE),
        (replace(SENTENCE, terms=(term(regime=Regime.SUSPENDED),)), ManualCause.TERM_NOT_COMPUTABLE),
    ],
)
def test_what_the_rule_gives_no_dates_for_goes_to_manual_work_with_the_cause(
    sentence: ImposeSentence, cause: ManualCause
) -> None:
    history = lived(CONVICTION, sentence, NO_DETENTION)
    (event,) = when(KIND, history, COMPUTING).events
    assert isinstance(event, ComputationRoutedToManual)
    assert event.cause is cause
    refused(KIND, lived(CONVICTION, sentence, NO_DETENTION, COMPUTING), COMPUTING, no.ALREADY_MANUAL)


def test_time_at_large_and_a_law_without_a_rule_go_to_manual_work() -> None:
    escape = RecordEscapeUnderSentence(**said(LATER))
    (event,) = when(KIND, lived(*IN_SERVICE, escape), replace(COMPUTING, when=at(LATER + DAY))).events
    assert isinstance(event, ComputationRoutedToManual)
    assert event.cause is ManualCause.TIME_AT_LARGE
    ctx = officer(None)
    assert ctx.profile is not None
    other = replace(ctx, profile=replace(ctx.profile, id="elsewhere"))
    (event,) = when(KIND, lived(*SENTENCED), COMPUTING, other).events
    assert isinstance(event, ComputationRoutedToManual)
    assert event.cause is ManualCause.LAW_NOT_COVERED


def test_an_expected_first_day_is_stated_for_a_term_whose_act_is_to_come_and_only_then() -> None:
    refused(KIND, lived(*SENTENCED), replace(COMPUTING, expected_start=FIRST), no.START_TO_COME)
    on_finality = replace(SENTENCE, terms=(term(start_rule=StartRule.ON_FINALITY),))
    refused(KIND, lived(CONVICTION, on_finality, NO_DETENTION), COMPUTING, no.START_TO_COME)


def test_terms_that_begin_on_different_days_are_computed_each_from_its_own() -> None:
    dated = term(2, start_rule=StartRule.ON_DATE, starts_on=date(2024, 1, 1))
    found = dates((term(), dated))
    assert {span.term: (span.first, span.last) for span in found.breakdown} == {
        1: (FIRST, date(2026, 1, 31)),
        2: (date(2024, 1, 1), date(2026, 12, 31)),
    }
    assert found.expiry == date(2026, 12, 31)


# --- Computed anew --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "release_on"),
    [
        (GrantRemission(**ruled(LATER), days=30), EXPIRY - 30 * ONE),
        (DecideEarlyRelease(**ruled(LATER), release_on=date(2024, 10, 1)), date(2024, 10, 1)),
        (CommuteSentence(**ruled(LATER), terms=(term(years=2),)), date(2024, 10, 3)),
        (GrantPardon(**ruled(LATER), full=False, remaining=(term(years=1),)), date(2023, 10, 3)),
        (DetermineCredit(**ruled(LATER), days=130), EXPIRY - 10 * ONE),
    ],
)
def test_whatever_changes_the_inputs_of_dates_computed_here_computes_them_anew_at_once(
    command: Command, release_on: date
) -> None:
    change, anew = when(KIND, lived(*IN_SERVICE), command, officer(None)).events
    assert isinstance(anew, ReleaseDatesComputed)
    assert (anew.number, anew.supersedes, anew.release_on) == (2, 1, release_on)
    after = sentence_after(*IN_SERVICE, command)
    assert (after.current is not None, after.checked) == (True, None)
    assert change.when == anew.when


def test_forfeited_remission_computes_the_dates_anew_and_a_refused_early_release_changes_none() -> None:
    grant = GrantRemission(**ruled(LATER), days=30)
    forfeit = ForfeitRemission(**ruled(LATER + DAY), days=10, hearing="hearing 4/2023")
    current = sentence_after(*IN_SERVICE, grant, forfeit).current
    assert current is not None
    assert (current.number, current.release_on) == (3, EXPIRY - 20 * ONE)
    too_soon = DecideEarlyRelease(**ruled(LATER, reason="too soon"))
    assert len(when(KIND, lived(*IN_SERVICE), too_soon).events) == 1
    assert sentence_after(*IN_SERVICE, too_soon).checked is not None


def test_a_full_pardon_computes_nothing_and_a_commutation_beyond_the_rule_goes_to_manual_work() -> None:
    free = replace(CONVICTION, custody=Custody.AT_LIBERTY)
    ready = (free, *SENTENCED[1:], COMPUTING)
    assert len(when(KIND, lived(*ready), GrantPardon(**ruled(LATER), full=True)).events) == 1
    for_life = CommuteSentence(**ruled(LATER), terms=(term(life=True),))
    _, routed = when(KIND, lived(*ready), for_life).events
    assert isinstance(routed, ComputationRoutedToManual)
    assert routed.cause is ManualCause.TERM_NOT_COMPUTABLE
    to_come = CommuteSentence(**ruled(LATER), terms=(term(start_rule=StartRule.ON_ADMISSION),))
    assert types_of(when(KIND, lived(*ready), to_come).events) == [SentenceCommuted, ComputationBecameDue]
    assert isinstance(stage_after(*ready, to_come), Sentenced)


def test_terms_whose_first_day_is_to_come_wait_for_somebody_to_state_it() -> None:
    determined = DetermineCredit(**ruled(JUDGED + DAY), days=120)
    course = (CONVICTION, SENTENCE, determined, COMPUTING, check())
    to_come = CommuteSentence(**ruled(LATER), terms=(term(start_rule=StartRule.ON_ADMISSION),))
    assert types_of(when(KIND, lived(*course), to_come).events) == [SentenceCommuted, ComputationBecameDue]
    stated = replace(COMPUTING, when=at(LATER + DAY), expected_start=date(2023, 6, 1))
    current = sentence_after(*course, to_come, stated).current
    assert current is not None
    assert current.expiry == date(2026, 5, 31) - 120 * ONE
    shorter = CommuteSentence(**ruled(LATER + 2 * DAY), terms=(term(years=2, start_rule=StartRule.ON_ADMISSION),))
    again = sentence_after(*course, to_come, stated, shorter).current
    assert again is not None
    assert again.expiry == date(2025, 5, 31) - 120 * ONE


def test_dates_computed_from_stored_inputs_are_the_same_dates() -> None:
    for entry in lived(*IN_SERVICE, GrantRemission(**ruled(LATER), days=30)):
        if isinstance(event := entry.event, ReleaseDatesComputed):
            assert compute(event.inputs) == Dates(event.expiry, event.release_on, event.eligible_on, event.breakdown)
            assert inputs_hash(event.inputs) == event.inputs_hash


# --- What a profile may say -----------------------------------------------------------------------------------


def test_credit_against_every_term_shortens_each_part_of_a_chain() -> None:
    chain = (term(1, years=1), following(2, 1, years=1))
    whole = dates(chain, credit=31)
    each = dates(chain, credit=31, rules=ComputationRules(CreditScope.PER_TERM))
    assert whole.expiry == date(2025, 1, 31) - 31 * ONE
    assert each.breakdown == (
        TermDates(1, FIRST, date(2024, 1, 31), date(2023, 12, 31)),
        TermDates(2, date(2024, 1, 1), date(2024, 12, 31), date(2024, 11, 30)),
    )
    assert each.expiry == date(2024, 11, 30)


@pytest.mark.parametrize(
    ("rounding", "served"), [(Rounding.DOWN, 1), (Rounding.UP, 2), (Rounding.HALF_UP, 2)],
)  # fmt: skip
def test_a_part_of_the_sentence_is_rounded_as_the_profile_says(rounding: Rounding, served: int) -> None:
    half = EarlyFraction(1, 2, rounding)
    assert half.of(3) == served
    assert half.of(4) == 2
    found = dates((term(days=3),), rules=ComputationRules(early_fraction=half))
    assert found.eligible_on == FIRST + served * ONE
    assert EarlyFraction(1, 3, Rounding.HALF_UP).of(4) == 1
    with pytest.raises(Malformed):
        EarlyFraction(3, 2, rounding)


def test_nothing_is_due_before_the_day_of_the_judgment() -> None:
    half = ComputationRules(early_fraction=EarlyFraction(1, 2, Rounding.UP))
    for scope in CreditScope:
        found = dates((term(months=3),), credit=400, judged_on=FIRST, rules=replace(half, credit_scope=scope))
        assert (found.expiry, found.release_on, found.eligible_on) == (FIRST, FIRST, FIRST)


def test_dates_beyond_the_calendar_are_not_computed() -> None:
    far = date(9990, 1, 1)
    half = ComputationRules(early_fraction=EarlyFraction(1, 1, Rounding.UP))
    assert compute(inputs((term(years=20),), far)) is ManualCause.TERM_NOT_COMPUTABLE
    assert compute(inputs((term(days=1),), date.max, rules=half)) is ManualCause.TERM_NOT_COMPUTABLE
    assert compute(inputs((following(1, 2), following(2, 1)))) is ManualCause.TERM_NOT_COMPUTABLE


# --- Properties -----------------------------------------------------------------------------------------------

LENGTHS = st.fixed_dictionaries({"years": st.integers(0, 30), "months": st.integers(0, 30), "days": st.integers(1, 400)})
FRACTIONS = st.builds(EarlyFraction, st.integers(1, 4), st.integers(4, 9), st.sampled_from(Rounding))
RULES = st.builds(ComputationRules, st.sampled_from(CreditScope), st.none() | FRACTIONS)
DATES = st.dates(date(1990, 1, 1), date(2090, 1, 1))
CREDITS = st.integers(0, 5000)


@st.composite
def sentences(draw: st.DrawFn) -> tuple[Term, ...]:
    """Terms beside and after one another, each chain going back to a term that follows no other."""
    terms: list[Term] = []
    for number, length in enumerate(draw(st.lists(LENGTHS, min_size=1, max_size=6)), start=1):
        after = draw(st.none() | st.integers(1, number - 1)) if number > 1 else None
        terms.append(term(number, **length) if after is None else following(number, after, **length))
    return tuple(draw(st.permutations(terms)))


@given(sentences(), DATES, DATES, CREDITS, CREDITS, st.integers(0, 400), RULES)
def test_more_credit_never_delays_a_release(
    terms: tuple[Term, ...], start: date, judged: date, credit: int, more: int, remission: int, rules: ComputationRules
) -> None:
    stated: dict[str, Any] = {"judged_on": judged, "remission_days": remission, "rules": rules}
    fewer, many = dates(terms, start, credit, **stated), dates(terms, start, credit + more, **stated)
    assert many.release_on <= fewer.release_on
    assert many.expiry <= fewer.expiry
    assert (many.eligible_on or date.max) <= (fewer.eligible_on or date.max)


@given(sentences().flatmap(lambda terms: st.tuples(st.just(terms), st.permutations(terms))), DATES, CREDITS, RULES)
def test_the_order_in_which_terms_are_stated_changes_nothing(
    both: tuple[tuple[Term, ...], list[Term]], start: date, credit: int, rules: ComputationRules
) -> None:
    stated, shuffled = (dates(tuple(terms), start, credit, rules=rules) for terms in both)
    assert {*stated.breakdown} == {*shuffled.breakdown}
    assert replace(stated, breakdown=()) == replace(shuffled, breakdown=())


@given(st.lists(LENGTHS, min_size=1, max_size=5), DATES, CREDITS, RULES)
def test_a_chain_is_never_shorter_than_its_longest_part(
    lengths: list[dict[str, int]], start: date, credit: int, rules: ComputationRules
) -> None:
    chain = tuple(following(n, n - 1, **length) if n > 1 else term(n, **length) for n, length in enumerate(lengths, start=1))
    whole = dates(chain, start, credit, rules=rules).expiry
    parts = [dates((term(1, **length),), start, credit, rules=rules).expiry for length in lengths]
    assert whole >= max(parts)


@given(LENGTHS, DATES)
def test_a_term_expires_on_its_start_and_length_less_a_day(length: dict[str, int], start: date) -> None:
    (only,) = dates((term(**length),), start).breakdown
    assert (only.first, only.last, only.expires) == (start, last_day(start, term(**length)), only.last)
    months = (start.year + length["years"]) * 12 + start.month - 1 + length["months"]
    reached = only.last - (length["days"] - 1) * ONE
    assert (reached.year * 12 + reached.month - 1, reached.day <= start.day) == (months, True)


@given(sentences(), DATES, st.none() | DATES, CREDITS, RULES)
def test_the_same_inputs_give_the_same_dates_and_the_same_name(
    terms: tuple[Term, ...], start: date, judged: date | None, credit: int, rules: ComputationRules
) -> None:
    one, again = (inputs(terms, start, credit, judged_on=judged, rules=rules) for _ in range(2))
    assert (compute(one), inputs_hash(one)) == (compute(again), inputs_hash(again))
    assert inputs_hash(replace(one, provisional=True)) != inputs_hash(one)
    assert inputs_hash(inputs(terms, start, credit + 1, judged_on=judged, rules=rules)) != inputs_hash(one)
