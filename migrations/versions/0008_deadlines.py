"""The table of deadlines, and the heartbeat of the scheduler that looks at them."""

import sqlalchemy as sa
from alembic import context, op

from migrations import read_models

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("rm_deadlines", "heartbeats")
ID = sa.Uuid().with_variant(sa.LargeBinary(16), "sqlite")
ORDERS = (
    ("board", ("settled", "sorts_at", "first_position", "place")),
    ("board_of_unit", ("unit", "settled", "sorts_at", "first_position", "place")),
    ("alarms", ("alarm_at", "case_id")),
)


def upgrade() -> None:
    """Create the tables; the application's role keeps their rows."""
    _create_deadlines()
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_heartbeats"),
    )
    for name, columns in ORDERS:
        op.create_index(f"ix_rm_deadlines_{name}", "rm_deadlines", ["generation", *columns])
    if op.get_bind().dialect.name == "postgresql":
        role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["app_role"])
        for table in TABLES:
            op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {role}")


def downgrade() -> None:
    """Drop them: a later upgrade rebuilds the rows from the log."""
    for table in reversed(TABLES):
        op.drop_table(table)
    read_models.forget(("deadlines",))


def _create_deadlines() -> None:
    op.create_table(
        "rm_deadlines",
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("clock", "run")),
        sa.Column("started_by", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "unit", "handling", "profile")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("legal_ref", "on_expiry")),
        sa.Column("set_by", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=True) for name in ("start", "due")),
        sa.Column("warnings", sa.Text, nullable=False),
        sa.Column("paused_since", sa.BigInteger, nullable=True),
        *(sa.Column(name, sa.BigInteger, nullable=True) for name in ("stopped_by", "stopped_from", "stopped_until")),
        sa.Column("uncertain_version", sa.BigInteger, nullable=True),
        sa.Column("uncertain_why", sa.Text, nullable=True),
        sa.Column("missed", sa.Text, nullable=False),
        sa.Column("settled", sa.Boolean, nullable=False),
        sa.Column("alarm_at", sa.BigInteger, nullable=True),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("first_position", "sorts_at")),
        sa.Column("place", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("generation", "case_id", "clock", "run", "started_by", name="pk_rm_deadlines"),
    )
