"""Stories by theme. Most raise one clue, or nearly do: at the threshold, and one 分 or one day beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from deploy.sample.stories import care, health, income, living, school, support, work
from deploy.sample.tale import Tale

Story = Callable[[Tale], None]

STORIES: Final[tuple[Story, ...]] = (
    *health.STORIES, *school.STORIES, *living.STORIES, *work.STORIES, *income.STORIES, *care.STORIES,
    *support.STORIES,
)  # fmt: skip
"""Every story, in the order in which households get them."""
