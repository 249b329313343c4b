"""Work out what is due: pure formulas over the numbers of an area, in 分."""

from __future__ import annotations

from typing import Final

_WHOLE: Final = 100  # percent


def extra_due(standard_fen: int, percent: int) -> int:
    """低保增发 (H-11): at least ``percent`` of the month's standard, so a broken 分 counts as a whole one."""
    return -(-standard_fen * percent // _WHOLE)


def contribution_aid(contribution_fen: int, amount_fen: int | None) -> int:
    """参保资助 (S-10): all of the contribution where no amount is set, else the amount, but never more than it."""
    return contribution_fen if amount_fen is None else min(contribution_fen, amount_fen)
