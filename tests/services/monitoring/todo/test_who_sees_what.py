"""Everybody sees what waits for them, the earliest due first; levels above see what is late."""

from __future__ import annotations

import re

import pytest

from chassis.security.scope import Role
from chassis.testing.programs import COUNTY, TOWN, VILLAGE
from services.monitoring.app import SERVICE
from services.monitoring.codes.todo import TodoKind
from services.monitoring.todo.paths import PATHS
from tests.personas import household
from tests.safety.asking import operations_of
from tests.services.monitoring.cases.village import made
from tests.services.monitoring.todo.asking import todos

OTHER_VILLAGE = 610999101204


async def counted(client):
    found = made(await client.get("/todo-counts"))["items"]
    return {one["kind"]: one["count"] for one in found if one["kind"] != "finding"}


def kinds(items):
    return [one["kind"] for one in items]


@pytest.fixture
async def home(them):
    return made(await them.cadre.post("/households", json=household(valid_from="2024-01-01")))


async def test_a_clue_waits_for_the_county_and_its_case_for_the_village(them, home):
    clue = await them.report(home)
    [waits] = await todos(them.county)
    assert (waits["kind"], waits["subject_id"], waits["path"]) == ("clue", clue["id"], f"/clues/{clue['id']}/dispatch")
    assert (waits["holder"], waits["is_escalated"], waits["head_name"]) == ("county", False, "王小明")
    assert "clue" not in kinds(await todos(them.cadre))
    case = made(await them.dispatch(clue))
    assert await todos(them.county) == []
    assert await todos(them.town) == []
    [waits] = await todos(them.cadre)
    assert (waits["kind"], waits["subject_id"], waits["household_id"]) == ("case_verify", case["id"], home["id"])
    assert (waits["due_on"], waits["timeliness"]) == (case["due_on"], "on_time")
    assert await counted(them.cadre) == {"case_verify": 1}
    # What the registry doubts about the household waits there too, and for nobody above as yet.
    assert "finding" in kinds(await todos(them.cadre, doubts=True))
    assert await todos(them.town, doubts=True) == []


async def test_a_second_signature_is_not_shown_to_who_gave_the_first(them, home):
    case = await them.dispatched(home)
    await them.sign(home)
    await them.visit(case)
    assert kinds(await todos(them.cadre)) == []
    for other in (them.second, them.town):
        [waits] = await todos(other)
        assert (waits["kind"], waits["path"]) == ("case_second", f"/cases/{case['id']}/second")
        assert not waits["is_escalated"]
    assert await counted(them.cadre) == {}
    assert await counted(them.second) == {"case_second": 1}


@pytest.mark.usefixtures("divisions")
async def test_what_a_village_lets_lie_reaches_town_county_and_city_in_turn(them, asks, home):
    case = await them.dispatched(home)
    city, province = asks(Role.CITY_OFFICER, 610900000000), asks(Role.PROVINCE_OFFICER, 610000000000)
    them.program.clock.move(days=3)  # the day of the due
    assert [one["timeliness"] for one in await todos(them.cadre)] == ["near"]
    assert await todos(them.town) == []
    for days, sees in ((1, them.town), (1, them.county), (3, city)):
        assert await todos(sees) == []
        them.program.clock.move(days=days)
        [waits] = await todos(sees)
        assert (waits["subject_id"], waits["holder"]) == (case["id"], "village")
        assert (waits["timeliness"], waits["is_escalated"]) == ("late", True)
    assert waits["head_name"] == "王**"
    assert await todos(province) == []


async def test_a_department_sees_its_own_requests_alone(them, asks, home):
    await them.sign(home)
    await them.verified(await them.dispatched(home))
    clerks = [asks(Role.DEPARTMENT_CLERK, COUNTY, department=one) for one in ("medical", "civil", "water")]
    medical, civil, water = [await todos(clerk) for clerk in clerks]
    assert kinds(medical) == kinds(civil) == ["comparison"]
    assert medical[0]["subject_id"] != civil[0]["subject_id"]
    assert (medical[0]["head_name"], water) == (None, [])
    assert await counted(clerks[0]) == {"comparison": 1}


@pytest.mark.usefixtures("divisions")
async def test_a_town_matches_self_reports_and_takes_households_in(them, asks, home):
    told = {"region": str(TOWN), "name": "不知名", "description": "家中有困难", "phone": "13800001234"}
    made(await asks().post("/self-reports", json=told))
    elsewhere = 610999102201
    offer = {"to_region": str(elsewhere), "effective_on": "2024-06-01", "reason": "搬家"}
    headers = {"If-Match": f'"{home["version"]}"'}
    made(await them.county.post(f"/households/{home['id']}/transfers", json=offer, headers=headers))
    assert kinds(await todos(them.town)) == ["self_report"]
    receiver = asks(Role.TOWN_OFFICER, 610999102000)
    [waits] = await todos(receiver)
    assert (waits["kind"], waits["region"], waits["household_id"]) == ("transfer", str(elsewhere), None)
    assert await todos(asks(Role.VILLAGE_CADRE, elsewhere)) == []


async def test_a_page_goes_on_where_it_ended_while_new_ones_come(them, asks):
    homes = [made(await them.cadre.post("/households", json=household(valid_from="2024-01-01"))) for _ in range(5)]
    for one in homes[:3]:
        await them.dispatched(one)
    total = len(await todos(them.cadre, doubts=True))
    first = made(await them.cadre.get("/todos", params={"limit": 2}))
    them.program.clock.move(days=1)
    for one in homes[3:]:
        await them.dispatched(one)
    rest = made(await them.cadre.get("/todos", params={"limit": 200, "cursor": first["next_cursor"]}))
    every = [*first["items"], *rest["items"]]
    assert sorted(one["household_id"] for one in every if one["kind"] == "case_verify") == sorted(
        one["id"] for one in homes
    )
    assert len({(one["kind"], one["subject_id"]) for one in every}) == len(every) == total + 2
    dues = [one["due_on"] for one in every]
    assert dues == sorted(dues)
    assert rest.get("next_cursor") is None


async def test_who_works_with_nobody_has_no_list(asks):
    for role, region in ((Role.AUDITOR, COUNTY), (Role.PUBLIC_READER, COUNTY)):
        assert (await asks(role, region).get("/todos")).status_code == 403
    assert await todos(asks(Role.VILLAGE_CADRE, VILLAGE)) == []


def test_every_kind_leads_somewhere():
    served = [route.path.removeprefix("/v1/monitoring") for _method, route in operations_of(SERVICE).values()]
    assert set(PATHS) == set(TodoKind)
    assert {plain(path) for path in PATHS.values()} <= {plain(path) for path in served}


def plain(path):
    return re.sub(r"{[a-z_]+}", "{}", path)
