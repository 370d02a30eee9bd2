"""The command line: what it prints, for people and for programs, and the one line it gives when something cannot be done."""

import json
import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import typer

from api.cli import app, readers
from application.read_models import READ_MODELS
from domain.dossier.acts import AddAddendum, DescribePerson
from domain.dossier.correction_acts import ProposeCorrection
from domain.values import CorrectionReason
from infrastructure.actors import registered
from infrastructure.clock import system_clock
from infrastructure.database import open_engine
from infrastructure.instance import issuer, load_secrets
from infrastructure.tokens import Verifier
from tests.api.processes import HOST
from tests.api.server import Instance, block, correct, create_instance
from tests.api.terminal import Terminal
from tests.engines import Database, Server
from tests.infrastructure.test_verification import tamper
from tests.scenario import HOUR, NOON
from tests.waiting import until


def at_terminal(instance: Instance) -> Terminal:
    """Somebody who keeps this instance."""
    return Terminal(instance.program.environment)


@pytest.fixture
def terminal(instance: Instance) -> Terminal:
    """Somebody who keeps a fresh instance, on each engine."""
    return at_terminal(instance)


@pytest.fixture
def small(sqlite_database: Database, tmp_path: Path) -> Instance:
    """A fresh instance on SQLite, for what the database has no part in."""
    return create_instance(sqlite_database, tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Terminal]:
    """Somebody with nothing yet: no instance, and a database without a table or, for SQLite, none at all."""
    environment = {"CASETRAIL_INSTANCE": str(tmp_path / "instance")}
    if request.param == "sqlite":
        yield Terminal(environment)
        return
    server: Server = request.getfixturevalue("postgresql_server")
    with server.empty_database() as database:
        urls = {"CASETRAIL_DATABASE_URL": database.url, "CASETRAIL_OWNER_DATABASE_URL": database.owner_url}
        yield Terminal(environment | urls)


# --- Making an instance ---------------------------------------------------------------------------------------


def test_init_makes_an_instance_and_again_changes_nothing(empty: Terminal) -> None:
    folder = Path(empty.environment["CASETRAIL_INSTANCE"])
    first = empty.type("init", "--admin", "p-1", "--json").value
    kept = {path.name: path.read_bytes() for path in folder.glob("*") if path.name in ("instance.key", "issuer.pem")}
    assert len(kept) == 2
    assert folder.stat().st_mode & 0o777 == 0o700
    assert empty.type("init", "--admin", "p-1", "--json").value == first
    assert {name: (folder / name).read_bytes() for name in kept} == kept
    assert (UUID(first["ledger_id"]).version, first["administrator"], first["instance"]) == (4, "p-1", str(folder))
    assert empty.type("verify", "--json").value == {"events": 1, "ledger": "holds"}
    assert empty.type("token", "--user", "p-1", "--role", "operator").code == 0
    assert empty.type("migrate", "--json").value == {"schema": "current"}


def test_a_ledger_is_never_given_another_key(empty: Terminal) -> None:
    key = Path(empty.environment["CASETRAIL_INSTANCE"]) / "instance.key"
    ledger_id = empty.type("init", "--json").value["ledger_id"]
    key.unlink()
    told = empty.type("init")
    assert told.complaint.startswith(f"the database holds the ledger {ledger_id}, and {key.parent} has no instance.key")
    assert not key.exists()


def test_init_again_leaves_the_administrator_as_they_are(empty: Terminal) -> None:
    empty.type("init", "--admin", "p-1")
    empty.type("token", "--user", "p-1", "--role", "auditor", "--unit", "unit-9")
    empty.type("people", "change", "p-1", "--without-role", "operator", "--inactive")
    before = empty.type("people", "list", "--json").value
    assert empty.type("init", "--admin", "p-1").code == 0
    assert empty.type("people", "list", "--json").value == before
    assert (before["roles"], before["unit"], before["active"]) == (["auditor"], "unit-9", False)


