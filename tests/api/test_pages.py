"""Lists walked through page by page, while somebody writes: nothing is missed and nothing comes twice."""

import csv
import io
import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import orjson
import pytest

from api.paging import encode_cursor
from domain.dossier.acts import AddAddendum
from tests.api.server import Caller, Site, block
from tests.scenario import HOUR, NOON

REMARK = AddAddendum(**block(NOON + HOUR), text="A remark")
ROUNDS = 12


def pages(caller: Caller, path: str, accept: str = "application/json", **parameters: Any) -> Iterator[Any]:
    """Every page of a list, the next one asked for when it is wanted; its address stands in the header and the body."""
    answer = caller.get(path, {"accept": accept}, **parameters)
    while True:
        assert answer.status_code == 200, answer.text
        yield answer
        following = answer.links.get("next", {}).get("url")
        if accept == "application/json":
            assert answer.json()["next"] == following
        if following is None:
            return
        answer = caller.get(following, {"accept": accept})


def walked(caller: Caller, path: str, between: Callable[[], object] = lambda: None, **parameters: Any) -> list[dict[str, Any]]:
    """All items of a list, with something done between each two pages."""
    items: list[dict[str, Any]] = []
    for count, page in enumerate(pages(caller, path, **parameters)):
        items += page.json()["items"]
        if count < ROUNDS and "next" in page.links:
            between()
    return items


def test_a_worklist_neither_misses_nor_repeats_a_case_while_cases_are_opened_and_move(fresh_site: Site) -> None:
    officer = fresh_site.caller("o-1")
    before = [officer.open_detention().id for _ in range(7)]
    added: list[UUID] = []

    def more() -> None:
        added.append(officer.open_detention().id)
        officer.record(before[len(added) % 7], REMARK)
        officer.follow(officer.get(f"/v1/cases/{added[-1]}").json()["position"])

    officer.follow(officer.get(f"/v1/cases/{before[-1]}").json()["position"])
    found = [UUID(row["case_id"]) for row in walked(officer, "/v1/cases", more, limit=2)]

    assert found == [*before, *added]
    assert len(added) > len(before) - 3


def test_an_audit_is_complete_and_without_repeats_under_steady_writing(fresh_site: Site) -> None:
    officer, auditor = fresh_site.caller("o-1"), fresh_site.caller("a-1")
    case, over = officer.open_detention(), threading.Event()
    for _ in range(6):
        officer.record(case.id, REMARK)

    def write() -> None:
        while not over.is_set():
            officer.record(case.id, REMARK)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        auditor.follow(9)
        positions = [row["position"] for row in walked(auditor, "/v1/audit", limit=3)]
    finally:
        over.set()
        writer.join()

    assert positions == list(range(2, 2 + len(positions))), "every position after the ledger's own first event, once"
    assert len(positions) >= 8


def test_a_timeline_grows_at_its_end_only(fresh_site: Site) -> None:
    officer = fresh_site.caller("o-1")
    case = officer.open_detention()
    receipts: list[dict[str, Any]] = []

    def more() -> None:
        receipts.append(officer.record(case.id, REMARK))
        officer.follow(receipts[-1]["position"])

    for _ in range(6):
        more()
    versions = [entry["version"] for entry in walked(officer, f"/v1/cases/{case.id}/timeline", more, limit=2)]

    assert versions == list(range(1, receipts[-1]["version"] + 1))
    assert len(receipts) > 9


def test_the_events_of_a_case_are_paged_by_version(fresh_site: Site) -> None:
    officer = fresh_site.caller("o-1")
    case = officer.open_detention()
    for _ in range(4):
        officer.record(case.id, REMARK)
    versions: list[int] = []
    path = f"/v1/cases/{case.id}/events?limit=2"
    while path:
        answer = officer.get(path)
        versions += [item["version"] for item in answer.json()["items"]]
        path = answer.links.get("next", {}).get("url", "")

    assert versions == [1, 2, 3, 4, 5]


