"""What a type is called is the area's own, from a day on; who was classified before keeps the name of that day."""

from __future__ import annotations

from typing import Any

from chassis.testing.programs import COUNTY
from tests.printed import printed
from tests.services.monitoring.cases.village import made

NEW = ["1 稳定帮扶户", "2 重点关注户", "3 防止返贫致贫对象（突发）"]


async def named(them: Any, value: list[str], since: str) -> Any:
    body = {"scope": str(COUNTY), "key": "classification.type_labels", "effective_from": since, "source": "省文件"}
    return await them.county.post("/parameters", json=body | {"value": {"type": "list", "value": value}})


async def test_an_area_calls_a_type_otherwise_from_a_day_on(them, chen, lines):
    wrong = await named(them, NEW[:2], "2024-06-08")
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "parameter_value")
    row = made(await named(them, NEW, "2024-06-08"))
    made(await them.other_county.post(f"/parameters/{row['id']}/approve", headers={"If-Match": '"1"'}))
    asked = f"/households/{chen['id']}/classification"
    assert made(await them.cadre.get(asked))["conclusion"].startswith("突发严重困难户：")
    await them.registered(chen)
    assert made(await them.cadre.get(asked))["conclusion"].startswith("防止返贫致贫对象（突发）：")
    assert made(await them.cadre.get(asked, params={"on": "2024-06-07"}))["conclusion"].startswith("突发严重困难户：")
    groups = made(await them.county.get("/statistics/figures", params={"by": "type"}))["groups"]
    assert [one["label"] for one in groups] == ["防止返贫致贫对象（突发）"]
    body = {"forms": ["card"], "purpose": "上墙", "household_ids": [chen["id"]]}
    assert "防止返贫致贫对象（突发）" in printed((await them.cadre.post("/papers", json=body)).content)
