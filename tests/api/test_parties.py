"""The party register over HTTP: possible same party, merge and un-merge, and every case that names a party (AS14)."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.dossier.acts import MoveToUnit, RecordDisagreement
from domain.dossier.correction_acts import ApproveCorrection, ProposeRetraction
from domain.kinds.party.acts import (
    MergeParties,
    NotePossibleSameParty,
    ResolvePossibleSameParty,
    SamePartyBasis,
    UnmergeParties,
)
from domain.kinds.seizure.acts import Channel, InterceptConsignment, SeizeGoods
from domain.parties import SamePartyOutcome
from domain.values import CorrectionReason
from tests.api.server import BASIS, Caller, Site, block, code, number, open_detention
from tests.api.terminal import Terminal
from tests.scenario import HOUR, NOON

WHY: dict[str, Any] = {"reason": "The documents were compared."}
SAME, DIFFERENT, UNDETERMINED = SamePartyOutcome


def note(other: UUID) -> NotePossibleSameParty:
    """The question whether another entry is this party."""
    return NotePossibleSameParty(
        **block(NOON + HOUR), other_party=other, basis=(SamePartyBasis.DOCUMENT_MATCH,), grounds="The same passport."
    )


def answer(other: UUID, outcome: SamePartyOutcome = SAME) -> ResolvePossibleSameParty:
    """An answer to it."""
    return ResolvePossibleSameParty(**block(NOON + 2 * HOUR, **WHY), other_party=other, outcome=outcome)


def merge(into: UUID) -> MergeParties:
    """The merge that rests on it."""
    return MergeParties(**block(NOON + 3 * HOUR, **WHY), into=into)


UNMERGE = UnmergeParties(**block(NOON + 4 * HOUR, **WHY))


class Register:
    """Two entries of the register, B and D, each held in a case of its own."""

    def __init__(self, site: Site) -> None:
        """Register and detain both."""
        self.site = site
        self.officer, self.second, self.supervisor = site.caller("o-1"), site.caller("o-2"), site.caller("s-1")
        self.b, self.d = self.officer.register_party(), self.officer.register_party()
        self.case_b, self.case_d = self.officer.open_detention(self.b).id, self.officer.open_detention(self.d).id

    def found_same(self) -> dict[str, Any]:
        """Have it noted on B's record that D may be B, and found so by another officer; the last receipt."""
        self.officer.record(self.b, note(self.d))
        return self.second.record(self.b, answer(self.d))

    def merged(self) -> dict[str, Any]:
        """Have D merged into B by the supervisor; the receipt."""
        self.found_same()
        return self.supervisor.record(self.d, merge(self.b))

    def entry(self, party: UUID) -> dict[str, Any]:
        """An entry of the register as it stands."""
        found = self.officer.get(f"/v1/parties/{party}")
        assert found.status_code == 200, found.text
        body: dict[str, Any] = found.json()
        return body

    def rows(self, party: UUID, person: str = "s-1", **asked: Any) -> list[dict[str, Any]]:
        """The cases that name a party, as somebody sees them."""
        found = self.site.caller(person).get(f"/v1/parties/{party}/cases", **asked)
        assert found.status_code == 200, found.text
        items: list[dict[str, Any]] = found.json()["items"]
        return items

    def cases(self, party: UUID, person: str = "s-1", **asked: Any) -> list[tuple[UUID, UUID]]:
        """Each case with the id it was recorded under."""
        return [(UUID(row["case_id"]), UUID(row["party"])) for row in self.rows(party, person, **asked)]

    def events(self, case_id: UUID) -> list[dict[str, Any]]:
        """A history exactly as stored: bytes, salts and leaf hashes."""
        items: list[dict[str, Any]] = self.officer.get(f"/v1/cases/{case_id}/events").json()["items"]
        return items


@pytest.fixture
def register(site: Site) -> Register:
    """The register with B and D."""
    return Register(site)


@pytest.fixture
def alone(fresh_site: Site) -> Register:
    """The same with nothing else in the ledger: a list of the past looks at every case there is."""
    return Register(fresh_site)


