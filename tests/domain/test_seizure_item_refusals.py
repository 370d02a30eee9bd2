"""What a line of an inventory refuses, each rule provoked once at least."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest

from domain.deadlines import PROFILE_NOT_INSTALLED
from domain.dossier.rules import UNKNOWN_PARTY
from domain.kernel import NO_AUTHORITY, NO_REASON, Command, Context, Entry, Refusal
from domain.kinds.seizure import KIND
from domain.kinds.seizure import refusals as no
from domain.kinds.seizure.custody_acts import (
    ApplySeal,
    BreakSeal,
    CheckSeal,
    MoveItem,
    RefuseTransfer,
    ReplaceSeal,
    SealBreakPurpose,
    TransferRefusalGround,
    WithdrawTransfer,
)
from domain.kinds.seizure.item_acts import (
    MeasureItem,
    Part,
    RecordItemFound,
    ReviseClassification,
    SamplePurpose,
    Scheme,
    TakeSample,
    UpholdClassification,
    WriteOffLoss,
)
from domain.values import Quantity, Unit
from tests.domain.test_seizure import (
    CLERK,
    COMPLETED,
    DECREE,
    JUDGE,
    KEEPER,
    ONE,
    RECEIVER,
    SECOND,
    TWO,
    act,
    after,
    clerk,
    grams,
)
from tests.domain.test_seizure_items import (
    ACCEPT,
    ARMOR,
    CHECK_IN,
    CHECK_OUT,
    CLASSIFY,
    CONTEST,
    EXPLAIN,
    MISSING,
    OFFER,
    OFFERED,
    SEAL,
    SPLIT,
    STORE,
    STORED,
    WEIGH_LESS,
)
from tests.scenario import CASE, NOON, refused


@dataclass(frozen=True)
class Case:
    """A rule in the words of the law, and what provokes it."""

    says: str
    history: list[Entry]
    command: Command
    refusal: Refusal
    ctx: Context = field(default_factory=clerk)


def typed_by(officer: str) -> Context:
    """Recorded by the officer himself."""
    return clerk(actor=replace(CLERK, id=officer))


SAMPLE = act(TakeSample, line="1", quantity=ONE, purpose=SamplePurpose.COURT)
WRITE_OFF = act(WriteOffLoss, by=JUDGE, line="1", authority=DECREE, reason="Stolen.")
BREAK = act(BreakSeal, line="1", purpose=SealBreakPurpose.COURT, witness=SECOND)
RENEW = act(ReplaceSeal, line="1", seal="S-2", witness=SECOND, reason="Worn.")
REFUSE = act(RefuseTransfer, by=RECEIVER, line="1", ground=TransferRefusalGround.OTHER, reason="No room.")

ITEM_CASES = [
    Case("no such line", COMPLETED, replace(SEAL, line="9"), no.NO_SUCH_LINE),
    Case(
        "a line that is out is not moved",
        after(STORED, CHECK_OUT),
        act(MoveItem, line="1", place="B"),
        no.LINE_NOT_OPEN,
    ),
    Case("a seal's number is used once", STORED, act(ApplySeal, line="2", seal="S-1"), no.SEAL_USED),
    Case("a new seal has a new number", STORED, replace(RENEW, seal="S-1"), no.SEAL_USED),
    Case("a line is sealed once", STORED, act(ApplySeal, line="1", seal="S-2"), no.ALREADY_SEALED),
    Case("no seal to check", COMPLETED, act(CheckSeal, line="1", read="S-1", intact=True), no.NOT_SEALED),
    Case("no seal to break", COMPLETED, BREAK, no.NOT_SEALED),
    Case("a seal is not broken alone", STORED, replace(BREAK, witness=KEEPER), no.SEAL_WITNESS),
    Case("a seal is not replaced alone", STORED, replace(RENEW, witness=KEEPER), no.SEAL_WITNESS),
    Case("a seal is replaced for a reason", STORED, replace(RENEW, reason=None), NO_REASON),
    Case("only the custodian stores", COMPLETED, replace(STORE, decided_by=SECOND), no.NOT_CUSTODIAN),
    Case("a stored line is moved, not stored", STORED, STORE, no.ALREADY_STORED),
    Case("what is in no store is not moved", COMPLETED, act(MoveItem, line="1", place="B"), no.NOT_STORED),
    Case("a line is moved somewhere else", STORED, act(MoveItem, line="1", place="Store A"), no.SAME_PLACE),
    Case("what is in no store is not checked out", COMPLETED, CHECK_OUT, no.NOT_STORED),
    Case("due back before it left", STORED, replace(CHECK_OUT, due=NOON), no.DUE_BEFORE),
    Case("only a line that is out comes back", STORED, CHECK_IN, no.LINE_NOT_OPEN),
    Case(
        "only the custodian takes it back",
        after(STORED, CHECK_OUT),
        replace(CHECK_IN, decided_by=SECOND),
        no.NOT_CUSTODIAN,
    ),
    Case("only the custodian offers", STORED, replace(OFFER, decided_by=SECOND), no.NOT_CUSTODIAN),
    Case("custody is not offered to its holder", STORED, replace(OFFER, to=KEEPER), no.OFFER_TO_CUSTODIAN),
    Case("only the receiver accepts", OFFERED, replace(ACCEPT, decided_by=SECOND), no.NOT_RECEIVER),
    Case("only the receiver refuses", OFFERED, replace(REFUSE, decided_by=SECOND), no.NOT_RECEIVER),
    Case("the giver does not record the acceptance", OFFERED, ACCEPT, no.GIVER_ACCEPTS, typed_by(KEEPER)),
    Case("another seal is not taken over", OFFERED, replace(ACCEPT, seal="S-9"), no.SEAL_DIFFERS),
    Case("a seal not looked at is not taken over", OFFERED, replace(ACCEPT, seal=None), no.SEAL_DIFFERS),
    Case("a receiver's weight needs a scale", OFFERED, replace(ACCEPT, weight=grams(1)), no.WEIGHT_INCOMPLETE),
    Case("a receiver counts in the line's unit", OFFERED, replace(ACCEPT, count=grams(1)), no.UNIT_DIFFERS),
    Case("a refusal says why", OFFERED, replace(REFUSE, reason=None), NO_REASON),
    Case("only the giver withdraws", OFFERED, act(WithdrawTransfer, by=RECEIVER, line="1"), no.NOT_CUSTODIAN),
    Case(
        "no weight is compared under a profile that is not installed",
        COMPLETED,
        WEIGH_LESS,
        PROFILE_NOT_INSTALLED,
        replace(clerk(), profile=None),
    ),
    Case("a measurement of nothing", COMPLETED, act(MeasureItem, line="1"), no.NOTHING_MEASURED),
    Case("a sealed line is not counted", STORED, act(MeasureItem, line="1", count=TWO), no.ITEM_SEALED),
    Case("a sealed line is not sampled", STORED, SAMPLE, no.ITEM_SEALED),
    Case("a sealed line is not divided", STORED, SPLIT, no.ITEM_SEALED),
    Case("no discrepancy to explain", COMPLETED, EXPLAIN, no.NO_SUCH_DISCREPANCY),
    Case(
        "the finder does not explain",
        after(COMPLETED, WEIGH_LESS),
        replace(EXPLAIN, decided_by=SECOND),
        no.EXPLAINED_BY_FINDER,
    ),
    Case(
        "nor does the custodian",
        after(COMPLETED, WEIGH_LESS),
        replace(EXPLAIN, decided_by=KEEPER),
        no.EXPLAINED_BY_FINDER,
    ),
    Case(
        "parts are fewer than the line",
        COMPLETED,
        replace(SPLIT, parts=(Part("a", ONE), Part("b", TWO))),
        no.NOT_THE_WHOLE,
    ),
    Case("an uncounted line is not divided", COMPLETED, replace(SPLIT, line="2"), no.NOT_THE_WHOLE),
    Case(
        "a part has a number of its own",
        COMPLETED,
        replace(SPLIT, parts=(Part("2", ONE), Part("b", ONE))),
        no.LINE_TAKEN,
    ),
    Case(
        "a sample is no more than the line",
        COMPLETED,
        replace(SAMPLE, quantity=Quantity(Decimal(3), Unit.PIECE)),
        no.NOT_A_PART,
    ),
    Case("a sample is in the line's unit", COMPLETED, replace(SAMPLE, quantity=grams(1)), no.NOT_A_PART),
    Case("a kept sample has a number of its own", COMPLETED, replace(SAMPLE, sample="2"), no.LINE_TAKEN),
    Case("a loss is told", COMPLETED, replace(MISSING, reason=None), NO_REASON),
    Case(
        "what is not missing is not found",
        COMPLETED,
        act(RecordItemFound, line="1", place="B", custodian=KEEPER),
        no.LINE_NOT_OPEN,
    ),
    Case(
        "a loss is written off on authority",
        after(COMPLETED, MISSING),
        replace(WRITE_OFF, authority=None),
        NO_AUTHORITY,
    ),
    Case(
        "a custodian writes nothing off",
        after(COMPLETED, MISSING),
        replace(WRITE_OFF, decided_by=KEEPER),
        no.LOST_BY_CUSTODIAN,
    ),
    Case("a second first classification", after(COMPLETED, CLASSIFY), CLASSIFY, no.ALREADY_CLASSIFIED),
    Case("nothing to contest", COMPLETED, CONTEST, no.NOT_CLASSIFIED),
    Case("contested by somebody registered", after(COMPLETED, CLASSIFY), replace(CONTEST, party=CASE), UNKNOWN_PARTY),
    Case(
        "a revision that changes nothing",
        after(COMPLETED, CLASSIFY),
        act(ReviseClassification, line="1", now=ARMOR, basis="x"),
        no.CLASSIFICATION_UNCHANGED,
    ),
    Case(
        "a contested classification is not revised by its author",
        after(COMPLETED, CLASSIFY, CONTEST),
        act(ReviseClassification, by="o-expert", line="1", now=replace(ARMOR, entry="ML13.c"), basis="x"),
        no.CONTEST_DECIDED_BY_CLASSIFIER,
    ),
    Case(
        "nor upheld by him",
        after(COMPLETED, CLASSIFY, CONTEST),
        act(UpholdClassification, by="o-expert", line="1", scheme=Scheme.NATIONAL_LIST, basis="x"),
        no.CONTEST_DECIDED_BY_CLASSIFIER,
    ),
    Case(
        "what nobody contests is not upheld",
        after(COMPLETED, CLASSIFY),
        act(UpholdClassification, line="1", scheme=Scheme.NATIONAL_LIST, basis="x"),
        no.NOT_CONTESTED,
    ),
]


@pytest.mark.parametrize("case", ITEM_CASES, ids=lambda case: case.says)
def test_a_line_refuses(case: Case) -> None:
    refused(KIND, case.history, case.command, case.refusal, case.ctx)
