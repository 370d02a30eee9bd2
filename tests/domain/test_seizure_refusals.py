"""What a seizure as a whole refuses, each rule provoked once at least; with its lines, every rule there is."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.catalogue import modules_of, refusals_of
from domain.dossier.acts import LinkConfirmed, LinkType
from domain.dossier.rules import UNKNOWN_PARTY
from domain.kernel import NO_AUTHORITY, NO_REASON, NOT_OPEN
from domain.kinds import seizure
from domain.kinds.seizure import KIND, acts, claim_acts
from domain.kinds.seizure import refusals as no
from domain.values import Authority, AuthorityKind, Quantity, Unit, at
from tests.domain.test_seizure import (
    CLAIM,
    CLOSE,
    COMPLETE,
    COMPLETED,
    CONDEMN,
    CONTESTED,
    DECREE,
    DESTROY,
    FORFEIT,
    HAND_BACK,
    INTERCEPT,
    INTERCEPTED,
    JUDGE,
    KEEPER,
    LISTED,
    NOTICE,
    NOTIFIED,
    ONE,
    REJECT,
    RETURN,
    SECOND,
    SEIZE,
    SEIZED,
    SEIZER,
    SERVE,
    SINGLE,
    TWO,
    UNLAWFUL,
    UPHOLD,
    VEST,
    act,
    after,
    clerk,
    found,
    grams,
    inventory,
)
from tests.domain.test_seizure_disposal_refusals import MORE_CASES
from tests.domain.test_seizure_item_refusals import ITEM_CASES, Case, typed_by
from tests.domain.test_seizure_items import (
    SEAL,
    STORED,
    WEIGH_LESS,
    count,
)
from tests.scenario import CASE, DAY, NOON, OTHER_PERSON, PERSON, given_after, refused, said, when


def retention(**more: Any) -> acts.ReviewRetention:
    """A review that goes on keeping the goods for ninety days."""
    usual: dict[str, Any] = {
        "outcome": acts.RetentionOutcome.CONTINUE,
        "until": NOON + 90 * DAY,
        "reason": "Trial.",
        "by": JUDGE,
    }
    return act(acts.ReviewRetention, **(usual | more))


def stocktake(*counted: acts.LineCount, by: str = JUDGE) -> acts.RunStocktake:
    """A count of store A."""
    return act(acts.RunStocktake, by=by, store="Store A", counted=counted)


EVIDENCE = given_after(SINGLE, (LinkConfirmed(**said(), other=PERSON, other_kind="investigation", link=LinkType.EVIDENCE_FOR),))
TOMORROW = Authority(AuthorityKind.WARRANT, "W-1", issued_on=(NOON + DAY).date())
BY_STATUTE = replace(FORFEIT, authority=DECREE)
FULL = given_after(
    [],
    tuple(e.event for e in SEIZED) + when(KIND, SEIZED, inventory(*(found(str(i)) for i in range(1000))), clerk()).events,
)

SEIZURE_CASES = [
    Case("a stop needs a basis", [], replace(INTERCEPT, authority=None), NO_AUTHORITY),
    Case("letting go needs a reason", INTERCEPTED, act(acts.ReleaseConsignment), NO_REASON),
    Case("a seizure needs a basis", INTERCEPTED, replace(SEIZE, authority=None), NO_AUTHORITY),
    Case("a basis is not issued after the seizure", INTERCEPTED, replace(SEIZE, authority=TOMORROW), no.BASIS_LATER),
    Case("goods are taken from somebody registered", INTERCEPTED, replace(SEIZE, witness=CASE), UNKNOWN_PARTY),
    Case("no witness and no word why", INTERCEPTED, replace(SEIZE, witness=None), no.WITNESS_UNRECORDED),
    Case("a witness both there and absent", INTERCEPTED, replace(SEIZE, witness_absent="No."), no.WITNESS_UNRECORDED),
    Case("no receipt and no word why", INTERCEPTED, replace(SEIZE, receipt=None), no.RECEIPT_UNRECORDED),
    Case("goods let go are not seized", after(INTERCEPTED, act(acts.ReleaseConsignment, reason="x")), SEIZE, NOT_OPEN),
    Case("an inventory is not taken alone", SEIZED, inventory(VEST, second_officer=SEIZER), no.SECOND_OFFICER),
    Case("a line's number twice in one command", SEIZED, inventory(VEST, found("1")), no.LINE_TAKEN),
    Case("a line's number already in use", LISTED, inventory(VEST), no.LINE_TAKEN),
    Case("more lines than a case may have", FULL, inventory(found("1000")), no.TOO_MANY_LINES),
    Case("a line of nothing", SEIZED, inventory(found("1", Quantity(Decimal(0), Unit.PIECE))), no.NOTHING_THERE),
    Case("a weight without its scale", SEIZED, inventory(found("1", weight=grams(5))), no.WEIGHT_INCOMPLETE),
    Case("a weight in pieces", SEIZED, inventory(found("1", weight=ONE, scale="s-1")), no.WEIGHT_INCOMPLETE),
    Case("an inventory of nothing", SEIZED, COMPLETE, no.INVENTORY_EMPTY),
    Case("nothing is inventoried once it is complete", COMPLETED, inventory(found("3")), NOT_OPEN),
    Case("a review without reasons", NOTIFIED, retention(reason=None), NO_REASON),
    Case("the seizing officer does not review", NOTIFIED, retention(by=SECOND), no.SEIZER_DECIDES),
    Case("a review of an unknown line", NOTIFIED, retention(lines=("9",)), no.NO_SUCH_LINE),
    Case("kept on without an end", NOTIFIED, retention(until=None), no.RETENTION_UNTIL),
    Case("kept on until before the review", NOTIFIED, retention(until=NOON - DAY), no.RETENTION_UNTIL),
    Case("returned but kept on", NOTIFIED, retention(outcome=acts.RetentionOutcome.RETURN), no.RETENTION_UNTIL),
    Case("goods unlawfully seized are not kept on", after(NOTIFIED, UNLAWFUL), retention(), no.RETENTION_UNLAWFUL),
    Case("a court's declaration is cited", NOTIFIED, replace(UNLAWFUL, authority=None), NO_AUTHORITY),
    Case("unlawful is said once", after(NOTIFIED, UNLAWFUL), UNLAWFUL, no.ALREADY_UNLAWFUL),
    Case("a custodian does not count his stock", STORED, stocktake(count("1", TWO), by=KEEPER), no.STOCKTAKE_BY_CUSTODIAN),
    Case(
        "nor does he type the count",
        STORED,
        stocktake(count("1", TWO)),
        no.STOCKTAKE_BY_CUSTODIAN,
        typed_by(KEEPER),
    ),
    Case("a count leaves no line out", STORED, stocktake(count("2", ONE)), no.STOCKTAKE_INCOMPLETE),
    Case("a count names no line twice", STORED, stocktake(count("1", TWO), count("1", TWO)), no.STOCKTAKE_INCOMPLETE),
    Case("a count names no unknown line", STORED, stocktake(count("9", TWO)), no.NO_SUCH_LINE),
    Case("a count is in the line's unit", STORED, stocktake(count("1", grams(2))), no.UNIT_DIFFERS),
    Case("a case with units unaccounted for stays open", after(SINGLE, RETURN), CLOSE, no.LINES_UNSETTLED),
    Case("a case is not closed before anything is decided", SINGLE, CLOSE, no.LINES_UNSETTLED),
    Case("a case is not closed during the inventory", LISTED, CLOSE, NOT_OPEN),
    Case("a case with an open claim stays open", CONTESTED, CLOSE, NOT_OPEN),
    Case("a case with an open discrepancy stays open", after(SINGLE, FORFEIT, WEIGH_LESS), CLOSE, no.DISCREPANCY_OPEN),
    Case("unlawfully seized goods are owed back", after(SINGLE, FORFEIT, UNLAWFUL), CLOSE, no.GOODS_OWED),
]

CLAIM_CASES = [
    Case("a notice is for somebody registered", COMPLETED, replace(NOTICE, party=CASE), UNKNOWN_PARTY),
    Case("a notice's number is used once", NOTIFIED, NOTICE, no.NOTICE_USED),
    Case("no such notice", COMPLETED, SERVE, no.NO_SUCH_NOTICE),
    Case("a notice is served once", NOTIFIED, SERVE, no.NOTICE_SERVED),
    Case(
        "a served notice does not come back",
        NOTIFIED,
        act(claim_acts.RecordNoticeReturn, notice="N-1", cause=claim_acts.NoticeReturnCause.REFUSED),
        no.NOTICE_SERVED,
    ),
    Case("a claimant is registered", NOTIFIED, replace(CLAIM, claimant=CASE), UNKNOWN_PARTY),
    Case("a claim's number is used once", CONTESTED, CLAIM, no.CLAIM_USED),
    Case("a claim to an unknown line", NOTIFIED, replace(CLAIM, lines=("9",)), no.NO_SUCH_LINE),
    Case("a late claim says why", NOTIFIED, replace(CLAIM, when=at(NOON + 61 * DAY)), no.CLAIM_LATE),
    Case("no such claim", NOTIFIED, UPHOLD, no.NO_SUCH_CLAIM),
    Case(
        "evidence comes before the decision",
        after(CONTESTED, REJECT),
        act(claim_acts.SubmitPurchaseEvidence, claim="K-1", evidence="x"),
        no.CLAIM_DECIDED,
    ),
    Case("a claim is decided once", after(CONTESTED, REJECT), UPHOLD, no.CLAIM_DECIDED),
    Case("a decision has reasons", CONTESTED, replace(UPHOLD, reason=None), NO_REASON),
    Case("the seizing officer decides no claim", CONTESTED, replace(UPHOLD, decided_by=SECOND), no.SEIZER_DECIDES),
    Case("nor records it", CONTESTED, UPHOLD, no.SEIZER_DECIDES, typed_by(SEIZER)),
    Case(
        "a partly upheld claim says for which lines",
        CONTESTED,
        replace(UPHOLD, outcome=claim_acts.ClaimOutcome.PARTLY_UPHELD),
        no.UPHELD_LINES,
    ),
    Case("a rejected claim is upheld for none", CONTESTED, replace(REJECT, upheld=("1",)), no.UPHELD_LINES),
    Case("no return while a claim is open", CONTESTED, RETURN, no.CLAIM_OPEN),
    Case("goods go back to somebody registered", NOTIFIED, replace(RETURN, to=CASE), UNKNOWN_PARTY),
    Case("a return is ordered with reasons", NOTIFIED, replace(RETURN, reason=None), NO_REASON),
    Case(
        "only the custodian hands back",
        after(NOTIFIED, RETURN),
        replace(HAND_BACK, decided_by=SECOND),
        no.NOT_CUSTODIAN,
    ),
    Case("not handed to another", after(NOTIFIED, RETURN), replace(HAND_BACK, to=OTHER_PERSON), no.RETURN_TO_ANOTHER),
    Case("not handed back while a claim is open", after(NOTIFIED, RETURN, CLAIM), HAND_BACK, no.CLAIM_OPEN),
    Case("300 g missing block the return", after(NOTIFIED, RETURN, WEIGH_LESS), HAND_BACK, no.DISCREPANCY_OPEN),
    Case("what was not ordered returned is not handed back", NOTIFIED, HAND_BACK, no.LINE_NOT_OPEN),
    Case("no forfeiture without authority", NOTIFIED, replace(FORFEIT, authority=None), NO_AUTHORITY),
    Case("no forfeiture by a seizing officer", NOTIFIED, replace(FORFEIT, decided_by=SEIZER), no.SEIZER_DECIDES),
    Case("no forfeiture before notice", COMPLETED, FORFEIT, no.FORFEITURE_UNNOTIFIED),
    Case("no forfeiture while a claim is open", CONTESTED, FORFEIT, no.CLAIM_OPEN),
    Case("no forfeiture after an unlawful seizure", after(NOTIFIED, UNLAWFUL), FORFEIT, no.UNLAWFULLY_SEIZED),
    Case("no forfeiture of what a claim was upheld for", after(CONTESTED, UPHOLD), BY_STATUTE, no.CLAIM_UPHELD),
    Case("no destruction of what is not forfeited", NOTIFIED, CONDEMN, no.LINE_NOT_OPEN),
    Case("no destruction without authority", after(SINGLE, FORFEIT), replace(CONDEMN, authority=None), NO_AUTHORITY),
    Case("no destruction without reasons", after(SINGLE, FORFEIT), replace(CONDEMN, reason=None), NO_REASON),
    Case("no destruction while a claim is open", after(SINGLE, FORFEIT, CLAIM), CONDEMN, no.CLAIM_OPEN),
    Case("no destruction of evidence", after([*SINGLE, *EVIDENCE], FORFEIT), CONDEMN, no.EVIDENCE_NEEDED),
    Case(
        "no destruction after a late claim",
        after(SINGLE, FORFEIT, CONDEMN, CLAIM),
        DESTROY,
        no.CLAIM_OPEN,
    ),
    Case(
        "one witness is not enough",
        after(SINGLE, FORFEIT, CONDEMN),
        replace(DESTROY, witnesses=(SECOND, SECOND)),
        no.TWO_WITNESSES,
    ),
    Case(
        "the custodian is no witness",
        after(SINGLE, FORFEIT, CONDEMN),
        replace(DESTROY, witnesses=(SECOND, KEEPER)),
        no.TWO_WITNESSES,
    ),
    Case(
        "an open discrepancy blocks the destruction",
        after(SINGLE, FORFEIT, CONDEMN, WEIGH_LESS),
        DESTROY,
        no.DISCREPANCY_OPEN,
    ),
]

CASES = SEIZURE_CASES + CLAIM_CASES


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_a_seizure_refuses(case: Case) -> None:
    refused(KIND, case.history, case.command, case.refusal, case.ctx)


def test_a_line_command_is_refused_before_there_are_goods() -> None:
    refused(KIND, INTERCEPTED, SEAL, NOT_OPEN, clerk())


def test_every_refusal_of_a_seizure_is_provoked() -> None:
    own = set(refusals_of(modules_of(seizure)).values()) - {NO_AUTHORITY, NO_REASON, NOT_OPEN, UNKNOWN_PARTY}

    assert {case.refusal for case in CASES + ITEM_CASES + MORE_CASES} >= own


def test_every_command_is_refused_somewhere() -> None:
    assert set(KIND.commands) == {type(case.command) for case in CASES + ITEM_CASES + MORE_CASES}
