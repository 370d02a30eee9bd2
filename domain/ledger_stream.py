"""Entries of the ledger about itself, on its own stream (the nil case id, version 1, 2, 3 …). They are no case."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.kernel import Event
from domain.values import Code

KIND_NAME = "ledger"
"""The ``kind`` of the ledger's own stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerOpened(Event):
    """A ledger began. Its id is carried by receipts, feeds and exports."""

    type: ClassVar[str] = "ledger.opened"

    ledger_id: UUID
    agency: Code
    leaf_format: Code


EVENTS: tuple[type[Event], ...] = (LedgerOpened,)
