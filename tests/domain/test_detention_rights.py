"""What a held person is told, may ask for and is owed; and interviews."""

from dataclasses import replace
from typing import Any

import pytest

from domain.dossier.acts import PersonDescribed
from domain.kernel import NO_AUTHORITY, NO_REASON, NOT_OPEN
from domain.kinds.detention import KIND, care_acts, rights_acts, rights_rules, rules
from domain.kinds.detention.care_acts import (
    InjuryNoticed,
    MedicalOccasion,
    MedicalRequester,
    PropertyRecipient,
    SupportCapacity,
)
from domain.kinds.detention.rights_acts import Means
from domain.kinds.detention.stages import Apprehended, Released
from domain.values import Answer, at
from tests.domain.test_detention import (
    APPREHENDED,
    ARRIVED,
    BASIS,
    LISTED,
    RELEASED,
    RIGHTS,
    SENIOR,
    Row,
    check_happy,
    stated,
)
from tests.scenario import HOUR, NOON, PERSON, given, refused

LATER = NOON + 2 * HOUR
PARTY = (("party", PERSON),)
GONE = (APPREHENDED, RELEASED)


def described(answer: Answer) -> PersonDescribed:
    """The person described, with the one thing consular duties need to know."""
    unknown: dict[str, Any] = dict.fromkeys(("name", "birth_date", "age", "occupation", "nationality", "documents", "health"))
    described: PersonDescribed = stated(
        PersonDescribed, NOON + HOUR, party=PERSON, minor=Answer.NO, foreign_national=answer, **unknown
    )
    return described


NATIONAL = (APPREHENDED, described(Answer.NO))
FOREIGN = (APPREHENDED, described(Answer.YES))
NO_INTERPRETER = stated(rights_acts.RecordNoInterpreterRequired, LATER, language="en")
EXPLAIN = stated(rights_acts.ExplainRights, LATER, language="en", interpreter="i-1")
OFFER = stated(rights_acts.OfferCounsel, LATER)
REQUEST = stated(rights_acts.RecordCounselRequest, LATER)
WAIVE = stated(rights_acts.RecordCounselWaiver, LATER, language="en", statement="I need none")
ATTEND = stated(rights_acts.RecordCounselAttendance, LATER, means=Means.IN_PERSON, in_private=Answer.YES)
DELAY = stated(
    rights_acts.DelayCounselAccess,
    LATER,
    authority=SENIOR,
    reason="Danger to others",
    until=NOON + 6 * HOUR,
    decided_by="s-1",
)
RIGHT = stated(rights_acts.ExplainConsularRight, LATER, language="en")
ASK = stated(rights_acts.RecordConsularRequest, LATER)
DECLINE = stated(rights_acts.RecordConsularRefusal, LATER, language="en")
NOTIFY = stated(rights_acts.NotifyConsularPost, LATER, post="Consulate", means=Means.TELEPHONE, reference="C-1")
VISIT = stated(rights_acts.RecordConsularVisit, LATER, post="Consulate", means=Means.IN_PERSON)
TELL = stated(care_acts.TellThirdPerson, LATER, told="A sister", means=Means.TELEPHONE)
CHECK = stated(care_acts.RecordMedicalCheck, LATER, practitioner="m-1", occasion=MedicalOccasion.ADMISSION, findings="Well")
LIST = stated(care_acts.ListPersonalProperty, LATER, lines=LISTED.lines, signed=Answer.YES)
NOTHING = stated(care_acts.RecordNoProperty, LATER)
HAND_OVER = stated(care_acts.HandOverProperty, NOON + 7 * HOUR, recipient=PropertyRecipient.PERSON, receipt="R-1")
INTERVIEW = stated(
    care_acts.RecordCustodyInterview,
    NOON + 4 * HOUR,
    officers=("q-1",),
    ended=at(NOON + 5 * HOUR),
    counsel_present=True,
)
MESSAGE = stated(rights_acts.TakeConsularMessage, LATER, message="M-1")
FORWARD = stated(rights_acts.ForwardConsularMessage, LATER, message="M-1", means=Means.LETTER)
TELL_NOBODY = stated(care_acts.RecordThirdPersonRefusal, LATER, language="en")
ASK_FOR_DOCTOR = stated(care_acts.RecordMedicalRequest, LATER, requester=MedicalRequester.PERSON)
INJURY = stated(care_acts.RecordVisibleInjury, LATER, noticed=InjuryNoticed.ON_ARRIVAL, description="A cut")
ASSESS = stated(care_acts.AssessVulnerability, LATER, vulnerable=Answer.YES)
SUPPORT = stated(care_acts.RecordSupportPersonAttendance, LATER, capacity=SupportCapacity.PARENT, means=Means.IN_PERSON)
COMPLETE = stated(care_acts.CompleteCustodyRecord, LATER)
TAKEN_MESSAGE = stated(rights_acts.ConsularMessageTaken, NOON + HOUR, message="M-1")
FORWARDED_MESSAGE = stated(rights_acts.ConsularMessageForwarded, NOON + 2 * HOUR, message="M-1", means=Means.LETTER)
REQUESTED = stated(rights_acts.CounselRequested, NOON + HOUR)
WAIVED = stated(rights_acts.CounselWaived, NOON + HOUR, party=PERSON, language="en", statement="S")
ATTENDED = stated(rights_acts.CounselAttended, NOON + HOUR, means=Means.IN_PERSON, in_private=Answer.YES, counsel=None)
DELAYED = stated(rights_acts.CounselAccessDelayed, NOON + HOUR, authority=SENIOR, reason="R", until=NOON + 6 * HOUR)
EXPLAINED = stated(rights_acts.ConsularRightExplained, NOON + HOUR, party=PERSON, language="en")
ASKED = stated(rights_acts.ConsularNotificationRequested, NOON + HOUR)
DECLINED = stated(rights_acts.ConsularNotificationDeclined, NOON + HOUR, party=PERSON, language="en")
INTERVIEWED = stated(
    care_acts.InterviewRecorded, NOON + 4 * HOUR, officers=("q-1",), ended=at(NOON + 5 * HOUR), counsel_present=True,
    interpreter=None, recording=None, summary=None,
)  # fmt: skip
SETTLED = stated(rights_acts.NoInterpreterRequired, NOON + HOUR, party=PERSON, language="en")

