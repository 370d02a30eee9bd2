"""The past of every read model: what was served then, and what a plain recomputation from the effective history says."""

import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.cases import Cases
from application.errors import NotFound
from application.heard import Reading
from application.past import CORRECTION, ENTRY, LATE, RETRACTION, Past
from application.project import ReadModel
from application.read_models import READ_MODELS
from application.read_models.cases import CASES
from application.read_models.custody import CUSTODY
from application.read_models.deadlines import DEADLINES
from application.read_models.links import LINKS
from application.read_models.persons import PERSONS
from application.read_models.state_intervals import STATE_INTERVALS
from application.read_models.timeline import ABOUT_AN_ENTRY
from application.records import Append, Caller, Envelope, microseconds
from domain.catalogue import Catalogue, discover
from domain.dossier.acts import ChangeHandling, ConfirmLink, EndLink, Handling, LinkType, MoveToUnit, ProposeLink
from domain.kernel import Entry, Refused
from infrastructure.codec import EventCodec
from infrastructure.database import open_engine
from infrastructure.event_store import CaseStreams
from infrastructure.key_store import SqlKeys
from infrastructure.ledger import SqlLedger
from infrastructure.sealing import Vault
from tests.domain.walks import Case, Search, disturb
from tests.engines import Database
from tests.examples import LIFE_CYCLES
from tests.infrastructure.following import caught_up, following, recording, stored
from tests.infrastructure.ledgers import Clock
from tests.infrastructure.test_projector import act
from tests.matters import DAY, HOUR, NOON, Office, said
from tests.profiles import LAW
from tests.recomputed import audit_row, case_row, rows_of, timeline_row

WHY = {"reason": "because"}
FOLDED: tuple[ReadModel[Any], ...] = (STATE_INTERVALS, LINKS, CUSTODY, DEADLINES, PERSONS)


@pytest.fixture
def office(engine: sa.Engine) -> Iterator[Office]:
    """An office that records."""
    with recording(engine) as office:
        yield office


def past_of(office: Office) -> Past:
    """The past of an office's ledger."""
    return Past(office.cases, Reading(office.codec.event, orjson.loads))


# --- As served then -------------------------------------------------------------------------------------------

HOURS = ("step", "steps", "release", "reopen", "propose", "confirm", "end", "unit", "handling")
NUMBERS = ("assign", "addendum", "move", "rename", "retract")
ONE = st.one_of(
    st.tuples(st.sampled_from(HOURS), st.integers(-48, 240)), st.tuples(st.sampled_from(NUMBERS), st.integers(1, 6))
)


def do(office: Office, case_id: UUID, other: UUID, what: str, number: int) -> None:
    """One act of a random history of two cases; what the record refuses is not done."""
    block = said(NOON + number * HOUR, **WHY)
    link = LinkType.SUPPORTS
    with suppress(Refused, NotFound):  # a case moved to another unit is that unit's
        match what:
            case "propose":
                office.give(case_id, ProposeLink(**block, other=other, link=link))
            case "confirm":
                office.give(case_id, ConfirmLink(**block, other=other, link=link))
            case "end":
                office.give(case_id, EndLink(**block, other=other, link=link))
            case "unit":
                office.give(case_id, MoveToUnit(**block, unit=f"unit-{number % 3}"))
            case "handling":
                office.give(case_id, ChangeHandling(**block, handling=list(Handling)[number % 2]))
            case _:
                act(office, case_id, what, number)


def expected(office: Office, upto: int) -> dict[str, list[Any]]:
    """What every read model must hold at a position."""
    log = office.ledger.read(0, 1_000, upto)
    case_ids = {row.case_id for row in log}
    histories = [[row for row in log if row.case_id == case_id] for case_id in case_ids]
    rows: dict[str, list[Any]] = {
        "cases": [row for case_id in case_ids if (row := case_row(office, case_id, upto))],
        "timeline": [timeline_row(office, row) for row in log],
        "audit": [audit_row(office, row) for row in log],
    }
    rows |= {model.name: [r for history in histories for r in rows_of(office.cases, history, model)] for model in FOLDED}
    return {name: sorted(found, key=repr) for name, found in rows.items()}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.booleans(), ONE), max_size=12))
