"""Disclosure, prosecutor, charges and verdict of an investigation."""

from dataclasses import replace
from typing import Any

import pytest

from domain.kernel import NO_AUTHORITY, NO_REASON, Command, Event, Refusal, record
from domain.kinds.investigation import KIND, court_rules
from domain.kinds.investigation import court_acts as court
from domain.kinds.investigation import people_acts as people
from domain.kinds.investigation.court_acts import DisclosureDecision, VerdictOutcome
from domain.kinds.investigation.guards import MATERIAL_UNKNOWN, REFERENCE_TAKEN, SUBJECT_UNKNOWN
from domain.kinds.investigation.people_acts import SubjectStatus
from domain.kinds.investigation.people_rules import ALLEGATION_UNKNOWN
from domain.kinds.investigation.stages import Begun, Charged, Open, WithProsecutor
from tests.domain.investigation_examples import (
    APPROVED,
    AT_COURT,
    CHARGED,
    COURT_ORDER,
    HASH,
    ITEMS,
    OPEN,
    SCHEDULED,
    SENT,
    THIRD_PERSON,
    asked,
    denied,
    fact,
    happened,
    judged,
)
from tests.scenario import OTHER_PERSON, PERSON, given, then

WITHHELD = court.DisclosureItem("F1", DisclosureDecision.WITHHELD, court.WithholdingGround.PROTECTION_OF_A_PERSON, "o-approves")
EXCULPATORY = replace(WITHHELD, item="X1")
CHARGE: dict[str, Any] = {
    "charge": "C2",
    "party": PERSON,
    "law": "export act, section 2",
    "particulars": "two vests",
    "allegations": ("A1",),
}
REFERRAL: dict[str, Any] = {"prosecutor": "office", "summary": "see file"}
SERVED: dict[str, Any] = {"party": PERSON, "manifest_sha256": HASH}
DECIDED: dict[str, Any] = {"decision": court.ProsecutorDecision.CHARGE}
AMENDED: dict[str, Any] = {"charge": "C1", "law": "l", "particulars": "p"}
GUILTY = court.ChargeVerdict("C1", VerdictOutcome.GUILTY)
WITHDRAWN = happened(court.ChargeWithdrawn, 22, charge="C1")
BY_LEAD: dict[str, Any] = {"decided_by": "o-lead"}
NO_ALLEGATION = happened(people.AllegationWithdrawn, 18, allegation="A1")


def scheduled(*items: court.DisclosureItem, **more: Any) -> court.IssueDisclosureSchedule:
    """A schedule with these items, and the others disclosed."""
    named = {item.item for item in items}
    rest = [item for item in ITEMS if item.item not in named]
    return asked(court.IssueDisclosureSchedule, items=(*items, *rest), **more)


def verdict(*verdicts: court.ChargeVerdict, **more: Any) -> court.RecordVerdict:
    """A verdict of a court."""
    said: dict[str, Any] = {"court": "district court", "verdicts": verdicts, "authority": COURT_ORDER}
    return asked(court.RecordVerdict, **(said | more))


