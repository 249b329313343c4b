"""A household that moves away from a list hangs in its new village, and its publicity is known in another county."""

from __future__ import annotations

import pytest

from chassis.security.scope import Role
from tests.personas import household
from tests.services.monitoring.cases.leaving import compared_out, met_out, propose, published_out, until
from tests.services.monitoring.cases.moving import NEXT_COUNTY, NEXT_VILLAGE, THERE, moved
from tests.services.monitoring.cases.village import made, refused


@pytest.mark.parametrize(("region", "village"), [(NEXT_VILLAGE, NEXT_VILLAGE), (NEXT_COUNTY, THERE)])
async def test_who_moves_away_from_a_list_hangs_in_the_new_village_for_all_of_its_days(
    them, asks, chen, region, village
):
    neighbour = made(await them.cadre.post("/households", json=household(valid_from="2024-01-01")))
    case, stays = await them.reviewed(chen), await them.reviewed(neighbour)
    shown = await them.published(case, stays)
    them.program.clock.move(days=3)
    await moved(them, chen, asks(Role.COUNTY_OFFICER, village // 10**6 * 10**6), region, village)
    cadre = asks(Role.VILLAGE_CADRE, village)
    read = made(await cadre.get(f"/cases/{case['id']}"))
    hangs = read["publicity"]["lines"][-1]
    assert (read["state"], read["publicity"]["days_shown"], hangs["since"]) == ("publicity", 0, "2024-06-06")
    new_list = f"/public-lists/{hangs['list_id']}"
    assert made(await cadre.get(new_list))["region"] == str(village)
    them.program.clock.move(days=2)
    kept = made(await them.let_pass(made(await them.cadre.get(f"/public-lists/{shown['id']}"))))
    assert (kept["state"], [one["case_id"] for one in kept["lines"]]) == ("over", [stays["id"]])
    headers = {"If-Match": '"1"'}
    assert refused(await cadre.post(f"{new_list}/pass", json={}, headers=headers)) == ["publicity_too_short"]
    them.program.clock.move(days=3)
    assert made(await cadre.post(f"{new_list}/pass", json={}, headers=headers))["state"] == "over"


async def test_another_county_knows_how_long_a_case_was_shown(them, asks, chen, lines):
    neighbour = made(await them.cadre.post("/households", json=household(valid_from="2024-01-01")))
    case, stays = await them.reviewed(chen), await them.reviewed(neighbour)
    shown = await them.published(case, stays)
    them.program.clock.move(days=5)
    made(await them.let_pass(shown))
    there = asks(Role.COUNTY_OFFICER, NEXT_COUNTY)
    await moved(them, chen, there, NEXT_COUNTY, THERE)
    assert made(await there.get(f"/cases/{case['id']}"))["publicity"]["days_shown"] == 5


async def test_a_village_that_a_registered_household_left_keeps_its_basis_in_the_figures_of_then(
    them, asks, chen, lines
):
    await them.registered(chen)
    asked = {"region": str(them.village), "by": "basis"}
    then = made(await them.county.get("/statistics/figures", params=asked))
    assert [group["key"] for group in then["groups"]] == ["shock"]
    them.program.clock.move(days=1)
    await moved(them, chen, asks(Role.COUNTY_OFFICER), NEXT_VILLAGE, NEXT_VILLAGE)
    pinned = {"on": then["on"], "known_at": then["known_at"]}
    again = made(await them.county.get("/statistics/figures", params=asked | pinned))
    assert again["groups"] == then["groups"]


async def test_days_for_which_a_household_hung_alone_elsewhere_do_not_count_in_its_new_village(them, asks, chen):
    case = await them.reviewed(chen)
    shown = await them.published(case)
    them.program.clock.move(days=4)
    await moved(them, chen, asks(Role.COUNTY_OFFICER), NEXT_VILLAGE, NEXT_VILLAGE)
    them.program.clock.move(days=1)
    publicity = (await them.read(case))["publicity"]
    assert (publicity["days_shown"], publicity["passes_on"]) == (1, "2024-06-12")
    cadre = asks(Role.VILLAGE_CADRE, NEXT_VILLAGE)
    assert made(await cadre.get(f"/public-lists/{shown['id']}"))["state"] == "over"
    new_list = f"/public-lists/{publicity['lines'][-1]['list_id']}"
    answer = await cadre.post(f"{new_list}/pass", json={}, headers={"If-Match": '"1"'})
    assert refused(answer) == ["publicity_too_short"]


async def test_who_moves_on_the_way_out_hangs_anew_and_the_town_has_its_days_after_that(them, asks, chen, ready):
    case = await met_out(them, await compared_out(them, made(await propose(them, ready))))
    await published_out(them, case)
    assert (await them.read(case))["due_on"] == "2025-07-15", "three days after the 12th"
    until(them, "2025-07-10")
    await moved(them, chen, asks(Role.COUNTY_OFFICER), NEXT_VILLAGE, NEXT_VILLAGE)
    read = await them.read(case)
    hangs = read["elimination_publicity"]
    assert (hangs["days_shown"], hangs["passes_on"], read["publicity"]["days_shown"]) == (0, "2025-07-15", 5)
    assert (read["state"], read["holder"], read["due_on"]) == ("elim_publicity", "town", "2025-07-18")


async def test_an_objection_that_is_settled_after_the_household_moved_lets_it_hang_in_its_new_village(them, asks, chen):
    neighbour = made(await them.cadre.post("/households", json=household(valid_from="2024-01-01")))
    case, stays = await them.reviewed(chen), await them.reviewed(neighbour)
    shown = await them.published(case, stays)
    them.program.clock.move(days=3)
    made(await them.do(them.cadre, await them.read(case), "objections", words="与实际不符"))
    await moved(them, chen, asks(Role.COUNTY_OFFICER), NEXT_VILLAGE, NEXT_VILLAGE)
    them.program.clock.move(days=1)
    case = await them.read(case)
    made(await them.do(them.other_town, case, "settle-objection", upheld=False, finding="经核不属实"))
    read = await them.read(case)
    hangs = read["publicity"]["lines"][-1]
    assert (read["publicity"]["days_shown"], hangs["since"], hangs["until"]) == (0, "2024-06-07", None)
    cadre = asks(Role.VILLAGE_CADRE, NEXT_VILLAGE)
    assert made(await cadre.get(f"/public-lists/{hangs['list_id']}"))["region"] == str(NEXT_VILLAGE)
    them.program.clock.move(days=1)
    kept = made(await them.let_pass(made(await them.cadre.get(f"/public-lists/{shown['id']}"))))
    assert kept["state"] == "over", "nobody hangs there any more, and nobody will again"


async def test_an_objection_to_who_hung_alone_and_moved_lets_no_earlier_day_count(them, asks, chen):
    case = await them.reviewed(chen)
    shown = await them.published(case)
    them.program.clock.move(days=3)
    made(await them.do(them.cadre, await them.read(case), "objections", words="与实际不符"))
    await moved(them, chen, asks(Role.COUNTY_OFFICER), NEXT_VILLAGE, NEXT_VILLAGE)
    cadre = asks(Role.VILLAGE_CADRE, NEXT_VILLAGE)
    assert made(await cadre.get(f"/public-lists/{shown['id']}"))["state"] == "over"
    them.program.clock.move(days=1)
    case = await them.read(case)
    made(await them.do(them.other_town, case, "settle-objection", upheld=False, finding="经核不属实"))
    publicity = (await them.read(case))["publicity"]
    assert (publicity["days_shown"], publicity["passes_on"]) == (0, "2024-06-12")
    assert publicity["lines"][-1]["list_id"] != shown["id"]
