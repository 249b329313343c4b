"""What holds of every register: two times, versions, who may record, pages, files, phones, the way of a household."""

from __future__ import annotations

import csv
import io
from datetime import date

import orjson
from openpyxl import load_workbook
from sqlalchemy import select

from chassis.changes.tables import change
from chassis.identifiers import new_id
from chassis.security.scope import Area, Role
from chassis.testing.eventually import eventually
from chassis.testing.programs import COUNTY, TOWN, VILLAGE
from services.monitoring.app import SERVICE
from tests.personas import CHEN, number, person
from tests.services.monitoring.answers import match
from tests.services.monitoring.at_work import at_work
from tests.services.monitoring.datasets.department_files import CHEN_ID, Office

NEXT_VILLAGE = 610999101204
NEXT_COUNTY, NEXT_COUNTYS_VILLAGE = 610998000000, 610998101201
MAY = date(2024, 5, 10)


def damage(home, **fields):
    said = {"register_code": "house_damage", "household_id": home["id"], "holds_from": "2024-06-01"}
    return said | {"house_no": "1", "damage": "cracked"} | fields


async def test_a_register_is_read_as_of_a_day_and_as_it_was_known_at_an_instant(county, asks):
    home = await county.family()
    made = (await asks().post("/register-facts", json=damage(home))).json()
    path = f"/registers/house_damage/facts/{made['id']}"
    body = {"reason": "看错了", "fact": damage(home, damage="sunk")}
    corrected = (await asks().post(path + "/correct", json=body, headers=match(made))).json()
    assert corrected["recorded_at"] > made["recorded_at"]
    assert [one["damage"] for one in await county.facts("house_damage")] == ["sunk"]
    then = await county.facts("house_damage", known_at=made["recorded_at"])
    assert [(one["damage"], one["version"]) for one in then] == [("cracked", 1)]
    assert await county.facts("house_damage", on="2024-05-31") == []
    assert len(await county.facts("house_damage", on="2024-06-01")) == 1
    history = (await asks().get(path + "/history")).json()["items"]
    assert [(one["damage"], one["replaced_at"] is None) for one in history] == [("cracked", False), ("sunk", True)]


async def test_a_withdrawn_fact_is_gone_but_not_forgotten(county, asks):
    home = await county.family()
    made = (await asks().post("/register-facts", json=damage(home))).json()
    path = f"/registers/house_damage/facts/{made['id']}"
    gone = await asks().post(path + "/withdraw", json={"reason": "登记错户"}, headers=match(made))
    assert gone.status_code == 204, gone.text
    assert (await asks().get(path)).status_code == 404
    assert await county.facts("house_damage") == []
    assert len((await asks().get(path + "/history")).json()["items"]) == 1


async def test_what_a_department_said_is_corrected_at_its_source_alone(county, asks):
    home = await county.family()
    await county.says("water.supply", home["members"][0], home, MAY, water_quality="fail")
    await county.feed("water.supply")
    [fact] = await county.facts("water")
    body = {"register_code": "water", "household_id": home["id"], "holds_from": "2024-05-10", "quality": "pass"}
    answer = await asks().post(
        f"/registers/water/facts/{fact['id']}/correct", json={"reason": "合格", "fact": body}, headers=match(fact)
    )
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "fact_from_elsewhere")


async def test_everything_against_a_fact_is_said_at_once(county, asks):
    home = await county.family()
    answer = await asks().post("/register-facts", json=damage(home, holds_from="2024-06-04", holds_to="2024-06-01"))
    assert {one["code"] for one in answer.json()["errors"]} == {"after_today", "ends_before"}
    assert (await asks().post("/register-facts", json=damage(home, damage="haunted"))).status_code == 422
    assert (await asks().post("/register-facts", json=damage({"id": str(new_id())}))).status_code == 404


