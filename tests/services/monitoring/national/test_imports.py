"""A county's national export loads as it comes, and what it says becomes dated facts, each once."""

from __future__ import annotations

import pytest

from chassis.security.scope import Role
from chassis.tabular import Format
from chassis.testing.programs import VILLAGE
from tests.personas import number
from tests.services.monitoring.datasets.department_files import xls
from tests.services.monitoring.national.national_files import DASHAN, LABELS, MONITORED, XIULAN, counted, member, table


async def test_an_export_brings_households_persons_numbers_and_monitoring(county):
    job = await county.imports(table(DASHAN | MONITORED, XIULAN | MONITORED), exported_on="2024-05-31")
    counted(job, created=1, total=1, rows=2, persons_created=2, monitoring=1)
    [row] = (await county.get("/households", monitoring_type="3", risk="01"))["items"]
    household = await county.get(f"/households/{row['id']}")
    assert household["national_no"] == "H610999000001"
    assert household["registered_on"] == "2024-05-17"
    assert (household["risks"], household["eliminated_on"], household["valid_from"]) == (
        ["01", "02"],
        None,
        "2024-05-31",
    )
    assert [one["national_no"] for one in household["members"]] == ["P1", "P2"]
    assert [one["labour_skill"] for one in household["members"]] == ["ordinary", "weak"]
    told = await county.get(f"/households/{row['id']}/monitoring")
    [fact] = told["facts"]
    assert (fact["holds_from"], fact["source"], fact["source_id"]) == ("2024-05-17", "national", job["export_id"])
    events = await county.ask("SELECT type, data FROM outbox ORDER BY aggregate_version")
    for kind, number_of in (("household", 1), ("person", 2)):
        last = [one.data for one in events if f".{kind}.recorded" in one.type][-number_of:]
        assert [one["monitoring_type"] for one in last] == ["3"] * number_of, "who follows the registry is told"


async def test_the_same_file_again_changes_nothing(county):
    content = table(
        DASHAN | MONITORED | {"wage_fen": "25200", "measure_health_started_on": "2024-05-20"}, XIULAN, member()
    )
    counted(
        await county.imports(content),
        created=2,
        total=2,
        rows=3,
        persons_created=3,
        monitoring=1,
        income_lines=1,
        measures=1,
    )
    written = "SELECT count(*) AS n FROM audit_entry WHERE kind IN ('household', 'person', 'income_line', 'measure')"
    before = await county.ask(written)
    counted(await county.imports(content), unchanged=2, total=2, rows=3)
    assert await county.ask(written) == before
    assert len(await county.ask("SELECT FROM monitoring_fact")) == 1


async def test_a_changed_fact_is_added_with_its_day_and_the_earlier_one_stays(county):
    await county.imports(table(DASHAN | MONITORED), exported_on="2024-04-30")
    later = MONITORED | {"monitoring_type": "1", "eliminated_on": "2024-05-20", "elimination_mode": "帮扶消除"}
    counted(
        await county.imports(table(DASHAN | later), exported_on="2024-05-31"), updated=1, total=1, rows=1, monitoring=1
    )
    [row] = (await county.get("/households"))["items"]
    facts = (await county.get(f"/households/{row['id']}/monitoring"))["facts"]
    said = [(one["number"], one["holds_from"], one["monitoring_type"], one["eliminated_on"]) for one in facts]
    assert said == [
        (1, "2024-05-17", "3", None),
        (2, "2024-05-20", "3", "2024-05-20"),
        (3, "2024-05-31", "1", "2024-05-20"),
    ]
    now = await county.get(f"/households/{row['id']}")
    assert (now["monitoring_type"], now["eliminated_on"]) == ("1", "2024-05-20")
    then = await county.get(f"/households/{row['id']}", on="2024-05-01")
    assert (then["monitoring_type"], then["eliminated_on"]) == ("3", None)


