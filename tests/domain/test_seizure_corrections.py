"""No correction or retraction takes away what later entries of a seizure rest on."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.dossier import SHARED
from domain.dossier.acts import CorrectEntry, RetractEntry
from domain.history import decide_within
from domain.kernel import Command, Entry, Refused
from domain.kinds.seizure import KIND
from domain.kinds.seizure.acts import ItemInventoried
from domain.kinds.seizure.custody_acts import ApplySeal
from domain.kinds.seizure.item_acts import MeasureItem, RecordItemFound
from domain.values import CorrectionReason, Quantity, Unit
from tests.domain.test_seizure import (
    COMPLETED,
    CONTESTED,
    FORFEIT,
    KEEPER,
    LISTED,
    NOTIFIED,
    SINGLE,
    TWO,
    UPHOLD,
    act,
    after,
    clerk,
)
from tests.domain.test_seizure_disposal import APPEAL, DISMISS, HOLD, LIFT
from tests.domain.test_seizure_items import ACCEPT, BREAK, CLASSIFY, CONTEST, MISSING, OFFERED, SEAL, SPLIT


def version_of(history: list[Entry], fact: str) -> int:
    """The version of the last entry of a fact."""
    return next(e.version for e in reversed(history) if e.event.type == f"seizure.{fact}")


def takes_back(history: list[Entry], fact: str) -> None:
    """Retract the last entry of a fact."""
    command: Command = act(RetractEntry, target=version_of(history, fact), why=CorrectionReason.DUPLICATE, reason="Twice.")
    target = next(e for e in history if e.version == version_of(history, fact))
    decide_within(KIND, SHARED, history, command, replace(clerk(), target=target))


@pytest.mark.parametrize(
    ("history", "fact"),
    [
        (after(COMPLETED, SPLIT, act(ApplySeal, line="1.1", seal="S-1")), "item_split"),
        (after(COMPLETED, SEAL, BREAK, SPLIT), "seal_broken"),
        (after(COMPLETED, SEAL, BREAK, act(MeasureItem, line="1", count=TWO)), "seal_broken"),
        (after(SINGLE, FORFEIT, APPEAL, DISMISS), "forfeiture_appeal_lodged"),
        (after(NOTIFIED, HOLD, LIFT), "legal_hold_placed"),
        (after(OFFERED, ACCEPT), "transfer_offered"),
        (after(CONTESTED, UPHOLD), "claim_lodged"),
        (after(COMPLETED, CLASSIFY, CONTEST), "item_classified"),
        (LISTED, "goods_seized"),
        (NOTIFIED, "notice_issued"),
        (after(COMPLETED, MISSING, act(RecordItemFound, line="1", place="Bin", custodian=KEEPER)), "item_missing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_entry_others_rest_on_is_not_retracted(history: list[Entry], fact: str) -> None:
    with pytest.raises(Refused) as caught:
        takes_back(history, fact)

    assert caught.value.refusal.code == "entry-no-longer-fits"


def test_a_quantity_is_not_corrected_to_other_than_the_parts_it_was_divided_into() -> None:
    history = after(COMPLETED, SPLIT)
    target = next(e for e in history if e.event.type == "seizure.item_inventoried")
    assert isinstance(target.event, ItemInventoried)
    restated = replace(target.event, quantity=Quantity(Decimal(3), Unit.PIECE))
    command = act(CorrectEntry, target=target.version, why=CorrectionReason.TYPING_ERROR, changes={}, reason="Miscounted.")

    with pytest.raises(Refused) as caught:
        decide_within(KIND, SHARED, history, command, replace(clerk(), target=target, restated=restated))

    assert caught.value.refusal.code == "entry-no-longer-fits"
