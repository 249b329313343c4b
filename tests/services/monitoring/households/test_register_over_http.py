"""A household is registered once, whole, and only numbers' masks come back."""

from __future__ import annotations

import asyncio

from sqlalchemy import func, select, update

from chassis.audit.tables import audit_entry
from chassis.database.metadata import rows
from chassis.events.tables import outbox
from chassis.security.scope import Area, Role
from chassis.testing.programs import TOWN, VILLAGE
from services.monitoring.households.tables import ClashTask, Household, Person, PersonNumber
from tests.personas import CHEN, household, number, person

CITY = 610900000000
OTHER_VILLAGE = 610999101204
OTHER_TOWN = 610999102000


async def count(program, table):
    async with program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def test_a_cadre_registers_and_reads_a_household(asks):
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    made = await cadre.post("/households", json=CHEN)
    assert made.status_code == 201, made.text
    assert made.headers["ETag"] == '"1"'
    read = await cadre.get(made.headers["Location"].removeprefix("/v1/monitoring"))
    assert read.json() == made.json()
    head, wife = read.json()["members"]
    assert (head["name"], head["identity_number_masked"], head["phone_masked"]) == (
        "陈大山",
        "610999********3010",
        "138****1234",
    )
    assert (wife["birth_date"], wife["sex"]) == ("1976-08-05", "2")
    assert "610999197403123010" not in read.text


async def test_registering_says_one_event_per_household_and_person_without_personal_data(asks, monitoring):
    await asks().post("/households", json=CHEN)
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        events = (await connection.execute(select(outbox.c.type, outbox.c.data))).all()
    assert sorted(event.type.split(".")[3] for event in events) == ["household", "person", "person"]
    people = [event.data for event in events if ".person." in event.type]
    assert all(set(data["identity_indexes"]) == {"assets", "employment", "funds"} for data in people)
    assert all(data["other_identity_indexes"] == {} for data in people), "unless keys are being replaced"
    assert "陈" not in str(events)
    assert "197403123010" not in str(events)


async def test_names_are_masked_for_who_does_not_work_there(asks):
    made = await asks().post("/households", json=CHEN | {"address": "松坪村一组"})
    seen = await asks(Role.AUDITOR).get(f"/households/{made.json()['id']}")
    assert [member["name"] for member in seen.json()["members"]] == ["陈**", "李**"]
    assert [member["health"] for member in seen.json()["members"]] == [None, None]
    assert (made.json()["address"], seen.json()["address"]) == ("松坪村一组", "松坪村***")


async def test_risks_of_health_are_known_to_who_has_a_case_to_work_on(asks, monitoring):
    made = (await asks().post("/households", json=CHEN)).json()
    async with monitoring.database.transaction(Area.of(VILLAGE)) as connection:
        await connection.execute(update(rows(Household)).values(risks=["01", "02", "03"]))
    cadre, auditor = asks(Role.VILLAGE_CADRE, VILLAGE), asks(Role.AUDITOR)
    for client, risks in ((cadre, ["01", "02", "03"]), (auditor, ["02"]), (asks(Role.CITY_OFFICER, CITY), ["02"])):
        assert (await client.get(f"/households/{made['id']}")).json()["risks"] == risks
        assert [row["risks"] for row in (await client.get("/households")).json()["items"]] == [risks]
        # A filter tells nothing that the household itself hides.
        found = (await client.get("/households", params={"risk": "01"})).json()["items"]
        assert len(found) == (1 if client is cadre else 0)
    assert len((await auditor.get("/households", params={"risk": "02"})).json()["items"]) == 1


async def test_all_errors_of_a_registration_are_listed_and_none_repeats_the_input(asks, monitoring):
    bad = household(
        members=[person(identity_number="610999197403123011"), person(name="无号", identity_number=None, relation="20")]
    )
    answer = await asks().post("/households", json=bad)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "197403123011" not in answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/members/0/identity_number"]
    bad["members"][0]["identity_number"] = number()
    answer = await asks().post("/households", json=bad)
    missing = {error["pointer"] for error in answer.json()["errors"]}
    assert missing == {"/members/1/birth_date", "/members/1/sex", "/members/1/no_number_reason"}
    assert await count(monitoring, Person) == 0


async def test_nobody_is_registered_twice_in_one_area(asks):
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    first = await cadre.post("/households", json=CHEN)
    again = await cadre.post("/households", json=CHEN)
    assert again.status_code == 409
    assert again.json()["code"] == "person_already_registered"
    assert {entry["household_id"] for entry in again.json()["registered"]} == {first.json()["id"]}


