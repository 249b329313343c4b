"""What must hold of two villages whatever was tried: the invariants of clause B8 over everything that is seen."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any, Final

from services.monitoring.cases.rules.states import ON_REGISTER
from services.monitoring.cases.rules.states import OPEN as OPEN_STATES

PUBLICITY_DAYS: Final = 5


def all_holds(before: dict[str, Any], after: dict[str, Any]) -> None:
    """The invariants of clause B8 over everything that is seen."""
    cases = list(after["cases"].values())
    for home in after["homes"]:
        mine = [case for case in cases if case["household_id"] == home["id"]]
        assert sum(case["state"] in OPEN_STATES for case in mine) <= 1, "two open cases of a household"
        assert sum(case["previous_case_id"] is None for case in mine) <= 1, "a case names the one before"
    for case in cases:
        if case["registered_on"] is not None:
            assert _days_shown(case["publicity"]) >= PUBLICITY_DAYS, "registered without its publicity"
        if case["eliminated_on"] is not None:
            assert _days_shown(case["elimination_publicity"]) >= PUBLICITY_DAYS, "eliminated without its publicity"
    for id_, old in before["cases"].items():
        history = after["cases"][id_]["history"]
        assert history[: len(old["history"])] == old["history"], "history is only added to"
        assert after["cases"][id_]["version"] - old["version"] == len(history) - len(old["history"])
    assert after["figures"] == _books(after), "the books of 户 and 人 disagree with the cases"


def _days_shown(publicity: dict[str, Any]) -> int:
    lines = [line for line in publicity["lines"] if line["counts"] and line["until"]]
    return sum((date.fromisoformat(one["until"]) - date.fromisoformat(one["since"])).days for one in lines)


_FIGURES: Final = ("registered", "active", "eliminated", "ended")


def _books(seen: dict[str, Any]) -> Counter[tuple[str, str]]:
    """What the statistics must say, counted from the cases one by one."""
    counted = Counter({(name, unit): 0 for name in _FIGURES for unit in ("户", "人")})
    for home in seen["homes"]:
        names = []
        stands = _last_registered(seen, home)
        if stands in ON_REGISTER:
            names = ["registered", "active" if home["state"] == "active" else "ended"]
        elif stands in ("eliminated", "follow_up"):
            names = ["registered", "eliminated"]
        elif stands == "natural_end":
            names = ["registered", "ended"]
        for name in names:
            counted[name, "户"] += 1
            counted[name, "人"] += home["member_count"]
    return counted


def _last_registered(seen: dict[str, Any], home: dict[str, Any]) -> str | None:
    """What became of the household's registration: the one that goes on, else its last one.

    One that was eliminated and then joined another is counted there.
    """
    mine = [case for case in seen["cases"].values() if case["household_id"] == home["id"] and case["registered_on"]]
    latest = max(mine, key=_goes_on, default=None)
    return None if latest is None or (latest["merged_into"] and latest["eliminated_on"]) else latest["state"]


def _goes_on(case: dict[str, Any]) -> tuple[bool, bool, str, str]:
    return case["state"] in ON_REGISTER, case["merged_into"] is None, case["registered_on"], case["id"]
