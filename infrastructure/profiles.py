"""Reads rule profiles and working-day calendars from TOML files. The shapes are strict: an unknown key is refused.

A folder holds ``<id>@<version>.toml`` and ``calendars/<id>@<version>.toml``. Every fault names the file, the key and the
reason; all of them are found before one is reported, and nothing of a faulty set is installed.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from domain import profiles as law
from domain.calendars import WorkingDays
from domain.catalogue import Catalogue
from domain.contradictions import contradictions, overlaps
from domain.values import Material

SHIPPED = Path(__file__).with_name("profile_files")
"""The profiles that come with casetrail."""

NAME = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
Id = Annotated[str, Field(pattern=f"^{NAME}$", max_length=40)]
Name = Annotated[str, Field(pattern=f"^{NAME}@[1-9][0-9]*$", max_length=50)]
Version = Annotated[int, Field(ge=1, le=9999)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
WORD = Field(strict=False)
"""For a word of a list: a file can only state its text."""

WireName = Annotated[str, Field(pattern=r"^[a-z]+\.[a-z_]+$", max_length=80)]


class ProfileFault(ValueError):
    """Profiles that cannot be installed: one line for each fault, with file, key and reason."""

    def __init__(self, faults: Sequence[str]) -> None:
        """Keep every fault found."""
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


# --- Shapes of the files --------------------------------------------------------------------------------------


class Shape(BaseModel):
    """What every part of a file is: strict in its types, with no key that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class EventShape(Shape):
    """An event, and what one of its fields must be."""

    event: WireName
    field: Key
    equals: Annotated[str, Field(min_length=1, max_length=64)]


Triggers = list[WireName | EventShape]


class DurationShape(Shape):
    """An amount in one unit: ``{ hours = 24 }``."""

    hours: Annotated[int, Field(ge=1, le=100_000)] | None = None
    days: Annotated[int, Field(ge=1, le=10_000)] | None = None
    working_days: Annotated[int, Field(ge=1, le=1000)] | None = None
    months: Annotated[int, Field(ge=1, le=600)] | None = None

    @model_validator(mode="after")
    def in_one_unit(self) -> Self:
        """Refuse none and several."""
        if len(self.model_fields_set) != 1:
            raise ValueError("a duration has exactly one unit")
        return self

    def read(self) -> law.Duration:
        """The duration."""
        ((unit, amount),) = self.model_dump(exclude_none=True).items()
        return law.Duration(amount, law.DurationUnit(unit))


class CountingShape(Shape):
    """How days are counted; every key is stated."""

    first_day_counts: bool
    ends: Annotated[law.Ends, WORD]
    roll: Annotated[law.Roll, WORD]
    calendar: Name | None = None


class ConditionShape(Shape):
    """A fact with its values, or with dates: ``from`` included, ``until`` excluded."""

    fact: Annotated[law.Fact, WORD]
    is_: Annotated[list[str], Field(alias="is", max_length=20)] = []
    from_: Annotated[date | None, Field(alias="from")] = None
    until: date | None = None


class ExtensionShape(Shape):
    """How a clock is prolonged."""

    on: Annotated[Triggers, Field(min_length=1)]
    until: Key
    max_each: DurationShape
    max_total: DurationShape
    by_role: Id
    independent_of: list[Id] = []
    must_precede_expiry: bool
    needs: list[Annotated[law.Needs, WORD]] = []


class ClockShape(Shape):
    """A clock as a file states it."""

    id: Id
    starts_on: Annotated[Triggers, Field(min_length=1)]
    stops_on: Triggers = []
    pauses_on: Triggers = []
    resumes_on: Triggers = []
    per: Key | None = None
    again: Annotated[law.Again, WORD] = law.Again.IGNORED
    duration: DurationShape | None = None
    stated_by: Key | None = None
    counting: CountingShape | None = None
    applies_if: list[ConditionShape] = []
    extension: ExtensionShape | None = None
    warn_before: list[DurationShape] = []
    on_expiry: Annotated[law.OnExpiry, WORD]
    limit: Key | None = None
    legal_ref: Text


class WindowShape(Shape):
    """The dates on which a profile is selected: ``from`` included, ``until`` excluded."""

    from_: Annotated[date, Field(alias="from")]
    until: date | None = None


class SelectionShape(Shape):
    """For which legal bases and dates a profile is, and by which date that is decided."""

    legal_bases: Annotated[list[Id], Field(min_length=1)]
    selects_on: Annotated[law.SelectsOn, WORD]
    transitional: Text
    window: WindowShape
    supersedes: Name | None = None


class CorrectionsShape(Shape):
    """What a correction changes only with a second person."""

    material: list[Annotated[Material, WORD]]


