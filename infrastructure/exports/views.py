"""The views of the ``reporting`` schema, as declarations. The migrations hold the same statements, frozen.

A view's name carries its version: what a version shows is never changed, a new version is a view beside it. Views show
the live generation of each read model and nothing of streams that are no case: their ids would be ids of parties.
"""

from dataclasses import dataclass
from typing import Final

from domain.catalogue import Catalogue
from infrastructure.exports.columns import Column, Form
from infrastructure.reporting_role import SCHEMA

NO_CASES: Final = ("party",)
"""Kinds of stream that are registers of persons, not cases."""

_NO_CASES = ", ".join(f"'{kind}'" for kind in NO_CASES)


@dataclass(frozen=True, slots=True)
class View:
    """A view: which rows (``rows`` is the statement from FROM on), told in which columns.

    ``key`` tells rows apart; it is empty where only what a view leaves out would, e.g. the party that a deadline is about.
    """

    name: str
    version: int
    meaning: str
    columns: tuple[Column, ...]
    rows: str
    key: tuple[str, ...]

    @property
    def versioned(self) -> str:
        """Its name with its version, e.g. ``entries_v1``."""
        return f"{self.name}_v{self.version}"

    def title(self, dialect: str) -> str:
        """Its name in SQL: in the schema on PostgreSQL, with its prefix on SQLite, which has no schemas."""
        return f"{SCHEMA}.{self.versioned}" if dialect == "postgresql" else f"{SCHEMA}_{self.versioned}"

    def statement(self, dialect: str) -> str:
        """The statement that makes it. The barrier keeps a reader's own functions from seeing rows it leaves out."""
        barrier = " WITH (security_barrier)" if dialect == "postgresql" else ""
        shown = ",\n    ".join(f"{column.expression(dialect)} AS {column.name}" for column in self.columns)
        return f"CREATE VIEW {self.title(dialect)}{barrier} AS\nSELECT\n    {shown}\n{self.rows}"


def live(alias: str, model: str) -> str:
    """The condition that a row belongs to the live generation of its read model."""
    return f"{alias}.generation = (SELECT g.generation FROM live_generations g WHERE g.name = '{model}')"  # noqa: S608 - our own names


def no_cases(catalogue: Catalogue) -> list[str]:
    """The kinds of stream that a catalogue does not list as cases."""
    return sorted(name for name, kind in catalogue.kinds.items() if not kind.listed)


def _listed(alias: str) -> str:
    """The condition that a row belongs to a case."""
    return f"{alias}.kind NOT IN ({_NO_CASES})"


def _case(alias: str, guard: str | None = None) -> tuple[Column, ...]:
    return (
        Column("case_id", Form.ID, "The case: a random id without meaning.", f"{alias}.case_id", guard=guard),
        Column("kind", Form.TEXT, "What kind of case it is.", f"{alias}.kind"),
    )


def _event(alias: str) -> tuple[Column, ...]:
    return (
        Column("position", Form.WHOLE, "The event's place in the log: 1, 2, 3 and so on without a gap.", f"{alias}.position"),
        *_case(alias, _listed(alias)),
        Column("version", Form.WHOLE, "The event's place in its case, from 1.", f"{alias}.version"),
        Column("type", Form.TEXT, "What happened: the event's permanent name.", f"{alias}.type"),
        Column("recorded_at", Form.TIME, "When the ledger received it.", f"{alias}.recorded_at"),
    )


def _between(alias: str) -> tuple[Column, ...]:
    return (
        Column("effective_from", Form.TIME, "When it began to be so.", f"{alias}.effective_from"),
        Column("effective_to", Form.TIME, "When it ceased; null while it is so.", f"{alias}.effective_to", nullable=True),
        Column("recorded_from", Form.TIME, "When its beginning was recorded.", f"{alias}.recorded_from"),
        Column("recorded_to", Form.TIME, "When its end was recorded; null while open.", f"{alias}.recorded_to", nullable=True),
        Column("ended_by", Form.WHOLE, "The entry that ended it; null while open.", f"{alias}.ended_by", nullable=True),
    )


_LATE = Column("late", Form.TRUTH, "Whether it was recorded more than a day after it ended.", "t.late")
_ROLE = Column("role", Form.TEXT, "The role of whoever recorded it.", "a.role")
_UNIT = Column("unit", Form.TEXT, "The unit of whoever recorded it.", "a.unit")

