"""The party register: questions whether two entries are one party, merges, and what it takes to undo one."""

from typing import Any

import pytest

from domain.dossier import Dossier
from domain.dossier.rules import UNKNOWN_PARTY
from domain.kernel import NO_REASON, NOT_OPEN, Actor, Command, Context, Event, Other, Refusal, Stage, record
from domain.kinds.party import KIND, rules
from domain.kinds.party.acts import (
    MergeParties,
    NotePossibleSameParty,
    PartiesMerged,
    PartiesUnmerged,
    PartyRegistered,
    PossibleSamePartyNoted,
    PossibleSamePartyResolved,
    RegisterParty,
    ResolvePossibleSameParty,
    SamePartyBasis,
    UnmergeParties,
)
from domain.parties import PARTY_MERGED, Merged, PartyType, Registered, SamePartyOutcome, SamePartyQuestion
from tests.scenario import CASE, HOUR, NOON, OTHER_PERSON, PERSON, context, given, refused, said, then

SAME, DIFFERENT, UNDETERMINED = SamePartyOutcome
ASKER, ANSWERER, MERGER = (Actor(name, "supervisor", "unit-1", "agency") for name in ("o-ask", "o-answer", "o-merge"))
BASIS = (SamePartyBasis.DOCUMENT_MATCH,)
OPENED = PartyRegistered(**said(), file_number="P-1", unit="unit-1", party_type=PartyType.PERSON)


def happened(event: type[Event], hour: int, officer: str, **more: Any) -> Event:
    """An event so many hours after NOON, decided by an officer."""
    return event(**(said(NOON + hour * HOUR, decided_by=officer) | more))


def asked(command: type[Command], officer: str = MERGER.id, **more: Any) -> Command:
    """A command ten hours after NOON, with a reason, decided by an officer."""
    return command(**(said(NOON + 10 * HOUR, decided_by=officer, reason="It was looked into.") | more))


NOTED = happened(PossibleSamePartyNoted, 1, "o-ask", other_party=PERSON, basis=BASIS, grounds="g")
ANSWERED = happened(PossibleSamePartyResolved, 2, "o-answer", other_party=PERSON, outcome=SAME)
DENIED = happened(PossibleSamePartyResolved, 2, "o-answer", other_party=PERSON, outcome=DIFFERENT)
MERGED = happened(PartiesMerged, 3, "o-merge", into=PERSON)
PARTED = happened(PartiesUnmerged, 4, "o-merge", into=PERSON)

NOTE = asked(NotePossibleSameParty, "o-ask", other_party=PERSON, basis=BASIS, grounds="g")
MERGE = asked(MergeParties, into=PERSON)


def beside(stage: Stage, kind: str = "party", actor: Actor = MERGER) -> Context:
    """What the system knows where PERSON is in some stage."""
    return context(actor, others={PERSON: Other(kind, stage, Dossier())})


def questioned(outcome: SamePartyOutcome | None, asker: str = "o-ask", **more: Any) -> Registered:
    """PERSON with a question on its record about our party."""
    return Registered(questions={CASE: SamePartyQuestion(asker, outcome)}, **more)


FOUND_SAME = beside(questioned(SAME))
ALONE = beside(Registered())
ABSORBED = beside(Merged(CASE))
ELSEWHERE = beside(Merged(OTHER_PERSON))

