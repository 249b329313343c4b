"""The report names what is there and not here, here and not there, and what both know differently; nobody in full."""

from __future__ import annotations

import io

import openpyxl

from chassis.security.scope import Role
from chassis.testing.programs import VILLAGE
from services.monitoring.national.job import NATIONAL_COMPARE
from tests.personas import CHEN, household, number, person
from tests.services.monitoring.national.national_files import DASHAN, MONITORED, XIULAN, facts, member, table

NEXT_VILLAGE = 610999101204


async def registered(county, **changes):
    made = await county.client.post("/households", json=household(**changes))
    assert made.status_code == 201, made.text
    return made.json()


async def test_an_export_that_was_imported_differs_in_nothing(county):
    job = await county.imports(table(DASHAN | MONITORED, XIULAN, member()))
    summary = await county.summary(job)
    same = {"there": 2, "here": 2, "there_only": 0, "here_only": 0, "differing": 0, "same": 2, "by_fact": {}}
    assert summary["households"] == same
    assert summary["persons"] == same | {"there": 3, "here": 3, "same": 3}


async def test_what_one_side_lacks_is_listed_both_ways_households_and_persons_apart(county):
    stranger, alone = member(), await registered(county, is_lifted=True, national_no="N-here")
    await registered(county)  # an ordinary household is in no national export, so it is not missed there
    await county.client.post("/households", json=CHEN)
    son = person(name="陈小山", relation="20", identity_number=number("19980101"))
    [chen] = (await county.get("/households", name="陈大山"))["items"]
    added = await county.client.post(
        f"/households/{chen['id']}/members",
        json={"person": son, "reason": "found", "on": "2024-06-01"},
        headers={"If-Match": f'"{chen["version"]}"'},
    )
    assert added.is_success, added.text
    job = await county.keeps(table(DASHAN, XIULAN, stranger))
    assert await county.ask("SELECT FROM household WHERE national_no = :no", no=stranger["household_no"]) == []

    [there] = await county.differences(job, "households", "there_only")
    assert (there["national_no"], there["members_there"], there["region_there"]) == (
        stranger["household_no"],
        1,
        str(VILLAGE),
    )
    [here] = await county.differences(job, "households", "here_only")
    assert (here["household_id"], here["national_no"], here["members_here"]) == (alone["id"], "N-here", 1)
    [both] = await county.differences(job, "households", "differing")
    assert (both["household_id"], facts(both)) == (chen["id"], {"national_no": ("H610999000001", None)})

    [there] = await county.differences(job, "persons", "there_only")
    assert (there["name_masked"], there["household_no"], there["person_id"]) == (
        "王**",
        stranger["household_no"],
        None,
    )
    here = await county.differences(job, "persons", "here_only")
    assert sorted(one["name_masked"] for one in here) == ["王**", "陈**"], "the son, and who is missing whole"
    summary = await county.summary(job)
    households, persons = summary["households"], summary["persons"]
    assert (households["there"], households["here"], households["same"]) == (2, 2, 0)
    assert (persons["there"], persons["here"], persons["same"], persons["here_only"]) == (3, 4, 2, 2)


async def test_a_report_stands_until_both_sides_are_compared_again(county):
    job = await county.keeps(table(DASHAN, XIULAN))
    first = await county.summary(job)
    assert first["households"]["there_only"] == 1
    await county.client.post("/households", json=CHEN | {"national_no": DASHAN["household_no"]})
    assert await county.summary(job) == first, "the report is of its moment"
    asked = await county.client.post(f"/national-exports/{job['export_id']}/compare")
    assert asked.status_code == 202, asked.text
    async with county.working(NATIONAL_COMPARE):
        await county.over(asked.json()["job_id"])
    again = await county.summary(job)
    assert (again["households"]["there_only"], again["households"]["same"], again["persons"]["same"]) == (0, 1, 2)
    assert again["compared_at"] > first["compared_at"]


async def test_key_facts_that_differ_are_told_with_both_sides(county):
    await county.imports(table(DASHAN | MONITORED, XIULAN), exported_on="2024-05-30")
    changed = {"is_lifted": "否", "monitoring_type": "边缘易致贫户", "registered_on": "2024-05-18"}
    changed |= {"eliminated_on": "2024-05-28", "risk_1": "因残", "risk_2": "", "region": str(NEXT_VILLAGE)}
    job = await county.keeps(table(DASHAN | changed, XIULAN | {"region": str(NEXT_VILLAGE), "is_lifted": "否"}))
    [one] = await county.differences(job, "households", "differing")
    assert facts(one) == {
        "region": (str(NEXT_VILLAGE), str(VILLAGE)),
        "is_lifted": ("false", "true"),
        "monitoring_type": ("2", "3"),
        "risks": ("03", "01、02"),
        "registered_on": ("2024-05-18", "2024-05-17"),
        "eliminated_on": ("2024-05-28", None),
    }
    assert await county.differences(job, "households", "differing", region=str(NEXT_VILLAGE)) == [one]
    assert await county.differences(job, "households", "differing", region="610999101205") == []
    bare = {name: DASHAN[name] for name in ("household_no", "region", "name", "identity_number", "relation")}
    job = await county.keeps(table(bare, bare | {"name": "李秀兰", "identity_number": XIULAN["identity_number"]}))
    assert await county.differences(job, "households", "differing") == [], "the file does not say"


