"""An instance's webhooks as the command line has them."""

from collections.abc import Iterator
from contextlib import contextmanager

from domain.catalogue import Catalogue
from infrastructure import instance
from infrastructure.clock import system_clock
from infrastructure.database import open_engine, refuse_owner
from infrastructure.instance import NotReady
from infrastructure.ledger import SqlLedger
from infrastructure.settings import Settings
from infrastructure.webhooks.dispatcher import Dispatcher, manner
from infrastructure.webhooks.receivers import Receivers
from infrastructure.webhooks.signing import Secretary


@contextmanager
def open_receivers(settings: Settings, catalogue: Catalogue) -> Iterator[Receivers]:
    """The receivers of an instance, to give commands on. Raises NotReady with what to do."""
    secrets = instance.require_ready(settings)
    engine = open_engine(settings)
    try:
        ledger = SqlLedger(engine, system_clock)
        yield Receivers(engine, ledger, catalogue, Secretary(secrets.instance_key), system_clock)
    finally:
        engine.dispose()


@contextmanager
def open_dispatcher(settings: Settings) -> Iterator[Dispatcher]:
    """Deliveries being made by this process until the block ends. Raises NotReady with what to do."""
    secrets = instance.require_ready(settings)
    engine = open_engine(settings)
    try:
        refuse_owner(engine)
        ledger = SqlLedger(engine, system_clock)
        ledger_id = instance.find_ledger_id(ledger)
        if ledger_id is None:
            raise NotReady("the ledger was never opened: run casetrail init")
        secretary = Secretary(secrets.instance_key)
        dispatcher = Dispatcher(engine, ledger, ledger_id, secretary, manner(settings), system_clock)
        dispatcher.start()
        try:
            yield dispatcher
        finally:
            dispatcher.stop()
    finally:
        engine.dispose()
