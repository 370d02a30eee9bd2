"""What every case has: corrections, addenda, disagreement, descriptions, links, assignment, handling, file number."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any
from uuid import UUID

import pytest

from domain.dossier import EVENTS, SHARED, Dossier
from domain.dossier import correction_rules as correcting
from domain.dossier import rules as no
from domain.dossier.acts import (
    AddAddendum,
    AddendumAdded,
    AssignOfficer,
    ChangeFileNumber,
    ChangeHandling,
    ConfirmLink,
    CorrectEntry,
    DescribePerson,
    DisagreementRecorded,
    EndLink,
    FileNumberChanged,
    Handling,
    HandlingChanged,
    LinkConfirmed,
    LinkEnded,
    LinkProposed,
    LinkRejected,
    LinkState,
    LinkType,
    MoveToUnit,
    OfficerAssigned,
    PersonDescribed,
    ProposeLink,
    RecordDisagreement,
    RejectLink,
    RetractEntry,
    UnitChanged,
)
from domain.history import decide, effective, fold, in_order
from domain.kernel import (
    NO_REASON,
    Command,
    Context,
    Entry,
    EntryCorrected,
    EntryRetracted,
    Event,
    ImpossibleHistory,
    Other,
)
from domain.values import Answer, Authority, AuthorityKind, ClaimStatus, CorrectionReason
from tests.domain.permits import ISSUED, KIND, inspected, state, suspended
from tests.scenario import CASE, HOUR, NOON, OTHER_PERSON, PARTIES, PERSON, context, given, refused, said, then, when

THERE = UUID(int=9)
LINK = LinkType.EVIDENCE_FOR
LATER = NOON + HOUR
BECAUSE: dict[str, Any] = said(LATER, reason="because")
OPEN = given(ISSUED)


def there(mine: LinkState | None = None, kind: str = "seizure") -> Context:
    """Another case, and how far its link to ours has come on its side."""
    links = {} if mine is None else {(CASE, LINK): mine}
    other = Other(kind, state(OPEN).stage, Dossier(links=links))
    return context(others={**PARTIES, THERE: other, CASE: Other("permit", state(OPEN).stage, Dossier())})


def dossier_after(*events: Event) -> Dossier:
    """The dossier these events leave after the opening."""
    dossier: Dossier = state(given(ISSUED, *events)).dossier
    return dossier


def with_target(history: list[Entry], target: int, restated: Event | None = None) -> Context:
    """What the system knows of the entry a command names."""
    standing = next((e for e in effective(history) if e.version == target), None)
    return replace(context(), target=standing, restated=restated)


def recorded(event: type[Event], command: Command, **more: Any) -> Event:
    """The event that says what the command says."""
    stated = {f.name: getattr(command, f.name) for f in fields(event) if hasattr(command, f.name)}
    return event(**(stated | more))


# --- Corrections and retractions ------------------------------------------------------------------------------

WHY: dict[str, Any] = {"target": 2, "why": CorrectionReason.TYPING_ERROR}
INSPECTED = given(ISSUED, inspected(0.5, "bad"))
GOOD = inspected(0.5, "good")


def test_an_entry_is_corrected_for_a_reason() -> None:
    command = CorrectEntry(**BECAUSE, **WHY, changes={"finding": "good"})
    expected = EntryCorrected(**BECAUSE, **WHY, restated=GOOD)
    # what the rule records; the whole history is asked in tests/domain/test_deciding.py
    assert SHARED.rules[CorrectEntry](state(INSPECTED).stage, command, with_target(INSPECTED, 2, GOOD)) == (expected,)


def test_a_correction_has_a_reason_a_standing_target_and_changes_something() -> None:
    command = CorrectEntry(**BECAUSE, **WHY, changes={})
    known = with_target(INSPECTED, 2, GOOD)
    refused(KIND, INSPECTED, replace(command, reason=None), NO_REASON, known)
    refused(KIND, INSPECTED, replace(command, target=9), no.NO_SUCH_ENTRY, with_target(INSPECTED, 9))
    refused(KIND, INSPECTED, command, correcting.NOTHING_CHANGES, with_target(INSPECTED, 2, inspected(0.5, "bad")))
    refused(KIND, INSPECTED, command, correcting.NOTHING_CHANGES, with_target(INSPECTED, 2))


def test_a_correction_makes_no_claim_established_without_a_court() -> None:
    established = replace(GOOD, claim_status=ClaimStatus.ESTABLISHED)
    command = CorrectEntry(**BECAUSE, **WHY, changes={"claim_status": "established"})
    refused(KIND, INSPECTED, command, no.ONLY_COURT_ESTABLISHES, with_target(INSPECTED, 2, established))
    ordered = replace(command, authority=Authority(AuthorityKind.COURT_ORDER, "1 K 7/26"))
    (event,) = SHARED.rules[CorrectEntry](state(INSPECTED).stage, ordered, with_target(INSPECTED, 2, established))
    assert isinstance(event, EntryCorrected)


def test_what_was_retracted_or_is_a_correction_itself_does_not_stand() -> None:
    retraction = EntryRetracted(**BECAUSE, **WHY)
    history = given(ISSUED, inspected(0.5), retraction)
    command = RetractEntry(**BECAUSE, **WHY)
    refused(KIND, history, command, no.NO_SUCH_ENTRY, with_target(history, 2))
    refused(KIND, history, replace(command, target=3), no.NO_SUCH_ENTRY, with_target(history, 3))


def test_an_entry_is_retracted_for_a_reason() -> None:
    command = RetractEntry(**BECAUSE, **WHY)
    known = with_target(INSPECTED, 2)
    assert SHARED.rules[RetractEntry](state(INSPECTED).stage, command, known) == (EntryRetracted(**BECAUSE, **WHY),)
    refused(KIND, INSPECTED, replace(command, reason=None), NO_REASON, known)
    refused(KIND, INSPECTED, replace(command, target=9), no.NO_SUCH_ENTRY, with_target(INSPECTED, 9))


def test_the_opening_stands() -> None:
    refused(KIND, OPEN, RetractEntry(**BECAUSE, **(WHY | {"target": 1})), correcting.OPENING_STANDS, with_target(OPEN, 1))


# --- Remarks --------------------------------------------------------------------------------------------------


def test_a_remark_is_added_to_the_case_or_an_entry() -> None:
    command = AddAddendum(**said(LATER), text="seen twice")
    then(KIND, OPEN, command, recorded(AddendumAdded, command))
    on_entry = replace(command, target=2)
    then(KIND, INSPECTED, on_entry, recorded(AddendumAdded, on_entry), ctx=with_target(INSPECTED, 2))
    refused(KIND, INSPECTED, replace(command, target=9), no.NO_SUCH_ENTRY, with_target(INSPECTED, 9))


def test_a_registered_person_disagrees() -> None:
    command = RecordDisagreement(**said(LATER), party=PERSON, statement="I was not there.")
    then(KIND, OPEN, command, recorded(DisagreementRecorded, command))
    assert command.refers_to() == (PERSON,)
    refused(KIND, OPEN, replace(command, party=UUID(int=77)), no.UNKNOWN_PARTY)
    refused(KIND, OPEN, replace(command, party=THERE), no.UNKNOWN_PARTY, there())
    refused(KIND, INSPECTED, replace(command, target=9), no.NO_SUCH_ENTRY, with_target(INSPECTED, 9))


# --- Persons --------------------------------------------------------------------------------------------------


def test_a_registered_person_is_described_and_the_last_word_on_nationality_stands() -> None:
    command = DescribePerson(**said(LATER), party=PERSON, foreign_national=Answer.YES, name="Ada")
    then(KIND, OPEN, command, recorded(PersonDescribed, command))
    assert command.refers_to() == (PERSON,)
    refused(KIND, OPEN, replace(command, party=UUID(int=77)), no.UNKNOWN_PARTY)
    first: Any = recorded(PersonDescribed, command)
    other = replace(first, party=OTHER_PERSON, foreign_national=Answer.UNKNOWN)
    last = replace(first, foreign_national=Answer.NO)
    assert dossier_after(first, other, last).foreign_nationals == {PERSON: Answer.NO, OTHER_PERSON: Answer.UNKNOWN}


# --- Links ----------------------------------------------------------------------------------------------------

PROPOSE = ProposeLink(**BECAUSE, other=THERE, link=LINK)
CONFIRM = ConfirmLink(**BECAUSE, other=THERE, link=LINK)
REJECT = RejectLink(**BECAUSE, other=THERE, link=LINK)
END = EndLink(**BECAUSE, other=THERE, link=LINK)
PROPOSED = recorded(LinkProposed, PROPOSE, other_kind="seizure")
CONFIRMED = recorded(LinkConfirmed, CONFIRM, other_kind="seizure")
REJECTED = recorded(LinkRejected, REJECT, other_kind="seizure")
ENDED = recorded(LinkEnded, END)


def links(*events: Event) -> Mapping[Any, LinkState]:
    """How far each link has come on this side."""
    return dossier_after(*events).links


def test_a_link_is_proposed_by_one_case_and_confirmed_by_the_other() -> None:
    then(KIND, OPEN, PROPOSE, PROPOSED, ctx=there())
    then(KIND, OPEN, CONFIRM, CONFIRMED, ctx=there(LinkState.PROPOSED))
    assert links(PROPOSED) == {(THERE, LINK): LinkState.PROPOSED}
    assert links(CONFIRMED) == {(THERE, LINK): LinkState.CONFIRMED}


def test_a_proposed_link_may_be_rejected() -> None:
    then(KIND, OPEN, REJECT, REJECTED, ctx=there(LinkState.PROPOSED))
    refused(KIND, OPEN, replace(REJECT, reason=None), NO_REASON, there(LinkState.PROPOSED))
    assert links(REJECTED) == {(THERE, LINK): LinkState.REJECTED}


@pytest.mark.parametrize("standing", [PROPOSED, CONFIRMED])
def test_a_link_that_stands_is_neither_proposed_nor_confirmed_again(standing: Event) -> None:
    history = given(ISSUED, standing)
    refused(KIND, history, PROPOSE, no.LINK_STANDS, there())
    refused(KIND, history, CONFIRM, no.LINK_STANDS, there(LinkState.PROPOSED))
    assert when(KIND, history, replace(PROPOSE, link=LinkType.SUPPORTS), there()).events


@pytest.mark.parametrize("gone", [REJECTED, ENDED])
def test_a_link_that_is_over_may_be_proposed_anew(gone: Event) -> None:
    then(KIND, given(ISSUED, PROPOSED, gone), PROPOSE, PROPOSED, ctx=there())


@pytest.mark.parametrize("state_there", [None, LinkState.CONFIRMED, LinkState.REJECTED, LinkState.ENDED])
@pytest.mark.parametrize("answer", [CONFIRM, REJECT])
def test_only_what_the_other_case_maintains_is_answered(answer: Command, state_there: LinkState | None) -> None:
    refused(KIND, OPEN, answer, no.LINK_NOT_PROPOSED, there(state_there))


@pytest.mark.parametrize("command", [PROPOSE, CONFIRM, REJECT])
def test_a_link_has_another_case_at_its_end(command: Any) -> None:
    assert command.refers_to() == (THERE,)
    refused(KIND, OPEN, command, no.UNKNOWN_CASE, context())
    refused(KIND, OPEN, replace(command, other=PERSON), no.UNKNOWN_CASE, there())
    refused(KIND, OPEN, replace(command, other=CASE), no.LINK_TO_ITSELF, there())


@pytest.mark.parametrize("standing", [PROPOSED, CONFIRMED])
def test_each_side_ends_a_link_it_stands_by_for_a_reason(standing: Event) -> None:
    history = given(ISSUED, standing)
    then(KIND, history, END, ENDED)
    refused(KIND, history, replace(END, reason=None), NO_REASON)
    assert links(standing, ENDED) == {(THERE, LINK): LinkState.ENDED}


@pytest.mark.parametrize("events", [(), (REJECTED,), (PROPOSED, ENDED)])
def test_what_does_not_stand_does_not_end(events: tuple[Event, ...]) -> None:
    refused(KIND, given(ISSUED, *events), END, no.NO_SUCH_LINK)


# --- Who has the case -----------------------------------------------------------------------------------------

CHANGES: list[tuple[Any, type[Event], str, str]] = [
    (AssignOfficer(**BECAUSE, officer="o-9"), OfficerAssigned, "officer", "assignee"),
    (MoveToUnit(**BECAUSE, unit="unit-9"), UnitChanged, "unit", "unit"),
    (ChangeHandling(**BECAUSE, handling=Handling.RESTRICTED), HandlingChanged, "handling", "handling"),
    (ChangeFileNumber(**BECAUSE, file_number="P 9"), FileNumberChanged, "file_number", "file_number"),
]
each_change = pytest.mark.parametrize(
    ("command", "event", "stated", "kept"), CHANGES, ids=lambda v: v.__name__ if isinstance(v, type) else ""
)


@each_change
def test_a_change_is_recorded_once(command: Any, event: type[Event], stated: str, kept: str) -> None:
    changed = recorded(event, command)
    then(KIND, OPEN, command, changed)
    assert getattr(dossier_after(changed), kept) == getattr(command, stated)
    refused(KIND, given(ISSUED, changed), command, no.UNCHANGED)


@pytest.mark.parametrize("command", [c for c, event, _, _ in CHANGES if event is not OfficerAssigned])
def test_a_change_has_a_reason(command: Any) -> None:
    refused(KIND, OPEN, replace(command, reason=None), NO_REASON)


def test_the_opening_says_unit_and_file_number() -> None:
    refused(KIND, OPEN, MoveToUnit(**BECAUSE, unit="unit-1"), no.UNCHANGED)
    refused(KIND, OPEN, ChangeFileNumber(**BECAUSE, file_number="P 1"), no.UNCHANGED)
    refused(KIND, OPEN, ChangeHandling(**BECAUSE, handling=Handling.STANDARD), no.UNCHANGED)


# --- All of them ----------------------------------------------------------------------------------------------


def test_shared_acts_leave_the_stage_as_it_is() -> None:
    after = state(given(ISSUED, suspended(0.5), PROPOSED, CONFIRMED, recorded(OfficerAssigned, CHANGES[0][0])))
    assert after.stage == state(given(ISSUED, suspended(0.5))).stage


def test_no_correction_is_evolved() -> None:
    """The kernel takes corrections and retractions out before it folds."""
    with pytest.raises(ImpossibleHistory):
        SHARED.evolve(Dossier(), EntryRetracted(**BECAUSE, **WHY))


def test_a_shared_act_may_be_late() -> None:
    history = given(ISSUED, suspended(5))
    late = AddAddendum(**said(LATER), text="seen before")
    folded = fold(KIND, SHARED, effective(history))
    assert not in_order(folded, late)
    assert decide(KIND, SHARED, folded, late, context()).events


def test_every_shared_event_is_declared() -> None:
    assert {e.type.partition(".")[0] for e in EVENTS} == {"case"}
