"""Sentencing: serving the sentence, what shortens it, and release, death and escape, which nothing blocks."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.dossier import SHARED
from domain.dossier.acts import RetractEntry
from domain.history import decide_within, effective, fold, standing
from domain.kernel import NO_AUTHORITY, NO_LONGER_FITS, NO_REASON, Command, Entry, ImpossibleHistory, Refused, Stage, members
from domain.kinds.sentencing import KIND
from domain.kinds.sentencing import refusals as no
from domain.kinds.sentencing.acts import (
    AncillaryOrder,
    AppealOutcome,
    Custody,
    ImposeSentence,
    OrderKind,
    StaySentence,
)
from domain.kinds.sentencing.computation_acts import ComputationBecameDue
from domain.kinds.sentencing.execution_acts import (
    CommuteSentence,
    CompleteSentence,
    CustodyTransferred,
    DecideEarlyRelease,
    EarlyReleaseDecided,
    ExecutionStarted,
    ForfeitRemission,
    GrantPardon,
    GrantRemission,
    PardonGranted,
    RecordDeathUnderSentence,
    RecordEscapeUnderSentence,
    RecordReturnUnderSentence,
    ReleaseBecameDue,
    ReleaseDuty,
    ReleaseGround,
    ReleaseMatch,
    RemissionForfeited,
    RemissionGranted,
    SentenceCommuted,
    SentenceCompleted,
    SentencedPersonDied,
    SentencedPersonEscaped,
    SentencedPersonReleased,
    SentencedPersonReturned,
    TransferCustody,
)
from domain.kinds.sentencing.stages import (
    PRESENT,
    Completed,
    Convicted,
    Deceased,
    Released,
    Serving,
    UnderAppeal,
)
from domain.values import Answer, CorrectionReason, Precision, When, at
from tests.domain.sentencing_course import (
    APPEAL,
    CHECKED,
    CLOSING,
    COMPUTING,
    CONVICTION,
    DECISION,
    DERIVATION,
    DUE,
    EXPIRY,
    FINALITY,
    JUDGED,
    LINK,
    ORDER,
    QUASHING,
    RELEASE,
    RESTRICTION,
    SENTENCE,
    START,
    check,
    computation,
    conviction_after,
    lived,
    officer,
    ruled,
    sentence_after,
    stage_after,
    term,
)
from tests.scenario import DAY, given_after, refused, said, then

FINAL = (*CHECKED, FINALITY)
IN_SERVICE = (*FINAL, START)
LATER = JUDGED + 100 * DAY
OWED = ComputationBecameDue(**ruled(LATER))
TRANSFER = TransferCustody(**said(LATER), institution="Colony 2")
DEATH = RecordDeathUnderSentence(**said(LATER), place="infirmary")
ESCAPE = RecordEscapeUnderSentence(**said(LATER))
BACK = RecordReturnUnderSentence(**ruled(LATER + DAY), institution="Colony 1")
GRANT = GrantRemission(**ruled(LATER), days=30)
FORFEIT = ForfeitRemission(**ruled(LATER + DAY), days=10, hearing="hearing 4/2023")
EARLY = DecideEarlyRelease(**ruled(LATER), release_on=date(2024, 10, 1))
COMMUTATION = CommuteSentence(**ruled(LATER), terms=(term(years=2),))
PARDON = GrantPardon(**ruled(LATER), full=True)
OVER = CompleteSentence(**ruled(LATER + DAY, reason="pardoned"))

# --- Serving --------------------------------------------------------------------------------------------------


def test_a_final_sentence_is_executed_in_an_institution() -> None:
    event = ExecutionStarted(**ruled(JUDGED + 32 * DAY), institution="Colony 1")
    stage = then(KIND, lived(*FINAL), START, event)
    assert isinstance(stage, Serving)
    assert stage.sentence.conviction.custody is Custody.HELD
    refused(KIND, lived(*FINAL), replace(START, authority=None), NO_AUTHORITY)


def test_a_sentence_under_appeal_is_executed_only_if_final_before_and_not_stayed() -> None:
    leave = replace(APPEAL, when=at(JUDGED + 32 * DAY), authority=ORDER)
    stay = StaySentence(**ruled(JUDGED + 33 * DAY))
    start = replace(START, when=at(JUDGED + 34 * DAY))
    refused(KIND, lived(*CHECKED, APPEAL), START, no.NOT_YET_FINAL)
    refused(KIND, lived(*FINAL, leave, stay), start, no.STAYED)
    stage = stage_after(*FINAL, leave, start)
    assert isinstance(stage, UnderAppeal)
    assert isinstance(stage.before, Serving)


def test_nothing_is_executed_without_a_term_or_after_a_full_pardon() -> None:
    fine = ImposeSentence(**ruled(), ancillary=(AncillaryOrder(OrderKind.FINE, count=1),))
    refused(KIND, lived(CONVICTION, fine, FINALITY), START, no.NO_TERM)
    pardon = replace(PARDON, when=at(JUDGED + 31 * DAY))
    refused(KIND, lived(*FINAL, pardon), START, no.EXTINGUISHED)


def test_a_held_person_is_transferred_to_another_institution() -> None:
    then(KIND, lived(*IN_SERVICE), TRANSFER, CustodyTransferred(**said(LATER), institution="Colony 2"))
    refused(KIND, lived(*IN_SERVICE), replace(TRANSFER, institution="Colony 1"), no.SAME_INSTITUTION)
    refused(KIND, lived(*IN_SERVICE, ESCAPE), TRANSFER, no.NOT_HELD)


def test_a_person_is_transferred_before_the_sentence_and_under_appeal_too() -> None:
    assert isinstance(stage_after(CONVICTION, TRANSFER), Convicted)
    assert conviction_after(*CHECKED, APPEAL, TRANSFER).institution == "Colony 2"


# --- What shortens a sentence ---------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [GRANT, EARLY, COMMUTATION, PARDON])
def test_whatever_shortens_a_sentence_needs_authority_and_makes_its_computation_stale(command: Command) -> None:
    refused(KIND, lived(*IN_SERVICE), replace(command, authority=None), NO_AUTHORITY)
    assert sentence_after(*IN_SERVICE).checked is not None
    stage = stage_after(*IN_SERVICE, command)
    assert isinstance(stage, Serving)
    assert stage.sentence.current is None


def test_remission_is_granted_and_forfeited_after_a_hearing_but_never_more_than_granted() -> None:
    then(KIND, lived(*IN_SERVICE), GRANT, RemissionGranted(**ruled(LATER), days=30), OWED)
    event = RemissionForfeited(**ruled(LATER + DAY), days=10, hearing="hearing 4/2023")
    then(KIND, lived(*IN_SERVICE, GRANT), FORFEIT, event, replace(OWED, when=FORFEIT.when))
    assert sentence_after(*IN_SERVICE, GRANT, FORFEIT).remission_days == 20
    refused(KIND, lived(*IN_SERVICE, GRANT), replace(FORFEIT, days=31), no.REMISSION_NOT_GRANTED)
    refused(KIND, lived(*IN_SERVICE, GRANT), replace(FORFEIT, authority=None), NO_AUTHORITY)
    refused(KIND, lived(*IN_SERVICE), replace(GRANT, days=80_000), no.DAYS_OUT_OF_RANGE)


def test_early_release_is_granted_from_a_day_or_refused_with_a_reason() -> None:
    event = EarlyReleaseDecided(**ruled(LATER), release_on=date(2024, 10, 1), conditions=None)
    then(KIND, lived(*IN_SERVICE), EARLY, event, OWED)
    refused(KIND, lived(*IN_SERVICE), replace(EARLY, release_on=None), NO_REASON)
    refused_early = replace(EARLY, release_on=None, reason="too soon")
    assert sentence_after(*IN_SERVICE, refused_early).checked is not None


def test_a_commuted_sentence_keeps_what_it_was_and_its_terms_hold_together() -> None:
    event = SentenceCommuted(**ruled(LATER), former=(term(),), terms=(term(years=2),))
    then(KIND, lived(*IN_SERVICE), COMMUTATION, event, OWED)
    refused(KIND, lived(*IN_SERVICE), replace(COMMUTATION, terms=(term(1, 2),)), no.OUTCOME_NOT_CONVICTED)


def test_a_pardon_is_full_or_leaves_terms() -> None:
    event = PardonGranted(**ruled(LATER), full=True, former=(term(),), remaining=())
    duty = ReleaseBecameDue(**ruled(LATER), ground=ReleaseDuty.FULL_PARDON)
    then(KIND, lived(*IN_SERVICE), PARDON, event, duty)
    then(KIND, lived(*IN_SERVICE, ESCAPE), PARDON, event)
    assert (
        conviction_after(*IN_SERVICE, replace(APPEAL, when=at(LATER - DAY), authority=ORDER), PARDON).release_due == PARDON.when
    )
    refused(KIND, lived(*IN_SERVICE), replace(PARDON, full=False), no.PARDON_UNCLEAR)
    refused(KIND, lived(*IN_SERVICE), replace(PARDON, remaining=(term(years=1),)), no.PARDON_UNCLEAR)
    partial = replace(PARDON, full=False, remaining=(term(years=1),))
    assert sentence_after(*IN_SERVICE, partial).terms == (term(years=1),)


# --- Release --------------------------------------------------------------------------------------------------


def released(moment: datetime, match: ReleaseMatch, days: int | None, over: Answer, **more: Any) -> SentencedPersonReleased:
    """A release held against the checked release date."""
    stated: dict[str, Any] = {"ground": ReleaseGround.SENTENCE, "due": EXPIRY} | more
    return SentencedPersonReleased(**said(moment), match=match, days=days, sentence_over=over, **stated)


@pytest.mark.parametrize(
    ("days", "match", "missed", "over", "stage"),
    [
        (0, ReleaseMatch.RELEASED_ON_SENTENCE, None, Answer.YES, Completed),
        (4, ReleaseMatch.HELD_PAST, 4, Answer.YES, Completed),
        (-9, ReleaseMatch.IN_ERROR_EARLY, 9, Answer.NO, Released),
    ],
)
def test_a_release_says_how_it_lies_to_the_checked_date(
    days: int, match: ReleaseMatch, missed: int | None, over: Answer, stage: type[Stage]
) -> None:
    moment = DUE + days * DAY
    event = released(moment, match, missed, over)
    assert isinstance(then(KIND, lived(*IN_SERVICE), replace(RELEASE, when=at(moment)), event), stage)


def test_a_release_on_a_courts_order_before_the_date_is_no_error() -> None:
    moment = DUE - 9 * DAY
    command = replace(RELEASE, when=at(moment), ground=ReleaseGround.COURT_ORDER)
    event = released(moment, ReleaseMatch.RELEASED_ON_ORDER, None, Answer.NO, ground=ReleaseGround.COURT_ORDER)
    then(KIND, lived(*IN_SERVICE), command, event)


def test_without_a_checked_current_computation_the_match_is_unknown_and_the_release_stands() -> None:
    event = released(DUE, ReleaseMatch.UNKNOWN, None, Answer.UNKNOWN, due=None)
    assert isinstance(then(KIND, lived(*IN_SERVICE, GRANT), RELEASE, event), Released)


def test_a_release_on_a_day_not_known_matches_nothing() -> None:
    vague = replace(RELEASE, when=When(DUE, DUE + 3 * DAY, Precision.MONTH))
    event = replace(released(DUE, ReleaseMatch.UNKNOWN, None, Answer.UNKNOWN), when=vague.when)
    then(KIND, lived(*IN_SERVICE), vague, event)


def test_release_on_a_granted_early_day_leaves_the_sentence_running() -> None:
    early_day = datetime(2024, 10, 1, 9, tzinfo=UTC)
    anew = computation(LATER + DAY, release_on=date(2024, 10, 1))
    history = lived(*IN_SERVICE, EARLY, anew, check(2, LATER + 2 * DAY))
    event = released(early_day, ReleaseMatch.RELEASED_ON_SENTENCE, None, Answer.NO, due=date(2024, 10, 1))
    assert isinstance(then(KIND, history, replace(RELEASE, when=at(early_day)), event), Released)


STAGES: dict[type[Stage], tuple[Command, ...]] = {
    type(stage_after(*course)): course
    for course in (
        (CONVICTION,),
        (CONVICTION, SENTENCE),
        CHECKED,
        FINAL,
        IN_SERVICE,
        (*IN_SERVICE, replace(RELEASE, when=at(LATER - DAY))),
        (*IN_SERVICE, replace(RELEASE, when=at(LATER - DAY)), replace(OVER, when=at(LATER - DAY))),
        (*CHECKED, APPEAL),
        (*CHECKED, replace(QUASHING, when=at(LATER - DAY))),
    )
}


@pytest.mark.parametrize("stage", members(PRESENT))
def test_release_death_and_escape_are_taken_in_every_stage_in_which_a_person_may_be_held(stage: type[Stage]) -> None:
    course = STAGES[stage]
    release = replace(RELEASE, when=at(LATER))
    died = SentencedPersonDied(
        **said(LATER), place="infirmary", circumstances=None, custody=conviction_after(*course).custody,
        unit="unit-1",
    )  # fmt: skip
    assert isinstance(then(KIND, lived(*course), DEATH, died), Deceased)
    escaped = SentencedPersonEscaped(**said(LATER), place=None, circumstances=None)
    then(KIND, lived(*course), ESCAPE, escaped)
    assert conviction_after(*course, ESCAPE).custody is Custody.ESCAPED
    assert conviction_after(*course, release).custody is Custody.AT_LIBERTY


def test_a_late_release_is_taken_against_the_entries_it_overtakes() -> None:
    history = lived(*IN_SERVICE, GRANT, TRANSFER)
    decision = decide_within(KIND, SHARED, history, replace(RELEASE, when=at(LATER - DAY)), officer(None))
    assert isinstance(decision.after.stage, Released)
    assert decision.after.contradictions == (len(history),)


# --- Return and completion ------------------------------------------------------------------------------------


def test_an_escaped_person_is_taken_back_and_the_dates_wait_for_authority() -> None:
    event = SentencedPersonReturned(**ruled(LATER + DAY), institution="Colony 1")
    stage = then(KIND, lived(*IN_SERVICE, ESCAPE), BACK, event, replace(OWED, when=BACK.when))
    assert isinstance(stage, Serving)
    assert (stage.sentence.interruptions, stage.sentence.current) == (2, None)


def test_a_person_released_in_error_may_be_taken_back_on_authority() -> None:
    early = replace(RELEASE, when=at(LATER))
    assert isinstance(stage_after(*IN_SERVICE, early, BACK), Serving)
    refused(KIND, lived(*IN_SERVICE, early), replace(BACK, authority=None), NO_AUTHORITY)
    refused(KIND, lived(*IN_SERVICE), BACK, no.ALREADY_HELD)


def test_nobody_is_taken_back_under_a_sentence_that_is_over_or_pardoned() -> None:
    back = replace(BACK, when=at(DUE + 3 * DAY))
    appeal = replace(APPEAL, when=at(DUE + 2 * DAY), authority=ORDER)
    refused(KIND, lived(*IN_SERVICE, RELEASE, appeal), back, no.SENTENCE_OVER)
    refused(KIND, lived(*IN_SERVICE, PARDON, replace(RELEASE, when=at(LATER))), back, no.EXTINGUISHED)


def test_a_person_at_liberty_is_taken_into_custody_before_the_sentence_too() -> None:
    free = replace(CONVICTION, custody=Custody.AT_LIBERTY)
    stage = stage_after(free, BACK)
    assert isinstance(stage, Convicted)
    assert stage.conviction.custody is Custody.HELD


def test_a_sentence_is_completed_on_authority_for_somebody_not_held() -> None:
    pardoned = (*IN_SERVICE, PARDON, replace(RELEASE, when=at(LATER), ground=ReleaseGround.CLEMENCY))
    event = SentenceCompleted(**ruled(LATER + DAY, reason="pardoned"))
    assert isinstance(then(KIND, lived(*pardoned), OVER, event), Completed)
    refused(KIND, lived(*pardoned), replace(OVER, authority=None), NO_AUTHORITY)
    refused(KIND, lived(*pardoned), replace(OVER, reason=None), NO_REASON)
    refused(KIND, lived(*FINAL), OVER, no.STILL_HELD)


# --- Histories that cannot be ---------------------------------------------------------------------------------


def test_a_grant_of_remission_is_not_retracted_while_its_forfeiture_stands() -> None:
    history = lived(*IN_SERVICE, GRANT, FORFEIT)
    command, found = retracted(history, len(history) - 3)
    assert found is not None
    assert isinstance(found.event, RemissionGranted)
    with pytest.raises(Refused) as caught:
        decide_within(KIND, SHARED, history, command, replace(officer(None), target=found))
    assert (caught.value.refusal, caught.value.version) == (NO_LONGER_FITS, len(history) - 1)


def test_nobody_can_have_returned_under_a_sentence_that_was_over() -> None:
    appeal = replace(APPEAL, when=at(DUE + 2 * DAY), authority=ORDER)
    over = stage_after(*IN_SERVICE, RELEASE, appeal)
    with pytest.raises(ImpossibleHistory):
        KIND.evolve(over, SentencedPersonReturned(**ruled(DUE + 3 * DAY), institution=None))


# --- Any course at all ----------------------------------------------------------------------------------------

POOL: tuple[Command, ...] = (
    SENTENCE, LINK, DERIVATION, COMPUTING, computation(), check(), check(2), FINALITY, START, RELEASE, CLOSING, APPEAL,
    DECISION,
    replace(DECISION, outcome=AppealOutcome.VARIED, terms=(term(years=2),)),
    replace(DECISION, outcome=AppealOutcome.REMITTED), replace(DECISION, outcome=AppealOutcome.QUASHED),
    replace(APPEAL, authority=ORDER), StaySentence(**ruled(LATER)), QUASHING, RESTRICTION, TRANSFER, DEATH, ESCAPE, BACK,
    GRANT, FORFEIT, EARLY, COMMUTATION, PARDON, OVER,
)  # fmt: skip
STEPS = st.lists(st.tuples(st.integers(-1, len(POOL) - 1), st.integers(0, 40), st.integers(0, 20)), max_size=25)


def retracted(history: list[Entry], target: int) -> tuple[Command, Entry | None]:
    """The retraction of an entry and the entry as it stands, if it does."""
    found = next((entry for entry in standing(history) if entry.version == target), None)
    block = said(DUE, reason="never happened")
    return RetractEntry(**block, target=target, why=CorrectionReason.NEVER_HAPPENED), found


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_no_course_of_acts_late_entries_and_retractions_leaves_a_history_that_cannot_be_folded(
    course: list[tuple[int, int, int]],
) -> None:
    history = lived(CONVICTION)
    for number, days, target in course:
        ctx = officer(None)
        if number < 0:
            command, found = retracted(history, target)
            ctx = replace(ctx, target=found)
        else:
            command = replace(POOL[number], when=at(JUDGED + days * 25 * DAY))
            ctx = officer(command.decided_by)
        try:
            decision = decide_within(KIND, SHARED, history, command, ctx)
        except Refused:
            continue
        history += given_after(history, decision.events)
        assert fold(KIND, SHARED, effective(history)) == decision.after
