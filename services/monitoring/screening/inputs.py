"""What a snapshot needs to know beside the rows of its county; free of Arrow, which only a screening loads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.monitoring.income.rules import Window


@dataclass(frozen=True, slots=True)
class Coverage:
    """A complete list: absence from it means something between two days."""

    contract: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class ExportInputs:
    """What a snapshot holds beside the rows of this county.

    :param line_fen: the line in force on the day, None where none is set.
    :param windows: of income statements, by the name that the snapshot gives them.
    """

    line_fen: int | None
    windows: Sequence[tuple[str, Window]]
    listed_diseases: Sequence[str]
    coverage: Sequence[Coverage]
