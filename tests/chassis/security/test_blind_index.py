"""Blind indexes meet for equal values of one kind, key and service, and nowhere else."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.security.blind_index import INDEX_BYTES, BlindIndex
from chassis.security.keys import KeyRing, Purpose, Suite

NUMBER = "61099919850715019X"
RING = KeyRing.generate(Random(1).randbytes)
ROTATED = RING.rotated(Purpose.INDEX, Random(2).randbytes, suite=Suite.GCM_SM4)


def test_equal_values_have_equal_indexes_across_processes():
    one, two = (
        BlindIndex(RING, kind="identity_number"),
        BlindIndex(KeyRing.parse(RING.to_json()), kind="identity_number"),
    )
    assert one.of(NUMBER) == two.of(NUMBER)
    assert len(one.of(NUMBER)) == INDEX_BYTES
    assert one.of(NUMBER)[:2] == RING.current(Purpose.INDEX).mark


@given(st.sets(st.text("0123456789X", min_size=1, max_size=20), min_size=2, max_size=20))
def test_different_values_have_different_indexes(values):
    index = BlindIndex(RING, kind="identity_number")
    assert len({index.of(value) for value in values}) == len(values)


def test_kinds_and_services_do_not_meet():
    own = BlindIndex(RING, kind="identity_number")
    indexes = [
        own.of(NUMBER),
        BlindIndex(RING, kind="bank_account").of(NUMBER),
        own.for_service("funds").of(NUMBER),
        own.for_service("employment").of(NUMBER),
        own.for_service("own").of(NUMBER),
    ]
    assert len(set(indexes)) == len(indexes)
    assert own.for_service("funds").of(NUMBER) == own.for_service("employment").for_service("funds").of(NUMBER)


def test_during_a_rotation_old_and_new_rows_are_both_found():
    before, after = BlindIndex(RING, kind="identity_number"), BlindIndex(ROTATED, kind="identity_number")
    stored = before.of(NUMBER)
    assert after.candidates(NUMBER) == [after.of(NUMBER), stored]
    assert after.of(NUMBER) != stored
    assert (after.needs_rotation(stored), after.needs_rotation(after.of(NUMBER))) == (True, False)
    assert before.for_service("funds").of(NUMBER) in after.for_service("funds").candidates(NUMBER)


def test_bulk_gives_what_single_calls_give():
    index = BlindIndex(ROTATED, kind="phone")
    values = ["13800001234", None, "13900001234"]
    assert index.of_many(values) == [index.of("13800001234"), None, index.of("13900001234")]
    found = index.candidates_of_many(["13800001234", "13900001234"])
    assert found == {c: v for v in ("13800001234", "13900001234") for c in index.candidates(v)}
    assert len(found) == 4


@pytest.mark.parametrize("value", ["", "61099919850715019x", " 610999", "6109 99", "６１０９９９", "610-999", "٦١٠"])
def test_a_spelling_that_would_never_meet_is_refused(value):
    with pytest.raises(ValueError, match="canonical") as caught:
        BlindIndex(RING, kind="identity_number").of(value)
    assert value not in str(caught.value) or not value
