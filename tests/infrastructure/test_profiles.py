"""Profile files: each fault is named by file, key and reason, nothing faulty is installed, a jurisdiction is one file."""

import json
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from api.cli.profiles import NEUTRAL_NOTICE, WARNING
from domain.catalogue import discover
from domain.clocks import deadlines
from domain.deadlines import select
from domain.history import effective
from domain.profiles import DEFAULT_PROFILE, Demand
from infrastructure.profiles import SHIPPED, ProfileFault, installed
from infrastructure.settings import Settings
from infrastructure.wiring import law_of
from tests.api.terminal import Terminal
from tests.domain.test_detention import APPREHENDED
from tests.scenario import HOUR, NOON, given

CATALOGUE = discover()
GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "profiles.json"
ISLAND = """
id = "island"
version = 1
title = "A sample jurisdiction"
verified = true
source = "Sample"
extends = "default-neutral@1"

[selection]
legal_bases = ["island-act"]
selects_on = "first_custody"
transitional = "None."
window = { from = 2020-01-01 }

[[clocks]]
id = "limit-without-judge"
starts_on = ["detention.person_apprehended"]
stops_on = ["detention.judicial_decision_recorded", "detention.person_released"]
duration = { hours = 40 }
warn_before = [{ hours = 4 }]
on_expiry = "restrict_commands"
limit = "without_judge"
legal_ref = "Island Act, s. 1"
"""
DEMANDING = (
    ISLAND
    + """
[[demands]]
command = "PostponeReview"
function = "review"
values = { ground = ["medical_care"] }
apart_from = ["detention.authorized"]
"""
)
ROLLING = """{ days = 2 }
counting = { first_day_counts = true, ends = "end_of_day", roll = "next_working_day", calendar = "island@1" }"""
CALENDAR = """
id = "island"
version = 1
source = "Sample"
first = 2020-01-01
last = 2021-12-31
weekend = [5, 6]
holidays = [2020-06-01]
"""


def folder(tmp_path: Path, **files: str) -> Path:
    """A folder of profiles; a name ends in its version, as ``island_1``."""
    for name, text in files.items():
        (tmp_path / f"{'@'.join(name.rsplit('_', 1))}.toml").write_text(text, "utf-8")
    return tmp_path


def faults(where: Path) -> list[str]:
    """What is wrong with the profiles of a folder."""
    with pytest.raises(ProfileFault) as caught:
        installed(CATALOGUE, [where])
    return list(caught.value.faults)


# --- Adding a jurisdiction -----------------------------------------------------------------------------------------


def test_a_jurisdiction_is_added_by_one_file(tmp_path: Path) -> None:
    known = installed(CATALOGUE, [folder(tmp_path, island_1=ISLAND)])
    profile = select(known.values(), "island-act", date(2026, 3, 2))
    assert profile.name == "island@1"
    found = {d.clock: d for d in deadlines(profile, effective(given(APPREHENDED)))}
    assert (found["limit-without-judge"].due, found["limit-without-judge"].legal_ref) == (NOON + 40 * HOUR, "Island Act, s. 1")
    assert found["executive-limit"].due == NOON + 24 * HOUR, "what it does not state is the default's"


def test_an_instance_names_its_folder_and_whether_it_allows_what_nobody_verified(tmp_path: Path) -> None:
    law = law_of(Settings(profiles=folder(tmp_path, island_1=ISLAND)), CATALOGUE)
    assert {name for name, profile in law.installed.items() if law.permits(profile)} == {"island@1", DEFAULT_PROFILE}
    allowed = law_of(Settings(unverified_profiles=True), CATALOGUE)
    assert all(allowed.permits(profile) for profile in allowed.installed.values())


def test_no_shipped_profile_claims_to_be_verified() -> None:
    assert [name for name, profile in installed(CATALOGUE).items() if profile.verified] == []


