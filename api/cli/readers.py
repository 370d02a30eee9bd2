"""Commands that read: cases, verify, openapi, events."""

import json
import sys
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from api.cli.output import Json, progress, show, table
from api.commands import command_routes, plain_time
from application.access import AUDITOR
from application.documents import plain
from application.errors import Invalid
from application.queries import AsOf, listed
from application.read_models.cases import CaseRow
from application.reading import ReadStore, WorklistFilter
from domain.catalogue import discover
from domain.history import late
from domain.kernel import Actor
from infrastructure.settings import Settings
from infrastructure.verification import verify as verify_ledger
from infrastructure.wiring import Tools, open_tools

cases_app = typer.Typer(help="Read cases from the ledger itself.", no_args_is_help=True)

ROWS_AT_ONCE = 500
"""Cases that are read at one time."""

CaseId = Annotated[UUID, typer.Argument(help="The case.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(cases_app, name="cases")
    app.command()(verify)
    app.command()(openapi)
    app.command()(events)


def machine(tools: Tools) -> Actor:
    """Whoever can read the instance's keys reads everything: the command line acts as an auditor on this machine."""
    return Actor("command-line", AUDITOR, "machine", tools.settings.agency)


@cases_app.command("list")
def list_cases(
    kind: Annotated[str | None, typer.Option(help="Only this kind.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="So many at most; all of them without it.")] = None,
    as_json: Json = False,
) -> None:
    """List cases as the worklist has them."""
    catalogue = discover()
    kinds = sorted(each.name for each in catalogue.kinds.values() if each.listed)
    if kind not in (None, *kinds):
        raise Invalid("--kind", f"there is no such kind; the kinds are {', '.join(kinds)}")
    with open_tools(Settings(), catalogue) as tools:
        rows, more = worklist(tools.reading, WorklistFilter(kind=kind), limit)
    table([listed(row) for row in rows], as_json, ("case_id", "kind", "file_number", "unit", "stage", "version"))
    if more:
        print(f"casetrail: these are the first {limit} cases; there are more", file=sys.stderr)


def worklist(reading: ReadStore, wanted: WorklistFilter, limit: int | None) -> tuple[list[CaseRow], bool]:
    """The rows of the worklist, so many at most, and whether there are more."""
    rows: list[CaseRow] = []
    more = True
    while more and (limit is None or len(rows) < limit):
        size = ROWS_AT_ONCE if limit is None else min(limit - len(rows), ROWS_AT_ONCE)
        page = reading.worklist(wanted, after=rows[-1].opened_position if rows else 0, limit=size)
        rows += page.rows
        more = page.more
    return rows, more


@cases_app.command("show")
def show_case(
    case_id: CaseId,
    version: Annotated[int | None, typer.Option(min=1)] = None,
    known_at: Annotated[str | None, typer.Option(help="RFC 3339 moment: as recorded by then.")] = None,
    true_at: Annotated[str | None, typer.Option(help="RFC 3339 moment: as in effect then.")] = None,
    as_json: Json = False,
) -> None:
    """Show a case as JSON, now or as of a version, a receipt moment, a moment in effect."""
    as_of = AsOf(version, moment_of("--known-at", known_at), moment_of("--true-at", true_at))
    with open_tools(Settings(), discover()) as tools:
        view = tools.queries.view(machine(tools), case_id, as_of)
        shown = {"case_id": str(case_id), "kind": view.kind.name, "version": view.last.version}
        shown |= {"position": view.last.position} | tools.queries.document(view)
        print(json.dumps(shown, indent=None if as_json else 2))


def moment_of(option: str, text: str | None) -> datetime | None:
    """The moment that an option names. Raises Invalid for what is none, and for one without an offset."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(option, "that is no moment; one is written like 2026-01-31T12:00:00Z") from None
    if moment.tzinfo is None:
        raise Invalid(option, "a moment needs its offset from UTC, e.g. 2026-01-31T12:00:00Z")
    return moment


@cases_app.command("replay")
def replay(case_id: CaseId, as_json: Json = False) -> None:
    """Replay a case event by event: when it was recorded, when it happened, what the case was after it."""
    with open_tools(Settings(), discover()) as tools:
        history = tools.queries.view(machine(tools), case_id, AsOf()).known
        rows = []
        for row in history:
            view = tools.queries.view_of(history, AsOf(version=row.version))
            entry = view.entries[-1]
            happened = entry.event.when
            rows.append(
                {
                    "version": row.version,
                    "recorded_at": plain_time(row.recorded_at),
                    "happened": plain(happened.earliest),
                    "precision": happened.precision.value,
                    "late": "late" if late(happened, entry.recorded_at) else "",
                    "type": row.type,
                    "stage": tools.queries.document(view)["stage"],
                }
            )
        table(rows, as_json, ("version", "recorded_at", "happened", "precision", "late", "type", "stage"))


def verify(since: Annotated[int, typer.Option(help="Begin at this position.", min=1)] = 1, as_json: Json = False) -> None:
    """Re-hash every stored event and the chain of every case; exit 1 and name what does not hold.

    An edit whose hashes were all recomputed cannot be seen this way: that needs the signed tree of a later version.
    """
    with open_tools(Settings(), discover()) as tools, progress("verifying") as report:
        findings = verify_ledger(tools.log, since, report)
    for finding in findings.bad:
        place = {"position": finding.position, "case_id": finding.case_id, "version": finding.version}
        show(place | {"finding": finding.what}, as_json)
    show({"events": findings.checked, "ledger": "holds" if findings.ok else "DOES NOT HOLD"}, as_json)
    if not findings.ok:
        raise typer.Exit(1)


def openapi(as_json: Json = False) -> None:
    """Print the OpenAPI document."""
    from api.main import create_app  # noqa: PLC0415 - the factory wires everything: only this command needs it

    print(json.dumps(create_app().openapi(), indent=None if as_json else 2, sort_keys=True, ensure_ascii=False))


def events(as_json: Json = False) -> None:
    """List every event there is: its wire name, its version, what it means; and every command that can be given."""
    catalogue = discover()
    rows: list[dict[str, Any]] = [
        {"event": e.type, "schema": e.schema_version, "meaning": (e.__doc__ or "").strip().splitlines()[0]}
        for e in catalogue.events.values()
    ]
    table(rows, as_json, ("event", "schema", "meaning"))
    commands: list[dict[str, Any]] = [
        {"command": r.command.__name__, "route": f"/v1{r.path}", "function": r.command.by.function}
        for r in command_routes(catalogue)
    ]
    table(commands, as_json, ("command", "route", "function"))