PROVOKED: list[tuple[str, tuple[Event, ...], Command, Context, Refusal]] = [
    ("nobody_is_asked_to_be_oneself", (OPENED,), asked(NotePossibleSameParty, other_party=CASE, basis=BASIS, grounds="g"),
     ALONE, rules.PARTY_WITH_ITSELF),
    ("a_question_is_about_a_registered_party", (OPENED,), NOTE, context(others={}), UNKNOWN_PARTY),
    ("a_question_is_about_no_case", (OPENED,), NOTE, beside(Registered(), "seizure"), UNKNOWN_PARTY),
    ("a_question_is_not_about_a_merged_party", (OPENED,), NOTE, ELSEWHERE, PARTY_MERGED),
    ("a_person_is_no_organization", (OPENED,), NOTE, beside(Registered(PartyType.ORGANIZATION)), rules.PARTIES_UNLIKE),
    ("a_question_is_asked_once", (OPENED, NOTED), NOTE, ALONE, rules.SAME_PARTY_NOTED),
    ("a_question_is_asked_on_one_of_the_two_records", (OPENED,), NOTE, beside(questioned(None)), rules.SAME_PARTY_NOTED),
    ("an_answer_needs_a_question", (OPENED,), asked(ResolvePossibleSameParty, other_party=PERSON, outcome=SAME), ALONE,
     rules.SAME_PARTY_NOT_NOTED),
    ("an_answer_needs_a_reason", (OPENED, NOTED),
     asked(ResolvePossibleSameParty, other_party=PERSON, outcome=SAME, reason=None), ALONE, NO_REASON),
    ("who_asked_does_not_answer", (OPENED, NOTED),
     asked(ResolvePossibleSameParty, "o-ask", other_party=PERSON, outcome=SAME), ALONE, rules.NOTER_ANSWERS),
    ("who_asked_does_not_answer_in_the_name_of_another", (OPENED, NOTED),
     asked(ResolvePossibleSameParty, other_party=PERSON, outcome=SAME), beside(Registered(), actor=ASKER),
     rules.NOTER_ANSWERS),
    ("an_answer_is_not_given_twice", (OPENED, NOTED, ANSWERED),
     asked(ResolvePossibleSameParty, other_party=PERSON, outcome=SAME), ALONE, rules.SAME_PARTY_RESOLVED),
    ("an_answer_that_a_merge_rests_on_stands", (OPENED, NOTED, ANSWERED),
     asked(ResolvePossibleSameParty, other_party=PERSON, outcome=DIFFERENT), ABSORBED, rules.MERGED_ARE_SAME),
    ("a_merge_needs_a_reason", (OPENED,), asked(MergeParties, into=PERSON, reason=None), FOUND_SAME, NO_REASON),
    ("a_merge_needs_another_party", (OPENED,), asked(MergeParties, into=CASE), FOUND_SAME, rules.PARTY_WITH_ITSELF),
    ("a_merge_needs_a_registered_party", (OPENED,), MERGE, context(others={}), UNKNOWN_PARTY),
    ("a_merge_needs_a_question", (OPENED,), MERGE, ALONE, rules.MERGE_NOT_ANSWERED),
    ("a_merge_needs_an_answer", (OPENED,), MERGE, beside(questioned(None)), rules.MERGE_NOT_ANSWERED),
    ("an_undetermined_question_merges_nobody", (OPENED,), MERGE, beside(questioned(UNDETERMINED)), rules.MERGE_NOT_ANSWERED),
    ("a_question_denied_merges_nobody", (OPENED,), MERGE, beside(questioned(DIFFERENT)), rules.MERGE_NOT_ANSWERED),
    ("a_question_on_this_record_merges_the_other_party_only", (OPENED, NOTED, ANSWERED), MERGE, ALONE,
     rules.MERGE_NOT_ANSWERED),
    ("who_asked_does_not_merge", (OPENED,), asked(MergeParties, "o-ask", into=PERSON), FOUND_SAME, rules.NOTER_MERGES),
    ("who_asked_does_not_merge_in_the_name_of_another", (OPENED,), MERGE, beside(questioned(SAME), actor=ASKER),
     rules.NOTER_MERGES),
    ("a_person_is_not_merged_into_an_organization", (OPENED,), MERGE,
     beside(questioned(SAME, party_type=PartyType.ORGANIZATION)), rules.PARTIES_UNLIKE),
    ("nobody_is_merged_into_a_merged_party", (OPENED,), MERGE, ELSEWHERE, PARTY_MERGED),
    ("a_merged_party_is_not_merged_back", (OPENED,), MERGE, ABSORBED, PARTY_MERGED),
    ("who_remains_for_others_is_not_merged", (OPENED, NOTED, ANSWERED), MERGE, FOUND_SAME, rules.REMAINS_FOR_OTHERS),
    ("a_merged_party_is_not_merged_again", (OPENED, MERGED), MERGE, FOUND_SAME, NOT_OPEN),
    ("a_merged_party_is_asked_nothing", (OPENED, MERGED), NOTE, ALONE, NOT_OPEN),
    ("what_is_not_merged_is_not_parted", (OPENED,), asked(UnmergeParties), ALONE, NOT_OPEN),
    ("parting_needs_a_reason", (OPENED, MERGED), asked(UnmergeParties, reason=None), ALONE, NO_REASON),
]  # fmt: skip


