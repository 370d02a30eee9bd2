"""An investigation: from a referral to a verdict, or to the end without one.

It keeps what is alleged apart from what is established, suspects apart from witnesses, opinions apart from facts, and
what speaks for a person beside what speaks against: Directive (EU) 2016/680, arts. 6 and 7; ICCPR, art. 14(2). Whoever
asks, leads, authorizes, acts or reviews is not one and the same officer: the design's own rules, no country's law.
"""

from domain.kernel import Kind, Nothing, Table
from domain.kinds.investigation import course_acts as course
from domain.kinds.investigation import (
    course_rules,
    court_rules,
    inquiry_rules,
    link_rules,
    people_rules,
)
from domain.kinds.investigation import court_acts as court
from domain.kinds.investigation import inquiry_acts as inquiry
from domain.kinds.investigation import link_acts as links
from domain.kinds.investigation import people_acts as people
from domain.kinds.investigation.evolve import STANDS_IN, evolve
from domain.kinds.investigation.guards import by_the_unrecused
from domain.kinds.investigation.stages import (
    Accusing,
    Active,
    AtCourt,
    Charged,
    Disclosable,
    Ended,
    Kept,
    Open,
    Prosecuted,
    Referred,
    Reopenable,
    Suspended,
    Unclosed,
    Underway,
    WithProsecutor,
)

BEFORE: Table = {
    (Nothing, course.ReceiveReferral): course_rules.receive_referral,
    (Referred, course.OpenInvestigation): course_rules.open_investigation,
    (Referred, course.DeclineReferral): course_rules.decline_referral,
}

ONCE_OPEN: Table = {
    (Underway, course.AssignLead): course_rules.assign_lead,
    (Unclosed, course.RecuseOfficer): course_rules.recuse_officer,
    (Open, course.SuspendInvestigation): course_rules.suspend_investigation,
    (Suspended, course.ResumeInvestigation): course_rules.resume_investigation,
    (Underway, course.ReviewProgress): course_rules.review_progress,
    (Underway, people.AddSubject): people_rules.add_subject,
    (Unclosed, people.ChangeSubjectStatus): people_rules.change_subject_status,
    (Underway, people.ExplainSubjectRights): people_rules.explain_subject_rights,
    (Unclosed, people.EliminateSubject): people_rules.eliminate_subject,
    (Underway, people.RecordAllegation): people_rules.record_allegation,
    (Underway, people.AmendAllegation): people_rules.amend_allegation,
    (Underway, people.WithdrawAllegation): people_rules.withdraw_allegation,
    (Underway, people.StateLimitation): people_rules.state_limitation,
    (Active, inquiry.AuthorizeStep): inquiry_rules.authorize_step,
    (Unclosed, inquiry.RevokeStep): inquiry_rules.revoke_step,
    (Active, inquiry.RecordStep): inquiry_rules.record_step,
    (Active, inquiry.RecordSubjectInterview): inquiry_rules.record_subject_interview,
    (Underway, inquiry.RecordFact): inquiry_rules.record_fact,
    (Kept, inquiry.ChangeClaimStatus): inquiry_rules.change_claim_status,
    (Kept, inquiry.RecordExculpatoryMaterial): inquiry_rules.record_exculpatory_material,
    (Underway, inquiry.RecordPriorShipment): inquiry_rules.record_prior_shipment,
    (Active, inquiry.RequestExpert): inquiry_rules.request_expert,
    (Underway, inquiry.RecordExpertOpinion): inquiry_rules.record_expert_opinion,
    (Underway, links.ProposeNetworkLink): link_rules.propose_network_link,
    (Underway, links.RenewNetworkLink): link_rules.renew_network_link,
    (Unclosed, links.RejectNetworkLink): link_rules.reject_network_link,
    (Underway, links.NotePossibleSamePerson): link_rules.note_possible_same_person,
    (Unclosed, links.ResolvePossibleSamePerson): link_rules.resolve_possible_same_person,
    (Disclosable, court.IssueDisclosureSchedule): court_rules.issue_disclosure_schedule,
    (Disclosable, court.ServeDisclosure): court_rules.serve_disclosure,
    (Open, court.ReferToProsecutor): court_rules.refer_to_prosecutor,
    (WithProsecutor, court.RecordProsecutorDecision): court_rules.record_prosecutor_decision,
    (WithProsecutor, court.DeclineProsecution): court_rules.decline_prosecution,
    (Prosecuted, court.FileCharge): court_rules.file_charge,
    (Accusing, court.AmendCharge): court_rules.amend_charge,
    (Accusing, court.WithdrawCharge): court_rules.withdraw_charge,
    (Charged, court.BringBeforeCourt): court_rules.bring_before_court,
    (Accusing, court.ScheduleHearing): court_rules.schedule_hearing,
    (Accusing, court.VacateHearing): court_rules.vacate_hearing,
    (AtCourt, court.RecordVerdict): court_rules.record_verdict,
    (AtCourt, course.ConcludeInvestigation): course_rules.conclude_investigation,
    (Underway, course.DiscontinueInvestigation): course_rules.discontinue_investigation,
    (Ended, course.CloseInvestigation): course_rules.close_investigation,
    (Reopenable, course.ReopenInvestigation): course_rules.reopen_investigation,
}

KIND = Kind(
    name="investigation",
    route="investigations",
    law="Presumption of innocence, ICCPR art. 14(2); kinds of persons and claims kept apart, Directive (EU) 2016/680.",
    events=tuple(STANDS_IN),
    table={**BEFORE, **by_the_unrecused(ONCE_OPEN)},
    evolve=evolve,
)
