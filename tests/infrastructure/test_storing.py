"""Every event there is, with any values: stored, loaded, opened; and nothing personal or narrative left in clear."""

from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.catalogue import discover
from domain.dossier.correction_acts import CorrectionProposed
from domain.kernel import EntryCorrected, Event, Restating
from domain.values import Sealed
from infrastructure.codec import ADAPTERS, EventCodec
from tests.domain.makers import hints
from tests.domain.strategies import SECRET, events, masked, sealed_parts
from tests.infrastructure.vaults import ENVELOPE, MemoryKeys, codec_of, recorded
from tests.scenario import CASE

CATALOGUE = discover()
KEYS = MemoryKeys()
CODEC: EventCodec = codec_of(CATALOGUE, KEYS)
PLAIN = [event for event in CATALOGUE.events.values() if not issubclass(event, Restating)]

each_event = pytest.mark.parametrize("event_type", PLAIN, ids=lambda event: event.type)
few = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def floats(value: Any) -> list[float]:
    """Every float in JSON values."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [found for each in value for found in floats(each)]
    return [value] if isinstance(value, float) else []


def in_json(event: Event) -> Any:
    """What an event states, as JSON values in clear."""
    return ADAPTERS[type(event)].dump_python(event, mode="json")


def clear(event: Event) -> Any:
    """As ``in_json``, with a restated event as a correction stores it."""
    if not isinstance(event, Restating):
        return in_json(event)
    inner = event.restated
    stated = {name: value for name, value in in_json(event).items() if name != "restated"}
    return stated | {"restated": {"type": inner.type, "schema_version": inner.schema_version, "state": in_json(inner)}}


def check_stored(event: Event) -> None:
    """Store an event, load it, open it; what is sealed is sealed, the rest is as it was."""
    (draft,), keys = CODEC.drafts(CASE, 0, (event,), ENVELOPE)
    KEYS.keys[:] = keys
    row = recorded(draft)
    assert SECRET.encode() not in draft.state
    assert floats(orjson.loads(draft.state)) == []
    loaded = CODEC.event(row)
    assert type(loaded) is type(event)
    assert all(isinstance(part, Sealed) for part in sealed_parts(type(event), loaded))
    assert masked(type(event), loaded) == masked(type(event), event)
    opened = CODEC.opened(row)
    assert opened.unreadable == ()
    assert opened.values == clear(event)
    assert CODEC.restate(row, {})[0] == (event.restated if isinstance(event, Restating) else event)


@each_event
@few
@given(data=st.data())
def test_every_event_survives_being_stored_and_loaded(event_type: type[Event], data: st.DataObject) -> None:
    check_stored(data.draw(events(event_type)))


@few
@given(data=st.data())
@pytest.mark.parametrize("start", range(0, len(PLAIN), 10))
def test_so_does_a_correction_that_restates_it(start: int, data: st.DataObject) -> None:
    inside = PLAIN[start]
    for restating in (EntryCorrected, CorrectionProposed):
        check_stored(data.draw(events(restating, inside)))


def test_the_marks_of_what_is_sealed_are_found() -> None:
    described: Any = CATALOGUE.events["case.person_described"]
    event = described(**(dict.fromkeys(hints(described)) | {"name": SECRET, "reason": "x"}))
    assert list(sealed_parts(described, event)) == ["x", SECRET]
    assert masked(described, event).name == "sealed"
