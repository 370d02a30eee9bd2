"""What holds of every history of an investigation that a random search reaches, entry by entry."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache

from domain.dossier import SHARED
from domain.history import effective, in_order, steps
from domain.kernel import Entry, Event, Nothing, Stage
from domain.kinds.investigation import KIND
from domain.kinds.investigation import course_acts as course
from domain.kinds.investigation import inquiry_acts as inquiry
from domain.kinds.investigation import link_acts as links
from domain.kinds.investigation.people_acts import SubjectAdded, SubjectStatus, SubjectStatusChanged
from domain.kinds.investigation.stages import Begun, Matter
from tests.domain.makers import ACTORS, NoSuchValue
from tests.domain.walks import Case, Search, attempt
from tests.examples import LIFE_CYCLES


@cache
def reached() -> tuple[Case, ...]:
    """Every case a search reaches."""
    return tuple(Search(KIND, seed=11).follow(LIFE_CYCLES["investigation"]).run(200, 3500).cases())


@cache
def passages() -> tuple[tuple[Stage, Event], ...]:
    """Every event of every history reached, with the stage just before it."""
    return tuple(passage for case in reached() for passage in before_each(case.entries))


def before_each(entries: Iterable[Entry]) -> Iterator[tuple[Stage, Event]]:
    """The events of the kind in effective order, each with the stage before it."""
    stage: Stage = Nothing()
    for entry, folded in steps(KIND, SHARED, effective(entries)):
        if type(entry.event) in KIND.own:
            yield stage, entry.event
        stage = folded.stage


def of(*types: type[Event]) -> list[tuple[Matter, Event]]:
    """What was carried just before each event of these types; at least ten of them are looked at."""
    found = [(stage.matter, event) for stage, event in passages() if isinstance(event, types) and isinstance(stage, Begun)]
    assert len(found) >= 10, Counter(type(event).__name__ for _, event in passages())
    return found


def test_no_recused_officer_decides_or_records_anything_afterwards() -> None:
    rng, acts = random.Random(5), 0  # noqa: S311 - repeatable, not secret
    for case in [case for case in reached() if isinstance(case.folded.stage, Begun)]:
        current = attempt(case, course.RecuseOfficer, rng, tries=1) or case
        for command in rng.choices(KIND.commands, k=8):
            if (type(current.folded.stage), command) not in KIND.rules:
                continue
            later = current.later(rng)
            try:
                given, actor = later.maker(rng).command(command), rng.choice(ACTORS)
            except NoSuchValue:
                continue
            stage = later.folded.stage
            assert isinstance(stage, Begun)
            after = later.give(given, actor) if in_order(later.folded, given) else None
            if after is not None:
                assert {given.decided_by, actor.id}.isdisjoint(stage.matter.recused)
                current, acts = after, acts + 1
    assert acts >= 50


def test_every_step_lies_in_its_window_and_before_a_revocation() -> None:
    for matter, event in of(inquiry.StepConducted, inquiry.InterviewConducted):
        step, began, ended = matter.steps[getattr(event, "step", "")], event.when.earliest, event.when.latest
        assert began is not None
        assert ended is not None
        assert step.valid_from <= began < ended <= min(step.valid_until, step.revoked or step.valid_until)


def test_nothing_closes_with_a_subject_whose_status_is_open() -> None:
    for matter, _ in of(course.InvestigationClosed):
        assert all(subject.settled for subject in matter.subjects.values())


def test_a_network_link_is_renewed_in_time_and_on_further_evidence() -> None:
    for matter, event in of(links.NetworkLinkRenewed):
        assert isinstance(event, links.NetworkLinkRenewed)
        link = matter.network[event.network_link]
        assert event.when.latest is not None
        assert event.when.latest <= link.expires
        assert set(event.evidence) - link.evidence


def test_nobody_is_a_suspect_without_grounds() -> None:
    for _, event in of(SubjectAdded, SubjectStatusChanged):
        if getattr(event, "status", None) is SubjectStatus.SUSPECT:
            assert getattr(event, "grounds", None) is not None
