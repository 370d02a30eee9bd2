"""DET-D and INV-2: a detention of which next to nothing is known, and an inquiry into networks that merges nobody.

Person D may be person B. That is noted as a question, by an officer, and stays one.
"""

from api.cli.demonstration.cast import CHIEF, FIELD_1, LEAD, PERSON_B, PERSON_D
from api.cli.demonstration.statements import (
    COMMENTARY,
    DET_D,
    INV_2,
    SUMMARY,
    Ref,
    exact,
    told,
    undated,
    unknown,
)

NOT_STATED = "not stated"

DETENTION_STEPS = (
    DET_D.opened(
        FIELD_1,
        undated("undated"),
        told(SUMMARY, "authority", "when", "party", "grounds"),
        claim_status="alleged",
        party=Ref(PERSON_D),
        place="told by nobody",
        grounds="[F14] Person D, another student, was detained on suspicion of smuggling military products.",
        officers=["not-stated"],
        authority={"kind": "other", "reference": NOT_STATED},
    ),
)
"""One entry. What the article leaves out stays out; where the form insists, the answer is that it is not stated."""

INQUIRY_STEPS = (
    INV_2.opened(
        FIELD_1,
        exact("2025-09-01 09:00"),
        told(COMMENTARY, "authority", "statement"),
        claim_status="reported",
        referred_by="postal control",
        statement="Networks that help such shipments are said to be under investigation.",
    ),
    INV_2.act(
        "open",
        CHIEF,
        exact("2025-09-02 10:00"),
        grounds="A hypothesis: several shipments may have had the same help.",
        scope="Whether there is a network at all.",
    ),
    INV_2.act(
        "assign-lead",
        CHIEF,
        exact("2025-09-02 10:05"),
        officer=LEAD.id,
        conflict="no",
        conflict_statement="Knows nobody concerned.",
    ),
    INV_2.act(
        "record-fact",
        LEAD,
        exact("2025-09-03 09:00"),
        told(COMMENTARY, "authority", "statement", "about", "happened"),
        claim_status="reported",
        fact="F15",
        about="network",
        statement="[F15] Networks that help such shipments are under investigation.",
        happened=unknown("currently"),
    ),
    INV_2.act(
        "note-possible-same-person",
        LEAD,
        exact("2025-09-03 10:00"),
        claim_status="unverified",
        note="NOTE-1",
        first=Ref(PERSON_D),
        second=Ref(PERSON_B),
        basis="Both are told of as students suspected over military goods; of one of them neither day nor place is told.",
    ),
)
