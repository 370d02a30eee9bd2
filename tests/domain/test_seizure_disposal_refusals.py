"""What holds, appeals, early disposal, sale, handover and stores refuse, each rule provoked once at least."""

from dataclasses import replace

import pytest

from domain.dossier.acts import LinkConfirmed, LinkType
from domain.dossier.rules import UNKNOWN_PARTY
from domain.kernel import NO_AUTHORITY, NO_REASON, NOT_OPEN, Command, Entry, Refusal
from domain.kinds.seizure import KIND
from domain.kinds.seizure import refusals as no
from domain.kinds.seizure.custody_acts import AcceptTransfer, CheckInItem, MoveItem, RefuseTransfer, StoreItem
from domain.kinds.seizure.custody_acts import TransferRefusalGround as Ground
from domain.kinds.seizure.disposal_acts import EarlyDisposalOutcome
from domain.kinds.seizure.storage_acts import StorageClass
from tests.domain.test_seizure import (
    CLAIM,
    CLOSE,
    COMPLETED,
    CONDEMN,
    DECREE,
    DESTROY,
    FORFEIT,
    HAND_BACK,
    INTERCEPTED,
    JUDGE,
    NOTIFIED,
    RECEIVER,
    RETURN,
    SECOND,
    SEIZED,
    SEIZER,
    SINGLE,
    UNLAWFUL,
    UPHOLD,
    act,
    after,
)
from tests.domain.test_seizure_disposal import (
    ALLOW,
    APPEAL,
    APPEALED,
    BACK,
    COLD,
    DISMISS,
    EARLY,
    HAND_OVER,
    HANDOVER,
    HOLD,
    LIFT,
    OWNER,
    RISK,
    RISKY,
    SALE,
    SELL,
    TAKEN,
    TO_OWNER,
)
from tests.domain.test_seizure_item_refusals import Case, typed_by
from tests.domain.test_seizure_items import CHECK_OUT, OFFERED, STORE, STORED, WEIGH_LESS
from tests.scenario import CASE, PERSON, given_after, refused, said

LINK = LinkConfirmed(**said(), other=PERSON, other_kind="investigation", link=LinkType.EVIDENCE_FOR)


def as_evidence(history: list[Entry]) -> list[Entry]:
    """A history whose goods are evidence for an investigation."""
    return [*history, *given_after(history, (LINK,))]


COOL = after(STORED, COLD)
"""A stored line that needs a cold store."""

HOLD_CASES = [
    Case("a hold needs an authority", NOTIFIED, replace(HOLD, authority=None), NO_AUTHORITY),
    Case("a hold needs a reason", NOTIFIED, replace(HOLD, reason=None), NO_REASON),
    Case("a hold's number is used once", after(NOTIFIED, HOLD, LIFT), HOLD, no.HOLD_USED),
    Case("a hold names no unknown line", NOTIFIED, replace(HOLD, lines=("9",)), no.NO_SUCH_LINE),
    Case(
        "only a court holds back what is owed",
        after(NOTIFIED, UNLAWFUL),
        replace(HOLD, authority=DECREE),
        no.HOLD_UNLAWFUL,
    ),
    Case("no hold before there are goods", INTERCEPTED, HOLD, NOT_OPEN),
    Case("no such hold to lift", NOTIFIED, LIFT, no.NO_SUCH_HOLD),
    Case("a hold is lifted once", after(NOTIFIED, HOLD, LIFT), LIFT, no.NO_SUCH_HOLD),
    Case("a lift needs an authority", after(NOTIFIED, HOLD), replace(LIFT, authority=None), NO_AUTHORITY),
    Case("a lift needs a reason", after(NOTIFIED, HOLD), replace(LIFT, reason=None), NO_REASON),
    Case("a case is not closed under a hold", after(TAKEN, HOLD), CLOSE, no.LEGAL_HOLD),
]

