"""What was told of a division is told again to those who answer for what followed it, and to nobody else."""

from __future__ import annotations

from chassis.security.scope import Role
from chassis.testing.programs import COUNTY, TOWN, VILLAGE
from tests.services.monitoring.cases.village import made
from tests.services.monitoring.regions.loading import OTHER_TOWN, load, merger
from tests.services.monitoring.statistics.asked_again import FIGURES, LIST, Asked

NEW_COUNTY, PROVINCE = 610997000000, 610000000000
BEFORE, AFTER = "2024-05-31", "2024-06-01"


async def test_a_recoded_countys_past_is_told_as_it_was(asks, county, registered):
    await load(county)
    await registered(3, "1", "01")
    await registered(2, "2")
    told = await Asked(county, COUNTY).now(on=BEFORE)
    assert told.groups("region") == {str(TOWN): (2, 5)}
    step = {"predecessor": str(COUNTY), "successor": str(NEW_COUNTY), "kind": "recoded", "successor_name": "云岭市"}
    made(await asks(Role.PROVINCE_OFFICER, PROVINCE).post("/regions/successions", json=merger(successions=[step])))
    told.client = officer = asks(Role.COUNTY_OFFICER, NEW_COUNTY)
    await told.again()
    # From its day on the code says nothing, and nothing is published of what is over.
    over = {"region": str(COUNTY), "on": AFTER}
    assert (await officer.get(FIGURES, params=over)).status_code == 404
    publication = {"title": "五月", "region": str(COUNTY), "on": BEFORE}
    assert (await officer.post("/statistics/publications", json=publication)).status_code == 404
    for elsewhere in (asks(Role.COUNTY_OFFICER, 610998000000), asks(Role.TOWN_OFFICER, NEW_COUNTY + 101000)):
        for path, asked in ((FIGURES, {}), (LIST, {"figure": "registered"})):
            answer = await elsewhere.get(path, params={"region": str(COUNTY), "on": BEFORE} | asked)
            assert answer.status_code == 404


async def test_a_merged_towns_past_is_told_to_the_town_that_it_is_a_part_of(asks, county, registered):
    await load(county)
    await registered(3, "1")
    told = await Asked(asks(Role.TOWN_OFFICER, TOWN), TOWN, (None, "region")).now(on=BEFORE)
    steps = [
        {"predecessor": str(TOWN), "successor": str(OTHER_TOWN), "kind": "merged"},
        {"predecessor": str(VILLAGE), "successor": "610999102203", "kind": "recoded", "successor_name": "松坪村"},
    ]
    made(await county.post("/regions/successions", json=merger(successions=steps)))
    told.client = asks(Role.TOWN_OFFICER, OTHER_TOWN)
    await told.again()
    assert told.groups("region") == {str(VILLAGE): (1, 3)}
