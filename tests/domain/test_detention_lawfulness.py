"""What is said of the lawfulness of a hold, what makes it good, and complaints."""

from dataclasses import replace
from datetime import date

import pytest

from domain.dossier import SHARED
from domain.history import decide_within, effective, fold
from domain.kernel import NO_AUTHORITY, NOT_OPEN, Event
from domain.kinds.detention import KIND, acts, care_acts, custody_acts, custody_rules, lawfulness_acts, lawfulness_rules, stages
from domain.kinds.detention.custody_acts import Challenger, DetentionOutcome, RemedyType
from domain.kinds.detention.lawfulness_acts import ComplaintFinding, ComplaintSubject
from domain.kinds.detention.stages import Lawfulness
from domain.values import Answer, Authority, AuthorityKind, at
from tests.domain.test_detention import (
    APPREHENDED,
    AUTHORIZED,
    BASIS,
    ESCAPED,
    ON_BAIL,
    ORDER,
    RELEASED,
    SENIOR,
    Row,
    check_happy,
    stated,
)
from tests.scenario import DAY, HOUR, NOON, OFFICER, PERSON, context, given, refused, when

LATER = NOON + 7 * HOUR
CHALLENGE = stated(custody_acts.ChallengeHold, LATER, challenger=Challenger.COUNSEL, before="Court", grounds="No ground")
DECLARE = stated(custody_acts.DeclareHoldUnlawful, LATER, authority=BASIS, body="Court", began=at(NOON))
REMEDY = stated(custody_acts.RecordRemedy, LATER, authority=BASIS, remedy=RemedyType.COMPENSATION, terms="T")
DISMISS = stated(lawfulness_acts.DismissHoldChallenge, LATER, authority=ORDER, before="Court", grounds="Lawful")
WITHDRAW = stated(lawfulness_acts.WithdrawHoldChallenge, LATER, before="Court", challenger=Challenger.COUNSEL)
COMPLAIN = stated(
    lawfulness_acts.LodgeDetentionComplaint, LATER, complaint="C-1", complainant=Challenger.PERSON,
    subject=ComplaintSubject.CONDITIONS, text="T",
)  # fmt: skip
ANSWER = stated(lawfulness_acts.AnswerDetentionComplaint, LATER, complaint="C-1", finding=ComplaintFinding.UPHELD, answer="A")
CHALLENGED = stated(
    custody_acts.HoldChallenged, NOON + HOUR, challenger=Challenger.COUNSEL, before="Court", grounds="No ground"
)
COMPLAINED = stated(
    lawfulness_acts.ComplaintLodged, NOON + HOUR, complaint="C-1", complainant=Challenger.PERSON,
    subject=ComplaintSubject.CONDITIONS, text="T",
)  # fmt: skip
ANSWERED = stated(
    lawfulness_acts.ComplaintAnswered, NOON + 2 * HOUR, complaint="C-1", finding=ComplaintFinding.NOT_UPHELD, answer="A"
)
INJURED = stated(
    care_acts.VisibleInjuryNoted, NOON + HOUR, party=PERSON, noticed=care_acts.InjuryNoticed.ON_ARRIVAL, description="A cut"
)
ALL_RETURNED = replace(RELEASED, property_returned=Answer.YES)
CLOSED = stated(custody_acts.DetentionClosed, NOON + 8 * HOUR, outcome=DetentionOutcome.RELEASED)
CLOSE = stated(custody_acts.CloseDetention, NOON + DAY)
OTHER_UNIT = context(replace(OFFICER, unit="unit-2"))
BY_SENIOR = Authority(AuthorityKind.SENIOR_OFFICER, "S-1", issued_on=date(2026, 3, 2))

