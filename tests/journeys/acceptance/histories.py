"""What may happen to the households of two villages, each move over HTTP, and what must hold after each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import httpx

from services.monitoring.cases.rules.states import ON_REGISTER
from services.monitoring.cases.rules.states import OPEN as OPEN_STATES
from services.monitoring.households.rules.dates import months_after
from tests.journeys.acceptance.moving_homes import come_back, die, leave, merge, move_away, split
from tests.personas import household, person
from tests.services.monitoring.cases.leaving import OUT, guaranteed, propose
from tests.services.monitoring.cases.village import VISITED, Officials, made, ref, vote
from tests.services.monitoring.income.test_over_http import recorded

PUBLICITY_DAYS: Final = 5
Move = Callable[["History", dict[str, Any], dict[str, Any] | None], Awaitable[httpx.Response | None]]


@dataclass
class History:
    """Two households, who splits off from them too, and everything that HTTP shows of them.

    :param here: the officials of each of the two villages, by its code; ``them`` are those of the home at hand.
    :param move_on: lets so many days pass. ``events``: how many events the service has published.
    """

    here: dict[int, Officials]
    move_on: Callable[[int], None]
    events: Callable[[], Awaitable[int]]
    homes: list[dict[str, Any]] = field(default_factory=list)
    seen: dict[str, Any] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.them = next(iter(self.here.values()))

    async def begin(self) -> None:
        for members in (2, 3):
            people = [person(relation="02"), *(person(relation="20") for _ in range(members - 1))]
            body = household(region=str(self.them.village), valid_from="2024-01-01", members=people)
            home = made(await self.them.cadre.post("/households", json=body))
            await self.them.sign(home)
            self.homes.append(home)
        self.seen = await self.look()

    async def step(self, name: str, place: int, days: int) -> None:
        """One move, and everything that must hold whatever came of it."""
        home = self.homes[place % len(self.homes)]
        self.them = self.here[int(self.present(home)["region"])]
        if name == "wait":
            self.move_on(days)
            self.seen = await self.look()  # what waits for a day may show it
            return
        before = self.seen
        case = self.last_case(home)
        answer = await MOVES[name](self, home, case)
        after = await self.look()
        if isinstance(answer, httpx.Response) and not answer.is_success:
            assert answer.status_code in (403, 404, 409, 412, 422), (name, answer.text)
            assert answer.json()["errors"] or answer.status_code in (403, 404), (name, answer.text)
            assert after == before, f"{name} was refused and changed something"
        self.done[name] += answer is None or not isinstance(answer, httpx.Response) or answer.is_success
        _holds(before, after)
        self.seen = after

    def last_case(self, home: dict[str, Any]) -> dict[str, Any] | None:
        """The household's open case in whole, else its latest one."""
        mine = [case for case in self.seen["cases"].values() if case["household_id"] == home["id"]]
        return max(mine, key=lambda case: (case["state"] in OPEN_STATES, case["id"]), default=None)

    def present(self, home: dict[str, Any]) -> dict[str, Any]:
        """The household as it was seen last: what it moved to, and what it has come to."""
        return next((one for one in self.seen.get("homes", ()) if one["id"] == home["id"]), home)

    async def look(self) -> dict[str, Any]:
        """Everything that the county sees of the villages."""
        seen: dict[str, Any] = {"cases": {}, "clues": [], "homes": [], "figures": Counter()}
        for village in self.here:
            await self._look(village, seen)
        return seen | {"events": await self.events()}

    async def _look(self, village: int, seen: dict[str, Any]) -> None:
        county, region = self.them.county, {"region": str(village), "limit": 200}
        cases = made(await county.get("/cases", params=region))["items"]
        seen["cases"] |= {case["id"]: await self.them.read(case) for case in cases}
        seen["clues"] += made(await county.get("/clues", params=region))["items"]
        for state in ("active", "merged", "dissolved", "moved_out"):
            seen["homes"] += made(await county.get("/households", params=region | {"state": state}))["items"]
        [group] = made(await county.get("/statistics/figures", params={"region": village}))["groups"]
        for one in group["figures"]:
            seen["figures"][one["figure"], "户"] += one["households"]
            seen["figures"][one["figure"], "人"] += one["persons"]

    def clue(self, home: dict[str, Any]) -> dict[str, Any] | None:
        mine = [clue for clue in self.seen["clues"] if clue["household_id"] == home["id"]]
        waiting = [clue for clue in mine if clue["state"] == "open"]
        return next(iter(waiting or mine), None)


def _holds(before: dict[str, Any], after: dict[str, Any]) -> None:
    """The invariants of domain B8 over everything that is seen."""
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
    """What became of the household's registration: the one that goes on, else its last one."""
    mine = [case for case in seen["cases"].values() if case["household_id"] == home["id"] and case["registered_on"]]
    latest = max(mine, key=lambda case: (case["state"] in ON_REGISTER, case["registered_on"], case["id"]), default=None)
    return latest and latest["state"]


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


async def forward(on: History, place: int) -> None:
    """The move that the household's case waits for now, with the days and the second person that it needs."""
    home = on.homes[place % len(on.homes)]
    case = on.last_case(home)
    state = case and case["state"]
    name = NEXT.get(state, "report")
    if name == "dispatch" or name == "report":
        clue = on.clue(home)
        name = "dispatch" if clue is not None and clue["state"] == "open" else "report"
    if state == "elim_verified":
        await on.step("compare", place, 0)
    if state in ("publicity", "elim_publicity"):
        await on.step("wait", place, PUBLICITY_DAYS)
    if state == "measures_active":
        await on.step("prepare", place, 0)
        name = "propose"
    await on.step(name, place, 0)
    if name in ("verify", "verify_out"):
        await on.step("confirm", place, 0)
