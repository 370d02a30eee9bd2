"""One detention on both clocks: what was known when, and what was in effect when, in state, timeline, row and difference.

Everything happened on one day, and was recorded long after it. The case as first recorded, one entry a version:

    1  08:00        apprehended
    2  08:20        rights explained through an interpreter
    3  09:00        detention authorized until 08:00 of the next day
    4  09:30        counsel requested
    5  10:00        counsel waived
    6  11:00        arrived at Station 1
    7  13:00–14:00  moved to Station 2, known to the hour only

That is what is known at FIRST. Then, one after the other:

    8  08:10        a late entry: no interpreter was required
    9 10 11         a corrected time, proposed, approved, corrected: counsel was requested at 10:30, so after the waiver
   12 13 14         a retraction, proposed, approved, retracted: the move to Station 2 never happened

which is all known at LAST; AMID is known what was recorded up to 11. In effective order the acts are 1 2 3 4 5 6 7 at
FIRST, 1 8 2 3 5 4 6 7 at AMID, and 1 8 2 3 5 4 6 at LAST.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.dossier.correction_acts import ProposeCorrection, ProposeRetraction
from domain.kinds.detention.acts import AuthorizeDetention, RecordArrival
from domain.kinds.detention.custody_acts import MovePerson
from domain.kinds.detention.rights_acts import (
    ExplainRights,
    RecordCounselRequest,
    RecordCounselWaiver,
    RecordNoInterpreterRequired,
)
from domain.values import CorrectionReason, Precision, When
from tests.api.server import Caller, Site, block, correct

DAY = datetime(2025, 6, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def clock(text: str) -> datetime:
    """A time of that day, e.g. ``09:45``."""
    hours, minutes = text.split(":")
    return DAY + timedelta(hours=int(hours), minutes=int(minutes))


@dataclass(frozen=True)
class Recorded:
    """The detention with its receipts, by version."""

    site: Site
    case_id: UUID
    receipts: dict[int, dict[str, Any]]

    def known(self, name: str) -> str:
        """The receipt moment of FIRST, AMID or LAST."""
        return str(self.receipts[LAST_VERSION[name]]["recorded_at"])

    def read(self, part: str = "", **parameters: Any) -> Any:
        """What the auditor reads of it."""
        position = self.receipts[LAST_VERSION["LAST"]]["position"]
        timeline = {"position": position} if part == "/timeline" else {}
        answer = self.site.caller("a-1").get(f"/v1/cases/{self.case_id}{part}", {"prefer": "wait=30"}, **timeline, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()


LAST_VERSION = {"FIRST": 7, "AMID": 11, "LAST": 14}


def record_as_first_known(officer: Caller) -> UUID:
    """Versions 1 to 7."""
    case_id = officer.open_detention(moment=clock("08:00")).id

    def then(text: str) -> dict[str, Any]:
        return block(clock(text))

    officer.record(case_id, ExplainRights(**then("08:20"), language="xx", interpreter="i-1"))
    until = clock("08:00") + timedelta(days=1)
    officer.record(case_id, AuthorizeDetention(**then("09:00"), grounds="Identity not established", until=until))
    officer.record(case_id, RecordCounselRequest(**then("09:30")))
    officer.record(case_id, RecordCounselWaiver(**then("10:00"), language="xx", statement="No lawyer, thank you"))
    officer.record(case_id, RecordArrival(**then("11:00"), facility="Station 1"))
    hour = When(clock("13:00"), clock("14:00"), Precision.HOUR)
    moved = block() | {"when": hour, "reason": "Station 1 was full"}
    officer.record(case_id, MovePerson(**moved, facility="Station 2"))
    return case_id


def amend(officer: Caller, second: Caller, case_id: UUID) -> None:
    """Versions 8 to 14."""
    now = datetime.now(UTC)
    officer.record(case_id, RecordNoInterpreterRequired(**block(clock("08:10")), language="xx"))
    told = block(now - SECOND, reason="The custody sheet says otherwise")
    at_half_past_ten = {"earliest": "2025-06-02T10:30:00Z", "latest": "2025-06-02T10:30:01Z", "precision": "second"}
    changes = {"when": at_half_past_ten | {"zone": "UTC"}}
    correct(officer, second, case_id, ProposeCorrection(**told, target=4, why=CorrectionReason.WRONG_TIME, changes=changes))
    correct(officer, second, case_id, ProposeRetraction(**told, target=7, why=CorrectionReason.NEVER_HAPPENED))


@pytest.fixture(scope="module")
def recorded(site: Site) -> Recorded:
    """The detention, recorded once on each engine."""
    officer = site.caller("o-1")
    case_id = record_as_first_known(officer)
    amend(officer, site.caller("m-1"), case_id)
    events = site.caller("a-1").get(f"/v1/cases/{case_id}/events").json()["items"]
    return Recorded(site, case_id, {event["version"]: event for event in events})


@dataclass(frozen=True)
class Seen:
    """What is seen at a pair of moments. ``told`` are the entries in effect, in their order; ``perhaps`` may be."""

    known: str
    true: str
    stage: str
    counsel: str
    facility: str | None
    interpreter_settled: bool
    told: tuple[int, ...]
    perhaps: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """For the test's name."""
        return f"{self.known}-{self.true}"


