"""The wrapped data keys, read side: the application's ``Keys`` port. Writing happens within an append."""

from uuid import UUID

import sqlalchemy as sa

from infrastructure.database import answering
from infrastructure.schema import keys


class SqlKeys:
    """Reads the ``keys`` table. Raises Unavailable when the database cannot be read now."""

    def __init__(self, engine: sa.Engine) -> None:
        """Use ``engine`` for reads."""
        self._engine = engine

    def find(self, case_id: UUID, party_id: UUID | None) -> bytes | None:
        """See ``Keys.find``."""
        owner = sa.and_(keys.c.case_id == case_id, keys.c.party_id.is_not_distinct_from(party_id))
        return self._one(sa.select(keys.c.wrapped).where(owner).order_by(keys.c.created_at.desc()).limit(1))

    def by_id(self, key_id: bytes) -> bytes | None:
        """See ``Keys.by_id``."""
        return self._one(sa.select(keys.c.wrapped).where(keys.c.key_id == key_id))

    def _one(self, query: sa.Select[tuple[bytes]]) -> bytes | None:
        with answering(), self._engine.connect() as connection:
            found: bytes | None = connection.execute(query).scalar_one_or_none()  # type: ignore[assignment]
            return found
