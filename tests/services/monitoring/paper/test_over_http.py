"""Papers of household A and of whole villages over HTTP: what stands on them, who may print, what the audit keeps."""

from __future__ import annotations

import csv
import io

import httpx
from pypdf import PdfReader

from chassis.security.scope import Role
from chassis.tabular import HeaderSpec, Limits, open_table, parse_row
from chassis.testing.programs import COUNTY, VILLAGE
from services.monitoring.national.contract import COLUMNS
from services.monitoring.paper.rules.public import personal_facts
from tests.personas import household, number, person
from tests.printed import printed
from tests.services.monitoring.answers import match
from tests.services.monitoring.cases.village import made
from tests.services.monitoring.paper.asking import NEXT_VILLAGE, faults, papers

FORMS = ["interview", "commitment", "authorisation", "card", "national_sheet"]


def pdf(answer: httpx.Response) -> bytes:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "private, no-store"
    return answer.content


async def test_household_a_gets_every_form_prefilled_with_its_numbers_masked(them, chen, named):
    text = {form: printed(pdf(await papers(them.cadre, form, household_ids=[chen["id"]]))) for form in FORMS}
    for form, said in text.items():
        assert "陈大山" in said, form
        assert "610999197403123010" not in said, form
        assert "13800001234" not in said, form
        assert "第1页共" in said, form
        assert "云岭县清溪镇松坪村" in said, form
    assert "入户" in text["interview"]
    assert "■" in text["interview"], "what an office knows is ticked already"
    assert "□" in text["interview"], "the rest is to be ticked"
    assert "郑重承诺" in text["commitment"]
    assert "签署之日起12个月内有效" in text["commitment"]
    assert "610999********3010" in text["authorisation"]
    assert "签署之日起12个月内有效" in text["authorisation"]
    assert "监护人" in text["authorisation"]
    assert "尚未安排" in text["card"]
    assert "12317" in text["card"]
    assert personal_facts(text["card"]) == [], "the card hangs where visitors read it"


async def test_numbers_stand_whole_only_if_asked_for_and_each_print_is_in_the_audit_log(them, chen, asks):
    answer = await papers(them.cadre, "authorisation", household_ids=[chen["id"]], whole_numbers=True)
    assert "610999197403123010" in printed(pdf(answer))
    await papers(them.cadre, "card", household_ids=[chen["id"]])
    auditor = asks(Role.AUDITOR, COUNTY)
    log = made(await auditor.get("/audit/entries", params={"entity_id": chen["members"][0]["id"]}))["items"]
    prints = [one for one in log if one["action"] == "paper.print"]
    assert sorted(one["fields"] for one in prints) == [
        ["disability_number", "identity_number", "name", "phone"],
        ["name"],
    ]
    assert {one["reason"] for one in prints} == {"入户核查"}
    assert (await them.cadre.post("/papers", json={"forms": ["card"], "region": str(VILLAGE)})).status_code == 422


async def test_a_registered_households_card_and_sheet_say_what_it_gets_and_from_whom(them, chen, lines, named):
    case = await them.registered(chen)
    helped = await them.do(them.cadre, case, "help", help_person="周敏")
    assert helped.is_success, helped.text
    card = printed(pdf(await papers(them.county, "card", case_ids=[case["id"]])))
    for said in ("突发严重困难户", case["registered_on"], "周敏", "联系人电话", "收入减少或支出增加"):
        assert said in card
    assert personal_facts(card) == []
    sheet = printed(pdf(await papers(them.county, "national_sheet", region=str(VILLAGE))))
    order = [
        "行政村",
        "监测对象类别",
        "识别日期",
        "致贫返贫风险",
        "成员1",
        "姓名",
        "证件号码",
        "劳动技能",
        "性别",
        "与户主关系",
    ]
    assert [sheet.index(label) for label in order] == sorted(sheet.index(label) for label in order)
    assert "因病、因学、因残" in sheet


async def test_a_household_is_exported_in_the_order_of_the_national_form(them, chen, lines, named):
    case = await them.registered(chen)
    answer = await them.county.post("/papers/national-rows", json={"case_ids": [case["id"]], "purpose": "上报核对"})
    assert answer.headers["content-type"].startswith("text/csv")
    head, *rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert head == [column.label for column in COLUMNS]
    assert len(rows) == len(chen["members"])
    told = dict(zip(head, rows[0], strict=True))
    assert (told["姓名"], told["与户主关系"], told["证件号码"]) == ("陈大山", "户主", "610999********3010")
    assert (told["行政村"], told["监测对象类别"], told["识别日期"]) == (
        "松坪村",
        "突发严重困难户",
        case["registered_on"],
    )


