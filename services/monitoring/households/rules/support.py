"""What a person gets now, so far as the doubts about it ask: 特困 and 雨露计划."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Support:
    """What one person gets now."""

    is_destitute: bool = False
    gets_yulu: bool = False


NONE: Final = Support()
