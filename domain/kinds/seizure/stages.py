"""The conditions a seizure, and each line of its inventory, can be in."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TypeAlias

from domain.kernel import Stage
from domain.kinds.seizure.claim_acts import ClaimOutcome
from domain.kinds.seizure.disposal_acts import KeepingRisk
from domain.kinds.seizure.item_acts import Classification, Concern, Scheme
from domain.kinds.seizure.storage_acts import StorageClass
from domain.values import PartyId, Quantity

# --- A line ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Classified:
    """A line's place in one list, who put it there, and whether that is contested."""

    classification: Classification
    by: str | None
    contested: bool = False


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """An open difference between record and finding: who found it, and the weight found where it is about weight."""

    finders: frozenset[str | None]
    weight: Quantity | None


@dataclass(frozen=True, slots=True)
class Forfeiture:
    """Who ordered a forfeiture that stands, and the number of the appeal against it while one is open."""

    by: str | None
    appeal: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """What later decisions need of a line, wherever it is.

    ``quantity`` is what is left under this line's number, ``consumed`` what samples used up of it. Exactly one
    ``custodian`` answers for it. ``weight`` is what later weighings are compared with. ``storage`` is the class of store it
    needs, ``risk`` why it cannot simply be kept, as long as nobody has decided what follows from that.
    """

    quantity: Quantity
    custodian: str
    weight: Quantity | None = None
    place: str | None = None
    seal: str | None = None
    consumed: Decimal = Decimal(0)
    return_to: PartyId | None = None
    handover_to: str | None = None
    storage: StorageClass | None = None
    risk: KeepingRisk | None = None
    forfeiture: Forfeiture | None = None
    classified: Mapping[Scheme, Classified] = field(default_factory=lambda: MappingProxyType({}))
    discrepancies: Mapping[Concern, Discrepancy] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Line(Stage):
    """A line of the inventory in some condition."""

    item: Item


@dataclass(frozen=True, slots=True)
class Held(Line):
    """Kept as seized."""


@dataclass(frozen=True, slots=True)
class ReturnPending(Line):
    """To be returned."""


@dataclass(frozen=True, slots=True)
class Forfeited(Line):
    """Forfeited."""


@dataclass(frozen=True, slots=True)
class Condemned(Line):
    """To be destroyed: forfeited, or perishable or dangerous."""


@dataclass(frozen=True, slots=True)
class SalePending(Line):
    """To be sold: forfeited, or perishable or dangerous."""


@dataclass(frozen=True, slots=True)
class HandoverPending(Line):
    """Forfeited and to go to another authority."""


AT_REST: TypeAlias = Held | ReturnPending | Forfeited | Condemned | SalePending | HandoverPending
Standing: TypeAlias = (
    type[Held] | type[ReturnPending] | type[Forfeited] | type[Condemned] | type[SalePending] | type[HandoverPending]
)
"""The condition a line that is away comes back to."""


@dataclass(frozen=True, slots=True)
class Out(Line):
    """Out of its store for a time; ``standing`` is the condition it comes back to."""

    standing: Standing


@dataclass(frozen=True, slots=True)
class InTransit(Line):
    """Offered to officer ``to`` and not accepted yet; ``standing`` is the condition it comes back to."""

    standing: Standing
    to: str


@dataclass(frozen=True, slots=True)
class Missing(Line):
    """Not where it should be; ``standing`` is the condition it comes back to."""

    standing: Standing


@dataclass(frozen=True, slots=True)
class Returned(Line):
    """Handed back."""


@dataclass(frozen=True, slots=True)
class Destroyed(Line):
    """Destroyed."""


@dataclass(frozen=True, slots=True)
class Sold(Line):
    """Sold."""


@dataclass(frozen=True, slots=True)
class Transferred(Line):
    """Handed to another authority for good."""


@dataclass(frozen=True, slots=True)
class Lost(Line):
    """Given up as lost; ``standing`` is the condition it comes back to if it is found after all."""

    standing: Standing


@dataclass(frozen=True, slots=True)
class Divided(Line):
    """Divided into parts that are lines of their own; nothing is left under this number."""


AT_HAND: TypeAlias = AT_REST | Out
SOMEWHERE: TypeAlias = AT_HAND | InTransit
GONE: TypeAlias = Missing | Lost
TAKEN: TypeAlias = Forfeited | Condemned | SalePending | HandoverPending
DISPOSED_OF: TypeAlias = Destroyed | Sold | Transferred
ENDED: TypeAlias = Returned | DISPOSED_OF | Divided
EVER_TAKEN: TypeAlias = TAKEN | Out | InTransit | GONE | DISPOSED_OF
EVER_INVENTORIED: TypeAlias = SOMEWHERE | GONE | ENDED


