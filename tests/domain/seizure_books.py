"""The books of seized goods: a second account of the same facts, by double entry, without the rules and stages of a seizure.

What came in under a line stands in exactly one place, and exactly one officer answers for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from domain.kernel import Event
from domain.kinds.seizure import acts, claim_acts, custody_acts, disposal_acts, item_acts, stages
from domain.kinds.seizure.acts import LineEvent
from domain.kinds.seizure.stages import Goods, Line
from domain.values import Quantity

ZERO = Decimal(0)

# --- Books ----------------------------------------------------------------------------------------------------


@dataclass
class Account:
    """One line in the books: its root, how much stands there, where it rests, is away or went, who has it, its seal."""

    root: str
    amount: Decimal | None
    custodian: str
    rest: str = "held"
    away: str | None = None
    gone: str | None = None
    seal: str | None = None
    appealed: bool = False

    @property
    def stands(self) -> str:
        """The one place its amount stands in."""
        return self.gone or self.away or self.rest


AWAY: dict[type[Event], str | None] = {
    custody_acts.ItemCheckedOut: "out",
    custody_acts.ItemCheckedIn: None,
    custody_acts.TransferOffered: "in transit",
    custody_acts.TransferAccepted: None,
    custody_acts.TransferRefused: None,
    custody_acts.TransferWithdrawn: None,
    item_acts.ItemMissing: "missing",
    item_acts.ItemFound: None,
}
GONE: dict[type[Event], str] = {
    claim_acts.ItemReturned: "returned",
    claim_acts.DestructionWitnessed: "taken",
    disposal_acts.ItemSold: "taken",
    disposal_acts.ItemHandedOver: "taken",
}
OPENED = (item_acts.ItemSplit, item_acts.SampleTaken)
ALLOWED = disposal_acts.ForfeitureAppealOutcome.ALLOWED


@dataclass
class Books:
    """What every line came to by the facts alone; ``entered`` and ``sampled`` are sums of a root line and its parts."""

    accounts: dict[str, Account] = field(default_factory=dict)
    entered: dict[str, Decimal | None] = field(default_factory=dict)
    sampled: dict[str, Decimal] = field(default_factory=dict)
    seals: list[str] = field(default_factory=list)
    claims: dict[str, frozenset[str]] = field(default_factory=dict)
    holds: dict[str, frozenset[str]] = field(default_factory=dict)

    def post_all(self, events: Iterable[Event]) -> "Books":
        """Post facts one after another."""
        for event in events:
            self.post(event)
        return self

    def post(self, event: Event) -> None:
        """Post one fact."""
        match event:
            case acts.ItemInventoried(line=line, quantity=quantity, custodian=custodian):
                self.accounts[line] = Account(line, quantity.amount, custodian)
                self.entered[line], self.sampled[line] = quantity.amount, ZERO
            case claim_acts.ClaimLodged(claim=number, lines=lines):
                self.claims[number] = frozenset(lines)
            case claim_acts.ClaimDecided(claim=number):
                del self.claims[number]
            case disposal_acts.LegalHoldPlaced(hold=number, lines=lines):
                self.holds[number] = frozenset(lines)
            case disposal_acts.LegalHoldLifted(hold=number):
                del self.holds[number]
            case LineEvent():
                self.post_line(self.accounts[event.line], event)
            case _:
                pass

    def post_line(self, account: Account, event: LineEvent) -> None:
        """Post a fact about one line."""
        if type(event) in AWAY:
            account.away = AWAY[type(event)]
        account.gone = GONE.get(type(event), account.gone)
        self.post_seal(account, event)
        self.post_order(account, event)
        match event:
            case custody_acts.TransferAccepted(custodian=custodian) | item_acts.ItemFound(custodian=custodian):
                account.custodian = custodian
            case item_acts.ItemMeasured(count=Quantity(amount=counted)) if account.amount is None:
                account.amount = self.entered[account.root] = counted
            case item_acts.ItemSplit(parts=parts):
                self.divide(event.line, account, {part.line: part.quantity for part in parts})
            case item_acts.SampleTaken(sample=str() as sample, quantity=quantity):
                self.divide(event.line, account, {sample: quantity})
            case item_acts.SampleTaken(quantity=quantity):
                used = quantity.amount or ZERO
                account.amount = (account.amount or ZERO) - used
                self.sampled[account.root] += used
            case _:
                pass

    def divide(self, line: str, account: Account, parts: dict[str, Quantity]) -> None:
        """Parts are lines where and with whom the line is; a claim or a hold on it is one on them."""
        for number, quantity in parts.items():
            taken = quantity.amount or ZERO
            account.amount = (account.amount or ZERO) - taken
            self.accounts[number] = Account(
                account.root, taken, account.custodian, account.rest, account.away, appealed=account.appealed
            )
        for about in (self.claims, self.holds):
            about.update({number: lines | parts.keys() for number, lines in about.items() if line in lines})

    def post_seal(self, account: Account, event: LineEvent) -> None:
        """A line is sealed or open; what is opened, counted or sampled is open."""
        counted = isinstance(event, item_acts.ItemMeasured) and event.count is not None
        assert account.seal is None or not (counted or isinstance(event, OPENED)), "a sealed line was opened"
        match event:
            case custody_acts.SealApplied(seal=seal) | custody_acts.SealReplaced(seal=seal):
                account.seal = seal
                self.seals.append(seal)
            case custody_acts.SealBroken():
                account.seal = None
            case _:
                pass

    def post_order(self, account: Account, event: LineEvent) -> None:
        """What a line rests under: held, or taken."""
        match event:
            case claim_acts.ForfeitureOrdered():
                account.rest = "taken"
            case disposal_acts.EarlyDisposalDecided(outcome=outcome):
                account.rest = "held" if outcome is disposal_acts.EarlyDisposalOutcome.KEEP else "taken"
            case claim_acts.ReturnOrdered():
                account.rest, account.appealed = "held", False
            case disposal_acts.ForfeitureAppealLodged():
                account.appealed = True
            case disposal_acts.ForfeitureAppealDecided(outcome=outcome):
                account.appealed = False
                account.rest = "held" if outcome is ALLOWED else account.rest
            case _:
                pass

    def blocked(self, line: str) -> bool:
        """Whether a claim to a line, a legal hold on it or an appeal against its forfeiture stands."""
        about = (*self.claims.values(), *self.holds.values())
        return self.accounts[line].appealed or any(not lines or line in lines for lines in about)


STANDS: dict[type[Line], str] = {
    stages.Held: "held",
    stages.ReturnPending: "held",
    stages.Forfeited: "taken",
    stages.Condemned: "taken",
    stages.SalePending: "taken",
    stages.HandoverPending: "taken",
    stages.Destroyed: "taken",
    stages.Sold: "taken",
    stages.Transferred: "taken",
    stages.Out: "out",
    stages.InTransit: "in transit",
    stages.Returned: "returned",
    stages.Missing: "missing",
    stages.Lost: "missing",
}
"""Where the amount of a line stands in each condition; nothing is left of one that is divided."""


def check(goods: Goods, books: Books) -> None:
    """The goods as the seizure folds them are those of the books: nothing is lost, doubled or without a custodian."""
    assert goods.lines.keys() == books.accounts.keys()
    sums = {root: books.sampled[root] for root, amount in books.entered.items() if amount is not None}
    for number, line in goods.lines.items():
        account, item = books.accounts[number], line.item
        assert (item.custodian, item.seal) == (account.custodian, account.seal)
        assert item.custodian, "nobody answers for the line"
        assert item.quantity.amount == account.amount
        assert isinstance(line, stages.Divided) or STANDS[type(line)] == account.stands
        assert not isinstance(line, stages.Divided) or item.quantity.amount == 0
        if account.root in sums:
            sums[account.root] += item.quantity.amount or ZERO
    assert sums == {root: amount for root, amount in books.entered.items() if amount is not None}
    consumed = {root: sum(goods.lines[n].item.consumed for n, a in books.accounts.items() if a.root == root) for root in sums}
    assert consumed == {root: books.sampled[root] for root in sums}
    assert len(set(books.seals)) == len(books.seals), "a seal's number was used twice"
    assert set(books.seals) == goods.seals
