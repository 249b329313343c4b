"""What the gateway does when it hears of the services' facts."""

from __future__ import annotations

from typing import Any, Final

from chassis.events.subscriptions import Subscription
from gateway.checkpoints.actions import keep_checkpoint
from gateway.heard import AUDITS_SEALED, ClueRaised
from gateway.todos.actions import mark_clue

SUBSCRIPTIONS: Final[tuple[Subscription[Any], ...]] = (
    Subscription(ClueRaised, mark_clue),
    *(Subscription(event, keep_checkpoint) for event in AUDITS_SEALED),
)