async def test_what_a_later_export_leaves_out_stays(county):
    ended = MONITORED | {"eliminated_on": "2024-05-20", "elimination_mode": "自然消除"}
    await county.imports(table(DASHAN | ended, XIULAN), exported_on="2024-05-30")
    bare = {name: DASHAN[name] for name in ("household_no", "region", "name", "identity_number", "relation")}
    counted(await county.imports(table(bare), exported_on="2024-05-31"), unchanged=1, total=1, rows=1)
    [row] = (await county.get("/households"))["items"]
    now = await county.get(f"/households/{row['id']}")
    assert (now["eliminated_on"], now["member_count"], now["is_lifted"]) == ("2024-05-20", 2, True)


@pytest.mark.parametrize("form", ["utf-8", "utf-8-sig", "gb18030", "xlsx", "xls", "ndjson"])
async def test_every_form_in_which_counties_export_says_the_same(county, form):
    rows = (DASHAN | MONITORED | {"wage_fen": "25200.50"}, XIULAN)
    if form == "xls":
        used = [name for name in LABELS if any(name in row for row in rows)]
        lines = [[row.get(name, "") for name in used] for row in rows]
        content = xls(["监测对象信息"], [LABELS[name] for name in used], *lines)
    elif form in ("xlsx", "ndjson"):
        content = table(*rows, form=Format(form))
    else:
        content = table(*rows, encoding=form)
    job = await county.imports(content)
    counted(job, created=1, total=1, rows=2, persons_created=2, monitoring=1, income_lines=1)
    [line] = await county.ask("SELECT kind, amount_fen, counts_on::text AS day FROM income_line")
    assert tuple(line) == ("wage.undivided", 2_520_050, "2023-09-30")


async def test_codes_are_read_as_labels_are_also_where_a_spreadsheet_lost_their_zero(county):
    coded = DASHAN | {"relation": 2, "ethnicity": 1, "education": 70, "labour_skill": "ordinary", "sex": 1}
    coded |= {"monitoring_type": 3, "registered_on": "2024-05-17", "risk_1": 1, "health": "healthy"}
    await county.imports(table(coded, form=Format.XLSX))
    [person] = await county.ask("SELECT relation, ethnicity, education, labour_skill, health FROM person")
    assert tuple(person) == ("02", "01", "70", "ordinary", ["healthy"])
    [household] = await county.ask("SELECT monitoring_type, risks FROM household")
    assert tuple(household) == ("3", ["01"])


async def test_a_countys_own_header_is_a_saved_mapping(county):
    theirs = LABELS | {
        "household_no": "农户编码",
        "identity_number": "证照",
        "name": "农户姓名",
        "relation": "同户主的关系",
        "monitoring_type": "三类户类型",
        "registered_on": "录入日期",
    }
    content = table(DASHAN | MONITORED, XIULAN, labels=theirs)
    refused = await county.imports(content)
    assert refused["state"] == "failed"
    export = await county.get(f"/national-exports/{refused['export_id']}")
    assert export["state"] == "refused"
    assert {one["column"] for one in export["refusal"]["reasons"]} == {"household_no", "name", "relation"}
    mapping = {label: name for name, label in theirs.items() if label != LABELS[name]}
    saved = await county.client.put("/national-contract/mapping", json={"mapping": mapping})
    assert saved.status_code == 200, saved.text
    job = await county.imports(content)
    counted(job, created=1, total=1, rows=2, persons_created=2, monitoring=1)
    assert (await county.get("/national-contract/mapping"))["mapping"] == mapping
    again = await county.client.put("/national-contract/mapping", json={"mapping": mapping})
    assert again.status_code == 428