TAKEN = {
    "counsel challenges the hold": Row((APPREHENDED,), CHALLENGE, custody_acts.HoldChallenged),
    "a hold may be challenged after closing": Row(
        (APPREHENDED, ALL_RETURNED, CLOSED), replace(CHALLENGE, when=at(NOON + DAY)), custody_acts.HoldChallenged,
        after=stages.Closed,
    ),
    "a hold that still is unlawful is to end": Row(
        (APPREHENDED, AUTHORIZED), DECLARE, custody_acts.HoldDeclaredUnlawful, after=stages.ReleaseOrdered
    ),
    "a hold that was unlawful goes on": Row(
        (APPREHENDED, AUTHORIZED), replace(DECLARE, ended=at(NOON + HOUR)), custody_acts.HoldDeclaredUnlawful,
        after=stages.Authorized,
    ),
    "an interrupted hold may be declared unlawful": Row(
        (APPREHENDED, ESCAPED), DECLARE, custody_acts.HoldDeclaredUnlawful, after=stages.Escaped
    ),
    "a measure is no hold that ends": Row(
        (APPREHENDED, ON_BAIL), DECLARE, custody_acts.HoldDeclaredUnlawful, after=stages.OnMeasure
    ),
    "an interrupted measure is none either": Row(
        (APPREHENDED, ON_BAIL, ESCAPED), DECLARE, custody_acts.HoldDeclaredUnlawful, after=stages.Escaped
    ),
    "compensation is paid": Row((APPREHENDED, RELEASED), REMEDY, custody_acts.RemedyRecorded),
    "a court dismisses the challenge": Row((APPREHENDED, CHALLENGED), DISMISS, lawfulness_acts.HoldChallengeDismissed),
    "so does an oversight body, after closing": Row(
        (APPREHENDED, CHALLENGED, ALL_RETURNED, CLOSED),
        replace(DISMISS, when=at(NOON + DAY), authority=replace(ORDER, kind=AuthorityKind.OTHER)),
        lawfulness_acts.HoldChallengeDismissed,
        after=stages.Closed,
    ),
    "counsel withdraws the challenge": Row((APPREHENDED, CHALLENGED), WITHDRAW, lawfulness_acts.HoldChallengeWithdrawn),
    "the person complains": Row((APPREHENDED,), COMPLAIN, lawfulness_acts.ComplaintLodged),
    "a complaint may come after release": Row(
        (APPREHENDED, RELEASED), COMPLAIN, lawfulness_acts.ComplaintLodged, after=stages.Released
    ),
    "another unit answers a complaint": Row(
        (APPREHENDED, COMPLAINED), ANSWER, lawfulness_acts.ComplaintAnswered, OTHER_UNIT
    ),
    "another unit closes after a complaint": Row(
        (APPREHENDED, COMPLAINED, ANSWERED, ALL_RETURNED), CLOSE, custody_acts.DetentionClosed, OTHER_UNIT,
        (("outcome", DetentionOutcome.RELEASED),), stages.Closed,
    ),
}  # fmt: skip

TURNED_DOWN = {
    "nothing is challenged before it began": Row((), CHALLENGE, NOT_OPEN),
    "no unlawful period that still runs after the release": Row(
        (APPREHENDED, RELEASED), DECLARE, lawfulness_rules.PERIOD_OPEN
    ),
    "no declaration without a decision": Row((APPREHENDED,), replace(DECLARE, authority=None), NO_AUTHORITY),
    "no unlawful period ends before it begins": Row(
        (APPREHENDED,), replace(DECLARE, ended=at(NOON - HOUR)), lawfulness_rules.PERIOD_REVERSED
    ),
    "no remedy without what awarded it": Row((APPREHENDED,), replace(REMEDY, authority=None), NO_AUTHORITY),
    "no challenge is dismissed that was not made": Row((APPREHENDED,), DISMISS, lawfulness_rules.NO_CHALLENGE),
    "no challenge is dismissed by another body": Row(
        (APPREHENDED, CHALLENGED), replace(DISMISS, before="Inspectorate"), lawfulness_rules.NO_CHALLENGE
    ),
    "no challenge is dismissed without a decision": Row(
        (APPREHENDED, CHALLENGED), replace(DISMISS, authority=None), lawfulness_rules.DISMISSAL_NOT_INDEPENDENT
    ),
    "no challenge is dismissed by those who hold": Row(
        (APPREHENDED, CHALLENGED), replace(DISMISS, authority=BY_SENIOR), lawfulness_rules.DISMISSAL_NOT_INDEPENDENT
    ),
    "no challenge is dismissed by an undated order": Row(
        (APPREHENDED, CHALLENGED), replace(DISMISS, authority=replace(ORDER, issued_on=None)),
        lawfulness_rules.DISMISSAL_NOT_INDEPENDENT,
    ),
    "no challenge is withdrawn that was not made": Row((APPREHENDED,), WITHDRAW, lawfulness_rules.NO_CHALLENGE),
    "no two complaints under one number": Row((APPREHENDED, COMPLAINED), COMPLAIN, lawfulness_rules.COMPLAINT_OPEN),
    "no complaint is answered that was not made": Row((APPREHENDED,), ANSWER, lawfulness_rules.NO_COMPLAINT, OTHER_UNIT),
    "no complaint is answered twice": Row(
        (APPREHENDED, COMPLAINED, ANSWERED), ANSWER, lawfulness_rules.NO_COMPLAINT, OTHER_UNIT
    ),
    "no complaint is answered by the unit it is about": Row(
        (APPREHENDED, COMPLAINED), ANSWER, lawfulness_rules.COMPLAINT_ANSWERED_BY_OWN_UNIT
    ),
    "no closing while a complaint waits": Row(
        (APPREHENDED, COMPLAINED, ALL_RETURNED), CLOSE, custody_rules.COMPLAINT_UNANSWERED, OTHER_UNIT
    ),
    "the unit does not close on a complaint about itself": Row(
        (APPREHENDED, COMPLAINED, ANSWERED, ALL_RETURNED), CLOSE, custody_rules.INCIDENT_CLOSED_BY_OWN_UNIT
    ),
    "nor on an injury": Row(
        (APPREHENDED, INJURED, ALL_RETURNED), CLOSE, custody_rules.INCIDENT_CLOSED_BY_OWN_UNIT
    ),
    "nor on an escape without return": Row(
        (APPREHENDED, ESCAPED, replace(ALL_RETURNED, when=at(NOON + 7 * HOUR))), CLOSE,
        custody_rules.INCIDENT_CLOSED_BY_OWN_UNIT,
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in TAKEN.items()])
def test_lawfulness_and_complaints(row: Row) -> None:
    check_happy(row)


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in TURNED_DOWN.items()])
def test_what_is_refused_about_lawfulness_and_complaints(row: Row) -> None:
    refused(KIND, given(*row.before), row.command, row.then, row.ctx)


