"""Acceptance scenarios of the main path, over HTTP on both databases: one story of three cases, a wrong age, a race."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from domain.dossier.acts import AddAddendum, ConfirmLink, CorrectEntry, DescribePerson, LinkType, ProposeLink
from domain.dossier.correction_acts import ApproveCorrection, ProposeCorrection
from domain.kinds.detention.acts import OpenDetention, RecordArrival
from domain.kinds.investigation.course_acts import OpenInvestigation, ReceiveReferral
from domain.kinds.seizure.acts import (
    Channel,
    CompleteInventory,
    InterceptConsignment,
    InventoryLines,
    ItemClass,
    LineFound,
    SeizeGoods,
)
from domain.values import Authority, AuthorityKind, CorrectionReason, Quantity
from domain.values import Unit as Measure
from tests.api.server import Caller, Site, as_json, block, code, number

NINE = datetime(2025, 6, 2, 9, tzinfo=UTC)
STATUTE = Authority(AuthorityKind.STATUTE, "Customs Act, s. 139", issued_on=date(2020, 1, 1))


def at_minute(minutes: int, **more: Any) -> dict[str, Any]:
    """What is stated of an act so many minutes after nine."""
    return block(NINE + timedelta(minutes=minutes), **more)


# --- One story of three cases ---------------------------------------------------------------------------------


def seize_parcel(officer: Caller, sender: UUID) -> UUID:
    """A parcel with two vests is intercepted, seized and inventoried."""
    parcel = officer.open(
        InterceptConsignment(
            **at_minute(0, authority=STATUTE), file_number=number(), channel=Channel.POST, ref="RR 1", declared="Clothing"
        )
    ).id
    officer.record(
        parcel,
        SeizeGoods(
            **at_minute(10, authority=STATUTE), officers=("o-1",), place="Sorting office", from_party=sender,
            receipt="R-1", witness_absent="Nobody else was on duty",
        ),
    )  # fmt: skip
    two = Quantity(Decimal(2), Measure.PIECE)
    vests = LineFound(line="1", described_as="Vests with plate pockets", item_class=ItemClass.TACTICAL_VEST, quantity=two)
    officer.record(parcel, InventoryLines(**at_minute(20), lines=(vests,), second_officer="o-2"))
    officer.record(parcel, CompleteInventory(**at_minute(25)))
    return parcel


def detain(officer: Caller, sender: UUID) -> UUID:
    """The sender is apprehended while the parcel lies on the table."""
    detention = officer.open(
        OpenDetention(
            **at_minute(15, authority=STATUTE), file_number=number(), party=sender, place="Counter 4",
            grounds="Sent the parcel", officers=("o-8", "o-9"),
        )
    ).id  # fmt: skip
    officer.record(detention, RecordArrival(**at_minute(40), facility="Station 1"))
    return detention


def investigate(officer: Caller, leader: Caller) -> UUID:
    """An investigation is asked for by one officer and opened by another."""
    inquiry = officer.open(
        ReceiveReferral(**at_minute(50), file_number=number(), referred_by="Sorting office", statement="Two vests")
    ).id
    leader.record(inquiry, OpenInvestigation(**at_minute(60), grounds="Undeclared vests", scope="The sender"))
    return inquiry


def link(officer: Caller, minute: int, one: UUID, other: UUID, how: LinkType) -> None:
    """One case proposes the link, the other confirms it."""
    officer.record(one, ProposeLink(**at_minute(minute), other=other, link=how))
    receipt = officer.record(other, ConfirmLink(**at_minute(minute + 1), other=one, link=how))
    officer.follow(receipt["position"])


STORY = [
    ("seizure", "seizure.consignment_intercepted"),
    ("seizure", "seizure.goods_seized"),
    ("detention", "detention.person_apprehended"),
    ("seizure", "seizure.item_inventoried"),
    ("seizure", "seizure.inventory_completed"),
    ("detention", "detention.arrived_in_custody"),
    ("investigation", "investigation.referral_received"),
    ("investigation", "investigation.opened"),
    ("seizure", "case.link_proposed"),
    ("detention", "case.link_confirmed"),
    ("seizure", "case.link_proposed"),
    ("investigation", "case.link_confirmed"),
    ("detention", "case.link_proposed"),
    ("investigation", "case.link_confirmed"),
]


def test_parcel_sender_and_investigation_link_both_ways_and_make_one_ordered_story(site: Site) -> None:
    officer, leader = site.caller("o-1"), site.caller("o-2")
    sender = officer.register_party(NINE)
    parcel, detention = seize_parcel(officer, sender), detain(officer, sender)
    inquiry = investigate(officer, leader)
    link(officer, 70, parcel, detention, LinkType.LED_TO)
    link(officer, 72, parcel, inquiry, LinkType.EVIDENCE_FOR)
    link(officer, 74, detention, inquiry, LinkType.SUPPORTS)
    ends = {
        parcel: {(detention, "led_to"): "proposed", (inquiry, "evidence_for"): "proposed"},
        detention: {(parcel, "led_to"): "confirmed", (inquiry, "supports"): "proposed"},
        inquiry: {(parcel, "evidence_for"): "confirmed", (detention, "supports"): "confirmed"},
    }
    for case_id, others in ends.items():
        case = officer.get(f"/v1/cases/{case_id}").json()
        found = {(UUID(end["other"]), end["link"]): end["state"] for end in case["dossier"]["links"]}
        assert found == others, "each side says how far the link has come on that side"
        story = officer.get(f"/v1/cases/{case_id}/timeline", linked="true").json()["items"]
        assert [(item["kind"], item["type"]) for item in story] == STORY
        assert [item["earliest"] for item in story] == sorted(item["earliest"] for item in story)
        assert {UUID(item["case_id"]) for item in story} == ends.keys()


def test_a_story_shows_each_reader_only_the_cases_that_exist_for_them(site: Site) -> None:
    officer, stranger = site.caller("o-1"), site.caller("o-3")
    ours, theirs = officer.open_detention(moment=NINE).id, stranger.open_detention(moment=NINE).id
    receipt = officer.record(ours, ProposeLink(**at_minute(5), other=theirs, link=LinkType.POSSIBLE_OVERLAP))
    officer.follow(receipt["position"])
    mine = officer.get(f"/v1/cases/{ours}/timeline", linked="true").json()["items"]
    assert {UUID(item["case_id"]) for item in mine} == {ours}
    all_of_it = site.caller("a-1").get(f"/v1/cases/{ours}/timeline", linked="true").json()["items"]
    assert {UUID(item["case_id"]) for item in all_of_it} == {ours, theirs}


# --- A wrong age ----------------------------------------------------------------------------------------------


def test_an_age_entered_wrongly_is_replayed_as_known_then_and_read_corrected_now(site: Site) -> None:
    officer = site.caller("o-1")
    person = officer.register_party(NINE)
    case_id = officer.open_detention(person, NINE).id
    entered = officer.record(case_id, DescribePerson(**at_minute(30), party=person, age=27))
    remark = officer.record(case_id, AddAddendum(**at_minute(45), text="Passport seen"))
    told = block(datetime.now(UTC) - timedelta(seconds=1), reason="The passport says 26")
    why = CorrectionReason.TYPING_ERROR
    wrong = {"target": entered["version"], "why": why}
    alone = officer.give(case_id, CorrectEntry(**told, **wrong, changes={"age": 26}), officer.version(case_id))
    assert code(alone) == (409, "correction-needs-approval")
    proposal = ProposeCorrection(**told, **wrong, changes={"age": 26})
    officer.record(case_id, proposal)
    approval = ApproveCorrection(**told, target=entered["version"])
    own = officer.give(case_id, approval, officer.version(case_id))
    assert code(own) == (409, "approver-proposed")
    corrected = site.caller("m-1").record(case_id, approval)

    def age(**as_of: Any) -> Any:
        answer = officer.get(f"/v1/cases/{case_id}", **as_of)
        assert answer.status_code == 200, answer.text
        persons = answer.json()["persons"]
        return persons[str(person)]["age"] if persons else None

    between = datetime.fromisoformat(corrected["recorded_at"]) - timedelta(microseconds=1)
    assert age(known_at=entered["recorded_at"]) == age(known_at=remark["recorded_at"]) == 27
    assert age(known_at=between.isoformat()) == 27
    assert age(known_at=corrected["recorded_at"]) == age() == 26
    assert age(version=entered["version"]) == 27
    assert age(known_at=between.isoformat(), true_at=(NINE + timedelta(minutes=10)).isoformat()) is None
    shown = officer.get(f"/v1/cases/{case_id}/diff", **{"from": remark["version"], "to": corrected["version"]}).json()
    assert shown["changes"] == [
        {"field": f"/persons/{person}/age", "from": 27, "to": 26, "entry": corrected["version"]},
    ]
    officer.follow(corrected["position"])
    items = {item["version"]: item for item in officer.get(f"/v1/cases/{case_id}/timeline").json()["items"]}
    entry = items[entered["version"]]
    assert (entry["state"]["age"], entry["stands_as"]["age"], entry["corrected_by"]) == (27, 26, corrected["version"])


# --- The same command twice, and two officers at one version --------------------------------------------------


def test_the_same_key_twice_is_one_event_and_one_answer(site: Site) -> None:
    officer = site.caller("o-1")
    case = officer.open_detention(moment=NINE)
    command, key = AddAddendum(**at_minute(5), text="Calm"), uuid4().hex
    first, second = (officer.give(case.id, command, case.version, key) for _ in range(2))
    assert (first.status_code, first.json(), first.headers["etag"]) == (200, second.json(), second.headers["etag"])
    opening, opening_key = OpenDetention(**as_opening(officer)), uuid4().hex
    one, same = (officer.give(None, opening, key=opening_key) for _ in range(2))
    assert (one.status_code, one.json(), one.headers["location"]) == (201, same.json(), same.headers["location"])
    for case_id, events in ((case.id, 2), (one.json()["case_id"], 1)):
        assert len(officer.get(f"/v1/cases/{case_id}/events").json()["items"]) == events


def as_opening(officer: Caller) -> dict[str, Any]:
    """What opens another detention."""
    party = officer.register_party(NINE)
    return at_minute(0, authority=STATUTE) | {
        "file_number": number(), "party": party, "place": "Counter 4", "grounds": "G", "officers": ("o-9",),
    }  # fmt: skip


def test_of_two_officers_at_one_version_the_second_is_told_what_came_between(site: Site) -> None:
    first, second = site.caller("o-1"), site.caller("o-2")
    case_id = first.open_detention(moment=NINE).id
    for minute in range(1, 7):
        first.record(case_id, AddAddendum(**at_minute(minute), text="Noted"))
    assert (first.version(case_id), second.version(case_id)) == (7, 7)
    receipts = [first.record(case_id, AddAddendum(**at_minute(minute), text="Noted")) for minute in (7, 8)]
    late = second.give(case_id, AddAddendum(**at_minute(9), text="Seen"), 7)
    assert late.status_code == 412
    assert late.headers["content-type"] == "application/problem+json"
    problem = late.json()
    assert (problem["expected_version"], problem["current_version"]) == (7, 9)
    assert problem["events_between"] == [
        {
            "version": receipt["version"],
            "type": "case.addendum_added",
            "recorded_at": receipt["recorded_at"],
            "actor": "o-1",
        }
        for receipt in receipts
    ]
    body = as_json(AddAddendum(**at_minute(9), text="Seen"))
    again = second.post(f"/v1/cases/{case_id}/add-addendum", body, version=problem["current_version"])
    assert (again.status_code, again.json()["version"]) == (200, 10)