TAKEN = {
    "it is recorded that no interpreter is required": Row(
        (APPREHENDED,), NO_INTERPRETER, rights_acts.NoInterpreterRequired, more=PARTY
    ),
    "rights are explained through an interpreter": Row((APPREHENDED,), EXPLAIN, rights_acts.RightsExplained, more=PARTY),
    "rights are explained where no interpreter is required": Row(
        (APPREHENDED, SETTLED), replace(EXPLAIN, interpreter=None), rights_acts.RightsExplained, more=PARTY
    ),
    "counsel is offered": Row((APPREHENDED,), OFFER, rights_acts.CounselOffered),
    "the person asks for counsel": Row((APPREHENDED,), REQUEST, rights_acts.CounselRequested),
    "the person does without counsel": Row((APPREHENDED, RIGHTS), WAIVE, rights_acts.CounselWaived, more=PARTY),
    "counsel attends": Row((APPREHENDED,), ATTEND, rights_acts.CounselAttended),
    "access to counsel is delayed": Row((APPREHENDED,), DELAY, rights_acts.CounselAccessDelayed),
    "a foreign national is told of the consular right": Row(FOREIGN, RIGHT, rights_acts.ConsularRightExplained, more=PARTY),
    "so is a person whose nationality is not known": Row((APPREHENDED,), RIGHT, rights_acts.ConsularRightExplained, more=PARTY),
    "the person asks for consular notice": Row(FOREIGN, ASK, rights_acts.ConsularNotificationRequested),
    "the person declines consular notice": Row(
        (*FOREIGN, EXPLAINED), DECLINE, rights_acts.ConsularNotificationDeclined, more=PARTY
    ),
    "the consular post is notified at request": Row((*FOREIGN, ASKED), NOTIFY, rights_acts.ConsularPostNotified, more=PARTY),
    "the consular post is notified on a treaty": Row(
        (*FOREIGN, DECLINED), replace(NOTIFY, authority=BASIS), rights_acts.ConsularPostNotified, more=PARTY
    ),
    "the consul visits": Row(FOREIGN, VISIT, rights_acts.ConsularVisitRecorded, more=PARTY),
    "a message to the post is taken": Row(FOREIGN, MESSAGE, rights_acts.ConsularMessageTaken),
    "so is one of a person who declined that the post be notified": Row(
        (*FOREIGN, DECLINED), MESSAGE, rights_acts.ConsularMessageTaken
    ),
    "a message is forwarded": Row((*FOREIGN, TAKEN_MESSAGE), FORWARD, rights_acts.ConsularMessageForwarded),
    "a message is forwarded after release": Row(
        (*FOREIGN, TAKEN_MESSAGE, RELEASED), replace(FORWARD, when=at(NOON + 8 * HOUR)), rights_acts.ConsularMessageForwarded,
        after=Released,
    ),
    "the person wants nobody told": Row((APPREHENDED, RIGHTS), TELL_NOBODY, care_acts.ThirdPersonNoticeDeclined, more=PARTY),
    "the person asks for a doctor": Row((APPREHENDED,), ASK_FOR_DOCTOR, care_acts.MedicalCheckRequested),
    "an injury is noted": Row((APPREHENDED,), INJURY, care_acts.VisibleInjuryNoted, more=PARTY),
    "a person is found to be vulnerable": Row((APPREHENDED,), ASSESS, care_acts.VulnerabilityAssessed, more=PARTY),
    "a parent comes": Row((APPREHENDED,), SUPPORT, care_acts.SupportPersonAttended),
    "the custody record is complete": Row((APPREHENDED, ARRIVED, LISTED), COMPLETE, care_acts.CustodyRecordCompleted),
    "a third person is told": Row((APPREHENDED,), TELL, care_acts.ThirdPersonTold),
    "a health professional sees the person": Row((APPREHENDED,), CHECK, care_acts.MedicalCheckRecorded, more=PARTY),
    "belongings are listed": Row((APPREHENDED,), LIST, care_acts.PersonalPropertyListed),
    "nothing was found": Row((APPREHENDED,), NOTHING, care_acts.NoPropertyFound),
    "belongings leave custody after release": Row(
        (APPREHENDED, LISTED, RELEASED), HAND_OVER, care_acts.PersonalPropertyHandedOver, after=Released
    ),
    "belongings leave custody before release": Row(
        (APPREHENDED, LISTED), HAND_OVER, care_acts.PersonalPropertyHandedOver, after=Apprehended
    ),
    "an interview follows counsel": Row((APPREHENDED, ATTENDED), INTERVIEW, care_acts.InterviewRecorded),
    "an interview follows a waiver": Row((APPREHENDED, RIGHTS, WAIVED), INTERVIEW, care_acts.InterviewRecorded),
    "an interview within a lawful delay of counsel": Row((APPREHENDED, DELAYED), INTERVIEW, care_acts.InterviewRecorded),
}  # fmt: skip

