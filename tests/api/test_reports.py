"""Standing reports over HTTP: the same bytes for ever, what makes a later one differ, forms, roles, small cells, months."""

import csv
import importlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx2
import pytest

from application.reports.declaration import HIDDEN
from application.reports.standing import REPORTS
from domain.catalogue import discover
from domain.dossier.acts import CorrectEntry
from domain.dossier.correction_acts import ProposeRetraction
from domain.kernel import Command
from domain.kinds.detention.rights_acts import ExplainRights, RecordCounselRequest, RecordNoInterpreterRequired
from domain.values import CorrectionReason
from tests.api.lives import Teller, lives_of
from tests.api.server import Caller, Instance, Opened, Site, block, code, correct
from tests.api.terminal import Terminal
from tests.scenario import HOUR, NOON

NAMES = tuple(report.name for report in REPORTS)
MINUTE = timedelta(minutes=1)
MONTH = datetime.now(UTC).strftime("%Y-%m")
FORMS = ("application/json", "text/csv", "application/jsonl", "application/vnd.apache.parquet")
LONG_AGO = "2019-05"


def get(caller: Caller, name: str, form: str = "application/json", **asked: Any) -> httpx2.Response:
    """A report, which must be there."""
    answer = caller.get(f"/v1/reports/{name}", {"accept": form}, **asked)
    assert answer.status_code == 200, answer.text
    return answer


def rows(caller: Caller, name: str, **asked: Any) -> list[dict[str, Any]]:
    """The rows of a report."""
    found: list[dict[str, Any]] = get(caller, name, **asked).json()["rows"]
    return found


def row(found: list[dict[str, Any]], **cell: Any) -> dict[str, Any]:
    """The one row of that cell."""
    (only,) = [each for each in found if all(each[name] == value for name, value in cell.items())]
    return only


def amend(officer: Caller, second: Caller, case: Opened) -> None:
    """Acts on a detention opened at noon: one, a late one, a correction of the first, a retraction of the second."""
    now = datetime.now(UTC) - MINUTE
    told = block(now, reason="The custody sheet says otherwise")
    officer.record(case.id, ExplainRights(**block(NOON + HOUR), language="xx", interpreter="i-1"))
    officer.record(case.id, RecordNoInterpreterRequired(**block(NOON + MINUTE), language="xx"))
    why = CorrectionReason.TYPING_ERROR
    officer.record(case.id, CorrectEntry(**told, target=2, why=why, changes={"language": "yy"}))
    correct(officer, second, case.id, ProposeRetraction(**told, target=3, why=CorrectionReason.NEVER_HAPPENED))


@dataclass(frozen=True)
class Kept:
    """A report as it was served: how it was asked for, at which position, the bytes."""

    name: str
    form: str
    asked: dict[str, Any]
    position: int
    body: bytes


class Archive:
    """Somebody who keeps every report at some moments of a scenario."""

    def __init__(self, site: Site) -> None:
        """Read as the auditor."""
        self.site = site
        self.auditor = site.caller("a-1")
        self.kept: list[Kept] = []

    def keep(self) -> None:
        """Fetch every report as it stands: one of them in every form, two suppressed and at a moment in effect."""
        for name in NAMES:
            self._keep(name, FORMS[0])
        for form in FORMS[1:]:
            self._keep("cases", form)
        for name in ("cases", "time-in-state"):
            self._keep(name, FORMS[0], suppress=True)
            self._keep(name, FORMS[0], true_at=(NOON + HOUR).isoformat())

    def _keep(self, name: str, form: str, **asked: Any) -> None:
        answer = get(self.auditor, name, form, **asked)
        self.kept.append(Kept(name, form, asked, int(answer.headers["casetrail-position"]), answer.content))


def acts(site: Site) -> Iterator[Command]:
    """The example lives of every kind, act by act."""
    teller = Teller(site)
    for kind in discover().kinds.values():
        for life in lives_of(kind)[:1]:
            yield from (given.command for given in teller.told(life))


