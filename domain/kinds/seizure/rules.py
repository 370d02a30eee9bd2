"""The rules of the seizure as a whole. What concerns one line alone is asked of the table of lines."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.dossier.duty_rules import require_nothing_owed
from domain.dossier.rules import require_party
from domain.kernel import (
    Command,
    Context,
    Events,
    Nothing,
    Rule,
    Stages,
    record,
    require,
    require_another,
    require_authority,
    require_reason,
)
from domain.kinds.seizure.acts import (
    MOST_LINES,
    CloseSeizure,
    CompleteInventory,
    ConsignmentIntercepted,
    ConsignmentReleased,
    DeclareSeizureUnlawful,
    GoodsSeized,
    InterceptConsignment,
    InventoryCompleted,
    InventoryLines,
    ItemInventoried,
    LineAccount,
    LineCommand,
    LineCount,
    LineFound,
    LineOutcome,
    ReleaseConsignment,
    RetentionOutcome,
    RetentionReviewed,
    ReviewRetention,
    RunStocktake,
    SeizeGoods,
    SeizureClosed,
    SeizureDeclaredUnlawful,
    StocktakeCompleted,
)
from domain.kinds.seizure.custody_acts import ApplySeal, ReplaceSeal
from domain.kinds.seizure.disposal_acts import ReturnBecameDue
from domain.kinds.seizure.findings import require_weight
from domain.kinds.seizure.item_acts import Concern, DiscrepancyFound, SplitItem, TakeSample
from domain.kinds.seizure.item_rules import decide_line
from domain.kinds.seizure.quantities import counts_differ
from domain.kinds.seizure.refusals import (
    ALREADY_UNLAWFUL,
    APPEAL_OPEN,
    BASIS_LATER,
    DISCREPANCY_OPEN,
    GOODS_OWED,
    INVENTORY_EMPTY,
    LEGAL_HOLD,
    LINE_TAKEN,
    LINES_UNSETTLED,
    NO_SUCH_LINE,
    NOTHING_THERE,
    RECEIPT_UNRECORDED,
    RETENTION_UNLAWFUL,
    RETENTION_UNTIL,
    SEAL_USED,
    SECOND_OFFICER,
    SEIZER_DECIDES,
    STOCKTAKE_BY_CUSTODIAN,
    STOCKTAKE_INCOMPLETE,
    TOO_MANY_LINES,
    UNIT_DIFFERS,
    WITNESS_UNRECORDED,
)
from domain.kinds.seizure.stages import (
    AT_REST,
    CLOSABLE,
    ENDED,
    EVER_SEIZED,
    HOLDING,
    Destroyed,
    Divided,
    Forfeited,
    Goods,
    Intercepted,
    Line,
    Lost,
    Returned,
    Seized,
    Sold,
    Transferred,
)
from domain.naming import snake

# --- From interception to inventory ---------------------------------------------------------------------------


def intercept_consignment(stage: Nothing, command: InterceptConsignment, context: Context) -> Events:
    """Stop a consignment, or goods at a place, on a stated basis."""
    require_authority(command)
    return (record(ConsignmentIntercepted, command, unit=context.actor.unit),)


def release_consignment(stage: Intercepted, command: ReleaseConsignment, context: Context) -> Events:
    """Let go what was stopped."""
    require_reason(command)
    return (record(ConsignmentReleased, command),)


def by_that_day(command: SeizeGoods, now: datetime) -> bool:
    """Whether the legal basis was issued by the day of the act, by the calendar of the place."""
    issued = command.authority.issued_on if command.authority else None
    day = min(command.when.latest or now, now).astimezone(ZoneInfo(command.when.zone)).date()
    return issued is None or issued <= day


def seize_goods(stage: Intercepted, command: SeizeGoods, context: Context) -> Events:
    """Seize on a legal basis that stood that day, before a witness or saying why there was none."""
    require_authority(command)
    require(by_that_day(command, context.now), BASIS_LATER)
    for party in command.refers_to():
        require_party(party, context)
    require((command.witness is None) != (command.witness_absent is None), WITNESS_UNRECORDED)
    unreceipted = command.from_party is not None and command.receipt is None
    require(not unreceipted or command.reason is not None, RECEIPT_UNRECORDED)
    return (record(GoodsSeized, command),)


def require_unused(goods: Goods, numbers: Sequence[str]) -> None:
    """Refuse line numbers already in use, or twice among the new ones, and more lines than a case may have."""
    require(len(set(numbers)) == len(numbers) and goods.lines.keys().isdisjoint(numbers), LINE_TAKEN)
    require(len(goods.lines) + len(numbers) <= MOST_LINES, TOO_MANY_LINES)


def entered(command: InventoryLines, found: LineFound) -> ItemInventoried:
    """The entry of one line in the inventory."""
    require(found.quantity.amount != 0, NOTHING_THERE)
    require_weight(found.weight, found.scale)
    return record(
        ItemInventoried,
        command,
        line=found.line,
        described_as=found.described_as,
        item_class=found.item_class,
        quantity=found.quantity,
        weight=found.weight,
        scale=found.scale,
        serials=found.serials,
        photos=found.photos,
        custodian=command.custodian or command.decided_by,
    )


def inventory_lines(stage: Seized, command: InventoryLines, context: Context) -> Events:
    """Enter lines as found, one fact each, before a second officer."""
    require(command.second_officer != command.decided_by, SECOND_OFFICER)
    require_unused(stage.goods, [found.line for found in command.lines])
    due = owed_back(stage.goods, command, [found.line for found in command.lines])
    return (*(entered(command, found) for found in command.lines), *due)


def complete_inventory(stage: Seized, command: CompleteInventory, context: Context) -> Events:
    """Complete the inventory."""
    require(len(stage.goods.lines) > 0, INVENTORY_EMPTY)
    return (record(InventoryCompleted, command, lines=tuple(stage.goods.lines)),)


# --- What is owed back ----------------------------------------------------------------------------------------


def return_due(command: Command, lines: Iterable[str]) -> Events:
    """That lines are owed back, one fact for each."""
    return tuple(record(ReturnBecameDue, command, line=line) for line in lines)


def owed_back(goods: Goods, command: Command, lines: Iterable[str]) -> Events:
    """That new lines of a seizure declared unlawful are owed back as the others are."""
    return return_due(command, lines) if goods.unlawful else ()


def not_ended(goods: Goods, lines: Sequence[str]) -> list[str]:
    """The lines, all of them where none is named, that could still go back."""
    return [number for number in lines or goods.lines if not isinstance(goods.lines[number], ENDED)]


# --- One line among the goods ---------------------------------------------------------------------------------


def on_line(stages: Stages, command_type: type[LineCommand]) -> Rule:
    """The seizure's rule for a command that concerns one line alone: what the table of lines says.

    Its annotations name the group of stages and the command, as those of every rule do.
    """

    def rule(stage: HOLDING, command: LineCommand, context: Context) -> Events:
        return decide_line(stage.goods, command, context)

    rule.__name__ = rule.__qualname__ = snake(command_type.__name__)
    rule.__doc__ = command_type.__doc__
    rule.__annotations__ |= {"stage": stages, "command": command_type}
    return rule


def apply_seal(stage: HOLDING, command: ApplySeal, context: Context) -> Events:
    """Seal a line with a number this case never used."""
    require(command.seal not in stage.goods.seals, SEAL_USED)
    return decide_line(stage.goods, command, context)


def replace_seal(stage: HOLDING, command: ReplaceSeal, context: Context) -> Events:
    """Replace a seal by one with a number this case never used."""
    require(command.seal not in stage.goods.seals, SEAL_USED)
    return decide_line(stage.goods, command, context)


def split_item(stage: HOLDING, command: SplitItem, context: Context) -> Events:
    """Divide a line into lines with new numbers."""
    parts = [part.line for part in command.parts]
    require_unused(stage.goods, parts)
    return (*decide_line(stage.goods, command, context), *owed_back(stage.goods, command, parts))


def take_sample(stage: HOLDING, command: TakeSample, context: Context) -> Events:
    """Take a sample; one that is kept gets a new number."""
    kept = [] if command.sample is None else [command.sample]
    require_unused(stage.goods, kept)
    return (*decide_line(stage.goods, command, context), *owed_back(stage.goods, command, kept))


# --- Keeping the goods ----------------------------------------------------------------------------------------


def require_lines(goods: Goods, lines: Sequence[str]) -> None:
    """Refuse lines that are not in the inventory."""
    require(all(line in goods.lines for line in lines), NO_SUCH_LINE)


def review_retention(stage: HOLDING, command: ReviewRetention, context: Context) -> Events:
    """Justify anew that goods are kept, by somebody who did not seize them."""
    require_reason(command)
    require_another(command, context, SEIZER_DECIDES, *stage.goods.officers)
    require_lines(stage.goods, command.lines)
    kept = command.outcome is RetentionOutcome.CONTINUE
    require(not (kept and stage.goods.unlawful), RETENTION_UNLAWFUL)
    later = command.until is not None and command.until >= (command.when.latest or context.now)
    require(later if kept else command.until is None, RETENTION_UNTIL)
    due = () if kept else return_due(command, not_ended(stage.goods, command.lines))
    return (record(RetentionReviewed, command), *due)


def in_store(line: Line, store: str) -> bool:
    """Whether a line should be in a store."""
    return isinstance(line, AT_REST) and line.item.place == store


def differences(command: RunStocktake, line: Line, counted: LineCount) -> Events:
    """What a count found that the record does not say: another amount, or a line that should not be there."""
    found: Events = ()
    event = record(
        DiscrepancyFound,
        command,
        line=counted.line,
        concern=Concern.COUNT,
        expected=None,
        actual=None,
        expected_quantity=line.item.quantity,
        actual_quantity=counted.quantity,
    )
    if counts_differ(line.item.quantity, counted.quantity):
        found += (event,)
    if not in_store(line, command.store):
        place = record(
            DiscrepancyFound,
            command,
            line=counted.line,
            concern=Concern.PLACE,
            expected=line.item.place,
            actual=command.store,
            expected_quantity=None,
            actual_quantity=None,
        )
        found += (place,)
    return found


def run_stocktake(stage: HOLDING, command: RunStocktake, context: Context) -> Events:
    """Count a store without its custodians: every line that should be there, and whatever else is."""
    lines = stage.goods.lines
    counted = [count.line for count in command.counted]
    require_lines(stage.goods, counted)
    expected = [number for number, line in lines.items() if in_store(line, command.store)]
    require(len(set(counted)) == len(counted) and set(expected) <= set(counted), STOCKTAKE_INCOMPLETE)
    custodians = [lines[number].item.custodian for number in counted]
    require_another(command, context, STOCKTAKE_BY_CUSTODIAN, *custodians)
    for count in command.counted:
        same = count.quantity.unit is lines[count.line].item.quantity.unit
        require(same and count.quantity.amount is not None, UNIT_DIFFERS)
    due = tuple(LineCount(number, lines[number].item.quantity) for number in expected)
    found = (event for count in command.counted for event in differences(command, lines[count.line], count))
    return (record(StocktakeCompleted, command, expected=due), *found)


# --- The end --------------------------------------------------------------------------------------------------


def declare_seizure_unlawful(stage: EVER_SEIZED, command: DeclareSeizureUnlawful, context: Context) -> Events:
    """Declare the seizure unlawful, even after it was closed: every line that is not gone is owed back."""
    require_authority(command)
    require(not stage.goods.unlawful, ALREADY_UNLAWFUL)
    return (record(SeizureDeclaredUnlawful, command), *return_due(command, not_ended(stage.goods, ())))


ENDS: dict[type[Line], LineOutcome] = {
    Returned: LineOutcome.RETURNED,
    Forfeited: LineOutcome.FORFEITED,
    Destroyed: LineOutcome.DESTROYED,
    Sold: LineOutcome.SOLD,
    Transferred: LineOutcome.TRANSFERRED,
    Lost: LineOutcome.LOST,
    Divided: LineOutcome.DIVIDED,
}
"""The conditions of a line in which every unit of it is accounted for."""


def close_seizure(stage: CLOSABLE, command: CloseSeizure, context: Context) -> Events:
    """Close once every unit is accounted for and nothing is open or owed; no claim is open in these stages."""
    require_nothing_owed(context)
    goods = stage.goods
    require(all(type(line) in ENDS for line in goods.lines.values()), LINES_UNSETTLED)
    require(not any(line.item.discrepancies for line in goods.lines.values()), DISCREPANCY_OPEN)
    require(all(hold.lifted for hold in goods.legal_holds.values()), LEGAL_HOLD)
    forfeitures = (line.item.forfeiture for line in goods.lines.values())
    require(not any(forfeiture and forfeiture.appeal for forfeiture in forfeitures), APPEAL_OPEN)
    forfeited = [number for number, line in goods.lines.items() if isinstance(line, Forfeited)]
    require(not forfeited or not goods.unlawful, GOODS_OWED)
    accounts = (LineAccount(n, ENDS[type(line)], line.item.quantity) for n, line in goods.lines.items())
    return (record(SeizureClosed, command, reconciliation=tuple(accounts)),)
