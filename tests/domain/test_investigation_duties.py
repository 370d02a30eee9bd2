"""What an investigation owes and when: rights, authorities that end, hearings, limitation, and what its end leaves behind."""

from dataclasses import replace
from typing import Any

import pytest

from domain.clocks import Deadline, deadlines
from domain.dossier import SHARED, Dossier
from domain.dossier.acts import LinkState, LinkType
from domain.history import decide, decide_within, effective, fold
from domain.kernel import NO_REASON, Command, Event, ImpossibleHistory, Other, Refusal, Refused, Stage, record, stage_name
from domain.kinds.detention import KIND as DETENTIONS
from domain.kinds.investigation import KIND, court_rules, inquiry_rules, linked, people_rules
from domain.kinds.investigation import course_acts as course
from domain.kinds.investigation import court_acts as court
from domain.kinds.investigation import inquiry_acts as inquiry
from domain.kinds.investigation import people_acts as people
from domain.kinds.investigation.people_acts import SubjectStatus
from domain.kinds.investigation.stages import Begun
from domain.kinds.seizure.stages import Closed as GoodsClosed
from domain.kinds.seizure.stages import Intercepted, ReleasedToOwner
from domain.profiles import OnExpiry
from domain.values import Answer, Precision, When, at
from tests.domain.investigation_examples import (
    CHARGED,
    CONCLUDED,
    HEARING,
    HEARING_AHEAD,
    ITEMS,
    LATER,
    OPEN,
    UNDERSTOOD,
    WEEK,
    asked,
    denied,
    happened,
    in_context,
    matter_of,
    step,
)
from tests.domain.test_detention import APPREHENDED, RELEASED
from tests.profiles import NEUTRAL
from tests.scenario import CASE, DAY, HOUR, NOON, OTHER_PERSON, PERSON, given, then

SEARCHED: dict[str, Any] = {
    "step": "S1", "step_type": inquiry.StepType.SEARCH, "record": "R1", "outcome": "o", "found": Answer.NO,
}  # fmt: skip
REVOKED = happened(inquiry.StepAuthorityRevoked, 20, step="S1", reason="the room was let to somebody else")
SERVED = happened(court.DisclosureServed, 20, party=PERSON, manifest_sha256="0" * 64)
UNCLEAR: dict[str, Any] = UNDERSTOOD | {"interpreter_needed": Answer.UNKNOWN}
LIMITED: dict[str, Any] = {"allegation": "A1", "provision": "penal code, section 78"}

