"""What an operator can set: environment variables with the prefix ``CASETRAIL_``, all in one class."""

from pathlib import Path

from pydantic import Field, PositiveFloat, PositiveInt
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.values import Code


class Settings(BaseSettings):
    """Every setting, its default and its environment variable (``CASETRAIL_`` and the field's name in capitals).

    A variable that is empty is one that is not set: it never means the folder one happens to stand in.
    """

    model_config = SettingsConfigDict(env_prefix="CASETRAIL_", env_ignore_empty=True, extra="ignore")

    instance: Path = Path("var/instance")
    """The instance folder: keys, and the SQLite database when no other database is named."""

    database_url: str | None = None
    """Where the application connects. On PostgreSQL its user is the application's role, never the tables' owner."""

    owner_database_url: str | None = None
    """The role that owns the tables, for ``init`` and ``migrate`` on PostgreSQL. The server never uses it."""

    reporting_role: str | None = None
    """A PostgreSQL role that ``init`` and ``migrate`` let read the reporting views, and nothing else."""

    agency: Code = "agency"
    """The agency this instance belongs to, as it stands in every event's envelope."""

    profiles: Path | None = None
    """A folder of further rule profiles, besides those that come with casetrail. It is checked whole at the start."""

    unverified_profiles: bool = False
    """Whether a case may be under a rule profile that nobody has verified: for demonstrations, never for real cases."""

    projections: bool = True
    """Whether the server follows the log with its read models itself; false where ``casetrail projector`` does."""

    scheduler: bool = True
    """Whether the server records what deadlines call for. One of an instance's processes must, or nobody is warned."""

    smallest_cell: int = Field(default=5, ge=2)
    """The fewest cases a row of a report may rest on where small cells are suppressed."""

    reactions: bool = True
    """Whether the server gives the commands that follow from recorded events; when it does again it goes on where it stood."""

    webhooks: bool = True
    """Whether the server delivers to webhooks itself; false where ``casetrail webhooks run`` does."""

    webhook_attempts: PositiveInt = 20
    """Attempts to deliver an event before its case is set aside as failed, for somebody to look at."""

    webhook_first_pause: PositiveFloat = 1.0
    """Seconds before the second attempt; doubled for each further one."""

    webhook_longest_pause: PositiveFloat = 3600.0
    """Seconds between two attempts at most, whatever the receiver asks for."""

    webhook_timeout: PositiveFloat = 10.0
    """Seconds a receiver has to answer."""

    def application_url(self) -> str:
        """The application's database: ``database_url``, else a SQLite file ``ledger.db`` in the instance folder."""
        return self.database_url or f"sqlite:///{(self.instance / 'ledger.db').absolute()}"
