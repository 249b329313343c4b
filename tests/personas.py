"""Named personas of the acceptance village and a factory for everybody else; all in the unassigned county 610999."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from stdnum.cn import ric

from chassis.testing.programs import VILLAGE

# Counted for each birthday apart, so that a test which asks for one gets it, however many persons came before.
_serials: defaultdict[str, count[int]] = defaultdict(lambda: count(1))
ORDERS = 499
"""How many orders of one sex a day of birth has; further numbers are of the next day."""


NAMED = frozenset(
    {
        "610999197403123010",
        "610999197608053028",
        "610999200609183013",
        "610999201302273043",
        "610999194801013059",
        "61099919850715019X",
    }
)
"""The numbers of named personas, which the factory gives to nobody else."""


def number(birth: str = "19740312", serial: int | None = None, *, male: bool = True) -> str:
    """A valid identity number that nobody in this run has yet."""
    days, order = divmod(next(_serials[birth]) if serial is None else serial, ORDERS)
    born = datetime.strptime(birth, "%Y%m%d").date() + timedelta(days=days)  # noqa: DTZ007  # a date, no instant
    body = f"610999{born:%Y%m%d}{order * 2 + (1 if male else 0):03d}"
    made = body + ric.calc_check_digit(body + "0")
    return number(birth, male=male) if serial is None and made in NAMED else made


def person(**changes: Any) -> dict[str, Any]:
    return {"name": "王小明", "identity_number": number(), "relation": "02", "labour_skill": "ordinary"} | changes


def household(**changes: Any) -> dict[str, Any]:
    return {"region": str(VILLAGE), "address": "松坪村一组", "members": [person()]} | changes


CHEN = {
    "region": str(VILLAGE),
    "is_lifted": True,
    "lifted_year": 2018,
    "members": [
        {
            "name": "陈大山",
            "identity_number": "610999197403123010",
            "relation": "02",
            "labour_skill": "ordinary",
            "phone": "13800001234",
        },
        {"name": "李秀兰", "identity_number": "610999197608053028", "relation": "12", "labour_skill": "weak"},
    ],
}
"""Household A: 陈大山 and 李秀兰."""
