"""Sentencing: conviction, sentence, finality, and the whole course to closure."""

import ast
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_type_hints

import pytest

from domain.catalogue import discover
from domain.dossier import SHARED
from domain.history import effective, fold, steps
from domain.kernel import NO_AUTHORITY, Refusal
from domain.kinds.sentencing import KIND, refusals
from domain.kinds.sentencing import refusals as no
from domain.kinds.sentencing.acts import (
    AncillaryOrder,
    ConvictionRecorded,
    Count,
    CountOutcome,
    Custody,
    FinalityGround,
    ImposeSentence,
    OrderDueStated,
    OrderKind,
    RecordConviction,
    RecordFinality,
    SentenceBecameFinal,
    SentenceImposed,
)
from domain.kinds.sentencing.execution_acts import (
    CompleteSentence,
)
from domain.kinds.sentencing.stages import (
    Closed,
    Completed,
    Computed,
    Convicted,
    Final,
    Released,
    Sentenced,
    Serving,
    UnderAppeal,
)
from domain.kinds.sentencing.terms import Regime, Term
from domain.values import Authority, AuthorityKind, Precision, When, at
from tests.domain.sentencing_course import (
    APPEAL,
    CHECKED,
    CLOSING,
    CONVICTION,
    DECISION,
    DERIVATION,
    DETENTION,
    DUE,
    FINALITY,
    GUILTY,
    JUDGED,
    ORDER,
    RELEASE,
    SENTENCE,
    SERVED,
    START,
    TWO_COUNTS,
    following,
    lived,
    officer,
    ruled,
    sentence_after,
    stage_after,
    term,
)
from tests.scenario import DAY, PERSON, refused, said, then

# --- Conviction -----------------------------------------------------------------------------------------------


def test_a_conviction_is_recorded_with_its_counts_and_verdict_document() -> None:
    event = ConvictionRecorded(
        **ruled(), file_number="S-1", unit="unit-1", party=PERSON, counts=(GUILTY,), court="District Court",
        custody=Custody.HELD,
    )  # fmt: skip
    assert isinstance(then(KIND, [], CONVICTION, event, ctx=officer(None)), Convicted)


def test_a_conviction_needs_the_verdict_document() -> None:
    refused(KIND, [], replace(CONVICTION, authority=None), NO_AUTHORITY)


def test_each_count_has_its_own_number() -> None:
    refused(KIND, [], replace(CONVICTION, counts=(GUILTY, GUILTY)), no.COUNT_NUMBERS_REPEAT)


def test_an_acquittal_on_every_count_is_no_conviction() -> None:
    refused(KIND, [], replace(CONVICTION, counts=(Count(1, CountOutcome.ACQUITTED),)), no.NO_CONVICTED_COUNT)


# --- Sentence -------------------------------------------------------------------------------------------------


def test_a_sentence_gives_each_convicted_count_its_outcome() -> None:
    fine = AncillaryOrder(OrderKind.FINE, count=2, amount="500 EUR", due=date(2023, 5, 1))
    command = ImposeSentence(**ruled(), terms=(term(),), ancillary=(fine,))
    event = SentenceImposed(**ruled(), terms=(term(),), ancillary=(fine,), no_separate_penalty=())
    until = OrderDueStated(**ruled(), order="1", kind=OrderKind.FINE, due_at=datetime(2023, 5, 2, tzinfo=UTC))
    assert isinstance(then(KIND, lived(TWO_COUNTS), command, event, until), Sentenced)


def test_a_convicted_count_without_outcome_is_refused_until_it_is_said_to_have_none_of_its_own() -> None:
    refused(KIND, lived(TWO_COUNTS), SENTENCE, no.COUNT_WITHOUT_OUTCOME)
    assert isinstance(stage_after(TWO_COUNTS, replace(SENTENCE, no_separate_penalty=(2,))), Sentenced)


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        ((term(), term(2, 3)), no.OUTCOME_NOT_CONVICTED),
        ((term(), term()), no.TERM_NUMBERS_REPEAT),
        ((term(), following(2, 9, 2)), no.FOLLOWED_TERM_UNKNOWN),
        ((following(1, 2), following(2, 1, 2)), no.TERM_CYCLE),
        ((term(), following(2, 2, 2)), no.TERM_CYCLE),
    ],
)
def test_terms_hold_together_and_stand_for_convicted_counts(terms: tuple[Term, ...], refusal: Refusal) -> None:
    refused(KIND, lived(TWO_COUNTS), replace(SENTENCE, terms=terms), refusal)


def test_nothing_but_a_convicted_count_goes_without_penalty() -> None:
    refused(KIND, lived(TWO_COUNTS), replace(SENTENCE, no_separate_penalty=(2, 3)), no.OUTCOME_NOT_CONVICTED)


def test_a_sentence_needs_the_judgment() -> None:
    refused(KIND, lived(CONVICTION), replace(SENTENCE, authority=None), NO_AUTHORITY)


# --- Finality -------------------------------------------------------------------------------------------------