PROVOKED: list[tuple[str, list[Event], Command, Refusal]] = [
    ("a_schedule_lists_an_item_once", OPEN, scheduled(*ITEMS, ITEMS[0]), court_rules.SCHEDULE_LISTS_TWICE),
    (
        "a_schedule_decides_on_everything",
        OPEN,
        asked(court.IssueDisclosureSchedule, items=ITEMS[1:]),
        court_rules.SCHEDULE_INCOMPLETE,
    ),
    (
        "a_schedule_lists_material_of_the_case",
        OPEN,
        scheduled(replace(ITEMS[0], item="F7")),
        MATERIAL_UNKNOWN,
    ),
    ("withholding_needs_a_ground", OPEN, scheduled(replace(WITHHELD, ground=None)), court_rules.WITHHELD_UNEXPLAINED),
    (
        "withholding_needs_an_approver",
        OPEN,
        scheduled(replace(WITHHELD, approver=None)),
        court_rules.WITHHELD_UNEXPLAINED,
    ),
    (
        "who_issues_the_schedule_approves_no_withholding",
        OPEN,
        scheduled(replace(WITHHELD, approver="o-1")),
        court_rules.WITHHOLDING_SELF_APPROVED,
    ),
    (
        "the_lead_approves_no_withholding",
        OPEN,
        scheduled(replace(WITHHELD, approver="o-lead")),
        court_rules.WITHHOLDING_SELF_APPROVED,
    ),
    (
        "what_speaks_for_a_person_is_not_withheld_by_officers",
        OPEN,
        scheduled(EXCULPATORY),
        court_rules.EXCULPATORY_WITHHELD,
    ),
    ("nothing_is_served_without_a_schedule", OPEN, asked(court.ServeDisclosure, **SERVED), court_rules.NO_SCHEDULE),
    (
        "disclosure_is_served_on_a_subject",
        SCHEDULED,
        asked(court.ServeDisclosure, **(SERVED | {"party": THIRD_PERSON})),
        SUBJECT_UNKNOWN,
    ),
    ("no_referral_without_a_schedule", OPEN, asked(court.ReferToProsecutor, **REFERRAL), court_rules.NO_SCHEDULE),
    (
        "no_referral_with_material_not_decided_on",
        [*SCHEDULED, fact(18, "F9")],
        asked(court.ReferToProsecutor, **REFERRAL),
        court_rules.SCHEDULE_OUTDATED,
    ),
    (
        "no_referral_with_nothing_alleged",
        [*SCHEDULED, NO_ALLEGATION],
        asked(court.ReferToProsecutor, **REFERRAL),
        court_rules.NOTHING_ALLEGED,
    ),
    (
        "the_lead_does_not_decide_for_the_prosecutor",
        SENT,
        asked(court.RecordProsecutorDecision, **DECIDED, **BY_LEAD),
        court_rules.LEAD_PROSECUTES,
    ),
    ("declining_needs_a_reason", SENT, asked(court.DeclineProsecution, reason=None), NO_REASON),
    (
        "no_charge_before_the_prosecutor_decided",
        SENT,
        asked(court.FileCharge, **CHARGE),
        court_rules.PROSECUTOR_UNDECIDED,
    ),
    (
        "a_witness_is_not_charged",
        APPROVED,
        asked(court.FileCharge, **(CHARGE | {"party": OTHER_PERSON})),
        court_rules.CHARGED_WITHOUT_SUSPICION,
    ),
    (
        "only_a_subject_is_charged",
        APPROVED,
        asked(court.FileCharge, **(CHARGE | {"party": THIRD_PERSON})),
        SUBJECT_UNKNOWN,
    ),
    (
        "a_charge_rests_on_allegations_maintained",
        APPROVED,
        asked(court.FileCharge, **(CHARGE | {"allegations": ("A1", "A7")})),
        ALLEGATION_UNKNOWN,
    ),
    (
        "a_charge_has_a_reference_of_its_own",
        CHARGED,
        asked(court.FileCharge, **(CHARGE | {"charge": "C1"})),
        REFERENCE_TAKEN,
    ),
    (
        "a_charge_withdrawn_is_not_amended",
        [*AT_COURT, WITHDRAWN],
        asked(court.AmendCharge, **AMENDED),
        court_rules.CHARGE_UNKNOWN,
    ),
    (
        "a_charge_decided_is_not_withdrawn",
        judged(VerdictOutcome.NOT_GUILTY),
        asked(court.WithdrawCharge, charge="C1"),
        court_rules.CHARGE_UNKNOWN,
    ),
    ("amending_needs_a_reason", CHARGED, asked(court.AmendCharge, **AMENDED, reason=None), NO_REASON),
    ("withdrawing_needs_a_reason", CHARGED, asked(court.WithdrawCharge, charge="C1", reason=None), NO_REASON),
    (
        "no_court_is_seized_of_nothing",
        [*CHARGED, WITHDRAWN],
        asked(court.BringBeforeCourt, court="c", court_file="1"),
        court_rules.NO_CHARGE_STANDS,
    ),
    ("a_verdict_needs_authority", AT_COURT, verdict(GUILTY, authority=None), NO_AUTHORITY),
    (
        "a_verdict_is_a_court_s",
        AT_COURT,
        asked(court.RecordVerdict, court="c", verdicts=(GUILTY,)),
        court_rules.VERDICT_WITHOUT_COURT,
    ),
    ("a_verdict_says_one_thing_on_a_charge", AT_COURT, verdict(GUILTY, GUILTY), court_rules.VERDICT_TWICE),
    (
        "nobody_is_judged_on_what_is_not_charged",
        AT_COURT,
        verdict(replace(GUILTY, charge="C7")),
        court_rules.CHARGE_UNKNOWN,
    ),
    (
        "nobody_is_judged_twice_on_a_charge",
        judged(VerdictOutcome.NOT_GUILTY),
        verdict(GUILTY),
        court_rules.CHARGE_UNKNOWN,
    ),
]