def test_what_is_not_made_yet_is_one_line_with_what_to_do(empty: Terminal) -> None:
    folder = empty.environment["CASETRAIL_INSTANCE"]
    for asked in (["serve"], ["projector"], ["cases", "list"], ["verify"], ["token", "--user", "x", "--role", "officer"]):
        assert empty.type(*asked).complaint == f"no instance in {folder}: run casetrail init"
    assert not Path(folder).exists()


def test_a_database_without_its_schema_is_one_line_with_what_to_do(small: Instance, tmp_path: Path) -> None:
    terminal = at_terminal(small)
    other = {"CASETRAIL_DATABASE_URL": f"sqlite:///{tmp_path / 'other.db'}"}
    assert terminal.type("verify", **other).complaint.endswith("run casetrail migrate")
    assert terminal.type("migrate", **other).out == "schema  current\n"
    assert terminal.type("serve", **other).complaint == "the ledger was never opened: run casetrail init"


def test_postgresql_is_set_up_by_its_owner_and_served_by_another_role(
    small: Instance, postgresql_database: Database, tmp_path: Path
) -> None:
    terminal = at_terminal(small)
    application, owner = {"CASETRAIL_DATABASE_URL": postgresql_database.url}, postgresql_database.owner_url
    elsewhere = {"CASETRAIL_INSTANCE": str(tmp_path / "elsewhere")}
    assert "CASETRAIL_OWNER_DATABASE_URL" in terminal.type("init", **application, **elsewhere).complaint
    assert terminal.type("init", CASETRAIL_OWNER_DATABASE_URL=owner, **application, **elsewhere).code == 0
    assert (
        "must name a role with SELECT and INSERT only"
        in terminal.type("serve", CASETRAIL_DATABASE_URL=owner, **elsewhere).complaint
    )


def test_a_database_that_does_not_answer_is_one_line(small: Instance) -> None:
    away = {"CASETRAIL_DATABASE_URL": f"postgresql://nobody:secret@{HOST}:1/nowhere"}
    for asked in (["verify"], ["cases", "list"], ["serve"], ["projector"]):
        complaint = at_terminal(small).type(*asked, **away).complaint
        assert "database" in complaint
        assert "secret" not in complaint


def test_a_setting_that_makes_no_sense_is_one_line_that_names_it(small: Instance) -> None:
    terminal = at_terminal(small)
    assert "CASETRAIL_PROJECTIONS" in terminal.type("serve", CASETRAIL_PROJECTIONS="perhaps").complaint
    assert "is named by a URL" in terminal.type("verify", CASETRAIL_DATABASE_URL="no address").complaint
    assert "is named by a URL" in terminal.type("migrate", CASETRAIL_DATABASE_URL="no address").complaint
    assert "not on mysql" in terminal.type("verify", CASETRAIL_DATABASE_URL="mysql://x/y").complaint


def test_a_key_that_others_can_read_is_one_line(small: Instance) -> None:
    (small.settings.instance / "instance.key").chmod(0o644)
    assert "is open to others than its owner" in at_terminal(small).type("verify").complaint


def test_a_busy_port_is_one_line(terminal: Terminal) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        complaint = terminal.type("serve", "--port", port).complaint
    assert complaint == f"port {port} on {HOST} is taken: name another with --port"


# --- Tokens ---------------------------------------------------------------------------------------------------


def spoken_for(instance: Instance, token: str) -> tuple[str, str]:
    """Whom a token speaks for, and in which role."""
    keys = issuer(load_secrets(instance.settings.instance)).public_keys()
    identity = Verifier(keys, system_clock).verify(token)
    return identity.subject, identity.role


def test_a_token_speaks_for_a_registered_person_in_a_role_they_have(instance: Instance, terminal: Terminal) -> None:
    told = terminal.type("token", "--user", "o-1", "--role", "officer", "--ttl", 60, "--json").value
    assert spoken_for(instance, told.pop("token")) == ("o-1", "officer")
    assert told == {"user": "o-1", "role": "officer", "expires_in": 60}
    plain = terminal.type("token", "--user", "o-1", "--role", "officer").out
    assert spoken_for(instance, plain.strip()) == ("o-1", "officer")
    for user, role in (("nobody", "officer"), ("o-1", "auditor"), ("o-1", "emperor")):
        complaint = terminal.type("token", "--user", user, "--role", role).complaint
        assert "is not registered in the role" in complaint


