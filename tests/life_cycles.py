"""The life-cycle diagrams of docs/life-cycles.md: drawn from each kind's table and from what its ``evolve`` does.

The table says which command is open in which stage, its rule which events the command may record, and ``evolve`` what an
event makes of a stage. That gives every arrow there could be. An arrow is drawn once a case took it: in a written life
cycle, in a random search of the kind, or in a search for that arrow alone. What the guards never let happen is not drawn.
Repeatable: same law, same page. ``scripts/diagrams`` writes it.
"""

import ast
import inspect
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from textwrap import dedent
from types import FunctionType
from typing import Any, NamedTuple, cast, get_args, get_origin

from domain.catalogue import discover
from domain.dossier import SHARED
from domain.kernel import Command, Event, ImpossibleHistory, Kind, Nothing, Rule, Stage, record, stage_name
from domain.kinds.seizure.item_rules import LINE_RULES
from domain.kinds.seizure.line_evolve import evolve_line
from tests.domain.makers import Maker
from tests.domain.walks import Case, Search, attempt
from tests.examples import LIFE_CYCLES

PAGE = Path(__file__).parents[1] / "docs" / "life-cycles.md"
TRIES, SOUGHT = 60, 400
"""How many values of an event are tried in a stage, and how often a command is given to see it lead somewhere."""

STEPS = 2500
"""How many random steps a search takes before single moves are looked for."""

Rules = Mapping[tuple[type[Stage], type[Command]], Rule]


class Move(NamedTuple):
    """A command leads from one stage to another, or leaves it as it is."""

    source: type[Stage]
    command: type[Command]
    target: type[Stage]


@dataclass(frozen=True)
class Life:
    """A life cycle: its name, what it is about, its table written out, and every move of it, in the table's order.

    ``unseen`` are moves that ``evolve`` would make and that no case made.
    """

    name: str
    about: str
    rules: Rules
    moves: tuple[Move, ...]
    unseen: tuple[Move, ...] = ()

    @property
    def stages(self) -> tuple[type[Stage], ...]:
        """Every stage of it, in the table's order, then those nothing is open in."""
        every = (*(stage for stage, _ in self.rules), *(move.target for move in (*self.moves, *self.unseen)))
        return tuple(dict.fromkeys(stage for stage in every if stage is not Nothing))


# --- What a rule may record -----------------------------------------------------------------------------------