async def test_a_clash_with_another_area_tells_nothing_and_opens_one_task_there(asks, monitoring):
    await asks(Role.VILLAGE_CADRE, VILLAGE).post("/households", json=CHEN)
    stranger = asks(Role.TOWN_OFFICER, OTHER_TOWN)
    for _ in range(2):
        answer = await stranger.post("/households", json=CHEN | {"region": "610999102201"})
        assert answer.status_code == 409
        assert answer.json()["code"] == "registration_clash"
        assert str(VILLAGE) not in answer.text
    assert await count(monitoring, ClashTask) == 2  # both members, once each


async def test_two_cadres_who_register_one_person_at_once_make_one(asks, monitoring):
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    answers = await asyncio.gather(*(cadre.post("/households", json=CHEN) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    assert await count(monitoring, PersonNumber) == 2


async def test_outside_the_area_there_is_nothing(asks):
    made = await asks().post("/households", json=CHEN)
    other = asks(Role.TOWN_OFFICER, OTHER_TOWN)
    assert (await other.get(f"/households/{made.json()['id']}")).status_code == 404
    assert (await other.get("/households")).json()["items"] == []
    assert (await other.get("/households", params={"region": str(VILLAGE)})).status_code == 404
    assert (await other.post("/households", json=household())).status_code == 404


async def test_the_list_pages_by_key_and_finds_by_name_prefix(asks):
    officer = asks(Role.TOWN_OFFICER, TOWN)
    for name in ("张三", "张三丰", "李四", "王五", "赵六"):
        await officer.post("/households", json=household(members=[person(name=name)]))
    seen, cursor = [], None
    for _ in range(4):
        page = (await officer.get("/households", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [row["head_name"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["张三", "张三丰", "李四", "王五", "赵六"]
    found = (await officer.get("/households", params={"name": "张"})).json()["items"]
    assert [row["head_name"] for row in found] == ["张三", "张三丰"]


async def test_an_unknown_or_malformed_filter_is_refused(asks):
    officer = asks()
    for params in ({"nmae": "张"}, {"risk": "77"}, {"limit": 0}, {"cursor": "eyJ9"}, {"monitoring_type": "9"}):
        answer = await officer.get("/households", params=params)
        assert answer.status_code == 422, params


async def test_the_same_key_replays_the_first_answer(asks, monitoring):
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    key = {"Idempotency-Key": "0190b7c2-0000-7000-8000-000000000001"}
    answers = await asyncio.gather(*(cadre.post("/households", json=CHEN, headers=key) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 19
    assert await count(monitoring, PersonNumber) == 2
    other = await cadre.post("/households", json=household(), headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_number_is_revealed_only_with_a_purpose_and_leaves_a_trace(asks, monitoring):
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    head = (await cadre.post("/households", json=CHEN)).json()["members"][0]
    answer = await cadre.post(
        f"/persons/{head['id']}/reveal", json={"purpose": "入户核对", "fields": ["identity_number"]}
    )
    assert answer.json()["identity_number"] == "610999197403123010"
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        rows = await connection.execute(select(audit_entry).where(audit_entry.c.action == "person.reveal"))
        [entry] = rows.all()
    assert (entry.reason, entry.fields) == ("入户核对", ["identity_number"])
    refused = await asks(Role.AUDITOR).post(f"/persons/{head['id']}/reveal", json={"purpose": "x", "fields": ["phone"]})
    assert refused.status_code == 403


async def test_a_problem_speaks_english_when_asked(asks):
    answer = await asks().get("/households/0190b7c2-0000-7000-8000-000000000009", headers={"Accept-Language": "en"})
    assert answer.json()["title"] == "There is no such record in your area."
    assert answer.headers["Content-Language"] == "en"


async def test_one_number_for_two_members_is_an_error_at_the_second(asks):
    twice = number("19800101")
    members = [person(identity_number=twice), person(name="李四", identity_number=twice, relation="80")]
    answer = await asks().post("/households", json=household(members=members))
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
        ("/members/1/identity_number", "certificate_twice")
    ]


async def test_a_household_is_not_registered_ahead_of_time(asks):
    answer = await asks().post("/households", json=household(valid_from="2024-06-04"))
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
        ("/valid_from", "change_after_today")
    ]


async def test_every_operation_of_the_registry_is_documented_once(asks, monitoring):
    document = (await asks().get("/openapi.json")).json()
    operations = [one for path in document["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names))
    wanted = {"household_patch", "household_split", "person_record_death", "transfer_accept", "finding_settle"}
    assert wanted <= set(names)
    for one in operations:
        if one["operationId"] in wanted:
            headers = {parameter["name"] for parameter in one["parameters"] if parameter["in"] == "header"}
            assert "If-Match" in headers
            assert {"412", "428"} <= set(one["responses"])
