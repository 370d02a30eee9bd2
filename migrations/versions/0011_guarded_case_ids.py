"""The reporting views of entries and of the audit: no index answers for a case's id, and entries are joined by position.

The index knows streams that are no case as well, and EXPLAIN ANALYZE counts the rows that a view left out of what the index
found: asked often enough, that told the ids of all parties. Joined by three columns, PostgreSQL expected one entry in all.
"""

from migrations import views

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

VIEWS = {
    "entries_v1": """\
SELECT
    t.position AS position,
    CASE_ID(t) AS case_id,
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
JOIN rm_audit a ON a.position = t.position
WHERE t.generation = (SELECT g.generation FROM live_generations g WHERE g.name = 'timeline')
    AND a.generation = (SELECT g.generation FROM live_generations g WHERE g.name = 'audit')
    AND t.kind NOT IN ('party')""",
    "audit_v1": """\
SELECT
    a.position AS position,
    CASE_ID(a) AS case_id,
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
}

BEFORE = (
    ("CASE_ID(t)", "ID(t.case_id)"),
    ("CASE_ID(a)", "ID(a.case_id)"),
    (
        "JOIN rm_audit a ON a.position = t.position",
        "JOIN rm_audit a ON a.case_id = t.case_id AND a.version = t.version AND a.position = t.position",
    ),
)


def upgrade() -> None:
    """Give the views their new statements; what they show is the same."""
    views.replace(VIEWS)


def downgrade() -> None:
    """Give them back the ones they had."""
    views.replace({name: _as_before(shown) for name, shown in VIEWS.items()})


def _as_before(shown: str) -> str:
    for now, then in BEFORE:
        shown = shown.replace(now, then)
    return shown
