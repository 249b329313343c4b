"""Figures in 户 and 人, told apart, with the list behind each, and the same when they are asked again."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from chassis.security.scope import Role
from chassis.testing.programs import COUNTY, TOWN, VILLAGE

NEXT_VILLAGE = 610999101204


async def asked(client, **query):
    answer = await client.get("/statistics/figures", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def counts(group):
    return {figure["figure"]: (figure["households"], figure["persons"]) for figure in group["figures"]}


async def behind(client, figure):
    """The households of a figure's list, page by page."""
    query = {name: value for name, [value] in parse_qs(urlsplit(figure["list"]).query).items()} | {"limit": 1}
    listed = []
    while True:
        page = await client.get("/statistics/households", params=query)
        assert page.status_code == 200, page.text
        listed += page.json()["items"]
        if page.json()["next_cursor"] is None:
            return listed
        query |= {"cursor": page.json()["next_cursor"]}


async def test_the_village_of_the_story_has_a_third_of_its_households_and_five_of_eleven_people_out(
    registered, county, monitoring
):
    monitoring.clock.move(days=410)  # 2025-07-18
    await registered(5, "3", "01", "02", "03", eliminated_on="2025-07-18")
    await registered(4, "2", "07")
    await registered(2, "1", "08")
    told = await asked(county, region=VILLAGE)
    [group] = told["groups"]
    assert counts(group) == {"registered": (3, 11), "active": (2, 6), "eliminated": (1, 5), "ended": (0, 0)}
    ratios = [{name: one[name] for name in one if not name.endswith("list")} for one in group["elimination_rate"]]
    assert ratios == [
        {"numerator": 1, "denominator": 3, "unit": "户", "on": "2025-07-18", "percent": "33.33"},
        {"numerator": 5, "denominator": 11, "unit": "人", "on": "2025-07-18", "percent": "45.45"},
    ]
    for one in group["elimination_rate"]:
        homes = [await behind(county, {"list": one[f"{part}_list"]}) for part in ("numerator", "denominator")]
        counted = [len(rows) if one["unit"] == "户" else sum(row["members"] for row in rows) for rows in homes]
        assert counted == [one["numerator"], one["denominator"]]
    by_type = {group["key"]: counts(group)["registered"] for group in (await asked(county, by="type"))["groups"]}
    assert by_type == {"1": (1, 2), "2": (1, 4), "3": (1, 5)}
    by_risk = {group["label"]: counts(group)["registered"] for group in (await asked(county, by="risk"))["groups"]}
    assert by_risk == {"因病": (1, 5), "因学": (1, 5), "因残": (1, 5), "因务工就业不稳": (1, 4), "缺劳动力": (1, 2)}
    by_month = {group["key"]: counts(group) for group in (await asked(county, by="month"))["groups"]}
    assert by_month == {
        "2024-05": {"registered": (3, 11), "eliminated": (0, 0)},
        "2025-07": {"registered": (0, 0), "eliminated": (1, 5)},
    }


async def test_nothing_registered_gives_zeros_and_no_percent(county):
    told = await asked(county)
    [group] = told["groups"]
    assert set(counts(group).values()) == {(0, 0)}
    assert [ratio["percent"] for ratio in group["elimination_rate"]] == [None, None]
    assert (await asked(county, by="type"))["groups"] == []


async def test_each_figure_leads_to_its_households(registered, county, monitoring):
    monitoring.clock.move(days=410)
    out = await registered(5, "3", "01", eliminated_on="2025-07-18")
    stays = [await registered(2, "1", "08") for _ in range(3)]
    groups = (await asked(county, region=TOWN))["groups"]
    for by in ("type", "risk", "basis", "region", "month"):
        groups += (await asked(county, region=TOWN, by=by))["groups"]
    for figure in (figure for group in groups for figure in group["figures"]):
        listed = await behind(county, figure)
        assert (len(listed), sum(row["members"] for row in listed)) == (figure["households"], figure["persons"])
    only = await county.get("/statistics/households", params={"figure": "registered", "type": "1"})
    assert [row["id"] for row in only.json()["items"]] == stays
    only = await county.get("/statistics/households", params={"figure": "registered", "risk": "01"})
    assert [row["id"] for row in only.json()["items"]] == [out]
    only = await county.get("/statistics/households", params={"figure": "registered", "basis": "taken_over"})
    assert {row["id"] for row in only.json()["items"]} == {out, *stays}
    only = await county.get("/statistics/households", params={"figure": "eliminated", "eliminated_month": "2025-07"})
    assert [row["id"] for row in only.json()["items"]] == [out]


async def test_a_household_that_came_back_stands_in_the_months_of_both_registrations(
    registered, tell, county, monitoring
):
    """In the figures of today it is one active household; what happened in a month stays what happened in it."""
    monitoring.clock.move(days=510)  # 2025-10-26
    back = await registered(5, "3", "01", registered_on="2024-06-17", eliminated_on="2025-07-18")
    stays = await registered(2, "1", "08", registered_on="2024-06-17")
    before = await asked(county, by="month")
    await tell(back, "3", "09", registered_on="2025-10-20")
    await tell(back, "3", "09", registered_on="2025-10-20", eliminated_on="2025-10-22")
    await tell(back, "3", "09", registered_on="2025-10-25")
    told = await asked(county, by="month")
    assert {group["key"]: counts(group) for group in told["groups"]} == {
        "2024-06": {"registered": (2, 7), "eliminated": (0, 0)},
        "2025-07": {"registered": (0, 0), "eliminated": (1, 5)},
        "2025-10": {"registered": (2, 10), "eliminated": (1, 5)},
    }
    assert counts((await asked(county))["groups"][0]) == {
        "registered": (2, 7), "active": (2, 7), "eliminated": (0, 0), "ended": (0, 0),
    }  # fmt: skip
    listed = [
        [row["id"] for row in await behind(county, figure)] for group in told["groups"] for figure in group["figures"]
    ]
    assert listed == [[back, stays], [], [], [back], [back, back], [back]]
    assert await asked(county, by="month", known_at=told["known_at"], on=told["on"]) == told
    assert await asked(county, by="month", known_at=before["known_at"], on=before["on"]) == before