PROVOKED: list[tuple[str, list[Event], Command, Refusal]] = [
    ("a_step_never_authorized_is_not_revoked", OPEN, asked(inquiry.RevokeStep, step="S9"), inquiry_rules.STEP_UNKNOWN),
    ("revoking_needs_a_reason", OPEN, asked(inquiry.RevokeStep, step="S1", reason=None), NO_REASON),
    ("an_authority_is_revoked_once", [*OPEN, REVOKED], asked(inquiry.RevokeStep, step="S1"), inquiry_rules.STEP_REVOKED),
    (
        "nothing_is_done_under_a_revoked_authority",
        [*OPEN, REVOKED],
        asked(inquiry.RecordStep, **SEARCHED),
        inquiry_rules.STEP_REVOKED,
    ),
    (
        "a_step_that_may_have_come_after_the_revocation_is_refused",
        [*OPEN, REVOKED],
        asked(inquiry.RecordStep, **SEARCHED, when=When(NOON + 18 * HOUR, NOON + 22 * HOUR, Precision.RANGE)),
        inquiry_rules.STEP_REVOKED,
    ),
    (
        "a_witness_has_no_rights_of_the_defense",
        OPEN,
        asked(people.ExplainSubjectRights, party=OTHER_PERSON, **UNDERSTOOD),
        people_rules.NO_RIGHTS_OF_DEFENSE,
    ),
    (
        "rights_are_explained_so_that_they_are_understood",
        OPEN,
        asked(people.ExplainSubjectRights, party=PERSON, **UNCLEAR),
        people_rules.RIGHTS_NOT_UNDERSTOOD,
    ),
    (
        "limitation_is_of_an_allegation_that_is_maintained",
        OPEN,
        asked(people.StateLimitation, allegation="A9", provision="p", expires=WEEK),
        people_rules.ALLEGATION_UNKNOWN,
    ),
    ("limitation_needs_a_reason", OPEN, asked(people.StateLimitation, **LIMITED, expires=WEEK, reason=None), NO_REASON),
    (
        "who_is_not_charged_has_no_hearing",
        CHARGED,
        asked(court.ScheduleHearing, **(HEARING | {"party": OTHER_PERSON}), disclosure_due=WEEK),
        court_rules.HEARING_WITHOUT_CHARGE,
    ),
    (
        "a_hearing_lies_ahead",
        CHARGED,
        asked(court.ScheduleHearing, **(HEARING | {"starts_at": LATER}), disclosure_due=LATER),
        court_rules.HEARING_PAST,
    ),
    (
        "a_hearing_states_when_disclosure_is_due",
        CHARGED,
        asked(court.ScheduleHearing, **HEARING),
        court_rules.DISCLOSURE_NOT_DUE,
    ),
    (
        "a_new_schedule_is_served_anew",
        [*CHARGED, SERVED, happened(court.DisclosureScheduleIssued, 21, items=ITEMS)],
        asked(court.ScheduleHearing, **HEARING),
        court_rules.DISCLOSURE_NOT_DUE,
    ),
    (
        "disclosure_is_not_due_after_the_hearing",
        CHARGED,
        asked(court.ScheduleHearing, **HEARING, disclosure_due=NOON + 31 * DAY),
        court_rules.DISCLOSURE_DUE_UNFIT,
    ),
    (
        "disclosure_is_not_due_before_anybody_knows_of_the_hearing",
        CHARGED,
        asked(court.ScheduleHearing, **HEARING, disclosure_due=LATER),
        court_rules.DISCLOSURE_DUE_UNFIT,
    ),
    (
        "the_lead_does_not_fix_hearings",
        CHARGED,
        asked(court.ScheduleHearing, **HEARING, disclosure_due=WEEK, decided_by="o-lead"),
        court_rules.LEAD_PROSECUTES,
    ),
    (
        "the_lead_does_not_vacate_hearings",
        [*CHARGED, HEARING_AHEAD],
        asked(court.VacateHearing, party=PERSON, decided_by="o-lead"),
        court_rules.LEAD_PROSECUTES,
    ),
    ("a_hearing_that_does_not_stand_is_not_vacated", CHARGED, asked(court.VacateHearing, party=PERSON), court_rules.NO_HEARING),
    (
        "vacating_needs_a_reason",
        [*CHARGED, HEARING_AHEAD],
        asked(court.VacateHearing, party=PERSON, reason=None),
        NO_REASON,
    ),
]


@pytest.mark.parametrize(("events", "command", "refusal"), [c[1:] for c in PROVOKED], ids=[c[0] for c in PROVOKED])
def test_refused(events: list[Event], command: Command, refusal: Refusal) -> None:
    denied(events, command, refusal)


# --- Authorities, hearings, rights ----------------------------------------------------------------------------


def test_what_was_done_before_the_revocation_is_recorded_after_it() -> None:
    history = given(*OPEN, REVOKED)
    search = asked(inquiry.RecordStep, NOON + 19 * HOUR, **SEARCHED)
    decision = decide_within(KIND, SHARED, history, search, in_context())
    assert isinstance(decision.after.stage, Begun)
    assert "R1" in decision.after.stage.matter.material


def test_a_revocation_of_unknown_time_covers_all_the_time_before_it() -> None:
    some_time = replace(REVOKED, when=When(None, NOON + 20 * HOUR, Precision.UNKNOWN))
    denied([*OPEN, some_time], asked(inquiry.RecordStep, NOON + 21 * HOUR, **SEARCHED), inquiry_rules.STEP_REVOKED)


def test_disclosure_served_before_need_not_be_due_again() -> None:
    hearing = asked(court.ScheduleHearing, **HEARING)
    then(KIND, given(*CHARGED, SERVED), hearing, record(court.HearingScheduled, hearing), ctx=in_context())


def test_a_vacated_hearing_can_be_scheduled_anew() -> None:
    vacate = asked(court.VacateHearing, party=PERSON)
    stage = then(KIND, given(*CHARGED, HEARING_AHEAD), vacate, record(court.HearingVacated, vacate), ctx=in_context())
    assert isinstance(stage, Begun)
    assert stage.matter.hearings == frozenset()


@pytest.mark.parametrize(
    ("before", "event"),
    [
        ([*OPEN, REVOKED], replace(REVOKED, when=at(NOON + 30 * HOUR))),
        (OPEN, replace(REVOKED, step="S9")),
        (CHARGED, happened(court.HearingVacated, 30, party=PERSON)),
    ],
)
def test_impossible(before: list[Event], event: Event) -> None:
    with pytest.raises(ImpossibleHistory):
        fold(KIND, SHARED, given(*before, event))


