"""Deadlines over HTTP on both databases, at a time that the test moves: the board, alarms nobody waits for, silence."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from application.records import microseconds, moment
from domain.dossier.acts import AddAddendum, DescribePerson
from domain.dossier.correction_acts import ApproveCorrection, ProposeCorrection
from domain.kinds.detention.acts import AuthorizeDetention, ExtendDetention, OpenDetention
from domain.kinds.detention.custody_acts import ReleaseKind, ReleasePerson
from domain.kinds.detention.rights_acts import ExplainRights, Means, NotifyConsularPost, RecordConsularRequest
from domain.values import Answer, CorrectionReason
from infrastructure.clock import system_clock
from infrastructure.database import open_engine
from infrastructure.leases import Leases
from infrastructure.scheduler import NAME
from tests.api.server import BASIS, Caller, Instance, Site, block, code, number
from tests.waiting import until

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


class Ahead:
    """The machine's clock, and how far the ledger's is ahead of it."""

    def __init__(self) -> None:
        self.by = timedelta()

    def __call__(self) -> int:
        """Microseconds since 1970 UTC."""
        return system_clock() + self.by // timedelta(microseconds=1)

    @property
    def now(self) -> datetime:
        """The ledger's time, to the second."""
        return moment(self()).replace(microsecond=0)


@dataclass(frozen=True)
class Watch:
    """A site with a clock of its own."""

    site: Site
    clock: Ahead

    def detain(self, officer: Caller, since: datetime | None = None, person: UUID | None = None) -> UUID:
        """Somebody is apprehended."""
        opening = OpenDetention(
            **block(since or self.clock.now, authority=BASIS), file_number=number(), party=person or officer.register_party(),
            place="Main post office", grounds="G", officers=("o-8", "o-9"),
        )  # fmt: skip
        return officer.open(opening).id

    def alarms(self, case_id: UUID) -> dict[tuple[str, str], str]:
        """The alarms of a case: by type and clock, the moment each is about."""
        items = self.site.caller("a-1").get(f"/v1/cases/{case_id}/events").json()["items"]
        every = [item for item in items if {"clock", "due", "started_by"} <= item["state"].keys()]
        return {(item["type"], item["state"]["clock"]): item["state"]["when"]["earliest"] for item in every}

    def overdue(self, case_id: UUID, clock: str) -> list[datetime]:
        """The moments of all overdue duties of one clock, in the order in which they were recorded."""
        items = self.site.caller("a-1").get(f"/v1/cases/{case_id}/events").json()["items"]
        every = [item for item in items if item["type"] == "case.duty_overdue" and item["state"]["clock"] == clock]
        return [datetime.fromisoformat(item["state"]["when"]["earliest"]) for item in every]

    def wait_for(self, case_id: UUID, type_: str, clock: str) -> None:
        """Wait until the scheduler has recorded something, while nobody asks for it."""
        until(lambda: (f"case.{type_}", clock) in self.alarms(case_id), f"{type_} of {clock}")

    def board(self, person: str = "o-1", **wanted: Any) -> list[dict[str, Any]]:
        """All items of the board, page by page, complete to what is recorded now."""
        caller = self.site.caller(person)
        head = self.site.app.state.world.ledger.head().position
        answer = caller.get("/v1/deadlines", {"prefer": "wait=30"}, position=head, **wanted)
        assert answer.status_code == 200, answer.text
        items, following = answer.json()["items"], answer.json()["next"]
        while following is not None:
            answer = caller.get(following)
            assert answer.status_code == 200, answer.text
            items, following = items + answer.json()["items"], answer.json()["next"]
        found: list[dict[str, Any]] = items
        return found


@pytest.fixture
def watch(instance: Instance) -> Iterator[Watch]:
    """A served application whose clock the test moves, once on each engine."""
    clock = Ahead()
    with replace(instance.attended(), clock=clock).served() as site:
        yield Watch(site, clock)