@pytest.fixture
def archive(fresh_site: Site) -> Archive:
    """What was kept of a scenario: every kind's life, then late entries, corrections and retractions, then more cases."""
    archive, officer = Archive(fresh_site), fresh_site.caller("o-1")
    archive.keep()
    for number, _ in enumerate(acts(fresh_site)):
        if number % 20 == 0:
            archive.keep()
    case = officer.open_detention(moment=NOON)
    archive.keep()
    amend(officer, fresh_site.caller("m-1"), case)
    archive.keep()
    officer.open_detention(moment=NOON)
    return archive


# --- The same for ever ----------------------------------------------------------------------------------------


def test_each_report_as_of_a_past_position_is_what_was_served_then(archive: Archive) -> None:
    assert len({kept.position for kept in archive.kept}) > 5
    assert len({kept.body for kept in archive.kept if kept.name == "cases" and kept.form == FORMS[0]}) > 5
    for kept in archive.kept:
        again = get(archive.auditor, kept.name, kept.form, as_of=kept.position, **kept.asked)
        assert again.content == kept.body
    whole = [
        json.loads(kept.body)["rows"] for kept in archive.kept if (kept.name, kept.form, kept.asked) == ("cases", FORMS[0], {})
    ]
    counted = [next((r["cases"] for r in found if r["kind"] is r["unit"] is r["month"] is None), 0) for found in whole]
    assert counted == sorted(counted)
    assert (counted[0], counted[-1]) == (0, 6)


def test_known_at_finds_the_position_and_both_clocks_go_together(fresh_site: Site) -> None:
    auditor, officer = fresh_site.caller("a-1"), fresh_site.caller("o-1")
    case = officer.open_detention(moment=NOON)
    before = get(auditor, "cases").json()
    amend(officer, fresh_site.caller("m-1"), case)

    known = get(auditor, "cases", known_at=before["known_at"])
    assert known.json() == before
    earlier = get(auditor, "cases", known_at=before["known_at"], true_at=(NOON - HOUR).isoformat()).json()
    assert earlier["rows"] == []
    assert (earlier["position"], earlier["true_at"]) == (before["position"], "2026-03-02T11:00:00Z")


# --- What makes a later one differ ----------------------------------------------------------------------------


def test_a_later_run_explains_itself_by_late_entries_corrections_and_retractions(fresh_site: Site) -> None:
    auditor, officer = fresh_site.caller("a-1"), fresh_site.caller("o-1")
    case = officer.open_detention(moment=NOON)
    before = get(auditor, "corrections").json()
    amend(officer, fresh_site.caller("m-1"), case)
    told = get(auditor, "corrections", compare_to=before["position"]).json()

    assert (told["from"]["position"], told["recorded"]) == (before["position"], 6)
    assert told["to"]["sha256"] == get(auditor, "corrections").json()["sha256"]
    cell = {"kind": "detention", "act": "correction", "reason": "typing_error", "month": MONTH}
    assert {**cell, "from": None, "to": {"entries": 1, "cases": 1, "suppressed": None}} in told["rows"]
    assert [(c["what"], c["version"], c["target"], c["fields"]) for c in told["causes"]] == [
        ("late", 2, None, []),
        ("late", 3, None, []),
        ("correction", 4, 2, ["language"]),
        ("retraction", 7, 3, []),
    ]
    assert {UUID(c["case_id"]) for c in told["causes"]} == {case.id}


