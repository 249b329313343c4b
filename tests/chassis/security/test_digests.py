"""Digests tell whether a value is the same one, in its place and under the key it names."""

from random import Random
from uuid import UUID

import pytest

from chassis.security.digests import Digester
from chassis.security.keys import KeyRing, Purpose, Suite, UnknownKey

RING = KeyRing.generate(Random(1).randbytes)
ROW = UUID(int=1)
PLACE = {"table": "person", "column": "birth_date", "row": ROW}


def test_a_digest_names_its_algorithm_and_key():
    assert Digester(RING).of_value("1974-03-12", **PLACE).startswith("hmac-sha256:1:")
    sm3 = Digester(RING.rotated(Purpose.AUDIT, Random(2).randbytes, suite=Suite.GCM_SM4))
    assert sm3.of_value("1974-03-12", **PLACE).startswith("hmac-sm3:2:")


def test_the_same_value_in_the_same_place_is_recognised_and_no_other():
    digester = Digester(RING)
    digest = digester.of_value("1974-03-12", **PLACE)
    assert digester.is_value(digest, "1974-03-12", **PLACE)
    assert digester.is_value(digest, b"1974-03-12", **PLACE)
    assert not digester.is_value(digest, "1974-03-13", **PLACE)
    for other in ({"row": UUID(int=2)}, {"column": "death_date"}, {"table": "household"}):
        assert not digester.is_value(digest, "1974-03-12", **{**PLACE, **other})


def test_parts_that_run_together_have_different_digests():
    digester = Digester(RING)
    one = digester.of_value("c", table="a", column="b", row=ROW)
    assert one != digester.of_value("c", table="ab", column="", row=ROW)
    assert digester.of_body(b"bc", scope="a") != digester.of_body(b"c", scope="ab")


def test_another_ring_gives_another_digest():
    other = Digester(KeyRing.generate(Random(9).randbytes))
    assert other.of_value("1", **PLACE) != Digester(RING).of_value("1", **PLACE)


def test_a_digest_from_before_a_rotation_still_matches():
    old = Digester(RING).of_body(b"{}", scope="s POST /v1/x")
    after = Digester(RING.rotated(Purpose.AUDIT, Random(2).randbytes))
    assert after.is_body(old, b"{}", scope="s POST /v1/x")
    assert not after.is_body(old, b"{ }", scope="s POST /v1/x")
    assert not after.is_body(old, b"{}", scope="s POST /v1/y")


@pytest.mark.parametrize("digest", ["", "hmac-sha256:9:AAAA", "hmac-sm3:1:AAAA", "hmac-sha256:١:AAAA", "x:y:z"])
def test_a_digest_under_no_key_of_ours_is_an_error(digest):
    with pytest.raises(UnknownKey):
        Digester(RING).is_value(digest, "1", **PLACE)
