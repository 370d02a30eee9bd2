"""The stages of an investigation and what each holds for later decisions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeAlias

from domain.kernel import Stage
from domain.kinds.investigation.court_acts import VerdictOutcome
from domain.kinds.investigation.inquiry_acts import StepType
from domain.kinds.investigation.link_acts import Sameness
from domain.kinds.investigation.people_acts import SubjectStatus
from domain.values import ClaimStatus, PartyId

NONE_YET: Mapping[Any, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Subject:
    """A person the investigation concerns, or concerned until eliminated."""

    status: SubjectStatus
    eliminated: bool = False

    @property
    def settled(self) -> bool:
        """Whether nothing about this person is left open."""
        return self.eliminated or self.status not in UNSETTLED


UNSETTLED = (SubjectStatus.PERSON_OF_INTEREST, SubjectStatus.SUSPECT, SubjectStatus.ACCUSED)


@dataclass(frozen=True, slots=True)
class Step:
    """An authorized step: its type, from when until before when it may be taken, and who authorized it.

    ``revoked`` is when the authority was revoked, at the earliest.
    """

    step_type: StepType
    valid_from: datetime
    valid_until: datetime
    authorized_by: str | None
    revoked: datetime | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """An item of material: how far it is established, and whether it speaks for a person."""

    status: ClaimStatus
    exculpatory: bool = False


@dataclass(frozen=True, slots=True)
class NetworkLink:
    """A proposed network link: what it rests on and when it expires."""

    expires: datetime
    evidence: frozenset[str]
    rejected: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A possible-same-person note, who decided to make it, and what became of it."""

    noted_by: str | None
    outcome: Sameness | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge, what the court found on it, and whether it was withdrawn."""

    party: PartyId
    outcome: VerdictOutcome | None = None
    withdrawn: bool = False

    @property
    def pending(self) -> bool:
        """Whether the charge waits for a verdict."""
        return self.outcome is None and not self.withdrawn


@dataclass(frozen=True, slots=True)
class Matter:
    """What an opened investigation carries through its stages, each thing under its reference.

    ``allegations`` tells which are still maintained; ``shipment_evidence`` the material that earlier shipments rest on;
    ``scheduled`` the items of the last disclosure schedule, None before the first; ``served`` whom it was served on;
    ``hearings`` who has a hearing ahead.
    """

    lead: str | None = None
    recused: frozenset[str] = frozenset()
    subjects: Mapping[PartyId, Subject] = field(default_factory=lambda: NONE_YET)
    allegations: Mapping[str, bool] = field(default_factory=lambda: NONE_YET)
    steps: Mapping[str, Step] = field(default_factory=lambda: NONE_YET)
    material: Mapping[str, Material] = field(default_factory=lambda: NONE_YET)
    shipment_evidence: frozenset[str] = frozenset()
    requests: frozenset[str] = frozenset()
    network: Mapping[str, NetworkLink] = field(default_factory=lambda: NONE_YET)
    notes: Mapping[str, Note] = field(default_factory=lambda: NONE_YET)
    scheduled: frozenset[str] | None = None
    served: frozenset[PartyId] = frozenset()
    hearings: frozenset[PartyId] = frozenset()
    charges: Mapping[str, Charge] = field(default_factory=lambda: NONE_YET)

    def charged(self, party: PartyId) -> bool:
        """Whether a charge against a person waits for a verdict."""
        return any(charge.pending and charge.party == party for charge in self.charges.values())

    def guilty(self, party: PartyId) -> bool:
        """Whether a court found a person guilty on a charge."""
        return any(c.party == party and c.outcome is VerdictOutcome.GUILTY for c in self.charges.values())

    @property
    def undecided(self) -> bool:
        """Whether any charge waits for a verdict."""
        return any(charge.pending for charge in self.charges.values())


# --- Stages ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Referred(Stage):
    """Somebody asked for an investigation; nobody has decided."""

    requested_by: str | None


@dataclass(frozen=True, slots=True)
class Declined(Stage):
    """The referral was declined."""


@dataclass(frozen=True, slots=True)
class Begun(Stage):
    """What every stage after the opening has in common; no stage of its own."""

    matter: Matter


@dataclass(frozen=True, slots=True)
class Open(Begun):
    """Under investigation."""


@dataclass(frozen=True, slots=True)
class Suspended(Begun):
    """At rest until resumed."""


@dataclass(frozen=True, slots=True)
class WithProsecutor(Begun):
    """A prosecutor has the case; ``to_charge`` once the prosecutor decided to charge."""

    to_charge: bool = False


@dataclass(frozen=True, slots=True)
class Charged(Begun):
    """A charge was filed."""


@dataclass(frozen=True, slots=True)
class AtCourt(Begun):
    """A court has the charges."""


@dataclass(frozen=True, slots=True)
class Concluded(Begun):
    """Every charge was decided or withdrawn."""


@dataclass(frozen=True, slots=True)
class Discontinued(Begun):
    """Ended without a judgment."""


@dataclass(frozen=True, slots=True)
class Closed(Begun):
    """Nothing is left open."""


# --- Groups of stages -----------------------------------------------------------------------------------------

Active: TypeAlias = Open | WithProsecutor | Charged | AtCourt
"""Inquiry goes on: steps may be taken."""

Underway: TypeAlias = Active | Suspended
"""Not ended: persons and material may be added."""

Ended: TypeAlias = Concluded | Discontinued
"""Ended, and not closed."""

Unclosed: TypeAlias = Underway | Ended
"""What is known may still be settled."""

Kept: TypeAlias = Unclosed | Closed
"""Any time after the opening."""

Disclosable: TypeAlias = Active | Concluded
"""The defense may be owed material."""

Prosecuted: TypeAlias = WithProsecutor | Charged | AtCourt
"""A prosecutor answers for the case."""

Accusing: TypeAlias = Charged | AtCourt
"""Charges stand."""

Reopenable: TypeAlias = Ended | Closed
"""Could be opened again."""
