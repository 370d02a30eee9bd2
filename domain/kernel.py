"""The contract between a kind of case and the world: statements, refusals, stages, tables, kinds.

A kind says what each command does in each stage (its table) and what each event changes (its ``evolve``).
How a history is folded and a command decided on it stands in ``domain.history``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from types import MappingProxyType, UnionType
from typing import Annotated, Any, ClassVar, NamedTuple, NoReturn, TypeAlias, TypeVar, get_args

from domain.naming import snake
from domain.profiles import Law, Profile, SelectsOn
from domain.values import (
    Authority,
    CaseId,
    ClaimStatus,
    Code,
    CorrectionReason,
    CountLimit,
    Narrative,
    Number,
    Source,
    When,
    Whole,
)

# --- What is stated and what is recorded ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What every command and every event begins with.

    ``when`` the act happened; the sources it rests on, at least one; how far it is established; on what authority; why;
    and the officer who decided, which is the caller where nobody else is named.
    """

    when: When
    sources: Annotated[tuple[Source, ...], CountLimit(50, least=1)]
    claim_status: ClaimStatus
    authority: Authority | None = None
    reason: Narrative | None = None
    decided_by: Code | None = None


@dataclass(frozen=True, slots=True)
class By:
    """Who may give a command: one of ``roles`` and, if named, somebody who holds the ``function``."""

    roles: frozenset[str]
    function: str | None = None


OFFICER, SUPERVISOR, RECORDS_MANAGER, SYSTEM = "officer", "supervisor", "records-manager", "system"


def officers(function: str | None = None) -> By:
    """Officers and supervisors, who hold ``function`` where one is named."""
    return By(frozenset({OFFICER, SUPERVISOR}), function)


def supervisors(function: str | None = None) -> By:
    """Supervisors only."""
    return By(frozenset({SUPERVISOR}), function)


BY_THE_SYSTEM = By(frozenset({SYSTEM}))  # the scheduler and reactions alone: such a command has no route


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Statement):
    """What a caller asks to have recorded. A verb and a noun; the docstring's first line is the summary in the API."""

    by: ClassVar[By] = officers()
    counts_time: ClassVar[bool] = False
    """Whether its rule counts time on the whole history of the case, which the context then holds."""

    def refers_to(self) -> tuple[CaseId, ...]:
        """Other streams whose dossiers the rule needs, e.g. the far end of a link or a party."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening(Command):
    """A command that opens a case; ``file_number`` is the agency's own number for it.

    ``legal_basis`` puts the case under the rule profile that it and the date of the opening select, else it is under the
    default one. ``selects`` says which date of a transitional rule that date is, None where it is none.
    """

    selects: ClassVar[SelectsOn | None] = None

    file_number: Number
    legal_basis: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Statement):
    """What was recorded. ``type`` is the permanent wire name, ``schema_version`` grows when fields change.

    ``as_found`` names fields that no correction changes, e.g. the words in which goods were found.
    """

    type: ClassVar[str] = ""
    schema_version: ClassVar[int] = 1
    as_found: ClassVar[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Event):
    """The first event of a case: its file number and the unit that answers for it."""

    file_number: Number
    unit: Code


E = TypeVar("E", bound=Event)
Events: TypeAlias = tuple[Event, ...]

_shared: dict[tuple[type, type], tuple[str, ...]] = {}


def shared_fields(event: type[Event], command: type[Statement]) -> tuple[str, ...]:
    """The fields an event takes over from a command; worked out once for each pair."""
    known = _shared.get((event, command))
    if known is None:
        stated = {f.name for f in fields(command)}
        known = _shared[event, command] = tuple(f.name for f in fields(event) if f.name in stated)
    return known


def record(event: type[E], command: Statement, **more: Any) -> E:
    """The event that states what the command states, with ``more`` where the command does not say it or says it otherwise."""
    stated = {name: getattr(command, name) for name in shared_fields(event, type(command))}
    return event(**(stated | more))


@dataclass(frozen=True, slots=True, kw_only=True)
class Restating(Event):
    """An event that holds another one: an entry, ``target`` by its version, stated anew as a whole."""

    target: Whole
    why: CorrectionReason
    restated: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryCorrected(Restating):
    """An entry was restated as a whole. The entry itself stands unchanged."""

    type: ClassVar[str] = "case.entry_corrected"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRetracted(Event):
    """An entry is no longer maintained; ``target`` is its version. The entry itself stands unchanged."""

    type: ClassVar[str] = "case.entry_retracted"

    target: Whole
    why: CorrectionReason


# --- Saying no ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule that can say no: a permanent code, the rule in one sentence, and where the rule comes from."""

    code: str
    rule: str
    source: str


