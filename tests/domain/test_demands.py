"""What a profile demands of one command beyond its rule: each demand met and not met, and what no profile ever touches."""

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

import pytest

from application.access import may_change
from application.errors import NotAllowed
from domain import demands as no
from domain.catalogue import discover
from domain.contradictions import contradictions
from domain.dossier import SHARED
from domain.history import decide_within
from domain.kernel import SYSTEM, Command, Context, Refused
from domain.kinds.detention import KIND, rules
from domain.kinds.detention.acts import ExtendDetention, PostponeReview, RecordCourtAppearance
from domain.profiles import Demand, Profile
from domain.values import at
from tests.domain.test_detention import APPREHENDED, ARRIVED, RELEASE
from tests.domain.test_detention_course import COURT, EXTEND, HELD, ON_TIME, POSTPONE, TAKEN
from tests.domain.test_detention_custody import DEATH, ESCAPE
from tests.profiles import ALONE, LAW, NEUTRAL
from tests.scenario import HOUR, NOON, OFFICER, context, given, refused, when

CATALOGUE = discover()
SENIOR = replace(OFFICER, id="s-2", functions=frozenset({"senior"}))
UNMET = Demand(
    command="any", function="nobody", values={"reason": frozenset({"none"})}, apart_from=frozenset({APPREHENDED.type})
)  # fmt: skip
"""What nobody can meet."""


def demanding(*demands: Demand) -> Profile:
    """The default profile with these demands and no others."""
    return replace(ALONE, demands=MappingProxyType({demand.command: demand for demand in demands}))


def under(*demands: Demand, ctx: Context = ON_TIME) -> Context:
    """What the system knows in a case under such a profile."""
    return replace(ctx, profile=demanding(*demands))


# --- Each demand, met and not met -----------------------------------------------------------------------------------


def test_a_function_is_held_by_whoever_gives_the_command() -> None:
    ctx = under(Demand(command="ExtendDetention", function="senior"))
    refused(KIND, given(*HELD), EXTEND, no.FUNCTION_NOT_HELD, ctx)
    refused(KIND, given(*HELD), EXTEND, no.FUNCTION_NOT_HELD, replace(ctx, actor=replace(SENIOR, functions=frozenset({"s"}))))
    assert when(KIND, given(*HELD), EXTEND, replace(ctx, actor=SENIOR)).events


@pytest.mark.parametrize(
    ("field", "permitted", "taken"),
    [
        ("outcome", {"hold"}, True), ("outcome", {"release", "hold"}, True), ("outcome", {"release"}, False),
        ("superior", {"false"}, True), ("superior", {"true"}, False),
        ("court", {"Court"}, True), ("court", {"court"}, False),
        ("measure", {"bail"}, False),
    ],
)  # fmt: skip
def test_a_field_has_one_of_the_values_listed(field: str, permitted: set[str], taken: bool) -> None:
    ctx = under(Demand(command="RecordJudicialDecision", values={field: frozenset(permitted)}))
    if taken:
        assert when(KIND, given(*HELD), COURT, ctx).events
    else:
        refused(KIND, given(*HELD), COURT, no.REASON_CODE_NOT_PERMITTED, ctx)


APART = Demand(command="PostponeReview", apart_from=frozenset({ARRIVED.type}))
AT_THE_DOOR = (APPREHENDED, replace(ARRIVED, decided_by="d-1"), *HELD[1:])


def test_whoever_decided_a_named_act_neither_decides_nor_records() -> None:
    ctx = under(APART)
    refused(KIND, given(*AT_THE_DOOR), replace(POSTPONE, decided_by="d-1"), no.DUTIES_NOT_SEPARATE, ctx)
    refused(KIND, given(*AT_THE_DOOR), POSTPONE, no.DUTIES_NOT_SEPARATE, replace(ctx, actor=replace(OFFICER, id="d-1")))
    assert when(KIND, given(*AT_THE_DOOR), POSTPONE, ctx).events
    assert when(KIND, given(*HELD), replace(POSTPONE, decided_by="d-1"), ctx).events, "nobody took the person in"


