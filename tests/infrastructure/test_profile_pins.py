"""The profile a case is under, through ledger and fold: it is recorded, stands in envelopes, and never blocks a release."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from uuid import UUID

import orjson
import pytest
import sqlalchemy as sa

from domain import deadlines as law
from domain.demands import DUTIES_NOT_SEPARATE
from domain.dossier import rules as no
from domain.dossier.acts import MoveToProfile
from domain.kernel import Refused
from domain.profiles import DEFAULT_PROFILE, Demand, Law
from tests.matters import Office, ReleaseMatter
from tests.profiles import ALONE
from tests.scenario import DAY, HOUR, NOON, said

MOVE = MoveToProfile(
    **said(NOON + DAY, reason="The court applied it"), profile="gb-eaw-ctl@2",
    legal_basis="gb-eaw-custody-time-limits", selected_on=date(2020, 10, 5),
)  # fmt: skip


@pytest.fixture
def office(engine: sa.Engine) -> Iterator[Office]:
    """An office that records, on each engine."""
    office = Office(engine)
    office.ledger.start()
    yield office
    office.ledger.close()


def pins(office: Office, case_id: UUID) -> list[str]:
    """The profile in each envelope of a case."""
    return [orjson.loads(row.envelope)["profile"] for row in office.ledger.load(case_id)]


def test_a_moved_case_stays_under_its_profile_and_says_so_in_every_envelope(office: Office) -> None:
    case_id = office.open_matter()
    office.give(case_id, MOVE)
    office.step(case_id, NOON + 2 * DAY)
    assert pins(office, case_id) == [DEFAULT_PROFILE, DEFAULT_PROFILE, "gb-eaw-ctl@2"]
    office.cases.forget(case_id)
    assert office.cases.load(case_id).profile == "gb-eaw-ctl@2"


def test_a_refused_move_records_nothing(office: Office) -> None:
    case_id = office.open_matter()
    for command, refusal in (
        (replace(MOVE, legal_basis="nowhere"), law.UNKNOWN_LEGAL_BASIS),
        (replace(MOVE, profile="gb-eaw-ctl@1"), no.PROFILE_NOT_SELECTED),
    ):
        with pytest.raises(Refused) as caught:
            office.give(case_id, command)
        assert caught.value.refusal is refusal
    assert len(office.ledger.load(case_id)) == 1


def test_a_case_whose_profile_is_gone_can_still_be_ended(office: Office) -> None:
    case_id = office.open_matter()
    office.give(case_id, MOVE)
    office.executor = replace(office.executor, law=Law({DEFAULT_PROFILE: ALONE}))
    receipt = office.give(case_id, ReleaseMatter(**said(NOON + DAY + HOUR)))
    assert receipt.version == 3
    assert pins(office, case_id)[-1] == "gb-eaw-ctl@2"


def test_whoever_did_what_the_profile_names_is_found_in_the_whole_history(office: Office) -> None:
    """The case is remembered folded; the demand makes the path of the command open its history."""
    apart = Demand(command="TakeStep", apart_from=frozenset({"matter.step_taken"}))
    profile = replace(ALONE, demands=MappingProxyType({apart.command: apart}))
    office.executor = replace(office.executor, law=Law({DEFAULT_PROFILE: profile}))
    case_id = office.open_matter()
    office.step(case_id, NOON + HOUR)
    with pytest.raises(Refused) as caught:
        office.step(case_id, NOON + 2 * HOUR)
    assert caught.value.refusal is DUTIES_NOT_SEPARATE
    assert len(office.ledger.load(case_id)) == 2
