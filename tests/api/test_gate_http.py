"""The JSON gate over real HTTP: what may not come in gets its documented answer on every type of writing route.

The gate's own cases, byte by byte, are in ``test_gate``; here each of its codes is met on a served application, and the
record is the same afterwards.
"""

import gzip
import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import orjson
import pytest

from domain.dossier.acts import AddAddendum
from domain.kinds.detention.custody_acts import ReleaseKind, ReleasePerson
from tests.api.server import Opened, Site, as_json, block, open_detention
from tests.scenario import HOUR, NOON

URN = "urn:casetrail:problem:"
LIMIT = 1024 * 1024

REMARK = as_json(AddAddendum(**block(NOON + HOUR), text="A remark"))
RELEASE = as_json(ReleasePerson(**block(NOON + HOUR), kind=ReleaseKind.OTHER))


def nested(depth: int) -> bytes:
    """An object with arrays in it, so many levels deep."""
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


BAD_BODIES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "body-empty"),
    "blanks": (b" \r\n\t", "body-empty"),
    "latin-1": ('{"a":"é"}'.encode("latin-1"), "not-utf8"),
    "utf-16": ('{"a":1}'.encode("utf-16"), "not-utf8"),
    "encoded surrogate": (b'{"a":"\xed\xa0\x80"}', "not-utf8"),
    "overlong NUL": (b'{"a":"\xc0\x80"}', "not-utf8"),
    "zipped": (gzip.compress(b'{"a":1}'), "not-utf8"),
    "byte order mark": (b"\xef\xbb\xbf{}", "byte-order-mark"),
    "no JSON": (b"when=now", "json-malformed"),
    "NaN": (b'{"a":NaN}', "json-malformed"),
    "Infinity": (b'{"a":-Infinity}', "json-malformed"),
    "trailing comma": (b'{"a":1,}', "json-malformed"),
    "comment": (b'{"a":1/* one */}', "json-malformed"),
    "single quotes": (b"{'a':1}", "json-malformed"),
    "two documents": (b"{}{}", "json-malformed"),
    "cut off": (b'{"a":[1,2', "json-malformed"),
    "control character": (b'{"a":"\x01"}', "json-malformed"),
    "raw NUL": (b'{"a":"\x00"}', "json-malformed"),
    "leading zero": (b'{"a":01}', "json-malformed"),
    "33 deep": (nested(33), "json-too-deep"),
    "900 deep": (nested(900), "json-too-deep"),
    "half a million deep": (b"[" * (LIMIT // 2), "json-too-deep"),
    "key twice": (b'{"a":1,"a":1}', "json-duplicate-key"),
    "key twice, escaped": (b'{"a":1,"\\u0061":2}', "json-duplicate-key"),
    "key twice, deep": (b'{"a":[{"b":1,"b":2}]}', "json-duplicate-key"),
    "lone surrogate": (b'{"a":"\\ud800"}', "json-lone-surrogate"),
    "lone surrogate in a key": (b'{"\\udc00":1}', "json-lone-surrogate"),
    "NUL": (b'{"a":"x\\u0000"}', "json-nul"),
    "NUL in a key": (b'{"a\\u0000":1}', "json-nul"),
    "1e999": (b'{"a":1e999}', "json-number-range"),
    "2^53": (b'{"a":9007199254740992}', "json-number-range"),
    "4000 digits": (b'{"a":' + b"9" * 4000 + b"}", "json-number-range"),
    "4300 digits and more": (b'{"a":-' + b"1" * 5000 + b"}", "json-number-range"),
    "array": (b"[{}]", "json-not-object"),
    "text": (b'"a"', "json-not-object"),
    "null": (b"null", "json-not-object"),
}
"""Every 422 of the gate, with a body that gets it."""

Route = Callable[[Opened], str]
ROUTES: dict[str, Route] = {
    "opening": lambda _: "/v1/detentions",
    "shared": lambda case: f"/v1/cases/{case.id}/add-addendum",
    "own": lambda case: f"/v1/detentions/{case.id}/record-arrival",
    "on the head": lambda case: f"/v1/detentions/{case.id}/release-person",
}


@pytest.fixture(scope="module")
def case(sqlite_site: Site) -> Iterator[Opened]:
    """A case to which nothing happens."""
    officer = sqlite_site.caller("o-1")
    opened = officer.open_detention()
    yield opened
    assert officer.version(opened.id) == opened.version, "a body that did not come in changed the record"


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES)
@pytest.mark.parametrize(("body", "code"), BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_bad_body_gets_its_documented_answer(sqlite_site: Site, case: Opened, route: Route, body: bytes, code: str) -> None:
    answer = sqlite_site.caller("o-1").post(route(case), body, version=1)

    assert (answer.status_code, answer.json()["type"]) == (422, URN + code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "media_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonl",
     "application/merge-patch+json", "application/json; charset=latin-1", "application/json;charset=utf-16", "*/*", "json"],
)  # fmt: skip
def test_what_is_not_json_in_utf8_is_not_read(sqlite_site: Site, case: Opened, media_type: str) -> None:
    path = f"/v1/cases/{case.id}/add-addendum"
    answer = sqlite_site.caller("o-1").post(path, REMARK, version=1, headers={"content-type": media_type})

    assert (answer.status_code, answer.json()["type"]) == (415, URN + "media-type")