def test_a_declaration_comes_late_and_what_prolonged_the_hold_changes_nothing_more() -> None:
    extended = stated(
        acts.DetentionExtended, NOON + 20 * HOUR, authority=SENIOR, grounds="G", diligence="D", until=NOON + 36 * HOUR
    )
    decision = decide_within(KIND, SHARED, given(APPREHENDED, AUTHORIZED, extended), DECLARE, context())
    assert isinstance(decision.after.stage, stages.ReleaseOrdered)


DISMISSED = stated(lawfulness_acts.HoldChallengeDismissed, NOON + 2 * HOUR, authority=ORDER, before="Court", grounds="G")
DROPPED = stated(lawfulness_acts.HoldChallengeWithdrawn, NOON + 2 * HOUR, before="Court", challenger=Challenger.COUNSEL)
UNLAWFUL = stated(
    custody_acts.HoldDeclaredUnlawful, NOON + 3 * HOUR, authority=ORDER, body="Court", began=at(NOON), ended=at(NOON + HOUR)
)
AGAIN = replace(CHALLENGED, before="Inspectorate")


@pytest.mark.parametrize(
    ("events", "said", "pending"),
    [
        ((), Lawfulness.UNCHALLENGED, ()),
        ((CHALLENGED,), Lawfulness.CHALLENGED, ("Court",)),
        ((CHALLENGED, DISMISSED), Lawfulness.UNCHALLENGED, ()),
        ((CHALLENGED, AGAIN, DROPPED), Lawfulness.CHALLENGED, ("Inspectorate",)),
        ((CHALLENGED, CHALLENGED, DISMISSED), Lawfulness.CHALLENGED, ("Court",)),
        ((CHALLENGED, AGAIN, UNLAWFUL), Lawfulness.DECLARED_UNLAWFUL, ("Inspectorate",)),
        ((UNLAWFUL, replace(CHALLENGED, when=at(NOON + 4 * HOUR))), Lawfulness.DECLARED_UNLAWFUL, ("Court",)),
    ],
)
@pytest.mark.parametrize(
    "ending", [(), (replace(ESCAPED, when=at(NOON + 5 * HOUR)),), (RELEASED,)], ids=["held", "at large", "free"]
)
def test_lawfulness_is_said_beside_the_course_and_outlives_it(
    events: tuple[Event, ...], said: Lawfulness, pending: tuple[str, ...], ending: tuple[Event, ...]
) -> None:
    stage = fold(KIND, SHARED, effective(given(APPREHENDED, *events, *ending))).stage
    assert isinstance(stage, stages.Apprehended | stages.Escaped | stages.Released)
    assert (stage.standing.lawfulness, stage.standing.challenged_before) == (said, pending)


def test_an_escape_with_return_is_no_incident() -> None:
    back = stated(custody_acts.PersonReturned, NOON + 7 * HOUR, circumstances="Came back", facility=None)
    free = replace(ALL_RETURNED, when=at(NOON + 8 * HOUR))
    decision = when(KIND, given(APPREHENDED, ESCAPED, back, free), CLOSE)
    assert isinstance(decision.after.stage, stages.Closed)
