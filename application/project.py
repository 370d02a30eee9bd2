"""The path of a projection: what a read model declares, and how a batch of the log becomes changes to its rows.

A read model is one pure function from a row and an event to a row. Every row belongs to one case. What a correction, a
retraction or a late entry does to a case is settled before the function is asked: it hears that case's effective
history from the beginning. An event that a model cannot take is set aside with what later follows it in its case;
other cases go on. Nothing here touches a database.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, NamedTuple, Protocol, Self, TypeAlias, TypeVar
from uuid import UUID

from application.errors import Unavailable
from application.heard import Heard, Reading
from application.records import Recorded
from domain.kernel import Kind


class Row(Protocol):
    """A row of a read model: a named tuple of the table's columns without ``generation``, ``case_id`` first."""

    @property
    def _fields(self) -> tuple[str, ...]: ...

    @property
    def case_id(self) -> UUID:
        """The case it belongs to."""
        ...


R = TypeVar("R", bound=Row)
Key: TypeAlias = tuple[Any, ...]
"""What tells the rows of one case apart: the values of the model's key columns."""

THE_ONE: Final[tuple[Key, ...]] = ((),)
"""The keys of a model with one row per case."""

ALL: Final = None
"""Hears every event."""


def every_kind(kind: Kind) -> bool:
    """A read model of every kind, the party register included."""
    del kind
    return True


def cases_only(kind: Kind) -> bool:
    """A read model of cases; the party register is none."""
    return kind.listed


def one_row(heard: Heard) -> tuple[Key, ...]:
    """One row per case."""
    del heard
    return THE_ONE


def as_it_was(row: R | None, heard: Heard, key: Key) -> R | None:
    """The row unchanged."""
    del heard, key
    return row


def changes_something(heard: Heard) -> bool:
    """An event that may change a row."""
    del heard
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadModel(Generic[R]):
    """A read model: what it hears and how that changes its rows.

    ``version`` grows when the same history would leave other rows. ``row`` is the named tuple of a row, ``key`` its
    columns that tell the rows of one case apart. ``hears`` are wire names, or ALL; ``covers`` says of which kinds.
    ``keys`` names the rows an event concerns, ``fold`` gives such a row after the event, None for no row. A
    ``per_event`` model has at most one row per recorded event, written once: its ``fold`` never sees a row, its ``keys``
    are not asked, and a correction is one event more. ``chain`` is for rows that follow from one another: given the rows
    of the case, it gives those that an event changes or adds; then ``keys`` and ``fold`` are not asked. ``whole`` gives
    all rows of a case from its effective history, of which the last entry alone is sure to know the case; then nothing
    else is asked, but for ``touches``: whether an event that simply follows may change any row of its case.
    """

    name: str
    version: int
    table_name: str
    row: type[R]
    key: tuple[str, ...]
    hears: frozenset[str] | None
    fold: Callable[[R | None, Heard, Key], R | None] = as_it_was
    keys: Callable[[Heard], tuple[Key, ...]] = one_row
    covers: Callable[[Kind], bool] = every_kind
    chain: Callable[[Mapping[Key, R], Heard], Iterable[R]] | None = None
    whole: Callable[[Sequence[Heard]], Iterable[R]] | None = None
    touches: Callable[[Heard], bool] = changes_something
    per_event: bool = False

    def key_of(self, row: R) -> Key:
        """The key of a row."""
        return tuple(getattr(row, column) for column in self.key)

    def concerns(self, heard: Heard) -> bool:
        """Whether the model hears this event."""
        return self.hears is None or heard.recorded.type in self.hears


class Stumble(NamedTuple):
    """An event that a model could not take, and why; the rows of its case stay as they were before it."""

    recorded: Recorded
    cause: Exception


@dataclass(slots=True)
class Changes(Generic[R]):
    """What a batch changes in one model's table: rows to put, in place of any with the same key, and keys to delete.

    ``stumbles`` has the first event of each case that the model could not take.
    """

    put: list[R]
    drop: list[tuple[UUID, Key]]
    stumbles: list[Stumble] = field(default_factory=list)


