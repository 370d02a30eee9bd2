"""The rule profiles that come with casetrail, for tests: the default one, and all of them as a law that allows any."""

from dataclasses import replace

from domain.catalogue import discover
from domain.profiles import DEFAULT_PROFILE, Law
from infrastructure.profiles import installed

LAW = Law(installed(discover()), unverified_allowed=True)
NEUTRAL = LAW.installed[DEFAULT_PROFILE]
ALONE = replace(NEUTRAL, material=frozenset())
"""The default profile, but nothing is material: one officer corrects alone, so that tests of the fold can say it shortly."""

ONE_PERSON = Law({**LAW.installed, DEFAULT_PROFILE: ALONE}, unverified_allowed=True)
