"""What offices hand in and a county sets and computes: files, the national export, rules, entitlements, papers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.files.tables import stored_file
from chassis.security.scope import Area
from chassis.testing.programs import COUNTY, VILLAGE
from tests.personas import number, person
from tests.safety.maker import (
    CHEN_NUMBER,
    DATASET,
    HEADINGS,
    PERIOD,
    RULE,
    WRONG_CHECK_DIGIT,
    Maker,
    World,
    items_of,
    over,
)


async def make_papers(maker: Maker, world: World) -> None:
    """A file of papers that the county asked for."""
    wanted = {"forms": ["card"], "household_ids": [world["household"]], "purpose": "上墙"}
    world["papers"] = (await maker.post("/paper-files", wanted))["job_id"]
    await over(maker.service, maker.county, world["papers"])


async def make_county_rows(maker: Maker, world: World) -> None:
    day = {"day": "2027-01-04", "working": False, "name": "元旦"}
    notice = {"scope": str(COUNTY), "year": 2027, "whole": True, "source": "放假通知", "days": [day]}
    world["notice"] = await maker.post("/calendar/notices", notice)
    proposal = {"scope": str(COUNTY), "key": "clues.due.low_days", "effective_from": "2024-07-01"}
    value = {"type": "integer", "value": 30}
    world["parameter"] = await maker.post("/parameters", proposal | {"value": value, "source": "县发〔2024〕1号"})
    days = {"opens_on": "2024-05-01", "closes_on": "2024-06-30"}
    where = f"/datasets/{DATASET}/periods/{PERIOD}"
    world["period"] = await maker.service.made("PUT", where, maker.county, json=days, params={"region": str(COUNTY)})
    where = f"/datasets/{DATASET}/mapping"
    mapping = {"mapping": {"证件号": "id_no"}}
    world["mapping"] = await maker.service.made(
        "PUT", where, maker.county, json=mapping, params={"region": str(COUNTY)}
    )


async def make_files(maker: Maker, world: World) -> None:
    rows = [CHEN_NUMBER + ",陈大山,2024-05,5200.00", WRONG_CHECK_DIGIT + ",李秀兰,2024-05,20000.00"]
    rows.append(number("19550505") + ",外人甲,2024-05,300.00")
    sent = await maker.post(
        f"/datasets/{DATASET}/submissions",
        by=maker.clerk,
        params={"period": PERIOD},
        content=(HEADINGS + "\r\n".join(rows) + "\r\n").encode(),
    )
    world["job"] = sent["job_id"]
    await over(maker.service, maker.clerk, sent["job_id"])
    where = f"/submissions/{sent['submission']['id']}"
    world["batch"] = await maker.service.made("GET", where, maker.clerk)
    rows = (await maker.service.made("GET", where + "/rows", maker.clerk))["items"]
    world["row"] = next(row for row in rows if row["fate"] in ("unmatched", "outside"))
    async with maker.service.program.database.transaction(Area.everywhere()) as connection:
        world["file"] = str(await connection.scalar(select(stored_file.c.id).where(stored_file.c.purpose == "dataset")))


async def make_national_export(maker: Maker, world: World) -> None:
    """An export of the national system: a household that it brings, with monitoring and aid, and one with a fault."""
    headings = {"mapping": {"农户编号": "household_no"}}
    where, county = "/national-contract/mapping", {"region": str(COUNTY)}
    world["headings"] = await maker.service.made("PUT", where, maker.county, json=headings, params=county)
    rows = [
        "农户编号,姓名,证件号码,与户主关系,村区划代码,监测对象类别,识别日期,综合保障措施开始日期,综合保障措施金额",
        f"N1,赵大川,{number('19700101')},户主,{VILLAGE},突发严重困难户,2024-05-17,2024-05-25,6000",
        f"N2,外人乙,{WRONG_CHECK_DIGIT},户主,{VILLAGE},,,,",
    ]
    published = await maker.post("/statistics/publications", {"title": "监测月报", "region": str(VILLAGE)})
    world["publication"] = published["id"]
    world["upload"] = await maker.post("/uploads", {"size": 9, "purpose": "dataset"})
    world["national_file"] = ("\r\n".join(rows) + "\r\n").encode()
    sent = await maker.post("/national-exports/imports", content=world["national_file"])
    await over(maker.service, maker.county, sent["job_id"])
    world["export"] = await maker.service.made("GET", f"/national-exports/{sent['export_id']}", maker.county)
    assert world["export"]["state"] == "read", world["export"]


async def make_rules(maker: Maker, world: World) -> None:
    """A rule of the county that was tried and waits for a second person, and one that such a person put into force."""
    world["tried"], world["trial"] = await _tried(maker, "T01")
    active, _trial = await _tried(maker, "T02")
    where = f"/rules/T02/drafts/{active['version']}/activate"
    world["active"] = await maker.post(where, by=maker.second, version=active["revision"])


async def _tried(maker: Maker, rule_id: str) -> tuple[Any, Any]:
    """The draft once it was tried over the county, and its trial."""
    draft = await maker.post(f"/rules/{rule_id}/drafts", RULE)
    where = f"/rules/{rule_id}/drafts/{draft['version']}/try"
    asked = await maker.post(where, {"region": str(COUNTY)})
    await over(maker.service, maker.county, asked["job_id"])
    trial = await maker.service.made("GET", f"/rule-trials/{asked['id']}", maker.county)
    assert trial["state"] == "succeeded", trial
    return await maker.service.made("GET", f"/rules/{rule_id}/versions/{draft['version']}", maker.county), trial


async def make_entitlements(maker: Maker, world: World) -> None:
    """An old woman who draws no allowance yet."""
    home = await maker.household(person(name="郑老太", identity_number=number("19400101", male=False)))
    asked = await maker.post("/entitlement-runs", {})
    await over(maker.service, maker.county, asked["job_id"])
    gaps = await items_of(maker, "/entitlement-gaps", limit=200)
    world["entitlement"] = next(one for one in gaps if one["household_id"] == home["id"])
