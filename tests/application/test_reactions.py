"""What follows by itself: each reaction as a pure function of an event and of what its case knew then."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from application.cases import Case
from application.react import Cause, Known, Reaction
from application.reactions import REACTIONS
from application.reactions.credit import CREDIT
from application.reactions.links import LINK_ANSWERED
from application.reactions.reviews import (
    CLASSIFICATION_REVISED,
    CONVICTION_QUASHED,
    HOLD_DECLARED_UNLAWFUL,
    INVESTIGATION_DISCONTINUED,
    ITEM_MISSING,
    RELEASE_WITHIN,
)
from application.records import Recorded, microseconds
from domain.catalogue import discover
from domain.dossier import SHARED
from domain.dossier.acts import (
    LinkAnswered,
    LinkConfirmed,
    LinkEnded,
    LinkProposed,
    LinkRejected,
    LinkState,
    LinkType,
    RecordLinkAnswer,
)
from domain.dossier.duty_acts import Duty, OpenObligation
from domain.history import effective, fold
from domain.kernel import BY_THE_SYSTEM, SYSTEM, Command, EntryCorrected, EntryRetracted, Event, Kind
from domain.kinds.detention import KIND as DETENTION
from domain.kinds.detention.custody_acts import (
    HoldDeclaredUnlawful,
    PersonDied,
    PersonEscaped,
    PersonReleased,
    PersonReturned,
    ReleaseKind,
)
from domain.kinds.investigation import KIND as INVESTIGATION
from domain.kinds.investigation.course_acts import DiscontinuationGround, InvestigationDiscontinued
from domain.kinds.seizure import KIND as SEIZURE
from domain.kinds.seizure.item_acts import ClassificationRevised, Effect, ItemClassified, ItemMissing, Scheme
from domain.kinds.sentencing import KIND as SENTENCING
from domain.kinds.sentencing.acts import (
    AppealDecided,
    AppealLodged,
    AppealOutcome,
    Appellant,
    ConvictionQuashed,
    ConvictionRecorded,
    Custody,
)
from domain.kinds.sentencing.computation_acts import CreditDerived, DeriveCredit
from domain.kinds.sentencing.credit import EACH_DAY_ONCE, ServedSpan
from domain.kinds.sentencing.execution_acts import CustodyTransferred, SentencedPersonEscaped, SentencedPersonReturned
from domain.values import Answer, CorrectionReason, SourceKind, When
from tests.examples import LIFE_CYCLES, MILITARY
from tests.scenario import CASE, HOUR, NOON, OFFICER, PERSON, given, run, said

INQUIRY, HOLD, PARCEL, VERDICT = (UUID(int=32 + i) for i in range(4))
KINDS = {INQUIRY: "investigation", HOLD: "detention", PARCEL: "seizure", VERDICT: "sentencing"}
HARMLESS = replace(MILITARY, entry="none", effect=Effect.NOT_CONTROLLED)


def begun(kind: Kind, commands: int) -> list[Event]:
    """What the first commands of the example case record; a clerk who decides nothing records them."""
    history, _ = run(kind, *LIFE_CYCLES[kind.name][:commands], actor=replace(OFFICER, id="o-9"))
    return [entry.event for entry in history]


GOODS = begun(SEIZURE, 5)
MATTER = begun(INVESTIGATION, 2)
HELD = begun(DETENTION, 1)
CONVICTED = begun(SENTENCING, 1)
SENTENCED = begun(SENTENCING, 2)


def cause(kind: Kind, events: Sequence[Event]) -> Cause:
    """The last of these events with what its case knew."""
    entries = tuple(given(*events))
    last = entries[-1]
    recorded_at = microseconds(last.recorded_at)
    recorded = Recorded(1, CASE, last.version, kind.name, last.event.type, 1, recorded_at, b"", b"", b"", b"", "o-1", b"")
    return Cause(entries, Case(CASE, kind, last.version, fold(kind, SHARED, effective(entries))), recorded, last.event)


def linked(*others: UUID, link: LinkType = LinkType.SUPPORTS, hour: int = 10) -> list[Event]:
    """This case confirmed a link that each of the others had proposed."""
    return [LinkConfirmed(**said(NOON + hour * HOUR), other=o, other_kind=KINDS[o], link=link) for o in others]


def owed(reaction: Reaction, kind: Kind, events: Sequence[Event]) -> list[tuple[UUID, Duty]]:
    """What is opened, and in which case, once the last of these events is recorded."""
    if events[-1].type not in reaction.hears:
        return []
    found = cause(kind, events)
    replies = reaction.react(found)
    opened = [
        (reply.case_id, reply.command(open_now(reply.case_id)) if callable(reply.command) else reply.command)
        for reply in replies
    ]
    return [(case_id, command.duty) for case_id, command in opened if isinstance(command, OpenObligation)]


def known(kind: Kind, events: Sequence[Event]) -> Known:
    """A case as it stands."""
    found = cause(kind, events)
    return Known(found.entries, found.case)


def open_now(case_id: UUID) -> Known:
    """Each of the other cases, open."""
    kind, events = {
        INQUIRY: (INVESTIGATION, MATTER), HOLD: (DETENTION, HELD), PARCEL: (SEIZURE, GOODS), VERDICT: (SENTENCING, SENTENCED)
    }[case_id]  # fmt: skip
    return known(kind, events)


def late(hour: float = 20) -> dict[str, Any]:
    """What is stated of an act after the links."""
    return said(NOON + hour * HOUR)


REVISED = ClassificationRevised(**late(), line="A-1", was=MILITARY, now=HARMLESS, basis="A carrier.")
QUASHED = ConvictionQuashed(**late(), court="Supreme court", custody=Custody.HELD)
RELEASED = PersonReleased(
    **late(), kind=ReleaseKind.OTHER, released_to=None, property_returned=Answer.YES, paperwork_given=Answer.YES
)

# --- Links ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "answer"),
    [
        (linked(INQUIRY)[0], LinkState.CONFIRMED),
        (LinkRejected(**late(), other=INQUIRY, other_kind="investigation", link=LinkType.SUPPORTS), LinkState.REJECTED),
        (LinkEnded(**late(), other=INQUIRY, link=LinkType.SUPPORTS), LinkState.ENDED),
    ],
)
def test_what_one_end_of_a_link_did_is_told_to_the_other(event: Event, answer: LinkState) -> None:
    (reply,) = LINK_ANSWERED.react(cause(DETENTION, [*HELD, event]))
    command = reply.command
    assert isinstance(command, RecordLinkAnswer)
    assert (reply.case_id, command.other, command.link, command.answer) == (INQUIRY, CASE, LinkType.SUPPORTS, answer)
    assert reply.already == {"unchanged"}, "the other end may know it already"


def test_an_answer_is_not_answered() -> None:
    assert LinkAnswered.type not in LINK_ANSWERED.hears


def test_what_a_reaction_states_rests_on_the_entry_and_holds_from_its_receipt() -> None:
    found = cause(SEIZURE, [*GOODS, *linked(INQUIRY), REVISED])
    reference = f"{CASE}/{found.recorded.version}"
    for reply in CLASSIFICATION_REVISED.react(found):
        command = reply.command
        assert isinstance(command, OpenObligation)
        assert [(s.source_id, s.kind, s.origin_id) for s in command.sources] == [(reference, SourceKind.SYSTEM, reference)]
        assert command.when.earliest == found.entries[-1].recorded_at
        assert command.when.precise
        assert command.basis == f"seizure.classification_revised {reference} line A-1"
        assert command.decided_by is None, "that is the reaction itself"


def test_names_are_unique_and_every_event_heard_and_command_given_is_known() -> None:
    catalogue = discover()
    assert len({reaction.name for reaction in REACTIONS}) == len(REACTIONS)
    assert all(reaction.hears <= catalogue.events.keys() for reaction in REACTIONS)
    assert RecordLinkAnswer.by == BY_THE_SYSTEM
    assert SYSTEM in OpenObligation.by.roles


# --- Reviews --------------------------------------------------------------------------------------------------


def test_goods_no_longer_controlled_bring_reviews_and_the_return_of_that_line() -> None:
    here = [(CASE, Duty.SEIZURE_REVIEW), (CASE, Duty.RETURN_OF_GOODS)]
    there = [(INQUIRY, Duty.GROUNDS_REVIEW), (HOLD, Duty.HOLD_REVIEW)]
    assert owed(CLASSIFICATION_REVISED, SEIZURE, [*GOODS, *linked(INQUIRY, HOLD, VERDICT), REVISED]) == [*here, *there]


def test_another_list_that_controls_the_line_keeps_it_from_being_returned() -> None:
    national = ItemClassified(
        **said(NOON + 5 * HOUR), line="A-1", classification=replace(MILITARY, scheme=Scheme.NATIONAL_LIST), basis="L"
    )
    assert owed(CLASSIFICATION_REVISED, SEIZURE, [*GOODS, national, REVISED]) == [(CASE, Duty.SEIZURE_REVIEW)]


@pytest.mark.parametrize(("was", "now"), [(HARMLESS, HARMLESS), (HARMLESS, MILITARY), (MILITARY, MILITARY)])
def test_any_other_revision_brings_nothing(was: Any, now: Any) -> None:
    assert owed(CLASSIFICATION_REVISED, SEIZURE, [*GOODS, *linked(INQUIRY), replace(REVISED, was=was, now=now)]) == []


@pytest.mark.parametrize(
    "state",
    [
        [LinkProposed(**said(NOON + 10 * HOUR), other=INQUIRY, other_kind="investigation", link=LinkType.SUPPORTS)],
        [*linked(INQUIRY), LinkEnded(**said(NOON + 11 * HOUR), other=INQUIRY, link=LinkType.SUPPORTS)],
        linked(INQUIRY, link=LinkType.POSSIBLE_OVERLAP),
    ],
)
def test_only_a_confirmed_link_on_which_a_case_rests_carries_anything(state: list[Event]) -> None:
    assert owed(ITEM_MISSING, SEIZURE, [*GOODS, *state, ItemMissing(**late(), line="A-1", last_seen=None)]) == []


def test_missing_goods_are_to_be_disclosed() -> None:
    events = [*GOODS, *linked(INQUIRY, HOLD), ItemMissing(**late(), line="A-1", last_seen=None)]
    assert owed(ITEM_MISSING, SEIZURE, events) == [(INQUIRY, Duty.DISCLOSURE)]


def test_a_discontinued_investigation_has_holds_and_seizures_reviewed() -> None:
    over = InvestigationDiscontinued(**late(), ground=DiscontinuationGround.OTHER)
    expected = [(HOLD, Duty.HOLD_REVIEW), (PARCEL, Duty.SEIZURE_REVIEW)]
    assert owed(INVESTIGATION_DISCONTINUED, INVESTIGATION, [*MATTER, *linked(HOLD, PARCEL), over]) == expected


APPEALED = AppealLodged(**said(NOON + 5 * HOUR), appellant=Appellant.CONVICTED_PERSON, grounds="G")


def decided(outcome: AppealOutcome) -> Event:
    """An appeal was decided."""
    none: dict[str, Any] = {"quashed_counts": (), "terms": (), "ancillary": (), "no_separate_penalty": ()}
    return AppealDecided(**late(), outcome=outcome, court=None, custody=Custody.HELD, **none)


@pytest.mark.parametrize("event", [QUASHED, decided(AppealOutcome.QUASHED)])
def test_a_quashed_conviction_brings_release_the_review_of_forfeitures_and_restriction(event: Event) -> None:
    before = SENTENCED if event is QUASHED else [*SENTENCED, APPEALED]
    events = [*before, *linked(HOLD, PARCEL), event]
    expected = [(CASE, Duty.RECORD_RESTRICTION), (HOLD, Duty.RELEASE), (PARCEL, Duty.FORFEITURE_REVIEW)]
    assert owed(CONVICTION_QUASHED, SENTENCING, events) == expected


def test_a_release_is_owed_to_whoever_was_taken_after_a_quashing_that_became_known_late() -> None:
    moved = CustodyTransferred(**said(NOON + 40 * HOUR), institution="Colony 2")
    unknown = replace(QUASHED, custody=Custody.UNKNOWN)
    opening = CONVICTED[0]
    assert isinstance(opening, ConvictionRecorded)
    convicted = [replace(opening, custody=Custody.UNKNOWN), *CONVICTED[1:]]
    restricted = (CASE, Duty.RECORD_RESTRICTION)
    assert owed(CONVICTION_QUASHED, SENTENCING, [*convicted, moved, unknown]) == [restricted, (CASE, Duty.RELEASE)]
    assert owed(CONVICTION_QUASHED, SENTENCING, [*CONVICTED, moved, QUASHED]) == [restricted], "owed since the judgment"
    back = SentencedPersonReturned(**said(NOON + 40 * HOUR), institution=None)
    escaped = SentencedPersonEscaped(**said(NOON + 30 * HOUR), place=None, circumstances=None)
    assert owed(CONVICTION_QUASHED, SENTENCING, [*CONVICTED, escaped, back, QUASHED]) == [restricted, (CASE, Duty.RELEASE)]


def test_an_appeal_decided_otherwise_brings_nothing() -> None:
    events = [*SENTENCED, APPEALED, *linked(HOLD), decided(AppealOutcome.UPHELD)]
    assert owed(CONVICTION_QUASHED, SENTENCING, events) == []


def test_release_is_due_at_once_cannot_be_waived_and_is_owed_only_where_somebody_may_be_held() -> None:
    found = cause(SENTENCING, [*CONVICTED, *linked(HOLD), QUASHED])
    release = CONVICTION_QUASHED.react(found)[1].command
    assert callable(release)
    command = release(known(DETENTION, HELD))
    assert isinstance(command, OpenObligation)
    assert command.due == found.entries[-1].recorded_at + RELEASE_WITHIN
    assert command.party is None
    assert release(known(DETENTION, [*HELD, RELEASED])) is None


UNLAWFUL = HoldDeclaredUnlawful(
    **late(), body="Court", began=HELD[0].when, ended=When(NOON + 9 * HOUR, NOON + 10 * HOUR, HELD[0].when.precision.RANGE)
)


def test_an_unlawful_hold_brings_a_remedy_to_the_person_and_the_review_of_statements() -> None:
    events = [*HELD, *linked(INQUIRY), UNLAWFUL]
    assert owed(HOLD_DECLARED_UNLAWFUL, DETENTION, events) == [(CASE, Duty.REMEDY), (INQUIRY, Duty.STATEMENT_REVIEW)]
    remedy = HOLD_DECLARED_UNLAWFUL.react(cause(DETENTION, events))[0].command
    assert isinstance(remedy, OpenObligation)
    assert remedy.party == PERSON


# --- The link comes later -------------------------------------------------------------------------------------


def answered(state: LinkState, hour: int = 31) -> LinkAnswered:
    """The other end answered a link this case had proposed."""
    return LinkAnswered(**said(NOON + hour * HOUR), other=INQUIRY, link=LinkType.SUPPORTS, answer=state)


PROPOSED = LinkProposed(**said(NOON + 10 * HOUR), other=INQUIRY, other_kind="investigation", link=LinkType.SUPPORTS)
TOLD = [(INQUIRY, Duty.GROUNDS_REVIEW)]
ENDED = LinkEnded(**late(40), other=INQUIRY, link=LinkType.SUPPORTS)


def test_a_link_confirmed_later_brings_what_the_other_case_was_never_told() -> None:
    react = CLASSIFICATION_REVISED
    assert owed(react, SEIZURE, [*GOODS, REVISED, *linked(INQUIRY, hour=30)]) == TOLD
    assert owed(react, SEIZURE, [*GOODS, PROPOSED, REVISED, answered(LinkState.CONFIRMED)]) == TOLD
    assert owed(react, SEIZURE, [*GOODS, PROPOSED, REVISED, answered(LinkState.REJECTED)]) == []


def test_a_second_link_or_one_confirmed_anew_brings_nothing_twice() -> None:
    told = [*GOODS, *linked(INQUIRY), REVISED]
    again = linked(INQUIRY, hour=50)
    assert owed(CLASSIFICATION_REVISED, SEIZURE, [*told, *linked(INQUIRY, link=LinkType.EVIDENCE_FOR, hour=50)]) == []
    assert owed(CLASSIFICATION_REVISED, SEIZURE, [*told, ENDED, *again]) == []
    later = [*GOODS, REVISED, *linked(INQUIRY, hour=30)]
    assert owed(CLASSIFICATION_REVISED, SEIZURE, [*later, ENDED, *again]) == []
    between = [*GOODS, *linked(INQUIRY), replace(ENDED, when=said(NOON + 12 * HOUR)["when"]), REVISED, *again]
    assert owed(CLASSIFICATION_REVISED, SEIZURE, between) == TOLD


def test_what_was_retracted_before_the_link_came_is_not_told() -> None:
    gone = EntryRetracted(**late(21), target=len(GOODS) + 1, why=CorrectionReason.NEVER_HAPPENED)
    assert owed(CLASSIFICATION_REVISED, SEIZURE, [*GOODS, REVISED, gone, *linked(INQUIRY, hour=30)]) == []


def corrected(target: int, restated: Event) -> EntryCorrected:
    """An entry restated."""
    return EntryCorrected(**late(25), target=target, why=CorrectionReason.WRONG_ITEM, restated=restated)


def test_an_entry_corrected_into_one_with_consequences_has_them_once() -> None:
    wrong = replace(REVISED, now=MILITARY)
    before = [*GOODS, *linked(INQUIRY), wrong]
    right = corrected(len(before), REVISED)
    expected = [(CASE, Duty.SEIZURE_REVIEW), (CASE, Duty.RETURN_OF_GOODS), *TOLD]
    assert owed(CLASSIFICATION_REVISED, SEIZURE, [*before, right]) == expected
    again = corrected(len(before), replace(REVISED, basis="Other words."))
    assert owed(CLASSIFICATION_REVISED, SEIZURE, [*before, right, again]) == []
    assert owed(CLASSIFICATION_REVISED, SEIZURE, [*GOODS, wrong, corrected(6, REVISED), *linked(INQUIRY, hour=30)]) == TOLD


# --- Credit ---------------------------------------------------------------------------------------------------

CREDITED = linked(VERDICT, link=LinkType.CREDITS)
ESCAPED = PersonEscaped(**late(15), circumstances="C")


def derived_for(events: Sequence[Event]) -> list[UUID]:
    """The sentencings for which credit is derived again."""
    return [reply.case_id for reply in CREDIT.react(cause(DETENTION, events))]


def test_credit_is_derived_again_whenever_a_time_in_custody_ends_or_goes_on() -> None:
    died = PersonDied(**late(), circumstances="C", told=None)
    back = PersonReturned(**late(18), circumstances="C", facility=None)
    for ends in ([RELEASED], [died], [ESCAPED], [ESCAPED, back]):
        assert derived_for([*HELD, *CREDITED, *ends]) == [VERDICT]
    assert derived_for([*HELD, *CREDITED, ESCAPED, RELEASED]) == [], "free already since the escape"
    assert derived_for([*HELD, *linked(VERDICT), RELEASED]) == [], "no link of credit"


def test_credit_is_derived_again_when_a_correction_moves_the_time_in_custody() -> None:
    history = [*HELD, *CREDITED, RELEASED]
    assert derived_for([*history, corrected(3, replace(RELEASED, **late(12)))]) == [VERDICT]
    assert derived_for([*history, corrected(3, replace(RELEASED, paperwork_given=Answer.NO))]) == []


def test_a_link_of_credit_confirmed_after_the_release_has_credit_derived() -> None:
    assert derived_for([*HELD, RELEASED, *CREDITED]) == [VERDICT]
    assert derived_for([*HELD, *CREDITED]) == [], "still held: whoever computes derives"


def test_the_derivation_names_every_linked_detention_and_the_sentences_left_out_before() -> None:
    (reply,) = CREDIT.react(cause(DETENTION, [*HELD, *CREDITED, RELEASED]))
    assert isinstance(reply.otherwise, OpenObligation)
    assert reply.otherwise.duty is Duty.CREDIT_REVIEW
    derive = reply.command
    assert callable(derive)
    assert derive(known(SENTENCING, CONVICTED)) is None, "there is no sentence"
    last = CreditDerived(
        **said(NOON + 3 * HOUR), intervals=(), days=0, rule=EACH_DAY_ONCE, detentions=(),
        served=(ServedSpan(INQUIRY, date(2026, 1, 1), date(2026, 1, 2)),), through=date(2026, 3, 2), before=None,
        provisional=True,
    )  # fmt: skip
    both = linked(HOLD, PARCEL, link=LinkType.CREDITS)
    command: Command | None = derive(known(SENTENCING, [*SENTENCED, last, *both]))
    assert isinstance(command, DeriveCredit)
    assert (command.detentions, command.other_sentences) == ((HOLD, PARCEL), (INQUIRY,))
    assert command.when.latest == NOON + 20 * HOUR + timedelta(minutes=1, seconds=1, microseconds=1)
