"""Limits in time that guards ask for, from the rule profile a case is under.

The figures are those of ``default-neutral@1``: protective engineering defaults, no country's law, to be confirmed by
counsel before real use. Profiles as data take this place; guards already ask for a limit by name.
"""

from dataclasses import dataclass
from datetime import timedelta

DEFAULT_PROFILE = "default-neutral@1"
"""The profile every case is under until it is moved to another."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long what may last. Durations count from the moment the guard names."""

    executive: timedelta = timedelta(hours=24)
    executive_with_senior: timedelta = timedelta(hours=36)
    without_judge: timedelta = timedelta(hours=48)
    remand_order: timedelta = timedelta(days=30)
    remand_total: timedelta = timedelta(days=180)
    claim_window: timedelta = timedelta(days=60)
    appeal_window: timedelta = timedelta(days=30)
    network_link: timedelta = timedelta(days=90)


LIMITS = {DEFAULT_PROFILE: Limits()}


def limits(profile: str) -> Limits:
    """The limits of a profile, by its pinned name. Raises KeyError for a profile that is not installed."""
    return LIMITS[profile]
