"""A clerk confirms what is shown or says what differs, and meets only what is of the own department."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from chassis.audit.tables import audit_entry, audit_read
from chassis.changes.tables import change
from chassis.identifiers import new_id
from chassis.security.scope import Area, Role
from tests.personas import household
from tests.services.monitoring.comparisons.asking import (
    INSURANCE,
    SELF_PAY,
    answer_request,
    codes,
    item_of,
    read_request,
    waiting,
)
from tests.services.monitoring.comparisons.conftest import DUE
from tests.services.monitoring.screening import county_data as county
from tests.services.monitoring.signed import consented

OTHER_COUNTY = 610998000000


async def test_a_clerk_confirms_what_is_shown_or_says_what_differs_and_the_county_reads_it(
    chen, head, wife, opened, clerk, asks, monitoring
):
    await county.record(monitoring, SELF_PAY, wife, chen["id"], date(2024, 5, 1), self_pay_fen=2_000_000)
    await county.record(
        monitoring, INSURANCE, head, chen["id"], date(2024, 1, 5), insured_year=2024, insurance_status="insured"
    )
    await opened(chen)
    [row] = await waiting(clerk())
    read = await read_request(clerk(), row["id"])
    differs = {
        "item_id": item_of(read, SELF_PAY, wife)["id"],
        "result": "differs",
        "values": {"self_pay_fen": "21,000.50"},
        "note": "5月又住院一次",
    }
    unsure = await answer_request(clerk(), read, items=[differs])
    assert (unsure.status_code, codes(unsure)) == (422, ["items_missing"])
    done = await answer_request(clerk(), read, items=[differs], rest="as_known")
    assert (done.status_code, done.json()["state"], done.headers["ETag"]) == (200, "answered", '"2"'), done.text
    seen = await read_request(asks(), row["id"])
    told = item_of(seen, SELF_PAY, wife)
    assert (told["result"], told["values"][0]["value"], told["note"]) == ("differs", "21000.50", "5月又住院一次")
    assert item_of(seen, INSURANCE, head)["result"] == "confirmed"
    assert item_of(seen, INSURANCE, wife)["result"] == "nothing_known"
    late = await answer_request(clerk(), done.json(), rest="as_known")
    assert (late.status_code, codes(late)) == (409, ["not_open"])
    hidden = await read_request(asks(Role.AUDITOR), row["id"])
    assert all(one["hides_health"] and one["known"] is None and one["note"] is None for one in hidden["items"])
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        [entry] = await connection.execute(select(audit_entry).where(audit_entry.c.action == "comparison.answer"))
        fed = await connection.scalar(
            select(change.c.version).where(change.c.kind == "comparison_request", change.c.id == UUID(row["id"]))
        )
    assert (entry.role, fed) == ("department_clerk", 2)


async def test_every_fault_of_an_answer_is_named(chen, wife, opened, clerk):
    await opened(chen)
    [row] = await waiting(clerk())
    read = await read_request(clerk(), row["id"])
    pay, insured = item_of(read, SELF_PAY, wife)["id"], item_of(read, INSURANCE, wife)["id"]
    answer = await answer_request(
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
    empty = await answer_request(clerk(), read, rest="as_known", items=[{"item_id": pay, "result": "differs"}])
    assert codes(empty) == ["difference_missing"]


async def test_a_clerk_answers_many_in_one_call_and_each_has_a_fate_of_its_own(chen, cadre, opened, clerk):
    other = (await cadre.post("/households", json=household(valid_from="2024-01-01"))).json()
    await consented(cadre, other)
    await opened(chen)
    await opened(other, due_at=DUE - timedelta(days=1))
    mine = await waiting(clerk())
    assert [one["household_id"] for one in mine] == [other["id"], chen["id"]], "the earliest due first"
    [foreign] = await waiting(clerk("civil"), household_id=chen["id"])
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
    assert [one["id"] for one in await waiting(clerk())] == [mine[1]["id"]]


async def test_a_department_meets_nothing_of_another(chen, opened, clerk, asks):
    await opened(chen)
    [row] = await waiting(clerk("civil"))
    assert [one["department"] for one in await waiting(clerk())] == ["medical"]
    medical = clerk()
    assert (await medical.get("/comparison-requests", params={"department": "civil"})).status_code == 404
    assert (await medical.get(f"/comparison-requests/{row['id']}")).status_code == 404
    assert (await answer_request(medical, row, rest="as_known")).status_code == 404
    assert (await medical.post(f"/comparison-requests/{row['id']}/reveal", json={"purpose": "核对"})).status_code == 404
    elsewhere = asks(Role.DEPARTMENT_CLERK, OTHER_COUNTY, department="civil")
    assert await waiting(elsewhere) == []
    assert (await asks().post(f"/comparison-requests/{row['id']}/answer", json={})).status_code == 403


async def test_a_clerk_sees_whom_to_look_for_by_a_call_of_its_own_that_is_audited(
    chen, head, wife, opened, clerk, monitoring
):
    await opened(chen)
    [row] = await waiting(clerk())
    url = f"/comparison-requests/{row['id']}/reveal"
    shown = (await clerk().post(url, json={"purpose": "家庭经济状况核对"})).json()
    assert {(one["name"], one["identity_number"]) for one in shown["persons"]} == {
        ("陈大山", "610999197403123010"),
        ("李秀兰", "610999197608053028"),
    }
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        read = set((await connection.scalars(select(audit_read.c.entity_id))).all())
    assert read == {UUID(head["id"]), UUID(wife["id"])}
    await answer_request(clerk(), row, rest="as_known")
    assert codes(await clerk().post(url, json={"purpose": "再看"})) == ["not_open"]