async def test_what_a_table_cannot_hold_is_refused_with_what_would_do(county, asks):
    home = await county.family()
    said = {"household_id": home["id"], "holds_from": "2024-05-10"}
    repair = said | {"register_code": "house_repair", "house_no": "1", "due_on": "2024-08-31"}
    for body, pointer in (
        (said | {"register_code": "water_access"}, "/distance_metres"),
        (said | {"register_code": "water"}, "/days_off"),
        (said | {"register_code": "water", "days_off": 3, "restored_on": "2024-05-09"}, "/restored_on"),
        (repair | {"accepted_on": "2024-06-01"}, "/started_on"),
        (repair | {"accepted_on": "2024-05-30", "started_on": "2024-06-01"}, "/accepted_on"),
    ):
        answer = await asks().post("/register-facts", json=body)
        assert (answer.status_code, [one["pointer"] for one in answer.json()["errors"]]) == (422, [pointer])
    access = said | {"register_code": "water_access", "reliability_percent": 101}
    answer = await asks().post("/register-facts", json=access)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/reliability_percent")


async def test_what_is_against_a_correction_is_said_of_the_fact_inside_it(county, asks):
    home = await county.family()
    fact = {"register_code": "water_access", "household_id": home["id"], "holds_from": "2024-05-10"}
    kept = (await asks().post("/register-facts", json=fact | {"distance_metres": 900})).json()
    path = f"/registers/water_access/facts/{kept['id']}/correct"
    for said, pointer in (
        ({"holds_from": "2024-06-04", "distance_metres": 90}, "/fact/holds_from"),
        ({"distance_metres": -1}, "/fact/distance_metres"),
        ({"distance_metres": None}, "/fact/distance_metres"),
    ):
        body = {"reason": "量错了", "fact": fact | said}
        answer = await asks().post(path, json=body, headers={"If-Match": '"1"'})
        assert (answer.status_code, [one["pointer"] for one in answer.json()["errors"]]) == (422, [pointer])


async def test_a_village_records_no_appraisal_and_nobody_records_what_is_computed(county, asks):
    home = await county.family()
    house = {"register_code": "house", "household_id": home["id"], "holds_from": "2024-05-10"}
    house |= {"house_no": "1", "grade": "A", "is_only_house": True}
    assert (await asks(Role.VILLAGE_CADRE, VILLAGE).post("/register-facts", json=house)).status_code == 403
    assert (await asks(Role.TOWN_OFFICER, TOWN).post("/register-facts", json=house)).status_code == 201
    assert (await asks().post("/register-facts", json={"register_code": "resettled"})).status_code == 422


async def test_pages_lead_through_a_register_once(county, asks):
    homes = [await county.family() for _ in range(5)]
    for home in homes:
        await asks().post("/register-facts", json=damage(home))
    seen, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await asks().get("/registers/house_damage/facts", params=query)).json()
        seen += [one["household_id"] for one in page["items"]]
        cursor = page.get("next_cursor")
        if cursor is None:
            break
        other = await asks().get("/registers/water/facts", params={"cursor": cursor})
        assert other.status_code == 422
    assert sorted(seen) == sorted(home["id"] for home in homes)


async def test_a_register_goes_out_as_workbook_csv_and_ndjson(county, asks):
    home = await county.family(person(name="王小雨"), is_lifted=True, lifted_year=2019)
    roll = {"register_code": "dropout", "person_id": home["members"][0]["id"], "holds_from": "2024-03-01"}
    assert (await asks().post("/register-facts", json=roll | {"status": "suspended"})).status_code == 201

    async def file(form: str, role: Role = Role.COUNTY_OFFICER) -> bytes:
        answer = await asks(role, COUNTY).get("/registers/dropout/export", params={"format": form})
        assert answer.status_code == 200, answer.text
        assert f'filename="register-dropout.{form}"' in answer.headers["content-disposition"]
        return answer.content

    [line] = (await file("ndjson")).splitlines()
    told = orjson.loads(line)
    assert (told["person_name"], told["status"], told["holds_from"]) == ("王小雨", "suspended", "2024-03-01")
    [row] = csv.DictReader(io.StringIO((await file("csv")).decode("utf-8-sig")))
    assert (row["region"], row["source"]) == (str(VILLAGE), "officer")
    sheet = load_workbook(io.BytesIO(await file("xlsx"))).active
    heading, cells = ([cell.value for cell in line] for line in sheet.iter_rows())
    assert dict(zip(heading, cells, strict=True))["status"] == "suspended"
    [masked] = (await file("ndjson", Role.AUDITOR)).splitlines()
    assert orjson.loads(masked)["person_name"] == "王**"


