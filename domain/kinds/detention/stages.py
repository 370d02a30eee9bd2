"""The conditions a detention can be in, and the groups of them that rules speak of."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from domain.kernel import Claims, Stage
from domain.values import Code, Label, Number, PartyId, When

# --- What a hold remembers ------------------------------------------------------------------------------------


class Counsel(StrEnum):
    """How far the person has come towards counsel."""

    NOT_OFFERED = "not_offered"
    OFFERED = "offered"
    REQUESTED = "requested"
    WAIVED = "waived"
    ATTENDED = "attended"
    DELAYED = "delayed"


class Consular(StrEnum):
    """What the person has been told about, and wants of, a consular post."""

    NOT_EXPLAINED = "not_explained"
    EXPLAINED = "explained"
    REQUESTED = "requested"
    DECLINED = "declined"


class Property(StrEnum):
    """What is known of the person's belongings; only the last two are settled."""

    NOT_LISTED = "not_listed"
    KEPT = "kept"
    NONE_FOUND = "none_found"
    HANDED_OVER = "handed_over"


SETTLED = (Property.NONE_FOUND, Property.HANDED_OVER)


class Lawfulness(StrEnum):
    """What is said of the lawfulness of the hold; a declaration of unlawfulness is never unsaid by another decision."""

    UNCHALLENGED = "unchallenged"
    CHALLENGED = "challenged"
    DECLARED_UNLAWFUL = "declared_unlawful"


@dataclass(frozen=True, slots=True)
class Standing:
    """What outlives the hold: its lawfulness, and what waits for an answer or to be passed on.

    ``challenged_before`` names the body of each challenge that is open, ``complaints`` those without an answer,
    ``messages`` those to a consular post not yet forwarded. ``incident`` once the person was injured, complained, or
    escaped and did not come back: the unit that held the person does not close such a case.
    """

    lawfulness: Lawfulness = Lawfulness.UNCHALLENGED
    challenged_before: tuple[Label, ...] = ()
    complaints: tuple[Number, ...] = ()
    messages: tuple[Number, ...] = ()
    incident: bool = False


@dataclass(frozen=True, slots=True)
class TransferOffer:
    """An offer to another agency that has not been answered; ``by`` decided to make it."""

    agency: Label
    by: Code | None


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in custody without a break; ``ended`` is None while it goes on."""

    began: When
    ended: When | None = None


@dataclass(frozen=True, slots=True)
class Custody:
    """Who was in custody, and when: what a sentence is credited with. An escape and a measure at liberty break it."""

    party: PartyId
    spells: tuple[Spell, ...]


@dataclass(frozen=True, slots=True)
class Hold:
    """What every stage before the end of custody keeps.

    ``began`` is the apprehension, from which limits count; ``involved`` are those who apprehended or interviewed;
    ``counsel_delayed_until`` counts only while counsel is delayed; ``remanded`` is when a court first ordered the hold;
    ``spells`` are the times in custody so far.
    """

    party: PartyId
    began: When
    involved: tuple[Code, ...]
    authorized_by: Code | None = None
    facility: Label | None = None
    interpreter_settled: bool = False
    rights_explained: bool = False
    counsel: Counsel = Counsel.NOT_OFFERED
    counsel_delayed_until: datetime | None = None
    consular: Consular = Consular.NOT_EXPLAINED
    property: Property = Property.NOT_LISTED
    clock_paused: bool = False
    offer: TransferOffer | None = None
    remanded: datetime | None = None
    spells: tuple[Spell, ...] = ()
    standing: Standing = Standing()


# --- Stages ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept(Stage):
    """What every stage with a hold has; no stage of its own."""

    hold: Hold

    @property
    def custody(self) -> Custody:
        """Who was in custody, and when, so far."""
        return Custody(self.hold.party, self.hold.spells)

    @property
    def standing(self) -> Standing:
        """What is open about the hold, so far."""
        return self.hold.standing


@dataclass(frozen=True, slots=True)
class Past(Stage):
    """What every end of custody has; no stage of its own."""

    property: Property
    custody: Custody | None = None
    standing: Standing = Standing()


@dataclass(frozen=True, slots=True)
class Apprehended(Kept):
    """Deprived of liberty, and nobody has yet authorized or refused the hold."""


@dataclass(frozen=True, slots=True)
class Authorized(Kept):
    """Held on an executive authority that ends at ``until``."""

    until: datetime


@dataclass(frozen=True, slots=True)
class JudiciallyHeld(Kept):
    """Held on a court's order that ends at ``until``."""

    until: datetime


@dataclass(frozen=True, slots=True)
class AuthorizationRefused(Kept):
    """Still in custody though a custody officer refused the hold: to be released."""


@dataclass(frozen=True, slots=True)
class ReleaseOrdered(Kept):
    """Still in custody though a court, a review or a declaration of unlawfulness says release."""


@dataclass(frozen=True, slots=True)
class OnMeasure(Kept):
    """At liberty under a measure; ``lifted`` once a court has ended it."""

    until: datetime | None
    lifted: bool = False


@dataclass(frozen=True, slots=True)
class Escaped(Stage):
    """At large; ``interrupted`` is the condition the escape broke off."""

    interrupted: "Apprehended | Authorized | JudiciallyHeld | AuthorizationRefused | ReleaseOrdered | OnMeasure"

    @property
    def custody(self) -> Custody:
        """Who was in custody until the escape, and when."""
        return self.interrupted.custody

    @property
    def standing(self) -> Standing:
        """What is open about the hold that the escape broke off."""
        return self.interrupted.standing


@dataclass(frozen=True, slots=True)
class Released(Past):
    """Free."""


@dataclass(frozen=True, slots=True)
class Transferred(Past):
    """In the hands of another agency."""


@dataclass(frozen=True, slots=True)
class Died(Past):
    """Died while held, on a measure or at large."""


@dataclass(frozen=True, slots=True)
class Closed(Stage):
    """Closed: only lawfulness, remedies, complaints and the shared record go on.

    ``custody`` is not compared: nothing in this case rests on it any more, other cases read it.
    """

    custody: Custody | None = field(default=None, compare=False)
    standing: Standing = Standing()


# --- Groups ---------------------------------------------------------------------------------------------------

UnderPower: TypeAlias = Apprehended | Authorized | JudiciallyHeld
"""In custody, and nothing yet says the person must go."""

UnderAuthority: TypeAlias = Authorized | JudiciallyHeld
"""In custody on an authority with an end."""

Held: TypeAlias = Apprehended | Authorized | JudiciallyHeld | AuthorizationRefused | ReleaseOrdered
"""In custody, rightly or not: every duty of care is owed."""

Concerned: TypeAlias = Held | OnMeasure
"""In custody or on a measure."""

Unended: TypeAlias = Concerned | Escaped
"""Custody has begun and has not ended for good."""

Ended: TypeAlias = Released | Transferred | Died
"""Custody has ended for good."""

AnyStage: TypeAlias = Unended | Ended | Closed


def holds(stage: Stage) -> Claims:
    """One open hold per person: the claim of a case on the person it keeps in custody."""
    return frozenset({("open-hold", str(stage.hold.party))}) if isinstance(stage, Held) else frozenset()