def test_a_late_entry_is_kept_apart_from_what_was_done_before_it() -> None:
    late = replace(ARRIVED, when=at(NOON + 7 * HOUR), decided_by="d-1")
    postpone = replace(POSTPONE, decided_by="d-1")
    assert decide_within(KIND, SHARED, given(*HELD, late), postpone, under(APART)).events
    with pytest.raises(Refused) as caught:
        decide_within(KIND, SHARED, given(*AT_THE_DOOR), postpone, under(APART))
    assert caught.value.refusal is no.DUTIES_NOT_SEPARATE


def test_only_a_command_that_is_kept_apart_needs_the_history() -> None:
    assert no.needs_history(KIND, POSTPONE, under(APART))
    assert no.needs_history(KIND, EXTEND, under(APART)), "its rule counts time"
    assert not no.needs_history(KIND, POSTPONE, under(replace(APART, apart_from=frozenset(), function="review")))
    assert not no.needs_history(KIND, POSTPONE, under())


# --- What no profile touches ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [RELEASE, ESCAPE, DEATH], ids=lambda command: type(command).__name__)
def test_what_ends_custody_is_never_subject_to_a_demand(command: Command) -> None:
    demand = replace(UNMET, command=type(command).__name__)
    ctx = under(demand, ctx=context())
    assert when(KIND, given(*HELD), command, ctx).events == when(KIND, given(*HELD), command).events
    found = contradictions(demanding(demand), CATALOGUE)
    assert f"demand on {demand.command}: a release, an escape or a death is subject to no demand" in found


def test_every_end_of_custody_has_a_command_on_the_head() -> None:
    assert {kind.name: len(kind.on_the_head) for kind in CATALOGUE.kinds.values()} == {
        kind.name: len(kind.ends_custody) for kind in CATALOGUE.kinds.values()
    }


def test_what_the_system_records_is_never_subject_to_a_demand() -> None:
    ctx = under(replace(UNMET, command="PostponeReview"))
    assert when(KIND, given(*HELD), POSTPONE, replace(ctx, actor=replace(OFFICER, id="scheduler", role=SYSTEM))).events


def test_a_demand_narrows_one_command_and_nothing_else() -> None:
    demand = replace(UNMET, command="PostponeReview")
    touched = 0
    for row in TAKEN.values():
        ctx = row.ctx or context()
        if type(row.command).__name__ == demand.command:
            refused(KIND, given(*row.before), row.command, no.FUNCTION_NOT_HELD, under(demand, ctx=ctx))
            touched += 1
        else:
            decided = when(KIND, given(*row.before), row.command, under(demand, ctx=ctx))
            assert decided == when(KIND, given(*row.before), row.command, ctx)
    assert touched


def test_a_demand_that_is_met_permits_nothing_that_the_rule_refuses() -> None:
    ctx = under(Demand(command="ExtendDetention", function="senior", values={"grounds": frozenset({"G"})}))
    by_apprehender = replace(EXTEND, decided_by="p-1")
    refused(KIND, given(*HELD), by_apprehender, rules.EXTENDER_INVOLVED, replace(ctx, actor=SENIOR))


def test_a_profile_that_is_not_installed_demands_nothing() -> None:
    assert no.demand_on(KIND, PostponeReview, replace(context(), profile=None)) is None


# --- Who changes what an act recorded ---------------------------------------------------------------------------------


def test_an_entry_is_changed_with_the_functions_of_its_own_command() -> None:
    reserved = under(Demand(command="ExtendDetention", function="night-duty"), Demand(command="RecordCourtAppearance"))
    assert no.functions_of(KIND, ExtendDetention, context()) == {"senior"}
    assert no.functions_of(KIND, ExtendDetention, reserved) == {"senior", "night-duty"}
    assert no.functions_of(KIND, RecordCourtAppearance, reserved) == frozenset()
    assert no.functions_of(KIND, ExtendDetention, replace(reserved, profile=None)) == {"senior"}


