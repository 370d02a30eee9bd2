"""Seized goods and what became of them, by classification."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from application.heard import Heard
from application.project import ALL, Key, ReadModel
from application.reports.declaration import Column, Fact, Measure, Report, amount, cases, facts, synthetic
from domain.kernel import Kind, stage_name
from domain.kinds.seizure.stages import Divided, Line, WithGoods

UNCLASSIFIED = "unclassified"


class SeizedGoods(NamedTuple):
    """The lines of one seizure as they stand, and whether anything in it is synthetic."""

    case_id: UUID
    lines: tuple[Line, ...]
    synthetic: bool


def _fold(row: SeizedGoods | None, heard: Heard, key: Key) -> SeizedGoods:
    del key
    stage = heard.case.stage
    lines = tuple(stage.goods.lines.values()) if isinstance(stage, WithGoods) else ()
    return SeizedGoods(heard.recorded.case_id, lines, synthetic(heard) or (row is not None and row.synthetic))


def _seizures(kind: Kind) -> bool:
    return kind.name == "seizure"


def _facts(row: SeizedGoods) -> Iterator[Fact]:
    for line in row.lines:
        if isinstance(line, Divided):  # its parts are lines of their own
            continue
        quantity, condition = line.item.quantity, stage_name(type(line))
        for scheme, entry, effect in _classified(line):
            yield Fact(row.case_id, (scheme, entry, effect, condition, quantity.unit.value), row.synthetic, quantity.amount)


def _classified(line: Line) -> list[tuple[str, str, str]]:
    found = [(c.classification.scheme, c.classification.entry, c.classification.effect) for c in line.item.classified.values()]
    return [(s.value, entry, e.value) for s, entry, e in found] or [(UNCLASSIFIED, UNCLASSIFIED, UNCLASSIFIED)]


REPORT = Report(
    name="goods",
    version=1,
    definition=(
        "Lines of the inventories of recorded seizures by classification and by what became of them. A line classified in "
        "several lists counts once in each, so lists are never added up; one classified in none counts as unclassified. A "
        "divided line counts as its parts. Amounts are what is left under the line: what samples used up is not in them. "
        "They are added within one unit of measure only; a line whose count was never stated adds nothing to the amount."
    ),
    dimensions=(
        Column("scheme", "text", "The list: wassenaar_ml, eu_dual_use, national_list, hs, or unclassified"),
        Column("entry", "text", "The entry of that list"),
        Column("effect", "text", "Whether that makes the goods controlled"),
        Column("condition", "text", "The condition of the line, e.g. held, returned, forfeited, destroyed"),
        Column("measure", "text", "The unit of measure of the amount"),
    ),
    measures=(
        Measure(Column("seizures", "integer", "How many seizures the lines are of", "case"), cases),
        Measure(Column("lines", "integer", "How many lines", "line"), facts),
        Measure(Column("amount", "decimal", "How much, in the unit of `measure`; null where never stated"), amount),
    ),
    totals=(
        ("scheme", "measure"),
        ("scheme", "condition", "measure"),
        ("scheme", "entry", "effect", "measure"),
    ),
    model=ReadModel(
        name="report-goods", version=1, table_name="", row=SeizedGoods, key=(), hears=ALL, covers=_seizures, fold=_fold
    ),
    facts=_facts,
)