def test_the_feed_goes_on_after_the_last_position(fresh_site: Site) -> None:
    officer, auditor = fresh_site.caller("o-1"), fresh_site.caller("a-1")
    case = officer.open_detention()
    after, positions = 0, list[int]()
    for _ in range(ROUNDS):
        officer.record(case.id, REMARK)
        lines = auditor.get("/v1/events", after=after, limit=3).text.splitlines()
        positions += [orjson.loads(line)["position"] for line in lines]
        after = positions[-1]

    assert positions == list(range(1, positions[-1] + 1))


def test_every_form_of_a_list_has_the_same_rows_on_the_same_pages(fresh_site: Site) -> None:
    officer = fresh_site.caller("o-1")
    cases = [officer.open_detention().id for _ in range(5)]
    officer.follow(officer.get(f"/v1/cases/{cases[-1]}").json()["position"])

    as_json = [page.json()["items"] for page in pages(officer, "/v1/cases", limit=2)]
    as_lines = [
        [orjson.loads(line) for line in page.text.splitlines()]
        for page in pages(officer, "/v1/cases", "application/jsonl", limit=2)
    ]
    as_csv = [list(csv.DictReader(io.StringIO(page.text))) for page in pages(officer, "/v1/cases", "text/csv", limit=2)]

    assert [len(page) for page in as_json] == [2, 2, 1]
    assert as_lines == as_json
    assert [[row["case_id"] for row in page] for page in as_csv] == [[row["case_id"] for row in page] for page in as_json]


def test_a_page_keeps_the_filters_it_was_asked_with(fresh_site: Site) -> None:
    officer = fresh_site.caller("o-1")
    ids = [officer.open_detention().id for _ in range(4)]
    released = {str(ids[0]), str(ids[3])}
    path = "/v1/cases"
    receipts = [officer.post(f"/v1/detentions/{case_id}/release-person", RELEASE).json() for case_id in sorted(released)]
    officer.follow(receipts[-1]["position"])
    parameters: dict[str, Any] = {
        "state": "released",
        "kind": "detention",
        "opened_since": "2026-01-01T00:00:00+02:00",
        "limit": 1,
    }

    found = list(pages(officer, path, **parameters))

    assert [page.json()["items"][0]["case_id"] for page in found] == [str(ids[0]), str(ids[3])]


RELEASE = {
    "when": {"earliest": "2026-03-02T14:00:00Z", "latest": "2026-03-02T14:00:01Z", "precision": "second", "zone": "UTC"},
    "sources": [{"source_id": "o-1", "kind": "officer_observation", "origin_id": "o-1"}],
    "claim_status": "observed",
    "kind": "other",
}


@pytest.mark.parametrize("path", ["/v1/parties/{party}/cases", "/v1/parties/{party}/cases?as_of=1", "/v1/deadlines?as_of=1"])
@pytest.mark.parametrize("key", [(0, -5), (-1, 0)])
def test_a_cursor_counts_no_rows_below_zero(site: Site, path: str, key: tuple[int, int]) -> None:
    officer = site.caller("o-1")
    address = path.format(party=officer.register_party())
    answer = officer.http.get(f"{address}{'&' if '?' in address else '?'}cursor={encode_cursor(*key)}")

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:casetrail:problem:cursor-unknown"), answer.text


@pytest.mark.parametrize("path", ["/v1/cases", "/v1/audit", "/v1/cases/{case_id}/timeline"])
@pytest.mark.parametrize(
    "cursor",
    ["", "x", "abc=", "MTrCsg", "MTot", "MTox=", "MTowMQ", "Mjox", "MToxIA", "/" * 200, "MTo5OTk5OTk5OTk5OTk5OTk5OTk5", "é"],
)
def test_a_cursor_that_was_never_given_out_is_refused(sqlite_site: Site, path: str, cursor: str) -> None:
    case = sqlite_site.caller("o-1").open_detention()
    answer = sqlite_site.caller("a-1").get(path.format(case_id=case.id), cursor=cursor)

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:casetrail:problem:cursor-unknown"), answer.text
