"""The read models' tables, their checkpoints and the pointer to each one's live generation.

Everything here can be rebuilt from the log: the application's role may change and delete it.
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("checkpoints", "live_generations", "rm_cases", "rm_timeline", "rm_audit")
ID = sa.Uuid().with_variant(sa.LargeBinary(16), "sqlite")


def upgrade() -> None:
    """Create the tables and let the application's role maintain their rows."""
    _create_checkpoints()
    _create_cases()
    _create_timeline()
    _create_audit()
    if op.get_bind().dialect.name == "postgresql":
        role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["app_role"])
        for table in TABLES:
            op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {role}")


def downgrade() -> None:
    """Drop the tables: a later upgrade rebuilds their rows from the log."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_checkpoints() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", "generation", name="pk_checkpoints"),
    )
    op.create_table(
        "live_generations",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_live_generations"),
    )


def _create_cases() -> None:
    op.create_table(
        "rm_cases",
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("file_number", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("assignee", sa.Text, nullable=True),
        sa.Column("handling", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("opened_position", sa.BigInteger, nullable=False),
        sa.Column("corrected", sa.Boolean, nullable=False),
        sa.Column("contradictions", sa.Integer, nullable=False),
        sa.Column("late", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("generation", "case_id", name="pk_rm_cases"),
    )
    for columns in (["opened_position"], ["unit", "opened_position"], ["kind", "opened_position"], ["file_number"]):
        _create_index("rm_cases", columns)


def _create_timeline() -> None:
    op.create_table(
        "rm_timeline",
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("earliest", sa.BigInteger, nullable=True),
        sa.Column("latest", sa.BigInteger, nullable=True),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("claim_status", sa.Text, nullable=False),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("target", sa.BigInteger, nullable=True),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.Column("schema_version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("generation", "case_id", "version", name="pk_rm_timeline"),
    )


def _create_audit() -> None:
    op.create_table(
        "rm_audit",
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("agency", sa.Text, nullable=False),
        sa.Column("on_behalf_of", sa.Text, nullable=True),
        sa.Column("decided_at", sa.BigInteger, nullable=False),
        sa.Column("correlation_id", sa.Text, nullable=True),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("generation", "position", name="pk_rm_audit"),
    )
    for columns in (["actor", "position"], ["case_id", "position"]):
        _create_index("rm_audit", columns)


def _create_index(table: str, columns: list[str]) -> None:
    op.create_index(f"ix_{table}_generation_{'_'.join(columns)}", table, ["generation", *columns])
