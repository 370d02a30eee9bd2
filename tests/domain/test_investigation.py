"""An investigation as a whole: each command in every stage it is open in, the whole course, and how it is steered."""

from dataclasses import replace
from types import ModuleType
from typing import Any, get_args, get_type_hints

import pytest

from domain import kernel
from domain.catalogue import modules_of, refusals_of
from domain.dossier import SHARED, Dossier
from domain.dossier.acts import RetractEntry
from domain.dossier.rules import UNKNOWN_PARTY
from domain.history import Folded, decide, decide_within, effective, fold
from domain.kernel import (
    NO_AUTHORITY,
    NO_REASON,
    Command,
    Event,
    ImpossibleHistory,
    Nothing,
    Refused,
    Stage,
    expand,
    members,
    record,
)
from domain.kinds import investigation
from domain.kinds.investigation import KIND, course_rules
from domain.kinds.investigation import course_acts as course
from domain.kinds.investigation import court_acts as court
from domain.kinds.investigation import inquiry_acts as inquiry
from domain.kinds.investigation import link_acts as links
from domain.kinds.investigation import people_acts as people
from domain.kinds.investigation.evolve import STANDS_IN
from domain.kinds.investigation.guards import OFFICER_RECUSED, REVIEW_DATE_PAST
from domain.kinds.investigation.stages import Closed, Discontinued, Matter, Open, Referred, WithProsecutor
from domain.values import Answer, ClaimStatus, CorrectionReason, Precision, When
from tests.domain.investigation_examples import (
    AT_COURT,
    CHARGED,
    CLERK,
    CONCLUDED,
    DESCRIBED,
    ITEMS,
    LATER,
    OPEN,
    OTHER_CASE,
    OTHERS,
    PLAIN,
    REFERRED,
    SUSPENDED,
    UNCONFLICTED,
    WEEK,
    asked,
    denied,
    happened,
    in_context,
)
from tests.domain.test_investigation_court import PROVOKED as COURT
from tests.domain.test_investigation_duties import CLOSINGS
from tests.domain.test_investigation_duties import PROVOKED as DUTIES
from tests.domain.test_investigation_inquiry import PROVOKED as INQUIRY
from tests.domain.test_investigation_people import PROVOKED as PEOPLE
from tests.scenario import DAY, HOUR, NOON, PERSON, given, given_after, run, said, then

STATES_MORE: dict[type[Event], dict[str, Any]] = {
    course.ReferralReceived: {"unit": "unit-1"},
    people.SubjectStatusChanged: {"was": people.SubjectStatus.WITNESS},
    inquiry.ClaimStatusChanged: {"was": ClaimStatus.OBSERVED},
    links.NetworkLinkProposed: {"first_kind": "party", "second_kind": "detention"},
}


def standing_in(stage: type[Stage], matter: Matter) -> Stage:
    """A stage of this type that carries the matter."""
    if stage is Nothing:
        return Nothing()
    if stage is Referred:
        return Referred("o-asks")
    if stage is WithProsecutor:
        return WithProsecutor(matter, to_charge=True)
    return stage(matter)  # type: ignore[call-arg]


@pytest.mark.parametrize(("command", "event", "matter"), PLAIN, ids=lambda x: getattr(x, "__name__", ""))
def test_every_command_records_its_event_in_every_stage_it_is_open_in(
    command: Command, event: type[Event], matter: Matter
) -> None:
    expected = (record(event, command, **STATES_MORE.get(event, {})),)
    stages = [stage for stage, ruled in KIND.rules if ruled is type(command)]
    assert stages
    for stage in stages:
        folded = Folded(standing_in(stage, matter), Dossier())
        assert decide(KIND, SHARED, folded, command, in_context()).events == expected


@pytest.mark.parametrize("recused", ["decides", "records"])
@pytest.mark.parametrize(("command", "matter"), [(c, m) for c, _, m in PLAIN], ids=lambda x: type(x).__name__)
def test_a_recused_officer_neither_decides_nor_records_anything_in_the_case(
    command: Command, matter: Matter, recused: str
) -> None:
    kin = replace(CLERK, id="o-kin") if recused == "records" else CLERK
    asked_for = replace(command, decided_by="o-kin") if recused == "decides" else command
    for stage in [stage for stage, ruled in KIND.rules if ruled is type(command) and stage not in (Nothing, Referred)]:
        with pytest.raises(Refused) as caught:
            decide(KIND, SHARED, Folded(standing_in(stage, matter), Dossier()), asked_for, in_context(kin))
        assert caught.value.refusal is OFFICER_RECUSED


