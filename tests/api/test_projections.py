"""The read models as operators see them: every ``casetrail projections`` command, the address, the metrics."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from application.read_models import READ_MODELS
from infrastructure.database import open_engine, write_transaction
from infrastructure.schema import live_generations, metadata, parked
from tests.api.server import Instance
from tests.api.terminal import Terminal
from tests.waiting import until

NAMES = [model.name for model in READ_MODELS]


@pytest.fixture
def engine(instance: Instance) -> Iterator[sa.Engine]:
    """The instance's database."""
    engine = open_engine(instance.settings)
    yield engine
    engine.dispose()


@pytest.fixture
def terminal(instance: Instance) -> Terminal:
    """Somebody who keeps an instance with one case, whose read models nobody follows with."""
    unfollowed = replace(instance, settings=instance.settings.model_copy(update={"projections": False}))
    with unfollowed.served() as site:
        site.caller("o-1").open_detention()
    return Terminal(instance.program.environment)


def set_aside(engine: sa.Engine, name: str) -> UUID:
    """Have a case of a model held back from its first event on, as if that had failed."""
    table = metadata.tables["rm_cases"]
    with write_transaction(engine) as connection:
        live = sa.select(live_generations.c.generation).where(live_generations.c.name == name)
        case_id: UUID = connection.execute(sa.select(table.c.case_id)).scalars().first()  # type: ignore[assignment]
        place = {"name": name, "generation": connection.execute(live).scalar_one(), "case_id": case_id, "version": 1}
        why = {"position": 3, "cause": "KeyError", "since": 1, "attempts": 4, "retry_at": 2**52}
        connection.execute(sa.insert(parked).values(place | why))
    return case_id


def by_name(lines: list[Any]) -> dict[str, Any]:
    """Lines by the model they are about."""
    return {line["name"]: line for line in lines}


def test_rebuild_fills_every_model_and_rollback_goes_back(terminal: Terminal) -> None:
    shown = by_name(terminal.type("projections", "list", "--json").lines)
    assert {shown[name]["lag_events"] for name in NAMES} == {3}
    rebuilt = terminal.type("projections", "rebuild", "--json")
    assert [(line["name"], line["generation"]) for line in rebuilt.lines] == [(name, 2) for name in NAMES]
    assert terminal.type("projections", "rebuild", "cases", "--json").value["generation"] == 3
    back = terminal.type("projections", "rollback", "cases", "--json").value
    assert (back["generation"], back["previous"], back["lag_events"]) == (2, 3, 0)
    assert "generation" in terminal.type("projections", "rollback", "cases").out


def test_what_is_set_aside_is_shown_and_tried_again(terminal: Terminal, engine: sa.Engine) -> None:
    terminal.type("projections", "rebuild")
    case_id = set_aside(engine, "cases")
    shown = by_name(terminal.type("projections", "status", "--json").lines)
    assert {name: shown[name]["parked"] for name in NAMES} == dict.fromkeys(NAMES, 0) | {"cases": 1}
    (event,) = shown["cases"]["parked_events"]
    assert (event["case_id"], event["version"], event["cause"], event["attempts"]) == (str(case_id), 1, "KeyError", 4)
    assert str(case_id) in terminal.type("projections", "status", "cases").out
    assert len(shown["cases"]["digest"]) == 64

    verified = terminal.type("projections", "verify", "cases", "--json")
    assert (verified.code, verified.lines[0]["result"]) == (1, "DOES NOT HOLD: parked")
    assert terminal.type("projections", "retry", "--json").value["freed"] is True
    assert terminal.type("projections", "retry", "cases", "--json").lines == []
    assert terminal.type("projections", "verify", "cases").code == 0


def test_verify_names_what_differs(terminal: Terminal, engine: sa.Engine) -> None:
    terminal.type("projections", "rebuild")
    assert {line["result"] for line in terminal.type("projections", "verify", "--json").lines} == {"holds"}
    with write_transaction(engine) as connection:
        connection.execute(sa.update(metadata.tables["rm_cases"]).values(stage="gone"))
    told = terminal.type("projections", "verify")
    assert told.code == 1
    assert "DOES NOT HOLD: rows" in told.out
    assert "differs in stage" in told.out
    terminal.type("projections", "rebuild", "cases")
    assert terminal.type("projections", "verify", "cases").code == 0


def test_pause_and_resume(terminal: Terminal) -> None:
    assert terminal.type("projections", "pause", "audit", "--json").value["paused"] is True
    assert by_name(terminal.type("projections", "status", "--json").lines)["audit"]["paused"] is True
    assert terminal.type("projections", "resume", "audit", "--json").value["paused"] is False


def test_what_cannot_be_done_is_one_line(terminal: Terminal) -> None:
    for act in ("status", "rebuild", "rollback", "retry", "pause", "resume", "verify"):
        assert terminal.type("projections", act, "nothing").complaint == "name: no such projection"
    assert terminal.type("projections", "rollback", "cases").complaint == "name: no such previous generation"


def test_the_server_shows_and_measures_what_is_set_aside(instance: Instance, engine: sa.Engine) -> None:
    with instance.served() as site:
        officer, stranger = site.caller("o-1"), site.caller(None)
        case = officer.open_detention()
        officer.follow(officer.get(f"/v1/cases/{case.id}").json()["position"])
        set_aside(engine, "timeline")
        shown = by_name(officer.get("/v1/projections").json())
        assert (shown["timeline"]["parked"], shown["cases"]["parked"]) == (1, 0)
        assert (shown["cases"]["events"], shown["cases"]["paused"]) == (shown["cases"]["position"], False)
        until(lambda: 'casetrail_projection_parked{projection="timeline"} 1.0' in stranger.get("/metrics").text, "the gauge")
        metrics = stranger.get("/metrics").text
        assert 'casetrail_projection_lag_events{projection="cases"} 0.0' in metrics
        assert 'casetrail_projection_events_total{projection="cases"}' in metrics
        assert stranger.get("/health/ready").json() == {"status": "ready", "reasons": {}}


def test_a_database_that_fails_under_a_rebuild_is_no_ledger_that_does_not_hold(terminal: Terminal, engine: sa.Engine) -> None:
    if engine.dialect.name == "sqlite":
        owner = open_engine(engine.url.render_as_string(hide_password=False), owner=True)
        with write_transaction(owner) as connection:
            connection.execute(sa.text("DROP TABLE rm_cases"))
        owner.dispose()
        for act in ("rebuild", "verify"):
            assert terminal.type("projections", act, "cases").complaint == "the database does not answer: OperationalError"


def test_a_model_that_stands_still_makes_no_other_list_wait(instance: Instance) -> None:
    with instance.served() as site:
        officer = site.caller("o-1")
        officer.follow(officer.get(f"/v1/cases/{officer.open_detention().id}").json()["position"])
        Terminal(instance.program.environment).type("projections", "pause", "links", "--json")
        case = officer.open_detention()
        position = officer.get(f"/v1/cases/{case.id}").json()["position"]
        officer.follow(position)
        assert officer.get(f"/v1/cases/{case.id}/timeline", position=position).status_code == 200
        assert officer.get("/v1/links", position=position).status_code == 202
