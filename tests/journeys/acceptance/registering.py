"""The first chapter: three families from their clues to the register, 3 to 17 June 2024 (clause G.3, G.4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.journeys.acceptance.families import B_EARNED, C_EARNED, CHEN_DA_SHAN, HARVEST_2022, LI, B, C, at_home
from tests.journeys.acceptance.songping import Village
from tests.services.monitoring.cases.village import made, vote
from tests.services.monitoring.datasets.department_files import SELF_PAY, csv
from tests.services.monitoring.income.statements import ENTRY
from tests.services.monitoring.lines.county_lines import BASE_2024, INCOME_2023, RULE_60

FOUND = {"a": ["01", "02", "03"], "b": ["07"], "c": ["08"]}
"""The risks that visit and meeting saw."""


@dataclass
class Registered:
    """What was seen on the way."""

    them: Village
    homes: dict[str, dict[str, Any]]
    clues: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    cases: dict[str, dict[str, Any]] = field(default_factory=dict)
    classified: dict[str, dict[str, Any]] = field(default_factory=dict)
    with_rule_off: dict[str, Any] = field(default_factory=dict)
    plan: dict[str, str] = field(default_factory=dict)
    refused_on_june_12: list[Any] = field(default_factory=list)
    read: dict[str, dict[str, Any]] = field(default_factory=dict)
    minutes: dict[str, Any] = field(default_factory=dict)


async def register_three(them: Village) -> Registered:
    """The families A, B and C, registered on 17 June by one meeting and one public list."""
    told = await _the_morning_of_june_3(them)
    homes = told.homes
    for name, home in homes.items():
        told.clues[name] = await them.clues_of(home)
        told.cases[name] = await them.opened(home)
    told.plan = {one["step"]: one["due_on"] for one in (await them.read(told.cases["a"]))["plan"]}

    them.world.on("2024-06-05")
    for name, home in homes.items():
        found = {"risks": FOUND[name], "summary": "入户核实，情况属实"}
        told.cases[name] = await them.seen(home, told.cases[name], **found)

    them.world.on("2024-06-06")
    compared = await them.compared(*told.cases.values())
    them.world.on("2024-06-07")
    votes = [vote(case, risks=FOUND[name]) for name, case in zip(homes, compared, strict=True)]
    told.minutes = made(await them.meet(cases=votes))
    them.world.on("2024-06-08")
    shown = await them.published(*[await them.read(case) for case in compared])

    them.world.on("2024-06-12")
    case = await them.read(compared[0])
    told.refused_on_june_12 = [await them.let_pass(shown), await them.at_town(case), await them.at_county(case)]
    them.world.on("2024-06-13")
    made(await them.let_pass(shown))
    at_town = made(await them.at_town(*[await them.read(case) for case in compared]))["items"]
    them.world.on("2024-06-17")
    approved = made(await them.at_county(*at_town))["items"]
    for name, case in zip(homes, approved, strict=True):
        told.cases[name] = made(await them.do(them.cadre, case, "register"))
        told.read[name] = await them.read(case)
    return told


async def _the_morning_of_june_3(them: Village) -> Registered:
    """The county's lines are set, the departments' file is read, and cadres report what they saw on their rounds."""
    off = RULE_60 | {"mode": "off"}
    await them.lines(BASE_2024, INCOME_2023, off)
    homes = {
        "a": await at_home(them, CHEN_DA_SHAN, *ENTRY, *HARVEST_2022),
        "b": await at_home(them, B, *B_EARNED),
        "c": await at_home(them, C, *C_EARNED),
    }
    told = Registered(them, homes)
    told.with_rule_off = await classification(them, homes["b"])
    await them.lines(RULE_60 | {"valid_from": "2024-06-03"})
    told.classified = {name: await classification(them, home) for name, home in homes.items()}

    medical = them.world.office("medical")
    await medical.hand_in(csv(SELF_PAY, [LI, "李秀兰", "2024-05", "20000.00"]))
    await them.screened()
    for name in "bc":
        body = {"household_id": homes[name]["id"], "risk": FOUND[name][0], "description": "走访发现困难"}
        made(await them.cadre.post("/reports", json=body))
    return told


async def classification(them: Village, home: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = await them.asked(f"/households/{home['id']}/classification")
    return found
