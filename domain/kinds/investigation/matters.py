"""What each event changes in an opened investigation, theme by theme.

An event that names what is not there, or adds what is there already, is impossible: no rule could have recorded it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

from domain.kernel import BEGINNING, Event, impossible
from domain.kinds.investigation.course_acts import LeadAssigned, OfficerRecused, ProgressReviewed
from domain.kinds.investigation.court_acts import (
    ChargeAmended,
    ChargeFiled,
    ChargeWithdrawn,
    DisclosureScheduleIssued,
    DisclosureServed,
    HearingScheduled,
    HearingVacated,
    VerdictRecorded,
)
from domain.kinds.investigation.inquiry_acts import (
    ClaimStatusChanged,
    ExculpatoryMaterialRecorded,
    ExpertOpinionRecorded,
    ExpertRequested,
    FactRecorded,
    InterviewConducted,
    PriorShipmentRecorded,
    StepAuthorityRevoked,
    StepAuthorized,
    StepConducted,
)
from domain.kinds.investigation.link_acts import (
    NetworkLinkProposed,
    NetworkLinkRejected,
    NetworkLinkRenewed,
    PossibleSamePersonNoted,
    PossibleSamePersonResolved,
)
from domain.kinds.investigation.people_acts import (
    AllegationAmended,
    AllegationRecorded,
    AllegationWithdrawn,
    LimitationStated,
    SubjectAdded,
    SubjectEliminated,
    SubjectRightsExplained,
    SubjectStatusChanged,
)
from domain.kinds.investigation.stages import Begun, Charge, Material, Matter, NetworkLink, Note, Step, Subject
from domain.values import PartyId

Leading: TypeAlias = LeadAssigned | OfficerRecused | ProgressReviewed
People: TypeAlias = SubjectAdded | SubjectStatusChanged | SubjectRightsExplained | SubjectEliminated
Alleging: TypeAlias = AllegationRecorded | AllegationAmended | AllegationWithdrawn | LimitationStated
Stepping: TypeAlias = StepAuthorized | StepAuthorityRevoked
Inquiry: TypeAlias = StepConducted | InterviewConducted | ExpertRequested | ExpertOpinionRecorded
Stated: TypeAlias = FactRecorded | ClaimStatusChanged | ExculpatoryMaterialRecorded | PriorShipmentRecorded
Network: TypeAlias = NetworkLinkProposed | NetworkLinkRenewed | NetworkLinkRejected
Sameness: TypeAlias = PossibleSamePersonNoted | PossibleSamePersonResolved
Disclosing: TypeAlias = DisclosureScheduleIssued | DisclosureServed
Hearing: TypeAlias = HearingScheduled | HearingVacated
Charging: TypeAlias = ChargeFiled | ChargeAmended | ChargeWithdrawn | VerdictRecorded

K = TypeVar("K")
V = TypeVar("V")


def put(items: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """The items with one added or replaced."""
    return MappingProxyType({**items, key: value})


def added(stage: Begun, event: Event, items: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """The items with one added under a key that is free; a taken one is impossible."""
    if key in items:
        impossible(stage, event)
    return put(items, key, value)


def found(stage: Begun, event: Event, items: Mapping[K, V], key: K) -> V:
    """The item under a key; a missing one is impossible."""
    if key not in items:
        impossible(stage, event)
    return items[key]


def all_there(stage: Begun, event: Event, items: Mapping[Any, Any], keys: Iterable[Any]) -> None:
    """Say that an event naming what is not there is impossible."""
    for key in keys:
        found(stage, event, items, key)


def developed(stage: Begun, event: Event) -> Matter:
    """The matter after an event that leaves its stage as it is."""
    match event:
        case LeadAssigned() | OfficerRecused() | ProgressReviewed():
            return led(stage.matter, event)
        case SubjectAdded() | SubjectStatusChanged() | SubjectRightsExplained() | SubjectEliminated():
            return with_people(stage, event)
        case AllegationRecorded() | AllegationAmended() | AllegationWithdrawn() | LimitationStated():
            return with_allegations(stage, event)
        case NetworkLinkProposed() | NetworkLinkRenewed() | NetworkLinkRejected():
            return with_network(stage, event)
        case PossibleSamePersonNoted() | PossibleSamePersonResolved():
            return with_notes(stage, event)
        case DisclosureScheduleIssued() | DisclosureServed():
            return with_disclosure(stage, event)
        case HearingScheduled() | HearingVacated():
            return with_hearings(stage, event)
        case ChargeFiled() | ChargeAmended() | ChargeWithdrawn() | VerdictRecorded():
            return with_charges(stage, event)
        case FactRecorded() | ClaimStatusChanged() | ExculpatoryMaterialRecorded() | PriorShipmentRecorded():
            return with_statements(stage, event)
        case StepAuthorized() | StepAuthorityRevoked():
            return with_steps(stage, event)
        case StepConducted() | InterviewConducted() | ExpertRequested() | ExpertOpinionRecorded():
            return with_inquiry(stage, event)
        case _:
            impossible(stage, event)


def led(matter: Matter, event: Leading) -> Matter:
    """Who leads and who is recused; a recused lead leads no more."""
    match event:
        case LeadAssigned(officer=officer):
            return replace(matter, lead=officer)
        case OfficerRecused(officer=officer):
            lead = None if matter.lead == officer else matter.lead
            return replace(matter, lead=lead, recused=matter.recused | {officer})
        case ProgressReviewed():
            return matter


def with_people(stage: Begun, event: People) -> Matter:
    """What the subjects are to the investigation; an eliminated one can only be added again."""
    matter, party = stage.matter, event.party
    subject = matter.subjects.get(party)
    if isinstance(event, SubjectAdded):
        if subject is not None and not subject.eliminated:
            impossible(stage, event)
        return replace(matter, subjects=put(matter.subjects, party, Subject(event.status)))
    if subject is None or subject.eliminated:
        impossible(stage, event)
    if isinstance(event, SubjectRightsExplained):
        return matter
    changed = Subject(event.status) if isinstance(event, SubjectStatusChanged) else replace(subject, eliminated=True)
    return replace(matter, subjects=put(matter.subjects, party, changed))


def with_allegations(stage: Begun, event: Alleging) -> Matter:
    """Which allegations are maintained."""
    matter, reference = stage.matter, event.allegation
    if isinstance(event, AllegationRecorded):
        all_there(stage, event, matter.subjects, event.parties)
        return replace(matter, allegations=added(stage, event, matter.allegations, reference, True))  # noqa: FBT003
    if not found(stage, event, matter.allegations, reference):
        impossible(stage, event)
    if isinstance(event, AllegationAmended):
        all_there(stage, event, matter.subjects, event.parties)
    if isinstance(event, AllegationAmended | LimitationStated):
        return matter
    return replace(matter, allegations=put(matter.allegations, reference, False))  # noqa: FBT003


def with_material(stage: Begun, event: Event, reference: str, *, exculpatory: bool = False) -> Matter:
    """One more item of material, as far established as its entry says."""
    item = Material(event.claim_status, exculpatory)
    return replace(stage.matter, material=added(stage, event, stage.matter.material, reference, item))


def with_steps(stage: Begun, event: Stepping) -> Matter:
    """Which steps may be taken; an authority is revoked once, and from the earliest moment the act may have been."""
    matter = stage.matter
    if isinstance(event, StepAuthorized):
        step = Step(event.step_type, event.valid_from, event.valid_until, event.decided_by)
        return replace(matter, steps=added(stage, event, matter.steps, event.step, step))
    step = found(stage, event, matter.steps, event.step)
    if step.revoked is not None:
        impossible(stage, event)
    step = replace(step, revoked=event.when.earliest or BEGINNING)
    return replace(matter, steps=put(matter.steps, event.step, step))


def with_inquiry(stage: Begun, event: Inquiry) -> Matter:
    """What steps and experts bring."""
    matter = stage.matter
    match event:
        case StepConducted(step=reference, record=record):
            found(stage, event, matter.steps, reference)
            return with_material(stage, event, record)
        case InterviewConducted(step=reference, record=record, party=party):
            found(stage, event, matter.steps, reference)
            found(stage, event, matter.subjects, party)
            return with_material(stage, event, record)
        case ExpertRequested(request=request):
            if request in matter.requests:
                impossible(stage, event)
            return replace(matter, requests=matter.requests | {request})
        case ExpertOpinionRecorded(request=request, opinion=opinion):
            if request not in matter.requests:
                impossible(stage, event)
            return with_material(stage, event, opinion)


def with_statements(stage: Begun, event: Stated) -> Matter:
    """What is stated, and how far it is established."""
    match event:
        case FactRecorded(fact=reference):
            return with_material(stage, event, reference)
        case ExculpatoryMaterialRecorded(item=reference):
            return with_material(stage, event, reference, exculpatory=True)
        case ClaimStatusChanged(item=reference, claim_status=status):
            item = replace(found(stage, event, stage.matter.material, reference), status=status)
            return replace(stage.matter, material=put(stage.matter.material, reference, item))
        case PriorShipmentRecorded(shipment=reference, evidence=evidence):
            all_there(stage, event, stage.matter.material, evidence)
            matter = with_material(stage, event, reference)
            return replace(matter, shipment_evidence=matter.shipment_evidence.union(evidence))


def with_network(stage: Begun, event: Network) -> Matter:
    """Which network links are proposed, until when and on what."""
    matter, reference = stage.matter, event.network_link
    if isinstance(event, NetworkLinkProposed):
        all_there(stage, event, matter.material, event.evidence)
        link = NetworkLink(event.expires, frozenset(event.evidence))
        return replace(matter, network=added(stage, event, matter.network, reference, link))
    link = found(stage, event, matter.network, reference)
    if link.rejected:
        impossible(stage, event)
    if isinstance(event, NetworkLinkRenewed):
        all_there(stage, event, matter.material, event.evidence)
        link = replace(link, expires=event.expires, evidence=link.evidence.union(event.evidence))
    else:
        link = replace(link, rejected=True)
    return replace(matter, network=put(matter.network, reference, link))


def with_notes(stage: Begun, event: Sameness) -> Matter:
    """What is noted of parties that may be one person."""
    matter = stage.matter
    match event:
        case PossibleSamePersonNoted(note=reference, decided_by=officer):
            return replace(matter, notes=added(stage, event, matter.notes, reference, Note(officer)))
        case PossibleSamePersonResolved(note=reference, outcome=outcome):
            note = replace(found(stage, event, matter.notes, reference), outcome=outcome)
            return replace(matter, notes=put(matter.notes, reference, note))


def with_disclosure(stage: Begun, event: Disclosing) -> Matter:
    """What the disclosure schedule decides on."""
    matter = stage.matter
    match event:
        case DisclosureScheduleIssued(items=items):
            all_there(stage, event, matter.material, (item.item for item in items))
            return replace(matter, scheduled=frozenset(item.item for item in items), served=frozenset[PartyId]())
        case DisclosureServed(party=party):
            found(stage, event, matter.subjects, party)
            if matter.scheduled is None:
                impossible(stage, event)
            return replace(matter, served=matter.served | {party})


def with_hearings(stage: Begun, event: Hearing) -> Matter:
    """Who has a hearing ahead."""
    matter, party = stage.matter, event.party
    if isinstance(event, HearingScheduled):
        found(stage, event, matter.subjects, party)
        return replace(matter, hearings=matter.hearings | {party})
    if party not in matter.hearings:
        impossible(stage, event)
    return replace(matter, hearings=matter.hearings - {party})


def pending(stage: Begun, event: Event, charges: Mapping[str, Charge], reference: str) -> Charge:
    """The charge under a reference that waits for a verdict; any other is impossible."""
    charge = found(stage, event, charges, reference)
    if not charge.pending:
        impossible(stage, event)
    return charge


def with_charges(stage: Begun, event: Charging) -> Matter:
    """Which charges stand and what the court found on them."""
    matter, charges = stage.matter, stage.matter.charges
    match event:
        case ChargeFiled(charge=reference, party=party, allegations=allegations):
            found(stage, event, matter.subjects, party)
            if not all(found(stage, event, matter.allegations, allegation) for allegation in allegations):
                impossible(stage, event)
            charges = added(stage, event, charges, reference, Charge(party))
        case ChargeAmended(charge=reference):
            pending(stage, event, charges, reference)
        case ChargeWithdrawn(charge=reference):
            charge = pending(stage, event, charges, reference)
            charges = put(charges, reference, replace(charge, withdrawn=True))
        case VerdictRecorded(verdicts=verdicts):
            for verdict in verdicts:
                charge = pending(stage, event, charges, verdict.charge)
                charges = put(charges, verdict.charge, replace(charge, outcome=verdict.outcome))
    return replace(matter, charges=charges)
