"""Acceptance scenarios of the law, over HTTP on both databases: claims, custody of goods, sentences, transitional rules.

All times are fixed. What is recorded late here is recorded as everything is: by the ordinary command with its own time.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.dossier.acts import ConfirmLink, LinkType, ProposeLink
from domain.kinds.detention.acts import AuthorizeDetention, JudicialOutcome, RecordJudicialDecision
from domain.kinds.detention.care_acts import TellThirdPerson
from domain.kinds.detention.custody_acts import ReleaseKind, ReleasePerson
from domain.kinds.detention.rights_acts import Means
from domain.kinds.seizure import claim_acts, custody_acts, item_acts
from domain.kinds.seizure.acts import (
    Channel,
    CompleteInventory,
    InterceptConsignment,
    InventoryLines,
    ItemClass,
    LineFound,
    SeizeGoods,
)
from domain.kinds.sentencing.acts import Count, CountOutcome, Custody, ImposeSentence, RecordConviction
from domain.kinds.sentencing.computation_acts import ComputeDates, DeriveCredit
from domain.kinds.sentencing.terms import StartRule, Term
from domain.values import Authority, AuthorityKind, Precision, Quantity, Unit, When
from tests.api.server import Caller, Instance, Site, block, code, number, open_detention

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NINE = datetime(2025, 6, 2, 9, tzinfo=UTC)
ORDER = Authority(AuthorityKind.COURT_ORDER, "17/2025", issued_on=date(2020, 1, 1), document_sha256="a" * 64)
WHY = "The law says so"


def later(hours: float, **more: Any) -> dict[str, Any]:
    """What is stated of an act so many hours after nine."""
    return block(NINE + hours * HOUR, authority=ORDER, reason=WHY, **more)


def grams(weight: int) -> Quantity:
    """A weight."""
    return Quantity(Decimal(weight), Unit.GRAM)


def stored_parcel(officer: Caller, keeper: Caller, owner: UUID) -> UUID:
    """A parcel of one vest of 1,000 g that o-2 keeps under seal S."""
    parcel = officer.open(
        InterceptConsignment(**later(0), file_number=number(), channel=Channel.POST, ref="RR 1", declared="Clothing")
    ).id
    officer.record(
        parcel, SeizeGoods(**later(1), officers=("o-1",), place="P", from_party=owner, receipt="R-1", witness_absent="Nobody")
    )
    vest = LineFound(
        line="1", described_as="A vest", item_class=ItemClass.TACTICAL_VEST, quantity=Quantity(Decimal(1), Unit.PIECE),
        weight=grams(1000), scale="scale-1",
    )  # fmt: skip
    lines = InventoryLines(**later(2), lines=(vest,), second_officer="o-3", custodian="o-2")
    officer.record(parcel, lines)
    officer.record(parcel, CompleteInventory(**later(3)))
    keeper.record(parcel, custody_acts.ApplySeal(**later(4), line="1", seal=f"S-{parcel}"[:40]))
    keeper.record(parcel, custody_acts.StoreItem(**later(5), line="1", place="Store A"))
    return parcel


def line_of(reader: Caller, parcel: UUID) -> dict[str, Any]:
    """The parcel's one line as it stands."""
    state = reader.get(f"/v1/cases/{parcel}").json()["state"]
    return dict(find(state, "lines")["1"])


def find(value: Any, name: str) -> Any:
    """The first member of that name, however deep."""
    if isinstance(value, dict):
        if name in value:
            return value[name]
        return next((found for part in value.values() if (found := find(part, name)) is not None), None)
    return None


def types(reader: Caller, case_id: UUID) -> list[str]:
    """The wire names of a case's entries."""
    return [event["type"] for event in reader.get(f"/v1/cases/{case_id}/events").json()["items"]]


# --- A limit that is reached ----------------------------------------------------------------------------------


def order(hours: float, **more: Any) -> RecordJudicialDecision:
    """A court orders a hold, so many hours after the apprehension at nine, for ten days."""
    decided = NINE + hours * HOUR
    document = Authority(AuthorityKind.COURT_ORDER, "18/2025", issued_on=decided.date(), document_sha256="b" * 64)
    stated = block(decided, authority=document) | more
    return RecordJudicialDecision(**stated, court="C", outcome=JudicialOutcome.HOLD, until=decided + 10 * DAY)


