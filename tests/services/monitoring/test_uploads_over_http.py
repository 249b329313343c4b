"""A file that came in parts starts what a file in one request starts, for who uploaded it and for nothing else."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
from sqlalchemy import func, select, update

from chassis.database.metadata import rows
from chassis.files.tables import file_hold, stored_file
from chassis.jobs.tables import job
from chassis.security.scope import Area, Role
from chassis.testing.eventually import eventually
from chassis.testing.programs import COUNTY
from services.monitoring.app import SERVICE
from services.monitoring.households.tables import Household
from tests.personas import household
from tests.services.monitoring.at_work import at_work
from tests.services.monitoring.datasets.department_files import SELF_PAY, csv

CHEN_ROW = ["610999197403123010", "陈大山", "2024-05", "18000.00"]
LINES = b"".join(orjson.dumps(household()) + b"\n" for _number in range(40))
SUBMISSION = "/datasets/medical.annual_self_pay/submissions"
PERIOD = {"region": str(COUNTY), "period": "2024-05"}
NATIONAL = "户编号,姓名\r\n".encode()
VILLAGES = "code,name,valid_from\n610999101205,竹坪村,2024-01-01\n".encode()


async def uploaded(client, content, purpose="household_import", parts=3, **body):
    """Send it in parts; the finished file's id."""
    begun = await client.post("/uploads", json={"size": len(content), "purpose": purpose, **body})
    assert begun.status_code == 201, begun.text
    url, size = f"/uploads/{begun.json()['id']}", -(-len(content) // parts)
    for offset in range(0, len(content), size):
        sent = await client.put(url, params={"offset": offset}, content=content[offset : offset + size])
        assert sent.status_code == 200, sent.text
    done = await client.post(f"{url}/complete")
    assert done.status_code == 200, done.text
    return done.json()["id"]


async def ended(client, job_id):
    async def is_over():
        return (await client.get(f"/jobs/{job_id}")).json()["state"] in ("succeeded", "failed")

    await eventually(is_over, within_seconds=60)
    return (await client.get(f"/jobs/{job_id}")).json()


async def counted(program, table):
    async with program.database.transaction(Area.everywhere()) as connection:
        return await connection.scalar(select(func.count()).select_from(table))


async def test_a_file_in_parts_is_checked_and_then_imported(asks, monitoring):
    county = asks()
    file_id = await uploaded(county, LINES)
    async with at_work(monitoring, SERVICE.jobs):
        for mode, there in (("validate", 0), ("commit", 40)):
            asked = await county.post("/households/imports", params={"file_id": file_id, "mode": mode})
            assert asked.status_code == 202, asked.text
            over = await ended(county, asked.json()["job_id"])
            assert (over["state"], over["result"]["created"]) == ("succeeded", 40), over
            assert await counted(monitoring, rows(Household)) == there


async def test_a_broken_upload_goes_on_where_it_stands_and_finishing_twice_gives_one_file(asks):
    county = asks()
    begun = (await county.post("/uploads", json={"size": len(LINES), "purpose": "household_import"})).json()
    url = f"/uploads/{begun['id']}"
    await county.put(url, params={"offset": 0}, content=LINES[:1000])
    early = await county.post(f"{url}/complete")
    assert (early.status_code, early.json()["code"], early.json()["received"]) == (409, "upload_incomplete", 1000)
    stands = await county.get(url)
    assert (stands.json()["received"], stands.headers["upload-offset"]) == (1000, "1000")
    again = await county.put(url, params={"offset": 0}, content=LINES[:1000])
    assert (again.status_code, again.json()["received"]) == (409, 1000), "its answer was lost, not its part"
    long = await county.put(url, params={"offset": 1000}, content=LINES)
    assert (long.status_code, long.json()["code"]) == (409, "part_too_long")
    assert (await county.put(url, params={"offset": 1000}, content=LINES[1000:])).status_code == 200
    first, second = [(await county.post(f"{url}/complete")).json() for _ in range(2)]
    assert first == second
    assert (await county.get(url)).json()["file_id"] == first["id"]


async def test_a_departments_file_in_parts_becomes_a_batch_once(asks, monitoring):
    clerk = asks(Role.DEPARTMENT_CLERK, department="medical")
    content = csv(SELF_PAY, CHEN_ROW)
    file_id = await uploaded(clerk, content, "dataset")
    first = await clerk.post(SUBMISSION, params={**PERIOD, "file_id": file_id})
    assert first.status_code == 202, first.text
    again = await clerk.post(SUBMISSION, params={**PERIOD, "file_id": file_id})
    in_one = await clerk.post(SUBMISSION, params=PERIOD, content=content)
    for repeated in (again, in_one):
        assert (repeated.status_code, repeated.json()["submission"]["id"]) == (200, first.json()["submission"]["id"])
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        held = (await connection.scalars(select(file_hold.c.file_id))).all()
    assert [str(one) for one in held] == [file_id]


async def test_an_idempotency_key_is_bound_to_the_files_content(asks):
    clerk = asks(Role.DEPARTMENT_CLERK, department="medical")
    one, same = [await uploaded(clerk, csv(SELF_PAY, CHEN_ROW), "dataset") for _ in range(2)]
    other = await uploaded(clerk, csv(SELF_PAY, CHEN_ROW, CHEN_ROW), "dataset")
    headers = {"Idempotency-Key": "phone-0001"}
    answers = [
        await clerk.post(SUBMISSION, params={**PERIOD, "file_id": file_id}, headers=headers)
        for file_id in (one, same, other)
    ]
    assert [answer.status_code for answer in answers] == [202, 202, 422]
    assert answers[1].headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("other", [{"period": "2024-04"}, {"mode": "validate"}])
async def test_a_key_does_not_answer_for_the_same_file_with_another_query(asks, other):
    clerk = asks(Role.DEPARTMENT_CLERK, department="medical")
    file_id = await uploaded(clerk, csv(SELF_PAY, CHEN_ROW), "dataset")
    headers = {"Idempotency-Key": "phone-0002"}
    first, changed, again = [
        await clerk.post(SUBMISSION, params={**PERIOD, "file_id": file_id} | query, headers=headers)
        for query in ({}, other, {})
    ]
    assert (first.status_code, changed.status_code) == (202, 422)
    assert changed.json()["code"] == "idempotency_key_reused"
    assert again.headers["idempotent-replayed"] == "true"


async def test_an_export_and_divisions_start_from_files_in_parts(asks):
    county = asks()
    export = await uploaded(county, NATIONAL + "1,甲\r\n".encode(), "national_export")
    for path in ("/national-exports", "/national-exports/imports"):
        asked = await county.post(path, params={"file_id": export, "region": str(COUNTY)})
        assert asked.status_code == 202, asked.text
    province = asks(Role.PROVINCE_OFFICER, 610000000000)
    for client in (county, province):
        recorded = await client.post("/regions/import", params={"file_id": await uploaded(client, VILLAGES, "regions")})
        assert recorded.status_code == 200, recorded.text
        assert recorded.json()["total"] == 1


async def test_another_persons_file_and_a_file_past_its_days_are_not_there(asks, monitoring):
    county = asks()
    file_id = await uploaded(county, LINES)
    stranger = await asks().post("/households/imports", params={"file_id": file_id})
    assert (stranger.status_code, stranger.json()["code"]) == (404, "uploaded_file_missing")
    yesterday = monitoring.clock.today() - timedelta(days=1)
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        await connection.execute(update(stored_file).values(keep_until=yesterday))
    expired = await county.post("/households/imports", params={"file_id": file_id})
    assert (expired.status_code, expired.json()["code"]) == (404, "uploaded_file_missing")
    assert "重新上传" in expired.json()["detail"]
    assert await counted(monitoring, job) == 0


async def test_a_file_starts_only_what_it_was_uploaded_for_and_where(asks, monitoring):
    county = asks()
    content = csv(SELF_PAY, CHEN_ROW)
    other_use = await uploaded(county, content, "dataset")
    refused = await county.post("/households/imports", params={"file_id": other_use})
    assert [fault["code"] for fault in refused.json()["errors"]] == ["other_purpose"]
    city = asks(Role.DEPARTMENT_CLERK, 610900000000, department="medical")
    of_city = await uploaded(city, content, "dataset")
    refused = await city.post(SUBMISSION, params={**PERIOD, "file_id": of_city})
    assert [fault["code"] for fault in refused.json()["errors"]] == ["other_region"]
    of_county = await uploaded(city, content, "dataset", region=str(COUNTY))
    assert (await city.post(SUBMISSION, params={**PERIOD, "file_id": of_county})).status_code == 202
    assert await counted(monitoring, job) == 1


async def test_a_file_is_kept_from_the_day_on_which_it_starts_something(asks, monitoring):
    county = asks()
    file_id = await uploaded(county, LINES)
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        until = await connection.scalar(select(stored_file.c.keep_until))
        await connection.execute(update(stored_file).values(keep_until=monitoring.clock.today()))
    assert (await county.post("/households/imports", params={"file_id": file_id})).status_code == 202
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        assert await connection.scalar(select(stored_file.c.keep_until)) == until


async def test_a_body_beside_a_file_id_and_an_unknown_file_are_refused(asks):
    county = asks()
    file_id = await uploaded(county, LINES)
    both = await county.post("/households/imports", params={"file_id": file_id}, content=LINES)
    assert (both.status_code, both.json()["errors"][0]["code"]) == (422, "body_too")
    unknown = "0190b7c2-0000-7000-8000-000000000009"
    assert (await county.post("/households/imports", params={"file_id": unknown})).status_code == 404
    assert (await county.post("/households/imports", params={"file_id": "x"})).status_code == 422


@pytest.mark.parametrize(
    ("role", "purpose", "status"),
    [
        (Role.DEPARTMENT_CLERK, "dataset", 201),
        (Role.DEPARTMENT_CLERK, "household_import", 403),
        (Role.DEPARTMENT_CLERK, "regions", 403),
        (Role.COUNTY_OFFICER, "national_export", 201),
        (Role.TOWN_OFFICER, "household_import", 403),
    ],
)
async def test_who_may_start_a_thing_may_upload_for_it(asks, role, purpose, status):
    department = "medical" if role is Role.DEPARTMENT_CLERK else None
    answer = await asks(role, COUNTY, department=department).post("/uploads", json={"size": 9, "purpose": purpose})
    assert answer.status_code == status, answer.text
