"""What must be asked of all the goods before a line of them may end: holds, appeals, claims, notice, links."""

from domain.dossier.acts import LinkState, LinkType
from domain.dossier.rules import require_party
from domain.kernel import Context, Events, Refused, record, require, require_another, require_authority, require_reason
from domain.kinds.seizure.acts import LineCommand
from domain.kinds.seizure.claim_acts import OrderDestruction, OrderForfeiture, OrderReturn, ReturnItem, WitnessDestruction
from domain.kinds.seizure.disposal_acts import (
    DecideEarlyDisposal,
    DecideForfeitureAppeal,
    EarlyDisposalOutcome,
    HandOverItem,
    LegalHoldLifted,
    LegalHoldPlaced,
    LiftLegalHold,
    LodgeForfeitureAppeal,
    OrderHandover,
    OrderSale,
    PlaceLegalHold,
    SellItem,
)
from domain.kinds.seizure.item_rules import decide_line
from domain.kinds.seizure.refusals import (
    APPEAL_OPEN,
    CLAIM_OPEN,
    CLAIM_UPHELD,
    EVIDENCE_NEEDED,
    FORFEITURE_UNNOTIFIED,
    HOLD_UNLAWFUL,
    HOLD_USED,
    LEGAL_HOLD,
    NO_SUCH_HOLD,
    PARTY_UNNOTIFIED,
    SEIZER_DECIDES,
    UNLAWFULLY_SEIZED,
)
from domain.kinds.seizure.rules import require_lines
from domain.kinds.seizure.stages import EVER_SETTLING, HOLDING, SETTLING, Goods
from domain.values import AuthorityKind

# --- Legal holds ----------------------------------------------------------------------------------------------


def by_court(command: LineCommand | PlaceLegalHold) -> bool:
    """Whether an act rests on the order of a court."""
    return command.authority is not None and command.authority.kind is AuthorityKind.COURT_ORDER


def place_legal_hold(stage: HOLDING, command: PlaceLegalHold, context: Context) -> Events:
    """Hold goods back on an authority; what is owed back only on that of a court."""
    require_authority(command)
    require_reason(command)
    require(command.hold not in stage.goods.legal_holds, HOLD_USED)
    require_lines(stage.goods, command.lines)
    require(not stage.goods.unlawful or by_court(command), HOLD_UNLAWFUL)
    return (record(LegalHoldPlaced, command),)


def lift_legal_hold(stage: HOLDING, command: LiftLegalHold, context: Context) -> Events:
    """Lift a hold that stands."""
    require_authority(command)
    require_reason(command)
    hold = stage.goods.legal_holds.get(command.hold)
    if hold is None or hold.lifted:
        raise Refused(NO_SUCH_HOLD)
    return (record(LegalHoldLifted, command),)


# --- What stands in the way -----------------------------------------------------------------------------------


def require_undisputed(goods: Goods, command: LineCommand) -> None:
    """Refuse to dispose of a line while a claim, a legal hold or an appeal stands."""
    require(not goods.claim_open_for(command.line), CLAIM_OPEN)
    require(not goods.held_back(command.line), LEGAL_HOLD)
    line = goods.lines.get(command.line)
    forfeiture = None if line is None else line.item.forfeiture
    require(forfeiture is None or forfeiture.appeal is None, APPEAL_OPEN)


def require_not_owed(goods: Goods, command: LineCommand) -> None:
    """Refuse to take for good what is owed back."""
    require(not goods.unlawful, UNLAWFULLY_SEIZED)
    require(by_court(command) or not goods.upheld_for(command.line), CLAIM_UPHELD)


def require_no_evidence_link(context: Context) -> None:
    """Refuse to do away with what a linked case needs as evidence."""
    links = context.dossier.links.items()
    needed = any(link is LinkType.EVIDENCE_FOR and state is LinkState.CONFIRMED for (_, link), state in links)
    require(not needed, EVIDENCE_NEEDED)


def require_disposable(goods: Goods, command: LineCommand, context: Context) -> None:
    """Refuse to do away with a line that is disputed, owed back or evidence elsewhere."""
    require_undisputed(goods, command)
    require_not_owed(goods, command)
    require_no_evidence_link(context)


