"""The thread that delivers: a courier for every receiver that no other process delivers to."""

import asyncio
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from uuid import UUID, uuid4

import sqlalchemy as sa
import structlog
from prometheus_client import Gauge

from application.errors import Unavailable
from application.ports import Clock, Ledger
from infrastructure.database import NO_ANSWER
from infrastructure.key_files import UnusableKeyFile
from infrastructure.settings import Settings
from infrastructure.webhooks.courier import Courier, LeaseLost, Manner
from infrastructure.webhooks.pacing import Pace
from infrastructure.webhooks.posting import Post
from infrastructure.webhooks.progress import LEASE, Progress
from infrastructure.webhooks.receivers import Receiver
from infrastructure.webhooks.signing import Secretary

LOOK = 1.0
"""Seconds between two looks at the table of receivers: as long as a command takes to be heard."""

SHARE_OF_A_SERVER = 0.2
"""Of one processor, for deliveries by a server that also records: some 150 a second."""

LAG = Gauge("casetrail_webhook_lag_events", "Events recorded that a webhook was not told of yet", ("webhook",))

_log = structlog.get_logger()


def manner(settings: Settings) -> Manner:
    """How an instance delivers."""
    return Manner(
        attempts=settings.webhook_attempts,
        first_pause=settings.webhook_first_pause,
        longest_pause=settings.webhook_longest_pause,
        timeout=settings.webhook_timeout,
    )


class Dispatcher:
    """Delivers to the receivers of one database, from ``start`` to ``stop``, sharing them with other processes."""

    def __init__(
        self, engine: sa.Engine, ledger: Ledger, ledger_id: UUID, secretary: Secretary, manner: Manner, clock: Clock,
        share: float = 1.0,
    ) -> None:  # fmt: skip
        """Read ``ledger``, keep progress in the database of ``engine``, use at most a share of one processor."""
        self._ledger = ledger
        self._ledger_id = ledger_id
        self._secretary = secretary
        self._manner = manner
        self._clock = clock
        self._share = share
        self._progress = Progress(engine, clock, uuid4().hex)
        self._couriers: dict[UUID, tuple[Courier, asyncio.Task[None]]] = {}
        self._measured: set[UUID] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = threading.Event()
        self._stirred = asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), name="casetrail-webhooks", daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """Break off deliveries under way, write down what was delivered, and let other processes go on."""
        self._stopping.set()
        if (loop := self._loop) is not None:
            loop.call_soon_threadsafe(self._stirred.set)
        if self._thread.ident is not None:
            self._thread.join()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        pace = Pace(self._share)
        try:
            while not self._stopping.is_set():
                try:
                    await self._look(pace)
                except (Unavailable, *NO_ANSWER) as error:
                    _log.warning("webhooks.unavailable", error=type(error).__name__)
                except Exception as error:  # noqa: BLE001 - whatever it is, it is logged, and the others are delivered to
                    _log.error("webhooks.defect", exc_info=error)
                await self._rest()
        finally:
            self._loop = None
            await self._stop(list(self._couriers))
            self._measure({})
            await self._give_back()

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK):
                await self._stirred.wait()

    async def _look(self, pace: Pace) -> None:
        """Have a courier for each receiver that is ours, as it stands now, and for no other."""
        asked = time.monotonic()
        receivers = {receiver.id: receiver for receiver in await asyncio.to_thread(self._progress.lease)}
        over = [i for i, (courier, task) in self._couriers.items() if task.done() or not _same(courier, receivers.get(i))]
        await self._stop(over)
        for courier, _ in self._couriers.values():
            courier.leased_until = asked + LEASE / 2
        for receiver_id in receivers.keys() - self._couriers.keys():
            try:
                await self._begin(receiver_id, asked + LEASE / 2, pace)
            except UnusableKeyFile as error:  # this receiver's alone: the others are delivered to
                _log.error("webhooks.unusable-secret", exc_info=error)
        told = await asyncio.to_thread(self._progress.paused)
        told |= {receiver_id: courier.position for receiver_id, (courier, _) in self._couriers.items()}
        self._measure(told, (await asyncio.to_thread(self._ledger.head)).position)

    def _measure(self, told: Mapping[UUID, int], head: int = 0) -> None:
        """Say how far behind the log the receivers are that are ours or paused, and nothing any more of the others."""
        for receiver_id in self._measured - told.keys():
            LAG.remove(str(receiver_id))
        self._measured = set(told)
        for receiver_id, position in told.items():
            LAG.labels(str(receiver_id)).set(max(head - position, 0))

    async def _begin(self, receiver_id: UUID, leased_until: float, pace: Pace) -> None:
        """Deliver to a receiver from what is written of it."""
        found = await asyncio.to_thread(self._progress.begin, receiver_id)
        if found is None:
            return
        receiver, held = found
        secrets = [self._secretary.unwrap(secret) for secret in receiver.secrets]
        post = Post(receiver, secrets, self._ledger_id, self._manner.timeout)
        courier = Courier(receiver, held, post, self._progress, self._ledger, self._clock, self._manner, pace)
        courier.leased_until = leased_until
        self._couriers[receiver_id] = courier, asyncio.create_task(courier.run())

    async def _stop(self, receiver_ids: Sequence[UUID]) -> None:
        """End couriers; one that ended by itself tells why."""
        ending = [self._couriers.pop(receiver_id) for receiver_id in receiver_ids]
        for courier, _ in ending:
            courier.stop()
        for result in await asyncio.gather(*(task for _, task in ending), return_exceptions=True):
            match result:
                case None | LeaseLost():
                    continue
                case Unavailable() | sa.exc.DBAPIError() | sa.exc.TimeoutError():
                    _log.warning("webhooks.unavailable", error=type(result).__name__)
                case _:
                    _log.error("webhooks.defect", exc_info=result)

    async def _give_back(self) -> None:
        try:
            await asyncio.to_thread(self._progress.give_back)
        except (Unavailable, *NO_ANSWER) as error:
            _log.warning("webhooks.unavailable", error=type(error).__name__)


def _same(courier: Courier, receiver: Receiver | None) -> bool:
    """Whether a courier delivers to a receiver as it stands."""
    ours = courier.receiver
    return receiver is not None and (receiver.revision, receiver.secrets) == (ours.revision, ours.secrets)
