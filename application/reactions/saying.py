"""What every command of a reaction states: when, on what it rests, and how far that is established."""

from typing import Any

from application.react import Cause
from application.records import moment
from domain.kernel import TOLERANCE, Entry
from domain.values import ClaimStatus, Precision, Source, SourceKind, When


def at_receipt(cause: Cause) -> When:
    """The minute that begins when the cause was recorded.

    As wide as clocks may disagree: what an officer stated up to ``TOLERANCE`` ahead of the ledger's clock was known to the
    cause, and what follows from the cause never falls before it.
    """
    recorded_at = moment(cause.recorded.recorded_at)
    return When(recorded_at, recorded_at + TOLERANCE, Precision.MINUTE)


def reference(cause: Cause, entry: Entry | None = None) -> str:
    """An entry of the cause's case, the cause itself unless another one is named, as ``case/version``."""
    return f"{cause.recorded.case_id}/{cause.recorded.version if entry is None else entry.version}"


def stated(cause: Cause, entry: Entry | None = None, when: When | None = None) -> dict[str, Any]:
    """The block every command begins with: it rests on an entry of the cause's case, and nobody but the system decided."""
    named = reference(cause, entry)
    source = Source(named, SourceKind.SYSTEM, named)
    return {"when": when or at_receipt(cause), "sources": (source,), "claim_status": ClaimStatus.OBSERVED}
