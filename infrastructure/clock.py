"""The machine's clock, as the application's ``Clock`` port."""

import time


def system_clock() -> int:
    """Microseconds since 1970-01-01 UTC, from the machine's real-time clock."""
    return time.time_ns() // 1000
