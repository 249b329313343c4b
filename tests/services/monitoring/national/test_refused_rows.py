"""What cannot be taken is told with its reason, comes back to be mended, and hinders nothing beside it."""

from __future__ import annotations

from tests.services.monitoring.national.national_files import DASHAN, LABELS, MONITORED, XIULAN, counted, member, table


async def test_bad_rows_are_told_with_their_reason_and_the_good_ones_are_kept(county):
    rows = [
        member(),
        member(identity_number="610999197403123011"),
        member(relation="邻居"),
        member(monitoring_type="1"),
        member(registered_on="2024-05-01"),
        member(monitoring_type="1", registered_on="2030-01-01"),
        member(region="510999101203"),
        member(wage_fen="100", wage_outside_work_fen="200"),
        member(measure_industry_fen="500"),
        member(household_no=""),
        member(),
    ]
    job = await county.imports(table(*rows))
    counted(job, created=2, ignored=9, total=11, rows=11, refused=9, persons_created=2)
    assert await county.errors(job) == [
        (3, "identity_number", "identity_number_check_digit"),
        (4, "relation", "choice"),
        (5, "registered_on", "required"),
        (6, "monitoring_type", "monitoring_type_missing"),
        (7, "registered_on", "day_after_today"),
        (8, "region", "region_outside"),
        (9, "wage_fen", "income_parts_exceed"),
        (10, "measure_industry_started_on", "required"),
        (11, "household_no", "required"),
    ]
    page = await county.get(f"/jobs/{job['id']}/errors")
    assert "610999197403123011" not in str(page)
    export = await county.get(f"/national-exports/{job['export_id']}")
    assert (export["counts"]["households"], export["counts"]["not_taken"]) == (10, 8)


async def test_rows_of_one_household_must_stand_together_and_agree(county):
    two = XIULAN | {"lifted_year": "2019"}
    job = await county.imports(table(DASHAN, two, member(), DASHAN))
    assert await county.errors(job) == [(3, "lifted_year", "household_differs"), (5, "household_no", "rows_apart")]
    assert job["result"]["created"] == 1


async def test_refused_households_come_back_in_the_countys_columns_and_join_the_export_when_mended(county):
    theirs = LABELS | {"identity_number": "身份证号", "name": "成员姓名"}
    wrong = XIULAN | {"identity_number": "610999197608053029"}
    job = await county.imports(table(DASHAN, wrong, member(), labels=theirs), exported_on="2024-05-31")
    assert job["result"]["created"] == 1
    sheet = await county.client.get(f"/national-exports/{job['export_id']}/rejected")
    assert sheet.status_code == 200, sheet.text
    lines = sheet.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("原因,行号,户编号,人编号,成员姓名,身份证号")
    assert [line.split(",")[1] for line in lines[1:]] == ["2", "3"], "the whole household comes back"
    assert "同户其他行有误" in lines[1]
    assert "身份证号" in lines[2]
    mended = sheet.content.replace(b"610999197608053029", b"610999197608053028")
    corrected = await county.imports(mended, corrects=job["export_id"])
    counted(corrected, created=1, total=1, rows=2, persons_created=2)
    assert corrected["result"]["export_id"] == job["export_id"]
    export = await county.get(f"/national-exports/{job['export_id']}")
    assert (export["exported_on"], export["counts"]["households"], export["counts"]["not_taken"]) == (
        "2024-05-31",
        2,
        0,
    )
    [entry] = await county.ask("SELECT action FROM audit_entry WHERE action = 'national_export.export_rejected'")
    assert entry.action


async def test_validation_tells_what_would_happen_and_keeps_nothing(county):
    accepted = await county.hand_in(table(DASHAN | MONITORED, XIULAN, member(relation="邻居")), mode="validate")
    assert accepted["export_id"] is None
    async with county.working():
        job = await county.over(accepted["job_id"])
    counted(job, created=1, ignored=1, total=2, rows=3, refused=1, persons_created=2, monitoring=1)
    for name in ("household", "monitoring_fact", "national_export", "national_household"):
        assert await county.ask(f"SELECT FROM {name}") == []
    assert len(await county.errors(job)) == 1


async def test_one_wrong_row_refuses_the_whole_export_if_asked_to(county):
    refused = await county.imports(table(DASHAN, member(relation="邻居")), atomic="all")
    assert (refused["state"], refused["error"]["code"]) == ("failed", "import_refused")
    assert await county.ask("SELECT FROM household") == []
    assert (await county.get(f"/national-exports/{refused['export_id']}"))["state"] == "refused"
    counted(await county.imports(table(DASHAN), atomic="all"), created=1, total=1, rows=1, persons_created=1)


async def test_doubts_about_the_monitoring_become_findings_as_far_as_the_file_can_tell(county):
    healthy = XIULAN | {"health": "健康"}
    poor = MONITORED | {"risk_1": "因残", "risk_2": ""}
    await county.imports(table(DASHAN | poor, healthy))
    found = {one.code for one in await county.ask("SELECT code FROM finding WHERE state = 'open'")}
    assert "disability_risk_without_disabled" in found
    assert "contact_missing" not in found
    assert "eliminated_income_blank" not in found
    assert "disaster_kind_missing" not in found, "the file has no such column"
    await county.imports(table(DASHAN | poor | {"health": "残疾"}, healthy))
    ended = await county.ask("SELECT state FROM finding WHERE code = 'disability_risk_without_disabled'")
    assert [one.state for one in ended] == ["corrected"]
