"""Left-behind people and key groups are dated facts; a child's missing carers are findings until they are named."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text

from chassis.jobs.sweeps import SweepRun
from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY
from services.monitoring.attention.actions.findings import CARERS
from tests.services.monitoring.answers import match
from tests.services.monitoring.attention.marks import KINDS, MARK, marked, missing

NEXT_VILLAGE = "610999101204"


async def carer(client, person_id, kind, **changes):
    body = {"kind": kind, "name": "王阿姨", "starts_on": "2024-05-01", "source": "村里商定"} | changes
    answer = await client.post(f"/persons/{person_id}/carers", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


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
