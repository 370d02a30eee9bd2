"""INV-C and SEN-C: an inquiry that ended in a conviction, and the one sentence it led to.

"Fall 2022" may be when the deed was, or the judgment. Both are recorded with the whole season, and no date is computed
from either: the three years run from a day that is made up and says so.
"""

from api.cli.demonstration.cast import (
    CHECKER,
    CHIEF,
    CUSTODY,
    FIELD_1,
    LEAD,
    PERSON_C,
    PROSECUTION,
    SENTENCES,
)
from api.cli.demonstration.inquiry_a import EXPORT_LAW
from api.cli.demonstration.statements import (
    FALL_2022,
    INV_C,
    SEN_C,
    SUMMARY,
    Ref,
    court_order,
    document,
    exact,
    told,
)

CONVICTED = "[F13] Person C was found guilty of trying to export sensitive military sensors; three years in a penal colony."
COURT = "court, via newspaper"
VERDICT = court_order("verdict in the case of person C, number not stated")

INQUIRED = (
    INV_C.opened(
        FIELD_1,
        exact("2022-03-01 09:00"),
        referred_by="customs post",
        statement="Sensors were offered for export without a license.",
    ),
    INV_C.act(
        "open",
        CHIEF,
        exact("2022-03-02 10:00"),
        grounds="Sensors of military make in a declared shipment.",
        scope="Who tried to export them.",
    ),
    INV_C.act(
        "assign-lead",
        CHIEF,
        exact("2022-03-02 10:05"),
        officer=LEAD.id,
        conflict="no",
        conflict_statement="Knows nobody concerned.",
    ),
    INV_C.act(
        "add-subject",
        LEAD,
        exact("2022-03-10 09:00"),
        party=Ref(PERSON_C),
        status="suspect",
        grounds="Named as the sender in the shipment's papers.",
    ),
    INV_C.act(
        "record-allegation",
        LEAD,
        exact("2022-03-10 09:10"),
        told(SUMMARY, COURT, "elements", "period", "parties"),
        claim_status="alleged",
        allegation="ALLEGATION-1",
        law=EXPORT_LAW,
        elements="Tried to export sensitive military sensors.",
        period=FALL_2022,
        parties=[Ref(PERSON_C)],
    ),
)

CHARGED = (
    INV_C.act("issue-disclosure-schedule", LEAD, exact("2022-06-01 09:00"), items=[]),
    INV_C.act(
        "refer-to-prosecutor",
        LEAD,
        exact("2022-06-02 09:00"),
        prosecutor="prosecutor's office, capital",
        summary="One person, one attempted export.",
    ),
    INV_C.act("record-prosecutor-decision", PROSECUTION, exact("2022-06-20 11:00"), decision="charge"),
    INV_C.act(
        "file-charge",
        PROSECUTION,
        exact("2022-06-21 09:00"),
        claim_status="alleged",
        charge="COUNT-1",
        party=Ref(PERSON_C),
        law=EXPORT_LAW,
        particulars="Tried to export sensitive military sensors.",
        allegations=["ALLEGATION-1"],
    ),
    INV_C.act(
        "serve-disclosure",
        PROSECUTION,
        exact("2022-06-22 09:00"),
        party=Ref(PERSON_C),
        manifest_sha256=document("disclosure manifest"),
    ),
    INV_C.act(
        "bring-before-court",
        PROSECUTION,
        exact("2022-08-15 09:00"),
        court="court not named",
        court_file="DEMO-COURT-0001",
    ),
)

JUDGED = (
    INV_C.act(
        "record-verdict",
        PROSECUTION,
        FALL_2022,
        told(SUMMARY, COURT, "when", "verdicts", "reason"),
        claim_status="established",
        reason=CONVICTED,
        court="court not named",
        verdicts=[{"charge": "COUNT-1", "outcome": "guilty"}],
        authority=VERDICT,
    ),
    INV_C.act(
        "change-subject-status",
        LEAD,
        exact("2022-12-05 09:00"),
        party=Ref(PERSON_C),
        status="convicted",
    ),
    INV_C.act(
        "record-fact",
        LEAD,
        exact("2022-12-05 09:10"),
        told(SUMMARY, COURT, "statement", "about", "happened", "parties"),
        claim_status="established",
        fact="F13",
        about="court",
        statement=CONVICTED,
        happened=FALL_2022,
        parties=[Ref(PERSON_C)],
        authority=VERDICT,
    ),
    INV_C.act("conclude", LEAD, exact("2022-12-06 09:00"), summary="One charge, one verdict."),
)

INQUIRY_STEPS = (*INQUIRED, *CHARGED, *JUDGED)

SENTENCE = court_order("sentence in the case of person C, number not stated", "2023-02-01")
THREE_YEARS = {
    "number": 1,
    "count": 1,
    "years": 3,
    "regime": "penal_colony",
    "mode": "concurrent",
    "start_rule": "on_imposition",
}

SENTENCING_STEPS = (
    SEN_C.opened(
        SENTENCES,
        FALL_2022,
        told(SUMMARY, COURT, "when", "party", "counts", "reason"),
        claim_status="established",
        reason=CONVICTED,
        party=Ref(PERSON_C),
        counts=[{"number": 1, "outcome": "convicted", "description": "Trying to export sensitive military sensors."}],
        authority=VERDICT,
    ),
    SEN_C.act(
        "impose-sentence",
        SENTENCES,
        exact("2023-02-01 10:00"),
        told(SUMMARY, COURT, "terms"),
        claim_status="established",
        also_made_up=("terms.start_rule",),
        terms=[THREE_YEARS],
        authority=SENTENCE,
    ),
    SEN_C.act("determine-credit", CHIEF, exact("2023-02-01 15:00"), days=120, authority=SENTENCE),
    SEN_C.act(
        "record-computation",
        SENTENCES,
        exact("2023-02-02 09:00"),
        start="2023-02-01",
        credit_days=120,
        expiry="2025-10-03",
        release_on="2025-10-03",
        algorithm="neutral-calendar",
        algorithm_version="1",
        breakdown=[{"term": 1, "first": "2023-02-01", "last": "2026-01-31"}],
    ),
    SEN_C.act("check-computation", CHECKER, exact("2023-02-02 14:00"), computation=1, confirmed=True),
    SEN_C.act("record-finality", SENTENCES, exact("2023-03-10 09:00"), ground="window_over"),
    SEN_C.act(
        "start-execution",
        SENTENCES,
        exact("2023-03-12 09:00"),
        institution="penal colony, not named",
        authority=court_order("order to execute the sentence", "2023-03-11"),
    ),
    SEN_C.act("record-release", CUSTODY, exact("2025-10-03 08:00"), ground="sentence"),
)
