"""Reports as they were frozen at the end of a month: the application may add to them and read them, never change them."""

import sqlalchemy as sa
from alembic import context, op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLE = "frozen_reports"


def upgrade() -> None:
    """Create the table and what keeps its rows as they are."""
    op.create_table(
        TABLE,
        sa.Column("month", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("suppressed", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("frozen_at", sa.BigInteger, nullable=False),
        sa.Column("software", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("month", "name", "suppressed", name="pk_frozen_reports"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def downgrade() -> None:
    """Drop the table, but only an empty one: what was frozen is never dropped."""
    if op.get_bind().execute(sa.text(f"SELECT count(*) FROM {TABLE}")).scalar_one():
        raise RuntimeError("refused: there are frozen reports, and dropping their table would lose them")
    op.drop_table(TABLE)


def _guard_postgresql() -> None:
    op.execute(
        f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE} "
        "FOR EACH STATEMENT EXECUTE FUNCTION casetrail_refuse_change()"
    )
    op.execute(f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {TABLE}_append_only")
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["app_role"])
    op.execute(f"GRANT SELECT, INSERT ON {TABLE} TO {role}")


def _guard_sqlite() -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {TABLE}_refuse_{verb.lower()} BEFORE {verb} ON {TABLE} "
            f"BEGIN SELECT RAISE(ABORT, 'frozen reports stay as they are: {verb} is refused'); END"
        )
    # REPLACE deletes the row in its way without a DELETE trigger unless recursive_triggers is on: nothing may be in the way.
    op.execute(
        f"CREATE TRIGGER {TABLE}_guard_insert BEFORE INSERT ON {TABLE} "
        f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE month = NEW.month AND name = NEW.name AND suppressed = NEW.suppressed) "
        "BEGIN SELECT RAISE(ABORT, 'frozen reports stay as they are: each is written once'); END"
    )