def named(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """What an expression of names and attributes stands for in a module, None if it is something else."""
    match node:
        case ast.Name(id=name):
            return names.get(name)
        case ast.Attribute(value=value, attr=attribute):
            return getattr(named(value, names), attribute, None)
        case _:
            return None


def layers(function: Any) -> Iterator[tuple[ast.AST, Mapping[str, Any]]]:
    """The source of a function and of those it wraps, each with the names of its module."""
    while function is not None:
        yield ast.parse(dedent(inspect.getsource(function.__code__))), function.__globals__
        function = getattr(function, "__wrapped__", None)


@cache
def recorded_by(rule: Callable[..., Any]) -> tuple[type[Event], ...]:
    """The events a rule, or a function of the domain it calls at whatever depth, may record, by wire name."""
    found, seen, waiting = set[type[Event]](), set[Any](), [rule]
    while waiting:
        function = waiting.pop()
        seen.add(function)
        for node, names in ((node, names) for tree, names in layers(function) for node in ast.walk(tree)):
            if isinstance(node, ast.Call):
                called = named(node.func, names)
                made = named(node.args[0], names) if called is record else called
                if isinstance(made, type) and issubclass(made, Event):
                    found.add(made)
                elif isinstance(called, FunctionType) and called.__module__.startswith("domain.") and called not in seen:
                    waiting.append(called)
    return tuple(sorted(found, key=lambda event: event.type))


# --- Where an event leads -------------------------------------------------------------------------------------


class StageMaker(Maker):
    """Values for stages too: of a stage's kind, what it comes back to, what it maps."""

    def make(self, annotation: Any, *marks: Any, name: str = "") -> Any:
        """A value of an annotated type for a field."""
        origin = get_origin(annotation)
        if origin is type:
            return get_args(annotation)[0]
        if origin is Mapping:
            key, value = get_args(annotation)
            return {self.make(key, name=name): self.make(value, name=name) for _ in range(self.rng.choice((0, 1)))}
        if origin is frozenset:
            return frozenset({self.make(get_args(annotation)[0], name=name)})
        return super().make(annotation, *marks, name=name)


def led_to(
    evolve: Callable[[Any, Any], Stage], makers: Sequence[tuple[Stage, Maker]], event: type[Event], rng: random.Random
) -> Iterator[type[Stage]]:
    """The stages that values of an event lead to from some of the stages."""
    for _ in range(TRIES):
        before, maker = rng.choice(makers)
        maker.rng = rng
        try:
            yield type(evolve(before, maker.struct(event)))
        except ImpossibleHistory:
            continue


EventsOf = Callable[[type[Command], Rule], Iterable[type[Event]]]


def possible(
    rules: Rules, events_of: EventsOf, known: Mapping[type[Stage], Sequence[Stage]], evolve: Callable[[Any, Any], Stage]
) -> set[Move]:
    """Every move there could be by ``evolve`` alone, from the stages that are known."""
    makers = {stage: [(each, StageMaker(seeded("maker"), state=each)) for each in stages] for stage, stages in known.items()}
    for stage in {stage for stage, _ in rules} - makers.keys():
        made = [cast("Stage", StageMaker(seeded(stage.__name__)).struct(stage))]
        makers[stage] = [(each, StageMaker(seeded("maker"), state=each)) for each in made]
    ends: dict[tuple[type[Stage], type[Event]], frozenset[type[Stage]]] = {}
    found = set[Move]()
    for (stage, command), rule in rules.items():
        for event in events_of(command, rule):
            if (stage, event) not in ends:
                ends[stage, event] = frozenset(led_to(evolve, makers[stage], event, seeded(stage.__name__, event.type)))
            found |= {Move(stage, command, target) for target in ends[stage, event]}
    return found


def seeded(*names: str) -> random.Random:
    """Chance that is the same for the same names, whatever else there is."""
    return random.Random(" ".join(names))  # noqa: S311 - repeatable, not secret


# --- What cases did -------------------------------------------------------------------------------------------


def lines_in(stage: Stage) -> Mapping[str, Stage]:
    """The lines of the inventory in a seizure's stage; none in any other."""
    return getattr(getattr(stage, "goods", None), "lines", {})


@dataclass
class Walk(Search):
    """A search that keeps the moves its cases made, and those of the lines in them."""

    moves: set[Move] = field(default_factory=set)
    line_moves: set[Move] = field(default_factory=set)

    def note(self, before: Case, after: Case, command: type[Command]) -> None:
        """Keep the move of an accepted command."""
        super().note(before, after, command)
        was, now = before.folded.stage, after.folded.stage
        self.moves.add(Move(type(was), command, type(now)))
        old = lines_in(was)
        self.line_moves |= {
            Move(type(old.get(number, Nothing())), command, type(line))
            for number, line in lines_in(now).items()
            if line is not old.get(number)
        }

    def look_for(self, move: Move) -> None:
        """Give a command in cases of a stage until it leads to another, or was tried often enough."""
        self.rng = seeded(*(each.__name__ for each in move))
        for _ in range(SOUGHT):
            if move in self.moves or move.source not in self.reached:
                return
            before = self.some(move.source, self.rng)
            after = attempt(before, move.command, self.rng, 1)
            if after is not None:
                self.note(before, after, move.command)


@cache
def walk_of(name: str, steps: int) -> Walk:
    """A walk of a kind: its written life cycle, and so many random steps."""
    walk = Walk(discover().kinds[name])
    walk.follow(LIFE_CYCLES.get(name, ())).run(steps, steps)
    return walk


def in_order(rules: Rules, moves: Iterable[Move]) -> tuple[Move, ...]:
    """Moves in the order of their table; those that begin a line come first."""
    places = {pair: place for place, pair in enumerate(rules)}
    return tuple(sorted(moves, key=lambda move: (places.get((move.source, move.command), -1), *(e.__name__ for e in move))))


def life_of(kind: Kind) -> Life:
    """The life cycle of a kind."""

    def events_of(command: type[Command], rule: Rule) -> Iterable[type[Event]]:
        of_lines = (each for (_, other), each in LINE_RULES.items() if other is command)
        return dict.fromkeys(event for each in (rule, *of_lines) for event in recorded_by(each) if event in kind.own)

    walk = walk_of(kind.name, STEPS)
    reached = {
        stage: [case.folded.stage for kept in shapes.values() for case in kept] for stage, shapes in walk.reached.items()
    }
    wanted = possible(kind.rules, events_of, reached, kind.evolve)
    for move in in_order(kind.rules, wanted):
        walk.look_for(move)
    beyond = {move for move in wanted if not walk.reached.keys() >= {move.source, move.target}}  # the search does not get there
    unseen = (move for move in wanted - walk.moves - beyond if move.source is not move.target)
    return Life(kind.name, kind.law, kind.rules, in_order(kind.rules, walk.moves | beyond), in_order(kind.rules, unseen))


def life_of_lines() -> Life:
    """The life cycle of a line of a seizure's inventory: in every condition there is, and as the lines of cases went."""
    maker = StageMaker(seeded("lines"))
    stages = dict.fromkeys(stage for stage, _ in LINE_RULES)
    known = {stage: [cast("Stage", maker.struct(stage)) for _ in range(TRIES)] for stage in stages}
    moves = possible(LINE_RULES, lambda _, rule: recorded_by(rule), known, evolve_line)
    moves |= walk_of("seizure", STEPS).line_moves
    about = "Each line of a seizure's inventory has a table of its own."
    return Life("line of a seizure", about, LINE_RULES, in_order(LINE_RULES, moves))


def lives() -> Iterator[Life]:
    """Every life cycle there is, in name order."""
    for name, kind in sorted(discover().kinds.items()):
        yield life_of(kind)
        if name == "seizure":
            yield life_of_lines()


# --- The page -------------------------------------------------------------------------------------------------

MANY = 4
"""From how many stages on a command that leads to the same one is drawn as one arrow from all of them."""

HEAD = """# Life cycles

<!-- Generated by scripts/diagrams from the tables of the kinds. Do not edit. -->

One diagram for each kind of case, one for a line of a seizure's inventory, one for the party register. An arrow is a
command that leads from one stage to another. It says where the command leads when it is taken, not that it is always
taken: rules ask for more than the stage, e.g. another officer or a time limit. A dotted box names several stages that a
command leads from, or to one of. The first table under a diagram says the same in words; the second lists where a command
is open without leading to another stage.
"""


def title(stage: type[Stage]) -> str:
    """A stage's public name; the beginning for the time before the first event."""
    return "(beginning)" if stage is Nothing else stage_name(stage)


def changes(life: Life) -> tuple[Move, ...]:
    """The moves that lead to another stage."""
    return tuple(move for move in life.moves if move.source is not move.target)


def arrows(life: Life) -> dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]]:
    """Who leads where: commands by the stages they lead from and the stages they lead to."""
    sources: dict[tuple[str, str], list[str]] = {}
    for move in changes(life):
        sources.setdefault((move.command.__name__, title(move.target)), []).append(title(move.source))
    single: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for (command, target), froms in sources.items():
        if len(froms) >= MANY:
            found.setdefault((tuple(froms), (target,)), []).append(command)
            continue
        for source in froms:
            single.setdefault((command, (source,)), []).append(target)
    for (command, one), targets in single.items():
        for ends in [tuple(targets)] if len(targets) >= MANY else [(target,) for target in targets]:
            found.setdefault((one, ends), []).append(command)
    return found


