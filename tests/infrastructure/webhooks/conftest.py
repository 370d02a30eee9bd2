"""What every test of webhooks needs: an office that records, the table of receivers, a receiver that listens."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from infrastructure.clock import system_clock
from infrastructure.webhooks.receivers import Receivers
from tests.infrastructure.receiving import ReceiverProcess
from tests.infrastructure.webhooks.delivering import SECRETARY
from tests.matters import CATALOGUE, Office


@pytest.fixture
def office(engine: sa.Engine) -> Iterator[Office]:
    """A ledger of matters, recording."""
    office = Office(engine, system_clock)
    office.ledger.start()
    yield office
    office.ledger.close()


@pytest.fixture
def receivers(office: Office) -> Receivers:
    """The table of receivers."""
    return Receivers(office.engine, office.ledger, CATALOGUE, SECRETARY, system_clock)


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[ReceiverProcess]:
    """A receiver, listening."""
    receiver = ReceiverProcess(tmp_path / "receiver")
    receiver.start()
    yield receiver
    receiver.kill()
