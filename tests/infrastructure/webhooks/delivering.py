"""Deliveries made in a test, and what became of them."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from infrastructure.clock import system_clock
from infrastructure.webhooks.courier import Manner
from infrastructure.webhooks.dispatcher import Dispatcher
from infrastructure.webhooks.receivers import Receivers
from infrastructure.webhooks.signing import Secretary
from tests.matters import Office

LEDGER_ID = UUID("5f741cee-03d4-43a3-8da3-ba4bb8a60952")
QUICK = Manner(attempts=5, first_pause=0.05, longest_pause=0.2, timeout=0.5)
PATIENT = replace(QUICK, attempts=10_000)
SECRETARY = Secretary(bytes(32))


@contextlib.contextmanager
def delivering(office: Office, manner: Manner = QUICK) -> Iterator[Dispatcher]:
    """Deliveries being made until the block ends."""
    dispatcher = Dispatcher(office.engine, office.ledger, LEDGER_ID, SECRETARY, manner, system_clock)
    dispatcher.start()
    try:
        yield dispatcher
    finally:
        dispatcher.stop()


def everything(office: Office) -> set[int]:
    """Every position there is."""
    return set(range(1, office.ledger.head().position + 1))


def status(receivers: Receivers) -> dict[str, object]:
    """The one receiver as listed."""
    (found,) = receivers.statuses()
    return found
