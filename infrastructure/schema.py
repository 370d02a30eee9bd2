"""The tables as SQLAlchemy Core sees them, for queries and for the drift check. Alembic owns the DDL (``migrations``).

All times are integer microseconds since 1970-01-01 UTC. Case and party ids are ``uuid`` on PostgreSQL and 16-byte
BLOBs on SQLite, UUIDs in Python on both. ``state`` and ``envelope`` are the exact bytes that were hashed.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, UniqueConstraint

import infrastructure.read_model_tables  # noqa: F401 - its tables are part of the metadata
from infrastructure import columns
from infrastructure.columns import identity as _id
from infrastructure.columns import octets as _bytes
from infrastructure.columns import text as _text
from infrastructure.columns import whole as _whole

metadata = columns.metadata
Id = columns.Id

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
    _whole("events"),
    _bytes("digest", 32),
    Column("turn", Integer, nullable=False),
    _whole("updated_at"),
    PrimaryKeyConstraint("name", "generation"),
)
"""How far each generation of a read model, and each reaction, has come in the log.

``events`` counts what it has seen, ``digest`` is a chain over it, see ``infrastructure.projection_rows``. ``turn`` grows
when something changes without the position moving, so that a runner that knows the old state is overtaken.
"""

live_generations = Table(
    "live_generations",
    metadata,
    _text("name"),
    Column("generation", Integer, nullable=False),
    Column("previous", Integer, nullable=True),
    Column("last", Integer, nullable=False),
    Column("paused", Boolean, nullable=False),
    PrimaryKeyConstraint("name"),
)
"""Which generation of a read model is shown to readers, the one kept for a way back, and the last number given out."""

parked = Table(
    "parked",
    metadata,
    _text("name"),
    Column("generation", Integer, nullable=False),
    _id("case_id"),
    _whole("version"),
    _whole("position"),
    _text("cause"),
    _whole("since"),
    Column("attempts", Integer, nullable=False),
    _whole("retry_at"),
    PrimaryKeyConstraint("name", "generation", "case_id", "version"),
)
"""Events that a read model or a reaction could not take. ``cause`` names classes or a refusal, never a value."""

leases = Table(
    "leases",
    metadata,
    _text("name"),
    _text("holder"),
    _whole("until"),
    PrimaryKeyConstraint("name"),
)
"""Which process runs a read model or a reaction, and until when unless it renews."""

heartbeats = Table(
    "heartbeats",
    metadata,
    _text("name"),
    _whole("at"),
    PrimaryKeyConstraint("name"),
)
"""When a worker that all processes share has last finished its round, whichever process did it."""

webhooks = Table(
    "webhooks",
    metadata,
    _id("id"),
    _text("url"),
    _text("types"),
    _text("kinds"),
    Column("private", Boolean, nullable=False),
    Column("paused", Boolean, nullable=False),
    _whole("position"),
    _bytes("secret"),
    Column("older_secret", LargeBinary, nullable=True),
    _whole("older_until", nullable=True),
    _whole("created_at"),
    _whole("revision"),
    _text("holder", nullable=True),
    _whole("until", nullable=True),
    PrimaryKeyConstraint("id"),
)
"""Who is told of events, and up to which position that is done but for the cases held back. ``types`` and ``kinds`` are JSON
lists, empty for all; ``private``: may have a private address; secrets are wrapped by a key made of the instance key;
``revision`` grows with every command given on the receiver; ``holder`` delivers until ``until``."""

webhook_held = Table(
    "webhook_held",
    metadata,
    _id("webhook_id"),
    _id("case_id"),
    _whole("version"),
    _whole("position"),
    Column("attempts", Integer, nullable=False),
    _whole("retry_at"),
    Column("failed", Boolean, nullable=False),
    _text("error"),
    PrimaryKeyConstraint("webhook_id", "case_id"),
)
"""The cases held back for a receiver: all their events from ``version`` on, up to the receiver's position, are still owed.
``position`` is that version's or one before it; ``failed``: nothing is tried any more until a command says so."""

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    _id("webhook_id"),
    _whole("at"),
    _whole("position"),
    Column("attempt", Integer, nullable=False),
    _id("case_id"),
    Column("status", Integer, nullable=True),
    _text("error", nullable=True),
    _whole("duration"),
    PrimaryKeyConstraint("webhook_id", "position", "attempt", "at"),
    Index(None, "at"),
)
"""Every attempt to deliver: the status answered, or the class of what went wrong; microseconds. Pruned by age."""

frozen_reports = Table(
    "frozen_reports",
    metadata,
    _text("month"),
    _text("name"),
    Column("suppressed", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    _whole("position"),
    _whole("frozen_at"),
    _text("software"),
    _text("sha256"),
    _bytes("body"),
    PrimaryKeyConstraint("month", "name", "suppressed"),
)
"""Reports as they were frozen at the end of a month, in both forms: whole, and with small cells suppressed."""

APPEND_ONLY = frozenset({"events", "commands", "keys", "tracking", "frozen_reports"})
"""Tables whose rows the application may insert and read, never change or delete."""
