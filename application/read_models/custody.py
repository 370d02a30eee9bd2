"""The custody ledger: where each line of a seizure's inventory was, who answered for it and how much of it there was.

A row is one step of one line, from the entry that changed any of this to the entry that changed it next. The steps of
a line join without a gap, and exactly one of them is open.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from uuid import UUID

from application.heard import Heard
from application.project import ALL, Key, ReadModel
from application.read_models.state_intervals import began
from domain.history import Folded
from domain.kernel import Kind, stage_name
from domain.kinds import seizure
from domain.kinds.seizure.stages import InTransit, Line, WithGoods


class CustodyRow(NamedTuple):
    """One step of a line, begun by the entry ``version`` of type ``type``, ended by the entry ``ended_by``.

    ``condition`` is the line's stage, e.g. ``held`` or ``in_transit``; ``amount`` is a decimal as text, None where it was
    never stated, in ``measure`` (a unit of ``domain.values``). ``custodian`` answers for the line, ``offered_to`` is asked
    to. Times as in ``StateIntervalRow``, in microseconds.
    """

    case_id: UUID
    line: str
    version: int
    type: str
    condition: str
    amount: str | None
    measure: str
    custodian: str
    offered_to: str | None
    place: str | None
    seal: str | None
    effective_from: int
    effective_to: int | None
    recorded_from: int
    recorded_to: int | None
    ended_by: int | None


def _covers(kind: Kind) -> bool:
    return kind.name == seizure.KIND.name


def _lines(case: Folded) -> Mapping[str, Line]:
    stage = case.stage
    return stage.goods.lines if isinstance(stage, WithGoods) else {}


def _step(line: Line) -> tuple[str, str | None, str, str, str | None, str | None, str | None]:
    item = line.item
    amount = None if item.quantity.amount is None else str(item.quantity.amount)
    offered_to = line.to if isinstance(line, InTransit) else None
    return (
        stage_name(type(line)), amount, item.quantity.unit.value, item.custodian, offered_to, item.place, item.seal,
    )  # fmt: skip


def _changed(heard: Heard) -> Iterator[tuple[str, Line]]:
    """The lines whose step an entry changes, new ones included."""
    before = _lines(heard.before)
    for number, line in _lines(heard.case).items():
        known = before.get(number)
        if known is not line and (known is None or _step(known) != _step(line)):
            yield number, line


def _chain(rows: Mapping[Key, CustodyRow], heard: Heard) -> Iterable[CustodyRow]:
    if heard.before.stage is heard.case.stage:
        return
    recorded = heard.recorded
    for number, line in _changed(heard):
        start = began(heard)
        standing = next((row for row in rows.values() if row.line == number and row.effective_to is None), None)
        if standing is not None:
            start = max(start, standing.effective_from)
            yield standing._replace(effective_to=start, recorded_to=recorded.recorded_at, ended_by=recorded.version)
        yield CustodyRow(
            recorded.case_id, number, recorded.version, recorded.type, *_step(line),
            start, None, recorded.recorded_at, None, None,
        )  # fmt: skip


CUSTODY = ReadModel(
    name="custody",
    version=1,
    table_name="rm_custody",
    row=CustodyRow,
    key=("line", "version"),
    hears=ALL,
    covers=_covers,
    chain=_chain,
)
