"""Doubts are listed, explained or corrected; clashes are settled by the county where the person stands."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import insert
from stdnum.cn import ric

from chassis.database.metadata import rows
from chassis.identity_numbers.faults import DisabilityNumberFault
from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY, VILLAGE
from services.monitoring.households.queries.findings import HEALTH_CODES
from services.monitoring.households.thresholds import DEFAULTS, Thresholds
from services.monitoring.regions.tables import DivisionRow
from tests.personas import CHEN, household, person
from tests.services.monitoring.answers import match
from tests.services.monitoring.households.rules.rule_notes import rule_notes

OTHER_TOWN = 610999102000


@pytest.fixture
async def cadre(asks):
    return asks(Role.VILLAGE_CADRE, VILLAGE)


@pytest.fixture
async def chen(cadre):
    return (await cadre.post("/households", json=CHEN | {"valid_from": "2024-01-01"})).json()


def codes(answer):
    return [error["code"] for error in answer.json()["errors"]]


async def findings(client, **params):
    return (await client.get("/findings", params=params)).json()["items"]


async def test_findings_are_listed_by_state_code_and_division_page_by_page(asks, cadre, chen):
    every = await findings(cadre)
    assert {one["household_id"] for one in every} == {chen["id"]}
    assert chen["open_findings"] == len(every)
    blank = await findings(cadre, code="insured_blank")
    assert [(one["field"], one["code"]) for one in blank] == [("/is_insured", "insured_blank")] * 2
    assert {one["person_id"] for one in blank} == {one["id"] for one in chen["members"]}
    first = (await cadre.get("/findings", params={"limit": 1})).json()
    second = (await cadre.get("/findings", params={"limit": 1, "cursor": first["next_cursor"]})).json()
    assert first["items"] + second["items"] == every[:2]
    assert await findings(cadre, state="explained") == []
    assert await findings(asks(Role.TOWN_OFFICER, OTHER_TOWN)) == []
    assert (await cadre.get("/findings", params={"region": "610999101204"})).status_code == 404
    english = await cadre.get("/findings", params={"code": "insured_blank"}, headers={"Accept-Language": "en"})
    assert "insurance" in english.json()["items"][0]["message"]


async def test_a_finding_is_corrected_only_when_its_rule_is_silent(cadre, chen):
    [finding, _] = await findings(cadre, code="insured_blank")
    where = f"/findings/{finding['id']}/settle"
    assert (await cadre.post(where, json={"outcome": "corrected"})).status_code == 428
    early = await cadre.post(where, json={"outcome": "corrected"}, headers=match(finding))
    assert (early.status_code, codes(early)) == (409, ["insured_blank"])
    [person] = [one for one in chen["members"] if one["id"] == finding["person_id"]]
    await cadre.patch(f"/persons/{person['id']}", json={"is_insured": False}, headers=match(person))
    [settled] = await findings(cadre, code="insured_blank", state="corrected")
    assert (settled["id"], settled["settled_on"], settled["version"]) == (finding["id"], "2024-06-03", 2)
    late = await cadre.post(where, json={"outcome": "corrected"}, headers=match(finding))
    assert (late.status_code, late.json()["current_version"]) == (412, 2)
    done = await cadre.post(where, json={"outcome": "corrected"}, headers=match(settled))
    assert (done.status_code, codes(done)) == (409, ["finding_settled"])


async def test_what_was_explained_stays_silent_until_it_comes_back(cadre, chen):
    head = chen["members"][0]
    [finding] = [one for one in await findings(cadre, code="insured_blank") if one["person_id"] == head["id"]]
    where = f"/findings/{finding['id']}/settle"
    empty = await cadre.post(where, json={"outcome": "explained", "explanation": " "}, headers=match(finding))
    assert (empty.status_code, [e["pointer"] for e in empty.json()["errors"]]) == (422, ["/explanation"])
    body = {"outcome": "explained", "explanation": "本人正在办理参保"}
    explained = await cadre.post(where, json=body, headers=match(finding))
    assert (explained.json()["state"], explained.json()["explanation"]) == ("explained", "本人正在办理参保")

    async def open_of_head():
        return [one["id"] for one in await findings(cadre, code="insured_blank") if one["person_id"] == head["id"]]

    head = (await cadre.patch(f"/persons/{head['id']}", json={"name": "陈山"}, headers=match(head))).json()
    assert await open_of_head() == []
    head = (await cadre.patch(f"/persons/{head['id']}", json={"is_insured": True}, headers=match(head))).json()
    head = (await cadre.patch(f"/persons/{head['id']}", json={"is_insured": None}, headers=match(head))).json()
    [again] = await open_of_head()
    assert again != finding["id"]


async def test_a_doubt_that_tells_of_health_is_for_who_works_with_the_family(asks, cadre):
    body = household(members=[person(health=["healthy", "disabled"])])
    assert (await cadre.post("/households", json=body)).status_code == 201
    assert len(await findings(cadre, code="healthy_and_ill")) == 1
    for role, region in ((Role.AUDITOR, COUNTY), (Role.CITY_OFFICER, 610900000000)):
        reader = asks(role, region)
        assert await findings(reader, code="healthy_and_ill") == []
        seen = {one["code"] for one in await findings(reader)}
        assert "insured_blank" in seen
        assert seen.isdisjoint(HEALTH_CODES)


def test_the_codes_that_tell_of_health_are_codes_of_rules():
    notes = {note.code for note in rule_notes(Thresholds.from_rows(DEFAULTS))}
    assert notes >= HEALTH_CODES
    assert {code for code in notes if "ill" in code.split("_") or "disab" in code} <= HEALTH_CODES | {
        fault.value for fault in DisabilityNumberFault
    }


async def test_a_reader_settles_nothing(asks, cadre, chen):
    finding = (await findings(cadre))[0]
    answer = await asks(Role.AUDITOR).post(
        f"/findings/{finding['id']}/settle", json={"outcome": "corrected"}, headers=match(finding)
    )
    assert answer.status_code == 403


async def test_a_county_settles_a_clash_once_it_knows_where_the_person_belongs(asks, cadre, chen):
    stranger = asks(Role.TOWN_OFFICER, OTHER_TOWN)
    claim = CHEN | {"region": "610999102201", "members": CHEN["members"][:1]}
    assert (await stranger.post("/households", json=claim)).json()["code"] == "registration_clash"
    county = asks(Role.COUNTY_OFFICER)
    [task] = (await county.get("/clash-tasks")).json()["items"]
    assert (task["person_id"], task["claimed_region"]) == (chen["members"][0]["id"], "610999102201")
    assert (await cadre.get("/clash-tasks")).status_code == 403
    where = f"/clash-tasks/{task['id']}/settle"
    released = {"outcome": "released", "explanation": "已随子女迁居"}
    early = await county.post(where, json=released, headers=match(task))
    assert (early.status_code, codes(early)) == (409, ["person_still_here"])
    kept = await county.post(where, json={"outcome": "kept", "explanation": "户籍在本村"}, headers=match(task))
    assert (kept.status_code, kept.json()["state"], kept.json()["version"]) == (200, "kept", 2)
    assert codes(await county.post(where, json=released, headers=match(kept.json()))) == ["clash_settled"]
    assert (await county.get("/clash-tasks")).json()["items"] == []

    await stranger.post("/households", json=claim)
    [again] = (await county.get("/clash-tasks")).json()["items"]
    head, wife = chen["members"]
    body = {
        "outcome": "wrongly_registered",
        "on": "2024-06-03",
        "reason": "实际居住在他镇",
        "staying": [{"person_id": wife["id"], "relation": "02"}],
    }
    assert (await cadre.post(f"/persons/{head['id']}/remove", json=body, headers=match(head))).status_code == 200
    freed = await county.post(f"/clash-tasks/{again['id']}/settle", json=released, headers=match(again))
    assert freed.json()["state"] == "released"
    assert (await stranger.post("/households", json=claim)).status_code == 201


async def test_a_number_of_the_own_county_or_of_one_on_record_is_no_doubt(asks, cadre, chen, monitoring):
    assert await findings(cadre, code="certificate_area_unknown") == []
    body = "610998" + "19880101" + "101"
    foreign = person(name="王远", identity_number=body + ric.calc_check_digit(body + "0"))
    first = (await cadre.post("/households", json=household(members=[foreign]))).json()
    [doubt] = await findings(cadre, code="certificate_area_unknown")
    assert (doubt["household_id"], doubt["field"]) == (first["id"], "/identity_number")
    county = {"code": 610998000000, "name": "云溪县", "level": 6, "kind": "county", "valid_from": date(2020, 1, 1)}
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        await connection.execute(insert(rows(DivisionRow)).values(county | {"version": 1, "parent": None}))
    head = first["members"][0]
    await cadre.patch(f"/persons/{head['id']}", json={"name": "王源"}, headers=match(head))
    assert await findings(cadre, code="certificate_area_unknown") == []