# --- AS14 -----------------------------------------------------------------------------------------------------


def test_d_and_b_are_merged_and_un_merged_with_both_histories_intact(alone: Register) -> None:
    b, d, case_b, case_d = alone.b, alone.d, alone.case_b, alone.case_d
    found = alone.found_same()
    alone.officer.follow(found["position"])
    before = {each: alone.events(each) for each in (case_b, case_d)}
    apart = {each: alone.rows(each) for each in (b, d)}
    assert [alone.cases(each) for each in (b, d)] == [[(case_b, b)], [(case_d, d)]], "noted, and nothing merged"

    receipt = alone.supervisor.record(d, merge(b))
    alone.officer.follow(receipt["position"])
    both = [(case_b, b), (case_d, d)]
    assert [alone.cases(each) for each in (b, d)] == [both, both], "one list, each row naming the id recorded"
    assert alone.entry(d)["stage"] == "merged"
    assert alone.entry(d)["into"] == str(b)
    assert set(alone.entry(b)["one_party"]) == {str(b), str(d)}
    assert alone.entry(b)["stage"] == "registered"

    undone = alone.supervisor.record(d, UNMERGE)
    alone.officer.follow(undone["position"])
    assert {each: alone.events(each) for each in (case_b, case_d)} == before, "not a byte of either case moved"
    assert {each: alone.rows(each) for each in (b, d)} == apart
    assert alone.entry(d)["stage"] == "registered"
    assert alone.entry(d)["one_party"] == [str(d)]

    then = {"noted": found["position"], "merged": receipt["position"], "undone": undone["position"]}
    assert alone.cases(d, as_of=then["noted"]) == [(case_d, d)]
    assert alone.cases(d, as_of=then["merged"]) == both
    assert alone.cases(d, as_of=then["undone"]) == [(case_d, d)]
    assert alone.cases(d, known_at=receipt["recorded_at"]) == both
    assert alone.cases(d, as_of=0) == []
    stages = [alone.officer.get(f"/v1/cases/{d}", version=n).json()["stage"] for n in (1, 2, 3)]
    assert stages == ["registered", "merged", "registered"]


def test_read_models_made_anew_give_the_same_answers(register: Register) -> None:
    receipt = register.merged()
    register.officer.follow(receipt["position"])
    served = {each: register.rows(each) for each in (register.b, register.d)}
    terminal = Terminal(register.site.instance.program.environment)
    assert terminal.type("projections", "rebuild", "persons", "--json").value["name"] == "persons"
    assert {each: register.rows(each) for each in (register.b, register.d)} == served
    assert terminal.type("projections", "verify", "persons").code == 0


# --- Questions and who may answer -----------------------------------------------------------------------------


def test_a_question_is_read_from_either_entry(register: Register) -> None:
    receipt = register.officer.record(register.b, note(register.d))
    register.officer.follow(receipt["position"])
    asked = {"on": str(register.b), "about": str(register.d), "asked_by": "o-1", "outcome": None}
    assert register.entry(register.b)["questions"] == [asked]
    assert register.entry(register.d)["questions"] == [asked]
    again = register.second.give(register.d, note(register.b), 1)
    assert code(again) == (409, "same-party-noted")
    register.second.record(register.b, answer(register.d, UNDETERMINED))
    assert register.entry(register.d)["questions"] == [asked | {"outcome": "undetermined"}]


def test_a_merge_takes_two_persons_and_the_role(register: Register) -> None:
    b, d = register.b, register.d
    register.supervisor.record(b, note(d))
    assert code(register.supervisor.give(b, answer(d), 2)) == (409, "same-party-noter-answers")
    register.second.record(b, answer(d))
    assert code(register.supervisor.give(d, merge(b), 1)) == (409, "same-party-noter-merges")
    assert code(register.second.give(d, merge(b), 1)) == (403, "not-allowed")
    assert register.site.caller("m-1").give(d, merge(b), 1).status_code == 200


