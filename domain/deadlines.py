"""How the profile for a legal basis and a date is found.

No figure stands here: they are in the data files of the profiles, see docs/profiles.md.
"""

from collections.abc import Iterable
from datetime import date

from domain.kernel import RECORD, Refusal, Refused
from domain.profiles import DEFAULT_PROFILE, Profile

__all__ = ["DEFAULT_PROFILE", "Profile", "select"]

TRANSITIONAL = "the profile's transitional rule"
PROFILE_NOT_INSTALLED = Refusal(
    "profile-not-installed",
    "No limit is counted, no weight is compared and no case is moved under a profile that is not installed.",
    RECORD,
)
UNKNOWN_LEGAL_BASIS = Refusal(
    "unknown-legal-basis", "No installed profile is for this legal basis on the date that selects it.", TRANSITIONAL
)
AMBIGUOUS_PROFILE = Refusal(
    "ambiguous-profile", "More than one installed profile is for this legal basis on the date that selects it.", TRANSITIONAL
)


def candidates(profiles: Iterable[Profile], legal_basis: str, day: date) -> tuple[Profile, ...]:
    """The profiles for a legal basis on a date, without those that another one of them supersedes."""
    found = [p for p in profiles if legal_basis in p.legal_bases and p.window.holds(day)]
    superseded = {p.supersedes for p in found}
    return tuple(p for p in found if p.name not in superseded)


def select(profiles: Iterable[Profile], legal_basis: str, day: date) -> Profile:
    """The one profile for a legal basis on the date its transitional rule names. Refused if there is none, or several."""
    found = candidates(profiles, legal_basis, day)
    match found:
        case ():
            raise Refused(UNKNOWN_LEGAL_BASIS)
        case (profile,):
            return profile
        case _:
            raise Refused(AMBIGUOUS_PROFILE)
