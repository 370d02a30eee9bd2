"""The page of life cycles is current, complete and such as Mermaid takes. If not: run scripts/diagrams."""

import re
import sys
from functools import cache

import pytest

from domain.catalogue import discover
from domain.kernel import Nothing, Stage
from domain.kinds.seizure.item_rules import LINE_RULES
from tests.life_cycles import PAGE, Life, Move, Rules, changes, in_order, page, section, title, walk_of

LINES = "line of a seizure"
KINDS = discover().kinds
TABLES: dict[str, tuple[str, Rules]] = {name: (kind.law, kind.rules) for name, kind in KINDS.items()} | {
    LINES: ("Each line of a seizure's inventory has a table of its own.", LINE_RULES)
}
each_life = pytest.mark.parametrize("name", sorted(TABLES))


def drawn(name: str) -> str:
    """The section of a life cycle on the page as it is."""
    heading = f"## {name[0].upper()}{name[1:]}\n"
    text = PAGE.read_text()
    assert heading in text, f"no life cycle of a {name}: run scripts/diagrams"
    return heading + text.split(heading)[1].split("\n## ")[0]


def stages_of(name: str) -> dict[str, type[Stage]]:
    """The stages a life cycle may have, by their titles: those of its table, and what else is a stage of its kind."""
    known = {title(stage): stage for stage, _ in TABLES[name][1]} | {title(Nothing): Nothing}
    package = f"domain.kinds.{'seizure' if name == LINES else name}"
    modules = [module for where, module in sys.modules.items() if where == package or where.startswith(package + ".")]
    found = (value for module in modules for value in vars(module).values() if isinstance(value, type))
    return {title(cls): cls for cls in found if issubclass(cls, Stage)} | known


@cache
def life(name: str) -> Life:
    """The life cycle that a section of the page tells, with the table as it is now."""
    about, rules = TABLES[name]
    stages, commands = stages_of(name), {command.__name__: command for _, command in rules}
    every = [title(stage) for stage in dict.fromkeys(stage for stage, _ in rules) if stage is not Nothing]
    if name == LINES:
        commands |= {command.__name__: command for command in KINDS["seizure"].commands}
    tables = re.split(r"\n\n(?:Open without|Would follow)[^\n]+\n\n", drawn(name))
    seen, stay, unseen = (
        re.findall(r"^\| ([A-Z]\w+) \| (.*?) \|(?: (.*?) \|)?$", part, re.MULTILINE) for part in (*tables, "")[:3]
    )
    moves = {
        Move(stages[source], commands[command], stages[target])
        for command, sources, target in seen
        for source in sources.split(", ")
    }
    stays = {
        Move(stages[source], commands[command], stages[source])
        for command, sources, _ in stay
        for source in (every if sources == "every stage" else sources.split(", "))
    }
    never = {
        Move(stages[source], commands[command], stages[target])
        for command, sources, target in unseen
        for source in sources.split(", ")
    }
    return Life(name, about, rules, in_order(rules, moves | stays), in_order(rules, never))


def test_the_page_is_what_the_tables_say() -> None:
    every = [name for kind in sorted(KINDS) for name in ((kind, LINES) if kind == "seizure" else (kind,))]
    assert PAGE.read_text() == page(life(name) for name in every), "run scripts/diagrams"


@each_life
def test_every_stage_and_every_command_stands_on_the_page(name: str) -> None:
    text, rules = drawn(name), TABLES[name][1]
    graph = text.split("```")[1]
    for stage, command in rules:
        assert stage is Nothing or re.search(rf"\b{title(stage)}\b", graph), stage
        assert f"| {command.__name__} | " in text, command
    for move in changes(life(name)):
        assert move.command.__name__ in graph


@pytest.mark.parametrize("name", sorted(KINDS))
def test_no_case_goes_a_way_that_is_not_drawn(name: str) -> None:
    walk = walk_of(name, 200)
    assert {move for move in walk.moves if move.source is not move.target} <= set(changes(life(name))), "run scripts/diagrams"


LINE = re.compile(
    r"""stateDiagram-v2
    | \x20{4}state\x20"[a-z_]+(<br/>[a-z_]+)+"\x20as\x20several_\d+
    | \x20{4}([a-z_]+(_\d+)?|\[\*\])\x20-->\x20([a-z_]+(_\d+)?|\[\*\])(:\x20[A-Z]\w+(<br/>[A-Z]\w+)*)?
    | \x20{4}classDef\x20several\x20stroke-dasharray:\x204\x204
    | \x20{4}class\x20several_\d+(,several_\d+)*\x20several""",
    re.VERBOSE,
)


@each_life
def test_every_line_of_a_diagram_is_mermaid(name: str) -> None:
    (graph,) = re.findall(r"^```mermaid\n(.*?)\n```$", drawn(name), re.MULTILINE | re.DOTALL)
    lines = graph.splitlines()
    assert lines[0] == "stateDiagram-v2"
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    ends = {end for line in lines if "-->" in line for end in re.split(" --> |: ", line.strip())[:2]}
    named = {title(stage) for stage in life(name).stages} | {"[*]"} | set(re.findall(r"as (several_\d+)", graph))
    assert ends <= named


def test_each_life_cycle_begins_and_ends() -> None:
    for name in TABLES:
        assert re.search(r"^    \[\*\] --> ", drawn(name), re.MULTILINE), name
        assert [move for move in changes(life(name)) if move.source is Nothing], name
    assert section(life("party")) in PAGE.read_text()
