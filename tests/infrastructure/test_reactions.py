"""Reactions on both databases: every event is answered once, whatever happens in between, and nothing refused blocks."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
import sqlalchemy as sa

from application.execute import Call, Executor
from application.react import Cause, Reaction, Reply, command_id
from application.records import Receipt
from domain.dossier.acts import AssignOfficer
from domain.kernel import SYSTEM
from infrastructure.database import migrate, open_engine
from infrastructure.projection_rows import Mark, Overtaken, Parking, chained
from infrastructure.reaction_marks import ReactionMarks
from infrastructure.reactor import Reactor
from tests.infrastructure.exporting import copy
from tests.infrastructure.following import following, recording
from tests.matters import HOUR, NOON, MatterReleased, Office, ReleaseMatter, ReopenMatter, StepTaken, TakeStep, said
from tests.waiting import until


def assign(cause: Cause) -> Sequence[Reply]:
    """Every step has somebody assigned, and a step that says so ends the matter."""
    recorded, event = cause.recorded, cause.event
    assert isinstance(event, StepTaken)
    replies = [Reply(recorded.case_id, AssignOfficer(**said(NOON + 9 * HOUR), officer=f"o-{recorded.version}"))]
    if event.note == "last":
        replies.append(Reply(recorded.case_id, ReleaseMatter(**said(NOON + 9 * HOUR))))
    if event.note == "broken":
        raise KeyError("a value that nobody may read")
    return replies


ASSIGN = Reaction("assign", frozenset({StepTaken.type}), assign)
REOPEN = Reaction(
    "reopen",
    frozenset({MatterReleased.type}),
    lambda cause: [Reply(cause.recorded.case_id, ReopenMatter(**said(NOON + 10 * HOUR)))],
)


@pytest.fixture
def office(engine: sa.Engine) -> Iterator[Office]:
    """An office that records."""
    with recording(engine) as office:
        yield office


def reactor_of(office: Office, *reactions: Reaction, executor: Executor | None = None) -> Reactor:
    """A reactor of this office that has begun to follow from here on, not started."""
    reactor = Reactor(office.engine, executor or office.executor, reactions, "agency", office.clock)
    for reaction in reactions:
        reactor.marks.enroll(reaction.name)
    return reactor


def types(office: Office, case_id: UUID) -> list[str]:
    """What is recorded of a case."""
    return [row.type.removeprefix("case.").removeprefix("matter.") for row in office.ledger.load(case_id)]


def test_what_follows_from_an_event_is_recorded_in_order_and_says_why(office: Office) -> None:
    reactor = reactor_of(office, ASSIGN)
    case_id = office.open_matter()
    step = office.step(case_id, NOON + HOUR, "last")
    assert reactor.step(ASSIGN) == 2
    assert types(office, case_id) == ["opened", "step_taken", "officer_assigned", "released"]
    assigned = office.ledger.load(case_id)[2]
    envelope = orjson.loads(assigned.envelope)
    assert (envelope["actor"]["role"], envelope["actor"]["id"]) == (SYSTEM, "reaction/assign")
    assert envelope["causation"] == f"{case_id}/{step.version}"
    assert assigned.command_id == command_id("assign", office.ledger.load(case_id)[1], 0)
    assert (reactor.step(ASSIGN), reactor.step(ASSIGN)) == (2, 0)
    assert reactor.marks.status("assign")["lag_events"] == 2, "past what is not heard the checkpoint moves now and then"
    reactor.settle(ASSIGN)
    mark = reactor.marks.mark("assign")
    assert mark is not None
    assert mark == Mark(4, 4, chained(bytes(32), [row.leaf_hash for row in office.ledger.read(0, 9)]), 0)


def test_a_reaction_begins_at_the_end_of_the_log_and_no_rebuild_fires_it(office: Office) -> None:
    before = office.open_matter()
    office.step(before, NOON + HOUR)
    reactor = reactor_of(office, ASSIGN)
    with following(office) as projector:
        projector.upkeep.rebuild(["cases", "timeline"])
        projector.upkeep.rollback("cases")
    assert reactor.step(ASSIGN) == 0
    assert types(office, before) == ["opened", "step_taken"]


def test_a_copy_of_a_ledger_goes_on_with_what_its_reactions_still_owe(office: Office, tmp_path: Path) -> None:
    case_id = office.open_matter()
    reactor = reactor_of(office, ASSIGN)
    office.step(case_id, NOON + HOUR, "broken")
    reactor.step(ASSIGN)
    office.step(case_id, NOON + 2 * HOUR)
    url = f"sqlite:///{tmp_path / 'copy.db'}"
    migrate(url)
    copy(office.engine.url.render_as_string(hide_password=False), url)
    engine = open_engine(url)
    with recording(engine) as other:
        heir = reactor_of(other, ASSIGN)
        assert heir.marks.parked("assign") == reactor.marks.parked("assign") != []
        heir.step(ASSIGN)
        assert types(other, case_id)[-1] == "officer_assigned"
    engine.dispose()


class Killed(BaseException):
    """The process ends here."""


@dataclass(frozen=True, kw_only=True)
class Mortal(Executor):
    """An executor in a process that is killed at a step of its work."""

    deaths: dict[str, int]

    def reached(self, place: str) -> None:
        """Die here, if it is time."""
        self.deaths[place] = self.deaths.get(place, 0) - 1
        if self.deaths[place] == 0:
            raise Killed

    async def execute(self, call: Call) -> Receipt:
        """Die before, or between the commit and what comes after it."""
        self.reached("before the command")
        receipt = await super().execute(call)
        self.reached("after the command")
        return receipt


class MortalMarks(ReactionMarks):
    """Marks in such a process."""

    executor: Mortal

    def move(self, name: str, before: Mark, after: Mark, parks: Sequence[Parking]) -> None:
        """Die before the checkpoint moves, or just after."""
        self.executor.reached("before the checkpoint")
        super().move(name, before, after, parks)
        self.executor.reached("after the checkpoint")


PLACES = ("before the command", "after the command", "before the checkpoint", "after the checkpoint")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_killed_at_any_step_every_event_is_answered_exactly_once(office: Office, place: str, count: int) -> None:
    reactor_of(office, ASSIGN)
    cases = [office.open_matter() for _ in range(2)]
    for case_id in cases:
        office.step(case_id, NOON + HOUR)
        office.step(case_id, NOON + 2 * HOUR, "last")
    living: dict[str, Any] = {field.name: getattr(office.executor, field.name) for field in fields(Executor)}
    mortal = Mortal(**living, deaths={place: count})
    reactor = reactor_of(office, ASSIGN, executor=mortal)
    marks = MortalMarks(office.engine, office.ledger, office.clock)
    marks.executor, reactor.marks = mortal, marks
    with suppress(Killed):
        while reactor.step(ASSIGN):
            pass
    survivor = reactor_of(Office(office.engine), ASSIGN, executor=office.executor)
    while survivor.step(ASSIGN):
        pass
    for case_id in cases:
        followed = ["officer_assigned", "officer_assigned", "released"]
        assert types(office, case_id) == ["opened", "step_taken", "step_taken", *followed]
    assert survivor.marks.parked("assign") == []


def test_two_that_react_to_the_same_event_record_it_once(office: Office) -> None:
    one, other = reactor_of(office, ASSIGN), reactor_of(office, ASSIGN)
    other.marks = LateMarks(office.engine, office.ledger, office.clock)
    case_id = office.open_matter()
    office.step(case_id, NOON + HOUR)
    assert one.step(ASSIGN) == 2
    with pytest.raises(Overtaken):
        other.step(ASSIGN)
    assert types(office, case_id) == ["opened", "step_taken", "officer_assigned"]


class LateMarks(ReactionMarks):
    """Marks as they stood before the other reactor was at work."""

    def enroll(self, name: str) -> Mark:
        """See ``ReactionMarks.enroll``."""
        return super().enroll(name)._replace(position=0)


def test_what_is_refused_is_set_aside_with_its_code_and_blocks_nothing(office: Office) -> None:
    reactor = reactor_of(office, REOPEN)
    refused, other = office.open_matter(), office.open_matter()
    office.give(refused, ReleaseMatter(**said(NOON + HOUR)))
    office.give(refused, ReopenMatter(**said(NOON + 2 * HOUR)))
    office.give(other, ReleaseMatter(**said(NOON + HOUR)))
    while reactor.step(REOPEN):
        pass
    assert types(office, other)[-1] == "reopened"
    (parking,) = reactor.marks.parked("reopen")
    assert (parking.case_id, parking.version, parking.attempts) == (refused, 2, 1)
    assert parking.cause == "not-open"
    assert reactor.marks.status("reopen")["parked"] == 1

    reactor.marks.ask_again("reopen")
    assert reactor.retry(REOPEN) == 0
    assert reactor.marks.parked("reopen")[0].attempts == 2
    office.give(refused, TakeStep(**said(NOON + 3 * HOUR), note="x"))
    office.give(refused, ReleaseMatter(**said(NOON + 4 * HOUR)))
    reactor.marks.ask_again("reopen")
    assert reactor.retry(REOPEN) == 1
    assert (types(office, refused)[-1], reactor.marks.parked("reopen")) == ("reopened", [])


def test_a_defect_is_set_aside_by_its_class_and_started_reactors_go_on(office: Office) -> None:
    reactor = Reactor(office.engine, office.executor, [ASSIGN], "agency", office.clock)
    reactor.start()
    try:
        case_id = office.open_matter()
        office.step(case_id, NOON + HOUR, "broken")
        office.step(case_id, NOON + 2 * HOUR)
        until(lambda: "officer_assigned" in types(office, case_id), "the reaction")
        until(lambda: len(reactor.marks.parked("assign")) == 1, "what is set aside")
        assert reactor.marks.parked("assign")[0].cause == "KeyError"
    finally:
        reactor.stop()
    assert types(office, case_id).count("officer_assigned") == 1


def test_two_reactors_at_work_answer_each_event_once(office: Office) -> None:
    reactors = [Reactor(office.engine, office.executor, [ASSIGN], "agency", office.clock) for _ in range(2)]
    for reactor in reactors:
        reactor.start()
    try:
        cases = [office.open_matter() for _ in range(5)]
        for case_id in cases:
            office.step(case_id, NOON + HOUR)
        reactors[0].stop()
        for case_id in cases:
            office.step(case_id, NOON + 2 * HOUR)
        until(lambda: all(types(office, c).count("officer_assigned") == 2 for c in cases), "all reactions")
    finally:
        for reactor in reactors:
            reactor.stop()
    status: Any = reactors[0].marks.status("assign")
    assert status["name"] == "reaction:assign"