async def test_a_houses_row_and_finding_name_the_head_whole_or_masked(county, asks):
    home = await county.family(person(name="王大山", relation="02"))
    await asks().post("/register-facts", json=damage(home, holds_from="2024-04-01"))
    clerk = asks(Role.DEPARTMENT_CLERK, COUNTY, department="housing")
    [row] = (await asks().get("/registers/house_damage/facts")).json()["items"]
    [finding] = (await asks().get("/register-findings")).json()["items"]
    [owed] = (await clerk.get("/register-findings")).json()["items"]
    [seen] = (await asks(Role.AUDITOR, COUNTY).get("/registers/house_damage/facts")).json()["items"]
    told = [(one["head_name"], one["person_name"]) for one in (row, finding, owed, seen)]
    assert told == [("王大山", None), ("王大山", None), ("王**", None), ("王**", None)]
    file = await asks().get("/registers/house_damage/export", params={"format": "ndjson"})
    assert orjson.loads(file.content)["head_name"] == "王大山"


async def test_all_registers_of_a_household_and_of_a_person(county, asks, child):
    await asks().post("/register-facts", json=damage(child))
    roll = {"register_code": "dropout", "person_id": child["child"]["id"], "holds_from": "2024-03-01"}
    await asks().post("/register-facts", json=roll | {"status": "dropped_out"})
    whole = (await asks().get(f"/households/{child['id']}/register-facts")).json()["items"]
    assert [one["register_code"] for one in whole] == ["dropout", "house_damage"]
    assert whole[0]["findings"] == ["duty_unfilled", "out_of_school"]
    own = (await asks().get(f"/persons/{child['child']['id']}/register-facts")).json()["items"]
    assert [one["register_code"] for one in own] == ["dropout"]
    head = next(one for one in child["members"] if one["id"] != child["child"]["id"])
    assert (await asks().get(f"/persons/{head['id']}/register-facts")).json()["items"] == []


async def test_a_phone_records_without_a_network_once(county, asks):
    home = await county.family()
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    operation = {
        "op_id": str(new_id()), "kind": "register.house_damage.record", "entity_id": home["id"],
        "recorded_at": "2024-06-03T07:30:00+08:00", "payload": damage(home),
    }  # fmt: skip
    outcomes = []
    for _ in range(2):
        answer = await cadre.post("/operations", json={"operations": [operation]})
        outcomes += [one["outcome"] for one in answer.json()["results"]]
    assert outcomes == ["applied", "duplicate"]
    [fact] = await county.facts("house_damage")
    assert (fact["id"], fact["source"]) == (operation["op_id"], "cadre")


