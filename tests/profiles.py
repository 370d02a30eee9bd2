"""The rule profiles that come with casetrail, for tests: the default one, and all of them as a law that allows any."""

from dataclasses import replace
from types import MappingProxyType

from domain.catalogue import discover
from domain.profiles import DEFAULT_PROFILE, Law
from infrastructure.profiles import installed

LAW = Law(installed(discover()), unverified_allowed=True)
NEUTRAL = LAW.installed[DEFAULT_PROFILE]
ALONE = replace(NEUTRAL, material=frozenset(), demands=MappingProxyType({}))
"""The default profile, but nothing is material, so that one officer corrects alone and tests of the fold say it shortly; and
it demands nothing, so that each rule in code is met itself."""

ONE_PERSON = Law({**LAW.installed, DEFAULT_PROFILE: ALONE}, unverified_allowed=True)
