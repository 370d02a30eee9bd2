"""Sentencing: the neutral calendar rule for terms, and its properties."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kinds.sentencing.computing import AllInputs, ComputationRules, Dates, ManualCause, compute
from domain.kinds.sentencing.credit import days_counted
from domain.kinds.sentencing.terms import (
    CreditSpan,
    Inputs,
    Mode,
    Regime,
    StartRule,
    Term,
    TermSpan,
    day_of,
    heads,
    in_sequence,
    last_day,
    less,
)
from domain.values import Malformed, Precision, When, at
from tests.domain.sentencing_course import (
    DETENTION,
    following,
    term,
)

FIRST = date(2023, 2, 1)


def reckon(terms: tuple[Term, ...], start: date, credit: int, judged_on: date | None = None) -> Dates | None:
    """The dates of terms of which those that follow no other begin on ``start``, unless they name a day; None without any."""
    starts = tuple(head.starts_on or start for head in heads(terms))
    sentence = Inputs(terms, starts, credit, remission_days=0, early_release=None, interruptions=0, extinguished=False)
    found = compute(AllInputs(sentence, None, judged_on, (), provisional=False, rules=ComputationRules()))
    return None if isinstance(found, ManualCause) else found


def spans_in(found: Dates) -> tuple[TermSpan, ...]:
    """The first and last day of every term."""
    return tuple(TermSpan(each.term, each.first, each.last) for each in found.breakdown)


# --- The calendar ---------------------------------------------------------------------------------------------


def test_three_years_with_120_days_of_credit_expire_on_2025_10_03() -> None:
    found = reckon((term(),), FIRST, 120)
    assert found is not None
    assert found.expiry == date(2025, 10, 3)
    assert spans_in(found) == (TermSpan(1, FIRST, date(2026, 1, 31)),)


@pytest.mark.parametrize(
    ("first", "length", "last"),
    [
        (date(2023, 2, 1), {"years": 3}, date(2026, 1, 31)),
        (date(2023, 1, 31), {"months": 1}, date(2023, 2, 27)),
        (date(2024, 2, 29), {"years": 1}, date(2025, 2, 27)),
        (date(2024, 2, 29), {"years": 1, "months": 1}, date(2025, 3, 27)),
        (date(2023, 11, 30), {"months": 3}, date(2024, 2, 28)),
        (date(2023, 12, 31), {"days": 1}, date(2023, 12, 31)),
        (date(2023, 10, 15), {"years": 1, "months": 14, "days": 20}, date(2026, 1, 3)),
    ],
)
def test_years_then_months_then_days_are_added_and_clamped_to_the_month(
    first: date, length: dict[str, int], last: date
) -> None:
    assert last_day(first, term(**length)) == last


def test_consecutive_terms_chain_and_concurrent_ones_end_with_the_latest() -> None:
    terms = (following(2, 1, months=6), term(1, years=1), term(3, years=1, months=2))
    found = reckon(terms, date(2023, 1, 1), 0)
    assert found is not None
    assert set(spans_in(found)) == {
        TermSpan(1, date(2023, 1, 1), date(2023, 12, 31)),
        TermSpan(2, date(2024, 1, 1), date(2024, 6, 30)),
        TermSpan(3, date(2023, 1, 1), date(2024, 2, 29)),
    }
    assert found.expiry == date(2024, 6, 30)


def test_a_term_may_run_from_a_date_the_judgment_names() -> None:
    dated = term(start_rule=StartRule.ON_DATE, starts_on=date(2022, 2, 1))
    found = reckon((dated,), FIRST, 0)
    assert found is not None
    assert found.expiry == date(2025, 1, 31)


def test_credit_reaches_back_no_further_than_the_judgment() -> None:
    found = reckon((term(months=1, years=0),), date(2022, 12, 1), 400, date(2022, 12, 20))
    assert found is not None
    assert found.expiry == date(2022, 12, 20)
    assert less(date(2022, 12, 20), 5, date(2023, 1, 1)) == date(2022, 12, 20)


@pytest.mark.parametrize(
    "terms",
    [
        (),
        (term(life=True),),
        (term(regime=Regime.SUSPENDED),),
        (following(1, 2), following(2, 1)),
        (term(), term()),
        (term(start_rule=StartRule.ON_DATE, starts_on=date(9990, 1, 1), years=20),),
        (term(start_rule=StartRule.ON_DATE, starts_on=date(9990, 1, 1), days=9000),),
    ],
)
def test_what_has_no_end_by_the_rule_gets_none(terms: tuple[Term, ...]) -> None:
    assert reckon(terms, FIRST, 0) is None


@pytest.mark.parametrize(
    "parts",
    [
        {"number": 0},
        {"count": 0},
        {"years": -1},
        {"years": 201},
        {"years": 0},
        {"years": 1, "life": True},
        {"mode": Mode.CONSECUTIVE},
        {"to_term": 2},
        {"start_rule": StartRule.AFTER_TERM},
        {"start_rule": StartRule.ON_DATE},
        {"starts_on": FIRST},
    ],
)
def test_a_term_no_judgment_could_mean_is_malformed(parts: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        Term(**({"number": 1, "count": 1, "years": 1} | parts))


def test_a_day_held_on_several_cases_counts_once() -> None:
    spans = [(date(2023, 1, 1), date(2023, 1, 10)), (date(2023, 1, 5), date(2023, 1, 12)), (date(2023, 1, 6),) * 2]
    assert days_counted(CreditSpan(UUID(int=i), *span) for i, span in enumerate(spans)) == 12
    with pytest.raises(Malformed):
        CreditSpan(DETENTION, date(2023, 1, 2), date(2023, 1, 1))


def test_the_day_of_an_act_is_the_day_at_its_place() -> None:
    evening = datetime(2023, 1, 31, 22, tzinfo=UTC)
    assert day_of(at(evening)) == date(2023, 1, 31)
    assert day_of(at(evening, "Europe/Moscow")) == FIRST
    assert day_of(When(evening, evening + 3 * timedelta(hours=1), Precision.DAY)) is None
    assert day_of(When(None, evening, Precision.UNKNOWN)) is None
    last = datetime(9999, 12, 31, 23, tzinfo=UTC)
    assert day_of(at(last, "Europe/Moscow")) is None


LENGTHS = st.fixed_dictionaries({"years": st.integers(0, 30), "months": st.integers(0, 30), "days": st.integers(1, 400)})
CONCURRENT = st.lists(LENGTHS, min_size=1, max_size=5).map(
    lambda lengths: tuple(term(i, **length) for i, length in enumerate(lengths, start=1))
)
DATES = st.dates(date(1990, 1, 1), date(2090, 1, 1))


@given(CONCURRENT, DATES, st.integers(0, 5000), st.integers(0, 5000))
def test_more_credit_never_delays_the_expiry(terms: tuple[Term, ...], start: date, credit: int, more: int) -> None:
    with_less, with_more = reckon(terms, start, credit), reckon(terms, start, credit + more)
    assert with_less is not None
    assert with_more is not None
    assert with_more.expiry <= with_less.expiry


@given(CONCURRENT.flatmap(lambda terms: st.tuples(st.just(terms), st.permutations(terms))), DATES)
def test_the_order_of_concurrent_terms_changes_nothing(both: tuple[tuple[Term, ...], list[Term]], start: date) -> None:
    stated, shuffled = reckon(both[0], start, 0), reckon(tuple(both[1]), start, 0)
    assert stated is not None
    assert shuffled is not None
    assert stated.expiry == shuffled.expiry


@given(LENGTHS, LENGTHS, DATES)
def test_a_chain_is_never_shorter_than_its_longest_part(one: dict[str, int], two: dict[str, int], start: date) -> None:
    chain = reckon((term(1, **one), following(2, 1, **two)), start, 0)
    assert chain is not None
    assert chain.expiry >= max(last_day(start, term(**one)), last_day(start, term(**two)))
    assert in_sequence((following(2, 1, **two), term(1, **one)))[0].number == 1
