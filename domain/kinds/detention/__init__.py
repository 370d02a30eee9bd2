"""A detention: a person apprehended, held under an authority that ends, and let go.

The record is the one the UN Body of Principles for the Protection of All Persons under Any Form of Detention or
Imprisonment (1988) asks for in principle 12: reasons, times, officers, place. Consular steps follow the Vienna
Convention on Consular Relations, art. 36. The figures are those of the rule profile, ``default-neutral@1``.

Holding a person can be refused by a rule; a release, an escape or a death never is.
"""

from domain.kernel import Kind, Nothing
from domain.kinds.detention import acts, care_acts, custody_acts, rights_acts
from domain.kinds.detention import custody_rules as custody
from domain.kinds.detention import rights_rules as rights
from domain.kinds.detention import rules as course
from domain.kinds.detention.evolve import evolve
from domain.kinds.detention.stages import (
    AnyStage,
    Apprehended,
    Authorized,
    Concerned,
    Ended,
    Escaped,
    Held,
    OnMeasure,
    UnderAuthority,
    UnderPower,
    Unended,
    holds,
)

EVENTS = (
    acts.PersonApprehended,
    acts.ArrivedInCustody,
    acts.DetentionAuthorized,
    acts.DetentionRefused,
    acts.DetentionReviewed,
    acts.ReviewPostponed,
    acts.DetentionExtended,
    acts.JudicialDecisionRecorded,
    acts.MeasureImposed,
    acts.MeasureVaried,
    acts.MeasureBreachAlleged,
    acts.ClockPaused,
    acts.ClockResumed,
    rights_acts.NoInterpreterRequired,
    rights_acts.RightsExplained,
    rights_acts.CounselOffered,
    rights_acts.CounselRequested,
    rights_acts.CounselWaived,
    rights_acts.CounselAttended,
    rights_acts.CounselAccessDelayed,
    rights_acts.ConsularRightExplained,
    rights_acts.ConsularNotificationRequested,
    rights_acts.ConsularNotificationDeclined,
    rights_acts.ConsularPostNotified,
    rights_acts.ConsularVisitRecorded,
    care_acts.ThirdPersonTold,
    care_acts.MedicalCheckRecorded,
    care_acts.PersonalPropertyListed,
    care_acts.NoPropertyFound,
    care_acts.PersonalPropertyHandedOver,
    care_acts.InterviewRecorded,
    custody_acts.CustodyLocationChanged,
    custody_acts.DetaineeTransferOffered,
    custody_acts.DetaineeTransferAccepted,
    custody_acts.DetaineeTransferDeclined,
    custody_acts.PersonReleased,
    custody_acts.PersonEscaped,
    custody_acts.PersonReturned,
    custody_acts.PersonDied,
    custody_acts.HoldChallenged,
    custody_acts.HoldDeclaredUnlawful,
    custody_acts.RemedyRecorded,
    custody_acts.DetentionClosed,
)

KIND = Kind(
    name="detention",
    route="detentions",
    law="Deprivation of liberty: UN Body of Principles (1988), Vienna Convention on Consular Relations, art. 36.",
    events=EVENTS,
    table={
        (Nothing, acts.OpenDetention): course.open_detention,
        (Held, acts.RecordArrival): course.record_arrival,
        (Apprehended, acts.AuthorizeDetention): course.authorize_detention,
        (Apprehended, acts.RefuseDetention): course.refuse_detention,
        (UnderAuthority, acts.ReviewDetention): course.review_detention,
        (UnderAuthority, acts.PostponeReview): course.postpone_review,
        (Authorized, acts.ExtendDetention): course.extend_detention,
        (Concerned, acts.RecordJudicialDecision): course.record_judicial_decision,
        (UnderPower, acts.ImposeMeasure): course.impose_measure,
        (OnMeasure, acts.VaryMeasure): course.vary_measure,
        (OnMeasure, acts.AllegeMeasureBreach): course.allege_measure_breach,
        (Held, acts.PauseClock): course.pause_clock,
        (Held, acts.ResumeClock): course.resume_clock,
        (Held, rights_acts.RecordNoInterpreterRequired): rights.record_no_interpreter_required,
        (Held, rights_acts.ExplainRights): rights.explain_rights,
        (Held, rights_acts.OfferCounsel): rights.offer_counsel,
        (Held, rights_acts.RecordCounselRequest): rights.record_counsel_request,
        (Held, rights_acts.RecordCounselWaiver): rights.record_counsel_waiver,
        (Held, rights_acts.RecordCounselAttendance): rights.record_counsel_attendance,
        (Held, rights_acts.DelayCounselAccess): rights.delay_counsel_access,
        (Held, rights_acts.ExplainConsularRight): rights.explain_consular_right,
        (Held, rights_acts.RecordConsularRequest): rights.record_consular_request,
        (Held, rights_acts.RecordConsularRefusal): rights.record_consular_refusal,
        (Held, rights_acts.NotifyConsularPost): rights.notify_consular_post,
        (Held, rights_acts.RecordConsularVisit): rights.record_consular_visit,
        (Held, care_acts.TellThirdPerson): rights.tell_third_person,
        (Held, care_acts.RecordMedicalCheck): rights.record_medical_check,
        (Held, care_acts.ListPersonalProperty): rights.list_property,
        (Held, care_acts.RecordNoProperty): rights.record_no_property,
        (Concerned | Ended, care_acts.HandOverProperty): rights.hand_over_property,
        (Held, care_acts.RecordCustodyInterview): rights.record_interview,
        (Held, custody_acts.MovePerson): custody.move_person,
        (UnderPower, custody_acts.OfferDetaineeTransfer): custody.offer_transfer,
        (UnderPower, custody_acts.AcceptDetaineeTransfer): custody.accept_transfer,
        (UnderPower, custody_acts.DeclineDetaineeTransfer): custody.decline_transfer,
        (Unended, custody_acts.ReleasePerson): custody.release_person,
        (Concerned, custody_acts.RecordDetaineeEscape): custody.record_escape,
        (Escaped, custody_acts.RecordDetaineeReturn): custody.record_return,
        (Unended, custody_acts.RecordDetaineeDeath): custody.record_death,
        (AnyStage, custody_acts.ChallengeHold): custody.challenge_hold,
        (AnyStage, custody_acts.DeclareHoldUnlawful): custody.declare_hold_unlawful,
        (AnyStage, custody_acts.RecordRemedy): custody.record_remedy,
        (Ended, custody_acts.CloseDetention): custody.close_detention,
    },
    evolve=evolve,
    holds=holds,
    ends_custody=(custody_acts.PersonReleased, custody_acts.PersonEscaped, custody_acts.PersonDied),
    on_the_head=frozenset(
        {custody_acts.ReleasePerson, custody_acts.RecordDetaineeEscape, custody_acts.RecordDetaineeDeath}
    ),
)
