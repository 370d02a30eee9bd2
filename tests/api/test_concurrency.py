"""Many callers on one case: versions, idempotency keys, claims, and a release that nothing stands in the way of."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from domain.dossier.acts import AddAddendum
from domain.kernel import Command
from domain.kinds.detention.acts import AuthorizeDetention, RecordArrival
from domain.kinds.detention.care_acts import RecordNoProperty
from domain.kinds.detention.custody_acts import CloseDetention, ReleaseKind, ReleasePerson
from tests.api.server import Caller, Instance, Site, as_json, at_once, block, open_detention
from tests.scenario import DAY, HOUR, NOON

URN = "urn:casetrail:problem:"


def remark(text: str = "A remark") -> AddAddendum:
    """A command that is open in every stage."""
    return AddAddendum(**block(NOON + HOUR), text=text)


RELEASE = ReleasePerson(**block(NOON + 2 * HOUR), kind=ReleaseKind.NO_FURTHER_ACTION)


def events(caller: Caller, case_id: UUID) -> list[dict[str, Any]]:
    """A case's events as the ledger has them."""
    items: list[dict[str, Any]] = caller.get(f"/v1/cases/{case_id}/events", limit=1000).json()["items"]
    return items


# --- Versions -------------------------------------------------------------------------------------------------


def test_of_two_officers_at_one_version_one_gets_a_receipt_and_one_what_came_in_between(site: Site) -> None:
    first, second = site.caller("o-1"), site.caller("o-2")
    case = first.open_detention()

    answers = at_once([first.giving(case.id, remark("one"), 1), second.giving(case.id, remark("two"), 1)])

    assert sorted(a.status_code for a in answers) == [200, 412]
    won, lost = sorted(answers, key=lambda a: a.status_code)
    winner = ("o-1", "o-2")[answers.index(won)]
    problem = lost.json()
    assert problem["type"] == URN + "stale-version"
    assert (problem["expected_version"], problem["current_version"], lost.headers["etag"]) == (1, 2, '"2"')
    assert problem["events_between"] == [
        {"version": 2, "type": "case.addendum_added", "recorded_at": won.json()["recorded_at"], "actor": winner}
    ]
    assert [e["actor"] for e in events(first, case.id)] == ["o-1", winner]


def test_a_stale_command_hears_of_every_event_in_between_and_may_be_given_again_on_the_new_version(site: Site) -> None:
    officer = site.caller("o-1")
    case = officer.open_detention()
    for _ in range(3):
        officer.record(case.id, remark())
    key = uuid4().hex

    stale = officer.give(case.id, remark("late"), 2, key)
    again = officer.give(case.id, remark("late"), stale.json()["current_version"], key)

    assert stale.status_code == 412
    assert [e["version"] for e in stale.json()["events_between"]] == [3, 4]
    assert (again.status_code, again.json()["version"]) == (200, 5)


@pytest.mark.parametrize("version", [3, 10**17])
def test_a_version_the_case_has_not_reached_is_stale_too(site: Site, version: int) -> None:
    officer = site.caller("o-1")
    case = officer.open_detention()

    answer = officer.give(case.id, remark(), version)

    assert (answer.status_code, answer.json()["events_between"]) == (412, [])


# --- Idempotency keys -----------------------------------------------------------------------------------------


def test_ten_at_once_with_one_key_open_one_case(site: Site) -> None:
    officer = site.caller("o-1")
    command, key = open_detention(officer.register_party()), uuid4().hex

    answers = at_once([officer.giving(None, command, None, key) for _ in range(10)])

    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    case_id = answers[0].json()["case_id"]
    assert {a.headers["location"] for a in answers} == {f"/v1/cases/{case_id}"}
    assert len(events(officer, case_id)) == 1


@pytest.mark.parametrize("command", [remark(), RELEASE])
def test_ten_at_once_with_one_key_record_one_event(site: Site, command: Command) -> None:
    officer = site.caller("o-1")
    case = officer.open_detention()
    version = None if isinstance(command, ReleasePerson) else 1
    key = uuid4().hex

    answers = at_once([officer.giving(case.id, command, version, key) for _ in range(10)])

    assert {a.status_code for a in answers} == {200}
    assert len({a.content for a in answers}) == 1
    assert len(events(officer, case.id)) == 2


def test_a_key_gets_its_receipt_after_a_restart_of_the_server(instance: Instance) -> None:
    opening, releasing = uuid4().hex, uuid4().hex
    with instance.serving() as site:
        officer = site.caller("o-1")
        command = open_detention(officer.register_party())
        opened = officer.give(None, command, None, opening)
        case_id = UUID(opened.json()["case_id"])
        released = officer.give(case_id, RELEASE, None, releasing)
        assert (opened.status_code, released.status_code) == (201, 200)

    with instance.serving() as site:
        officer = site.caller("o-1")
        assert officer.give(None, command, None, opening).content == opened.content
        assert officer.give(case_id, RELEASE, None, releasing).content == released.content
        assert [e["version"] for e in events(officer, case_id)] == [1, 2]


