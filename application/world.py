"""Everything the edge needs, put together once at start-up and passed by hand."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from application.execute import Executor
from application.ports import Authenticator, Ledger
from application.queries import Queries
from application.reading import ReadStore
from application.reports.desk import Reports
from domain.catalogue import Catalogue


class Followers(Protocol):
    """The projections, as the edge sees them."""

    def status(self) -> list[Mapping[str, Any]]:
        """One mapping per read model, as ``GET /v1/projections`` shows it."""
        ...

    async def included(self, position: int, seconds: float, models: Collection[str]) -> bool:
        """Whether the read models of these names include ``position``, waiting up to ``seconds`` for it."""
        ...


@dataclass(frozen=True, slots=True)
class World:
    """The application as the edge sees it.

    ``fingerprint`` is the keyed hash of a body, ``new_id`` a fresh random id, ``ready`` what stands in the way of service.
    """

    catalogue: Catalogue
    ledger: Ledger
    ledger_id: UUID
    executor: Executor
    queries: Queries
    reading: ReadStore
    reports: Reports
    followers: Followers
    authenticator: Authenticator
    fingerprint: Callable[[bytes], bytes]
    new_id: Callable[[], UUID]
    ready: Callable[[], Mapping[str, str]]