def test_who_was_told_of_the_rights_can_be_told_again() -> None:
    told = happened(people.SubjectRightsExplained, 20, party=PERSON, written_notice=Answer.YES, **UNDERSTOOD)
    assert matter_of([*OPEN, told, replace(told, when=at(NOON + 21 * HOUR))]).subjects[PERSON].status is SubjectStatus.SUSPECT


# --- Clocks ---------------------------------------------------------------------------------------------------


def of_clock(clock: str, *events: Event) -> dict[str, Deadline]:
    """The runs of a clock by what tells them apart, the last of each."""
    return {str(d.run): d for d in deadlines(NEUTRAL, effective(given(*events))) if d.clock == clock}


def test_each_authorized_step_has_its_window_until_it_is_taken_or_revoked() -> None:
    found = of_clock("step-window", *OPEN, REVOKED)
    assert {run: d.due for run, d in found.items()} == {"S1": NOON + 5 * DAY, "S2": NOON + 5 * DAY}
    assert (found["S1"].stopped_by, found["S2"].stopped_by) == (len(OPEN) + 1, None)
    assert found["S2"].warnings == (NOON + 4 * DAY,)
    taken = happened(inquiry.StepConducted, 21, **SEARCHED)
    assert of_clock("step-window", *OPEN, taken)["S1"].stopped_by == len(OPEN) + 1


def test_every_suspect_is_owed_an_explanation_of_the_rights_until_that_one_is_told() -> None:
    changed: dict[str, Any] = {"was": SubjectStatus.WITNESS, "grounds": "packed the parcel"}
    suspect = happened(people.SubjectStatusChanged, 20, party=OTHER_PERSON, status=SubjectStatus.SUSPECT, **changed)
    told = happened(people.SubjectRightsExplained, 21, party=PERSON, written_notice=Answer.YES, **UNDERSTOOD)
    found = of_clock("suspect-rights", *OPEN, suspect, told)
    first, second = found[str(PERSON)], found[str(OTHER_PERSON)]
    assert (first.due, first.stopped_by) == (NOON + 28 * HOUR, len(OPEN) + 2)
    assert (second.due, second.stopped_by, second.on_expiry) == (NOON + 44 * HOUR, None, OnExpiry.OBLIGATION)
    cleared = replace(suspect, when=at(NOON + 22 * HOUR), was=SubjectStatus.SUSPECT, status=SubjectStatus.CLEARED)
    assert of_clock("suspect-rights", *OPEN, suspect, told, cleared)[str(OTHER_PERSON)].stopped_by == len(OPEN) + 3


def test_disclosure_is_due_before_a_hearing_until_it_is_served_or_the_hearing_vacated() -> None:
    (found,) = of_clock("disclosure-service", *CHARGED, HEARING_AHEAD).values()
    assert (found.due, found.warnings) == (NOON + 20 * DAY, (NOON + 13 * DAY, NOON + 19 * DAY))
    served = replace(SERVED, when=at(NOON + DAY))
    vacated = happened(court.HearingVacated, 30, party=PERSON)
    for end in (served, vacated):
        (found,) = of_clock("disclosure-service", *CHARGED, HEARING_AHEAD, end).values()
        assert found.stopped_by == len(CHARGED) + 2
    later = replace(HEARING_AHEAD, when=at(NOON + DAY), disclosure_due=NOON + 40 * DAY)
    assert of_clock("disclosure-service", *CHARGED, HEARING_AHEAD, later)[str(PERSON)].due == NOON + 40 * DAY


def test_limitation_runs_only_as_somebody_stated_it() -> None:
    assert of_clock("limitation", *CHARGED) == {}
    stated = happened(people.LimitationStated, 20, **LIMITED, expires=NOON + 900 * DAY)
    (found,) = of_clock("limitation", *OPEN, stated).values()
    assert (found.run, found.due, found.on_expiry) == ("A1", NOON + 900 * DAY, OnExpiry.ALARM)
    over = replace(stated, when=at(NOON + DAY), expires=None)
    assert of_clock("limitation", *OPEN, stated, over)["A1"].stopped_by == len(OPEN) + 2


