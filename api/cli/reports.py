"""Standing reports on the command line: list, show, freeze for a month, compare with what was frozen."""

import json
from typing import Annotated, Any

import typer

from api.cli.output import Json, table
from api.commands import plain_time
from application.errors import NotFound
from application.reports.desk import Asked, Snapshot
from domain.catalogue import discover
from infrastructure.settings import Settings
from infrastructure.wiring import open_tools

reports_app = typer.Typer(help="The standing reports.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The report, see list.")]
Month = Annotated[str, typer.Option(help="The month, e.g. 2026-10.")]
AsOf = Annotated[int | None, typer.Option(min=1, help="As recorded up to this position; by default all that is.")]
Suppress = Annotated[bool, typer.Option("--suppress", help="With small cells suppressed.")]
SNAPSHOT = ("month", "name", "form", "version", "position", "frozen_at", "sha256", "note")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(reports_app, name="reports")


@reports_app.command("list")
def list_reports(as_json: Json = False) -> None:
    """List the reports with their definitions, then what is frozen."""
    with open_tools(Settings(), discover()) as tools:
        rows = [{"name": r["name"], "version": r["version"], "definition": r["definition"]} for r in tools.reports.listed()]
        table(rows, as_json, ("name", "version", "definition"))
        table([told(snapshot) for snapshot in tools.reports.frozen.all()], as_json, SNAPSHOT[:-1])


@reports_app.command("show")
def show_report(
    name: Name,
    as_of: AsOf = None,
    month: Annotated[str | None, typer.Option(help="Only the rows of this month.")] = None,
    suppress: Suppress = False,
    as_json: Json = False,
) -> None:
    """Show a report, as JSON the same bytes that the server sends."""
    with open_tools(Settings(), discover()) as tools:
        result = tools.reports.run(Asked(name=name, as_of=as_of, month=month, suppress=suppress))
        if as_json:
            print(result.document().decode())
            return
        table(result.items, as_json=False, columns=[column.name for column in result.report.columns])
        print(f"\n{result.report.name}, version {result.report.version}, position {result.stamp.position}: {result.sha256}")


@reports_app.command("freeze")
def freeze(month: Month, as_of: AsOf = None, as_json: Json = False) -> None:
    """Freeze every report for a month, as recorded by its end (UTC) or up to --as-of; what is frozen already stays."""
    with open_tools(Settings(), discover()) as tools:
        rows = [told(snapshot) | {"note": missing} for snapshot, missing in tools.reports.freeze(month, as_of)]
        table(rows, as_json, SNAPSHOT)


@reports_app.command("compare")
def compare(name: Name, month: Month, as_of: AsOf = None, suppress: Suppress = False, as_json: Json = False) -> None:
    """Explain how a report differs now from what was frozen for a month: the rows, and what was recorded since."""
    with open_tools(Settings(), discover()) as tools:
        frozen = tools.reports.frozen.find(month, name, suppressed=suppress)
        if frozen is None:
            raise NotFound("frozen report")
        print(json.dumps(tools.reports.compare_frozen(frozen, as_of), indent=None if as_json else 2))


def told(snapshot: Snapshot) -> dict[str, Any]:
    """A snapshot without its bytes."""
    return {
        "month": snapshot.month,
        "name": snapshot.name,
        "form": "suppressed" if snapshot.suppressed else "whole",
        "version": snapshot.version,
        "position": snapshot.position,
        "frozen_at": plain_time(snapshot.frozen_at),
        "sha256": snapshot.sha256,
    }
