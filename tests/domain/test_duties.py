"""Obligations: opened, acknowledged, met with evidence, waived by the person alone; and alarms, recorded once."""

from dataclasses import replace
from typing import Any

import pytest

from domain.catalogue import discover
from domain.clocks import OBLIGATION, deadlines
from domain.dossier import SHARED
from domain.dossier import duty_rules as no
from domain.dossier.duty_acts import (
    AcknowledgeObligation,
    DeadlineMissed,
    DeadlineWarned,
    DischargeObligation,
    Duty,
    DutyOverdue,
    LimitReached,
    ObligationAcknowledged,
    ObligationDischarged,
    ObligationOpened,
    ObligationWaived,
    OpenObligation,
    RecordMissedDeadline,
    RecordOverdueDuty,
    RecordReachedLimit,
    WaiveObligation,
    WaiverForm,
    WarnOfDeadline,
)
from domain.dossier.rules import UNCHANGED, UNKNOWN_PARTY
from domain.dossier.state import Owed
from domain.history import decide
from domain.kernel import Actor, Context, Entry, EntryRetracted, ImpossibleHistory, Kind, Refused
from domain.kinds.sentencing import KIND as SENTENCING
from domain.values import CorrectionReason, at
from tests.domain.permits import ISSUED, KIND, state
from tests.domain.sentencing_course import CLOSING, DUE, SERVED, lived, officer
from tests.domain.walks import Search
from tests.examples import LIFE_CYCLES
from tests.profiles import NEUTRAL
from tests.scenario import DAY, HOUR, NOON, OTHER_PERSON, PERSON, context, given, refused, said, then

LATER: dict[str, Any] = said(NOON + HOUR)
WHAT: dict[str, Any] = {
    "duty": Duty.CONSULAR_NOTICE,
    "basis": "VCCR, art. 36 (1) (b)",
    "to_whom": "consular post",
    "due": NOON + 12 * HOUR,
    "party": PERSON,
}
OPEN = given(ISSUED)
OPENED = ObligationOpened(**LATER, **WHAT, obligation=2)
OWED = given(ISSUED, OPENED)
EVIDENCE: dict[str, Any] = {"evidence": "telefax 7/26", "evidence_entry": None}
WAIVER: dict[str, Any] = {"party": PERSON, "form": WaiverForm.SIGNED, "language": "xx"}


def at_version(history: list[Entry]) -> Context:
    """What the system knows of a case with this history."""
    return replace(context(), version=len(history))


def test_an_obligation_is_numbered_by_the_entry_that_opens_it() -> None:
    then(KIND, OPEN, OpenObligation(**LATER, **WHAT), OPENED, ctx=at_version(OPEN))
    assert state(OWED).dossier.owed[2].duty is Duty.CONSULAR_NOTICE


def test_an_obligation_lies_ahead_and_is_owed_to_somebody_registered() -> None:
    command = OpenObligation(**LATER, **WHAT)
    refused(KIND, OPEN, replace(command, due=NOON + HOUR), no.OBLIGATION_DUE_PASSED, at_version(OPEN))
    refused(KIND, OPEN, command, UNKNOWN_PARTY, context(others={}))


def test_somebody_answers_for_an_obligation_once() -> None:
    command = AcknowledgeObligation(**LATER, obligation=2)
    then(KIND, OWED, command, ObligationAcknowledged(**LATER, obligation=2))
    answered = given(ISSUED, OPENED, ObligationAcknowledged(**LATER, obligation=2))
    refused(KIND, answered, command, UNCHANGED)
    refused(KIND, OWED, replace(command, obligation=3), no.NO_SUCH_OBLIGATION)


def test_an_obligation_is_met_with_evidence() -> None:
    command = DischargeObligation(**LATER, obligation=2, evidence="telefax 7/26")
    then(KIND, OWED, command, ObligationDischarged(**LATER, obligation=2, **EVIDENCE), ctx=at_version(OWED))
    by_entry = replace(command, evidence=None, evidence_entry=1)
    then(
        KIND, OWED, by_entry, ObligationDischarged(**LATER, obligation=2, evidence=None, evidence_entry=1), ctx=at_version(OWED)
    )
    refused(KIND, OWED, replace(command, evidence=None), no.EVIDENCE_MISSING, at_version(OWED))
    refused(KIND, OWED, replace(command, evidence_entry=3), no.EVIDENCE_MISSING, at_version(OWED))
    met = given(ISSUED, OPENED, ObligationDischarged(**LATER, obligation=2, **EVIDENCE))
    refused(KIND, met, command, no.NO_SUCH_OBLIGATION, at_version(met))