def test_a_person_can_lose_a_role_a_function_or_all_access(terminal: Terminal) -> None:
    terminal.type("token", "--user", "n-2", "--unit", "unit-9", "--role", "officer", "--function", "custody")
    terminal.type("token", "--user", "n-2", "--unit", "unit-9", "--role", "auditor")

    lost = terminal.type("people", "change", "n-2", "--without-role", "auditor", "--without-function", "custody", "--json")
    assert (lost.value["roles"], lost.value["functions"], lost.value["active"]) == (["officer"], [], True)
    assert terminal.type("people", "change", "n-2", "--inactive", "--json").value["active"] is False
    assert {row["id"]: row["active"] for row in terminal.type("people", "list", "--json").lines}["n-2"] is False
    assert "does not have auditor" in terminal.type("people", "change", "n-2", "--without-role", "auditor").complaint
    assert "is not registered" in terminal.type("people", "change", "nobody", "--inactive").complaint


def test_a_token_with_a_unit_registers_the_person_or_adds_the_role(instance: Instance, terminal: Terminal) -> None:
    asked = ("token", "--user", "n-1", "--unit", "unit-9", "--role")
    assert terminal.type(*asked, "officer", "--function", "custody", "--function", "review").code == 0
    assert terminal.type(*asked, "supervisor").code == 0
    engine = open_engine(instance.settings)
    person = registered(engine)["n-1"]
    engine.dispose()
    assert (person.unit, person.roles, person.functions) == ("unit-9", ("officer", "supervisor"), ("custody", "review"))
    assert "no such role" in terminal.type(*asked, "emperor").complaint
    for ttl in ("0", "59", str(31 * 24 * 3600), "soon"):
        assert terminal.type(*asked, "officer", "--ttl", ttl).code == 2


def test_a_token_lets_nobody_in_again_and_gives_no_function_that_nothing_asks_for(terminal: Terminal) -> None:
    asked = ("token", "--user", "n-3", "--role", "officer", "--unit", "unit-9")
    assert terminal.type(*asked).code == 0
    assert "there is no function custdy: there are authorization, " in terminal.type(*asked, "--function", "custdy").complaint
    assert "name --unit too" in terminal.type(*asked[:-2], "--function", "custody").complaint
    terminal.type("people", "change", "n-3", "--inactive")
    for again in (asked, asked[:-2]):
        assert "may no longer act" in terminal.type(*again).complaint
    assert {row["id"]: row["active"] for row in terminal.type("people", "list", "--json").lines}["n-3"] is False


# --- Reading --------------------------------------------------------------------------------------------------


def record_a_case(instance: Instance) -> tuple[UUID, list[dict[str, Any]]]:
    """A detention with a person described at version 2 and corrected by two at 4 to 6, and its receipts from version 2 on."""
    with instance.served() as site:
        officer = site.caller("o-1")
        person = officer.register_party()
        case_id = officer.open_detention(person).id
        later = block(NOON + HOUR)
        receipts = [officer.record(case_id, DescribePerson(**later, party=person, age=27))]
        receipts.append(officer.record(case_id, AddAddendum(**later, text="Calm")))
        why = CorrectionReason.TYPING_ERROR
        proposal = ProposeCorrection(**(later | {"reason": "misread"}), target=2, why=why, changes={"age": 26})
        receipts.append(correct(officer, site.caller("s-1"), case_id, proposal))
        officer.follow(receipts[-1]["position"])
    return case_id, receipts


