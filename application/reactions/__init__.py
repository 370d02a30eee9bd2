"""Reactions, by theme in modules of their own: commands that follow from recorded events."""

from application.react import Reaction
from application.reactions.credit import CREDIT
from application.reactions.dates import DATES
from application.reactions.links import LINK_ANSWERED
from application.reactions.reviews import (
    CLASSIFICATION_REVISED,
    CONVICTION_QUASHED,
    HOLD_DECLARED_UNLAWFUL,
    INVESTIGATION_DISCONTINUED,
    ITEM_MISSING,
)

REACTIONS: tuple[Reaction, ...] = (
    LINK_ANSWERED,
    CREDIT,
    DATES,
    CLASSIFICATION_REVISED,
    INVESTIGATION_DISCONTINUED,
    CONVICTION_QUASHED,
    HOLD_DECLARED_UNLAWFUL,
    ITEM_MISSING,
)
"""Every reaction of the application."""
