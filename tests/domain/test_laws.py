"""Laws that hold for every kind of case, whoever adds one: asked of everything the catalogue finds."""

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from domain import dossier, kinds
from domain.catalogue import Catalogue, Conflict, discover, modules_of
from domain.dossier import SHARED
from domain.dossier.acts import CorrectEntry, RetractEntry
from domain.history import apply_rule, effective, fold, open_commands, rule_for, until
from domain.kernel import (
    NOT_OPEN,
    Command,
    Context,
    Event,
    Events,
    ImpossibleHistory,
    Kind,
    Nothing,
    Opened,
    Opening,
    Refused,
    Stage,
    Statement,
    members,
    stage_name,
)
from tests.domain.makers import ACTORS, NoSuchValue, hints
from tests.domain.walks import Case, Search, attempt, disturb
from tests.examples import LIFE_CYCLES

CATALOGUE = discover()
KINDS = list(CATALOGUE.kinds.values())
EVENTS = list(CATALOGUE.events.values())
COMMANDS = [*SHARED.rules, *(command for kind in KINDS for command in kind.commands)]

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
each_event = pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
each_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)


@cache
def search(name: str) -> Search:
    """The cases a search of a kind reaches: from its written life cycle, if it has one, and from its opening."""
    kind = CATALOGUE.kinds[name]
    return Search(kind).follow(LIFE_CYCLES.get(name, ())).run(400, 6000)


# --- Tables and names -----------------------------------------------------------------------------------------


def tables() -> Iterator[Mapping[Any, Callable[..., Events]]]:
    """Every table of rules in the kinds, those of item lines included."""
    yield {(Stage, command): rule for command, rule in SHARED.rules.items()}
    yield from (kind.table for kind in KINDS)
    for module in modules_of(kinds):
        yield from (v for v in vars(module).values() if isinstance(v, Mapping) and v and all(map(is_pair, v)))


def is_pair(key: Any) -> bool:
    """Whether something is a key of a table: stages and a command."""
    return isinstance(key, tuple) and len(key) == 2 and isinstance(key[1], type) and issubclass(key[1], Command)


def test_every_table_key_is_what_its_rule_takes() -> None:
    for table in tables():
        named: dict[tuple[type[Command], Callable[..., Events]], set[type[Stage]]] = {}
        for (stages, command), rule in table.items():
            named.setdefault((command, rule), set()).update(members(stages))
        for (command, rule), stages in named.items():
            took = get_type_hints(rule)
            stage, *rest = (took[name] for name in rule.__annotations__)
            assert (set(members(stage)), *rest) == (stages, command, Context, Events), rule


def test_a_name_used_by_two_kinds_is_found() -> None:
    one = KINDS[0]
    with pytest.raises(Conflict):
        Catalogue({"one": one, "two": one}, {})


@each_kind
def test_a_check_of_a_restated_entry_takes_that_entry(kind: Kind) -> None:
    """As it stands and as it is to be; never one that ends custody, see above."""
    for event, check in kind.restating.items():
        took = get_type_hints(check)
        stage, before, after, context, answer = (took[name] for name in check.__annotations__)
        assert (stage, context, answer) == (Stage, Context, type(None)), check
        assert event in (before, *get_args(before)), check
        assert event in (after, *get_args(after)), check


@each_kind
def test_wire_names_begin_with_the_kind(kind: Kind) -> None:
    assert re.fullmatch("[a-z]+", kind.name)
    assert all(re.fullmatch(rf"{kind.name}\.[a-z]+(_[a-z]+)*", event.type) for event in kind.events)


def test_shared_wire_names_begin_with_case() -> None:
    assert all(re.fullmatch(r"case\.[a-z]+(_[a-z]+)*", event.type) for event in dossier.EVENTS)


@each_kind
def test_the_stages_of_a_kind_have_names_of_their_own(kind: Kind) -> None:
    names = [stage_name(stage) for stage in kind.stages]
    assert len(set(names)) == len(names)


@each_kind
def test_a_case_begins_with_one_opening_and_the_kind_names_only_what_it_has(kind: Kind) -> None:
    opening = [command for stage, command in kind.rules if stage is Nothing]
    assert opening == [kind.opening]
    assert sum(issubclass(event, Opened) for event in kind.events) == 1
    assert set(kind.ends_custody) <= set(kind.events)
    assert kind.on_the_head <= set(kind.commands)
    assert set(kind.restating) <= set(kind.events) - set(kind.ends_custody)
    assert all(stage in kind.stages and command in SHARED.rules for stage, command in kind.closed)


@each_command
def test_a_command_is_summed_up_in_one_line(command: type[Command]) -> None:
    summary = (command.__doc__ or "").splitlines()[0]
    assert re.fullmatch(r"[A-Z].{10,88}\.", summary), summary
    assert command.by.roles


@each_kind
def test_only_shared_commands_name_a_target(kind: Kind) -> None:
    assert [c for c in kind.commands if any(f.name == "target" for f in fields(c))] == []


