"""What must be true of the recorded demonstration: ``casetrail demo --check`` fails on anything that is not."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from api.cli.demonstration.dormitory import AGE, AGE_TYPED, DESCRIBED
from api.cli.demonstration.statements import DET_A, DET_B, INV_1, SEI_A
from api.cli.demonstration.story import LINKS
from api.cli.demonstration.views import CORRECTED, Views, age_in
from domain.kernel import SYSTEM
from infrastructure.verification import Findings

STAGES = {
    "SEI-A": "determined",
    "DET-A": "on_measure",
    "INV-1": "open",
    "SEI-B": "contested",
    "DET-B": "released",
    "DET-D": "apprehended",
    "INV-2": "open",
    "INV-C": "concluded",
    "SEN-C": "completed",
}
"""Each case and the stage its story ends in."""


def complaints(views: Views, ids: Mapping[str, UUID], findings: Findings) -> Iterator[str]:
    """What is off, each in one line; nothing where all is as it should be."""
    yield from off_in_summary(views)
    yield from off_in_replay(views, ids)
    yield from off_on_the_clocks(views, ids)
    yield from off_in_links(views, ids)
    if not findings.ok:
        yield f"the ledger does not hold at position {findings.bad[0].position}: {findings.bad[0].what}"


def off_in_summary(views: Views) -> Iterator[str]:
    """Cases that are missing, doubled or in another stage, and acts that are not flagged late; the system's are of today."""
    found = sorted((row["file_number"], row["stage"]) for row in views.worklist)
    if found != sorted(STAGES.items()):
        yield f"the list of cases is {found}"
    for name, entries in views.timelines.items():
        early = [entry["version"] for entry in entries if not entry["late"] and entry["role"] != SYSTEM]
        if early:
            yield f"{name}: entries {early} are not flagged late"


def off_in_replay(views: Views, ids: Mapping[str, UUID]) -> Iterator[str]:
    """A replay that does not go from apprehension to release, or does not end where the case stands."""
    stages = list(dict.fromkeys(view["stage"] for view in views.replay))
    if stages != ["apprehended", "released"]:
        yield f"{DET_B.name}: replayed through the stages {stages}"
    last = {**views.replay[-1], "row": None}
    if last != {**views.now, "row": None}:
        yield f"{DET_B.name}: the replay does not end in the case as it stands"
    ages = list(dict.fromkeys(age_in(view, ids) for view in views.replay))
    if ages != [None, AGE_TYPED, AGE]:
        yield f"{DET_B.name}: the age is replayed as {ages}"


def off_on_the_clocks(views: Views, ids: Mapping[str, UUID]) -> Iterator[str]:
    """Views that know what was not known then, or have in effect what was not yet."""
    seen = {
        "now": (views.now, "released", AGE),
        "known before the correction": (views.before, "released", AGE_TYPED),
        "in effect earlier": (views.earlier, "apprehended", AGE),
        "known before and in effect earlier": (views.both, "apprehended", AGE_TYPED),
    }
    for title, (view, stage, age) in seen.items():
        if (view["stage"], age_in(view, ids)) != (stage, age):
            yield f"{DET_B.name}, {title}: stage {view['stage']}, age {age_in(view, ids)}"
    correction = next(e["version"] for e in views.timelines[DET_B.name] if e["type"] == CORRECTED)
    told = [(change["from"], change["to"], change["entry"]) for change in views.changes]
    if told != [(AGE_TYPED, AGE, correction)]:
        yield f"{DET_B.name}: the difference is told as {told}"
    marked = next(e for e in views.timelines[DET_B.name] if e["version"] == DESCRIBED)
    if marked.get("corrected_by") != correction:
        yield f"{DET_B.name}: entry {DESCRIBED} is not marked as corrected"


def off_in_links(views: Views, ids: Mapping[str, UUID]) -> Iterator[str]:
    """Links that do not stand on both sides, and linked cases that are not told in one order."""
    for near, link, far, *_ in LINKS:
        for case, other, event in ((near, far, "case.link_proposed"), (far, near, "case.link_confirmed")):
            wanted = (event, link, str(ids[other.name]))
            entries = (e for e in views.timelines[case.name] if e["type"] == event)
            if wanted not in ((e["type"], e["state"]["link"], e["state"]["other"]) for e in entries):
                yield f"{case.name}: no {event} {link} with {other.name}"
    told = {entry["case_id"] for entry in views.linked}
    missing = [case.name for case in (SEI_A, DET_A, INV_1) if str(ids[case.name]) not in told]
    if missing:
        yield f"the linked timeline of {INV_1.name} leaves out {missing}"
    starts = [entry["earliest"] or "" for entry in views.linked]
    if starts != sorted(starts):
        yield f"the linked timeline of {INV_1.name} is not in one order"