def test_what_is_published_never_changes() -> None:
    """A file that stands is never edited: an amendment is another version, and one more line here."""
    kept = json.loads(GOLDEN.read_text("utf-8"))
    found = {p.relative_to(SHIPPED).as_posix(): sha256(p.read_bytes()).hexdigest() for p in SHIPPED.rglob("*.toml")}
    assert found == kept


# --- Faults --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('title = "A', 'titel = "A', "island@1.toml: titel: Extra inputs are not permitted"),
        ('title = "A sample jurisdiction"\n', "", "island@1.toml: title: Field required"),
        ("verified = true", 'verified = "yes"', "island@1.toml: verified: Input should be a valid boolean"),
        ("{ hours = 40 }", "{ hours = 40, days = 2 }", "clocks.0.duration: Value error, a duration has exactly one unit"),
        ("{ hours = 40 }", "{ hours = 0 }", "clocks.0.duration.hours: Input should be greater"),
        ('"restrict_commands"', '"release"', "island@1.toml: clocks.0.on_expiry: Input should be 'alarm', "),
        ('"detention.person_apprehended"', '"detention.arrested"', "no kind of case has the event detention.arrested"),
        ("default-neutral@1", "default-neutral@7", "island@1.toml: extends: there is no default-neutral@7"),
        ('extends = "default-neutral@1"\n', "", "no clock with a duration carries the limit executive"),
        ("version = 1", "version = 2", "the file must be named island@2.toml"),
        ("[selection]", "[selection", "island@1.toml: not readable as TOML"),
        ('["island-act"]', '["gb-eaw-pace"]', "both are selected for gb-eaw-pace on some dates"),
        ("{ hours = 40 }", ROLLING.replace("island@1", "no@1"),
         "island@1.toml: clock limit-without-judge: counting.calendar: there is no calendar no@1"),
        ('default-neutral@1"', 'island@1"', "island@1.toml: extends: there is no island@1 that it could extend"),
    ],
)  # fmt: skip
def test_a_broken_profile_is_refused_by_file_key_and_reason(tmp_path: Path, old: str, new: str, fault: str) -> None:
    broken = ISLAND.replace(old, new, 1)
    assert broken != ISLAND
    found = faults(folder(tmp_path, island_1=broken))
    assert any(fault in each for each in found), found


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("function =", "role =", "island@1.toml: demands.0.role: Extra inputs are not permitted"),
        ('command = "PostponeReview"\n', "", "island@1.toml: demands.0.command: Field required"),
        ('"PostponeReview"', '"postpone-review"', "island@1.toml: demands.0.command: String should match pattern"),
        ('["medical_care"]', "[]", "island@1.toml: demands.0.values.ground: List should have at least 1 item"),
        ('["medical_care"]', '"medical_care"', "island@1.toml: demands.0.values.ground: Input should be a valid list"),
        ('"detention.authorized"', '"authorized"', "island@1.toml: demands.0.apart_from.0: String should match pattern"),
        ('"PostponeReview"', '"PostponeIt"', "island@1.toml: demand on PostponeIt: no kind of case has this command"),
        ("ground =", "cause =", "island@1.toml: demand on PostponeReview: values: PostponeReview has no field cause"),
        ('"medical_care"', '"holidays"', "demand on PostponeReview: values: PostponeReview never has ground = holidays"),
        ("detention.authorized", "detention.arrested", "apart_from: no kind of case has the event detention.arrested"),
        ("detention.authorized", "seizure.closed", "seizure.closed never happens in a case of the kind detention"),
        ('"PostponeReview"', '"ReleasePerson"', "a release, an escape or a death is subject to no demand"),
        ('"PostponeReview"', '"OpenDetention"', "demand on OpenDetention: a case is opened before it is under a profile"),
        ('"PostponeReview"', '"RecordLinkAnswer"', "demand on RecordLinkAnswer: only the system gives this command"),
        (DEMANDING[DEMANDING.index("function ="):], "", "demand on PostponeReview: nothing is demanded"),
    ],
)  # fmt: skip
def test_a_broken_demand_is_refused_by_file_command_and_reason(tmp_path: Path, old: str, new: str, fault: str) -> None:
    broken = new.join(DEMANDING.rsplit(old, 1))
    assert broken != DEMANDING
    found = faults(folder(tmp_path, island_1=broken))
    assert any(fault in each for each in found), found


