"""A kind of case is one module: a throw-away one is put beside the others, and everything has it without another edit."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest

from domain import kinds
from domain.catalogue import discover
from tests.api.server import Caller, Site, create_instance, functions, number
from tests.engines import Database

MODULE = Path(__file__).with_name("permit_kind.txt")
ROOT = Path(__file__).resolve().parents[2]
URN = "urn:casetrail:problem:"


def block(moment: str, **more: Any) -> dict[str, Any]:
    """What every command states, as a client writes it."""
    stated: dict[str, Any] = {
        "when": {"earliest": f"2026-03-02T{moment}:00Z", "latest": f"2026-03-02T{moment}:01Z", "precision": "second"},
        "sources": [{"source_id": "o-1", "kind": "document", "origin_id": "o-1"}],
        "claim_status": "established",
    }
    return stated | more


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the module in it."""
    kinds_folder = tmp_path / "kinds"
    kinds_folder.mkdir()
    (kinds_folder / "permit.py").write_text(MODULE.read_text())
    return kinds_folder


@pytest.fixture
def permits(database: Database, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The application with the kind discovered; nothing of it is left afterwards."""
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(folder)])
    instance = create_instance(database, tmp_path, discover())
    with instance.served() as site:
        yield site
    del sys.modules["domain.kinds.permit"]
    delattr(kinds, "permit")


def apply_for(officer: Caller) -> UUID:
    """A permit somebody has applied for."""
    answer = officer.post("/v1/permits", block("10:00", file_number=number(), purpose="Export of gauges"))
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/v1/cases/{answer.json()['case_id']}"
    return UUID(answer.json()["case_id"])


def grant(caller: Caller, case_id: UUID, version: int = 1, until: str = "2027-01-01T00:00:00Z") -> httpx2.Response:
    """An attempt to grant it."""
    return caller.post(f"/v1/permits/{case_id}/grant", block("11:00", until=until), version=version)


def test_a_new_kind_has_routes_and_is_described(permits: Site) -> None:
    document = permits.caller(None).get("/openapi.json").json()

    paths = {path: item["post"] for path, item in document["paths"].items() if path.startswith("/v1/permits")}
    assert {path: operation["operationId"] for path, operation in paths.items()} == {
        "/v1/permits": "apply_for_permit",
        "/v1/permits/{case_id}/grant": "grant_permit",
        "/v1/permits/{case_id}/withdraw": "withdraw_permit",
    }
    granting = paths["/v1/permits/{case_id}/grant"]
    assert granting["summary"] == "Grant the permit until a moment."
    assert "Function: licensing." in granting["description"]
    assert document["components"]["schemas"]["GrantPermit"]["required"] == ["when", "sources", "claim_status", "until"]


def test_a_new_kind_is_recorded_read_and_listed(permits: Site) -> None:
    officer, auditor = permits.caller("o-1"), permits.caller("a-1")
    case_id = apply_for(officer)
    granted = grant(officer, case_id)
    assert (granted.status_code, granted.json()["kind"]) == (200, "permit")
    officer.follow(granted.json()["position"])

    case = officer.get(f"/v1/cases/{case_id}").json()
    assert (case["kind"], case["stage"], case["row"]["stage"]) == ("permit", "granted", "granted")
    assert "WithdrawPermit" in {link["command"] for link in case["open"]}
    assert case["not_open"] == [{"command": "GrantPermit", "open_in": ["applied_for"]}]
    before = officer.get(f"/v1/cases/{case_id}", true_at="2026-03-02T10:30:00Z").json()
    assert before["stage"] == "applied_for"

    timeline = officer.get(f"/v1/cases/{case_id}/timeline").json()["items"]
    assert [entry["type"] for entry in timeline] == ["permit.applied_for", "permit.granted"]
    assert timeline[0]["state"]["purpose"] == "Export of gauges"
    (row,) = officer.get("/v1/cases", kind="permit", state="granted").json()["items"]
    assert (row["case_id"], row["unit"], row["version"]) == (str(case_id), "unit-1", 2)
    audited = auditor.get("/v1/audit", kind="permit").json()["items"]
    assert [(entry["command"], entry["actor"]) for entry in audited] == [("ApplyForPermit", "o-1"), ("GrantPermit", "o-1")]
    (change,) = [
        change
        for change in officer.get(f"/v1/cases/{case_id}/diff?from=1&to=2").json()["changes"]
        if change["field"] == "/stage"
    ]
    assert (change["from"], change["to"], change["entry"]) == ("applied_for", "granted", 2)


def test_a_new_kind_keeps_out_whoever_its_module_does_not_name(permits: Site) -> None:
    case_id = apply_for(permits.caller("o-1"))
    assert "licensing" in functions(permits.instance.catalogue)

    for person in ("o-4", "a-1", "r-1", "m-1", "p-1"):
        assert grant(permits.caller(person), case_id).status_code == 403, person
    for person in ("a-1", "r-1", "p-1"):
        assert permits.caller(person).post("/v1/permits", b"{").status_code == 403, person
    assert grant(permits.caller("o-3"), case_id).status_code == 404, "another unit's"
    assert permits.caller("o-3").get("/v1/cases", kind="permit").json()["items"] == []
    assert grant(permits.caller("s-1"), case_id).status_code == 200


def test_a_new_kind_refuses_by_its_rules_and_its_table(permits: Site) -> None:
    officer = permits.caller("o-1")
    case_id = apply_for(officer)

    ended = grant(officer, case_id, until="2025-01-01T00:00:00Z")
    assert (ended.status_code, ended.json()["type"]) == (409, URN + "permit-ends-before-it-begins")
    assert ended.json()["source"] == "casetrail: an example"
    assert grant(officer, case_id).status_code == 200
    again = grant(officer, case_id, 2)
    assert (again.json()["type"], again.json()["state"], again.json()["open_in"]) == (
        URN + "not-open", "granted", ["applied_for"],
    )  # fmt: skip
    elsewhere = officer.post(f"/v1/detentions/{case_id}/release-person", block("12:00", kind="other"))
    assert elsewhere.status_code == 404, "a permit is no detention"


def test_a_new_kind_is_corrected_like_any_other(permits: Site) -> None:
    officer = permits.caller("o-1")
    case_id = apply_for(officer)
    grant(officer, case_id)
    correction = block("13:00", reason="typed wrongly", target=2, why="typing_error", changes={"until": "2028-01-01T00:00:00Z"})

    alone = officer.post(f"/v1/cases/{case_id}/correct-entry", correction, version=2)
    assert alone.json()["type"] == URN + "correction-needs-approval", "a permit's end is a time like any other"
    proposed = officer.post(f"/v1/cases/{case_id}/propose-correction", correction, version=2)
    assert proposed.status_code == 200, proposed.text
    approval = block("14:00", target=2)
    corrected = permits.caller("m-1").post(f"/v1/cases/{case_id}/approve-correction", approval, version=3)
    assert corrected.status_code == 200, corrected.text
    officer.follow(corrected.json()["position"])

    entry = officer.get(f"/v1/cases/{case_id}/timeline").json()["items"][1]
    assert (entry["state"]["until"], entry["stands_as"]["until"]) == ("2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z")
    assert entry["corrected_by"] == 5


def test_the_laws_of_every_kind_hold_for_a_new_one(folder: Path, tmp_path: Path) -> None:
    """The laws' own file, unedited, run where the kind is found beside the others."""
    plugin = f"from domain import kinds\n\nkinds.__path__.append({str(folder)!r})\n"
    (tmp_path / "with_permits.py").write_text(plugin)
    command = (
        *(sys.executable, "-m", "pytest", "-q", "-p", "with_permits", "-p", "no:cacheprovider", "-p", "no:randomly"),
        *("tests/domain/test_laws.py", "-k", "permit", "-o", "addopts="),
    )
    found = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}, capture_output=True, text=True,
        check=False, timeout=100,
    )  # fmt: skip

    assert found.returncode == 0, found.stdout
    passed = int(found.stdout.rpartition(" passed")[0].rpartition("\n")[2].split()[-1])
    assert passed >= 10, found.stdout