async def test_a_day_of_registration_that_was_put_right_makes_no_second_registration(
    registered, tell, county, monitoring
):
    monitoring.clock.move(days=410)
    home = await registered(5, "3", "01", registered_on="2024-05-20", eliminated_on="2025-07-18")
    await tell(home, "3", "01", registered_on="2024-06-03", eliminated_on="2025-07-18")
    told = await asked(county, by="month")
    assert {group["key"]: counts(group) for group in told["groups"]} == {
        "2024-06": {"registered": (1, 5), "eliminated": (0, 0)},
        "2025-07": {"registered": (0, 0), "eliminated": (1, 5)},
    }


async def test_asked_again_as_known_then_the_figures_are_the_same_and_the_past_is_told_as_it_was(
    registered, tell, county, monitoring
):
    monitoring.clock.move(days=410)
    home = await registered(5, "3", "01")
    first = await asked(county, by="type")
    await tell(home, "3", "01", eliminated_on="2025-07-18")
    await registered(4, "2", "07")
    again = await asked(county, by="type", known_at=first["known_at"], on=first["on"])
    assert again == first
    now = await asked(county)
    assert counts(now["groups"][0])["eliminated"] == (1, 5)
    before = await asked(county, on="2025-07-17")  # the same on record, the day before
    assert counts(before["groups"][0]) == {
        "registered": (2, 9),
        "active": (2, 9),
        "eliminated": (0, 0),
        "ended": (0, 0),
    }
    assert counts((await asked(county, on="2024-05-19"))["groups"][0])["registered"] == (0, 0)
    to_come = await county.get(
        "/statistics/figures", params={"known_at": "2099-01-01T00:00:00+08:00", "on": "2099-01-01"}
    )
    assert {error["code"] for error in to_come.json()["errors"]} == {"day_not_come", "instant_not_come"}


async def test_villages_of_a_town_add_up_to_it_and_a_village_is_divided_no_further(registered, county, asks):
    await registered(2, "1", "08")
    await registered(3, "1", "08", region=NEXT_VILLAGE)
    told = await asked(county, region=TOWN, by="region")
    assert {group["key"]: counts(group)["active"] for group in told["groups"]} == {
        str(VILLAGE): (1, 2),
        str(NEXT_VILLAGE): (1, 3),
    }
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    assert counts((await asked(cadre))["groups"][0])["active"] == (1, 2)
    assert (await cadre.get("/statistics/figures", params={"region": TOWN})).status_code == 404
    refused = await cadre.get("/statistics/figures", params={"by": "region"})
    assert [error["code"] for error in refused.json()["errors"]] == ["no_divisions_below"]


async def test_who_is_ill_in_a_village_is_told_to_case_roles_alone(registered, county, asks):
    await registered(2, "1", "01", "08")
    auditor = asks(Role.AUDITOR, COUNTY)
    keys = [group["key"] for group in (await asked(auditor, region=VILLAGE, by="risk"))["groups"]]
    assert keys == ["08"]
    assert [group["key"] for group in (await asked(auditor, region=TOWN, by="risk"))["groups"]] == ["01", "08"]
    said = {"title": "松坪村分风险", "region": str(VILLAGE), "by": "risk"}
    published = (await county.post("/statistics/publications", json=said)).json()
    assert [group["key"] for group in published["result"]["groups"]] == ["01", "08"]
    read = (await auditor.get(f"/statistics/publications/{published['id']}")).json()
    assert [group["key"] for group in read["result"]["groups"]] == ["08"]
    query = {"figure": "registered", "risk": "01"}
    assert (await auditor.get("/statistics/households", params=query)).status_code == 403


async def test_what_was_published_stays_as_it_was(registered, county, asks):
    await registered(2, "1", "08")
    made = await county.post("/statistics/publications", json={"title": "六月监测月报", "by": "type"})
    assert made.status_code == 201, made.text
    published = made.json()
    await registered(3, "1", "08")
    again = (await county.get(f"/statistics/publications/{published['id']}")).json()
    assert again == published
    assert counts(again["result"]["groups"][0])["active"] == (1, 2)
    listed = (await county.get("/statistics/publications")).json()["items"]
    assert [row["title"] for row in listed] == ["六月监测月报"]
    pinned = {"on": published["result"]["on"], "known_at": published["result"]["known_at"], "by": "type"}
    assert await asked(county, **pinned) == published["result"]
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    assert (await cadre.get(f"/statistics/publications/{published['id']}")).status_code == 404
    assert (await cadre.post("/statistics/publications", json={"title": "x"})).status_code == 403


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_a_day_that_nobody_can_mean_is_refused_and_breaks_nothing(registered, county, day):
    home = await registered(2, "1", "08")
    asked_for = (
        f"/statistics/durations?until={day}",
        f"/statistics/figures?on={day}",
        f"/households/{home}/income?on={day}",
        f"/households/{home}/low-income-review?on={day}",
    )
    assert [(await county.get(path)).status_code for path in asked_for] == [422] * len(asked_for)