TURNED_DOWN = {
    "rights are not explained in a language perhaps not followed": Row(
        (APPREHENDED,), replace(EXPLAIN, interpreter=None), rights_rules.INTERPRETER_UNSETTLED
    ),
    "no waiver by a person who was not told": Row((APPREHENDED,), WAIVE, rights_rules.WAIVER_BEFORE_RIGHTS),
    "no delay without authority": Row((APPREHENDED,), replace(DELAY, authority=None), NO_AUTHORITY),
    "no delay without a reason": Row((APPREHENDED,), replace(DELAY, reason=None), NO_REASON),
    "no delay by the officer who apprehended": Row(
        (APPREHENDED,), replace(DELAY, decided_by="p-1"), rights_rules.DELAY_BY_INVOLVED_OFFICER
    ),
    "no delay that is over already": Row((APPREHENDED,), replace(DELAY, until=LATER), rules.UNTIL_NOT_AHEAD),
    "a national is not told of a consular right": Row(NATIONAL, RIGHT, rights_rules.NO_CONSULAR_RIGHT),
    "a national asks for no consul": Row(NATIONAL, ASK, rights_rules.NO_CONSULAR_RIGHT),
    "a national declines no consul": Row(NATIONAL, DECLINE, rights_rules.NO_CONSULAR_RIGHT),
    "no consular post is told of a national": Row((*NATIONAL, ASKED), NOTIFY, rights_rules.NO_CONSULAR_RIGHT),
    "no consul visits a national": Row(NATIONAL, VISIT, rights_rules.NO_CONSULAR_RIGHT),
    "nobody declines a right not explained": Row(FOREIGN, DECLINE, rights_rules.CONSULAR_RIGHT_NOT_EXPLAINED),
    "a post is not told against the person's wish": Row((*FOREIGN, DECLINED), NOTIFY, rights_rules.CONSULAR_NOTICE_NOT_WANTED),
    "a national writes to no consular post": Row(NATIONAL, MESSAGE, rights_rules.NO_CONSULAR_RIGHT),
    "no two messages under one number": Row((*FOREIGN, TAKEN_MESSAGE), MESSAGE, rights_rules.MESSAGE_WAITS),
    "no message is forwarded that was not handed over": Row(FOREIGN, FORWARD, rights_rules.NO_MESSAGE),
    "no message is forwarded twice": Row(
        (*FOREIGN, TAKEN_MESSAGE, FORWARDED_MESSAGE), replace(FORWARD, when=at(NOON + 3 * HOUR)), rights_rules.NO_MESSAGE
    ),
    "nobody declines that somebody is told before knowing the right": Row(
        (APPREHENDED,), TELL_NOBODY, rights_rules.REFUSAL_BEFORE_RIGHTS
    ),
    "no custody record is complete before the arrival": Row(
        (APPREHENDED, LISTED), COMPLETE, rights_rules.RECORD_WITHOUT_ARRIVAL
    ),
    "no custody record is complete before belongings are listed": Row(
        (APPREHENDED, ARRIVED), COMPLETE, rights_rules.RECORD_WITHOUT_PROPERTY
    ),
    "belongings on record are not unsaid": Row((APPREHENDED, LISTED), NOTHING, rights_rules.PROPERTY_ON_RECORD),
    "nothing is handed over where nothing is kept": Row((APPREHENDED, RELEASED), HAND_OVER, rights_rules.NOTHING_KEPT),
    "no interview before the counsel step": Row((APPREHENDED, RIGHTS), INTERVIEW, rights_rules.NO_COUNSEL_STEP),
    "no interview while counsel is asked for": Row(
        (APPREHENDED, RIGHTS, WAIVED, REQUESTED), INTERVIEW, rights_rules.NO_COUNSEL_STEP
    ),
    "no interview beyond a delay of counsel": Row(
        (APPREHENDED, DELAYED), replace(INTERVIEW, ended=at(NOON + 7 * HOUR)), rights_rules.NO_COUNSEL_STEP
    ),
    "no interview ends before it begins": Row(
        (APPREHENDED, ATTENDED), replace(INTERVIEW, ended=at(NOON + HOUR)), rights_rules.INTERVIEW_ENDS_FIRST
    ),
    **{
        f"after release there is no {type(command).__name__}": Row(GONE, replace(command, when=at(NOON + 8 * HOUR)), NOT_OPEN)
        for command in (
            NO_INTERPRETER, OFFER, REQUEST, ATTEND, TELL, CHECK, LIST, ASK_FOR_DOCTOR, INJURY, ASSESS, SUPPORT,
            MESSAGE, COMPLETE,
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in TAKEN.items()])
def test_what_a_held_person_is_owed(row: Row) -> None:
    check_happy(row)


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in TURNED_DOWN.items()])
def test_what_is_refused_for_the_person_s_sake(row: Row) -> None:
    refused(KIND, given(*row.before), row.command, row.then, row.ctx)
