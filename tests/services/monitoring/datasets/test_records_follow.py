"""Departments' records go with people inside the county; what came from another county still explains its hit."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from chassis.security.scope import Area, Role
from services.monitoring.screening.seeding import seed_screening
from tests.personas import CHEN, household
from tests.services.monitoring.cases.village import made
from tests.services.monitoring.screening import county_data as county

NEXT_VILLAGE, NEXT_COUNTY = 610999101204, 610998000000
SELF_PAY = "medical.annual_self_pay"


def match(document: dict[str, Any]) -> dict[str, str]:
    return {"If-Match": f'"{document["version"]}"'}


@pytest.fixture
async def chen(asks, monitoring) -> dict[str, Any]:
    """Household A with a hit of its mother's bill."""
    await seed_screening(monitoring)
    home: dict[str, Any] = made(await asks().post("/households", json=CHEN | {"valid_from": "2024-01-01"}))
    wife = home["members"][1]
    await county.record(monitoring, SELF_PAY, wife, home["id"], date(2024, 5, 1), row=7, self_pay_fen=2_000_000)
    await county.screen(monitoring)
    return home


async def moved(asks, home: dict[str, Any], region: int, by: Any) -> None:
    offer = {"to_region": str(region), "effective_on": "2024-06-03", "reason": "搬迁"}
    path = f"/households/{home['id']}/transfers"
    offered = made(await asks().post(path, json=offer, headers=match(home)))
    accepted = {"region": str(region + 101203 if region == NEXT_COUNTY else region)}
    made(await by.post(f"/transfers/{offered['id']}/accept", json=accepted, headers=match(offered)))


async def sources(client: Any) -> list[dict[str, Any]]:
    [clue] = made(await client.get("/clues"))["items"]
    [hit] = made(await client.get(f"/clues/{clue['id']}"))["hits"]
    assert hit["comparisons"], "what was seen against what stands in the hit"
    return list(hit["sources"])


async def test_a_record_goes_to_the_village_to_which_its_household_moves(asks, chen):
    [before] = await sources(asks())
    await moved(asks, chen, NEXT_VILLAGE, asks())
    assert await sources(asks(Role.VILLAGE_CADRE, NEXT_VILLAGE)) == [before]


async def test_a_record_goes_to_the_household_that_its_person_founds_or_joins(asks, monitoring, chen):
    wife = chen["members"][1]
    body = {"region": str(NEXT_VILLAGE), "on": "2024-06-03", "leaving": [{"person_id": wife["id"], "relation": "02"}]}
    pair = made(await asks().post(f"/households/{chen['id']}/split", json=body, headers=match(chen)))
    assert await where(monitoring) == [(NEXT_VILLAGE, pair["other"]["id"])]
    target = made(await asks().post("/households", json=household()))
    into = {"into": target["id"], "into_version": target["version"], "on": "2024-06-03"}
    body = into | {"relations": [{"person_id": wife["id"], "relation": "97"}]}
    made(await asks().post(f"/households/{pair['other']['id']}/merge", json=body, headers=match(pair["other"])))
    assert await where(monitoring) == [(int(target["region"]), target["id"])]


async def test_another_county_keeps_its_record_and_the_hit_still_names_it(asks, monitoring, chen):
    [before] = await sources(asks())
    there = asks(Role.COUNTY_OFFICER, NEXT_COUNTY)
    await moved(asks, chen, NEXT_COUNTY, there)
    assert await where(monitoring) == [(int(chen["region"]), chen["id"])]
    [source] = await sources(there)
    kept = ("record_id", "department", "dataset", "dataset_title", "submission_id", "row_number")
    assert [source[name] for name in kept] == [before[name] for name in kept]
    assert (source["state"], source["period"]) == ("elsewhere", "")


async def where(monitoring: Any) -> list[tuple[int, str]]:
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        found = await connection.execute(text("SELECT region, household_id::text FROM department_record"))
    return [tuple(row) for row in found]
