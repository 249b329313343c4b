"""What the gateway does when it hears of the services' facts."""

from __future__ import annotations

from typing import Any, Final

from chassis.events.subscriptions import Projection, StateSubscription, Subscription
from gateway.checkpoints.actions import keep_checkpoint
from gateway.heard import AUDITS_SEALED, ClueRaised
from gateway.todos.actions import forget_marks, mark_clues

TODOS: Final = Projection("todos", [StateSubscription(ClueRaised, mark_clues)], forget_marks)

SUBSCRIPTIONS: Final[tuple[Subscription[Any], ...]] = tuple(
    Subscription(event, keep_checkpoint) for event in AUDITS_SEALED
)
