"""Lists as they were: what was served at a position is served again, byte for byte, whatever was recorded since."""

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.dossier.acts import (
    AddAddendum,
    AssignOfficer,
    ChangeFileNumber,
    ChangeHandling,
    ConfirmLink,
    CorrectEntry,
    EndLink,
    Handling,
    LinkType,
    MoveToUnit,
    ProposeLink,
)
from domain.dossier.correction_acts import ApproveCorrection, ProposeRetraction
from domain.kernel import Command
from domain.values import CorrectionReason
from tests.api.server import Caller, Site, block, code
from tests.api.test_pages import walked
from tests.scenario import DAY, HOUR, NOON

FORMS = ("application/json", "text/csv", "application/jsonl")
WHY: dict[str, Any] = {"reason": "Because"}
FILTERS: tuple[dict[str, str], ...] = ({}, {"kind": "detention"}, {"state": "held"}, {"unit": "unit-1"}, {"assignee": "o-2"})


class Kept:
    """What each reader was served at each position."""

    def __init__(self, site: Site, people: tuple[str, ...]) -> None:
        self.site = site
        self.people = people
        self.served: list[tuple[str, str, int, dict[str, str], bytes]] = []

    def keep(self, position: int) -> None:
        """Ask for the worklist, complete to a position, in every form and with every filter, and keep the answers."""
        for person in self.people:
            for number, wanted in enumerate(FILTERS):
                form = FORMS[(number + position) % 3]
                asked = {**wanted, "limit": "500", "position": str(position)}
                answer = self.site.caller(person).get("/v1/cases", {"prefer": "wait=30", "accept": form}, **asked)
                assert (answer.status_code, answer.headers["casetrail-position"]) == (200, str(position)), answer.text
                self.served.append((person, form, position, wanted, answer.content))

    def served_again(self) -> None:
        """Ask for every answer once more, as of its position."""
        for person, form, position, wanted, content in self.served:
            asked = {**wanted, "limit": "500", "as_of": str(position)}
            answer = self.site.caller(person).get("/v1/cases", {"accept": form}, **asked)
            assert answer.content == content, (person, position, wanted)
            assert answer.headers["casetrail-position"] == str(position)


def command(rng: random.Random, cases: list[UUID], version: int) -> Command:
    """Some command on some case, often a late one, a correction or a retraction."""
    when = block(NOON + timedelta(hours=rng.randint(0, 300)), **WHY)
    target, reason = rng.randint(1, version), CorrectionReason.TYPING_ERROR
    choices: tuple[Command, ...] = (
        AssignOfficer(**when, officer=f"o-{rng.randint(1, 3)}"),
        ChangeHandling(**when, handling=rng.choice(list(Handling))),
        ChangeFileNumber(**when, file_number=f"N-{rng.randint(1, 9)}"),
        ProposeLink(**when, other=rng.choice(cases), link=LinkType.SUPPORTS),
        ConfirmLink(**when, other=rng.choice(cases), link=LinkType.SUPPORTS),
        AddAddendum(**when, text="More"),
        CorrectEntry(**when, target=target, why=reason, changes={"claim_status": rng.choice(("reported", "observed"))}),
        CorrectEntry(**when, target=target, why=reason, changes={"officer": "o-2"}),
        ProposeRetraction(**when, target=target, why=reason),
        ApproveCorrection(**when, target=rng.randint(2, 3)),
    )
    return rng.choice(choices)


@pytest.mark.parametrize("seed", range(2))
def test_the_worklist_at_any_earlier_position_is_what_was_served_then(fresh_site: Site, seed: int) -> None:
    rng, kept = random.Random(seed), Kept(fresh_site, ("a-1", "s-1", "r-1"))  # noqa: S311 - repeatable, not secret
    supervisor, cases = fresh_site.caller("s-1"), list[UUID]()
    for number in range(48):
        if number % 8 == 0:
            opened = fresh_site.caller("o-1").open_detention().id
            cases.append(opened)
        case_id = rng.choice(cases)
        version = supervisor.version(case_id)
        given = command(rng, cases, version)
        giver = fresh_site.caller("m-1") if isinstance(given, ApproveCorrection) else supervisor
        answer = giver.give(case_id, given, version)
        assert answer.status_code in {200, 409, 422}, answer.text
        if answer.status_code == 200 and number % 3 == 0:
            kept.keep(answer.json()["position"])
    assert len(kept.served) > 30
    assert len({content for *_, content in kept.served}) > 10
    kept.served_again()


