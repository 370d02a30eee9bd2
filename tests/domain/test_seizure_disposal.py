"""What keeps goods from being disposed of, and how they go: holds, appeals, early disposal, sale, handover, stores."""

import pytest

from domain.kernel import Command, Entry
from domain.kinds.seizure import acts, claim_acts, disposal_acts
from domain.kinds.seizure.custody_acts import AcceptTransfer, ApplySeal, CheckInItem, MoveItem, RefuseTransfer, StoreItem
from domain.kinds.seizure.custody_acts import TransferRefusalGround as Ground
from domain.kinds.seizure.disposal_acts import (
    DecideEarlyDisposal,
    DecideForfeitureAppeal,
    EarlyDisposalOutcome,
    ForfeitureAppealDecided,
    ForfeitureAppealOutcome,
    HandOverItem,
    KeepingRisk,
    LiftLegalHold,
    LodgeForfeitureAppeal,
    OrderHandover,
    OrderSale,
    PlaceLegalHold,
    RecordKeepingRisk,
    ReturnBecameDue,
    SellItem,
)
from domain.kinds.seizure.item_acts import Concern, RecordItemFound, SamplePurpose, TakeSample, WriteOffLoss
from domain.kinds.seizure.stages import (
    Closed,
    Condemned,
    Determined,
    Disposing,
    Forfeited,
    HandoverPending,
    Held,
    Inventoried,
    Line,
    Missing,
    Out,
    Returned,
    SalePending,
    Sold,
    Transferred,
)
from domain.kinds.seizure.storage_acts import AssignStorageClass, StorageClass, StorageConfirmed
from tests.domain.test_seizure import (
    CLOSE,
    COMPLETE,
    COMPLETED,
    CONDEMN,
    DECREE,
    FORFEIT,
    HAND_BACK,
    INTERCEPTED,
    JUDGE,
    KEEPER,
    LISTED,
    NOTICE,
    NOTIFIED,
    ONE,
    ORDER,
    RECEIVER,
    RETURN,
    SEIZE,
    SERVE,
    SINGLE,
    TWO,
    UNLAWFUL,
    VEST,
    act,
    after,
    facts,
    found,
    inventory,
    line_of,
    recorded,
    stage_of,
)
from tests.domain.test_seizure_items import CHECK_OUT, MISSING, OFFER, SPLIT, STORE, STORED
from tests.scenario import OTHER_PERSON, PERSON

COURT = "o-court"
HOLD = act(PlaceLegalHold, hold="H-1", authority=ORDER, reason="Another court asked.")
LIFT = act(LiftLegalHold, hold="H-1", authority=ORDER, reason="No longer asked.")
APPEAL = act(LodgeForfeitureAppeal, line="1", appeal="AP-1", appellant=PERSON, grounds="Bought lawfully.")
ALLOW = act(
    DecideForfeitureAppeal,
    by=COURT,
    line="1",
    outcome=ForfeitureAppealOutcome.ALLOWED,
    authority=ORDER,
    reason="Bought lawfully.",
)
DISMISS = act(
    DecideForfeitureAppeal, by=COURT, line="1", outcome=ForfeitureAppealOutcome.DISMISSED, authority=ORDER, reason="No proof."
)
RISK = act(RecordKeepingRisk, line="1", risk=KeepingRisk.DANGEROUS, finding="A cell leaks.")
EARLY = act(
    DecideEarlyDisposal, by=JUDGE, line="1", outcome=EarlyDisposalOutcome.DESTROY, authority=DECREE, reason="It may burn."
)
SALE = act(OrderSale, by=JUDGE, line="1", authority=DECREE, reason="Of use to many.")
SELL = act(SellItem, line="1", buyer=OTHER_PERSON, price="EUR 40", receipt="R-9")
HANDOVER = act(OrderHandover, by=JUDGE, line="1", to="Museum", authority=DECREE, reason="A rare piece.")
HAND_OVER = act(HandOverItem, line="1", to="Museum", receipt="R-10")
COLD = act(AssignStorageClass, line="1", storage_class=StorageClass.COLD)

TAKEN = after(SINGLE, FORFEIT)
APPEALED = after(TAKEN, APPEAL)
RISKY = after(SINGLE, RISK)

# --- Sale and handover ----------------------------------------------------------------------------------------


