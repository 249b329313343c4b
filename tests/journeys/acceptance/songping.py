"""松坪村 and who works there; departments answer and screen over HTTP like everybody else."""

from __future__ import annotations

import asyncio
from typing import Any

from chassis.parameters.rules import scopes_of
from chassis.security.scope import Role
from chassis.testing.programs import VILLAGE
from tests.journeys.acceptance.world import World
from tests.services.monitoring.cases.village import VISITED, Officials, made
from tests.services.monitoring.lines.county_lines import hold


class Village(Officials):
    """A village whose departments answer by their own clerks."""

    def __init__(self, world: World, village: int = VILLAGE) -> None:
        super().__init__(world.program, world.asks, village)
        self.world = world
        _, _, self.county_code, _, province, *_above = scopes_of(village)
        self.province = tuple(world.asks(Role.PROVINCE_OFFICER, province) for _ in range(2))
        self._clerks: dict[str, Any] = {}

    def clerk(self, department: str) -> Any:
        if department not in self._clerks:
            self._clerks[department] = self.world.asks(Role.DEPARTMENT_CLERK, self.county_code, department=department)
        return self._clerks[department]

    async def lines(self, *bodies: dict[str, Any]) -> None:
        """Lines of the province and the county, each proposed by one and confirmed by another."""
        for body in bodies:
            pair = self.province if body["kind"] == "base_line" else (self.county, self.other_county)
            made(await hold(*pair, body))

    async def sets(self, key: str, value: dict[str, Any], *, since: str) -> None:
        """A parameter of the county: one officer proposes, another one approves."""
        body = {
            "scope": str(self.county_code), "key": key, "value": value,
            "effective_from": since, "source": "县防返贫办〔2024〕9号",
        }  # fmt: skip
        proposed = made(await self.county.post("/parameters", json=body))
        headers = {"If-Match": f'"{proposed["version"]}"'}
        made(await self.other_county.post(f"/parameters/{proposed['id']}/approve", headers=headers))

    async def answered(self, *cases: dict[str, Any]) -> None:
        """Every department that is asked says that what its files say is right."""
        for case in cases:
            asked = made(await self.county.get("/comparison-requests", params={"case_id": case["id"], "limit": 200}))
            for one in asked["items"]:
                headers, body = {"If-Match": f'"{one["version"]}"'}, {"rest": "as_known"}
                clerk = self.clerk(one["department"])
                made(await clerk.post(f"/comparison-requests/{one['id']}/answer", json=body, headers=headers))

    async def clues_of(self, home: dict[str, Any]) -> list[dict[str, Any]]:
        """The open clues about a household."""
        items = made(await self.county.get("/clues", params={"limit": 200, "state": "open"}))["items"]
        return [one for one in items if one["household_id"] == home["id"]]

    async def opened(self, home: dict[str, Any]) -> dict[str, Any]:
        """The household's case: its first clue begins it, every other one joins it."""
        case: dict[str, Any] = {}
        for clue in reversed(await self.clues_of(home)):
            case = made(await self.dispatch(clue))
        assert case, "no clue is open"
        return case

    async def seen(self, home: dict[str, Any], case: dict[str, Any], **found: Any) -> dict[str, Any]:
        """The papers are signed, and two people have verified."""
        await self.sign(home)
        return await self.verified(case, **VISITED | found)

    async def asked(self, path: str, **query: Any) -> Any:
        """What the county reads."""
        return made(await self.county.get(path, params=query))

    async def screened(self) -> None:
        """Every screening of the county is over."""
        async with asyncio.timeout(25):
            while any(run["state"] in ("waiting", "running") for run in await self._runs()):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def _runs(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await self.asked("/screening-runs", limit=200))["items"]
        return items
