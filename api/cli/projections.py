"""Commands about the read models: how far they are, rebuild and rollback, parked events, pause, and whether they hold."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from api.cli.output import Json, progress, show, table
from api.commands import plain_time
from application.errors import Invalid, NotFound
from application.reactions import REACTIONS
from domain.catalogue import discover
from infrastructure.comparing import Comparison, compare
from infrastructure.generations import OtherVersion
from infrastructure.projection_rows import Overtaken, Parking
from infrastructure.reaction_marks import named
from infrastructure.settings import Settings
from infrastructure.wiring import Tools, open_tools

app = typer.Typer(help="The read models.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The read model, see list.")]
MaybeName = Annotated[str | None, typer.Argument(help="The read model, see list; all of them if none is named.")]

LISTED = ("name", "version", "generation", "position", "head", "lag_events", "lag_seconds")
STATUS = (*LISTED, "parked", "paused", "previous", "failure", "holder")


def register(main: typer.Typer) -> None:
    """Add these commands."""
    main.add_typer(app, name="projections")


@contextmanager
def opened() -> Iterator[Tools]:
    """The instance; what the read models refuse to do is one line on standard error and exit code 2."""
    try:
        with open_tools(Settings(), discover()) as tools:
            yield tools
    except OtherVersion as error:
        print(f"casetrail: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    except Overtaken:
        print("casetrail: another rebuild of this read model was begun meanwhile", file=sys.stderr)
        raise typer.Exit(2) from None
    except NotFound as error:
        raise Invalid("name", str(error)) from None


def names_in(tools: Tools, name: str | None) -> list[str]:
    """The read models meant. Raises NotFound."""
    upkeep = tools.projector.upkeep
    return [model.name for model in upkeep.models] if name is None else [upkeep.model(name).name]


def statuses_of(tools: Tools, name: str) -> list[Mapping[str, Any]]:
    """The status of one read model."""
    return [status for status in tools.statuses() if status["name"] == name]


@app.command("list")
def list_projections(as_json: Json = False) -> None:
    """List the read models and how far each has come."""
    with opened() as tools:
        table(tools.statuses(), as_json, LISTED)


@app.command("status")
def status(name: MaybeName = None, as_json: Json = False) -> None:
    """Say of each read model how far it is, who runs it, and which events it has set aside."""
    with opened() as tools:
        names = names_in(tools, name)
        aside = {each: [parking_row(each, p) for p in tools.projector.upkeep.parked(each)] for each in names}
        if name is None:
            for reaction in REACTIONS:
                names.append(own := named(reaction.name))
                aside[own] = [parking_row(own, p) for p in tools.projector.upkeep.reactions.parked(reaction.name)]
        rows = [each for each in tools.statuses() if each["name"] in names]
    if as_json:
        for row in rows:
            show(dict(row) | {"parked_events": aside[row["name"]]}, as_json)
        return
    table(rows, as_json, STATUS)
    parked = [row for each in names for row in aside[each]]
    if parked:
        print()
        table(parked, as_json, ("name", "position", "case_id", "version", "cause", "since", "attempts"))


def parking_row(name: str, parking: Parking) -> dict[str, Any]:
    """A parked event as it is shown."""
    shown = parking._asdict() | {"name": name, "case_id": str(parking.case_id)}
    return shown | {"since": plain_time(parking.since), "retry_at": plain_time(parking.retry_at)}


@app.command("rebuild")
def rebuild(name: MaybeName = None, as_json: Json = False) -> None:
    """Fill a read model anew from the first event beside the live one, then switch to it."""
    with opened() as tools:
        names = names_in(tools, name)
        with progress(f"rebuilding {names[0]}" if name else f"rebuilding {len(names)} read models") as report:
            tools.projector.upkeep.rebuild(names, report)
        rows = [each for each in tools.statuses() if each["name"] in names]
        table(rows, as_json, ("name", "version", "generation", "position", "parked"))


@app.command("rollback")
def rollback(name: Name, as_json: Json = False) -> None:
    """Go back to the generation before the last rebuild, brought up to date first."""
    with opened() as tools, progress("catching up") as report:
        tools.projector.upkeep.rollback(name, report)
        table(statuses_of(tools, name), as_json, ("name", "version", "generation", "position", "parked"))


@app.command("retry")
def retry(name: MaybeName = None, as_json: Json = False) -> None:
    """Try the events that were set aside again, in order; exit 1 if one is set aside still.

    Those of a reaction, reaction:NAME, are tried again by the server within a second.
    """
    with opened() as tools:
        upkeep = tools.projector.upkeep
        if name in (asked := {named(reaction.name): reaction.name for reaction in REACTIONS}):
            waiting = [parking_row(name, parking) for parking in upkeep.reactions.ask_again(asked[name])]
            table(waiting, as_json, ("name", "position", "case_id", "version", "cause", "attempts"))
            return
        tried = [each for one in names_in(tools, name) for each in upkeep.retry(one)]
    rows = [parking_row(each.name, each.parking) | {"freed": each.freed} for each in tried]
    table(rows, as_json, ("name", "position", "case_id", "version", "cause", "attempts", "freed"))
    if not all(each.freed for each in tried):
        raise typer.Exit(1)


@app.command("pause")
def pause(name: Name, as_json: Json = False) -> None:
    """Have a read model stand where it is, whoever runs it, until it is resumed."""
    with opened() as tools:
        tools.projector.upkeep.pause(name, paused=True)
        table(statuses_of(tools, name), as_json, ("name", "position", "paused"))


@app.command("resume")
def resume(name: Name, as_json: Json = False) -> None:
    """Have a paused read model follow the log again."""
    with opened() as tools:
        tools.projector.upkeep.pause(name, paused=False)
        table(statuses_of(tools, name), as_json, ("name", "position", "paused"))


@app.command("verify")
def verify(name: MaybeName = None, as_json: Json = False) -> None:
    """Make a read model anew from the log and compare count, digest and every row with the live one; exit 1 if not equal.

    Commands may be recorded meanwhile. The rows made for it are removed again.
    """
    with opened() as tools:
        found = []
        for each in names_in(tools, name):
            with progress(f"verifying {each}") as report:
                found.append(compare(tools.projector.upkeep, each, report))
    rows = [compared(each) for each in found]
    table(rows, as_json, ("name", "position", "events", "rows", "different", "parked", "result"))
    if not as_json:
        for row in (d for each in rows for d in each["differences"]):
            print(f"{row['case_id']} {row['key']} {row['what']}")
    if not all(each.holds for each in found):
        raise typer.Exit(1)


def compared(found: Comparison) -> dict[str, Any]:
    """A comparison as it is shown."""
    words = {
        "count of events": found.counted,
        "digest": found.chained,
        "rows": found.different == 0,
        "parked": found.parked == 0,
    }
    wrong = [word for word, right in words.items() if not right]
    return {
        "name": found.name,
        "position": found.position,
        "events": found.events,
        "rows": found.rows,
        "different": found.different,
        "parked": found.parked,
        "result": f"DOES NOT HOLD: {', '.join(wrong)}" if wrong else "holds",
        "differences": [{"case_id": str(each.case_id), "key": list(each.key), "what": each.what} for each in found.differences],
    }
