"""Whatever becomes of households of two counties, what was told of a day as known then is told again."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY, VILLAGE
from tests.personas import household, person
from tests.services.monitoring.cases.moving import NEXT_COUNTY, NEXT_VILLAGE, THERE
from tests.services.monitoring.cases.village import made
from tests.services.monitoring.statistics.asked_again import Asked

VILLAGES = (VILLAGE, NEXT_VILLAGE, THERE)


class Registry:
    """Households of two counties, as both counties' officers change them."""

    def __init__(self, asks: Any, clock: Any) -> None:
        self.clock = clock
        self.officers = {county: asks(Role.COUNTY_OFFICER, county) for county in (COUNTY, NEXT_COUNTY)}
        self.homes: dict[str, int] = {}

    @property
    def today(self) -> str:
        return str(self.clock.today())

    def officer(self, region: int) -> Any:
        return self.officers[region // 10**6 * 10**6]

    async def begin(self, region: int, members: int) -> str:
        people = [person(relation="02"), *(person(relation="97") for _ in range(members - 1))]
        body = household(members=people, region=str(region), valid_from="2024-01-01")
        home = made(await self.officer(region).post("/households", json=body))
        self.homes[home["id"]] = region
        return home["id"]

    async def change(self, home: str, step: str, **body: Any) -> Any:
        now = await self.read(home)
        headers = {"If-Match": f'"{now["version"]}"'}
        return made(await self.officer(self.homes[home]).post(f"/households/{home}/{step}", json=body, headers=headers))

    async def read(self, home: str) -> Any:
        return made(await self.officer(self.homes[home]).get(f"/households/{home}"))

    async def move(self, home: str, region: int) -> None:
        offered = await self.change(home, "transfers", to_region=str(region), effective_on=self.today, reason="搬迁")
        headers = {"If-Match": f'"{offered["version"]}"'}
        accepted = f"/transfers/{offered['id']}/accept"
        made(await self.officer(region).post(accepted, json={"region": str(region)}, headers=headers))
        self.homes[home] = region

    async def split(self, home: str) -> None:
        whole = await self.read(home)
        living = [one for one in whole["members"] if one["state"] == "active"]
        if len(living) > 1:
            leaving = [{"person_id": living[-1]["id"], "relation": "02"}]
            pair = await self.change(home, "split", region=whole["region"], on=self.today, leaving=leaving)
            self.homes[pair["other"]["id"]] = self.homes[home]

    async def merge(self, home: str) -> None:
        into = next((one for one in self.homes if one != home and self.homes[one] == self.homes[home]), None)
        if into is not None:
            target, whole = await self.read(into), await self.read(home)
            relations = [
                {"person_id": one["id"], "relation": "97"} for one in whole["members"] if one["state"] == "active"
            ]
            target = {"into": into, "into_version": target["version"]}
            await self.change(home, "merge", **target, on=self.today, relations=relations)
            del self.homes[home]

    async def die(self, home: str) -> None:
        last = [one for one in (await self.read(home))["members"] if one["state"] == "active"][-1]
        headers = {"If-Match": f'"{last["version"]}"'}
        path = f"/persons/{last['id']}/record-death"
        made(await self.officer(self.homes[home]).post(path, json={"on": self.today}, headers=headers))
        if last["relation"] in ("01", "02"):
            del self.homes[home]


@pytest.fixture
def registry(asks, monitoring):
    monitoring.clock.move(days=60)  # 2024-08-02
    return Registry(asks, monitoring.clock)


async def test_what_was_told_is_told_again_while_somebody_writes_who_only_read_before(registry, tell, monitoring):
    home = await registry.begin(VILLAGE, 3)
    await tell(home, "1", "08")
    officer = registry.officers[COUNTY]
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        await connection.execute(text("SELECT"))
        before = await Asked(officer, COUNTY, (None,)).now()
        await connection.execute(text("SELECT pg_current_xact_id()"))
        again = asyncio.create_task(before.again())
        done, _waits = await asyncio.wait({again}, timeout=0.1)
        assert not done
    await again


async def test_what_was_said_elsewhere_is_known_here_only_since_the_household_came_back(registry, tell):
    home = await registry.begin(VILLAGE, 3)
    await tell(home, "1", "08", registered_on="2024-05-20")
    registry.clock.move(days=1)
    await registry.move(home, THERE)
    await tell(home, "3", "01", registered_on="2024-05-20", eliminated_on="2024-08-01", county=NEXT_COUNTY)
    of_then = await Asked(registry.officers[COUNTY], COUNTY).now(on="2024-08-02")
    away = await Asked(registry.officers[COUNTY], VILLAGE).now()
    assert (of_then.groups("type"), away.groups("type")) == ({"1": (1, 3)}, {})
    there = await Asked(registry.officers[NEXT_COUNTY], NEXT_COUNTY).now()
    assert there.groups("risk") == {"01": (1, 3)}
    registry.clock.move(days=1)
    await registry.move(home, VILLAGE)
    for before in (of_then, away, there):
        await before.again()
    now = await Asked(registry.officers[COUNTY], COUNTY).now(on="2024-08-02")
    [answer] = [one for _path, pinned, one in now.told if pinned.get("by") == "month"]
    assert {group["key"] for group in answer["groups"]} == {"2024-05", "2024-08"}, "it is known by now"
    facts = made(await registry.officers[COUNTY].get(f"/households/{home}/monitoring"))["facts"]
    assert [one["number"] for one in facts] == [1, 2, 3]


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_happens_to_households_what_was_told_before_is_told_again(registry, tell, seed):
    chance = Random(seed)
    told: list[Asked] = []
    for region in (*VILLAGES, VILLAGE):
        home = await registry.begin(region, chance.randint(1, 3))
        await tell(home, "1", "08", county=registry.homes[home] // 10**6 * 10**6)
    for turn in range(24):
        if len(registry.homes) < 3:
            await registry.begin(chance.choice(VILLAGES), 3)
        home = chance.choice(list(registry.homes))
        what = chance.choice(["tell", "tell", "move", "move", "split", "merge", "die", "wait"])
        if what == "tell":
            begun = f"2024-0{chance.randint(5, 6)}-1{chance.randint(0, 9)}"
            over = chance.choice([None, None, f"2024-07-1{chance.randint(0, 9)}"])
            county = registry.homes[home] // 10**6 * 10**6
            kind, risk = str(chance.randint(1, 3)), chance.choice(["01", "07", "08"])
            await tell(home, kind, risk, registered_on=begun, eliminated_on=over, county=county)
        elif what == "move":
            await registry.move(home, chance.choice([one for one in VILLAGES if one != registry.homes[home]]))
        elif what == "wait":
            registry.clock.move(days=chance.randint(1, 3))
        else:
            await getattr(registry, what)(home)
        if turn % 3 == 0:
            region = chance.choice([COUNTY, NEXT_COUNTY, *VILLAGES])
            on = chance.choice([{}, {"on": "2024-06-15"}, {"on": "2024-08-02"}])
            ways = (None, "basis", chance.choice(["type", "risk", "month", "region"]))
            told.append(await Asked(registry.officer(region), region, ways).now(**on))
    for before in told:
        await before.again()
