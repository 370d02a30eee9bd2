"""DET-A: person A is apprehended, told of every right, held on an authority that ends, and let go by a court.

The article gives neither the year nor the hour. The agency's own time is made up, since clocks run from it; the article's
words stand beside it as what they are.
"""

from api.cli.demonstration.cast import CHIEF, CUSTODY, FIELD_1, FIELD_2, LEAD, PERSON_A, REVIEWER
from api.cli.demonstration.statements import (
    COMMENTARY,
    DET_A,
    MID_APRIL,
    SUMMARY,
    Ref,
    court_order,
    document,
    exact,
    moment,
    pieces,
    statute,
    told,
    undated,
)

LANGUAGE = "the first language of State X"

APPREHENDED = (
    DET_A.opened(
        FIELD_1,
        exact("2025-04-15 10:20"),
        told(SUMMARY, "authority, relayed by two newspapers", "party"),
        claim_status="reported",
        party=Ref(PERSON_A),
        place="postal sorting center, capital",
        grounds="Tried to mail goods whose export is restricted.",
        officers=[FIELD_1.id, FIELD_2.id],
        authority=statute("a person may be apprehended in the act"),
    ),
    DET_A.noted(
        "add-addendum",
        FIELD_1,
        undated(MID_APRIL),
        told(SUMMARY, "authority, relayed by two newspapers", "when", "text"),
        claim_status="reported",
        text="[F05] Person A was detained in the capital.",
        target=1,
    ),
    DET_A.noted(
        "add-addendum",
        FIELD_1,
        undated(MID_APRIL),
        told(SUMMARY, "authority", "when", "text"),
        claim_status="alleged",
        text="[F06] Person A was accused of trying to mail two tactical vests: one Ratnik model, one other modular design.",
        target=1,
    ),
    DET_A.act("record-arrival", CUSTODY, exact("2025-04-15 11:05"), facility="custody suite 1"),
    DET_A.noted(
        "describe-person",
        CUSTODY,
        exact("2025-04-15 11:10"),
        told(COMMENTARY, "newspaper", "foreign_national"),
        told(SUMMARY, "newspaper", "foreign_national"),
        claim_status="reported",
        reason="Recorded for consular duties alone.",
        party=Ref(PERSON_A),
        name="the person called A",
        minor="no",
        foreign_national="yes",
        nationality="State X",
        documents="passport DEMO-PASSPORT-0001",
    ),
)

RIGHTS = (
    DET_A.act(
        "explain-rights",
        CUSTODY,
        exact("2025-04-15 11:20"),
        language=LANGUAGE,
        interpreter="interpreter-12",
        written_notice="yes",
    ),
    DET_A.act("record-counsel-request", CUSTODY, exact("2025-04-15 11:22")),
    DET_A.act("explain-consular-right", CUSTODY, exact("2025-04-15 11:25"), language=LANGUAGE),
    DET_A.act("record-consular-request", CUSTODY, exact("2025-04-15 11:27")),
    DET_A.act(
        "list-personal-property",
        CUSTODY,
        exact("2025-04-15 11:40"),
        lines=[{"description": "a telephone and a key ring", "quantity": pieces(2), "bag": "DEMO-BAG-0001"}],
        signed="yes",
    ),
    DET_A.act(
        "authorize",
        CUSTODY,
        exact("2025-04-15 12:00"),
        grounds="The parcel's other senders are not known yet.",
        until=moment("2025-04-16 10:20"),
    ),
    DET_A.act(
        "notify-consular-post",
        CUSTODY,
        exact("2025-04-15 12:40"),
        post="the consular section of State X",
        means="telephone",
        reference="DEMO-CONSULAR-0001",
    ),
    DET_A.act(
        "tell-third-person", CUSTODY, exact("2025-04-15 12:50"), told="a relative, by the person's choice", means="telephone"
    ),
    DET_A.act("record-counsel-attendance", CUSTODY, exact("2025-04-15 13:10"), means="in_person", in_private="yes"),
    DET_A.act(
        "record-medical-check",
        CUSTODY,
        exact("2025-04-15 13:45"),
        practitioner="practitioner-3",
        occasion="admission",
        findings="No injury, no complaint.",
    ),
)

HELD_AND_LET_GO = (
    DET_A.act(
        "record-custody-interview",
        LEAD,
        exact("2025-04-15 14:30"),
        officers=[LEAD.id],
        ended=exact("2025-04-15 15:35"),
        counsel_present=True,
        interpreter="interpreter-12",
        recording="DEMO-TAPE-0001",
        summary="Answered through the interpreter, with counsel beside.",
    ),
    DET_A.act(
        "review",
        REVIEWER,
        exact("2025-04-15 16:00"),
        outcome="continue",
        grounds="The sorting center's records are still being read.",
        representations="Counsel asked for release on an undertaking.",
    ),
    DET_A.act(
        "extend",
        CHIEF,
        exact("2025-04-16 08:00"),
        grounds="The court hears the case this evening.",
        diligence="The records were read overnight.",
        until=moment("2025-04-16 22:20"),
        authority={
            "kind": "senior_officer",
            "reference": "extension DEMO-EXTENSION-0001",
            "issued_by": CHIEF.id,
            "issued_on": "2025-04-16",
            "document_sha256": document("extension"),
        },
    ),
    DET_A.act(
        "record-judicial-decision",
        CUSTODY,
        exact("2025-04-16 19:30"),
        court="district court, capital",
        outcome="measure",
        measure="travel_restriction",
        conditions="Does not leave the capital, answers every summons.",
        authority=court_order("order DEMO-ORDER-0001", "2025-04-16"),
    ),
    DET_A.act("hand-over-property", CUSTODY, exact("2025-04-16 20:05"), recipient="person", receipt="DEMO-RECEIPT-0002"),
)

STEPS = (*APPREHENDED, *RIGHTS, *HELD_AND_LET_GO)
