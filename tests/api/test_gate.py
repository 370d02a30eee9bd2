"""The gate lets in exactly the JSON objects that every parser reads alike, and never fails in any other way."""

import asyncio
import contextlib
import json
import math
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect
from starlette.types import Message

from api.gate import MAX_BYTES, MAX_DEPTH, MAX_INTEGER, GateRefused, check, check_media_type, read_body


def refusal(act: Callable[[], object]) -> GateRefused:
    """What ``act`` is refused with."""
    with pytest.raises(GateRefused) as caught:
        act()
    return caught.value


def nested(depth: int, opener: bytes = b'{"a":', closer: bytes = b"}") -> bytes:
    """A body of exactly ``depth`` nested containers."""
    return opener * (depth - 1) + b"{}" + closer * (depth - 1)


ACCEPTED = [
    b"{}",
    b' \r\n\t{"a": [1, -2.5, true, null, "text"]}\n',
    b'{"a":"\\\\u0000"}',
    b'{"a":"\\ud83d\\ude00"}',
    '{"имя":"Łódź 😀"}'.encode(),
    b'{"a":{"x":1},"b":{"x":1}}',
    b'{"a":9007199254740991,"b":-9007199254740991}',
    b'{"a":"9007199254740993 1e999"}',
    b'{"a":1e308,"b":1e-999,"c":0e999}',
    b'{"a":[' + b"{}," * 100 + b"{}]}",
    nested(MAX_DEPTH),
    b'{"a":' + b"[" * (MAX_DEPTH - 1) + b"]" * (MAX_DEPTH - 1) + b"}",
    b'{"a":"' + b"[{" * 100 + b'"}',
]

REFUSED = [
    (b"", "body-empty", ""),
    (b" \n\t", "body-empty", ""),
    (b"\xef\xbb\xbf{}", "byte-order-mark", None),
    ('{"a":1}'.encode("utf-16"), "not-utf8", None),
    (b'{"a":"\xff"}', "not-utf8", None),
    (b'{"\xed\xa0\x80":1}', "not-utf8", None),
    (b'{"a":"\xc0\x80"}', "not-utf8", None),
    (b"[]", "json-not-object", ""),
    (b"null", "json-not-object", ""),
    (b'"text"', "json-not-object", ""),
    (b"9" * 400, "json-not-object", ""),
    (b"{", "json-malformed", None),
    (b"{}{}", "json-malformed", None),
    (b"{}\x00", "json-malformed", None),
    (b'{"a":1,}', "json-malformed", None),
    (b'{"a":01}', "json-malformed", None),
    (b'{"a":NaN}', "json-malformed", None),
    (b'{"a":Infinity}', "json-malformed", None),
    (b'{"a":-Infinity}', "json-malformed", None),
    (b'{"a":"\x00"}', "json-malformed", None),
    (b'{"a":"\\u12"}', "json-malformed", None),
    (b'{"a":"\\ud83d\\u', "json-malformed", None),
    (b'{"a":1,"a":1}', "json-duplicate-key", None),
    (b'{"a":1,"\\u0061":2}', "json-duplicate-key", None),
    (b'{"a":[{"b":{"c":1,"d":2,"c":3}}]}', "json-duplicate-key", None),
    (b'{"a":"\\ud800"}', "json-lone-surrogate", None),
    (b'{"a":"\\ud800 text"}', "json-lone-surrogate", None),
    (b'{"a":"\\ud800\\u0041"}', "json-lone-surrogate", None),
    (b'{"a":"\\udc00"}', "json-lone-surrogate", None),
    (b'{"\\udfff\\ud800":1}', "json-lone-surrogate", None),
    (b'{"a":{"b":["x","\\u0000"]}}', "json-nul", "/a/b/1"),
    (b'{"a":{"b\\u0000":1}}', "json-nul", "/a"),
    (b'{"a/b~c":"x\\u0000"}', "json-nul", "/a~1b~0c"),
    (b'{"a":9007199254740992}', "json-number-range", "/a"),
    (b'{"a":[0,-9007199254740992]}', "json-number-range", "/a/1"),
    (b'{"a":' + b"7" * 4000 + b"}", "json-number-range", "/a"),
    (b'{"a":' + b"7" * 5000 + b"}", "json-number-range", None),
    (b'{"' + b"k" * 300 + b'":9007199254740992}', "json-number-range", None),
    (b'{"a":1e999}', "json-number-range", "/a"),
    (b'{"a":-1.5E+400}', "json-number-range", "/a"),
    (b'{"a":' + b"9" * 309 + b".0}", "json-number-range", "/a"),
    (b'{"a":123456789012345e299}', "json-number-range", "/a"),
    (nested(MAX_DEPTH + 1), "json-too-deep", "/a" * MAX_DEPTH),
    (b"[" * 100_000, "json-too-deep", None),
    (b'{"a":' * 100_000, "json-too-deep", None),
    (b'{"a":' + b"[" * 150 + b"]" * 150 + b"}", "json-too-deep", "/a" + "/0" * (MAX_DEPTH - 1)),
]


