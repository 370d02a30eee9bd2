"""Steps, facts, shipments and experts of an investigation, and how it holds what the press claims."""

from typing import Any

import pytest

from domain.dossier.rules import ONLY_COURT_ESTABLISHES, UNKNOWN_PARTY
from domain.kernel import NO_AUTHORITY, NO_REASON, Command, Event, Refusal, record
from domain.kinds.investigation import KIND, inquiry_rules
from domain.kinds.investigation import course_acts as course
from domain.kinds.investigation import inquiry_acts as inquiry
from domain.kinds.investigation.guards import (
    EVIDENCE_REFUTED,
    EXPERT_CONFLICTED,
    MATERIAL_UNKNOWN,
    REFERENCE_TAKEN,
    SUBJECT_UNKNOWN,
)
from domain.kinds.investigation.inquiry_acts import Channel, FactTopic, StepType
from domain.kinds.investigation.stages import Begun, Closed
from domain.values import (
    Answer,
    ClaimStatus,
    Precision,
    When,
)
from tests.domain.investigation_examples import (
    CONCLUDED,
    COURT_ORDER,
    HEARD,
    LATER,
    OPEN,
    PERIOD,
    STRANGER,
    THIRD_PERSON,
    UNCONFLICTED,
    asked,
    denied,
    happened,
)
from tests.scenario import DAY, HOUR, NOON, OTHER_PERSON, PERSON, given, then

SEARCH: dict[str, Any] = {
    "step": "S1",
    "step_type": StepType.SEARCH,
    "record": "R1",
    "outcome": "two vests",
    "found": Answer.YES,
}
INTERVIEW: dict[str, Any] = {"step": "S2", "record": "R2", "party": PERSON} | HEARD
WARRANT: dict[str, Any] = {
    "step": "S3",
    "step_type": StepType.RECORDS,
    "scope": "records of the post",
    "valid_from": LATER,
    "valid_until": LATER + DAY,
}
STATED: dict[str, Any] = {"fact": "F9", "about": FactTopic.STORAGE, "statement": "vests in a room", "happened": PERIOD}
FAVORS: dict[str, Any] = {"item": "X9", "statement": "receipts", "happened": PERIOD}
SHIPMENT: dict[str, Any] = {
    "shipment": "P9",
    "channel": Channel.INTERNATIONAL_POST,
    "happened": PERIOD,
    "items": "vests",
    "evidence": ("F2",),
}
QUESTION: dict[str, Any] = {"request": "Q9", "expert": "e-1", "discipline": "armor", "questions": "what is it?"}
OPINION: dict[str, Any] = {
    "request": "Q1",
    "opinion": "O1",
    "findings": "load-bearing, not ballistic",
    "claim_status": ClaimStatus.OPINION,
} | UNCONFLICTED
CONFLICTED: dict[str, Any] = {"conflict": Answer.YES, "conflict_statement": "sold such vests"}
COURT_SAYS: dict[str, Any] = {"claim_status": ClaimStatus.ESTABLISHED, "authority": COURT_ORDER}
ESTABLISHED = happened(inquiry.ClaimStatusChanged, 17, item="F1", was=ClaimStatus.OBSERVED, **COURT_SAYS)
UNTIL_UNKNOWN = When(LATER, None, Precision.RANGE)
THE_DAY_BEFORE = When(NOON - 6 * HOUR, NOON + 18 * HOUR, Precision.DAY)
THE_DAY_AFTER = When(NOON + DAY, NOON + 2 * DAY, Precision.DAY)

