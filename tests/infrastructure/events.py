"""Requests to the ledger as tests write them: small, valid, each with a command id of its own."""

import os
from typing import Any
from uuid import UUID, uuid4

import orjson

from application.records import Append, Draft


def request(
    case_id: UUID | None = None, after: int = 0, *states: bytes, command_id: bytes | None = None, **others: Any
) -> Append:
    """A command of actor ``officer-1`` that records one event per state (one if none is given)."""
    command_id = command_id or os.urandom(16)
    envelope = orjson.dumps({"actor": {"id": "officer-1"}, "command_id": command_id.hex()})
    drafts = tuple(Draft("test.noted", 1, state, envelope) for state in states or (b'{"note":"x"}',))
    given: dict[str, Any] = {"fingerprint": bytes(32), **others}
    return Append(case_id or uuid4(), "test", after, drafts, "officer-1", command_id, **given)