# --- The goods ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Notice:
    """A written notice: for whom, whether it was served or came back, and served since when, if known to the minute."""

    party: PartyId | None
    served: bool = False
    returned: bool = False
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim to goods; no ``lines`` means all of them. Open until it has an outcome."""

    claimant: PartyId
    lines: frozenset[str]
    outcome: ClaimOutcome | None = None
    upheld: frozenset[str] = frozenset()

    def covers(self, line: str) -> bool:
        """Whether the claim is about a line."""
        return not self.lines or line in self.lines

    def upheld_for(self, line: str) -> bool:
        """Whether the claim was decided in the claimant's favor for a line."""
        return line in self.upheld or (self.outcome is ClaimOutcome.UPHELD and self.covers(line))

    def divided(self, line: str, parts: frozenset[str]) -> "Claim":
        """The claim after a line it may be about was divided: it goes on for the parts."""
        lines = self.lines | parts if line in self.lines else self.lines
        return replace(self, lines=lines, upheld=self.upheld | parts if line in self.upheld else self.upheld)


@dataclass(frozen=True, slots=True)
class LegalHold:
    """A legal hold on goods; no ``lines`` means all of them."""

    lines: frozenset[str]
    lifted: bool = False

    def covers(self, line: str) -> bool:
        """Whether the hold stands and is about a line."""
        return not self.lifted and (not self.lines or line in self.lines)

    def divided(self, line: str, parts: frozenset[str]) -> "LegalHold":
        """The hold after a line it may be about was divided: it goes on for the parts."""
        return replace(self, lines=self.lines | parts) if line in self.lines else self


@dataclass(frozen=True, slots=True)
class Goods:
    """The goods of a seizure: who seized them, their lines, every seal ever applied, and what stands against taking them.

    ``parties`` are those who became known to have an interest in the goods.
    """

    officers: frozenset[str | None]
    lines: Mapping[str, Line] = field(default_factory=lambda: MappingProxyType({}))
    seals: frozenset[str] = frozenset()
    notices: Mapping[str, Notice] = field(default_factory=lambda: MappingProxyType({}))
    claims: Mapping[str, Claim] = field(default_factory=lambda: MappingProxyType({}))
    parties: frozenset[PartyId] = frozenset()
    legal_holds: Mapping[str, LegalHold] = field(default_factory=lambda: MappingProxyType({}))
    unlawful: bool = False

    @property
    def claimed(self) -> bool:
        """Whether any claim is open."""
        return any(claim.outcome is None for claim in self.claims.values())

    def claim_open_for(self, line: str) -> bool:
        """Whether an open claim is about a line."""
        return any(claim.outcome is None and claim.covers(line) for claim in self.claims.values())

    def held_back(self, line: str) -> bool:
        """Whether a legal hold on a line stands."""
        return any(hold.covers(line) for hold in self.legal_holds.values())

    def notified(self, party: PartyId) -> bool:
        """Whether a party was served, or its notice came back and one for whom it may concern was served."""
        own = [notice for notice in self.notices.values() if notice.party == party]
        publicly = any(notice.served for notice in self.notices.values() if notice.party is None)
        return any(notice.served or (notice.returned and publicly) for notice in own)

    def upheld_for(self, line: str) -> bool:
        """Whether a claim to a line was upheld."""
        return any(claim.upheld_for(line) for claim in self.claims.values())


# --- The seizure ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Intercepted(Stage):
    """Stopped, and not seized yet."""


@dataclass(frozen=True, slots=True)
class ReleasedToOwner(Stage):
    """Let go without a seizure."""


@dataclass(frozen=True, slots=True)
class WithGoods(Stage):
    """A stage with goods."""

    goods: Goods


@dataclass(frozen=True, slots=True)
class Seized(WithGoods):
    """Seized; the inventory is being taken."""


@dataclass(frozen=True, slots=True)
class Inventoried(WithGoods):
    """Every item stands in the inventory."""


@dataclass(frozen=True, slots=True)
class Notified(WithGoods):
    """An interested party has been served with notice."""


@dataclass(frozen=True, slots=True)
class Contested(WithGoods):
    """A claim is open."""


@dataclass(frozen=True, slots=True)
class Determined(WithGoods):
    """It is decided what becomes of goods: on a claim, by an order, or because the seizure was declared unlawful."""


@dataclass(frozen=True, slots=True)
class Disposing(WithGoods):
    """Goods are being returned or destroyed."""


@dataclass(frozen=True, slots=True)
class Closed(WithGoods):
    """Every unit is accounted for."""


HOLDING: TypeAlias = Seized | Inventoried | Notified | Contested | Determined | Disposing
SETTLING: TypeAlias = Inventoried | Notified | Contested | Determined | Disposing
CLOSABLE: TypeAlias = Inventoried | Notified | Determined | Disposing
EVER_SEIZED: TypeAlias = Seized | Inventoried | Notified | Contested | Determined | Disposing | Closed
EVER_SETTLING: TypeAlias = Inventoried | Notified | Contested | Determined | Disposing | Closed
