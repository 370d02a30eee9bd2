"""Corrections with two persons: what is material is proposed by one officer and approved by another."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domain.dossier import SHARED
from domain.dossier import correction_rules as no
from domain.dossier.acts import (
    CorrectEntry,
    Handling,
    HandlingChanged,
    LinkProposed,
    LinkType,
    PersonDescribed,
    ProfileChanged,
    RetractEntry,
    UnitChanged,
)
from domain.dossier.correction_acts import (
    ApproveCorrection,
    CorrectionApproved,
    CorrectionProposed,
    CorrectionRejected,
    ProposeCorrection,
    ProposeRetraction,
    RejectCorrection,
    RetractionProposed,
)
from domain.dossier.duty_acts import LimitReached
from domain.dossier.materiality import touched, within
from domain.history import decide_within, effective
from domain.kernel import (
    NO_REASON,
    Actor,
    Command,
    Context,
    Entry,
    EntryCorrected,
    EntryRetracted,
    Event,
    Nothing,
    Refusal,
    Refused,
)
from domain.kinds.detention.acts import DetentionReviewed, MeasureType, MeasureVaried, ReviewOutcome
from domain.kinds.investigation.court_acts import ChargeVerdict, VerdictOutcome, VerdictRecorded
from domain.kinds.seizure.acts import ItemClass, ItemInventoried
from domain.kinds.seizure.item_acts import Classification, Confidence, Effect, ItemClassified, Scheme
from domain.kinds.sentencing.computation_acts import ComputationChecked, CreditDetermined
from domain.kinds.sentencing.terms import Term
from domain.values import Answer, CorrectionReason, Material, Quantity, Unit, at
from tests.domain.permits import ISSUED, KIND, inspected
from tests.profiles import ALONE, NEUTRAL
from tests.scenario import HOUR, NOON, OTHER_PERSON, PERSON, context, given, given_after, said

SECOND = Actor("o-2", "officer", "unit-1", "agency")
WHY: dict[str, Any] = {"target": 2, "why": CorrectionReason.WRONG_TIME}
BECAUSE: dict[str, Any] = said(NOON + 3 * HOUR, reason="because")
BY_SECOND: dict[str, Any] = BECAUSE | {"decided_by": "o-2"}
HISTORY = given(ISSUED, inspected(0.5, "bad"))
EARLIER = inspected(0.25, "bad")
BETTER = inspected(0.5, "good")
PROPOSE = ProposeCorrection(**BECAUSE, **WHY, changes={})
APPROVE = ApproveCorrection(**BY_SECOND, target=2)
PROPOSED = CorrectionProposed(**BECAUSE, **WHY, restated=EARLIER, proposed_by="o-1")
WAITING = [*HISTORY, *given_after(HISTORY, (PROPOSED,))]


def knowing(history: list[Entry], target: int, restated: Event | None = None, actor: Actor | None = None) -> Context:
    """What the system knows where times, quantities and the like are material."""
    standing = next((e for e in effective(history) if e.version == target), None)
    base = context(actor) if actor else context()
    return replace(base, profile=NEUTRAL, target=standing, restated=restated, version=len(history))


def decided(history: list[Entry], command: Command, ctx: Context) -> tuple[Event, ...]:
    """The events a command records in a case with this history."""
    return decide_within(KIND, SHARED, history, command, ctx).events


def says_no(history: list[Entry], command: Command, ctx: Context, refusal: Refusal) -> None:
    """The command is refused by exactly this rule."""
    with pytest.raises(Refused) as caught:
        decided(history, command, ctx)
    assert caught.value.refusal == refusal


def test_a_time_is_not_corrected_by_one_officer_alone() -> None:
    command = CorrectEntry(**BECAUSE, **WHY, changes={})
    says_no(HISTORY, command, knowing(HISTORY, 2, EARLIER), no.NEEDS_APPROVAL)
    alone = replace(knowing(HISTORY, 2, EARLIER), profile=ALONE)
    assert decided(HISTORY, command, alone) == (EntryCorrected(**BECAUSE, **WHY, restated=EARLIER),)


def test_what_is_not_material_is_corrected_by_one_officer() -> None:
    command = CorrectEntry(**BECAUSE, **WHY, changes={})
    assert decided(HISTORY, command, knowing(HISTORY, 2, BETTER)) == (EntryCorrected(**BECAUSE, **WHY, restated=BETTER),)


def test_an_entry_is_not_retracted_by_one_officer_alone() -> None:
    says_no(HISTORY, RetractEntry(**BECAUSE, **WHY), knowing(HISTORY, 2), no.NEEDS_APPROVAL)


def test_one_proposes_and_another_approves() -> None:
    assert decided(HISTORY, PROPOSE, knowing(HISTORY, 2, EARLIER)) == (PROPOSED,)
    approved, corrected = decided(WAITING, APPROVE, knowing(WAITING, 2, EARLIER, SECOND))
    assert approved == CorrectionApproved(**BY_SECOND, target=2)
    assert corrected == EntryCorrected(**BY_SECOND, **WHY, restated=EARLIER)


def test_nobody_approves_what_they_proposed() -> None:
    """Neither as the one who decides nor as the one who types, whoever the other is said to be."""
    known = knowing(WAITING, 2, EARLIER)
    says_no(WAITING, ApproveCorrection(**BECAUSE, target=2), known, no.APPROVER_PROPOSED)
    says_no(WAITING, APPROVE, known, no.APPROVER_PROPOSED)
    says_no(WAITING, replace(APPROVE, decided_by="o-1"), knowing(WAITING, 2, EARLIER, SECOND), no.APPROVER_PROPOSED)
    typed = [*HISTORY, *given_after(HISTORY, (replace(PROPOSED, decided_by="o-3"),))]
    says_no(typed, replace(APPROVE, decided_by="o-1"), knowing(typed, 2, EARLIER, SECOND), no.APPROVER_PROPOSED)


def test_a_retraction_is_proposed_and_approved() -> None:
    command = ProposeRetraction(**BECAUSE, **WHY)
    proposed = RetractionProposed(**BECAUSE, **WHY, proposed_by="o-1")
    assert decided(HISTORY, command, knowing(HISTORY, 2)) == (proposed,)
    waiting = [*HISTORY, *given_after(HISTORY, (proposed,))]
    _, gone = decided(waiting, APPROVE, knowing(waiting, 2, None, SECOND))
    assert gone == EntryRetracted(**BY_SECOND, **WHY)


def test_a_proposal_is_rejected_for_a_reason_and_the_entry_stands() -> None:
    command = RejectCorrection(**BY_SECOND, target=2)
    assert decided(WAITING, command, knowing(WAITING, 2, None, SECOND)) == (CorrectionRejected(**BY_SECOND, target=2),)
    says_no(WAITING, replace(command, reason=None), knowing(WAITING, 2, None, SECOND), NO_REASON)
    says_no(HISTORY, command, knowing(HISTORY, 2, None, SECOND), no.NO_SUCH_PROPOSAL)


def test_an_entry_has_one_proposal_at_a_time() -> None:
    says_no(WAITING, PROPOSE, knowing(WAITING, 2, BETTER), no.PROPOSAL_OPEN)
    says_no(WAITING, ProposeRetraction(**BECAUSE, **WHY), knowing(WAITING, 2), no.PROPOSAL_OPEN)
    says_no(HISTORY, APPROVE, knowing(HISTORY, 2, EARLIER, SECOND), no.NO_SUCH_PROPOSAL)


def test_a_proposal_for_an_entry_that_was_corrected_since_is_made_anew() -> None:
    says_no(WAITING, APPROVE, knowing(WAITING, 2, None, SECOND), no.PROPOSAL_OUTDATED)


def test_alarms_and_proposals_are_not_corrected() -> None:
    """What was alarmed stays alarmed; what was proposed is answered."""
    says_no(WAITING, replace(PROPOSE, target=3), knowing(WAITING, 3, EARLIER), no.ENTRY_STANDS)
    run: dict[str, Any] = {"clock": "c", "run": None, "started_by": 1, "due": NOON, "profile": "p@1"}
    alarmed = given(ISSUED, LimitReached(**said(NOON + HOUR), **run))
    says_no(alarmed, RetractEntry(**BECAUSE, **WHY), knowing(alarmed, 2), no.ENTRY_STANDS)
    says_no(alarmed, ProposeRetraction(**BECAUSE, **WHY), knowing(alarmed, 2), no.ENTRY_STANDS)


def test_the_words_in_which_goods_were_found_are_never_corrected() -> None:
    """T2: a vest described as found stays so described, whatever an expert says of it."""
    command = CorrectEntry(**BECAUSE, **WHY, changes={})
    known = replace(knowing(HISTORY, 2), target=Entry(2, NOON, FOUND), restated=replace(FOUND, described_as="armor"))
    with pytest.raises(Refused) as caught:
        no.correct_entry(Nothing(), command, known)
    assert caught.value.refusal == no.AS_FOUND_STANDS


@pytest.mark.parametrize(
    ("event", "other"),
    [
        (ProfileChanged(**said(), profile="p@1", legal_basis="b", selected_on=NOON.date()), {"profile": "no-such@9"}),
        (
            ProfileChanged(**said(), profile="p@1", legal_basis="b", selected_on=NOON.date()),
            {"selected_on": (NOON + 9 * HOUR * 24).date()},
        ),
        (UnitChanged(**said(), unit="unit-1"), {"unit": "unit-2"}),
        (HandlingChanged(**said(), handling=Handling.RESTRICTED), {"handling": Handling.STANDARD}),
        (ISSUED, {"unit": "unit-2"}),
    ],
)
def test_what_a_case_stands_under_is_changed_by_its_own_commands(event: Event, other: dict[str, Any]) -> None:
    """Else an officer would do with a correction what is a supervisor's, and put a case under a profile nobody selected."""
    command = CorrectEntry(**BECAUSE, **WHY, changes={})
    known = replace(knowing(HISTORY, 2), target=Entry(2, NOON, event), restated=replace(event, **other))
    with pytest.raises(Refused) as caught:
        no.correct_entry(Nothing(), command, known)
    assert caught.value.refusal == no.GOVERNED_STANDS
    with pytest.raises(Refused) as caught:
        no.propose_correction(Nothing(), PROPOSE, known)
    assert caught.value.refusal == no.GOVERNED_STANDS


