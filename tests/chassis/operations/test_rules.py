"""Operations keep their order, and an edit collides only with what its phone has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from chassis.operations.rules import colliding, in_order, seen_version


@dataclass(frozen=True)
class One:
    op_id: UUID
    after: UUID | None = None


def one(number: int, after: int | None = None) -> One:
    return One(UUID(int=number), None if after is None else UUID(int=after))


def numbers(ordered):
    return [made.op_id.int for made in ordered]


def test_operations_that_build_on_nothing_stay_as_they_came():
    assert numbers(in_order([one(3), one(1), one(2)])) == [3, 1, 2]


def test_each_comes_behind_what_it_builds_on_and_no_later_than_it_must():
    assert numbers(in_order([one(3, 2), one(2, 1), one(9), one(1), one(8)])) == [9, 1, 2, 3, 8]


def test_those_in_a_circle_and_those_that_build_on_what_is_not_here_are_not_lost():
    assert numbers(in_order([one(1, 2), one(2, 1), one(3, 77), one(4, 4)])) == [3, 1, 2, 4]


@given(st.lists(st.tuples(st.integers(1, 9), st.none() | st.integers(1, 9)), max_size=12))
def test_nothing_is_lost_or_doubled_whatever_builds_on_what(told):
    received = [one(*parts) for parts in told]
    ordered = in_order(received)
    assert sorted(map(id, ordered)) == sorted(map(id, received))


def test_a_phone_has_seen_what_its_own_operations_made_right_after():
    assert seen_version(3, {4, 5, 7}) == 5
    assert seen_version(3, ()) == 3
    assert seen_version(3, {5}) == 3


def test_fields_collide_by_name_in_order():
    assert colliding(["phone", "address", "is_resettled"], {"phone", "address"}) == ["address", "phone"]
