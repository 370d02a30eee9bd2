"""What an operator can set: environment variables with the prefix ``CASETRAIL_``, all in one class."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting, its default and its environment variable (``CASETRAIL_`` and the field's name in capitals)."""

    model_config = SettingsConfigDict(env_prefix="CASETRAIL_", extra="ignore")

    instance: Path = Path("var/instance")
    """The instance folder: keys, and the SQLite database when no other database is named."""

    database_url: str | None = None
    """Where the application connects. On PostgreSQL its user is the application's role, never the tables' owner."""

    owner_database_url: str | None = None
    """The role that owns the tables, for ``init`` and ``migrate`` on PostgreSQL. The server never uses it."""

    agency: str = "agency"
    """The agency this instance belongs to, as it stands in every event's envelope."""

    projections: bool = True
    """Whether the server follows the log with its read models itself; false where ``casetrail projector`` does."""

    def application_url(self) -> str:
        """The application's database: ``database_url``, else a SQLite file ``ledger.db`` in the instance folder."""
        return self.database_url or f"sqlite:///{(self.instance / 'ledger.db').absolute()}"
