"""Histories of an investigation that no rule could have written are called impossible, never anything else."""

from dataclasses import replace
from typing import Any

import pytest

from domain.dossier import SHARED
from domain.history import fold
from domain.kernel import Event, ImpossibleHistory
from domain.kinds.investigation import KIND
from domain.kinds.investigation import course_acts as course
from domain.kinds.investigation import court_acts as court
from domain.kinds.investigation import inquiry_acts as inquiry
from domain.kinds.investigation import link_acts as links
from domain.kinds.investigation import people_acts as people
from domain.kinds.investigation.stages import Charged
from domain.values import Answer, ClaimStatus
from tests.domain.investigation_examples import (
    ALLEGED,
    CHARGED,
    HEARD,
    ITEMS,
    LATER,
    LINKED,
    OPEN,
    OTHER_CASE,
    STRANGER,
    UNCONFLICTED,
    fact,
    happened,
    matter_of,
)
from tests.scenario import OTHER_PERSON, PERSON, given

GUILTY = court.ChargeVerdict("C1", court.VerdictOutcome.GUILTY)
FILED: dict[str, Any] = {"charge": "C2", "party": PERSON, "law": "l", "particulars": "p", "allegations": ("A1",)}
RENEWED: dict[str, Any] = {"network_link": "N1", "explanation": "e", "evidence": ("F1",), "expires": LATER}
GIVEN_UP = happened(links.NetworkLinkRejected, 22, network_link="N1")
UNMADE = happened(people.AllegationWithdrawn, 22, allegation="A1")
ELIMINATED = happened(people.SubjectEliminated, 22, party=OTHER_PERSON)

IMPOSSIBLE: list[tuple[str, list[Event], Event]] = [
    ("an_opening_of_what_is_open", CHARGED, happened(course.InvestigationOpened, 30, grounds="g", scope="s")),
    ("a_subject_twice", CHARGED, replace(OPEN[4])),
    ("a_stranger_eliminated", CHARGED, happened(people.SubjectEliminated, 30, party=STRANGER)),
    ("a_person_eliminated_twice", [*CHARGED, ELIMINATED], replace(ELIMINATED)),
    (
        "a_withdrawn_allegation_amended",
        [*CHARGED, UNMADE],
        happened(people.AllegationAmended, 30, allegation="A1", parties=(), **ALLEGED),
    ),
    (
        "an_allegation_against_a_stranger",
        CHARGED,
        happened(people.AllegationRecorded, 30, allegation="A2", parties=(STRANGER,), **ALLEGED),
    ),
    ("a_charge_on_a_withdrawn_allegation", [*CHARGED, UNMADE], happened(court.ChargeFiled, 30, **FILED)),
    ("a_charge_on_no_allegation", CHARGED, happened(court.ChargeFiled, 30, **(FILED | {"allegations": ("A7",)}))),
    ("a_charge_twice", CHARGED, happened(court.ChargeFiled, 30, **(FILED | {"charge": "C1"}))),
    ("a_charge_withdrawn_that_was_never_filed", CHARGED, happened(court.ChargeWithdrawn, 30, charge="C7")),
    (
        "a_charge_withdrawn_twice",
        [*CHARGED, happened(court.ChargeWithdrawn, 22, charge="C1")],
        happened(court.ChargeWithdrawn, 30, charge="C1"),
    ),
    ("a_verdict_before_any_court", CHARGED, happened(court.VerdictRecorded, 30, court="c", verdicts=(GUILTY,))),
    ("a_fact_twice", CHARGED, fact(30, "F1")),
    ("a_claim_nobody_made", CHARGED, happened(inquiry.ClaimStatusChanged, 30, item="F7", was=ClaimStatus.OBSERVED)),
    (
        "a_step_never_authorized",
        CHARGED,
        happened(
            inquiry.StepConducted,
            30,
            step="S7",
            step_type=inquiry.StepType.SEARCH,
            record="R1",
            outcome="o",
            found=Answer.NO,
        ),
    ),
    (
        "a_stranger_heard",
        CHARGED,
        happened(inquiry.InterviewConducted, 30, step="S2", record="R1", party=STRANGER, **HEARD),
    ),
    (
        "an_expert_asked_twice",
        CHARGED,
        happened(inquiry.ExpertRequested, 30, request="Q1", expert="e", discipline="d", questions="q", **UNCONFLICTED),
    ),
    (
        "an_opinion_nobody_asked_for",
        CHARGED,
        happened(inquiry.ExpertOpinionRecorded, 30, request="Q7", opinion="O1", findings="f", **UNCONFLICTED),
    ),
    (
        "a_link_on_evidence_that_is_gone",
        CHARGED,
        happened(
            links.NetworkLinkProposed,
            30,
            network_link="N2",
            first=PERSON,
            first_kind="party",
            second=OTHER_CASE,
            second_kind="detention",
            evidence=("F7",),
            expires=LATER,
            **LINKED,
        ),
    ),
    ("a_rejected_link_renewed", [*CHARGED, GIVEN_UP], happened(links.NetworkLinkRenewed, 30, **RENEWED)),
    (
        "a_note_never_made_resolved",
        CHARGED,
        happened(links.PossibleSamePersonResolved, 30, note="M7", outcome=links.Sameness.SAME),
    ),
    (
        "a_schedule_of_what_is_gone",
        CHARGED,
        happened(court.DisclosureScheduleIssued, 30, items=(replace(ITEMS[0], item="F7"),)),
    ),
    (
        "a_service_without_a_schedule",
        OPEN,
        happened(court.DisclosureServed, 30, party=PERSON, manifest_sha256="0" * 64),
    ),
]


@pytest.mark.parametrize(("before", "event"), [c[1:] for c in IMPOSSIBLE], ids=[c[0] for c in IMPOSSIBLE])
def test_impossible(before: list[Event], event: Event) -> None:
    with pytest.raises(ImpossibleHistory):
        fold(KIND, SHARED, given(*before, event))


def test_a_further_charge_leaves_the_case_charged() -> None:
    stage = fold(KIND, SHARED, given(*CHARGED, happened(court.ChargeFiled, 30, **FILED))).stage
    assert isinstance(stage, Charged)
    assert set(stage.matter.charges) == {"C1", "C2"}


def test_an_amended_charge_still_waits_for_its_verdict() -> None:
    amended = happened(court.ChargeAmended, 30, charge="C1", law="l", particulars="p")
    assert matter_of([*CHARGED, amended]).undecided
