"""The way out of the register, one call per step, for tests; its steps are those of the way in."""

from __future__ import annotations

from datetime import date
from typing import Any

from chassis.testing.programs import COUNTY
from tests.services.monitoring.cases.village import Officials, made, ref
from tests.services.monitoring.lines.county_lines import BASE_2024, INCOME_2023, PROVINCE, hold
from tests.services.monitoring.signed import ITEMS

BY_ELECTRONIC = {"signed_by": "陈大山", "given_by": "electronic"}
OUT = {"summary": "收入稳定，刚性支出已解决", "risks": ["01"], "signature": BY_ELECTRONIC}
MONTHS = [*(f"2024-{month:02}" for month in range(7, 13)), *(f"2025-{month:02}" for month in range(1, 7))]
"""2024-07 to 2025-06."""


def until(them: Officials, day: str) -> None:
    """Let the clock come to a day."""
    clock: Any = them.program.clock
    clock.move(days=(date.fromisoformat(day) - clock.today()).days)


async def lines_of_2025(asks: Any, them: Officials, province: Any) -> None:
    pair = (asks(province, PROVINCE), asks(province, PROVINCE))
    county = (them.county, them.other_county)
    await hold(*pair, BASE_2024 | {"amount": "8000.00", "valid_from": "2025-01-01"})
    await hold(*county, INCOME_2023 | {"amount": "14300.00", "year": 2024, "valid_from": "2025-01-01"})


async def guaranteed(them: Officials, household: dict[str, Any], *items: str) -> None:
    checks = [{"item": item, "answer": "yes", "source": "入户核查"} for item in items or ITEMS]
    made(await them.cadre.post(f"/households/{household['id']}/guarantee-checks", json={"checks": checks}))


async def measure(them: Officials, household: dict[str, Any], kind: str, *risks: str, **more: Any) -> dict[str, Any]:
    body = {"kind": kind, "description": "帮扶措施", "risks": list(risks), "source": "帮扶手册"} | more
    found: dict[str, Any] = made(await them.cadre.post(f"/households/{household['id']}/measures", json=body))
    return found


async def propose(them: Officials, case: dict[str, Any], client: Any = None, **body: Any) -> Any:
    said = {"mode": "helped"} | body
    return await them.do(client or them.cadre, case, "propose-elimination", **said)


async def verified_out(them: Officials, case: dict[str, Any], **said: Any) -> dict[str, Any]:
    """Verified by two, the papers signed anew, so that the departments are asked."""
    await them.sign(made(await them.cadre.get(f"/households/{case['household_id']}")))
    made(await them.do(them.cadre, case, "verifications", **OUT))
    seen = await them.read(case)
    body = {"verification_id": seen["verifications"][-1]["id"], "confirmed": True} | said
    found: dict[str, Any] = made(await them.do(them.second, seen, "second", **body))
    return found


async def compared_out(them: Officials, case: dict[str, Any]) -> dict[str, Any]:
    """Verified by two and compared by the departments."""
    [found] = await them.compared(await verified_out(them, case))
    return found


async def met_out(them: Officials, case: dict[str, Any], **body: Any) -> dict[str, Any]:
    [found] = await them.met(case, purpose="elimination", **body)
    return found


async def published_out(them: Officials, case: dict[str, Any]) -> dict[str, Any]:
    body = {"region": case["region"], "purpose": "elimination", "cases": [ref(case)]}
    found: dict[str, Any] = made(await them.cadre.post("/public-lists", json=body))
    return found


async def decreed(them: Officials, key: str, kind: str, value: Any, **when: str) -> None:
    """The county's own value of a parameter, confirmed by a second person; ``when``: other days than from June on."""
    body = {
        "scope": str(COUNTY),
        "key": key,
        "value": {"type": kind, "value": value},
        "effective_from": "2024-06-01",
        "source": "县防返贫办〔2024〕9号",
    } | when
    proposed = made(await them.county.post("/parameters", json=body))
    approval = f"/parameters/{proposed['id']}/approve"
    made(await them.other_county.post(approval, headers={"If-Match": f'"{proposed["version"]}"'}))


YEAR_OUT = [
    *(("wage.outside_work", "2800.00", month) for month in MONTHS),
    *(("wage.village_post", "600.00", month) for month in MONTHS[6:]),
    ("operating_income.crops", "13500.00", "2024-10"),
    ("property.asset_dividend", "730.00", "2025-01"),
    ("property.land_transfer", "700.00", "2024-12"),
    ("transfer.disability", "6400.00", "2025-01"),
    ("transfer.education", "3000.00", "2024-09"),
    ("operating_expense.crops", "5300.00", "2025-03"),
    ("self_pay.medical", "3230.00", "2025-06"),
]
"""Household A from July 2024 to June 2025: 56,230 net."""


async def eliminated(them, case) -> dict[str, Any]:
    """Household A marked as eliminated on 2025-07-18."""
    case = made(await propose(them, case))
    until(them, "2025-07-08")
    case = await compared_out(them, case)
    until(them, "2025-07-10")
    case = await met_out(them, case)
    until(them, "2025-07-11")
    await published_out(them, case)
    until(them, "2025-07-16")
    [case] = made(await them.at_town(await them.read(case)))["items"]
    until(them, "2025-07-18")
    [case] = made(await them.at_county(case))["items"]
    return made(await them.do(them.county, case, "eliminate"))
