"""The ledger on SQLite and PostgreSQL: the application's ``Ledger`` port."""

from collections.abc import Callable, Sequence
from uuid import UUID

import sqlalchemy as sa

from application.ports import Committed
from application.records import Append, Begun, Head, Receipt, Recorded
from infrastructure.append import Appender, BatchWriter
from infrastructure.batch import Entry, Outcome
from infrastructure.committer import BATCH, CAPACITY, Committer, TaskWaiter, ThreadWaiter
from infrastructure.log_reader import LogReader
from infrastructure.postgres_append import PostgresWriter
from infrastructure.sqlite_append import SqliteWriter

COMMAND_ID_LENGTH = 16
FINGERPRINT_LENGTH = 32

PATIENCE = 5.0
"""Seconds for which a lost database is looked for before callers are told that it is not available."""


class SqlLedger:
    """The append-only log. Reads work at once; ``start`` begins to accept appends, ``close`` answers what is queued."""

    def __init__(
        self,
        engine: sa.Engine,
        clock: Callable[[], int],
        *,
        capacity: int = CAPACITY,
        batch: int = BATCH,
        patience: float = PATIENCE,
    ) -> None:
        """Use ``engine`` for reads and, for one connection more, to write. The engine stays the caller's to dispose of.

        ``clock`` gives microseconds since 1970 UTC; ``capacity`` entries may wait; ``batch`` share a transaction.
        """
        self.reader = LogReader(engine)
        writer_class = PostgresWriter if engine.dialect.name == "postgresql" else SqliteWriter
        writer: BatchWriter = writer_class(engine, clock)
        self._committer = Committer(Appender(writer, patience), clock, capacity, batch)

    @property
    def alive(self) -> bool:
        """Whether appends are accepted: false before ``start``, after ``close``, and when the committer has died."""
        return self._committer.alive

    def start(self) -> None:
        """Begin to accept appends."""
        self._committer.start()

    def close(self) -> None:
        """Stop accepting, record and answer what is queued, end the committer."""
        self._committer.close()

    async def append(self, request: Append) -> Receipt:
        """See ``Ledger.append``."""
        waiter = TaskWaiter()
        self._committer.submit_with_turn(_entry(request), waiter)
        return _receipts(await waiter.future)[0]

    def append_now(self, request: Append) -> Receipt:
        """See ``Ledger.append_now``."""
        return self.append_together(_entry(request))[0]

    def append_together(self, entry: Entry) -> tuple[Receipt, ...]:
        """Record an entry of several parts, and how far a follower has come, all in one transaction.

        For the library's recorder. Raises as ``append`` does, and TrackedBefore.
        """
        waiter = ThreadWaiter()
        self._committer.submit(entry, waiter)
        return _receipts(waiter.wait())

    def receipt(self, command_id: bytes, fingerprint: bytes) -> Receipt | None:
        """See ``Ledger.receipt``."""
        return self.reader.receipt(command_id, fingerprint)

    def load(self, case_id: UUID, after: int = 0, upto: int | None = None) -> list[Recorded]:
        """See ``Ledger.load``."""
        return self.reader.load(case_id, after, upto)

    def read(self, after: int, limit: int, upto: int | None = None) -> list[Recorded]:
        """See ``Ledger.read``."""
        return self.reader.read(after, limit, upto)

    def histories(self, case_ids: Sequence[UUID], upto: int | None = None) -> dict[UUID, list[Recorded]]:
        """See ``Ledger.histories``."""
        return self.reader.histories(case_ids, upto)

    def begun(self, after: int, limit: int, upto: int | None = None) -> list[Begun]:
        """See ``Ledger.begun``."""
        return self.reader.begun(after, limit, upto)

    def head(self) -> Head:
        """See ``Ledger.head``."""
        return self.reader.head()

    def position_at(self, instant: int) -> int:
        """See ``Ledger.position_at``."""
        return self.reader.position_at(instant)

    def listen(self, committed: Committed) -> None:
        """See ``Ledger.listen``."""
        self._committer.listen(committed)


def _entry(request: Append) -> Entry:
    if not request.drafts:
        raise ValueError("a command records at least one event")
    if len(request.command_id) != COMMAND_ID_LENGTH or len(request.fingerprint) != FINGERPRINT_LENGTH:
        raise ValueError("a command id is 16 bytes, a fingerprint 32")
    return Entry((request,))


def _receipts(outcome: Outcome) -> tuple[Receipt, ...]:
    if outcome.error is not None:
        raise outcome.error
    return outcome.receipts
