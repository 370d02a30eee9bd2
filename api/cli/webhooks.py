"""Commands on webhooks: who is told of events, how deliveries went, what to do about those that did not."""

import signal
import threading
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer

from api.cli.output import Json, show, table
from api.commands import plain_time
from domain.catalogue import discover
from infrastructure import logging
from infrastructure.settings import Settings
from infrastructure.webhooks.opening import open_dispatcher, open_receivers
from infrastructure.webhooks.receivers import Wish

webhooks_app = typer.Typer(help="Receivers elsewhere that are told of events.", no_args_is_help=True)

WebhookId = Annotated[UUID, typer.Argument(help="The webhook, see list.")]
CaseId = Annotated[UUID, typer.Argument(help="The case.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(webhooks_app, name="webhooks")


@webhooks_app.command("add")
def add(
    url: Annotated[str, typer.Argument(help="Where to deliver: https, or http on this machine's loopback address.")],
    types: Annotated[list[str] | None, typer.Option(help="Only this wire name; may be repeated.")] = None,
    kinds: Annotated[list[str] | None, typer.Option(help="Only this kind of case; may be repeated.")] = None,
    first: Annotated[int | None, typer.Option("--from", help="First position to deliver; without it, from now on.")] = None,
    private: Annotated[bool, typer.Option("--private", help="The receiver may have an address of a private network.")] = False,
    as_json: Json = False,
) -> None:
    """Register a receiver, and show its secret: this once only."""
    with open_receivers(Settings(), discover()) as receivers:
        webhook_id, secret = receivers.add(Wish(url, types or (), kinds or (), first, private))
    show({"id": webhook_id, "secret": secret}, as_json)


@webhooks_app.command("list")
def list_webhooks(as_json: Json = False) -> None:
    """List the receivers: how far each has been told, how many cases are held back for it, how many of them failed."""
    with open_receivers(Settings(), discover()) as receivers:
        rows = receivers.statuses()
    table(rows, as_json, ("id", "url", "state", "position", "head", "lag_events", "held", "failed"))


@webhooks_app.command("remove")
def remove(webhook_id: WebhookId, as_json: Json = False) -> None:
    """Forget a receiver and its secrets."""
    with open_receivers(Settings(), discover()) as receivers:
        receivers.remove(webhook_id)
    show({"removed": webhook_id}, as_json)


@webhooks_app.command("pause")
def pause(webhook_id: WebhookId, as_json: Json = False) -> None:
    """Deliver nothing until resume; nothing is lost."""
    with open_receivers(Settings(), discover()) as receivers:
        receivers.pause(webhook_id, paused=True)
    show({"paused": webhook_id}, as_json)


@webhooks_app.command("resume")
def resume(webhook_id: WebhookId, as_json: Json = False) -> None:
    """Go on where pause stopped it."""
    with open_receivers(Settings(), discover()) as receivers:
        receivers.pause(webhook_id, paused=False)
    show({"resumed": webhook_id}, as_json)


@webhooks_app.command("replay")
def replay(
    webhook_id: WebhookId,
    first: Annotated[int, typer.Option("--from", help="First position to deliver again.", min=1)],
    as_json: Json = False,
) -> None:
    """Deliver again everything from a position on."""
    with open_receivers(Settings(), discover()) as receivers:
        receivers.replay(webhook_id, first)
    show({"replayed": webhook_id, "from": first}, as_json)


@webhooks_app.command("rotate")
def rotate(
    webhook_id: WebhookId,
    hours: Annotated[int, typer.Option(help="Hours for which the older secret signs too.", min=0, max=24 * 90)] = 24,
    as_json: Json = False,
) -> None:
    """Make a new secret, and show it: this once only. For some time every delivery is signed with both."""
    with open_receivers(Settings(), discover()) as receivers:
        secret = receivers.rotate(webhook_id, timedelta(hours=hours))
    show({"id": webhook_id, "secret": secret}, as_json)


@webhooks_app.command("deliveries")
def deliveries(
    webhook_id: WebhookId,
    failed: Annotated[bool, typer.Option("--failed", help="Only attempts that were not accepted.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
    as_json: Json = False,
) -> None:
    """List the latest attempts to deliver, newest first."""
    with open_receivers(Settings(), discover()) as receivers:
        rows = receivers.deliveries(webhook_id, failed=failed, limit=limit)
    shown = [row | {"at": plain_time(row["at"]), "milliseconds": row["duration"] // 1000} for row in rows]
    table(shown, as_json, ("at", "position", "case_id", "attempt", "status", "error", "milliseconds"))


@webhooks_app.command("held")
def held(
    webhook_id: WebhookId,
    failed: Annotated[bool, typer.Option("--failed", help="Only those that are tried no more.")] = False,
    as_json: Json = False,
) -> None:
    """List the cases held back because a delivery was not accepted, each with the position it waits at."""
    with open_receivers(Settings(), discover()) as receivers:
        rows = receivers.held(webhook_id, failed=failed)
    shown = [row | {"next_try": None if row["failed"] else plain_time(row["retry_at"])} for row in rows]
    table(shown, as_json, ("case_id", "position", "version", "attempts", "error", "next_try", "failed"))


@webhooks_app.command("retry")
def retry(
    webhook_id: WebhookId,
    case: Annotated[UUID | None, typer.Option(help="Only this case.")] = None,
    as_json: Json = False,
) -> None:
    """Try the cases held back again at once, those that failed too."""
    with open_receivers(Settings(), discover()) as receivers:
        count = receivers.retry(webhook_id, case)
    show({"id": webhook_id, "cases": count}, as_json)


@webhooks_app.command("skip")
def skip(webhook_id: WebhookId, case_id: CaseId, as_json: Json = False) -> None:
    """Give up the one event a held case waits with, and go on with the case's next."""
    with open_receivers(Settings(), discover()) as receivers:
        receivers.skip(webhook_id, case_id)
    show({"id": webhook_id, "case_id": case_id}, as_json)


@webhooks_app.command("prune")
def prune(
    days: Annotated[int, typer.Option("--older-than", help="Days that attempts are kept.", min=1)], as_json: Json = False
) -> None:
    """Delete older attempts from the log of deliveries."""
    with open_receivers(Settings(), discover()) as receivers:
        count = receivers.prune(timedelta(days=days))
    show({"deleted": count}, as_json)


@webhooks_app.command("run")
def run(as_json: Json = False) -> None:
    """Deliver as a process of its own, until it is told to end."""
    settings = Settings()
    logging.configure()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with open_dispatcher(settings):
        show({"webhooks": "delivering"}, as_json)
        ended.wait()
