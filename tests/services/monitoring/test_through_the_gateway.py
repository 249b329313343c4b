"""What comes over a bad link arrives through the gateway: operations, and a file that broke off in the middle."""

from __future__ import annotations

import asyncio

import httpx
import orjson
import pytest
import uvicorn
from sqlalchemy import func, select

from chassis.database.metadata import rows
from chassis.http.application import create_app
from chassis.identifiers import new_id
from chassis.lifecycle import opened
from chassis.security.scope import Area, Role
from chassis.security.tokens import choose_assignment
from chassis.testing.eventually import eventually
from chassis.testing.programs import COUNTY, VILLAGE
from chassis.testing.sign_in import SignIns
from services.monitoring.app import SERVICE
from services.monitoring.households.tables import Household
from tests.gateway.running import gateway, running
from tests.personas import CHEN, household
from tests.services.monitoring.at_work import at_work

LINES = b"".join(orjson.dumps(household()) + b"\n" for _number in range(30))
PADDED = LINES + b"\n" * (3 << 20)
"""Larger than an ordinary request may be."""


@pytest.fixture
async def behind(monitoring):
    """``behind(role, region)``: a client of a gateway before monitoring, and the gateway's port."""
    sign_ins = SignIns()
    monitoring.verify, monitoring.choose = sign_ins.verify, choose_assignment
    config = uvicorn.Config(create_app(SERVICE, monitoring), host="127.0.0.1", port=0, log_config=None, lifespan="off")
    async with (
        opened(SERVICE, monitoring),
        running(config) as port,
        gateway({"monitoring": f"http://127.0.0.1:{port}"}) as before,
    ):
        clients = []

        def client(role=Role.COUNTY_OFFICER, region=COUNTY):
            headers = {"Authorization": f"Bearer {sign_ins.token(role, region)}"}
            base = f"http://127.0.0.1:{before.port}/v1/monitoring"
            clients.append(httpx.AsyncClient(base_url=base, headers=headers, timeout=30, trust_env=False))
            return clients[-1], before

        yield client
        for made in clients:
            await made.aclose()


async def test_operations_pass_and_pass_again_after_a_lost_answer(behind):
    cadre, before = behind(Role.VILLAGE_CADRE, VILLAGE)
    chen = (await cadre.post("/households", json=CHEN | {"valid_from": "2024-01-01"})).json()
    operation = {
        "op_id": str(new_id()),
        "kind": "household.patch",
        "entity_id": chen["id"],
        "base_version": 1,
        "recorded_at": "2024-06-03T07:30:00+08:00",
        "payload": {"address": "松坪村二组"},
    }
    body = orjson.dumps({"operations": [operation]})
    reader, writer = await before.connect()
    head = (
        f"POST /v1/monitoring/operations HTTP/1.1\r\nHost: x\r\nAuthorization: {cadre.headers['authorization']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    await asyncio.wait_for(reader.read(12), 10)  # it has been done; the phone reads no further
    writer.close()
    again = await cadre.post("/operations", content=body, headers={"Content-Type": "application/json"})
    [result] = again.json()["results"]
    assert (result["outcome"], result["first"], result["version"]) == ("duplicate", "applied", 2)
    assert (await cadre.get(f"/households/{chen['id']}")).json()["version"] == 2


async def test_a_file_that_broke_off_goes_on_and_is_imported(behind, monitoring):
    county, before = behind()
    begun = await county.post("/uploads", json={"size": len(PADDED), "purpose": "household_import"})
    assert begun.status_code == 201, begun.text
    path = f"/uploads/{begun.json()['id']}"
    _reader, writer = await before.connect()
    head = (
        f"PUT /v1/monitoring{path}?offset=0 HTTP/1.1\r\nHost: x\r\nAuthorization: {county.headers['authorization']}\r\n"
        f"Content-Type: application/octet-stream\r\nContent-Length: {len(PADDED)}\r\n\r\n"
    )
    writer.write(head.encode() + PADDED[: 1 << 20])
    await writer.drain()
    await asyncio.sleep(0)
    writer.transport.abort()  # the link is gone

    stands = 0

    async def is_known() -> bool:
        nonlocal stands
        answer = await county.get(path)
        stands = answer.json()["received"]
        return stands > 0

    await eventually(is_known)
    assert 0 < stands <= 1 << 20
    rest = await county.put(path, params={"offset": stands}, content=PADDED[stands:])
    assert (rest.status_code, rest.headers["upload-offset"]) == (200, str(len(PADDED))), rest.text
    file_id = (await county.post(f"{path}/complete")).json()["id"]
    asked = await county.post("/households/imports", params={"file_id": file_id})
    assert asked.status_code == 202, asked.text
    async with at_work(monitoring, SERVICE.jobs):

        async def is_over() -> bool:
            return (await county.get(f"/jobs/{asked.json()['job_id']}")).json()["state"] == "succeeded"

        await eventually(is_over, within_seconds=60)
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        assert await connection.scalar(select(func.count()).select_from(rows(Household))) == 30


async def test_a_departments_file_may_be_larger_than_an_ordinary_request(behind):
    county, _before = behind()
    heading = "身份证号,姓名,截至月份,本年累计合规自付\r\n".encode()
    sent = await county.post(
        "/datasets/medical.annual_self_pay/submissions",
        params={"region": str(COUNTY), "period": "2024-05"},
        content=heading + b",,,\r\n" * (400 << 10),
    )
    assert sent.status_code == 202, sent.text
