"""The tables as SQLAlchemy Core sees them, for queries and for the drift check. Alembic owns the DDL (``migrations``).

All times are integer microseconds since 1970-01-01 UTC. Case and party ids are ``uuid`` on PostgreSQL and 16-byte
BLOBs on SQLite, UUIDs in Python on both. ``state`` and ``envelope`` are the exact bytes that were hashed.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class Id(TypeDecorator[UUID]):
    """A UUID: native on PostgreSQL, its 16 bytes on SQLite."""

    impl = LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the database at hand."""
        return dialect.type_descriptor(Uuid() if dialect.name == "postgresql" else LargeBinary(16))

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        """Hand the driver a UUID on PostgreSQL, bytes on SQLite."""
        return value if value is None or dialect.name == "postgresql" else value.bytes

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:  # noqa: ARG002
        """Give back a UUID on both."""
        return UUID(bytes=value) if isinstance(value, bytes) else value


def _whole(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> Column[UUID]:
    return Column(name, Id, nullable=nullable)


def _bytes(name: str, length: int | None = None) -> Column[bytes]:
    return Column(name, LargeBinary(length), nullable=False)


events = Table(
    "events",
    metadata,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), autoincrement=False),
    _id("case_id"),
    _whole("version"),
    _text("kind"),
    _text("type"),
    Column("schema_version", Integer, nullable=False),
    _whole("recorded_at"),
    _bytes("state"),
    _bytes("envelope"),
    _bytes("salt", 32),
    _bytes("leaf_hash", 32),
    _text("actor"),
    _bytes("command_id", 16),
    PrimaryKeyConstraint("position"),
    UniqueConstraint("case_id", "version"),
)
"""The log: a row per event, positions 1, 2, 3 … without a gap, append-only. ``actor`` and ``command_id`` are copies."""

commands = Table(
    "commands",
    metadata,
    _bytes("command_id", 16),
    _bytes("fingerprint", 32),
    _id("case_id"),
    _whole("first_version"),
    _whole("last_version"),
    PrimaryKeyConstraint("command_id"),
    sqlite_with_rowid=False,
)
"""Every command that recorded something, kept for ever, append-only: a retry finds its first receipt here."""

claims = Table(
    "claims",
    metadata,
    _text("scope"),
    _text("key"),
    _id("case_id"),
    PrimaryKeyConstraint("scope", "key"),
    sqlite_with_rowid=False,
)
"""What only one case may hold at a time; rows come and go with commands."""

keys = Table(
    "keys",
    metadata,
    _bytes("key_id", 32),
    _id("case_id"),
    _id("party_id", nullable=True),
    _bytes("wrapped"),
    _whole("created_at"),
    PrimaryKeyConstraint("key_id"),
    Index(None, "case_id"),
    sqlite_with_rowid=False,
)
"""Data keys, wrapped by the instance key. ``party_id`` is null for a case's narrative key."""

tracking = Table(
    "tracking",
    metadata,
    _text("application_name"),
    _whole("notification_id"),
    PrimaryKeyConstraint("application_name", "notification_id"),
    sqlite_with_rowid=False,
)
"""How far a follower has come in another application's sequence, written with its events."""

actors = Table(
    "actors",
    metadata,
    _text("id"),
    _text("unit"),
    _text("agency"),
    _text("roles"),
    _text("functions"),
    Column("active", Boolean, nullable=False),
    PrimaryKeyConstraint("id"),
)
"""Who may act, and where: ``roles`` and ``functions`` are JSON lists of strings."""

checkpoints = Table(
    "checkpoints",
    metadata,
    _text("name"),
    Column("generation", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    _whole("position"),
    _whole("updated_at"),
    PrimaryKeyConstraint("name", "generation"),
)
"""How far each generation of a read model has come in the log."""

live_generations = Table(
    "live_generations",
    metadata,
    _text("name"),
    Column("generation", Integer, nullable=False),
    PrimaryKeyConstraint("name"),
)
"""Which generation of a read model is shown to readers."""

rm_cases = Table(
    "rm_cases",
    metadata,
    Column("generation", Integer, nullable=False),
    _id("case_id"),
    _text("kind"),
    _text("file_number"),
    _text("unit"),
    _text("stage"),
    _text("assignee", nullable=True),
    _text("handling"),
    _whole("version"),
    _whole("position"),
    _whole("opened_at"),
    _whole("changed_at"),
    _whole("opened_position"),
    Column("corrected", Boolean, nullable=False),
    Column("contradictions", Integer, nullable=False),
    Column("late", Integer, nullable=False),
    PrimaryKeyConstraint("generation", "case_id"),
    Index(None, "generation", "opened_position"),
    Index(None, "generation", "unit", "opened_position"),
    Index(None, "generation", "kind", "opened_position"),
    Index(None, "generation", "file_number"),
)
"""The worklist: one row per case as it stands."""

rm_timeline = Table(
    "rm_timeline",
    metadata,
    Column("generation", Integer, nullable=False),
    _id("case_id"),
    _whole("version"),
    _whole("position"),
    _text("kind"),
    _text("type"),
    _whole("recorded_at"),
    _whole("earliest", nullable=True),
    _whole("latest", nullable=True),
    _text("actor"),
    _text("role"),
    _text("claim_status"),
    Column("late", Boolean, nullable=False),
    _whole("target", nullable=True),
    _bytes("state"),
    Column("schema_version", Integer, nullable=False),
    PrimaryKeyConstraint("generation", "case_id", "version"),
)
"""One row per recorded event of a case. ``target`` is the version that a correction or retraction names."""

rm_audit = Table(
    "rm_audit",
    metadata,
    Column("generation", Integer, nullable=False),
    _whole("position"),
    _whole("recorded_at"),
    _id("case_id"),
    _whole("version"),
    _text("kind"),
    _text("type"),
    _text("command"),
    _text("actor"),
    _text("role"),
    _text("unit"),
    _text("agency"),
    _text("on_behalf_of", nullable=True),
    _whole("decided_at"),
    _text("correlation_id", nullable=True),
    Column("late", Boolean, nullable=False),
    PrimaryKeyConstraint("generation", "position"),
    Index(None, "generation", "actor", "position"),
    Index(None, "generation", "case_id", "position"),
)
"""Who did what, across cases: one row per recorded event."""

APPEND_ONLY = frozenset({"events", "commands", "keys", "tracking"})
"""Tables whose rows the application may insert and read, never change or delete."""
