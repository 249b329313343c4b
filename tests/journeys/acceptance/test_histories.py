"""Whatever is tried with households that split, merge and move, the invariants of a case hold (clause B8)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from chassis.events.tables import outbox
from chassis.security.scope import Area
from tests.journeys.acceptance.histories import History, forward
from tests.journeys.acceptance.moves import MOVES
from tests.journeys.acceptance.songping import Village
from tests.journeys.acceptance.world import World, new_world
from tests.services.monitoring.cases.village import Officials
from tests.services.monitoring.lines.county_lines import BASE_2024, INCOME_2023, RULE_60

FIRST_VILLAGE, VILLAGES_OF_A_TOWN = 610999101201, 700
_FORWARD = "forward"
ACTS = st.lists(
    st.tuples(
        st.one_of(st.just(_FORWARD), st.just(_FORWARD), st.sampled_from(["wait", *MOVES])),
        st.integers(0, 3),
        st.integers(1, 3),
    ),
    min_size=8,
    max_size=18,
)
_SETTINGS = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@dataclass
class Histories:
    """A world in which every history has two villages of its own."""

    runner: asyncio.Runner
    world: World
    villages: int = 0
    reached: Counter[str] = field(default_factory=Counter)

    def run(self, acts: list[tuple[str, int, int]]) -> Counter[str]:
        """How often each move was made."""
        return self.runner.run(self._run(acts))

    async def _run(self, acts: list[tuple[str, int, int]]) -> Counter[str]:
        here = [self._village() for _ in range(2)]
        history = History({them.village: them for them in here}, self._wait, self._events)
        await history.begin()
        for name, place, days in acts:
            if name == _FORWARD:
                await forward(history, place)
            else:
                await history.step(name, place, days)
        self.reached.update(case["state"] for case in history.seen["cases"].values())
        return history.done

    def _village(self) -> Officials:
        """A village that no other history has seen, of the first town that has one left."""
        town, village = divmod(self.villages, VILLAGES_OF_A_TOWN)
        self.villages += 1
        return Officials(self.world.program, self.world.asks, FIRST_VILLAGE + town * 1000 + village)

    def _wait(self, days: int) -> None:
        self.world.program.clock.move(days=days)  # type: ignore[attr-defined]

    async def _events(self) -> int:
        async with self.world.program.database.transaction(Area.everywhere()) as connection:
            return int((await connection.execute(select(func.count()).select_from(outbox))).scalar_one())


@pytest.fixture(scope="module")
def histories(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Histories]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        directory = tmp_path_factory.mktemp("world")
        world: World = runner.run(stack.enter_async_context(new_world(postgres_url, directory)))
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


@pytest.mark.parametrize("stage", [0, 3, 6, 10, 21], ids=["clue", "compared", "publicity", "registered", "eliminated"])
def test_a_household_splits_moves_and_merges_at_any_stage_of_its_case(histories, stage):
    before = [(_FORWARD, 0, 1), *[(_FORWARD, 1, 1)] * stage]
    changes = [("move_away", 1, 1), ("split", 1, 1), ("death", 1, 1), ("move_away", 1, 1), ("merge", 1, 1)]
    done = histories.run([*before, *changes, *[(_FORWARD, 0, 1)] * 3])
    assert (done["move_away"], done["split"], done["death"], done["merge"]) == (2, 1, 1, 1)


@pytest.mark.parametrize("stage", [3, 10, 21], ids=["compared", "registered", "eliminated"])
def test_a_household_dies_out_at_any_stage_of_its_case(histories, stage):
    done = histories.run([*[(_FORWARD, 0, 1)] * stage, ("death", 0, 1), ("death", 0, 1), ("end", 0, 1)])
    assert (done["death"], done["end"]) == (2, 1)


def test_a_household_that_comes_back_after_its_case_ended_is_registered_anew_or_not_at_all(histories):
    gone = [*[(_FORWARD, 0, 1)] * 10, ("leave", 0, 1), ("end", 0, 1), ("come_back", 0, 1)]
    done = histories.run([*gone, *[(_FORWARD, 0, 1)] * 11])
    assert (done["leave"], done["end"], done["come_back"], done["register"]) == (1, 1, 1, 2)


@pytest.mark.budget(60)  # about 12 s alone
def test_of_two_cases_at_any_two_stages_a_merger_leaves_one_open(histories):
    for one, other in ((3, 10), (10, 3), (21, 10)):
        before = [*[(_FORWARD, 0, 1)] * one, *[(_FORWARD, 1, 1)] * other]
        assert histories.run([*before, ("merge", 1, 1), (_FORWARD, 0, 1)])["merge"] == 1