def test_after_the_limit_only_a_court_that_decided_before_it_prolongs_a_hold_and_nothing_keeps_a_release(site: Site) -> None:
    """All of it is recorded long after the limit of 48 hours without a judge."""
    officer, custody = site.caller("o-1"), site.caller("o-2")
    detention = officer.open(open_detention(officer.register_party(NINE), NINE)).id
    version = officer.version(detention)

    assert code(officer.give(detention, order(49), version)) == (409, "order-after-limit")
    undated = replace(order(47), authority=replace(ORDER, document_sha256=None))
    assert code(officer.give(detention, undated, version)) == (409, "order-backdated")
    late = AuthorizeDetention(**block(NINE + 50 * HOUR, reason="R"), grounds="G", until=NINE + 60 * HOUR)
    assert code(custody.give(detention, late, version)) == (409, "beyond-executive-limit")
    told = TellThirdPerson(**block(NINE + 50 * HOUR, reason="R"), told="sister", means=Means.TELEPHONE)
    assert custody.give(detention, told, version).status_code == 200, "a duty stays open"
    officer.record(detention, order(47))
    assert officer.get(f"/v1/cases/{detention}").json()["stage"] == "judicially_held"

    other = officer.open(open_detention(officer.register_party(NINE), NINE)).id
    released = officer.give(other, ReleasePerson(**block(NINE + 72 * HOUR), kind=ReleaseKind.OTHER))
    assert released.status_code == 200, "no limit keeps anybody from being released"


def test_no_limit_is_counted_from_a_time_that_is_not_known_to_the_minute(site: Site) -> None:
    officer, custody = site.caller("o-1"), site.caller("o-2")
    some_day = When(NINE, NINE + 20 * HOUR, Precision.DAY, as_stated="that day")
    detention = officer.open(replace(open_detention(officer.register_party(NINE), NINE), when=some_day)).id
    late = AuthorizeDetention(**block(NINE + 24 * HOUR, reason="R"), grounds="G", until=NINE + 25 * HOUR)
    assert code(custody.give(detention, late, 1)) == (409, "custody-start-imprecise")
    shown = deadline(officer, detention, "executive-limit")
    assert (shown["due"], shown["status"], shown["uncertain"]["version"]) == (None, "uncertain", 1)
    assert officer.version(detention) == 1


# --- A claim --------------------------------------------------------------------------------------------------


def test_purchase_evidence_leads_to_a_decision_with_reasons_and_the_goods_go_back(site: Site) -> None:
    officer, keeper, judge = site.caller("o-1"), site.caller("o-2"), site.caller("s-1")
    owner = officer.register_party(NINE)
    parcel = stored_parcel(officer, keeper, owner)
    officer.record(parcel, claim_acts.IssueSeizureNotice(**later(24), notice="N-1", content="Seized.", party=owner))
    served = claim_acts.RecordNoticeService(**later(25), notice="N-1", how=claim_acts.ServiceMethod.IN_PERSON)
    officer.record(parcel, served)
    officer.record(parcel, claim_acts.LodgeClaim(**later(48), claim="K-1", claimant=owner, grounds="Bought them."))
    running = deadline(officer, parcel, "claim-decision")
    assert (running["run"], running["start"], running["due"]) == ("K-1", "2025-06-04T09:00:00Z", "2025-07-04T09:00:00Z")
    evidence = claim_acts.SubmitPurchaseEvidence(**later(49), claim="K-1", evidence="Receipts of a platform")
    officer.record(parcel, evidence)

    decision = claim_acts.DecideClaim(**later(72), claim="K-1", outcome=claim_acts.ClaimOutcome.UPHELD)
    own = officer.give(parcel, decision, officer.version(parcel))
    assert own.status_code == 409, "who seized does not decide on the claim"
    unreasoned = judge.give(parcel, replace(decision, reason=None), judge.version(parcel))
    assert code(unreasoned) == (409, "reason-missing")
    judge.record(parcel, decision)
    judge.record(parcel, claim_acts.OrderReturn(**later(73), line="1", to=owner))
    keeper.record(parcel, claim_acts.ReturnItem(**later(74), line="1", to=owner, receipt="REC-1"))

    told = types(site.caller("a-1"), parcel)
    assert told[-5:] == [
        "seizure.claim_lodged", "seizure.purchase_evidence_submitted", "seizure.claim_decided", "seizure.return_ordered",
        "seizure.item_returned",
    ]  # fmt: skip
    assert line_of(officer, parcel)["stage"] == "returned"
    timeline = site.caller("a-1").get(f"/v1/cases/{parcel}/timeline", {"prefer": "wait=30"}, version=len(told)).json()["items"]
    assert timeline[-1]["state"]["receipt"] == "REC-1"


