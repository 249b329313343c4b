"""A table of bad tokens that every door must refuse with 401.

``BAD_TOKENS`` maps a name to a maker, so that one table serves the verifier's own tests and tests over HTTP. Every
text in it may stand in an HTTP header, and each is bad for its name's reason alone wherever that is possible.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chassis.identifiers import new_id
from chassis.security.scope import Assignment
from chassis.security.token_claims import ASSIGNMENTS_CLAIM, ASSIGNMENTS_MAX, assignment_claim
from chassis.testing.tokens import (
    COUNTY,
    POST,
    TokenMaker,
    public_jwk,
    segment,
    sign,
    sign_message,
    unsigned_message,
)

BadToken: TypeAlias = Callable[[TokenMaker], str]


def _parts(token: str) -> tuple[str, str, str]:
    header, payload, signature = token.split(".")
    return header, payload, signature


def _claims(**changes: Any) -> BadToken:
    """A token that only its claims make bad."""
    return lambda maker: maker.signed(maker.claims(**changes))


def _seconds(name: str, offset: int) -> BadToken:
    return lambda maker: maker.signed(maker.claims(**{name: int(maker.now.timestamp()) + offset}))


def _header(**changes: Any) -> BadToken:
    """A token that only its header makes bad; the signature covers it and holds."""
    return lambda maker: maker.signed(maker.claims(), changes)


def _post(**changes: Any) -> BadToken:
    """A token with one post that some replaced fields make bad; ``None`` takes a field out."""
    post = {k: v for k, v in (assignment_claim(POST) | changes).items() if v is not None}
    return _claims(**{ASSIGNMENTS_CLAIM: [post]})


def _unsigned(alg: str) -> BadToken:
    return lambda maker: unsigned_message({"alg": alg, "typ": "at+jwt", "kid": "eddsa"}, maker.claims()) + "."


def _hmac(alg: str, secret: Callable[[TokenMaker], bytes]) -> BadToken:
    """Signed with the public key as the shared secret, for verifiers that let the token choose the algorithm."""

    def make(maker: TokenMaker) -> str:
        message = unsigned_message({"alg": alg, "typ": "at+jwt", "kid": "rs256"}, maker.claims())
        mac = hmac.digest(secret(maker), message.encode(), f"sha{alg[2:]}")
        return f"{message}.{segment(mac)}"

    return make


def _pem(algorithm: str) -> Callable[[TokenMaker], bytes]:
    public = PublicFormat.SubjectPublicKeyInfo
    return lambda maker: maker.keys[algorithm].public_key().public_bytes(Encoding.PEM, public)


def _der(algorithm: str) -> Callable[[TokenMaker], bytes]:
    public = PublicFormat.SubjectPublicKeyInfo
    return lambda maker: maker.keys[algorithm].public_key().public_bytes(Encoding.DER, public)


def _by_stranger(**header: Any) -> BadToken:
    """Signed by a key that is not the issuer's."""
    key = ed25519.Ed25519PrivateKey.generate()
    own = {**public_jwk(key), "kid": "eddsa"}
    full = {"alg": "EdDSA", "typ": "at+jwt", "kid": "eddsa", **header}
    return lambda maker: sign({k: own if v == "own" else v for k, v in full.items()}, maker.claims(), key, "EdDSA")


def _signature(change: Callable[[str], str], *, algorithm: str = "EdDSA") -> BadToken:
    def make(maker: TokenMaker) -> str:
        header, payload, signature = _parts(maker.good(algorithm=algorithm))
        return f"{header}.{payload}.{change(signature)}"

    return make


def _flipped(signature: str) -> str:
    return ("B" if signature[0] == "A" else "A") + signature[1:]


