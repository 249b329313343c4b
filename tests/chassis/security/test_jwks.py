"""Keys are taken from the issuer alone, fetched sparingly, and kept over a short outage."""

import asyncio
import gzip
import json

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from chassis.clock import FixedClock
from chassis.errors import Unavailable
from chassis.security.jwks import FetchedJwks, Jwks, JwksUnreadable
from chassis.testing.tokens import TokenMaker, public_jwk

MAKER = TokenMaker(FixedClock().system_now())
URL = "https://issuer.invalid/jwks"


def test_each_key_serves_its_own_algorithm():
    keys = Jwks(MAKER.jwks())
    for algorithm in ("EdDSA", "ES256", "RS256", "PS256"):
        assert keys.find(algorithm.lower(), algorithm).algorithm == algorithm
        assert not any(keys.holds(algorithm.lower(), other) for other in MAKER.keys if other != algorithm)


def test_an_rsa_key_that_names_no_algorithm_serves_both():
    entry = MAKER.jwk("RS256")
    del entry["alg"]
    keys = Jwks({"keys": [entry]})
    assert keys.holds("rs256", "RS256")
    assert keys.holds("rs256", "PS256")


def entry(**changes):
    return {k: v for k, v in (MAKER.jwk("ES256") | changes).items() if v is not None}


def private_jwk(algorithm):
    kind = {"ES256": ECAlgorithm, "EdDSA": OKPAlgorithm, "RS256": RSAAlgorithm}[algorithm]
    return {**kind.to_jwk(MAKER.keys[algorithm], as_dict=True), "kid": "a"}


