"""Whether a system of linear equations with bounds has a solution: exact, by the simplex method with Bland's rule."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

Row = Mapping[int, int]
"""Coefficients by variable."""

Line = dict[int, Fraction]
"""A line of the tableau by column, nothing where it is zero; the right side stands in column RIGHT."""

RIGHT = -1


def solvable(rows: Sequence[tuple[Row, int]], bounds: Mapping[int, tuple[int, int | None]]) -> bool:
    """Whether some values within the bounds (inclusive, None for no upper one) satisfy all equations: row = right side."""
    if any(most is not None and least > most for least, most in bounds.values()):
        return False
    table = [_line(row, right - sum(c * bounds[name][0] for name, c in row.items())) for row, right in rows]
    beyond = max(bounds, default=0) + 1
    for name, (least, most) in bounds.items():
        if most is not None:  # counted from its lower bound; what is left to the upper one is a variable too
            table.append(_line({name: 1, beyond + name: 1}, most - least))
    return _missed_by(table) == 0


def _line(row: Row, right: int) -> Line:
    sign = -1 if right < 0 else 1
    return {name: Fraction(sign * c) for name, c in row.items() if c} | ({RIGHT: Fraction(abs(right))} if right else {})


def _missed_by(table: list[Line]) -> Fraction:
    """The least sum by which the equations, right sides not negative, must be missed."""
    basis = [-2 - i for i in range(len(table))]
    cost: Line = {}
    for line in table:
        _subtract(cost, line, Fraction(-1))
    while (entering := min((j for j, c in cost.items() if j != RIGHT and c > 0), default=None)) is not None:
        nothing = Fraction(0)
        candidates = [i for i, line in enumerate(table) if line.get(entering, nothing) > 0]
        leaving = min(candidates, key=lambda i: (table[i].get(RIGHT, nothing) / table[i][entering], basis[i]))
        pivot = table[leaving][entering]
        chosen = table[leaving] = {j: v / pivot for j, v in table[leaving].items()}
        for i, line in enumerate(table):
            if i != leaving and entering in line:
                _subtract(line, chosen, line[entering])
        _subtract(cost, chosen, cost[entering])
        basis[leaving] = entering
    return cost.get(RIGHT, Fraction(0))


def _subtract(line: Line, other: Line, times: Fraction) -> None:
    for j, value in other.items():
        left = line.get(j, 0) - value * times
        if left:
            line[j] = Fraction(left)
        else:
            line.pop(j, None)
