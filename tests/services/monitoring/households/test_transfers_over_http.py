"""A household moves when one area offers it and another takes it; each side sees what it may, before and after."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from chassis.audit.tables import audit_entry
from chassis.changes.tables import change
from chassis.events.tables import outbox
from chassis.security.scope import Area, Role
from chassis.testing.programs import TOWN, VILLAGE
from services.monitoring.regions.rules import common_area
from tests.personas import CHEN
from tests.services.monitoring.answers import codes, match

OTHER_TOWN, OTHER_VILLAGE = 610999102000, 610999102201


@pytest.fixture
async def giver(asks):
    return asks(Role.TOWN_OFFICER, TOWN)


@pytest.fixture
async def receiver(asks):
    return asks(Role.TOWN_OFFICER, OTHER_TOWN)


@pytest.fixture
async def chen(giver):
    return (await giver.post("/households", json=CHEN | {"valid_from": "2024-01-01"})).json()


@pytest.fixture
async def offer(giver, chen):
    answer = await giver.post(f"/households/{chen['id']}/transfers", json=OFFER, headers=match(chen))
    assert answer.status_code == 201, answer.text
    return answer.json()


OFFER = {"to_region": str(OTHER_TOWN), "effective_on": "2024-05-01", "reason": "随子女迁居"}


async def rows_of(program, statement):
    async with program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(statement)).all()


async def test_the_receiver_sees_a_masked_offer_and_nothing_of_the_household(asks, receiver, giver, chen, offer):
    assert (offer["head_name_masked"], offer["member_count"], offer["state"]) == ("陈**", 2, "open")
    [seen] = (await receiver.get("/transfers", params={"direction": "incoming"})).json()["items"]
    assert seen == offer
    assert (await receiver.get(f"/transfers/{offer['id']}")).json() == offer
    assert (await receiver.get(f"/households/{chen['id']}")).status_code == 404
    assert (await receiver.get("/transfers", params={"direction": "outgoing"})).json()["items"] == []
    assert (await giver.get("/transfers", params={"direction": "outgoing"})).json()["items"] == [offer]
    stranger = asks(Role.TOWN_OFFICER, 610999103000)
    assert (await stranger.get(f"/transfers/{offer['id']}")).status_code == 404
    assert (
        await asks(Role.VILLAGE_CADRE, VILLAGE).get("/transfers", params={"direction": "outgoing"})
    ).status_code == 403


async def test_an_accepted_household_lives_on_in_the_other_area(giver, receiver, chen, offer, monitoring):
    body = {"region": str(OTHER_VILLAGE), "on": "2024-05-10"}
    where = f"/transfers/{offer['id']}/accept"
    assert (await receiver.post(where, json=body)).status_code == 428
    answer = await receiver.post(where, json=body, headers=match(offer))
    assert answer.status_code == 200, answer.text
    moved = answer.json()
    assert (moved["id"], moved["region"], moved["version"], moved["valid_from"]) == (
        chen["id"],
        str(OTHER_VILLAGE),
        2,
        "2024-05-10",
    )
    assert {one["region"] for one in moved["members"]} == {str(OTHER_VILLAGE)}
    assert moved["open_findings"] == chen["open_findings"]
    assert (await receiver.get(f"/households/{chen['id']}")).json() == moved
    findings = (await receiver.get("/findings")).json()["items"]
    assert {one["region"] for one in findings} == {str(OTHER_VILLAGE)}
    assert (await giver.get("/findings")).json()["items"] == []

    assert (await giver.get(f"/households/{chen['id']}")).status_code == 404
    before = (await giver.get(f"/households/{chen['id']}", params={"on": "2024-05-09"})).json()
    assert (before["region"], len(before["members"])) == (str(VILLAGE), 2)
    assert (await giver.get(f"/households/{chen['id']}", params={"on": "2024-05-10"})).status_code == 404
    known = {"on": "2024-05-10", "known_at": chen["recorded_at"]}
    assert (await giver.get(f"/households/{chen['id']}", params=known)).json()["region"] == str(VILLAGE)
    assert (await receiver.get(f"/households/{chen['id']}", params={"on": "2024-05-09"})).status_code == 404

    fed = await rows_of(
        monitoring, select(change.c.region, change.c.deleted).where(change.c.id == chen["id"]).order_by(change.c.region)
    )
    assert [tuple(row) for row in fed] == [(VILLAGE, True), (OTHER_VILLAGE, False)]
    told = await rows_of(monitoring, select(outbox.c.region, outbox.c.data).where(outbox.c.aggregate_version == 2))
    assert {row.region for row in told} == {OTHER_VILLAGE}
    assert sorted(row.data.get("person", "household") for row in told) == sorted(
        ["household", *(one["id"] for one in chen["members"])]
    )
    again = await receiver.post(where, json=body, headers={"If-Match": '"2"'})
    assert (again.status_code, codes(again)) == (409, {"offer_answered"})


async def test_every_guard_of_an_acceptance_that_fails_is_named(asks, receiver, giver, chen, offer):
    where = f"/transfers/{offer['id']}/accept"
    early = await receiver.post(where, json={"region": "610999102000", "on": "2024-04-30"}, headers=match(offer))
    assert (early.status_code, codes(early)) == (409, {"accepted_before_offer", "region_not_a_village"})
    outside = await receiver.post(where, json={"region": "610999101204"}, headers=match(offer))
    assert outside.status_code == 404
    mine = await giver.post(where, json={"region": str(VILLAGE)}, headers=match(offer))
    assert mine.status_code == 404
    assert (await giver.get(f"/households/{chen['id']}")).json() == chen


async def test_an_open_offer_holds_the_household_together(giver, chen, offer):
    again = await giver.post(f"/households/{chen['id']}/transfers", json=OFFER, headers=match(chen))
    assert codes(again) == {"household_has_open_offer"}
    gone = await giver.post(
        f"/households/{chen['id']}/move-out", json={"on": "2024-06-01", "reason": "外迁"}, headers=match(chen)
    )
    assert codes(gone) == {"household_has_open_offer"}
    patched = await giver.patch(f"/households/{chen['id']}", json={"address": "甲"}, headers=match(chen))
    assert patched.status_code == 200


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"to_region": str(TOWN)}, {"already_there"}),
        ({"to_region": "610000000000"}, {"destination_too_wide", "already_there"}),
        ({"effective_on": "2024-06-04"}, {"change_after_today"}),
        ({"effective_on": "2023-12-31"}, {"change_before_the_last"}),
    ],
)
async def test_an_offer_that_cannot_be_is_refused(giver, chen, changes, expected):
    answer = await giver.post(f"/households/{chen['id']}/transfers", json=OFFER | changes, headers=match(chen))
    assert (answer.status_code, codes(answer)) == (409, expected)


async def test_each_side_closes_an_offer_in_its_own_way(giver, receiver, chen, offer, monitoring):
    body = {"reason": "手续不全"}
    assert (await giver.post(f"/transfers/{offer['id']}/decline", json=body, headers=match(offer))).status_code == 404
    assert (
        await receiver.post(f"/transfers/{offer['id']}/withdraw", json=body, headers=match(offer))
    ).status_code == 404
    declined = await receiver.post(f"/transfers/{offer['id']}/decline", json=body, headers=match(offer))
    assert (declined.json()["state"], declined.json()["answer"], declined.json()["answered_on"]) == (
        "declined",
        "手续不全",
        "2024-06-03",
    )
    late = await giver.post(f"/transfers/{offer['id']}/withdraw", json=body, headers=match(declined.json()))
    assert codes(late) == {"offer_answered"}
    second = await giver.post(f"/households/{chen['id']}/transfers", json=OFFER, headers=match(chen))
    assert second.status_code == 201
    withdrawn = await giver.post(f"/transfers/{second.json()['id']}/withdraw", json=body, headers=match(second.json()))
    assert withdrawn.json()["state"] == "withdrawn"
    entries = await rows_of(monitoring, select(audit_entry).where(audit_entry.c.kind == "transfer"))
    assert [(entry.action, entry.region) for entry in entries] == [
        ("transfer.offer", VILLAGE),
        ("transfer.decline", OTHER_TOWN),
        ("transfer.offer", VILLAGE),
        ("transfer.withdraw", VILLAGE),
    ]


async def test_whom_it_finds_dead_an_acceptance_leaves_behind(giver, receiver, chen, offer):
    wife = chen["members"][1]
    died = await giver.post(f"/persons/{wife['id']}/record-death", json={"on": "2024-05-20"}, headers=match(wife))
    assert died.status_code == 200, died.text
    body = {"region": str(OTHER_VILLAGE)}
    answer = await receiver.post(f"/transfers/{offer['id']}/accept", json=body, headers=match(offer))
    assert (answer.json()["member_count"], [one["name"] for one in answer.json()["members"]]) == (1, ["陈大山"])
    assert (await giver.get(f"/persons/{wife['id']}")).json()["state"] == "dead"


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        (610999102201, Area(610999102000, 610999102999)),
        (610999101203, Area(610999000000, 610999999999)),
        (610901101203, Area(610900000000, 610999999999)),
        (610101101203, Area(610000000000, 619999999999)),
        (110101101203, Area.everywhere()),
    ],
)
def test_the_common_area_is_the_smallest_that_holds_both(region, expected):
    assert common_area(Area.of(OTHER_TOWN), region) == expected