def detention_with_three_entries(officer: Caller) -> tuple[UUID, list[dict[str, Any]]]:
    """A detention, assigned twice: its id and the receipts of the two assignments."""
    case = officer.open_detention()
    receipts = [officer.record(case.id, AssignOfficer(**block(NOON + n * HOUR), officer=f"o-{n}")) for n in (1, 2)]
    officer.follow(receipts[-1]["position"])
    return case.id, receipts


def assignees(reader: Caller, **asked: Any) -> list[str | None]:
    """Who has the cases, as a worklist has them."""
    answer = reader.get("/v1/cases", **asked)
    assert answer.status_code == 200, answer.text
    return [row["assignee"] for row in answer.json()["items"]]


def test_a_worklist_is_read_as_known_and_as_in_effect_at_a_moment(fresh_site: Site) -> None:
    reader = fresh_site.caller("a-1")
    _, (first, second) = detention_with_three_entries(fresh_site.caller("s-1"))
    then = (NOON + HOUR + timedelta(minutes=30)).isoformat()
    assert assignees(reader) == ["o-2"]
    assert assignees(reader, as_of=first["position"]) == ["o-1"]
    assert assignees(reader, known_at=first["recorded_at"]) == ["o-1"]
    assert assignees(reader, known_at=second["recorded_at"], as_of=first["position"]) == ["o-1"]
    assert assignees(reader, true_at=then) == ["o-1"]
    assert assignees(reader, true_at=then, as_of=first["position"] - 1) == [None]
    assert assignees(reader, true_at=(NOON - DAY).isoformat()) == []
    assert assignees(reader, known_at="2001-01-01T00:00:00Z") == []
    assert reader.get("/v1/cases", as_of=0).json() == {"position": 0, "items": [], "next": None}
    ahead = reader.get("/v1/cases", as_of=second["position"] + 1)
    assert code(ahead) == (202, "not-included-yet")


def test_a_worklist_of_the_past_is_walked_page_by_page(fresh_site: Site) -> None:
    officer, reader = fresh_site.caller("o-1"), fresh_site.caller("a-1")
    cases = [officer.open_detention().id for _ in range(5)]
    position = officer.get(f"/v1/cases/{cases[-1]}").json()["position"]
    officer.follow(position)

    def more() -> None:
        officer.open_detention()

    found = [UUID(row["case_id"]) for row in walked(reader, "/v1/cases", more, limit=2, as_of=position)]
    assert found == cases


def test_a_list_of_the_past_shows_no_case_that_has_moved_to_another_unit(fresh_site: Site) -> None:
    supervisor = fresh_site.caller("s-1")
    kept, moved = (fresh_site.caller("o-1").open_detention().id for _ in range(2))
    position = supervisor.get(f"/v1/cases/{moved}").json()["position"]
    receipt = supervisor.record(kept, AssignOfficer(**block(NOON + HOUR), officer="o-2"))
    supervisor.record(moved, MoveToUnit(**block(NOON + HOUR, **WHY), unit="unit-2"))
    supervisor.follow(receipt["position"])

    def seen(person: str) -> list[str]:
        return [row["case_id"] for row in fresh_site.caller(person).get("/v1/cases", as_of=position).json()["items"]]

    assert seen("o-1") == [str(kept)]
    assert seen("o-3") == []
    assert seen("a-1") == [str(kept), str(moved)]


@pytest.mark.parametrize("path", ["/v1/cases", "/v1/deadlines"])
def test_where_a_page_of_the_past_ends_tells_of_no_case_that_has_moved(fresh_site: Site, path: str) -> None:
    supervisor, officer = fresh_site.caller("s-1"), fresh_site.caller("o-1")
    moved = officer.open_detention().id
    supervisor.record(moved, MoveToUnit(**block(NOON + HOUR, **WHY), unit="unit-2"))
    kept = officer.open_detention().id
    then: dict[str, Any] = {"true_at": (NOON + HOUR / 2).isoformat(), "limit": 50 if path == "/v1/deadlines" else 1}
    items = officer.get(path, **then).json()["items"]
    assert {row["case_id"] for row in items} == {str(kept)}
    page = officer.get(path, **then | {"limit": len(items)}).json()
    assert (page["items"], page["next"]) == (items, None)


