"""Where a receiver may live: what its URL must look like, and which network addresses are never connected to.

A URL is named by an operator, but names resolve to what somebody else says. So the addresses are looked up and judged at
every delivery, and the connection goes to the very address that was judged. No redirect is followed, no proxy is used.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

import httpx2

from application.errors import Invalid

LONGEST_URL = 2000
_NAT64 = IPv6Network("64:ff9b::/96")


class Forbidden(httpx2.ConnectError):
    """The receiver's name leads to no address that may be connected to."""


def check_url(url: str) -> None:
    """Raise Invalid unless a URL is https, or http to this machine by its loopback name or number."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Invalid("url", "it is no URL") from None
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise Invalid("url", f"a URL has at most {LONGEST_URL} visible ASCII characters")
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        raise Invalid("url", "it must begin with https:// and name a host")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Invalid("url", "it may hold neither a user, a password nor a fragment")
    if parts.scheme == "http" and not is_loopback_name(parts.hostname):
        raise Invalid("url", "http is for receivers on this machine only: use https")
    literal = address_in(parts.hostname)
    if literal is not None and not may_connect(literal, parts.hostname, private=True):
        raise Invalid("url", "no receiver can live at that address")


def address_in(host: str) -> IPv4Address | IPv6Address | None:
    """The address a host is written as, None for a name."""
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


def is_loopback_name(host: str) -> bool:
    """Whether a host, as written, means this machine."""
    address = address_in(host)
    return host.lower() == "localhost" if address is None else address.is_loopback


def inner(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address carries, where it is one in disguise."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address


def may_connect(found: IPv4Address | IPv6Address, host: str, *, private: bool) -> bool:
    """Whether an address may be connected to: this machine if the URL says so, the public network, private ones if allowed."""
    address = inner(found)
    if address.is_loopback:
        return is_loopback_name(host)
    if address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved:
        return False
    return address.is_global or private


async def addresses(host: str, port: int, *, private: bool, threads: Executor | None = None) -> list[str]:
    """The addresses of a host that may be connected to, in the order to try. Raises Forbidden if there is none.

    A name is looked up on one of ``threads``, the event loop's own by default.
    """
    literal = address_in(host)
    if literal is None:
        asked = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(threads, asked)
        every = [ip_address(entry[4][0]) for entry in found]
    else:
        every = [literal]
    allowed = [str(address) for address in every if may_connect(address, host, private=private)]
    if not allowed:
        raise Forbidden("no address of that name may be connected to")
    return list(dict.fromkeys(allowed))


class Guarded(httpx2.AsyncBaseTransport):
    """Sends requests to addresses it has judged, while TLS and the Host header go by the name. For one receiver."""

    def __init__(self, *, private: bool, verify: ssl.SSLContext | None = None) -> None:
        """``private``: addresses outside the public network are allowed too."""
        self._private = private
        self._reached = ""
        # A thread of its own: a name server that does not answer keeps it for longer than any delivery may take, and the
        # event loop's threads are where everybody's progress is written down.
        self._lookups = ThreadPoolExecutor(1, "casetrail-lookup")
        self._inner = httpx2.AsyncHTTPTransport(verify=verify or ssl.create_default_context(), trust_env=False)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request to the first address that can be reached. Raises Forbidden, and what the transport raises.

        The time to connect is shared out among the addresses that are left, so that one which does not answer leaves time
        for the next. What was reached last is tried first.
        """
        began = time.monotonic()
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        try:
            found = await addresses(host, port, private=self._private, threads=self._lookups)
        except (socket.gaierror, UnicodeError) as error:
            raise httpx2.ConnectError("the host's name cannot be resolved", request=request) from error
        request.extensions = {**request.extensions, "sni_hostname": host}
        limits = request.extensions.get("timeout", {})
        *others, last = sorted(found, key=lambda address: address != self._reached)
        for passed, address in enumerate(others):
            request.extensions["timeout"] = _shared(limits, time.monotonic() - began, len(found) - passed)
            with suppress(httpx2.ConnectError, httpx2.ConnectTimeout):
                return await self._send_to(address, request)
        request.extensions["timeout"] = _shared(limits, time.monotonic() - began, 1)
        return await self._send_to(last, request)

    async def _send_to(self, address: str, request: httpx2.Request) -> httpx2.Response:
        request.url = request.url.copy_with(host=address)
        answer = await self._inner.handle_async_request(request)
        self._reached = address
        return answer

    async def aclose(self) -> None:
        """Hang up."""
        self._lookups.shutdown(wait=False, cancel_futures=True)
        await self._inner.aclose()


def _shared(limits: Mapping[str, float | None], spent: float, addresses: int) -> dict[str, float | None]:
    """A request's limits, in seconds, with the share of one of several addresses in what is left of the time to connect."""
    whole = limits.get("connect")
    return {**limits, "connect": None if whole is None else max(whole - spent, 0.0) / addresses}