class Refused(Exception):
    """The law or the record says no. ``version`` names the entry in the way, where there is one."""

    def __init__(self, refusal: Refusal, version: int | None = None) -> None:
        """Keep the refusal; its text names no person and no value."""
        super().__init__(refusal.code)
        self.refusal = refusal
        self.version = version


class ImpossibleHistory(Exception):
    """A history that no rule could have written: a defect, or an entry that another entry makes impossible."""

    version: int = 0


def require(condition: bool, refusal: Refusal) -> None:  # noqa: FBT001 - the condition is the sentence
    """Refuse unless the condition holds."""
    if not condition:
        raise Refused(refusal)


def impossible(stage: object, event: Event) -> NoReturn:
    """Say that this event cannot follow in this stage."""
    raise ImpossibleHistory(f"{event.type} cannot follow in {type(stage).__name__}")


RECORD = "casetrail: the record must hold together"
NOT_OPEN = Refusal("not-open", "This command is not open in the case's present stage.", RECORD)
IN_THE_FUTURE = Refusal("when-in-future", "An act that has not begun cannot be recorded as done.", RECORD)
NO_LONGER_FITS = Refusal("entry-no-longer-fits", "An entry already recorded could not have followed.", RECORD)
NO_REASON = Refusal("reason-missing", "This act needs a stated reason.", RECORD)
NO_AUTHORITY = Refusal("authority-missing", "This act needs the authority it rests on.", RECORD)


def require_reason(command: Statement) -> None:
    """Refuse an act without a stated reason."""
    require(command.reason is not None, NO_REASON)


def require_authority(command: Statement) -> None:
    """Refuse an act without the authority it rests on."""
    require(command.authority is not None, NO_AUTHORITY)


TOLERANCE = timedelta(minutes=1)
"""How far an act may lie ahead of the ledger's clock, for clocks that disagree."""

BEGINNING = datetime.min.replace(tzinfo=UTC)
"""Where an interval without a known beginning begins."""


def require_another(command: Statement, context: "Context", refusal: Refusal, *involved: str | None) -> None:
    """Refuse unless neither the officer who decides nor the one who records it is among those ``involved``."""
    require(command.decided_by not in involved and context.actor.id not in involved, refusal)


# --- Stages, rules and kinds ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stage:
    """A condition a case can be in, holding only what later decisions need."""


@dataclass(frozen=True, slots=True)
class Nothing(Stage):
    """Before the first event."""


