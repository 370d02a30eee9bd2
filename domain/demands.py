"""What a case's rule profile demands of a command beyond its rule in code: a function, reason codes, different people.

A demand can only refuse, so a profile narrows what the code permits and never widens it. What ends custody is never
subject to one, nor is what the system itself records: no data file keeps a person from being released.
"""

from domain.kernel import SYSTEM, Command, Context, Kind, Refusal, require
from domain.profiles import Demand

DEMANDS = "the profile's demands"
FUNCTION_NOT_HELD = Refusal(
    "function-not-held", "The case's profile reserves this command to officers who hold a stated function.", DEMANDS
)
REASON_CODE_NOT_PERMITTED = Refusal(
    "reason-code-not-permitted", "The case's profile permits this command only with the values that it lists.", DEMANDS
)
DUTIES_NOT_SEPARATE = Refusal(
    "duties-not-separate", "The case's profile keeps this act from whoever decided an act that it names.", DEMANDS
)


def demand_on(kind: Kind, command: type[Command], context: Context) -> Demand | None:
    """What the case's profile demands of a command; None where nothing is, or where no profile may demand anything."""
    if context.profile is None or command in kind.on_the_head or context.actor.role == SYSTEM:
        return None
    return context.profile.demands.get(command.__name__)


def functions_of(kind: Kind, command: type[Command], context: Context) -> frozenset[str]:
    """The functions a command needs: the one that it names in code, and the one that the case's profile reserves it to."""
    demand = demand_on(kind, command, context)
    named = (command.by.function, demand.function if demand is not None else None)
    return frozenset(function for function in named if function is not None)


def needs_history(kind: Kind, command: Command, context: Context) -> bool:
    """Whether a command is decided on the whole history: its rule counts time on it, or the profile looks for who decided."""
    demand = demand_on(kind, type(command), context)
    return command.counts_time or (demand is not None and bool(demand.apart_from))


def wire_value(value: object) -> str:
    """A word, a code or a yes-or-no as a profile states it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def check_demand(kind: Kind, command: Command, context: Context) -> None:
    """Refuse a command that does not meet what the case's profile demands of it. A field left out has no permitted value."""
    demand = demand_on(kind, type(command), context)
    if demand is None:
        return
    require(demand.function is None or demand.function in context.actor.functions, FUNCTION_NOT_HELD)
    for name, permitted in demand.values.items():
        value: object = getattr(command, name)
        require(value is not None and wire_value(value) in permitted, REASON_CODE_NOT_PERMITTED)
    deciders = {entry.event.decided_by for entry in context.history if entry.event.type in demand.apart_from}
    require(deciders.isdisjoint({command.decided_by, context.actor.id}), DUTIES_NOT_SEPARATE)
