"""Requests generated from each service's own document: never a 5xx, never an answer that the document does not know."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import hypothesis
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import response_schema_conformance

from chassis.http.application import create_app
from chassis.http.serving import server_config
from chassis.security.scope import Role
from chassis.security.tokens import choose_assignment
from chassis.testing import database as databases
from chassis.testing import programs
from chassis.testing.programs import COUNTY
from chassis.testing.sign_in import SignIns
from deploy.embedded.installation import SERVICES

REQUESTS, REQUESTS_LONG = 1000, 10_000
SECONDS = 80.0
SEED = 20240603
ROLES = (Role.COUNTY_OFFICER, Role.SECURITY_ADMINISTRATOR, Role.AUDITOR, Role.DEPARTMENT_CLERK)


class OutOfTime(Exception):
    """The share of an operation is used up."""


class Served:
    """A service behind a real socket, with a token of a post that may use most operations."""

    def __init__(self, url: str, tokens: Mapping[Role, str], document: dict[str, Any]) -> None:
        self.url = url
        self.tokens = tokens
        self.document = document

    def token_for(self, operation: Mapping[str, Any]) -> str:
        roles = operation.get("x-roles", [])
        return next((self.tokens[role] for role in ROLES if role.value in roles), self.tokens[Role.COUNTY_OFFICER])


@pytest.fixture(scope="module", params=SERVICES, ids=lambda service: service.name)
def served(
    request: pytest.FixtureRequest, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A service in a thread of its own, served as its program serves it."""
    service = request.param
    template = databases.template(postgres_url, service.name, service.migrations, service.tables)
    with databases.fresh(postgres_url, template) as database:
        program = programs.make_program(service.name, database, tmp_path_factory.mktemp("data"))
        sign_ins = SignIns()
        program.verify, program.choose = sign_ins.verify, choose_assignment
        app = create_app(service, program)
        server = uvicorn.Server(server_config(app, port=0, lifespan="on", loop="asyncio"))
        thread = threading.Thread(target=server.run, name="served", daemon=True)
        thread.start()
        deadline = time.monotonic() + 30
        while not server.started:
            assert thread.is_alive(), "the service did not start"
            assert time.monotonic() < deadline, "the service did not start"
            time.sleep(0.05)
        port = server.servers[0].sockets[0].getsockname()[1]
        tokens = {
            role: sign_ins.token(role, COUNTY, department="medical" if role is Role.DEPARTMENT_CLERK else None)
            for role in ROLES
        }
        yield Served(f"http://127.0.0.1:{port}", tokens, app.openapi())
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()


def attack(served: Served, requests: int, seconds: float) -> tuple[Counter[str], dict[str, str]]:
    """Send about ``requests``, valid and invalid, an equal share to each operation.

    :returns: how many answers of each status class came, and one request for each kind of failure.
    """
    schema = schemathesis.openapi.from_dict(served.document)
    schema.config.update(base_url=served.url)
    found = [result.ok() for result in schema.get_all_operations()]
    share = max(1, requests // len(found) + 1)
    end = time.monotonic() + seconds
    statuses: Counter[str] = Counter()
    failures: dict[str, str] = {}
    for place, operation in enumerate(found):
        deadline = time.monotonic() + max(0.1, (end - time.monotonic()) / (len(found) - place))
        modes = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]
        for mode in modes:
            _attack_one(served, operation, mode, -(-share // 2), deadline, statuses, failures)
    return statuses, failures


def _attack_one(
    served: Served,
    operation: Any,
    mode: Any,
    count: int,
    deadline: float,
    statuses: Counter[str],
    failures: dict[str, str],
) -> None:
    headers = {"Authorization": f"Bearer {served.token_for(operation.definition.raw)}"}

    @hypothesis.seed(SEED)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        if time.monotonic() > deadline:
            raise OutOfTime
        response = case.call(headers=headers)
        statuses[f"{response.status_code // 100}xx"] += 1
        for fault in _faults(case, response):
            failures.setdefault(f"{operation.definition.raw['operationId']} {fault}", case.as_curl_command())

    try:
        ask()
    except OutOfTime:
        statuses["cut short"] += 1
    except Unsatisfiable:  # an operation without parameters has no invalid request
        assert mode is schemathesis.GenerationMode.NEGATIVE


def _faults(case: Any, response: Any) -> Iterator[str]:
    if response.status_code >= 500:
        yield f"answers {response.status_code}"
    if response.status_code >= 400:
        media = response.headers.get("content-type", [""])[0]
        if media != "application/problem+json":
            yield f"answers {response.status_code} as {media!r}"
    if _is_no_http(response):
        return
    if str(response.status_code) not in case.operation.definition.raw["responses"] and response.status_code != 405:
        yield f"answers {response.status_code}, which its document does not list"
    try:
        case.validate_response(response, checks=[response_schema_conformance])
    except FailureGroup as group:
        for failure in group.exceptions:
            yield f"{response.status_code} breaks the schema: {_short(failure)}"
    except Failure as failure:
        yield f"{response.status_code} breaks the schema: {_short(failure)}"


def _is_no_http(response: Any) -> bool:
    """Whether the server refused what is no HTTP, such as a made-up Transfer-Encoding: no operation was asked, and no
    trace began.
    """
    return response.status_code == 400 and response.json()["trace_id"] == ""


def _short(failure: BaseException) -> str:
    return " ".join(str(failure).split())[:200]


def _told(failures: Mapping[str, str]) -> str:
    return "\n".join(itertools.chain.from_iterable((what, "    " + how[:600]) for what, how in failures.items()))


@pytest.mark.budget(seconds=130)
def test_a_thousand_generated_requests_find_no_server_error_and_no_broken_schema(served):
    statuses, failures = attack(served, REQUESTS, SECONDS)
    assert statuses["2xx"] > 0, "some requests must get through, or nothing was tested"
    assert statuses["4xx"] > 0
    assert not failures, f"{dict(statuses)}\n{_told(failures)}"


@pytest.mark.long
def test_ten_thousand_generated_requests_find_no_server_error_and_no_broken_schema(served):
    statuses, failures = attack(served, REQUESTS_LONG, 3600.0)
    assert statuses["2xx"] > 0
    is_cut = statuses.pop("cut short", 0) > 0  # an operation that time cut short asked less than its share
    assert is_cut or statuses.total() >= REQUESTS_LONG * 0.9
    assert not failures, f"{dict(statuses)}\n{_told(failures)}"