# --- What is material -----------------------------------------------------------------------------------------

PERSON_SAYS = PersonDescribed(
    **said(), party=PERSON, minor=Answer.NO, foreign_national=Answer.NO, name=None, birth_date=None, age=27, occupation=None,
    nationality=None, documents=None, health=None,
)  # fmt: skip
TWO = Quantity(Decimal(2), Unit.PIECE)
FOUND = ItemInventoried(
    **said(), line="1", described_as="vest", item_class=ItemClass.OTHER, quantity=TWO, weight=None, scale=None, serials=(),
    photos=(), second_officer="o-2", custodian="o-1",
)  # fmt: skip
LISTED = Classification(Scheme.EU_DUAL_USE, "1A005", "2026", Effect.CONTROLLED, Confidence.HIGH)
CLASSIFIED = ItemClassified(**said(), line="1", classification=LISTED, basis="expert")
VARIED = MeasureVaried(**said(), measure=MeasureType.BAIL, conditions="c", until=NOON + HOUR)
LINKED = LinkProposed(**said(), other=PERSON, other_kind="seizure", link=LinkType.SUPPORTS)


@pytest.mark.parametrize(
    ("before", "after", "sorts"),
    [
        (EARLIER, BETTER, {Material.TIMES}),
        (BETTER, replace(BETTER, when=at(NOON)), {Material.TIMES}),
        (VARIED, replace(VARIED, until=None), {Material.TIMES}),
        (VARIED, replace(VARIED, conditions="d"), set()),
        (PERSON_SAYS, replace(PERSON_SAYS, age=26), {Material.IDENTITY}),
        (PERSON_SAYS, replace(PERSON_SAYS, reason="r"), set()),
        (LINKED, replace(LINKED, other=OTHER_PERSON), {Material.IDENTITY}),
        (FOUND, replace(FOUND, quantity=Quantity(Decimal(3), Unit.PIECE)), {Material.QUANTITIES}),
        (FOUND, replace(FOUND, weight=TWO), {Material.QUANTITIES}),
        (CLASSIFIED, replace(CLASSIFIED, classification=replace(LISTED, entry="1A005.a")), {Material.CLASSIFICATION}),
    ],
)
def test_what_a_correction_touches(before: Event, after: Event, sorts: set[Material]) -> None:
    assert touched(before, after) == sorts


