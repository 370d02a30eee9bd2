"""The leaf format never changes: fixed bytes in, the same hash out for ever."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from infrastructure.leaf import leaf_data, leaf_hash

EXAMPLE = {
    "kind": "detention",
    "position": 7,
    "case_id": UUID("00112233-4455-6677-8899-aabbccddeeff"),
    "version": 2,
    "type": "detention.extended",
    "schema_version": 1,
    "recorded_at": 1_700_000_000_123_456,
    "state": b'{"until":"2023-11-15T00:00:00Z"}',
    "envelope": b'{"actor":{"id":"a-1"}}',
    "salt": bytes(range(32)),
    "previous": bytes(range(100, 132)),
}
DATA = (
    "001063617365747261696c2f6c6561662f310009646574656e74696f6e000000000000000700112233445566778899aa"
    "bbccddeeff00000000000000020012646574656e74696f6e2e657874656e6465640000000100060a24182022402b3c9f"
    "a697e6367ea37b6552ea3dcc908273cf33243b332603c0c9c4d5c93c3e3b2ce5f9e7ec3f6210ce634e47d5fa00e348c1"
    "6cea5a58b211c6d875f11036d26465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f80818283"
)
HASH = "8af7c7792ceaf09770cf645ee726386d0a73028ddb0e1afbac015e0077d6d9b0"


def test_the_leaf_of_the_worked_example_is_what_it_always_was() -> None:
    data = leaf_data(**EXAMPLE)  # type: ignore[arg-type]
    assert data.hex() == DATA
    assert leaf_hash(data).hex() == HASH


def test_the_leaf_can_be_built_from_its_description_alone() -> None:
    salt: bytes = EXAMPLE["salt"]  # type: ignore[assignment]
    by_hand = b"".join(
        [
            (16).to_bytes(2, "big") + b"casetrail/leaf/1",
            (9).to_bytes(2, "big") + b"detention",
            (7).to_bytes(8, "big"),
            bytes.fromhex("00112233445566778899aabbccddeeff"),
            (2).to_bytes(8, "big"),
            (18).to_bytes(2, "big") + b"detention.extended",
            (1).to_bytes(4, "big"),
            (1_700_000_000_123_456).to_bytes(8, "big", signed=True),
            hashlib.sha256(salt[:16] + b'{"until":"2023-11-15T00:00:00Z"}').digest(),
            hashlib.sha256(salt[16:] + b'{"actor":{"id":"a-1"}}').digest(),
            bytes(range(100, 132)),
        ]
    )
    assert by_hand == leaf_data(**EXAMPLE)  # type: ignore[arg-type]
    assert hashlib.sha256(b"\x00" + by_hand).hexdigest() == HASH


@pytest.mark.parametrize("name", sorted(EXAMPLE))
def test_every_part_of_an_event_changes_its_leaf(name: str) -> None:
    value = EXAMPLE[name]
    changed: dict[type, Callable[[Any], Any]] = {
        int: lambda v: v + 1,
        str: lambda v: v + "x",
        bytes: lambda v: v[:-1] + bytes([v[-1] ^ 1]),
        UUID: lambda v: UUID(int=v.int + 1),
    }
    assert leaf_data(**{**EXAMPLE, name: changed[type(value)](value)}) != leaf_data(**EXAMPLE)  # type: ignore[arg-type]


def test_text_cannot_move_from_one_field_to_the_next() -> None:
    one = leaf_data(**{**EXAMPLE, "kind": "ab", "type": "c"})  # type: ignore[arg-type]
    other = leaf_data(**{**EXAMPLE, "kind": "a", "type": "bc"})  # type: ignore[arg-type]
    assert one != other


@pytest.mark.parametrize("name", ["salt", "previous"])
def test_a_salt_or_a_previous_hash_of_another_length_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        leaf_data(**{**EXAMPLE, name: b"short"})  # type: ignore[arg-type]


def test_the_document_shows_the_same_example() -> None:
    document = (Path(__file__).parents[2] / "docs" / "leaf-format.md").read_text()
    shown = "".join(re.findall(r"^    ([0-9a-f]+)$", document, re.MULTILINE))
    assert shown == DATA + HASH