def deadline(reader: Caller, case_id: UUID, clock: str) -> dict[str, Any]:
    """The one run of a clock over a case."""
    answer = reader.get(f"/v1/cases/{case_id}/deadlines")
    assert answer.status_code == 200, answer.text
    found = {item["clock"]: item for item in answer.json()["items"]}
    return dict(found[clock])


# --- Custody of goods -----------------------------------------------------------------------------------------


def test_a_seal_that_differs_leaves_the_goods_with_the_last_custodian(site: Site) -> None:
    officer, keeper, receiver = site.caller("o-1"), site.caller("o-2"), site.caller("s-1")
    parcel = stored_parcel(officer, keeper, officer.register_party(NINE))
    purpose = custody_acts.TransferPurpose.STORAGE
    keeper.record(parcel, custody_acts.OfferTransfer(**later(6), line="1", to="s-1", purpose=purpose))

    taken = receiver.give(parcel, custody_acts.AcceptTransfer(**later(7), line="1", seal="OTHER"), receiver.version(parcel))
    assert code(taken) == (409, "seal-differs")
    ground = custody_acts.TransferRefusalGround.SEAL_DIFFERS
    receiver.record(parcel, custody_acts.RefuseTransfer(**later(7), line="1", ground=ground, seal="OTHER"))

    line = line_of(officer, parcel)
    assert find(line, "custodian") == "o-2"
    assert find(line, "quantity")["amount"] == "1"
    assert "seal" in find(line, "discrepancies")
    assert types(site.caller("a-1"), parcel)[-2:] == ["seizure.transfer_refused", "seizure.discrepancy_found"]


def test_the_custody_of_a_line_is_told_step_by_step_without_a_gap(site: Site) -> None:
    officer, keeper, receiver = site.caller("o-1"), site.caller("o-2"), site.caller("s-1")
    parcel = stored_parcel(officer, keeper, officer.register_party(NINE))
    purpose = custody_acts.TransferPurpose.STORAGE
    keeper.record(parcel, custody_acts.OfferTransfer(**later(6), line="1", to="s-1", purpose=purpose))
    offered = receiver.get(f"/v1/cases/{parcel}").json()["recorded_at"]
    receiver.record(
        parcel, custody_acts.AcceptTransfer(**later(7), line="1", seal=f"S-{parcel}"[:40], weight=grams(1000), scale="scale-2")
    )

    def custody(reader: Caller, **asked: Any) -> list[dict[str, Any]]:
        return list(reader.get(f"/v1/cases/{parcel}/custody", **asked).json()["items"])

    steps = custody(officer)
    told = [(step["condition"], step["custodian"], step["offered_to"], step["place"]) for step in steps]
    assert told[-3:] == [
        ("held", "o-2", None, "Store A"), ("in_transit", "o-2", "s-1", "Store A"), ("held", "s-1", None, None),
    ]  # fmt: skip
    assert [step["effective_from"] for step in steps[1:]] == [step["effective_to"] for step in steps[:-1]]
    assert (steps[-1]["effective_to"], steps[-1]["seal"]) == (None, f"S-{parcel}"[:40])
    assert [step["ended_by"] for step in steps[:-1]] == [step["version"] for step in steps[1:]]

    then = custody(site.caller("a-1"), known_at=offered)
    assert [(step["condition"], step["effective_to"]) for step in then][-1] == ("in_transit", None)
    earlier = custody(officer, true_at=(NINE + 5.5 * HOUR).isoformat())
    assert [step["place"] for step in earlier][-1] == "Store A"
    assert custody(officer, line="2") == []
    table = officer.get(f"/v1/cases/{parcel}/custody", {"accept": "text/csv"}).text.splitlines()
    assert len(table) == 1 + len(steps)
    assert code(site.caller("o-3").get(f"/v1/cases/{parcel}/custody")) == (404, "not-found")


