"""Values shared by every kind of case: times with honest precision, sources, claim status, quantities, sealed text.

All of these are stored for ever. A member of an enumeration is as permanent as a wire name: never renamed, never reused.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar, TypeAlias, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

T = TypeVar("T")


class Malformed(ValueError):
    """A value that cannot mean anything, e.g. an interval that ends before it begins."""


# --- What is sealed -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sealed:
    """Ciphertext in the place of a personal value or a narrative: ``key_id`` in hex, ``ciphertext`` in base64url."""

    key_id: str
    ciphertext: str


class Sealing(StrEnum):
    """Under whose key a field is stored: the person's within this case, or the case's own."""

    PERSONAL = "personal"
    NARRATIVE = "narrative"


@dataclass(frozen=True, slots=True)
class TextLimit:
    """How many characters a text may have, both ends inclusive, and what it must look like."""

    most: int
    least: int = 1
    pattern: str | None = None

    def __get_pydantic_core_schema__(self, source: object, handler: Callable[[object], dict[str, Any]]) -> dict[str, Any]:
        """The limit as Pydantic's plain-dictionary protocol states it; the domain imports nothing for it."""
        schema = handler(source)
        limits = {"min_length": self.least, "max_length": self.most}
        return schema | limits | ({"pattern": f"^(?:{self.pattern})$"} if self.pattern else {})


@dataclass(frozen=True, slots=True)
class WholeLimit:
    """The range of a whole number, both ends inclusive."""

    most: int
    least: int = 0

    def __get_pydantic_core_schema__(self, source: object, handler: Callable[[object], dict[str, Any]]) -> dict[str, Any]:
        """As for TextLimit."""
        return handler(source) | {"ge": self.least, "le": self.most}


@dataclass(frozen=True, slots=True)
class CountLimit:
    """How many elements a tuple may have, both ends inclusive."""

    most: int
    least: int = 0

    def __get_pydantic_core_schema__(self, source: object, handler: Callable[[object], dict[str, Any]]) -> dict[str, Any]:
        """As for TextLimit; the first wrong element ends it, or a body of nothing but wrong ones would take seconds."""
        return handler(source) | {"min_length": self.least, "max_length": self.most, "fail_fast": True}


Label: TypeAlias = Annotated[str, TextLimit(200)]
"""A short name of an office, a place of work, a document or a rule, stored in clear. It never names a private person."""

CODE = TextLimit(64, pattern=r"[A-Za-z0-9][A-Za-z0-9._:@/-]*")
Code: TypeAlias = Annotated[str, CODE]
"""An identifier without spaces, e.g. an officer's id, a unit, a list entry."""

Number: TypeAlias = Annotated[str, TextLimit(64, pattern=r"[^\s\x00-\x1f](?:[^\x00-\x1f]{0,62}[^\s\x00-\x1f])?")]
"""A number as an agency writes it, e.g. a file, seal, parcel or receipt number."""

Whole: TypeAlias = Annotated[int, WholeLimit(2**31 - 1)]
"""A whole number as it is counted: of days, of a term, of an entry. Zero or more."""

Text: TypeAlias = Annotated[str, TextLimit(10_000)]

Narrative: TypeAlias = Annotated[Text | Sealed, Sealing.NARRATIVE]
"""Free text. Sealed under the case's own key before it is stored; rules ask only whether it is there."""

Personal: TypeAlias = Annotated[T | Sealed, Sealing.PERSONAL]
"""A value about a person. Sealed under the key of that person in this case; no rule ever reads it."""


class Material(StrEnum):
    """What a correction must not change without a second person, where the profile says so."""

    TIMES = "times"
    QUANTITIES = "quantities"
    CLASSIFICATION = "classification"
    IDENTITY = "identity"
    TERMS = "terms"


# --- When -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InUtc:
    """A moment with its offset, brought to UTC."""

    def __get_pydantic_core_schema__(self, source: object, handler: Callable[[object], dict[str, Any]]) -> dict[str, Any]:
        """As for TextLimit: an aware datetime, then ``in_utc``."""
        aware = handler(source) | {"tz_constraint": "aware"}
        return {"type": "function-after", "function": {"type": "no-info", "function": in_utc}, "schema": aware}