Held: TypeAlias = Mapping[UUID, Mapping[Key, Any]]
"""The rows that stand for some cases, by case and key."""


class Follows(Protocol):
    """Knows the case after each event, see ``application.histories``."""

    def follow(self, heard: Sequence[Heard]) -> bool:
        """Set ``before`` and ``case`` on consecutive events of a case; False if one does not simply follow what is known."""
        ...

    def whole(self, last: Heard) -> list[Heard]:
        """The effective history of a case up to and including ``last``, each entry with the case around it."""
        ...

    def earlier(self, case_ids: Sequence[UUID], upto: int) -> Mapping[UUID, Sequence[Recorded]]:
        """The stored histories of cases up to a position, in one go."""
        ...

    def standing(self, kind: Kind, history: Sequence[Recorded]) -> list[Heard]:
        """A stored history in effect, without the case around its entries."""
        ...


class Chapter:
    """Consecutive events of one case within a batch."""

    __slots__ = ("_anew", "_histories", "_told", "case_id", "earlier", "heard", "kind")

    def __init__(self, first: Heard, histories: Follows) -> None:
        """Begin with the first of them."""
        self.case_id = first.recorded.case_id
        self.kind = first.kind
        self.heard = [first]
        self.earlier: Sequence[Recorded] | None = None
        self._histories = histories
        self._told: Sequence[Heard] | None = None
        self._anew = False

    @property
    def opens(self) -> bool:
        """Whether the case begins here, so that it has no rows yet."""
        return self.heard[0].recorded.version == 1

    def one_by_one(self) -> Iterator[Self]:
        """A chapter for each of its events."""
        return (type(self)(heard, self._histories) for heard in self.heard)

    def told(self) -> tuple[Sequence[Heard], bool]:
        """What a folded model hears: these events, or the effective history up to the last of them and True."""
        if self._told is None:
            self._anew = not self._histories.follow(self.heard)
            self._told = self._histories.whole(self.heard[-1]) if self._anew else self.heard
        return self._told, self._anew

    def concerns(self, model: ReadModel[Any]) -> bool:
        """Whether a model has to look at it: not where these events simply follow and none of them touches its rows."""
        if model.touches is changes_something or self.opens:
            return True
        try:
            told, anew = self.told()
            return anew or any(model.touches(heard) for heard in told)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 - whatever it is, it concerns this case only: it is looked at, and set aside there
            return True

    def whole(self) -> Sequence[Heard]:
        """The effective history up to the last of these events, which alone is sure to know the case."""
        told, anew = self.told()
        if anew or self.opens:
            return told
        if self.earlier is None:
            self.earlier = self._histories.earlier([self.case_id], self.heard[0].recorded.position - 1)[self.case_id]
        return [*self._histories.standing(self.kind, self.earlier), *told]


class Batch:
    """Consecutive events of the log, one by one and by case. Streams that are no case of a known kind are left out."""

    def __init__(self, recorded: Iterable[Recorded], kinds: Mapping[str, Kind], reading: Reading, histories: Follows) -> None:
        """Sort the events of ``recorded``; nothing is parsed or decoded before it is asked for."""
        self.heard: list[Heard] = []
        self._histories = histories
        self._chapters: dict[int, Chapter] = {}
        for row in recorded:
            kind = kinds.get(row.kind)
            if kind is not None:
                self._add(Heard(row, kind, reading), histories)

    def _add(self, heard: Heard, histories: Follows) -> None:
        self.heard.append(heard)
        case = heard.recorded.case_id.int  # a UUID itself is hashed and compared in Python, for every event
        chapter = self._chapters.get(case)
        if chapter is None:
            self._chapters[case] = Chapter(heard, histories)
        else:
            chapter.heard.append(heard)

    def chapters(self, model: ReadModel[Any]) -> list[Chapter]:
        """The cases a folded model covers and has to look at."""
        return [chapter for chapter in self._chapters.values() if model.covers(chapter.kind) and chapter.concerns(model)]

    def recall(self, model: ReadModel[Any]) -> None:
        """Load what went before the batch in every case a model covers, all at once."""
        unknown = [chapter for chapter in self.chapters(model) if not chapter.opens and chapter.earlier is None]
        if unknown:
            found = self._histories.earlier([each.case_id for each in unknown], self.heard[0].recorded.position - 1)
            for chapter in unknown:
                chapter.earlier = found[chapter.case_id]