def test_every_model_at_every_earlier_position_is_what_was_served_then(office: Office, acts: list[Any]) -> None:
    served: dict[int, dict[str, list[Any]]] = {}
    with following(office) as projector:
        office.register_party()
        one, two = office.open_matter(), office.open_matter()
        for first, (what, number) in acts:
            do(office, *((one, two) if first else (two, one)), what, number)
            assert caught_up(office, projector)
            served[office.ledger.head().position] = stored(office.engine)
    past = past_of(office)
    for position, then in served.items():
        now = {model.name: sorted(past.rows(model, position), key=repr) for model in READ_MODELS}
        assert now == {name: sorted(rows, key=repr) for name, rows in then.items()}
        assert now == expected(office, position)


# --- Histories of real kinds, in disorder ---------------------------------------------------------------------


@cache
def catalogue() -> Catalogue:
    """Every kind there is."""
    return discover()


class Archive:
    """A ledger into which cases that were made elsewhere are copied, each entry at its own time."""

    def __init__(self, engine: sa.Engine) -> None:
        """Begin to record."""
        self.clock = Clock()
        self.ledger = SqlLedger(engine, self.clock)
        self.codec = EventCodec(catalogue().events, Vault(bytes(32), SqlKeys(engine)))
        self.cases = Cases(catalogue(), self.ledger, CaseStreams(self.ledger, self.codec), self.codec, LAW)
        self.past = Past(self.cases, Reading(self.codec.event, orjson.loads))
        self.ledger.start()

    def copy(self, cases: Sequence[Case]) -> list[UUID]:
        """Record the entries of all cases in the order of their receipt."""
        ids = [uuid4() for _ in cases]
        entries = [(e.recorded_at, i, e) for i, case in enumerate(cases) for e in case.entries]
        for _, number, entry in sorted(entries, key=lambda each: each[:2]):
            self._record(ids[number], cases[number].kind.name, entry)
        return ids

    def _record(self, case_id: UUID, kind: str, entry: Entry) -> None:
        self.clock.now = microseconds(entry.recorded_at)
        command_id = uuid4()
        envelope = Envelope(
            actor=Caller("s-1", "supervisor", "unit-1", "agency"), on_behalf_of=None, command="Command",
            command_id=command_id.hex, correlation_id=None, causation=None, decided_at=entry.recorded_at,
            profile="default-neutral@1", handling="standard", software="tests",
        )  # fmt: skip
        drafts, keys = self.codec.drafts(case_id, entry.version - 1, (entry.event,), envelope)
        self.ledger.append_now(Append(case_id, kind, entry.version - 1, drafts, "s-1", command_id.bytes, bytes(32), keys=keys))


@pytest.fixture
def archive(sqlite_database: Database) -> Iterator[Archive]:
    """An empty archive. What is asked of it is the same computation on either database."""
    engine = open_engine(sqlite_database.url)
    archive = Archive(engine)
    yield archive
    archive.ledger.close()
    engine.dispose()


def disturbed(kind: str, seed: int) -> list[Case]:
    """Cases of a kind from random walks, each with some late entries, corrections and retractions."""
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    cases = Search(catalogue().kinds[kind], seed).follow(LIFE_CYCLES.get(kind, ())).run(150, 150).cases()
    chosen = rng.sample(cases, min(12, len(cases)))
    for number in range(len(chosen)):
        for _ in range(6):
            chosen[number] = disturb(chosen[number], rng) or chosen[number]
    return chosen


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", sorted(discover().kinds))
def test_intervals_links_and_custody_equal_a_recomputation_of_disturbed_cases_at_any_position(
    archive: Archive, kind: str, seed: int
) -> None:
    archive.copy(disturbed(kind, seed))
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    head = archive.ledger.head().position
    for upto in (head, *(rng.randint(1, head) for _ in range(3))):
        log = sorted(archive.ledger.read(0, 100_000, upto), key=lambda row: (row.case_id.bytes, row.position))
        histories = [list(rows) for _, rows in groupby(log, key=lambda row: row.case_id)]
        for model in FOLDED:
            plain = [row for history in histories for row in rows_of(archive.cases, history, model)]
            assert sorted(archive.past.rows(model, upto), key=repr) == sorted(plain, key=repr)


def test_the_timeline_names_the_entry_that_any_event_is_about() -> None:
    assert {name for name, event in catalogue().events.items() if "target" in event.__dataclass_fields__} == ABOUT_AN_ENTRY


def test_the_disturbed_seizures_do_pass_through_custody(archive: Archive) -> None:
    archive.copy(disturbed("seizure", 0))
    rows = list(archive.past.rows(CUSTODY, archive.ledger.head().position))
    assert {"held", "in_transit", "out"} <= {row.condition for row in rows}
    open_steps = [(row.case_id, row.line) for row in rows if row.effective_to is None]
    assert sorted(set(open_steps), key=repr) == sorted(open_steps, key=repr)
    assert {(row.case_id, row.line) for row in rows} == set(open_steps)


