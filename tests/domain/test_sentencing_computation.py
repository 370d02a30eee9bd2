"""Sentencing: computations, checks, overrides, credit."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.kernel import NO_AUTHORITY, NO_REASON, NOT_OPEN, Refusal
from domain.kinds.sentencing import KIND
from domain.kinds.sentencing import refusals as no
from domain.kinds.sentencing.acts import AncillaryOrder, FinalityGround, ImposeSentence, OrderKind, RecordFinality
from domain.kinds.sentencing.computation_acts import (
    ComputationBecameDue,
    ComputationChecked,
    ComputationOverridden,
    ComputationRecorded,
    ComputationRoutedToManual,
    CreditDetermined,
    CreditDisputed,
    DeriveCredit,
    DetermineCredit,
    Disputant,
    DisputeCredit,
    OverrideComputation,
    OverrideReason,
    OverrideReasonCoded,
    ReleaseScheduled,
    RouteComputationToManual,
)
from domain.kinds.sentencing.computing import ManualCause
from domain.kinds.sentencing.execution_acts import GrantPardon, GrantRemission, RecordEscapeUnderSentence
from domain.kinds.sentencing.stages import Computed, Final, Sentenced
from domain.kinds.sentencing.terms import (
    CreditSpan,
    Inputs,
    Regime,
    StartRule,
    Term,
    TermSpan,
)
from domain.values import Precision, When, at
from tests.domain.sentencing_course import (
    CHECKED,
    CHECKER,
    CONVICTION,
    DERIVATION,
    EXPIRY,
    FINALITY,
    JUDGED,
    LINK,
    SENIOR,
    SENTENCE,
    SENTENCED,
    START,
    check,
    computation,
    lived,
    officer,
    ruled,
    sentence_after,
    stage_after,
    term,
)
from tests.scenario import DAY, refused, said, then

FIRST = date(2023, 2, 1)
THREE_YEARS = Inputs((term(),), (FIRST,), None, 0, None, 0, extinguished=False)
BY_SENIOR = {"reason": "no rule covers it", "decided_by": SENIOR}
MANUAL = RouteComputationToManual(**said(JUDGED + DAY, reason="no start date"), cause=ManualCause.START_IMPRECISE)
WHY = OverrideReason.INPUTS_INCOMPLETE
OVERRIDE = OverrideComputation(**ruled(JUDGED + 2 * DAY, **BY_SENIOR), why=WHY, expiry=EXPIRY, release_on=EXPIRY)
DISPUTE = DisputeCredit(**said(JUDGED + 2 * DAY), disputant=Disputant.CONVICTED_PERSON, grounds="ten days are missing")
NO_DETENTION = DeriveCredit(**said(JUDGED + timedelta(hours=1)))
CREDIT = DetermineCredit(**ruled(JUDGED + 3 * DAY, decided_by=SENIOR), days=130)

# --- Recording a computation ----------------------------------------------------------------------------------


def recorded(**more: Any) -> ComputationRecorded:
    """The first computation of the standard sentence."""
    stated = computation()
    same = {field.name: getattr(stated, field.name) for field in fields(stated)}
    return ComputationRecorded(**(same | {"number": 1, "supersedes": None, "inputs": THREE_YEARS} | more))


def test_computed_dates_are_recorded_with_what_they_rest_on() -> None:
    history = lived(*SENTENCED)
    assert isinstance(then(KIND, history, computation(), recorded(), ctx=officer(None)), Computed)


def test_a_new_run_supersedes_the_one_before() -> None:
    spans = (TermSpan(1, FIRST, date(2026, 1, 31)),)
    again = computation(breakdown=spans)
    event = recorded(number=2, supersedes=1, breakdown=spans)
    then(KIND, lived(*SENTENCED, computation()), again, event, ctx=officer(None))


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"expiry": date(2025, 10, 4)}, no.EXPIRY_DIFFERS),
        ({"credit_days": 121}, no.CREDIT_DIFFERS),
        ({"credit": (CreditSpan(UUID(int=99), FIRST, FIRST),)}, no.CREDIT_DIFFERS),
        ({"credit": ()}, no.CREDIT_DIFFERS),
        ({"start": date(2023, 2, 2)}, no.START_DIFFERS),
        ({"breakdown": (TermSpan(1, FIRST, FIRST),)}, no.BREAKDOWN_DIFFERS),
        ({"release_on": date(2025, 10, 4)}, no.RELEASE_TOO_LATE),
    ],
)
def test_dates_other_than_the_rule_gives_are_refused(wrong: dict[str, Any], refusal: Refusal) -> None:
    refused(KIND, lived(*SENTENCED), computation(**wrong), refusal, officer(None))


def test_a_start_not_known_to_the_day_is_not_computed() -> None:
    month = When(JUDGED, JUDGED + 20 * DAY, Precision.MONTH)
    history = lived(CONVICTION, replace(SENTENCE, when=month), NO_DETENTION)
    refused(KIND, history, computation(), no.START_IMPRECISE, officer(None))


def test_a_start_rule_nobody_stated_is_not_computed() -> None:
    history = lived(CONVICTION, replace(SENTENCE, terms=(Term(1, 1, years=3),)))
    refused(KIND, history, computation(), no.START_NOT_STATED, officer(None))


def test_a_life_term_is_not_computed_and_a_fine_has_no_dates() -> None:
    life = lived(CONVICTION, replace(SENTENCE, terms=(term(life=True),)), LINK, DERIVATION)
    refused(KIND, life, computation(), no.NOT_COMPUTABLE, officer(None))
    fine = ImposeSentence(**ruled(), ancillary=(AncillaryOrder(OrderKind.FINE, count=1),))
    refused(KIND, lived(CONVICTION, fine), computation(), no.NOTHING_TO_COMPUTE, officer(None))


def test_nothing_is_computed_after_a_full_pardon() -> None:
    pardon = GrantPardon(**ruled(JUDGED + DAY), full=True)
    refused(KIND, lived(*SENTENCED, pardon), computation(), no.EXTINGUISHED, officer(None))


def test_time_at_large_is_not_computed_by_rule() -> None:
    escape = RecordEscapeUnderSentence(**said(JUDGED + 40 * DAY))
    history = lived(*CHECKED, FINALITY, START, escape)
    refused(KIND, history, computation(JUDGED + 50 * DAY), no.TIME_AT_LARGE, officer(None))


def test_a_term_that_runs_from_admission_is_computed_ahead_and_again_once_the_day_is_known() -> None:
    on_admission = replace(SENTENCE, terms=(term(start_rule=StartRule.ON_ADMISSION),))
    credited = replace(CREDIT, when=at(JUDGED + timedelta(hours=1)), days=120)
    serving = sentence_after(CONVICTION, on_admission, credited, computation(credit=()), check(), FINALITY, START)
    assert serving.computation is not None
    assert serving.current is None


def test_remission_brings_the_latest_release_forward() -> None:
    remission = GrantRemission(**ruled(JUDGED + 2 * DAY), days=30)
    history = lived(*SENTENCED, remission)
    late = computation(JUDGED + 3 * DAY)
    refused(KIND, history, late, no.RELEASE_TOO_LATE, officer(None))
    remitted = replace(late, release_on=EXPIRY - 30 * timedelta(days=1))
    assert isinstance(stage_after(*SENTENCED, remission, remitted), Computed)


# --- Manual work and overrides --------------------------------------------------------------------------------


def test_what_cannot_be_computed_is_routed_to_manual_with_the_cause() -> None:
    history = lived(*SENTENCED)
    event = ComputationRoutedToManual(
        **said(JUDGED + DAY, reason="no start date"), cause=ManualCause.START_IMPRECISE, inputs=THREE_YEARS
    )
    assert isinstance(then(KIND, history, MANUAL, event), Sentenced)
    refused(KIND, history, replace(MANUAL, reason=None), NO_REASON)
    refused(KIND, lived(*SENTENCED, MANUAL), MANUAL, no.ALREADY_MANUAL)


def test_dates_fixed_by_authority_are_checked_and_may_become_final() -> None:
    life = replace(SENTENCE, terms=(term(life=True),))
    fixed = replace(OVERRIDE, expiry=None, release_on=None)
    stage = stage_after(CONVICTION, life, MANUAL, fixed, check(moment=JUDGED + 3 * DAY), FINALITY)
    assert isinstance(stage, Final)


def test_an_override_supersedes_the_computation_on_authority_and_with_a_reason() -> None:
    history = lived(*SENTENCED, computation())
    event = ComputationOverridden(
        **ruled(JUDGED + 2 * DAY, **BY_SENIOR), number=2, supersedes=1, inputs=THREE_YEARS, expiry=EXPIRY,
        release_on=EXPIRY,
    )  # fmt: skip
    coded = OverrideReasonCoded(**ruled(JUDGED + 2 * DAY, **BY_SENIOR), number=2, why=WHY)
    then(KIND, history, OVERRIDE, event, coded, ctx=officer(SENIOR))
    refused(KIND, history, replace(OVERRIDE, reason=None), NO_REASON, officer(SENIOR))
    refused(KIND, history, replace(OVERRIDE, authority=None), NO_AUTHORITY, officer(SENIOR))


def test_who_prepared_a_computation_does_not_override_it() -> None:
    refused(KIND, lived(*SENTENCED, computation()), OVERRIDE, no.OVERRIDE_BY_PREPARER)


def test_without_computation_or_manual_work_there_is_nothing_to_override() -> None:
    refused(KIND, lived(*SENTENCED), OVERRIDE, no.NOTHING_TO_OVERRIDE, officer(SENIOR))


def test_even_authority_fixes_no_release_after_the_expiry_and_none_after_a_full_pardon() -> None:
    late = replace(OVERRIDE, release_on=EXPIRY + timedelta(days=1))
    refused(KIND, lived(*SENTENCED, MANUAL), late, no.RELEASE_TOO_LATE, officer(SENIOR))
    pardon = GrantPardon(**ruled(JUDGED + DAY), full=True)
    refused(KIND, lived(*SENTENCED, MANUAL, pardon), OVERRIDE, no.EXTINGUISHED, officer(SENIOR))


# --- The second officer ---------------------------------------------------------------------------------------


def test_a_second_officer_confirms_the_computation() -> None:
    block = said(JUDGED + 2 * DAY, decided_by=CHECKER)
    event = ComputationChecked(**block, computation=1, confirmed=True, expiry=EXPIRY, release_on=EXPIRY)
    release = datetime(2025, 10, 4, tzinfo=UTC)
    scheduled = ReleaseScheduled(**block, computation=1, release_at=release, check_again_by=release - 14 * DAY)
    stage = then(KIND, lived(*SENTENCED, computation()), check(), event, scheduled, ctx=officer(CHECKER))
    assert isinstance(stage, Computed)
    assert stage.sentence.checked is not None


def test_who_prepared_a_computation_does_not_check_it() -> None:
    history = lived(*SENTENCED, computation())
    refused(KIND, history, check(decided_by=None), no.CHECK_BY_PREPARER)
    refused(KIND, history, check(), no.CHECK_BY_PREPARER, officer(None))


def test_only_the_current_computation_is_checked() -> None:
    refused(KIND, lived(*SENTENCED), check(), NOT_OPEN, officer(CHECKER))
    refused(KIND, lived(*SENTENCED, computation(), computation()), check(), no.COMPUTATION_NOT_CURRENT, officer(CHECKER))
    remission = GrantRemission(**ruled(JUDGED + 33 * DAY), days=30)
    stale = lived(*CHECKED, FINALITY, START, remission)
    refused(KIND, stale, check(moment=JUDGED + 34 * DAY), no.COMPUTATION_NOT_CURRENT, officer(CHECKER))


def test_a_computation_the_checker_rejects_falls() -> None:
    rejection = check(confirmed=False)
    refused(KIND, lived(*SENTENCED, computation()), rejection, NO_REASON, officer(CHECKER))
    assert isinstance(stage_after(*SENTENCED, computation(), replace(rejection, reason="wrong start")), Sentenced)


def test_a_changed_input_makes_the_check_count_for_nothing() -> None:
    remission = GrantRemission(**ruled(JUDGED + 3 * DAY), days=30)
    assert isinstance(stage_after(*CHECKED, remission), Sentenced)
    refused(KIND, lived(*CHECKED, remission), FINALITY, no.NOT_CHECKED)


def test_a_change_recorded_late_makes_the_computation_stale_too() -> None:
    remission = GrantRemission(**ruled(JUDGED + timedelta(hours=1)), days=30)
    assert isinstance(stage_after(*CHECKED, remission), Sentenced)


# --- Credit ---------------------------------------------------------------------------------------------------


def test_credit_may_be_disputed_once_at_a_time() -> None:
    block = said(JUDGED + 2 * DAY)
    event = CreditDisputed(**block, disputant=Disputant.CONVICTED_PERSON, grounds="ten days are missing")
    then(KIND, lived(*SENTENCED, computation()), DISPUTE, event)
    refused(KIND, lived(*SENTENCED, DISPUTE), DISPUTE, no.ALREADY_DISPUTED)


def test_nothing_is_confirmed_while_the_credit_is_in_dispute() -> None:
    history = lived(*SENTENCED, computation(), DISPUTE)
    refused(KIND, history, check(moment=JUDGED + 3 * DAY), no.CREDIT_IN_DISPUTE, officer(CHECKER))


def test_determined_credit_binds_the_next_computation() -> None:
    history = lived(*SENTENCED, computation(), DISPUTE)
    event = CreditDetermined(**ruled(JUDGED + 3 * DAY, decided_by=SENIOR), days=130)
    owed = ComputationBecameDue(**ruled(JUDGED + 3 * DAY, decided_by=SENIOR))
    assert isinstance(then(KIND, history, CREDIT, event, owed, ctx=officer(SENIOR)), Sentenced)
    anew = computation(JUDGED + 4 * DAY)
    refused(KIND, lived(*SENTENCED, CREDIT), anew, no.CREDIT_DIFFERS, officer(None))
    ten_earlier = EXPIRY - timedelta(days=10)
    bound = replace(anew, credit=(), credit_days=130, expiry=ten_earlier, release_on=ten_earlier)
    assert isinstance(stage_after(*SENTENCED, computation(), DISPUTE, CREDIT, bound), Computed)


def test_credit_is_determined_by_authority_in_a_sane_number_of_days() -> None:
    history = lived(*SENTENCED)
    refused(KIND, history, replace(CREDIT, authority=None), NO_AUTHORITY, officer(SENIOR))
    refused(KIND, history, replace(CREDIT, days=-1), no.DAYS_OUT_OF_RANGE, officer(SENIOR))


def test_who_prepared_the_computation_does_not_determine_a_disputed_credit() -> None:
    refused(KIND, lived(*SENTENCED, computation(), DISPUTE), CREDIT, no.DETERMINED_BY_PREPARER)


# --- What the press knows -------------------------------------------------------------------------------------


def test_three_years_of_unknown_start_are_routed_to_manual_not_computed() -> None:
    fall = When(datetime(2022, 9, 1, tzinfo=UTC), datetime(2022, 12, 1, tzinfo=UTC), Precision.SEASON, as_stated="fall 2022")
    colony = Term(1, 1, years=3, regime=Regime.PENAL_COLONY)
    known = (replace(CONVICTION, when=fall, court=None), replace(SENTENCE, when=fall, terms=(colony,)), NO_DETENTION)
    refused(KIND, lived(*known), computation(), no.START_NOT_STATED, officer(None))
    assert sentence_after(*known, MANUAL).manual
    final = RecordFinality(**said(JUDGED + 31 * DAY), ground=FinalityGround.WINDOW_OVER)
    refused(KIND, lived(*known, MANUAL), final, no.NOT_CHECKED)