def test_no_case_is_opened_on_a_merged_party(register: Register) -> None:
    register.merged()
    assert code(register.officer.give(None, open_detention(register.d))) == (409, "party-merged")
    said = RecordDisagreement(**block(NOON + 4 * HOUR), party=register.d, statement="I was not there.")
    known = register.officer.give(register.case_d, said, 1)
    assert known.status_code == 200, "a case that knows the person by that id goes on with it"
    assert code(register.officer.give(None, open_detention(register.b))) == (409, "open-hold-taken")
    register.supervisor.record(register.d, UNMERGE)
    assert code(register.officer.give(None, open_detention(register.d))) == (409, "open-hold-taken"), "their own hold again"


def test_merges_are_one_step_deep(register: Register) -> None:
    b, d, third = register.b, register.d, register.officer.register_party()
    register.merged()
    register.officer.record(third, note(b))
    register.second.record(third, answer(b))
    refused = [
        (register.supervisor.give(b, merge(third), register.supervisor.version(b)), "party-remains-for-others"),
        (register.supervisor.give(d, merge(third), 2), "not-open"),
        (register.officer.give(third, note(d), 3), "party-merged"),
        (register.second.give(b, answer(d, DIFFERENT), 3), "merged-are-same"),
    ]
    assert [code(each) for each, _ in refused] == [(409, name) for _, name in refused]


def test_of_merges_both_ways_at_most_one_is_recorded(register: Register) -> None:
    b, d = register.b, register.d
    register.found_same()
    assert code(register.supervisor.give(b, merge(d), 3)) == (409, "merge-not-answered")
    register.supervisor.record(d, merge(b))
    assert code(register.supervisor.give(b, merge(d), 3)) == (409, "party-merged")


def test_who_reads_the_register_and_what_is_no_party(register: Register) -> None:
    path = f"/v1/parties/{register.b}"
    statuses = {p: register.site.caller(p).get(path).status_code for p in ("o-3", "a-1", "m-1", "r-1", "p-1", None)}
    assert statuses == {"o-3": 200, "a-1": 200, "m-1": 200, "r-1": 403, "p-1": 403, None: 401}
    assert register.site.caller("r-1").get(f"{path}/cases").status_code == 403
    for nobody in (register.case_b, uuid4(), "nonsense"):
        assert code(register.officer.get(f"/v1/parties/{nobody}")) == (404, "not-found")
        assert code(register.officer.get(f"/v1/parties/{nobody}/cases")) == (404, "not-found")


# --- The cases that name a party ------------------------------------------------------------------------------


def test_a_case_is_listed_for_those_who_may_see_it(alone: Register) -> None:
    receipt = alone.merged()
    moved = alone.supervisor.record(alone.case_d, MoveToUnit(**block(NOON + 5 * HOUR, **WHY), unit="unit-2"))
    alone.officer.follow(moved["position"])
    assert alone.cases(alone.b, "o-1") == [(alone.case_b, alone.b)]
    assert alone.cases(alone.b, "o-3") == [(alone.case_d, alone.d)]
    assert len(alone.cases(alone.b, "a-1")) == 2
    at_the_merge = {"as_of": receipt["position"]}
    assert alone.cases(alone.b, "o-1", **at_the_merge) == [(alone.case_b, alone.b)], "no longer theirs"
    assert alone.cases(alone.b, "o-3", **at_the_merge) == [], "not yet theirs"
    assert len(alone.cases(alone.b, "a-1", **at_the_merge)) == 2


def test_where_a_page_of_the_past_ends_tells_of_no_case_of_another_unit(alone: Register) -> None:
    theirs = alone.site.caller("o-3")
    party = theirs.register_party()
    head = alone.site.caller("a-1").get(f"/v1/cases/{theirs.open_detention(party).id}").json()["position"]
    alone.officer.follow(head)
    page = alone.officer.get(f"/v1/parties/{party}/cases", as_of=head, limit=1).json()
    assert (page["items"], page["next"]) == ([], None)
    assert len(theirs.get(f"/v1/parties/{party}/cases", as_of=head, limit=1).json()["items"]) == 1


