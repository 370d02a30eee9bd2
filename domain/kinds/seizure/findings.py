"""Comparing a line with its record: each difference becomes a recorded discrepancy."""

from decimal import Decimal

from domain.deadlines import PROFILE_NOT_INSTALLED
from domain.kernel import Context, Events, Refused, record, require
from domain.kinds.seizure.acts import LineCommand
from domain.kinds.seizure.item_acts import Concern, DiscrepancyFound
from domain.kinds.seizure.quantities import counts_differ, in_grams, weights_differ
from domain.kinds.seizure.refusals import UNIT_DIFFERS, WEIGHT_INCOMPLETE
from domain.kinds.seizure.stages import Item
from domain.values import Quantity


def require_weight(weight: Quantity | None, scale: str | None) -> None:
    """Refuse a weight that is no mass or was read from no scale."""
    require(weight is None or (scale is not None and in_grams(weight) is not None), WEIGHT_INCOMPLETE)


def require_count(item: Item, count: Quantity | None) -> None:
    """Refuse a count that cannot be compared with the line."""
    require(count is None or (count.amount is not None and count.unit is item.quantity.unit), UNIT_DIFFERS)


def in_words(command: LineCommand, concern: Concern, expected: str | None, actual: str | None) -> Events:
    """The discrepancy of a seal or a place."""
    event = record(
        DiscrepancyFound,
        command,
        concern=concern,
        expected=expected,
        actual=actual,
        expected_quantity=None,
        actual_quantity=None,
    )
    return (event,)


def in_figures(command: LineCommand, concern: Concern, expected: Quantity | None, actual: Quantity | None) -> Events:
    """The discrepancy of a weight or a count."""
    event = record(
        DiscrepancyFound,
        command,
        concern=concern,
        expected=None,
        actual=None,
        expected_quantity=expected,
        actual_quantity=actual,
    )
    return (event,)


def compared_seal(command: LineCommand, item: Item, seal: str | None) -> Events:
    """A discrepancy if the seal found is not the one recorded."""
    return () if seal == item.seal else in_words(command, Concern.SEAL, item.seal, seal)


def weight_tolerance(context: Context) -> Decimal:
    """The grams by which the case's profile lets two weighings differ. Refused where the profile is not installed."""
    if context.profile is None:
        raise Refused(PROFILE_NOT_INSTALLED)
    return context.profile.weight_tolerance


def compared_figures(
    command: LineCommand, item: Item, count: Quantity | None, weight: Quantity | None, context: Context
) -> Events:
    """A discrepancy for a count that differs, and for a weight that differs beyond the profile's tolerance."""
    found: Events = ()
    if counts_differ(item.quantity, count):
        found += in_figures(command, Concern.COUNT, item.quantity, count)
    if item.weight is not None and weight is not None and weights_differ(item.weight, weight, weight_tolerance(context)):
        found += in_figures(command, Concern.WEIGHT, item.weight, weight)
    return found
