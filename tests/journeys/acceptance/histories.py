"""The histories of households of two villages: moves over HTTP, and what must hold after each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from services.monitoring.cases.rules.states import OPEN as OPEN_STATES
from tests.journeys.acceptance.invariants import PUBLICITY_DAYS, all_holds
from tests.journeys.acceptance.moves import MOVES, NEXT
from tests.personas import household, person
from tests.services.monitoring.cases.village import Officials, made


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
        all_holds(before, after)
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
