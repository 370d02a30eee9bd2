"""The tables of state intervals, links and the custody ledger, and the orders in which long lists are asked for."""

import sqlalchemy as sa
from alembic import context, op

from migrations import read_models

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("rm_state_intervals", "rm_links", "rm_custody")
ID = sa.Uuid().with_variant(sa.LargeBinary(16), "sqlite")
FILE_NUMBER = ("rm_cases", ("file_number",))
"""An index that is replaced by one in the list's order."""
ORDERS = (
    ("rm_cases", ("file_number", "opened_position")),
    ("rm_cases", ("stage", "opened_position")),
    ("rm_cases", ("assignee", "opened_position")),
    ("rm_cases", ("changed_at", "opened_position")),
    ("rm_audit", ("kind", "position")),
    ("rm_audit", ("type", "position")),
)


def upgrade() -> None:
    """Create the tables, let the application's role maintain their rows, and index each filter of a list in its order."""
    _create_state_intervals()
    _create_links()
    _create_custody()
    op.drop_index(_name(*FILE_NUMBER), FILE_NUMBER[0])
    for table, columns in ORDERS:
        op.create_index(_name(table, columns), table, ["generation", *columns])
    if op.get_bind().dialect.name == "postgresql":
        role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["app_role"])
        for table in TABLES:
            op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {role}")


def downgrade() -> None:
    """Drop them: a later upgrade rebuilds their rows from the log."""
    for table, columns in reversed(ORDERS):
        op.drop_index(_name(table, columns), table)
    op.create_index(_name(*FILE_NUMBER), FILE_NUMBER[0], ["generation", *FILE_NUMBER[1]])
    for table in reversed(TABLES):
        op.drop_table(table)
    read_models.forget(("state_intervals", "links", "custody"))


def _name(table: str, columns: tuple[str, ...]) -> str:
    return f"ix_{table}_generation_{'_'.join(columns)}"


def _between() -> tuple[sa.Column[int], ...]:
    """From when to when, on both clocks, and which entry ended it."""
    return (
        sa.Column("effective_from", sa.BigInteger, nullable=False),
        sa.Column("effective_to", sa.BigInteger, nullable=True),
        sa.Column("recorded_from", sa.BigInteger, nullable=False),
        sa.Column("recorded_to", sa.BigInteger, nullable=True),
        sa.Column("ended_by", sa.BigInteger, nullable=True),
    )


def _create_state_intervals() -> None:
    op.create_table(
        "rm_state_intervals",
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("assignee", sa.Text, nullable=True),
        sa.Column("handling", sa.Text, nullable=False),
        *_between(),
        sa.PrimaryKeyConstraint("generation", "case_id", "version", name="pk_rm_state_intervals"),
    )


def _create_links() -> None:
    op.create_table(
        "rm_links",
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("other", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("other_kind", sa.Text, nullable=True),
        sa.Column("direction", sa.Text, nullable=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("effective_from", sa.BigInteger, nullable=False),
        sa.Column("recorded_from", sa.BigInteger, nullable=False),
        sa.Column("first_position", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("generation", "case_id", "other", "link", name="pk_rm_links"),
    )
    op.create_index("ix_rm_links_generation_first_position", "rm_links", ["generation", "first_position"])


def _create_custody() -> None:
    op.create_table(
        "rm_custody",
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("condition", sa.Text, nullable=False),
        sa.Column("amount", sa.Text, nullable=True),
        sa.Column("measure", sa.Text, nullable=False),
        sa.Column("custodian", sa.Text, nullable=False),
        sa.Column("offered_to", sa.Text, nullable=True),
        sa.Column("place", sa.Text, nullable=True),
        sa.Column("seal", sa.Text, nullable=True),
        *_between(),
        sa.PrimaryKeyConstraint("generation", "case_id", "line", "version", name="pk_rm_custody"),
    )
