"""The command that takes data sets out of the ledger: export."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.output import Json, progress, show
from application.errors import Invalid
from application.read_models.deadlines import ProfileNotInstalled
from domain.catalogue import discover
from infrastructure.exports.datasets import DATASETS
from infrastructure.exports.files import WRITERS
from infrastructure.exports.instances import open_exports
from infrastructure.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(export)


def export(
    dataset: Annotated[str, typer.Argument(help=f"One of: {', '.join(DATASETS)}.")],
    out: Annotated[Path, typer.Option(help="The folder of the drop; made if need be.")],
    form: Annotated[str, typer.Option("--format", help=f"One of: {', '.join(WRITERS)}.")] = "parquet",
    since: Annotated[int, typer.Option(min=0, help="Leave out positions up to this one.")] = 0,
    upto: Annotated[
        int | None, typer.Option(min=0, help="The last position, or the one to be as of; the last recorded.")
    ] = None,
    since_last: Annotated[bool, typer.Option("--since-last", help="Go on where the drop in the folder ends.")] = False,
    as_json: Json = False,
) -> None:
    """Write a data set into a folder: files, a manifest with their hashes, a data dictionary. Once more: what is missing."""
    if dataset not in DATASETS:
        raise Invalid("dataset", f"there is no data set {dataset}: there are {', '.join(DATASETS)}")
    if form not in WRITERS:
        raise Invalid("format", f"there is no format {form}: there are {', '.join(WRITERS)}")
    with open_exports(Settings(), discover()) as exports, progress("exporting") as report:
        drop, last = exports.drop(DATASETS[dataset], out, form), exports.head()
        end = last if upto is None else upto
        if end > last:
            raise Invalid("--upto", f"positions go from 0 to {last}")
        if since > end:
            raise Invalid("--since", f"nothing comes after it: the last position is {end}")
        if since and (since_last or not DATASETS[dataset].by_event):
            raise Invalid("since", "a data set as of a position has no other beginning, and a drop goes on where it ends")
        try:
            manifest = drop.extend(end, report) if since_last else drop.make(since, end, report)
        except ProfileNotInstalled as missing:
            raise Invalid("profile", f"cases are under {missing}, which is not installed: see CASETRAIL_PROFILES") from None
    told = {"folder": out, "dataset": dataset, "ledger_id": manifest.ledger_id, "since": manifest.since, "upto": manifest.upto}
    show(told | {"files": len(manifest.files), "rows": sum(file.rows for file in manifest.files)}, as_json)
