"""Who may act: people list, people change."""

from dataclasses import replace
from typing import Annotated

import typer

from api.cli.output import Json, table
from application.errors import Invalid
from infrastructure import instance
from infrastructure.actors import Registration, registered
from infrastructure.actors import register as register_person
from infrastructure.database import engine_of
from infrastructure.settings import Settings

COLUMNS = ("id", "unit", "agency", "roles", "functions", "active")

people = typer.Typer(help="Who may act: their unit, roles and functions.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    people.command("list")(list_people)
    people.command()(change)
    app.add_typer(people, name="people")


def ready() -> Settings:
    """The settings of an instance that is there."""
    settings = Settings()
    instance.require_ready(settings)
    return settings


def shown(person: Registration, as_json: bool) -> dict[str, object]:
    """A person as printed."""
    roles, functions = (list(names) if as_json else ", ".join(names) for names in (person.roles, person.functions))
    return {
        "id": person.id, "unit": person.unit, "agency": person.agency, "roles": roles, "functions": functions,
        "active": person.active,
    }  # fmt: skip


def list_people(as_json: Json = False) -> None:
    """Everybody who is registered, also those who may no longer act."""
    with engine_of(ready()) as engine:
        rows = [shown(person, as_json) for _, person in sorted(registered(engine).items())]
    table(rows, as_json, COLUMNS)


def change(
    user: Annotated[str, typer.Argument(help="Id of the person.")],
    without_role: Annotated[list[str] | None, typer.Option(help="A role they lose; may be repeated.")] = None,
    without_function: Annotated[list[str] | None, typer.Option(help="A function they lose; may be repeated.")] = None,
    active: Annotated[bool | None, typer.Option("--active/--inactive", help="Whether they may act at all.")] = None,
    as_json: Json = False,
) -> None:
    """Take roles or functions away, or all access at once. In force within two seconds; nobody is ever deleted."""
    with engine_of(ready()) as engine:
        person = registered(engine).get(user)
        if person is None:
            raise Invalid("user", f"{user} is not registered")
        changed = replace(
            person,
            roles=tuple(role for role in person.roles if role not in (without_role or ())),
            functions=tuple(function for function in person.functions if function not in (without_function or ())),
            active=person.active if active is None else active,
        )
        lost = {*(without_role or ()), *(without_function or ())} - {*person.roles, *person.functions}
        if lost:
            raise Invalid("user", f"{user} does not have {', '.join(sorted(lost))}")
        register_person(engine, changed)
    table([shown(changed, as_json)], as_json, COLUMNS)
