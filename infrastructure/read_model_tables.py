"""The read models' tables. A row belongs to a generation of its model, see ``infrastructure.generations``."""

from sqlalchemy import Boolean, Column, Index, Integer, PrimaryKeyConstraint, Table

from infrastructure.columns import identity, metadata, octets, text, whole

rm_cases = Table(
    "rm_cases",
    metadata,
    Column("generation", Integer, nullable=False),
    identity("case_id"),
    text("kind"),
    text("file_number"),
    text("unit"),
    text("stage"),
    text("assignee", nullable=True),
    text("handling"),
    whole("version"),
    whole("position"),
    whole("opened_at"),
    whole("changed_at"),
    whole("opened_position"),
    Column("corrected", Boolean, nullable=False),
    Column("contradictions", Integer, nullable=False),
    Column("late", Integer, nullable=False),
    PrimaryKeyConstraint("generation", "case_id"),
    Index(None, "generation", "opened_position"),
    Index(None, "generation", "unit", "opened_position"),
    Index(None, "generation", "kind", "opened_position"),
    Index(None, "generation", "file_number", "opened_position"),
    Index(None, "generation", "stage", "opened_position"),
    Index(None, "generation", "assignee", "opened_position"),
    Index(None, "generation", "changed_at", "opened_position"),
)
"""The worklist: one row per case as it stands."""

rm_timeline = Table(
    "rm_timeline",
    metadata,
    Column("generation", Integer, nullable=False),
    identity("case_id"),
    whole("version"),
    whole("position"),
    text("kind"),
    text("type"),
    whole("recorded_at"),
    whole("earliest", nullable=True),
    whole("latest", nullable=True),
    text("actor"),
    text("role"),
    text("claim_status"),
    Column("late", Boolean, nullable=False),
    whole("target", nullable=True),
    octets("state"),
    Column("schema_version", Integer, nullable=False),
    PrimaryKeyConstraint("generation", "case_id", "version"),
)
"""One row per recorded event of a case. ``target`` is the version that a correction or retraction names."""

rm_audit = Table(
    "rm_audit",
    metadata,
    Column("generation", Integer, nullable=False),
    whole("position"),
    whole("recorded_at"),
    identity("case_id"),
    whole("version"),
    text("kind"),
    text("type"),
    text("command"),
    text("actor"),
    text("role"),
    text("unit"),
    text("agency"),
    text("on_behalf_of", nullable=True),
    whole("decided_at"),
    text("correlation_id", nullable=True),
    Column("late", Boolean, nullable=False),
    PrimaryKeyConstraint("generation", "position"),
    Index(None, "generation", "actor", "position"),
    Index(None, "generation", "case_id", "position"),
    Index(None, "generation", "kind", "position"),
    Index(None, "generation", "type", "position"),
)
"""Who did what, across cases: one row per recorded event."""

rm_state_intervals = Table(
    "rm_state_intervals",
    metadata,
    Column("generation", Integer, nullable=False),
    identity("case_id"),
    whole("version"),
    text("kind"),
    text("stage"),
    text("unit"),
    text("assignee", nullable=True),
    text("handling"),
    whole("effective_from"),
    whole("effective_to", nullable=True),
    whole("recorded_from"),
    whole("recorded_to", nullable=True),
    whole("ended_by", nullable=True),
    PrimaryKeyConstraint("generation", "case_id", "version"),
)
"""How long a case was in which stage, with which unit, officer and handling. ``version`` began it, ``ended_by`` ended it."""

rm_links = Table(
    "rm_links",
    metadata,
    Column("generation", Integer, nullable=False),
    identity("case_id"),
    text("other"),
    text("link"),
    text("kind"),
    text("other_kind", nullable=True),
    text("direction", nullable=True),
    text("state"),
    whole("version"),
    whole("effective_from"),
    whole("recorded_from"),
    whole("first_position"),
    PrimaryKeyConstraint("generation", "case_id", "other", "link"),
    Index(None, "generation", "first_position"),
)
"""What a case knows of its links, a row per other case and type of link. ``other`` is that case's id as text."""

rm_custody = Table(
    "rm_custody",
    metadata,
    Column("generation", Integer, nullable=False),
    identity("case_id"),
    text("line"),
    whole("version"),
    text("type"),
    text("condition"),
    text("amount", nullable=True),
    text("measure"),
    text("custodian"),
    text("offered_to", nullable=True),
    text("place", nullable=True),
    text("seal", nullable=True),
    whole("effective_from"),
    whole("effective_to", nullable=True),
    whole("recorded_from"),
    whole("recorded_to", nullable=True),
    whole("ended_by", nullable=True),
    PrimaryKeyConstraint("generation", "case_id", "line", "version"),
)
"""The custody ledger: a row per step of a line of a seizure's inventory. ``amount`` is a decimal as text, in ``measure``."""
