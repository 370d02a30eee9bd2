"""What is counted and measured of the read models and reactions, for ``/metrics``."""

from collections.abc import Mapping
from typing import Any, Final

from prometheus_client import Counter, Gauge

LABEL: Final = ("projection",)

APPLIED: Final = Counter("casetrail_projection_events", "Events a read model or reaction took in, here", LABEL)
LAG_EVENTS: Final = Gauge("casetrail_projection_lag_events", "Events of the log that a read model does not include yet", LABEL)
LAG_SECONDS: Final = Gauge("casetrail_projection_lag_seconds", "Age of the first event that it does not include yet", LABEL)
PARKED: Final = Gauge("casetrail_projection_parked", "Events set aside that hold back their cases", LABEL)


def measure(status: Mapping[str, Any]) -> None:
    """Show one status, see ``application.world.Followers``."""
    name = str(status["name"])
    LAG_EVENTS.labels(name).set(status["lag_events"])
    LAG_SECONDS.labels(name).set(status["lag_seconds"])
    PARKED.labels(name).set(status["parked"])
