"""SEI-B and DET-B: goods in a dormitory, a student apprehended and released, and a claim that all was lawfully bought.

The month is all the article gives, so no clock is counted from the apprehension. The age is first typed wrong.
"""

from api.cli.demonstration.cast import CLAIMS, CUSTODY, FIELD_1, FIELD_2, KEEPER, PERSON_B, RECORDS, UNIVERSITY
from api.cli.demonstration.statements import (
    DECEMBER_2024,
    DET_B,
    SEI_B,
    SINCE_DECEMBER_2024,
    SUMMARY,
    Body,
    Ref,
    Step,
    document,
    exact,
    kilograms,
    made_up,
    pieces,
    statute,
    told,
)

STORED = (
    "[F11] Person B, a student aged 27, was apprehended in the capital for allegedly storing military equipment, "
    "ballistic vests and protective plates included, in a university dormitory."
)
BOUGHT = "[F12] Person B says the items were bought lawfully through online platforms."
DEFENSE = "person B (the defense account)"
LANGUAGE = "the language of the capital"

AGE, AGE_TYPED = 27, 72
DESCRIBED = 2
"""The version of the entry in DET-B that describes the person."""

AS_FOUND = {
    "when": exact("2024-12-16 09:55"),
    "claim_status": "alleged",
    "sources": [
        told(SUMMARY, "authority", "described_as", "item_class"),
        made_up("when", "line", "quantity", "weight", "scale", "second_officer", "custodian"),
    ],
}


def found(line: str, described_as: str, item_class: str, count: int, weight: str) -> Body:
    """One line of goods as found."""
    return {
        "line": line,
        "described_as": described_as,
        "item_class": item_class,
        "quantity": pieces(count),
        "weight": kilograms(weight),
        "scale": "scale-7",
    }


GOODS = [
    found("B-1", "ballistic vests", "ballistic_vest", 3, "9.60"),
    found("B-2", "protective plates", "protective_plate", 6, "14.40"),
]


def handed_over(line: str, seal: str, weight: str, minute: int) -> tuple[Step, ...]:
    """A line sealed, offered, taken over and stored, beginning at that minute past ten."""
    sealed, offered, accepted, stored = (exact(f"2024-12-16 10:{minute + later:02}") for later in (0, 5, 15, 20))
    return (
        SEI_B.act("apply-seal", FIELD_1, sealed, line=line, seal=seal),
        SEI_B.act("offer-transfer", FIELD_1, offered, line=line, to=KEEPER.id, purpose="storage"),
        SEI_B.act("accept-transfer", KEEPER, accepted, line=line, seal=seal, weight=kilograms(weight), scale="scale-2"),
        SEI_B.act("store-item", KEEPER, stored, line=line, place="exhibit store 1, shelf 9"),
    )


SEIZURE_STEPS = (
    SEI_B.opened(
        FIELD_1,
        DECEMBER_2024,
        told(SUMMARY, "authority", "when", "channel", "reason"),
        claim_status="alleged",
        reason=STORED,
        channel="premises",
        authority=statute("premises may be searched on reasonable grounds"),
    ),
    SEI_B.act(
        "seize-goods",
        FIELD_1,
        exact("2024-12-16 09:40"),
        officers=[FIELD_1.id, FIELD_2.id],
        place="university dormitory, capital",
        from_party=Ref(PERSON_B),
        witness=Ref(UNIVERSITY),
        receipt="DEMO-RECEIPT-0003",
        authority=statute("government decree of 2022 on the export of military goods"),
    ),
    SEI_B.inventoried(FIELD_1, AS_FOUND, lines=GOODS, second_officer=FIELD_2.id),
    SEI_B.act("complete-inventory", FIELD_1, exact("2024-12-16 10:00")),
    *handed_over("B-1", "DEMO-SEAL-0003", "9.60", 2),
    *handed_over("B-2", "DEMO-SEAL-0004", "14.40", 30),
    SEI_B.act(
        "lodge-claim",
        CLAIMS,
        SINCE_DECEMBER_2024,
        told(SUMMARY, DEFENSE, "when", "claimant", "grounds"),
        claim_status="contested",
        claim="DEMO-CLAIM-0001",
        claimant=Ref(PERSON_B),
        grounds=BOUGHT,
    ),
    SEI_B.act(
        "issue-seizure-notice",
        CLAIMS,
        exact("2024-12-19 09:00"),
        notice="DEMO-NOTICE-0002",
        party=Ref(PERSON_B),
        content="Vests and plates were seized. You may claim them within 60 days of receiving this notice.",
    ),
    SEI_B.act("record-notice-service", CLAIMS, exact("2024-12-20 15:00"), notice="DEMO-NOTICE-0002", how="in_person"),
    SEI_B.act(
        "submit-purchase-evidence",
        CLAIMS,
        exact("2025-01-10 10:00"),
        claim_status="contested",
        claim="DEMO-CLAIM-0001",
        evidence="Two order confirmations of an online platform.",
        documents=[document("order confirmation 1"), document("order confirmation 2")],
    ),
)
"""The claim is left open: no article says what became of it."""