@pytest.mark.parametrize(
    "media_type", ["application/json; charset=UTF-8", "APPLICATION/JSON", 'application/json; charset="utf-8"']
)
def test_json_in_utf8_is_known_however_it_is_spelled(sqlite_site: Site, media_type: str) -> None:
    officer = sqlite_site.caller("o-1")
    opened = officer.open_detention()
    path = f"/v1/cases/{opened.id}/add-addendum"

    assert officer.post(path, REMARK, version=1, headers={"content-type": media_type}).status_code == 200


# --- Size -----------------------------------------------------------------------------------------------------


def test_a_body_of_a_mebibyte_comes_in_and_one_byte_more_does_not(sqlite_site: Site, case: Opened) -> None:
    officer, path = sqlite_site.caller("o-1"), f"/v1/cases/{case.id}/add-addendum"
    body = orjson.dumps(REMARK)
    fitting = body + b" " * (LIMIT - len(body))

    assert officer.post(path, fitting, version=9).status_code == 412, "through the gate"
    answer = officer.post(path, fitting + b" ", version=9)

    assert (answer.status_code, answer.json()["type"]) == (413, URN + "body-too-large")


def speak(site: Site, case: Opened, head: str, *pieces: bytes) -> str:
    """Send a request by hand and read the head of the answer, which must come within a few seconds."""
    parts = urlsplit(site.address)
    assert parts.hostname is not None
    assert parts.port is not None
    lines = (
        f"POST /v1/cases/{case.id}/add-addendum HTTP/1.1", f"host: {parts.netloc}", "content-type: application/json",
        f"authorization: Bearer {site.caller('o-1').token}", f"idempotency-key: {uuid4().hex}", 'if-match: "1"', head,
    )  # fmt: skip
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.sendall("\r\n".join((*lines, "", "")).encode())
        for piece in pieces:
            connection.sendall(piece)
        return connection.recv(65536).decode()


def test_a_body_announced_too_large_is_refused_before_a_byte_of_it_is_sent(sqlite_site: Site, case: Opened) -> None:
    assert speak(sqlite_site, case, f"content-length: {LIMIT + 1}").startswith("HTTP/1.1 413")


def test_a_body_in_chunks_is_counted_as_it_comes(sqlite_site: Site, case: Opened) -> None:
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"

    assert speak(sqlite_site, case, "transfer-encoding: chunked", *[chunk] * 17).startswith("HTTP/1.1 413")


def test_a_body_in_chunks_is_taken_like_any_other(sqlite_site: Site) -> None:
    body = orjson.dumps(REMARK)
    chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:])]

    answer = speak(sqlite_site, sqlite_site.caller("o-1").open_detention(), "transfer-encoding: chunked", *chunks, b"0\r\n\r\n")

    assert answer.startswith("HTTP/1.1 200")


# --- What fits JSON and not the command -----------------------------------------------------------------------

WHEN = REMARK["when"]
SOURCE = REMARK["sources"][0]
SEALED = {"key_id": "0" * 32, "ciphertext": "AAAA"}