async def test_an_exported_household_is_read_back_as_an_export_of_the_national_system(them, chen, lines, named):
    case = await them.registered(chen)
    for day, way, findings in (("2024-06-02", "by_phone", "在外务工"), ("2024-06-01", "at_home", "旧")):
        visit = {"household_id": chen["id"], "visited_on": day, "way": way, "findings": findings}
        made(await them.cadre.post("/visits", json=visit))
    wrong = made(await them.cadre.post("/visits", json={"household_id": chen["id"], "findings": "录错"}))
    made(await them.cadre.post(f"/visits/{wrong['id']}/void", json={"reason": "录错"}, headers=match(wrong)))
    body = {"case_ids": [case["id"]], "purpose": "上报核对", "whole_numbers": True}
    content = (await them.county.post("/papers/national-rows", json=body)).content
    with open_table(io.BytesIO(content), limits=Limits(), header=HeaderSpec(COLUMNS)) as table:
        read = [parse_row(COLUMNS, row) for row in table]
    assert {fault.column for _values, faults in read for fault in faults} == {"household_no"}, "it has no number yet"
    head = read[0][0]
    assert (head["name"], head["identity_number"]) == ("陈大山", "610999197403123010")
    assert (head["monitoring_type"], str(head["registered_on"])) == ("3", case["registered_on"])
    assert head["wage_fen"] == 2_520_000
    last = (str(head["visited_on"]), head["visit_way"], head["visit_findings"])
    assert last == ("2024-06-02", "by_phone", "在外务工")


async def test_a_card_bears_the_telephone_of_the_helper_whom_the_village_knows_by_that_name(
    them, chen, lines, named, asks
):
    security = asks(Role.SECURITY_ADMINISTRATOR, COUNTY)
    post = {"role": "village_cadre", "region": str(VILLAGE), "starts_on": "2024-06-01"}
    officer = {"subject": "issuer:zhou", "username": "zhou", "name": "周敏", "phone": "13900005678", "post": post}
    other = {"subject": "issuer:wu", "username": "wu", "name": "吴刚", "phone": "13900009012", "post": post}
    made(await security.post("/officers", json=officer))
    paired = made(await security.post("/officers", json=other))
    case = await them.registered(chen)
    made(await them.do(them.cadre, case, "help", help_person="周敏"))
    card = printed(pdf(await papers(them.county, "card", household_ids=[chen["id"]])))
    assert "联系人电话13900005678" in card
    helper = made(await them.county.post("/helpers", json={"kind": "officer", "officer_id": paired["id"]}))
    pairing = {"helper_id": helper["id"], "household_ids": [chen["id"]], "starts_on": "2024-06-03", "source": "结对表"}
    made(await them.county.post("/pairings", json=pairing))
    card = printed(pdf(await papers(them.county, "card", household_ids=[chen["id"]])))
    assert "吴刚" in card, "whom it is paired with goes before whom its case named"
    assert "联系人电话13900009012" in card


async def test_a_public_list_is_printed_without_a_fact_about_anybody(them, chen, lines, named):
    case = await them.reviewed(chen)
    shown = await them.published(case)
    text = printed(pdf(await them.cadre.get(f"/public-lists/{shown['id']}/paper")))
    for said in ("拟纳入监测对象公示名单", "松坪村", "陈大山", "2024年6月3日至2024年6月7日", "12317"):
        assert said in text
    assert personal_facts(text) == []
    assert "陈大山" in printed(pdf(await papers(them.cadre, "card", list_id=shown["id"])))
    meeting = made(await them.county.get(f"/cases/{case['id']}"))["votes"][0]["meeting_id"]
    assert "陈大山" in printed(pdf(await papers(them.cadre, "card", meeting_id=meeting)))