@pytest.mark.parametrize(("history", "command", "known", "refusal"), [p[1:] for p in PROVOKED], ids=[p[0] for p in PROVOKED])
def test_refused(history: tuple[Event, ...], command: Command, known: Context, refusal: Refusal) -> None:
    refused(KIND, given(*history), command, refusal, known)


def test_a_party_is_registered_with_its_type() -> None:
    command = RegisterParty(**said(), file_number="P-1", party_type=PartyType.ORGANIZATION)
    stage = then(KIND, [], command, record(PartyRegistered, command, unit="unit-1"))
    assert stage == Registered(PartyType.ORGANIZATION)


def test_a_question_is_noted_and_merges_nothing() -> None:
    stage = then(KIND, given(OPENED), NOTE, record(PossibleSamePartyNoted, NOTE), ctx=ALONE)
    assert stage == Registered(questions={PERSON: SamePartyQuestion("o-ask")})


@pytest.mark.parametrize("outcome", SamePartyOutcome)
def test_an_answer_merges_nothing(outcome: SamePartyOutcome) -> None:
    answer = asked(ResolvePossibleSameParty, other_party=PERSON, outcome=outcome)
    stage = then(KIND, given(OPENED, NOTED), answer, record(PossibleSamePartyResolved, answer), ctx=ALONE)
    assert stage == Registered(questions={PERSON: SamePartyQuestion("o-ask", outcome)})


def test_an_answer_is_replaced_while_nothing_rests_on_it() -> None:
    answer = asked(ResolvePossibleSameParty, other_party=PERSON, outcome=DIFFERENT)
    then(KIND, given(OPENED, NOTED, ANSWERED), answer, record(PossibleSamePartyResolved, answer), ctx=ELSEWHERE)


def test_a_question_denied_is_asked_anew_by_somebody_with_new_grounds() -> None:
    anew = asked(NotePossibleSameParty, "o-2", other_party=PERSON, basis=BASIS, grounds="more")
    stage = then(KIND, given(OPENED, NOTED, DENIED), anew, record(PossibleSamePartyNoted, anew), ctx=ALONE)
    assert stage == Registered(questions={PERSON: SamePartyQuestion("o-2")})


def test_a_party_is_merged_into_the_one_whose_record_has_the_answer() -> None:
    stage = then(KIND, given(OPENED), MERGE, record(PartiesMerged, MERGE), ctx=FOUND_SAME)
    assert stage == Merged(PERSON)


def test_who_answered_may_merge() -> None:
    merge = asked(MergeParties, ANSWERER.id, into=PERSON)
    then(KIND, given(OPENED), merge, record(PartiesMerged, merge), ctx=beside(questioned(SAME), actor=ANSWERER))


def test_open_and_denied_questions_of_its_own_hinder_no_merge() -> None:
    for history in ((OPENED, NOTED), (OPENED, NOTED, DENIED)):
        stage = then(KIND, given(*history), MERGE, record(PartiesMerged, MERGE), ctx=FOUND_SAME)
        assert isinstance(stage, Merged)
        assert PERSON in stage.questions


def test_a_merge_undone_leaves_the_party_as_it_was() -> None:
    part = asked(UnmergeParties)
    stage = then(KIND, given(OPENED, NOTED, MERGED), part, record(PartiesUnmerged, part, into=PERSON), ctx=ALONE)
    assert stage == Registered(questions={PERSON: SamePartyQuestion("o-ask")})


def test_a_merge_undone_may_be_made_again() -> None:
    assert then(KIND, given(OPENED, MERGED, PARTED), MERGE, record(PartiesMerged, MERGE), ctx=FOUND_SAME) == Merged(PERSON)


def test_no_basis_is_a_trait() -> None:
    words = {word for basis in SamePartyBasis for word in basis.value.split("_")}
    assert not words & {"nationality", "ethnicity", "religion", "origin", "university", "health", "other", "looks"}
