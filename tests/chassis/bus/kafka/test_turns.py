"""Whose events a member hands in together, and how those who were together part."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from chassis.bus.kafka.turns import TOGETHER_MAX, Turn, Turns
from chassis.bus.protocol import ConsumerPaused


@dataclass
class Keeper:
    """A subscriber that notes each call; ``open`` lets calls go on."""

    name: str = "keeper"
    types: frozenset[str] = frozenset()
    kept: frozenset[bytes] = frozenset()
    error: Exception | None = None
    open: asyncio.Event = field(default_factory=asyncio.Event)
    calls: list[list[str]] = field(default_factory=list)

    async def apply(self, envelopes: Sequence[str]) -> None:
        self.calls.append(list(envelopes))
        await self.open.wait()
        if self.error is not None:
            raise self.error


def turn(*events: str, alone: bool = False) -> Turn:
    return Turn(lambda: len(events), lambda: events, alone)


async def test_states_of_several_partitions_are_one_call_and_each_partition_keeps_its_order():
    keeper = Keeper()
    keeper.open.set()
    turns = Turns(keeper, 4)
    await asyncio.gather(*(turns.take(each) for each in (turn("a1", "a2"), turn("b1"), turn("c1", "c2"))))
    assert keeper.calls == [["a1", "a2", "b1", "c1", "c2"]]


async def test_who_reacts_is_applied_alone_and_holds_back_nobody():
    keeper = Keeper()
    turns = Turns(keeper, 2)
    taking = [asyncio.ensure_future(turns.take(each)) for each in (turn("a", alone=True), turn("b"), turn("c"))]
    await asyncio.sleep(0.01)
    assert keeper.calls == [["a"], ["b", "c"]]
    keeper.open.set()
    await asyncio.gather(*taking)


async def test_a_call_takes_no_more_than_the_bound_and_there_are_only_so_many_at_once():
    keeper = Keeper()
    turns = Turns(keeper, 1)
    large, small = ["x"] * (TOGETHER_MAX - 1), ["y", "y"]
    taking = [asyncio.ensure_future(turns.take(turn(*each))) for each in (large, small, ["z"])]
    await asyncio.sleep(0.01)
    assert keeper.calls == [[*large, "z"]]
    keeper.open.set()
    await asyncio.gather(*taking)
    assert keeper.calls == [[*large, "z"], small]


async def test_a_failure_is_told_to_all_of_the_call_and_the_next_turns_go_on():
    keeper = Keeper(error=ConsumerPaused("away"))
    keeper.open.set()
    turns = Turns(keeper, 1)
    told = await asyncio.gather(turns.take(turn("a")), turns.take(turn("b")), return_exceptions=True)
    assert [str(each) for each in told] == ["away", "away"]
    keeper.error = None
    await asyncio.gather(turns.take(turn("a", alone=True)), turns.take(turn("b", alone=True)))
    assert keeper.calls == [["a", "b"], ["a"], ["b"]]


async def test_who_is_cancelled_ends_the_call_and_the_others_of_it_hear_that_it_was_given_up():
    keeper = Keeper()
    turns = Turns(keeper, 1)
    first, second = (asyncio.ensure_future(turns.take(each)) for each in (turn("a"), turn("b")))
    waiting = asyncio.ensure_future(turns.take(turn("c", alone=True)))
    await asyncio.sleep(0.01)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    with pytest.raises(ConsumerPaused, match="given up"):
        await second
    keeper.open.set()
    await waiting
    assert keeper.calls == [["a", "b"], ["c"]]


async def test_who_is_cancelled_while_it_waits_is_never_cut():
    keeper = Keeper()
    turns = Turns(keeper, 1)
    first, second = (asyncio.ensure_future(turns.take(each)) for each in (turn("a"), turn("b", alone=True)))
    await asyncio.sleep(0.01)
    second.cancel()
    keeper.open.set()
    await first
    with pytest.raises(asyncio.CancelledError):
        await second
    assert keeper.calls == [["a"]]
