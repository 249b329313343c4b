"""Helpers are paired with households, one main one at a time, and hand many households over at once."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from chassis.audit.tables import audit_entry
from chassis.changes.tables import change
from chassis.identifiers import new_id
from chassis.security.scope import Area, Role
from chassis.testing.programs import TOWN, VILLAGE
from tests.personas import household

OTHER_VILLAGE = 610999101204


async def registered(client, **changes):
    answer = await client.post("/households", json=household(valid_from="2024-01-01", **changes))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def helper(client, name="县水利局", kind="unit", **changes):
    answer = await client.post("/helpers", json={"kind": kind, "name": name} | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def paired(client, helper_id, *households, **changes):
    body = {"helper_id": helper_id, "household_ids": [one["id"] for one in households]}
    answer = await client.post("/pairings", json=body | {"starts_on": "2024-02-01", "source": "结对文件"} | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def helped(client, helper_id, **query):
    return (await client.get(f"/helpers/{helper_id}/households", params=query)).json()["items"]


@pytest.fixture
async def homes(asks):
    return [await registered(asks()) for _ in range(3)]


async def test_a_new_main_helper_takes_over_on_the_day_and_the_past_stays(asks, homes):
    county = asks()
    first, second = await helper(county), await helper(county, "李明", "person", unit_name="县医院")
    assert await paired(county, first["id"], *homes) == {"helper_id": first["id"], "paired": 3, "ended": 0}
    made = await paired(county, second["id"], homes[0], starts_on="2024-05-01")
    assert (made["paired"], made["ended"]) == (1, 1)
    now = (await county.get(f"/households/{homes[0]['id']}/helpers")).json()["items"]
    assert [(one["helper_name"], one["unit_name"], one["is_main"]) for one in now] == [("李明", "县医院", True)]
    before = (await county.get(f"/households/{homes[0]['id']}/helpers?on=2024-04-30")).json()["items"]
    assert [(one["helper_name"], one["ends_on"]) for one in before] == [("县水利局", "2024-04-30")]
    assert len(await helped(county, first["id"])) == 2
    # A second helper beside the main one ends nothing.
    assert (await paired(county, first["id"], homes[0], is_main=False, starts_on="2024-05-02"))["ended"] == 0


async def test_a_main_helper_who_takes_over_from_a_second_one_stays_the_main_one(asks, homes):
    county = asks()
    main, second = await helper(county), await helper(county, "李明", "person")
    await paired(county, main["id"], homes[0])
    await paired(county, second["id"], homes[0], is_main=False)
    await paired(county, second["id"], homes[1])
    body = {"to_helper_id": main["id"], "on": "2024-06-01", "reason": "岗位调整"}
    answer = await county.post(f"/helpers/{second['id']}/hand-over", json=body)
    assert answer.json() == {"helper_id": main["id"], "paired": 2, "ended": 3}
    told = await helped(county, main["id"])
    assert [one["is_main"] for one in told] == [True, True]


async def test_one_hand_over_moves_every_household_with_its_dates(asks, monitoring, homes):
    county = asks()
    former, heir = await helper(county), await helper(county, "赵敏", "person")
    await paired(county, former["id"], *homes)
    body = {"to_helper_id": heir["id"], "on": "2024-06-01", "reason": "岗位调整"}
    answer = await county.post(f"/helpers/{former['id']}/hand-over", json=body)
    assert answer.json() == {"helper_id": heir["id"], "paired": 3, "ended": 3}
    assert await helped(county, former["id"]) == []
    told = await helped(county, heir["id"])
    assert {one["household_id"] for one in told} == {one["id"] for one in homes}
    assert {(one["is_main"], one["starts_on"], one["source"]) for one in told} == {(True, "2024-06-01", "岗位调整")}
    assert {one["ends_on"] for one in await helped(county, former["id"], on="2024-05-31")} == {"2024-05-31"}
    page = (await county.get(f"/helpers/{heir['id']}/households?limit=2")).json()
    rest = await helped(county, heir["id"], limit=2, cursor=page["next_cursor"])
    assert len(page["items"]) + len(rest) == 3
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        actions = await connection.scalars(select(audit_entry.c.action).where(audit_entry.c.kind == "pairing"))
        fed = await connection.scalars(select(change.c.version).where(change.c.kind == "pairing"))
    assert sorted(actions) == ["pairing.begin"] * 6 + ["pairing.end"] * 3
    assert sorted(fed) == [1, 1, 1, 2, 2, 2]


async def test_what_cannot_be_paired_is_named(asks, homes):
    county, town = asks(), asks(Role.TOWN_OFFICER, TOWN)
    one = await helper(county)
    missing = str(new_id())
    body = {
        "helper_id": one["id"],
        "household_ids": [homes[0]["id"], missing],
        "starts_on": "2024-02-01",
        "source": "x",
    }
    refused = await town.post("/pairings", json=body)
    assert (refused.status_code, [fault["pointer"] for fault in refused.json()["errors"]]) == (
        422,
        ["/household_ids/1"],
    )
    nobody = await county.post("/helpers", json={"kind": "officer", "scope": "510000000000"})
    assert {fault["code"] for fault in nobody.json()["errors"]} == {"outside_area", "officer_unknown"}
    assert (await asks(Role.VILLAGE_CADRE, VILLAGE).post("/pairings", json=body)).status_code == 403
    assert len((await asks(Role.VILLAGE_CADRE, VILLAGE).get("/helpers")).json()["items"]) == 1


async def test_a_pairing_ends_on_its_day_and_goes_with_its_household(asks, homes):
    county = asks()
    one = await helper(county)
    await paired(county, one["id"], homes[0])
    offer = {"to_region": str(OTHER_VILLAGE), "effective_on": "2024-06-01", "reason": "搬家"}
    headers = {"If-Match": f'"{homes[0]["version"]}"'}
    offered = await county.post(f"/households/{homes[0]['id']}/transfers", json=offer, headers=headers)
    accept = f"/transfers/{offered.json()['id']}/accept"
    taken = await county.post(accept, json={"region": str(OTHER_VILLAGE)}, headers={"If-Match": '"1"'})
    assert taken.status_code == 200, taken.text
    [pairing] = await helped(asks(Role.VILLAGE_CADRE, OTHER_VILLAGE), one["id"])
    assert (pairing["region"], pairing["version"]) == (str(OTHER_VILLAGE), 2)

    path, headers = f"/pairings/{pairing['id']}/end", {"If-Match": '"2"'}
    early = await county.post(path, json={"ends_on": "2024-01-31", "reason": "期满"}, headers=headers)
    assert [fault["code"] for fault in early.json()["errors"]] == ["period_order"]
    ended = await county.post(path, json={"ends_on": "2024-06-02", "reason": "期满"}, headers=headers)
    assert (ended.status_code, ended.json()["ends_on"], ended.headers["etag"]) == (200, "2024-06-02", '"3"')
    again = await county.post(path, json={"ends_on": "2024-06-03", "reason": "期满"}, headers={"If-Match": '"3"'})
    assert [fault["code"] for fault in again.json()["errors"]] == ["pairing_over"]
