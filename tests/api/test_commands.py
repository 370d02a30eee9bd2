"""Cases recorded and read over HTTP: receipts, headers, and every way of reading what was recorded."""

import csv
import hashlib
import io
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import pytest

from api.commands import command_routes
from application.documents import plain
from application.reactions import REACTIONS
from application.read_models import READ_MODELS
from domain.catalogue import discover
from domain.dossier.acts import AddAddendum
from domain.kernel import BY_THE_SYSTEM, Command, Kind, stage_name
from domain.kinds.detention.acts import AuthorizeDetention
from domain.kinds.detention.custody_acts import ReleaseKind, ReleasePerson
from domain.values import Precision, When
from tests.api.lives import Teller, lives_of
from tests.api.server import Caller, Site, block, open_detention
from tests.domain.walks import Case, Search
from tests.scenario import DAY, HOUR, NOON

REMARK = AddAddendum(**block(NOON + HOUR), text="A remark")
AUTHORIZE = AuthorizeDetention(**block(NOON + HOUR, reason="Read later"), grounds="G", until=NOON + DAY)
RELEASE = ReleasePerson(**block(NOON + 2 * HOUR), kind=ReleaseKind.NO_FURTHER_ACTION)

LIVES = [(kind, life) for kind in discover().kinds.values() for life in lives_of(kind)]


# --- Writing --------------------------------------------------------------------------------------------------


def test_an_opening_answers_201_with_the_case_its_version_and_a_receipt(site: Site) -> None:
    officer = site.caller("o-1")

    answer = officer.give(None, open_detention(officer.register_party()))

    receipt = answer.json()
    assert answer.status_code == 201
    assert (answer.headers["location"], answer.headers["etag"]) == (f"/v1/cases/{receipt['case_id']}", '"1"')
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert set(receipt) == {
        *("case_id", "kind", "first_version", "version", "position", "leaf_hash", "recorded_at", "ledger_id"),
    }
    assert (receipt["kind"], receipt["first_version"], receipt["version"]) == ("detention", 1, 1)
    assert datetime.fromisoformat(receipt["recorded_at"]).utcoffset() is not None
    assert officer.get(answer.headers["location"]).json()["version"] == 1


@pytest.mark.parametrize(("command", "version"), [(REMARK, 1), (AUTHORIZE, 1), (RELEASE, 1), (RELEASE, None)])
def test_a_command_answers_200_with_the_new_version(site: Site, command: Command, version: int | None) -> None:
    officer = site.caller("o-1")
    case = officer.open_detention()

    answer = officer.give(case.id, command, version)

    assert answer.status_code == 200, answer.text
    assert (answer.headers["etag"], answer.json()["version"]) == ('"2"', 2)
    assert "location" not in answer.headers
    (event,) = officer.get(f"/v1/cases/{case.id}/events", after=1).json()["items"]
    assert {name: event[name] for name in ("position", "leaf_hash", "recorded_at")} == {
        name: answer.json()[name] for name in ("position", "leaf_hash", "recorded_at")
    }


@pytest.mark.parametrize(("kind", "life"), LIVES, ids=[f"{kind.name}-{len(life)}" for kind, life in LIVES])
def test_a_whole_life_over_http_is_what_the_domain_makes_of_it(fresh_site: Site, kind: Kind, life: tuple[Command, ...]) -> None:
    teller = Teller(fresh_site)
    expected = longest(Search(kind).follow(life))

    given = list(teller.told(life))

    case_id = given[-1].answer.json()["case_id"]
    for step in given:
        seen = step.caller.get(f"/v1/cases/{case_id}", version=step.answer.json()["version"])
        assert seen.status_code == 200, f"after {type(step.command).__name__}: {seen.text}"
    officer, auditor = given[-1].caller, fresh_site.caller("a-1")
    case = officer.get(f"/v1/cases/{case_id}").json()
    events = officer.get(f"/v1/cases/{case_id}/events", limit=1000).json()["items"]
    assert [event["type"] for event in events] == [entry.event.type for entry in expected.entries]
    assert case["stage"] == stage_name(type(expected.folded.stage))
    assert {"stage": case["stage"]} | case["state"] == teller.translated(plain(expected.folded.stage))
    auditor.follow(case["position"])
    audited = auditor.get("/v1/audit", case_id=case_id, limit=500).json()["items"]
    assert [row["version"] for row in audited] == [event["version"] for event in events]
    assert {row["command"] for row in audited} == {type(command).__name__ for command in life}
    assert case["row"] == listed(officer, case_id)


