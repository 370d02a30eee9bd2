"""Acts for two people: every pair of the law as an example, with the case between the first act and the second.

A pair that a rule keeps apart and that stands in no row fails ``test_separation_of_duties``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from domain.dossier import SHARED, Dossier, correction_rules
from domain.history import Folded, apply_rule, effective, fold
from domain.kernel import Command, Context, Entry, Event, Kind, Refusal
from domain.kinds import detention, investigation, party, seizure, sentencing
from domain.kinds.detention import custody_rules, rights_rules
from domain.kinds.detention import rules as detention_rules
from domain.kinds.investigation import course_acts as course
from domain.kinds.investigation import course_rules, court_rules, inquiry_rules, link_rules
from domain.kinds.investigation import court_acts as court
from domain.kinds.investigation import inquiry_acts as inquiry
from domain.kinds.investigation import link_acts as links
from domain.kinds.party import rules as party_rules
from domain.kinds.party.acts import ResolvePossibleSameParty
from domain.kinds.seizure import refusals as goods
from domain.kinds.seizure.item_acts import ReviseClassification, Scheme, UpholdClassification
from domain.kinds.sentencing import refusals as sentence
from domain.kinds.sentencing.execution_acts import RecordDeathUnderSentence
from domain.parties import SamePartyOutcome
from tests.domain import permits
from tests.domain import test_detention as hold
from tests.domain import test_detention_course as hold_course
from tests.domain import test_detention_custody as hold_custody
from tests.domain import test_detention_rights as hold_rights
from tests.domain import test_party as register
from tests.domain import test_seizure as taken
from tests.domain import test_seizure_disposal as disposal
from tests.domain import test_seizure_item_refusals as line_acts
from tests.domain import test_seizure_items as line
from tests.domain import test_seizure_refusals as taken_acts
from tests.domain import test_sentencing_computation as computed
from tests.domain import test_two_persons as correcting
from tests.domain.investigation_examples import OPEN, PLAIN, in_context
from tests.domain.sentencing_course import (
    CHECKED,
    CLOSING,
    FINALITY,
    JUDGED,
    SENTENCED,
    START,
    STRANGER,
    check,
    computation,
    lived,
    officer,
)
from tests.domain.test_investigation import standing_in
from tests.domain.test_investigation_court import WITHHELD, scheduled
from tests.scenario import DAY, HOUR, OFFICER, PERSON, context, given, said

FRESH = "o-nobody-else"
"""An officer who did nothing in any case before."""


@dataclass(frozen=True)
class Pair:
    """Two acts for two people: who did the first, the case after it, the second as others may do it, and the rule."""

    first: str
    did: str
    case: Folded
    second: Command
    refusal: Refusal
    kind: Kind
    seen: Context
    as_decider: Refusal | None = None
    """Set where another rule already keeps the person from deciding, before this one is asked."""

    def by(self, decided_by: str, recorded_by: str) -> tuple[Event, ...]:
        """What the second act records when it is decided and recorded by these. Raises Refused."""
        seen = replace(self.seen, actor=replace(self.seen.actor, id=recorded_by))
        return apply_rule(self.kind, SHARED, self.case, replace(self.second, decided_by=decided_by), seen)


def after(kind: Kind, history: Sequence[Entry]) -> Folded:
    """The case after a history."""
    return fold(kind, SHARED, effective(history))


# --- The table ------------------------------------------------------------------------------------------------


def of_a_hold(
    first: str, did: str, events: Sequence[Event], second: Command, refusal: Refusal, seen: Context | None = None
) -> Pair:
    """A pair in a detention."""
    case = after(detention.KIND, given(*events))
    return Pair(first, did, case, second, refusal, detention.KIND, seen or hold.late(7 * HOUR))


TAKEN = (hold.APPREHENDED, hold.RIGHTS)
QUESTIONED = (*hold_course.HELD, hold_rights.INTERVIEWED)
DETENTION = [
    of_a_hold("apprehends", "p-1", TAKEN, hold_course.AUTHORIZE, detention_rules.CUSTODY_OFFICER_INVOLVED),
    of_a_hold("apprehends", "p-2", TAKEN, hold_course.REFUSE, detention_rules.CUSTODY_OFFICER_INVOLVED),
    of_a_hold("apprehends", "p-1", hold_course.HELD, hold_course.REVIEW, detention_rules.REVIEWER_INVOLVED),
    of_a_hold("authorizes", "c-1", hold_course.HELD, hold_course.REVIEW, detention_rules.REVIEWER_INVOLVED),
    of_a_hold("interviews", "q-1", QUESTIONED, hold_course.REVIEW, detention_rules.REVIEWER_INVOLVED),
    of_a_hold("apprehends", "p-1", hold_course.HELD, hold_course.POSTPONE, detention_rules.REVIEWER_INVOLVED),
    of_a_hold("authorizes", "c-1", hold_course.HELD, hold_course.POSTPONE, detention_rules.REVIEWER_INVOLVED),
    of_a_hold(
        "apprehends", "p-1", hold_course.HELD, hold_course.EXTEND, detention_rules.EXTENDER_INVOLVED, hold_course.ON_TIME
    ),
    of_a_hold(
        "authorizes", "c-1", hold_course.HELD, hold_course.EXTEND, detention_rules.EXTENDER_INVOLVED, hold_course.ON_TIME
    ),
    of_a_hold("apprehends", "p-1", TAKEN, hold_rights.DELAY, rights_rules.DELAY_BY_INVOLVED_OFFICER),
]


def of_goods(
    first: str, did: str, history: Sequence[Entry], second: Command, refusal: Refusal, as_decider: Refusal | None = None
) -> Pair:
    """A pair in a seizure."""
    return Pair(first, did, after(seizure.KIND, history), second, refusal, seizure.KIND, taken.clerk(), as_decider)


WEIGHED = taken.after(taken.COMPLETED, line.WEIGH_LESS)
GONE = taken.after(taken.COMPLETED, line.MISSING)
DOUBTED = taken.after(taken.COMPLETED, line.CLASSIFY, line.CONTEST)
LOST_TO_OWNER = taken.after(taken.SINGLE, taken.FORFEIT)
REVISED = taken.act(ReviseClassification, by=taken.JUDGE, line="1", now=line.CARRIER, basis="Looked at again.")
UPHELD = taken.act(UpholdClassification, by=taken.JUDGE, line="1", scheme=Scheme.NATIONAL_LIST, basis="Looked at again.")
STOCKTAKE = taken_acts.stocktake(line.count("1", taken.TWO))
SEIZURE = [
    of_goods("decides the seizure", taken.SEIZER, taken.CONTESTED, taken.UPHOLD, goods.SEIZER_DECIDES),
    of_goods("takes part in the seizure", taken.SECOND, taken.CONTESTED, taken.UPHOLD, goods.SEIZER_DECIDES),
    of_goods("seizes", taken.SEIZER, taken.NOTIFIED, taken_acts.retention(), goods.SEIZER_DECIDES),
    of_goods("seizes", taken.SEIZER, taken.NOTIFIED, taken.FORFEIT, goods.SEIZER_DECIDES),
    of_goods("seizes", taken.SEIZER, LOST_TO_OWNER, taken.CONDEMN, goods.SEIZER_DECIDES),
    of_goods("seizes", taken.SEIZER, disposal.TAKEN, disposal.SALE, goods.SEIZER_DECIDES),
    of_goods("seizes", taken.SEIZER, disposal.TAKEN, disposal.HANDOVER, goods.SEIZER_DECIDES),
    of_goods("seizes", taken.SEIZER, disposal.RISKY, disposal.EARLY, goods.SEIZER_DECIDES),
    of_goods("seizes", taken.SEIZER, disposal.APPEALED, disposal.DISMISS, goods.SEIZER_DECIDES),
    of_goods("orders the forfeiture", taken.JUDGE, disposal.APPEALED, disposal.DISMISS, goods.APPEAL_BY_FORFEITER),
    of_goods("keeps the goods", taken.KEEPER, line.STORED, STOCKTAKE, goods.STOCKTAKE_BY_CUSTODIAN),
    of_goods("gives the goods", taken.KEEPER, line.OFFERED, line.ACCEPT, goods.GIVER_ACCEPTS, goods.NOT_RECEIVER),
    of_goods("gives the goods", taken.KEEPER, line.OFFERED, line_acts.REFUSE, goods.GIVER_ACCEPTS, goods.NOT_RECEIVER),
    of_goods("finds the difference", taken.SECOND, WEIGHED, line.EXPLAIN, goods.EXPLAINED_BY_FINDER),
    of_goods("keeps what differs", taken.KEEPER, WEIGHED, line.EXPLAIN, goods.EXPLAINED_BY_FINDER),
    of_goods("keeps what is lost", taken.KEEPER, GONE, line_acts.WRITE_OFF, goods.LOST_BY_CUSTODIAN),
    of_goods("classifies", "o-expert", DOUBTED, REVISED, goods.CONTEST_DECIDED_BY_CLASSIFIER),
    of_goods("classifies", "o-expert", DOUBTED, UPHELD, goods.CONTEST_DECIDED_BY_CLASSIFIER),
]


def of_a_sentence(history: Sequence[Entry], second: Command, refusal: Refusal) -> Pair:
    """A pair in a sentencing, after an officer prepared a computation."""
    case = after(sentencing.KIND, history)
    return Pair("prepares the computation", "o-1", case, second, refusal, sentencing.KIND, officer(FRESH))


PREPARED = lived(*SENTENCED, computation())
DISPUTED = lived(*SENTENCED, computation(), computed.DISPUTE)
OBJECTED = replace(check(), confirmed=False, reason="Ten days are missing.")
SENTENCING = [
    of_a_sentence(PREPARED, check(), sentence.CHECK_BY_PREPARER),
    of_a_sentence(PREPARED, OBJECTED, sentence.CHECK_BY_PREPARER),
    of_a_sentence(PREPARED, computed.OVERRIDE, sentence.OVERRIDE_BY_PREPARER),
    of_a_sentence(DISPUTED, computed.CREDIT, sentence.DETERMINED_BY_PREPARER),
]


@cache
def plain() -> dict[type[Command], tuple[Command, Folded]]:
    """An example of each command of an investigation that is taken, and the case it is taken in."""
    found: dict[type[Command], tuple[Command, Folded]] = {}
    for command, _, matter in PLAIN:
        stage = next(stage for stage, ruled in investigation.KIND.rules if ruled is type(command))
        found[type(command)] = command, Folded(standing_in(stage, matter), Dossier())
    return found


def of_an_inquiry(first: str, did: str, command: type[Command], refusal: Refusal) -> Pair:
    """A pair in an investigation with something of everything in it."""
    second, case = plain()[command]
    return Pair(first, did, case, replace(second, decided_by=FRESH), refusal, investigation.KIND, in_context())


INVESTIGATION = [
    of_an_inquiry("refers the matter", "o-asks", course.OpenInvestigation, course_rules.REQUESTER_OPENS),
    of_an_inquiry("leads", "o-lead", course.ReviewProgress, course_rules.LEAD_REVIEWS),
    of_an_inquiry("leads", "o-lead", inquiry.AuthorizeStep, inquiry_rules.LEAD_AUTHORIZES_STEP),
    of_an_inquiry("authorizes the step", "o-judge", inquiry.RecordStep, inquiry_rules.AUTHORIZER_TAKES_STEP),
    of_an_inquiry("authorizes the step", "o-judge", inquiry.RecordSubjectInterview, inquiry_rules.AUTHORIZER_TAKES_STEP),
    of_an_inquiry("leads", "o-lead", court.RecordProsecutorDecision, court_rules.LEAD_PROSECUTES),
    of_an_inquiry("leads", "o-lead", court.DeclineProsecution, court_rules.LEAD_PROSECUTES),
    of_an_inquiry("leads", "o-lead", court.FileCharge, court_rules.LEAD_PROSECUTES),
    of_an_inquiry("leads", "o-lead", court.AmendCharge, court_rules.LEAD_PROSECUTES),
    of_an_inquiry("leads", "o-lead", court.WithdrawCharge, court_rules.LEAD_PROSECUTES),
    of_an_inquiry("leads", "o-lead", court.BringBeforeCourt, court_rules.LEAD_PROSECUTES),
    of_an_inquiry("leads", "o-lead", court.ScheduleHearing, court_rules.LEAD_PROSECUTES),
    of_an_inquiry("leads", "o-lead", court.VacateHearing, court_rules.LEAD_PROSECUTES),
    of_an_inquiry("notes a possible same person", "o-note", links.ResolvePossibleSamePerson, link_rules.NOTER_RESOLVES),
]


ASKED = after(party.KIND, given(register.OPENED, register.NOTED))
ALONE = after(party.KIND, given(register.OPENED))
ANSWER = register.asked(ResolvePossibleSameParty, "o-answer", other_party=PERSON, outcome=SamePartyOutcome.SAME)
NOTER_ANSWERS, NOTER_MERGES = party_rules.NOTER_ANSWERS, party_rules.NOTER_MERGES
PARTY = [
    Pair("asks if two are one", "o-ask", ASKED, ANSWER, NOTER_ANSWERS, party.KIND, register.ALONE),
    Pair("asks if two are one", "o-ask", ALONE, register.MERGE, NOTER_MERGES, party.KIND, register.FOUND_SAME),
]

WAITING = after(permits.KIND, correcting.WAITING)
KNOWING = correcting.knowing(correcting.WAITING, 2, correcting.EARLIER)
ANY_CASE = [
    Pair("proposes it", "o-1", WAITING, correcting.APPROVE, correction_rules.APPROVER_PROPOSED, permits.KIND, KNOWING),
]

PAIRS = [*DETENTION, *SEIZURE, *SENTENCING, *INVESTIGATION, *PARTY, *ANY_CASE]


# --- People a command names -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Named:
    """A second person whom the command itself names: who it must not be, and the same act with somebody else."""

    says: str
    case: Folded
    kind: Kind
    same: Command
    other: Command
    refusal: Refusal
    seen: Context
    seen_of_other: Context | None = None
    """Where the two acts differ only in who records them."""


def of_named_goods(says: str, history: Sequence[Entry], other: Command, refusal: Refusal, **same: Any) -> Named:
    """A second person in a seizure."""
    case = after(seizure.KIND, history)
    return Named(says, case, seizure.KIND, replace(other, **same), other, refusal, taken.clerk())


def of_a_handover(says: str, receiver: str, recorded_by: str, decided_by: str) -> Named:
    """Who takes a detained person over from g-1."""
    offered = given(hold.APPREHENDED, replace(hold_custody.OFFERED, decided_by="g-1"))
    other = replace(hold_custody.ACCEPT, decided_by=decided_by)
    seen = replace(context(), actor=replace(OFFICER, id=recorded_by))
    same = replace(other, receiving_officer=receiver)
    case = after(detention.KIND, offered)
    return Named(says, case, detention.KIND, same, other, custody_rules.ACCEPTED_BY_GIVER, seen)


def of_withholding(says: str, approver: str, recorded_by: str = "o-clerk") -> Named:
    """Who approves that material is withheld."""
    seen = in_context(replace(OFFICER, id=recorded_by))
    same, other = scheduled(replace(WITHHELD, approver=approver)), scheduled(WITHHELD)
    case = after(investigation.KIND, given(*OPEN))
    return Named(says, case, investigation.KIND, same, other, court_rules.WITHHOLDING_SELF_APPROVED, seen)


CONDEMNED = taken.after(taken.SINGLE, taken.FORFEIT, taken.CONDEMN)
WITH_DECIDER, WITH_KEEPER = (taken.SECOND, taken.RECEIVER), (taken.SECOND, taken.KEEPER)
DEAD = after(detention.KIND, given(hold.APPREHENDED, hold_custody.NOTHING_FOUND, hold_custody.DIED))
DIED_SERVING = after(sentencing.KIND, lived(*CHECKED, FINALITY, START, RecordDeathUnderSentence(**said(JUDGED + 60 * DAY))))

NAMED = [
    of_named_goods(
        "inventory", taken.SEIZED, taken.inventory(taken.VEST), goods.SECOND_OFFICER, second_officer=taken.SEIZER
    ),
    of_named_goods("seal broken", line.STORED, line_acts.BREAK, goods.SEAL_WITNESS, witness=taken.KEEPER),
    of_named_goods("seal replaced", line.STORED, line_acts.RENEW, goods.SEAL_WITNESS, witness=taken.KEEPER),
    of_named_goods("destroyer as witness", CONDEMNED, taken.DESTROY, goods.TWO_WITNESSES, witnesses=WITH_DECIDER),
    of_named_goods("custodian as witness", CONDEMNED, taken.DESTROY, goods.TWO_WITNESSES, witnesses=WITH_KEEPER),
    of_a_handover("giver takes over", "g-1", "o-1", "o-1"),
    of_a_handover("decider takes over", "g-2", "o-1", "g-2"),
    of_a_handover("recorder takes over", "g-3", "g-3", "o-1"),
    of_withholding("decider approves withholding", "o-1"),
    of_withholding("recorder approves withholding", "o-4", "o-4"),
    of_withholding("lead approves withholding", "o-lead"),
    of_withholding("recused officer approves withholding", "o-kin"),
    Named(
        "death closed by the unit that held the person", DEAD, detention.KIND, hold_custody.CLOSE, hold_custody.CLOSE,
        custody_rules.DEATH_CLOSED_BY_OWN_UNIT, context(), hold_custody.OTHER_UNIT,
    ),
    Named(
        "death under a sentence closed by the unit that answered", DIED_SERVING, sentencing.KIND, CLOSING, CLOSING,
        sentence.CLOSED_BY_INVOLVED, context(), context(STRANGER),
    ),
]  # fmt: skip
