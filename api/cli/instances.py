"""Commands that make and keep an instance: init, migrate, token, backup, restore."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from api.cli.output import Json, progress, show
from api.commands import command_routes
from application.access import ROLES
from application.errors import Invalid
from domain.catalogue import Catalogue, discover
from domain.profiles import Profile
from infrastructure import backup as backups
from infrastructure import instance
from infrastructure.actors import Registration, registered
from infrastructure.actors import register as register_person
from infrastructure.database import engine_of
from infrastructure.profiles import installed
from infrastructure.settings import Settings

LONGEST_TOKEN = 30 * 24 * 3600


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(init)
    app.command()(migrate)
    app.command()(token)
    app.command()(backup)
    app.command()(restore)


def init(
    admin: Annotated[str, typer.Option(help="Id of the first administrator, who gets the role operator.")] = "operator",
    unit: Annotated[str, typer.Option(help="The administrator's unit.")] = "operations",
    as_json: Json = False,
) -> None:
    """Make an instance: its folder with keys, the database schema, the first administrator, the ledger's first event."""
    settings = Settings()
    person = Registration(admin, unit, settings.agency, ("operator",))
    ledger_id = instance.initialize(settings, discover(), person)
    show({"instance": settings.instance.absolute(), "ledger_id": ledger_id, "administrator": admin}, as_json)


def migrate(as_json: Json = False) -> None:
    """Bring the database to this program's schema."""
    settings = Settings()
    instance.bring_up_to_date(settings)
    show({"schema": "current"}, as_json)


def token(
    user: Annotated[str, typer.Option(help="Id of the person the token speaks for.")],
    role: Annotated[str, typer.Option(help=f"One of: {', '.join(sorted(ROLES))}.")],
    ttl: Annotated[int, typer.Option(help="Seconds it lives, at most 30 days.", min=60, max=LONGEST_TOKEN)] = 8 * 3600,
    unit: Annotated[str | None, typer.Option(help="Register or move the person: their unit.")] = None,
    function: Annotated[list[str] | None, typer.Option(help="With --unit: a function they hold; may be repeated.")] = None,
    as_json: Json = False,
) -> None:
    """Issue a bearer token. With --unit the person is registered with that role first, or given it in addition."""
    settings = Settings()
    secrets = instance.require_ready(settings)
    check_functions(settings, function or (), unit)
    with engine_of(settings) as engine:
        known = registered(engine).get(user)
        if known is not None and not known.active:
            raise Invalid("user", f"{user} may no longer act: casetrail people change {user} --active lets them again")
        if unit is not None:
            roles = {role, *(known.roles if known else ())}
            functions = {*(function or ()), *(known.functions if known else ())}
            register_person(engine, Registration(user, unit, settings.agency, tuple(roles), tuple(functions)))
        elif known is None or role not in known.roles:
            raise Invalid("user", f"{user} is not registered in the role {role}: name --unit to register them")
    text = instance.issuer(secrets).issue(user, role, ttl)
    if as_json:
        show({"token": text, "user": user, "role": role, "expires_in": ttl}, as_json)
    else:
        print(text)


def check_functions(settings: Settings, functions: Sequence[str], unit: str | None) -> None:
    """Raise Invalid for functions that nothing asks for, or that would be given to nobody."""
    if functions and unit is None:
        raise Invalid("function", "name --unit too: functions are given where a person is registered")
    if functions:
        catalogue = discover()
        asked_for = {route.command.by.function for route in command_routes(catalogue)}
        asked_for |= {demand.function for law in installed_law(settings, catalogue) for demand in law.demands.values()}
        if unknown := set(functions) - asked_for:
            there_are = ", ".join(sorted(name for name in asked_for if name))
            raise Invalid("function", f"there is no function {', '.join(sorted(unknown))}: there are {there_are}")


def installed_law(settings: Settings, catalogue: Catalogue) -> Iterable[Profile]:
    """The rule profiles of the instance, whose demands may name functions of their own. Raises ProfileFault."""
    return installed(catalogue, () if settings.profiles is None else (settings.profiles,)).values()


def backup(folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")], as_json: Json = False) -> None:
    """Copy the ledger and its keys into a new folder, under one snapshot; the server may go on."""
    with progress("copying") as report:
        manifest = backups.backup(Settings(), folder, report)
    show({"folder": folder, "ledger_id": manifest.ledger_id, "position": manifest.position}, as_json)


def restore(folder: Annotated[Path, typer.Argument(help="A folder made by backup.")], as_json: Json = False) -> None:
    """Make a new instance from a backup; its read models are rebuilt from the log when it serves."""
    with progress("restoring") as report:
        manifest = backups.restore(Settings(), folder, report)
    show({"instance": Settings().instance, "ledger_id": manifest.ledger_id, "position": manifest.position}, as_json)
