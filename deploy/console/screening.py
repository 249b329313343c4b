"""Ask for the screening of a county, follow it, and tell which rules hit how many households."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import httpx
import typer

from chassis.errors import Message
from chassis.identifiers import new_id
from deploy.console import doors
from deploy.console.platform import DEFAULT
from deploy.console.progress import bars
from deploy.console.saying import Data, fail, language, out, say
from deploy.progress import Progress as Step
from deploy.sample.doors import ask, each, over

_STEP: Final = Message("筛查", "screening")
_UNDER_WAY: Final = ("open", "in_case")
"""Of clues: those in which a hit stands."""


def screen(
    region: doors.Region = None,
    as_: doors.As = None,
    data: Data = DEFAULT,
    *,
    history: Annotated[
        bool, typer.Option("--history", help="首次装入历史数据，线索不设时限 / a first load: clues without a due")
    ] = False,
) -> None:
    """对一个县筛查一次，列出各规则命中 / screen a county once and list the hits by rule."""
    choose = doors.named(as_) if as_ else doors.county_officer(region)
    run, hits = doors.act(data, choose, lambda client: _screened(client, is_history=history))
    if run["state"] != "succeeded":
        fail(
            Message(
                f"筛查未能完成（{run['error_code']}），任务编号 {run['job_id']}。",
                f"The screening failed ({run['error_code']}); its job is {run['job_id']}.",
            )
        )
    counts = run["counts"]
    say(
        Message(
            f"{run['as_of']} 筛查完成：{len(run['rules'])} 条规则，命中事实 {counts.get('fired', 0)} 项，"
            f"新线索 {counts.get('clues_raised', 0)} 条，新命中 {counts.get('hits', 0)} 项，"
            f"撤销 {counts.get('hits_withdrawn', 0)} 项。在办线索中各规则命中户数：",
            f"Screened as of {run['as_of']}: {len(run['rules'])} rules, {counts.get('fired', 0)} facts fired, "
            f"{counts.get('clues_raised', 0)} clues raised, {counts.get('hits', 0)} hits new, "
            f"{counts.get('hits_withdrawn', 0)} withdrawn. Households with a standing hit, by rule:",
        )
    )
    for rule, (label, number) in hits.items():
        out.print(f"  {rule:<6} {number:>6}  {label}", markup=False)


async def _screened(
    client: httpx.AsyncClient, *, is_history: bool
) -> tuple[dict[str, Any], Mapping[str, tuple[str, int]]]:
    key = {"Idempotency-Key": str(new_id())}  # an answer that is lost on its way must not lead to a second run
    run = (await ask(client, "POST", "/screening-runs", json={"is_history": is_history}, headers=key)).json()
    with bars() as tell:
        await over(client, run["job_id"], tell=lambda done, total: tell(Step(_STEP, done, total)))
    ended: dict[str, Any] = (await ask(client, "GET", f"/screening-runs/{run['id']}")).json()
    hits = {}
    if ended["state"] == "succeeded":
        for rule in sorted(ended["rules"]):
            label = (await ask(client, "GET", f"/rules/{rule}")).json()["label"][language()]
            hits[rule] = label, await _standing(client, rule)
    return ended, hits


async def _standing(client: httpx.AsyncClient, rule: str) -> int:
    """How many households have a clue under way in which a hit of the rule stands."""
    households = {
        clue["household_id"] for state in _UNDER_WAY async for clue in each(client, "/clues", rule=rule, state=state)
    }
    return len(households)
