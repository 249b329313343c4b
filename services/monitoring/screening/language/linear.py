"""See a comparison as a bound on one of its columns while the others keep their values.

No column is ever multiplied by itself (the reader refuses it), so every comparison is linear in each of its columns.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.monitoring.screening.language.evaluate import Inputs, number
from services.monitoring.screening.language.syntax import MIRRORED, Arithmetic, Compare, Operator


@dataclass(frozen=True, slots=True)
class Bound:
    """``column operator threshold`` over whole numbers, equal to the comparison it was solved from.

    ``threshold`` is None if no whole number makes the two sides equal; then ``=`` is never and ``<>`` always true.
    """

    operator: Operator
    threshold: int | None


def solve(atom: Compare, column: str, inputs: Inputs) -> Bound | None:
    """The bound that the comparison sets on ``column``; None if another input is unknown or the column cancels out."""
    gap = Arithmetic("-", atom.left, atom.right)
    at_zero = number(gap, {**inputs, column: 0})
    at_one = number(gap, {**inputs, column: 1})
    if at_zero is None or at_one is None or at_one == at_zero:
        return None
    slope, constant = at_one - at_zero, at_zero
    operator = atom.operator if slope > 0 else MIRRORED[atom.operator]
    # slope * x + constant  op  0  is  x  op  -constant / slope, turned round for a negative slope
    floor, remainder = divmod(-constant, slope)
    if operator in ("=", "<>"):
        return Bound(operator, floor if remainder == 0 else None)
    upwards = operator in (">=", "<")
    return Bound(operator, floor + 1 if upwards and remainder else floor)


def nearest_outside(bound: Bound) -> tuple[int, ...]:
    """The whole numbers next to the bound for which it does not hold."""
    if bound.threshold is None:
        return ()
    match bound.operator:
        case ">=":
            return (bound.threshold - 1,)
        case "<=":
            return (bound.threshold + 1,)
        case ">" | "<" | "<>":
            return (bound.threshold,)
        case "=":
            return (bound.threshold - 1, bound.threshold + 1)
