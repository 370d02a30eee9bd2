"""The feed as lines and as a stream: complete, in order, resumed without a gap or a repeat, and never in anybody's way."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from api.routes import feeds
from domain.dossier.acts import AddAddendum
from infrastructure.actors import Registration, register
from infrastructure.database import open_engine
from tests.api.server import AGENCY, Caller, Instance, Site, block, code
from tests.waiting import until


@dataclass(frozen=True)
class Sent:
    """One server-sent event as read."""

    id: int
    event: str
    data: dict[str, Any]


def read_events(lines: Iterator[str]) -> Iterator[Sent]:
    """The events in a stream's lines; comments and what only sets the pause are passed over."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        else:
            if "data" in fields:
                yield Sent(int(fields["id"]), fields["event"], json.loads(fields["data"]))
            fields = {}


@contextmanager
def streaming(caller: Caller, after: int = 0, last: int | None = None) -> Iterator[httpx2.Response]:
    """A stream, open as long as the block."""
    headers = {} if last is None else {"last-event-id": str(last)}
    with caller.http.stream("GET", "/v1/events/stream", params={"after": after}, headers=headers) as answer:
        yield answer


def remark(site: Site, times: int) -> int:
    """Record so many remarks in a case of their own; the last position."""
    officer = site.caller("o-1")
    case = officer.open_detention()
    position = 0
    for version in range(case.version, case.version + times):
        answer = officer.give(case.id, AddAddendum(**block(), text="A remark"), version)
        assert answer.status_code == 200, answer.text
        position = answer.json()["position"]
    return position


def feed(site: Site, **asked: Any) -> list[dict[str, Any]]:
    """Lines of the feed."""
    return [json.loads(line) for line in site.caller("a-1").get("/v1/events", **asked).text.splitlines()]


def test_the_next_lines_are_named_and_complete(site: Site) -> None:
    head = remark(site, 3)
    auditor = site.caller("a-1")
    address, seen = "/v1/events?after=0&limit=2", []
    while lines := (answer := auditor.get(address)).text.splitlines():
        seen += [json.loads(line)["position"] for line in lines]
        address = answer.links["next"]["url"]

    assert seen == list(range(1, seen[-1] + 1))
    assert seen[-1] >= head
    assert address == f"/v1/events?after={seen[-1]}&limit=2"


def test_the_feed_waits_for_what_is_recorded_next(site: Site) -> None:
    head = remark(site, 1)
    auditor, answers = site.with_token(site.instance.token("a-1")), []

    def wait() -> None:
        answers.append(auditor.get("/v1/events", {"prefer": "wait=30"}, after=head))

    waiting = threading.Thread(target=wait)
    waiting.start()
    until(lambda: site.app.state.streams.tail._waiting > 0, "somebody waits")
    remark(site, 1)
    waiting.join(20)
    assert json.loads(answers[0].text.splitlines()[0])["position"] == head + 1


def test_waiting_in_vain_ends_with_no_line(site: Site) -> None:
    answer = site.caller("a-1").get("/v1/events", {"prefer": "wait=1"}, after=10**9)

    assert (answer.status_code, answer.text) == (200, "")


def test_a_stream_says_what_the_feed_says(site: Site) -> None:
    head = remark(site, 3)
    with streaming(site.caller("a-1"), after=head - 3) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = read_events(answer.iter_lines())
        sent = [next(events) for _ in range(3)]

    assert [event.data for event in sent] == feed(site, after=head - 3, limit=3)
    assert [(event.id, event.event) for event in sent] == [(e.data["position"], e.data["type"]) for e in sent]


def test_a_stream_dropped_again_and_again_misses_and_repeats_nothing_while_others_write(fresh_site: Site) -> None:
    auditor, stop = fresh_site.with_token(fresh_site.instance.token("a-1")), threading.Event()

    def write() -> None:
        while not stop.is_set():
            remark(fresh_site, 5)

    writer = threading.Thread(target=write)
    writer.start()
    seen: list[int] = []
    try:
        for pieces in (1, 7, 30, 3, 60, 1, 20):
            with streaming(auditor, after=0, last=seen[-1] if seen else None) as answer:
                events = read_events(answer.iter_lines())
                seen += [next(events).id for _ in range(pieces)]
    finally:
        stop.set()
        writer.join()

    assert seen == list(range(1, len(seen) + 1))
    until(lambda: fresh_site.app.state.streams.open == 0, "every stream is closed again")


def test_only_so_many_streams_are_open(site: Site) -> None:
    streams = site.app.state.streams
    auditor = site.with_token(site.instance.token("a-1"))
    most, streams.most = streams.most, streams.open + 1
    try:
        with streaming(site.caller("a-1")) as first:
            assert first.status_code == 200
            refused = auditor.get("/v1/events/stream")
            assert (code(refused), refused.headers["retry-after"]) == ((503, "streams-full"), "5")
        until(lambda: streams.open < streams.most, "the place is given back")
        with streaming(auditor) as second:
            assert second.status_code == 200
    finally:
        streams.most = most


def test_an_idle_stream_says_so_and_holds_no_connection(fresh_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "ASK_AGAIN", 0.1)
    with streaming(fresh_site.caller("a-1"), after=10**6) as answer:
        lines = answer.iter_lines()
        assert [next(lines) for _ in range(6)][3:] == [": still here", "", ": still here"]


def test_a_stream_ends_when_its_reader_may_no_longer_read(fresh_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "ASK_AGAIN", 0.1)
    engine = open_engine(fresh_site.instance.settings)
    with streaming(fresh_site.caller("a-1")) as answer:
        lines = answer.iter_lines()
        assert next(lines) == ": casetrail"
        register(engine, Registration("a-1", "audit", AGENCY, ("auditor",), active=False))
        engine.dispose()
        for line in lines:
            assert line in ("", "retry: 1000", ": still here") or line.startswith(("data: ", "id: ", "event: "))
    assert fresh_site.caller("a-1").get("/v1/events").status_code == 401


def test_a_reader_who_does_not_read_keeps_nobody_waiting(fresh_site: Site) -> None:
    remark(fresh_site, 40)
    with streaming(fresh_site.caller("a-1")):
        head = remark(fresh_site, 20)
        assert feed(fresh_site, after=head - 1)[0]["position"] == head


def test_a_server_that_is_told_to_end_ends_its_streams(instance: Instance) -> None:
    process = instance.program.serve()
    site = Site(instance, process.address)
    with streaming(site.caller("a-1")) as answer:
        lines = answer.iter_lines()
        assert next(lines) == ": casetrail"
        began = time.monotonic()
        process.terminate()
        for _ in lines:
            assert time.monotonic() - began < 10
    assert process.exit_code(10) == 0, process.said()
    site.close()


@pytest.mark.parametrize("person", ["o-1", "r-1", "m-1", "p-1"])
def test_only_auditors_follow(site: Site, person: str) -> None:
    for path in ("/v1/events", "/v1/events/stream"):
        assert site.caller(person).get(path).status_code == 403


@pytest.mark.parametrize("last", ["x", "-1", str(2**53)])
def test_a_last_event_id_that_is_none_is_refused(site: Site, last: str) -> None:
    assert site.caller("a-1").get("/v1/events/stream", {"last-event-id": last}).status_code == 422
