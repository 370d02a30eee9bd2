"""What was once stored loads for ever: one state of every version of every event, as bytes that are never changed.

``python -m tests.infrastructure.test_golden`` adds what is missing, an event or a new version of one, and touches no line
that is there. A line that no longer loads needs an upcaster, never another line.
"""

import json
import random
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from application.records import Draft, Recorded, WrappedKey
from domain.catalogue import Catalogue, discover
from domain.kernel import EntryCorrected, Event, Restating
from infrastructure.codec import EventCodec
from tests.domain.makers import Maker, NoSuchValue
from tests.infrastructure.vaults import ENVELOPE, MemoryKeys, codec_of, recorded

FOLDER = Path(__file__).resolve().parents[1] / "golden"
EVENTS, KEYS = FOLDER / "events.json", FOLDER / "keys.json"
CASE = UUID("6b0f9f5e-54c3-4c7e-9d0a-2f6f0c1e7a11")
RESTATED = "case.addendum_added"
"""What the golden correction restates."""


def read(path: Path) -> dict[str, Any]:
    """A golden file; empty if there is none yet."""
    stored: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return stored


def add(path: Path, lines: Mapping[str, Any]) -> None:
    """Append entries, one a line; a line begins with its comma, so that no line before it changes."""
    text = path.read_text("utf-8").removesuffix("}\n") if path.exists() else ""
    for name, value in lines.items():
        entry = f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}\n"
        text += ("," if text else "{") + entry
    path.write_text(text + "}\n", "utf-8")


def keys() -> MemoryKeys:
    """The golden data keys, wrapped by the tests' instance key."""
    return MemoryKeys(
        WrappedKey(bytes.fromhex(key_id), CASE, UUID(key["party"]) if key["party"] else None, b64decode(key["wrapped"]))
        for key_id, key in read(KEYS).items()
    )


def row(line: Mapping[str, Any]) -> Recorded:
    """A golden line as a row of the ledger."""
    state = line["state"].encode()
    return recorded(Draft(line["type"], line["schema_version"], state, b"{}"), line["version"], CASE)


def stated(event: Event) -> dict[str, Any]:
    """What an event states, as JSON values in clear."""
    values: dict[str, Any] = TypeAdapter(type(event)).dump_python(event, mode="json")
    return values


def line_of(name: str) -> str:
    """The golden name of an event's present version."""
    return f"{name}@{CATALOGUE.events[name].schema_version}"


CATALOGUE: Catalogue = discover()
CODEC: EventCodec = codec_of(CATALOGUE, keys())
GOLDEN = read(EVENTS)


@pytest.mark.parametrize("name", CATALOGUE.events)
def test_every_event_has_a_golden_state(name: str) -> None:
    assert line_of(name) in GOLDEN, "python -m tests.infrastructure.test_golden adds it"


@pytest.mark.parametrize("name", GOLDEN)
def test_what_was_stored_is_read_as_it_was_meant(name: str) -> None:
    line = GOLDEN[name]
    clear, _ = CODEC.restate(row(line), {})
    assert stated(clear) == line["means"]
    assert CODEC.opened(row(line)).unreadable == ()
    assert CODEC.event(row(line)).type == line["type"]


def test_a_golden_correction_says_what_it_corrects() -> None:
    event = CODEC.event(row(GOLDEN["case.entry_corrected@1"]))
    assert isinstance(event, EntryCorrected)
    assert event.restated.type == RESTATED


def test_adding_changes_no_line(tmp_path: Path) -> None:
    path = tmp_path / "lines.json"
    add(path, {"a": 1})
    before = path.read_text("utf-8").splitlines()
    add(path, {"b": {"c": "é"}})
    after = path.read_text("utf-8").splitlines()
    assert after[: len(before) - 1] == before[:-1]
    assert json.loads("\n".join(after)) == {"a": 1, "b": {"c": "é"}}


# --- Adding ---------------------------------------------------------------------------------------------------


def example(name: str) -> Event:
    """An event of a type with something in most of its fields; the same for the same name."""
    given = {"restated": example(RESTATED)} if issubclass(CATALOGUE.events[name], Restating) else {}
    for attempt in count():
        maker = Maker(random.Random(f"{name} {attempt}"))  # noqa: S311 - repeatable, not secret
        with suppress(NoSuchValue):
            made: Event = maker.struct(CATALOGUE.events[name], **given)
            return made
    raise AssertionError


def main() -> None:
    """Add a line for every event that has none."""
    at_hand, lines = keys(), dict[str, Any]()
    codec = codec_of(CATALOGUE, at_hand)
    for name in CATALOGUE.events:
        if line_of(name) in GOLDEN:
            continue
        event, version = example(name), len(GOLDEN) + len(lines) + 1
        (draft,), new = codec.drafts(CASE, version - 1, (event,), ENVELOPE)
        at_hand.keys.extend(new)
        add(
            KEYS,
            {k.key_id.hex(): {"party": k.party_id and str(k.party_id), "wrapped": b64encode(k.wrapped).decode()} for k in new},
        )
        means = stated(event.restated if isinstance(event, Restating) else event)
        lines[line_of(name)] = {
            "type": name, "schema_version": draft.schema_version, "version": version, "state": draft.state.decode(),
            "means": means,
        }  # fmt: skip
    made = at_hand.keys[len(keys().keys) :]
    add(
        KEYS,
        {k.key_id.hex(): {"party": k.party_id and str(k.party_id), "wrapped": b64encode(k.wrapped).decode()} for k in made},
    )
    add(EVENTS, lines)


if __name__ == "__main__":
    main()
