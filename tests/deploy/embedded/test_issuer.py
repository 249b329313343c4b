"""The embedded issuer signs in sample users as the standard says, and does not help who guesses."""

import httpx
import pytest
from fastapi import FastAPI

from chassis.security.jwks import Jwks
from chassis.security.tokens import TokenVerifier
from chassis.testing.tokens import POST
from deploy.embedded.issuer import Holder, oauth2_router
from deploy.embedded.passwords import FAILURES_MAX
from tests.deploy.embedded.conftest import PASSWORD


@pytest.fixture
async def client(keys, book, clock):
    async def assignments_of(username):
        return Holder("subject-1", [POST]) if username == "clerk" else None

    app = FastAPI()
    app.include_router(oauth2_router(keys, book, assignments_of=assignments_of, clock=clock))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as made:
        yield made


def form(**changes):
    fields = {"grant_type": "password", "username": "clerk", "password": PASSWORD} | changes
    return {name: value for name, value in fields.items() if value is not None}


async def test_a_token_of_ours_is_good_for_the_verifier(client, clock):
    answer = await client.post("/oauth2/token", data=form())
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 8 * 3600)
    published = (await client.get("/oauth2/jwks")).json()
    verifier = TokenVerifier(Jwks(published), issuer="urn:xianjie", audience="xianjie", clock=clock)
    token = await verifier.verify(body["access_token"])
    assert (token.subject, token.username, token.assignments) == ("subject-1", "clerk", (POST,))


async def test_only_the_public_key_is_published(client, keys):
    published = (await client.get("/oauth2/jwks")).json()["keys"]
    assert [sorted(key) for key in published] == [["alg", "crv", "kid", "kty", "use", "x"]]
    assert published == keys.jwks()["keys"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        (form(password="wrong"), "invalid_grant"),
        (form(username="nobody"), "invalid_grant"),
        (form(username="gone"), "invalid_grant"),
        (form(username="Clerk"), "invalid_grant"),
        (form(grant_type="client_credentials"), "unsupported_grant_type"),
        (form(grant_type=None), "invalid_request"),
        (form(grant_type=""), "invalid_request"),
        (form(username=None), "invalid_request"),
        (form(username=""), "invalid_request"),
        (form(password=None), "invalid_request"),
        (form(password=""), "invalid_request"),
        (form(username=["clerk", "other"]), "invalid_request"),
        (form(padding="x" * 9000), "invalid_request"),
        ({**form(), **{f"field{n}": "x" for n in range(20)}}, "invalid_request"),
    ],
)
async def test_a_bad_sign_in_is_answered_as_the_standard_says(client, fields, error):
    answer = await client.post("/oauth2/token", data=fields)
    assert answer.status_code == 400
    assert answer.json()["error"] == error
    assert set(answer.json()) == {"error", "error_description"}
    assert answer.headers["cache-control"] == "no-store"
    assert PASSWORD not in answer.text


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"grant_type": "password"}', "application/json"),
        (b"grant_type=password&username=%FF&password=x", "application/x-www-form-urlencoded"),
        (b"grant_type=password&&;", "application/x-www-form-urlencoded"),
        (b"\xff", "application/x-www-form-urlencoded"),
        (b"", "application/x-www-form-urlencoded"),
        (b"grant_type=password", ""),
    ],
)
async def test_a_form_that_cannot_be_read_is_refused(client, content, kind):
    answer = await client.post("/oauth2/token", content=content, headers={"content-type": kind})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_an_unknown_user_gets_the_answer_of_a_wrong_password(client):
    wrong = await client.post("/oauth2/token", data=form(password="wrong"))
    unknown = await client.post("/oauth2/token", data=form(username="nobody"))
    assert wrong.json() == unknown.json()


async def test_what_other_clients_send_along_is_ignored(client):
    answer = await client.post("/oauth2/token", data=form(scope="openid", client_id="swagger"))
    assert answer.status_code == 200


async def test_after_too_many_failures_even_the_right_password_waits(client, clock):
    for _ in range(FAILURES_MAX):
        answer = await client.post("/oauth2/token", data=form(password="wrong"))
        assert "Retry-After" not in answer.headers
    answer = await client.post("/oauth2/token", data=form())
    assert answer.json()["error"] == "invalid_grant"
    assert answer.headers["Retry-After"] == "900"
    clock.move(minutes=15)
    assert (await client.post("/oauth2/token", data=form())).status_code == 200