async def test_a_village_is_found_by_town_and_name_where_the_export_has_no_codes(county, asks):
    divisions = (
        "code,name,valid_from\n610000000000,甲省,2020-01-01\n610900000000,乙市,2020-01-01\n"
        "610999000000,云岭县,2020-01-01\n610999101000,清溪镇,2020-01-01\n610999102000,白石镇,2020-01-01\n"
        "610999101203,松坪村,2020-01-01\n610999101204,柏坪村,2020-01-01\n610999102204,柏坪村,2020-01-01\n"
    )
    province = asks(Role.PROVINCE_OFFICER, 610000000000)
    assert (await province.post("/regions/import", content=divisions.encode())).is_success
    named = [
        member(town="清溪镇", village="松坪村民委员会"),
        member(town="白石镇", village="柏坪村"),
        member(village="柏坪"),
        member(town="清溪镇", village="无名村"),
    ]
    for row in named:
        del row["region"]
    job = await county.imports(table(*named))
    assert job["result"]["created"] == 2
    assert await county.errors(job) == [(4, "village", "village_unknown"), (5, "village", "village_unknown")]
    found = await county.ask("SELECT region FROM household ORDER BY region")
    assert [one.region for one in found] == [610999101203, 610999102204]


async def test_a_strategy_bounds_what_is_done(county):
    await county.imports(table(DASHAN))
    create = await county.imports(table(DASHAN | MONITORED, member()), strategy="create")
    counted(create, created=1, ignored=1, total=2, rows=2, persons_created=1)
    update = await county.imports(table(DASHAN | MONITORED, member()), strategy="update")
    counted(update, updated=1, ignored=1, total=2, rows=2, monitoring=1)


async def test_an_earlier_export_cannot_take_back_what_a_later_one_said(county):
    first = await county.imports(table(DASHAN), exported_on="2024-05-31")
    answer = await county.client.post(
        "/national-exports/imports", content=table(DASHAN), params={"exported_on": "2024-05-30"}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "national_export_outdated")
    await county.imports(table(member()), exported_on="2024-05-31")
    before = await county.get(f"/national-exports/{first['export_id']}")
    assert before["state"] == "replaced"
    assert len(await county.ask("SELECT FROM national_household")) == 1, "the rows of one export are kept"
    future = await county.client.post(
        "/national-exports/imports", content=table(DASHAN), params={"exported_on": "2030-01-01"}
    )
    assert future.status_code == 422


async def test_what_was_changed_here_after_the_exports_day_is_not_overwritten(county):
    await county.imports(table(DASHAN), exported_on="2024-05-30")
    [home] = await county.ask("SELECT id FROM household")
    changed = await county.client.patch(
        f"/households/{home.id}", json={"address": "松坪村二组"}, headers={"If-Match": '"1"'}
    )
    assert changed.status_code == 200, changed.text
    older = await county.imports(table(DASHAN | {"address": "松坪村一组"}), exported_on="2024-05-31")
    assert [(column, code) for _, column, code in await county.errors(older)] == [
        ("valid_from", "change_before_the_last")
    ]
    assert [one.address for one in await county.ask("SELECT address FROM household")] == ["松坪村二组"]
    present = await county.imports(table(DASHAN | {"address": "松坪村一组"}))
    counted(present, updated=1, total=1, rows=1)


async def test_a_certificate_of_disability_stands_where_the_number_should(county):
    father = member(name="陈父", identity_number="61099919480101305942", health="残疾")
    await county.imports(table(father))
    [person] = await county.ask("SELECT disability_class, disability_level, birth_date::text AS born FROM person")
    assert tuple(person) == ("4", "2", "1948-01-01")


async def test_only_the_county_hands_exports_in(county, asks):
    content = table(DASHAN)
    for role, region in ((Role.TOWN_OFFICER, VILLAGE // 1000 * 1000), (Role.PROVINCE_OFFICER, 610000000000)):
        answer = await asks(role, region).post("/national-exports/imports", content=content)
        assert answer.status_code == 403


async def test_numbers_of_persons_are_kept_nowhere_in_the_clear(county):
    secret = number()
    await county.imports(table(member(identity_number=secret), member(identity_number="610999197403123011")))
    for name in ("national_household", "national_person", "national_export", "import_error", "job"):
        for row in await county.ask(f"SELECT t::text AS said FROM {name} AS t"):
            assert secret not in row.said
            assert "610999197403123011" not in row.said
