"""From events to changes of rows, without a database: what is heard, when a case is folded anew, what is put and dropped."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.cases import Case, Cases
from application.heard import Heard, Reading
from application.histories import Histories, tell
from application.ports import Committed
from application.project import Batch, Changes, Key, ReadModel, changes, needed, rows_after
from application.read_models import READ_MODELS
from application.read_models.audit import AUDIT
from application.read_models.cases import CASES
from application.read_models.timeline import TIMELINE
from application.records import Append, Begun, Caller, Envelope, Head, Receipt, Recorded, microseconds, moment
from domain.deadlines import DEFAULT_PROFILE
from domain.dossier.acts import AddendumAdded, OfficerAssigned
from domain.history import Folded, late
from domain.kernel import Entry, EntryCorrected, EntryRetracted, Event, Nothing
from domain.kinds.party import PartyRegistered, PartyType
from domain.values import CorrectionReason, Precision, When, at
from tests.infrastructure.vaults import MemoryKeys, codec_of
from tests.matters import CATALOGUE, DAY, HOUR, MATTER, NOON, SEEN, MatterOpened, MatterReleased, StepTaken, said
from tests.profiles import LAW

CASE, OTHER, PARTY = UUID(int=1), UUID(int=2), UUID(int=3)
CODEC = codec_of(CATALOGUE, MemoryKeys())


class Log:
    """A ledger in memory: the read side, and ``write`` for the tests."""

    def __init__(self) -> None:
        self.rows: list[Recorded] = []
        self.loads = 0
        self.codec = CODEC

    def write(self, case_id: UUID, *events: Event, kind: str = "matter") -> list[Recorded]:
        """Record events, each an hour after the one before, from ten days after NOON on."""
        written = []
        for event in events:
            version, position = len(self.load(case_id)) + 1, len(self.rows) + 1
            ((draft,), _) = self.codec.drafts(case_id, version - 1, (event,), self._envelope(position))
            at_hour = microseconds(NOON + 10 * DAY + position * HOUR)
            row = Recorded(
                position, case_id, version, kind, draft.type, 1, at_hour, draft.state, draft.envelope,
                bytes(32), bytes(32), "s-1", bytes(16),
            )  # fmt: skip
            self.rows.append(row)
            written.append(row)
        return written

    @staticmethod
    def _envelope(position: int) -> Envelope:
        return Envelope(
            actor=Caller("s-1", "supervisor", "unit-1", "agency"), on_behalf_of=None, command="Command",
            command_id="", correlation_id=f"c-{position}", causation=None, decided_at=NOON + position * HOUR,
            profile=DEFAULT_PROFILE, handling="standard", software="tests",
        )  # fmt: skip

    async def append(self, request: Append) -> Receipt:
        """A projection records nothing and asks for no receipt."""
        raise AssertionError("a projection reads the log only", request)

    append_now: Any = append

    def receipt(self, command_id: bytes, fingerprint: bytes) -> Receipt | None:
        """A projection records nothing and asks for no receipt."""
        raise AssertionError("a projection reads the log only", command_id, fingerprint)

    def entries(self, case_id: UUID) -> list[Entry]:
        """See ``Streams.entries``."""
        event = self.codec.event
        return [Entry(row.version, moment(row.recorded_at), event(row)) for row in self.load(case_id)]

    def load(self, case_id: UUID, after: int = 0, upto: int | None = None) -> list[Recorded]:
        """See ``Ledger.load``."""
        self.loads += 1
        last = len(self.rows) if upto is None else upto
        return [row for row in self.rows if row.case_id == case_id and after < row.version <= last]

    def read(self, after: int, limit: int, upto: int | None = None) -> list[Recorded]:
        """See ``Ledger.read``."""
        return self.rows[after : len(self.rows) if upto is None else upto][:limit]

    def histories(self, case_ids: Sequence[UUID], upto: int | None = None) -> dict[UUID, list[Recorded]]:
        """See ``Ledger.histories``."""
        found = {case_id: [row for row in self.read(0, len(self.rows), upto) if row.case_id == case_id] for case_id in case_ids}
        return {case_id: rows for case_id, rows in found.items() if rows}

    def begun(self, after: int, limit: int, upto: int | None = None) -> list[Begun]:
        """See ``Ledger.begun``."""
        rows = [row for row in self.read(0, len(self.rows), upto) if row.version == 1 and row.position > after]
        return [Begun(row.position, row.case_id, row.kind) for row in rows[:limit]]

    def head(self) -> Head:
        """See ``Ledger.head``."""
        return Head(len(self.rows), self.rows[-1].recorded_at if self.rows else 0)

    def position_at(self, instant: int) -> int:
        """See ``Ledger.position_at``."""
        return sum(row.recorded_at <= instant for row in self.rows)

    def listen(self, committed: Committed) -> None:
        """Nothing is ever committed."""
        del committed


class Following:
    """A log with what follows it: rows by model, case and key, as a runner would keep them."""

    def __init__(self, remembered: int = 100) -> None:
        self.log = Log()
        self.cases = Cases(CATALOGUE, self.log, self.log, self.log.codec, LAW)
        self.reading = Reading(self.log.codec.event, orjson.loads)
        self.histories = Histories(self.cases, self.reading, remembered)
        self.rows: dict[UUID, dict[Key, Any]] = {}

    def batch(self, recorded: Sequence[Recorded]) -> Batch:
        """These events as a batch."""
        return Batch(recorded, CATALOGUE.kinds, self.reading, self.histories)

    def hear(self, recorded: Sequence[Recorded], model: ReadModel[Any] = CASES) -> Changes[Any]:
        """Apply a batch to the rows."""
        batch = self.batch(recorded)
        held = {case_id: dict(self.rows.get(case_id, {})) for case_id in needed(model, batch)}
        found = changes(model, batch, held)
        for row in found.put:
            self.rows.setdefault(row.case_id, {})[model.key_of(row)] = row
        for case_id, key in found.drop:
            del self.rows[case_id][key]
        return found


@pytest.fixture
def following() -> Following:
    """An empty log, followed."""
    return Following()


def opened(number: str = "M-1") -> MatterOpened:
    """A matter opened at NOON."""
    return MatterOpened(**said(NOON), file_number=number, unit="unit-1")


def step(hour: int, note: str = "fast") -> StepTaken:
    """A step so many hours after NOON."""
    return StepTaken(**said(NOON + hour * HOUR), note=note)


def corrected(target: int, restated: Event) -> EntryCorrected:
    """An entry restated."""
    return EntryCorrected(**said(NOON + 9 * DAY), target=target, why=CorrectionReason.WRONG_TIME, restated=restated)


def retracted(target: int) -> EntryRetracted:
    """An entry retracted."""
    return EntryRetracted(**said(NOON + 9 * DAY), target=target, why=CorrectionReason.DUPLICATE)


# --- The worklist ---------------------------------------------------------------------------------------------


def test_events_that_follow_change_the_row_step_by_step_and_load_nothing(following: Following) -> None:
    first = following.log.write(CASE, opened(), step(1, "slow"))
    following.log.loads = 0
    (row,) = following.hear(first).put
    assert (row.stage, row.version, row.position, row.opened_position) == ("slow", 2, 2, 1)
    assert (row.opened_at, row.changed_at) == (first[0].recorded_at, first[1].recorded_at)

    second = following.log.write(CASE, step(2), OfficerAssigned(**said(NOON + 3 * HOUR), officer="o-9"))
    following.log.loads = 0
    (row,) = following.hear(second).put
    assert (row.stage, row.assignee, row.version, row.opened_position) == ("fast", "o-9", 4, 1)
    assert row.opened_at == first[0].recorded_at
    assert following.log.loads == 0


def test_a_late_entry_is_folded_at_its_place(following: Following) -> None:
    following.hear(following.log.write(CASE, opened(), step(5, "slow")))
    (row,) = following.hear(following.log.write(CASE, step(2, "fast"))).put
    assert (row.stage, row.version, row.corrected) == ("slow", 3, False)


def test_a_correction_folds_the_case_anew_from_what_entries_state_now(following: Following) -> None:
    following.hear(following.log.write(CASE, opened(), step(1, "fast"), step(2, "slow")))
    (row,) = following.hear(following.log.write(CASE, corrected(2, step(3, "fast")))).put
    assert (row.stage, row.version, row.position, row.corrected) == ("fast", 4, 4, True)
    (row,) = following.hear(following.log.write(CASE, step(4, "slow"))).put
    assert (row.stage, row.corrected) == ("slow", True)


def test_a_retracted_entry_counts_no_more_and_late_ones_are_counted_as_they_stand(following: Following) -> None:
    following.hear(following.log.write(CASE, opened(), step(1), step(2), retracted(3)))
    assert following.rows[CASE][()].late == 2
    soon = replace(step(1), when=at(NOON + 10 * DAY))
    (row,) = following.hear(following.log.write(CASE, corrected(2, soon))).put
    assert row.late == 1


def test_an_entry_that_an_end_of_custody_overtakes_is_counted_as_a_contradiction(following: Following) -> None:
    following.hear(following.log.write(CASE, opened(), step(5)))
    (row,) = following.hear(following.log.write(CASE, MatterReleased(**said(NOON + HOUR)))).put
    assert (row.stage, row.contradictions) == ("released", 1)


def test_batches_of_any_size_leave_the_same_rows() -> None:
    events = (opened(), step(3, "slow"), step(1), corrected(2, step(2, "fast")), step(4), retracted(5), step(6, "slow"))
    left = []
    for size in range(1, 8):
        following = Following()
        rows = following.log.write(CASE, *events)
        for start in range(0, 7, size):
            following.hear(rows[start : start + size])
        left.append(following.rows)
    assert all(rows == left[0] for rows in left)
    assert left[0][CASE][()].stage == "slow"


def test_a_case_beyond_memory_is_loaded_and_gives_the_same_row() -> None:
    following = Following(remembered=1)
    for case_id in (CASE, OTHER):
        following.hear(following.log.write(case_id, opened()))
    (row,) = following.hear(following.log.write(CASE, step(1, "slow"))).put
    assert (row.stage, row.opened_position) == ("slow", 1)


def test_a_remembered_case_of_exactly_that_version_is_taken_as_it_is(following: Following) -> None:
    rows = following.log.write(CASE, opened())
    dossier = replace(CATALOGUE.shared.empty, assignee="from memory")
    following.cases._hot[CASE] = Case(CASE, MATTER, 1, Folded(Nothing(), dossier))
    (row,) = following.hear(rows).put
    assert row.assignee == "from memory"


def test_a_remembered_case_of_another_version_is_not(following: Following) -> None:
    rows = following.log.write(CASE, opened(), step(1))
    dossier = replace(CATALOGUE.shared.empty, assignee="from memory")
    following.cases._hot[CASE] = Case(CASE, MATTER, 3, Folded(Nothing(), dossier))
    (row,) = following.hear(rows).put
    assert row.assignee is None


def test_the_party_register_has_no_row_in_the_worklist(following: Following) -> None:
    party = PartyRegistered(**said(NOON), file_number="P-1", unit="unit-1", party_type=PartyType.PERSON)
    rows = following.log.write(PARTY, party, kind="party")
    assert following.hear(rows) == Changes([], [])
    assert len(following.hear(rows, TIMELINE).put) == 1


# --- Timeline and audit ---------------------------------------------------------------------------------------


def test_every_event_has_one_row_in_timeline_and_audit_and_nothing_is_decoded(following: Following) -> None:
    remark = AddendumAdded(**said(NOON + HOUR), text="sealed", target=1)
    rows = following.log.write(CASE, opened(), step(1), remark, corrected(2, step(2)), retracted(2))
    following.reading = Reading(lambda recorded: pytest.fail(f"decoded {recorded.type}"), orjson.loads)
    timeline = following.hear(rows, TIMELINE).put
    assert [(row.version, row.target) for row in timeline] == [(1, None), (2, None), (3, 1), (4, 2), (5, 2)]
    assert [row.state for row in timeline] == [row.state for row in rows]
    assert b"sealed" not in timeline[2].state
    audit = following.hear(rows, AUDIT).put
    assert [(row.command, row.unit, row.correlation_id) for row in audit[:2]] == [
        ("Command", "unit-1", "c-1"),
        ("Command", "unit-1", "c-2"),
    ]
    assert audit[0].decided_at == microseconds(NOON + HOUR)


def test_streams_of_no_known_kind_are_heard_by_nobody(following: Following) -> None:
    rows = [row._replace(kind="elsewhere", state=b"not json") for row in following.log.write(CASE, opened())]
    assert [following.hear(rows, model) for model in READ_MODELS] == [Changes([], [])] * len(READ_MODELS)


MOMENTS = st.datetimes(datetime(1, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds UTC


@given(recorded_at=MOMENTS, start=MOMENTS, days=st.integers(1, 5), open_start=st.booleans(), open_end=st.booleans())
def test_lateness_and_order_are_those_of_the_domain(
    recorded_at: datetime, start: datetime, days: int, open_start: bool, open_end: bool
) -> None:
    stated = When(
        None if open_start else start, None if open_end else start + timedelta(days=days), Precision.RANGE, as_stated="x"
    )
    log = Log()
    event = StepTaken(when=stated, sources=(SEEN,), claim_status=opened().claim_status, note="n")
    (written,) = log.write(CASE, event)
    written = written._replace(recorded_at=microseconds(recorded_at))
    heard = Heard(written, MATTER, Reading(log.codec.event, orjson.loads))
    entry = Entry(1, moment(written.recorded_at), heard.event)
    assert heard.late == late(stated, recorded_at)
    assert heard.ends == microseconds(entry.ends)


# --- Any read model -------------------------------------------------------------------------------------------


def per_note(row: Any, heard: Heard, key: Key) -> Any:
    """One row per note of a step, in the columns of the worklist: as long as the step stands."""
    whole: Any = CASES.fold(row, heard, key)
    return whole._replace(file_number=key[0])


NOTES = replace(
    CASES,
    fold=per_note,
    key=("file_number",),
    hears=frozenset({StepTaken.type}),
    keys=lambda heard: tuple((note,) for note in heard.state["note"].split("+")),
)


def test_an_event_may_concern_several_rows_of_its_case_and_only_what_is_heard_counts(following: Following) -> None:
    found = following.hear(following.log.write(CASE, opened(), step(1, "a+b"), step(2, "b")), NOTES)
    assert sorted((row.file_number, row.version) for row in found.put) == [("a", 2), ("b", 3)]


def test_rows_that_the_effective_history_no_longer_gives_are_dropped(following: Following) -> None:
    following.hear(following.log.write(CASE, opened(), step(1, "a+b")), NOTES)
    found = following.hear(following.log.write(CASE, corrected(2, step(1, "b+c"))), NOTES)
    assert sorted(row.file_number for row in found.put) == ["b", "c"]
    assert found.drop == [(CASE, ("a",))]


def test_a_row_that_stays_as_it_was_is_not_written_again(following: Following) -> None:
    model = replace(CASES, fold=lambda row, heard, key: row or CASES.fold(None, heard, key))
    following.hear(following.log.write(CASE, opened()), model)
    assert following.hear(following.log.write(CASE, step(1)), model) == Changes([], [])


def test_a_model_asks_for_the_rows_of_cases_that_began_before_only(following: Following) -> None:
    rows = following.log.write(CASE, opened()) + following.log.write(OTHER, opened("M-2"))
    following.hear(rows)
    rows = following.log.write(CASE, step(1)) + following.log.write(PARTY, opened("M-3"))
    assert needed(CASES, following.batch(rows)) == [CASE]
    assert needed(TIMELINE, following.batch(rows)) == []


def test_a_stored_history_gives_the_row_of_a_single_case(following: Following) -> None:
    rows = following.log.write(CASE, opened(), step(1, "slow"), corrected(2, step(1, "fast")))
    following.hear(rows)
    told = tell(following.cases, MATTER, rows, following.reading)
    assert rows_after(CASES, told, {}) == following.rows[CASE]