# --- Which rows -----------------------------------------------------------------------------------------------


def test_cases_come_in_the_order_of_their_opening_and_only_those_asked_for(office: Office) -> None:
    cases = office.record(600, 1)
    office.step(cases[0], NOON + 9 * DAY, "slow")
    past, head = past_of(office), office.ledger.head().position
    assert [row.case_id for row in past.rows(CASES, head)] == cases
    assert [row.case_id for row in past.rows(CASES, 3)] == cases[:2]
    assert [row.version for row in past.rows(CASES, 3)] == [2, 1]
    some = [cases[7], cases[3], uuid4()]
    assert [row.case_id for row in past.rows(CASES, head, case_ids=some)] == [cases[3], cases[7]]
    assert [row.case_id for row in past.rows(CASES, head, case_ids=cases[::-2])] == cases[1::2]
    assert [row.case_id for row in past.rows(CASES, head, after=1197)] == cases[599:]
    assert list(past.rows(CASES, 0)) == []


def test_with_a_moment_in_effect_a_case_is_told_as_far_as_it_had_come(office: Office) -> None:
    case_id = office.open_matter()
    office.step(case_id, NOON + 5 * HOUR, "slow")
    office.step(case_id, NOON + 2 * HOUR, "fast")
    past = past_of(office)
    assert [row.stage for row in past.rows(CASES, 3)] == ["slow"]
    assert [row.stage for row in past.rows(CASES, 3, NOON + 3 * HOUR)] == ["fast"]
    assert [row.stage for row in past.rows(CASES, 2, NOON + 3 * HOUR)] == ["begun"]
    assert list(past.rows(CASES, 3, NOON - HOUR)) == []
    intervals = list(past.rows(STATE_INTERVALS, 3))
    assert [(row.stage, row.version, row.ended_by) for row in intervals] == [("begun", 1, 3), ("slow", 2, None), ("fast", 3, 2)]
    fast = intervals[2]
    assert (fast.effective_from, fast.effective_to) == (microseconds(NOON + 2 * HOUR), microseconds(NOON + 5 * HOUR))
    assert fast.recorded_to is not None
    assert fast.recorded_to < fast.recorded_from


# --- Why a later run differs ----------------------------------------------------------------------------------


def test_differences_name_corrections_retractions_and_late_entries_without_their_values(office: Office) -> None:
    case_id = office.open_matter(NOON + 10 * DAY - HOUR)
    earlier = office.step(case_id, NOON + 10 * DAY - HOUR, "slow").position
    office.step(case_id, NOON, "late")
    office.correct(case_id, 2, NOON + 10 * DAY, {"note": "secret", "claim_status": "reported"})
    office.step(case_id, NOON + 10 * DAY, "new")
    office.retract(case_id, 3, NOON + 10 * DAY)
    past, head = past_of(office), office.ledger.head().position

    found = list(past.differences(CASES, earlier, head))
    assert [(each.version, each.what, each.target, each.why, each.fields) for each in found] == [
        (3, LATE, None, None, ()),
        (4, CORRECTION, 2, "typing_error", ("claim_status", "note")),
        (6, RETRACTION, 3, "never_happened", ()),
    ]
    assert "secret" not in repr(found)
    assert found[0].earliest == microseconds(NOON)
    assert list(past.differences(CASES, head, head)) == []
    assert list(past.differences(CUSTODY, earlier, head)) == [], "a model that covers no such case"
    with_others = past.differences(CASES, earlier, head, NOON + 20 * DAY)
    assert [(each.version, each.what) for each in with_others] == [(3, LATE), (4, CORRECTION), (5, ENTRY), (6, RETRACTION)]


def test_a_second_correction_is_compared_with_what_the_first_one_left(office: Office) -> None:
    case_id = office.open_matter()
    office.step(case_id, NOON + HOUR, "slow")
    office.correct(case_id, 2, NOON + 2 * HOUR, {"note": "fast", "claim_status": "reported"})
    office.correct(case_id, 2, NOON + 2 * HOUR, {"note": "slow"})
    fields = [each.fields for each in past_of(office).differences(CASES, 0, 4) if each.what == CORRECTION]
    assert fields == [("claim_status", "note"), ("note",)]