def test_a_forfeited_line_is_sold_against_a_receipt() -> None:
    ordered = after(TAKEN, SALE)
    (sold,) = recorded(ordered, SELL)

    assert isinstance(line_of(ordered), SalePending)
    assert isinstance(stage_of(ordered), Disposing)
    assert isinstance(sold, disposal_acts.ItemSold)
    assert (sold.buyer, sold.price, sold.receipt) == (OTHER_PERSON, "EUR 40", "R-9")
    assert isinstance(line_of(after(ordered, SELL)), Sold)


def test_a_forfeited_line_goes_to_another_authority_for_good() -> None:
    ordered = after(TAKEN, HANDOVER)

    assert isinstance(line_of(ordered), HandoverPending)
    assert isinstance(line_of(after(ordered, HAND_OVER)), Transferred)


@pytest.mark.parametrize(
    ("history", "outcome"),
    [
        (after(TAKEN, SALE, SELL), acts.LineOutcome.SOLD),
        (after(TAKEN, HANDOVER, HAND_OVER), acts.LineOutcome.TRANSFERRED),
    ],
    ids=["sold", "transferred"],
)
def test_the_close_says_what_was_sold_and_what_was_handed_over(history: list[Entry], outcome: acts.LineOutcome) -> None:
    (event,) = recorded(history, CLOSE)

    assert isinstance(event, acts.SeizureClosed)
    assert event.reconciliation == (acts.LineAccount("1", outcome, TWO),)


@pytest.mark.parametrize("order", [SALE, HANDOVER, CONDEMN], ids=lambda order: type(order).__name__)
def test_a_line_that_was_to_go_may_still_be_returned(order: acts.LineCommand) -> None:
    history = after(TAKEN, order, UNLAWFUL, RETURN, HAND_BACK)

    assert isinstance(line_of(history), Returned)
    assert line_of(history).item.forfeiture is None


def test_a_line_to_be_sold_that_is_missing_is_found_as_to_be_sold() -> None:
    history = after(TAKEN, SALE, MISSING, act(RecordItemFound, line="1", place="Van", custodian=KEEPER))

    assert isinstance(line_of(history), SalePending)


# --- Legal holds ----------------------------------------------------------------------------------------------


def test_a_hold_that_is_lifted_lets_the_goods_go() -> None:
    assert facts(SINGLE, HOLD, LIFT, FORFEIT) == ["legal_hold_placed", "legal_hold_lifted", "forfeiture_ordered"]


def test_a_hold_on_one_line_does_not_keep_another() -> None:
    hold = act(PlaceLegalHold, hold="H-1", lines=("2",), authority=ORDER, reason="Another court asked.")

    assert facts(NOTIFIED, hold, FORFEIT) == ["legal_hold_placed", "forfeiture_ordered"]


def test_a_hold_on_a_line_is_a_hold_on_its_parts_and_samples() -> None:
    hold = act(PlaceLegalHold, hold="H-1", lines=("1",), authority=ORDER, reason="Another court asked.")
    sample = act(TakeSample, line="1", quantity=ONE, purpose=SamplePurpose.COURT, sample="1/S")

    assert stage_of(after(NOTIFIED, hold, SPLIT)).goods.held_back("1.1")
    assert stage_of(after(NOTIFIED, hold, sample)).goods.held_back("1/S")


def test_a_court_may_hold_back_even_what_was_unlawfully_seized() -> None:
    assert facts(NOTIFIED, UNLAWFUL, HOLD)[-1] == "legal_hold_placed"


# --- Appeals against forfeiture -------------------------------------------------------------------------------


def test_an_appeal_that_is_allowed_sets_the_forfeiture_aside() -> None:
    (event,) = recorded(APPEALED, ALLOW)

    assert isinstance(event, ForfeitureAppealDecided)
    assert event.appeal == "AP-1"
    assert isinstance(line_of(after(APPEALED, ALLOW)), Held)
    assert line_of(after(APPEALED, ALLOW)).item.forfeiture is None


def test_an_appeal_that_is_dismissed_leaves_the_forfeiture() -> None:
    history = after(APPEALED, DISMISS)

    assert isinstance(line_of(history), Forfeited)
    assert facts(history, CONDEMN) == ["destruction_ordered"]


@pytest.mark.parametrize(
    ("history", "condition"),
    [
        (after(SINGLE, STORE, FORFEIT, CHECK_OUT, APPEAL, ALLOW), Out),
        (after(TAKEN, MISSING, APPEAL, ALLOW), Missing),
    ],
    ids=["out", "missing"],
)
def test_an_appeal_is_allowed_wherever_the_line_is(history: list[Entry], condition: type[Line]) -> None:
    line = line_of(history)

    assert isinstance(line, condition)
    assert getattr(line, "standing", None) is Held


