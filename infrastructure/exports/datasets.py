"""The data sets that can be taken out of the ledger: which columns, and how a row is told from the ledger itself.

A data set has the columns of the view of the same name and version, and no other rows. It is made from the log, never
from a read model's table: so the same positions give the same rows whenever and from whichever database it is taken.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from application.project import ReadModel
from application.read_models.audit import AUDIT
from application.read_models.cases import CASES
from application.read_models.custody import CUSTODY
from application.read_models.deadlines import DEADLINES
from application.read_models.links import LINKS
from application.read_models.state_intervals import STATE_INTERVALS
from application.read_models.timeline import TIMELINE
from infrastructure.exports import views
from infrastructure.exports.columns import Column, Form
from infrastructure.exports.views import View

Cells: TypeAlias = tuple[int | str | bool | None, ...]
"""A row, in the order of the columns: times in microseconds since 1970 UTC, ids as text."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set: one row per recorded event where its models are ``per_event``, else the rows as of a position.

    A column is taken from the first of ``models`` whose rows have it.
    """

    view: View
    models: tuple[ReadModel[Any], ...]

    @property
    def name(self) -> str:
        """What it is asked for by."""
        return self.view.name

    @property
    def by_event(self) -> bool:
        """Whether it is cut by position; otherwise it is as of one."""
        return all(model.per_event for model in self.models)

    def teller(self) -> Callable[..., Cells]:
        """The function from one row of each model to a row of the data set."""
        gets = [self._get(column) for column in self.view.columns]

        def tell(*rows: Any) -> Cells:
            return tuple(get(rows) for get in gets)

        return tell

    def _get(self, column: Column) -> Callable[[tuple[Any, ...]], Any]:
        if column.name in _COMPUTED:
            return _COMPUTED[column.name]
        part = next(i for i, model in enumerate(self.models) if column.name in model.row._fields)
        value = attrgetter(column.name)
        if column.form is Form.ID:
            return lambda rows: str(value(rows[part]))
        return lambda rows: value(rows[part])


def _assigned(rows: tuple[Any, ...]) -> bool:
    return rows[0].assignee is not None


def _sealed(rows: tuple[Any, ...]) -> bool:
    return rows[0].seal is not None


_COMPUTED: Final = {"assigned": _assigned, "sealed": _sealed}
"""Columns that say whether there is something, and not what."""

DATASETS: Final[Mapping[str, Dataset]] = MappingProxyType(
    {
        dataset.name: dataset
        for dataset in (
            Dataset(views.ENTRIES, (TIMELINE, AUDIT)),
            Dataset(views.AUDIT, (AUDIT,)),
            Dataset(views.CASES, (CASES,)),
            Dataset(views.STATE_INTERVALS, (STATE_INTERVALS,)),
            Dataset(views.LINKS, (LINKS,)),
            Dataset(views.CUSTODY, (CUSTODY,)),
            Dataset(views.DEADLINES, (DEADLINES,)),
        )
    }
)
"""Every data set, by name."""