def test_cases_are_listed_shown_and_replayed(small: Instance) -> None:
    terminal, (case_id, receipts) = at_terminal(small), record_a_case(small)
    (row,) = terminal.type("cases", "list", "--json").lines
    assert (row["case_id"], row["kind"], row["version"]) == (str(case_id), "detention", 6)
    assert terminal.type("cases", "list", "--kind", "seizure", "--json").lines == []
    head, line = terminal.type("cases", "list", "--limit", 1).out.splitlines()
    assert head.split() == ["case", "id", "kind", "file", "number", "unit", "stage", "version"]
    assert line.split()[:2] == [str(case_id), "detention"]
    shown = terminal.type("cases", "show", case_id, "--json").value
    assert (shown["version"], shown["stage"]) == (6, "apprehended")
    assert terminal.type("cases", "show", case_id).value == shown

    def age(*options: object) -> Any:
        (person,) = terminal.type("cases", "show", case_id, *options).value["persons"].values()
        return person["age"]

    assert (age(), age("--version", 3), age("--known-at", receipts[1]["recorded_at"])) == (26, 27, 27)
    assert terminal.type("cases", "show", case_id, "--true-at", "2026-03-02T12:30:00Z").value["persons"] == {}
    replayed = terminal.type("cases", "replay", case_id, "--json").lines
    assert [(row["version"], row["type"]) for row in replayed] == [
        (1, "detention.person_apprehended"),
        (2, "case.person_described"),
        (3, "case.addendum_added"),
        (4, "case.correction_proposed"),
        (5, "case.correction_approved"),
        (6, "case.entry_corrected"),
    ]
    assert {row["stage"] for row in replayed} == {"apprehended"}
    assert len(terminal.type("cases", "replay", case_id).out.splitlines()) == 7


