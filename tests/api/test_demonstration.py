"""The demonstration, read back over HTTP on both databases: every claim of the articles stands where and as it was made.

The recording is broken off once and begun again before anything is read, so all that is found here survived that too.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.cli.demonstration import serving
from api.cli.demonstration.cast import CUSTODY, PARTIES, PERSON_B, PERSON_D, READER
from api.cli.demonstration.checking import STAGES, complaints
from api.cli.demonstration.recording import NotRecorded, Recording, record_demonstration
from api.cli.demonstration.statements import exact, made_up
from api.cli.demonstration.story import STORY
from api.cli.demonstration.views import Views, read_back
from domain.kernel import SYSTEM
from infrastructure.settings import Settings
from infrastructure.verification import Finding, Findings
from tests.api.demonstration_facts import FACTS
from tests.api.processes import Program

BROKEN_OFF_AFTER = 60
HOLDS = Findings(since=1, upto=1, checked=1, bad=())


@dataclass(frozen=True)
class Told:
    """The recorded demonstration on a running server."""

    settings: Settings
    tokens: Mapping[str, str]
    ids: Mapping[str, UUID]
    base: str
    log: Path

    def get(self, path: str, **query: Any) -> Any:
        """One answer, as the auditor gets it."""
        with serving.client(self.base, self.tokens, READER) as client:
            return client.get(path, params=query).raise_for_status().json()

    @cached_property
    def events(self) -> Mapping[str, list[dict[str, Any]]]:
        """Every case's events with their seals opened, by file number."""
        return {name: self.get(f"/v1/cases/{self.ids[name]}/events", limit=1000)["items"] for name in STAGES}

    @cached_property
    def views(self) -> Views:
        """What the command reads back."""
        with serving.client(self.base, self.tokens, READER) as client:
            return read_back(client, self.ids)

    def states(self, case: str, event: str) -> list[dict[str, Any]]:
        """What the events of a type state in a case."""
        return [item["state"] for item in self.events[case] if item["type"] == event]

    def feed(self) -> list[dict[str, Any]]:
        """The whole log as stored."""
        with serving.client(self.base, self.tokens, READER) as client:
            answer = client.get("/v1/events", params={"limit": 10_000}).raise_for_status()
        return [json.loads(line) for line in answer.text.splitlines()]


class BrokenOff(Exception):
    """The visitor pressed Ctrl-C."""


def break_off(done: int, _: int) -> None:
    """Break off in the middle of a case."""
    if done == BROKEN_OFF_AFTER:
        raise BrokenOff


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings for a fresh demonstration on each engine."""
    folder = tmp_path_factory.mktemp("demonstration") / "instance"
    if request.param == "sqlite":
        yield serving.settings_for(folder)
        return
    with request.getfixturevalue("postgresql_server").database() as database:
        yield serving.settings_for(folder, database.url, database.owner_url)


@pytest.fixture(scope="module")
def told(settings: Settings) -> Iterator[Told]:
    """The demonstration recorded on a real server, in two goes."""
    tokens = serving.prepare(settings)
    program = Program(serving.environment(settings), settings.instance)
    try:
        server = program.serve()
        with serving.client(server.address) as client:
            with pytest.raises(BrokenOff):
                record_demonstration(client, tokens, break_off)
            ids = record_demonstration(client, tokens)
        yield Told(settings, tokens, ids, server.address, server.output)
    finally:
        program.end()


# --- Facts ----------------------------------------------------------------------------------------------------


def texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value, however deep."""
    match value:
        case str():
            yield value
        case dict():
            for part in value.values():
                yield from texts(part)
        case list():
            for part in value:
                yield from texts(part)


def facts_in(state: Any) -> set[str]:
    """The facts an event states: each stands in a text as ``[F05]``."""
    return {fact for text in texts(state) for fact in re.findall(r"\[(F\d\d)\]", text)}


