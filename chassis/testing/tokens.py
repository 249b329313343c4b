"""Make access tokens for tests as an issuer would, good ones by default."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final, TypeAlias
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm, get_default_algorithms

from chassis.identifiers import new_id
from chassis.security.scope import Assignment, Role
from chassis.security.token_claims import ASSIGNMENTS_CLAIM, assignment_claim

Json: TypeAlias = dict[str, Any]
PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey

COUNTY: Final = 610999000000
POST: Final = Assignment(UUID("018f0000-0000-7000-8000-000000000001"), Role.COUNTY_OFFICER, COUNTY)
"""The post of a token that does not say otherwise: an officer of the imaginary county 610999."""

LIFETIME_SECONDS: Final = 3600


@cache
def _rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class TokenMaker:
    """An issuer with one key per algorithm, named ``eddsa``, ``es256``, ``rs256`` and ``ps256``."""

    def __init__(self, now: datetime, *, issuer: str = "urn:xianjie", audience: str = "xianjie") -> None:
        self.now = now
        self.issuer = issuer
        self.audience = audience
        self.keys: dict[str, PrivateKey] = {
            "EdDSA": ed25519.Ed25519PrivateKey.generate(),
            "ES256": ec.generate_private_key(ec.SECP256R1()),
            "RS256": _rsa_key(),
            "PS256": _rsa_key(),
        }

    def jwks(self) -> Json:
        """The JWK Set that a verifier of these tokens needs."""
        return {"keys": [self.jwk(algorithm) for algorithm in self.keys]}

    def jwk(self, algorithm: str) -> Json:
        return {**public_jwk(self.keys[algorithm]), "kid": algorithm.lower(), "use": "sig", "alg": algorithm}

    def claims(self, **changes: Any) -> Json:
        """Good claims with some replaced; ``None`` takes a claim out."""
        seconds = int(self.now.timestamp())
        claims = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": "subject-of-a-test",
            "preferred_username": "tester",
            "jti": str(new_id()),
            "iat": seconds,
            "nbf": seconds,
            "exp": seconds + LIFETIME_SECONDS,
            ASSIGNMENTS_CLAIM: [assignment_claim(POST)],
        }
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def good(
        self,
        assignments: Sequence[Assignment] = (POST,),
        *,
        algorithm: str = "EdDSA",
        typ: str = "at+jwt",
        **claims: Any,
    ) -> str:
        """A token that is good for an hour from ``now``, with some claims replaced."""
        posts = [assignment_claim(post) for post in assignments]
        payload = self.claims(**{ASSIGNMENTS_CLAIM: posts, **claims})
        return self.signed(payload, {"typ": typ}, algorithm=algorithm)

    def signed(self, payload: object, header: Mapping[str, Any] | None = None, *, algorithm: str = "EdDSA") -> str:
        """A token signed with our own key; ``None`` takes a header out."""
        full = {"alg": algorithm, "typ": "at+jwt", "kid": algorithm.lower(), **(header or {})}
        return sign({k: v for k, v in full.items() if v is not None}, payload, self.keys[algorithm], algorithm)


def public_jwk(key: PrivateKey) -> Json:
    """The public half of a key as a JWK without ``kid``."""
    public = key.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        return RSAAlgorithm.to_jwk(public, as_dict=True)
    if isinstance(public, ec.EllipticCurvePublicKey):
        return ECAlgorithm.to_jwk(public, as_dict=True)
    return OKPAlgorithm.to_jwk(public, as_dict=True)


def sign(header: Mapping[str, Any], payload: object, key: PrivateKey, algorithm: str) -> str:
    """A JWS of any header and payload (``bytes`` as they are, else JSON), signed as ``algorithm`` says."""
    return sign_message(unsigned_message(header, payload), key, algorithm)


def sign_message(message: str, key: PrivateKey, algorithm: str) -> str:
    """``message``, the first two segments of a JWS, with its signature."""
    return f"{message}.{segment(get_default_algorithms()[algorithm].sign(message.encode(), key))}"


def unsigned_message(header: Mapping[str, Any], payload: object) -> str:
    """The first two segments of a JWS."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return f"{segment(json.dumps(header).encode())}.{segment(body)}"


def segment(data: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()
