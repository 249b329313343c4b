"""The issuer's signing key is made once, kept to its owner, and its tokens end when they should."""

import stat
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.security.jwks import Jwks
from chassis.security.tokens import TokenVerifier
from chassis.testing.tokens import POST
from deploy.embedded import issued_keys as issued_keys_module
from deploy.embedded.issued_keys import IssuedKeys, IssuerKeyUnreadable
from deploy.embedded.private_files import FileExposed, read_private


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


async def test_a_token_is_good_for_its_lifetime(keys, clock):
    token = keys.issue("s", "u", [POST], now=clock.system_now(), lifetime=timedelta(minutes=5))
    verifier = TokenVerifier(Jwks(keys.jwks()), issuer="urn:xianjie", audience="xianjie", clock=clock, leeway_seconds=0)
    read = await verifier.verify(token)
    assert read.expires_at - clock.system_now() == timedelta(minutes=5)