@pytest.mark.parametrize("functions", [{"senior"}, {"night-duty"}, set()])
def test_who_lacks_one_of_them_does_not_change_it(functions: set[str]) -> None:
    with pytest.raises(NotAllowed):
        may_change(replace(OFFICER, functions=frozenset(functions)), frozenset({"senior", "night-duty"}))
    may_change(replace(OFFICER, functions=frozenset(functions)), frozenset(functions))


# --- What a profile may demand --------------------------------------------------------------------------------------


@pytest.mark.parametrize("demand", NEUTRAL.demands.values(), ids=NEUTRAL.demands)
def test_the_defaults_demand_what_the_code_does(demand: Demand) -> None:
    assert CATALOGUE.commands[demand.command].by.function == demand.function


def test_under_the_defaults_who_authorized_does_not_extend() -> None:
    ctx = replace(ON_TIME, profile=NEUTRAL, actor=SENIOR)
    refused(KIND, given(*HELD), replace(EXTEND, decided_by="c-1"), no.DUTIES_NOT_SEPARATE, ctx)
    refused(KIND, given(*HELD), EXTEND, no.FUNCTION_NOT_HELD, replace(ctx, actor=OFFICER))
    assert when(KIND, given(*HELD), EXTEND, ctx).events


def test_every_shipped_profile_has_the_demands_it_extends() -> None:
    assert all(profile.demands == NEUTRAL.demands for profile in LAW.installed.values())


GOOD = Demand(
    command="PostponeReview", function="review", values={"ground": frozenset({"medical_care"})},
    apart_from=frozenset({"detention.authorized", "case.addendum_added"}),
)  # fmt: skip

FAULTS: dict[str, tuple[Callable[[Demand], Demand], str]] = {
    "a command that no kind has": (lambda d: replace(d, command="PostponeIt"), "no kind of case has this command"),
    "an opening": (lambda d: replace(d, command="OpenDetention"), "a case is opened before it is under a profile"),
    "a command of the system": (lambda d: replace(d, command="RecordLinkAnswer"), "only the system gives this command"),
    "a field the command has not": (
        lambda d: replace(d, values={"cause": frozenset({"x"})}), "values: PostponeReview has no field cause",
    ),
    "a value the field has not": (
        lambda d: replace(d, values={"ground": frozenset({"medical_care", "holidays"})}),
        "values: PostponeReview never has ground = holidays",
    ),
    "a field that is a time": (
        lambda d: replace(d, values={"new_time": frozenset({"noon"})}), "PostponeReview.new_time is neither a word nor a code",
    ),
    "an event that no kind has": (
        lambda d: replace(d, apart_from=frozenset({"detention.arrested"})), "apart_from: no kind of case has the event",
    ),
    "an event of another kind": (
        lambda d: replace(d, apart_from=frozenset({"seizure.closed"})), "never happens in a case of the kind detention",
    ),
    "nothing": (lambda d: Demand(command=d.command), "nothing is demanded"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_each_demand_that_nobody_can_meet_is_found_and_named(name: str) -> None:
    change, said_of_it = FAULTS[name]
    changed = change(GOOD)
    found = contradictions(demanding(changed), CATALOGUE)
    assert found
    assert all(fault.startswith(f"demand on {changed.command}: ") for fault in found)
    assert any(said_of_it in fault for fault in found), found


def test_a_good_demand_is_found_good() -> None:
    assert contradictions(demanding(GOOD), CATALOGUE) == []
    shared = Demand(command="ApproveCorrection", apart_from=frozenset({"case.correction_proposed", "detention.authorized"}))
    assert contradictions(demanding(shared), CATALOGUE) == []