@pytest.mark.parametrize(("events", "command", "refusal"), [c[1:] for c in PROVOKED], ids=[c[0] for c in PROVOKED])
def test_refused(events: list[Event], command: Command, refusal: Refusal) -> None:
    denied(events, command, refusal)


def test_a_suspect_charged_is_the_accused_from_then_on() -> None:
    charge = asked(court.FileCharge, **CHARGE)
    filed = record(court.ChargeFiled, charge)
    accused = record(
        people.SubjectStatusChanged,
        charge,
        was=SubjectStatus.SUSPECT,
        status=SubjectStatus.ACCUSED,
        grounds=charge.particulars,
    )
    stage = then(KIND, given(*APPROVED), charge, filed, accused)
    assert isinstance(stage, Charged)
    assert stage.matter.subjects[PERSON].status is SubjectStatus.ACCUSED


def test_the_prosecutor_can_ask_for_further_inquiry() -> None:
    decide = asked(court.RecordProsecutorDecision, decision=court.ProsecutorDecision.FURTHER_INQUIRY)
    assert isinstance(then(KIND, given(*SENT), decide, record(court.ProsecutorDecided, decide)), Open)


def test_the_case_stays_with_a_prosecutor_who_decided_to_charge() -> None:
    decide = asked(court.RecordProsecutorDecision, **DECIDED)
    stage = then(KIND, given(*SENT), decide, record(court.ProsecutorDecided, decide))
    assert isinstance(stage, WithProsecutor)
    assert stage.to_charge


def test_a_ground_and_another_officer_s_approval_withhold_an_item() -> None:
    issue = scheduled(WITHHELD)
    stage = then(KIND, given(*OPEN), issue, record(court.DisclosureScheduleIssued, issue))
    assert isinstance(stage, Begun)
    assert stage.matter.scheduled == frozenset(item.item for item in ITEMS)


def test_a_court_can_withhold_what_speaks_for_a_person() -> None:
    issue = scheduled(EXCULPATORY, authority=COURT_ORDER)
    then(KIND, given(*OPEN), issue, record(court.DisclosureScheduleIssued, issue))


def test_a_verdict_names_what_was_found_on_each_charge_and_convicts_nobody_by_itself() -> None:
    judge = verdict(GUILTY)
    stage = then(KIND, given(*AT_COURT), judge, record(court.VerdictRecorded, judge))
    assert isinstance(stage, Begun)
    assert stage.matter.charges["C1"].outcome is VerdictOutcome.GUILTY
    assert stage.matter.subjects[PERSON].status is SubjectStatus.ACCUSED