def require_disinterested(goods: Goods, command: LineCommand, context: Context) -> None:
    """Refuse whoever seized the goods."""
    require_another(command, context, SEIZER_DECIDES, *goods.officers)


# --- Return and forfeiture ------------------------------------------------------------------------------------


def order_return(stage: SETTLING, command: OrderReturn, context: Context) -> Events:
    """Order a line returned to a known party once nothing stands in the way."""
    require_party(command.to, context)
    require_undisputed(stage.goods, command)
    return decide_line(stage.goods, command, context)


def return_item(stage: SETTLING, command: ReturnItem, context: Context) -> Events:
    """Hand a line back if still nothing stands in the way."""
    require_undisputed(stage.goods, command)
    return decide_line(stage.goods, command, context)


def order_forfeiture(stage: SETTLING, command: OrderForfeiture, context: Context) -> Events:
    """Forfeit a line after notice, by somebody who did not seize it, if it is neither disputed nor owed back."""
    goods = stage.goods
    require_disinterested(goods, command, context)
    require(any(notice.served for notice in goods.notices.values()), FORFEITURE_UNNOTIFIED)
    require(all(goods.notified(party) for party in goods.parties), PARTY_UNNOTIFIED)
    require_undisputed(goods, command)
    require_not_owed(goods, command)
    return decide_line(goods, command, context)


def lodge_forfeiture_appeal(stage: EVER_SETTLING, command: LodgeForfeitureAppeal, context: Context) -> Events:
    """Somebody in the party register appeals; a closed case is open again."""
    require_party(command.appellant, context)
    return decide_line(stage.goods, command, context)


def decide_forfeiture_appeal(stage: SETTLING, command: DecideForfeitureAppeal, context: Context) -> Events:
    """Decide an appeal, by somebody who did not seize the goods."""
    require_disinterested(stage.goods, command, context)
    return decide_line(stage.goods, command, context)


# --- Disposal -------------------------------------------------------------------------------------------------


def decide_early_disposal(stage: SETTLING, command: DecideEarlyDisposal, context: Context) -> Events:
    """Keep perishable or dangerous goods on, or do away with them under the guards of every disposal."""
    require_disinterested(stage.goods, command, context)
    if command.outcome is not EarlyDisposalOutcome.KEEP:
        require_disposable(stage.goods, command, context)
    return decide_line(stage.goods, command, context)


def order_destruction(stage: SETTLING, command: OrderDestruction, context: Context) -> Events:
    """Order a line destroyed, by somebody who did not seize it."""
    require_disinterested(stage.goods, command, context)
    require_disposable(stage.goods, command, context)
    return decide_line(stage.goods, command, context)


def witness_destruction(stage: SETTLING, command: WitnessDestruction, context: Context) -> Events:
    """Destroy a line if still nothing stands in the way."""
    require_disposable(stage.goods, command, context)
    return decide_line(stage.goods, command, context)


def order_sale(stage: SETTLING, command: OrderSale, context: Context) -> Events:
    """Order a line sold, by somebody who did not seize it."""
    require_disinterested(stage.goods, command, context)
    require_disposable(stage.goods, command, context)
    return decide_line(stage.goods, command, context)


def sell_item(stage: SETTLING, command: SellItem, context: Context) -> Events:
    """Sell a line to a known party if still nothing stands in the way."""
    require_party(command.buyer, context)
    require_disposable(stage.goods, command, context)
    return decide_line(stage.goods, command, context)


def order_handover(stage: SETTLING, command: OrderHandover, context: Context) -> Events:
    """Order a line handed to another authority, by somebody who did not seize it."""
    require_disinterested(stage.goods, command, context)
    require_disposable(stage.goods, command, context)
    return decide_line(stage.goods, command, context)


def hand_over_item(stage: SETTLING, command: HandOverItem, context: Context) -> Events:
    """Hand a line to another authority if still nothing stands in the way."""
    require_disposable(stage.goods, command, context)
    return decide_line(stage.goods, command, context)
