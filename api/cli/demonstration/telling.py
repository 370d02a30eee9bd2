"""What the demonstration prints: one case's story, the same case on two clocks, and what a visitor can open."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from api.cli.demonstration.cast import SHOWN
from api.cli.demonstration.statements import DET_B, INV_1, SEI_A
from api.cli.demonstration.views import EARLIER, Views, age_in
from infrastructure.verification import Findings

PRECISE = ("second", "minute")


def story_lines(views: Views, ids: Mapping[str, UUID], findings: Findings) -> Iterator[str]:
    """The report: timeline, two clocks, difference, all cases, verification."""
    yield f"{DET_B.name}, told entry by entry (all of it recorded just now, so every act is late)"
    yield ""
    yield from columns(("", "happened", "claim", "entry", ""), [entry_line(entry) for entry in views.timelines[DET_B.name]])
    yield ""
    yield from clock_lines(views, ids)
    yield ""
    entries, cases = len(views.linked), cases_in(views.linked)
    yield f"{INV_1.name} with the cases linked to it: {entries} entries of {cases} cases in one order"
    yield ""
    yield from columns(
        ("case", "kind", "stage", "entries", "late", ""),
        [case_line(row) for row in views.worklist],
    )
    yield ""
    yield verdict(findings)


def entry_line(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """A timeline entry: its version, when it happened, how far it is established, what it is, what was said of it later."""
    corrected = f"corrected by entry {entry['corrected_by']}" if entry.get("corrected_by") else ""
    corrects = f"corrects entry {entry['target']}" if entry["type"] == "case.entry_corrected" else ""
    return (str(entry["version"]), happened(entry["when"]), entry["claim_status"], entry["type"], corrected or corrects)


def happened(when: Mapping[str, Any]) -> str:
    """A time as it is known: to the minute, or in the words of whoever told it."""
    if when["precision"] in PRECISE:
        return str(when["earliest"]).replace("T", " ")[:16]
    return str(when["as_stated"])


def clock_lines(views: Views, ids: Mapping[str, UUID]) -> Iterator[str]:
    """The same case in four views, and the difference with its cause."""
    correction = next(entry["version"] for entry in views.timelines[DET_B.name] if entry["type"] == "case.entry_corrected")
    known, true = f"known_at={views.known_at}", f"true_at={EARLIER}"
    seen = (
        ("as it stands", views.now, ""),
        (f"as known before entry {correction}", views.before, f"?{known}"),
        ("as in effect on an earlier day", views.earlier, f"?{true}"),
        ("as known then, in effect then", views.both, f"?{known}&{true}"),
    )
    rows = [(title, view["stage"].replace("_", " "), str(age_in(view, ids)), query) for title, view, query in seen]
    yield from columns((DET_B.name, "stage", "age of person B", f"/v1/cases/{ids[DET_B.name]}"), rows)
    yield ""
    for change in views.changes:
        place = change["field"].replace(str(ids["person-B"]), "(person B)")
        yield f"what differs between the first two: {place}: {change['from']} is {change['to']} now, by entry {change['entry']}"


def cases_in(entries: Sequence[Mapping[str, Any]]) -> int:
    """How many cases the entries belong to."""
    return len({entry["case_id"] for entry in entries})


def case_line(row: Mapping[str, Any]) -> tuple[str, ...]:
    """A case of the worklist."""
    corrected = "corrected" if row["corrected"] else ""
    stage = row["stage"].replace("_", " ")
    return (row["file_number"], row["kind"], stage, str(row["version"]), str(row["late"]), corrected)


def verdict(findings: Findings) -> str:
    """What re-hashing the ledger found."""
    if findings.ok:
        return f"ledger: {findings.checked} events re-hashed, every hash and every case's chain holds"
    return f"ledger: DOES NOT HOLD at position {findings.bad[0].position}: {findings.bad[0].what}"


def invitation(base: str, ids: Mapping[str, UUID], tokens: Mapping[str, str]) -> Iterator[str]:
    """What to open, and a token for each role."""
    yield "open"
    yield f"  {base}/docs                  every command and every question, with forms"
    yield f"  {base}/health/ready          whether the server is ready"
    yield ""
    yield "ask, e.g."
    yield f'  curl -H "Authorization: Bearer $TOKEN" {base}/v1/cases'
    yield f'  curl -H "Authorization: Bearer $TOKEN" {base}/v1/cases/{ids[SEI_A.name]}'
    yield f'  curl -H "Authorization: Bearer $TOKEN" {base}/v1/cases/{ids[DET_B.name]}/timeline -H "Accept: text/csv"'
    yield ""
    yield "with a token, good for a day"
    for person in SHOWN:
        yield f"  {person.role} ({person.id})"
        yield f"  {tokens[person.id]}"


def columns(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows under their heads, as wide as they need to be."""
    widths = [max(len(line[i]) for line in (heads, *rows)) for i in range(len(heads))]
    for line in (heads, *rows):
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
