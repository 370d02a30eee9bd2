"""A seizure: goods that were stopped and perhaps taken, until every unit is returned, forfeited or accounted for.

The law is that of the rule profile (default-neutral@1: protective defaults, no country's law). Three things are kept
apart: what was found, which never changes; what it is held to be, which may be contested and revised; and where it is
and who answers for it, which is known at every moment. Each line of the inventory has a table of its own, ``LINES``.
"""

from domain.kernel import Claims, Event, Kind, Nothing, Stage, Table
from domain.kinds.seizure import acts, claim_acts, claim_rules, custody_acts, item_acts, rules
from domain.kinds.seizure.evolve import evolve
from domain.kinds.seizure.stages import CLOSABLE, EVER_SEIZED, HOLDING, SETTLING, Intercepted, Seized

ONE_LINE: tuple[type[acts.LineCommand], ...] = (
    custody_acts.CheckSeal,
    custody_acts.BreakSeal,
    custody_acts.StoreItem,
    custody_acts.MoveItem,
    custody_acts.CheckOutItem,
    custody_acts.CheckInItem,
    custody_acts.OfferTransfer,
    custody_acts.AcceptTransfer,
    custody_acts.RefuseTransfer,
    custody_acts.WithdrawTransfer,
    item_acts.MeasureItem,
    item_acts.ExplainDiscrepancy,
    item_acts.ReportItemMissing,
    item_acts.RecordItemFound,
    item_acts.WriteOffLoss,
    item_acts.ClassifyItem,
    item_acts.ReviseClassification,
    item_acts.UpholdClassification,
)
"""Commands of which the table of lines alone decides."""

TABLE: Table = {
    (Nothing, acts.InterceptConsignment): rules.intercept_consignment,
    (Intercepted, acts.ReleaseConsignment): rules.release_consignment,
    (Intercepted, acts.SeizeGoods): rules.seize_goods,
    (Seized, acts.InventoryLines): rules.inventory_lines,
    (Seized, acts.CompleteInventory): rules.complete_inventory,
    (HOLDING, custody_acts.ApplySeal): rules.apply_seal,
    (HOLDING, custody_acts.ReplaceSeal): rules.replace_seal,
    **{(HOLDING, command): rules.on_line(HOLDING, command) for command in ONE_LINE},
    (HOLDING, item_acts.SplitItem): rules.split_item,
    (HOLDING, item_acts.TakeSample): rules.take_sample,
    (HOLDING, item_acts.ContestClassification): claim_rules.contest_classification,
    (HOLDING, acts.ReviewRetention): rules.review_retention,
    (HOLDING, acts.RunStocktake): rules.run_stocktake,
    (SETTLING, claim_acts.IssueSeizureNotice): claim_rules.issue_seizure_notice,
    (SETTLING, claim_acts.RecordNoticeService): claim_rules.record_notice_service,
    (SETTLING, claim_acts.RecordNoticeReturn): claim_rules.record_notice_return,
    (HOLDING, claim_acts.LodgeClaim): claim_rules.lodge_claim,
    (HOLDING, claim_acts.SubmitPurchaseEvidence): claim_rules.submit_purchase_evidence,
    (HOLDING, claim_acts.DecideClaim): claim_rules.decide_claim,
    (SETTLING, claim_acts.OrderReturn): claim_rules.order_return,
    (SETTLING, claim_acts.ReturnItem): claim_rules.return_item,
    (SETTLING, claim_acts.OrderForfeiture): claim_rules.order_forfeiture,
    (SETTLING, claim_acts.OrderDestruction): claim_rules.order_destruction,
    (SETTLING, claim_acts.WitnessDestruction): claim_rules.witness_destruction,
    (EVER_SEIZED, acts.DeclareSeizureUnlawful): rules.declare_seizure_unlawful,
    (CLOSABLE, acts.CloseSeizure): rules.close_seizure,
}

EVENTS: tuple[type[Event], ...] = (
    acts.ConsignmentIntercepted,
    acts.ConsignmentReleased,
    acts.GoodsSeized,
    acts.ItemInventoried,
    acts.InventoryCompleted,
    acts.RetentionReviewed,
    acts.StocktakeCompleted,
    acts.SeizureDeclaredUnlawful,
    acts.SeizureClosed,
    custody_acts.SealApplied,
    custody_acts.SealChecked,
    custody_acts.SealBroken,
    custody_acts.SealReplaced,
    custody_acts.ItemStored,
    custody_acts.ItemMoved,
    custody_acts.ItemCheckedOut,
    custody_acts.ItemCheckedIn,
    custody_acts.TransferOffered,
    custody_acts.TransferAccepted,
    custody_acts.TransferRefused,
    custody_acts.TransferWithdrawn,
    item_acts.ItemMeasured,
    item_acts.DiscrepancyFound,
    item_acts.DiscrepancyExplained,
    item_acts.ItemSplit,
    item_acts.SampleTaken,
    item_acts.ItemMissing,
    item_acts.ItemFound,
    item_acts.LossWrittenOff,
    item_acts.ItemClassified,
    item_acts.ClassificationContested,
    item_acts.ClassificationRevised,
    item_acts.ClassificationUpheld,
    claim_acts.SeizureNoticeIssued,
    claim_acts.NoticeServed,
    claim_acts.NoticeReturned,
    claim_acts.ClaimLodged,
    claim_acts.PurchaseEvidenceSubmitted,
    claim_acts.ClaimDecided,
    claim_acts.ReturnOrdered,
    claim_acts.ItemReturned,
    claim_acts.ForfeitureOrdered,
    claim_acts.DestructionOrdered,
    claim_acts.DestructionWitnessed,
)


def holds(stage: Stage) -> Claims:
    """Every seal number ever applied in the case: none is used again, in this case or another."""
    return frozenset(("seal-number", seal) for seal in stage.goods.seals) if isinstance(stage, EVER_SEIZED) else frozenset()


KIND = Kind(
    name="seizure",
    route="seizures",
    law="Seizure of goods under default-neutral@1: inventory, custody without a gap, notice, claims, lawful disposal.",
    events=EVENTS,
    table=TABLE,
    evolve=evolve,
    holds=holds,
)
