"""Where a webhook may lead: never to what the operator did not mean, whatever a name resolves to."""

import asyncio
import socket
import threading
import time
from contextlib import ExitStack
from ipaddress import ip_address

import httpx2
import pytest

from application.errors import Invalid
from infrastructure.webhooks.addresses import Forbidden, Guarded, addresses, check_url, may_connect
from infrastructure.webhooks.posting import NoCookies, judged, seconds
from tests.infrastructure.receiving import ReceiverProcess


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/hook?x=1",
        "https://example.org:8443/",
        "https://10.1.2.3/",
        "http://127.0.0.1:9000/hook",
        "http://localhost/",
        "http://[::1]:9000/",
    ],
)
def test_a_receiver_is_https_or_on_this_machine(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org/",
        "https://",
        "https:///x",
        "http://example.org/",
        "http://10.1.2.3/",
        "https://user@example.org/",
        "https://user:secret@example.org/",
        "https://example.org/#part",
        "https://example.org:99999/",
        "https://example.org:0/",
        "https://exa mple.org/",
        "https://exämple.org/",
        "https://example.org/\n",
        "https://169.254.169.254/latest",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://[fe80::1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://example.org/" + "a" * 2000,
        "https://[::1/",
    ],
)
def test_any_other_url_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        check_url(url)


@pytest.mark.parametrize(
    ("address", "host", "public", "private"),
    [
        ("93.184.215.14", "example.org", True, True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", "example.org", True, True),
        ("10.1.2.3", "example.org", False, True),
        ("192.168.1.1", "192.168.1.1", False, True),
        ("100.64.0.1", "example.org", False, True),
        ("fd00::1", "example.org", False, True),
        ("127.0.0.1", "localhost", True, True),
        ("127.0.0.1", "127.0.0.1", True, True),
        ("127.0.0.1", "example.org", False, False),
        ("::1", "example.org", False, False),
        ("::ffff:127.0.0.1", "example.org", False, False),
        ("::ffff:10.1.2.3", "example.org", False, True),
        ("64:ff9b::a9fe:a9fe", "example.org", False, False),
        ("64:ff9b::a01:203", "example.org", False, True),
        ("2002:7f00:1::", "example.org", False, False),
        ("169.254.169.254", "example.org", False, False),
        ("fe80::1", "example.org", False, False),
        ("0.0.0.0", "example.org", False, False),  # noqa: S104 - refused
        ("::", "example.org", False, False),
        ("224.0.0.1", "example.org", False, False),
        ("ff02::1", "example.org", False, False),
        ("255.255.255.255", "example.org", False, False),
    ],
)
def test_an_address_is_judged_by_what_it_really_is(address: str, host: str, public: bool, private: bool) -> None:
    assert may_connect(ip_address(address), host, private=False) is public
    assert may_connect(ip_address(address), host, private=True) is private


def test_a_name_of_this_machine_leads_to_it_alone() -> None:
    found = asyncio.run(addresses("localhost", 80, private=False))

    assert set(found) <= {"127.0.0.1", "::1"}
    assert found


def test_a_name_server_that_does_not_answer_keeps_none_of_the_threads_that_others_need(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(60) and [])

    async def ask() -> None:
        async with httpx2.AsyncClient(transport=Guarded(private=False)) as client:
            asking = [asyncio.create_task(client.get("https://example.org/")) for _ in range(64)]
            await asyncio.wait(asking, timeout=0.1)
            assert await asyncio.wait_for(asyncio.to_thread(lambda: True), 30)
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)

    try:
        asyncio.run(ask())
    finally:
        answered.set()


def test_an_address_that_does_not_answer_leaves_time_for_the_next_and_is_tried_last_from_then_on(
    monkeypatch: pytest.MonkeyPatch, receiver: ReceiverProcess
) -> None:
    with ExitStack() as open_sockets:
        # A queue of connections that nobody accepts: the kernel leaves whoever comes next without an answer.
        silent = open_sockets.enter_context(socket.socket())
        silent.bind(("127.0.0.2", receiver.port))
        silent.listen(0)
        for _ in range(4):
            waiting = open_sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(silent.getsockname())
        both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, receiver.port)) for host in ("127.0.0.2", "127.0.0.1")]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)

        async def send() -> list[float]:
            took: list[float] = []
            transport = Guarded(private=False)
            async with asyncio.timeout(30), httpx2.AsyncClient(transport=transport, timeout=4) as client:
                for _ in range(2):
                    began = time.monotonic()
                    answer = await client.post(f"http://localhost:{receiver.port}/", json={"subject": "1"})
                    assert answer.status_code == 200
                    took.append(time.monotonic() - began)
            return took

        first, second = asyncio.run(send())

    assert 1.9 < first < 4
    assert second < 1


def test_a_request_to_a_private_address_is_never_sent() -> None:
    async def send() -> None:
        async with httpx2.AsyncClient(transport=Guarded(private=False)) as client:
            await client.get("https://10.1.2.3/")

    with pytest.raises(Forbidden):
        asyncio.run(send())


def test_no_cookie_of_a_receiver_is_kept() -> None:
    jar = NoCookies()
    request = httpx2.Request("POST", "http://127.0.0.1/hook")
    httpx2.Cookies(jar).extract_cookies(httpx2.Response(200, headers=[("set-cookie", "a=1")], request=request))
    assert len(jar) == 0


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        (None, 0, 0),
        ("7", 7, 7),
        ("soon", 0, 0),
        ("-3", 0, 0),
        ("Sun, 22 Nov 2015 05:00:00 GMT", 0, 0),
        ("Sun, 22 Nov 2099 05:00:00 GMT", 10**9, 10**10),
        ("9" * 50, 10**9, 10**10),
        ("\u00a0" * 10 + "7", 7, 7),
        ("Sun, 22 Nov 2099 05:00:00 +99999999999999999", 0, 0),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(header: str | None, least: float, most: float) -> None:
    assert least <= seconds(header) <= most


@pytest.mark.parametrize(
    ("status", "accepted"), [(199, False), (200, True), (204, True), (299, True), (300, False), (410, False)]
)
def test_only_success_is_accepted(status: int, accepted: bool) -> None:
    assert judged(status, None).accepted is accepted