def test_only_the_person_waives_what_is_owed_to_them() -> None:
    command = WaiveObligation(**LATER, obligation=2, **WAIVER)
    then(KIND, OWED, command, ObligationWaived(**LATER, obligation=2, **WAIVER))
    refused(KIND, OWED, replace(command, party=OTHER_PERSON), no.ONLY_PERSON_WAIVES)
    to_nobody = given(ISSUED, replace(OPENED, party=None))
    refused(KIND, to_nobody, command, no.ONLY_PERSON_WAIVES)


def test_what_was_never_opened_cannot_have_been_met() -> None:
    """An obligation that was met cannot be retracted from under it."""
    met = given(ISSUED, OPENED, ObligationDischarged(**LATER, obligation=2, **EVIDENCE))
    gone = EntryRetracted(**LATER, target=2, why=CorrectionReason.NEVER_HAPPENED)
    with pytest.raises(ImpossibleHistory):
        state([*met, *given(ISSUED, OPENED, met[2].event, gone)[3:]])


def test_an_obligation_runs_until_it_is_met_whatever_the_profile() -> None:
    (running,) = deadlines(NEUTRAL, OWED)
    assert (running.clock, running.run, running.due) == (OBLIGATION.id, "2", NOON + 12 * HOUR)
    met = given(ISSUED, OPENED, ObligationDischarged(**said(NOON + DAY), obligation=2, **EVIDENCE))
    (stopped,) = deadlines(NEUTRAL, met)
    assert (stopped.stopped_by, stopped.missed) == (3, "yes")


@pytest.mark.parametrize(
    "kind", [k for k in discover().kinds.values() if k.name in ("detention", "investigation", "seizure")], ids=lambda k: k.name
)
def test_no_case_is_closed_while_something_is_owed_in_it(kind: Kind) -> None:
    """Whatever else a kind asks of a closing: its own stage comes from its written life cycle, up to the last act."""
    life = LIFE_CYCLES[kind.name]
    closes = next(i for i, command in enumerate(life) if type(command).__name__.startswith("Close"))
    search = Search(kind).follow(life[:closes])
    (case,) = [c for c in search.cases() if len(c.entries) == max(len(each.entries) for each in search.cases())]
    owed = replace(case.folded.dossier, owed={2: Owed(Duty.DISCLOSURE, None)})
    closing = life[closes]
    officer = Actor(closing.decided_by or "", "supervisor", "unit-9", "agency")
    known = replace(case.context(officer, closing), now=closing.when.latest or case.now)
    assert decide(kind, SHARED, case.folded, closing, known).events
    with pytest.raises(Refused) as caught:
        decide(kind, SHARED, case.folded._replace(dossier=owed), closing, replace(known, dossier=owed))
    assert caught.value.refusal == no.OBLIGATION_OPEN


def test_no_sentencing_is_closed_while_something_is_owed_in_it() -> None:
    history = lived(*SERVED)
    number = len(history) + 1
    opened = replace(OPENED, when=at(DUE), obligation=number, party=None, due=None)
    refused(SENTENCING, [*history, Entry(number, history[-1].recorded_at, opened)], CLOSING, no.OBLIGATION_OPEN, officer(None))


RUN: dict[str, Any] = {
    "clock": "first-review", "run": None, "started_by": 1, "due": NOON + 6 * HOUR, "profile": "default-neutral@1",
}  # fmt: skip


@pytest.mark.parametrize(
    ("command", "event"),
    [
        (WarnOfDeadline, DeadlineWarned),
        (RecordMissedDeadline, DeadlineMissed),
        (RecordOverdueDuty, DutyOverdue),
        (RecordReachedLimit, LimitReached),
    ],
)
def test_an_alarm_is_recorded_once(command: Any, event: Any) -> None:
    raised = command(**LATER, **RUN)
    then(KIND, OPEN, raised, event(**LATER, **RUN))
    alarmed = given(ISSUED, event(**LATER, **RUN))
    refused(KIND, alarmed, raised, no.ALARM_RAISED)
    then(KIND, alarmed, replace(raised, due=NOON + 7 * HOUR), event(**LATER, **(RUN | {"due": NOON + 7 * HOUR})))