def longest(search: Search) -> Case:
    """The case at the end of the life a search followed."""
    return max(search.cases(), key=lambda case: len(case.entries))


def listed(caller: Caller, case_id: str) -> dict[str, Any]:
    """A case's row in the worklist."""
    rows: list[dict[str, Any]] = caller.get("/v1/cases", limit=500).json()["items"]
    return next(row for row in rows if row["case_id"] == case_id)


def test_every_command_of_the_catalogue_has_its_route(site: Site) -> None:
    catalogue = site.instance.catalogue
    routes = command_routes(catalogue)

    assert len({route.path for route in routes}) == len(routes)
    given = {route.command for route in routes}
    every = {*catalogue.shared.rules, *(c for kind in catalogue.kinds.values() for c in kind.commands)}
    assert given == {command for command in every if command.by != BY_THE_SYSTEM}
    assert len(given) < len(every), "what the scheduler and the reactions alone record has none"


# --- Reading a case -------------------------------------------------------------------------------------------


def test_a_case_is_read_at_a_version_and_as_known_and_as_true_at_a_moment(site: Site) -> None:
    officer = site.caller("o-1")
    case = officer.open_detention()
    authorized = officer.record(case.id, AUTHORIZE)
    released = officer.record(case.id, RELEASE)
    path = f"/v1/cases/{case.id}"

    now = officer.get(path)
    assert (now.headers["etag"], now.headers["cache-control"]) == ('"3"', "no-store")
    assert now.json()["position"] == released["position"]
    stages = {
        "": "released",
        "?version=1": "apprehended",
        "?version=2": "authorized",
        f"?known_at={authorized['recorded_at']}": "authorized",
        "?true_at=2026-03-02T13:30:00Z": "authorized",
        "?true_at=2026-03-02T13:30:00%2B01:00": "apprehended",
        "?true_at=2026-03-02T11:00:00Z": None,
        f"?known_at={authorized['recorded_at']}&true_at=2026-03-02T12:30:00Z": "apprehended",
        "?version=2&true_at=2999-01-01T00:00:00Z": "authorized",
    }
    assert {query: officer.get(path + query).json()["stage"] for query in stages} == stages
    assert officer.get(f"{path}?version=4").status_code == 422
    assert officer.get(f"{path}?known_at=2026-01-01T00:00:00Z").status_code == 404


def test_what_differs_between_two_views_is_named_with_its_cause(site: Site) -> None:
    officer = site.caller("o-1")
    case = officer.open_detention()
    officer.record(case.id, REMARK)
    officer.record(case.id, RELEASE)

    answer = officer.get(f"/v1/cases/{case.id}/diff?from=1&to=3").json()

    assert (answer["from_version"], answer["to_version"]) == (1, 3)
    stage = next(change for change in answer["changes"] if change["field"] == "/stage")
    assert stage == {"field": "/stage", "from": "apprehended", "to": "released", "entry": 3}
    back = officer.get(f"/v1/cases/{case.id}/diff?from=3&to=1").json()["changes"]
    assert [(c["field"], c["from"], c["to"]) for c in back] == [(c["field"], c["to"], c["from"]) for c in answer["changes"]]
    assert officer.get(f"/v1/cases/{case.id}/diff?from=3&to=3").json()["changes"] == []