CASES: Final = View(
    "cases",
    1,
    "One row per case as it stands.",
    (
        *_case("c"),
        Column("unit", Form.TEXT, "The unit that has the case.", "c.unit"),
        Column("stage", Form.TEXT, "The stage it is in.", "c.stage"),
        Column("handling", Form.TEXT, "How widely it may be seen.", "c.handling"),
        Column("assigned", Form.TRUTH, "Whether it is assigned to somebody.", "(c.assignee IS NOT NULL)"),
        Column("version", Form.WHOLE, "How many events it has.", "c.version", unit="events"),
        Column("position", Form.WHOLE, "The place of its last event in the log.", "c.position"),
        Column("opened_position", Form.WHOLE, "The place of its first event in the log.", "c.opened_position"),
        Column("opened_at", Form.TIME, "When its first event was recorded.", "c.opened_at"),
        Column("changed_at", Form.TIME, "When its last event was recorded.", "c.changed_at"),
        Column("corrected", Form.TRUTH, "Whether an entry of it was corrected or retracted.", "c.corrected"),
        Column("contradictions", Form.WHOLE, "Entries set aside until corrected.", "c.contradictions", unit="entries"),
        Column("late", Form.WHOLE, "Standing entries recorded late.", "c.late", unit="entries"),
    ),
    f"FROM rm_cases c\nWHERE {live('c', 'cases')}",
    ("case_id",),
)

ENTRIES: Final = View(
    "entries",
    1,
    "One row per recorded event of a case.",
    (
        *_event("t"),
        Column("earliest", Form.TIME, "Happened at this time or later; null where left open.", "t.earliest", nullable=True),
        Column("latest", Form.TIME, "Happened before this time; null where left open.", "t.latest", nullable=True),
        _LATE,
        Column("claim_status", Form.TEXT, "How sure the statement is.", "t.claim_status"),
        Column(
            "target", Form.WHOLE, "The version of the entry it corrects, retracts or remarks on.", "t.target", nullable=True
        ),
        _ROLE,
        _UNIT,
    ),
    # A position names one event. With more conditions PostgreSQL expects one row, and plans a join with another view for that.
    "FROM rm_timeline t\nJOIN rm_audit a ON a.position = t.position\n"
    f"WHERE {live('t', 'timeline')}\n    AND {live('a', 'audit')}\n    AND {_listed('t')}",
    ("position",),
)

AUDIT: Final = View(
    "audit",
    1,
    "Which command recorded each event of a case, given from which office.",
    (
        *_event("a"),
        Column("command", Form.TEXT, "The command that was given.", "a.command"),
        _ROLE,
        _UNIT,
        Column("agency", Form.TEXT, "The agency of whoever recorded it.", "a.agency"),
        Column("decided_at", Form.TIME, "The instant at which the command was judged.", "a.decided_at"),
        Column("late", Form.TRUTH, _LATE.meaning, "a.late"),
    ),
    f"FROM rm_audit a\nWHERE {live('a', 'audit')}\n    AND {_listed('a')}",
    ("position",),
)

STATE_INTERVALS: Final = View(
    "state_intervals",
    1,
    "How long each case was in which stage, with which unit and handling, in the order in which it took effect.",
    (
        *_case("s"),
        Column("version", Form.WHOLE, "The entry that began it.", "s.version"),
        Column("stage", Form.TEXT, "The stage the case was in.", "s.stage"),
        Column("unit", Form.TEXT, "The unit that had the case.", "s.unit"),
        Column("assigned", Form.TRUTH, "Whether it was assigned to somebody.", "(s.assignee IS NOT NULL)"),
        Column("handling", Form.TEXT, "How widely it might be seen.", "s.handling"),
        *_between("s"),
    ),
    f"FROM rm_state_intervals s\nWHERE {live('s', 'state_intervals')}",
    ("case_id", "version"),
)

LINKS: Final = View(
    "links",
    1,
    "What each case knows of its links to other cases; a confirmed link is a row of either case.",
    (
        *_case("l"),
        Column("other", Form.TEXT, "The other case: its id as text.", "l.other"),
        Column("other_kind", Form.TEXT, "What kind of case that is, where known.", "l.other_kind", nullable=True),
        Column("link", Form.TEXT, "What one case is to the other, read from the proposing one.", "l.link"),
        Column("direction", Form.TEXT, "Whether this case proposed it, where known.", "l.direction", nullable=True),
        Column("state", Form.TEXT, "How far it has come on this side.", "l.state"),
        Column("version", Form.WHOLE, "The entry since which that is so.", "l.version"),
        Column("effective_from", Form.TIME, "When that entry happened.", "l.effective_from"),
        Column("recorded_from", Form.TIME, "When that entry was recorded.", "l.recorded_from"),
    ),
    f"FROM rm_links l\nWHERE {live('l', 'links')}",
    ("case_id", "other", "link"),
)

