"""Ask ours and the SQL by hand in turn, so that both meet the machine alike, and compare what they answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from tests.benchmarks.report import Measured, median

TURNS: Final = 60


def in_turn(
    name: str, ours: Callable[[], Any], by_hand: Callable[[], Any], same: Callable[[Any, Any], bool], *, target: float
) -> Measured:
    """The medians in ms; the first turns warm up.

    :param same: whether both said the same.
    :raises RuntimeError: if they did not.
    """
    taken: tuple[list[float], list[float]] = [], []
    for _ in range(TURNS):
        told, found = (_timed(times, work) for times, work in zip(taken, (ours, by_hand), strict=True))
        if not same(told, found):
            raise RuntimeError(f"{name}: the two answer differently")
    first, second = (median(times[TURNS // 6 :]) for times in taken)
    return Measured(name, first, second, "ms", target, "lower")


def _timed(taken: list[float], work: Callable[[], Any]) -> Any:
    before = time.perf_counter()
    done = work()
    taken.append((time.perf_counter() - before) * 1000)
    return done
