"""One AsyncAPI document of the platform at the gateway, kept while a service is down."""

from __future__ import annotations

import json

from chassis.events.asyncapi import asyncapi, join
from chassis.http.application import create_app
from chassis.ports import free_port
from chassis.start import make_idle_program
from chassis.testing.tally import Counted
from services.monitoring.app import SERVICE
from tests.contracts.asyncapi.official import faults
from tests.gateway.running import Recorder, gateway, service


async def test_the_gateway_joins_what_running_services_say_of_their_events():
    monitoring = create_app(SERVICE, make_idle_program("monitoring"))
    tally = Recorder(body=json.dumps(asyncapi([Counted])).encode())
    async with (
        service(monitoring) as one,
        service(tally) as other,
        gateway({"monitoring": one, "tally": other}) as running,
    ):
        answer = await running.client.get("/asyncapi.json")
        again = await running.client.get("/asyncapi.json", headers={"If-None-Match": answer.headers["etag"]})
    document = answer.json()
    assert again.status_code == 304
    assert document.pop("x-services") == {"monitoring": {"state": "current"}, "tally": {"state": "current"}}
    assert document == join({"monitoring": asyncapi(SERVICE.events), "tally": asyncapi([Counted])})
    assert faults(document) == []


async def test_a_service_that_is_down_is_named_and_its_last_good_part_stays():
    port = free_port()
    tally = Recorder(body=json.dumps(asyncapi([Counted])).encode())
    async with gateway({"tally": f"http://127.0.0.1:{port}"}) as running:
        before = (await running.client.get("/asyncapi.json")).json()
        async with service(tally, port=port):
            there = (await running.client.get("/asyncapi.json")).json()
        after = (await running.client.get("/asyncapi.json")).json()
    assert before["x-services"] == {"tally": {"state": "missing"}}
    assert before["channels"] == {}
    assert list(there["channels"]) == list(after["channels"]) == ["tally.counter"]
    assert after["x-services"] == {"tally": {"state": "last_good"}}


async def test_what_is_no_such_document_is_not_taken():
    old = Recorder(body=b'{"asyncapi":"2.6.0","channels":{}}')
    async with service(old) as address, gateway({"funds": address}) as running:
        document = (await running.client.get("/asyncapi.json")).json()
    assert document["x-services"] == {"funds": {"state": "missing"}}
