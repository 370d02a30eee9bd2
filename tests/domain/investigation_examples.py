"""An investigation with something of everything in it, and a valid example of each of its commands."""

from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from domain.dossier import SHARED, Dossier
from domain.history import fold
from domain.kernel import Actor, Command, Context, Event, Other, Refusal
from domain.kinds.investigation import KIND
from domain.kinds.investigation import course_acts as course
from domain.kinds.investigation import court_acts as court
from domain.kinds.investigation import inquiry_acts as inquiry
from domain.kinds.investigation import link_acts as links
from domain.kinds.investigation import people_acts as people
from domain.kinds.investigation.stages import Begun, Matter
from domain.kinds.party import Registered
from domain.values import Answer, Authority, AuthorityKind, ClaimStatus, Precision, When
from tests.scenario import DAY, HOUR, NOON, OTHER_PERSON, PARTIES, PERSON, context, given, refused, said

T = TypeVar("T", bound=Event)
C = TypeVar("C", bound=Command)

THIRD_PERSON = UUID(int=4)
STRANGER = UUID(int=5)
OTHER_CASE = UUID(int=6)
OTHERS = {
    **PARTIES,
    THIRD_PERSON: Other("party", Registered(), Dossier()),
    OTHER_CASE: Other("detention", Registered(), Dossier()),
}
CLERK = Actor("o-clerk", "officer", "unit-1", "agency")
COURT_ORDER = Authority(AuthorityKind.COURT_ORDER, "order 1")
STATUTE = Authority(AuthorityKind.STATUTE, "section 1")
LATER = NOON + 40 * HOUR
PERIOD = When(None, None, Precision.UNKNOWN, as_stated="some time ago")
HASH = "0" * 64
UNCONFLICTED: dict[str, Any] = {"conflict": Answer.NO, "conflict_statement": "none"}
ALLEGED: dict[str, Any] = {"law": "export act, section 2", "elements": "sent goods without a license", "period": PERIOD}
HEARD: dict[str, Any] = {
    "counsel_offered": Answer.YES,
    "counsel_present": Answer.NO,
    "interpreter_needed": Answer.NO,
    "interpreter_present": Answer.NO,
    "account": "says the goods were bought lawfully",
}
UNDERSTOOD: dict[str, Any] = {"language": "de", "interpreter_needed": Answer.NO, "interpreter_present": Answer.NO}
LINKED: dict[str, Any] = {"basis": links.NetworkBasis.SAME_CONSIGNEE, "explanation": "one address on both parcels"}


def happened(event: type[T], hour: int, officer: str = "o-1", /, **fields: Any) -> T:
    """An event so many hours after NOON, decided by ``officer``."""
    return event(**(said(NOON + hour * HOUR, decided_by=officer) | fields))


def asked(command: type[C], moment: datetime = LATER, /, **fields: Any) -> C:
    """A command for an act done at ``moment``, with a reason and a statute behind it."""
    return command(**(said(moment, reason="because", authority=STATUTE) | fields))


def fact(hour: int, reference: str, status: ClaimStatus = ClaimStatus.OBSERVED) -> inquiry.FactRecorded:
    """A stated fact about a shipment."""
    return happened(
        inquiry.FactRecorded,
        hour,
        fact=reference,
        about=inquiry.FactTopic.SHIPMENT,
        statement="a parcel was sent",
        happened=PERIOD,
        parties=(),
        claim_status=status,
    )


def step(hour: int, reference: str, step_type: inquiry.StepType) -> inquiry.StepAuthorized:
    """A step authorized by o-judge from then on for five days."""
    window: dict[str, Any] = {"valid_from": NOON + hour * HOUR, "valid_until": NOON + 5 * DAY}
    return happened(inquiry.StepAuthorized, hour, "o-judge", step=reference, step_type=step_type, scope="one room", **window)


