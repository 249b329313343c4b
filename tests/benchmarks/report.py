"""Say what a benchmark measured: one JSON line, and a row of the table at the end."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure beside its baseline; ``ratio`` is ours ÷ baseline.

    :param target: the ratio to reach; ``better``: whether a higher or a lower ratio is better.
    """

    name: str
    ours: float
    baseline: float
    unit: str
    target: float
    better: Literal["higher", "lower"]

    @property
    def ratio(self) -> float:
        return self.ours / self.baseline

    @property
    def holds(self) -> bool:
        return self.ratio >= self.target if self.better == "higher" else self.ratio <= self.target

    def line(self) -> str:
        told = asdict(self) | {"ratio": round(self.ratio, 3), "holds": self.holds}
        told["ours"], told["baseline"] = round(self.ours, 4), round(self.baseline, 4)
        return json.dumps(told, ensure_ascii=False)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def print_table(results: Sequence[Measured]) -> None:
    """A row for each figure, for people."""
    head = f"{'name':<24}{'ours':>14}{'baseline':>14}  {'unit':<12}{'ratio':>8}{'target':>10}  holds"
    sys.stdout.write("\n" + head + "\n" + "-" * len(head) + "\n")
    for result in results:
        sign = "≥" if result.better == "higher" else "≤"
        sys.stdout.write(
            f"{result.name:<24}{result.ours:>14.2f}{result.baseline:>14.2f}  {result.unit:<12}"
            f"{result.ratio:>8.2f}{sign + str(result.target):>10}  {'yes' if result.holds else 'NO'}\n"
        )
