"""Posts are granted by a security administrator, end with their stand-ins, and are what tokens carry."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, text

from chassis.audit.tables import audit_entry
from chassis.errors import InvalidInput, NotAllowed
from chassis.security.scope import Area, Role, program
from chassis.testing.programs import COUNTY, TOWN, VILLAGE, officer
from services.monitoring.staff.actions.load import NewOfficer, register_first_administrator, register_officers
from services.monitoring.staff.queries.holders import holder_by_username
from services.monitoring.staff.tables import Officer
from tests.services.monitoring.regions.loading import load
from tests.services.monitoring.staff.officers import a_post, an_officer

SECURITY = Role.SECURITY_ADMINISTRATOR


async def made(client, body):
    answer = await client.post("/officers", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def holder(program_, username):
    async with program_.unit(program("sign_in", COUNTY), area=Area.everywhere()) as unit:
        return await holder_by_username(unit, username)


async def test_an_administrator_registers_an_officer_who_then_holds_the_post(asks, monitoring):
    administrator = asks(SECURITY)
    made_ = await made(administrator, an_officer(phone="13800001234"))
    assert (made_["phone_masked"], made_["posts"][0]["role"]) == ("138****1234", "town_officer")
    found = await holder(monitoring, "wang")
    assert found.subject == "issuer:wang"
    assert [(post.role, post.region, post.starts_on) for post in found.assignments] == [
        (Role.TOWN_OFFICER, TOWN, date(2024, 6, 1))
    ]
    assert await holder(monitoring, "nobody") is None
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        sealed = (await connection.execute(select(Officer.contact_phone))).scalar_one()
        by_people = select(audit_entry.c.action).where(audit_entry.c.role == SECURITY.value).order_by(audit_entry.c.id)
        actions = (await connection.execute(by_people)).scalars().all()
    assert b"13800001234" not in bytes(sealed)
    assert actions == ["officer.register", "post.grant"]


async def test_only_a_security_administrator_grants_and_every_fault_is_listed(asks):
    assert (await asks().post("/officers", json=an_officer())).status_code == 403
    bad = a_post(role="department_clerk", region="610998101203", ends_on="2024-05-01")
    answer = await asks(SECURITY).post("/officers", json=an_officer(post=bad))
    assert {(error["pointer"], error["code"]) for error in answer.json()["errors"]} == {
        ("/post/region", "outside_grantors_area"),
        ("/post/region", "level_unfit_for_role"),
        ("/post/department", "department_missing"),
        ("/post/ends_on", "term_reversed"),
        ("/post/ends_on", "term_over"),
    }


async def test_no_post_is_granted_in_a_town_or_village_that_is_not_there_on_its_first_day(asks):
    administrator = asks(SECURITY)
    await made(administrator, an_officer("early"))  # before any division is on record nothing can be told
    await load(asks())
    begins = "code,name,level,valid_from,valid_to,successor\n610999103000,新镇,乡镇,2024-07-01,,\n"
    await load(asks(), begins)
    nowhere = [
        {"region": "610999177000"},
        {"region": "610999103000"},
        {"region": "610999101299", "role": "village_cadre"},
    ]
    for place in nowhere:
        answer = await administrator.post("/officers", json=an_officer("late", post=a_post(**place)))
        assert (answer.status_code, [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]) == (
            422,
            [("/post/region", "division_unknown")],
        )
    officer_ = await made(administrator, an_officer("late", post=a_post(region="610999103000", starts_on="2024-07-01")))
    more = await administrator.post(f"/officers/{officer_['id']}/posts", json=a_post(region="610999177000"))
    assert [(fault["pointer"], fault["code"]) for fault in more.json()["errors"]] == [("/region", "division_unknown")]


async def test_nobody_is_registered_twice(asks):
    administrator = asks(SECURITY)
    first = await made(administrator, an_officer())
    again = await administrator.post("/officers", json=an_officer(subject="issuer:other"))
    assert (again.status_code, again.json()["officer_ids"]) == (409, [first["id"]])
    assert [error["pointer"] for error in again.json()["errors"]] == ["/username"]


async def test_powers_stay_apart_over_all_areas(asks):
    made_ = await made(asks(SECURITY, 610998000000), an_officer(post=a_post(region="610998101000")))
    here = asks(SECURITY)
    assert (await here.get(f"/officers/{made_['id']}")).status_code == 404
    audit = a_post(role="auditor", region=str(COUNTY))
    answer = await here.post(f"/officers/{made_['id']}/posts", json=audit)
    assert [error["code"] for error in answer.json()["errors"]] == ["auditor_with_writing_role"]
    more = await here.post(f"/officers/{made_['id']}/posts", json=a_post())
    assert more.status_code == 201, more.text
    assert len((await here.get(f"/officers/{made_['id']}")).json()["posts"]) == 1


async def test_a_stand_in_ends_with_the_post_that_it_stands_in_for(asks, monitoring):
    administrator = asks(SECURITY)
    own = (await made(administrator, an_officer()))["posts"][0]
    other = await made(administrator, an_officer("li", post=a_post(role="village_cadre", region=str(VILLAGE))))
    stand_in = a_post(ends_on="2024-07-31", stands_in_for=own["id"])
    granted = await administrator.post(f"/officers/{other['id']}/posts", json=stand_in)
    assert granted.status_code == 201, granted.text
    carried = await holder(monitoring, "li")
    assert [post.stands_in_for for post in carried.assignments] == [None, "issuer:wang"]
    wider = await administrator.post(f"/officers/{other['id']}/posts", json=stand_in | {"region": "610999102000"})
    assert [error["code"] for error in wider.json()["errors"]] == ["stand_in_exceeds_area"]
    ended = await administrator.post(
        f"/posts/{own['id']}/end", json={"ends_on": "2024-06-02", "reason": "调离"}, headers={"If-Match": '"1"'}
    )
    assert (ended.json()["ends_on"], ended.headers["ETag"]) == ("2024-06-02", '"2"')
    assert await holder(monitoring, "wang") is None
    assert [post.role for post in (await holder(monitoring, "li")).assignments] == [Role.VILLAGE_CADRE]
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        found = await connection.execute(select(audit_entry).where(audit_entry.c.action == "post.end"))
        assert [entry.reason for entry in found] == ["调离", "调离"]


async def test_what_stands_against_the_end_of_a_post_is_named(asks):
    administrator = asks(SECURITY)
    url = f"/posts/{(await made(administrator, an_officer(post=a_post(ends_on='2024-12-31'))))['posts'][0]['id']}/end"
    body = {"ends_on": "2024-06-30", "reason": "调离"}
    assert (await administrator.post(url, json=body)).status_code == 428
    for day, code in (("2024-06-01", "days_served"), ("2025-01-01", "ends_later")):
        answer = await administrator.post(url, json=body | {"ends_on": day}, headers={"If-Match": '"1"'})
        assert [error["code"] for error in answer.json()["errors"]] == [code]
    assert (await administrator.post(url, json=body, headers={"If-Match": '"1"'})).status_code == 200
    assert (await administrator.post(url, json=body, headers={"If-Match": '"1"'})).status_code == 412
    assert (await asks(SECURITY, 610998000000).post(url, json=body, headers={"If-Match": '"2"'})).status_code == 404


async def test_a_post_that_has_not_begun_is_cancelled(asks):
    administrator = asks(SECURITY)
    post = (await made(administrator, an_officer(post=a_post(starts_on="2024-07-01"))))["posts"][0]
    body = {"ends_on": "2024-06-03", "reason": "另有任用"}
    ended = await administrator.post(f"/posts/{post['id']}/end", json=body, headers={"If-Match": '"1"'})
    assert ended.json()["cancelled"] is True
    listed = await administrator.get("/posts", params={"on": "2024-07-01"})
    assert listed.json()["items"] == []


async def test_the_list_says_who_holds_which_post_on_a_day_in_the_area(asks):
    administrator = asks(SECURITY)
    for name, region in (("aa", VILLAGE), ("bb", VILLAGE + 1), ("cc", VILLAGE)):
        await made(administrator, an_officer(name, post=a_post(role="village_cadre", region=str(region))))
    town = asks(Role.TOWN_OFFICER, TOWN)
    page = (await town.get("/posts", params={"limit": 2})).json()
    rest = (await town.get("/posts", params={"limit": 2, "cursor": page["next_cursor"]})).json()
    assert [row["region"] for row in page["items"] + rest["items"]] == [str(VILLAGE), str(VILLAGE), str(VILLAGE + 1)]
    assert (await town.get("/posts", params={"on": "2024-05-31"})).json()["items"] == []
    assert (await town.get("/posts", params={"role": "county_officer"})).json()["items"] == []
    assert (await asks(Role.TOWN_OFFICER, 610999102000).get("/posts")).json()["items"] == []


def sample(username="yian", **changes):
    told = {"subject": f"sample:{username}", "name": "陈静", "role": Role.COUNTY_OFFICER, "region": COUNTY}
    return NewOfficer(username=username, starts_on=date(2020, 1, 1), **(told | changes))


async def test_loading_officers_again_changes_nothing_and_no_person_may(monitoring):
    people = [sample(), sample("clerk", role=Role.DEPARTMENT_CLERK, department="medical_insurance")]
    new = []
    for _ in range(2):
        async with monitoring.unit(program("sample", COUNTY), area=Area.everywhere()) as unit:
            new.append(await register_officers(unit, people))
    assert new == [2, 0]
    assert (await holder(monitoring, "clerk")).assignments[0].department == "medical_insurance"
    with pytest.raises(NotAllowed):
        async with monitoring.unit(officer()) as unit:
            await register_officers(unit, people)
    with pytest.raises(InvalidInput):
        async with monitoring.unit(program("sample", COUNTY)) as unit:
            await register_officers(unit, [sample("bad", role=Role.DEPARTMENT_CLERK)])


async def test_a_fresh_installation_gets_one_first_administrator(monitoring):
    given = []
    for username in ("administrator", "second"):
        async with monitoring.unit(program("installation", COUNTY), area=Area.everywhere()) as unit:
            given.append(await register_first_administrator(unit, sample(username, role=SECURITY)))
    assert given == [True, False]
    assert await holder(monitoring, "second") is None


async def test_posts_are_listed_along_an_index(monitoring):
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        await connection.execute(
            text(
                "WITH made AS (INSERT INTO officer (id, subject, username, name, version) SELECT gen_random_uuid(), n,"
                " n, 'x', 1 FROM generate_series(1, 20000) AS s(n) RETURNING id, CAST(username AS bigint) AS n)"
                " INSERT INTO post (id, officer_id, role, region, starts_on, cancelled, version) SELECT id, id,"
                " 'village_cadre', 610000000000 + n * 1000 + 201, DATE '2020-01-01', false, 1 FROM made"
            )
        )
    async with monitoring.database.transaction(Area.of(610001000000)) as connection:
        plan = await connection.execute(
            text(
                "EXPLAIN SELECT * FROM post JOIN officer ON officer.id = officer_id"
                " WHERE region BETWEEN 610001000000 AND 610001999999 ORDER BY region, post.id LIMIT 51"
            )
        )
        assert "Seq Scan" not in "\n".join(plan.scalars())
