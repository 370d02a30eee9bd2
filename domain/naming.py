"""How a name in the code becomes one that callers see: in routes, in stages, in operation ids."""

import re
from functools import cache


@cache
def snake(name: str) -> str:
    """``JudiciallyHeld`` as ``judicially_held``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
