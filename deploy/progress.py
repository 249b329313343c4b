"""Tell how far a step of long work is, so that whoever asked can show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chassis.errors import Message


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step is; ``total`` 0 while it is not known."""

    step: Message
    done: int
    total: int


Tell = Callable[[Progress], None]
