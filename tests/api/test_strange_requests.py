"""Requests that nobody should send: strange headers, parameters, addresses and methods, and callers who hang up."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx2
import pytest
from starlette.types import Message

from domain.dossier.acts import AddAddendum
from domain.kinds.detention.custody_acts import ReleaseKind, ReleasePerson
from tests.api.server import Opened, Site, as_json, block, code, open_detention
from tests.scenario import HOUR, NOON

NOBODY = UUID(int=9)
REMARK = AddAddendum(**block(NOON + HOUR), text="A remark")
RELEASE = ReleasePerson(**block(NOON + 2 * HOUR), kind=ReleaseKind.OTHER)


def remarks(case_id: UUID | str) -> str:
    """Where remarks are sent."""
    return f"/v1/cases/{case_id}/add-addendum"


def also(request: httpx2.Request, name: bytes, value: bytes) -> httpx2.Request:
    """A request with one more header, whatever stands in it."""
    headers = [*request.headers.raw, (name, value)]
    return httpx2.Request(request.method, request.url, headers=headers, content=request.content)


# --- Headers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    ["*", 'W/"1"', '"1", "2"', '"1","1"', "1", '"0"', '"-1"', '"01"', '"1.0"', '""', '"', "''", '"1', '"x"', "",
     '"9999999999999999999"',
     '"٣"', '"\uff11"'],
)  # fmt: skip
def test_if_match_is_one_version_and_nothing_else(sqlite_site: Site, value: str) -> None:
    officer = sqlite_site.caller("o-1")
    case = officer.open_detention()
    request = officer.giving(case.id, REMARK)
    request = also(request, b"if-match", value.encode())

    answer = officer.http.send(request)

    assert code(answer) == (422, "if-match-malformed")


def test_if_match_twice_is_malformed(sqlite_site: Site) -> None:
    officer = sqlite_site.caller("o-1")
    case = officer.open_detention()
    request = officer.giving(case.id, REMARK, 1)
    request = also(request, b"if-match", b'"1"')

    assert code(officer.http.send(request)) == (422, "if-match-malformed")


@pytest.mark.parametrize("key", [b"", b"a b", b"a\tb", b"\xff", "é".encode(), b"k" * 256])
def test_an_idempotency_key_is_visible_ascii(sqlite_site: Site, key: bytes) -> None:
    officer = sqlite_site.caller("o-1")
    case = officer.open_detention()
    for command, case_id in ((REMARK, case.id), (RELEASE, case.id), (open_detention(NOBODY), None)):
        request = officer.giving(case_id, command, 1)
        del request.headers["idempotency-key"]
        assert code(officer.http.send(request)) == (422, "idempotency-key-missing")
        request = also(request, b"idempotency-key", key)
        assert code(officer.http.send(request)) == (422, "idempotency-key-malformed")


def test_an_idempotency_key_twice_is_malformed_and_the_longest_is_taken(sqlite_site: Site) -> None:
    officer = sqlite_site.caller("o-1")
    case = officer.open_detention()
    request = officer.giving(case.id, REMARK, 1, "a")
    request = also(request, b"idempotency-key", b"a")

    assert code(officer.http.send(request)) == (422, "idempotency-key-malformed")
    assert officer.give(case.id, REMARK, 1, "~" * 255).status_code == 200


@pytest.mark.parametrize(
    "name", ["accept", "accept-encoding", "accept-language", "prefer", "x-request-id", "range", "cookie", "if-none-match"]
)
@pytest.mark.parametrize("value", [b"", b"\xff\xfe", b"'\";,=" * 40, b"a" * 20_000, b"wait=" + b"9" * 5000])
def test_no_header_is_too_strange(sqlite_site: Site, name: str, value: bytes) -> None:
    auditor = sqlite_site.caller("a-1")
    for path in ("/v1/cases?position=999999999", "/v1/audit", "/v1/events", f"/v1/cases/{NOBODY}", "/health/ready", "/metrics"):
        request = auditor.http.build_request("GET", path)
        request = also(request, name.encode(), value)
        if path == "/metrics":
            del request.headers["authorization"]
        assert auditor.http.send(request).status_code in (200, 202, 404, 406), path


# --- Parameters -----------------------------------------------------------------------------------------------

STRANGE_TIMES = (
    *("2026-01-01T00:00:00", "2026-01-01", "1700000000", "now", "", "inf", "nan", "-1", "1e300", "24:00"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00+99:00"),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2026-01-01T00:00:60Z", "٢٠٢٦-01-01T00:00:00Z", "\x00"),
)


@pytest.mark.parametrize("moment", STRANGE_TIMES)
def test_no_moment_is_too_strange(site: Site, moment: str) -> None:
    auditor, case = site.caller("a-1"), ancient(site)
    for path, names in {
        f"/v1/cases/{case.id}": ("known_at", "true_at"),
        f"/v1/cases/{case.id}/diff": ("from_known_at", "to_known_at", "from_true_at", "to_true_at"),
        f"/v1/cases/{case.id}/timeline": (
            *("known_at", "true_at", "recorded_from", "recorded_to", "happened_from", "happened_to"),
        ),
        "/v1/cases": ("opened_since", "changed_since"),
        "/v1/audit": ("recorded_from", "recorded_to"),
    }.items():
        for name in names:
            answer = auditor.get(f"{path}?{name}={quote(moment)}")
            assert answer.status_code in (200, 404, 422), f"{path}?{name}={moment}: {answer.text}"
            if "T" not in moment or not moment.endswith("Z"):
                assert answer.status_code == 422 or moment in ("1700000000", "-1"), f"{path}?{name}={moment}"


def ancient(site: Site) -> Opened:
    """A case with entries as early and as open as the calendar allows."""
    officer = site.caller("o-1")
    case = officer.open_detention()
    whens: list[dict[str, Any]] = [
        {"earliest": None, "latest": "0001-01-01T00:00:00Z", "precision": "unknown"},
        {"earliest": None, "latest": None, "precision": "unknown"},
        {"earliest": "0001-01-01T00:00:00Z", "latest": None, "precision": "range"},
        {"earliest": "2026-03-02T12:00:00Z", "latest": "9999-12-31T23:59:59.999999Z", "precision": "range"},
    ]
    for version, when in enumerate(whens, start=1):
        answer = officer.post(remarks(case.id), as_json(REMARK) | {"when": when}, version=version)
        assert answer.status_code == 200, answer.text
    officer.follow(officer.get(f"/v1/cases/{case.id}").json()["position"])
    return case


@pytest.mark.parametrize("value", ["\x00", "a" * 65, "\ud800", "%", "'; DROP TABLE events --", "٣", "\U0010ffff", "a\nb"])
def test_no_filter_is_too_strange(site: Site, value: str) -> None:
    auditor = site.caller("a-1")
    case = site.caller("o-1").open_detention()
    sent = quote(value, errors="surrogatepass")
    for path, names in {
        "/v1/cases": ("kind", "state", "unit", "assignee", "file_number"),
        "/v1/audit": ("actor", "kind", "type"),
        f"/v1/cases/{case.id}/timeline": ("actor", "type"),
    }.items():
        for name in names:
            answer = auditor.get(f"{path}?{name}={sent}")
            assert answer.status_code in (200, 422), answer.text
            assert answer.status_code == 422 or answer.json()["items"] == []


@pytest.mark.parametrize("value", ["-1", "0", "501", "1e3", "x", "", "9" * 400, "\uff11", "1.0", "0x10", " 1", "+1"])
def test_no_number_is_too_strange(sqlite_site: Site, value: str) -> None:
    auditor, case = sqlite_site.caller("a-1"), sqlite_site.caller("o-1").open_detention()
    for path, name in (
        ("/v1/cases", "limit"), ("/v1/cases", "position"), ("/v1/events", "after"), ("/v1/events", "limit"),
        (f"/v1/cases/{case.id}", "version"), (f"/v1/cases/{case.id}/diff", "from"), (f"/v1/cases/{case.id}/events", "after"),
    ):  # fmt: skip
        answer = auditor.get(f"{path}?{name}={quote(value)}")
        assert answer.status_code in (200, 202, 422), f"{path}?{name}={value}: {answer.text}"


# --- Addresses ------------------------------------------------------------------------------------------------

ADDRESSES = (
    *("/", "/v1", "/v1/", "/v1/nothing", "/v1/cases/", "/v1//cases", "/v2/cases", "/v1/CASES", "/favicon.ico", "/openapi.yaml"),
    *("/v1/detentions/", "/v1/detentions/x/y/z", "/%00", "/%ff"),
    *("/static-offline-docs/../../api/main.py", "/static-offline-docs/%2e%2e/%2e%2e/pyproject.toml", "/v1/cases/x/timeline/y"),
    f"/v1/detentions/{NOBODY}/extend-detention",
)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_is_not_there_is_a_problem_like_any_other(sqlite_site: Site, address: str, method: str) -> None:
    for caller in (sqlite_site.caller(None), sqlite_site.caller("o-1")):
        answer = caller.http.request(method, address)
        assert code(answer) in ((404, "not-found"), (405, "method-not-allowed")), answer.text


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "POST"])
def test_another_method_at_an_address_hears_which_are_allowed(sqlite_site: Site, method: str) -> None:
    officer = sqlite_site.caller("o-1")
    allowed = {
        "/v1/cases": "GET", "/v1/audit": "GET", "/health/live": "GET", f"/v1/cases/{NOBODY}/events": "GET",
        "/v1/detentions": "POST", f"/v1/detentions/{NOBODY}/release-person": "POST", remarks(NOBODY): "POST",
    }  # fmt: skip
    for path, right in allowed.items():
        answer = officer.http.request(method, path)
        if method != right:
            assert (answer.status_code, answer.headers["allow"]) == (405, right), path
            assert answer.headers["content-type"] == "application/problem+json"
            assert method != "HEAD" or not answer.content


@pytest.mark.parametrize("written", ["{}", "{{{}}}", "urn:uuid:{}", "x", "", "%00", "0", "{}0", "../cases/{}"])
def test_an_id_that_is_written_otherwise_names_that_case_or_none(sqlite_site: Site, written: str) -> None:
    officer = sqlite_site.caller("o-1")
    case = officer.open_detention()
    path = written.format(case.id)

    assert officer.get(f"/v1/cases/{path}").status_code in (200, 404, 422)
    assert officer.post(remarks(path), as_json(REMARK), version=1).status_code in (200, 404)


# --- A caller who leaves --------------------------------------------------------------------------------------


def test_a_caller_who_hangs_up_while_sending_is_no_defect(sqlite_site: Site) -> None:
    officer = sqlite_site.caller("o-1")
    case = officer.open_detention()
    request = officer.giving(case.id, REMARK, 1)
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": request.url.path, "raw_path": request.url.raw_path,
        "query_string": b"", "headers": [(n.lower(), v) for n, v in request.headers.raw], "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2), "scheme": "http", "asgi": {"version": "3.0"}, "state": {},
    }  # fmt: skip
    incoming: Iterator[Message] = iter(
        [{"type": "http.request", "body": b"{", "more_body": True}, *[{"type": "http.disconnect"}] * 9]
    )
    sent: list[Message] = []

    async def receive() -> Message:
        return next(incoming)

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(sqlite_site.app(scope, receive, send))

    assert [message for message in sent if message.get("status", 0) >= 500] == []
    assert officer.version(case.id) == 1


def test_a_caller_who_hangs_up_leaves_the_server_as_it_was(site: Site) -> None:
    officer = site.caller("o-1")
    case = officer.open_detention()
    for _ in range(5):
        with closing(httpx2.Client(base_url=site.address, headers=officer.http.headers, trust_env=False)) as impatient:
            request = officer.giving(case.id, REMARK, 1)
            impatient.timeout = httpx2.Timeout(5, read=0.0001)
            try:
                impatient.send(request)
            except httpx2.TimeoutException:
                continue

    assert officer.version(case.id) in (1, 2)
    assert site.caller(None).get("/health/ready").json()["reasons"] == {}


# --- Parameters -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["cases", "audit", "deadlines", "reports/cases", "events", "projections"])
def test_a_parameter_that_a_route_has_not_is_refused(site: Site, path: str) -> None:
    answer = site.caller("a-1").get(f"/v1/{path}", stage="released")
    assert code(answer) == (422, "invalid")
    (wrong,) = answer.json()["errors"]
    assert wrong["field"] == "query.stage"
    assert "released" not in answer.text
    assert site.caller("o-1").get("/v1/audit", stage="released").status_code == 403