def diagram(life: Life) -> str:
    """The life cycle as a Mermaid state diagram."""
    drawn = arrows(life)
    groups = list(dict.fromkeys(stages for pair in drawn for stages in pair if len(stages) > 1))
    names = {stages: f"several_{place}" for place, stages in enumerate(groups, start=1)}
    lines = [f'    state "{"<br/>".join(stages)}" as {name}' for stages, name in names.items()]
    left = {move.source for move in changes(life)}

    def end(stages: tuple[str, ...]) -> str:
        return names.get(stages) or ("[*]" if stages == (title(Nothing),) else stages[0])

    lines += [f"    {end(source)} --> {end(target)}: {'<br/>'.join(commands)}" for (source, target), commands in drawn.items()]
    lines += [f"    {title(stage)} --> [*]" for stage in life.stages if stage not in left]
    if names:
        lines += ["    classDef several stroke-dasharray: 4 4", f"    class {','.join(names.values())} several"]
    return "\n".join(["stateDiagram-v2", *lines])


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table of a page."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, tuple("---" for _ in head), *rows))


def told(moves: Iterable[Move]) -> str:
    """Each command that leads to another stage: from which, to which."""
    rows: dict[tuple[str, str], list[str]] = {}
    for move in moves:
        rows.setdefault((move.command.__name__, title(move.target)), []).append(title(move.source))
    cells = ((command, ", ".join(sources), target) for (command, target), sources in rows.items())
    return table(("command", "from", "to"), cells)


def staying(life: Life) -> str:
    """Each command that may leave the stage as it is: in which stages."""
    moved = {move[:2] for move in (*changes(life), *life.unseen)}
    stayed = {move[:2] for move in life.moves if move.source is move.target}
    every = {stage for stage, _ in life.rules if stage is not Nothing}
    rows: dict[str, list[type[Stage]]] = {}
    for stage, command in life.rules:
        if stage is not Nothing and ((stage, command) in stayed or (stage, command) not in moved):
            rows.setdefault(command.__name__, []).append(stage)
    cells = ((name, "every stage" if set(stages) == every else ", ".join(map(title, stages))) for name, stages in rows.items())
    return table(("command", "open in"), cells) if rows else "No command."


def section(life: Life) -> str:
    """A life cycle on the page."""
    parts = [f"## {life.name[0].upper()}{life.name[1:]}", life.about, f"```mermaid\n{diagram(life)}\n```", told(changes(life))]
    parts += ["Open without leaving the stage:", staying(life)]
    if life.unseen:
        parts += ["Would follow from the events alone, but no case did it, mostly since a rule forbids it:", told(life.unseen)]
    return "\n\n".join(parts)


def shared() -> str:
    """The commands of every case."""
    names = table(("command", "what it does"), ((c.__name__, (c.__doc__ or "").splitlines()[0]) for c in SHARED.rules))
    closed = [(kind.name, title(stage), c.__name__) for kind in discover().kinds.values() for stage, c in kind.closed]
    note = table(("kind", "closed in", "command"), sorted(closed)) + "\n" if closed else ""
    about = "Open in every stage of every kind; they leave the stage as it is, but for a correction or a retraction, after"
    return f"## Every case\n\n{about}\nwhich the case is folded anew.\n\n{names}\n{note}"


def page(every: Iterable[Life]) -> str:
    """The whole page."""
    return "\n\n".join((HEAD.rstrip(), *map(section, every), shared()))


if __name__ == "__main__":
    PAGE.write_text(page(lives()))
