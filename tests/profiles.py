"""The rule profiles that come with casetrail, for tests: the default one, and all of them as a law that allows any."""

from domain.catalogue import discover
from domain.profiles import DEFAULT_PROFILE, Law
from infrastructure.profiles import installed

LAW = Law(installed(discover()), unverified_allowed=True)
NEUTRAL = LAW.installed[DEFAULT_PROFILE]