def test_an_audit_ends_at_the_position_asked_for(fresh_site: Site) -> None:
    auditor = fresh_site.caller("a-1")
    _, (first, _) = detention_with_three_entries(fresh_site.caller("s-1"))
    answer = auditor.get("/v1/audit", as_of=first["position"]).json()
    assert [row["position"] for row in answer["items"]][-1] == answer["position"] == first["position"]
    rows = auditor.get("/v1/audit").json()["items"]
    since = auditor.get("/v1/audit", recorded_from=rows[-2]["recorded_at"], recorded_to=rows[-1]["recorded_at"]).json()
    assert since["items"] == rows[-2:-1]


# --- Timelines in the order of time ---------------------------------------------------------------------------


@pytest.fixture
def linked(fresh_site: Site) -> tuple[Caller, UUID, UUID]:
    """Two linked detentions with entries in disorder, and a reader who sees both."""
    supervisor = fresh_site.caller("s-1")
    one, two = (fresh_site.caller("o-1").open_detention().id for _ in range(2))
    supervisor.record(one, ProposeLink(**block(NOON + 3 * HOUR), other=two, link=LinkType.SUPPORTS))
    supervisor.record(two, ConfirmLink(**block(NOON + 4 * HOUR), other=one, link=LinkType.SUPPORTS))
    remarks = ((9, one), (2, two), (5, one), (7, two))
    receipts = [supervisor.record(case, AddAddendum(**block(NOON + hour * HOUR), text="More")) for hour, case in remarks]
    supervisor.follow(receipts[-1]["position"])
    return supervisor, one, two


@pytest.mark.parametrize("asked", [{"linked": "true"}, {"order": "effective"}, {"linked": "true", "order": "effective"}])
def test_a_timeline_in_the_order_of_time_comes_in_pages(linked: tuple[Caller, UUID, UUID], asked: dict[str, Any]) -> None:
    reader, one, _ = linked
    path = f"/v1/cases/{one}/timeline"
    whole = reader.get(path, **asked).json()
    assert whole["next"] is None
    assert [item["earliest"] for item in whole["items"]] == sorted(item["earliest"] for item in whole["items"])
    assert len({item["case_id"] for item in whole["items"]}) == (2 if "linked" in asked else 1)
    for limit in (1, 2, 3):
        assert walked(reader, path, limit=limit, **asked) == whole["items"]


def test_a_cursor_of_one_order_is_not_taken_in_the_other(linked: tuple[Caller, UUID, UUID]) -> None:
    reader, one, _ = linked
    path = f"/v1/cases/{one}/timeline"
    cursor = reader.get(path, limit=1, linked="true").json()["next"].partition("cursor=")[2]
    assert code(reader.get(path, cursor=cursor)) == (422, "cursor-unknown")
    assert code(reader.get("/v1/cases", cursor=cursor)) == (422, "cursor-unknown")


def test_a_timeline_of_the_past_has_the_cases_that_were_linked_then(fresh_site: Site) -> None:
    reader = fresh_site.caller("o-3")
    one, two = (reader.open_detention() for _ in range(2))
    away = fresh_site.caller("o-1").open_detention()
    reader.record(one.id, ProposeLink(**block(NOON + 3 * HOUR), other=two.id, link=LinkType.SUPPORTS))
    linked = reader.record(one.id, ProposeLink(**block(NOON + 4 * HOUR), other=away.id, link=LinkType.SUPPORTS))
    ended = reader.record(one.id, EndLink(**block(NOON + 5 * HOUR, **WHY), other=two.id, link=LinkType.SUPPORTS))
    moving = MoveToUnit(**block(NOON + 6 * HOUR, **WHY), unit="unit-2")
    moved = fresh_site.caller("s-1").record(away.id, moving)
    reader.follow(moved["position"])

    def told(caller: Caller, **asked: Any) -> set[str]:
        items = caller.get(f"/v1/cases/{one.id}/timeline", linked="true", **asked).json()["items"]
        return {item["case_id"] for item in items} - {str(one.id)}

    here, there, then = str(two.id), str(away.id), linked["recorded_at"]
    auditor = fresh_site.caller("a-1")
    first = auditor.get(f"/v1/cases/{one.id}/events").json()["items"][0]["recorded_at"]
    assert told(auditor) == told(reader) == {there}
    assert told(auditor, known_at=first) == set()
    assert told(auditor, known_at=then) == {here, there}
    assert told(auditor, known_at=then, true_at=(NOON + 3.5 * HOUR).isoformat()) == {here}
    assert told(auditor, true_at=(NOON + 4.5 * HOUR).isoformat()) == {here, there}
    assert told(reader, known_at=then) == {here}, "the other was another unit's then"
    assert told(reader, known_at=ended["recorded_at"]) == set()