async def test_facts_and_findings_follow_a_household_to_another_county_and_its_feed_leaves_them(
    county, asks, monitoring
):
    home = await county.family(valid_from="2024-01-01")
    await county.says("water.supply", home["members"][0], home, MAY, water_quality="fail")
    await county.feed("water.supply")
    offer = {"to_region": str(NEXT_COUNTY), "effective_on": "2024-05-20", "reason": "随子女迁居"}
    made = (await asks().post(f"/households/{home['id']}/transfers", json=offer, headers=match(home))).json()
    receiver = asks(Role.COUNTY_OFFICER, NEXT_COUNTY)
    accepted = {"region": str(NEXT_COUNTYS_VILLAGE), "on": "2024-05-20"}
    answer = await receiver.post(f"/transfers/{made['id']}/accept", json=accepted, headers=match(made))
    assert answer.status_code == 200, answer.text
    assert await county.facts("water") == []
    assert await county.findings() == []
    [fact] = (await receiver.get("/registers/water/facts")).json()["items"]
    assert (fact["version"], fact["findings"], fact["region"]) == (2, ["bad_water"], str(NEXT_COUNTYS_VILLAGE))
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        told = await connection.execute(
            select(change.c.region, change.c.deleted).where(change.c.kind == "register_water").order_by(change.c.region)
        )
        assert [tuple(row) for row in told] == [(NEXT_COUNTYS_VILLAGE, False), (VILLAGE, True)]
    await county.feed("water.supply")
    await county.feed("water.supply", NEXT_COUNTY)
    assert (await receiver.get("/registers/water/facts")).json()["items"] == [fact]


async def test_a_persons_facts_go_along_at_a_split_and_the_households_stay(county, asks):
    son = person(name="王大海", relation="20", identity_number=number("19980101"))
    home = await county.family(person(), son, valid_from="2024-01-01")
    grown = next(one for one in home["members"] if one["name"] == "王大海")
    roll = {"register_code": "dropout", "person_id": grown["id"], "holds_from": "2024-03-01", "status": "graduated"}
    await asks().post("/register-facts", json=roll)
    await asks().post("/register-facts", json=damage(home))
    body = {"region": str(NEXT_VILLAGE), "on": "2024-06-01", "leaving": [{"person_id": grown["id"], "relation": "02"}]}
    parted = await asks().post(f"/households/{home['id']}/split", json=body, headers=match(home))
    assert parted.status_code == 201, parted.text
    other = parted.json()["other"]
    new = (await asks().get(f"/households/{other['id']}/register-facts")).json()["items"]
    assert [(one["register_code"], one["region"]) for one in new] == [("dropout", str(NEXT_VILLAGE))]
    old = (await asks().get(f"/households/{home['id']}/register-facts")).json()["items"]
    assert [one["register_code"] for one in old] == ["house_damage"]
    stays = parted.json()["household"]
    body = {"into": other["id"], "into_version": other["version"], "on": "2024-06-02"}
    relations = [{"person_id": one["id"], "relation": "99"} for one in stays["members"] if one["state"] == "active"]
    merged = await asks().post(
        f"/households/{home['id']}/merge", json=body | {"relations": relations}, headers=match(stays)
    )
    assert merged.status_code == 200, merged.text
    whole = (await asks().get(f"/households/{other['id']}/register-facts")).json()["items"]
    assert [one["register_code"] for one in whole] == ["dropout", "house_damage"]


async def test_a_batch_feeds_its_registers_and_its_withdrawal_takes_them_back(county, asks, monitoring):
    """Over HTTP from the clerk's file on: the listener of the datasets asks for the feed by itself."""
    home = (await asks().post("/households", json=CHEN)).json()
    clerk = Office(asks(Role.DEPARTMENT_CLERK, COUNTY, department="water"))
    content = f"身份证号,姓名,停水或检测日期,水质结果\r\n{CHEN_ID},陈大山,2024-05-20,不合格\r\n".encode()

    kinds = [kind for kind in SERVICE.jobs if kind.name.startswith(("registers", "datasets"))]
    async with at_work(monitoring, kinds):
        batch = await clerk.hand_in(content, code="water.supply")
        await eventually(_is(county.codes, ["bad_water"]))
        [fact] = await county.facts("water", household_id=home["id"])
        assert fact["source_batch"] == batch["id"]
        assert (await clerk.withdraw(batch)).status_code == 200
        await eventually(_is(county.codes, []))
    assert await county.facts("water") == []


def _is(ask, wanted):
    async def holds() -> bool:
        return await ask() == wanted

    return holds
