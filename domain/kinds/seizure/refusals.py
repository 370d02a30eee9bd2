"""Every rule of a seizure that can say no, and where it comes from."""

from domain.kernel import Refusal

RULES = "casetrail design, rules of a seizure"
PROFILE = "default-neutral@1"
SEPARATION = "casetrail design, safeguards: reviewer, checker and decider are different people from the doer"
STORES = "casetrail design, rules of a seizure, after US GAO AIMD-94-6 (1993) on weighing, counting and storing seized goods"

# --- Seizure and inventory ------------------------------------------------------------------------------------

BASIS_LATER = Refusal("seizure-basis-later", "A seizure rests on a basis that was issued by the day of the seizure.", RULES)
WITNESS_UNRECORDED = Refusal("seizure-witness-unrecorded", "A seizure names either a witness or why there was none.", RULES)
RECEIPT_UNRECORDED = Refusal(
    "seizure-receipt-unrecorded", "Whoever goods are taken from gets a receipt, or the reason why not is stated.", RULES
)
SECOND_OFFICER = Refusal("second-officer-same", "An inventory is taken before a second officer.", SEPARATION)
LINE_TAKEN = Refusal("line-number-used", "A line's number is used once in a case.", RULES)
TOO_MANY_LINES = Refusal("too-many-lines", "One case has at most 1000 lines.", RULES)
NOTHING_THERE = Refusal("quantity-nothing", "A line is of something: its count may be unknown but is not zero.", RULES)
WEIGHT_INCOMPLETE = Refusal(
    "weight-incomplete", "A weight states an amount in grams or kilograms and the scale it was read from.", STORES
)
INVENTORY_EMPTY = Refusal("inventory-empty", "An inventory has at least one line.", RULES)
NO_SUCH_LINE = Refusal("no-such-line", "There is no line of that number in this case.", RULES)
LINE_NOT_OPEN = Refusal("line-not-open", "This command is not open in the line's present condition.", RULES)

# --- Seals and custody ----------------------------------------------------------------------------------------

SEAL_USED = Refusal("seal-number-used", "A seal's number is used once.", RULES)
ALREADY_SEALED = Refusal("already-sealed", "A line has one seal at a time.", RULES)
NOT_SEALED = Refusal("not-sealed", "The line has no seal.", RULES)
ITEM_SEALED = Refusal("item-sealed", "A sealed line is not opened, counted or sampled before its seal is broken.", RULES)
SEAL_WITNESS = Refusal("seal-witness-same", "A seal is broken or replaced before another officer as witness.", SEPARATION)
NOT_CUSTODIAN = Refusal("not-the-custodian", "Only the custodian disposes over where a line is and who gets it.", RULES)
ALREADY_STORED = Refusal("already-stored", "A stored line is moved, not stored again.", RULES)
NOT_STORED = Refusal("not-stored", "A line that is in no store can neither be moved nor checked out.", RULES)
SAME_PLACE = Refusal("same-place", "The line is already there.", RULES)
DUE_BEFORE = Refusal("due-before-check-out", "A line is due back after it was checked out.", RULES)
OFFER_TO_CUSTODIAN = Refusal("offer-to-custodian", "Custody is offered to somebody who does not have it.", RULES)
NOT_RECEIVER = Refusal("not-the-receiver", "Only the one to whom custody was offered accepts or refuses it.", RULES)
GIVER_ACCEPTS = Refusal(
    "giver-records-acceptance", "Whoever gives a line away records neither its acceptance nor its refusal.", SEPARATION
)
SEAL_DIFFERS = Refusal(
    "seal-differs", "A line whose seal is not the recorded one is not taken over; the difference is recorded.", RULES
)

SEAL_AGREES = Refusal(
    "seal-agrees", "A line refused because its seal differs states the seal found, which is not the recorded one.", RULES
)
STORAGE_UNFIT = Refusal(
    "storage-unfit", "A line that needs a certain class of store is put only into a place stated to be of it.", STORES
)
STORAGE_ASSIGNED = Refusal("storage-class-assigned", "The line is already assigned to that class of store.", RULES)

# --- Measuring, dividing, losing ------------------------------------------------------------------------------

NOTHING_MEASURED = Refusal("nothing-measured", "A measurement states a weight or a count.", RULES)
UNIT_DIFFERS = Refusal("unit-differs", "A count is in the unit of the line, with an amount.", RULES)
NO_SUCH_DISCREPANCY = Refusal("no-such-discrepancy", "The line has no open discrepancy of that concern.", RULES)
EXPLAINED_BY_FINDER = Refusal(
    "explained-by-involved",
    "A discrepancy is explained by an officer who neither found it nor keeps the line.",
    SEPARATION,
)
NOT_THE_WHOLE = Refusal("parts-not-the-whole", "The parts of a line add up to the line, whose count is known.", RULES)
NOT_A_PART = Refusal(
    "sample-not-a-part", "A sample is more than nothing and no more than the line, whose count is known.", RULES
)
LOST_BY_CUSTODIAN = Refusal("written-off-by-custodian", "A custodian does not write off what was lost.", SEPARATION)
STOCKTAKE_BY_CUSTODIAN = Refusal("stocktake-by-custodian", "A custodian does not count his own stock.", SEPARATION)
STOCKTAKE_INCOMPLETE = Refusal("stocktake-incomplete", "A stocktake counts every line of the store, each once.", STORES)

# --- Classification -------------------------------------------------------------------------------------------