Moment: TypeAlias = Annotated[datetime, InUtc()]
"""An exact instant that an act fixes, e.g. the end of an authority to hold. Stored in UTC."""


class Precision(StrEnum):
    """How exactly a time is known. Only a minute or better may start a legal clock."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    SEASON = "season"
    YEAR = "year"
    RANGE = "range"
    UNKNOWN = "unknown"


WIDEST: dict[Precision, timedelta] = {
    Precision.SECOND: timedelta(seconds=1),
    Precision.MINUTE: timedelta(minutes=1),
    Precision.HOUR: timedelta(hours=1),
    Precision.DAY: timedelta(hours=25),
    Precision.MONTH: timedelta(days=31, hours=1),
    Precision.SEASON: timedelta(days=124),
    Precision.YEAR: timedelta(days=366, hours=1),
}
"""The longest interval each precision may cover; a day has 25 hours when clocks go back."""


@dataclass(frozen=True, slots=True)
class When:
    """A time as it is known: an interval in UTC, ``earliest`` inclusive, ``latest`` exclusive.

    Either end may be null where it is not known; a null ``latest`` of an act counts as the moment it was recorded.
    ``zone`` is the IANA zone of the place, ``as_stated`` the source's words when the time is imprecise.
    Raises Malformed for an empty interval, an unknown zone, a naive time, or a width the precision does not allow.
    """

    material: ClassVar[Material] = Material.TIMES

    earliest: Moment | None
    latest: Moment | None
    precision: Precision
    zone: Annotated[str, TextLimit(64)] = "UTC"
    as_stated: Label | None = None

    def __post_init__(self) -> None:
        """Refuse what is no time at all, and bring both ends to UTC."""
        for name in ("earliest", "latest"):
            object.__setattr__(self, name, in_utc(getattr(self, name)))
        check_zone(self.zone)
        if self.earliest is None or self.latest is None:
            if self.precision in WIDEST:
                raise Malformed(f"a time known to the {self.precision} has both an earliest and a latest moment")
        elif self.latest <= self.earliest:
            raise Malformed("latest must be after earliest: the interval includes its beginning and not its end")
        elif self.latest - self.earliest > WIDEST.get(self.precision, timedelta.max):
            raise Malformed(f"the interval is wider than a {self.precision}")

    @property
    def precise(self) -> bool:
        """Whether a legal clock may start from it."""
        return self.precision in (Precision.SECOND, Precision.MINUTE)


def in_utc(moment: datetime | None) -> datetime | None:
    """The same moment in UTC; a time without an offset is Malformed, a moment beyond the calendar too."""
    if moment is None or moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        raise Malformed("a time needs its offset from UTC")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise Malformed("a time beyond the calendar") from None


_known_zones: set[str] = {"UTC"}


def check_zone(name: str) -> None:
    """Raise Malformed unless ``name`` is an IANA time zone."""
    if name in _known_zones:
        return
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Malformed("unknown time zone") from None
    _known_zones.add(name)


def at(moment: datetime, zone: str = "UTC") -> When:
    """A time known to the second."""
    return When(moment, moment + timedelta(seconds=1), Precision.SECOND, zone)


# --- Where a fact comes from ----------------------------------------------------------------------------------


class ClaimStatus(StrEnum):
    """How far a stated fact is established. Separating fact from assessment: Directive (EU) 2016/680, art. 7."""

    ALLEGED = "alleged"
    REPORTED = "reported"
    OBSERVED = "observed"
    ADMITTED = "admitted"
    CONTESTED = "contested"
    ESTABLISHED = "established"
    REFUTED = "refuted"
    UNVERIFIED = "unverified"
    OPINION = "opinion"


class SourceKind(StrEnum):
    """What a source is. A synthetic source marks a value made up for a demonstration."""

    OFFICER_OBSERVATION = "officer_observation"
    DOCUMENT = "document"
    STATEMENT = "statement"
    SENSOR = "sensor"
    PRESS = "press"
    PARTNER_AGENCY = "partner_agency"
    COURT = "court"
    SYSTEM = "system"
    SYNTHETIC = "synthetic"


class Reliability(StrEnum):
    """Reliability of a source, A (reliable) to F (cannot be judged): the letters of the 6×6 (Admiralty) scale."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"