SEEN = [
    # Before the late entry, only the apprehension; after it, that no interpreter was needed.
    Seen("FIRST", "08:15", "apprehended", "not_offered", None, interpreter_settled=False, told=(1,)),
    Seen("LAST", "08:15", "apprehended", "not_offered", None, interpreter_settled=True, told=(1, 8)),
    # At 09:45 counsel had been requested, until the time was corrected to 10:30.
    Seen("FIRST", "09:45", "authorized", "requested", None, interpreter_settled=False, told=(1, 2, 3, 4)),
    Seen("AMID", "09:45", "authorized", "not_offered", None, interpreter_settled=True, told=(1, 8, 2, 3)),
    Seen("LAST", "09:45", "authorized", "not_offered", None, interpreter_settled=True, told=(1, 8, 2, 3)),
    # At 13:30 the move may have happened, until it was retracted; the request now follows the waiver and undoes it.
    Seen("FIRST", "13:30", "authorized", "waived", "Station 1", False, (1, 2, 3, 4, 5, 6), perhaps=(7,)),
    Seen("AMID", "13:30", "authorized", "requested", "Station 1", True, (1, 8, 2, 3, 5, 4, 6), perhaps=(7,)),
    Seen("LAST", "13:30", "authorized", "requested", "Station 1", True, (1, 8, 2, 3, 5, 4, 6)),
    # By 15:00 the move had certainly happened, as first recorded and still at AMID.
    Seen("FIRST", "15:00", "authorized", "waived", "Station 2", False, (1, 2, 3, 4, 5, 6, 7)),
    Seen("AMID", "15:00", "authorized", "requested", "Station 2", True, (1, 8, 2, 3, 5, 4, 6, 7)),
    Seen("LAST", "15:00", "authorized", "requested", "Station 1", True, (1, 8, 2, 3, 5, 4, 6)),
]
BY_NAME = {seen.name: seen for seen in SEEN}


def moments(recorded: Recorded, seen: Seen) -> dict[str, str]:
    """The query of a view."""
    return {"known_at": recorded.known(seen.known), "true_at": clock(seen.true).isoformat()}


@pytest.mark.parametrize("seen", SEEN, ids=lambda seen: seen.name)
def test_the_state_is_the_one_known_then_and_in_effect_then(recorded: Recorded, seen: Seen) -> None:
    case = recorded.read(**moments(recorded, seen))
    hold = case["state"]["hold"]
    assert (case["stage"], case["version"]) == (seen.stage, LAST_VERSION[seen.known])
    assert (hold["counsel"], hold["facility"]) == (seen.counsel, seen.facility)
    assert hold["interpreter_settled"] is seen.interpreter_settled
    assert hold["rights_explained"] is (2 in seen.told)
    assert case["uncertain"] == list(seen.perhaps)
    assert case["contradictions"] == []


@pytest.mark.parametrize("seen", SEEN, ids=lambda seen: seen.name)
def test_the_timeline_tells_the_entries_in_effect_then_and_those_perhaps_in_effect(recorded: Recorded, seen: Seen) -> None:
    told = recorded.read("/timeline", **moments(recorded, seen), order="effective")["items"]
    assert tuple(item["version"] for item in told) == (*seen.told, *seen.perhaps)
    as_recorded = recorded.read("/timeline", **moments(recorded, seen))["items"]
    assert [item["version"] for item in as_recorded] == sorted((*seen.told, *seen.perhaps))
    for item in told:
        assert item["late"], "all was recorded long after it happened"
        assert item.get("uncertain", False) is (item["version"] in seen.perhaps)
        corrected = item["version"] == 4 and seen.known != "FIRST"
        assert item.get("corrected_by") == (11 if corrected else None)
        assert item["when"]["earliest"] == f"2025-06-02T{HAPPENED[item['version']]}:00Z"
        stands = item["stands_as"]["when"]["earliest"] if corrected else None
        assert stands == ("2025-06-02T10:30:00Z" if corrected else None)


HAPPENED = {1: "08:00", 8: "08:10", 2: "08:20", 3: "09:00", 4: "09:30", 5: "10:00", 6: "11:00", 7: "13:00"}
"""When each entry says it happened, as recorded: a correction leaves that as it is."""


@pytest.mark.parametrize("seen", SEEN, ids=lambda seen: seen.name)
def test_the_worklist_row_is_the_one_the_list_would_have_shown(recorded: Recorded, seen: Seen) -> None:
    row = recorded.read(**moments(recorded, seen))["row"]
    last = recorded.receipts[LAST_VERSION[seen.known]]
    assert row["stage"] == seen.stage
    assert (row["version"], row["position"], row["changed_at"]) == (last["version"], last["position"], last["recorded_at"])
    assert (row["opened_position"], row["opened_at"]) == (
        recorded.receipts[1]["position"],
        recorded.receipts[1]["recorded_at"],
    )
    assert row["corrected"] is (seen.known != "FIRST")
    assert (row["late"], row["contradictions"]) == (len(seen.told), 0)


