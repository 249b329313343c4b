"""Emergency aid, calls for help, the left-behind: R18, R26, R27."""

from __future__ import annotations

from typing import Final

from deploy.sample.model import Person
from deploy.sample.tale import Tale

_AID, _CALL = "civil.temporary_aid", "petitions.calls"


def emergency_aid_at_the_threshold(tale: Tale) -> None:
    _aid(tale, 500_000)
    tale.fires("R18", tale.head)


def emergency_aid_a_fen_below(tale: Tale) -> None:
    _aid(tale, 499_999)
    tale.silent("R18", "one fen below 5,000", tale.head)


def call_of_hardship(tale: Tale) -> None:
    _call(tale, "hardship")
    tale.fires("R26", tale.head)


def call_about_policy(tale: Tale) -> None:
    _call(tale, "policy")
    tale.silent("R26", "no call of hardship", tale.head)


def elder_not_visited(tale: Tale) -> None:
    elder = _visit(tale, 31)
    tale.fires("R27", elder)


def elder_visited_thirty_days_ago(tale: Tale) -> None:
    elder = _visit(tale, 30)
    tale.silent("R27", "30 days are not more than 30", elder)


def child_never_visited(tale: Tale) -> None:
    tale.family.head()
    tale.family.spouse()
    child = tale.family.child(8)
    tale.home()
    tale.row(
        "women.left_behind_visits", child, event_date=tale.moments.month_end(), left_behind_kind="child",
        listed_on=tale.moments.ago(70),
    )  # fmt: skip
    tale.fires("R27", child)


def _aid(tale: Tale, fen: int) -> None:
    tale.home()
    tale.row(
        _AID, tale.head, event_date=tale.moments.ago(9), payment_no=f"LS{tale.household.index:06d}",
        temporary_aid_fen=fen,
    )  # fmt: skip


def _call(tale: Tale, category: str) -> None:
    tale.home()
    tale.row(
        _CALL, tale.head, event_date=tale.moments.ago(5), call_no=f"12317-{tale.household.index:06d}",
        petition_category=category, content="来电反映家庭情况",
    )  # fmt: skip


def _visit(tale: Tale, days: int) -> Person:
    tale.family.head()
    elder = tale.family.parent()
    tale.home()
    tale.row(
        "civil.left_behind_visits", elder, event_date=tale.moments.month_end(), left_behind_kind="elder",
        listed_on=tale.moments.ago(400), last_visit_on=tale.moments.ago(days),
    )  # fmt: skip
    return elder


STORIES: Final = (
    emergency_aid_at_the_threshold, emergency_aid_a_fen_below, call_of_hardship, call_about_policy, elder_not_visited,
    elder_visited_thirty_days_ago, child_never_visited,
)  # fmt: skip
