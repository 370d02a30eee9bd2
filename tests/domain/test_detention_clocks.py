"""The clocks of a detention beside the limits: duties of care, stricter ones, release, and what an escape does to them."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from domain.clocks import Status, status
from domain.kernel import Event
from domain.kinds.detention import acts, care_acts, custody_acts, lawfulness_acts, rights_acts
from domain.kinds.detention.acts import JudicialOutcome, ReviewOutcome
from domain.kinds.detention.care_acts import InjuryNoticed, MedicalOccasion, MedicalRequester, SupportCapacity
from domain.kinds.detention.custody_acts import Challenger
from domain.kinds.detention.lawfulness_acts import ComplaintFinding, ComplaintSubject
from domain.kinds.detention.rights_acts import Means
from domain.profiles import OnExpiry
from domain.values import Answer, at
from tests.domain.test_clocks import described, event, every, only
from tests.domain.test_detention import APPREHENDED, AUTHORIZED, ESCAPED, HELD_BY_COURT, LET_GO_BY_COURT, ON_BAIL, RELEASED
from tests.domain.test_detention import REFUSED as HOLD_REFUSED
from tests.profiles import NEUTRAL
from tests.scenario import DAY, HOUR, NOON, PERSON

LATER = NOON + HOUR
PAUSED = event(acts.ClockPaused, LATER, cause=acts.PauseCause.HOSPITAL)


def back(moment: datetime) -> Event:
    """The person who had escaped is back."""
    returned: Event = event(custody_acts.PersonReturned, moment, circumstances="C", facility=None)
    return returned


def unlawful(**more: Any) -> Event:
    """The hold was declared unlawful."""
    declared: Event = event(custody_acts.HoldDeclaredUnlawful, LATER, body="Court", began=at(NOON), **more)
    return declared


ASKED = event(care_acts.MedicalCheckRequested, LATER, requester=MedicalRequester.PERSON)
INJURED = event(care_acts.VisibleInjuryNoted, LATER, party=PERSON, noticed=InjuryNoticed.ON_ARRIVAL, description="D")
SEEN_BY_DOCTOR = event(
    care_acts.MedicalCheckRecorded, NOON + 2 * HOUR, party=PERSON, practitioner="m-1", occasion=MedicalOccasion.REQUEST,
    findings="F", care=None,
)  # fmt: skip
NOBODY_TOLD = event(care_acts.ThirdPersonNoticeDeclined, LATER, party=PERSON, language="en")
TOLD = event(care_acts.ThirdPersonTold, LATER, told="T", means=Means.TELEPHONE)
VULNERABLE = event(care_acts.VulnerabilityAssessed, LATER, party=PERSON, vulnerable=Answer.YES, findings=None)
NOT_VULNERABLE = replace(VULNERABLE, when=at(NOON + 2 * HOUR), vulnerable=Answer.NO)
SUPPORTED = event(
    care_acts.SupportPersonAttended, NOON + 2 * HOUR, capacity=SupportCapacity.PARENT, means=Means.IN_PERSON, supporter=None
)
COMPLETED = event(care_acts.CustodyRecordCompleted, LATER)
MESSAGE = event(rights_acts.ConsularMessageTaken, LATER, message="M-1")
FORWARDED = event(rights_acts.ConsularMessageForwarded, NOON + 2 * HOUR, message="M-1", means=Means.LETTER)
COMPLAINED = event(
    lawfulness_acts.ComplaintLodged,
    LATER,
    complaint="C-1",
    complainant=Challenger.PERSON,
    subject=ComplaintSubject.OTHER,
    text="T",
)
ANSWERED = event(
    lawfulness_acts.ComplaintAnswered, NOON + 2 * HOUR, complaint="C-1", finding=ComplaintFinding.UPHELD, answer="A"
)
REVIEWED = event(acts.DetentionReviewed, NOON + 2 * HOUR, outcome=ReviewOutcome.CONTINUE, grounds="G", representations=None)
REVIEW_SAYS_RELEASE = replace(REVIEWED, outcome=ReviewOutcome.RELEASE)
DEAD = event(custody_acts.PersonDied, LATER, circumstances="C", told=None)
REPORTED = event(custody_acts.DeathReported, NOON + 2 * HOUR, told="Inspectorate")
MINOR = described(minor=Answer.YES)

DUTIES: dict[str, tuple[tuple[Event, ...], int, tuple[Event, ...]]] = {
    "custody-record-complete": ((APPREHENDED,), 3, (COMPLETED, HOLD_REFUSED, ON_BAIL, RELEASED)),
    "rights-explained": ((APPREHENDED,), 3, (ON_BAIL, RELEASED)),
    "third-person-told": ((APPREHENDED,), 12, (TOLD, NOBODY_TOLD, ON_BAIL)),
    "medical-check": ((APPREHENDED, ASKED), 5, (SEEN_BY_DOCTOR, ON_BAIL, RELEASED)),
    "third-person-told-of-minor": ((APPREHENDED, MINOR), 3, (TOLD, ON_BAIL, RELEASED)),
    "support-person-of-minor": ((APPREHENDED, MINOR), 3, (SUPPORTED, ON_BAIL, RELEASED)),
    "first-review-of-minor": ((APPREHENDED, MINOR, AUTHORIZED), 4, (REVIEWED, HELD_BY_COURT, ON_BAIL, RELEASED)),
    "later-reviews-of-minor": (
        (APPREHENDED, MINOR, AUTHORIZED, REVIEWED), 8, (replace(REVIEW_SAYS_RELEASE, when=at(NOON + 5 * HOUR)), RELEASED),
    ),
    "support-person-of-vulnerable": ((APPREHENDED, VULNERABLE), 4, (SUPPORTED, NOT_VULNERABLE, ON_BAIL, RELEASED)),
    "review-of-vulnerable": ((APPREHENDED, AUTHORIZED, VULNERABLE), 4, (REVIEWED, NOT_VULNERABLE, HELD_BY_COURT, RELEASED)),
    "consular-message-forwarded": ((APPREHENDED, MESSAGE), 13, (FORWARDED,)),
    "complaint-answered": ((APPREHENDED, COMPLAINED), 30 * 24 + 1, (ANSWERED,)),
    "death-reported": ((APPREHENDED, DEAD), 4, (REPORTED,)),
    "release-ordered": (
        (APPREHENDED, AUTHORIZED, REVIEW_SAYS_RELEASE), 3,
        (replace(HELD_BY_COURT, when=at(NOON + 5 * HOUR)), ON_BAIL, RELEASED, replace(DEAD, when=at(NOON + 5 * HOUR))),
    ),
}  # fmt: skip
"""Each clock with what starts it, the hours after the apprehension when it is due, and each event that stops it."""


@pytest.mark.parametrize("clock", DUTIES)
def test_each_duty_is_due_in_time_opens_an_obligation_and_is_stopped(clock: str) -> None:
    begun, hours, stops = DUTIES[clock]
    found = only(clock, NEUTRAL, *begun)
    assert (found.due, found.on_expiry) == (NOON + hours * HOUR, OnExpiry.OBLIGATION)
    assert found.legal_ref
    for stop in stops:
        assert only(clock, NEUTRAL, *begun, stop).stopped_by == len(begun) + 1, stop.type


def test_a_visible_injury_asks_for_a_doctor_though_nobody_does() -> None:
    assert only("medical-check", NEUTRAL, APPREHENDED, INJURED).due == NOON + 5 * HOUR


def test_a_second_request_does_not_put_the_doctor_off() -> None:
    again = replace(ASKED, when=at(NOON + 3 * HOUR))
    assert only("medical-check", NEUTRAL, APPREHENDED, INJURED, again).due == NOON + 5 * HOUR


def test_a_person_beyond_doubt_of_age_has_no_stricter_clock_and_a_minor_cannot_decline() -> None:
    grown = {d.clock for d in every(NEUTRAL, APPREHENDED, described(minor=Answer.NO), AUTHORIZED, REVIEWED)}
    assert not {name for name in grown if name.endswith("of-minor")}
    assert only("third-person-told-of-minor", NEUTRAL, APPREHENDED, MINOR, NOBODY_TOLD).stopped_by is None


@pytest.mark.parametrize(
    ("ordered", "due"),
    [
        ((HOLD_REFUSED,), 2),
        ((AUTHORIZED, REVIEW_SAYS_RELEASE), 3),
        ((AUTHORIZED, LET_GO_BY_COURT), 21),
        ((AUTHORIZED, unlawful(ended=None)), 2),
    ],
    ids=["a custody officer refuses", "a review", "a court", "a declaration that the hold still is unlawful"],
)
def test_whoever_says_release_starts_the_hour_in_which_the_person_is_let_go(ordered: tuple[Event, ...], due: int) -> None:
    found = only("release-ordered", NEUTRAL, APPREHENDED, *ordered)
    assert (found.due, found.stopped_by) == (NOON + due * HOUR, None)


def test_a_review_or_a_declaration_that_lets_the_hold_go_on_asks_for_no_release() -> None:
    found = every(NEUTRAL, APPREHENDED, AUTHORIZED, REVIEWED, unlawful(ended=at(LATER)))
    assert "release-ordered" not in {d.clock for d in found}


def test_no_review_is_owed_of_a_hold_that_is_to_end() -> None:
    assert only("first-review", NEUTRAL, APPREHENDED, AUTHORIZED, unlawful(ended=None)).stopped_by == 3


def test_a_death_reported_at_once_leaves_nothing_to_report() -> None:
    assert "death-reported" not in {d.clock for d in every(NEUTRAL, APPREHENDED, replace(DEAD, told="Inspectorate"))}


def test_two_messages_are_forwarded_each_in_its_time() -> None:
    second = replace(MESSAGE, when=at(NOON + 3 * HOUR), message="M-2")
    runs = every(NEUTRAL, APPREHENDED, MESSAGE, second, replace(FORWARDED, when=at(NOON + 4 * HOUR)))
    found = {d.run: (d.due, d.stopped_by) for d in runs if d.clock == "consular-message-forwarded"}
    assert found == {"M-1": (NOON + 13 * HOUR, 4), "M-2": (NOON + 15 * HOUR, None)}


def test_a_duty_waits_while_the_person_is_at_large_and_goes_on_after_return() -> None:
    away = replace(ESCAPED, when=at(NOON + 2 * HOUR))
    gone = only("rights-explained", NEUTRAL, APPREHENDED, away)
    assert status(gone, NOON + 90 * HOUR) is Status.PAUSED
    assert only("rights-explained", NEUTRAL, APPREHENDED, away, back(NOON + 10 * HOUR)).due == NOON + 11 * HOUR
    assert only("first-review", NEUTRAL, APPREHENDED, AUTHORIZED, away, back(NOON + 10 * HOUR)).due == NOON + 15 * HOUR


def test_hospital_holds_what_cannot_be_explained_there_and_no_limit() -> None:
    resumed = event(acts.ClockResumed, NOON + 4 * HOUR)
    found = {d.clock: d.due for d in every(NEUTRAL, APPREHENDED, PAUSED, resumed)}
    assert found["rights-explained"] == found["consular-right-explained"] == NOON + 6 * HOUR
    assert found["executive-limit"] == NOON + 24 * HOUR
    assert found["custody-record-complete"] == NOON + 3 * HOUR


def test_the_end_of_a_measure_is_an_alarm_until_it_is_varied_lifted_or_over() -> None:
    measured = replace(ON_BAIL, until=NOON + 30 * DAY)
    found = only("measure-ends", NEUTRAL, APPREHENDED, measured)
    assert (found.due, found.on_expiry) == (NOON + 30 * DAY, OnExpiry.ALARM)
    by_court = replace(
        HELD_BY_COURT, outcome=JudicialOutcome.MEASURE, when=at(NOON + 6 * HOUR), measure=acts.MeasureType.BAIL, conditions="C",
        until=NOON + 20 * DAY,
    )  # fmt: skip
    runs = [d for d in every(NEUTRAL, APPREHENDED, measured, by_court) if d.clock == "measure-ends"]
    assert [(d.due, d.stopped_by) for d in runs] == [(NOON + 30 * DAY, 3), (NOON + 20 * DAY, None)]
    assert only("measure-ends", NEUTRAL, APPREHENDED, measured, LET_GO_BY_COURT).stopped_by == 3
