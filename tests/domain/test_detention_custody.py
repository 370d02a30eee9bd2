"""Where the person is, how custody ends, and what is said of its lawfulness."""

from dataclasses import replace

import pytest

from domain.catalogue import modules_of, refusals_of
from domain.dossier import SHARED
from domain.history import decide_within
from domain.kernel import NO_AUTHORITY, NO_REASON, NOT_OPEN, Event, Refusal
from domain.kinds import detention
from domain.kinds.detention import KIND, care_acts, custody_acts, custody_rules, stages
from domain.kinds.detention.custody_acts import DetentionOutcome, ReleaseKind
from domain.values import Answer, at
from tests.domain import test_detention_corrections as corrections
from tests.domain import test_detention_course as course
from tests.domain import test_detention_lawfulness as lawfulness
from tests.domain import test_detention_rights as rights
from tests.domain.test_detention import (
    APPREHENDED,
    ARRIVED,
    AUTHORIZED,
    BASIS,
    ESCAPED,
    HELD_BY_COURT,
    IMPRECISE,
    LET_GO_BY_COURT,
    LISTED,
    ON_BAIL,
    REFUSED,
    RELEASE,
    RELEASED,
    Row,
    check_happy,
    stated,
)
from tests.scenario import DAY, HOUR, NOON, OFFICER, context, given, refused, then, when

LATER = NOON + 7 * HOUR
MOVE = stated(custody_acts.MovePerson, LATER, facility="Station 2", reason="Repairs")
OFFER = stated(custody_acts.OfferDetaineeTransfer, LATER, authority=BASIS, agency="Border Agency")
OFFERED = stated(custody_acts.DetaineeTransferOffered, NOON + HOUR, authority=BASIS, agency="Border Agency")
ACCEPT = stated(custody_acts.AcceptDetaineeTransfer, LATER, receiving_officer="b-1", receipt="T-1")
DECLINE = stated(custody_acts.DeclineDetaineeTransfer, LATER, reason="No room")
AGENCY = (("agency", "Border Agency"),)
ESCAPE = stated(custody_acts.RecordDetaineeEscape, LATER, circumstances="Window")
RETURN = stated(custody_acts.RecordDetaineeReturn, LATER, circumstances="Came back", facility="Station 2")
DEATH = stated(custody_acts.RecordDetaineeDeath, LATER, circumstances="C", told="Inspectorate")
DIED = stated(custody_acts.PersonDied, NOON + 6 * HOUR, circumstances="C", told=None)
TRANSFERRED = stated(
    custody_acts.DetaineeTransferAccepted,
    NOON + 2 * HOUR,
    agency="Border Agency",
    receiving_officer="b-1",
    receipt=None,
)
WITHDRAW = stated(custody_acts.WithdrawDetaineeTransfer, LATER, reason="Charged here")
REPORT = stated(custody_acts.ReportDetaineeDeath, LATER, told="Inspectorate")
CLOSE = stated(custody_acts.CloseDetention, NOON + DAY)
CLOSED = stated(custody_acts.DetentionClosed, NOON + 8 * HOUR, outcome=DetentionOutcome.RELEASED)
ALL_RETURNED = replace(RELEASED, property_returned=Answer.YES)
NOTHING_FOUND = stated(care_acts.NoPropertyFound, NOON + HOUR)
PASSED_ON = stated(
    care_acts.PersonalPropertyHandedOver,
    NOON + 3 * HOUR,
    recipient=care_acts.PropertyRecipient.RECEIVING_AGENCY,
    receipt=None,
)
OTHER_UNIT = context(replace(OFFICER, unit="unit-2"))

HISTORIES: dict[str, tuple[Event, ...]] = {
    "apprehended": (APPREHENDED,),
    "apprehended at an unknown time": (IMPRECISE,),
    "authorized": (APPREHENDED, AUTHORIZED),
    "refused": (APPREHENDED, REFUSED),
    "held by a court": (APPREHENDED, HELD_BY_COURT),
    "ordered to be released": (APPREHENDED, AUTHORIZED, LET_GO_BY_COURT),
    "on a measure": (APPREHENDED, ON_BAIL),
}


def after_all(command: custody_acts.ReleasePerson) -> custody_acts.ReleasePerson:
    """The command at a moment after every history above."""
    return replace(command, when=at(NOON + 20 * DAY))