def at_text(at: datetime) -> str:
    """A moment as the API writes it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def test_a_consular_post_that_is_not_told_in_time_is_alarmed_though_nobody_is_there(watch: Watch) -> None:
    officer = watch.site.caller("o-1")
    begun = watch.clock.now
    person = officer.register_party()
    case_id = watch.detain(officer, person=person)
    officer.record(case_id, DescribePerson(**block(begun), party=person, foreign_national=Answer.YES))
    asked = officer.record(case_id, RecordConsularRequest(**block(begun)))
    (item,) = watch.board(clock="consular-post-told")
    assert (item["status"], item["due"], item["started_by"]) == ("running", at_text(begun + 12 * HOUR), asked["version"])
    assert item["legal_ref"].startswith("default-neutral@1, consular post told after request")
    watch.clock.by = 12 * HOUR + MINUTE
    watch.wait_for(case_id, "duty_overdue", "consular-post-told")
    assert watch.alarms(case_id)["case.duty_overdue", "consular-post-told"] == at_text(begun + 12 * HOUR)
    (item,) = watch.board(clock="consular-post-told")
    assert (item["status"], item["missed"]) == ("overdue", None)
    late = NotifyConsularPost(**block(watch.clock.now - 2 * SECOND), post="State X", means=Means.TELEPHONE, reference="N-1")
    officer.record(case_id, late)
    assert watch.board(clock="consular-post-told") == []
    (item,) = watch.board(clock="consular-post-told", status="stopped")
    assert (item["status"], item["missed"]) == ("stopped", "yes")
    auditor = watch.site.caller("a-1")
    report = auditor.get("/v1/reports/deadlines-kept-and-missed").json()
    assert report["profiles"] == ["default-neutral@1"]
    assert auditor.get("/v1/reports/cases").json()["profiles"] == [], "no profile has a say in how many cases there are"
    rows = report["rows"]
    told = {
        row["outcome"]: row["deadlines"] for row in rows if row["clock"] == "consular-post-told" and row["month"] is not None
    }
    assert {"missed": 1}.items() <= told.items()
    overdue = [row["clock"] for row in rows if row["outcome"] == "open_overdue" and row["month"] is not None]
    assert "rights-explained" in overdue


def test_a_reached_limit_refuses_what_prolongs_and_never_a_release(watch: Watch) -> None:
    officer, custody = watch.site.caller("o-1"), watch.site.caller("o-2")
    begun = watch.clock.now
    case_id = watch.detain(officer)
    officer.record(case_id, ExplainRights(**block(begun), language="en", interpreter="i-1"))
    custody.record(case_id, AuthorizeDetention(**block(begun), grounds="G", until=begun + 20 * HOUR))
    form = officer.version(case_id)
    watch.clock.by = 7 * HOUR
    watch.wait_for(case_id, "duty_overdue", "first-review")
    told = officer.give(case_id, AddAddendum(**block(begun), text="It was another parcel"), form)
    assert told.status_code == 200, "what the scheduler recorded in between makes no form stale"
    watch.clock.by = 24 * HOUR + MINUTE
    watch.wait_for(case_id, "limit_reached", "executive-limit")
    assert watch.alarms(case_id)["case.limit_reached", "authority-to-hold"] == at_text(begun + 20 * HOUR)
    assert watch.alarms(case_id)["case.limit_reached", "executive-limit"] == at_text(begun + 24 * HOUR)
    now = watch.clock.now
    longer = ExtendDetention(**block(now, authority=BASIS), grounds="G", diligence="D", until=now + 2 * HOUR)
    status, name = code(watch.site.caller("s-1").give(case_id, longer, officer.version(case_id)))
    assert (status, name) == (409, "extension-after-expiry")
    release = ReleasePerson(**block(now), kind=ReleaseKind.NO_FURTHER_ACTION)
    assert officer.give(case_id, release).status_code == 200


def test_board_and_case_agree_now_and_as_they_were(watch: Watch) -> None:
    officer = watch.site.caller("o-1")
    begun = watch.clock.now
    case_id = watch.detain(officer, begun - 2 * HOUR)
    before = watch.board(case_id=case_id)
    assert {item["clock"] for item in before} >= {"custody-record-complete", "rights-explained", "executive-limit"}
    assert [item["due"] for item in before] == sorted(item["due"] for item in before)
    head = watch.site.app.state.world.ledger.head().position
    told = officer.record(case_id, ExplainRights(**block(begun - HOUR), language="en", interpreter="i-1"))
    own = officer.get(f"/v1/cases/{case_id}/deadlines").json()
    assert [item for item in own["items"] if item["status"] != "stopped"] == watch.board(case_id=case_id)
    (stopped,) = [item for item in own["items"] if item["status"] == "stopped"]
    assert (stopped["clock"], stopped["stopped_by"], stopped["missed"]) == ("rights-explained", told["version"], "no")
    assert [stopped] == watch.board(case_id=case_id, status="stopped")
    then = watch.board(case_id=case_id, as_of=head)
    assert {item["clock"] for item in then} == {item["clock"] for item in before}
    assert {name: value for name, value in then[0].items() if name != "status"} == {
        name: value for name, value in before[0].items() if name != "status"
    }
    moment_between = at_text(begun - 90 * MINUTE)
    in_effect = officer.get(f"/v1/cases/{case_id}/deadlines", true_at=moment_between).json()["items"]
    assert in_effect == watch.board(case_id=case_id, true_at=moment_between)
    assert {item["status"] for item in in_effect} == {"running"}
    state = officer.get(f"/v1/cases/{case_id}/deadlines", at=at_text(begun + 2 * HOUR)).json()["items"]
    assert {i["clock"] for i in state if i["status"] == "overdue"} == {"custody-record-complete", "consular-right-explained"}


def test_a_board_of_the_past_goes_on_behind_its_last_row_whatever_is_recorded_between_two_pages(watch: Watch) -> None:
    officer, begun = watch.site.caller("o-1"), watch.clock.now
    case_id = watch.detain(officer, begun - 2 * HOUR)
    asked: dict[str, Any] = {"case_id": str(case_id), "true_at": at_text(begun - HOUR)}
    whole = officer.get("/v1/deadlines", **asked).json()["items"]
    upto = 1 + [item["clock"] for item in whole].index("rights-explained")
    assert upto < len(whole)
    page = officer.get("/v1/deadlines", **asked, limit=upto).json()
    officer.record(case_id, ExplainRights(**block(begun - 90 * MINUTE), language="en", interpreter="i-1"))
    behind = officer.get("/v1/deadlines", **asked, cursor=page["next"].partition("cursor=")[2])
    assert page["items"] + behind.json()["items"] == whole


def test_a_corrected_time_moves_the_due_and_what_was_alarmed_stays(watch: Watch) -> None:
    officer = watch.site.caller("o-1")
    begun = watch.clock.now
    case_id = watch.detain(officer)
    watch.clock.by = 4 * HOUR
    watch.wait_for(case_id, "duty_overdue", "rights-explained")
    (first,) = watch.board(case_id=case_id, clock="rights-explained")
    assert first["due"] == at_text(begun + 3 * HOUR)
    alarmed = watch.alarms(case_id)
    proposal = {
        "earliest": at_text(begun - HOUR),
        "latest": at_text(begun - HOUR + timedelta(seconds=1)),
        "precision": "second",
    }
    told = block(watch.clock.now, reason="The sheet says an hour before")
    changes = {"when": proposal | {"zone": "UTC"}}
    officer.record(case_id, ProposeCorrection(**told, target=1, why=CorrectionReason.WRONG_TIME, changes=changes))
    watch.site.caller("s-1").record(case_id, ApproveCorrection(**block(watch.clock.now), target=1))
    (moved,) = watch.board(case_id=case_id, clock="rights-explained")
    assert moved["due"] == at_text(begun + 2 * HOUR)
    assert watch.alarms(case_id) == alarmed, "what else belongs to it may still be recorded"
    watch.clock.by = 5 * HOUR
    until(lambda: watch.overdue(case_id, "rights-explained") == [begun + 3 * HOUR, begun + 2 * HOUR], "another alarm")


# --- Filters, access, forms -----------------------------------------------------------------------------------


def test_filters_pages_and_whose_cases_are_on_the_board(watch: Watch) -> None:
    ours, theirs = watch.site.caller("o-1"), watch.site.caller("o-3")
    mine, other = watch.detain(ours), watch.detain(theirs)
    assert {item["case_id"] for item in watch.board()} == {str(mine)}
    everything = watch.board("a-1", limit=3)
    assert {item["case_id"] for item in everything} == {str(mine), str(other)}
    assert len({(i["case_id"], i["clock"], i["started_by"]) for i in everything}) == len(everything)
    assert watch.board("a-1") == everything
    past = watch.board("a-1", limit=3, as_of=watch.site.app.state.world.ledger.head().position)
    assert sorted(map(str, past)) == sorted(map(str, everything))
    assert {item["unit"] for item in watch.board("a-1", unit="unit-2")} == {"unit-2"}
    assert watch.board("o-1", unit="unit-2") == []
    assert watch.board("a-1", kind="seizure") == []
    soon = at_text(watch.clock.now + 4 * HOUR)
    due_soon = watch.board("a-1", due_before=soon)
    assert due_soon == [item for item in everything if item["due"] is not None and item["due"] < soon]
    assert due_soon + watch.board("a-1", due_after=soon) == [item for item in everything if item["due"] is not None]
    by_status = [watch.board("a-1", status=word) for word in ("overdue", "running", "paused", "pending", "uncertain")]
    assert sum(map(len, by_status)) == len(everything)
    assert code(theirs.get(f"/v1/cases/{mine}/deadlines")) == (404, "not-found")
    assert code(ours.get("/v1/deadlines", status="late"))[0] == 422
    assert code(ours.get("/v1/deadlines", cursor="x"))[0] == 422
    assert code(watch.site.caller("p-1").get("/v1/deadlines"))[0] == 403
    table = ours.get("/v1/deadlines", {"accept": "text/csv"}).text.splitlines()
    assert table[0].startswith("case_id,kind,unit,handling,clock,run,status,due")
    assert len(table) == 1 + len(watch.board())


# --- Silence --------------------------------------------------------------------------------------------------


def test_a_scheduler_that_falls_silent_is_alarmed(watch: Watch) -> None:
    guest = watch.site.caller(None)
    until(lambda: guest.get("/health/ready").status_code == 200, "the server is ready")
    engine = open_engine(watch.site.instance.settings)
    thief = Leases(engine, lambda: system_clock() + microseconds(datetime(1970, 1, 2, tzinfo=UTC)))
    try:
        assert thief.hold([NAME]) == {NAME}
        watch.clock.by = 3 * MINUTE
        until(lambda: guest.get("/health/ready").status_code == 503, "silence is noticed")
        assert guest.get("/health/ready").json()["reasons"]["scheduler"].startswith("it has not looked for")
        thief.give_back([NAME])
        until(lambda: guest.get("/health/ready").status_code == 200, "it looks again")
    finally:
        engine.dispose()
    shown = guest.get("/metrics").text
    assert "casetrail_scheduler_last_look_timestamp_seconds" in shown
    assert "casetrail_scheduler_waiting" in shown
