"""The conditions a sentencing can be in, and the facts of conviction and sentence they carry."""

from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

from domain.kernel import Stage
from domain.kinds.sentencing.acts import Appellant, Custody
from domain.kinds.sentencing.computing import AllInputs, ComputationRules
from domain.kinds.sentencing.credit import Credit, Service
from domain.kinds.sentencing.terms import CreditSpan, Inputs, StartRule, Term, day_of, heads
from domain.values import PartyId, When

# --- What the stages carry ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Conviction:
    """What stands of the verdict, ``convicted`` by count number, and where the person is as far as is known.

    ``release_due`` is when the ground to hold fell away for good while the person was held; ``services`` are the times of
    serving the sentence so far.
    """

    party: PartyId
    convicted: tuple[int, ...]
    custody: Custody
    institution: str | None = None
    quashed: bool = False
    restricted: bool = False
    release_due: When | None = None
    services: tuple[Service, ...] = ()

    @property
    def served(self) -> tuple[Service, ...]:
        """The times served under a conviction that stands."""
        return () if self.quashed else self.services


@dataclass(frozen=True, slots=True)
class Computation:
    """The dates that stand last, computed or fixed by authority, what they rest on, and who answers for them.

    ``basis`` are all inputs of dates computed by rule here; ``credit`` the intervals of dates computed elsewhere. Dates
    fixed by authority have neither: no new credit touches them.
    """

    number: int
    inputs: Inputs
    expiry: date | None
    release_on: date | None
    prepared_by: str | None
    basis: AllInputs | None = None
    credit: tuple[CreditSpan, ...] | None = None
    checked: bool = False

    @property
    def by_authority(self) -> bool:
        """Whether these dates were fixed, not computed."""
        return self.basis is None and self.credit is None


@dataclass(frozen=True, slots=True)
class Sentence:
    """The sentence with everything its dates depend on.

    ``judged`` is the last judgment on it, from which the appeal window runs; ``runs`` numbers the last computation;
    ``orders`` are those with a day to be met by, by their place in the judgment, that are not met.
    """

    conviction: Conviction
    imposed: When
    judged: When
    terms: tuple[Term, ...]
    final: When | None = None
    admitted: When | None = None
    determined_credit: int | None = None
    credit_disputed: bool = False
    derived: Credit | None = None
    remission_days: int = 0
    early_release: date | None = None
    interruptions: int = 0
    extinguished: bool = False
    computation: Computation | None = None
    runs: int = 0
    manual: bool = False
    orders: frozenset[str] = frozenset()

    @property
    def inputs(self) -> Inputs:
        """What a computation made now would rest on."""
        return Inputs(
            terms=self.terms,
            starts=tuple(self.start_of(term) for term in heads(self.terms)),
            determined_credit=self.determined_credit,
            remission_days=self.remission_days,
            early_release=self.early_release,
            interruptions=self.interruptions,
            extinguished=self.extinguished,
        )

    @property
    def current(self) -> Computation | None:
        """The computation, unless something it rests on has changed."""
        computation = self.computation
        return computation if computation is not None and self.stands(computation) else None

    def stands(self, computation: Computation) -> bool:
        """Whether nothing that dates rest on has changed since."""
        if computation.inputs != self.inputs:
            return False
        if (basis := computation.basis) is not None:
            return basis == self.all_inputs(basis.expected_start, basis.rules)
        return computation.credit is None or self.derived is None or computation.credit == self.intervals

    @property
    def first_day(self) -> date | None:
        """The first day of the sentence, from which days are served and not credited; None where it is not known."""
        return min((start for term in heads(self.terms) if (start := self.start_of(term)) is not None), default=None)

    @property
    def intervals(self) -> tuple[CreditSpan, ...]:
        """The derived days of credit; none where an authority determined how many there are."""
        return self.derived.intervals if self.derived is not None and self.determined_credit is None else ()

    @property
    def provisional(self) -> bool:
        """Whether the credit that counts may still grow."""
        return self.derived is not None and self.determined_credit is None and self.derived.provisional

    def all_inputs(self, expected_start: date | None, rules: ComputationRules) -> AllInputs:
        """Everything a computation by rule made now would rest on."""
        return AllInputs(
            sentence=self.inputs,
            expected_start=expected_start,
            judged_on=day_of(self.imposed),
            intervals=self.intervals,
            provisional=self.provisional,
            rules=rules,
        )

    @property
    def checked(self) -> Computation | None:
        """The current computation, if a second officer has confirmed it."""
        current = self.current
        return current if current is not None and current.checked else None

    def begun(self, term: Term) -> When | None:
        """The act from which a term runs, None where there is none or none yet."""
        acts = {
            StartRule.ON_IMPOSITION: self.imposed,
            StartRule.ON_FINALITY: self.final,
            StartRule.ON_ADMISSION: self.admitted,
        }
        return acts.get(term.start_rule)

    def start_of(self, term: Term) -> date | None:
        """The first day of a term that follows no other, None where it is not known to the day."""
        begun = self.begun(term)
        return term.starts_on if begun is None else day_of(begun)


