"""What may be said of quantities without guessing: how much is left, and whether two of them differ."""

from collections.abc import Iterable
from decimal import Context as Arithmetic
from decimal import Decimal

from domain.values import Malformed, Quantity, Unit

EXACT = Arithmetic(prec=60)
"""Enough digits that no sum or difference of storable quantities is ever rounded."""

GRAMS = {Unit.GRAM: Decimal(1), Unit.KILOGRAM: Decimal(1000)}


def less(whole: Quantity, *parts: Quantity) -> Quantity | None:
    """What is left of a whole without its parts; None if that cannot be said or is less than nothing."""
    left = whole.amount
    for part in parts:
        if left is None or not part.amount or part.unit is not whole.unit:
            return None
        left = EXACT.subtract(left, part.amount)
    try:
        return Quantity(left, whole.unit)
    except Malformed:
        return None


def sums_to(whole: Quantity, parts: Iterable[Quantity]) -> bool:
    """Whether parts, none of them nothing, add up to exactly the whole."""
    left = less(whole, *parts)
    return left is not None and left.amount == 0


def more(amount: Decimal, part: Quantity) -> Decimal:
    """An amount increased by a quantity."""
    return EXACT.add(amount, part.amount or Decimal(0))


def counts_differ(expected: Quantity, counted: Quantity | None) -> bool:
    """Whether a count differs from a known quantity."""
    if counted is None or expected.amount is None:
        return False
    return counted.amount != expected.amount


def in_grams(weight: Quantity | None) -> Decimal | None:
    """A weight in grams; None if it is none."""
    if weight is None or weight.amount is None or weight.unit not in GRAMS:
        return None
    return weight.amount * GRAMS[weight.unit]


def weights_differ(expected: Quantity, weighed: Quantity, tolerance: Decimal) -> bool:
    """Whether two weights differ beyond a tolerance in grams."""
    before, after = in_grams(expected), in_grams(weighed)
    return before is not None and after is not None and abs(before - after) > tolerance