class TolerancesShape(Shape):
    """By how much two findings may differ unremarked: grams for weighings."""

    weight_grams: Annotated[int | float, Field(ge=0, le=1_000_000)]


class DemandShape(Shape):
    """What a profile demands of one command."""

    command: Annotated[str, Field(pattern=r"^[A-Z][A-Za-z]*$", max_length=80)]
    function: Id | None = None
    values: dict[Key, Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], Field(min_length=1)]] = {}
    apart_from: list[WireName] = []

    def read(self) -> law.Demand:
        """The demand."""
        values = {name: frozenset(permitted) for name, permitted in self.values.items()}
        return law.Demand(
            command=self.command, function=self.function, values=MappingProxyType(values), apart_from=frozenset(self.apart_from)
        )  # fmt: skip


class ProfileShape(Shape):
    """A profile as a file states it."""

    id: Id
    version: Version
    title: Text
    verified: bool
    source: Text
    extends: Name | None = None
    selection: SelectionShape
    corrections: CorrectionsShape | None = None
    tolerances: TolerancesShape | None = None
    clocks: list[ClockShape] = []
    demands: list[DemandShape] = []

    @property
    def name(self) -> str:
        """The name a case is pinned to."""
        return f"{self.id}@{self.version}"


class CalendarShape(Shape):
    """A calendar as a file states it."""

    id: Id
    version: Version
    source: Text
    first: date
    last: date
    weekend: list[Annotated[int, Field(ge=1, le=7)]]
    holidays: list[date]

    @property
    def name(self) -> str:
        """The name a profile counts by."""
        return f"{self.id}@{self.version}"

    def read(self) -> WorkingDays:
        """The calendar."""
        return WorkingDays(
            self.name, self.source, self.first, self.last, frozenset(self.weekend), frozenset(self.holidays)
        )  # fmt: skip


# --- From shapes to profiles ----------------------------------------------------------------------------------


def triggers(stated: Triggers) -> law.Triggers:
    """Events as the domain has them."""
    return tuple(law.Trigger(t) if isinstance(t, str) else law.Trigger(t.event, t.field, t.equals) for t in stated)


def counting(stated: CountingShape, calendars: Mapping[str, WorkingDays]) -> law.Counting:
    """The way of counting, its calendar found. Raises ValueError."""
    if stated.calendar is not None and stated.calendar not in calendars:
        raise ValueError(f"counting.calendar: there is no calendar {stated.calendar}")
    calendar = calendars[stated.calendar] if stated.calendar else None
    return law.Counting(stated.first_day_counts, stated.ends, stated.roll, calendar)


def extension(stated: ExtensionShape) -> law.Extension:
    """The rule of an extension."""
    return law.Extension(
        on=triggers(stated.on), until=stated.until, max_each=stated.max_each.read(), max_total=stated.max_total.read(),
        by_role=stated.by_role, independent_of=tuple(stated.independent_of),
        must_precede_expiry=stated.must_precede_expiry, needs=tuple(stated.needs),
    )  # fmt: skip


def clock(stated: ClockShape, calendars: Mapping[str, WorkingDays]) -> law.Clock:
    """A clock as the domain has it. Raises ValueError."""
    return law.Clock(
        id=stated.id, starts_on=triggers(stated.starts_on), stops_on=triggers(stated.stops_on),
        pauses_on=triggers(stated.pauses_on), resumes_on=triggers(stated.resumes_on), per=stated.per,
        again=stated.again, duration=stated.duration.read() if stated.duration else None,
        stated_by=stated.stated_by, counting=counting(stated.counting, calendars) if stated.counting else None,
        applies_if=tuple(law.Condition(c.fact, tuple(c.is_), c.from_, c.until) for c in stated.applies_if),
        extension=extension(stated.extension) if stated.extension else None,
        warn_before=tuple(warning.read() for warning in stated.warn_before),
        on_expiry=stated.on_expiry, limit=stated.limit, legal_ref=stated.legal_ref,
    )  # fmt: skip


