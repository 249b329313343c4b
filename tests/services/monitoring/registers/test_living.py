"""住房 and 饮水: unsafe only houses, repairs, new damage; water cut, bad, far or unreliable."""

from __future__ import annotations

from datetime import date

from chassis.security.scope import Role
from chassis.testing.programs import TOWN, VILLAGE
from tests.personas import person
from tests.services.monitoring.registers.conftest import decreed

MAY = date(2024, 5, 10)


async def house(county, home, grade: str, *, only: bool = True, on: date = MAY, no: str = "1", member: int = 0):
    someone = home["members"][member]
    await county.says("housing.appraisals", someone, home, on, house_no=no, house_grade=grade, is_only_house=only)


def repair(home, **fields):
    return {
        "register_code": "house_repair", "household_id": home["id"], "holds_from": "2024-05-12", "house_no": "1",
        "due_on": "2024-08-31",
    } | fields  # fmt: skip


async def test_only_an_only_house_of_grade_c_or_d_is_a_finding_of_housing(county):
    homes = [await county.family() for _ in range(4)]
    await house(county, homes[0], "D")
    await house(county, homes[1], "C", only=False)
    await house(county, homes[2], "B")
    await house(county, homes[3], "C")
    await house(county, homes[3], "A", on=date(2024, 5, 20))
    await county.feed("housing.appraisals")
    [found] = await county.findings()
    assert (found["code"], found["duty"], found["household_id"]) == ("unsafe_only_house", "housing", homes[0]["id"])


async def test_a_repair_closes_the_finding_when_it_is_accepted_and_not_before(county, asks):
    home = await county.family()
    await house(county, home, "D")
    await county.feed("housing.appraisals")
    town = asks(Role.TOWN_OFFICER, TOWN)
    made = (await town.post("/register-facts", json=repair(home, started_on="2024-05-15"))).json()
    assert await county.codes() == ["unsafe_only_house"]
    body = {"reason": "已验收", "fact": repair(home, started_on="2024-05-15", accepted_on="2024-06-01")}
    path = f"/registers/house_repair/facts/{made['id']}/correct"
    assert (await town.post(path, json=body)).status_code == 428
    done = await town.post(path, json=body, headers={"If-Match": '"1"'})
    assert (done.status_code, done.json()["accepted_on"], done.json()["version"]) == (200, "2024-06-01", 2)
    assert await county.codes() == []
    stale = await town.post(path, json=body, headers={"If-Match": '"1"'})
    assert stale.status_code == 412


async def test_a_repair_that_is_late_is_a_finding_from_the_day_after(county, asks, monitoring):
    home = await county.family()
    await asks().post("/register-facts", json=repair(home, due_on="2024-06-03"))
    await county.sweep()
    assert await county.codes() == []
    monitoring.clock.move(days=1)
    await county.sweep()
    assert await county.codes() == ["repair_overdue"]


async def test_new_damage_waits_the_areas_days_for_an_appraisal(county, asks, monitoring):
    home = await county.family()
    seen = {"register_code": "house_damage", "household_id": home["id"], "holds_from": "2024-06-03", "house_no": "1"}
    answer = await asks(Role.VILLAGE_CADRE, VILLAGE).post("/register-facts", json=seen | {"damage": "cracked"})
    assert answer.status_code == 201, answer.text
    monitoring.clock.move(days=10)
    await county.sweep()
    assert await county.codes() == []
    monitoring.clock.move(days=1)
    await county.sweep()
    assert await county.codes() == ["damage_not_appraised"]
    await house(county, home, "B", on=date(2024, 6, 14))
    await county.feed("housing.appraisals")
    assert await county.codes() == []


async def test_two_members_rows_about_one_house_are_one_fact(county):
    home = await county.family(person(), person(name="王大海", relation="20"))
    await house(county, home, "C")
    await house(county, home, "D", member=1)
    await county.feed("housing.appraisals")
    [fact] = await county.facts("house")
    assert fact["grade"] == "D"


async def test_water_that_is_cut_beyond_the_areas_days_or_failed_its_test_is_a_finding(county):
    dry, back, bad, good = [await county.family() for _ in range(4)]
    await county.says("water.supply", dry["members"][0], dry, date(2024, 5, 30), days_off=4)
    await county.says("water.supply", back["members"][0], back, date(2024, 5, 20), days_off=9, restored_on="2024-05-29")
    await county.says("water.supply", bad["members"][0], bad, MAY, water_quality="fail")
    await county.says("water.supply", good["members"][0], good, MAY, water_quality="fail")
    await county.says("water.supply", good["members"][0], good, date(2024, 5, 28), water_quality="pass")
    await county.feed("water.supply")
    found = {(one["code"], one["household_id"]) for one in await county.findings(duty="water")}
    assert found == {("supply_cut", dry["id"]), ("bad_water", bad["id"])}


