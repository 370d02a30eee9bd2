"""What differs between two views of a case: as if each view in between were folded by itself, at the cost of folding once."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import product
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from application.access import AUDITOR
from application.cases import Cases
from application.documents import differences, flat
from application.errors import Invalid, NotFound
from application.queries import AsOf, Queries, View
from domain.catalogue import Catalogue
from domain.history import steps
from domain.kernel import Actor, Event, Refused, Stage
from infrastructure.event_store import CaseStreams
from tests.infrastructure.following import recording
from tests.infrastructure.test_past import ONE, do
from tests.matters import CATALOGUE, DAY, HOUR, MATTER, NOON, Office
from tests.profiles import ONE_PERSON

CORRECTION = st.tuples(st.just("correct"), st.integers(2, 6))
AUDIT = Actor("a-1", AUDITOR, "audit", "agency")


@pytest.fixture
def office(engine: sa.Engine) -> Iterator[Office]:
    """An office that records."""
    with recording(engine) as office:
        yield office


def plainly(queries: Queries, case_id: UUID, before: AsOf, after: AsOf) -> list[dict[str, Any]]:
    """The differences with every view on the way folded from its own beginning."""
    history = queries.cases.ledger.load(case_id)
    first, second = queries.view_of(history, before), queries.view_of(history, after)
    views: list[tuple[int | None, View]] = [(None, first)]
    if before.true_at != after.true_at:
        moved = queries.view_of(history, AsOf(version=first.last.version, true_at=after.true_at))
        if before.true_at is not None and (after.true_at is None or after.true_at > before.true_at):
            known = {entry.version for entry in first.cut.entries}
            told = list(steps(first.kind, queries.catalogue.shared, moved.cut.entries))
            for count, (entry, folded) in enumerate(told, start=1):
                if entry.version not in known:
                    cut = replace(moved.cut, entries=moved.cut.entries[:count], uncertain=())
                    views.append((entry.version, replace(moved, cut=cut, folded=folded)))
        views.append((None, moved))
    versions = range(first.last.version + 1, second.last.version + 1)
    views += [(version, queries.view_of(history, AsOf(version=version, true_at=after.true_at))) for version in versions]
    views.append((None, second))
    return list(differences([(cause, flat(queries.document(view))) for cause, view in views]))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(acts=[("step", 1), ("step", 2), ("correct", 3), ("step", 1)], hours=[])
@given(acts=st.lists(ONE | CORRECTION, min_size=1, max_size=12), hours=st.lists(st.integers(-48, 240), max_size=1))
def test_each_difference_is_what_folding_every_view_by_itself_finds(office: Office, acts: list[Any], hours: list[int]) -> None:
    case_id, other = office.open_matter(), office.open_matter()
    for what, number in acts:
        if what == "correct":
            with suppress(Refused, Invalid, NotFound):  # no step, or another unit's case by now
                office.correct(case_id, number, NOON + 10 * DAY, {"note": ("slow", "fast")[number % 2]})
        else:
            do(office, case_id, other, what, number)
    queries = Queries(CATALOGUE, office.cases)
    head = office.ledger.load(case_id)[-1].version
    moments = [None, *(NOON + hour * HOUR for hour in hours)]
    sides = [AsOf(version, None, moment) for version in {1, (head + 1) // 2, head} for moment in moments]
    for before, after in product(sides, sides):
        _, _, found = queries.changes(AUDIT, case_id, before, after)
        assert found == plainly(queries, case_id, before, after)


def test_a_long_case_is_folded_along_once(office: Office) -> None:
    evolved: list[type[Event]] = []

    def evolve(stage: Stage, event: Event) -> Stage:
        evolved.append(type(event))
        after: Stage = MATTER.evolve(stage, event)
        return after

    (case_id,) = office.record(1, 60)
    office.correct(case_id, 58, NOON + 90 * HOUR, {"note": "other"})
    catalogue = Catalogue(
        MappingProxyType(dict(CATALOGUE.kinds) | {"matter": replace(MATTER, evolve=evolve)}), MappingProxyType({})
    )
    cases = Cases(catalogue, office.ledger, CaseStreams(office.ledger, office.codec), office.codec, ONE_PERSON)

    _, last, _ = Queries(catalogue, cases).changes(AUDIT, case_id, AsOf(version=1), AsOf())

    assert last.last.version == 62
    assert len(evolved) < 5 * last.last.version
