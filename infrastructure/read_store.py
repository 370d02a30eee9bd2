"""Reading the read models: each answer and the position it is complete to in one snapshot of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias
from uuid import UUID

import sqlalchemy as sa

from application.read_models.audit import AUDIT, AuditRow
from application.read_models.cases import CASES, CaseRow
from application.read_models.deadlines import DEADLINES, DeadlineRow
from application.read_models.links import LINKS, LinkRow
from application.read_models.persons import PERSONS, PersonRow
from application.read_models.state_intervals import STATE_INTERVALS, StateIntervalRow
from application.read_models.timeline import TIMELINE, TimelineRow
from application.reading import (
    Answer,
    AuditFilter,
    DeadlineFilter,
    LinkFilter,
    PersonFilter,
    WorklistFilter,
)
from domain.clocks import Status
from infrastructure.database import answering
from infrastructure.read_model_tables import (
    rm_audit,
    rm_cases,
    rm_deadlines,
    rm_links,
    rm_persons,
    rm_state_intervals,
    rm_timeline,
)
from infrastructure.schema import checkpoints, events, live_generations

_LAST = 2**63 - 1

FEW = 5_000
"""Cases changed since some moment that are sorted for a page."""

_LIVE = (
    sa.select(checkpoints.c.generation, checkpoints.c.position)
    .join(
        live_generations,
        sa.and_(live_generations.c.name == checkpoints.c.name, live_generations.c.generation == checkpoints.c.generation),
    )
    .where(checkpoints.c.name == sa.bindparam("model"))
)
_CASES = sa.select(*(rm_cases.c[name] for name in CaseRow._fields)).order_by(rm_cases.c.opened_position)
_TIMELINE = sa.select(*(rm_timeline.c[name] for name in TimelineRow._fields)).order_by(rm_timeline.c.version)
_AUDIT = sa.select(*(rm_audit.c[name] for name in AuditRow._fields)).order_by(rm_audit.c.position)
_LINKS = sa.select(*(rm_links.c[name] for name in LinkRow._fields)).order_by(rm_links.c.first_position)
_INTERVALS = sa.select(*(rm_state_intervals.c[name] for name in StateIntervalRow._fields)).order_by(
    rm_state_intervals.c.version
)
_PERSONS = sa.select(*(rm_persons.c[name] for name in PersonRow._fields)).order_by(
    rm_persons.c.first_position, rm_persons.c.party, rm_persons.c.named_as
)
_REGISTER = "party"
_DEADLINES = sa.select(*(rm_deadlines.c[name] for name in DeadlineRow._fields))
_TIME = sa.select(events.c.recorded_at).where(events.c.position == sa.bindparam("at"))

Condition: TypeAlias = sa.ColumnElement[bool]


class SqlReadStore:
    """The ``ReadStore`` on SQLite and PostgreSQL. Safe on several threads."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read through ``engine``, on pooled connections."""
        level = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._engine = engine.execution_options(**level) if engine.dialect.name == "postgresql" else engine

    def position(self, model: str) -> int:
        """See ``ReadStore``."""
        with self._snapshot(model) as (_, _, position):
            return position

    def worklist(self, wanted: WorklistFilter, *, after: int = 0, limit: int = 100, upto: int | None = None) -> Answer[CaseRow]:
        """See ``ReadStore``."""
        with self._snapshot(CASES.name) as (connection, generation, position):
            begin = after if wanted.opened_since is None else max(after, _before(connection, wanted.opened_since, position))
            columns = rm_cases.c
            order: sa.ColumnElement[int] = columns.opened_position
            if wanted.changed_since is not None and _few(connection, generation, wanted.changed_since):
                order = order + 0  # the few that changed are looked up by that and sorted, not looked for in the order
            query = _CASES.where(
                columns.generation == generation,
                order > begin,
                order <= (_LAST if upto is None else upto),
                *_of_cases(wanted),
            )
            query = query.order_by(None).order_by(order)
            rows = [CaseRow(*row) for row in connection.execute(query.limit(limit + 1))]
        return Answer(tuple(rows[:limit]), position, len(rows) > limit)

    def timeline(self, case_id: UUID) -> Answer[TimelineRow]:
        """See ``ReadStore``."""
        with self._snapshot(TIMELINE.name) as (connection, generation, position):
            query = _TIMELINE.where(rm_timeline.c.generation == generation, rm_timeline.c.case_id == case_id)
            rows = tuple(TimelineRow(*row) for row in connection.execute(query))
        return Answer(rows, position)

    def audit(self, wanted: AuditFilter, *, after: int = 0, limit: int = 100, upto: int | None = None) -> Answer[AuditRow]:
        """See ``ReadStore``."""
        with self._snapshot(AUDIT.name) as (connection, generation, reached):
            position = reached if upto is None else min(reached, upto)
            begin, end, columns = after, position, rm_audit.c
            if wanted.recorded_from is not None:
                begin = max(begin, _before(connection, wanted.recorded_from, position))
            if wanted.recorded_to is not None:
                end = _before(connection, wanted.recorded_to, position)
            query = _AUDIT.where(
                columns.generation == generation, columns.position > begin, columns.position <= end, *_of_acts(wanted)
            )
            rows = [AuditRow(*row) for row in connection.execute(query.limit(limit + 1))]
        return Answer(tuple(rows[:limit]), position, len(rows) > limit)

    def links(self, wanted: LinkFilter, *, after: int = 0, limit: int = 100) -> Answer[LinkRow]:
        """See ``ReadStore``."""
        with self._snapshot(LINKS.name) as (connection, generation, reached):
            columns = rm_links.c
            query = _LINKS.where(
                columns.generation == generation,
                columns.first_position > after,
                *_equal(rm_links, case_id=wanted.case_id, link=wanted.link, state=wanted.state),
            )
            query, position = _of_units(connection, query, columns.case_id, wanted.units, reached)
            rows = [LinkRow(*row) for row in connection.execute(query.limit(limit + 1))]
        return Answer(tuple(rows[:limit]), position, len(rows) > limit)

    def intervals(
        self, case_id: UUID, units: frozenset[str] | None, *, after: int = 0, limit: int = 100
    ) -> Answer[StateIntervalRow]:
        """See ``ReadStore``."""
        with self._snapshot(STATE_INTERVALS.name) as (connection, generation, reached):
            columns = rm_state_intervals.c
            query = _INTERVALS.where(columns.generation == generation, columns.case_id == case_id, columns.version > after)
            query, position = _of_units(connection, query, columns.case_id, units, reached)
            rows = [StateIntervalRow(*row) for row in connection.execute(query.limit(limit + 1))]
        return Answer(tuple(rows[:limit]), position, len(rows) > limit)

    def persons(self, wanted: PersonFilter, *, after: tuple[int, int] = (0, 0), limit: int = 100) -> Answer[PersonRow]:
        """See ``ReadStore``."""
        with self._snapshot(PERSONS.name) as (connection, generation, reached):
            position = reached
            columns, (begin, given) = rm_persons.c, after
            query = _PERSONS.where(
                columns.generation == generation,
                columns.party.in_(sorted(map(str, wanted.parties))),
                columns.first_position >= begin,
                columns.kind == _REGISTER if wanted.register else columns.kind != _REGISTER,
            )
            if not wanted.register:
                query, position = _of_units(connection, query, columns.case_id, wanted.units, reached)
            rows = [PersonRow(*row) for row in connection.execute(query.offset(given).limit(limit + 1))]
        return Answer(tuple(rows[:limit]), position, len(rows) > limit)

    def deadlines(
        self, wanted: DeadlineFilter, at: int, *, after: tuple[int, ...] | None = None, limit: int = 100
    ) -> Answer[DeadlineRow]:
        """See ``ReadStore``."""
        with self._snapshot(DEADLINES.name) as (connection, generation, reached):
            columns = rm_deadlines.c
            order = (columns.sorts_at, columns.first_position, columns.place)
            query = _DEADLINES.where(columns.generation == generation, *_of_deadlines(wanted, at)).order_by(*order)
            query, position = _of_units(connection, query, columns.case_id, wanted.units, reached)
            if after is not None:
                query = query.where(sa.tuple_(*order) > sa.tuple_(*(sa.literal(part, sa.BigInteger) for part in after)))
            rows = [DeadlineRow(*row) for row in connection.execute(query.limit(limit + 1))]
        return Answer(tuple(rows[:limit]), position, len(rows) > limit)

    @contextmanager
    def _snapshot(self, model: str) -> Iterator[tuple[sa.Connection, int, int]]:
        """A transaction that sees one state of the database, with a model's live generation and its position there."""
        with answering(), self._engine.connect() as connection:
            yield connection, *_live(connection, model)


