"""What the read models must hold, computed plainly from the stored histories: the projections' oracle."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from application.cases import Cases
from application.project import ReadModel
from application.read_models.audit import AuditRow
from application.read_models.cases import CaseRow
from application.read_models.custody import CustodyRow
from application.read_models.deadlines import ALWAYS, DeadlineRow
from application.read_models.links import LinkRow
from application.read_models.persons import PersonRow, party_fields
from application.read_models.state_intervals import StateIntervalRow
from application.read_models.timeline import TimelineRow
from application.records import Recorded, microseconds
from domain.alarms import next_alarm
from domain.clocks import OBLIGATION, deadlines
from domain.deadlines import DEFAULT_PROFILE
from domain.dossier.acts import LinkProposed, LinkType
from domain.dossier.duty_acts import DeadlineAlarm
from domain.history import Folded, effective, fold, late
from domain.kernel import Entry, EntryCorrected, EntryRetracted, Kind, stage_name
from tests.matters import CATALOGUE, Office


def case_row(office: Office, case_id: UUID, upto: int | None = None) -> CaseRow | None:
    """The worklist row of a case, as of position ``upto``; None for what is not listed."""
    history = [row for row in office.ledger.load(case_id) if upto is None or row.position <= upto]
    kind = CATALOGUE.kinds[history[0].kind]
    if not kind.listed:
        return None
    entries = office.cases.entries(history)
    ordered = effective(entries)
    folded = fold(kind, CATALOGUE.shared, ordered)
    return CaseRow(
        case_id=case_id,
        kind=kind.name,
        file_number=folded.dossier.file_number,
        unit=folded.dossier.unit,
        stage=stage_name(type(folded.stage)),
        assignee=folded.dossier.assignee,
        handling=folded.dossier.handling.value,
        version=history[-1].version,
        position=history[-1].position,
        opened_at=history[0].recorded_at,
        changed_at=history[-1].recorded_at,
        opened_position=history[0].position,
        corrected=any(isinstance(entry.event, EntryCorrected | EntryRetracted) for entry in entries),
        contradictions=len(folded.contradictions),
        late=sum(late(entry.event.when, entry.recorded_at) for entry in ordered),
    )


def timeline_row(office: Office, recorded: Recorded) -> TimelineRow:
    """The timeline row of an event."""
    event = office.codec.event(recorded)
    entry = Entry(recorded.version, office.cases.entries([recorded])[0].recorded_at, event)
    earliest, latest = event.when.earliest, event.when.latest
    return TimelineRow(
        case_id=recorded.case_id,
        version=recorded.version,
        position=recorded.position,
        kind=recorded.kind,
        type=recorded.type,
        schema_version=recorded.schema_version,
        recorded_at=recorded.recorded_at,
        earliest=None if earliest is None else microseconds(earliest),
        latest=None if latest is None else microseconds(latest),
        actor=recorded.actor,
        role=office.codec.envelope(recorded).actor.role,
        claim_status=event.claim_status.value,
        late=late(event.when, entry.recorded_at),
        target=getattr(event, "target", None),
        state=recorded.state,
    )


def audit_row(office: Office, recorded: Recorded) -> AuditRow:
    """The audit row of an event."""
    envelope, event = office.codec.envelope(recorded), office.codec.event(recorded)
    return AuditRow(
        case_id=recorded.case_id,
        position=recorded.position,
        recorded_at=recorded.recorded_at,
        version=recorded.version,
        kind=recorded.kind,
        type=recorded.type,
        command=envelope.command,
        actor=envelope.actor.id,
        role=envelope.actor.role,
        unit=envelope.actor.unit,
        agency=envelope.actor.agency,
        on_behalf_of=envelope.on_behalf_of,
        decided_at=microseconds(envelope.decided_at),
        correlation_id=envelope.correlation_id,
        late=late(event.when, office.cases.entries([recorded])[0].recorded_at),
    )


# --- What follows from an effective history: every state beside the one before it --------------------------------

Told = list[tuple[Entry, Folded, Folded]]
"""Each entry of an effective history with the case before and after it."""


def effective_history(cases: Cases, history: Sequence[Recorded]) -> tuple[Kind, Told]:
    """A stored history as it is in effect, each prefix folded by itself."""
    kind, shared = cases.kind_named(history[0].kind), cases.catalogue.shared
    ordered = effective(cases.entries(history))
    states = [fold(kind, shared, ordered[:count]) for count in range(len(ordered) + 1)]
    return kind, list(zip(ordered, states, states[1:], strict=False))


def beginning(entry: Entry) -> int:
    """When an entry began to happen."""
    when = entry.event.when
    return microseconds(when.earliest or when.latest or entry.recorded_at)


def spans(changes: Sequence[Entry]) -> list[dict[str, Any]]:
    """The spans between the entries that changed something: none begins before the one before it."""
    starts = [max(map(beginning, changes[: count + 1])) for count in range(len(changes))]
    found = []
    for number, (entry, start) in enumerate(zip(changes, starts, strict=True)):
        after = changes[number + 1] if number + 1 < len(changes) else None
        found.append(
            {
                "version": entry.version,
                "effective_from": start,
                "effective_to": starts[number + 1] if after else None,
                "recorded_from": microseconds(entry.recorded_at),
                "recorded_to": microseconds(after.recorded_at) if after else None,
                "ended_by": after.version if after else None,
            }
        )
    return found


def stands(case: Folded) -> dict[str, Any]:
    """What an interval is about."""
    dossier = case.dossier
    return {
        "stage": stage_name(type(case.stage)),
        "unit": dossier.unit,
        "assignee": dossier.assignee,
        "handling": dossier.handling.value,
    }


def interval_rows(cases: Cases, history: Sequence[Recorded]) -> list[StateIntervalRow]:
    """The state intervals of a case, none for what is not listed."""
    kind, told = effective_history(cases, history)
    if not kind.listed:
        return []
    changes = [(e, after) for i, (e, before, after) in enumerate(told) if i == 0 or stands(before) != stands(after)]
    rows = zip(changes, spans([entry for entry, _ in changes]), strict=True)
    return [StateIntervalRow(case_id=history[0].case_id, kind=kind.name, **stands(after), **span) for (_, after), span in rows]


def link_rows(cases: Cases, history: Sequence[Recorded]) -> list[LinkRow]:
    """The links of a case as its dossier has them, with the entry that brought each to where it is."""
    kind, told = effective_history(cases, history)
    positions = {row.version: row.position for row in history}
    found = []
    for (other, link), state in told[-1][2].dossier.links.items() if kind.listed else ():
        about = [e for e, before, after in told if before.dossier is not after.dossier and names(e, other, link)]
        named = [e.event for e in about if hasattr(e.event, "other_kind")]
        found.append(
            LinkRow(
                case_id=history[0].case_id, other=str(other), link=link.value, kind=kind.name,
                other_kind=named[-1].other_kind if named else None,
                direction=None if not named else "outgoing" if isinstance(named[-1], LinkProposed) else "incoming",
                state=state.value, version=about[-1].version, effective_from=beginning(about[-1]),
                recorded_from=microseconds(about[-1].recorded_at), first_position=min(positions[e.version] for e in about),
            )
        )  # fmt: skip
    return found


def names(entry: Entry, other: UUID, link: LinkType) -> bool:
    """Whether an entry is about a link."""
    return getattr(entry.event, "other", None) == other and getattr(entry.event, "link", None) is link


def keeps(case: Folded, line: str) -> dict[str, Any] | None:
    """What the custody ledger says of a line, None before it is in the inventory."""
    goods = getattr(case.stage, "goods", None)
    if goods is None or line not in goods.lines:
        return None
    kept, item = goods.lines[line], goods.lines[line].item
    return {
        "condition": stage_name(type(kept)),
        "amount": None if item.quantity.amount is None else str(item.quantity.amount),
        "measure": item.quantity.unit.value,
        "custodian": item.custodian,
        "offered_to": getattr(kept, "to", None),
        "place": item.place,
        "seal": item.seal,
    }


def custody_rows(cases: Cases, history: Sequence[Recorded]) -> list[CustodyRow]:
    """The custody ledger of a seizure, none for any other case."""
    kind, told = effective_history(cases, history)
    goods = getattr(told[-1][2].stage, "goods", None)
    rows = []
    for line in goods.lines if kind.name == "seizure" and goods is not None else ():
        changes = [(e, keeps(after, line)) for e, before, after in told if keeps(before, line) != keeps(after, line)]
        for (entry, kept), span in zip(changes, spans([e for e, _ in changes]), strict=True):
            rows.append(CustodyRow(case_id=history[0].case_id, line=line, type=entry.event.type, **(kept or {}), **span))
    return rows


def deadline_rows(cases: Cases, history: Sequence[Recorded]) -> list[DeadlineRow]:
    """The deadlines of a case as the domain has them, none for what is not listed."""
    kind, told = effective_history(cases, history)
    if not kind.listed:
        return []
    entries, dossier = [entry for entry, _, _ in told], told[-1][2].dossier
    profile = cases.law.installed[dossier.profile or DEFAULT_PROFILE]
    places = {clock.id: place for place, clock in enumerate((*profile.clocks, OBLIGATION))}
    ours = [entry for entry in entries if entry.version == 1 or entry.event.type in profile.hears | ALWAYS]
    acts = [entry.recorded_at for entry in ours if not isinstance(entry.event, DeadlineAlarm)]
    stands = {"kind": kind.name, "unit": dossier.unit, "handling": dossier.handling.value, "profile": profile.name}
    rows: list[DeadlineRow] = []
    for found in deadlines(profile, entries):
        instants = ("start", "due", "paused_since", "stopped_from", "stopped_until")
        times = {name: None if (at := getattr(found, name)) is None else microseconds(at) for name in instants}
        next_at = next_alarm(found, dossier.alarms, max(acts))
        (position,) = (row.position for row in history if row.version == found.started_by)
        rows.append(
            DeadlineRow(
                case_id=history[0].case_id, clock=found.clock, run=found.run or "", started_by=found.started_by,
                legal_ref=found.legal_ref, on_expiry=str(found.on_expiry), set_by=found.set_by, missed=str(found.missed),
                warnings=",".join(str(microseconds(warning)) for warning in found.warnings), stopped_by=found.stopped_by,
                uncertain_version=None if found.uncertain is None else found.uncertain.version,
                uncertain_why=None if found.uncertain is None else str(found.uncertain.why),
                settled=found.stopped_until is not None and found.stopped_until <= max(e.recorded_at for e in ours),
                alarm_at=None if next_at is None else microseconds(next_at), first_position=position,
                sorts_at=2**63 - 1 if found.due is None else microseconds(found.due), place=places[found.clock],
                **stands, **times,  # type: ignore[arg-type]
            )
        )  # fmt: skip
    return rows


def person_rows(cases: Cases, history: Sequence[Recorded]) -> list[PersonRow]:
    """The parties that a case's standing entries name, each with the first entry that does."""
    kind, told = effective_history(cases, history)
    positions = {row.version: row.position for row in history}
    rows: dict[tuple[str, str], PersonRow] = {}
    for entry in sorted((entry for entry, _, _ in told), key=lambda e: e.version):
        for name in party_fields(type(entry.event)):
            value = getattr(entry.event, name)
            for each in value if isinstance(value, tuple) else (value,):
                if each is not None and getattr(entry.event, f"{name}_kind", "party") == "party":
                    row = PersonRow(
                        history[0].case_id,
                        str(each),
                        name,
                        kind.name,
                        entry.event.type,
                        entry.version,
                        positions[entry.version],
                    )
                    rows.setdefault((str(each), name), row)
    return list(rows.values())


def rows_of(cases: Cases, history: Sequence[Recorded], model: ReadModel[Any]) -> list[Any]:
    """What a folded model without a computation of its own above must hold of a case."""
    by_model: dict[str, Callable[[Cases, Sequence[Recorded]], list[Any]]] = {
        "state_intervals": interval_rows,
        "links": link_rows,
        "custody": custody_rows,
        "persons": person_rows,
        "deadlines": deadline_rows,
    }
    return by_model[model.name](cases, history)
