"""What the cases linked to an investigation must be before it closes: nothing is held on a case that is over."""

from typing import Protocol, runtime_checkable

from domain.dossier.acts import LinkState, LinkType
from domain.kernel import Context, Other, Refusal, require, stage_name
from domain.kinds.investigation.course_acts import CloseInvestigation
from domain.kinds.investigation.guards import DESIGN
from domain.values import CaseId, When

LINKED_LEFT_OUT = Refusal("linked-case-left-out", "Every case linked to an investigation is named when it closes.", DESIGN)
HOLD_RESTS_ON_CASE = Refusal(
    "hold-rests-on-case", "An investigation does not close while a linked person is held on no other case.", DESIGN
)
GOODS_REST_ON_CASE = Refusal(
    "goods-rest-on-case",
    "An investigation does not close while linked goods are neither settled nor kept for another case.",
    DESIGN,
)

STANDING = (LinkState.PROPOSED, LinkState.CONFIRMED)
"""How far a link has come on a side that maintains it."""

BASES = (LinkType.SUPPORTS, LinkType.EVIDENCE_FOR, LinkType.CREDITS, LinkType.ORDERS_DISPOSAL_OF)
"""The links by which a hold or goods serve a case."""

SETTLED = ("closed", "released_to_owner")
"""The stages of a seizure in which every unit is accounted for."""


class InCustody(Protocol):
    """A time in custody; ``ended`` is None while it goes on."""

    @property
    def ended(self) -> When | None:
        """When the person left it."""
        ...


class Held(Protocol):
    """Who was in custody, and when."""

    @property
    def spells(self) -> tuple[InCustody, ...]:
        """The times in custody in their order."""
        ...


@runtime_checkable
class TellsHold(Protocol):
    """A stage of another case that tells whether the person is held; None where it is not known."""

    @property
    def custody(self) -> Held | None:
        """The time in custody so far."""
        ...


def is_hold(other: Other) -> bool:
    """Whether a person is in custody under another case."""
    custody = other.stage.custody if isinstance(other.stage, TellsHold) else None
    return custody is not None and any(spell.ended is None for spell in custody.spells)


def has_another_basis(other: Other, case_id: CaseId) -> bool:
    """Whether it serves another case than this one."""
    links = other.dossier.links.items()
    return any(state in STANDING and far != case_id and link in BASES for (far, link), state in links)


def require_nothing_held(command: CloseInvestigation, context: Context) -> None:
    """Refuse while a linked hold or linked goods would rest on a closed case alone."""
    linked = {far for (far, _), state in context.dossier.links.items() if state in STANDING}
    require(linked <= {*command.linked}, LINKED_LEFT_OUT)
    for case in linked:
        other = context.others.get(case)
        if other is None or has_another_basis(other, context.case_id):
            continue
        require(other.kind != "detention" or not is_hold(other), HOLD_RESTS_ON_CASE)
        require(other.kind != "seizure" or stage_name(type(other.stage)) in SETTLED, GOODS_REST_ON_CASE)