TAKEN = {
    "the person is moved": Row((APPREHENDED, ARRIVED), MOVE, custody_acts.CustodyLocationChanged),
    "another agency is asked": Row((APPREHENDED,), OFFER, custody_acts.DetaineeTransferOffered),
    "the other agency takes the person over": Row(
        (APPREHENDED, OFFERED), ACCEPT, custody_acts.DetaineeTransferAccepted, more=AGENCY, after=stages.Transferred
    ),
    "the other agency declines": Row(
        (APPREHENDED, OFFERED), DECLINE, custody_acts.DetaineeTransferDeclined, more=AGENCY, after=stages.Apprehended
    ),
    "the giver takes the offer back": Row(
        (APPREHENDED, OFFERED), WITHDRAW, custody_acts.DetaineeTransferWithdrawn, more=AGENCY, after=stages.Apprehended
    ),
    "an offer is taken back of a person who is to be released": Row(
        (APPREHENDED, OFFERED, REFUSED), WITHDRAW, custody_acts.DetaineeTransferWithdrawn, more=AGENCY,
        after=stages.AuthorizationRefused,
    ),
    "a death is reported to those who inquire into it": Row(
        (APPREHENDED, DIED), REPORT, custody_acts.DeathReported, after=stages.Died
    ),
    "the person at large is given up": Row((APPREHENDED, ESCAPED), RELEASE, custody_acts.PersonReleased),
    **{
        f"a person {name} is released": Row(
            history, after_all(RELEASE), custody_acts.PersonReleased, after=stages.Released
        )
        for name, history in HISTORIES.items()
    },
    **{
        f"a person {name} escapes": Row(
            history, replace(ESCAPE, when=at(NOON + 20 * DAY)), custody_acts.PersonEscaped, after=stages.Escaped
        )
        for name, history in HISTORIES.items()
    },
    **{
        f"a person {name} dies": Row(
            history, replace(DEATH, when=at(NOON + 20 * DAY)), custody_acts.PersonDied, after=stages.Died
        )
        for name, history in HISTORIES.items()
    },
    "a person at large dies": Row((APPREHENDED, ESCAPED), DEATH, custody_acts.PersonDied, after=stages.Died),
    "the person comes back to the hold that was broken off": Row(
        (APPREHENDED, AUTHORIZED, ESCAPED), RETURN, custody_acts.PersonReturned, after=stages.Authorized
    ),
    "the person comes back to the measure": Row(
        (APPREHENDED, ON_BAIL, ESCAPED), RETURN, custody_acts.PersonReturned, after=stages.OnMeasure
    ),
    "a detention is closed after release": Row(
        (APPREHENDED, ALL_RETURNED), CLOSE, custody_acts.DetentionClosed,
        more=(("outcome", DetentionOutcome.RELEASED),), after=stages.Closed,
    ),
    "a detention is closed after a transfer": Row(
        (APPREHENDED, LISTED, OFFERED, TRANSFERRED, PASSED_ON), CLOSE, custody_acts.DetentionClosed,
        more=(("outcome", DetentionOutcome.TRANSFERRED),), after=stages.Closed,
    ),
    "a death is closed by another unit": Row(
        (APPREHENDED, NOTHING_FOUND, DIED), CLOSE, custody_acts.DetentionClosed, OTHER_UNIT,
        (("outcome", DetentionOutcome.DIED),), stages.Closed,
    ),
}  # fmt: skip