ALREADY_CLASSIFIED = Refusal(
    "already-classified", "A line that stands in a list is classified anew there by a revision.", RULES
)
NOT_CLASSIFIED = Refusal("not-classified", "The line is not classified in that list.", RULES)
CLASSIFICATION_UNCHANGED = Refusal("classification-unchanged", "A revision changes the classification.", RULES)
CONTEST_DECIDED_BY_CLASSIFIER = Refusal(
    "contest-decided-by-classifier", "Whoever made a classification does not decide when it is contested.", SEPARATION
)
NOT_CONTESTED = Refusal("classification-not-contested", "The classification is not contested.", RULES)

# --- Notice, claims and disposal ------------------------------------------------------------------------------

NOTICE_USED = Refusal("notice-number-used", "A notice's number is used once in a case.", RULES)
NO_SUCH_NOTICE = Refusal("no-such-notice", "There is no notice of that number in this case.", RULES)
NOTICE_SERVED = Refusal("notice-served", "A notice that was served has neither to be served nor can it come back.", RULES)
PARTY_KNOWN = Refusal("party-known", "A party becomes known once; whoever was sent a notice is known.", RULES)
CLAIM_USED = Refusal("claim-number-used", "A claim's number is used once in a case.", RULES)
NO_SUCH_CLAIM = Refusal("no-such-claim", "There is no claim of that number in this case.", RULES)
CLAIM_DECIDED = Refusal("claim-decided", "The claim is decided.", RULES)
CLAIM_LATE = Refusal(
    "claim-late-without-reason",
    "A claim after the window that service started says why it is late.",
    f"{PROFILE}, owner's claim window",
)
UPHELD_LINES = Refusal(
    "upheld-lines", "A partly upheld claim names which of its lines are upheld, and only such a claim does.", RULES
)
SEIZER_DECIDES = Refusal(
    "seizing-officer-decides",
    "Whoever seized goods decides on no claim, review, forfeiture, disposal or appeal.",
    SEPARATION,
)
RETENTION_UNTIL = Refusal(
    "retention-until", "Goods kept on are kept until a later moment; goods to be returned are not kept on.", RULES
)
RETENTION_UNLAWFUL = Refusal("retention-unlawful", "Goods unlawfully seized are not kept on.", RULES)
CLAIM_OPEN = Refusal("claim-open", "Goods are not disposed of while a claim to them is open.", RULES)
DISCREPANCY_OPEN = Refusal(
    "discrepancy-open",
    "A line leaves, and a case closes, once every discrepancy is explained by another officer.",
    STORES,
)
HOLD_USED = Refusal("hold-number-used", "A legal hold's number is used once in a case.", RULES)
NO_SUCH_HOLD = Refusal("no-such-hold", "There is no legal hold of that number in this case that stands.", RULES)
HOLD_UNLAWFUL = Refusal("hold-on-unlawful-seizure", "Goods unlawfully seized are held back only by order of a court.", RULES)
LEGAL_HOLD = Refusal("legal-hold", "Goods are not disposed of, and a case is not closed, while a legal hold stands.", RULES)
APPEAL_OPEN = Refusal(
    "forfeiture-appeal-open",
    "Goods are not disposed of, and a case is not closed, while an appeal against their forfeiture is open.",
    RULES,
)
NOT_FORFEITED = Refusal("not-forfeited", "Only a forfeiture that stands is appealed against.", RULES)
NO_SUCH_APPEAL = Refusal("no-such-appeal", "No appeal against the line's forfeiture is open.", RULES)
APPEAL_BY_FORFEITER = Refusal(
    "appeal-decided-by-forfeiter", "Whoever ordered a forfeiture does not decide on the appeal against it.", SEPARATION
)
RISK_KNOWN = Refusal("keeping-risk-known", "The line waits already for a decision on its early disposal.", RULES)
NO_RISK = Refusal("no-keeping-risk", "Only goods recorded as perishable or dangerous are disposed of before forfeiture.", RULES)
RETURN_TO_ANOTHER = Refusal("return-to-another", "A line is handed to the party it was ordered returned to.", RULES)
FORFEITURE_UNNOTIFIED = Refusal(
    "forfeiture-without-notice", "Goods are forfeited only after notice of the seizure was served.", RULES
)
PARTY_UNNOTIFIED = Refusal(
    "party-without-notice",
    "Goods are forfeited only after every party that became known was served, or its notice came back and one for whom "
    "it may concern was served.",
    RULES,
)
UNLAWFULLY_SEIZED = Refusal(
    "unlawfully-seized", "Goods unlawfully seized are neither forfeited nor disposed of: they are returned.", RULES
)
CLAIM_UPHELD = Refusal(
    "claim-upheld", "Goods a claim was upheld for are forfeited or disposed of only by order of a court.", RULES
)
EVIDENCE_NEEDED = Refusal(
    "evidence-needed", "Goods that are evidence for a linked case are kept while the link stands, or go back.", RULES
)
HANDOVER_TO_ANOTHER = Refusal("handover-to-another", "A line is handed to the authority it was ordered to.", RULES)
TWO_WITNESSES = Refusal(
    "two-witnesses",
    "A destruction has two witnesses, neither the custodian nor the officer who carries it out.",
    SEPARATION,
)
ALREADY_UNLAWFUL = Refusal("already-unlawful", "The seizure is already declared unlawful.", RULES)
LINES_UNSETTLED = Refusal(
    "lines-unsettled", "A seizure is closed once every line is returned, forfeited, disposed of, lost or divided.", RULES
)
GOODS_OWED = Refusal("goods-owed", "A seizure declared unlawful is not closed while goods of it stand forfeited.", RULES)