@pytest.mark.parametrize(
    ("stated", "fault"),
    [
        ("weight_grams = -1", "island@1.toml: tolerances.weight_grams"), ('weight_grams = "50"', "tolerances.weight_grams"),
        ("weight_grams = nan", "tolerances.weight_grams"), ("weight_grams = true", "tolerances.weight_grams"),
        ("weight = 5", "island@1.toml: tolerances.weight: Extra inputs are not permitted"),
    ],
)  # fmt: skip
def test_a_broken_tolerance_is_refused(tmp_path: Path, stated: str, fault: str) -> None:
    found = faults(folder(tmp_path, island_1=f"{ISLAND}\n[tolerances]\n{stated}\n"))
    assert any(fault in each for each in found), found


def test_a_tolerance_is_inherited_unless_it_is_stated(tmp_path: Path) -> None:
    finer = ISLAND.replace('"island"', '"reef"').replace("island-act", "reef-act") + "\n[tolerances]\nweight_grams = 0.5\n"
    known = installed(CATALOGUE, [folder(tmp_path, island_1=ISLAND, reef_1=finer)])
    tolerances = {name: known[name].weight_tolerance for name in (DEFAULT_PROFILE, "island@1", "reef@1")}
    assert tolerances == {DEFAULT_PROFILE: Decimal(50), "island@1": Decimal(50), "reef@1": Decimal("0.5")}


def test_a_demand_there_twice_is_refused(tmp_path: Path) -> None:
    twice = DEMANDING + DEMANDING[DEMANDING.index("[[demands]]") :]
    assert faults(folder(tmp_path, island_1=twice)) == ["island@1.toml: demand on PostponeReview: there twice"]


def test_a_demand_replaces_the_one_it_extends_and_leaves_the_others(tmp_path: Path) -> None:
    known = installed(CATALOGUE, [folder(tmp_path, island_1=DEMANDING)])
    own, defaults = known["island@1"].demands, known[DEFAULT_PROFILE].demands
    assert own["PostponeReview"] == Demand(
        command="PostponeReview", function="review", values={"ground": frozenset({"medical_care"})},
        apart_from=frozenset({"detention.authorized"}),
    )  # fmt: skip
    assert {name for name in own if own[name] != defaults.get(name)} == {"PostponeReview"}
    assert set(own) == set(defaults)


def test_every_fault_is_found_at_once(tmp_path: Path) -> None:
    broken = ISLAND.replace("title", "titel").replace("hours = 40", "hours = -1")
    assert len(faults(folder(tmp_path, island_1=broken, main_1="x"))) == 4


def test_a_clock_there_twice_and_a_profile_there_twice_are_refused(tmp_path: Path) -> None:
    twice = ISLAND + ISLAND[ISLAND.index("[[clocks]]") :]
    assert "island@1.toml: clock limit-without-judge: there twice" in faults(folder(tmp_path, island_1=twice))
    neutral = (SHIPPED / f"{DEFAULT_PROFILE}.toml").read_text("utf-8")
    (tmp_path / "island@1.toml").write_text(ISLAND, "utf-8")
    (tmp_path / f"{DEFAULT_PROFILE}.toml").write_text(neutral, "utf-8")
    assert any("what is published once never changes" in fault for fault in faults(tmp_path))


def test_a_profile_on_a_broken_one_is_not_made(tmp_path: Path) -> None:
    alone = ISLAND.replace('extends = "default-neutral@1"\n', "")
    upon = ISLAND.replace('"island"', '"reef"').replace("default-neutral@1", "island@1").replace("island-act", "reef-act")
    first, second, third = faults(folder(tmp_path, island_1=alone, reef_1=upon))
    assert first == "island@1.toml: corrections: a profile that extends no other states them"
    assert second == "island@1.toml: tolerances: a profile that extends no other states them"
    assert third.startswith("island@1.toml: no clock with a duration carries")


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    assert faults(tmp_path / "none") == [f"{tmp_path / 'none'}: there is no such folder"]


