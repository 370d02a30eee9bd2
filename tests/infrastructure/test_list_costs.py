"""What a page of a list costs: on either database every filter finds its rows through an index, in the list's own order."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from application.reading import AuditFilter, LinkFilter, PersonFilter, WorklistFilter
from application.records import microseconds
from infrastructure.database import open_engine
from infrastructure.read_store import SqlReadStore
from tests.engines import Database
from tests.infrastructure.following import caught_up, following, recording
from tests.matters import DAY, HOUR, NOON

CASES, STEPS = 1_500, 3
A_CASE = uuid4()
RECENT = microseconds(NOON + 10 * DAY + HOUR)

WORKLISTS = (
    WorklistFilter(),
    WorklistFilter(kind="party"),
    WorklistFilter(state="slow"),
    WorklistFilter(unit="unit-9"),
    WorklistFilter(units=frozenset({"unit-9"})),
    WorklistFilter(units=frozenset({"unit-9"}), state="slow"),
    WorklistFilter(assignee="o-9"),
    WorklistFilter(file_number="M-7"),
    WorklistFilter(opened_since=RECENT),
    WorklistFilter(changed_since=RECENT),
)
AUDITS = (
    AuditFilter(),
    AuditFilter(actor="nobody"),
    AuditFilter(case_id=A_CASE),
    AuditFilter(kind="party"),
    AuditFilter(type="matter.released"),
    AuditFilter(recorded_from=RECENT),
    AuditFilter(recorded_to=0),
)

Ask = Callable[[SqlReadStore], Any]
ASKED: dict[str, Ask] = {
    **{f"{wanted}": partial(SqlReadStore.worklist, wanted=wanted, after=9, limit=20) for wanted in WORKLISTS},
    **{f"{wanted}": partial(SqlReadStore.audit, wanted=wanted, after=9, limit=20) for wanted in AUDITS},
    "timeline": lambda store: store.timeline(A_CASE),
    "links": lambda store: store.links(LinkFilter(), after=9, limit=20),
    "links of a case": lambda store: store.links(LinkFilter(case_id=A_CASE, units=frozenset({"unit-1"})), limit=20),
    "cases of a party": lambda store: store.persons(PersonFilter(parties=frozenset({A_CASE})), limit=20),
    "cases of a party, a unit's": lambda store: store.persons(
        PersonFilter(parties=frozenset({A_CASE}), units=frozenset({"unit-1"})), after=(9, 1), limit=20
    ),
    "intervals": lambda store: store.intervals(A_CASE, frozenset({"unit-1"}), limit=20),
}


UNINDEXED = "worklist by handling"
ASKED[UNINDEXED] = lambda store: store.worklist(WorklistFilter(handling="restricted"), limit=20)
"""A filter that no route offers and no index serves: the check must notice it."""

MOST = 120
"""Rows that a page of twenty may look at on PostgreSQL."""

INSTRUCTIONS = 5_000
"""What such a page may cost SQLite: a look at every case here would be twice that."""


@contextmanager
def statements(engine: sa.Engine) -> Iterator[list[tuple[str, Any]]]:
    """The statements sent while the block runs."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        sent.append((statement, parameters))

    sa.event.listen(engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(engine, "before_cursor_execute", note)


def looked_at(plan: dict[str, Any]) -> int:
    """The rows that the scans of a PostgreSQL plan read, found fitting or not."""
    mine = 0
    if "Scan" in plan["Node Type"]:
        removed = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
        mine = (plan["Actual Rows"] + removed) * plan["Actual Loops"]
    return int(mine) + sum(map(looked_at, plan.get("Plans", ())))


def wasteful(engine: sa.Engine, statement: str, parameters: Any) -> str | None:
    """Why a statement's cost would grow with the ledger, None if it would not."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            explained = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
            plan = connection.exec_driver_sql(explained, parameters).scalar_one()[0]["Plan"]
            rows = looked_at(plan)
            return f"{rows} rows: {plan}" if rows > MOST else None
        count = instructions(connection.connection.driver_connection, statement, parameters)
        return f"{count} instructions" if count > INSTRUCTIONS else None


def instructions(driver: Any, statement: str, parameters: Any) -> int:
    """How many instructions of its virtual machine SQLite needs for a statement, in hundreds rounded up."""
    ticks: list[None] = []
    driver.set_progress_handler(lambda: ticks.append(None), 100)
    driver.execute(statement, parameters).fetchall()
    driver.set_progress_handler(None, 100)
    return 100 * (len(ticks) + 1)


def test_no_filter_of_a_list_reads_more_than_its_page(engine: sa.Engine, database: Database) -> None:
    with recording(engine) as office, following(office) as projector:
        office.record(CASES, STEPS)
        assert caught_up(office, projector)
    if database.dialect == "postgresql":
        owner = open_engine(database.owner_url, owner=True)
        with owner.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("ANALYZE")
        owner.dispose()
    found = {}
    for name, ask in ASKED.items():
        with statements(engine) as sent:
            ask(SqlReadStore(engine))
        lists = [each for each in sent if "rm_" in each[0]]
        assert lists
        reasons = [reason for each in lists if (reason := wasteful(engine, *each))]
        if reasons:
            found[name] = reasons
    assert list(found) == [UNINDEXED]
