"""What may be tried with a household and its case, each move one or a few calls over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

import httpx

from services.monitoring.households.rules.dates import months_after
from tests.journeys.acceptance.moving_homes import come_back, die, leave, merge, move_away, split
from tests.services.monitoring.cases.leaving import OUT, guaranteed, propose
from tests.services.monitoring.cases.village import VISITED, made, ref, vote
from tests.services.monitoring.income.statements import recorded

if TYPE_CHECKING:
    from tests.journeys.acceptance.histories import History


Move = Callable[["History", dict[str, Any], dict[str, Any] | None], Awaitable[httpx.Response | None]]


async def _report(on: History, home: dict[str, Any], _case: Any) -> httpx.Response:
    body = {"household_id": home["id"], "risk": "08", "description": "走访发现困难"}
    return await on.them.cadre.post("/reports", json=body)


async def _dispatch(on: History, home: dict[str, Any], _case: Any) -> httpx.Response | None:
    clue = on.clue(home)
    return clue and await on.them.dispatch(clue)


def _of_case(step: str, who: str = "cadre", **body: Any) -> Move:
    """A step of the household's latest case by one of the officials."""

    async def move(on: History, _home: dict[str, Any], case: dict[str, Any] | None) -> httpx.Response | None:
        return case and await on.them.do(getattr(on.them, who), case, step, **body)

    return move


def _second(who: str, *, confirmed: bool) -> Move:
    async def move(on: History, _home: dict[str, Any], case: dict[str, Any] | None) -> httpx.Response | None:
        if not case or not case["verifications"]:
            return None
        said = {"verification_id": case["verifications"][-1]["id"], "confirmed": confirmed, "reason": "bearable"}
        return await on.them.do(getattr(on.them, who), case, "second", **said)

    return move


async def _prepare(on: History, home: dict[str, Any], _case: Any) -> None:
    """Half a year passes, and everything is as an elimination asks for."""
    on.move_on(200)
    month = f"{months_after(on.them.program.clock.today(), -2):%Y-%m}"
    await recorded(on.them.cadre, home["id"], ("operating_income.crops", "90000.00", month))
    await guaranteed(on.them, home)


async def _propose(on: History, _home: dict[str, Any], case: dict[str, Any] | None) -> httpx.Response | None:
    said = {"mode": "natural", "reason": "收入稳定，风险自行消除"}
    return case and await propose(on.them, case, on.them.other_county, **said)


async def _publish_out(on: History, _home: dict[str, Any], case: dict[str, Any] | None) -> httpx.Response | None:
    body = {"region": str(on.them.village), "purpose": "elimination"}
    return case and await on.them.cadre.post("/public-lists", json=body | {"cases": [ref(case)]})


async def _compare(on: History, _home: dict[str, Any], case: dict[str, Any] | None) -> httpx.Response | None:
    if case is None:
        return None
    await on.them.answered()
    return await on.them.county.post("/cases/compare", json={"cases": [ref(case)]})


async def _verify_out(on: History, home: dict[str, Any], case: dict[str, Any] | None) -> httpx.Response | None:
    now = (await on.them.cadre.get(f"/households/{home['id']}")).json()
    if now.get("state") == "active" and now["members"]:
        await on.them.sign(now)  # what was signed on the way in may have expired, and who signed may be gone
    return case and await on.them.do(on.them.cadre, case, "verifications", **OUT)


def _meet(purpose: str = "entry", **said: Any) -> Move:
    async def move(on: History, _home: dict[str, Any], case: dict[str, Any] | None) -> httpx.Response | None:
        return case and await on.them.meet(purpose=purpose, cases=[vote(case, risks=["08"]) | said])

    return move


async def _publish(on: History, _home: dict[str, Any], case: dict[str, Any] | None) -> httpx.Response | None:
    return case and await on.them.publish(case)


async def _pass(on: History, _home: dict[str, Any], case: dict[str, Any] | None) -> httpx.Response | None:
    if not case or not case["publicity"] or not case["publicity"]["lines"]:
        return None
    shown = made(await on.them.county.get(f"/public-lists/{case['publicity']['lines'][-1]['list_id']}"))
    return await on.them.let_pass(shown, cases=[case["id"]])


def _decided(level: str, **said: Any) -> Move:
    async def move(on: History, _home: dict[str, Any], case: dict[str, Any] | None) -> httpx.Response | None:
        return case and await getattr(on.them, level)(case, **said)

    return move


_TOLD: Final = {"told_on": "2024-06-03", "told_how": "in_person"}
_BACK: Final = {"return_to": "compared", "note": "补开评议会"}
MOVES: Final[dict[str, Move]] = {
    "report": _report,
    "dispatch": _dispatch,
    "verify": _of_case("verifications", **VISITED),
    "confirm": _second("second", confirmed=True),
    "confirm_own": _second("cadre", confirmed=True),
    "not_confirm": _second("second", confirmed=False),
    "compare": _compare,
    "accept": _meet(),
    "reject": _meet(outcome="refused", in_favour=2, against=7, reason="support", **_TOLD),
    "publish": _publish,
    "object": _of_case("objections", words="该户有小汽车"),
    "uphold": _of_case("settle-objection", "town", upheld=True, finding="属实"),
    "dismiss": _of_case("settle-objection", "town", upheld=False, finding="车已报废"),
    "pass": _pass,
    "town": _decided("at_town"),
    "town_returns": _decided("at_town", approved=False, reason="procedure", **_BACK),
    "county": _decided("at_county"),
    "county_returns": _decided("at_county", outcome="returned", return_reason="procedure", **_BACK),
    "county_refuses": _decided("at_county", outcome="refused", refusal="assets", **_TOLD),
    "resume": _of_case("resume", note="已补"),
    "register": _of_case("register"),
    "help": _of_case("help", help_person="刘帮扶"),
    "decline": _of_case("decline", signed_by="王小明", given_by="electronic"),
    "urgent": _of_case("mark-urgent", "town", note="危重"),
    "misroute": _of_case("misroute", note="该户已搬到邻村"),
    "redispatch": _of_case("redispatch", "county", note="仍由该村办理"),
    "amend": _of_case("amend", "county", risks=["08"], reason="更正"),
    "prepare": _prepare,
    "propose": _propose,
    "verify_out": _verify_out,
    "accept_out": _meet("elimination"),
    "publish_out": _publish_out,
    "eliminate": _of_case("eliminate", "county"),
    "return_out": _decided("at_county", outcome="returned", return_to="measures_active", return_reason="procedure"),
    "split": split,
    "merge": merge,
    "move_away": move_away,
    "death": die,
    "leave": leave,
    "come_back": come_back,
    "end": _of_case("end-naturally", "county", reason="all_dead"),
    "remove": _of_case("remove", "county", reason="concealed", note="隐瞒商品房"),
}
NEXT: Final = {
    None: "dispatch", "clue": "redispatch", "dispatched": "verify", "verified": "compare", "compared": "accept",
    "village_reviewed": "publish", "publicity": "pass", "passed": "town", "town_ok": "county",
    "county_ok": "register", "registered": "help", "objected": "dismiss", "returned_t": "resume",
    "returned_c": "resume", "elim_proposed": "verify_out", "elim_verified": "accept_out",
    "elim_reviewed": "publish_out", "elim_publicity": "town", "elim_town": "county", "elim_county": "eliminate",
}  # fmt: skip
"""The move that a case waits for in a state; a case that has ended waits for another report."""