def _live(connection: sa.Connection, model: str) -> tuple[int, int]:
    """A model's live generation and its position, both 0 for one that has not begun."""
    live = connection.execute(_LIVE, {"model": model}).one_or_none()
    return (0, 0) if live is None else (live.generation, live.position)


def _of_units(
    connection: sa.Connection, query: sa.Select[Any], case_id: sa.Column[Any], units: frozenset[str] | None, reached: int
) -> tuple[sa.Select[Any], int]:
    """A query of rows of cases, only of cases of ``units`` as the worklist has them now; complete to the lesser position."""
    if units is None:
        return query, reached
    generation, position = _live(connection, CASES.name)
    listed = sa.and_(rm_cases.c.generation == generation, rm_cases.c.case_id == case_id, rm_cases.c.unit.in_(sorted(units)))
    return query.where(sa.exists().where(listed)), min(reached, position)


def _few(connection: sa.Connection, generation: int, changed_since: int) -> bool:
    """Whether few cases have changed since, so that sorting them costs less than looking for them in the list's order."""
    changed = sa.select(rm_cases.c.case_id).where(rm_cases.c.generation == generation, rm_cases.c.changed_at >= changed_since)
    some = changed.limit(FEW + 1).subquery()
    return connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one() <= FEW


def _before(connection: sa.Connection, instant: int, position: int) -> int:
    """The last position up to ``position`` that was recorded before ``instant`` (microseconds), 0 if none.

    Receipt times rise with positions, so a time asked for is a range of positions: no list needs an index of times.
    """
    found, above = 0, position + 1
    while above - found > 1:
        middle = (found + above) // 2
        if connection.execute(_TIME, {"at": middle}).scalar_one() < instant:
            found = middle
        else:
            above = middle
    return found


