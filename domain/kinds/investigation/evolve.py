"""What each event makes of an investigation: in which stages it can stand, and to which stage it leads."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain.kernel import Event, Nothing, Stage, Stages, impossible
from domain.kinds.investigation import course_acts as course
from domain.kinds.investigation import court_acts as court
from domain.kinds.investigation import inquiry_acts as inquiry
from domain.kinds.investigation import link_acts as links
from domain.kinds.investigation import people_acts as people
from domain.kinds.investigation.matters import developed
from domain.kinds.investigation.stages import (
    Accusing,
    Active,
    AtCourt,
    Begun,
    Charged,
    Closed,
    Concluded,
    Declined,
    Disclosable,
    Discontinued,
    Ended,
    Kept,
    Matter,
    Open,
    Prosecuted,
    Referred,
    Reopenable,
    Suspended,
    Unclosed,
    Underway,
    WithProsecutor,
)

STANDS_IN: Mapping[type[Event], Stages] = MappingProxyType(
    {
        course.ReferralReceived: Nothing,
        course.InvestigationOpened: Referred,
        course.ReferralDeclined: Referred,
        course.LeadAssigned: Underway,
        course.OfficerRecused: Unclosed,
        course.InvestigationSuspended: Open,
        course.InvestigationResumed: Suspended,
        course.ProgressReviewed: Underway,
        course.InvestigationDiscontinued: Underway,
        course.InvestigationConcluded: AtCourt,
        course.InvestigationReopened: Reopenable,
        course.InvestigationClosed: Ended,
        people.SubjectAdded: Underway,
        people.SubjectStatusChanged: Unclosed,
        people.SubjectRightsExplained: Underway,
        people.SubjectEliminated: Unclosed,
        people.AllegationRecorded: Underway,
        people.AllegationAmended: Underway,
        people.AllegationWithdrawn: Underway,
        people.LimitationStated: Underway,
        inquiry.StepAuthorized: Active,
        inquiry.StepAuthorityRevoked: Unclosed,
        inquiry.StepConducted: Active,
        inquiry.InterviewConducted: Active,
        inquiry.FactRecorded: Underway,
        inquiry.ClaimStatusChanged: Kept,
        inquiry.ExculpatoryMaterialRecorded: Kept,
        inquiry.PriorShipmentRecorded: Underway,
        inquiry.ExpertRequested: Active,
        inquiry.ExpertOpinionRecorded: Underway,
        links.NetworkLinkProposed: Underway,
        links.NetworkLinkRenewed: Underway,
        links.NetworkLinkRejected: Unclosed,
        links.PossibleSamePersonNoted: Underway,
        links.PossibleSamePersonResolved: Unclosed,
        court.DisclosureScheduleIssued: Disclosable,
        court.DisclosureServed: Disclosable,
        court.ReferredToProsecutor: Open,
        court.ProsecutorDecided: WithProsecutor,
        court.ProsecutionDeclined: WithProsecutor,
        court.ChargeFiled: Prosecuted,
        court.ChargeAmended: Accusing,
        court.ChargeWithdrawn: Accusing,
        court.BroughtBeforeCourt: Charged,
        court.HearingScheduled: Accusing,
        court.HearingVacated: Accusing,
        court.VerdictRecorded: AtCourt,
    }
)
"""In which stages each event can stand; every event of the kind is here."""


def evolve(stage: Stage, event: Event) -> Stage:
    """The investigation after one more event. Raises ImpossibleHistory for one that cannot follow."""
    if not isinstance(stage, STANDS_IN[type(event)]):
        impossible(stage, event)
    match stage, event:
        case Nothing(), course.ReferralReceived(decided_by=officer):
            return Referred(officer)
        case Referred(), course.InvestigationOpened():
            return Open(Matter())
        case Referred(), course.ReferralDeclined():
            return Declined()
        case Begun(matter=matter), _:
            return moved(matter, event) or remaining(stage, event)
        case _:
            impossible(stage, event)


def moved(matter: Matter, event: Event) -> Begun | None:
    """The stage an event leads to and that changes nothing else; None for any other event."""
    match event:
        case course.InvestigationResumed() | course.InvestigationReopened() | court.ProsecutionDeclined():
            return Open(matter)
        case course.InvestigationSuspended():
            return Suspended(matter)
        case court.ReferredToProsecutor():
            return WithProsecutor(matter)
        case court.ProsecutorDecided(decision=decision):
            to_charge = decision is court.ProsecutorDecision.CHARGE
            return WithProsecutor(matter, to_charge=True) if to_charge else Open(matter)
        case court.BroughtBeforeCourt():
            return AtCourt(matter)
        case course.InvestigationConcluded():
            return Concluded(matter)
        case course.InvestigationDiscontinued():
            return Discontinued(matter)
        case course.InvestigationClosed():
            return Closed(matter)
        case _:
            return None


def remaining(stage: Begun, event: Event) -> Begun:
    """The same stage with its matter changed; the first charge leads to the stage of its own."""
    matter = developed(stage, event)
    if isinstance(stage, WithProsecutor) and isinstance(event, court.ChargeFiled):
        return Charged(matter)
    return replace(stage, matter=matter)