def seizure(officer: Caller, from_party: UUID, witness: UUID) -> int:
    """A seizure in which one entry names two parties; its position."""
    held = officer.open(InterceptConsignment(**block(NOON), authority=BASIS, file_number=number(), channel=Channel.POST))
    seized = SeizeGoods(
        **block(NOON + HOUR), authority=BASIS, officers=("o-1",), place="Hall 2", from_party=from_party, witness=witness,
        receipt="R-1",
    )  # fmt: skip
    position: int = officer.record(held.id, seized)["position"]
    return position


def walked(register: Register, party: UUID, limit: int, **asked: Any) -> list[dict[str, Any]]:
    """All pages of the cases of a party, so many rows at a time."""
    items: list[dict[str, Any]] = []
    path: str | None = f"/v1/parties/{party}/cases"
    parameters = {"limit": limit} | asked
    while path:
        found = register.supervisor.get(path, **parameters).json()
        items, path, parameters = items + found["items"], found["next"], {}
    return items


def test_the_list_is_walked_page_by_page_also_where_one_entry_names_several(alone: Register) -> None:
    alone.merged()
    positions = [seizure(alone.officer, alone.b, alone.d) for _ in range(3)]
    alone.officer.follow(positions[-1])
    rows = alone.rows(alone.d)
    assert [row["first_position"] for row in rows[2:]] == [position for position in positions for _ in range(2)]
    assert {(row["party"], row["named_as"]) for row in rows[2:]} == {
        (str(alone.b), "from_party"),
        (str(alone.d), "witness"),
    }
    for limit in (1, 2, 3, 5):
        assert walked(alone, alone.d, limit) == rows
        past = walked(alone, alone.d, limit, as_of=positions[-1])
        assert sorted(map(str, past)) == sorted(map(str, rows))


def test_what_was_retracted_names_nobody_and_the_past_tells_whom_it_named(alone: Register) -> None:
    third, case = alone.officer.register_party(), alone.case_b
    said = RecordDisagreement(**block(NOON + HOUR), party=third, statement="I was not there.")
    named = alone.officer.record(case, said)
    alone.officer.follow(named["position"])
    assert alone.cases(third) == [(case, third)]
    target, moment = named["version"], NOON + 2 * HOUR
    alone.officer.record(case, ProposeRetraction(**block(moment, **WHY), target=target, why=CorrectionReason.WRONG_PERSON))
    alone.officer.follow(alone.second.record(case, ApproveCorrection(**block(moment, **WHY), target=target))["position"])
    assert alone.cases(third) == []
    assert alone.cases(third, as_of=named["position"]) == [(case, third)]
    assert alone.cases(third, as_of=named["position"] - 1) == []


def test_no_list_of_cases_asks_for_more_than_an_id(sqlite_site: Site) -> None:
    operation = sqlite_site.app.openapi()["paths"]["/v1/parties/{case_id}/cases"]["get"]
    assert {p["name"] for p in operation["parameters"]} == {
        *("case_id", "as_of", "known_at", "cursor", "limit", "position", "Prefer")
    }


PAST = "known_at=2001-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "route",
    [
        "parties/{}",
        "parties/{}/cases",
        f"parties/{{}}/cases?{PAST}",
        "cases/{}?version=99",
        f"cases/{{}}?{PAST}",
        "cases/{}/events",
        "cases/{}/diff?from=99&to=99",
        "cases/{}/timeline?version=99",
        f"cases/{{}}/timeline?linked=true&{PAST}",
        f"cases/{{}}/custody?{PAST}",
        f"cases/{{}}/deadlines?{PAST}",
    ],
)
def test_a_case_of_another_unit_is_not_to_be_told_from_none(site: Site, route: str) -> None:
    hidden, reader = site.caller("o-3").open_detention(), site.caller("o-1")
    found, unknown = (reader.get(f"/v1/{route.format(each)}") for each in (hidden.id, uuid4()))
    assert (found.status_code, found.content) == (404, unknown.content)