def press(state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The articles among an event's sources."""
    return [source for source in state["sources"] if source["kind"] == "press"]


@pytest.mark.parametrize("row", FACTS, ids=[f"{row[0]}-{row[1]}-{row[2]}" for row in FACTS])
def test_every_fact_stands_in_its_case_with_source_status_and_precision(told: Told, row: tuple[str, ...]) -> None:
    fact, case, event, status, precision, as_stated, article, asserted_by = row
    stating = [state for state in told.states(case, event) if fact in facts_in(state)]
    assert stating
    for state in stating:
        when = state.get("happened", state["when"])
        assert (state["claim_status"], when["precision"]) == (status, precision)
        assert when["as_stated"].startswith(as_stated)
        assert [(s["source_id"], s["origin_id"]) for s in press(state)] == [(article, "newspaper-1")]
        assert press(state)[0]["asserted_by"].startswith(asserted_by)


def test_no_other_fact_stands_anywhere(told: Told) -> None:
    found = {(fact, case) for case, items in told.events.items() for item in items for fact in facts_in(item["state"])}

    assert found == {(row[0], row[1]) for row in FACTS}


def test_every_field_of_every_command_has_a_source() -> None:
    for step in STORY:
        covered = {name.split(".")[0] for source in step.body["sources"] for name in source["covers"]}
        if step.route.endswith("inventory-lines"):
            stated = {name for line in step.body["lines"] for name in line} | {"when", "second_officer"}
        else:
            stated = set(step.body) - {"sources", "claim_status"}
        assert stated <= covered, (step.case, step.route)
        assert {source["kind"] for source in step.body["sources"]} <= {"press", "synthetic"}


def test_every_act_lies_in_the_past_and_is_flagged_late(told: Told) -> None:
    assert all(item["marks"]["late"] for items in told.events.values() for item in items if by_somebody(item))


# --- Traps ----------------------------------------------------------------------------------------------------


def test_no_clock_runs_from_a_time_that_is_not_known(told: Told) -> None:
    case = told.ids["DET-D"]
    before = told.get(f"/v1/cases/{case}")
    body = {
        "when": exact("2025-11-01 10:00"),
        "sources": [made_up("when")],
        "claim_status": "observed",
        "grounds": "To see whether a limit is counted.",
        "until": "2025-11-01T20:00:00Z",
        "reason": "Rights could not be explained yet.",
    }
    with serving.client(told.base, told.tokens, CUSTODY) as client:
        headers = {"idempotency-key": "clock", "if-match": f'"{before["version"]}"'}
        answer = client.post(f"/v1/detentions/{case}/authorize", json=body, headers=headers)

    assert answer.status_code == 409
    assert answer.json()["type"].endswith("custody-start-imprecise")
    assert told.get(f"/v1/cases/{case}")["version"] == before["version"]


def test_the_unclear_season_is_kept_whole(told: Told) -> None:
    season = told.states("SEN-C", "sentencing.conviction_recorded")[0]["when"]

    assert (season["earliest"], season["latest"]) == ("2022-09-01T00:00:00Z", "2022-12-01T00:00:00Z")


def test_what_was_found_and_what_it_is_held_to_be_are_apart(told: Told) -> None:
    found = told.states("SEI-A", "seizure.item_inventoried")
    revised = told.states("SEI-A", "seizure.classification_revised")

    assert [state["described_as"] for state in found] == [
        "tactical vest, Ratnik model",
        "tactical vest, another modular design",
    ]
    assert [state["line"] for state in told.states("SEI-A", "seizure.item_classified")] == ["A-1", "A-2"]
    assert [(s["was"]["effect"], s["now"]["effect"]) for s in revised] == [("controlled", "not_controlled")]
    assert all("classification" not in state for state in found)


def test_no_goods_are_called_more_than_they_were_found_to_be(told: Told) -> None:
    lines = [state for case in ("SEI-A", "SEI-B") for state in told.states(case, "seizure.item_inventoried")]

    assert [state["item_class"] for state in lines] == [*["tactical_vest"] * 2, "ballistic_vest", "protective_plate"]
    every = " ".join(text for items in told.events.values() for item in items for text in texts(item["state"]))
    assert "weapon" not in every


def test_two_who_may_be_one_person_stay_two(told: Told) -> None:
    (note,) = told.states("INV-2", "investigation.possible_same_person_noted")

    assert (note["first"], note["second"]) == (str(told.ids[PERSON_D]), str(told.ids[PERSON_B]))
    assert told.states("INV-2", "investigation.possible_same_person_resolved") == []
    assert told.states("DET-D", "detention.person_apprehended")[0]["party"] == str(told.ids[PERSON_D])
    assert told.states("DET-B", "detention.person_apprehended")[0]["party"] == str(told.ids[PERSON_B])


def test_two_articles_are_one_origin(told: Told) -> None:
    cited = [source for items in told.events.values() for item in items for source in press(item["state"])]
    (referral,) = told.states("INV-1", "investigation.referral_received")

    assert {source["source_id"] for source in cited} == {"article-000", "article-001"}
    assert {source["origin_id"] for source in cited} == {"newspaper-1"}
    assert [source["source_id"] for source in press(referral)] == ["article-000", "article-001"]


def test_nationality_stands_only_where_consular_duties_need_it(told: Told) -> None:
    named = [
        (case, item["type"], field)
        for case, items in told.events.items()
        for item in items
        for field, value in item["state"].items()
        if "State X" in " ".join(texts(value))
    ]
    assert {case for case, *_ in named} == {"DET-A"}
    assert {field for *_, field in named} == {"nationality", "language", "post"}
    listed = [told.get("/v1/cases", limit=500), told.get("/v1/audit", limit=500), told.feed()]
    assert "State X" not in json.dumps(listed)
    assert not any("national" in field for row in told.views.worklist for field in row)


# --- What is stored -------------------------------------------------------------------------------------------


def sealed(stored: Any, opened: Any) -> Iterator[Any]:
    """The opened values of whatever is stored sealed."""
    if isinstance(stored, dict) and stored.keys() == {"key_id", "ciphertext"}:
        yield opened
    elif isinstance(stored, dict):
        for name, part in stored.items():
            yield from sealed(part, opened[name])
    elif isinstance(stored, list):
        for part, other in zip(stored, opened, strict=True):
            yield from sealed(part, other)


def secrets(told: Told) -> set[Any]:
    """Every personal value and narrative of the demonstration."""
    items = (item for of_case in told.events.values() for item in of_case)
    return {value for item in items for value in sealed(json.loads(item["stored_state"]), item["state"])}


def test_nothing_personal_stands_in_clear_in_the_files_or_the_log(told: Told) -> None:
    hidden = secrets(told)
    assert hidden >= {27, 72, "State X", "the person called A", "student at a university", "No injury, no complaint."}
    words = [value.encode() for value in hidden if isinstance(value, str)]
    files = [file for file in told.settings.instance.iterdir() if file.is_file()]
    assert told.log in files
    contents = b"".join(file.read_bytes() for file in files) + json.dumps(told.feed()).encode()

    assert [word for word in words if word in contents] == []
    assert str(told.ids["DET-A"]).encode() in contents


# --- Recording again ------------------------------------------------------------------------------------------


def commands_recorded(told: Told) -> set[str]:
    """The ids of every command somebody gave, but the one that opened the ledger."""
    rows = [json.loads(row["stored_envelope"]) for row in told.feed() if by_somebody(row)]
    return {row["command_id"] for row in rows if row["command"] != "OpenLedger"}


def by_somebody(row: Mapping[str, Any]) -> bool:
    """Whether a person recorded an event, and not the system what follows from one."""
    return bool(json.loads(row["stored_envelope"])["actor"]["role"] != SYSTEM)


def test_recording_again_records_nothing_twice(told: Told) -> None:
    head = len(list(filter(by_somebody, told.feed())))
    with serving.client(told.base) as client:
        again = record_demonstration(client, told.tokens)

    assert again == told.ids
    assert len(list(filter(by_somebody, told.feed()))) == head
    assert len(commands_recorded(told)) == len(STORY)
    assert set(told.ids) == {*STAGES, *PARTIES}


def test_a_command_that_is_not_taken_is_named_in_one_line(told: Told) -> None:
    strangers = dict.fromkeys(told.tokens, told.tokens[READER.id])
    with serving.client(told.base) as client, pytest.raises(NotRecorded, match=r"^person-A: /v1/parties was answered 403"):
        record_demonstration(client, strangers)


def test_an_instance_of_another_story_is_said_to_be_one(told: Told) -> None:
    other = replace(STORY[0], body={**STORY[0].body, "party_type": "organization"})
    with serving.client(told.base) as client, pytest.raises(NotRecorded, match=r"answered 422.*another version"):
        Recording(client, told.tokens).record(other)


# --- What the command checks ----------------------------------------------------------------------------------


def test_nothing_is_off(told: Told) -> None:
    assert list(complaints(told.views, told.ids, HOLDS)) == []


def off(views: Views, ids: Mapping[str, UUID], **changed: Any) -> list[str]:
    """The complaints about views with a part changed."""
    return list(complaints(replace(views, **changed), ids, HOLDS))


def test_whatever_is_off_is_found(told: Told) -> None:
    views, ids = told.views, told.ids
    bad = Findings(since=1, upto=9, checked=9, bad=(Finding(7, None, None, "the leaf hash does not follow"),))

    assert "position 7" in next(complaints(views, ids, bad))
    assert off(views, ids, worklist=views.worklist[1:])
    assert off(views, ids, worklist=[*views.worklist, views.worklist[0]])
    assert off(views, ids, before=views.now)
    assert off(views, ids, earlier=views.now)
    assert off(views, ids, both=views.before)
    assert off(views, ids, changes=[])
    assert off(views, ids, replay=views.replay[:-1])
    assert off(views, ids, linked=views.linked[::-1])
    assert off(views, ids, timelines={**views.timelines, "INV-1": views.timelines["INV-2"]})
