"""Links: what each case knows of its links to other cases, one row per other case and type of link.

Both ends keep their own side: a confirmed link is a row in either case, and each row says who may see it by its case.
"""

from typing import NamedTuple
from uuid import UUID

from application.heard import Heard
from application.project import Key, ReadModel, cases_only
from application.read_models.state_intervals import began
from domain.dossier.acts import LinkConfirmed, LinkEnded, LinkProposed, LinkRejected, LinkState

_STATES = {
    LinkProposed.type: LinkState.PROPOSED.value,
    LinkConfirmed.type: LinkState.CONFIRMED.value,
    LinkRejected.type: LinkState.REJECTED.value,
    LinkEnded.type: LinkState.ENDED.value,
}

OUTGOING, INCOMING = "outgoing", "incoming"
"""Whether this case proposed the link, or the other one did and this case answered."""


class LinkRow(NamedTuple):
    """A link as this case knows it. ``other`` is the other case's id as text, ``other_kind`` its kind.

    ``direction`` tells who proposed it: a link is read from the proposing case. It and ``other_kind`` are None where a
    correction left only the link's end. ``state`` is how far it has come on this
    side, since the entry ``version``, which happened at ``effective_from`` and was recorded at ``recorded_from``
    (microseconds). ``first_position`` is the earliest position of an entry about it: lists are ordered by it.
    """

    case_id: UUID
    other: str
    link: str
    kind: str
    other_kind: str | None
    direction: str | None
    state: str
    version: int
    effective_from: int
    recorded_from: int
    first_position: int


def _keys(heard: Heard) -> tuple[Key, ...]:
    state = heard.state
    return ((state["other"], state["link"]),)


def _fold(row: LinkRow | None, heard: Heard, key: Key) -> LinkRow | None:
    recorded = heard.recorded
    if heard.case.dossier is heard.before.dossier:  # set aside: the link stands as it was
        return row
    ended = recorded.type == LinkEnded.type  # by its proposer or by the other: it says neither that nor the other's kind
    direction = OUTGOING if recorded.type == LinkProposed.type else INCOMING
    return LinkRow(
        recorded.case_id,
        key[0],
        key[1],
        heard.kind.name,
        (row and row.other_kind) if ended else heard.state["other_kind"],
        (row and row.direction) if ended else direction,
        _STATES[recorded.type],
        recorded.version,
        began(heard),
        recorded.recorded_at,
        recorded.position if row is None else min(row.first_position, recorded.position),
    )


LINKS = ReadModel(
    name="links",
    version=1,
    table_name="rm_links",
    row=LinkRow,
    key=("other", "link"),
    hears=frozenset(_STATES),
    covers=cases_only,
    keys=_keys,
    fold=_fold,
)