async def test_persons_are_told_apart_by_number_name_and_household(county):
    await county.imports(table(DASHAN, XIULAN, member(household_no="H2", name="赵六")))
    rows = [
        DASHAN | {"name": "陈大川"},
        XIULAN | {"identity_number": number("19760805", male=False), "person_no": ""},
    ]
    job = await county.keeps(table(*rows, member(household_no="H2", name="赵六", identity_number="")))
    found = {one["name_masked"]: facts(one) for one in await county.differences(job, "persons", "differing")}
    assert found == {
        "陈**": {"name": ("陈**", "陈**")},
        "李**": {"identity_number": ("given", "given")},
        "赵*": {"identity_number": (None, "given")},
    }
    moved = await county.keeps(table(DASHAN, member(household_no="H2", name="赵六") | _as(XIULAN)))
    [wife] = [one for one in await county.differences(moved, "persons", "differing") if "household" in facts(one)]
    assert facts(wife)["household"] == ("H2", "H610999000001")
    text = str(await county.differences(moved, "persons", "differing"))
    assert XIULAN["identity_number"] not in text


def _as(row):
    return {name: row[name] for name in ("name", "identity_number", "relation", "person_no")}


async def test_a_person_is_found_by_a_former_number_which_then_differs(county):
    await county.imports(table(DASHAN))
    [one] = await county.ask("SELECT id, version FROM person")
    corrected = await county.client.post(
        f"/persons/{one.id}/correct-number",
        json={"identity_number": number("19740313"), "reason": "typing_error", "on": "2024-06-03"},
        headers={"If-Match": f'"{one.version}"'},
    )
    assert corrected.is_success, corrected.text
    job = await county.keeps(table(DASHAN))
    [differing] = await county.differences(job, "persons", "differing")
    assert facts(differing) == {"identity_number": ("given", "given")}


async def test_what_an_import_refused_is_there_and_not_here(county):
    job = await county.imports(table(DASHAN, member(household_no="H9", relation="邻居", region="510999101203")))
    [one] = await county.differences(job, "households", "there_only")
    assert (one["national_no"], one["was_refused"], one["region_there"]) == ("H9", True, None)


async def test_whom_an_export_does_not_cover_is_not_missed_in_it(county):
    await county.imports(table(DASHAN | MONITORED, XIULAN, member()), exported_on="2024-05-30")
    monitored = await county.keeps(table(DASHAN | MONITORED, XIULAN), covers="monitored")
    summary = await county.summary(monitored)
    assert (summary["households"]["here"], summary["households"]["here_only"], summary["covers"]) == (1, 0, "monitored")
    everyone = await county.keeps(table(DASHAN | MONITORED, XIULAN))
    assert len(await county.differences(everyone, "households", "here_only")) == 1
    listed = (await county.get("/national-exports", state="read"))["items"]
    assert sorted(one["covers"] for one in listed) == ["all", "monitored"], "the latest of each is kept"


async def test_pages_follow_each_other_and_are_bound_to_their_list(county):
    job = await county.keeps(table(*(member(household_no=f"H{place:02}") for place in range(7))))
    where = f"/national-exports/{job['export_id']}/differences/households"
    seen, cursor = [], None
    while True:
        page = await county.get(where, kind="there_only", limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [one["national_no"] for one in page["items"]]
        cursor = page.get("next_cursor")
        if cursor is None:
            break
        stolen = await county.client.get(where, params={"kind": "here_only", "cursor": cursor})
        assert stolen.status_code == 422
    assert seen == [f"H{place:02}" for place in range(7)]


async def test_the_report_can_be_downloaded_masked_as_workbook_and_as_text(county):
    await county.imports(table(DASHAN | MONITORED, XIULAN), exported_on="2024-05-30")
    job = await county.keeps(table(DASHAN | {"name": "陈大川"}, XIULAN, member(name="=1+1")))
    where = f"/national-exports/{job['export_id']}/differences/file"
    answer = await county.client.get(where, params={"grain": "person"})
    assert answer.status_code == 200, answer.text
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.values)
    assert rows[0] == ("差异类型", "人编号", "姓名", "户编号", "村（国家系统）", "村（本平台）", "不一致的信息")
    kinds = {row[0]: row for row in rows[1:]}
    assert kinds["两边信息不一致"][2] == "陈**"
    assert kinds["两边信息不一致"][6] == "姓名：国家系统 陈**，本平台 陈**"
    assert kinds["国家系统有、本平台无"][2] == "=***"
    csv = await county.client.get(where, params={"grain": "household", "format": "csv", "kind": "there_only"})
    lines = csv.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("差异类型,户编号,村（国家系统）")
    assert len(lines) == 2
    for content in (answer.content, csv.content):
        assert b"610999197403123010" not in content


async def test_others_see_their_own_county_alone(county, asks):
    job = await county.keeps(table(DASHAN))
    where = f"/national-exports/{job['export_id']}/differences"
    assert (await asks(Role.PROVINCE_OFFICER, 610000000000).get(where)).status_code == 200
    assert (await asks(Role.COUNTY_OFFICER, 610998000000).get(where)).status_code == 404
    assert (await asks(Role.VILLAGE_CADRE, VILLAGE).get(where)).status_code == 403
    other = await asks(Role.COUNTY_OFFICER, 610998000000).get("/national-exports")
    assert other.json()["items"] == []


async def test_an_export_that_gave_way_is_compared_no_more(county):
    first = await county.keeps(table(DASHAN))
    await county.keeps(table(XIULAN))
    answer = await county.client.get(f"/national-exports/{first['export_id']}/differences")
    assert (answer.status_code, answer.json()["code"]) == (409, "national_export_not_read")