def test_a_supervisor_is_told_the_causes_in_cases_of_their_unit_and_nobody_of_parties(fresh_site: Site) -> None:
    supervisor, second = fresh_site.caller("s-1"), fresh_site.caller("m-1")
    ours, theirs = (fresh_site.caller(person).open_detention(moment=NOON) for person in ("o-1", "o-3"))
    amend(fresh_site.caller("o-3"), second, theirs)
    in_effect = {"true_at": datetime.now(UTC).isoformat()}
    for name, asked in (("late-entries", {}), ("corrections", {}), ("cases", {}), ("cases", in_effect)):
        told = get(supervisor, name, compare_to=1, **asked).json()["causes"]
        assert {UUID(cause["case_id"]) for cause in told} == {ours.id}
        everything = get(fresh_site.caller("r-1"), name, compare_to=1, **asked).json()["causes"]
        assert {UUID(cause["case_id"]) for cause in everything} == {ours.id, theirs.id}


# --- What they say --------------------------------------------------------------------------------------------


def test_seized_goods_are_counted_by_what_they_are_and_became(fresh_site: Site) -> None:
    auditor = fresh_site.caller("a-1")
    (life,) = lives_of(discover().kinds["seizure"])
    acts_given = list(Teller(fresh_site).told(life))
    found = rows(auditor, "goods")
    (case_id,) = {given.answer.json()["case_id"] for given in acts_given}
    lines = auditor.get(f"/v1/cases/{case_id}").json()["state"]["goods"]["lines"]
    standing = [line for line in lines.values() if line["stage"] != "divided"]
    cells = [each for each in found if None not in (each["entry"], each["effect"], each["condition"])]

    assert {c["condition"] for c in cells} == {line["stage"] for line in standing}
    assert sum(c["lines"] for c in cells) == sum(max(1, len(line["item"]["classified"])) for line in standing)
    assert {c["seizures"] for c in cells} == {1}


def test_time_in_state_is_counted_in_effect_and_open_intervals_apart(fresh_site: Site) -> None:
    auditor, officer = fresh_site.caller("a-1"), fresh_site.caller("o-1")
    officer.open_detention(moment=NOON)
    (only,) = rows(auditor, "time-in-state")

    assert (only["kind"], only["interval"], only["intervals"], only["median"]) == ("detention", "open", 1, None)


def test_late_entries_are_counted_as_they_were_recorded(fresh_site: Site) -> None:
    auditor, officer = fresh_site.caller("a-1"), fresh_site.caller("o-1")
    amend(officer, fresh_site.caller("m-1"), officer.open_detention(moment=NOON))
    total = row(rows(auditor, "late-entries"), kind=None, month=None)

    assert (total["entries"], total["cases"]) == (3, 1)
    assert total["median_delay"] > 1


def test_synthetic_cases_are_counted_and_said_to_be_so(fresh_site: Site) -> None:
    auditor, officer = fresh_site.caller("a-1"), fresh_site.caller("o-1")
    opened = officer.open_detention(moment=NOON)
    assert get(auditor, "cases").json()["synthetic_cases"] == 0
    made_up = {"source_id": "d-1", "kind": "synthetic", "origin_id": "d-1"}
    body = block(NOON + HOUR)
    sent = officer.request(
        officer.path(opened.id, RecordCounselRequest),
        {
            "when": {"earliest": body["when"].earliest.isoformat(), "latest": body["when"].latest.isoformat(),
                     "precision": "second", "zone": "UTC"},
            "sources": [made_up],
            "claim_status": "alleged",
        },
        version=opened.version,
    )  # fmt: skip
    answer = officer.http.send(sent)
    assert answer.status_code == 200, answer.text

    assert get(auditor, "cases").json()["synthetic_cases"] == 1


# --- Forms ----------------------------------------------------------------------------------------------------


