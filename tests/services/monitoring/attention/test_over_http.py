"""Left-behind people and key groups are dated facts; a child's missing carers are findings until they are named."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from chassis.jobs.sweeps import SweepRun
from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY, TOWN, VILLAGE, officer
from services.monitoring.attention.actions.findings import CARERS
from services.monitoring.attention.actions.listed import LISTED
from services.monitoring.registers.catalogue import fed_by
from services.monitoring.registers.jobs import bring_up
from services.monitoring.screening.seeding import seed_screening
from services.monitoring.visits.actions.refresh import DUES
from tests.personas import household, number, person
from tests.services.monitoring.screening import county_data as county

NEXT_VILLAGE = "610999101204"
MARK = {"kind": "left_behind_child", "starts_on": "2024-05-01", "source": "民政台账"}
KINDS = ("neighbour", "teacher", "cadre", "volunteer_team")


def match(document):
    return {"If-Match": f'"{document["version"]}"'}


@pytest.fixture
async def cadre(asks):
    return asks(Role.VILLAGE_CADRE, VILLAGE)


@pytest.fixture
async def home(asks, monitoring):
    await seed_screening(monitoring)
    child = person(name="陈小花", relation="30", identity_number=number("20150101"), labour_skill="none")
    body = household(valid_from="2024-01-01", members=[person(name="陈大山"), child])
    return (await asks().post("/households", json=body)).json()


@pytest.fixture
def child(home):
    return next(one for one in home["members"] if one["name"] == "陈小花")


async def marked(client, person_id, **changes):
    answer = await client.post(f"/persons/{person_id}/attention", json=MARK | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def carer(client, person_id, kind, **changes):
    body = {"kind": kind, "name": "王阿姨", "starts_on": "2024-05-01", "source": "村里商定"} | changes
    answer = await client.post(f"/persons/{person_id}/carers", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def missing(client):
    found = (await client.get("/findings")).json()["items"]
    prefix = "register_carer_missing_"
    return sorted(one["code"].removeprefix(prefix) for one in found if one["code"].startswith(prefix))


async def test_a_child_lacks_four_carers_until_each_is_named(cadre, child):
    await marked(cadre, child["id"])
    assert await missing(cadre) == sorted(KINDS)
    for kind in KINDS[:3]:
        await carer(cadre, child["id"], kind)
    assert await missing(cadre) == ["volunteer_team"]
    care = (await cadre.get(f"/persons/{child['id']}/care")).json()
    assert ([one["kind"] for one in care["carers"]], care["missing"]) == (
        ["cadre", "neighbour", "teacher"],
        ["volunteer_team"],
    )
    former = await carer(cadre, child["id"], "volunteer_team", name="春晖志愿队")
    assert await missing(cadre) == []
    heir = await carer(cadre, child["id"], "volunteer_team", name="蓝天志愿队", starts_on="2024-06-01")
    before = (await cadre.get(f"/persons/{child['id']}/care?on=2024-05-31")).json()["carers"]
    assert {one["id"]: one["ends_on"] for one in before}[former["id"]] == "2024-05-31"
    ended = await cadre.post(
        f"/carers/{heir['id']}/end", json={"ends_on": "2024-06-02", "reason": "解散"}, headers=match(heir)
    )
    assert (ended.status_code, await missing(cadre)) == (200, ["volunteer_team"])


async def test_a_finding_of_the_register_outlives_a_change_of_the_person(cadre, child):
    await marked(cadre, child["id"])
    now = (await cadre.get(f"/households/{child['household_id']}")).json()
    seen = next(one for one in now["members"] if one["id"] == child["id"])
    patched = await cadre.patch(f"/persons/{child['id']}", json={"is_left_behind": True}, headers=match(seen))
    assert patched.status_code == 200, patched.text
    assert await missing(cadre) == sorted(KINDS)


async def test_which_carers_a_child_has_is_the_areas_to_say(asks, monitoring, cadre, child):
    body = {"key": "attention.carer_kinds", "scope": str(COUNTY), "source": "县方案", "effective_from": "2024-06-01",
            "value": {"type": "list", "value": ["teacher", "cadre"]}}  # fmt: skip
    proposed = (await asks().post("/parameters", json=body)).json()
    assert (await asks().post(f"/parameters/{proposed['id']}/approve", headers=match(proposed))).status_code == 200
    await marked(cadre, child["id"])
    assert await missing(cadre) == ["cadre", "teacher"]


async def test_the_sweep_finds_what_a_day_brings_and_repeats_nothing(monitoring, cadre, child):
    await marked(cadre, child["id"], starts_on="2024-06-05")
    assert await missing(cadre) == []
    for _ in range(2):
        await CARERS.run(SweepRun(monitoring, CARERS.name, COUNTY, date(2024, 6, 5)))
        assert await missing(cadre) == sorted(KINDS)
    async with monitoring.database.transaction(Area.of(COUNTY)) as connection:
        told = await connection.execute(
            text("SELECT count(*) FROM audit_entry WHERE action = 'finding.open' AND subject LIKE 'program:%'")
        )
    assert told.scalar_one() == len(KINDS)


async def test_a_mark_is_borne_once_and_ends_on_its_day(cadre, child):
    mark = await marked(cadre, child["id"])
    twice = await cadre.post(f"/persons/{child['id']}/attention", json=MARK | {"starts_on": "2024-05-20"})
    assert (twice.status_code, twice.json()["code"]) == (409, "already_marked")
    path = f"/attention/{mark['id']}/end"
    early = await cadre.post(path, json={"ends_on": "2024-04-01", "reason": "父母回家"}, headers=match(mark))
    assert [fault["code"] for fault in early.json()["errors"]] == ["period_order"]
    ended = await cadre.post(path, json={"ends_on": "2024-06-02", "reason": "父母回家"}, headers=match(mark))
    assert (ended.status_code, ended.json()["ends_on"]) == (200, "2024-06-02")
    assert (await cadre.get("/attention")).json()["items"] == []
    assert len((await cadre.get("/attention?on=2024-06-02")).json()["items"]) == 1
    assert await missing(cadre) == []
    assert (await cadre.get("/visit-dues")).json()["items"] == []


async def test_the_register_shows_the_latest_check_of_guardianship(asks, cadre, child):
    await marked(cadre, child["id"])
    for day, adequate in (("2024-05-10", True), ("2024-06-01", False)):
        body = {"checked_on": day, "guardian": "奶奶", "is_adequate": adequate}
        answer = await cadre.post(f"/persons/{child['id']}/guardianship-checks", json=body)
        assert answer.status_code == 201, answer.text
    [row] = (await cadre.get("/attention?kind=left_behind_child")).json()["items"]
    assert (row["person_name"], row["guardianship_checked_on"], row["guardianship_is_adequate"]) == (
        "陈小花",
        "2024-06-01",
        False,
    )
    [masked] = (await asks(Role.AUDITOR).get("/attention")).json()["items"]
    assert masked["person_name"] == "陈**"
    ahead = await cadre.post(
        f"/persons/{child['id']}/guardianship-checks", json={"checked_on": "2024-06-04", "is_adequate": True}
    )
    assert [fault["code"] for fault in ahead.json()["errors"]] == ["in_the_future"]


async def test_marks_of_health_are_for_case_roles_only(asks, cadre, child):
    await marked(cadre, child["id"], kind="severe_disability")
    assert len((await cadre.get("/attention")).json()["items"]) == 1
    assert (await asks(Role.AUDITOR).get("/attention")).json()["items"] == []
    assert (await asks(Role.AUDITOR).get("/attention?kind=severe_disability")).json()["items"] == []


async def test_marks_and_carers_go_with_the_person(asks, cadre, home, child):
    await marked(cadre, child["id"])
    await carer(cadre, child["id"], "teacher")
    body = {"region": NEXT_VILLAGE, "on": "2024-06-03", "leaving": [{"person_id": child["id"], "relation": "02"}]}
    answer = await asks().post(f"/households/{home['id']}/split", json=body, headers=match(home))
    assert answer.status_code == 201, answer.text
    neighbour = asks(Role.VILLAGE_CADRE, int(NEXT_VILLAGE))
    [row] = (await neighbour.get("/attention")).json()["items"]
    assert row["household_id"] == answer.json()["other"]["id"]
    assert len((await neighbour.get(f"/persons/{child['id']}/care")).json()["carers"]) == 1
    assert len(await missing(neighbour)) == 3
    assert (await missing(cadre), (await cadre.get("/attention")).json()["items"]) == ([], [])


async def night(monitoring, day=date(2024, 6, 3)):
    for sweep in (LISTED, DUES, CARERS):
        await sweep.run(SweepRun(monitoring, sweep.name, COUNTY, day))


async def marks(client, **query):
    found = (await client.get("/attention", params=query)).json()["items"]
    return {(one["person_id"], one["kind"]): one for one in found}


async def test_whom_departments_have_listed_is_marked_without_anybody_typing_it(asks, monitoring, cadre, home, child):
    father = next(one for one in home["members"] if one["name"] == "陈大山")
    listed = {"left_behind_kind": "child", "listed_on": "2024-03-01"}
    for month, dataset in ((4, "civil.left_behind_visits"), (5, "women.left_behind_visits")):
        await county.record(monitoring, dataset, child, home["id"], date(2024, month, 30), **listed)
    certificates = "disability.certificates"
    for someone, level in ((father, 2), (child, 3)):
        said = {"certificate_no": "1", "disability_level": level}
        await county.record(monitoring, certificates, someone, home["id"], date(2024, 1, 5), **said)
    async with monitoring.unit(officer()) as unit:
        await bring_up(unit, fed_by(certificates), COUNTY, Area.of(TOWN))
    await night(monitoring)
    found = await marks(cadre)
    assert found.keys() == {(child["id"], "left_behind_child"), (father["id"], "severe_disability")}
    one = found[child["id"], "left_behind_child"]
    assert (one["starts_on"], one["source"]) == ("2024-03-01", "妇联：三留守名单")
    assert await missing(cadre) == sorted(KINDS), "on the same night"
    dues = (await cadre.get("/visit-dues")).json()["items"]
    assert {due["reason"] for due in dues} == {"left_behind_child", "severe_disability"}
    assert (child["id"], "left_behind_child") in await marks(asks(Role.AUDITOR))
    assert (father["id"], "severe_disability") not in await marks(asks(Role.AUDITOR))


async def test_a_mark_that_people_ended_is_not_made_again_by_the_same_listing(monitoring, cadre, home, child):
    said = {"left_behind_kind": "child", "listed_on": "2024-03-01"}
    dataset = "civil.left_behind_visits"
    await county.record(monitoring, dataset, child, home["id"], date(2024, 4, 30), **said)
    await night(monitoring)
    [one] = (await marks(cadre)).values()
    end = {"ends_on": "2024-05-20", "reason": "父母已返乡"}
    ended = await cadre.post(f"/attention/{one['id']}/end", json=end, headers=match(one))
    assert ended.status_code == 200, ended.text
    await county.record(monitoring, dataset, child, home["id"], date(2024, 5, 31), **said)
    await night(monitoring)
    assert await marks(cadre) == {}
    await county.record(monitoring, dataset, child, home["id"], date(2024, 6, 2), **said | {"listed_on": "2024-06-01"})
    await night(monitoring)
    assert [one["starts_on"] for one in (await marks(cadre)).values()] == ["2024-06-01"]
