"""The reporting schema: versioned views that show nobody by name, of the live generation of each read model.

On PostgreSQL they stand in the schema ``reporting`` and run with their owner's rights: a role that may see them needs
none on the tables (``casetrail migrate`` grants it that, see the operator's page). On SQLite their names have the prefix
``reporting_``. What a view shows is never changed: a new version is a view beside it.
"""

from alembic import op

from migrations import views

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

VIEWS = {
    "cases_v1": """\
SELECT
    ID(c.case_id) AS case_id,
    c.kind AS kind,
    c.unit AS unit,
    c.stage AS stage,
    c.handling AS handling,
    (c.assignee IS NOT NULL) AS assigned,
    c.version AS version,
    c.position AS position,
    c.opened_position AS opened_position,
    TIME(c.opened_at) AS opened_at,
    TIME(c.changed_at) AS changed_at,
    c.corrected AS corrected,
    c.contradictions AS contradictions,
    c.late AS late
FROM rm_cases c
WHERE c.generation = (SELECT g.generation FROM live_generations g WHERE g.name = 'cases')""",
    "entries_v1": """\
SELECT
    t.position AS position,
    ID(t.case_id) AS case_id,
    t.kind AS kind,
    t.version AS version,
    t.type AS type,
    TIME(t.recorded_at) AS recorded_at,
    TIME(t.earliest) AS earliest,
    TIME(t.latest) AS latest,
    t.late AS late,
    t.claim_status AS claim_status,
    t.target AS target,
    a.role AS role,
    a.unit AS unit
FROM rm_timeline t
JOIN rm_audit a ON a.case_id = t.case_id AND a.version = t.version AND a.position = t.position
WHERE t.generation = (SELECT g.generation FROM live_generations g WHERE g.name = 'timeline')
    AND a.generation = (SELECT g.generation FROM live_generations g WHERE g.name = 'audit')
    AND t.kind NOT IN ('party')""",
    "audit_v1": """\
SELECT
    a.position AS position,
    ID(a.case_id) AS case_id,
    a.kind AS kind,
    a.version AS version,
    a.type AS type,
    TIME(a.recorded_at) AS recorded_at,
    a.command AS command,
    a.role AS role,
    a.unit AS unit,
    a.agency AS agency,
    TIME(a.decided_at) AS decided_at,
    a.late AS late
FROM rm_audit a
WHERE a.generation = (SELECT g.generation FROM live_generations g WHERE g.name = 'audit')
    AND a.kind NOT IN ('party')""",
    "state_intervals_v1": """\
SELECT
    ID(s.case_id) AS case_id,
    s.kind AS kind,
    s.version AS version,
    s.stage AS stage,
    s.unit AS unit,
    (s.assignee IS NOT NULL) AS assigned,
    s.handling AS handling,
    TIME(s.effective_from) AS effective_from,
    TIME(s.effective_to) AS effective_to,
    TIME(s.recorded_from) AS recorded_from,
    TIME(s.recorded_to) AS recorded_to,
    s.ended_by AS ended_by
FROM rm_state_intervals s
WHERE s.generation = (SELECT g.generation FROM live_generations g WHERE g.name = 'state_intervals')""",
    "links_v1": """\
SELECT
    ID(l.case_id) AS case_id,
    l.kind AS kind,
    l.other AS other,
    l.other_kind AS other_kind,
    l.link AS link,
    l.direction AS direction,
    l.state AS state,
    l.version AS version,
    TIME(l.effective_from) AS effective_from,
    TIME(l.recorded_from) AS recorded_from
FROM rm_links l
WHERE l.generation = (SELECT g.generation FROM live_generations g WHERE g.name = 'links')""",
    "custody_v1": """\
SELECT
    ID(u.case_id) AS case_id,
    u.line AS line,
    u.version AS version,
    u.type AS type,
    u.condition AS condition,
    u.amount AS amount,
    u.measure AS measure,
    (u.seal IS NOT NULL) AS sealed,
    TIME(u.effective_from) AS effective_from,
    TIME(u.effective_to) AS effective_to,
    TIME(u.recorded_from) AS recorded_from,
    TIME(u.recorded_to) AS recorded_to,
    u.ended_by AS ended_by
FROM rm_custody u
WHERE u.generation = (SELECT g.generation FROM live_generations g WHERE g.name = 'custody')""",
    "projections_v1": """\
SELECT
    p.name AS name,
    p.version AS version,
    p.generation AS generation,
    p.position AS position
FROM checkpoints p
JOIN live_generations g ON g.name = p.name AND g.generation = p.generation""",
}


def upgrade() -> None:
    """Create the schema and the views."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SCHEMA reporting")
    views.create(VIEWS)


def downgrade() -> None:
    """Drop them, and with the schema whatever was granted on it."""
    views.drop(VIEWS)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SCHEMA reporting")
