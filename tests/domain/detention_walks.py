"""Random histories of detentions: a general search, walks around the limits of a hold, and both of them disturbed."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from domain.history import effective
from domain.kernel import Actor, Command, Entry
from domain.kinds.detention import KIND, acts, care_acts, custody_acts, rights_acts
from domain.kinds.detention.acts import JudicialOutcome, MeasureType, PostponementGround, ReviewOutcome
from domain.values import Authority, AuthorityKind, ClaimStatus, at
from tests.domain.walks import Case, Search, disturb
from tests.examples import LIFE_CYCLES
from tests.scenario import HOUR, NOON, PERSON, SEEN

Step = tuple[Case, Case]
"""A case before and after a command that was accepted."""

# --- Around the limits of a hold --------------------------------------------------------------------------------

Draw = Callable[[random.Random, datetime, datetime], dict[str, Any]]
"""What a command states of its own, from the moment of the act and that of the apprehension."""


def soon(rng: random.Random, then: datetime, began: datetime) -> datetime:
    """An end after the act: about the limits of executive custody, or weeks ahead."""
    limits = [began + hours * HOUR for hours in (6, 12, 20, 24, 36, 48)]
    return rng.choice([*limits, then + rng.randint(1, 20) * HOUR, then + timedelta(days=rng.randint(1, 30))])


def decision(rng: random.Random, then: datetime, began: datetime) -> dict[str, Any]:
    """A court's decision; an order to hold three times in four."""
    outcome = rng.choice((*(JudicialOutcome.HOLD,) * 6, JudicialOutcome.MEASURE, JudicialOutcome.RELEASE))
    until = soon(rng, then, began) if outcome is JudicialOutcome.HOLD else None
    more: dict[str, Any] = {"measure": MeasureType.BAIL, "conditions": "C"} if outcome is JudicialOutcome.MEASURE else {}
    return {"court": "Court", "outcome": outcome, "until": until, "superior": rng.random() < 0.3} | more


DRAWS: dict[type[Command], Draw] = {
    acts.RecordArrival: lambda rng, _then, _began: {"facility": f"Station {rng.randint(1, 3)}"},
    custody_acts.MovePerson: lambda rng, _then, _began: {"facility": f"Station {rng.randint(1, 3)}"},
    rights_acts.ExplainRights: lambda _rng, _then, _began: {"language": "en", "interpreter": "i-1"},
    acts.AuthorizeDetention: lambda rng, then, began: {"grounds": "G", "until": soon(rng, then, began)},
    acts.ExtendDetention: lambda rng, then, began: {"grounds": "G", "diligence": "D", "until": soon(rng, then, began)},
    acts.ReviewDetention: lambda rng, _then, _began: {
        "outcome": ReviewOutcome.RELEASE if rng.random() < 0.1 else ReviewOutcome.CONTINUE, "grounds": "G",
        "representations": "R",
    },
    acts.PostponeReview: lambda rng, then, began: {
        "ground": PostponementGround.MEDICAL_CARE, "new_time": soon(rng, then, began),
    },
    acts.RecordJudicialDecision: decision,
    acts.ImposeMeasure: lambda _rng, _then, _began: {"measure": MeasureType.BAIL, "conditions": "C", "alternatives": "A"},
    custody_acts.RecordDetaineeEscape: lambda _rng, _then, _began: {"circumstances": "C"},
    custody_acts.RecordDetaineeReturn: lambda rng, _then, _began: {
        "circumstances": "C", "facility": rng.choice((None, "Station 4")),
    },
    care_acts.RecordNoProperty: lambda _rng, _then, _began: {},
}  # fmt: skip

WEIGHTS = {
    acts.AuthorizeDetention: 9, acts.ExtendDetention: 9, acts.ReviewDetention: 5, acts.PostponeReview: 2,
    acts.RecordJudicialDecision: 2, acts.ImposeMeasure: 0.5, custody_acts.RecordDetaineeEscape: 0.5,
}  # fmt: skip

DECIDERS = {acts.AuthorizeDetention: "o-6", acts.ReviewDetention: "o-7", acts.PostponeReview: "o-7"}

GIVER = Actor("o-9", "officer", "unit-1", "agency", frozenset({"custody", "review", "senior"}))


def stated(cls: type[Command], then: datetime, **more: Any) -> Command:
    """A command done at a moment, on a kept document of that day, decided by somebody with no other part in it."""
    document = Authority(AuthorityKind.COURT_ORDER, "Order 1/26", "Court", then.date(), "a" * 64)
    command: Command = cls(
        when=at(then), sources=(SEEN,), claim_status=ClaimStatus.OBSERVED, authority=document, reason="Because",
        decided_by=DECIDERS.get(cls, "o-8"), **more,
    )  # fmt: skip
    return command


def walk(rng: random.Random) -> Iterator[Step]:
    """One detention, hour by hour, with acts around the limits, one in four of them recorded late."""
    opening = stated(acts.OpenDetention, NOON, file_number="D-1/26", party=PERSON, place="P", grounds="G", officers=("p-1",))
    case = Case(KIND).give(opening, GIVER)
    assert case is not None
    commands = list(DRAWS)
    weights = [WEIGHTS.get(command, 1) for command in commands]
    for _ in range(25):
        case = replace(case, now=case.now + rng.choice((0, 1, 2, 4, 12)) * HOUR + timedelta(minutes=1))
        late = rng.random() < 0.25
        then = max(NOON, case.now - (rng.randint(1, 20) * HOUR if late else timedelta(seconds=1)))
        cls = rng.choices(commands, weights)[0]
        after = case.give(stated(cls, then, **DRAWS[cls](rng, then, NOON)), GIVER)
        if after is not None:
            yield case, after
            case = after


# --- Everything -------------------------------------------------------------------------------------------------


@dataclass
class Watched(Search):
    """A search that keeps every step it took."""

    taken: list[Step] = field(default_factory=list[Step])

    def note(self, before: Case, after: Case, command: type[Command]) -> None:
        """Keep the step too."""
        self.taken.append((before, after))
        super().note(before, after, command)


@cache
def accepted(seed: int) -> tuple[Step, ...]:
    """Every step of a search from the written life cycle and the opening, and of walks around the limits."""
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    search = Watched(KIND, seed)
    search.follow(LIFE_CYCLES["detention"]).run(700, 700)
    return (*search.taken, *(step for _ in range(200) for step in walk(rng)))


@cache
def disturbed(seed: int) -> tuple[Case, ...]:
    """Some of those histories after late entries, corrections and retractions, at each step of the way."""
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    found: list[Case] = []
    for _, case in rng.sample(accepted(seed), 60):
        current: Case = case
        for _ in range(10):
            after = disturb(current, rng)
            if after is not None:
                found.append(after)
                current = after
    return tuple(found)


def histories(seed: int) -> Iterator[Case]:
    """Every history of a seed, as far as it had come at each step."""
    yield from (after for _, after in accepted(seed))
    yield from disturbed(seed)


def counting(case: Case) -> list[Entry]:
    """The effective entries without those that an end of custody set aside."""
    return [e for e in effective(case.entries) if e.version not in case.folded.contradictions]
