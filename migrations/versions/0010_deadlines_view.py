"""The reporting view of deadlines."""

from migrations import views

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

VIEWS = {
    "deadlines_v1": """\
SELECT
    ID(d.case_id) AS case_id,
    d.kind AS kind,
    d.unit AS unit,
    d.handling AS handling,
    d.clock AS clock,
    d.started_by AS started_by,
    d.set_by AS set_by,
    d.profile AS profile,
    d.legal_ref AS legal_ref,
    d.on_expiry AS on_expiry,
    TIME(d.start) AS start,
    TIME(d.due) AS due,
    TIME(d.paused_since) AS paused_since,
    d.stopped_by AS stopped_by,
    TIME(d.stopped_from) AS stopped_from,
    TIME(d.stopped_until) AS stopped_until,
    d.uncertain_version AS uncertain_version,
    d.uncertain_why AS uncertain_why,
    d.missed AS missed
FROM rm_deadlines d
WHERE d.generation = (SELECT g.generation FROM live_generations g WHERE g.name = 'deadlines')""",
}


def upgrade() -> None:
    """Create the view."""
    views.create(VIEWS)


def downgrade() -> None:
    """Drop it."""
    views.drop(VIEWS)
