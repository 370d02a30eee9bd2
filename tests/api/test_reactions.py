"""What follows by itself in linked cases, over HTTP on both databases: no armor after all, a quashed conviction, a release."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import pytest

from domain.dossier.acts import EndLink, LinkType
from domain.kinds.detention.custody_acts import ReleaseKind, ReleasePerson
from domain.kinds.seizure.item_acts import (
    Classification,
    ClassifyItem,
    Confidence,
    Effect,
    ReviseClassification,
    Scheme,
)
from domain.kinds.sentencing.acts import Count, CountOutcome, Custody, ImposeSentence, QuashConviction, RecordConviction
from domain.kinds.sentencing.computation_acts import DeriveCredit
from domain.kinds.sentencing.terms import StartRule, Term
from domain.values import Authority, AuthorityKind
from tests.api.conftest import database_of
from tests.api.server import Caller, Site, create_instance, number
from tests.api.test_acceptance import NINE, at_minute, detain, investigate, link, seize_parcel
from tests.waiting import until

ARMOR = Classification(Scheme.NATIONAL_LIST, "ML13.d", "2025", Effect.CONTROLLED, Confidence.LOW)
CARRIER = Classification(Scheme.NATIONAL_LIST, "none", "2025", Effect.NOT_CONTROLLED, Confidence.HIGH)
JUDGMENT = Authority(AuthorityKind.COURT_ORDER, "Judgment 17/25", "District court")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A served application with the system at work, once on each engine."""
    folder = tmp_path_factory.mktemp("attended")
    with database_of(request.param, request, folder) as database, create_instance(database, folder).attended().served() as site:
        yield site


def events(caller: Caller, case_id: UUID, name: str) -> list[Mapping[str, Any]]:
    """The events of a name in a case."""
    answer = caller.get(f"/v1/cases/{case_id}/events", limit=1000)
    assert answer.status_code == 200, answer.text
    return [item for item in answer.json()["items"] if item["type"] == name]


def cause(item: Mapping[str, Any]) -> str:
    """The entry that caused an event, as its envelope names it."""
    return str(json.loads(item["stored_envelope"])["causation"])


def duties(caller: Caller, case_id: UUID) -> list[str]:
    """What was opened as owed in a case, in order."""
    return [item["state"]["duty"] for item in events(caller, case_id, "case.obligation_opened")]


def answered(caller: Caller, case_id: UUID) -> list[str]:
    """What the other ends of a case's links answered."""
    return [item["state"]["answer"] for item in events(caller, case_id, "case.link_answered")]


def expect(caller: Caller, owed: Mapping[UUID, list[str]]) -> None:
    """Exactly this comes to be owed in each case."""
    until(lambda: all(len(duties(caller, case_id)) >= len(named) for case_id, named in owed.items()), "what is owed")
    assert {case_id: duties(caller, case_id) for case_id in owed} == owed


def convict(officer: Caller, party: UUID) -> UUID:
    """Somebody who is held is found guilty."""
    guilty = Count(1, CountOutcome.CONVICTED, "Customs Act, s. 170")
    return officer.open(
        RecordConviction(
            **at_minute(100, authority=JUDGMENT), file_number=number(), party=party, court="District court",
            counts=(guilty,), custody=Custody.HELD,
        )
    ).id  # fmt: skip


