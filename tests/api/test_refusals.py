"""How the API says no: the order of its answers, every command where it is not open, and whatever nobody should send."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.dossier.acts import AddAddendum, CorrectEntry, RetractEntry
from domain.dossier.correction_acts import ApproveCorrection, ProposeCorrection, ProposeRetraction, RejectCorrection
from domain.history import open_commands, rule_for
from domain.kernel import BY_THE_SYSTEM, Command, Kind, Opening, Stage, stage_name
from domain.kinds.detention.acts import AuthorizeDetention
from domain.kinds.detention.custody_acts import ReleaseKind, ReleasePerson
from domain.values import CorrectionReason
from tests.api.lives import Given, Teller, lives_of
from tests.api.server import Opened, Site, as_json, block, code
from tests.domain.makers import Maker
from tests.scenario import DAY, HOUR, NOON, PERSON

NOBODY = UUID(int=9)
REMARK = AddAddendum(**block(NOON + HOUR), text="A remark")
RELEASE = ReleasePerson(**block(NOON + 2 * HOUR), kind=ReleaseKind.OTHER)
AUTHORIZE = AuthorizeDetention(**block(NOON + 3 * HOUR, reason="R"), grounds="G", until=NOON + DAY)


# --- The order of answers -------------------------------------------------------------------------------------
# Each test sends a request with two faults, and hears of the one that goes before.


@pytest.fixture
def case(site: Site) -> Opened:
    """A detention at version 3, on which one may no longer decide to authorize."""
    officer = site.caller("o-1")
    opened = officer.open_detention()
    officer.record(opened.id, REMARK)
    officer.record(opened.id, RELEASE)
    return Opened(opened.id, 3)


def remarks(case_id: UUID | str) -> str:
    """Where remarks are sent."""
    return f"/v1/cases/{case_id}/add-addendum"


def test_no_token_goes_before_no_right_and_before_a_body_is_read(site: Site, case: Opened) -> None:
    path = f"/v1/cases/{case.id}/move-to-unit"

    assert code(site.caller(None).post(path, b"\xff" * 2_000_000, version=3)) == (401, "not-authenticated")


@pytest.mark.parametrize(("body", "headers"), [(b"\xff" * 2_000_000, {}), (b"{}", {"content-type": "text/plain"}), (b"{", {})])
def test_no_right_goes_before_whatever_is_wrong_with_the_body(
    site: Site, case: Opened, body: bytes, headers: dict[str, str]
) -> None:
    assert code(site.caller("o-1").post(f"/v1/cases/{case.id}/move-to-unit", body, headers=headers)) == (403, "not-allowed")


def test_no_right_goes_before_a_case_that_is_not_there(site: Site) -> None:
    assert code(site.caller("a-1").post(remarks(NOBODY), as_json(REMARK))) == (403, "not-allowed")


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        (b" " * 1_100_000, {}, (413, "body-too-large")),
        (b"{}", {"content-type": "text/plain"}, (415, "media-type")),
        (b"{", {}, (422, "json-malformed")),
        (b"{}", {}, (422, "invalid")),
        (None, {"idempotency-key": "a b"}, (422, "idempotency-key-malformed")),
        (None, {"if-match": "3"}, (422, "if-match-malformed")),
    ],
)
@pytest.mark.parametrize("case_id", [NOBODY, "not-a-uuid"])
def test_malformed_input_goes_before_a_case_that_is_not_there(
    site: Site, case_id: object, body: bytes | None, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    sent = as_json(REMARK) if body is None else body

    assert code(site.caller("o-1").post(remarks(str(case_id)), sent, headers=headers)) == expected


def test_a_case_that_is_not_there_goes_before_a_missing_version(site: Site, case: Opened) -> None:
    for caller, case_id in ((site.caller("o-1"), NOBODY), (site.caller("o-3"), case.id), (site.caller("o-1"), "x")):
        assert code(caller.post(remarks(case_id), as_json(REMARK))) == (404, "not-found")


def test_a_missing_version_goes_before_the_receipt_of_a_repeated_key_and_before_a_refusal(site: Site, case: Opened) -> None:
    officer, key = site.caller("o-1"), uuid4().hex
    assert officer.give(case.id, REMARK, 3, key).status_code == 200

    assert code(officer.give(case.id, REMARK, None, key)) == (428, "version-missing")
    assert code(officer.give(case.id, AUTHORIZE)) == (428, "version-missing")


def test_the_receipt_of_a_repeated_key_goes_before_a_stale_version_and_a_reused_key_too(site: Site, case: Opened) -> None:
    officer, key = site.caller("o-1"), uuid4().hex
    first = officer.give(case.id, REMARK, 3, key)

    assert officer.give(case.id, REMARK, 3, key).content == first.content
    other = AddAddendum(**block(NOON + HOUR), text="Another")
    assert code(officer.give(case.id, other, 3, key)) == (422, "idempotency-key-reused")
    assert code(officer.give(case.id, other, 3)) == (412, "stale-version")


def test_a_stale_version_goes_before_a_refusal(site: Site, case: Opened) -> None:
    officer = site.caller("o-1")

    assert code(officer.give(case.id, AUTHORIZE, 2)) == (412, "stale-version")
    assert code(officer.give(case.id, AUTHORIZE, 3)) == (409, "not-open")


# --- Every command where it is not open -----------------------------------------------------------------------


def kinds(site: Site) -> list[Kind]:
    """Every kind of case."""
    return list(site.instance.catalogue.kinds.values())


def body_of(command: type[Command]) -> dict[str, Any]:
    """A well-formed command, done a minute ago; the persons and cases it names need not be there."""
    ago = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    made = Maker(random.Random(command.__name__)).command(command)  # noqa: S311 - repeatable, not secret
    return as_json(made) | block_of(ago)


def block_of(moment: datetime) -> dict[str, Any]:
    """The ``when`` and nobody else's decision, as JSON."""
    stated = as_json(AddAddendum(**block(moment), text="x"))
    return {"when": stated["when"], "decided_by": None}


