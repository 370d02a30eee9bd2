"""What each fact changes in the seizure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from domain.kernel import Event, Nothing, Stage, impossible
from domain.kinds.seizure.acts import (
    ConsignmentIntercepted,
    ConsignmentReleased,
    GoodsSeized,
    InventoryCompleted,
    ItemInventoried,
    LineEvent,
    RetentionReviewed,
    SeizureClosed,
    SeizureDeclaredUnlawful,
    StocktakeCompleted,
)
from domain.kinds.seizure.claim_acts import (
    ClaimDecided,
    ClaimLodged,
    DestructionOrdered,
    DestructionWitnessed,
    ForfeitureOrdered,
    InterestedPartyIdentified,
    ItemReturned,
    NoticeReturned,
    NoticeServed,
    PurchaseEvidenceSubmitted,
    ReturnOrdered,
    SeizureNoticeIssued,
)
from domain.kinds.seizure.custody_acts import SealApplied, SealReplaced
from domain.kinds.seizure.disposal_acts import (
    EarlyDisposalDecided,
    EarlyDisposalOutcome,
    ForfeitureAppealLodged,
    HandoverOrdered,
    ItemHandedOver,
    ItemSold,
    LegalHoldLifted,
    LegalHoldPlaced,
    SaleOrdered,
)
from domain.kinds.seizure.item_acts import ItemFound
from domain.kinds.seizure.line_evolve import evolve_line, inventoried, parts_of, put
from domain.kinds.seizure.stages import (
    CLOSABLE,
    EVER_SEIZED,
    HOLDING,
    SETTLING,
    Claim,
    Closed,
    Contested,
    Determined,
    Disposing,
    Goods,
    Intercepted,
    Inventoried,
    LegalHold,
    Line,
    Notice,
    Notified,
    ReleasedToOwner,
    Seized,
)


def evolve(stage: Stage, event: Event) -> Stage:
    """The seizure after one more fact. Raises ImpossibleHistory if it cannot follow."""
    match stage, event:
        case Nothing(), ConsignmentIntercepted():
            return Intercepted()
        case Intercepted(), ConsignmentReleased():
            return ReleasedToOwner()
        case Intercepted(), GoodsSeized(officers=officers, decided_by=decider):
            return Seized(Goods(officers=frozenset({*officers, decider})))
        case _, SeizureDeclaredUnlawful() if isinstance(stage, EVER_SEIZED):
            return determined(stage, replace(stage.goods, unlawful=True))
        case Seized(goods=goods), ItemInventoried(line=line):
            return replace(stage, goods=with_lines(goods, event, {line: inventoried(event)}))
        case Seized(goods=goods), InventoryCompleted(lines=lines):
            check_lines(goods, event, lines)
            return after_inventory(goods)
        case _, SeizureClosed(reconciliation=accounts) if isinstance(stage, CLOSABLE):
            check_lines(stage.goods, event, (account.line for account in accounts))
            return Closed(stage.goods)
        case Closed(goods=goods), ItemFound() | ForfeitureAppealLodged():
            return Determined(line_changed(goods, event))
        case _, LineEvent() if isinstance(stage, HOLDING):
            return after_line_event(stage, event)
        case _ if isinstance(stage, HOLDING):
            return after_case_event(stage, event)
        case _:
            impossible(stage, event)


def after_inventory(goods: Goods) -> Stage:
    """Where a completed inventory leads: what was claimed or declared meanwhile is not forgotten."""
    if goods.claimed:
        return Contested(goods)
    return Determined(goods) if goods.unlawful else Inventoried(goods)


def determined(stage: EVER_SEIZED, goods: Goods) -> Stage:
    """It is decided what becomes of goods; an inventory under way, an open claim and a disposal under way go on."""
    if isinstance(stage, Seized | Contested | Disposing):
        return replace(stage, goods=goods)
    return Determined(goods)


def disposing(stage: HOLDING, goods: Goods) -> Stage:
    """Goods go; an inventory under way and an open claim to others go on."""
    return replace(stage, goods=goods) if isinstance(stage, Seized | Contested) else Disposing(goods)


def check_lines(goods: Goods, event: Event, lines: Iterable[str]) -> None:
    """Raise ImpossibleHistory if a fact names a line that is not in the inventory."""
    if not all(line in goods.lines for line in lines):
        impossible(goods, event)


def with_lines(goods: Goods, event: Event, new: Mapping[str, Line]) -> Goods:
    """The goods with further lines under numbers not in use."""
    if not goods.lines.keys().isdisjoint(new):
        impossible(goods, event)
    return replace(goods, lines=MappingProxyType({**goods.lines, **new}))


# --- Lines ----------------------------------------------------------------------------------------------------


def after_line_event(stage: HOLDING, event: LineEvent) -> Stage:
    """The seizure after a fact about one line."""
    goods = line_changed(stage.goods, event)
    match event:
        case ReturnOrdered() | ForfeitureOrdered():
            return determined(stage, goods)
        case EarlyDisposalDecided(outcome=EarlyDisposalOutcome.KEEP):
            return replace(stage, goods=goods)
        case EarlyDisposalDecided() | DestructionOrdered() | SaleOrdered() | HandoverOrdered():
            return disposing(stage, goods)
        case ItemReturned() | DestructionWitnessed() | ItemSold() | ItemHandedOver():
            return disposing(stage, goods)
        case _:
            return replace(stage, goods=goods)


def line_changed(goods: Goods, event: LineEvent) -> Goods:
    """The goods with one line changed, new parts entered, claimed and held back as it was, and its seal remembered."""
    line = goods.lines.get(event.line)
    if line is None:
        impossible(goods, event)
    after = evolve_line(line, event)
    parts = parts_of(line, event)
    if parts:
        goods = with_lines(goods, event, parts)
        numbers = frozenset(parts)
        claims = {number: claim.divided(event.line, numbers) for number, claim in goods.claims.items()}
        held = {number: hold.divided(event.line, numbers) for number, hold in goods.legal_holds.items()}
        goods = replace(goods, claims=MappingProxyType(claims), legal_holds=MappingProxyType(held))
    if isinstance(event, SealApplied | SealReplaced):
        if event.seal in goods.seals:
            impossible(goods, event)
        goods = replace(goods, seals=goods.seals | {event.seal})
    return replace(goods, lines=put(goods.lines, event.line, after))


# --- Holds, notice and claims -----------------------------------------------------------------------------------


def after_case_event(stage: HOLDING, event: Event) -> Stage:
    """The seizure after a fact about all the goods: review, stocktake, notice, claim."""
    goods = stage.goods
    match event:
        case RetentionReviewed(lines=lines):
            check_lines(goods, event, lines)
            return stage
        case StocktakeCompleted(counted=counted):
            check_lines(goods, event, (count.line for count in counted))
            return stage
        case SeizureNoticeIssued() | NoticeServed() | NoticeReturned() if isinstance(stage, SETTLING):
            return after_notice(stage, event)
        case ClaimLodged() | PurchaseEvidenceSubmitted() | ClaimDecided():
            return after_claim(stage, event)
        case LegalHoldPlaced() | LegalHoldLifted():
            return replace(stage, goods=after_hold(goods, event))
        case InterestedPartyIdentified(party=party) if party not in goods.parties:
            return replace(stage, goods=replace(goods, parties=goods.parties | {party}))
        case _:
            impossible(stage, event)


def after_hold(goods: Goods, event: LegalHoldPlaced | LegalHoldLifted) -> Goods:
    """Legal holds: each is placed and lifted once."""
    hold = goods.legal_holds.get(event.hold)
    match event:
        case LegalHoldPlaced(lines=lines) if hold is None:
            check_lines(goods, event, lines)
            placed = LegalHold(frozenset(lines))
        case LegalHoldLifted() if hold is not None and not hold.lifted:
            placed = replace(hold, lifted=True)
        case _:
            impossible(goods, event)
    return replace(goods, legal_holds=put(goods.legal_holds, event.hold, placed))


def after_notice(stage: SETTLING, event: SeizureNoticeIssued | NoticeServed | NoticeReturned) -> Stage:
    """Notices: the first one served notifies."""
    goods = stage.goods
    notice = goods.notices.get(event.notice)
    match event:
        case SeizureNoticeIssued(party=party) if notice is None:
            return replace(stage, goods=replace(goods, notices=put(goods.notices, event.notice, Notice(party))))
        case NoticeReturned() if notice is not None and not notice.served:
            back = replace(notice, returned=True)
            return replace(stage, goods=replace(goods, notices=put(goods.notices, event.notice, back)))
        case NoticeServed(when=when) if notice is not None and not notice.served:
            served = replace(notice, served=True, since=when.latest if when.precise else None)
            goods = replace(goods, notices=put(goods.notices, event.notice, served))
            return Notified(goods) if isinstance(stage, Inventoried) else replace(stage, goods=goods)
        case _:
            impossible(stage, event)


def after_claim(stage: HOLDING, event: ClaimLodged | PurchaseEvidenceSubmitted | ClaimDecided) -> Stage:
    """Claims: the seizure is contested while one is open, and determined when the last is decided."""
    goods = stage.goods
    claim = goods.claims.get(event.claim)
    match event:
        case ClaimLodged(claimant=claimant, lines=lines) if claim is None:
            check_lines(goods, event, lines)
            goods = replace(goods, claims=put(goods.claims, event.claim, Claim(claimant, frozenset(lines))))
            return replace(stage, goods=goods) if isinstance(stage, Seized) else Contested(goods)
        case PurchaseEvidenceSubmitted() if claim is not None and claim.outcome is None:
            return stage
        case ClaimDecided(outcome=outcome, upheld=upheld) if claim is not None and claim.outcome is None:
            check_lines(goods, event, upheld)
            decided = replace(claim, outcome=outcome, upheld=frozenset(upheld))
            goods = replace(goods, claims=put(goods.claims, event.claim, decided))
            ended = isinstance(stage, Contested) and not goods.claimed
            return Determined(goods) if ended else replace(stage, goods=goods)
        case _:
            impossible(stage, event)
