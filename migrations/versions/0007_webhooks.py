"""Webhook receivers, the cases whose deliveries are held back, and the log of deliveries.

The log is append-only while it is kept: it may be pruned by age, never changed.
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

GRANTS = {
    "webhooks": "SELECT, INSERT, UPDATE, DELETE",
    "webhook_held": "SELECT, INSERT, UPDATE, DELETE",
    "webhook_deliveries": "SELECT, INSERT, DELETE",
}
ID = sa.Uuid().with_variant(sa.LargeBinary(16), "sqlite")


def upgrade() -> None:
    """Create the tables; the application's role keeps their rows."""
    _create_receivers()
    _create_held()
    _create_deliveries()
    if op.get_bind().dialect.name == "postgresql":
        role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["app_role"])
        for table, rights in GRANTS.items():
            op.execute(f"GRANT {rights} ON {table} TO {role}")
    else:
        op.execute(
            "CREATE TRIGGER webhook_deliveries_refuse_update BEFORE UPDATE ON webhook_deliveries "
            "BEGIN SELECT RAISE(ABORT, 'deliveries are written once'); END"
        )


def downgrade() -> None:
    """Drop the tables, the receivers' secrets with them."""
    for table in reversed(GRANTS):
        op.drop_table(table)


def _create_receivers() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", ID, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("types", sa.Text, nullable=False),
        sa.Column("kinds", sa.Text, nullable=False),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("older_secret", sa.LargeBinary, nullable=True),
        sa.Column("older_until", sa.BigInteger, nullable=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("holder", sa.Text, nullable=True),
        sa.Column("until", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )


def _create_held() -> None:
    op.create_table(
        "webhook_held",
        sa.Column("webhook_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("retry_at", sa.BigInteger, nullable=False),
        sa.Column("failed", sa.Boolean, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("webhook_id", "case_id", name="pk_webhook_held"),
    )


def _create_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("webhook_id", ID, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("status", sa.Integer, nullable=True),
        sa.Column("error", sa.Text, nullable=True),
        sa.Column("duration", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("webhook_id", "position", "attempt", "at", name="pk_webhook_deliveries"),
    )
    op.create_index("ix_webhook_deliveries_at", "webhook_deliveries", ["at"])
