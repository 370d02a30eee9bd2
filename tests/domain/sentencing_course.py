"""The usual course of a sentencing, as the tests of the kind tell it: its acts, and what they leave."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from domain.dossier import SHARED, Dossier
from domain.dossier.acts import ConfirmLink, LinkState, LinkType
from domain.history import decide_within, effective, fold
from domain.kernel import Actor, Command, Context, Entry, Other, Stage
from domain.kinds.detention import KIND as DETENTIONS
from domain.kinds.detention.acts import OpenDetention
from domain.kinds.detention.custody_acts import ReleaseKind, ReleasePerson
from domain.kinds.sentencing import KIND
from domain.kinds.sentencing.acts import (
    AppealOutcome,
    Appellant,
    CloseSentencing,
    Count,
    CountOutcome,
    Custody,
    FinalityGround,
    ImposeSentence,
    LodgeAppeal,
    QuashConviction,
    RecordAppealDecision,
    RecordConviction,
    RecordFinality,
    RestrictRecord,
)
from domain.kinds.sentencing.computation_acts import CheckComputation, ComputeDates, DeriveCredit, RecordComputation
from domain.kinds.sentencing.execution_acts import RecordRelease, ReleaseGround, StartExecution
from domain.kinds.sentencing.stages import (
    ANY,
    APPEALED,
    Conviction,
    Sentence,
    conviction_of,
    sentence_of,
)
from domain.kinds.sentencing.terms import CreditSpan, Mode, StartRule, Term
from domain.values import Authority, AuthorityKind
from tests.scenario import CASE, DAY, HOUR, OFFICER, PARTIES, PERSON, context, given_after, run, said

DETENTION = UUID(int=7)
JUDGED = datetime(2023, 2, 1, 10, tzinfo=UTC)
ORDER = Authority(AuthorityKind.COURT_ORDER, "judgment 17/2023")
GUILTY = Count(1, CountOutcome.CONVICTED, "art. 5")
EXPIRY = date(2025, 10, 3)
APPREHENDED = datetime(2022, 10, 4, 15, tzinfo=UTC)
APPREHENSION = OpenDetention(
    **said(APPREHENDED, authority=ORDER, reason="suspected"), file_number="D-1", party=PERSON, place="capital",
    grounds="caught in the act", officers=("p-1",),
)  # fmt: skip
FREED = ReleasePerson(**said(JUDGED), kind=ReleaseKind.OTHER)
CHECKER, SENIOR, STRANGER = "o-2", "o-3", Actor("o-4", "officer", "unit-2", "agency")


def detained(*commands: Command, link: LinkState | None = LinkState.PROPOSED) -> Other:
    """A detention these commands leave, with its side of the link that gives credit."""
    history, stage = run(DETENTIONS, *commands)
    links = {(CASE, LinkType.CREDITS): link} if link else {}
    return Other("detention", stage, Dossier(links=links), version=len(history))


OTHERS = {**PARTIES, DETENTION: detained(APPREHENSION, FREED)}
"""The detention from 2022-10-04 to the day of the judgment: 120 days before it."""


def officer(name: str | None, now: datetime | None = None) -> Context:
    """What the system knows when that officer acts; the person and the detention are there."""
    return replace(context(replace(OFFICER, id=name or OFFICER.id), now), others=OTHERS)


def lived(*commands: Command) -> list[Entry]:
    """The history these commands leave, each given by the officer who decided it."""
    history: list[Entry] = []
    for command in commands:
        decision = decide_within(KIND, SHARED, history, command, officer(command.decided_by))
        history += given_after(history, decision.events)
    return history


def stage_after(*commands: Command) -> Stage:
    """The stage these commands leave."""
    return fold(KIND, SHARED, effective(lived(*commands))).stage


def sentence_after(*commands: Command) -> Sentence:
    """The sentence these commands leave."""
    stage = stage_after(*commands)
    assert isinstance(stage, APPEALED)
    return sentence_of(stage)


def conviction_after(*commands: Command) -> Conviction:
    """What these commands leave of the conviction, and where the person is."""
    stage = stage_after(*commands)
    assert isinstance(stage, ANY)
    return conviction_of(stage)


def ruled(moment: datetime = JUDGED, **more: Any) -> dict[str, Any]:
    """As ``said``, on a court's order."""
    return said(moment, authority=ORDER, **more)


def term(number: int = 1, count: int = 1, **more: Any) -> Term:
    """Three years from the day of the judgment, unless said otherwise."""
    length = {} if {"years", "months", "days", "life"} & more.keys() else {"years": 3}
    return Term(number, count, **({"start_rule": StartRule.ON_IMPOSITION} | length | more))


def following(number: int, to_term: int, count: int = 1, **more: Any) -> Term:
    """A term that starts after another."""
    return term(number, count, mode=Mode.CONSECUTIVE, to_term=to_term, start_rule=StartRule.AFTER_TERM, **more)


def computation(moment: datetime = JUDGED + DAY, **more: Any) -> RecordComputation:
    """Three years from 2023-02-01 with 120 days' credit, computed elsewhere."""
    dates: dict[str, Any] = {
        "start": date(2023, 2, 1),
        "credit": (CreditSpan(DETENTION, date(2022, 10, 4), date(2023, 1, 31)),),
        "credit_days": 120,
        "expiry": EXPIRY,
        "release_on": EXPIRY,
    }
    return RecordComputation(**said(moment), algorithm="neutral-terms", algorithm_version="1", **(dates | more))


def check(number: int = 1, moment: datetime = JUDGED + 2 * DAY, **more: Any) -> CheckComputation:
    """The second officer confirms a computation."""
    return CheckComputation(**(said(moment, decided_by=CHECKER) | {"computation": number, "confirmed": True} | more))


CONVICTION = RecordConviction(
    **ruled(), file_number="S-1", party=PERSON, counts=(GUILTY,), court="District Court", custody=Custody.HELD
)
SENTENCE = ImposeSentence(**ruled(), terms=(term(),))
LINK = ConfirmLink(**said(JUDGED), other=DETENTION, link=LinkType.CREDITS)
DERIVATION = DeriveCredit(**said(JUDGED + 12 * HOUR), detentions=(DETENTION,))
SENTENCED = (CONVICTION, SENTENCE, LINK, DERIVATION)
COMPUTING = ComputeDates(**said(JUDGED + DAY))
CHECKED = (*SENTENCED, computation(), check())
FINALITY = RecordFinality(**said(JUDGED + 31 * DAY), ground=FinalityGround.WINDOW_OVER)
START = StartExecution(**ruled(JUDGED + 32 * DAY), institution="Colony 1")
DUE = datetime(2025, 10, 3, 9, tzinfo=UTC)
RELEASE = RecordRelease(**said(DUE), ground=ReleaseGround.SENTENCE)
CLOSING = CloseSentencing(**said(DUE + DAY))
APPEAL = LodgeAppeal(**said(JUDGED + 3 * DAY), appellant=Appellant.CONVICTED_PERSON, grounds="too severe")
DECISION = RecordAppealDecision(**ruled(JUDGED + 50 * DAY), outcome=AppealOutcome.UPHELD)
QUASHING = QuashConviction(**ruled(DUE + 2 * DAY), court="Supreme Court")
RESTRICTION = RestrictRecord(**ruled(DUE + 3 * DAY, reason="quashed"))
SERVED = (*CHECKED, FINALITY, START, RELEASE)
TWO_COUNTS = replace(CONVICTION, counts=(GUILTY, Count(2, CountOutcome.CONVICTED), Count(3, CountOutcome.ACQUITTED)))
