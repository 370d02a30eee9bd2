"""The cases a process remembers: how many, whichever way they came to be known."""

import sqlalchemy as sa

from application.cases import Cases
from infrastructure.event_store import CaseStreams
from tests.infrastructure.following import recording
from tests.matters import CATALOGUE
from tests.profiles import ONE_PERSON


def test_only_so_many_cases_are_remembered_read_or_written(engine: sa.Engine) -> None:
    with recording(engine) as office:
        cases = Cases(CATALOGUE, office.ledger, CaseStreams(office.ledger, office.codec), office.codec, ONE_PERSON, size=2)
        read = office.record(3, 1)
        for case_id in read:
            cases.load(case_id)
        assert [cases.remembered(case_id) is not None for case_id in read] == [False, True, True]
        written = [office.open_matter() for _ in range(3)]
        assert [cases.remembered(case_id) is not None for case_id in (*read, *written)] == [False] * 4 + [True] * 2