DETENTION_STEPS = (
    DET_B.opened(
        FIELD_1,
        DECEMBER_2024,
        told(SUMMARY, "authority", "when", "party", "place", "grounds"),
        claim_status="alleged",
        party=Ref(PERSON_B),
        place="university dormitory, capital",
        grounds=STORED,
        officers=[FIELD_1.id, FIELD_2.id],
        authority=statute("a person may be apprehended on reasonable suspicion"),
    ),
    DET_B.noted(
        "describe-person",
        FIELD_2,
        exact("2024-12-16 10:40"),
        told(SUMMARY, "authority", "age", "occupation"),
        claim_status="reported",
        party=Ref(PERSON_B),
        name="the person called B",
        minor="no",
        age=AGE_TYPED,
        occupation="student at a university",
    ),
    DET_B.act("record-arrival", CUSTODY, exact("2024-12-16 11:15"), facility="custody suite 2"),
    DET_B.act("record-no-interpreter-required", CUSTODY, exact("2024-12-16 11:18"), language=LANGUAGE),
    DET_B.act("explain-rights", CUSTODY, exact("2024-12-16 11:20"), language=LANGUAGE, written_notice="yes"),
    DET_B.act("explain-consular-right", CUSTODY, exact("2024-12-16 11:30"), language=LANGUAGE),
    DET_B.act("record-consular-refusal", CUSTODY, exact("2024-12-16 11:31"), language=LANGUAGE),
    DET_B.act("offer-counsel", CUSTODY, exact("2024-12-16 11:35")),
    DET_B.act("record-counsel-attendance", CUSTODY, exact("2024-12-16 14:00"), means="in_person", in_private="yes"),
    DET_B.noted(
        "record-disagreement",
        CUSTODY,
        SINCE_DECEMBER_2024,
        told(SUMMARY, DEFENSE, "when", "party", "statement"),
        claim_status="contested",
        party=Ref(PERSON_B),
        statement=BOUGHT,
        target=1,
    ),
    DET_B.act("record-no-property", CUSTODY, exact("2024-12-16 14:30")),
    DET_B.act(
        "release-person",
        CUSTODY,
        exact("2024-12-17 09:30"),
        kind="pending_investigation",
        paperwork_given="yes",
        reason="Nothing more is needed from the person in custody.",
    ),
)

PROPOSAL = DET_B.noted(
    "propose-correction",
    CUSTODY,
    exact("2024-12-18 08:15"),
    told(SUMMARY, "authority", "changes"),
    claim_status="reported",
    target=DESCRIBED,
    why="typing_error",
    changes={"age": AGE},
    reason="The digits of the age were typed the wrong way round; the source has them so.",
)
CORRECTION = DET_B.noted("approve-correction", RECORDS, exact("2024-12-18 08:30"), target=DESCRIBED)
"""The officer's mistake, corrected by a further entry that a second person approves: an age says who somebody is. The
mistaken entry stands and is what was known until then."""
