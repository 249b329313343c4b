"""Whatever is tried with two households in whatever order, the invariants of a case hold (domain B8, quality 5)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from chassis.events.tables import outbox
from chassis.security.scope import Area
from tests.journeys.acceptance.histories import MOVES, History, forward
from tests.journeys.acceptance.songping import Village
from tests.journeys.acceptance.world import World, new_world
from tests.services.monitoring.cases.village import Officials
from tests.services.monitoring.lines.test_over_http import BASE_2024, INCOME_2023, RULE_60

FIRST_VILLAGE = 610999101201
_FORWARD = "forward"
ACTS = st.lists(
    st.tuples(
        st.one_of(st.just(_FORWARD), st.just(_FORWARD), st.sampled_from(["wait", *MOVES])),
        st.integers(0, 1),
        st.integers(1, 3),
    ),
    min_size=8,
    max_size=18,
)
_SETTINGS = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@dataclass
class Histories:
    """A world in which every history has a village of its own."""

    runner: asyncio.Runner
    world: World
    villages: int = 0
    reached: Counter[str] = field(default_factory=Counter)

    def run(self, acts: list[tuple[str, int, int]]) -> None:
        self.runner.run(self._run(acts))

    async def _run(self, acts: list[tuple[str, int, int]]) -> None:
        them = Officials(self.world.program, self.world.asks, FIRST_VILLAGE + self.villages)
        self.villages += 1
        history = History(them, self._wait, self._events)
        await history.begin()
        for name, place, days in acts:
            if name == _FORWARD:
                await forward(history, place)
            else:
                await history.step(name, place, days)
        self.reached.update(case["state"] for case in history.seen["cases"].values())

    def _wait(self, days: int) -> None:
        self.world.program.clock.move(days=days)  # type: ignore[attr-defined]

    async def _events(self) -> int:
        async with self.world.program.database.transaction(Area.everywhere()) as connection:
            return int((await connection.execute(select(func.count()).select_from(outbox))).scalar_one())


@pytest.fixture(scope="module")
def histories(postgres_url: str, run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Histories]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        directory = tmp_path_factory.mktemp("world")
        world: World = runner.run(stack.enter_async_context(new_world(postgres_url, run_folder, directory)))
        runner.run(Village(world).lines(BASE_2024, INCOME_2023, RULE_60))
        yield Histories(runner, world)
        runner.run(stack.aclose())


@pytest.mark.budget(60)  # about 12 s alone
def test_whatever_is_tried_the_cases_of_a_village_stay_whole(histories):
    @settings(max_examples=8, phases=[Phase.generate], **_SETTINGS)
    @given(acts=ACTS)
    def tried(acts: list[tuple[str, int, int]]) -> None:
        histories.run(acts)

    tried()


@pytest.mark.long
def test_whatever_is_tried_for_long_the_cases_of_a_village_stay_whole(histories):
    @settings(max_examples=300, **_SETTINGS)
    @given(acts=ACTS)
    def tried(acts: list[tuple[str, int, int]]) -> None:
        histories.run(acts)

    tried()


def test_the_straight_way_leads_into_the_register_and_out_of_it(histories):
    histories.run([(_FORWARD, 0, 1)] * 21)
    assert histories.reached.keys() >= {"eliminated"}
