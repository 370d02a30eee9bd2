"""What the runners of the read models keep beside the checkpoints: counts and digests, parked events, leases."""

import hashlib
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import context, op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("checkpoints", "live_generations", "parked", "leases")
ID = sa.Uuid().with_variant(sa.LargeBinary(16), "sqlite")
PIECE = 5_000


def upgrade() -> None:
    """Create them; every checkpoint gets the count and the digest of the events it includes."""
    marks, pointers = _rows("checkpoints"), _rows("live_generations")
    digests = _digests({mark["position"] for mark in marks})
    _recreate(
        [
            sa.Column("events", sa.BigInteger, nullable=False),
            sa.Column("digest", sa.LargeBinary(32), nullable=False),
            sa.Column("turn", sa.Integer, nullable=False),
        ],
        [
            sa.Column("previous", sa.Integer, nullable=True),
            sa.Column("last", sa.Integer, nullable=False),
            sa.Column("paused", sa.Boolean, nullable=False),
        ],
    )
    last: dict[str, int] = {}
    for mark in marks:
        mark |= {"events": mark["position"], "digest": digests[mark["position"]], "turn": 0}
        last[mark["name"]] = max(last.get(mark["name"], 0), mark["generation"])
    for pointer in pointers:
        pointer |= {"previous": None, "last": last.get(pointer["name"], pointer["generation"]), "paused": False}
    _fill("checkpoints", marks)
    _fill("live_generations", pointers)
    _create_parked()
    _create_leases()
    _grant(TABLES)


def downgrade() -> None:
    """Drop them; the live generations stay as they are."""
    live = {(pointer["name"], pointer["generation"]) for pointer in _rows("live_generations")}
    marks = [mark for mark in _rows("checkpoints") if (mark["name"], mark["generation"]) in live]
    op.drop_table("leases")
    op.drop_table("parked")
    _recreate([], [])
    _fill("checkpoints", [{k: mark[k] for k in ("name", "generation", "version", "position", "updated_at")} for mark in marks])
    _fill("live_generations", [{"name": name, "generation": generation} for name, generation in sorted(live)])
    _grant(("checkpoints", "live_generations"))


def _rows(table: str) -> list[dict[str, Any]]:
    return [dict(row) for row in op.get_bind().execute(sa.text(f"SELECT * FROM {table}")).mappings()]


def _fill(table: str, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        target = sa.Table(table, sa.MetaData(), autoload_with=op.get_bind())
        op.get_bind().execute(sa.insert(target), list(rows))


def _digests(positions: set[int]) -> dict[int, bytes]:
    """The chain over the leaf hashes of the log up to each of these positions."""
    found, digest, after = {0: bytes(32)}, bytes(32), 0
    leaves = sa.text("SELECT position, leaf_hash FROM events WHERE position > :after AND position <= :upto ORDER BY position")
    while after < max(positions, default=0):
        for position, leaf_hash in op.get_bind().execute(leaves, {"after": after, "upto": after + PIECE}):
            digest = hashlib.sha256(digest + leaf_hash).digest()
            if position in positions:
                found[position] = digest
        after += PIECE
    return found


def _recreate(of_checkpoints: list[sa.Column[Any]], of_pointers: list[sa.Column[Any]]) -> None:
    op.drop_table("live_generations")
    op.drop_table("checkpoints")
    op.create_table(
        "checkpoints",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        *of_checkpoints,
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", "generation", name="pk_checkpoints"),
    )
    op.create_table(
        "live_generations",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        *of_pointers,
        sa.PrimaryKeyConstraint("name", name="pk_live_generations"),
    )


def _create_parked() -> None:
    op.create_table(
        "parked",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("retry_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", "generation", "case_id", "version", name="pk_parked"),
    )


def _create_leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )


def _grant(tables: Sequence[str]) -> None:
    if op.get_bind().dialect.name == "postgresql":
        role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["app_role"])
        for table in tables:
            op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {role}")
