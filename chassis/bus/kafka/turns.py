"""Give a member's partitions their turns: a few calls of the subscriber at once, states of several partitions in one.

A call costs as much as a hundred states, so twelve partitions with a few states each are one call rather than twelve.
Only states that are kept may share one: they are written by one statement, and no action of theirs takes its time. A
call that fails parts its partitions: each comes again alone, so that none waits for what another one met.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from chassis.bus.protocol import ConsumerPaused, Subscriber
from chassis.events.event import Envelope

TOGETHER_MAX: Final = 1_000
"""Events in one call."""


@dataclass(eq=False, slots=True)
class Turn:
    """A partition that waits, or whose events are being applied.

    :param held: how many records it has; ``cut``: takes up the first of them, called when the turn has come.
    :param alone: with nobody else, because it tells more than states, or because its last turn failed.
    """

    held: Callable[[], int]
    cut: Callable[[], Sequence[Envelope]]
    alone: bool
    over: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    task: asyncio.Task[None] | None = None


class Turns:
    """The turns of one member.

    :param at_once: how many calls there may be; each holds a connection of the pool.
    """

    def __init__(self, subscriber: Subscriber, at_once: int) -> None:
        self._subscriber = subscriber
        self._free = at_once
        self._waiting: list[Turn] = []

    async def take(self, turn: Turn) -> None:
        """Return when what ``turn`` cut has been applied. Who is cancelled ends the call that it is part of.

        :raises Exception: what the subscriber raised, or ConsumerPaused if another one of the call was cancelled.
        """
        self._waiting.append(turn)
        # Later in this round of the loop, when all whom one fetch has filled have come.
        asyncio.get_running_loop().call_soon(self._begin)
        try:
            await turn.over
        except asyncio.CancelledError:
            if turn in self._waiting:
                self._waiting.remove(turn)
            if turn.task is not None and not turn.task.done():
                turn.task.cancel()
                await asyncio.wait([turn.task])
            raise

    def _begin(self) -> None:
        while self._free and self._waiting:
            turns, envelopes = self._next()
            self._free -= 1
            task = asyncio.create_task(self._apply(turns, envelopes), name=f"{self._subscriber.name}: turn")
            for turn in turns:
                turn.task = task

    def _next(self) -> tuple[list[Turn], list[Envelope]]:
        """Who has waited longest, and whoever fits in beside."""
        first = self._waiting.pop(0)
        turns, envelopes = [first], list(first.cut())
        for turn in () if first.alone else self._waiting.copy():
            if not turn.alone and len(envelopes) + turn.held() <= TOGETHER_MAX:
                self._waiting.remove(turn)
                turns.append(turn)
                envelopes.extend(turn.cut())
        return turns, envelopes

    async def _apply(self, turns: Sequence[Turn], envelopes: Sequence[Envelope]) -> None:
        failure: Exception | None = ConsumerPaused("the batch was given up")
        try:
            if envelopes:
                await self._subscriber.apply(envelopes)
            failure = None
        except Exception as error:  # noqa: BLE001  # each of them says it
            failure = error
        finally:
            for turn in turns:
                if turn.over.done():
                    continue
                if failure is None:
                    turn.over.set_result(None)
                else:
                    turn.over.set_exception(failure)
            self._free += 1
            self._begin()
