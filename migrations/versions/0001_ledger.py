"""The ledger: events, commands, claims, keys, tracking and actors, with what keeps it append-only.

No row is inserted. On PostgreSQL the application's role (``app_role`` of the configuration) gets SELECT and INSERT on
what is append-only; on SQLite triggers alone stand for roles, so they also refuse what REPLACE would do.
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

GRANTS = {
    "alembic_version": "SELECT",
    "events": "SELECT, INSERT",
    "commands": "SELECT, INSERT",
    "keys": "SELECT, INSERT",
    "tracking": "SELECT, INSERT",
    "claims": "SELECT, INSERT, UPDATE, DELETE",
    "actors": "SELECT, INSERT, UPDATE",
}
POSITION = sa.BigInteger().with_variant(sa.Integer, "sqlite")
ID = sa.Uuid().with_variant(sa.LargeBinary(16), "sqlite")


def upgrade() -> None:
    """Create the tables, then the guards of the database at hand."""
    _create_log()
    _create_surroundings()
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
        _grant_postgresql()
    else:
        _guard_sqlite()


def downgrade() -> None:
    """Drop everything, but only an empty ledger: what was recorded is never dropped."""
    if op.get_bind().execute(sa.text("SELECT count(*) FROM events")).scalar_one():
        raise RuntimeError("refused: this ledger has events, and dropping its tables would lose them")
    for table in ("actors", "tracking", "keys", "claims", "commands", "events"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION casetrail_refuse_change()")


def _create_log() -> None:
    op.create_table(
        "events",
        sa.Column("position", POSITION, autoincrement=False, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("schema_version", sa.Integer, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.Column("envelope", sa.LargeBinary, nullable=False),
        sa.Column("salt", sa.LargeBinary(32), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("command_id", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_events"),
        sa.UniqueConstraint("case_id", "version", name="uq_events_case_id_version"),
    )
    op.create_table(
        "commands",
        sa.Column("command_id", sa.LargeBinary(16), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(32), nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("first_version", sa.BigInteger, nullable=False),
        sa.Column("last_version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("command_id", name="pk_commands"),
        sqlite_with_rowid=False,
    )


def _create_surroundings() -> None:
    op.create_table(
        "claims",
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_claims"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "keys",
        sa.Column("key_id", sa.LargeBinary(32), nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("party_id", ID, nullable=True),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_keys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_keys_case_id", "keys", ["case_id"])
    op.create_table(
        "tracking",
        sa.Column("application_name", sa.Text, nullable=False),
        sa.Column("notification_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("application_name", "notification_id", name="pk_tracking"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "actors",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("agency", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("functions", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_actors"),
    )


def _guard_postgresql() -> None:
    # ENABLE ALWAYS: the triggers fire whatever session_replication_role says.
    op.execute(
        """
        CREATE FUNCTION casetrail_refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
        AS $$ BEGIN
            RAISE EXCEPTION 'the ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
        END $$
        """
    )
    for table in ("events", "commands"):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION casetrail_refuse_change()"
        )
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only")


def _grant_postgresql() -> None:
    quote = op.get_bind().dialect.identifier_preparer.quote
    role = quote(context.config.attributes["app_role"])
    for table, rights in GRANTS.items():
        op.execute(f"GRANT {rights} ON {table} TO {role}")


def _guard_sqlite() -> None:
    for table in ("events", "commands"):
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuse_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: {verb} on {table} is refused'); END"
            )
    # REPLACE deletes the row in its way without a DELETE trigger unless recursive_triggers is on, which a connection
    # may forget: so nothing may be in the way, neither by position nor by (case_id, version).
    op.execute(
        """
        CREATE TRIGGER events_guard_insert BEFORE INSERT ON events
        WHEN NEW.position IS NOT (SELECT coalesce(max(position), 0) + 1 FROM events)
            OR EXISTS (SELECT 1 FROM events WHERE case_id = NEW.case_id AND version = NEW.version)
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: an event comes after the last, in a free version'); END
        """
    )
    for table, key in (("commands", "command_id"), ("keys", "key_id")):
        op.execute(
            f"CREATE TRIGGER {table}_guard_insert BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) "
            f"BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: {table} are written once'); END"
        )
