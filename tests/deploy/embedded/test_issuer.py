"""The embedded issuer signs in sample users, keeps its secrets to itself, and does not help who guesses."""

import asyncio
import json
import stat
from datetime import timedelta

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from chassis.clock import FixedClock
from chassis.security.jwks import Jwks
from chassis.security.tokens import TokenVerifier
from chassis.testing.tokens import POST
from deploy.embedded import issued_keys as issued_keys_module
from deploy.embedded import passwords as passwords_module
from deploy.embedded.issued_keys import IssuedKeys, IssuerKeyUnreadable
from deploy.embedded.issuer import Holder, oauth2_router
from deploy.embedded.passwords import FAILURES_MAX, LockedOut, PasswordBook, PasswordsUnreadable, ScryptCost
from deploy.embedded.private_files import FileExposed, read_private

CHEAP = ScryptCost(n=16, r=1, p=1)
PASSWORD = "correct horse 电池"


@pytest.fixture
def clock():
    return FixedClock()


@pytest.fixture
def book(tmp_path):
    made = PasswordBook(tmp_path / "passwords.json", cost=CHEAP)
    made.keep({"clerk": PASSWORD, "gone": PASSWORD})
    return made


@pytest.fixture
def keys(tmp_path):
    return IssuedKeys.load_or_create(tmp_path)


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


def test_the_signing_key_is_made_once_and_kept_to_its_owner(tmp_path):
    first = IssuedKeys.load_or_create(tmp_path)
    second = IssuedKeys.load_or_create(tmp_path)
    assert first.jwks() == second.jwks()
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert IssuedKeys.load_or_create(tmp_path / "other").jwks() != first.jwks()


def test_the_key_id_is_the_thumbprint_of_rfc_8037():
    secret = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    (key,) = IssuedKeys(Ed25519PrivateKey.from_private_bytes(secret)).jwks()["keys"]
    assert key["x"] == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    assert key["kid"] == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_a_key_that_others_may_read_is_refused(tmp_path):
    IssuedKeys.load_or_create(tmp_path)
    (tmp_path / "issuer.pem").chmod(0o644)
    with pytest.raises(FileExposed, match="chmod 600"):
        IssuedKeys.load_or_create(tmp_path)


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_damaged_key_says_what_to_do(tmp_path, content):
    file = tmp_path / "issuer.pem"
    file.touch(0o600)
    file.write_bytes(content)
    with pytest.raises(IssuerKeyUnreadable, match="remove it"):
        IssuedKeys.load_or_create(tmp_path)


def test_two_processes_that_start_together_share_one_key(tmp_path, monkeypatch):
    first = IssuedKeys.load_or_create(tmp_path)
    looks = []

    def too_early_at_first(path):
        looks.append(path)
        return None if len(looks) == 1 else read_private(path)

    monkeypatch.setattr(issued_keys_module, "read_private", too_early_at_first)
    assert IssuedKeys.load_or_create(tmp_path).jwks() == first.jwks()
    assert len(looks) == 2
    assert [file.name for file in tmp_path.iterdir()] == ["issuer.pem"]


async def test_passwords_are_kept_as_hashes_for_their_owner_alone(tmp_path, book, clock):
    file = tmp_path / "passwords.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert PASSWORD not in file.read_text("utf-8")
    entries = json.loads(file.read_text("utf-8"))
    assert entries["clerk"]["hash"] != entries["gone"]["hash"]
    again = PasswordBook(file, cost=CHEAP)
    assert await again.is_right("clerk", PASSWORD, now=clock.system_now())
    assert "clerk" in again
    assert "nobody" not in again


async def test_a_new_password_replaces_the_old_one_and_opens_a_shut_name(book, clock):
    now = clock.system_now()
    for _ in range(FAILURES_MAX):
        assert not await book.is_right("clerk", "wrong", now=now)
    book.keep({"clerk": "new"})
    assert await book.is_right("clerk", "new", now=now)
    assert not await book.is_right("clerk", PASSWORD, now=now)
    assert await book.is_right("gone", PASSWORD, now=now)


