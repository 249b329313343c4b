"""`write`: a cadre's report as served, beside a bare handler that makes two INSERTs; both up at once, in turn."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable, Iterator

import httpx
import psycopg

from chassis.identifiers import new_id
from chassis.ports import free_port
from chassis.security.scope import Role
from chassis.testing.programs import VILLAGE
from tests.benchmarks.load import Slice, run_slice
from tests.benchmarks.report import Measured, median, percentile
from tests.benchmarks.stage import Stage, http_request, serving, stage
from tests.personas import household

SLICES = 7
SLICE_SECONDS = 2.5
CONNECTIONS = 32
HOUSEHOLDS = 300


def run() -> Iterator[Measured]:
    """Throughput and p99 of ours against the bare handler, medians over alternating slices."""
    with stage() as here:
        _bare_tables(here)
        ours_port, bare_port = free_port(), free_port()
        bare = ["-m", "uvicorn", "tests.benchmarks.bare:app", "--port", str(bare_port), "--log-level", "warning"]
        environment = {**here.environment, "BARE_DATABASE_URL": here.postgres.superuser_url("bare")}
        ours = ["-m", "services.monitoring", "api", "--port", str(ours_port)]
        with serving(ours, here.environment, ours_port), serving(bare, environment, bare_port):
            token = here.token(Role.COUNTY_OFFICER, 610999000000)
            households = _register(ours_port, token)
            mine, theirs = _in_turn(ours_port, _reports(token, households), bare_port, _bare_reports(households))
    rate, bare_rate = ([one.per_second for one in slices] for slices in (mine, theirs))
    p99, bare_p99 = ([percentile(one.latencies, 0.99) * 1000 for one in slices] for slices in (mine, theirs))
    yield Measured("write", median(rate), median(bare_rate), "requests/s", 0.6, "higher")
    yield Measured("write.p99", median(p99), median(bare_p99), "ms", 1.5, "lower")


def _bare_tables(here: Stage) -> None:
    with psycopg.connect(here.postgres.superuser_url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE bare")
    with psycopg.connect(here.postgres.superuser_url("bare"), autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE bare_report (id uuid PRIMARY KEY, household uuid NOT NULL, note text NOT NULL)"
        )
        connection.execute("CREATE TABLE bare_log (id bigserial PRIMARY KEY, report uuid NOT NULL, note text NOT NULL)")


def _register(port: int, token: str) -> list[str]:
    with httpx.Client(
        base_url=f"http://127.0.0.1:{port}/v1/monitoring", headers={"Authorization": f"Bearer {token}"}
    ) as client:
        made = [client.post("/households", json=household(region=str(VILLAGE))) for _ in range(HOUSEHOLDS)]
    return [answer.raise_for_status().json()["id"] for answer in made]


def _reports(token: str, households: list[str]) -> Callable[[], Iterator[bytes]]:
    """Each connection goes round the households from a place of its own: reports on one household wait for each other,
    as they must, and thirty-two cadres do not walk from door to door in step."""
    places = itertools.count(step=len(households) // CONNECTIONS)

    def requests() -> Iterator[bytes]:
        for turn in itertools.count(next(places)):
            body = {
                "household_id": households[turn % len(households)],
                "risk": "01",
                "description": "入户发现家中有人住院，自付费用较高，需要核实",
            }
            headers = {
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "Idempotency-Key": str(new_id()),
            }
            yield http_request("POST", "/v1/monitoring/reports", headers, json.dumps(body).encode())

    return requests


def _bare_reports(households: list[str]) -> Callable[[], Iterator[bytes]]:
    def requests() -> Iterator[bytes]:
        for turn in itertools.count():
            body = {
                "id": str(new_id()),
                "household_id": households[turn % len(households)],
                "description": "入户发现家中有人住院，自付费用较高，需要核实",
            }
            yield http_request("POST", "/reports", {"Content-Type": "application/json"}, json.dumps(body).encode())

    return requests


def _in_turn(
    port: int, ours: Callable[[], Iterator[bytes]], bare_port: int, bare: Callable[[], Iterator[bytes]]
) -> tuple[list[Slice], list[Slice]]:
    mine: list[Slice] = []
    theirs: list[Slice] = []
    for turn in range(SLICES + 1):  # the first pair warms up
        for target, requests, slices in ((port, ours, mine), (bare_port, bare, theirs)):
            seen = run_slice(target, requests, seconds=SLICE_SECONDS, connections=CONNECTIONS)
            wrong = {status: count for status, count in seen.statuses.items() if status != 201}
            if wrong:
                raise RuntimeError(f"answers other than 201: {wrong}")
            if turn:
                slices.append(seen)
    sys.stderr.write(
        f"write: {sum(len(s.latencies) for s in mine)} reports, {sum(len(s.latencies) for s in theirs)} bare\n"
    )
    return mine, theirs
