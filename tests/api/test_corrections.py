"""Corrections over HTTP: who may have an entry read otherwise, and that no correction revives a hold."""

from typing import Any

import pytest

from domain.dossier.acts import AddAddendum, CorrectEntry, RetractEntry
from domain.dossier.correction_acts import ApproveCorrection, ProposeCorrection, ProposeRetraction, RejectCorrection
from domain.kinds.detention.acts import AuthorizeDetention
from domain.values import CorrectionReason
from tests.api.server import Opened, Site, block, code
from tests.scenario import DAY, HOUR, NOON

AUTHORIZE = AuthorizeDetention(**block(NOON + HOUR, reason="R"), grounds="G", until=NOON + DAY)
WRONG: dict[str, Any] = block(NOON + 2 * HOUR, reason="Mistyped") | {"target": 2, "why": CorrectionReason.TYPING_ERROR}
APPROVE = ApproveCorrection(**block(NOON + 2 * HOUR), target=2)


@pytest.fixture
def held(site: Site) -> Opened:
    """A detention that a custody officer authorized: version 2."""
    opened = site.caller("o-1").open_detention()
    site.caller("o-2").record(opened.id, AUTHORIZE)
    return opened


def test_who_lacks_the_function_of_an_act_neither_corrects_nor_retracts_it(site: Site, held: Opened) -> None:
    without = site.caller("o-4")
    anew = CorrectEntry(**WRONG, changes={"grounds": "H"})

    assert code(without.give(held.id, AUTHORIZE, 2)) == (403, "not-allowed")
    assert code(without.give(held.id, anew, 2)) == (403, "not-allowed")
    assert code(without.give(held.id, RetractEntry(**WRONG), 2)) == (403, "not-allowed")
    assert site.caller("o-1").give(held.id, anew, 2).status_code == 200
    remark = without.record(held.id, AddAddendum(**block(NOON + HOUR), text="x"))
    corrected = CorrectEntry(**WRONG | {"target": remark["version"]}, changes={"text": "y"})
    assert without.give(held.id, corrected, remark["version"]).status_code == 200, "whose own command needs no function"


@pytest.mark.parametrize(
    "proposal",
    [ProposeCorrection(**WRONG, changes={"until": (NOON + 20 * HOUR).isoformat()}), ProposeRetraction(**WRONG)],
    ids=["a correction", "a retraction"],
)
def test_who_lacks_the_function_of_an_act_proposes_and_rejects_but_does_not_approve(
    site: Site, held: Opened, proposal: ProposeCorrection | ProposeRetraction
) -> None:
    without = site.caller("o-4")
    site.caller("o-1").record(held.id, proposal)

    assert code(without.give(held.id, APPROVE, 3)) == (403, "not-allowed")
    without.record(held.id, RejectCorrection(**block(NOON + 2 * HOUR, reason="As it was"), target=2))
    without.record(held.id, proposal)
    receipt = site.caller("o-1").record(held.id, APPROVE)
    assert receipt["version"] == 7


def test_two_officers_do_not_revive_a_hold_that_has_ended(site: Site, held: Opened) -> None:
    site.caller("o-1").record(held.id, ProposeCorrection(**WRONG, changes={"until": (NOON + 30 * DAY).isoformat()}))
    assert code(site.caller("o-2").give(held.id, APPROVE, 3)) == (409, "authority-ended")
