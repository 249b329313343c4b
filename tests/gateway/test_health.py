"""The gateway is ready whatever the services are; its status tells of all of them."""

from __future__ import annotations

import asyncio

from chassis.ports import free_port
from tests.gateway.running import Recorder, gateway, service


async def test_the_gateway_stays_ready_when_a_service_is_down():
    async with gateway({"monitoring": f"http://127.0.0.1:{free_port()}"}) as running:
        live = await running.client.get("/health/live")
        ready = await running.client.get("/health/ready")
        status = await running.client.get("/health/status")
    assert (live.status_code, live.json()) == (200, {"status": "live"})
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})
    assert status.status_code == 503


async def test_status_is_200_only_when_all_programs_are_ready():
    good = Recorder(body=b'{"ready":true,"business_date":"2024-06-13"}')
    other = Recorder(body=b'{"ready":true}')
    async with (
        service(good) as one,
        service(other) as two,
        gateway({"monitoring": one, "funds": two}) as running,
    ):
        ready = await running.client.get("/health/status")
        other.status, other.body = 503, b'{"ready":false,"parts":{"database":{"ready":false}}}'
        waiting = await running.client.get("/health/status")
    assert ready.status_code == 200
    assert ready.json()["ready"] is True
    assert ready.json()["programs"]["monitoring"]["answer"] == {"ready": True, "business_date": "2024-06-13"}
    assert set(ready.json()["programs"]) == {"gateway", "monitoring", "funds"}
    assert waiting.status_code == 503
    programs = waiting.json()["programs"]
    assert [programs[name]["ready"] for name in ("gateway", "monitoring", "funds")] == [True, True, False]
    assert programs["funds"]["answer"]["parts"] == {"database": {"ready": False}}
    assert good.requests[0]["path"] == "/health/status"


async def test_status_asks_the_workers_too_and_no_request_reaches_them():
    api, worker = Recorder(body=b'{"ready":true}'), Recorder(body=b'{"ready":false}')
    worker.status = 503
    async with (
        service(api) as one,
        service(worker) as two,
        gateway({"monitoring": one}, workers={"monitoring": two}) as running,
    ):
        status = await running.client.get("/health/status")
        document = await running.client.get("/v1/monitoring-worker/health/status")
    assert status.status_code == 503
    programs = status.json()["programs"]
    assert {name: program["ready"] for name, program in programs.items()} == {
        "gateway": True, "monitoring": True, "monitoring-worker": False,
    }  # fmt: skip
    assert document.status_code == 404
    assert [request["path"] for request in worker.requests] == ["/health/status"]


async def test_age_is_the_time_since_a_program_was_last_seen_ready():
    port, stub = free_port(), Recorder(body=b'{"ready":true}')
    async with gateway({"monitoring": f"http://127.0.0.1:{port}"}, breaker_failures=1) as running:
        never = (await running.client.get("/health/status")).json()["programs"]["monitoring"]
        async with service(stub, port=port):
            now = (await running.client.get("/health/status")).json()["programs"]["monitoring"]
        await asyncio.sleep(0.3)
        before = (await running.client.get("/health/status")).json()["programs"]["monitoring"]
    assert (never["ready"], never["age_seconds"], never["reason"], never["breaker"]) == (
        False, None, "unavailable", "open",
    )  # fmt: skip
    assert (now["ready"], now["age_seconds"], now["reason"], now["breaker"]) == (True, 0.0, None, "closed")
    assert before["ready"] is False
    assert before["age_seconds"] >= 0.3


async def test_services_are_asked_at_once_and_a_silent_one_is_not_waited_for():
    all_are_asked = asyncio.Barrier(3)

    async def silent(scope, receive, send):
        await all_are_asked.wait()
        await asyncio.sleep(60)

    async def slow(scope, receive, send):
        await all_are_asked.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    async with (
        service(silent) as one,
        service(slow) as two,
        service(slow) as three,
        gateway({"monitoring": one, "funds": two, "assets": three}, status_seconds_max=1) as running,
    ):
        programs = (await running.client.get("/health/status")).json()["programs"]  # its patience is shorter than 60 s
    assert [programs[name]["ready"] for name in ("monitoring", "funds", "assets")] == [False, True, True]
    assert programs["monitoring"]["reason"] == "upstream_timed_out"


async def test_asking_often_costs_the_services_one_question():
    stub = Recorder(body=b'{"ready":true}')
    async with service(stub) as address, gateway({"monitoring": address}, status_fresh_seconds=60) as running:
        answers = await asyncio.gather(*(running.client.get("/health/status") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(stub.requests) == 1


async def test_an_answer_that_is_no_json_is_told_as_such():
    async with service(Recorder(body=b"<html>")) as address, gateway({"monitoring": address}) as running:
        status = await running.client.get("/health/status")
    assert status.status_code == 503
    assert status.json()["programs"]["monitoring"]["reason"] == "no_json"