@each_event
def test_an_event_states_everything_and_names_itself(event: type[Event]) -> None:
    block = {f.name for f in fields(Statement)}
    own = [f for f in fields(event) if f.name not in block]
    assert [f.name for f in own if f.default is not MISSING or f.default_factory is not MISSING] == []
    assert "type" in vars(event)
    assert event.__doc__


def types_in(annotation: Any, seen: set[Any]) -> set[Any]:
    """Every type an annotation is made of, at whatever depth."""
    if annotation in seen or annotation is Event:
        return set()
    seen.add(annotation)
    inner = [a for a in get_args(annotation) if isinstance(a, type | UnionType) or get_origin(a) is not None]
    if isinstance(annotation, type) and hasattr(annotation, "__dataclass_fields__"):
        inner += hints(annotation).values()
    return {annotation, get_origin(annotation) or annotation}.union(*(types_in(a, seen) for a in inner), set())


def test_nothing_stated_is_a_float() -> None:
    assert [s.__name__ for s in (*EVENTS, *COMMANDS) if float in types_in(s, set())] == []


def test_a_refusal_says_the_rule_and_where_it_comes_from() -> None:
    for refusal in CATALOGUE.refusals.values():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", refusal.code)
        assert re.fullmatch(r"[A-Z].*\.", refusal.rule), refusal
        assert refusal.source


# --- What is open, and what leads where -----------------------------------------------------------------------


@each_kind
def test_every_stage_is_reached_and_every_event_comes_about(kind: Kind) -> None:
    assert search(kind.name).missing() == set()


@each_kind
def test_a_command_that_is_not_in_the_table_is_not_open(kind: Kind) -> None:
    found, rng = search(kind.name), random.Random(1)  # noqa: S311 - repeatable, not secret
    for stage in found.reached:
        case = found.some(stage, rng)
        opened = open_commands(kind, SHARED, stage)
        for command in (*kind.commands, *SHARED.rules):
            if rule_for(kind, SHARED, stage, command) is not None:
                assert command in opened
                continue
            asked = case.maker(rng).command(command)
            with pytest.raises(Refused) as caught:
                apply_rule(kind, SHARED, case.folded, asked, case.context(ACTORS[0], asked))
            assert caught.value.refusal == NOT_OPEN
            assert command not in opened


@each_kind
def test_a_case_knows_the_claims_it_holds_in_every_stage(kind: Kind) -> None:
    for case in search(kind.name).cases():
        claims = kind.holds(case.folded.stage)
        assert all(scope and key for scope, key in claims)
    assert kind.holds(Nothing()) == frozenset()


@each_kind
def test_any_event_in_any_stage_is_followed_or_impossible(kind: Kind) -> None:
    """Corrections may bring anything together: evolve has an answer to all of it and never breaks."""
    found, rng = search(kind.name), random.Random(1)  # noqa: S311 - repeatable, not secret
    cases = [Case(kind), *found.cases()]
    for _ in range(1500):
        case = rng.choice(cases)
        try:
            after = kind.evolve(case.folded.stage, case.maker(rng).struct(rng.choice(kind.events)))
        except (ImpossibleHistory, NoSuchValue):
            continue
        assert isinstance(after, Stage)
        assert not isinstance(after, Nothing)


# --- Disorder -------------------------------------------------------------------------------------------------


def some_act(case: Case, rng: random.Random) -> Case | None:
    """The case after any open command."""
    commands = [c for c in open_commands(case.kind, SHARED, type(case.folded.stage)) if not issubclass(c, Opening)]
    commands = [c for c in commands if c not in (CorrectEntry, RetractEntry)]
    return attempt(case, rng.choice(commands), rng, tries=2) if commands else None


def check_every_view(case: Case, known: int, rng: random.Random) -> None:
    """Fold every prefix after ``known`` and an earlier one, whole and cut at moments around its entries."""
    for upto in (*range(known + 1, len(case.entries) + 1), rng.randint(1, len(case.entries))):
        ordered = effective(case.entries[:upto])
        whole = fold(case.kind, SHARED, ordered)
        if upto == len(case.entries):
            assert whole == case.folded, "the case remembered is not the case recorded"
        for entry in rng.sample(ordered, min(3, len(ordered))):
            for moment in (entry.earliest, entry.latest):
                cut = until(ordered, moment)
                fold(case.kind, SHARED, cut.entries)
                assert set(cut.uncertain) <= {e.version for e in ordered}


@pytest.mark.parametrize("seed", [1, 2])
@each_kind
def test_no_disorder_writes_a_history_that_cannot_be_folded(kind: Kind, seed: int) -> None:
    """Acts, late entries, corrections and retractions in any order: each is refused, or every view of it folds."""
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    cases = search(kind.name).cases()
    disturbed = 0
    for case in rng.sample(cases, min(len(cases), 60)):
        current = case
        for _ in range(12):
            after = disturb(current, rng) if rng.random() < 0.6 else some_act(current, rng)
            if after is not None:
                check_every_view(after, len(current.entries), rng)
                current, disturbed = after, disturbed + 1
    assert disturbed > 20