def test_calendars_are_read_beside_the_profiles_and_must_cover_them(tmp_path: Path) -> None:
    (tmp_path / "calendars").mkdir()
    (tmp_path / "calendars" / "island@1.toml").write_text(CALENDAR, "utf-8")
    rolling = ISLAND.replace("{ hours = 40 }", ROLLING).replace("2020-01-01 }", "2020-01-01, until = 2021-06-01 }")
    profile = installed(CATALOGUE, [folder(tmp_path, island_1=rolling)])["island@1"]
    (clock,) = [c for c in profile.clocks if c.id == "limit-without-judge"]
    assert clock.counting is not None
    assert clock.counting.calendar is not None
    assert clock.counting.calendar.name == "island@1"
    (tmp_path / "island@1.toml").write_text(rolling.replace("2021-06-01", "2022-06-01"), "utf-8")
    assert any("island@1 does not cover the profile's window" in fault for fault in faults(tmp_path))


# --- The command line -----------------------------------------------------------------------------------------------


def test_profiles_are_checked_shown_and_compared(tmp_path: Path) -> None:
    terminal = Terminal({"CASETRAIL_PROFILES": str(folder(tmp_path, island_1=ISLAND))})
    checked = {row["profile"]: row for row in terminal.type("profiles", "check", "--json").lines}
    assert checked["island@1"]["verified"] == "yes"
    assert checked["gb-eaw-ctl@2"]["verified"] == "no"
    shown = terminal.type("profiles", "show", "gb-eaw-ctl@2")
    assert WARNING in shown.out
    assert "SI 2021/91" in shown.out
    assert NEUTRAL_NOTICE in terminal.type("profiles", "show", DEFAULT_PROFILE).out
    assert terminal.type("profiles", "show", "island@1", "--json").value["notice"] == "verified"
    lines = terminal.type("profiles", "diff", "gb-eaw-ctl@1", "gb-eaw-ctl@2", "--json").lines
    changed = {row["key"]: (row["old"], row["new"]) for row in lines}
    assert changed["clocks.remand-total.duration"] == ("182 days", "238 days")
    assert changed["window.ends"] == ("2031-01-01", "2021-06-28")
    assert terminal.type("profiles", "diff", "gb-eaw-ctl@1", "gb-eaw-ctl@1").out.split() == ["key", "old", "new"]


def test_demands_are_shown_and_compared(tmp_path: Path) -> None:
    terminal = Terminal({"CASETRAIL_PROFILES": str(folder(tmp_path, island_1=DEMANDING))})
    assert "PostponeReview" in terminal.type("profiles", "show", "island@1").out
    shown = terminal.type("profiles", "show", "island@1", "--json").value["demands"]["PostponeReview"]
    assert shown == {
        "command": "PostponeReview", "function": "review", "values": {"ground": ["medical_care"]},
        "apart_from": ["detention.authorized"],
    }  # fmt: skip
    lines = terminal.type("profiles", "diff", DEFAULT_PROFILE, "island@1", "--json").lines
    changed = {row["key"]: (row["old"], row["new"]) for row in lines if row["key"].startswith("demands.")}
    assert changed == {
        "demands.PostponeReview.values.ground": ("interview_in_progress, medical_care, no_reviewer_available", "medical_care"),
        "demands.PostponeReview.apart_from": (None, "detention.authorized"),
    }


def test_a_broken_or_unknown_profile_is_one_line(tmp_path: Path) -> None:
    terminal = Terminal({})
    assert "nowhere@1 is not installed" in terminal.type("profiles", "show", "nowhere@1").complaint
    broken = folder(tmp_path, island_1=ISLAND.replace("title", "titel", 1))
    assert terminal.type("profiles", "check", "--folder", str(broken)).complaint == (
        "island@1.toml: title: Field required; island@1.toml: titel: Extra inputs are not permitted"
    )
