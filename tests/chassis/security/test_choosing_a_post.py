"""A request acts in the post that it names, or in the only one that it can mean, if that is held today."""

from datetime import date
from uuid import UUID

import pytest

from chassis.clock import FixedClock
from chassis.errors import InvalidInput, NotAllowed
from chassis.security.scope import Assignment, Role
from chassis.security.tokens import Token, choose_assignment


def post(n, role=Role.TOWN_OFFICER, region=610999101000, **fields):
    return Assignment(UUID(int=n), role, region, **fields)


def token_with(*posts):
    return Token("subject", "tester", posts, FixedClock().system_now(), "t")


TODAY = date(2024, 6, 3)
OWN = post(1)
STAND_IN = post(2, stands_in_for="officer", ends_on=date(2024, 6, 30))
SECOND = post(3, region=610999102000)
OVER = post(4, ends_on=date(2024, 6, 2))
TO_COME = post(5, starts_on=date(2024, 6, 4))


@pytest.mark.parametrize(
    ("posts", "acting_as", "chosen"),
    [
        ([OWN], None, OWN),
        ([STAND_IN], None, STAND_IN),
        ([OWN, OVER, TO_COME], None, OWN),
        ([OWN, STAND_IN], None, OWN),
        ([OWN, STAND_IN], 2, STAND_IN),
        ([OWN, SECOND], 3, SECOND),
        ([OWN, post(4, ends_on=TODAY)], 4, post(4, ends_on=TODAY)),
    ],
)
def test_a_request_acts_in_the_named_or_the_main_post(posts, acting_as, chosen):
    named = acting_as and UUID(int=acting_as)
    assert choose_assignment(token_with(*posts), named, TODAY) == chosen


@pytest.mark.parametrize(
    ("posts", "acting_as", "said"),
    [
        ([OWN], 9, "not yours or not in force"),
        ([OWN, OVER], 4, "not yours or not in force"),
        ([OWN, TO_COME], 5, "not yours or not in force"),
        ([], None, "ask the security administrator"),
        ([OVER, TO_COME], None, "ask the security administrator"),
    ],
)
def test_a_post_that_is_not_held_today_is_refused(posts, acting_as, said):
    with pytest.raises(NotAllowed) as caught:
        choose_assignment(token_with(*posts), acting_as and UUID(int=acting_as), TODAY)
    assert said in caught.value.detail.en


@pytest.mark.parametrize("posts", [[OWN, SECOND], [OWN, SECOND, STAND_IN], [STAND_IN, post(7, stands_in_for="b")]])
def test_who_holds_several_posts_is_asked_to_name_one(posts):
    with pytest.raises(InvalidInput) as caught:
        choose_assignment(token_with(*posts), None, TODAY)
    assert [(f.pointer, f.code) for f in caught.value.faults] == [("acting-as", "acting_as_missing")]
    assert "Acting-As" in caught.value.detail.zh
