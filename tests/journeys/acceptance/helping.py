"""The second chapter: help reaches the families, and a year of wages, aid and study passes (clause G.5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from chassis.identifiers import new_id
from services.employment.contract import SpellStarted
from services.monitoring.households.rules.dates import months_after
from tests.journeys.acceptance.families import A_LATER, JUNE, member
from tests.journeys.acceptance.registering import Registered
from tests.journeys.acceptance.songping import Village
from tests.services.monitoring.cases.leaving import propose
from tests.services.monitoring.cases.village import made
from tests.services.monitoring.income.statements import recorded
from tests.services.monitoring.lines.county_lines import BASE_2024, INCOME_2023
from tests.services.monitoring.other_services import dividend, told, wage

LINES_2025 = (
    BASE_2024 | {"amount": "8000.00", "valid_from": "2025-01-01", "source": "省乡振发〔2025〕1号"},
    INCOME_2023 | {"amount": "14300.00", "year": 2024, "valid_from": "2025-01-01", "source": "云岭县统计公报2024"},
)
MONTHS = [months_after(date(2024, 7, 1), n) for n in range(12)]
"""The first days of July 2024 to June 2025."""


@dataclass
class Helped:
    """What was seen of the help."""

    before: Registered
    measures: dict[str, dict[str, Any]] = field(default_factory=dict)
    early: Any = None
    missing_in_december: list[dict[str, Any]] = field(default_factory=list)

    @property
    def them(self) -> Village:
        return self.before.them

    @property
    def a(self) -> dict[str, Any]:
        return self.before.homes["a"]


async def help_begins(registered: Registered) -> Helped:
    """To 1 July 2024: a helper for every family, and for household A what it was promised."""
    helped, them, world = Helped(registered), registered.them, registered.them.world
    for name, case in registered.cases.items():
        registered.cases[name] = made(await them.do(them.town, case, "help", help_person="刘帮扶"))
    father, wife, husband = (member(helped.a, name)["id"] for name in ("陈老汉", "李秀兰", "陈大山"))
    await _start(helped, "care", "comprehensive_security", "重度残疾人护理补贴", "03",
                 person_id=father, started_on="2024-01-01")  # fmt: skip
    world.on("2024-06-24")
    await _start(helped, "doctor", "health", "家庭医生签约", "01", person_id=wife)
    world.on("2024-06-25")
    await _start(helped, "relief", "comprehensive_security", "临时救助", "01", amount="6000.00")
    world.on("2024-06-28")
    await _start(helped, "claim", "comprehensive_security", "防贫保险理赔", "01", amount="5000.00")
    await recorded(them.cadre, helped.a["id"], *JUNE)
    world.on("2024-07-01")
    await _start(helped, "workshop", "work", "帮扶车间务工", "01", person_id=husband, amount="2800.00")
    spell = SpellStarted(spell=new_id(), person=husband, kind="workshop", place=them.village, on=date(2024, 7, 1))
    await world.hears(told(spell, spell.spell))
    return helped


async def a_year_passes(helped: Helped) -> None:
    """To 1 July 2025: wages month by month, a school year's aid, a post, a dividend, and what the cadre records."""
    for month in MONTHS:
        await _on_its_day(helped, month)
        await a_month_is_paid(helped, month)
    await recorded(helped.them.cadre, helped.a["id"], *A_LATER)


async def a_month_is_paid(helped: Helped, month: date) -> None:
    """The workshop's wage, and the post's from 2025 on, told on the first of the next month."""
    wife, husband = member(helped.a, "李秀兰"), member(helped.a, "陈大山")
    world = helped.them.world
    world.on(str(months_after(month, 1)))
    await world.hears(wage(helped.a, husband, month=f"{month:%Y-%m}", kind="workshop"))
    if month >= date(2025, 1, 1):
        post = {"month": f"{month:%Y-%m}", "kind": "post", "post_level": "village"}
        await world.hears(wage(helped.a, wife, 60_000, **post))


async def _on_its_day(helped: Helped, month: date) -> None:
    them, world = helped.them, helped.them.world
    wife, son = member(helped.a, "李秀兰"), member(helped.a, "陈小河")
    if month == date(2024, 8, 1):
        world.on("2024-08-15")
        case = await them.read(helped.before.cases["a"])
        helped.early = await propose(them, case)
    if month == date(2024, 9, 1):
        yulu = {"scheme": "yulu", "terms": {"span": "school_year"}, "amount": "3000.00", "person_id": son["id"]}
        await _start(helped, "yulu", "other_education", "雨露计划", "02", **yulu)
    if month == date(2024, 12, 1):
        world.on("2024-12-18")
        helped.missing_in_december = (await them.asked("/missing-measures", limit=200))["items"]
    if month == date(2025, 1, 1):
        await them.lines(*LINES_2025)
        post = {"amount": "600.00", "person_id": wife["id"], "planned_end_on": "2025-12-31"}
        await _start(helped, "post", "public_post", "村级公益岗保洁员", "01", **post)
        world.on("2025-01-20")
        await world.hears(dividend(helped.a, 73_000, paid_on=date(2025, 1, 20)))


async def _start(helped: Helped, name: str, kind: str, description: str, risk: str, **more: Any) -> None:
    body = {"kind": kind, "description": description, "risks": [risk], "source": "帮扶台账"} | more
    path = f"/households/{helped.a['id']}/measures"
    helped.measures[name] = made(await helped.them.cadre.post(path, json=body))