class Credibility(StrEnum):
    """Credibility of the information, 1 (confirmed) to 6 (cannot be judged): the digits of the 6×6 (Admiralty) scale."""

    CONFIRMED = "1"
    PROBABLE = "2"
    POSSIBLE = "3"
    DOUBTFUL = "4"
    IMPROBABLE = "5"
    UNJUDGED = "6"


@dataclass(frozen=True, slots=True)
class Source:
    """Where fields of an entry come from.

    ``origin_id`` names the first origin behind re-reports: two articles that repeat one newspaper share it.
    ``covers`` names the fields of the entry that rest on this source; empty means the whole entry.
    """

    source_id: Code
    kind: SourceKind
    origin_id: Code
    reliability: Reliability = Reliability.F
    credibility: Credibility = Credibility.UNJUDGED
    covers: Annotated[tuple[Code, ...], CountLimit(50)] = ()
    asserted_by: Label | None = None
    document_sha256: Annotated[str, TextLimit(64, 64, r"[0-9a-f]{64}")] | None = None


def origins(sources: tuple[Source, ...]) -> frozenset[str]:
    """The independent origins among sources: re-reports of one origin count once."""
    return frozenset(source.origin_id for source in sources)


class CorrectionReason(StrEnum):
    """Why an entry is corrected or retracted."""

    TYPING_ERROR = "typing_error"
    WRONG_TIME = "wrong_time"
    WRONG_PERSON = "wrong_person"
    WRONG_ITEM = "wrong_item"
    BETTER_EVIDENCE = "better_evidence"
    DUPLICATE = "duplicate"
    NEVER_HAPPENED = "never_happened"
    ORDERED_BY_COURT = "ordered_by_court"


# --- On what and by whom --------------------------------------------------------------------------------------


class AuthorityKind(StrEnum):
    """What gives the power to act."""

    STATUTE = "statute"
    WARRANT = "warrant"
    COURT_ORDER = "court_order"
    SENIOR_OFFICER = "senior_officer"
    PROSECUTOR = "prosecutor"
    CONSENT = "consent"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Authority:
    """The document or provision an act rests on; ``issued_on`` is a calendar date at the place of issue."""

    kind: AuthorityKind
    reference: Label
    issued_by: Label | None = None
    issued_on: date | None = None
    document_sha256: Annotated[str, TextLimit(64, 64, r"[0-9a-f]{64}")] | None = None


class Answer(StrEnum):
    """A yes or no that may honestly be unknown."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Unit(StrEnum):
    """Units of measure."""

    PIECE = "piece"
    PAIR = "pair"
    SET = "set"
    PACKAGE = "package"
    GRAM = "g"
    KILOGRAM = "kg"
    METER = "m"
    LITER = "l"


MOST_CHARACTERS, MOST_DECIMALS = 24, 6


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount with its unit; the amount is null where the count was never stated. Raises Malformed below zero."""

    material: ClassVar[Material] = Material.QUANTITIES

    amount: Decimal | None
    unit: Unit

    def __post_init__(self) -> None:
        """Refuse what cannot be counted, and what no ledger should have to store."""
        if self.amount is None:
            return
        if not self.amount.is_finite() or self.amount < 0:
            raise Malformed("a quantity is a finite number, zero or more")
        exponent = self.amount.as_tuple().exponent
        if len(str(self.amount)) > MOST_CHARACTERS or not isinstance(exponent, int) or not -MOST_DECIMALS <= exponent <= 0:
            raise Malformed(f"a quantity has at most {MOST_CHARACTERS} characters and {MOST_DECIMALS} decimals")


PartyId: TypeAlias = UUID
"""A person or organization in the party register: a random id without meaning."""

CaseId: TypeAlias = UUID


def conforms(text: str, limit: TextLimit) -> bool:
    """Whether a text keeps its limit and pattern."""
    return limit.least <= len(text) <= limit.most and (not limit.pattern or bool(re.fullmatch(limit.pattern, text)))
