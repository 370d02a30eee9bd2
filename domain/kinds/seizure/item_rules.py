"""The rules of what is found out about one line and of its classification, and the table of all lines."""

from domain.kernel import (
    Context,
    Events,
    Refused,
    Table,
    expand,
    record,
    require,
    require_another,
    require_authority,
    require_reason,
)
from domain.kinds.seizure import custody_acts as acts
from domain.kinds.seizure import custody_rules as custody
from domain.kinds.seizure import disposal_acts as disposal
from domain.kinds.seizure import end_rules as end
from domain.kinds.seizure.acts import LineCommand
from domain.kinds.seizure.claim_acts import (
    OrderDestruction,
    OrderForfeiture,
    OrderReturn,
    ReturnItem,
    WitnessDestruction,
)
from domain.kinds.seizure.findings import compared_figures, compared_seal, require_count, require_weight
from domain.kinds.seizure.item_acts import (
    ClassificationContested,
    ClassificationRevised,
    ClassificationUpheld,
    ClassifyItem,
    ContestClassification,
    DiscrepancyExplained,
    ExplainDiscrepancy,
    ItemClassified,
    ItemFound,
    ItemMeasured,
    ItemMissing,
    ItemSplit,
    LossWrittenOff,
    MeasureItem,
    RecordItemFound,
    ReportItemMissing,
    ReviseClassification,
    SampleTaken,
    Scheme,
    SplitItem,
    TakeSample,
    UpholdClassification,
    WriteOffLoss,
)
from domain.kinds.seizure.quantities import less, sums_to
from domain.kinds.seizure.refusals import (
    ALREADY_CLASSIFIED,
    CLASSIFICATION_UNCHANGED,
    CONTEST_DECIDED_BY_CLASSIFIER,
    EXPLAINED_BY_FINDER,
    ITEM_SEALED,
    LINE_NOT_OPEN,
    LOST_BY_CUSTODIAN,
    NO_SUCH_DISCREPANCY,
    NO_SUCH_LINE,
    NOT_A_PART,
    NOT_CLASSIFIED,
    NOT_CONTESTED,
    NOT_THE_WHOLE,
    NOTHING_MEASURED,
)
from domain.kinds.seizure.stages import (
    AT_HAND,
    AT_REST,
    EVER_INVENTORIED,
    EVER_TAKEN,
    GONE,
    SOMEWHERE,
    TAKEN,
    Classified,
    Condemned,
    Forfeited,
    Goods,
    HandoverPending,
    Held,
    InTransit,
    Line,
    Missing,
    Out,
    ReturnPending,
    SalePending,
)
from domain.kinds.seizure.storage_acts import AssignStorageClass

# --- Measuring, dividing, losing ------------------------------------------------------------------------------


def measure_item(line: AT_HAND, command: MeasureItem, context: Context) -> Events:
    """Weigh a line as it lies, or count an open one; what differs is a discrepancy."""
    require(command.weight is not None or command.count is not None, NOTHING_MEASURED)
    require_weight(command.weight, command.scale)
    require(command.count is None or line.item.seal is None, ITEM_SEALED)
    require_count(line.item, command.count)
    return (record(ItemMeasured, command), *compared_figures(command, line.item, command.count, command.weight, context))


def explain_discrepancy(line: EVER_INVENTORIED, command: ExplainDiscrepancy, context: Context) -> Events:
    """Explain a discrepancy somebody else found in what somebody else keeps."""
    found = line.item.discrepancies.get(command.concern)
    if found is None:
        raise Refused(NO_SUCH_DISCREPANCY)
    require_another(command, context, EXPLAINED_BY_FINDER, *found.finders, line.item.custodian)
    return (record(DiscrepancyExplained, command),)


def split_item(line: Held, command: SplitItem, context: Context) -> Events:
    """Divide an open line whose count is known."""
    custody.require_custodian(line, command)
    require(line.item.seal is None, ITEM_SEALED)
    require(sums_to(line.item.quantity, (part.quantity for part in command.parts)), NOT_THE_WHOLE)
    return (record(ItemSplit, command),)


def take_sample(line: Held | Out, command: TakeSample, context: Context) -> Events:
    """Take a sample of an open line whose count is known."""
    require(line.item.seal is None, ITEM_SEALED)
    require(less(line.item.quantity, command.quantity) is not None, NOT_A_PART)
    return (record(SampleTaken, command),)


def report_item_missing(line: SOMEWHERE, command: ReportItemMissing, context: Context) -> Events:
    """Anybody may report a loss; it needs only saying what is known of it."""
    require_reason(command)
    return (record(ItemMissing, command),)


def record_item_found(line: GONE, command: RecordItemFound, context: Context) -> Events:
    """A line that turns up is taken back; another seal than the recorded one is a discrepancy."""
    return (record(ItemFound, command), *compared_seal(command, line.item, command.seal))


def write_off_loss(line: Missing, command: WriteOffLoss, context: Context) -> Events:
    """Give a missing line up; its custodian does not decide that."""
    require_authority(command)
    require_reason(command)
    require_another(command, context, LOST_BY_CUSTODIAN, line.item.custodian)
    return (record(LossWrittenOff, command),)


