"""One visit meets every duty that stands for a household; what is late says since when; no photo, no position."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select, text

from chassis.clock import BUSINESS_ZONE
from chassis.database.metadata import rows
from chassis.files.tables import file_hold
from chassis.identifiers import new_id
from chassis.jobs.sweeps import SweepRun
from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY, VILLAGE
from services.monitoring.visits.actions.refresh import DUES
from services.monitoring.visits.schemas import VisitCreate
from services.monitoring.visits.tables import Visit
from tests.personas import household
from tests.services.monitoring.answers import match, member
from tests.services.monitoring.signed import sheet
from tests.services.monitoring.visits.visiting import dues, visited

NEXT_VILLAGE = "610999101204"


async def on_day(monitoring, home, statement, day):
    """Change the household as an import would, and let a day pass."""
    async with monitoring.database.transaction(Area.of(COUNTY)) as connection:
        await connection.execute(text(f"UPDATE household SET {statement} WHERE id = :id"), {"id": home["id"]})
    await DUES.run(SweepRun(monitoring, DUES.name, COUNTY, day))


async def test_one_visit_meets_the_duties_of_several_members_and_starts_them_anew(cadre, home):
    late = await dues(cadre)
    assert [(one["reason"], one["due_on"], one["late_since"], one["last_visited_on"]) for one in late] == [
        ("left_behind_child", "2024-05-31", "2024-06-01", None),
        ("left_behind_elder", "2024-05-31", "2024-06-01", None),
    ]
    assert {one["head_name"] for one in late} == {"陈老汉"}
    visit = await visited(cadre, home, findings="都好", way="by_phone")
    assert [(one["reason"], one["due_on"]) for one in visit["met"]] == [
        ("left_behind_child", "2024-05-31"),
        ("left_behind_elder", "2024-05-31"),
    ]
    assert [(one["due_on"], one["late_since"], one["last_visited_on"]) for one in await dues(cadre)] == [
        ("2024-07-03", None, "2024-06-03"),
    ] * 2
    assert await dues(cadre, is_late=True) == []
    assert (await cadre.get(f"/households/{home['id']}/visits")).json()["items"] == [visit]


async def test_sent_twice_by_a_phone_a_visit_takes_effect_once(cadre, home, monitoring):
    operation = {
        "op_id": str(new_id()),
        "kind": "visit.record",
        "entity_id": home["id"],
        "recorded_at": "2024-06-03T07:30:00+08:00",
        "payload": {"household_id": home["id"], "findings": "一切正常"},
    }
    for outcome in ("applied", "duplicate"):
        [done] = (await cadre.post("/operations", json={"operations": [operation]})).json()["results"]
        assert (done["outcome"], done["entity_id"]) == (outcome, operation["op_id"])
    # The same visit over its own route, by the id that the phone made: with a key, and without one.
    body = {"id": operation["op_id"], "household_id": home["id"], "findings": "一切正常"}
    for headers in ({"Idempotency-Key": "k" * 20}, {"Idempotency-Key": "k" * 20}, {}):
        again = await cadre.post("/visits", json=body, headers=headers)
        assert (again.status_code, again.json()["id"]) == (201, operation["op_id"])
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        count = (await connection.execute(select(func.count()).select_from(rows(Visit)))).scalar_one()
    assert count == 1


async def test_an_id_of_another_visit_is_refused_and_every_fault_is_named(asks, cadre, home):
    visit = await visited(cadre, home)
    other = (await asks().post("/households", json=household())).json()
    taken = await cadre.post("/visits", json={"id": visit["id"], "household_id": other["id"]})
    assert (taken.status_code, taken.json()["errors"][0]["code"]) == (409, "id_taken")
    wrong = {
        "household_id": home["id"],
        "visited_on": "2024-06-04",
        "next_on": "2024-06-04",
        "forms": [
            {"form": "general", "version": 1, "answers": {"new_trouble": "yes", "shoe_size": 42}},
            {"form": "unknown", "version": 1},
            {"form": "guardianship", "version": 1, "person_id": other["members"][0]["id"]},
        ],
    }
    refused = await cadre.post("/visits", json=wrong)
    assert {(fault["pointer"], fault["code"]) for fault in refused.json()["errors"]} == {
        ("/visited_on", "in_the_future"),
        ("/next_on", "next_before"),
        ("/forms/0/answers/new_trouble", "answer"),
        ("/forms/0/answers/shoe_size", "question_unknown"),
        ("/forms/1/form", "form_unknown"),
        ("/forms/2/person_id", "not_a_member"),
    }


async def test_a_visit_is_amended_with_its_past_and_a_void_one_is_due_again(cadre, home):
    visit = await visited(cadre, home, findings="初稿")
    path = f"/visits/{visit['id']}"
    body = {"visited_on": "2024-06-01", "findings": "定稿", "reason": "日期填错"}
    amended = (await cadre.patch(path, json=body, headers=match(visit))).json()
    assert (amended["visited_on"], amended["findings"], amended["version"]) == ("2024-06-01", "定稿", 2)
    assert {one["due_on"] for one in await dues(cadre)} == {"2024-07-01"}
    [before] = (await cadre.get(f"{path}/history")).json()["items"]
    assert (before["visited_on"], before["findings"], before["reason"]) == ("2024-06-03", "初稿", "日期填错")
    stale = await cadre.post(f"{path}/void", json={"reason": "重复"}, headers=match(visit))
    assert stale.status_code == 412
    gone = (await cadre.post(f"{path}/void", json={"reason": "走错户"}, headers=match(amended))).json()
    assert (gone["state"], gone["void_reason"], gone["met"]) == ("voided", "走错户", [])
    assert {(one["due_on"], one["last_visited_on"]) for one in await dues(cadre)} == {("2024-05-31", None)}
    again = await cadre.patch(path, json=body, headers=match(gone))
    assert [fault["code"] for fault in again.json()["errors"]] == ["visit_void"]


async def test_follow_up_is_due_each_quarter_and_ends_when_the_area_says(asks, monitoring, cadre, home):
    eliminated = "monitoring_type = '3', registered_on = '2023-06-17', eliminated_on = '2024-02-18'"
    await on_day(monitoring, home, eliminated, date(2024, 6, 3))
    [due] = await dues(cadre, reason="follow_up")
    assert (due["begins_on"], due["due_on"], due["form"], due["person_id"]) == (
        "2024-02-18",
        "2024-06-30",
        "follow_up",
        None,
    )
    await visited(cadre, home)
    assert [one["due_on"] for one in await dues(cadre, reason="follow_up")] == ["2024-09-30"]
    first, second = asks(), asks()
    value = {"type": "integer", "value": 3}
    body = {"key": "visits.follow_up.months", "scope": str(COUNTY), "value": value, "source": "县方案",
            "effective_from": "2024-06-03"}  # fmt: skip
    proposed = await first.post("/parameters", json=body)
    assert proposed.status_code == 201, proposed.text
    path = f"/parameters/{proposed.json()['id']}/approve"
    approved = await second.post(path, headers=match(proposed.json()))
    assert approved.status_code == 200, approved.text
    await on_day(monitoring, home, "member_count = member_count", date(2024, 6, 4))
    assert await dues(cadre, reason="follow_up") == []


async def test_the_sheet_brings_along_what_offices_hold(cadre, home):
    sheet = (await cadre.get(f"/households/{home['id']}/visit-form")).json()
    assert [form["type"] for form in sheet["forms"]] == ["general", "guardianship", "left_behind"]
    known = {(one["form"], one["question"], one["person_id"]): one["value"] for one in sheet["known"]}
    assert known["general", "members", None] == 2
    assert known["guardianship", "age", member(home, "陈小花")["id"]] == 9
    assert known["left_behind", "age", member(home, "陈老汉")["id"]] == 76
    answers = {"living_well": True, "contact_with_family": "weekly"}
    forms = [{"form": "left_behind", "version": 1, "person_id": member(home, "陈老汉")["id"], "answers": answers}]
    assert (await visited(cadre, home, forms=forms))["forms"] == forms


async def test_the_agreed_next_visit_is_due_until_somebody_comes(monitoring, cadre, home):
    await visited(cadre, home, next_on="2024-06-10")
    assert [one["due_on"] for one in await dues(cadre, reason="agreed")] == ["2024-06-10"]
    monitoring.clock.instant = datetime(2024, 6, 10, 9, tzinfo=BUSINESS_ZONE)
    visit = await visited(cadre, home, visited_on="2024-06-10")
    assert "agreed" in [one["reason"] for one in visit["met"]]
    assert await dues(cadre, reason="agreed") == []


async def test_a_helper_sees_the_own_households_only(asks, home, cadre):
    security = asks(Role.SECURITY_ADMINISTRATOR)
    post = {"role": "village_cadre", "region": str(VILLAGE), "starts_on": "2024-01-01"}
    new = {"subject": "issuer:li", "username": "li", "name": "李干部", "post": post}
    officer = (await security.post("/officers", json=new)).json()
    one = (await asks().post("/helpers", json={"kind": "officer", "officer_id": officer["id"]})).json()
    assert one["name"] == "李干部"
    mine = asks(Role.VILLAGE_CADRE, VILLAGE, subject="issuer:li")
    assert await dues(mine, mine=True) == []
    body = {"helper_id": one["id"], "household_ids": [home["id"]], "starts_on": "2024-01-01", "source": "结对文件"}
    assert (await asks().post("/pairings", json=body)).status_code == 201
    assert len(await dues(mine, mine=True)) == len(await dues(cadre, helper_id=one["id"])) == 3
    assert await dues(cadre, mine=True) == []
    stand_in = asks(Role.VILLAGE_CADRE, VILLAGE, subject="issuer:wang", stands_in_for="issuer:li")
    assert len(await dues(stand_in, mine=True)) == 3
    assert [(one["reason"], one["due_on"]) for one in await dues(mine, reason="paired")] == [("paired", "2024-06-30")]


async def test_health_is_for_case_roles_only(asks, cadre, home):
    mark = {"kind": "serious_illness", "starts_on": "2024-05-01", "source": "医保台账"}
    await cadre.post(f"/persons/{member(home, '陈老汉')['id']}/attention", json=mark)
    await visited(cadre, home, findings="正在住院")
    auditor = asks(Role.AUDITOR)
    assert "serious_illness" in [one["reason"] for one in await dues(cadre)]
    shown = await dues(auditor)
    assert "serious_illness" not in [one["reason"] for one in shown]
    assert {one["head_name"] for one in shown} == {"陈**"}
    [visit] = (await auditor.get(f"/households/{home['id']}/visits")).json()["items"]
    assert (visit["findings"], visit["forms"]) == (None, None)
    assert "serious_illness" not in [one["reason"] for one in visit["met"]]


async def test_a_child_who_moves_out_takes_the_duty_and_its_last_visit_along(asks, home, cadre):
    await visited(cadre, home)
    child = member(home, "陈小花")
    body = {"region": NEXT_VILLAGE, "on": "2024-06-03", "leaving": [{"person_id": child["id"], "relation": "02"}]}
    answer = await asks().post(f"/households/{home['id']}/split", json=body, headers=match(home))
    assert answer.status_code == 201, answer.text
    other = answer.json()["other"]
    [due] = await dues(asks(Role.VILLAGE_CADRE, int(NEXT_VILLAGE)))
    assert (due["household_id"], due["reason"], due["last_visited_on"]) == (
        other["id"],
        "left_behind_child",
        "2024-06-03",
    )
    assert [one["reason"] for one in await dues(cadre)] == ["left_behind_elder"]
    # Together again: the visits of the household that ends go on as the other's.
    await visited(asks(), other)
    whole = answer.json()["household"]
    relations = [{"person_id": child["id"], "relation": "30"}]
    merge = {"into": whole["id"], "into_version": whole["version"], "on": "2024-06-03", "relations": relations}
    merged = await asks().post(f"/households/{other['id']}/merge", json=merge, headers=match(other))
    assert merged.status_code == 200, merged.text
    assert len((await cadre.get(f"/households/{home['id']}/visits")).json()["items"]) == 2
    assert len(await dues(cadre)) == 2


def test_no_visit_asks_for_a_photo_and_none_takes_a_position():
    assert not VisitCreate.model_fields["photo_file_id"].is_required()
    assert rows(Visit).c.photo_file_id.nullable
    asked = set(VisitCreate.model_fields) | {column.name for column in rows(Visit).columns}
    assert not [name for name in asked if any(word in name for word in ("position", "latitude", "location"))]


async def test_a_photo_that_a_visitor_chose_to_take_is_kept_and_for_case_roles_alone(asks, cadre, home, monitoring):
    photo = await sheet(cadre, purpose="visit_photo")
    visit = await visited(cadre, home, photo_file_id=photo)
    assert visit["photo_file_id"] == photo
    assert await held(monitoring) == {(photo, visit["id"])}
    [seen] = (await asks(Role.AUDITOR).get(f"/households/{home['id']}/visits")).json()["items"]
    assert seen["photo_file_id"] is None
    other = await sheet(cadre)  # a signed sheet is no photo of a visit
    path, wrong = f"/visits/{visit['id']}", {"photo_file_id": other, "reason": "换图"}
    refused = await cadre.patch(path, json=wrong, headers=match(visit))
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [("/photo_file_id", "photo_unknown")]
    again = await cadre.post("/visits", json={"household_id": home["id"], "photo_file_id": str(new_id())})
    assert [one["code"] for one in again.json()["errors"]] == ["photo_unknown"]
    gone = await cadre.patch(path, json={"photo_file_id": None, "reason": "误传"}, headers=match(visit))
    assert (gone.status_code, gone.json()["photo_file_id"], gone.json()["met"]) == (200, None, visit["met"])
    assert await held(monitoring) == set()


async def held(monitoring):
    """Files that are kept for a visit, with the visit."""
    kept = select(file_hold.c.file_id, file_hold.c.holder_id).where(file_hold.c.holder == "visit")
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        return {(str(row.file_id), str(row.holder_id)) for row in await connection.execute(kept)}


async def test_the_duties_of_a_county_are_read_with_their_source(cadre, home):
    listed = (await cadre.get("/visit-duties")).json()
    by_reason = {one["reason"]: one for one in listed["items"]}
    assert (by_reason["follow_up"]["rhythm"], by_reason["follow_up"]["days"]) == ("quarter", None)
    assert (by_reason["left_behind_child"]["rhythm"], by_reason["left_behind_child"]["days"]) == ("days", 30)
    assert "lifted" not in by_reason
