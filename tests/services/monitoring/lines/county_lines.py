"""The rows that make the line of the acceptance county, proposed by one and confirmed by another."""

from __future__ import annotations

from chassis.testing.programs import COUNTY

PROVINCE = 610000000000

BASE_2024 = {
    "kind": "base_line",
    "scope": str(PROVINCE),
    "amount": "7500.00",
    "valid_from": "2024-01-01",
    "source": "省乡振发〔2024〕1号",
}

INCOME_2023 = {
    "kind": "county_income",
    "scope": str(COUNTY),
    "amount": "13200.00",
    "year": 2023,
    "valid_from": "2024-01-01",
    "source": "云岭县统计公报2023",
}

RULE_60 = {
    "kind": "rule_60",
    "scope": str(COUNTY),
    "mode": "register",
    "percent": 60,
    "valid_from": "2021-05-24",
    "source": "云岭县发〔2021〕7号",
}


async def hold(proposer, confirmer, body):
    made = await proposer.post("/lines", json=body)
    assert made.status_code == 201, made.text
    return await confirmer.post(f"/lines/{made.json()['id']}/confirm", headers={"If-Match": made.headers["ETag"]})


async def acceptance_lines(province, county):
    for pair, body in ((province, BASE_2024), (county, INCOME_2023), (county, RULE_60)):
        assert (await hold(*pair, body)).status_code == 200
