"""Key rings: read strictly, rotated in steps, silent about their secrets."""

import hashlib
import json
from random import Random

import pytest

from chassis.security.keys import Key, KeyRing, KeyRingUnreadable, Mac, Purpose, Suite, UnknownKey


def make_ring(suite=Suite.GCM_AES256, seed=1):
    return KeyRing.generate(Random(seed).randbytes, suite=suite)


def ring_with(change):
    content = json.loads(make_ring().to_json())
    change(content)
    return json.dumps(content)


@pytest.mark.parametrize("suite", Suite)
def test_a_ring_is_read_back_from_its_json(suite):
    ring = make_ring(suite)
    again = KeyRing.parse(ring.to_json())
    assert [again.keys(p) for p in Purpose] == [ring.keys(p) for p in Purpose]


def test_no_secret_shows_in_a_repr():
    ring = make_ring()
    key = ring.current(Purpose.DATA)
    shown = repr(ring) + repr(key) + str(ring.keys(Purpose.INDEX))
    for secret in (key.secret, ring.current(Purpose.INDEX).secret):
        assert repr(secret)[2:-1] not in shown
        assert secret.hex() not in shown
    assert "data [1]" in shown


BAD_RINGS = {
    "no JSON": lambda: "secret-that-must-not-show",
    "a list": lambda: "[]",
    "empty": lambda: "{}",
    "a purpose missing": lambda: ring_with(lambda c: c.pop("index")),
    "an unknown purpose": lambda: ring_with(lambda c: c.update(secret_that_must_not_show=c["data"])),
    "an unknown suite": lambda: ring_with(lambda c: c["data"]["keys"][0].update(suite="secret-that-must-not-show")),
    "an unknown field": lambda: ring_with(lambda c: c["data"]["keys"][0].update(secret_that_must_not_show=1)),
    "id out of range": lambda: ring_with(lambda c: c["data"]["keys"][0].update(id=256)),
    "id as text": lambda: ring_with(lambda c: c["data"]["keys"][0].update(id="1")),
    "no keys": lambda: ring_with(lambda c: c["data"].update(keys=[])),
    "current key missing": lambda: ring_with(lambda c: c["data"].update(current=2)),
    "an id twice": lambda: ring_with(lambda c: c["data"].update(keys=c["data"]["keys"] * 2)),
    "no base64": lambda: ring_with(lambda c: c["data"]["keys"][0].update(secret="secret-that-must-not-show!")),
    "secret too short": lambda: ring_with(lambda c: c["data"]["keys"][0].update(secret="c2VjcmV0LXRoYXQtbXVzdC1ub3Q=")),
    "secret of another length": lambda: ring_with(lambda c: c["data"]["keys"][0].update(suite="gcm-sm4")),
    "one secret for two purposes": lambda: ring_with(lambda c: c.update(audit=c["index"])),
}


@pytest.mark.parametrize("name", BAD_RINGS)
def test_a_bad_ring_is_refused_without_repeating_it(name):
    with pytest.raises(KeyRingUnreadable) as caught:
        KeyRing.parse(BAD_RINGS[name]())
    assert "must_not_show" not in str(caught.value).replace("-", "_")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_new_key_can_be_handed_out_before_it_is_current():
    ring = make_ring()
    added = ring.with_key(Purpose.DATA, Random(2).randbytes, suite=Suite.GCM_SM4)
    assert added.current(Purpose.DATA) == ring.current(Purpose.DATA)
    assert added.key(Purpose.DATA, 2).suite is Suite.GCM_SM4
    switched = added.with_current(Purpose.DATA, 2)
    assert [key.id for key in switched.keys(Purpose.DATA)] == [2, 1]
    assert switched.current(Purpose.INDEX) == ring.current(Purpose.INDEX)


def test_an_unknown_key_is_named_in_the_error():
    with pytest.raises(UnknownKey, match="data key 7 is not in the key ring"):
        make_ring().key(Purpose.DATA, 7)
    with pytest.raises(UnknownKey):
        make_ring().with_current(Purpose.DATA, 7)


def test_the_256th_key_of_a_purpose_is_refused():
    keys = [Key(Purpose.DATA, 255, Suite.GCM_AES256, bytes(32))]
    others = [key for p in Purpose if p is not Purpose.DATA for key in make_ring().keys(p)]
    full = KeyRing(keys + others, current={p: 255 if p is Purpose.DATA else 1 for p in Purpose})
    with pytest.raises(KeyRingUnreadable, match="outside 1 to 255"):
        full.rotated(Purpose.DATA, Random(2).randbytes)


def test_derived_keys_differ_by_label_purpose_id_and_suite():
    ring = make_ring().rotated(Purpose.INDEX, Random(2).randbytes)
    old, new = ring.key(Purpose.INDEX, 1), ring.key(Purpose.INDEX, 2)
    derived = [
        old.derived("identity_number", "own"),
        old.derived("identity_number", "for-funds"),
        old.derived("phone", "own"),
        new.derived("identity_number", "own"),
        Key(Purpose.AUDIT, 1, old.suite, old.secret).derived("identity_number", "own"),
        Key(Purpose.INDEX, 1, Suite.GCM_SM4, old.secret).derived("identity_number", "own"),
        Key(Purpose.INDEX, 3, old.suite, old.secret).derived("identity_number", "own"),
    ]
    assert len({key.secret for key in derived} | {old.secret, new.secret}) == len(derived) + 2
    assert old.derived("phone", "own").secret == derived[2].secret


@pytest.mark.parametrize("label", ["", "a/b"])
def test_a_label_that_could_be_read_as_two_is_refused(label):
    with pytest.raises(ValueError, match="label"):
        make_ring().current(Purpose.INDEX).derived(label)


def test_macs_agree_with_published_vectors():
    # RFC 4231, test case 2; HMAC-SM3 is held against the definition of HMAC (RFC 2104).
    sha = Mac(Key(Purpose.AUDIT, 1, Suite.GCM_AES256, b"Jefe"))
    assert sha.of(b"what do ya want for nothing?").hex() == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )
    key, message = b"Jefe".ljust(64, b"\0"), b"what do ya want for nothing?"
    inner = hashlib.new("sm3", bytes(b ^ 0x36 for b in key) + message).digest()
    outer = hashlib.new("sm3", bytes(b ^ 0x5C for b in key) + inner).digest()
    assert Mac(Key(Purpose.AUDIT, 1, Suite.GCM_SM4, b"Jefe")).of(message) == outer