def test_a_key_gets_its_receipt_when_the_act_would_be_refused_today(site: Site) -> None:
    officer = site.caller("o-1")
    party = officer.register_party()
    opening, arriving, releasing = (uuid4().hex for _ in range(3))
    arrive = RecordArrival(**block(NOON + HOUR), facility="Station 1")
    opened = officer.give(None, open_detention(party), None, opening)
    case_id = UUID(opened.json()["case_id"])
    arrived = officer.give(case_id, arrive, 1, arriving)
    officer.record(case_id, RecordNoProperty(**block(NOON + HOUR)))
    released = officer.give(case_id, RELEASE, None, releasing)
    site.caller("s-1").record(case_id, CloseDetention(**block(NOON + DAY)))

    assert officer.give(case_id, arrive, 1, arriving).content == arrived.content
    assert officer.give(case_id, arrive, 4, arriving).content == arrived.content, "the version is not part of the body"
    assert officer.give(case_id, RELEASE, None, releasing).content == released.content
    refused = officer.give(case_id, RELEASE)
    assert (refused.status_code, refused.json()["type"]) == (409, URN + "not-open")
    assert len(events(officer, case_id)) == 5


def test_an_opening_gets_its_receipt_while_its_claim_bars_every_other(site: Site) -> None:
    officer = site.caller("o-1")
    party = officer.register_party()
    command, key = open_detention(party), uuid4().hex
    opened = officer.give(None, command, None, key)

    assert officer.give(None, command, None, key).content == opened.content
    assert officer.give(None, command).status_code == 409


@pytest.mark.parametrize("version", [1, 2])
def test_a_key_with_another_body_is_refused_on_any_version(site: Site, version: int) -> None:
    officer = site.caller("o-1")
    case = officer.open_detention()
    key = uuid4().hex
    assert officer.give(case.id, remark("one"), 1, key).status_code == 200

    answer = officer.give(case.id, remark("two"), version, key)

    assert (answer.status_code, answer.json()["type"]) == (422, URN + "idempotency-key-reused")
    assert len(events(officer, case.id)) == 2


def test_an_opening_key_with_another_body_is_refused(site: Site) -> None:
    officer = site.caller("o-1")
    key = uuid4().hex
    first, second = open_detention(officer.register_party()), open_detention(officer.register_party())
    assert officer.give(None, first, None, key).status_code == 201

    answer = officer.give(None, second, None, key)

    assert (answer.status_code, answer.json()["type"]) == (422, URN + "idempotency-key-reused")


def test_a_key_belongs_to_a_caller_a_route_and_a_case(site: Site) -> None:
    first, second = site.caller("o-1"), site.caller("o-2")
    case, other = first.open_detention(), first.open_detention()
    key = uuid4().hex

    answers = [
        first.give(case.id, remark(), 1, key),
        second.give(case.id, remark(), 2, key),
        first.give(other.id, remark(), 1, key),
        first.give(case.id, RecordArrival(**block(NOON + HOUR), facility="Station 1"), 3, key),
    ]

    assert [(a.status_code, a.json()["version"]) for a in answers] == [(200, 2), (200, 3), (200, 2), (200, 4)]


def test_a_refused_command_uses_up_no_key(site: Site) -> None:
    supervisor = site.caller("s-1")
    case = supervisor.open_detention()
    close, key = CloseDetention(**block(NOON + DAY)), uuid4().hex

    refused = supervisor.give(case.id, close, 1, key)
    supervisor.record(case.id, RecordNoProperty(**block(NOON + HOUR)))
    supervisor.give(case.id, RELEASE)
    taken = supervisor.give(case.id, close, 3, key)

    assert (refused.status_code, taken.status_code) == (409, 200)


# --- Claims ---------------------------------------------------------------------------------------------------


def test_of_ten_who_detain_one_person_at_once_one_does(site: Site) -> None:
    officer = site.caller("o-1")
    party = officer.register_party()

    answers = at_once([officer.giving(None, open_detention(party)) for _ in range(10)])

    assert sorted(a.status_code for a in answers) == [201] + [409] * 9
    refused = [a.json() for a in answers if a.status_code == 409]
    won = next(a.json() for a in answers if a.status_code == 201)
    assert {p["type"] for p in refused} == {URN + "open-hold-taken"}
    assert all(p["rule"] and p["source"] for p in refused)
    assert all(won["case_id"] not in str(p) and str(party) not in str(p) for p in refused)


def test_a_person_released_may_be_detained_again(site: Site) -> None:
    officer = site.caller("o-1")
    party = officer.register_party()
    case = officer.open_detention(party)
    officer.give(case.id, RELEASE)

    assert officer.give(None, open_detention(party, NOON + DAY)).status_code == 201


# --- Release --------------------------------------------------------------------------------------------------


