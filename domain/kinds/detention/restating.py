"""How far a correction may prolong a hold or a measure: no further than the decision could have gone, and before it ended.

Each check is asked of an entry that is stated anew, in the case as it was before that entry. What shortens an authority is
not refused, and a release, a death or an escape is not asked about.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

from domain.kernel import Anew, Context, Event, Refusal, Refused, Stage, require
from domain.kinds.detention.acts import (
    DetentionAuthorized,
    DetentionExtended,
    DetentionReviewed,
    JudicialDecisionRecorded,
    JudicialOutcome,
    MeasureImposed,
    MeasureVaried,
    ReviewOutcome,
)
from domain.kinds.detention.rules import (
    BEYOND_EXECUTIVE_LIMIT,
    BEYOND_SENIOR_LIMIT,
    DESIGN,
    HOLD_EXPIRED,
    custody_limit,
    latest,
    require_ahead,
    require_lawful_hold,
    require_within_remand,
)
from domain.kinds.detention.stages import Concerned, UnderAuthority

AUTHORITY_ENDED = Refusal(
    "authority-ended",
    "What prolongs a hold or a measure comes before its end: no correction prolongs one that has ended.",
    DESIGN,
)


def prolongs(after: datetime | None, before: datetime | None) -> bool:
    """Whether one end lies after another; none at all lies after every one."""
    return before is not None and (after is None or after > before)


def require_not_ended(before: datetime | None, context: Context) -> None:
    """Refuse a correction made after the end that it would put off: by the ledger's clock, whatever it says of its own time."""
    require(before is None or context.now <= before, AUTHORITY_ENDED)


def concerned(stage: Stage) -> Concerned:
    """The condition of a person in custody or on a measure; where custody was over already, nothing can be prolonged."""
    if not isinstance(stage, Concerned):
        raise Refused(AUTHORITY_ENDED)
    return stage


def authorized_anew(stage: Stage, before: DetentionAuthorized, after: DetentionAuthorized, context: Context) -> None:
    """An authorization is not made longer than the executive limit."""
    if prolongs(after.until, before.until):
        require_not_ended(before.until, context)
        require_ahead(after.until, after, context)
        require(after.until <= custody_limit(concerned(stage).hold, "executive", context), BEYOND_EXECUTIVE_LIMIT)


def extended_anew(stage: Stage, before: DetentionExtended, after: DetentionExtended, context: Context) -> None:
    """An extension is not made longer than the limit with a senior authority."""
    if prolongs(after.until, before.until):
        require_not_ended(before.until, context)
        require_ahead(after.until, after, context)
        limit = custody_limit(concerned(stage).hold, "executive_with_senior", context)
        require(after.until <= limit, BEYOND_SENIOR_LIMIT)


def reviewed_anew(stage: Stage, before: DetentionReviewed, after: DetentionReviewed, context: Context) -> None:
    """A review that said release is turned into one that continues the hold only before the hold ends."""
    if after.outcome is ReviewOutcome.CONTINUE and before.outcome is not after.outcome and isinstance(stage, UnderAuthority):
        require(max(latest(after, context), context.now) <= stage.until, HOLD_EXPIRED)


def decided_anew(stage: Stage, before: JudicialDecisionRecorded, after: JudicialDecisionRecorded, context: Context) -> None:
    """A court's order is not made longer than the limits of orders; what was none becomes one as it would be recorded late."""
    turned = before.outcome is not after.outcome
    match after.outcome:
        case JudicialOutcome.HOLD if turned:
            require_lawful_hold(concerned(stage), after, context)
        case JudicialOutcome.HOLD if prolongs(after.until, before.until):
            require_not_ended(before.until, context)
            require_within_remand(concerned(stage), after, context)
        case JudicialOutcome.MEASURE if not turned:
            measured_anew(stage, before, after, context)
        case _:
            pass


Measure: TypeAlias = MeasureImposed | MeasureVaried | JudicialDecisionRecorded


def measured_anew(stage: Stage, before: Measure, after: Measure, context: Context) -> None:
    """The end of a measure may be put off for as long as it goes on."""
    if prolongs(after.until, before.until):
        require_not_ended(before.until, context)
        require_ahead(after.until, after, context)


ANEW: Mapping[type[Event], Anew] = MappingProxyType(
    {
        DetentionAuthorized: authorized_anew,
        DetentionExtended: extended_anew,
        DetentionReviewed: reviewed_anew,
        JudicialDecisionRecorded: decided_anew,
        MeasureImposed: measured_anew,
        MeasureVaried: measured_anew,
    }
)
