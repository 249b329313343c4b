"""控辍保学: from the school roll to the day on which a child has stayed at school again."""

from __future__ import annotations

from datetime import date

from chassis.security.scope import Role
from chassis.testing.programs import TOWN, VILLAGE
from services.monitoring.registers.thresholds import GOVERNMENT_LINE
from tests.services.monitoring.registers.conftest import decreed
from tests.services.monitoring.screening import county_data

MARCH, MAY = date(2024, 3, 1), date(2024, 5, 10)
SEVEN = {"government": ("县长", "教育局长", "镇长", "村长"), "school": ("校长", "师长", "家长")}


def duty(child, line: str, name: str) -> dict:
    return {
        "register_code": "dropout_duty",
        "person_id": child["child"]["id"],
        "holds_from": "2024-05-11",
        "line": line,
        "duty": name,
        "holder": f"某{name}",
    }


def returned(child, on: str, until: str | None = None) -> dict:
    said = {"register_code": "school_return", "person_id": child["child"]["id"], "holds_from": on, "school": "清溪小学"}
    return said | ({"holds_to": until} if until else {})


async def left_school(county, child):
    await county.says("education.status", child["child"], child, MARCH, school_status="enrolled", study_stage="primary")
    row = await county.says("education.status", child["child"], child, MAY, school_status="dropped_out")
    await county.feed("education.status")
    return row


async def test_a_child_who_left_school_is_a_finding_of_education_and_so_are_the_duties_that_nobody_holds(county, child):
    await left_school(county, child)
    facts = await county.facts("dropout", person_id=child["child"]["id"])
    assert [(one["status"], one["holds_from"], one["holds_to"]) for one in facts] == [
        ("enrolled", "2024-03-01", "2024-05-09"),
        ("dropped_out", "2024-05-10", None),
    ]
    assert [one["findings"] for one in facts] == [[], ["duty_unfilled", "out_of_school"]]
    assert await county.codes(duty="education") == ["duty_unfilled", "out_of_school"]


async def test_what_a_withdrawn_row_said_holds_no_longer_and_its_finding_closes(county, child):
    row = await left_school(county, child)
    await county_data.withdraw(county.program, row)
    await county.feed("education.status")
    [fact] = await county.facts("dropout", finding="any") or [None]
    assert fact is None
    [present] = await county.facts("dropout")
    assert (present["status"], present["holds_to"], present["version"]) == ("enrolled", None, 2)
    assert await county.codes(state="closed") == ["duty_unfilled", "out_of_school"]


async def test_a_child_out_of_school_for_health_is_exempt(county, child):
    await county.says("education.status", child["child"], child, MAY, school_status="exempt_medical")
    await county.feed("education.status")
    assert await county.findings() == []


async def test_a_grown_up_who_left_school_is_no_finding(county):
    home = await county.family()
    await county.says("education.status", home["members"][0], home, MAY, school_status="dropped_out")
    await county.feed("education.status")
    assert await county.findings() == []


async def test_nothing_is_owed_to_a_child_who_moved_away_from_the_day_it_is_told(county, child, asks):
    await left_school(county, child)
    assert await county.codes() == ["duty_unfilled", "out_of_school"]
    path = f"/persons/{child['child']['id']}/remove"
    said = {"on": "2024-06-03", "outcome": "moved_out", "reason": "随母亲迁往外省"}
    gone = await asks().post(path, json=said, headers={"If-Match": f'"{child["child"]["version"]}"'})
    assert gone.status_code == 200, gone.text
    assert await county.codes() == []


async def test_the_duty_finding_closes_with_the_seventh_holder(county, child, asks):
    await left_school(county, child)
    listed = [(line, name) for line, names in SEVEN.items() for name in names]
    for line, name in listed:
        assert "duty_unfilled" in await county.codes()
        made = await asks(Role.TOWN_OFFICER, TOWN).post("/register-facts", json=duty(child, line, name))
        assert made.status_code == 201, made.text
    assert await county.codes() == ["out_of_school"]


async def test_a_duty_that_is_not_on_the_areas_list_is_refused_with_what_would_do(county, child, asks):
    answer = await asks().post("/register-facts", json=duty(child, "government", "校长"))
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/duty", "duty_not_listed")]


async def test_a_county_with_five_duty_holders_needs_five(county, child, asks):
    """S-08 五长责任制: the list is a row of the county, in force from a day on."""
    await decreed(asks, GOVERNMENT_LINE, {"type": "list", "value": ["县长", "镇长"]})
    await left_school(county, child)
    for line, name in (("government", "县长"), ("government", "镇长"), *(("school", it) for it in SEVEN["school"])):
        assert (await asks().post("/register-facts", json=duty(child, line, name))).status_code == 201
    assert await county.codes() == ["out_of_school"]
    assert (await asks().post("/register-facts", json=duty(child, "government", "村长"))).status_code == 422


async def test_a_return_counts_once_the_child_has_stayed_for_the_areas_days(county, child, asks, monitoring):
    await left_school(county, child)
    visit = {"register_code": "return_visit", "person_id": child["child"]["id"], "holds_from": "2024-05-20"}
    seen = await asks(Role.VILLAGE_CADRE, VILLAGE).post(
        "/register-facts", json=visit | {"line": "government", "outcome": "agreed"}
    )
    assert (seen.status_code, seen.json()["holds_to"], seen.json()["source"]) == (201, "2024-05-20", "cadre")
    assert (await asks().post("/register-facts", json=returned(child, "2024-05-21"))).status_code == 201
    assert "out_of_school" in await county.codes()
    monitoring.clock.move(days=17)
    await county.sweep()
    assert await county.codes() == []


async def test_a_child_who_left_again_is_out_of_school_still(county, child, asks, monitoring):
    await left_school(county, child)
    await asks().post("/register-facts", json=returned(child, "2024-05-12", "2024-05-30"))
    monitoring.clock.move(days=60)
    await county.sweep()
    assert "out_of_school" in await county.codes()


async def test_what_a_cadre_saw_gives_way_to_the_roll_and_the_roll_to_nobody(county, child, asks):
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    seen = {"register_code": "dropout", "person_id": child["child"]["id"], "holds_from": "2024-04-20"}
    assert (await cadre.post("/register-facts", json=seen | {"status": "dropped_out"})).status_code == 201
    assert "out_of_school" in await county.codes()
    await county.says("education.status", child["child"], child, date(2024, 5, 1), school_status="enrolled")
    await county.feed("education.status")
    assert await county.codes() == []
    await left_school(county, child)
    assert "out_of_school" in await county.codes()
    later = seen | {"status": "enrolled", "holds_from": "2024-05-20"}
    assert (await cadre.post("/register-facts", json=later)).status_code == 201
    assert "out_of_school" in await county.codes()
