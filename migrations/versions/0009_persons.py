"""The table of who is named where: it is filled from the log by the projector, like every read model's."""

import sqlalchemy as sa
from alembic import context, op

from migrations import read_models

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLE = "rm_persons"
ID = sa.Uuid().with_variant(sa.LargeBinary(16), "sqlite")


def upgrade() -> None:
    """Create the table, index it by party, and let the application's role maintain its rows."""
    op.create_table(
        TABLE,
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("named_as", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("first_position", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("generation", "case_id", "party", "named_as", name="pk_rm_persons"),
    )
    op.create_index("ix_rm_persons_generation_party_first_position", TABLE, ["generation", "party", "first_position"])
    if op.get_bind().dialect.name == "postgresql":
        role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["app_role"])
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {TABLE} TO {role}")


def downgrade() -> None:
    """Drop it: a later upgrade rebuilds its rows from the log."""
    op.drop_table(TABLE)
    read_models.forget(("persons",))
