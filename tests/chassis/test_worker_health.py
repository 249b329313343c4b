"""A worker tells how it is and its metrics, and is ready only while it works."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
from sqlalchemy import MetaData

from chassis.bus.in_process import InProcessBus
from chassis.errors import Message
from chassis.identifiers import new_id
from chassis.records import Aggregate
from chassis.service import Service
from chassis.testing.eventually import eventually
from chassis.testing.programs import VILLAGE, officer
from chassis.worker import Worker
from chassis.worker_health import telling

SERVICE = Service("test", Message("测试", "Test"), MetaData(), Path())


async def test_a_worker_is_ready_while_it_works_and_shows_its_parts(make_program, tmp_path):
    program = make_program()
    worker, stop = Worker(SERVICE, program, InProcessBus(())), asyncio.Event()
    socket = tmp_path / "worker.sock"
    transport = httpx.AsyncHTTPTransport(uds=str(socket))
    async with (
        telling(program, uds=str(socket)),
        httpx.AsyncClient(transport=transport, base_url="http://worker") as client,
    ):

        async def ready() -> bool:
            return (await client.get("/health/ready")).status_code == 200

        assert (await client.get("/health/live")).json() == {"status": "live"}
        assert not await ready(), "nothing works yet"
        working = asyncio.create_task(worker.run(stop))
        await eventually(ready, within_seconds=20)
        async with program.unit(officer()) as unit:
            unit.record("thing.changed", Aggregate("thing", new_id(), VILLAGE, 1))
        status = (await client.get("/health/status")).json()
        assert set(status["parts"]) == {"database", "relay", "sealer", "worker"}
        assert all(part["ready"] for part in status["parts"].values())
        shown = await client.get("/metrics")
        assert shown.headers["content-type"].startswith("text/plain")
        assert "xianjie_database_up 1.0" in shown.text
        assert "xianjie_audit_unsealed" in shown.text
        assert (await client.get("/v1/test/jobs")).status_code == 404
        stop.set()
        await working
        assert not await ready()


async def test_a_worker_may_tell_on_a_port_of_loopback_instead(make_program):
    program = make_program()
    async with telling(program, host="127.0.0.1", port=0) as server:
        port = server.servers[0].sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            assert (await client.get("/health/live")).status_code == 200
            assert (await client.get("/health/docs")).status_code == 404