UNUSABLE = {
    "symmetric": {"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", "kid": "a", "alg": "HS256"},
    "for encryption": entry(use="enc"),
    "for other operations": entry(key_ops=["sign"]),
    "operations that are no list": entry(key_ops="verify"),
    "without kid": entry(kid=None),
    "with an empty kid": entry(kid=""),
    "with a number as kid": entry(kid=1),
    "of another algorithm": entry(alg="ES384"),
    "of another family's algorithm": entry(alg="RS256"),
    "for HS256": entry(alg="HS256"),
    "of another curve": {**public_jwk(ec.generate_private_key(ec.SECP384R1())), "kid": "a"},
    "with a point off the curve": entry(y=MAKER.jwk("ES256")["x"]),
    "with a coordinate missing": entry(y=None),
    "with a coordinate that is a number": entry(y=7),
    "an EC key with its private half": private_jwk("ES256"),
    "an Ed25519 key with its private half": private_jwk("EdDSA"),
    "an RSA key with its private half": private_jwk("RS256"),
    "too short": {**public_jwk(rsa.generate_private_key(public_exponent=65537, key_size=1024)), "kid": "a"},
    "no object": "key",
    "kty a list": entry(kty=["EC"]),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_an_unusable_key_is_left_aside(name):
    with pytest.raises(JwksUnreadable, match="no signing key"):
        Jwks({"keys": [UNUSABLE[name]]})
    assert Jwks({"keys": [UNUSABLE[name], MAKER.jwk("EdDSA")]}).holds("eddsa", "EdDSA")


@pytest.mark.parametrize("document", [None, [], "x", {}, {"keys": {}}, {"keys": None}, {"keys": [{}] * 101}])
def test_what_is_no_key_set_is_refused(document):
    with pytest.raises(JwksUnreadable):
        Jwks(document)


def test_two_keys_of_one_name_are_refused():
    with pytest.raises(JwksUnreadable, match="share one"):
        Jwks({"keys": [MAKER.jwk("ES256"), entry()]})


class Issuer:
    """An issuer over HTTP whose answers a test can change, with a clock to go with it."""

    def __init__(self):
        self.now = 1000.0
        self.calls = 0
        self.document = MAKER.jwks()
        self.answer = None
        self.gate = None
        self.client = httpx.AsyncClient(transport=httpx.MockTransport(self.handle))

    async def handle(self, request):
        self.calls += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.answer is not None:
            return self.answer(request)
        return httpx.Response(200, json=self.document)

    def fail(self, request):
        raise httpx.ConnectError("no route", request=request)

    def keys(self, **settings):
        return FetchedJwks(URL, self.client, monotonic=lambda: self.now, **settings)


@pytest.fixture
async def issuer():
    made = Issuer()
    yield made
    await made.client.aclose()


async def settled(keys):
    if keys._fetching is not None:
        await keys._fetching


async def test_keys_are_fetched_once_for_many_callers(issuer):
    keys = issuer.keys()
    found = await asyncio.gather(*[keys.key_for("eddsa", "EdDSA") for _ in range(50)])
    assert {key.kid for key in found} == {"eddsa"}
    assert issuer.calls == 1
    assert keys.holds("eddsa", "EdDSA")


async def test_an_unknown_key_makes_one_fetch_per_interval(issuer):
    keys = issuer.keys(refresh_seconds_min=15)
    await keys.key_for("eddsa", "EdDSA")
    for n in range(20):
        assert await keys.key_for(f"unknown-{n}", "EdDSA") is None
    assert issuer.calls == 1
    issuer.now += 15
    for n in range(20):
        assert await keys.key_for(f"unknown-{n}", "EdDSA") is None
    assert issuer.calls == 2


async def test_a_new_key_is_found_after_the_interval(issuer):
    keys = issuer.keys()
    await keys.key_for("eddsa", "EdDSA")
    new = {**public_jwk(ed25519.Ed25519PrivateKey.generate()), "kid": "new"}
    issuer.document = {"keys": [*MAKER.jwks()["keys"], new]}
    issuer.now += 15
    assert (await keys.key_for("new", "EdDSA")).kid == "new"


async def test_a_withdrawn_key_is_noticed_without_anyone_waiting(issuer):
    keys = issuer.keys(fresh_seconds=300)
    await keys.key_for("eddsa", "EdDSA")
    issuer.document = {"keys": [MAKER.jwk("ES256")]}
    issuer.now += 301
    assert keys.holds("eddsa", "EdDSA")
    await settled(keys)
    assert not keys.holds("eddsa", "EdDSA")
    assert await keys.key_for("eddsa", "EdDSA") is None
    assert issuer.calls == 2


async def test_known_keys_serve_while_a_refresh_hangs(issuer):
    keys = issuer.keys(fresh_seconds=300)
    await keys.key_for("eddsa", "EdDSA")
    issuer.gate = asyncio.Event()
    issuer.now += 301
    assert (await asyncio.wait_for(keys.key_for("eddsa", "EdDSA"), 1)).kid == "eddsa"
    issuer.gate.set()
    await settled(keys)


async def test_old_keys_serve_over_an_outage_but_not_for_ever(issuer):
    keys = issuer.keys(fresh_seconds=300, stale_seconds_max=3600, refresh_seconds_min=15)
    await keys.key_for("eddsa", "EdDSA")
    issuer.answer = issuer.fail
    issuer.now += 3600
    assert (await keys.key_for("eddsa", "EdDSA")).kid == "eddsa"
    await settled(keys)
    issuer.now += 1
    assert not keys.holds("eddsa", "EdDSA")
    with pytest.raises(Unavailable) as caught:
        await keys.key_for("eddsa", "EdDSA")
    assert caught.value.headers["Retry-After"] == "15"
    issuer.answer = None
    issuer.now += 15
    assert (await keys.key_for("eddsa", "EdDSA")).kid == "eddsa"


async def test_an_unreachable_issuer_is_not_hammered(issuer):
    issuer.answer = issuer.fail
    keys = issuer.keys()
    for _ in range(10):
        with pytest.raises(Unavailable):
            await keys.key_for("eddsa", "EdDSA")
    assert issuer.calls == 1


WITH_ONE_MORE = json.dumps({"keys": [*MAKER.jwks()["keys"], {**MAKER.jwk("EdDSA"), "kid": "unknown"}]}).encode()

BAD_ANSWERS = {
    "an error": lambda _: httpx.Response(500, content=WITH_ONE_MORE),
    "a redirect": lambda request: (
        httpx.Response(200, content=WITH_ONE_MORE)
        if request.url.path == "/elsewhere"
        else httpx.Response(302, headers={"location": "/elsewhere"}, content=WITH_ONE_MORE)
    ),
    "no JSON": lambda _: httpx.Response(200, content=WITH_ONE_MORE[:-1]),
    "nested too deep": lambda _: httpx.Response(200, text="[" * 200_000),
    "huge": lambda _: httpx.Response(200, content=WITH_ONE_MORE + b" " * 300_000),
    "compressed": lambda _: httpx.Response(
        200, content=gzip.compress(WITH_ONE_MORE), headers={"content-encoding": "gzip"}
    ),
    "no usable key": lambda _: httpx.Response(200, json={"keys": []}),
}


@pytest.mark.parametrize("name", BAD_ANSWERS)
async def test_a_bad_answer_replaces_no_good_keys(issuer, name):
    keys = issuer.keys()
    await keys.key_for("eddsa", "EdDSA")
    issuer.answer = BAD_ANSWERS[name]
    issuer.now += 301
    assert await keys.key_for("unknown", "EdDSA") is None
    assert keys.holds("eddsa", "EdDSA")
    assert issuer.calls == 2


async def test_a_fetch_has_an_end(issuer):
    issuer.gate = asyncio.Event()
    keys = issuer.keys(fetch_seconds_max=0.01)
    with pytest.raises(Unavailable):
        await asyncio.wait_for(keys.key_for("eddsa", "EdDSA"), 5)


async def test_a_caller_who_hangs_up_does_not_end_the_fetch_of_others(issuer):
    issuer.gate = asyncio.Event()
    keys = issuer.keys()
    impatient = asyncio.create_task(keys.key_for("eddsa", "EdDSA"))
    patient = asyncio.create_task(keys.key_for("eddsa", "EdDSA"))
    await asyncio.sleep(0)
    impatient.cancel()
    issuer.gate.set()
    assert (await patient).kid == "eddsa"
    with pytest.raises(asyncio.CancelledError):
        await impatient


async def test_closing_ends_a_fetch_under_way(issuer):
    issuer.gate = asyncio.Event()
    keys = issuer.keys()
    waiting = asyncio.create_task(keys.key_for("eddsa", "EdDSA"))
    await asyncio.sleep(0.01)
    await keys.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert keys._fetching.cancelled()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://issuer.invalid/jwks", "jwks"])
async def test_only_web_addresses_are_fetched(issuer, url):
    with pytest.raises(ValueError, match="begins with https"):
        FetchedJwks(url, issuer.client, monotonic=lambda: 0)
