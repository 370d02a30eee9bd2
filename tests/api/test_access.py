"""Who may do what, over HTTP: every route asks for a token, every action for a role, every case for its unit."""

import asyncio
import re
from collections.abc import Iterator
from uuid import UUID, uuid4

import httpx2
import pytest
from fastapi import Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import Route

from api.commands import command_routes, endpoints
from api.security import allowed
from application.access import READ_CASE, ROLES, Action
from domain.catalogue import discover
from domain.dossier.acts import AddAddendum, LinkType, MoveToUnit, ProposeLink
from infrastructure.actors import REFRESH, Registration, register
from infrastructure.database import open_engine
from tests.api.server import AGENCY, PEOPLE, Site, block
from tests.scenario import HOUR, NOON
from tests.waiting import until

OPEN = frozenset({"/health/live", "/health/ready", "/metrics", "/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"})
UNENDING = frozenset({"/v1/events/stream"})
"""Answers that do not end: whoever may read them is asked in tests/api/test_feeds.py."""
NOBODY = UUID(int=9)
REMARK = AddAddendum(**block(NOON + HOUR), text="A remark")
IN_ROLE = {role: person for person, (_, role) in PEOPLE.items() if person not in ("o-2", "o-3", "o-4")}


def everything(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Every method and path the application answers, pages and mounts of files included."""
    yield from (("POST", path) for path in endpoints(discover()))
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, Route | APIRoute):
            yield from ((method, route.path) for method in sorted(route.methods or ()) if method != "HEAD")


def actions(dependant: Dependant) -> Iterator[Action]:
    """The actions a route names, anywhere among its dependencies."""
    if isinstance(action := getattr(dependant.call, "action", None), Action):
        yield action
    for inner in dependant.dependencies:
        yield from actions(inner)


def reading_routes(app: FastAPI) -> dict[str, list[Action]]:
    """Every route that is no command, with the actions it names."""
    found = {}
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and route.path not in OPEN:
            found[route.path] = list(actions(route.dependant))
    return found


@pytest.fixture(scope="module")
def routes(sqlite_site: Site) -> list[tuple[str, str]]:
    """Every method and path, with an id in it."""
    return [(method, path.replace("{case_id}", str(NOBODY))) for method, path in everything(sqlite_site.app)]


# --- 401 ------------------------------------------------------------------------------------------------------


def test_the_walk_finds_every_route(sqlite_site: Site) -> None:
    described = {
        (method.upper(), path) for path, operations in sqlite_site.app.openapi()["paths"].items() for method in operations
    }
    walked = set(everything(sqlite_site.app))

    assert {(m, p) for m, p in walked if p not in OPEN} == {(m, p) for m, p in described if p not in OPEN}
    assert len(walked) > len(command_routes(sqlite_site.instance.catalogue))


def bad_tokens(site: Site) -> dict[str, str | None]:
    """Authorization headers that prove nothing."""
    good = site.instance.token("o-1")
    head, body, signature = good.split(".")
    return {
        "none": None,
        "empty": "",
        "no scheme": good,
        "basic": "Basic bzoxOng=",
        "no token": "Bearer",
        "garbage": "Bearer x",
        "unsigned": f"Bearer {head}.{body}.",
        "another signature": f"Bearer {head}.{body}.{signature[::-1]}",
        "cut": f"Bearer {good[:-8]}",
        "twice": f"Bearer {good} {good}",
        "oversized": "Bearer " + "a" * 9000,
        "padded": f"Bearer {good}" + "=" * 9000,
        "latin": "Bearer \xe9\xff",
        "expired": f"Bearer {site.instance.token('o-1', ttl=1)}",
        "a role not held": f"Bearer {site.instance.token('o-1', 'auditor')}",
        "a stranger": f"Bearer {issue(site, 'nobody', 'officer')}",
    }


def issue(site: Site, person: str, role: str) -> str:
    """A properly signed token for anybody."""
    return site.instance.token(person, role)


def ask(site: Site, method: str, path: str, authorization: str | None, body: bytes | None = None) -> httpx2.Response:
    """A request with that authorization header, and otherwise as good as it can be."""
    headers = [(b"content-type", b"application/json"), (b"idempotency-key", uuid4().hex.encode()), (b"if-match", b'"1"')]
    if authorization is not None:
        headers.append((b"authorization", authorization.encode("latin-1")))
    return site.caller(None).http.request(method, path, headers=headers, content=body)


def check_unauthenticated(answer: httpx2.Response, what: str) -> None:
    """The answer is a 401 as it should be."""
    assert answer.status_code == 401, f"{what}: {answer.status_code} {answer.text[:200]}"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_every_route_but_the_open_ones_wants_a_token_before_anything_else(
    sqlite_site: Site, routes: list[tuple[str, str]]
) -> None:
    for method, path in routes:
        for body in (None, b"{", b"\xff", b'{"a":1e999}'):
            answer = ask(sqlite_site, method, path, None, body)
            if path in OPEN:
                assert answer.status_code == 200, path
            else:
                check_unauthenticated(answer, f"{method} {path}")


def test_no_route_takes_a_bad_token(sqlite_site: Site, routes: list[tuple[str, str]]) -> None:
    tokens = bad_tokens(sqlite_site)
    until(lambda: ask(sqlite_site, "GET", "/v1/cases", tokens["expired"]).status_code == 401, "the token expires")
    closed = [(method, path) for method, path in routes if path not in OPEN]
    for method, path in closed:
        check_unauthenticated(ask(sqlite_site, method, path, "Bearer x", b"{"), path)
    for name, authorization in tokens.items():
        for method, path in closed[::23]:
            check_unauthenticated(ask(sqlite_site, method, path, authorization, b"{"), f"{name}: {path}")


def test_nobody_waits_for_a_list_without_a_token(sqlite_site: Site) -> None:
    stranger, officer = sqlite_site.caller(None), sqlite_site.caller("o-1")
    for path in ("/v1/cases", f"/v1/cases/{NOBODY}/timeline", "/v1/audit"):
        check_unauthenticated(stranger.get(path, {"prefer": "wait=20"}, position=10**9), path)
    for caller in (officer, sqlite_site.caller("m-1")):
        assert caller.get("/v1/audit", {"prefer": "wait=20"}, position=10**9).status_code == 403


def test_a_large_body_without_a_token_is_not_read(sqlite_site: Site) -> None:
    check_unauthenticated(ask(sqlite_site, "POST", "/v1/detentions", None, b" " * 2_000_000), "2 MB")


def test_the_scheme_of_a_token_is_spelled_as_one_likes(sqlite_site: Site) -> None:
    assert ask(sqlite_site, "GET", "/v1/cases", f"bEARER {sqlite_site.instance.token('o-1')}").status_code == 200


def test_who_is_no_longer_active_is_soon_nobody(fresh_site: Site) -> None:
    officer = fresh_site.caller("o-1")
    assert officer.get("/v1/cases").status_code == 200
    engine = open_engine(fresh_site.instance.settings)
    register(engine, Registration("o-1", "unit-1", AGENCY, ("officer",), active=False))
    until(lambda: officer.get("/v1/cases").status_code == 401, "the table is read again", patience=10 * REFRESH)
    register(engine, Registration("o-1", "unit-1", AGENCY, ("reporter",)))
    engine.dispose()
    reporter = fresh_site.with_token(fresh_site.instance.token("o-1", "reporter"))
    until(lambda: reporter.get("/v1/cases").status_code == 200, "the table is read again", patience=10 * REFRESH)
    assert officer.get("/v1/cases").status_code == 401, "the old token names a role that is no longer held"


# --- 403 ------------------------------------------------------------------------------------------------------


def test_every_route_of_reads_names_one_action(sqlite_site: Site) -> None:
    found = reading_routes(sqlite_site.app)

    assert [path for path, named in found.items() if len(set(named)) != 1] == []
    assert len(found) >= 8


def test_a_route_of_reads_without_an_action_is_found() -> None:
    app = FastAPI()

    @app.get("/unnamed")
    def unnamed() -> None:
        """Nobody is asked for."""

    @app.get("/named", dependencies=[Depends(allowed(READ_CASE))])
    def named() -> None:
        """Somebody is."""

    assert reading_routes(app) == {"/unnamed": [], "/named": [READ_CASE]}


def test_a_role_reads_what_its_actions_allow_and_nothing_else(sqlite_site: Site) -> None:
    given = {"{case_id}": str(NOBODY), "{name}": "cases", "{month}": "2026-01"}
    for path, (action,) in reading_routes(sqlite_site.app).items():
        address = re.sub(r"\{\w+\}", lambda part: given[part[0]], path)
        needed = f"?case_id={NOBODY}" if path == "/v1/state-intervals" else ""
        for role in sorted(ROLES - (action.roles if path in UNENDING else frozenset())):
            answer = sqlite_site.caller(IN_ROLE[role]).get(address + needed)
            assert (answer.status_code == 403) == (role not in action.roles), f"{role} {path}: {answer.status_code}"
            assert answer.status_code in (200, 403, 404)


def test_a_command_is_given_by_its_roles_and_functions_alone_whatever_the_body(sqlite_site: Site) -> None:
    """The auditor and the reporter are among those who may give none."""
    for route in command_routes(sqlite_site.instance.catalogue):
        by, path = route.command.by, f"/v1{route.path}".replace("{case_id}", str(NOBODY))
        for role in sorted(ROLES):
            answer = sqlite_site.caller(IN_ROLE[role]).post(path, b"{", version=1)
            assert answer.status_code == (422 if role in by.roles else 403), f"{role} {path}: {answer.text}"
        if by.function is not None and "officer" in by.roles:
            unable = sqlite_site.caller("o-4").post(path, b"\xff" * 2_000_000, version=1)
            assert unable.status_code == 403, f"{path} without {by.function}: {unable.text}"
        assert not by.roles & {"auditor", "reporter"}


def test_metrics_are_for_this_machine_and_for_operators(sqlite_site: Site) -> None:
    assert sqlite_site.caller(None).get("/metrics").status_code == 200
    assert sqlite_site.caller("o-1").get("/metrics").status_code == 403
    assert sqlite_site.caller("p-1").get("/metrics").status_code == 200


@pytest.mark.parametrize("forwarded", [{}, {"x-forwarded-for": "127.0.0.1"}, {"forwarded": "for=127.0.0.1"}])
def test_metrics_are_closed_to_other_machines(sqlite_site: Site, forwarded: dict[str, str]) -> None:
    assert from_afar(sqlite_site, forwarded) == 401
    assert from_afar(sqlite_site, {"authorization": f"Bearer {sqlite_site.instance.token('a-1')}"}) == 403
    assert from_afar(sqlite_site, {"authorization": f"Bearer {sqlite_site.instance.token('p-1')}"}) == 200


def from_afar(site: Site, headers: dict[str, str]) -> int:
    """What a client at another address gets for the metrics."""

    async def ask_from_there() -> int:
        transport = httpx2.ASGITransport(app=site.app, client=("203.0.113.9", 4711))
        async with httpx2.AsyncClient(transport=transport, base_url=site.address) as http:
            return (await http.get("/metrics", headers=headers)).status_code

    return asyncio.run(ask_from_there())


# --- 404: a case of another unit does not exist ---------------------------------------------------------------


def test_a_case_of_another_unit_does_not_exist(site: Site) -> None:
    officer, stranger = site.caller("o-1"), site.caller("o-3")
    case = officer.open_detention()
    position = officer.record(case.id, REMARK)["position"]
    officer.follow(position)

    for path in (
        "",
        "/events",
        "/timeline",
        "/diff?from=1&to=2",
        "?version=1",
        "?version=99",
        "?known_at=2000-01-01T00:00:00Z",
    ):
        hidden = stranger.get(f"/v1/cases/{case.id}{path}")
        unknown = stranger.get(f"/v1/cases/{NOBODY}{path}")
        assert (hidden.status_code, hidden.content) == (404, unknown.content), path
    for version in (None, 1, 2, 7):
        hidden = stranger.give(case.id, REMARK, version)
        assert (hidden.status_code, hidden.content) == (404, stranger.give(NOBODY, REMARK, version).content)
    assert str(case.id) not in stranger.get("/v1/cases", limit=500).text
    assert stranger.get("/v1/cases", unit="unit-1").json()["items"] == []


def test_a_key_of_somebody_else_opens_nothing(site: Site) -> None:
    officer, stranger = site.caller("o-1"), site.caller("o-3")
    case, key = officer.open_detention(), uuid4().hex
    assert officer.give(case.id, REMARK, 1, key).status_code == 200

    assert stranger.give(case.id, REMARK, 1, key).status_code == 404


def test_a_case_moves_out_of_sight_with_its_unit(site: Site) -> None:
    officer, stranger, supervisor = site.caller("o-1"), site.caller("o-3"), site.caller("s-1")
    case, key = officer.open_detention(), uuid4().hex
    officer.give(case.id, REMARK, 1, key)
    move = MoveToUnit(**block(NOON + HOUR, reason="Competence"), unit="unit-2")
    supervisor_key = uuid4().hex

    assert supervisor.give(case.id, move, 2, supervisor_key).status_code == 200

    assert officer.get(f"/v1/cases/{case.id}").status_code == 404
    assert officer.give(case.id, REMARK, 2).status_code == 404, "not 412, which would tell what happened since"
    assert officer.give(case.id, REMARK, 1, key).status_code == 404
    assert supervisor.give(case.id, move, 2, supervisor_key).status_code == 404
    assert stranger.version(case.id) == 3
    stranger.follow(stranger.get(f"/v1/cases/{case.id}").json()["position"])
    assert str(case.id) in stranger.get("/v1/cases", limit=500).text
    assert str(case.id) not in officer.get("/v1/cases", limit=500).text


def test_a_linked_case_of_another_unit_stays_out_of_the_timeline(site: Site) -> None:
    officer, stranger, auditor = site.caller("o-1"), site.caller("o-3"), site.caller("a-1")
    case, other = officer.open_detention(), stranger.open_detention()
    position = officer.record(case.id, ProposeLink(**block(), other=other.id, link=LinkType.POSSIBLE_OVERLAP))["position"]
    officer.follow(position)
    path = f"/v1/cases/{case.id}/timeline"

    seen = officer.get(path, linked="true").json()["items"]
    all_of_it = auditor.get(path, linked="true").json()["items"]

    assert {item["case_id"] for item in seen} == {str(case.id)}
    assert {item["case_id"] for item in all_of_it} == {str(case.id), str(other.id)}


def test_everybody_who_reads_cases_reads_the_units_they_may(site: Site) -> None:
    case = site.caller("o-1").open_detention()
    seen = {p: site.caller(p).get(f"/v1/cases/{case.id}").status_code for p in PEOPLE}

    assert seen == {"o-1": 200, "o-2": 200, "o-3": 404, "o-4": 200, "s-1": 200, "a-1": 200, "m-1": 200, "r-1": 403, "p-1": 403}