async def storm(http: httpx2.AsyncClient, request: Callable[[int], httpx2.Request], over: asyncio.Event) -> int:
    """Write remarks as fast as the case lets us, on whatever version it is at; how many were recorded."""
    version, written = 1, 0
    while not over.is_set():
        answer = await http.send(request(version))
        assert answer.status_code in (200, 412), answer.text
        version = answer.json()["version" if answer.status_code == 200 else "current_version"]
        written += answer.status_code == 200
    return written


async def released_in_a_storm(site: Site, case_id: UUID) -> tuple[httpx2.Response, list[int]]:
    """The answer to a release amid eight writers on the same case, and what each of them wrote."""
    over = asyncio.Event()
    writer, releaser = site.caller("o-1"), site.caller("o-2")
    async with httpx2.AsyncClient(timeout=60, trust_env=False) as http, asyncio.TaskGroup() as group:
        tasks = [group.create_task(storm(http, lambda v: writer.giving(case_id, remark(), v), over)) for _ in range(8)]
        while releaser_behind(tasks):
            seen = await http.get(f"{site.address}/v1/cases/{case_id}", headers=writer.http.headers)
            if seen.json()["version"] > 10:
                break
        answer = await http.send(releaser.giving(case_id, RELEASE))
        over.set()
    return answer, [task.result() for task in tasks]


def releaser_behind(tasks: list[asyncio.Task[int]]) -> bool:
    """Whether the storm still blows."""
    return not any(task.done() for task in tasks)


def test_a_release_without_if_match_is_taken_while_others_write(site: Site) -> None:
    officer = site.caller("o-1")
    for _ in range(3):
        case = officer.open_detention()

        answer, written = asyncio.run(released_in_a_storm(site, case.id))

        assert answer.status_code == 200, answer.text
        recorded = events(officer, case.id)
        assert [e["version"] for e in recorded] == list(range(1, len(recorded) + 1))
        assert len(recorded) == 2 + sum(written)
        assert recorded[answer.json()["version"] - 1]["type"] == "detention.person_released"


def test_of_ten_releases_at_once_one_is_recorded_and_nobody_is_asked_for_a_version(site: Site) -> None:
    officer = site.caller("o-1")
    case = officer.open_detention()

    answers = at_once([officer.giving(case.id, RELEASE) for _ in range(10)])

    assert sorted(a.status_code for a in answers) == [200] + [409] * 9
    assert {a.json()["type"] for a in answers if a.status_code == 409} == {URN + "not-open"}


@pytest.mark.parametrize("version", ['"1"', '"99"', "*", "1"])
def test_a_release_is_taken_whatever_version_its_sender_names(site: Site, version: str) -> None:
    officer = site.caller("o-1")
    case = officer.open_detention()
    officer.record(case.id, remark())
    request = officer.giving(case.id, RELEASE)
    request.headers["if-match"] = version

    answer = officer.http.send(request)

    assert (answer.status_code, answer.json()["version"]) == (200, 3)


# --- Refusals -------------------------------------------------------------------------------------------------


def test_a_refused_command_hears_the_rule_its_source_and_what_is_open_instead(site: Site) -> None:
    officer = site.caller("o-1")
    case = officer.open_detention()
    officer.give(case.id, RELEASE)
    authorize = AuthorizeDetention(**block(NOON + 3 * HOUR), grounds="G", until=NOON + DAY)

    answer = officer.give(case.id, authorize, 2)

    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert problem["type"] == URN + "not-open"
    assert problem["rule"]
    assert problem["source"]
    assert (problem["state"], problem["current_version"]) == ("released", 2)
    assert "apprehended" in problem["open_in"]
    assert "released" not in problem["open_in"]
    assert problem["open"] == officer.get(f"/v1/cases/{case.id}").json()["open"]
    assert f"/v1/detentions/{case.id}/close" in {link["href"] for link in problem["open"]}


def test_what_a_refusal_says_is_open_is_open(site: Site) -> None:
    officer = site.caller("s-1")
    case = officer.open_detention()
    refused = officer.give(case.id, CloseDetention(**block(NOON + DAY)), 1).json()
    document = officer.get("/openapi.json").json()

    for link in refused["open"]:
        path = link["href"].replace(str(case.id), "{case_id}")
        content = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        file, _, pointer = link["schema"].partition("#")
        assert (file, "#" + pointer) == ("/openapi.json", content["schema"]["$ref"])
        assert link["command"] in document["components"]["schemas"]


def test_a_refused_act_repeats_nothing_personal(site: Site) -> None:
    officer = site.caller("o-1")
    case = officer.open_detention()
    future = as_json(remark("Somebody's secret")) | {"when": as_json(remark())["when"] | {
        "earliest": "2999-01-01T00:00:00Z", "latest": "2999-01-01T00:00:01Z"}}  # fmt: skip

    answer = officer.post(f"/v1/cases/{case.id}/add-addendum", future, version=1)

    assert (answer.status_code, answer.json()["type"]) == (409, URN + "when-in-future")
    assert "secret" not in answer.text
    assert datetime.now(UTC).year < 2999