MISFITS = {
    "an unknown field": {"urgent": True},
    "an unknown field inside": {"when": WHEN | {"about": True}},
    "a text for a number": {"target": "1"},
    "a fraction for a number": {"target": 1.0},
    "a truth value for a number": {"target": True},
    "a number for a text": {"text": 7},
    "an object for a text": {"text": {}},
    "no text": {"text": ""},
    "too much text": {"text": "a" * 10_001},
    "null for a text": {"text": None},
    "a word that is none of the list": {"claim_status": "sure"},
    "the name for the value": {"claim_status": "OBSERVED"},
    "no sources": {"sources": []},
    "51 sources": {"sources": [SOURCE] * 51},
    "an object for a list": {"sources": {"0": SOURCE}},
    "a time without offset": {"when": WHEN | {"earliest": "2026-03-02T12:00:00"}},
    "a time as a number": {"when": WHEN | {"earliest": 1772452800}},
    "a time as a text of a number": {"when": WHEN | {"earliest": "1772452800"}},
    "a date for a time": {"when": WHEN | {"earliest": "2026-03-02"}},
    "a time that ends before it begins": {"when": WHEN | {"latest": "2020-01-01T00:00:00Z"}},
    "a time beyond the calendar": {"when": WHEN | {"earliest": "0001-01-01T00:00:00+14:00"}},
    "a zone that is none": {"when": WHEN | {"zone": "Mars/Olympus"}},
    "a zone that is a path": {"when": WHEN | {"zone": "../../etc/passwd"}},
    "a wider time than its precision": {"when": WHEN | {"latest": "2027-01-01T00:00:00Z"}},
    "a code with a space": {"decided_by": "o 1"},
    "a code with a line break at its end": {"decided_by": "o-1\n"},
    "a sealed value": {"text": SEALED},
    "a sealed reason": {"reason": SEALED},
    "what the system assigns": {"version": 2},
    "the actor": {"actor": "s-1"},
}


@pytest.mark.parametrize("changes", MISFITS.values(), ids=MISFITS)
def test_what_fits_json_and_not_the_command_is_told_where(sqlite_site: Site, case: Opened, changes: dict[str, object]) -> None:
    answer = sqlite_site.caller("o-1").post(f"/v1/cases/{case.id}/add-addendum", REMARK | changes, version=1)

    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (422, URN + "invalid"), answer.text
    assert "errors" not in problem or problem["errors"][0]["field"].startswith(next(iter(changes)))
    assert "ciphertext" not in answer.text


def test_a_sealed_value_is_none_however_its_name_is_escaped(sqlite_site: Site, case: Opened) -> None:
    body = orjson.dumps(REMARK | {"text": SEALED}).replace(b'"ciphertext"', b'"cipher\\u0074ext"')

    assert sqlite_site.caller("o-1").post(f"/v1/cases/{case.id}/add-addendum", body, version=1).status_code == 422


@pytest.mark.parametrize("changes", [{"grounds": SEALED}, {"officers": [SEALED]}, {"place": {"x": [SEALED]}}])
def test_no_sealed_value_comes_in_by_a_correction(sqlite_site: Site, case: Opened, changes: dict[str, object]) -> None:
    block_ = {name: REMARK[name] for name in ("when", "sources", "claim_status")}
    body = block_ | {"reason": "R", "target": 1, "why": "typing_error", "changes": changes}

    answer = sqlite_site.caller("o-1").post(f"/v1/cases/{case.id}/correct-entry", body, version=1)

    assert answer.status_code == 422


def test_a_refusal_is_short_however_long_the_input(sqlite_site: Site, case: Opened) -> None:
    officer, path = sqlite_site.caller("o-1"), f"/v1/cases/{case.id}/add-addendum"
    for wrong in ({"k" * 900_000: 1}, {f"k{i}": 1 for i in range(50_000)}, {"sources": [7] * 10_000}):
        answer = officer.post(path, REMARK | wrong, version=1)
        assert answer.status_code == 422
        assert len(answer.content) < 10_000


def test_malformed_input_is_refused_without_being_repeated(sqlite_site: Site) -> None:
    officer = sqlite_site.caller("o-1")
    body = as_json(open_detention(officer.register_party())) | {"place": {"street": "Sample Lane 7"}, "officers": ["Jane Roe"]}

    answer = officer.post("/v1/detentions", body)

    assert answer.status_code == 422
    assert "Sample Lane" not in answer.text
    assert "Jane" not in answer.text
    assert {e["field"] for e in answer.json()["errors"]} >= {"officers.0"}
