"""Subjects, allegations, network links and possible-same-person notes of an investigation."""

from typing import Any

import pytest

from domain.dossier.rules import ONLY_COURT_ESTABLISHES, UNKNOWN_PARTY
from domain.kernel import NO_REASON, Command, Event, Refusal, record
from domain.kinds.investigation import KIND, link_rules, people_rules
from domain.kinds.investigation import link_acts as links
from domain.kinds.investigation import people_acts as people
from domain.kinds.investigation.court_acts import VerdictOutcome
from domain.kinds.investigation.guards import (
    EVIDENCE_REFUTED,
    MATERIAL_UNKNOWN,
    REFERENCE_TAKEN,
    SUBJECT_UNKNOWN,
)
from domain.kinds.investigation.link_acts import Sameness
from domain.kinds.investigation.people_acts import SubjectStatus
from domain.kinds.investigation.stages import Begun
from domain.values import ClaimStatus, Precision, When
from tests.domain.investigation_examples import (
    ALLEGED,
    CHARGED,
    CONCLUDED,
    COURT_ORDER,
    LATER,
    LINKED,
    OPEN,
    OTHER_CASE,
    STRANGER,
    THIRD_PERSON,
    asked,
    denied,
    happened,
    in_context,
    judged,
    matter_of,
)
from tests.scenario import CASE, DAY, HOUR, NOON, OTHER_PERSON, PERSON, given, then

BETWEEN: dict[str, Any] = {"first": PERSON, "second": OTHER_CASE}
IN_A_MONTH = LATER + 30 * DAY
A_DAY = When(LATER, LATER + DAY, Precision.DAY)
PROPOSED: dict[str, Any] = {"network_link": "N2", "evidence": ("F1",), "expires": IN_A_MONTH} | BETWEEN | LINKED
RENEWED: dict[str, Any] = {"network_link": "N1", "explanation": "e", "evidence": ("F2",), "expires": IN_A_MONTH}
REJECTED = happened(links.NetworkLinkRejected, 17, network_link="N1")
NOTED: dict[str, Any] = {"note": "M2", "first": PERSON, "second": OTHER_PERSON, "basis": "b"}
ANSWERED = happened(links.PossibleSamePersonResolved, 17, note="M1", outcome=Sameness.DIFFERENT)
ELIMINATED = happened(people.SubjectEliminated, 17, party=OTHER_PERSON)
WITHDRAWN = happened(people.AllegationWithdrawn, 17, allegation="A1")
FOR_COURT: dict[str, Any] = {"authority": COURT_ORDER}


def changed(status: SubjectStatus, **more: Any) -> people.ChangeSubjectStatus:
    """A change of what PERSON is to the investigation."""
    return asked(people.ChangeSubjectStatus, **({"party": PERSON, "status": status} | more))