@pytest.mark.parametrize("body", ACCEPTED)
def test_bodies_every_parser_reads_alike_come_in(body: bytes) -> None:
    check(body)
    assert acceptable(body)


@pytest.mark.parametrize(("body", "code", "pointer"), REFUSED)
def test_other_bodies_are_refused_by_name_and_place(body: bytes, code: str, pointer: str | None) -> None:
    refused = refusal(lambda: check(body))
    assert (refused.status, refused.code, refused.pointer) == (422, code, pointer)
    assert not acceptable(body)


def test_a_refusal_repeats_nothing_of_the_body() -> None:
    refused = refusal(lambda: check(b'{"Jane Roe":1,"Jane Roe":2}'))
    assert refused.detail == "an object names the same key twice at line 1 column 26"
    assert "Jane" not in str(refused)


def test_a_body_over_one_mebibyte_is_too_large() -> None:
    check(b'{"a":"' + b"x" * (MAX_BYTES - 8) + b'"}')
    refused = refusal(lambda: check(b'{"a":"' + b"x" * (MAX_BYTES - 7) + b'"}'))
    assert (refused.status, refused.code) == (413, "body-too-large")


def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The object of these pairs; a key named twice is a ValueError."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError("duplicate key")
    return dict(pairs)


def whole(digits: str) -> int:
    """The integer, within the range that every parser keeps exactly."""
    if len(digits) > 17 or abs(int(digits)) > MAX_INTEGER:
        raise ValueError("out of range")
    return int(digits)


def finite(digits: str) -> float:
    """The float, unless it overflows."""
    if not math.isfinite(float(digits)):
        raise ValueError("out of range")
    return float(digits)


def no_constant(name: str) -> None:
    """Refuse what the standard library takes beyond JSON: NaN and the infinities."""
    raise ValueError(name)


def clean(value: Any, room: int = MAX_DEPTH) -> bool:
    """Whether texts are storable and nesting is within the limit."""
    if isinstance(value, str):
        value.encode()
        return "\0" not in value
    if isinstance(value, dict):
        return room > 0 and all(clean(key) and clean(item, room - 1) for key, item in value.items())
    return not isinstance(value, list) or (room > 0 and all(clean(item, room - 1) for item in value))


def acceptable(body: bytes) -> bool:
    """The gate's rule stated a second time, slowly, on the standard library's parser."""
    try:
        value = json.loads(
            body.decode(), object_pairs_hook=once, parse_int=whole, parse_float=finite, parse_constant=no_constant
        )
        return isinstance(value, dict) and clean(value)
    except (ValueError, RecursionError):
        return False


def judged(body: bytes) -> bool:
    """Whether the gate lets the body in."""
    try:
        check(body)
    except GateRefused:
        return False
    return True


TOKENS = [
    *(b"{", b"}", b"[", b"]", b":", b",", b" ", b'"', b"\\", b"\x00", b"\xef\xbb\xbf", b"\xff", b"-", b"NaN", b"null"),
    *(b'"a"', b'"b"', b'"\\u0061"', b'"\\u0000"', b'"\\ud800"', b'"\\ud83d\\ude00"', b'"\xd0\xb6"', b'"x":1', b'{"k":'),
    *(b"1", b"0", b"9007199254740992", b"9007199254740991", b"1e999", b"1e+308", b".5", b"E400", b"7" * 309, b"true"),
]

