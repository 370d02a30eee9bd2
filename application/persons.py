"""The party register as a reader asks it: an entry, which entries are one party, and the cases that name them.

Ids that were merged are one party when a list is read, and nowhere else: every row tells the id that was recorded. So an
un-merge leaves every answer what it was before the merge. Which ids are one party is told from the ledger, at the very
position to which the rows beside it are complete.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from application.cases import Cases
from application.documents import plain
from application.errors import NotFound
from application.past import past_of
from application.read_models.persons import PERSONS, PersonRow
from application.reading import Answer, PersonFilter, ReadStore
from application.records import Recorded
from application.worklists import MOST_CASES, theirs
from domain.kernel import EntryCorrected, Event
from domain.kinds import party as register
from domain.kinds.party.acts import PossibleSamePartyNoted
from domain.parties import Merged, Registered, SamePartyQuestion

ROWS_AT_ONCE = 500
"""Rows of the register's own index that are read at one time."""


@dataclass(frozen=True, slots=True)
class Named:
    """A page of what names a party: ``position`` it is complete to, ``last`` the cursor where more follows."""

    position: int
    rows: tuple[PersonRow, ...]
    last: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class _Known:
    """An entry of the register at a position: what it is merged into, and whoever was ever asked about on its record."""

    into: UUID | None = None
    asked_about: frozenset[UUID] = frozenset()


# --- One party ------------------------------------------------------------------------------------------------


def one_party(cases: Cases, party: UUID, upto: int) -> frozenset[UUID]:
    """All ids that were held to be one party with this one at a position, itself included. Blocks.

    A merge is found from either side: it stands on the record of the one that was merged, and the question it rests on
    stands on the record of the other.
    """
    found, known = {party}, dict[UUID, _Known]()
    while True:
        wanted = found.union(*(known[each].asked_about for each in found & known.keys())) - known.keys()
        known |= _entries(cases, wanted, upto)
        grown = found.union(_merged_from(known, found), _merged_into(known, found))
        if grown == found and not wanted:
            return frozenset(found)
        found = grown


def _merged_from(known: Mapping[UUID, _Known], found: set[UUID]) -> Iterator[UUID]:
    return (into for each in found if (into := known[each].into) is not None)


def _merged_into(known: Mapping[UUID, _Known], found: set[UUID]) -> Iterator[UUID]:
    return (each for each, entry in known.items() if entry.into in found)


def _entries(cases: Cases, wanted: Iterable[UUID], upto: int) -> dict[UUID, _Known]:
    """Entries of the register at a position; one that was not yet recorded, or is no party, is nobody's."""
    every = list(wanted)
    histories = cases.ledger.histories(every, upto) if every else {}
    return {each: _known(cases, histories.get(each, [])) for each in every}


def _known(cases: Cases, history: list[Recorded]) -> _Known:
    if not history or history[0].kind != register.KIND.name:
        return _Known()
    stage = cases.fold(history).folded.stage
    asked = (_asked_about(entry.event) for entry in cases.entries(history))
    return _Known(stage.into if isinstance(stage, Merged) else None, frozenset(each for each in asked if each is not None))


def _asked_about(event: Event) -> UUID | None:
    """Whom an entry asks about, also where it says so for an earlier one."""
    stated = event.restated if isinstance(event, EntryCorrected) else event
    return stated.other_party if isinstance(stated, PossibleSamePartyNoted) else None


# --- The register ---------------------------------------------------------------------------------------------