def test_the_events_are_the_bytes_that_were_hashed(site: Site) -> None:
    officer = site.caller("o-1")
    case = officer.open_detention()

    (event,) = officer.get(f"/v1/cases/{case.id}/events").json()["items"]

    salt = bytes.fromhex(event["salt"])
    assert len(salt) == 32
    assert len(hashlib.sha256(salt[:16] + event["stored_state"].encode()).hexdigest()) == len(event["leaf_hash"])
    assert "Main post office" not in event["stored_state"], "narrative is stored sealed"
    assert event["state"]["place"] == "Main post office"
    assert orjson.loads(event["stored_envelope"])["command"] == "OpenDetention"


# --- Lists ----------------------------------------------------------------------------------------------------


def test_a_timeline_comes_as_json_lines_and_csv(site: Site) -> None:
    officer = site.caller("o-1")
    case = officer.open_detention()
    position = officer.record(case.id, REMARK)["position"]
    officer.follow(position)
    path = f"/v1/cases/{case.id}/timeline"

    as_json = officer.get(path, {"accept": "application/json"})
    as_lines = officer.get(path, {"accept": "application/jsonl"})
    as_csv = officer.get(path, {"accept": "text/csv;q=0.9, application/json;q=0.1"})

    assert as_json.headers["content-type"] == "application/json"
    assert as_lines.headers["content-type"] == "application/jsonl"
    assert as_csv.headers["content-type"].startswith("text/csv; charset=utf-8")
    items = as_json.json()["items"]
    assert [orjson.loads(line) for line in as_lines.text.splitlines()] == items
    rows = list(csv.DictReader(io.StringIO(as_csv.text, newline="")))
    assert [(row["type"], int(row["version"]), row["late"]) for row in rows] == [
        (item["type"], item["version"], "true") for item in items
    ]
    assert orjson.loads(rows[1]["state"])["text"] == "A remark"
    for answer in (as_json, as_lines, as_csv):
        assert (answer.headers["cache-control"], answer.headers["vary"]) == ("no-store", "accept")
        assert int(answer.headers["casetrail-position"]) >= position


@pytest.mark.parametrize(
    ("accept", "status"),
    [("*/*", 200), ("application/xml", 406), ("text/html,*/*;q=0.1", 200), ("application/json;q=0", 406), ("", 406),
     ("text/csv;q=nan", 406), ("application/json;q=x", 406), (",,;;", 406), ("text/*", 200), ("APPLICATION/JSON", 200)],
)  # fmt: skip
def test_a_list_comes_in_a_form_the_caller_accepts_or_not_at_all(sqlite_site: Site, accept: str, status: int) -> None:
    assert sqlite_site.caller("a-1").get("/v1/audit", {"accept": accept}).status_code == status


def test_timeline_entries_are_found_by_type_person_and_either_clock(site: Site) -> None:
    first, second = site.caller("o-1"), site.caller("o-2")
    case = first.open_detention()
    remark = second.record(case.id, REMARK)
    released = first.record(case.id, RELEASE)
    first.follow(released["position"])
    path = f"/v1/cases/{case.id}/timeline"

    found = {
        "?type=case.addendum_added": [2],
        "?type=case.addendum_added&type=detention.person_released": [2, 3],
        "?type=nothing": [],
        "?actor=o-2": [2],
        f"?recorded_from={remark['recorded_at']}": [2, 3],
        f"?recorded_to={remark['recorded_at']}": [1],
        "?happened_from=2026-03-02T13:30:00Z": [3],
        "?happened_to=2026-03-02T13:00:00Z": [1],
        "?true_at=2026-03-02T13:30:00Z": [1, 2],
        f"?known_at={remark['recorded_at']}": [1, 2],
        "?order=effective": [1, 2, 3],
    }
    assert {query: [e["version"] for e in first.get(path + query).json()["items"]] for query in found} == found
    assert first.get(path + "?order=random").status_code == 422