REFERRED = [
    happened(
        course.ReferralReceived,
        0,
        "o-asks",
        file_number="F-1",
        unit="unit-1",
        referred_by="customs",
        statement="parcel",
    )
]
OPEN: list[Event] = [
    *REFERRED,
    happened(course.InvestigationOpened, 1, grounds="two vests in a parcel", scope="the sender"),
    happened(course.LeadAssigned, 2, officer="o-lead", **UNCONFLICTED),
    happened(course.OfficerRecused, 3, officer="o-kin", conflict="a cousin"),
    happened(people.SubjectAdded, 4, party=PERSON, status=people.SubjectStatus.SUSPECT, grounds="named as sender"),
    happened(people.SubjectAdded, 5, party=OTHER_PERSON, status=people.SubjectStatus.WITNESS, grounds=None),
    happened(people.AllegationRecorded, 6, allegation="A1", parties=(PERSON,), **ALLEGED),
    step(7, "S1", inquiry.StepType.SEARCH),
    step(8, "S2", inquiry.StepType.INTERVIEW),
    fact(9, "F1"),
    fact(10, "F2"),
    fact(11, "F3", ClaimStatus.REFUTED),
    happened(inquiry.ExculpatoryMaterialRecorded, 12, item="X1", statement="a receipt", happened=PERIOD, parties=()),
    happened(
        inquiry.PriorShipmentRecorded,
        13,
        shipment="P1",
        channel=inquiry.Channel.INTERNATIONAL_POST,
        happened=PERIOD,
        items="vests",
        evidence=("F1",),
        quantity=None,
    ),
    happened(
        inquiry.ExpertRequested,
        14,
        request="Q1",
        expert="e-1",
        discipline="armor",
        questions="what is it?",
        **UNCONFLICTED,
    ),
    happened(
        links.NetworkLinkProposed,
        15,
        network_link="N1",
        first=PERSON,
        first_kind="party",
        second=OTHER_CASE,
        second_kind="detention",
        evidence=("F1",),
        expires=NOON + 10 * DAY,
        **LINKED,
    ),
    happened(links.PossibleSamePersonNoted, 16, "o-note", note="M1", first=PERSON, second=OTHER_PERSON, basis="alike"),
]
ITEMS = tuple(court.DisclosureItem(i, court.DisclosureDecision.DISCLOSED) for i in ("F1", "F2", "F3", "X1", "P1"))
SCHEDULED = [*OPEN, happened(court.DisclosureScheduleIssued, 17, items=ITEMS)]
SUSPENDED = [
    *OPEN,
    happened(course.InvestigationSuspended, 18, ground=course.SuspensionGround.EXPERT_PENDING, review_on=NOON + 90 * DAY),
]
SENT = [*SCHEDULED, happened(court.ReferredToProsecutor, 18, prosecutor="office", summary="see file")]
APPROVED = [*SENT, happened(court.ProsecutorDecided, 19, "o-prosecutor", decision=court.ProsecutorDecision.CHARGE)]
CHARGED = [
    *APPROVED,
    happened(court.ChargeFiled, 20, charge="C1", party=PERSON, law="act", particulars="one", allegations=("A1",)),
    happened(
        people.SubjectStatusChanged,
        20,
        party=PERSON,
        was=people.SubjectStatus.SUSPECT,
        status=people.SubjectStatus.ACCUSED,
        grounds="one",
    ),
]
AT_COURT = [*CHARGED, happened(court.BroughtBeforeCourt, 21, court="district court", court_file="7/26")]


def judged(outcome: court.VerdictOutcome) -> list[Event]:
    """The case after a verdict on its one charge."""
    verdicts = (court.ChargeVerdict("C1", outcome),)
    return [*AT_COURT, happened(court.VerdictRecorded, 22, court="district court", verdicts=verdicts)]


CONCLUDED = [*judged(court.VerdictOutcome.GUILTY), happened(course.InvestigationConcluded, 23, summary="over")]


def matter_of(events: list[Event]) -> Matter:
    """What the case carries after these events."""
    stage = fold(KIND, SHARED, given(*events)).stage
    assert isinstance(stage, Begun)
    return stage.matter


def in_context(actor: Actor | None = None) -> Context:
    """What the system knows, with three parties and another case."""
    ctx = context(others=OTHERS)
    return replace(ctx, actor=actor) if actor else ctx


def denied(events: list[Event], command: Command, refusal: Refusal) -> None:
    """After these events the command is refused by exactly this rule."""
    refused(KIND, given(*events), command, refusal, in_context())


