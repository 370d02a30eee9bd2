"""One line of an inventory: seals, stores, custody without a gap, measuring, dividing, losing, classifying."""

from decimal import Decimal

import pytest

from domain.kinds.seizure import KIND, acts, claim_acts
from domain.kinds.seizure.custody_acts import (
    AcceptTransfer,
    ApplySeal,
    BreakSeal,
    CheckInItem,
    CheckOutItem,
    CheckOutPurpose,
    CheckSeal,
    MoveItem,
    OfferTransfer,
    RefuseTransfer,
    ReplaceSeal,
    SealBreakPurpose,
    StoreItem,
    TransferPurpose,
    TransferRefusalGround,
    WithdrawTransfer,
)
from domain.kinds.seizure.item_acts import (
    Classification,
    ClassificationRevised,
    ClassifyItem,
    Concern,
    Confidence,
    ContestClassification,
    DiscrepancyCause,
    DiscrepancyFound,
    Effect,
    ExplainDiscrepancy,
    MeasureItem,
    Part,
    RecordItemFound,
    ReportItemMissing,
    ReviseClassification,
    SamplePurpose,
    Scheme,
    SplitItem,
    TakeSample,
    UpholdClassification,
    WriteOffLoss,
)
from domain.kinds.seizure.stages import (
    Divided,
    Forfeited,
    Held,
    InTransit,
    Lost,
    Missing,
    Out,
    ReturnPending,
)
from domain.values import Quantity, Unit
from tests.domain.test_seizure import (
    COMPLETED,
    CONTESTED,
    DECREE,
    FORFEIT,
    HAND_BACK,
    JUDGE,
    KEEPER,
    NOTIFIED,
    ONE,
    RECEIVER,
    RETURN,
    SECOND,
    SINGLE,
    TWO,
    UPHOLD,
    act,
    after,
    facts,
    grams,
    line_of,
    recorded,
    stage_of,
)
from tests.scenario import DAY, NOON, PERSON

SEAL = act(ApplySeal, line="1", seal="S-1", photo="cd" * 32)
BREAK = act(BreakSeal, line="1", purpose=SealBreakPurpose.SAMPLING, witness=SECOND)
STORE = act(StoreItem, line="1", place="Store A")
CHECK_OUT = act(CheckOutItem, line="1", purpose=CheckOutPurpose.LABORATORY, due=NOON + 5 * DAY, taken_by="o-lab")
CHECK_IN = act(CheckInItem, line="1", place="Store B", seal="S-1")
OFFER = act(OfferTransfer, line="1", to=RECEIVER, purpose=TransferPurpose.STORAGE)
ACCEPT = act(AcceptTransfer, by=RECEIVER, line="1", seal="S-1")
WEIGH_LESS = act(MeasureItem, by=SECOND, line="1", weight=grams(700), scale="scale-2")
EXPLAIN = act(
    ExplainDiscrepancy,
    by=JUDGE,
    line="1",
    concern=Concern.WEIGHT,
    cause=DiscrepancyCause.PACKAGING,
    explanation="The box was left off.",
)
SPLIT = act(SplitItem, line="1", parts=(Part("1.1", ONE), Part("1.2", ONE)))
MISSING = act(ReportItemMissing, line="1", reason="Not on its shelf.")
ARMOR = Classification(Scheme.NATIONAL_LIST, "ML13.d", "2022", Effect.CONTROLLED, Confidence.LOW)
CARRIER = Classification(Scheme.NATIONAL_LIST, "none", "2022", Effect.NOT_CONTROLLED, Confidence.HIGH)
CLASSIFY = act(ClassifyItem, by="o-expert", line="1", classification=ARMOR, basis="Label.")
CONTEST = act(ContestClassification, line="1", scheme=Scheme.NATIONAL_LIST, grounds="A load-bearing vest.", party=PERSON)

STORED = after(COMPLETED, SEAL, STORE)
OFFERED = after(STORED, OFFER)

# --- Seals ----------------------------------------------------------------------------------------------------


def test_every_seal_number_ever_applied_stays_the_cases_own() -> None:
    renew = act(ReplaceSeal, line="1", seal="S-2", witness=SECOND, reason="Worn.")
    history = after(COMPLETED, SEAL, act(CheckSeal, line="1", read="S-1", intact=True), renew, BREAK)

    assert line_of(history).item.seal is None
    assert KIND.holds(stage_of(history)) == {("seal-number", "S-1"), ("seal-number", "S-2")}


def test_a_broken_seal_says_which_it_was() -> None:
    (event,) = recorded(STORED, BREAK)

    assert getattr(event, "seal", None) == "S-1"


@pytest.mark.parametrize(("read", "intact"), [("S-9", True), ("S-1", False)])
def test_a_seal_that_differs_or_is_damaged_is_a_discrepancy(read: str, *, intact: bool) -> None:
    check = act(CheckSeal, line="1", read=read, intact=intact)

    assert facts(STORED, check) == ["seal_checked", "discrepancy_found"]


# --- Stores and custody ---------------------------------------------------------------------------------------


