"""Given past events, when a command comes, then these events or that refusal: the domain tests' one helper."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.demands import needs_history
from domain.dossier import SHARED, Dossier
from domain.history import Decision, decide, decide_within, effective, fold
from domain.kernel import Actor, Command, Context, Entry, Event, Events, Kind, Other, Refusal, Refused, Stage
from domain.kinds.party import Registered
from domain.values import ClaimStatus, Source, SourceKind, at
from tests.profiles import ALONE, LAW

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CASE = UUID(int=1)
PERSON = UUID(int=2)
OTHER_PERSON = UUID(int=3)
OFFICER = Actor("o-1", "officer", "unit-1", "agency")
SEEN = Source("o-1", SourceKind.OFFICER_OBSERVATION, "o-1")
PARTIES = {p: Other("party", Registered(), Dossier()) for p in (PERSON, OTHER_PERSON)}


def said(moment: datetime = NOON, **more: Any) -> dict[str, Any]:
    """The block every command and event begins with: done at ``moment``, observed, decided by o-1."""
    block = {"when": at(moment), "sources": (SEEN,), "claim_status": ClaimStatus.OBSERVED, "decided_by": OFFICER.id}
    return block | more


def given(*events: Event, recorded_at: datetime | None = None) -> list[Entry]:
    """A history: each event recorded a minute after it happened, or all at ``recorded_at``."""
    return [Entry(i, recorded_at or (e.when.latest or NOON) + timedelta(minutes=1), e) for i, e in enumerate(events, start=1)]


def context(actor: Actor = OFFICER, now: datetime | None = None, others: Mapping[UUID, Other] = PARTIES) -> Context:
    """What the system knows: by default everything happens within a year after NOON."""
    instant = now or NOON + 365 * DAY
    return Context(now=instant, actor=actor, case_id=CASE, profile=ALONE, others=others, law=LAW)


def when(kind: Kind, history: list[Entry], command: Command, ctx: Context | None = None) -> Decision:
    """Decide a command that follows the history."""
    ordered, known = effective(history), ctx or context()
    if needs_history(kind, command, known):
        known = replace(known, history=tuple(ordered))
    return decide(kind, SHARED, fold(kind, SHARED, ordered), command, known)


def then(kind: Kind, history: list[Entry], command: Command, *expected: Event, ctx: Context | None = None) -> Stage:
    """The command records exactly these events; answers the stage after."""
    decision = when(kind, history, command, ctx)
    assert decision.events == expected
    return decision.after.stage


def refused(kind: Kind, history: list[Entry], command: Command, refusal: Refusal, ctx: Context | None = None) -> None:
    """The command is refused by exactly this rule."""
    with pytest.raises(Refused) as caught:
        when(kind, history, command, ctx)
    assert caught.value.refusal == refusal


def run(kind: Kind, *commands: Command, actor: Actor = OFFICER) -> tuple[list[Entry], Stage]:
    """Record commands one after another through the kernel, late ones included; the history and the stage after."""
    history: list[Entry] = []
    stage: Stage = fold(kind, SHARED, ()).stage
    for command in commands:
        decision = decide_within(kind, SHARED, history, command, replace(context(actor), others=PARTIES))
        history += given_after(history, decision.events)
        stage = decision.after.stage
    return history, stage


def given_after(history: list[Entry], events: Events) -> list[Entry]:
    """Entries for events recorded next."""
    return [Entry(len(history) + i, NOON + 365 * DAY, e) for i, e in enumerate(events, start=1)]
