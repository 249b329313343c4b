"""Hold the signing key of an embedded platform and make its access tokens."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import OKPAlgorithm

from chassis.errors import Message
from chassis.identifiers import new_id
from chassis.security.scope import Assignment
from chassis.security.token_claims import ASSIGNMENTS_CLAIM, assignment_claim
from deploy.embedded.private_files import SecretUnusable, create_private, read_private

_FILE: Final = "issuer.pem"
_ALGORITHM: Final = "EdDSA"


class IssuerKeyUnreadable(SecretUnusable):
    """The issuer's key file is damaged; the message says what to do."""


class IssuedKeys:
    """One Ed25519 key (RFC 8037), named by its thumbprint (RFC 7638)."""

    def __init__(self, key: Ed25519PrivateKey, *, issuer: str = "urn:xianjie", audience: str = "xianjie") -> None:
        self._key = key
        self._issuer = issuer
        self._audience = audience
        self._public: dict[str, str] = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
        self._kid = _thumbprint(self._public)

    @classmethod
    def load_or_create(cls, directory: Path, *, issuer: str = "urn:xianjie", audience: str = "xianjie") -> Self:
        """The key kept in ``directory``, made at the first start; the file is for its owner alone.

        :raises FileExposed: if others may read the file.
        :raises IssuerKeyUnreadable: if it holds no Ed25519 key.
        """
        path = directory / _FILE
        text = read_private(path)
        if text is None:
            pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            text = pem if create_private(path, pem) else read_private(path)
        try:
            key = load_pem_private_key(text or b"", password=None)
        except (ValueError, TypeError):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise IssuerKeyUnreadable(
                Message(
                    f"{path} 中没有 Ed25519 密钥：请删除它，启动时会生成新的，所有人须重新登录。",
                    f"{path} holds no Ed25519 key: remove it, a new one is made; all sign in again.",
                )
            )
        return cls(key, issuer=issuer, audience=audience)

    def __repr__(self) -> str:
        return f"IssuedKeys(kid={self._kid!r})"

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public half as a JWK Set."""
        return {"keys": [{**self._public, "kid": self._kid, "use": "sig", "alg": _ALGORITHM}]}

    def issue(
        self, subject: str, username: str, assignments: Sequence[Assignment], *, now: datetime, lifetime: timedelta
    ) -> str:
        """An access token for one person, good from ``now`` for ``lifetime``."""
        seconds = int(now.timestamp())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": subject,
            "preferred_username": username,
            "jti": str(new_id()),
            "iat": seconds,
            "nbf": seconds,
            "exp": seconds + int(lifetime.total_seconds()),
            ASSIGNMENTS_CLAIM: [assignment_claim(post) for post in assignments],
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM, headers={"kid": self._kid, "typ": "at+jwt"})


def _thumbprint(jwk: dict[str, str]) -> str:
    members = {name: jwk[name] for name in ("crv", "kty", "x")}
    text = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