TURNED_DOWN = {
    "nobody is moved without a reason": Row((APPREHENDED, ARRIVED), replace(MOVE, reason=None), NO_REASON),
    "nobody is moved before the arrival is recorded": Row((APPREHENDED,), MOVE, custody_rules.NOT_ARRIVED),
    "nobody is moved to the same place": Row(
        (APPREHENDED, ARRIVED), replace(MOVE, facility="Station 1"), custody_rules.SAME_FACILITY
    ),
    "no offer without authority": Row((APPREHENDED,), replace(OFFER, authority=None), NO_AUTHORITY),
    "one offer at a time": Row((APPREHENDED, OFFERED), OFFER, custody_rules.TRANSFER_OFFER_STANDS),
    "a person to be released is not transferred instead": Row((APPREHENDED, REFUSED), OFFER, NOT_OPEN),
    "nothing is accepted that was not offered": Row((APPREHENDED,), ACCEPT, custody_rules.NO_TRANSFER_OFFER),
    "nothing is declined that was not offered": Row((APPREHENDED,), DECLINE, custody_rules.NO_TRANSFER_OFFER),
    "nothing is taken back that was not offered": Row((APPREHENDED,), WITHDRAW, custody_rules.NO_TRANSFER_OFFER),
    "no offer is taken back without a reason": Row((APPREHENDED, OFFERED), replace(WITHDRAW, reason=None), NO_REASON),
    "no death is reported of a person who lives": Row((APPREHENDED,), REPORT, NOT_OPEN),
    "the giver does not accept": Row(
        (APPREHENDED, replace(OFFERED, decided_by="g-1")), replace(ACCEPT, receiving_officer="g-1"),
        custody_rules.ACCEPTED_BY_GIVER,
    ),
    "nobody is released twice": Row((APPREHENDED, RELEASED), RELEASE, NOT_OPEN),
    "a free person does not escape": Row((APPREHENDED, RELEASED), ESCAPE, NOT_OPEN),
    "nobody returns who never left": Row((APPREHENDED,), RETURN, NOT_OPEN),
    "a free person does not die in custody": Row((APPREHENDED, RELEASED), DEATH, NOT_OPEN),
    "no closing while belongings are kept": Row(
        (APPREHENDED, LISTED, RELEASED), CLOSE, custody_rules.PROPERTY_NOT_SETTLED
    ),
    "no closing while it is unknown whether there were any": Row(
        (APPREHENDED, RELEASED), CLOSE, custody_rules.PROPERTY_NOT_SETTLED
    ),
    "a death is not closed by the unit that held the person": Row(
        (APPREHENDED, NOTHING_FOUND, DIED), CLOSE, custody_rules.DEATH_CLOSED_BY_OWN_UNIT
    ),
    "no closing while the person is held": Row((APPREHENDED,), CLOSE, NOT_OPEN),
}  # fmt: skip


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in TAKEN.items()])
def test_place_and_end_of_custody(row: Row) -> None:
    check_happy(row)


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in TURNED_DOWN.items()])
def test_what_is_refused_about_place_and_end(row: Row) -> None:
    refused(KIND, given(*row.before), row.command, row.then, row.ctx)


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_a_release_recorded_late_is_taken_and_what_it_overtakes_is_set_aside(history: tuple[Event, ...]) -> None:
    bare = stated(custody_acts.ReleasePerson, NOON + HOUR / 4, kind=ReleaseKind.OTHER)
    decision = decide_within(KIND, SHARED, given(*history), bare, context())
    assert isinstance(decision.after.stage, stages.Released)
    assert bool(decision.after.contradictions) == (len(history) > 1)


def test_after_a_declined_offer_another_agency_may_be_asked() -> None:
    declined = stated(custody_acts.DetaineeTransferDeclined, NOON + 2 * HOUR, reason="R", agency="Border Agency")
    history = given(APPREHENDED, OFFERED, declined)
    again = replace(OFFER, agency="Tax Police")
    stage = then(KIND, history, again, *when(KIND, history, again).events)
    assert isinstance(stage, stages.Apprehended)
    assert stage.hold.offer == stages.TransferOffer("Tax Police", OFFICER.id)


def test_every_command_has_an_example_that_is_taken_and_one_that_is_refused() -> None:
    every_taken = (*course.TAKEN.values(), *rights.TAKEN.values(), *lawfulness.TAKEN.values(), *TAKEN.values())
    every_refused = (
        *course.TURNED_DOWN.values(),
        *rights.TURNED_DOWN.values(),
        *lawfulness.TURNED_DOWN.values(),
        *TURNED_DOWN.values(),
    )
    taken = {type(row.command) for row in every_taken}
    turned_down = {type(row.command) for row in every_refused}
    provoked: set[Refusal] = {row.then for row in every_refused} | {refusal for *_, refusal in corrections.TURNED_DOWN.values()}
    assert taken == turned_down == set(KIND.commands)
    assert set(refusals_of(modules_of(detention)).values()) <= provoked