def test_vests_revised_to_load_bearing_reopen_the_ground_and_tell_the_investigation(site: Site) -> None:
    """Acceptance scenario AS4."""
    officer, leader = site.caller("o-1"), site.caller("o-2")
    sender = officer.register_party(NINE)
    parcel, detention, inquiry = seize_parcel(officer, sender), detain(officer, sender), investigate(officer, leader)
    link(officer, 70, parcel, detention, LinkType.GAVE_RISE_TO)
    link(officer, 72, parcel, inquiry, LinkType.EVIDENCE_FOR)
    officer.record(parcel, ClassifyItem(**at_minute(80), line="1", classification=ARMOR, basis="The label."))
    expert = site.caller("s-1")
    revised = expert.record(parcel, ReviseClassification(**at_minute(90), line="1", now=CARRIER, basis="No plates, no armor."))
    here = ["seizure_review", "return_of_goods"]
    expect(officer, {parcel: here, inquiry: ["grounds_review"], detention: ["hold_review"]})
    until(lambda: answered(officer, parcel) == ["confirmed", "confirmed"], "both links known at both ends")

    (told,) = events(officer, inquiry, "case.obligation_opened")
    assert cause(told).startswith(f"{parcel}/"), "linked events: each names its cause"
    assert told["state"]["basis"] == f"seizure.classification_revised {parcel}/{revised['version']} line 1"
    assert told["state"]["sources"][0]["kind"] == "system"
    line = officer.get(f"/v1/cases/{parcel}").json()["state"]["goods"]["lines"]["1"]["item"]
    assert line["classified"]["national_list"]["classification"]["effect"] == "not_controlled"
    story = [item["state"] for item in events(officer, parcel, "seizure.classification_revised")]
    assert [(state["was"]["entry"], state["now"]["entry"]) for state in story] == [("ML13.d", "none")]


def test_a_quashed_conviction_raises_release_the_review_of_forfeitures_and_restriction(site: Site) -> None:
    """Acceptance scenario AS12; a link that is confirmed only afterwards brings the same."""
    officer = site.caller("o-1")
    sender = officer.register_party(NINE)
    parcel, detention = seize_parcel(officer, sender), detain(officer, sender)
    later = seize_parcel(officer, sender)
    verdict = convict(officer, sender)
    link(officer, 110, verdict, detention, LinkType.CREDITS)
    link(officer, 112, verdict, parcel, LinkType.ORDERS_DISPOSAL_OF)
    officer.record(verdict, QuashConviction(**at_minute(120, authority=JUDGMENT), court="Court of appeal"))
    expect(officer, {verdict: ["record_restriction"], detention: ["release"], parcel: ["forfeiture_review"]})
    (release,) = events(officer, detention, "case.obligation_opened")
    assert release["state"]["basis"].startswith("sentencing.conviction_quashed ")
    assert release["state"]["due"] is not None, "the board shows it and the alarm is recorded when nobody looks"
    assert cause(release).startswith(f"{verdict}/")

    link(officer, 130, verdict, later, LinkType.ORDERS_DISPOSAL_OF)
    expect(officer, {later: ["forfeiture_review"], parcel: ["forfeiture_review"], detention: ["release"]})
    release_the_person(officer, detention, 140)
    ended = EndLink(**at_minute(150, reason="Quashed."), other=verdict, link=LinkType.CREDITS)
    officer.record(detention, ended)
    until(lambda: "ended" in answered(officer, verdict), "the end of the link is known at the other end")


def release_the_person(officer: Caller, detention: UUID, minute: int) -> None:
    """The person goes free."""
    officer.record(detention, ReleasePerson(**at_minute(minute), kind=ReleaseKind.OTHER))


def test_credit_becomes_final_when_the_person_is_released(site: Site) -> None:
    officer = site.caller("o-1")
    sender = officer.register_party(NINE)
    detention, verdict = detain(officer, sender), convict(officer, sender)
    term = Term(1, 1, years=3, start_rule=StartRule.ON_FINALITY)
    officer.record(verdict, ImposeSentence(**at_minute(105, authority=JUDGMENT), terms=(term,)))
    link(officer, 110, verdict, detention, LinkType.CREDITS)
    until(lambda: answered(officer, verdict) == ["confirmed"], "the link at both ends")
    officer.record(verdict, DeriveCredit(**at_minute(120), detentions=(detention,)))
    release_the_person(officer, detention, 300)
    until(lambda: len(events(officer, verdict, "sentencing.credit_derived")) == 2, "credit derived again")
    provisional, final = (item["state"] for item in events(officer, verdict, "sentencing.credit_derived"))
    assert (provisional["provisional"], final["provisional"]) == (True, False)
    assert (final["days"], final["intervals"][0]["last"]) == (1, "2025-06-02")
    assert final["detentions"][0] | {"version": 0} == {"detention": str(detention), "version": 0, "open": False}
