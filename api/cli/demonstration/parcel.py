"""SEI-A: a parcel with two vests is stopped, seized, sealed, stored and classified; one classification does not last.

What was found (two tactical vests) and what the goods are held to be (body armor, or not) are kept apart from each other.
"""

from api.cli.demonstration.cast import (
    CHIEF,
    CLAIMS,
    CLASSIFIER_1,
    CLASSIFIER_2,
    FIELD_1,
    FIELD_2,
    KEEPER,
    PERSON_A,
    POSTAL_OPERATOR,
)
from api.cli.demonstration.statements import (
    MID_APRIL,
    SEI_A,
    SUMMARY,
    Body,
    Ref,
    exact,
    kilograms,
    made_up,
    pieces,
    statute,
    told,
    undated,
)

DECREE = statute("government decree of 2022 on the export of military goods")
BODY_ARMOR: Body = {
    "scheme": "wassenaar_ml",
    "entry": "ML13.d",
    "list_version": "2024",
    "effect": "controlled",
    "confidence": "moderate",
}
LOAD_BEARING: Body = {**BODY_ARMOR, "entry": "none", "effect": "not_controlled", "confidence": "high"}
CLASSIFIED = "[F09] The seized items included various ballistic vests classified under export law."

AS_FOUND = {
    "when": exact("2025-04-15 11:30"),
    "claim_status": "alleged",
    "sources": [
        told(SUMMARY, "authority", "described_as", "item_class", "quantity"),
        made_up("when", "line", "weight", "scale", "second_officer", "custodian"),
    ],
}


def vest(line: str, described_as: str, weight: str) -> Body:
    """One vest as found."""
    return {
        "line": line,
        "described_as": described_as,
        "item_class": "tactical_vest",
        "quantity": pieces(1),
        "weight": kilograms(weight),
        "scale": "scale-7",
    }


VESTS = [
    vest("A-1", "tactical vest, Ratnik model", "2.35"),
    vest("A-2", "tactical vest, another modular design", "1.60"),
]

STEPS = (
    SEI_A.opened(
        FIELD_1,
        undated(MID_APRIL),
        told(SUMMARY, "authority", "when", "channel"),
        claim_status="alleged",
        channel="post",
        ref="DEMO-PARCEL-0001",
        declared="clothing",
        authority=statute("postal items may be examined on leaving the country"),
    ),
    SEI_A.noted(
        "add-addendum",
        FIELD_1,
        undated(MID_APRIL),
        told(SUMMARY, "authority", "when", "text"),
        claim_status="alleged",
        text="[F06] Person A was accused of trying to mail two tactical vests: one Ratnik model, one other modular design.",
        target=1,
    ),
    SEI_A.act(
        "seize-goods",
        FIELD_1,
        undated(MID_APRIL),
        told(SUMMARY, "authority", "when", "from_party", "reason"),
        claim_status="reported",
        reason="[F07] That equipment was confiscated.",
        authority=DECREE,
        officers=[FIELD_1.id, FIELD_2.id],
        place="postal sorting center, capital",
        from_party=Ref(PERSON_A),
        witness=Ref(POSTAL_OPERATOR),
        receipt="DEMO-RECEIPT-0001",
    ),
    SEI_A.inventoried(FIELD_1, AS_FOUND, lines=VESTS, second_officer=FIELD_2.id),
    SEI_A.act("complete-inventory", FIELD_1, exact("2025-04-15 11:40")),
    SEI_A.act("apply-seal", FIELD_1, exact("2025-04-15 11:45"), line="A-1", seal="DEMO-SEAL-0001"),
    SEI_A.act("apply-seal", FIELD_1, exact("2025-04-15 11:47"), line="A-2", seal="DEMO-SEAL-0002"),
    SEI_A.act("offer-transfer", FIELD_1, exact("2025-04-15 15:00"), line="A-1", to=KEEPER.id, purpose="storage"),
    SEI_A.act("offer-transfer", FIELD_1, exact("2025-04-15 15:01"), line="A-2", to=KEEPER.id, purpose="storage"),
    SEI_A.act(
        "accept-transfer",
        KEEPER,
        exact("2025-04-15 15:20"),
        line="A-1",
        seal="DEMO-SEAL-0001",
        weight=kilograms("2.38"),
        scale="scale-2",
    ),
    SEI_A.act(
        "accept-transfer",
        KEEPER,
        exact("2025-04-15 15:24"),
        line="A-2",
        seal="DEMO-SEAL-0002",
        weight=kilograms("1.60"),
        scale="scale-2",
    ),
    SEI_A.act("store-item", KEEPER, exact("2025-04-15 15:40"), line="A-1", place="exhibit store 1, shelf 4"),
    SEI_A.act("store-item", KEEPER, exact("2025-04-15 15:41"), line="A-2", place="exhibit store 1, shelf 4"),
    SEI_A.act(
        "issue-seizure-notice",
        CLAIMS,
        exact("2025-04-16 09:00"),
        notice="DEMO-NOTICE-0001",
        party=Ref(PERSON_A),
        content="Two vests were seized. You may claim them within 60 days of receiving this notice.",
    ),
    SEI_A.act("record-notice-service", CLAIMS, exact("2025-04-16 14:10"), notice="DEMO-NOTICE-0001", how="in_person"),
    *(
        SEI_A.act(
            "classify-item",
            CLASSIFIER_1,
            undated(MID_APRIL),
            told(SUMMARY, "authority", "when", "basis"),
            claim_status="reported",
            line=line,
            classification=BODY_ARMOR,
            basis=CLASSIFIED,
        )
        for line in ("A-1", "A-2")
    ),
    SEI_A.act(
        "contest-classification",
        CLAIMS,
        exact("2025-05-20 10:00"),
        claim_status="contested",
        line="A-2",
        scheme="wassenaar_ml",
        party=Ref(PERSON_A),
        grounds="The vest carries pouches and has no place for plates.",
    ),
    SEI_A.act(
        "revise-classification",
        CLASSIFIER_2,
        exact("2025-06-02 13:00"),
        line="A-2",
        now=LOAD_BEARING,
        basis="Examined by an expert: a load-bearing vest without ballistic panels.",
    ),
    SEI_A.act(
        "order-return",
        CHIEF,
        exact("2025-06-03 09:30"),
        line="A-2",
        to=Ref(PERSON_A),
        reason="The vest is not controlled and nobody else claims it.",
    ),
)