PROVOKED: list[tuple[str, list[Event], Command, Refusal]] = [
    (
        "a_subject_is_added_once",
        OPEN,
        asked(people.AddSubject, party=PERSON, status=SubjectStatus.WITNESS),
        people_rules.SUBJECT_STANDS,
    ),
    (
        "a_stranger_to_the_register_is_no_subject",
        OPEN,
        asked(people.AddSubject, party=STRANGER, status=SubjectStatus.WITNESS),
        UNKNOWN_PARTY,
    ),
    (
        "a_suspect_needs_individual_grounds_when_added",
        OPEN,
        asked(people.AddSubject, party=THIRD_PERSON, status=SubjectStatus.SUSPECT),
        people_rules.SUSPECT_WITHOUT_GROUNDS,
    ),
    (
        "a_suspect_needs_individual_grounds_when_changed",
        OPEN,
        changed(SubjectStatus.SUSPECT, party=OTHER_PERSON),
        people_rules.SUSPECT_WITHOUT_GROUNDS,
    ),
    (
        "nobody_is_the_accused_without_a_charge",
        OPEN,
        changed(SubjectStatus.ACCUSED),
        people_rules.ACCUSED_WITHOUT_CHARGE,
    ),
    (
        "nobody_is_convicted_without_a_verdict",
        CHARGED,
        changed(SubjectStatus.CONVICTED),
        people_rules.CONVICTED_WITHOUT_VERDICT,
    ),
    (
        "nobody_is_convicted_by_a_verdict_of_not_guilty",
        judged(VerdictOutcome.NOT_GUILTY),
        changed(SubjectStatus.CONVICTED),
        people_rules.CONVICTED_WITHOUT_VERDICT,
    ),
    (
        "the_accused_stays_the_accused_while_charged",
        CHARGED,
        changed(SubjectStatus.WITNESS),
        people_rules.SUBJECT_CHARGED,
    ),
    (
        "the_accused_is_not_eliminated_while_charged",
        CHARGED,
        asked(people.EliminateSubject, party=PERSON),
        people_rules.SUBJECT_CHARGED,
    ),
    (
        "an_officer_cannot_undo_a_conviction",
        CONCLUDED,
        changed(SubjectStatus.CLEARED),
        people_rules.CONVICTION_STANDS,
    ),
    (
        "a_person_found_guilty_is_not_eliminated",
        CONCLUDED,
        asked(people.EliminateSubject, party=PERSON),
        people_rules.CONVICTION_STANDS,
    ),
    (
        "a_status_changes_to_another_one",
        OPEN,
        changed(SubjectStatus.SUSPECT, grounds="g"),
        people_rules.SUBJECT_STATUS_UNCHANGED,
    ),
    ("only_subjects_change_status", OPEN, changed(SubjectStatus.WITNESS, party=THIRD_PERSON), SUBJECT_UNKNOWN),
    (
        "an_eliminated_person_is_no_subject",
        [*OPEN, ELIMINATED],
        asked(people.EliminateSubject, party=OTHER_PERSON),
        SUBJECT_UNKNOWN,
    ),
    (
        "eliminating_needs_a_reason",
        OPEN,
        asked(people.EliminateSubject, party=PERSON, reason=None),
        NO_REASON,
    ),
    (
        "an_allegation_has_a_reference_of_its_own",
        [*OPEN, WITHDRAWN],
        asked(people.RecordAllegation, allegation="A1", **ALLEGED),
        REFERENCE_TAKEN,
    ),
    (
        "an_allegation_is_made_against_subjects",
        OPEN,
        asked(people.RecordAllegation, allegation="A2", parties=(THIRD_PERSON,), **ALLEGED),
        SUBJECT_UNKNOWN,
    ),
    (
        "an_allegation_is_not_established_by_an_officer",
        OPEN,
        asked(people.RecordAllegation, allegation="A2", claim_status=ClaimStatus.ESTABLISHED, **ALLEGED),
        ONLY_COURT_ESTABLISHES,
    ),
    (
        "a_withdrawn_allegation_cannot_be_amended",
        [*OPEN, WITHDRAWN],
        asked(people.AmendAllegation, allegation="A1", **ALLEGED),
        people_rules.ALLEGATION_UNKNOWN,
    ),
    (
        "an_allegation_never_made_cannot_be_withdrawn",
        OPEN,
        asked(people.WithdrawAllegation, allegation="A7"),
        people_rules.ALLEGATION_UNKNOWN,
    ),
    (
        "amending_an_allegation_needs_a_reason",
        OPEN,
        asked(people.AmendAllegation, allegation="A1", reason=None, **ALLEGED),
        NO_REASON,
    ),
    (
        "withdrawing_an_allegation_needs_a_reason",
        OPEN,
        asked(people.WithdrawAllegation, allegation="A1", reason=None),
        NO_REASON,
    ),
    (
        "a_network_link_has_known_ends",
        OPEN,
        asked(links.ProposeNetworkLink, **(PROPOSED | {"first": STRANGER})),
        link_rules.LINK_END_UNKNOWN,
    ),
    (
        "a_network_link_has_two_ends",
        OPEN,
        asked(links.ProposeNetworkLink, **(PROPOSED | {"second": PERSON})),
        link_rules.LINK_ENDS_EQUAL,
    ),
    (
        "a_network_link_has_a_reference_of_its_own",
        OPEN,
        asked(links.ProposeNetworkLink, **(PROPOSED | {"network_link": "N1"})),
        REFERENCE_TAKEN,
    ),
    (
        "a_network_link_rests_on_material_of_the_case",
        OPEN,
        asked(links.ProposeNetworkLink, **(PROPOSED | {"evidence": ("F1", "F9")})),
        MATERIAL_UNKNOWN,
    ),
    (
        "a_network_link_does_not_rest_on_what_is_refuted",
        OPEN,
        asked(links.ProposeNetworkLink, **(PROPOSED | {"evidence": ("F3",)})),
        EVIDENCE_REFUTED,
    ),
    (
        "a_network_link_expires_within_90_days",
        OPEN,
        asked(links.ProposeNetworkLink, **(PROPOSED | {"expires": LATER + 90 * DAY + HOUR})),
        link_rules.LINK_TOO_LONG,
    ),
    (
        "a_network_link_does_not_expire_before_it_is_made",
        OPEN,
        asked(links.ProposeNetworkLink, **(PROPOSED | {"expires": LATER})),
        link_rules.LINK_TOO_LONG,
    ),
    (
        "a_time_limit_is_not_counted_from_a_day",
        OPEN,
        asked(links.ProposeNetworkLink, **PROPOSED, when=A_DAY),
        link_rules.LINK_TIME_IMPRECISE,
    ),
    (
        "an_expired_network_link_is_not_renewed",
        OPEN,
        asked(links.RenewNetworkLink, NOON + 10 * DAY, **RENEWED),
        link_rules.LINK_EXPIRED,
    ),
    (
        "a_network_link_is_renewed_on_further_evidence",
        OPEN,
        asked(links.RenewNetworkLink, **(RENEWED | {"evidence": ("F1",)})),
        link_rules.LINK_WITHOUT_NEW_EVIDENCE,
    ),
    (
        "a_rejected_network_link_is_not_renewed",
        [*OPEN, REJECTED],
        asked(links.RenewNetworkLink, **RENEWED),
        link_rules.LINK_UNKNOWN,
    ),
    (
        "a_network_link_never_proposed_is_not_rejected",
        OPEN,
        asked(links.RejectNetworkLink, network_link="N7"),
        link_rules.LINK_UNKNOWN,
    ),
    (
        "rejecting_a_network_link_needs_a_reason",
        OPEN,
        asked(links.RejectNetworkLink, network_link="N1", reason=None),
        NO_REASON,
    ),
    (
        "nobody_is_possibly_the_same_as_themselves",
        OPEN,
        asked(links.NotePossibleSamePerson, **(NOTED | {"second": PERSON})),
        link_rules.SAME_PARTY,
    ),
    (
        "possibly_one_person_are_registered_parties",
        OPEN,
        asked(links.NotePossibleSamePerson, **(NOTED | {"second": OTHER_CASE})),
        UNKNOWN_PARTY,
    ),
    (
        "who_noted_a_possible_same_person_does_not_resolve_it",
        OPEN,
        asked(links.ResolvePossibleSamePerson, note="M1", outcome=Sameness.SAME, decided_by="o-note"),
        link_rules.NOTER_RESOLVES,
    ),
    (
        "a_note_answered_is_not_answered_again",
        [*OPEN, ANSWERED],
        asked(links.ResolvePossibleSamePerson, note="M1", outcome=Sameness.SAME),
        link_rules.NOTE_RESOLVED,
    ),
    (
        "a_note_never_made_is_not_resolved",
        OPEN,
        asked(links.ResolvePossibleSamePerson, note="M7", outcome=Sameness.SAME),
        link_rules.NOTE_UNKNOWN,
    ),
    (
        "resolving_a_note_needs_a_reason",
        OPEN,
        asked(links.ResolvePossibleSamePerson, note="M1", outcome=Sameness.SAME, reason=None),
        NO_REASON,
    ),
]


