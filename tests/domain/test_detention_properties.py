"""What holds of every detention, asked of random histories: place, time in custody, authority to hold, release.

What the domain says is compared with plain recomputations from the entries, late ones and corrections among them.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from domain.dossier import SHARED
from domain.history import effective, steps
from domain.kernel import BEGINNING, Entry, Stage
from domain.kinds.detention import KIND, acts, custody_acts
from domain.kinds.detention.acts import JudicialOutcome, ReviewOutcome
from domain.kinds.detention.stages import Custody, Ended, Held, Spell, Unended
from domain.kinds.sentencing.credit import days_counted, spans_of
from tests.domain.detention_walks import accepted, counting, histories
from tests.domain.makers import ACTORS
from tests.domain.walks import Case
from tests.scenario import CASE, HOUR

WITHOUT_JUDGE = 48 * HOUR

each_seed = pytest.mark.parametrize("seed", [1, 2])


# --- Time in custody ------------------------------------------------------------------------------------------


def takes_in(event: Any, held: bool, measured: bool) -> bool:
    """Whether an event takes a person into custody."""
    match event:
        case acts.PersonApprehended():
            return True
        case acts.JudicialDecisionRecorded(outcome=JudicialOutcome.HOLD):
            return not held
        case custody_acts.PersonReturned():
            return not measured
        case _:
            return False


def lets_go(event: Any) -> bool:
    """Whether an event takes a person out of custody."""
    match event:
        case acts.MeasureImposed() | acts.JudicialDecisionRecorded(outcome=JudicialOutcome.MEASURE):
            return True
        case custody_acts.PersonReleased() | custody_acts.PersonEscaped() | custody_acts.PersonDied():
            return True
        case custody_acts.DetaineeTransferAccepted():
            return True
        case _:
            return False


def spells(entries: Sequence[Entry]) -> tuple[Spell, ...]:
    """The times in custody, recomputed from the entries: what takes a person in, and what lets the person go."""
    found: list[Spell] = []
    held = measured = False
    for entry in entries:
        event = entry.event
        if takes_in(event, held, measured):
            found.append(Spell(event.when))
            held, measured = True, False
        elif lets_go(event):
            measured = measured or isinstance(event, acts.MeasureImposed | acts.JudicialDecisionRecorded)
            if held:
                found[-1] = replace(found[-1], ended=event.when)
            held = False
    return tuple(found)


def custody_of(stage: Stage) -> Custody:
    """The time in custody a stage tells other cases of."""
    custody = getattr(stage, "custody", None)
    assert isinstance(custody, Custody)
    return custody


@each_seed
def test_the_time_in_custody_is_what_the_entries_say(seed: int) -> None:
    asked = Counter[int]()
    for case in histories(seed):
        told = custody_of(case.folded.stage).spells
        assert told == spells(counting(case))
        asked[len(told)] += 1
    assert asked.total() > 1000
    assert max(asked) > 2, "somebody was in custody again and again"


@each_seed
def test_the_days_held_follow_from_the_stream_alone_and_each_counts_once(seed: int) -> None:
    asked = 0
    for case in histories(seed):
        told, through = spells(counting(case)), case.now.date()
        if not all(when.precise for spell in told for when in (spell.began, spell.ended) if when is not None):
            continue
        days = set[date]()
        for spell in told:
            first, last = day(spell.began.earliest), day(spell.ended.earliest) if spell.ended else through
            days |= {first + timedelta(days=n) for n in range((min(last, through) - first).days + 1)}
        assert days_counted(spans_of(CASE, custody_of(case.folded.stage), through)) == len(days)
        asked += 1
    assert asked > 1000


def day(moment: datetime | None) -> date:
    """The day of a moment that is known."""
    assert moment is not None
    return moment.date()


# --- Place ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stay:
    """Where a person was in one spell of custody, None before the arrival anywhere, and between which moments."""

    spell: int
    place: str | None
    began: datetime
    ended: datetime | None = None


def stays(case: Case) -> list[Stay]:
    """Where the person was, as the folded stages tell it; a moment counts from the latest known before it."""
    found: list[Stay] = []
    moment, spell, held = BEGINNING, 0, False
    for entry, folded in steps(KIND, SHARED, effective(case.entries)):
        moment, stage = max(moment, entry.earliest), folded.stage
        place = stage.hold.facility if isinstance(stage, Held) else None
        spell += isinstance(stage, Held) and not held
        if held and (not isinstance(stage, Held) or place != found[-1].place):
            found[-1] = replace(found[-1], ended=moment)
        if isinstance(stage, Held) and (not held or place != found[-1].place):
            found.append(Stay(spell, place, moment))
        held = isinstance(stage, Held)
    return found


def places(entries: Sequence[Entry]) -> list[tuple[int, str | None]]:
    """In which spell of custody the person was at which place, one after another, recomputed from the entries."""
    found: list[tuple[int, str | None]] = []
    place: str | None = None
    for upto, entry in enumerate(entries, start=1):
        match entry.event:
            case acts.ArrivedInCustody(facility=facility) | custody_acts.CustodyLocationChanged(facility=facility):
                place = facility
            case custody_acts.PersonReturned(facility=facility):
                place = facility or place
            case _:
                pass
        known = spells(entries[:upto])
        if known[-1].ended is None and found[-1:] != [(len(known), place)]:
            found.append((len(known), place))
    return found


@each_seed
def test_at_every_moment_in_custody_there_is_one_place_without_overlap_or_gap(seed: int) -> None:
    moved = broken = 0
    for case in histories(seed):
        found, told = stays(case), custody_of(case.folded.stage).spells
        assert [(stay.spell, stay.place) for stay in found] == places(counting(case))
        assert {stay.spell for stay in found} == set(range(1, len(told) + 1))
        assert [stay.ended is None for stay in found] == [False] * (len(found) - 1) + [isinstance(case.folded.stage, Held)]
        for one, other in pairwise(found):
            assert one.ended is not None
            assert one.began <= one.ended <= other.began
            assert other.spell > one.spell or one.ended == other.began
            moved += one.spell == other.spell
            broken += one.spell != other.spell
    assert min(moved, broken) > 100


# --- Authority ------------------------------------------------------------------------------------------------


@dataclass
class Authority:
    """The authority to hold a person, recomputed from the entries before an act."""

    apprehended: datetime | None
    executive: datetime | None = None
    court: datetime | None = None
    measured: bool = False

    def see(self, event: Any) -> None:
        """Take one more event."""
        match event:
            case acts.DetentionAuthorized(until=until) | acts.DetentionExtended(until=until):
                self.executive = until
            case acts.JudicialDecisionRecorded(outcome=JudicialOutcome.HOLD, until=until):
                self.court, self.measured = until, False
            case acts.JudicialDecisionRecorded(outcome=JudicialOutcome.MEASURE) | acts.MeasureImposed():
                self.measured = True
            case (
                acts.JudicialDecisionRecorded(outcome=JudicialOutcome.RELEASE)
                | acts.DetentionReviewed(outcome=ReviewOutcome.RELEASE)
                | custody_acts.HoldDeclaredUnlawful(ended=None)
            ) if not self.measured:
                self.court = None
            case _:
                pass

    def end_for(self, event: Any) -> datetime | None:
        """The moment by which an act that prolongs the hold has to be done; None for any other act."""
        match event:
            case acts.DetentionExtended():
                return self.executive
            case acts.DetentionReviewed(outcome=ReviewOutcome.CONTINUE) | acts.ReviewPostponed():
                return self.court or self.executive
            case acts.JudicialDecisionRecorded(outcome=JudicialOutcome.HOLD) if not self.measured:
                assert self.apprehended is not None
                return self.court or self.apprehended + WITHOUT_JUDGE
            case _:
                return None


def prolonging(ordered: Sequence[Entry]) -> Iterator[tuple[Entry, bool]]:
    """Each act of an effective history that prolongs the hold, and whether it was done before the authority ended."""
    authority = Authority(ordered[0].event.when.earliest)
    for entry in ordered:
        end = authority.end_for(entry.event)
        if end is not None:
            # A rule sees an open end as now; the entry is recorded a millisecond later.
            done = entry.event.when.latest or entry.recorded_at - timedelta(milliseconds=1)
            yield entry, done <= end
        authority.see(entry.event)


@each_seed
def test_no_hold_is_prolonged_after_its_authority_ended(seed: int) -> None:
    """Each act, those recorded late too, in the effective history that it was accepted into."""
    prolonged = Counter[str]()
    for before, after in accepted(seed):
        ordered, known = effective(after.entries), len(before.entries)
        for place, entry in enumerate(ordered, start=1):
            if entry.version > known:
                found = {e.version: in_time for e, in_time in prolonging(ordered[:place])}
                assert found.get(entry.version, True), entry.event
                prolonged[type(entry.event).__name__] += entry.version in found
    assert set(prolonged) >= {"DetentionExtended", "DetentionReviewed", "ReviewPostponed", "JudicialDecisionRecorded"}
    assert prolonged.total() > 100


@each_seed
def test_no_history_recorded_in_order_holds_anybody_beyond_the_authority(seed: int) -> None:
    asked = 0
    for _, after in accepted(seed):
        ordered = effective(after.entries)
        if all(one.version < other.version for one, other in pairwise(ordered)):
            found = [in_time for _, in_time in prolonging(ordered)]
            assert all(found)
            asked += len(found) > 1
    assert asked > 100


# --- Release --------------------------------------------------------------------------------------------------


@each_seed
def test_a_release_is_taken_in_every_case_that_has_not_ended_whatever_it_states(seed: int) -> None:
    rng, asked = random.Random(seed), Counter[type[Stage]]()  # noqa: S311 - repeatable, not secret
    for case in histories(seed):
        if isinstance(case.folded.stage, Unended):
            later = case.later(rng)
            after = later.give(later.maker(rng).command(custody_acts.ReleasePerson), rng.choice(ACTORS))
            assert after is not None
            assert isinstance(after.folded.stage, Ended)
            asked[type(case.folded.stage)] += 1
    assert set(asked) == {stage for stage in KIND.stages if issubclass(stage, Unended)}
    assert asked.total() > 1000
