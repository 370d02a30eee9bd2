"""The course of a detention: authorization, review, extension, court, measure."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from domain.deadlines import PROFILE_NOT_INSTALLED
from domain.dossier import SHARED
from domain.dossier.rules import UNKNOWN_PARTY
from domain.history import decide_within
from domain.kernel import NO_AUTHORITY, NO_REASON, NOT_OPEN
from domain.kinds.detention import KIND, acts, rules, stages
from domain.kinds.detention.acts import JudicialOutcome, MeasureType, ReviewOutcome
from domain.values import Answer, Authority, AuthorityKind, Precision, When
from tests.domain.test_detention import (
    APPREHENDED,
    ARRIVED,
    AUTHORIZED,
    BASIS,
    HELD_BY_COURT,
    IMPRECISE,
    LET_GO_BY_COURT,
    MID_APRIL,
    ON_BAIL,
    OPEN,
    ORDER,
    REFUSED,
    RELEASED,
    RIGHTS,
    SENIOR,
    Row,
    check_happy,
    late,
    stated,
)
from tests.domain.test_detention_rights import INTERVIEWED
from tests.profiles import ALONE
from tests.scenario import DAY, HOUR, NOON, OFFICER, context, given, refused, when

ARRIVE = stated(acts.RecordArrival, NOON + HOUR, facility="Station 1")
AUTHORIZE = stated(acts.AuthorizeDetention, NOON + HOUR, grounds="G", until=NOON + 24 * HOUR, decided_by="c-1")
REFUSE = stated(acts.RefuseDetention, NOON + HOUR, reason="No ground", decided_by="c-1")
REVIEW = stated(
    acts.ReviewDetention,
    NOON + 6 * HOUR,
    outcome=ReviewOutcome.CONTINUE,
    grounds="G",
    representations="R",
    decided_by="r-1",
)
POSTPONE = stated(
    acts.PostponeReview, NOON + 6 * HOUR, ground=acts.PostponementGround.MEDICAL_CARE, new_time=NOON + 8 * HOUR,
    reason="In hospital", decided_by="r-1",
)  # fmt: skip
EXTEND = stated(
    acts.ExtendDetention, NOON + 20 * HOUR, authority=SENIOR, grounds="G", diligence="D", until=NOON + 36 * HOUR,
    decided_by="s-1",
)  # fmt: skip
COURT = stated(
    acts.RecordJudicialDecision, NOON + 20 * HOUR, authority=ORDER, court="Court", outcome=JudicialOutcome.HOLD,
    until=NOON + 20 * HOUR + 30 * DAY,
)  # fmt: skip
APPEAR = stated(acts.RecordCourtAppearance, NOON + 19 * HOUR, court="Court", counsel_present=Answer.YES)
COURT_MEASURE = replace(
    COURT, outcome=JudicialOutcome.MEASURE, until=None, measure=MeasureType.BAIL, conditions="Report weekly"
)
COURT_RELEASE = replace(COURT, outcome=JudicialOutcome.RELEASE, until=None)
IMPOSE = stated(
    acts.ImposeMeasure, NOON + 5 * HOUR, authority=BASIS, measure=MeasureType.BAIL, conditions="C", alternatives="A"
)
VARY = stated(
    acts.VaryMeasure, NOON + DAY, authority=BASIS, reason="Moved away", measure=MeasureType.UNDERTAKING, conditions="C"
)
ALLEGE = stated(acts.AllegeMeasureBreach, NOON + DAY, allegation="Did not report")
PAUSE = stated(acts.PauseClock, NOON + 2 * HOUR, authority=BASIS, cause=acts.PauseCause.HOSPITAL)
RESUME = stated(acts.ResumeClock, NOON + 3 * HOUR)
PAUSED = stated(acts.ClockPaused, NOON + 2 * HOUR, authority=BASIS, cause=acts.PauseCause.HOSPITAL)
LIFTED = replace(LET_GO_BY_COURT, when=ON_BAIL.when)
BY_PROSECUTOR = Authority(AuthorityKind.PROSECUTOR, "P-1", issued_on=date(2026, 3, 3))
HELD = (APPREHENDED, RIGHTS, AUTHORIZED)
ON_TIME = late(21 * HOUR)
UNPAUSED = replace(ALONE, clocks=tuple(replace(clock, pauses_on=(), resumes_on=()) for clock in ALONE.clocks))

TAKEN = {
    "a person is apprehended on a legal basis": Row(
        (), OPEN, acts.PersonApprehended, more=(("unit", OFFICER.unit),), after=stages.Apprehended
    ),
    "an apprehension may be known imprecisely": Row(
        (), replace(OPEN, when=MID_APRIL), acts.PersonApprehended, more=(("unit", OFFICER.unit),)
    ),
    "the person arrives in custody": Row((APPREHENDED,), ARRIVE, acts.ArrivedInCustody),
    "a custody officer authorizes the hold for the executive limit": Row(
        (APPREHENDED, RIGHTS), AUTHORIZE, acts.DetentionAuthorized, after=stages.Authorized
    ),
    "a reason may stand for rights not yet explained": Row(
        (APPREHENDED,), replace(AUTHORIZE, reason="Unconscious"), acts.DetentionAuthorized, after=stages.Authorized
    ),
    "a custody officer refuses the hold": Row(
        (APPREHENDED,), REFUSE, acts.DetentionRefused, after=stages.AuthorizationRefused
    ),
    "an independent officer continues the hold": Row(HELD, REVIEW, acts.DetentionReviewed, after=stages.Authorized),
    "a review that says release opens the way": Row(
        HELD, replace(REVIEW, outcome=ReviewOutcome.RELEASE), acts.DetentionReviewed, after=stages.ReleaseOrdered
    ),
    "a review of an expired hold may say release": Row(
        HELD,
        stated(
            acts.ReviewDetention, NOON + 30 * HOUR, outcome=ReviewOutcome.RELEASE, grounds="G", representations="R",
            decided_by="r-1",
        ),
        acts.DetentionReviewed,
        after=stages.ReleaseOrdered,
    ),
    "a review is put off": Row(HELD, POSTPONE, acts.ReviewPostponed, after=stages.Authorized),
    "a senior officer extends to the senior limit": Row(HELD, EXTEND, acts.DetentionExtended, ctx=ON_TIME),
    "an extension in time may be recorded after expiry from its document": Row(HELD, EXTEND, acts.DetentionExtended),
    "the person is brought before a court": Row(HELD, APPEAR, acts.CourtAppearanceRecorded, after=stages.Authorized),
    "so is a person on a measure": Row(
        (APPREHENDED, ON_BAIL), APPEAR, acts.CourtAppearanceRecorded, after=stages.OnMeasure
    ),
    "a court orders the hold": Row(HELD, COURT, acts.JudicialDecisionRecorded, after=stages.JudiciallyHeld),
    "an order recorded in time needs no kept document": Row(
        HELD, replace(COURT, authority=replace(ORDER, document_sha256=None)), acts.JudicialDecisionRecorded, ON_TIME
    ),
    "a court order supersedes a custody officer's refusal": Row(
        (APPREHENDED, REFUSED), COURT, acts.JudicialDecisionRecorded, after=stages.JudiciallyHeld
    ),
    "a court may order the hold of a person on a measure": Row(
        (APPREHENDED, ON_BAIL), COURT, acts.JudicialDecisionRecorded, after=stages.JudiciallyHeld
    ),
    "a court puts the person on a measure": Row(
        HELD, COURT_MEASURE, acts.JudicialDecisionRecorded, after=stages.OnMeasure
    ),
    "a court orders release": Row(HELD, COURT_RELEASE, acts.JudicialDecisionRecorded, after=stages.ReleaseOrdered),
    "a court orders release though the time of apprehension is unknown": Row(
        (IMPRECISE,), replace(COURT_RELEASE, when=MID_APRIL), acts.JudicialDecisionRecorded, after=stages.ReleaseOrdered
    ),
    "a court lifts a measure": Row(
        (APPREHENDED, ON_BAIL), COURT_RELEASE, acts.JudicialDecisionRecorded, after=stages.OnMeasure
    ),
    "a measure takes the place of the hold": Row(HELD, IMPOSE, acts.MeasureImposed, after=stages.OnMeasure),
    "a measure is varied": Row((APPREHENDED, ON_BAIL), VARY, acts.MeasureVaried, after=stages.OnMeasure),
    "a breach is alleged and changes nothing": Row(
        (APPREHENDED, ON_BAIL), ALLEGE, acts.MeasureBreachAlleged, after=stages.OnMeasure
    ),
    "the clock is paused": Row(HELD, PAUSE, acts.ClockPaused),
    "the clock runs again": Row((*HELD, PAUSED), RESUME, acts.ClockResumed),
}  # fmt: skip

FURTHER = stated(acts.RecordJudicialDecision, NOON + 31 * DAY, authority=ORDER, court="Court", outcome=JudicialOutcome.HOLD)
THAT_HOUR = When(NOON + 2 * HOUR, NOON + 3 * HOUR, Precision.HOUR)
TURNED_DOWN = {
    "no apprehension without a legal basis": Row((), replace(OPEN, authority=None), NO_AUTHORITY),
    "no detention of somebody who is not registered": Row((), replace(OPEN, party=UUID(int=99)), UNKNOWN_PARTY),
    "nobody arrives twice": Row((APPREHENDED, ARRIVED), ARRIVE, rules.ALREADY_ARRIVED),
    "the officer who apprehended cannot authorize": Row(
        (APPREHENDED, RIGHTS), replace(AUTHORIZE, decided_by="p-1"), rules.CUSTODY_OFFICER_INVOLVED
    ),
    "the officer who apprehended cannot refuse the hold": Row(
        (APPREHENDED,), replace(REFUSE, decided_by="p-2"), rules.CUSTODY_OFFICER_INVOLVED
    ),
    "a refusal has a reason": Row((APPREHENDED,), replace(REFUSE, reason=None), NO_REASON),
    "no authorization before the rights are explained": Row((APPREHENDED,), AUTHORIZE, rules.RIGHTS_NOT_EXPLAINED),
    "no authorization that has ended already": Row(
        (APPREHENDED, RIGHTS), replace(AUTHORIZE, until=NOON + HOUR), rules.UNTIL_NOT_AHEAD
    ),
    "no authorization beyond the executive limit": Row(
        (APPREHENDED, RIGHTS), replace(AUTHORIZE, until=NOON + 25 * HOUR), rules.BEYOND_EXECUTIVE_LIMIT
    ),
    "an authorization states its time, from which the first review counts": Row(
        (APPREHENDED, RIGHTS), replace(AUTHORIZE, when=THAT_HOUR), rules.DECISION_TIME_IMPRECISE
    ),
    "a review that continues a hold states its time, from which the next one counts": Row(
        HELD, replace(REVIEW, when=THAT_HOUR), rules.DECISION_TIME_IMPRECISE
    ),
    "the postponement of a review states its time": Row(
        HELD, replace(POSTPONE, when=THAT_HOUR), rules.DECISION_TIME_IMPRECISE
    ),
    "no limit is guessed from an imprecise apprehension": Row((IMPRECISE, RIGHTS), AUTHORIZE, rules.START_IMPRECISE),
    "the officer who authorized cannot review": Row(HELD, replace(REVIEW, decided_by="c-1"), rules.REVIEWER_INVOLVED),
    "the officer who apprehended cannot review": Row(HELD, replace(REVIEW, decided_by="p-1"), rules.REVIEWER_INVOLVED),
    "a review hears the person": Row(HELD, replace(REVIEW, representations=None), rules.REPRESENTATIONS_NOT_HEARD),
    "a review does not continue an expired hold": Row(
        HELD, replace(REVIEW, when=When(NOON + 25 * HOUR, NOON + 26 * HOUR, Precision.HOUR)),
        rules.HOLD_EXPIRED,
    ),
    "a review is not put off without a reason": Row(HELD, replace(POSTPONE, reason=None), NO_REASON),
    "an involved officer does not put off a review": Row(
        HELD, replace(POSTPONE, decided_by="p-1"), rules.REVIEWER_INVOLVED
    ),
    "a review is not put off beyond the authority": Row(
        HELD, replace(POSTPONE, new_time=NOON + 25 * HOUR), rules.REVIEW_BEYOND_AUTHORITY
    ),
    "no extension without a document": Row(HELD, replace(EXTEND, authority=None), NO_AUTHORITY, ON_TIME),
    "the officer who apprehended cannot extend": Row(
        HELD, replace(EXTEND, decided_by="p-1"), rules.EXTENDER_INVOLVED, ON_TIME
    ),
    "the officer who authorized cannot extend": Row(
        HELD, replace(EXTEND, decided_by="c-1"), rules.EXTENDER_INVOLVED, ON_TIME
    ),
    "nor may that officer record somebody else's extension": Row(
        HELD, EXTEND, rules.EXTENDER_INVOLVED, context(replace(OFFICER, id="c-1"))
    ),
    "an extension states its time": Row(
        HELD, replace(EXTEND, when=MID_APRIL), rules.DECISION_TIME_IMPRECISE, late(20 * DAY)
    ),
    "no extension after expiry": Row(
        HELD, stated(
            acts.ExtendDetention, NOON + 24 * HOUR, authority=SENIOR, grounds="G", diligence="D",
            until=NOON + 36 * HOUR, decided_by="s-1",
        ), rules.EXTENSION_AFTER_EXPIRY, late(24 * HOUR),
    ),
    "no backdated extension without its document": Row(
        HELD, replace(EXTEND, authority=replace(SENIOR, document_sha256=None)), rules.EXTENSION_BACKDATED
    ),
    "no backdated extension on a later document": Row(
        HELD, replace(EXTEND, authority=replace(SENIOR, issued_on=date(2026, 3, 6))), rules.EXTENSION_BACKDATED
    ),
    "no extension beyond the senior limit": Row(
        HELD, replace(EXTEND, until=NOON + 37 * HOUR), rules.BEYOND_SENIOR_LIMIT, ON_TIME
    ),
    "no extension counted from an imprecise apprehension": Row(
        (IMPRECISE, RIGHTS, AUTHORIZED), EXTEND, rules.START_IMPRECISE, ON_TIME
    ),
    "no extension of what a court ordered": Row((*HELD, HELD_BY_COURT), EXTEND, NOT_OPEN),
    "no court decision without its dated order": Row(
        HELD, replace(COURT, authority=replace(ORDER, issued_on=None)), rules.ORDER_DOCUMENT_MISSING
    ),
    "a prosecutor's order is no court's": Row(
        HELD, replace(COURT, authority=BY_PROSECUTOR), rules.ORDER_DOCUMENT_MISSING
    ),
    "nobody is brought before a court once free": Row((*HELD, RELEASED), APPEAR, NOT_OPEN),
    "no order to hold without an end": Row(HELD, replace(COURT, until=None), rules.HOLD_ORDER_WITHOUT_END),
    "no order to hold at an unknown time": Row(HELD, replace(COURT, when=MID_APRIL), rules.DECISION_TIME_IMPRECISE),
    "no order to hold after the absolute limit": Row(
        HELD, stated(
            acts.RecordJudicialDecision, NOON + 48 * HOUR, authority=ORDER, court="Court",
            outcome=JudicialOutcome.HOLD, until=NOON + 10 * DAY,
        ), rules.ORDER_AFTER_LIMIT,
    ),
    "no further order after the earlier one ended": Row(
        (*HELD, HELD_BY_COURT), replace(FURTHER, until=NOON + 40 * DAY), rules.ORDER_AFTER_LIMIT
    ),
    "no order to hold counted from an imprecise apprehension": Row((IMPRECISE,), COURT, rules.START_IMPRECISE),
    "no order to hold recorded after the limit without its document": Row(
        HELD, replace(COURT, authority=replace(ORDER, document_sha256=None)), rules.ORDER_BACKDATED
    ),
    "no order to hold recorded after the limit on a later document": Row(
        HELD, replace(COURT, authority=replace(ORDER, issued_on=date(2026, 3, 6))), rules.ORDER_BACKDATED
    ),
    "no order longer than the limit of an order": Row(
        HELD, replace(COURT, until=NOON + 20 * HOUR + 31 * DAY), rules.ORDER_TOO_LONG
    ),
    "no orders longer in total than the total limit": Row(
        (*HELD, HELD_BY_COURT, replace(HELD_BY_COURT, when=COURT.when, until=NOON + 170 * DAY)),
        stated(
            acts.RecordJudicialDecision, NOON + 169 * DAY, authority=ORDER, court="Court",
            outcome=JudicialOutcome.HOLD, until=NOON + 190 * DAY,
        ),
        rules.REMAND_TOO_LONG,
    ),
    "no order of a measure without conditions": Row(
        HELD, replace(COURT_MEASURE, conditions=None), rules.MEASURE_ORDER_INCOMPLETE
    ),
    "no measure without weighing a milder one": Row(
        HELD, replace(IMPOSE, alternatives=None), rules.ALTERNATIVES_NOT_CONSIDERED
    ),
    "no measure without authority": Row(HELD, replace(IMPOSE, authority=None), NO_AUTHORITY),
    "no measure in the place of a release a court ordered": Row((*HELD, LET_GO_BY_COURT), IMPOSE, NOT_OPEN),
    "no variation of a measure a court has ended": Row((APPREHENDED, ON_BAIL, LIFTED), VARY, rules.MEASURE_LIFTED),
    "no variation without a reason": Row((APPREHENDED, ON_BAIL), replace(VARY, reason=None), NO_REASON),
    "no breach is alleged of a measure nobody is on": Row(HELD, ALLEGE, NOT_OPEN),
    "no pause without a document": Row(HELD, replace(PAUSE, authority=None), NO_AUTHORITY),
    "no pause for a cause that no clock of the profile knows": Row(
        HELD, PAUSE, rules.PAUSE_NOT_PROVIDED, replace(context(), profile=UNPAUSED)
    ),
    "no pause under a profile that is not installed": Row(
        HELD, PAUSE, PROFILE_NOT_INSTALLED, replace(context(), profile=None)
    ),
    "no pause within a pause": Row((*HELD, PAUSED), PAUSE, rules.CLOCK_ALREADY_PAUSED),
    "a clock that runs is not resumed": Row(HELD, RESUME, rules.CLOCK_NOT_PAUSED),
    "nothing prolongs a detention that is over": Row((*HELD, RELEASED), EXTEND, NOT_OPEN),
}  # fmt: skip


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in TAKEN.items()])
def test_the_course_of_a_detention(row: Row) -> None:
    check_happy(row)


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in TURNED_DOWN.items()])
def test_what_the_course_of_a_detention_refuses(row: Row) -> None:
    refused(KIND, given(*row.before), row.command, row.then, row.ctx)


def test_a_superior_court_may_hold_beyond_the_total_limit() -> None:
    row = TURNED_DOWN["no orders longer in total than the total limit"]
    superior = replace(row.command, superior=True)  # type: ignore[call-arg]
    assert isinstance(when(KIND, given(*row.before), superior).after.stage, stages.JudiciallyHeld)


def test_the_officer_who_interviewed_counts_as_involved_in_a_review() -> None:
    refused(KIND, given(*HELD, INTERVIEWED), replace(REVIEW, decided_by="q-1"), rules.REVIEWER_INVOLVED)


def test_an_order_to_release_lets_later_recorded_extensions_change_nothing() -> None:
    extended = stated(
        acts.DetentionExtended, NOON + 21 * HOUR, authority=SENIOR, grounds="G", diligence="D", until=NOON + 36 * HOUR
    )
    release = stated(
        acts.RecordJudicialDecision, NOON + 19 * HOUR, authority=ORDER, court="Court", outcome=JudicialOutcome.RELEASE
    )
    decision = decide_within(KIND, SHARED, given(*HELD, extended), release, context())
    assert isinstance(decision.after.stage, stages.ReleaseOrdered)


def test_a_measure_keeps_the_time_of_the_first_order() -> None:
    later = replace(COURT_MEASURE, when=HELD_BY_COURT.when)
    stage = when(KIND, given(*HELD, HELD_BY_COURT), later).after.stage
    assert isinstance(stage, stages.OnMeasure)
    assert stage.hold.remanded == NOON + 20 * HOUR