def test_an_entry_left_open_may_have_happened_at_any_time_until_its_receipt(site: Site) -> None:
    officer = site.caller("o-1")
    case = officer.open_detention()
    some_time = When(None, None, Precision.UNKNOWN, as_stated="some time")
    receipt = officer.record(case.id, replace(REMARK, when=some_time))
    officer.follow(receipt["position"])
    found = {"?happened_to=2026-01-01T00:00:00Z": [2], f"?happened_from={receipt['recorded_at']}": []}
    path = f"/v1/cases/{case.id}/timeline"
    assert {query: [e["version"] for e in officer.get(path + query).json()["items"]] for query in found} == found


def test_a_worklist_is_filtered_by_every_field_it_names(fresh_site: Site) -> None:
    officer = fresh_site.caller("o-1")
    case, other = officer.open_detention(), officer.open_detention()
    opened = officer.get(f"/v1/cases/{other.id}").json()
    released = officer.record(case.id, RELEASE)
    officer.follow(released["position"])

    found = {
        "": [case.id, other.id],
        "?kind=detention": [case.id, other.id],
        "?kind=seizure": [],
        "?state=released": [case.id],
        "?unit=unit-1": [case.id, other.id],
        "?unit=unit-2": [],
        "?assignee=o-1": [],
        f"?file_number={opened['row']['file_number']}": [other.id],
        f"?opened_since={opened['recorded_at']}": [other.id],
        f"?changed_since={released['recorded_at']}": [case.id],
    }
    assert {q: [UUID(row["case_id"]) for row in officer.get("/v1/cases" + q).json()["items"]] for q in found} == found


def test_a_reader_may_wait_for_what_was_just_recorded(site: Site) -> None:
    officer = site.caller("o-1")
    for _ in range(5):
        case = officer.open_detention()
        position = officer.get(f"/v1/cases/{case.id}").json()["position"]
        answer = officer.get(f"/v1/cases/{case.id}/timeline", {"prefer": "respond-async, WAIT=10"}, position=position)
        assert (answer.status_code, len(answer.json()["items"])) == (200, 1)


@pytest.mark.parametrize("prefer", ["wait=0", "", "wait", "wait=-1", "wait=x", "return=minimal", "wait=1e9", "wait=99999"])
def test_what_is_not_there_yet_is_said_at_once_without_a_sensible_wish_to_wait(sqlite_site: Site, prefer: str) -> None:
    answer = sqlite_site.caller("o-1").get("/v1/cases", {"prefer": prefer}, position=10**12)

    assert (answer.status_code, answer.headers["retry-after"]) == (202, "1")
    assert answer.json()["type"] == "urn:casetrail:problem:not-included-yet"


def test_the_feed_has_everything_sealed_and_the_projections_say_how_far_they_are(site: Site) -> None:
    officer, auditor = site.caller("o-1"), site.caller("a-1")
    case = officer.open_detention()
    position = officer.record(case.id, REMARK)["position"]
    officer.follow(position)

    feed = auditor.get("/v1/events", after=position - 2, limit=2)
    assert feed.headers["content-type"] == "application/jsonl"
    events = [orjson.loads(line) for line in feed.text.splitlines()]
    assert [event["position"] for event in events] == [position - 1, position]
    assert "A remark" not in feed.text
    statuses = officer.get("/v1/projections").json()
    models = [status for status in statuses if not status["name"].startswith("reaction:")]
    assert [status["name"] for status in models] == [model.name for model in READ_MODELS]
    assert len(models) + len(REACTIONS) == len(statuses)
    assert all(status["position"] >= position and status["failure"] is None for status in models)


def test_a_server_that_records_and_follows_is_alive_and_ready(site: Site) -> None:
    stranger = site.caller(None)

    assert stranger.get("/health/live").json() == {"status": "live"}
    assert stranger.get("/health/ready").json() == {"status": "ready", "reasons": {}}
    metrics = stranger.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert 'casetrail_requests_total{method="GET",route="/health/ready",status="200"}' in metrics.text