def needed(model: ReadModel[Any], batch: Batch) -> list[UUID]:
    """The cases whose rows ``changes`` must be given: those a folded model covers and that began before the batch."""
    if model.per_event:
        return []
    return [chapter.case_id for chapter in batch.chapters(model) if not chapter.opens]


def changes(model: ReadModel[R], batch: Batch, held: Held, parked: Collection[UUID] = ()) -> Changes[R]:
    """What a batch changes in a model's table. ``held`` has the rows that stand for the cases ``needed`` names.

    ``parked`` cases are held back whole. Raises Unavailable if the ledger cannot be read; whatever else an event raises
    is a stumble of its case.
    """
    if model.per_event:
        return written(model, batch.heard, parked)
    found: Changes[R] = Changes([], [])
    if model.whole is not None:
        batch.recall(model)
    for chapter in batch.chapters(model):
        if chapter.case_id in parked:
            continue
        before = held.get(chapter.case_id, {})
        after: Mapping[Key, R]
        try:
            after = _rows_of(model, chapter, before)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 - whatever it is, it concerns this case only
            after = _as_far_as_it_goes(model, chapter, before, found.stumbles)
        differ(found, chapter.case_id, before, after)
    return found


def written(model: ReadModel[R], told: Iterable[Heard], parked: Collection[UUID] = ()) -> Changes[R]:
    """The rows of a ``per_event`` model for some events; what follows a stumble in its case is held back."""
    found: Changes[R] = Changes([], [])
    apart = set(parked)
    for heard in told:
        if model.concerns(heard) and model.covers(heard.kind) and not (apart and heard.recorded.case_id in apart):
            try:
                row = model.fold(None, heard, ())
            except Exception as cause:  # noqa: BLE001 - whatever it is, it concerns this case only
                found.stumbles.append(Stumble(heard.recorded, cause))
                apart.add(heard.recorded.case_id)
            else:
                if row is not None:
                    found.put.append(row)
    return found


def differ(found: Changes[R], case_id: UUID, before: Mapping[Key, R], after: Mapping[Key, R]) -> None:
    """Add what makes one case's rows ``after`` of its rows ``before``."""
    found.put += [row for key, row in after.items() if before.get(key) != row]
    found.drop += [(case_id, key) for key in before if key not in after]


def _rows_of(model: ReadModel[R], chapter: Chapter, before: Mapping[Key, R]) -> dict[Key, R]:
    told, anew = chapter.told() if model.whole is None else (chapter.whole(), True)
    return rows_after(model, told, {} if anew else before)


def _as_far_as_it_goes(
    model: ReadModel[R], chapter: Chapter, before: Mapping[Key, R], stumbles: list[Stumble]
) -> Mapping[Key, R]:
    """The rows before the first event of a chapter that the model cannot take."""
    rows = before
    for one in chapter.one_by_one():
        try:
            rows = _rows_of(model, one, rows)
        except Unavailable:
            raise
        except Exception as cause:  # noqa: BLE001 - kept, and shown by whoever runs this
            stumbles.append(Stumble(one.heard[0].recorded, cause))
            break
    return rows


def rows_after(model: ReadModel[R], told: Iterable[Heard], before: Mapping[Key, R]) -> dict[Key, R]:
    """One case's rows after further entries in effective order; a model of whole histories is told all of them."""
    if model.whole is not None:
        history = list(told)
        return {model.key_of(row): row for row in model.whole(history)} if history else {}
    rows = dict(before)
    for heard in told:
        if model.concerns(heard) and model.chain is not None:
            rows.update({model.key_of(row): row for row in model.chain(rows, heard)})
        elif model.concerns(heard):
            for key in model.keys(heard):
                row = model.fold(rows.get(key), heard, key)
                if row is not None:
                    rows[key] = row
                else:
                    rows.pop(key, None)
    return rows
