"""Links as reactions see them, and what one end of a link did told to the other."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from application.react import Cause, Reaction, Reply
from application.reactions.saying import stated
from domain.dossier.acts import (
    LinkAnswered,
    LinkConfirmed,
    LinkEnded,
    LinkProposed,
    LinkRejected,
    LinkState,
    LinkType,
    RecordLinkAnswer,
)
from domain.dossier.rules import UNCHANGED
from domain.history import standing
from domain.kernel import Entry, Event

EVERY: Final = frozenset(LinkType)

JOINING: Final = (LinkConfirmed, LinkAnswered)
"""What may confirm a link, on the side that was asked and on the side that had proposed it."""

ANSWERS: Final[Mapping[type[Event], LinkState]] = {
    LinkConfirmed: LinkState.CONFIRMED,
    LinkRejected: LinkState.REJECTED,
    LinkEnded: LinkState.ENDED,
}
"""What an officer did with a link, and how far it has come then."""


def confirmed(entries: Sequence[Entry], types: frozenset[LinkType] = EVERY) -> Mapping[UUID, str]:
    """The cases, with their kind, that a confirmed link of these types joins to the case whose history this is.

    Either end may have proposed it. In recorded order: what counts is what was known when.
    """
    states: dict[tuple[UUID, LinkType], LinkState] = {}
    kinds: dict[UUID, str] = {}
    for entry in standing(entries):
        match entry.event:
            case LinkProposed(other=other, other_kind=kind, link=link):
                states[other, link], kinds[other] = LinkState.PROPOSED, kind
            case LinkConfirmed(other=other, other_kind=kind, link=link):
                states[other, link], kinds[other] = LinkState.CONFIRMED, kind
            case LinkAnswered(other=other, link=link, answer=answer):
                states[other, link] = answer
            case LinkEnded(other=other, link=link):
                states[other, link] = LinkState.ENDED
            case _:
                pass
    joined = (other for (other, link), state in states.items() if link in types and state is LinkState.CONFIRMED)
    return {other: kinds[other] for other in joined if other in kinds}


def joins(entry: Entry, types: frozenset[LinkType] = EVERY) -> UUID | None:
    """The other case, where an entry says that a link to it is confirmed now, by this end or by that one."""
    match entry.event:
        case LinkConfirmed(other=other, link=link) if link in types:
            return other
        case LinkAnswered(other=other, link=link, answer=LinkState.CONFIRMED) if link in types:
            return other
        case _:
            return None


def tell_other_end(cause: Cause) -> Sequence[Reply]:
    """What this end confirmed, rejected or ended is recorded on the other one, which may know it already."""
    event = cause.event
    if not isinstance(event, LinkConfirmed | LinkRejected | LinkEnded):
        return ()
    answer = RecordLinkAnswer(**stated(cause), other=cause.recorded.case_id, link=event.link, answer=ANSWERS[type(event)])
    return (Reply(event.other, answer, already=frozenset({UNCHANGED.code})),)


LINK_ANSWERED = Reaction("link_answered", frozenset(event.type for event in ANSWERS), tell_other_end)
