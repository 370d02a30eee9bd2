"""Who may do what: roles and functions for commands, units for cases.

Officers and supervisors work on their own unit's cases, and a case of another unit does not exist for them. Auditors
read everything and write nothing. Reporters read lists without personal content. Records managers keep every unit's record.
"""

from dataclasses import dataclass

from application.cases import Case
from application.errors import NotAllowed, NotFound
from domain.kernel import OFFICER, RECORDS_MANAGER, SUPERVISOR, SYSTEM, Actor, Command

AUDITOR, REPORTER, OPERATOR = "auditor", "reporter", "operator"
ROLES = frozenset({OFFICER, SUPERVISOR, RECORDS_MANAGER, AUDITOR, REPORTER, OPERATOR})

IN_THEIR_UNIT = frozenset({OFFICER, SUPERVISOR})
IN_EVERY_UNIT = frozenset({AUDITOR, RECORDS_MANAGER, SYSTEM})


@dataclass(frozen=True, slots=True)
class Action:
    """What a reading route does, and the roles that may do it."""

    name: str
    roles: frozenset[str]


READ_CASE = Action("read-case", IN_THEIR_UNIT | IN_EVERY_UNIT)
LIST_CASES = Action("list-cases", READ_CASE.roles | {REPORTER})
READ_AUDIT = Action("read-audit", frozenset({AUDITOR}))
READ_FEED = Action("read-feed", frozenset({AUDITOR}))
READ_PROJECTIONS = Action("read-projections", ROLES)
READ_REPORTS = Action("read-reports", frozenset({REPORTER, AUDITOR, SUPERVISOR}))
READ_METRICS = Action("read-metrics", frozenset({OPERATOR}))


def may(actor: Actor, action: Action) -> None:
    """Raise NotAllowed unless the actor's role may do this."""
    if actor.role not in action.roles:
        raise NotAllowed(f"the role {actor.role} may not {action.name}")


def may_give(actor: Actor, command: type[Command]) -> None:
    """Raise NotAllowed unless the actor has a role, and the function if one is asked for, that the command names."""
    if actor.role not in command.by.roles:
        raise NotAllowed(f"the role {actor.role} may not give this command")
    if command.by.function is not None and command.by.function not in actor.functions:
        raise NotAllowed(f"this command needs the function {command.by.function}")


def may_change(actor: Actor, functions: frozenset[str]) -> None:
    """Raise NotAllowed unless the actor holds every function that the command needs which recorded the entry to be changed."""
    for function in sorted(functions - actor.functions):
        raise NotAllowed(f"an entry of this kind is changed with the function {function}")


def sees(actor: Actor, unit: str) -> bool:
    """Whether a case of that unit exists for this actor."""
    return actor.role in IN_EVERY_UNIT or (actor.role in IN_THEIR_UNIT and actor.unit == unit)


def check_sees(actor: Actor, case: Case) -> None:
    """Raise NotFound if the case does not exist for this actor; the party register is open to every unit."""
    if case.kind.listed and not sees(actor, case.folded.dossier.unit):
        raise NotFound("case")


def unit_filter(actor: Actor) -> str | None:
    """The one unit whose cases this actor may list, None for all."""
    return actor.unit if actor.role in IN_THEIR_UNIT else None
