"""The acceptance village's officials and the way of a household to the register, one call per step, for tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
from sqlalchemy import text

from chassis.parameters.rules import scopes_of
from chassis.program import Program
from chassis.security.scope import Area, Role
from chassis.testing.programs import VILLAGE
from tests.services.monitoring.signed import consented

ATTENDEES = [{"name": name} for name in ("赵一", "钱二", "孙三", "李四", "周五", "吴六", "郑七", "王八", "冯九")]
VISITED = {"summary": "妻子住院，自付医疗费高，丈夫务工收入不足以承担", "risks": ["01", "02", "03"]}
ANSWERED = text(
    "UPDATE comparison_request SET state = 'answered', ended_by = 'test', ended_at = asked_on WHERE state = 'open'"
)


class Officials:
    """Two cadres, two town officers, two county officers; nobody of them is anybody else.

    :param village: 松坪村, or another one, whose town and county the others then are of.
    """

    def __init__(self, program: Program, asks: Callable[..., httpx.AsyncClient], village: int = VILLAGE) -> None:
        self.program, self.village = program, village
        _, town, county, *_above = scopes_of(village)
        self.cadre, self.second = (asks(Role.VILLAGE_CADRE, village) for _ in range(2))
        self.town, self.other_town = (asks(Role.TOWN_OFFICER, town) for _ in range(2))
        self.county, self.other_county = (asks(Role.COUNTY_OFFICER, county) for _ in range(2))

    async def do(self, client: httpx.AsyncClient, case: dict[str, Any], step: str, **body: Any) -> httpx.Response:
        headers = {"If-Match": f'"{case["version"]}"'}
        return await client.post(f"/cases/{case['id']}/{step}", json=body, headers=headers)

    async def read(self, case: dict[str, Any]) -> dict[str, Any]:
        answer = await self.county.get(f"/cases/{case['id']}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def report(self, household: dict[str, Any], risk: str = "01") -> dict[str, Any]:
        body = {"household_id": household["id"], "risk": risk, "description": "家中遇到困难"}
        assert (await self.cadre.post("/reports", json=body)).status_code == 201
        clues = (await self.county.get("/clues", params={"limit": 200})).json()["items"]
        return next(one for one in clues if one["household_id"] == household["id"])

    async def dispatch(self, clue: dict[str, Any], **body: Any) -> httpx.Response:
        headers = {"If-Match": f'"{clue["version"]}"'}
        return await self.county.post(f"/clues/{clue['id']}/dispatch", json=body, headers=headers)

    async def dispatched(self, household: dict[str, Any], **body: Any) -> dict[str, Any]:
        return made(await self.dispatch(await self.report(household), **body))

    async def sign(self, household: dict[str, Any]) -> None:
        await consented(self.cadre, household)
        await consented(self.cadre, household, kind="commitment", purposes=["monitoring"])

    async def visit(self, case: dict[str, Any], **body: Any) -> dict[str, Any]:
        made(await self.do(self.cadre, case, "verifications", **VISITED | body))
        return await self.read(case)

    async def verified(self, case: dict[str, Any], **body: Any) -> dict[str, Any]:
        seen = await self.visit(case, **body)
        said = {"verification_id": seen["verifications"][-1]["id"], "confirmed": True}
        return made(await self.do(self.second, seen, "second", **said))

    async def answered(self, *_cases: dict[str, Any]) -> None:
        """Every department has said what it knows."""
        async with self.program.database.transaction(Area.everywhere()) as connection:
            await connection.execute(ANSWERED)

    async def compared(self, *cases: dict[str, Any]) -> list[dict[str, Any]]:
        await self.answered(*cases)
        answer = await self.county.post("/cases/compare", json={"cases": [ref(case) for case in cases]})
        return made(answer)["items"]

    async def met(self, *cases: dict[str, Any], **body: Any) -> list[dict[str, Any]]:
        made(await self.meet(*cases, **body))
        return [await self.read(case) for case in cases]

    async def meet(self, *cases: dict[str, Any], **body: Any) -> httpx.Response:
        meeting = {"region": str(self.village), "minutes": "逐户评议，公开表决", "attendees": ATTENDEES}
        votes = [vote(case) for case in cases]
        return await self.cadre.post("/case-meetings", json=meeting | {"cases": votes} | body)

    async def published(self, *cases: dict[str, Any]) -> dict[str, Any]:
        return made(await self.publish(*cases))

    async def publish(self, *cases: dict[str, Any]) -> httpx.Response:
        body = {"region": str(self.village), "cases": [ref(case) for case in cases]}
        return await self.cadre.post("/public-lists", json=body)

    async def let_pass(self, shown: dict[str, Any], **body: Any) -> httpx.Response:
        headers = {"If-Match": f'"{shown["version"]}"'}
        return await self.cadre.post(f"/public-lists/{shown['id']}/pass", json=body, headers=headers)

    async def at_town(self, *cases: dict[str, Any], **said: Any) -> httpx.Response:
        decided = [ref(case) | {"approved": True} | said for case in cases]
        return await self.town.post("/cases/town-decisions", json={"cases": decided})

    async def at_county(self, *cases: dict[str, Any], **said: Any) -> httpx.Response:
        decided = [ref(case) | {"outcome": "approved"} | said for case in cases]
        return await self.county.post("/cases/county-decisions", json={"cases": decided})

    async def reviewed(self, household: dict[str, Any], **body: Any) -> dict[str, Any]:
        """A case that the village has reviewed, all on one day."""
        await self.sign(household)
        [case] = await self.compared(await self.verified(await self.dispatched(household), **body))
        [case] = await self.met(case)
        return case

    async def approved(self, household: dict[str, Any], **body: Any) -> dict[str, Any]:
        """A case that the county has approved, six days later."""
        case = await self.reviewed(household, **body)
        shown = await self.published(case)
        self.program.clock.move(days=5)  # type: ignore[attr-defined]
        made(await self.let_pass(shown))
        [case] = made(await self.at_town(await self.read(case)))["items"]
        [case] = made(await self.at_county(case))["items"]
        return case

    async def registered(self, household: dict[str, Any], **body: Any) -> dict[str, Any]:
        case = await self.approved(household, **body)
        return made(await self.do(self.cadre, case, "register"))


def ref(case: dict[str, Any]) -> dict[str, Any]:
    return {"id": case["id"], "version": case["version"]}


def vote(case: dict[str, Any], **body: Any) -> dict[str, Any]:
    return ref(case) | {"outcome": "accepted", "in_favour": 9, "against": 0, "risks": ["01", "02", "03"]} | body


def made(answer: httpx.Response) -> Any:
    assert answer.is_success, f"{answer.request.url}: {answer.status_code} {answer.text}"
    return answer.json()


def refused(answer: httpx.Response) -> list[str]:
    assert (answer.status_code, answer.json()["code"]) == (409, "state_refused"), answer.text
    return [one["code"] for one in answer.json()["errors"]]
