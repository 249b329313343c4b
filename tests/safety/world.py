"""Fill one county with one of everything, once, so that every operation has something to be asked about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis.identifiers import new_id
from chassis.security.scope import Role
from chassis.testing.programs import COUNTY, TOWN, VILLAGE, officer
from services.monitoring.comparisons.actions.open import open_requests
from tests.personas import CHEN, household, number, person
from tests.safety.case_world import make_cases
from tests.safety.maker import (
    DATASET,
    DEPARTMENT,
    FAR_COUNTY,
    HEADINGS,
    LI_NUMBER,
    NEXT_COUNTYS_VILLAGE,
    PERIOD,
    Maker,
    World,
    at_work,
    items_of,
)
from tests.safety.office_world import (
    make_county_rows,
    make_entitlements,
    make_files,
    make_national_export,
    make_papers,
    make_rules,
)
from tests.safety.running import Running
from tests.services.monitoring.signed import PNG, authorisation, filled

DIVISIONS = (
    "code,name,valid_from\n"
    "610000000000,甲省,2020-01-01\n610900000000,乙市,2020-01-01\n610999000000,云岭县,2020-01-01\n"
    "610999101000,清溪镇,2020-01-01\n610999101203,松坪村,2020-01-01\n610999101204,柏坪村,2020-01-01\n"
)


async def make_world(service: Running) -> World:
    """One of everything, in the village of the county unless its kind belongs to the town or county."""
    maker, world = Maker(service), World()
    await service.made("POST", "/regions/import", maker.province, content=DIVISIONS.encode())
    await _households(maker, world)
    await _transfers(maker, world)
    await _incomes_and_lines(maker, world)
    await make_cases(maker, world)
    await _registers(maker, world)
    await _staff(maker, world)
    await _helpers_and_visits(maker, world)
    await _evidence(maker, world)
    await make_county_rows(maker, world)
    async with at_work(service):
        await make_files(maker, world)
        await make_national_export(maker, world)
        await make_rules(maker, world)
        await make_entitlements(maker, world)
        await make_papers(maker, world)
    world["clue"] = await maker.service.made("GET", f"/clues/{world['clue']['id']}", maker.county)  # as screened
    await _self_report(maker, world)
    world["run"] = await maker.post("/screening-runs", {})
    waiting = f"{HEADINGS}{LI_NUMBER},李秀兰,2024-05,1.00\r\n".encode()
    where, asked = f"/datasets/{DATASET}/submissions", {"period": PERIOD}
    world["waiting"] = (await maker.post(where, by=maker.clerk, params=asked, content=waiting))["job_id"]
    return world


async def _households(maker: Maker, world: World) -> None:
    son = person(name="陈小山", relation="20", identity_number=number("19980101"))
    chen = await maker.post("/households", CHEN | {"valid_from": "2024-01-01", "members": [*CHEN["members"], son]})
    world |= {"chen": chen, "household": chen["id"], "person": chen["members"][0]["id"]}
    world["head"], world["wife"], world["son"] = _by_name(chen, "陈大山", "李秀兰", "陈小山")
    world["away"] = await maker.household()
    world["away"] = await maker.post(
        f"/households/{world['away']['id']}/move-out", {"on": "2024-03-01", "reason": "迁往外省"}, version=1
    )
    alone = await maker.household(person(), person(name="赵小", relation="20"))
    child = next(one for one in alone["members"] if one["relation"] == "20")
    world["left"] = child
    world["lonely"] = await maker.post(
        f"/persons/{child['id']}/remove",
        {"outcome": "moved_out", "on": "2024-02-01", "reason": "外出定居"},
        version=child["version"],
    )
    world["target"] = await maker.household()
    found = await items_of(maker, "/findings", code="insured_blank")
    world["finding"] = next(one for one in found if one["household_id"] == chen["id"])
    answer = await maker.service.ask(
        "POST", "/households", maker.neighbour, json=CHEN | {"region": str(NEXT_COUNTYS_VILLAGE)}
    )
    assert answer.status_code == 409, answer.text
    world["clash"] = next(one for one in await items_of(maker, "/clash-tasks") if one["person_id"] == world["person"])
    seen = {"household_id": chen["id"], "risk": "01", "description": "家中有人住院"}
    world["report"] = await maker.post("/reports", seen)
    # The clue lies at a household of which no department sends a row, so that no clerk may read it.
    other = await maker.household()
    await maker.post("/reports", seen | {"household_id": other["id"]})
    world["clue"] = next(one for one in await items_of(maker, "/clues") if one["household_id"] == other["id"])


async def _transfers(maker: Maker, world: World) -> None:
    leaving = await maker.household()
    away = {"to_region": str(FAR_COUNTY), "effective_on": "2024-05-01", "reason": "随子女迁居"}
    world["offered"] = await maker.post(f"/households/{leaving['id']}/transfers", away, version=1)
    coming = await maker.post(
        "/households", household(region=str(NEXT_COUNTYS_VILLAGE), valid_from="2024-01-01"), by=maker.neighbour
    )
    here = away | {"to_region": str(TOWN)}
    world["incoming"] = await maker.post(
        f"/households/{coming['id']}/transfers", here, by=maker.neighbour, version=coming["version"]
    )


async def _incomes_and_lines(maker: Maker, world: World) -> None:
    line = {"kind": "wage.outside_work", "amount": "1200.00", "month": "2024-04", "source": "务工收入证明"}
    made = await maker.post(f"/households/{world['household']}/income-statements", {"lines": [line]})
    world["income_line"] = made["lines"][0]
    water = {"item": "water", "answer": "yes", "source": "入户核查"}
    made = await maker.post(f"/households/{world['household']}/guarantee-checks", {"checks": [water]})
    world["guarantee"] = made["checks"][0]
    post = {"kind": "public_post", "description": "护林员", "amount": "600.00", "source": "上岗协议"}
    world["measure"] = await maker.post(f"/households/{world['household']}/measures", post)
    base = {"kind": "base_line", "scope": "610000000000", "amount": "7500.00", "valid_from": "2024-01-01"}
    base = await maker.post("/lines", base | {"source": "省发〔2024〕1号"}, by=maker.province)
    another = maker.service.token(Role.PROVINCE_OFFICER, 610000000000)
    await maker.post(f"/lines/{base['id']}/confirm", by=another, version=1)
    income = {"kind": "county_income", "scope": str(COUNTY), "amount": "13200.00", "year": 2023}
    world["line"] = await maker.post("/lines", income | {"valid_from": "2024-01-01", "source": "统计公报2023"})


async def _evidence(maker: Maker, world: World) -> None:
    """What the household signed, and two departments that were asked: one may still answer, one was silent."""
    begun = await maker.post("/uploads", {"size": len(PNG), "purpose": "consent_sheet"})
    part = f"/uploads/{begun['id']}"
    await maker.service.made("PUT", part, maker.county, params={"offset": 0}, content=PNG)
    sheet = (await maker.post(f"{part}/complete"))["id"]
    signed = authorisation(world["chen"], given_by="paper", file_id=sheet, witness_name="陈大山")
    world["consent"] = await maker.post(f"/households/{world['household']}/consents", signed)
    due_at = maker.service.program.clock.business_now() + timedelta(days=3)
    async with maker.service.program.unit(officer()) as unit:
        made = await open_requests(
            unit,
            case_id=new_id(),
            household_id=UUID(world["household"]),
            due_at=due_at,
            departments={DEPARTMENT, "civil"},
        )
        late = next(row.id for row in made if row.department == "civil")
        await unit.connection.execute(
            text("UPDATE comparison_request SET due_at = due_at - interval '9 days' WHERE id = :id"), {"id": late}
        )
    by_department = {row.department: f"/comparison-requests/{row.id}" for row in made}
    world["interview"] = await maker.post(f"/households/{world['household']}/interviews", filled(world["chen"]))
    world["comparison"] = await maker.service.made("GET", by_department[DEPARTMENT], maker.county)
    world["unanswered"] = await maker.service.made("GET", by_department["civil"], maker.county)


async def _registers(maker: Maker, world: World) -> None:
    """A fact of a person, and a house that is a finding of housing: no clerk of another department is shown it."""
    roll = {"register_code": "dropout", "holds_from": "2024-05-10", "status": "graduated"}
    world["fact"] = await maker.post("/register-facts", roll | {"person_id": world["person"]})
    house = {"register_code": "house", "holds_from": "2024-05-10", "house_no": "1", "grade": "D", "is_only_house": True}
    await maker.post("/register-facts", house | {"household_id": world["household"]})
    [world["register_finding"]] = await items_of(maker, "/register-findings")


async def _staff(maker: Maker, world: World) -> None:
    post = {"role": "town_officer", "region": str(TOWN), "starts_on": "2024-06-01"}
    officer = {"subject": "issuer:wang", "username": "wang", "name": "王强", "post": post}
    world["officer"] = await maker.post("/officers", officer, by=maker.security)
    world["post"] = world["officer"]["posts"][0]


async def _helpers_and_visits(maker: Maker, world: World) -> None:
    """A helper of one household with an heir to be, a visit, and a left-behind person with one carer."""
    named = {"kind": "person", "name": "周明"}
    world["helper"] = await maker.post("/helpers", named)
    world["heir"] = await maker.post("/helpers", named | {"name": "吴强"})
    body = {"helper_id": world["helper"]["id"], "household_ids": [world["household"]], "starts_on": "2024-01-01"}
    await maker.post("/pairings", body | {"source": "结对文件"})
    (world["pairing"],) = await items_of(maker, f"/households/{world['household']}/helpers")
    # An officer who helps it too, beside the main helper, and another who may take that over.
    helper = await maker.post("/helpers", {"kind": "officer", "officer_id": world["officer"]["id"]})
    beside = {"helper_id": helper["id"], "household_ids": [world["household"]], "is_main": False}
    await maker.post("/pairings", beside | {"starts_on": "2024-01-01", "source": "结对文件"})
    post = {"role": "town_officer", "region": str(TOWN), "starts_on": "2024-01-01"}
    officer = {"subject": "issuer:zhao", "username": "zhao", "name": "赵敏", "post": post}
    world["successor"] = await maker.post("/officers", officer, by=maker.security)
    world["visit"] = await maker.post("/visits", {"household_id": world["household"], "findings": "妻子住院"})
    mark = {"kind": "left_behind_elder", "starts_on": "2024-05-01", "source": "民政台账"}
    world["left_behind"] = await maker.post(f"/persons/{world['head']['id']}/attention", mark)
    carer = {"kind": "neighbour", "name": "钱婶", "starts_on": "2024-05-01", "source": "村里商定"}
    world["carer"] = await maker.post(f"/persons/{world['head']['id']}/carers", carer)


async def _self_report(maker: Maker, world: World) -> None:
    """Self-reports that name nobody for certain: one is said to be of nobody here, one waits for the town."""
    told = {"name": "陈大山", "region": str(VILLAGE), "phone": "13900000000", "description": "家中有人住院"}
    for judged in (True, False):
        answer = await maker.service.ask("POST", "/self-reports", None, json=told)
        assert answer.status_code == 201, answer.text
        (world["self_report"],) = await items_of(maker, "/self-reports")
        if judged:
            said = {"json": {"reason": "unknown", "note": "查无此人"}, "version": world["self_report"]["version"]}
            path = f"/self-reports/{world['self_report']['id']}/match"
            world["self_report_refused"] = await maker.service.made("POST", path, maker.town, **said)


def _by_name(household: Any, *names: str) -> list[Any]:
    return [next(one for one in household["members"] if one["name"] == name) for name in names]
