"""Restating an entry: the changed fields alone change, and whatever does not fit is refused by the field's name."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from application.errors import Invalid
from domain.kernel import EntryCorrected, Event
from tests.infrastructure.witnesses import (
    ADDENDUM,
    HEARD,
    UPCASTERS,
    Bench,
    CountStated,
    WitnessesHeard,
    corrected,
    old_count,
)
from tests.scenario import PERSON, said


def test_only_the_changed_fields_change() -> None:
    bench = Bench()
    (row,) = bench.store(HEARD)
    clear, restated = bench.codec.restate(row, {"count": 3})
    assert clear == HEARD
    assert restated == replace(HEARD, count=3)


def test_a_corrected_entry_is_restated_from_its_correction() -> None:
    bench = Bench()
    _, row = bench.store(HEARD, corrected(replace(HEARD, count=3)))
    clear, restated = bench.codec.restate(row, {"weight": None})
    assert clear == replace(HEARD, count=3)
    assert restated == replace(HEARD, count=3, weight=None)


def invalid(event: Event, changes: Mapping[str, Any]) -> str:
    """The field that is named when these changes are refused."""
    bench = Bench()
    (row,) = bench.store(event)
    with pytest.raises(Invalid) as caught:
        bench.codec.restate(row, changes)
    return caught.value.field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"count": "3"}, "changes.count"),
        ({"count": None}, "changes.count"),
        ({"count": 1.5}, "changes.count"),
        ({"weight": {"amount": "-1", "unit": "kg"}}, "changes.weight"),
        ({"weight": {"amount": 1.5, "unit": "kg", "color": "red"}}, "changes.weight"),
        ({"witnesses": [{"party": "nobody", "name": "x", "remark": None}]}, "changes.witnesses.0.party"),
        ({"sources": []}, "changes.sources"),
        ({"when": {"earliest": None, "latest": None, "precision": "second"}}, "changes.when"),
        ({"color": "red"}, "changes"),
        ({"type": "case.addendum_added"}, "changes"),
        ({"reason": ""}, "changes.reason"),
    ],
)
def test_a_change_that_does_not_fit_is_refused_by_field(changes: Mapping[str, Any], field: str) -> None:
    assert invalid(HEARD, changes).startswith(field)


def test_a_change_in_a_choice_of_types_names_the_field_alone() -> None:
    assert invalid(ADDENDUM, {"text": 5}) == "changes.text"


SEALED = {"key_id": "ab" * 32, "ciphertext": "AAAA"}


def test_a_sealed_value_is_no_change() -> None:
    assert invalid(ADDENDUM, {"text": SEALED}).startswith("changes")


def test_a_sealed_value_deep_inside_is_no_change_either() -> None:
    inside = [{"party": str(PERSON), "name": SEALED, "remark": None}]
    assert invalid(HEARD, {"witnesses": inside}).startswith("changes")


def test_half_of_a_character_is_refused() -> None:
    """A body that is parsed leniently can bring one in."""
    assert invalid(HEARD, {"witnesses": "\ud800"}).startswith("changes")


def test_a_changed_number_is_exact_or_refused() -> None:
    bench = Bench()
    (row,) = bench.store(HEARD)
    try:
        _, restated = bench.codec.restate(row, {"count": 2**64})
    except Invalid:
        return
    assert restated == replace(HEARD, count=2**64)


@pytest.mark.parametrize("count", [2**63, 2**64, -(2**63) - 1, 2**70])
def test_a_number_is_stored_exactly_or_not_at_all(count: int) -> None:
    """Whatever ``drafts`` lets into the ledger, alone or inside a correction, is read and opened as it was stated."""
    bench = Bench()
    try:
        row, correction = bench.store(replace(HEARD, count=count), corrected(replace(HEARD, count=count)))
    except (TypeError, ValueError):
        return
    assert bench.codec.opened(row).values["count"] == count
    loaded = bench.codec.event(correction)
    assert isinstance(loaded, EntryCorrected)
    assert isinstance(loaded.restated, WitnessesHeard)
    assert loaded.restated.count == count


def test_an_entry_of_an_old_version_can_be_corrected() -> None:
    bench = Bench(UPCASTERS)
    clear, restated = bench.codec.restate(old_count(bench), {"number": 8})
    assert clear == CountStated(**said(), number=7, note="by hand")
    assert restated == CountStated(**said(), number=8, note="by hand")
