"""Each request is one line and one count under its route's template; metrics are for operators alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import MetaData, text

from chassis.database.engine import Database
from chassis.errors import Message
from chassis.http import problems
from chassis.http.application import create_app
from chassis.http.routers import service_router
from chassis.identifiers import new_id
from chassis.program import Program
from chassis.records import Aggregate
from chassis.security.scope import Area
from chassis.service import Service
from chassis.telemetry.metrics import RequestMetrics, metrics_of
from chassis.telemetry.routes import loopback_router
from chassis.testing import tally
from chassis.testing.programs import VILLAGE, officer
from gateway.errors import UnknownAddress
from tests.gateway.running import Recorder, gateway, service

NUMBER = "610999197103220011"
TRACE = "a" * 32

router = service_router("things")


@router.get("/things/{thing}", operation_id="thing_read", include_in_schema=False)
async def thing_read(thing: str) -> dict[str, str]:
    if thing == "broken":
        raise ValueError(NUMBER)
    return {"thing": thing}


@asynccontextmanager
async def client(program: Program) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Service("test", Message("测试", "Test"), MetaData(), Path(), [router]), program)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as made:
        yield made


def samples(exposition: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(exposition)
        for sample in family.samples
    }


def value(exposition: str, name: str, **labels: str) -> float | None:
    return samples(exposition).get((name, frozenset(labels.items())))


def requests(exposition: str, *, route: str, status: str, method: str = "GET") -> float | None:
    return value(exposition, "xianjie_request_seconds_count", method=method, route=route, status=status)


async def test_a_request_is_one_line_with_its_route_and_neither_path_nor_query(make_program, written):
    async with client(make_program()) as http:
        await http.get(f"/v1/test/things/{NUMBER}?x={NUMBER}", headers={"traceparent": f"00-{TRACE}-{'b' * 16}-01"})
        await http.get("/v1/test/things/one")
        await http.get(f"/{NUMBER}")
    lines = [line for line in written() if line["logger"] == "xianjie.access"]
    told = [(line["method"], line["route"], line["status"]) for line in lines]
    assert told == [
        ("GET", "/v1/test/things/{thing}", 422),
        ("GET", "/v1/test/things/{thing}", 200),
        ("GET", "(unmatched)", 404),
    ]
    assert NUMBER not in str(lines)
    assert lines[0]["trace_id"] == TRACE
    assert all(line["program"] == "test" and line["level"] == "info" and line["duration_ms"] > 0 for line in lines)


async def test_a_failure_is_logged_without_what_it_says(make_program, written):
    async with client(make_program()) as http:
        answer = await http.get("/v1/test/things/broken")
    lines = written()
    assert answer.status_code == 500
    assert NUMBER not in str(lines)
    assert [line["status"] for line in lines if line["event"] == "request"] == [500]


async def test_clients_cannot_multiply_the_labels(make_program):
    async with client(make_program()) as http:
        for number in range(20):
            await http.get(f"/v1/test/things/{number}")
            await http.get(f"/nowhere/{number}")
            await http.request(f"PROPFIND{number}", "/nowhere")
        shown = (await http.get("/metrics")).text
    counts = {labels: count for (name, labels), count in samples(shown).items() if name.endswith("seconds_count")}
    assert {frozenset(dict(labels).values()): count for labels, count in counts.items()} == {
        frozenset({"GET", "/v1/test/things/{thing}", "2xx"}): 20,
        frozenset({"GET", "(unmatched)", "4xx"}): 20,
        frozenset({"(other)", "(unmatched)", "4xx"}): 20,
    }
    assert value(shown, "xianjie_requests_in_flight") == 1  # the scrape itself


async def test_two_programs_of_one_process_count_apart(make_program):
    one, other = make_program("one"), make_program("other")
    async with client(one) as http, client(other) as elsewhere:
        await http.get("/v1/test/things/x")
        route = "/v1/test/things/{thing}"
        assert requests((await http.get("/metrics")).text, route=route, status="2xx") == 1
        assert requests((await elsewhere.get("/metrics")).text, route=route, status="2xx") is None


async def test_what_waits_is_read_from_the_database(make_program):
    program = make_program("tally", tally.tables)
    async with program.unit(officer(region=VILLAGE)) as unit:
        await tally.count(unit, new_id())
        unit.record("counter.look", Aggregate("counter", new_id(), VILLAGE, 0))
    async with program.database.transaction(Area.everywhere()) as connection:
        await connection.execute(text("UPDATE outbox SET time = time - interval '1 hour'"))
        await connection.execute(
            text(
                "INSERT INTO parked (consumer, event_id, type, source, subject, aggregate_version, region, time, data,"
                " state, next_try_at, reason) VALUES ('tally', gen_random_uuid(), 't', 's', gen_random_uuid(), 1, 0,"
                " now(), '{}', 'dead', now(), 'r')"
            )
        )
        await connection.execute(
            text(
                "INSERT INTO job (id, kind, region, requested_by, assignment, parameters)"
                " VALUES (gen_random_uuid(), 'k', 0, 's', gen_random_uuid(), '{}')"
            )
        )
    shown = (await metrics_of(program).exposition()).decode()
    assert value(shown, "xianjie_database_up") == 1
    assert value(shown, "xianjie_events_pending", service="tally") == 2
    assert 3600 <= value(shown, "xianjie_events_pending_seconds", service="tally") < 3700
    assert value(shown, "xianjie_audit_unsealed") == 3
    assert 0 < value(shown, "xianjie_audit_unsealed_seconds") < 60
    assert value(shown, "xianjie_events_aside", consumer="tally", state="dead") == 1
    assert value(shown, "xianjie_jobs", state="queued") == 1
    assert value(shown, "xianjie_jobs", state="failed") == 0


async def test_sealed_entries_no_longer_wait(make_program):
    program = make_program("tally", tally.tables)
    async with program.unit(officer(region=VILLAGE)) as unit:
        for _ in range(2):
            await tally.count(unit, new_id())
    async with program.database.transaction(Area.everywhere()) as connection:
        await connection.execute(
            text(
                "INSERT INTO audit_seal (sequence, entry_id, epoch, xid, form, mac, key_id)"
                " SELECT id, id, epoch, xid, 1, '', 'k' FROM audit_entry ORDER BY id LIMIT 3"
            )
        )
    assert value((await metrics_of(program).exposition()).decode(), "xianjie_audit_unsealed") == 1


async def test_connections_in_use_are_shown(make_program):
    program = make_program()
    async with program.unit(officer()):
        shown = (await metrics_of(program).exposition()).decode()
    assert value(shown, "xianjie_database_connections", state="in_use") == 1
    assert value(shown, "xianjie_database_connections", state="max") == 8


async def test_units_that_the_database_asks_to_run_again_are_counted(make_program):
    program = make_program()
    metrics_of(program)
    with pytest.raises(Exception, match="40001"):
        async with program.unit(officer()) as unit:
            await unit.connection.execute(text("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$"))
    shown = (await metrics_of(program).exposition()).decode()
    assert value(shown, "xianjie_unit_retries_total", sqlstate="40001") == 1
    assert value(shown, "xianjie_unit_retries_total", sqlstate="40P01") == 0


async def test_metrics_are_there_while_the_database_is_away(make_program):
    program = make_program()
    await program.database.close()
    program.database = Database("postgresql://app@127.0.0.1:1/nothing", pool_size=2)
    async with client(program) as http:
        answer = await http.get("/metrics")
    assert answer.status_code == 200
    assert value(answer.text, "xianjie_database_up") == 0
    assert value(answer.text, "xianjie_audit_unsealed") is None


async def test_the_gateway_counts_what_it_passes_on_by_service():
    stub = Recorder()
    async with service(stub) as address, gateway({"monitoring": address}) as running:
        await running.client.get("/v1/monitoring/households/1?q=2")
        await running.client.get("/v1/monitoring/people/2")
        await running.client.get("/nowhere")
        answer = await running.client.get("/metrics")
    assert answer.status_code == 200
    assert requests(answer.text, route="/v1/monitoring/*", status="2xx") == 2
    assert requests(answer.text, route="(unmatched)", status="4xx") == 1


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}, 404),
        ("127.0.0.1", {"Forwarded": "for=203.0.113.7"}, 404),
        ("203.0.113.7", {}, 404),
        ("10.0.0.1", {}, 404),
        ("", {}, 404),
    ],
)
async def test_a_public_port_shows_metrics_to_its_own_machine_alone(peer, headers, status):
    app, registry = FastAPI(), CollectorRegistry()
    RequestMetrics(registry)
    app.include_router(loopback_router(registry, otherwise=UnknownAddress))
    problems.install(app)
    transport = httpx.ASGITransport(app, client=(peer, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        answer = await http.get("/metrics", headers=headers)
    assert answer.status_code == status
    assert ("xianjie_requests_in_flight" in answer.text) == (status == 200)


async def test_no_way_leads_through_the_gateway_to_the_metrics_of_a_service(make_program):
    app = create_app(Service("test", Message("测试", "Test"), MetaData(), Path(), [router]), make_program())
    async with service(app) as address, gateway({"monitoring": address}) as running:
        for path in ("/v1/monitoring/metrics", "/v1/monitoring/../../metrics", "/v1/monitoring/%2e%2e/%2e%2e/metrics"):
            answer = await running.raw(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            assert b"xianjie_" not in answer
            assert answer.split()[1] in (b"400", b"404")