def test_every_case_is_listed_and_what_is_left_out_is_said(small: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_terminal(small)
    with small.served() as site:
        officer = site.caller("o-1")
        opened = [str(officer.open_detention().id) for _ in range(5)]
        officer.follow(officer.get(f"/v1/cases/{opened[-1]}").json()["position"])
    monkeypatch.setattr(readers, "ROWS_AT_ONCE", 2)
    for limit, said in (
        ((), ""),
        (("--limit", 5), ""),
        (("--limit", 3), "casetrail: these are the first 3 cases; there are more\n"),
    ):
        told = terminal.type("cases", "list", "--json", *limit)
        assert [row["case_id"] for row in told.lines] == opened[: 3 if said else 5]
        assert told.err == said
    complaint = terminal.type("cases", "list", "--kind", "bogus").complaint
    assert complaint == "--kind: there is no such kind; the kinds are detention, investigation, seizure, sentencing"


def test_a_case_that_cannot_be_shown_is_one_line(small: Instance) -> None:
    terminal, (case_id, _) = at_terminal(small), record_a_case(small)
    assert terminal.type("cases", "show", uuid4()).complaint == "no such case"
    assert terminal.type("cases", "replay", uuid4()).complaint == "no such case"
    assert "no such case at that moment" in terminal.type("cases", "show", case_id, "--known-at", "2001-01-01T00:00Z").complaint
    assert "the case has no such version yet" in terminal.type("cases", "show", case_id, "--version", 9).complaint
    assert "offset from UTC" in terminal.type("cases", "show", case_id, "--true-at", "2026-03-02T12:00").complaint
    assert terminal.type("cases", "show", case_id, "--true-at", "noon").complaint.startswith("--true-at: that is no moment")
    assert terminal.type("cases", "show", case_id, "--known-at", "x").complaint.startswith("--known-at: that is no moment")
    assert terminal.type("cases", "show", "no-id").code == 2


def test_a_projector_follows_says_so_and_ends_when_told(instance: Instance, terminal: Terminal) -> None:
    unfollowed = replace(instance, settings=instance.settings.model_copy(update={"projections": False}))
    with unfollowed.served() as site:
        site.caller("o-1").open_detention()
    behind = terminal.type("projections", "list", "--json").lines
    models = {model.name for model in READ_MODELS}
    assert {row["name"]: row["lag_events"] for row in behind if row["name"] in models} == dict.fromkeys(models, 3)
    running = instance.program.start("projector", "--json")

    def caught_up() -> bool:
        return all(row["lag_events"] == 0 for row in terminal.type("projections", "list", "--json").lines)

    until(caught_up, "the projector has caught up", patience=60)
    running.terminate()
    assert running.exit_code(20) == 0, running.said()
    first, *ends = [json.loads(line) for line in running.said().splitlines()]
    assert first == {"projector": "following"}
    assert ends == [{"name": model.name, "position": 3} for model in READ_MODELS]


def test_who_watches_sees_how_far_long_work_is_and_a_pipe_gets_what_was_asked_for_alone(small: Instance) -> None:
    terminal, _ = at_terminal(small), record_a_case(small)
    for asked, title in (
        (("projections", "rebuild", "timeline"), "rebuilding timeline"),
        (("projections", "rebuild"), f"rebuilding {len(READ_MODELS)} read models"),
        (("verify",), "verifying"),
    ):
        told = terminal.watch(*asked, "--json")
        assert told.code == 0
        assert all(told.lines)
        assert title in told.err
        assert "100%" in told.err
        assert terminal.type(*asked, "--json").err == ""


def test_verify_names_an_altered_event_and_exits_1(database: Database, instance: Instance, terminal: Terminal) -> None:
    case_id, receipts = record_a_case(instance)
    position = receipts[1]["position"]
    assert terminal.type("cases", "show", case_id).value["version"] == 6
    assert terminal.type("verify").out.split() == ["events", "8", "ledger", "holds"]
    tamper(database, f"UPDATE events SET actor = 'somebody' WHERE position = {position}")
    assert terminal.type("verify", "--since", position + 1, "--json").value == {"events": 3, "ledger": "holds"}
    told = terminal.type("verify", "--json")
    *found, total = told.lines
    assert told.code == 1
    assert {(each["position"], each["case_id"], each["version"]) for each in found} == {(position, str(case_id), 3)}
    assert total == {"events": 8, "ledger": "DOES NOT HOLD"}
    plain = terminal.type("verify")
    assert (plain.code, plain.err) == (1, "")
    assert f"position  {position}" in plain.out
    assert str(case_id) in plain.out


# --- The catalogue and the description ------------------------------------------------------------------------


def test_the_description_and_the_catalogue_need_no_instance(tmp_path: Path) -> None:
    terminal = Terminal({"CASETRAIL_INSTANCE": str(tmp_path / "none")})
    document = terminal.type("openapi").value
    assert document["openapi"] == "3.2.0"
    assert "/v1/detentions/{case_id}/extend" in document["paths"]
    listed = terminal.type("events", "--json").lines
    events = {line["event"]: line["meaning"] for line in listed if "event" in line}
    commands = {line["command"]: line["route"] for line in listed if "command" in line}
    assert events["case.addendum_added"].startswith("A remark was added")
    assert commands["ReleasePerson"] == "/v1/detentions/{case_id}/release-person"
    assert all(events.values())
    assert len(terminal.type("events").out.splitlines()) == len(listed) + 2


def commands_of(command: Any, name: str = "") -> Iterator[tuple[str, set[str]]]:
    """Every command there is, by its name, with its options."""
    parts = getattr(command, "commands", {})
    for part, inner in parts.items():
        yield from commands_of(inner, f"{name} {part}".strip())
    if not parts:
        yield name, {option for parameter in command.params for option in parameter.opts}


def test_every_command_speaks_to_programs() -> None:
    spoken = dict(commands_of(typer.main.get_command(app)))
    assert {"init", "serve", "cases show", "projections list", "openapi"} <= spoken.keys()
    assert {name for name, options in spoken.items() if "--json" not in options} <= {"demo"}, "it tells people a story"


def test_a_word_that_is_no_command_is_refused(tmp_path: Path) -> None:
    terminal = Terminal({"CASETRAIL_INSTANCE": str(tmp_path / "none")})
    assert (terminal.type("burn").code, terminal.type("cases", "burn").code) == (2, 2)
    assert terminal.type("--help").code == 0
    assert os.environ.get("CASETRAIL_INSTANCE") != str(tmp_path / "none"), "a command leaves the environment alone"