async def test_who_is_added_by_another_process_signs_in_at_once(tmp_path, clock):
    path, now = tmp_path / "password-hashes.json", clock.system_now()
    serving, console = PasswordBook(path, cost=CHEAP), PasswordBook(path, cost=CHEAP)
    assert not await serving.is_right("late", "secret", now=now)
    console.keep({"late": "secret"})
    assert await serving.is_right("late", "secret", now=now)
    serving.keep({"later": "other"})
    assert await console.is_right("later", "other", now=now)
    assert await console.is_right("late", "secret", now=now)


@pytest.mark.parametrize(
    "content", ["", "[]", '{"a": 1}', '{"a": {}}', '{"a": {"n":2,"r":1,"p":1,"salt":"x","hash":""}}']
)
def test_a_damaged_book_says_what_to_do(tmp_path, content):
    file = tmp_path / "passwords.json"
    file.touch(0o600)
    file.write_text(content)
    with pytest.raises(PasswordsUnreadable, match="remove it"):
        PasswordBook(file)


def test_a_book_that_others_may_read_is_refused(tmp_path, book):
    (tmp_path / "passwords.json").chmod(0o640)
    with pytest.raises(FileExposed):
        PasswordBook(tmp_path / "passwords.json")


async def test_a_success_forgets_the_failures_before_it(book, clock):
    now = clock.system_now()
    for _ in range(3):
        for _ in range(FAILURES_MAX - 1):
            assert not await book.is_right("clerk", "wrong", now=now)
        assert await book.is_right("clerk", PASSWORD, now=now)


async def test_many_right_sign_ins_at_once_are_all_let_in(book, clock):
    answers = await asyncio.gather(*[book.is_right("clerk", PASSWORD, now=clock.system_now()) for _ in range(30)])
    assert all(answers)


async def test_guesses_at_once_do_not_outrun_the_count(book, clock, monkeypatch):
    tried = []
    real = passwords_module._scrypt
    monkeypatch.setattr(passwords_module, "_scrypt", lambda *given: tried.append(given[0]) or real(*given))
    guesses = [book.is_right("clerk", f"guess {n}", now=clock.system_now()) for n in range(100)]
    answers = await asyncio.gather(*guesses, return_exceptions=True)
    assert len(tried) <= FAILURES_MAX + 1
    assert sum(isinstance(answer, LockedOut) for answer in answers) == 100 - len(tried)


async def test_an_unknown_name_costs_the_same_work_and_is_shut_as_well(book, clock, monkeypatch):
    costs = []
    real = passwords_module._scrypt
    monkeypatch.setattr(passwords_module, "_scrypt", lambda *given: costs.append(given[2]) or real(*given))
    now = clock.system_now()
    await book.is_right("clerk", "wrong", now=now)
    for _ in range(FAILURES_MAX):
        assert not await book.is_right("nobody", "wrong", now=now)
    assert costs == [CHEAP] * (FAILURES_MAX + 1)
    with pytest.raises(LockedOut):
        await book.is_right("nobody", "wrong", now=now)


async def test_a_flood_of_names_is_bounded_and_opens_no_known_one(book, clock):
    now = clock.system_now()
    for _ in range(FAILURES_MAX):
        await book.is_right("clerk", "wrong", now=now)
    for n in range(1100):
        await book.is_right(f"name {n}", "wrong", now=now)
    assert len(book._strangers) == 1024
    with pytest.raises(LockedOut):
        await book.is_right("clerk", PASSWORD, now=now)


async def test_a_token_is_good_for_its_lifetime(keys, clock):
    token = keys.issue("s", "u", [POST], now=clock.system_now(), lifetime=timedelta(minutes=5))
    verifier = TokenVerifier(Jwks(keys.jwks()), issuer="urn:xianjie", audience="xianjie", clock=clock, leeway_seconds=0)
    read = await verifier.verify(token)
    assert read.expires_at - clock.system_now() == timedelta(minutes=5)


def test_the_default_cost_is_one_of_those_that_owasp_lists():
    assert (ScryptCost().n, ScryptCost().r, ScryptCost().p) in {
        (2**17, 8, 1),
        (2**16, 8, 2),
        (2**15, 8, 3),
        (2**14, 8, 5),
    }