def test_every_command_has_a_plain_case() -> None:
    assert {type(command) for command, _, _ in PLAIN} == set(KIND.commands)


def test_every_event_is_recorded_by_a_plain_case() -> None:
    assert {event for _, event, _ in PLAIN} == set(KIND.events)


def test_each_table_key_equals_the_annotations_of_its_rule() -> None:
    for (stages, command), rule in KIND.table.items():
        hints = get_type_hints(rule)
        assert members(hints["stage"]) == members(stages), rule
        assert hints["command"] is command, rule
    assert len(KIND.table) == len(KIND.commands)
    assert expand(KIND.table) == dict(KIND.rules)


def declared(module: ModuleType) -> set[type[Event]]:
    """The events a module declares."""
    return {v for v in vars(module).values() if isinstance(v, type) and issubclass(v, Event) and v.type}


def test_every_event_declared_stands_in_some_stage() -> None:
    assert set(STANDS_IN) == set().union(*map(declared, (course, people, inquiry, links, court)))


# --- The course of a case -------------------------------------------------------------------------------------


def whole_course() -> list[Command]:
    """From a referral to a closed case, with a suspension, a return by the prosecutor and a verdict."""
    plain = {type(command): command for command, _, _ in PLAIN}
    steps: list[tuple[type[Command], str, dict[str, Any]]] = [
        (course.ReceiveReferral, "o-asks", {}),
        (course.OpenInvestigation, "o-chief", {}),
        (course.AssignLead, "o-chief", {"officer": "o-lead"}),
        (people.AddSubject, "o-lead", {"party": PERSON, "status": people.SubjectStatus.SUSPECT, "grounds": "g"}),
        (people.RecordAllegation, "o-lead", {"parties": (PERSON,)}),
        (inquiry.RecordFact, "o-lead", {}),
        (course.SuspendInvestigation, "o-lead", {"review_on": NOON + 90 * DAY}),
        (course.ReviewProgress, "o-reviews", {"next_review": NOON + 90 * DAY}),
        (course.ResumeInvestigation, "o-lead", {}),
        (court.IssueDisclosureSchedule, "o-lead", {"items": (replace(ITEMS[0], item="F4"),)}),
        (court.ReferToProsecutor, "o-lead", {}),
        (court.RecordProsecutorDecision, "o-pros", {"decision": court.ProsecutorDecision.FURTHER_INQUIRY}),
        (court.ReferToProsecutor, "o-lead", {}),
        (court.RecordProsecutorDecision, "o-pros", {"decision": court.ProsecutorDecision.CHARGE}),
        (court.FileCharge, "o-pros", {"charge": "C1", "allegations": ("A2",)}),
        (court.ServeDisclosure, "o-lead", {}),
        (court.BringBeforeCourt, "o-pros", {}),
        (court.RecordVerdict, "o-pros", {"verdicts": (court.ChargeVerdict("C1", court.VerdictOutcome.GUILTY),)}),
        (course.ConcludeInvestigation, "o-lead", {}),
        (people.ChangeSubjectStatus, "o-lead", {"party": PERSON, "status": people.SubjectStatus.CONVICTED}),
        (course.CloseInvestigation, "o-chief", {}),
    ]
    return [
        replace(plain[command], when=said(NOON + hour * HOUR)["when"], decided_by=officer, **fields)
        for hour, (command, officer, fields) in enumerate(steps)
    ]


def test_a_case_runs_from_the_referral_to_its_closing() -> None:
    history, stage = run(KIND, *whole_course(), actor=CLERK)
    assert isinstance(stage, Closed)
    assert stage.matter.subjects[PERSON].status is people.SubjectStatus.CONVICTED
    assert [type(e.event) for e in history][14:16] == [court.ChargeFiled, people.SubjectStatusChanged]
    assert fold(KIND, SHARED, effective(history)).stage == stage