# --- Reading a set --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Reader:
    """Reads files into shapes and shapes into profiles, and collects what is wrong with them."""

    faults: list[str]
    profiles: dict[str, tuple[Path, ProfileShape]]
    calendars: dict[str, WorkingDays]
    made: dict[str, law.Profile]

    def folder(self, folder: Path) -> None:
        """Take every file of a folder in."""
        if not folder.is_dir():
            self.faults.append(f"{folder}: there is no such folder")
        for path in sorted(folder.glob("calendars/*.toml")):
            found = self.shape(path, CalendarShape)
            if found is not None and self.fresh(path, found.name, self.calendars):
                self.calendars[found.name] = found.read()
        for path in sorted(folder.glob("*.toml")):
            profile = self.shape(path, ProfileShape)
            if profile is not None and self.fresh(path, profile.name, self.profiles):
                self.profiles[profile.name] = path, profile

    def shape(self, path: Path, shape: type[Any]) -> Any:
        """A file in its shape; None, and the reasons noted, if it has another."""
        try:
            return shape.model_validate(tomllib.loads(path.read_text("utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            self.faults.append(f"{path.name}: not readable as TOML: {error}")
        except ValidationError as error:
            self.faults += [f"{path.name}: {'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors()]
        return None

    def fresh(self, path: Path, name: str, known: Mapping[str, object]) -> bool:
        """Whether a file is named for what it holds, and nothing of that name was read before."""
        if path.stem != name:
            self.faults.append(f"{path.name}: id and version say {name}: the file must be named {name}.toml")
        elif name in known:
            self.faults.append(f"{path.name}: {name} is there twice; what is published once never changes")
        else:
            return True
        return False

    def profile(self, name: str, above: tuple[str, ...] = ()) -> law.Profile | None:
        """A profile with what it extends; None, and the reasons noted, if it cannot be made."""
        if name in self.made:
            return self.made[name]
        path, stated = self.profiles[name]
        base: law.Profile | None = None
        if stated.extends is not None:
            if stated.extends not in self.profiles or stated.extends in (*above, name):
                self.faults.append(f"{path.name}: extends: there is no {stated.extends} that it could extend")
                return None
            base = self.profile(stated.extends, (*above, name))
            if base is None:
                return None
        else:
            parts = {"corrections": stated.corrections, "tolerances": stated.tolerances}
            missing = (key for key, part in parts.items() if part is None)
            self.faults += [f"{path.name}: {key}: a profile that extends no other states them" for key in missing]
        try:
            self.made[name] = built(stated, base, self.clocks(path, stated), self.demands(path, stated))
        except ValueError as error:
            self.faults.append(f"{path.name}: {error}")
        return self.made.get(name)

    def clocks(self, path: Path, stated: ProfileShape) -> dict[str, law.Clock]:
        """The clocks a file states itself, by id."""
        found: dict[str, law.Clock] = {}
        for each in stated.clocks:
            if each.id in found:
                self.faults.append(f"{path.name}: clock {each.id}: there twice")
            try:
                found[each.id] = clock(each, self.calendars)
            except ValueError as error:
                self.faults.append(f"{path.name}: clock {each.id}: {error}")
        return found

    def demands(self, path: Path, stated: ProfileShape) -> dict[str, law.Demand]:
        """The demands a file states itself, by command."""
        found: dict[str, law.Demand] = {}
        for each in stated.demands:
            if each.command in found:
                self.faults.append(f"{path.name}: demand on {each.command}: there twice")
            found[each.command] = each.read()
        return found


def built(
    stated: ProfileShape, base: law.Profile | None, clocks: dict[str, law.Clock], demands: dict[str, law.Demand]
) -> law.Profile:
    """A profile as the domain has it, with what it does not state taken from the one it extends. Raises ValueError."""
    selection = stated.selection
    material = base.material if base else frozenset[Material]()
    tolerance = base.weight_tolerance if base else Decimal(0)
    if stated.corrections is not None:
        material = frozenset(stated.corrections.material)
    if stated.tolerances is not None:
        tolerance = Decimal(str(stated.tolerances.weight_grams))
    if base is not None:
        clocks, demands = {each.id: each for each in base.clocks} | clocks, {**base.demands, **demands}
    return law.Profile(
        id=stated.id, version=stated.version, title=stated.title, verified=stated.verified, source=stated.source,
        legal_bases=frozenset(selection.legal_bases), selects_on=selection.selects_on,
        transitional=selection.transitional, window=law.Window(selection.window.from_, selection.window.until),
        clocks=tuple(clocks.values()), supersedes=selection.supersedes, material=material, weight_tolerance=tolerance,
        demands=MappingProxyType(demands),
    )  # fmt: skip


def installed(catalogue: Catalogue, folders: Iterable[Path] = ()) -> Mapping[str, law.Profile]:
    """The shipped profiles and those of more folders, by name, checked. Raises ProfileFault with everything that is wrong."""
    reader = Reader([], {}, {}, {})
    for folder in (SHIPPED, *folders):
        reader.folder(folder)
    for name in reader.profiles:
        profile = reader.profile(name)
        if profile is not None:
            found = contradictions(profile, catalogue)
            reader.faults += [f"{reader.profiles[name][0].name}: {fault}" for fault in found]
    faults = [*dict.fromkeys(reader.faults), *overlaps(reader.made.values())]
    if faults:
        raise ProfileFault(faults)
    return MappingProxyType(reader.made)
