"""Different people: whoever did the first of two acts neither decides the second nor records it for somebody else.

The table names every pair of the law. The completeness tests read the rules themselves: a guard that asks for another
person and stands in no row fails them.
"""

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import FunctionType
from typing import Any

import pytest

import domain
from domain.catalogue import discover, modules_of, refusals_of
from domain.dossier import SHARED
from domain.history import decide
from domain.kernel import Command, Refusal, Refused, require_another
from domain.kinds.investigation import guards
from domain.kinds.seizure.item_rules import LINES
from domain.naming import snake
from tests.domain.two_person_acts import FRESH, NAMED, Named, Pair, of_an_inquiry
from tests.domain.two_person_acts import PAIRS as TABLE
from tests.life_cycles import layers, named

# --- Which rules ask for another person ------------------------------------------------------------------------


def calls(tree: ast.AST, names: Mapping[str, Any]) -> Iterator[tuple[Any, list[ast.expr]]]:
    """Everything that a piece of source calls, with what it is given."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield named(node.func, names), node.args


def asked_by(rule: Callable[..., Any], seen: frozenset[Any] = frozenset()) -> set[Refusal]:
    """The refusals by which a rule, or a guard it calls at whatever depth, asks for another person."""
    found: set[Refusal] = set()
    for tree, names in layers(rule):
        for function, given_to in calls(tree, names):
            if function is require_another:
                found.add(named(given_to[2], names))
            elif isinstance(function, FunctionType) and function.__module__.startswith("domain.") and function not in seen:
                found |= asked_by(function, seen | {rule})
    return found


@cache
def asked() -> set[tuple[type[Command], Refusal]]:
    """Each command with each refusal by which its rules ask for another person."""
    rules = [(command, rule) for kind in discover().kinds.values() for (_, command), rule in kind.rules.items()]
    rules += [(command, rule) for (_, command), rule in LINES.items()]
    rules += list(SHARED.rules.items())
    return {(command, refusal) for command, rule in set(rules) for refusal in asked_by(rule)}


RECUSED = [
    of_an_inquiry("is recused", "o-kin", command, refusal)
    for command, refusal in sorted(asked(), key=lambda pair: pair[0].__name__)
    if refusal is guards.OFFICER_RECUSED
]
"""A recused officer decides nothing: not one pair but one for each command of an investigation that has the guard."""

PAIRS = [*TABLE, *RECUSED]
each_pair = pytest.mark.parametrize("pair", PAIRS, ids=lambda p: f"{p.first}, {snake(type(p.second).__name__)}")


def test_every_guard_that_asks_for_another_person_stands_in_the_table() -> None:
    assert {(type(pair.second), pair.refusal) for pair in PAIRS} == asked()


def test_no_guard_that_asks_for_another_person_is_out_of_reach_of_the_rules() -> None:
    written = {
        named(given_to[2], vars(module))
        for module in modules_of(domain)
        for function, given_to in calls(ast.parse(inspect.getsource(module)), vars(module))
        if function is require_another
    }
    assert written == {refusal for _, refusal in asked()}
    assert all(isinstance(refusal, Refusal) for refusal in written)


# --- Both sides -----------------------------------------------------------------------------------------------


def refusal_of(pair: Pair, decided_by: str, recorded_by: str) -> Refusal:
    """The rule by which the second act is refused to these two."""
    with pytest.raises(Refused) as caught:
        pair.by(decided_by, recorded_by)
    return caught.value.refusal


def decider(pair: Pair) -> str:
    """Another officer who may decide the second act."""
    assert pair.second.decided_by
    return pair.second.decided_by


@each_pair
def test_another_person_may(pair: Pair) -> None:
    assert pair.did not in (decider(pair), FRESH)
    assert pair.by(decider(pair), FRESH)


@each_pair
def test_the_same_person_does_not_decide(pair: Pair) -> None:
    assert refusal_of(pair, pair.did, FRESH) is (pair.as_decider or pair.refusal)


@each_pair
def test_nor_records_it_in_the_name_of_another(pair: Pair) -> None:
    assert refusal_of(pair, decider(pair), pair.did) is pair.refusal


@each_pair
def test_nor_both(pair: Pair) -> None:
    assert refusal_of(pair, pair.did, pair.did) is (pair.as_decider or pair.refusal)


# --- People a command names -----------------------------------------------------------------------------------

each_named = pytest.mark.parametrize("act", NAMED, ids=lambda act: act.says)


@each_named
def test_whoever_a_command_names_as_the_second_person_is_another(act: Named) -> None:
    with pytest.raises(Refused) as caught:
        decide(act.kind, SHARED, act.case, act.same, act.seen)
    assert caught.value.refusal is act.refusal
    assert decide(act.kind, SHARED, act.case, act.other, act.seen_of_other or act.seen).events


def test_every_rule_that_keeps_duties_apart_is_tried() -> None:
    apart = {refusal for refusal in refusals_of(modules_of(domain)).values() if "different people" in refusal.source}
    assert apart
    assert apart <= {pair.refusal for pair in PAIRS} | {act.refusal for act in NAMED}
