"""What the two articles claim, fact by fact, and in which case of the demonstration each has to stand."""

MID_APRIL = "mid-April, no year stated"
FALL = "fall 2022: the attempt, the conviction or both"
ADDENDUM, FACT = "case.addendum_added", "investigation.fact_recorded"

FACTS = [
    ("F05", "DET-A", ADDENDUM, "reported", "unknown", MID_APRIL, "article-001", "authority, relayed by two newspapers"),
    ("F06", "DET-A", ADDENDUM, "alleged", "unknown", MID_APRIL, "article-001", "authority"),
    ("F06", "SEI-A", ADDENDUM, "alleged", "unknown", MID_APRIL, "article-001", "authority"),
    ("F07", "SEI-A", "seizure.goods_seized", "reported", "unknown", MID_APRIL, "article-001", "authority"),
    ("F08", "INV-1", FACT, "alleged", "unknown", "before the detention", "article-001", "authority"),
    ("F09", "SEI-A", "seizure.item_classified", "reported", "unknown", MID_APRIL, "article-001", "authority"),
    ("F10", "INV-1", FACT, "reported", "year", "2022", "article-001", "newspaper"),
    ("F11", "DET-B", "detention.person_apprehended", "alleged", "month", "December 2024", "article-001", "authority"),
    ("F11", "SEI-B", "seizure.consignment_intercepted", "alleged", "month", "December 2024", "article-001", "authority"),
    ("F12", "DET-B", "case.disagreement_recorded", "contested", "range", "December 2024 or", "article-001", "person B"),
    ("F12", "SEI-B", "seizure.claim_lodged", "contested", "range", "December 2024 or", "article-001", "person B"),
    ("F13", "INV-C", FACT, "established", "season", FALL, "article-001", "court"),
    ("F13", "INV-C", "investigation.verdict_recorded", "established", "season", FALL, "article-001", "court"),
    ("F13", "SEN-C", "sentencing.conviction_recorded", "established", "season", FALL, "article-001", "court"),
    ("F14", "DET-D", "detention.person_apprehended", "alleged", "unknown", "undated", "article-001", "authority"),
    ("F15", "INV-1", FACT, "reported", "unknown", "currently", "article-000", "authority"),
    ("F15", "INV-2", FACT, "reported", "unknown", "currently", "article-000", "authority"),
]
"""Fact, case, event, claim status, precision, the source's words for when, the article, and who asserts it."""