def test_every_form_has_the_same_rows_and_says_what_it_is(fresh_site: Site) -> None:
    auditor, officer = fresh_site.caller("a-1"), fresh_site.caller("o-1")
    officer.open_detention(moment=NOON)
    answers = {form: get(auditor, "cases", form) for form in FORMS}
    body = answers["application/json"].json()
    items = body["rows"]
    names = [column["name"] for column in body["columns"]]

    for answer in answers.values():
        assert answer.headers["casetrail-position"] == str(body["position"])
        assert answer.headers["casetrail-rows"] == str(body["row_count"]) == str(len(items))
        assert answer.headers["casetrail-definition"] == body["definition"]
        assert answer.headers["casetrail-sha256"] == body["sha256"]
        assert answer.headers["cache-control"] == "no-store"
    assert [json.loads(line) for line in answers["application/jsonl"].text.splitlines()] == items
    assert sha256(answers["application/jsonl"].content).hexdigest() == body["sha256"]
    told = list(csv.DictReader(io.StringIO(answers["text/csv"].text)))
    assert [[each[n] for n in names] for each in told] == [["" if i[n] is None else str(i[n]) for n in names] for i in items]
    parquet: Any = importlib.import_module("pyarrow.parquet")
    table = parquet.read_table(io.BytesIO(answers[FORMS[3]].content))
    assert table.to_pylist() == items
    assert json.loads(table.schema.metadata[b"casetrail"])["definition"] == body["definition"]


def test_a_month_is_asked_for_where_a_report_has_months(fresh_site: Site) -> None:
    auditor, officer = fresh_site.caller("a-1"), fresh_site.caller("o-1")
    officer.open_detention(moment=NOON)

    assert {each["month"] for each in rows(auditor, "cases", month="2026-03")} == {"2026-03"}
    assert rows(auditor, "cases", month=LONG_AGO) == []
    for name, month in (("time-in-state", "2026-03"), ("cases", "2026-13")):
        assert auditor.get(f"/v1/reports/{name}", month=month).status_code == 422


@pytest.mark.parametrize(
    ("name", "asked", "expected"),
    [
        ("cases", {"as_of": 10_000_000}, (422, "invalid")),
        ("cases", {"as_of": 0}, (422, "invalid")),
        ("cases", {"as_of": 1, "known_at": "2026-03-02T12:00:00Z"}, (422, "invalid")),
        ("cases", {"known_at": "2001-01-01T00:00:00Z"}, (422, "invalid")),
        ("cases", {"as_of": 1, "compare_to": 2}, (422, "invalid")),
        ("corrections", {"true_at": "2026-03-02T12:00:00Z"}, (422, "invalid")),
        ("nothing", {}, (404, "not-found")),
        ("cases/frozen/2019-05", {}, (404, "not-found")),
    ],
)
def test_a_question_without_sense_is_refused(sqlite_site: Site, name: str, asked: dict[str, Any], expected: object) -> None:
    assert code(sqlite_site.caller("a-1").get(f"/v1/reports/{name}", **asked)) == expected


def test_a_form_that_is_none_of_ours_is_refused(sqlite_site: Site) -> None:
    answer = sqlite_site.caller("a-1").get("/v1/reports/cases", {"accept": "text/html"})
    assert code(answer) == (406, "not-acceptable")


def test_the_list_has_every_definition(sqlite_site: Site) -> None:
    listed = sqlite_site.caller("r-1").get("/v1/reports").json()
    assert [each["name"] for each in listed] == list(NAMES)
    assert all(each["definition"] and each["columns"] for each in listed)


# --- Roles and small cells ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("person", "status"), [("a-1", 200), ("r-1", 200), ("s-1", 200), ("o-1", 403), ("p-1", 403)])
def test_reports_are_for_reporters_auditors_and_supervisors(sqlite_site: Site, person: str, status: int) -> None:
    assert sqlite_site.caller(person).get("/v1/reports/cases").status_code == status


