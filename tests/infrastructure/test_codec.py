"""Between events and stored bytes: what is sealed and where, corrections, old versions, broken bytes."""

from dataclasses import dataclass, replace
from typing import ClassVar
from uuid import UUID

import orjson
import pytest

from domain.kernel import EntryCorrected, Event, ImpossibleHistory
from domain.values import (
    Narrative,
    Personal,
    Sealed,
    Text,
)
from infrastructure.codec import EventCodec
from infrastructure.sealing import Place, Unreadable, Vault
from tests.infrastructure.vaults import ENVELOPE, INSTANCE_KEY, MemoryKeys
from tests.infrastructure.witnesses import (
    ADDENDUM,
    HEARD,
    UPCASTERS,
    Bench,
    CountStated,
    WitnessesHeard,
    corrected,
    described,
    old_count,
)
from tests.scenario import CASE, NOON, OTHER_PERSON, PERSON, said

# --- What is stored -------------------------------------------------------------------------------------------


def test_a_state_is_compact_json_in_field_order() -> None:
    (row,) = Bench().store(HEARD)
    state = orjson.loads(row.state)
    assert row.state == orjson.dumps(state)
    assert list(state)[:3] == ["when", "sources", "claim_status"]
    assert list(state)[-3:] == ["witnesses", "count", "weight"]
    assert state["when"]["earliest"] == "2026-03-02T12:00:00Z"
    assert state["weight"] == {"amount": "1.50", "unit": "kg"}
    assert (row.type, row.schema_version) == ("toy.witnesses_heard", 1)


def test_a_sealed_value_opens_in_its_own_place_alone() -> None:
    bench = Bench()
    (row,) = bench.store(HEARD, after=4)
    first, second = orjson.loads(row.state)["witnesses"]
    name = Sealed(**first["name"])
    place = Place(CASE, 5, "toy.witnesses_heard", "witnesses.0.name")
    assert bench.vault.open(place, name) == b'"Ada"'
    assert bench.vault.open(replace(place, path="witnesses.0.remark"), Sealed(**first["remark"])) == b'"calm"'
    assert bench.vault.open(replace(place, path="witnesses.1.name"), Sealed(**second["name"])) == b'"Grace"'
    elsewhere = ({"path": "witnesses.1.name"}, {"version": 4}, {"case_id": UUID(int=99)}, {"type": "toy.other"})
    for other in elsewhere:
        with pytest.raises(Unreadable):
            bench.vault.open(replace(place, **other), name)


def test_each_person_and_the_narrative_have_keys_of_their_own() -> None:
    bench = Bench()
    (row,) = bench.store(HEARD)
    owners = [key.party_id for key in bench.keys.keys]
    assert sorted(owners, key=str) == sorted([None, PERSON, OTHER_PERSON], key=str)
    first, second = orjson.loads(row.state)["witnesses"]
    assert len({first["name"]["key_id"], first["remark"]["key_id"], second["name"]["key_id"]}) == 3
    bench.store(described(), ADDENDUM, after=1)
    assert len(bench.keys.keys) == 3


def test_what_is_not_said_is_null_and_not_sealed() -> None:
    (row,) = Bench().store(described(name=None))
    assert orjson.loads(row.state)["name"] is None
    assert orjson.loads(row.state)["reason"] is None


def test_a_sealed_value_is_never_stored_anew() -> None:
    bench = Bench()
    (row,) = bench.store(ADDENDUM)
    with pytest.raises(TypeError, match="where it was sealed"):
        bench.store(bench.codec.event(row), after=1)


def test_the_envelope_is_read_back() -> None:
    bench = Bench()
    (row,) = bench.store(ADDENDUM)
    assert bench.codec.envelope(row) == ENVELOPE