NUMBERS = st.integers() | st.integers(-(2**55), 2**55) | st.floats()
TEXTS = st.text(st.characters() | st.sampled_from("\0\ud800\udc00\\u0"), max_size=8)
VALUES: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=40,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=5), st.booleans())
@settings(max_examples=300, deadline=None)
def test_documents_are_judged_as_the_rule_says(document: dict[str, object], ascii_only: bool) -> None:
    body = json.dumps(document, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    assert judged(body) is acceptable(body)


@given(st.lists(st.sampled_from(TOKENS), max_size=30).map(b"".join))
@settings(max_examples=500, deadline=None)
def test_scraps_of_json_are_judged_as_the_rule_says(body: bytes) -> None:
    assert judged(body) is acceptable(body)
    wrapped = b'{"a":' + body + b"}"
    assert judged(wrapped) is acceptable(wrapped)


@given(st.binary(max_size=200))
@example(b"\x00" * 100)
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_judged_as_the_rule_says(body: bytes) -> None:
    assert judged(body) is acceptable(body)


@given(st.sampled_from(ACCEPTED), st.data())
@settings(max_examples=300, deadline=None)
def test_damaged_bodies_are_judged_as_the_rule_says(body: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(body) - 1))
    damaged = body[:at] + data.draw(st.binary(max_size=3)) + body[at + data.draw(st.integers(0, 3)) :]
    assert judged(damaged) is acceptable(damaged)


@pytest.mark.parametrize(
    "header",
    [
        "application/json",
        "application/json; charset=utf-8",
        'Application/JSON ;Charset="UTF-8"',
        "application/json;charset=utf8; profile=x",
    ],
)
def test_json_in_utf8_is_taken(header: str) -> None:
    check_media_type(header)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "text/plain",
        "application/jsonl",
        "application/json, text/plain",
        "application/problem+json",
        "application/json; charset=utf-16",
        "application/json; charset=utf-8; charset=latin-1",
        "application/json; charset",
        "application/json; charset*=utf-8''utf-8",
        "application/json; charset*1=8; charset*=utf-",
        f"application/json; charset*{'9' * 5000}=utf-8",
        "multipart/form-data; boundary=x",
        "application/json\r\n; charset=latin-1",
    ],
)
def test_any_other_media_type_is_refused(header: str | None) -> None:
    refused = refusal(lambda: check_media_type(header))
    assert (refused.status, refused.code) == (415, "media-type")


@given(st.text(max_size=60) | st.text(max_size=40).map("application/json;".__add__))
@settings(max_examples=300, deadline=None)
def test_any_header_is_taken_or_refused(header: str) -> None:
    with contextlib.suppress(GateRefused):
        check_media_type(header)


class Client:
    """The sending side of an ASGI request: hands out messages and counts how many were asked for."""

    def __init__(self, messages: Iterable[Message]) -> None:
        """Queue the messages."""
        self.messages = list(messages)
        self.asked = 0

    async def __call__(self) -> Message:
        """The next message."""
        self.asked += 1
        return self.messages[self.asked - 1]


def chunks(*parts: bytes) -> list[Message]:
    """The messages of a body sent in parts."""
    return [{"type": "http.request", "body": part, "more_body": part is not parts[-1]} for part in parts]


def received(read: Awaitable[bytes]) -> bytes:
    """The body read to its end."""

    async def run() -> bytes:
        return await read

    return asyncio.run(run())


def scope(*headers: tuple[bytes, bytes]) -> dict[str, object]:
    """An ASGI scope with these headers."""
    return {"type": "http", "headers": list(headers)}


def test_a_body_is_put_together_from_its_chunks() -> None:
    assert received(read_body(scope(), Client(chunks(b'{"a"', b"", b":1}")))) == b'{"a":1}'
    assert received(read_body(scope((b"content-length", b"2")), Client(chunks(b"{}")))) == b"{}"
    assert received(read_body(scope(), Client([{"type": "http.request"}]))) == b""


@pytest.mark.parametrize("announced", [b"11", b"0011", b"9" * 5000])
def test_a_large_announced_length_is_refused_unread(announced: bytes) -> None:
    client = Client(chunks(b"{}"))
    refused = refusal(lambda: received(read_body(scope((b"content-length", announced)), client, limit=10)))
    assert (refused.status, client.asked) == (413, 0)


@pytest.mark.parametrize("announced", [b"10", b"0", b"", b"ten", b"-1"])
def test_reading_stops_past_the_limit_whatever_was_announced(announced: bytes) -> None:
    client = Client(chunks(b"12345", b"67890", b"x", b"never read"))
    refused = refusal(lambda: received(read_body(scope((b"content-length", announced)), client, limit=10)))
    assert (refused.status, client.asked) == (413, 3)


def test_a_body_of_exactly_the_limit_is_read() -> None:
    assert received(read_body(scope((b"content-length", b"10")), Client(chunks(b"12345", b"67890")), 10)) == b"1234567890"


def test_a_client_that_leaves_is_not_a_refusal() -> None:
    client = Client([*chunks(b"{", b"}")[:1], {"type": "http.disconnect"}])
    with pytest.raises(ClientDisconnect):
        received(read_body(scope(), client))