def test_an_appeal_after_an_order_to_destroy_brings_the_line_back() -> None:
    assert isinstance(line_of(after(TAKEN, CONDEMN, APPEAL, ALLOW)), Held)


def test_an_appeal_comes_even_after_the_goods_are_gone() -> None:
    gone = after(TAKEN, SALE, SELL, APPEAL, ALLOW)

    assert isinstance(line_of(gone), Sold)
    assert line_of(gone).item.forfeiture is None


def test_an_appeal_opens_a_closed_case_again() -> None:
    closed = after(TAKEN, CLOSE)

    assert isinstance(stage_of(closed), Closed)
    assert isinstance(stage_of(after(closed, APPEAL)), Determined)


# --- Goods that cannot be kept --------------------------------------------------------------------------------


def test_dangerous_goods_may_be_destroyed_before_forfeiture() -> None:
    history = after(RISKY, EARLY)

    assert isinstance(line_of(history), Condemned)
    assert isinstance(stage_of(history), Disposing)
    assert line_of(history).item.risk is None


def test_perishable_goods_may_be_sold_before_forfeiture() -> None:
    sell = act(
        DecideEarlyDisposal, by=JUDGE, line="1", outcome=EarlyDisposalOutcome.SELL, authority=DECREE, reason="It will rot."
    )

    assert isinstance(line_of(after(RISKY, sell, SELL)), Sold)


def test_a_decision_to_keep_them_on_is_made_even_while_a_claim_is_open() -> None:
    keep = act(
        DecideEarlyDisposal, by=JUDGE, line="1", outcome=EarlyDisposalOutcome.KEEP, authority=DECREE, reason="Sealed off."
    )
    claim = act(claim_acts.LodgeClaim, claim="K-1", claimant=PERSON, grounds="Mine.")
    history = after(RISKY, claim, keep)

    assert isinstance(line_of(history), Held)
    assert facts(history, RISK) == ["keeping_risk_recorded"]


# --- What is owed back ----------------------------------------------------------------------------------------


def owed(history: list[Entry], *commands: Command) -> list[str]:
    """The lines that become due for return."""
    return [event.line for event in recorded(history, *commands) if isinstance(event, ReturnBecameDue)]


def test_every_line_of_an_unlawful_seizure_is_owed_back() -> None:
    assert owed(NOTIFIED, UNLAWFUL) == ["1", "2"]


def test_what_is_gone_is_not_owed_back() -> None:
    assert owed(after(NOTIFIED, RETURN, HAND_BACK), UNLAWFUL) == ["2"]


def test_lines_inventoried_or_made_after_the_declaration_are_owed_back_too() -> None:
    sample = act(TakeSample, line="1", quantity=ONE, purpose=SamplePurpose.COURT, sample="1/S")

    assert owed(after(LISTED, UNLAWFUL), inventory(found("3"))) == ["3"]
    assert owed(after(COMPLETED, UNLAWFUL), SPLIT) == ["1.1", "1.2"]
    assert owed(after(COMPLETED, UNLAWFUL), sample) == ["1/S"]


def test_a_review_that_ends_in_return_makes_the_return_due() -> None:
    review = act(acts.ReviewRetention, by=JUDGE, outcome=acts.RetentionOutcome.RETURN, lines=("2",), reason="Not needed.")

    assert owed(NOTIFIED, review) == ["2"]


# --- Interested parties ---------------------------------------------------------------------------------------

OWNER = act(claim_acts.IdentifyInterestedParty, party=OTHER_PERSON, interest=claim_acts.Interest.OWNER)
TO_OWNER = act(claim_acts.IssueSeizureNotice, notice="N-2", content="You may claim.", party=OTHER_PERSON, authority=DECREE)
TO_ALL = act(claim_acts.IssueSeizureNotice, notice="N-3", content="Whoever may claim.", authority=DECREE)
SERVE_OWNER = act(claim_acts.RecordNoticeService, notice="N-2", how=claim_acts.ServiceMethod.POST)
PUBLISHED = act(claim_acts.RecordNoticeService, notice="N-3", how=claim_acts.ServiceMethod.PUBLICATION)
BACK = act(claim_acts.RecordNoticeReturn, notice="N-2", cause=claim_acts.NoticeReturnCause.MOVED)