def test_a_timeline_waits_for_a_version_of_its_case(fresh_site: Site) -> None:
    officer = fresh_site.caller("o-1")
    case = officer.open_detention()
    path = f"/v1/cases/{case.id}/timeline"
    for version in range(2, 7):
        officer.record(case.id, AddAddendum(**block(NOON + HOUR), text="More"))
        items = officer.get(path, {"prefer": "wait=30"}, version=version).json()["items"]
        assert items[-1]["version"] == version
    assert code(officer.get(path, version=99)) == (202, "not-included-yet")
    assert code(fresh_site.caller("o-3").get(path, version=99)) == (404, "not-found")


# --- Links and intervals --------------------------------------------------------------------------------------


def test_links_are_listed_from_either_side_for_those_who_see_the_case(
    fresh_site: Site, linked: tuple[Caller, UUID, UUID]
) -> None:
    supervisor, one, two = linked
    rows = supervisor.get("/v1/links").json()["items"]
    assert [(row["case_id"], row["other"], row["direction"], row["state"]) for row in rows] == [
        (str(one), str(two), "outgoing", "proposed"),
        (str(two), str(one), "incoming", "confirmed"),
    ]
    assert rows[0]["effective_from"] == "2026-03-02T15:00:00Z"
    assert walked(supervisor, "/v1/links", limit=1) == rows
    assert supervisor.get("/v1/links", case_id=two).json()["items"] == rows[1:]
    assert supervisor.get("/v1/links", state="proposed", link="supports").json()["items"] == rows[:1]
    assert supervisor.get("/v1/links", link="led_to").json()["items"] == []

    receipt = supervisor.record(two, MoveToUnit(**block(NOON + 10 * HOUR, **WHY), unit="unit-2"))
    fresh_site.caller("a-1").follow(receipt["position"])
    assert supervisor.get("/v1/links").json()["items"] == rows[:1]
    assert fresh_site.caller("o-3").get("/v1/links").json()["items"] == rows[1:]
    assert fresh_site.caller("a-1").get("/v1/links").json()["items"] == rows
    assert supervisor.get("/v1/links", case_id=two).json()["items"] == []


def test_state_intervals_tell_how_long_a_case_was_with_whom(fresh_site: Site) -> None:
    supervisor = fresh_site.caller("s-1")
    case_id, receipts = detention_with_three_entries(supervisor)
    rows = supervisor.get("/v1/state-intervals", case_id=case_id).json()["items"]
    assert [(row["assignee"], row["effective_from"], row["effective_to"]) for row in rows] == [
        (None, "2026-03-02T12:00:00Z", "2026-03-02T13:00:00Z"),
        ("o-1", "2026-03-02T13:00:00Z", "2026-03-02T14:00:00Z"),
        ("o-2", "2026-03-02T14:00:00Z", None),
    ]
    assert rows[1]["recorded_from"] == receipts[0]["recorded_at"]
    assert rows[1]["recorded_to"] == receipts[1]["recorded_at"]
    assert walked(supervisor, "/v1/state-intervals", limit=1, case_id=str(case_id)) == rows
    assert fresh_site.caller("o-3").get("/v1/state-intervals", case_id=case_id).json()["items"] == []


# --- CSV ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_no_cell_of_a_csv_file_is_calculated(fresh_site: Site, name: str) -> None:
    supervisor = fresh_site.caller("s-1")
    case = fresh_site.caller("o-1").open_detention()
    receipt = supervisor.record(case.id, ChangeFileNumber(**block(NOON + HOUR, **WHY), file_number=name))
    supervisor.follow(receipt["position"])
    text = supervisor.get("/v1/cases", {"accept": "text/csv"}).text
    assert f",'{name}," in text
    assert supervisor.get("/v1/cases").json()["items"][0]["file_number"] == name
