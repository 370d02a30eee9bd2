"""Random custody of seized goods: acts that the goods of a case are likely to take where they are."""

import random
from decimal import Decimal
from typing import Any, TypeVar

from domain.kernel import Command
from domain.kinds.seizure import acts, claim_acts, custody_acts, disposal_acts, item_acts, stages
from domain.kinds.seizure.stages import Goods, Line
from domain.values import Authority, AuthorityKind, Quantity, Unit
from tests.scenario import HOUR, NOON, OTHER_PERSON, PERSON, said

C = TypeVar("C", bound=Command)
SEIZER, SECOND = "o-1", "o-2"
KEEPERS = ("o-3", "o-4", "o-5", "o-6")
JUDGES = ("o-7", "o-8")
ORDER = Authority(AuthorityKind.COURT_ORDER, "Order 1/26", "District court", None, "a" * 64)


class Custody:
    """Makes acts that the goods of a case are likely to take; numbers of lines, seals and papers are its own."""

    def __init__(self, rng: random.Random) -> None:
        """Begin to count."""
        self.rng = rng
        self.count = 0
        self.used: dict[str, list[str]] = {}
        self.moment = NOON

    def fresh(self, prefix: str) -> str:
        """A number never used before, seldom one that may have been."""
        self.count += 1
        used = self.used.setdefault(prefix, [])
        used.append(f"{prefix}{self.count}" if not used or self.rng.random() < 0.95 else self.rng.choice(used))
        return used[-1]

    def act(self, command: type[C], by: str, **more: Any) -> C:
        """A command done at the moment, on an order and for a reason."""
        return command(**(said(self.moment, decided_by=by, authority=ORDER, reason="It was due.") | more))

    def other(self, *involved: str) -> str:
        """An officer who is none of these."""
        return self.rng.choice([keeper for keeper in (*KEEPERS, *JUDGES) if keeper not in involved])

    def opening(self) -> list[Command]:
        """A seizure of two to six lines, some not counted, with notice served."""
        lines = tuple(self.found(f"L{number}") for number in range(1, self.rng.randint(3, 7)))
        return [
            self.act(acts.InterceptConsignment, SEIZER, file_number="S 1", channel=acts.Channel.POST),
            self.act(acts.SeizeGoods, SEIZER, officers=(SEIZER,), place="Office", witness_absent="Nobody."),
            self.act(acts.InventoryLines, SEIZER, lines=lines, second_officer=SECOND, custodian=self.rng.choice(KEEPERS)),
            self.act(acts.CompleteInventory, SEIZER),
            self.act(claim_acts.IssueSeizureNotice, SECOND, notice="N-1", content="Claim.", party=PERSON),
            self.act(claim_acts.RecordNoticeService, SECOND, notice="N-1", how=claim_acts.ServiceMethod.POST),
        ]

    def found(self, line: str) -> acts.LineFound:
        """A line as found, seldom uncounted."""
        amount = self.rng.choice((Decimal(1), Decimal(2), Decimal(7), Decimal("2.5"), Decimal("0.000003"), None))
        return acts.LineFound(
            line=line, described_as="Vests.", item_class=acts.ItemClass.OTHER, quantity=Quantity(amount, Unit.KILOGRAM)
        )

    def propose(self, goods: Goods) -> Command:
        """An act on the goods, mostly on a line that is still somewhere."""
        if self.rng.random() < 0.15 or not goods.lines:
            return self.rng.choice(self.on_goods(goods))
        going = [n for n, line in goods.lines.items() if not isinstance(line, stages.ENDED)]
        number = self.rng.choice(going if going and self.rng.random() < 0.95 else list(goods.lines))
        line = goods.lines[number]
        makers = [self.sealing, self.keeping, self.ending, self.ending] if isinstance(line, stages.AT_REST) else [self.away]
        if line.item.discrepancies:
            makers.append(self.explaining)
        return self.rng.choice(self.rng.choice(makers)(number, line))

    def sealing(self, number: str, line: Line) -> list[Command]:
        """Sealed, opened, and what must not be done to a sealed line."""
        keeper, seal = line.item.custodian, line.item.seal
        count = Quantity(Decimal(self.rng.randint(0, 3)), Unit.KILOGRAM)
        opening = [
            self.act(item_acts.MeasureItem, keeper, line=number, count=count),
            self.split(number, line),
            self.split(number, line),
            self.sample(number, line),
        ]
        if seal is None:
            return [*opening, self.act(custody_acts.ApplySeal, keeper, line=number, seal=self.fresh("S"))]
        witness, purpose = self.other(keeper), custody_acts.SealBreakPurpose.OTHER
        return [
            self.rng.choice(opening),
            self.act(custody_acts.BreakSeal, keeper, line=number, purpose=purpose, witness=witness),
            self.act(custody_acts.ReplaceSeal, keeper, line=number, seal=self.fresh("S"), witness=witness),
            self.act(custody_acts.CheckSeal, keeper, line=number, read=seal, intact=True),
        ]

    def keeping(self, number: str, line: Line) -> list[Command]:
        """Stored, moved, checked out, offered, missing."""
        keeper, place = line.item.custodian, self.fresh("Store ")
        out = {"purpose": custody_acts.CheckOutPurpose.COURT, "due": self.moment + 9 * HOUR, "taken_by": "o-9"}
        transfer = {"to": self.other(keeper), "purpose": custody_acts.TransferPurpose.STORAGE}
        moved: list[Command] = [
            self.act(custody_acts.MoveItem, keeper, line=number, place=place),
            self.act(custody_acts.CheckOutItem, keeper, line=number, **out),
            self.act(custody_acts.CheckOutItem, keeper, line=number, **out),
        ]
        return [
            *(moved if line.item.place else [self.act(custody_acts.StoreItem, keeper, line=number, place=place)]),
            self.act(custody_acts.OfferTransfer, keeper, line=number, **transfer),
            self.act(custody_acts.OfferTransfer, keeper, line=number, **transfer),
            self.act(item_acts.ReportItemMissing, self.other(), line=number),
        ]

    def split(self, number: str, line: Line) -> Command:
        """A line divided into two parts, seldom of another sum."""
        whole = line.item.quantity.amount or Decimal(1)
        first = (whole / self.rng.choice((2, 3, 4))).quantize(Decimal("0.000001"))
        rest = whole - first if self.rng.random() < 0.95 else whole
        parts = tuple(item_acts.Part(self.fresh("P"), Quantity(amount, Unit.KILOGRAM)) for amount in (first, rest))
        return self.act(item_acts.SplitItem, line.item.custodian, line=number, parts=parts)

    def sample(self, number: str, line: Line) -> Command:
        """Some or all of a line, kept or used up."""
        whole = line.item.quantity.amount or Decimal(1)
        taken = whole if self.rng.random() < 0.2 else (whole / 3).quantize(Decimal("0.000001"))
        kept = self.fresh("P") if self.rng.random() < 0.5 else None
        stated = {"quantity": Quantity(taken, Unit.KILOGRAM), "purpose": item_acts.SamplePurpose.OTHER, "sample": kept}
        return self.act(item_acts.TakeSample, self.other(), line=number, **stated)

    def away(self, number: str, line: Line) -> list[Command]:
        """What a line that is away, missing or gone may take."""
        keeper, place, finder = line.item.custodian, self.fresh("Store "), self.other()
        read = line.item.seal if self.rng.random() < 0.9 else "S0"
        match line:
            case stages.Out():
                return [
                    self.act(custody_acts.CheckInItem, keeper, line=number, place=place, seal=read),
                    self.sample(number, line),
                    self.act(item_acts.ReportItemMissing, keeper, line=number),
                ]
            case stages.InTransit(to=to):
                ground = custody_acts.TransferRefusalGround.OTHER
                return [
                    self.act(custody_acts.AcceptTransfer, to, line=number, seal=read),
                    self.act(custody_acts.AcceptTransfer, to, line=number, seal=read, place=place),
                    self.act(custody_acts.RefuseTransfer, to, line=number, ground=ground, seal=read),
                    self.act(custody_acts.WithdrawTransfer, keeper, line=number),
                    self.act(item_acts.ReportItemMissing, to, line=number),
                ]
            case stages.Missing() | stages.Lost():
                return [
                    self.act(item_acts.RecordItemFound, finder, line=number, place=place, custodian=finder, seal=read),
                    self.act(item_acts.RecordItemFound, finder, line=number, place=place, custodian=finder, seal=read),
                    self.act(item_acts.WriteOffLoss, self.rng.choice(JUDGES), line=number),
                ]
            case _:
                return self.ending(number, line)

    def ending(self, number: str, line: Line) -> list[Command]:
        """Orders and their execution, appeals, early disposal."""
        judge, about = self.rng.choice(JUDGES), {"line": number}
        give_back = self.act(claim_acts.OrderReturn, judge, to=PERSON, **about)
        if not isinstance(line, stages.Held | stages.ReturnPending):
            appeal = {"appeal": self.fresh("A"), "appellant": PERSON, "grounds": "Mine."}
            outcome = self.rng.choice(list(disposal_acts.ForfeitureAppealOutcome))
            return [
                *self.going(number, line),
                give_back,
                self.act(disposal_acts.LodgeForfeitureAppeal, "o-9", **about, **appeal),
                self.act(disposal_acts.DecideForfeitureAppeal, "o-12", outcome=outcome, **about),
            ]
        risk = {"risk": disposal_acts.KeepingRisk.DANGEROUS, "finding": "It leaks."}
        early = self.rng.choice(list(disposal_acts.EarlyDisposalOutcome))
        return [
            give_back,
            self.act(claim_acts.OrderForfeiture, judge, **about),
            self.act(disposal_acts.RecordKeepingRisk, judge, **about, **risk),
            self.act(disposal_acts.DecideEarlyDisposal, judge, outcome=early, **about),
            self.act(claim_acts.ReturnItem, line.item.custodian, to=PERSON, receipt="R", **about),
        ]

    def going(self, number: str, line: Line) -> list[Command]:
        """Destroyed, sold or handed over, each ordered and carried out."""
        judge, keeper, about = self.rng.choice(JUDGES), line.item.custodian, {"line": number}
        sold = {"buyer": OTHER_PERSON, "price": "EUR 1", "receipt": "R"}
        if isinstance(line, stages.Forfeited):
            return [
                self.act(claim_acts.OrderDestruction, judge, **about),
                self.act(disposal_acts.OrderSale, judge, **about),
                self.act(disposal_acts.OrderHandover, judge, to="Army", **about),
            ]
        return [
            self.act(claim_acts.WitnessDestruction, keeper, method="Burned", witnesses=("o-10", "o-11"), **about),
            self.act(disposal_acts.SellItem, keeper, **about, **sold),
            self.act(disposal_acts.HandOverItem, keeper, to="Army", receipt="R", **about),
        ]

    def explaining(self, number: str, line: Line) -> list[Command]:
        """A discrepancy explained by an officer who has nothing to do with it."""
        told = {"cause": item_acts.DiscrepancyCause.OTHER, "explanation": "Misread."}
        return [self.act(item_acts.ExplainDiscrepancy, "o-12", line=number, concern=c, **told) for c in line.item.discrepancies]

    def on_goods(self, goods: Goods) -> list[Command]:
        """Claims, holds, a review, the close; seldom a declaration that the seizure was unlawful."""
        judge, some = self.rng.choice(JUDGES), tuple(self.rng.sample(sorted(goods.lines), min(1, len(goods.lines))))
        rejected, returned = claim_acts.ClaimOutcome.REJECTED, acts.RetentionOutcome.RETURN
        claims = [number for number, claim in goods.claims.items() if claim.outcome is None]
        holds = [number for number, hold in goods.legal_holds.items() if not hold.lifted]
        claim = {"claim": self.fresh("K"), "claimant": PERSON, "grounds": "Mine.", "lines": some}
        if self.rng.random() < 0.01:
            return [self.act(acts.DeclareSeizureUnlawful, judge, declared_by="Court")]
        return [
            *(self.act(claim_acts.DecideClaim, judge, claim=number, outcome=rejected) for number in claims * 3),
            *(self.act(disposal_acts.LiftLegalHold, judge, hold=number) for number in holds * 3),
            self.act(claim_acts.LodgeClaim, "o-9", **claim),
            self.act(disposal_acts.PlaceLegalHold, judge, hold=self.fresh("H"), lines=some),
            self.act(acts.ReviewRetention, judge, outcome=returned, lines=some),
            self.act(acts.CloseSeizure, judge),
        ]