def test_a_sentence_becomes_final_when_the_appeal_window_is_over_and_its_dates_are_checked() -> None:
    event = SentenceBecameFinal(**said(JUDGED + 31 * DAY), ground=FinalityGround.WINDOW_OVER)
    assert isinstance(then(KIND, lived(*CHECKED), FINALITY, event), Final)


def test_no_finality_while_the_window_is_open_or_not_shown_to_be_over() -> None:
    refused(KIND, lived(*CHECKED), replace(FINALITY, when=at(JUDGED + 29 * DAY)), no.APPEAL_WINDOW_OPEN)
    undated = replace(FINALITY, when=replace(at(JUDGED + 31 * DAY), earliest=None, precision=Precision.UNKNOWN))
    refused(KIND, lived(*CHECKED), undated, no.APPEAL_WINDOW_OPEN)


def test_the_appeal_may_be_waived_in_a_document() -> None:
    waived = RecordFinality(**said(JUDGED + 3 * DAY), ground=FinalityGround.WAIVED)
    refused(KIND, lived(*CHECKED), waived, NO_AUTHORITY)
    assert isinstance(stage_after(*CHECKED, replace(waived, authority=ORDER)), Final)


def test_no_finality_without_a_checked_computation() -> None:
    refused(KIND, lived(*CHECKED[:2]), FINALITY, no.NOT_CHECKED)
    refused(KIND, lived(*CHECKED[:-1]), FINALITY, no.NOT_CHECKED)


def test_a_sentence_without_terms_needs_no_computation_to_become_final() -> None:
    fine = ImposeSentence(**ruled(), ancillary=(AncillaryOrder(OrderKind.FINE, count=1),))
    assert isinstance(stage_after(CONVICTION, fine, FINALITY), Final)


# --- The whole course -----------------------------------------------------------------------------------------


def test_a_case_runs_from_conviction_to_closure() -> None:
    early = replace(RELEASE, when=at(DUE - 100 * DAY))
    over = CompleteSentence(**ruled(DUE, reason="the rest was remitted"))
    history = lived(*CHECKED, APPEAL, DECISION, replace(FINALITY, when=at(JUDGED + 90 * DAY)),
                    replace(START, when=at(JUDGED + 91 * DAY)), early, over, CLOSING)  # fmt: skip
    stages = [type(folded.stage) for _, folded in steps(KIND, SHARED, effective(history))]
    assert stages == [
        Convicted, *[Sentenced] * 3, *[Computed] * 3, UnderAppeal, Computed, Final, Serving, Released, Completed, Closed,
    ]  # fmt: skip


def test_a_sentence_served_to_its_last_day_is_completed_by_the_release() -> None:
    assert isinstance(stage_after(*SERVED), Completed)
    assert isinstance(stage_after(*SERVED, CLOSING), Closed)


def test_a_conviction_known_only_from_the_press_is_recorded_without_inventing_anything() -> None:
    fall = When(datetime(2022, 9, 1, tzinfo=UTC), datetime(2022, 12, 1, tzinfo=UTC), Precision.SEASON, as_stated="fall 2022")
    verdict = Authority(AuthorityKind.OTHER, "verdict as reported; document not seen")
    block = ruled() | {"when": fall, "authority": verdict}
    conviction = RecordConviction(**block, file_number="S-2", party=PERSON, counts=(Count(1, CountOutcome.CONVICTED),))
    colony = Term(1, 1, years=3, regime=Regime.PENAL_COLONY)
    sentence = sentence_after(conviction, ImposeSentence(**block, terms=(colony,)))
    assert sentence.conviction.custody is Custody.UNKNOWN
    assert sentence.inputs.starts == (None,)


def test_a_correction_of_the_sentence_makes_its_computation_stale() -> None:
    history = lived(*CHECKED)
    shorter = SentenceImposed(**ruled(), terms=(term(years=2),), ancillary=(), no_separate_penalty=())
    assert isinstance(fold(KIND, SHARED, effective(history)).stage, Computed)
    corrected = [history[0], history[1]._replace(event=shorter), *history[2:]]
    assert isinstance(fold(KIND, SHARED, effective(corrected)).stage, Sentenced)


# --- The kind as a whole --------------------------------------------------------------------------------------


def test_every_rule_is_annotated_with_the_stages_and_the_command_of_its_table_key() -> None:
    for (stages, command), rule in KIND.table.items():
        hints = get_type_hints(rule)
        assert (hints["stage"], hints["command"]) == (stages, command), rule.__name__


def test_the_catalogue_takes_the_kind() -> None:
    assert discover().kinds["sentencing"] is KIND


def test_every_refusal_is_provoked() -> None:
    provoked: set[str] = set()
    for path in Path(__file__).parent.glob("test_sentencing*.py"):
        names = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute))
        provoked |= {node.attr for node in names if isinstance(node.value, ast.Name) and node.value.id == "no"}
    assert {name for name, value in vars(refusals).items() if isinstance(value, Refusal)} == provoked


def test_every_event_of_the_kind_is_named_for_it() -> None:
    assert all(event.type.startswith("sentencing.") for event in KIND.events)


def test_commands_name_the_streams_their_rules_look_into() -> None:
    assert CONVICTION.refers_to() == (PERSON,)
    assert DERIVATION.refers_to() == (DETENTION,)
