"""The request headers that carry meaning: If-Match (RFC 9110), Idempotency-Key, Prefer (RFC 7240)."""

import re
from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

from starlette.datastructures import Headers
from starlette.types import Scope

from api.problems import Problem

_ETAG = re.compile(r'"([1-9][0-9]{0,17})"')
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?([0-9]{1,4})\"?(?=$|[,;\s])", re.IGNORECASE)

LONGEST_WAIT = 30
"""Seconds a reader may wait for a read model; a longer wish is cut to it, as RFC 7240 allows."""


Fields = Mapping[bytes, list[str]]
"""A request's header fields by lower-case name, each with all its values in order."""


def header_fields(scope: Scope) -> Fields:
    """The fields of a request, read once."""
    fields: dict[bytes, list[str]] = {}
    for name, value in scope["headers"]:
        fields.setdefault(name, []).append(value.decode("latin-1"))
    return fields


def expected_version(fields: Fields) -> int | None:
    """The version in ``If-Match: "7"``, None without the header. Raises Problem for anything but one strong version."""
    values = fields.get(b"if-match")
    if not values:
        return None
    match = _ETAG.fullmatch(values[0].strip()) if len(values) == 1 else None
    if match is None:
        raise Problem(422, "if-match-malformed", 'If-Match takes one version of the case, e.g. "7" in quotes')
    return int(match.group(1))


def idempotency_key(fields: Fields) -> str:
    """The caller's key, as sent. Raises Problem if it is missing, given twice, or not 1 to 255 visible ASCII characters."""
    values = fields.get(b"idempotency-key")
    if not values:
        raise Problem(422, "idempotency-key-missing", "Idempotency-Key is required on every POST")
    if len(values) > 1 or not _KEY.fullmatch(values[0]):
        raise Problem(422, "idempotency-key-malformed", "Idempotency-Key takes 1 to 255 visible ASCII characters")
    return values[0]


def command_id(actor: str, route: str, case_id: UUID | None, key: str) -> bytes:
    """The ledger's name for one sending of one command: 16 bytes of a hash over caller, route, case and key.

    The first 16 bytes of the SHA-256 of each part's length in four bytes, big-endian, and its UTF-8 bytes; an opening
    has the nil id for its case. Stored for ever.
    """
    parts = (actor.encode(), route.encode(), (case_id or UUID(int=0)).bytes, key.encode())
    return sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()[:16]


def seconds_to_wait(headers: Headers) -> float:
    """The seconds of ``Prefer: wait=…``, at most LONGEST_WAIT; 0 where the caller states no such wish."""
    match = _WAIT.search(headers.get("prefer", ""))
    return min(int(match.group(1)), LONGEST_WAIT) if match else 0