def test_a_line_is_stored_moved_checked_out_and_checked_in() -> None:
    move = act(MoveItem, line="1", place="Store C")
    out = after(STORED, move, CHECK_OUT)

    assert isinstance(line_of(out), Out)
    assert line_of(out).item.custodian == KEEPER
    assert facts(out, CHECK_IN) == ["item_checked_in"]
    assert line_of(after(out, CHECK_IN)).item.place == "Store B"


def test_a_line_that_comes_back_under_another_seal_is_back_with_a_discrepancy() -> None:
    history = after(STORED, CHECK_OUT, act(CheckInItem, line="1", place="Store A", seal="S-9"))

    assert isinstance(line_of(history), Held)
    assert Concern.SEAL in line_of(history).item.discrepancies


def test_custody_stays_with_the_giver_until_the_receiver_accepts() -> None:
    assert isinstance(line_of(OFFERED), InTransit)
    assert line_of(OFFERED).item.custodian == KEEPER
    assert line_of(after(OFFERED, ACCEPT)).item.custodian == RECEIVER


def test_a_count_or_weight_that_differs_at_a_transfer_is_a_discrepancy() -> None:
    accept = act(
        AcceptTransfer,
        by=RECEIVER,
        line="1",
        seal="S-1",
        count=ONE,
        weight=grams(700),
        scale="scale-2",
        place="Store B",
    )
    events = recorded(OFFERED, accept)

    assert [e.concern for e in events if isinstance(e, DiscrepancyFound)] == [Concern.COUNT, Concern.WEIGHT]
    assert line_of(after(OFFERED, accept)).item.quantity == TWO


def test_a_refused_transfer_leaves_the_line_with_the_giver_and_records_what_differs() -> None:
    refuse = act(
        RefuseTransfer,
        by=RECEIVER,
        line="1",
        ground=TransferRefusalGround.SEAL_DIFFERS,
        seal="S-9",
        reason="Another number.",
    )
    line = line_of(after(OFFERED, refuse))

    assert facts(OFFERED, refuse) == ["transfer_refused", "discrepancy_found"]
    assert isinstance(line, Held)
    assert (line.item.custodian, line.item.quantity) == (KEEPER, TWO)


def test_a_line_not_expected_is_refused_without_a_discrepancy() -> None:
    refuse = act(RefuseTransfer, by=RECEIVER, line="1", ground=TransferRefusalGround.NOT_EXPECTED, reason="No room today.")

    assert facts(OFFERED, refuse) == ["transfer_refused"]


def test_an_offer_may_be_withdrawn() -> None:
    assert isinstance(line_of(after(OFFERED, act(WithdrawTransfer, line="1"))), Held)


def test_a_line_to_be_returned_may_change_hands_and_is_still_to_be_returned() -> None:
    history = after(CONTESTED, UPHOLD, RETURN, OFFER, act(AcceptTransfer, by=RECEIVER, line="1"))

    assert isinstance(line_of(history), ReturnPending)
    assert line_of(history).item.return_to == PERSON


# --- Measuring ------------------------------------------------------------------------------------------------


def test_thirty_grams_are_within_tolerance() -> None:
    weigh = act(MeasureItem, line="1", weight=Quantity(Decimal("1.03"), Unit.KILOGRAM), scale="scale-2")

    assert facts(COMPLETED, weigh) == ["item_measured"]


def test_three_hundred_grams_are_a_discrepancy_until_another_officer_explains_it() -> None:
    history = after(CONTESTED, UPHOLD, RETURN, WEIGH_LESS)

    assert Concern.WEIGHT in line_of(history).item.discrepancies
    assert facts(history, EXPLAIN, HAND_BACK) == ["discrepancy_explained", "item_returned"]


def test_later_weighings_are_compared_with_the_weight_that_was_explained() -> None:
    history = after(COMPLETED, WEIGH_LESS, EXPLAIN)

    assert facts(history, WEIGH_LESS) == ["item_measured"]


def test_small_losses_do_not_add_up_unnoticed() -> None:
    once = act(MeasureItem, line="1", weight=grams(960), scale="scale-2")
    twice = act(MeasureItem, line="1", weight=grams(920), scale="scale-2")

    assert facts(COMPLETED, once, twice) == ["item_measured", "item_measured", "discrepancy_found"]


def test_a_count_tells_a_quantity_nobody_knew() -> None:
    history = after(COMPLETED, act(MeasureItem, line="2", count=TWO))

    assert line_of(history, "2").item.quantity == TWO


def test_a_count_that_differs_never_changes_the_quantity() -> None:
    history = after(COMPLETED, act(MeasureItem, line="1", count=ONE))

    assert line_of(history).item.quantity == TWO
    assert Concern.COUNT in line_of(history).item.discrepancies


# --- Dividing -------------------------------------------------------------------------------------------------


def test_the_parts_of_a_line_are_lines_where_and_with_whom_it_was() -> None:
    history = after(COMPLETED, STORE, CLASSIFY, SPLIT)
    part = line_of(history, "1.2")

    assert isinstance(line_of(history), Divided)
    assert isinstance(part, Held)
    assert (part.item.quantity, part.item.custodian, part.item.place) == (ONE, KEEPER, "Store A")
    assert Scheme.NATIONAL_LIST in part.item.classified


