"""What lay in a village that was split is told to the part that it came to, and to nobody of the other."""

from __future__ import annotations

import pytest

from chassis.security.scope import Role
from chassis.testing.programs import VILLAGE
from tests.personas import household
from tests.services.monitoring.cases.village import made
from tests.services.monitoring.regions.loading import load, merger

UPPER, LOWER, THEN = 610999101205, 610999101206, {"on": "2024-05-31"}


@pytest.fixture
async def split(asks):
    """A household of a village that was split on 2024-06-01, told to its upper part on the same day."""
    officer = asks()
    await load(officer)
    home = made(await officer.post("/households", json=household(valid_from="2024-01-01")))
    parts = [
        {"predecessor": str(VILLAGE), "successor": str(code), "kind": "split", "successor_name": name}
        for code, name in ((UPPER, "上松坪村"), (LOWER, "下松坪村"))
    ]
    made(await officer.post("/regions/successions", json=merger(successions=parts)))
    offer = {"to_region": str(UPPER), "effective_on": "2024-06-03", "reason": "拆分"}
    offered = made(await officer.post(f"/households/{home['id']}/transfers", json=offer, headers={"If-Match": '"1"'}))
    made(
        await officer.post(
            f"/transfers/{offered['id']}/accept", json={"region": str(UPPER)}, headers={"If-Match": '"1"'}
        )
    )
    return home


async def test_a_part_reads_what_its_own_were_before(asks, split):
    cadre, where = asks(Role.VILLAGE_CADRE, UPPER), f"/households/{split['id']}"
    before = made(await cadre.get(where, params=THEN))
    assert (before["region"], len(before["members"])) == (str(VILLAGE), len(split["members"]))
    versions = made(await cadre.get(f"{where}/history"))["items"]
    assert [one["region"] for one in versions] == [str(VILLAGE), str(UPPER)]
    person = f"/persons/{before['members'][0]['id']}"
    assert made(await cadre.get(person, params=THEN))["region"] == str(VILLAGE)


async def test_the_other_part_reads_nothing_of_it_and_no_figures_of_the_whole(asks, split):
    stranger = asks(Role.VILLAGE_CADRE, LOWER)
    of_a_member = f"/persons/{split['members'][0]['id']}"
    for path in (f"/households/{split['id']}", of_a_member):
        assert (await stranger.get(path, params=THEN)).status_code == 404
        assert (await stranger.get(f"{path}/history")).status_code == 404
    asked = {"region": str(VILLAGE), "on": THEN["on"]}
    assert (await stranger.get("/statistics/figures", params=asked)).status_code == 404