CUSTODY: Final = View(
    "custody",
    1,
    "Each step of each line of a seizure's inventory: its condition and how much there was of it, from when to when.",
    (
        Column("case_id", Form.ID, "The seizure: a random id without meaning.", "u.case_id"),
        Column("line", Form.TEXT, "The line of the inventory.", "u.line"),
        Column("version", Form.WHOLE, "The entry that began the step.", "u.version"),
        Column("type", Form.TEXT, "What that entry was.", "u.type"),
        Column("condition", Form.TEXT, "The condition of the line.", "u.condition"),
        Column("amount", Form.TEXT, "How much there was: a decimal as text, null if never stated.", "u.amount", nullable=True),
        Column("measure", Form.TEXT, "What the amount counts.", "u.measure"),
        Column("sealed", Form.TRUTH, "Whether it was under seal.", "(u.seal IS NOT NULL)"),
        *_between("u"),
    ),
    f"FROM rm_custody u\nWHERE {live('u', 'custody')}",
    ("case_id", "line", "version"),
)

DEADLINES: Final = View(
    "deadlines",
    1,
    "One row per run of a clock: what began it, when it falls due, what stopped it, and whether that was too late.",
    (
        *_case("d"),
        Column("unit", Form.TEXT, "The unit that has the case.", "d.unit"),
        Column("handling", Form.TEXT, "How widely the case may be seen.", "d.handling"),
        Column("clock", Form.TEXT, "The clock, as the rule profile names it.", "d.clock"),
        Column("started_by", Form.WHOLE, "The entry that started it.", "d.started_by"),
        Column("set_by", Form.WHOLE, "The entry that set its present end, e.g. an extension.", "d.set_by"),
        Column("profile", Form.TEXT, "The rule profile that the case is under.", "d.profile"),
        Column("legal_ref", Form.TEXT, "The rule it comes from.", "d.legal_ref"),
        Column("on_expiry", Form.TEXT, "What it means that it passes.", "d.on_expiry"),
        Column("start", Form.TIME, "When it began; null where that is not known exactly.", "d.start", nullable=True),
        Column("due", Form.TIME, "When it falls due; null where no date follows.", "d.due", nullable=True),
        Column("paused_since", Form.TIME, "Since when it stands still; null while it runs.", "d.paused_since", nullable=True),
        Column("stopped_by", Form.WHOLE, "The entry that stopped it; null while it runs.", "d.stopped_by", nullable=True),
        Column("stopped_from", Form.TIME, "It was stopped at this time or later.", "d.stopped_from", nullable=True),
        Column("stopped_until", Form.TIME, "It was stopped before this time.", "d.stopped_until", nullable=True),
        Column("uncertain_version", Form.WHOLE, "The entry that leaves it open.", "d.uncertain_version", nullable=True),
        Column("uncertain_why", Form.TEXT, "Why it is open; null where it is not.", "d.uncertain_why", nullable=True),
        Column("missed", Form.TEXT, "Whether it was stopped too late: yes, no or unknown.", "d.missed"),
    ),
    f"FROM rm_deadlines d\nWHERE {live('d', 'deadlines')}",
    (),
)

PROJECTIONS: Final = View(
    "projections",
    1,
    "How far each list has come in the log: what the other views include.",
    (
        Column("name", Form.TEXT, "The list.", "p.name"),
        Column("version", Form.WHOLE, "The version of the code that made it.", "p.version"),
        Column("generation", Form.WHOLE, "Which making of it this is.", "p.generation"),
        Column("position", Form.WHOLE, "The last place of the log that it includes.", "p.position"),
    ),
    "FROM checkpoints p\nJOIN live_generations g ON g.name = p.name AND g.generation = p.generation",
    ("name",),
)

VIEWS: Final = (CASES, ENTRIES, AUDIT, STATE_INTERVALS, LINKS, CUSTODY, DEADLINES, PROJECTIONS)
"""Every view there is, of every version still offered."""