# --- Classification -------------------------------------------------------------------------------------------


def place_in(line: Line, scheme: Scheme) -> Classified:
    """The line's place in a list, or a refusal."""
    found = line.item.classified.get(scheme)
    if found is None:
        raise Refused(NOT_CLASSIFIED)
    return found


def classify_item(line: EVER_INVENTORIED, command: ClassifyItem, context: Context) -> Events:
    """Classify a line in a list it does not stand in yet."""
    require(command.classification.scheme not in line.item.classified, ALREADY_CLASSIFIED)
    return (record(ItemClassified, command),)


def contest_classification(line: EVER_INVENTORIED, command: ContestClassification, context: Context) -> Events:
    """Anybody may contest a classification, in their own words."""
    place_in(line, command.scheme)
    return (record(ClassificationContested, command),)


def revise_classification(line: EVER_INVENTORIED, command: ReviseClassification, context: Context) -> Events:
    """Replace a classification; one that is contested is decided on by somebody else."""
    was = place_in(line, command.now.scheme)
    require(command.now != was.classification, CLASSIFICATION_UNCHANGED)
    if was.contested:
        require_another(command, context, CONTEST_DECIDED_BY_CLASSIFIER, was.by)
    return (record(ClassificationRevised, command, was=was.classification),)


def uphold_classification(line: EVER_INVENTORIED, command: UpholdClassification, context: Context) -> Events:
    """Somebody else finds a contested classification right."""
    was = place_in(line, command.scheme)
    require(was.contested, NOT_CONTESTED)
    require_another(command, context, CONTEST_DECIDED_BY_CLASSIFIER, was.by)
    return (record(ClassificationUpheld, command),)


# --- The table of lines ---------------------------------------------------------------------------------------

LINES: Table = {
    (AT_HAND, acts.ApplySeal): custody.apply_seal,
    (AT_HAND, acts.CheckSeal): custody.check_seal,
    (AT_HAND, acts.BreakSeal): custody.break_seal,
    (AT_HAND, acts.ReplaceSeal): custody.replace_seal,
    (SOMEWHERE, AssignStorageClass): custody.assign_storage_class,
    (AT_REST, acts.StoreItem): custody.store_item,
    (AT_REST, acts.MoveItem): custody.move_item,
    (AT_REST, acts.CheckOutItem): custody.check_out_item,
    (Out, acts.CheckInItem): custody.check_in_item,
    (AT_REST, acts.OfferTransfer): custody.offer_transfer,
    (InTransit, acts.AcceptTransfer): custody.accept_transfer,
    (InTransit, acts.RefuseTransfer): custody.refuse_transfer,
    (InTransit, acts.WithdrawTransfer): custody.withdraw_transfer,
    (AT_HAND, MeasureItem): measure_item,
    (EVER_INVENTORIED, ExplainDiscrepancy): explain_discrepancy,
    (Held, SplitItem): split_item,
    (Held | Out, TakeSample): take_sample,
    (SOMEWHERE, ReportItemMissing): report_item_missing,
    (GONE, RecordItemFound): record_item_found,
    (Missing, WriteOffLoss): write_off_loss,
    (EVER_INVENTORIED, ClassifyItem): classify_item,
    (EVER_INVENTORIED, ContestClassification): contest_classification,
    (EVER_INVENTORIED, ReviseClassification): revise_classification,
    (EVER_INVENTORIED, UpholdClassification): uphold_classification,
    (Held | TAKEN, OrderReturn): end.order_return,
    (ReturnPending, ReturnItem): end.return_item,
    (Held, OrderForfeiture): end.order_forfeiture,
    (EVER_TAKEN, disposal.LodgeForfeitureAppeal): end.lodge_forfeiture_appeal,
    (EVER_TAKEN, disposal.DecideForfeitureAppeal): end.decide_forfeiture_appeal,
    (SOMEWHERE, disposal.RecordKeepingRisk): end.record_keeping_risk,
    (Held, disposal.DecideEarlyDisposal): end.decide_early_disposal,
    (Forfeited, OrderDestruction): end.order_destruction,
    (Condemned, WitnessDestruction): end.witness_destruction,
    (Forfeited, disposal.OrderSale): end.order_sale,
    (SalePending, disposal.SellItem): end.sell_item,
    (Forfeited, disposal.OrderHandover): end.order_handover,
    (HandoverPending, disposal.HandOverItem): end.hand_over_item,
}
"""What each command does to a line in each condition."""

LINE_RULES = expand(LINES)


def decide_line(goods: Goods, command: LineCommand, context: Context) -> Events:
    """What a command records about its line, by the table of lines."""
    line = goods.lines.get(command.line)
    if line is None:
        raise Refused(NO_SUCH_LINE)
    rule = LINE_RULES.get((type(line), type(command)))
    if rule is None:
        raise Refused(LINE_NOT_OPEN)
    return rule(line, command, context)