def test_only_who_may_read_every_case_sees_small_cells(fresh_site: Site) -> None:
    officer, auditor = fresh_site.caller("o-1"), fresh_site.caller("a-1")
    for _ in range(5):
        officer.open_detention(moment=NOON)
    fresh_site.caller("o-3").open_detention(moment=NOON)
    whole = rows(auditor, "cases")
    for person in ("r-1", "s-1"):
        body = get(fresh_site.caller(person), "cases").json()
        here = row(body["rows"], unit="unit-2", month="2026-03")
        assert (here["cases"], here["suppressed"]) == (None, HIDDEN)
        assert row(body["rows"], kind=None, unit="unit-1")["suppressed"] == HIDDEN, "or the total would tell the other unit's"
        assert row(body["rows"], kind=None, unit=None, month=None)["cases"] == 6
        assert body["suppression"] == {"minimum": 5, "rows": sum(r["suppressed"] is not None for r in body["rows"])}
        assert code(fresh_site.caller(person).get("/v1/reports/cases", suppress=False)) == (403, "not-allowed")
    assert row(whole, unit="unit-2", month="2026-03")["cases"] == 1
    assert rows(auditor, "cases", suppress=True) == rows(fresh_site.caller("r-1"), "cases")


# --- Months ---------------------------------------------------------------------------------------------------


@pytest.fixture
def terminal(instance: Instance) -> Terminal:
    """Somebody at the machine the instance runs on."""
    environment = {"CASETRAIL_INSTANCE": str(instance.settings.instance)}
    return Terminal(environment | {"CASETRAIL_DATABASE_URL": str(instance.settings.database_url)})


def test_a_month_frozen_stays_and_a_later_run_explains_its_difference(fresh_site: Site, terminal: Terminal) -> None:
    officer, auditor = fresh_site.caller("o-1"), fresh_site.caller("a-1")
    case = officer.open_detention(moment=NOON)
    served = {name: get(auditor, name) for name in NAMES}
    position = served["cases"].json()["position"]
    first = terminal.type("reports", "freeze", "--month", LONG_AGO, "--as-of", position, "--json")
    assert first.code == 0, first.err
    assert {(line["name"], line["form"]) for line in first.lines} == {(n, f) for n in NAMES for f in ("whole", "suppressed")}

    amend(officer, fresh_site.caller("m-1"), case)
    again = terminal.type("reports", "freeze", "--month", LONG_AGO, "--json")
    assert again.lines == first.lines, "what is frozen stays"
    assert terminal.type("reports", "freeze", "--month", LONG_AGO, "--as-of", position + 4, "--json").lines == first.lines
    for name in NAMES:
        frozen = auditor.get(f"/v1/reports/{name}/frozen/{LONG_AGO}")
        assert frozen.content == served[name].content
        assert frozen.headers["casetrail-body-sha256"] == sha256(frozen.content).hexdigest()
    reporter = fresh_site.caller("r-1").get(f"/v1/reports/cases/frozen/{LONG_AGO}")
    assert reporter.content == get(auditor, "cases", as_of=position, suppress=True).content

    told = terminal.type("reports", "compare", "late-entries", "--month", LONG_AGO, "--json").value
    assert (told["from"]["position"], told["recorded"]) == (position, 6)
    assert [cause["what"] for cause in told["causes"]] == ["late", "late", "correction", "retraction"]
    assert told["rows"]


def test_the_command_line_shows_what_the_server_sends(fresh_site: Site, terminal: Terminal) -> None:
    fresh_site.caller("o-1").open_detention(moment=NOON)
    position = get(fresh_site.caller("a-1"), "cases").json()["position"]

    shown = terminal.type("reports", "show", "cases", "--as-of", position, "--json")
    assert shown.out.encode() == get(fresh_site.caller("a-1"), "cases", as_of=position).content + b"\n"
    assert terminal.type("reports", "list", "--json").code == 0
    assert "detention" in terminal.type("reports", "show", "cases").out


def test_a_month_that_is_not_over_or_is_none_is_not_frozen(fresh_site: Site, terminal: Terminal) -> None:
    del fresh_site
    assert "not over" in terminal.type("reports", "freeze", "--month", MONTH).complaint
    assert "a month is" in terminal.type("reports", "freeze", "--month", "2026-1x").complaint
    assert "no such frozen report" in terminal.type("reports", "compare", "cases", "--month", LONG_AGO).complaint