def _spare_bits(signature: str) -> str:
    """The same bytes in a spelling with a spare bit set: 64 bytes end in a sign with four of them."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return signature[:-1] + alphabet[alphabet.index(signature[-1]) | 1]


def _der_signature(maker: TokenMaker) -> str:
    """A good ES256 signature in the form of X.509 instead of the two plain numbers of RFC 7518."""
    header, payload, signature = _parts(maker.good(algorithm="ES256"))
    raw = urlsafe_b64decode(signature + "==")
    numbers = (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    return f"{header}.{payload}.{segment(encode_dss_signature(*numbers))}"


def _swapped_payload(maker: TokenMaker) -> str:
    header, _, signature = _parts(maker.good())
    _, payload, _ = _parts(maker.good(sub="somebody-else"))
    return f"{header}.{payload}.{signature}"


def _nested(maker: TokenMaker) -> str:
    return maker.signed(maker.good().encode(), {"cty": "JWT"})


def _raw_header(text: str) -> BadToken:
    def make(maker: TokenMaker) -> str:
        message = f"{segment(text.encode())}.{segment(json.dumps(maker.claims()).encode())}"
        return sign_message(message, maker.keys["EdDSA"], "EdDSA")

    return make


def _repeated_claim(maker: TokenMaker) -> str:
    text = json.dumps(maker.claims())
    return maker.signed((text[:-1] + ', "sub": "somebody-else"}').encode())


def _another_curve(maker: TokenMaker) -> str:
    key = ec.generate_private_key(ec.SECP384R1())
    return sign({"alg": "ES384", "typ": "at+jwt", "kid": "es256"}, maker.claims(), key, "ES384")


_FORMS: Final[Mapping[str, BadToken]] = {
    "empty": lambda _: "",
    "no token at all": lambda _: "abc",
    "two segments": lambda maker: maker.good().rsplit(".", 1)[0],
    "four segments": lambda maker: maker.good() + ".AAAA",
    "five segments, as an encrypted one": lambda maker: maker.good() + ".AAAA.AAAA",
    "empty header": lambda maker: "." + maker.good().split(".", 1)[1],
    "empty signature": _signature(lambda _: ""),
    "padded signature": _signature(lambda signature: signature + "=="),
    "spare bits in the signature": _signature(_spare_bits),
    "signs of the other base64 alphabet": _signature(lambda _: b64encode(b"\xff" * 64).decode().rstrip("=")),
    "a sign too many": _signature(lambda signature: signature + "AAA"),
    "huge": lambda maker: maker.good(padding="x" * 20_000),
    "header is no JSON": _raw_header("{alg: EdDSA}"),
    "header is a list": _raw_header("[]"),
    "header names alg twice": _raw_header('{"alg": "none", "typ": "at+jwt", "kid": "eddsa", "alg": "EdDSA"}'),
    "header nested a thousandfold": _raw_header("[" * 4000),
    "payload is no JSON": lambda maker: maker.signed(b"{sub: x}"),
    "payload is a list": lambda maker: maker.signed([maker.claims()]),
    "payload is not UTF-8": lambda maker: maker.signed(b'{"sub": "\xff"}'),
    "payload names a claim twice": _repeated_claim,
    "payload with NaN": lambda maker: maker.signed({**maker.claims(), "note": float("nan")}),
    "a token in a token": _nested,
}

_SIGNATURES: Final[Mapping[str, BadToken]] = {
    "alg none": _unsigned("none"),
    "alg None": _unsigned("None"),
    "alg NONE": _unsigned("NONE"),
    "alg nOnE": _unsigned("nOnE"),
    "alg none with a signature": _header(alg="none"),
    "alg empty": _header(alg=""),
    "alg missing": _header(alg=None),
    "alg is a list": _header(alg=["EdDSA"]),
    "alg in lower case": _header(alg="eddsa"),
    "HS256 with the RSA key's PEM": _hmac("HS256", _pem("RS256")),
    "HS256 with the RSA key's DER": _hmac("HS256", _der("RS256")),
    "HS384 with the EC key's PEM": _hmac("HS384", _pem("ES256")),
    "HS512 with the EC key's PEM": _hmac("HS512", _pem("ES256")),
    "HS256 with the JWK's text": _hmac("HS256", lambda maker: json.dumps(maker.jwk("RS256")).encode()),
    "HS256 with an empty secret": _hmac("HS256", lambda _: b""),
    "ES384, which is not accepted": _another_curve,
    "RS256 under the key id of ES256": lambda maker: maker.signed(maker.claims(), {"kid": "es256"}, algorithm="RS256"),
    "PS256 under a key for RS256": lambda maker: maker.signed(maker.claims(), {"kid": "rs256"}, algorithm="PS256"),
    "signature changed": _signature(_flipped),
    "signature cut": _signature(lambda signature: signature[:40]),
    "signature of zeros (ES256)": _signature(lambda _: segment(bytes(64)), algorithm="ES256"),
    "signature in DER (ES256)": _der_signature,
    "signature of (0, 0) in DER": _signature(lambda _: segment(encode_dss_signature(0, 0)), algorithm="ES256"),
    "signature of another token": _swapped_payload,
    "signed by a stranger under our key id": _by_stranger(),
    "stranger's key in jwk": _by_stranger(jwk="own"),
    "stranger's key behind jku": _by_stranger(jku="https://issuer.invalid/jwks"),
    "stranger's certificate behind x5u": _by_stranger(x5u="https://issuer.invalid/chain"),
    "stranger's certificate in x5c": _by_stranger(x5c=["AAAA"]),
}

_HEADERS: Final[Mapping[str, BadToken]] = {
    "our signature, yet jku": _header(jku="https://issuer.invalid/jwks"),
    "our signature, yet x5u": _header(x5u="https://issuer.invalid/chain"),
    "our signature, yet jwk": lambda maker: maker.signed(maker.claims(), {"jwk": maker.jwk("EdDSA")}),
    "crit with an unknown extension": _header(crit=["exp"], exp=1),
    "crit that is empty": _header(crit=[]),
    "payload not encoded (b64)": _header(b64=False, crit=["b64"]),
    "compressed": _header(zip="DEF"),
    "kid missing": _header(kid=None),
    "kid unknown": _header(kid="nobody"),
    "kid is a number": _header(kid=1),
    "kid is empty": _header(kid=""),
    "kid is a path": _header(kid="../../../../dev/null"),
    "kid is SQL": _header(kid="x' UNION SELECT 'key"),
    "typ missing": _header(typ=None),
    "typ of an ID token": _header(typ="id+jwt"),
    "typ of a logout token": _header(typ="logout+jwt"),
    "typ is a list": _header(typ=["at+jwt"]),
}

_CLAIMS: Final[Mapping[str, BadToken]] = {
    "expired": lambda maker: maker.signed(
        maker.claims(iat=int(maker.now.timestamp()) - 7200, nbf=None, exp=int(maker.now.timestamp()) - 3600)
    ),
    "expires before it begins": lambda maker: maker.signed(
        maker.claims(iat=int(maker.now.timestamp()) + 20, exp=int(maker.now.timestamp()) + 10)
    ),
    "made for ten years": _seconds("exp", 10 * 366 * 86_400),
    "exp missing": _claims(exp=None),
    "exp is text": _claims(exp="4102444800"),
    "exp is a fraction": lambda maker: maker.signed(maker.claims(exp=maker.now.timestamp() + 60.5)),
    "exp is true": _claims(exp=True),
    "exp is beyond all time": _claims(exp=10**30),
    "nbf to come": _seconds("nbf", 3000),
    "nbf is text": _claims(nbf="0"),
    "nbf is true": _claims(nbf=True),
    "iat to come": _seconds("iat", 3000),
    "iat missing": _claims(iat=None),
    "audience of others": _claims(aud="account"),
    "audiences of others": _claims(aud=["account", "xianjie-test"]),
    "audience beside something that is no text": lambda maker: maker.signed(maker.claims(aud=[maker.audience, 1])),
    "audience as a part of a longer one": lambda maker: maker.signed(maker.claims(aud=f"{maker.audience}-test")),
    "audience missing": _claims(aud=None),
    "issuer of others": _claims(iss="https://issuer.invalid"),
    "issuer with a slash more": lambda maker: maker.signed(maker.claims(iss=f"{maker.issuer}/")),
    "issuer in a list": lambda maker: maker.signed(maker.claims(iss=[maker.issuer])),
    "issuer missing": _claims(iss=None),
    "subject missing": _claims(sub=None),
    "subject empty": _claims(sub=""),
    "subject is a number": _claims(sub=7),
    "subject of a program": _claims(sub="program:relay"),
    "subject with a line break": _claims(sub="a\nb"),
    "jti missing": _claims(jti=None),
    "jti is a number": _claims(jti=7),
    "user name missing": _claims(preferred_username=None),
    "an ID token of Keycloak": _claims(typ="ID"),
    "a refresh token of Keycloak": _claims(typ="Refresh"),
}

_ASSIGNMENTS: Final[Mapping[str, BadToken]] = {
    "posts missing": _claims(**{ASSIGNMENTS_CLAIM: None}),
    "posts as an object": _claims(**{ASSIGNMENTS_CLAIM: assignment_claim(POST)}),
    "posts as text": _claims(**{ASSIGNMENTS_CLAIM: json.dumps([assignment_claim(POST)])}),
    "a post as text": _claims(**{ASSIGNMENTS_CLAIM: ["county_officer"]}),
    "one post twice": _claims(**{ASSIGNMENTS_CLAIM: [assignment_claim(POST)] * 2}),
    "too many posts": lambda maker: maker.good(
        [Assignment(new_id(), POST.role, POST.region) for _ in range(ASSIGNMENTS_MAX + 1)]
    ),
    "post with an unknown field": _post(scope="*"),
    "post without id": _post(id=None),
    "post id is no UUID": _post(id="1"),
    "post id in braces": _post(id="{018f0000-0000-7000-8000-000000000001}"),
    "role unknown": _post(role="root"),
    "role of a program": _post(role="program"),
    "role in a list": _post(role=["county_officer"]),
    "region missing": _post(region=None),
    "region is a number": _post(region=COUNTY),
    "region of six digits": _post(region="610999"),
    "region of Arabic digits": _post(region="٦١٠٩٩٩٠٠٠٠٠٠"),
    "region of zeros": _post(region="000000000000"),
    "county officer of a province": _post(region="610000000000"),
    "village cadre of a county": _post(role="village_cadre"),
    "clerk without a department": _post(role="department_clerk"),
    "officer with a department": _post(department="medical_insurance"),
    "department is empty": _post(role="department_clerk", department=""),
    "first day that does not exist": _post(starts_on="2024-02-30"),
    "first day as a number": _post(starts_on=20240101),
    "last day before the first": _post(starts_on="2024-02-01", ends_on="2024-01-31"),
    "stand-in without a last day": _post(stands_in_for="somebody"),
    "stand-in for a number": _post(stands_in_for=7, ends_on="2999-12-31"),
}

BAD_TOKENS: Final[Mapping[str, BadToken]] = {**_FORMS, **_SIGNATURES, **_HEADERS, **_CLAIMS, **_ASSIGNMENTS}
"""Each must be answered with 401, by the verifier and over HTTP."""