def test_thirty_grams_are_within_tolerance_and_three_hundred_wait_for_a_second_officer(site: Site) -> None:
    officer, keeper, second = site.caller("o-1"), site.caller("o-2"), site.caller("s-1")
    owner = officer.register_party(NINE)
    parcel = stored_parcel(officer, keeper, owner)
    keeper.record(parcel, item_acts.MeasureItem(**later(6), line="1", weight=grams(1030), scale="scale-1"))
    assert types(site.caller("a-1"), parcel)[-1] == "seizure.item_measured", "30 g are no discrepancy"
    keeper.record(parcel, item_acts.MeasureItem(**later(7), line="1", weight=grams(700), scale="scale-1"))
    assert types(site.caller("a-1"), parcel)[-1] == "seizure.discrepancy_found", "300 g are one"

    second.record(parcel, claim_acts.OrderReturn(**later(8), line="1", to=owner))
    hand_back = claim_acts.ReturnItem(**later(9), line="1", to=owner, receipt="REC-1")
    assert code(keeper.give(parcel, hand_back, keeper.version(parcel)))[0] == 409
    explanation = item_acts.ExplainDiscrepancy(
        **later(10),
        line="1",
        concern=item_acts.Concern.WEIGHT,
        cause=item_acts.DiscrepancyCause.SCALE,
        explanation="Worn",
    )
    assert keeper.give(parcel, explanation, keeper.version(parcel)).status_code == 409, "who weighed does not explain"
    second.record(parcel, explanation)
    keeper.record(parcel, replace(hand_back, **later(11)))
    assert line_of(officer, parcel)["stage"] == "returned"


# --- A sentence -----------------------------------------------------------------------------------------------

JUDGED = datetime(2023, 2, 1, 10, tzinfo=UTC)
CAUGHT = datetime(2022, 10, 4, 15, tzinfo=UTC)


def test_three_years_less_the_credit_of_the_detention_end_on_the_third_of_october(site: Site) -> None:
    officer = site.caller("o-1")
    person = officer.register_party(CAUGHT)
    detention = officer.open(replace(open_detention(person, CAUGHT), authority=ORDER)).id
    officer.record(detention, ReleasePerson(**block(JUDGED), kind=ReleaseKind.OTHER))
    judged = block(JUDGED, authority=ORDER)
    counts = (Count(1, CountOutcome.CONVICTED, "art. 5"),)
    sentence = officer.open(
        RecordConviction(**judged, file_number=number(), party=person, counts=counts, court="C", custody=Custody.HELD)
    ).id
    three_years = (Term(1, 1, years=3, start_rule=StartRule.ON_IMPOSITION),)
    officer.record(sentence, ImposeSentence(**judged, terms=three_years))
    officer.record(detention, ProposeLink(**block(JUDGED + HOUR), other=sentence, link=LinkType.CREDITS))
    officer.record(sentence, ConfirmLink(**block(JUDGED + HOUR), other=detention, link=LinkType.CREDITS))
    officer.record(sentence, DeriveCredit(**block(JUDGED + 12 * HOUR), detentions=(detention,)))
    officer.record(sentence, ComputeDates(**block(JUDGED + DAY)))

    state = officer.get(f"/v1/cases/{sentence}").json()["state"]
    assert find(state, "expiry") == "2025-10-03"
    events = site.caller("a-1").get(f"/v1/cases/{sentence}/events").json()["items"]
    derived = next(event for event in events if event["type"] == "sentencing.credit_derived")
    assert '"credit_days":120' in events[-1]["stored_state"]
    assert str(detention) in derived["stored_state"], "the days are told from the detention's stream, not typed"