APPEAL_CASES = [
    Case("an appellant is registered", TAKEN, replace(APPEAL, appellant=CASE), UNKNOWN_PARTY),
    Case("nothing to appeal against", NOTIFIED, APPEAL, no.LINE_NOT_OPEN),
    Case("a line out was not forfeited", after(STORED, CHECK_OUT), APPEAL, no.NOT_FORFEITED),
    Case("one appeal at a time", APPEALED, replace(APPEAL, appeal="AP-2"), no.APPEAL_OPEN),
    Case("no appeal to decide", TAKEN, DISMISS, no.NO_SUCH_APPEAL),
    Case("an appeal is decided once", after(APPEALED, DISMISS), DISMISS, no.NO_SUCH_APPEAL),
    Case("a decision on an appeal is cited", APPEALED, replace(ALLOW, authority=None), NO_AUTHORITY),
    Case("a decision on an appeal has reasons", APPEALED, replace(ALLOW, reason=None), NO_REASON),
    Case("not decided by who forfeited", APPEALED, replace(ALLOW, decided_by=JUDGE), no.APPEAL_BY_FORFEITER),
    Case("nor recorded by him", APPEALED, ALLOW, no.APPEAL_BY_FORFEITER, typed_by(JUDGE)),
    Case("not decided by who seized", APPEALED, replace(ALLOW, decided_by=SEIZER), no.SEIZER_DECIDES),
    Case("a case is not closed during an appeal", APPEALED, CLOSE, no.APPEAL_OPEN),
]

DISPOSAL_CASES = [
    Case("a sale needs an authority", TAKEN, replace(SALE, authority=None), NO_AUTHORITY),
    Case("a sale needs a reason", TAKEN, replace(SALE, reason=None), NO_REASON),
    Case("no sale of what is not forfeited", NOTIFIED, SALE, no.LINE_NOT_OPEN),
    Case("no sale ordered by who seized", TAKEN, replace(SALE, decided_by=SEIZER), no.SEIZER_DECIDES),
    Case("a buyer is registered", after(TAKEN, SALE), replace(SELL, buyer=CASE), UNKNOWN_PARTY),
    Case("only the custodian sells", after(TAKEN, SALE), replace(SELL, decided_by=SECOND), no.NOT_CUSTODIAN),
    Case("what was not ordered sold is not sold", TAKEN, SELL, no.LINE_NOT_OPEN),
    Case("300 g missing block the sale", after(TAKEN, SALE, WEIGH_LESS), SELL, no.DISCREPANCY_OPEN),
    Case("no sale of evidence", as_evidence(TAKEN), SALE, no.EVIDENCE_NEEDED),
    Case("nor its execution", as_evidence(after(TAKEN, SALE)), SELL, no.EVIDENCE_NEEDED),
    Case("a handover needs an authority", TAKEN, replace(HANDOVER, authority=None), NO_AUTHORITY),
    Case("a handover needs a reason", TAKEN, replace(HANDOVER, reason=None), NO_REASON),
    Case("no handover ordered by who seized", TAKEN, replace(HANDOVER, decided_by=SEIZER), no.SEIZER_DECIDES),
    Case("no handover of what is not forfeited", NOTIFIED, HANDOVER, no.LINE_NOT_OPEN),
    Case("only to the authority named", after(TAKEN, HANDOVER), replace(HAND_OVER, to="Zoo"), no.HANDOVER_TO_ANOTHER),
    Case("only the custodian hands over", after(TAKEN, HANDOVER), replace(HAND_OVER, decided_by=SECOND), no.NOT_CUSTODIAN),
    Case("300 g missing block it", after(TAKEN, HANDOVER, WEIGH_LESS), HAND_OVER, no.DISCREPANCY_OPEN),
    Case("no handover of evidence", as_evidence(TAKEN), HANDOVER, no.EVIDENCE_NEEDED),
    Case("a risk is recorded once", RISKY, RISK, no.RISK_KNOWN),
    Case("no early disposal without a risk", SINGLE, EARLY, no.NO_RISK),
    Case("no early disposal before the inventory", after(SEIZED), EARLY, NOT_OPEN),
    Case("an early disposal needs an authority", RISKY, replace(EARLY, authority=None), NO_AUTHORITY),
    Case("an early disposal needs a reason", RISKY, replace(EARLY, reason=None), NO_REASON),
    Case("no early disposal by who seized", RISKY, replace(EARLY, decided_by=SEIZER), no.SEIZER_DECIDES),
    Case("no early disposal of evidence", as_evidence(RISKY), EARLY, no.EVIDENCE_NEEDED),
    Case("no early disposal of what is owed back", after(RISKY, UNLAWFUL), EARLY, no.UNLAWFULLY_SEIZED),
    Case("nor of what a claim was upheld for", after(RISKY, CLAIM, UPHOLD), EARLY, no.CLAIM_UPHELD),
    Case("no decision on a line that is out", after(SINGLE, STORE, RISK, CHECK_OUT), EARLY, no.LINE_NOT_OPEN),
]