async def test_a_list_is_printed_also_when_a_household_on_it_is_gone(them, chen, lines, named):
    alone = made(await them.cadre.post("/households", json=household(valid_from="2024-01-01")))
    into = made(await them.cadre.post("/households", json=household(members=[person(name="赵接收")])))
    cases = [await them.reviewed(home) for home in (chen, alone)]
    refs = [{"id": one["id"], "version": (await them.read(one))["version"]} for one in cases]
    shown = made(await them.cadre.post("/public-lists", json={"region": str(VILLAGE), "cases": refs}))
    someone = alone["members"][0]
    gone = {"on": "2024-06-03", "staying": []}
    made(await them.cadre.post(f"/persons/{someone['id']}/record-death", json=gone, headers=match(someone)))
    text = printed(pdf(await them.cadre.get(f"/public-lists/{shown['id']}/paper")))
    assert "陈大山" in text
    assert someone["name"] in text, "it hangs until the county has ended the case"
    home = made(await them.cadre.get(f"/households/{chen['id']}"))
    body = {"into": into["id"], "into_version": into["version"], "on": "2024-06-03"}
    body["relations"] = [{"person_id": one["id"], "relation": "97"} for one in home["members"]]
    made(await them.cadre.post(f"/households/{chen['id']}/merge", json=body, headers=match(home)))
    assert "拟纳入监测对象公示名单" in printed(pdf(await them.cadre.get(f"/public-lists/{shown['id']}/paper")))


async def test_a_list_masks_the_middle_of_names_where_the_county_decided_so(them, chen, lines, named):
    shown = await them.published(await them.reviewed(chen))
    body = {"scope": str(COUNTY), "key": "paper.public_names_masked", "effective_from": "2024-06-03", "source": "县"}
    row = made(await them.county.post("/parameters", json=body | {"value": {"type": "boolean", "value": True}}))
    approved = await them.other_county.post(f"/parameters/{row['id']}/approve", headers={"If-Match": '"1"'})
    assert approved.is_success, approved.text
    text = printed(pdf(await them.cadre.get(f"/public-lists/{shown['id']}/paper")))
    assert "陈*山" in text
    assert "陈大山" not in text


async def test_a_rare_name_and_one_with_a_joint_are_printed_and_a_missing_sign_is_told_of(them):
    names = ("阿依古丽·买买提", "王㙍", "李䶮", "王𠮷")
    members = [person(name=name, relation=relation, identity_number=number()) for name, relation in zip(
        names, ("02", "20", "20", "20"), strict=True)]  # fmt: skip
    home = made(await them.cadre.post("/households", json=household(members=members)))
    text = printed(pdf(await papers(them.cadre, "authorisation", household_ids=[home["id"]])))
    for said in ("阿依古丽·买买提", "王㙍", "李䶮", "王〔U+20BB7〕", "缺字说明"):
        assert said in text


async def test_forty_households_go_into_one_file_each_with_its_own_count_of_pages(them, named):
    ids = [made(await them.cadre.post("/households", json=household()))["id"] for _ in range(40)]
    answer = pdf(await papers(them.cadre, "commitment", "card", household_ids=ids))
    assert len(answer) < 600_000
    found = PdfReader(io.BytesIO(answer)).pages
    assert len(found) == 80
    for page in (found[0], found[79]):
        assert page.extract_text().endswith("第 1 页 共 1 页")


async def test_households_are_named_in_one_way_and_lie_in_the_callers_area(them, chen, asks):
    [one] = await faults(them.cadre)
    assert one[1] == "one_selection"
    [two] = await faults(them.cadre, region=str(VILLAGE), household_ids=[chen["id"]])
    assert two[1] == "one_selection"
    assert await faults(them.cadre, region=str(VILLAGE)) == [("/region", "no_household")]
    neighbour = asks(Role.VILLAGE_CADRE, NEXT_VILLAGE)
    for selection in ({"household_ids": [chen["id"]]}, {"region": str(VILLAGE)}):
        assert (await papers(neighbour, "card", **selection)).status_code == 404


async def test_nobody_prints_who_does_not_work_with_the_households(chen, asks):
    clerk = asks(Role.DEPARTMENT_CLERK, COUNTY, department="civil")
    for client in (clerk, asks(Role.AUDITOR, COUNTY), asks(Role.CITY_OFFICER, 610900000000)):
        assert (await papers(client, "card", household_ids=[chen["id"]])).status_code == 403


async def test_a_repeated_request_with_one_key_is_printed_again(them, chen):
    body = {"forms": ["card"], "purpose": "上墙", "household_ids": [chen["id"]]}
    headers = {"Idempotency-Key": "a-card-of-chen"}
    first, second = [pdf(await them.cadre.post("/papers", json=body, headers=headers)) for _ in range(2)]
    assert first == second
    assert first.startswith(b"%PDF")
