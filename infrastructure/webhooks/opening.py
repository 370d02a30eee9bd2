"""An instance's webhooks as the command line has them."""

from collections.abc import Iterator
from contextlib import contextmanager

from domain.catalogue import Catalogue
from infrastructure import instance
from infrastructure.clock import system_clock
from infrastructure.database import engine_of, refuse_owner
from infrastructure.ledger import SqlLedger
from infrastructure.settings import Settings
from infrastructure.webhooks.dispatcher import Dispatcher, manner
from infrastructure.webhooks.receivers import Receivers
from infrastructure.webhooks.signing import Secretary


@contextmanager
def open_receivers(settings: Settings, catalogue: Catalogue) -> Iterator[Receivers]:
    """The receivers of an instance, to give commands on. Raises NotReady with what to do."""
    secrets = instance.require_ready(settings)
    with engine_of(settings) as engine:
        ledger = SqlLedger(engine, system_clock)
        yield Receivers(engine, ledger, catalogue, Secretary(secrets.instance_key), system_clock)


@contextmanager
def open_dispatcher(settings: Settings) -> Iterator[Dispatcher]:
    """Deliveries being made by this process until the block ends. Raises NotReady with what to do."""
    secrets = instance.require_ready(settings)
    with engine_of(settings) as engine:
        refuse_owner(engine)
        ledger = SqlLedger(engine, system_clock)
        secretary = Secretary(secrets.instance_key)
        dispatcher = Dispatcher(engine, ledger, instance.ledger_id_of(ledger), secretary, manner(settings), system_clock)
        dispatcher.start()
        try:
            yield dispatcher
        finally:
            dispatcher.stop()
