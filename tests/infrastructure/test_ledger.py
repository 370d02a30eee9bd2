"""The contract of the ledger port, on every engine: what is recorded, refused, repeated and read."""

import hashlib
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from application.errors import ClaimTaken, KeyReused, Stale
from application.records import Append, Claim, Draft, Head, Receipt, WrappedKey
from infrastructure.ledger import SqlLedger
from infrastructure.verification import verify
from tests.engines import Database
from tests.infrastructure.events import request
from tests.infrastructure.ledgers import NOON, Clock, opened


def test_an_event_is_stored_byte_for_byte(database: Database) -> None:
    asked = request(None, 0, b'{"a": 1}', b"\x00\xff")
    with opened(database) as ledger:
        receipt = ledger.append_now(asked)
        first, second = ledger.load(asked.case_id)
        assert ledger.read(0, 10) == [first, second]
    assert (first.position, first.version, second.position, second.version) == (1, 1, 2, 2)
    assert (first.state, second.state) == (b'{"a": 1}', b"\x00\xff")
    assert first.envelope == second.envelope == asked.drafts[0].envelope
    assert (first.case_id, first.kind, first.type, first.schema_version) == (asked.case_id, "test", "test.noted", 1)
    assert (first.actor, first.command_id) == ("officer-1", asked.command_id)
    assert (first.recorded_at, second.recorded_at) == (NOON, NOON + 1)
    assert first.salt != second.salt
    assert receipt == Receipt(asked.case_id, "test", 1, 2, 2, second.leaf_hash, NOON + 1)


def test_an_empty_ledger_has_no_head(ledger: SqlLedger) -> None:
    assert ledger.head() == Head(0, 0)
    assert ledger.read(0, 10) == []
    assert ledger.load(uuid4()) == []
    assert ledger.position_at(2**60) == 0


def test_reads_are_bounded_as_asked(ledger: SqlLedger) -> None:
    case_id = ledger.append_now(request(None, 0, b"1", b"2", b"3", b"4")).case_id
    assert [event.version for event in ledger.load(case_id, 1, 3)] == [2, 3]
    assert [event.version for event in ledger.load(case_id, 3)] == [4]
    assert [event.position for event in ledger.read(1, 2)] == [2, 3]
    assert [event.position for event in ledger.read(0, 10, 3)] == [1, 2, 3]
    assert ledger.head().position == 4


def test_the_ledgers_time_never_stands_still_or_goes_back(database: Database) -> None:
    clock = Clock()
    with opened(database, clock) as ledger:
        ledger.append_now(request(None, 0, b"", b""))
        clock.now -= 1_000_000
        ledger.append_now(request())
        clock.now += 3_000_000
        ledger.append_now(request())
        times = [event.recorded_at for event in ledger.read(0, 10)]
    assert times == [NOON, NOON + 1, NOON + 2, NOON + 2_000_000]


def test_known_at_is_a_prefix_of_the_log(database: Database) -> None:
    clock = Clock()
    with opened(database, clock) as ledger:
        for step in range(9):
            clock.now = NOON + step * 100
            ledger.append_now(request())
        assert ledger.position_at(NOON - 1) == 0
        assert [ledger.position_at(NOON + step * 100) for step in range(9)] == list(range(1, 10))
        assert [ledger.position_at(NOON + step * 100 + 99) for step in range(9)] == list(range(1, 10))


def test_a_caller_who_read_an_older_version_is_told_so(ledger: SqlLedger) -> None:
    case_id = ledger.append_now(request()).case_id
    for after in (0, 2, -1):
        with pytest.raises(Stale) as refused:
            ledger.append_now(request(case_id, after))
        assert (refused.value.expected, refused.value.actual) == (after, 1)
    with pytest.raises(Stale):
        ledger.append_now(request(uuid4(), 1))
    assert ledger.append_now(request(case_id, 1)).version == 2