PROVOKED: list[tuple[str, list[Event], Command, Refusal]] = [
    ("a_step_needs_authority", OPEN, asked(inquiry.AuthorizeStep, **WARRANT, authority=None), NO_AUTHORITY),
    (
        "the_lead_cannot_authorize_steps",
        OPEN,
        asked(inquiry.AuthorizeStep, **WARRANT, decided_by="o-lead"),
        inquiry_rules.LEAD_AUTHORIZES_STEP,
    ),
    (
        "a_step_has_a_reference_of_its_own",
        OPEN,
        asked(inquiry.AuthorizeStep, **(WARRANT | {"step": "S1"})),
        REFERENCE_TAKEN,
    ),
    (
        "an_authority_ends_after_it_begins",
        OPEN,
        asked(inquiry.AuthorizeStep, **(WARRANT | {"valid_until": LATER})),
        inquiry_rules.STEP_WINDOW_EMPTY,
    ),
    (
        "an_authority_covers_nothing_done_before_it",
        OPEN,
        asked(inquiry.AuthorizeStep, **(WARRANT | {"valid_from": LATER - HOUR})),
        inquiry_rules.STEP_WINDOW_BACKDATED,
    ),
    (
        "an_authority_is_given_at_a_known_time",
        OPEN,
        asked(inquiry.AuthorizeStep, **WARRANT, when=THE_DAY_AFTER),
        inquiry_rules.STEP_AUTHORITY_IMPRECISE,
    ),
    (
        "a_step_never_authorized_is_not_recorded",
        OPEN,
        asked(inquiry.RecordStep, **(SEARCH | {"step": "S7"})),
        inquiry_rules.STEP_UNKNOWN,
    ),
    (
        "a_search_warrant_is_no_warrant_for_surveillance",
        OPEN,
        asked(inquiry.RecordStep, **(SEARCH | {"step_type": StepType.SURVEILLANCE})),
        inquiry_rules.STEP_OF_OTHER_TYPE,
    ),
    (
        "a_step_after_its_authority_expired_is_not_recorded",
        OPEN,
        asked(inquiry.RecordStep, NOON + 5 * DAY, **SEARCH),
        inquiry_rules.STEP_OUTSIDE_WINDOW,
    ),
    (
        "a_step_that_may_have_begun_before_its_authority_is_not_recorded",
        OPEN,
        asked(inquiry.RecordStep, **SEARCH, when=THE_DAY_BEFORE),
        inquiry_rules.STEP_OUTSIDE_WINDOW,
    ),
    (
        "a_step_without_a_known_end_is_not_recorded",
        OPEN,
        asked(inquiry.RecordStep, **SEARCH, when=UNTIL_UNKNOWN),
        inquiry_rules.STEP_TIME_OPEN,
    ),
    (
        "who_authorized_a_step_does_not_take_it",
        OPEN,
        asked(inquiry.RecordStep, **SEARCH, decided_by="o-judge"),
        inquiry_rules.AUTHORIZER_TAKES_STEP,
    ),
    (
        "the_record_of_a_step_has_a_reference_of_its_own",
        OPEN,
        asked(inquiry.RecordStep, **(SEARCH | {"record": "F1"})),
        REFERENCE_TAKEN,
    ),
    (
        "an_interview_says_of_counsel_and_interpreter",
        OPEN,
        asked(inquiry.RecordStep, **(SEARCH | {"step": "S2", "step_type": StepType.INTERVIEW})),
        inquiry_rules.INTERVIEW_HAS_OWN_COMMAND,
    ),
    (
        "nobody_is_heard_under_a_search_warrant",
        OPEN,
        asked(inquiry.RecordSubjectInterview, **(INTERVIEW | {"step": "S1"})),
        inquiry_rules.STEP_OF_OTHER_TYPE,
    ),
    (
        "only_subjects_are_heard",
        OPEN,
        asked(inquiry.RecordSubjectInterview, **(INTERVIEW | {"party": THIRD_PERSON})),
        SUBJECT_UNKNOWN,
    ),
    (
        "counsel_is_offered_before_any_interview",
        OPEN,
        asked(inquiry.RecordSubjectInterview, **(INTERVIEW | {"counsel_offered": Answer.UNKNOWN})),
        inquiry_rules.COUNSEL_NOT_OFFERED,
    ),
    (
        "nobody_is_heard_without_the_interpreter_they_need",
        OPEN,
        asked(inquiry.RecordSubjectInterview, **(INTERVIEW | {"interpreter_needed": Answer.UNKNOWN})),
        inquiry_rules.INTERPRETER_MISSING,
    ),
    (
        "a_fact_has_a_reference_of_its_own",
        OPEN,
        asked(inquiry.RecordFact, **(STATED | {"fact": "X1"})),
        REFERENCE_TAKEN,
    ),
    (
        "a_fact_speaks_of_registered_parties",
        OPEN,
        asked(inquiry.RecordFact, **STATED, parties=(STRANGER,)),
        UNKNOWN_PARTY,
    ),
    (
        "an_officer_cannot_establish_a_fact",
        OPEN,
        asked(inquiry.RecordFact, **STATED, claim_status=ClaimStatus.ESTABLISHED),
        ONLY_COURT_ESTABLISHES,
    ),
    (
        "an_officer_cannot_make_a_claim_established",
        OPEN,
        asked(inquiry.ChangeClaimStatus, item="F1", claim_status=ClaimStatus.ESTABLISHED),
        ONLY_COURT_ESTABLISHES,
    ),
    (
        "an_officer_cannot_undo_what_a_court_established",
        [*OPEN, ESTABLISHED],
        asked(inquiry.ChangeClaimStatus, item="F1", claim_status=ClaimStatus.REFUTED),
        ONLY_COURT_ESTABLISHES,
    ),
    (
        "a_claim_status_changes_to_another_one",
        OPEN,
        asked(inquiry.ChangeClaimStatus, item="F1"),
        inquiry_rules.CLAIM_UNCHANGED,
    ),
    (
        "a_claim_nobody_made_has_no_status",
        OPEN,
        asked(inquiry.ChangeClaimStatus, item="F7", claim_status=ClaimStatus.REFUTED),
        MATERIAL_UNKNOWN,
    ),
    (
        "changing_a_claim_status_needs_a_reason",
        OPEN,
        asked(inquiry.ChangeClaimStatus, item="F1", claim_status=ClaimStatus.REFUTED, reason=None),
        NO_REASON,
    ),
    (
        "exculpatory_material_speaks_for_registered_parties",
        OPEN,
        asked(inquiry.RecordExculpatoryMaterial, **FAVORS, parties=(STRANGER,)),
        UNKNOWN_PARTY,
    ),
    (
        "two_shipments_do_not_rest_on_the_same_evidence",
        OPEN,
        asked(inquiry.RecordPriorShipment, **(SHIPMENT | {"evidence": ("F1",)})),
        inquiry_rules.SHIPMENT_WITHOUT_OWN_EVIDENCE,
    ),
    (
        "a_shipment_does_not_rest_on_what_is_refuted",
        OPEN,
        asked(inquiry.RecordPriorShipment, **(SHIPMENT | {"evidence": ("F3",)})),
        EVIDENCE_REFUTED,
    ),
    (
        "an_expert_with_a_conflict_is_not_asked",
        OPEN,
        asked(inquiry.RequestExpert, **QUESTION, **CONFLICTED),
        EXPERT_CONFLICTED,
    ),
    (
        "an_expert_who_got_a_conflict_gives_no_opinion",
        OPEN,
        asked(inquiry.RecordExpertOpinion, **(OPINION | CONFLICTED)),
        EXPERT_CONFLICTED,
    ),
    (
        "an_opinion_nobody_asked_for_is_not_recorded",
        OPEN,
        asked(inquiry.RecordExpertOpinion, **(OPINION | {"request": "Q7"})),
        inquiry_rules.REQUEST_UNKNOWN,
    ),
    (
        "an_opinion_is_not_recorded_as_a_fact",
        OPEN,
        asked(inquiry.RecordExpertOpinion, **(OPINION | {"claim_status": ClaimStatus.OBSERVED})),
        inquiry_rules.OPINION_IS_NO_FACT,
    ),
]


