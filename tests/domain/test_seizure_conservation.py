"""What came in under a line is always somewhere, and one officer answers for it: asked of random histories, in every view.

Each history is kept a second time by double entry (``seizure_books.Books``), in effective order, at every prefix of the
record and at every place where it can be cut; the seizure must say the same.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from domain.dossier import SHARED
from domain.history import effective, fold, steps, until
from domain.kernel import Command, Entry, Event
from domain.kinds.seizure import KIND, claim_acts, disposal_acts, stages
from tests.domain.makers import ACTORS
from tests.domain.seizure_books import Books, check
from tests.domain.seizure_custody import Custody
from tests.domain.walks import Case, Search, disturb
from tests.examples import LIFE_CYCLES

CLERK = replace(ACTORS[0], id="o-99")
DISPOSALS = (
    claim_acts.ReturnOrdered,
    claim_acts.ItemReturned,
    claim_acts.ForfeitureOrdered,
    claim_acts.DestructionOrdered,
    claim_acts.DestructionWitnessed,
    disposal_acts.SaleOrdered,
    disposal_acts.ItemSold,
    disposal_acts.HandoverOrdered,
    disposal_acts.ItemHandedOver,
)


@dataclass
class Walk:
    """One random history, checked as it grows; what was tried and taken is counted."""

    rng: random.Random
    case: Case = field(default_factory=lambda: Case(KIND))
    books: Books = field(default_factory=Books)
    taken: Counter[str] = field(default_factory=Counter)
    views: int = 0

    def __post_init__(self) -> None:
        """Seize, inventory, notify."""
        self.custody = Custody(self.rng)
        for command in self.custody.opening():
            assert self.give(command), type(command)

    @property
    def goods(self) -> stages.Goods | None:
        """The goods as they stand."""
        stage = self.case.folded.stage
        return stage.goods if isinstance(stage, stages.WithGoods) else None

    def give(self, command: Command, *, late: bool = False) -> bool:
        """Record a command if it is not refused; then look at every view that it made."""
        after = self.case.give(command, CLERK)
        if after is None:
            return False
        self.follow(after, "late" if late else type(command).__name__)
        for entry in after.entries[-1:]:
            self.look_at_disposal(entry)
        return True

    def follow(self, after: Case, what: str) -> None:
        """Take a longer case over: keep the books on, or from the beginning where the order changed."""
        added = after.entries[len(self.case.entries) :]
        ordered = effective(after.entries)
        self.case, follows = after, ordered[-len(added) :] == list(added)
        self.taken[what] += 1
        if follows and what not in ("late", "disturbed"):
            self.books.post_all(entry.event for entry in added)
            self.compare()
            return
        self.books = Books()
        for entry, folded in steps(KIND, SHARED, ordered):
            self.books.post(entry.event)
            self.views += 1
            if isinstance(folded.stage, stages.WithGoods):
                check(folded.stage.goods, self.books)

    def compare(self) -> None:
        """The case as it stands and the books agree."""
        self.views += 1
        if self.goods is not None:
            check(self.goods, self.books)

    def look_at_disposal(self, entry: Entry) -> None:
        """Nothing is disposed of while a claim, a legal hold or an appeal stood just before, by the books alone."""
        event = entry.event
        kept = (
            isinstance(event, disposal_acts.EarlyDisposalDecided) and event.outcome is disposal_acts.EarlyDisposalOutcome.KEEP
        )
        if isinstance(event, (*DISPOSALS, disposal_acts.EarlyDisposalDecided)) and not kept:
            ordered = effective(self.case.entries)
            before = ordered[: next(i for i, e in enumerate(ordered) if e.version == entry.version)]
            assert not Books().post_all(e.event for e in before).blocked(event.line)
            self.taken["disposals looked at"] += 1

    def step(self) -> None:
        """One more act, late entry, correction or retraction, some time later."""
        self.case = replace(self.case, now=self.case.now + timedelta(minutes=self.rng.randint(1, 90)))
        way = self.rng.random()
        if way < 0.9 or self.goods is None:
            self.custody.moment = self.case.now - timedelta(seconds=1)
            if self.goods is not None:
                self.give(self.custody.propose(self.goods))
        elif way < 0.96:
            self.late()
        else:
            after = disturb(self.case, self.rng)
            if after is not None:
                self.follow(after, "disturbed")

    def late(self) -> None:
        """An act that fits the goods as they were at some moment, recorded only now."""
        moment = self.rng.choice(self.case.entries).earliest + timedelta(seconds=self.rng.choice((1, 30, 600)))
        cut = until(effective(self.case.entries), moment)
        stage = fold(KIND, SHARED, cut.entries).stage
        if isinstance(stage, stages.WithGoods) and moment < self.case.now:
            self.custody.moment = moment
            self.give(self.custody.propose(stage.goods), late=True)

    def cut(self) -> None:
        """The case as it was at a random moment, known to a random prefix of the record."""
        known = self.case.entries[: self.rng.randint(1, len(self.case.entries))]
        moment = self.rng.choice(known).earliest + timedelta(seconds=self.rng.choice((-1, 0, 1, 2000)))
        agree(until(effective(known), moment).entries)
        self.views += 1


def agree(entries: Sequence[Entry]) -> None:
    """The fold of these entries and the books of them agree."""
    stage = fold(KIND, SHARED, entries).stage
    if isinstance(stage, stages.WithGoods):
        check(stage.goods, Books().post_all(entry.event for entry in entries))


def walked(seed: int, steps_to_take: int) -> Walk:
    """A history of so many tries."""
    walk = Walk(random.Random(seed))  # noqa: S311 - repeatable, not secret
    for _ in range(steps_to_take):
        walk.step()
    for _ in range(10):
        walk.cut()
    return walk


@pytest.mark.parametrize("block", range(4))
def test_nothing_is_lost_doubled_or_without_a_custodian(block: int) -> None:
    walks = [walked(seed, 150) for seed in range(block * 5, block * 5 + 5)]
    taken = sum((walk.taken for walk in walks), Counter[str]())
    lines = sum(len(walk.goods.lines) for walk in walks if walk.goods is not None)

    assert lines > 40
    assert sum(taken.values()) > 400
    assert all(taken[act] for act in ("SplitItem", "TakeSample", "AcceptTransfer", "CheckInItem", "late", "disturbed")), taken
    assert taken["disposals looked at"] > 30


def test_the_histories_of_a_general_search_keep_their_books_too() -> None:
    search = Search(KIND).follow(LIFE_CYCLES["seizure"]).run(100, 100)
    cases = [case for case in search.cases() if isinstance(case.folded.stage, stages.WithGoods)]
    for case in cases:
        ordered = effective(case.entries)
        books = Books()
        for entry, folded in steps(KIND, SHARED, ordered):
            books.post(entry.event)
            if isinstance(folded.stage, stages.WithGoods):
                check(folded.stage.goods, books)

    assert len(cases) > 30


def test_only_the_inventory_says_what_was_found() -> None:
    described = [event.type for event in KIND.events if "described_as" in event.__dataclass_fields__]

    assert described == ["seizure.item_inventoried"]


def test_the_books_find_what_is_wrong() -> None:
    walk = walked(1, 40)
    assert walk.goods is not None
    events: list[Event] = [entry.event for entry in effective(walk.case.entries)]
    short = Books().post_all(events)
    next(iter(short.accounts.values())).custodian = "o-nobody"

    with pytest.raises(AssertionError):
        check(walk.goods, short)
