"""What the read models must hold, computed plainly from the stored histories: the projections' oracle."""

from uuid import UUID

from application.read_models.audit import AuditRow
from application.read_models.cases import CaseRow
from application.read_models.timeline import TimelineRow
from application.records import Recorded, microseconds
from domain.history import effective, fold, late
from domain.kernel import Entry, EntryCorrected, EntryRetracted, stage_name
from tests.matters import CATALOGUE, Office


def case_row(office: Office, case_id: UUID) -> CaseRow | None:
    """The worklist row of a case, None for what is not listed."""
    history = office.ledger.load(case_id)
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
