"""What is nobody's is told so; the gateway's command line says what is wrong with its settings."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from gateway.__main__ import commands
from gateway.settings import Address, GatewaySettings
from tests.gateway.running import Recorder, gateway, service


@pytest.mark.parametrize(
    "path", ["/v1/nothing/x", "/v1/", "/v1", "/nothing", "/v1/Monitoring/x", "/v1/%6donitoring/x", "/v1/monitoringx",
             "/v2/monitoring/x", "/health/status/x", "/docs/"],
)  # fmt: skip
async def test_an_address_that_is_nobodys_is_a_problem(path):
    stub = Recorder()
    async with service(stub) as address, gateway({"monitoring": address}) as running:
        answer = await running.client.get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "unknown_address"
    assert "/docs" in answer.json()["detail"]
    assert answer.json()["trace_id"] == answer.headers["traceresponse"].split("-")[1]
    assert stub.requests == []


async def test_a_method_that_an_own_address_does_not_know_is_a_problem():
    async with service(Recorder()) as address, gateway({"monitoring": address}) as running:
        answer = await running.client.delete("/v1/problems")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


async def test_a_request_to_upgrade_is_served_as_a_plain_one():
    stub = Recorder()
    async with service(stub) as address, gateway({"monitoring": address}) as running:
        reader, writer = await running.connect()
        writer.write(
            b"GET /v1/monitoring/x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        answer = await reader.readuntil(b"\r\n\r\n")
        writer.close()
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"upgrade" not in stub.sent


@pytest.mark.parametrize(
    "upstreams",
    [
        {"monitoring": "127.0.0.1:8001"},
        {"monitoring": "ftp://a"},
        {"monitoring": "http://a/path"},
        {"monitoring": "http://u:p@a"},
        {"monitoring": "http://a:99999"},
        {"monitoring": "unix:relative.sock"},
        {"Monitoring": "http://a"},
        {"a/b": "http://a"},
        {"problems": "http://a"},
        {"sync": "http://a"},
    ],
)
def test_an_upstream_that_cannot_be_is_refused_at_the_start(upstreams):
    with pytest.raises(ValidationError):
        GatewaySettings(upstreams=upstreams)


def test_addresses_are_read_with_their_socket():
    settings = GatewaySettings(upstreams={"a": "unix:/run/a.sock", "b": "http://h:1", "c": "https://h/"})
    assert settings.addresses == {
        "a": Address("http://localhost", "/run/a.sock"),
        "b": Address("http://h:1"),
        "c": Address("https://h"),
    }


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("XIANJIE_UPSTREAMS", '{"funds": "http://127.0.0.1:8004"}')
    monkeypatch.setenv("XIANJIE_TRUSTED_PROXIES", '["10.0.0.0/8"]')
    monkeypatch.setenv("XIANJIE_BODY_BYTES_MAX", "5")
    settings = GatewaySettings()
    assert dict(settings.upstreams) == {"funds": "http://127.0.0.1:8004"}
    assert [str(network) for network in settings.trusted_proxies] == ["10.0.0.0/8"]
    assert settings.body_bytes_max == 5


def test_the_command_line_names_the_setting_that_is_wrong(monkeypatch, logging_put_back):
    monkeypatch.delenv("XIANJIE_UPSTREAMS", raising=False)
    missing = CliRunner().invoke(commands, ["api"])
    monkeypatch.setenv("XIANJIE_UPSTREAMS", '{"funds": "nowhere"}')
    wrong = CliRunner().invoke(commands, ["api"])
    assert (missing.exit_code, wrong.exit_code) == (1, 1)
    assert "XIANJIE_UPSTREAMS: Field required" in missing.output
    assert "http://host:port" in wrong.output