ORDERED_BACK = after(NOTIFIED, RETURN)
BLOCKED: list[tuple[list[Entry], Command]] = [
    (NOTIFIED, RETURN),
    (ORDERED_BACK, HAND_BACK),
    (NOTIFIED, FORFEIT),
    (RISKY, EARLY),
    (RISKY, replace(EARLY, outcome=EarlyDisposalOutcome.SELL)),
    (TAKEN, CONDEMN),
    (after(TAKEN, CONDEMN), DESTROY),
    (TAKEN, SALE),
    (after(TAKEN, SALE), SELL),
    (TAKEN, HANDOVER),
    (after(TAKEN, HANDOVER), HAND_OVER),
]
"""Every act that disposes of goods, in a history in which nothing stands in its way."""

STORE_CASES = [
    Case("the same class of store twice", COOL, COLD, no.STORAGE_ASSIGNED),
    Case("a line that must be cold is not moved anywhere", COOL, act(MoveItem, line="1", place="B"), no.STORAGE_UNFIT),
    Case(
        "nor into a store of another class",
        after(COMPLETED, COLD),
        act(StoreItem, line="1", place="B", storage_class=StorageClass.SECURE),
        no.STORAGE_UNFIT,
    ),
    Case(
        "nor brought back there",
        after(COOL, CHECK_OUT),
        act(CheckInItem, line="1", place="B", seal="S-1"),
        no.STORAGE_UNFIT,
    ),
    Case(
        "nor taken over there",
        after(OFFERED, COLD),
        act(AcceptTransfer, by=RECEIVER, line="1", seal="S-1", place="B"),
        no.STORAGE_UNFIT,
    ),
    Case(
        "a seal that differs is another one",
        OFFERED,
        act(RefuseTransfer, by=RECEIVER, line="1", ground=Ground.SEAL_DIFFERS, seal="S-1", reason="Looks odd."),
        no.SEAL_AGREES,
    ),
]

NOTICE_CASES = [
    Case("an interested party is registered", NOTIFIED, replace(OWNER, party=CASE), UNKNOWN_PARTY),
    Case("a party becomes known once", after(NOTIFIED, OWNER), OWNER, no.PARTY_KNOWN),
    Case("whoever was sent a notice is known", NOTIFIED, replace(OWNER, party=PERSON), no.PARTY_KNOWN),
    Case("no forfeiture before the owner is told", after(NOTIFIED, OWNER), FORFEIT, no.PARTY_UNNOTIFIED),
    Case("a notice that came back tells nobody", after(NOTIFIED, OWNER, TO_OWNER, BACK), FORFEIT, no.PARTY_UNNOTIFIED),
]

MORE_CASES = HOLD_CASES + APPEAL_CASES + DISPOSAL_CASES + STORE_CASES + NOTICE_CASES


@pytest.mark.parametrize("case", MORE_CASES, ids=lambda case: case.says)
def test_a_seizure_refuses(case: Case) -> None:
    refused(KIND, case.history, case.command, case.refusal, case.ctx)


@pytest.mark.parametrize(("history", "command"), BLOCKED, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize(("obstacle", "refusal"), [(HOLD, no.LEGAL_HOLD), (CLAIM, no.CLAIM_OPEN)], ids=["legal hold", "claim"])
def test_nothing_goes_while_something_stands_against_it(
    history: list[Entry], command: Command, obstacle: Command, refusal: Refusal
) -> None:
    assert after(history, command)
    refused(KIND, after(history, obstacle), command, refusal)


APPEALABLE = [(history, command) for history, command in BLOCKED if history[0 : len(TAKEN)] == TAKEN] + [(TAKEN, RETURN)]


@pytest.mark.parametrize(("history", "command"), APPEALABLE, ids=lambda value: type(value).__name__)
def test_nothing_forfeited_goes_during_an_appeal(history: list[Entry], command: Command) -> None:
    assert after(history, command)
    refused(KIND, after(history, APPEAL), command, no.APPEAL_OPEN)


def test_every_disposal_is_tried_during_a_hold_a_claim_and_an_appeal() -> None:
    assert len(APPEALABLE) == 7
    assert {type(command) for _, command in BLOCKED} >= {type(command) for command in (HAND_BACK, DESTROY, SELL, HAND_OVER)}


def test_a_closed_case_takes_no_hold() -> None:
    refused(KIND, after(TAKEN, CLOSE), HOLD, NOT_OPEN)