def entry_of(cases: Cases, reading: ReadStore, party: UUID) -> dict[str, Any]:
    """An entry of the register as it stands, as JSON values. Blocks; raises NotFound for what is no party.

    ``questions`` are those on its own record and those on others' records about it; the latter as far as the read model
    has come, which is ``position``. ``one_party`` are all ids held to be one party with it, itself included.
    """
    case = cases.load(party)
    stage = case.folded.stage
    if not isinstance(stage, Registered | Merged):
        raise NotFound("case")  # as for an id that nobody has: another unit's case is not to be told from none
    position, elsewhere = _asked_elsewhere(cases, reading, party)
    own = [_question(party, about, question) for about, question in stage.questions.items()]
    together = one_party(cases, party, cases.ledger.head().position)
    return {
        "party_id": str(party),
        "version": case.version,
        "position": position,
        **plain(stage),
        "into": str(stage.into) if isinstance(stage, Merged) else None,
        "one_party": sorted(map(str, together)),
        "questions": [*own, *elsewhere],
    }


def _asked_elsewhere(cases: Cases, reading: ReadStore, party: UUID) -> tuple[int, list[dict[str, Any]]]:
    """The questions about a party on the records of others, and the position they are complete to."""
    position, rows = _named_in_register(reading, party)
    found: list[dict[str, Any]] = []
    for each in dict.fromkeys(row.case_id for row in rows):
        stage = cases.load(each).folded.stage
        question = stage.questions.get(party) if isinstance(stage, Registered | Merged) else None
        if question is not None:
            found.append(_question(each, party, question))
    return position, found


def _named_in_register(reading: ReadStore, party: UUID) -> tuple[int, list[PersonRow]]:
    """Every row of the register that names a party."""
    rows: list[PersonRow] = []
    after = (0, 0)
    while True:
        wanted = PersonFilter(parties=frozenset({party}), register=True)
        found = reading.persons(wanted, after=after, limit=ROWS_AT_ONCE)
        rows += found.rows
        if not found.more:
            return found.position, rows
        after = _last(found, after)


def _question(on: UUID, about: UUID, question: SamePartyQuestion) -> dict[str, Any]:
    """A question as JSON values: on whose record it stands, and about whom it is."""
    return {"on": str(on), "about": str(about), **plain(question)}


# --- The cases that name a party ------------------------------------------------------------------------------


def named(
    cases: Cases, reading: ReadStore, party: UUID, units: frozenset[str] | None, *, after: tuple[int, int], limit: int
) -> Named:
    """Where a party is named under any of its ids, in cases of these units (None for all), in the order it first was.

    Blocks. The ids and the rows are of one position: where a merge came in between, both are read again.
    """
    position = reading.position(PERSONS.name)
    while True:
        parties = one_party(cases, party, position)
        found = reading.persons(PersonFilter(parties=parties, units=units), after=after, limit=limit)
        position = found.position
        if one_party(cases, party, position) == parties:
            return Named(position, found.rows, _last(found, after) if found.more else None)


def _last(found: Answer[PersonRow], after: tuple[int, int]) -> tuple[int, int]:
    """The cursor behind the last row of a page: its position, and how many rows of that position were given by then."""
    last = found.rows[-1].first_position
    given = sum(row.first_position == last for row in found.rows)
    return last, given + (after[1] if last == after[0] else 0)


def named_then(
    cases: Cases, party: UUID, upto: int, units: frozenset[str] | None, *, after: tuple[int, int], limit: int
) -> Named:
    """As ``named``, complete to an earlier position, told anew from the ledger in the order in which the cases were opened.

    Blocks. A page looks at a bounded number of cases and ends with one: it may hold fewer rows than asked for, or a few
    more. A caller of some units sees a case that was theirs then and is theirs now.
    """
    past, names, head = past_of(cases), frozenset(map(str, one_party(cases, party, upto))), cases.ledger.head().position
    rows: list[PersonRow] = []
    for looked_at, (opening, told) in enumerate(past.by_case(PERSONS, upto, after=after[0]), start=1):
        naming = [row for row in told if row.party in names and row.kind != register.KIND.name]
        # Left out before rows are counted: where a page ends must not tell that another unit's case names the party.
        rows += theirs(past, theirs(past, naming, units, upto), units, head)
        if len(rows) >= limit or looked_at == MOST_CASES:
            return Named(upto, tuple(rows), (opening, 0))
    return Named(upto, tuple(rows), None)
