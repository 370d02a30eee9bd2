"""Rule profiles: profiles check, profiles show, profiles diff. None of them asks a database."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.output import Json, show, table
from application.errors import Invalid
from domain.calendars import WorkingDays
from domain.catalogue import discover
from domain.profiles import DEFAULT_PROFILE, Condition, Duration, Profile, Trigger
from infrastructure.profiles import installed
from infrastructure.settings import Settings

NEUTRAL_NOTICE = "Engineering defaults: no country's law. An agency replaces them by a profile that counsel has verified."
WARNING = (
    "UNVERIFIED: an illustration. Nobody has confirmed these figures; no case is moved to it unless the instance allows it."
)

Folder = Annotated[Path | None, typer.Option(help="A folder of further profiles; CASETRAIL_PROFILES unless named.")]

profiles = typer.Typer(help="Rule profiles: the clocks and demands of a law as data.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    profiles.command()(check)
    profiles.command("show")(show_profile)
    profiles.command()(diff)
    app.add_typer(profiles, name="profiles")


def read(folder: Path | None) -> Mapping[str, Profile]:
    """The profiles of an instance, checked. Raises ProfileFault."""
    folder = folder or Settings().profiles
    return installed(discover(), () if folder is None else (folder,))


def named(known: Mapping[str, Profile], name: str) -> Profile:
    """A profile by its name. Raises Invalid."""
    if name not in known:
        raise Invalid("profile", f"{name} is not installed; there are {', '.join(sorted(known))}")
    return known[name]


def notice(profile: Profile) -> str:
    """What must be said before a profile's figures are read."""
    if profile.verified:
        return "verified"
    return NEUTRAL_NOTICE if profile.name == DEFAULT_PROFILE else WARNING


def words(value: object) -> Any:
    """The smallest parts of a profile as a person would write them; a calendar by its name."""
    match value:
        case WorkingDays(name=name):
            text = name
        case Trigger():
            text = value.event if value.field is None else f"{value.event}[{value.field}={value.equals}]"
        case Duration():
            text = f"{value.amount} {value.unit}"
        case Condition(fact=fact, values=values, begins=begins, ends=ends):
            dates = [f"from {begins}"] * (begins is not None) + [f"until {ends}"] * (ends is not None)
            text = f"{fact} {' or '.join(values) or ' '.join(dates)}"
        case timedelta():
            text = f"{value.total_seconds() / 3600:g} hours"
        case date() | Enum() | Decimal():
            text = str(value)
        case _:
            return value
    return text


def plain(value: object) -> Any:
    """A part of a profile as JSON values."""
    said = words(value)
    if is_dataclass(said) and not isinstance(said, type):
        return {f.name: plain(getattr(said, f.name)) for f in fields(said)}
    if isinstance(said, Mapping):
        return {key: plain(each) for key, each in sorted(said.items())}
    if isinstance(said, tuple | frozenset):
        return [plain(each) for each in (sorted(said) if isinstance(said, frozenset) else said)]
    return said


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every value in a plain structure with its path; clocks by their ids, so that one more does not move the others."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value and isinstance(value[0], dict) and "id" in value[0]:
        for each in value:
            yield from leaves({k: v for k, v in each.items() if k != "id"}, f"{path}.{each['id']}")
    elif value is not None and value != []:
        yield path, ", ".join(value) if isinstance(value, list) else str(value)


def check(folder: Folder = None, as_json: Json = False) -> None:
    """Check the shipped profiles and those of a folder; faults name the file, the key and the reason."""
    rows = [
        {
            "profile": profile.name, "clocks": len(profile.clocks), "legal_bases": ", ".join(sorted(profile.legal_bases)),
            "from": profile.window.begins, "until": profile.window.ends, "verified": "yes" if profile.verified else "no",
        }
        for _, profile in sorted(read(folder).items())
    ]  # fmt: skip
    table(rows, as_json, ("profile", "clocks", "legal_bases", "from", "until", "verified"))


def show_profile(name: Annotated[str, typer.Argument(help="id@version")], folder: Folder = None, as_json: Json = False) -> None:
    """Show a profile with every clock and demand, what it extends included."""
    profile = named(read(folder), name)
    if as_json:
        show({"name": name, "notice": notice(profile), **plain(profile)}, as_json)
        return
    print(f"{name}  {profile.title}\n{notice(profile)}\n{profile.source}")
    print(f"for {', '.join(sorted(profile.legal_bases))} by {profile.selects_on}: {profile.transitional}")
    print(f"weighings may differ by {profile.weight_tolerance} g unremarked")
    for clock in profile.clocks:
        print()
        show(dict(leaves(plain(clock))), as_json)
    for _, demand in sorted(profile.demands.items()):
        print()
        show(dict(leaves(plain(demand))), as_json)


def diff(
    old: Annotated[str, typer.Argument(help="id@version")],
    new: Annotated[str, typer.Argument(help="id@version")],
    folder: Folder = None,
    as_json: Json = False,
) -> None:
    """Show what one profile says otherwise than another, key by key."""
    known = read(folder)
    before, after = (dict(leaves(plain(named(known, name)))) for name in (old, new))
    rows = [
        {"key": key, "old": before.get(key), "new": after.get(key)}
        for key in sorted({*before, *after})
        if before.get(key) != after.get(key)
    ]
    table(rows, as_json, ("key", "old", "new"))