COUNSEL, FACILITY = "/state/hold/counsel", "/state/hold/facility"
INTERPRETER = ("/state/hold/interpreter_settled", False, True, 8)

DIFFERENCES = [
    # Later that day, as first known: the waiver and the move.
    ("FIRST-09:45", "FIRST-15:00", [(COUNSEL, "requested", "waived", 5), (FACILITY, None, "Station 2", 7)]),
    # The same moment, known better: the corrected time and the late entry.
    ("FIRST-09:45", "LAST-09:45", [(COUNSEL, "requested", "not_offered", 11), INTERPRETER]),
    # The same, after all of it happened: the retraction as well.
    (
        "FIRST-15:00",
        "LAST-15:00",
        [(COUNSEL, "waived", "requested", 11), (FACILITY, "Station 2", "Station 1", 14), INTERPRETER],
    ),
    # Later that day, as last known: the entry that was corrected is what brings the request, the arrival the place.
    ("LAST-09:45", "LAST-15:00", [(COUNSEL, "not_offered", "requested", 4), (FACILITY, None, "Station 1", 6)]),
    # What may have happened is part of a view.
    (
        "FIRST-13:30",
        "LAST-13:30",
        [(COUNSEL, "waived", "requested", 11), INTERPRETER, ("/uncertain", None, [], 14), ("/uncertain/0", 7, None, 14)],
    ),
    # Both moments back: no entry causes what is merely not known, or not in effect, yet.
    (
        "LAST-15:00",
        "FIRST-09:45",
        [(FACILITY, "Station 1", None, None), ("/state/hold/interpreter_settled", True, False, None)],
    ),
    # Better known, and earlier: the move is undone by the earlier moment, the rest by the entries.
    (
        "FIRST-15:00",
        "LAST-09:45",
        [(COUNSEL, "waived", "not_offered", 11), (FACILITY, "Station 2", None, None), INTERPRETER],
    ),
]


@pytest.mark.parametrize(("before", "after", "changes"), DIFFERENCES, ids=lambda part: part if isinstance(part, str) else "")
def test_the_difference_names_each_field_and_the_entry_behind_it(
    recorded: Recorded, before: str, after: str, changes: list[tuple[str, Any, Any, int | None]]
) -> None:
    first, second = moments(recorded, BY_NAME[before]), moments(recorded, BY_NAME[after])
    query = {f"from_{name}": value for name, value in first.items()} | {f"to_{n}": v for n, v in second.items()}
    found = recorded.read("/diff", **query)
    assert [(c["field"], c["from"], c["to"], c["entry"]) for c in found["changes"]] == changes
    assert (found["from_version"], found["to_version"]) == (
        LAST_VERSION[BY_NAME[before].known],
        LAST_VERSION[BY_NAME[after].known],
    )


def test_the_list_shows_the_row_of_the_case_as_it_stands(recorded: Recorded) -> None:
    case = recorded.read()
    query = {"position": case["position"], "file_number": case["row"]["file_number"]}
    listed = recorded.site.caller("a-1").get("/v1/cases", {"prefer": "wait=30"}, **query).json()
    assert listed["items"] == [case["row"]]
    assert (case["row"]["version"], case["row"]["late"], case["row"]["corrected"]) == (14, 7, True)


def test_the_whole_timeline_keeps_what_was_retracted_and_what_retracts_it(recorded: Recorded) -> None:
    items = {item["version"]: item for item in recorded.read("/timeline")["items"]}
    assert list(items) == list(range(1, 15))
    assert (items[7]["retracted_by"], items[4]["corrected_by"]) == (14, 11)
    assert (items[11]["target"], items[14]["target"]) == (4, 7)


def test_a_corrected_entry_stands_where_it_now_happened_in_the_order_of_time(recorded: Recorded) -> None:
    in_order = recorded.read("/timeline", order="effective")["items"]
    acts = [item["version"] for item in in_order if item["version"] < 9]
    assert acts == [1, 8, 2, 3, 5, 4, 6, 7], "counsel was requested after the waiver; the retracted move stands as recorded"
    as_recorded = recorded.read("/timeline")["items"]
    assert [item["version"] for item in as_recorded] == list(range(1, 15))
    between = {"happened_from": clock("10:15").isoformat(), "happened_to": clock("10:45").isoformat()}
    assert [item["version"] for item in recorded.read("/timeline", **between)["items"]] == [4]


def test_nothing_was_known_before_the_case_was_opened(recorded: Recorded) -> None:
    earlier = datetime.combine(date(2025, 6, 3), datetime.min.time(), UTC).isoformat()
    answer = recorded.site.caller("a-1").get(f"/v1/cases/{recorded.case_id}", known_at=earlier)
    assert answer.status_code == 404