REVIEWED = DetentionReviewed(
    **said(decided_by="r-1"), outcome=ReviewOutcome.RELEASE, grounds="No more need", representations=None
)
CHECKED = ComputationChecked(**said(), computation=1, confirmed=False, expiry=None, release_on=None)
CREDITED = CreditDetermined(**said(), days=120)
CONVICTED = VerdictRecorded(**said(), court="Court", verdicts=(ChargeVerdict("1", VerdictOutcome.NOT_GUILTY),))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (REVIEWED, replace(REVIEWED, outcome=ReviewOutcome.CONTINUE)),
        (CHECKED, replace(CHECKED, confirmed=True)),
        (CREDITED, replace(CREDITED, days=10)),
        (CONVICTED, replace(CONVICTED, verdicts=(ChargeVerdict("1", VerdictOutcome.GUILTY),))),
    ],
    ids=["a review for release", "a computation found wrong", "days of credit", "an acquittal"],
)
def test_what_was_decided_is_not_turned_around_by_one_officer_alone(before: Event, after: Event) -> None:
    assert touched(before, after) == {Material.TERMS}
    assert touched(before, replace(before, reason="r")) == set()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (REVIEWED, replace(REVIEWED, decided_by="r-2")),
        (FOUND, replace(FOUND, custodian="o-3")),
        (FOUND, replace(FOUND, second_officer="o-3")),
    ],
)
def test_who_did_it_is_material(before: Event, after: Event) -> None:
    """What keeps the authorizer from reviewing, and the seizer from deciding, rests on it."""
    assert touched(before, after) == {Material.IDENTITY}


def test_a_term_is_material_in_all_its_parts() -> None:
    term = Term(1, 1, years=3)
    assert touched((term,), (replace(term, years=2),)) == {Material.TERMS}
    assert touched((term,), (term, replace(term, number=2))) == {Material.TERMS}


def test_every_entry_holds_a_time() -> None:
    assert Material.TIMES in within(BETTER)
    assert within(PERSON_SAYS) >= {Material.TIMES, Material.IDENTITY}