def test_leaving_out_any_entry_folds_or_is_called_impossible() -> None:
    for events in ([*CONCLUDED], [*SUSPENDED]):
        for i in range(1, len(events)):
            try:
                fold(KIND, SHARED, given(*events[:i], *events[i + 1 :]))
            except ImpossibleHistory:
                continue


@pytest.mark.parametrize("moved", range(1, len(CONCLUDED)))
def test_moving_any_entry_forward_folds_or_is_called_impossible(moved: int) -> None:
    rest = [*CONCLUDED[:moved], *CONCLUDED[moved + 1 :]]
    for place in range(1, moved):
        try:
            fold(KIND, SHARED, given(*rest[:place], CONCLUDED[moved], *rest[place:]))
        except ImpossibleHistory:
            continue


def test_the_subject_a_charge_names_cannot_be_retracted() -> None:
    history = given(*CHARGED)
    added = next(entry for entry in history if isinstance(entry.event, people.SubjectAdded))
    retract = asked(RetractEntry, target=added.version, why=CorrectionReason.DUPLICATE)
    with pytest.raises(Refused) as caught:
        decide_within(KIND, SHARED, history, retract, replace(in_context(), target=added))
    assert caught.value.refusal.code == "entry-no-longer-fits"


def test_a_discontinued_case_reopens_on_new_material_and_is_open() -> None:
    history = [*OPEN, happened(course.InvestigationDiscontinued, 20, ground=course.DiscontinuationGround.OTHER)]
    reopen = asked(course.ReopenInvestigation, new_material="a witness")
    stage = then(KIND, given(*history), reopen, record(course.InvestigationReopened, reopen))
    assert isinstance(stage, Open)


def test_a_recused_lead_leads_no_more() -> None:
    recuse = asked(course.RecuseOfficer, officer="o-lead", conflict="a friend")
    stage = then(KIND, given(*OPEN), recuse, record(course.OfficerRecused, recuse))
    assert isinstance(stage, Open)
    assert stage.matter.lead is None


def test_a_prosecution_declined_gives_the_case_back() -> None:
    history = given(*CHARGED[:-3])
    decline = asked(court.DeclineProsecution)
    assert isinstance(then(KIND, history, decline, record(court.ProsecutionDeclined, decline)), Open)


def test_a_late_fact_is_decided_on_the_case_as_it_was_then() -> None:
    history = given(*OPEN, happened(course.InvestigationDiscontinued, 20, ground=course.DiscontinuationGround.OTHER))
    late = asked(inquiry.RecordFact, NOON + 18 * HOUR, fact="F9", about=inquiry.FactTopic.OTHER, **DESCRIBED)
    decision = decide_within(KIND, SHARED, history, late, in_context())
    assert isinstance(decision.after.stage, Discontinued)
    assert "F9" in decision.after.stage.matter.material
    assert len(given_after(history, decision.events)) == 1


# --- Refusals -------------------------------------------------------------------------------------------------

BY_LEAD: dict[str, Any] = {"decided_by": "o-lead"}
LOOKED_OVER: dict[str, Any] = {"outcome": course.ProgressOutcome.CONTINUE, "findings": "f"}
ILL: dict[str, Any] = {"ground": course.SuspensionGround.ILLNESS}
OVER: dict[str, Any] = {"ground": course.DiscontinuationGround.OTHER}
OPEN_ENDED = When(LATER, None, Precision.RANGE)