def _equal(table: sa.Table, **values: Any) -> Iterator[Condition]:
    """The columns that must have a value, where one is given."""
    return (table.c[name] == value for name, value in values.items() if value is not None)


def _between(column: sa.Column[Any], start: int | None, end: int | None) -> Iterator[Condition]:
    if start is not None:
        yield column >= start
    if end is not None:
        yield column < end


def _of_cases(wanted: WorklistFilter) -> Iterator[Condition]:
    yield from _equal(
        rm_cases,
        kind=wanted.kind,
        stage=wanted.state,
        unit=wanted.unit,
        assignee=wanted.assignee,
        handling=wanted.handling,
        file_number=wanted.file_number,
    )
    yield from _between(rm_cases.c.opened_at, wanted.opened_since, None)
    yield from _between(rm_cases.c.changed_at, wanted.changed_since, None)
    if wanted.units is not None:
        yield rm_cases.c.unit.in_(sorted(wanted.units))


def _of_acts(wanted: AuditFilter) -> Iterator[Condition]:
    yield from _equal(rm_audit, actor=wanted.actor, case_id=wanted.case_id, kind=wanted.kind, type=wanted.type)
    yield from _between(rm_audit.c.recorded_at, wanted.recorded_from, wanted.recorded_to)


def _of_deadlines(wanted: DeadlineFilter, at: int) -> Iterator[Condition]:
    columns = rm_deadlines.c
    yield from _equal(rm_deadlines, case_id=wanted.case_id, unit=wanted.unit, kind=wanted.kind, clock=wanted.clock)
    yield from _between(columns.due, wanted.due_after, wanted.due_before)
    if wanted.units is not None:
        yield columns.unit.in_(sorted(wanted.units))
    if wanted.status == Status.STOPPED.value:
        yield columns.stopped_until <= at
        return
    yield columns.settled.is_(False)  # what is settled was stopped before its case was last heard of: before any ``at`` now
    yield sa.or_(columns.stopped_until.is_(None), columns.stopped_until > at)
    yield from _of_status(wanted.status, at)


def _of_status(status: str | None, at: int) -> Iterator[Condition]:
    """What ``domain.clocks.status`` says of a deadline that is not stopped."""
    columns = rm_deadlines.c
    dated = sa.and_(columns.start.is_not(None), columns.due.is_not(None))
    paused = sa.and_(columns.paused_since.is_not(None), columns.paused_since <= at)
    moving = sa.and_(dated, columns.start <= at, sa.not_(paused))
    match status:
        case Status.UNCERTAIN.value:
            yield sa.not_(dated)
        case Status.PENDING.value:
            yield sa.and_(dated, columns.start > at)
        case Status.PAUSED.value:
            yield sa.and_(dated, columns.start <= at, paused)
        case Status.RUNNING.value:
            yield sa.and_(moving, columns.due > at)
        case None:
            return
        case _:
            yield sa.and_(moving, columns.due <= at)
