"""What ``verify`` must notice: an owner who goes around every guard and alters what is stored."""

import sqlalchemy as sa

from infrastructure.database import open_engine
from infrastructure.ledger import SqlLedger
from infrastructure.verification import Findings, verify
from tests.engines import Database
from tests.infrastructure.events import request

UNGUARD_POSTGRESQL = ("ALTER TABLE events DISABLE TRIGGER USER",)
UNGUARD_SQLITE = ("DROP TRIGGER events_refuse_update", "DROP TRIGGER events_refuse_delete")


def record_two_cases(ledger: SqlLedger) -> None:
    """Positions 1 and 2 and 4: one case; position 3: another."""
    first = ledger.append_now(request(None, 0, b"{}", b"{}"))
    ledger.append_now(request())
    ledger.append_now(request(first.case_id, 2))


def tamper(database: Database, *statements: str) -> None:
    """Alter the stored rows as the tables' owner, after switching off what would refuse it."""
    engine = open_engine(database.owner_url, owner=True)
    with engine.begin() as connection:
        for statement in (UNGUARD_SQLITE if database.dialect == "sqlite" else UNGUARD_POSTGRESQL) + statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def named(findings: Findings) -> list[tuple[int, int | None]]:
    """Where something is wrong, without the words."""
    return sorted({(finding.position, finding.version) for finding in findings.bad})


def test_an_untouched_log_verifies(ledger: SqlLedger) -> None:
    record_two_cases(ledger)
    steps: list[tuple[int, int]] = []
    findings = verify(ledger, progress=lambda position, upto: steps.append((position, upto)))
    assert findings.ok
    assert (findings.since, findings.upto, findings.checked) == (1, 4, 4)
    assert steps == [(4, 4)]


def test_an_empty_log_verifies(ledger: SqlLedger) -> None:
    assert verify(ledger) == Findings(1, 0, 0, ())


def test_verification_may_begin_in_the_middle(ledger: SqlLedger) -> None:
    record_two_cases(ledger)
    findings = verify(ledger, since=4)
    assert findings.ok
    assert findings.checked == 1
    assert verify(ledger, since=5) == Findings(5, 4, 0, ())


def test_whoever_knows_of_a_later_position_sees_that_the_tail_is_gone(ledger: SqlLedger) -> None:
    record_two_cases(ledger)
    (finding,) = verify(ledger, since=6).bad
    assert (finding.position, finding.what) == (5, "the log ends at position 4")


def test_an_altered_state_is_named_by_position_case_and_version(database: Database, ledger: SqlLedger) -> None:
    record_two_cases(ledger)
    case_id = ledger.read(0, 1)[0].case_id
    tamper(database, 'UPDATE events SET state = \'{"note":"y"}\' WHERE position = 2')
    (finding,) = [finding for finding in verify(ledger).bad if "leaf hash" in finding.what or "wrong type" in finding.what]
    assert (finding.position, finding.case_id, finding.version) == (2, case_id, 2)


def test_each_altered_column_is_noticed(database: Database, ledger: SqlLedger) -> None:
    for _ in range(9):
        ledger.append_now(request())
    tamper(
        database,
        "UPDATE events SET kind = 'other' WHERE position = 1",
        "UPDATE events SET type = 'other' WHERE position = 2",
        "UPDATE events SET schema_version = 2 WHERE position = 3",
        "UPDATE events SET recorded_at = recorded_at + 1000000000 WHERE position = 4",
        "UPDATE events SET envelope = state WHERE position = 5",
        "UPDATE events SET salt = leaf_hash WHERE position = 6",
        "UPDATE events SET actor = 'other' WHERE position = 7",
        "UPDATE events SET command_id = (SELECT command_id FROM events WHERE position = 1) WHERE position = 8",
    )
    assert named(verify(ledger)) == [(position, 1) for position in range(1, 9)]


def test_a_rewritten_event_with_a_fitting_hash_breaks_the_chain_of_its_case(database: Database, ledger: SqlLedger) -> None:
    record_two_cases(ledger)
    tamper(database, "UPDATE events SET leaf_hash = salt WHERE position = 2")
    assert named(verify(ledger)) == [(2, 2), (4, 3)]


def test_a_deleted_event_is_missed(database: Database, ledger: SqlLedger) -> None:
    record_two_cases(ledger)
    tamper(database, "DELETE FROM events WHERE position = 2")
    whats = " / ".join(finding.what for finding in verify(ledger).bad)
    assert "positions 2 to 2 are missing" in whats
    assert "does not follow version 1 of its case" in whats


def test_values_of_another_type_are_findings_not_crashes(sqlite_database: Database) -> None:
    engine = open_engine(sqlite_database.url)
    ledger = SqlLedger(engine, lambda: 1)
    ledger.start()
    for _ in range(4):
        ledger.append_now(request())
    tamper(
        sqlite_database,
        "UPDATE events SET case_id = x'00' WHERE position = 1",
        "UPDATE events SET version = 'one' WHERE position = 2",
        "UPDATE events SET state = 'text' WHERE position = 3",
    )
    findings = verify(ledger)
    assert named(findings) == [(1, None), (2, "one"), (3, 1)]
    assert findings.checked == 3
    ledger.close()
    engine.dispose()


def test_the_leaf_hash_stored_is_the_one_in_the_receipt(ledger: SqlLedger, engine: sa.Engine) -> None:
    receipt = ledger.append_now(request())
    with engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT leaf_hash FROM events WHERE position = 1").scalar_one()
    assert bytes(stored) == receipt.leaf_hash