# --- A plain case of each command ------------------------------------------------------------------------------

FULL = matter_of(CHARGED)
HEARING: dict[str, Any] = {"party": PERSON, "court": "district court", "starts_at": NOON + 30 * DAY}
HEARING_AHEAD = happened(court.HearingScheduled, 21, disclosure_due=NOON + 20 * DAY, **HEARING)
WITHDRAWN = matter_of([*CHARGED, happened(court.ChargeWithdrawn, 21, charge="C1")])
SETTLED = matter_of([*CHARGED[:-2], happened(people.SubjectEliminated, 21, party=PERSON)])
WEEK = LATER + 7 * DAY
DESCRIBED: dict[str, Any] = {"statement": "a receipt", "happened": PERIOD}
WINDOW: dict[str, Any] = {"scope": "records of the post", "valid_from": LATER, "valid_until": WEEK}

PLAIN: list[tuple[Command, type[Event], Matter]] = [
    (
        asked(course.ReceiveReferral, file_number="F-1", referred_by="customs", statement="x"),
        course.ReferralReceived,
        FULL,
    ),
    (asked(course.OpenInvestigation, grounds="g", scope="s"), course.InvestigationOpened, FULL),
    (asked(course.DeclineReferral), course.ReferralDeclined, FULL),
    (asked(course.AssignLead, officer="o-2", **UNCONFLICTED), course.LeadAssigned, FULL),
    (asked(course.RecuseOfficer, officer="o-2", conflict="c"), course.OfficerRecused, FULL),
    (
        asked(course.SuspendInvestigation, ground=course.SuspensionGround.ILLNESS, review_on=WEEK),
        course.InvestigationSuspended,
        FULL,
    ),
    (asked(course.ResumeInvestigation), course.InvestigationResumed, FULL),
    (
        asked(course.ReviewProgress, outcome=course.ProgressOutcome.CONTINUE, findings="f", next_review=WEEK),
        course.ProgressReviewed,
        FULL,
    ),
    (
        asked(course.DiscontinueInvestigation, ground=course.DiscontinuationGround.NO_OFFENSE),
        course.InvestigationDiscontinued,
        WITHDRAWN,
    ),
    (asked(course.ConcludeInvestigation, summary="s"), course.InvestigationConcluded, WITHDRAWN),
    (asked(course.ReopenInvestigation, new_material="a witness"), course.InvestigationReopened, FULL),
    (asked(course.CloseInvestigation), course.InvestigationClosed, SETTLED),
    (asked(people.AddSubject, party=THIRD_PERSON, status=people.SubjectStatus.VICTIM), people.SubjectAdded, FULL),
    (
        asked(people.ChangeSubjectStatus, party=OTHER_PERSON, status=people.SubjectStatus.CLEARED),
        people.SubjectStatusChanged,
        FULL,
    ),
    (asked(people.ExplainSubjectRights, party=PERSON, **UNDERSTOOD), people.SubjectRightsExplained, FULL),
    (asked(people.EliminateSubject, party=OTHER_PERSON), people.SubjectEliminated, FULL),
    (asked(people.RecordAllegation, allegation="A2", **ALLEGED), people.AllegationRecorded, FULL),
    (asked(people.AmendAllegation, allegation="A1", **ALLEGED), people.AllegationAmended, FULL),
    (asked(people.WithdrawAllegation, allegation="A1"), people.AllegationWithdrawn, FULL),
    (asked(people.StateLimitation, allegation="A1", provision="p", expires=WEEK), people.LimitationStated, FULL),
    (
        asked(inquiry.AuthorizeStep, step="S3", step_type=inquiry.StepType.RECORDS, **WINDOW),
        inquiry.StepAuthorized,
        FULL,
    ),
    (asked(inquiry.RevokeStep, step="S1"), inquiry.StepAuthorityRevoked, FULL),
    (
        asked(
            inquiry.RecordStep,
            step="S1",
            step_type=inquiry.StepType.SEARCH,
            record="R1",
            outcome="nothing",
            found=Answer.NO,
        ),
        inquiry.StepConducted,
        FULL,
    ),
    (
        asked(inquiry.RecordSubjectInterview, step="S2", record="R2", party=PERSON, **HEARD),
        inquiry.InterviewConducted,
        FULL,
    ),
    (asked(inquiry.RecordFact, fact="F4", about=inquiry.FactTopic.OTHER, **DESCRIBED), inquiry.FactRecorded, FULL),
    (
        asked(inquiry.ChangeClaimStatus, item="F1", claim_status=ClaimStatus.REFUTED),
        inquiry.ClaimStatusChanged,
        FULL,
    ),
    (asked(inquiry.RecordExculpatoryMaterial, item="X2", **DESCRIBED), inquiry.ExculpatoryMaterialRecorded, FULL),
    (
        asked(
            inquiry.RecordPriorShipment,
            shipment="P2",
            channel=inquiry.Channel.COURIER,
            happened=PERIOD,
            items="vests",
            evidence=("F1", "F2"),
        ),
        inquiry.PriorShipmentRecorded,
        FULL,
    ),
    (
        asked(inquiry.RequestExpert, request="Q2", expert="e-2", discipline="d", questions="q", **UNCONFLICTED),
        inquiry.ExpertRequested,
        FULL,
    ),
    (
        asked(
            inquiry.RecordExpertOpinion,
            request="Q1",
            opinion="O1",
            findings="f",
            claim_status=ClaimStatus.OPINION,
            **UNCONFLICTED,
        ),
        inquiry.ExpertOpinionRecorded,
        FULL,
    ),
    (
        asked(
            links.ProposeNetworkLink,
            network_link="N2",
            first=PERSON,
            second=OTHER_CASE,
            evidence=("F1",),
            expires=LATER + 90 * DAY,
            **LINKED,
        ),
        links.NetworkLinkProposed,
        FULL,
    ),
    (
        asked(links.RenewNetworkLink, network_link="N1", explanation="e", evidence=("F2",), expires=WEEK),
        links.NetworkLinkRenewed,
        FULL,
    ),
    (asked(links.RejectNetworkLink, network_link="N1"), links.NetworkLinkRejected, FULL),
    (
        asked(links.NotePossibleSamePerson, note="M2", first=PERSON, second=OTHER_PERSON, basis="b"),
        links.PossibleSamePersonNoted,
        FULL,
    ),
    (
        asked(links.ResolvePossibleSamePerson, note="M1", outcome=links.Sameness.DIFFERENT),
        links.PossibleSamePersonResolved,
        FULL,
    ),
    (asked(court.IssueDisclosureSchedule, items=ITEMS), court.DisclosureScheduleIssued, FULL),
    (asked(court.ServeDisclosure, party=PERSON, manifest_sha256=HASH), court.DisclosureServed, FULL),
    (asked(court.ReferToProsecutor, prosecutor="office", summary="s"), court.ReferredToProsecutor, FULL),
    (
        asked(court.RecordProsecutorDecision, decision=court.ProsecutorDecision.FURTHER_INQUIRY),
        court.ProsecutorDecided,
        FULL,
    ),
    (asked(court.DeclineProsecution), court.ProsecutionDeclined, FULL),
    (
        asked(court.FileCharge, charge="C2", party=PERSON, law="l", particulars="p", allegations=("A1",)),
        court.ChargeFiled,
        FULL,
    ),
    (asked(court.AmendCharge, charge="C1", law="l", particulars="p"), court.ChargeAmended, FULL),
    (asked(court.WithdrawCharge, charge="C1"), court.ChargeWithdrawn, FULL),
    (asked(court.BringBeforeCourt, court="c", court_file="1"), court.BroughtBeforeCourt, FULL),
    (asked(court.ScheduleHearing, **HEARING, disclosure_due=WEEK), court.HearingScheduled, FULL),
    (asked(court.VacateHearing, party=PERSON), court.HearingVacated, matter_of([*CHARGED, HEARING_AHEAD])),
    (
        asked(
            court.RecordVerdict,
            court="c",
            verdicts=(court.ChargeVerdict("C1", court.VerdictOutcome.OTHER),),
            authority=COURT_ORDER,
        ),
        court.VerdictRecorded,
        FULL,
    ),
]
"""Each command once: a valid case of it, the event it records, and what the case carries."""
