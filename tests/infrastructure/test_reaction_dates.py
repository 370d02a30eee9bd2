"""Dates of a sentence that a late entry, a correction or a retraction made stale, on both databases: computed anew, once."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from application.react import answer
from application.reactions.dates import DATES
from application.records import moment
from domain.clocks import deadlines
from domain.dossier import SHARED
from domain.dossier.correction_acts import ApproveCorrection, ProposeCorrection, ProposeRetraction
from domain.dossier.duty_acts import Duty, ObligationOpened
from domain.history import effective, fold
from domain.kernel import Command, Event
from domain.kinds.party import PartyType, RegisterParty
from domain.kinds.sentencing import KIND
from domain.kinds.sentencing.computation_acts import CreditDetermined, DetermineCredit, ReleaseDatesComputed
from domain.kinds.sentencing.execution_acts import GrantRemission, RemissionGranted
from domain.kinds.sentencing.stages import LIVE, Sentence, sentence_of
from domain.values import CorrectionReason, at
from tests.domain import sentencing_course as course
from tests.domain.sentencing_course import COMPUTING, CONVICTION, FINALITY, JUDGED, SENTENCE, START, check, ruled
from tests.infrastructure.test_reactions import reactor_of
from tests.infrastructure.test_reactions_across_cases import Agency, of_the_system, run_down
from tests.matters import NOON, said
from tests.profiles import NEUTRAL
from tests.scenario import DAY, HOUR, PERSON

CREDIT = DetermineCredit(**ruled(JUDGED + HOUR), days=120)
REMISSION = GrantRemission(**ruled(JUDGED + 12 * HOUR), days=100)
SERVING = (CONVICTION, SENTENCE, CREDIT, COMPUTING, check(), FINALITY, START)
RELEASE_ON = date(2025, 10, 3)


class Sentences(Agency):
    """An agency that computes sentences; each act is recorded as it happened."""

    def serve(self, *commands: Command) -> UUID:
        """A case in which these commands were given."""
        case_id = uuid4()
        for command in commands:
            self.act(case_id, command)
        return case_id

    def events(self, case_id: UUID, event: type[Event]) -> list[tuple[int, Event]]:
        """The entries of a type, with their versions."""
        entries = self.cases.entries(self.ledger.load(case_id))
        return [(e.version, e.event) for e in entries if isinstance(e.event, event)]

    def sentence(self, case_id: UUID) -> Sentence:
        """The sentence as it is effective now."""
        stage = fold(KIND, SHARED, effective(self.cases.entries(self.ledger.load(case_id)))).stage
        assert isinstance(stage, LIVE)
        return sentence_of(stage)

    def running(self, case_id: UUID) -> set[str]:
        """The clocks that wait for something of the dates."""
        found = deadlines(NEUTRAL, effective(self.cases.entries(self.ledger.load(case_id))))
        return {d.clock for d in found if d.stopped_by is None} & {"computation", "dates-checked", "release-date"}

    def approve(self, case_id: UUID, proposal: ProposeCorrection | ProposeRetraction) -> None:
        """One officer proposes, another approves."""
        self.act(case_id, proposal)
        self.act(case_id, ApproveCorrection(**said(NOON, decided_by="o-8"), target=proposal.target))


@pytest.fixture
def agency(engine: sa.Engine) -> Iterator[Sentences]:
    """An agency that records, with the person sentenced."""
    agency = Sentences(engine)
    agency.ledger.start()
    try:
        agency.act(PERSON, RegisterParty(**said(NOON), file_number="P-1", party_type=PartyType.PERSON))
        yield agency
    finally:
        agency.ledger.close()


def react(agency: Sentences, case_id: UUID) -> None:
    """Have everything in the case answered, and then answered again."""
    for _ in range(2):
        for recorded in agency.ledger.load(case_id):
            if recorded.type in DATES.hears:
                asyncio.run(answer(agency.executor, DATES, recorded, "agency"))


def anew(agency: Sentences, case_id: UUID, release_on: date) -> None:
    """Dates were computed once by the system, stand, and wait for a check."""
    before = len(agency.events(case_id, ReleaseDatesComputed))
    assert agency.sentence(case_id).current is None
    assert "computation" not in agency.running(case_id)
    react(agency, case_id)
    current = agency.sentence(case_id).current
    assert current is not None
    assert (current.release_on, current.prepared_by) == (release_on, "reaction/dates")
    assert len(agency.events(case_id, ReleaseDatesComputed)) == before + 1
    assert agency.running(case_id) == {"dates-checked"}
    assert agency.events(case_id, ObligationOpened) == []


def test_a_remission_that_becomes_known_after_the_dates_were_checked_has_them_computed_anew(agency: Sentences) -> None:
    case_id = agency.serve(*SERVING, REMISSION)
    anew(agency, case_id, RELEASE_ON - timedelta(days=100))


def test_dates_computed_for_a_late_remission_that_fall_before_others_do_not_hide_that_those_are_stale(
    agency: Sentences,
) -> None:
    later = replace(COMPUTING, when=at(JUDGED + 50 * DAY))
    remission = replace(REMISSION, when=at(JUDGED + 40 * DAY))
    case_id = agency.serve(*SERVING, later, check(2, JUDGED + 51 * DAY), remission)
    anew(agency, case_id, RELEASE_ON - timedelta(days=100))


def test_a_corrected_credit_has_the_dates_computed_anew(agency: Sentences) -> None:
    case_id = agency.serve(*SERVING)
    ((version, _),) = agency.events(case_id, CreditDetermined)
    why = said(NOON, decided_by="o-7", reason="A day too many.")
    agency.approve(case_id, ProposeCorrection(**why, target=version, why=CorrectionReason.TYPING_ERROR, changes={"days": 110}))
    anew(agency, case_id, RELEASE_ON + timedelta(days=10))


def test_a_retracted_remission_has_the_dates_computed_anew(agency: Sentences) -> None:
    case_id = agency.serve(*SERVING, replace(REMISSION, when=at(JUDGED + 60 * DAY)), check(2, JUDGED + 61 * DAY))
    ((version, _),) = agency.events(case_id, RemissionGranted)
    why = said(NOON, decided_by="o-7", reason="Another person's.")
    agency.approve(case_id, ProposeRetraction(**why, target=version, why=CorrectionReason.NEVER_HAPPENED))
    anew(agency, case_id, RELEASE_ON)


FROM_ELSEWHERE = (CONVICTION, SENTENCE, CREDIT, course.computation(credit=()), check(), FINALITY, START)


@pytest.mark.parametrize(
    "commands",
    [
        SERVING,
        (*SERVING, replace(REMISSION, when=at(JUDGED + 60 * DAY))),
        (*FROM_ELSEWHERE, replace(REMISSION, when=at(JUDGED + 60 * DAY))),
        (*SERVING, replace(REMISSION, when=at(JUDGED + HOUR)), replace(COMPUTING, when=at(JUDGED + 60 * DAY))),
    ],
)
def test_where_the_dates_stand_or_are_due_already_nothing_follows(agency: Sentences, commands: tuple[Command, ...]) -> None:
    case_id = agency.serve(*commands)
    react(agency, case_id)
    assert of_the_system(agency, case_id) == []


def test_stale_dates_that_no_rule_gave_are_reviewed_within_a_day(agency: Sentences) -> None:
    case_id = agency.serve(*FROM_ELSEWHERE, REMISSION)
    react(agency, case_id)
    ((_, opened),) = agency.events(case_id, ObligationOpened)
    assert isinstance(opened, ObligationOpened)
    remission = agency.ledger.load(case_id)[-2]
    assert (opened.duty, opened.basis) == (Duty.CREDIT_REVIEW, f"{RemissionGranted.type} {case_id}/{remission.version}")
    assert opened.when.earliest is not None
    assert opened.due == opened.when.earliest + DAY


def test_the_reactor_hears_it_by_itself(agency: Sentences) -> None:
    reactor = reactor_of(agency, DATES)
    case_id = agency.serve(*SERVING, REMISSION)
    run_down(reactor, [DATES])
    current = agency.sentence(case_id).current
    assert current is not None
    assert current.release_on == RELEASE_ON - timedelta(days=100)
    assert reactor.marks.parked("dates") == []
    agency.act(case_id, check(current.number, moment(agency.clock())))
    assert agency.running(case_id) == {"release-date"}
