"""Every bad token is answered with 401 by the running service and its real verifier, and none is repeated."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import pytest_asyncio

from chassis.clock import SystemClock
from chassis.security.jwks import Jwks
from chassis.security.tokens import TokenVerifier
from chassis.testing.bad_tokens import BAD_TOKENS
from chassis.testing.tokens import TokenMaker
from tests.safety.running import Running

PATHS = (("GET", "/households"), ("POST", "/households"), ("POST", "/reports"), ("GET", "/audit/entries"))
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def issuer(service: Running) -> TokenMaker:
    """The issuer whose keys the service knows."""
    made = TokenMaker(datetime.now(UTC))
    verifier = TokenVerifier(
        Jwks(made.jwks()), issuer=made.issuer, audience=made.audience, clock=SystemClock(), leeway_seconds=30
    )
    service.program.verify = verifier.verify
    return made


async def test_a_good_token_opens_the_door_that_the_bad_ones_find_shut(service, issuer):
    for algorithm in issuer.keys:
        answer = await service.ask("GET", "/households", issuer.good(algorithm=algorithm))
        assert answer.status_code == 200, (algorithm, answer.text)


async def test_the_corpus_is_as_large_as_promised():
    assert len(BAD_TOKENS) >= 40


@pytest.mark.parametrize("name", BAD_TOKENS)
async def test_a_bad_token_is_refused_and_not_repeated(service, issuer, name):
    token = BAD_TOKENS[name](issuer)
    for method, path in PATHS:
        answer = await service.ask(method, path, token, json={} if method == "POST" else None)
        assert answer.status_code == 401, (method, path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"].lower().startswith("bearer")
        problem = answer.json()
        assert (problem["code"], problem["status"], problem["errors"]) == ("not_signed_in", 401, [])
        for part in filter(lambda part: len(part) > 8, token.split(".")):
            assert part not in answer.text + str(answer.headers)


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "bearer", "Token abc", "BearerX abc"]
)
async def test_a_header_that_carries_no_token_is_refused(service, issuer, header):
    answer = await service.ask("GET", "/households", None, headers={} if header is None else {"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