def test_an_owner_who_becomes_known_later_is_notified_before_forfeiture() -> None:
    assert facts(NOTIFIED, OWNER, TO_OWNER, SERVE_OWNER, FORFEIT)[-1] == "forfeiture_ordered"


def test_a_notice_to_whom_it_may_concern_stands_for_one_that_came_back() -> None:
    assert facts(NOTIFIED, OWNER, TO_OWNER, BACK, TO_ALL, PUBLISHED, FORFEIT)[-1] == "forfeiture_ordered"


# --- Stores ---------------------------------------------------------------------------------------------------


def test_a_line_that_needs_a_cold_store_is_put_into_one() -> None:
    history = after(COMPLETED, COLD)
    stored, confirmed = recorded(history, act(StoreItem, line="1", place="Cold room", storage_class=StorageClass.COLD))

    assert stored.type == "seizure.item_stored"
    assert isinstance(confirmed, StorageConfirmed)
    assert (confirmed.place, confirmed.storage_class) == ("Cold room", StorageClass.COLD)


def test_every_way_into_a_store_says_what_it_is() -> None:
    cold = {"line": "1", "place": "Cold room", "storage_class": StorageClass.COLD}
    out = after(STORED, COLD, CHECK_OUT)

    assert facts(after(STORED, COLD), act(MoveItem, **cold))[-1] == "storage_confirmed"
    assert facts(out, act(CheckInItem, seal="S-1", **cold))[-1] == "storage_confirmed"
    assert facts(after(STORED, COLD, OFFER), act(AcceptTransfer, by=RECEIVER, seal="S-1", **cold))[-1] == "storage_confirmed"


def test_a_line_that_needs_no_certain_store_may_be_put_anywhere() -> None:
    assert facts(COMPLETED, STORE) == ["item_stored"]


# --- Seals on receipt -----------------------------------------------------------------------------------------


def test_a_refusal_for_want_of_room_records_another_seal_all_the_same() -> None:
    refuse = act(RefuseTransfer, by=RECEIVER, line="1", ground=Ground.OTHER, seal="S-9", reason="No room.")
    history = after(STORED, OFFER, refuse)

    assert Concern.SEAL in line_of(history).item.discrepancies
    assert (line_of(history).item.custodian, line_of(history).item.quantity) == (KEEPER, TWO)


# --- The end of the case --------------------------------------------------------------------------------------


def test_a_case_whose_only_line_was_lost_may_be_closed() -> None:
    lost = act(WriteOffLoss, by=JUDGE, line="1", authority=DECREE, reason="Stolen.")

    assert isinstance(stage_of(after(SINGLE, MISSING, lost, CLOSE)), Closed)


def test_a_lost_line_that_turns_up_opens_a_closed_case_again() -> None:
    lost = act(WriteOffLoss, by=JUDGE, line="1", authority=DECREE, reason="Stolen.")
    history = after(SINGLE, MISSING, lost, CLOSE, act(RecordItemFound, line="1", place="Bin", custodian=KEEPER, seal="S-9"))

    assert isinstance(stage_of(history), Determined)
    assert isinstance(line_of(history), Held)
    assert Concern.SEAL in line_of(history).item.discrepancies


def test_a_case_is_inventoried_before_its_goods_are_disposed_of_early() -> None:
    history = after(INTERCEPTED, SEIZE, inventory(VEST), RISK, COMPLETE)

    assert isinstance(stage_of(history), Inventoried)
    assert facts(history, EARLY) == ["early_disposal_decided"]


def test_a_sealed_line_is_sold_and_handed_over_as_it_is() -> None:
    sealed = after(TAKEN, act(ApplySeal, line="1", seal="S-1"))

    assert facts(sealed, SALE, SELL) == ["sale_ordered", "item_sold"]
    assert facts(sealed, HANDOVER, HAND_OVER) == ["handover_ordered", "item_handed_over"]


def test_notice_and_service_bring_a_seizure_with_known_owner_forward() -> None:
    assert facts(COMPLETED, OWNER, NOTICE, SERVE) == ["interested_party_identified", "notice_issued", "notice_served"]


def test_an_appeal_does_not_change_who_has_the_goods_or_how_much() -> None:
    before, later = line_of(TAKEN).item, line_of(after(APPEALED, DISMISS)).item

    assert (before.quantity, before.custodian) == (later.quantity, later.custodian)
