"""The loop seals when woken, waits out an outage, and says how it is."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chassis.audit.loop import SealingLoop
from chassis.audit.sealer import Sealed
from chassis.clock import FixedClock


class ScriptedSealer:
    """Answers turn by turn what the test says; afterwards that nothing waits."""

    def __init__(self, *script: Sealed | Exception) -> None:
        self.script = list(script)
        self.turns: list[bool] = []
        self.turned = asyncio.Event()

    async def turn(self, *, publish: bool = False) -> Sealed:
        self.turns.append(publish)
        self.turned.set()
        answer = self.script.pop(0) if self.script else Sealed()
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def next_turn(self) -> None:
        self.turned.clear()
        await asyncio.wait_for(self.turned.wait(), 5)


@asynccontextmanager
async def running(sealer: ScriptedSealer, **options):
    loop = SealingLoop(sealer, clock=FixedClock(), **options)
    task = asyncio.create_task(loop.run())
    try:
        yield loop, task
    finally:
        loop.stop()
        await asyncio.wait_for(task, 5)


async def test_a_backlog_is_sealed_without_a_pause():
    sealer = ScriptedSealer(Sealed(4, is_behind=True), Sealed(4, is_behind=True), Sealed(1))
    async with running(sealer, interval_seconds=3600) as (loop, _):
        while len(sealer.turns) < 3:
            await sealer.next_turn()
        assert (await loop.probe())["sealed"] == 9


async def test_a_wake_up_ends_the_pause():
    sealer = ScriptedSealer()
    async with running(sealer, interval_seconds=3600) as (loop, _):
        await sealer.next_turn()
        loop.wake()
        await sealer.next_turn()


async def test_a_checkpoint_wakes_the_relay():
    told: list[bool] = []
    sealer = ScriptedSealer(Sealed(1, published=True), Sealed(1))
    async with running(sealer, interval_seconds=0.01, published=lambda: told.append(True)):
        while len(sealer.turns) < 3:
            await sealer.next_turn()
    assert told == [True]


async def test_an_outage_is_waited_out_and_shows_in_the_probe():
    sealer = ScriptedSealer(PoolTimeout(), OSError("no space left"), Sealed(2))
    async with running(sealer, interval_seconds=0.02) as (loop, _):
        while len(sealer.turns) < 1:
            await sealer.next_turn()
        await asyncio.sleep(0)
        probe = await loop.probe()
        assert (probe["ready"], probe["trouble"]) == (False, "TimeoutError")
        while len(sealer.turns) < 3:
            await sealer.next_turn()
        await asyncio.sleep(0)
        probe = await loop.probe()
        assert (probe["ready"], probe["sealed"]) == (True, 2)


async def test_an_error_of_our_own_ends_the_loop():
    loop = SealingLoop(ScriptedSealer(KeyError("form")), clock=FixedClock())
    with pytest.raises(KeyError):
        await loop.run()


async def test_stopping_takes_one_last_turn_that_publishes():
    sealer = ScriptedSealer()
    async with running(sealer, interval_seconds=3600):
        await sealer.next_turn()
    assert sealer.turns == [False, True]


async def test_stopping_does_not_wait_for_a_database_that_is_away():
    sealer = ScriptedSealer(*[PoolTimeout() for _ in range(5)])
    async with running(sealer, interval_seconds=3600):
        await sealer.next_turn()
    assert len(sealer.turns) == 2