@pytest.mark.parametrize(("events", "command", "refusal"), [c[1:] for c in PROVOKED], ids=[c[0] for c in PROVOKED])
def test_refused(events: list[Event], command: Command, refusal: Refusal) -> None:
    denied(events, command, refusal)


def test_a_person_found_guilty_is_convicted_when_the_record_says_so() -> None:
    convict = changed(SubjectStatus.CONVICTED)
    expected = record(people.SubjectStatusChanged, convict, was=SubjectStatus.ACCUSED)
    stage = then(KIND, given(*CONCLUDED), convict, expected)
    assert isinstance(stage, Begun)
    assert stage.matter.subjects[PERSON].settled


def test_a_court_can_undo_a_conviction() -> None:
    clear = changed(SubjectStatus.CLEARED, **FOR_COURT)
    expected = record(people.SubjectStatusChanged, clear, was=SubjectStatus.ACCUSED)
    stage = then(KIND, given(*CONCLUDED), clear, expected)
    assert isinstance(stage, Begun)
    assert stage.matter.subjects[PERSON].status is SubjectStatus.CLEARED


def test_an_eliminated_person_can_be_added_again() -> None:
    again = asked(people.AddSubject, party=OTHER_PERSON, status=SubjectStatus.VICTIM)
    stage = then(KIND, given(*OPEN, ELIMINATED), again, record(people.SubjectAdded, again))
    assert isinstance(stage, Begun)
    assert not stage.matter.subjects[OTHER_PERSON].eliminated