# --- Stages ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Convicted(Stage):
    """Found guilty; no sentence stands."""

    conviction: Conviction


@dataclass(frozen=True, slots=True)
class Sentenced(Stage):
    """Sentenced; no current computation of the dates stands."""

    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Computed(Stage):
    """Sentenced, and a computation of the current inputs stands, checked or not."""

    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Final(Stage):
    """No longer open to appeal as of right; not yet being served."""

    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Serving(Stage):
    """The sentence is being executed, the person held or escaped."""

    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Released(Stage):
    """Out of the institution before the sentence is shown to be over."""

    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Completed(Stage):
    """The sentence is over."""

    sentence: Sentence


APPEALABLE: TypeAlias = Sentenced | Computed | Final | Serving | Released | Completed


@dataclass(frozen=True, slots=True)
class UnderAppeal(Stage):
    """Appealed and not decided. ``before`` is the stage the sentence is in meanwhile, which goes on changing."""

    before: APPEALABLE
    appellants: frozenset[Appellant]
    stayed: bool = False


@dataclass(frozen=True, slots=True)
class Quashed(Stage):
    """The conviction was set aside: nothing is to be executed, and what remains are duties to the person."""

    conviction: Conviction


@dataclass(frozen=True, slots=True)
class Deceased(Stage):
    """The person died; ``unit`` answered for the case at that time."""

    conviction: Conviction
    unit: str


@dataclass(frozen=True, slots=True)
class Closed(Stage):
    """Nothing more is done, except what a later judgment or the law on records asks for."""

    conviction: Conviction


LIVE: TypeAlias = Sentenced | Computed | Final | Serving | Released | UnderAppeal
"""A sentence stands and is not over."""

CHECKABLE: TypeAlias = Computed | Final | Serving | Released | UnderAppeal
"""A current computation may stand."""

NOT_FINAL: TypeAlias = Sentenced | Computed
EXECUTABLE: TypeAlias = Final | UnderAppeal
COMPLETABLE: TypeAlias = Final | Released
APPEALED: TypeAlias = APPEALABLE | UnderAppeal
HOLDABLE: TypeAlias = Convicted | LIVE
"""The person may lawfully be held."""

PRESENT: TypeAlias = Convicted | APPEALED | Quashed
"""The person may in fact be held, whatever the record says."""

ENDABLE: TypeAlias = PRESENT | Closed
"""An end of custody may be recorded: a case may be closed on a person of whom nobody knows whether they are held."""

QUASHABLE: TypeAlias = Convicted | APPEALED | Deceased | Closed
OVER: TypeAlias = Completed | Quashed | Deceased
RESTRICTABLE: TypeAlias = OVER | Closed
ANY: TypeAlias = PRESENT | Deceased | Closed


# --- Reading and replacing what a stage carries ---------------------------------------------------------------


def sentence_of(stage: APPEALED) -> Sentence:
    """The sentence, under appeal or not."""
    return stage.before.sentence if isinstance(stage, UnderAppeal) else stage.sentence


def conviction_of(stage: ANY) -> Conviction:
    """The conviction, whatever the stage."""
    if isinstance(stage, Convicted | Quashed | Deceased | Closed):
        return stage.conviction
    return sentence_of(stage).conviction


def begun_to_serve(conviction: Conviction, when: When) -> Conviction:
    """The conviction with a time of serving that begins."""
    return replace(conviction, services=(*conviction.services, Service(when)))


def no_longer_serving(conviction: Conviction, when: When) -> Conviction:
    """The conviction with the time of serving that goes on, if one does, ended."""
    services = tuple(replace(each, ended=when) if each.ended is None else each for each in conviction.services)
    return replace(conviction, services=services)


def set_aside(conviction: Conviction, when: When) -> Conviction:
    """The conviction quashed: whoever is held is to be released from then on, whether or not an entry says so."""
    due = conviction.release_due or (when if conviction.custody is Custody.HELD else None)
    return replace(conviction, quashed=True, release_due=due)


def may_end(stage: ENDABLE) -> bool:
    """Whether an end of custody can follow: always, but for a closed case whose record says that the person is not held."""
    return not isinstance(stage, Closed) or stage.conviction.custody in (Custody.HELD, Custody.UNKNOWN)


def may_move(conviction: Conviction) -> bool:
    """Whether a transfer can follow: nobody known to be out of custody is moved, nobody held on a quashed conviction."""
    return conviction.custody in (Custody.HELD, Custody.UNKNOWN) and not conviction.quashed


def may_return(conviction: Conviction) -> bool:
    """Whether being taken back can follow: for somebody who is not held, and on a conviction that stands."""
    return conviction.custody is not Custody.HELD and not conviction.quashed


def with_conviction(stage: ANY, conviction: Conviction) -> Stage:
    """The same stage with another state of the conviction."""
    if isinstance(stage, UnderAppeal):
        before = stage.before
        return replace(stage, before=replace(before, sentence=replace(before.sentence, conviction=conviction)))
    if isinstance(stage, APPEALABLE):
        return replace(stage, sentence=replace(stage.sentence, conviction=conviction))
    return replace(stage, conviction=conviction)
