"""Hand-written life cycles: whole cases of the larger kinds, from their first act to their last.

A random search over a kind's commands begins from every point of them, so that it also reaches what stands behind
figures and references that must fit each other. A kind without one is searched from its opening alone.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from domain.kernel import Command
from domain.kinds.detention import acts as detention
from domain.kinds.detention import custody_acts as leaving
from domain.kinds.detention import rights_acts as rights
from domain.kinds.investigation import course_acts as course
from domain.kinds.investigation import court_acts as court
from domain.kinds.investigation import inquiry_acts as inquiry
from domain.kinds.investigation import link_acts as links
from domain.kinds.investigation import people_acts as people
from domain.kinds.seizure import acts as seizure
from domain.kinds.seizure import claim_acts as claims
from domain.kinds.seizure import custody_acts as custody
from domain.kinds.seizure import disposal_acts as disposal
from domain.kinds.seizure import item_acts as items
from domain.kinds.sentencing import acts as sentencing
from domain.kinds.sentencing import computation_acts as computing
from domain.kinds.sentencing import execution_acts as execution
from domain.kinds.sentencing.terms import StartRule, Term
from domain.values import (
    Answer,
    Authority,
    AuthorityKind,
    ClaimStatus,
    Precision,
    Quantity,
    Unit,
    When,
)
from tests.scenario import DAY, HOUR, NOON, OTHER_PERSON, PERSON, said

C = TypeVar("C", bound=Command)

DETENTION = UUID(int=16)
"""A detention case beside the example sentence, which it gives no credit to."""

ORDER = Authority(AuthorityKind.COURT_ORDER, "Order 1/26", "District court", date(2026, 3, 1), "a" * 64)


def act(command: type[C], hour: float, officer: str, /, **fields: Any) -> C:
    """A command so many hours after NOON, decided by an officer, on an order and for a reason."""
    return command(**(said(NOON + hour * HOUR, decided_by=officer, authority=ORDER, reason="It was due.") | fields))


def moment(hour: float) -> datetime:
    """A moment so many hours after NOON."""
    return NOON + hour * HOUR


# --- Detention ------------------------------------------------------------------------------------------------

GROUNDS = "Taken in the act."
HOLD = detention.JudicialOutcome.HOLD

DETENTION_CASE: tuple[Command, ...] = (
    act(
        detention.OpenDetention,
        0,
        "o-1",
        file_number="D 1/26",
        party=PERSON,
        place="A road.",
        grounds=GROUNDS,
        officers=("o-1",),
    ),
    act(detention.RecordArrival, 1, "o-2", facility="Station 1"),
    act(rights.ExplainRights, 2, "o-2", language="fa", interpreter="i-1"),
    act(detention.AuthorizeDetention, 3, "o-2", grounds="To hear the person.", until=moment(20)),
    act(detention.ReviewDetention, 9, "o-3", outcome=detention.ReviewOutcome.CONTINUE, grounds=GROUNDS),
    act(detention.ExtendDetention, 19, "o-4", grounds=GROUNDS, diligence="Heard two witnesses.", until=moment(30)),
    act(detention.RecordJudicialDecision, 29, "o-2", court="District court", outcome=HOLD, until=moment(24 * 20)),
    act(leaving.OfferDetaineeTransfer, 50, "o-2", agency="Border agency"),
    act(leaving.DeclineDetaineeTransfer, 51, "o-2"),
    act(leaving.RecordDetaineeEscape, 52, "o-2", circumstances="Through a window."),
    act(leaving.RecordDetaineeReturn, 60, "o-2", circumstances="Came back."),
    act(leaving.ReleasePerson, 70, "o-2", kind=leaving.ReleaseKind.COURT_ORDER, property_returned=Answer.YES),
    act(leaving.CloseDetention, 71, "o-5"),
)

# --- Investigation --------------------------------------------------------------------------------------------

PERIOD = When(None, None, Precision.UNKNOWN, as_stated="last spring")
UNCONFLICTED: dict[str, Any] = {"conflict": Answer.NO, "conflict_statement": "None."}
HEARD: dict[str, Any] = {
    "counsel_offered": Answer.YES,
    "counsel_present": Answer.NO,
    "interpreter_needed": Answer.NO,
    "interpreter_present": Answer.NO,
    "account": "Says the goods were bought lawfully.",
}
LINKED: dict[str, Any] = {"explanation": "One address on both parcels.", "expires": NOON + 60 * DAY}


def step(hour: float, reference: str, step_type: inquiry.StepType) -> inquiry.AuthorizeStep:
    """A step authorized for ten days."""
    window = {"valid_from": moment(hour), "valid_until": moment(hour) + 10 * DAY}
    return act(inquiry.AuthorizeStep, hour, "o-4", step=reference, step_type=step_type, scope="One room.", **window)


def fact(hour: float, reference: str) -> inquiry.RecordFact:
    """A fact about a shipment."""
    stated = {"about": inquiry.FactTopic.SHIPMENT, "statement": "A parcel was sent.", "happened": PERIOD}
    return act(inquiry.RecordFact, hour, "o-3", fact=reference, **stated)


def charge(hour: float, reference: str) -> court.FileCharge:
    """A charge on the one allegation."""
    stated = {"law": "Export act, section 2", "particulars": "Sent goods.", "allegations": ("A-1",)}
    return act(court.FileCharge, hour, "o-2", charge=reference, party=PERSON, **stated)


DISCLOSED = tuple(
    court.DisclosureItem(item, court.DisclosureDecision.DISCLOSED) for item in ("F-1", "F-2", "P-1", "R-1", "R-2", "E-1")
)

INVESTIGATION: tuple[Command, ...] = (
    act(course.ReceiveReferral, 0, "o-1", file_number="INV 1/26", referred_by="Customs", statement="Many parcels."),
    act(course.OpenInvestigation, 1, "o-2", grounds="A pattern.", scope="Three months."),
    act(course.AssignLead, 2, "o-2", officer="o-3", **UNCONFLICTED),
    act(people.AddSubject, 3, "o-3", party=PERSON, status=people.SubjectStatus.SUSPECT, grounds="Named on parcels."),
    act(people.AddSubject, 3, "o-3", party=OTHER_PERSON, status=people.SubjectStatus.WITNESS, grounds="Saw parcels."),
    act(
        people.RecordAllegation, 4, "o-3", allegation="A-1", law="Export act, section 2",
        elements="Sent goods without a license.", period=PERIOD, parties=(PERSON,),
    ),
    step(5, "S-1", inquiry.StepType.INTERVIEW),
    act(inquiry.RecordSubjectInterview, 6, "o-3", step="S-1", record="R-1", party=PERSON, **HEARD),
    step(7, "S-2", inquiry.StepType.SEARCH),
    act(
        inquiry.RecordStep, 8, "o-3", step="S-2", step_type=inquiry.StepType.SEARCH, record="R-2",
        outcome="Nothing more.", found=Answer.NO,
    ),
    fact(9, "F-1"),
    fact(10, "F-2"),
    act(
        inquiry.RecordPriorShipment, 11, "o-3", shipment="P-1", channel=inquiry.Channel.COURIER, happened=PERIOD,
        items="Two vests.", evidence=("F-1",), quantity=Quantity(Decimal(2), Unit.PIECE),
    ),
    act(
        inquiry.RequestExpert, 12, "o-3", request="Q-1", expert="x-1", discipline="Ballistics", questions="Which class?",
        **UNCONFLICTED,
    ),
    act(
        inquiry.RecordExpertOpinion, 13, "o-3", request="Q-1", opinion="E-1", findings="Class four.",
        claim_status=ClaimStatus.OPINION, **UNCONFLICTED,
    ),
    act(
        links.ProposeNetworkLink, 14, "o-3", network_link="N-1", first=PERSON, second=OTHER_PERSON,
        basis=links.NetworkBasis.SAME_CONSIGNEE, evidence=("F-1",), **LINKED,
    ),
    act(links.RenewNetworkLink, 15, "o-3", network_link="N-1", evidence=("F-2",), **LINKED),
    act(court.IssueDisclosureSchedule, 16, "o-3", items=DISCLOSED),
    act(court.ReferToProsecutor, 17, "o-3", prosecutor="Prosecutor's office", summary="All is in."),
    act(court.RecordProsecutorDecision, 18, "o-2", decision=court.ProsecutorDecision.CHARGE),
    charge(19, "C-1"),
    charge(20, "C-2"),
    act(court.AmendCharge, 21, "o-2", charge="C-1", law="Export act, section 3", particulars="Sent goods twice."),
    act(court.WithdrawCharge, 22, "o-2", charge="C-2"),
    act(court.BringBeforeCourt, 23, "o-2", court="District court", court_file="DC 7/26"),
    act(
        court.RecordVerdict, 24, "o-2", court="District court",
        verdicts=(court.ChargeVerdict("C-1", court.VerdictOutcome.GUILTY),),
    ),
    act(people.EliminateSubject, 25, "o-2", party=OTHER_PERSON),
    act(people.ChangeSubjectStatus, 26, "o-2", party=PERSON, status=people.SubjectStatus.CONVICTED),
    act(course.ConcludeInvestigation, 27, "o-2", summary="Guilty as charged."),
    act(course.CloseInvestigation, 28, "o-2"),
)  # fmt: skip


# --- Seizure --------------------------------------------------------------------------------------------------


def pieces(count: int) -> Quantity:
    """A count of pieces."""
    return Quantity(Decimal(count), Unit.PIECE)


def found(line: str, count: int) -> seizure.LineFound:
    """A line of vests."""
    vests = seizure.ItemClass.BALLISTIC_VEST
    return seizure.LineFound(line=line, described_as="Vests in a box.", item_class=vests, quantity=pieces(count))


def offer(hour: float, line: str, officer: str, to: str) -> custody.OfferTransfer:
    """Custody of a line offered to another officer."""
    return act(custody.OfferTransfer, hour, officer, line=line, to=to, purpose=custody.TransferPurpose.STORAGE)


HALVES = (items.Part("B-1", pieces(2)), items.Part("B-2", pieces(2)))
NOT_EXPECTED = custody.TransferRefusalGround.NOT_EXPECTED
MILITARY = items.Classification(items.Scheme.WASSENAAR_ML, "ML13", "2025", items.Effect.CONTROLLED, items.Confidence.HIGH)
LABORATORY = items.SamplePurpose.LABORATORY

SEIZURE: tuple[Command, ...] = (
    act(seizure.InterceptConsignment, 0, "o-1", file_number="S 1/26", channel=seizure.Channel.POST),
    act(seizure.SeizeGoods, 1, "o-1", officers=("o-1",), place="The post office.", witness_absent="Nobody was there."),
    act(
        seizure.InventoryLines, 2, "o-1", lines=(found("A-1", 2), found("A-2", 4), found("A-3", 9)),
        second_officer="o-2", custodian="o-3",
    ),
    act(seizure.CompleteInventory, 3, "o-1"),
    act(items.ClassifyItem, 3.1, "o-2", line="A-1", classification=MILITARY, basis="The list."),
    act(items.ContestClassification, 3.2, "o-2", line="A-1", scheme=MILITARY.scheme, grounds="Old."),
    act(items.UpholdClassification, 3.3, "o-4", line="A-1", scheme=MILITARY.scheme, basis="The list."),
    offer(4, "A-1", "o-3", "o-4"),
    act(custody.RefuseTransfer, 5, "o-4", line="A-1", ground=NOT_EXPECTED),
    offer(6, "A-1", "o-3", "o-4"),
    act(custody.WithdrawTransfer, 7, "o-3", line="A-1"),
    offer(8, "A-1", "o-3", "o-4"),
    act(custody.AcceptTransfer, 9, "o-4", line="A-1", count=pieces(2), place="Store 1"),
    act(custody.MoveItem, 10, "o-4", line="A-1", place="Store 2"),
    act(
        custody.CheckOutItem, 11, "o-4", line="A-1", purpose=custody.CheckOutPurpose.LABORATORY, due=moment(90),
        taken_by="o-5",
    ),
    act(custody.CheckInItem, 12, "o-4", line="A-1", place="Store 2"),
    act(items.SplitItem, 13, "o-3", line="A-2", parts=HALVES),
    act(items.TakeSample, 14, "o-3", line="A-3", quantity=pieces(1), purpose=LABORATORY, sample="A-3-S"),
    act(items.TakeSample, 14, "o-3", line="A-3", quantity=pieces(1), purpose=LABORATORY),
    act(claims.IssueSeizureNotice, 15, "o-2", notice="N-1", content="Goods were seized.", party=PERSON),
    act(claims.RecordNoticeService, 16, "o-2", notice="N-1", how=claims.ServiceMethod.IN_PERSON),
    act(claims.LodgeClaim, 17, "o-2", claim="K-1", claimant=PERSON, grounds="Mine.", lines=("B-1",)),
    act(claims.DecideClaim, 18, "o-4", claim="K-1", outcome=claims.ClaimOutcome.UPHELD),
    act(claims.OrderReturn, 19, "o-4", line="B-1", to=PERSON),
    act(claims.ReturnItem, 20, "o-3", line="B-1", to=PERSON, receipt="REC 1"),
    act(claims.OrderForfeiture, 21, "o-4", line="A-1"),
    act(claims.OrderForfeiture, 21, "o-4", line="A-3"),
    act(claims.OrderForfeiture, 21, "o-4", line="A-3-S"),
    act(claims.OrderDestruction, 22, "o-4", line="A-1"),
    act(claims.WitnessDestruction, 23, "o-4", line="A-1", method="Shredded.", witnesses=("o-1", "o-2")),
    act(items.ReportItemMissing, 24, "o-3", line="B-2"),
    act(items.WriteOffLoss, 25, "o-4", line="B-2"),
    act(disposal.OrderSale, 25.1, "o-4", line="A-3"),
    act(disposal.SellItem, 25.2, "o-3", line="A-3", buyer=OTHER_PERSON, price="EUR 40", receipt="REC 2"),
    act(disposal.LodgeForfeitureAppeal, 25.3, "o-2", line="A-3-S", appeal="AP-1", appellant=PERSON, grounds="Mine."),
    act(disposal.DecideForfeitureAppeal, 25.4, "o-5", line="A-3-S", outcome=disposal.ForfeitureAppealOutcome.DISMISSED),
    act(disposal.OrderHandover, 25.5, "o-4", line="A-3-S", to="Museum of arms"),
    act(disposal.HandOverItem, 25.6, "o-3", line="A-3-S", to="Museum of arms", receipt="REC 3"),
    act(seizure.CloseSeizure, 26, "o-4"),
)  # fmt: skip


# --- Sentencing -----------------------------------------------------------------------------------------------

THREE_YEARS = (Term(1, 1, years=3, start_rule=StartRule.ON_IMPOSITION),)
DATES: dict[str, Any] = {
    "start": date(2026, 3, 2),
    "expiry": date(2029, 3, 1),
    "release_on": date(2029, 3, 1),
    "algorithm": "neutral-terms",
    "algorithm_version": "1",
}

SENTENCING: tuple[Command, ...] = (
    act(
        sentencing.RecordConviction, 0, "o-1", file_number="V 1/26", party=PERSON, court="District court",
        counts=(sentencing.Count(1, sentencing.CountOutcome.CONVICTED, "section 2"),), custody=sentencing.Custody.HELD,
    ),
    act(sentencing.ImposeSentence, 1, "o-1", terms=THREE_YEARS),
    act(computing.DeriveCredit, 1, "o-1"),
    act(computing.RecordComputation, 2, "o-1", **DATES),
    act(computing.ComputeDates, 2, "o-1"),
    act(computing.CheckComputation, 3, "o-2", computation=2, confirmed=True),
    act(sentencing.RecordFinality, 4, "o-1", ground=sentencing.FinalityGround.WAIVED),
    act(execution.StartExecution, 5, "o-1", institution="Institution 1"),
    act(execution.RecordRelease, 6, "o-1", ground=execution.ReleaseGround.EARLY_RELEASE),
)  # fmt: skip

LIFE_CYCLES: Mapping[str, tuple[Command, ...]] = {
    "detention": DETENTION_CASE,
    "investigation": INVESTIGATION,
    "seizure": SEIZURE,
    "sentencing": SENTENCING,
}
"""By the kind's name; each command is given by the officer who decided it."""