def stage_name(stage: type[Stage]) -> str:
    """The stage's public name, e.g. ``judicially_held``."""
    return snake(stage.__name__)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gives a command: a pseudonymous id, the role used, the unit and agency, and the functions held."""

    id: str
    role: str
    unit: str
    agency: str
    functions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Other:
    """Another stream as a rule may see it, at its ``version``."""

    kind: str
    stage: Stage
    dossier: Any
    version: int = 0


class Entry(NamedTuple):
    """One recorded event at its place in a case. A tuple, since histories are folded by the hundred."""

    version: int
    recorded_at: datetime
    event: Event

    @property
    def earliest(self) -> datetime:
        """The first moment the act may have happened."""
        return self.event.when.earliest or BEGINNING

    @property
    def latest(self) -> datetime:
        """The end of the interval in which it happened, exclusive: its receipt where it was left open."""
        return self.event.when.latest or self.recorded_at

    @property
    def ends(self) -> datetime:
        """As ``latest``, for ordering: an open end reaches past whatever the tolerance let into the record by then."""
        return self.event.when.latest or self.recorded_at + TOLERANCE


@dataclass(frozen=True, slots=True)
class Context:
    """What only the system knows when a rule decides. ``profile`` is None where the case's is not installed in ``law``.

    ``version`` is the case's before the command; ``history`` its entries in effective order before the act, only where
    ``domain.demands`` says that it is needed. ``target`` and ``restated`` are set for a correction or a retraction: the
    entry it names, as effective now, and that entry with the caller's changes, or as it was proposed. ``others`` holds the
    streams the command refers to; a missing one does not exist.
    """

    now: datetime
    actor: Actor
    case_id: CaseId
    profile: Profile | None
    version: int = 0
    history: tuple[Entry, ...] = ()
    dossier: Any = None
    target: Entry | None = None
    restated: Event | None = None
    others: Mapping[CaseId, Other] = field(default_factory=lambda: MappingProxyType({}))
    law: Law = field(default_factory=Law)


Rule: TypeAlias = Callable[[Any, Any, Context], Events]
Stages: TypeAlias = type[Stage] | UnionType
Table: TypeAlias = Mapping[tuple[Stages, type[Command]], Rule]
Claims: TypeAlias = frozenset[tuple[str, str]]
Anew: TypeAlias = Callable[[Any, Any, Any, Context], None]
"""Refuses to let an entry read otherwise: the stage before it, the event as it stands and as it is to be, the context."""


def no_claims(stage: Stage) -> Claims:
    """A kind whose cases hold no claim."""
    del stage
    return frozenset()


def members(stages: Stages) -> tuple[type[Stage], ...]:
    """The stages of a group, or the one stage."""
    return (stages,) if isinstance(stages, type) else get_args(stages)


def expand(table: Table) -> dict[tuple[type[Stage], type[Command]], Rule]:
    """The table with every group of stages written out."""
    return {(stage, command): rule for (stages, command), rule in table.items() for stage in members(stages)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of case: its name, its law in a sentence, its events, its table and its ``evolve``.

    ``holds`` gives the claims, (scope, key), that a case in a stage keeps from every other case. ``closed`` names shared
    commands that are not open in some stage. ``ends_custody`` are events taken even against a history they contradict,
    ``on_the_head`` the commands that need no expected version. ``restating`` holds the check of a corrected entry by its
    event, see ``domain.history.check_restated``. ``listed`` is false for what is no case: the party register.
    """

    name: str
    route: str
    law: str
    events: tuple[type[Event], ...]
    table: Table
    evolve: Callable[[Any, Event], Stage]
    holds: Callable[[Any], Claims] = no_claims
    closed: frozenset[tuple[type[Stage], type[Command]]] = frozenset()
    ends_custody: tuple[type[Event], ...] = ()
    on_the_head: frozenset[type[Command]] = frozenset()
    restating: Mapping[type[Event], Anew] = field(default_factory=lambda: MappingProxyType({}))
    listed: bool = True
    rules: Mapping[tuple[type[Stage], type[Command]], Rule] = field(init=False)
    own: frozenset[type[Event]] = field(init=False)

    def __post_init__(self) -> None:
        """Write the table out once."""
        object.__setattr__(self, "own", frozenset(self.events))
        object.__setattr__(self, "rules", MappingProxyType(expand(self.table)))

    @property
    def opening(self) -> type[Opening]:
        """The command that opens a case of this kind."""
        return next(c for s, c in self.rules if s is Nothing and issubclass(c, Opening))

    @property
    def stages(self) -> tuple[type[Stage], ...]:
        """Every stage a rule of this kind is written for, in the table's order."""
        return tuple(dict.fromkeys(stage for stage, _ in self.rules if stage is not Nothing))

    @property
    def commands(self) -> tuple[type[Command], ...]:
        """The kind's own commands in the table's order."""
        return tuple(dict.fromkeys(command for _, command in self.rules))


@dataclass(frozen=True, slots=True)
class Shared:
    """What every kind gets for every stage: the dossier's rules, its evolve, its empty state, and what follows an opening."""

    rules: Mapping[type[Command], Rule]
    evolve: Callable[[Any, Event], Any]
    empty: Any
    opened: Callable[[Opening, Context], Events]
