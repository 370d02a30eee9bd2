"""Runs the revisions on a connection that the program hands over, inside that connection's transaction.

There is no ``alembic.ini``: ``casetrail migrate`` calls Alembic through ``infrastructure.database``.
"""

from alembic import context

from infrastructure.schema import metadata

MIGRATION_LOCK = 0x63_61_73_65_6D_69_67
"""Advisory lock of PostgreSQL: two programs that start together migrate one after the other."""

connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
context.configure(
    connection=connection,
    target_metadata=metadata,
    transactional_ddl=True,
    transaction_per_migration=False,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