def stage_of(kind: Kind, name: str) -> type[Stage]:
    """A stage by its public name."""
    return next(stage for stage in kind.stages if stage_name(stage) == name)


def refuse_all(teller: Teller, kind: Kind, given: Given, refused: set[type[Command]]) -> None:
    """After an act, give every command not open now that was not refused before; each hears why, and nothing is recorded."""
    receipt = given.answer.json()
    case = given.caller.get(f"/v1/cases/{receipt['case_id']}").json()
    shared = teller.site.instance.catalogue.shared
    stage = stage_of(kind, case["stage"])
    opened = [command.__name__ for command in open_commands(kind, shared, stage) if command.by != BY_THE_SYSTEM]
    for command in kind.commands:
        if command in refused or issubclass(command, Opening) or rule_for(kind, shared, stage, command) is not None:
            continue
        caller = teller.caller(command)
        path = caller.path(UUID(receipt["case_id"]), command)
        answer = caller.post(path, body_of(command), version=receipt["version"])
        assert code(answer) == (409, "not-open"), f"{path} in {case['stage']}: {answer.text}"
        problem = answer.json()
        assert (problem["state"], problem["current_version"]) == (case["stage"], receipt["version"])
        assert problem["open_in"] == [stage_name(s) for s in kind.stages if rule_for(kind, shared, s, command) is not None]
        assert [link["command"] for link in problem["open"]] == opened
        refused.add(command)
    assert given.caller.version(UUID(receipt["case_id"])) == receipt["version"]


def test_every_command_of_every_kind_is_refused_where_it_is_not_open(fresh_site: Site) -> None:
    teller = Teller(fresh_site)
    for kind in kinds(fresh_site):
        refused: set[type[Command]] = set()
        for life in lives_of(kind):
            for given in teller.told(life):
                refuse_all(teller, kind, given, refused)
        everywhere = {
            c for c in kind.commands if all(rule_for(kind, fresh_site.instance.catalogue.shared, s, c) for s in kind.stages)
        }
        if not lives_of(kind):
            continue  # the register's entries: theirs are in test_parties
        assert set(kind.commands) - refused - {kind.opening} == everywhere - {kind.opening}, kind.name


def test_every_command_of_the_catalogue_is_refused_in_the_future(fresh_site: Site) -> None:
    """Those open in every stage and those that open a case, too."""
    teller = Teller(fresh_site)
    shared = fresh_site.instance.catalogue.shared
    tomorrow = block_of(datetime.now(UTC).replace(microsecond=0) + timedelta(days=1))
    for kind in kinds(fresh_site):
        first = next(iter(lives_of(kind)), ())[:1]
        case_id = next(teller.told(first)).answer.json()["case_id"] if first else teller.ids[str(PERSON)]
        for command in (*kind.commands, *(shared.rules if first else ())):
            if command.by == BY_THE_SYSTEM:
                continue
            caller = teller.caller(command)
            opens = issubclass(command, Opening)
            path = caller.path(None if opens else UUID(case_id), command)
            body = body_of(command) | tomorrow
            if command in (CorrectEntry, ProposeCorrection):
                body |= {"target": 1, "changes": {}}
            elif command in (RetractEntry, ProposeRetraction, ApproveCorrection, RejectCorrection):
                body |= {"target": 1}
            answer = caller.post(path, body, version=None if opens else 1)
            assert code(answer) == (409, "when-in-future"), f"{path}: {answer.text}"


@pytest.mark.parametrize("target", [2, 99, 10**6])
def test_an_entry_that_is_not_there_is_neither_corrected_nor_retracted_nor_remarked_upon(site: Site, target: int) -> None:
    officer = site.caller("o-1")
    case = officer.open_detention()
    stated = block(NOON + HOUR, reason="R")
    commands = (
        CorrectEntry(**stated, target=target, why=CorrectionReason.TYPING_ERROR, changes={"place": "Elsewhere"}),
        RetractEntry(**stated, target=target, why=CorrectionReason.DUPLICATE),
        AddAddendum(**stated, target=target, text="x"),
    )

    for command in commands:
        assert code(officer.give(case.id, command, 1)) == (409, "no-such-entry")


@pytest.mark.parametrize(
    "changes",
    [{"no_such_field": 1}, {"place": 7}, {"place": ""}, {"when": {"earliest": "x"}}, {"officers": []}, {"version": 3},
     {"file_number": "a\nb"}, {"type": "detention.closed"}, {"party": "x"}],
)  # fmt: skip
def test_a_correction_that_does_not_fit_the_entry_is_malformed(site: Site, changes: dict[str, Any]) -> None:
    officer = site.caller("o-1")
    case = officer.open_detention()
    correction = CorrectEntry(**block(NOON + HOUR, reason="R"), target=1, why=CorrectionReason.TYPING_ERROR, changes=changes)

    answer = officer.give(case.id, correction, 1)

    assert code(answer) == (422, "invalid")
    assert answer.json()["errors"][0]["field"].startswith("changes")
