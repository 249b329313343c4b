"""Nobody is registered in, split off to or moved into a village that is none today, as far as records can tell."""

from __future__ import annotations

import pytest

from chassis.security.scope import Role
from chassis.testing.programs import TOWN
from tests.personas import CHEN, household, number, person
from tests.services.monitoring.answers import codes, match
from tests.services.monitoring.households.splitting import split_of
from tests.services.monitoring.households.villages import ENDED, NONE_SUCH
from tests.services.monitoring.regions.loading import load

OTHER_TOWN = 610999102000


@pytest.fixture
async def officer(asks):
    await load(asks())
    await load(asks(), f"code,name,level,valid_from,valid_to,successor\n{ENDED},旧村,村,2020-01-01,2023-12-31,\n")
    return asks(Role.TOWN_OFFICER, TOWN)


@pytest.fixture
async def chen(officer):
    members = [*CHEN["members"], person(name="陈小山", relation="20", identity_number=number("19980101"))]
    return (await officer.post("/households", json=CHEN | {"valid_from": "2024-01-01", "members": members})).json()


@pytest.mark.parametrize("village", [NONE_SUCH, ENDED])
async def test_a_household_is_not_registered_in_a_village_that_is_none_today(officer, village):
    answer = await officer.post("/households", json=household(region=str(village)))
    assert (answer.status_code, codes(answer)) == (422, {"village_unknown"})
    assert (await officer.post("/households", json=household())).status_code == 201


async def test_nobody_splits_off_to_a_village_that_is_none_today(officer, chen):
    where = f"/households/{chen['id']}/split"
    answer = await officer.post(where, json=split_of(chen, region=str(NONE_SUCH)), headers=match(chen))
    assert (answer.status_code, codes(answer)) == (409, {"village_unknown"})
    assert (await officer.post(where, json=split_of(chen), headers=match(chen))).status_code == 201


async def test_a_household_moves_into_no_village_that_is_none_today(asks, officer, chen):
    offer = {"to_region": str(OTHER_TOWN), "effective_on": "2024-05-01", "reason": "随子女迁居"}
    offered = (await officer.post(f"/households/{chen['id']}/transfers", json=offer, headers=match(chen))).json()
    receiver, where = asks(Role.TOWN_OFFICER, OTHER_TOWN), f"/transfers/{offered['id']}/accept"
    refused = await receiver.post(where, json={"region": "610999102299", "on": "2024-05-10"}, headers=match(offered))
    assert (refused.status_code, codes(refused)) == (409, {"village_unknown"})
    taken = await receiver.post(where, json={"region": "610999102201", "on": "2024-05-10"}, headers=match(offered))
    assert taken.status_code == 200, taken.text


async def test_a_household_comes_back_to_no_village_that_is_none_today(officer, chen):
    away = {"on": "2024-03-01", "reason": "迁往外省"}
    gone = (await officer.post(f"/households/{chen['id']}/move-out", json=away, headers=match(chen))).json()
    where = f"/households/{chen['id']}/move-back"
    refused = await officer.post(where, json={"on": "2024-06-01", "region": str(NONE_SUCH)}, headers=match(gone))
    assert (refused.status_code, codes(refused)) == (409, {"village_unknown"})
    assert (await officer.post(where, json={"on": "2024-06-01"}, headers=match(gone))).status_code == 200


async def test_a_county_with_no_village_on_record_judges_none(asks):
    await load(asks(), "code,name,level,valid_from,valid_to,successor\n610999000000,云岭县,县,2020-01-01,,\n")
    assert (await asks().post("/households", json=household(region=str(NONE_SUCH)))).status_code == 201
