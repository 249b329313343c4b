"""Departments are asked about a household of a case once, prefilled from their own files, and answer or are silent."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from chassis.audit.tables import audit_entry, audit_read
from chassis.changes.tables import change
from chassis.errors import StateRefused
from chassis.identifiers import new_id
from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY, VILLAGE, officer
from services.monitoring.comparisons.actions.close import close_requests
from services.monitoring.comparisons.queries.requests import outstanding, requests_of
from services.monitoring.households.actions.follow import everything_follows
from tests.personas import household
from tests.services.monitoring.comparisons.conftest import DUE
from tests.services.monitoring.screening import county_data as county
from tests.services.monitoring.signed import consented

SELF_PAY, INSURANCE = "medical.annual_self_pay", "medical.insurance"
OTHER_COUNTY = 610998000000


@pytest.fixture
async def wife(chen):
    return next(one for one in chen["members"] if one["name"] == "李秀兰")


@pytest.fixture
async def head(chen):
    return next(one for one in chen["members"] if one["name"] == "陈大山")


async def _waiting(client, **query):
    answer = await client.get("/comparison-requests", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def _read(client, request_id):
    answer = await client.get(f"/comparison-requests/{request_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def _of(read, fact, person):
    [item] = [one for one in read["items"] if (one["fact"], one["person_id"]) == (fact, person["id"])]
    return item


async def _answer(client, read, **body):
    headers = {"If-Match": f'"{read["version"]}"'}
    return await client.post(f"/comparison-requests/{read['id']}/answer", json=body, headers=headers)


def _codes(answer):
    return [one["code"] for one in answer.json()["errors"]]


async def test_each_department_is_asked_once_about_what_its_area_wants_to_know(chen, opened, asks):
    case = new_id()
    made = await opened(chen, case)
    departments = {row.department for row in made}
    assert {"medical", "civil", "housing", "traffic"} <= departments
    assert "water" not in departments, "the default list does not ask about it"
    assert {row.id for row in await opened(chen, case)} == {row.id for row in made}, "asked again, none is added"
    shown = await _waiting(asks(), case_id=str(case))
    assert {one["department"] for one in shown} == departments
    only = await opened(chen, departments={"civil"})
    assert [row.department for row in only] == ["civil"]


async def test_a_request_is_prefilled_from_the_latest_records_of_the_departments_own_files(
    chen, head, wife, opened, clerk, monitoring
):
    for month, amount in ((4, 1_000_000), (5, 2_000_000)):
        await county.record(monitoring, SELF_PAY, wife, chen["id"], date(2024, month, 1), self_pay_fen=amount)
    gone = await county.record(monitoring, INSURANCE, head, chen["id"], date(2024, 1, 5), insurance_status="insured")
    await county.withdraw(monitoring, gone)
    await opened(chen)
    [row] = await _waiting(clerk())
    read = await _read(clerk(), row["id"])
    told = _of(read, SELF_PAY, wife)
    assert (told["known_on"], [(one["column"], one["value"]) for one in told["known"]]) == (
        "2024-05-01",
        [("self_pay_fen", "20000.00")],
    )
    assert _of(read, INSURANCE, head)["known"] is None, "what was withdrawn says nothing"
    assert [one["name"] for one in read["persons"]] == ["陈**", "李**"]
    assert read["persons"][1]["identity_number_masked"] == "610999********3028"


async def test_a_clerk_confirms_what_is_shown_or_says_what_differs_and_the_county_reads_it(
    chen, head, wife, opened, clerk, asks, monitoring
):
    await county.record(monitoring, SELF_PAY, wife, chen["id"], date(2024, 5, 1), self_pay_fen=2_000_000)
    await county.record(
        monitoring, INSURANCE, head, chen["id"], date(2024, 1, 5), insured_year=2024, insurance_status="insured"
    )
    await opened(chen)
    [row] = await _waiting(clerk())
    read = await _read(clerk(), row["id"])
    differs = {
        "item_id": _of(read, SELF_PAY, wife)["id"],
        "result": "differs",
        "values": {"self_pay_fen": "21,000.50"},
        "note": "5月又住院一次",
    }
    unsure = await _answer(clerk(), read, items=[differs])
    assert (unsure.status_code, _codes(unsure)) == (422, ["items_missing"])
    done = await _answer(clerk(), read, items=[differs], rest="as_known")
    assert (done.status_code, done.json()["state"], done.headers["ETag"]) == (200, "answered", '"2"'), done.text
    seen = await _read(asks(), row["id"])
    told = _of(seen, SELF_PAY, wife)
    assert (told["result"], told["values"][0]["value"], told["note"]) == ("differs", "21000.50", "5月又住院一次")
    assert _of(seen, INSURANCE, head)["result"] == "confirmed"
    assert _of(seen, INSURANCE, wife)["result"] == "nothing_known"
    late = await _answer(clerk(), done.json(), rest="as_known")
    assert (late.status_code, _codes(late)) == (409, ["not_open"])
    hidden = await _read(asks(Role.AUDITOR), row["id"])
    assert all(one["hides_health"] and one["known"] is None and one["note"] is None for one in hidden["items"])
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        [entry] = await connection.execute(select(audit_entry).where(audit_entry.c.action == "comparison.answer"))
        fed = await connection.scalar(
            select(change.c.version).where(change.c.kind == "comparison_request", change.c.id == UUID(row["id"]))
        )
    assert (entry.role, fed) == ("department_clerk", 2)


async def test_every_fault_of_an_answer_is_named(chen, wife, opened, clerk):
    await opened(chen)
    [row] = await _waiting(clerk())
    read = await _read(clerk(), row["id"])
    pay, insured = _of(read, SELF_PAY, wife)["id"], _of(read, INSURANCE, wife)["id"]
    answer = await _answer(
        clerk(),
        read,
        rest="as_known",
        items=[
            {"item_id": pay, "result": "confirmed"},
            {"item_id": pay, "result": "nothing_known"},
            {"item_id": insured, "result": "differs", "values": {"insurance_status": "大概", "colour": "红"}},
            {"item_id": str(new_id()), "result": "nothing_known"},
        ],
    )
    assert answer.status_code == 422
    assert {(one["pointer"], one["code"]) for one in answer.json()["errors"]} == {
        ("/items/0/result", "nothing_to_confirm"),
        ("/items/1/item_id", "item_twice"),
        ("/items/2/values/insurance_status", "choice"),
        ("/items/2/values/colour", "column_unknown"),
        ("/items/3/item_id", "item_unknown"),
    }
    empty = await _answer(clerk(), read, rest="as_known", items=[{"item_id": pay, "result": "differs"}])
    assert _codes(empty) == ["difference_missing"]


async def test_a_clerk_answers_many_in_one_call_and_each_has_a_fate_of_its_own(chen, cadre, opened, clerk):
    other = (await cadre.post("/households", json=household(valid_from="2024-01-01"))).json()
    await consented(cadre, other)
    await opened(chen)
    await opened(other, due_at=DUE - timedelta(days=1))
    mine = await _waiting(clerk())
    assert [one["household_id"] for one in mine] == [other["id"], chen["id"]], "the earliest due first"
    [foreign] = await _waiting(clerk("civil"), household_id=chen["id"])
    fresh = {"rest": "as_known", "version": 1}
    body = {
        "answers": [
            fresh | {"request_id": mine[0]["id"]},
            {"request_id": mine[1]["id"], "version": 7, "rest": "as_known"},
            fresh | {"request_id": foreign["id"]},
            fresh | {"request_id": mine[0]["id"]},
        ]
    }
    answer = (await clerk().post("/comparison-requests/answers", json=body)).json()
    assert (answer["applied"], answer["rejected"]) == (1, 3)
    assert [
        (one["outcome"], one["problem"] and one["problem"]["code"], one["version"]) for one in answer["results"]
    ] == [
        ("applied", None, 2),
        ("rejected", "version_stale", 1),
        ("rejected", "not_found", None),
        ("rejected", "invalid_input", 2),
    ]
    assert [one["id"] for one in await _waiting(clerk())] == [mine[1]["id"]]


async def test_a_department_meets_nothing_of_another(chen, opened, clerk, asks):
    await opened(chen)
    [row] = await _waiting(clerk("civil"))
    assert [one["department"] for one in await _waiting(clerk())] == ["medical"]
    medical = clerk()
    assert (await medical.get("/comparison-requests", params={"department": "civil"})).status_code == 404
    assert (await medical.get(f"/comparison-requests/{row['id']}")).status_code == 404
    assert (await _answer(medical, row, rest="as_known")).status_code == 404
    assert (await medical.post(f"/comparison-requests/{row['id']}/reveal", json={"purpose": "核对"})).status_code == 404
    elsewhere = asks(Role.DEPARTMENT_CLERK, OTHER_COUNTY, department="civil")
    assert await _waiting(elsewhere) == []
    assert (await asks().post(f"/comparison-requests/{row['id']}/answer", json={})).status_code == 403


async def test_a_clerk_sees_whom_to_look_for_by_a_call_of_its_own_that_is_audited(
    chen, head, wife, opened, clerk, monitoring
):
    await opened(chen)
    [row] = await _waiting(clerk())
    url = f"/comparison-requests/{row['id']}/reveal"
    shown = (await clerk().post(url, json={"purpose": "家庭经济状况核对"})).json()
    assert {(one["name"], one["identity_number"]) for one in shown["persons"]} == {
        ("陈大山", "610999197403123010"),
        ("李秀兰", "610999197608053028"),
    }
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        read = set((await connection.scalars(select(audit_read.c.entity_id))).all())
    assert read == {UUID(head["id"]), UUID(wife["id"])}
    await _answer(clerk(), row, rest="as_known")
    assert _codes(await clerk().post(url, json={"purpose": "再看"})) == ["not_open"]


async def test_silence_is_recorded_after_the_due_and_not_before(chen, opened, clerk, asks, monitoring):
    case = new_id()
    await opened(chen, case, departments={"civil"})
    county_officer = asks()
    [row] = await _waiting(county_officer)
    url, match = f"/comparison-requests/{row['id']}/record-silence", {"If-Match": '"1"'}
    early = await county_officer.post(url, headers=match)
    assert (early.status_code, _codes(early)) == (409, ["not_due_yet"])
    assert "2024-06-07" in early.json()["errors"][0]["message"]
    monitoring.clock.move(days=5)
    assert [one["id"] for one in await _waiting(county_officer, overdue="true")] == [row["id"]]
    async with monitoring.unit(officer()) as unit:
        [late] = (await outstanding(unit, [case]))[case]
    assert (late.department, late.due_at, late.state) == ("civil", DUE, "overdue")
    assert (await clerk("civil").post(url, headers=match)).status_code == 403
    done = await county_officer.post(url, headers=match)
    assert (done.status_code, done.json()["state"]) == (200, "not_answered")
    async with monitoring.unit(officer()) as unit:
        assert await outstanding(unit, [case]) == {case: []}
    assert _codes(await _answer(clerk("civil"), done.json(), rest="as_known")) == ["not_open"]


async def test_outstanding_and_closing_go_by_case(chen, cadre, opened, monitoring):
    first, second, none = new_id(), new_id(), new_id()
    other = (await cadre.post("/households", json=household(valid_from="2024-01-01"))).json()
    await consented(cadre, other)
    await opened(chen, first, departments={"civil", "medical"})
    await opened(other, second, departments={"civil"})
    async with monitoring.unit(officer()) as unit:
        found = await outstanding(unit, [first, second, none])
        assert {case: [(one.department, one.state) for one in listed] for case, listed in found.items()} == {
            first: [("civil", "open"), ("medical", "open")],
            second: [("civil", "open")],
            none: [],
        }
        assert await close_requests(unit, [first], "农户放弃申请") == 2
        assert await close_requests(unit, [first], "农户放弃申请") == 0
        listed = (await requests_of(unit, [first]))[first]
    assert {(row.state, row.closed_reason, row.version) for row in listed} == {("closed", "农户放弃申请", 2)}


async def test_without_a_valid_authorisation_nobody_is_asked(cadre, opened, monitoring):
    bare = (await cadre.post("/households", json=household(valid_from="2024-01-01"))).json()
    with pytest.raises(StateRefused) as refused:
        await opened(bare, due_at=DUE - timedelta(days=30), departments={"stars"})
    assert [one.code for one in refused.value.faults] == ["authorisation_missing", "due_past", "department_not_asked"]
    await consented(cadre, bare, purposes=["publicity"])
    with pytest.raises(StateRefused):
        await opened(bare)


async def test_only_persons_whom_the_authorisation_covers_are_asked_about(cadre, opened, clerk, chen, wife):
    [given] = (await cadre.get(f"/households/{chen['id']}/consents")).json()["items"]
    await cadre.post(f"/consents/{given['id']}/withdraw", json={"reason": "更正"}, headers={"If-Match": '"1"'})
    await consented(cadre, chen, covers=[wife["id"]])
    await opened(chen)
    [row] = await _waiting(clerk())
    assert [one["person_id"] for one in (await _read(clerk(), row["id"]))["persons"]] == [wife["id"]]


async def test_who_holds_low_income_aid_was_compared_by_civil_affairs_and_is_not_compared_again(
    chen, head, opened, asks, monitoring
):
    aid = await county.record(
        monitoring, "civil.aid_change", head, chen["id"], date(2024, 2, 1), aid_kind="subsistence", aid_change="granted"
    )
    case = new_id()
    made = await opened(chen, case)
    assert {row.state for row in made} == {"already_compared"}
    async with monitoring.unit(officer()) as unit:
        assert await outstanding(unit, [case]) == {case: []}
    read = await _read(asks(), made[0].id)
    assert read["basis"] == {"record_id": str(aid), "aid_kind": "subsistence", "since": "2024-02-01"}
    assert read["items"] == []
    assert await opened(chen, case) == [], "said once"
    await county.record(
        monitoring, "civil.aid_change", head, chen["id"], date(2024, 5, 1), aid_kind="subsistence", aid_change="stopped"
    )
    assert {row.state for row in await opened(chen, case)} == {"open"}


async def test_an_area_sets_whom_it_asks_about_what_with_its_source(chen, opened, asks, monitoring):
    officers = asks(), asks()
    proposal = {
        "scope": str(COUNTY),
        "key": "comparisons.facts",
        "value": {"type": "list", "value": ["traffic.vehicles", "water.supply"]},
        "effective_from": "2024-06-03",
        "source": "县发〔2024〕7号",
    }
    made = await officers[0].post("/parameters", json=proposal)
    assert made.status_code == 201, made.text
    done = await officers[1].post(f"/parameters/{made.json()['id']}/approve", headers={"If-Match": '"1"'})
    assert done.status_code == 200, done.text
    assert {row.department for row in await opened(chen)} == {"traffic", "water"}


async def test_requests_follow_a_household_that_moved(chen, opened, asks, monitoring):
    await opened(chen, departments={"civil"})
    [row] = await _waiting(asks(Role.VILLAGE_CADRE, VILLAGE))
    async with monitoring.unit(officer()) as unit:
        await unit.connection.execute(text("UPDATE household SET region = 610999102201"))
        await everything_follows(unit, [UUID(chen["id"])])
    assert await _waiting(asks(Role.VILLAGE_CADRE, VILLAGE)) == []
    there = asks(Role.VILLAGE_CADRE, 610999102201)
    read = await _read(there, row["id"])
    assert (read["region"], read["version"], bool(read["items"])) == ("610999102201", 2, True)
    assert len((await there.get(f"/households/{chen['id']}/consents")).json()["items"]) == 1


async def test_a_clerk_fills_the_downloaded_sheet_and_sends_it_back(chen, cadre, wife, opened, clerk, asks, monitoring):
    other = (await cadre.post("/households", json=household(valid_from="2024-01-01"))).json()
    await consented(cadre, other)
    await county.record(monitoring, SELF_PAY, wife, chen["id"], date(2024, 5, 1), self_pay_fen=2_000_000)
    await opened(chen)
    await opened(other)
    medical = clerk()
    sent = await medical.get("/comparison-sheet", params={"form": "csv", "purpose": "家庭经济状况核对"})
    assert sent.status_code == 200, sent.text
    rows_ = list(csv.DictReader(io.StringIO(sent.content.decode("utf-8-sig"))))
    [told] = [row for row in rows_ if row["现有数据"]]
    assert (told["姓名"], told["身份证号"], told["字段名称"], told["现有数据"]) == (
        "李秀兰", "610999197608053028", "本年累计合规自付", "20000.00"
    )  # fmt: skip
    mine = {row["请求编号"] for row in rows_ if row["姓名"] in ("陈大山", "李秀兰")}
    for row in rows_:
        if row["请求编号"] in mine:
            row["结果"] = "无记录"
    told["结果"], told["实际值"], told["备注"] = "不符", "21000", "另有一次住院"
    done = await medical.post("/comparison-sheet", content=_csv(rows_))
    assert done.status_code == 200, done.text
    fates = done.json()
    assert (fates["applied"], fates["rejected"], fates["left_open"], fates["errors"]) == (1, 0, 1, [])
    seen = _of(await _read(asks(), fates["results"][0]["request_id"]), SELF_PAY, wife)
    assert (seen["result"], seen["values"][0]["value"], seen["note"]) == ("differs", "21000.00", "另有一次住院")
    again = (await medical.post("/comparison-sheet", content=_csv(rows_))).json()
    assert [one["problem"]["code"] for one in again["results"]] == ["version_stale"]
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        [entry] = await connection.execute(
            select(audit_entry).where(
                audit_entry.c.kind == "person", audit_entry.c.action == "comparison.download_sheet"
            )
        )
    assert (entry.reason, len(entry.read_ids)) == ("家庭经济状况核对", 3)


async def test_a_sheets_faults_name_row_and_column_and_refuse_their_request_alone(chen, opened, clerk):
    await opened(chen)
    medical = clerk()
    sent = await medical.get("/comparison-sheet", params={"form": "csv", "purpose": "核对"})
    rows_ = list(csv.DictReader(io.StringIO(sent.content.decode("utf-8-sig"))))
    for row in rows_:
        row["结果"] = "无记录"
    rows_[0]["结果"], rows_[1]["事项编号"] = "大概", "1"
    fates = (await medical.post("/comparison-sheet", content=_csv(rows_))).json()
    assert [(one["row"], one["column"], one["code"]) for one in fates["errors"]] == [
        (2, "result", "choice"),
        (3, "item_id", "id_unfit"),
    ]
    assert (fates["applied"], fates["rejected"]) == (0, 1)
    assert fates["results"][0]["problem"]["errors"][0]["code"] == "items_missing"
    book = await medical.get("/comparison-sheet", params={"purpose": "核对"})
    assert (book.status_code, book.content[:2]) == (200, b"PK")
    unfit = await medical.post("/comparison-sheet", content="甲,乙\n1,2\n".encode())
    assert unfit.status_code == 422
    assert (await medical.get("/comparison-sheet")).status_code == 422, "without a purpose"


def _csv(rows_):
    content = io.StringIO()
    writer = csv.DictWriter(content, rows_[0])
    writer.writeheader()
    writer.writerows(rows_)
    return content.getvalue().encode()
