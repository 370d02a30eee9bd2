"""Separation of duties: the same person is tried on both sides of every pair, as decider and as recorder, and refused."""

from dataclasses import replace
from itertools import product

import pytest

from domain.kernel import Command, Event, Refusal
from domain.kinds.detention import KIND, custody_rules, lawfulness_rules, rights_rules, rules
from tests.domain.test_detention import APPREHENDED, AUTHORIZED, RIGHTS
from tests.domain.test_detention_course import AUTHORIZE, EXTEND, POSTPONE, REFUSE, REVIEW
from tests.domain.test_detention_custody import ACCEPT, CLOSE, DIED, NOTHING_FOUND, OFFERED
from tests.domain.test_detention_lawfulness import ALL_RETURNED, ANSWER, ANSWERED, COMPLAINED
from tests.domain.test_detention_rights import DELAY, INTERVIEWED
from tests.scenario import HOUR, NOON, OFFICER, context, given, refused, when

BEGUN = (APPREHENDED, RIGHTS, INTERVIEWED)
HELD = (APPREHENDED, RIGHTS, replace(AUTHORIZED, decided_by="c-1"), INTERVIEWED)

DECISIONS: dict[str, tuple[tuple[Event, ...], Command, Refusal]] = {
    "authorizes": (BEGUN, AUTHORIZE, rules.CUSTODY_OFFICER_INVOLVED),
    "refuses to hold": (BEGUN, REFUSE, rules.CUSTODY_OFFICER_INVOLVED),
    "delays counsel": (BEGUN, DELAY, rights_rules.DELAY_BY_INVOLVED_OFFICER),
    "reviews": (HELD, REVIEW, rules.REVIEWER_INVOLVED),
    "puts off a review": (HELD, POSTPONE, rules.REVIEWER_INVOLVED),
    "extends": (HELD, EXTEND, rules.EXTENDER_INVOLVED),
}
INVOLVED = {"apprehended": "p-2", "interviewed": "q-1", "authorized": "c-1"}
PAIRS = [
    pytest.param(who, *DECISIONS[what], id=f"whoever {how} never {what}")
    for (how, who), what in product(INVOLVED.items(), DECISIONS)
    if how != "authorized" or DECISIONS[what][0] is HELD
]
AT_EIGHT = NOON + 8 * HOUR


@pytest.mark.parametrize(("who", "history", "command", "refusal"), PAIRS)
def test_nobody_decides_on_both_sides(who: str, history: tuple[Event, ...], command: Command, refusal: Refusal) -> None:
    now = AT_EIGHT if command is not EXTEND else NOON + 21 * HOUR
    refused(KIND, given(*history), replace(command, decided_by=who), refusal, context(now=now))
    refused(KIND, given(*history), command, refusal, context(replace(OFFICER, id=who), now=now))
    assert when(KIND, given(*history), replace(command, decided_by="n-1"), context(now=now)).events


def test_whoever_hands_a_person_over_does_not_accept_for_the_other_agency() -> None:
    offered = (APPREHENDED, replace(OFFERED, decided_by="g-1"))
    for accepted, ctx in (
        (replace(ACCEPT, receiving_officer="g-1"), context()),
        (replace(ACCEPT, receiving_officer="g-2", decided_by="g-2"), context()),
        (replace(ACCEPT, receiving_officer="g-3"), context(replace(OFFICER, id="g-3"))),
    ):
        refused(KIND, given(*offered), accepted, custody_rules.ACCEPTED_BY_GIVER, ctx)


@pytest.mark.parametrize(
    ("history", "command", "refusal"),
    [
        ((APPREHENDED, NOTHING_FOUND, DIED), CLOSE, custody_rules.DEATH_CLOSED_BY_OWN_UNIT),
        ((APPREHENDED, COMPLAINED, ANSWERED, ALL_RETURNED), CLOSE, custody_rules.INCIDENT_CLOSED_BY_OWN_UNIT),
        ((APPREHENDED, COMPLAINED), ANSWER, lawfulness_rules.COMPLAINT_ANSWERED_BY_OWN_UNIT),
    ],
    ids=["a death", "an incident", "a complaint"],
)
def test_the_unit_that_held_the_person_settles_nothing_about_itself(
    history: tuple[Event, ...], command: Command, refusal: Refusal
) -> None:
    refused(KIND, given(*history), command, refusal)
    assert when(KIND, given(*history), command, context(replace(OFFICER, unit="unit-2"))).events