def test_a_claim_to_a_line_is_a_claim_to_its_parts() -> None:
    claim = act(claim_acts.LodgeClaim, claim="K-1", claimant=PERSON, grounds="Mine.", lines=("1",))
    upheld = act(
        claim_acts.DecideClaim,
        by=JUDGE,
        claim="K-1",
        outcome=claim_acts.ClaimOutcome.PARTLY_UPHELD,
        upheld=("1",),
        reason="Proved.",
    )

    assert stage_of(after(NOTIFIED, claim, SPLIT)).goods.claim_open_for("1.1")
    assert stage_of(after(NOTIFIED, claim, upheld, SPLIT)).goods.upheld_for("1.1")


def test_a_kept_sample_is_a_line_and_a_consumed_one_is_remembered() -> None:
    kept = act(TakeSample, line="1", quantity=ONE, purpose=SamplePurpose.LABORATORY, sample="1/S")
    used = act(TakeSample, line="1", quantity=ONE, purpose=SamplePurpose.BALLISTIC_TEST)

    history = after(COMPLETED, kept)
    assert line_of(history).item.quantity == line_of(history, "1/S").item.quantity == ONE
    assert line_of(after(COMPLETED, used)).item.consumed == 1
    assert isinstance(line_of(after(COMPLETED, kept, used)), Divided)


def test_a_sample_may_be_taken_in_the_laboratory() -> None:
    used = act(TakeSample, line="1", quantity=ONE, purpose=SamplePurpose.LABORATORY, sample="1/S")
    history = after(STORED, CHECK_OUT, BREAK, used)

    assert isinstance(line_of(history, "1/S"), Out)


# --- Losing and counting --------------------------------------------------------------------------------------


def test_a_missing_line_that_is_found_is_what_it_was_before() -> None:
    found = act(RecordItemFound, line="1", place="Corridor", custodian=SECOND)
    history = after(SINGLE, FORFEIT, MISSING)

    assert isinstance(line_of(history), Missing)
    assert isinstance(line_of(after(history, found)), Forfeited)
    assert line_of(after(history, found)).item.custodian == SECOND


def test_a_line_missing_on_its_way_is_found_as_held() -> None:
    found = act(RecordItemFound, line="1", place="Van", custodian=KEEPER, seal="S-9")

    assert facts(OFFERED, MISSING, found) == ["item_missing", "item_found", "discrepancy_found"]
    assert isinstance(line_of(after(OFFERED, MISSING, found)), Held)


def test_a_loss_that_is_written_off_accounts_for_the_line() -> None:
    write_off = act(WriteOffLoss, by=JUDGE, line="1", authority=DECREE, reason="Stolen.")
    history = after(COMPLETED, MISSING, write_off)

    assert isinstance(line_of(history), Lost)
    assert isinstance(line_of(after(history, act(RecordItemFound, line="1", place="Bin", custodian=KEEPER))), Held)


def count(line: str, quantity: Quantity) -> acts.LineCount:
    """A line counted."""
    return acts.LineCount(line, quantity)


def test_a_stocktake_that_finds_everything_records_no_discrepancy() -> None:
    stocktake = act(acts.RunStocktake, by=JUDGE, store="Store A", counted=(count("1", TWO),))
    (event,) = recorded(STORED, stocktake)

    assert isinstance(event, acts.StocktakeCompleted)
    assert event.expected == event.counted


def test_a_stocktake_records_what_is_short_and_what_should_not_be_there() -> None:
    counted = (count("1", ONE), count("2", ONE))
    events = recorded(STORED, act(acts.RunStocktake, by=JUDGE, store="Store A", counted=counted))

    assert [(e.line, e.concern) for e in events if isinstance(e, DiscrepancyFound)] == [
        ("1", Concern.COUNT),
        ("2", Concern.PLACE),
    ]


# --- Classification -------------------------------------------------------------------------------------------


def test_a_revision_keeps_what_was_and_changes_neither_quantity_nor_description() -> None:
    revise = act(ReviseClassification, by="o-expert-2", line="1", now=CARRIER, basis="No plates fit.")
    history = after(COMPLETED, CLASSIFY, CONTEST)
    (event,) = recorded(history, revise)

    assert isinstance(event, ClassificationRevised)
    assert (event.was, event.now) == (ARMOR, CARRIER)
    assert line_of(after(history, revise)).item.quantity == TWO


def test_a_contested_classification_may_be_upheld_by_another_expert() -> None:
    uphold = act(UpholdClassification, by="o-expert-2", line="1", scheme=Scheme.NATIONAL_LIST, basis="Plates fit.")

    assert facts(COMPLETED, CLASSIFY, CONTEST, uphold)[-1] == "classification_upheld"


def test_an_expert_may_revise_an_uncontested_classification_of_his_own() -> None:
    revise = act(ReviseClassification, by="o-expert", line="1", now=CARRIER, basis="Second look.")

    assert facts(COMPLETED, CLASSIFY, revise)[-1] == "classification_revised"