@pytest.mark.parametrize("status", SubjectStatus)
def test_only_the_undecided_keep_a_case_from_closing(status: SubjectStatus) -> None:
    added = happened(people.SubjectAdded, 18, party=THIRD_PERSON, status=status, grounds=None)
    settled = matter_of([*OPEN, added]).subjects[THIRD_PERSON].settled
    open_ones = {SubjectStatus.PERSON_OF_INTEREST, SubjectStatus.SUSPECT, SubjectStatus.ACCUSED}
    assert settled is (status not in open_ones)


def test_this_case_itself_may_be_an_end_of_a_network_link() -> None:
    propose = asked(links.ProposeNetworkLink, **(PROPOSED | {"first": CASE}))
    expected = record(links.NetworkLinkProposed, propose, first_kind="investigation", second_kind="detention")
    then(KIND, given(*OPEN), propose, expected, ctx=in_context())


def test_renewing_a_network_link_keeps_what_it_rested_on() -> None:
    renew = asked(links.RenewNetworkLink, **RENEWED)
    stage = then(KIND, given(*OPEN), renew, record(links.NetworkLinkRenewed, renew))
    assert isinstance(stage, Begun)
    assert stage.matter.network["N1"].evidence == {"F1", "F2"}
    assert stage.matter.network["N1"].expires == IN_A_MONTH


@pytest.mark.parametrize("word", ["national", "ethnic", "origin", "university", "student", "religio", "other"])
def test_no_basis_of_a_network_link_is_about_who_somebody_is(word: str) -> None:
    assert not [basis for basis in links.NetworkBasis if word in basis]


def test_an_undetermined_question_can_be_answered_later_and_merges_nobody() -> None:
    undetermined = happened(links.PossibleSamePersonResolved, 17, note="M1", outcome=Sameness.UNDETERMINED)
    resolve = asked(links.ResolvePossibleSamePerson, note="M1", outcome=Sameness.SAME)
    stage = then(KIND, given(*OPEN, undetermined), resolve, record(links.PossibleSamePersonResolved, resolve))
    assert isinstance(stage, Begun)
    assert stage.matter.notes["M1"].outcome is Sameness.SAME
    assert {PERSON, OTHER_PERSON} <= set(stage.matter.subjects)
