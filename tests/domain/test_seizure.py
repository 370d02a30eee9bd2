"""A seizure from the stop of a consignment to its close: notice, claims, disposal, and what a whole case looks like."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar

import pytest

from domain.dossier import SHARED
from domain.history import decide_within, effective, fold
from domain.kernel import Actor, Command, Context, Entry, Event, Stage
from domain.kinds.seizure import KIND, acts, claim_acts, custody_acts, item_acts
from domain.kinds.seizure.stages import (
    Closed,
    Contested,
    Destroyed,
    Determined,
    Disposing,
    Forfeited,
    Inventoried,
    Line,
    Notified,
    ReleasedToOwner,
    ReturnPending,
    Seized,
)
from domain.values import Authority, AuthorityKind, Precision, Quantity, Unit, When, at
from tests.scenario import DAY, HOUR, NOON, OTHER_PERSON, PERSON, context, given_after, said

C = TypeVar("C", bound=Command)

CLERK = Actor("o-clerk", "officer", "unit-1", "agency")
SEIZER, SECOND, KEEPER, RECEIVER, JUDGE = "o-seizer", "o-second", "o-keeper", "o-receiver", "o-judge"
DECREE = Authority(AuthorityKind.STATUTE, "Decree 1, section 2")
ORDER = Authority(AuthorityKind.COURT_ORDER, "Order 7", issued_by="City court")
TWO = Quantity(Decimal(2), Unit.PIECE)
ONE = Quantity(Decimal(1), Unit.PIECE)
UNCOUNTED = Quantity(None, Unit.PIECE)
DIGEST = "ab" * 32


def grams(amount: int) -> Quantity:
    """A weight."""
    return Quantity(Decimal(amount), Unit.GRAM)


def act(command: type[C], by: str = KEEPER, **more: Any) -> C:
    """A command done at noon and decided by an officer who is not the one typing."""
    return command(**said(**({"decided_by": by} | more)))


def clerk(now: Any = None, actor: Actor = CLERK) -> Context:
    """Typed by a clerk who takes no part in the case."""
    return context(actor, now)


def after(history: list[Entry], *commands: Command) -> list[Entry]:
    """The history after further commands, each decided through the kernel."""
    for command in commands:
        decision = decide_within(KIND, SHARED, history, command, clerk())
        history = history + given_after(history, decision.events)
    return history


def stage_of(history: list[Entry]) -> Any:
    """The stage a history leads to."""
    return fold(KIND, SHARED, effective(history)).stage


def line_of(history: list[Entry], line: str = "1") -> Line:
    """The condition of a line."""
    found: Line = stage_of(history).goods.lines[line]
    return found


def recorded(history: list[Entry], *commands: Command) -> list[Event]:
    """The events that commands add to a history."""
    return [entry.event for entry in after(history, *commands)[len(history) :]]


def facts(history: list[Entry], *commands: Command) -> list[str]:
    """The wire names of the events that commands add to a history."""
    return [event.type.removeprefix("seizure.") for event in recorded(history, *commands)]


# --- The story most tests begin in ----------------------------------------------------------------------------

INTERCEPT = act(
    acts.InterceptConsignment, file_number="SEI-A", channel=acts.Channel.POST, ref="RR 1", authority=DECREE, by=SEIZER
)
SEIZE = act(
    acts.SeizeGoods,
    by=SEIZER,
    authority=DECREE,
    officers=(SEIZER, SECOND),
    place="Sorting office",
    from_party=PERSON,
    witness=OTHER_PERSON,
    receipt="R-1",
)


def found(line: str, quantity: Quantity = TWO, **more: Any) -> acts.LineFound:
    """A line as found."""
    return acts.LineFound(
        line=line, described_as="Vest, green", item_class=acts.ItemClass.TACTICAL_VEST, quantity=quantity, **more
    )


def inventory(*lines: acts.LineFound, **more: Any) -> acts.InventoryLines:
    """An inventory by the seizing officer, after which the keeper has the goods."""
    usual = {"second_officer": SECOND, "custodian": KEEPER}
    return act(acts.InventoryLines, by=SEIZER, lines=lines, **(usual | more))


VEST = found("1", weight=grams(1000), scale="scale-1", serials=("A-17",), photos=(DIGEST,))
COMPLETE = act(acts.CompleteInventory, by=SEIZER)
NOTICE = act(claim_acts.IssueSeizureNotice, notice="N-1", content="You may claim.", party=PERSON, authority=DECREE)
SERVE = act(claim_acts.RecordNoticeService, notice="N-1", how=claim_acts.ServiceMethod.IN_PERSON)
CLAIM = act(claim_acts.LodgeClaim, claim="K-1", claimant=PERSON, grounds="Bought them.")
REJECT = act(claim_acts.DecideClaim, by=JUDGE, claim="K-1", outcome=claim_acts.ClaimOutcome.REJECTED, reason="No proof.")
UPHOLD = act(claim_acts.DecideClaim, by=JUDGE, claim="K-1", outcome=claim_acts.ClaimOutcome.UPHELD, reason="Proved.")
UNLAWFUL = act(acts.DeclareSeizureUnlawful, declared_by="City court", authority=ORDER)
RETURN = act(claim_acts.OrderReturn, by=JUDGE, line="1", to=PERSON, reason="Claim upheld.")
HAND_BACK = act(claim_acts.ReturnItem, line="1", to=PERSON, receipt="R-2")
FORFEIT = act(claim_acts.OrderForfeiture, by=JUDGE, line="1", authority=ORDER)
CONDEMN = act(claim_acts.OrderDestruction, by=JUDGE, line="1", authority=DECREE, reason="No lawful use.")
DESTROY = act(claim_acts.WitnessDestruction, line="1", by=RECEIVER, method="Shredded", witnesses=(SECOND, JUDGE))
CLOSE = act(acts.CloseSeizure, by=JUDGE)

INTERCEPTED = after([], INTERCEPT)
SEIZED = after(INTERCEPTED, SEIZE)
LISTED = after(SEIZED, inventory(VEST, found("2", UNCOUNTED)))
COMPLETED = after(LISTED, COMPLETE)
NOTIFIED = after(COMPLETED, NOTICE, SERVE)
CONTESTED = after(NOTIFIED, CLAIM)
SINGLE = after(SEIZED, inventory(VEST), COMPLETE, NOTICE, SERVE)
"""One line only, with notice served."""

# --- From interception to inventory ---------------------------------------------------------------------------


def test_a_consignment_is_intercepted_by_the_unit_of_the_officer() -> None:
    (event,) = recorded([], INTERCEPT)

    assert isinstance(event, acts.ConsignmentIntercepted)
    assert (event.unit, event.file_number, event.channel, event.ref) == ("unit-1", "SEI-A", acts.Channel.POST, "RR 1")


def test_goods_found_in_a_dormitory_open_a_seizure_too() -> None:
    opening = act(acts.InterceptConsignment, file_number="SEI-B", channel=acts.Channel.PREMISES, authority=ORDER)
    nobody = act(acts.SeizeGoods, authority=ORDER, officers=(SEIZER,), place="Dormitory", witness_absent="Nobody was there.")

    assert isinstance(stage_of(after([], opening, nobody)), Seized)


def test_an_intercepted_consignment_may_be_let_go() -> None:
    history = after(INTERCEPTED, act(acts.ReleaseConsignment, reason="Nothing controlled."))

    assert isinstance(stage_of(history), ReleasedToOwner)


def test_a_seizure_records_basis_officers_witness_and_receipt() -> None:
    (event,) = recorded(INTERCEPTED, SEIZE)

    assert isinstance(event, acts.GoodsSeized)
    assert (event.authority, event.officers, event.witness, event.receipt) == (
        DECREE,
        (SEIZER, SECOND),
        OTHER_PERSON,
        "R-1",
    )
    assert stage_of(SEIZED).goods.officers == {SEIZER, SECOND}


def test_a_basis_of_the_same_day_at_the_place_is_not_later_than_the_seizure() -> None:
    midnight = NOON + 11 * HOUR
    by_tomorrow = Authority(AuthorityKind.WARRANT, "W-1", issued_on=(NOON + DAY).date())
    seize = act(
        acts.SeizeGoods,
        when=at(midnight, "Asia/Tokyo"),
        authority=by_tomorrow,
        officers=(SEIZER,),
        place="Airport",
        witness_absent="Nobody.",
    )

    assert facts(INTERCEPTED, seize) == ["goods_seized"]


def test_each_line_of_an_inventory_is_one_fact() -> None:
    first, second = recorded(SEIZED, inventory(VEST, found("2", UNCOUNTED)))

    assert isinstance(first, acts.ItemInventoried)
    assert isinstance(second, acts.ItemInventoried)
    assert (first.line, first.quantity, first.serials, first.photos) == ("1", TWO, ("A-17",), (DIGEST,))
    assert (second.line, second.quantity, second.custodian) == ("2", UNCOUNTED, KEEPER)


def test_the_officer_who_takes_the_inventory_has_the_goods_if_nobody_else_is_named() -> None:
    (event,) = recorded(SEIZED, inventory(VEST, custodian=None))

    assert isinstance(event, acts.ItemInventoried)
    assert event.custodian == SEIZER


def test_a_completed_inventory_names_its_lines() -> None:
    (event,) = recorded(LISTED, COMPLETE)

    assert isinstance(event, acts.InventoryCompleted)
    assert event.lines == ("1", "2")
    assert isinstance(stage_of(COMPLETED), Inventoried)


# --- Notice and claims ----------------------------------------------------------------------------------------


def test_service_of_a_notice_notifies() -> None:
    assert isinstance(stage_of(after(COMPLETED, NOTICE)), Inventoried)
    assert isinstance(stage_of(NOTIFIED), Notified)


def test_a_notice_that_came_back_may_be_served_again() -> None:
    back = act(claim_acts.RecordNoticeReturn, notice="N-1", cause=claim_acts.NoticeReturnCause.MOVED)

    assert facts(COMPLETED, NOTICE, back, SERVE) == ["notice_issued", "notice_returned", "notice_served"]


def test_a_claim_contests_and_its_decision_determines() -> None:
    proof = act(claim_acts.SubmitPurchaseEvidence, claim="K-1", evidence="Receipts.", documents=(DIGEST,))

    assert isinstance(stage_of(CONTESTED), Contested)
    assert facts(CONTESTED, proof, UPHOLD) == ["purchase_evidence_submitted", "claim_decided"]
    assert isinstance(stage_of(after(CONTESTED, proof, UPHOLD)), Determined)


def test_a_second_open_claim_keeps_the_seizure_contested() -> None:
    other = act(claim_acts.LodgeClaim, claim="K-2", claimant=OTHER_PERSON, grounds="Mine.", lines=("2",))

    assert isinstance(stage_of(after(CONTESTED, other, REJECT)), Contested)


def test_a_claim_before_the_inventory_is_complete_is_not_forgotten() -> None:
    assert isinstance(stage_of(after(SEIZED, CLAIM)), Seized)
    assert isinstance(stage_of(after(LISTED, CLAIM, COMPLETE)), Contested)


def test_a_claim_after_the_window_is_late_and_says_why() -> None:
    late = act(claim_acts.LodgeClaim, claim="K-1", claimant=PERSON, grounds="Mine.", reason="Ill.", when=at(NOON + 61 * DAY))
    (event,) = recorded(NOTIFIED, late)

    assert isinstance(event, claim_acts.ClaimLodged)
    assert event.late


@pytest.mark.parametrize("days", [59, 60])
def test_a_claim_within_the_window_is_in_time(days: int) -> None:
    claim = act(claim_acts.LodgeClaim, claim="K-1", claimant=PERSON, grounds="Mine.", when=at(NOON + days * DAY))
    (event,) = recorded(NOTIFIED, claim)

    assert isinstance(event, claim_acts.ClaimLodged)
    assert not event.late


def test_service_known_only_to_the_day_starts_no_window() -> None:
    that_day = When(NOON, NOON + timedelta(hours=24), Precision.DAY)
    serve = act(claim_acts.RecordNoticeService, notice="N-1", how=claim_acts.ServiceMethod.POST, when=that_day)
    claim = act(claim_acts.LodgeClaim, claim="K-1", claimant=PERSON, grounds="Mine.", when=at(NOON + 90 * DAY))

    (event,) = recorded(after(COMPLETED, NOTICE, serve), claim)

    assert isinstance(event, claim_acts.ClaimLodged)
    assert not event.late


# --- Keeping, returning, taking for good ----------------------------------------------------------------------


def test_a_review_justifies_keeping_the_goods_anew() -> None:
    review = act(
        acts.ReviewRetention,
        by=JUDGE,
        outcome=acts.RetentionOutcome.CONTINUE,
        until=NOON + 90 * DAY,
        reason="Expert opinion pending.",
    )

    assert facts(NOTIFIED, review) == ["retention_reviewed"]


def test_a_line_is_returned_to_its_owner_against_a_receipt() -> None:
    ordered = after(CONTESTED, UPHOLD, RETURN)
    returned = after(ordered, HAND_BACK)

    assert isinstance(line_of(ordered), ReturnPending)
    assert isinstance(stage_of(returned), Disposing)


def test_a_line_is_forfeited_and_destroyed_before_two_witnesses() -> None:
    history = after(SINGLE, FORFEIT)

    assert isinstance(line_of(history), Forfeited)
    assert isinstance(stage_of(history), Determined)
    assert isinstance(line_of(after(history, CONDEMN, DESTROY)), Destroyed)


def test_a_court_may_forfeit_in_spite_of_an_upheld_claim() -> None:
    assert facts(CONTESTED, UPHOLD, FORFEIT) == ["claim_decided", "forfeiture_ordered"]


def test_a_claim_to_one_line_does_not_hold_up_another() -> None:
    claim = act(claim_acts.LodgeClaim, claim="K-1", claimant=PERSON, grounds="Mine.", lines=("2",))

    assert facts(NOTIFIED, claim, FORFEIT) == ["claim_lodged", "forfeiture_ordered"]


def test_a_forfeited_line_goes_back_after_the_seizure_was_declared_unlawful() -> None:
    history = after(SINGLE, FORFEIT, UNLAWFUL, RETURN, HAND_BACK, CLOSE)

    assert isinstance(stage_of(history), Closed)


def test_a_closed_seizure_is_reopened_by_a_declaration_that_it_was_unlawful() -> None:
    closed = after(SINGLE, FORFEIT, CLOSE)

    assert isinstance(stage_of(closed), Closed)
    assert isinstance(stage_of(after(closed, UNLAWFUL)), Determined)


def test_goods_declared_unlawfully_seized_during_the_inventory_are_inventoried_all_the_same() -> None:
    assert isinstance(stage_of(after(LISTED, UNLAWFUL, COMPLETE)), Determined)


def test_the_close_says_how_each_line_ended() -> None:
    (event,) = recorded(after(SINGLE, FORFEIT, CONDEMN, DESTROY), CLOSE)

    assert isinstance(event, acts.SeizureClosed)
    assert event.reconciliation == (acts.LineAccount("1", acts.LineOutcome.DESTROYED, TWO),)


# --- A whole case ---------------------------------------------------------------------------------------------


def whole_case() -> list[Entry]:
    """A parcel with two lines: one goes back to its owner, the other is forfeited and destroyed."""
    second = {"line": "2", "by": JUDGE}
    return after(
        CONTESTED,
        act(custody_acts.ApplySeal, line="1", seal="S-1"),
        act(custody_acts.StoreItem, line="1", place="Store A"),
        act(custody_acts.OfferTransfer, line="1", to=RECEIVER, purpose=custody_acts.TransferPurpose.RETURN),
        act(custody_acts.AcceptTransfer, by=RECEIVER, line="1", seal="S-1", weight=grams(1030), scale="scale-2"),
        act(
            claim_acts.DecideClaim,
            by=JUDGE,
            claim="K-1",
            outcome=claim_acts.ClaimOutcome.PARTLY_UPHELD,
            upheld=("1",),
            reason="One was bought.",
        ),
        RETURN,
        act(claim_acts.ReturnItem, by=RECEIVER, line="1", to=PERSON, receipt="R-2"),
        act(claim_acts.OrderForfeiture, authority=DECREE, **second),
        act(claim_acts.OrderDestruction, authority=DECREE, reason="No lawful use.", **second),
        act(claim_acts.WitnessDestruction, line="2", by=RECEIVER, method="Burned", witnesses=(SECOND, JUDGE)),
        CLOSE,
    )


def test_a_whole_case_ends_closed_and_holds_its_seal_number_for_ever() -> None:
    stage = stage_of(whole_case())

    assert isinstance(stage, Closed)
    assert KIND.holds(stage) == {("seal-number", "S-1")}


def test_every_part_of_a_whole_case_is_a_case_at_some_stage() -> None:
    history = whole_case()

    assert all(isinstance(stage_of(history[:count]), Stage) for count in range(1, len(history) + 1))


def test_a_late_entry_is_decided_on_the_case_as_it_was() -> None:
    closed = after(SINGLE, FORFEIT, act(acts.CloseSeizure, by=JUDGE, when=at(NOON + DAY)))
    measured = act(item_acts.MeasureItem, line="1", weight=grams(1000), scale="scale-1", when=at(NOON + HOUR))

    assert isinstance(stage_of(after(closed, measured)), Closed)