def test_a_repeated_command_gets_its_first_receipt(ledger: SqlLedger) -> None:
    asked = request(None, 0, b"1", b"2")
    first = ledger.append_now(asked)
    ledger.append_now(request(asked.case_id, 2))
    assert ledger.append_now(asked) == first
    assert ledger.receipt(asked.command_id, asked.fingerprint) == first
    assert ledger.head().position == 3


def test_a_command_id_with_another_body_is_refused(ledger: SqlLedger) -> None:
    asked = request()
    ledger.append_now(asked)
    with pytest.raises(KeyReused):
        ledger.append_now(request(asked.case_id, 1, command_id=asked.command_id, fingerprint=b"f" * 32))
    with pytest.raises(KeyReused):
        ledger.receipt(asked.command_id, b"f" * 32)
    assert ledger.receipt(b"x" * 16, b"f" * 32) is None


def test_a_claim_has_one_holder_until_it_is_freed(ledger: SqlLedger) -> None:
    seal = Claim("seal", "A-1")
    holder = ledger.append_now(request(takes=(seal,))).case_id
    with pytest.raises(ClaimTaken):
        ledger.append_now(request(takes=(Claim("seal", "A-2"), seal)))
    ledger.append_now(request(holder, 1, takes=(seal,)))
    ledger.append_now(request(frees=(seal,)))
    with pytest.raises(ClaimTaken):
        ledger.append_now(request(takes=(seal,)))
    ledger.append_now(request(holder, 2, frees=(seal,)))
    ledger.append_now(request(takes=(seal, Claim("seal", "A-2"))))


def test_keys_are_stored_with_their_command(ledger: SqlLedger, engine: sa.Engine) -> None:
    case_id, party_id = uuid4(), uuid4()
    keys = (WrappedKey(b"1" * 32, case_id, party_id, b"one"), WrappedKey(b"2" * 32, case_id, None, b"two"))
    receipt = ledger.append_now(request(case_id, 0, keys=keys))
    with pytest.raises(Stale):
        ledger.append_now(request(case_id, 0, keys=(WrappedKey(b"3" * 32, case_id, None, b"three"),)))
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT wrapped, party_id, created_at FROM keys ORDER BY key_id").all()
    assert [(bytes(row[0]), row[2]) for row in rows] == [(b"one", receipt.recorded_at), (b"two", receipt.recorded_at)]
    assert rows[0][1] in (party_id, party_id.bytes)
    assert rows[1][1] is None


def test_a_command_without_events_or_with_odd_ids_is_a_defect(ledger: SqlLedger) -> None:
    asked = request()
    with pytest.raises(ValueError, match="at least one"):
        ledger.append_now(Append(asked.case_id, "test", 0, (), "a", asked.command_id, bytes(32)))
    with pytest.raises(ValueError, match="16 bytes"):
        ledger.append_now(request(command_id=b"short"))
    with pytest.raises(ValueError, match="16 bytes"):
        ledger.append_now(request(fingerprint=b"short"))


def test_large_and_odd_content_comes_back_unchanged(ledger: SqlLedger) -> None:
    state = bytes(range(256)) * 8000
    asked = request(None, 0, state, b"")
    asked = Append(
        asked.case_id,
        "Fälle–☃",
        0,
        (*asked.drafts, Draft("tüp\U0001f600", 2**31 - 1, b"", b"")),
        "ä",
        asked.command_id,
        bytes(32),
    )
    ledger.append_now(asked)
    first, second, third = ledger.load(asked.case_id)
    assert hashlib.sha256(first.state).digest() == hashlib.sha256(state).digest()
    assert (second.state, third.envelope, third.type, third.schema_version) == (b"", b"", "tüp\U0001f600", 2**31 - 1)
    assert (first.kind, first.actor) == ("Fälle–☃", "ä")


def test_the_ledgers_own_stream_is_a_stream_like_any_other(ledger: SqlLedger) -> None:
    assert ledger.append_now(request(UUID(int=0), 0)).version == 1
    assert ledger.append_now(request(UUID(int=0), 1)).version == 2
    assert verify(ledger).ok
