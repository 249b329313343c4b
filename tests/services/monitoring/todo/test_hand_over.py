"""One call gives all that an officer has in hand to another; a stand-in sees what the one stood in for would see."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from chassis.audit.tables import audit_entry
from chassis.identifiers import new_id
from chassis.security.scope import Area, Role
from chassis.testing.programs import VILLAGE
from tests.personas import household
from tests.services.monitoring.cases.village import made
from tests.services.monitoring.staff.officers import a_post, an_officer
from tests.services.monitoring.todo.asking import todos


@pytest.fixture
async def officers(asks):
    """Wang and Li, cadres of one village."""
    post = a_post(role="village_cadre", region=str(VILLAGE))
    administrator = asks(Role.SECURITY_ADMINISTRATOR)
    return [made(await administrator.post("/officers", json=an_officer(name, post=post))) for name in ("wang", "li")]


@pytest.fixture
async def paired(them, officers):
    """Two of three households are Wang's; each of the three has a case."""
    homes = [made(await them.cadre.post("/households", json=household(valid_from="2024-01-01"))) for _ in range(3)]
    helper = made(await them.county.post("/helpers", json={"kind": "officer", "officer_id": officers[0]["id"]}))
    body = {"helper_id": helper["id"], "household_ids": [one["id"] for one in homes[:2]]}
    made(await them.county.post("/pairings", json=body | {"starts_on": "2024-02-01", "source": "结对文件"}))
    for one in homes:
        await them.dispatched(one)
    return homes[:2]


def of(asks, name, **post):
    return asks(Role.VILLAGE_CADRE, VILLAGE, subject=f"issuer:{name}", **post)


async def mine(client):
    return {one["household_id"] for one in await todos(client, mine=True)}


async def test_a_stand_in_sees_what_the_one_stood_in_for_sees(asks, paired):
    own = {one["id"] for one in paired}
    assert await mine(of(asks, "wang")) == own
    assert await mine(of(asks, "li")) == set()
    assert await mine(of(asks, "li", stands_in_for="issuer:wang")) == own
    assert len(await todos(of(asks, "li"))) == 3


async def test_one_call_moves_all_households_and_their_to_dos_on_the_day(them, asks, monitoring, officers, paired):
    wang, li = officers
    path, body = f"/officers/{wang['id']}/hand-over", {"to_officer_id": li["id"], "on": "2024-06-04", "reason": "轮岗"}
    told = made(await them.county.post(path, json=body))
    assert (told["paired"], told["ended"]) == (2, 2)
    assert await mine(of(asks, "li")) == set()  # until the eve they are the former's
    monitoring.clock.move(days=1)
    assert await mine(of(asks, "li")) == {one["id"] for one in paired}
    assert await mine(of(asks, "wang")) == set()
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        once = select(func.count()).where(audit_entry.c.action == "officer.hand_over")
        assert await connection.scalar(once) == 1
    nothing_left = await them.county.post(path, json=body | {"on": "2024-06-05"})
    assert nothing_left.status_code == 404
    nobody = await them.county.post(path, json=body | {"to_officer_id": str(new_id())})
    assert [one["code"] for one in nobody.json()["errors"]] == ["officer_unknown"]
    assert (await them.cadre.post(path, json=body)).status_code == 403


async def test_nothing_is_handed_to_an_officer_without_a_post(them, asks, officers, paired):
    wang, li = officers
    administrator = asks(Role.SECURITY_ADMINISTRATOR)
    post = li["posts"][0]
    ends = {"ends_on": "2024-06-10", "reason": "调离"}
    ended = await administrator.post(f"/posts/{post['id']}/end", json=ends, headers={"If-Match": '"1"'})
    assert ended.status_code == 200, ended.text
    path, body = f"/officers/{wang['id']}/hand-over", {"to_officer_id": li["id"], "reason": "轮岗"}
    refused = await them.county.post(path, json=body | {"on": "2024-06-11"})
    assert (refused.status_code, [(one["pointer"], one["code"]) for one in refused.json()["errors"]]) == (
        422,
        [("/to_officer_id", "officer_without_post")],
    )
    assert await mine(of(asks, "wang")) == {one["id"] for one in paired}
    # A post that the county cannot see is one too: whoever is above may help here.
    above = a_post(role="province_officer", region="610000000000")
    elsewhere = asks(Role.SECURITY_ADMINISTRATOR, 610000000000)
    made(await elsewhere.post(f"/officers/{li['id']}/posts", json=above))
    assert made(await them.county.post(path, json=body | {"on": "2024-06-11"}))["paired"] == 2
