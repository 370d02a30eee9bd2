"""Rounds of alternating measurements, and the ratios that come of them.

A machine that other work shares is fast in one second and slow in the next. So the two sides of a ratio are measured in
turns, each round gives one ratio, and what is reported is the median of the rounds with the lowest and the highest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Rates = Mapping[str, float]
"""What one round measured: operations per second, by name."""


@dataclass(frozen=True)
class Ratio:
    """A claim: ``ours`` over ``other``, and the least it must reach; None where it is only reported."""

    ours: str
    other: str
    least: float | None = None


def alternate(rounds: int, measures: Mapping[str, Callable[[], float]]) -> list[Rates]:
    """Measure everything once per round, each round in the opposite order of the one before."""
    found: list[Rates] = []
    for number in range(rounds):
        order = list(measures)[:: 1 if number % 2 == 0 else -1]
        found.append({name: measures[name]() for name in order})
    return found


def show_rates(rounds: Sequence[Rates], unit: str) -> None:
    """Print each side's median rate with its lowest and highest."""
    for name in rounds[0]:
        rates = sorted(rates[name] for rates in rounds)
        print(f"  {name:<44} {median(rates):>9,.0f} {unit}   ({rates[0]:,.0f} to {rates[-1]:,.0f})")


def show_ratio(rounds: Sequence[Rates], ratio: Ratio) -> bool:
    """Print one ratio; whether its median reaches what it must."""
    values = sorted(rates[ratio.ours] / rates[ratio.other] for rates in rounds)
    middle = median(values)
    reached = ratio.least is None or middle >= ratio.least
    wanted = "" if ratio.least is None else f"   at least {ratio.least:g}: {'reached' if reached else 'MISSED'}"
    name = f"{ratio.ours} / {ratio.other}"
    print(f"  {name:<72} {middle:>7.2f}   ({values[0]:.2f} to {values[-1]:.2f}){wanted}")
    return reached


def show(rounds: Sequence[Rates], ratios: Sequence[Ratio], unit: str = "/s") -> bool:
    """Print rates and ratios; whether every ratio reaches what it must."""
    show_rates(rounds, unit)
    reached = [show_ratio(rounds, ratio) for ratio in ratios]
    return all(reached)