@pytest.mark.parametrize(("events", "command", "refusal"), [c[1:] for c in PROVOKED], ids=[c[0] for c in PROVOKED])
def test_refused(events: list[Event], command: Command, refusal: Refusal) -> None:
    denied(events, command, refusal)


def test_a_step_known_to_the_day_is_recorded_if_the_whole_day_lies_in_the_window() -> None:
    search = asked(inquiry.RecordStep, **SEARCH, when=THE_DAY_AFTER)
    stage = then(KIND, given(*OPEN), search, record(inquiry.StepConducted, search))
    assert isinstance(stage, Begun)
    assert "R1" in stage.matter.material


def test_a_person_is_heard_with_the_interpreter_they_need() -> None:
    answers = {"interpreter_needed": Answer.YES, "interpreter_present": Answer.YES}
    hear = asked(inquiry.RecordSubjectInterview, **(INTERVIEW | answers | {"party": OTHER_PERSON}))
    then(KIND, given(*OPEN), hear, record(inquiry.InterviewConducted, hear))


def test_a_court_establishes_a_claim_and_the_earlier_status_stays_on_record() -> None:
    establish = asked(inquiry.ChangeClaimStatus, item="F1", **COURT_SAYS)
    expected = record(inquiry.ClaimStatusChanged, establish, was=ClaimStatus.OBSERVED)
    stage = then(KIND, given(*OPEN), establish, expected)
    assert isinstance(stage, Begun)
    assert stage.matter.material["F1"].status is ClaimStatus.ESTABLISHED


def test_what_speaks_for_a_person_is_taken_even_after_the_closing() -> None:
    favor = asked(inquiry.RecordExculpatoryMaterial, **FAVORS, parties=(PERSON,))
    history = given(*CONCLUDED, happened(course.InvestigationClosed, 24))
    stage = then(KIND, history, favor, record(inquiry.ExculpatoryMaterialRecorded, favor))
    assert isinstance(stage, Closed)
    assert stage.matter.material["X9"].exculpatory