# --- A transitional rule --------------------------------------------------------------------------------------

CTL, BASIS = "gb-eaw-ctl", "gb-eaw-custody-time-limits"


@pytest.fixture
def permissive(instance: Instance) -> Iterator[Site]:
    """A server of an instance on which profiles may be used that nobody has verified."""
    allowed = replace(instance, settings=instance.settings.model_copy(update={"unverified_profiles": True}))
    with allowed.served() as site:
        yield site


def remanded(officer: Caller, first_custody: datetime, **more: Any) -> UUID:
    """A person in custody since a moment, remanded by a court the next day."""
    stated = replace(open_detention(officer.register_party(first_custody), first_custody), **more)
    case_id = officer.open(replace(stated, when=in_london(first_custody))).id
    decided = block(first_custody + DAY, authority=ORDER) | {"when": in_london(first_custody + DAY)}
    until = first_custody + 25 * DAY
    officer.record(case_id, RecordJudicialDecision(**decided, court="C", outcome=JudicialOutcome.HOLD, until=until))
    return case_id


def in_london(moment: datetime) -> When:
    """A time known to the second, at a place in London."""
    return When(moment, moment + timedelta(seconds=1), Precision.SECOND, "Europe/London")


def selected(reader: Caller, case_id: UUID) -> str:
    """The rule profile a case is under."""
    return str(reader.get(f"/v1/cases/{case_id}").json()["dossier"]["profile"])


def test_an_old_case_keeps_its_limit_when_a_later_profile_is_there(permissive: Site) -> None:
    """182 days before and after the window, 238 within it; each rolls back to the last working day before it ends."""
    officer = permissive.caller("o-1")
    before = remanded(officer, datetime(2020, 9, 1, 10, tzinfo=UTC), legal_basis=BASIS)
    within = remanded(officer, datetime(2020, 10, 5, 10, tzinfo=UTC), legal_basis=BASIS)
    assert (selected(officer, before), selected(officer, within)) == (f"{CTL}@1", f"{CTL}@2")
    old, new = deadline(officer, before, "remand-total"), deadline(officer, within, "remand-total-before-exclusion")
    assert days_between(old) <= 182 < days_between(new) <= 238
    assert deadline(officer, before, "remand-total") == old, "nothing re-dates it"


def days_between(found: dict[str, Any]) -> int:
    """How many days a clock runs."""
    start, due = (datetime.fromisoformat(found[name]) for name in ("start", "due"))
    return (due - start).days


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"legal_basis": "no-such-law"}, "unknown-legal-basis"),
        (
            {"when": When(datetime(2020, 9, 1, tzinfo=UTC), datetime(2020, 10, 1, tzinfo=UTC), Precision.MONTH)},
            "selecting-date-imprecise",
        ),
        ({"legal_basis": "us-cafra"}, "other-date-selects"),
    ],
)
def test_nothing_is_guessed_about_the_law_of_a_case(permissive: Site, change: dict[str, Any], refusal: str) -> None:
    officer = permissive.caller("o-1")
    party = officer.register_party()
    auditor = permissive.caller("a-1")
    recorded = len(auditor.get("/v1/events", limit=1000).text.splitlines())
    opening = replace(open_detention(party, datetime(2020, 9, 1, 10, tzinfo=UTC)), legal_basis=BASIS)
    answer = officer.give(None, replace(opening, **change))
    assert code(answer) == (409, refusal)
    assert len(auditor.get("/v1/events", limit=1000).text.splitlines()) == recorded, (
        "the log itself, not a list that follows it"
    )


def test_a_profile_nobody_has_verified_is_not_used_unless_the_instance_allows_it(site: Site) -> None:
    officer = site.caller("o-1")
    opening = replace(open_detention(officer.register_party(), datetime(2020, 9, 1, 10, tzinfo=UTC)), legal_basis=BASIS)
    assert code(officer.give(None, opening)) == (409, "profile-unverified")