async def test_water_at_the_limits_of_distance_and_reliability_is_no_finding_and_beyond_them_it_is(county):
    at, beyond = [await county.family() for _ in range(2)]
    await county.says("water.access", at["members"][0], at, MAY, distance_metres=800, reliability_percent=90)
    await county.says("water.access", beyond["members"][0], beyond, MAY, distance_metres=801, reliability_percent=89)
    await county.feed("water.access")
    found = {(one["code"], one["household_id"]) for one in await county.findings()}
    assert found == {("too_far", beyond["id"]), ("unreliable", beyond["id"])}
    [fact] = await county.facts("water_access", household_id=at["id"])
    assert (fact["distance_metres"], fact["reliability_percent"], fact["source"]) == (800, 90, "department")


async def test_a_row_that_cannot_be_true_is_no_fact_and_stops_no_feed(county):
    home, other = [await county.family() for _ in range(2)]
    await county.says("water.supply", home["members"][0], home, MAY, days_off=10**12)
    await county.says("water.supply", other["members"][0], other, MAY, days_off=-4)
    await county.says("water.supply", other["members"][0], other, date(2024, 5, 20), days_off=20)
    await county.feed("water.supply")
    assert [one["days_off"] for one in await county.facts("water")] == [20]


async def stands(county, home, *, meets: bool, on: date = MAY, **payload):
    said = {"house_no": "1", "meets_code": meets} | payload
    await county.says("housing.quake_safety", home["members"][0], home, on, **said)


async def test_a_house_below_the_code_is_retrofitted_where_the_intensity_is_seven_or_more(county, asks):
    weak, done, sound = [await county.family() for _ in range(3)]
    await stands(county, weak, meets=False)
    await stands(county, done, meets=False, retrofitted_on="2024-06-03")
    await stands(county, sound, meets=True)
    await county.feed("housing.quake_safety")
    assert await county.codes() == [], "an area of intensity 6"
    await decreed(asks, "registers.quake.intensity", {"type": "integer", "value": 7})
    await county.sweep()
    [found] = await county.findings()
    assert (found["code"], found["duty"], found["household_id"]) == ("not_retrofitted", "housing", weak["id"])
    await stands(county, weak, meets=False, on=date(2024, 5, 11), retrofitted_on="2024-06-01")
    await county.feed("housing.quake_safety")
    assert await county.codes() == []


async def test_of_what_department_and_town_say_of_one_house_the_last_word_counts(county, asks):
    home = await county.family()
    await house(county, home, "D")
    await county.feed("housing.appraisals")
    town = asks(Role.TOWN_OFFICER, TOWN)
    said = {"register_code": "house", "household_id": home["id"], "is_only_house": True}
    for on, no, grade, codes in (
        ("2024-05-09", "1", "B", ["unsafe_only_house"]),
        ("2024-05-20", "2", "A", ["unsafe_only_house"]),
        ("2024-05-20", "1", "B", []),
        ("2024-05-20", "1", "C", ["unsafe_only_house"]),
    ):
        made = await town.post("/register-facts", json=said | {"holds_from": on, "house_no": no, "grade": grade})
        assert made.status_code == 201, made.text
        assert await county.codes() == codes, (on, no, grade)
    await house(county, home, "A", on=date(2024, 6, 1))
    await county.feed("housing.appraisals")
    assert await county.codes() == []


async def test_of_two_surveys_of_water_and_two_tests_of_a_day_the_last_counts(county, asks):
    home = await county.family()
    someone = home["members"][0]
    await county.says("water.access", someone, home, MAY, distance_metres=2_000, reliability_percent=80)
    await county.says("water.supply", someone, home, MAY, water_quality="fail")
    for dataset in ("water.access", "water.supply"):
        await county.feed(dataset)
    assert await county.codes() == ["bad_water", "too_far", "unreliable"]
    for register, fields, codes in (
        ("water", {"quality": "pass"}, ["too_far", "unreliable"]),
        ("water_access", {"distance_metres": 500}, ["unreliable"]),
        ("water_access", {"reliability_percent": 95}, []),
    ):
        fact = {"register_code": register, "household_id": home["id"], "holds_from": f"{MAY}"} | fields
        made = await asks(Role.VILLAGE_CADRE, VILLAGE).post("/register-facts", json=fact)
        assert made.status_code == 201, made.text
        assert await county.codes() == codes
