"""One delivery over HTTP: a signed CloudEvent sent, the answer judged by its status, everything within one time limit."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http.cookiejar import CookieJar
from typing import Any
from uuid import UUID

import httpx2
from prometheus_client import Counter

from application.records import Recorded
from infrastructure.webhooks.addresses import Guarded
from infrastructure.webhooks.message import MEDIA_TYPE, message
from infrastructure.webhooks.receivers import Receiver
from infrastructure.webhooks.signing import signed

MOST_OF_AN_ANSWER = 64 * 1024
"""Bytes read of an answer so that its connection can be used again; of a longer one it is closed."""

GONE = 410
"""The status by which a receiver asks to be told of nothing more (Standard Webhooks): it is paused until an operator says
otherwise. The event that was answered so is still owed."""

NOT_ACCEPTED = "NotAccepted"
"""The error of a delivery that was answered with another status than 2xx."""

DELIVERIES = Counter("casetrail_webhook_deliveries", "Attempts to deliver, by webhook and outcome", ("webhook", "outcome"))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt went: the status answered, if any; the class of what went wrong, if anything did; seconds asked for."""

    status: int | None
    error: str | None
    retry_after: float = 0.0

    @property
    def accepted(self) -> bool:
        """Whether the receiver has taken it."""
        return self.error is None


class NoCookies(CookieJar):
    """Keeps no cookie, so that no receiver can have this process remember things for it without end."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Pass over whatever an answer sets."""


@cache
def certificates() -> ssl.SSLContext:
    """What the machine trusts, read once: it takes some 20 ms."""
    return ssl.create_default_context()


class Post:
    """Sends events to one receiver. For one event loop."""

    def __init__(self, receiver: Receiver, secrets: Sequence[bytes], ledger_id: UUID, timeout: float) -> None:
        """Sign with every one of ``secrets``; wait ``timeout`` seconds for an answer."""
        self._receiver = receiver
        self._secrets = tuple(secrets)
        self._ledger_id = ledger_id
        self._timeout = timeout
        self._client = httpx2.AsyncClient(
            transport=Guarded(private=receiver.private, verify=certificates()),
            headers={"user-agent": "casetrail", "content-type": MEDIA_TYPE, "accept-encoding": "identity"},
            timeout=timeout,
            cookies=NoCookies(),
            follow_redirects=False,
            trust_env=False,
        )

    async def send(self, row: Recorded, at: int) -> Outcome:
        """Send one event at ``at`` (microseconds)."""
        sent = message(self._ledger_id, row)
        headers = signed(self._secrets, sent.id, at, sent.body)
        outcome = await self._posted(sent.body, headers)
        DELIVERIES.labels(str(self._receiver.id), "accepted" if outcome.accepted else outcome.error or "").inc()
        return outcome

    async def _posted(self, body: bytes, headers: dict[str, str]) -> Outcome:
        answered: Outcome | None = None
        try:
            # The client's own limits are for each read: an answer that drips would never end.
            async with asyncio.timeout(self._timeout):
                async with self._client.stream("POST", self._receiver.url, content=body, headers=headers) as answer:
                    answered = judged(answer.status_code, answer.headers.get("retry-after"))
                    await drain(answer)
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, OSError) as error:
            return answered or Outcome(None, type(error).__name__)
        return answered

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()


def judged(status: int, retry_after: str | None) -> Outcome:
    """What an answer means: 2xx is accepted, all else is not, a redirect neither."""
    accepted = 200 <= status < 300  # noqa: PLR2004 - the class of success
    return Outcome(status, None if accepted else NOT_ACCEPTED, 0.0 if accepted else seconds(retry_after))


def seconds(retry_after: str | None) -> float:
    """The seconds of a Retry-After header, which holds seconds or a date; 0 without one or for one that cannot be read."""
    asked = (retry_after or "").strip()
    if asked.isdecimal():
        return float(asked[:10])
    try:
        at = parsedate_to_datetime(asked)
    except (ValueError, OverflowError):
        return 0.0
    return max((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - datetime.now(UTC).timestamp(), 0.0)


async def drain(answer: httpx2.Response) -> None:
    """Read a short answer to its end."""
    size = 0
    async for piece in answer.aiter_raw():
        size += len(piece)
        if size > MOST_OF_AN_ANSWER:
            return