def test_whether_keys_are_at_hand() -> None:
    bench = Bench()
    assert bench.codec.at_hand(CASE, 0, (described(),))
    bench.store(ADDENDUM)
    assert not bench.codec.at_hand(CASE, 1, (ADDENDUM,))
    bench.vault.learn(bench.keys.keys)
    assert bench.codec.at_hand(CASE, 1, (ADDENDUM,))
    assert not bench.codec.at_hand(CASE, 1, (described(),))
    assert not bench.codec.at_hand(CASE, 1, (corrected(ADDENDUM),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Nobody(Event):
    """An event that names nobody whose value it holds."""

    type: ClassVar[str] = "toy.nobody"

    name: Personal[Text]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unstorable(Event):
    """An event with sealed values where they cannot stand."""

    type: ClassVar[str] = "toy.unstorable"

    notes: dict[str, Narrative]


@pytest.mark.parametrize("event", [Nobody, Unstorable])
def test_an_event_that_cannot_be_sealed_is_no_event(event: type[Event]) -> None:
    with pytest.raises(TypeError):
        EventCodec({event.type: event}, Vault(INSTANCE_KEY, MemoryKeys()))


# --- Corrections ----------------------------------------------------------------------------------------------


def test_a_correction_holds_the_restated_entry_sealed_under_its_own_path() -> None:
    bench = Bench()
    (row,) = bench.store(corrected(HEARD), after=6)
    state = orjson.loads(row.state)
    inner = state["restated"]
    assert (inner["type"], inner["schema_version"]) == ("toy.witnesses_heard", 1)
    name = Sealed(**inner["state"]["witnesses"][0]["name"])
    place = Place(CASE, 7, "case.entry_corrected", "restated.witnesses.0.name")
    assert bench.vault.open(place, name) == b'"Ada"'
    assert bench.vault.open(replace(place, path="reason"), Sealed(**state["reason"])) == b'"misheard"'


def test_a_correction_is_loaded_with_the_event_it_restates() -> None:
    bench = Bench()
    (row,) = bench.store(corrected(HEARD))
    loaded = bench.codec.event(row)
    assert isinstance(loaded, EntryCorrected)
    assert isinstance(loaded.restated, WitnessesHeard)
    assert (loaded.restated.count, loaded.restated.weight) == (2, HEARD.weight)
    assert isinstance(loaded.restated.witnesses[0].name, Sealed)
    opened = bench.codec.opened(row)
    assert opened.unreadable == ()
    assert opened.values["restated"]["state"]["witnesses"][0]["name"] == "Ada"


# --- What cannot be read --------------------------------------------------------------------------------------


def test_an_unknown_wire_name_is_no_event() -> None:
    bench = Bench()
    (row,) = bench.store(ADDENDUM)
    with pytest.raises(ImpossibleHistory, match=r"toy\.unheard"):
        bench.codec.event(row._replace(type="toy.unheard"))


@pytest.mark.parametrize(
    "state",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"text":"x"',
        b"\xff",
        b'{"when":{"earliest":"2026-03-02T12:00:00","latest":null,"precision":"range","zone":"UTC","as_stated":null}}',
    ],
)
def test_broken_bytes_are_no_event(state: bytes) -> None:
    bench = Bench()
    (row,) = bench.store(ADDENDUM)
    with pytest.raises(ImpossibleHistory):
        bench.codec.event(row._replace(state=state))


def test_a_field_too_many_or_too_few_is_no_event() -> None:
    bench = Bench()
    (row,) = bench.store(HEARD)
    state = orjson.loads(row.state)
    for broken in (state | {"color": "red"}, {n: v for n, v in state.items() if n != "count"}, state | {"count": "2"}):
        with pytest.raises(ImpossibleHistory) as caught:
            bench.codec.event(row._replace(state=orjson.dumps(broken)))
        assert "Ada" not in str(caught.value)


def test_a_correction_of_an_unknown_event_is_no_event() -> None:
    bench = Bench()
    (row,) = bench.store(corrected(HEARD))
    state = orjson.loads(row.state)
    state["restated"]["type"] = "toy.unheard"
    with pytest.raises(ImpossibleHistory):
        bench.codec.event(row._replace(state=orjson.dumps(state)))


def test_a_value_whose_key_was_destroyed_is_null_and_listed_and_the_rest_still_opens() -> None:
    bench = Bench()
    (row,) = bench.store(HEARD)
    bench.vault.forget(bench.keys.destroy(PERSON))
    opened = bench.codec.opened(row)
    assert opened.unreadable == ("witnesses.0.name",)
    assert [w["name"] for w in opened.values["witnesses"]] == [None, "Grace"]
    assert opened.values["witnesses"][0]["remark"] == "calm"
    assert isinstance(bench.codec.event(row), WitnessesHeard)
    with pytest.raises(Unreadable):
        bench.codec.restate(row, {"count": 3})


def test_a_value_inside_a_correction_is_listed_with_its_path() -> None:
    bench = Bench()
    (row,) = bench.store(corrected(HEARD))
    bench.vault.forget(bench.keys.destroy(PERSON))
    assert bench.codec.opened(row).unreadable == ("restated.witnesses.0.name",)


# --- Old versions ---------------------------------------------------------------------------------------------


def test_an_old_version_is_read_as_the_present_one() -> None:
    bench = Bench(UPCASTERS)
    loaded = bench.codec.event(old_count(bench))
    assert isinstance(loaded, CountStated)
    assert loaded.number == 7


def test_an_old_version_nobody_knows_is_no_event() -> None:
    bench = Bench()
    with pytest.raises(ImpossibleHistory, match="no way from version 1"):
        bench.codec.event(old_count(bench))


def test_an_old_version_inside_a_correction_is_read_as_the_present_one() -> None:
    bench = Bench(UPCASTERS)
    (row,) = bench.store(corrected(CountStated(**said(), number=7, note=None)))
    state = orjson.loads(row.state)
    inner = state["restated"]
    inner["schema_version"], inner["state"]["amount"] = 1, inner["state"].pop("number")
    loaded = bench.codec.event(row._replace(state=orjson.dumps(state)))
    assert isinstance(loaded, EntryCorrected)
    assert isinstance(loaded.restated, CountStated)
    assert loaded.restated.number == 7


def test_a_moment_is_stored_with_its_microseconds() -> None:
    bench = Bench()
    exact = replace(ADDENDUM, when=replace(ADDENDUM.when, earliest=NOON.replace(microsecond=1)))
    (row,) = bench.store(exact)
    assert orjson.loads(row.state)["when"]["earliest"] == "2026-03-02T12:00:00.000001Z"
    assert bench.codec.event(row).when == exact.when
