"""Sentencing: appeals and their decisions, quashing, restricting, closing."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from domain.dossier import SHARED
from domain.history import decide_within
from domain.kernel import NO_AUTHORITY, NO_LONGER_FITS, NO_REASON, NOT_OPEN, Command, Refused, Stage
from domain.kinds.sentencing import KIND
from domain.kinds.sentencing import refusals as no
from domain.kinds.sentencing.acts import (
    AppealDecided,
    AppealLodged,
    AppealOutcome,
    Appellant,
    ConvictionQuashed,
    Custody,
    RecordRestricted,
    SentenceStayed,
    SentencingClosed,
    StaySentence,
)
from domain.kinds.sentencing.computation_acts import DetermineCredit
from domain.kinds.sentencing.execution_acts import (
    CommuteSentence,
    CompleteSentence,
    ForfeitRemission,
    GrantPardon,
    GrantRemission,
    RecordDeathUnderSentence,
    RecordEscapeUnderSentence,
    RecordReturnUnderSentence,
    ReleaseBecameDue,
    ReleaseDuty,
    ReleaseGround,
    ReleaseMatch,
    SentencedPersonReleased,
    TransferCustody,
)
from domain.kinds.sentencing.stages import (
    ANY,
    APPEALED,
    Closed,
    Computed,
    Convicted,
    Deceased,
    Quashed,
    Sentenced,
    UnderAppeal,
    conviction_of,
    sentence_of,
)
from domain.values import Answer, Precision, When, at
from tests.domain.sentencing_course import (
    APPEAL,
    CHECKED,
    CLOSING,
    COMPUTING,
    CONVICTION,
    DECISION,
    DUE,
    FINALITY,
    JUDGED,
    ORDER,
    QUASHING,
    RELEASE,
    RESTRICTION,
    SENTENCE,
    SENTENCED,
    SERVED,
    START,
    STRANGER,
    TWO_COUNTS,
    check,
    lived,
    officer,
    ruled,
    stage_after,
    term,
)
from tests.scenario import DAY, HOUR, context, refused, said, then

# --- Appeal ---------------------------------------------------------------------------------------------------


def test_an_appeal_in_time_needs_no_leave() -> None:
    event = AppealLodged(**said(JUDGED + 3 * DAY), appellant=Appellant.CONVICTED_PERSON, grounds="too severe")
    assert isinstance(then(KIND, lived(*CHECKED), APPEAL, event), UnderAppeal)


def test_an_appeal_out_of_time_needs_leave() -> None:
    late = replace(APPEAL, when=at(JUDGED + 40 * DAY))
    refused(KIND, lived(*CHECKED, FINALITY, START), late, no.APPEAL_OUT_OF_TIME)
    assert isinstance(stage_after(*CHECKED, FINALITY, START, replace(late, authority=ORDER)), UnderAppeal)


def test_an_appeal_that_may_be_in_time_is_in_time() -> None:
    month = When(JUDGED, JUDGED + 30 * DAY, Precision.MONTH)
    vague = replace(SENTENCE, when=month)
    assert isinstance(stage_after(CONVICTION, vague, replace(APPEAL, when=at(JUDGED + 55 * DAY))), UnderAppeal)


def test_a_cross_appeal_joins_but_nobody_appeals_twice() -> None:
    cross = replace(APPEAL, appellant=Appellant.PROSECUTION, when=at(JUDGED + 4 * DAY))
    stage = stage_after(*CHECKED, APPEAL, cross)
    assert isinstance(stage, UnderAppeal)
    assert stage.appellants == {Appellant.CONVICTED_PERSON, Appellant.PROSECUTION}
    refused(KIND, lived(*CHECKED, APPEAL), replace(APPEAL, when=at(JUDGED + 4 * DAY)), no.APPELLANT_APPEALED)


def test_a_sentence_under_appeal_may_be_stayed_once() -> None:
    stay = StaySentence(**ruled(JUDGED + 5 * DAY))
    then(KIND, lived(*CHECKED, APPEAL), stay, SentenceStayed(**ruled(JUDGED + 5 * DAY)))
    refused(KIND, lived(*CHECKED, APPEAL), replace(stay, authority=None), NO_AUTHORITY)
    refused(KIND, lived(*CHECKED, APPEAL, stay), replace(stay, when=at(JUDGED + 6 * DAY)), no.ALREADY_STAYED)


def decided(outcome: AppealOutcome, **more: Any) -> AppealDecided:
    """The decision on appeal, with nothing stated about the sentence unless given."""
    nothing = {"quashed_counts": (), "terms": (), "ancillary": (), "no_separate_penalty": ()}
    block = ruled(JUDGED + 50 * DAY)
    return AppealDecided(**block, outcome=outcome, court=None, custody=Custody.HELD, **(nothing | more))


RELEASE_DUE = ReleaseBecameDue(**ruled(JUDGED + 50 * DAY), ground=ReleaseDuty.CONVICTION_QUASHED)


@pytest.mark.parametrize(
    ("outcome", "stage"),
    [
        (AppealOutcome.UPHELD, Computed),
        (AppealOutcome.WITHDRAWN, Computed),
        (AppealOutcome.REMITTED, Convicted),
        (AppealOutcome.QUASHED, Quashed),
    ],
)
def test_the_appeal_decision_says_where_the_case_stands(outcome: AppealOutcome, stage: type[Stage]) -> None:
    duty = (RELEASE_DUE,) if outcome is AppealOutcome.QUASHED else ()
    after = then(KIND, lived(*CHECKED, APPEAL), replace(DECISION, outcome=outcome), decided(outcome), *duty)
    assert isinstance(after, stage)


def test_the_appeal_window_runs_anew_from_a_decision_that_upholds() -> None:
    refused(KIND, lived(*CHECKED, APPEAL, DECISION), replace(FINALITY, when=at(JUDGED + 60 * DAY)), no.APPEAL_WINDOW_OPEN)


def test_a_varied_sentence_is_sentenced_again_and_its_dates_are_computed_anew() -> None:
    varied = replace(DECISION, outcome=AppealOutcome.VARIED, terms=(term(years=2),))
    after = then(KIND, lived(*CHECKED, APPEAL), varied, decided(AppealOutcome.VARIED, terms=(term(years=2),)))
    assert isinstance(after, Sentenced)
    assert after.sentence.computation is None
    refused(KIND, lived(*CHECKED, APPEAL, varied), replace(FINALITY, when=at(JUDGED + 90 * DAY)), no.NOT_CHECKED)


def test_a_varied_sentence_may_quash_some_counts_but_not_all() -> None:
    both = replace(SENTENCE, terms=(term(), term(2, 2)))
    history = lived(TWO_COUNTS, both, APPEAL)
    varied = replace(DECISION, outcome=AppealOutcome.VARIED, terms=(term(),), quashed_counts=(2,))
    then(KIND, history, varied, decided(AppealOutcome.VARIED, terms=(term(),), quashed_counts=(2,)))
    refused(KIND, history, replace(varied, quashed_counts=(1, 2)), no.QUASHED_COUNTS)
    refused(KIND, history, replace(varied, quashed_counts=(3,)), no.QUASHED_COUNTS)
    refused(KIND, history, replace(varied, terms=(term(), term(2, 2))), no.OUTCOME_NOT_CONVICTED)


def test_only_a_varying_decision_states_a_sentence_and_each_needs_its_document() -> None:
    history = lived(*CHECKED, APPEAL)
    refused(KIND, history, replace(DECISION, terms=(term(),)), no.APPEAL_STATES_SENTENCE)
    refused(KIND, history, replace(DECISION, authority=None), NO_AUTHORITY)


# --- Quashing, restricting, closing ---------------------------------------------------------------------------


def test_a_quashed_conviction_says_whether_the_person_is_held_and_then_opens_the_duty_to_release() -> None:
    quashing = replace(QUASHING, when=at(JUDGED + 60 * DAY))
    event = ConvictionQuashed(**ruled(JUDGED + 60 * DAY), court="Supreme Court", custody=Custody.HELD)
    duty = replace(RELEASE_DUE, when=quashing.when)
    stage = then(KIND, lived(*CHECKED, FINALITY, START), quashing, event, duty)
    assert isinstance(stage, Quashed)
    assert stage.conviction.release_due == quashing.when
    free = replace(CONVICTION, custody=Custody.AT_LIBERTY)
    then(KIND, lived(free), quashing, replace(event, custody=Custody.AT_LIBERTY))


def test_after_quashing_no_date_is_computed_and_the_record_tells_how_long_the_person_was_held_on() -> None:
    quashing = replace(QUASHING, when=at(JUDGED + 60 * DAY))
    history = lived(*CHECKED, FINALITY, START, quashing)
    refused(KIND, history, replace(COMPUTING, when=at(JUDGED + 61 * DAY)), NOT_OPEN)
    stage = stage_after(*CHECKED, FINALITY, START, quashing, replace(RELEASE, when=at(JUDGED + 63 * DAY)))
    assert isinstance(stage, Quashed)
    assert stage.conviction.release_due is None
    due = (JUDGED + 60 * DAY).date()
    told: dict[str, Any] = {"ground": ReleaseGround.SENTENCE, "due": due, "sentence_over": Answer.UNKNOWN}
    days = SentencedPersonReleased(**said(JUDGED + 63 * DAY), match=ReleaseMatch.HELD_PAST, days=3, **told)
    then(KIND, history, replace(RELEASE, when=at(JUDGED + 63 * DAY)), days)
    at_once = SentencedPersonReleased(**said(JUDGED + 60 * DAY), match=ReleaseMatch.RELEASED_ON_ORDER, days=None, **told)
    then(KIND, history, replace(RELEASE, when=at(JUDGED + 60 * DAY)), at_once)


def test_a_quashed_case_is_closed_only_when_nobody_is_held_and_the_record_is_restricted() -> None:
    quashing = replace(QUASHING, when=at(JUDGED + 60 * DAY))
    history = (*CHECKED, FINALITY, START, quashing)
    refused(KIND, lived(*history), CLOSING, no.STILL_HELD)
    refused(KIND, lived(*history, RELEASE), CLOSING, no.NOT_RESTRICTED)
    closing = replace(CLOSING, when=at(DUE + 4 * DAY))
    assert isinstance(stage_after(*history, RELEASE, RESTRICTION, closing), Closed)


def test_a_conviction_is_quashed_after_death_and_after_closure_too_but_once() -> None:
    death = RecordDeathUnderSentence(**said(JUDGED + 60 * DAY))
    after_death = stage_after(*CHECKED, FINALITY, START, death, QUASHING)
    assert isinstance(after_death, Deceased)
    assert after_death.conviction.quashed
    assert isinstance(stage_after(*SERVED, CLOSING, QUASHING), Quashed)
    refused(KIND, lived(*CHECKED, FINALITY, START, death, QUASHING), QUASHING, no.ALREADY_QUASHED)
    refused(KIND, lived(CONVICTION), replace(QUASHING, authority=None), NO_AUTHORITY)


def test_a_record_is_restricted_on_authority_with_a_reason_and_once() -> None:
    event = RecordRestricted(**ruled(DUE + 3 * DAY, reason="quashed"))
    then(KIND, lived(*SERVED, CLOSING, QUASHING), RESTRICTION, event)
    refused(KIND, lived(*SERVED), replace(RESTRICTION, authority=None), NO_AUTHORITY)
    refused(KIND, lived(*SERVED), replace(RESTRICTION, reason=None), NO_REASON)
    refused(KIND, lived(*SERVED, RESTRICTION), RESTRICTION, no.ALREADY_RESTRICTED)


def test_a_death_is_not_closed_by_the_unit_that_answered_for_the_person() -> None:
    history = lived(*CHECKED, FINALITY, START, RecordDeathUnderSentence(**said(JUDGED + 60 * DAY)))
    refused(KIND, history, CLOSING, no.CLOSED_BY_INVOLVED)
    closed = SentencingClosed(**said(DUE + DAY), unit="unit-2")
    assert isinstance(then(KIND, history, CLOSING, closed, ctx=context(STRANGER)), Closed)


def test_a_case_is_not_closed_before_the_sentence_is_over() -> None:
    refused(KIND, lived(*CHECKED, FINALITY, START), CLOSING, NOT_OPEN)


# --- A judgment that becomes known late -----------------------------------------------------------------------

TAKEN = JUDGED + 60 * DAY
MEANWHILE: dict[str, tuple[Command, ...]] = {
    "remission": (
        GrantRemission(**ruled(TAKEN), days=5), ForfeitRemission(**ruled(TAKEN + DAY), days=5, hearing="hearing 4/2023"),
    ),
    "transfer": (TransferCustody(**said(TAKEN), institution="Colony 2"),),
    "terms": (
        CommuteSentence(**ruled(TAKEN), terms=(term(years=2),)),
        GrantPardon(**ruled(TAKEN + DAY), full=False, remaining=(term(years=1),)),
    ),
    "dates": (replace(COMPUTING, when=at(TAKEN)), check(2, TAKEN + DAY)),
    "escape": (
        RecordEscapeUnderSentence(**said(TAKEN)), RecordReturnUnderSentence(**ruled(TAKEN + DAY), institution="Colony 1"),
    ),
    "credit": (DetermineCredit(**ruled(TAKEN), days=130),),
    "appeal": (replace(APPEAL, when=at(TAKEN), appellant=Appellant.PROSECUTION, authority=ORDER),),
}  # fmt: skip


@pytest.mark.parametrize("meanwhile", MEANWHILE.values(), ids=MEANWHILE)
@pytest.mark.parametrize("before", [JUDGED + 59 * DAY, JUDGED + 20 * DAY])
def test_a_quashing_that_becomes_known_late_is_taken_with_its_own_date(
    meanwhile: tuple[Command, ...], before: datetime
) -> None:
    history = lived(*SENTENCED, COMPUTING, check(), FINALITY, START, *meanwhile)
    quashing = replace(QUASHING, when=at(before))
    after = decide_within(KIND, SHARED, history, quashing, officer(None)).after
    assert isinstance(after.stage, Quashed)
    assert after.contradictions == ()
    assert after.stage.conviction.quashed
    assert after.stage.conviction.custody is Custody.HELD
    assert after.stage.conviction.release_due == quashing.when, "held all the time, and to be released since then"


@pytest.mark.parametrize("meanwhile", MEANWHILE.values(), ids=MEANWHILE)
def test_so_is_a_decision_on_appeal_and_a_full_pardon(meanwhile: tuple[Command, ...]) -> None:
    served = (*SENTENCED, COMPUTING, check(), FINALITY, START)
    appeal = replace(APPEAL, when=at(JUDGED + 40 * DAY), authority=ORDER)
    quashed = replace(DECISION, outcome=AppealOutcome.QUASHED)
    after = decide_within(KIND, SHARED, lived(*served, appeal, *meanwhile), quashed, officer(None)).after
    assert isinstance(after.stage, Quashed)
    pardon = GrantPardon(**ruled(JUDGED + 59 * DAY), full=True)
    after = decide_within(KIND, SHARED, lived(*served, *meanwhile), pardon, officer(None)).after
    assert isinstance(after.stage, APPEALED)
    sentence = sentence_of(after.stage)
    assert (sentence.extinguished, sentence.terms, sentence.current) == (True, (), None)
    assert sentence.conviction.release_due == pardon.when


def test_whoever_was_taken_after_a_quashing_that_became_known_late_is_held_and_to_be_released() -> None:
    free = replace(CONVICTION, custody=Custody.AT_LIBERTY)
    start = replace(START, when=at(TAKEN))
    history = lived(free, *SENTENCED[1:], COMPUTING, check(), FINALITY, start)
    after = decide_within(KIND, SHARED, history, replace(QUASHING, when=at(TAKEN - DAY)), officer(None)).after
    assert isinstance(after.stage, Quashed)
    conviction = after.stage.conviction
    assert (conviction.custody, conviction.institution, conviction.release_due) == (Custody.HELD, "Colony 1", start.when)


def test_a_sentence_imposed_after_it_still_contradicts_a_quashing() -> None:
    with pytest.raises(Refused) as caught:
        decide_within(KIND, SHARED, lived(*SENTENCED), replace(QUASHING, when=at(JUDGED - HOUR)), officer(None))
    assert (caught.value.refusal, caught.value.version) == (NO_LONGER_FITS, 2)


def test_an_end_of_custody_in_a_case_closed_on_somebody_who_may_be_held_is_taken_before_and_after_a_quashing() -> None:
    unknown = replace(CONVICTION, custody=Custody.UNKNOWN)
    complete = CompleteSentence(**ruled(JUDGED + 100 * DAY, reason="time served"))
    closed = (unknown, *SENTENCED[1:], COMPUTING, check(), FINALITY, complete, replace(CLOSING, when=at(JUDGED + 101 * DAY)))
    then_at = at(JUDGED + 110 * DAY)
    release = replace(RELEASE, when=then_at)
    death = RecordDeathUnderSentence(**said(JUDGED) | {"when": then_at}, circumstances="not known")
    escape = RecordEscapeUnderSentence(**said(JUDGED) | {"when": then_at})
    for command, stage, custody in (
        (release, Closed, Custody.AT_LIBERTY), (death, Deceased, Custody.DECEASED), (escape, Closed, Custody.ESCAPED),
    ):  # fmt: skip
        for history in (lived(*closed), lived(*closed, QUASHING)):
            after = decide_within(KIND, SHARED, history, command, officer(None)).after
            assert isinstance(after.stage, ANY)
            assert isinstance(after.stage, stage if len(history) == len(lived(*closed)) or stage is Deceased else Quashed)
            assert (conviction_of(after.stage).custody, after.contradictions) == (custody, ())
        refused(KIND, lived(*SERVED, CLOSING), replace(command, when=at(DUE + 2 * DAY)), NOT_OPEN)
