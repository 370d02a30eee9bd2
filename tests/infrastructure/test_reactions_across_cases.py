"""The application's own reactions on both databases, killed at every step and run twice: each is recorded exactly once."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import sqlalchemy as sa

from application.cases import Cases
from application.errors import Stale
from application.execute import Call, Executor
from application.react import Cause, Reaction, Reply, answer
from application.reactions import REACTIONS
from application.reactions.credit import CREDIT
from application.reactions.links import LINK_ANSWERED
from application.reactions.reviews import CLASSIFICATION_REVISED
from domain.catalogue import discover
from domain.dossier.acts import ConfirmLink, EndLink, LinkType, ProposeLink
from domain.kernel import Actor, Command
from domain.kinds.detention.custody_acts import ReleaseKind, ReleasePerson
from domain.kinds.party import PartyType, RegisterParty
from domain.kinds.seizure.item_acts import ClassificationRevised, Effect, ReportItemMissing, ReviseClassification
from domain.kinds.seizure.stages import Missing, WithGoods
from domain.values import Precision, When
from infrastructure.codec import EventCodec
from infrastructure.event_store import CaseStreams
from infrastructure.key_store import SqlKeys
from infrastructure.reactor import Reactor
from infrastructure.sealing import Vault
from tests.examples import LIFE_CYCLES, MILITARY
from tests.infrastructure.test_reactions import PLACES, Killed, Mortal, MortalMarks, reactor_of
from tests.matters import DAY, HOUR, NOON, Office, said
from tests.profiles import LAW
from tests.scenario import PERSON
from tests.waiting import until

REAL = discover()


FUNCTIONS = frozenset(c.by.function for kind in REAL.kinds.values() for c in kind.commands if c.by.function is not None)
"""Every function there is: who may do what is asked elsewhere."""


class Agency(Office):
    """An office with every kind of case. Each act is recorded by the officer who decided it."""

    def __init__(self, engine: sa.Engine) -> None:
        """Work on a migrated database."""
        super().__init__(engine)
        self.codec = EventCodec(REAL.events, Vault(bytes(32), SqlKeys(engine)))
        self.cases = Cases(REAL, self.ledger, CaseStreams(self.ledger, self.codec), self.codec, LAW)
        self.executor = Executor(REAL, self.ledger, self.codec, self.cases, self.clock, "tests", LAW)

    def act(self, case_id: UUID, command: Command) -> None:
        """Have a command recorded on a case as it stands, again where a reaction was faster."""
        actor = Actor(command.decided_by or "o-9", "officer", "unit-1", "agency", FUNCTIONS)
        recorded = self.ledger.load(case_id)
        call = Call(
            actor=actor, kind=REAL.kind_of(type(command)), case_id=case_id, command=command,
            expected=recorded[-1].version if recorded else None, command_id=uuid4().bytes, fingerprint=bytes(32),
        )  # fmt: skip
        try:
            asyncio.run(self.executor.execute(call))
        except Stale:
            self.act(case_id, command)

    def begin(self, kind: str, acts: int) -> UUID:
        """A new case with the first acts of the example of its kind."""
        case_id = uuid4()
        for command in LIFE_CYCLES[kind][:acts]:
            self.act(case_id, command)
        return case_id

    def link(self, one: UUID, other: UUID, link: LinkType) -> None:
        """One case proposes a link and the other confirms it."""
        self.act(one, ProposeLink(**said(NOON + 8 * HOUR, decided_by="o-1"), other=other, link=link))
        self.act(other, ConfirmLink(**said(NOON + 9 * HOUR, decided_by="o-1"), other=one, link=link))


@pytest.fixture
def agency(engine: sa.Engine) -> Iterator[Agency]:
    """An agency that records."""
    agency = Agency(engine)
    agency.ledger.start()
    try:
        yield agency
    finally:
        agency.ledger.close()


HARMLESS = replace(MILITARY, entry="none", effect=Effect.NOT_CONTROLLED)
REVISE = ReviseClassification(**said(NOON + 10 * HOUR, decided_by="o-4"), line="A-1", now=HARMLESS, basis="A carrier.")
ALL_OWN = ["confirmed", "return_of_goods", "seizure_review"]
TOGETHER = (LINK_ANSWERED, CLASSIFICATION_REVISED)


def told(agency: Agency) -> tuple[UUID, UUID]:
    """Goods that turn out not to be controlled, seized in one case and material in another: both cases."""
    goods, inquiry = agency.begin("seizure", 5), agency.begin("investigation", 2)
    agency.link(goods, inquiry, LinkType.EVIDENCE_FOR)
    agency.act(goods, REVISE)
    return goods, inquiry


def of_the_system(agency: Agency, case_id: UUID) -> list[str]:
    """What the system recorded of a case, in sorted order: the duty, or what a link was answered."""
    rows = [row for row in agency.ledger.load(case_id) if row.actor.startswith("reaction/")]
    states = [orjson.loads(row.state) for row in rows]
    return sorted(state.get("duty") or state["answer"] for state in states)


def run_down(reactor: Reactor, reactions: Sequence[Reaction]) -> None:
    """React until there is nothing left to react to."""
    while sum([reactor.step(reaction) for reaction in reactions]):
        pass


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("reactions", [TOGETHER, TOGETHER[::-1]])
def test_killed_at_any_step_links_and_reviews_are_recorded_exactly_once(
    agency: Agency, place: str, reactions: Sequence[Reaction]
) -> None:
    living: dict[str, Any] = {field.name: getattr(agency.executor, field.name) for field in fields(Executor)}
    reactor_of(agency, *reactions)
    count, deaths = 0, True
    while deaths:
        count += 1
        goods, inquiry = told(agency)
        mortal = Mortal(**living, deaths={place: count})
        reactor = reactor_of(agency, *reactions, executor=mortal)
        marks = MortalMarks(agency.engine, agency.ledger, agency.clock)
        marks.executor, reactor.marks = mortal, marks
        deaths = False
        try:
            run_down(reactor, reactions)
        except Killed:
            deaths = True
        survivor = reactor_of(agency, *reactions, executor=replace(agency.executor, cases=fresh_cases(agency)))
        run_down(survivor, reactions)
        assert of_the_system(agency, goods) == ALL_OWN
        assert of_the_system(agency, inquiry) == ["grounds_review"]
        assert [survivor.marks.parked(reaction.name) for reaction in reactions] == [[], []]
    assert count > 2, "it died at several steps"


def fresh_cases(agency: Agency) -> Cases:
    """The cases as another process has them, which remembers none."""
    return Cases(REAL, agency.ledger, CaseStreams(agency.ledger, agency.codec), agency.codec, LAW)


def test_two_at_work_record_what_follows_once(agency: Agency) -> None:
    reactors = [Reactor(agency.engine, agency.executor, REACTIONS, "agency", agency.clock) for _ in range(2)]
    for reactor in reactors:
        reactor.start()
    try:
        before = told(agency)
        reactors[0].stop()
        after = told(agency)
        until(lambda: all(of_the_system(agency, goods) == ALL_OWN for goods, _ in (before, after)), "what is owed here")
        until(lambda: all(of_the_system(agency, inquiry) for _, inquiry in (before, after)), "what is owed there")
    finally:
        for reactor in reactors:
            reactor.stop()
    assert [of_the_system(agency, goods) for goods, _ in (before, after)] == [ALL_OWN] * 2
    assert [of_the_system(agency, inquiry) for _, inquiry in (before, after)] == [["grounds_review"]] * 2
    assert [reactors[0].marks.parked(reaction.name) for reaction in REACTIONS] == [[]] * len(REACTIONS)


def test_what_the_other_end_knows_already_is_not_set_aside(agency: Agency) -> None:
    reactor = reactor_of(agency, LINK_ANSWERED)
    goods, inquiry = agency.begin("seizure", 1), agency.begin("investigation", 1)
    agency.link(goods, inquiry, LinkType.EVIDENCE_FOR)
    for case_id, other in ((goods, inquiry), (inquiry, goods)):
        why = said(NOON + 10 * HOUR, decided_by="o-1", reason="No longer.")
        agency.act(case_id, EndLink(**why, other=other, link=LinkType.EVIDENCE_FOR))
    run_down(reactor, [LINK_ANSWERED])
    assert reactor.marks.parked("link_answered") == []
    assert of_the_system(agency, inquiry) == []


def test_what_a_cause_knows_ends_with_it(agency: Agency) -> None:
    seen: list[Cause] = []

    def see(cause: Cause) -> Sequence[Reply]:
        seen.append(cause)
        return ()

    watch = Reaction("watch", frozenset({ClassificationRevised.type}), see)
    reactor = reactor_of(agency, watch)
    goods, _ = told(agency)
    agency.act(goods, ReportItemMissing(**said(NOON + 11 * HOUR, decided_by="o-1", reason="Not there."), line="A-1"))
    run_down(reactor, [watch])
    (cause,) = seen
    assert cause.entries[-1].version == cause.case.version == cause.recorded.version == len(agency.ledger.load(goods)) - 1
    assert cause.event == cause.entries[-1].event
    stage = cause.case.folded.stage
    assert isinstance(stage, WithGoods)
    assert not isinstance(stage.goods.lines["A-1"], Missing)


def test_where_a_command_is_refused_the_other_one_is_recorded_once(agency: Agency) -> None:
    agency.act(PERSON, RegisterParty(**said(NOON), file_number="P-1", party_type=PartyType.PERSON))
    detention, sentencing = agency.begin("detention", 1), agency.begin("sentencing", 2)
    reactor = reactor_of(agency, LINK_ANSWERED, CREDIT)
    agency.link(sentencing, detention, LinkType.CREDITS)
    vague = When(NOON + 9 * HOUR, NOON + 9 * HOUR + 2 * DAY, Precision.RANGE)
    agency.act(detention, ReleasePerson(**said(NOON) | {"when": vague}, kind=ReleaseKind.OTHER))
    run_down(reactor, [LINK_ANSWERED, CREDIT])
    assert of_the_system(agency, sentencing) == ["confirmed", "credit_review"]
    assert reactor.marks.parked("credit") == []
    again = reactor_of(agency, CREDIT)
    released = agency.ledger.load(detention)[-1]
    receipts = asyncio.run(answer(again._executor, CREDIT, released, "agency"))
    assert [receipt.case_id for receipt in receipts] == [sentencing]
    assert of_the_system(agency, sentencing) == ["confirmed", "credit_review"]
