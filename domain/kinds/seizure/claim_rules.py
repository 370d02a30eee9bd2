"""The rules of notice, of claims and of contested classifications."""

from domain.dossier.rules import require_party
from domain.kernel import Context, Events, Refused, record, require, require_another, require_reason
from domain.kinds.seizure.claim_acts import (
    ClaimDecided,
    ClaimLodged,
    ClaimOutcome,
    DecideClaim,
    IdentifyInterestedParty,
    InterestedPartyIdentified,
    IssueSeizureNotice,
    LodgeClaim,
    NoticeReturned,
    NoticeServed,
    PurchaseEvidenceSubmitted,
    RecordNoticeReturn,
    RecordNoticeService,
    SeizureNoticeIssued,
    SubmitPurchaseEvidence,
)
from domain.kinds.seizure.item_acts import ContestClassification
from domain.kinds.seizure.item_rules import decide_line
from domain.kinds.seizure.refusals import (
    CLAIM_DECIDED,
    CLAIM_LATE,
    CLAIM_USED,
    NO_SUCH_CLAIM,
    NO_SUCH_NOTICE,
    NOTICE_SERVED,
    NOTICE_USED,
    PARTY_KNOWN,
    SEIZER_DECIDES,
    UPHELD_LINES,
)
from domain.kinds.seizure.rules import require_lines
from domain.kinds.seizure.stages import HOLDING, SETTLING, Claim, Goods
from domain.limits import limit_end

# --- Notice ---------------------------------------------------------------------------------------------------


def identify_interested_party(stage: HOLDING, command: IdentifyInterestedParty, context: Context) -> Events:
    """Somebody in the party register turns out to have an interest; notice to them is owed from then on."""
    require_party(command.party, context)
    addressees = {notice.party for notice in stage.goods.notices.values()}
    require(command.party not in stage.goods.parties | addressees, PARTY_KNOWN)
    return (record(InterestedPartyIdentified, command),)


def issue_seizure_notice(stage: SETTLING, command: IssueSeizureNotice, context: Context) -> Events:
    """Issue notice to a known party, or to whom it may concern."""
    if command.party is not None:
        require_party(command.party, context)
    require(command.notice not in stage.goods.notices, NOTICE_USED)
    return (record(SeizureNoticeIssued, command),)


def require_unserved(goods: Goods, number: str) -> None:
    """Refuse a notice that does not exist or was served."""
    notice = goods.notices.get(number)
    if notice is None:
        raise Refused(NO_SUCH_NOTICE)
    require(not notice.served, NOTICE_SERVED)


def record_notice_service(stage: SETTLING, command: RecordNoticeService, context: Context) -> Events:
    """Record service; a time not known to the minute starts no window against anybody."""
    require_unserved(stage.goods, command.notice)
    return (record(NoticeServed, command),)


def record_notice_return(stage: SETTLING, command: RecordNoticeReturn, context: Context) -> Events:
    """Record that a notice came back; it may be served again."""
    require_unserved(stage.goods, command.notice)
    return (record(NoticeReturned, command),)


# --- Claims ---------------------------------------------------------------------------------------------------


def is_late(goods: Goods, command: LodgeClaim, context: Context) -> bool:
    """Whether a claim comes after the window that service on the claimant started; the last service counts."""
    since = [n.since for n in goods.notices.values() if n.served and n.party == command.claimant]
    known = [moment for moment in since if moment is not None]
    if not known or len(known) < len(since):
        return False
    return (command.when.latest or context.now) > limit_end(context, "claim_window", max(known), command.when.zone)


def lodge_claim(stage: HOLDING, command: LodgeClaim, context: Context) -> Events:
    """Anybody may claim; a late claim says why it is late."""
    require_party(command.claimant, context)
    require(command.claim not in stage.goods.claims, CLAIM_USED)
    require_lines(stage.goods, command.lines)
    late = is_late(stage.goods, command, context)
    require(not late or command.reason is not None, CLAIM_LATE)
    return (record(ClaimLodged, command, late=late),)


def open_claim(goods: Goods, number: str) -> Claim:
    """A claim nobody has decided, or a refusal."""
    claim = goods.claims.get(number)
    if claim is None:
        raise Refused(NO_SUCH_CLAIM)
    require(claim.outcome is None, CLAIM_DECIDED)
    return claim


def submit_purchase_evidence(stage: HOLDING, command: SubmitPurchaseEvidence, context: Context) -> Events:
    """Take evidence for a claim that is open."""
    open_claim(stage.goods, command.claim)
    return (record(PurchaseEvidenceSubmitted, command),)


def decide_claim(stage: HOLDING, command: DecideClaim, context: Context) -> Events:
    """Decide a claim with reasons, by somebody who did not seize the goods."""
    require_reason(command)
    claim = open_claim(stage.goods, command.claim)
    require_another(command, context, SEIZER_DECIDES, *stage.goods.officers)
    require_lines(stage.goods, command.upheld)
    partly = command.outcome is ClaimOutcome.PARTLY_UPHELD
    require(partly == bool(command.upheld) and all(claim.covers(line) for line in command.upheld), UPHELD_LINES)
    return (record(ClaimDecided, command),)


def contest_classification(stage: HOLDING, command: ContestClassification, context: Context) -> Events:
    """Somebody in the party register, or nobody named, contests a classification."""
    if command.party is not None:
        require_party(command.party, context)
    return decide_line(stage.goods, command, context)