PROVOKED = [
    (
        "who_asks_for_an_investigation_cannot_open_it",
        REFERRED,
        asked(course.OpenInvestigation, grounds="g", scope="s", decided_by="o-asks"),
        course_rules.REQUESTER_OPENS,
    ),
    (
        "an_officer_who_may_have_a_conflict_cannot_lead",
        OPEN,
        asked(course.AssignLead, officer="o-2", conflict=Answer.UNKNOWN, conflict_statement="?"),
        course_rules.LEAD_CONFLICTED,
    ),
    (
        "a_recused_officer_cannot_lead",
        OPEN,
        asked(course.AssignLead, officer="o-kin", **UNCONFLICTED),
        OFFICER_RECUSED,
    ),
    (
        "a_recused_officer_decides_nothing",
        OPEN,
        asked(course.DiscontinueInvestigation, **OVER, decided_by="o-kin"),
        OFFICER_RECUSED,
    ),
    (
        "who_leads_is_not_assigned_again",
        OPEN,
        asked(course.AssignLead, officer="o-lead", **UNCONFLICTED),
        course_rules.LEAD_UNCHANGED,
    ),
    (
        "an_officer_is_recused_once",
        OPEN,
        asked(course.RecuseOfficer, officer="o-kin", conflict="c"),
        course_rules.ALREADY_RECUSED,
    ),
    (
        "the_lead_cannot_review_the_progress",
        OPEN,
        asked(course.ReviewProgress, **LOOKED_OVER, next_review=WEEK, **BY_LEAD),
        course_rules.LEAD_REVIEWS,
    ),
    (
        "the_next_review_cannot_lie_before_this_one",
        OPEN,
        asked(course.ReviewProgress, **LOOKED_OVER, next_review=LATER),
        REVIEW_DATE_PAST,
    ),
    (
        "a_review_of_open_end_counts_as_done_when_recorded",
        OPEN,
        asked(course.ReviewProgress, **LOOKED_OVER, next_review=WEEK, when=OPEN_ENDED),
        REVIEW_DATE_PAST,
    ),
    (
        "a_suspension_fixes_a_review_to_come",
        OPEN,
        asked(course.SuspendInvestigation, **ILL, review_on=NOON),
        REVIEW_DATE_PAST,
    ),
    (
        "a_case_with_a_pending_charge_cannot_be_discontinued",
        CHARGED,
        asked(course.DiscontinueInvestigation, **OVER),
        course_rules.CHARGES_UNDECIDED,
    ),
    (
        "a_case_with_a_pending_charge_cannot_be_concluded",
        AT_COURT,
        asked(course.ConcludeInvestigation, summary="s"),
        course_rules.CHARGES_UNDECIDED,
    ),
    (
        "a_case_with_an_accused_cannot_be_closed",
        CONCLUDED,
        asked(course.CloseInvestigation),
        course_rules.SUBJECTS_UNSETTLED,
    ),
    (
        "reopening_needs_authority",
        CONCLUDED,
        asked(course.ReopenInvestigation, new_material="n", authority=None),
        NO_AUTHORITY,
    ),
    ("declining_needs_a_reason", REFERRED, asked(course.DeclineReferral, reason=None), NO_REASON),
    (
        "suspending_needs_a_reason",
        OPEN,
        asked(course.SuspendInvestigation, **ILL, review_on=WEEK, reason=None),
        NO_REASON,
    ),
    ("resuming_needs_a_reason", SUSPENDED, asked(course.ResumeInvestigation, reason=None), NO_REASON),
    ("discontinuing_needs_a_reason", OPEN, asked(course.DiscontinueInvestigation, **OVER, reason=None), NO_REASON),
    (
        "a_subject_stands_in_the_party_register",
        OPEN,
        asked(people.AddSubject, party=OTHER_CASE, status=people.SubjectStatus.WITNESS),
        UNKNOWN_PARTY,
    ),
]


@pytest.mark.parametrize(("events", "command", "refusal"), [c[1:] for c in PROVOKED], ids=[c[0] for c in PROVOKED])
def test_refused(events: list[Event], command: Command, refusal: Any) -> None:
    denied(events, command, refusal)


def test_who_records_the_opening_cannot_have_asked_for_it_either() -> None:
    asker = replace(CLERK, id="o-asks")
    with pytest.raises(Refused) as caught:
        decide(
            KIND,
            SHARED,
            Folded(Referred("o-asks"), Dossier()),
            asked(course.OpenInvestigation, grounds="g", scope="s"),
            in_context(asker),
        )
    assert caught.value.refusal is course_rules.REQUESTER_OPENS


def test_other_cases_and_persons_a_command_names_are_asked_for() -> None:
    for command, _, _ in PLAIN:
        assert set(command.refers_to()) <= set(OTHERS)
    assert get_args(people.Parties)


def test_every_refusal_of_the_kind_is_provoked() -> None:
    own = set(refusals_of(modules_of(investigation)).values())
    provoked = {case[-1] for case in (*PROVOKED, *PEOPLE, *INQUIRY, *COURT, *DUTIES, *CLOSINGS)}
    assert own - set(refusals_of([kernel]).values()) <= provoked