def test_a_review_while_suspended_ends_the_clock_of_the_suspension() -> None:
    rests = happened(course.InvestigationSuspended, 20, ground=course.SuspensionGround.ILLNESS, review_on=NOON + 90 * DAY)
    looked = happened(
        course.ProgressReviewed, 60, outcome=course.ProgressOutcome.CONTINUE, findings="f", next_review=NOON + 60 * DAY
    )
    (found,) = of_clock("suspended-review", *OPEN, rests, looked).values()
    assert (found.due, found.stopped_by) == (NOON + 20 * HOUR + 180 * DAY, len(OPEN) + 2)
    assert of_clock("progress-review", *OPEN, rests, looked)["None"].due == NOON + 60 * HOUR + 60 * DAY


def test_the_window_of_a_step_does_not_outlast_the_case() -> None:
    ended = happened(course.InvestigationDiscontinued, 21, ground=course.DiscontinuationGround.OTHER)
    assert {d.stopped_by for d in of_clock("step-window", *OPEN, step(20, "S7", inquiry.StepType.OTHER), ended).values()} == {
        len(OPEN) + 2
    }


# --- What an end leaves behind --------------------------------------------------------------------------------

SETTLED = [
    *CONCLUDED,
    happened(
        people.SubjectStatusChanged, 24, party=PERSON, was=SubjectStatus.ACCUSED, status=SubjectStatus.CONVICTED, grounds=None
    ),
]
FAR = OTHER_PERSON
"""The id of a linked case: which one is of no interest here."""
CLOSE, SILENT = asked(course.CloseInvestigation, linked=(FAR,)), asked(course.CloseInvestigation)
HELD, FREE = (fold(DETENTIONS, SHARED, given(*events)).stage for events in ((APPREHENDED,), (APPREHENDED, RELEASED)))
STANDS, OVER = LinkState.CONFIRMED, LinkState.ENDED

CLOSINGS: list[tuple[str, Command, str, Stage, LinkType, LinkState | None, Refusal | None]] = [
    ("held_on_this_case_alone", CLOSE, "detention", HELD, LinkType.SUPPORTS, None, linked.HOLD_RESTS_ON_CASE),
    ("held_on_another_once", CLOSE, "detention", HELD, LinkType.SUPPORTS, OVER, linked.HOLD_RESTS_ON_CASE),
    ("held_on_a_seizure", CLOSE, "detention", HELD, LinkType.GAVE_RISE_TO, STANDS, linked.HOLD_RESTS_ON_CASE),
    ("held_on_another_case", CLOSE, "detention", HELD, LinkType.SUPPORTS, STANDS, None),
    ("free", CLOSE, "detention", FREE, LinkType.SUPPORTS, None, None),
    ("goods_for_this_case_alone", CLOSE, "seizure", Intercepted(), LinkType.EVIDENCE_FOR, None, linked.GOODS_REST_ON_CASE),
    ("goods_for_another_case", CLOSE, "seizure", Intercepted(), LinkType.EVIDENCE_FOR, LinkState.PROPOSED, None),
    ("goods_settled", CLOSE, "seizure", ReleasedToOwner(), LinkType.EVIDENCE_FOR, None, None),
    ("left_out", SILENT, "seizure", ReleasedToOwner(), LinkType.EVIDENCE_FOR, None, linked.LINKED_LEFT_OUT),
]
"""A closing beside one linked case: its kind and stage, the link to us and to a third case, and what is refused."""


@pytest.mark.parametrize(
    ("command", "kind", "stage", "link", "elsewhere", "refusal"), [c[1:] for c in CLOSINGS], ids=[c[0] for c in CLOSINGS]
)
def test_nothing_closes_that_something_is_held_on(
    command: Command, kind: str, stage: Stage, link: LinkType, elsewhere: LinkState | None, refusal: Refusal | None
) -> None:
    theirs = {(CASE, LinkType.SUPPORTS): STANDS} | ({(PERSON, link): elsewhere} if elsewhere else {})
    ctx = replace(in_context(), others={FAR: Other(kind, stage, Dossier(links=theirs))})
    folded = fold(KIND, SHARED, given(*SETTLED))._replace(dossier=Dossier(links={(FAR, link): STANDS}))
    if refusal is None:
        assert decide(KIND, SHARED, folded, command, ctx).events == (record(course.InvestigationClosed, command),)
        return
    with pytest.raises(Refused) as caught:
        decide(KIND, SHARED, folded, command, ctx)
    assert caught.value.refusal is refusal


def test_the_stages_that_settle_goods_are_stages_of_a_seizure() -> None:
    assert set(linked.SETTLED) == {stage_name(GoodsClosed), stage_name(ReleasedToOwner)}
