"""The third chapter: household A leaves the register in July 2025 and comes back in October (clause G.7, G.8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.journeys.acceptance.helping import Helped, a_month_is_paid
from tests.journeys.acceptance.songping import Village
from tests.services.monitoring.cases.leaving import (
    guaranteed,
    measure,
    met_out,
    propose,
    published_out,
    verified_out,
)
from tests.services.monitoring.cases.village import made, vote
from tests.services.monitoring.datasets.department_files import CHEN_ID, csv
from tests.services.monitoring.income.statements import recorded

_HOUSES = ["身份证号", "姓名", "鉴定日期", "房屋编号", "鉴定等级", "唯一住房"]
_UNSAFE = {"item": "housing", "answer": "no", "source": "住建：住房安全鉴定", "evidence": "唯一住房鉴定为D级"}


@dataclass
class Out:
    """What was seen of the way out."""

    helped: Helped
    asked: dict[str, Any] = field(default_factory=dict)
    asked_anew: list[dict[str, Any]] = field(default_factory=list)
    c_asked: dict[str, Any] = field(default_factory=dict)
    c_refused: Any = None
    shown: dict[str, Any] = field(default_factory=dict)
    figures_before: dict[str, Any] = field(default_factory=dict)
    figures_after: dict[str, Any] = field(default_factory=dict)
    eliminated: dict[str, Any] = field(default_factory=dict)
    read: dict[str, Any] = field(default_factory=dict)

    @property
    def them(self) -> Village:
        return self.helped.them


@dataclass
class Back:
    """What was seen of the way back."""

    out: Out
    clue: dict[str, Any] = field(default_factory=dict)
    read: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)


async def household_a_leaves(helped: Helped) -> Out:
    """To 18 July 2025: proposed, verified, reviewed, shown from the 11th to the 15th, approved, eliminated."""
    out, them, world = Out(helped), helped.them, helped.them.world
    homes, cases = helped.before.homes, helped.before.cases
    await _household_c_tries(out)
    await guaranteed(them, homes["a"])
    world.on("2025-07-07")
    out.asked = await them.asked(f"/cases/{cases['a']['id']}/elimination")
    case = made(await propose(them, await them.read(cases["a"])))
    world.on("2025-07-08")
    case = await verified_out(them, case)  # what was signed a year ago has expired
    out.asked_anew = (await them.asked("/comparison-requests", case_id=case["id"], limit=200))["items"]
    world.on("2025-07-09")
    [case] = await them.compared(case)
    world.on("2025-07-10")
    case = await met_out(them, case)
    world.on("2025-07-11")
    out.shown = await published_out(them, case)
    world.on("2025-07-16")
    [case] = made(await them.at_town(await them.read(case)))["items"]
    world.on("2025-07-18")
    [case] = made(await them.at_county(case))["items"]
    out.figures_before = await figures(them)
    out.eliminated = made(await them.do(them.county, case, "eliminate"))
    out.read = await them.read(out.eliminated)
    out.figures_after = await figures(them)
    return out


async def _household_c_tries(out: Out) -> None:
    """Secured, 9,200 元 a person, and nobody who can work."""
    them, home = out.them, out.helped.before.homes["c"]
    await measure(them, home, "comprehensive_security", "08")
    await recorded(them.cadre, home["id"], ("transfer.pension", "18400.00", "2025-01"))
    await guaranteed(them, home)
    case = await them.read(out.helped.before.cases["c"])
    out.c_asked = await them.asked(f"/cases/{case['id']}/elimination")
    out.c_refused = await propose(them, case)


async def household_a_comes_back(out: Out) -> Back:
    """October 2025: its only house is found unsafe."""
    back, them, world = Back(out), out.them, out.them.world
    home = out.helped.a
    for month in (7, 8, 9):
        await a_month_is_paid(out.helped, date(2025, month, 1))
    world.on("2025-10-09")
    house = [CHEN_ID, "陈大山", "2025-10-08", "1", "D级", "是"]
    await world.office("housing").hand_in(csv(_HOUSES, house), code="housing.appraisals", period="2025-10")
    await them.screened()
    [back.clue] = await them.clues_of(home)
    case = await them.opened(home)
    world.on("2025-10-10")
    made(await them.cadre.post(f"/households/{home['id']}/guarantee-checks", json={"checks": [_UNSAFE]}))
    case = await them.seen(home, case, risks=["09"], summary="唯一住房墙体开裂")
    [case] = await them.compared(case)
    world.on("2025-10-11")
    made(await them.meet(cases=[vote(case, risks=["09"])]))
    shown = await them.published(await them.read(case))
    world.on("2025-10-16")
    made(await them.let_pass(shown))
    [case] = made(await them.at_town(await them.read(case)))["items"]
    world.on("2025-10-20")
    [case] = made(await them.at_county(case))["items"]
    back.read = await them.read(made(await them.do(them.cadre, case, "register")))
    back.figures = await figures(them)
    return back


async def figures(them: Village, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = await them.asked("/statistics/figures", region=them.village, **query)
    return found
